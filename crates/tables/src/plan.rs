//! A physical plan that is made once and run again and again, over tables that are refilled in between.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::TablesError;
use crate::session::Session;
use crate::slots::Slots;
use datafusion::arrow::array::RecordBatch;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{JoinType, LogicalPlan};
use datafusion::physical_plan::{ExecutionPlan, collect, execution_plan::reset_plan_states};

/// A plan can be run once; the next is laid out while nobody waits.
pub struct Plan {
    plan: Arc<dyn ExecutionPlan>,
    next: Option<LaidOut>,
    /// Tables without whose rows there are none.
    needs: BTreeSet<String>,
}

/// Rows that are being worked out, and the plan that is run for them.
pub struct Running {
    run: Arc<dyn ExecutionPlan>,
    rows: SpawnedTask<Result<Vec<RecordBatch>, DataFusionError>>,
}

type LaidOut = SpawnedTask<Result<Arc<dyn ExecutionPlan>, DataFusionError>>;

impl Plan {
    /// Plans a query.
    ///
    /// # Errors
    /// As [`Session::query`].
    pub async fn new(session: &Session, sql: &str) -> Result<Self, TablesError> {
        let query = session.query(sql).await?;
        let needs = needed(&query.clone().into_optimized_plan()?);
        let plan = query.create_physical_plan().await?;
        Ok(Self {
            plan,
            next: None,
            needs,
        })
    }

    /// Whether there are no rows, by what its tables hold now: then it need not be run.
    #[must_use]
    pub fn comes_to_nothing(&self, slots: &Slots) -> bool {
        self.needs.iter().any(|table| slots.is_empty(table))
    }

    /// Begins to work its rows out.
    ///
    /// # Errors
    /// A query that fails while running.
    pub async fn start(&mut self, task: &Arc<TaskContext>) -> Result<Running, DataFusionError> {
        let run = self.fresh().await?;
        let rows = SpawnedTask::spawn(collect(run.clone(), task.clone()));
        Ok(Running { run, rows })
    }

    /// The rows of a run.
    ///
    /// # Errors
    /// A query that fails while running.
    pub async fn finish(&mut self, running: Running) -> Result<Vec<RecordBatch>, DataFusionError> {
        let rows = running.rows.join_unwind().await;
        let rows = rows.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))??;
        self.lay_out(running.run);
        Ok(rows)
    }

    /// Runs it over what its tables hold now.
    ///
    /// # Errors
    /// A query that fails while running.
    pub async fn run(
        &mut self,
        task: &Arc<TaskContext>,
    ) -> Result<Vec<RecordBatch>, DataFusionError> {
        let running = self.start(task).await?;
        self.finish(running).await
    }

    /// A plan that wasn't run.
    async fn fresh(&mut self) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        if let Some(next) = self.next.take()
            && let Ok(laid_out) = next.join().await
        {
            return laid_out;
        }
        reset_plan_states(self.plan.clone())
    }

    /// Lays out the next, and clears away the one that was run.
    fn lay_out(&mut self, run: Arc<dyn ExecutionPlan>) {
        let plan = self.plan.clone();
        self.next = Some(SpawnedTask::spawn(async move {
            drop(run);
            reset_plan_states(plan)
        }));
    }
}

/// The tables of which one without rows is enough for a query to have none.
fn needed(plan: &LogicalPlan) -> BTreeSet<String> {
    match plan {
        LogicalPlan::TableScan(scan) => BTreeSet::from([scan.table_name.table().to_owned()]),
        LogicalPlan::Projection(own) => needed(&own.input),
        LogicalPlan::Filter(own) => needed(&own.input),
        LogicalPlan::Sort(own) => needed(&own.input),
        LogicalPlan::SubqueryAlias(own) => needed(&own.input),
        LogicalPlan::Limit(own) => needed(&own.input),
        // Without groups there is one row, whatever is added up.
        LogicalPlan::Aggregate(own) if !own.group_expr.is_empty() => needed(&own.input),
        LogicalPlan::Join(own) => {
            let (left, right) = (needed(&own.left), needed(&own.right));
            match own.join_type {
                JoinType::Inner | JoinType::LeftSemi | JoinType::RightSemi => &left | &right,
                JoinType::Left | JoinType::LeftAnti | JoinType::LeftMark => left,
                JoinType::Right | JoinType::RightAnti | JoinType::RightMark => right,
                JoinType::Full => &left & &right,
            }
        }
        LogicalPlan::Union(own) => {
            let each = own.inputs.iter().map(|input| needed(input));
            each.reduce(|one, other| &one & &other).unwrap_or_default()
        }
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{Int64Array, RecordBatch};
    use datafusion::arrow::datatypes::{DataType, Field, Schema};
    use datafusion::datasource::MemTable;
    use datafusion::prelude::SessionContext;

    use super::needed;

    #[tokio::test]
    async fn a_query_without_rows_is_known_by_a_table_without_any() {
        let context = SessionContext::new();
        let shape = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true)]));
        for table in ["a", "b", "c"] {
            let ids: Arc<Int64Array> = Arc::new(vec![1, 2].into());
            let rows = RecordBatch::try_new(shape.clone(), vec![ids]).unwrap();
            let table_of_rows = MemTable::try_new(shape.clone(), vec![vec![rows]]).unwrap();
            context
                .register_table(table, Arc::new(table_of_rows))
                .unwrap();
        }
        for (sql, tables) in [
            ("select a.id from a join b on a.id = b.id", "a b"),
            ("select a.id from a left join b on a.id = b.id", "a"),
            (
                "select a.id from a where exists (select 1 from b where b.id = a.id)",
                "a b",
            ),
            (
                "select a.id from a where not exists (select 1 from b where b.id = a.id)",
                "a",
            ),
            (
                "select id from a where id > 1 union all select id from b",
                "",
            ),
            ("select count(*) from a", ""),
            ("select id, count(*) from a group by id", "a"),
            (
                "select a.id from a join (select id from b union all select id from c) d on d.id = a.id",
                "a",
            ),
        ] {
            let plan = context.sql(sql).await.unwrap();
            let found = needed(&plan.into_optimized_plan().unwrap());
            let found: Vec<String> = found.into_iter().collect();
            assert_eq!(found.join(" "), tables, "{sql}");
        }
    }
}
