//! The lists that vouch on a day, and which of them cover a unit.

use std::collections::BTreeMap;

use datafusion::arrow::array::{BooleanArray, Int64Array, StringViewArray};
use jiff::civil::Date;
use kernel::UnitCode;
use kernel::date::{from_days, to_days};
use pack::{Pack, Vouching, Whom};
use rustc_hash::FxHashMap;

use crate::covers::Cover;
use crate::units::UnitTree;

/// The lists that vouch on a day, by the day on which people have to be at home there.
pub(super) type ByDay<'a> = BTreeMap<i32, Vec<Active<'a>>>;

/// People with the lists that have a row that may be about them and wasn't placed.
pub(super) type Named<'a> = FxHashMap<i64, Vec<&'a Cover>>;

/// A list that vouches on the day, for those at home there on a day.
pub(super) struct Active<'a> {
    pub roster: &'a str,
    pub bits: u64,
    pub unit: UnitCode,
    pub whom: Whom,
    /// Of a list of what happened: only who was born since.
    pub born_from: Option<i32>,
    pub cover: Option<&'a Cover>,
}

/// Until when the last list that a unit sent of itself after it had gone into another is of its time, by unit and roster. As long as it
/// is, lists of the unit it went into aren't taken to speak of it.
#[derive(Default)]
pub(super) struct StillOwn<'a>(BTreeMap<(UnitCode, &'a str), Date>);

impl<'a> StillOwn<'a> {
    pub fn new(tree: &UnitTree, covers: &'a [Cover]) -> Self {
        let mut until = BTreeMap::new();
        for (unit, went) in tree.gone() {
            let own = covers.iter().filter(|cover| unit.contains(&cover.unit));
            for cover in own.filter(|cover| went <= cover.as_of) {
                let known = until.entry((*unit, &*cover.roster)).or_insert(cover.until);
                *known = cover.until.max(*known);
            }
        }
        Self(until)
    }
}

/// Where units are, and which lists are of which.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    pub tree: &'a UnitTree,
    pub still_own: &'a StillOwn<'a>,
}

impl Places<'_> {
    /// Whether a list of a day is of a unit.
    pub fn covers(&self, list: &Active<'_>, unit: &UnitCode, day: i32) -> bool {
        let on = from_days(day).unwrap_or(Date::MAX);
        let apart = |unit: &UnitCode| {
            let until = self.still_own.0.get(&(*unit, list.roster));
            until.is_some_and(|until| on < *until)
        };
        self.tree.contained(&list.unit, unit, on, apart)
    }
}

/// Homes on a day: columns of one length.
pub(super) struct Homes {
    pub persons: Int64Array,
    pub units: StringViewArray,
    pub registered: BooleanArray,
    pub living: BooleanArray,
}

/// The lists of a day that cover a unit.
pub(super) struct OfUnit<'a> {
    /// The bits for those registered and for those living there, of lists that tell of everybody.
    registered: u64,
    living: u64,
    /// All of them, and since when somebody must have been born of whom lists of what happened tell.
    lists: Vec<(Option<i32>, &'a Active<'a>)>,
}

impl<'a> OfUnit<'a> {
    pub fn new(
        unit: &UnitCode,
        active: &'a [Active<'a>],
        (places, day): (Places<'_>, i32),
    ) -> Self {
        let lists = active.iter().filter(|own| places.covers(own, unit, day));
        // Those born before the unit went into the list's are told of by lists of its own.
        let born_from = |own: &Active<'_>| {
            own.born_from.map(|from| match places.tree.went_on(unit) {
                Some(went) if !places.covers(own, unit, from) => from.max(to_days(went)),
                _ => from,
            })
        };
        let lists: Vec<_> = lists.map(|own| (born_from(own), own)).collect();
        let all = |here: [bool; 2]| {
            let own = lists.iter().filter(|(born_from, _)| born_from.is_none());
            let own = own.filter(|(_, own)| is_of(own.whom, here));
            own.fold(0, |bits, (_, own)| bits | own.bits)
        };
        Self {
            registered: all([true, false]),
            living: all([false, true]),
            lists,
        }
    }

    /// For somebody registered or living there of whom no list has to be looked at by itself.
    pub fn bits(&self, [registered, living]: [bool; 2]) -> u64 {
        (if registered { self.registered } else { 0 }) | (if living { self.living } else { 0 })
    }

    /// The same of somebody newly born, or of whom some lists don't tell.
    pub fn one_by_one(&self, here: [bool; 2], holes: &[&Cover], born: Option<i32>) -> u64 {
        let own = self.lists.iter().filter(|(born_from, own)| {
            let told = born_from.is_none_or(|from| born.is_some_and(|born| from <= born));
            let is_hole = own
                .cover
                .is_some_and(|cover| holes.iter().any(|hole| std::ptr::eq(*hole, cover)));
            is_of(own.whom, here) && told && !is_hole
        });
        own.fold(0, |bits, (_, own)| bits | own.bits)
    }
}

/// Whether a list is of somebody registered or living in its unit.
fn is_of(whom: Whom, [registered, living]: [bool; 2]) -> bool {
    match whom {
        Whom::Registered => registered,
        Whom::Living => living,
        Whom::Either => registered || living,
    }
}

/// What a pack's lists are, and their bits.
pub(super) struct Bits<'p> {
    pub names: Vec<String>,
    pub pack: &'p Pack,
}

impl Bits<'_> {
    /// The bits of a list.
    pub fn of(&self, roster: &str, slices: &[String]) -> u64 {
        let mut bits = 0;
        for (at, name) in self.names.iter().enumerate() {
            let own = match name.split_once(':') {
                Some((own, slice)) => own == roster && slices.iter().any(|told| told == slice),
                None => name == roster,
            };
            bits |= u64::from(own) << at;
        }
        bits
    }

    /// All bits of a roster, whatever its parts.
    pub fn whole(&self, roster: &str) -> u64 {
        let own = |name: &String| name.split(':').next() == Some(roster);
        let places = (0..).zip(&self.names).filter(|(_, name)| own(name));
        places.fold(0, |bits, (at, _)| bits | 1 << at)
    }

    pub fn vouching(&self, roster: &str) -> Option<&Vouching> {
        self.pack.roster(roster)?.vouching.as_ref()
    }
}

/// Lists of what happened, in the order of their first days, put together where one follows on another.
pub(super) fn spans<'a, 'c>(lists: &'a [&'c Cover]) -> Vec<&'a [&'c Cover]> {
    let mut spans = Vec::new();
    let (mut begin, mut last) = (0, None::<Date>);
    for (at, list) in lists.iter().enumerate() {
        let follows =
            last.is_none_or(|last| last.tomorrow().map_or(true, |next| list.from <= next));
        if !follows {
            spans.push(&lists[begin..at]);
            begin = at;
            last = None;
        }
        last = Some(last.map_or(list.as_of, |last| last.max(list.as_of)));
    }
    if begin < lists.len() {
        spans.push(&lists[begin..]);
    }
    spans
}
