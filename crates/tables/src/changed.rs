//! Which columns of a day's tables stand otherwise after some commits: every column, if a record came or went; else those in which one
//! of the records concerned differs. What rests on other columns stands ([`crate::Footprint`]).

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array as _, RecordBatch};

use crate::household::records;
use crate::touched::Touched;

/// Columns that stand otherwise, by register.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    tables: BTreeMap<String, Columns>,
}

#[derive(Clone, Debug)]
enum Columns {
    All,
    Some(BTreeSet<String>),
}

impl Changed {
    /// All columns of the registers of records, of which no more is known.
    #[must_use]
    pub fn all_of(touched: &Touched) -> Self {
        let tables = touched.iter();
        let tables = tables.map(|(register, _)| (register.to_owned(), Columns::All));
        Self {
            tables: tables.collect(),
        }
    }

    /// Whether everything stands as it did.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.tables.is_empty()
    }

    /// Whether anything of a register stands otherwise.
    #[must_use]
    pub fn concerns(&self, register: &str) -> bool {
        self.tables.contains_key(register)
    }

    /// Whether a column of a register does.
    #[must_use]
    pub fn column(&self, register: &str, column: &str) -> bool {
        match self.tables.get(register) {
            None => false,
            Some(Columns::All) => true,
            Some(Columns::Some(columns)) => columns.contains(column),
        }
    }

    /// These and others.
    pub(crate) fn and(&mut self, others: &Self) {
        for (register, others) in &others.tables {
            match (self.tables.get_mut(register), others) {
                (Some(Columns::Some(own)), Columns::Some(others)) => {
                    own.extend(others.iter().cloned());
                }
                (Some(Columns::All), _) => {}
                (_, others) => drop(self.tables.insert(register.clone(), others.clone())),
            }
        }
    }

    /// Notes in what the rows of some records of a register differ.
    pub(crate) fn note(&mut self, register: &str, before: &[RecordBatch], after: &[RecordBatch]) {
        let (before, after) = (each(before), each(after));
        let columns = if before.keys().eq(after.keys()) {
            let mut differ = BTreeSet::new();
            for ((old, at), (new, to)) in before.values().zip(after.values()) {
                for (field, column) in old.schema_ref().fields().iter().zip(old.columns()) {
                    let other = new.column_by_name(field.name());
                    let other = other.map(|other| other.slice(*to, 1));
                    if !differ.contains(field.name()) && other != Some(column.slice(*at, 1)) {
                        differ.insert(field.name().clone());
                    }
                }
            }
            Columns::Some(differ)
        } else {
            Columns::All
        };
        if !matches!(&columns, Columns::Some(none) if none.is_empty()) {
            let own = Self {
                tables: BTreeMap::from([(register.to_owned(), columns)]),
            };
            self.and(&own);
        }
    }
}

/// Where the row of each record is.
fn each(batches: &[RecordBatch]) -> BTreeMap<i64, (&RecordBatch, usize)> {
    let rows = batches.iter().flat_map(|batch| {
        let ids = records(batch).into_iter().enumerate();
        ids.map(move |(row, id)| (id, (batch, row)))
    });
    rows.collect()
}
