//! What an index is made of: the texts of a field with whose each is, telephones by their ends, and records by number. Nothing here knows
//! who looks.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringViewArray};
use datafusion::arrow::datatypes::{Date32Type, Int64Type};
use jiff::civil::Date;
use pack::FieldSet;
use tables::schema;

use super::layers::Layers;
use super::lexicon::Texts;
use super::plan::Kind;

/// What can be found: a page there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Person(i64),
    Household(i64),
    /// By its place among the units.
    Unit(u16),
}

/// Whose a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    /// What it leads to.
    pub subject: Subject,
    /// The record that says so.
    pub record: i64,
    /// The unit whose that is, by its place.
    pub unit: u16,
}

/// A field, and what a reader must see in clear to find anything by it.
pub(super) struct Searched {
    /// The register's place in the pack.
    pub register: usize,
    /// The field's place.
    pub at: usize,
    pub kind: Kind,
    /// The field, and those that say whose the record is.
    pub needs: FieldSet,
}

impl Searched {
    /// Whether both are the same field.
    pub(super) fn is(&self, other: &Self) -> bool {
        (self.register, self.at) == (other.register, other.at)
    }
}

/// The distinct texts of a field, and whose each is.
pub(super) struct Column<T> {
    pub of: Searched,
    pub texts: Vec<Arc<T>>,
    /// The sieve of each text, side by side, so that most are passed over quickly.
    pub sieves: Vec<u64>,
    starts: Vec<usize>,
    rows: Vec<Row>,
}

/// The telephones of a field, by their last four digits.
pub(super) struct Telephones {
    pub of: Searched,
    numbers: Vec<Telephone>,
}

/// A telephone and whose it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Telephone {
    end: u16,
    digits: u64,
    length: u8,
    pub row: Row,
}

/// The records of a register, by record, with the rows of the tables they stand in.
#[derive(Default)]
pub(super) struct Records {
    batches: Vec<RecordBatch>,
    places: Vec<RecordAt>,
}

/// Where a record stands, and the unit whose it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RecordAt {
    record: i64,
    unit: u16,
    batch: u32,
    row: u32,
}

/// A record, and the unit whose it is.
#[derive(Clone, Copy)]
pub(super) struct Record<'i> {
    pub unit: u16,
    batch: &'i RecordBatch,
    row: usize,
}

pub(super) fn numbers<'b>(batch: &'b RecordBatch, column: &str) -> Option<&'b Int64Array> {
    batch
        .column_by_name(column)?
        .as_primitive_opt::<Int64Type>()
}

pub(super) fn strings<'b>(batch: &'b RecordBatch, column: &str) -> Option<&'b StringViewArray> {
    batch.column_by_name(column)?.as_string_view_opt()
}

impl<T> Column<T> {
    pub(super) fn new(
        of: Searched,
        said: &[(&str, Row)],
        known: &mut Texts<T>,
        read: fn(Arc<str>) -> T,
        sieve: fn(&T) -> u64,
    ) -> Self {
        let number = |(text, row): &(&str, Row)| (known.number(text, read), *row);
        let mut entries: Vec<(u32, Row)> = said.iter().map(number).collect();
        entries.sort_unstable();
        let mut column = Self {
            of,
            texts: Vec::new(),
            sieves: Vec::new(),
            starts: Vec::new(),
            rows: Vec::with_capacity(entries.len()),
        };
        for of_one in entries.chunk_by(|one, next| one.0 == next.0) {
            let Some(text) = known.get(of_one[0].0) else {
                continue;
            };
            column.sieves.push(sieve(text));
            column.texts.push(text.clone());
            column.starts.push(column.rows.len());
            column.rows.extend(of_one.iter().map(|(_, row)| *row));
        }
        column
    }

    /// Whose a text is.
    pub(super) fn rows(&self, text: usize) -> &[Row] {
        let end = self.starts.get(text + 1).copied();
        &self.rows[self.starts[text]..end.unwrap_or(self.rows.len())]
    }

    /// The texts that pass a sieve, with their places.
    pub(super) fn passing(&self, sieve: u64) -> impl Iterator<Item = (usize, &T)> {
        let sieves = self.sieves.iter().enumerate();
        let passing = sieves.filter(move |(_, own)| **own & sieve == sieve);
        passing.map(|(at, _)| (at, &*self.texts[at]))
    }
}

/// More digits than any telephone has, with those of a country and an extension.
const MOST_DIGITS: usize = 18;

impl Telephones {
    pub(super) fn new(of: Searched, said: &[(&str, Row)]) -> Self {
        let telephone = |(text, row): &(&str, Row)| {
            let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
            let digits: Vec<u8> = digits.iter().map(|digit| digit - b'0').collect();
            (4..=MOST_DIGITS)
                .contains(&digits.len())
                .then(|| Telephone {
                    end: end(&digits),
                    digits: value(&digits),
                    length: u8::try_from(digits.len()).unwrap_or(u8::MAX),
                    row: *row,
                })
        };
        let mut numbers: Vec<Telephone> = said.iter().filter_map(telephone).collect();
        numbers.sort_unstable();
        Self { of, numbers }
    }

    /// The telephones that end in some digits, at least four, and whether that is all of them.
    pub(super) fn ending(&self, typed: &[u8]) -> impl Iterator<Item = (&Telephone, bool)> {
        let (last, all) = (end(typed), value(typed));
        let power = 10_u64.checked_pow(u32::try_from(typed.len()).unwrap_or(u32::MAX));
        let power = power.unwrap_or(u64::MAX);
        let length = typed.len();
        let start = self.numbers.partition_point(|number| number.end < last);
        let near = self.numbers[start..].iter();
        near.take_while(move |number| number.end == last)
            .filter(move |number| {
                usize::from(number.length) >= length && number.digits % power == all
            })
            .map(move |number| (number, usize::from(number.length) == length))
    }
}

impl Telephone {
    /// The whole number.
    pub(super) fn written(&self) -> String {
        format!("{:0width$}", self.digits, width = usize::from(self.length))
    }
}

fn end(digits: &[u8]) -> u16 {
    let last = &digits[digits.len().saturating_sub(4)..];
    last.iter()
        .fold(0, |all, digit| all * 10 + u16::from(*digit))
}

fn value(digits: &[u8]) -> u64 {
    let digits = digits.iter().map(|digit| u64::from(*digit));
    digits.fold(0, |all, digit| all.wrapping_mul(10).wrapping_add(digit))
}

impl Records {
    pub(super) fn new(
        batches: Vec<RecordBatch>,
        mut unit_of: impl FnMut(&str) -> Option<u16>,
    ) -> Self {
        let mut places = Vec::new();
        for (batch, rows) in (0..).zip(&batches) {
            let (Some(records), Some(units)) =
                (numbers(rows, schema::ID), strings(rows, schema::UNIT))
            else {
                continue;
            };
            for (row, (record, unit)) in (0..).zip(records.iter().zip(units)) {
                let (Some(record), Some(unit)) = (record, unit.and_then(&mut unit_of)) else {
                    continue;
                };
                places.push(RecordAt {
                    record,
                    unit,
                    batch,
                    row,
                });
            }
        }
        places.sort_unstable();
        Self { batches, places }
    }

    fn find(&self, record: i64) -> Option<Record<'_>> {
        let at = self.places.partition_point(|place| place.record < record);
        let place = self.places.get(at).filter(|place| place.record == record)?;
        Some(Record {
            unit: place.unit,
            batch: self.batches.get(place.batch as usize)?,
            row: place.row as usize,
        })
    }
}

impl Layers<Records> {
    /// A record where it stands.
    pub(super) fn find(&self, record: i64) -> Option<Record<'_>> {
        let mut layers = self.each().filter(|(_, stale)| !stale.contains(&record));
        layers.find_map(|(records, _)| records.find(record))
    }
}

impl<'i> Record<'i> {
    /// What it says in a field of words.
    pub(super) fn text(&self, field: &str) -> Option<&'i str> {
        let column = strings(self.batch, field)?;
        column.is_valid(self.row).then(|| column.value(self.row))
    }

    /// What it says in a field of dates.
    pub(super) fn day(&self, field: &str) -> Option<Date> {
        let column = self.batch.column_by_name(field)?;
        let column = column.as_primitive_opt::<Date32Type>()?;
        let day = column.is_valid(self.row).then(|| column.value(self.row))?;
        kernel::date::from_days(day)
    }
}
