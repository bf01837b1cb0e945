//! Why a page could not be shown. What may not be seen and what does not exist are the same trouble, so that nothing can be
//! learnt from the difference.

use axum::http::StatusCode;
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
            Self::Question(_) => StatusCode::BAD_REQUEST,
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
            failed => (
                words::FAILED.get(lang),
                failed.cause(lang),
                words::FAILED_DO.get(lang),
            ),
        }
    }

    fn cause(&self, lang: Lang) -> String {
        match self {
            Self::Ledger(error) => error.message(lang),
            Self::Tables(error) => error.message(lang),
            Self::Programmes(error) => error.message(lang),
            Self::Figures(error) => error.message(lang),
            Self::Absent | Self::Question(_) => String::new(),
        }
    }
}
