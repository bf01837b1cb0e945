//! What queries rest on: the columns they read, register by register. What was worked out from them stands for as long as nothing in
//! these columns changes, whatever else is written.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;

use crate::changed::Changed;
use crate::error::TablesError;
use crate::household::{Relatives, records};
use crate::schema;
use crate::session::Session;
use crate::touched::Touched;

/// The columns that queries read, by table. Whoever reads none of a table may still count its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    tables: BTreeMap<String, BTreeSet<String>>,
}

impl Footprint {
    /// What a query reads, by its plan.
    ///
    /// # Errors
    /// As [`Session::query`].
    pub async fn of(session: &Session, sql: &str) -> Result<Self, TablesError> {
        let plan = session.query(sql).await?.into_optimized_plan()?;
        let mut footprint = Self::default();
        let _infallible = plan.apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node {
                let columns = footprint.table(scan.table_name.table());
                let shown = scan.projected_schema.fields().iter();
                columns.extend(shown.map(|field| field.name().clone()));
                let filters = scan.filters.iter().flat_map(|filter| filter.column_refs());
                columns.extend(filters.map(|column| column.name.clone()));
            }
            Ok(TreeNodeRecursion::Continue)
        });
        Ok(footprint)
    }

    fn table(&mut self, name: &str) -> &mut BTreeSet<String> {
        self.tables.entry(name.to_owned()).or_default()
    }

    /// Adds a column of a table.
    pub fn add(&mut self, table: &str, column: &str) {
        self.table(table).insert(column.to_owned());
    }

    /// This and another.
    pub fn and(&mut self, other: &Self) {
        for (table, columns) in &other.tables {
            self.table(table).extend(columns.iter().cloned());
        }
    }

    /// Whether a table is read.
    #[must_use]
    pub fn reads(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// Whether anything that is read stands otherwise.
    #[must_use]
    pub fn rests_on(&self, changed: &Changed) -> bool {
        self.tables.iter().any(|(table, columns)| {
            let each = columns.iter();
            changed.column(table, schema::ID)
                || each.into_iter().any(|column| changed.column(table, column))
        })
    }

    /// Of the records concerned, those that stand otherwise in what is read.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn changed(
        &self,
        (before, after): (&Relatives, &Relatives),
        touched: &Touched,
    ) -> Result<Touched, TablesError> {
        let mut changed = Touched::default();
        for (register, records) in touched.iter() {
            let Some(columns) = self.tables.get(register) else {
                continue;
            };
            let before = rows(before.rows(register, records)?);
            let after = rows(after.rows(register, records)?);
            for record in records {
                let alike = match (before.get(record), after.get(record)) {
                    (Some(one), Some(other)) => columns
                        .iter()
                        .all(|column| one.column_by_name(column) == other.column_by_name(column)),
                    (one, other) => one.is_none() && other.is_none(),
                };
                if !alike {
                    changed.add(register, *record);
                }
            }
        }
        Ok(changed)
    }
}

/// Each row by itself, by record.
fn rows(batch: Option<RecordBatch>) -> BTreeMap<i64, RecordBatch> {
    let batch = batch.iter();
    let each = batch.flat_map(|batch| {
        let ids = records(batch).into_iter().enumerate();
        ids.map(|(row, id)| (id, batch.slice(row, 1)))
    });
    each.collect()
}
