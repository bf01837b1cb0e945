//! Moments as they are written: a day and a time of day, of Beijing unless another zone is named. A day alone is no moment.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use kernel::{date, text};

use super::{Cell, CellReading, Dates, Told, day, number_text, shortened};
use crate::{Value, earliest_date, latest_date};

/// Longer text is no moment.
const LONGEST: usize = 60;
/// Seconds of a day.
const DAY: u128 = 86_400;

/// The zone of everybody's clocks.
const BEIJING: Offset = Offset::constant(8);

/// The moment in a cell, to the second.
pub(super) fn moment(cell: Cell<'_>, dates: Dates, told: &mut Vec<Told>) -> CellReading {
    let fault = || Told::NotAMoment(shortened(&cell.shown()));
    let (at, repaired) = match cell {
        Cell::Moment(at) => (beijing(at).ok_or_else(fault)?, false),
        Cell::Text(text) => match exact(text) {
            Some(at) => (at, false),
            None => (written(text).ok_or_else(fault)?, true),
        },
        Cell::Number(n) => (counted(n, dates).ok_or_else(fault)?, true),
        Cell::Date(_) => return Err(Told::TimeUnknown(shortened(&cell.shown()))),
        _ => return Err(Told::WrongKind),
    };
    let kept = earliest_date()..=latest_date();
    if !kept.contains(&BEIJING.to_datetime(at).date()) {
        return Err(fault());
    }
    if repaired {
        told.push(Told::MomentSpelling(at));
    }
    Ok(Some(Value::Moment(at)))
}

/// A moment as it is kept or as clocks in China show it.
fn exact(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    match bytes.len() {
        20 if bytes[19] == b'Z' => text.parse().ok(),
        19 if bytes[10] == b' ' => beijing(text.parse().ok()?),
        _ => None,
    }
}

fn written(text: &str) -> Option<Timestamp> {
    if text.len() > LONGEST {
        return None;
    }
    let plain: String = text
        .trim_matches(text::is_blank)
        .chars()
        .map(text::narrow)
        .collect();
    if let Ok(at) = plain.parse::<Timestamp>() {
        return Timestamp::from_second(at.as_second()).ok();
    }
    let at = plain.find('T').or_else(|| plain.rfind(' ')).or_else(|| {
        // `2025年7月1日8时30分`
        plain.find('日').map(|at| at + '日'.len_utf8() - 1)
    })?;
    let (day, time) = plain.split_at_checked(at + 1)?;
    let (day, _) = date::read(day.trim_end_matches(['T', ' ']))?;
    beijing(day.to_datetime(time_of_day(time.trim())?))
}

/// `8:30`, `08:30:15`, `8时30分`, `8点30`.
fn time_of_day(text: &str) -> Option<Time> {
    let text = text.trim_end_matches(['分', '秒']);
    let mut parts = text.split([':', '时', '点', '分']);
    let mut part = |needed: bool| match parts.next() {
        Some("") | None => (!needed).then_some(0),
        Some(part) => (part.len() <= 2).then(|| part.parse::<i8>().ok()).flatten(),
    };
    let (hour, minute, second) = (part(true)?, part(false)?, part(false)?);
    let marked = text.contains([':', '时', '点']);
    (marked && parts.next().is_none())
        .then(|| Time::new(hour, minute, second, 0).ok())
        .flatten()
}

/// A spreadsheet's day count with a time of day as its fraction, to the nearest second; worked out from its digits.
fn counted(n: f64, dates: Dates) -> Option<Timestamp> {
    let shown = number_text(n);
    let (day, fraction) = shown.split_once('.')?;
    let day: Date = day::of_day_count(day, dates.are_from_1904())?;
    let fraction = fraction.get(..fraction.len().min(15))?;
    let (part, whole) = (
        fraction.parse::<u64>().ok()?,
        10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?,
    );
    let seconds = (u128::from(part) * DAY + u128::from(whole / 2)) / u128::from(whole);
    let seconds = jiff::SignedDuration::from_secs(i64::try_from(seconds).ok()?);
    let midnight = beijing(day.to_datetime(Time::midnight()))?;
    midnight.checked_add(seconds).ok()
}

fn beijing(at: DateTime) -> Option<Timestamp> {
    let at = BEIJING.to_timestamp(at).ok()?;
    Timestamp::from_second(at.as_second()).ok()
}
