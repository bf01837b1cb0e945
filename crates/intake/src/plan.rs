//! What the rows of a file change. Rows are carried out in order, each wholly or not at all: first everything a row wants is
//! worked out against what is known, then, if nothing speaks against it, applied. Blank cells never erase; equal values change
//! nothing; rows that contradict each other keep the first and say so.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use kernel::{Grant, Sensitivity, UnitCode, mask, normal};
use pack::{Field, Record, Value};

use crate::finding::Finding;
use crate::known::{Known, Target, plain_value};
use crate::script::{LISTING, Origin, Script, Step};

mod apply;
mod leave;
mod ring;
mod word;

pub use leave::{Absence, Absent, Gone, Kept};
pub(crate) use leave::{Before, set};
use word::Heard;
pub(crate) use word::Word;

/// In the place of the row where a mark comes from none.
const NO_ROW: usize = usize::MAX;

/// What is written for a record, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Open,
    Change,
    Close,
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

pub(crate) struct Plan<'a> {
    pub script: &'a Script<'a>,
    pub known: Known,
    pub unit: UnitCode,
    pub on: Date,
    pub grant: &'a Grant,
    /// Slots and what is written for them.
    pub marks: Vec<(u32, Mark)>,
    /// The row each mark comes from, or [`NO_ROW`].
    pub rows: Vec<usize>,
    /// How many records were opened without a start date.
    pub undated: usize,
    /// Links parent → children accepted so far, by slot.
    children: HashMap<u32, Vec<u32>>,
    /// Who the rows are about, and what other lists say of them.
    pub people: Option<Word<'a>>,
    /// Whose a number is by an earlier row, by slot.
    claimed: HashMap<String, u32>,
    /// The listings of people several rows speak of.
    shared: HashSet<u32>,
}

/// One thing a row does to one record.
enum Deed {
    Open {
        slot: u32,
        since: Date,
        undated: bool,
        body: Record,
    },
    Give {
        slot: u32,
        values: Vec<(usize, Option<Value>)>,
        given: u128,
        since: Option<Date>,
    },
    Close {
        slot: u32,
        on: Date,
    },
    Link {
        parent: u32,
        child: u32,
    },
}

/// A row while it is worked out.
struct Draft<'r> {
    at: usize,
    values: &'r [Option<Value>],
    deeds: Vec<Deed>,
    doubts: Vec<Finding>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(
        script: &'a Script<'a>,
        known: Known,
        unit: UnitCode,
        on: Date,
        grant: &'a Grant,
        people: Option<Word<'a>>,
    ) -> Plan<'a> {
        let mut seen = HashSet::new();
        let listings = script
            .people
            .as_ref()
            .map(|people| &known.targets[people.listing]);
        let shared = (listings.into_iter().flatten())
            .filter_map(|target| match target {
                Target::Slot(slot) if !seen.insert(*slot) => Some(*slot),
                _ => None,
            })
            .collect();
        Plan {
            script,
            known,
            unit,
            on,
            grant,
            marks: Vec::new(),
            rows: Vec::new(),
            undated: 0,
            children: HashMap::new(),
            people,
            claimed: HashMap::new(),
            shared,
        }
    }

    /// Carries out one row: what became of it and the doubts it left, or why it was refused.
    pub(crate) fn row(
        &mut self,
        at: usize,
        number: u32,
        values: &[Option<Value>],
    ) -> Result<(Verdict, Vec<Finding>), Finding> {
        let mut row = Draft {
            at,
            values,
            deeds: Vec::new(),
            doubts: Vec::new(),
        };
        for step in 0..self.script.writes.len() {
            self.same_twice(step, at)?;
            self.step(step, &mut row)?;
        }
        let Draft {
            deeds,
            doubts: said,
            ..
        } = row;
        // A person and their listing may differ in the same.
        let mut doubts: Vec<Finding> = Vec::with_capacity(said.len());
        for doubt in said {
            if !doubts.contains(&doubt) {
                doubts.push(doubt);
            }
        }
        let mut verdict = Verdict::Unchanged;
        for deed in deeds {
            // That somebody is on a list is no change of theirs, and a record more of somebody known is a change.
            let listing = self.is_listing(&deed);
            let about = self.is_about_a_person(&deed);
            let done = match self.apply(deed, at, number) {
                Verdict::Opened if about => Verdict::Changed,
                done => done,
            };
            if !listing && rank(done) < rank(verdict) {
                verdict = done;
            }
        }
        Ok((verdict, doubts))
    }

    /// Whether a record is opened that says something of one of the people a list is about.
    fn is_about_a_person(&self, deed: &Deed) -> bool {
        let (Some(people), Deed::Open { slot, .. }) = (&self.script.people, deed) else {
            return false;
        };
        let register = self.known.slots[*slot as usize].register_at;
        register != self.script.writes[people.step].register_at
    }

    fn is_listing(&self, deed: &Deed) -> bool {
        let (Deed::Open { slot, .. } | Deed::Give { slot, .. } | Deed::Close { slot, .. }) = deed
        else {
            return false;
        };
        let listing = self.script.people.as_ref().map(|people| people.listing);
        let register = listing.map(|listing| self.script.writes[listing].register_at);
        register == Some(self.known.slots[*slot as usize].register_at)
    }

    /// The person of the ledger a row is about.
    fn person(&self, row: usize) -> Option<i64> {
        let people = self.script.people.as_ref()?;
        match self.known.targets[people.step][row] {
            Target::Slot(slot) => {
                let found = self.known.slots[self.current(slot) as usize]
                    .found
                    .as_ref()?;
                Some(found.record.0)
            }
            _ => None,
        }
    }

    /// Whom a row is about, as a reference.
    pub(crate) fn person_of(&self, row: usize) -> Option<Value> {
        let people = self.script.people.as_ref()?;
        match self.known.targets[people.step].get(row)? {
            Target::Slot(slot) => Some(self.reference(self.current(*slot))),
            _ => None,
        }
    }

    /// Whether the number of a row belongs to somebody else, in the ledger or by an earlier row.
    fn number_is_taken(&self, row: usize, slot: u32, number: &Value) -> bool {
        let word = self.people.as_ref();
        word.is_some_and(|word| word.recognised.contested.contains(&row))
            || self
                .claimed
                .get(&number.to_string())
                .is_some_and(|by| *by != slot)
    }

    /// A row that names one record in two places has a wrong number in one of them.
    fn same_twice(&self, step: usize, row: usize) -> Result<(), Finding> {
        let Target::Slot(own) = self.known.targets[step][row] else {
            return Ok(());
        };
        let twice = (0..step).any(|s| self.known.targets[s][row] == Target::Slot(own));
        if twice {
            return Err(Finding::SameTwice {
                register: Box::new(self.script.writes[step].register.name.clone()),
            });
        }
        Ok(())
    }

    fn step(&mut self, at: usize, row: &mut Draft<'_>) -> Result<(), Finding> {
        let script = self.script;
        let step = &script.writes[at];
        let slot = match self.known.targets[at][row.at] {
            Target::None => return Ok(()),
            Target::Outside => return Err(self.outside(step, row.values)),
            Target::Unclear(field) => {
                return Err(Finding::FieldMissing {
                    field: Box::new(step.register.fields[usize::from(field)].name.clone()),
                });
            }
            Target::Slot(slot) => self.current(slot),
        };
        let until = step.until.as_ref().and_then(|u| self.date(u, row.values));
        let main = script.is_main(at);
        if let Some(ring) = &step.ring {
            self.link(ring, step, row)?;
        }
        let state = &self.known.slots[slot as usize];
        if state.is_open() {
            return self.meet(step, main, slot, until, row);
        }
        // What is closed stays so for lists that only refer to it, or that tell of its end again.
        if state.is_closed() && (!step.create || until.is_some()) {
            return Ok(());
        }
        self.open(step, main, slot, until, row)
    }

    /// That a row names a unit that isn't below the one imported for.
    fn outside(&self, step: &Step<'_>, values: &[Option<Value>]) -> Finding {
        let named = step
            .identity
            .iter()
            .find(|(at, _)| step.opens_book == Some(*at));
        let named = named.and_then(|(at, origin)| {
            let kind = &step.register.fields[*at].kind;
            let unit = plain_value(origin, values, kind, self.on, self.unit)?;
            unit.as_text()?.parse().ok()
        });
        Finding::UnitOutside(named.unwrap_or(self.unit))
    }

    /// The slot that stands for a record now.
    fn current(&self, mut slot: u32) -> u32 {
        while let Some(next) = self.known.slots[slot as usize].next {
            slot = next;
        }
        slot
    }

    fn open(
        &mut self,
        step: &Step<'_>,
        main: bool,
        slot: u32,
        until: Option<Date>,
        row: &mut Draft<'_>,
    ) -> Result<(), Finding> {
        if !step.create {
            return Err(Finding::NotKnown {
                register: Box::new(step.register.name.clone()),
            });
        }
        let given = self.date(&step.since, row.values);
        let since = given.unwrap_or_else(|| self.assumed_since(row.at));
        if since > self.on {
            return Err(Finding::BeginsLater { since, on: self.on });
        }
        let mut body: Record = vec![None; step.register.fields.len()];
        for (field, origin) in &step.set {
            if let Some(value) = self.value(step, *field, origin, row) {
                if main && self.is_number(step, *field, slot, &value, row) {
                    continue;
                }
                body[*field] = Some(value);
            }
        }
        for (field, value) in step.register.fields.iter().zip(&body) {
            if field.required && value.is_none() {
                return Err(Finding::FieldMissing {
                    field: Box::new(field.name.clone()),
                });
            }
        }
        if !main {
            self.agrees(step, &body, row.values, true)?;
        }
        row.deeds.push(Deed::Open {
            slot,
            since,
            undated: given.is_none(),
            body,
        });
        if let Some(until) = until {
            if until < since {
                return Err(Finding::EndsEarlier { since, until });
            }
            row.deeds.push(Deed::Close { slot, on: until });
        }
        Ok(())
    }

    /// A record without a start date is taken to hold since the person it is about was born; without one, since today.
    fn assumed_since(&self, row: usize) -> Date {
        self.known
            .targets
            .iter()
            .find_map(|step| match step[row] {
                Target::Slot(slot) => self.known.slots[slot as usize].birth,
                _ => None,
            })
            .unwrap_or(self.on)
    }

    /// A record that is open already.
    fn meet(
        &mut self,
        step: &Step<'_>,
        main: bool,
        slot: u32,
        until: Option<Date>,
        row: &mut Draft<'_>,
    ) -> Result<(), Finding> {
        self.read_body(slot);
        let state = &self.known.slots[slot as usize];
        let Some(body) = &self.known.body(slot) else {
            return Err(Finding::Unreadable {
                register: Box::new(step.register.name.clone()),
            });
        };
        let elsewhere = state.book != self.unit && step.opens_book.is_none();
        // Whom of the ledger the row is about has been told by everything that is said; a name that differs is a difference, not a
        // doubt. Rows of one file that share a number must share the name.
        if !main || state.found.is_none() {
            self.agrees(step, body, row.values, self.grant.sees(&state.book))?;
        }
        if elsewhere {
            if step.claims {
                return Err(Finding::OtherBook {
                    register: Box::new(step.register.name.clone()),
                    book: state.book,
                });
            }
            return Ok(());
        }
        let mut values = Vec::new();
        let mut given = 0_u128;
        // A listing is what the list says now; what it says no more goes, unless several rows speak of somebody.
        let lone = step.register.id == LISTING && !self.shared.contains(&slot);
        for (field, origin) in &step.set {
            let Some(value) = self.value(step, *field, origin, row) else {
                if lone && body[*field].is_some() {
                    values.push((*field, None));
                }
                continue;
            };
            let bit = 1_u128 << field;
            let same = body[*field].as_ref() == Some(&value);
            if !same && state.given & bit != 0 {
                let name = &step.register.fields[*field];
                if !alike(body[*field].as_ref(), &value) {
                    row.doubts.push(Finding::Differs {
                        row: state.giver,
                        field: Box::new(name.name.clone()),
                    });
                }
                continue;
            }
            given |= bit;
            if same {
                continue;
            }
            let number = main && step.identity.iter().any(|(at, _)| at == field);
            if number && self.number_is_taken(row.at, slot, &value) {
                row.doubts.push(Finding::NumberTaken);
            } else if self.may_say(&step.register.fields[*field], &value, row) {
                values.push((*field, Some(value)));
            }
        }
        let since = state
            .opened
            .and_then(|_| self.date(&step.since, row.values));
        if let (Some(since), Some(until)) = (state.opened, until)
            && until < since
        {
            return Err(Finding::EndsEarlier { since, until });
        }
        row.deeds.push(Deed::Give {
            slot,
            values,
            given,
            since,
        });
        if let Some(on) = until {
            row.deeds.push(Deed::Close { slot, on });
        }
        Ok(())
    }

    /// Whether this list's word counts where it differs from what is known.
    fn may_say(&self, field: &Field, value: &Value, row: &mut Draft<'_>) -> bool {
        let (Some(word), Some(person)) = (&self.people, self.person(row.at)) else {
            return true;
        };
        let named = || Box::new(field.name.clone());
        match word.hear(field, person, value) {
            Heard::Free => true,
            Heard::Repeated => false,
            Heard::Yields(source) => {
                let field = named();
                row.doubts.push(Finding::Yields {
                    field,
                    source: Box::new(source),
                });
                false
            }
            Heard::Outranks(source) => {
                let field = named();
                row.doubts.push(Finding::Outranks {
                    field,
                    source: Box::new(source),
                });
                true
            }
        }
    }

    /// Whether a value is a number that is somebody else's, which is then said and left out.
    fn is_number(
        &self,
        step: &Step<'_>,
        field: usize,
        slot: u32,
        value: &Value,
        row: &mut Draft<'_>,
    ) -> bool {
        let number = step.identity.iter().any(|(at, _)| *at == field);
        let taken = number && self.number_is_taken(row.at, slot, value);
        if taken {
            row.doubts.push(Finding::NumberTaken);
        }
        taken
    }

    /// Reads a record of the ledger when it is first needed.
    fn read_body(&mut self, slot: u32) {
        let state = &self.known.slots[slot as usize];
        let register = &self.script.pack.registers[state.register_at];
        if !self.known.has_body(slot)
            && let Some(found) = &state.found
            && let Ok(body) = register.decode(&found.body)
        {
            self.known.set_body(slot, &body);
        }
    }

    /// The fields that must agree with what is known.
    fn agrees(
        &self,
        step: &Step<'_>,
        body: &Record,
        values: &[Option<Value>],
        may_see: bool,
    ) -> Result<(), Finding> {
        for (at, origin) in &step.check {
            let field = &step.register.fields[*at];
            let given = plain_value(origin, values, &field.kind, self.on, self.unit);
            let (Some(given), Some(known)) = (given, &body[*at]) else {
                continue;
            };
            if !alike(Some(known), &given) {
                return Err(Finding::Disagrees {
                    field: Box::new(field.name.clone()),
                    known: may_see.then(|| masked(field, known)),
                });
            }
        }
        Ok(())
    }

    fn date(&self, origin: &Origin, values: &[Option<Value>]) -> Option<Date> {
        plain_value(origin, values, &pack::FieldType::Date, self.on, self.unit)?.as_date()
    }

    fn value(
        &self,
        step: &Step<'_>,
        field: usize,
        origin: &Origin,
        row: &Draft<'_>,
    ) -> Option<Value> {
        if let Origin::Step(earlier) = origin {
            let Target::Slot(slot) = self.known.targets[*earlier][row.at] else {
                return None;
            };
            return Some(self.reference(self.current(slot)));
        }
        plain_value(
            origin,
            row.values,
            &step.register.fields[field].kind,
            self.on,
            self.unit,
        )
    }

    /// The record's number, or for one that has none yet, its slot as a negative number.
    pub(crate) fn reference(&self, slot: u32) -> Value {
        match &self.known.slots[slot as usize].found {
            Some(found) => Value::Int(found.record.0),
            None => Value::Int(-1 - i64::from(slot)),
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
