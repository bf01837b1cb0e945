//! The door to the ledger: books, commits, identities, the feed of entries, a record's history, the access log. It holds no
//! state of the ledger but the units of its books, which never change; what a commit wrote, the next read sees.

use crate::chain::{self, Content};
use crate::entry::{
    AccessRecord, Book, Commit, Digest, Draft, Entry, Found, LONGEST_KEY, LONGEST_PAGE,
    LONGEST_WORDS, MOST_ENTRIES, Receipt,
};
use crate::error::LedgerError;
use crate::plan::{Plan, Plans};
use crate::sqlite::{OpenError, SqliteStore};
use crate::store::{AccessRow, BookRow, CommitRow, EntryRow, HeadRow, Reading, Store, StoreError};
use crate::undo;
use crate::verify::{Verification, verify};
use crate::work::{PORTION, Work, absent, new_book};
use futures::future::try_join_all;
use jiff::Timestamp;
use kernel::{Grant, RecordId, UnitCode};
use pack::Pack;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// The name of the ledger's file in its directory.
const FILE: &str = "ledger.sqlite";
/// How many sessions look keys up side by side, at most; others want to read too.
const MOST_LOOKING: usize = 3;
/// How many keys are worth a session of their own.
const FEWEST_LOOKED_UP: usize = 4_000;

/// A ledger, open. Clones are the same ledger.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) plans: Arc<Plans>,
    units: Arc<RwLock<BTreeMap<i64, UnitCode>>>,
}

pub(crate) fn damaged(what: impl Into<String>) -> LedgerError {
    LedgerError::Store(StoreError::Damaged(what.into()))
}

pub(crate) fn unwritable(error: serde_json::Error) -> LedgerError {
    LedgerError::Store(StoreError::Failed(Box::new(error)))
}

/// A unit code that the store kept.
pub(crate) fn unit(text: &str) -> Result<UnitCode, LedgerError> {
    text.parse()
        .map_err(|_| damaged(format!("“{text}” is not a unit code")))
}

fn refused(file: PathBuf) -> impl FnOnce(OpenError) -> LedgerError {
    move |error| match error {
        OpenError::Sqlite(version) => LedgerError::Sqlite(version),
        OpenError::Foreign | OpenError::Store(StoreError::Damaged(_)) => {
            LedgerError::NotALedger(file)
        }
        OpenError::Format(format) => LedgerError::Format(format),
        OpenError::Store(error) => LedgerError::Store(error),
    }
}

impl Ledger {
    /// Makes a new ledger in a directory, which is made if need be.
    pub async fn create(dir: &Path, pack: Arc<Pack>) -> Result<Self, LedgerError> {
        let file = dir.join(FILE);
        std::fs::create_dir_all(dir)
            .map_err(|error| LedgerError::Directory(dir.to_owned(), error))?;
        if file.exists() {
            return Err(LedgerError::Exists(dir.to_owned()));
        }
        let store = SqliteStore::create(&file).await.map_err(refused(file))?;
        Ok(Self::with_store(Arc::new(store), pack))
    }

    /// Opens the ledger of a directory.
    pub async fn open(dir: &Path, pack: Arc<Pack>) -> Result<Self, LedgerError> {
        let file = dir.join(FILE);
        if !file.exists() {
            return Err(LedgerError::NoLedger(dir.to_owned()));
        }
        let store = SqliteStore::open(&file).await.map_err(refused(file))?;
        Ok(Self::with_store(Arc::new(store), pack))
    }

    /// The ledger in a store.
    pub fn with_store(store: Arc<dyn Store>, pack: Arc<Pack>) -> Self {
        Self {
            store,
            plans: Arc::new(Plans::new(pack)),
            units: Arc::default(),
        }
    }

    /// The pack whose registers the ledger keeps.
    pub fn pack(&self) -> &Arc<Pack> {
        &self.plans.pack
    }

    /// Ends all connections to the store; other clones of this ledger fail from then on.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// The books, in the order of their numbers.
    pub async fn books(&self) -> Result<Vec<Book>, LedgerError> {
        self.store
            .read()
            .await?
            .books(None)
            .await?
            .into_iter()
            .map(book)
            .collect()
    }

    /// The book of a unit, if it has one.
    pub async fn book(&self, unit: UnitCode) -> Result<Option<Book>, LedgerError> {
        let found = self
            .store
            .read()
            .await?
            .books(Some(&[unit.to_string()]))
            .await?;
        found.into_iter().next().map(book).transpose()
    }

    /// Opens the book of a unit, or finds the one it has.
    pub async fn open_book(
        &self,
        unit: UnitCode,
        at: Timestamp,
        grant: &Grant,
    ) -> Result<Book, LedgerError> {
        if !grant.sees(&unit) {
            return Err(LedgerError::OutOfScope {
                who: grant.who.clone(),
                unit,
            });
        }
        if let Some(found) = self.book(unit).await? {
            return Ok(found);
        }
        let mut tx = self.store.write().await?;
        if let Some(found) = tx
            .books(Some(&[unit.to_string()]))
            .await?
            .into_iter()
            .next()
        {
            return book(found);
        }
        let (last, _) = tx.last_numbers().await?;
        let row = new_book(unit, last + 1, &at.to_string(), &grant.who)?;
        tx.put_book(&row).await?;
        tx.commit().await?;
        book(row)
    }

    /// The number of the next record opened in a book. A commit numbers its opens from here, without gaps.
    pub async fn next_ids(&self, unit: UnitCode) -> Result<RecordId, LedgerError> {
        let book = self.book(unit).await?.ok_or(LedgerError::NoBook(unit))?;
        Ok(RecordId(book.number << 32 | book.next_ordinal))
    }

    /// Writes a commit, whole or not at all. What is receipted is on disk.
    pub async fn commit<E>(&self, commit: Commit<E>) -> Result<Receipt, LedgerError>
    where
        E: IntoIterator<Item = Draft>,
        E::IntoIter: Send,
    {
        let commit = Commit {
            entries: commit.entries.into_iter(),
            key: commit.key,
            actor: commit.actor,
            source: commit.source,
            recorded_at: commit.recorded_at,
            grant: commit.grant,
        };
        check_limits(&commit)?;
        let mut tx = self.store.write().await?;
        let same_key = std::slice::from_ref(&commit.key);
        if let Some(first) = tx.commits_with_keys(same_key).await?.first() {
            return self.repeat(first, commit);
        }
        let mut work = Work::begin(&self.plans, tx, &commit).await?;
        let mut drafts = commit.entries;
        let mut written = 0;
        loop {
            let portion: Vec<_> = drafts.by_ref().take(PORTION).collect();
            written += portion.len();
            match portion.len() {
                0 if written == 0 => return Err(LedgerError::Empty),
                0 => return work.finish().await,
                _ if written > MOST_ENTRIES => return Err(LedgerError::TooMany(written)),
                _ => work.write(portion).await?,
            }
        }
    }

    /// The receipt of the time before, if the commit is the same.
    fn repeat(
        &self,
        first: &CommitRow,
        again: Commit<impl Iterator<Item = Draft>>,
    ) -> Result<Receipt, LedgerError> {
        let reused = || LedgerError::KeyReused(again.key.clone());
        let mut content = Content::new(&again.actor, &again.source);
        for draft in again.entries {
            if !again.grant.sees(&draft.book) {
                let (who, unit) = (again.grant.who, draft.book);
                return Err(LedgerError::OutOfScope { who, unit });
            }
            let register = self
                .plans
                .get(&draft.register)
                .map(|plan| self.plans.register(plan));
            let register = register
                .filter(|register| register.fields.len() == draft.body.len())
                .ok_or_else(reused)?;
            content.add(&draft, &register.encode(&draft.body));
        }
        if content.finish() != first.content {
            return Err(reused());
        }
        receipt(first)
    }

    /// The records that hold these identity keys, in the order of the keys. In registers whose identities are unique
    /// everywhere, all books are looked in; in others only the one given. A key that no record has which is there leads to the
    /// record that was closed with it last, by commit and then by book and sequence. Each key is answered by a state of the ledger
    /// that was, many not all by the same one: a commit that rests on them says what it expects.
    pub async fn find(
        &self,
        register: &str,
        book: UnitCode,
        keys: &[String],
    ) -> Result<Vec<Option<Found>>, LedgerError> {
        let plan = self.known(register)?;
        let scope = match self.book(book).await? {
            _ if plan.everywhere => 0,
            Some(book) => book.number,
            None => return Ok(vec![None; keys.len()]),
        };
        let sessions = std::thread::available_parallelism().map_or(1, usize::from);
        let share = keys
            .len()
            .div_ceil(sessions.min(MOST_LOOKING))
            .max(FEWEST_LOOKED_UP);
        let shares = keys
            .chunks(share)
            .map(|keys| self.look_up(register, scope, keys));
        Ok(try_join_all(shares).await?.into_iter().flatten().collect())
    }

    /// The holders of some keys, as one session sees them.
    async fn look_up(
        &self,
        register: &str,
        scope: i64,
        keys: &[String],
    ) -> Result<Vec<Option<Found>>, LedgerError> {
        let mut found = vec![None; keys.len()];
        let mut tx = self.store.read().await?;
        for (at, head, body) in tx.holders(register, scope, keys).await? {
            let book = self.unit(&mut *tx, head.at.book).await?;
            if let Some(place) = found.get_mut(at) {
                *place = Some(self::found(head, book, body));
            }
        }
        Ok(found)
    }

    /// All records of a register whose last entry is in this book, in the order of their numbers: closed ones, too, but not those
    /// that were never there. A unit without a book has none.
    pub async fn records(&self, book: UnitCode, register: &str) -> Result<Vec<Found>, LedgerError> {
        self.known(register)?;
        let Some(row) = self.book(book).await? else {
            return Ok(Vec::new());
        };
        let mut tx = self.store.read().await?;
        let heads = tx.heads_in(row.number, register).await?;
        let closed = heads.iter().filter(|(head, _)| head.closed);
        let closed: Vec<i64> = closed.map(|(head, _)| head.record).collect();
        let gone = absent(&mut *tx, register, &closed).await?;
        let mut found: Vec<Found> = heads
            .into_iter()
            .filter(|(head, _)| !gone.contains(&head.record))
            .map(|(head, body)| found(head, book, body))
            .collect();
        found.sort_unstable_by_key(|found| found.record);
        Ok(found)
    }

    /// What the rules need to know of a register, if the pack declares it.
    pub(crate) fn known(&self, register: &str) -> Result<&Plan, LedgerError> {
        let unknown = || LedgerError::UnknownRegister {
            at: 0,
            register: register.to_owned(),
        };
        self.plans.get(register).ok_or_else(unknown)
    }

    /// Entries of a book after a sequence, in order: the feed that everything derived is made from. At most `limit`, and never
    /// more than [`LONGEST_PAGE`]; an empty list is the end.
    pub async fn entries(
        &self,
        book: UnitCode,
        register: Option<&str>,
        after_seq: i64,
        limit: usize,
    ) -> Result<Vec<Entry>, LedgerError> {
        let mut tx = self.store.read().await?;
        let Some(row) = tx
            .books(Some(&[book.to_string()]))
            .await?
            .into_iter()
            .next()
        else {
            return Ok(Vec::new());
        };
        let limit = i64::try_from(limit.min(LONGEST_PAGE)).unwrap_or(i64::MAX);
        let rows = tx
            .entries(row.number, register, after_seq.max(0), limit)
            .await?;
        self.complete(&mut *tx, rows).await
    }

    /// Everything that happened to a record, oldest first, through all its books.
    pub async fn history(
        &self,
        register: &str,
        record: RecordId,
    ) -> Result<Vec<Entry>, LedgerError> {
        let mut tx = self.store.read().await?;
        let rows = tx.trails(&[record.0]).await?;
        if rows.first().is_some_and(|row| *row.register != *register) {
            return Ok(Vec::new());
        }
        self.complete(&mut *tx, rows).await
    }

    /// Adds to entries what they share with their commit.
    async fn complete(
        &self,
        tx: &mut dyn Reading,
        rows: Vec<EntryRow>,
    ) -> Result<Vec<Entry>, LedgerError> {
        let numbers: BTreeSet<i64> = rows.iter().map(|row| row.commit).collect();
        let mut commits = BTreeMap::new();
        for row in tx.commits(&numbers.into_iter().collect::<Vec<_>>()).await? {
            let recorded_at: Timestamp = row
                .recorded_at
                .parse()
                .map_err(|_| damaged(format!("the time of commit {}", row.number)))?;
            commits.insert(
                row.number,
                (
                    recorded_at,
                    Arc::<str>::from(row.actor),
                    Arc::<str>::from(row.source),
                ),
            );
        }
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let missing = || damaged(format!("commit {} is missing", row.commit));
            let (recorded_at, actor, source) =
                commits.get(&row.commit).ok_or_else(missing)?.clone();
            entries.push(Entry {
                book: self.unit(tx, row.at.book).await?,
                seq: row.at.seq,
                commit: row.commit,
                arrives: chain::arrives(&row),
                register: row.register,
                record: RecordId(row.record),
                kind: row.kind,
                valid_from: row.valid_from,
                recorded_at,
                actor,
                source,
                body: row.body,
                hash: Digest(row.hash),
            });
        }
        Ok(entries)
    }

    /// The unit of a book; books are never renamed, so what was read once stays true.
    pub(crate) async fn unit(
        &self,
        tx: &mut dyn Reading,
        number: i64,
    ) -> Result<UnitCode, LedgerError> {
        let known = self
            .units
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&number)
            .copied();
        if let Some(known) = known {
            return Ok(known);
        }
        let mut units = BTreeMap::new();
        for row in tx.books(None).await? {
            units.insert(row.number, unit(&row.unit)?);
        }
        let found = units.get(&number).copied();
        *self.units.write().unwrap_or_else(PoisonError::into_inner) = units;
        found.ok_or_else(|| damaged(format!("book {number} is missing")))
    }

    /// Reads everything again and checks it: every hash, every sequence, every commit, and that heads, directory and links
    /// are what the entries make them. Writing may go on meanwhile. `progress` is told entries done and entries in all.
    pub async fn verify(
        &self,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Verification, LedgerError> {
        let mut tx = self.store.read().await?;
        verify(&self.plans, &mut *tx, progress).await
    }

    /// Adds an access to the log. It is on disk when this returns.
    pub async fn log_access(&self, access: &AccessRecord) -> Result<(), LedgerError> {
        for words in [&access.who, &access.why, &access.what] {
            check_words(words)?;
        }
        let row = AccessRow {
            at: access.at.to_string(),
            who: access.who.clone(),
            why: access.why.clone(),
            units: serde_json::to_string(&access.units).map_err(unwritable)?,
            reveals: serde_json::to_string(&access.reveals).map_err(unwritable)?,
            what: access.what.clone(),
        };
        Ok(self.store.log_access(&row).await?)
    }

    /// Logged accesses, the latest first; at most `limit`, and never more than [`LONGEST_PAGE`].
    pub async fn access_log(
        &self,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<AccessRecord>, LedgerError> {
        let limit = i64::try_from(limit.min(LONGEST_PAGE)).unwrap_or(i64::MAX);
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let rows = self.store.accesses(limit, offset).await?;
        let read = |row: AccessRow| {
            let spoilt = |_| damaged("a line of the access log");
            Ok(AccessRecord {
                at: row
                    .at
                    .parse()
                    .map_err(|_| damaged("a time in the access log"))?,
                who: row.who,
                why: row.why,
                units: serde_json::from_str(&row.units).map_err(spoilt)?,
                reveals: serde_json::from_str(&row.reveals).map_err(spoilt)?,
                what: row.what,
            })
        };
        rows.into_iter().map(read).collect()
    }
}

fn check_limits(commit: &Commit<impl Iterator>) -> Result<(), LedgerError> {
    let key = commit.key.chars().count();
    if key == 0 || key > LONGEST_KEY {
        return Err(LedgerError::Key(key));
    }
    if undo::is_key(&commit.key) {
        return Err(LedgerError::KeyReserved(commit.key.clone()));
    }
    check_words(&commit.actor)?;
    check_words(&commit.source)?;
    match commit.entries.size_hint() {
        (_, Some(0)) => Err(LedgerError::Empty),
        (found, _) if found > MOST_ENTRIES => Err(LedgerError::TooMany(found)),
        _ => Ok(()),
    }
}

pub(crate) fn check_words(words: &str) -> Result<(), LedgerError> {
    match words.chars().count() {
        found if found > LONGEST_WORDS => Err(LedgerError::Words(found)),
        _ => Ok(()),
    }
}

/// The heads a commit's receipt named.
pub(crate) fn heads_of(row: &CommitRow) -> Result<Vec<(UnitCode, i64, Digest)>, LedgerError> {
    let heads: Vec<(String, i64, String)> = serde_json::from_str(&row.heads)
        .map_err(|_| damaged(format!("heads of commit {}", row.number)))?;
    let read = |(text, seq, hash): (String, i64, String)| {
        let hash = hash.parse::<Digest>();
        Ok((
            unit(&text)?,
            seq,
            hash.map_err(|error| damaged(error.to_string()))?,
        ))
    };
    heads.into_iter().map(read).collect()
}

/// The receipt of a commit that had been written before.
pub(crate) fn receipt(first: &CommitRow) -> Result<Receipt, LedgerError> {
    let spoilt = |_| damaged(format!("the number of entries of commit {}", first.number));
    Ok(Receipt {
        commit: first.number,
        entries: usize::try_from(first.entries).map_err(spoilt)?,
        heads: heads_of(first)?,
        repeated: true,
    })
}

pub(crate) fn found(head: HeadRow, book: UnitCode, body: String) -> Found {
    Found {
        record: RecordId(head.record),
        book,
        seq: head.at.seq,
        body,
        closed: head.closed,
    }
}

fn book(row: BookRow) -> Result<Book, LedgerError> {
    let unit = unit(&row.unit)?;
    Ok(Book {
        unit,
        number: row.number,
        seq: row.seq,
        hash: Digest(row.hash),
        next_ordinal: row.next_ordinal,
    })
}
