//! Files somebody is about to import: kept in memory for a short time under a name nobody can guess, so that what was tried is
//! what is written, byte for byte. A file never lies on disk.

use std::collections::BTreeMap;
use std::mem::discriminant;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use intake::{
    Absence, FileFault, Finding, IntakeError, Kept, Layout, Level, Note, Outcome, Request,
    RosterFile, Tally,
};
use jiff::civil::Date;
use kernel::rights::holder;
use kernel::{Grant, Lang, Sensitivity, UnitCode};
use pack::Text;

use crate::error::OfficeError;
use crate::office::Office;
use crate::view::View;

/// The largest file, in bytes. The command line takes larger ones.
pub const LARGEST: usize = 64 << 20;
/// How many files are kept, and how long.
const MOST: usize = 4;
/// How many attempts at one file are kept.
const ATTEMPTS: usize = 3;
const KEPT: Duration = Duration::from_secs(30 * 60);
/// How many findings, and how many people who leave, are shown.
pub const MOST_SHOWN: usize = 200;
/// The longest name of a file, in bytes.
const LONGEST_NAME: usize = 180;

/// The files kept for a site.
#[derive(Default)]
pub(crate) struct Uploads {
    kept: Mutex<Vec<Arc<Upload>>>,
}

/// What is to be imported, as the form says it.
#[derive(Clone, Debug)]
pub struct UploadForm {
    /// The roster.
    pub roster: String,
    /// The unit.
    pub unit: UnitCode,
    /// The day of the list.
    pub on: Date,
    /// What becomes of people who are not on it.
    pub absence: Absence,
    /// The name of the file.
    pub name: String,
    /// The file.
    pub bytes: Arc<Vec<u8>>,
    /// What was said of its headings: a column of the roster, or `-` to leave one out.
    pub told: BTreeMap<String, String>,
}

/// A file that was tried.
pub struct Upload {
    /// The name it is found by.
    pub id: String,
    /// Who tried it.
    by: String,
    /// What was asked.
    pub wish: UploadForm,
    /// What it came to, or why it can't be taken in unless more is said of its headings.
    pub tried: Result<Tried, Box<FileFault>>,
    /// What it came to when it was written. Only one may write at a time.
    pub written: tokio::sync::Mutex<Option<Arc<Summary>>>,
    since: Instant,
}

/// What a file came to when it was tried.
pub struct Tried {
    /// What would happen.
    pub summary: Summary,
    /// Every row with its result, as a spreadsheet.
    pub workbook: Vec<u8>,
}

/// What an import does, as far as a page shows it.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// The roster's name.
    pub roster: Text,
    /// Rows that are records.
    pub rows: usize,
    /// Rows that opened records.
    pub opened: usize,
    /// Rows that changed records.
    pub changed: usize,
    /// Rows that ended records.
    pub closed: usize,
    /// Rows that say what was said.
    pub unchanged: usize,
    /// Rows that stand twice.
    pub repeated: usize,
    /// Rows that became questions.
    pub asked: usize,
    /// Rows that were refused.
    pub rejected: usize,
    /// People new on the list, no longer on it, and of whom it says something else.
    pub listed: Tally,
    /// The names of people who leave.
    pub gone: Vec<String>,
    /// How many people leave.
    pub left: usize,
    /// People left as they are.
    pub kept: usize,
    /// Why.
    pub why_kept: Kept,
    /// People the ledger didn't know.
    pub people: usize,
    /// What happens to records, by register.
    pub registers: Vec<(String, Tally)>,
    /// How the columns of each table were understood.
    pub layouts: Vec<Layout>,
    /// Sheets that weren't read.
    pub unread: Vec<String>,
    /// Each kind of finding: how often, and the first.
    pub kinds: Vec<(usize, Note)>,
    /// The findings that matter most.
    pub notes: Vec<Note>,
    /// How many findings there are.
    pub found: usize,
    /// The commit, if anything was written.
    pub commit: Option<i64>,
}

impl Uploads {
    /// A file that is still kept.
    fn get(&self, id: &str) -> Option<Arc<Upload>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|upload| upload.since.elapsed() < KEPT);
        kept.iter().find(|upload| upload.id == id).cloned()
    }

    /// Keeps an attempt: of each file the last ones, and of the files those that came last.
    fn keep(&self, upload: Upload) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|upload| upload.since.elapsed() < KEPT);
        kept.push(Arc::new(upload));
        let mut files: Vec<(Arc<Vec<u8>>, usize)> = Vec::new();
        let mut stays = Vec::with_capacity(kept.len());
        for upload in kept.iter().rev() {
            let bytes = &upload.wish.bytes;
            let known = files.iter_mut().find(|(file, _)| Arc::ptr_eq(file, bytes));
            stays.push(match known {
                Some((_, attempts)) => {
                    *attempts += 1;
                    *attempts <= ATTEMPTS
                }
                None => {
                    files.push((bytes.clone(), 1));
                    files.len() <= MOST
                }
            });
        }
        kept.retain(|_| stays.pop().unwrap_or_default());
    }
}

impl View {
    /// Tries an import: everything is worked out, nothing is written. The name under which it is kept.
    ///
    /// # Errors
    /// The list isn't taken in, or the ledger can't be read.
    pub async fn attempt(&self, wish: UploadForm, lang: Lang) -> Result<String, OfficeError> {
        let office = &self.office;
        let grant = Grant::clone(self.writer()?);
        let outcome = run(office, &wish, grant.clone(), true, lang).await?;
        let tried = match outcome {
            Ok(outcome) => Ok(Tried {
                summary: Summary::of(&outcome, &grant, &office.contract.people.register.id),
                workbook: outcome.workbook()?,
            }),
            Err(IntakeError::File { fault, .. }) if can_be_told(&fault, &wish) => Err(fault),
            Err(error) => return Err(error.into()),
        };
        let id = name_nobody_guesses()?;
        office.uploads.keep(Upload {
            id: id.clone(),
            by: holder(&grant.who),
            wish,
            tried,
            written: tokio::sync::Mutex::default(),
            since: Instant::now(),
        });
        Ok(id)
    }

    /// A file that this person tried and that is still kept.
    #[must_use]
    pub fn upload(&self, id: &str) -> Option<Arc<Upload>> {
        let own = |upload: &Arc<Upload>| upload.by == holder(self.who());
        self.office.uploads.get(id).filter(own)
    }

    /// Writes what was tried; once, however often it is asked.
    ///
    /// # Errors
    /// The list isn't taken in, or the ledger refuses.
    pub async fn write(&self, upload: &Upload, lang: Lang) -> Result<(), OfficeError> {
        let grant = Grant::clone(self.writer()?);
        let mut written = upload.written.lock().await;
        if written.is_none() {
            let outcome = run(&self.office, &upload.wish, grant.clone(), false, lang).await?;
            let people = &self.office.contract.people.register.id;
            *written = Some(Arc::new(Summary::of(&outcome?, &grant, people)));
        }
        Ok(())
    }

    /// The units into whose books a list may go.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn books(&self) -> Result<Vec<UnitCode>, OfficeError> {
        let books = self.office.tables.ledger().books().await?.into_iter();
        let books = books.map(|book| book.unit);
        Ok(books.filter(|unit| self.grant.writes(None, unit)).collect())
    }
}

/// Whether a file that isn't taken in may be when something else is said of its headings.
fn can_be_told(fault: &FileFault, wish: &UploadForm) -> bool {
    matches!(fault, FileFault::Header(_)) || !wish.told.is_empty()
}

/// A name of 24 random bytes.
fn name_nobody_guesses() -> Result<String, OfficeError> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|error| OfficeError::Broken(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Runs an import. It goes on to its end even if whoever asked for it goes away.
async fn run(
    office: &Office,
    wish: &UploadForm,
    grant: Grant,
    dry_run: bool,
    lang: Lang,
) -> Result<Result<Outcome, IntakeError>, OfficeError> {
    let file = RosterFile {
        path: PathBuf::from(&wish.name),
        sent: Some(wish.bytes.clone()),
    };
    let request = Request {
        roster: wish.roster.clone(),
        unit: wish.unit,
        files: vec![file],
        on: wish.on,
        recorded_at: (office.clock)(),
        grant,
        dry_run,
        absence: wish.absence,
        told: wish.told.clone(),
        lang,
    };
    let tables = office.tables.clone();
    let here = tokio::runtime::Handle::current();
    let worked = tokio::task::spawn_blocking(move || {
        here.block_on(intake::import(&tables, &request, &mut |_| ()))
    });
    worked
        .await
        .map_err(|error| OfficeError::Broken(error.to_string()))
}

/// The name of a file without the folders some browsers send along, and short enough for every disk.
pub fn file_name(sent: &str) -> Option<String> {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let name: String = name.chars().filter(|ch| !ch.is_control()).collect();
    if name.is_empty() || name.chars().all(|ch| ch == '.') {
        return None;
    }
    let fits = |at: &usize| name.is_char_boundary(*at);
    let start = (name.len().saturating_sub(LONGEST_NAME)..name.len()).find(fits)?;
    Some(name[start..].to_owned())
}

impl Summary {
    /// An outcome as the grant shows it; `people` is the register of people.
    fn of(outcome: &Outcome, grant: &Grant, people: &str) -> Self {
        let Some(file) = outcome.files.first() else {
            return Self::default();
        };
        let gone = file.absent.left.iter().take(MOST_SHOWN);
        let gone = gone.map(|gone| grant.show(Sensitivity::Name, &gone.name));
        let (kinds, notes) = sorted(&file.notes);
        Self {
            roster: outcome.roster.clone(),
            rows: file.rows(),
            opened: file.opened(),
            changed: file.changed(),
            closed: file.closed(),
            unchanged: file.unchanged(),
            repeated: file.repeated(),
            asked: file.asked(),
            rejected: file.rejected(),
            listed: file.listed(),
            gone: gone.collect(),
            left: file.absent.left.len(),
            kept: file.absent.kept,
            why_kept: file.absent.why,
            people: (file.registers.get(people)).map_or(0, |tally| tally.opened),
            registers: (file.registers.iter())
                .map(|(id, tally)| (id.clone(), *tally))
                .collect(),
            layouts: file.layouts.clone(),
            unread: file.unread.clone(),
            kinds,
            found: file.notes.len(),
            notes,
            commit: file.receipt.as_ref().map(|receipt| receipt.commit),
        }
    }
}

/// The kinds of findings, and the findings themselves, what matters most first.
fn sorted(notes: &[Note]) -> (Vec<(usize, Note)>, Vec<Note>) {
    let mut kinds: Vec<(usize, Note)> = Vec::new();
    for note in notes {
        match kinds.iter_mut().find(|(_, first)| is_alike(first, note)) {
            Some((count, _)) => *count += 1,
            None => kinds.push((1, note.clone())),
        }
    }
    kinds.sort_by_key(|(count, note)| (matters(&note.finding), std::cmp::Reverse(*count)));
    let mut order: Vec<&Note> = notes.iter().collect();
    order.sort_by_key(|note| matters(&note.finding));
    let notes = order.into_iter().take(MOST_SHOWN).cloned().collect();
    (kinds, notes)
}

/// Whether two findings are of one kind: the same is said of the same column or field.
fn is_alike(one: &Note, other: &Note) -> bool {
    let kind = |finding: &Finding| {
        let told = match finding {
            Finding::Cell(told) => Some(discriminant(told)),
            Finding::LeftOut(told) | Finding::KeptAsRead(told) => Some(discriminant(&**told)),
            _ => None,
        };
        (discriminant(finding), told)
    };
    kind(&one.finding) == kind(&other.finding) && about(one) == about(other)
}

/// The column or field a finding speaks of, and whose word stands against it.
fn about(note: &Note) -> (Option<&Text>, Option<&Text>) {
    match &note.finding {
        Finding::Yields { field, source }
        | Finding::Outranks { field, source }
        | Finding::Stale { field, source, .. } => (Some(field), Some(source)),
        Finding::Differs { field, .. }
        | Finding::Disagrees { field, .. }
        | Finding::FieldMissing { field } => (Some(field), None),
        _ => (note.column.as_ref().map(|column| &column.name), None),
    }
}

fn matters(finding: &Finding) -> u8 {
    match finding.level() {
        Level::Rejected => 0,
        Level::Asked => 1,
        Level::Doubt => 2,
        Level::Repeated => 3,
        Level::Skipped => 4,
        Level::Repaired => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_of_files_stay_in_their_folder() {
        let name = |sent: &str| file_name(sent);
        assert_eq!(name("名册.xlsx").as_deref(), Some("名册.xlsx"));
        assert_eq!(name("C:\\lists\\a.csv").as_deref(), Some("a.csv"));
        assert_eq!(name("../../etc/a.csv").as_deref(), Some("a.csv"));
        for none in ["", "..", ".", "/", "a/..", "\u{0}"] {
            assert_eq!(name(none), None, "{none:?}");
        }
        let long = name(&format!("{}.xlsx", "册".repeat(200)));
        assert!(long.is_some_and(|name| name.len() <= 180 && name.ends_with("册.xlsx")));
    }
}
