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
const PADDING: usize = 180;
/// The fewest and the most half-width characters that a column is made for.
const SHORTEST: usize = 4;
const LONGEST: usize = 40;

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
    // Words that stand in no column whole would be broken anywhere: smaller letters hold more of them.
    let mut columns = table.header.iter().zip(widths);
    let style = match columns
        .any(|(name, width)| longest_word(name) * HALF_WIDTH / 10 + PADDING > *width)
    {
        true => "TableHeadSmall",
        false => "TableHead",
    };
    xml.element("w:tr", &[], |xml| {
        xml.element("w:trPr", &[], |xml| {
            xml.empty("w:cantSplit", &[]);
            xml.empty("w:tblHeader", &[]);
        });
        for (name, width) in table.header.iter().zip(widths) {
            cell(xml, *width, |xml| paragraph(xml, style, lang, name));
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

/// The columns' widths in twentieths of a point; together the text width. Names and figures come first, then the words of the
/// headers whole, then headers in two lines, then in one: each time the columns that lack least are served first.
fn widths(table: &Table) -> Vec<usize> {
    let count = table.header.len();
    let needs =
        |tenths: usize| tenths.clamp(SHORTEST * 10, LONGEST * 10) * HALF_WIDTH / 10 + PADDING;
    let body = |column: usize| {
        let cells = table.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width::cells(&cell.text)).max()
    };
    let mut widths: Vec<usize> = (0..count)
        .map(|c| needs(body(c).unwrap_or(0) * 10))
        .collect();
    let all: usize = widths.iter().sum();
    if all > TEXT_WIDTH {
        widths
            .iter_mut()
            .for_each(|width| *width = *width * TEXT_WIDTH / all);
    }
    let mut spare = TEXT_WIDTH - widths.iter().sum::<usize>();
    let headers: [fn(&str) -> usize; 3] = [
        longest_word,
        |header| width::cells(header).div_ceil(4) * 20,
        |header| width::cells(header) * 10,
    ];
    for header in headers {
        let mut lacks: Vec<(usize, usize)> = (table.header.iter().zip(&widths).enumerate())
            .map(|(c, (text, width))| (needs(header(text)).saturating_sub(*width), c))
            .collect();
        lacks.sort_unstable();
        for (lack, column) in lacks {
            let given = lack.min(spare);
            widths[column] += given;
            spare -= given;
        }
    }
    for (at, width) in widths.iter_mut().enumerate() {
        *width += spare / count + usize::from(at < spare % count);
    }
    widths
}

/// The longest word of a header, in tenths of a half-width cell. Where a character is full-width, a line may end anywhere.
fn longest_word(header: &str) -> usize {
    let words = header.split([' ', '-']);
    words
        .filter(|word| width::cells(word) == word.chars().count())
        .map(|word| word.chars().map(letter).sum())
        .max()
        .unwrap_or(0)
}

/// A letter of a proportional face, in tenths of a digit's width: about as Times draws it, and somewhat more, since where there is no
/// Times another face stands in for it.
fn letter(ch: char) -> usize {
    match ch {
        'f' | 'i' | 'j' | 'l' | 'r' | 't' => 8,
        'm' => 18,
        'M' | 'W' => 20,
        'A'..='Z' => 15,
        _ => 11,
    }
}

#[cfg(test)]
mod tests {
    use super::super::ListCell;
    use super::*;

    #[test]
    fn columns_fill_the_text_width_exactly() {
        let cell = |text: &str| ListCell {
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
    fn a_word_is_kept_whole_while_there_is_room() {
        assert_eq!(longest_word("Women aged 15–49"), 71);
        assert_eq!(longest_word("已婚育龄妇女"), 0);
    }

    #[test]
    fn headers_wrap_before_names_and_figures_do() {
        let cell = |text: &str| ListCell {
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
        assert!(many[0] >= 8 * HALF_WIDTH + PADDING && many[1] >= 6 * HALF_WIDTH + PADDING);
    }
}
