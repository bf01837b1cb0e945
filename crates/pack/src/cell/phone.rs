//! Telephone numbers as people write them: with marks between the digits, with the name of whose it is, with an extension, with
//! a second number behind. The first number is kept, in digits; what was left out beside it is said.

use kernel::text;

use super::{Cell, CellReading, Told, shortened};
use crate::Value;

/// Fewer digits beside words are a house number or the like.
const FEWEST: usize = 7;

/// What a cell of numbers holds.
#[derive(Debug, Default)]
struct Parts {
    /// Digits with dashes and single blanks between them.
    numbers: Vec<String>,
    remark: String,
    /// Whether the next digits are an extension.
    extension: bool,
}

/// The telephone number in a cell.
pub(super) fn phone(cell: Cell<'_>, told: &mut Vec<Told>) -> CellReading {
    let whole = cell.shown();
    let fault = || Told::NotAPhone(shortened(&whole));
    if whole.contains("E+") || whole.contains("e+") {
        return Err(Told::LostDigits(shortened(&whole)));
    }
    // What an exporter's float left behind the last digit.
    let written = match whole.trim_end().strip_suffix(".0") {
        Some(figures) if figures.ends_with(|c: char| c.is_ascii_digit()) => {
            told.push(Told::Zeros);
            figures
        }
        _ => &whole,
    };
    let parts = Parts::of(written);
    let enough = if parts.remark.is_empty() { 3 } else { FEWEST };
    let mut numbers = parts
        .numbers
        .iter()
        .flat_map(|run| apart(run))
        .filter(|number| digits(number) >= enough);
    let first = numbers.next().ok_or_else(fault)?;
    let number = national(&first);
    if digits(&number) > 16 {
        return Err(fault());
    }
    if numbers.any(|other| digits(&other) >= FEWEST && national(&other) != number) {
        told.push(Told::OtherPhone);
    }
    if !parts.remark.is_empty() {
        told.push(Told::PhoneRemark(shortened(&parts.remark)));
    } else if number != written {
        told.push(Told::Spelling);
    }
    Ok(Some(Value::Text(number)))
}

/// Whether the text is one number of a mobile telephone, and nothing else.
pub fn is_mobile(written: &str) -> bool {
    let parts = Parts::of(written);
    match parts.numbers.as_slice() {
        [run] if parts.remark.is_empty() => {
            let mut numbers = apart(run).into_iter();
            numbers
                .next()
                .is_some_and(|number| mobile(&national(&number)))
                && numbers.next().is_none()
        }
        _ => false,
    }
}

impl Parts {
    fn of(written: &str) -> Parts {
        let mut parts = Parts::default();
        let mut run = String::new();
        for c in written.chars().take(200).map(text::narrow) {
            match c {
                '0'..='9' => {
                    if parts.extension && !run.is_empty() && !run.ends_with('-') {
                        run.push('-');
                    }
                    parts.extension = false;
                    run.push(c);
                }
                '-' | '—' | '–' if !run.is_empty() => run.push('-'),
                '\'' | '(' | ')' | '.' | '+' | '-' | '—' | '–' | ':' => (),
                '转' | '#' if !run.is_empty() => parts.extension = true,
                '\n' | '\r' | '/' | '、' | ',' | ';' | '|' | '或' | '和' | '。' => {
                    parts.numbers.push(std::mem::take(&mut run));
                }
                c if text::is_blank(c) => {
                    if !run.is_empty() && !run.ends_with([' ', '-']) {
                        run.push(' ');
                    }
                }
                c => {
                    if digits(&run) >= FEWEST {
                        parts.numbers.push(std::mem::take(&mut run));
                    }
                    run.clear();
                    parts.remark.push(c);
                }
            }
        }
        parts.numbers.push(run);
        parts.numbers.retain(|run| digits(run) > 0);
        parts
    }
}

/// The numbers of a run of digits in which only blanks, dashes or nothing may stand between two.
fn apart(run: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut number = String::new();
    let groups: Vec<&str> = run.split(' ').filter(|group| !group.is_empty()).collect();
    for (at, group) in groups.iter().enumerate() {
        let rest: usize = groups[at..].iter().map(|group| digits(group)).sum();
        let ended = whole(&number) || (digits(&number) >= FEWEST && whole(group));
        if ended && rest >= FEWEST {
            numbers.push(std::mem::take(&mut number));
        }
        number.push_str(group);
    }
    numbers.push(number);
    let cut = |number: String| match number.split_once('-') {
        Some((first, second)) if whole(first) && digits(second) >= FEWEST => {
            vec![first.to_owned(), second.to_owned()]
        }
        None if number.len() == 22 && mobile(&number[..11]) && mobile(&number[11..]) => {
            vec![number[..11].to_owned(), number[11..].to_owned()]
        }
        _ => vec![number.trim_end_matches('-').to_owned()],
    };
    numbers.into_iter().flat_map(cut).collect()
}

/// Whether the digits are a whole number already: of a mobile telephone, or with an area code.
fn whole(number: &str) -> bool {
    mobile(&national(number)) || (number.starts_with('0') && digits(number) >= 10)
}

fn mobile(number: &str) -> bool {
    number.len() == 11
        && number.starts_with('1')
        && !number.starts_with("10")
        && number.bytes().all(|b| b.is_ascii_digit())
}

fn digits(number: &str) -> usize {
    number.bytes().filter(u8::is_ascii_digit).count()
}

/// The number without what only calls from abroad need; of a mobile telephone without marks, but for an extension.
fn national(number: &str) -> String {
    let bare = |number: &str| {
        let plain: String = number.chars().filter(char::is_ascii_digit).collect();
        let own = plain.strip_prefix("86").unwrap_or(&plain);
        mobile(own).then(|| own.to_owned())
    };
    if let Some(own) = bare(number) {
        return own;
    }
    match number.rsplit_once('-') {
        Some((base, extension)) if !extension.is_empty() => match bare(base) {
            Some(own) => format!("{own}-{extension}"),
            None => number.to_owned(),
        },
        _ => number.to_owned(),
    }
}
