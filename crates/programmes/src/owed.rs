//! Due and paid over a period, step by step: what is owed to whom (due, and not paid), what was paid without being due, and what is paid by
//! two units at once. Until payments are recorded, whoever is on a payment list on the day of a step counts as paid for it.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use jiff::civil::Date;
use kernel::{Fen, Period};
use pack::{Every, Pack, Programme};
use tables::{Vouched, texts};

use crate::amounts::{Amount, Days, OnDay};
use crate::compare::{enrolment_fields, is_told, payment_bits};
use crate::error::ProgrammesError;
use crate::question::{Question, illustrative, paid, pays_on, questions};
use crate::sweep::{chosen, once_each};

/// How one step of a programme stands with a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settled {
    /// Due and not paid.
    Owed,
    /// Due; whether paid isn't known, because no list of who is paid covers them.
    PaidUnknown,
    /// Whether it is due can't be told.
    DueUnknown,
    /// Due and paid.
    Paid,
    /// Paid, and not due.
    Overpaid,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledStep {
    /// The month or year.
    pub period: Period,
    /// The day whose facts, parameters and lists count.
    pub on: Date,
    /// How it stands.
    pub settled: Settled,
    /// What is due; where that can't be told, what it would be; of what is paid without being due, what the payment list says is paid. None
    /// where no amount can be told.
    pub amount: Option<Amount>,
    /// How many units pay it.
    pub units: usize,
}

/// The steps of a programme and a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The subject's record; none of somebody paid who is no subject.
    pub subject: Option<i64>,
    /// The people the subject stands for.
    pub people: Vec<i64>,
    /// Whose they are, on the last day that tells.
    pub unit: String,
    /// Each step of which there is something to tell, in order of time.
    pub steps: Vec<SettledStep>,
}

impl Settlement {
    /// What the steps that stand so come to, and how many of them have no amount that can be told.
    #[must_use]
    pub fn sum(&self, of: Settled) -> (Amount, usize) {
        let mut sum = Amount {
            fen: Fen(0),
            illustrative: false,
        };
        let mut untold = 0;
        for step in self.steps.iter().filter(|step| step.settled == of) {
            match step.amount {
                Some(amount) => {
                    sum.fen = Fen(sum.fen.0.saturating_add(amount.fen.0));
                    sum.illustrative |= amount.illustrative;
                }
                None => untold += 1,
            }
        }
        (sum, untold)
    }

    /// The steps that more than one unit pays.
    pub fn paid_twice(&self) -> impl Iterator<Item = &SettledStep> {
        self.steps.iter().filter(|step| step.units > 1)
    }
}

/// The settlements of each programme that pays, in order of subject.
pub type Settlements = BTreeMap<String, Vec<Settlement>>;

/// What stands on a day: who is paid, and by how many units.
#[derive(Clone, Debug, Default)]
struct PaidTo {
    units: BTreeSet<String>,
    monthly: Option<Fen>,
}

/// By programme and person.
type PaidOn = BTreeMap<(String, i64), PaidTo>;

/// A subject of whom a step is due, or may be.
struct MayBeDue {
    people: Vec<i64>,
    unit: String,
    due: bool,
    amount: Option<Amount>,
}

/// By programme (by place) and subject.
type DueOn = BTreeMap<(usize, i64), MayBeDue>;

/// What one day of a step tells.
struct DayTold {
    on: Date,
    due: DueOn,
    paid: PaidOn,
    vouched: std::sync::Arc<Vouched>,
}

/// How the steps of a period stand, of all programmes that pay, or those named. Steps that are neither due nor paid are left out.
///
/// # Errors
/// An unknown programme, or a query that fails.
pub async fn settlements(
    days: &impl Days,
    pack: &Pack,
    programmes: &[String],
    period: &Period,
) -> Result<Settlements, ProgrammesError> {
    let chosen = chosen(pack, programmes)?;
    let mut all = Settlements::new();
    for (every, steps) in [
        (Every::Month, period.months()),
        (Every::Year, period.years()),
    ] {
        let of_kind = |own: &&Programme| own.pays.as_ref().is_some_and(|pays| pays.every == every);
        let asked: Vec<&Programme> = chosen.iter().copied().filter(of_kind).collect();
        if asked.is_empty() {
            continue;
        }
        let mut found: BTreeMap<Key, Settlement> = BTreeMap::new();
        for step in steps {
            // A step is due if it is on its first day, or else on its last, as far as the period has one.
            let mut on = vec![step.start(), step.end()];
            on.dedup();
            let mut told = Vec::with_capacity(on.len());
            for day in on {
                told.push(of_day(days, pack, &asked, day).await?);
            }
            settle(pack, &asked, &step, &told, &mut found);
        }
        for ((nth, ..), settlement) in found {
            all.entry(asked[nth].id.clone())
                .or_default()
                .push(settlement);
        }
    }
    Ok(all)
}

/// A programme by place, and a subject, or else a person.
type Key = (usize, bool, i64);

/// Asks what is due on a day, and who is paid.
async fn of_day(
    days: &impl Days,
    pack: &Pack,
    asked: &[&Programme],
    day: Date,
) -> Result<DayTold, ProgrammesError> {
    let tables = days.on(day).await?;
    let in_force = asked.iter().copied().filter(|own| pays_on(own, day));
    let in_force: Vec<&Programme> = in_force.collect();
    let mut due = DueOn::new();
    for question in questions(pack, &in_force, day)? {
        may_be_due(&tables, pack, (asked, &question), day, &mut due).await?;
    }
    let paid = match pack.contract() {
        Ok(contract) => {
            let [person, programme, unit] = enrolment_fields(contract);
            let register = &contract.enrolments.register;
            let monthly = register
                .field("monthly")
                .map(|(_, field)| field.id.as_str());
            let monthly = monthly.unwrap_or("cast(null as bigint)");
            let id = &register.id;
            let sql = format!("select {person}, {programme}, {unit}, {monthly} from {id}");
            paid_on(&tables.rows(&sql).await?)
        }
        Err(_) => PaidOn::new(),
    };
    Ok(DayTold {
        on: day,
        due,
        paid,
        vouched: tables.vouched(),
    })
}

/// The subjects of a question of whom a step is due on the day, or may be.
async fn may_be_due(
    tables: &impl OnDay,
    pack: &Pack,
    (asked, question): (&[&Programme], &Question),
    day: Date,
    into: &mut DueOn,
) -> Result<(), ProgrammesError> {
    let mut columns = vec![String::from("unit")];
    columns.extend(question.members.iter().cloned());
    let (mut holds, mut of) = (Vec::new(), Vec::new());
    for (nth, programme) in asked.iter().enumerate() {
        let here = question.programmes.iter().any(|own| own.id == programme.id);
        if let (true, Some((due, amount))) = (here, paid(programme, day)?) {
            columns.push(format!("({due}) as d{nth}"));
            columns.push(format!(
                "case when ({due}) is not false then {amount} end as a{nth}"
            ));
            holds.push(format!("({due}) is not false"));
            of.push((nth, illustrative(pack, programme, day)));
        }
    }
    if of.is_empty() {
        return Ok(());
    }
    let rows = tables
        .rows(&question.over_facts(&columns, &holds.join(" or ")))
        .await?;
    once_each(question, &rows)?;
    for batch in &rows {
        let subjects = batch.column(0).as_primitive::<Int64Type>();
        let units = texts(batch.column(1));
        let members = |row: usize| -> Vec<i64> {
            if question.members.is_empty() {
                return vec![subjects.value(row)];
            }
            let own = (0..question.members.len()).filter_map(|at| {
                let column = batch.column(2 + at).as_primitive::<Int64Type>();
                column.is_valid(row).then(|| column.value(row))
            });
            own.collect()
        };
        let first = 2 + question.members.len();
        for (at, (nth, illustrative)) in of.iter().enumerate() {
            let due = batch.column(first + 2 * at).as_boolean();
            let fen = batch.column(first + 2 * at + 1).as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                if due.is_valid(row) && !due.value(row) {
                    continue;
                }
                let told = fen.is_valid(row) && fen.value(row) >= 0;
                let amount = told.then(|| Amount {
                    fen: Fen(fen.value(row)),
                    illustrative: *illustrative,
                });
                let own = MayBeDue {
                    people: members(row),
                    unit: units.get(row).cloned().flatten().unwrap_or_default(),
                    due: due.is_valid(row),
                    amount,
                };
                into.insert((*nth, subjects.value(row)), own);
            }
        }
    }
    Ok(())
}

/// Who is paid by which units, by rows of (person, programme, unit, monthly amount).
fn paid_on(rows: &[RecordBatch]) -> PaidOn {
    let mut paid = PaidOn::new();
    for batch in rows {
        let people = batch.column(0).as_primitive::<Int64Type>();
        let (programmes, units) = (texts(batch.column(1)), texts(batch.column(2)));
        let monthly = batch.column(3).as_primitive_opt::<Int64Type>();
        for (row, (programme, unit)) in programmes.into_iter().zip(units).enumerate() {
            let (Some(programme), true) = (programme, people.is_valid(row)) else {
                continue;
            };
            let to = paid.entry((programme, people.value(row))).or_default();
            to.units.extend(unit);
            let own = monthly.filter(|monthly| monthly.is_valid(row));
            if let Some(fen) = own.map(|monthly| monthly.value(row)) {
                to.monthly = Some(Fen(to.monthly.map_or(fen, |sum| sum.0.saturating_add(fen))));
            }
        }
    }
    paid
}

/// Puts together what the days of a step tell.
fn settle(
    pack: &Pack,
    asked: &[&Programme],
    step: &Period,
    told: &[DayTold],
    into: &mut BTreeMap<Key, Settlement>,
) {
    for (nth, programme) in asked.iter().enumerate() {
        let telling = payment_bits(pack, &programme.id);
        let mut met: BTreeSet<i64> = BTreeSet::new();
        let subjects = told.iter().flat_map(|day| day.due.keys());
        let subjects: BTreeSet<i64> = subjects
            .filter(|(own, _)| *own == nth)
            .map(|(_, subject)| *subject)
            .collect();
        for subject in subjects {
            let each = told
                .iter()
                .filter_map(|day| Some((day, day.due.get(&(nth, subject))?)));
            let each: Vec<(&DayTold, &MayBeDue)> = each.collect();
            // The first day on which it is due counts; else it can't be told.
            let first = each
                .iter()
                .find(|(_, own)| own.due)
                .or_else(|| each.first());
            let Some((day, own)) = first else { continue };
            met.extend(each.iter().flat_map(|(_, own)| &own.people));
            let paid = own
                .people
                .iter()
                .filter_map(|person| day.paid.get(&(programme.id.clone(), *person)));
            let units: BTreeSet<&String> = paid.flat_map(|paid| &paid.units).collect();
            let settled = match (own.due, units.is_empty()) {
                (false, _) => Settled::DueUnknown,
                (true, false) => Settled::Paid,
                (true, true) if is_told(telling, &day.vouched, &own.people) => Settled::Owed,
                (true, true) => Settled::PaidUnknown,
            };
            let step = SettledStep {
                period: *step,
                on: day.on,
                settled,
                amount: own.amount,
                units: units.len(),
            };
            let key = (nth, false, subject);
            let settlement = into.entry(key).or_insert_with(|| Settlement {
                subject: Some(subject),
                people: own.people.clone(),
                unit: own.unit.clone(),
                steps: Vec::new(),
            });
            settlement.unit.clone_from(&own.unit);
            settlement.steps.push(step);
        }
        if let Some(day) = told.last() {
            let others = day
                .paid
                .iter()
                .filter(|((own, person), _)| *own == programme.id && !met.contains(person));
            for ((_, person), paid) in others {
                let unit = paid.units.iter().next().cloned().unwrap_or_default();
                let key = (nth, true, *person);
                let settlement = into.entry(key).or_insert_with(|| Settlement {
                    subject: None,
                    people: vec![*person],
                    unit: unit.clone(),
                    steps: Vec::new(),
                });
                settlement.steps.push(SettledStep {
                    period: *step,
                    on: day.on,
                    settled: Settled::Overpaid,
                    amount: paid.monthly.map(|monthly| Amount {
                        fen: monthly,
                        illustrative: false,
                    }),
                    units: paid.units.len(),
                });
            }
        }
    }
}
