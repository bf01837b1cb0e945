//! Who comes to a unit's book with a list. A home that a unit's own list gives takes the person over from a book above, where
//! they were only named; and from another unit's, if they are registered here from now on.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use ledger::{Ledger, LedgerError};
use pack::{Home, Record, Register, Value};
use tables::Snapshot;

use crate::plan::RowPlan;

/// A home that a list gives to somebody kept elsewhere.
struct Arrival {
    person: RecordId,
    /// The record that comes: who the list names, though they turned out to be another.
    numbered: RecordId,
    row: u32,
    kept: UnitCode,
    registered: bool,
}

/// The people who come to the unit's book, with the row that gives them a home. A claim that the same list `said` when it came
/// before brings nobody: it did so then.
pub(crate) async fn arrivals(
    ledger: &Ledger,
    plan: &RowPlan<'_>,
    said: &(dyn Fn(usize) -> bool + Sync),
) -> Result<BTreeMap<RecordId, u32>, LedgerError> {
    let (setting, unit) = (&plan.setting, plan.setting.voice.unit);
    let mut coming = Vec::new();
    for register in &setting.script.pack.registers {
        let Some(home) = &register.home else { continue };
        let mut moves = Vec::new();
        for arrival in homes(plan, register, home, said) {
            if arrival.kept.contains(&unit) {
                coming.push(arrival);
            } else if arrival.registered
                && setting.standing.unit_of(arrival.person, setting.on) != Some(unit)
            {
                moves.push(arrival);
            }
        }
        let later = registered_later(ledger, setting.standing, register, home, &moves, setting.on);
        let later = later.await?;
        coming.extend(
            moves
                .into_iter()
                .zip(later)
                .filter_map(|(arrival, later)| (!later).then_some(arrival)),
        );
    }
    let people = &setting.script.contract.people.register.id;
    records_of(ledger, setting.standing, (people, unit), &coming).await
}

/// The records that come with people, each with a row: those the list names. If one is in the unit's book already, though the
/// person isn't, since they turned out to be two, the others come.
async fn records_of(
    ledger: &Ledger,
    standing: &Snapshot,
    (people, unit): (&str, UnitCode),
    coming: &[Arrival],
) -> Result<BTreeMap<RecordId, u32>, LedgerError> {
    let doubles = standing.doubles();
    let mut come = BTreeMap::new();
    for arrival in coming {
        let mut records = vec![arrival.numbered];
        if let Some(doubles) = doubles.get(&arrival.person) {
            let own = ledger.get(people, &records).await?;
            if own.iter().flatten().all(|own| own.book == unit) {
                records = std::iter::once(&arrival.person)
                    .chain(doubles)
                    .copied()
                    .collect();
            }
        }
        for record in records {
            come.entry(record).or_insert(arrival.row);
        }
    }
    Ok(come)
}

/// The homes the list gives to people who are kept neither here nor below.
fn homes(
    plan: &RowPlan<'_>,
    register: &Register,
    home: &Home,
    said: &(dyn Fn(usize) -> bool + Sync),
) -> Vec<Arrival> {
    let (setting, unit) = (&plan.setting, plan.setting.voice.unit);
    let Some((registered, _)) = register.field(&home.registered) else {
        return Vec::new();
    };
    let mut given = Vec::new();
    let people = &setting.script.contract.people.register.id;
    let people = setting.standing.shelf(people);
    for (at, step) in setting.script.writes.iter().enumerate() {
        let Some((person, _)) = step.home.filter(|_| step.register.id == register.id) else {
            continue;
        };
        let origin = step.set.iter().find(|(field, _)| *field == person);
        let Some((_, crate::script::Origin::Step(person))) = origin else {
            continue;
        };
        for row in 0..setting.rows.rows.len() {
            let slots = (plan.slots.target(at, row), plan.slots.target(*person, row));
            let (Some(own), Some(person)) = slots else {
                continue;
            };
            let person = plan.slots.get(person);
            let Some(record) = person.found.filter(|_| person.homed) else {
                continue;
            };
            let kept = people.as_ref().and_then(|people| people.kept_in(record));
            let Some(kept) = kept.filter(|kept| !unit.contains(kept)) else {
                continue;
            };
            // What is said last of whether it is registered, or else of anything.
            let says = |nth: &u32| plan.claims.all[*nth as usize].fields.has(registered);
            let claims = || plan.claims.on(&plan.slots, own);
            let last = claims().find(says).or_else(|| claims().next());
            let Some(nth) = last.filter(|nth| !said(*nth as usize)) else {
                continue;
            };
            let claim = plan.claims.all[nth as usize];
            if claim.until.is_some_and(|until| until <= setting.on) {
                continue;
            }
            let body = plan.claims.body(&claim);
            given.push(Arrival {
                person: record,
                numbered: person.by_key.unwrap_or(record),
                row: setting.rows.rows[row].number,
                kept,
                registered: body[registered] == Some(Value::Bool(true)),
            });
        }
    }
    given
}

/// For each, whether a list of a later day says that they are registered where they are kept.
async fn registered_later(
    ledger: &Ledger,
    standing: &Snapshot,
    register: &Register,
    home: &Home,
    moves: &[Arrival],
    on: Date,
) -> Result<Vec<bool>, LedgerError> {
    let Some((registered, _)) = register.field(&home.registered) else {
        return Ok(vec![false; moves.len()]);
    };
    let doubles = standing.doubles();
    let key = |arrival: &Arrival, person: &RecordId| {
        let mut body: Record = vec![None; register.fields.len()];
        let mut say = |id: &str, value| {
            if let Some((at, _)) = register.field(id) {
                body[at] = Some(value);
            }
        };
        say(&home.person, Value::Int(person.0));
        say(&home.unit, Value::Text(arrival.kept.to_string()));
        register.identity_key(&body)
    };
    let mut later = Vec::with_capacity(moves.len());
    let shelf = moves.first().and_then(|_| standing.shelf(&register.id));
    let Some(shelf) = shelf else {
        return Ok(vec![false; moves.len()]);
    };
    for moved in moves {
        let doubles = doubles.get(&moved.person).into_iter().flatten();
        let people = std::iter::once(&moved.person).chain(doubles);
        let keys: Vec<String> = people.filter_map(|person| key(moved, person)).collect();
        let found = ledger.find(&register.id, moved.kept, &keys).await?;
        let end = pack::latest_date();
        let claims = found.into_iter().flatten().any(|found| {
            let says = shelf.whose(found.record, registered, end);
            let stands = shelf.record(found.record, end);
            says.is_some_and(|say| say.as_of > on)
                && stands.is_some_and(|it| it.is(registered, Some(&Value::Bool(true))))
        });
        later.push(claims);
    }
    Ok(later)
}
