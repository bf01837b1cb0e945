//! What the rows of a file say. Rows are carried out in order, each wholly or not at all: first everything a row says is worked
//! out against what is known, then, if nothing speaks against it, claimed. Blank cells say nothing; rows that contradict each
//! other keep the first and say so. Whose word stands is not decided here, only told.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::{Grant, RecordId, Sensitivity, UnitCode, glyph, normal};
use ledger::Voice;
use pack::{Field, FieldType, Value};
use tables::{Shelf, Snapshot, Stands};

use crate::claims::{Claims, Statement, slot_of};
use crate::finding::Finding;
use crate::packed::FastMap;
use crate::rows::Rows;
use crate::script::{Script, Step};
use crate::slots::Slots;
use crate::who::Recognised;

mod agree;
mod hear;
mod once;
mod ring;
mod steps;

pub(crate) use hear::{counts_more, same_door};
use once::Once;

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

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It opened at least one record.
    Opened,
    /// It changed a record.
    Changed,
    /// It closed a record.
    Closed,
    /// Everything was known.
    Unchanged,
    /// It may be of somebody known: a person has to say.
    Asked,
    /// It equals an earlier row of the file.
    Repeated,
    /// It is no record: blank where every record has something, or the header again.
    Skipped,
    /// Nothing of it was taken.
    Rejected,
}

/// What the rows of a file are held against.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub script: &'a Script<'a>,
    pub standing: &'a Snapshot,
    pub rows: &'a Rows,
    pub grant: &'a Grant,
    /// Whose list it is.
    pub voice: &'a Voice,
    pub on: Date,
    pub recognised: Option<&'a Recognised>,
}

/// What the rows of a file say.
pub(crate) struct RowPlan<'a> {
    pub setting: Setting<'a>,
    pub slots: Slots,
    pub claims: Claims,
    /// How many records were opened without a start date.
    pub undated: usize,
    /// What becomes of records, by the register's position in the pack.
    pub tallies: Vec<Tally>,
    /// People of the ledger whose rows were refused.
    pub refused: BTreeSet<i64>,
    /// Links parent → children accepted so far, by slot.
    children: FastMap<u32, Vec<u32>>,
    /// Whose a number is by an earlier row, by slot.
    claimed: FastMap<String, u32>,
    /// The people who turned out to be two, with the slot and the row that first name them.
    merged: BTreeMap<RecordId, Option<(u32, usize)>>,
    once: Once,
    /// What the ledger knows, by the register's position in the pack: of those the roster writes to.
    shelves: Vec<Option<Shelf<'a>>>,
}

/// One thing a row does.
enum Deed {
    Say(Statement, Effect),
    Link { parent: u32, child: u32 },
}

/// What saying something does to a record.
#[derive(Debug, Clone, Copy, Default)]
struct Effect {
    /// It wasn't there.
    opens: bool,
    /// It gets another value.
    changes: bool,
    /// It ends.
    ends: bool,
    /// It has no start date.
    undated: bool,
}

/// A row while it is worked out.
struct RowDraft<'r> {
    at: usize,
    values: &'r [Option<Value>],
    deeds: Vec<Deed>,
    doubts: Vec<Finding>,
}

impl RowDraft<'_> {
    fn doubt(&mut self, finding: Finding) {
        // A person and what is about them may differ in the same.
        if !self.doubts.contains(&finding) {
            self.doubts.push(finding);
        }
    }

    /// Whether an earlier write of the row says something of a record.
    fn says_of(&self, slot: u32) -> bool {
        let mut said = self.deeds.iter();
        said.any(|deed| matches!(deed, Deed::Say(statement, _) if statement.slot == slot))
    }
}

impl<'a> RowPlan<'a> {
    pub(crate) fn new(setting: Setting<'a>, slots: Slots) -> RowPlan<'a> {
        let script = setting.script;
        let writes = |register: &pack::Register| {
            let mut steps = script.writes.iter();
            steps.any(|step| step.register.id == register.id)
        };
        let shelf = |register: &pack::Register| {
            let written = writes(register).then_some(&register.id)?;
            setting.standing.shelf(written)
        };
        RowPlan {
            shelves: script.pack.registers.iter().map(shelf).collect(),
            once: Once::of(&setting),
            tallies: vec![Tally::default(); setting.script.pack.registers.len()],
            setting,
            slots,
            claims: Claims::default(),
            undated: 0,
            refused: BTreeSet::new(),
            children: FastMap::default(),
            claimed: FastMap::default(),
            merged: (setting.standing.doubles().into_keys())
                .map(|person| (person, None))
                .collect(),
        }
    }

    /// Carries out one row: what became of it and the doubts it left, or why it was refused.
    pub(crate) fn row(
        &mut self,
        at: usize,
        values: &[Option<Value>],
    ) -> Result<(Verdict, Vec<Finding>), Finding> {
        let mut row = RowDraft {
            at,
            values,
            deeds: Vec::new(),
            doubts: Vec::new(),
        };
        if let Err(refused) = self.work_out(&mut row) {
            let person = self
                .person_of(at)
                .and_then(|slot| self.slots.get(slot).found);
            self.refused.extend(person.map(|person| person.0));
            return Err(refused);
        }
        let RowDraft { deeds, doubts, .. } = row;
        let mut verdict = Verdict::Unchanged;
        for deed in deeds {
            let done = self.apply(deed, at);
            if rank(done) < rank(verdict) {
                verdict = done;
            }
        }
        Ok((verdict, doubts))
    }

    fn unit(&self) -> UnitCode {
        self.setting.voice.unit
    }

    /// The register of a slot.
    pub(crate) fn register_of(&self, slot: u32) -> &'a pack::Register {
        let at = usize::from(self.slots.get(slot).register_at);
        &self.setting.script.pack.registers[at]
    }

    /// Whether a slot is of a person.
    pub(crate) fn is_person(&self, slot: u32) -> bool {
        self.register_of(slot).id == self.setting.script.contract.people.register.id
    }

    /// What becomes of records, by register; of registers of which none is touched, nothing.
    pub(crate) fn registers(&self) -> BTreeMap<String, Tally> {
        let registers = self.setting.script.pack.registers.iter().zip(&self.tallies);
        registers
            .filter(|(_, tally)| **tally != Tally::default())
            .map(|(register, tally)| (register.id.clone(), *tally))
            .collect()
    }

    /// Whether somebody turned out to be two.
    pub(crate) fn is_merged(&self, person: RecordId) -> bool {
        self.merged.contains_key(&person)
    }

    /// Whom a row is about, by slot.
    pub(crate) fn person_of(&self, row: usize) -> Option<u32> {
        let people = self.setting.script.people.as_ref()?;
        self.slots.target(people.step, row)
    }

    /// Carries out what a row was found to do. What it may do has been judged before; nothing here refuses.
    fn apply(&mut self, deed: Deed, row: usize) -> Verdict {
        let (says, effect) = match deed {
            Deed::Say(says, effect) => (says, effect),
            Deed::Link { parent, child } => {
                self.children.entry(parent).or_default().push(child);
                return Verdict::Unchanged;
            }
        };
        let slot = says.slot;
        self.claim_number(slot, &says);
        self.settle_home(slot, &says);
        let found = self.slots.get(slot).found;
        if let Some(first) = found.and_then(|person| self.merged.get_mut(&person)) {
            first.get_or_insert((slot, row));
        }
        let at = usize::from(self.slots.get(slot).register_at);
        // A list of things done says what a desk would say row by row.
        let roster = &self.setting.voice.roster;
        let at_desk = roster.is_empty() || self.setting.script.pack.action(roster).is_some();
        let (tally, state) = (&mut self.tallies[at], self.slots.of(slot));
        state.reopens |= effect.opens && at_desk && state.by_key.is_some() && !says.mention;
        tally.opened += usize::from(effect.opens);
        tally.closed += usize::from(effect.ends);
        let changes = effect.changes && !effect.opens;
        tally.changed += usize::from(changes && !state.changed);
        state.changed |= effect.changes || effect.opens;
        self.undated += usize::from(effect.opens && effect.undated);
        let people = self.setting.script.people.as_ref();
        let person = people.map(|people| self.setting.script.writes[people.step].register_at);
        self.claims
            .make(&mut self.slots, says, row, self.setting.on);
        match effect {
            // A record more of somebody a list is about is a change of theirs.
            Effect { opens: true, .. } if person.is_some_and(|person| person != at) => {
                Verdict::Changed
            }
            Effect { opens: true, .. } => Verdict::Opened,
            Effect { changes: true, .. } => Verdict::Changed,
            Effect { ends: true, .. } => Verdict::Closed,
            _ => Verdict::Unchanged,
        }
    }

    /// Remembers whose number it is within the file.
    fn claim_number(&mut self, slot: u32, says: &Statement) {
        let register = self.register_of(slot);
        if self.setting.recognised.is_some()
            && self.is_person(slot)
            && let [only] = register.identity.as_slice()
            && let Some((at, _)) = register.field(only)
            && let Some(number) = says.body[at].as_ref().filter(|number| !number.is_as_read())
        {
            self.claimed.entry(number.to_string()).or_insert(slot);
        }
    }

    /// Remembers to whom a home is given.
    fn settle_home(&mut self, slot: u32, says: &Statement) {
        let Some(home) = &self.register_of(slot).home else {
            return;
        };
        let register = self.register_of(slot);
        let person = register
            .field(&home.person)
            .and_then(|(at, _)| says.body[at].as_ref());
        if let Some(person) = person.and_then(slot_of) {
            self.slots.of(person).homed = true;
        }
    }

    /// What the ledger knows of a register that the roster writes to, by its position in the pack.
    pub(crate) fn shelf(&self, register_at: usize) -> Option<&Shelf<'a>> {
        self.shelves.get(register_at)?.as_ref()
    }

    /// A record of the ledger on the day of the list.
    fn record(&self, step: &Step<'_>, record: RecordId) -> Option<Stands<'_>> {
        self.shelf(step.register_at)?
            .record(record, self.setting.on)
    }

    /// A value as it is compared with what the ledger has: a reference to a slot names its record, of two that are one the one that
    /// stays; 0 if that is new.
    pub(crate) fn resolved<'v>(&self, field: &Field, value: &'v Value) -> Cow<'v, Value> {
        match (&field.kind, slot_of(value)) {
            (FieldType::Ref(_), Some(slot)) => {
                let found = self.slots.get(slot).found;
                Cow::Owned(Value::Int(found.map_or(0, |record| record.0)))
            }
            _ => Cow::Borrowed(value),
        }
    }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Opened => 0,
        Verdict::Changed => 1,
        Verdict::Closed => 2,
        _ => 3,
    }
}

/// Whether two values of a field say the same: words may differ in width and spaces, names of people in variant characters and in
/// the marks between their parts, too.
pub(crate) fn alike(field: &Field, known: Option<&Value>, given: &Value) -> bool {
    match (known, given) {
        (Some(Value::Text(a)), Value::Text(b)) => {
            a == b
                || normal(a) == normal(b)
                || field.sensitivity == Sensitivity::Name && glyph::same_name(a, b)
        }
        (known, given) => known == Some(given),
    }
}
