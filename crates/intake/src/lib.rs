//! Intake: the lists departments send, as they send them, become entries of the ledger. A file is read whatever spreadsheet
//! program wrote it, its tables are found by the roster's words, columns whose heading says nothing by their values or by what
//! somebody said of them once, every cell is checked and put right where that is safe, every
//! row is matched by identity with what is known, and the changes are committed at once.
//!
//! It promises that every row ends as exactly one of opened, changed, closed, unchanged, repeated, skipped or rejected, with
//! the reason; that a file which can't be read leaves nothing; and that importing a file again changes nothing. It never
//! guesses who somebody is: records are matched by their identity only.
//!
//! A record whose list gives no start date is taken to hold since the birth of the person it is about, or, if it is about no
//! person, since the day of the import; [`FileOutcome::undated`] counts them.

mod clean;
mod draft;
mod fault;
mod finding;
mod header;
mod import;
mod known;
pub mod limits;
mod outcome;
mod packed;
mod plan;
mod question;
mod read_workbook;
mod remember;
mod review;
mod rows;
mod script;
pub mod sheet;
mod who;

pub use draft::Tally;
pub use fault::{FileFault, Foreign, IntakeError, UnclearHeader};
pub use finding::{Finding, Heading, Level, Note, Weighed};
pub use header::{By, Layout, LayoutColumn};
pub use import::{Progress, Request, Stage, import};
pub use outcome::{FileOutcome, Outcome, RowOutcome};
pub use plan::{Absence, Absent, Gone, Verdict};
pub use question::QuestionKind;
pub use read_workbook::{Merged, read_workbook};
pub use review::{Case, Decision, Known, Review, ReviewError, Seen, Side};
