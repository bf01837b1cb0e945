//! Words in cells: put into the form in which they are kept, and what stands in a column of words without being one: numbers that
//! lost digits, marks for "as above", remarks behind a number.

use kernel::{glyph, text};

use super::{Cell, CellReading, INEXACT, Told, shortened, without_zeros};
use crate::{LONGEST_LONG_TEXT, LONGEST_TEXT, Value};

/// From so many digits on, a number in scientific notation isn't a measure but an account or a number of somebody's.
const LONG_NUMBER: usize = 11;

/// Words of one line.
pub(super) fn text(cell: Cell<'_>, key: bool, told: &mut Vec<Told>) -> CellReading {
    let written = match cell {
        Cell::Text(written) => written,
        Cell::Number(n) if n.abs() >= INEXACT => {
            return Err(Told::LostDigits(shortened(&cell.shown())));
        }
        Cell::Number(_) => {
            if key {
                told.push(Told::KeyIsNumber);
            }
            return Ok(Some(Value::Text(cell.shown())));
        }
        Cell::Date(day) if key => return Err(Told::KeyIsDate(day)),
        Cell::Moment(at) if key => return Err(Told::KeyIsDate(at.date())),
        Cell::Date(_) | Cell::Moment(_) => return Ok(Some(Value::Text(cell.shown()))),
        _ => return Err(Told::WrongKind),
    };
    let clean = tidy(written);
    let mut changed = clean != written;
    // Few texts begin with a digit and have a dot in them.
    let figures = clean.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let point = figures && clean.contains('.');
    if (point || key) && lost_digits(&clean, key) {
        return Err(Told::LostDigits(shortened(written)));
    }
    let whole = point.then(|| without_zeros(&clean)).flatten();
    let clean = match whole.map(str::to_owned) {
        Some(whole) if whole.len() > 15 => return Err(Told::LostDigits(shortened(written))),
        Some(whole) => {
            told.push(Told::Zeros);
            changed = false;
            whole
        }
        None => clean,
    };
    if changed {
        told.push(Told::Spelling);
    }
    if clean.len() > LONGEST_TEXT && clean.chars().count() > LONGEST_TEXT {
        return Err(Told::TooLong(LONGEST_TEXT));
    }
    let clean = proper(clean, told);
    Ok((!clean.is_empty()).then_some(Value::Text(clean)))
}

/// Words of several lines, which are kept.
pub(super) fn long(cell: Cell<'_>, told: &mut Vec<Told>) -> CellReading {
    let shown;
    let written = match cell {
        Cell::Text(written) => written,
        Cell::Number(n) if n.abs() >= INEXACT => {
            return Err(Told::LostDigits(shortened(&cell.shown())));
        }
        Cell::Number(_) | Cell::Date(_) | Cell::Moment(_) => {
            shown = cell.shown();
            &shown
        }
        _ => return Err(Told::WrongKind),
    };
    let mut clean = String::with_capacity(written.len());
    for line in written.trim_matches(text::is_blank).lines() {
        if !clean.is_empty() {
            clean.push('\n');
        }
        let visible = |c: &char| *c == '\t' || c.is_whitespace() || !text::is_blank(*c);
        let line = line.trim_end_matches(text::is_blank);
        clean.extend(line.chars().filter(visible));
    }
    if clean != written {
        told.push(Told::Spelling);
    }
    if clean.len() > LONGEST_LONG_TEXT && clean.chars().count() > LONGEST_LONG_TEXT {
        return Err(Told::TooLong(LONGEST_LONG_TEXT));
    }
    let clean = proper(clean, told);
    Ok((!clean.is_empty()).then_some(Value::Text(clean)))
}

/// Text as it is kept: letters and digits in ordinary width, no invisible characters, single spaces between Latin words, and
/// none beside Chinese characters, where they only spread a name over its column.
pub(super) fn tidy(written: &str) -> String {
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

/// The text with the characters that old systems kept at places of their own, radicals and compatibility forms as the characters
/// they stand for. One of the sender's own that isn't known stays as it is, and is told.
pub(super) fn proper(clean: String, told: &mut Vec<Told>) -> String {
    if !clean.chars().any(glyph::may_stand_for_another) {
        return clean;
    }
    let mut unknown = None;
    let mut turned = false;
    let text = clean
        .chars()
        .map(|c| {
            let proper = glyph::proper(c);
            turned |= proper.is_some();
            unknown = unknown.or((glyph::is_private(c) && proper.is_none()).then_some(c));
            proper.unwrap_or(c)
        })
        .collect();
    if turned {
        told.push(Told::Encoded);
    }
    told.extend(unknown.map(Told::PrivateUse));
    text
}

/// Whether the text is a number in scientific notation. A key is never one; of other words only a number so long that it counts
/// nothing.
fn lost_digits(text: &str, key: bool) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let figures = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let scientific = figures(exponent) && mantissa.split('.').all(figures);
    // A key such as 1E5 may be the name of a building; one with a point or of many digits isn't.
    let many = exponent
        .parse()
        .is_ok_and(|digits: usize| digits + 1 >= LONG_NUMBER);
    scientific && (many || key && mantissa.contains('.'))
}

/// Whether the text only says that what stands above is meant.
pub(super) fn is_ditto(first: char, written: &str) -> bool {
    let marks = |c: char| matches!(c, '〃' | '″' | '"' | '”' | '“' | '＂' | '〞' | '\'' | '’');
    match first {
        c if marks(c) => {
            let mark = |c: char| marks(c) || text::is_blank(c) || c == '-';
            written.chars().all(mark)
        }
        '同' | '（' | '(' => {
            let plain = kernel::normal(written);
            matches!(
                plain.trim_matches(['(', ')']),
                "同上" | "同前" | "同左" | "同户" | "同户主"
            )
        }
        'd' | 'D' => matches!(
            written.trim().to_ascii_lowercase().as_str(),
            "ditto" | "do."
        ),
        _ => false,
    }
}

/// A number and the remark in brackets behind it: `2102…（已过期）`.
pub(super) fn remark(written: &str) -> Option<(&str, &str)> {
    let written = written.trim_matches(text::is_blank);
    let inner = written.strip_suffix([')', '）'])?;
    let at = inner.find(['(', '（'])?;
    let open = inner[at..].chars().next().map_or(1, char::len_utf8);
    Some((&written[..at], &inner[at + open..]))
}
