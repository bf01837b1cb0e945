//! Where the ledger can tell a figure at all. A unit of which nothing was ever recorded has no population of nought; before the day of
//! the first list nothing is known; where no row says the field by which rows are counted, the count would be of nothing.
//!
//! A register of which lists vouch is known by what they vouch for, and by nothing else (TRUTH §1): a roll tells how things stand from its first day
//! to its last, lists of what happened the days that they cover without a gap, and a list that is a part tells nothing ([`VouchingLists`]). Of any other
//! register what is known follows from what lists and desks said, as of which days (`tables::SpokenByRegister`): a list that
//! names everyone is taken to tell how things are from its day on, one of happenings the calendar period, of the year of its day, that its dates fill.

mod lists;

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use jiff::civil::Date;
use kernel::{Period, UnitCode};
use pack::{At, Fact, Pack, Programme, Roster, ValueSource, Whom};
use tables::{Partial, Spoken, SpokenBy, SpokenByRegister, schema};

use crate::reads::Reads;
use crate::tree::UnitTree;
use lists::{How, OneList, Parts, both, joined, told_by};
pub use lists::{KeptList, Span, VouchingLists};

/// Why a figure of a unit can't be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// There is no such unit on the day.
    NoUnit,
    /// The rows don't say whose they are: only the whole can be told.
    OnlyWhole,
    /// It counts what the reader's rights don't show.
    Withheld,
    /// There is no row to add up, and without one nothing is known.
    NoRows,
    /// People are recorded of the unit above, and of none of this one: who of them is its own isn't told.
    Above,
    /// The period hasn't begun, or its day hasn't come.
    NotYet,
    /// Nothing of the register was ever recorded for the unit.
    Never {
        /// The register.
        register: String,
    },
    /// No list that names everyone was ever taken for the unit; what desks say one by one doesn't tell how many there are.
    NoList {
        /// The register.
        register: String,
    },
    /// What was recorded begins later than the period or day.
    Before {
        /// The register.
        register: String,
        /// The first day of which something is known.
        from: Date,
    },
    /// What was recorded ends before the period begins, or has a gap.
    After {
        /// The register.
        register: String,
        /// The last day up to which something is known.
        until: Date,
    },
    /// No list tells of some days between others.
    Gap {
        /// The register.
        register: String,
        /// The first of them.
        from: Date,
        /// The last of them.
        to: Date,
    },
    /// The list that would tell is a part, and vouches for nobody.
    Part {
        /// The register.
        register: String,
        /// The roster.
        roster: String,
        /// The list's day.
        as_of: Date,
        /// Why it is one.
        why: Partial,
    },
    /// Lists tell of other parts of the register's matter, and not of this one.
    Slice {
        /// The register.
        register: String,
        /// The part.
        slice: String,
    },
    /// Lists name people of one kind of home, and not those of this one.
    Kind {
        /// The register.
        register: String,
        /// Whom none names.
        whom: Whom,
    },
    /// Answers of programmes rest on lists, of which none tells on the day.
    NoAnswers {
        /// The rosters, any of which is enough.
        rosters: Vec<String>,
    },
    /// There are records, but none says the field.
    Unsaid {
        /// The register.
        register: String,
        /// The field.
        field: String,
    },
}

impl Unknown {
    /// The register of which something isn't known.
    #[must_use]
    pub fn register(&self) -> Option<&str> {
        match self {
            Self::NoUnit
            | Self::OnlyWhole
            | Self::Withheld
            | Self::NoRows
            | Self::Above
            | Self::NotYet
            | Self::NoAnswers { .. } => None,
            Self::Never { register }
            | Self::NoList { register }
            | Self::Before { register, .. }
            | Self::After { register, .. }
            | Self::Gap { register, .. }
            | Self::Part { register, .. }
            | Self::Slice { register, .. }
            | Self::Kind { register, .. }
            | Self::Unsaid { register, .. } => Some(register),
        }
    }

    /// The lists that would tell: the one that is a part, those that vouch for the register, or if none does, those that are of it.
    #[must_use]
    pub fn to_get<'p>(&self, pack: &'p Pack) -> Vec<&'p Roster> {
        if let Self::Part { roster, .. } = self {
            return pack.roster(roster).into_iter().collect();
        }
        if let Self::NoAnswers { rosters } = self {
            return rosters.iter().filter_map(|id| pack.roster(id)).collect();
        }
        let Some(register) = self.register() else {
            return Vec::new();
        };
        let tells = |roster: &&Roster| told_by(pack, roster).contains(register);
        let vouching: Vec<&Roster> = pack.rosters.iter().filter(tells).collect();
        if !vouching.is_empty() {
            return vouching;
        }
        let is_of = |roster: &&Roster| {
            let last = roster.writes.iter().rfind(|write| write.create);
            last.is_some_and(|write| write.register == register)
        };
        pack.rosters.iter().filter(is_of).collect()
    }
}

/// How far a figure of a unit can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tells {
    /// For the whole period, or its day.
    Whole,
    /// Up to a day only: nothing was said since.
    Until(Date),
    /// Not at all.
    Not(Unknown),
}

impl Tells {
    /// How far both can be told.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (not @ Self::Not(_), _) | (_, not @ Self::Not(_)) => not,
            (Self::Until(one), Self::Until(other)) => Self::Until(one.min(other)),
            (until @ Self::Until(_), Self::Whole) | (Self::Whole, until) => until,
        }
    }

    /// How far one or the other tells.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Whole, _) | (_, Self::Whole) => Self::Whole,
            (Self::Until(one), Self::Until(other)) => Self::Until(one.max(other)),
            (until @ Self::Until(_), Self::Not(_)) | (Self::Not(_), until @ Self::Until(_)) => {
                until
            }
            (not @ Self::Not(_), Self::Not(_)) => not,
        }
    }
}

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
}

impl Knowledge<'_> {
    /// Whether a counted figure of a leaf can be told for a period, of rows on a day. Of a unit into which others have gone, what was
    /// said of all of them tells it, too.
    #[must_use]
    pub fn tells(
        &self,
        reads: &Reads,
        at: At,
        (period, on): (Period, Date),
        leaf: &UnitCode,
    ) -> Tells {
        let begins = match at {
            At::Period => period.start(),
            At::Start | At::End => on,
        };
        if begins > self.today {
            return Tells::Not(Unknown::NotYet);
        }
        let mut all = Tells::Whole;
        for need in self.needed(reads) {
            all = all.and(self.told(&need, at, (period, on), leaf));
            if let Tells::Not(_) = all {
                return all;
            }
        }
        if let Some(lacks) = self.lacks_answers(reads, on, leaf) {
            return Tells::Not(lacks);
        }
        if self.above_only(reads, leaf) {
            return Tells::Not(Unknown::Above);
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
            let whole: Vec<&Spoken> = spoken
                .filter(|own| own.by == SpokenBy::WholeList && own.as_of <= self.today)
                .collect();
            let first = whole.iter().map(|own| vouches_from(own)).min()?;
            return Some((first, whole.iter().map(|own| own.as_of).max()?));
        }
        let need = Need {
            register: &homes.id,
            counted: true,
            parts: Parts::new(),
        };
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
        let read = reads.query.iter().map(String::as_str).filter(|register| {
            !counted.contains(register) && Some(*register) != people && self.lists.tell(register)
        });
        let read: Vec<&str> = read.collect();
        let need = |register: &'r str, counted| Need {
            register,
            counted,
            parts: self.parts(reads, register),
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
        let merged = self.tree.merged_on(leaf);
        let (after, before) = self
            .lists
            .roster_tells(self.tree, roster, (leaf, on), merged);
        let mut parts = self.tree.merged_into(leaf).iter();
        let before = before || merged.is_some_and(|merged| !self.was_there(leaf, merged));
        after || before && parts.all(|unit| self.roster_tells(roster, on, unit))
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
            return self.spoken_of(register, at, (period, on), leaf);
        }
        let told = match (at, need.counted) {
            (At::Period, true) => self.vouched_over(need, period, leaf),
            (At::Start, _) => self.vouched_on(need, (on, on), leaf),
            (At::Period | At::End, _) => self.vouched_on(need, (period.start().min(on), on), leaf),
        };
        let alive = || {
            let deaths = &self.pack.contract().ok()?.deaths.register;
            let homes = self.pack.registers.iter().find(|r| r.home.is_some())?;
            (!need.counted && register == deaths.id && self.lists.tell(&homes.id)).then_some(homes)
        };
        match (&told, alive()) {
            // Who has died isn't on a roll of those at home.
            (Tells::Not(_) | Tells::Until(_), Some(homes)) => {
                let homes = Need {
                    register: &homes.id,
                    counted: false,
                    parts: Parts::new(),
                };
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

    /// Up to which day it is known how things stand on a day, by lists of a leaf, or of all the units that have gone into it.
    fn standing(&self, need: &Need<'_>, on: Date, leaf: &UnitCode) -> Option<Date> {
        let lists = self.lists.of(self.tree, need.register, leaf);
        let known = |lists: &[&OneList]| self.lists.stand(need.register, lists, &need.parts, on);
        let Some(merged) = self.tree.merged_on(leaf) else {
            return known(&lists);
        };
        // A list from after the merger is of all that is there now; one from before of what the unit was then.
        let (after, before): (Vec<&OneList>, Vec<&OneList>) =
            lists.into_iter().partition(|list| list.as_of >= merged);
        let parts = self.tree.merged_into(leaf).iter();
        let mut last = parts.map(|unit| self.standing(need, on, unit));
        let parts = last.try_fold(on, |all, own| Some(all.min(own?)));
        let before = match self.was_there(leaf, merged) {
            true => known(&before).zip(parts).map(|(own, parts)| own.min(parts)),
            false => parts,
        };
        known(&after).max(before)
    }

    /// The days of which lists of a leaf, or of all the units that have gone into it, tell what happened.
    fn happened(&self, need: &Need<'_>, leaf: &UnitCode) -> Vec<Span> {
        let lists = self.lists.of(self.tree, need.register, leaf);
        let spans = |lists: &[&OneList]| self.lists.happened(need.register, lists, &need.parts);
        let Some(merged) = self.tree.merged_on(leaf) else {
            return spans(&lists);
        };
        let (after, before): (Vec<&OneList>, Vec<&OneList>) =
            lists.into_iter().partition(|list| list.as_of >= merged);
        let mut all = self.was_there(leaf, merged).then(|| spans(&before));
        for unit in self.tree.merged_into(leaf) {
            let own = self.happened(need, unit);
            all = Some(all.map_or_else(|| own.clone(), |all| both(&all, &own)));
        }
        let mut all = all.unwrap_or_default();
        all.extend(spans(&after));
        joined(all)
    }

    /// Whether anything was said of a unit as of a day before another: one that came to be when others went into it has nothing of its own then.
    fn was_there(&self, unit: &UnitCode, before: Date) -> bool {
        let mut spoken = self.reach.values().flat_map(|spoken| spoken.iter());
        spoken.any(|spoken| spoken.unit == *unit && spoken.as_of < before)
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
        let lacks = self.tree.merged_into(leaf).iter().find(|unit| {
            let spans = self.happened(need, unit);
            let told = spans
                .iter()
                .any(|(first, last)| *first <= from && to <= *last);
            !told && self.standing(need, to, unit).is_none()
        });
        let whole: Vec<&&OneList> = lists.iter().filter(|own| own.partial.is_none()).collect();
        if let (true, Some(unit)) = (
            whole.is_empty() || self.tree.merged_on(leaf) > Some(from),
            lacks,
        ) {
            return self.why(need, (from, to), unit);
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

    /// How far a register of which no list vouches is known, by what was said of it.
    fn spoken_of(
        &self,
        register: &str,
        at: At,
        (period, on): (Period, Date),
        leaf: &UnitCode,
    ) -> Tells {
        let own = |spoken: Vec<&Spoken>, since: Option<Date>| match at {
            At::Period => self.over(register, period, (&spoken, since)),
            At::Start | At::End => self.stands(register, on, (&spoken, since)),
        };
        let spoken = self.spoken(register, leaf);
        let Some(merged) = self.tree.merged_on(leaf) else {
            return own(spoken, None);
        };
        // What was said from before the merger is of what the unit was then; desks may have spoken before it and after.
        let is_after = |spoken: &&&Spoken| spoken.last >= merged;
        let after: Vec<&Spoken> = spoken.iter().filter(is_after).copied().collect();
        let after = own(after, Some(merged));
        let before: Vec<&Spoken> = (spoken.into_iter())
            .filter(|spoken| spoken.as_of < merged)
            .collect();
        let mut parts: Vec<Tells> = (self.tree.merged_into(leaf).iter())
            .map(|unit| self.spoken_of(register, at, (period, on), unit))
            .collect();
        if self.was_there(leaf, merged) {
            parts.insert(0, own(before, None));
        }
        let parts = parts.into_iter().reduce(Tells::and);
        parts
            .into_iter()
            .fold(after, |after, parts| parts.or(after))
    }

    /// What was said of a register for a leaf: by lists and desks of its own, or of a unit it lay under.
    fn spoken(&self, register: &str, leaf: &UnitCode) -> Vec<&Spoken> {
        let all = self.reach.get(register).into_iter().flat_map(|all| &**all);
        all.filter(|spoken| self.tree.contained(&spoken.unit, leaf, spoken.last))
            .collect()
    }

    /// Whether it is known how things stand on a day, by what was said; what desks said isn't taken to tell of days before some day.
    fn stands(&self, register: &str, on: Date, (all, since): (&[&Spoken], Option<Date>)) -> Tells {
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
            spoken.retain(|spoken| spoken.by == SpokenBy::WholeList);
        }
        let from = spoken.into_iter().map(|spoken| match (spoken.by, since) {
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
                let last = all.iter().map(|spoken| spoken.last);
                match last.max().filter(|last| *last < on) {
                    Some(last) => Tells::Until(last),
                    None => Tells::Whole,
                }
            }
        }
    }

    /// Whether it is known what happened in a period, by what was said; what desks said isn't taken to tell of days before some day.
    fn over(
        &self,
        register: &str,
        period: Period,
        (all, since): (&[&Spoken], Option<Date>),
    ) -> Tells {
        let spans = all.iter().map(|spoken| match spoken.by {
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

    /// Whether homes are told of a unit above a leaf, other than the topmost, and none of the leaf: a grid whose people are recorded
    /// by community.
    fn above_only(&self, reads: &Reads, leaf: &UnitCode) -> bool {
        let homes = self.pack.registers.iter().find(|r| r.home.is_some());
        let homes = homes.filter(|homes| reads.query.contains(&homes.id));
        let Some(said) = homes.and_then(|homes| self.said.get(&homes.id)) else {
            return false;
        };
        let own = said.keys().any(|unit| self.tree.contains(leaf, unit));
        let above = |unit: &UnitCode| {
            unit != leaf && self.tree.contains(unit, leaf) && self.tree.above(unit).is_some()
        };
        !own && said.keys().any(above)
    }

    /// Whether a register is told by lists that name everyone: then nothing less tells how many there are.
    fn comes_whole(&self, register: &str) -> bool {
        let mut whole = self.pack.rosters.iter().filter(|roster| roster.whole);
        whole.any(|roster| roster.writes.iter().any(|write| write.register == register))
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

/// From which day on a list or desk tells how things stand: its own; a list that says who left, from before the calendar period in
/// which those who left by it and its day lie, since it names them all.
fn vouches_from(spoken: &Spoken) -> Date {
    match spoken.ends {
        Some(ends) if spoken.by == SpokenBy::WholeList => {
            Period::around(ends, spoken.as_of).before()
        }
        _ => spoken.as_of,
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
