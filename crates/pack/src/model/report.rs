//! Reports: the documents that figures are written into. A report holds words, and places for figures.

use crate::{Place, Text};

/// `{name:wan}`: a figure of running text that is written in ten thousands.
pub const TEN_THOUSANDS: &str = "wan";

/// A document written from the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Identifier.
    pub id: String,
    /// What the template is called.
    pub name: Text,
    /// The title on the document; may hold placeholders.
    pub title: Text,
    /// The document number; may hold placeholders.
    pub number: Option<String>,
    /// Who signs; may hold placeholders.
    pub signed: Option<Text>,
    /// What it consists of.
    pub blocks: Vec<Block>,
    /// Where it is declared.
    pub place: Place,
}

/// One block of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading {
        /// 1 to 4.
        level: u8,
        /// Its words.
        text: Text,
    },
    /// A paragraph with figures in the running text.
    Paragraph {
        /// Its words; placeholders name indicators, or `unit`, `year`, `period`.
        text: Text,
    },
    /// A table of indicators.
    Table {
        /// Its title.
        title: Text,
        /// The indicators, one column each.
        indicators: Vec<String>,
        /// What its rows are.
        by: TableBy,
    },
    /// A chart of one indicator.
    Chart {
        /// Its title.
        title: Text,
        /// The indicator.
        indicator: String,
        /// What its bars are.
        by: TableBy,
    },
}

/// What the rows of a table, or the bars of a chart, are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableBy {
    /// One for each unit under the report's unit, and a total.
    Unit,
}
