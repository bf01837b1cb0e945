//! The main part of the document: red head, number, title, body, signature, date.
//! Styles hold fonts and distances (parts/styles.xml, with the clauses of GB/T 9704-2012); here stands only what goes where.
//! Elements follow the order of ECMA-376 Part 1, 17.3 and 17.6, which Word insists on.

use kernel::Lang;

use super::numbering::{Numbering, written};
use super::{Docx, Passage, Run, drawing, table};
use crate::width;
use crate::xml::Xml;

/// Width of the text area: 156 mm in twentieths of a point.
pub(super) const TEXT_WIDTH: usize = 8844;
/// One character of the body (3号, 16 pt) in twentieths of a point.
const CHARACTER: i64 = 320;

const NAMESPACES: [(&str, &str); 5] = [
    (
        "xmlns:w",
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        "xmlns:r",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (
        "xmlns:wp",
        "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    ),
    (
        "xmlns:a",
        "http://schemas.openxmlformats.org/drawingml/2006/main",
    ),
    (
        "xmlns:c",
        "http://schemas.openxmlformats.org/drawingml/2006/chart",
    ),
];

/// Writes word/document.xml.
pub(super) fn write(document: &Docx) -> String {
    let mut xml = Xml::file();
    xml.element("w:document", &NAMESPACES, |xml| {
        xml.element("w:body", &[], |xml| {
            head(document, xml);
            blocks(document, xml);
            foot(document, xml);
            section(xml);
        });
    });
    xml.finish()
}

/// Red head, number with the red rule, title, addressee (clauses 7.2 and 7.3).
fn head(document: &Docx, xml: &mut Xml) {
    let lang = document.lang;
    if let Some(issuer) = &document.issuer {
        red_head(xml, lang, issuer);
    }
    if let Some(number) = &document.number {
        paragraph(
            xml,
            if document.issuer.is_some() {
                "DocumentNumber"
            } else {
                "DocumentNumberTop"
            },
            lang,
            number,
        );
    }
    let below_rule = document.number.is_some() || document.issuer.is_some();
    paragraph(
        xml,
        if below_rule { "Title" } else { "TitleTop" },
        lang,
        &document.title,
    );
    if let Some(addressee) = &document.addressee {
        let colon = if lang == Lang::Zh { "：" } else { ":" };
        let addressee = addressee.trim_end_matches(['：', ':']);
        paragraph(xml, "Addressee", lang, &format!("{addressee}{colon}"));
    }
}

/// The name of the issuer in red: as large as one line allows, at most the 38 pt of the style, at least those of the title.
fn red_head(xml: &mut Xml, lang: Lang, issuer: &str) {
    let letters = width::cells(issuer).div_ceil(2).max(1);
    let half_points = (TEXT_WIDTH / 10 / letters)
        .saturating_sub(4)
        .clamp(44, 76)
        .to_string();
    xml.element("w:p", &[], |xml| {
        style(xml, "Issuer");
        xml.element("w:r", &[], |xml| {
            xml.element("w:rPr", &[], |xml| {
                if lang == Lang::Zh {
                    xml.empty("w:rFonts", &[("w:hint", "eastAsia")]);
                }
                xml.empty("w:sz", &[("w:val", &half_points)]);
                xml.empty("w:szCs", &[("w:val", &half_points)]);
            });
            xml.text("w:t", &[("xml:space", "preserve")], issuer);
        });
    });
}

fn blocks(document: &Docx, xml: &mut Xml) {
    let lang = document.lang;
    let mut numbering = Numbering::default();
    let mut charts = 0;
    for (at, block) in document.blocks.iter().enumerate() {
        let last = at + 1 == document.blocks.len();
        match block {
            Passage::Heading { level, text } => {
                let number = numbering.next(usize::from(*level), lang);
                xml.element("w:p", &[], |xml| {
                    style(xml, &format!("Heading{level}"));
                    // Chinese heads differ by typeface; English ones have but one, so they are bold.
                    run(
                        xml,
                        lang,
                        (lang == Lang::En).then_some("Strong"),
                        &format!("{number}{text}"),
                    );
                });
            }
            Passage::Paragraph { runs } => xml.element("w:p", &[], |xml| {
                xml.element("w:pPr", &[], |xml| {
                    xml.empty("w:pStyle", &[("w:val", "BodyText")]);
                    if last {
                        xml.empty("w:keepNext", &[]); // the signature never stands alone on a page (7.3.5.5)
                    }
                });
                for Run { text, figure } in runs {
                    run(xml, lang, figure.then_some("Figure"), text);
                }
            }),
            Passage::Table(content) => table::write(content, lang, xml),
            Passage::Chart(chart) => {
                charts += 1;
                drawing::place(chart, charts, xml);
            }
        }
    }
}

/// Signature, centred over the date, and the date, four characters from the right (clause 7.3.5).
fn foot(document: &Docx, xml: &mut Xml) {
    let date = written(document.date, document.lang);
    let length = |text: &str| i64::try_from(width::cells(text)).unwrap_or(0) * CHARACTER / 2;
    if let Some(signed) = &document.signed {
        let right = (4 * CHARACTER + (length(&date) - length(signed)) / 2).max(0);
        aside(xml, "Signature", right, document.lang, signed);
    }
    let style = if document.signed.is_some() {
        "Date"
    } else {
        "DateAlone"
    };
    aside(xml, style, 4 * CHARACTER, document.lang, &date);
}

/// A paragraph set off from the right margin.
fn aside(xml: &mut Xml, name: &str, right: i64, lang: Lang, text: &str) {
    xml.element("w:p", &[], |xml| {
        xml.element("w:pPr", &[], |xml| {
            xml.empty("w:pStyle", &[("w:val", name)]);
            xml.empty("w:ind", &[("w:right", &right.to_string())]);
        });
        run(xml, lang, None, text);
    });
}

/// Page size, margins, footers (clause 5.2: A4; top 37, bottom 35, left 28, right 26 mm; 22 lines of 28.95 pt).
fn section(xml: &mut Xml) {
    xml.element("w:sectPr", &[], |xml| {
        xml.empty(
            "w:footerReference",
            &[("w:type", "even"), ("r:id", "rIdEven")],
        );
        xml.empty(
            "w:footerReference",
            &[("w:type", "default"), ("r:id", "rIdOdd")],
        );
        xml.empty("w:pgSz", &[("w:w", "11906"), ("w:h", "16838")]);
        let margins = [
            ("w:top", "2098"),
            ("w:right", "1474"),
            ("w:bottom", "1984"),
            ("w:left", "1588"),
            ("w:header", "851"),
            ("w:footer", "1417"),
            ("w:gutter", "0"),
        ];
        xml.empty("w:pgMar", &margins);
        xml.empty("w:pgNumType", &[("w:start", "1")]);
        xml.empty("w:cols", &[("w:space", "425")]);
        xml.empty("w:docGrid", &[("w:linePitch", "579")]);
    });
}

/// A paragraph of one run.
pub(super) fn paragraph(xml: &mut Xml, name: &str, lang: Lang, text: &str) {
    xml.element("w:p", &[], |xml| {
        style(xml, name);
        run(xml, lang, None, text);
    });
}

fn style(xml: &mut Xml, name: &str) {
    xml.element("w:pPr", &[], |xml| {
        xml.empty("w:pStyle", &[("w:val", name)])
    });
}

/// A run of text. In Chinese the hint makes quotes, dashes and ‰ full-width.
pub(super) fn run(xml: &mut Xml, lang: Lang, character_style: Option<&str>, text: &str) {
    xml.element("w:r", &[], |xml| {
        if character_style.is_some() || lang == Lang::Zh {
            xml.element("w:rPr", &[], |xml| {
                if let Some(name) = character_style {
                    xml.empty("w:rStyle", &[("w:val", name)]);
                }
                if lang == Lang::Zh {
                    xml.empty("w:rFonts", &[("w:hint", "eastAsia")]);
                }
            });
        }
        for (at, line) in text.lines().enumerate() {
            if at > 0 {
                xml.empty("w:br", &[]);
            }
            xml.text(
                "w:t",
                &[("xml:space", "preserve")],
                &line.replace('\t', " "),
            );
        }
    });
}
