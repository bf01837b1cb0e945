//! A record as somebody sees it: each field with a value, as unknown, or as withheld, which is not the same.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use kernel::{Decimal, RecordId, UnitCode};
use pack::{Field, FieldType, Register, Value};
use tables::{SeenTexts, Snapshot, Veil, schema};

/// What stands in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeenCell {
    /// A value.
    Value(Value),
    /// A value of which only a mask is shown.
    Masked(String),
    /// Nothing is known.
    Unknown,
    /// Something may be known; it isn't shown to this reader.
    Withheld,
    /// No value could be made of what stands there.
    AsRead(String),
}

/// A record as somebody sees it.
#[derive(Clone, Debug)]
pub struct SeenRow {
    /// The record.
    pub record: RecordId,
    /// Whose it is.
    pub unit: Option<UnitCode>,
    /// Since when it has been there.
    pub since: Option<Date>,
    /// The ids of the register's fields, by place; rows that are read together share them.
    fields: FieldIds,
    /// What stands in each field, by place.
    cells: Vec<SeenCell>,
    /// The same as texts, once one that isn't a text itself is asked for.
    texts: OnceLock<Vec<String>>,
    /// What could not be read, beside what stands; not shown, it is withheld.
    unread: Vec<(usize, SeenCell)>,
}

/// The ids of a register's fields, by place.
pub(crate) type FieldIds = Arc<[String]>;

/// The ids of a register's fields.
pub(crate) fn field_ids(register: &Register) -> FieldIds {
    register
        .fields
        .iter()
        .map(|field| field.id.clone())
        .collect()
}

/// Which record a row is.
pub(crate) struct Whose {
    pub record: RecordId,
    pub unit: Option<UnitCode>,
    pub since: Option<Date>,
}

impl SeenRow {
    /// The record of a table's row, with what stands in each field.
    pub(crate) fn new(
        (register, fields): (&Register, &FieldIds),
        whose: Whose,
        veil: Veil,
        cells: Vec<SeenCell>,
        standing: &Snapshot,
    ) -> SeenRow {
        let unread = standing.unread();
        let unread = unread.of_record(&register.id, whose.record).iter();
        let unread = unread.filter(|unread| !veil.withheld.has(unread.field));
        let unread = unread.map(|unread| (unread.field, as_read(veil, &unread.text)));
        SeenRow {
            record: whose.record,
            unit: whose.unit,
            since: whose.since,
            fields: fields.clone(),
            unread: unread.collect(),
            cells,
            texts: OnceLock::new(),
        }
    }

    fn place(&self, field: &str) -> Option<usize> {
        self.fields.iter().position(|own| own == field)
    }

    /// What stands in a field.
    #[must_use]
    pub fn cell(&self, field: &str) -> &SeenCell {
        let cell = self.place(field).and_then(|at| self.cells.get(at));
        cell.unwrap_or(&SeenCell::Unknown)
    }

    /// What stands in a field, by its place in the register.
    #[must_use]
    pub fn cell_at(&self, at: usize) -> &SeenCell {
        self.cells.get(at).unwrap_or(&SeenCell::Unknown)
    }

    /// What could not be read in a field and is asked about, beside what stands there.
    #[must_use]
    pub fn unread(&self, field: &str) -> Option<&SeenCell> {
        match self.unread.is_empty() {
            true => None,
            false => self.unread_at(self.place(field)?),
        }
    }

    /// The same by the field's place in the register.
    #[must_use]
    pub fn unread_at(&self, at: usize) -> Option<&SeenCell> {
        let found = self.unread.iter().find(|(of, _)| *of == at);
        found.map(|(_, cell)| cell)
    }

    /// Whether anything is to be said of a field: a value, that it is withheld, or what could not be read.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        *self.cell(field) != SeenCell::Unknown || self.unread(field).is_some()
    }

    /// Whether something of it is shown as a mask.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        self.cells
            .iter()
            .any(|cell| matches!(cell, SeenCell::Masked(_)))
    }

    /// The value of a field, or its mask, as text; none if it is unknown or withheld.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        let at = self.place(field)?;
        match self.cells.get(at)? {
            SeenCell::Value(Value::Text(text)) | SeenCell::Masked(text) => Some(text),
            SeenCell::Value(_) => {
                let text = |cell: &SeenCell| match cell {
                    SeenCell::Value(Value::Text(_)) => String::new(),
                    SeenCell::Value(value) => value.to_string(),
                    _ => String::new(),
                };
                let texts = self
                    .texts
                    .get_or_init(|| self.cells.iter().map(text).collect());
                texts.get(at).map(String::as_str)
            }
            SeenCell::Unknown | SeenCell::Withheld | SeenCell::AsRead(_) => None,
        }
    }

    /// The record a field names.
    #[must_use]
    pub fn reference(&self, field: &str) -> Option<i64> {
        self.reference_at(self.place(field)?)
    }

    /// The record a field names, by the field's place in the register.
    #[must_use]
    pub fn reference_at(&self, at: usize) -> Option<i64> {
        match self.cell_at(at) {
            SeenCell::Value(value) => value.as_int(),
            _ => None,
        }
    }
}

/// Rows of a register's table as somebody sees them, told by their texts.
pub(crate) fn seen_rows(
    register: &Register,
    seen: Vec<SeenTexts>,
    standing: &Snapshot,
) -> impl Iterator<Item = SeenRow> {
    let (fields, leading) = (field_ids(register), schema::leading(register));
    let columns = schema::table(register);
    let places = [schema::ID, schema::UNIT, schema::VALID_FROM];
    let places = places.map(|name| columns.index_of(name).ok());
    seen.into_iter().filter_map(move |(veil, texts)| {
        let [record, unit, since] = places.map(|at| at.and_then(|at| texts.get(at)?.as_deref()));
        let whose = Whose {
            record: RecordId(record?.parse().ok()?),
            unit: unit.and_then(|unit| unit.parse().ok()),
            since: since.and_then(|day| day.parse().ok()),
        };
        let cells = register.fields.iter().zip(&texts[leading..]).enumerate();
        let cells = cells.map(|(at, (field, text))| seen_cell((at, field), veil, text.as_deref()));
        let (of, cells) = ((register, &fields), cells.collect());
        Some(SeenRow::new(of, whose, veil, cells, standing))
    })
}

/// What stands in a field of a table, as it is seen.
pub(crate) fn seen_cell((at, field): (usize, &Field), veil: Veil, text: Option<&str>) -> SeenCell {
    match text {
        _ if veil.withheld.has(at) => SeenCell::Withheld,
        None => SeenCell::Unknown,
        Some(text) if veil.masked.has(at) => SeenCell::Masked(text.to_owned()),
        Some(text) => typed(&field.kind, text).map_or(SeenCell::Unknown, SeenCell::Value),
    }
}

/// What could not be read, as it is seen. It may be anything, another field's number too: who sees the whole record sees it.
pub(crate) fn as_read(veil: Veil, text: &str) -> SeenCell {
    match veil == Veil::default() {
        true => SeenCell::AsRead(text.to_owned()),
        false => SeenCell::Withheld,
    }
}

/// A value of a type from its text in a table.
pub(crate) fn typed(kind: &FieldType, text: &str) -> Option<Value> {
    Some(match kind {
        FieldType::Int | FieldType::Fen | FieldType::Ref(_) => Value::Int(text.parse().ok()?),
        FieldType::Date => Value::Date(text.parse().ok()?),
        FieldType::Bool => Value::Bool(text.parse().ok()?),
        FieldType::Moment => Value::Moment(text.parse().ok()?),
        FieldType::Decimal { places, .. } => Value::Decimal(Decimal::parse(text, *places)?),
        _ => Value::Text(text.to_owned()),
    })
}
