//! Days as people write them in lists: with any marks between year, month and day, with Chinese numerals, with the month only,
//! with a time behind, as a spreadsheet's day count. A year of two digits is understood only of a birth, and only if one century
//! fits; a day in the lunar calendar is never taken for one of ours.

use jiff::civil::Date;
use kernel::{date, text};
use pack::{Value, earliest_date, latest_date};

use super::{Cleaned, shortened};
use crate::finding::Finding;
use crate::sheet::Cell;

/// Longer text is no date.
const LONGEST: usize = 40;
/// Nobody on a list is older: 2012 may be meant by `12` as long as somebody born in 1912 may be alive.
const OLDEST: i16 = 115;

/// What is known of a column of dates.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    /// The day of the list.
    pub on: Date,
    /// Whether the column says when people were born.
    pub birth: bool,
}

/// What a written date means.
enum Read {
    Day(Date, Option<Finding>),
    /// A year of two digits that may be of either century.
    Century,
    Nothing,
}

/// The day in a cell.
pub(super) fn day(cell: Cell<'_>, about: About, repairs: &mut Vec<Finding>) -> Cleaned {
    let read = match cell {
        Cell::Date(day) => Read::Day(day, None),
        Cell::Text(text) => written(text, about),
        Cell::Number(_) => written(&cell.shown(), about),
        _ => return Err(Finding::WrongKind),
    };
    match read {
        Read::Day(day, repair) if (earliest_date()..=latest_date()).contains(&day) => {
            repairs.extend(repair);
            Ok(Some(Value::Date(day)))
        }
        Read::Century => Err(Finding::CenturyUnclear(shortened(&cell.shown()))),
        _ => Err(Finding::NotADate(shortened(&cell.shown()))),
    }
}

fn written(written: &str, about: About) -> Read {
    if let Some((day, other_spelling)) = date::read(written) {
        let repair = other_spelling.then_some(Finding::DateSpelling(day));
        return Read::Day(day, repair);
    }
    let plain: String = written.trim().chars().map(text::narrow).collect();
    if plain.chars().count() > LONGEST {
        return Read::Nothing;
    }
    let Some(parts) = parts(without_time(&plain)) else {
        return day_count(&plain);
    };
    let year = match parts.year.len() {
        4 => parts.year.parse().ok(),
        2 => match parts.year.parse() {
            Ok(short) => match century(short, &parts, about) {
                Some(year) => Some(year),
                None if parts.of(1900 + short).or(parts.of(2000 + short)).is_some() => {
                    return Read::Century;
                }
                None => None,
            },
            Err(_) => None,
        },
        _ => None,
    };
    let Some(day) = year.filter(|year| *year >= 1000).and_then(|y| parts.of(y)) else {
        return day_count(&plain);
    };
    Read::Day(
        day,
        Some(match parts.day {
            Some(_) => Finding::DateSpelling(day),
            None => Finding::MonthOnly(day),
        }),
    )
}

/// The year a year of two digits means of a birth, if only one century fits.
fn century(short: i16, parts: &Parts, about: About) -> Option<i16> {
    if !about.birth {
        return None;
    }
    let lived = |year: &i16| {
        parts
            .of(*year)
            .is_some_and(|day| day <= about.on && about.on.year() - year <= OLDEST)
    };
    let mut fit = [1900 + short, 2000 + short].into_iter().filter(lived);
    let only = fit.next();
    only.filter(|_| fit.next().is_none())
}

/// Year, month and perhaps day, as written.
struct Parts {
    year: String,
    month: i8,
    day: Option<i8>,
}

impl Parts {
    /// The day in this year; of a month the first.
    fn of(&self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day.unwrap_or(1)).ok()
    }
}

/// A date without the time behind it: `2025-01-02T08:30:00`, `2025/1/2 8:30`.
fn without_time(plain: &str) -> &str {
    if let Some((day, time)) = plain.split_once('T')
        && time.starts_with(|c: char| c.is_ascii_digit())
    {
        return day;
    }
    match plain.rsplit_once(text::is_blank) {
        Some((day, time)) if time.contains(':') => day.trim_end(),
        _ => plain,
    }
}

/// The parts of `1990.5.1`, `1990、5、1`, `1990 5 1`, `1990年05月01`, `一九九〇年五月一日`, `90年5月`, `1990-05`, `199005`, `900501`.
fn parts(plain: &str) -> Option<Parts> {
    let plain = plain.trim_matches(|c| text::is_blank(c) || c == '\'');
    let plain = plain.strip_suffix("出生").unwrap_or(plain);
    let plain = plain.strip_suffix('生').unwrap_or(plain);
    let mut pieces = Vec::with_capacity(3);
    let mut piece = String::new();
    for c in plain.chars() {
        match c {
            '年' | '月' | '日' | '号' | '-' | '—' | '–' | '.' | '/' | '、' | ',' | '。' | '·' =>
            {
                pieces.push(std::mem::take(&mut piece));
            }
            c if text::is_blank(c) => {
                if !piece.is_empty() {
                    pieces.push(std::mem::take(&mut piece));
                }
            }
            c if c.is_ascii_digit() || numeral(c).is_some() => piece.push(c),
            '十' | '廿' | '卅' => piece.push(c),
            _ => return None,
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    // `2025 年 7 月` leaves nothing between blank and mark.
    pieces.retain(|piece| !piece.is_empty());
    match pieces.as_slice() {
        [all] => together(all),
        [year, month] => Some(Parts {
            year: year_digits(year)?,
            month: small(month)?,
            day: None,
        }),
        [year, month, day] => Some(Parts {
            year: year_digits(year)?,
            month: small(month)?,
            day: Some(small(day)?),
        }),
        _ => None,
    }
}

/// `202507`, and `900501` where it can't be a year and a month.
fn together(digits: &str) -> Option<Parts> {
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, month) = digits.split_at(4);
    let believable = year
        .parse()
        .is_ok_and(|year: i16| (earliest_date().year()..=latest_date().year()).contains(&year));
    let month = small(month).filter(|month| (1..=12).contains(month) && believable);
    if let Some(month) = month {
        return Some(Parts {
            year: year.to_owned(),
            month,
            day: None,
        });
    }
    Some(Parts {
        year: digits.get(..2)?.to_owned(),
        month: small(digits.get(2..4)?)?,
        day: Some(small(digits.get(4..)?)?),
    })
}

/// A year in digits: `1990`, `90`, `一九九〇`.
fn year_digits(year: &str) -> Option<String> {
    let digits: String = year
        .chars()
        .map(|c| {
            if c.is_ascii_digit() {
                Some(c)
            } else {
                numeral(c)
            }
        })
        .collect::<Option<_>>()?;
    matches!(digits.len(), 2 | 4).then_some(digits)
}

/// A month or a day: `5`, `05`, `五`, `十二`, `二十一`, `廿一`.
fn small(written: &str) -> Option<i8> {
    if written.bytes().all(|b| b.is_ascii_digit()) {
        return (written.len() <= 2).then(|| written.parse().ok()).flatten();
    }
    let digit = |c: char| {
        numeral(c)
            .and_then(|c| c.to_digit(10))
            .and_then(|d| i8::try_from(d).ok())
    };
    let (tens, ones) = if let Some((tens, ones)) = written.split_once('十') {
        let mut tens = tens.chars();
        let first = tens.next().map_or(Some(1), digit)?;
        (tens.next().is_none().then_some(first)?, ones)
    } else if let Some(ones) = written.strip_prefix('廿') {
        (2, ones)
    } else if let Some(ones) = written.strip_prefix('卅') {
        (3, ones)
    } else {
        (0, written)
    };
    let mut ones = ones.chars();
    let last = ones.next().map_or(Some(0), digit)?;
    (ones.next().is_none() && tens < 10).then_some(tens * 10 + last)
}

/// A Chinese numeral as a digit.
fn numeral(c: char) -> Option<char> {
    const NUMERALS: [(&str, char); 10] = [
        ("〇○零", '0'),
        ("一", '1'),
        ("二", '2'),
        ("三", '3'),
        ("四", '4'),
        ("五", '5'),
        ("六", '6'),
        ("七", '7'),
        ("八", '8'),
        ("九", '9'),
    ];
    NUMERALS
        .iter()
        .find(|(forms, _)| forms.contains(c))
        .map(|(_, digit)| *digit)
}

/// A spreadsheet's day count of 5 digits: 1927-05-18 to 2173-10-13. A time of day may follow as a fraction.
fn day_count(plain: &str) -> Read {
    let whole = plain.split_once('.').map_or(plain, |(whole, _)| whole);
    let day = (whole.len() == 5)
        .then(|| whole.parse::<i64>().ok())
        .flatten()
        .and_then(date::from_excel_serial);
    match day {
        Some(day) => Read::Day(day, Some(Finding::DaySerial(day))),
        None => Read::Nothing,
    }
}
