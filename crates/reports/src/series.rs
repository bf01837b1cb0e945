//! Figures over time: the periods of a series, how much a figure grew since another, and by how much a year on average. Where either of
//! two figures isn't known, or not of the same units, or the first is nought, there is no growth to tell.

use jiff::civil::Date;
use kernel::Period;
use pack::{Each, Indicator, Measure};

use crate::indicator::{Exact, Figure};

/// How much a figure grew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// By so many per cent.
    PerCent(Exact),
    /// Of rates: by so many points, in the rate's own unit.
    Points(Exact),
}

/// Decimals of growth in per cent.
pub const GROWTH_DECIMALS: u8 = 1;

/// The last periods of a kind, in order: the last of them is the one in which a day lies, if it is over on that day, and otherwise it is
/// cut off there.
#[must_use]
pub fn last(each: Each, count: usize, day: Date) -> Vec<Period> {
    let mut period = match each {
        Each::Month => Period::month_of(day),
        Each::Quarter => Period::quarter_of(day),
        Each::Year => Period::year_of(day),
    };
    let mut periods = vec![period.gone_by(day)];
    while periods.len() < count.min(Each::MOST) {
        let Some(before) = period.previous() else {
            break;
        };
        period = before;
        periods.push(period);
    }
    periods.reverse();
    periods
}

/// How much a figure grew since another of the same indicator.
#[must_use]
pub fn growth(indicator: &Indicator, since: &Figure, now: &Figure) -> Option<Growth> {
    let (before, after) = (since.value?, now.value?);
    if !comparable(indicator, since, now) {
        return None;
    }
    let more = after.less(before)?;
    match indicator.measure {
        Measure::Rate { .. } => Some(Growth::Points(more)),
        _ => {
            let size = Exact {
                numerator: before.numerator.abs(),
                ..before
            };
            more.per(100, size).map(Growth::PerCent)
        }
    }
}

/// Whether two figures are of the same units, and what happened is counted to the end in both.
fn comparable(indicator: &Indicator, one: &Figure, other: &Figure) -> bool {
    let units = |figure: &Figure| {
        figure
            .without
            .iter()
            .map(|(unit, _)| *unit)
            .collect::<Vec<_>>()
    };
    let stands = matches!(indicator.rows(), Some((_, at)) if at != pack::At::Period);
    let to_the_end = |figure: &Figure| stands || figure.until.is_none();
    units(one) == units(other) && to_the_end(one) && to_the_end(other)
}

/// By how many per mille a figure grew a year on average, over so many years, rounded to the nearest: the rate that, year after year,
/// makes the one of the other. None for what isn't above nought, and for figures of different units.
#[must_use]
pub fn average_growth(
    indicator: &Indicator,
    first: &Figure,
    last: &Figure,
    years: u32,
) -> Option<i64> {
    let (before, after) = (first.value?, last.value?);
    if !comparable(indicator, first, last) || matches!(indicator.measure, Measure::Rate { .. }) {
        return None;
    }
    if years == 0 || before.numerator <= 0 || after.numerator <= 0 {
        return None;
    }
    // after / before = (r / 2000)^years, of which the greatest whole r that doesn't go beyond is wanted: half per milles.
    let above = after.numerator.checked_mul(before.denominator)?;
    let below = before.numerator.checked_mul(after.denominator)?;
    let fits = |halves: i128| -> Option<bool> {
        // halves^years * below <= above * 2000^years, kept within bounds by dividing by the greatest common divisor first.
        let divisor = gcd(halves, 2000);
        let (up, down) = (halves / divisor, 2000 / divisor);
        let left = up.checked_pow(years)?.checked_mul(below)?;
        let right = down.checked_pow(years)?.checked_mul(above)?;
        Some(left <= right)
    };
    let (mut low, mut high) = (0_i128, 2000_i128);
    while fits(high)? {
        low = high;
        high = high.checked_mul(2)?;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match fits(middle)? {
            true => low = middle,
            false => high = middle,
        }
    }
    i64::try_from((low + 1) / 2 - 1000).ok()
}

fn gcd(a: i128, b: i128) -> i128 {
    match b {
        0 => a.max(1),
        _ => gcd(b, a % b),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use jiff::civil::date;
    use kernel::UnitCode;
    use pack::{Place, Sql, Text};

    use super::*;
    use crate::known::Unknown;

    fn indicator(measure: Measure) -> Indicator {
        Indicator {
            id: "it".into(),
            name: Text::default(),
            group: None,
            unit: Text::default(),
            decimals: 0,
            scale: 1,
            measure,
            by: Vec::new(),
            targets: Vec::new(),
            needs: Vec::new(),
            needs_rows: false,
            note: None,
            place: Place::default(),
        }
    }

    fn counted() -> Indicator {
        let rows = Sql::new("");
        indicator(Measure::Count {
            rows,
            at: pack::At::End,
        })
    }

    fn figure(value: Option<i64>) -> Figure {
        let mut figure = Figure::unknown(&counted(), Vec::new());
        figure.value = value.map(Exact::whole);
        figure
    }

    fn per_cent(since: Option<i64>, now: Option<i64>) -> Option<String> {
        match growth(&counted(), &figure(since), &figure(now))? {
            Growth::PerCent(growth) => Some(growth.shown(GROWTH_DECIMALS)),
            Growth::Points(_) => None,
        }
    }

    #[test]
    fn there_is_no_growth_from_nought_or_from_no_data() {
        assert_eq!(per_cent(Some(200), Some(210)).unwrap(), "5.0");
        assert_eq!(per_cent(Some(210), Some(200)).unwrap(), "-4.8");
        assert_eq!(per_cent(Some(5), Some(0)).unwrap(), "-100.0");
        assert_eq!(per_cent(Some(0), Some(5)), None);
        assert_eq!(per_cent(None, Some(5)), None);
        assert_eq!(per_cent(Some(5), None), None);
    }

    #[test]
    fn figures_of_other_units_are_not_compared() {
        let one: UnitCode = "210203001001".parse().unwrap();
        let mut part = figure(Some(100));
        part.without.push((one, Unknown::NotYet));
        assert_eq!(growth(&counted(), &part, &figure(Some(120))), None);
        assert!(growth(&counted(), &part, &part).is_some());
        assert_eq!(
            average_growth(&counted(), &part, &figure(Some(120)), 2),
            None
        );
    }

    #[test]
    fn the_average_growth_of_years_makes_the_last_of_the_first() {
        let of = |first, last, years| {
            average_growth(&counted(), &figure(Some(first)), &figure(Some(last)), years)
        };
        assert_eq!(of(100, 121, 2), Some(100));
        assert_eq!(of(100, 100, 5), Some(0));
        assert_eq!(of(1000, 1, 3), Some(-900));
        // The town's output from 4.36 to 20 billion in five years: 35.6 % a year.
        assert_eq!(of(436, 2000, 5), Some(356));
        assert_eq!(of(0, 5, 2), None);
        assert_eq!(of(5, 0, 2), None);
        assert_eq!(of(1, i64::MAX, 1), None);
    }

    #[test]
    fn a_series_ends_with_the_day_and_goes_back_without_a_gap() {
        let months = last(Each::Month, 12, date(2026, 2, 10));
        assert_eq!(months.len(), 12);
        assert_eq!(months[11].to_string(), "2026-02-01..2026-02-10");
        assert_eq!(months[0].to_string(), "2025-03");
        for pair in months.windows(2) {
            assert_eq!(pair[0].end().tomorrow().unwrap(), pair[1].start());
        }
        let years = last(Each::Year, 3, date(2025, 12, 31));
        let years: Vec<String> = years.iter().map(ToString::to_string).collect();
        assert_eq!(years, ["2023", "2024", "2025"]);
    }
}
