//! Working out for whom lists vouch: what covers whose home on which day, whom a row that wasn't placed may be about, who was asked.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, BooleanArray};
use datafusion::arrow::datatypes::{Date32Type, Int64Type};
use jiff::civil::Date;
use kernel::date::{from_days, to_days as days};
use kernel::{UnitCode, normal};
use pack::{Contract, Vouches, Whom};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Vouched;
use super::active::{Active, Bits, ByDay, Homes, Named, OfUnit, Places, StillOwn, spans};
use crate::by_record::ByRecord;
use crate::covers::Cover;
use crate::day::rows_on;
use crate::error::TablesError;
use crate::homes::HomeFields;
use crate::rows::{Rows, text_of};
use crate::schema;
use crate::snapshot::{Snapshot, sort};
use crate::tangle::Sorted;
use crate::touched::Touched;
use crate::wanted::Wanted;
use crate::words::small;

/// How many days it is kept for.
const DAYS: usize = 6;

/// Some people, of whom alone something is worked out.
struct SomePeople {
    wanted: Wanted,
    /// The words of their homes.
    homes: Option<Sorted>,
}

impl Snapshot {
    /// For whom lists vouch on a day.
    ///
    /// # Errors
    /// The day can't be worked out.
    pub fn vouched(&self, on: Date) -> Result<Arc<Vouched>, TablesError> {
        let day = days(on);
        let known = |kept: &[(i32, Arc<Vouched>)]| {
            let known = kept.iter().find(|(own, _)| *own == day);
            known.map(|(_, vouched)| vouched.clone())
        };
        {
            let kept = self.vouched.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = known(&kept) {
                return Ok(known);
            }
        }
        let vouched = Arc::new(self.vouched_by(day, None)?);
        let mut kept = self.vouched.lock().unwrap_or_else(PoisonError::into_inner);
        if known(&kept).is_none() {
            if kept.len() >= DAYS {
                kept.remove(0);
            }
            kept.push((day, vouched.clone()));
        }
        Ok(vouched)
    }

    /// The same worked out anew, whatever is kept: to be measured.
    ///
    /// # Errors
    /// As [`Snapshot::vouched`].
    pub fn vouched_anew(&self, on: Date) -> Result<Vouched, TablesError> {
        self.vouched_by(days(on), None)
    }

    /// Every name that was ever said of somebody, as names are compared, with the person: by these it is told whom a row that wasn't
    /// placed may be about.
    #[must_use]
    pub fn names_said(&self) -> BTreeSet<(i64, String)> {
        let mut said = BTreeSet::new();
        let Ok(contract) = self.pack.contract() else {
            return said;
        };
        let at = contract.people.name.at;
        for (_, feed) in self.heard.words.feeds(&contract.people.register.id) {
            let names = feed.field(at).as_string_view();
            let rows = feed.records().iter().zip(names);
            let rows = rows.filter_map(|(record, name)| Some((record, name?)));
            said.extend(rows.map(|(record, name)| (self.heard.canon(*record), normal(name))));
        }
        said
    }

    /// Whether the same questions wait as before some records were touched.
    pub(crate) fn same_questions(&self, touched: &Touched) -> bool {
        let contract = self.pack.contract().ok();
        contract.is_none_or(|own| touched.of(&own.questions.register.id).is_none())
    }

    /// What of the days kept still holds once some records were touched, or can be put right.
    pub(crate) fn vouched_after(
        &self,
        after: &Self,
        touched: &Touched,
    ) -> Vec<(i32, Arc<Vouched>)> {
        let kept = self.vouched.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.clone();
        let Ok(contract) = self.pack.contract() else {
            return kept;
        };
        let same = |register: &str| touched.of(register).is_none();
        let lists = contract.own_lists.as_ref();
        let wide = lists.is_some_and(|own| !same(&own.register.id))
            || !same(&contract.units.register.id)
            || !self.same_questions(touched);
        if wide {
            return Vec::new();
        }
        let asked = contract.asked.as_ref();
        let asked_same = asked.is_none_or(|own| same(&own.register.id));
        let people = touched.of(&contract.people.register.id);
        if people.is_none() && asked_same && same(&contract.homes.register.id) {
            return kept;
        }
        let concerned = after.people_of(contract, touched);
        let some = after.some_people(contract, &concerned);
        let each = kept.into_iter().filter_map(|(on, before)| {
            let own = after.vouched_by(on, Some(&some)).ok()?;
            let mut vouched = (*before).clone();
            for person in &concerned {
                let at = small(*person);
                vouched.home.set(at, own.home.get(at));
                vouched.nowhere.remove(person);
                vouched.asked.remove(person);
            }
            let of_those = |map: FxHashMap<i64, u64>| {
                let own = map.into_iter();
                own.filter(|(person, _)| concerned.contains(person))
                    .collect::<Vec<_>>()
            };
            vouched.nowhere.extend(of_those(own.nowhere));
            vouched.asked.extend(of_those(own.asked));
            Some((on, Arc::new(vouched)))
        });
        each.collect()
    }

    /// The people whom touched records of people, homes and answers are about.
    fn people_of(&self, contract: &Contract, touched: &Touched) -> BTreeSet<i64> {
        let mut people: BTreeSet<i64> = touched
            .of(&contract.people.register.id)
            .cloned()
            .unwrap_or_default();
        let homes = (&contract.homes.register.id, contract.homes.person.at);
        let asked = contract.asked.as_ref();
        let asked = asked.map(|own| (&own.register.id, own.person.at));
        for (register, at) in [homes].into_iter().chain(asked) {
            let Some(records) = touched.of(register) else {
                continue;
            };
            let records = Wanted::new(records.iter().copied());
            for (_, feed) in self.heard.words.feeds(register) {
                let persons = feed.field(at).as_primitive::<Int64Type>();
                for (row, record) in feed.records().iter().enumerate() {
                    if persons.is_valid(row) && records.has(self.heard.canon(*record)) {
                        people.insert(self.heard.canon(persons.value(row)));
                    }
                }
            }
        }
        people
    }

    /// Some people with the words of their homes.
    fn some_people(&self, contract: &Contract, people: &BTreeSet<i64>) -> SomePeople {
        let register = &contract.homes.register;
        let home = register.home.as_ref();
        let fields = home.and_then(|home| HomeFields::of(register, home));
        let homes = fields.map(|fields| {
            let records = self.homes_of(register, fields, people);
            sort(&self.heard, register, Some(&records))
        });
        SomePeople {
            wanted: Wanted::new(people.iter().copied()),
            homes,
        }
    }

    /// For whom lists vouch on a day; of others than some people it may say less.
    fn vouched_by(&self, on: i32, only: Option<&SomePeople>) -> Result<Vouched, TablesError> {
        let mut vouched = Vouched::default();
        let Ok(contract) = self.pack.contract() else {
            return Ok(vouched);
        };
        let bits = Bits {
            names: self.pack.vouchers(),
            pack: &self.pack,
        };
        if bits.names.is_empty() {
            return Ok(vouched);
        }
        let by_day = self.active(&bits, (contract, on))?;
        let tree = self.units(from_days(on).unwrap_or(Date::MAX))?;
        let still_own = StillOwn::new(&tree, self.covers());
        let places = Places {
            tree: &tree,
            still_own: &still_own,
        };
        let named = self.named_in_holes(contract, &by_day, only);
        if only.is_none() {
            vouched.home = ByRecord::nothing(self.heard.records);
        }
        self.note_everywhere(&by_day, (places, &named), only.is_none(), &mut vouched);
        self.note_homes(
            (contract, on),
            (&by_day, places, &named),
            only,
            &mut vouched,
        )?;
        self.note_asked(&bits, (contract, on), &mut vouched)?;
        Ok(vouched)
    }

    /// The lists that vouch on a day, by the day on which people have to be at home there.
    fn active<'s>(
        &'s self,
        bits: &Bits<'_>,
        (contract, on): (&Contract, i32),
    ) -> Result<ByDay<'s>, TablesError> {
        let mut by_day = ByDay::new();
        let day = from_days(on).unwrap_or(Date::MAX);
        // Spans of lists of what happened, by roster and unit.
        let mut told: BTreeMap<(&str, UnitCode), Vec<&'s Cover>> = BTreeMap::new();
        for cover in self.covers().iter().filter(|cover| cover.partial.is_none()) {
            let own = bits.of(&cover.roster, &cover.slices);
            let Some(vouching) = bits.vouching(&cover.roster).filter(|_| own != 0) else {
                continue;
            };
            match vouching.how {
                Vouches::Roll if cover.from <= day && day < cover.until => {
                    by_day.entry(days(cover.as_of)).or_default().push(Active {
                        roster: &cover.roster,
                        bits: own,
                        unit: cover.unit,
                        whom: vouching.whom,
                        born_from: None,
                        cover: Some(cover),
                    });
                }
                Vouches::Roll => {}
                Vouches::Events(_) => {
                    told.entry((&cover.roster, cover.unit))
                        .or_default()
                        .push(cover);
                }
            }
        }
        for ((roster, unit), mut lists) in told {
            lists.sort_by_key(|cover| (cover.from, cover.as_of));
            let Some(vouching) = bits.vouching(roster) else {
                continue;
            };
            for span in spans(&lists) {
                let (from, last) = (span[0].from, span.iter().map(|c| c.as_of).max());
                let last = last.unwrap_or(from);
                if from > day || day >= vouching.until(last) {
                    continue;
                }
                for cover in span {
                    by_day.entry(days(day.min(last))).or_default().push(Active {
                        roster,
                        bits: bits.of(roster, &cover.slices),
                        unit,
                        whom: vouching.whom,
                        born_from: Some(days(from)),
                        cover: Some(cover),
                    });
                }
            }
        }
        if let Some(kept) = &contract.own_lists {
            for rows in self.on(&kept.register.id, on)? {
                for row in 0..rows.ids.len() {
                    let text = |at: usize| text_of(&rows, at, row);
                    let date = |at: usize| {
                        let column = rows.fields[at].as_primitive::<Date32Type>();
                        column.is_valid(row).then(|| column.value(row))
                    };
                    let (Some(unit), Some(list), Some(since)) = (
                        text(kept.unit.at).and_then(|unit| unit.parse().ok()),
                        text(kept.list.at),
                        date(kept.since.at),
                    ) else {
                        continue;
                    };
                    let Some((roster, vouching)) = self
                        .pack
                        .roster(list)
                        .and_then(|roster| Some((roster, roster.vouching.as_ref()?)))
                    else {
                        continue;
                    };
                    let last = date(kept.confirmed.at).unwrap_or(since).max(since);
                    let until = from_days(last).map(|last| days(vouching.until(last)));
                    if since <= on && until.is_some_and(|until| on < until) {
                        by_day.entry(on).or_default().push(Active {
                            roster: &roster.id,
                            bits: bits.whole(list),
                            unit,
                            whom: vouching.whom,
                            born_from: None,
                            cover: None,
                        });
                    }
                }
            }
        }
        Ok(by_day)
    }

    /// The people whom a row that wasn't placed may be about, with the lists that have such a row.
    fn named_in_holes<'s>(
        &self,
        contract: &Contract,
        by_day: &ByDay<'s>,
        only: Option<&SomePeople>,
    ) -> Named<'s> {
        let wanted = |person: i64| only.is_none_or(|own| own.wanted.has(person));
        let mut names: FxHashMap<String, Vec<&'s Cover>> = FxHashMap::default();
        let mut named: Named<'s> = Named::default();
        let covers = by_day.values().flatten().filter_map(|active| active.cover);
        for cover in covers {
            for name in &cover.holes {
                names.entry(normal(name)).or_default().push(cover);
            }
            for person in cover.may_be.iter().filter(|person| wanted(**person)) {
                named.entry(*person).or_default().push(cover);
            }
        }
        if names.is_empty() {
            return named;
        }
        let at = contract.people.name.at;
        for (_, feed) in self.heard.words.feeds(&contract.people.register.id) {
            let column = feed.field(at).as_string_view();
            let mut seen: FxHashSet<(i64, u32)> = FxHashSet::default();
            for (row, record) in feed.records().iter().enumerate() {
                let person = self.heard.canon(*record);
                if column.is_null(row) || !wanted(person) {
                    continue;
                }
                if let Some(covers) = names.get(&normal(column.value(row)))
                    && seen.insert((person, u32::try_from(row).unwrap_or(u32::MAX)))
                {
                    named.entry(person).or_default().extend(covers);
                }
            }
        }
        named
    }

    fn note_everywhere(
        &self,
        by_day: &ByDay<'_>,
        (places, named): (Places<'_>, &Named<'_>),
        everybody: bool,
        vouched: &mut Vouched,
    ) {
        let rolls = || {
            let all = by_day
                .iter()
                .flat_map(|(day, lists)| lists.iter().map(|own| (*day, own)));
            all.filter(|(_, own)| own.born_from.is_none() && own.whom != Whom::Living)
        };
        let lowest = places.tree.lowest();
        if everybody && !lowest.is_empty() {
            let of_leaf = lowest.iter().map(|leaf| {
                let own = rolls().filter(|(day, own)| places.covers(own, leaf, *day));
                own.fold(0, |bits, (_, own)| bits | own.bits)
            });
            vouched.everywhere = of_leaf.fold(u64::MAX, |all, bits| all & bits);
        }
        let bits_of = |cover: &Cover| {
            let is_its = |own: &&Active<'_>| own.cover.is_some_and(|of| std::ptr::eq(of, cover));
            let own = rolls().map(|(_, own)| own).filter(is_its);
            own.fold(0, |bits, own| bits | own.bits)
        };
        for (person, covers) in named {
            let bits = covers.iter().fold(0, |bits, cover| bits | bits_of(cover));
            *vouched.nowhere.entry(*person).or_default() |= bits;
        }
    }

    fn note_homes(
        &self,
        (contract, on): (&Contract, i32),
        (by_day, places, named): (&ByDay<'_>, Places<'_>, &Named<'_>),
        only: Option<&SomePeople>,
        vouched: &mut Vouched,
    ) -> Result<(), TablesError> {
        let register = &contract.homes.register;
        let home = register.home.as_ref();
        let Some(fields) = home.and_then(|home| HomeFields::of(register, home)) else {
            return Ok(());
        };
        let some = only.and_then(|own| own.homes.as_ref());
        let at = |day: i32| self.homes_on((register, fields), some, day);
        let here = at(on)?;
        let since = by_day.values().flatten().filter_map(|own| own.born_from);
        let births = match since.min() {
            Some(since) => self.births(contract, since, only),
            None => FxHashMap::default(),
        };
        for homes in &here {
            for person in homes.persons.iter().flatten() {
                let person = small(self.heard.canon(person));
                vouched.at_home(person, Vouched::AT_HOME);
            }
        }
        for (day, active) in by_day {
            let then = match *day == on {
                true => None,
                false => Some(at(*day)?),
            };
            let homes = then.as_ref().unwrap_or(&here);
            self.note_day((homes, active), (places, *day), (named, &births), vouched);
        }
        Ok(())
    }

    /// The homes on a day: of everybody, or those of some words. Where the day is kept they are taken from it.
    fn homes_on(
        &self,
        (register, fields): (&pack::Register, HomeFields),
        some: Option<&Sorted>,
        on: i32,
    ) -> Result<Vec<Homes>, TablesError> {
        let of = |column: &dyn Fn(usize) -> ArrayRef| Homes {
            persons: column(fields.person).as_primitive::<Int64Type>().clone(),
            units: column(fields.unit).as_string_view().clone(),
            registered: column(fields.registered).as_boolean().clone(),
            living: column(fields.living).as_boolean().clone(),
        };
        if let (None, Some(day)) = (some, self.kept_day(on)) {
            let first = schema::leading(register);
            let batches = day.tables.get(&register.id);
            let batches = batches.into_iter().flat_map(|batches| batches.iter());
            let homes = batches.map(|batch| of(&|field| batch.column(first + field).clone()));
            return Ok(homes.collect());
        }
        let rows = match some {
            Some(sorted) => rows_on(&self.heard, register, sorted, on)?,
            None => rows_on(&self.heard, register, &self.sorted(register), on)?,
        };
        Ok(rows
            .iter()
            .map(|rows| of(&|field| rows.fields[field].clone()))
            .collect())
    }

    /// Notes for whom lists of one day vouch, by who was at home where.
    fn note_day(
        &self,
        (homes, active): (&[Homes], &[Active<'_>]),
        places: (Places<'_>, i32),
        (named, births): (&Named<'_>, &FxHashMap<i64, i32>),
        vouched: &mut Vouched,
    ) {
        let mut of_unit: FxHashMap<&str, OfUnit<'_>> = FxHashMap::default();
        for homes in homes {
            let flag =
                |column: &BooleanArray, row: usize| column.is_valid(row) && column.value(row);
            for row in 0..homes.persons.len() {
                if homes.persons.is_null(row) || homes.units.is_null(row) {
                    continue;
                }
                let unit = homes.units.value(row);
                let own = match of_unit.entry(unit) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => match unit.parse() {
                        Ok(code) => new.insert(OfUnit::new(&code, active, places)),
                        Err(_) => continue,
                    },
                };
                let person = self.heard.canon(homes.persons.value(row));
                let here = [flag(&homes.registered, row), flag(&homes.living, row)];
                let (holes, born) = (named.get(&person), births.get(&person));
                let bits = match (holes, born) {
                    (None, None) => own.bits(here),
                    _ => own.one_by_one(here, holes.map_or(&[], Vec::as_slice), born.copied()),
                };
                vouched.at_home(small(person), bits);
            }
        }
    }

    /// The homes of some people, whenever they had them.
    fn homes_of(
        &self,
        register: &pack::Register,
        fields: HomeFields,
        people: &BTreeSet<i64>,
    ) -> BTreeSet<i64> {
        let wanted = Wanted::new(people.iter().copied());
        let mut records = BTreeSet::new();
        for (_, feed) in self.heard.words.feeds(&register.id) {
            let persons = feed.field(fields.person).as_primitive::<Int64Type>();
            for (row, record) in feed.records().iter().enumerate() {
                if persons.is_valid(row) && wanted.has(self.heard.canon(persons.value(row))) {
                    records.insert(self.heard.canon(*record));
                }
            }
        }
        records
    }

    /// When people were born, of those born since a day.
    fn births(
        &self,
        contract: &Contract,
        since: i32,
        only: Option<&SomePeople>,
    ) -> FxHashMap<i64, i32> {
        let wanted = |person: i64| only.is_none_or(|own| own.wanted.has(person));
        let mut births = FxHashMap::default();
        let at = contract.people.birth_date.at;
        for (_, feed) in self.heard.words.feeds(&contract.people.register.id) {
            let column = feed.field(at).as_primitive::<Date32Type>();
            for (row, record) in feed.records().iter().enumerate() {
                let person = self.heard.canon(*record);
                if column.is_null(row) || !wanted(person) {
                    continue;
                }
                match column.value(row) {
                    day if day >= since => births.insert(person, day),
                    _ if births.is_empty() => None,
                    _ => births.remove(&person),
                };
            }
        }
        births
    }

    /// The rows of a register on a day.
    pub(crate) fn on(&self, register: &str, on: i32) -> Result<Vec<Rows>, TablesError> {
        match self.pack.register(register) {
            Some(register) => rows_on(&self.heard, register, &self.sorted(register), on),
            None => Ok(Vec::new()),
        }
    }

    /// Of whom somebody was asked what a list would tell.
    fn note_asked(
        &self,
        bits: &Bits<'_>,
        (contract, on): (&Contract, i32),
        vouched: &mut Vouched,
    ) -> Result<(), TablesError> {
        let Some(kept) = &contract.asked else {
            return Ok(());
        };
        for rows in self.on(&kept.register.id, on)? {
            let persons = rows.fields[kept.person.at].as_primitive::<Int64Type>();
            let asked = rows.fields[kept.on.at].as_primitive::<Date32Type>();
            for row in 0..rows.ids.len() {
                let list = text_of(&rows, kept.list.at, row);
                let Some((list, vouching)) =
                    list.and_then(|list| Some((list, bits.vouching(list)?)))
                else {
                    continue;
                };
                if persons.is_null(row) || asked.is_null(row) || asked.value(row) > on {
                    continue;
                }
                let until = from_days(asked.value(row)).map(|day| days(vouching.until(day)));
                if until.is_some_and(|until| on < until) {
                    let person = self.heard.canon(persons.value(row));
                    *vouched.asked.entry(person).or_default() |= bits.whole(list);
                }
            }
        }
        Ok(())
    }
}
