//! One person's answers, with every condition and fact. The query is the sweep's own, planned once over tables that are
//! refilled with the rows of one family, so the answer is the sweep's answer and takes about a millisecond.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::execution::TaskContext;
use kernel::{Answer, Grant, Rights};
use pack::Pack;
use tables::{AsOf, FamilyRows, Footprint, Plan, Slots, Vouched, show};

use crate::compare::{enrolment_fields, is_told, payment_bits};
use crate::error::ProgrammesError;
use crate::question::{Question, questions};
use crate::sweep::{Missing, Part, Row, in_force, once_each, people_of, subjects};

/// Plans ready to answer about one family after another.
pub struct Desk {
    slots: Slots,
    pack: Arc<Pack>,
    task: Arc<TaskContext>,
    plans: Vec<Planned>,
    reads: Footprint,
    /// Whether explanations carry every fact, and not only those that conditions name.
    every_fact: bool,
}

/// A question with the plan of its answers, and that of who the subjects are.
struct Planned {
    question: Arc<Question>,
    answers: Plan,
    people: Option<Plan>,
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
    /// Whether a value that merely illustrates has a part in the answer or in what is paid.
    pub illustrative: bool,
    /// Every fact that answer and amount rest on, where that was asked for; of a judgement those that it shows.
    #[serde(skip)]
    pub facts: Vec<FactValue>,
    /// Every condition in the pack's order.
    pub conditions: Vec<ConditionAnswer>,
    /// Facts to find out.
    pub missing: Vec<String>,
    /// Facts of which a list has to tell.
    pub waits: Vec<String>,
    /// Whether lists tell if they are paid.
    pub paid_is_told: bool,
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
        let mut reads = Footprint::default();
        if let Ok(contract) = pack.contract() {
            let register = &contract.enrolments.register.id;
            let fields = enrolment_fields(contract);
            fields
                .into_iter()
                .for_each(|field| reads.add(register, field));
        }
        for question in questions(pack, &in_force(pack, only, as_of.on)?.0, as_of.on)? {
            reads.and(&Footprint::of(&session, &question.explain_sql()).await?);
            if let Some(sql) = &question.member_rows {
                reads.and(&Footprint::of(&session, sql).await?);
            }
            let answers = Plan::new(&session, &question.explain_sql()).await?;
            let people = match &question.member_rows {
                None => None,
                Some(sql) => Some(Plan::new(&session, sql).await?),
            };
            plans.push(Planned {
                question: Arc::new(question),
                answers,
                people,
            });
        }
        Ok(Self {
            slots,
            pack: pack.clone(),
            task: session.context().task_ctx(),
            plans,
            reads,
            every_fact: false,
        })
    }

    /// The same desk, whose explanations carry every fact that answers and amounts rest on.
    #[must_use]
    pub(crate) fn with_every_fact(mut self) -> Self {
        self.every_fact = true;
        self
    }

    /// The answers of every programme about the subjects a person belongs to, from the rows of the family
    /// (see [`tables::Relatives::around`]). One at a time: a second caller must wait, hence `&mut`.
    ///
    /// # Errors
    /// A query that fails while running.
    pub async fn explain(
        &mut self,
        person: i64,
        rows: FamilyRows,
    ) -> Result<Vec<Explanation>, ProgrammesError> {
        self.explain_all(&BTreeSet::from([person]), rows).await
    }

    /// The same of several people, from the rows around all of them; what they share is told once.
    ///
    /// # Errors
    /// As [`Desk::explain`].
    pub async fn explain_all(
        &mut self,
        wanted: &BTreeSet<i64>,
        rows: FamilyRows,
    ) -> Result<Vec<Explanation>, ProgrammesError> {
        let parts = self.ask(rows).await?;
        let vouched = self.slots.vouched();
        let mut explanations = Vec::new();
        for part in parts {
            for batch in &part.rows {
                for at in 0..batch.num_rows() {
                    let people = people(&part, batch, at);
                    if people.iter().any(|person| wanted.contains(person)) {
                        let first = explanations.len();
                        let of = (&people[..], &*vouched);
                        explain_row(&self.pack, &part, (batch, at), of, &mut explanations)?;
                        if self.every_fact {
                            let facts = facts_of(&part.question, batch, at)?;
                            let own = explanations[first..].iter_mut();
                            own.for_each(|own| own.facts.clone_from(&facts));
                        }
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

    /// The answers of every programme about whoever these rows are around.
    pub(crate) async fn ask(&mut self, rows: FamilyRows) -> Result<Vec<Part>, ProgrammesError> {
        self.slots.fill(rows)?;
        // All kinds of subjects are asked about at once.
        let mut asked = Vec::with_capacity(self.plans.len());
        for planned in &mut self.plans {
            // Most families have none of some kinds.
            if planned.answers.comes_to_nothing(&self.slots) {
                asked.push(None);
                continue;
            }
            let people = match &mut planned.people {
                None => None,
                Some(plan) => Some(plan.start(&self.task).await?),
            };
            asked.push(Some((planned.answers.start(&self.task).await?, people)));
        }
        let mut parts = Vec::with_capacity(asked.len());
        for (planned, asked) in self.plans.iter_mut().zip(asked) {
            let Some((answers, people)) = asked else {
                parts.push(Part {
                    question: planned.question.clone(),
                    rows: Vec::new(),
                    people: planned.people.is_some().then(BTreeMap::new),
                });
                continue;
            };
            let rows = planned.answers.finish(answers).await?;
            let people = match (&mut planned.people, people) {
                (Some(plan), Some(people)) => Some(people_of(&plan.finish(people).await?)?),
                _ => None,
            };
            parts.push(Part {
                question: planned.question.clone(),
                rows,
                people,
            });
        }
        for part in &parts {
            once_each(&part.question, &part.rows)?;
        }
        Ok(parts)
    }

    /// The columns of registers that answers and lists are made from, those of the subjects' units included.
    #[must_use]
    pub fn reads(&self) -> &Footprint {
        &self.reads
    }
}

fn people(part: &Part, batch: &RecordBatch, at: usize) -> Vec<i64> {
    let question = &part.question;
    if let Some(people) = &part.people {
        let subject = subjects(batch).value(at);
        return people.get(&subject).cloned().unwrap_or_default();
    }
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

/// The values of a row's facts, which stand in their order behind the conditions.
fn facts_of(
    question: &Question,
    batch: &RecordBatch,
    at: usize,
) -> Result<Vec<FactValue>, ProgrammesError> {
    let first = (question.facts.first())
        .and_then(|fact| batch.schema().index_of(&format!("fact_{fact}")).ok());
    let first = first.unwrap_or(batch.num_columns());
    let shown: Vec<usize> = (first..batch.num_columns()).collect();
    let shown = batch.slice(at, 1).project(&shown)?;
    let mut texts = show(&[shown])?.pop().unwrap_or_default().into_iter();
    let value = |id: &String| FactValue {
        id: id.clone(),
        value: texts.next().flatten(),
        withheld: false,
    };
    Ok(question.facts.iter().map(value).collect())
}

fn explain_row(
    pack: &Pack,
    part: &Part,
    (batch, at): (&RecordBatch, usize),
    (people, vouched): (&[i64], &Vouched),
    into: &mut Vec<Explanation>,
) -> Result<(), ProgrammesError> {
    let question = &part.question;
    let facts = facts_of(question, batch, at)?;
    let value = |id: &String| {
        let known = facts.iter().find(|fact| fact.id == *id);
        known.cloned().unwrap_or_else(|| FactValue {
            id: id.clone(),
            value: None,
            withheld: false,
        })
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
        let lacks = match answer {
            Answer::CannotTell => part.missing(asked, &row),
            _ => Missing::default(),
        };
        into.push(Explanation {
            programme: asked.id.clone(),
            kind: question.subject.clone(),
            subject: batch.column(0).as_primitive::<Int64Type>().value(at),
            people: people.to_vec(),
            answer,
            illustrative: asked.illustrative,
            conditions,
            facts: (programme.judgement.iter())
                .flat_map(|own| own.shows.iter().map(value))
                .collect(),
            missing: lacks.ask,
            waits: lacks.wait,
            paid_is_told: is_told(payment_bits(pack, &asked.id), vouched, people),
        });
    }
    Ok(())
}
