//! A record as somebody sees it: each field with a value, as unknown, or as withheld, which is not the same.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Decimal, RecordId, UnitCode};
use pack::{Field, FieldType, Register, Value};
use tables::{Snapshot, Veil};

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
    cells: BTreeMap<String, (SeenCell, String)>,
    /// What could not be read, beside what stands; not shown, it is withheld.
    unread: BTreeMap<String, SeenCell>,
}

impl SeenRow {
    /// The record of a table's row, given as texts by column.
    pub(crate) fn new(
        register: &Register,
        veil: Veil,
        texts: &BTreeMap<String, String>,
        standing: &Snapshot,
    ) -> Option<SeenRow> {
        let text = |column: &str| texts.get(column);
        let mut cells = BTreeMap::new();
        for (at, field) in register.fields.iter().enumerate() {
            let text = text(&field.id);
            let cell = seen_cell((at, field), veil, text);
            let text = text.cloned().unwrap_or_default();
            cells.insert(field.id.clone(), (cell, text));
        }
        let record = RecordId(text(tables::schema::ID)?.parse().ok()?);
        let unread = standing.unread_of(&register.id, record).iter();
        let unread = unread.filter(|unread| !veil.withheld.has(unread.field));
        let unread = unread.filter_map(|unread| {
            let field = register.fields.get(unread.field)?;
            Some((field.id.clone(), as_read(veil, &unread.text)))
        });
        Some(SeenRow {
            record,
            unread: unread.collect(),
            unit: text(tables::schema::UNIT).and_then(|unit| unit.parse().ok()),
            since: text(tables::schema::VALID_FROM).and_then(|day| day.parse().ok()),
            cells,
        })
    }

    /// What stands in a field.
    #[must_use]
    pub fn cell(&self, field: &str) -> &SeenCell {
        self.cells
            .get(field)
            .map_or(&SeenCell::Unknown, |(cell, _)| cell)
    }

    /// What could not be read in a field and is asked about, beside what stands there.
    #[must_use]
    pub fn unread(&self, field: &str) -> Option<&SeenCell> {
        self.unread.get(field)
    }

    /// Whether anything is to be said of a field: a value, that it is withheld, or what could not be read.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        *self.cell(field) != SeenCell::Unknown || self.unread(field).is_some()
    }

    /// The value of a field, or its mask, as text; none if it is unknown or withheld.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        match self.cells.get(field)? {
            (SeenCell::Value(_) | SeenCell::Masked(_), text) => Some(text),
            (SeenCell::Unknown | SeenCell::Withheld | SeenCell::AsRead(_), _) => None,
        }
    }

    /// The record a field names.
    #[must_use]
    pub fn reference(&self, field: &str) -> Option<i64> {
        match self.cell(field) {
            SeenCell::Value(value) => value.as_int(),
            _ => None,
        }
    }
}

/// What stands in a field of a table, as it is seen.
pub(crate) fn seen_cell(
    (at, field): (usize, &Field),
    veil: Veil,
    text: Option<&String>,
) -> SeenCell {
    match text {
        _ if veil.withheld.has(at) => SeenCell::Withheld,
        None => SeenCell::Unknown,
        Some(text) if veil.masked.has(at) => SeenCell::Masked(text.clone()),
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
fn typed(kind: &FieldType, text: &str) -> Option<Value> {
    Some(match kind {
        FieldType::Int | FieldType::Fen | FieldType::Ref(_) => Value::Int(text.parse().ok()?),
        FieldType::Date => Value::Date(text.parse().ok()?),
        FieldType::Bool => Value::Bool(text.parse().ok()?),
        FieldType::Moment => Value::Moment(text.parse().ok()?),
        FieldType::Decimal { places, .. } => Value::Decimal(Decimal::parse(text, *places)?),
        _ => Value::Text(text.to_owned()),
    })
}
