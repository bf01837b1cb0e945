//! The sweep: every programme asked of everyone on a date. Its result is kept as the columns the engine gave, so that a
//! million people take a few megabytes; answers, reasons and missing facts are read out of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringViewArray,
};
use datafusion::arrow::compute::{and_kleene, cast, concat_batches, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use futures::future::try_join_all;
use jiff::civil::Date;
use kernel::Answer;
use pack::{Pack, Programme};
use tables::{AsOf, Session, schema};

use crate::compare::members;
use crate::error::ProgrammesError;
use crate::question::{Asked, AskedCondition, Question, questions};

/// The answers of one sweep.
#[derive(Clone)]
pub struct Sweep {
    /// The two times it was asked for.
    pub as_of: AsOf,
    pack: Arc<Pack>,
    parts: Vec<Part>,
    not_in_force: Vec<NotInForce>,
}

/// A programme that isn't in force on the day: one of the parameters of its conditions has no value yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotInForce {
    /// The programme.
    pub programme: String,
    /// The parameter.
    pub parameter: String,
    /// The first day on which it has a value.
    pub from: Option<Date>,
}

/// The answers about one kind of subject.
#[derive(Clone)]
pub(crate) struct Part {
    pub question: Arc<Question>,
    pub rows: Vec<RecordBatch>,
    /// The people of each subject, where no columns name them.
    pub people: Option<BTreeMap<i64, Vec<i64>>>,
}

/// How many subjects got each answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Entitled.
    pub entitled: usize,
    /// Not entitled.
    pub not_entitled: usize,
    /// Cannot tell.
    pub cannot_tell: usize,
}

/// Of the subjects of whom it can't be told, how many lack which fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Causes {
    /// Facts that somebody can find out.
    pub ask: BTreeMap<String, usize>,
    /// Facts of which a list has to tell.
    pub wait: BTreeMap<String, usize>,
}

/// The facts that an answer lacks, each in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Those that somebody can find out.
    pub ask: Vec<String>,
    /// Those of which a list has to tell.
    pub wait: Vec<String>,
}

/// One subject's answer in a batch.
pub(crate) struct Row<'a> {
    pub batch: &'a RecordBatch,
    pub at: usize,
    pub answer: Answer,
}

/// Asks the named programmes, or all, of everyone. The session should be one of [`tables::Tables::evaluation`].
///
/// # Errors
/// An unknown programme, or facts that give several rows for one subject.
pub async fn sweep(session: &Session, only: Option<&[String]>) -> Result<Sweep, ProgrammesError> {
    let pack = session.pack().clone();
    let as_of = session.as_of();
    let (programmes, not_in_force) = in_force(&pack, only, as_of.on)?;
    let questions = questions(&pack, &programmes, as_of.on)?;
    let asked = questions.into_iter().map(|question| async {
        let rows = session.collect(&question.sweep_sql()).await?;
        once_each(&question, &rows)?;
        let people = match &question.member_rows {
            None => None,
            Some(sql) => Some(people_of(&session.collect(sql).await?)?),
        };
        let question = Arc::new(question);
        Ok::<_, ProgrammesError>(Part {
            question,
            rows,
            people,
        })
    });
    let parts = try_join_all(asked).await?;
    Ok(Sweep {
        as_of,
        pack,
        parts,
        not_in_force,
    })
}

/// The people of each subject, ordered, from rows of (subject, person).
pub(crate) fn people_of(rows: &[RecordBatch]) -> Result<BTreeMap<i64, Vec<i64>>, ProgrammesError> {
    let mut people: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for batch in rows {
        let columns = batch.columns().iter();
        let columns: Vec<ArrayRef> = columns
            .map(|column| cast(column, &DataType::Int64))
            .collect::<Result<_, _>>()?;
        let [subjects, persons] = &columns[..] else {
            continue;
        };
        let persons = persons.as_primitive::<Int64Type>().values();
        let subjects = subjects.as_primitive::<Int64Type>().values();
        for (subject, person) in subjects.iter().zip(persons) {
            people.entry(*subject).or_default().push(*person);
        }
    }
    for people in people.values_mut() {
        people.sort_unstable();
        people.dedup();
    }
    Ok(people)
}

/// The programmes named, or all, that are in force on a day; and those that are not.
pub(crate) fn in_force<'a>(
    pack: &'a Pack,
    only: Option<&[String]>,
    on: Date,
) -> Result<(Vec<&'a Programme>, Vec<NotInForce>), ProgrammesError> {
    let asked = match only {
        Some(only) => chosen(pack, only)?,
        None => pack.programmes.iter().collect(),
    };
    let (mut programmes, mut others) = (Vec::new(), Vec::new());
    for programme in asked {
        match programme.not_in_force(on) {
            None => programmes.push(programme),
            Some(parameter) => others.push(NotInForce {
                programme: programme.id.clone(),
                parameter: parameter.id.clone(),
                from: parameter.values.first().map(|dated| dated.from),
            }),
        }
    }
    Ok((programmes, others))
}

/// The programmes named.
pub(crate) fn chosen<'a>(
    pack: &'a Pack,
    only: &[String],
) -> Result<Vec<&'a Programme>, ProgrammesError> {
    let known = || {
        pack.programmes
            .iter()
            .map(|programme| programme.id.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    only.iter()
        .map(|id| {
            pack.programme(id)
                .ok_or_else(|| ProgrammesError::UnknownProgramme {
                    asked: id.clone(),
                    known: known(),
                })
        })
        .collect()
}

/// A fact group that gives two rows for a subject would count it twice; refuse rather than miscount.
pub(crate) fn once_each(question: &Question, rows: &[RecordBatch]) -> Result<(), ProgrammesError> {
    let mut asked: Vec<i64> = (rows.iter())
        .flat_map(|batch| subjects(batch).values().iter().copied())
        .collect();
    let all = asked.len();
    asked.sort_unstable();
    asked.dedup();
    if asked.len() == all {
        return Ok(());
    }
    let repeated = all - asked.len();
    Err(tables::TablesError::Repeated {
        group: question.subject.clone(),
        repeated,
    }
    .into())
}

impl Sweep {
    /// The declarations the sweep was made with.
    #[must_use]
    pub fn pack(&self) -> &Arc<Pack> {
        &self.pack
    }

    /// The programmes that were asked, in the pack's order.
    pub fn programmes(&self) -> impl Iterator<Item = &Programme> {
        self.pack
            .programmes
            .iter()
            .filter(|programme| self.part(&programme.id).is_some())
    }

    /// The programmes asked for that were not in force on the day, in the pack's order.
    #[must_use]
    pub fn not_in_force(&self) -> &[NotInForce] {
        &self.not_in_force
    }

    pub(crate) fn part(&self, programme: &str) -> Option<(&Part, &Asked)> {
        self.parts.iter().find_map(|part| {
            part.question
                .programmes
                .iter()
                .find(|asked| asked.id == programme)
                .map(|asked| (part, asked))
        })
    }

    /// How many subjects got each answer.
    #[must_use]
    pub fn counts(&self, programme: &str) -> Counts {
        let mut counts = Counts::default();
        let Some((part, asked)) = self.part(programme) else {
            return counts;
        };
        for batch in &part.rows {
            let answers = part.answers(asked, batch);
            let entitled = answers.true_count();
            counts.entitled += entitled;
            counts.cannot_tell += answers.null_count();
            counts.not_entitled += answers.len() - answers.null_count() - entitled;
        }
        counts
    }

    /// Why it can't be told of those of whom it can't.
    #[must_use]
    pub fn causes(&self, programme: &str) -> Causes {
        let mut causes = Causes::default();
        let Some((part, asked)) = self.part(programme) else {
            return causes;
        };
        for batch in &part.rows {
            for (at, answer) in part.answers(asked, batch).iter().enumerate() {
                let answer = Answer::from(answer);
                if answer != Answer::CannotTell {
                    continue;
                }
                let missing = part.missing(asked, &Row { batch, at, answer });
                for fact in missing.ask {
                    *causes.ask.entry(fact).or_default() += 1;
                }
                for fact in missing.wait {
                    *causes.wait.entry(fact).or_default() += 1;
                }
            }
        }
        causes
    }

    /// The answers after some people were asked again: `asked` has the answers of every subject one of these people belongs to, and
    /// may have others, which don't count. Also gives these answers by themselves.
    pub(crate) fn after(
        &self,
        asked: &[Part],
        concerned: &BTreeSet<i64>,
    ) -> Result<(Self, Self), ProgrammesError> {
        let (mut all, mut again) = (self.clone(), self.clone());
        for (nth, part) in self.parts.iter().enumerate() {
            let kind = &part.question.subject;
            let asked = asked.iter().find(|asked| asked.question.subject == *kind);
            let fresh = match asked {
                Some(asked) => asked.only(&part.question.columns(), |people| {
                    people.iter().any(|person| concerned.contains(person))
                })?,
                None => Part {
                    rows: Vec::new(),
                    ..part.clone()
                },
            };
            let mut kept = part.only(&part.question.columns(), |people| {
                !people.iter().any(|person| concerned.contains(person))
            })?;
            kept.rows.extend(fresh.rows.iter().cloned());
            kept.rows = together(kept.rows)?;
            if let (Some(people), Some(own)) = (&mut kept.people, &fresh.people) {
                people.extend(own.iter().map(|(subject, own)| (*subject, own.clone())));
            }
            all.parts[nth] = kept;
            again.parts[nth] = fresh;
        }
        Ok((all, again))
    }

    /// Every subject with its answer.
    pub fn each(&self, programme: &str, mut see: impl FnMut(i64, &str, Answer)) {
        let Some((part, asked)) = self.part(programme) else {
            return;
        };
        for batch in &part.rows {
            let (subjects, units) = (subjects(batch), units(batch));
            for (row, answer) in part.answers(asked, batch).iter().enumerate() {
                see(subjects.value(row), units.value(row), Answer::from(answer));
            }
        }
    }
}

/// More batches than this are put together.
const MOST_BATCHES: usize = 64;

/// Rows in fewer batches, once there are many.
fn together(rows: Vec<RecordBatch>) -> Result<Vec<RecordBatch>, ProgrammesError> {
    match rows.first() {
        Some(first) if rows.len() > MOST_BATCHES => {
            let all = concat_batches(&first.schema(), &rows).map_err(tables::TablesError::from)?;
            Ok(vec![all])
        }
        _ => Ok(rows),
    }
}

impl Part {
    /// These columns of the subjects whose people are such.
    fn only(
        &self,
        columns: &[String],
        such: impl Fn(&[i64]) -> bool,
    ) -> Result<Self, ProgrammesError> {
        let mut rows = Vec::with_capacity(self.rows.len());
        let mut left: BTreeSet<i64> = BTreeSet::new();
        for batch in &self.rows {
            let members = members(self, batch);
            let subjects = subjects(batch);
            let mut people = Vec::new();
            let own: BooleanArray = (subjects.values().iter().enumerate())
                .map(|(at, subject)| {
                    people.clear();
                    people.extend(members.of(*subject, at));
                    let own = such(&people);
                    if !own {
                        left.insert(*subject);
                    }
                    Some(own)
                })
                .collect();
            let places = columns.iter().map(|column| batch.schema().index_of(column));
            let shown = places.collect::<Result<Vec<_>, _>>();
            let own = shown.and_then(|shown| {
                let batch = batch.project(&shown)?;
                match own.true_count() == own.len() {
                    true => Ok(batch),
                    false => filter_record_batch(&batch, &own),
                }
            });
            let own = own.map_err(tables::TablesError::from)?;
            if own.num_rows() > 0 {
                rows.push(own);
            }
        }
        let people = self.people.as_ref().map(|people| {
            let own = people.iter().filter(|(subject, _)| !left.contains(subject));
            own.map(|(subject, people)| (*subject, people.clone()))
                .collect()
        });
        Ok(Self {
            question: self.question.clone(),
            rows,
            people,
        })
    }

    /// True, false or null for each row: all conditions of the programme together, in three-valued logic.
    pub fn answers(&self, asked: &Asked, batch: &RecordBatch) -> BooleanArray {
        let mut all = BooleanArray::from(vec![true; batch.num_rows()]);
        for AskedCondition { column, .. } in &asked.conditions {
            // The operands have one length, so the conjunction cannot fail.
            if let Some(next) = flags(batch, column)
                && let Ok(both) = and_kleene(&all, next)
            {
                all = both;
            }
        }
        all
    }

    /// The conditions of a row that are false (by their position in the programme).
    pub fn failed(&self, asked: &Asked, row: &Row<'_>) -> Vec<usize> {
        (asked.conditions.iter().enumerate())
            .filter(|(_, condition)| {
                flags(row.batch, &condition.column)
                    .is_some_and(|flags| flags.is_valid(row.at) && !flags.value(row.at))
            })
            .map(|(nth, _)| nth)
            .collect()
    }

    /// The facts missing that a condition without an answer rests on: those that somebody can find out, and those that wait for a list.
    pub fn missing(&self, asked: &Asked, row: &Row<'_>) -> Missing {
        let is = |column: &str| {
            flags(row.batch, column)
                .is_some_and(|flags| flags.is_valid(row.at) && flags.value(row.at))
        };
        let unanswered = asked.conditions.iter().filter(|condition| {
            flags(row.batch, &condition.column).is_some_and(|flags| flags.is_null(row.at))
        });
        let (mut ask, mut wait) = (BTreeSet::new(), BTreeSet::new());
        for nth in unanswered.flat_map(|condition| &condition.rests) {
            let own = &self.question.askable[*nth];
            if !is(&own.column) {
                continue;
            }
            match own.waits.as_ref().is_some_and(|waits| is(waits)) {
                true => drop(wait.insert(own.fact.clone())),
                false if own.ask => drop(ask.insert(own.fact.clone())),
                false => {}
            }
        }
        Missing {
            ask: ask.into_iter().collect(),
            wait: wait.into_iter().collect(),
        }
    }
}

fn flags<'a>(batch: &'a RecordBatch, column: &str) -> Option<&'a BooleanArray> {
    batch
        .column_by_name(column)
        .and_then(|column| column.as_boolean_opt())
}

pub(crate) fn subjects(batch: &RecordBatch) -> &Int64Array {
    batch.column(0).as_primitive::<Int64Type>()
}

pub(crate) fn units(batch: &RecordBatch) -> StringViewArray {
    let column: ArrayRef = batch.column(1).clone();
    cast(&column, &DataType::Utf8View).map_or_else(
        |_| StringViewArray::new_null(batch.num_rows()),
        |column| column.as_string_view().clone(),
    )
}

/// The rows of the table `entitled` (programme, subject, unit, answer) that a programme gives, for indicators to count: one per
/// entitled subject, and per subject of a judgement.
///
/// # Errors
/// Only when memory for the columns cannot be had.
pub fn entitled_rows(
    sweep: &Sweep,
    programme: &Programme,
    sees: impl Fn(&str) -> bool,
) -> Result<RecordBatch, ProgrammesError> {
    let (mut entitled, mut of_units, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    let judged = programme.judgement.is_some();
    sweep.each(&programme.id, |subject, unit, answer| {
        if (judged || answer == Answer::Entitled) && sees(unit) {
            answers.push(answer.as_str());
            entitled.push(subject);
            of_units.push(unit.to_owned());
        }
    });
    let programmes = vec![programme.id.as_str(); entitled.len()];
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringViewArray::from_iter_values(programmes)),
        Arc::new(Int64Array::from(entitled)),
        Arc::new(StringViewArray::from_iter_values(of_units)),
        Arc::new(StringViewArray::from_iter_values(answers)),
    ];
    Ok(RecordBatch::try_new(schema::entitled(), columns)?)
}

/// Adds the table `entitled` to a session, with the subjects its grant may see.
///
/// # Errors
/// A session that has the table already.
pub fn add_entitled(session: &Session, sweep: &Sweep) -> Result<(), ProgrammesError> {
    let sees = |unit: &str| unit.parse().is_ok_and(|unit| session.grant().sees(&unit));
    let rows = sweep.programmes();
    let rows = rows.map(|programme| entitled_rows(sweep, programme, sees));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(session.add_table(schema::ENTITLED, schema::entitled(), rows)?)
}
