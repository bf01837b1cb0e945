//! The words of one register in one book as columns, in the order of the book. Whole records exist only where words are folded;
//! here each row has the fields its word speaks of, and those that an ID number in it tells (a birth, a sex) where it says nothing
//! else of them. Never reads the ledger; never writes a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringViewArray, UInt8Array,
    UInt32Array,
};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, Int64Type, Schema, SchemaRef, TimestampSecondType,
    UInt8Type, UInt32Type,
};
use datafusion::arrow::json::ReaderBuilder;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::date::{from_days, to_days as days};
use kernel::{Decimal, EntryKind, IdNumber};
use ledger::{Digest, Entry};
use pack::{FieldSet, Record, Register, Said, Storage, Value, number_tells};

use crate::error::TablesError;
use crate::schema;
use crate::texts::{are_in_pieces, by_themselves};

/// Columns that stand before the fields: sequence, record, from, until, say, commit, kind.
pub(crate) const LEADING: usize = 7;

/// What could not be read, by row and field.
pub(crate) type AsRead = BTreeMap<u32, BTreeMap<usize, String>>;

/// The words of one (register, book), in order.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    columns: RecordBatch,
    /// The fields that a row's word says are unknown, of the few that do.
    unknown: BTreeMap<u32, FieldSet>,
    /// What a row's word has as it was read, since no value could be made of it; of the few that do, by field.
    as_read: AsRead,
    /// The hash of the last entry.
    hash: Digest,
}

impl Feed {
    pub(crate) fn empty(register: &Register) -> Self {
        Self {
            columns: RecordBatch::new_empty(columns(register)),
            unknown: BTreeMap::new(),
            as_read: AsRead::new(),
            hash: Digest([0; 32]),
        }
    }

    /// A feed read back from a cache; nothing when the columns are those of another declaration of the register.
    pub(crate) fn restore(
        register: &Register,
        columns_kept: RecordBatch,
        unknown: BTreeMap<u32, FieldSet>,
        as_read: AsRead,
        hash: Digest,
    ) -> Option<Self> {
        let same = columns_kept.schema().fields() == columns(register).fields();
        same.then_some(Self {
            columns: columns_kept,
            unknown,
            as_read,
            hash,
        })
    }

    /// The columns, for a cache to keep.
    pub(crate) fn as_columns(&self) -> &RecordBatch {
        &self.columns
    }

    /// What is said to be unknown, for a cache to keep.
    pub(crate) fn unknown(&self) -> &BTreeMap<u32, FieldSet> {
        &self.unknown
    }

    /// What could not be read, by row and field.
    pub(crate) fn as_read(&self) -> &AsRead {
        &self.as_read
    }

    /// The hash of the last entry.
    pub(crate) fn hash(&self) -> Digest {
        self.hash
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.num_rows()
    }

    /// This feed followed by more entries of the same register and book; `say` gives each its say by place.
    ///
    /// # Errors
    /// A body that is not of the register.
    pub(crate) fn then(
        &self,
        register: &Register,
        entries: &[&Entry],
        say: impl Fn(&Entry) -> u32,
    ) -> Result<Self, TablesError> {
        let mut added = decode(register, entries, say)?;
        let (mut unknown, mut as_read) = (self.unknown.clone(), self.as_read.clone());
        for (row, entry) in (self.len()..).zip(entries) {
            let body = entry.body.as_deref().unwrap_or("{}");
            if Register::may_lack_values(body)
                && let Ok(said) = register.decode_said(body)
            {
                let row = u32::try_from(row).unwrap_or(u32::MAX);
                for at in said.spoken.iter() {
                    match &said.values[at] {
                        None => unknown.entry(row).or_default().add(at),
                        Some(Value::AsRead(text)) => {
                            as_read.entry(row).or_default().insert(at, text.clone());
                        }
                        Some(_) => {}
                    }
                }
            }
        }
        for (at, number) in register.told() {
            let first = self.len();
            let silent = |row: usize| {
                let said = u32::try_from(first + row).ok();
                said.is_none_or(|row| !unknown.get(&row).is_some_and(|said| said.has(at)))
            };
            added = told(register, added, (at, number), silent)?;
        }
        let added = by_themselves(&added)?;
        let columns = match self.len() {
            0 => added,
            _ => {
                let all = concat_batches(&self.columns.schema(), [&self.columns, &added])?;
                match are_in_pieces(&all) {
                    true => by_themselves(&all)?,
                    false => all,
                }
            }
        };
        let hash = entries.last().map_or(self.hash, |entry| entry.hash);
        Ok(Self {
            columns,
            unknown,
            as_read,
            hash,
        })
    }

    pub(crate) fn seqs(&self) -> &[u32] {
        self.columns.column(0).as_primitive::<UInt32Type>().values()
    }

    pub(crate) fn records(&self) -> &[i64] {
        self.columns.column(1).as_primitive::<Int64Type>().values()
    }

    pub(crate) fn says(&self) -> &[u32] {
        self.columns.column(4).as_primitive::<UInt32Type>().values()
    }

    pub(crate) fn commits(&self) -> &[u32] {
        self.columns.column(5).as_primitive::<UInt32Type>().values()
    }

    pub(crate) fn from(&self, row: usize) -> Option<i32> {
        let column = self.froms();
        column.is_valid(row).then(|| column.value(row))
    }

    pub(crate) fn froms(&self) -> &Date32Array {
        self.columns.column(2).as_primitive::<Date32Type>()
    }

    pub(crate) fn until(&self, row: usize) -> Option<i32> {
        let column = self.untils();
        column.is_valid(row).then(|| column.value(row))
    }

    pub(crate) fn untils(&self) -> &Date32Array {
        self.columns.column(3).as_primitive::<Date32Type>()
    }

    pub(crate) fn kind(&self, row: usize) -> EntryKind {
        let kinds = self.columns.column(6).as_primitive::<UInt8Type>();
        let kind = EntryKind::ALL.get(usize::from(kinds.value(row)));
        kind.copied().unwrap_or(EntryKind::Change)
    }

    /// The column of a field.
    pub(crate) fn field(&self, at: usize) -> &ArrayRef {
        self.columns.column(LEADING + at)
    }

    pub(crate) fn fields(&self) -> &[ArrayRef] {
        &self.columns.columns()[LEADING..]
    }

    /// The row with this sequence.
    pub(crate) fn row_of(&self, seq: u32) -> Option<usize> {
        self.seqs().binary_search(&seq).ok()
    }

    /// What a word has of a field as it was read, if no value could be made of it.
    pub(crate) fn read(&self, at: usize, row: usize) -> Option<&str> {
        let row = u32::try_from(row).ok()?;
        self.as_read.get(&row)?.get(&at).map(String::as_str)
    }

    /// The fields a word speaks of, with those that it has only as they were read.
    pub(crate) fn mentioned(&self, row: usize) -> FieldSet {
        let mut mentioned = self.spoken(row);
        let read = u32::try_from(row)
            .ok()
            .and_then(|row| self.as_read.get(&row));
        for at in read.into_iter().flat_map(BTreeMap::keys) {
            mentioned.add(*at);
        }
        mentioned
    }

    /// The fields a word says something of.
    pub(crate) fn spoken(&self, row: usize) -> FieldSet {
        let mut spoken = u32::try_from(row)
            .ok()
            .and_then(|row| self.unknown.get(&row).copied())
            .unwrap_or_default();
        for (at, column) in self.fields().iter().enumerate() {
            if column.is_valid(row) {
                spoken.add(at);
            }
        }
        spoken
    }

    /// A word's value for a field.
    pub(crate) fn value(&self, register: &Register, at: usize, row: usize) -> Option<Value> {
        value_of(self.field(at), register.fields[at].kind.storage(), row)
    }

    /// A word's text for a field of text, where it lies.
    pub(crate) fn text(&self, register: &Register, at: usize, row: usize) -> Option<&str> {
        if register.fields[at].kind.storage() != Storage::Text {
            return None;
        }
        let column = self.field(at).as_string_view();
        column.is_valid(row).then(|| column.value(row))
    }

    /// What a word says.
    pub(crate) fn said(&self, register: &Register, row: usize) -> Said {
        let values: Record = (0..register.fields.len())
            .map(|at| match self.read(at, row) {
                Some(text) => Some(Value::AsRead(text.to_owned())),
                None => self.value(register, at, row),
            })
            .collect();
        Said {
            values,
            spoken: self.mentioned(row),
        }
    }
}

/// The value of a column in a row.
pub(crate) fn value_of(column: &ArrayRef, storage: Storage, row: usize) -> Option<Value> {
    if column.is_null(row) {
        return None;
    }
    Some(match storage {
        Storage::Text => Value::Text(column.as_string_view().value(row).to_owned()),
        Storage::Int => Value::Int(column.as_primitive::<Int64Type>().value(row)),
        Storage::Bool => Value::Bool(column.as_boolean().value(row)),
        Storage::Moment => {
            let second = column.as_primitive::<TimestampSecondType>().value(row);
            Value::Moment(Timestamp::from_second(second).ok()?)
        }
        Storage::Decimal(places) => Value::Decimal(Decimal {
            units: i64::try_from(column.as_primitive::<Decimal128Type>().value(row)).ok()?,
            places,
        }),
        Storage::Date => {
            let day: Option<Date> = from_days(column.as_primitive::<Date32Type>().value(row));
            Value::Date(day?)
        }
    })
}

/// Words in which a field that an ID number tells is told by it, where a word says the number and nothing of the field.
fn told(
    register: &Register,
    words: RecordBatch,
    (at, number): (usize, usize),
    silent: impl Fn(usize) -> bool,
) -> Result<RecordBatch, TablesError> {
    let own = words.column(LEADING + at);
    let numbers = words.column(LEADING + number).as_string_view();
    let blank = |row: &usize| own.is_null(*row) && numbers.is_valid(*row) && silent(*row);
    if !(0..words.num_rows()).any(|row| blank(&row)) {
        return Ok(words);
    }
    let kind = &register.fields[at].kind;
    let tells = |row: usize| match blank(&row) {
        true => number_tells(&IdNumber::parse(numbers.value(row)).ok()?, kind),
        false => value_of(own, kind.storage(), row),
    };
    let rows = 0..words.num_rows();
    let filled: ArrayRef = match kind.storage() {
        Storage::Date => {
            let day = |row| tells(row)?.as_date().map(days);
            Arc::new(rows.map(day).collect::<Date32Array>())
        }
        Storage::Text => {
            let text = |row| match tells(row)? {
                Value::Text(text) => Some(text),
                _ => None,
            };
            Arc::new(rows.map(text).collect::<StringViewArray>())
        }
        _ => return Ok(words),
    };
    let mut columns = words.columns().to_vec();
    columns[LEADING + at] = filled;
    Ok(RecordBatch::try_new(words.schema(), columns)?)
}

fn columns(register: &Register) -> SchemaRef {
    let mut columns = vec![
        Field::new("seq", DataType::UInt32, false),
        Field::new("record", DataType::Int64, false),
        Field::new("from", DataType::Date32, true),
        Field::new("until", DataType::Date32, true),
        Field::new("say", DataType::UInt32, false),
        Field::new("commit", DataType::UInt32, false),
        Field::new("kind", DataType::UInt8, false),
    ];
    let fields = schema::fields(register);
    columns.extend(fields.fields().iter().map(|field| field.as_ref().clone()));
    Arc::new(Schema::new(columns))
}

fn decode(
    register: &Register,
    entries: &[&Entry],
    say: impl Fn(&Entry) -> u32,
) -> Result<RecordBatch, TablesError> {
    let small = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let each = || entries.iter();
    let bodies = decode_bodies(
        register,
        each().map(|entry| entry.body.as_deref().unwrap_or("{}")),
    )?;
    let kind = |entry: &&Entry| {
        let place = EntryKind::ALL.iter().position(|kind| *kind == entry.kind);
        place.and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
    };
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(
            each().map(|e| small(e.at.seq)),
        )),
        Arc::new(Int64Array::from_iter_values(each().map(|e| e.record.0))),
        Arc::new(Date32Array::from_iter(each().map(|e| e.from.map(days)))),
        Arc::new(Date32Array::from_iter(each().map(|e| e.until.map(days)))),
        Arc::new(UInt32Array::from_iter_values(each().map(|e| say(e)))),
        Arc::new(UInt32Array::from_iter_values(
            each().map(|e| small(e.commit)),
        )),
        Arc::new(UInt8Array::from_iter_values(each().map(kind))),
    ];
    arrays.extend(bodies.columns().iter().cloned());
    Ok(RecordBatch::try_new(columns(register), arrays)?)
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
