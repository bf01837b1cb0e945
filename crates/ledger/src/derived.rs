//! What follows from the entries of a record: the lines of the directory, the links, where it is kept. Pure: it is given a trail
//! and reads no store.

use crate::plan::Plans;
use crate::stands::is_word;
use crate::store::{EdgeRow, EntryRow, KeyRow};
use kernel::EntryKind;
use std::collections::BTreeSet;

/// Whether an entry is the second half of a transfer.
pub(crate) fn arrives(entry: &EntryRow) -> bool {
    let before = entry.previous;
    entry.kind == EntryKind::Transfer && before.is_some_and(|before| before.book != entry.at.book)
}

/// The record that a merge says stays.
pub(crate) fn into(entry: &EntryRow) -> Option<i64> {
    let body = entry
        .body
        .text()
        .filter(|_| entry.kind == EntryKind::Merge)?;
    body.strip_prefix("{\"into\":")?
        .strip_suffix('}')?
        .parse()
        .ok()
}

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
    let Some(plan) = plan else {
        return (None, None);
    };
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

/// The book a record is kept in, and the record it was merged into, as all its entries, oldest first, make it: by those that count.
pub(crate) fn home(trail: &[EntryRow], counts: impl Fn(&EntryRow) -> bool) -> (i64, Option<i64>) {
    let mut home = (trail.first().map_or(0, |entry| entry.at.book), None);
    for entry in trail.iter().filter(|entry| counts(entry)) {
        match entry.kind {
            EntryKind::Transfer if arrives(entry) => home.0 = entry.at.book,
            EntryKind::Merge => home.1 = into(entry),
            _ => {}
        }
    }
    home
}
