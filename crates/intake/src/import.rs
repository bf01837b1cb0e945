//! One import from beginning to end: read, find headers, clean, match, commit, tell. Each file is one commit: a file that
//! can't be read leaves nothing, a row that can't be taken leaves nothing of itself, and importing a file again changes nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ledger::{Access, LedgerError, Receipt, Voice};
use pack::Roster;
use tables::{Snapshot, Tables};

use crate::absence::{Absence, Absent};
use crate::clean::unit_words;
use crate::fault::{FileFault, IntakeError};
use crate::finding::{Finding, Note};
use crate::header::Words;
use crate::outcome::{FileOutcome, Outcome, RowOutcome};
use crate::plan::{RowPlan, Setting, Tally, Verdict};
use crate::remember::{Layouts, columns_exist};
use crate::rows::{Rows, State};
use crate::script::{Script, roster};
use crate::slots::{Scene, Slots};
use crate::who::{Recognised, Recognition, Told, Who};

mod conclude;
mod read;
mod request;

pub(crate) use read::Checked;
pub use request::{Progress, Request, RosterFile, Stage};

/// How many rows the ledger may refuse one by one before the file is given up.
const MOST_REFUSALS: usize = 100;
/// How often a file is worked out again because others wrote meanwhile.
const MOST_ATTEMPTS: usize = 16;

/// Imports files. A file that is refused leaves nothing, and those after it are not read; those before it stay imported, and the
/// outcome has them and why it stopped. It is an error if there are none before it.
pub async fn import(
    tables: &Tables,
    request: &Request,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Outcome, IntakeError> {
    // Trying a list tells what the ledger knows of everybody on it.
    if !request.grant.writes(None, &request.unit) {
        return Err(IntakeError::NotGranted { unit: request.unit });
    }
    if request.absence == Absence::Left && request.files.len() > 1 {
        return Err(IntakeError::WholeInParts);
    }
    let pack = tables.pack();
    let roster = roster(pack, &request.roster, request.on)?;
    let what = Access::List {
        roster: roster.id.clone(),
        unit: request.unit,
        files: request.files.len(),
        dry_run: request.dry_run,
    };
    let reads = tables
        .ledger()
        .admit(request.grant.clone(), request.recorded_at, what);
    reads
        .await
        .map_err(|error| ledger_fault(Path::new(""), error))?;
    let script = Script::new(pack, &roster)?;
    let run = Run {
        tables,
        request,
        roster: &roster,
        voice: Voice {
            sender: script.sender.clone(),
            unit: request.unit,
            roster: roster.id.clone(),
        },
        script: &script,
    };
    let mut outcome = Outcome {
        roster: roster.name.clone(),
        unit: request.unit,
        on: request.on,
        recorded_at: request.recorded_at,
        dry_run: request.dry_run,
        lang: request.lang,
        files: Vec::with_capacity(request.files.len()),
        stopped: None,
    };
    for (file, source) in request.files.iter().enumerate() {
        let mut tell = |stage, rows| {
            progress(Progress {
                file,
                files: request.files.len(),
                stage,
                rows,
            });
        };
        match run.file(source, &mut tell).await {
            Ok(done) => outcome.files.push(done),
            Err(error) if outcome.files.is_empty() => return Err(error),
            Err(error) => {
                outcome.stopped = Some(error);
                break;
            }
        }
    }
    Ok(outcome)
}

/// What is being imported.
pub(crate) struct Run<'a> {
    pub tables: &'a Tables,
    pub request: &'a Request,
    pub roster: &'a Roster,
    pub script: &'a Script<'a>,
    /// Whose word it is.
    pub voice: Voice,
}

/// What a file came to.
struct Done {
    results: Vec<RowOutcome>,
    notes: Vec<Note>,
    registers: BTreeMap<String, Tally>,
    undated: usize,
    absent: Absent,
    listed: Tally,
    receipt: Option<Receipt>,
}

type Tell<'t> = dyn FnMut(Stage, usize) + Send + 't;

impl Run<'_> {
    async fn file(
        &self,
        source: &RosterFile,
        tell: &mut Tell<'_>,
    ) -> Result<FileOutcome, IntakeError> {
        let path = source.path.as_path();
        let refused = |fault| IntakeError::File {
            file: path.to_owned(),
            fault: Box::new(fault),
        };
        tell(Stage::Reading, 0);
        let words = Words::new(self.roster, &self.tables.pack().codes);
        columns_exist(self.roster, &self.request.told).map_err(refused)?;
        let (read, standing) = self.read(source, &words).await;
        let (workbook, digest) = read.map_err(refused)?;
        let standing = standing?;
        let remembered = self.layouts(&standing).remembered(&words, &workbook).await;
        let remembered = remembered.map_err(|error| ledger_fault(path, error))?;
        let (unit, on) = (self.request.unit, self.request.on);
        let units = unit_words(self.tables.pack(), &standing, (unit, on));
        let told = (&remembered, &units);
        let checked = self.check((workbook, digest), &words, told, tell);
        let mut checked = checked.map_err(refused)?;
        let held = self.hold(&mut checked.rows, &checked.sheets).await;
        let held = held.map_err(|source| IntakeError::Tables {
            file: path.to_owned(),
            source: Box::new(source),
        })?;
        held.map_err(refused)?;
        tell(Stage::Matching, checked.rows.rows.len());
        // Two who recognise people at once would each open them.
        let _turn = match self.request.dry_run {
            true => None,
            false => Some(self.tables.turn().await),
        };
        let mut attempts = 0;
        let done = loop {
            attempts += 1;
            let standing = self.standing(path).await?;
            match self.attempt(path, &standing, &mut checked, tell).await {
                Err(IntakeError::Ledger { source, .. })
                    if source.is_stale() && attempts < MOST_ATTEMPTS => {}
                done => break done?,
            }
        };
        tell(Stage::Done, checked.rows.rows.len());
        Ok(outcome_of(path, checked, done))
    }

    /// Works a file out against what stands, and writes it.
    async fn attempt(
        &self,
        path: &Path,
        standing: &Snapshot,
        checked: &mut Checked,
        tell: &mut Tell<'_>,
    ) -> Result<Done, IntakeError> {
        let fault = |error| ledger_fault(path, error);
        let has_book = self.has_book(path).await?;
        let recognised = self.recognise(standing, &checked.rows, None).await;
        let recognised = recognised.transpose().map_err(fault)?;
        for _ in 0..MOST_REFUSALS {
            let slots = self.look_up(standing, &checked.rows, recognised.as_ref(), has_book);
            let slots = slots.await.map_err(fault)?;
            let (plan, mut results, mut notes) =
                self.plan(standing, checked, slots, recognised.as_ref());
            let concluded = self
                .conclude(path, standing, checked, &results, &plan)
                .await;
            let concluded = concluded.map_err(fault)?;
            tell(Stage::Writing, checked.rows.rows.len());
            let (absent, listed) = (concluded.absent.clone(), concluded.listed);
            let says_more = concluded.writes;
            if !says_more {
                results.iter_mut().for_each(RowOutcome::said_before);
            }
            notes.extend(concluded.notes.iter().cloned());
            let receipt = match self.write(path, standing, checked, concluded).await {
                Ok(receipt) => receipt,
                Err((LedgerError::Circle { .. }, Some(row))) => {
                    drop(plan);
                    self.refuse(checked, row);
                    continue;
                }
                Err((error, _)) => return Err(fault(error)),
            };
            return Ok(Done {
                registers: match says_more {
                    true => plan.registers(),
                    false => BTreeMap::new(),
                },
                undated: if says_more { plan.undated } else { 0 },
                results,
                notes,
                absent,
                listed,
                receipt,
            });
        }
        Err(IntakeError::File {
            file: path.to_owned(),
            fault: Box::new(FileFault::TooManyCircles),
        })
    }

    /// What stands now.
    async fn standing(&self, path: &Path) -> Result<Arc<Snapshot>, IntakeError> {
        let standing = self.tables.snapshot().await;
        standing.map_err(|source| IntakeError::Tables {
            file: path.to_owned(),
            source: Box::new(source),
        })
    }

    pub(crate) fn layouts<'s>(&'s self, standing: &'s Snapshot) -> Layouts<'s> {
        Layouts {
            ledger: self.tables.ledger(),
            standing,
            kept: &self.script.contract.layouts,
            roster: self.roster,
            unit: self.request.unit,
        }
    }

    /// Whether the unit has a book. Only a list that opens books may do without.
    async fn has_book(&self, path: &Path) -> Result<bool, IntakeError> {
        let unit = self.request.unit;
        let book = self.tables.ledger().book(unit).await;
        let book = book.map_err(|error| ledger_fault(path, error))?;
        let opens = |step: &crate::script::Step<'_>| step.opens_book.is_some();
        if book.is_none() && !self.script.writes.iter().any(opens) {
            return Err(IntakeError::NoBook { unit });
        }
        Ok(book.is_some())
    }

    /// Who the rows are about; none if the roster isn't about people.
    pub(crate) async fn recognise(
        &self,
        standing: &Snapshot,
        rows: &Rows,
        told: Option<Told>,
    ) -> Option<Result<Recognised, LedgerError>> {
        let recognition = Recognition {
            ledger: self.tables.ledger(),
            standing,
            pack: self.tables.pack(),
            contract: self.script.contract,
            people: self.script.people.as_ref()?,
            rows,
            voice: &self.voice,
            grant: &self.request.grant,
            on: self.request.on,
            told,
        };
        Some(recognition.run().await)
    }

    /// The records the rows speak of.
    pub(crate) async fn look_up(
        &self,
        standing: &Snapshot,
        rows: &Rows,
        recognised: Option<&Recognised>,
        has_book: bool,
    ) -> Result<Slots, LedgerError> {
        let scene = Scene {
            ledger: self.tables.ledger(),
            standing,
            script: self.script,
            rows,
            unit: self.request.unit,
            has_book,
            on: self.request.on,
            recognised,
        };
        scene.look_up().await
    }

    /// What became of each row, in memory. Rows are carried out in the order of what they say, so that the order in which they
    /// stand changes nothing.
    pub(crate) fn plan<'s>(
        &'s self,
        standing: &'s Snapshot,
        checked: &'s Checked,
        slots: Slots,
        recognised: Option<&'s Recognised>,
    ) -> (RowPlan<'s>, Vec<RowOutcome>, Vec<Note>) {
        let rows = &checked.rows;
        let setting = Setting {
            script: self.script,
            standing,
            rows,
            grant: &self.request.grant,
            voice: &self.voice,
            on: self.request.on,
            recognised,
        };
        let mut plan = RowPlan::new(setting, slots);
        let mut results: Vec<RowOutcome> = (rows.rows.iter())
            .map(|row| RowOutcome {
                sheet: row.sheet,
                row: row.number,
                verdict: Verdict::Unchanged,
            })
            .collect();
        let mut notes = Vec::new();
        let mut values = Vec::new();
        for at in rows.in_order() {
            let row = &rows.rows[at];
            rows.read(at, &mut values);
            let mut note = |finding| notes.push(checked.note(at, finding));
            let held = recognised.filter(|r| r.held(at)).map(|r| r.who[at]);
            results[at].verdict = match (row.state, held) {
                (State::Clean, Some(Who::Aside)) => {
                    note(Finding::Aside);
                    Verdict::Skipped
                }
                (State::Clean, Some(Who::Asked(kind))) => {
                    note(Finding::Asked(kind));
                    Verdict::Asked
                }
                (State::Clean, _) => match plan.row(at, &values) {
                    Ok((verdict, doubts)) => {
                        doubts.into_iter().for_each(note);
                        verdict
                    }
                    Err(finding) => {
                        note(finding);
                        Verdict::Rejected
                    }
                },
                (State::Rejected, _) => Verdict::Rejected,
                (State::Skipped, _) => Verdict::Skipped,
                (State::Repeated, _) => Verdict::Repeated,
            };
        }
        for (row, finding) in recognised.iter().flat_map(|r| &r.notes) {
            notes.push(checked.note(*row, finding.clone()));
        }
        (plan, results, notes)
    }

    /// Refuses the row by which the ledger found a circle, so that the rest can be taken.
    fn refuse(&self, checked: &mut Checked, at: usize) {
        let row = &mut checked.rows.rows[at];
        row.state = State::Rejected;
        checked.rows.notes.push(Note {
            sheet: checked.sheets[row.sheet].clone(),
            row: row.number,
            column: None,
            finding: Finding::Circle,
        });
    }
}

fn ledger_fault(path: &Path, error: LedgerError) -> IntakeError {
    IntakeError::Ledger {
        file: path.to_owned(),
        source: Box::new(error),
    }
}

fn outcome_of(path: &Path, checked: Checked, done: Done) -> FileOutcome {
    let order: BTreeMap<&str, usize> = checked
        .sheets
        .iter()
        .enumerate()
        .map(|(at, s)| (&**s, at))
        .collect();
    let mut notes = done.notes;
    notes.extend(checked.rows.notes);
    notes.sort_by_key(|n| (order.get(&*n.sheet).copied(), n.row));
    let unread = checked
        .headers
        .iter()
        .zip(&checked.workbook.sheets)
        .filter(|(tables, sheet)| tables.is_empty() && !sheet.is_empty())
        .map(|(_, sheet)| sheet.name.clone())
        .collect();
    FileOutcome {
        path: path.to_owned(),
        registers: done.registers,
        absent: done.absent,
        listed: done.listed,
        undated: done.undated,
        unread,
        layouts: (checked.headers.iter().flatten())
            .map(|header| header.layout.clone())
            .collect(),
        notes,
        results: done.results,
        receipt: done.receipt,
        workbook: checked.workbook,
        headers: checked.headers,
    }
}
