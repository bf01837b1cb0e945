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
        self.agrees(step, &self.known(slot), row.values, slot)
    }

    /// Whether the fields that must agree with a record do.
    pub(super) fn agrees(
        &self,
        step: &Step<'_>,
        body: &Record,
        values: &[Option<Value>],
        slot: u32,
    ) -> Result<(), Finding> {
        for (at, origin) in &step.check {
            let field = &step.register.fields[*at];
            let given = plain_value(origin, values, &field.kind, self.setting.on, self.unit());
            let (Some(given), Some(known)) = (given, &body[*at]) else {
                continue;
            };
            if !alike(Some(known), &given) && !self.was_said(step, *at, slot, &given) {
                return Err(Finding::Disagrees {
                    field: Box::new(field.name.clone()),
                    known: self.may_see(slot).then(|| masked(field, known)),
                });
            }
        }
        Ok(())
    }

    /// Whether anybody said this of a record, though it isn't what stands: somebody has had two names, say.
    fn was_said(&self, step: &Step<'_>, at: usize, slot: u32, given: &Value) -> bool {
        let standing = self.setting.standing;
        self.slots.get(slot).found.is_some_and(|record| {
            let said = standing.ranked(&step.register.id, record, at, self.setting.on);
            said.iter().any(|(_, value)| alike(value.as_ref(), given))
        })
    }

    /// Whether whoever imports may see what the ledger knows of a record.
    fn may_see(&self, slot: u32) -> bool {
        let found = self.slots.get(slot).found;
        let register = &self.register_of(slot).id;
        let book = found.and_then(|record| self.setting.standing.kept_in(register, record));
        book.is_none_or(|book| self.setting.grant.sees(&book))
    }

    /// What is known of a record: by the ledger, or else by an earlier row.
    fn known(&self, slot: u32) -> Record {
        let state = self.slots.get(slot);
        let register = self.register_of(slot);
        let found = state.found.and_then(|record| {
            (self.setting.standing).record(&register.id, record, self.setting.on)
        });
        let claim = || {
            let claim = &self.claims.all[state.claim? as usize];
            Some(self.claims.body(claim))
        };
        found
            .or_else(claim)
            .unwrap_or_else(|| vec![None; register.fields.len()])
    }
}

fn masked(field: &Field, known: &Value) -> Box<str> {
    let words = known.to_string();
    match field.sensitivity {
        Sensitivity::Open => words.into(),
        other => mask::apply(other, &words).into(),
    }
}
