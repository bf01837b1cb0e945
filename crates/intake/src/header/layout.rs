//! How a table was understood, column by column, and what tells its layout from others, so that what was corrected once is known
//! the next time.

use kernel::Lang;
use pack::Text;
use sha2::{Digest, Sha256};

use crate::hex::hex;

use super::Head;

/// How a table of a file was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The sheet; empty for a CSV file.
    pub sheet: String,
    /// The row of the header, as a spreadsheet shows it.
    pub header_row: u32,
    /// Its columns, from the left.
    pub columns: Vec<LayoutColumn>,
}

/// How one column was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutColumn {
    /// The column's letters.
    pub letters: String,
    /// What stands above it.
    pub heading: String,
    /// The roster's column it is; none if it wasn't taken.
    pub column: Option<String>,
    /// The name of that column.
    pub name: Option<Text>,
    /// By what.
    pub by: By,
}

/// By what a column was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// Its heading.
    Name,
    /// What stands in it.
    Values,
    /// What somebody said of an earlier file of this layout.
    Remembered,
    /// What somebody said.
    Told,
}

impl LayoutColumn {
    /// By what it was understood, or why it wasn't taken, in words.
    #[must_use]
    pub fn basis(&self, lang: Lang) -> &'static str {
        let (zh, en) = match (self.by, self.column.is_some()) {
            (By::Name, true) => ("表头", "its heading"),
            (By::Name, false) => ("未识别", "not recognised"),
            (By::Values, _) => ("列中内容", "its values"),
            (By::Remembered, true) => ("以往更正", "an earlier correction"),
            (By::Remembered, false) => ("以往指定略去", "left out by an earlier correction"),
            (By::Told, true) => ("本次指定", "what was said"),
            (By::Told, false) => ("本次指定略去", "left out as was said"),
        };
        match lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// The layout's fingerprint: its headings, in any order, under this roster.
pub(super) fn fingerprint(roster: &str, heads: &[Head]) -> String {
    let mut keys: Vec<&str> = heads.iter().map(|head| head.key.as_str()).collect();
    keys.sort_unstable();
    let mut hasher = Sha256::new();
    for part in [roster].into_iter().chain(keys) {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hex(&hasher.finalize()[..12])
}
