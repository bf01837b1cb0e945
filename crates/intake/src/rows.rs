//! From the rows of a sheet to rows of values: every cell of a recognised column is cleaned, on all cores, and rows that can't
//! be taken are told apart from rows that say nothing or the same again. Rows keep their order.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, OnceLock};

use kernel::RecordId;
use pack::cell::{Cell, Reader, Told, Weight};
use pack::{FieldType, Value};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::clean::Columns;
use crate::finding::{Finding, Heading, Level, Note};
use crate::header::{Header, fold, words_of};
use crate::packed::PackedRecords;
use crate::read_workbook::column_letters;
use crate::sheet::{Row, Sheet};

/// The rows of a file as values, one for each column of the roster.
#[derive(Default)]
pub(crate) struct Rows {
    pub rows: Vec<CleanRow>,
    pub notes: Vec<Note>,
    /// The values of the rows.
    values: PackedRecords,
    /// Records that somebody picked, by the step that would look them up, and the row.
    given: BTreeMap<(usize, usize), RecordId>,
    /// The rows in the order of what they say, once somebody has asked.
    order: OnceLock<Vec<u32>>,
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
    /// Puts the values of a row in the place of those of another.
    pub(crate) fn read(&self, row: usize, values: &mut Vec<Option<Value>>) {
        self.values.read(row, values);
    }

    /// A row by itself, which can be carried out.
    pub(crate) fn one(number: u32, values: &[Option<Value>]) -> Rows {
        let mut rows = Rows::default();
        rows.push(0, number, State::Clean, values);
        rows
    }

    /// Adds a row that came by a form, with the records picked for it by step.
    pub(crate) fn add(
        &mut self,
        state: State,
        values: &[Option<Value>],
        given: impl IntoIterator<Item = (usize, RecordId)>,
    ) {
        let at = self.rows.len();
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        self.push(0, number, state, values);
        let given = given.into_iter();
        self.given
            .extend(given.map(|(step, record)| ((step, at), record)));
    }

    /// The record that somebody picked for a step of a row.
    pub(crate) fn given(&self, step: usize, row: usize) -> Option<RecordId> {
        self.given.get(&(step, row)).copied()
    }

    /// The values of a row.
    pub(crate) fn values(&self, row: usize) -> Vec<Option<Value>> {
        self.values.get(row)
    }

    /// The rows in an order that depends on what they say alone; equal ones in the order in which they stand.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = usize> + '_ {
        let order = self.order.get_or_init(|| {
            let rows = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
            let mut order: Vec<u32> = (0..rows).collect();
            let bytes = |row: &u32| self.values.bytes(*row as usize);
            order.par_sort_by(|one, other| bytes(one).cmp(bytes(other)));
            order
        });
        order.iter().map(|row| *row as usize)
    }

    /// A digest of what the clean rows say, whatever their order.
    pub(crate) fn digest(&self) -> ledger::Digest {
        let mut hasher = Sha256::new();
        let clean = |row: &usize| self.rows[*row].state == State::Clean;
        for row in self.in_order().filter(clean) {
            let packed = self.values.bytes(row);
            hasher.update(packed.len().to_le_bytes());
            hasher.update(packed);
        }
        ledger::Digest(hasher.finalize().into())
    }

    fn push(&mut self, sheet: usize, number: u32, state: State, values: &[Option<Value>]) {
        self.order.take();
        self.values.push(values);
        self.rows.push(CleanRow {
            sheet,
            number,
            state,
        });
    }

    fn append(&mut self, mut other: Rows) {
        self.order.take();
        self.rows.append(&mut other.rows);
        self.notes.append(&mut other.notes);
        self.values.append(other.values);
    }

    /// Marks the rows that equal an earlier one, so that each is carried out once.
    pub(crate) fn mark_repeated(&mut self, sheets: &[Arc<str>]) {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let mut first: HashMap<u64, usize> = HashMap::with_capacity(self.rows.len());
        for at in 0..self.rows.len() {
            if self.rows[at].state != State::Clean {
                continue;
            }
            let hash = hasher.hash_one(self.values.bytes(at));
            match first.get(&hash) {
                Some(&earlier) if self.values.bytes(earlier) == self.values.bytes(at) => {
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
    columns: &'a Columns<'a>,
    pub sheet: &'a Sheet,
    pub sheet_at: usize,
    pub sheet_name: Arc<str>,
    pub header: &'a Header,
    /// Of a CSV file how many cells the heading has.
    width: Option<u16>,
    headings: Vec<Option<Arc<Heading>>>,
    /// The rows over which cells of a column are merged, by column and then from above; counted from 1.
    merged: BTreeMap<u16, Vec<(u32, u32)>>,
}

/// How many cells the heading of a CSV file has, up to its last word; none of a file of data alone, or of another kind.
fn heading_width(sheet: &Sheet, header: &Header) -> Option<u16> {
    let rows = (header.top..header.first).filter_map(|at| {
        sheet.width(at)?;
        let last = sheet.row(at)?.cells().map(|(column, _)| column).max()?;
        Some(last + 1)
    });
    rows.max()
}

impl<'a> Frame<'a> {
    pub(crate) fn new(
        columns: &'a Columns<'a>,
        (sheet_at, sheet): (usize, &'a Sheet),
        sheet_name: Arc<str>,
        header: &'a Header,
    ) -> Frame<'a> {
        let headings = columns
            .roster
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
            columns,
            sheet,
            sheet_at,
            sheet_name,
            header,
            width: heading_width(sheet, header),
            headings,
            merged: merged_rows(sheet, header),
        }
    }

    /// Cleans all rows below the header and adds them to `rows`.
    pub(crate) fn clean_into(&self, rows: &mut Rows) {
        for (at, unit) in self.header.places.iter().enumerate() {
            if let Some((_, unit)) = unit {
                rows.notes.push(Note {
                    sheet: self.sheet_name.clone(),
                    row: self.header.layout.header_row,
                    column: self.headings[at].clone(),
                    finding: Finding::InUnit(unit.as_str().into()),
                });
            }
        }
        let all = self.header.first..self.header.end;
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
            let parts: Vec<Rows> = workers
                .into_iter()
                .map(|worker| {
                    let part = worker.join();
                    part.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect();
            // Asked for at once: grown step by step, most of it would be there twice.
            let [clean, notes] = parts.iter().fold([0, 0], |[clean, notes], part| {
                [clean + part.rows.len(), notes + part.notes.len()]
            });
            rows.rows.reserve_exact(clean);
            rows.values.reserve(clean);
            rows.notes.reserve_exact(notes);
            for part in parts {
                rows.append(part);
            }
        });
    }

    fn clean(&self, range: std::ops::Range<usize>) -> Rows {
        let reader = |at: usize| {
            let reader = self.columns.reader(at, self.sheet.from_1904);
            match &self.header.places[at] {
                Some((places, _)) => reader.of_unit(*places),
                None => reader,
            }
        };
        let columns = 0..self.columns.roster.columns.len();
        let mut readers: Vec<Reader<'_>> = columns.map(reader).collect();
        let mut rows = Rows::default();
        rows.rows.reserve(range.len());
        let mut values = Vec::with_capacity(readers.len());
        for at in range {
            if let Some(row) = self.sheet.row(at).filter(|row| self.has_part_in(*row)) {
                values.clear();
                let mut state = self.clean_row(row, &mut readers, &mut values, &mut rows.notes);
                if let Some(finding) = self.misfit(at, row).filter(|_| state != State::Skipped) {
                    if finding.level() == Level::Rejected {
                        state = State::Rejected;
                    }
                    rows.notes.push(self.note(row, None, finding));
                }
                rows.push(self.sheet_at, row.number, state, &values);
            }
        }
        rows
    }

    /// Whether a row of a CSV file has fewer cells than the heading, or filled ones beyond it. Two neighbours that have together as many
    /// as one, but for the cell that was broken, may be one.
    fn misfit(&self, at: usize, row: Row<'_>) -> Option<Finding> {
        let (of, cells) = (self.width?, self.sheet.width(at)?);
        let beyond = row.cells().any(|(column, _)| column >= of);
        match cells {
            1 if of > 2 => Some(Finding::BrokenLine),
            _ if beyond => Some(Finding::MoreCells { cells, of }),
            _ if cells < of => {
                let beside = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten();
                let mut beside = beside.filter_map(|at| self.sheet.width(at));
                match beside.any(|other| other > 1 && other + cells == of + 1) {
                    true => Some(Finding::PerhapsBroken),
                    false => Some(Finding::FewerCells { cells, of }),
                }
            }
            _ => None,
        }
    }

    fn clean_row(
        &self,
        row: Row<'a>,
        readers: &mut [Reader<'_>],
        values: &mut Vec<Option<Value>>,
        notes: &mut Vec<Note>,
    ) -> State {
        let before = notes.len();
        let mut rejected = false;
        let (mut filled, mut required_filled) = (0, false);
        // Whether anything says something of somebody, as no total or signature does.
        let mut tells = false;
        // Whether something can't be read that can be done without.
        let mut unread = false;
        let mut told = Vec::new();
        for (at, column) in self.columns.roster.columns.iter().enumerate() {
            let Some(place) = self.header.columns[at] else {
                values.push(None);
                continue;
            };
            let (cell, is_formula) = self.cell(row, place);
            required_filled |= column.required && (!cell.is_empty() || is_formula);
            let read = match is_formula {
                true => readers[at].read_computed(cell, &mut told),
                false => readers[at].read(cell, &mut told),
            };
            for told in told.drain(..) {
                notes.push(self.note(row, Some(at), told.into()));
            }
            filled += usize::from(!cell.is_empty());
            tells |= matches!(read, Ok(Some(_)))
                && matches!(
                    column.kind,
                    FieldType::IdNumber
                        | FieldType::Document
                        | FieldType::Date
                        | FieldType::PartialDate
                        | FieldType::Phone
                        | FieldType::Code(_)
                );
            let doubtful = |told: &Told| told.weight() == Weight::Doubt;
            unread |= !column.required && read.as_ref().is_err_and(|told| !doubtful(told));
            let tell = |finding| notes.push(self.note(row, Some(at), finding));
            let value = self.columns.value(at, cell, read, tell);
            values.push(value.unwrap_or_else(|finding| {
                rejected = true;
                notes.push(self.note(row, Some(at), finding));
                None
            }));
        }
        if self.is_remark(row, filled) {
            return self.skip(row, Finding::NoRecord, before, notes);
        }
        match (rejected, required_filled) {
            // Totals, signatures and remarks below a list.
            (true, false) if filled < 2 || !tells => {
                self.skip(row, Finding::NoRecord, before, notes)
            }
            (true, false) => State::Rejected,
            (true, true) if filled == 1 => self.skip(row, Finding::NoRecord, before, notes),
            (true, true) if self.is_header(row) => {
                self.skip(row, Finding::HeaderAgain, before, notes)
            }
            (true, true) => State::Rejected,
            (false, _) if (unread || self.begins_like_header(row)) && self.is_header(row) => {
                self.skip(row, Finding::HeaderAgain, before, notes)
            }
            // Nothing on it says something of somebody, and what should can't be read.
            (false, _) if unread && !tells => {
                for note in &mut notes[before..] {
                    if let Finding::LeftOut(told) | Finding::KeptAsRead(told) = &note.finding {
                        note.finding = Finding::Cell((**told).clone());
                    }
                }
                State::Rejected
            }
            (false, _) => State::Clean,
        }
    }

    /// A cell of a row, and whether it is a formula. A cell merged downwards stands in the first of its rows and counts for all.
    fn cell(&self, row: Row<'a>, column: u16) -> (Cell<'a>, bool) {
        let own = (row.cell(column), row.is_formula(column));
        let Some(merged) = self.merged.get(&column).filter(|_| own.0.is_empty()) else {
            return own;
        };
        let after = merged.partition_point(|(from, _)| *from <= row.number);
        let over = after.checked_sub(1).and_then(|at| merged.get(at));
        over.filter(|(_, to)| row.number <= *to)
            .and_then(|(from, _)| self.sheet.numbered(*from))
            .map_or(own, |first| (first.cell(column), first.is_formula(column)))
    }

    /// Whether anything of the row belongs to this table, and not to one beside it.
    fn has_part_in(&self, row: Row<'_>) -> bool {
        let (from, to) = self.header.across;
        !self.header.beside || row.cells().any(|(column, _)| (from..=to).contains(&column))
    }

    /// One word instead of the complaints about each cell.
    fn skip(&self, row: Row<'_>, why: Finding, before: usize, notes: &mut Vec<Note>) -> State {
        debug_assert_eq!(why.level(), Level::Skipped);
        notes.truncate(before);
        notes.push(self.note(row, None, why));
        State::Skipped
    }

    /// Whether the row begins with the same character as the header: where only words are asked for, its own words would do.
    fn begins_like_header(&self, row: Row<'_>) -> bool {
        let start = |cell| match cell {
            Cell::Text(text) => text.trim_start().chars().next(),
            _ => None,
        };
        let (from, to) = self.header.across;
        let mut own = row
            .cells()
            .filter(|(column, _)| (from..=to).contains(column));
        own.next().is_some_and(|(column, cell)| {
            let first = start(cell);
            let header = (self.header.top..self.header.first).filter_map(|at| self.sheet.row(at));
            first.is_some()
                && header
                    .into_iter()
                    .any(|header| start(header.cell(column)) == first)
        })
    }

    /// Whether the row is a total, or a remark or signature that fills hardly any column.
    fn is_remark(&self, row: Row<'_>, filled: usize) -> bool {
        const TOTALS: [&str; 4] = ["合计", "总计", "小计", "共计"];
        const REMARKS: [&str; 11] = [
            "备注",
            "说明",
            "附注",
            "注:",
            "填表",
            "填报",
            "制表",
            "审核",
            "审批",
            "负责人",
            "经办人",
        ];
        let (from, to) = self.header.across;
        let mut own = row
            .cells()
            .filter(|(column, _)| (from..=to).contains(column));
        let Some((_, Cell::Text(first))) = own.next() else {
            return false;
        };
        let remarks = REMARKS.iter().filter(|_| filled <= 2);
        let mut words = TOTALS.iter().chain(remarks);
        // Most rows begin with a figure or a name; folding each would take its time.
        let start = first.trim_start().chars().next();
        let may = start.is_some_and(|start| words.clone().any(|word| word.starts_with(start)));
        may && {
            let first = kernel::normal(first);
            words.any(|word| first.starts_with(word))
        }
    }

    /// Whether the row says again what stands in the header, or every required cell says the column's own name: printed lists
    /// repeat their header on every page.
    fn is_header(&self, row: Row<'_>) -> bool {
        let again = |row: Row<'_>, header: Row<'_>| {
            let (from, to) = self.header.across;
            let mut own = row
                .cells()
                .filter(|(column, _)| (from..=to).contains(column));
            own.all(|(column, cell)| {
                words_of(cell).is_some_and(|words| words_of(header.cell(column)) == Some(words))
            })
        };
        let header = (self.header.top..self.header.first).filter_map(|at| self.sheet.row(at));
        if header.into_iter().any(|header| again(row, header)) {
            return true;
        }
        let columns = self.columns.roster.columns.iter();
        columns.zip(&self.header.columns).all(|(column, at)| {
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

/// The areas below a header in which cells are merged downwards.
fn merged_rows(sheet: &Sheet, header: &Header) -> BTreeMap<u16, Vec<(u32, u32)>> {
    let mut merged: BTreeMap<u16, Vec<(u32, u32)>> = BTreeMap::new();
    let first = sheet.row(header.first).map_or(u32::MAX, |row| row.number);
    for area in &sheet.merged {
        let (from, to) = (area.from.0 + 1, area.to.0 + 1);
        if from >= first && from < to {
            merged.entry(area.from.1).or_default().push((from, to));
        }
    }
    for areas in merged.values_mut() {
        areas.sort_unstable();
    }
    merged
}
