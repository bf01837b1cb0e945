//! Reading a file and cleaning its rows, while what stands is made ready. Nothing of a row is compared with the ledger here.

use std::path::Path;
use std::sync::Arc;

use pack::cell::UnitWords;
use sha2::{Digest as _, Sha256};
use tables::Snapshot;

use super::request::{RosterFile, Stage};
use super::{Run, Tell};
use crate::clean::Columns;
use crate::fault::{FileFault, IntakeError};
use crate::finding::{Finding, Note};
use crate::header::{Header, Said, Words};
use crate::limits;
use crate::read_workbook::{Merged, read_workbook};
use crate::remember::{Remembered, all_told};
use crate::rows::{Frame, Rows};
use crate::sheet::Workbook;

/// A file, read and cleaned.
pub(crate) struct Checked {
    pub(super) workbook: Workbook,
    pub headers: Vec<Vec<Header>>,
    pub sheets: Vec<Arc<str>>,
    pub rows: Rows,
    /// The digest of its bytes.
    pub digest: ledger::Digest,
}

impl Run<'_> {
    /// Reads a file, with the digest of its bytes, and meanwhile what stands, ready to be asked for what the roster writes.
    pub(super) async fn read(
        &self,
        source: &RosterFile,
        words: &Words<'_>,
    ) -> (ReadFile, Result<Arc<Snapshot>, IntakeError>) {
        let merged = if words.has_groups() {
            Merged::Read
        } else {
            Merged::InShortSheets
        };
        let owned = source.clone();
        let reading = tokio::task::spawn_blocking(move || read_file(&owned, merged));
        let standing = self.standing(&source.path).await;
        if let Ok(standing) = &standing {
            for step in &self.script.writes {
                // Asked for once, a register is ready.
                let _ready = standing.shelf(&step.register.id);
            }
        }
        let read = reading.await.unwrap_or_else(|panicked| {
            Err(FileFault::Unreadable {
                detail: panicked.to_string(),
            })
        });
        (read, standing)
    }

    /// Finds the tables and cleans their rows. Nothing here touches the ledger.
    pub(super) fn check(
        &self,
        (workbook, digest): (Workbook, ledger::Digest),
        words: &Words<'_>,
        (remembered, units): (&Remembered, &UnitWords),
        tell: &mut Tell<'_>,
    ) -> Result<Checked, FileFault> {
        tell(
            Stage::Checking,
            workbook.sheets.iter().map(crate::sheet::Sheet::len).sum(),
        );
        let headers = self.headers(words, &workbook, remembered)?;
        let sheets: Vec<Arc<str>> = workbook
            .sheets
            .iter()
            .map(|s| Arc::from(s.name.as_str()))
            .collect();
        let mut rows = Rows::default();
        let (pack, on) = (self.tables.pack(), self.request.on);
        let columns = Columns::new(pack, self.roster, self.script, (on, units));
        for (at, tables) in headers.iter().enumerate() {
            for header in tables {
                let sheet = (at, &workbook.sheets[at]);
                let frame = Frame::new(&columns, sheet, sheets[at].clone(), header);
                frame.clean_into(&mut rows);
            }
        }
        let hidden = workbook.sheets.iter().zip(&sheets);
        let hidden = hidden.filter(|(sheet, _)| sheet.hidden);
        rows.notes.extend(hidden.map(|(_, name)| Note {
            sheet: name.clone(),
            row: 0,
            column: None,
            finding: Finding::HiddenSheet,
        }));
        rows.mark_repeated(&sheets);
        Ok(Checked {
            workbook,
            headers,
            sheets,
            rows,
            digest,
        })
    }

    /// The tables of each sheet; sheets without one are left out, unless none has one.
    fn headers(
        &self,
        words: &Words<'_>,
        workbook: &Workbook,
        remembered: &Remembered,
    ) -> Result<Vec<Vec<Header>>, FileFault> {
        if workbook.sheets.iter().all(crate::sheet::Sheet::is_empty) {
            let hidden = workbook.sheets.iter().filter(|sheet| sheet.hidden);
            let hidden: Vec<String> = hidden.map(|sheet| sheet.name.clone()).collect();
            return Err(match hidden.is_empty() {
                true => FileFault::Empty,
                false => FileFault::Hidden { sheets: hidden },
            });
        }
        let said = Said {
            told: &self.request.told,
            remembered,
        };
        // What a sheet that says how to fill in the others looks like is no matter, where they have a table.
        let tables = |explaining: bool| {
            let sheets = workbook.sheets.iter();
            let each = sheets.map(|sheet| match explains(&sheet.name) == explaining {
                true => words.tables(sheet, said),
                false => Ok(Vec::new()),
            });
            each.collect::<Result<Vec<_>, _>>()
        };
        let mut headers = tables(false)?;
        if headers.iter().all(Vec::is_empty) {
            headers = tables(true)?;
        }
        if headers.iter().all(Vec::is_empty) {
            let unclear = workbook
                .sheets
                .iter()
                .find_map(|sheet| words.unknown(sheet));
            if let Some(unclear) = unclear {
                return Err(FileFault::Header(Box::new(unclear)));
            }
            return Err(FileFault::NoHeader {
                wanted: self
                    .roster
                    .columns
                    .iter()
                    .filter(|c| c.required)
                    .map(|c| c.name.zh.clone())
                    .collect(),
                sheets: (workbook.sheets.iter())
                    .filter(|sheet| !sheet.hidden)
                    .map(|sheet| sheet.name.clone())
                    .collect(),
            });
        }
        all_told(&self.request.told, &headers)?;
        Ok(headers)
    }
}

/// Whether a sheet's name says that it tells how the others are filled in, as in the workbooks of departments and in our own blank ones.
fn explains(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = ["说明", "须知", "填报要求", "how to fill", "instructions"];
    words.iter().any(|word| name.contains(word))
}

impl Checked {
    /// Rows that came from no file.
    pub(crate) fn of(rows: Rows) -> Checked {
        Checked {
            workbook: Workbook { sheets: Vec::new() },
            headers: Vec::new(),
            sheets: vec![Arc::from("")],
            rows,
            digest: ledger::Digest([0; 32]),
        }
    }

    /// A note on a row.
    pub(super) fn note(&self, at: usize, finding: Finding) -> Note {
        let row = &self.rows.rows[at];
        Note {
            sheet: self.sheets[row.sheet].clone(),
            row: row.number,
            column: None,
            finding,
        }
    }
}

/// A file's workbook and the digest of its bytes.
type ReadFile = Result<(Workbook, ledger::Digest), FileFault>;

fn read_file(source: &RosterFile, merged: Merged) -> ReadFile {
    let read;
    let bytes = match &source.sent {
        Some(sent) => sent.as_slice(),
        None => {
            read = bytes_of(&source.path)?;
            &read
        }
    };
    let workbook = read_workbook(bytes, merged)?;
    Ok((workbook, ledger::Digest(Sha256::digest(bytes).into())))
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, FileFault> {
    let unreadable = |e: std::io::Error| FileFault::Unreadable {
        detail: e.to_string(),
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > limits::FILE {
        return Err(FileFault::TooLarge { bytes: size });
    }
    std::fs::read(path).map_err(unreadable)
}
