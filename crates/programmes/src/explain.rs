//! One person's answers, with every condition and fact. The query is the sweep's own, planned once over tables that are
//! refilled with the rows of one family, so the answer is the sweep's answer and takes about a millisecond.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::{ExecutionPlan, collect, execution_plan::reset_plan_states};
use kernel::{Answer, Grant, Rights};
use pack::Pack;
use tables::{AsOf, Slots, show};

use crate::error::ProgrammesError;
use crate::question::{Question, questions};
use crate::sweep::{Part, Row, chosen};

/// Plans ready to answer about one family after another.
pub struct Desk {
    slots: Slots,
    pack: Arc<Pack>,
    task: Arc<TaskContext>,
    plans: Vec<Planned>,
}

/// A question and its plan. A plan can be run once; the next is laid out while nobody waits.
struct Planned {
    question: Arc<Question>,
    plan: Arc<dyn ExecutionPlan>,
    next: Option<LaidOut>,
}

type LaidOut = SpawnedTask<Result<Arc<dyn ExecutionPlan>, DataFusionError>>;

impl Planned {
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

/// A programme's answer about one subject, with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// The programme.
    pub programme: String,
    /// The kind of subject.
    pub kind: String,
    /// The subject's record.
    pub subject: i64,
    /// The people the subject stands for.
    pub people: Vec<i64>,
    /// The answer.
    #[serde(serialize_with = "answer_word")]
    pub answer: Answer,
    /// Every condition in the pack's order.
    pub conditions: Vec<ConditionAnswer>,
    /// Facts to find out.
    pub missing: Vec<String>,
}

/// One condition's answer.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ConditionAnswer {
    /// The condition.
    pub id: String,
    /// True, false, or nothing when a fact is missing.
    pub holds: Option<bool>,
    /// The facts it rests on.
    pub facts: Vec<FactValue>,
}

/// A fact and its value as text.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FactValue {
    /// The fact.
    pub id: String,
    /// Its value; nothing when it is missing or withheld.
    pub value: Option<String>,
    /// Whether it isn't shown to this reader, which is not that it is missing.
    pub withheld: bool,
}

fn answer_word<S: serde::Serializer>(answer: &Answer, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(answer.as_str())
}

impl Desk {
    /// Plans the questions of the named programmes, or all, on a date.
    ///
    /// # Errors
    /// As [`crate::sweep`].
    pub async fn new(
        pack: &Arc<Pack>,
        as_of: AsOf,
        only: Option<&[String]>,
    ) -> Result<Self, ProgrammesError> {
        let grant = Grant::over("taizhang", &[], Rights::whole(), "explain");
        let (session, slots) = Slots::session(pack, grant, as_of)?;
        let mut plans = Vec::new();
        for question in questions(pack, &chosen(pack, only, as_of.on)?, as_of.on)? {
            let plan = session
                .query(&question.explain_sql())
                .await?
                .create_physical_plan()
                .await?;
            plans.push(Planned {
                question: Arc::new(question),
                plan,
                next: None,
            });
        }
        Ok(Self {
            slots,
            pack: pack.clone(),
            task: session.context().task_ctx(),
            plans,
        })
    }

    /// The answers of every programme about the subjects a person belongs to, from the rows of the family
    /// (see [`tables::Relatives::around`]). One at a time: a second caller must wait, hence `&mut`.
    ///
    /// # Errors
    /// A query that fails while running.
    pub async fn explain(
        &mut self,
        person: i64,
        rows: BTreeMap<String, RecordBatch>,
    ) -> Result<Vec<Explanation>, ProgrammesError> {
        self.slots.fill(rows);
        // All kinds of subjects are asked about at once.
        let mut asked = Vec::with_capacity(self.plans.len());
        for planned in &mut self.plans {
            let fresh = planned.fresh().await?;
            let answer = SpawnedTask::spawn(collect(fresh.clone(), self.task.clone()));
            asked.push((fresh, answer));
        }
        let mut parts = Vec::with_capacity(asked.len());
        for (planned, (run, answer)) in self.plans.iter_mut().zip(asked) {
            let rows = answer.join_unwind().await;
            let rows = rows.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))??;
            planned.lay_out(run);
            let question = planned.question.clone();
            parts.push(Part { question, rows });
        }
        let mut explanations = Vec::new();
        for part in parts {
            let question = &part.question;
            for batch in &part.rows {
                for at in 0..batch.num_rows() {
                    let people = people(question, batch, at);
                    if people.contains(&person) {
                        explain_row(&self.pack, &part, batch, at, &people, &mut explanations)?;
                    }
                }
            }
        }
        let order = |id: &str| {
            self.pack
                .programmes
                .iter()
                .position(|programme| programme.id == id)
        };
        explanations
            .sort_by_key(|explanation| (order(&explanation.programme), explanation.subject));
        Ok(explanations)
    }
}

fn people(question: &Question, batch: &RecordBatch, at: usize) -> Vec<i64> {
    let own = [String::from("subject")];
    let members = if question.members.is_empty() {
        &own[..]
    } else {
        &question.members
    };
    members
        .iter()
        .filter_map(|member| batch.column_by_name(member))
        .map(|column| column.as_primitive::<Int64Type>().value(at))
        .collect()
}

fn explain_row(
    pack: &Pack,
    part: &Part,
    batch: &RecordBatch,
    at: usize,
    people: &[i64],
    into: &mut Vec<Explanation>,
) -> Result<(), ProgrammesError> {
    let question = &part.question;
    // The facts are shown in their order, behind the conditions.
    let first = (question.facts.first())
        .and_then(|fact| batch.schema().index_of(&format!("fact_{fact}")).ok());
    let first = first.unwrap_or(batch.num_columns());
    let shown: Vec<usize> = (first..batch.num_columns()).collect();
    let shown = batch.slice(at, 1).project(&shown)?;
    let texts = show(&[shown])?.pop().unwrap_or_default();
    let value = |fact: &String| FactValue {
        value: (question.facts.iter().position(|id| id == fact))
            .and_then(|nth| texts.get(nth).cloned().flatten()),
        id: fact.clone(),
        withheld: false,
    };
    for asked in &question.programmes {
        let Some(programme) = pack.programme(&asked.id) else {
            continue;
        };
        let answers = part.answers(asked, &batch.slice(at, 1));
        let answer = Answer::from(answers.is_valid(0).then(|| answers.value(0)));
        let row = Row { batch, at, answer };
        let conditions = (programme.conditions.iter().zip(&asked.conditions))
            .map(|(condition, asked)| ConditionAnswer {
                id: condition.id.clone(),
                holds: batch
                    .column_by_name(&asked.column)
                    .and_then(|column| column.as_boolean_opt())
                    .and_then(|flags| flags.is_valid(at).then(|| flags.value(at))),
                facts: asked.facts.iter().map(value).collect(),
            })
            .collect();
        into.push(Explanation {
            programme: asked.id.clone(),
            kind: question.subject.clone(),
            subject: batch.column(0).as_primitive::<Int64Type>().value(at),
            people: people.to_vec(),
            answer,
            conditions,
            missing: if answer == Answer::CannotTell {
                part.missing(asked, &row)
            } else {
                Vec::new()
            },
        });
    }
    Ok(())
}
