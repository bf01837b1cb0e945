//! The door to the ledger: it is made and opened here, books are opened, commits are written. It holds no state of the ledger but
//! the units of its books, which never change, and the end of the access log; what a commit wrote, the next read sees.

use crate::access::AccessLines;
use crate::aside::Aside;
use crate::asked::{Asked, Asking};
use crate::chain::Algorithm;
use crate::entry::{
    Book, Commit, Digest, Draft, Entry, LONGEST_PAGE, LONGEST_WORDS, MOST_ENTRIES, Receipt,
};
use crate::error::LedgerError;
use crate::files::Files;
use crate::news::Heard;
use crate::plan::Plans;
use crate::source::Source;
use crate::sqlite::{OpenError, SqliteStore};
use crate::store::{
    Batch, BookRow, CommitRow, EntryRow, MemoryStore, Meta, Reading, Store, StoreError,
};
use crate::work::{Beginning, Work, portion};
use jiff::Timestamp;
use kernel::{Grant, RecordId, UnitCode};
use pack::Pack;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// The name of the ledger's file in its directory.
const FILE: &str = "ledger.sqlite";
/// The name of the folder of the files that its records refer to.
const FILES: &str = "files";

/// A ledger, open. Clones are the same ledger.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) plans: Arc<Plans>,
    pub(crate) accesses: Arc<AccessLines>,
    pub(crate) heard: Arc<Heard>,
    pub(crate) files: Arc<Files>,
    pub(crate) aside: Arc<Aside>,
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
    /// Makes a new ledger in a directory, which is made if need be. It digests by this algorithm for all its life.
    pub async fn create(
        dir: &Path,
        pack: Arc<Pack>,
        algorithm: Algorithm,
    ) -> Result<Self, LedgerError> {
        let file = dir.join(FILE);
        std::fs::create_dir_all(dir)
            .map_err(|error| LedgerError::Directory(dir.to_owned(), error))?;
        if file.exists() {
            return Err(LedgerError::Exists(dir.to_owned()));
        }
        let mut ledger = [0; 16];
        getrandom::fill(&mut ledger).map_err(|_| LedgerError::NoRandom)?;
        let store = SqliteStore::create(&file, Meta { ledger, algorithm });
        let store = store.await.map_err(refused(file))?;
        Ok(Self::beside(dir, Arc::new(store), pack))
    }

    /// Opens the ledger of a directory.
    pub async fn open(dir: &Path, pack: Arc<Pack>) -> Result<Self, LedgerError> {
        let file = dir.join(FILE);
        if !file.exists() {
            return Err(LedgerError::NoLedger(dir.to_owned()));
        }
        let store = SqliteStore::open(&file).await.map_err(refused(file))?;
        Ok(Self::beside(dir, Arc::new(store), pack))
    }

    /// The ledger in a store, with its files in a folder of a directory.
    fn beside(dir: &Path, store: Arc<dyn Store>, pack: Arc<Pack>) -> Self {
        Self {
            files: Arc::new(Files::Folder(dir.join(FILES))),
            aside: Arc::new(Aside::Folder(dir.to_owned())),
            ..Self::with_store(store, pack)
        }
    }

    /// A new ledger that lasts as long as the process. All such ledgers have the same name.
    pub fn in_memory(pack: Arc<Pack>, algorithm: Algorithm) -> Self {
        let ledger = [0; 16];
        let store = MemoryStore::new(Meta { ledger, algorithm });
        Self::with_store(Arc::new(store), pack)
    }

    /// The ledger in a store; the files that its records refer to last as long as the process.
    pub fn with_store(store: Arc<dyn Store>, pack: Arc<Pack>) -> Self {
        Self {
            store,
            plans: Arc::new(Plans::new(pack)),
            accesses: Arc::default(),
            heard: Arc::default(),
            files: Arc::new(Files::in_memory()),
            aside: Arc::new(Aside::in_memory()),
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
        let rows = self.store.read().await?.books(None).await?;
        rows.into_iter().map(book).collect()
    }

    /// The book of a unit, if it has one.
    pub async fn book(&self, unit: UnitCode) -> Result<Option<Book>, LedgerError> {
        let mut tx = self.store.read().await?;
        let found = tx.books(Some(&[unit.to_string()])).await?;
        found.into_iter().next().map(book).transpose()
    }

    /// Opens the book of a unit by a commit of its own, or finds the one it has.
    pub async fn open_book(
        &self,
        unit: UnitCode,
        at: Timestamp,
        grant: &Grant,
    ) -> Result<Book, LedgerError> {
        if !grant.writes(None, &unit) {
            let who = grant.who.clone();
            return Err(LedgerError::OutOfScope { who, unit });
        }
        if let Some(found) = self.book(unit).await? {
            return Ok(found);
        }
        let _writing = self.heard.writing();
        let mut tx = self.store.write().await?;
        let there = tx
            .books(Some(&[unit.to_string()]))
            .await?
            .into_iter()
            .next();
        if let Some(found) = there {
            return book(found);
        }
        let commit = Commit {
            asked: Asking::to("open book").with(unit.as_str()).done(),
            source: Source::Opening { unit },
            recorded_at: at,
            grant: grant.clone(),
            base: None,
            says: Vec::new(),
            rolls: Vec::new(),
            entries: (),
        };
        let begin = Beginning {
            commit,
            undoes: None,
            units: BTreeSet::from([unit]),
        };
        let mut work =
            Work::begin((&self.plans, &self.files), self.store.meta(), tx, begin).await?;
        work.open_book(unit)?;
        work.finish(Batch::default()).await?;
        let opened = self.book(unit).await?;
        opened.ok_or_else(|| damaged(format!("the book of {unit} is missing")))
    }

    /// Writes a commit, whole or not at all. What is receipted is on disk. What was asked before, and stands, is not done again.
    pub async fn commit<E>(&self, commit: Commit<E>) -> Result<Receipt, LedgerError>
    where
        E: IntoIterator<Item = Draft>,
        E::IntoIter: Send,
    {
        let (begin, mut drafts) = parts(commit);
        check_words(&begin.commit.grant.who)?;
        let (least, _) = drafts.size_hint();
        if least > MOST_ENTRIES {
            return Err(LedgerError::TooMany(least));
        }
        if let Some(receipt) = self.receipt_for(&begin.commit.asked).await? {
            return Ok(receipt);
        }
        let _writing = self.heard.writing();
        let mut tx = self.store.write().await?;
        if let Some(first) = tx.asked(&begin.commit.asked.0).await? {
            return receipt(&first);
        }
        let mut work =
            Work::begin((&self.plans, &self.files), self.store.meta(), tx, begin).await?;
        let mut written = 0;
        let mut next = portion(&mut drafts).await;
        loop {
            written += next.len();
            next = match next.len() {
                0 if work.is_empty() => return Err(LedgerError::Empty),
                0 => return work.finish(Batch::default()).await,
                _ if written > MOST_ENTRIES => return Err(LedgerError::TooMany(written)),
                _ => work.write(next, portion(&mut drafts)).await?,
            };
        }
    }

    /// The receipt of what was asked, if a commit that stands has done it. After an undo the same is done anew.
    pub async fn receipt_for(&self, asked: &Asked) -> Result<Option<Receipt>, LedgerError> {
        let found = self.store.read().await?.asked(&asked.0).await?;
        found.as_ref().map(receipt).transpose()
    }

    /// Entries of a book after a sequence, in order: the feed that everything derived is made from. At most `limit`, and never
    /// more than [`LONGEST_PAGE`]; an empty list is the end.
    pub async fn entries(
        &self,
        book: UnitCode,
        after_seq: i64,
        limit: usize,
    ) -> Result<Vec<Entry>, LedgerError> {
        let mut tx = self.store.read().await?;
        let found = tx.books(Some(&[book.to_string()])).await?;
        let Some(row) = found.first() else {
            return Ok(Vec::new());
        };
        let limit = i64::try_from(limit.min(LONGEST_PAGE)).unwrap_or(i64::MAX);
        let rows = tx.entries(row.number, after_seq.max(0), limit).await?;
        Ok(rows.into_iter().map(|row| entry(row, book)).collect())
    }

    /// The unit of a book; books are never renamed, so what was read once stays true.
    pub(crate) async fn unit(
        &self,
        tx: &mut dyn Reading,
        number: i64,
    ) -> Result<UnitCode, LedgerError> {
        let known = {
            let units = self.units.read().unwrap_or_else(PoisonError::into_inner);
            units.get(&number).copied()
        };
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
}

/// A commit taken apart: what all its entries have in common, and the entries.
fn parts<E: IntoIterator<Item = Draft>>(commit: Commit<E>) -> (Beginning, E::IntoIter) {
    let drafts = commit.entries.into_iter();
    let commit = Commit {
        asked: commit.asked,
        source: commit.source,
        recorded_at: commit.recorded_at,
        grant: commit.grant,
        base: commit.base,
        says: commit.says,
        rolls: commit.rolls,
        entries: (),
    };
    let begin = Beginning {
        commit,
        undoes: None,
        units: BTreeSet::new(),
    };
    (begin, drafts)
}

pub(crate) fn check_words(words: &str) -> Result<(), LedgerError> {
    match words.chars().count() {
        found if found > LONGEST_WORDS => Err(LedgerError::Words(found)),
        _ => Ok(()),
    }
}

/// The heads a commit's receipt named.
pub(crate) fn heads_of(row: &CommitRow) -> Result<Vec<(UnitCode, i64, Digest)>, LedgerError> {
    let spoilt = |_| damaged(format!("the heads of commit {}", row.number));
    serde_json::from_str(&row.heads).map_err(spoilt)
}

/// The receipt of a commit that had been written before.
pub(crate) fn receipt(first: &CommitRow) -> Result<Receipt, LedgerError> {
    let spoilt = |_| damaged(format!("the number of entries of commit {}", first.number));
    Ok(Receipt {
        commit: first.number,
        entries: usize::try_from(first.entries).map_err(spoilt)?,
        heads: heads_of(first)?,
        seal: Digest(first.seal),
        repeated: true,
        opened: Vec::new(),
    })
}

pub(crate) fn entry(row: EntryRow, book: UnitCode) -> Entry {
    Entry {
        book,
        at: row.at,
        commit: row.commit,
        say: row.say,
        register: row.register,
        record: RecordId(row.record),
        kind: row.kind,
        from: row.from,
        until: row.until,
        row: row.row,
        body: match row.body {
            crate::store::Body::Kept(_, text) => Some(text),
            crate::store::Body::Erased(_) => None,
        },
        hash: Digest(row.hash),
    }
}

pub(crate) fn book(row: BookRow) -> Result<Book, LedgerError> {
    Ok(Book {
        unit: unit(&row.unit)?,
        number: row.number,
        seq: row.seq,
        hash: Digest(row.hash),
    })
}
