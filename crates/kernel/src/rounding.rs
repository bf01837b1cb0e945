//! How an exact result becomes a whole amount. A rule is always stated, never assumed: regulations say 四舍五入, 舍去, 见分进角 or
//! 见角进元, and each gives another amount. Nothing here knows money; it divides whole numbers.

use std::str::FromStr;

/// What becomes of the part that is less than a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// 四舍五入: to the nearest; a half goes away from zero.
    HalfUp,
    /// To the nearest; a half goes to the even one (GB/T 8170 names both).
    HalfEven,
    /// 舍去: toward zero.
    Down,
    /// 进一 (见分进角, 见角进元): away from zero, however little is left.
    Up,
}

impl Rounding {
    /// Every rule by its word.
    pub const ALL: [(&'static str, Rounding); 4] = [
        ("half_up", Rounding::HalfUp),
        ("half_even", Rounding::HalfEven),
        ("down", Rounding::Down),
        ("up", Rounding::Up),
    ];

    /// `number / by` as a whole number; none when `by` isn't positive.
    #[must_use]
    pub fn divide(self, number: i128, by: i128) -> Option<i128> {
        if by <= 0 {
            return None;
        }
        let (whole, left) = (number / by, (number % by).unsigned_abs());
        let half = (left * 2).cmp(&by.unsigned_abs());
        let further = match self {
            Rounding::Down => false,
            Rounding::Up => left > 0,
            Rounding::HalfUp => half.is_ge(),
            Rounding::HalfEven => half.is_gt() || (half.is_eq() && whole % 2 != 0),
        };
        Some(whole + if further { number.signum() } else { 0 })
    }
}

impl FromStr for Rounding {
    type Err = ();

    fn from_str(word: &str) -> Result<Rounding, ()> {
        let found = Rounding::ALL.into_iter().find(|(known, _)| *known == word);
        found.map(|(_, rule)| rule).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_does_what_its_word_says() {
        use Rounding::{Down, HalfEven, HalfUp, Up};
        for (number, by, half_up, half_even, down, up) in [
            (25, 10, 3, 2, 2, 3),
            (35, 10, 4, 4, 3, 4),
            (21, 10, 2, 2, 2, 3),
            (29, 10, 3, 3, 2, 3),
            (20, 10, 2, 2, 2, 2),
            (-25, 10, -3, -2, -2, -3),
            (-21, 10, -2, -2, -2, -3),
            (5, 10, 1, 0, 0, 1),
            (0, 10, 0, 0, 0, 0),
        ] {
            let found = [HalfUp, HalfEven, Down, Up].map(|rule| rule.divide(number, by));
            let expected = [half_up, half_even, down, up].map(Some);
            assert_eq!(found, expected, "{number} / {by}");
        }
        assert_eq!(HalfUp.divide(1, 0), None);
    }
}
