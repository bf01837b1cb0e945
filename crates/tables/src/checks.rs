//! The checks of a pack, asked of rows at hand, such as a list's. A check that is NULL is no breach.

use std::sync::{Arc, OnceLock};

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch,
    StringViewArray, TimestampSecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::datasource::MemTable;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::prelude::SessionContext;
use jiff::civil::Date;
use kernel::date::to_days as days;
use pack::{Check, FieldType, Record, Storage, Value};

use crate::error::TablesError;
use crate::schema;
use crate::session::{bare, bind_day};

/// Checks of rows with certain columns, planned once.
pub struct RowChecks {
    columns: Vec<FieldType>,
    shape: SchemaRef,
    asked: Vec<Arc<dyn PhysicalExpr>>,
}

/// The engine for booleans over rows at hand.
fn engine() -> &'static SessionContext {
    static ENGINE: OnceLock<SessionContext> = OnceLock::new();
    ENGINE.get_or_init(bare)
}

impl RowChecks {
    /// Plans checks over columns, given by name and type.
    ///
    /// # Errors
    /// SQL that names no such column or is no boolean; `pack check` tells of it beforehand.
    pub fn new(
        columns: &[(&str, FieldType)],
        checks: &[&Check],
        on: Date,
    ) -> Result<Self, TablesError> {
        let shape = shape_of(columns);
        let named = DFSchema::try_from(shape.clone())?;
        let plan = |check: &&Check| {
            let sql = bind_day(&check.holds, on)?;
            let asked = engine().parse_sql_expr(&sql, &named)?;
            Ok(engine().create_physical_expr(asked, &named)?)
        };
        Ok(Self {
            columns: columns.iter().map(|(_, kind)| kind.clone()).collect(),
            asked: checks
                .iter()
                .map(plan)
                .collect::<Result<_, TablesError>>()?,
            shape,
        })
    }

    /// For each check the rows that breach it, by their places among those given; each row has a value for every column. What can't be
    /// worked out of a row, such as a division by 0, is no breach.
    ///
    /// # Errors
    /// Rows that haven't the columns.
    pub fn breaches(&self, rows: &[Record]) -> Result<Vec<Vec<usize>>, TablesError> {
        let batch = batch_of(&self.shape, &self.columns, rows)?;
        let breaches = |asked| {
            let mut found = Vec::new();
            breaches_of(asked, &batch, 0, &mut found);
            found
        };
        Ok(self.asked.iter().map(breaches).collect())
    }
}

/// Adds the rows of a batch that breach a check, looking for the rows it can't be worked out of by halves.
fn breaches_of(
    asked: &Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
    first: usize,
    into: &mut Vec<usize>,
) {
    let rows = batch.num_rows();
    let found = asked.evaluate(batch);
    match found.and_then(|found| found.into_array(rows)) {
        Ok(found) => into.extend(breaches_in(&found).into_iter().map(|row| first + row)),
        Err(_) if rows < 2 => {}
        Err(_) => {
            let half = rows / 2;
            breaches_of(asked, &batch.slice(0, half), first, into);
            breaches_of(asked, &batch.slice(half, rows - half), first + half, into);
        }
    }
}

fn breaches_in(found: &dyn Array) -> Vec<usize> {
    // A check that is always NULL has no boolean column.
    let found = found.as_boolean_opt().map(|found| found.iter().enumerate());
    let found = found.into_iter().flatten();
    let breaches = found.filter(|(_, holds)| *holds == Some(false));
    breaches.map(|(row, _)| row).collect()
}

/// For each check of a list as a whole whether the rows breach it, given by portions.
///
/// # Errors
/// As [`RowChecks::new`] and [`RowChecks::breaches`].
pub async fn list_breaches(
    columns: &[(&str, FieldType)],
    checks: &[&Check],
    on: Date,
    portions: impl Iterator<Item = Vec<Record>>,
) -> Result<Vec<bool>, TablesError> {
    let kinds: Vec<FieldType> = columns.iter().map(|(_, kind)| kind.clone()).collect();
    let shape = shape_of(columns);
    let batches = portions.map(|rows| batch_of(&shape, &kinds, &rows));
    let batches: Vec<RecordBatch> = batches.collect::<Result<_, _>>()?;
    let context = bare();
    let list = MemTable::try_new(shape.clone(), vec![batches])?;
    context.register_table("list", Arc::new(list))?;
    let mut breached = Vec::with_capacity(checks.len());
    for check in checks {
        let sql = bind_day(&check.holds, on)?;
        let found = context.sql(&format!("select\n{sql}\nfrom list")).await?;
        let found = found.collect().await?;
        let breach = |batch: &RecordBatch| !breaches_in(batch.column(0)).is_empty();
        breached.push(found.iter().any(breach));
    }
    Ok(breached)
}

fn shape_of(columns: &[(&str, FieldType)]) -> SchemaRef {
    let field =
        |(name, kind): &(&str, FieldType)| Field::new(*name, schema::column_type(kind), true);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// Rows of values as columns.
fn batch_of(
    shape: &SchemaRef,
    kinds: &[FieldType],
    rows: &[Record],
) -> Result<RecordBatch, TablesError> {
    let columns: Vec<ArrayRef> = kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| column_of(kind, rows, at))
        .collect();
    let options =
        datafusion::arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(rows.len()));
    Ok(RecordBatch::try_new_with_options(
        shape.clone(),
        columns,
        &options,
    )?)
}

fn column_of(kind: &FieldType, rows: &[Record], at: usize) -> ArrayRef {
    let values = rows.iter().map(|row| row.get(at).and_then(Option::as_ref));
    match kind.storage() {
        Storage::Text => {
            let texts = values.map(|value| value.and_then(Value::as_text));
            Arc::new(texts.collect::<StringViewArray>())
        }
        Storage::Int => {
            let numbers = values.map(|value| value.and_then(Value::as_int));
            Arc::new(numbers.collect::<Int64Array>())
        }
        Storage::Date => {
            let dates = values.map(|value| value.and_then(Value::as_date).map(days));
            Arc::new(dates.collect::<Date32Array>())
        }
        Storage::Bool => {
            let flags = values.map(|value| value.and_then(Value::as_bool));
            Arc::new(flags.collect::<BooleanArray>())
        }
        Storage::Moment => {
            let moments = values.map(|value| match value {
                Some(Value::Moment(at)) => Some(at.as_second()),
                _ => None,
            });
            let moments = moments.collect::<TimestampSecondArray>();
            let zoned = match schema::column_type(kind) {
                DataType::Timestamp(_, Some(zone)) => moments.with_timezone(zone),
                _ => moments,
            };
            Arc::new(zoned)
        }
        Storage::Decimal(_) => {
            let numbers = values.map(|value| match value {
                Some(Value::Decimal(number)) => Some(i128::from(number.units)),
                _ => None,
            });
            let numbers = numbers.collect::<Decimal128Array>();
            Arc::new(numbers.with_data_type(schema::column_type(kind)))
        }
    }
}
