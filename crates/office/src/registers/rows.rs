//! The rows of a list as somebody sees them: what stands in each field, and what names the records that fields refer to. Each record is
//! seen as its own unit's rights say, the one referred to as well as the one that refers.

use std::borrow::Cow;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array, RecordBatch, StringViewArray,
};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use foldhash::HashMap;
use jiff::Span;
use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use pack::{Field, FieldSet, FieldType, Register, Value};
use tables::{Batches, TablesError, Veil};

use super::Opened;
use super::sql::Reading;
use crate::error::OfficeError;
use crate::row::{FieldIds, SeenCell, SeenRow, Whose, field_ids, seen_cell, typed};

/// A record of a list.
#[derive(Clone, Debug)]
pub struct SeenRecord {
    /// What stands in its fields.
    pub row: SeenRow,
    /// What names the records that its fields refer to, by the field's place.
    references: Vec<(usize, SeenTitle)>,
}

/// What names a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenTitle {
    /// Its register.
    pub register: String,
    /// The record.
    pub record: RecordId,
    /// What stands in the fields that name it; none if the reader doesn't see the record.
    pub parts: Option<Vec<(FieldType, SeenCell)>>,
}

impl SeenRecord {
    pub(super) fn new(row: SeenRow, references: Vec<(usize, SeenTitle)>) -> SeenRecord {
        SeenRecord { row, references }
    }

    /// What names the record that a field refers to.
    #[must_use]
    pub fn reference(&self, field: usize) -> Option<&SeenTitle> {
        let found = self.references.iter().find(|(at, _)| *at == field);
        found.map(|(_, title)| title)
    }

    /// What names the record itself.
    #[must_use]
    pub fn title(&self, register: &Register) -> SeenTitle {
        let mut parts = Vec::new();
        for at in &register.look.title {
            let Some(field) = register.fields.get(*at) else {
                continue;
            };
            match self.reference(*at) {
                Some(title) => parts.extend(title.parts.clone().unwrap_or_default()),
                None => parts.push((field.kind.clone(), self.row.cell_at(*at).clone())),
            }
        }
        SeenTitle {
            register: register.id.clone(),
            record: self.row.record,
            parts: Some(parts),
        }
    }
}

/// All records of a list, as they come: of their fields, those that the query shows and those that name them. The others are withheld.
pub struct RecordStream<'p> {
    batches: Batches,
    reading: Reading<'p>,
    opened: Opened,
}

impl<'p> RecordStream<'p> {
    pub(super) fn new(batches: Batches, reading: Reading<'p>, opened: Opened) -> Self {
        Self {
            batches,
            reading,
            opened,
        }
    }

    /// The next of them; none at the end.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn next(&mut self) -> Result<Option<Vec<SeenRecord>>, OfficeError> {
        let batch = self.batches.next().await?;
        let rows = batch.map(|batch| decoded(&self.reading, &self.opened, &batch));
        rows.transpose()
    }
}

/// Rows of the query that a reading is.
pub(super) fn decoded(
    reading: &Reading<'_>,
    opened: &Opened,
    batch: &RecordBatch,
) -> Result<Vec<SeenRecord>, OfficeError> {
    let columns: Result<Vec<Column<'_>>, TablesError> =
        batch.columns().iter().map(Column::new).collect();
    let columns = columns?;
    let mut decoder = Decoder {
        reading,
        opened,
        fields: field_ids(reading.register),
        columns: &columns,
        veils: vec![HashMap::default(); reading.joined.len() + 1],
    };
    let rows = 0..batch.num_rows();
    Ok(rows.filter_map(|row| decoder.record(row)).collect())
}

/// Reads rows of a batch: its columns are those of [`Reading::columns`], then of each joined record its number, its unit and what names it.
struct Decoder<'d, 'p> {
    reading: &'d Reading<'p>,
    opened: &'d Opened,
    fields: FieldIds,
    columns: &'d [Column<'d>],
    /// What is kept back of the records of a unit: of the register, then of each joined one. Rows of a list are of few units.
    veils: Vec<HashMap<String, Veil>>,
}

impl<'p> Decoder<'_, 'p> {
    fn veil(&mut self, nth: usize, register: &Register, unit: &str) -> Veil {
        if let Some(known) = self.veils.get(nth).and_then(|known| known.get(unit)) {
            return *known;
        }
        let grant = self.opened.session.grant();
        let code = unit.parse::<UnitCode>().ok();
        let veil = code.and_then(|code| Veil::of(register, grant, &code));
        // A record of which nothing may be read isn't there; if it were, nothing of it would be shown.
        let veil = veil.unwrap_or(Veil {
            masked: FieldSet::NONE,
            withheld: FieldSet::ALL,
        });
        if let Some(known) = self.veils.get_mut(nth) {
            known.insert(unit.to_owned(), veil);
        }
        veil
    }

    fn record(&mut self, row: usize) -> Option<SeenRecord> {
        let (reading, columns) = (self.reading, self.columns);
        let register: &'p Register = reading.register;
        let own = &reading.columns;
        let unit = columns.get(own.unit)?.text(row);
        let unit = unit.as_deref().unwrap_or_default();
        let veil = self.veil(0, register, unit);
        let whose = Whose {
            record: RecordId(columns.get(own.id)?.int(row)?),
            unit: unit.parse().ok(),
            since: columns.get(own.since)?.day(row),
        };
        let mut cells = Vec::with_capacity(register.fields.len());
        for (at, field) in register.fields.iter().enumerate() {
            cells.push(match own.fields.get(at).copied().flatten() {
                Some(column) => columns.get(column)?.cell((at, field), veil, row),
                None => SeenCell::Withheld,
            });
        }
        let standing = &self.opened.standing;
        let row_seen = SeenRow::new((register, &self.fields), whose, veil, cells, standing);
        let joined = self.joined(row)?;
        let references = reading.references.iter().filter_map(|(at, nth)| {
            let record = RecordId(row_seen.reference_at(*at)?);
            let title = SeenTitle {
                register: reading.joined.get(*nth)?.register.id.clone(),
                record,
                parts: parts(reading, &joined, *nth),
            };
            Some((*at, title))
        });
        let references = references.collect();
        Some(SeenRecord {
            row: row_seen,
            references,
        })
    }

    /// What stands in the records that are joined to a row.
    fn joined(&mut self, row: usize) -> Option<Vec<Found>> {
        let (reading, columns) = (self.reading, self.columns);
        let mut next = reading.columns.count;
        let mut all = Vec::with_capacity(reading.joined.len());
        for (nth, joined) in reading.joined.iter().enumerate() {
            let (number, unit) = (columns.get(next)?, columns.get(next + 1)?);
            let there = !number.is_null(row);
            let mut cells = Vec::with_capacity(joined.title.len());
            if there {
                let unit = unit.text(row);
                let veil = self.veil(
                    nth + 1,
                    joined.register,
                    unit.as_deref().unwrap_or_default(),
                );
                for ((at, _), column) in joined.title.iter().zip(columns.get(next + 2..)?) {
                    let field = joined.register.fields.get(*at)?;
                    cells.push(column.cell((*at, field), veil, row));
                }
            }
            next += 2 + joined.title.len();
            all.push(there.then_some(cells));
        }
        Some(all)
    }
}

/// A column of a batch by what its values are, so that they needn't become text first.
enum Column<'b> {
    Text(&'b StringViewArray),
    Int(&'b Int64Array),
    Day(&'b Date32Array),
    Truth(&'b BooleanArray),
    Other(&'b dyn Array, ArrayFormatter<'b>),
}

impl<'b> Column<'b> {
    fn new(array: &'b ArrayRef) -> Result<Column<'b>, TablesError> {
        Ok(match array.data_type() {
            DataType::Utf8View => Column::Text(array.as_string_view()),
            DataType::Int64 => Column::Int(array.as_primitive()),
            DataType::Date32 => Column::Day(array.as_primitive()),
            DataType::Boolean => Column::Truth(array.as_boolean()),
            _ => {
                let options = FormatOptions::default();
                Column::Other(array.as_ref(), ArrayFormatter::try_new(array, &options)?)
            }
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Column::Text(array) => *array,
            Column::Int(array) => *array,
            Column::Day(array) => *array,
            Column::Truth(array) => *array,
            Column::Other(array, _) => *array,
        }
    }

    fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    fn int(&self, row: usize) -> Option<i64> {
        match self {
            Column::Int(array) if array.is_valid(row) => Some(array.value(row)),
            _ => None,
        }
    }

    fn day(&self, row: usize) -> Option<Date> {
        const FIRST: Date = Date::constant(1970, 1, 1);
        match self {
            Column::Day(array) if array.is_valid(row) => {
                let days = i64::from(array.value(row));
                FIRST.checked_add(Span::new().try_days(days).ok()?).ok()
            }
            _ => None,
        }
    }

    /// What stands there as text; none if nothing does.
    fn text(&self, row: usize) -> Option<Cow<'b, str>> {
        if self.is_null(row) {
            return None;
        }
        Some(match self {
            Column::Text(array) => Cow::Borrowed(array.value(row)),
            Column::Int(array) => Cow::Owned(array.value(row).to_string()),
            Column::Day(_) => Cow::Owned(self.day(row)?.to_string()),
            Column::Truth(array) => Cow::Owned(array.value(row).to_string()),
            Column::Other(_, shown) => Cow::Owned(shown.value(row).to_string()),
        })
    }

    /// What stands in a field, as it is seen.
    fn cell(&self, (at, field): (usize, &Field), veil: Veil, row: usize) -> SeenCell {
        if veil.withheld.has(at) || veil.masked.has(at) || self.is_null(row) {
            return seen_cell((at, field), veil, self.text(row).as_deref());
        }
        let value = match (&field.kind, self) {
            (FieldType::Int | FieldType::Fen | FieldType::Ref(_), Column::Int(array)) => {
                Some(Value::Int(array.value(row)))
            }
            (FieldType::Date, Column::Day(_)) => self.day(row).map(Value::Date),
            (FieldType::Bool, Column::Truth(array)) => Some(Value::Bool(array.value(row))),
            (kind, _) => self.text(row).and_then(|text| typed(kind, &text)),
        };
        value.map_or(SeenCell::Unknown, SeenCell::Value)
    }
}

/// A record that is referred to: what stands in the fields that name it, or that it isn't seen.
type Found = Option<Vec<SeenCell>>;

/// What names a record that is referred to, with what names those it refers to itself.
fn parts(
    reading: &Reading<'_>,
    joined: &[Found],
    nth: usize,
) -> Option<Vec<(FieldType, SeenCell)>> {
    let cells = joined.get(nth)?.as_ref()?;
    let of = reading.joined.get(nth)?;
    let mut all = Vec::new();
    for ((at, leads), cell) in of.title.iter().zip(cells) {
        let field = of.register.fields.get(*at)?;
        match leads {
            Some(leads) => all.extend(parts(reading, joined, *leads).unwrap_or_default()),
            None => all.push((field.kind.clone(), cell.clone())),
        }
    }
    Some(all)
}
