//! Records: the values of one record, aligned with its register's fields; how they are checked, and the one form in which
//! they are written into entries. Writing is canonical: equal records give equal bytes. Reading is strict: what isn't
//! exactly such a form is refused, so that nothing half-understood enters a table.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{Decimal, IdNumber};

use crate::{Field, FieldType, Pack, Register, Storage};

mod fault;
mod fits;
mod json;

pub use fault::{FieldFault, Problem};
pub(crate) use fits::fits;
pub use json::DecodeFault;

/// The most characters a text may have.
pub const LONGEST_TEXT: usize = 2_000;
/// The most characters a long text may have.
pub const LONGEST_LONG_TEXT: usize = 20_000;
/// The most things a list may have, and the most characters of each.
pub const MOST_ITEMS: usize = 50;
/// The most characters of a thing in a list.
pub const LONGEST_ITEM: usize = 200;
/// The most characters that are kept of what could not be read.
pub const LONGEST_AS_READ: usize = 200;

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
    /// What stood where a value of the field was asked for and none could be made of it. It gives the field nothing, and takes
    /// nothing away; only words and rows have it, never a record.
    AsRead(String),
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

    /// Those that aren't among the others.
    pub fn without(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 & !other.0)
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

/// What one word says of a record: only of some fields, each with a value, as unknown, or as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Values, aligned with [`Register::fields`]; of a field that isn't spoken of, none.
    pub values: Record,
    /// The fields it speaks of. One without a value is said to be unknown; of one with [`Value::AsRead`] nothing is said.
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

    /// The fields of which it says something: spoken of, and not only as it was read.
    pub fn told(&self) -> FieldSet {
        let mut as_read = FieldSet::NONE;
        for (at, value) in self.values.iter().enumerate() {
            if value.as_ref().is_some_and(Value::is_as_read) {
                as_read.add(at);
            }
        }
        self.spoken.without(as_read)
    }

    /// Says this of a field; none says that it is unknown.
    pub fn set(&mut self, at: usize, value: Option<Value>) {
        if let Some(place) = self.values.get_mut(at) {
            *place = value;
            self.spoken.add(at);
        }
    }
}

impl Value {
    /// What could not be read, as it is kept: on one line, no longer than [`LONGEST_AS_READ`], without what can't be shown. None
    /// of a blank.
    pub fn as_read(text: &str) -> Option<Value> {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let line: String = words.join(" ").chars().take(LONGEST_AS_READ).collect();
        (!line.is_empty()).then_some(Value::AsRead(line))
    }

    /// How it is held.
    pub fn storage(&self) -> Storage {
        match self {
            Value::Text(_) | Value::AsRead(_) => Storage::Text,
            Value::Int(_) => Storage::Int,
            Value::Date(_) => Storage::Date,
            Value::Bool(_) => Storage::Bool,
            Value::Moment(_) => Storage::Moment,
            Value::Decimal(decimal) => Storage::Decimal(decimal.places),
        }
    }

    /// Whether it is no value, but what could not be read.
    pub fn is_as_read(&self) -> bool {
        matches!(self, Value::AsRead(_))
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
            Value::Text(x) | Value::AsRead(x) => f.write_str(x),
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
                Some(Value::AsRead(_)) if field.required => Err(Problem::Type {
                    expected: field.kind.clone(),
                }),
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

    /// A word as a canonical JSON object: only the fields it speaks of, in declared order, `null` for one said to be unknown. What
    /// could not be read stands at the end by field, in an object called `?`.
    pub fn encode_said(&self, said: &Said) -> String {
        let mut out = String::with_capacity(24 * self.fields.len() + 2);
        json::encode_said(self, said, &mut out);
        out
    }

    /// The word written by [`Register::encode_said`], as strictly as [`Register::decode`].
    pub fn decode_said(&self, body: &str) -> Result<Said, DecodeFault> {
        json::decode_said(self, body)
    }

    /// Whether a word written by [`Register::encode_said`] may speak of a field without giving it a value; most don't, and this is
    /// told without reading it.
    pub fn may_lack_values(body: &str) -> bool {
        json::may_lack_values(body)
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
                Value::AsRead(_) => return None,
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
