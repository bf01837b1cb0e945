//! Amounts, whole numbers and decimal numbers: read digit by digit, from text or from the shortest decimal form of a spreadsheet's
//! number. What is finer than what is kept is refused; nothing is rounded but what binary fractions cause.

use kernel::{Decimal, DecimalFault, Fen, FenFault, text};

use super::{Cell, CellReading, Told, number_text, shortened};
use crate::{Text, Value};

/// From here on a spreadsheet's number has no exact hundredths.
const MOST: f64 = 1e13;

/// An amount of money; its unit is so many decimal places more than a yuan.
pub(super) fn fen(cell: Cell<'_>, places: u32) -> CellReading {
    match cell {
        Cell::Text(text) => fen_of_text(text, places)
            .map(|fen| Some(Value::Int(fen.0)))
            .map_err(Told::NotAnAmount),
        Cell::Number(n) => units_of_number(n, places + 2)
            .map(|fen| Some(Value::Int(fen)))
            .ok_or_else(|| {
                let written = number_text(n);
                Told::NotAnAmount(match n.abs() < MOST {
                    true => FenFault::TooFine(written),
                    false => FenFault::TooGreat(written),
                })
            }),
        _ => Err(Told::WrongKind),
    }
}

/// An amount in a unit so many decimal places more than a yuan: the point is moved in the text. Words beside the figures may name
/// another unit, and are refused.
pub(super) fn fen_of_text(text: &str, places: u32) -> Result<Fen, FenFault> {
    if places == 0 {
        return Fen::read(text);
    }
    let plain: String = (text.chars().take(64))
        .filter(|c| !text::is_blank(*c))
        .map(text::narrow)
        .collect();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let figures = |c: char| c.is_ascii_digit() || matches!(c, ',' | '-');
    if !whole.chars().all(figures) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(FenFault::Form(shortened(text).into()));
    }
    Fen::read(whole)?;
    let places = usize::try_from(places).unwrap_or(0);
    let fraction = format!("{fraction:0<places$}");
    let (yuan, rest) = fraction.split_at(places);
    Fen::read(&format!("{}{yuan}.{rest}", whole.replace(',', "")))
}

/// A spreadsheet's number in units of a decimal place. Its shortest decimal form is read digit by digit; beyond the last place
/// that counts it may only be off by what binary fractions cause, less than a ten-thousandth of a unit.
pub(super) fn units_of_number(n: f64, places: u32) -> Option<i64> {
    if !n.is_finite() || n.abs() >= MOST {
        return None;
    }
    let digits = format!("{}", n.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let places = usize::try_from(places).ok()?;
    let fraction = format!("{fraction:0<width$}", width = places + 4);
    let (kept, rest) = fraction.split_at(places);
    let mut total = format!("{whole}{kept}").parse::<i64>().ok()?;
    match rest.get(..4)? {
        "0000" => (),
        "9999" => total += 1,
        _ => return None,
    }
    Some(if n.is_sign_negative() { -total } else { total })
}

/// A decimal number of so many places; its unit may stand behind it.
pub(super) fn decimal(
    cell: Cell<'_>,
    places: u8,
    unit: &Text,
    told: &mut Vec<Told>,
) -> CellReading {
    let fault = |fault| Told::NotADecimal {
        written: shortened(&cell.shown()),
        fault,
    };
    let read = match cell {
        Cell::Text(written) => {
            let plain = kernel::normal(written);
            let bare = [&unit.zh, &unit.en]
                .into_iter()
                .filter(|unit| !unit.is_empty())
                .find_map(|unit| plain.strip_suffix(&*kernel::normal(unit)));
            let read = Decimal::read(bare.unwrap_or(&plain), places).map_err(fault)?;
            if bare.is_some() || plain != written {
                told.push(Told::Spelling);
            }
            read
        }
        Cell::Number(n) => Decimal {
            units: units_of_number(n, u32::from(places))
                .ok_or_else(|| fault(DecimalFault::TooFine { places }))?,
            places,
        },
        _ => return Err(Told::WrongKind),
    };
    match read.fits(places) {
        true => Ok(Some(Value::Decimal(read))),
        false => Err(fault(DecimalFault::TooGreat)),
    }
}

/// A whole number.
pub(super) fn integer(cell: Cell<'_>) -> CellReading {
    let plain: String = match cell {
        Cell::Text(text) => text
            .chars()
            .take(64)
            .filter(|c| !text::is_blank(*c))
            .map(text::narrow)
            .filter(|c| *c != ',')
            .collect(),
        Cell::Number(_) => cell.shown(),
        _ => return Err(Told::WrongKind),
    };
    let whole = match plain.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => &plain,
    };
    whole
        .parse()
        .map(|n| Some(Value::Int(n)))
        .map_err(|_| Told::NotAnInteger(shortened(&cell.shown())))
}
