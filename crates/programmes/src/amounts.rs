//! Amounts for a period: every step of the programme (month or year) that is due, at the rate in force on its first day.
//! Integer fen throughout. A step whose parameters have no value yet pays nothing.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use kernel::{Fen, Period};
use pack::{Every, Programme, Sql};
use tables::{Session, bind, date_literal, literal};

use crate::error::ProgrammesError;
use crate::question::questions;
use crate::sweep::chosen;

/// What a programme pays a subject for a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The subject's record.
    pub subject: i64,
    /// The sum of all steps due.
    pub sum: Fen,
    /// Each step with what it pays, in order of time; steps that pay nothing are left out.
    pub steps: Vec<(Period, Fen)>,
}

/// What the programme would pay every subject for a period, whatever the answer; the caller takes those entitled.
/// Subjects who would get nothing are left out. In order of subject.
///
/// # Errors
/// An unknown programme, or a query that fails.
pub async fn amounts(
    session: &Session,
    programme: &str,
    period: &Period,
) -> Result<Vec<Amount>, ProgrammesError> {
    let pack = session.pack().clone();
    let chosen = chosen(&pack, Some(&[programme.to_owned()]), session.as_of().on)?;
    let (Some(programme), Some(question)) = (
        chosen.first().copied(),
        questions(&pack, &chosen, session.as_of().on)?.pop(),
    ) else {
        return Ok(Vec::new());
    };
    let (steps, columns) = steps(programme, period);
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    let mut amounts = Vec::new();
    for batch in session.collect(&question.over_facts(&columns)).await? {
        let subjects = batch.column(0).as_primitive::<Int64Type>();
        let paid = batch.columns()[1..]
            .iter()
            .map(|column| cast(column, &DataType::Int64))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let of_row: Vec<(Period, Fen)> = (steps.iter().zip(&paid))
                .map(|(step, column)| (*step, column.as_primitive::<Int64Type>()))
                .filter(|(_, column)| column.is_valid(row) && column.value(row) != 0)
                .map(|(step, column)| (step, Fen(column.value(row))))
                .collect();
            if !of_row.is_empty() {
                let sum = Fen(of_row.iter().map(|(_, fen)| fen.0).sum());
                amounts.push(Amount {
                    subject: subjects.value(row),
                    sum,
                    steps: of_row,
                });
            }
        }
    }
    amounts.sort_by_key(|amount| amount.subject);
    Ok(amounts)
}

/// The steps of the period that can pay, and for each the column that says what.
fn steps(programme: &Programme, period: &Period) -> (Vec<Period>, Vec<String>) {
    let Some(pays) = &programme.pays else {
        return (Vec::new(), Vec::new());
    };
    let all = match pays.every {
        Every::Month => period.months(),
        Every::Year => period.years(),
    };
    let mut steps = Vec::new();
    let mut columns = Vec::new();
    for step in all {
        if let (Some(due), Some(amount)) = (
            bound_in(programme, &pays.due, &step),
            bound_in(programme, &pays.amount, &step),
        ) {
            columns.push(format!(
                "case when ({due}) then ({amount}) else 0 end as s{}",
                steps.len()
            ));
            steps.push(step);
        }
    }
    (steps, columns)
}

/// SQL with `$start`, `$end` and the parameters valued on the step's first day; nothing when one has no value then.
fn bound_in(programme: &Programme, sql: &Sql, step: &Period) -> Option<String> {
    bind(sql, &|name| match name {
        "start" | "on" => Some(date_literal(step.start())),
        "end" => Some(date_literal(step.end())),
        _ => programme
            .parameter(name)
            .and_then(|parameter| parameter.on(step.start()))
            .map(|dated| literal(&dated.value)),
    })
    .ok()
}
