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
            Self::Office(OfficeError::Query(_) | OfficeError::List(_) | OfficeError::Saved(_)) => {
                StatusCode::BAD_REQUEST
            }
            Self::Office(OfficeError::Review(error))
                if matches!(**error, ReviewError::NoQuestion(_)) =>
            {
                StatusCode::NOT_FOUND
            }
            Self::Office(OfficeError::Review(error))
                if matches!(**error, ReviewError::Unreadable(_) | ReviewError::Blank) =>
            {
                StatusCode::BAD_REQUEST
            }
            Self::Office(OfficeError::Review(_) | OfficeError::Undo(_)) => StatusCode::CONFLICT,
            Self::Office(OfficeError::Act(_) | OfficeError::Intake(_)) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Office(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Heading, what happened, and what to do.
    pub fn told(&self, lang: Lang) -> (&'static str, String, &'static str) {
        match self {
            Self::Absent => (
                ABSENT.get(lang),
                ABSENT_WHAT.get(lang).to_owned(),
                ABSENT_DO.get(lang),
            ),
            Self::Question(what) => (
                QUESTION.get(lang),
                what.get(lang).to_owned(),
                QUESTION_DO.get(lang),
            ),
            Self::Office(OfficeError::Query(fault)) => (
                QUESTION.get(lang),
                fault.message(lang),
                QUESTION_DO.get(lang),
            ),
            Self::Office(OfficeError::Saved(fault)) => {
                (NOT_DONE.get(lang), fault.message(lang), SAVED_DO.get(lang))
            }
            Self::Office(OfficeError::List(error)) => {
                (NOT_DONE.get(lang), error.message(lang), LIST_DO.get(lang))
            }
            Self::ReadOnly => (
                READ_ONLY.get(lang),
                READ_ONLY_WHAT.get(lang).to_owned(),
                READ_ONLY_DO.get(lang),
            ),
            Self::Nobody => (
                NOBODY.get(lang),
                NOBODY_WHAT.get(lang).to_owned(),
                NOBODY_DO.get(lang),
            ),
            Self::Form(_)
            | Self::TooLarge
            | Self::Office(
                OfficeError::Act(_)
                | OfficeError::Review(_)
                | OfficeError::Intake(_)
                | OfficeError::Undo(_),
            ) => (
                NOT_DONE.get(lang),
                self.cause(lang),
                words::NOT_DONE_DO.get(lang),
            ),
            failed => (FAILED.get(lang), failed.cause(lang), FAILED_DO.get(lang)),
        }
    }

    /// Where to go on from here, when it isn't a search: address and words.
    pub fn back(&self) -> Option<(&'static str, Words)> {
        match self {
            Self::Nobody => Some(("/desk", words::DESK)),
            Self::Office(OfficeError::Review(_)) => Some(("/review", TO_QUEUE)),
            Self::Office(OfficeError::Act(_)) => Some(("/actions", words::ACTIONS)),
            Self::Office(OfficeError::Undo(_)) => Some(("/imports", TO_JOURNAL)),
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

words! {
    ABSENT: "没有这一页", "There is no such page";
    ABSENT_WHAT: "您要找的内容不存在，或者不在您可以查看的单位范围内。", "What you are looking for does not exist, or is outside the units you may see.";
    ABSENT_DO: "请核对网址；如果是从旧名单点进来的，此人可能已迁出或销户，可以按姓名重新查找，或换一个核对日期。", "Check the address. If an old list led you here, the record may have moved or been closed: search by name, or choose another date.";
    QUESTION: "网址里有一处无法识别", "Part of the address could not be understood";
    QUESTION_DO: "请改正后再试，或从首页重新进入。", "Correct it and try again, or start from the first page.";
    FAILED: "这一页暂时打不开", "This page cannot be shown now";
    FAILED_DO: "台账中的内容没有改动。请稍后刷新；如果仍打不开，请把上面这句话告诉系统管理员。", "Nothing in the ledger was changed. Try again shortly; if it still fails, pass the sentence above to your administrator.";
    READ_ONLY: "这里只供查阅", "These pages only show";
    READ_ONLY_WHAT: "这个网页没有打开办理功能，台账没有改动。", "Nothing can be done on these pages, and nothing was.";
    READ_ONLY_DO: "要办理，请在存放台账的电脑上运行 taizhang serve（不加 --read-only），再打开它给出的地址。", "To do it, run taizhang serve without --read-only on the computer the ledger is on, and open the address it gives.";
    NOBODY: "还没有写明办理人", "Nobody is at the desk";
    NOBODY_WHAT: "台账没有改动：每次办理都要记下是谁办的。", "Nothing was changed: everything done is kept with who did it.";
    NOBODY_DO: "请先选择办理人，再重新办理。", "Say who you are, then do it again.";
    NOT_DONE: "没有办成", "This was not done";
    LIST_DO: "请回到名单，加上条件后再导出。", "Go back to the list, narrow it and export it again.";
    SAVED_DO: "请退回名单，改好再存。", "Go back to the list, put it right and save again.";
    TO_QUEUE: "回到待核列表", "To the questions";
    TO_JOURNAL: "回到导入记录", "To the journal";
}
