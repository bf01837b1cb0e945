//! Why an action isn't carried out, in words for whoever filled it in: what is wrong, where, and what to do.

use kernel::{Lang, RecordId, UnitCode};
use ledger::LedgerError;
use tables::TablesError;

use super::{LONGEST_INPUT, MOST_ROWS};
use crate::fault::{FileFault, IntakeError, pick};

/// Why an action isn't carried out. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum ActError {
    /// The pack has no such action.
    NoAction(String),
    /// The action asks for nothing of this name.
    NoInput {
        /// The name.
        name: String,
        /// What it asks for.
        known: Vec<String>,
    },
    /// Something is too long.
    TooLong(String),
    /// An amount of money is given as a number, which doesn't say whether of yuan or fen.
    AmountAsNumber(String),
    /// No case at all, or too many at once.
    Rows(usize),
    /// A record that was picked isn't there on the day.
    NoRecord {
        /// The input.
        input: String,
        /// The record.
        record: RecordId,
    },
    /// The unit has no book.
    NoBook(UnitCode),
    /// All cases together breach what must hold.
    Whole(FileFault),
    /// The action can't work with the pack.
    Intake(#[from] IntakeError),
    /// What stands can't be worked out.
    Tables(#[from] TablesError),
    /// The ledger refuses.
    Ledger(#[from] LedgerError),
}

impl ActError {
    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::NoAction(id) => (
                format!("没有“{id}”这项办理，请核对"),
                format!("there is no action “{id}”; check its name"),
            ),
            Self::NoInput { name, known } => (
                format!("这项办理没有“{name}”；可以填：{}", known.join("、")),
                format!(
                    "this action asks for no “{name}”, but for: {}",
                    known.join(", ")
                ),
            ),
            Self::TooLong(name) => (
                format!("“{name}”过长，最多{LONGEST_INPUT}个字"),
                format!("“{name}” is too long; {LONGEST_INPUT} characters at most"),
            ),
            Self::AmountAsNumber(name) => (
                format!("“{name}”是金额，请写成以元为单位的文字，如“180.00”；数字分不清是元还是分"),
                format!(
                    "“{name}” is an amount: write it as text in yuan, such as “180.00”; a number doesn't say whether of yuan or fen"
                ),
            ),
            Self::Rows(0) => (
                "没有要办理的内容".to_owned(),
                "there is nothing to carry out".to_owned(),
            ),
            Self::Rows(rows) => (
                format!("一次最多办理{MOST_ROWS}条，现有{rows}条；更多请用名册导入"),
                format!("at most {MOST_ROWS} at once, not {rows}; import a list for more"),
            ),
            Self::NoRecord { input, record } => (
                format!("“{input}”所选的记录（{record}）当日不在册，请重新选择"),
                format!(
                    "the record picked for “{input}” ({record}) isn't there on that day; pick another"
                ),
            ),
            Self::NoBook(unit) => (
                format!("单位 {unit} 还没有建簿，请先导入单位名单或选择别的单位"),
                format!(
                    "{unit} has no book; import the list of units first, or choose another unit"
                ),
            ),
            Self::Whole(fault) => return fault.message(lang),
            Self::Intake(error) => return error.message(lang),
            Self::Tables(error) => return error.message(lang),
            Self::Ledger(error) => return error.message(lang),
        };
        pick(lang, zh, en)
    }
}
