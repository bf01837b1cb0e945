//! Dates of which only the year, or the year and month, is known. Such a date is an interval of days and is never made a day: what
//! asks for one gets the first and the last it may be.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::plain::as_text;
use crate::{Lang, date};

/// A year, a year and a month, or a day; written `1995`, `1995-10`, `1995-10-03`. The years are 1000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartialDate {
    year: i16,
    /// 1 to 12; 0 if it isn't known, and then no day is.
    month: i8,
    /// 0 if it isn't known.
    day: i8,
}

impl PartialDate {
    /// A year.
    pub fn of_year(year: i16) -> Option<PartialDate> {
        PartialDate::new(year, 0, 0)
    }

    /// A month.
    pub fn of_month(year: i16, month: i8) -> Option<PartialDate> {
        (month > 0)
            .then(|| PartialDate::new(year, month, 0))
            .flatten()
    }

    /// A day.
    pub fn of_day(day: Date) -> Option<PartialDate> {
        PartialDate::new(day.year(), day.month(), day.day())
    }

    fn new(year: i16, month: i8, day: i8) -> Option<PartialDate> {
        let exists = Date::new(year, month.max(1), day.max(1)).is_ok();
        let good = exists && (1000..=9999).contains(&year) && month >= 0 && day >= 0;
        good.then_some(PartialDate { year, month, day })
    }

    /// The day, if it names one.
    pub fn day(self) -> Option<Date> {
        (self.day > 0)
            .then(|| Date::new(self.year, self.month, self.day).ok())
            .flatten()
    }

    /// The first day of the month, if a month but no day is named.
    pub fn month(self) -> Option<Date> {
        (self.month > 0 && self.day == 0).then(|| self.first())
    }

    /// The first day it may be.
    pub fn first(self) -> Date {
        Date::new(self.year, self.month.max(1), self.day.max(1)).unwrap_or(Date::MIN)
    }

    /// The last day it may be.
    pub fn last(self) -> Date {
        match (self.month, self.day) {
            (0, _) => Date::new(self.year, 12, 31).unwrap_or(Date::MAX),
            (_, 0) => self.first().last_of_month(),
            _ => self.first(),
        }
    }

    /// In words: `1995年`, `1995年10月`; `1995`, `October 1995`.
    pub fn label(self, lang: Lang) -> String {
        if let Some(day) = self.day() {
            return date::label(day, lang);
        }
        match (self.month, lang) {
            (0, Lang::Zh) => format!("{}年", self.year),
            (0, Lang::En) => self.year.to_string(),
            (month, Lang::Zh) => format!("{}年{month}月", self.year),
            (month, Lang::En) => format!("{} {}", date::month_name(month), self.year),
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

/// Not a year, a year and month, or a day, as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialDateFault;

impl fmt::Display for PartialDateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a year, month or day written as 1995, 1995-10 or 1995-10-03")
    }
}

impl std::error::Error for PartialDateFault {}

/// Reads exactly what is written: `1995`, `1995-10`, `1995-10-03`.
impl FromStr for PartialDate {
    type Err = PartialDateFault;

    fn from_str(text: &str) -> Result<Self, PartialDateFault> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| {
            let digits = bytes.get(from..to)?;
            digits.iter().try_fold(0_i16, |n, byte| {
                byte.is_ascii_digit()
                    .then(|| n * 10 + i16::from(byte - b'0'))
            })
        };
        let small = |from: usize| number(from, from + 2).and_then(|n| i8::try_from(n).ok());
        let mark = |at: usize| (bytes.get(at) == Some(&b'-')).then_some(());
        let read = || {
            let year = number(0, 4)?;
            match bytes.len() {
                4 => PartialDate::of_year(year),
                7 => mark(4).and_then(|()| PartialDate::of_month(year, small(5)?)),
                10 => {
                    mark(4)?;
                    mark(7)?;
                    PartialDate::of_day(Date::new(year, small(5)?, small(8)?).ok()?)
                }
                _ => None,
            }
        };
        read().ok_or(PartialDateFault)
    }
}

as_text!(PartialDate);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use jiff::civil::date as ymd;

    #[test]
    fn an_interval_of_days() {
        for (written, first, last, zh, en) in [
            ("1995", ymd(1995, 1, 1), ymd(1995, 12, 31), "1995年", "1995"),
            (
                "1996-02",
                ymd(1996, 2, 1),
                ymd(1996, 2, 29),
                "1996年2月",
                "February 1996",
            ),
            (
                "1995-10-03",
                ymd(1995, 10, 3),
                ymd(1995, 10, 3),
                "1995年10月3日",
                "3 October 1995",
            ),
        ] {
            let partial: PartialDate = written.parse().unwrap();
            assert_eq!((partial.first(), partial.last()), (first, last));
            assert_eq!(partial.to_string(), written);
            assert_eq!(partial.label(Lang::Zh), zh);
            assert_eq!(partial.label(Lang::En), en);
            assert_eq!(partial.day(), (written.len() == 10).then_some(first));
        }
    }

    #[test]
    fn nothing_else_is_read() {
        for wrong in [
            "",
            "95",
            "1995-1",
            "1995-13",
            "1995-00",
            "1995-02-30",
            "1995/10",
            "0995",
            "1995-10-00",
            "1995-10-",
            "１９９５",
        ] {
            assert_eq!(
                wrong.parse::<PartialDate>(),
                Err(PartialDateFault),
                "{wrong}"
            );
        }
    }
}
