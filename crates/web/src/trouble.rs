//! Why a page could not be shown. What may not be seen and what does not exist are the same trouble, so that nothing can be
//! learnt from the difference.

use axum::http::StatusCode;
use intake::{IntakeError, ReviewError};
use kernel::Lang;
use ledger::LedgerError;
use programmes::ProgrammesError;
use reports::indicator::FigureError;
use tables::TablesError;

use crate::words::{self, Words};

/// Why a page could not be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// There is no such thing, or not for this reader.
    #[error("there is no such page")]
    Absent,
    /// The address asks for something that cannot be asked.
    #[error("{}", .0.en)]
    Question(Words),
    /// What was sent can't be understood.
    #[error("{}", .0.en)]
    Form(Words),
    /// What was sent is too large for a page.
    #[error("the file is too large for a page")]
    TooLarge,
    /// The site only shows.
    #[error("the site only shows")]
    ReadOnly,
    /// Nobody has said who is at the desk.
    #[error("nobody has said who is at the desk")]
    Nobody,
    /// An answer isn't taken.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// A list isn't taken in.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// A commit isn't taken back.
    #[error(transparent)]
    Undo(LedgerError),
    /// Something of our own broke.
    #[error("{0}")]
    Broken(String),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The tables could not be queried.
    #[error(transparent)]
    Tables(TablesError),
    /// The programmes could not be evaluated.
    #[error(transparent)]
    Programmes(ProgrammesError),
    /// A figure could not be counted.
    #[error(transparent)]
    Figures(FigureError),
}

impl From<TablesError> for Trouble {
    fn from(error: TablesError) -> Self {
        match error {
            TablesError::OutOfScope(_) | TablesError::NoBook(_) => Self::Absent,
            error => Self::Tables(error),
        }
    }
}

impl From<ProgrammesError> for Trouble {
    fn from(error: ProgrammesError) -> Self {
        match error {
            ProgrammesError::Tables(error) => error.into(),
            ProgrammesError::UnknownProgramme { .. } => Self::Absent,
            error => Self::Programmes(error),
        }
    }
}

impl From<FigureError> for Trouble {
    fn from(error: FigureError) -> Self {
        match error {
            FigureError::Tables(error) => error.into(),
            FigureError::Unknown { .. } => Self::Absent,
            error => Self::Figures(error),
        }
    }
}

impl Trouble {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Absent => StatusCode::NOT_FOUND,
            Self::Question(_) | Self::Form(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ReadOnly | Self::Nobody => StatusCode::FORBIDDEN,
            Self::Review(ReviewError::NoQuestion(_)) => StatusCode::NOT_FOUND,
            Self::Review(_) | Self::Undo(_) => StatusCode::CONFLICT,
            Self::Intake(_) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Heading, what happened, and what to do.
    pub fn told(&self, lang: Lang) -> (&'static str, String, &'static str) {
        match self {
            Self::Absent => (
                words::ABSENT.get(lang),
                words::ABSENT_WHAT.get(lang).to_owned(),
                words::ABSENT_DO.get(lang),
            ),
            Self::Question(what) => (
                words::QUESTION.get(lang),
                what.get(lang).to_owned(),
                words::QUESTION_DO.get(lang),
            ),
            Self::ReadOnly => (
                words::READ_ONLY.get(lang),
                words::READ_ONLY_WHAT.get(lang).to_owned(),
                words::READ_ONLY_DO.get(lang),
            ),
            Self::Nobody => (
                words::NOBODY.get(lang),
                words::NOBODY_WHAT.get(lang).to_owned(),
                words::NOBODY_DO.get(lang),
            ),
            Self::Form(_) | Self::TooLarge | Self::Review(_) | Self::Intake(_) | Self::Undo(_) => (
                words::NOT_DONE.get(lang),
                self.cause(lang),
                words::NOT_DONE_DO.get(lang),
            ),
            failed => (
                words::FAILED.get(lang),
                failed.cause(lang),
                words::FAILED_DO.get(lang),
            ),
        }
    }

    /// Where to go on from here, when it isn't a search: address and words.
    pub fn back(&self) -> Option<(&'static str, Words)> {
        match self {
            Self::Nobody => Some(("/desk", words::DESK)),
            Self::Review(_) => Some(("/review", words::TO_QUEUE)),
            Self::Undo(_) => Some(("/imports", words::TO_JOURNAL)),
            Self::Intake(_) | Self::Form(_) | Self::TooLarge => {
                Some(("/imports/new", words::IMPORT_A_LIST))
            }
            _ => None,
        }
    }

    fn cause(&self, lang: Lang) -> String {
        match self {
            Self::Ledger(error) => error.message(lang),
            Self::Tables(error) => error.message(lang),
            Self::Programmes(error) => error.message(lang),
            Self::Figures(error) => error.message(lang),
            Self::Review(error) => error.message(lang),
            Self::Intake(error) => error.message(lang),
            Self::Undo(error) => error.message(lang),
            Self::Form(what) => what.get(lang).to_owned(),
            Self::TooLarge => words::too_large(lang),
            Self::Broken(what) => what.clone(),
            Self::Absent | Self::Question(_) | Self::ReadOnly | Self::Nobody => String::new(),
        }
    }
}
