//! A physical plan that is made once and run again and again, over tables that are refilled in between.

use std::sync::Arc;

use crate::error::TablesError;
use crate::session::Session;
use datafusion::arrow::array::RecordBatch;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::{ExecutionPlan, collect, execution_plan::reset_plan_states};

/// A plan can be run once; the next is laid out while nobody waits.
pub struct Plan {
    plan: Arc<dyn ExecutionPlan>,
    next: Option<LaidOut>,
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
        let plan = session.query(sql).await?.create_physical_plan().await?;
        Ok(Self { plan, next: None })
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
