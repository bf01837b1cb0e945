//! The working days of 2025 against the announced holidays.

use std::collections::BTreeSet;

use jiff::civil::Date;
use kernel::{Period, WorkingDays};
use serde::Deserialize;

#[derive(Deserialize)]
struct Year {
    holidays: Vec<toml::value::Datetime>,
    made_up: Vec<toml::value::Datetime>,
    months: Vec<i64>,
    steps: Vec<(toml::value::Datetime, i64, toml::value::Datetime)>,
}

fn day(written: &toml::value::Datetime) -> Date {
    written.to_string().parse().unwrap()
}

fn year() -> (WorkingDays, Year) {
    let year: Year = toml::from_str(include_str!("../data/working-days-2025.toml")).unwrap();
    let set = |days: &[toml::value::Datetime]| days.iter().map(day).collect::<BTreeSet<Date>>();
    (
        WorkingDays::new(set(&year.holidays), set(&year.made_up)),
        year,
    )
}

#[test]
fn the_working_days_of_each_month_are_as_announced() {
    let (calendar, year) = year();
    for (month, expected) in Period::Year(2025).months().iter().zip(&year.months) {
        assert_eq!(
            calendar.between(month.before(), month.end()),
            *expected,
            "{month}"
        );
    }
    assert_eq!(
        calendar.between(Period::Year(2025).before(), Period::Year(2025).end()),
        year.months.iter().sum::<i64>()
    );
}

#[test]
fn steps_pass_over_holidays_and_stop_on_made_up_days() {
    let (calendar, year) = year();
    for (from, n, to) in &year.steps {
        assert_eq!(calendar.add(day(from), *n), day(to), "{from} + {n}");
        assert_eq!(calendar.between(day(from), day(to)), *n, "{from} to {to}");
    }
}

#[test]
fn only_declared_years_are_covered() {
    let (calendar, _) = year();
    assert!(calendar.covers(2025));
    assert!(!calendar.covers(2026));
    assert!(!WorkingDays::default().covers(2025));
}

#[test]
fn counting_stops_at_the_end_of_the_calendar() {
    assert_eq!(WorkingDays::default().add(Date::MAX, 1), Date::MAX);
    assert_eq!(WorkingDays::default().add(Date::MIN, -1), Date::MIN);
}
