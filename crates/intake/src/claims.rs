//! What a list says, record by record: one claim for each record and span it speaks of, put together from all its rows. A row
//! that says more of a record as of the same day adds to its claim; what an earlier row said of a field stays. What holds from
//! another day is a claim of its own, beside it, and ends with it.

use jiff::civil::Date;
use pack::{FieldSet, Record, Said, Value};

use crate::packed::PackedRecords;
use crate::slots::Slots;

/// What a list says of one record. References name slots, not records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    pub slot: u32,
    /// The first row that says so, by place.
    pub row: u32,
    /// The date it names; none if it holds from the day of the list.
    pub from: Option<Date>,
    /// The first day on which it doesn't hold any more.
    pub until: Option<Date>,
    /// The fields it speaks of.
    pub fields: FieldSet,
    /// Those of them of which it only has what could not be read.
    pub as_read: FieldSet,
    /// Whether it only names somebody known, whom it tells nothing of.
    pub mention: bool,
    body: u32,
    /// The claim before it on the same record, of another span.
    before: Option<u32>,
}

impl Claim {
    /// The fields it says something of.
    pub(crate) fn told(&self) -> FieldSet {
        self.fields.without(self.as_read)
    }
}

/// What a row says of one record.
pub(crate) struct Statement {
    pub slot: u32,
    pub from: Option<Date>,
    pub until: Option<Date>,
    /// The fields it has a value for, or what could not be read.
    pub body: Record,
    pub mention: bool,
}

/// All claims of a list, in the order in which they were made.
#[derive(Default)]
pub(crate) struct Claims {
    pub all: Vec<Claim>,
    /// What each says. What was replaced stays.
    bodies: PackedRecords,
}

impl Claims {
    /// What a claim says.
    pub(crate) fn body(&self, claim: &Claim) -> Record {
        self.bodies.get(claim.body as usize)
    }

    /// The claims on a slot, the last first.
    pub(crate) fn on<'a>(&'a self, slots: &Slots, slot: u32) -> impl Iterator<Item = u32> + 'a {
        let last = slots.get(slot).claim;
        std::iter::successors(last, |at| self.all[*at as usize].before)
    }

    /// The claims on a slot of the same time of its being there, the last first: of spans that don't touch, each is another.
    pub(crate) fn beside<'a>(
        &'a self,
        slots: &Slots,
        slot: u32,
        (from, until): (Option<Date>, Option<Date>),
    ) -> impl Iterator<Item = u32> + 'a {
        let begins_after = |from: Option<Date>, until: Option<Date>| matches!((from, until), (Some(from), Some(until)) if from >= until);
        self.on(slots, slot).filter(move |at| {
            let claim = &self.all[*at as usize];
            !begins_after(from, claim.until) && !begins_after(claim.from, until)
        })
    }

    /// The claim to which what is said of a span is added, if it is none of its own: that of the same day. Who is only named is
    /// part of whatever else is said of them; and what is said as of the day of the list, of what had ended by then, is part of
    /// what it was.
    pub(crate) fn joined(
        &self,
        slots: &Slots,
        (slot, mention): (u32, bool),
        (from, until): (Option<Date>, Option<Date>),
        on: Date,
    ) -> Option<u32> {
        let beside = || self.beside(slots, slot, (from, until));
        let claim = |at: &u32| &self.all[*at as usize];
        let ended = |claim: &Claim| {
            let until = claim.until.or(until);
            (from.is_none() || claim.from.is_none()) && until.is_some_and(|until| until <= on)
        };
        let part = |at: &u32| mention || claim(at).mention || ended(claim(at));
        let same = beside().find(|at| claim(at).from == from);
        same.or_else(|| beside().find(part))
    }

    /// Makes a claim, or adds to the one it joins. `on` is the day of the list.
    pub(crate) fn make(&mut self, slots: &mut Slots, says: Statement, row: usize, on: Date) {
        let span = (says.from, says.until);
        let beside: Vec<u32> = self.beside(slots, says.slot, span).collect();
        let mut own = beside.iter().filter_map(|at| self.all[*at as usize].until);
        // What ends, ends in all that is said of it; of two ends the first that was said.
        let until = own.next_back().or(says.until);
        for claim in beside.iter().map(|at| *at as usize) {
            let claim = &mut self.all[claim];
            if let Some(ends) = says.until.filter(|_| claim.until.is_none()) {
                claim.until = Some(ends);
                claim.from = claim.from.or(says.from.filter(|_| ends <= on));
            }
        }
        let of = (says.slot, says.mention);
        if let Some(at) = self.joined(slots, of, span, on) {
            return self.add(at, says, on);
        }
        let slot = slots.of(says.slot);
        let said = Said::of(says.body);
        self.all.push(Claim {
            slot: says.slot,
            row: u32::try_from(row).unwrap_or(u32::MAX),
            from: says.from,
            until,
            fields: said.spoken,
            as_read: said.spoken.without(said.told()),
            mention: says.mention,
            body: u32::try_from(self.bodies.len()).unwrap_or(u32::MAX),
            before: slot.claim,
        });
        slot.claim = u32::try_from(self.all.len() - 1).ok();
        self.bodies.push(&said.values);
    }

    fn add(&mut self, at: u32, says: Statement, on: Date) {
        let claim = &mut self.all[at as usize];
        let starts = (claim.from, says.from);
        claim.from = match starts {
            (Some(one), Some(other)) => Some(one.min(other)),
            // What holds from the day of the list holds from an earlier day, if one is named.
            (one, other) => one.or(other).filter(|named| *named <= on),
        };
        claim.until = claim.until.or(says.until);
        claim.mention &= says.mention;
        let said = Said::of(says.body);
        let told = said.told();
        // A value stands before what could not be read.
        if said.spoken.within(claim.fields) && told.and(claim.as_read).is_empty() {
            return;
        }
        let mut body = self.bodies.get(claim.body as usize);
        for (field, value) in said.values.into_iter().enumerate() {
            let new = said.spoken.has(field) && !claim.fields.has(field);
            if new || told.has(field) && claim.as_read.has(field) {
                body[field] = value;
            }
        }
        let claim = &mut self.all[at as usize];
        let as_read = FieldSet(claim.as_read.0 | said.spoken.without(told).0);
        let told = FieldSet(claim.told().0 | told.0);
        claim.as_read = as_read.without(told);
        claim.fields = FieldSet(told.0 | claim.as_read.0);
        claim.body = u32::try_from(self.bodies.len()).unwrap_or(u32::MAX);
        self.bodies.push(&body);
    }
}

/// The value of a reference to a slot.
pub(crate) fn reference(slot: u32) -> Value {
    Value::Int(i64::from(slot))
}

/// The slot a reference names.
pub(crate) fn slot_of(value: &Value) -> Option<u32> {
    u32::try_from(value.as_int()?).ok()
}
