//! Dates as people and spreadsheets write them, and as people read them. A written date is understood only if it can mean
//! one day: no two-digit years, no month without a day, no day before month. Nothing here knows what day it is.

use jiff::civil::Date;

use crate::Lang;
use crate::text::{is_blank, narrow};

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;
/// The serial number of 1970-01-01 in the 1900 date system.
const EPOCH_SERIAL: i64 = 25_569;
/// The serial numbers of 1900-01-01 and 9999-12-31.
const SERIALS: std::ops::RangeInclusive<i64> = 1..=2_958_465;
/// More characters than any spelling of a date has; longer text is refused unread.
const LONGEST_TEXT: usize = 96;

/// Reads a date: `1990-05-01`, `1990/5/1`, `1990.5.1`, `19900501`, `1990年5月1日`, also with full-width digits, blanks or a
/// time of midnight behind it. The flag says whether it was written in another way than `1990-05-01`.
pub fn read(text: &str) -> Option<(Date, bool)> {
    if let Some(date) = iso(text.as_bytes()) {
        return Some((date, false));
    }
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let text: String = text.trim_matches(is_blank).chars().map(narrow).collect();
    let text = without_midnight(&text);
    let text: String = text
        .chars()
        .filter(|ch| !is_blank(*ch) && *ch != '\'')
        .collect();
    let date = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        from_parts(&text[..4], &text[4..6], &text[6..])
    } else {
        separated(&text)
    };
    date.map(|date| (date, true))
}

/// The day of a serial number of the 1900 date system of spreadsheets (ECMA-376, date conversion for serial values, “1900
/// backward compatibility”): 1 is 1900-01-01.
///
/// The system takes 1900 for a leap year. Serial 60, its 1900-02-29, is no day, so it gives none; 61 is 1900-03-01.
pub fn from_excel_serial(serial: i64) -> Option<Date> {
    if !SERIALS.contains(&serial) || serial == 60 {
        return None;
    }
    let serial = if serial < 60 { serial + 1 } else { serial };
    from_days(i32::try_from(serial - EPOCH_SERIAL).ok()?)
}

/// Days from 1970-01-01 to the date: the number a columnar table keeps.
pub fn to_days(date: Date) -> i32 {
    let month = i64::from(date.month());
    let year = i64::from(date.year()) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(date.day()) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - EPOCH) as i32
}

/// The date so many days after 1970-01-01, or nothing outside the years −9999 to 9999.
pub fn from_days(days: i32) -> Option<Date> {
    let days = i64::from(days) + EPOCH;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date::new(i16::try_from(year).ok()?, month as i8, day as i8).ok()
}

/// The date in words: `2025年7月1日`, `1 July 2025`.
pub fn label(date: Date, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Lang::En => format!(
            "{} {} {}",
            date.day(),
            month_name(date.month()),
            date.year()
        ),
    }
}

/// The English name of a month from 1 to 12.
pub(crate) fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(month)
        .ok()
        .and_then(|month| NAMES.get(month.wrapping_sub(1)))
        .copied()
        .unwrap_or("?")
}

/// Reads exactly `YYYY-MM-DD`.
fn iso(bytes: &[u8]) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else {
        return None;
    };
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i16::from(byte - b'0'));
    let year = digit(y1)? * 1000 + digit(y2)? * 100 + digit(y3)? * 10 + digit(y4)?;
    let month = digit(m1)? * 10 + digit(m2)?;
    let day = digit(d1)? * 10 + digit(d2)?;
    Date::new(year, month as i8, day as i8)
        .ok()
        .filter(|_| year >= 1000)
}

/// Reads year, month and day with one kind of mark between them.
fn separated(text: &str) -> Option<Date> {
    const MARKS: [(char, char, &str); 6] = [
        ('年', '月', "日"),
        ('年', '月', "号"),
        ('-', '-', ""),
        ('/', '/', ""),
        ('.', '.', ""),
        ('－', '－', ""),
    ];
    MARKS.iter().find_map(|(first, second, last)| {
        let (year, rest) = text.split_once(*first)?;
        let (month, day) = rest.split_once(*second)?;
        from_parts(year, month, day.strip_suffix(last)?)
    })
}

fn from_parts(year: &str, month: &str, day: &str) -> Option<Date> {
    let number = |text: &str| -> Option<i16> {
        if text.bytes().all(|b| b.is_ascii_digit()) {
            text.parse().ok()
        } else {
            None
        }
    };
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let year = number(year).filter(|year| *year >= 1000)?;
    Date::new(year, number(month)? as i8, number(day)? as i8).ok()
}

/// Spreadsheets and databases write midnight behind a date.
fn without_midnight(text: &str) -> &str {
    const MIDNIGHTS: [&str; 5] = ["00:00:00.000", "00:00:00", "0:00:00", "00:00", "0:00"];
    let Some(day) = MIDNIGHTS
        .iter()
        .find_map(|midnight| text.strip_suffix(midnight))
    else {
        return text;
    };
    match day.strip_suffix('T') {
        Some(day) => day,
        None if day.ends_with(is_blank) => day.trim_end(),
        None => text,
    }
}
