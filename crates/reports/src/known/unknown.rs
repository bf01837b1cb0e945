//! Why a figure can't be told, or how far it can.

use jiff::civil::Date;
use pack::{Pack, Roster, Whom};
use tables::Partial;

use super::lists::told_by;

/// Why a figure of a unit can't be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// There is no such unit on the day.
    NoUnit,
    /// The rows don't say whose they are: only the whole can be told.
    OnlyWhole,
    /// It counts what the reader's rights don't show.
    Withheld,
    /// There is no row to add up, and without one nothing is known.
    NoRows,
    /// People are recorded of the unit above, and of none of this one: who of them is its own isn't told.
    Above,
    /// The period hasn't begun, or its day hasn't come.
    NotYet,
    /// Nothing of the register was ever recorded for the unit.
    Never {
        /// The register.
        register: String,
    },
    /// No list that names everyone was ever taken for the unit; what desks say one by one doesn't tell how many there are.
    NoList {
        /// The register.
        register: String,
    },
    /// What was recorded begins later than the period or day.
    Before {
        /// The register.
        register: String,
        /// The first day of which something is known.
        from: Date,
    },
    /// What was recorded ends before the period begins, or has a gap.
    After {
        /// The register.
        register: String,
        /// The last day up to which something is known.
        until: Date,
    },
    /// No list tells of some days between others.
    Gap {
        /// The register.
        register: String,
        /// The first of them.
        from: Date,
        /// The last of them.
        to: Date,
    },
    /// The list that would tell is a part, and vouches for nobody.
    Part {
        /// The register.
        register: String,
        /// The roster.
        roster: String,
        /// The list's day.
        as_of: Date,
        /// Why it is one.
        why: Partial,
    },
    /// Lists tell of other parts of the register's matter, and not of this one.
    Slice {
        /// The register.
        register: String,
        /// The part.
        slice: String,
    },
    /// Lists name people of one kind of home, and not those of this one.
    Kind {
        /// The register.
        register: String,
        /// Whom none names.
        whom: Whom,
    },
    /// Answers of programmes rest on lists, of which none tells on the day.
    NoAnswers {
        /// The rosters, any of which is enough.
        rosters: Vec<String>,
    },
    /// There are records, but none says the field.
    Unsaid {
        /// The register.
        register: String,
        /// The field.
        field: String,
    },
}

impl Unknown {
    /// The register of which something isn't known.
    #[must_use]
    pub fn register(&self) -> Option<&str> {
        match self {
            Self::NoUnit
            | Self::OnlyWhole
            | Self::Withheld
            | Self::NoRows
            | Self::Above
            | Self::NotYet
            | Self::NoAnswers { .. } => None,
            Self::Never { register }
            | Self::NoList { register }
            | Self::Before { register, .. }
            | Self::After { register, .. }
            | Self::Gap { register, .. }
            | Self::Part { register, .. }
            | Self::Slice { register, .. }
            | Self::Kind { register, .. }
            | Self::Unsaid { register, .. } => Some(register),
        }
    }

    /// The first and the last of the days of which nothing is known, where there are such.
    #[must_use]
    pub fn days(&self) -> [Option<Date>; 2] {
        match self {
            Self::Before { from, .. } => [None, from.yesterday().ok()],
            Self::After { until, .. } => [until.tomorrow().ok(), None],
            Self::Gap { from, to, .. } => [Some(*from), Some(*to)],
            _ => [None, None],
        }
    }

    /// The lists that would tell: the one that is a part, those that vouch for the register, or if none does, those that are of it.
    #[must_use]
    pub fn to_get<'p>(&self, pack: &'p Pack) -> Vec<&'p Roster> {
        if let Self::Part { roster, .. } = self {
            return pack.roster(roster).into_iter().collect();
        }
        if let Self::NoAnswers { rosters } = self {
            return rosters.iter().filter_map(|id| pack.roster(id)).collect();
        }
        let Some(register) = self.register() else {
            return Vec::new();
        };
        let tells = |roster: &&Roster| told_by(pack, roster).contains(register);
        let vouching: Vec<&Roster> = pack.rosters.iter().filter(tells).collect();
        if !vouching.is_empty() {
            return vouching;
        }
        let is_of = |roster: &&Roster| {
            let last = roster.writes.iter().rfind(|write| write.create);
            last.is_some_and(|write| write.register == register)
        };
        pack.rosters.iter().filter(is_of).collect()
    }
}

/// How far a figure of a unit can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tells {
    /// For the whole period, or its day.
    Whole,
    /// Up to a day only: nothing was said since.
    Until(Date),
    /// Not at all.
    Not(Unknown),
}

impl Tells {
    /// How far both can be told.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (not @ Self::Not(_), _) | (_, not @ Self::Not(_)) => not,
            (Self::Until(one), Self::Until(other)) => Self::Until(one.min(other)),
            (until @ Self::Until(_), Self::Whole) | (Self::Whole, until) => until,
        }
    }

    /// How far one or the other tells.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Whole, _) | (_, Self::Whole) => Self::Whole,
            (Self::Until(one), Self::Until(other)) => Self::Until(one.max(other)),
            (until @ Self::Until(_), Self::Not(_)) | (Self::Not(_), until @ Self::Until(_)) => {
                until
            }
            (not @ Self::Not(_), Self::Not(_)) => not,
        }
    }
}
