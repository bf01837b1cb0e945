//! Tables of brackets, as tax and allowance rules print them: from one bound to the next a rate or an amount. They promise to be
//! ascending and without a gap from 0 on, and a quick deduction is what the rates make of it.

use std::fmt;
use std::str::FromStr;

use kernel::{MOST_PLACES, Rounding};

/// A table of brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brackets {
    /// Whether a bound belongs to the bracket below it (`over`: 超过…的部分) or to its own (`from`: …以上).
    pub over: bool,
    /// What a bracket gives.
    pub gives: Gives,
    /// The lower bound and the rate (units of the ninth place) or amount (fen, or whatever whole number) of each, ascending from 0.
    pub rows: Vec<(i64, i64)>,
}

/// What a bracket gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gives {
    /// A rate.
    Rate,
    /// A whole number, such as an amount in fen.
    Amount,
}

impl Brackets {
    /// What the bracket gives in which a value lies; none below 0.
    #[must_use]
    pub fn at(&self, value: i64) -> Option<i64> {
        let inside = |(nth, (bound, _)): (usize, &(i64, i64))| match self.over && nth > 0 {
            true => value > *bound,
            false => value >= *bound,
        };
        let within = self.rows.iter().enumerate().take_while(|&row| inside(row));
        within.last().map(|(_, (_, gives))| *gives)
    }

    /// Each slice of an amount at the rate of its own bracket, rounded once to whole units; none below 0, or if the brackets give no
    /// rates, or if it is too great.
    #[must_use]
    pub fn progressive(&self, amount: i64, rule: Rounding, unit: i64) -> Option<i64> {
        if amount < 0 || self.gives != Gives::Rate {
            return None;
        }
        let mut sum: i128 = 0;
        for (nth, (bound, rate)) in self.rows.iter().enumerate() {
            let next = self.rows.get(nth + 1).map_or(i64::MAX, |(next, _)| *next);
            let slice = amount.min(next).saturating_sub(*bound).max(0);
            sum = sum.checked_add(i128::from(slice).checked_mul(i128::from(*rate))?)?;
        }
        let by = 10_i128.pow(u32::from(MOST_PLACES)) * i128::from(unit);
        i64::try_from(rule.divide(sum, by)? * i128::from(unit)).ok()
    }

    /// What is taken off `amount × rate of the highest bracket` to come to the same (速算扣除数), for each bracket, in units of the
    /// ninth place of a fen.
    #[must_use]
    pub fn quick_deductions(&self) -> Vec<i128> {
        let mut sum = 0_i128;
        let mut below = 0_i64;
        let mut all = Vec::with_capacity(self.rows.len());
        for (bound, rate) in &self.rows {
            sum += i128::from(*bound) * i128::from(rate - below);
            below = *rate;
            all.push(sum);
        }
        all
    }

    /// The rows as people read them: the bound, and a rate in per cent or an amount.
    pub fn shown(&self) -> impl Iterator<Item = (i64, String)> + '_ {
        self.rows.iter().map(|(bound, gives)| {
            let shown = match self.gives {
                Gives::Amount => gives.to_string(),
                Gives::Rate => kernel::percent(*gives),
            };
            (*bound, shown)
        })
    }
}

/// The form in which they are handed to SQL functions: `over rate 0:30000000 36000:100000000`.
impl fmt::Display for Brackets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.over { "over" } else { "from" })?;
        f.write_str(match self.gives {
            Gives::Rate => " rate",
            Gives::Amount => " amount",
        })?;
        for (bound, gives) in &self.rows {
            write!(f, " {bound}:{gives}")?;
        }
        Ok(())
    }
}

/// Reads what `Display` writes.
impl FromStr for Brackets {
    type Err = ();

    fn from_str(text: &str) -> Result<Brackets, ()> {
        let mut words = text.split(' ');
        let over = match words.next() {
            Some("over") => true,
            Some("from") => false,
            _ => return Err(()),
        };
        let gives = match words.next() {
            Some("rate") => Gives::Rate,
            Some("amount") => Gives::Amount,
            _ => return Err(()),
        };
        let row = |word: &str| {
            let (bound, gives) = word.split_once(':')?;
            Some((bound.parse().ok()?, gives.parse().ok()?))
        };
        let rows: Option<Vec<(i64, i64)>> = words.map(row).collect();
        let rows = rows.filter(|rows| !rows.is_empty()).ok_or(())?;
        Ok(Brackets { over, gives, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERCENT: i64 = 10_000_000;

    fn tax() -> Brackets {
        Brackets {
            over: true,
            gives: Gives::Rate,
            rows: vec![
                (0, 3 * PERCENT),
                (3_600_000, 10 * PERCENT),
                (14_400_000, 20 * PERCENT),
            ],
        }
    }

    #[test]
    fn a_bound_belongs_where_it_is_said() {
        let mut brackets = tax();
        assert_eq!(brackets.at(3_600_000), Some(3 * PERCENT));
        assert_eq!(brackets.at(3_600_001), Some(10 * PERCENT));
        assert_eq!(brackets.at(0), Some(3 * PERCENT));
        assert_eq!(brackets.at(-1), None);
        brackets.over = false;
        assert_eq!(brackets.at(3_600_000), Some(10 * PERCENT));
        assert_eq!(brackets.at(3_599_999), Some(3 * PERCENT));
    }

    #[test]
    fn slices_and_quick_deductions_come_to_the_same() {
        let brackets = tax();
        for amount in [0, 1, 3_600_000, 3_600_001, 14_400_000, 20_000_000] {
            let at = brackets.rows.iter().rposition(|(bound, _)| amount > *bound);
            let at = at.unwrap_or(0);
            let quick = i128::from(amount) * i128::from(brackets.rows[at].1)
                - brackets.quick_deductions()[at];
            let expected = Rounding::HalfUp.divide(quick, 1_000_000_000);
            let found = brackets.progressive(amount, Rounding::HalfUp, 1);
            assert_eq!(found.map(i128::from), expected, "{amount}");
        }
        // 200,000 yuan: 36,000 × 3 % + 108,000 × 10 % + 56,000 × 20 % = 1,080 + 10,800 + 11,200.
        assert_eq!(
            brackets.progressive(20_000_000, Rounding::HalfUp, 1),
            Some(2_308_000)
        );
    }

    #[test]
    fn what_is_written_is_read() {
        let brackets = tax();
        assert_eq!(brackets.to_string().parse(), Ok(brackets));
        for wrong in ["", "over", "over rate", "over rate x", "over rate 0:x"] {
            assert_eq!(wrong.parse::<Brackets>(), Err(()), "{wrong}");
        }
    }
}
