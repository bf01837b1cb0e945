//! Who may write what. A draft is held against the grant: its unit, its register, each field it speaks of; against the duty that sets a
//! field; and against who set what stands, where one person may not have two duties on one record. What is taken back is held
//! against the same rights, so that no way around leads over an undo.

use super::known::Known;
use super::{Ready, Saying, Work};
use crate::entry::{Position, Roll};
use crate::error::LedgerError;
use crate::plan::{Plan, Plans};
use crate::stands::{Undone, is_word};
use crate::store::{Batch, EntryRow, Reading};
use kernel::rights::holder;
use kernel::{Grant, RecordId, UnitCode};
use pack::FieldSet;
use std::collections::BTreeMap;

/// Who wrote the commits that a portion looks at.
#[derive(Default)]
pub(super) struct Writers {
    undone: Undone,
    names: BTreeMap<i64, String>,
}

impl Writers {
    /// Learns who wrote these entries.
    async fn load(&mut self, tx: &mut dyn Reading, trail: &[EntryRow]) -> Result<(), LedgerError> {
        for commit in trail.iter().map(|entry| entry.commit) {
            if self.names.contains_key(&commit) {
                continue;
            }
            let row = tx.commits_after(commit - 1, 1).await?.pop();
            if let Some(row) = row.filter(|row| row.number == commit) {
                self.names.insert(commit, holder(&row.actor));
            }
        }
        Ok(())
    }
}

/// Refuses a word of some fields of a register, or that a record comes, goes or ends, said in a unit's name.
pub(crate) fn allow(
    grant: &Grant,
    plans: &Plans,
    (plan, fields): (&Plan, FieldSet),
    unit: &UnitCode,
    at: Option<usize>,
) -> Result<(), LedgerError> {
    let register = plans.register(plan);
    let may = |field| grant.writes(Some((&register.id, field)), unit);
    let refused = if fields == FieldSet::NONE {
        (!may(None)).then_some(None)
    } else {
        let spoken = fields.iter().filter_map(|at| register.fields.get(at));
        let mut refused = spoken.filter(|field| !may(Some(&field.id)));
        refused
            .next()
            .map(|field| Some(Box::new(field.name.clone())))
    };
    if let Some(field) = refused {
        return Err(LedgerError::NoRight {
            at,
            who: grant.who.clone(),
            register: register.name.clone(),
            field,
            unit: *unit,
        });
    }
    match plan
        .guards
        .needed(fields)
        .find(|duty| !grant.has(duty, unit))
    {
        None => Ok(()),
        Some(duty) => Err(LedgerError::NoDuty {
            at,
            who: grant.who.clone(),
            register: register.name.clone(),
            duty: Box::new(duty_name(plans, duty)),
            unit: *unit,
        }),
    }
}

/// A duty's name.
fn duty_name(plans: &Plans, duty: &str) -> pack::Text {
    let found = plans.pack.duty(duty);
    found.map_or_else(|| pack::Text::new(duty, duty), |found| found.name.clone())
}

impl<'p> Work<'p> {
    /// Loads who set what stands of the records of these drafts, where that matters.
    pub(super) async fn load_writers(&mut self, known: &mut Known) -> Result<(), LedgerError> {
        let trails: Vec<EntryRow> = known.guarded_trails(self.plans);
        if trails.is_empty() {
            return Ok(());
        }
        known.writers.undone = Undone::load(&mut *self.tx).await?;
        known.writers.load(&mut *self.tx, &trails).await
    }

    /// Refuses a draft whose writer may not say it.
    pub(super) fn guard(
        &self,
        draft: &Ready<'p>,
        known: &Known,
        batch: &Batch,
    ) -> Result<(), LedgerError> {
        let unit = self.says[draft.draft.say as usize].unit;
        let fields = match draft.draft.kind {
            kind if is_word(kind) => draft.draft.said.spoken,
            _ => FieldSet::NONE,
        };
        let spoken = (draft.plan, fields);
        allow(&self.grant, self.plans, spoken, &unit, Some(draft.at))?;
        for (one, other) in draft.plan.guards.apart(fields) {
            let set = draft.plan.guards.fields(other);
            if fields.and(set) != FieldSet::NONE || self.has_set(draft, set, known, batch) {
                return Err(LedgerError::Apart {
                    at: draft.at,
                    who: self.grant.who.clone(),
                    register: self.plans.name(&draft.plan.name),
                    record: RecordId(draft.record),
                    duties: Box::new([one, other].map(|duty| duty_name(self.plans, duty))),
                });
            }
        }
        Ok(())
    }

    /// Whether the writer set one of these fields of a draft's record, by a word that counts.
    fn has_set(&self, draft: &Ready<'p>, set: FieldSet, known: &Known, batch: &Batch) -> bool {
        let own = holder(&self.grant.who);
        let writers = &known.writers;
        let theirs = |entry: &&EntryRow| {
            entry.commit == self.row.number
                || writers.undone.counts(entry) && writers.names.get(&entry.commit) == Some(&own)
        };
        let written = batch.entries.iter();
        let written = written.filter(|entry| entry.record == draft.record);
        let mut words = known
            .trail(draft.record)
            .iter()
            .chain(written)
            .filter(theirs);
        words.any(|entry| sets(self.plans, draft.plan, entry, set))
    }

    /// Refuses words said again that the writer may not say. Where one person may not have two duties on one record, nothing is said
    /// again: whoever says it says it in words of their own.
    pub(super) async fn guard_rolls(
        plans: &Plans,
        tx: &mut dyn Reading,
        (grant, says): (&Grant, &[Saying]),
        rolls: &[Roll],
    ) -> Result<(), LedgerError> {
        let guarded = plans.guarded();
        for roll in rolls.iter().filter(|_| !guarded.is_empty()) {
            let Some(say) = says.get(roll.say as usize) else {
                continue;
            };
            for book in roll.words.chunk_by(|one, next| one.book == next.book) {
                let [
                    Position {
                        book: number,
                        seq: first,
                    },
                    ..,
                ] = *book
                else {
                    continue;
                };
                let last = book.last().map_or(first, |last| last.seq);
                for entry in tx.entries_of(&guarded, number, (first, last)).await? {
                    let said = book.binary_search(&entry.at).is_ok();
                    let Some(plan) = plans.get(&entry.register).filter(|_| said) else {
                        continue;
                    };
                    if plan.guards.is_apart() {
                        return Err(LedgerError::SaidAgain(entry.at));
                    }
                    allow(grant, plans, (plan, roll.fields), &say.unit, None)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether an entry sets one of these fields; what was erased may have.
fn sets(plans: &Plans, plan: &Plan, entry: &EntryRow, set: FieldSet) -> bool {
    if !is_word(entry.kind) || entry.register != plan.name {
        return false;
    }
    match entry.body.text() {
        Some(body) => {
            (plans.read(plan, body)).is_some_and(|said| said.spoken.and(set) != FieldSet::NONE)
        }
        None => true,
    }
}

/// Refuses to take back an entry that the grant could not have written.
pub(crate) fn allow_taking_back(
    grant: &Grant,
    plans: &Plans,
    entry: &EntryRow,
    unit: &UnitCode,
) -> Result<(), LedgerError> {
    let Some(plan) = plans.get(&entry.register) else {
        return Ok(());
    };
    let body = entry.body.text().filter(|_| is_word(entry.kind));
    let said = body.and_then(|body| plans.read(plan, body));
    let fields = said.map_or(FieldSet::NONE, |said| said.spoken);
    allow(grant, plans, (plan, fields), unit, None)
}
