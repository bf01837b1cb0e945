//! A table of the document: thin rules, open at the sides as statistical tables are, its header repeated on every page.
//! Columns share the text width by what they hold; figures stand right.
//! Elements follow the order of ECMA-376 Part 1, 17.4.

use kernel::Lang;

use super::body::{TEXT_WIDTH, paragraph, run};
use super::{Align, Table};
use crate::width;
use crate::xml::Xml;

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

/// The columns' widths in twentieths of a point; together the text width. A column weighs what its widest cell needs, within bounds.
fn widths(table: &Table) -> Vec<usize> {
    let weights: Vec<usize> = (0..table.header.len())
        .map(|column| {
            let cells = table
                .rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| width::cells(&cell.text));
            let widest = cells
                .chain([width::cells(&table.header[column])])
                .max()
                .unwrap_or(0);
            widest.clamp(4, 40) + 3
        })
        .collect();
    let whole: usize = weights.iter().sum();
    let mut widths: Vec<usize> = weights
        .iter()
        .map(|weight| weight * TEXT_WIDTH / whole)
        .collect();
    let rest = TEXT_WIDTH - widths.iter().sum::<usize>();
    if let Some(first) = widths.first_mut() {
        *first += rest;
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
        let widths = widths(&table);
        assert_eq!(widths.iter().sum::<usize>(), TEXT_WIDTH);
        assert!(widths[2] > widths[0]);
    }
}
