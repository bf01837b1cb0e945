//! Taking back a whole commit: one new commit whose entries undo all of its entries that stand, from the last to the first.
//! Nothing is taken back that a later entry rests on: not the records changed since, not those that others refer to. It reads
//! in the session that writes, so that what it found still holds when it is written.

use crate::entry::{Commit, Draft, LONGEST_WORDS, Receipt};
use crate::error::LedgerError;
use crate::ledger::{Ledger, check_words, damaged, heads_of, receipt};
use crate::plan::{Plan, Plans};
use crate::standing::standing;
use crate::store::{BookRow, CommitRow, EntryRow, Reading};
use crate::work::{PORTION, Work};
use jiff::Timestamp;
use kernel::{EntryKind, Grant, RecordId, UnitCode};
use pack::Text;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the idempotency keys of these commits begin with; others may not.
const KEY: &str = "undo:";
/// How many records a refusal names, at most.
const MOST_NAMED: usize = 5;

/// The idempotency key of the commit that takes this one back.
pub(crate) fn key(commit: i64) -> String {
    format!("{KEY}{commit}")
}

/// Whether this is the idempotency key of a commit that takes another back.
pub(crate) fn is_key(key: &str) -> bool {
    key.starts_with(KEY)
}

impl Ledger {
    /// Takes a commit back, whole or not at all: afterwards everything is as if it had not been written, and both remain to be
    /// read. Taking it back again gives the first receipt. What was taken back can't be brought back but by doing it again.
    ///
    /// # Errors
    /// There is no such commit, it took another back itself, it moved a record to another book, or something written later
    /// rests on it; the grant doesn't see every book it wrote to; another record has an identity by now.
    pub async fn undo(
        &self,
        commit: i64,
        actor: &str,
        recorded_at: Timestamp,
        grant: &Grant,
    ) -> Result<Receipt, LedgerError> {
        check_words(actor)?;
        let mut tx = self.store.write().await?;
        let row = tx.commits(&[commit]).await?.pop();
        let row = row.ok_or(LedgerError::NoCommit(commit))?;
        let heads = heads_of(&row)?;
        if let Some((unit, ..)) = heads.iter().find(|(unit, ..)| !grant.sees(unit)) {
            let who = grant.who.clone();
            return Err(LedgerError::OutOfScope { who, unit: *unit });
        }
        if is_key(&row.key) {
            return Err(LedgerError::UndoOfUndo(commit));
        }
        if let Some(first) = tx.commits_with_keys(&[key(commit)]).await?.first() {
            return receipt(first);
        }
        let source = format!("undo {commit} {}", row.source);
        let new = Commit {
            key: key(commit),
            actor: actor.to_owned(),
            source: source.chars().take(LONGEST_WORDS).collect(),
            recorded_at,
            grant: grant.clone(),
            entries: (),
        };
        let books = tx.books(None).await?;
        let mut undo = Undo {
            plans: &self.plans,
            work: Work::begin(&self.plans, tx, &new).await?,
            books,
            row,
            opened: Opened::default(),
            taken: 0,
        };
        undo.take_back(
            &heads
                .into_iter()
                .map(|(unit, seq, _)| (unit, seq))
                .collect(),
        )
        .await?;
        undo.refuse_references().await?;
        undo.work.finish().await
    }
}

/// The records a commit opened: in each book their numbers follow one another.
#[derive(Default)]
struct Opened {
    registers: BTreeSet<Arc<str>>,
    ranges: BTreeMap<i64, (i64, i64)>,
}

impl Opened {
    fn add(&mut self, entry: &EntryRow) {
        let (first, last) = self
            .ranges
            .entry(entry.record >> 32)
            .or_insert((entry.record, entry.record));
        (*first, *last) = (entry.record.min(*first), entry.record.max(*last));
        self.registers.insert(entry.register.clone());
    }

    fn has(&self, record: i64) -> bool {
        let range = self.ranges.get(&(record >> 32));
        range.is_some_and(|(first, last)| (*first..=*last).contains(&record))
    }
}

/// Records that stand in the way, with the commits that should be taken back first.
#[derive(Default)]
struct Obstacles {
    records: Vec<(Text, RecordId)>,
    commits: BTreeSet<i64>,
}

impl Obstacles {
    fn are_many(&self) -> bool {
        self.records.len() >= MOST_NAMED
    }

    fn add(&mut self, register: Text, record: i64, commits: impl IntoIterator<Item = i64>) {
        let named = (register, RecordId(record));
        if !self.records.contains(&named) && !self.are_many() {
            self.records.push(named);
            self.commits.extend(commits);
        }
    }

    /// None, or those there are, as the error says them.
    fn none_or(
        self,
        error: impl FnOnce(Vec<(Text, RecordId)>, Vec<i64>) -> LedgerError,
    ) -> Result<(), LedgerError> {
        if self.records.is_empty() {
            return Ok(());
        }
        Err(error(self.records, self.commits.into_iter().collect()))
    }
}

/// A commit being taken back.
struct Undo<'p> {
    plans: &'p Plans,
    work: Work<'p>,
    /// The books as they were before.
    books: Vec<BookRow>,
    /// The commit taken back.
    row: CommitRow,
    opened: Opened,
    taken: usize,
}

impl Undo<'_> {
    /// Takes the commit's entries back in every book, from the last to the first; `ends` is where they end.
    async fn take_back(&mut self, ends: &BTreeMap<UnitCode, i64>) -> Result<(), LedgerError> {
        let portion = i64::try_from(PORTION).unwrap_or(i64::MAX);
        for (unit, end) in ends {
            let missing = || damaged(format!("the book of {unit} is missing"));
            let text = unit.to_string();
            let book = self.books.iter().find(|book| book.unit == text);
            let number = book.ok_or_else(missing)?.number;
            let first = first_of(&mut *self.work.tx, number, self.row.number, *end).await?;
            let mut left = *end;
            while left >= first {
                let after = (left - portion).max(first - 1);
                let rows = self
                    .work
                    .tx
                    .entries(number, None, after, left - after)
                    .await?;
                let drafts = self.drafts(*unit, rows).await?;
                self.taken += drafts.len();
                self.work.write(drafts).await?;
                left = after;
            }
        }
        if self.taken == 0 {
            return Err(LedgerError::UndoneAlready(self.row.number));
        }
        Ok(())
    }

    /// The undos of those of these entries, which follow one another in a book, that stand.
    async fn drafts(
        &mut self,
        book: UnitCode,
        rows: Vec<EntryRow>,
    ) -> Result<Vec<Draft>, LedgerError> {
        let records: BTreeSet<i64> = rows.iter().map(|row| row.record).collect();
        let trails = self
            .work
            .tx
            .trails(&records.into_iter().collect::<Vec<_>>())
            .await?;
        let new = self.work.number();
        let ends = trails.iter().map(|row| (row.record, Some(row)));
        let mut expect: BTreeMap<i64, Option<i64>> = ends
            .map(|(record, row)| {
                (
                    record,
                    row.filter(|row| row.commit != new).map(|row| row.at.seq),
                )
            })
            .collect();
        let mut stacks = standing(trails);
        let (mut drafts, mut obstacles) = (Vec::with_capacity(rows.len()), Obstacles::default());
        for row in rows.into_iter().rev() {
            let stack = stacks.entry(row.record).or_default();
            if row.kind == EntryKind::Undo {
                return Err(LedgerError::UndoOfUndo(self.row.number));
            }
            let Some(place) = stack.iter().rposition(|entry| entry.at == row.at) else {
                continue;
            };
            let register = || self.plans.name(&row.register);
            let record = RecordId(row.record);
            if row.kind == EntryKind::Transfer {
                let register = register();
                return Err(LedgerError::UndoTransfer { register, record });
            }
            let later = stack.split_off(place + 1);
            if !later.is_empty() {
                obstacles.add(
                    register(),
                    row.record,
                    later.iter().map(|entry| entry.commit),
                );
            }
            if row.kind == EntryKind::Open {
                self.opened.add(&row);
            }
            stack.pop();
            let body = &stack.last().unwrap_or(&row).body;
            let body = self
                .plans
                .get(&row.register)
                .and_then(|plan| self.plans.register(plan).decode(body).ok());
            let unreadable = || LedgerError::Unreadable {
                register: register(),
                record,
            };
            drafts.push(Draft {
                book,
                register: row.register.to_string(),
                record,
                kind: EntryKind::Undo,
                valid_from: row.valid_from,
                body: body.ok_or_else(unreadable)?,
                expect: expect.get_mut(&row.record).and_then(Option::take),
            });
        }
        let commit = self.row.number;
        obstacles.none_or(|records, commits| LedgerError::ChangedSince {
            commit,
            records,
            commits,
        })?;
        Ok(drafts)
    }

    /// Refuses if entries that stand refer to records the commit opened. Only later entries can.
    async fn refuse_references(&mut self) -> Result<(), LedgerError> {
        let referring = self.plans.referring(&self.opened.registers);
        let mut obstacles = Obstacles::default();
        if !referring.is_empty() {
            for book in std::mem::take(&mut self.books) {
                let later = self.row.number + 1;
                let first = first_of(&mut *self.work.tx, book.number, later, book.seq).await?;
                for plan in &referring {
                    self.references(&book, plan, first - 1, &mut obstacles)
                        .await?;
                }
            }
        }
        let commit = self.row.number;
        obstacles.none_or(|records, commits| LedgerError::ReferredTo {
            commit,
            records,
            commits,
        })
    }

    /// The references of one register in one book, after a sequence, to records the commit opened.
    async fn references(
        &mut self,
        book: &BookRow,
        plan: &Plan,
        mut after: i64,
        obstacles: &mut Obstacles,
    ) -> Result<(), LedgerError> {
        let portion = i64::try_from(PORTION).unwrap_or(i64::MAX);
        while after < book.seq && !obstacles.are_many() {
            let rows = self
                .work
                .tx
                .entries(book.number, Some(&plan.name), after, portion)
                .await?;
            after = rows.last().map_or(book.seq, |row| row.at.seq);
            let mut found = Vec::new();
            for row in rows {
                if row.at.seq <= book.seq
                    && row.kind != EntryKind::Undo
                    && self.refers(plan, &row)?
                {
                    found.push(row);
                }
            }
            let records: BTreeSet<i64> = found.iter().map(|row| row.record).collect();
            let trails = self
                .work
                .tx
                .trails(&records.into_iter().collect::<Vec<_>>())
                .await?;
            let stacks = standing(trails);
            for row in found {
                let stack = stacks.get(&row.record).map_or(&[][..], Vec::as_slice);
                if stack.iter().any(|entry| entry.at == row.at) {
                    obstacles.add(self.plans.name(&row.register), row.record, [row.commit]);
                }
            }
        }
        Ok(())
    }

    /// Whether an entry of a record the commit didn't open refers to one it did.
    fn refers(&self, plan: &Plan, row: &EntryRow) -> Result<bool, LedgerError> {
        let body = self.plans.register(plan).decode(&row.body);
        let unreadable = |_| LedgerError::Unreadable {
            register: self.plans.name(&row.register),
            record: RecordId(row.record),
        };
        let body = body.map_err(unreadable)?;
        let mut targets = plan.targets(&body);
        Ok(!self.opened.has(row.record) && targets.any(|(_, _, record)| self.opened.has(record)))
    }
}

/// The first sequence in a book whose entry is of this commit or a later one; one after the end if there is none. Commits stand
/// in a book in the order of their numbers.
async fn first_of(
    tx: &mut (impl Reading + ?Sized),
    book: i64,
    commit: i64,
    end: i64,
) -> Result<i64, LedgerError> {
    let (mut low, mut high) = (1, end + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let row = tx.entries(book, None, middle - 1, 1).await?.pop();
        let missing = || damaged(format!("entry {middle} of book {book} is missing"));
        if row.ok_or_else(missing)?.commit < commit {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
