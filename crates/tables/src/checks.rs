//! The checks of a pack, asked of rows at hand, such as a list's, and of what stands. A check that is NULL is no breach.

use std::sync::{Arc, OnceLock};

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch,
    StringViewArray, TimestampSecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::prelude::SessionContext;
use jiff::civil::Date;
use kernel::date::to_days as days;
use kernel::{Grant, RecordId, UnitCode};
use pack::{Check, FieldType, Pack, Record, Register, Sql, Storage, Text, Value};

use crate::error::TablesError;
use crate::schema;
use crate::session::{Session, bare, bind, date_literal};
use crate::veil::Veil;

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

/// A check's SQL on a day.
fn bound(sql: &Sql, on: Date) -> Result<String, TablesError> {
    bind(sql, &|name| (name == "on").then(|| date_literal(on)))
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
            let sql = bound(&check.holds, on)?;
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

    /// For each check the rows that breach it, by their places among those given; each row has a value for every column.
    ///
    /// # Errors
    /// SQL that can't be worked out, such as a sum that is too great.
    pub fn breaches(&self, rows: &[Record]) -> Result<Vec<Vec<usize>>, TablesError> {
        let batch = batch_of(&self.shape, &self.columns, rows)?;
        let breaches = |asked: &Arc<dyn PhysicalExpr>| {
            let found = asked.evaluate(&batch)?.into_array(rows.len())?;
            Ok(breaches_in(found.as_boolean()))
        };
        self.asked.iter().map(breaches).collect()
    }
}

fn breaches_in(found: &BooleanArray) -> Vec<usize> {
    let found = found.iter().enumerate();
    let breaches = found.filter(|(_, holds)| *holds == Some(false));
    breaches.map(|(row, _)| row).collect()
}

/// For each check of a list as a whole whether the rows breach it.
///
/// # Errors
/// As [`RowChecks::new`] and [`RowChecks::breaches`].
pub async fn list_breaches(
    columns: &[(&str, FieldType)],
    checks: &[&Check],
    on: Date,
    rows: &[Record],
) -> Result<Vec<bool>, TablesError> {
    let kinds: Vec<FieldType> = columns.iter().map(|(_, kind)| kind.clone()).collect();
    let shape = shape_of(columns);
    let batch = batch_of(&shape, &kinds, rows)?;
    let context = bare();
    context.register_batch("list", batch)?;
    let mut breached = Vec::with_capacity(checks.len());
    for check in checks {
        let sql = bound(&check.holds, on)?;
        let found = context.sql(&format!("select\n{sql}\nfrom list")).await?;
        let found = found.collect().await?;
        let breach = |batch: &RecordBatch| {
            let holds = batch.column(0).as_boolean_opt();
            holds.is_some_and(|holds| !breaches_in(holds).is_empty())
        };
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

/// A record that a check finds fault with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The check.
    pub check: String,
    /// What is said of it.
    pub name: Text,
    /// The fields that the check looks at, if it is of one record.
    pub fields: Vec<String>,
    /// The register, and the record.
    pub register: String,
    /// The record.
    pub record: RecordId,
    /// Whose it is.
    pub unit: Option<UnitCode>,
}

impl Doubt {
    /// Whether a grant shows every value that the check looks at, if only masked. A check between records is for whoever reads
    /// everything of the unit.
    #[must_use]
    pub fn seen_by(&self, pack: &Pack, grant: &Grant) -> bool {
        let Some(unit) = &self.unit else { return false };
        if self.fields.is_empty() {
            return grant.reads_everything(unit);
        }
        let Some(register) = pack.register(&self.register) else {
            return false;
        };
        Veil::of(register, grant, unit).is_some_and(|veil| {
            let mut fields = self.fields.iter().filter_map(|id| register.field(id));
            fields.all(|(at, _)| !veil.withheld.has(at))
        })
    }
}

impl Session {
    /// The records that checks of the pack find fault with, of each check at most so many. The session should be one of
    /// [`crate::Tables::evaluation`]: of what is hidden nothing can be said.
    ///
    /// # Errors
    /// SQL that can't be worked out.
    pub async fn doubts(&self, most: usize) -> Result<Vec<Doubt>, TablesError> {
        let on = self.as_of().on;
        let mut doubts = Vec::new();
        for register in &self.pack().registers {
            for check in register.checks.iter().filter(|check| check.applies(on)) {
                let sql = format!(
                    "select id, unit from {} where not (\n{}\n) order by id limit {most}",
                    register.id,
                    bound(&check.holds, on)?
                );
                let named = pack::mentions(&check.holds.text).into_iter();
                let mut fields: Vec<String> = Vec::new();
                for (name, _) in named {
                    if register.field(&name).is_some() && !fields.contains(&name) {
                        fields.push(name);
                    }
                }
                let of = (check.id.as_str(), &check.name, fields.as_slice());
                self.found(&sql, register, of, &mut doubts).await?;
            }
        }
        for check in &self.pack().checks {
            let Some(register) = self.pack().register(&check.register) else {
                continue;
            };
            if check.retired.is_some_and(|day| day <= on) {
                continue;
            }
            let sql = format!(
                "select distinct r.id, r.unit from {} r join (\n{}\n) b on b.id = r.id order by r.id limit {most}",
                register.id,
                bound(&check.rows, on)?
            );
            let of = (check.id.as_str(), &check.name, &[][..]);
            self.found(&sql, register, of, &mut doubts).await?;
        }
        Ok(doubts)
    }

    async fn found(
        &self,
        sql: &str,
        register: &Register,
        (check, name, fields): (&str, &Text, &[String]),
        into: &mut Vec<Doubt>,
    ) -> Result<(), TablesError> {
        for batch in self.collect(sql).await? {
            let ids = batch.column(0).as_primitive::<Int64Type>();
            let units = datafusion::arrow::compute::cast(batch.column(1), &DataType::Utf8View)?;
            let units = units.as_string_view();
            for row in 0..batch.num_rows() {
                let unit = units.is_valid(row).then(|| units.value(row));
                into.push(Doubt {
                    check: check.to_owned(),
                    name: name.clone(),
                    fields: fields.to_vec(),
                    register: register.id.clone(),
                    record: RecordId(ids.value(row)),
                    unit: unit.and_then(|unit| unit.parse().ok()),
                });
            }
        }
        Ok(())
    }
}
