//! Why the ledger refuses a commit or can't be opened, in the words of the person who reads it: what was wrong, in which
//! entry, and what to do. An identity in a message is masked as its fields demand.
//!
//! `at` counts the entries of the commit from 0; messages count from 1.

mod words;

use crate::store::StoreError;
use kernel::{Lang, RecordId, UnitCode};
use pack::{FieldFault, Text};
use std::path::PathBuf;

/// Everything that can go wrong in the ledger.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
#[non_exhaustive]
pub enum LedgerError {
    /// There is a ledger already where one should be made.
    Exists(PathBuf),
    /// There is no ledger where one should be opened.
    NoLedger(PathBuf),
    /// The file is not a ledger.
    NotALedger(PathBuf),
    /// The ledger was written by another version of Taizhang.
    Format(i64),
    /// The SQLite library is older than 3.51.3.
    Sqlite(String),
    /// The directory can't be made.
    Directory(PathBuf, #[source] std::io::Error),
    /// A commit without entries.
    Empty,
    /// More entries than one commit may have.
    TooMany(usize),
    /// The idempotency key is empty or too long.
    Key(usize),
    /// Actor, source or the words of an access are too long.
    Words(usize),
    /// The idempotency key was used for another commit.
    KeyReused(String),
    /// The idempotency key is one of those the ledger gives itself.
    KeyReserved(String),
    /// There is no commit with this number.
    NoCommit(i64),
    /// The commit takes entries back, and so can't be taken back.
    UndoOfUndo(i64),
    /// Nothing of the commit stands any more.
    UndoneAlready(i64),
    /// Records of a commit that should be taken back were written to since.
    ChangedSince {
        /// The commit.
        commit: i64,
        /// The first of the records, with the name of their register.
        records: Vec<(Text, RecordId)>,
        /// The commits that wrote to them since.
        commits: Vec<i64>,
    },
    /// Others refer to records that a commit opened which should be taken back.
    ReferredTo {
        /// The commit.
        commit: i64,
        /// The first of the records that refer to them, with the name of their register.
        records: Vec<(Text, RecordId)>,
        /// The commits in which they do.
        commits: Vec<i64>,
    },
    /// The grant doesn't reach the unit.
    OutOfScope {
        /// Who asked.
        who: String,
        /// The unit.
        unit: UnitCode,
    },
    /// The pack doesn't declare the register.
    UnknownRegister {
        /// Which entry.
        at: usize,
        /// The register.
        register: String,
    },
    /// The unit has no book.
    UnknownBook {
        /// Which entry.
        at: usize,
        /// The unit.
        unit: UnitCode,
    },
    /// The unit has no book to be read.
    NoBook(UnitCode),
    /// The record breaks the rules of its register.
    Fields {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// What is wrong.
        faults: Vec<FieldFault>,
    },
    /// The record is too long to be kept.
    TooLong {
        /// Which entry.
        at: usize,
        /// Its length in bytes.
        bytes: usize,
    },
    /// The record was written to since the draft was made.
    Stale {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
        /// The last entry the draft knew.
        expected: Option<i64>,
        /// The last entry there is.
        found: Option<i64>,
    },
    /// A record to be opened doesn't have the next free number of its book.
    Numbering {
        /// Which entry.
        at: usize,
        /// The book.
        book: UnitCode,
        /// The number given.
        given: RecordId,
        /// The next free number.
        next: RecordId,
    },
    /// There is no such record in the register.
    NoRecord {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
    },
    /// The record is closed.
    Closed {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
    },
    /// The record was never there: it was merged into another, or its opening was taken back.
    Gone {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
    },
    /// A merge that changes the record.
    MergeChanges {
        /// Which entry.
        at: usize,
        /// The record.
        record: RecordId,
    },
    /// An undo that is not of the date of the entry it takes back, or doesn't repeat the record before it.
    UndoDiffers {
        /// Which entry.
        at: usize,
        /// The record.
        record: RecordId,
    },
    /// A transfer that should be taken back.
    UndoTransfer {
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
    },
    /// A close that changes the record.
    CloseChanges {
        /// Which entry.
        at: usize,
        /// The record.
        record: RecordId,
    },
    /// The record is in another book.
    Elsewhere {
        /// Which entry.
        at: usize,
        /// The record.
        record: RecordId,
        /// The book it is in.
        book: UnitCode,
    },
    /// A field names a record that isn't there.
    NoTarget {
        /// Which entry.
        at: usize,
        /// The field's name.
        field: Text,
        /// The register it should be in.
        target: Text,
        /// The record it names.
        record: RecordId,
    },
    /// Another record has the same identity.
    Duplicate {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The identity, masked.
        identity: String,
        /// The record that has it.
        record: RecordId,
        /// The book that record is in.
        book: UnitCode,
    },
    /// A link that leads back to where it began.
    Circle {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The record it leads from.
        from: RecordId,
        /// The record it leads to.
        to: RecordId,
    },
    /// A transfer without its second half, or whose halves differ.
    HalfTransfer {
        /// Which entry.
        at: usize,
        /// The record.
        record: RecordId,
    },
    /// An entry can't be read with the registers of the pack.
    Unreadable {
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
    },
    /// The counters of a book are used up.
    BookFull(UnitCode),
    /// The store failed.
    Store(#[from] StoreError),
}

impl LedgerError {
    /// Whether the draft was made from an older state: read again, draft again, send again.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Stale { .. } | Self::Numbering { .. })
    }

    /// The index of the entry that was refused, if it was one entry.
    pub fn at(&self) -> Option<usize> {
        match self {
            Self::UnknownRegister { at, .. }
            | Self::UnknownBook { at, .. }
            | Self::Fields { at, .. }
            | Self::TooLong { at, .. }
            | Self::Stale { at, .. }
            | Self::Numbering { at, .. }
            | Self::NoRecord { at, .. }
            | Self::Closed { at, .. }
            | Self::CloseChanges { at, .. }
            | Self::Gone { at, .. }
            | Self::MergeChanges { at, .. }
            | Self::UndoDiffers { at, .. }
            | Self::Elsewhere { at, .. }
            | Self::NoTarget { at, .. }
            | Self::Duplicate { at, .. }
            | Self::Circle { at, .. }
            | Self::HalfTransfer { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// What was wrong, where, and what to do.
    pub fn message(&self, lang: Lang) -> String {
        let what = match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        };
        match (self.at(), lang) {
            (Some(at), Lang::Zh) => format!("第 {} 条：{what}", at + 1),
            (Some(at), Lang::En) => format!("Entry {}: {what}", at + 1),
            (None, _) => what,
        }
    }
}
