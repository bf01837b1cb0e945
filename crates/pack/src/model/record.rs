//! Records: the values of one record, aligned with its register's fields; how they are checked, and the one form in which
//! they are written into entries. Writing is canonical: equal records give equal bytes. Reading is strict: what isn't
//! exactly such a form is refused, so that nothing half-understood enters a table.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{Decimal, Document, DocumentFault, IdFault, IdNumber, Lang, PartialDate, UnitCode};

use crate::{Field, FieldType, FileRef, FileRefFault, Items, Pack, Register, Storage, Text};

mod json;

pub use json::DecodeFault;

/// The most characters a text may have.
pub const LONGEST_TEXT: usize = 2_000;
/// The most characters a long text may have.
pub const LONGEST_LONG_TEXT: usize = 20_000;
/// The most things a list may have, and the most characters of each.
pub const MOST_ITEMS: usize = 50;
/// The most characters of a thing in a list.
pub const LONGEST_ITEM: usize = 200;

/// The first day a record may name.
pub const fn earliest_date() -> Date {
    date(1800, 1, 1)
}

/// The last day a record may name.
pub const fn latest_date() -> Date {
    date(2200, 12, 31)
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Text, and everything held as text: code, unit, ID number, phone, document, partial date; a list has one thing a line.
    Text(String),
    /// Int, fen, and the id of a referenced record.
    Int(i64),
    /// A date.
    Date(Date),
    /// A boolean.
    Bool(bool),
    /// A moment, to the second.
    Moment(Timestamp),
    /// A decimal number.
    Decimal(Decimal),
}

/// The values of one record, aligned with [`Register::fields`]; none where nothing is known.
pub type Record = Vec<Option<Value>>;

/// How many fields a register may have: one bit each in a [`FieldSet`].
pub const MOST_FIELDS: usize = 64;

/// Some fields of a register, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FieldSet(pub u64);

impl FieldSet {
    /// Every field there is.
    pub const ALL: FieldSet = FieldSet(u64::MAX);
    /// No field.
    pub const NONE: FieldSet = FieldSet(0);

    /// Whether the field at this position is one of them.
    pub fn has(self, at: usize) -> bool {
        at < MOST_FIELDS && self.0 & (1 << at) != 0
    }

    /// Adds the field at this position.
    pub fn add(&mut self, at: usize) {
        if at < MOST_FIELDS {
            self.0 |= 1 << at;
        }
    }

    /// Those that are in both.
    pub fn and(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 & other.0)
    }

    /// Whether all of these are among the others.
    pub fn within(self, other: FieldSet) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Their positions, ascending.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..MOST_FIELDS).filter(move |at| self.has(*at))
    }
}

/// What one word says of a record: only of some fields, each with a value or as unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Values, aligned with [`Register::fields`]; of a field that isn't spoken of, none.
    pub values: Record,
    /// The fields it speaks of. One without a value is said to be unknown.
    pub spoken: FieldSet,
}

impl Said {
    /// Speaks of every field that has a value.
    pub fn of(values: Record) -> Said {
        let mut spoken = FieldSet::NONE;
        for (at, value) in values.iter().enumerate() {
            if value.is_some() {
                spoken.add(at);
            }
        }
        Said { values, spoken }
    }

    /// Says this of a field; none says that it is unknown.
    pub fn set(&mut self, at: usize, value: Option<Value>) {
        if let Some(place) = self.values.get_mut(at) {
            *place = value;
            self.spoken.add(at);
        }
    }
}

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

impl Value {
    /// How it is held.
    pub fn storage(&self) -> Storage {
        match self {
            Value::Text(_) => Storage::Text,
            Value::Int(_) => Storage::Int,
            Value::Date(_) => Storage::Date,
            Value::Bool(_) => Storage::Bool,
            Value::Moment(_) => Storage::Moment,
            Value::Decimal(decimal) => Storage::Decimal(decimal.places),
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(x) => Some(x),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(x) => Some(*x),
            _ => None,
        }
    }

    /// The date, if it is one.
    pub fn as_date(&self) -> Option<Date> {
        match self {
            Value::Date(x) => Some(*x),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(x) => Some(*x),
            _ => None,
        }
    }
}

/// As in entries, but without quotation marks.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Text(x) => f.write_str(x),
            Value::Int(x) => write!(f, "{x}"),
            Value::Date(x) => write!(f, "{x}"),
            Value::Bool(x) => write!(f, "{x}"),
            Value::Moment(x) => write!(f, "{x}"),
            Value::Decimal(x) => write!(f, "{x}"),
        }
    }
}

/// What an ID number tells of a field of this type: of a date the birth, of a code the sex (GB/T 2261.1).
pub fn number_tells(number: &IdNumber, kind: &FieldType) -> Option<Value> {
    match kind {
        FieldType::Date => Some(Value::Date(number.birth())),
        FieldType::Code(_) => Some(Value::Text(number.sex().as_str().to_owned())),
        _ => None,
    }
}

impl Register {
    /// Checks a record against the register: types, required fields, code lists, lengths, dates. All faults, in the order of
    /// the fields. Whether references lead anywhere is the ledger's to check.
    pub fn check(&self, record: &Record, codes: &Pack) -> Vec<FieldFault> {
        if record.len() != self.fields.len() {
            let problem = Problem::Width {
                expected: self.fields.len(),
                found: record.len(),
            };
            return vec![FieldFault {
                field: String::new(),
                name: self.name.clone(),
                problem,
            }];
        }
        let mut faults = Vec::new();
        for (field, value) in self.fields.iter().zip(record) {
            let found = match value {
                None if field.required => Err(Problem::Missing),
                None => Ok(()),
                Some(value) => fits(value, &field.kind, codes),
            };
            if let Err(problem) = found {
                faults.push(FieldFault {
                    field: field.id.clone(),
                    name: field.name.clone(),
                    problem,
                });
            }
        }
        faults
    }

    /// Checks a word: types, code lists, lengths, dates of the fields it speaks of; in a record's opening word all that is required
    /// must be said, too.
    pub fn check_said(&self, said: &Said, opens: bool, codes: &Pack) -> Vec<FieldFault> {
        let faults = self.check(&said.values, codes).into_iter();
        faults
            .filter(|fault| opens || fault.problem != Problem::Missing)
            .collect()
    }

    /// Checks that a word as of a day speaks of nothing that is retired by then. What was said before stays as it is.
    pub fn check_retired(&self, said: &Said, as_of: Date, codes: &Pack) -> Vec<FieldFault> {
        if !codes.retires() {
            return Vec::new();
        }
        let past = |retired: Option<Date>| retired.filter(|day| *day <= as_of);
        if let Some(since) = past(self.retired).filter(|_| !said.spoken.is_empty()) {
            return vec![FieldFault {
                field: String::new(),
                name: self.name.clone(),
                problem: Problem::Retired { since },
            }];
        }
        let spoken = said
            .spoken
            .iter()
            .filter_map(|at| Some((at, self.fields.get(at)?)));
        let fault = |(at, field): (usize, &Field)| {
            let value = said.values.get(at).and_then(Option::as_ref);
            let member = match &field.kind {
                FieldType::Code(list) => {
                    let value = value.and_then(Value::as_text);
                    value.and_then(|value| codes.code(list)?.member(value)?.retired)
                }
                _ => None,
            };
            let since = past(field.retired).or_else(|| past(member))?;
            Some(FieldFault {
                field: field.id.clone(),
                name: field.name.clone(),
                problem: Problem::Retired { since },
            })
        };
        spoken.filter_map(fault).collect()
    }

    /// A word as a canonical JSON object: only the fields it speaks of, in declared order, `null` for one said to be unknown.
    pub fn encode_said(&self, said: &Said) -> String {
        let mut out = String::with_capacity(24 * self.fields.len() + 2);
        json::encode_said(self, said, &mut out);
        out
    }

    /// The word written by [`Register::encode_said`], as strictly as [`Register::decode`].
    pub fn decode_said(&self, body: &str) -> Result<Said, DecodeFault> {
        json::decode_said(self, body)
    }

    /// The record as a canonical JSON object: fields in declared order, unknown values left out, no spaces, dates as
    /// `"YYYY-MM-DD"`. Equal records give equal bytes.
    pub fn encode(&self, record: &Record) -> String {
        let mut out = String::with_capacity(24 * record.len() + 2);
        json::encode(self, record, &mut out);
        out
    }

    /// The record written by [`Register::encode`]. Fields may stand in another order, because a pack may have moved them since;
    /// everything else must be exactly as written: no spaces, no unknown or repeated field, no null, every value of its type.
    pub fn decode(&self, body: &str) -> Result<Record, DecodeFault> {
        json::decode(self, body)
    }

    /// The values of the identity, joined by `|` (which is written `\|` inside a value, and `\` as `\\`); none when any is unknown,
    /// because then the record can't be told from another.
    pub fn identity_key(&self, record: &Record) -> Option<String> {
        let mut key = String::new();
        for (n, id) in self.identity.iter().enumerate() {
            if n > 0 {
                key.push('|');
            }
            let (at, _) = self.field(id)?;
            match record.get(at)?.as_ref()? {
                Value::Text(text) if text.contains(['|', '\\']) => {
                    key.push_str(&text.replace('\\', "\\\\").replace('|', "\\|"))
                }
                Value::Text(text) => key.push_str(text),
                Value::Date(day) => json::push_date(*day, &mut key),
                Value::Int(n) => json::push_int(*n, &mut key),
                Value::Bool(yes) => key.push_str(if *yes { "true" } else { "false" }),
                other => key.push_str(&other.to_string()),
            }
        }
        (!self.identity.is_empty()).then_some(key)
    }
}

/// Whether a value suits a type.
pub(crate) fn fits(value: &Value, kind: &FieldType, pack: &Pack) -> Result<(), Problem> {
    match (value, kind) {
        (Value::Date(day), FieldType::Date) => {
            if (earliest_date()..=latest_date()).contains(day) {
                Ok(())
            } else {
                Err(Problem::DateOutside { date: *day })
            }
        }
        (Value::Bool(_), FieldType::Bool) | (Value::Int(_), FieldType::Int | FieldType::Fen) => {
            Ok(())
        }
        (Value::Int(id), FieldType::Ref(_)) => {
            if *id > 0 {
                Ok(())
            } else {
                Err(Problem::Ref)
            }
        }
        (Value::Moment(at), FieldType::Moment) => {
            let day = jiff::tz::Offset::UTC.to_datetime(*at).date();
            let whole = at.subsec_nanosecond() == 0;
            match whole && (earliest_date()..=latest_date()).contains(&day) {
                true => Ok(()),
                false => Err(Problem::Moment),
            }
        }
        (Value::Decimal(decimal), FieldType::Decimal { places, .. }) => {
            match decimal.fits(*places) {
                true => Ok(()),
                false => Err(Problem::Decimal),
            }
        }
        (Value::Text(text), kind) if kind.storage() == Storage::Text => {
            legible(text, longest(kind))?;
            text_fits(text, kind, pack)
        }
        _ => Err(Problem::Type {
            expected: kind.clone(),
        }),
    }
}

/// The most characters of a type that is held as text.
fn longest(kind: &FieldType) -> usize {
    match kind {
        FieldType::LongText => LONGEST_LONG_TEXT,
        FieldType::List(_) => MOST_ITEMS * (LONGEST_ITEM + 1),
        _ => LONGEST_TEXT,
    }
}

/// Whether a text can be kept at all.
fn legible(text: &str, most: usize) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Blank);
    }
    // A text of few bytes has few characters; counting is for the others.
    if text.len() > most {
        let chars = text.chars().count();
        if chars > most {
            return Err(Problem::TooLong { chars, most });
        }
    }
    let bad = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(bad) {
        Err(Problem::Control)
    } else {
        Ok(())
    }
}

/// Whether a text is a list: one thing a line, none blank, none twice, none too long.
fn list_fits(text: &str, items: &Items, pack: &Pack) -> Result<(), Problem> {
    let lines: Vec<&str> = text.split('\n').collect();
    let short = |line: &&str| !line.trim().is_empty() && line.chars().count() <= LONGEST_ITEM;
    if lines.len() > MOST_ITEMS || !lines.iter().all(short) {
        return Err(Problem::List);
    }
    let once = (1..lines.len()).all(|at| !lines[..at].contains(&lines[at]));
    let ordered = match items {
        Items::Texts => true,
        Items::Codes(id) => match pack.code(id) {
            None => true,
            Some(list) => {
                let mut places = Vec::with_capacity(lines.len());
                for line in &lines {
                    let place = list.members.iter().position(|m| m.value == *line);
                    places.push(place.ok_or_else(|| Problem::NotInCode {
                        value: (*line).to_owned(),
                        list: list.name.clone(),
                    })?);
                }
                places.is_sorted()
            }
        },
    };
    match once && ordered {
        true => Ok(()),
        false => Err(Problem::List),
    }
}

/// Whether a text suits a type that is held as text.
fn text_fits(text: &str, kind: &FieldType, pack: &Pack) -> Result<(), Problem> {
    match kind {
        FieldType::Code(list) => match pack.code(list) {
            Some(list) if list.member(text).is_none() => Err(Problem::NotInCode {
                value: text.to_owned(),
                list: list.name.clone(),
            }),
            _ => Ok(()),
        },
        FieldType::IdNumber => IdNumber::parse(text).map(drop).map_err(Problem::IdNumber),
        FieldType::List(items) => list_fits(text, items, pack),
        FieldType::File => text.parse::<FileRef>().map(drop).map_err(Problem::File),
        FieldType::Document => (text.parse::<Document>())
            .map(drop)
            .map_err(Problem::Document),
        FieldType::PartialDate => match text.parse::<PartialDate>() {
            Ok(partial)
                if partial.first() >= earliest_date() && partial.last() <= latest_date() =>
            {
                Ok(())
            }
            _ => Err(Problem::PartialDate),
        },
        FieldType::Unit => text
            .parse::<UnitCode>()
            .map(drop)
            .map_err(|_| Problem::Unit {
                value: text.to_owned(),
            }),
        FieldType::Phone => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            if digits >= 3 && text.len() <= 40 && !text.contains(char::is_alphabetic) {
                Ok(())
            } else {
                Err(Problem::Phone)
            }
        }
        _ => Ok(()),
    }
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
