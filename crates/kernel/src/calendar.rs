//! Working days: Monday to Friday, without the public holidays and with the made-up days that the State Council announces
//! for each year. Which days those are is pack data; in a year for which nothing is declared, weekends alone count as off,
//! and [`WorkingDays::covers`] says so.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

/// The calendar of working days.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkingDays {
    holidays: BTreeSet<Date>,
    made_up: BTreeSet<Date>,
}

impl WorkingDays {
    /// A calendar of these holidays and these weekend days that are worked (调休). A day declared as both is worked.
    pub fn new(holidays: BTreeSet<Date>, made_up: BTreeSet<Date>) -> WorkingDays {
        WorkingDays { holidays, made_up }
    }

    /// The declared holidays, in order.
    pub fn holidays(&self) -> &BTreeSet<Date> {
        &self.holidays
    }

    /// The declared made-up days, in order.
    pub fn made_up(&self) -> &BTreeSet<Date> {
        &self.made_up
    }

    /// Whether holidays are declared for the year.
    pub fn covers(&self, year: i16) -> bool {
        self.holidays.iter().any(|day| day.year() == year)
    }

    /// Whether people work on the day.
    pub fn is_working(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.made_up.contains(&day) || (!weekend && !self.holidays.contains(&day))
    }

    /// The `n`-th working day after `day`; the day itself does not count (Civil Code, article 201: the first day is not
    /// counted). Zero gives the day itself, a negative number counts backwards. Stops at the ends of the calendar.
    pub fn add(&self, day: Date, n: i64) -> Date {
        let mut reached = day;
        let mut left = n.unsigned_abs();
        while left > 0 {
            let next = if n > 0 {
                reached.tomorrow()
            } else {
                reached.yesterday()
            };
            let Ok(next) = next else { return reached };
            reached = next;
            if self.is_working(reached) {
                left -= 1;
            }
        }
        reached
    }

    /// The working days after `from` up to and including `to`; negative if `to` is earlier.
    ///
    /// For a working day `to`, this is the `n` with which [`WorkingDays::add`] reaches it.
    pub fn between(&self, from: Date, to: Date) -> i64 {
        let (first, last, sign) = if from <= to {
            (from, to, 1)
        } else {
            (to, from, -1)
        };
        let mut count = 0;
        let mut day = first;
        while day < last {
            let Ok(next) = day.tomorrow() else { break };
            // Backwards, the days from `to` up to but not including `from` count.
            count += i64::from(self.is_working(if sign > 0 { next } else { day }));
            day = next;
        }
        sign * count
    }
}
