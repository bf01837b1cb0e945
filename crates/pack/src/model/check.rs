//! Checks: what must or should hold of a record, of a row of a list, of a list as a whole, or between records. A boolean that is NULL
//! is no breach: what isn't known contradicts nothing.

use jiff::civil::Date;

use crate::{Place, Sql, Text};

/// A boolean over one record or list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Identifier.
    pub id: String,
    /// What is said when it is false.
    pub name: Text,
    /// The boolean.
    pub holds: Sql,
    /// What becomes of a breach.
    pub level: CheckLevel,
    /// What it is asked of.
    pub over: Over,
    /// The first day on which it is asked no more.
    pub retired: Option<Date>,
    /// Where it is declared.
    pub place: Place,
}

/// A query for records that shouldn't be as they are beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckBetween {
    /// Identifier.
    pub id: String,
    /// What is said of them.
    pub name: Text,
    /// The register of the records, and of the rows the one breach.
    pub register: String,
    /// The query: a column `id`, the record.
    pub rows: Sql,
    /// The first day on which it is asked no more.
    pub retired: Option<Date>,
    /// Where it is declared.
    pub place: Place,
}

/// What becomes of a breach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckLevel {
    /// It is refused.
    Must,
    /// It is taken, and somebody is asked to look at it.
    Should,
}

/// What a check is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Over {
    /// A record of a register, as it stands and as a row says it.
    Record,
    /// A row of a list.
    Row,
    /// A list as a whole: aggregates of its columns.
    List,
}

impl Check {
    /// Whether it is asked on a day.
    #[must_use]
    pub fn applies(&self, on: Date) -> bool {
        self.retired.is_none_or(|day| on < day)
    }
}

impl CheckBetween {
    /// Whether it is asked on a day.
    #[must_use]
    pub fn applies(&self, on: Date) -> bool {
        self.retired.is_none_or(|day| on < day)
    }
}
