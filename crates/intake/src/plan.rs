//! What the rows of a file say. Rows are carried out in order, each wholly or not at all: first everything a row says is worked
//! out against what is known, then, if nothing speaks against it, claimed. Blank cells say nothing; rows that contradict each
//! other keep the first and say so. Whose word stands is not decided here, only told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use kernel::{Grant, RecordId, Sensitivity, UnitCode, mask, normal};
use ledger::Voice;
use pack::{Field, FieldSet, FieldType, Record, Value};
use tables::Snapshot;

use crate::claims::{Claims, Statement, reference, slot_of};
use crate::finding::Finding;
use crate::rows::Rows;
use crate::said::{birth_of, plain_value, sex_of};
use crate::script::{Origin, Script, Step};
use crate::slots::{Slots, Target};
use crate::who::Recognised;

mod hear;
mod once;
mod ring;

use hear::Heard;
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
    children: HashMap<u32, Vec<u32>>,
    /// Whose a number is by an earlier row, by slot.
    claimed: HashMap<String, u32>,
    once: Once,
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
}

impl<'a> RowPlan<'a> {
    pub(crate) fn new(setting: Setting<'a>, slots: Slots) -> RowPlan<'a> {
        RowPlan {
            once: Once::of(&setting),
            tallies: vec![Tally::default(); setting.script.pack.registers.len()],
            setting,
            slots,
            claims: Claims::default(),
            undated: 0,
            refused: BTreeSet::new(),
            children: HashMap::new(),
            claimed: HashMap::new(),
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

    /// What a row does, step by step.
    fn work_out(&self, row: &mut RowDraft<'_>) -> Result<(), Finding> {
        for step in 0..self.setting.script.writes.len() {
            self.same_twice(step, row.at)?;
            self.step(step, row)?;
        }
        Ok(())
    }

    fn unit(&self) -> UnitCode {
        self.setting.voice.unit
    }

    /// The register of a slot.
    pub(crate) fn register_of(&self, slot: u32) -> &'a pack::Register {
        let at = usize::from(self.slots.get(slot).register_at);
        &self.setting.script.pack.registers[at]
    }

    /// What becomes of records, by register; of registers of which none is touched, nothing.
    pub(crate) fn registers(&self) -> BTreeMap<String, Tally> {
        let registers = self.setting.script.pack.registers.iter().zip(&self.tallies);
        registers
            .filter(|(_, tally)| **tally != Tally::default())
            .map(|(register, tally)| (register.id.clone(), *tally))
            .collect()
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
        let at = usize::from(self.slots.get(slot).register_at);
        let (tally, state) = (&mut self.tallies[at], self.slots.of(slot));
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
            && register.id == crate::script::PERSON
            && let [only] = register.identity.as_slice()
            && let Some((at, _)) = register.field(only)
            && let Some(number) = &says.body[at]
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

    /// A row that names one record in two places has a wrong number in one of them.
    fn same_twice(&self, step: usize, row: usize) -> Result<(), Finding> {
        let Some(own) = self.slots.target(step, row) else {
            return Ok(());
        };
        let same = |other: u32| {
            let (own, other) = (self.slots.get(own), self.slots.get(other));
            own.register_at == other.register_at && own.found.is_some() && own.found == other.found
        };
        let mut others = (0..step).filter_map(|step| self.slots.target(step, row));
        if others.any(|other| other == own || same(other)) {
            let register = &self.setting.script.writes[step].register;
            return Err(Finding::SameTwice {
                register: Box::new(register.name.clone()),
            });
        }
        Ok(())
    }

    fn step(&self, at: usize, row: &mut RowDraft<'_>) -> Result<(), Finding> {
        let step = &self.setting.script.writes[at];
        let slot = match self.slots.targets[at][row.at] {
            Target::None => return Ok(()),
            Target::Outside => return Err(self.outside(step, row.values)),
            Target::Unclear(field) => {
                let field = &step.register.fields[usize::from(field)];
                return Err(missing(field));
            }
            Target::Slot(slot) => slot,
        };
        if let Some(ring) = &step.ring {
            self.link(ring, step, row)?;
        }
        let main = self.setting.script.is_main(at);
        if step.mentions && !main {
            return self.mention(step, slot, row);
        }
        if step.create {
            return self.claim(step, main, slot, row);
        }
        match self.slots.get(slot) {
            state if state.found.is_some() || state.claim.is_some() => {
                self.agrees_with_known(step, slot, row)
            }
            _ => Err(not_known(step)),
        }
    }

    /// That a row names a unit that isn't below the one imported for.
    fn outside(&self, step: &Step<'_>, values: &[Option<Value>]) -> Finding {
        let named = step
            .identity
            .iter()
            .find(|(at, _)| step.opens_book == Some(*at));
        let named = named.and_then(|(at, origin)| {
            let kind = &step.register.fields[*at].kind;
            let unit = plain_value(origin, values, kind, self.setting.on, self.unit())?;
            unit.as_text()?.parse().ok()
        });
        Finding::UnitOutside(named.unwrap_or(self.unit()))
    }

    /// A person the row only names. Nothing is said of them but what the row says to name them, whether they are known or not:
    /// that they are there rests on this list, too. Whoever isn't known is opened as a stub; without a number and a name there
    /// is nobody.
    fn mention(&self, step: &Step<'_>, slot: u32, row: &mut RowDraft<'_>) -> Result<(), Finding> {
        let state = self.slots.get(slot);
        let body = self.named(step, row);
        if state.found.is_some() || state.claim.is_some() {
            self.agrees_with_known(step, slot, row)?;
        } else {
            let lacks = |field: &&(&Field, &Option<Value>)| {
                (field.0.required || step.register.identity.contains(&field.0.id))
                    && field.1.is_none()
            };
            let fields: Vec<_> = step.register.fields.iter().zip(&body).collect();
            if let Some((field, _)) = fields.iter().find(lacks) {
                return Err(match step.create {
                    true => missing(field),
                    false => not_known(step),
                });
            }
        }
        let effect = Effect {
            opens: state.found.is_none() && state.claim.is_none(),
            ..Effect::default()
        };
        row.deeds.push(Deed::Say(
            Statement {
                slot,
                from: self.date(&step.since, row.values),
                until: None,
                fields: fields_of(&body),
                body,
                mention: true,
            },
            effect,
        ));
        Ok(())
    }

    /// What a row says to name somebody: what it sets, the name it checks, and what stands in the number.
    fn named(&self, step: &Step<'_>, row: &RowDraft<'_>) -> Record {
        let mut body: Record = vec![None; step.register.fields.len()];
        for (field, origin) in step.set.iter().chain(&step.check) {
            let value = self.value(step, *field, origin, row);
            body[*field] = body[*field].take().or(value);
        }
        let number = step.identity.first().and_then(|(at, _)| body[*at].clone());
        let number = number.as_ref().and_then(Value::as_text);
        let told = [
            ("birth_date", number.and_then(birth_of).map(Value::Date)),
            ("sex", number.and_then(sex_of).map(Value::Text)),
        ];
        for (field, value) in told {
            if let Some((at, _)) = step.register.field(field)
                && body[at].is_none()
            {
                body[at] = value;
            }
        }
        body
    }

    /// A record the row says something of.
    fn claim(
        &self,
        step: &Step<'_>,
        main: bool,
        slot: u32,
        row: &mut RowDraft<'_>,
    ) -> Result<(), Finding> {
        let (from, until) = self.span(step, row)?;
        let state = *self.slots.get(slot);
        let on = self.setting.on;
        let before = match state.found {
            Some(record) => self.record(step, record),
            None => None,
        };
        let joins = self.claims.joined(&self.slots, slot, (from, until));
        let body = self.spoken(step, main, slot, &before, row);
        if state.found.is_none() && state.claim.is_none() {
            if let Some(field) = lacking(step, &body) {
                return Err(missing(field));
            }
            if !main {
                self.agrees(step, &body, row.values, slot)?;
            }
        } else if !main || state.found.is_none() {
            // Whom of the ledger the row is about has been told by everything that is said; a name that differs is a difference,
            // not a doubt. Rows of one file that share a number must share the name.
            self.agrees_with_known(step, slot, row)?;
        }
        let effect = self.effect(step, slot, joins, (&before, &body, until), row);
        if until.is_none_or(|until| until > on) {
            self.told_twice(step, &body, slot, row);
        }
        row.deeds.push(Deed::Say(
            Statement {
                slot,
                from,
                until,
                fields: fields_of(&body),
                body,
                mention: false,
            },
            Effect {
                undated: from.is_none() && step.since != Origin::Today,
                ..effect
            },
        ));
        Ok(())
    }

    /// From when to when the row says something holds.
    fn span(
        &self,
        step: &Step<'_>,
        row: &mut RowDraft<'_>,
    ) -> Result<(Option<Date>, Option<Date>), Finding> {
        let on = self.setting.on;
        let from = self.date(&step.since, row.values);
        let until = step.until.as_ref().and_then(|u| self.date(u, row.values));
        if let Some(since) = from.filter(|since| *since > on) {
            // Who moves house is announced.
            let soon = on.saturating_add(jiff::Span::new().years(1));
            if step.home.is_none() || since > soon {
                return Err(Finding::BeginsLater { since, on });
            }
            row.doubt(Finding::BeginsSoon { since, on });
        }
        if let (Some(since), Some(until)) = (from, until)
            && until < since
        {
            return Err(Finding::EndsEarlier { since, until });
        }
        Ok((from, until))
    }

    /// The values a row says, without a number that is somebody else's, which is told.
    fn spoken(
        &self,
        step: &Step<'_>,
        main: bool,
        slot: u32,
        before: &Option<Record>,
        row: &mut RowDraft<'_>,
    ) -> Record {
        let mut body: Record = vec![None; step.register.fields.len()];
        for (field, origin) in &step.set {
            let Some(value) = self.value(step, *field, origin, row) else {
                continue;
            };
            let number = main && step.identity.iter().any(|(at, _)| at == field);
            let own = before.as_ref().and_then(|before| before[*field].as_ref());
            if number && own != Some(&value) && self.number_is_taken(row.at, slot, &value) {
                row.doubt(Finding::NumberTaken);
                continue;
            }
            body[*field] = Some(value);
        }
        body
    }

    /// What saying this does to a record, by the words that stand on the day of the list; and what is to be said about that.
    fn effect(
        &self,
        step: &Step<'_>,
        slot: u32,
        joins: Option<u32>,
        (before, body, until): (&Option<Record>, &Record, Option<Date>),
        row: &mut RowDraft<'_>,
    ) -> Effect {
        let state = self.slots.get(slot);
        let (new, ended) = (
            state.found.is_none(),
            until.is_some_and(|until| until <= self.setting.on),
        );
        let mut effect = Effect {
            opens: state.claim.is_none() && (new || before.is_none() && !ended),
            ends: ended && (new || before.is_some()),
            ..Effect::default()
        };
        let said = joins.map(|at| self.claims.all[at as usize]);
        let earlier = said.as_ref().map(|claim| (claim, self.claims.body(claim)));
        for (field, value) in body.iter().enumerate() {
            let Some(value) = value else { continue };
            let declared = &step.register.fields[field];
            if let Some((claim, earlier)) = &earlier
                && claim.fields.has(field)
            {
                if !alike(earlier[field].as_ref(), value) && !claim.mention {
                    row.doubt(Finding::Differs {
                        row: self.setting.rows.rows[claim.row as usize].number,
                        field: Box::new(declared.name.clone()),
                    });
                }
                continue;
            }
            let (Some(before), Some(record)) = (before, state.found) else {
                continue;
            };
            let value = &self.resolved(declared, value);
            if before[field].as_ref() != Some(value) {
                effect.changes |= self.differs((step, field), record, value, row);
            }
        }
        effect
    }

    /// Hears who says otherwise of a field, and tells it; whether the field gets another value.
    fn differs(
        &self,
        (step, field): (&Step<'_>, usize),
        record: RecordId,
        value: &Value,
        row: &mut RowDraft<'_>,
    ) -> bool {
        let name = || Box::new(step.register.fields[field].name.clone());
        let (doubt, changes) = match self.hear(step.register, record, field, value) {
            Heard::Free => return true,
            Heard::Repeated => return false,
            Heard::Yields(source) => {
                let (field, source) = (name(), Box::new(source));
                (Finding::Yields { field, source }, false)
            }
            Heard::Outranks(source) => {
                let (field, source) = (name(), Box::new(source));
                (Finding::Outranks { field, source }, true)
            }
            Heard::Contested { source, stands } => {
                let (field, source) = (name(), Box::new(source));
                (Finding::Contested { field, source }, stands)
            }
        };
        row.doubt(doubt);
        changes
    }

    /// Whether the number of a row belongs to somebody else, in the ledger or by an earlier row.
    fn number_is_taken(&self, row: usize, slot: u32, number: &Value) -> bool {
        let recognised = self.setting.recognised;
        recognised.is_some_and(|recognised| recognised.contested.contains(&row))
            || self
                .claimed
                .get(&number.to_string())
                .is_some_and(|by| *by != slot)
    }

    /// A record of the ledger on the day of the list.
    fn record(&self, step: &Step<'_>, record: RecordId) -> Option<Record> {
        (self.setting.standing).record(&step.register.id, record, self.setting.on)
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

    /// Whether the fields that must agree with what is known do.
    fn agrees_with_known(
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
    fn agrees(
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
            let said = standing.outranks(&step.register.id, record, at, self.setting.on);
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

    fn date(&self, origin: &Origin, values: &[Option<Value>]) -> Option<Date> {
        if *origin == Origin::Today {
            return None;
        }
        plain_value(
            origin,
            values,
            &FieldType::Date,
            self.setting.on,
            self.unit(),
        )?
        .as_date()
    }

    fn value(
        &self,
        step: &Step<'_>,
        field: usize,
        origin: &Origin,
        row: &RowDraft<'_>,
    ) -> Option<Value> {
        if let Origin::Step(earlier) = origin {
            return self.slots.target(*earlier, row.at).map(reference);
        }
        let kind = &step.register.fields[field].kind;
        plain_value(origin, row.values, kind, self.setting.on, self.unit())
    }

    /// A value as it is compared with what the ledger has: a reference to a slot names its record, of two that are one the one that
    /// stays; 0 if that is new.
    pub(crate) fn resolved(&self, field: &Field, value: &Value) -> Value {
        match (&field.kind, slot_of(value)) {
            (FieldType::Ref(_), Some(slot)) => {
                Value::Int(self.slots.get(slot).found.map_or(0, |record| record.0))
            }
            _ => value.clone(),
        }
    }
}

/// The first field every record must have that a body lacks.
fn lacking<'p>(step: &Step<'p>, body: &Record) -> Option<&'p Field> {
    let mut fields = step.register.fields.iter().zip(body);
    let lacking = fields.find(|(field, value)| field.required && value.is_none());
    lacking.map(|(field, _)| field)
}

fn missing(field: &Field) -> Finding {
    Finding::FieldMissing {
        field: Box::new(field.name.clone()),
    }
}

fn not_known(step: &Step<'_>) -> Finding {
    Finding::NotKnown {
        register: Box::new(step.register.name.clone()),
    }
}

/// The fields that have a value.
fn fields_of(body: &Record) -> FieldSet {
    let mut fields = FieldSet::NONE;
    for (at, value) in body.iter().enumerate() {
        if value.is_some() {
            fields.add(at);
        }
    }
    fields
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Opened => 0,
        Verdict::Changed => 1,
        Verdict::Closed => 2,
        _ => 3,
    }
}

/// Whether two values say the same; words may differ in width and spaces.
pub(crate) fn alike(known: Option<&Value>, given: &Value) -> bool {
    match (known, given) {
        (Some(Value::Text(a)), Value::Text(b)) => a == b || normal(a) == normal(b),
        (known, given) => known == Some(given),
    }
}

fn masked(field: &Field, known: &Value) -> Box<str> {
    let words = known.to_string();
    match field.sensitivity {
        Sensitivity::Open => words.into(),
        other => mask::apply(other, &words).into(),
    }
}
