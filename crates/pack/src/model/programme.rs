//! Programmes: benefits and supports, as named and cited conditions over the facts of a subject, with dated parameters and
//! what they pay. Rules are content here; nothing in this module knows any particular one.

use std::fmt;

use jiff::civil::Date;

use kernel::{Answer, Lang, Rate};

use crate::{Brackets, FieldType, Place, Sql, Text, Value};

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
    /// What its answers are called, if it is a judgement: nobody is enrolled in it, and it pays nothing.
    pub judgement: Option<Judgement>,
    /// Where it is declared.
    pub place: Place,
}

/// What the answers of a judgement are called. That it can't be told is called so everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// That all conditions hold.
    pub holds: Text,
    /// That one doesn't.
    pub fails: Text,
    /// The facts that lists show beside each subject.
    pub shows: Vec<String>,
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
    pub kind: ParameterType,
    /// Its values, by date, earliest first.
    pub values: Vec<Dated>,
    /// Where it is declared.
    pub place: Place,
}

/// What a parameter holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParameterType {
    /// What a field may hold, too.
    Field(FieldType),
    /// A share, such as 3.5 %.
    Rate,
    /// A table of brackets.
    Brackets,
}

/// One value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterValue {
    /// What a field may hold, too.
    Field(Value),
    /// A share.
    Rate(Rate),
    /// A table of brackets.
    Brackets(Brackets),
}

/// As people read it: a rate in per cent, brackets by their bounds.
impl fmt::Display for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParameterValue::Field(value) => write!(f, "{value}"),
            ParameterValue::Rate(rate) => write!(f, "{rate}"),
            ParameterValue::Brackets(brackets) => {
                let sign = if brackets.over { ">" } else { "≥" };
                for (nth, (bound, gives)) in brackets.shown().enumerate() {
                    let mark = if nth == 0 { "" } else { "; " };
                    write!(f, "{mark}{sign} {bound}: {gives}")?;
                }
                Ok(())
            }
        }
    }
}

/// A value from a date on, until the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// The first day on which it applies.
    pub from: Date,
    /// The value.
    pub value: ParameterValue,
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
    /// Conditions that needn't hold on the day of a step, since `due` says of the whole step what they say of a day.
    pub except: Vec<String>,
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

    /// The SQL of its conditions.
    pub fn conditions_sql(&self) -> impl Iterator<Item = &Sql> {
        self.conditions.iter().map(|condition| &condition.holds)
    }

    /// The conditions that must hold on the day of a step for it to be due.
    pub fn conditions_of_step(&self) -> impl Iterator<Item = &Condition> {
        let except = self.pays.as_ref().map_or(&[][..], |pays| &pays.except);
        (self.conditions.iter()).filter(|condition| !except.contains(&condition.id))
    }

    /// The SQL of what it pays.
    pub fn pays_sql(&self) -> impl Iterator<Item = &Sql> {
        self.pays.iter().flat_map(|pays| [&pays.due, &pays.amount])
    }

    /// Its parameters that the SQL names.
    pub fn named_in<'a>(
        &'a self,
        sql: impl Iterator<Item = &'a Sql>,
    ) -> impl Iterator<Item = &'a Parameter> {
        sql.flat_map(|sql| crate::parameters(&sql.text))
            .filter_map(|(name, _)| self.parameter(&name))
    }

    /// The parameter of its conditions without a value on the day, if there is one: before its first value a programme is not in
    /// force.
    pub fn not_in_force(&self, day: Date) -> Option<&Parameter> {
        self.named_in(self.conditions_sql())
            .find(|parameter| parameter.on(day).is_none())
    }

    /// Whether a value that merely illustrates has a part in what it decides or pays on the day.
    pub fn illustrative(&self, day: Date) -> bool {
        self.named_in(self.conditions_sql().chain(self.pays_sql()))
            .filter_map(|parameter| parameter.on(day))
            .any(|dated| dated.illustrative)
    }

    /// What an answer is called.
    pub fn answer_name(&self, answer: Answer, lang: Lang) -> &str {
        match (&self.judgement, answer) {
            (Some(own), Answer::Entitled) => own.holds.get(lang),
            (Some(own), Answer::NotEntitled) => own.fails.get(lang),
            _ => answer.label(lang),
        }
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
