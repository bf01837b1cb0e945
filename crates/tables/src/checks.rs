//! The checks of a pack, asked of rows at hand, such as a list's, and of what stands. A check that is NULL is no breach.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch,
    StringViewArray, TimestampSecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::datasource::MemTable;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::prelude::SessionContext;
use jiff::civil::Date;
use kernel::date::to_days as days;
use kernel::{Grant, RecordId, UnitCode};
use pack::{Check, FieldType, Pack, Record, Register, Sql, Storage, Text, Value};

use crate::changed::Changed;
use crate::error::TablesError;
use crate::footprint::Footprint;
use crate::schema;
use crate::session::{Session, bare, bind_day};
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

/// How many records of one check are looked for.
pub const MOST_DOUBTS: usize = 100_000;

/// A check as it is asked of what stands.
#[derive(Debug, PartialEq, Eq)]
pub struct StandingCheck {
    /// Its id.
    pub id: String,
    /// What is said of a breach.
    pub name: Text,
    /// The register of the records.
    pub register: String,
    /// The fields it looks at, if it is of one record.
    pub fields: Vec<String>,
    /// The fields it looks at, by register.
    looks: Vec<(String, Vec<String>)>,
}

/// A record that a check finds fault with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The check.
    pub of: Arc<StandingCheck>,
    /// The record.
    pub record: RecordId,
    /// Whose it is.
    pub unit: Option<UnitCode>,
}

/// What the checks of a pack find in what stands.
#[derive(Clone, Debug, Default)]
pub struct Doubts {
    /// The records that a check finds fault with.
    pub found: Vec<Doubt>,
    /// Checks that couldn't be worked out, such as one that divides by 0 for some record: by them nothing is known.
    pub failed: Vec<Arc<StandingCheck>>,
    /// Checks that find fault with more records than the [`MOST_DOUBTS`] that stand among those found.
    pub cut: Vec<Arc<StandingCheck>>,
    /// What each check reads, by its register and id.
    footprints: BTreeMap<(String, String), Footprint>,
}

impl StandingCheck {
    /// What no other check has: a check of one record is its register's.
    fn key(&self) -> (String, String) {
        (self.register.clone(), self.id.clone())
    }
}

impl Doubts {
    /// Adds what one check found.
    fn of_check(&self, check: &StandingCheck, into: &mut Self) {
        let own = |of: &&Arc<StandingCheck>| ***of == *check;
        let found = self.found.iter().filter(|doubt| own(&&doubt.of));
        into.found.extend(found.cloned());
        into.failed.extend(self.failed.iter().filter(own).cloned());
        into.cut.extend(self.cut.iter().filter(own).cloned());
    }

    /// Of the records found, some.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&Doubt) -> bool) -> Self {
        let found = self.found.iter().filter(|doubt| wanted(doubt));
        Self {
            found: found.cloned().collect(),
            ..self.clone()
        }
    }

    /// Whether every check was worked out and none found anything.
    #[must_use]
    pub fn none(&self) -> bool {
        self.found.is_empty() && self.failed.is_empty()
    }
}

impl Doubt {
    /// Whether a grant shows every field that the check looks at, if only masked: of a masked one it is told that it differs. A check
    /// between records is for whoever reads everything of the unit.
    #[must_use]
    pub fn seen_by(&self, pack: &Pack, grant: &Grant) -> bool {
        let Some(unit) = &self.unit else { return false };
        let shown = |(register, fields): &(String, Vec<String>)| {
            let register = pack.register(register);
            let veil = register.and_then(|own| Some((own, Veil::of(own, grant, unit)?)));
            veil.is_some_and(|(register, veil)| {
                let mut fields = fields.iter().filter_map(|id| register.field(id));
                fields.all(|(at, _)| !veil.withheld.has(at))
            })
        };
        let between = self.of.fields.is_empty();
        self.of.looks.iter().all(shown) && (!between || grant.reads_everything(unit))
    }
}

/// The fields of registers that SQL names; of a check of one record only its own register's.
fn looks_at(sql: &Sql, pack: &Pack, own: Option<&Register>) -> Vec<(String, Vec<String>)> {
    let named: Vec<String> = (pack::mentions(&sql.text).into_iter())
        .map(|(name, _)| name)
        .collect();
    let registers = pack.registers.iter().filter(|register| match own {
        Some(own) => own.id == register.id,
        None => named.contains(&register.id),
    });
    let fields = |register: &Register| {
        let fields = register.fields.iter().map(|field| &field.id);
        let fields = fields.filter(|id| named.contains(id)).cloned();
        (register.id.clone(), fields.collect())
    };
    registers.map(fields).collect()
}

impl Session {
    /// What the checks of the pack find. The session should be one of [`crate::Tables::evaluation`]: of what is hidden nothing can be said.
    ///
    /// # Errors
    /// None but for want of memory.
    pub async fn doubts(&self) -> Result<Doubts, TablesError> {
        self.doubts_after(None).await
    }

    /// The same; what checks found before is taken of those that read nothing that stands otherwise since.
    ///
    /// # Errors
    /// As [`Session::doubts`].
    pub async fn doubts_after(
        &self,
        before: Option<(&Doubts, &Changed)>,
    ) -> Result<Doubts, TablesError> {
        let on = self.as_of().on;
        let pack = self.pack();
        let mut doubts = Doubts::default();
        for register in &pack.registers {
            for check in register.checks.iter().filter(|check| check.applies(on)) {
                let sql = format!(
                    "select id, unit from {} where not (\n{}\n)",
                    register.id,
                    bind_day(&check.holds, on)?
                );
                let looks = looks_at(&check.holds, pack, Some(register));
                let fields = looks.iter().flat_map(|(_, fields)| fields.clone());
                let of = StandingCheck {
                    id: check.id.clone(),
                    name: check.name.clone(),
                    register: register.id.clone(),
                    fields: fields.collect(),
                    looks,
                };
                self.ask(&sql, of, before, &mut doubts).await?;
            }
        }
        for check in pack.checks.iter().filter(|check| check.applies(on)) {
            let sql = format!(
                "select distinct r.id, r.unit from {} r join (\n{}\n) b on b.id = r.id",
                check.register,
                bind_day(&check.rows, on)?
            );
            let of = StandingCheck {
                id: check.id.clone(),
                name: check.name.clone(),
                register: check.register.clone(),
                fields: Vec::new(),
                looks: looks_at(&check.rows, pack, None),
            };
            self.ask(&sql, of, before, &mut doubts).await?;
        }
        Ok(doubts)
    }

    async fn ask(
        &self,
        sql: &str,
        of: StandingCheck,
        before: Option<(&Doubts, &Changed)>,
        into: &mut Doubts,
    ) -> Result<(), TablesError> {
        let known = before.and_then(|(before, changed)| {
            let footprint = before.footprints.get(&of.key())?;
            (!footprint.rests_on(changed)).then_some((before, footprint))
        });
        if let Some((before, footprint)) = known {
            into.footprints.insert(of.key(), footprint.clone());
            before.of_check(&of, into);
            return Ok(());
        }
        if let Ok(footprint) = Footprint::of(self, sql).await {
            into.footprints.insert(of.key(), footprint);
        }
        let of = Arc::new(of);
        let sql = format!("{sql} order by 1 limit {}", MOST_DOUBTS + 1);
        let Ok(found) = self.collect(&sql).await else {
            // Why is not logged: the engine names the value it failed on.
            tracing::warn!("check {} can't be worked out", of.id);
            into.failed.push(of);
            return Ok(());
        };
        let mut own = Vec::new();
        for batch in found {
            let ids = batch.column(0).as_primitive::<Int64Type>();
            let units = datafusion::arrow::compute::cast(batch.column(1), &DataType::Utf8View)?;
            let units = units.as_string_view();
            own.extend((0..batch.num_rows()).map(|row| {
                let unit = units.is_valid(row).then(|| units.value(row).parse().ok());
                Doubt {
                    of: of.clone(),
                    record: RecordId(ids.value(row)),
                    unit: unit.flatten(),
                }
            }));
        }
        if own.len() > MOST_DOUBTS {
            own.truncate(MOST_DOUBTS);
            into.cut.push(of);
        }
        into.found.append(&mut own);
        Ok(())
    }
}
