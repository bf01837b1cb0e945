//! Whether a row agrees with what is known of whom it names.

use kernel::{Sensitivity, mask};
use pack::{Field, Record, Value};

use super::{RowDraft, RowPlan, alike};
use crate::finding::Finding;
use crate::said::plain_value;
use crate::script::Step;

impl RowPlan<'_> {
    /// Whether the fields that must agree with what is known do.
    pub(super) fn agrees_with_known(
        &self,
        step: &Step<'_>,
        slot: u32,
        row: &RowDraft<'_>,
    ) -> Result<(), Finding> {
        if step.check.is_empty() {
            return Ok(());
        }
        let state = self.slots.get(slot);
        if let Some(known) = state.found.and_then(|record| self.record(step, record)) {
            return self.agrees(step, |at| known.value(at), row.values, slot);
        }
        // By an earlier row, the first that says it.
        let claims = self.claims.on(&self.slots, slot);
        let bodies = claims.map(|claim| self.claims.body(&self.claims.all[claim as usize]));
        let bodies: Vec<Record> = bodies.collect();
        let said = |at: usize| {
            let mut said = bodies.iter().rev().filter_map(|body| body.get(at)?.clone());
            said.find(|value| !value.is_as_read())
        };
        self.agrees(step, said, row.values, slot)
    }

    /// Whether the fields that must agree with what is known of a record do.
    pub(super) fn agrees(
        &self,
        step: &Step<'_>,
        known: impl Fn(usize) -> Option<Value>,
        values: &[Option<Value>],
        slot: u32,
    ) -> Result<(), Finding> {
        for (at, origin) in &step.check {
            let field = &step.register.fields[*at];
            let given = plain_value(origin, values, &field.kind, self.setting.on, self.unit());
            let (Some(given), Some(known)) = (given, known(*at)) else {
                continue;
            };
            if !alike(field, Some(&known), &given) && !self.was_said(step, *at, slot, &given) {
                return Err(Finding::Disagrees {
                    field: Box::new(field.name.clone()),
                    known: self.may_see(slot).then(|| masked(field, &known)),
                });
            }
        }
        Ok(())
    }

    /// Whether anybody said this of a record, though it isn't what stands: somebody has had two names, say.
    fn was_said(&self, step: &Step<'_>, at: usize, slot: u32, given: &Value) -> bool {
        let found = self.slots.get(slot).found.zip(self.shelf(step.register_at));
        found.is_some_and(|(record, shelf)| {
            let said = shelf.ranked(record, at, self.setting.on);
            let field = &step.register.fields[at];
            said.iter()
                .any(|(_, value)| alike(field, value.as_ref(), given))
        })
    }

    /// Whether whoever imports may see what the ledger knows of a record.
    fn may_see(&self, slot: u32) -> bool {
        let state = self.slots.get(slot);
        let shelf = self.shelf(usize::from(state.register_at));
        let book = state.found.and_then(|record| shelf?.kept_in(record));
        book.is_none_or(|book| self.setting.grant.sees(&book))
    }
}

fn masked(field: &Field, known: &Value) -> Box<str> {
    let words = known.to_string();
    match field.sensitivity {
        Sensitivity::Open => words.into(),
        other => mask::apply(other, &words).into(),
    }
}
