//! What can go wrong while reading, in words a clerk can act on.

use kernel::{Lang, UnitCode};

/// A failure to read the tables.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// A query of the pack could not be planned or run.
    #[error("the query could not be run: {0}")]
    Query(#[from] datafusion::error::DataFusionError),
    /// Columnar data could not be built.
    #[error("the columns could not be built: {0}")]
    Columns(#[from] datafusion::arrow::error::ArrowError),
    /// The cache folder could not be written or read.
    #[error("the cache {path} could not be used: {source}; delete the folder and try again")]
    Cache {
        /// The file or folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A query named a parameter that has no value here.
    #[error("the parameter ${0} has no value here")]
    Parameter(String),
    /// The reader's grant covers no book of this ledger.
    #[error("no unit you may read has a book in this ledger (asked for {0})")]
    OutOfScope(String),
    /// Somebody holds no post.
    #[error("“{who}” holds no post in this ledger; those who do: {}", .holders.join(", "))]
    NoPost {
        /// Who asked.
        who: String,
        /// Who holds posts.
        holders: Vec<String>,
    },
    /// A unit code that has no book.
    #[error("the unit {0} has no book in this ledger")]
    NoBook(UnitCode),
    /// A query that must give one row per subject gave more.
    #[error(
        "the facts “{group}” give more than one row for {repeated} subjects; group them by subject"
    )]
    Repeated {
        /// The fact group.
        group: String,
        /// How many rows too many.
        repeated: usize,
    },
}

impl TablesError {
    /// The message in the reader's language.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::Ledger(error) => error.message(lang),
            Self::Query(error) => format!("查询无法执行：{error}"),
            Self::Columns(error) => format!("数据列无法生成：{error}"),
            Self::Cache { path, source } => {
                format!("缓存 {path} 无法使用：{source}；请删除该文件夹后重试")
            }
            Self::Parameter(name) => format!("参数 ${name} 在这里没有取值"),
            Self::OutOfScope(asked) => format!("您有权查看的单位在本台账中没有簿（{asked}）"),
            Self::NoPost { who, holders } => {
                format!(
                    "“{who}”在本台账中没有岗位；现有任职人：{}",
                    holders.join("、")
                )
            }
            Self::NoBook(unit) => format!("单位 {unit} 在本台账中没有簿"),
            Self::Repeated { group, repeated } => {
                format!("事实“{group}”对 {repeated} 个对象给出了不止一行，请按对象汇总")
            }
        }
    }
}
