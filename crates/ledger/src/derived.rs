//! What the directory and the links hold, as it follows from the entries of a record. Pure: it is given a trail and reads no store.

use crate::plan::Plans;
use crate::stands::is_word;
use crate::store::{EdgeRow, EntryRow, KeyRow};
use crate::undo::arrives;
use std::collections::BTreeSet;

/// Lines of the directory, and links.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Derived {
    pub(crate) keys: BTreeSet<KeyRow>,
    pub(crate) edges: BTreeSet<EdgeRow>,
}

impl Derived {
    /// What follows from all entries of a record, oldest first: what its words say, and where a transfer took the keys it had.
    pub(crate) fn of(plans: &Plans, trail: &[EntryRow]) -> Self {
        let mut derived = Self::default();
        for entry in trail {
            let plan = plans.get(&entry.register);
            if arrives(entry) && plan.is_some_and(|plan| !plan.everywhere) {
                let moved = derived.keys.iter().cloned().map(|mut key| {
                    key.scope = entry.at.book;
                    key
                });
                let moved: Vec<KeyRow> = moved.collect();
                derived.keys.extend(moved);
            }
            let (key, edge) = by_itself(plans, entry);
            derived.keys.extend(key);
            derived.edges.extend(edge);
        }
        derived
    }
}

/// What follows from one entry alone.
pub(crate) fn by_itself(plans: &Plans, entry: &EntryRow) -> (Option<KeyRow>, Option<EdgeRow>) {
    let plan = plans.get(&entry.register).filter(|_| is_word(entry.kind));
    let Some(plan) = plan else { return (None, None) };
    let Some(said) = entry.body.text().and_then(|body| plans.read(plan, body)) else {
        return (None, None);
    };
    let key = plans.key(plan, &said).map(|key| KeyRow {
        register: entry.register.clone(),
        scope: plan.scope(entry.at.book),
        key,
        record: entry.record,
    });
    let edge = plan.link(&said.values).map(|(source, target)| EdgeRow {
        register: entry.register.clone(),
        source,
        target,
        record: entry.record,
    });
    (key, edge)
}
