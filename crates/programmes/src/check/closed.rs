//! Where a query concludes something from there being no row: it counts or sums, it keeps rows without a partner, or those of which there is no
//! other. Found in the plan, so that no way of writing it gets around.

use std::collections::BTreeSet;

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan};

/// What a query concludes from what is on record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Closes {
    /// Whether it reads a register that lists fill.
    pub reads: bool,
    /// Whether what it gives of a subject would be otherwise with a row more of such a register.
    pub whole: bool,
}

/// What a query concludes, where lists fill some registers. What asks by itself whether somebody is vouched for is left alone.
pub(super) fn closes(plan: &LogicalPlan, fed: &BTreeSet<&str>) -> Closes {
    let reads = reads(plan, fed);
    let mut whole = false;
    let mut asks = false;
    let _infallible = plan.apply_with_subqueries(|node| {
        whole |= match node {
            LogicalPlan::Aggregate(own) => self::reads(&own.input, fed),
            LogicalPlan::Join(join) => match join.join_type {
                JoinType::Left | JoinType::LeftAnti | JoinType::LeftMark => {
                    self::reads(&join.right, fed)
                }
                JoinType::Right | JoinType::RightAnti | JoinType::RightMark => {
                    self::reads(&join.left, fed)
                }
                JoinType::Full => self::reads(&join.left, fed) || self::reads(&join.right, fed),
                JoinType::Inner | JoinType::LeftSemi | JoinType::RightSemi => false,
            },
            _ => false,
        };
        node.apply_expressions(|expression| {
            expression.apply(|part| {
                match part {
                    Expr::Exists(exists) => {
                        whole |= exists.negated && self::reads(&exists.subquery.subquery, fed)
                    }
                    Expr::InSubquery(within) => {
                        whole |= within.negated && self::reads(&within.subquery.subquery, fed)
                    }
                    Expr::ScalarFunction(call) => {
                        asks |=
                            ["vouched", "absent", "vouched_everywhere"].contains(&call.func.name());
                    }
                    _ => {}
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    Closes {
        reads,
        whole: whole && !asks,
    }
}

fn reads(plan: &LogicalPlan, fed: &BTreeSet<&str>) -> bool {
    let mut reads = false;
    let _infallible = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            reads |= fed.contains(scan.table_name.table());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    reads
}
