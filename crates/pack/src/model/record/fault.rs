//! What may be wrong with a record, in words.

use jiff::civil::Date;
use kernel::{DocumentFault, IdFault, Lang};

use crate::{FieldType, FileRefFault, Text};

use super::{LONGEST_ITEM, MOST_ITEMS};

/// What is wrong with one field of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub struct FieldFault {
    /// The field's id; empty when the record as a whole is wrong.
    pub field: String,
    /// The field's name.
    pub name: Text,
    /// What is wrong.
    pub problem: Problem,
}

/// The ways in which a value may be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The record has another number of values than the register has fields.
    Width {
        /// Fields of the register.
        expected: usize,
        /// Values of the record.
        found: usize,
    },
    /// A required value is missing.
    Missing,
    /// The value has another type than the field.
    Type {
        /// The field's type.
        expected: FieldType,
    },
    /// A text of nothing but spaces; leave it out instead.
    Blank,
    /// More characters than the type may have.
    TooLong {
        /// How many it has.
        chars: usize,
        /// How many it may have.
        most: usize,
    },
    /// More things in a list than there may be, one twice, or codes out of order.
    List,
    /// Not a year, a month or a day.
    PartialDate,
    /// A moment before 1800, after 2200, or within a second.
    Moment,
    /// A decimal number of another number of places, or too great.
    Decimal,
    /// Not an identity document.
    Document(DocumentFault),
    /// Not a reference to a file.
    File(FileRefFault),
    /// A character that can't be shown.
    Control,
    /// Not a value of the code list.
    NotInCode {
        /// The value.
        value: String,
        /// The list's name.
        list: Text,
    },
    /// Before 1800 or after 2200.
    DateOutside {
        /// The date.
        date: Date,
    },
    /// Not an ID number.
    IdNumber(IdFault),
    /// Not a unit code.
    Unit {
        /// The value.
        value: String,
    },
    /// Not a telephone number.
    Phone,
    /// Not the id of a record.
    Ref,
    /// The register, the field or the value of a code list is no more since a day.
    Retired {
        /// The first day as of which nothing new may be said.
        since: Date,
    },
}

impl FieldFault {
    /// What is wrong, for the reader.
    pub fn message(&self, lang: Lang) -> String {
        let what = self.problem.message(lang);
        match lang {
            Lang::Zh => format!("{}：{what}", self.name.zh),
            Lang::En => format!("{}: {what}", self.name.en),
        }
    }
}

impl Problem {
    /// What is wrong, without the field's name.
    pub fn message(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Problem::Width { expected, found } => (
                format!("应有 {expected} 个字段，实有 {found} 个"),
                format!("{found} values for {expected} fields"),
            ),
            Problem::Missing => ("必填，现为空".into(), "required, but empty".into()),
            Problem::Type { expected } => {
                let (zh, en) = expected.words();
                (format!("应为{zh}"), format!("should be {en}"))
            }
            Problem::Blank => (
                "只有空格；没有内容请留空".into(),
                "only spaces; leave it out instead".into(),
            ),
            Problem::TooLong { chars, most } => (
                format!("共 {chars} 字，最多 {most} 字"),
                format!("{chars} characters; at most {most} are kept"),
            ),
            Problem::List => (
                format!("一项一行，最多 {MOST_ITEMS} 项，每项最多 {LONGEST_ITEM} 字，不重复，代码按代码表的次序"),
                format!("one item a line, at most {MOST_ITEMS}, each of at most {LONGEST_ITEM} characters, none twice, codes in the order of their list"),
            ),
            Problem::PartialDate => (
                "应为年、年月或日期，如 1995、1995-10、1995-10-03，在 1800 年至 2200 年之间".into(),
                "should be a year, a month or a day between 1800 and 2200, as 1995, 1995-10 or 1995-10-03".into(),
            ),
            Problem::Moment => (
                "时刻应在 1800 年至 2200 年之间，精确到秒".into(),
                "should be a moment between 1800 and 2200, to the second".into(),
            ),
            Problem::Decimal => (
                "小数位数不符，或数太大".into(),
                "has another number of decimal places, or is too great".into(),
            ),
            Problem::Document(fault) => (fault.message(Lang::Zh), fault.message(Lang::En)),
            Problem::File(fault) => (
                fault.message(Lang::Zh).to_owned(),
                fault.message(Lang::En).to_owned(),
            ),
            Problem::Control => (
                "含有不可显示的字符".into(),
                "contains a character that can't be shown".into(),
            ),
            Problem::NotInCode { value, list } => (
                format!("“{value}”不在代码表“{}”中", list.zh),
                format!("“{value}” isn't in the code list “{}”", list.en),
            ),
            Problem::DateOutside { date } => (
                format!("日期 {date} 不在 1800 年至 2200 年之间"),
                format!("the date {date} isn't between 1800 and 2200"),
            ),
            Problem::IdNumber(fault) => (fault.message(Lang::Zh), fault.message(Lang::En)),
            Problem::Unit { value } => (
                format!("“{value}”不是单位代码"),
                format!("“{value}” isn't a unit code"),
            ),
            Problem::Phone => ("不是电话号码".into(), "isn't a telephone number".into()),
            Problem::Ref => ("不是记录编号".into(), "isn't the id of a record".into()),
            Problem::Retired { since } => (
                format!("自 {since} 起已停用，不能再写"),
                format!("retired since {since}: nothing new may be said of it"),
            ),
        };
        match lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

impl FieldType {
    /// What a value of the type is called, in both languages.
    pub(crate) fn words(&self) -> (&'static str, &'static str) {
        match self {
            FieldType::Text => ("文字", "text"),
            FieldType::Int => ("整数", "a whole number"),
            FieldType::Fen => ("金额（整数，单位：分）", "an amount in whole fen"),
            FieldType::Date => ("日期", "a date"),
            FieldType::Bool => ("是或否", "yes or no"),
            FieldType::Code(_) => ("代码", "a code"),
            FieldType::Ref(_) => ("记录编号", "the id of a record"),
            FieldType::Unit => ("单位代码", "a unit code"),
            FieldType::IdNumber => ("公民身份号码", "an ID number"),
            FieldType::Phone => ("电话号码", "a telephone number"),
            FieldType::LongText => ("长文字", "a long text"),
            FieldType::Moment => ("时刻", "a moment"),
            FieldType::PartialDate => ("日期（可只有年月）", "a date, or only its year or month"),
            FieldType::Decimal { .. } => ("小数", "a decimal number"),
            FieldType::List(_) => ("列表", "a list"),
            FieldType::Document => ("证件", "an identity document"),
            FieldType::File => ("文件", "a file"),
        }
    }
}
