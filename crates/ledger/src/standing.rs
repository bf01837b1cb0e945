//! Which entries of a record stand. Every entry adds to its record; an undo takes the last one that stands back. What a record
//! is now follows from the last that stands. Pure: it is given trails and reads no store.

use crate::store::EntryRow;
use kernel::EntryKind;
use std::collections::BTreeMap;

/// What a record is after its last standing entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is there.
    Live,
    /// It ended; its identity leads to it until another takes it.
    Closed,
    /// It was never there: it was merged into another, or its opening was taken back.
    Gone,
}

impl State {
    /// The state after this last standing entry; none stands when all were taken back.
    pub(crate) fn after(last: Option<EntryKind>) -> Self {
        match last {
            None | Some(EntryKind::Merge) => Self::Gone,
            Some(EntryKind::Close) => Self::Closed,
            // An undo is never among the entries that stand.
            Some(
                EntryKind::Open
                | EntryKind::Change
                | EntryKind::Correct
                | EntryKind::Transfer
                | EntryKind::Undo,
            ) => Self::Live,
        }
    }

    /// Whether the record's head says that it is closed.
    pub(crate) fn is_closed(self) -> bool {
        self != Self::Live
    }
}

/// Puts a record's next entry onto the entries that stand, or takes the last of them back.
pub(crate) fn follow(stack: &mut Vec<EntryRow>, entry: EntryRow) {
    if entry.kind == EntryKind::Undo {
        stack.pop();
    } else {
        stack.push(entry);
    }
}

/// The standing entries of each record, oldest first; `trails` has the entries of each record in their order.
pub(crate) fn standing(trails: Vec<EntryRow>) -> BTreeMap<i64, Vec<EntryRow>> {
    let mut stacks: BTreeMap<i64, Vec<EntryRow>> = BTreeMap::new();
    for entry in trails {
        follow(stacks.entry(entry.record).or_default(), entry);
    }
    stacks
}

/// The state of a record whose standing entries are these.
pub(crate) fn state(stack: &[EntryRow]) -> State {
    State::after(stack.last().map(|entry| entry.kind))
}
