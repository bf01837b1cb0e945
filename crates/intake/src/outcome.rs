//! What an import did: counts, what became of each row, notes, receipts; and the result workbook, which repeats the rows of
//! the source, each with its result and the reason beside it, so that a sender can correct them in place.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Lang, UnitCode};
use ledger::Receipt;
use pack::Text;

use crate::absence::Absent;
use crate::fault::IntakeError;
use crate::finding::{Level, Note};
use crate::header::{Header, Layout};
use crate::plan::{Tally, Verdict};
use crate::sheet::Workbook;

mod workbook;

/// What an import did.
#[derive(Debug)]
pub struct Outcome {
    /// The roster's name.
    pub roster: Text,
    /// The unit.
    pub unit: UnitCode,
    /// The day the lists speak of.
    pub on: Date,
    /// When it became known.
    pub recorded_at: Timestamp,
    /// Whether it only told what would happen.
    pub dry_run: bool,
    /// The language of the result workbook.
    pub lang: Lang,
    /// Each file that was read to its end.
    pub files: Vec<FileOutcome>,
    /// Why the file after these was refused; none after it was read.
    pub stopped: Option<IntakeError>,
}

/// What became of one file.
#[derive(Debug)]
pub struct FileOutcome {
    /// The file.
    pub path: PathBuf,
    /// Records opened, changed and closed, by register.
    pub registers: BTreeMap<String, Tally>,
    /// People who are no longer on the list.
    pub absent: Absent,
    pub(crate) listed: Tally,
    /// Records opened whose start date isn't in the list.
    pub undated: usize,
    /// Sheets without a recognisable header, which weren't read.
    pub unread: Vec<String>,
    /// How each table was understood.
    pub layouts: Vec<Layout>,
    /// What was found, by sheet and row.
    pub notes: Vec<Note>,
    /// What became of each row below a header, in order.
    pub results: Vec<RowOutcome>,
    /// The ledger's receipt; none if nothing was to be written.
    pub receipt: Option<Receipt>,
    pub(crate) workbook: Workbook,
    /// The tables of each sheet.
    pub(crate) headers: Vec<Vec<Header>>,
}

/// What became of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowOutcome {
    /// The index of the sheet in the file.
    pub sheet: usize,
    /// The row as a spreadsheet shows it.
    pub row: u32,
    /// What became of it.
    pub verdict: Verdict,
}

impl RowOutcome {
    /// That the list said all of the row before, whether it stands or not.
    pub(crate) fn said_before(&mut self) {
        if matches!(
            self.verdict,
            Verdict::Opened | Verdict::Changed | Verdict::Closed
        ) {
            self.verdict = Verdict::Unchanged;
        }
    }
}

impl FileOutcome {
    /// How many rows ended so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.results.iter().filter(|r| r.verdict == verdict).count()
    }

    /// How many rows were records: all but the skipped.
    pub fn rows(&self) -> usize {
        self.results.len() - self.count(Verdict::Skipped)
    }

    /// Rows that opened a record.
    pub fn opened(&self) -> usize {
        self.count(Verdict::Opened)
    }

    /// Rows that changed a record, and opened none.
    pub fn changed(&self) -> usize {
        self.count(Verdict::Changed)
    }

    /// Rows that only closed a record.
    pub fn closed(&self) -> usize {
        self.count(Verdict::Closed)
    }

    /// Rows that said nothing new.
    pub fn unchanged(&self) -> usize {
        self.count(Verdict::Unchanged)
    }

    /// Rows that equal an earlier one.
    pub fn repeated(&self) -> usize {
        self.count(Verdict::Repeated)
    }

    /// Rows that may be of somebody known, and wait for a decision.
    pub fn asked(&self) -> usize {
        self.count(Verdict::Asked)
    }

    /// People new on the list, no longer on it, and of whom it says something else than the last one. None of these if the
    /// roster isn't one of people.
    pub fn listed(&self) -> Tally {
        self.listed
    }

    /// Rows of which nothing was taken.
    pub fn rejected(&self) -> usize {
        self.count(Verdict::Rejected)
    }

    /// Notes of one level.
    pub fn notes_of(&self, level: Level) -> impl Iterator<Item = &Note> {
        self.notes
            .iter()
            .filter(move |n| n.finding.level() == level)
    }
}

impl Outcome {
    /// How many rows were rejected, in all files.
    pub fn rejected(&self) -> usize {
        self.files.iter().map(FileOutcome::rejected).sum()
    }

    /// The result workbook (.xlsx): a summary, then the rows of every sheet with row number, result and reason before them.
    pub fn workbook(&self) -> Result<Vec<u8>, IntakeError> {
        workbook::write(self).map_err(|e| IntakeError::Report {
            detail: e.to_string(),
        })
    }
}
