//! What every list that stands vouches for: of which unit, from which day to which, for whom, and for whom not. A list of which more than
//! two in a hundred rows were not placed, or that has far fewer rows than the one before, is a part and vouches for nobody. A list of what
//! happened that names nothing of what the one before told doesn't go back over its days, whatever stretch its roster is of.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::date::{from_days, to_days};
use kernel::{Period, UnitCode};
use ledger::{Say, SayId, Whole};
use pack::{Roster, Vouches};
use rustc_hash::FxHashMap;

use crate::heard::{each_row, place};
use crate::snapshot::Snapshot;

/// Of a hundred rows more than so many not placed make a list a part.
const MOST_UNPLACED: i64 = 2;
/// From how many rows on, and how great a share of the list before, fewer rows make it one.
const FEWER_FROM: i64 = 20;
const FEWER_SHARE: i64 = 5;

/// Why a list vouches for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partial {
    /// Whoever took it said so.
    Said,
    /// Too many rows were not placed.
    Unplaced,
    /// The list before it had far more rows: so many.
    Fewer(i64),
}

/// What one list vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The list.
    pub say: SayId,
    /// Its roster.
    pub roster: String,
    /// Who sent it.
    pub sender: String,
    /// The unit it is of.
    pub unit: UnitCode,
    /// Its day.
    pub as_of: Date,
    /// Of a list of what happened, the first day it tells of.
    pub since: Option<Date>,
    /// The first day on which it vouches for anybody, and the first after the last.
    pub from: Date,
    /// The first day on which it doesn't any more.
    pub until: Date,
    /// How many rows it has.
    pub rows: i64,
    /// How many of them were not placed.
    pub unplaced: i64,
    /// The parts of its matter that it speaks of.
    pub slices: Vec<String>,
    /// Names of whom it doesn't vouch for: of rejected rows, and of rows about which a question is open.
    pub holes: Vec<String>,
    /// People whom such a question may be about.
    pub may_be: BTreeSet<i64>,
    /// Why it vouches for nobody, if it doesn't.
    pub partial: Option<Partial>,
}

impl Snapshot {
    /// What the lists that stand vouch for, in their order.
    #[must_use]
    pub fn covers(&self) -> &[Cover] {
        self.covers.get_or_init(|| self.worked_out())
    }

    fn worked_out(&self) -> Vec<Cover> {
        let waiting = self.waiting();
        let vouchers = self.pack.vouchers();
        let parts = |roster: &str| -> Vec<String> {
            let own = vouchers.iter().filter_map(|name| name.split_once(':'));
            let own = own.filter(|(own, _)| *own == roster);
            own.map(|(_, slice)| slice.to_owned()).collect()
        };
        let mut covers: Vec<Cover> = Vec::new();
        let mut first = FxHashMap::default();
        for (at, (id, say)) in self.heard.words.says.iter().enumerate() {
            let stands = self.heard.says.get(at).is_some_and(|own| own.stands);
            let (true, Some(list)) = (stands, &say.list) else {
                continue;
            };
            let roster = self.pack.roster(&say.voice.roster);
            let Some((roster, vouching)) =
                roster.and_then(|roster| Some((roster, roster.vouching.as_ref()?)))
            else {
                continue;
            };
            let from = match (vouching.how, list.since) {
                (Vouches::Roll, _) if vouching.past => {
                    let named = *first
                        .entry(roster.id.clone())
                        .or_insert_with(|| self.first_named(roster))
                        .get(&place(at))
                        .unwrap_or(&i32::MAX);
                    let first = from_days(named).map_or(say.as_of, |day| day.min(say.as_of));
                    // Who left is told for a whole stretch of the calendar, even if nobody did on its first day.
                    match self.tells_of_homes(roster) && first < say.as_of {
                        true => Period::around(first, say.as_of).before(),
                        false => first,
                    }
                }
                (Vouches::Roll, _) => say.as_of,
                (Vouches::Events(_), since) => since.unwrap_or(say.as_of),
            };
            let mut holes = list.holes.clone();
            let mut may_be = BTreeSet::new();
            if let Some(open) = waiting.get(&place(at)) {
                holes.extend(open.names.iter().cloned());
                may_be.extend(&open.people);
            }
            covers.push(Cover {
                say: *id,
                roster: roster.id.clone(),
                sender: say.voice.sender.clone(),
                unit: say.voice.unit,
                as_of: say.as_of,
                since: list.since,
                from,
                until: vouching.until(say.as_of),
                rows: list.rows,
                unplaced: list.unplaced,
                // Whoever says that a list is whole says so of all its parts.
                slices: match list.whole {
                    Whole::Whole => parts(&roster.id),
                    _ => list.slices.clone(),
                },
                partial: partial(say),
                holes,
                may_be,
            });
        }
        fewer(&mut covers, |say| self.said(say).and_then(whole));
        self.go_on(&mut covers);
        covers
    }

    /// Finds the lists of what happened that go on where the one before of the same sender and unit ended: it told of things that happened
    /// within their days, and they name none of these. They tell since the beginning of the stretch of the calendar that they fill.
    fn go_on(&self, covers: &mut [Cover]) {
        let mut told: BTreeMap<String, FxHashMap<SayId, BTreeMap<i64, i32>>> = BTreeMap::new();
        let mut order: Vec<usize> = (0..covers.len())
            .filter(|at| covers[*at].since.is_some())
            .collect();
        order.sort_by_key(|at| (covers[*at].as_of, covers[*at].say));
        for (nth, at) in order.iter().enumerate() {
            let later = &covers[*at];
            let of_roster = told.entry(later.roster.clone()).or_insert_with(|| {
                let roster = self.pack.roster(&later.roster);
                roster.map_or_else(FxHashMap::default, |roster| self.happened(roster))
            });
            let none = BTreeMap::new();
            let named = of_roster.get(&later.say).unwrap_or(&none);
            let ended = order[..nth].iter().filter_map(|before| {
                let before = &covers[*before];
                let same = before.unit == later.unit
                    && before.roster == later.roster
                    && before.sender == later.sender;
                if !same || before.as_of < later.from {
                    return None;
                }
                let within = to_days(later.from)..=to_days(before.as_of);
                let mut things = of_roster.get(&before.say)?.iter();
                let told = things.clone().any(|(_, day)| within.contains(day));
                let again = things.any(|(thing, _)| named.contains_key(thing));
                (told && !again).then_some(before.as_of)
            });
            let Some(ended) = ended.max() else { continue };
            let first = named.values().min().copied().and_then(from_days);
            let first = first.unwrap_or(later.as_of).min(later.as_of);
            let filled = Period::around(first, later.as_of).start();
            let next = ended.tomorrow().unwrap_or(ended).min(later.as_of);
            let from = filled.max(next);
            let later = &mut covers[*at];
            (later.from, later.since) = (from, Some(from));
        }
    }

    /// What lists of a roster tell of as having happened, and when: the records that begin on a day of their own, by list.
    fn happened(&self, roster: &Roster) -> FxHashMap<SayId, BTreeMap<i64, i32>> {
        let mut told: FxHashMap<SayId, BTreeMap<i64, i32>> = FxHashMap::default();
        self.each_named(roster, |say, record, from, _| {
            if let (Some(from), Some((id, _))) = (from, self.heard.words.says.get(say as usize)) {
                told.entry(*id).or_default().insert(record, from);
            }
        });
        told
    }

    fn tells_of_homes(&self, roster: &Roster) -> bool {
        let mut writes = roster.writes.iter();
        writes.any(|write| {
            let register = self.pack.register(&write.register);
            register.is_some_and(|register| register.home.is_some())
        })
    }

    /// The first day that the words of each list of a roster name, by place of the say: that something began, or that it ended.
    fn first_named(&self, roster: &Roster) -> FxHashMap<u32, i32> {
        let mut first: FxHashMap<u32, i32> = FxHashMap::default();
        self.each_named(roster, |say, _, from, until| {
            let first = first.entry(say).or_insert(i32::MAX);
            for day in from.into_iter().chain(until) {
                *first = (*first).min(day);
            }
        });
        first
    }

    /// Each word of the lists of a roster: its say by place, its record, and the days on which it says that something began and ended.
    fn each_named(&self, roster: &Roster, mut see: impl FnMut(u32, i64, Option<i32>, Option<i32>)) {
        // Births and days of moving in go back further than the list does.
        let begins = |register: &str| {
            let is_person = self.heard.people.as_deref() == Some(register);
            let declared = self.pack.register(register);
            !is_person && declared.is_some_and(|declared| declared.home.is_none())
        };
        let writes = roster.writes.iter();
        let registers: BTreeSet<&str> = writes.map(|write| write.register.as_str()).collect();
        for register in registers {
            let begins = begins(register);
            for (book, feed) in self.heard.words.feeds(register) {
                let mut note = |row: usize, say: u32| {
                    let from = feed.from(row).filter(|_| begins);
                    let record = self.heard.canon(feed.records()[row]);
                    see(say, record, from, feed.until(row));
                };
                for (row, say) in feed.says().iter().enumerate() {
                    if self.heard.says_itself(&feed, row) {
                        note(row, *say);
                    }
                }
                let number = self.heard.words.books[book].book.number;
                for again in self.heard.again().filter(|again| again.book == number) {
                    each_row(&feed, &again.seqs, |row| note(row, again.say));
                }
            }
        }
    }

    /// The questions that rows of lists wait for, by place of the say.
    fn waiting(&self) -> BTreeMap<u32, Waiting> {
        let mut waiting: BTreeMap<u32, Waiting> = BTreeMap::new();
        let Ok(contract) = self.pack.contract() else {
            return waiting;
        };
        let kept = &contract.questions;
        let Some(shelf) = self.shelf(&kept.register.id) else {
            return waiting;
        };
        let newest = from_days(self.heard.newest()).unwrap_or(Date::MAX);
        for (_, feed) in self.heard.words.feeds(&kept.register.id) {
            for row in 0..feed.len() {
                let at = feed.says()[row];
                if !self.heard.says_itself(&feed, row) || !self.heard.say(at).list {
                    continue;
                }
                let record = kernel::RecordId(self.heard.canon(feed.records()[row]));
                let Some(stands) = shelf.record(record, newest) else {
                    continue;
                };
                if stands.text(kept.decision.at).is_some() {
                    continue;
                }
                let open = waiting.entry(at).or_default();
                open.names
                    .extend(stands.text(kept.said[0].at).map(str::to_owned));
                let candidates = stands.text(kept.candidates.at).unwrap_or("[]");
                let candidates: Vec<serde_json::Value> =
                    serde_json::from_str(candidates).unwrap_or_default();
                let people = candidates
                    .iter()
                    .filter_map(|one| one.get("person")?.as_i64());
                open.people
                    .extend(people.map(|person| self.heard.canon(person)));
            }
        }
        waiting
    }
}

/// Rows of a list that wait: the names in them, and whom they may be about.
#[derive(Default)]
struct Waiting {
    names: BTreeSet<String>,
    people: BTreeSet<i64>,
}

fn whole(say: &Say) -> Option<Whole> {
    say.list.as_ref().map(|list| list.whole)
}

fn partial(say: &Say) -> Option<Partial> {
    let list = say.list.as_ref()?;
    let unplaced = list.unplaced * 100 > list.rows * MOST_UNPLACED;
    match list.whole {
        Whole::Part => Some(Partial::Said),
        _ if unplaced => Some(Partial::Unplaced),
        _ => None,
    }
}

/// Finds the rolls that have far fewer rows than the one before of the same sender and unit.
fn fewer(covers: &mut [Cover], whole: impl Fn(SayId) -> Option<Whole>) {
    let mut order: Vec<usize> = (0..covers.len()).collect();
    order.sort_by_key(|at| (covers[*at].as_of, covers[*at].say));
    let mut last: BTreeMap<(String, String, UnitCode), i64> = BTreeMap::new();
    for at in order {
        let cover = &mut covers[at];
        if cover.since.is_some() {
            continue;
        }
        let voice = (cover.roster.clone(), cover.sender.clone(), cover.unit);
        if let Some(before) = last.get(&voice)
            && whole(cover.say) == Some(Whole::Guarded)
            && before - cover.rows > FEWER_FROM
            && (before - cover.rows) * FEWER_SHARE > *before
        {
            cover.partial = cover.partial.or(Some(Partial::Fewer(*before)));
        }
        if cover.partial.is_none() {
            last.insert(voice, cover.rows);
        }
    }
}
