//! All entries of one register in one book as columns, in order of their sequence; and the state of the register as of a
//! valid date and a known time, which is a pure function of them. Never reads the ledger; never writes a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringViewArray, UInt8Array,
    UInt32Array,
};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Field, Int64Type, Schema, SchemaRef, UInt8Type,
};
use datafusion::arrow::json::ReaderBuilder;
use jiff::civil::Date;
use kernel::{EntryKind, UnitCode};
use ledger::Entry;
use pack::Register;

use crate::error::TablesError;
use crate::schema;
use kernel::date::to_days as days;

/// Columns that stand before the fields in a history: sequence, record, valid from, recorded at (µs), and what the entry does
/// to the record in this book, as one of [`Deed`].
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
    /// recorded last: a correction stands in for what it corrects. Entries taken back by then count for nothing, and a double
    /// merged by then was never there. Rows come in order of record.
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
        let deeds = self.columns.column(4).as_primitive::<UInt8Type>().values();
        let heard = |row: usize| known.is_none_or(|known| recorded[row] <= known);
        let mut last: Vec<u32> = Vec::with_capacity(record.len());
        let ascending = record.windows(2).all(|pair| pair[0] < pair[1]);
        if ascending {
            last.extend(
                (0..record.len())
                    .filter(|&row| valid[row] <= on && heard(row))
                    .filter_map(|row| u32::try_from(row).ok()),
            );
        } else {
            let mut best: BTreeMap<i64, usize> = BTreeMap::new();
            for row in standing(record, deeds, heard) {
                if valid[row] > on {
                    continue;
                }
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
        last.retain(|&row| deeds[row as usize] == Deed::Present as u8);
        last
    }
}

/// What an entry does to its record in this book.
#[derive(Clone, Copy)]
enum Deed {
    /// It isn't there from then on: closed, or moved to another book.
    Absent = 0,
    /// It is there from then on.
    Present = 1,
    /// It was never there.
    Merged = 2,
    /// The record's last standing entry is taken back.
    Undone = 3,
}

/// The entries heard of that count, in order of sequence: those taken back don't, nor do those of a record that was merged.
fn standing(record: &[i64], deeds: &[u8], heard: impl Fn(usize) -> bool) -> Vec<usize> {
    let takes_back = |deed: u8| deed == Deed::Merged as u8 || deed == Deed::Undone as u8;
    let rows = (0..record.len()).filter(|&row| heard(row));
    if !deeds.iter().copied().any(takes_back) {
        return rows.collect();
    }
    let mut stacks: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for row in rows {
        let stack = stacks.entry(record[row]).or_default();
        if deeds[row] == Deed::Undone as u8 {
            stack.pop();
        } else {
            stack.push(row);
        }
    }
    stacks.retain(|_, stack| {
        stack
            .last()
            .is_some_and(|&row| deeds[row] != Deed::Merged as u8)
    });
    let mut rows: Vec<usize> = stacks.into_values().flatten().collect();
    rows.sort_unstable();
    rows
}

fn columns(register: &Register) -> SchemaRef {
    let mut columns = vec![
        Field::new("seq", DataType::Int64, false),
        Field::new(schema::ID, DataType::Int64, false),
        Field::new(schema::VALID_FROM, DataType::Date32, false),
        Field::new("recorded_at", DataType::Int64, false),
        Field::new("deed", DataType::UInt8, false),
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
        Arc::new(UInt8Array::from_iter_values(
            entries.iter().map(|entry| deed(entry) as u8),
        )),
    ];
    arrays.extend(bodies.columns().iter().cloned());
    Ok(RecordBatch::try_new(columns(register), arrays)?)
}

/// A close takes a record out of this book, as does the transfer that takes it to another.
fn deed(entry: &Entry) -> Deed {
    match entry.kind {
        EntryKind::Close => Deed::Absent,
        EntryKind::Transfer if !entry.arrives => Deed::Absent,
        EntryKind::Transfer | EntryKind::Open | EntryKind::Change | EntryKind::Correct => {
            Deed::Present
        }
        EntryKind::Merge => Deed::Merged,
        EntryKind::Undo => Deed::Undone,
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

#[cfg(test)]
mod tests;
