//! One register, asked record by record: what a record is on a day, which words were said of it, whose word a value is. Nothing is
//! copied before it is asked for: a record of one word is read where the word lies, of others the words that stand are told first.

use std::sync::Arc;

use jiff::civil::Date;
use kernel::date::{from_days, to_days as days};
use kernel::{RecordId, UnitCode};
use ledger::fold::{Assertion, fold, stands};
use ledger::{Position, Say};
use pack::{FieldSet, FieldType, Record, Register, Value};
use rustc_hash::FxHashMap;

use crate::feed::Feed;
use crate::heard::{Heard, place};
use crate::rows::{book_of, is_there, place_of, says_on};
use crate::tangle::{Sorted, Tangle};
use crate::words::{small, unit_at};

/// The words of one register, to be asked of record by record.
pub struct Shelf<'s> {
    pub(crate) heard: &'s Heard,
    pub(crate) register: &'s Register,
    pub(crate) sorted: Arc<Sorted>,
    pub(crate) lone: Arc<Lone>,
}

/// Where the only word of each record is that has one.
pub(crate) struct Lone {
    /// For each feed the number of its first word, counted through all of them.
    starts: Vec<u32>,
    /// For each record the number of its word, from 1; 0 if it has none, and for a tangle that of any.
    words: Arc<Vec<u32>>,
    /// Where the words are of records of which more was said since: feed and row.
    later: FxHashMap<i64, (u32, u32)>,
}

impl Lone {
    pub(crate) fn new(heard: &Heard, sorted: &Sorted) -> Lone {
        let mut words = vec![0; heard.records];
        let mut starts = Vec::with_capacity(sorted.feeds.len());
        let mut next = 0;
        for (_, feed) in &sorted.feeds {
            starts.push(next);
            for record in feed.records() {
                next += 1;
                words[small(heard.canon(*record))] = next;
            }
        }
        Lone {
            starts,
            words: Arc::new(words),
            later: FxHashMap::default(),
        }
    }

    /// The same after more was said of some records, which `own` has sorted; its feeds lie as they did.
    pub(crate) fn after(&self, heard: &Heard, own: &Sorted) -> Lone {
        let mut later = self.later.clone();
        for (nth, ((_, feed), rows)) in (0..).zip(own.feeds.iter().zip(&own.plain)) {
            let rows = rows.iter().flatten();
            later.extend(rows.map(|row| {
                let record = heard.canon(feed.records()[*row as usize]);
                (record, (nth, *row))
            }));
        }
        let words = own.tangles.iter();
        later.extend(words.filter_map(|tangle| Some((tangle.record, *tangle.words.first()?))));
        Lone {
            starts: self.starts.clone(),
            words: self.words.clone(),
            later,
        }
    }

    fn of(&self, record: i64) -> Option<(u32, u32)> {
        if let Some(at) = self.later.get(&record) {
            return Some(*at);
        }
        let word = self.words.get(small(record))?.checked_sub(1)?;
        let feed = self.starts.partition_point(|start| *start <= word) - 1;
        Some((place(feed), word - self.starts[feed]))
    }
}

/// How a record lies on its shelf.
enum Lies<'s> {
    Nowhere,
    /// One word that stands for as long as it says: feed and row.
    Lone(u32, u32),
    Tangled(&'s Tangle),
}

/// A record as it is on a day. Its values are read when they are asked for.
pub struct Stands<'s> {
    shelf: &'s Shelf<'s>,
    found: Found,
}

enum Found {
    /// By one word; those fields count of which it speaks by the day.
    Lone {
        feed: u32,
        row: u32,
        late: Option<i32>,
    },
    /// For each field the word that stands.
    Folded(Vec<Option<(u32, u32)>>),
}

/// One word about a record.
#[derive(Clone, Copy)]
pub struct WordOf<'s> {
    shelf: &'s Shelf<'s>,
    feed: u32,
    row: u32,
}

impl<'s> Shelf<'s> {
    /// The register.
    #[must_use]
    pub fn register(&self) -> &'s Register {
        self.register
    }

    fn feed(&self, nth: u32) -> &Feed {
        &self.sorted.feeds[nth as usize].1
    }

    fn lies(&self, record: RecordId) -> Lies<'_> {
        let record = self.heard.canon(record.0);
        match self.sorted.tangle(record) {
            Some(tangle) => Lies::Tangled(tangle),
            None => match self.lone.of(record) {
                Some((feed, row)) => Lies::Lone(feed, row),
                None => Lies::Nowhere,
            },
        }
    }

    fn say_at(&self, say: u32) -> Option<&'s Say> {
        self.heard
            .words
            .says
            .get(say as usize)
            .map(|(_, say)| &**say)
    }

    /// A record as it is on a day; none if it isn't there.
    #[must_use]
    pub fn record(&self, record: RecordId, on: Date) -> Option<Stands<'_>> {
        let on = days(on);
        let found = match self.lies(record) {
            Lies::Nowhere => return None,
            Lies::Lone(feed, row) => {
                let words = self.feed(feed);
                let as_of = self.heard.say(words.says()[row as usize]).as_of;
                if !is_there(self.register, words, row as usize, as_of, on) {
                    return None;
                }
                let late = (as_of > on).then_some(on);
                Found::Lone { feed, row, late }
            }
            Lies::Tangled(tangle) => {
                let (rules, said) = (&self.sorted.rules, &tangle.assertions);
                let folded = fold(rules, said, &tangle.absences, on);
                folded.since?;
                let place = |at| {
                    let (feed, row) = place_of(tangle, &folded, at)?;
                    Some((place(feed), place(row)))
                };
                Found::Folded((0..self.register.fields.len()).map(place).collect())
            }
        };
        Some(Stands { shelf: self, found })
    }

    /// Every word about a record, whether anybody says it now or not.
    pub fn words(&self, record: RecordId) -> impl DoubleEndedIterator<Item = WordOf<'_>> + Clone {
        let (one, more) = match self.lies(record) {
            Lies::Nowhere => (None, [].as_slice()),
            Lies::Lone(feed, row) => (Some((feed, row)), [].as_slice()),
            Lies::Tangled(tangle) => (None, tangle.words.as_slice()),
        };
        let words = one.into_iter().chain(more.iter().copied());
        words.map(|(feed, row)| WordOf {
            shelf: self,
            feed,
            row,
        })
    }

    /// The word that stands for a field on a day: its say, by place, and where it is.
    fn standing(&self, record: RecordId, field: usize, on: i32) -> Option<(u32, (u32, u32))> {
        match self.lies(record) {
            Lies::Nowhere => None,
            Lies::Lone(feed, row) => {
                let speaks = self.lone_speaks((feed, row), field, on);
                speaks.then(|| (self.feed(feed).says()[row as usize], (feed, row)))
            }
            Lies::Tangled(tangle) => {
                let (rules, said) = (&self.sorted.rules, &tangle.assertions);
                let at = stands(rules, said, &tangle.absences, field, on)? as usize;
                Some((tangle.says[at], tangle.words[said[at].word as usize]))
            }
        }
    }

    /// Whether the only word of a record stands for a field on a day.
    fn lone_speaks(&self, (feed, row): (u32, u32), field: usize, on: i32) -> bool {
        let (words, row) = (self.feed(feed), row as usize);
        let as_of = self.heard.say(words.says()[row]).as_of;
        let holds = self.register.fields[field].holds;
        words.spoken(row).has(field)
            && words.until(row).is_none_or(|until| on < until)
            && says_on(holds, words.from(row), as_of, on)
    }

    /// Whose word stands for a field on a day.
    #[must_use]
    pub fn whose(&self, record: RecordId, field: usize, on: Date) -> Option<&'s Say> {
        let (say, _) = self.standing(record, field, days(on))?;
        self.say_at(say)
    }

    /// What is said of a field of a record on a day, and by whom: the word that stands first, then those it stands before, in order.
    #[must_use]
    pub fn ranked(
        &self,
        record: RecordId,
        field: usize,
        on: Date,
    ) -> Vec<(&'s Say, Option<Value>)> {
        let on = days(on);
        let Lies::Tangled(tangle) = self.lies(record) else {
            let alone = self.standing(record, field, on);
            let alone =
                alone.and_then(|(say, at)| Some((self.say_at(say)?, self.value(at, field))));
            return alone.into_iter().collect();
        };
        let speaks = |a: &Assertion| a.fields.has(field);
        let said = tangle.assertions.iter().zip(&tangle.says);
        let (mut assertions, mut says): (Vec<Assertion>, Vec<u32>) = said
            .filter(|(a, _)| speaks(a))
            .map(|(a, say)| (*a, *say))
            .unzip();
        let mut ranked = Vec::new();
        while let Some(at) = stands(&self.sorted.rules, &assertions, &tangle.absences, field, on) {
            let at = at as usize;
            let word = tangle.words[assertions.remove(at).word as usize];
            let say = self.say_at(says.remove(at));
            ranked.extend(say.map(|say| (say, self.value(word, field))));
        }
        ranked
    }

    /// The unit in whose book a record is kept.
    #[must_use]
    pub fn kept_in(&self, record: RecordId) -> Option<UnitCode> {
        let book = match self.lies(record) {
            Lies::Nowhere => return None,
            Lies::Lone(feed, _) => {
                let moved = self.heard.kept_in(record.0);
                moved.unwrap_or(self.sorted.feeds[feed as usize].0)
            }
            Lies::Tangled(tangle) => {
                tangle.words.first()?;
                book_of(self.heard, &self.sorted, tangle)
            }
        };
        unit_at(&self.heard.words, book)
    }

    /// The book in which a record itself is kept, though it may be a double.
    #[must_use]
    pub fn kept_itself(&self, record: RecordId) -> Option<UnitCode> {
        let opened = || {
            let own = self.words(record).filter(|word| word.record() == record);
            let first = own.min_by_key(WordOf::commit)?;
            Some(self.sorted.feeds[first.feed as usize].0)
        };
        let book = self.heard.came_to(record.0).or_else(opened)?;
        unit_at(&self.heard.words, book)
    }

    /// What a word says of a field; who is named, as who stays.
    pub(crate) fn value(&self, (feed, row): (u32, u32), field: usize) -> Option<Value> {
        let refers = matches!(self.register.fields[field].kind, FieldType::Ref(_));
        Some(
            match self.feed(feed).value(self.register, field, row as usize)? {
                Value::Int(record) if refers => Value::Int(self.heard.canon(record)),
                other => other,
            },
        )
    }
}

impl Stands<'_> {
    fn place(&self, field: usize) -> Option<(u32, u32)> {
        match &self.found {
            Found::Folded(places) => places[field],
            Found::Lone { feed, row, late } => {
                let at = (*feed, *row);
                let speaks = late.is_none_or(|on| self.shelf.lone_speaks(at, field, on));
                speaks.then_some(at)
            }
        }
    }

    /// The value of a field.
    #[must_use]
    pub fn value(&self, field: usize) -> Option<Value> {
        self.shelf.value(self.place(field)?, field)
    }

    /// The text of a field, where it lies.
    #[must_use]
    pub fn text(&self, field: usize) -> Option<&str> {
        let (feed, row) = self.place(field)?;
        self.shelf
            .feed(feed)
            .text(self.shelf.register, field, row as usize)
    }

    /// Whether a field has just this value.
    #[must_use]
    pub fn is(&self, field: usize, value: Option<&Value>) -> bool {
        match (self.place(field), value) {
            (Some((feed, row)), Some(Value::Text(text))) => {
                let own = self.shelf.feed(feed);
                own.text(self.shelf.register, field, row as usize) == Some(text)
            }
            (Some(at), value) => self.shelf.value(at, field).as_ref() == value,
            (None, value) => value.is_none(),
        }
    }

    /// The whole record.
    #[must_use]
    pub fn whole(&self) -> Record {
        (0..self.shelf.register.fields.len())
            .map(|at| self.value(at))
            .collect()
    }
}

impl<'s> WordOf<'s> {
    fn words(&self) -> (&'s Feed, usize) {
        (self.shelf.feed(self.feed), self.row as usize)
    }

    /// Where it stands.
    #[must_use]
    pub fn at(&self) -> Position {
        let (words, row) = self.words();
        let book = self.shelf.sorted.feeds[self.feed as usize].0;
        Position {
            book: self.shelf.heard.words.books[book].book.number,
            seq: i64::from(words.seqs()[row]),
        }
    }

    /// The record it was said of: the double, if that turned out to be another.
    #[must_use]
    pub fn record(&self) -> RecordId {
        let (words, row) = self.words();
        RecordId(words.records()[row])
    }

    /// The commit that wrote it.
    #[must_use]
    pub fn commit(&self) -> i64 {
        let (words, row) = self.words();
        i64::from(words.commits()[row])
    }

    /// The date it names.
    #[must_use]
    pub fn from(&self) -> Option<Date> {
        let (words, row) = self.words();
        words.from(row).and_then(from_days)
    }

    /// The first day on which it doesn't hold any more.
    #[must_use]
    pub fn until(&self) -> Option<Date> {
        let (words, row) = self.words();
        words.until(row).and_then(from_days)
    }

    /// The fields it says something of.
    #[must_use]
    pub fn spoken(&self) -> FieldSet {
        let (words, row) = self.words();
        words.spoken(row)
    }

    /// The same with those of which it only has what could not be read.
    #[must_use]
    pub fn mentioned(&self) -> FieldSet {
        let (words, row) = self.words();
        words.mentioned(row)
    }

    /// The fields it speaks of, if only these of it are said again.
    #[must_use]
    pub fn spoken_again(&self, fields: FieldSet) -> FieldSet {
        self.shelf.register.with_told(fields).and(self.spoken())
    }

    /// What it says of a field, as it was said.
    #[must_use]
    pub fn value(&self, field: usize) -> Option<Value> {
        let (words, row) = self.words();
        match words.read(field, row) {
            Some(text) => Some(Value::AsRead(text.to_owned())),
            None => words.value(self.shelf.register, field, row),
        }
    }

    /// What it says of a field of text, where it lies.
    #[must_use]
    pub fn text(&self, field: usize) -> Option<&'s str> {
        let (words, row) = self.words();
        match words.read(field, row) {
            Some(_) => None,
            None => words.text(self.shelf.register, field, row),
        }
    }

    /// Whether it says just this of a field.
    #[must_use]
    pub fn says(&self, field: usize, value: Option<&Value>) -> bool {
        match value {
            Some(Value::Text(text)) => self.text(field) == Some(text),
            value => self.value(field).as_ref() == value,
        }
    }
}
