//! What is known of registers of which no list vouches, by what lists and desks said of them as of which days.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use jiff::civil::Date;
use kernel::{Period, UnitCode};
use pack::{At, ValueSource};
use tables::{Spoken, SpokenBy};

use super::lists::{joined, speaks_of};
use super::{ForLeaf, Knowledge, Need, SpokenFor, Tells, Unknown};

impl SpokenFor {
    /// What of all that was said of a register is for a leaf, found out if it isn't known yet.
    fn of(
        &self,
        (register, all): (&str, &Arc<Vec<Spoken>>),
        leaf: &UnitCode,
        find: impl FnOnce() -> Vec<ForLeaf>,
    ) -> Arc<Vec<ForLeaf>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(register.to_owned());
        let (of, leaves) = known.or_insert_with(|| (all.clone(), BTreeMap::new()));
        if !Arc::ptr_eq(of, all) {
            (*of, *leaves) = (all.clone(), BTreeMap::new());
        }
        let own = leaves.entry(*leaf);
        own.or_insert_with(|| Arc::new(find())).clone()
    }
}

impl Knowledge<'_> {
    /// How far a register of which no list vouches is known, by what was said of it.
    pub(super) fn spoken_of(
        &self,
        need: &Need<'_>,
        at: At,
        (period, on): (Period, Date),
        leaf: &UnitCode,
    ) -> Tells {
        let parts = self.tree.merged_into(leaf).iter();
        let parts = parts.map(|unit| self.spoken_of(need, at, (period, on), unit));
        let own = self.was_there(leaf).then(|| {
            let spoken = self.spoken_telling(need, leaf);
            match at {
                At::Period => self.over(need.register, period, &spoken),
                At::Start | At::End => self.stands(need.register, on, &spoken),
            }
        });
        let all = own.into_iter().chain(parts).reduce(Tells::and);
        all.unwrap_or(Tells::Whole)
    }

    /// The rosters of what was said of a register of which no list vouches that tell of what is asked; of desks none is named.
    pub(super) fn telling(&self, need: &Need<'_>) -> BTreeSet<String> {
        let all = self.reach.get(need.register);
        let all = all.filter(|_| !self.lists.tell(need.register));
        let rosters = all.into_iter().flat_map(|all| &**all);
        let rosters: BTreeSet<&String> = rosters.map(|spoken| &spoken.roster).collect();
        let telling = rosters.into_iter().filter(|own| self.tells_of(need, own));
        telling.cloned().collect()
    }

    /// Whether what a roster says tells of what is asked: a list that is about something else only mentions records, so that nobody is missing for
    /// not being mentioned; one whose rows all say the same of a field tells nothing of those that say something else; and one that opens
    /// records without a field by which rows are kept tells of none of them.
    fn tells_of(&self, need: &Need<'_>, roster: &str) -> bool {
        let Some(roster) = self.pack.roster(roster) else {
            return true;
        };
        if !speaks_of(roster, need.register) {
            return !self.lists.are_about(need.register);
        }
        let writes = || (roster.writes.iter()).filter(|write| write.register == need.register);
        let opens = writes().any(|write| write.create);
        let says =
            |field: &str| writes().any(|write| write.set.iter().any(|(own, _)| own == field));
        let tested = need.tested.into_iter().flatten();
        let mut tested = tested.filter(|(register, _)| register == need.register);
        if opens && !tested.all(|(_, field)| says(field)) {
            return false;
        }
        writes().any(|write| {
            write.set.iter().all(|(field, source)| match source {
                ValueSource::Literal(word) => {
                    let wanted = need.wanted.get(&(need.register.to_owned(), field.clone()));
                    wanted.is_none_or(|wanted| wanted.contains(word))
                }
                _ => true,
            })
        })
    }

    /// Whether anything tells of what is asked about, for whichever unit: where nothing ever did, rows kept or left out by it are none.
    pub(super) fn asked_of(&self, need: &Need<'_>, on: Date) -> Tells {
        let all = self.reach.get(need.register);
        let spoken = all.into_iter().flat_map(|all| &**all);
        let told = spoken.filter(|own| own.first <= on && need.telling.contains(&own.roster));
        match told.map(|spoken| spoken.last).max() {
            Some(last) if last < on => Tells::Until(last),
            Some(_) => Tells::Whole,
            None => Tells::Not(Unknown::Never {
                register: need.register.to_owned(),
            }),
        }
    }

    /// What was said of a register for a leaf; of what was said over many days, since when it has been.
    pub(super) fn spoken(&self, register: &str, leaf: &UnitCode) -> Vec<(&Spoken, Option<Date>)> {
        let Some(all) = self.reach.get(register) else {
            return Vec::new();
        };
        let find = || self.for_leaf(all, leaf).collect();
        let own = self.spoken_for.of((register, all), leaf, find);
        let own = own.iter();
        own.filter_map(|(at, since)| Some((all.get(*at)?, *since)))
            .collect()
    }

    /// The same, as far as it tells of what is asked.
    fn spoken_telling(&self, need: &Need<'_>, leaf: &UnitCode) -> Vec<(&Spoken, Option<Date>)> {
        let all = self.spoken(need.register, leaf).into_iter();
        all.filter(|(spoken, _)| need.telling.contains(&spoken.roster))
            .collect()
    }

    /// What of what was said of a register is for a leaf: what lists and desks said of it, or of a unit that it lies or lay under; of what
    /// was said over many days, since when it has.
    fn for_leaf(&self, all: &[Spoken], leaf: &UnitCode) -> impl Iterator<Item = ForLeaf> {
        let holds = move |spoken: &Spoken, on: Date| {
            let apart = |unit: &UnitCode| {
                let lists = all.iter().filter(|own| own.by != SpokenBy::Desk);
                let own = lists.filter(|own| unit.contains(&own.unit));
                let newest = own.map(|own| own.as_of).max();
                newest.is_some_and(|newest| Some(newest) >= self.tree.went_on(unit).max(Some(on)))
            };
            self.tree.contained(&spoken.unit, leaf, on, apart)
        };
        let held = all.iter().enumerate();
        let held = held.filter(move |(_, spoken)| holds(spoken, spoken.last));
        held.map(move |(at, spoken)| match holds(spoken, spoken.as_of) {
            true => (at, None),
            false => (at, self.tree.went_on(leaf)),
        })
    }

    /// Whether it is known how things stand on a day, by what was said.
    fn stands(&self, register: &str, on: Date, all: &[(&Spoken, Option<Date>)]) -> Tells {
        let declared = self.pack.register(register);
        let mut spoken = all.to_vec();
        if declared.is_some_and(|declared| declared.tree.is_some()) {
            // Units are what they are: whoever tells of them tells when they began and ended.
            let any = self.reach.get(register).is_some_and(|all| !all.is_empty());
            return match any {
                true => Tells::Whole,
                false => Tells::Not(Unknown::Never {
                    register: register.to_owned(),
                }),
            };
        }
        if self.comes_whole(register) {
            spoken.retain(|(spoken, _)| spoken.by == SpokenBy::WholeList);
        }
        let from = spoken
            .into_iter()
            .map(|(spoken, since)| match (spoken.by, since) {
                (SpokenBy::Desk, Some(since)) => vouches_from(spoken).max(since),
                _ => vouches_from(spoken),
            });
        let from = from.min();
        match from {
            None if !all.is_empty() => Tells::Not(Unknown::NoList {
                register: register.to_owned(),
            }),
            None => Tells::Not(Unknown::Never {
                register: register.to_owned(),
            }),
            Some(from) if from > on => Tells::Not(Unknown::Before {
                register: register.to_owned(),
                from,
            }),
            Some(_) => {
                let last = all.iter().map(|(spoken, _)| spoken.last);
                match last.max().filter(|last| *last < on) {
                    Some(last) => Tells::Until(last),
                    None => Tells::Whole,
                }
            }
        }
    }

    /// Whether it is known what happened in a period, by what was said.
    fn over(&self, register: &str, period: Period, all: &[(&Spoken, Option<Date>)]) -> Tells {
        let spans = all.iter().map(|(spoken, since)| match spoken.by {
            SpokenBy::Desk => {
                let from = since.map_or(spoken.as_of, |since| spoken.as_of.max(since));
                (from, self.today.max(spoken.last))
            }
            SpokenBy::List | SpokenBy::WholeList => {
                // One row of an earlier year, told late, doesn't tell what else happened then.
                let year = Period::year_of(spoken.as_of).start();
                let filled = Period::around(spoken.first.max(year), spoken.as_of);
                (filled.start(), spoken.as_of)
            }
        });
        let spans = joined(spans.collect());
        let (from, to) = (period.start(), period.end().min(self.today));
        let own = spans
            .iter()
            .find(|(first, last)| *first <= from && from <= *last);
        match (own, spans.first()) {
            (Some((_, last)), _) if *last >= to => Tells::Whole,
            (Some((_, last)), _) => Tells::Until(*last),
            (None, None) => Tells::Not(Unknown::Never {
                register: register.to_owned(),
            }),
            (None, Some((first, _))) if *first > from => Tells::Not(Unknown::Before {
                register: register.to_owned(),
                from: *first,
            }),
            (None, Some(_)) => {
                let before = spans.iter().rfind(|(_, last)| *last < from);
                Tells::Not(Unknown::After {
                    register: register.to_owned(),
                    until: before.map_or(from, |(_, last)| *last),
                })
            }
        }
    }

    /// Whether a register is told by lists that name everyone: then nothing less tells how many there are.
    fn comes_whole(&self, register: &str) -> bool {
        let mut whole = self.pack.rosters.iter().filter(|roster| roster.whole);
        whole.any(|roster| roster.writes.iter().any(|write| write.register == register))
    }
}

/// From which day on a list or desk tells how things stand: its own; a list that says who left, from before the calendar period in
/// which those who left by it and its day lie, since it names them all.
pub(super) fn vouches_from(spoken: &Spoken) -> Date {
    match spoken.ends {
        Some(ends) if spoken.by == SpokenBy::WholeList => {
            Period::around(ends, spoken.as_of).before()
        }
        _ => spoken.as_of,
    }
}
