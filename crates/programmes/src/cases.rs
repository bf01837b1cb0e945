//! Runs the cases of a pack: people and dates in, answers, missing facts and amounts out. A case is a small town of its own;
//! it goes through the same query as the sweep.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use jiff::civil::{Date, date};
use kernel::{Fen, Grant, Rights};
use pack::{CaseRow, CaseValue, Pack, Place, Record, Register, RuleCase, Value};
use tables::{AsOf, Relatives, Session, batch};

use crate::amounts::amounts;
use crate::error::ProgrammesError;
use crate::explain::Desk;

/// What became of one case.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// The case's name.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// What came out otherwise than expected, in both languages; none when the case holds.
    pub differs: Vec<pack::Text>,
}

/// Runs every case of the pack, in order; `progress` hears (done, all).
///
/// # Errors
/// A case that cannot be set up, naming it; a rule that cannot be run.
pub async fn run(
    pack: &Arc<Pack>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<CaseOutcome>, ProgrammesError> {
    let mut outcomes = Vec::new();
    for (nth, case) in pack.cases.iter().enumerate() {
        progress(nth, pack.cases.len());
        outcomes.push(run_one(pack, case).await?);
    }
    progress(pack.cases.len(), pack.cases.len());
    Ok(outcomes)
}

async fn run_one(pack: &Arc<Pack>, case: &RuleCase) -> Result<CaseOutcome, ProgrammesError> {
    let as_of = AsOf::on(case.on);
    let rows = Town::of(pack, case)?;
    let mut differs = Vec::new();
    if case.answer.is_some() || !case.missing.is_empty() {
        rows.answer(pack, case, as_of, &mut differs).await?;
    }
    if let Some((period, expected)) = &case.amount {
        let grant = Grant::over("case", &[], Rights::whole(), "case");
        let session = Session::over(pack.clone(), grant, as_of, |register| {
            rows.of_register(&register.id)
        })?;
        let paid = amounts(&session, &case.programme, period).await?;
        let sum = paid
            .iter()
            .find(|amount| amount.subject == rows.subject)
            .map_or(Fen(0), |amount| amount.sum);
        if sum != *expected {
            differs.push(pack::Text::new(
                format!("{period} 应发 {expected} 元，算得 {sum} 元"),
                format!("for {period}: {expected} yuan expected, {sum} computed"),
            ));
        }
    }
    Ok(CaseOutcome {
        name: case.name.clone(),
        place: case.place.clone(),
        differs,
    })
}

/// The rows of one case.
struct Town {
    rows: BTreeMap<String, RecordBatch>,
    subject: i64,
    person: i64,
}

impl Town {
    fn of(pack: &Pack, case: &RuleCase) -> Result<Self, ProgrammesError> {
        let mut keys: BTreeMap<&str, i64> = BTreeMap::new();
        let everyone = case.people.iter().flat_map(|(_, rows)| rows);
        for (id, row) in (1_i64..).zip(everyone) {
            if let Some(key) = &row.key {
                keys.insert(key, id);
            }
        }
        let mut next = 1_i64;
        let mut rows = BTreeMap::new();
        for (id, of_register) in &case.people {
            let register = pack.register(id).ok_or_else(|| {
                ProgrammesError::RuleCase(format!("{}: no register “{id}”", case.name))
            })?;
            let mut records = Vec::new();
            for row in of_register {
                let since = row.from.unwrap_or(LONG_BEFORE);
                records.push((
                    next,
                    String::from("case"),
                    since,
                    record(register, row, &keys, case)?,
                ));
                next += 1;
            }
            let effective: Vec<_> = records
                .into_iter()
                .filter(|(_, _, since, _)| *since <= case.on)
                .collect();
            rows.insert(id.clone(), batch(register, &effective)?);
        }
        let subject = keys.get(case.subject.as_str()).copied();
        let subject = subject.ok_or_else(|| {
            ProgrammesError::RuleCase(format!(
                "{}: no row has the key “{}”",
                case.name, case.subject
            ))
        })?;
        let person = person_of(pack, case, subject, &keys);
        Ok(Self {
            rows,
            subject,
            person,
        })
    }

    fn of_register(&self, id: &str) -> Vec<RecordBatch> {
        self.rows.get(id).cloned().into_iter().collect()
    }

    async fn answer(
        &self,
        pack: &Arc<Pack>,
        case: &RuleCase,
        as_of: AsOf,
        differs: &mut Vec<pack::Text>,
    ) -> Result<(), ProgrammesError> {
        let rows = self
            .rows
            .iter()
            .map(|(id, batch)| (id.clone(), vec![batch.clone()]))
            .collect();
        let relatives = Relatives::new(pack, rows)?;
        let mut desk = Desk::new(pack, as_of, Some(std::slice::from_ref(&case.programme))).await?;
        let explanations = desk
            .explain(self.person, relatives.around(self.person)?)
            .await?;
        let Some(found) = explanations
            .iter()
            .find(|explanation| explanation.subject == self.subject)
        else {
            differs.push(pack::Text::new(
                "项目没有得出这个对象的答案",
                "the programme gives no answer about this subject",
            ));
            return Ok(());
        };
        if let Some(expected) = case.answer.filter(|expected| *expected != found.answer) {
            let why = |lang| {
                let failed = found
                    .conditions
                    .iter()
                    .filter(|condition| condition.holds != Some(true))
                    .map(|condition| condition.id.as_str());
                format!(
                    "{} ({})",
                    found.answer.label(lang),
                    failed.collect::<Vec<_>>().join(", ")
                )
            };
            differs.push(pack::Text::new(
                format!(
                    "应为{}，实际为{}",
                    expected.label(kernel::Lang::Zh),
                    why(kernel::Lang::Zh)
                ),
                format!(
                    "expected {}, got {}",
                    expected.label(kernel::Lang::En),
                    why(kernel::Lang::En)
                ),
            ));
        }
        let mut expected = case.missing.clone();
        expected.sort();
        if expected != found.missing {
            let (wanted, got) = (expected.join(" "), found.missing.join(" "));
            differs.push(pack::Text::new(
                format!("应缺“{wanted}”，实际缺“{got}”"),
                format!("missing “{wanted}” expected, “{got}” found"),
            ));
        }
        Ok(())
    }
}

/// Rows of a case without a date have long been true.
const LONG_BEFORE: Date = date(1900, 1, 1);

/// The person to explain: the subject itself, or the first that its row is about.
fn person_of(pack: &Pack, case: &RuleCase, subject: i64, keys: &BTreeMap<&str, i64>) -> i64 {
    let rows = case
        .people
        .iter()
        .flat_map(|(register, rows)| rows.iter().map(move |row| (register, row)));
    let named = (1_i64..)
        .zip(rows)
        .find(|(id, _)| *id == subject)
        .map(|(_, row)| row);
    let Some((register, row)) = named else {
        return subject;
    };
    let refs = pack
        .register(register)
        .into_iter()
        .flat_map(|register| &register.about)
        .find_map(|field| match row.fields.get(field) {
            Some(CaseValue::Ref(key)) => keys.get(key.as_str()).copied(),
            _ => None,
        });
    refs.unwrap_or(subject)
}

fn record(
    register: &Register,
    row: &CaseRow,
    keys: &BTreeMap<&str, i64>,
    case: &RuleCase,
) -> Result<Record, ProgrammesError> {
    let mut record: Record = vec![None; register.fields.len()];
    for (id, value) in &row.fields {
        let (nth, _) = register.field(id).ok_or_else(|| {
            ProgrammesError::RuleCase(format!(
                "{}: “{}” has no field “{id}”",
                case.name, register.id
            ))
        })?;
        record[nth] = Some(match value {
            CaseValue::Value(value) => value.clone(),
            CaseValue::Ref(key) => {
                let id = keys.get(key.as_str()).ok_or_else(|| {
                    ProgrammesError::RuleCase(format!("{}: no row has the key “{key}”", case.name))
                })?;
                Value::Int(*id)
            }
        });
    }
    Ok(record)
}
