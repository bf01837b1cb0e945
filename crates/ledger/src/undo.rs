//! Taking back a whole commit: one new commit that names it, after which nothing of it counts. No entry is written for an entry;
//! what is refused is only what would leave others hanging: a record that nobody else's word holds up, while others speak of it
//! or refer to it. It reads in the session that writes, so that what it found still holds when it is written.

use crate::asked::Asking;
use crate::commits::units_of;
use crate::derived::{home, into};
use crate::entry::{Commit, Position, Receipt, SayId};
use crate::error::LedgerError;
use crate::ledger::{Ledger, check_words, damaged};
use crate::plan::Plans;
use crate::source::Source;
use crate::stands::{Undone, is_word, said_again};
use crate::store::{Batch, BookRow, CommitRow, EntryRow, Reading, RecordRow};
use crate::work::guards::allow_taking_back;
use crate::work::{Beginning, NOTHING, PORTION, Word, Work};
use jiff::Timestamp;
use kernel::{EntryKind, Grant, RecordId, UnitCode};
use pack::FieldSet;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many records a refusal names, at most.
const MOST_NAMED: usize = 5;
/// How many commits' says are read at once.
const SAYS_AT_ONCE: i64 = 1_000;

impl Ledger {
    /// Takes a commit back, with what was added to its says since: nothing of it counts any more, and both remain to be read. What
    /// was taken back can't be brought back but by doing it again.
    ///
    /// # Errors
    /// There is no such commit, it took another back or erased something, it was taken back before, or something that stands rests
    /// on records only it holds up; the grant could not have written what it wrote.
    pub async fn undo(
        &self,
        commit: i64,
        recorded_at: Timestamp,
        grant: &Grant,
    ) -> Result<Receipt, LedgerError> {
        check_words(&grant.who)?;
        let _writing = self.heard.writing();
        let mut tx = self.store.write().await?;
        let row = tx.commits_after(commit.saturating_sub(1), 1).await?.pop();
        let row = row.filter(|row| row.number == commit);
        let row = row.ok_or(LedgerError::NoCommit(commit))?;
        let units = units_of(&row)?;
        if let Some(unit) = units.iter().find(|unit| !grant.writes(None, unit)) {
            let (who, unit) = (grant.who.clone(), *unit);
            return Err(LedgerError::OutOfScope { who, unit });
        }
        refuse_kind(&row)?;
        let (records, written) = Undoing::find(&self.plans, &mut *tx, &row, grant).await?;
        let begin = Beginning {
            commit: Commit {
                asked: Asking::to("undo").with(commit.to_le_bytes()).done(),
                source: Source::Undo { commit },
                recorded_at,
                grant: grant.clone(),
                base: None,
                says: Vec::new(),
                rolls: Vec::new(),
                entries: (),
            },
            undoes: Some(commit),
            units: units.into_iter().collect(),
        };
        let mut work =
            Work::begin((&self.plans, &self.files), self.store.meta(), tx, begin).await?;
        let number = work.commit_number();
        let mut batch = Batch {
            records,
            undone: Some((commit, number)),
            ..Batch::default()
        };
        for book in written {
            work.append(book, mark(number, commit), &mut batch)?;
        }
        work.finish(batch).await
    }
}

/// The entry that tells a book that a commit was taken back.
fn mark(number: i64, undone: i64) -> Word {
    Word {
        register: Arc::from(""),
        record: undone,
        kind: EntryKind::Undo,
        say: SayId {
            commit: number,
            nth: 0,
        },
        from: None,
        until: None,
        row: 0,
        previous: None,
        body: NOTHING.to_owned(),
    }
}

fn refuse_kind(row: &CommitRow) -> Result<(), LedgerError> {
    let source = serde_json::from_str(&row.source);
    match source.map_err(|_| damaged(format!("the source of commit {}", row.number)))? {
        Source::Erasure { .. } => Err(LedgerError::UndoOfErasure(row.number)),
        Source::Opening { .. } | Source::Founding { .. } => {
            Err(LedgerError::UndoOfOpening(row.number))
        }
        _ if row.undoes.is_some() => Err(LedgerError::UndoOfUndo(row.number)),
        _ if row.undone_by.is_some() => Err(LedgerError::UndoneAlready(row.number)),
        _ => Ok(()),
    }
}

/// A commit that may be taken back: what it wrote, and what rests on it.
struct Undoing<'a> {
    plans: &'a Plans,
    tx: &'a mut dyn Reading,
    commit: i64,
    grant: &'a Grant,
    /// In whose name each say is said.
    units: BTreeMap<SayId, UnitCode>,
    /// Why the grant could not have written all of it.
    refused: Option<LedgerError>,
    undone: Undone,
    books: Vec<BookRow>,
    /// The records it says are there, and the places of those words; sorted by record.
    opened: Vec<(i64, Position)>,
    /// Those of them that were there before.
    reopened: BTreeSet<i64>,
    /// Those of them that other words hold up.
    held: BTreeSet<i64>,
    /// The records it moved or merged.
    moved: BTreeSet<i64>,
    /// Words taken back before that say all a record must have: they hold it up where a list says them again.
    idle: BTreeMap<Position, i64>,
    /// For records it opened, the first that rests on each: register, record, commit.
    resting: BTreeMap<i64, (Arc<str>, i64, i64)>,
}

impl<'a> Undoing<'a> {
    /// Refuses if anything rests on the commit. Returns the records whose place changes, as they will be, and the books the commit
    /// wrote to.
    async fn find(
        plans: &'a Plans,
        tx: &'a mut dyn Reading,
        row: &CommitRow,
        grant: &'a Grant,
    ) -> Result<(Vec<RecordRow>, Vec<i64>), LedgerError> {
        let undone = Undone::load(tx).await?;
        let books = tx.books(None).await?;
        let mut undoing = Undoing {
            plans,
            tx,
            commit: row.number,
            grant,
            units: BTreeMap::new(),
            refused: None,
            undone,
            books,
            opened: Vec::new(),
            reopened: BTreeSet::new(),
            held: BTreeSet::new(),
            moved: BTreeSet::new(),
            idle: BTreeMap::new(),
            resting: BTreeMap::new(),
        };
        undoing.learn_units().await?;
        let written = undoing.scan(row.number, Self::note).await?;
        if let Some(refused) = undoing.refused.take() {
            return Err(refused);
        }
        undoing.opened.sort_unstable();
        if !undoing.opened.is_empty() {
            let first = undoing.first_commit().await?;
            undoing.scan(first, Self::weigh).await?;
            undoing.refuse_resting().await?;
        }
        let records = undoing.back().await?;
        Ok((records, written))
    }

    /// Learns in whose name every say is said: what adds to one is of its unit.
    async fn learn_units(&mut self) -> Result<(), LedgerError> {
        let last = self.tx.last().await?.commit;
        let (mut said, mut after) = (Vec::new(), 0);
        while after < last {
            said.extend(self.tx.says(after, after + SAYS_AT_ONCE).await?);
            after += SAYS_AT_ONCE;
        }
        let units = said.into_iter().map(|row| (row.id, row.say.voice.unit));
        self.units = units.collect();
        Ok(())
    }

    /// Goes through all entries of a commit and those after it. Returns the books in which it has entries itself.
    async fn scan(
        &mut self,
        first: i64,
        tell: fn(&mut Self, &EntryRow),
    ) -> Result<Vec<i64>, LedgerError> {
        let portion = i64::try_from(PORTION).unwrap_or(i64::MAX);
        let mut own = Vec::new();
        for at in 0..self.books.len() {
            let (book, end) = (self.books[at].number, self.books[at].seq);
            let mut after = first_of(self.tx, book, first, end).await? - 1;
            loop {
                let rows = self.tx.entries(book, after, portion).await?;
                let Some(last) = rows.last() else { break };
                if rows[0].commit == first && !own.contains(&book) {
                    own.push(book);
                }
                after = last.at.seq;
                rows.iter().for_each(|row| tell(self, row));
            }
        }
        Ok(own)
    }

    /// The first commit whose entries may rest on a record the commit opened: a later one, unless the record was there before.
    async fn first_commit(&mut self) -> Result<i64, LedgerError> {
        let reopened: Vec<i64> = self.reopened.iter().copied().collect();
        let trails = self.tx.trails(&reopened, 0).await?;
        let first = trails.iter().map(|entry| entry.commit).min();
        Ok(first.map_or(self.commit, |first| first.min(self.commit)))
    }

    /// Whether an entry that counts now is taken back with the commit.
    fn takes(&self, entry: &EntryRow) -> bool {
        let own = entry.commit == self.commit || entry.say.commit == self.commit;
        own && self.undone.counts(entry)
    }

    /// Remembers what the commit did.
    fn note(&mut self, entry: &EntryRow) {
        if !self.takes(entry) {
            return;
        }
        if let (Some(unit), None) = (self.units.get(&entry.say), &self.refused) {
            self.refused = allow_taking_back(self.grant, self.plans, entry, unit).err();
        }
        match entry.kind {
            EntryKind::Open => {
                self.opened.push((entry.record, entry.at));
                if entry.previous.is_some() {
                    self.reopened.insert(entry.record);
                }
            }
            EntryKind::Transfer | EntryKind::Merge => drop(self.moved.insert(entry.record)),
            _ => {}
        }
    }

    fn opens(&self, record: i64) -> bool {
        let at = self.opened.partition_point(|(opened, _)| *opened < record);
        self.opened
            .get(at)
            .is_some_and(|(opened, _)| *opened == record)
    }

    /// Finds out what an entry that isn't taken back means for the records the commit opened.
    fn weigh(&mut self, entry: &EntryRow) {
        if entry.kind == EntryKind::Undo || self.takes(entry) {
            return;
        }
        let Some(plan) = self.plans.get(&entry.register) else {
            return;
        };
        let about = self.opens(entry.record);
        let said = match entry.body.text().filter(|_| is_word(entry.kind)) {
            Some(body) if about || !plan.refs.is_empty() => self.plans.read(plan, body),
            _ => None,
        };
        let suffices = match &said {
            Some(said) => plan.suffices(said),
            // What was erased may have said everything.
            None => is_word(entry.kind) && entry.body.text().is_none(),
        };
        if about && suffices && self.undone.counts(entry) {
            self.held.insert(entry.record);
        } else if about && suffices {
            self.idle.insert(entry.at, entry.record);
        }
        if !self.undone.counts(entry) {
            return;
        }
        let mut on: Vec<i64> = Vec::new();
        on.extend(
            said.iter()
                .flat_map(|said| plan.targets(&said.values))
                .map(|target| target.2),
        );
        on.extend(about.then_some(entry.record));
        on.extend(into(entry));
        for record in on {
            if self.opens(record) && !self.resting.contains_key(&record) {
                let names = (entry.register.clone(), entry.record, entry.commit);
                self.resting.insert(record, names);
            }
        }
    }

    /// Refuses if something rests on a record that nothing else holds up: no other word that stands, and no list that stands and
    /// says such a word again.
    async fn refuse_resting(&mut self) -> Result<(), LedgerError> {
        let held = std::mem::take(&mut self.held);
        self.resting.retain(|record, _| !held.contains(record));
        if self.resting.is_empty() {
            return Ok(());
        }
        let own = self.opened.iter().map(|(record, at)| (*at, *record));
        let mut words: BTreeMap<Position, i64> = own.collect();
        words.append(&mut self.idle);
        words.retain(|_, record| self.resting.contains_key(record));
        let required: BTreeMap<i64, FieldSet> = self.required().await?;
        let (undone, commit) = (&self.undone, self.commit);
        let mut held = BTreeSet::new();
        said_again(self.tx, 0, &mut |roll, word| {
            let stands = undone.rolls(roll) && roll.commit != commit && roll.say.commit != commit;
            if let Some(record) = words.get(&word).filter(|_| stands)
                && let Some(required) = required.get(record)
                && required.within(FieldSet(roll.fields))
            {
                held.insert(*record);
            }
        })
        .await?;
        self.resting.retain(|record, _| !held.contains(record));
        if self.resting.is_empty() {
            return Ok(());
        }
        let named = self.resting.values().take(MOST_NAMED);
        let (mut records, mut commits) = (Vec::new(), BTreeSet::new());
        for (register, record, commit) in named {
            let record = (self.plans.name(register), RecordId(*record));
            if !records.contains(&record) {
                records.push(record);
            }
            commits.insert(*commit);
        }
        Err(LedgerError::ReferredTo {
            commit: self.commit,
            records,
            commits: commits.into_iter().collect(),
        })
    }

    /// The fields that the records on which something rests must have.
    async fn required(&mut self) -> Result<BTreeMap<i64, FieldSet>, LedgerError> {
        let records: Vec<i64> = self.resting.keys().copied().collect();
        let rows = self.tx.records(&records).await?;
        let required = |row: &RecordRow| Some(self.plans.get(&row.register)?.required);
        let pairs = rows
            .iter()
            .filter_map(|row| Some((row.number, required(row)?)));
        Ok(pairs.collect())
    }

    /// The records that the commit moved or merged, as they are without it.
    async fn back(&mut self) -> Result<Vec<RecordRow>, LedgerError> {
        let moved: Vec<i64> = self.moved.iter().copied().collect();
        let mut records = Vec::with_capacity(moved.len());
        for some in moved.chunks(PORTION) {
            let rows = self.tx.records(some).await?.into_iter();
            let mut rows: BTreeMap<i64, RecordRow> = rows.map(|row| (row.number, row)).collect();
            let entries = self.tx.trails(some, 0).await?;
            for trail in entries.chunk_by(|one, next| one.record == next.record) {
                let counts = |entry: &EntryRow| self.undone.counts(entry) && !self.takes(entry);
                if let Some(row) = rows.get_mut(&trail[0].record) {
                    (row.book, row.into) = home(trail, counts);
                }
            }
            records.extend(rows.into_values());
        }
        Ok(records)
    }
}

/// The first sequence in a book whose entry is of this commit or a later one; one after the end if there is none. Commits stand
/// in a book in the order of their numbers.
async fn first_of(
    tx: &mut dyn Reading,
    book: i64,
    commit: i64,
    end: i64,
) -> Result<i64, LedgerError> {
    let (mut low, mut high) = (1, end + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let row = tx.entries(book, middle - 1, 1).await?.pop();
        let missing = || damaged(format!("entry {middle} of book {book} is missing"));
        if row.ok_or_else(missing)?.commit < commit {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
