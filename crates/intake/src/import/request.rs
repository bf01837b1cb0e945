//! What an import is asked for, and how far it tells that it is. Plain data; nothing here reads a file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Grant, Lang, UnitCode};

use crate::absence::Absence;

/// What to import.
#[derive(Debug, Clone)]
pub struct Request {
    /// The id of a roster or, if none has it, of a register.
    pub roster: String,
    /// The unit whose book the rows belong to.
    pub unit: UnitCode,
    /// The files, in order.
    pub files: Vec<RosterFile>,
    /// The day the lists speak of: changes are valid from it, and nobody may be born after it.
    pub on: Date,
    /// When it becomes known.
    pub recorded_at: Timestamp,
    /// Who imports, what they may do, and why.
    pub grant: Grant,
    /// Only tell what would happen.
    pub dry_run: bool,
    /// What becomes of people who are no longer on a whole list.
    pub absence: Absence,
    /// What headings mean where they are not understood, or wrongly: the id of the roster's column, or `-` to leave the column
    /// out, by heading or by the column's letters. It is remembered for files of the same layout.
    pub told: BTreeMap<String, String>,
    /// The language of the result workbook.
    pub lang: Lang,
}

/// A file to import: one that lies somewhere, or one that was sent and lies nowhere.
#[derive(Debug, Clone)]
pub struct RosterFile {
    /// Where it lies, or its name.
    pub path: PathBuf,
    /// What was sent.
    pub sent: Option<Arc<Vec<u8>>>,
}

impl From<PathBuf> for RosterFile {
    fn from(path: PathBuf) -> Self {
        Self { path, sent: None }
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The file, from 0.
    pub file: usize,
    /// How many files there are.
    pub files: usize,
    /// What is being done to it.
    pub stage: Stage,
    /// Rows of the file, as far as they are known.
    pub rows: usize,
}

/// What is being done to a file, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading.
    Reading,
    /// Checking cells.
    Checking,
    /// Matching with the ledger.
    Matching,
    /// Writing to the ledger.
    Writing,
    /// Done.
    Done,
}
