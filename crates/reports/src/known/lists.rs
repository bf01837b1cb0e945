//! What the lists that stand vouch for, register by register. Which registers a roster's lists tell of follows from what its rows write: a
//! record that every row writes and that no other record of the row refers to is what the list is about; one that others refer to is
//! mentioned by it, and nobody is missing for not being mentioned. A roll of homes tells of everything it writes, people and households too. A
//! register that no roster tells so is known by what was said of it (`tables::SpokenByRegister`).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::{Period, UnitCode};
use ledger::SayId;
use pack::{Pack, Roster, ValueSource, Vouches, Vouching, Whom, Write};
use tables::{Cover, Partial, SpokenByRegister, UnitTree};

/// A span of days, both of which belong to it.
pub type Span = (Date, Date);

/// Something that a unit records itself instead of taking lists of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptList {
    /// The unit.
    pub unit: UnitCode,
    /// The roster whose lists it does without.
    pub list: String,
    /// Since when.
    pub since: Date,
    /// The last day on which somebody said that it is still so.
    pub confirmed: Date,
}

/// What one list vouches for.
#[derive(Clone, Debug)]
pub(super) struct OneList {
    pub roster: String,
    pub how: How,
    whom: Whom,
    /// The first day of which it tells.
    pub from: Date,
    /// Its own day: what came later it doesn't know of.
    pub as_of: Date,
    /// The first day on which it tells nothing any more.
    until: Date,
    /// The parts of its matter that it tells of; all of it if it isn't divided.
    slices: Option<BTreeSet<String>>,
    /// Why it tells of nobody, if it doesn't.
    pub partial: Option<Partial>,
}

/// How a list vouches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It names all there are on its day.
    Roll,
    /// It tells what happened up to its day.
    Events,
    /// What is made known is recorded as it happens.
    Kept,
}

impl OneList {
    /// Whether it tells how things stand on a day.
    pub fn stands(&self, on: Date) -> bool {
        self.how != How::Events && self.from <= on && on < self.until
    }

    /// Whether, of lists up to a day, this one still tells how things stand on a later one.
    pub fn lasts(&self, last: Date, on: Date) -> bool {
        self.partial.is_none() && self.as_of == last && on < self.until
    }

    /// Whether it tells, or would, what happened on some of a stretch of days.
    pub fn overlaps(&self, (from, to): Span) -> bool {
        self.from <= to && from <= self.as_of
    }

    /// The days of which it tells what happened.
    fn happened(&self) -> Span {
        (self.from, self.as_of)
    }
}

/// Parts of a register's matter that are asked about; none if all of it is.
pub(super) type Parts = BTreeSet<String>;

/// What the lists that stand vouch for, by register and by the unit they are of.
#[derive(Debug, Default)]
pub struct VouchingLists {
    told: BTreeMap<String, BTreeMap<UnitCode, Vec<OneList>>>,
    /// The same by roster.
    by_roster: BTreeMap<String, BTreeMap<UnitCode, Vec<OneList>>>,
    /// The registers of which rolls tell whose home is where.
    homes: BTreeSet<String>,
    /// The registers that lists are about, whether they vouch or not.
    about: BTreeSet<String>,
}

impl VouchingLists {
    /// Of the lists that stand, and of what units record themselves.
    #[must_use]
    pub fn new(pack: &Pack, covers: &[Cover], reach: &SpokenByRegister, kept: &[KeptList]) -> Self {
        let homes = homes(pack);
        let mut told: BTreeMap<String, BTreeMap<UnitCode, Vec<OneList>>> = BTreeMap::new();
        let mut by_roster: BTreeMap<String, BTreeMap<UnitCode, Vec<OneList>>> = BTreeMap::new();
        for roster in &pack.rosters {
            let Some(vouching) = &roster.vouching else {
                continue;
            };
            let registers = told_by(pack, roster);
            let of_homes = registers.iter().any(|register| homes.contains(register));
            let ends = match of_homes {
                true => first_ends(&homes, reach),
                false => first_ends(&registers, reach),
            };
            let own = covers.iter().filter(|cover| cover.roster == roster.id);
            let own = own.map(|cover| (cover.unit, by_list(cover, (vouching, of_homes), &ends)));
            let kept = kept.iter().filter(|kept| kept.list == roster.id);
            let own = own.chain(kept.map(|kept| (kept.unit, by_unit(kept, vouching))));
            let own: Vec<(UnitCode, OneList)> = own.collect();
            let units = by_roster.entry(roster.id.clone()).or_default();
            for (unit, list) in &own {
                units.entry(*unit).or_default().push(list.clone());
            }
            let of_all = tells_who_is_registered(pack, roster);
            for register in registers {
                let units = told.entry(register.to_owned()).or_default();
                for (unit, list) in &own {
                    let whom = if of_all { Whom::Either } else { list.whom };
                    let list = OneList {
                        whom,
                        ..list.clone()
                    };
                    units.entry(*unit).or_default().push(list);
                }
            }
        }
        Self {
            told,
            by_roster,
            homes: homes.into_iter().map(ToOwned::to_owned).collect(),
            about: (pack.rosters.iter())
                .flat_map(|roster| about(pack, roster))
                .map(ToOwned::to_owned)
                .collect(),
        }
    }

    /// Whether there are lists that are about a register.
    pub(super) fn are_about(&self, register: &str) -> bool {
        self.about.contains(register)
    }

    /// Whether there are lists that would tell of a register.
    pub(super) fn tell(&self, register: &str) -> bool {
        self.told.contains_key(register)
    }

    /// The lists of a register that are of a leaf, or of a unit it lay under on their day.
    pub(super) fn of(&self, tree: &UnitTree, register: &str, leaf: &UnitCode) -> Vec<&OneList> {
        let units = self.told.get(register).into_iter().flatten();
        units
            .flat_map(|(unit, lists)| lists.iter().map(move |list| (unit, list)))
            .filter(|(unit, list)| {
                let apart = |unit: &UnitCode| still_own(&self.told, tree, (register, unit), list);
                tree.contained(unit, leaf, list.as_of, apart)
            })
            .map(|(_, list)| list)
            .collect()
    }

    /// Whether lists of a roster tell of a leaf on a day: a roll how things stand, lists of what happened up to a day that they last from.
    pub(super) fn roster_tells(
        &self,
        tree: &UnitTree,
        roster: &str,
        (leaf, on): (&UnitCode, Date),
    ) -> bool {
        let units = self.by_roster.get(roster).into_iter().flatten();
        let mut lists = units.flat_map(|(unit, lists)| lists.iter().map(move |list| (unit, list)));
        lists.any(|(unit, list)| {
            let apart = |unit: &UnitCode| still_own(&self.by_roster, tree, (roster, unit), list);
            let tells = list.partial.is_none() && list.from <= on && on < list.until;
            tells && tree.contained(unit, leaf, list.as_of, apart)
        })
    }

    /// Up to which day it is known how things stand on a day, by some lists of a register.
    pub(super) fn stand(
        &self,
        register: &str,
        lists: &[&OneList],
        parts: &Parts,
        on: Date,
    ) -> Option<Date> {
        let last = |lists: &[&OneList]| {
            let own = lists.iter().filter(|list| list.stands(on));
            own.map(|list| list.as_of.min(on)).max()
        };
        let each = self.sorts(register, lists, parts);
        each.iter()
            .map(|lists| last(lists))
            .try_fold(on, |all, own| Some(all.min(own?)))
    }

    /// The spans of days of which some lists of a register tell what happened.
    pub(super) fn happened(&self, register: &str, lists: &[&OneList], parts: &Parts) -> Vec<Span> {
        let spans = |lists: &Vec<&OneList>| {
            let spans = lists.iter().map(|list| list.happened());
            joined(spans.collect())
        };
        let each = self.sorts(register, lists, parts);
        let mut each = each.iter().map(spans);
        let first = each.next().unwrap_or_default();
        each.fold(first, |all, own| both(&all, &own))
    }

    /// The lists that each have to tell by themselves: of homes those of people who are registered and those of people who live there, of
    /// what is divided those of each part. Lists that are a part of themselves are in none.
    fn sorts<'l>(
        &self,
        register: &str,
        lists: &[&'l OneList],
        parts: &Parts,
    ) -> Vec<Vec<&'l OneList>> {
        let kinds: &[Whom] = match self.homes.contains(register) {
            true => &[Whom::Registered, Whom::Living],
            false => &[Whom::Either],
        };
        let parts: Vec<Option<&String>> = match parts.is_empty() {
            true => vec![None],
            false => parts.iter().map(Some).collect(),
        };
        let mut sorts = Vec::new();
        for kind in kinds {
            for part in &parts {
                let own = lists.iter().filter(|list| {
                    let kind = *kind == Whom::Either || [*kind, Whom::Either].contains(&list.whom);
                    let part = match (part, &list.slices) {
                        (Some(part), Some(slices)) => slices.contains(*part),
                        _ => true,
                    };
                    list.partial.is_none() && kind && part
                });
                sorts.push(own.copied().collect());
            }
        }
        sorts
    }

    /// A part of the matter of which no list tells, and people of a kind of home whom none names.
    pub(super) fn missing(
        &self,
        register: &str,
        lists: &[&OneList],
        parts: &Parts,
    ) -> (Option<String>, Option<Whom>) {
        let whole: Vec<&&OneList> = lists.iter().filter(|own| own.partial.is_none()).collect();
        let part = parts.iter().find(|part| {
            let tells = |own: &&&OneList| {
                let slices = own.slices.as_ref();
                slices.is_none_or(|slices| slices.contains(*part))
            };
            !whole.iter().any(tells)
        });
        let kinds = [Whom::Registered, Whom::Living];
        let kind = kinds.into_iter().filter(|_| self.homes.contains(register));
        let mut kind = kind.filter(|kind| {
            let names = |own: &&OneList| [*kind, Whom::Either].contains(&own.whom);
            !whole.iter().any(|own| names(own))
        });
        (part.cloned(), kind.next())
    }
}

/// Whether a unit that has gone into another has sent a list of its own since, which a list of the other isn't newer than by so much that
/// it would be out of date.
fn still_own(
    lists: &BTreeMap<String, BTreeMap<UnitCode, Vec<OneList>>>,
    tree: &UnitTree,
    (of, unit): (&str, &UnitCode),
    other: &OneList,
) -> bool {
    let Some(went) = tree.went_on(unit) else {
        return false;
    };
    let own = lists.get(of).into_iter().flatten();
    let mut own = own
        .filter(|(own, _)| unit.contains(own))
        .flat_map(|own| own.1);
    own.any(|own| own.roster == other.roster && went <= own.as_of && other.as_of < own.until)
}

/// The registers that keep homes.
fn homes(pack: &Pack) -> BTreeSet<&str> {
    let homes = pack.registers.iter().filter(|own| own.home.is_some());
    homes.map(|own| own.id.as_str()).collect()
}

/// The first day before its own by which each list says of some registers that somebody had left, or that something was over.
fn first_ends(registers: &BTreeSet<&str>, reach: &SpokenByRegister) -> BTreeMap<SayId, Date> {
    let spoken = registers.iter().filter_map(|register| reach.get(*register));
    let mut first: BTreeMap<SayId, Date> = BTreeMap::new();
    for spoken in spoken.flat_map(|spoken| spoken.iter()) {
        if let (Some(say), Some(ends)) = (spoken.say, spoken.ends) {
            let known = first.entry(say).or_insert(ends);
            *known = ends.min(*known);
        }
    }
    first
}

fn by_list(
    cover: &Cover,
    (vouching, of_homes): (&Vouching, bool),
    ends: &BTreeMap<SayId, Date>,
) -> OneList {
    // Who left is on it by name, or what was over: back to the beginning of the calendar period in which the first did, and its own day
    // lies. That something on it began long ago doesn't tell who else there was then.
    let before = ends.get(&cover.say).filter(|_| vouching.past);
    let before = before.map(|ends| Period::around(*ends, cover.as_of).before());
    let from = match (before, vouching.how) {
        (Some(before), _) if of_homes => cover.from.min(before),
        (Some(before), Vouches::Roll) => before,
        (None, Vouches::Roll) if !of_homes => cover.as_of,
        _ => cover.from,
    };
    OneList {
        roster: cover.roster.clone(),
        how: match vouching.how {
            Vouches::Roll => How::Roll,
            Vouches::Events(_) => How::Events,
        },
        whom: vouching.whom,
        from,
        as_of: cover.as_of,
        until: cover.until,
        slices: (vouching.by.is_some()).then(|| cover.slices.iter().cloned().collect()),
        partial: cover.partial,
    }
}

fn by_unit(kept: &KeptList, vouching: &Vouching) -> OneList {
    let until = vouching.until(kept.confirmed.max(kept.since));
    OneList {
        roster: kept.list.clone(),
        how: How::Kept,
        whom: vouching.whom,
        from: kept.since,
        as_of: until.yesterday().unwrap_or(until),
        until,
        slices: None,
        partial: None,
    }
}

/// The registers that a roster's lists tell of.
pub(super) fn told_by<'p>(pack: &'p Pack, roster: &'p Roster) -> BTreeSet<&'p str> {
    match roster.vouching {
        Some(_) => about(pack, roster),
        None => BTreeSet::new(),
    }
}

/// The registers that a roster's lists are about: a record that every row writes and that no other record of the row refers to.
fn about<'p>(pack: &'p Pack, roster: &'p Roster) -> BTreeSet<&'p str> {
    let homes = homes(pack);
    let required = |column: &String| {
        let column = roster.column(column);
        column.is_some_and(|(_, column)| column.required)
    };
    let always = |write: &&Write| {
        let each_row = write.only_if.as_ref().is_none_or(required);
        each_row && write.create && write.of.is_none()
    };
    let always: Vec<&Write> = roster.writes.iter().filter(always).collect();
    let is_home = |write: &&Write| homes.contains(write.register.as_str());
    let roll = (roster.vouching.as_ref()).is_some_and(|own| own.how == Vouches::Roll);
    let of_homes = roll && always.iter().any(&is_home);
    let own = always.into_iter().filter(|write| {
        of_homes || !is_home(write) && !roster.writes.iter().any(|own| refers(own, &write.alias))
    });
    // Units are what they are, whoever tells of them.
    let is_tree = |id: &&str| pack.register(id).is_some_and(|own| own.tree.is_some());
    let own = own.map(|write| write.register.as_str());
    own.filter(|register| !is_tree(register)).collect()
}

/// Whether a roster's rows tell of a register's records, and don't only mention them: other records of the row refer to a record that is
/// mentioned.
pub(super) fn speaks_of(roster: &Roster, register: &str) -> bool {
    let mut writes = roster.writes.iter();
    writes.any(|write| {
        write.register == register && !roster.writes.iter().any(|own| refers(own, &write.alias))
    })
}

/// Whether each row of a roster says if somebody is registered: then its lists name those who only live there, too, whomever else they vouch for.
fn tells_who_is_registered(pack: &Pack, roster: &Roster) -> bool {
    let Ok(contract) = pack.contract() else {
        return false;
    };
    let homes = &contract.homes;
    let mut writes = roster.writes.iter();
    let required = |source: &ValueSource| match source {
        ValueSource::Column(column) => {
            let column = roster.column(column);
            column.is_some_and(|(_, column)| column.required)
        }
        _ => false,
    };
    writes.any(|write| {
        let mut set = write.set.iter();
        let is_flag = |field: &String| *field == homes.registered.id;
        write.register == homes.register.id
            && set.any(|(field, source)| is_flag(field) && required(source))
    })
}

/// Whether a record that is written refers to another of the same row.
fn refers(write: &Write, alias: &str) -> bool {
    fn names(source: &ValueSource, alias: &str) -> bool {
        match source {
            ValueSource::Alias(name) => name == alias,
            ValueSource::Else(_, other) => names(other, alias),
            _ => false,
        }
    }
    !alias.is_empty() && write.set.iter().any(|(_, source)| names(source, alias))
}

/// Spans of days, put together where they meet, in order.
pub(super) fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for (first, last) in spans {
        match joined.last_mut() {
            Some((_, end)) if end.tomorrow().is_ok_and(|next| first <= next) => {
                *end = last.max(*end)
            }
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// The days that lie in spans of the one and of the other.
pub(super) fn both(one: &[Span], other: &[Span]) -> Vec<Span> {
    let pairs = one
        .iter()
        .flat_map(|one| other.iter().map(move |other| (one, other)));
    let common = pairs.map(|(one, other)| (one.0.max(other.0), one.1.min(other.1)));
    common.filter(|(first, last)| first <= last).collect()
}
