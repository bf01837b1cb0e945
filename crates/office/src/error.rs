//! Why something can't be shown or done. What may not be seen and what does not exist are the same, so that nothing can be learnt
//! from the difference.

use intake::{ActError, IntakeError, ReviewError};
use kernel::Lang;
use ledger::LedgerError;
use pack::NameFault;
use programmes::ProgrammesError;
use reports::indicator::FigureError;
use reports::list::ListError;
use tables::TablesError;

use crate::gaps::ReportGaps;
use crate::registers::QueryFault;
use crate::saved::SavedFault;

/// Why something can't be shown or done.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// There is no such thing, or not for this reader.
    #[error("there is no such thing")]
    Absent,
    /// Nobody says who is there, or they hold no post.
    #[error("nobody who holds a post has said to be at the desk")]
    Nobody,
    /// A unit is asked for by what no unit is called, or several are.
    #[error(transparent)]
    Name(Box<NameFault>),
    /// A list can't be asked for so.
    #[error(transparent)]
    Query(Box<QueryFault>),
    /// A list isn't saved.
    #[error(transparent)]
    Saved(Box<SavedFault>),
    /// A list can't be written as a file.
    #[error(transparent)]
    List(Box<ListError>),
    /// An answer isn't taken.
    #[error(transparent)]
    Review(Box<ReviewError>),
    /// An action isn't carried out.
    #[error(transparent)]
    Act(Box<ActError>),
    /// A list isn't taken in.
    #[error(transparent)]
    Intake(Box<IntakeError>),
    /// A commit isn't taken back.
    #[error(transparent)]
    Undo(Box<LedgerError>),
    /// Something of our own broke.
    #[error("{0}")]
    Broken(String),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(Box<LedgerError>),
    /// The tables could not be queried.
    #[error(transparent)]
    Tables(Box<TablesError>),
    /// The programmes could not be evaluated.
    #[error(transparent)]
    Programmes(Box<ProgrammesError>),
    /// A figure could not be counted.
    #[error(transparent)]
    Figures(Box<FigureError>),
    /// A report would state what isn't known.
    #[error("{}", .0.message(Lang::En))]
    Gaps(Box<ReportGaps>),
}

impl From<QueryFault> for OfficeError {
    fn from(fault: QueryFault) -> Self {
        Self::Query(Box::new(fault))
    }
}

impl From<NameFault> for OfficeError {
    fn from(fault: NameFault) -> Self {
        Self::Name(Box::new(fault))
    }
}

impl From<SavedFault> for OfficeError {
    fn from(fault: SavedFault) -> Self {
        Self::Saved(Box::new(fault))
    }
}

impl From<LedgerError> for OfficeError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(Box::new(error))
    }
}

impl From<ReviewError> for OfficeError {
    fn from(error: ReviewError) -> Self {
        Self::Review(Box::new(error))
    }
}

impl From<ActError> for OfficeError {
    fn from(error: ActError) -> Self {
        match error {
            // What isn't there and what may not be seen are the same.
            ActError::NoRecord { .. } | ActError::NoAction(_) => Self::Absent,
            error => Self::Act(Box::new(error)),
        }
    }
}

impl From<IntakeError> for OfficeError {
    fn from(error: IntakeError) -> Self {
        Self::Intake(Box::new(error))
    }
}

impl From<TablesError> for OfficeError {
    fn from(error: TablesError) -> Self {
        match error {
            TablesError::OutOfScope(_) | TablesError::NoBook(_) => Self::Absent,
            TablesError::NoPost { .. } => Self::Nobody,
            error => Self::Tables(Box::new(error)),
        }
    }
}

impl From<ProgrammesError> for OfficeError {
    fn from(error: ProgrammesError) -> Self {
        match error {
            ProgrammesError::Tables(error) => error.into(),
            ProgrammesError::UnknownProgramme { .. } => Self::Absent,
            error => Self::Programmes(Box::new(error)),
        }
    }
}

impl From<FigureError> for OfficeError {
    fn from(error: FigureError) -> Self {
        match error {
            FigureError::Tables(error) => error.into(),
            FigureError::Unknown { .. } => Self::Absent,
            error => Self::Figures(Box::new(error)),
        }
    }
}

impl OfficeError {
    /// What happened, where it isn't that there is nothing or nobody.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Self::Ledger(error) | Self::Undo(error) => error.message(lang),
            Self::Act(error) => error.message(lang),
            Self::Tables(error) => error.message(lang),
            Self::Programmes(error) => error.message(lang),
            Self::Figures(error) => error.message(lang),
            Self::Review(error) => error.message(lang),
            Self::Intake(error) => error.message(lang),
            Self::Name(fault) => fault.message(lang),
            Self::Query(fault) => fault.message(lang),
            Self::Saved(fault) => fault.message(lang),
            Self::List(error) => error.message(lang),
            Self::Broken(what) => what.clone(),
            Self::Gaps(gaps) => gaps.message(lang),
            Self::Absent | Self::Nobody => String::new(),
        }
    }
}
