//! Actions: what people make known one case at a time, such as that a telephone changed or a household split. An action says what is
//! asked (inputs) and what is written, and is a roster besides: whatever comes as a list, by a form or as JSON goes through the
//! same columns, checks and writes.

use jiff::civil::Date;
use kernel::age::full_years;

use crate::{FieldType, Place, Roster, Text, Value};

/// The code list of the headings under which actions are offered.
pub const ACTION_GROUP: &str = "action_group";

/// One change people make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What is asked, in this order.
    pub inputs: Vec<Input>,
    /// On whose pages it is offered; nowhere else than in the list of actions if on none.
    pub offered: Vec<Offer>,
    /// What it is for, in a sentence; blank where the name says it.
    pub help: Text,
    /// Under which heading it is offered: a value of [`ACTION_GROUP`].
    pub group: Option<String>,
    /// Its place among those under the same heading.
    pub order: i64,
    /// Its columns, writes and checks, with its id and name. Of an input that is a record there are the columns by which a list
    /// names it, and the write that finds it, whose alias is the input's id.
    pub roster: Roster,
    /// Where it is declared.
    pub place: Place,
}

/// On whose page an action is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The input that the page's record is given for.
    pub input: usize,
    /// What must stand in fields of that record.
    pub when: Vec<(String, Fits)>,
    /// What must not stand there: any of these.
    pub unless: Vec<(String, Fits)>,
    /// Registers in which no record may refer to it.
    pub absent: Vec<String>,
    /// Whether it is offered for the rows of lists, too, several at once: each is a case of its own.
    pub rows: bool,
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fits {
    /// One of these.
    OneOf(Vec<Value>),
    /// A day from which so many full years have gone by; one that isn't known may be.
    Years {
        /// As many, or more.
        from: i32,
        /// Fewer than so many.
        below: i32,
    },
}

impl Fits {
    /// Whether what stands fits on a day; nothing stands where it isn't known or not seen.
    #[must_use]
    pub fn holds(&self, stands: Option<&Value>, on: Date) -> bool {
        match self {
            Fits::OneOf(values) => stands.is_some_and(|known| values.contains(known)),
            Fits::Years { from, below } => {
                let years = stands
                    .and_then(Value::as_date)
                    .map(|day| full_years(day, on));
                years.is_none_or(|years| (*from..*below).contains(&years))
            }
        }
    }
}

/// One thing an action asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// How it is filled in; blank where the name says it.
    pub help: Text,
    /// Whether it must be given.
    pub required: bool,
    /// Whether several records may be picked for it: each is a case of its own.
    pub several: bool,
    /// What is given.
    pub gives: InputGives,
    /// What a form proposes until something else is given.
    pub default: Option<InputDefault>,
}

/// What a form proposes for an input. What comes as a list or as JSON says what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputDefault {
    /// This value.
    Value(Value),
    /// The unit of whoever is at the desk.
    Desk,
    /// The year of the day as of which it is said.
    Year,
    /// What stands in a field of the record given for another input, or of a record that refers to it.
    Of {
        /// The other input, by its place.
        input: usize,
        /// The register of the record that has the field.
        register: String,
        /// The field, by its place in that register.
        field: usize,
    },
}

/// What is given for an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputGives {
    /// A value of this column of the roster.
    Value(usize),
    /// A record: what this write of the roster finds. A list names it by this many columns from this one on.
    Record {
        /// The write.
        write: usize,
        /// The first of its columns.
        column: usize,
        /// How many there are.
        columns: usize,
    },
}

impl Action {
    /// Identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.roster.id
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Text {
        &self.roster.name
    }

    /// An input by its id.
    #[must_use]
    pub fn input(&self, id: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.id == id)
    }

    /// The register of the record that is given for an input; none of a value.
    #[must_use]
    pub fn register_of(&self, input: &Input) -> Option<&str> {
        match input.gives {
            InputGives::Record { write, .. } => Some(&self.roster.writes.get(write)?.register),
            InputGives::Value(_) => None,
        }
    }

    /// What the values given for an input hold; none of a record.
    #[must_use]
    pub fn kind_of(&self, input: &Input) -> Option<&FieldType> {
        match input.gives {
            InputGives::Value(column) => Some(&self.roster.columns.get(column)?.kind),
            InputGives::Record { .. } => None,
        }
    }
}
