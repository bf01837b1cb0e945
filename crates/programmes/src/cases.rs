//! Runs the cases of a pack: people and dates in, answers, missing facts and amounts out. A case is a small town of its own;
//! it goes through the same query as the sweep.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use futures::lock::Mutex;
use jiff::civil::{Date, date};
use kernel::{Fen, Grant, Rights};
use pack::{CaseRow, CaseValue, Exists, Pack, Place, Record, Register, RuleCase, Value};
use tables::{AT_HOME, AsOf, Plan, Relatives, Session, Slots, Vouched, batch, schema};

use crate::amounts::{Days, Due, OnDay, amounts_of};
use crate::error::ProgrammesError;
use crate::explain::{Desk, Explanation};

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
    run_some(pack, &|_| true, progress).await
}

/// Runs those cases of the pack that are wanted.
///
/// # Errors
/// As [`run`].
pub async fn run_some(
    pack: &Arc<Pack>,
    wanted: &(dyn Fn(&RuleCase) -> bool + Sync),
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<CaseOutcome>, ProgrammesError> {
    let cases: Vec<&RuleCase> = pack.cases.iter().filter(|case| wanted(case)).collect();
    let mut outcomes = Vec::with_capacity(cases.len());
    let mut planned = Planned::default();
    for (nth, case) in cases.iter().enumerate() {
        progress(nth, cases.len());
        outcomes.push(run_one(pack, case, &mut planned).await?);
    }
    progress(cases.len(), cases.len());
    Ok(outcomes)
}

/// What was planned for one case and serves those after it.
#[derive(Default)]
struct Planned {
    /// Of a programme on a day.
    desks: BTreeMap<(String, Date), Desk>,
    /// Of the amounts of a day.
    days: Mutex<BTreeMap<Date, Arc<CaseDay>>>,
}

async fn run_one(
    pack: &Arc<Pack>,
    case: &RuleCase,
    planned: &mut Planned,
) -> Result<CaseOutcome, ProgrammesError> {
    let rows = Town::of(pack, case, case.on)?;
    let mut differs = Vec::new();
    if case.answer.is_some() || !case.missing.is_empty() || !case.facts.is_empty() {
        let key = (case.programme.clone(), case.on);
        let desk = match planned.desks.entry(key) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(place) => {
                let only = Some(std::slice::from_ref(&case.programme));
                let desk = Desk::new(pack, AsOf::on(case.on), only).await?;
                place.insert(desk.with_every_fact())
            }
        };
        rows.answer(pack, case, desk, &mut differs).await?;
    }
    if let Some((period, expected)) = &case.amount {
        let kept = &planned.days;
        let days = CaseDays { pack, case, kept };
        let programme = std::slice::from_ref(&case.programme);
        let due = {
            let own = |_: &str, subject| subject == rows.subject;
            amounts_of(&days, pack, programme, period, (Some(rows.subject), &own)).await?
        };
        let due = due.get(&case.programme).into_iter().flatten();
        let due = due.into_iter().find(|due| due.subject == rows.subject);
        let sum = due.map_or(Fen(0), |due| due.sum().fen);
        let untold = due.map_or(0, Due::untold);
        if untold != case.untold {
            let expected = case.untold;
            differs.push(pack::Text::new(
                format!("{period} 有 {untold} 期无法判断应发多少，应为 {expected} 期"),
                format!(
                    "for {period}: steps in which what is due can't be told: {expected} expected, {untold} found"
                ),
            ));
        }
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

/// The rows of a case on one day after another.
struct CaseDays<'a> {
    pack: &'a Arc<Pack>,
    case: &'a RuleCase,
    kept: &'a Mutex<BTreeMap<Date, Arc<CaseDay>>>,
}

/// Tables of a day, which hold one case after another, and the plans over them.
struct CaseDay {
    session: Session,
    slots: Slots,
    plans: Mutex<BTreeMap<String, Plan>>,
}

impl Days for CaseDays<'_> {
    type Day = Arc<CaseDay>;

    async fn on(&self, day: Date) -> Result<Arc<CaseDay>, ProgrammesError> {
        let rows = Town::of(self.pack, self.case, day)?;
        let mut kept = self.kept.lock().await;
        let on = match kept.entry(day) {
            Entry::Occupied(held) => held.get().clone(),
            Entry::Vacant(place) => {
                let grant = Grant::over("case", &[], Rights::whole(), "case");
                let (session, slots) = Slots::session(self.pack, grant, AsOf::on(day))?;
                let plans = Mutex::default();
                let made = CaseDay {
                    session,
                    slots,
                    plans,
                };
                place.insert(Arc::new(made)).clone()
            }
        };
        let everybody = (1..=rows.last).collect();
        let mut own = rows.rows;
        own.insert(schema::VOUCHED.to_owned(), rows.vouched.rows(&everybody)?);
        on.slots.fill(own)?;
        Ok(on)
    }
}

impl OnDay for Arc<CaseDay> {
    fn vouched(&self) -> Arc<Vouched> {
        self.slots.vouched()
    }

    async fn rows(&self, sql: &str) -> Result<Vec<RecordBatch>, ProgrammesError> {
        let mut plans = self.plans.lock().await;
        let plan = match plans.entry(sql.to_owned()) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(place) => place.insert(Plan::new(&self.session, sql).await?),
        };
        Ok(plan.run(&self.session.context().task_ctx()).await?)
    }
}

/// The rows of one case on a day.
struct Town {
    rows: BTreeMap<String, RecordBatch>,
    subject: i64,
    /// The record numbered last.
    last: i64,
    /// Which lists vouch for whom.
    vouched: Vouched,
}

impl Town {
    fn of(pack: &Pack, case: &RuleCase, day: Date) -> Result<Self, ProgrammesError> {
        // Rows of one key are one record at different times.
        let mut keys: BTreeMap<&str, i64> = BTreeMap::new();
        let everyone = case.people.iter().flat_map(|(_, rows)| rows);
        let mut numbers = Vec::new();
        let mut last = 0_i64;
        for row in everyone {
            let known = row.key.as_deref().and_then(|key| keys.get(key).copied());
            let number = known.unwrap_or(last + 1);
            last = last.max(number);
            if let Some(key) = &row.key {
                keys.insert(key, number);
            }
            numbers.push(number);
        }
        let mut numbers = numbers.into_iter();
        let mut rows = BTreeMap::new();
        for (id, of_register) in &case.people {
            let register = pack.register(id).ok_or_else(|| {
                ProgrammesError::RuleCase(format!("{}: no register “{id}”", case.name))
            })?;
            let mut records = Vec::new();
            for (row, number) in of_register.iter().zip(&mut numbers) {
                let since = row.from.unwrap_or(LONG_BEFORE);
                let always = register.exists == Exists::Always;
                let begun = always || since <= day;
                if begun && row.until.is_none_or(|until| day <= until) {
                    let unit = String::from("case");
                    records.push((number, unit, since, record(register, row, &keys, case)?));
                }
            }
            rows.insert(id.clone(), batch(register, &records)?);
        }
        let subject = keys.get(case.subject.as_str()).copied();
        let subject = subject.ok_or_else(|| {
            ProgrammesError::RuleCase(format!(
                "{}: no row has the key “{}”",
                case.name, case.subject
            ))
        })?;
        let names = pack.vouchers();
        let lacks = (0..)
            .zip(&names)
            .filter(|(_, name)| case.without.contains(name));
        let lacks = lacks.fold(0_u64, |bits, (at, _)| bits | 1 << at);
        let nowhere = case.without.iter().any(|name| name == AT_HOME);
        let lacks = lacks | if nowhere { Vouched::AT_HOME } else { 0 };
        Ok(Self {
            vouched: Vouched::of((1..=last).map(|record| (record, !lacks, !lacks))),
            rows,
            subject,
            last,
        })
    }

    async fn answer(
        &self,
        pack: &Arc<Pack>,
        case: &RuleCase,
        desk: &mut Desk,
        differs: &mut Vec<pack::Text>,
    ) -> Result<(), ProgrammesError> {
        let rows = self
            .rows
            .iter()
            .map(|(id, batch)| (id.as_str(), vec![batch.clone()]))
            .collect::<BTreeMap<_, _>>();
        let relatives =
            Relatives::new(pack, |id| rows.get(id))?.vouching(Arc::new(self.vouched.clone()));
        // Whoever is asked about belongs to the subject or not; all who do must be told the same.
        let mut found: Option<Explanation> = None;
        for person in 1..=self.last {
            let explanations = desk.explain(person, relatives.around(person)?).await?;
            let of_subject = (explanations.into_iter()).find(|own| own.subject == self.subject);
            let Some(own) = of_subject else { continue };
            if found.as_ref().is_some_and(|first| *first != own) {
                differs.push(pack::Text::new(
                    "对同一对象的各个成员说明不一",
                    "the people of the subject are told different things",
                ));
            }
            found = Some(own);
        }
        let Some(found) = found else {
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
        for (fact, expected) in &case.facts {
            let known = found.facts.iter().find(|known| known.id == *fact);
            let value = known.map(|known| known.value.clone());
            if value.as_ref() != Some(expected) {
                let word = |value: Option<&str>| value.unwrap_or("?").to_owned();
                let wanted = word(expected.as_deref());
                let got = value.map_or_else(|| "-".to_owned(), |value| word(value.as_deref()));
                differs.push(pack::Text::new(
                    format!("“{fact}”应为 {wanted}，实际为 {got}"),
                    format!("“{fact}”: {wanted} expected, {got} found"),
                ));
            }
        }
        let mut expected = case.missing.clone();
        expected.sort();
        if case.answer.is_some() && expected != found.missing {
            let (wanted, got) = (expected.join(" "), found.missing.join(" "));
            differs.push(pack::Text::new(
                format!("应缺“{wanted}”，实际缺“{got}”"),
                format!("missing “{wanted}” expected, “{got}” found"),
            ));
        }
        if case.answer.is_some() && case.waits != found.waits {
            let (wanted, got) = (case.waits.join(" "), found.waits.join(" "));
            differs.push(pack::Text::new(
                format!("应待名册“{wanted}”，实际待“{got}”"),
                format!("“{wanted}” expected to wait for lists, “{got}” found"),
            ));
        }
        Ok(())
    }
}

/// Rows of a case without a date have long been true.
const LONG_BEFORE: Date = date(1900, 1, 1);

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
