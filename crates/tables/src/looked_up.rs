//! Rows of a day that nobody keeps, each worked out when it is asked for: what a few commits change of such a day concerns few records,
//! which are found sooner than the whole day is made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{Array as _, AsArray as _, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use pack::{FieldType, Register};

use crate::day::Day;
use crate::error::TablesError;
use crate::schema;
use crate::snapshot::{Snapshot, sort};
use crate::touched::Touched;
use crate::wanted::Wanted;

/// More rows of a register than this are not looked up: with all others they are worked out sooner.
const MOST: usize = 4_000;

/// Rows of a day.
pub(crate) struct LookedUp {
    standing: Arc<Snapshot>,
    on: i32,
    tables: Mutex<BTreeMap<String, Known>>,
    gave_up: AtomicBool,
}

/// What was looked up of a register.
#[derive(Default)]
struct Known {
    records: BTreeSet<i64>,
    /// Their rows; more are added at the end.
    batches: Vec<RecordBatch>,
}

impl LookedUp {
    pub(crate) fn new(standing: Arc<Snapshot>, on: i32) -> Self {
        Self {
            standing,
            on,
            tables: Mutex::default(),
            gave_up: AtomicBool::new(false),
        }
    }

    /// Whether more was asked than is looked up.
    pub(crate) fn gave_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    /// What was looked up of a register.
    pub(crate) fn table(&self, register: &str) -> Vec<RecordBatch> {
        let tables = self.tables.lock();
        let tables = tables.unwrap_or_else(PoisonError::into_inner);
        (tables.get(register)).map_or_else(Vec::new, |known| known.batches.clone())
    }

    /// Looks for all rows of a register in which a column has one of some values.
    pub(crate) fn look_up(
        &self,
        register: &str,
        column: &str,
        values: &BTreeSet<i64>,
    ) -> Result<(), TablesError> {
        let Some(register) = self.standing.pack.register(register) else {
            return Ok(());
        };
        let tables = self.tables.lock();
        let mut tables = tables.unwrap_or_else(PoisonError::into_inner);
        let known = tables.entry(register.id.clone()).or_default();
        if known.batches.is_empty() {
            let none = RecordBatch::new_empty(schema::table(register));
            known.batches.push(none);
        }
        let mut records = match column {
            schema::ID => values.clone(),
            _ => self.naming(register, column, values),
        };
        records.retain(|record| !known.records.contains(record));
        if known.records.len() + records.len() > MOST {
            self.gave_up.store(true, Ordering::Relaxed);
            return Ok(());
        }
        if records.is_empty() {
            return Ok(());
        }
        let rows = self.rows(register, &records)?;
        known.records.append(&mut records);
        known.batches.extend(rows);
        Ok(())
    }

    /// The records of a register of which any word says one of some values in a column: among these are those of which it stands.
    fn naming(&self, register: &Register, column: &str, values: &BTreeSet<i64>) -> BTreeSet<i64> {
        let heard = &self.standing.heard;
        let wanted = Wanted::new(values.iter().copied());
        let mut records = BTreeSet::new();
        let field = register.field(column);
        for (_, feed) in heard.words.feeds(&register.id) {
            let said = field.and_then(|(at, _)| feed.field(at).as_primitive_opt::<Int64Type>());
            let refers = field.is_some_and(|(_, field)| matches!(field.kind, FieldType::Ref(_)));
            let says = |row: usize| match said {
                Some(said) if said.is_valid(row) && refers => {
                    wanted.has(heard.canon(said.value(row)))
                }
                Some(said) => said.is_valid(row) && wanted.has(said.value(row)),
                // Of what isn't a number by itself all may have it.
                None => true,
            };
            let all = feed.records().iter().enumerate();
            let own = all.filter(|(row, _)| says(*row));
            records.extend(own.map(|(_, record)| heard.canon(*record)));
        }
        records
    }

    /// The rows of some records.
    fn rows(
        &self,
        register: &Register,
        records: &BTreeSet<i64>,
    ) -> Result<Vec<RecordBatch>, TablesError> {
        let standing = &self.standing;
        let (pack, heard) = (&standing.pack, &standing.heard);
        let own = Touched::default().with(&register.id, records.iter().copied());
        let needed = own.with_homes(pack, heard);
        let words = |other: &Register| match (other.tree.is_some(), needed.of(&other.id)) {
            (true, _) => Some(standing.sorted(other)),
            (false, None) => None,
            (false, some) => Some(Arc::new(sort(heard, other, some))),
        };
        let mut day = Day::new(heard, pack, words, self.on)?;
        let rows = day.tables.remove(&register.id).unwrap_or_default();
        if needed.of(&register.id) == Some(records) {
            return Ok(Arc::unwrap_or_clone(rows));
        }
        // Homes of the same people that nobody asked for, or units.
        let mut wanted = Vec::with_capacity(rows.len());
        for rows in &*rows {
            wanted.push(crate::links::only(rows, records)?);
        }
        Ok(wanted)
    }
}
