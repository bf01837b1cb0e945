//! Who is entitled to what. A sweep asks every condition of every programme of everyone on a date and answers *entitled*,
//! *not entitled* or *cannot tell, because these facts are missing*; the comparison with current enrolment gives the three
//! lists; one person's answers come with every condition and fact.
//!
//! The rules are SQL in the pack. This crate knows no benefit by name, holds no amount, and never writes to the ledger.

mod again;
mod amounts;
mod cases;
mod check;
mod compare;
mod error;
mod examine;
mod explain;
mod owed;
mod question;
mod sweep;
mod veil;

pub use again::{Again, Answers};
pub use amounts::{
    Amount, Days, Due, DueStep, LedgerDays, OfStep, OnDay, StepAmounts, Wanted, amounts,
    and_last_day, step_paid,
};
pub use cases::{CaseOutcome, run as run_cases, run_some as run_some_cases};
pub use check::check;
pub use compare::{AllLists, Listed, Lists, Standing, compare};
pub use error::ProgrammesError;
pub use explain::{ConditionAnswer, Desk, Explanation, FactValue};
pub use owed::{Settled, SettledStep, Settlement, Settlements, settlements};
pub use sweep::{Causes, Counts, NotInForce, Sweep, add_entitled, entitled_rows, sweep};
pub use veil::hidden_facts;
