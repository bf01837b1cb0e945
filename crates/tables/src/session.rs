//! A read session: SQL over the registers of the books a grant covers, as of a date and a known time.
//!
//! What the grant does not reveal is masked in the tables themselves, below any query.
//! A session runs queries and nothing else: statements that would change anything are refused.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::view::ViewTable;
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::{MemTable, TableProvider, provider_as_source};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, ScalarUDF, lit};
use datafusion::prelude::{SessionConfig, SessionContext, col};
use jiff::civil::Date;
use kernel::{Grant, Sensitivity};
use pack::{Field, FieldType, Pack, Register, Sql};
use rustc_hash::FxHashMap;

use crate::error::TablesError;
use crate::{functions, schema};

/// The two times of a reading: when it was true, and when it was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AsOf {
    /// The valid date.
    pub on: Date,
    /// The commit up to which words count; all of them when absent.
    pub known: Option<i64>,
}

impl AsOf {
    /// On a date, by everything recorded so far.
    #[must_use]
    pub fn on(on: Date) -> Self {
        Self { on, known: None }
    }
}

/// A part of a list: how many rows to skip and how many to show.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Rows left out before the first.
    pub offset: usize,
    /// Rows shown at most.
    pub limit: usize,
}

/// Rows of a query, ready to show.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Column names in the query's order.
    pub columns: Vec<String>,
    /// One text per column, absent for null; dates as `YYYY-MM-DD`.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many rows the whole query has.
    pub total: usize,
}

/// SQL over what a grant may see.
#[derive(Clone)]
pub struct Session {
    context: SessionContext,
    pack: Arc<Pack>,
    grant: Grant,
    as_of: AsOf,
}

impl Session {
    /// A session over given tables: for each register its rows in any number of batches of [`schema::table`]. Whose rows they are is
    /// the caller's to see to (see [`within`]).
    ///
    /// # Errors
    /// A batch that does not have the register's columns.
    pub fn over(
        pack: Arc<Pack>,
        grant: Grant,
        as_of: AsOf,
        mut rows: impl FnMut(&Register) -> Vec<RecordBatch>,
    ) -> Result<Self, TablesError> {
        let session = Self::empty(pack, grant, as_of);
        for register in &session.pack.registers {
            let batches = rows(register);
            session.add_register(register, batches)?;
        }
        Ok(session)
    }

    /// A session in which every register is without rows: enough to check queries.
    ///
    /// # Errors
    /// None in practice; the registers of a checked pack are well formed.
    pub fn blank(pack: Arc<Pack>, as_of: AsOf) -> Result<Self, TablesError> {
        let grant = Grant {
            who: "check".into(),
            units: Vec::new(),
            reveals: ALL.to_vec(),
            why: "check".into(),
        };
        Self::over(pack, grant, as_of, |_| Vec::new())
    }

    /// A session without any table; the caller adds providers of its own.
    #[must_use]
    pub fn empty(pack: Arc<Pack>, grant: Grant, as_of: AsOf) -> Self {
        Self {
            context: context(config()),
            pack,
            grant,
            as_of,
        }
    }

    /// Like [`Session::empty`], for tables of a few rows: one partition and plans that can be run again.
    #[must_use]
    pub(crate) fn small(pack: Arc<Pack>, grant: Grant, as_of: AsOf) -> Self {
        let mut config = config()
            .with_target_partitions(1)
            .with_batch_size(SMALL_BATCH);
        // Room is made for as many rows, and for as many keys, as there are.
        config
            .options_mut()
            .execution
            .perfect_hash_join_min_key_density = 1.0;
        let optimizer = &mut config.options_mut().optimizer;
        optimizer.enable_dynamic_filter_pushdown = false;
        optimizer.enable_join_dynamic_filter_pushdown = false;
        optimizer.enable_topk_dynamic_filter_pushdown = false;
        optimizer.enable_aggregate_dynamic_filter_pushdown = false;
        Self {
            context: context(config),
            pack,
            grant,
            as_of,
        }
    }

    fn add_register(
        &self,
        register: &Register,
        batches: Vec<RecordBatch>,
    ) -> Result<(), TablesError> {
        let table = memory(schema::table(register), batches)?;
        self.add_provider(register, table)
    }

    /// Adds a register from any provider of its columns, masked as the grant says.
    ///
    /// # Errors
    /// A provider without the register's columns.
    pub fn add_provider(
        &self,
        register: &Register,
        table: Arc<dyn TableProvider>,
    ) -> Result<(), TablesError> {
        let hidden = |field: &Field| {
            field.sensitivity != Sensitivity::Open && !self.grant.reveals(field.sensitivity)
        };
        let has_parts = |field: &Field| !field.kind.parts().is_empty();
        let own = |field: &Field| hidden(field) || has_parts(field);
        let provider = if register.fields.iter().any(own) {
            let leading = table.schema();
            let leading = leading.fields().iter().take(schema::leading(register));
            let mut shown: Vec<Expr> = leading.map(|column| col(column.name())).collect();
            for field in &register.fields {
                shown.push(match hidden(field) {
                    true => masked(field),
                    false => col(field.id.as_str()),
                });
                shown.extend(parts(field, hidden(field)));
            }
            let plan =
                LogicalPlanBuilder::scan(register.id.as_str(), provider_as_source(table), None)?
                    .project(shown)?
                    .build()?;
            Arc::new(ViewTable::new(plan, None))
        } else {
            table
        };
        self.context
            .register_table(register.id.as_str(), provider)?;
        Ok(())
    }

    /// Adds a derived table under a name of its own.
    ///
    /// # Errors
    /// Batches that do not have the schema's columns, or a name already taken.
    pub fn add_table(
        &self,
        name: &str,
        shape: SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<(), TablesError> {
        self.context.register_table(name, memory(shape, batches)?)?;
        Ok(())
    }

    /// The declarations behind the tables.
    #[must_use]
    pub fn pack(&self) -> &Arc<Pack> {
        &self.pack
    }

    /// For whom the session was opened, and why.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// The two times of this session.
    #[must_use]
    pub fn as_of(&self) -> AsOf {
        self.as_of
    }

    /// The engine's own session, for crates that plan queries themselves.
    #[must_use]
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    /// Plans a query of one statement; anything that is not a query is refused.
    ///
    /// # Errors
    /// A query that does not parse or names what is not there.
    pub async fn query(&self, sql: &str) -> Result<DataFrame, TablesError> {
        let only_queries = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        Ok(self.context.sql_with_options(sql, only_queries).await?)
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// As [`Session::query`], and a query that fails while running.
    pub async fn collect(&self, sql: &str) -> Result<Vec<RecordBatch>, TablesError> {
        Ok(self.query(sql).await?.collect().await?)
    }

    /// How many rows a query has.
    ///
    /// # Errors
    /// As [`Session::collect`].
    pub async fn count(&self, sql: &str) -> Result<usize, TablesError> {
        Ok(self.query(sql).await?.count().await?)
    }

    /// One page of a query's rows as text, in order of the first column, and the count of all.
    ///
    /// # Errors
    /// As [`Session::collect`].
    pub async fn rows(&self, sql: &str, page: Page) -> Result<Rows, TablesError> {
        let total = self.count(sql).await?;
        let frame = self.query(sql).await?;
        let columns: Vec<String> = frame
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let first = columns.first().cloned().unwrap_or_default();
        let order = datafusion::common::Column::from_name(first);
        let sorted = frame
            .sort(vec![Expr::Column(order).sort(true, false)])?
            .limit(page.offset, Some(page.limit))?;
        Ok(Rows {
            columns,
            rows: show(&sorted.collect().await?)?,
            total,
        })
    }
}

/// The rows of a register's table that are of units a grant sees.
///
/// # Errors
/// Only when memory for the columns cannot be had.
pub fn within(batch: &RecordBatch, grant: &Grant) -> Result<RecordBatch, TablesError> {
    let units = batch.column_by_name(schema::UNIT);
    let Some(units) = units.and_then(|units| units.as_string_view_opt()) else {
        return Ok(batch.slice(0, 0));
    };
    // Equal views are equal codes, and most rows are of the unit of the row before.
    let mut seen: FxHashMap<u128, bool> = FxHashMap::default();
    let mut last = None;
    let mut sees = |row: usize| {
        let view = units.views()[row];
        if let Some((same, sees)) = last
            && same == view
        {
            return sees;
        }
        let sees = *seen.entry(view).or_insert_with(|| {
            let unit = units.is_valid(row).then(|| units.value(row).parse().ok());
            unit.flatten().is_some_and(|unit| grant.sees(&unit))
        });
        last = Some((view, sees));
        sees
    };
    let rows: BooleanArray = (0..batch.num_rows()).map(|row| Some(sees(row))).collect();
    match rows.true_count() == batch.num_rows() {
        true => Ok(batch.clone()),
        false => Ok(filter_record_batch(batch, &rows)?),
    }
}

/// Every sensitivity: what an evaluation that shows nothing to anyone may read.
pub const ALL: &[Sensitivity] = &[
    Sensitivity::Open,
    Sensitivity::Name,
    Sensitivity::Id,
    Sensitivity::Phone,
    Sensitivity::Address,
    Sensitivity::Account,
    Sensitivity::Health,
];

/// Rows of batches as texts.
///
/// # Errors
/// A column type that has no text form.
pub fn show(batches: &[RecordBatch]) -> Result<Vec<Vec<Option<String>>>, TablesError> {
    let options = FormatOptions::default();
    let mut rows = Vec::new();
    for batch in batches {
        let formats = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            rows.push(
                batch
                    .columns()
                    .iter()
                    .zip(&formats)
                    .map(|(column, format)| {
                        (!column.is_null(row)).then(|| format.value(row).to_string())
                    })
                    .collect(),
            );
        }
    }
    Ok(rows)
}

/// A value of the pack as an SQL literal.
#[must_use]
pub fn literal(value: &pack::Value) -> String {
    match value {
        pack::Value::Text(text) => pack::literal(text),
        pack::Value::Int(number) => number.to_string(),
        pack::Value::Date(day) => date_literal(*day),
        pack::Value::Bool(truth) => truth.to_string(),
        pack::Value::Moment(at) => {
            let text = at.to_string();
            format!("arrow_cast('{text}', 'Timestamp(Second, Some(\"+00:00\"))')")
        }
        pack::Value::Decimal(decimal) => {
            format!("cast('{decimal}' as decimal(18, {}))", decimal.places)
        }
    }
}

/// A date as an SQL literal.
#[must_use]
pub fn date_literal(day: Date) -> String {
    format!("date '{day}'")
}

/// The SQL with every `$name` replaced by what `value` gives.
///
/// # Errors
/// The first name without a value.
pub fn bind(sql: &Sql, value: &dyn Fn(&str) -> Option<String>) -> Result<String, TablesError> {
    let bound = pack::bind(sql, value);
    match bound.unbound.into_iter().next() {
        Some(name) => Err(TablesError::Parameter(name)),
        None => Ok(bound.text),
    }
}

/// How many rows go through at a time where there is only a family's.
const SMALL_BATCH: usize = 64;

fn config() -> SessionConfig {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut config = SessionConfig::new()
        .with_target_partitions(threads)
        .with_information_schema(false);
    let options = config.options_mut();
    // Record numbers have few gaps: an array over all of them costs four bytes each, and joins find rows by position. Worth it for a
    // table that has one record in a thousand, and best made once and shared, instead of dealing out both sides for every join.
    options.execution.perfect_hash_join_min_key_density = 0.001;
    options.optimizer.hash_join_single_partition_threshold = usize::MAX;
    options.optimizer.hash_join_single_partition_threshold_rows = usize::MAX;
    config
}

fn context(config: SessionConfig) -> SessionContext {
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_default_features()
        .build();
    let context = SessionContext::new_with_state(state);
    for function in functions::all() {
        context.register_udf(function);
    }
    context
}

/// A table in memory with its batches dealt out over the machine's cores.
fn memory(
    shape: SchemaRef,
    batches: Vec<RecordBatch>,
) -> Result<Arc<dyn TableProvider>, TablesError> {
    let parts = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut dealt: Vec<Vec<RecordBatch>> = vec![Vec::new(); parts.min(batches.len()).max(1)];
    let places = dealt.len();
    for (nth, batch) in batches
        .into_iter()
        .filter(|batch| batch.num_rows() > 0)
        .enumerate()
    {
        dealt[nth % places].push(batch);
    }
    Ok(Arc::new(MemTable::try_new(shape, dealt)?))
}

/// What a grant that does not reveal the field sees in its place: the usual mask of a text, nothing of anything else.
fn masked(field: &Field) -> Expr {
    let mask = match (&field.kind, field.sensitivity) {
        (
            FieldType::Int
            | FieldType::Fen
            | FieldType::Date
            | FieldType::Bool
            | FieldType::Ref(_)
            | FieldType::Moment
            | FieldType::PartialDate
            | FieldType::Decimal { .. }
            | FieldType::List(_)
            | FieldType::File,
            _,
        )
        | (_, Sensitivity::Health) => None,
        (FieldType::Document, _) => Some("mask_document"),
        (_, Sensitivity::Name) => Some("mask_name"),
        (_, Sensitivity::Id) => Some("mask_id"),
        (_, Sensitivity::Phone) => Some("mask_phone"),
        (_, Sensitivity::Address) => Some("mask_address"),
        (_, Sensitivity::Account) => Some("mask_account"),
        (_, Sensitivity::Open) => return col(field.id.as_str()),
    };
    match mask.and_then(function) {
        Some(function) => function.call(vec![col(field.id.as_str())]).alias(&field.id),
        None => lit(null_of(&schema::column_type(&field.kind))).alias(&field.id),
    }
}

/// The columns of a field's parts ([`FieldType::parts`]): of what is hidden, what is left of it.
fn parts(field: &Field, hidden: bool) -> Vec<Expr> {
    let whole = || match hidden {
        true => masked(field).unalias(),
        false => col(field.id.as_str()),
    };
    let part = |(suffix, name): (&&str, &str)| {
        let part = function(name)?.call(vec![whole()]);
        Some(part.alias(format!("{}{suffix}", field.id)))
    };
    let named: &[&str] = match field.kind {
        FieldType::PartialDate => &["partial_from", "partial_to"],
        FieldType::Document => &["document_kind", "document_number"],
        _ => &[],
    };
    let parts = field.kind.parts().iter().zip(named.iter().copied());
    parts.filter_map(part).collect()
}

/// One of our own functions.
fn function(name: &str) -> Option<ScalarUDF> {
    let mut all = functions::all().into_iter();
    all.find(|function| function.name() == name)
}

fn null_of(kind: &DataType) -> ScalarValue {
    ScalarValue::try_from(kind).unwrap_or(ScalarValue::Null)
}
