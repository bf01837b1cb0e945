//! What the ledger needs from a database, in plain data: sessions that read a consistent state, and one writing session at a
//! time whose work appears whole or not at all. A store keeps and returns rows exactly as given; it knows no rule of the
//! ledger, so that another database can stand in its place with no change above this trait. It never reads the clock.

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

/// Where an entry stands: the book's number and the sequence in it. Both begin at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The book's number.
    pub book: i64,
    /// The place in the book's sequence.
    pub seq: i64,
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
    /// The ordinal the next record opened in this book gets.
    pub next_ordinal: i64,
    /// When the book was opened (RFC 3339).
    pub opened_at: String,
    /// By whom.
    pub opened_by: String,
}

/// What the entries of one commit have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitRow {
    /// The commit's number; from 1, without gaps.
    pub number: i64,
    /// The idempotency key.
    pub key: String,
    /// Who made it.
    pub actor: String,
    /// What it was made from.
    pub source: String,
    /// When it was known (RFC 3339).
    pub recorded_at: String,
    /// The grant it was made under, as JSON.
    pub rights: String,
    /// The digest of the drafts as they were sent.
    pub content: [u8; 32],
    /// How many entries it has.
    pub entries: i64,
    /// The heads its receipt named, as JSON.
    pub heads: String,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    /// Where it stands.
    pub at: Position,
    /// The number of its commit.
    pub commit: i64,
    /// The register.
    pub register: Arc<str>,
    /// The record.
    pub record: i64,
    /// What happened to the record.
    pub kind: EntryKind,
    /// Since when it is true.
    pub valid_from: Date,
    /// The record's entry before this one.
    pub previous: Option<Position>,
    /// The full record after it, as canonical JSON.
    pub body: String,
    /// The hash of this entry, which covers the entry before it in the book.
    pub hash: [u8; 32],
}

/// The last entry of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadRow {
    /// The record.
    pub record: i64,
    /// Its register.
    pub register: Arc<str>,
    /// Its last entry.
    pub at: Position,
    /// Whether that entry closed it.
    pub closed: bool,
}

/// One line of the directory: the record that holds an identity key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyRow {
    /// The register.
    pub register: Arc<str>,
    /// The book the key is unique in; 0 for everywhere.
    pub scope: i64,
    /// The identity key.
    pub key: String,
    /// The record that holds it.
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

/// One access that was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRow {
    /// When (RFC 3339).
    pub at: String,
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
    /// The units seen, as a JSON list.
    pub units: String,
    /// The sensitivities shown in clear, as a JSON list.
    pub reveals: String,
    /// What was read.
    pub what: String,
}

/// Rows to be written together. Within one batch a record has at most one head, and a key stands in at most one of the two lists.
#[derive(Default)]
pub struct Batch {
    /// Entries, in their order.
    pub entries: Vec<EntryRow>,
    /// Heads, new or replacing.
    pub heads: Vec<HeadRow>,
    /// Keys, new or replacing.
    pub keys: Vec<KeyRow>,
    /// Keys no longer held.
    pub freed: Vec<KeyRow>,
    /// New links.
    pub edges: Vec<EdgeRow>,
    /// Links no longer stated.
    pub cut: Vec<EdgeRow>,
}

/// A session that sees one consistent state, including what it wrote itself.
#[async_trait]
pub trait Reading: Send {
    /// All books by number, or those of the units named.
    async fn books(&mut self, units: Option<&[String]>) -> Result<Vec<BookRow>, StoreError>;
    /// The highest book number and the highest commit number; 0 when there is none.
    async fn last_numbers(&mut self) -> Result<(i64, i64), StoreError>;
    /// The commits with these idempotency keys, by number.
    async fn commits_with_keys(&mut self, keys: &[String]) -> Result<Vec<CommitRow>, StoreError>;
    /// Commits numbered below `before`, the latest first, at most `limit`.
    async fn commits_before(
        &mut self,
        before: i64,
        limit: i64,
    ) -> Result<Vec<CommitRow>, StoreError>;
    /// The commits with these numbers, by number.
    async fn commits(&mut self, numbers: &[i64]) -> Result<Vec<CommitRow>, StoreError>;
    /// Entries of a book after a sequence, in order, at most `limit`; of one register only if named.
    async fn entries(
        &mut self,
        book: i64,
        register: Option<&str>,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<EntryRow>, StoreError>;
    /// All entries of these records, record by record, oldest first.
    async fn trails(&mut self, records: &[i64]) -> Result<Vec<EntryRow>, StoreError>;
    /// The heads of these records with the bodies of their last entries; unknown records are left out.
    async fn heads(&mut self, records: &[i64]) -> Result<Vec<(HeadRow, String)>, StoreError>;
    /// Heads after a record number, in order, with the kind, register, record and body of the entry each names.
    async fn heads_after(
        &mut self,
        record: i64,
        limit: i64,
    ) -> Result<Vec<(HeadRow, Option<EntryRow>)>, StoreError>;
    /// Those of these numbers that are not records of this register, or are closed by an entry that is no close; with each
    /// whether it is such a record.
    async fn absent(
        &mut self,
        register: &str,
        records: &[i64],
    ) -> Result<Vec<(i64, bool)>, StoreError>;
    /// The closed records of a register, other than merged ones, that have one of these JSON values in a field.
    async fn closed_with(
        &mut self,
        register: &str,
        field: &str,
        values: &[serde_json::Value],
    ) -> Result<Vec<i64>, StoreError>;
    /// Of these keys the held ones: the index in `keys`, the holder's head and body.
    async fn holders(
        &mut self,
        register: &str,
        scope: i64,
        keys: &[String],
    ) -> Result<Vec<(usize, HeadRow, String)>, StoreError>;
    /// The heads of a register whose last entry is in this book, with the bodies of those entries, in the order of the
    /// entries.
    async fn heads_in(
        &mut self,
        book: i64,
        register: &str,
    ) -> Result<Vec<(HeadRow, String)>, StoreError>;
    /// Directory lines after this one, in order.
    async fn keys_after(
        &mut self,
        last: Option<&KeyRow>,
        limit: i64,
    ) -> Result<Vec<KeyRow>, StoreError>;
    /// Those of these links that are not kept, and how many links the register has in all.
    async fn missing_edges(&mut self, edges: &[EdgeRow]) -> Result<Vec<EdgeRow>, StoreError>;
    /// How many links are kept.
    async fn count_edges(&mut self) -> Result<i64, StoreError>;
    /// The index of a link among these from whose target its own source can be reached.
    async fn circle(
        &mut self,
        register: &str,
        links: &[(i64, i64)],
    ) -> Result<Option<usize>, StoreError>;
}

/// The one session that may write. What it wrote is kept only by `commit`; dropping it leaves nothing.
#[async_trait]
pub trait Writing: Reading {
    /// Adds a book, or moves the end of its chain and its counter.
    async fn put_book(&mut self, book: &BookRow) -> Result<(), StoreError>;
    /// Adds a commit.
    async fn put_commit(&mut self, commit: &CommitRow) -> Result<(), StoreError>;
    /// Adds entries and moves heads, directory and links with them.
    async fn put(&mut self, batch: Batch) -> Result<(), StoreError>;
    /// Keeps everything, on disk, before it returns.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// A database that holds a ledger.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a reading session.
    async fn read(&self) -> Result<Box<dyn Reading>, StoreError>;
    /// Begins the writing session, waiting for the one before it to end.
    async fn write(&self) -> Result<Box<dyn Writing>, StoreError>;
    /// Adds a line to the access log, on disk before it returns. It doesn't wait for a writing session to end.
    async fn log_access(&self, access: &AccessRow) -> Result<(), StoreError>;
    /// Logged accesses, the latest first.
    async fn accesses(&self, limit: i64, offset: i64) -> Result<Vec<AccessRow>, StoreError>;
    /// Ends all connections; later calls fail.
    async fn close(&self);
}
