//! Carries out what a row was found to do, on what is known and in memory only. What a row may do has been judged before; nothing
//! here refuses.

use jiff::civil::Date;
use pack::{Record, Value};

use super::{Deed, Mark, Plan, Verdict};
use crate::known::Slot;

impl Plan<'_> {
    pub(super) fn apply(&mut self, deed: Deed, row: usize, number: u32) -> Verdict {
        match deed {
            Deed::Open {
                slot,
                since,
                undated,
                body,
            } => {
                let slot = self.fresh(slot);
                self.claim(slot, &body);
                let state = &mut self.known.slots[slot as usize];
                state.opened = Some(since);
                state.given = bits(&body);
                state.giver = number;
                self.known.set_body(slot, &body);
                self.undated += usize::from(undated);
                self.mark(slot, Mark::Open, row);
                Verdict::Opened
            }
            Deed::Give {
                slot,
                values,
                given,
                since,
            } => self.give(slot, values, given, since, row, number),
            Deed::Close { slot, on } => {
                let slot = self.current(slot);
                self.known.slots[slot as usize].closed_on = Some(on);
                self.mark(slot, Mark::Close, row);
                Verdict::Closed
            }
            Deed::Link { parent, child } => {
                self.children.entry(parent).or_default().push(child);
                Verdict::Unchanged
            }
        }
    }

    fn give(
        &mut self,
        slot: u32,
        values: Vec<(usize, Option<Value>)>,
        given: u128,
        since: Option<Date>,
        row: usize,
        number: u32,
    ) -> Verdict {
        let state = &mut self.known.slots[slot as usize];
        if state.given == 0 {
            state.giver = number;
        }
        state.given |= given;
        if let (Some(opened), Some(since)) = (&mut state.opened, since) {
            *opened = since.min(*opened);
        }
        if values.is_empty() {
            return Verdict::Unchanged;
        }
        if let Some(mut body) = self.known.body(slot) {
            for (field, value) in values {
                body[field] = value;
            }
            self.known.set_body(slot, &body);
            self.claim(slot, &body);
        }
        let state = &mut self.known.slots[slot as usize];
        if state.opened.is_none() && !state.changed {
            state.changed = true;
            self.mark(slot, Mark::Change, row);
        }
        Verdict::Changed
    }

    /// Remembers whose number it is within the file.
    fn claim(&mut self, slot: u32, body: &Record) {
        let register = &self.script.pack.registers[self.known.slots[slot as usize].register_at];
        if let ([only], true) = (register.identity.as_slice(), self.people.is_some())
            && register.id == crate::script::PERSON
            && let Some((at, _)) = register.field(only)
            && let Some(number) = &body[at]
        {
            self.claimed.entry(number.to_string()).or_insert(slot);
        }
    }

    /// The slot to open a record in: its own, or a new one if an earlier record of the same identity was closed.
    fn fresh(&mut self, slot: u32) -> u32 {
        let state = &self.known.slots[slot as usize];
        if !state.is_closed() {
            return slot;
        }
        let again = Slot::new(state.register_at, self.unit, None, state.birth);
        let at = self.known.add(again);
        self.known.slots[slot as usize].next = Some(at);
        at
    }

    pub(super) fn mark(&mut self, slot: u32, mark: Mark, row: usize) {
        self.marks.push((slot, mark));
        self.rows.push(row);
    }
}

fn bits(body: &Record) -> u128 {
    body.iter()
        .enumerate()
        .filter(|(_, value)| value.is_some())
        .fold(0, |all, (at, _)| all | 1 << at)
}
