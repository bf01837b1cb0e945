//! The words of every finding, in both languages: where, and what.

use super::{Discrepancy, DiscrepancyKind, DiscrepancyPlace};
use kernel::Lang;

impl Discrepancy {
    /// Where and what, in one line.
    pub fn message(&self, lang: Lang) -> String {
        let (at, what) = (self.at.words(lang), self.what.words(lang));
        match lang {
            _ if at.is_empty() => what,
            Lang::Zh => format!("{at}：{what}"),
            Lang::En => format!("{at}: {what}"),
        }
    }
}

impl DiscrepancyPlace {
    fn words(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Ledger, _) => String::new(),
            (Self::Pack(ordinal), Lang::Zh) => format!("第 {ordinal} 个政策包"),
            (Self::Pack(ordinal), Lang::En) => format!("pack {ordinal}"),
            (Self::Commit(number), Lang::Zh) => format!("第 {number} 号提交"),
            (Self::Commit(number), Lang::En) => format!("commit {number}"),
            (Self::Book(unit, 0), Lang::Zh) => format!("{unit} 簿"),
            (Self::Book(unit, 0), Lang::En) => format!("book of {unit}"),
            (Self::Book(unit, seq), Lang::Zh) => format!("{unit} 簿第 {seq} 条"),
            (Self::Book(unit, seq), Lang::En) => format!("book of {unit}, entry {seq}"),
            (Self::Record(record), Lang::Zh) => format!("{record} 号记录"),
            (Self::Record(record), Lang::En) => format!("record {record}"),
            (Self::Access(number), Lang::Zh) => format!("访问日志第 {number} 行"),
            (Self::Access(number), Lang::En) => format!("access log, line {number}"),
        }
    }
}

impl DiscrepancyKind {
    fn words(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Altered => ("内容与登记时不符", "not what was written"),
            Self::Missing => ("缺失", "missing"),
            Self::Extra => ("并非登记所得", "was never written by a commit"),
            Self::Count => (
                "条数与登记时不符",
                "doesn't have the number of entries it wrote",
            ),
            Self::End => (
                "簿的末条与提交所记不符",
                "the end isn't what its commits left",
            ),
            Self::Undone => (
                "撤回标记与各次提交不符",
                "whether it was undone doesn't agree with the commits",
            ),
            Self::Erased => (
                "删除内容与依法删除的记载不符",
                "doesn't agree with the acts of erasing",
            ),
            Self::Roll => (
                "重申的条目不存在或写法有误",
                "says again what isn't there, or isn't written as it must be",
            ),
            Self::Record => (
                "记录的所在与各条不符",
                "where it is kept doesn't agree with its entries",
            ),
            Self::Directory => (
                "身份索引中找不到",
                "isn't found by an identity its words give",
            ),
            Self::Link => ("关系索引中找不到", "a link it states isn't found"),
            Self::OtherLedger => (
                "另存的链头属于另一台账",
                "the heads kept elsewhere are another ledger's",
            ),
            Self::CutOff => (
                "另存链头时已有，现已不存",
                "was there when the heads were kept, and isn't now",
            ),
            Self::Rewritten => (
                "与另存链头时不符",
                "not what it was when the heads were kept",
            ),
            Self::Rows { table, found, made } => {
                return match lang {
                    Lang::Zh => format!("表 {table} 有 {found} 行，应有 {made} 行"),
                    Lang::En => format!("table {table} has {found} rows and should have {made}"),
                };
            }
            Self::File(name) => {
                return match lang {
                    Lang::Zh => format!("引用的文件“{name}”缺失或已改变，请从备份恢复"),
                    Lang::En => format!(
                        "the file “{name}” it refers to is missing or altered; restore it from a backup"
                    ),
                };
            }
            Self::Database(what) => {
                return match lang {
                    Lang::Zh => format!("数据库检查：{what}"),
                    Lang::En => format!("the database finds: {what}"),
                };
            }
        };
        match lang {
            Lang::Zh => zh.to_owned(),
            Lang::En => en.to_owned(),
        }
    }
}
