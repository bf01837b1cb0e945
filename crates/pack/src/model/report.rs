//! Indicators and reports: counted figures, and the documents they are written into. A figure is always a count, sum,
//! average or rate over declared rows; a report holds words, and places for figures.

use crate::{Place, Sql, Text};

/// A counted figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What it is counted in.
    pub unit: Text,
    /// Decimals shown.
    pub decimals: u8,
    /// What the figure is divided by before it is shown (1,000,000 for m² shown as km²).
    pub scale: i64,
    /// How it is measured.
    pub measure: Measure,
    /// What to know about it.
    pub note: Option<Text>,
    /// Where it is declared.
    pub place: Place,
}

impl Indicator {
    /// The column of its rows, if they have one, that holds whom a row is about: a record of the register of people.
    pub const PERSON: &'static str = "person";
    /// The column of its rows, if they have one, that holds the household a row is about.
    pub const HOUSEHOLD: &'static str = "household";
}

/// How an indicator is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// The number of rows.
    Count {
        /// The query of the rows.
        rows: Sql,
        /// The day or days the rows are of.
        at: At,
    },
    /// The sum of a column of the rows.
    Sum {
        /// The query of the rows.
        rows: Sql,
        /// The column summed.
        column: String,
        /// The day or days the rows are of.
        at: At,
    },
    /// The average of another indicator's values on the day before the period and on its last day.
    Average {
        /// That indicator.
        of: String,
    },
    /// A rate: the sum of some indicators less others, per so many of another.
    Rate {
        /// Indicators added.
        plus: Vec<String>,
        /// Indicators taken away.
        minus: Vec<String>,
        /// The indicator divided by.
        over: String,
        /// 100 for per cent, 1000 for per mille.
        per: i64,
    },
}

/// The day or days an indicator's rows are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// The day before the period.
    Start,
    /// The last day of the period.
    End,
    /// The whole period.
    Period,
}

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
