//! A read session: SQL over the registers of the books a grant covers, as of a date and a known time.
//!
//! What the grant does not reveal is masked in the tables themselves, below any query.
//! A session runs queries and nothing else: statements that would change anything are refused.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::catalog::MemoryCatalogProviderList;
use datafusion::catalog::view::ViewTable;
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::{MemTable, TableProvider, provider_as_source};
use datafusion::execution::context::SQLOptions;
use datafusion::execution::{SendableRecordBatchStream, SessionState, SessionStateBuilder};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, ScalarUDF, lit};
use datafusion::prelude::{SessionConfig, SessionContext, col};
use futures::StreamExt as _;
use jiff::civil::Date;
use kernel::Grant;
use pack::{Field, FieldType, Pack, ParameterValue, Register, Sql};

use crate::error::TablesError;
use crate::projected::Unmeasured;
use crate::veil::{self, Veil};
use crate::vouch_functions::{self, Known};
use crate::vouched::Vouched;
use crate::{functions, money, registers, schema, spelled};

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
    known: Known,
}

impl Session {
    /// A session over given tables, with everything in clear: for each register its rows in any number of batches of
    /// [`schema::table`]. For what shows nobody anything.
    ///
    /// # Errors
    /// A batch that does not have the register's columns.
    pub fn over(
        pack: Arc<Pack>,
        grant: Grant,
        as_of: AsOf,
        mut rows: impl FnMut(&Register) -> Vec<RecordBatch>,
    ) -> Result<Self, TablesError> {
        let add =
            |session: &Self, register: &Register| session.add_register(register, rows(register));
        Self::empty(pack, grant, as_of).filled(add)
    }

    /// A session without any table; the caller adds providers of its own.
    #[must_use]
    pub fn empty(pack: Arc<Pack>, grant: Grant, as_of: AsOf) -> Self {
        Self::with(config(), pack, grant, as_of)
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
        Self::with(config, pack, grant, as_of)
    }

    /// A session over what a grant shows of given tables, masked as it says, row by row: `rows` gives those of a register, none if
    /// the session has no such table. A register is looked at when a query names it.
    #[must_use]
    pub fn seen(
        pack: Arc<Pack>,
        grant: Grant,
        as_of: AsOf,
        rows: impl Fn(&Register) -> Option<Vec<RecordBatch>> + Send + Sync + 'static,
    ) -> Self {
        let session = Self::empty(pack.clone(), grant.clone(), as_of);
        let make = move |register: &Register| match rows(register) {
            Some(rows) => Ok(Some(seen(register, &rows, &grant)?)),
            None => Ok(None),
        };
        registers::show(&session.context, pack, make);
        session
    }

    /// With every register of the pack added in one way.
    fn filled(
        self,
        mut add: impl FnMut(&Self, &Register) -> Result<(), TablesError>,
    ) -> Result<Self, TablesError> {
        for register in &self.pack.registers {
            add(&self, register)?;
        }
        Ok(self)
    }

    fn with(config: SessionConfig, pack: Arc<Pack>, grant: Grant, as_of: AsOf) -> Self {
        let (context, known) = (context(config), Known::default());
        for function in vouch_functions::functions(pack.vouchers(), &known) {
            context.register_udf(function);
        }
        Self {
            context,
            pack,
            grant,
            as_of,
            known,
        }
    }

    /// The same session, in which lists vouch for these; before that they vouch for nobody.
    #[must_use]
    pub fn vouching(self, vouched: Arc<Vouched>) -> Self {
        self.known.set(vouched);
        self
    }

    /// For whom lists vouch here.
    #[must_use]
    pub fn vouched(&self) -> Arc<Vouched> {
        self.known.get()
    }

    pub(crate) fn known(&self) -> Known {
        self.known.clone()
    }

    fn add_register(
        &self,
        register: &Register,
        batches: Vec<RecordBatch>,
    ) -> Result<(), TablesError> {
        let table = memory(schema::table(register), batches)?;
        self.add_provider(register, table)
    }

    /// Adds a register from any provider of its columns, as it is.
    ///
    /// # Errors
    /// A provider without the register's columns.
    pub fn add_provider(
        &self,
        register: &Register,
        table: Arc<dyn TableProvider>,
    ) -> Result<(), TablesError> {
        let table = with_parts(register, table)?;
        self.context.register_table(register.id.as_str(), table)?;
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

    /// All rows of a query, a few thousand at a time.
    ///
    /// # Errors
    /// As [`Session::query`].
    pub async fn batches(&self, sql: &str) -> Result<Batches, TablesError> {
        let stream = self.query(sql).await?.execute_stream().await?;
        Ok(Batches { stream })
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

/// The rows of a query as they come.
pub struct Batches {
    stream: SendableRecordBatchStream,
}

impl Batches {
    /// The next of them; none at the end.
    ///
    /// # Errors
    /// A query that fails while running.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, TablesError> {
        Ok(self.stream.next().await.transpose()?)
    }
}

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
        pack::Value::AsRead(_) => "null".to_owned(),
    }
}

/// A parameter's value as an SQL literal: a rate as a decimal number, brackets in the form that the functions of money read.
#[must_use]
pub fn parameter_literal(value: &ParameterValue) -> String {
    match value {
        ParameterValue::Field(value) => literal(value),
        ParameterValue::Rate(rate) => literal(&pack::Value::Decimal(rate.decimal())),
        ParameterValue::Brackets(brackets) => pack::literal(&brackets.to_string()),
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

/// The SQL of a rule that knows nothing but the day, on that day.
///
/// # Errors
/// Another name than `on`.
pub fn bind_day(sql: &Sql, on: Date) -> Result<String, TablesError> {
    bind(sql, &|name| (name == "on").then(|| date_literal(on)))
}

/// How many rows go through at a time where there is only a family's.
const SMALL_BATCH: usize = 64;

fn config() -> SessionConfig {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut config = SessionConfig::new()
        .with_target_partitions(threads)
        .with_information_schema(false);
    // 0.035 in a rule is 0.035.
    config.options_mut().sql_parser.parse_float_as_decimal = true;
    let options = config.options_mut();
    // Record numbers have few gaps: an array over all of them costs four bytes each, and joins find rows by position. Worth it for a
    // table that has one record in a thousand, and best made once and shared, instead of dealing out both sides for every join.
    options.execution.perfect_hash_join_min_key_density = 0.001;
    options.optimizer.hash_join_single_partition_threshold = usize::MAX;
    options.optimizer.hash_join_single_partition_threshold_rows = usize::MAX;
    config
}

/// The engine without tables, for a few rows at hand.
pub(crate) fn bare() -> SessionContext {
    context(config().with_target_partitions(1))
}

fn context(config: SessionConfig) -> SessionContext {
    // Hundreds of functions, the same for every session.
    static ENGINE: LazyLock<SessionState> = LazyLock::new(|| {
        let planning = SessionStateBuilder::new().with_default_features();
        let planning = planning.with_physical_optimizer_rule(Arc::new(Unmeasured));
        let state = planning.build();
        let context = SessionContext::new_with_state(state);
        without_clock(&context);
        for function in functions::all().into_iter().chain(money::functions()) {
            context.register_udf(function);
        }
        context.register_udf(spelled::function());
        context.state()
    });
    let state = SessionStateBuilder::new_from_existing(ENGINE.clone())
        .with_config(config)
        .with_catalog_list(Arc::new(MemoryCatalogProviderList::new()))
        .build();
    SessionContext::new_with_state(state)
}

/// Takes away whatever doesn't give the same for the same rows: a rule knows the day only as `$on`.
fn without_clock(context: &SessionContext) {
    let state = context.state();
    let changing = state.scalar_functions().values().filter(|function| {
        function.signature().volatility != datafusion::logical_expr::Volatility::Immutable
    });
    let names: BTreeSet<String> = changing
        .map(|function| function.name().to_owned())
        .collect();
    for name in names {
        context.deregister_udf(&name);
    }
}

/// What a grant shows of a register's rows.
fn seen(
    register: &Register,
    batches: &[RecordBatch],
    grant: &Grant,
) -> Result<Arc<dyn TableProvider>, TablesError> {
    let mut kinds: Vec<(Veil, Vec<RecordBatch>)> = Vec::new();
    for batch in batches {
        for (veil, rows) in veil::part(register, batch, grant)? {
            match kinds.iter_mut().find(|(known, _)| *known == veil) {
                Some((_, all)) => all.push(rows),
                None => kinds.push((veil, vec![rows])),
            }
        }
    }
    if let [(veil, _)] = kinds.as_slice()
        && *veil == Veil::default()
    {
        let rows = kinds.swap_remove(0).1;
        return with_parts(register, memory(schema::table(register), rows)?);
    }
    let mut plan: Option<LogicalPlanBuilder> = None;
    for (veil, rows) in kinds {
        let table = memory(schema::table(register), rows)?;
        let own = veiled(register, veil, table)?;
        plan = Some(match plan {
            Some(plan) => plan.union(own)?,
            None => LogicalPlanBuilder::from(own),
        });
    }
    match plan {
        Some(plan) => Ok(Arc::new(ViewTable::new(plan.build()?, None))),
        None => with_parts(register, memory(schema::table(register), Vec::new())?),
    }
}

/// A register's table as it is, with the columns of its fields' parts.
fn with_parts(
    register: &Register,
    table: Arc<dyn TableProvider>,
) -> Result<Arc<dyn TableProvider>, TablesError> {
    let has_parts = |field: &Field| !field.kind.parts().is_empty();
    if !register.fields.iter().any(has_parts) {
        return Ok(table);
    }
    let plan = veiled(register, Veil::default(), table)?;
    Ok(Arc::new(ViewTable::new(plan, None)))
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

/// A register's rows with some fields masked and some withheld.
fn veiled(
    register: &Register,
    veil: Veil,
    table: Arc<dyn TableProvider>,
) -> Result<LogicalPlan, TablesError> {
    let leading = table.schema();
    let leading = leading.fields().iter().take(schema::leading(register));
    let mut shown: Vec<Expr> = leading.map(|column| col(column.name())).collect();
    for (at, field) in register.fields.iter().enumerate() {
        shown.push(match (veil.withheld.has(at), veil.masked.has(at)) {
            (true, _) => lit(null_of(&schema::column_type(&field.kind))).alias(&field.id),
            (_, true) => masked(field),
            _ => col(field.id.as_str()),
        });
        let kept = (veil.withheld.has(at), veil.masked.has(at));
        shown.extend(parts(field, kept));
    }
    let scan = LogicalPlanBuilder::scan(register.id.as_str(), provider_as_source(table), None)?;
    Ok(scan.project(shown)?.build()?)
}

/// The mask of a field.
fn masked(field: &Field) -> Expr {
    match veil::mask_of(field).and_then(function) {
        Some(function) => function.call(vec![col(field.id.as_str())]).alias(&field.id),
        None => lit(null_of(&schema::column_type(&field.kind))).alias(&field.id),
    }
}

/// The columns of a field's parts ([`FieldType::parts`]): of what is masked or withheld, what is left of it.
fn parts(field: &Field, (withheld, is_masked): (bool, bool)) -> Vec<Expr> {
    let whole = || match (withheld, is_masked) {
        (true, _) => lit(null_of(&schema::column_type(&field.kind))),
        (_, true) => masked(field).unalias(),
        _ => col(field.id.as_str()),
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
