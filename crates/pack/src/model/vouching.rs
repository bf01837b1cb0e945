//! What a list vouches for: of whom it may be concluded from not being on it that there is nothing to tell.

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};
use kernel::Period;

use crate::{Each, Place};

/// What a roster's lists vouch for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouching {
    /// How.
    pub how: Vouches,
    /// For whom.
    pub whom: Whom,
    /// For how many months after its day a list vouches.
    pub lasts: u16,
    /// Of a roll: whether it carries what has ended, with the dates, so that it vouches for the days back to the earliest of them.
    pub past: bool,
    /// The column by which the list's matter is divided: a list vouches for the parts that occur in it.
    pub by: Option<String>,
    /// Where it is declared.
    pub place: Place,
}

/// How a list vouches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vouches {
    /// It names everyone of its kind on its day.
    Roll,
    /// It tells everything that happened from a day to its own; if nothing else is said, since the beginning of this stretch of the calendar.
    Events(Each),
}

/// For whom a list of a unit vouches, of those at home there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Those registered there.
    Registered,
    /// Those who live there.
    Living,
    /// Both.
    Either,
}

impl Vouching {
    /// The first day on which a list of a day doesn't vouch any more.
    #[must_use]
    pub fn until(&self, as_of: Date) -> Date {
        let months = Span::new().months(i32::from(self.lasts));
        // The same day of the month counts still.
        as_of.saturating_add(months).saturating_add(1.day())
    }

    /// Of a list of what happened, the first day it tells of if nothing else is said.
    #[must_use]
    pub fn since(&self, as_of: Date) -> Option<Date> {
        match self.how {
            Vouches::Roll => None,
            Vouches::Events(Each::Month) => Some(Period::month_of(as_of).start()),
            Vouches::Events(Each::Quarter) => Some(Period::quarter_of(as_of).start()),
            Vouches::Events(Each::Year) => Some(Period::year_of(as_of).start()),
        }
    }
}
