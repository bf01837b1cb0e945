//! An official document in the layout of GB/T 9704-2012 (《党政机关公文格式》), as the bytes of a .docx file.
//! It promises the same bytes for the same document, a file that Word and LibreOffice open without repair, and charts that staff can edit.
//! It reads nothing and knows no ledger: whoever builds the [`Docx`] has counted the figures.

mod body;
mod drawing;
mod numbering;
mod package;
mod table;

use jiff::civil::Date;
use kernel::Lang;

use crate::chart::Chart;

/// A document, from the red head to the date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Docx {
    /// The language of the numbering, the date and the document's own properties.
    pub lang: Lang,
    /// The red head (发文机关标志), as "和平街道办事处文件"; without it the document begins at its number or title.
    pub issuer: Option<String>,
    /// The document number (发文字号), as "和街发〔2026〕1号"; a red rule stands under it.
    pub number: Option<String>,
    /// The title.
    pub title: String,
    /// To whom it goes (主送机关); the colon is added.
    pub addressee: Option<String>,
    /// The body.
    pub blocks: Vec<Passage>,
    /// Who signs it (发文机关署名).
    pub signed: Option<String>,
    /// The date of issue (成文日期), also the date of creation in the file's properties.
    pub date: Date,
}

/// A piece of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passage {
    /// A heading; its number (一、 （一） 1.) is added.
    Heading {
        /// 1 to 3.
        level: u8,
        /// Without its number.
        text: String,
    },
    /// A paragraph of running text.
    Paragraph {
        /// Its runs, written one after another.
        runs: Vec<Run>,
    },
    /// A table over the full width.
    Table(Table),
    /// A bar chart.
    Chart(Chart),
}

/// A stretch of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The text; a line feed breaks the line.
    pub text: String,
    /// Whether it is a counted figure: it then carries the character style "Figure", so that all figures can be found at once.
    pub figure: bool,
}

/// A table with one header row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Written above the table.
    pub title: String,
    /// One cell per column, repeated on every page.
    pub header: Vec<String>,
    /// The rows, each with as many cells as the header.
    pub rows: Vec<Vec<ListCell>>,
    /// How each column stands; columns beyond its end stand left.
    pub align: Vec<Align>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListCell {
    /// The text.
    pub text: String,
    /// Whether it stands out, as a total does.
    pub strong: bool,
}

/// How a column stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Short words of like length.
    Centre,
    /// Figures.
    Right,
}

/// What keeps a document from being written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A heading's level isn't 1, 2 or 3.
    #[error("the heading \"{text}\" has level {level}; levels go from 1 to 3")]
    Level {
        /// The heading.
        text: String,
        /// Its level.
        level: u8,
    },
    /// A row has more or fewer cells than the header.
    #[error(
        "in the table \"{table}\", row {row} has {cells} cells, but the header has {columns}; give every row one cell per column"
    )]
    Row {
        /// The table's title.
        table: String,
        /// The row, counted from 1.
        row: usize,
        /// Its cells.
        cells: usize,
        /// The header's cells.
        columns: usize,
    },
    /// A table has no columns, or more than fit on the page.
    #[error(
        "the table \"{table}\" has {columns} columns; a page holds from 1 to {MOST_COLUMNS}. Put a wider table in a list (.xlsx)"
    )]
    Columns {
        /// The table's title.
        table: String,
        /// Its columns.
        columns: usize,
    },
    /// A table or chart is longer than a document should hold.
    #[error(
        "\"{title}\" has {count} rows; a document holds at most {most}. Put a longer one in a list (.xlsx)"
    )]
    Long {
        /// The table's or chart's title.
        title: String,
        /// Its rows or bars.
        count: usize,
        /// The limit.
        most: usize,
    },
    /// The file couldn't be put together.
    #[error("the document could not be put together: {0}")]
    Write(String),
}

/// Columns that a page holds.
pub const MOST_COLUMNS: usize = 16;
/// Rows of one table.
pub const MOST_ROWS: usize = 5_000;
/// Bars of one chart: more don't fit on a page.
pub const MOST_BARS: usize = 36;

impl DocumentError {
    /// The error in the reader's language.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::Level { text, level } => format!("标题“{text}”的级别为{level}，应为1至3级。"),
            Self::Row {
                table,
                row,
                cells,
                columns,
            } => {
                format!(
                    "表“{table}”第{row}行有{cells}格，表头有{columns}列。请使每行的格数与表头一致。"
                )
            }
            Self::Columns { table, columns } => {
                format!(
                    "表“{table}”有{columns}列，一页可排1至{MOST_COLUMNS}列。更宽的表请改用清单（.xlsx）。"
                )
            }
            Self::Long { title, count, most } => {
                format!("“{title}”有{count}行，公文中最多{most}行。更长的内容请改用清单（.xlsx）。")
            }
            Self::Write(why) => format!("公文未能生成：{why}。"),
        }
    }
}

/// Writes a document as a .docx file.
///
/// # Errors
/// When a heading, table or chart is out of its bounds; nothing is written then.
pub fn to_docx(document: &Docx) -> Result<Vec<u8>, DocumentError> {
    check(document)?;
    let charts: Vec<&Chart> = document
        .blocks
        .iter()
        .filter_map(|block| match block {
            Passage::Chart(chart) => Some(chart),
            _ => None,
        })
        .collect();
    package::pack(document, &body::write(document), &charts)
}

fn check(document: &Docx) -> Result<(), DocumentError> {
    let long = |title: &str, count, most| {
        if count > most {
            Err(DocumentError::Long {
                title: title.to_owned(),
                count,
                most,
            })
        } else {
            Ok(())
        }
    };
    for block in &document.blocks {
        match block {
            Passage::Heading { level: 1..=3, .. } | Passage::Paragraph { .. } => {}
            Passage::Heading { level, text } => {
                return Err(DocumentError::Level {
                    text: text.clone(),
                    level: *level,
                });
            }
            Passage::Chart(chart) => long(&chart.title, chart.bars.len(), MOST_BARS)?,
            Passage::Table(table) => {
                long(&table.title, table.rows.len(), MOST_ROWS)?;
                check_columns(table)?;
            }
        }
    }
    Ok(())
}

fn check_columns(table: &Table) -> Result<(), DocumentError> {
    let columns = table.header.len();
    if columns == 0 || columns > MOST_COLUMNS {
        return Err(DocumentError::Columns {
            table: table.title.clone(),
            columns,
        });
    }
    match table.rows.iter().position(|row| row.len() != columns) {
        None => Ok(()),
        Some(at) => Err(DocumentError::Row {
            table: table.title.clone(),
            row: at + 1,
            cells: table.rows[at].len(),
            columns,
        }),
    }
}
