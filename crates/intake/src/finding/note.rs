//! A finding with its place: the sheet, the row, the column.

use std::sync::Arc;

use kernel::Lang;
use pack::Text;

use super::Finding;

/// A finding and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The sheet's name; empty for a CSV file.
    pub sheet: Arc<str>,
    /// The row as a spreadsheet shows it, from 1; 0 if the sheet as a whole is meant.
    pub row: u32,
    /// The column, if the finding is about one cell.
    pub column: Option<Arc<Heading>>,
    /// What was found.
    pub finding: Finding,
}

/// A column of a sheet, as recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The column's letters.
    pub letters: String,
    /// The roster's name for it.
    pub name: Text,
}

impl Note {
    /// Place and finding in one line.
    pub fn message(&self, lang: Lang) -> String {
        let what = self.finding.message(lang);
        if self.sheet.is_empty() && self.row == 0 && self.column.is_none() {
            return what;
        }
        let mut place = String::new();
        match lang {
            Lang::Zh => {
                if !self.sheet.is_empty() {
                    place.push_str(&format!("工作表“{}”", self.sheet));
                }
                if self.row > 0 {
                    place.push_str(&format!("第 {} 行", self.row));
                }
                if let Some(column) = &self.column {
                    place.push_str(&format!("“{}”（{} 列）", column.name.zh, column.letters));
                }
                format!("{place}：{what}")
            }
            Lang::En => {
                if !self.sheet.is_empty() {
                    place.push_str(&format!("sheet “{}”", self.sheet));
                }
                if self.row > 0 {
                    let mark = if place.is_empty() { "" } else { ", " };
                    place.push_str(&format!("{mark}row {}", self.row));
                }
                if let Some(column) = &self.column {
                    place.push_str(&format!(
                        ", “{}” (column {})",
                        column.name.en, column.letters
                    ));
                }
                format!("{place}: {what}")
            }
        }
    }
}
