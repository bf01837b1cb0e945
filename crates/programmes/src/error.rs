//! What can go wrong while answering.

use kernel::Lang;
use tables::TablesError;

/// A failure to evaluate programmes.
#[derive(Debug, thiserror::Error)]
pub enum ProgrammesError {
    /// The tables could not be read or queried.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// No programme has this id.
    #[error("there is no programme “{asked}”; there are: {known}")]
    UnknownProgramme {
        /// The id asked for.
        asked: String,
        /// The ids there are.
        known: String,
    },
    /// A parameter has no value on the date.
    #[error(
        "the parameter “{parameter}” of “{programme}” has no value on {on}; add one from an earlier date"
    )]
    NoValue {
        /// The programme.
        programme: String,
        /// The parameter.
        parameter: String,
        /// The date of the sweep.
        on: jiff::civil::Date,
    },
    /// A case names a register, field or row that is not there.
    #[error("{0}")]
    RuleCase(String),
}

impl From<datafusion::error::DataFusionError> for ProgrammesError {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        Self::Tables(error.into())
    }
}

impl From<datafusion::arrow::error::ArrowError> for ProgrammesError {
    fn from(error: datafusion::arrow::error::ArrowError) -> Self {
        Self::Tables(error.into())
    }
}

impl ProgrammesError {
    /// The message in the reader's language.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, _) | (_, Self::RuleCase(_)) => self.to_string(),
            (Lang::Zh, Self::Tables(error)) => error.message(lang),
            (Lang::Zh, Self::UnknownProgramme { asked, known }) => {
                format!("没有项目“{asked}”；现有项目：{known}")
            }
            (
                Lang::Zh,
                Self::NoValue {
                    programme,
                    parameter,
                    on,
                },
            ) => {
                format!(
                    "项目“{programme}”的参数“{parameter}”在 {on} 没有取值，请补充更早日期起的取值"
                )
            }
        }
    }
}
