//! Cells that can't be read: in which columns they are kept, which records have them, and what of a row counts as a value all the same.
//! It reads no cell and decides nothing of a row's being taken.

use pack::Value;

use crate::script::{Origin, Script, Step};

/// What could not be read where a field's value is asked for.
pub(crate) fn as_read(origin: &Origin, values: &[Option<Value>]) -> Option<Value> {
    values[origin.as_read()?].clone().filter(Value::is_as_read)
}

/// Whether a column has a value in a row.
pub(crate) fn has_value(values: &[Option<Value>], column: usize) -> bool {
    values[column]
        .as_ref()
        .is_some_and(|value| !value.is_as_read())
}

impl Origin {
    /// The column whose words are kept if they can't be read.
    pub(crate) fn as_read(&self) -> Option<usize> {
        match self {
            Origin::Column(column)
            | Origin::Number(column)
            | Origin::Other(column)
            | Origin::Day(column)
            | Origin::About(column)
            | Origin::Else(column, _) => Some(*column),
            _ => None,
        }
    }
}

impl Step<'_> {
    /// Whether the record has a field for what can't be read in a column, and may be without a value there.
    fn keeps_as_read(&self, column: usize) -> bool {
        let mut set = self.set.iter();
        set.any(|(field, origin)| {
            origin.as_read() == Some(column) && !self.register.fields[*field].required
        })
    }

    /// Whether a row is silent in the column without which the step is left out.
    pub(crate) fn is_left_out(&self, values: &[Option<Value>]) -> bool {
        self.only_if.is_some_and(|column| match &values[column] {
            None => true,
            Some(value) => value.is_as_read() && !self.keeps_as_read(column),
        })
    }

    /// Whether a value is what another field of the record leaves of a column: a document without digits, a date without a day.
    pub(crate) fn takes_rest(&self, origin: &Origin) -> bool {
        let first = match origin {
            Origin::Other(column) => Origin::Number(*column),
            Origin::About(column) => Origin::Day(*column),
            _ => return false,
        };
        self.set.iter().any(|(_, other)| *other == first)
    }
}

impl Script<'_> {
    /// Whether a blank cell of a column means something else.
    pub(crate) fn means_else(&self, column: usize) -> bool {
        let mut set = self.writes.iter().flat_map(|step| &step.set);
        set.any(|(_, origin)| matches!(origin, Origin::Else(own, _) if *own == column))
    }

    /// Whether what can't be read in a column is kept, since some record that is written without it has a field for it.
    pub(crate) fn keeps_as_read(&self, column: usize) -> bool {
        let steps = self.writes.iter().enumerate();
        let mut says =
            steps.filter(|(at, step)| step.create && (!step.mentions || self.is_main(*at)));
        says.any(|(_, step)| step.keeps_as_read(column))
    }
}
