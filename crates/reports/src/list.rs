//! A list of the ledger as a workbook, as CSV and as JSON: the same sheet in three forms.
//! The workbook is for people: dates are dates, fen stand as yuan, ID numbers stay text, it prints on A4. CSV and JSON are for programs.
//! The same sheets always give the same bytes; no cell is ever run as a formula, whatever its text begins with.

mod csv;
mod json;
mod template;
mod writer;
mod xlsx;

pub use csv::write_csv;
pub use json::to_json;
pub use template::template;
pub use writer::{ListFile, ListWriter};
pub use xlsx::write_xlsx;

use jiff::civil::Date;
use kernel::Lang;

/// One list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSheet {
    /// The tab's name; what Excel forbids in it is replaced.
    pub name: String,
    /// The line above the list.
    pub title: String,
    /// Lines under the title: the date, the scope, how to read it.
    pub note: Vec<String>,
    /// The columns.
    pub columns: Vec<ListColumn>,
    /// The rows, each with one cell per column.
    pub rows: Vec<Vec<ListCell>>,
}

/// A column of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListColumn {
    /// The name for programs, the key in JSON: "id_number".
    pub id: String,
    /// The name for people, the header: "公民身份号码".
    pub header: String,
    /// What its cells hold.
    pub kind: Kind,
    /// In half-width characters; without it, by what the column holds.
    pub width: Option<u16>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Words, codes, ID numbers.
    Text,
    /// Counts.
    Int,
    /// Money.
    Fen,
    /// Dates.
    Date,
}

/// A cell of a list. A cell of another kind than its column's is written as what it is: "不详" may stand among dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListCell {
    /// Nothing.
    Empty,
    /// Words, codes, ID numbers: never read as a number or a formula.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Money in fen; shown in yuan.
    Fen(i64),
    /// A date.
    Date(Date),
}

/// Rows of an Excel sheet, title and header included.
pub const MOST_ROWS: usize = 1_048_576;
/// Columns of an Excel sheet.
pub const MOST_COLUMNS: usize = 16_384;
/// Characters of an Excel cell, in UTF-16 units as Excel counts them.
pub const MOST_CHARACTERS: usize = 32_767;
/// Sheets of one workbook.
pub const MOST_SHEETS: usize = 255;

/// What keeps a list from being written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// No sheet, or too many.
    #[error("a workbook holds from 1 to {MOST_SHEETS} sheets; {0} were given")]
    Sheets(usize),
    /// More rows than a sheet holds.
    #[error(
        "the list \"{sheet}\" has {rows} rows; an Excel sheet holds {most}. Narrow the list, or write it as .csv"
    )]
    Rows {
        /// The sheet's name.
        sheet: String,
        /// Its rows.
        rows: usize,
        /// How many still fit below its title and header.
        most: usize,
    },
    /// No columns, or more than a sheet holds.
    #[error(
        "the list \"{sheet}\" has {columns} columns; an Excel sheet holds from 1 to {MOST_COLUMNS}"
    )]
    Columns {
        /// The sheet's name.
        sheet: String,
        /// Its columns.
        columns: usize,
    },
    /// A row doesn't have one cell per column.
    #[error(
        "in the list \"{sheet}\", row {row} has {cells} cells for {columns} columns; give every row one cell per column"
    )]
    Row {
        /// The sheet's name.
        sheet: String,
        /// The row of the list, counted from 1.
        row: usize,
        /// Its cells.
        cells: usize,
        /// The columns.
        columns: usize,
    },
    /// A text is longer than a cell holds.
    #[error(
        "in the list \"{sheet}\", row {row}, column \"{column}\": the text has {characters} characters; an Excel cell holds {MOST_CHARACTERS}. Shorten it, or write the list as .csv"
    )]
    ListCell {
        /// The sheet's name.
        sheet: String,
        /// The row of the list, counted from 1; 0 is the title, a note or the header.
        row: usize,
        /// The column's header.
        column: String,
        /// Its characters.
        characters: usize,
    },
    /// The file couldn't be put together.
    #[error("the list could not be put together: {0}")]
    Write(String),
}

impl ListError {
    /// The error in the reader's language.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::Sheets(count) => format!("一个工作簿可有1至{MOST_SHEETS}张表，现给出{count}张。"),
            Self::Rows { sheet, rows, most } => {
                format!(
                    "清单“{sheet}”有{rows}行，一张Excel表最多容纳{most}行。请缩小范围，或改存为.csv。"
                )
            }
            Self::Columns { sheet, columns } => {
                format!("清单“{sheet}”有{columns}列，一张Excel表可有1至{MOST_COLUMNS}列。")
            }
            Self::Row {
                sheet,
                row,
                cells,
                columns,
            } => {
                format!("清单“{sheet}”第{row}行有{cells}格，应与{columns}列一一对应。")
            }
            Self::ListCell {
                sheet,
                row,
                column,
                characters,
            } => {
                format!(
                    "清单“{sheet}”第{row}行“{column}”有{characters}个字符，Excel单元格最多{MOST_CHARACTERS}个。请缩短，或改存为.csv。"
                )
            }
            Self::Write(why) => format!("清单未能生成：{why}。"),
        }
    }
}

impl ListSheet {
    /// Checks that every row has one cell per column.
    fn check_shape(&self) -> Result<(), ListError> {
        let columns = self.columns.len();
        if columns == 0 {
            return Err(ListError::Columns {
                sheet: self.name.clone(),
                columns,
            });
        }
        let mut rows = self.rows.iter().enumerate();
        rows.try_for_each(|(at, row)| self.check_cells(at, row))
    }

    /// Checks that a row, counted from 0, has one cell per column.
    fn check_cells(&self, at: usize, row: &[ListCell]) -> Result<(), ListError> {
        let columns = self.columns.len();
        match row.len() == columns {
            true => Ok(()),
            false => Err(ListError::Row {
                sheet: self.name.clone(),
                row: at + 1,
                cells: row.len(),
                columns,
            }),
        }
    }
}

/// Whether a spreadsheet that reads the text from a file would take it for a formula, or, after a tab or line feed, what follows.
/// The characters are those of OWASP's "CSV Injection"; full-width signs count because Chinese and Japanese Excel reads them as the plain ones.
fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// Fen as yuan with two decimals, without grouping: "-1234.50".
fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let size = fen.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}
