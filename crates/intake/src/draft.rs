//! From a plan to the drafts of a commit: records opened get their numbers, references to them are filled in, and everything
//! stands in the order of the rows it came from.

use std::collections::BTreeMap;

use kernel::{EntryKind, RecordId, UnitCode};
use ledger::Draft;
use pack::{FieldType, Record, Register, Value};

use crate::known::Slot;
use crate::plan::{Mark, Plan};

/// How many records of a register were opened, changed and closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Opened.
    pub opened: usize,
    /// Changed.
    pub changed: usize,
    /// Closed.
    pub closed: usize,
}

impl Plan<'_> {
    /// What the plan does, by register.
    pub(crate) fn tallies(&self) -> BTreeMap<String, Tally> {
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for (slot, mark) in &self.marks {
            let register = self.register(&self.known.slots[*slot as usize]);
            let tally = match tallies.get_mut(&register.id) {
                Some(tally) => tally,
                None => tallies.entry(register.id.clone()).or_default(),
            };
            match mark {
                Mark::Open => tally.opened += 1,
                Mark::Change => tally.changed += 1,
                Mark::Close => tally.closed += 1,
            }
        }
        tallies
    }

    /// The books in which records are opened.
    pub(crate) fn books(&self) -> Vec<UnitCode> {
        let mut books: Vec<UnitCode> = self
            .marks
            .iter()
            .filter(|(_, mark)| *mark == Mark::Open)
            .map(|(slot, _)| self.known.slots[*slot as usize].book)
            .collect();
        // Books are numbered as they are opened: in the order of their units, whatever the order of the rows.
        books.sort_unstable();
        books.dedup();
        books
    }

    /// The drafts one after the other, given the first free number of each book.
    pub(crate) fn drafts(
        &self,
        mut next: BTreeMap<UnitCode, RecordId>,
    ) -> impl Iterator<Item = Draft> {
        let mut numbers: Vec<Option<RecordId>> = vec![None; self.known.slots.len()];
        for (at, mark) in &self.marks {
            let slot = &self.known.slots[*at as usize];
            if *mark == Mark::Open
                && let Some(free) = next.get_mut(&slot.book)
            {
                numbers[*at as usize] = Some(*free);
                *free = free.next();
            }
        }
        (self.marks.iter()).filter_map(move |(at, mark)| self.draft(*at, *mark, &numbers))
    }

    fn draft(&self, at: u32, mark: Mark, numbers: &[Option<RecordId>]) -> Option<Draft> {
        let slot = &self.known.slots[at as usize];
        let register = self.register(slot);
        let record = match &slot.found {
            Some(found) => found.record,
            None => numbers[at as usize]?,
        };
        let known = slot.found.as_ref().map(|f| f.seq);
        let (kind, valid_from, expect) = match mark {
            Mark::Open => (EntryKind::Open, slot.opened?, None),
            // What ended before today changed, at the latest, when it ended.
            Mark::Change => {
                let on = slot.closed_on.map_or(self.on, |end| end.min(self.on));
                (EntryKind::Change, on, known)
            }
            Mark::Close => (
                EntryKind::Close,
                slot.closed_on?,
                known.filter(|_| !slot.changed),
            ),
        };
        let mut body = self.known.body(at)?;
        number(register, &mut body, numbers);
        Some(Draft {
            book: slot.book,
            register: register.id.clone(),
            record,
            kind,
            valid_from,
            body,
            expect,
        })
    }

    fn register(&self, slot: &Slot) -> &Register {
        &self.script.pack.registers[slot.register_at]
    }
}

/// Puts numbers in the place of slots, which stand in references as negative numbers.
fn number(register: &Register, body: &mut Record, numbers: &[Option<RecordId>]) {
    for (field, value) in register.fields.iter().zip(body) {
        if let (FieldType::Ref(_), Some(Value::Int(n))) = (&field.kind, &value)
            && *n < 0
        {
            let slot = usize::try_from(-1 - *n).ok();
            *value = slot
                .and_then(|slot| numbers.get(slot).copied().flatten())
                .map(|id| Value::Int(id.0));
        }
    }
}
