//! What the words about one record come to on a day: whether it is there, and for each field the word that stands. The one place
//! where authority is weighed. Pure: it is given assertions and reads nothing; the order they come in changes nothing.
//!
//! An *assertion* is a word said by somebody as of a day; a list that says it again asserts it again. Of the assertions whose span
//! holds the day, the one of the highest authority stands for a field, unless it is stale by then and another is newer; among equals
//! the latest as-of; among those a correction of that day, then what is said of who stays rather than of a double, then the smaller speaker, and of one speaker what was recorded last, from the later day.
//! A *speaker* is a sender and unit, whichever of its lists or desks says it; who drops a record is the list, a voice.
//! What holds for ever is told by who stays before the day counts. Days are counted since 1970.

use kernel::age::add_months;
use kernel::date::{from_days, to_days};
use pack::{Exists, FieldSet, Holds};
use std::cmp::Reverse;

/// A day before all others.
pub const EVER: i32 = i32::MIN;
/// A day after all others.
pub const NEVER: i32 = i32::MAX;

/// A word, said by a voice as of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// The word, by whatever the caller counts them.
    pub word: u32,
    /// The fields it says.
    pub fields: FieldSet,
    /// The date it names, if it does.
    pub from: Option<i32>,
    /// The first day on which it doesn't hold any more; [`NEVER`] if it names none.
    pub until: i32,
    /// As of which day it is said.
    pub as_of: i32,
    /// Who says it; a smaller number is a smaller voice.
    pub voice: u32,
    /// The commit that recorded it.
    pub commit: i64,
    /// What it does.
    pub does: Does,
    /// Whether it is said of a double, who is the same person.
    pub double: bool,
}

/// What an assertion does beside giving values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// It says that the record is there.
    There,
    /// It says something of a record that is there by other words; with a day until which that holds, it ends the record.
    Tells,
    /// It puts right what was wrong all along.
    Corrects,
    /// It ends the record on the day it names.
    Ends,
}

/// That a voice's whole list doesn't have the record any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The voice.
    pub voice: u32,
    /// The day of the list.
    pub as_of: i32,
    /// The commit of the list.
    pub commit: i64,
}

/// How the words of a register are folded.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How far back its records reach.
    pub exists: Exists,
    /// From when on each field's words hold.
    pub holds: Vec<Holds>,
    /// For each voice its speaker: the first voice of the same sender and unit. A smaller number is a smaller speaker.
    pub speakers: Vec<u32>,
    /// For each field and voice, the rank of the voice's sender: the smaller the more it counts.
    pub ranks: Vec<Vec<u8>>,
    /// For each field after how many months a word's authority doesn't count any more against a newer one; none if it always does.
    pub stale: Vec<Option<u16>>,
    /// The newest day as of which anything was said. What stands at last, when no day is named, is judged as of then.
    pub newest: i32,
}

/// The day that means "at last": after all others that a word can name.
pub fn at_last() -> i32 {
    to_days(pack::latest_date())
}

impl Rules {
    /// What a word's authority counts for on a day: its rank, or that of nobody named once it is stale.
    fn counts(&self, field: usize, a: &Assertion, on: i32) -> u8 {
        let on = if on == at_last() { self.newest } else { on };
        let stale = |months| is_stale(a.as_of, months, on);
        match self.stale.get(field).copied().flatten().is_some_and(stale) {
            true => u8::MAX,
            false => self.rank(field, a.voice),
        }
    }

    /// Who speaks by a voice.
    pub fn speaker(&self, voice: u32) -> u32 {
        let speaker = self.speakers.get(voice as usize);
        speaker.copied().unwrap_or(voice)
    }

    fn rank(&self, field: usize, voice: u32) -> u8 {
        let ranks = self.ranks.get(field);
        let rank = ranks.and_then(|ranks| ranks.get(voice as usize));
        rank.copied().unwrap_or(u8::MAX)
    }
}

/// Whether a word said as of a day is stale on another: its field's months are over. A newer word stands before it then, whoever says it.
pub fn is_stale(as_of: i32, months: u16, on: i32) -> bool {
    let ends = from_days(as_of).map(|day| add_months(day, i32::from(months)));
    ends.is_some_and(|day| to_days(day) <= on)
}

/// What the words of a record come to on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// Since when it has been there; none if it isn't.
    pub since: Option<i32>,
    /// For each field the assertion that stands, by place among those given.
    pub stands: Vec<Option<u32>>,
}

/// What the words of a record come to on a day. `assertions` and `absences` may come in any order.
pub fn fold(rules: &Rules, assertions: &[Assertion], absences: &[Missing], on: i32) -> Folded {
    let since = since(rules, assertions, absences, on);
    let stands = match since {
        None => vec![None; rules.holds.len()],
        Some(_) => (0..rules.holds.len())
            .map(|field| stands(rules, assertions, absences, field, on))
            .collect(),
    };
    Folded { since, stands }
}

/// Since when a record that is there on a day has been.
fn since(rules: &Rules, assertions: &[Assertion], absences: &[Missing], on: i32) -> Option<i32> {
    let mut voices: Vec<u32> = assertions
        .iter()
        .filter(|a| a.does == Does::There)
        .map(|a| a.voice)
        .collect();
    voices.sort_unstable();
    voices.dedup();
    let spans = voices.into_iter().filter_map(|voice| {
        let spans = spans(rules, assertions, absences, voice);
        spans
            .into_iter()
            .find(|(start, end)| *start <= on && on < *end)
    });
    spans.map(|(start, _)| start).min()
}

/// What a voice says of a record's being there, in order.
enum Seen {
    There { from: Option<i32>, until: i32 },
    Absent,
    Ended { on: i32 },
}

/// The spans in which a record is there by the word of one voice: from the first day to the first on which it isn't.
fn spans(
    rules: &Rules,
    assertions: &[Assertion],
    absences: &[Missing],
    voice: u32,
) -> Vec<(i32, i32)> {
    let mut seen: Vec<((i32, i64, bool, u32), Seen)> = Vec::new();
    let order = |a: &Assertion| (a.as_of, a.commit, a.double, a.word);
    for a in assertions {
        match a.does {
            Does::There if a.voice == voice => {
                let (from, until) = (first_of(assertions, a), a.until);
                seen.push((order(a), Seen::There { from, until }));
            }
            Does::Ends => {
                let on = a.from.unwrap_or(a.as_of);
                seen.push((order(a), Seen::Ended { on }));
            }
            // A desk that says until when something holds ends what it tells of, whoever said that it is there.
            Does::Tells if a.until != NEVER => {
                seen.push((order(a), Seen::Ended { on: a.until }));
            }
            _ => {}
        }
    }
    if rules.exists == Exists::Back {
        let own = absences.iter().filter(|absence| absence.voice == voice);
        seen.extend(own.map(|a| ((a.as_of, a.commit, false, 0), Seen::Absent)));
    }
    seen.sort_by_key(|(order, _)| *order);
    let mut spans: Vec<(i32, i32)> = Vec::new();
    for ((as_of, ..), seen) in seen {
        match seen {
            Seen::There { from, until } => {
                let named = match rules.exists {
                    Exists::Back => from.unwrap_or(as_of),
                    Exists::Ever => from.unwrap_or(EVER),
                    Exists::Always => EVER,
                };
                // What is always there is there again from the end on.
                let dated = match rules.exists {
                    Exists::Always => (None, named, EVER),
                    Exists::Back | Exists::Ever => (from, named, as_of),
                };
                there(&mut spans, dated, until);
            }
            Seen::Absent => end(&mut spans, as_of),
            Seen::Ended { on } => end(&mut spans, on),
        }
    }
    spans
}

/// Since when a record is there by what is said of it: what is said from several days at once is said of one being there, since the
/// first of them that had come.
fn first_of(assertions: &[Assertion], a: &Assertion) -> Option<i32> {
    let once = |a: &Assertion| (a.does, a.voice, a.as_of, a.commit, a.double, a.until);
    let at_once = assertions.iter().filter(|other| once(other) == once(a));
    let dates = at_once.filter_map(|other| other.from);
    let first = dates.filter(|day| *day <= a.as_of).min();
    first.into_iter().chain(a.from).min()
}

/// Says that a record is there: since `named` if it is said for the first time. Once it had ended, a date before that end tells
/// nothing of the time between: then it is there again since `again`, the day that is said.
fn there(spans: &mut Vec<(i32, i32)>, (from, named, again): (Option<i32>, i32, i32), until: i32) {
    let last = spans.last().copied();
    match last {
        Some((_, NEVER)) if until == NEVER => {}
        Some((_, NEVER)) => end(spans, until),
        // It ended before this was said; a date named for that is nearer to the truth.
        Some((start, ended)) if until <= ended => {
            spans.pop();
            if until > start {
                spans.push((start, until));
            }
        }
        _ => {
            let start = match (last, from) {
                (None, _) => named,
                (Some((_, ended)), Some(from)) if from >= ended => from,
                (Some((_, ended)), _) => again.max(ended),
            };
            if start < until {
                spans.push((start, until));
            }
        }
    }
}

/// Ends the last span, if it would go on: one that names its own end may end before.
fn end(spans: &mut Vec<(i32, i32)>, on: i32) {
    if let Some((start, end)) = spans.last().copied()
        && on < end
    {
        spans.pop();
        if on > start {
            spans.push((start, on));
        }
    }
}

/// The first day on which an assertion doesn't hold any more: the one it names, or that of its voice's list without the record.
fn end_of(rules: &Rules, a: &Assertion, absences: &[Missing]) -> i32 {
    if rules.exists != Exists::Back {
        return a.until;
    }
    let own = absences.iter().filter(|absence| absence.voice == a.voice);
    let left = own
        .map(|absence| absence.as_of)
        .filter(|day| *day > a.as_of);
    left.min().unwrap_or(NEVER).min(a.until)
}

/// From which day on an assertion says a field.
fn start_of(holds: Holds, a: &Assertion) -> i32 {
    match (a.does, a.from, holds) {
        (Does::Corrects, from, _) => from.unwrap_or(EVER),
        (_, _, Holds::Ever) => EVER,
        (_, from, Holds::Since) => from.unwrap_or(a.as_of),
        (_, from, Holds::Seen | Holds::Back) => from.map_or(a.as_of, |from| from.max(a.as_of)),
    }
}

/// How an assertion speaks of a field on a day; what holds goes before what only counts backward.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Speaks {
    /// It holds.
    Now,
    /// It doesn't hold yet, but counts backward where nothing does.
    Before,
}

fn speaks(
    rules: &Rules,
    a: &Assertion,
    absences: &[Missing],
    field: usize,
    on: i32,
) -> Option<Speaks> {
    let holds = rules.holds[field];
    if !a.fields.has(field) || a.does == Does::Ends || on >= end_of(rules, a, absences) {
        return None;
    }
    if start_of(holds, a) <= on {
        return Some(Speaks::Now);
    }
    (holds == Holds::Back && a.from.unwrap_or(EVER) <= on).then_some(Speaks::Before)
}

/// What counts before it is asked who speaks, the smaller first; none if the assertion doesn't speak of a field on a day.
type Weight = (Speaks, [i64; 6]);

fn weight(
    rules: &Rules,
    a: &Assertion,
    absences: &[Missing],
    field: usize,
    on: i32,
) -> Option<Weight> {
    let speaks = speaks(rules, a, absences, field, on)?;
    let rank = i64::from(rules.rank(field, a.voice));
    let double = i64::from(a.double);
    // Of two who are one, what never changes is told by what is said of who stays, whenever it was said.
    let other = i64::from(a.double && rules.holds[field] == Holds::Ever);
    // Who puts right what was said of a day is believed before who said it.
    let said = i64::from(a.does != Does::Corrects);
    let day = i64::from(a.as_of);
    Some((
        speaks,
        match speaks {
            Speaks::Now => {
                let counts = i64::from(rules.counts(field, a, on));
                [counts, other, -day, rank, said, double]
            }
            Speaks::Before => [day, rank, said, double, 0, 0],
        },
    ))
}

/// What decides between assertions of one weight: who speaks, when it was recorded, from which day it holds, and which word it is.
type Turn = (u32, i64, Reverse<i32>, Reverse<u32>);

/// Of assertions of one weight the first to be believed: the smaller speaker's; of one speaker what was recorded last, and of that what
/// holds from the later day.
fn turn(rules: &Rules, a: &Assertion) -> Turn {
    let day = a.from.unwrap_or(a.as_of);
    let speaker = rules.speaker(a.voice);
    (speaker, -a.commit, Reverse(day), Reverse(a.word))
}

/// The assertion that stands for a field on a day, by place.
pub fn stands(
    rules: &Rules,
    assertions: &[Assertion],
    absences: &[Missing],
    field: usize,
    on: i32,
) -> Option<u32> {
    let weighed = (0..).zip(assertions).filter_map(|(at, a)| {
        let weight = weight(rules, a, absences, field, on)?;
        Some(((weight, turn(rules, a)), at))
    });
    weighed.min().map(|(_, at)| at)
}

/// The assertions between which only the order of speakers decides for a field on a day, by place: of each speaker what it said last,
/// the one that stands first. If they differ, somebody has to say.
pub fn contenders(
    rules: &Rules,
    assertions: &[Assertion],
    absences: &[Missing],
    field: usize,
    on: i32,
) -> Vec<u32> {
    let weighed = (0..).zip(assertions).filter_map(|(at, a)| {
        let weight = weight(rules, a, absences, field, on)?;
        Some((weight, turn(rules, a), at))
    });
    let mut weighed: Vec<(Weight, Turn, u32)> = weighed.collect();
    weighed.sort_unstable();
    let best = weighed.first().map(|(weight, ..)| *weight);
    weighed.retain(|(weight, ..)| Some(*weight) == best);
    weighed.dedup_by_key(|(_, (speaker, ..), _)| *speaker);
    weighed.into_iter().map(|(.., at)| at).collect()
}
