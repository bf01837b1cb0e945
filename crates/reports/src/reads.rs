//! What an indicator's figures rest on, told by planning its query, not by reading its text: the registers it looks at, with those
//! that the answers of programmes rest on; the register whose records it counts; the fields by which it leaves rows out. It reads
//! no record. Whoever keeps figures may keep them through every commit that touches none of the registers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ExprSchema as _};
use datafusion::datasource::MemTable;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};
use jiff::civil::{Date, date};
use kernel::{Grant, Rights};
use pack::{Measure, Pack, Register, Sql};
use tables::schema;
use tables::{AsOf, Session, TablesError, bind, date_literal};

use crate::origin::{self, remembered};

/// A day on which queries are planned; which one makes no difference to a plan.
const ANY_DAY: Date = date(2000, 1, 1);

/// The column of answers that says of which programme they are.
const PROGRAMME: &str = "programme";

/// What the rows of an indicator rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Every register whose records can change the figure: those of the query, those that say whose a record is (homes and
    /// units), and where it counts from the answers of programmes, those of every fact.
    pub registers: BTreeSet<String>,
    /// Of them, those that its query names.
    pub query: BTreeSet<String>,
    /// Whether it counts from the answers of programmes.
    pub entitled: bool,
    /// The programmes whose answers it counts; empty where the query doesn't say which.
    pub answers: BTreeSet<String>,
    /// Whether all rows it counts say whose they are.
    pub by_unit: bool,
    /// Of the registers, those whose records are the rows: nothing is known of the figure where nothing is known of one of
    /// them. Empty where the rows are answers of programmes.
    pub counted: BTreeSet<String>,
    /// Other registers of which something must be known.
    pub needs: BTreeSet<String>,
    /// Other registers of which conditions ask whether there is a record, or whose records are counted or summed up beside the
    /// rows.
    pub asks: BTreeSet<String>,
    /// Fields (register, field) by which rows are kept or left out: a row in which one of them is not known is left out, too.
    pub tested: BTreeSet<(String, String)>,
    /// Fields that must be known for a row to be kept, and nothing else of them.
    pub required: BTreeSet<(String, String)>,
    /// Of fields by which rows are kept, the values that are asked for, where they are written out.
    pub wanted: BTreeMap<(String, String), BTreeSet<String>>,
    /// Fields of which a row tells something by being counted: those and all others that conditions look at, also where one that
    /// isn't known leaves no row out, and in subqueries.
    pub telling: BTreeSet<(String, String)>,
    /// Fields of which a row tells no more than whether they are known.
    pub telling_known: BTreeSet<(String, String)>,
    /// Fields that columns of the rows are, by column.
    pub columns: BTreeMap<String, (String, String)>,
    /// Fields by which each dimension tells the rows apart.
    pub told_apart: BTreeMap<String, BTreeSet<(String, String)>>,
}

/// What every indicator of a pack rests on, by id: one that is made of others rests on what they do.
///
/// # Errors
/// A query that can't be planned; `pack check` tells such ones with their places.
pub async fn reads(pack: &Arc<Pack>) -> Result<BTreeMap<String, Reads>, TablesError> {
    let session = blank(pack, false)?;
    let naming = blank(pack, true)?;
    let answers = registers_of_answers(pack, &session).await?;
    let whose = registers_of_units(pack);
    let mut all = BTreeMap::new();
    for indicator in &pack.indicators {
        if let Some((rows, _)) = indicator.rows() {
            let mut own = read_by(&planned(&session, rows).await?);
            if let Measure::Sum { column, .. } = &indicator.measure {
                // What no record says can't be added up.
                own.tested.extend(own.columns.get(column).cloned());
            }
            own.registers.extend(whose.iter().cloned());
            own.needs.extend(indicator.needs.iter().cloned());
            own.registers.extend(indicator.needs.iter().cloned());
            if own.entitled {
                own.registers.extend(answers.iter().cloned());
                let programme = (schema::ENTITLED.to_owned(), PROGRAMME.to_owned());
                let mut wanted = wanted(&planned(&naming, rows).await?);
                own.answers = wanted.remove(&programme).unwrap_or_default();
            }
            for dimension in indicator.by.iter().filter_map(|id| pack.dimension(id)) {
                let fields = told_apart(&session, rows, &dimension.of).await?;
                own.told_apart.insert(dimension.id.clone(), fields);
            }
            all.insert(indicator.id.clone(), own);
        }
    }
    let whole = pack.indicators.iter().map(|indicator| {
        let mut reads = Reads {
            by_unit: true,
            ..Reads::default()
        };
        for part in pack.counted_parts(indicator) {
            if let Some(own) = all.get(&part.id) {
                reads.registers.extend(own.registers.iter().cloned());
                reads.query.extend(own.query.iter().cloned());
                reads.by_unit &= own.by_unit;
                reads.counted.extend(own.counted.iter().cloned());
                reads.needs.extend(own.needs.iter().cloned());
                reads.asks.extend(own.asks.iter().cloned());
                reads.tested.extend(own.tested.iter().cloned());
                reads.required.extend(own.required.iter().cloned());
                for (field, values) in &own.wanted {
                    let known = reads.wanted.entry(field.clone()).or_default();
                    known.extend(values.iter().cloned());
                }
                reads.telling.extend(own.telling.iter().cloned());
                let known = own.telling_known.iter().cloned();
                reads.telling_known.extend(known);
                reads.columns.extend(own.columns.clone());
                for (dimension, fields) in &own.told_apart {
                    let known = reads.told_apart.entry(dimension.clone()).or_default();
                    known.extend(fields.iter().cloned());
                }
                reads.entitled |= own.entitled;
                reads.answers.extend(own.answers.iter().cloned());
            }
        }
        (indicator.id.clone(), reads)
    });
    Ok(whole.collect())
}

/// A session without rows, whose columns remember which fields they are; those of answers, too, if that is wanted.
fn blank(pack: &Arc<Pack>, answers: bool) -> Result<Session, TablesError> {
    let grant = Grant::over("plan", &[], Rights::whole(), "plan");
    let session = Session::empty(pack.clone(), grant, AsOf::on(ANY_DAY));
    for register in &pack.registers {
        let table = MemTable::try_new(shape(register), vec![Vec::new()])?;
        session.add_provider(register, Arc::new(table))?;
    }
    let entitled = match answers {
        true => remembered_shape(schema::ENTITLED, &schema::entitled()),
        false => schema::entitled(),
    };
    session.add_table(schema::ENTITLED, entitled, Vec::new())?;
    Ok(session)
}

fn shape(register: &Register) -> SchemaRef {
    remembered_shape(&register.id, &schema::table(register))
}

fn remembered_shape(register: &str, plain: &SchemaRef) -> SchemaRef {
    let remembered = |column: &FieldRef| {
        let known = origin::remembering(register, column.name());
        FieldRef::from(Field::clone(column).with_metadata(known))
    };
    Schema::new(plain.fields().iter().map(remembered).collect::<Vec<_>>()).into()
}

/// A query on whatever day.
fn bound(sql: &Sql) -> Result<String, TablesError> {
    bind(sql, &|name| {
        matches!(name, "on" | "start" | "end").then(|| date_literal(ANY_DAY))
    })
}

async fn planned(session: &Session, sql: &Sql) -> Result<LogicalPlan, TablesError> {
    let bound = bound(sql)?;
    Ok(session.query(&bound).await?.logical_plan().clone())
}

/// The fields that an expression over the columns of rows looks at.
async fn told_apart(
    session: &Session,
    rows: &Sql,
    of: &Sql,
) -> Result<BTreeSet<(String, String)>, TablesError> {
    let (of, rows) = (bound(of)?, bound(rows)?);
    let sql = format!("select (\n{of}\n) as \"group\" from (\n{rows}\n) as \"counted\"");
    let mut found = BTreeSet::new();
    if let LogicalPlan::Projection(projection) = session.query(&sql).await?.logical_plan() {
        for expression in &projection.expr {
            found.extend(origin::of_expression(expression, &projection.input));
        }
    }
    Ok(found)
}

/// The registers that say whose a record is on a day, and what units record without lists.
fn registers_of_units(pack: &Pack) -> BTreeSet<String> {
    let says = |register: &&Register| register.home.is_some() || register.tree.is_some();
    let says = pack.registers.iter().filter(says);
    let own_lists = pack.contract().ok().and_then(|own| own.own_lists.as_ref());
    let says = says.chain(own_lists.map(|own| &own.register));
    says.map(|register| register.id.clone()).collect()
}

/// The registers that the answers of programmes rest on: a sweep asks all facts of all subjects at once.
async fn registers_of_answers(
    pack: &Pack,
    session: &Session,
) -> Result<BTreeSet<String>, TablesError> {
    let mut found = BTreeSet::new();
    for subject in &pack.subjects {
        let groups = subject.groups.iter().filter_map(|group| group.sql.as_ref());
        for sql in groups.chain([&subject.sql]).chain(&subject.member_rows) {
            found.extend(tables_of(&planned(session, sql).await?));
        }
    }
    Ok(found)
}

/// The tables a plan looks at, in subqueries, too.
fn tables_of(plan: &LogicalPlan) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let _infallible = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            found.insert(scan.table_name.table().to_owned());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}

fn read_by(plan: &LogicalPlan) -> Reads {
    let (telling, telling_known) = origin::looked_at(plan);
    let mut registers = tables_of(plan);
    let entitled = registers.remove(schema::ENTITLED);
    let mut columns = BTreeMap::new();
    for field in plan.schema().fields() {
        if let Some(of) = remembered(field.metadata()) {
            columns.insert(field.name().clone(), of);
        }
    }
    // Rows are the records whose number they have, also if it is worked out: the first of a group. Where that can't be told, records of
    // everything joined.
    let id = plan.schema().index_of_column_by_name(None, schema::ID);
    let counted = match columns.get(schema::ID) {
        Some((register, _)) => BTreeSet::from([register.clone()]),
        None if entitled => BTreeSet::new(),
        None => {
            let numbers = id.map(|at| origin::of_column(plan, at)).unwrap_or_default();
            let numbered = numbers.into_iter().map(|(register, _)| register);
            let numbered: BTreeSet<String> = numbered.collect();
            if numbered.is_empty() {
                joined(plan)
            } else {
                numbered
            }
        }
    };
    let mut asks = asks(plan);
    asks.extend(summed_up(plan).difference(&counted).cloned());
    Reads {
        asks,
        required: required(plan),
        answers: BTreeSet::new(),
        told_apart: BTreeMap::new(),
        needs: BTreeSet::new(),
        counted,
        tested: tested(plan),
        wanted: wanted(plan),
        telling,
        telling_known,
        query: registers.clone(),
        by_unit: plan.schema().has_column_with_unqualified_name(schema::UNIT),
        registers,
        entitled,
        columns,
    }
}

/// The registers whose records take part, outside of what is only asked whether it is there.
fn joined(plan: &LogicalPlan) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let _infallible = plan.apply(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            found.insert(scan.table_name.table().to_owned());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found.remove(schema::ENTITLED);
    found
}

/// The registers that conditions ask about: whether there is a record.
fn asks(plan: &LogicalPlan) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let _infallible = plan.apply_with_subqueries(|node| {
        let _infallible = node.apply_expressions(|expression| {
            expression.apply(|part| {
                let within = match part {
                    Expr::Exists(exists) => Some(&exists.subquery.subquery),
                    Expr::InSubquery(among) => Some(&among.subquery.subquery),
                    _ => None,
                };
                found.extend(within.into_iter().flat_map(|within| tables_of(within)));
                Ok(TreeNodeRecursion::Continue)
            })
        });
        Ok(TreeNodeRecursion::Continue)
    });
    found.remove(schema::ENTITLED);
    found
}

/// The registers whose records are counted or summed up beside the rows: where nothing was ever told of them that comes to nothing,
/// which isn't nought. What rows are only put together by may be missing.
fn summed_up(plan: &LogicalPlan) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let _infallible = plan.apply(|node| {
        if let LogicalPlan::Aggregate(aggregate) = node {
            for expression in &aggregate.aggr_expr {
                let fields = origin::of_expression(expression, &aggregate.input);
                if fields.is_empty() {
                    found.extend(tables_of(&aggregate.input));
                }
                found.extend(fields.into_iter().map(|(register, _)| register));
            }
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found.remove(schema::ENTITLED);
    found
}

/// The fields that conditions on rows look at.
fn tested(plan: &LogicalPlan) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let _infallible = plan.apply(|node| {
        if let LogicalPlan::Filter(filter) = node {
            note(&filter.predicate, filter.input.schema(), &mut found);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found.retain(|(_, field)| field != schema::ID && field != schema::UNIT);
    found
}

/// The fields that rows are left out for not knowing.
fn required(plan: &LogicalPlan) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let _infallible = plan.apply(|node| {
        if let LogicalPlan::Filter(filter) = node {
            let shape = filter.input.schema();
            for part in split_conjunction(&filter.predicate) {
                if let Expr::IsNotNull(of) = part
                    && let Expr::Column(column) = &**of
                    && let Ok(field) = shape.field_from_column(column)
                {
                    found.extend(remembered(field.metadata()));
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}

/// The values that conditions want fields to have, in subqueries, too.
fn wanted(plan: &LogicalPlan) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut found: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let _infallible = plan.apply_with_subqueries(|node| {
        let condition = match node {
            LogicalPlan::Filter(filter) => Some((&filter.predicate, filter.input.schema())),
            LogicalPlan::Join(join) => join.filter.as_ref().map(|filter| (filter, &join.schema)),
            _ => None,
        };
        if let Some((condition, shape)) = condition {
            let _infallible = condition.apply(|part| {
                if let Some((column, values)) = equals(part) {
                    let field = shape.field_from_column(column).ok();
                    if let Some(of) = field.and_then(|field| remembered(field.metadata())) {
                        found.entry(of).or_default().extend(values);
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            });
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}

/// The column that an expression holds against texts, if it does, and the texts.
fn equals(expression: &Expr) -> Option<(&Column, Vec<String>)> {
    let text = |of: &Expr| match of {
        Expr::Literal(value, _) => value.try_as_str().flatten().map(ToOwned::to_owned),
        _ => None,
    };
    match expression {
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::Eq,
            right,
        }) => match (&**left, &**right) {
            (Expr::Column(column), other) | (other, Expr::Column(column)) => {
                Some((column, vec![text(other)?]))
            }
            _ => None,
        },
        Expr::InList(list) if !list.negated => match &*list.expr {
            Expr::Column(column) => Some((column, list.list.iter().filter_map(text).collect())),
            _ => None,
        },
        _ => None,
    }
}

fn note(expression: &Expr, shape: &DFSchema, found: &mut BTreeSet<(String, String)>) {
    let _infallible = expression.apply(|part| {
        match part {
            Expr::Column(column) => {
                if let Ok(field) = shape.field_from_column(column) {
                    found.extend(remembered(field.metadata()));
                }
            }
            // What is asked whether it is known at all, or has a value in its stead, leaves no row out for not being known.
            Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::Case(_) => {
                return Ok(TreeNodeRecursion::Jump);
            }
            Expr::ScalarFunction(call) if call.name() == "coalesce" => {
                return Ok(TreeNodeRecursion::Jump);
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    });
}
