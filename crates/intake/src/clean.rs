//! From what stands in a cell to a checked value: ID numbers, dates, code words, amounts and the rest, as people and
//! spreadsheets write them. Whatever was put right is said; whatever could mean two things is refused; a blank cell is no
//! value. No amount passes through floating-point arithmetic.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::{Fen, IdFault, IdNumber, UnitCode, date, text};
use pack::{FieldType, LONGEST_TEXT, Pack, Value, earliest_date, latest_date};

use crate::finding::Finding;
use crate::sheet::{Cell, number_text};

/// How many different words of a code column are remembered.
const REMEMBERED: usize = 4_096;
/// How many characters of a wrong cell a message repeats.
const SHOWN: usize = 40;

type Cleaned = Result<Option<Value>, Finding>;

/// Cleans the cells of one column.
pub(crate) struct Cleaner<'p> {
    kind: &'p FieldType,
    pack: &'p Pack,
    on: Date,
    seen: HashMap<String, Cleaned>,
}

impl<'p> Cleaner<'p> {
    pub(crate) fn new(kind: &'p FieldType, pack: &'p Pack, on: Date) -> Cleaner<'p> {
        Cleaner {
            kind,
            pack,
            on,
            seen: HashMap::new(),
        }
    }

    /// The value of a cell; repairs are added to `repairs`.
    pub(crate) fn clean(&mut self, cell: Cell<'_>, repairs: &mut Vec<Finding>) -> Cleaned {
        match cell {
            Cell::Empty => return Ok(None),
            Cell::Error => return Err(Finding::ErrorValue),
            Cell::Text(text) if text.chars().all(text::is_blank) => return Ok(None),
            Cell::Text(text) if self.is_placeholder(text) => {
                repairs.push(Finding::Placeholder);
                return Ok(None);
            }
            _ => (),
        }
        match self.kind {
            FieldType::Text => words(cell, repairs),
            FieldType::Int => integer(cell),
            FieldType::Fen => amount(cell),
            FieldType::Date => day(cell, repairs),
            FieldType::Bool => yes_or_no(cell),
            FieldType::Code(list) => self.code(list, cell),
            FieldType::IdNumber => id_number(cell, self.on, repairs),
            FieldType::Unit => unit(cell),
            FieldType::Phone => phone(cell, repairs),
            FieldType::Ref(_) => Err(Finding::WrongKind),
        }
    }

    /// Whether the text only says that nothing is to be said. Words and codes may legitimately be a dash or `无`.
    fn is_placeholder(&self, text: &str) -> bool {
        if matches!(
            self.kind,
            FieldType::Text | FieldType::Code(_) | FieldType::Bool
        ) {
            return false;
        }
        let text = text.trim();
        text.len() <= 12
            && (text
                .chars()
                .all(|c| matches!(c, '-' | '—' | '–' | '－' | '/' | '／' | '\\' | '*'))
                || matches!(text, "无" | "空" | "至今" | "暂无" | "不详" | "未知"))
    }

    fn code(&mut self, list: &str, cell: Cell<'_>) -> Cleaned {
        let shown;
        let written = match cell {
            Cell::Text(text) => text,
            other => {
                shown = other.shown();
                &shown
            }
        };
        if let Some(known) = self.seen.get(written) {
            return known.clone();
        }
        let found = self.look_up(list, written);
        if self.seen.len() < REMEMBERED {
            self.seen.insert(written.to_owned(), found.clone());
        }
        found
    }

    fn look_up(&self, list: &str, written: &str) -> Cleaned {
        let Some(list) = self.pack.code(list) else {
            return Err(Finding::WrongKind);
        };
        match list.find(written) {
            Some(member) => Ok(Some(Value::Text(member.value.clone()))),
            None => Err(Finding::NotInCode {
                written: shortened(written),
                words: list
                    .members
                    .iter()
                    .take(8)
                    .map(|m| m.name.zh.clone())
                    .collect(),
            }),
        }
    }
}

fn id_number(cell: Cell<'_>, on: Date, repairs: &mut Vec<Finding>) -> Cleaned {
    let read = match cell {
        Cell::Text(text) => IdNumber::read(text),
        // Numbers of up to 15 digits are exact; of longer ones the last digits are gone.
        Cell::Number(n) if n.abs() < 1e15 => IdNumber::read(&number_text(n)),
        Cell::Number(_) => Err(IdFault::Float),
        _ => return Err(Finding::WrongKind),
    };
    let (number, made) = read.map_err(Finding::NotAnId)?;
    if number.birth() > on {
        return Err(Finding::BornLater {
            birth: number.birth(),
            on,
        });
    }
    repairs.extend(made.into_iter().map(Finding::Id));
    Ok(Some(Value::Text(number.as_str().to_owned())))
}

fn words(cell: Cell<'_>, repairs: &mut Vec<Finding>) -> Cleaned {
    let Cell::Text(written) = cell else {
        return match cell {
            Cell::Number(_) | Cell::Date(_) => Ok(Some(Value::Text(cell.shown()))),
            _ => Err(Finding::WrongKind),
        };
    };
    let clean = tidy(written);
    if clean.len() > LONGEST_TEXT && clean.chars().count() > LONGEST_TEXT {
        return Err(Finding::TooLong);
    }
    if clean != written {
        repairs.push(Finding::Spelling);
    }
    Ok((!clean.is_empty()).then_some(Value::Text(clean)))
}

/// Text as it is kept: letters and digits in ordinary width, no invisible characters, single spaces between Latin words, and
/// none beside Chinese characters, where they only spread a name over its column.
fn tidy(written: &str) -> String {
    let plain =
        |c: char| !c.is_control() && !text::is_blank(c) && !matches!(c, '\u{FF01}'..='\u{FF5E}');
    if written.chars().all(plain) {
        return written.to_owned();
    }
    let mut clean = String::with_capacity(written.len());
    let mut gap = false;
    for c in written.chars() {
        if text::is_blank(c) {
            gap |= c.is_whitespace();
            continue;
        }
        let narrow = text::narrow(c);
        let c = if narrow.is_ascii_alphanumeric() {
            narrow
        } else {
            c
        };
        if gap
            && clean
                .chars()
                .next_back()
                .is_some_and(|last| last.is_ascii())
            && c.is_ascii()
        {
            clean.push(' ');
        }
        gap = false;
        clean.push(c);
    }
    clean
}

fn day(cell: Cell<'_>, repairs: &mut Vec<Finding>) -> Cleaned {
    let (found, repair) = match cell {
        Cell::Date(day) => (Some(day), None),
        Cell::Text(text) => written_day(text),
        Cell::Number(_) => written_day(&cell.shown()),
        _ => return Err(Finding::WrongKind),
    };
    match found {
        Some(day) if (earliest_date()..=latest_date()).contains(&day) => {
            repairs.extend(repair);
            Ok(Some(Value::Date(day)))
        }
        _ => Err(Finding::NotADate(shortened(&cell.shown()))),
    }
}

fn written_day(written: &str) -> (Option<Date>, Option<Finding>) {
    if let Some((day, other_spelling)) = date::read(written) {
        return (
            Some(day),
            other_spelling.then_some(Finding::DateSpelling(day)),
        );
    }
    let plain: String = written
        .chars()
        .filter(|c| !text::is_blank(*c))
        .map(text::narrow)
        .take(32)
        .collect();
    if let Some(day) = without_time(&plain) {
        return (Some(day), Some(Finding::DateSpelling(day)));
    }
    if let Some(day) = month(&plain) {
        return (Some(day), Some(Finding::MonthOnly(day)));
    }
    // A spreadsheet's day count of 5 digits: 1927-05-18 to 2173-10-13. A time of day may follow as a fraction.
    let whole = plain
        .split_once('.')
        .map_or(plain.as_str(), |(whole, _)| whole);
    let serial = (whole.len() == 5)
        .then(|| whole.parse::<i64>().ok())
        .flatten()
        .and_then(date::from_excel_serial);
    (serial, serial.map(Finding::DaySerial))
}

/// A date followed by a time of day, which no list means: `2025-01-02T00:00:00`, `2025/1/208:30`.
fn without_time(plain: &str) -> Option<Date> {
    let (day, _) = plain.split_once('T')?;
    date::read(day).map(|(day, _)| day)
}

/// `2025-07`, `2025.7`, `2025/07`, `2025年7月`, `202507`: the first of the month.
fn month(plain: &str) -> Option<Date> {
    let (year, month) = plain
        .split_once(['-', '.', '/', '年'])
        .or_else(|| (plain.len() == 6 && plain.is_ascii()).then(|| plain.split_at(4)))?;
    let month = month.strip_suffix('月').unwrap_or(month);
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || month.len() > 2 || !digits(year) || !digits(month) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

fn amount(cell: Cell<'_>) -> Cleaned {
    match cell {
        Cell::Text(text) => Fen::read(text)
            .map(|fen| Some(Value::Int(fen.0)))
            .map_err(Finding::NotAnAmount),
        Cell::Number(n) => fen_of_number(n)
            .map(|fen| Some(Value::Int(fen)))
            .ok_or_else(|| Finding::FractionOfFen(shortened(&number_text(n)))),
        _ => Err(Finding::WrongKind),
    }
}

/// Yuan as a spreadsheet keeps them, in fen. The number's shortest decimal form is read digit by digit; beyond the second
/// place it may only be off by what binary fractions cause, less than a millionth of a yuan.
fn fen_of_number(n: f64) -> Option<i64> {
    if !n.is_finite() || n.abs() >= 1e13 {
        return None;
    }
    let digits = format!("{}", n.abs());
    let (yuan, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let fraction = format!("{fraction:0<6}");
    let (fen, rest) = fraction.split_at(2);
    let mut total = yuan.parse::<i64>().ok()? * 100 + fen.parse::<i64>().ok()?;
    match rest.get(..4)? {
        "0000" => (),
        "9999" => total += 1,
        _ => return None,
    }
    Some(if n.is_sign_negative() { -total } else { total })
}

fn integer(cell: Cell<'_>) -> Cleaned {
    let plain: String = match cell {
        Cell::Text(text) => text
            .chars()
            .take(64)
            .filter(|c| !text::is_blank(*c))
            .map(text::narrow)
            .filter(|c| *c != ',')
            .collect(),
        Cell::Number(_) => cell.shown(),
        _ => return Err(Finding::WrongKind),
    };
    let whole = match plain.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => &plain,
    };
    whole
        .parse()
        .map(|n| Some(Value::Int(n)))
        .map_err(|_| Finding::NotAnInteger(shortened(&cell.shown())))
}

fn yes_or_no(cell: Cell<'_>) -> Cleaned {
    let written = match cell {
        Cell::Bool(yes) => return Ok(Some(Value::Bool(yes))),
        Cell::Text(text) => kernel::normal(text).to_ascii_lowercase(),
        Cell::Number(_) => cell.shown(),
        _ => return Err(Finding::WrongKind),
    };
    match written.as_str() {
        "是" | "有" | "对" | "√" | "✓" | "✔" | "1" | "y" | "yes" | "t" | "true" => {
            Ok(Some(Value::Bool(true)))
        }
        "否" | "无" | "没有" | "不是" | "×" | "✗" | "0" | "n" | "no" | "f" | "false" => {
            Ok(Some(Value::Bool(false)))
        }
        "-" | "—" | "/" => Ok(None),
        _ => Err(Finding::NotABool(shortened(&cell.shown()))),
    }
}

fn unit(cell: Cell<'_>) -> Cleaned {
    let plain = match cell {
        Cell::Text(text) => kernel::normal(text),
        Cell::Number(_) => cell.shown(),
        _ => return Err(Finding::WrongKind),
    };
    plain
        .trim_matches('\'')
        .parse::<UnitCode>()
        .map(|unit| Some(Value::Text(unit.to_string())))
        .map_err(|_| Finding::NotAUnit(shortened(&cell.shown())))
}

/// A telephone number: digits, with the dash before an extension or after an area code kept, and without whose it is.
fn phone(cell: Cell<'_>, repairs: &mut Vec<Finding>) -> Cleaned {
    let written = cell.shown();
    let mut plain = String::with_capacity(written.len());
    let narrow: String = written.chars().map(text::narrow).collect();
    for c in without_remark(narrow.trim()).chars() {
        match c {
            '0'..='9' | '-' => plain.push(c),
            '—' | '–' => plain.push('-'),
            '+' if plain.is_empty() => (),
            c if text::is_blank(c) || matches!(c, '\'' | '(' | ')' | '.') => (),
            _ => return Err(Finding::NotAPhone(shortened(&written))),
        }
    }
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    let national = digits.strip_prefix("86").unwrap_or(&digits);
    if national.len() == 11 && national.starts_with('1') {
        plain = national.to_owned();
    } else if !(3..=16).contains(&digits.len()) {
        return Err(Finding::NotAPhone(shortened(&written)));
    }
    if plain != written {
        repairs.push(Finding::Spelling);
    }
    Ok(Some(Value::Text(plain)))
}

/// The number before a remark in brackets: `13800138000(本人)`.
fn without_remark(number: &str) -> &str {
    match number.strip_suffix(')').and_then(|n| n.rsplit_once('(')) {
        Some((before, remark)) if !remark.contains(|c: char| c.is_ascii_digit()) => before,
        _ => number,
    }
}

fn shortened(written: &str) -> Box<str> {
    let written = written.trim();
    match written.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &written[..end]).into(),
        None => written.into(),
    }
}

#[cfg(test)]
mod tests;
