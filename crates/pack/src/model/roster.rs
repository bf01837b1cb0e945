//! Rosters: the lists departments send, column by column, and what each row of them writes into the registers. The words by
//! which headers are recognised are declared here; reading files is `intake`'s.

use jiff::civil::Date;

use crate::{Check, FieldType, Pack, Place, Text, Vouching};

/// One kind of list a department sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Who sends it.
    pub sender: Text,
    /// Whose word it is, as a value of the code list `source`; without one, nobody's whose word counts more than another's.
    pub source: Option<String>,
    /// Whether its rows are about people who are recognised by all that is said of them, with or without a number.
    pub people: bool,
    /// Whether it names everyone it is about, so that whoever is no longer on it has left.
    pub whole: bool,
    /// What its lists vouch for; nothing if it isn't said.
    pub vouching: Option<Vouching>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// What a row writes, in this order.
    pub writes: Vec<Write>,
    /// What must or should hold of a row, or of the list.
    pub checks: Vec<Check>,
    /// Where it is declared.
    pub place: Place,
}

/// One column of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Identifier.
    pub id: String,
    /// Its header.
    pub name: Text,
    /// What its cells hold.
    pub kind: FieldType,
    /// Whether every row must have it.
    pub required: bool,
    /// Of dates: whether what they date goes by months, so that a month alone means its first day.
    pub by_month: bool,
    /// Other headers senders use.
    pub synonyms: Vec<String>,
    /// The header cells above it, outermost first, when the header has several levels.
    pub group: Vec<String>,
    /// Where it is declared.
    pub place: Place,
}

/// One record a row writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The register written to.
    pub register: String,
    /// The name by which later writes refer to the record (`@name`); empty when none does.
    pub alias: String,
    /// The earlier write of whose record this says more; none of a write that finds its record by the identity.
    pub of: Option<String>,
    /// Written only if this column isn't blank.
    pub only_if: Option<String>,
    /// Whether a record that isn't known yet is opened. Declared, or else: yes without an alias, no with one.
    pub create: bool,
    /// Whether it has to be a record that isn't there yet: a desk is told so, and writes nothing.
    pub new: bool,
    /// The date from which it is true.
    pub since: ValueSource,
    /// The date on which it ends; the record is closed then.
    pub until: Option<ValueSource>,
    /// Fields and where their values come from.
    pub set: Vec<(String, ValueSource)>,
    /// Fields that must agree with what is known already.
    pub check: Vec<(String, ValueSource)>,
    /// Where it is declared.
    pub place: Place,
}

/// Where a written value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueSource {
    /// `column`: the cell of this column.
    Column(String),
    /// `column.birth`: the date of birth in an ID number.
    Birth(String),
    /// `column.sex`: the sex in an ID number, as a value of the code list.
    Sex(String),
    /// `column.number`: the 18 digits of a document, if it has them.
    Number(String),
    /// `column.other`: a document, if it has no 18 digits.
    Other(String),
    /// `column.day`: the day of a date, if it names one.
    Day(String),
    /// `column.about`: the year or the month of a date that names no day.
    About(String),
    /// `@alias`: the record an earlier write of the same row found or opened.
    Alias(String),
    /// `'words'`: always the same value.
    Literal(String),
    /// `@today`: the date given to the import.
    Today,
    /// `@unit`: the unit the list is imported for.
    Unit,
    /// `column else @unit`: the cell of this column, or where it is blank something that is no cell.
    Else(String, Box<ValueSource>),
}

impl Roster {
    /// The roster as it writes on a day: without fields and registers that are retired by then, whose cells are not read any more.
    pub fn on(&self, day: Date, pack: &Pack) -> Roster {
        let past = |retired: Option<Date>| retired.is_some_and(|since| since <= day);
        let mut roster = self.clone();
        let register = |write: &Write| pack.register(&write.register);
        roster
            .writes
            .retain(|write| !register(write).is_some_and(|register| past(register.retired)));
        for write in &mut roster.writes {
            let Some(register) = pack.register(&write.register) else {
                continue;
            };
            let lives = |(field, _): &(String, ValueSource)| {
                !register
                    .field(field)
                    .is_some_and(|(_, field)| past(field.retired))
            };
            write.set.retain(lives);
            write.check.retain(lives);
        }
        roster
    }

    /// A column and its position, by id.
    pub fn column(&self, id: &str) -> Option<(usize, &Column)> {
        self.columns.iter().enumerate().find(|(_, c)| c.id == id)
    }
}

impl ValueSource {
    /// The column it reads, if it reads one.
    pub fn column(&self) -> Option<&str> {
        match self {
            ValueSource::Column(c)
            | ValueSource::Birth(c)
            | ValueSource::Sex(c)
            | ValueSource::Number(c)
            | ValueSource::Other(c)
            | ValueSource::Day(c)
            | ValueSource::About(c)
            | ValueSource::Else(c, _) => Some(c),
            ValueSource::Alias(_)
            | ValueSource::Literal(_)
            | ValueSource::Today
            | ValueSource::Unit => None,
        }
    }
}
