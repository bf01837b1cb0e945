//! What a person at work sees and does. A [`View`] is one person's: everything read through it is filtered by their posts, masked as
//! these say, and stands in the access log before it is read. It is the one layer under the pages.
//!
//! It never hands out a ledger, tables, a snapshot or a session: whoever holds a view can't read past it. What is kept for all readers is
//! worked out unmasked in here, and filtered and masked on its way out.

mod actions;
mod around;
mod breakdown;
mod completeness;
mod doubts;
mod effects;
mod error;
mod figures;
mod files;
mod find;
pub mod gaps;
mod history;
mod journal;
mod kept;
mod lists;
mod names;
mod offered;
mod office;
mod owed;
mod proposed;
mod questions;
mod reaching;
mod registers;
mod row;
mod said_for;
mod saved;
pub mod shown;
mod uploads;
mod view;
mod waits;
mod words;
mod work;

pub use actions::{ActForm, Pick, RowInput, SeenAct};
pub use around::Around;
pub use breakdown::{Breakdown, Broken, BrokenRow, RowOf, group_name};
pub use completeness::{
    Completeness, CompletenessAsked, LastSent, ListStanding, ListState, PartOf, PartOfWhole, Rates,
    Reminder, SENDERS, blank_list, blank_name,
};
pub use doubts::SeenDoubt;
pub use effects::Effect;
pub use error::OfficeError;
pub use figures::{Behind, Board, FigureSheet, SeenLine, SeenRows, splits};
pub use find::{Among, FoundBy, Hit, Hits, LONGEST_ASKED, Leads, Meant, NearTo, has_in_it};
pub use gaps::{Gaps, ListsToGet, ReportGaps};
pub use history::ToldEntry;
pub use journal::Counted;
pub use kept::{AnswersOn, Standings};
pub use lists::{
    AskedOf, Kin, ListAsked, ListPage, ListRow, ListedPerson, Reason, SeenFollowUp, StatusAsked,
    building, names_programmes,
};
pub use names::{Unit, UnitNames};
pub use office::{Office, Worker};
pub use owed::{MonthBefore, OwedAsked, OwedRow, OwedSheet, OwedSum};
pub use proposed::Proposed;
pub use registers::{
    FieldFilter, FieldOffer, QueryFault, RecordFound, RecordPage, RecordQuery, RecordStream,
    Referring, RegisterGroup, SeenRecord, SeenTitle, Sought,
};
pub use row::{SeenCell, SeenRow};
pub use saved::{LONGEST_NAME, MOST_SAVED, SavedFault, SavedList, saved_part};
pub use uploads::{LARGEST, MOST_SHOWN, Summary, Tried, Upload, UploadForm, file_name};
pub use view::{Opens, View};
pub use waits::{WaitingForLists, Waits};
pub use words::{SeenChange, SeenWord};
pub use work::{Begun, DayWork, LastList, OnLists, WorkCounts};

pub use intake::{
    Absence, ActError, ActRow, ActedRow, Amend, AmendRequest, By, Case, Decision, Differing,
    FileFault, Finding, First, IntakeError, Kept as KeptBack, Known, Layout, LayoutColumn, Level,
    Note, QuestionKind, ReadAs, ReviewError, SaidValue, Seen, Side, Tally, ToldBy, UnclearHeader,
    Unreadable, ValuePlace, Verdict, WaitingQuestion, Weighed,
};
pub use ledger::{AccessRecord, CommitInfo, Entry, LedgerError, Say, SayId, Source};
pub use linkage::Likeness;
pub use programmes::{
    Amount, ConditionAnswer, Explanation, Listed, Settled, SettledStep, Standing, step_paid,
};
pub use reports::chart;
pub use reports::cube::{InGroup, UNSAID, groups};
pub use reports::indicator::{Exact, Figure, FigureError};
pub use reports::known::Unknown;
pub use reports::list::{
    Kind as ListKind, ListCell, ListColumn, ListError, ListFile, ListSheet, ListWriter,
};
pub use reports::series::{GROWTH_DECIMALS, Growth, average_growth, growth};
pub use reports::work_report::{Imprint, scaled};
pub use tables::{Doubt, Doubts, MOST_DOUBTS, Page as Part, Rows, schema};
