//! Projections as they are run here. Those of DataFusion write every expression down as text at each run, to name the time it takes: of a
//! rule with hundreds of conditions asked for one family that is a good part of the whole, and nobody reads it. And laid out anew they work
//! out again what is known of their rows.

use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{
    Transformed, TransformedResult as _, TreeNode as _, TreeNodeRecursion,
};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::Projector;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties,
    ReplaceChildrenOptions, apply_expression_roots,
};
use futures::StreamExt as _;

/// Puts these in the place of DataFusion's, as the last step of planning.
#[derive(Debug)]
pub(crate) struct Unmeasured;

impl PhysicalOptimizerRule for Unmeasured {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let ours = |node: Arc<dyn ExecutionPlan>| match node.downcast_ref::<ProjectionExec>() {
            Some(own) => Ok(Transformed::yes(Projected::instead_of(own)?)),
            None => Ok(Transformed::no(node)),
        };
        plan.transform_up(ours).data()
    }

    fn name(&self) -> &'static str {
        "unmeasured"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// A projection of the rows of another plan.
#[derive(Debug)]
struct Projected {
    projector: Projector,
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl Projected {
    fn instead_of(own: &ProjectionExec) -> Result<Arc<dyn ExecutionPlan>> {
        let (input, projection) = (own.input().clone(), own.projection_expr());
        let shape = own.schema();
        let projector = projection.make_projector_with_schema_metadata(&input.schema(), &shape)?;
        let properties = own.properties().clone();
        Ok(Arc::new(Self {
            projector,
            input,
            properties,
        }))
    }
}

impl DisplayAs for Projected {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Projected: {}", self.projector.projection())
    }
}

impl ExecutionPlan for Projected {
    fn name(&self) -> &'static str {
        "Projected"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        each: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        apply_expression_roots(self.projector.projection().as_ref().iter(), each)
    }

    /// Nothing is planned after this: rows from elsewhere are of the same shape.
    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self {
            projector: self.projector.clone(),
            input: children.swap_remove(0),
            properties: self.properties.clone(),
        }))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(
            children,
            ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep),
        )
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let (projector, rows) = (
            self.projector.clone(),
            self.input.execute(partition, context)?,
        );
        let shape = projector.output_schema().clone();
        let projected = rows.map(move |batch| projector.project_batch(&batch?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(shape, projected)))
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::util::pretty::pretty_format_batches;
    use datafusion::execution::SessionStateBuilder;
    use datafusion::physical_plan::{collect, displayable, execution_plan::reset_plan_states};
    use datafusion::prelude::SessionContext;

    use super::*;

    #[tokio::test]
    async fn projections_give_the_same_rows_and_can_be_run_again() {
        let plain = SessionStateBuilder::new().with_default_features();
        let ours = SessionStateBuilder::new().with_default_features();
        let ours = ours.with_physical_optimizer_rule(Arc::new(Unmeasured));
        let sql = "select a * 2 as twice, a is null as unknown, count(*) as many \
                   from (values (1, 'x'), (null, 'y'), (1, 'z')) as t(a, b) group by a order by 1";
        let mut shown = Vec::new();
        for state in [plain.build(), ours.build()] {
            let context = SessionContext::new_with_state(state);
            let query = context.sql(sql).await.unwrap();
            let plan = query.create_physical_plan().await.unwrap();
            let drawn = displayable(plan.as_ref()).indent(false).to_string();
            let mut rows = Vec::new();
            for _ in 0..2 {
                let run = reset_plan_states(plan.clone()).unwrap();
                let batches = collect(run, context.task_ctx()).await.unwrap();
                rows.push(pretty_format_batches(&batches).unwrap().to_string());
            }
            assert_eq!(rows[0], rows[1]);
            shown.push((drawn, rows, plan.schema()));
        }
        let [(plain, rows, shape), (ours, our_rows, our_shape)] = &shown[..] else {
            unreachable!("two were asked");
        };
        assert!(plain.contains("ProjectionExec") && !plain.contains("Projected"));
        assert!(ours.contains("Projected") && !ours.contains("ProjectionExec"));
        assert_eq!((our_rows, our_shape), (rows, shape));
    }
}
