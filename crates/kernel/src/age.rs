//! Ages and full months between dates, as the law counts them. One rule carries all of it: a period of n months ends on the
//! corresponding day of the n-th month after, and on that month's last day where there is no such day (Civil Code,
//! article 202). Nothing here knows what day it is.
//!
//! A birthday therefore counts on the day itself, and who was born on 29 February becomes a year older on 28 February of a
//! common year. `full_years(birth, on) >= n` and `add_years(birth, n) <= on` always agree. (Criminal law counts from the
//! day after the birthday; benefits do not.)

use jiff::civil::Date;

/// The years completed on the day `on` since `birth`: the greatest n with `add_years(birth, n) <= on`.
///
/// Negative before the birth, so that someone not yet born is never taken for an infant.
pub fn full_years(birth: Date, on: Date) -> i32 {
    months_between(birth, on).div_euclid(12)
}

/// The months completed from `from` to `to`: the greatest n with `add_months(from, n) <= to`. Negative if `to` is earlier.
pub fn months_between(from: Date, to: Date) -> i32 {
    let months = month_number(to) - month_number(from);
    let corresponding = from.day().min(to.days_in_month());
    if to.day() < corresponding {
        months - 1
    } else {
        months
    }
}

/// The corresponding day `years` later (or earlier, if negative); 28 February for 29 February where there is none.
///
/// Stops at the first and last day of the calendar, years −9999 to 9999.
pub fn add_years(date: Date, years: i32) -> Date {
    add_months(date, years.saturating_mul(12))
}

/// The corresponding day `months` later (or earlier, if negative); the month's last day where there is none.
///
/// Stops at the first and last day of the calendar, years −9999 to 9999.
pub fn add_months(date: Date, months: i32) -> Date {
    let number = month_number(date).saturating_add(months);
    let year = number.div_euclid(12);
    let month = (number.rem_euclid(12) + 1) as i8;
    let first = i16::try_from(year)
        .ok()
        .and_then(|year| Date::new(year, month, 1).ok());
    match first {
        Some(first) => {
            let day = date.day().min(first.days_in_month());
            Date::new(first.year(), month, day).unwrap_or(first)
        }
        None if months < 0 => Date::MIN,
        None => Date::MAX,
    }
}

/// Months since the beginning of the year 0.
fn month_number(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}
