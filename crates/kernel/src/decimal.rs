//! Exact decimal numbers: a whole number of units of the last place, and how many places there are. Read digit by digit and kept
//! so; what is finer than the places that were declared is refused, never rounded. No floating point touches one.

use std::fmt;

use crate::Lang;
use crate::plain::fault_in_english;
use crate::text::{is_blank, narrow};

/// The most places behind the point.
pub const MOST_PLACES: u8 = 9;
/// The most digits, those behind the point included: what a column of the tables holds.
const MOST_DIGITS: usize = 18;

/// A decimal number. `Decimal { units: 8_650, places: 2 }` is 86.50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    /// The number in units of the last place.
    pub units: i64,
    /// How many places are behind the point, at most [`MOST_PLACES`].
    pub places: u8,
}

/// Why a text is no decimal number of so many places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecimalFault {
    /// No number.
    Form,
    /// More places behind the point than are kept.
    TooFine {
        /// How many are kept.
        places: u8,
    },
    /// More digits than can be kept.
    TooGreat,
}

impl DecimalFault {
    /// Says what is wrong.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (DecimalFault::Form, Lang::Zh) => "不是数".to_owned(),
            (DecimalFault::Form, Lang::En) => "isn't a number".to_owned(),
            (DecimalFault::TooFine { places: 0 }, Lang::Zh) => "应为整数".to_owned(),
            (DecimalFault::TooFine { places: 0 }, Lang::En) => "should be whole".to_owned(),
            (DecimalFault::TooFine { places }, Lang::Zh) => format!("小数最多 {places} 位"),
            (DecimalFault::TooFine { places }, Lang::En) => {
                format!("has more than {places} decimal places")
            }
            (DecimalFault::TooGreat, Lang::Zh) => "数太大".to_owned(),
            (DecimalFault::TooGreat, Lang::En) => "is too great".to_owned(),
        }
    }
}
fault_in_english!(DecimalFault);

impl Decimal {
    /// Reads a number as people write it: `86.5`, `1,234.50`, full-width digits, blanks, a sign. A dot is the point; commas stand
    /// where thousands end.
    pub fn read(text: &str, places: u8) -> Result<Decimal, DecimalFault> {
        let clean: String = text
            .chars()
            .take(64)
            .filter(|ch| !is_blank(*ch))
            .map(narrow)
            .collect();
        let (negative, bare) = match clean.strip_prefix(['-', '−']) {
            Some(bare) => (true, bare),
            None => (false, clean.strip_prefix('+').unwrap_or(&clean)),
        };
        let (whole, fraction) = bare.split_once('.').unwrap_or((bare, ""));
        let whole = without_commas(whole).ok_or(DecimalFault::Form)?;
        if !fraction.bytes().all(|b| b.is_ascii_digit()) || bare.ends_with('.') {
            return Err(DecimalFault::Form);
        }
        let fraction = fraction.trim_end_matches('0');
        let width = usize::from(places.min(MOST_PLACES));
        if fraction.len() > width {
            return Err(DecimalFault::TooFine { places });
        }
        let digits = format!("{whole}{fraction:0<width$}");
        let digits = digits.trim_start_matches('0');
        if digits.len() > MOST_DIGITS {
            return Err(DecimalFault::TooGreat);
        }
        let units = match digits {
            "" => 0,
            digits => digits.parse().map_err(|_| DecimalFault::TooGreat)?,
        };
        Ok(Decimal {
            units: if negative { -units } else { units },
            places,
        })
    }

    /// Reads exactly what [`Decimal`] writes: a sign only if negative, no zero too many before the point, every place behind it.
    pub fn parse(text: &str, places: u8) -> Option<Decimal> {
        let read = Decimal::read(text, places).ok()?;
        (read.to_string() == text).then_some(read)
    }

    /// Whether it has so many places and no more digits than can be kept.
    pub fn fits(self, places: u8) -> bool {
        self.places == places && self.units.unsigned_abs() < 10_u64.pow(18)
    }
}

/// The digits before the point; commas are allowed where thousands end.
fn without_commas(whole: &str) -> Option<String> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().filter(|first| digits(first))?;
    let mut joined = first.to_owned();
    for group in groups {
        if first.len() > 3 || group.len() != 3 || !digits(group) {
            return None;
        }
        joined.push_str(group);
    }
    Some(joined)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let places = usize::from(self.places);
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        match places {
            0 => write!(f, "{sign}{whole}"),
            _ => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_as_they_are_written() {
        for (written, places, shown) in [
            ("86.5", 2, "86.50"),
            ("1,234.50", 2, "1234.50"),
            ("０．０５", 2, "0.05"),
            ("-0.1", 1, "-0.1"),
            ("7", 0, "7"),
            ("7.00", 0, "7"),
            ("0.1000", 1, "0.1"),
            ("999999999999999.999", 3, "999999999999999.999"),
        ] {
            let read = Decimal::read(written, places).map(|read| read.to_string());
            assert_eq!(read, Ok(shown.to_owned()));
            assert!(Decimal::parse(shown, places).is_some());
        }
    }

    #[test]
    fn nothing_is_rounded_or_guessed() {
        use DecimalFault::{Form, TooFine, TooGreat};
        for (written, places, fault) in [
            ("86.555", 2, TooFine { places: 2 }),
            ("1,23", 2, Form),
            ("1.", 2, Form),
            ("", 2, Form),
            ("约3", 2, Form),
            ("1e3", 2, Form),
            ("12345678901234567.00", 2, TooGreat),
        ] {
            assert_eq!(Decimal::read(written, places), Err(fault), "{written}");
        }
        for wrong in ["86.5", "086.50", "+86.50", "86.500", "1,234.50"] {
            assert_eq!(Decimal::parse(wrong, 2), None, "{wrong}");
        }
    }
}
