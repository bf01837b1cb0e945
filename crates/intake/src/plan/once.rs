//! What should be there once. A register may say that two of its records should not have some fields in common on one day, such as
//! one person on one programme; where a list says so all the same, it is taken, and told.

use std::collections::HashMap;

use kernel::RecordId;
use pack::{Record, Value};

use super::{RowDraft, RowPlan, Setting};
use crate::finding::Finding;
use crate::script::Step;

/// The records that are there on the day of the list, by register and by the fields that should be there once.
#[derive(Default)]
pub(super) struct Once(HashMap<usize, HashMap<Vec<Value>, Vec<RecordId>>>);

impl Once {
    pub(super) fn of(setting: &Setting<'_>) -> Once {
        let mut once = Once::default();
        for step in &setting.script.writes {
            if step.once.is_empty() || once.0.contains_key(&step.register_at) {
                continue;
            }
            let mut records: HashMap<Vec<Value>, Vec<RecordId>> = HashMap::new();
            let register = step.register.id.as_str();
            let shelf = setting.standing.shelf(register);
            for record in setting.standing.records(register) {
                let there = shelf.as_ref().and_then(|s| s.record(record, setting.on));
                if let Some(key) = there.and_then(|there| key(step, |at| there.value(at))) {
                    records.entry(key).or_default().push(record);
                }
            }
            once.0.insert(step.register_at, records);
        }
        once
    }
}

/// What a record should not have in common with another.
fn key(step: &Step<'_>, value: impl Fn(usize) -> Option<Value>) -> Option<Vec<Value>> {
    step.once.iter().map(|at| value(*at)).collect()
}

impl RowPlan<'_> {
    /// Tells of another record with which this one has in common what should be there once.
    pub(super) fn told_twice(
        &self,
        step: &Step<'_>,
        body: &Record,
        slot: u32,
        row: &mut RowDraft<'_>,
    ) {
        let Some(records) = self.once.0.get(&step.register_at) else {
            return;
        };
        let named = |at: usize| {
            let value = body[at].as_ref().filter(|value| !value.is_as_read())?;
            Some(self.resolved(&step.register.fields[at], value).into_owned())
        };
        let own = self.slots.get(slot).found;
        let others = key(step, named).and_then(|key| records.get(&key));
        let other = others
            .into_iter()
            .flatten()
            .find(|other| Some(**other) != own);
        if let Some(other) = other {
            row.doubt(Finding::Twice {
                register: Box::new(step.register.name.clone()),
                other: self.apart(step, *other).into(),
            });
        }
    }

    /// What tells another record from this one: the fields of its identity that may differ.
    fn apart(&self, step: &Step<'_>, other: RecordId) -> String {
        let known = self.record(step, other);
        let tells = step.identity.iter().map(|(at, _)| *at);
        let values = tells.filter(|at| !step.once.contains(at)).filter_map(|at| {
            let field = &step.register.fields[at];
            let value = known.as_ref()?.value(at)?.to_string();
            Some(self.setting.grant.show(field.sensitivity, &value))
        });
        values.collect::<Vec<_>>().join(" · ")
    }
}
