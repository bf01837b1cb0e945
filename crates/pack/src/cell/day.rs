//! Days as people write them in lists: with any marks between year, month and day, with Chinese numerals, with a time behind, as a
//! spreadsheet's day count. A month or a year alone is never made a day; what spreadsheets and databases write where there is no
//! date is none; a year of two digits is understood only of a birth, and only if one century fits; a day in the lunar calendar is
//! never taken for one of ours.

use jiff::civil::Date;
use kernel::{PartialDate, date, text};

use super::{Cell, CellReading, Told, shortened};
use crate::{Value, earliest_date, latest_date};

/// Longer text is no date.
const LONGEST: usize = 40;
/// Nobody on a list is older: 2012 may be meant by `12` as long as somebody born in 1912 may be alive.
const OLDEST: i16 = 115;
/// Days between the two systems in which workbooks count days: from 1900 and from 1904 on (ECMA-376, date1904).
const FROM_1904: i64 = 1_462;

/// What is known of a column of dates.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    on: Date,
    birth: bool,
    by_month: bool,
    from_1904: bool,
}

impl Dates {
    /// Dates of a list, or a form, of a day.
    pub fn on(on: Date) -> Dates {
        Dates {
            on,
            birth: false,
            by_month: false,
            from_1904: false,
        }
    }

    /// Dates that say when people were born.
    #[must_use]
    pub fn of_births(self) -> Dates {
        let birth = true;
        Dates { birth, ..self }
    }

    /// Dates of something that goes by months: a month alone means its first day.
    #[must_use]
    pub fn by_month(self, by_month: bool) -> Dates {
        Dates { by_month, ..self }
    }

    /// Dates of a workbook that counts days from 1904 on.
    #[must_use]
    pub fn from_1904(self, from_1904: bool) -> Dates {
        Dates { from_1904, ..self }
    }

    /// The day of the list.
    pub(super) fn day(self) -> Date {
        self.on
    }

    /// Whether days are counted from 1904 on.
    pub(super) fn are_from_1904(self) -> bool {
        self.from_1904
    }
}

/// What a written date means.
enum Read {
    Day(Date, Option<Told>),
    /// A year, or a year and a month.
    Partial(PartialDate),
    /// A year, and `.1` behind it: January, or October of which a number lost the last digit.
    JanuaryOrOctober(PartialDate),
    /// A year of two digits that may be of either century.
    Century,
    /// What is written where there is no date.
    NoDate,
    Nothing,
}

/// The day in a cell.
pub(super) fn day(cell: Cell<'_>, dates: Dates, told: &mut Vec<Told>) -> CellReading {
    match read(cell, dates)? {
        Read::Day(day, repair) if is_kept(day) => {
            told.extend(repair);
            Ok(Some(Value::Date(day)))
        }
        Read::Partial(partial) if is_kept(partial.first()) => match partial.month() {
            Some(first) if dates.by_month => {
                told.push(Told::MonthOnly(first));
                Ok(Some(Value::Date(first)))
            }
            _ => Err(Told::DayUnknown(partial)),
        },
        other => none(other, cell, told),
    }
}

/// The day, month or year in a cell.
pub(super) fn partial(cell: Cell<'_>, dates: Dates, told: &mut Vec<Told>) -> CellReading {
    let kept = |partial: PartialDate| Ok(Some(Value::Text(partial.to_string())));
    match read(cell, dates)? {
        Read::Day(day, repair) if is_kept(day) => {
            told.extend(repair);
            PartialDate::of_day(day).map_or(Ok(None), kept)
        }
        Read::Partial(partial) if is_kept(partial.first()) => {
            if cell.shown() != partial.to_string() {
                told.push(Told::PartialSpelling(partial));
            }
            kept(partial)
        }
        Read::JanuaryOrOctober(year) if is_kept(year.first()) => {
            told.push(Told::JanuaryOrOctober(shortened(&cell.shown())));
            kept(year)
        }
        other => none(other, cell, told),
    }
}

fn is_kept(day: Date) -> bool {
    (earliest_date()..=latest_date()).contains(&day)
}

fn none(read: Read, cell: Cell<'_>, told: &mut Vec<Told>) -> CellReading {
    let shown = shortened(&cell.shown());
    match read {
        Read::NoDate => {
            told.push(Told::NoDate(shown));
            Ok(None)
        }
        Read::JanuaryOrOctober(_) => Err(Told::JanuaryOrOctober(shown)),
        Read::Century => Err(Told::CenturyUnclear(shown)),
        _ => Err(Told::NotADate(shown)),
    }
}

fn read(cell: Cell<'_>, dates: Dates) -> Result<Read, Told> {
    let read = match cell {
        Cell::Date(day) => Read::Day(day, None),
        Cell::Moment(at) => Read::Day(at.date(), Some(Told::DateSpelling(at.date()))),
        Cell::Text(text) => written(text, dates),
        // A time of day without a day, as a zero in a cell of dates is shown.
        Cell::Number(n) if n.abs() < 1.0 => Read::NoDate,
        Cell::Number(_) => written(&cell.shown(), dates),
        _ => return Err(Told::WrongKind),
    };
    Ok(match read {
        Read::Day(day, _) if says_none(day) => Read::NoDate,
        read => read,
    })
}

/// Whether a day is what programs write where there is none: the zeros of spreadsheets, of databases, and the end of time.
fn says_none(day: Date) -> bool {
    let (year, rest) = (day.year(), (day.month(), day.day()));
    match year {
        1899 => matches!(rest, (12, 30 | 31)),
        1900 | 1753 | 1000 => rest == (1, 1),
        2099 | 2999 => rest == (12, 31),
        9999 => true,
        _ => year < 1000,
    }
}

/// Whether a text is no date of a calendar but what stands for none: `0`, `0000-00-00`, `1900-01-00`, `00:00:00`.
fn is_zero(plain: &str) -> bool {
    let mark = |c: char| {
        matches!(c, '-' | '/' | '.' | ':' | '年' | '月' | '日' | '时' | '分') || text::is_blank(c)
    };
    let mut digits = plain.chars().filter(|c| !mark(*c));
    if digits.clone().all(|c| c == '0') {
        return true;
    }
    // The day before the first of a spreadsheet, the first of a database and the last of all, at midnight if a time stands behind.
    let day: String = digits.by_ref().take(8).collect();
    let rest = digits.all(|c| c == '0');
    rest && matches!(
        day.as_str(),
        "19000100" | "190010" | "1900100" | "00010101" | "99999999"
    )
}

fn written(written: &str, dates: Dates) -> Read {
    if let Some((day, other_spelling)) = date::read(written) {
        let repair = other_spelling.then_some(Told::DateSpelling(day));
        return Read::Day(day, repair);
    }
    let plain: String = written.trim().chars().map(text::narrow).collect();
    if plain.chars().count() > LONGEST {
        return Read::Nothing;
    }
    if is_zero(&plain) {
        return Read::NoDate;
    }
    // What an exporter's float made of `19790405`.
    if let Some(whole) = super::without_zeros(&plain).filter(|whole| whole.len() == 8)
        && let Some((day, _)) = date::read(whole)
    {
        return Read::Day(day, Some(Told::DateSpelling(day)));
    }
    if let Some(year) = year_and_point_one(&plain) {
        return Read::JanuaryOrOctober(year);
    }
    let Some(parts) = parts(without_time(&plain)) else {
        return day_count(&plain, dates);
    };
    let year = match parts.year.len() {
        4 => parts.year.parse().ok(),
        2 => match parts.year.parse() {
            Ok(short) => match century(short, &parts, dates) {
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
    let Some(read) = year
        .filter(|year| *year >= 1000)
        .and_then(|year| parts.of(year))
    else {
        return day_count(&plain, dates);
    };
    match read.day() {
        Some(day) => Read::Day(day, Some(Told::DateSpelling(day))),
        None => Read::Partial(read),
    }
}

/// The year of `1990.1`, which may have been `1990.10`.
fn year_and_point_one(plain: &str) -> Option<PartialDate> {
    let year = plain.strip_suffix(".1")?;
    let digits = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| PartialDate::of_year(year.parse().ok()?))?
}

/// The year a year of two digits means of a birth, if only one century fits.
fn century(short: i16, parts: &Parts, dates: Dates) -> Option<i16> {
    if !dates.birth {
        return None;
    }
    let lived = |year: &i16| {
        parts
            .of(*year)
            .is_some_and(|read| read.first() <= dates.on && dates.on.year() - year <= OLDEST)
    };
    let mut fit = [1900 + short, 2000 + short].into_iter().filter(lived);
    let only = fit.next();
    only.filter(|_| fit.next().is_none())
}

/// Year and perhaps month and day, as written.
struct Parts {
    year: String,
    month: Option<i8>,
    day: Option<i8>,
}

impl Parts {
    /// What they say in this year.
    fn of(&self, year: i16) -> Option<PartialDate> {
        match (self.month, self.day) {
            (Some(month), Some(day)) => PartialDate::of_day(Date::new(year, month, day).ok()?),
            (Some(month), None) => PartialDate::of_month(year, month),
            _ => PartialDate::of_year(year),
        }
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

/// The parts of `1990.5.1`, `1990、5、1`, `1990 5 1`, `1990年05月01`, `一九九〇年五月一日`, `90年5月`, `1990-05`, `199005`, `900501`, `1990`.
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
            month: Some(small(month)?),
            day: None,
        }),
        [year, month, day] => Some(Parts {
            year: year_digits(year)?,
            month: Some(small(month)?),
            day: Some(small(day)?),
        }),
        _ => None,
    }
}

/// `202507`, `1990`, and `900501` where it can't be a year and a month.
fn together(digits: &str) -> Option<Parts> {
    let whole = year_digits(digits).filter(|year| year.len() == 4);
    let believable = |year: &str| {
        let years = earliest_date().year()..=latest_date().year();
        year.parse().is_ok_and(|year: i16| years.contains(&year))
    };
    if let Some(year) = whole.filter(|year| believable(year)) {
        return Some(Parts {
            year,
            month: None,
            day: None,
        });
    }
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, month) = digits.split_at(4);
    let month = small(month).filter(|month| (1..=12).contains(month) && believable(year));
    if let Some(month) = month {
        return Some(Parts {
            year: year.to_owned(),
            month: Some(month),
            day: None,
        });
    }
    Some(Parts {
        year: digits.get(..2)?.to_owned(),
        month: Some(small(digits.get(2..4)?)?),
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
fn day_count(plain: &str, dates: Dates) -> Read {
    match of_day_count(plain, dates.from_1904) {
        Some(day) => Read::Day(day, Some(Told::DaySerial(day))),
        None => Read::Nothing,
    }
}

/// The day of a day count of 5 digits.
pub(super) fn of_day_count(plain: &str, from_1904: bool) -> Option<Date> {
    let whole = plain.split_once('.').map_or(plain, |(whole, _)| whole);
    let count: i64 = (whole.len() == 5).then(|| whole.parse().ok())??;
    date::from_excel_serial(count + if from_1904 { FROM_1904 } else { 0 })
}
