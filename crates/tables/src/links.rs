//! How the rows of a query hang together: which columns are alike in rows that are joined, and which column of which table tells the
//! rows that come out apart. From this follows, without running the query, which of its rows a change of some records concerns, and of
//! which records these are made. It can be told of queries whose joins are all by record numbers; of others nothing is said.
//!
//! Rows are followed from table to table, by one join at a time, so more are found than are joined in the end, never fewer. Keeping
//! what a query gives true by looking only at what a change concerns is known as incremental view maintenance.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{Array as _, AsArray as _, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::{Distinct, Expr, JoinType, LogicalPlan};
use kernel::Grant;
use pack::{Pack, Register};

use crate::day::ByTable;
use crate::error::TablesError;
use crate::looked_up::LookedUp;
use crate::schema;
use crate::session::Session;
use crate::touched::Touched;
use crate::veil::{self, SeenTexts, Veil};
use crate::wanted::Wanted;

/// The column by which rows of [`schema::ENTITLED`] are found.
pub const SUBJECT: &str = "subject";

/// A column of whole numbers of one of the tables, by place.
type Column = (usize, String);

/// How the rows of a query hang together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// The tables, each as often as the query names it.
    tables: Vec<String>,
    /// Columns that are alike in rows that are joined.
    joins: Vec<[Column; 2]>,
    /// The column that tells the rows that come out apart.
    root: Column,
}

/// The rows of some tables at one time, and for whom some of them are taken out.
#[derive(Clone)]
pub struct DayRows {
    pack: Arc<Pack>,
    grant: Grant,
    tables: ByTable,
    /// Rows of registers that aren't kept.
    others: Option<Arc<LookedUp>>,
}

/// What a change concerns.
#[derive(Clone, Debug, Default)]
pub struct Concerned {
    /// Of each query the values of the column by which its rows are told apart, of those that may be otherwise.
    pub roots: Vec<BTreeSet<i64>>,
    /// The records of which they are made, by table.
    pub records: BTreeMap<String, BTreeSet<i64>>,
}

/// The values of a column of some rows, looked up once.
type Found = BTreeMap<(usize, String, String, Vec<i64>), Vec<Place>>;

/// Where a row is: in which batch, and there.
type Place = (u32, u32);

impl DayRows {
    /// These rows, as far as a grant shows them.
    pub(crate) fn new(pack: Arc<Pack>, grant: Grant, tables: ByTable) -> Self {
        Self {
            pack,
            grant,
            tables,
            others: None,
        }
    }

    /// Rows that are looked up as they are asked for.
    pub(crate) fn looked_up(pack: Arc<Pack>, grant: Grant, rows: LookedUp) -> Self {
        Self {
            pack,
            grant,
            tables: BTreeMap::new(),
            others: Some(Arc::new(rows)),
        }
    }

    /// Whether more was asked of rows that aren't kept than is looked up: then what was given isn't all.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        self.others.as_ref().is_some_and(|others| others.gave_up())
    }

    /// With a table more.
    #[must_use]
    pub fn with(mut self, table: &str, rows: Vec<RecordBatch>) -> Self {
        self.tables.insert(table.to_owned(), Arc::new(rows));
        self
    }

    fn of(&self, table: &str) -> Cow<'_, [RecordBatch]> {
        match (self.tables.get(table), &self.others) {
            (None, Some(others)) => Cow::Owned(others.table(table)),
            (own, _) => Cow::Borrowed(own.map_or(&[], |own| own.as_slice())),
        }
    }

    /// The same, with all rows in which a column has one of some values.
    fn with_those(
        &self,
        table: &str,
        column: &str,
        values: &BTreeSet<i64>,
    ) -> Result<Cow<'_, [RecordBatch]>, TablesError> {
        if let (None, Some(others)) = (self.tables.get(table), &self.others) {
            others.look_up(table, column, values)?;
        }
        Ok(self.of(table))
    }

    /// The rows of some records of a table that are seen in clear; none where there is no such table.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn rows(
        &self,
        table: &str,
        records: &BTreeSet<i64>,
    ) -> Result<Option<RecordBatch>, TablesError> {
        let (rows, register) = match (self.taken(table, records)?, self.pack.register(table)) {
            (Some(rows), Some(register)) => (rows, register),
            (rows, _) => return Ok(rows),
        };
        let parts = veil::part(register, &rows, &self.grant)?.into_iter();
        let clear = parts.filter(|(veil, _)| *veil == Veil::default());
        let clear: Vec<RecordBatch> = clear.map(|(_, rows)| rows).collect();
        Ok(Some(concat_batches(&rows.schema(), &clear)?))
    }

    /// The rows of some records of a register as they are seen, masked.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn seen(
        &self,
        register: &Register,
        records: &BTreeSet<i64>,
    ) -> Result<Vec<SeenTexts>, TablesError> {
        match self.taken(&register.id, records)? {
            Some(rows) => veil::seen_texts(register, &rows, &self.grant),
            None => Ok(Vec::new()),
        }
    }

    /// For whom they are taken out.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// The rows of some records of a table, seen or not; none where there is no such table.
    pub(crate) fn taken(
        &self,
        table: &str,
        records: &BTreeSet<i64>,
    ) -> Result<Option<RecordBatch>, TablesError> {
        let batches = self.with_those(table, key(table), records)?;
        let Some(first) = batches.first() else {
            return Ok(None);
        };
        let mut found = Vec::new();
        for (batch, rows) in batches.iter().zip(places(&batches, key(table), records)) {
            if !rows.is_empty() {
                found.push(take_record_batch(batch, &UInt32Array::from(rows))?);
            }
        }
        Ok(Some(concat_batches(&first.schema(), &found)?))
    }

    /// The values of a column in some rows.
    fn values(&self, table: &str, column: &str, rows: &[Place]) -> BTreeSet<i64> {
        let batches = self.of(table);
        let mut values = BTreeSet::new();
        for (batch, row) in rows {
            let column = batches
                .get(*batch as usize)
                .and_then(|batch| batch.column_by_name(column));
            let column = column.and_then(|own| own.as_primitive_opt::<Int64Type>());
            if let Some(column) = column.filter(|column| column.is_valid(*row as usize)) {
                values.insert(column.value(*row as usize));
            }
        }
        values
    }
}

/// Where a column has one of some values, by batch.
fn places(batches: &[RecordBatch], column: &str, values: &BTreeSet<i64>) -> Vec<Vec<u32>> {
    let wanted = Wanted::new(values.iter().copied());
    let each = batches.iter().map(|batch| {
        let column = batch.column_by_name(column);
        let Some(column) = column.and_then(|own| own.as_primitive_opt::<Int64Type>()) else {
            return Vec::new();
        };
        let values = (0_u32..).zip(column.values());
        let rows = values.filter(|(row, value)| {
            wanted.has(**value) && column.is_valid(usize::try_from(*row).unwrap_or(usize::MAX))
        });
        rows.map(|(row, _)| row).collect()
    });
    each.collect()
}

/// Those of some rows that are of some records.
pub(crate) fn only(
    rows: &RecordBatch,
    records: &BTreeSet<i64>,
) -> Result<RecordBatch, TablesError> {
    let own = places(std::slice::from_ref(rows), schema::ID, records);
    Ok(take_record_batch(rows, &UInt32Array::from(own.concat()))?)
}

/// The column by which the rows of a table are found.
fn key(table: &str) -> &'static str {
    match table {
        schema::ENTITLED => SUBJECT,
        _ => schema::ID,
    }
}

impl Links {
    /// How the rows of a query hang together, of which a column of whole numbers tells apart what comes out; none where that can't be
    /// told.
    ///
    /// # Errors
    /// As [`Session::query`].
    pub async fn of(
        session: &Session,
        sql: &str,
        column: &str,
    ) -> Result<Option<Self>, TablesError> {
        let plan = session.query(sql).await?.into_optimized_plan()?;
        let mut walk = Walk::default();
        if asks_within(&plan) {
            return Ok(None);
        }
        let Some(columns) = walk.walk(&plan) else {
            return Ok(None);
        };
        let root = plan.schema().index_of_column_by_name(None, column);
        let root = root.and_then(|at| columns.get(at).cloned().flatten());
        Ok(root.map(|root| Self {
            tables: walk.tables,
            joins: walk.joins,
            root,
        }))
    }

    /// Which rows of some queries a change of some records concerns, by how things stood before and stand after it.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn concerned(
        all: &[&Self],
        touched: &Touched,
        times: [&DayRows; 2],
    ) -> Result<Concerned, TablesError> {
        let mut concerned = Concerned {
            roots: vec![BTreeSet::new(); all.len()],
            records: BTreeMap::new(),
        };
        let mut found = Found::new();
        for (links, roots) in all.iter().zip(&mut concerned.roots) {
            for time in times.into_iter().enumerate() {
                let mut look = Look::new(links, time, &mut found);
                roots.append(&mut look.roots(touched)?);
            }
        }
        for (links, roots) in all.iter().zip(&concerned.roots) {
            for time in times.into_iter().enumerate() {
                let mut look = Look::new(links, time, &mut found);
                look.made_of(roots, &mut concerned.records)?;
            }
        }
        Ok(concerned)
    }

    /// The records of which some rows of a query are made, by table.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn made_of(
        &self,
        roots: &BTreeSet<i64>,
        rows: &DayRows,
    ) -> Result<BTreeMap<String, BTreeSet<i64>>, TablesError> {
        let (mut records, mut found) = (BTreeMap::new(), Found::new());
        Look::new(self, (0, rows), &mut found).made_of(roots, &mut records)?;
        Ok(records)
    }
}

/// One query's rows at one time.
struct Look<'a> {
    links: &'a Links,
    rows: &'a DayRows,
    time: usize,
    found: &'a mut Found,
}

impl<'a> Look<'a> {
    fn new(links: &'a Links, (time, rows): (usize, &'a DayRows), found: &'a mut Found) -> Self {
        Self {
            links,
            rows,
            time,
            found,
        }
    }

    /// The rows of a table in which a column has one of some values.
    fn having(
        &mut self,
        (table, column): &Column,
        values: &BTreeSet<i64>,
    ) -> Result<Vec<Place>, TablesError> {
        let table = &self.links.tables[*table];
        let each: Vec<i64> = values.iter().copied().collect();
        let key = (self.time, table.clone(), column.clone(), each);
        if let Some(known) = self.found.get(&key) {
            return Ok(known.clone());
        }
        let batches = self.rows.with_those(table, column, values)?;
        let places = (0_u32..).zip(places(&batches, column, values));
        let places = places.flat_map(|(batch, rows)| rows.into_iter().map(move |row| (batch, row)));
        let places: Vec<Place> = places.collect();
        self.found.insert(key, places.clone());
        Ok(places)
    }

    /// From some rows of a table to those of every other that may be joined with them, table by table.
    fn along(
        &mut self,
        from: usize,
        rows: Vec<Place>,
    ) -> Result<BTreeMap<usize, Vec<Place>>, TablesError> {
        let links = self.links;
        let mut reached = BTreeMap::from([(from, rows)]);
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            for [one, other] in &links.joins {
                for (near, far) in [(one, other), (other, one)] {
                    if near.0 != at || reached.contains_key(&far.0) {
                        continue;
                    }
                    let own = &reached[&at];
                    let values = self.rows.values(&links.tables[at], &near.1, own);
                    let rows = match values.is_empty() {
                        true => Vec::new(),
                        false => self.having(far, &values)?,
                    };
                    reached.insert(far.0, rows);
                    open.push(far.0);
                }
            }
        }
        Ok(reached)
    }

    /// What tells those rows apart that are made of some records.
    fn roots(&mut self, touched: &Touched) -> Result<BTreeSet<i64>, TablesError> {
        let links = self.links;
        let (at, column) = &links.root;
        let mut roots = BTreeSet::new();
        for (place, table) in links.tables.iter().enumerate() {
            let Some(records) = touched.of(table) else {
                continue;
            };
            let rows = self.having(&(place, key(table).to_owned()), records)?;
            if rows.is_empty() {
                continue;
            }
            let reached = self.along(place, rows)?;
            if let Some(rows) = reached.get(at) {
                roots.append(&mut self.rows.values(&links.tables[*at], column, rows));
            }
        }
        Ok(roots)
    }

    /// The records of which rows are made.
    fn made_of(
        &mut self,
        roots: &BTreeSet<i64>,
        records: &mut BTreeMap<String, BTreeSet<i64>>,
    ) -> Result<(), TablesError> {
        if roots.is_empty() {
            return Ok(());
        }
        let links = self.links;
        let rows = self.having(&links.root, roots)?;
        for (at, rows) in self.along(links.root.0, rows)? {
            let table = &links.tables[at];
            let mut own = self.rows.values(table, key(table), &rows);
            records.entry(table.clone()).or_default().append(&mut own);
        }
        Ok(())
    }
}

/// Whether an expression of a plan still asks a query of its own: what such a one rests on isn't told by joins.
fn asks_within(plan: &LogicalPlan) -> bool {
    let mut asks = false;
    let _infallible = plan.apply(|node| {
        node.apply_expressions(|expression| {
            expression.apply(|part| {
                let own = matches!(
                    part,
                    Expr::ScalarSubquery(_)
                        | Expr::InSubquery(_)
                        | Expr::Exists(_)
                        | Expr::SetComparison(_)
                        | Expr::OuterReferenceColumn(..)
                        | Expr::WindowFunction(_)
                        | Expr::Unnest(_)
                );
                asks |= own;
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    asks
}

/// The tables and joins of a plan, from its leaves.
#[derive(Default)]
struct Walk {
    tables: Vec<String>,
    joins: Vec<[Column; 2]>,
}

impl Walk {
    /// For each column of a plan the one of a table that it is, if it is one of whole numbers. None where it can't be told how the
    /// plan's rows hang together.
    fn walk(&mut self, plan: &LogicalPlan) -> Option<Vec<Option<Column>>> {
        match plan {
            LogicalPlan::TableScan(scan) if scan.fetch.is_none() => {
                let at = self.tables.len();
                self.tables.push(scan.table_name.table().to_owned());
                let fields = scan.projected_schema.fields().iter();
                let number = fields.map(|field| {
                    (field.data_type() == &DataType::Int64).then(|| (at, field.name().clone()))
                });
                Some(number.collect())
            }
            LogicalPlan::Projection(projection) => {
                let below = self.walk(&projection.input)?;
                let each = projection.expr.iter();
                let each = each.map(|own| column_of(own, projection.input.schema(), &below));
                Some(each.collect())
            }
            LogicalPlan::SubqueryAlias(alias) => self.walk(&alias.input),
            LogicalPlan::Filter(filter) => self.walk(&filter.input),
            LogicalPlan::Sort(sort) if sort.fetch.is_none() => self.walk(&sort.input),
            LogicalPlan::Repartition(repartition) => self.walk(&repartition.input),
            LogicalPlan::Join(join) => {
                let (left, right) = (self.walk(&join.left)?, self.walk(&join.right)?);
                let before = self.joins.len();
                for (one, other) in &join.on {
                    let one = column_of(one, join.left.schema(), &left);
                    let other = column_of(other, join.right.schema(), &right);
                    if let (Some(one), Some(other)) = (one, other) {
                        self.joins.push([one, other]);
                    }
                }
                // One row that lacks a number is enough to leave none of the others in a list of those who are not in another.
                if self.joins.len() == before || join.null_aware {
                    return None;
                }
                // Where a row has no partner, the partner's columns tell nothing.
                let blank = |columns: Vec<Option<Column>>| vec![None; columns.len()];
                Some(match join.join_type {
                    JoinType::Inner => [left, right].concat(),
                    JoinType::Left => [left, blank(right)].concat(),
                    JoinType::Right => [blank(left), right].concat(),
                    JoinType::Full => [blank(left), blank(right)].concat(),
                    JoinType::LeftSemi | JoinType::LeftAnti => left,
                    JoinType::RightSemi | JoinType::RightAnti => right,
                    JoinType::LeftMark => [left, vec![None]].concat(),
                    JoinType::RightMark => [right, vec![None]].concat(),
                })
            }
            LogicalPlan::Aggregate(sum) => {
                let below = self.walk(&sum.input)?;
                let keys = sum.group_expr.iter();
                let keys = keys.map(|own| column_of(own, sum.input.schema(), &below));
                let mut columns: Vec<Option<Column>> = keys.collect();
                let told = columns.iter().any(Option::is_some);
                columns.resize(sum.schema.fields().len(), None);
                told.then_some(columns)
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let columns = self.walk(input)?;
                columns.iter().any(Option::is_some).then_some(columns)
            }
            _ => None,
        }
    }
}

/// The column of a table that an expression over a plan's columns is.
fn column_of(expression: &Expr, shape: &DFSchema, below: &[Option<Column>]) -> Option<Column> {
    match expression {
        Expr::Column(column) => {
            let at = shape.maybe_index_of_column(column)?;
            below.get(at).cloned().flatten()
        }
        Expr::Alias(alias) => column_of(&alias.expr, shape, below),
        // A number as the number it is.
        Expr::Cast(cast) if cast.field.data_type() == &DataType::Int64 => {
            column_of(&cast.expr, shape, below)
        }
        _ => None,
    }
}
