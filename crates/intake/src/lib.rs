//! Intake: the lists departments send, as they send them, become entries of the ledger. A file is read whatever spreadsheet
//! program wrote it; its tables are found by the roster's words, by what stands in their columns, or by what somebody said of that
//! layout once; every cell is checked and put right where that is safe; rows are recognised, by number or by all they say; and
//! what they change is committed at once. What is likely but not certain becomes a question, and [`Review`] takes the answer.
//!
//! It promises that every row ends as exactly one of opened, changed, closed, unchanged, asked, repeated, skipped or rejected,
//! with the reason; that a file which can't be read leaves nothing; that importing a file again changes nothing; and that the
//! order of rows and columns changes nothing either. Who somebody is, it never guesses.
//!
//! What a list says is kept as its word, whole and in a series: it never overwrites what others say, and which word stands is
//! worked out by the tables. A record whose list gives no start date holds from the day of the list; [`FileOutcome::undated`]
//! counts them.

mod absence;
mod act;
mod amend;
mod arrivals;
mod as_read;
mod changes;
mod checks;
mod claims;
mod clean;
mod fault;
mod finding;
mod header;
mod hex;
mod holder;
mod import;
pub mod limits;
mod list_words;
mod outcome;
mod packed;
mod plan;
mod posts;
mod question;
mod read_workbook;
mod remember;
mod review;
mod rows;
mod said;
mod script;
pub mod sheet;
mod slots;
mod who;

pub use absence::{Absence, Absent, Gone, Kept};
pub use act::{
    ActError, ActRequest, ActRow, Acted, ActedRow, LONGEST_INPUT, MOST_ROWS, PlannedField,
    PlannedRecord, PlannedValue, PlannedWord, ToldBy, act, preview,
};
pub use amend::{Amend, AmendRequest, amend};
pub use fault::{FileFault, Foreign, IntakeError, UnclearHeader};
pub use finding::{Finding, Heading, Level, Note, QuestionKind, Weighed};
pub use header::{By, Layout, LayoutColumn};
pub use import::{Progress, Request, RosterFile, Stage, import};
pub use outcome::{FileOutcome, Outcome, RowOutcome};
pub use plan::{Tally, Verdict};
pub use posts::{Appointment, PostError, appoint, dismiss, found};
pub use question::questions_waiting;
pub use read_workbook::{Merged, read_workbook};
pub use review::{
    Case, Decision, Differing, First, Known, ReadAs, Review, ReviewError, SaidValue, Seen, Side,
    Unreadable, ValuePlace, WaitingQuestion,
};
