//! Which fields the columns of a plan come from: through aliases, what is worked out of them, aggregates, joins, unions and
//! subqueries. A row that a condition keeps tells something of every field that the condition looks at.

use std::collections::{BTreeSet, HashMap};

use datafusion::common::Column;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan};

/// Under these keys a column remembers the field it is.
const REGISTER: &str = "register";
const FIELD: &str = "field";

/// Fields, each as (register, field).
pub(crate) type Fields = BTreeSet<(String, String)>;

/// What a column that is a field of a register remembers of it.
pub(crate) fn remembering(register: &str, field: &str) -> HashMap<String, String> {
    HashMap::from([
        (REGISTER.to_owned(), register.to_owned()),
        (FIELD.to_owned(), field.to_owned()),
    ])
}

/// The field that a column is.
pub(crate) fn remembered(metadata: &HashMap<String, String>) -> Option<(String, String)> {
    Some((
        metadata.get(REGISTER)?.clone(),
        metadata.get(FIELD)?.clone(),
    ))
}

/// The fields by which a plan keeps rows, joins them or takes the first of them, in subqueries, too; and those of which it only asks
/// whether they are known.
pub(crate) fn looked_at(plan: &LogicalPlan) -> (Fields, Fields) {
    let mut origin = Origin::of(plan);
    let _infallible = plan.apply_with_subqueries(|node| {
        match node {
            LogicalPlan::Filter(filter) => origin.expression(&filter.predicate, &[&filter.input]),
            LogicalPlan::Join(join) => {
                for (left, right) in &join.on {
                    origin.expression(left, &[&join.left]);
                    origin.expression(right, &[&join.right]);
                }
                if let Some(filter) = &join.filter {
                    origin.expression(filter, &[&join.left, &join.right]);
                }
            }
            LogicalPlan::Limit(limit) => {
                if let LogicalPlan::Sort(sort) = &*limit.input {
                    for by in &sort.expr {
                        origin.expression(&by.expr, &[&sort.input]);
                    }
                }
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    });
    (origin.found, origin.known)
}

/// The fields that an expression over the rows of a plan comes from.
pub(crate) fn of_expression(expression: &Expr, rows: &LogicalPlan) -> Fields {
    let mut origin = Origin::of(rows);
    origin.expression(expression, &[rows]);
    origin.found.append(&mut origin.known);
    origin.found
}

/// The fields that a column of a plan comes from.
pub(crate) fn of_column(plan: &LogicalPlan, at: usize) -> Fields {
    let mut origin = Origin::of(plan);
    origin.column(plan, at);
    origin.found
}

/// What is found on the way down.
struct Origin<'p> {
    whole: &'p LogicalPlan,
    found: Fields,
    /// Of which it is only asked whether they are known.
    known: Fields,
}

impl<'p> Origin<'p> {
    fn of(whole: &'p LogicalPlan) -> Origin<'p> {
        Origin {
            whole,
            found: Fields::new(),
            known: Fields::new(),
        }
    }

    fn expression(&mut self, expression: &Expr, inputs: &[&LogicalPlan]) {
        let _infallible = expression.apply(|part| {
            match part {
                Expr::IsNull(of) | Expr::IsNotNull(of) if matches!(**of, Expr::Column(_)) => {
                    let mut only = Origin::of(self.whole);
                    only.expression(of, inputs);
                    self.known.append(&mut only.found);
                    return Ok(TreeNodeRecursion::Jump);
                }
                Expr::Column(column) => {
                    for input in inputs {
                        if let Some(at) = input.schema().maybe_index_of_column(column) {
                            self.column(input, at);
                        }
                    }
                }
                Expr::OuterReferenceColumn(field, column) => match remembered(field.metadata()) {
                    Some(field) => drop(self.found.insert(field)),
                    None => {
                        let whole = self.whole;
                        let _infallible = whole.apply_with_subqueries(|node| {
                            if let Some(at) = node.schema().maybe_index_of_column(column) {
                                self.column(node, at);
                            }
                            Ok(TreeNodeRecursion::Continue)
                        });
                    }
                },
                Expr::ScalarSubquery(subquery) => self.all_of(&subquery.subquery),
                Expr::InSubquery(within) => self.all_of(&within.subquery.subquery),
                Expr::SetComparison(compared) => self.all_of(&compared.subquery.subquery),
                _ => {}
            }
            Ok(TreeNodeRecursion::Continue)
        });
    }

    /// Every column of a subquery whose values are looked at.
    fn all_of(&mut self, subquery: &LogicalPlan) {
        for at in 0..subquery.schema().fields().len() {
            self.column(subquery, at);
        }
    }

    fn column(&mut self, plan: &LogicalPlan, at: usize) {
        if let Some(field) = remembered(plan.schema().field(at).metadata()) {
            self.found.insert(field);
            return;
        }
        match plan {
            LogicalPlan::Projection(projection) => {
                if let Some(expression) = projection.expr.get(at) {
                    self.expression(expression, &[&projection.input]);
                }
            }
            LogicalPlan::Aggregate(aggregate) => {
                let mut all = aggregate.group_expr.iter().chain(&aggregate.aggr_expr);
                if let Some(expression) = all.nth(at) {
                    self.expression(expression, &[&aggregate.input]);
                }
            }
            LogicalPlan::Window(window) => {
                let before = window.input.schema().fields().len();
                match at.checked_sub(before) {
                    Some(nth) => {
                        if let Some(expression) = window.window_expr.get(nth) {
                            self.expression(expression, &[&window.input]);
                        }
                    }
                    None => self.column(&window.input, at),
                }
            }
            // Whose columns stand beside one another.
            LogicalPlan::Join(join) => {
                let column = Column::from(plan.schema().qualified_field(at));
                for side in [&join.left, &join.right] {
                    if let Some(at) = side.schema().maybe_index_of_column(&column) {
                        self.column(side, at);
                    }
                }
            }
            // Whose columns are those of each of its inputs, in their order.
            other => {
                for input in other.inputs() {
                    if at < input.schema().fields().len() {
                        self.column(input, at);
                    }
                }
            }
        }
    }
}
