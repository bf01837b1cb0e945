//! From the rows of a sheet to rows of values: every cell of a recognised column is cleaned, on all cores, and rows that can't
//! be taken are told apart from rows that say nothing or the same again. Rows keep their order.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use jiff::civil::Date;
use pack::{Pack, Roster, Value};
use sha2::{Digest, Sha256};

use crate::clean::Cleaner;
use crate::finding::{Finding, Heading, Level, Note};
use crate::header::{Header, fold};
use crate::read_workbook::column_letters;
use crate::sheet::{Cell, Row, Sheet};

/// The rows of a file as values.
#[derive(Default)]
pub(crate) struct Rows {
    /// How many values a row has: one for each column of the roster.
    pub width: usize,
    pub rows: Vec<CleanRow>,
    pub notes: Vec<Note>,
    values: Vec<Option<Value>>,
}

/// One row of a sheet below its header.
#[derive(Debug, Clone)]
pub(crate) struct CleanRow {
    /// The index of the sheet in the workbook.
    pub sheet: usize,
    /// The row's number as a spreadsheet shows it.
    pub number: u32,
    pub state: State,
}

/// What is known of a row before it meets the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It can be carried out.
    Clean,
    Rejected,
    Skipped,
    Repeated,
}

impl Rows {
    pub(crate) fn new(width: usize) -> Rows {
        Rows {
            width,
            ..Rows::default()
        }
    }

    /// The values of a row, one for each column of the roster.
    pub(crate) fn values(&self, row: usize) -> &[Option<Value>] {
        self.values
            .get(row * self.width..(row + 1) * self.width)
            .unwrap_or(&[])
    }

    /// The rows in the order of what they say; equal ones in the order in which they stand.
    pub(crate) fn in_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|a, b| self.values(*a).cmp(self.values(*b)));
        order
    }

    /// A digest of what the clean rows say, whatever their order.
    pub(crate) fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        let clean = |row: &usize| self.rows[*row].state == State::Clean;
        for row in self.in_order().into_iter().filter(clean) {
            for value in self.values(row) {
                hasher.update(value.as_ref().map(ToString::to_string).unwrap_or_default());
                hasher.update([0]);
            }
        }
        let digest = hasher.finalize();
        digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn append(&mut self, mut other: Rows) {
        self.rows.append(&mut other.rows);
        self.notes.append(&mut other.notes);
        self.values.append(&mut other.values);
    }

    /// Marks the rows that equal an earlier one, so that each is carried out once.
    pub(crate) fn mark_repeated(&mut self, sheets: &[Arc<str>]) {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let mut first: HashMap<u64, usize> = HashMap::with_capacity(self.rows.len());
        for at in 0..self.rows.len() {
            if self.rows[at].state != State::Clean {
                continue;
            }
            let hash = hasher.hash_one(self.values(at));
            match first.get(&hash) {
                Some(&earlier) if self.values(earlier) == self.values(at) => {
                    let row = self.rows[earlier].number;
                    self.rows[at].state = State::Repeated;
                    self.notes.push(Note {
                        sheet: sheets[self.rows[at].sheet].clone(),
                        row: self.rows[at].number,
                        column: None,
                        finding: Finding::Repeats { row },
                    });
                }
                Some(_) => (),
                None => {
                    first.insert(hash, at);
                }
            }
        }
    }
}

/// What all rows of a sheet have in common.
pub(crate) struct Frame<'a> {
    pub pack: &'a Pack,
    pub roster: &'a Roster,
    pub sheet: &'a Sheet,
    pub sheet_at: usize,
    pub sheet_name: Arc<str>,
    pub header: &'a Header,
    pub on: Date,
    headings: Vec<Option<Arc<Heading>>>,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(
        pack: &'a Pack,
        roster: &'a Roster,
        (sheet_at, sheet): (usize, &'a Sheet),
        sheet_name: Arc<str>,
        header: &'a Header,
        on: Date,
    ) -> Frame<'a> {
        let headings = roster
            .columns
            .iter()
            .zip(&header.columns)
            .map(|(column, at)| {
                at.map(|at| {
                    Arc::new(Heading {
                        letters: column_letters(at),
                        name: column.name.clone(),
                    })
                })
            })
            .collect();
        Frame {
            pack,
            roster,
            sheet,
            sheet_at,
            sheet_name,
            header,
            on,
            headings,
        }
    }

    /// Cleans all rows below the header and adds them to `rows`.
    pub(crate) fn clean_into(&self, rows: &mut Rows) {
        let all = self.header.first..self.sheet.len();
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(8);
        let share = all.len().div_ceil(threads).max(2_000);
        let shares: Vec<_> = all
            .clone()
            .step_by(share)
            .map(|from| from..(from + share).min(all.end))
            .collect();
        if shares.len() < 2 {
            rows.append(self.clean(all));
            return;
        }
        std::thread::scope(|scope| {
            let workers: Vec<_> = shares
                .into_iter()
                .map(|part| scope.spawn(move || self.clean(part)))
                .collect();
            for worker in workers {
                match worker.join() {
                    Ok(part) => rows.append(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
    }

    fn clean(&self, range: std::ops::Range<usize>) -> Rows {
        let mut cleaners: Vec<Cleaner<'_>> = self
            .roster
            .columns
            .iter()
            .map(|c| Cleaner::new(&c.kind, self.pack, self.on))
            .collect();
        let mut rows = Rows::new(self.roster.columns.len());
        rows.values.reserve(range.len() * rows.width);
        rows.rows.reserve(range.len());
        for at in range {
            if let Some(row) = self.sheet.row(at) {
                self.clean_row(row, &mut cleaners, &mut rows);
            }
        }
        rows
    }

    fn clean_row(&self, row: Row<'_>, cleaners: &mut [Cleaner<'_>], rows: &mut Rows) {
        let before = rows.notes.len();
        let mut rejected = false;
        let (mut filled, mut required_filled) = (0, false);
        let mut repairs = Vec::new();
        for (at, column) in self.roster.columns.iter().enumerate() {
            let Some(place) = self.header.columns[at] else {
                rows.values.push(None);
                continue;
            };
            let cell = row.cell(place);
            required_filled |= column.required && !cell.is_empty();
            let cleaned = if row.is_formula(place) {
                Err(Finding::Formula)
            } else {
                cleaners[at].clean(cell, &mut repairs)
            };
            for repair in repairs.drain(..) {
                rows.notes.push(self.note(row, Some(at), repair));
            }
            filled += usize::from(!cell.is_empty());
            let value = match cleaned {
                Ok(None) if column.required => Err(Finding::Missing),
                // What can be done without is left out, and said.
                Err(finding) if finding.level() != Level::Rejected => {
                    rows.notes.push(self.note(row, Some(at), finding));
                    if column.required {
                        Err(Finding::Missing)
                    } else {
                        Ok(None)
                    }
                }
                other => other,
            };
            rows.values.push(value.unwrap_or_else(|finding| {
                rejected = true;
                rows.notes.push(self.note(row, Some(at), finding));
                None
            }));
        }
        let state = match (rejected, required_filled) {
            // Totals, signatures and remarks below a list.
            (true, false) => self.skip(row, Finding::NoRecord, before, rows),
            (true, true) if filled == 1 => self.skip(row, Finding::NoRecord, before, rows),
            (true, true) if self.is_header(row) => {
                self.skip(row, Finding::HeaderAgain, before, rows)
            }
            (true, true) => State::Rejected,
            (false, _) => State::Clean,
        };
        rows.rows.push(CleanRow {
            sheet: self.sheet_at,
            number: row.number,
            state,
        });
    }

    /// One word instead of the complaints about each cell.
    fn skip(&self, row: Row<'_>, why: Finding, before: usize, rows: &mut Rows) -> State {
        debug_assert_eq!(why.level(), Level::Skipped);
        rows.notes.truncate(before);
        rows.notes.push(self.note(row, None, why));
        State::Skipped
    }

    /// Whether every required cell says the column's own name: printed lists repeat their header on every page.
    fn is_header(&self, row: Row<'_>) -> bool {
        self.roster
            .columns
            .iter()
            .zip(&self.header.columns)
            .all(|(column, at)| {
                let Some(at) = at.filter(|_| column.required) else {
                    return true;
                };
                let Cell::Text(text) = row.cell(at) else {
                    return false;
                };
                let own = fold(text);
                fold(&column.name.zh) == own || column.synonyms.iter().any(|s| fold(s) == own)
            })
    }

    fn note(&self, row: Row<'_>, column: Option<usize>, finding: Finding) -> Note {
        Note {
            sheet: self.sheet_name.clone(),
            row: row.number,
            column: column.and_then(|at| self.headings[at].clone()),
            finding,
        }
    }
}
