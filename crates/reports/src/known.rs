//! Where the ledger can tell a figure at all. A unit of which nothing was ever recorded has no population of nought; before the day of
//! the first list nothing is known; where no row says the field by which rows are counted, the count would be of nothing.
//!
//! A register of which lists vouch is known by what they vouch for, and by nothing else: a roll tells how things stand from its first day
//! to its last, lists of what happened the days that they cover without a gap, and a list that is a part tells nothing ([`VouchingLists`]). Of any other
//! register what is known follows from what lists and desks said, as of which days (`tables::SpokenByRegister`): a list that
//! names everyone is taken to tell how things are from its day on, one of happenings the calendar period, of the year of its day, that its dates fill.
//! A list that only mentions records of a register, or whose rows are none of those asked for, isn't taken to tell of it where others would. These are
//! rules of thumb: lists of one register in parts that no declaration tells apart count as one.

mod lists;
mod spoken;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use jiff::civil::Date;
use kernel::{Period, UnitCode};
use pack::{At, Fact, Pack, Programme, ValueSource};
use tables::{Spoken, SpokenBy, SpokenByRegister, UnitTree, schema};

use crate::reads::Reads;
use lists::{How, OneList, Parts, both};
pub use lists::{KeptList, Span, VouchingLists};
use spoken::vouches_from;
pub use unknown::{Tells, Unknown};

/// How many records of a register each unit has on a day, and how many of them say each field.
pub type SaidFields = BTreeMap<String, SaidByUnit>;

/// How many records of one register each unit has on a day, and how many of them say each field.
pub type SaidByUnit = BTreeMap<UnitCode, (i64, BTreeMap<String, i64>)>;

/// How many say each field, with some rows more (1) or less (-1). Whether it can be told of these rows.
pub fn add_said(said: &mut SaidByUnit, rows: &RecordBatch, fields: &[&str], sign: i64) -> bool {
    let column = |name: &str| rows.column_by_name(name);
    let units = column(schema::UNIT).and_then(|units| units.as_string_view_opt());
    let columns: Option<Vec<&ArrayRef>> = fields.iter().map(|field| column(field)).collect();
    let (Some(units), Some(columns)) = (units, columns) else {
        return false;
    };
    for row in 0..rows.num_rows() {
        let Ok(unit) = units.value(row).parse() else {
            continue;
        };
        let (all, counts) = said.entry(unit).or_default();
        *all += sign;
        for (field, column) in fields.iter().zip(&columns) {
            let own = counts.entry((*field).to_owned()).or_default();
            *own += if column.is_valid(row) { sign } else { 0 };
        }
    }
    said.retain(|_, (all, _)| *all != 0);
    true
}

/// What was said of each register for each of the lowest units, as it is found out: by its place, and of what was said over many days,
/// since when it has been. It is of one tree of units.
#[derive(Debug, Default)]
pub struct SpokenFor(Mutex<BTreeMap<String, OfLeaves>>);

/// What was said, and what of it is for whom.
type OfLeaves = (Arc<Vec<Spoken>>, BTreeMap<UnitCode, Arc<Vec<ForLeaf>>>);
type ForLeaf = (usize, Option<Date>);

/// What is known on a day, or over a period that ends with it.
pub struct Knowledge<'a> {
    /// The declarations.
    pub pack: &'a Pack,
    /// What the lists that stand vouch for.
    pub lists: &'a VouchingLists,
    /// What was said.
    pub reach: &'a SpokenByRegister,
    /// The units.
    pub tree: &'a UnitTree,
    /// What of what was said is for which of them.
    pub spoken_for: &'a SpokenFor,
    /// Which records say which fields, on the day.
    pub said: &'a SaidFields,
    /// The last day that has come.
    pub today: Date,
}

/// What has to be known of a register.
struct Need<'a> {
    register: &'a str,
    /// Whether its records are the rows, so that it has to be known over the whole period.
    counted: bool,
    /// The parts of its matter, if not all of it.
    parts: Parts,
    /// Of its fields the values that are asked for, where they are written out.
    wanted: &'a BTreeMap<(String, String), BTreeSet<String>>,
    /// Fields, and a row in which one of them isn't known is left out.
    tested: [&'a BTreeSet<(String, String)>; 2],
    /// Whether only those at home are counted.
    at_home: bool,
    /// Of a register of which no list vouches, the rosters that tell of what is asked.
    telling: BTreeSet<String>,
}

/// Nothing in particular is asked for.
static WHATEVER: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
static NO_FIELD: BTreeSet<(String, String)> = BTreeSet::new();

impl<'a> Need<'a> {
    /// Who is at home, of whose register lists vouch.
    fn at_home(register: &'a str, counted: bool) -> Self {
        Self {
            register,
            counted,
            parts: Parts::new(),
            wanted: &WHATEVER,
            tested: [&NO_FIELD; 2],
            at_home: true,
            telling: BTreeSet::new(),
        }
    }
}

impl Knowledge<'_> {
    /// Whether a counted figure of each of some leaves can be told for a period, of rows on a day. Of a unit into which others have gone,
    /// what was said of all of them tells it, too.
    #[must_use]
    pub fn tells(
        &self,
        reads: &Reads,
        at: At,
        (period, on): (Period, Date),
        leaves: Vec<UnitCode>,
    ) -> BTreeMap<UnitCode, Tells> {
        let begins = match at {
            At::Period => period.start(),
            At::Start | At::End => on.max(period.start()),
        };
        let needed = self.needed(reads);
        let tells = |leaf: &UnitCode| match begins > self.today {
            true => Tells::Not(Unknown::NotYet),
            false => self.tells_of_leaf((reads, &needed), at, (period, on), leaf),
        };
        let leaves = leaves.into_iter();
        leaves.map(|leaf| (leaf, tells(&leaf))).collect()
    }

    fn tells_of_leaf(
        &self,
        (reads, needed): (&Reads, &[Need<'_>]),
        at: At,
        of: (Period, Date),
        leaf: &UnitCode,
    ) -> Tells {
        let mut all = Tells::Whole;
        for need in needed {
            all = all.and(self.told(need, at, of, leaf));
            if let Tells::Not(_) = all {
                return all;
            }
        }
        if let Some(lacks) = self.lacks_answers(reads, of.1, leaf) {
            return Tells::Not(lacks);
        }
        if let Some(above) = self.above_only(reads, leaf) {
            // Their figure is told of the unit above, if anything says what it asks for.
            return Tells::Not(self.unsaid(reads, &above).unwrap_or(Unknown::Above));
        }
        match self.unsaid(reads, leaf) {
            Some(unsaid) => Tells::Not(unsaid),
            None => all,
        }
    }

    /// The first and the last day up to which it is known who is at home in a leaf; none if it never is.
    #[must_use]
    pub fn homes_known(&self, leaf: &UnitCode) -> Option<Span> {
        let homes = self.pack.registers.iter().find(|r| r.home.is_some())?;
        if !self.lists.tell(&homes.id) {
            let spoken = self.spoken(&homes.id, leaf).into_iter();
            let spoken = spoken.map(|(spoken, _)| spoken);
            let whole: Vec<&Spoken> = spoken
                .filter(|own| own.by == SpokenBy::WholeList && own.as_of <= self.today)
                .collect();
            let first = whole.iter().map(|own| vouches_from(own)).min()?;
            return Some((first, whole.iter().map(|own| own.as_of).max()?));
        }
        let need = Need::at_home(&homes.id, true);
        let days = self.list_days(&need, leaf).into_iter();
        let known = days.filter_map(|(from, as_of)| {
            let on = as_of.min(self.today);
            Some((from, self.standing(&need, on, leaf)?))
        });
        known.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// The first days and the days of a register's lists of a leaf and of the units that have gone into it.
    fn list_days(&self, need: &Need<'_>, leaf: &UnitCode) -> Vec<Span> {
        let lists = self.lists.of(self.tree, need.register, leaf).into_iter();
        let mut days: Vec<Span> = lists.map(|list| (list.from, list.as_of)).collect();
        for unit in self.tree.merged_into(leaf) {
            days.extend(self.list_days(need, unit));
        }
        days
    }

    /// The registers of which something must be known: those whose records the rows are; of answers of programmes, homes; and all others
    /// that the query reads and that lists vouch for.
    fn needed<'r>(&'r self, reads: &'r Reads) -> Vec<Need<'r>> {
        let homes = self.pack.registers.iter().find(|r| r.home.is_some());
        let people = self.pack.contract().ok();
        let people = people.map(|contract| contract.people.register.id.as_str());
        let mut counted: BTreeSet<&str> = reads.needs.iter().map(String::as_str).collect();
        match (reads.counted.is_empty(), homes) {
            (true, Some(homes)) => drop(counted.insert(&homes.id)),
            _ => counted.extend(reads.counted.iter().map(String::as_str)),
        }
        // Who lists of homes name tells who there is; a mere mention doesn't.
        if let Some(homes) = homes.filter(|homes| self.lists.tell(&homes.id))
            && people.is_some_and(|people| counted.remove(people))
        {
            counted.insert(&homes.id);
        }
        // Of what rows are kept or left out by, something must have been told, too.
        let read = reads.query.iter().map(String::as_str).filter(|register| {
            !counted.contains(register)
                && Some(*register) != people
                && (self.lists.tell(register) || reads.asks.contains(*register))
        });
        let read: Vec<&str> = read.collect();
        let need = |register: &'r str, counted| {
            let mut need = Need {
                register,
                counted,
                parts: self.parts(reads, register),
                wanted: &reads.wanted,
                tested: [&reads.tested, &reads.required],
                at_home: homes.is_some_and(|homes| reads.query.contains(&homes.id)),
                telling: BTreeSet::new(),
            };
            need.telling = self.telling(&need);
            need
        };
        let counted = counted.into_iter().map(|register| need(register, true));
        let read = read.into_iter().map(|register| need(register, false));
        counted.chain(read).collect()
    }

    /// Lists that facts of the programmes rest on whose answers are counted, where none of them tells.
    fn lacks_answers(&self, reads: &Reads, on: Date, leaf: &UnitCode) -> Option<Unknown> {
        if !reads.entitled {
            return None;
        }
        let counts = |own: &&Programme| reads.answers.is_empty() || reads.answers.contains(&own.id);
        let mut programmes = self.pack.programmes.iter().filter(counts);
        programmes.find_map(|programme| {
            let facts = facts_of(self.pack, programme);
            let closed = facts.into_iter().filter(|fact| fact.closed.is_asked());
            let told = |fact: &&Fact| {
                let mut rosters = fact.closed.rosters();
                rosters.any(|roster| self.roster_tells(roster, on, leaf))
            };
            let lacks = closed.into_iter().find(|fact| !told(fact))?;
            let rosters = lacks.closed.rosters().map(ToOwned::to_owned);
            Some(Unknown::NoAnswers {
                rosters: rosters.collect(),
            })
        })
    }

    /// Whether lists of a roster tell of a leaf on a day; of units that have gone into it, too.
    fn roster_tells(&self, roster: &str, on: Date, leaf: &UnitCode) -> bool {
        let own = self.lists.roster_tells(self.tree, roster, (leaf, on)) || !self.was_there(leaf);
        let mut parts = self.tree.merged_into(leaf).iter();
        own && parts.all(|unit| self.roster_tells(roster, on, unit))
    }

    /// The parts of a register's matter that rows are of, if its lists are divided and the query says which.
    fn parts(&self, reads: &Reads, register: &str) -> Parts {
        let mut parts = Parts::new();
        for roster in &self.pack.rosters {
            let by = roster.vouching.as_ref().and_then(|own| own.by.as_ref());
            let Some(by) = by else { continue };
            let writes = roster.writes.iter();
            let own = writes.filter(|write| write.register == register);
            for (field, source) in own.flat_map(|write| &write.set) {
                if *source == ValueSource::Column(by.clone()) {
                    let wanted = reads.wanted.get(&(register.to_owned(), field.clone()));
                    parts.extend(wanted.into_iter().flatten().cloned());
                }
            }
        }
        parts
    }

    /// How far what has to be known of a register is known.
    fn told(
        &self,
        need: &Need<'_>,
        at: At,
        (period, on): (Period, Date),
        leaf: &UnitCode,
    ) -> Tells {
        let register = need.register;
        if !self.lists.tell(register) {
            let told = match need.counted {
                true => self.spoken_of(need, at, (period, on), leaf),
                false => self.asked_of(need, on.max(period.end().min(self.today))),
            };
            return match told {
                Tells::Until(_) if need.counted => told,
                // What was asked about and told last before the year tells nothing of it.
                Tells::Until(until) if until < Period::year_of(period.start()).start() => {
                    let register = register.to_owned();
                    Tells::Not(Unknown::After { register, until })
                }
                Tells::Until(_) => Tells::Whole,
                told => told,
            };
        }
        let told = match (at, need.counted) {
            (At::Period, true) => self.vouched_over(need, period, leaf),
            (At::Start, _) => self.vouched_on(need, (on, on), leaf),
            (At::Period | At::End, _) => self.vouched_on(need, (period.start().min(on), on), leaf),
        };
        let alive = || {
            let deaths = &self.pack.contract().ok()?.deaths.register;
            let homes = self.pack.registers.iter().find(|r| r.home.is_some())?;
            let asked = !need.counted && register == deaths.id;
            (asked && need.at_home && self.lists.tell(&homes.id)).then_some(homes)
        };
        match (&told, alive()) {
            // Who has died isn't on a roll of those at home.
            (Tells::Not(_) | Tells::Until(_), Some(homes)) => {
                let homes = Need::at_home(&homes.id, false);
                told.clone().or(self.vouched_on(&homes, (on, on), leaf))
            }
            _ => told,
        }
    }

    /// Whether lists vouch for how things stand on a day; of what happened since some day.
    fn vouched_on(&self, need: &Need<'_>, (begin, on): (Date, Date), leaf: &UnitCode) -> Tells {
        if let Some(last) = self.standing(need, on, leaf) {
            return match last < on {
                true => Tells::Until(last),
                false => Tells::Whole,
            };
        }
        let lists = self.lists.of(self.tree, need.register, leaf);
        if lists.iter().any(|list| list.how == How::Events) {
            let told = self.told_by_spans(need, (begin, on), leaf);
            let lasts = match told {
                Tells::Until(last) => lists.iter().any(|list| list.lasts(last, on)),
                _ => true,
            };
            if lasts {
                return told;
            }
        }
        Tells::Not(self.why(need, (begin, on), leaf))
    }

    /// Whether lists vouch for what happened in a period.
    fn vouched_over(&self, need: &Need<'_>, period: Period, leaf: &UnitCode) -> Tells {
        let to = period.end().min(self.today);
        self.told_by_spans(need, (period.start(), to), leaf)
    }

    /// Whether the days of which lists tell what happened hold a stretch of days; up to where, if nothing is told after it.
    fn told_by_spans(&self, need: &Need<'_>, (from, to): Span, leaf: &UnitCode) -> Tells {
        let spans = self.happened(need, leaf);
        let mut spans = spans.iter().filter(|(_, last)| from <= *last);
        match (spans.next(), spans.next()) {
            (Some((first, last)), _) if *first <= from && *last >= to => Tells::Whole,
            (Some((first, _)), Some(_)) if *first <= from => {
                Tells::Not(self.why(need, (from, to), leaf))
            }
            (Some((first, last)), _) if *first <= from => Tells::Until(*last),
            _ => Tells::Not(self.why(need, (from, to), leaf)),
        }
    }

    /// Up to which day it is known how things stand on a day, by lists of a leaf and of each of the units that have gone into it. Of those
    /// its own lists tell from then on, too, so that theirs matter before; or as long as they send any.
    fn standing(&self, need: &Need<'_>, on: Date, leaf: &UnitCode) -> Option<Date> {
        let own = match self.was_there(leaf) {
            true => {
                let lists = self.lists.of(self.tree, need.register, leaf);
                self.lists.stand(need.register, &lists, &need.parts, on)?
            }
            false => on,
        };
        let mut parts = self.tree.merged_into(leaf).iter();
        parts.try_fold(own, |all, unit| {
            Some(all.min(self.standing(need, on, unit)?))
        })
    }

    /// The days of which lists of a leaf, and of each of the units that have gone into it, tell what happened.
    fn happened(&self, need: &Need<'_>, leaf: &UnitCode) -> Vec<Span> {
        let own = self.was_there(leaf).then(|| {
            let lists = self.lists.of(self.tree, need.register, leaf);
            self.lists.happened(need.register, &lists, &need.parts)
        });
        let parts = self.tree.merged_into(leaf).iter();
        let parts = parts.map(|unit| self.happened(need, unit));
        let all = own.into_iter().chain(parts);
        all.reduce(|all, own| both(&all, &own)).unwrap_or_default()
    }

    /// Whether anything was said of a unit from before others went into it; one that came to be with that has nothing of its own. Where
    /// none did it was there.
    fn was_there(&self, unit: &UnitCode) -> bool {
        let Some(merged) = self.tree.merged_on(unit) else {
            return true;
        };
        let mut spoken = self.reach.values().flat_map(|spoken| spoken.iter());
        spoken.any(|spoken| spoken.unit == *unit && spoken.as_of < merged)
    }

    /// Why lists don't tell of a register from a day to another.
    fn why(&self, need: &Need<'_>, (from, to): Span, leaf: &UnitCode) -> Unknown {
        let register = need.register.to_owned();
        let lists = self.lists.of(self.tree, need.register, leaf);
        let partial = lists.iter().filter_map(|list| Some((list, list.partial?)));
        let partial = partial.filter(|(list, _)| list.stands(to) || list.overlaps((from, to)));
        if let Some((list, why)) = partial.max_by_key(|(list, _)| list.as_of) {
            return Unknown::Part {
                register,
                roster: list.roster.clone(),
                as_of: list.as_of,
                why,
            };
        }
        // What one of the units that have gone into it lacks.
        let tells = |spans: &[Span]| {
            let mut spans = spans.iter();
            spans.any(|(first, last)| *first <= from && to <= *last)
        };
        let whole: Vec<&&OneList> = lists.iter().filter(|own| own.partial.is_none()).collect();
        let own = self
            .lists
            .stand(need.register, &lists, &need.parts, to)
            .is_some()
            || tells(&(self.lists).happened(need.register, &lists, &need.parts));
        if own || whole.is_empty() || self.tree.merged_on(leaf) > Some(from) {
            let mut parts = self.tree.merged_into(leaf).iter();
            let lacks = parts.find(|unit| {
                !tells(&self.happened(need, unit)) && self.standing(need, to, unit).is_none()
            });
            if let Some(unit) = lacks {
                return self.why(need, (from, to), unit);
            }
        }
        let Some(first) = whole.iter().map(|list| list.from).min() else {
            return match self.spoken(need.register, leaf).is_empty() {
                true => Unknown::Never { register },
                false => Unknown::NoList { register },
            };
        };
        match self.lists.missing(need.register, &lists, &need.parts) {
            (Some(slice), _) => return Unknown::Slice { register, slice },
            (_, Some(whom)) => return Unknown::Kind { register, whom },
            _ => {}
        }
        let spans = self.happened(need, leaf);
        let before = spans.iter().rfind(|(first, _)| *first <= from);
        let before = before.map_or_else(|| from.yesterday().unwrap_or(from), |(_, last)| *last);
        let next = spans.iter().find(|(first, _)| before.max(from) < *first);
        let missing = before.tomorrow().unwrap_or(before).max(from);
        match next.and_then(|(next, _)| next.yesterday().ok()) {
            Some(end) if first < from || before >= from => Unknown::Gap {
                register,
                from: missing,
                to: end.min(to),
            },
            _ if first > from => Unknown::Before {
                register,
                from: first,
            },
            _ => Unknown::After {
                register,
                until: (whole.iter().map(|list| list.as_of.min(to)).max()).unwrap_or(first),
            },
        }
    }

    /// Whether homes are told of a unit above a leaf, other than the topmost, and none of the leaf: a grid whose people are recorded
    /// by community.
    fn above_only(&self, reads: &Reads, leaf: &UnitCode) -> Option<UnitCode> {
        let homes = self.pack.registers.iter().find(|r| r.home.is_some());
        let homes = homes.filter(|homes| reads.query.contains(&homes.id));
        let said = homes.and_then(|homes| self.said.get(&homes.id))?;
        if said.keys().any(|unit| self.tree.contains(leaf, unit)) {
            return None;
        }
        let above = said.keys().filter(|unit| {
            *unit != leaf && self.tree.contains(unit, leaf) && self.tree.above(unit).is_some()
        });
        // The nearest of them.
        above
            .copied()
            .reduce(|one, other| match self.tree.contains(&one, &other) {
                true => other,
                false => one,
            })
    }

    /// A field by which rows are kept or left out and that no record of the leaf says.
    fn unsaid(&self, reads: &Reads, leaf: &UnitCode) -> Option<Unknown> {
        reads.tested.iter().find_map(|(register, field)| {
            let of_units = self.said.get(register)?;
            let declared = self.pack.register(register);
            let units = declared.is_some_and(|declared| declared.tree.is_some());
            let own = of_units.iter().filter(|(unit, _)| {
                // What is said of a unit is said of those below it, but not of the topmost alone.
                let above = units && self.tree.contains(unit, leaf);
                self.tree.contains(leaf, unit) || above && self.tree.above(unit).is_some()
            });
            let (mut records, mut said) = (0, 0);
            for (_, (all, fields)) in own {
                records += all;
                said += fields.get(field)?;
            }
            (records > 0 && said == 0).then(|| Unknown::Unsaid {
                register: register.clone(),
                field: field.clone(),
            })
        })
    }
}

/// The facts that a programme's conditions name, and those that these are worked out of.
fn facts_of<'p>(pack: &'p Pack, programme: &Programme) -> Vec<&'p Fact> {
    let subject = pack.subjects.iter().find(|own| own.id == programme.subject);
    let facts: Vec<&Fact> = subject.into_iter().flat_map(|own| own.facts()).collect();
    let mut texts: Vec<&str> = programme
        .conditions
        .iter()
        .map(|own| own.holds.text.as_str())
        .collect();
    let mut found: Vec<&Fact> = Vec::new();
    while let Some(text) = texts.pop() {
        let words: BTreeSet<&str> = text
            .split(|ch: char| !(ch.is_ascii_alphanumeric() || ch == '_'))
            .collect();
        for fact in facts.iter().filter(|fact| words.contains(fact.id.as_str())) {
            if !found.iter().any(|known| known.id == fact.id) {
                found.push(fact);
                texts.extend(fact.sql.as_ref().map(|sql| sql.text.as_str()));
                texts.extend(fact.rests.iter().map(String::as_str));
            }
        }
    }
    found
}
