//! A table of the document: thin rules, open at the sides as statistical tables are, its header repeated on every page.
//! Columns share the text width by what they hold; figures stand right.
//! Elements follow the order of ECMA-376 Part 1, 17.4.

use kernel::Lang;

use super::body::{TEXT_WIDTH, paragraph, run};
use super::{Align, Table};
use crate::width;
use crate::xml::Xml;

/// A half-width character of 五号 (10.5 pt), in twentieths of a point.
const HALF_WIDTH: usize = 105;
/// What a cell keeps free at its sides, and a little for wider letters.
const PADDING: usize = 260;

/// Writes the title, the table, and the small space below it.
pub(super) fn write(table: &Table, lang: Lang, xml: &mut Xml) {
    if !table.title.is_empty() {
        paragraph(xml, "TableTitle", lang, &table.title);
    }
    let widths = widths(table);
    xml.element("w:tbl", &[], |xml| {
        properties(table, xml);
        xml.element("w:tblGrid", &[], |xml| {
            for width in &widths {
                xml.empty("w:gridCol", &[("w:w", &width.to_string())]);
            }
        });
        header(table, &widths, lang, xml);
        for (at, row) in table.rows.iter().enumerate() {
            xml.element("w:tr", &[], |xml| {
                xml.element("w:trPr", &[], |xml| xml.empty("w:cantSplit", &[]));
                for (column, content) in row.iter().enumerate() {
                    let align = table.align.get(column).copied().unwrap_or_default();
                    let keep = at + 1 < table.rows.len().min(4); // the first rows stay with the title
                    cell(xml, widths[column], |xml| {
                        text(xml, lang, align, content.strong, keep, &content.text)
                    });
                }
            });
        }
    });
    xml.element("w:p", &[], |xml| {
        xml.element("w:pPr", &[], |xml| {
            xml.empty("w:pStyle", &[("w:val", "TableEnd")])
        })
    });
}

fn properties(table: &Table, xml: &mut Xml) {
    xml.element("w:tblPr", &[], |xml| {
        xml.empty("w:tblStyle", &[("w:val", "Statistics")]);
        xml.empty(
            "w:tblW",
            &[("w:w", &TEXT_WIDTH.to_string()), ("w:type", "dxa")],
        );
        xml.empty("w:jc", &[("w:val", "center")]);
        xml.empty("w:tblLayout", &[("w:type", "fixed")]);
        let look = [
            ("w:val", "0020"),
            ("w:firstRow", "1"),
            ("w:lastRow", "0"),
            ("w:firstColumn", "0"),
            ("w:lastColumn", "0"),
            ("w:noHBand", "1"),
            ("w:noVBand", "1"),
        ];
        xml.empty("w:tblLook", &look);
        xml.empty("w:tblCaption", &[("w:val", &table.title)]);
    });
}

fn header(table: &Table, widths: &[usize], lang: Lang, xml: &mut Xml) {
    xml.element("w:tr", &[], |xml| {
        xml.element("w:trPr", &[], |xml| {
            xml.empty("w:cantSplit", &[]);
            xml.empty("w:tblHeader", &[]);
        });
        for (name, width) in table.header.iter().zip(widths) {
            cell(xml, *width, |xml| paragraph(xml, "TableHead", lang, name));
        }
    });
}

fn cell(xml: &mut Xml, width: usize, content: impl FnOnce(&mut Xml)) {
    xml.element("w:tc", &[], |xml| {
        xml.element("w:tcPr", &[], |xml| {
            xml.empty("w:tcW", &[("w:w", &width.to_string()), ("w:type", "dxa")]);
            xml.empty("w:vAlign", &[("w:val", "center")]);
        });
        content(xml);
    });
}

fn text(xml: &mut Xml, lang: Lang, align: Align, strong: bool, keep: bool, text: &str) {
    xml.element("w:p", &[], |xml| {
        xml.element("w:pPr", &[], |xml| {
            xml.empty("w:pStyle", &[("w:val", "TableText")]);
            if keep {
                xml.empty("w:keepNext", &[]);
            }
            let side = match align {
                Align::Left => "left",
                Align::Centre => "center",
                Align::Right => "right",
            };
            xml.empty("w:jc", &[("w:val", side)]);
        });
        run(xml, lang, strong.then_some("Strong"), text);
    });
}

/// The columns' widths in twentieths of a point; together the text width. A row's cells come before the header's:
/// headers wrap into two lines before a name or a figure does.
fn widths(table: &Table) -> Vec<usize> {
    let columns = || 0..table.header.len();
    let body = |column: usize| {
        let cells = table.rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| width::cells(&cell.text))
            .max()
            .unwrap_or(0)
            .clamp(4, 40)
    };
    let header = |column: usize| width::cells(&table.header[column]).min(40);
    let needs = |cells: usize| cells * HALF_WIDTH + PADDING;
    let at_ease: Vec<usize> = columns().map(|c| needs(body(c).max(header(c)))).collect();
    let wrapped: Vec<usize> = columns()
        .map(|c| needs(body(c).max(header(c).div_ceil(4) * 2)))
        .collect();
    let whole = |widths: &[usize]| widths.iter().sum::<usize>();
    let mut widths = if whole(&at_ease) <= TEXT_WIDTH {
        at_ease
    } else {
        wrapped
    };
    if whole(&widths) > TEXT_WIDTH {
        let all = whole(&widths);
        widths
            .iter_mut()
            .for_each(|width| *width = *width * TEXT_WIDTH / all);
    }
    let spare = TEXT_WIDTH - whole(&widths);
    let count = widths.len();
    for (at, width) in widths.iter_mut().enumerate() {
        *width += spare / count + usize::from(at < spare % count);
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::super::Cell;
    use super::*;

    #[test]
    fn columns_fill_the_text_width_exactly() {
        let cell = |text: &str| Cell {
            text: text.into(),
            strong: false,
        };
        let table = Table {
            title: String::new(),
            header: vec!["社区".into(), "人口（人）".into(), "出生率（‰）".into()],
            rows: vec![vec![cell("和平社区"), cell("8,012"), cell("4.07")]],
            align: vec![],
        };
        let few = widths(&table);
        assert_eq!(few.iter().sum::<usize>(), TEXT_WIDTH);
        assert!(few[2] > few[0]);
    }

    #[test]
    fn headers_wrap_before_names_and_figures_do() {
        let cell = |text: &str| Cell {
            text: text.into(),
            strong: false,
        };
        let header = [
            "单位",
            "总人口（人）",
            "户数（户）",
            "育龄妇女（人）",
            "已婚育龄妇女（人）",
            "流动人口（人）",
            "出生（人）",
            "死亡（人）",
            "空挂户（户）",
        ];
        let table = Table {
            title: String::new(),
            header: header.map(String::from).into(),
            rows: vec![
                std::iter::once("和平社区")
                    .chain(std::iter::repeat_n("45,651", 8))
                    .map(cell)
                    .collect(),
            ],
            align: vec![],
        };
        let many = widths(&table);
        assert_eq!(many.iter().sum::<usize>(), TEXT_WIDTH);
        assert!(many[0] >= 8 * HALF_WIDTH + 216 && many[1] >= 6 * HALF_WIDTH + 216);
    }
}
