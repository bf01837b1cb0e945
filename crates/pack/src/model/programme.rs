//! Programmes: benefits and supports, as named and cited conditions over the facts of a subject, with dated parameters and
//! what they pay. Rules are content here; nothing in this module knows any particular one.

use jiff::civil::Date;

use crate::{FieldType, Place, Sql, Text, Value};

/// A benefit or support with conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The subject it decides about.
    pub subject: String,
    /// What lists call it besides its name.
    pub synonyms: Vec<String>,
    /// The first day on which it is no more in force; it then has a condition that says so.
    pub retired: Option<Date>,
    /// The documents it rests on.
    pub basis: Vec<Basis>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its conditions; all must hold.
    pub conditions: Vec<Condition>,
    /// What it pays, if it pays.
    pub pays: Option<Pays>,
    /// Where it is declared.
    pub place: Place,
}

/// A document, and the clause in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Basis {
    /// The document.
    pub document: String,
    /// The clause; empty when the whole document is meant.
    pub clause: String,
}

/// A number, date or word that rules use as `$id`, dated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What it holds.
    pub kind: FieldType,
    /// Its values, by date, earliest first.
    pub values: Vec<Dated>,
    /// Where it is declared.
    pub place: Place,
}

/// A value from a date on, until the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// The first day on which it applies.
    pub from: Date,
    /// The value.
    pub value: Value,
    /// Where it comes from.
    pub basis: String,
    /// Whether it merely illustrates, because no official text was found.
    pub illustrative: bool,
    /// Where it is written.
    pub place: Place,
}

/// One condition: named, cited, and one SQL boolean over the facts of the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The boolean; NULL means that it can't be told.
    pub holds: Sql,
    /// The documents it rests on, where they differ from the programme's.
    pub basis: Vec<Basis>,
    /// The first day on which it is asked; `holds` is true before.
    pub from: Option<Date>,
    /// The first day on which it is no more asked; `holds` is true from then on.
    pub retired: Option<Date>,
    /// Where it is declared.
    pub place: Place,
}

/// What a programme pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pays {
    /// The step in which it pays.
    pub every: Every,
    /// Whether a step is due: `$start` and `$end` are its first and last day.
    pub due: Sql,
    /// The amount of a step, in fen.
    pub amount: Sql,
}

/// The step in which something is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Every {
    /// By calendar month.
    Month,
    /// By calendar year.
    Year,
}

impl Programme {
    /// A parameter by id.
    pub fn parameter(&self, id: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.id == id)
    }

    /// A condition by id.
    pub fn condition(&self, id: &str) -> Option<&Condition> {
        self.conditions.iter().find(|c| c.id == id)
    }
}

impl Parameter {
    /// The value that applies on a day; none before the first.
    pub fn on(&self, day: Date) -> Option<&Dated> {
        self.values.iter().rev().find(|v| v.from <= day)
    }
}
