//! All entries of one register in one book as columns, in order of their sequence; and the state of the register as of a
//! valid date and a known time, which is a pure function of them. Never reads the ledger; never writes a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array, RecordBatch, StringViewArray,
    UInt32Array,
};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Int64Type, Schema, SchemaRef};
use datafusion::arrow::json::ReaderBuilder;
use jiff::civil::Date;
use kernel::{EntryKind, UnitCode};
use ledger::Entry;
use pack::Register;

use crate::error::TablesError;
use crate::schema;
use kernel::date::to_days as days;

/// Columns that stand before the fields in a history: sequence, record, valid from, recorded at (µs), and whether the entry
/// leaves the record present in this book.
const LEADING: usize = 5;

/// The entries of one (register, book), oldest first.
#[derive(Clone, Debug)]
pub struct History {
    columns: RecordBatch,
}

impl History {
    /// A history without entries.
    #[must_use]
    pub fn empty(register: &Register) -> Self {
        Self {
            columns: RecordBatch::new_empty(columns(register)),
        }
    }

    /// A history read back from a cache; nothing when the columns are those of another declaration of the register.
    #[must_use]
    pub fn restore(register: &Register, stored: RecordBatch) -> Option<Self> {
        (stored.schema().fields() == columns(register).fields()).then_some(Self { columns: stored })
    }

    /// The columns, for a cache to keep.
    #[must_use]
    pub fn as_columns(&self) -> &RecordBatch {
        &self.columns
    }

    /// Sequence of the last entry; 0 for none.
    #[must_use]
    pub fn last_seq(&self) -> i64 {
        self.columns
            .column(0)
            .as_primitive::<Int64Type>()
            .values()
            .last()
            .copied()
            .unwrap_or(0)
    }

    /// This history followed by `entries`, which must be of the same register and book and later in sequence.
    ///
    /// # Errors
    /// A body that is not a record of the register.
    pub fn then(&self, register: &Register, entries: &[&Entry]) -> Result<Self, TablesError> {
        let added = decode(register, entries)?;
        let columns = if self.columns.num_rows() == 0 {
            added
        } else {
            concat_batches(&self.columns.schema(), [&self.columns, &added])?
        };
        Ok(Self { columns })
    }

    /// The register as it was on `on` (inclusive), by what was recorded up to `known` (µs since 1970; everything when absent).
    /// Of the entries of a record that had taken effect, the one with the latest valid date counts, and among those the one
    /// recorded last: a correction stands in for what it corrects. Rows come in order of record.
    ///
    /// # Errors
    /// Only when memory for the columns cannot be had.
    pub fn as_of(
        &self,
        register: &Register,
        book: UnitCode,
        on: Date,
        known: Option<i64>,
    ) -> Result<RecordBatch, TablesError> {
        let rows = self.present(days(on), known);
        let table = schema::table(register);
        let kept = if rows.len() == self.columns.num_rows() && rows.is_sorted() {
            self.columns.clone()
        } else {
            take_record_batch(&self.columns, &UInt32Array::from(rows))?
        };
        let book = StringViewArray::from_iter_values(std::iter::repeat_n(
            book.to_string(),
            kept.num_rows(),
        ));
        let mut arrays: Vec<ArrayRef> = vec![
            kept.column(1).clone(),
            Arc::new(book),
            kept.column(2).clone(),
        ];
        arrays.extend(kept.columns()[LEADING..].iter().cloned());
        Ok(RecordBatch::try_new(table, arrays)?)
    }

    /// The rows that are the state on a day, in order of record.
    fn present(&self, on: i32, known: Option<i64>) -> Vec<u32> {
        let record = self.columns.column(1).as_primitive::<Int64Type>().values();
        let valid = self.columns.column(2).as_primitive::<Date32Type>().values();
        let recorded = self.columns.column(3).as_primitive::<Int64Type>().values();
        let present = self.columns.column(4).as_boolean();
        let effective =
            |row: usize| valid[row] <= on && known.is_none_or(|known| recorded[row] <= known);
        let mut last: Vec<u32> = Vec::with_capacity(record.len());
        let ascending = record.windows(2).all(|pair| pair[0] < pair[1]);
        if ascending {
            last.extend(
                (0..record.len())
                    .filter(|&row| effective(row))
                    .filter_map(|row| u32::try_from(row).ok()),
            );
        } else {
            let mut best: BTreeMap<i64, usize> = BTreeMap::new();
            for row in (0..record.len()).filter(|&row| effective(row)) {
                best.entry(record[row])
                    .and_modify(|held| {
                        if valid[row] >= valid[*held] {
                            *held = row
                        }
                    })
                    .or_insert(row);
            }
            last.extend(best.into_values().filter_map(|row| u32::try_from(row).ok()));
        }
        last.retain(|&row| present.value(row as usize));
        last
    }
}

fn columns(register: &Register) -> SchemaRef {
    let mut columns = vec![
        Field::new("seq", DataType::Int64, false),
        Field::new(schema::ID, DataType::Int64, false),
        Field::new(schema::VALID_FROM, DataType::Date32, false),
        Field::new("recorded_at", DataType::Int64, false),
        Field::new("present", DataType::Boolean, false),
    ];
    columns.extend(
        schema::fields(register)
            .fields()
            .iter()
            .map(|field| field.as_ref().clone()),
    );
    Arc::new(Schema::new(columns))
}

fn decode(register: &Register, entries: &[&Entry]) -> Result<RecordBatch, TablesError> {
    let bodies = decode_bodies(register, entries.iter().map(|entry| entry.body.as_str()))?;
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(
            entries.iter().map(|entry| entry.seq),
        )),
        Arc::new(Int64Array::from_iter_values(
            entries.iter().map(|entry| entry.record.0),
        )),
        Arc::new(Date32Array::from_iter_values(
            entries.iter().map(|entry| days(entry.valid_from)),
        )),
        Arc::new(Int64Array::from_iter_values(
            entries
                .iter()
                .map(|entry| entry.recorded_at.as_microsecond()),
        )),
        Arc::new(BooleanArray::from(
            entries
                .iter()
                .map(|entry| present(entry))
                .collect::<Vec<_>>(),
        )),
    ];
    arrays.extend(bodies.columns().iter().cloned());
    Ok(RecordBatch::try_new(columns(register), arrays)?)
}

/// Whether an entry leaves its record in this book: a close does not, nor does the transfer that takes it to another book.
fn present(entry: &Entry) -> bool {
    match entry.kind {
        EntryKind::Close => false,
        EntryKind::Transfer => entry.arrives,
        EntryKind::Open | EntryKind::Change | EntryKind::Correct => true,
    }
}

/// Bodies (canonical JSON objects) as the columns of the register's fields.
pub(crate) fn decode_bodies<'a>(
    register: &Register,
    bodies: impl ExactSizeIterator<Item = &'a str>,
) -> Result<RecordBatch, TablesError> {
    let shape = schema::fields(register);
    if bodies.len() == 0 {
        return Ok(RecordBatch::new_empty(shape));
    }
    let mut decoder = ReaderBuilder::new(shape.clone())
        .with_batch_size(bodies.len())
        .build_decoder()?;
    for body in bodies {
        decoder.decode(body.as_bytes())?;
    }
    Ok(decoder
        .flush()?
        .unwrap_or_else(|| RecordBatch::new_empty(shape)))
}
