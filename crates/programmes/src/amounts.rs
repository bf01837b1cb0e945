//! Amounts for a period: every step of a programme (month or year) that is due, each on the facts, the parameters and the tables of a
//! day of its own. A step is due if the conditions hold on some day of it; the day that counts is the first of these: its first day
//! if they hold then, else its last. Integer fen throughout; what can't be told is no amount, never 0.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::execution::TaskContext;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Fen, Grant, Period, Rights};
use pack::{Every, Pack, Programme};
use tables::{AsOf, FamilyRows, Plan, Session, Slots, Tables, Vouched};

use crate::error::ProgrammesError;
use crate::question::{Question, illustrative, paid, pays_on, questions};
use crate::sweep::{chosen, once_each};

/// An amount, and whether it is one that somebody may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Amount {
    /// How much.
    pub fen: Fen,
    /// Whether a parameter that merely illustrates has a part in it: to be shown as such, and never paid.
    pub illustrative: bool,
}

impl Amount {
    /// How much may be paid: nothing of what rests on a parameter without an official source.
    #[must_use]
    pub fn payable(self) -> Option<Fen> {
        (!self.illustrative).then_some(self.fen)
    }
}

/// What a programme pays a subject for a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The subject's record.
    pub subject: i64,
    /// Each step that is due, or that can't be told, in order of time.
    pub steps: Vec<DueStep>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueStep {
    /// The month or year.
    pub period: Period,
    /// The day whose facts and parameters count.
    pub on: Date,
    /// What is due; nothing when it can't be told.
    pub amount: Option<Amount>,
}

impl Due {
    /// The sum of the steps that can be told.
    #[must_use]
    pub fn sum(&self) -> Amount {
        let told = self.steps.iter().filter_map(|step| step.amount);
        told.fold(
            Amount {
                fen: Fen(0),
                illustrative: false,
            },
            |sum, amount| Amount {
                fen: Fen(sum.fen.0.saturating_add(amount.fen.0)),
                illustrative: sum.illustrative || amount.illustrative,
            },
        )
    }

    /// How many steps can't be told.
    #[must_use]
    pub fn untold(&self) -> usize {
        let untold = self.steps.iter().filter(|step| step.amount.is_none());
        untold.count()
    }
}

/// The tables as they are on one day after another.
pub trait Days {
    /// The tables of a day.
    type Day: OnDay + Sync;

    /// What the tables hold on a day.
    fn on(&self, day: Date) -> impl Future<Output = Result<Self::Day, ProgrammesError>> + Send;
}

/// The tables as they are on a day.
pub trait OnDay {
    /// The rows of a query.
    fn rows(
        &self,
        sql: &str,
    ) -> impl Future<Output = Result<Vec<RecordBatch>, ProgrammesError>> + Send;

    /// For whom lists vouch.
    fn vouched(&self) -> Arc<Vouched>;
}

impl OnDay for Session {
    fn vouched(&self) -> Arc<Vouched> {
        Session::vouched(self)
    }

    async fn rows(&self, sql: &str) -> Result<Vec<RecordBatch>, ProgrammesError> {
        Ok(self.collect(sql).await?)
    }
}

/// The days of a ledger, read for evaluation (see [`Tables::passing_evaluation`]).
pub struct LedgerDays<'a> {
    /// The ledger's tables.
    pub tables: &'a Tables,
    /// What was known.
    pub known: Option<i64>,
    /// What for, for the access log.
    pub why: &'a str,
    /// When.
    pub at: Timestamp,
}

impl Days for LedgerDays<'_> {
    type Day = Session;

    async fn on(&self, day: Date) -> Result<Session, ProgrammesError> {
        let as_of = AsOf {
            on: day,
            known: self.known,
        };
        let tables = self.tables;
        Ok(tables.passing_evaluation(as_of, self.why, self.at).await?)
    }
}

/// Of whom it is asked: programme and subject. What is kept grows with them, and not with everybody.
pub type Wanted<'a> = &'a (dyn Fn(&str, i64) -> bool + Sync);

/// What steps came to, by programme and subject.
type Steps = BTreeMap<(usize, i64), Vec<DueStep>>;

/// What the named programmes pay those wanted for a period, by programme, in order of subject. Subjects of whom no step is due and
/// none untold are left out, and so are programmes that pay nothing; a step before a programme is in force isn't due.
///
/// # Errors
/// An unknown programme, or a query that fails.
pub async fn amounts(
    days: &impl Days,
    pack: &Pack,
    programmes: &[String],
    period: &Period,
    wanted: Wanted<'_>,
) -> Result<BTreeMap<String, Vec<Due>>, ProgrammesError> {
    amounts_of(days, pack, programmes, period, (None, wanted)).await
}

/// The same, of one subject only: whose step is settled isn't asked about again.
pub(crate) async fn amounts_of(
    days: &impl Days,
    pack: &Pack,
    programmes: &[String],
    period: &Period,
    (only, wanted): (Option<i64>, Wanted<'_>),
) -> Result<BTreeMap<String, Vec<Due>>, ProgrammesError> {
    let chosen = chosen(pack, programmes)?;
    let mut due: BTreeMap<String, Vec<Due>> = BTreeMap::new();
    for (every, steps) in [
        (Every::Month, period.months()),
        (Every::Year, period.years()),
    ] {
        let of_kind =
            |programme: &&Programme| programme.pays.as_ref().is_some_and(|p| p.every == every);
        let asked: Vec<&Programme> = chosen.iter().copied().filter(of_kind).collect();
        if asked.is_empty() {
            continue;
        }
        let mut found = Steps::new();
        for step in steps {
            // What was due on the first day stays; who wasn't is looked at on the last.
            let mut on = vec![step.start(), step.end()];
            on.dedup();
            for day in on {
                let settled = only.is_some_and(|subject| {
                    (0..asked.len()).all(|nth| {
                        let steps = found.get(&(nth, subject));
                        let last = steps.and_then(|steps| steps.last());
                        last.is_some_and(|last| last.period == step && last.amount.is_some())
                    })
                });
                if settled {
                    break;
                }
                let tables = days.on(day).await?;
                let asked = (asked.as_slice(), wanted);
                of_day(&tables, pack, asked, (&step, day), &mut found).await?;
            }
        }
        for ((nth, subject), steps) in found {
            let Some(programme) = asked.get(nth) else {
                continue;
            };
            let of_programme = due.entry(programme.id.clone()).or_default();
            of_programme.push(Due { subject, steps });
        }
    }
    Ok(due)
}

/// Adds what is due, or untold, on one day of a step.
async fn of_day(
    tables: &impl OnDay,
    pack: &Pack,
    (asked, wanted): (&[&Programme], Wanted<'_>),
    (step, day): (&Period, Date),
    found: &mut Steps,
) -> Result<(), ProgrammesError> {
    let in_force = asked.iter().copied();
    let in_force: Vec<&Programme> = in_force
        .filter(|programme| pays_on(programme, day))
        .collect();
    for question in questions(pack, &in_force, day)? {
        let Some(paying) = Paying::new(pack, asked, &question, day)? else {
            continue;
        };
        let rows = tables.rows(&paying.sql).await?;
        once_each(&question, &rows)?;
        paying.each(&rows, |nth, subject, due, amount| {
            if wanted(&asked[nth].id, subject) {
                let steps = found.entry((nth, subject)).or_default();
                take(steps, (step, day), due, amount);
            }
        });
    }
    Ok(())
}

/// What a question is asked about amounts: for each programme that pays, whether its step is due, and how much.
struct Paying {
    sql: String,
    /// The programmes, by place among those asked, and whether a value that merely illustrates has a part.
    of: Vec<(usize, bool)>,
}

impl Paying {
    /// None if no programme of the question pays anything.
    fn new(
        pack: &Pack,
        asked: &[&Programme],
        question: &Question,
        day: Date,
    ) -> Result<Option<Paying>, ProgrammesError> {
        let (mut columns, mut holds, mut of) = (Vec::new(), Vec::new(), Vec::new());
        for (nth, programme) in asked.iter().enumerate() {
            let here = question.programmes.iter().any(|own| own.id == programme.id);
            if let (true, Some((due, amount))) = (here, paid(programme, day)?) {
                columns.push(format!(
                    "({due}) as d{nth}, case when {due} then {amount} end as a{nth}"
                ));
                holds.push(format!("({due}) is not false"));
                of.push((nth, illustrative(pack, programme, day)));
            }
        }
        if columns.is_empty() {
            return Ok(None);
        }
        let sql = question.over_facts(&columns, &holds.join(" or "));
        Ok(Some(Paying { sql, of }))
    }

    /// Each programme and subject whose step is due or can't be told, whether it is due, and how much.
    fn each(&self, rows: &[RecordBatch], mut take: impl FnMut(usize, i64, bool, Option<Amount>)) {
        for batch in rows {
            let subjects = batch.column(0).as_primitive::<Int64Type>();
            for (at, (nth, illustrative)) in self.of.iter().enumerate() {
                let due = batch.column(1 + 2 * at).as_boolean();
                let fen = batch.column(2 + 2 * at).as_primitive::<Int64Type>();
                for row in 0..batch.num_rows() {
                    if due.is_valid(row) && !due.value(row) {
                        continue;
                    }
                    // Nobody is paid less than nothing: an amount below 0 comes of rules that are wrong.
                    let told = due.is_valid(row) && fen.is_valid(row) && fen.value(row) >= 0;
                    let amount = told.then(|| Amount {
                        fen: Fen(fen.value(row)),
                        illustrative: *illustrative,
                    });
                    take(*nth, subjects.value(row), due.is_valid(row), amount);
                }
            }
        }
    }
}

/// What programmes pay in the step in which a day lies, by the facts of that day: planned once over tables that are refilled with the
/// rows of a few families. What a step pays is asked of its first day and, where that settles nothing, of its last: [`and_last_day`].
pub struct StepAmounts {
    slots: Slots,
    task: Arc<TaskContext>,
    plans: Vec<(Paying, Plan)>,
    programmes: Vec<String>,
}

/// By programme and subject what is due; none where that can't be told. Of whom nothing is due there is nothing.
pub type OfStep = BTreeMap<(String, i64), Option<Amount>>;

impl StepAmounts {
    /// Plans what every programme pays in force on a day.
    ///
    /// # Errors
    /// As [`crate::sweep`].
    pub async fn new(pack: &Arc<Pack>, as_of: AsOf) -> Result<Self, ProgrammesError> {
        let grant = Grant::over("taizhang", &[], Rights::whole(), "amounts");
        let (session, slots) = Slots::session(pack, grant, as_of)?;
        let pay = pack.programmes.iter();
        let pay: Vec<&Programme> = pay.filter(|own| pays_on(own, as_of.on)).collect();
        let mut plans = Vec::new();
        for question in questions(pack, &pay, as_of.on)? {
            if let Some(paying) = Paying::new(pack, &pay, &question, as_of.on)? {
                let plan = Plan::new(&session, &paying.sql).await?;
                plans.push((paying, plan));
            }
        }
        Ok(Self {
            slots,
            task: session.context().task_ctx(),
            plans,
            programmes: pay.iter().map(|own| own.id.clone()).collect(),
        })
    }

    /// What is due by some programmes to the subjects of some families, from the rows about and around them (see
    /// [`tables::Relatives::around_all`]). Of others who stand in these rows it may be wrong: not all about them is there.
    ///
    /// # Errors
    /// A query that fails while running.
    pub async fn of(
        &mut self,
        programmes: &BTreeSet<&str>,
        rows: FamilyRows,
    ) -> Result<OfStep, ProgrammesError> {
        self.slots.fill(rows)?;
        let mut amounts = OfStep::new();
        for (paying, plan) in &mut self.plans {
            let mut of = paying.of.iter().map(|(nth, _)| &self.programmes[*nth]);
            if !of.any(|own| programmes.contains(own.as_str())) {
                continue;
            }
            let rows = plan.run(&self.task).await?;
            paying.each(&rows, |nth, subject, _, amount| {
                amounts.insert((self.programmes[nth].clone(), subject), amount);
            });
        }
        Ok(amounts)
    }
}

/// Adds what the last day of a step tells to what its first did: what was due then stays.
pub fn and_last_day(first: &mut OfStep, last: OfStep) {
    for (of, amount) in last {
        let known = first.entry(of).or_insert(amount);
        *known = known.or(amount);
    }
}

/// The step of a programme in which a day lies, for which [`StepAmounts`] tells what is due; none if it pays nothing.
#[must_use]
pub fn step_paid(programme: &Programme, day: Date) -> Option<Period> {
    programme
        .pays
        .as_ref()
        .map(|_| crate::question::step(programme, day))
}

/// Takes a day's answer into the steps of a subject: the first day on which the step is due counts.
fn take(steps: &mut Vec<DueStep>, (step, day): (&Period, Date), due: bool, amount: Option<Amount>) {
    let next = DueStep {
        period: *step,
        on: day,
        amount,
    };
    match steps.last_mut().filter(|last| last.period == *step) {
        None => steps.push(next),
        // It couldn't be told whether it was due before; now it is.
        Some(last) if due && last.amount.is_none() => *last = next,
        Some(_) => {}
    }
}
