//! Calendar days as a number, for the millions of date steps that making a town takes.
//! Promises the proleptic Gregorian calendar; never reads a clock.

use jiff::civil::Date;

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of a year, month and day of the month; a day past the month's end rolls over.
    pub fn new(year: i32, month: i32, day: i32) -> Day {
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let of_era = shifted.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Day(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
    }

    /// Year, month, day of the month.
    pub fn parts(self) -> (i32, i32, i32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * years + years / 4 - years / 100);
        let step = (5 * of_year + 2) / 153;
        let month = if step < 10 { step + 3 } else { step - 9 };
        let day = of_year - (153 * step + 2) / 5 + 1;
        (years + era * 400 + i32::from(month <= 2), month, day)
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.parts().0
    }

    /// So many days later (or earlier).
    pub fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// The anniversary after so many years; of 29 February in a common year, 1 March.
    pub fn anniversary(self, years: i32) -> Day {
        let (year, month, day) = self.parts();
        Day::new(year + years, month, day)
    }

    /// Full years of age on a day, of one born on this day; the birthday counts.
    pub fn age(self, on: Day) -> i32 {
        let (year, month, day) = self.parts();
        let (then, m, d) = on.parts();
        then - year - i32::from((m, d) < (month, day))
    }

    /// "YYYYMMDD".
    pub fn digits(self) -> String {
        let (year, month, day) = self.parts();
        format!("{year:04}{month:02}{day:02}")
    }

    /// "YYYY-MM-DD".
    pub fn dashed(self) -> String {
        let (year, month, day) = self.parts();
        format!("{year:04}-{month:02}-{day:02}")
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Day {
        Day::new(
            i32::from(date.year()),
            i32::from(date.month()),
            i32::from(date.day()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        assert_eq!(Day::new(1970, 1, 1), Day(0));
        assert_eq!(Day::new(2000, 2, 29).parts(), (2000, 2, 29));
        for day in (-40_000..40_000).map(Day) {
            let (year, month, of_month) = day.parts();
            assert_eq!(Day::new(year, month, of_month), day);
        }
    }

    #[test]
    fn the_birthday_counts_and_a_leap_day_is_kept_on_the_first_of_march() {
        let on = Day::new(2025, 12, 31);
        assert_eq!(Day::new(1976, 12, 31).age(on), 49);
        assert_eq!(Day::new(1977, 1, 1).age(on), 48);
        assert_eq!(Day::new(2000, 2, 29).anniversary(1).dashed(), "2001-03-01");
        assert_eq!(Day::new(2000, 2, 29).age(Day::new(2001, 2, 28)), 0);
    }
}
