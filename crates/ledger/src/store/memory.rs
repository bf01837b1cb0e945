//! A ledger in memory: ordered maps behind one pointer. A reading session keeps the state it began with; a writing session works
//! on a copy that takes its place when it is committed, so that dropping it leaves nothing. For tests and for packs' own cases.

use super::{
    AccessRow, Batch, Body, BookRow, CommitRow, EdgeRow, EntryRow, Erasing, ErasureRow, KeyRow,
    Last, Meta, PackRow, Reading, RecordRow, RollRow, RowCounts, SayRow, Store, StoreError,
    Writing,
};
use crate::entry::{Position, SayId};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;

#[derive(Clone, Default)]
struct State {
    books: BTreeMap<i64, BookRow>,
    packs: BTreeMap<i64, PackRow>,
    commits: BTreeMap<i64, CommitRow>,
    says: BTreeMap<SayId, SayRow>,
    rolls: BTreeMap<(i64, u32), Arc<RollRow>>,
    erasures: BTreeMap<i64, ErasureRow>,
    entries: BTreeMap<Position, Arc<EntryRow>>,
    records: BTreeMap<i64, RecordRow>,
    keys: BTreeSet<Arc<KeyRow>>,
    edges: BTreeSet<EdgeRow>,
}

type Shared = Arc<Mutex<Arc<State>>>;

/// A store in memory.
pub struct MemoryStore {
    meta: Meta,
    state: Shared,
    writing: Arc<tokio::sync::Mutex<()>>,
    accesses: Mutex<Vec<AccessRow>>,
}

impl MemoryStore {
    /// An empty one.
    pub fn new(meta: Meta) -> Self {
        Self {
            meta,
            state: Arc::default(),
            writing: Arc::default(),
            accesses: Mutex::default(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many rows a limit allows.
fn most(limit: i64) -> usize {
    usize::try_from(limit).unwrap_or(0)
}

struct Session {
    state: Arc<State>,
    /// Of a writing session: whose state it replaces, and the right to.
    writing: Option<(Shared, OwnedMutexGuard<()>)>,
}

#[async_trait]
impl Store for MemoryStore {
    fn meta(&self) -> Meta {
        self.meta
    }

    async fn read(&self) -> Result<Box<dyn Reading>, StoreError> {
        let state = lock(&self.state).clone();
        let writing = None;
        Ok(Box::new(Session { state, writing }))
    }

    async fn write(&self) -> Result<Box<dyn Writing>, StoreError> {
        let turn = self.writing.clone().lock_owned().await;
        let state = lock(&self.state).clone();
        let writing = Some((self.state.clone(), turn));
        Ok(Box::new(Session { state, writing }))
    }

    async fn log_accesses(&self, new: &[AccessRow]) -> Result<bool, StoreError> {
        let mut accesses = lock(&self.accesses);
        let mut numbers = accesses.iter().map(|row| row.number);
        let taken = numbers.any(|number| new.iter().any(|row| row.number == number));
        if !taken {
            accesses.extend_from_slice(new);
        }
        Ok(!taken)
    }

    async fn accesses(&self, limit: i64, offset: i64) -> Result<Vec<AccessRow>, StoreError> {
        let accesses = lock(&self.accesses);
        let latest = accesses.iter().rev().skip(most(offset)).take(most(limit));
        Ok(latest.cloned().collect())
    }

    async fn accesses_after(&self, after: i64, limit: i64) -> Result<Vec<AccessRow>, StoreError> {
        let accesses = lock(&self.accesses);
        let later = accesses.iter().filter(|row| row.number > after);
        Ok(later.take(most(limit)).cloned().collect())
    }

    async fn close(&self) {}
}

#[async_trait]
impl Reading for Session {
    async fn last(&mut self) -> Result<Last, StoreError> {
        let State {
            books,
            commits,
            records,
            ..
        } = &*self.state;
        Ok(Last {
            book: books.last_key_value().map_or(0, |(number, _)| *number),
            commit: commits.last_key_value().map_or(0, |(number, _)| *number),
            record: records.last_key_value().map_or(0, |(number, _)| *number),
        })
    }

    async fn books(&mut self, units: Option<&[String]>) -> Result<Vec<BookRow>, StoreError> {
        let wanted = |book: &&BookRow| units.is_none_or(|units| units.contains(&book.unit));
        Ok(self.state.books.values().filter(wanted).cloned().collect())
    }

    async fn packs(&mut self) -> Result<Vec<PackRow>, StoreError> {
        Ok(self.state.packs.values().cloned().collect())
    }

    async fn asked(&mut self, asked: &[u8; 32]) -> Result<Option<CommitRow>, StoreError> {
        let mut commits = self.state.commits.values();
        let found = commits.find(|row| row.asked == *asked && row.undone_by.is_none());
        Ok(found.cloned())
    }

    async fn commits_before(
        &mut self,
        before: i64,
        limit: i64,
    ) -> Result<Vec<CommitRow>, StoreError> {
        let rows = self.state.commits.range(..before).rev().take(most(limit));
        Ok(rows.map(|(_, row)| row.clone()).collect())
    }

    async fn commits_after(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<CommitRow>, StoreError> {
        let rows = self.state.commits.range((Excluded(after), Unbounded));
        Ok(rows.take(most(limit)).map(|(_, row)| row.clone()).collect())
    }

    async fn commits_numbered(&mut self, numbers: &[i64]) -> Result<Vec<CommitRow>, StoreError> {
        let numbers: BTreeSet<&i64> = numbers.iter().collect();
        let rows = numbers
            .into_iter()
            .filter_map(|number| self.state.commits.get(number));
        Ok(rows.cloned().collect())
    }

    async fn undone(&mut self, after: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let rows = self.state.commits.range((Excluded(after), Unbounded));
        Ok(rows
            .filter_map(|(by, row)| Some((*by, row.undoes?)))
            .collect())
    }

    async fn says(&mut self, after: i64, upto: i64) -> Result<Vec<SayRow>, StoreError> {
        let first = SayId {
            commit: after + 1,
            nth: 0,
        };
        let rows = self.state.says.range(first..);
        let rows = rows.take_while(|(id, _)| id.commit <= upto);
        Ok(rows.map(|(_, row)| row.clone()).collect())
    }

    async fn rolls(&mut self, after: i64, upto: i64) -> Result<Vec<RollRow>, StoreError> {
        let rows = self.state.rolls.range((after + 1, 0)..);
        let rows = rows.take_while(|((commit, _), _)| *commit <= upto);
        Ok(rows.map(|(_, row)| RollRow::clone(row)).collect())
    }

    async fn erasures(&mut self) -> Result<Vec<ErasureRow>, StoreError> {
        Ok(self.state.erasures.values().cloned().collect())
    }

    async fn entries(
        &mut self,
        book: i64,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let seq = after_seq + 1;
        let rows = self.state.entries.range(Position { book, seq }..);
        let rows = rows.take_while(|(at, _)| at.book == book).take(most(limit));
        Ok(rows.map(|(_, row)| EntryRow::clone(row)).collect())
    }

    async fn entries_of(
        &mut self,
        registers: &[Arc<str>],
        book: i64,
        (first, last): (i64, i64),
    ) -> Result<Vec<EntryRow>, StoreError> {
        let place = |seq| Position { book, seq };
        let rows = self.state.entries.range(place(first)..=place(last));
        let rows = rows.filter(|(_, row)| registers.contains(&row.register));
        Ok(rows.map(|(_, row)| EntryRow::clone(row)).collect())
    }

    async fn trails(&mut self, records: &[i64], after: i64) -> Result<Vec<EntryRow>, StoreError> {
        let records: BTreeSet<i64> = records.iter().copied().collect();
        let mut found = Vec::new();
        for record in records {
            let mut at = self.state.records.get(&record).map(|row| row.at);
            let mut trail = Vec::new();
            while let Some(row) = at.and_then(|at| self.state.entries.get(&at))
                && row.commit > after
            {
                trail.push(EntryRow::clone(row));
                at = row.previous;
            }
            found.extend(trail.into_iter().rev());
        }
        Ok(found)
    }

    async fn records(&mut self, numbers: &[i64]) -> Result<Vec<RecordRow>, StoreError> {
        let rows = numbers
            .iter()
            .filter_map(|number| self.state.records.get(number));
        Ok(rows.cloned().collect())
    }

    async fn records_after(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let rows = self.state.records.range((Excluded(after), Unbounded));
        Ok(rows.take(most(limit)).map(|(_, row)| row.clone()).collect())
    }

    async fn holders(
        &mut self,
        register: &str,
        scope: i64,
        keys: &[String],
    ) -> Result<Vec<(usize, RecordRow)>, StoreError> {
        let register: Arc<str> = Arc::from(register);
        let mut found = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            let first = KeyRow {
                register: register.clone(),
                scope,
                key: key.clone(),
                record: 0,
            };
            let same = |row: &&Arc<KeyRow>| {
                row.register == register && row.scope == scope && row.key == *key
            };
            let rows = self.state.keys.range(Arc::new(first)..).take_while(same);
            let records = rows.filter_map(|row| self.state.records.get(&row.record));
            found.extend(records.map(|row| (at, row.clone())));
        }
        Ok(found)
    }

    async fn missing_keys(&mut self, keys: &[KeyRow]) -> Result<Vec<KeyRow>, StoreError> {
        let missing = keys.iter().filter(|key| !self.state.keys.contains(*key));
        Ok(missing.cloned().collect())
    }

    async fn missing_edges(&mut self, edges: &[EdgeRow]) -> Result<Vec<EdgeRow>, StoreError> {
        let missing = edges.iter().filter(|edge| !self.state.edges.contains(edge));
        Ok(missing.cloned().collect())
    }

    async fn counts(&mut self) -> Result<RowCounts, StoreError> {
        let count = |length| i64::try_from(length).unwrap_or(i64::MAX);
        Ok(RowCounts {
            books: count(self.state.books.len()),
            packs: count(self.state.packs.len()),
            commits: count(self.state.commits.len()),
            says: count(self.state.says.len()),
            rolls: count(self.state.rolls.len()),
            erasures: count(self.state.erasures.len()),
            entries: count(self.state.entries.len()),
            records: count(self.state.records.len()),
            keys: count(self.state.keys.len()),
            edges: count(self.state.edges.len()),
        })
    }

    async fn edges_from(
        &mut self,
        register: &str,
        sources: &[i64],
    ) -> Result<Vec<EdgeRow>, StoreError> {
        let sources: BTreeSet<i64> = sources.iter().copied().collect();
        let leads = |edge: &&EdgeRow| *edge.register == *register && sources.contains(&edge.source);
        Ok(self.state.edges.iter().filter(leads).cloned().collect())
    }

    async fn faults(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}

impl State {
    fn put(&mut self, batch: Batch) {
        self.books
            .extend(batch.books.into_iter().map(|row| (row.number, row)));
        self.packs.extend(batch.pack.map(|row| (row.ordinal, row)));
        self.commits
            .extend(batch.commit.map(|row| (row.number, row)));
        self.says
            .extend(batch.says.into_iter().map(|row| (row.id, row)));
        let rolls = batch.rolls.into_iter();
        self.rolls
            .extend(rolls.map(|row| ((row.commit, row.nth), Arc::new(row))));
        let entries = batch.entries.into_iter();
        self.entries
            .extend(entries.map(|row| (row.at, Arc::new(row))));
        self.records
            .extend(batch.records.into_iter().map(|row| (row.number, row)));
        self.keys.extend(batch.keys.into_iter().map(Arc::new));
        self.edges.extend(batch.edges);
        if let Some((undone, by)) = batch.undone
            && let Some(row) = self.commits.get_mut(&undone)
        {
            row.undone_by = Some(by);
        }
        if let Some(erasing) = batch.erasing {
            self.erase(erasing);
        }
    }

    fn erase(&mut self, erasing: Erasing) {
        if let Some(entry) = self.entries.get_mut(&erasing.row.at) {
            Arc::make_mut(entry).body = Body::Erased(erasing.left);
        }
        self.keys.retain(|key| !erasing.keys.contains(key));
        self.edges.retain(|edge| !erasing.edges.contains(edge));
        self.erasures.insert(erasing.row.commit, erasing.row);
    }
}

#[async_trait]
impl Writing for Session {
    async fn put(&mut self, batch: Batch) -> Result<(), StoreError> {
        Arc::make_mut(&mut self.state).put(batch);
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if let Some((shared, _turn)) = self.writing {
            *lock(&shared) = self.state;
        }
        Ok(())
    }
}
