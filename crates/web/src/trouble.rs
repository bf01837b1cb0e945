//! Why a page could not be shown. What may not be seen and what does not exist are the same trouble, so that nothing can be
//! learnt from the difference.

use axum::http::StatusCode;
use kernel::Lang;
use office::{OfficeError, ReviewError};

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
    /// Something can't be shown or done.
    #[error(transparent)]
    Office(OfficeError),
}

impl From<OfficeError> for Trouble {
    fn from(error: OfficeError) -> Self {
        match error {
            OfficeError::Absent => Self::Absent,
            OfficeError::Nobody => Self::Nobody,
            error => Self::Office(error),
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
            Self::Office(OfficeError::Review(error))
                if matches!(**error, ReviewError::NoQuestion(_)) =>
            {
                StatusCode::NOT_FOUND
            }
            Self::Office(OfficeError::Review(_) | OfficeError::Undo(_)) => StatusCode::CONFLICT,
            Self::Office(OfficeError::Intake(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Office(_) => StatusCode::INTERNAL_SERVER_ERROR,
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
            Self::Form(_)
            | Self::TooLarge
            | Self::Office(
                OfficeError::Review(_) | OfficeError::Intake(_) | OfficeError::Undo(_),
            ) => (
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
            Self::Office(OfficeError::Review(_)) => Some(("/review", words::TO_QUEUE)),
            Self::Office(OfficeError::Undo(_)) => Some(("/imports", words::TO_JOURNAL)),
            Self::Office(OfficeError::Intake(_)) | Self::Form(_) | Self::TooLarge => {
                Some(("/imports/new", words::IMPORT_A_LIST))
            }
            _ => None,
        }
    }

    fn cause(&self, lang: Lang) -> String {
        match self {
            Self::Office(error) => error.message(lang),
            Self::Form(what) => what.get(lang).to_owned(),
            Self::TooLarge => words::too_large(lang),
            Self::Absent | Self::Question(_) | Self::ReadOnly | Self::Nobody => String::new(),
        }
    }
}
