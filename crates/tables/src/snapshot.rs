//! What stands, up to one commit: words, records folded on a day, and whose word each value is. What readers ask of the ledger and
//! what writers hold their lists against is asked here, of the same fold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::civil::Date;
use kernel::date::{from_days, to_days as days};
use kernel::{RecordId, UnitCode};
use ledger::fold::{Folded, fold, stands};
use ledger::{Position, Say, SayId, Voice};
use pack::{Exists, FieldSet, Pack, Record, Register, Said, Value};

use crate::day::Day;
use crate::error::TablesError;
use crate::feed::Feed;
use crate::heard::{Heard, each_row, place};
use crate::homes::{HomeFields, homes_of, person_of};
use crate::rows::{book_of, place_of};
use crate::tangle::{Sorted, Tangle, assertion};
use crate::words::{Words, record, small, unit_at};

/// How many days are kept worked out: the first and last day of a period, and today.
const DAYS: usize = 4;

/// What stands, up to one commit.
pub struct Snapshot {
    pack: Arc<Pack>,
    pub(crate) heard: Heard,
    registers: BTreeMap<String, OnceLock<Arc<Sorted>>>,
    rows: BTreeMap<String, OnceLock<Arc<RowsOf>>>,
    days: Mutex<Vec<(i32, Arc<Day>)>>,
}

/// Where the words of each record are: feed and row, by record.
struct RowsOf {
    /// For each record where its rows begin, and behind the last where they end.
    starts: Vec<u32>,
    rows: Vec<(u32, u32)>,
}

impl RowsOf {
    fn new(heard: &Heard, sorted: &Sorted) -> RowsOf {
        let record = |record: &i64| small(heard.canon(*record));
        let mut starts = vec![0_u32; heard.records + 1];
        for (_, feed) in &sorted.feeds {
            feed.records().iter().for_each(|of| starts[record(of)] += 1);
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut rows = vec![(0, 0); end as usize];
        // From the last to the first, so that each record's stay in their order, and each start moves to where its rows begin.
        for (nth, (_, feed)) in sorted.feeds.iter().enumerate().rev() {
            for (row, of) in feed.records().iter().enumerate().rev() {
                let start = &mut starts[record(of)];
                *start -= 1;
                rows[*start as usize] = (place(nth), place(row));
            }
        }
        RowsOf { starts, rows }
    }

    fn of(&self, record: usize) -> &[(u32, u32)] {
        match (self.starts.get(record), self.starts.get(record + 1)) {
            (Some(start), Some(end)) => &self.rows[*start as usize..*end as usize],
            _ => &[],
        }
    }
}

/// One word about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordOf {
    /// Where it stands.
    pub at: Position,
    /// The record it was said of: the double, if that turned out to be another.
    pub record: RecordId,
    /// The commit that wrote it.
    pub commit: i64,
    /// The date it names.
    pub from: Option<Date>,
    /// The first day on which it doesn't hold any more.
    pub until: Option<Date>,
    /// What it says.
    pub said: Said,
}

impl Snapshot {
    pub(crate) fn new(pack: Arc<Pack>, words: Arc<Words>, known: Option<i64>) -> Self {
        let heard = Heard::new(&pack, words, known);
        let each = || pack.registers.iter().map(|register| register.id.clone());
        Self {
            registers: each().map(|id| (id, OnceLock::new())).collect(),
            rows: each().map(|id| (id, OnceLock::new())).collect(),
            days: Mutex::default(),
            heard,
            pack,
        }
    }

    /// The commit.
    #[must_use]
    pub fn commit(&self) -> i64 {
        self.heard.known
    }

    /// The words of a register, sorted.
    fn sorted(&self, register: &Register) -> Arc<Sorted> {
        let make = || {
            let home = register.home.as_ref();
            let fields = home.and_then(|home| HomeFields::of(register, home));
            Arc::new(match fields {
                Some(fields) => {
                    let homes = homes_of(&self.heard, register, fields);
                    Sorted::new(&self.heard, register, |feed, row| {
                        let person = person_of(&self.heard, feed, row, fields);
                        person.is_some_and(|person| homes.get(person).is_some_and(|n| *n > 1))
                    })
                }
                None => Sorted::new(&self.heard, register, |_, _| false),
            })
        };
        match self.registers.get(&register.id) {
            Some(kept) => kept.get_or_init(make).clone(),
            None => make(),
        }
    }

    /// Every register on a day.
    pub(crate) fn day(&self, on: Date) -> Result<Arc<Day>, TablesError> {
        let on = days(on);
        let kept = || self.days.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, day)) = kept().iter().find(|(day, _)| *day == on) {
            return Ok(day.clone());
        }
        let day = Day::new(
            &self.heard,
            &self.pack,
            |register| self.sorted(register),
            on,
        )?;
        let day = Arc::new(day);
        let mut kept = kept();
        if kept.len() >= DAYS {
            kept.remove(0);
        }
        kept.push((on, day.clone()));
        Ok(day)
    }

    /// Who said what when, of the commits that stand, in their order.
    #[must_use]
    pub fn says(&self) -> Vec<(SayId, &Say)> {
        let says = self.heard.words.says.iter().zip(&self.heard.says);
        says.filter(|(_, heard)| heard.stands)
            .map(|((id, say), _)| (*id, say))
            .collect()
    }

    /// The words a say says, with the fields of each: its own and those it says again.
    #[must_use]
    pub fn asserted(&self, say: SayId) -> BTreeMap<Position, FieldSet> {
        let mut asserted: BTreeMap<Position, FieldSet> = BTreeMap::new();
        let words = &self.heard.words;
        let Some(at) = words.says.iter().position(|(id, _)| *id == say) else {
            return asserted;
        };
        let at = place(at);
        for book in &words.books {
            for feed in book.feeds.values() {
                for (row, own) in feed.says().iter().enumerate() {
                    if *own == at && self.heard.stands(i64::from(feed.commits()[row])) {
                        let seq = i64::from(feed.seqs()[row]);
                        let book = book.book.number;
                        asserted.insert(Position { book, seq }, FieldSet::ALL);
                    }
                }
            }
        }
        for again in self.heard.again().filter(|again| again.say == at) {
            for seq in again.seqs.iter() {
                let at = Position {
                    book: again.book,
                    seq: i64::from(*seq),
                };
                let fields = asserted.entry(at).or_default();
                *fields = FieldSet(fields.0 | again.fields.0);
            }
        }
        asserted
    }

    /// The rows of each record of a register.
    fn rows_of(&self, register: &Register) -> Arc<RowsOf> {
        let make = || Arc::new(RowsOf::new(&self.heard, &self.sorted(register)));
        match self.rows.get(&register.id) {
            Some(kept) => kept.get_or_init(make).clone(),
            None => make(),
        }
    }

    fn words_of(&self, register: &Register, record: RecordId) -> Vec<(u32, u32)> {
        let rows = self.rows_of(register);
        rows.of(small(self.heard.canon(record.0))).to_vec()
    }

    /// Every word about a record, whether anybody says it now or not.
    #[must_use]
    pub fn words(&self, register: &str, record: RecordId) -> Vec<WordOf> {
        let Some(register) = self.pack.register(register) else {
            return Vec::new();
        };
        let sorted = self.sorted(register);
        let words = self.words_of(register, record).into_iter();
        let words = words.map(|(feed, row)| {
            let (book, feed) = &sorted.feeds[feed as usize];
            self.word(register, *book, feed, row as usize)
        });
        words.collect()
    }

    fn word(&self, register: &Register, book: usize, feed: &Feed, row: usize) -> WordOf {
        WordOf {
            at: Position {
                book: self.heard.words.books[book].book.number,
                seq: i64::from(feed.seqs()[row]),
            },
            record: RecordId(feed.records()[row]),
            commit: i64::from(feed.commits()[row]),
            from: feed.from(row).and_then(from_days),
            until: feed.until(row).and_then(from_days),
            said: feed.said(register, row),
        }
    }

    /// Gives the tangle of a record to a function; one that has none gets one for the occasion.
    fn with_tangle<T>(
        &self,
        register: &Register,
        record: RecordId,
        use_it: impl FnOnce(&Sorted, &Tangle) -> T,
    ) -> T {
        let sorted = self.sorted(register);
        let record = self.heard.canon(record.0);
        if let Some(tangle) = sorted.tangle(record) {
            return use_it(&sorted, tangle);
        }
        let mut tangle = Tangle {
            record,
            words: self.words_of(register, RecordId(record)),
            assertions: Vec::new(),
            says: Vec::new(),
            absences: Vec::new(),
        };
        for (word, (feed, row)) in (0..).zip(&tangle.words) {
            let (feed, row) = (&sorted.feeds[*feed as usize].1, *row as usize);
            if self.heard.says_itself(feed, row) {
                let say = feed.says()[row];
                let commit = i64::from(feed.commits()[row]);
                let said = (word, say, commit);
                let spoken = feed.spoken(row);
                let assertion = assertion(&self.heard, feed, row, &sorted.named, said, spoken);
                tangle.assertions.push(assertion);
                tangle.says.push(say);
            }
        }
        use_it(&sorted, &tangle)
    }

    /// A record as it is on a day; none if it isn't there.
    #[must_use]
    pub fn record(&self, register: &str, record: RecordId, on: Date) -> Option<Record> {
        let register = self.pack.register(register)?;
        self.with_tangle(register, record, |sorted, tangle| {
            let folded = fold(
                &sorted.rules,
                &tangle.assertions,
                &tangle.absences,
                days(on),
            );
            folded.since?;
            Some(self.values(register, sorted, tangle, &folded))
        })
    }

    fn values(
        &self,
        register: &Register,
        sorted: &Sorted,
        tangle: &Tangle,
        folded: &Folded,
    ) -> Record {
        let value = |at: usize| {
            let (feed, row) = place_of(tangle, folded, at)?;
            self.value(register, &sorted.feeds[feed].1, at, row)
        };
        (0..register.fields.len()).map(value).collect()
    }

    /// What a word says of a field; who is named, as who stays.
    fn value(&self, register: &Register, feed: &Feed, field: usize, row: usize) -> Option<Value> {
        let refers = matches!(register.fields[field].kind, pack::FieldType::Ref(_));
        Some(match feed.value(register, field, row)? {
            Value::Int(record) if refers => Value::Int(self.heard.canon(record)),
            other => other,
        })
    }

    /// Whose word stands for a field on a day.
    #[must_use]
    pub fn whose(&self, register: &str, record: RecordId, field: usize, on: Date) -> Option<&Say> {
        let register = self.pack.register(register)?;
        let say = self.with_tangle(register, record, |sorted, tangle| {
            let (rules, on) = (&sorted.rules, days(on));
            let at = stands(rules, &tangle.assertions, &tangle.absences, field, on)?;
            tangle.says.get(at as usize).copied()
        })?;
        self.heard.words.says.get(say as usize).map(|(_, say)| say)
    }

    /// What is said of a field of a record on a day, and by whom: the word that stands first, then those it stands before, in order.
    #[must_use]
    pub fn ranked(
        &self,
        register: &str,
        record: RecordId,
        field: usize,
        on: Date,
    ) -> Vec<(&Say, Option<Value>)> {
        let Some(register) = self.pack.register(register) else {
            return Vec::new();
        };
        let said = self.with_tangle(register, record, |sorted, tangle| {
            let mut assertions = tangle.assertions.clone();
            let mut says = tangle.says.clone();
            let mut said = Vec::new();
            let (rules, on) = (&sorted.rules, days(on));
            while let Some(at) = stands(rules, &assertions, &tangle.absences, field, on) {
                let at = at as usize;
                let word = assertions[at].word as usize;
                let (feed, row) = tangle.words[word];
                let feed = &sorted.feeds[feed as usize].1;
                said.push((says[at], self.value(register, feed, field, row as usize)));
                assertions.remove(at);
                says.remove(at);
            }
            said
        });
        let say = |say: u32| self.heard.words.says.get(say as usize).map(|(_, say)| say);
        said.into_iter()
            .filter_map(|(at, value)| Some((say(at)?, value)))
            .collect()
    }

    /// The records of a register that are there on a day, or of which any word stands on any, ascending; doubles are left out.
    #[must_use]
    pub fn records(&self, register: &str, on: Option<Date>) -> Vec<RecordId> {
        let Some(declared) = self.pack.register(register) else {
            return Vec::new();
        };
        let mut found: BTreeSet<i64> = BTreeSet::new();
        if let Some(on) = on {
            let day = self.day(on);
            let tables = day.iter().filter_map(|day| day.tables.get(register));
            for batch in tables.flatten() {
                use datafusion::arrow::array::AsArray;
                let ids = batch.column(0);
                let ids = ids.as_primitive::<datafusion::arrow::datatypes::Int64Type>();
                found.extend(ids.values());
            }
        } else {
            let sorted = self.sorted(declared);
            for (_, feed) in &sorted.feeds {
                for (row, record) in feed.records().iter().enumerate() {
                    if self.heard.says_itself(feed, row) {
                        found.insert(self.heard.canon(*record));
                    }
                }
            }
            let tangles = sorted.tangles.iter();
            found.extend(
                tangles
                    .filter(|tangle| !tangle.assertions.is_empty())
                    .map(|tangle| tangle.record),
            );
        }
        found.into_iter().map(record).collect()
    }

    /// The unit in whose book a record of a register is kept.
    #[must_use]
    pub fn kept_in(&self, register: &str, record: RecordId) -> Option<UnitCode> {
        let register = self.pack.register(register)?;
        self.with_tangle(register, record, |sorted, tangle| {
            tangle.words.first()?;
            unit_at(&self.heard.words, book_of(&self.heard, sorted, tangle))
        })
    }

    /// The book in which a record itself is kept, though it may be a double.
    #[must_use]
    pub fn kept_itself(&self, register: &str, record: RecordId) -> Option<UnitCode> {
        let opened = || {
            let words = self.words(register, record).into_iter();
            let own = words.filter(|word| word.record == record);
            let first = own.min_by_key(|word| word.commit)?;
            let mut books = self.heard.words.books.iter();
            let book = books.find(|book| book.book.number == first.at.book)?;
            Some(book.book.unit)
        };
        let came = self.heard.came_to(record.0);
        came.map_or_else(opened, |book| unit_at(&self.heard.words, book))
    }

    /// What a voice says of the records of a register after its last list, of those it says are there, ascending: of each field what
    /// it said last.
    #[must_use]
    pub fn said_by(&self, voice: &Voice, register: &str) -> Vec<(RecordId, Record)> {
        let (Some(register), Ok(voice)) = (
            self.pack.register(register),
            self.heard.voices.binary_search(voice),
        ) else {
            return Vec::new();
        };
        let voice = place(voice);
        let feeds = self.heard.words.feeds(&register.id);
        let mut said: Vec<SaidOnce> = Vec::new();
        for (nth, (book, feed)) in feeds.iter().enumerate() {
            let number = self.heard.words.books[*book].book.number;
            let mut add = |row: usize, say: u32, commit: i64, fields: FieldSet| {
                let (record, as_of) = (
                    self.heard.canon(feed.records()[row]),
                    self.heard.say(say).as_of,
                );
                said.push((record, as_of, commit, (nth, row), fields));
            };
            for (row, say) in feed.says().iter().enumerate() {
                if self.heard.say(*say).voice == voice && self.heard.says_itself(feed, row) {
                    add(row, *say, i64::from(feed.commits()[row]), FieldSet::ALL);
                }
            }
            for again in self.heard.again() {
                if again.book == number && self.heard.say(again.say).voice == voice {
                    each_row(feed, &again.seqs, |row| {
                        add(row, again.say, again.commit, again.fields);
                    });
                }
            }
        }
        said.sort_unstable_by_key(|(record, as_of, commit, at, _)| (*record, *as_of, *commit, *at));
        let mut found = Vec::new();
        for of_one in said.chunk_by(|one, next| one.0 == next.0) {
            let (record, last) = (of_one[0].0, of_one[of_one.len() - 1].1);
            let absences = self.heard.absences.get(&record).into_iter().flatten();
            let gone =
                |absence: &&ledger::fold::Missing| absence.voice == voice && absence.as_of > last;
            if register.exists == Exists::Back && absences.into_iter().any(|a| gone(&a)) {
                continue;
            }
            let mut values: Record = vec![None; register.fields.len()];
            for (_, _, _, (nth, row), fields) in of_one {
                let feed = &feeds[*nth].1;
                for (at, value) in values.iter_mut().enumerate() {
                    if fields.has(at)
                        && let Some(said) = feed.value(register, at, *row)
                    {
                        *value = Some(said);
                    }
                }
            }
            found.push((RecordId(record), values));
        }
        found
    }

    /// The records that a voice's last list up to a day has, of registers that a list can end.
    #[must_use]
    pub fn on_list(&self, voice: &Voice, on: Date) -> BTreeSet<RecordId> {
        let Ok(voice) = self.heard.voices.binary_search(voice) else {
            return BTreeSet::new();
        };
        let mut lists = self.heard.lists_of(place(voice));
        lists.retain(|list| self.heard.say(*list).as_of <= days(on));
        let named = self
            .heard
            .named(&self.pack, &lists.iter().copied().collect());
        let on = self.heard.walk(place(voice), &lists, &named, |_, _| {});
        on.into_iter().map(|at| RecordId(i64::from(at))).collect()
    }

    /// The unit a person is counted in on a day.
    #[must_use]
    pub fn unit_of(&self, person: RecordId, on: Date) -> Option<UnitCode> {
        let day = self.day(on).ok()?;
        day.unit_of(self.heard.canon(person.0))
    }

    /// Whose a person is on a day: the unit they are counted in, or else that of their home nearest to the day; none if they never
    /// had one.
    #[must_use]
    pub fn whose_is(&self, person: RecordId, on: Date) -> Option<UnitCode> {
        let day = self.day(on).ok()?;
        day.whose(self.heard.canon(person.0))
    }

    /// The record that a record turned out to be.
    #[must_use]
    pub fn stays(&self, record: RecordId) -> RecordId {
        RecordId(self.heard.canon(record.0))
    }

    /// The records that stay where some turned out to be another, each with its doubles, ascending.
    #[must_use]
    pub fn doubles(&self) -> BTreeMap<RecordId, Vec<RecordId>> {
        let mut doubles: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
        for double in self.heard.doubles().map(RecordId) {
            doubles.entry(self.stays(double)).or_default().push(double);
        }
        doubles
            .values_mut()
            .for_each(|doubles| doubles.sort_unstable());
        doubles
    }
}

/// A record, as of when and by which commit it is said, where, and in which fields.
type SaidOnce = (i64, i32, i64, (usize, usize), FieldSet);
