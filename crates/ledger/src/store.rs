//! What the ledger needs from a database, in plain data: sessions that read a consistent state, and one writing session at a
//! time whose work appears whole or not at all. A store keeps and returns rows exactly as given; it knows no rule of the
//! ledger, so that another database can stand in its place with no change above this trait. It never reads the clock.

#[doc(hidden)]
pub mod conformance;
mod memory;

pub use memory::MemoryStore;

use crate::chain::Algorithm;
use crate::entry::{Position, Say, SayId};
use async_trait::async_trait;
use jiff::civil::Date;
use kernel::EntryKind;
use std::sync::Arc;

/// Why a store couldn't do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the right to write for longer than the store waits.
    #[error("the ledger is busy: another process is writing to it")]
    Busy,
    /// The disk is full or a size limit was reached; nothing of the commit was kept.
    #[error("there is no space left for the ledger")]
    Full,
    /// A row can't be read back as what it must be.
    #[error("the ledger file is damaged: {0}")]
    Damaged(String),
    /// Anything else, as the database words it.
    #[error("the database failed: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a ledger is from its making on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Its name among ledgers: drawn when it is made.
    pub ledger: [u8; 16],
    /// How it digests.
    pub algorithm: Algorithm,
}

/// A book: its unit, and the end of its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookRow {
    /// The number given when the book was opened; from 1, without gaps.
    pub number: i64,
    /// The unit code.
    pub unit: String,
    /// The sequence of the last entry; 0 in an empty book.
    pub seq: i64,
    /// The hash of the last entry; in an empty book the hash of its opening.
    pub hash: [u8; 32],
    /// When the book was opened (RFC 3339).
    pub opened_at: String,
    /// By whom.
    pub opened_by: String,
}

/// A pack that commits were made under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackRow {
    /// Its ordinal, in the order of adoption, from 1.
    pub ordinal: i64,
    /// The digest of its files.
    pub digest: [u8; 32],
    /// Its id and version.
    pub name: String,
}

/// What the entries of one commit have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitRow {
    /// The commit's number; from 1, without gaps.
    pub number: i64,
    /// The digest of what was asked.
    pub asked: [u8; 32],
    /// Who made it.
    pub actor: String,
    /// What it was made from, as JSON.
    pub source: String,
    /// When it was known (RFC 3339).
    pub recorded_at: String,
    /// The grant it was made under, as JSON.
    pub rights: String,
    /// The ordinal of the pack in force.
    pub pack: i64,
    /// The commit it takes back.
    pub undoes: Option<i64>,
    /// The commit that took it back. The only column that changes, and not under the seal: it follows from `undoes`.
    pub undone_by: Option<i64>,
    /// The units it speaks for, as a JSON list.
    pub units: String,
    /// The registers it opened records of, as a JSON list.
    pub opened: String,
    /// How many entries it has.
    pub entries: i64,
    /// Of each book it opened or wrote to: unit, last sequence and hash, as a JSON list.
    pub heads: String,
    /// The seal over all of this, what it says and rolls, and the seal of the commit before.
    pub seal: [u8; 32],
}

/// The body of an entry, as far as it is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// It is, with the salt it was digested with.
    Kept([u8; 16], String),
    /// It was erased; the digest of salt and body is left.
    Erased([u8; 32]),
}

impl Body {
    /// The text, if it is still there.
    pub fn text(&self) -> Option<&str> {
        match self {
            Body::Kept(_, text) => Some(text),
            Body::Erased(_) => None,
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    /// Where it stands.
    pub at: Position,
    /// The number of its commit.
    pub commit: i64,
    /// The say it belongs to.
    pub say: SayId,
    /// The register; empty of an undo.
    pub register: Arc<str>,
    /// The record; of an undo the commit taken back.
    pub record: i64,
    /// What happened to the record.
    pub kind: EntryKind,
    /// The date it names.
    pub from: Option<Date>,
    /// The first day on which it doesn't hold any more.
    pub until: Option<Date>,
    /// The row of its list; 0 for none.
    pub row: u32,
    /// The record's entry before this one.
    pub previous: Option<Position>,
    /// What it says.
    pub body: Body,
    /// The hash of this entry, which covers the entry before it in the book.
    pub hash: [u8; 32],
}

/// A record: where it is kept and where its last entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// The record.
    pub number: i64,
    /// Its register.
    pub register: Arc<str>,
    /// Its last entry.
    pub at: Position,
    /// The number of the book it is kept in.
    pub book: i64,
    /// The record it was merged into.
    pub into: Option<i64>,
}

/// One line of the directory: a record that was given an identity key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyRow {
    /// The register.
    pub register: Arc<str>,
    /// The book the key is unique in; 0 for everywhere.
    pub scope: i64,
    /// The identity key.
    pub key: String,
    /// The record.
    pub record: i64,
}

/// One link of a register whose links may not form a circle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeRow {
    /// The register.
    pub register: Arc<str>,
    /// The record it leads from.
    pub source: i64,
    /// The record it leads to.
    pub target: i64,
    /// The record that states it.
    pub record: i64,
}

/// A say, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SayRow {
    /// Its place.
    pub id: SayId,
    /// What it is.
    pub say: Say,
}

/// Words said again, or a stretch of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollRow {
    /// The commit that adds it.
    pub commit: i64,
    /// Its place among that commit's, from 0.
    pub nth: u32,
    /// The say that says them.
    pub say: SayId,
    /// The fields, one bit each.
    pub fields: u64,
    /// The words, packed as `rolls` does.
    pub words: Vec<u8>,
}

/// That a body was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureRow {
    /// The commit, whose source names the document.
    pub commit: i64,
    /// The entry.
    pub at: Position,
    /// The two who did it.
    pub by: [String; 2],
}

/// One line of the access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRow {
    /// Its number; from 1, without gaps.
    pub number: i64,
    /// When (RFC 3339).
    pub at: String,
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
    /// The posts by which, as a JSON list of role and unit.
    pub posts: String,
    /// The sensitivities shown in clear, as a JSON list.
    pub reveals: String,
    /// What was read.
    pub what: String,
    /// The hash of this line, which covers the one before it.
    pub hash: [u8; 32],
}

/// A body to be erased, with everything that only it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasing {
    /// What is kept of the erasing.
    pub row: ErasureRow,
    /// The digest that is left of salt and body.
    pub left: [u8; 32],
    /// Lines of the directory to be removed.
    pub keys: Vec<KeyRow>,
    /// Links to be removed.
    pub edges: Vec<EdgeRow>,
}

/// Rows to be written together. Within one batch a book and a record have one row at most.
#[derive(Debug, Default)]
pub struct Batch {
    /// Books, new or with the end of their chain moved.
    pub books: Vec<BookRow>,
    /// A pack not used before.
    pub pack: Option<PackRow>,
    /// Entries, in their order.
    pub entries: Vec<EntryRow>,
    /// Records, new or replacing.
    pub records: Vec<RecordRow>,
    /// Lines of the directory; those there already are let be.
    pub keys: Vec<KeyRow>,
    /// Links; those there already are let be.
    pub edges: Vec<EdgeRow>,
    /// Says.
    pub says: Vec<SayRow>,
    /// Rolls.
    pub rolls: Vec<RollRow>,
    /// The commit.
    pub commit: Option<CommitRow>,
    /// A commit that was taken back, and the one that did.
    pub undone: Option<(i64, i64)>,
    /// A body to be erased.
    pub erasing: Option<Erasing>,
}

/// The last numbers given; 0 where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Last {
    /// Of books.
    pub book: i64,
    /// Of commits.
    pub commit: i64,
    /// Of records.
    pub record: i64,
}

/// How many rows are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Books.
    pub books: i64,
    /// Packs.
    pub packs: i64,
    /// Commits.
    pub commits: i64,
    /// Says.
    pub says: i64,
    /// Rolls.
    pub rolls: i64,
    /// Bodies erased.
    pub erasures: i64,
    /// Entries.
    pub entries: i64,
    /// Records.
    pub records: i64,
    /// Lines of the directory.
    pub keys: i64,
    /// Links.
    pub edges: i64,
}

/// A session that sees one consistent state, including what it wrote itself.
#[async_trait]
pub trait Reading: Send {
    /// The last numbers given.
    async fn last(&mut self) -> Result<Last, StoreError>;
    /// All books by number, or those of the units named.
    async fn books(&mut self, units: Option<&[String]>) -> Result<Vec<BookRow>, StoreError>;
    /// The packs, by ordinal.
    async fn packs(&mut self) -> Result<Vec<PackRow>, StoreError>;
    /// The commit that was asked for so, if one stands.
    async fn asked(&mut self, asked: &[u8; 32]) -> Result<Option<CommitRow>, StoreError>;
    /// Commits numbered below `before`, the latest first, at most `limit`.
    async fn commits_before(
        &mut self,
        before: i64,
        limit: i64,
    ) -> Result<Vec<CommitRow>, StoreError>;
    /// Commits numbered above `after`, in order, at most `limit`.
    async fn commits_after(&mut self, after: i64, limit: i64)
    -> Result<Vec<CommitRow>, StoreError>;
    /// The commits with these numbers, in order.
    async fn commits_numbered(&mut self, numbers: &[i64]) -> Result<Vec<CommitRow>, StoreError>;
    /// Commits numbered above `after` that take others back, in order: which, and which one each takes back.
    async fn undone(&mut self, after: i64) -> Result<Vec<(i64, i64)>, StoreError>;
    /// The says of commits above `after` and up to `upto`, by place.
    async fn says(&mut self, after: i64, upto: i64) -> Result<Vec<SayRow>, StoreError>;
    /// The rolls of commits above `after` and up to `upto`, by place.
    async fn rolls(&mut self, after: i64, upto: i64) -> Result<Vec<RollRow>, StoreError>;
    /// What was erased, by commit.
    async fn erasures(&mut self) -> Result<Vec<ErasureRow>, StoreError>;
    /// Entries of a book after a sequence, in order, at most `limit`.
    async fn entries(
        &mut self,
        book: i64,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<EntryRow>, StoreError>;
    /// The entries of these registers between two sequences of a book, both included, in order.
    async fn entries_of(
        &mut self,
        registers: &[Arc<str>],
        book: i64,
        between: (i64, i64),
    ) -> Result<Vec<EntryRow>, StoreError>;
    /// The entries of these records, record by record, oldest first: from the last back to the first of a commit above `after`.
    async fn trails(&mut self, records: &[i64], after: i64) -> Result<Vec<EntryRow>, StoreError>;
    /// The records with these numbers, in any order; unknown ones are left out.
    async fn records(&mut self, numbers: &[i64]) -> Result<Vec<RecordRow>, StoreError>;
    /// Records numbered above `after`, in order, at most `limit`.
    async fn records_after(&mut self, after: i64, limit: i64)
    -> Result<Vec<RecordRow>, StoreError>;
    /// The records that were given these keys, each with the index of the key, in any order.
    async fn holders(
        &mut self,
        register: &str,
        scope: i64,
        keys: &[String],
    ) -> Result<Vec<(usize, RecordRow)>, StoreError>;
    /// Those of these lines of the directory that aren't kept.
    async fn missing_keys(&mut self, keys: &[KeyRow]) -> Result<Vec<KeyRow>, StoreError>;
    /// Those of these links that aren't kept.
    async fn missing_edges(&mut self, edges: &[EdgeRow]) -> Result<Vec<EdgeRow>, StoreError>;
    /// How many rows are kept.
    async fn counts(&mut self) -> Result<RowCounts, StoreError>;
    /// The links of a register that lead from these records.
    async fn edges_from(
        &mut self,
        register: &str,
        sources: &[i64],
    ) -> Result<Vec<EdgeRow>, StoreError>;
    /// What the database finds wrong with itself, in its own words: its layout, its indexes, rows no other row names.
    async fn faults(&mut self) -> Result<Vec<String>, StoreError>;
}

/// The one session that may write. What it wrote is kept only by `commit`; dropping it leaves nothing.
#[async_trait]
pub trait Writing: Reading {
    /// Writes rows.
    async fn put(&mut self, batch: Batch) -> Result<(), StoreError>;
    /// Keeps everything, on disk, before it returns.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A database that holds a ledger.
#[async_trait]
pub trait Store: Send + Sync {
    /// What the ledger is from its making on.
    fn meta(&self) -> Meta;
    /// Begins a reading session.
    async fn read(&self) -> Result<Box<dyn Reading>, StoreError>;
    /// Begins the writing session, waiting for the one before it to end.
    async fn write(&self) -> Result<Box<dyn Writing>, StoreError>;
    /// Adds lines to the access log, on disk before it returns, unless the number of one is taken: then it adds none, and tells so. It
    /// doesn't wait for a writing session to end.
    async fn log_accesses(&self, accesses: &[AccessRow]) -> Result<bool, StoreError>;
    /// Logged accesses, the latest first.
    async fn accesses(&self, limit: i64, offset: i64) -> Result<Vec<AccessRow>, StoreError>;
    /// Logged accesses numbered above `after`, in order, at most `limit`.
    async fn accesses_after(&self, after: i64, limit: i64) -> Result<Vec<AccessRow>, StoreError>;
    /// Ends all connections; later calls fail.
    async fn close(&self);
}
