//! How far what was said of each register reaches: which lists and desks spoke of it for which unit, as of which days, and how far back
//! the dates they name go. Until lists say themselves what they vouch for, this is all that is known of where nothing on record means
//! that there was nothing. It tells what was said, and draws no conclusion from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use kernel::UnitCode;
use kernel::date::from_days;
use ledger::{SayId, Voice, Whole};
use pack::Register;

use crate::feed::Feed;
use crate::heard::{Heard, each_row};
use crate::snapshot::Snapshot;
use crate::touched::Touched;

/// By what a register was spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpokenBy {
    /// A list that names everyone it is about.
    WholeList,
    /// Another list.
    List,
    /// Somebody at a desk, one thing at a time.
    Desk,
}

/// What one list said of a register, or all that was said at desks, for a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Which list it is; none of what was said at desks.
    pub say: Option<SayId>,
    /// Its roster, or the action that was sent as a list; blank of what was said at desks.
    pub roster: String,
    /// For which unit.
    pub unit: UnitCode,
    /// By what.
    pub by: SpokenBy,
    /// As of which day; of desks the first.
    pub as_of: Date,
    /// As of which day at last; of a list the same day.
    pub last: Date,
    /// The first day that anything of it names, if it isn't after `as_of`.
    pub first: Date,
    /// The first day before `as_of` by which it says that something had ended.
    pub ends: Option<Date>,
}

/// What was said of each register, in no order that means anything, but the same each time. In a snapshot that was made of another
/// it is the very same where the same was said.
pub type SpokenByRegister = BTreeMap<String, Arc<Vec<Spoken>>>;

/// What was said of each register as it was worked out last, and whether that still stands.
pub(crate) type SpokenBefore = BTreeMap<String, (Arc<Vec<Spoken>>, bool)>;

/// The days that words of one say name.
#[derive(Clone, Copy)]
struct Named {
    first: i32,
    ends: i32,
}

impl Default for Named {
    fn default() -> Self {
        Self {
            first: i32::MAX,
            ends: i32::MAX,
        }
    }
}

impl Snapshot {
    /// How far what was said of each register reaches.
    #[must_use]
    pub fn reach(&self) -> &SpokenByRegister {
        self.reach.get_or_init(|| {
            let written: Vec<BTreeSet<&str>> =
                self.heard.voices.iter().map(|v| self.writes(v)).collect();
            let spoken = |register: &Register| match self.reach_before.get(&register.id) {
                Some((before, true)) => before.clone(),
                before => {
                    let now = self.spoken_of(register, &written);
                    let same = before.map(|(before, _)| before);
                    let same = same.filter(|before| ***before == now).cloned();
                    same.unwrap_or_else(|| Arc::new(now))
                }
            };
            let registers = self.pack.registers.iter();
            let each = registers.map(|register| (register.id.clone(), spoken(register)));
            each.collect()
        })
    }

    /// What was said of each register by the state before; it still stands where nothing more was said since: no record of the register
    /// is concerned, and the same lists stand.
    pub(crate) fn reach_after(&self, heard: &Heard, touched: &Touched) -> SpokenBefore {
        let lists = |heard: &Heard| {
            let says = (0_usize..).zip(&heard.says);
            let lists = says.filter(|(_, say)| say.stands && say.list);
            lists.map(|(at, _)| at).collect::<Vec<_>>()
        };
        let same_lists = lists(&self.heard) == lists(heard);
        let before: SpokenBefore = match self.reach.get() {
            Some(all) => {
                let all = all.iter();
                all.map(|(register, spoken)| (register.clone(), (spoken.clone(), true)))
                    .collect()
            }
            None => self.reach_before.clone(),
        };
        let still = before.into_iter().map(|(register, (spoken, still))| {
            let still = still && same_lists && touched.of(&register).is_none();
            (register, (spoken, still))
        });
        still.collect()
    }

    fn spoken_of(&self, register: &Register, written: &[BTreeSet<&str>]) -> Vec<Spoken> {
        let mut says: BTreeMap<u32, Named> = BTreeMap::new();
        // A list that names nothing of a register still speaks of it, if its rows do.
        for (at, say) in (0..).zip(&self.heard.says) {
            let writes = written.get(say.voice as usize);
            if say.stands && say.list && writes.is_some_and(|own| own.contains(&*register.id)) {
                says.insert(at, Named::default());
            }
        }
        for (book, feed) in self.heard.words.feeds(&register.id) {
            for row in 0..feed.len() {
                if self.heard.says_itself(&feed, row) {
                    note(&feed, row, says.entry(feed.says()[row]).or_default());
                }
            }
            let number = self.heard.words.books[book].book.number;
            for again in self.heard.again().filter(|again| again.book == number) {
                let named = says.entry(again.say).or_default();
                each_row(&feed, &again.seqs, |row| note(&feed, row, named));
            }
        }
        self.spoken(&says)
    }

    /// The registers that every row of a voice's lists writes.
    fn writes(&self, voice: &Voice) -> BTreeSet<&str> {
        let roster = self.pack.roster(&voice.roster);
        let writes = roster.into_iter().flat_map(|roster| &roster.writes);
        let each = writes.filter(|write| write.only_if.is_none());
        each.map(|write| write.register.as_str()).collect()
    }

    fn spoken(&self, says: &BTreeMap<u32, Named>) -> Vec<Spoken> {
        let mut spoken: Vec<Spoken> = Vec::new();
        let mut desks: BTreeMap<UnitCode, Spoken> = BTreeMap::new();
        for (at, named) in says {
            let Some((id, say)) = self.heard.words.says.get(*at as usize) else {
                continue;
            };
            let as_of = say.as_of;
            // A day that no word names is later than any.
            let named_before = |day: i32| from_days(day).filter(|day| *day < as_of);
            let own = Spoken {
                say: say.list.is_some().then_some(*id),
                roster: match say.list {
                    Some(_) => say.voice.roster.clone(),
                    None => String::new(),
                },
                unit: say.voice.unit,
                by: match &say.list {
                    None => SpokenBy::Desk,
                    Some(list) if list.whole == Whole::Part => SpokenBy::List,
                    Some(_) => match self.pack.roster(&say.voice.roster) {
                        Some(roster) if roster.whole => SpokenBy::WholeList,
                        _ => SpokenBy::List,
                    },
                },
                as_of,
                last: as_of,
                first: named_before(named.first).unwrap_or(as_of),
                ends: named_before(named.ends),
            };
            if own.by != SpokenBy::Desk {
                spoken.push(own);
                continue;
            }
            let desk = desks.entry(own.unit).or_insert_with(|| own.clone());
            desk.as_of = desk.as_of.min(own.as_of);
            desk.last = desk.last.max(own.last);
            desk.first = desk.first.min(own.first);
        }
        spoken.extend(desks.into_values());
        spoken
    }
}

/// Notes the days that a word names.
fn note(feed: &Feed, row: usize, named: &mut Named) {
    if let Some(from) = feed.from(row) {
        named.first = named.first.min(from);
    }
    if let Some(until) = feed.until(row) {
        named.ends = named.ends.min(until);
    }
}
