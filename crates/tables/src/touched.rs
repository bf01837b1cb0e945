//! Which records a few commits concern: those of the words they wrote, said again or took back, those they moved to another book, and
//! whatever follows from these. Everything else stands as it did, so nothing of it is worked out again.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use pack::Pack;

use crate::feed::Feed;
use crate::heard::{Heard, each_row};
use crate::homes::{HomeFields, person_of};
use crate::wanted::Wanted;
use crate::words::{Again, Words, small};

/// More than this many records are worked out sooner with all others.
const MOST: usize = 2_000;

/// Records that some commits concern, by register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    records: BTreeMap<String, BTreeSet<i64>>,
}

impl Touched {
    /// The records of a register, ascending.
    #[must_use]
    pub fn of(&self, register: &str) -> Option<&BTreeSet<i64>> {
        self.records.get(register)
    }

    /// The registers that are concerned, with their records.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &BTreeSet<i64>)> {
        self.records
            .iter()
            .map(|(register, records)| (register.as_str(), records))
    }

    /// With records of a table more.
    #[must_use]
    pub fn with(mut self, table: &str, records: impl IntoIterator<Item = i64>) -> Self {
        for record in records {
            self.add(table, record);
        }
        self
    }

    /// These records and others.
    pub(crate) fn and(&mut self, others: &Self) {
        for (register, records) in &others.records {
            let own = self.records.entry(register.clone()).or_default();
            own.extend(records);
        }
    }

    pub(crate) fn is_wide(&self) -> bool {
        self.records.values().map(BTreeSet::len).sum::<usize>() > MOST
    }

    /// The highest record.
    pub(crate) fn highest(&self) -> usize {
        let last = self.records.values().filter_map(BTreeSet::last).max();
        last.copied().map_or(0, small)
    }

    pub(crate) fn add(&mut self, register: &str, record: i64) {
        match self.records.get_mut(register) {
            Some(records) => drop(records.insert(record)),
            None => drop(
                self.records
                    .insert(register.to_owned(), BTreeSet::from([record])),
            ),
        }
    }

    /// The records of words written since `before`, said again since, or said by commits that were taken back since; and those that
    /// came to another book.
    pub(crate) fn between(heard: &Heard, before: &Words, taken: &BTreeSet<i64>) -> Self {
        let mut touched = Self::default();
        let now = &heard.words;
        let mut came: BTreeSet<i64> = BTreeSet::new();
        let fresh = now.rolls.get(before.rolls.len()..).unwrap_or_default();
        let back = |again: &&Again| taken.contains(&again.commit);
        let back = before.rolls.iter().filter(back);
        let again: Vec<&Again> = fresh.iter().chain(back).collect();
        for (book, was) in now.books.iter().zip(&before.books) {
            let arrivals = book.arrivals.iter().enumerate();
            let concerned = arrivals.filter(|(at, arrival)| {
                *at >= was.arrivals.len() || taken.contains(&arrival.commit)
            });
            came.extend(concerned.map(|(_, arrival)| arrival.record));
            let again = again.iter().filter(|again| again.book == book.book.number);
            let again: Vec<_> = again.collect();
            for (register, feed) in &book.feeds {
                let known = was.feeds.get(register).map_or(0, |feed| feed.len());
                let mut add = |row: usize| touched.add(register, heard.canon(feed.records()[row]));
                (known..feed.len()).for_each(&mut add);
                for again in &again {
                    each_row(feed, &again.seqs, &mut add);
                }
                if !taken.is_empty() {
                    let commits = feed.commits().iter().enumerate().take(known);
                    let back = commits.filter(|(_, commit)| taken.contains(&i64::from(**commit)));
                    back.for_each(|(row, _)| add(row));
                }
            }
        }
        touched.add_moved(heard, &came);
        touched
    }

    /// Adds records of whatever register that came to another book.
    fn add_moved(&mut self, heard: &Heard, came: &BTreeSet<i64>) {
        if came.is_empty() {
            return;
        }
        for book in &heard.words.books {
            for (register, feed) in &book.feeds {
                for record in feed.records().iter().filter(|record| came.contains(record)) {
                    self.add(register, heard.canon(*record));
                }
            }
        }
    }

    /// With what follows: all homes of a person of whom one is concerned, the person, and whatever is kept with them, whose unit may
    /// be another. None where units are concerned, and where it comes to too much.
    pub(crate) fn widened(mut self, pack: &Pack, heard: &Heard) -> Option<Self> {
        let tree = pack
            .registers
            .iter()
            .find(|register| register.tree.is_some());
        if tree.is_some_and(|tree| self.records.contains_key(&tree.id)) {
            return None;
        }
        let mut moved: BTreeSet<i64> = BTreeSet::new();
        for register in &pack.registers {
            let Some(fields) = (register.home.as_ref())
                .and_then(|home| HomeFields::of(register, home))
                .filter(|_| self.records.contains_key(&register.id))
            else {
                continue;
            };
            let feeds = heard.words.feeds(&register.id);
            let own = Wanted::new(self.records[&register.id].iter().copied());
            for (_, feed) in &feeds {
                let rows = (0..).zip(feed.records());
                let own = rows.filter(|(_, record)| own.has(heard.canon(**record)));
                let people = own.filter_map(|(row, _)| person_of(heard, feed, row, fields));
                moved.extend(people.filter_map(|person| i64::try_from(person).ok()));
            }
            let moved = Wanted::new(moved.iter().copied());
            for (_, feed) in &feeds {
                self.add_those_of(heard, &register.id, feed, fields.person, &moved);
            }
        }
        if !moved.is_empty() {
            let wanted = Wanted::new(moved.iter().copied());
            if let Some(people) = &heard.people {
                moved.iter().for_each(|person| self.add(people, *person));
            }
            for register in &pack.registers {
                let with = register.kept_with.as_deref();
                let Some((with, _)) = with.and_then(|id| register.field(id)) else {
                    continue;
                };
                for (_, feed) in heard.words.feeds(&register.id) {
                    self.add_those_of(heard, &register.id, &feed, with, &wanted);
                }
            }
        }
        (!self.is_wide()).then_some(self)
    }

    /// With what tells whose some records are: all homes of the people they are kept with, and of those they are themselves.
    pub(crate) fn with_homes(mut self, pack: &Pack, heard: &Heard) -> Self {
        let mut people: BTreeSet<i64> = BTreeSet::new();
        for register in &pack.registers {
            let Some(records) = self.of(&register.id) else {
                continue;
            };
            if heard.people.as_ref() == Some(&register.id) {
                people.extend(records);
            }
            let home = register.home.as_ref().map(|home| &home.person);
            let with = home.or(register.kept_with.as_ref());
            let Some((with, _)) = with.and_then(|id| register.field(id)) else {
                continue;
            };
            let own = Wanted::new(records.iter().copied());
            for (_, feed) in heard.words.feeds(&register.id) {
                let named = feed.field(with).as_primitive::<Int64Type>();
                let rows = feed.records().iter().enumerate();
                let own = rows
                    .filter(|(row, record)| named.is_valid(*row) && own.has(heard.canon(**record)));
                people.extend(own.map(|(row, _)| heard.canon(named.value(row))));
            }
        }
        let people = Wanted::new(people.into_iter());
        for register in &pack.registers {
            let home = register.home.as_ref();
            let Some(fields) = home.and_then(|home| HomeFields::of(register, home)) else {
                continue;
            };
            for (_, feed) in heard.words.feeds(&register.id) {
                self.add_those_of(heard, &register.id, &feed, fields.person, &people);
            }
        }
        self
    }

    /// Adds the records of which a word names one of these people in a field.
    fn add_those_of(
        &mut self,
        heard: &Heard,
        register: &str,
        feed: &Feed,
        field: usize,
        people: &Wanted,
    ) {
        let named = feed.field(field).as_primitive::<Int64Type>();
        for (row, record) in feed.records().iter().enumerate() {
            if named.is_valid(row) && people.has(heard.canon(named.value(row))) {
                self.add(register, heard.canon(*record));
            }
        }
    }
}
