//! One household at a time: the rows that concern a person and the people around, and tables that can be refilled with
//! them, so that a query is planned once and answered for one family in about a millisecond.
//!
//! "Around" is two steps of any record that names two people (spouse, parent, child); a fact may reach no further than that,
//! and a test holds the answers against those of the whole sweep.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use datafusion::arrow::array::{Array, AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use datafusion::arrow::datatypes::{Int64Type, SchemaRef};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use kernel::Grant;
use pack::{FieldType, Pack, Record, Register};

use crate::error::TablesError;
use crate::schema;
use crate::session::{AsOf, Session};
use kernel::date::to_days as days;

/// How many steps of kinship are around a person.
const STEPS: usize = 2;

/// Records given as values as rows of a table: id, unit, since, record.
///
/// # Errors
/// A record that is not one of the register.
pub fn batch(
    register: &Register,
    rows: &[(i64, String, jiff::civil::Date, Record)],
) -> Result<RecordBatch, TablesError> {
    use datafusion::arrow::array::{BooleanArray, Date32Array, Int64Array, StringViewArray};
    let bodies: Vec<String> = rows
        .iter()
        .map(|(.., record)| register.encode(record))
        .collect();
    let fields = crate::feed::decode_bodies(register, bodies.iter().map(String::as_str))?;
    let mut columns: Vec<Arc<dyn Array>> = vec![
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0))),
        Arc::new(Date32Array::from_iter_values(
            rows.iter().map(|row| days(row.2)),
        )),
    ];
    if schema::has_unit_column(register) {
        columns.push(Arc::new(StringViewArray::from_iter_values(
            rows.iter().map(|row| row.1.as_str()),
        )));
    }
    if register.home.is_some() {
        columns.push(Arc::new(BooleanArray::from(vec![true; rows.len()])));
    }
    columns.extend(fields.columns().iter().cloned());
    Ok(RecordBatch::try_new(schema::table(register), columns)?)
}

/// Where the rows that name each record are.
pub struct Relatives {
    registers: BTreeMap<String, Indexed>,
}

struct Indexed {
    rows: RecordBatch,
    /// (record named, row), sorted; the row's own record is named too.
    named: Vec<(i64, u32)>,
    /// Columns of other records that the rows name, persons first.
    refs: Vec<usize>,
}

impl Relatives {
    /// Indexes the rows of every register.
    ///
    /// # Errors
    /// Only when memory for the index cannot be had.
    pub fn new(
        pack: &Pack,
        mut rows: BTreeMap<String, Vec<RecordBatch>>,
    ) -> Result<Self, TablesError> {
        let mut registers = BTreeMap::new();
        for register in &pack.registers {
            let batches = rows.remove(&register.id).unwrap_or_default();
            let rows = concat_batches(&schema::table(register), &batches)?;
            registers.insert(register.id.clone(), Indexed::new(register, rows));
        }
        Ok(Self { registers })
    }

    /// The rows that concern a person and the people around, of the registers that have any.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn around(&self, person: i64) -> Result<BTreeMap<String, RecordBatch>, TablesError> {
        let mut people = BTreeSet::from([person]);
        let mut fresh = vec![person];
        for _ in 0..STEPS {
            let mut next = Vec::new();
            for register in self.registers.values() {
                register.each_named_beside(&fresh, |other| {
                    if people.insert(other) {
                        next.push(other);
                    }
                });
            }
            fresh = next;
        }
        let rows = self.registers.iter().filter_map(|(id, register)| {
            let rows = register.rows_naming(&people)?;
            Some(rows.map(|rows| (id.clone(), rows)))
        });
        rows.collect()
    }
}

impl Indexed {
    fn new(register: &Register, rows: RecordBatch) -> Self {
        let leading = rows.num_columns() - register.fields.len();
        let refs: Vec<usize> = (register.fields.iter().enumerate())
            .filter(|(_, field)| matches!(field.kind, FieldType::Ref(_)))
            .map(|(nth, _)| leading + nth)
            .collect();
        let mut named = Vec::with_capacity(rows.num_rows() * (1 + refs.len()));
        for &column in [0].iter().chain(&refs) {
            let values = rows.column(column).as_primitive::<Int64Type>();
            for (row, value) in (0_u32..).zip(values.iter()) {
                named.extend(value.map(|value| (value, row)));
            }
        }
        named.sort_unstable();
        Self { rows, named, refs }
    }

    fn rows_of(&self, record: i64) -> impl Iterator<Item = u32> + '_ {
        let start = self.named.partition_point(|(named, _)| *named < record);
        self.named[start..]
            .iter()
            .take_while(move |(named, _)| *named == record)
            .map(|(_, row)| *row)
    }

    fn each_named_beside(&self, records: &[i64], mut see: impl FnMut(i64)) {
        for &record in records {
            for row in self.rows_of(record) {
                for &column in &self.refs {
                    let values = self.rows.column(column).as_primitive::<Int64Type>();
                    if values.is_valid(row as usize) {
                        see(values.value(row as usize));
                    }
                }
            }
        }
    }

    fn rows_naming(&self, records: &BTreeSet<i64>) -> Option<Result<RecordBatch, TablesError>> {
        let rows = records.iter().flat_map(|&record| self.rows_of(record));
        let mut rows: Vec<u32> = rows.collect();
        if rows.is_empty() {
            return None;
        }
        rows.sort_unstable();
        rows.dedup();
        let rows = take_record_batch(&self.rows, &UInt32Array::from(rows));
        Some(rows.map_err(TablesError::from))
    }
}

/// The tables of a session whose rows can be replaced between two runs of the same plan.
pub struct Slots {
    slots: BTreeMap<String, Arc<RwLock<RecordBatch>>>,
}

impl Slots {
    /// A session over empty slots, set up for little data: one partition, no second-guessing of joins.
    ///
    /// # Errors
    /// None in practice; the registers of a checked pack are well formed.
    pub fn session(
        pack: &Arc<Pack>,
        grant: Grant,
        as_of: AsOf,
    ) -> Result<(Session, Self), TablesError> {
        let session = Session::small(pack.clone(), grant, as_of);
        let mut slots = BTreeMap::new();
        for register in &pack.registers {
            let shape = schema::table(register);
            let slot = Arc::new(RwLock::new(RecordBatch::new_empty(shape.clone())));
            let stream = Arc::new(Slot {
                shape: shape.clone(),
                rows: slot.clone(),
            });
            session.add_provider(
                register,
                Arc::new(StreamingTable::try_new(shape, vec![stream])?),
            )?;
            slots.insert(register.id.clone(), slot);
        }
        Ok((session, Self { slots }))
    }

    /// Puts rows into every slot; registers not named become empty.
    pub fn fill(&self, mut rows: BTreeMap<String, RecordBatch>) {
        for (id, slot) in &self.slots {
            let mut held = slot.write().unwrap_or_else(PoisonError::into_inner);
            match rows.remove(id) {
                Some(rows) => *held = rows,
                None if held.num_rows() > 0 => *held = RecordBatch::new_empty(held.schema()),
                None => {}
            }
        }
    }
}

#[derive(Debug)]
struct Slot {
    shape: SchemaRef,
    rows: Arc<RwLock<RecordBatch>>,
}

impl PartitionStream for Slot {
    fn schema(&self) -> &SchemaRef {
        &self.shape
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self
            .rows
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Box::pin(RecordBatchStreamAdapter::new(
            self.shape.clone(),
            futures::stream::iter([Ok(rows)]),
        ))
    }
}
