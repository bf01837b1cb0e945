//! One import from beginning to end: read, find headers, clean, match, commit, tell. Each file is one commit: a file that
//! can't be read leaves nothing, a row that can't be taken leaves nothing of itself, and importing a file again changes nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use kernel::{RecordId, UnitCode};
use ledger::{Commit, Ledger, LedgerError, Receipt};
use pack::{Pack, Roster};
use sha2::{Digest, Sha256};

use crate::fault::{FileFault, IntakeError};
use crate::finding::{Finding, Note};
use crate::header::{Header, Said, Words};
use crate::hex::hex;
use crate::known::{Known, Scene};
use crate::limits;
use crate::outcome::{FileOutcome, Outcome, RowOutcome};
use crate::plan::{Absence, Absent, Plan, Verdict, Word};
use crate::read_workbook::{Merged, read_workbook};
use crate::remember::Remembered;
use crate::rows::{Frame, Rows, State};
use crate::script::{PERSON, Script, roster};
use crate::sheet::Workbook;
use crate::who::{Recognised, Recognition, Told, Who};

mod conclude;
mod request;

pub use request::{Progress, Request, RosterFile, Stage};

/// How many rows the ledger may refuse one by one before the file is given up.
const MOST_REFUSALS: usize = 100;

/// Imports files. A file that is refused leaves nothing, and those after it are not read; those before it stay imported, and the
/// outcome has them and why it stopped. It is an error if there are none before it.
pub async fn import(
    ledger: &Ledger,
    pack: &Pack,
    request: &Request,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Outcome, IntakeError> {
    if !request.grant.sees(&request.unit) {
        return Err(IntakeError::NotGranted { unit: request.unit });
    }
    if request.absence == Absence::Left && request.files.len() > 1 {
        return Err(IntakeError::WholeInParts);
    }
    let roster = roster(pack, &request.roster)?;
    let script = Script::new(pack, &roster)?;
    let run = Run {
        ledger,
        pack,
        request,
        roster: &roster,
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

pub(crate) struct Run<'a> {
    pub ledger: &'a Ledger,
    pub pack: &'a Pack,
    pub request: &'a Request,
    pub roster: &'a Roster,
    pub script: &'a Script<'a>,
}

/// A file, read and cleaned.
pub(crate) struct Checked {
    workbook: Workbook,
    pub headers: Vec<Vec<Header>>,
    pub sheets: Vec<Arc<str>>,
    pub rows: Rows,
    digest: String,
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
        let ledger_fault = |source| IntakeError::Ledger {
            file: path.to_owned(),
            source: Box::new(source),
        };
        tell(Stage::Reading, 0);
        let words = Words::new(self.roster, &self.pack.codes);
        let (workbook, digest) = self.read(source, &words).map_err(refused)?;
        let remembered = self.remembered(&words, &workbook).await;
        let remembered = remembered.map_err(ledger_fault)?;
        let checked = self.check((workbook, digest), &words, &remembered, tell);
        let mut checked = checked.map_err(refused)?;
        let rows = checked.rows.rows.len();
        tell(Stage::Matching, rows);
        let book = self.book(path).await?;
        let recognised = match self.recognise(&checked.rows, None).await {
            Some(recognised) => Some(recognised.map_err(ledger_fault)?),
            None => None,
        };
        for _ in 0..MOST_REFUSALS {
            let known = self
                .look_up(&checked.rows, recognised.as_ref(), book.is_some())
                .await;
            let known = known.map_err(ledger_fault)?;
            let (mut plan, results, mut notes) = self.plan(&checked, known, recognised.as_ref());
            let absent = self.conclude(path, &checked, &results, &mut plan).await;
            let absent = absent.map_err(ledger_fault)?;
            let learnt = self.remember(&checked, &mut plan).await;
            learnt.map_err(ledger_fault)?;
            tell(Stage::Writing, rows);
            let seq = book.as_ref().map_or(0, |b| b.seq);
            let receipt = match self.write(path, &checked.digest, seq, &plan).await {
                Ok(receipt) => receipt,
                Err(LedgerError::Circle { at, .. }) if at < plan.rows.len() => {
                    self.refuse(&mut checked, plan.rows[at]);
                    continue;
                }
                Err(source) => return Err(ledger_fault(source)),
            };
            let (tallies, undated) = (plan.tallies(), plan.undated);
            notes.append(&mut checked.rows.notes);
            tell(Stage::Done, rows);
            return Ok(FileOutcome {
                absent,
                ..outcome_of(path, checked, results, notes, tallies, undated, receipt)
            });
        }
        Err(refused(FileFault::TooManyCircles))
    }

    /// Reads a file; with it comes the digest of what is asked and of its bytes.
    fn read(
        &self,
        source: &RosterFile,
        words: &Words<'_>,
    ) -> Result<(Workbook, String), FileFault> {
        self.columns_exist()?;
        let read;
        let bytes = match &source.sent {
            Some(sent) => sent.as_slice(),
            None => {
                read = read_file(&source.path)?;
                &read
            }
        };
        let merged = if words.has_groups() {
            Merged::Read
        } else {
            Merged::InShortSheets
        };
        let workbook = read_workbook(bytes, merged)?;
        let mut digest = Sha256::new();
        for part in [
            &self.request.roster,
            &self.request.unit.to_string(),
            &self.request.on.to_string(),
        ] {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
        for part in self.request.told.iter().flat_map(|(word, id)| [word, id]) {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
        digest.update(bytes);
        Ok((workbook, hex(&digest.finalize())))
    }

    /// Finds the tables and cleans their rows. Nothing here touches the ledger.
    fn check(
        &self,
        (workbook, digest): (Workbook, String),
        words: &Words<'_>,
        remembered: &Remembered,
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
        for (at, tables) in headers.iter().enumerate() {
            for header in tables {
                let sheet = (at, &workbook.sheets[at]);
                let mut frame = Frame::new(
                    self.pack,
                    self.roster,
                    sheet,
                    sheets[at].clone(),
                    header,
                    self.request.on,
                );
                frame.birth = self.script.people.as_ref().and_then(|people| people.birth);
                frame.clean_into(&mut rows);
            }
        }
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
            return Err(FileFault::Empty);
        }
        let said = Said {
            told: &self.request.told,
            remembered,
        };
        let headers = (workbook.sheets.iter())
            .map(|sheet| words.tables(sheet, said))
            .collect::<Result<Vec<_>, _>>()?;
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
                sheets: workbook.sheets.iter().map(|s| s.name.clone()).collect(),
            });
        }
        self.all_told(&headers)?;
        Ok(headers)
    }

    /// The book of the unit. Only a list that opens books may do without.
    async fn book(&self, path: &Path) -> Result<Option<ledger::Book>, IntakeError> {
        let unit = self.request.unit;
        let book = self
            .ledger
            .book(unit)
            .await
            .map_err(|source| IntakeError::Ledger {
                file: path.to_owned(),
                source: Box::new(source),
            })?;
        let opens = self
            .script
            .writes
            .iter()
            .any(|step| step.opens_book.is_some());
        if book.is_none() && !opens {
            return Err(IntakeError::NoBook { unit });
        }
        Ok(book)
    }

    /// Who the rows are about; none if the roster isn't about people.
    pub(crate) async fn recognise(
        &self,
        rows: &Rows,
        told: Option<&Told>,
    ) -> Option<Result<Recognised, LedgerError>> {
        let people = self.script.people.as_ref()?;
        let person = self.pack.register(PERSON)?;
        let unit = self.request.unit;
        let books = match self.ledger.books().await {
            Ok(books) => books,
            Err(error) => return Some(Err(error)),
        };
        let recognition = Recognition {
            ledger: self.ledger,
            people,
            person,
            rows,
            unit,
            books: books
                .iter()
                .map(|b| b.unit)
                .filter(|book| unit.contains(book))
                .collect(),
            on: self.request.on,
            told,
        };
        Some(recognition.run().await)
    }

    /// The records the rows speak of.
    pub(crate) async fn look_up(
        &self,
        rows: &Rows,
        recognised: Option<&Recognised>,
        has_book: bool,
    ) -> Result<Known, LedgerError> {
        let scene = Scene {
            ledger: self.ledger,
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
        checked: &Checked,
        known: Known,
        recognised: Option<&'s Recognised>,
    ) -> (Plan<'s>, Vec<RowOutcome>, Vec<Note>) {
        let rows = &checked.rows;
        let people = self.script.people.as_ref().zip(recognised);
        let mut plan = Plan::new(
            self.script,
            known,
            self.request.unit,
            self.request.on,
            &self.request.grant,
            people.map(|(people, recognised)| Word::new(self.pack, people, recognised)),
        );
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
                (State::Clean, _) => match plan.row(at, row.number, &values) {
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

    async fn write(
        &self,
        path: &Path,
        digest: &str,
        seq: i64,
        plan: &Plan<'_>,
    ) -> Result<Option<Receipt>, LedgerError> {
        if self.request.dry_run || plan.marks.is_empty() {
            return Ok(None);
        }
        // The same file over another state of the book is another commit: rows refused before may pass now.
        let key = format!("import:{digest}@{seq}");
        let source = format!("{} {}", self.request.roster, name_of(path));
        self.commit(key, source, plan).await.map(Some)
    }

    /// Writes what a plan does.
    pub(crate) async fn commit(
        &self,
        key: String,
        source: String,
        plan: &Plan<'_>,
    ) -> Result<Receipt, LedgerError> {
        let opens_books = self
            .script
            .writes
            .iter()
            .any(|step| step.opens_book.is_some());
        let mut next: BTreeMap<UnitCode, RecordId> = BTreeMap::new();
        for unit in plan.books() {
            if opens_books {
                self.ledger
                    .open_book(unit, self.request.recorded_at, &self.request.grant)
                    .await?;
            }
            next.insert(unit, self.ledger.next_ids(unit).await?);
        }
        let commit = Commit {
            key,
            actor: self.request.actor.clone(),
            source,
            recorded_at: self.request.recorded_at,
            grant: self.request.grant.clone(),
            entries: plan.drafts(next),
        };
        self.ledger.commit(commit).await
    }
}

/// The name of a file, as far as it is kept.
fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.chars().take(200).collect()
}

impl Checked {
    /// Rows that came from no file.
    pub(crate) fn of(rows: Rows) -> Checked {
        Checked {
            workbook: Workbook { sheets: Vec::new() },
            headers: Vec::new(),
            sheets: vec![Arc::from("")],
            rows,
            digest: String::new(),
        }
    }

    /// A note on a row.
    fn note(&self, at: usize, finding: Finding) -> Note {
        let row = &self.rows.rows[at];
        Note {
            sheet: self.sheets[row.sheet].clone(),
            row: row.number,
            column: None,
            finding,
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, FileFault> {
    let unreadable = |e: std::io::Error| FileFault::Unreadable {
        detail: e.to_string(),
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > limits::FILE {
        return Err(FileFault::TooLarge { bytes: size });
    }
    std::fs::read(path).map_err(unreadable)
}

fn outcome_of(
    path: &Path,
    checked: Checked,
    results: Vec<RowOutcome>,
    mut notes: Vec<Note>,
    registers: BTreeMap<String, crate::draft::Tally>,
    undated: usize,
    receipt: Option<Receipt>,
) -> FileOutcome {
    let order: BTreeMap<&str, usize> = checked
        .sheets
        .iter()
        .enumerate()
        .map(|(at, s)| (&**s, at))
        .collect();
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
        registers,
        absent: Absent::default(),
        undated,
        unread,
        layouts: (checked.headers.iter().flatten())
            .map(|header| header.layout.clone())
            .collect(),
        notes,
        results,
        receipt,
        workbook: checked.workbook,
        headers: checked.headers,
    }
}
