//! A chart of the document: a native DrawingML bar chart, so that Word and LibreOffice draw it and staff can restyle it,
//! with a small workbook inside, so that they can edit its figures.
//! Elements follow the order of ECMA-376 Part 1, 20.4 (inline drawing) and 21.2 (chart); the look is that of [`Chart::to_svg`].

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::DocumentError;
use crate::chart::{ACCENT, Chart, FAINT, INK, RULE};
use crate::xml::Xml;

const CHART: &str = "http://schemas.openxmlformats.org/drawingml/2006/chart";
const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// English Metric Units in a millimetre.
const MILLIMETRE: usize = 36_000;

/// The place of chart `number` (from 1) in the running text: a paragraph of its own, over the full text width.
pub(super) fn place(chart: &Chart, number: usize, xml: &mut Xml) {
    let width = (156 * MILLIMETRE).to_string();
    let height = ((28 + 8 * chart.bars.len()).clamp(56, 200) * MILLIMETRE).to_string();
    let number_text = number.to_string();
    let properties = [
        ("id", number_text.as_str()),
        ("name", &format!("Chart {number}")),
        ("descr", &chart.described()),
    ];
    xml.element("w:p", &[], |xml| {
        xml.element("w:pPr", &[], |xml| {
            xml.empty("w:pStyle", &[("w:val", "Chart")])
        });
        xml.element("w:r", &[], |xml| {
            xml.element("w:drawing", &[], |xml| {
                xml.element(
                    "wp:inline",
                    &[
                        ("distT", "0"),
                        ("distB", "0"),
                        ("distL", "0"),
                        ("distR", "0"),
                    ],
                    |xml| {
                        xml.empty("wp:extent", &[("cx", &width), ("cy", &height)]);
                        xml.empty(
                            "wp:effectExtent",
                            &[("l", "0"), ("t", "0"), ("r", "0"), ("b", "0")],
                        );
                        xml.empty("wp:docPr", &properties);
                        xml.empty("wp:cNvGraphicFramePr", &[]);
                        xml.element("a:graphic", &[], |xml| {
                            xml.element("a:graphicData", &[("uri", CHART)], |xml| {
                                xml.empty("c:chart", &[("r:id", &format!("rIdChart{number}"))])
                            });
                        });
                    },
                );
            });
        });
    });
}

/// Writes word/charts/chartN.xml.
pub(super) fn part(chart: &Chart) -> String {
    let mut xml = Xml::file();
    xml.element(
        "c:chartSpace",
        &[
            ("xmlns:c", CHART),
            ("xmlns:a", DRAWING),
            ("xmlns:r", RELATIONS),
        ],
        |xml| {
            val(xml, "c:date1904", "0");
            val(xml, "c:roundedCorners", "0");
            xml.element("c:chart", &[], |xml| {
                title(chart, xml);
                val(xml, "c:autoTitleDeleted", "0");
                xml.element("c:plotArea", &[], |xml| {
                    xml.empty("c:layout", &[]);
                    bars(chart, xml);
                    category_axis(chart, xml);
                    value_axis(chart, xml);
                    xml.element("c:spPr", &[], |xml| xml.empty("a:noFill", &[]));
                });
                val(xml, "c:plotVisOnly", "1");
                val(xml, "c:dispBlanksAs", "gap");
            });
            xml.element("c:spPr", &[], |xml| {
                fill(xml, "FFFFFF");
                xml.element("a:ln", &[], |xml| xml.empty("a:noFill", &[]));
            });
            properties(xml, 1000, INK, false);
            xml.element("c:externalData", &[("r:id", "rIdWorkbook")], |xml| {
                val(xml, "c:autoUpdate", "0")
            });
        },
    );
    xml.finish()
}

fn title(chart: &Chart, xml: &mut Xml) {
    let text = match chart.unit.as_str() {
        "" => chart.title.clone(),
        unit if chart.title.is_ascii() => format!("{} ({unit})", chart.title),
        unit => format!("{}（{unit}）", chart.title),
    };
    xml.element("c:title", &[], |xml| {
        xml.element("c:tx", &[], |xml| {
            xml.element("c:rich", &[], |xml| {
                xml.empty("a:bodyPr", &[]);
                xml.empty("a:lstStyle", &[]);
                xml.element("a:p", &[], |xml| {
                    xml.element("a:pPr", &[], |xml| {
                        character(xml, "a:defRPr", 1200, INK, true)
                    });
                    xml.element("a:r", &[], |xml| {
                        character(xml, "a:rPr", 1200, INK, true);
                        xml.text("a:t", &[], &text);
                    });
                });
            });
        });
        val(xml, "c:overlay", "0");
    });
}

fn bars(chart: &Chart, xml: &mut Xml) {
    let last = chart.bars.len() + 1;
    xml.element("c:barChart", &[], |xml| {
        val(xml, "c:barDir", "bar");
        val(xml, "c:grouping", "clustered");
        val(xml, "c:varyColors", "0");
        xml.element("c:ser", &[], |xml| {
            val(xml, "c:idx", "0");
            val(xml, "c:order", "0");
            xml.element("c:tx", &[], |xml| {
                cached(
                    xml,
                    "c:strRef",
                    "c:strCache",
                    "Sheet1!$B$1",
                    None,
                    &[&chart.unit],
                )
            });
            xml.element("c:spPr", &[], |xml| fill(xml, ACCENT));
            val(xml, "c:invertIfNegative", "0");
            labels(chart, xml);
            let names: Vec<&str> = chart.bars.iter().map(|bar| bar.label.as_str()).collect();
            xml.element("c:cat", &[], |xml| {
                cached(
                    xml,
                    "c:strRef",
                    "c:strCache",
                    &format!("Sheet1!$A$2:$A${last}"),
                    None,
                    &names,
                )
            });
            let values: Vec<String> = chart
                .bars
                .iter()
                .map(|bar| chart.decimal(bar.value))
                .collect();
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let format = number_format(chart);
            xml.element("c:val", &[], |xml| {
                cached(
                    xml,
                    "c:numRef",
                    "c:numCache",
                    &format!("Sheet1!$B$2:$B${last}"),
                    Some(&format),
                    &values,
                )
            });
        });
        val(xml, "c:gapWidth", "60");
        val(xml, "c:axId", "1");
        val(xml, "c:axId", "2");
    });
}

/// A reference to cells of the workbook inside, with the values as last seen.
fn cached(
    xml: &mut Xml,
    reference: &str,
    cache: &str,
    cells: &str,
    format: Option<&str>,
    values: &[&str],
) {
    xml.element(reference, &[], |xml| {
        xml.text("c:f", &[], cells);
        xml.element(cache, &[], |xml| {
            if let Some(format) = format {
                xml.text("c:formatCode", &[], format);
            }
            val(xml, "c:ptCount", &values.len().to_string());
            for (at, value) in values.iter().enumerate() {
                xml.element("c:pt", &[("idx", &at.to_string())], |xml| {
                    xml.text("c:v", &[], value)
                });
            }
        });
    });
}

fn labels(chart: &Chart, xml: &mut Xml) {
    xml.element("c:dLbls", &[], |xml| {
        xml.empty(
            "c:numFmt",
            &[("formatCode", &number_format(chart)), ("sourceLinked", "0")],
        );
        xml.element("c:spPr", &[], |xml| {
            xml.empty("a:noFill", &[]);
            xml.element("a:ln", &[], |xml| xml.empty("a:noFill", &[]));
        });
        properties(xml, 1000, INK, false);
        val(xml, "c:dLblPos", "outEnd");
        for (what, shown) in [
            ("c:showLegendKey", "0"),
            ("c:showVal", "1"),
            ("c:showCatName", "0"),
            ("c:showSerName", "0"),
            ("c:showPercent", "0"),
            ("c:showBubbleSize", "0"),
        ] {
            val(xml, what, shown);
        }
    });
}

/// The units, the first on top.
fn category_axis(chart: &Chart, xml: &mut Xml) {
    xml.element("c:catAx", &[], |xml| {
        val(xml, "c:axId", "1");
        xml.element("c:scaling", &[], |xml| val(xml, "c:orientation", "maxMin"));
        val(xml, "c:delete", "0");
        val(xml, "c:axPos", "l");
        xml.empty(
            "c:numFmt",
            &[("formatCode", "General"), ("sourceLinked", "0")],
        );
        val(xml, "c:majorTickMark", "none");
        val(xml, "c:minorTickMark", "none");
        val(
            xml,
            "c:tickLblPos",
            if chart.falls() { "low" } else { "nextTo" },
        );
        line(xml, INK);
        properties(xml, 1000, INK, false);
        val(xml, "c:crossAx", "2");
        val(xml, "c:crosses", "autoZero");
        val(xml, "c:auto", "1");
        val(xml, "c:lblAlgn", "ctr");
        val(xml, "c:lblOffset", "100");
        val(xml, "c:noMultiLvlLbl", "0");
    });
}

/// The figures; from zero, so that lengths compare.
fn value_axis(chart: &Chart, xml: &mut Xml) {
    xml.element("c:valAx", &[], |xml| {
        val(xml, "c:axId", "2");
        xml.element("c:scaling", &[], |xml| {
            val(xml, "c:orientation", "minMax");
            val(xml, "c:min", &chart.floor());
        });
        val(xml, "c:delete", "0");
        val(xml, "c:axPos", "b");
        xml.element("c:majorGridlines", &[], |xml| line(xml, RULE));
        xml.empty(
            "c:numFmt",
            &[
                (
                    "formatCode",
                    if chart.groups() && chart.decimals == 0 {
                        "#,##0"
                    } else {
                        "General"
                    },
                ),
                ("sourceLinked", "0"),
            ],
        );
        val(xml, "c:majorTickMark", "none");
        val(xml, "c:minorTickMark", "none");
        val(xml, "c:tickLblPos", "nextTo");
        xml.element("c:spPr", &[], |xml| {
            xml.element("a:ln", &[], |xml| xml.empty("a:noFill", &[]))
        });
        properties(xml, 900, FAINT, false);
        val(xml, "c:crossAx", "1");
        val(xml, "c:crosses", "max"); // the units count downwards, so the figures stand at the bottom
        val(xml, "c:crossBetween", "between");
    });
}

/// How Word shows the values: as the report does.
fn number_format(chart: &Chart) -> String {
    let whole = if chart.groups() { "#,##0" } else { "0" };
    match chart.decimals.min(9) {
        0 => whole.to_owned(),
        decimals => format!("{whole}.{}", "0".repeat(decimals.into())),
    }
}

fn val(xml: &mut Xml, name: &str, value: &str) {
    xml.empty(name, &[("val", value)]);
}

fn fill(xml: &mut Xml, colour: &str) {
    xml.element("a:solidFill", &[], |xml| val(xml, "a:srgbClr", colour));
}

fn line(xml: &mut Xml, colour: &str) {
    xml.element("c:spPr", &[], |xml| {
        xml.element("a:ln", &[("w", "6350")], |xml| fill(xml, colour))
    });
}

/// The text properties of a part of the chart; sizes in hundredths of a point.
fn properties(xml: &mut Xml, size: u32, colour: &str, bold: bool) {
    xml.element("c:txPr", &[], |xml| {
        xml.empty("a:bodyPr", &[]);
        xml.empty("a:lstStyle", &[]);
        xml.element("a:p", &[], |xml| {
            xml.element("a:pPr", &[], |xml| {
                character(xml, "a:defRPr", size, colour, bold)
            });
            xml.empty("a:endParaRPr", &[("lang", "zh-CN")]);
        });
    });
}

fn character(xml: &mut Xml, name: &str, size: u32, colour: &str, bold: bool) {
    let bold = if bold { "1" } else { "0" };
    xml.element(
        name,
        &[("lang", "zh-CN"), ("sz", &size.to_string()), ("b", bold)],
        |xml| {
            fill(xml, colour);
            xml.empty("a:latin", &[("typeface", "Times New Roman")]);
            xml.empty("a:ea", &[("typeface", "仿宋_GB2312")]);
        },
    );
}

/// The workbook inside: the units in column A, the figures in column B.
pub(super) fn workbook(chart: &Chart) -> Result<Vec<u8>, DocumentError> {
    figures(chart).map_err(|fault| DocumentError::Write(fault.to_string()))
}

fn figures(chart: &Chart) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(1980, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet();
    sheet.set_name("Sheet1")?;
    sheet.write_string(0, 1, &chart.unit)?;
    for (row, bar) in (1..).zip(&chart.bars) {
        sheet.write_string(row, 0, &bar.label)?;
        if let Ok(value) = chart.decimal(bar.value).parse::<f64>() {
            sheet.write_number(row, 1, value)?;
        }
    }
    workbook.save_to_buffer()
}
