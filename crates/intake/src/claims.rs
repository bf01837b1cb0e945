//! What a list says, record by record: one claim for each record and span it speaks of, put together from all its rows. A row
//! that says more of a record adds to its claim; what an earlier row said of a field stays.

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

    /// The claim on a slot that a span adds to: of spans that don't touch, each is a claim of its own.
    pub(crate) fn joined(
        &self,
        slots: &Slots,
        slot: u32,
        (from, until): (Option<Date>, Option<Date>),
    ) -> Option<u32> {
        let begins_after = |from: Option<Date>, until: Option<Date>| matches!((from, until), (Some(from), Some(until)) if from >= until);
        self.on(slots, slot).find(|at| {
            let claim = &self.all[*at as usize];
            !begins_after(from, claim.until) && !begins_after(claim.from, until)
        })
    }

    /// Makes a claim, or adds to the one it joins. `on` is the day of the list.
    pub(crate) fn make(&mut self, slots: &mut Slots, says: Statement, row: usize, on: Date) {
        if let Some(at) = self.joined(slots, says.slot, (says.from, says.until)) {
            return self.add(at, says, on);
        }
        let slot = slots.of(says.slot);
        let said = Said::of(says.body);
        self.all.push(Claim {
            slot: says.slot,
            row: u32::try_from(row).unwrap_or(u32::MAX),
            from: says.from,
            until: says.until,
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
