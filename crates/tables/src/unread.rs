//! What lists and people wrote where a value was asked for, and nobody could read. It gives a field nothing and takes nothing away; it
//! is asked about until something is said of the field as of that day or later. It follows from the words that stand, like everything
//! else here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use kernel::RecordId;
use kernel::date::to_days as days;
use ledger::fold::{Assertion, fold};
use ledger::{Say, SayId};
use pack::Register;

use crate::asked::{AskedOf, ByRegister};
use crate::heard::{each_row, place};
use crate::shelf::Shelf;
use crate::snapshot::Snapshot;
use crate::tangle::Tangle;

/// What could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The register.
    pub register: String,
    /// The record.
    pub record: RecordId,
    /// The field, by place.
    pub field: usize,
    /// By which say.
    pub id: SayId,
    /// Whose word it is, as of which day.
    pub say: Say,
    /// What stands there.
    pub text: String,
}

/// Where a word lies that has something as it was read: feed and row.
type Place = (u32, u32);

impl AskedOf for Unread {
    fn records(&self) -> impl Iterator<Item = RecordId> {
        std::iter::once(self.record)
    }

    fn field(&self) -> usize {
        self.field
    }
}

impl Snapshot {
    /// What could not be read and is asked about at last, by register, record and field.
    #[must_use]
    pub fn unread(&self) -> &ByRegister<Unread> {
        self.unread.get_or_init(|| {
            let has = |register: &&Register| {
                let feeds = self.heard.words.feeds(&register.id);
                feeds.iter().any(|(_, feed)| !feed.as_read().is_empty())
            };
            let registers = self.pack.registers.iter().filter(has);
            ByRegister::of(registers.filter_map(|register| {
                let shelf = self.shelf(&register.id)?;
                Some((register, shelf.unread(None)))
            }))
        })
    }
}

impl Shelf<'_> {
    /// What could not be read in the words of a register, or only in those of some records.
    pub(crate) fn unread(&self, only: Option<&BTreeSet<i64>>) -> Vec<Unread> {
        let mut found = Vec::new();
        for (nth, (_, feed)) in (0..).zip(&self.sorted.feeds) {
            let record = |row: u32| self.heard.canon(feed.records()[row as usize]);
            let wanted = |row: &u32| only.is_none_or(|only| only.contains(&record(*row)));
            let rows: BTreeSet<u32> = feed.as_read().keys().copied().filter(wanted).collect();
            let last = self.last_said(nth, &rows);
            for row in rows {
                let record = record(row);
                for (field, text) in &feed.as_read()[&row] {
                    let say = match self.sorted.tangle(record) {
                        Some(tangle) => self.asked(tangle, (nth, row), *field),
                        None => self.asked_alone((nth, row), *field, &last),
                    };
                    let say = say.and_then(|say| self.heard.words.says.get(say as usize));
                    found.extend(say.map(|(id, say)| Unread {
                        register: self.register.id.clone(),
                        record: RecordId(record),
                        field: *field,
                        id: *id,
                        say: Say::clone(say),
                        text: text.clone(),
                    }));
                }
            }
        }
        found
    }

    fn speaker(&self, voice: u32) -> u32 {
        self.sorted.rules.speaker(voice)
    }

    /// By which say each of some words of a book is said last; by row.
    fn last_said(&self, nth: u32, rows: &BTreeSet<u32>) -> BTreeMap<u32, u32> {
        let (book, feed) = &self.sorted.feeds[nth as usize];
        let mut last: BTreeMap<u32, (i64, u32)> = BTreeMap::new();
        let order = |commit: i64, say: u32| {
            let say = self.heard.say(say);
            (say.as_of, Reverse(self.speaker(say.voice)), commit)
        };
        let mut said = |row: usize, commit: i64, say: u32| {
            let row = place(row);
            if rows.contains(&row) {
                let best = last.entry(row).or_insert((commit, say));
                if order(commit, say) > order(best.0, best.1) {
                    *best = (commit, say);
                }
            }
        };
        if rows.is_empty() {
            return BTreeMap::new();
        }
        for row in rows.iter().map(|row| *row as usize) {
            if self.heard.says_itself(feed, row) {
                said(row, i64::from(feed.commits()[row]), feed.says()[row]);
            }
        }
        let number = self.heard.words.books[*book].book.number;
        for again in self.heard.again().filter(|again| again.book == number) {
            each_row(feed, &again.seqs, |row| said(row, again.commit, again.say));
        }
        last.into_iter().map(|(row, (_, say))| (row, say)).collect()
    }

    /// By which say the only word of a record asks about a field; none if it says something of it, too, or doesn't stand.
    fn asked_alone(
        &self,
        (nth, row): Place,
        field: usize,
        last: &BTreeMap<u32, u32>,
    ) -> Option<u32> {
        let feed = &self.sorted.feeds[nth as usize].1;
        let at = row as usize;
        let asks = feed.until(at).is_none() && !feed.spoken(at).has(field);
        last.get(&row).copied().filter(|_| asks)
    }

    /// By which say a word of a record with more to it asks about a field: it is the last by which it could not be read, of those
    /// that no list has dropped, nothing is said of the field as of that day or later, and the record is there.
    fn asked(&self, tangle: &Tangle, word: Place, field: usize) -> Option<u32> {
        let on = days(pack::latest_date());
        let all = || tangle.assertions.iter().enumerate();
        let place = |a: &Assertion| tangle.words[a.word as usize];
        let read = |a: &Assertion| {
            let (nth, row) = place(a);
            let feed = &self.sorted.feeds[nth as usize].1;
            feed.read(field, row as usize).is_some()
        };
        let dropped = |a: &Assertion| {
            let mut gone = tangle.absences.iter();
            gone.any(|absence| absence.voice == a.voice && absence.as_of > a.as_of)
        };
        let unread = all().filter(|(_, a)| read(a) && !dropped(a));
        let last = unread.max_by_key(|(at, a)| {
            let speaker = Reverse(self.speaker(a.voice));
            (a.as_of, !a.double, speaker, a.commit, *at)
        });
        let (at, last) = last.filter(|(_, last)| place(last) == word)?;
        let told = |(_, a): (usize, &Assertion)| a.fields.has(field) && a.as_of >= last.as_of;
        let there = || fold(&self.sorted.rules, &tangle.assertions, &tangle.absences, on);
        (!all().any(told) && there().since.is_some()).then(|| tangle.says[at])
    }
}
