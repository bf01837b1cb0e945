//! Dashboards: pages of figures. A dashboard says which figures stand together, by what they are broken down and over which series of
//! periods; how each is drawn follows from what it must say.

use crate::{Place, Text};

/// A page of figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dashboard {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What it is for.
    pub help: Option<Text>,
    /// Whether what it holds against the year before stands on the first page, too.
    pub first: bool,
    /// The parts it consists of.
    pub sections: Vec<DashboardSection>,
    /// Where it is declared.
    pub place: Place,
}

/// A part of a dashboard: some figures, shown in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DashboardSection {
    /// Its heading.
    pub name: Text,
    /// The indicators.
    pub figures: Vec<String>,
    /// How they are shown.
    pub shows: Shows,
}

/// How the figures of a section are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shows {
    /// Each beside that of the year before, with its target.
    Now,
    /// By what is next below: a row for each unit.
    ByUnit,
    /// By one dimension, a row for each group; or by two, the groups of the second side by side.
    By(Vec<String>),
    /// Over the last periods of a kind, the one shown the last of them.
    Series {
        /// The kind.
        each: Each,
        /// How many.
        last: usize,
    },
}

/// A kind of periods that follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Each {
    /// Months.
    Month,
    /// Quarters.
    Quarter,
    /// Years.
    Year,
}

impl Each {
    /// How many of them a series has unless more or fewer are asked for.
    pub const fn usual(self) -> usize {
        match self {
            Each::Month => 12,
            Each::Quarter => 8,
            Each::Year => 5,
        }
    }

    /// More of them than a series may have.
    pub const MOST: usize = 36;

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Each::Month => "month",
            Each::Quarter => "quarter",
            Each::Year => "year",
        }
    }

    /// All of them, the finest first.
    pub const ALL: [Each; 3] = [Each::Month, Each::Quarter, Each::Year];
}
