//! What a command can fail with: any library's error, or a plain message, in the user's language.

use kernel::Lang;
use std::path::Path;

/// A failure, ready to show.
#[derive(Debug)]
pub struct Failure {
    zh: String,
    en: String,
}

impl Failure {
    /// A failure in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// A file or folder that could not be used.
    pub fn io(path: impl AsRef<Path>, error: impl std::fmt::Display) -> Self {
        let path = path.as_ref().display();
        Self::new(
            format!("无法使用 {path}：{error}"),
            format!("{path} could not be used: {error}"),
        )
    }

    /// The message.
    pub fn message(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

macro_rules! spoken {
    ($($error:ty),+ $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self { zh: error.message(Lang::Zh), en: error.message(Lang::En) }
            }
        })+
    };
}

spoken!(
    ledger::LedgerError,
    tables::TablesError,
    intake::IntakeError,
    intake::ReviewError,
    intake::PostError,
    office::OfficeError,
    programmes::ProgrammesError,
    reports::indicator::FigureError,
    reports::document::DocumentError,
    reports::list::ListError,
    town::TownError,
    web::WebError,
    kernel::UnitFault,
    pack::NoContract,
);
