//! Why the ledger refuses a commit or can't be opened, in the words of the person who reads it: what was wrong, in which
//! entry, and what to do.
//!
//! `at` counts the entries of the commit from 0; messages count from 1.

mod words;

use crate::entry::Position;
use crate::store::StoreError;
use kernel::{EntryKind, Lang, RecordId, UnitCode};
use pack::{FieldFault, FileRefFault, Text};
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
    /// The system gives no random numbers, without which nothing is written.
    NoRandom,
    /// A commit that says nothing.
    Empty,
    /// More entries, or words said again, than one commit may have.
    TooMany(usize),
    /// More says than one commit may have.
    TooManySays(usize),
    /// Names, a document or the words of an access are too long.
    Words(usize),
    /// A say of the commit without sender, with counts below none, or of a series and no list.
    BadSay(u32),
    /// A say that should be added to isn't there, or was taken back.
    NoSay(u32),
    /// A roll of a say the commit doesn't have, or whose words aren't ascending, or without words.
    BadRoll(usize),
    /// The bytes are no file that is kept.
    BadFile(FileRefFault),
    /// The folder of files can't be read or written.
    Files(#[source] std::io::Error),
    /// The bytes of a file aren't there, or aren't what they were.
    FileDamaged(String),
    /// There is no entry where a word is said to stand.
    NoWord(Position),
    /// The entry was erased.
    Erased(Position),
    /// The entry is no word, and has nothing to be erased.
    NotErasable(Position),
    /// An erasing without document, or not by two people.
    TwoNames,
    /// There is no commit with this number.
    NoCommit(i64),
    /// The commit takes another back, and so can't be taken back.
    UndoOfUndo(i64),
    /// The commit erased something, which can't be taken back.
    UndoOfErasure(i64),
    /// The commit opened the book of a unit, which stays open, or gave the first post.
    UndoOfOpening(i64),
    /// The commit was taken back before.
    UndoneAlready(i64),
    /// Others speak of, or refer to, records that only the commit to be taken back holds up.
    ReferredTo {
        /// The commit.
        commit: i64,
        /// The first of the records that rest on it, with the name of their register.
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
    /// The grant doesn't reach the register, or a field of it.
    NoRight {
        /// Which entry, if it is one of the commit's.
        at: Option<usize>,
        /// Who asked.
        who: String,
        /// The register's name.
        register: Text,
        /// The field's name; none if nothing of the register may be written.
        field: Option<Box<Text>>,
        /// In whose name.
        unit: UnitCode,
    },
    /// Something that only those with a duty may say.
    NoDuty {
        /// Which entry, if it is one of the commit's.
        at: Option<usize>,
        /// Who asked.
        who: String,
        /// The register's name.
        register: Text,
        /// The duty's name.
        duty: Box<Text>,
        /// In whose name.
        unit: UnitCode,
    },
    /// Two duties that one person may not both have on one record.
    Apart {
        /// Which entry.
        at: usize,
        /// Who asked.
        who: String,
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
        /// The names of the duty asked for and of the one they had.
        duties: Box<[Text; 2]>,
    },
    /// A word said again of a register in which each says their own.
    SaidAgain(Position),
    /// The pack doesn't declare the register.
    UnknownRegister {
        /// Which entry.
        at: usize,
        /// The register.
        register: String,
    },
    /// A word refers to a file whose bytes aren't kept.
    NoFile {
        /// Which entry.
        at: usize,
        /// The name of its register.
        register: Text,
        /// The file's name.
        file: String,
    },
    /// The unit has no book.
    UnknownBook {
        /// Which entry.
        at: usize,
        /// The unit.
        unit: UnitCode,
    },
    /// A draft that is not what its kind must be: a new record that isn't opened first, a transfer or merge that says something, a
    /// merge that doesn't name who stays, an undo, or a say or a reference that the commit or the register doesn't have.
    Shape {
        /// Which entry.
        at: usize,
        /// Its kind.
        kind: EntryKind,
    },
    /// The word breaks the rules of its register.
    Fields {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// What is wrong.
        faults: Vec<FieldFault>,
    },
    /// The word is too long to be kept.
    TooLong {
        /// Which entry.
        at: usize,
        /// Its length in bytes.
        bytes: usize,
    },
    /// The same was said otherwise since the writer looked, or the record ended.
    Stale {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
        /// The names of the fields said otherwise; none if the record ended.
        fields: Vec<Text>,
    },
    /// Records were opened since the writer looked whether there are any.
    StaleBase {
        /// The register's name.
        register: Text,
        /// The commit that opened them.
        commit: i64,
    },
    /// A record to be opened is there by now.
    Taken {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The record that has its identity.
        record: RecordId,
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
    /// A word that gives a record another identity than it was opened with.
    Identity {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
    },
    /// The record was merged before.
    Merged {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
        /// Who stays.
        into: RecordId,
    },
    /// A merge that would lead back to the record itself.
    MergeCircle {
        /// Which entry.
        at: usize,
        /// The register's name.
        register: Text,
        /// The record.
        record: RecordId,
        /// Who should stay.
        into: RecordId,
    },
    /// A field names a record that isn't there.
    NoTarget {
        /// Which entry.
        at: usize,
        /// The field's name.
        field: Text,
        /// The register it should be in.
        target: Text,
        /// The record it names; 0 if it is a new one that the commit doesn't open.
        record: RecordId,
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
    /// The numbers of a book are used up.
    BookFull(UnitCode),
    /// The numbers of records are used up.
    RecordsFull,
    /// The store failed.
    Store(#[from] StoreError),
}

impl LedgerError {
    /// Whether the commit was planned from an older state: look again, plan again, send again.
    pub fn is_stale(&self) -> bool {
        matches!(
            self,
            Self::Stale { .. } | Self::StaleBase { .. } | Self::Taken { .. }
        )
    }

    /// The index of the entry that was refused, if it was one entry.
    pub fn at(&self) -> Option<usize> {
        match self {
            Self::UnknownRegister { at, .. }
            | Self::UnknownBook { at, .. }
            | Self::Shape { at, .. }
            | Self::Fields { at, .. }
            | Self::TooLong { at, .. }
            | Self::Stale { at, .. }
            | Self::Taken { at, .. }
            | Self::NoRecord { at, .. }
            | Self::Identity { at, .. }
            | Self::Merged { at, .. }
            | Self::MergeCircle { at, .. }
            | Self::NoTarget { at, .. }
            | Self::Apart { at, .. }
            | Self::Circle { at, .. } => Some(*at),
            Self::NoRight { at, .. } | Self::NoDuty { at, .. } => *at,
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
