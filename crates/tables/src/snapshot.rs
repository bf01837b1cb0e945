//! What stands, up to one commit: words, records folded on a day, and whose word each value is. What readers ask of the ledger and
//! what writers hold their lists against is asked here, of the same fold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use datafusion::arrow::array::{AsArray, RecordBatch};
use jiff::civil::Date;
use kernel::date::to_days as days;
use kernel::{Grant, Post, RecordId, UnitCode};
use ledger::{Position, Say, SayId, Voice};
use pack::{Exists, FieldSet, Pack, Record, Register};

use crate::asked::ByRegister;
use crate::changed::Changed;
use crate::contest::Contest;
use crate::covers::Cover;
use crate::day::Day;
use crate::error::TablesError;
use crate::heard::{Heard, each_row, place};
use crate::homes::{HomeFields, person_of, with_several};
use crate::reach::{SpokenBefore, SpokenByRegister};
use crate::schema;
use crate::shelf::{Lone, Shelf};
use crate::tangle::Sorted;
use crate::touched::Touched;
use crate::unread::Unread;
use crate::vouched::Vouched;
use crate::words::{Words, record};

mod differences;

use differences::Differences;

/// How many days are kept worked out: today, the first and last of its month and year, and one more.
const DAYS: usize = 6;
/// How many commits back a snapshot can tell which records were concerned.
const STEPS: usize = 256;

/// A step from one snapshot to the next.
#[derive(Clone)]
struct Step {
    /// The commit reached.
    reached: i64,
    /// The records concerned.
    touched: Arc<Touched>,
    /// In what they differ on the days that were at hand.
    changed: Arc<BTreeMap<i32, Changed>>,
}

/// What stands, up to one commit.
pub struct Snapshot {
    pub(crate) pack: Arc<Pack>,
    pub(crate) heard: Heard,
    registers: BTreeMap<String, OnceLock<Arc<Sorted>>>,
    lone: BTreeMap<String, OnceLock<Arc<Lone>>>,
    days: Mutex<Vec<(i32, Arc<Day>)>>,
    /// What came to stand otherwise from one snapshot to the next; before the first of them that of commit `since` stood.
    steps: Vec<Step>,
    since: i64,
    pub(crate) contests: OnceLock<ByRegister<Contest>>,
    pub(crate) unread: OnceLock<ByRegister<Unread>>,
    pub(crate) reach: OnceLock<SpokenByRegister>,
    pub(crate) covers: OnceLock<Vec<Cover>>,
    /// Who is vouched for, on the days asked for.
    pub(crate) vouched: Mutex<Vec<(i32, Arc<Vouched>)>>,
    /// What was said by the snapshot before.
    pub(crate) reach_before: SpokenBefore,
    differences: Mutex<Differences>,
}

impl Snapshot {
    pub(crate) fn new(pack: Arc<Pack>, words: Arc<Words>, known: Option<i64>) -> Self {
        let heard = Heard::new(&pack, words, known);
        let each = || pack.registers.iter().map(|register| register.id.clone());
        Self {
            registers: each().map(|id| (id, OnceLock::new())).collect(),
            lone: each().map(|id| (id, OnceLock::new())).collect(),
            days: Mutex::default(),
            steps: Vec::new(),
            since: heard.known,
            contests: OnceLock::new(),
            unread: OnceLock::new(),
            reach: OnceLock::new(),
            covers: OnceLock::new(),
            vouched: Mutex::default(),
            reach_before: SpokenBefore::new(),
            differences: Mutex::default(),
            heard,
            pack,
        }
    }

    /// What stands after a few commits more, made of what stood before and the records they concern. None where they concern more
    /// than some records, or where it can't be made.
    pub(crate) fn after(&self, words: Arc<Words>) -> Option<Self> {
        let (heard, touched) = self.heard.after(&self.pack, words)?;
        let touched = touched.widened(&self.pack, &heard)?;
        let concerned = |register: &Register| {
            let records = touched.of(&register.id)?;
            let sorted = Arc::new(sort(&heard, register, Some(records)));
            Some((register.id.clone(), sorted))
        };
        let own: BTreeMap<String, Arc<Sorted>> =
            (self.pack.registers.iter()).filter_map(concerned).collect();
        let mut registers = BTreeMap::new();
        let mut lone = BTreeMap::new();
        for (id, before) in &self.registers {
            let sorted = match (before.get(), own.get(id), touched.of(id)) {
                (Some(before), Some(own), Some(records)) => {
                    before.after(&heard, records, own).map(Arc::new)
                }
                (before, _, _) => before.filter(|_| !own.contains_key(id)).cloned(),
            };
            let alone = self.lone.get(id).and_then(OnceLock::get);
            let alone = match (alone, own.get(id), &sorted) {
                (Some(alone), Some(own), Some(_)) => Some(Arc::new(alone.after(&heard, own))),
                (alone, None, Some(_)) => alone.cloned(),
                _ => None,
            };
            registers.insert(
                id.clone(),
                sorted.map_or_else(OnceLock::new, OnceLock::from),
            );
            lone.insert(id.clone(), alone.map_or_else(OnceLock::new, OnceLock::from));
        }
        let days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = BTreeMap::new();
        let days = days.clone().into_iter().map(|(on, day)| {
            let day = day.after((&heard, &self.pack), (&own, &touched), on);
            let (day, differs) = day.ok()?;
            changed.insert(on, differs);
            Some((on, Arc::new(day)))
        });
        let days: Vec<(i32, Arc<Day>)> = days.collect::<Option<_>>()?;
        let (mut steps, mut since) = (self.steps.clone(), self.since);
        if steps.len() >= STEPS {
            since = steps.remove(0).reached;
        }
        let reach_before = self.reach_after(&heard, &touched);
        let covers = self.covers.get().cloned();
        let covers = covers.filter(|_| self.same_questions(&touched));
        let touched = Arc::new(touched);
        steps.push(Step {
            reached: heard.known,
            touched: touched.clone(),
            changed: Arc::new(changed),
        });
        let mut after = Self {
            pack: self.pack.clone(),
            heard,
            registers,
            lone,
            days: Mutex::new(days),
            steps,
            since,
            contests: OnceLock::new(),
            unread: OnceLock::new(),
            reach: OnceLock::new(),
            covers: covers.map_or_else(OnceLock::new, OnceLock::from),
            vouched: Mutex::default(),
            reach_before,
            differences: Mutex::default(),
        };
        let begun = Instant::now();
        let vouched = self.vouched_after(&after, &touched);
        tracing::debug!(took = ?begun.elapsed(), "for whom lists vouch");
        after.vouched = Mutex::new(vouched);
        self.asked_after(&mut after, (&touched, &own));
        Some(after)
    }

    /// Takes over what is asked, as far as it was worked out, but of the records concerned.
    fn asked_after(
        &self,
        after: &mut Self,
        (touched, own): (&Touched, &BTreeMap<String, Arc<Sorted>>),
    ) {
        let mut contests = self.contests.get().cloned();
        let mut unread = self.unread.get().cloned();
        for (register, records) in touched.iter() {
            let shelf = after.shelf(register);
            let Some((shelf, sorted)) = shelf.zip(own.get(register)) else {
                continue;
            };
            if let Some(asked) = &mut contests {
                asked.put_right(register, records, shelf.contests(sorted));
            }
            if let Some(asked) = &mut unread {
                asked.put_right(register, records, shelf.unread(Some(records)));
            }
        }
        after.contests = contests.map_or_else(OnceLock::new, OnceLock::from);
        after.unread = unread.map_or_else(OnceLock::new, OnceLock::from);
    }

    /// The records that the commits after one concern, if it can be told.
    #[must_use]
    pub fn touched_since(&self, commit: i64) -> Option<Touched> {
        let known = commit == self.since || self.steps.iter().any(|step| step.reached == commit);
        let mut touched = Touched::default();
        for step in self.steps.iter().filter(|step| step.reached > commit) {
            touched.and(&step.touched);
        }
        (known && !touched.is_wide()).then_some(touched)
    }

    /// Which columns of a day's tables stand otherwise since a commit, if it can be told.
    #[must_use]
    pub fn changed_since(&self, commit: i64, on: Date) -> Option<Changed> {
        self.touched_since(commit)?;
        let on = days(on);
        let mut changed = Changed::default();
        for step in self.steps.iter().filter(|step| step.reached > commit) {
            match step.changed.get(&on) {
                Some(known) => changed.and(known),
                None => changed.and(&Changed::all_of(&step.touched)),
            }
        }
        Some(changed)
    }

    /// The commit.
    #[must_use]
    pub fn commit(&self) -> i64 {
        self.heard.known
    }

    /// The words of a register, sorted.
    pub(crate) fn sorted(&self, register: &Register) -> Arc<Sorted> {
        let make = || Arc::new(sort(&self.heard, register, None));
        match self.registers.get(&register.id) {
            Some(kept) => kept.get_or_init(make).clone(),
            None => make(),
        }
    }

    /// Registers on a day that nobody asks for again: those wanted, and those that tell whose their records are.
    pub(crate) fn passing_day(
        &self,
        on: Date,
        wanted: impl Fn(&Register) -> bool + Sync,
    ) -> Result<Arc<Day>, TablesError> {
        let on = days(on);
        if let Some(day) = self.kept_day(on) {
            return Ok(day);
        }
        let sorted = |register: &Register| {
            let tells_whose = register.tree.is_some() || register.home.is_some();
            (tells_whose || wanted(register)).then(|| self.sorted(register))
        };
        Ok(Arc::new(Day::new(&self.heard, &self.pack, sorted, on)?))
    }

    /// What a grant's posts give in units that stand below theirs on a day that need not be kept.
    pub(crate) fn units_below(&self, grant: &Grant, on: Date) -> Result<Vec<Post>, TablesError> {
        let units = |register: &Register| register.tree.is_some().then(|| self.sorted(register));
        Ok(Day::new(&self.heard, &self.pack, units, days(on))?.below(grant))
    }

    /// Every register on a day, if that is kept.
    pub(crate) fn kept_day(&self, on: i32) -> Option<Arc<Day>> {
        let kept = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        let day = kept.iter().find(|(day, _)| *day == on);
        day.map(|(_, day)| day.clone())
    }

    /// Every register on a day.
    pub(crate) fn day(&self, on: Date) -> Result<Arc<Day>, TablesError> {
        let day = self.passing_day(on, |_| true)?;
        let on = days(on);
        let mut kept = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.iter().any(|(day, _)| *day == on) {
            return Ok(day);
        }
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
            .map(|((id, say), _)| (*id, &**say))
            .collect()
    }

    /// One of them.
    #[must_use]
    pub fn said(&self, id: SayId) -> Option<&Say> {
        let says = &self.heard.words.says;
        let at = says.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        let stands = self.heard.says.get(at).is_some_and(|heard| heard.stands);
        stands.then(|| &*says[at].1)
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

    /// A register of the pack, to be asked record by record.
    #[must_use]
    pub fn shelf(&self, register: &str) -> Option<Shelf<'_>> {
        let register = self.pack.register(register)?;
        let sorted = self.sorted(register);
        let make = || Arc::new(Lone::new(&self.heard, &sorted));
        let lone = match self.lone.get(&register.id) {
            Some(kept) => kept.get_or_init(make).clone(),
            None => make(),
        };
        Some(Shelf {
            heard: &self.heard,
            register,
            sorted,
            lone,
        })
    }

    /// Every register of the pack.
    pub(crate) fn shelves(&self) -> Vec<Shelf<'_>> {
        let registers = self.pack.registers.iter();
        registers.filter_map(|r| self.shelf(&r.id)).collect()
    }

    /// A record as it is on a day; none if it isn't there. Who asks for many takes the [`Shelf`].
    #[must_use]
    pub fn record(&self, register: &str, record: RecordId, on: Date) -> Option<Record> {
        let shelf = self.shelf(register)?;
        let stands = shelf.record(record, on)?;
        Some(stands.whole())
    }

    /// The unit in whose book a record of a register is kept.
    #[must_use]
    pub fn kept_in(&self, register: &str, record: RecordId) -> Option<UnitCode> {
        self.shelf(register)?.kept_in(record)
    }

    /// The records of a register of which any word stands, ascending; doubles are left out.
    #[must_use]
    pub fn records(&self, register: &str) -> Vec<RecordId> {
        let Some(declared) = self.pack.register(register) else {
            return Vec::new();
        };
        let mut found: BTreeSet<i64> = BTreeSet::new();
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
        found.into_iter().map(record).collect()
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
                    let fields = register.with_told(again.fields);
                    each_row(feed, &again.seqs, |row| {
                        add(row, again.say, again.commit, fields);
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

    /// Whether there is any record of a register on a day.
    ///
    /// # Errors
    /// The day can't be worked out.
    pub fn has_any(&self, register: &str, on: Date) -> Result<bool, TablesError> {
        let day = self.day(on)?;
        let batches = day.tables.get(register);
        let mut batches = batches.into_iter().flat_map(|batches| batches.iter());
        Ok(batches.any(|batch| batch.num_rows() > 0))
    }

    /// How many records of each register there are on a day, by the unit whose they are.
    ///
    /// # Errors
    /// The day can't be worked out.
    pub fn counts(
        &self,
        on: Date,
    ) -> Result<BTreeMap<String, BTreeMap<UnitCode, usize>>, TablesError> {
        let day = self.day(on)?;
        let each = day.tables.iter().map(|(register, batches)| {
            let mut counts = BTreeMap::new();
            for batch in &**batches {
                count_by_unit(batch, &mut counts);
            }
            (register.clone(), counts)
        });
        Ok(each.collect())
    }

    /// A unit, and those below it on a day whose codes don't say so.
    ///
    /// # Errors
    /// The day can't be worked out.
    pub fn below(&self, unit: UnitCode, on: Date) -> Result<Vec<UnitCode>, TablesError> {
        let post = Grant::reading("", &[unit], &[], "");
        let below = self.day(on)?.below(&post);
        let below = below.into_iter().map(|post| post.unit);
        Ok([unit].into_iter().chain(below).collect())
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

/// The words of a register, or only those of some records: of a register of homes, of all those of a person or of none.
pub(crate) fn sort(heard: &Heard, register: &Register, only: Option<&BTreeSet<i64>>) -> Sorted {
    let home = register.home.as_ref();
    match home.and_then(|home| HomeFields::of(register, home)) {
        Some(fields) => {
            let several = with_several(heard, register, fields, only);
            Sorted::new(heard, register, only, |feed, row| {
                let person = person_of(heard, feed, row, fields);
                person.is_some_and(|person| several.contains(&person))
            })
        }
        None => Sorted::new(heard, register, only, |_, _| false),
    }
}

/// A record, as of when and by which commit it is said, where, and in which fields.
type SaidOnce = (i64, i32, i64, (usize, usize), FieldSet);

/// Adds up how many rows are of which unit; rows of one unit mostly follow one another.
fn count_by_unit(batch: &RecordBatch, counts: &mut BTreeMap<UnitCode, usize>) {
    let units = batch.column_by_name(schema::UNIT);
    let Some(units) = units.and_then(|units| units.as_string_view_opt()) else {
        return;
    };
    let mut add = |unit: &str, rows: usize| {
        if let Ok(unit) = unit.parse() {
            *counts.entry(unit).or_default() += rows;
        }
    };
    let (mut last, mut rows) = ("", 0);
    for unit in units.iter().flatten() {
        if unit != last {
            add(last, rows);
            (last, rows) = (unit, 0);
        }
        rows += 1;
    }
    add(last, rows);
}
