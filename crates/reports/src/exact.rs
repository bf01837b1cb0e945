//! Values of figures: fractions of whole numbers, which are rounded once, when they are shown. Only the interval of a sample's share, in
//! which there is a root, is worked out with floating point.

/// An exact value: a fraction of whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    /// Above the line.
    pub numerator: i128,
    /// Below the line; never negative, and zero when there is nothing to divide by.
    pub denominator: i128,
}

impl Exact {
    /// A whole number.
    #[must_use]
    pub fn whole(number: i64) -> Self {
        Self {
            numerator: i128::from(number),
            denominator: 1,
        }
    }

    /// Whether it is nought.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.numerator == 0 && self.denominator != 0
    }

    /// This less another; nothing where either has nothing to divide by, or the numbers grow past all bounds.
    #[must_use]
    pub fn less(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        let denominator = self.denominator.checked_mul(other.denominator)?;
        (denominator != 0).then(|| Self {
            numerator: left - right,
            denominator,
        })
    }

    /// So many times this, per another; nothing as [`Exact::less`], and where the other is nought.
    #[must_use]
    pub fn per(self, times: i64, other: Self) -> Option<Self> {
        let numerator = self.numerator.checked_mul(other.denominator)?;
        let numerator = numerator.checked_mul(i128::from(times))?;
        let denominator = self.denominator.checked_mul(other.numerator)?;
        let sign = denominator.signum();
        (sign != 0).then(|| Self {
            numerator: numerator * sign,
            denominator: denominator * sign,
        })
    }

    /// The value with so many decimals, halves away from zero; a dash when there is nothing to divide by.
    #[must_use]
    pub fn shown(self, decimals: u8) -> String {
        if self.denominator == 0 {
            return "—".into();
        }
        let power = 10_i128.pow(u32::from(decimals));
        let scaled = (self.numerator.abs() * power * 2 + self.denominator) / (self.denominator * 2);
        let sign = if self.numerator < 0 && scaled != 0 {
            "-"
        } else {
            ""
        };
        if decimals == 0 {
            return format!("{sign}{scaled}");
        }
        format!(
            "{sign}{}.{:0width$}",
            scaled / power,
            scaled % power,
            width = usize::from(decimals)
        )
    }

    /// Both together.
    #[must_use]
    pub(crate) fn plus(self, other: Self) -> Self {
        if self.denominator == other.denominator {
            return Self {
                numerator: self.numerator + other.numerator,
                denominator: self.denominator,
            };
        }
        Self {
            numerator: self.numerator * other.denominator + other.numerator * self.denominator,
            denominator: self.denominator * other.denominator,
        }
    }

    /// Between what the share lies of which this is that of a sample, so many per one, with 95 % certainty: the score interval of Wilson
    /// (1927), as if each of the sample had been drawn by itself. None of a sample of nobody.
    #[must_use]
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::float_arithmetic,
        reason = "a root has no exact value; counts of samples are far below 2⁵³, and bounds are shown with few decimals"
    )]
    pub(crate) fn interval(self, per: i64) -> Option<[Self; 2]> {
        const Z: f64 = 1.959_964;
        const FINE: i128 = 1_000_000;
        if self.denominator <= 0 {
            return None;
        }
        let (all, per) = (self.denominator as f64, per as f64);
        let share = self.numerator as f64 / per / all;
        let spread = Z * (share * (1.0 - share) / all + Z * Z / (4.0 * all * all)).sqrt();
        let (middle, whole) = (share + Z * Z / (2.0 * all), 1.0 + Z * Z / all);
        let bound = |at: f64| Self {
            numerator: (at / whole * per * FINE as f64).round() as i128,
            denominator: FINE,
        };
        Some([bound(middle - spread), bound(middle + spread)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(numerator: i128, denominator: i128) -> Exact {
        Exact {
            numerator,
            denominator,
        }
    }

    #[test]
    fn the_share_of_a_sample_lies_between_the_bounds_of_the_score_interval() {
        let of = |known: i128, asked| {
            let bounds = exact(known * 100, asked).interval(100)?;
            Some(bounds.map(|bound| bound.shown(2)))
        };
        // Worked out apart, from the formula.
        let told = |low: &str, high: &str| Some([low.to_owned(), high.to_owned()]);
        assert_eq!(of(3_898, 4_000), told("96.91", "97.89"));
        assert_eq!(of(10, 10), told("72.25", "100.00"));
        assert_eq!(of(0, 0), None);
    }

    #[test]
    fn rounds_once_and_halves_away_from_zero() {
        assert_eq!(exact(185_000 * 2, 90_909).shown(2), "4.07");
        assert_eq!(exact(39_000 * 2, 90_909).shown(2), "0.86");
        assert_eq!(exact(1, 8).shown(2), "0.13");
        assert_eq!(exact(-1, 8).shown(2), "-0.13");
        assert_eq!(exact(-1, 1000).shown(1), "0.0");
        assert_eq!(exact(45_651, 1).shown(0), "45651");
        assert_eq!(exact(3_180_000, 1_000_000).shown(2), "3.18");
        assert_eq!(exact(3, 0).shown(2), "—");
    }
}
