//! What is due when, as a calendar (iCalendar, RFC 5545): a day's entry for each list and day, with the units it is due of. The same list
//! and day always have the same name, so that a calendar that is taken in again replaces what it had. What is overdue, or due without a
//! day, stands on the day of asking.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use kernel::date::label;
use kernel::{Lang, UnitCode};

use super::reminder::{gaps_in_words, slices_in_words};
use super::{Completeness, ListStanding, ListState};
use crate::names::UnitNames;
use crate::office::Office;

/// The longest line, in bytes, without its end (RFC 5545, section 3.1).
const LONGEST: usize = 75;

/// An entry: a list that is due by a day, of the units that stand alike.
type Entries<'r> = BTreeMap<(Date, &'r str, &'r [String], ListState), Vec<&'r ListStanding>>;

pub(super) fn calendar(
    told: &Completeness,
    (office, units): (&Office, &UnitNames),
    at: Timestamp,
    lang: Lang,
) -> String {
    let mut entries = Entries::new();
    let due = |row: &&ListStanding| row.state.counts();
    for row in told.rows.iter().filter(due) {
        let day = match row.state {
            ListState::Soon | ListState::InForce => row.due.unwrap_or(told.today),
            _ => told.today,
        };
        let key = (day, &*row.roster, &*row.slices, row.state);
        entries.entry(key).or_default().push(row);
    }
    let name = match lang {
        Lang::Zh => "应报名册",
        Lang::En => "Lists that are due",
    };
    let mut out = String::new();
    put(&mut out, "BEGIN", "VCALENDAR");
    put(&mut out, "VERSION", "2.0");
    put(&mut out, "PRODID", "-//Taizhang//Lists//EN");
    put(&mut out, "CALSCALE", "GREGORIAN");
    put(&mut out, "METHOD", "PUBLISH");
    put(&mut out, "X-WR-CALNAME", &escaped(name));
    for ((day, roster, slices, state), rows) in entries {
        let of = rows.iter().map(|row| units.name(row.unit.as_str()));
        let of: Vec<String> = of.collect();
        let declared = office.pack.roster(roster);
        let called = declared.map_or(roster, |own| own.name.get(lang));
        let sender = declared.map_or("", |own| office.sender_of(own, lang));
        let slices = slices_in_words(office, roster, slices, lang);
        let (summary, mut said) = match lang {
            Lang::Zh => (
                format!("{sender}：{called}{slices}"),
                format!("{}：{}", state.label(lang), of.join("、")),
            ),
            Lang::En => (
                format!("{sender}: {called}{slices}"),
                format!("{}: {}", state.label(lang), of.join(", ")),
            ),
        };
        for row in rows.iter().filter(|row| !row.gaps.is_empty()) {
            let _infallible = write!(
                said,
                "\n{} {}",
                units.name(row.unit.as_str()),
                gaps_in_words(&row.gaps, lang)
            );
        }
        let was_due = rows.iter().filter_map(|row| row.due).min();
        if let Some(was_due) = was_due.filter(|_| state == ListState::Overdue) {
            let _infallible = write!(
                said,
                "\n{}",
                match lang {
                    Lang::Zh => format!("应在{}前报送", label(was_due, lang)),
                    Lang::En => format!("was due by {}", label(was_due, lang)),
                }
            );
        }
        put(&mut out, "BEGIN", "VEVENT");
        put(&mut out, "UID", &named(office.root, &rows));
        put(&mut out, "DTSTAMP", &moment(at));
        put(&mut out, "DTSTART;VALUE=DATE", &date(day));
        let after = day.saturating_add(1.day());
        put(&mut out, "DTEND;VALUE=DATE", &date(after));
        put(&mut out, "SUMMARY", &escaped(&summary));
        put(&mut out, "DESCRIPTION", &escaped(&said));
        put(&mut out, "CATEGORIES", &state.as_str().to_uppercase());
        put(&mut out, "TRANSP", "TRANSPARENT");
        put(&mut out, "END", "VEVENT");
    }
    put(&mut out, "END", "VCALENDAR");
    out
}

/// What tells an entry from others, and is the same when it is made again: the list, the first unit and the day on which it is due.
fn named(root: UnitCode, rows: &[&ListStanding]) -> String {
    let Some(first) = rows.first() else {
        return root.to_string();
    };
    let due = first.due.map_or_else(|| "open".to_owned(), date);
    let nth = first.slices.first().map_or("", String::as_str);
    format!(
        "{}-{nth}-{}-{due}@{root}.taizhang",
        first.roster, first.unit
    )
}

fn date(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

fn moment(at: Timestamp) -> String {
    let at = jiff::tz::Offset::UTC.to_datetime(at);
    let (day, hour) = (date(at.date()), at.hour());
    format!("{day}T{hour:02}{:02}{:02}Z", at.minute(), at.second())
}

/// A text in which nothing is read as a mark (RFC 5545, section 3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' => out.push_str("\\n"),
            ch if ch.is_control() => {}
            ch => out.push(ch),
        }
    }
    out
}

/// Adds a line, folded where it is too long, never within a character (RFC 5545, section 3.1).
fn put(out: &mut String, name: &str, value: &str) {
    let line = format!("{name}:{value}");
    let mut left = 0;
    for ch in line.chars() {
        if left + ch.len_utf8() > LONGEST {
            out.push_str("\r\n ");
            // The blank that continues it counts.
            left = 1;
        }
        out.push(ch);
        left += ch.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::{LONGEST, date, escaped, moment, put};

    #[test]
    fn long_lines_are_folded_between_characters() {
        let long = "名册".repeat(80);
        let mut out = String::new();
        put(&mut out, "SUMMARY", &long);
        put(&mut out, "X", "short");
        assert!(out.ends_with("\r\nX:short\r\n"), "{out}");
        let lines: Vec<&str> = out.split("\r\n").collect();
        assert!(lines.iter().all(|line| line.len() <= LONGEST), "{lines:?}");
        assert!(lines.len() > 6);
        let unfolded = out.replace("\r\n ", "");
        assert_eq!(unfolded, format!("SUMMARY:{long}\r\nX:short\r\n"));
        // Just as long as may be.
        let mut out = String::new();
        put(&mut out, "X", &"a".repeat(LONGEST - 2));
        assert_eq!(out.matches("\r\n").count(), 1);
    }

    #[test]
    fn marks_in_texts_are_escaped() {
        assert_eq!(escaped("a,b;c\\d\ne\r\u{7}"), "a\\,b\\;c\\\\d\\ne");
    }

    #[test]
    fn days_and_moments_are_written_in_their_forms() {
        assert_eq!(date(jiff::civil::date(2026, 1, 5)), "20260105");
        let at = "2026-01-05T02:03:04Z".parse().unwrap();
        assert_eq!(moment(at), "20260105T020304Z");
    }
}
