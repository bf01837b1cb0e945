//! Where people are counted. A home is a person's in one unit; of each kind, registered and living, somebody has one at a time in
//! the whole ledger. Which one it is follows from what the units' own lists say: the arriving unit's word makes the move, the
//! leaving list only confirms it, so that there is no day in nobody's population, whatever came first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use kernel::UnitCode;
use ledger::fold::{Does, Folded, NEVER, fold, since, spans};
use pack::{Home, Register};

use crate::feed::Feed;
use crate::heard::Heard;
use crate::rows::{Counted, Untangled, place_of};
use crate::tangle::{Sorted, Tangle};
use crate::words::small;

/// The fields of a register of homes, by place.
#[derive(Clone, Copy)]
pub(crate) struct HomeFields {
    pub person: usize,
    pub unit: usize,
    pub registered: usize,
    pub living: usize,
}

impl HomeFields {
    pub(crate) fn of(register: &Register, home: &Home) -> Option<Self> {
        let place = |id: &str| register.field(id).map(|(at, _)| at);
        Some(Self {
            person: place(&home.person)?,
            unit: place(&home.unit)?,
            registered: place(&home.registered)?,
            living: place(&home.living)?,
        })
    }
}

/// How many homes each person has, by person, at any time: those who have several have to be looked at together.
pub(crate) fn homes_of(heard: &Heard, register: &Register, fields: HomeFields) -> Vec<u8> {
    let mut homes = vec![0_u8; heard.records];
    let mut last = vec![0_i64; heard.records];
    for (_, feed) in heard.words.feeds(&register.id) {
        for (row, record) in feed.records().iter().enumerate() {
            let Some(person) = person_of(heard, &feed, row, fields) else {
                continue;
            };
            let record = heard.canon(*record);
            if let (Some(homes), Some(last)) = (homes.get_mut(person), last.get_mut(person))
                && *last != record
            {
                *last = record;
                *homes = homes.saturating_add(1);
            }
        }
    }
    homes
}

/// Whose home a word is about.
pub(crate) fn person_of(
    heard: &Heard,
    feed: &Feed,
    row: usize,
    fields: HomeFields,
) -> Option<usize> {
    let persons = feed.field(fields.person).as_primitive::<Int64Type>();
    (persons.is_valid(row)).then(|| small(heard.canon(persons.value(row))))
}

/// One of the homes of a person.
struct HomeClaim<'t> {
    tangle: &'t Tangle,
    folded: Folded,
    unit: UnitCode,
    registered: Option<bool>,
    living: Option<bool>,
    /// As of which day it is said to be registered, or lived in, or there at all.
    registered_as_of: i32,
    living_as_of: i32,
    as_of: i32,
}

/// Of the tangles of a register of homes those there on a day, and what each comes to beside its person's others.
pub(crate) fn settle<'t>(
    heard: &Heard,
    sorted: &'t Sorted,
    fields: HomeFields,
    on: i32,
) -> Vec<Untangled<'t>> {
    let mut people: BTreeMap<usize, Vec<&Tangle>> = BTreeMap::new();
    for tangle in &sorted.tangles {
        let person = tangle.words.iter().find_map(|(feed, row)| {
            person_of(heard, &sorted.feeds[*feed as usize].1, *row as usize, fields)
        });
        people.entry(person.unwrap_or(0)).or_default().push(tangle);
    }
    let mut settled: Vec<Untangled<'t>> = Vec::with_capacity(sorted.tangles.len());
    for homes in people.into_values() {
        let folded = homes.iter().map(|tangle| {
            let folded = fold(&sorted.rules, &tangle.assertions, &tangle.absences, on);
            match folded.since {
                None => kept_on(sorted, fields, tangle, &homes, on),
                Some(_) => Some((folded, on)),
            }
        });
        let claims: Vec<HomeClaim<'t>> = (homes.iter().zip(folded))
            .filter_map(|(tangle, folded)| claim(sorted, fields, tangle, folded?))
            .collect();
        settled.extend(together(claims));
    }
    settled.sort_by_key(|home| home.tangle.record);
    settled
}

fn claim<'t>(
    sorted: &Sorted,
    fields: HomeFields,
    tangle: &'t Tangle,
    (folded, on): (Folded, i32),
) -> Option<HomeClaim<'t>> {
    let unit = tangle.words.iter().find_map(|(feed, row)| {
        let column = sorted.feeds[*feed as usize].1.field(fields.unit);
        let column = column.as_string_view();
        let row = *row as usize;
        column.is_valid(row).then(|| column.value(row).parse().ok())?
    })?;
    let yes = |field: usize| {
        let (feed, row) = place_of(tangle, &folded, field)?;
        let column = sorted.feeds[feed].1.field(field).as_boolean();
        column.is_valid(row).then(|| column.value(row))
    };
    let said = |field: usize| {
        let stands = folded.stands.get(field).copied().flatten();
        stands.map_or(i32::MIN, |at| tangle.assertions[at as usize].as_of)
    };
    let there = tangle.assertions.iter();
    let there = there.filter(|a| a.does == Does::There && a.as_of <= on);
    Some(HomeClaim {
        registered: yes(fields.registered),
        living: yes(fields.living),
        registered_as_of: said(fields.registered),
        living_as_of: said(fields.living),
        as_of: there.map(|a| a.as_of).max().unwrap_or(i32::MIN),
        tangle,
        unit,
        folded,
    })
}

/// A registered home that its list no longer has lasts until the next one begins, in whatever unit that is: nobody's registration
/// is nowhere. Gives what it was on its last day, and that day.
fn kept_on(
    sorted: &Sorted,
    fields: HomeFields,
    tangle: &Tangle,
    homes: &[&Tangle],
    on: i32,
) -> Option<(Folded, i32)> {
    let rules = &sorted.rules;
    let mut voices: Vec<u32> = tangle.assertions.iter().map(|a| a.voice).collect();
    voices.sort_unstable();
    voices.dedup();
    let ends = voices.into_iter().flat_map(|voice| {
        spans(rules, &tangle.assertions, &tangle.absences, voice)
            .into_iter()
            .map(|(_, end)| end)
    });
    let end = ends.filter(|end| *end <= on).max()?;
    if !tangle.absences.iter().any(|absence| absence.as_of == end) {
        return None;
    }
    let before = end.saturating_sub(1);
    let folded = fold(rules, &tangle.assertions, &tangle.absences, before);
    if !is_registered(sorted, fields, tangle, &folded) {
        return None;
    }
    let mut next: Option<i32> = None;
    for other in homes.iter().filter(|other| other.record != tangle.record) {
        if registered_on(sorted, fields, other, on) {
            return None;
        }
        next = match (next, arrival(sorted, fields, other, end)) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    next.filter(|next| on < *next).map(|_| (folded, before))
}

/// The first day from `after` on at which a home is registered.
fn arrival(sorted: &Sorted, fields: HomeFields, home: &Tangle, after: i32) -> Option<i32> {
    let says = home.assertions.iter().filter(|a| a.fields.has(fields.registered));
    let mut days: Vec<i32> = says
        .flat_map(|a| [a.as_of.max(a.from.unwrap_or(a.as_of)), a.from.unwrap_or(a.as_of)])
        .filter(|day| *day >= after && *day < NEVER)
        .collect();
    days.push(after);
    days.sort_unstable();
    days.into_iter().find(|day| registered_on(sorted, fields, home, *day))
}

fn registered_on(sorted: &Sorted, fields: HomeFields, home: &Tangle, on: i32) -> bool {
    since(&sorted.rules, &home.assertions, &home.absences, on).is_some()
        && is_registered(
            sorted,
            fields,
            home,
            &fold(&sorted.rules, &home.assertions, &home.absences, on),
        )
}

fn is_registered(sorted: &Sorted, fields: HomeFields, home: &Tangle, folded: &Folded) -> bool {
    place_of(home, folded, fields.registered).is_some_and(|(feed, row)| {
        let column = sorted.feeds[feed].1.field(fields.registered).as_boolean();
        column.is_valid(row) && column.value(row)
    })
}

/// What the homes of one person come to together.
fn together<'t>(mut claims: Vec<HomeClaim<'t>>) -> Vec<Untangled<'t>> {
    // A unit that has people of its own below it says less than the one below.
    let units: Vec<UnitCode> = claims.iter().map(|claim| claim.unit).collect();
    claims.retain(|claim| {
        !units
            .iter()
            .any(|unit| *unit != claim.unit && claim.unit.contains(unit))
    });
    let order = |as_of: i32, claim: &HomeClaim<'_>| {
        (as_of, Reverse(claim.folded.since), Reverse(claim.unit))
    };
    let best = |has: &dyn Fn(&HomeClaim<'_>) -> Option<i32>| {
        let having = claims.iter().enumerate();
        let having = having.filter_map(|(at, claim)| Some((order(has(claim)?, claim), at)));
        having.max().map(|(_, at)| at)
    };
    let registered = best(&|claim| (claim.registered == Some(true)).then_some(claim.registered_as_of));
    let living = best(&|claim| (claim.living == Some(true)).then_some(claim.living_as_of));
    let counted = registered.or(living).or_else(|| best(&|claim| Some(claim.as_of)));
    let mut settled = Vec::with_capacity(claims.len());
    for (at, claim) in claims.into_iter().enumerate() {
        let lost = |has: Option<bool>, winner| has == Some(true) && winner != Some(at);
        let (no_more, not_here) = (lost(claim.registered, registered), lost(claim.living, living));
        let home = Counted {
            registered: if no_more { Some(false) } else { claim.registered },
            living: if not_here { Some(false) } else { claim.living },
            counted: counted == Some(at),
        };
        let neither = home.registered != Some(true) && home.living != Some(true);
        if !(neither && (no_more || not_here)) {
            settled.push(Untangled {
                tangle: claim.tangle,
                folded: claim.folded,
                home: Some(home),
            });
        }
    }
    settled
}
