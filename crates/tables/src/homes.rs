//! Where people are counted. A home is a person's in one unit; of each kind, registered and living, somebody has one at a time in
//! the whole ledger. Which one it is follows from what the units' own lists say: the arriving unit's word makes the move, the
//! leaving list only confirms it, so that there is no day in nobody's population, whatever came first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use kernel::UnitCode;
use ledger::fold::{Does, EVER, Folded, Missing, NEVER, fold};
use pack::{Home, Register};
use rustc_hash::FxHashSet;

use crate::by_record::ByRecord;
use crate::feed::Feed;
use crate::heard::Heard;
use crate::rows::{Counted, Untangled, place_of};
use crate::tangle::{Sorted, Tangle};
use crate::wanted::Wanted;
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

/// Who has several homes, at whatever time: these have to be looked at together. Of some homes only it is told by these, so all of a
/// person's must be among them.
pub(crate) fn with_several(
    heard: &Heard,
    register: &Register,
    fields: HomeFields,
    only: Option<&BTreeSet<i64>>,
) -> FxHashSet<usize> {
    let wanted = only.map(|only| Wanted::new(only.iter().copied()));
    let mut several = FxHashSet::default();
    let mut last = match only {
        None => ByRecord::nothing(heard.records),
        Some(_) => ByRecord::default(),
    };
    for (_, feed) in heard.words.feeds(&register.id) {
        for (row, record) in feed.records().iter().enumerate() {
            let record = heard.canon(*record);
            if wanted.as_ref().is_some_and(|wanted| !wanted.has(record)) {
                continue;
            }
            let Some(person) = person_of(heard, &feed, row, fields) else {
                continue;
            };
            let before = last.get(person);
            if before != 0 && before != record {
                several.insert(person);
            }
            last.set(person, record);
        }
    }
    several
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
    registered_as_of: Said,
    living_as_of: Said,
    as_of: i32,
}

/// As of which day something is said; and of who stays rather than of a double, which is more.
type Said = (i32, bool);

/// Of the tangles of a register of homes those there on a day, and what each comes to beside its person's others.
pub(crate) fn settle<'t>(
    heard: &Heard,
    sorted: &'t Sorted,
    fields: HomeFields,
    on: i32,
) -> Vec<Untangled<'t>> {
    let mut settled: Vec<Untangled<'t>> = Vec::with_capacity(sorted.tangles.len());
    for person in people(heard, sorted, fields) {
        settled.extend(together(person.claims(on)));
    }
    settled.sort_by_key(|home| home.tangle.record);
    settled
}

/// Homes of one kind that several units claim of somebody as of one day.
pub(crate) struct ClaimedTwice<'t> {
    /// The field of that kind.
    pub flag: usize,
    /// The homes, that which counts meanwhile first, each with the place of what is said of it among its assertions.
    pub homes: Vec<(&'t Tangle, u32)>,
}

/// The homes on which units differ on a day: somebody has to say.
pub(crate) fn claimed_twice<'t>(
    heard: &Heard,
    sorted: &'t Sorted,
    fields: HomeFields,
    on: i32,
) -> Vec<ClaimedTwice<'t>> {
    let mut twice = Vec::new();
    for person in people(heard, sorted, fields) {
        for flag in [fields.registered, fields.living] {
            let homes = person.claimed(flag, on);
            if homes.len() > 1 {
                twice.push(ClaimedTwice { flag, homes });
            }
        }
    }
    twice
}

/// Everybody whose homes have to be looked at together.
fn people<'s, 't>(
    heard: &Heard,
    sorted: &'t Sorted,
    fields: HomeFields,
) -> impl Iterator<Item = Person<'s, 't>>
where
    't: 's,
{
    let mut people: BTreeMap<usize, Vec<&Tangle>> = BTreeMap::new();
    for tangle in &sorted.tangles {
        let person = tangle.words.iter().find_map(|(feed, row)| {
            let words = &sorted.feeds[*feed as usize].1;
            person_of(heard, words, *row as usize, fields)
        });
        people.entry(person.unwrap_or(0)).or_default().push(tangle);
    }
    people.into_values().map(move |homes| Person {
        sorted,
        fields,
        homes,
    })
}

fn claim<'t>(
    sorted: &Sorted,
    fields: HomeFields,
    tangle: &'t Tangle,
    (folded, on): (Folded, i32),
) -> Option<HomeClaim<'t>> {
    let unit = unit_of(sorted, fields, tangle)?;
    let yes = |field: usize| {
        let (feed, row) = place_of(tangle, &folded, field)?;
        let column = sorted.feeds[feed].1.field(field).as_boolean();
        column.is_valid(row).then(|| column.value(row))
    };
    let said = |field: usize| {
        let stands = folded.stands.get(field).copied().flatten();
        stands.map_or((i32::MIN, false), |at| {
            let stands = &tangle.assertions[at as usize];
            (stands.as_of, !stands.double)
        })
    };
    let left = |voice: u32, as_of: i32| {
        let mut absences = tangle
            .absences
            .iter()
            .filter(|absence| absence.voice == voice);
        absences.any(|absence| absence.as_of > as_of && absence.as_of <= on)
    };
    let there = tangle.assertions.iter().filter(|a| {
        let begun = a.from.unwrap_or(a.as_of) <= on;
        a.does == Does::There && begun && on < a.until && !left(a.voice, a.as_of)
    });
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

/// Somebody's homes, whenever they had them.
struct Person<'s, 't> {
    sorted: &'s Sorted,
    fields: HomeFields,
    homes: Vec<&'t Tangle>,
}

/// A home, by its place among its person's, and what it was on the last day on which it was registered or lived in.
struct Lasting {
    home: usize,
    folded: Folded,
}

impl<'t> Person<'_, 't> {
    /// The homes there on a day. One that its list no longer has lasts until the next elsewhere begins, if one does.
    fn claims(&self, on: i32) -> Vec<HomeClaim<'t>> {
        let mut claims: Vec<Option<HomeClaim<'t>>> = (self.homes.iter())
            .map(|tangle| {
                let folded = self.fold(tangle, on);
                folded.since?;
                claim(self.sorted, self.fields, tangle, (folded, on))
            })
            .collect();
        let registered = self.lasting(self.fields.registered, on);
        let living = self.lasting(self.fields.living, on);
        for Lasting { home, folded } in registered.iter().chain(&living) {
            claims[*home] = claims[*home].take().or_else(|| {
                let last = (folded.clone(), on);
                let there = claim(self.sorted, self.fields, self.homes[*home], last)?;
                Some(HomeClaim {
                    registered: None,
                    living: None,
                    ..there
                })
            });
        }
        if let Some(claim) = registered.and_then(|lasting| claims[lasting.home].as_mut()) {
            claim.registered = Some(true);
        }
        if let Some(claim) = living.and_then(|lasting| claims[lasting.home].as_mut()) {
            claim.living = Some(true);
        }
        claims.into_iter().flatten().collect()
    }

    fn fold(&self, home: &Tangle, on: i32) -> Folded {
        fold(&self.sorted.rules, &home.assertions, &home.absences, on)
    }

    /// The home that is registered, or lived in, on a day by its own lists alone: the one said last.
    fn held(&self, flag: usize, on: i32) -> Option<Lasting> {
        let holding = self.homes.iter().enumerate().filter_map(|(home, tangle)| {
            let folded = self.fold(tangle, on);
            folded.since?;
            let (feed, row) = place_of(tangle, &folded, flag)?;
            let column = self.sorted.feeds[feed].1.field(flag).as_boolean();
            if !column.is_valid(row) || !column.value(row) {
                return None;
            }
            let says = tangle.assertions[folded.stands[flag]? as usize];
            let says: Said = (says.as_of, !says.double);
            let unit = unit_of(self.sorted, self.fields, tangle);
            Some((
                (says, Reverse(folded.since), Reverse(unit)),
                Lasting { home, folded },
            ))
        });
        let last = holding.max_by(|(one, _), (other, _)| one.cmp(other));
        last.map(|(_, lasting)| lasting)
    }

    /// The homes that are registered, or lived in, on a day by what is said of each as of the last day: more than one if units claim
    /// the same. A unit that has people of its own below it says less than the one below.
    fn claimed(&self, flag: usize, on: i32) -> Vec<(&'t Tangle, u32)> {
        if self.homes.len() < 2 {
            return Vec::new();
        }
        let holding = self.homes.iter().filter_map(|tangle| {
            let folded = self.fold(tangle, on);
            folded.since?;
            let (feed, row) = place_of(tangle, &folded, flag)?;
            let column = self.sorted.feeds[feed].1.field(flag).as_boolean();
            let at = folded.stands[flag]?;
            let says = tangle.assertions[at as usize];
            let says: Said = (says.as_of, !says.double);
            let unit = unit_of(self.sorted, self.fields, tangle)?;
            let holds = column.is_valid(row) && column.value(row);
            holds.then_some((says, folded.since, unit, *tangle, at))
        });
        let mut holding: Vec<_> = holding.collect();
        let units: Vec<UnitCode> = holding.iter().map(|(.., unit, _, _)| *unit).collect();
        let below = |unit: &UnitCode| {
            units
                .iter()
                .any(|other| other != unit && unit.contains(other))
        };
        holding.retain(|(.., unit, _, _)| !below(unit));
        let last = holding.iter().map(|(says, ..)| *says).max();
        holding.retain(|(says, ..)| Some(*says) == last);
        holding.sort_by_key(|(_, since, unit, ..)| (*since, *unit));
        holding
            .into_iter()
            .map(|(.., tangle, at)| (tangle, at))
            .collect()
    }

    /// The home that its list dropped before a day on which there is none, if it lasts until another begins: the arriving unit's
    /// word makes the move, and nobody is nowhere in between.
    fn lasting(&self, flag: usize, on: i32) -> Option<Lasting> {
        if self.homes.len() < 2 || self.held(flag, on).is_some() {
            return None;
        }
        let turns = self.turns();
        let past = turns.iter().rev().skip_while(|turn| **turn > on);
        let (left, last) = past
            .filter_map(|turn| Some((*turn, self.held(flag, turn.checked_sub(1)?)?)))
            .next()?;
        let home = self.homes[last.home];
        let stood = home.assertions[last.folded.stands[flag]? as usize];
        let dropped = |absence: &Missing| (absence.voice, absence.as_of) == (stood.voice, left);
        if stood.until <= left || !home.absences.iter().any(dropped) {
            return None;
        }
        let mut coming = turns.into_iter().filter(|turn| *turn > on);
        let next = coming.find_map(|turn| self.held(flag, turn))?;
        (next.home != last.home).then_some(last)
    }

    /// The days on which anything may change, ascending.
    fn turns(&self) -> Vec<i32> {
        let mut turns = Vec::new();
        for home in &self.homes {
            for a in &home.assertions {
                turns.extend([a.as_of, a.from.unwrap_or(a.as_of), a.until]);
            }
            turns.extend(home.absences.iter().map(|absence| absence.as_of));
        }
        turns.retain(|turn| *turn != EVER && *turn != NEVER);
        turns.sort_unstable();
        turns.dedup();
        turns
    }
}

/// The unit of a home.
pub(crate) fn unit_of(sorted: &Sorted, fields: HomeFields, tangle: &Tangle) -> Option<UnitCode> {
    tangle.words.iter().find_map(|(feed, row)| {
        let column = sorted.feeds[*feed as usize].1.field(fields.unit);
        let column = column.as_string_view();
        let row = *row as usize;
        column
            .is_valid(row)
            .then(|| column.value(row).parse().ok())?
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
    let order = |said: Said, claim: &HomeClaim<'_>| {
        (said, Reverse(claim.folded.since), Reverse(claim.unit))
    };
    let best = |has: &dyn Fn(&HomeClaim<'_>) -> Option<Said>| {
        let having = claims.iter().enumerate();
        let having = having.filter_map(|(at, claim)| Some((order(has(claim)?, claim), at)));
        having.max().map(|(_, at)| at)
    };
    let registered =
        best(&|claim| (claim.registered == Some(true)).then_some(claim.registered_as_of));
    let living = best(&|claim| (claim.living == Some(true)).then_some(claim.living_as_of));
    let counted = registered
        .or(living)
        .or_else(|| best(&|claim| Some((claim.as_of, true))));
    let mut settled = Vec::with_capacity(claims.len());
    for (at, claim) in claims.into_iter().enumerate() {
        let lost = |has: Option<bool>, winner| has == Some(true) && winner != Some(at);
        let (no_more, not_here) = (
            lost(claim.registered, registered),
            lost(claim.living, living),
        );
        let home = Counted {
            registered: if no_more {
                Some(false)
            } else {
                claim.registered
            },
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
