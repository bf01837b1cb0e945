//! Indicators: counted figures. A figure is always a count, sum, average or rate over declared rows, of a unit and period; its rows
//! are told apart by declared dimensions, and what it should come to are dated targets. Nothing here counts anything.

use jiff::civil::Date;
use kernel::{Decimal, UnitCode};

use crate::{Place, Sql, Text};

/// The code list of the headings under which indicators stand.
pub const INDICATOR_GROUP: &str = "indicator_group";

/// A counted figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Under which heading it stands: a value of [`INDICATOR_GROUP`].
    pub group: Option<String>,
    /// What it is counted in.
    pub unit: Text,
    /// Decimals shown.
    pub decimals: u8,
    /// What the figure is divided by before it is shown (1,000,000 for m² shown as km²).
    pub scale: i64,
    /// How it is measured.
    pub measure: Measure,
    /// By what it is broken down, besides units: dimensions, in the order in which they are offered.
    pub by: Vec<String>,
    /// What it should come to, by when.
    pub targets: Vec<IndicatorTarget>,
    /// Registers of which something must be known besides those whose records are counted, or nothing is known of it.
    pub needs: Vec<String>,
    /// Whether without any row nothing is known of it, instead of its being 0.
    pub needs_rows: bool,
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
    /// More dimensions than an indicator has: all of them are counted by one query.
    pub const MOST_DIMENSIONS: usize = 6;

    /// The query of a counted or summed indicator, and the day or days its rows are of.
    pub fn rows(&self) -> Option<(&Sql, At)> {
        match &self.measure {
            Measure::Count { rows, at } | Measure::Sum { rows, at, .. } => Some((rows, *at)),
            Measure::Average { .. } | Measure::Rate { .. } => None,
        }
    }

    /// What it should come to, of a unit: the nearest target on or after a day.
    pub fn target(&self, unit: &UnitCode, on: Date) -> Option<&IndicatorTarget> {
        let own = self.targets.iter();
        let own = own.filter(|target| target.unit == *unit && target.on >= on);
        own.min_by_key(|target| target.on)
    }
}

/// What an indicator should come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorTarget {
    /// The unit whose target it is.
    pub unit: UnitCode,
    /// By which day: the last of the period whose figure is held against it.
    pub on: Date,
    /// How much, in the indicator's unit.
    pub value: Decimal,
    /// Whether less is meant: the figure should not be above it.
    pub at_most: bool,
    /// Where it is declared.
    pub place: Place,
}

/// What rows of indicators are told apart by: an expression over their columns, and the groups its values fall into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The expression over the columns of the rows: the column of its id, if nothing else is said.
    pub of: Sql,
    /// The groups.
    pub groups: Groups,
    /// Where it is declared.
    pub place: Place,
}

/// The groups of a dimension, in the order in which they are shown. A value that is not known is a group of its own, the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Groups {
    /// The values of a code list.
    Code(String),
    /// Stretches of whole numbers, each from a number up to the one before the next; the last has no end. What lies below the
    /// first is a stretch, too, if anything does.
    Bands {
        /// The first number of each, ascending.
        from: Vec<i64>,
        /// What they are numbers of: "岁".
        unit: Text,
    },
    /// Whether something is so.
    YesNo {
        /// What is called so of which it is.
        yes: Text,
        /// And of which it isn't.
        no: Text,
    },
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
        /// Whether it is the share of a sample: then an interval stands beside it.
        sampled: bool,
    },
}

impl Measure {
    /// The indicators it is made of, in the order of its definition; none if it has rows of its own.
    pub fn others(&self) -> Vec<&String> {
        match self {
            Measure::Count { .. } | Measure::Sum { .. } => Vec::new(),
            Measure::Average { of } => vec![of],
            Measure::Rate {
                plus, minus, over, ..
            } => plus.iter().chain(minus).chain([over]).collect(),
        }
    }
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
