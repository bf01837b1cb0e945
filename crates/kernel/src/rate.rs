//! Rates as regulations write them: `3.5%`, `4.5‰`, `0.035`. A rate is a decimal number, kept exactly; one that is written without a
//! sign and is more than 1 is refused, because `3.5` may mean either. No floating point touches one.

use std::fmt;
use std::str::FromStr;

use crate::plain::fault_in_english;
use crate::text::narrow;
use crate::{Decimal, Lang, MOST_PLACES};

/// A share of something, not negative. `3.5%` is 0.035.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(Decimal);

/// Why a text is no rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RateFault {
    /// Not a number with `%`, `‰` or nothing behind it.
    Form,
    /// More places than are kept.
    TooFine,
    /// Over 1, without a sign.
    Bare,
}

impl RateFault {
    /// Says what is wrong and how a rate is written.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (RateFault::Form, Lang::Zh) => "比率应写作 \"3.5%\"、\"4.5‰\" 或 \"0.035\"".to_owned(),
            (RateFault::Form, Lang::En) => "a rate is written “3.5%”, “4.5‰” or “0.035”".to_owned(),
            (RateFault::TooFine, Lang::Zh) => format!("比率最多 {MOST_PLACES} 位小数"),
            (RateFault::TooFine, Lang::En) => {
                format!("a rate has at most {MOST_PLACES} decimal places")
            }
            (RateFault::Bare, Lang::Zh) => "大于 1 的比率须写明 % 或 ‰".to_owned(),
            (RateFault::Bare, Lang::En) => "a rate over 1 needs its % or ‰".to_owned(),
        }
    }
}
fault_in_english!(RateFault);

impl Rate {
    /// The rate as a decimal number of [`MOST_PLACES`] places.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl FromStr for Rate {
    type Err = RateFault;

    fn from_str(text: &str) -> Result<Rate, RateFault> {
        let narrow: String = text.trim().chars().take(40).map(narrow).collect();
        let signs = [('%', 2), ('‰', 3)];
        let mut signed = signs
            .iter()
            .filter_map(|(sign, shift)| Some((narrow.strip_suffix(*sign)?, *shift)));
        let (number, shift) = signed.next().unwrap_or((&narrow, 0));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 8 || !digits(whole) || !digits(fraction) {
            return Err(RateFault::Form);
        }
        let fraction = fraction.trim_end_matches('0');
        let most = usize::from(MOST_PLACES) - shift;
        if fraction.len() > most {
            return Err(RateFault::TooFine);
        }
        let units = format!("{whole}{fraction:0<most$}").parse();
        let rate = Decimal {
            units: units.map_err(|_| RateFault::Form)?,
            places: MOST_PLACES,
        };
        if shift == 0 && rate.units > 10_i64.pow(u32::from(MOST_PLACES)) {
            return Err(RateFault::Bare);
        }
        Ok(Rate(rate))
    }
}

/// In per cent, without zeros at the end.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&percent(self.0.units))
    }
}

/// A rate in units of its ninth place in per cent, without zeros at the end.
#[must_use]
pub fn percent(units: i64) -> String {
    let percent = Decimal {
        units,
        places: MOST_PLACES - 2,
    };
    let shown = percent.to_string();
    format!("{}%", shown.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_rate_is_exact_however_it_is_written() {
        for (written, units, shown) in [
            ("3.5%", 35_000_000, "3.5%"),
            ("0.035", 35_000_000, "3.5%"),
            ("35‰", 35_000_000, "3.5%"),
            ("４.５‰", 4_500_000, "0.45%"),
            ("100%", 1_000_000_000, "100%"),
            ("1", 1_000_000_000, "100%"),
            ("150%", 1_500_000_000, "150%"),
            ("0%", 0, "0%"),
            ("0.0000001%", 1, "0.0000001%"),
        ] {
            let rate: Rate = written.parse().expect(written);
            assert_eq!((rate.0.units, rate.to_string().as_str()), (units, shown));
        }
    }

    #[test]
    fn what_may_mean_two_things_is_refused() {
        for (written, fault) in [
            ("3.5", RateFault::Bare),
            ("-3%", RateFault::Form),
            ("", RateFault::Form),
            ("%", RateFault::Form),
            ("3,5%", RateFault::Form),
            ("3%%x", RateFault::Form),
            ("5%%", RateFault::Form),
            ("5‰%", RateFault::Form),
            ("5%‰", RateFault::Form),
            ("0.00000001%", RateFault::TooFine),
        ] {
            assert_eq!(written.parse::<Rate>(), Err(fault), "{written}");
        }
    }
}
