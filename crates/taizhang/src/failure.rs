//! What a command can fail with: any library's error, or a plain message, in the user's language.

use std::any::Any;
use std::io;
use std::path::Path;

use kernel::Lang;

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
    pub fn io(path: impl AsRef<Path>, error: impl std::fmt::Display + 'static) -> Self {
        let path = path.as_ref().display();
        let known = (&error as &dyn Any).downcast_ref::<io::Error>();
        match known.and_then(|error| in_words(error.kind())) {
            Some((zh, en)) => Self::new(format!("{path}：{zh}"), format!("{path}: {en}")),
            None => Self::new(
                format!("无法使用 {path}：{error}"),
                format!("{path} could not be used: {error}"),
            ),
        }
    }

    /// The same failure, and what more there is to say.
    pub fn and(self, zh: &str, en: &str) -> Self {
        Self::new(self.zh + zh, self.en + en)
    }

    /// The message.
    pub fn message(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// What systems say only in English, as far as it happens to people.
fn in_words(kind: io::ErrorKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        io::ErrorKind::NotFound => ("没有这个文件或文件夹", "there is no such file or folder"),
        io::ErrorKind::PermissionDenied => {
            ("没有读写权限", "you have no permission to read or write it")
        }
        io::ErrorKind::AlreadyExists => (
            "已经有了，请换一个名称",
            "it is there already; choose another name",
        ),
        io::ErrorKind::IsADirectory => ("是文件夹，不是文件", "it is a folder and no file"),
        io::ErrorKind::NotADirectory => ("不是文件夹", "it is no folder"),
        io::ErrorKind::StorageFull => ("磁盘已满", "the disk is full"),
        io::ErrorKind::InvalidData => ("内容不是 UTF-8 文本", "it holds no UTF-8 text"),
        _ => return None,
    })
}

impl From<office::OfficeError> for Failure {
    fn from(error: office::OfficeError) -> Self {
        match error {
            office::OfficeError::Absent => Self::new(
                "没有，或不在权限内",
                "there is no such thing, or not within reach",
            ),
            office::OfficeError::Nobody => Self::new(
                "没有岗位，请用 --as 指明办理人",
                "that person holds no post; say with --as who does it",
            ),
            error => Self::new(error.message(Lang::Zh), error.message(Lang::En)),
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
    programmes::ProgrammesError,
    reports::indicator::FigureError,
    reports::document::DocumentError,
    reports::list::ListError,
    town::TownError,
    web::WebError,
    kernel::UnitFault,
    pack::NameFault,
    pack::NoContract,
);
