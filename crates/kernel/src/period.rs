//! Periods that reports and payments are for: a year, a half, a quarter, a month, or from a day to a day. A period knows its
//! first and last day, both inside it, and is written in one way only. Which period it is now, it never asks.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::plain::{as_text, fault_in_english};
use crate::{Lang, date};

/// A period, written `2025`, `2025H1`, `2025Q3`, `2025-07` or `2025-01-01..2025-06-30`.
///
/// Read from text it is always a real one, in the years 1000 to 9998. A number put in by hand that does not exist (a 13th
/// month, a third half) is taken as the nearest that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// A calendar year.
    Year(i16),
    /// A half of a year, 1 or 2.
    Half(i16, u8),
    /// A quarter of a year, 1 to 4.
    Quarter(i16, u8),
    /// A month of a year, 1 to 12.
    Month(i16, u8),
    /// From a day to a day, both included.
    Span {
        /// The first day.
        from: Date,
        /// The last day, not before the first.
        to: Date,
    },
}

/// Why a text is not a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeriodFault {
    /// The text has none of the forms of a period.
    Form(String),
    /// The last day is before the first.
    Backwards {
        /// The first day as written.
        from: Date,
        /// The last day as written.
        to: Date,
    },
}

impl PeriodFault {
    /// Says what is wrong and how a period is written.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (PeriodFault::Form(text), Lang::Zh) => format!(
                "看不懂时期“{text}”，请写成2025（年）、2025H1（半年）、2025Q3（季度）、2025-07（月）或2025-01-01..2025-06-30（起止）"
            ),
            (PeriodFault::Form(text), Lang::En) => format!(
                "“{text}” is not a period; write 2025 (year), 2025H1 (half), 2025Q3 (quarter), 2025-07 (month) or \
                 2025-01-01..2025-06-30 (from–to)"
            ),
            (PeriodFault::Backwards { from, to }, Lang::Zh) => {
                format!("时期的截止日{to}早于起始日{from}，请对调")
            }
            (PeriodFault::Backwards { from, to }, Lang::En) => {
                format!("the period ends on {to}, before it begins on {from}; please swap them")
            }
        }
    }
}
fault_in_english!(PeriodFault);

impl Period {
    /// The month that the day lies in.
    pub fn month_of(day: Date) -> Period {
        Period::Month(day.year(), day.month() as u8)
    }

    /// The quarter that the day lies in.
    pub fn quarter_of(day: Date) -> Period {
        Period::Quarter(day.year(), (day.month() as u8 - 1) / 3 + 1)
    }

    /// The half-year that the day lies in.
    pub fn half_of(day: Date) -> Period {
        Period::Half(day.year(), (day.month() as u8 - 1) / 6 + 1)
    }

    /// The year that the day lies in.
    pub fn year_of(day: Date) -> Period {
        Period::Year(day.year())
    }

    /// The first day.
    pub fn start(&self) -> Date {
        let (year, first, _) = match *self {
            Period::Span { from, .. } => return from,
            other => other.year_and_months(),
        };
        first_of_month(year, first)
    }

    /// The last day, which is part of the period.
    pub fn end(&self) -> Date {
        let (year, _, last) = match *self {
            Period::Span { from, to } => return to.max(from),
            other => other.year_and_months(),
        };
        first_of_month(year, last).last_of_month()
    }

    /// The day before the period begins, on which stocks at its start are counted.
    pub fn before(&self) -> Date {
        let start = self.start();
        start.yesterday().unwrap_or(start)
    }

    /// As far as it has gone by a day: if it isn't over then, from its first day to that one, as a whole year, half, quarter or month where
    /// it is one.
    #[must_use]
    pub fn gone_by(self, day: Date) -> Period {
        if !self.contains(day) {
            return self;
        }
        let (from, to) = (self.start(), day);
        let whole = [
            Period::year_of(to),
            Period::half_of(to),
            Period::quarter_of(to),
            Period::month_of(to),
        ];
        let mut whole = whole.into_iter();
        whole
            .find(|period| (period.start(), period.end()) == (from, to))
            .unwrap_or(Period::Span { from, to })
    }

    /// The period of the same kind just before; none before a span, which has no kind.
    pub fn previous(&self) -> Option<Period> {
        let before = self.before();
        match self {
            Period::Year(_) => Some(Period::year_of(before)),
            Period::Half(..) => Some(Period::half_of(before)),
            Period::Quarter(..) => Some(Period::quarter_of(before)),
            Period::Month(..) => Some(Period::month_of(before)),
            Period::Span { .. } => None,
        }
    }

    /// The same period of the year before; of 29 February the 28th.
    pub fn year_before(&self) -> Period {
        match *self {
            Period::Year(year) => Period::Year(year - 1),
            Period::Half(year, half) => Period::Half(year - 1, half),
            Period::Quarter(year, quarter) => Period::Quarter(year - 1, quarter),
            Period::Month(year, month) => Period::Month(year - 1, month),
            Period::Span { from, to } => Period::Span {
                from: crate::age::add_months(from, -12),
                to: crate::age::add_months(to, -12),
            },
        }
    }

    /// The smallest month, quarter, half or year in which two days lie; from the first day's year on if they are of several.
    pub fn around(first: Date, last: Date) -> Period {
        let kinds = [
            Period::month_of(first),
            Period::quarter_of(first),
            Period::half_of(first),
            Period::year_of(first),
        ];
        let holds = kinds.into_iter().find(|period| period.contains(last));
        holds.unwrap_or(Period::Span {
            from: Period::year_of(first).start(),
            to: last.max(first),
        })
    }

    /// Whether the day lies in the period.
    pub fn contains(&self, day: Date) -> bool {
        self.start() <= day && day <= self.end()
    }

    /// The months that the period touches, in order, each whole.
    pub fn months(&self) -> Vec<Period> {
        let last = self.end();
        let mut months = Vec::new();
        let mut day = self.start().first_of_month();
        loop {
            months.push(Period::month_of(day));
            let next = crate::age::add_months(day, 1);
            if next > last || next <= day {
                return months;
            }
            day = next;
        }
    }

    /// The calendar years that the period touches, in order, each whole.
    pub fn years(&self) -> Vec<Period> {
        (self.start().year()..=self.end().year())
            .map(Period::Year)
            .collect()
    }

    /// The period in words: `2025年上半年`, `first half of 2025`.
    pub fn label(&self, lang: Lang) -> String {
        const ORDINALS: [&str; 4] = ["first", "second", "third", "fourth"];
        const DIGITS: [&str; 4] = ["一", "二", "三", "四"];
        let nth = |n: u8| usize::from(n.clamp(1, 4) - 1);
        match (*self, lang) {
            (Period::Year(year), Lang::Zh) => format!("{year}年"),
            (Period::Year(year), Lang::En) => format!("{year}"),
            (Period::Half(year, half), Lang::Zh) => {
                format!("{year}年{}半年", if half <= 1 { "上" } else { "下" })
            }
            (Period::Half(year, half), Lang::En) => {
                format!("{} half of {year}", ORDINALS[usize::from(half > 1)])
            }
            (Period::Quarter(year, quarter), Lang::Zh) => {
                format!("{year}年第{}季度", DIGITS[nth(quarter)])
            }
            (Period::Quarter(year, quarter), Lang::En) => {
                format!("{} quarter of {year}", ORDINALS[nth(quarter)])
            }
            (Period::Month(year, month), Lang::Zh) => format!("{year}年{}月", month.clamp(1, 12)),
            (Period::Month(year, month), Lang::En) => {
                format!("{} {year}", date::month_name(month.clamp(1, 12) as i8))
            }
            (Period::Span { from, to }, Lang::Zh) => {
                format!("{}至{}", date::label(from, lang), date::label(to, lang))
            }
            (Period::Span { from, to }, Lang::En) => {
                format!("{} to {}", date::label(from, lang), date::label(to, lang))
            }
        }
    }

    /// Year, first month and last month; for a span those of its first day.
    fn year_and_months(self) -> (i16, u8, u8) {
        match self {
            Period::Year(year) => (year, 1, 12),
            Period::Half(year, half) if half <= 1 => (year, 1, 6),
            Period::Half(year, _) => (year, 7, 12),
            Period::Quarter(year, quarter) => {
                let last = quarter.clamp(1, 4) * 3;
                (year, last - 2, last)
            }
            Period::Month(year, month) => (year, month.clamp(1, 12), month.clamp(1, 12)),
            Period::Span { from, .. } => (from.year(), from.month() as u8, from.month() as u8),
        }
    }

    /// How fine the period is, to order those that begin and end alike.
    const fn rank(self) -> u8 {
        match self {
            Period::Year(_) => 0,
            Period::Half(..) => 1,
            Period::Quarter(..) => 2,
            Period::Month(..) => 3,
            Period::Span { .. } => 4,
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "year and month are brought into range first"
)]
fn first_of_month(year: i16, month: u8) -> Date {
    Date::new(year.clamp(-9998, 9999), month.clamp(1, 12) as i8, 1).expect("in range")
}

/// By first day, then last day: a month comes before the quarter that begins with it.
impl Ord for Period {
    fn cmp(&self, other: &Period) -> Ordering {
        let key = |p: &Period| (p.start(), p.end(), p.rank());
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Period) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Period::Year(year) => write!(f, "{year:04}"),
            Period::Half(year, half) => write!(f, "{year:04}H{half}"),
            Period::Quarter(year, quarter) => write!(f, "{year:04}Q{quarter}"),
            Period::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Period::Span { from, to } => write!(f, "{from}..{to}"),
        }
    }
}

impl FromStr for Period {
    type Err = PeriodFault;

    fn from_str(text: &str) -> Result<Self, PeriodFault> {
        let form = || PeriodFault::Form(text.chars().take(40).collect());
        if let Some((from, to)) = text.split_once("..") {
            let day = |text: &str| match date::read(text) {
                Some((day, false)) => Ok(day),
                _ => Err(form()),
            };
            let (from, to) = (day(from)?, day(to)?);
            return if from <= to {
                Ok(Period::Span { from, to })
            } else {
                Err(PeriodFault::Backwards { from, to })
            };
        }
        whole(text).ok_or_else(form)
    }
}

/// Reads every form but a span.
fn whole(text: &str) -> Option<Period> {
    let year = text
        .get(..4)
        .filter(|year| year.bytes().all(|b| b.is_ascii_digit()))?;
    let year = year
        .parse::<i16>()
        .ok()
        .filter(|year| (1000..=9998).contains(year))?;
    match &text.as_bytes()[4..] {
        [] => Some(Period::Year(year)),
        [b'H', half @ b'1'..=b'2'] => Some(Period::Half(year, half - b'0')),
        [b'Q', quarter @ b'1'..=b'4'] => Some(Period::Quarter(year, quarter - b'0')),
        [b'-', b'0', month @ b'1'..=b'9'] => Some(Period::Month(year, month - b'0')),
        [b'-', b'1', month @ b'0'..=b'2'] => Some(Period::Month(year, month - b'0' + 10)),
        _ => None,
    }
}

as_text!(Period);
