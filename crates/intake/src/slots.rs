//! Which records the rows of a file speak of. Every step of every row gets a slot, one for each record however many rows name
//! it, and the ledger is asked once for each key, in batches. Slots then hold the record as it is and as the import makes it.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::UnitCode;
use ledger::{Found, Ledger, LedgerError};
use pack::{FieldType, Record, Register, Unique, Value};

use crate::packed::PackedRecords;
use crate::rows::{Rows, State};
use crate::script::{Origin, Script, Step};
use crate::who::{Recognised, Who};

/// A record as it is in the ledger, and as this import makes it.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub register_at: usize,
    /// The book it is in, or would be opened in.
    pub book: UnitCode,
    /// The record in the ledger.
    pub found: Option<Box<Found>>,
    /// Where its values are among the bodies: read from the ledger when first needed, then as changed.
    body: Option<u32>,
    /// Since when it is true, if this import opens it.
    pub opened: Option<Date>,
    pub changed: bool,
    pub closed_on: Option<Date>,
    /// The fields a row of this import has given, by bit.
    pub given: u128,
    /// The first row that gave any.
    pub giver: u32,
    /// The birth, if the key is an ID number.
    pub birth: Option<Date>,
    /// The slot that took its place, after it was closed and opened anew.
    pub next: Option<u32>,
}

/// The record a step of a row speaks of. There is one for each step of each row, so it is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// None: the step is left out.
    None,
    /// This one.
    Slot(u32),
    /// It can't be told, because this field of its identity is blank.
    Unclear(u16),
    /// It would open the book of a unit that isn't below the one imported for.
    Outside,
}

/// The slots of a file.
pub(crate) struct Known {
    pub slots: Vec<Slot>,
    /// For each step, for each row.
    pub targets: Vec<Vec<Target>>,
    /// The values of slots. References to records that have no number yet are negative: −1 − slot. What was replaced stays.
    bodies: PackedRecords,
}

impl Known {
    /// A slot's values, if they have been read or given.
    pub(crate) fn body(&self, slot: u32) -> Option<Record> {
        let at = self.slots[slot as usize].body?;
        Some(self.bodies.get(at as usize))
    }

    pub(crate) fn has_body(&self, slot: u32) -> bool {
        self.slots[slot as usize].body.is_some()
    }

    pub(crate) fn set_body(&mut self, slot: u32, body: &Record) {
        self.slots[slot as usize].body = u32::try_from(self.bodies.len()).ok();
        self.bodies.push(body);
    }

    /// Adds a slot, and says which it is.
    pub(crate) fn add(&mut self, slot: Slot) -> u32 {
        self.slots.push(slot);
        u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
    }
}

impl Slot {
    pub(crate) fn new(
        register_at: usize,
        book: UnitCode,
        found: Option<Found>,
        birth: Option<Date>,
    ) -> Slot {
        Slot {
            register_at,
            book: found.as_ref().map_or(book, |f| f.book),
            found: found.map(Box::new),
            body: None,
            opened: None,
            changed: false,
            closed_on: None,
            given: 0,
            giver: 0,
            birth,
            next: None,
        }
    }

    /// Whether the record is open, in the ledger or by this import.
    pub(crate) fn is_open(&self) -> bool {
        self.closed_on.is_none()
            && (self.opened.is_some() || self.found.as_ref().is_some_and(|f| !f.closed))
    }

    /// Whether it was open once.
    pub(crate) fn is_closed(&self) -> bool {
        !self.is_open() && (self.closed_on.is_some() || self.found.is_some())
    }
}

/// What the look-up needs to know about the import.
pub(crate) struct Scene<'a> {
    pub ledger: &'a Ledger,
    pub script: &'a Script<'a>,
    pub rows: &'a Rows,
    pub unit: UnitCode,
    /// Whether the unit has a book already.
    pub has_book: bool,
    pub on: Date,
    /// Who the rows are about, if the roster is about people.
    pub recognised: Option<&'a Recognised>,
}

impl Scene<'_> {
    pub(crate) async fn look_up(&self) -> Result<Known, LedgerError> {
        let mut known = Known {
            slots: Vec::new(),
            targets: Vec::with_capacity(self.script.writes.len()),
            bodies: PackedRecords::default(),
        };
        let mut by_key: HashMap<usize, HashMap<String, u32>> = HashMap::new();
        for (at, step) in self.script.writes.iter().enumerate() {
            let keys = by_key.entry(step.register_at).or_default();
            let (targets, fresh) = match self.recognised {
                Some(recognised) if self.script.is_main(at) => {
                    let targets = self.people(step, recognised, &mut known, keys);
                    (targets, Vec::new())
                }
                _ => self.targets(step, &mut known, keys),
            };
            known.targets.push(targets);
            let later = &self.script.writes[at + 1..];
            if later.iter().all(|l| l.register_at != step.register_at) {
                by_key.remove(&step.register_at);
            }
            self.ask(step, &mut known, fresh).await?;
        }
        Ok(known)
    }

    /// The targets of a step, and the keys the ledger has to be asked for with their slots.
    fn targets(
        &self,
        step: &Step<'_>,
        known: &mut Known,
        keys: &mut HashMap<String, u32>,
    ) -> (Vec<Target>, Vec<(u32, String)>) {
        let mut targets = Vec::with_capacity(self.rows.rows.len());
        let mut fresh = Vec::new();
        let mut key = String::new();
        let mut values = Vec::new();
        for (at, row) in self.rows.rows.iter().enumerate() {
            if row.state != State::Clean || self.recognised.is_some_and(|r| r.held(at)) {
                targets.push(Target::None);
                continue;
            }
            self.rows.read(at, &mut values);
            key.clear();
            let part = self.key(step, &values, at, known, &mut key);
            targets.push(match part {
                Err(target) => target,
                Ok((book, asks)) => match keys.get(&key) {
                    Some(&slot) => Target::Slot(slot),
                    None => {
                        let birth = birth_in_key(step.register, &key);
                        let slot = known.add(Slot::new(step.register_at, book, None, birth));
                        if asks {
                            fresh.push((slot, key.clone()));
                        }
                        keys.insert(key.clone(), slot);
                        Target::Slot(slot)
                    }
                },
            });
        }
        (targets, fresh)
    }

    /// The people the rows are about, as they were recognised. Somebody new is known by their number within the file, if it is
    /// theirs, and otherwise by their row.
    fn people(
        &self,
        step: &Step<'_>,
        recognised: &Recognised,
        known: &mut Known,
        keys: &mut HashMap<String, u32>,
    ) -> Vec<Target> {
        let mut targets = Vec::with_capacity(self.rows.rows.len());
        for (at, row) in self.rows.rows.iter().enumerate() {
            if row.state != State::Clean || recognised.held(at) {
                targets.push(Target::None);
                continue;
            }
            let person = match recognised.who[at] {
                Who::Known(person) => Some(&recognised.persons[person]),
                _ => None,
            };
            let key = match person {
                Some(found) => format!("@{}", found.record),
                None => self
                    .own_number(step, at, recognised)
                    .unwrap_or_else(|| format!("#{at}")),
            };
            let slot = *keys.entry(key).or_insert_with_key(|key| {
                let birth = birth_in_key(step.register, key).or_else(|| recognised.births[at]);
                let found = person.cloned();
                known.add(Slot::new(step.register_at, self.unit, found, birth))
            });
            // Other steps of the file refer to the person by number.
            if let Some(number) = person.and_then(|found| number_of(step.register, found)) {
                keys.entry(number).or_insert(slot);
            }
            targets.push(Target::Slot(slot));
        }
        targets
    }

    fn own_number(&self, step: &Step<'_>, row: usize, recognised: &Recognised) -> Option<String> {
        let (field, origin) = step.identity.first()?;
        let kind = &step.register.fields[*field].kind;
        let number = plain_value(origin, &self.rows.values(row), kind, self.on, self.unit)?;
        (!recognised.contested.contains(&row)).then(|| number.to_string())
    }

    /// Writes the identity key of a step's record, as [`Register::identity_key`] does, and says in which book the record
    /// belongs and whether the ledger may know it: a key that names a record not yet numbered can't be there.
    fn key(
        &self,
        step: &Step<'_>,
        values: &[Option<Value>],
        row: usize,
        known: &Known,
        key: &mut String,
    ) -> Result<(UnitCode, bool), Target> {
        if step.only_if.is_some_and(|c| values[c].is_none()) {
            return Err(Target::None);
        }
        let mut asks = true;
        let mut book = self.unit;
        for (n, (field, origin)) in step.identity.iter().enumerate() {
            if n > 0 {
                key.push('|');
            }
            if let Origin::Step(earlier) = origin {
                let Target::Slot(slot) = known.targets[*earlier][row] else {
                    return Err(Target::None);
                };
                match &known.slots[slot as usize].found {
                    Some(found) => key.push_str(&found.record.to_string()),
                    None => {
                        asks = false;
                        key.push_str(&format!("#{slot}"));
                    }
                }
                continue;
            }
            let kind = &step.register.fields[*field].kind;
            let Some(value) = plain_value(origin, values, kind, self.on, self.unit) else {
                return Err(Target::Unclear(u16::try_from(*field).unwrap_or(0)));
            };
            if step.opens_book == Some(*field) {
                book = self.own_book(&value)?;
            }
            push_key(&value, key);
        }
        Ok((book, asks))
    }

    fn own_book(&self, value: &Value) -> Result<UnitCode, Target> {
        let Some(unit) = value.as_text().and_then(|t| t.parse::<UnitCode>().ok()) else {
            return Err(Target::None);
        };
        if self.unit.contains(&unit) {
            Ok(unit)
        } else {
            Err(Target::Outside)
        }
    }

    async fn ask(
        &self,
        step: &Step<'_>,
        known: &mut Known,
        fresh: Vec<(u32, String)>,
    ) -> Result<(), LedgerError> {
        if fresh.is_empty() || (step.register.unique == Unique::Book && !self.has_book) {
            return Ok(());
        }
        let (slots, keys): (Vec<u32>, Vec<String>) = fresh.into_iter().unzip();
        let found = self
            .ledger
            .find(&step.register.id, self.unit, &keys)
            .await?;
        for (slot, found) in slots.into_iter().zip(found) {
            if let Some(found) = found {
                let slot = &mut known.slots[slot as usize];
                slot.book = found.book;
                slot.found = Some(Box::new(found));
            }
        }
        Ok(())
    }
}

/// The value of a field that is no reference.
pub(crate) fn plain_value(
    origin: &Origin,
    values: &[Option<Value>],
    kind: &FieldType,
    on: Date,
    unit: UnitCode,
) -> Option<Value> {
    match origin {
        Origin::Column(c) => crate::script::convert(values[*c].clone()?, kind),
        Origin::Birth(c) => values[*c]
            .as_ref()?
            .as_text()
            .and_then(birth_of)
            .map(Value::Date),
        Origin::Sex(c) => values[*c]
            .as_ref()?
            .as_text()
            .and_then(sex_of)
            .map(Value::Text),
        Origin::Literal(value) => Some(value.clone()),
        Origin::Today => Some(Value::Date(on)),
        Origin::Unit => Some(Value::Text(unit.to_string())),
        Origin::Step(_) => None,
    }
}

fn push_key(value: &Value, key: &mut String) {
    match value {
        Value::Text(text) if text.contains(['|', '\\']) => {
            key.push_str(&text.replace('\\', "\\\\").replace('|', "\\|"));
        }
        Value::Text(text) => key.push_str(text),
        other => key.push_str(&other.to_string()),
    }
}

/// The birth in a checked ID number.
pub(crate) fn birth_of(id: &str) -> Option<Date> {
    Date::new(
        id.get(6..10)?.parse().ok()?,
        id.get(10..12)?.parse().ok()?,
        id.get(12..14)?.parse().ok()?,
    )
    .ok()
}

/// The sex in a checked ID number, as GB/T 2261.1 codes it.
pub(crate) fn sex_of(id: &str) -> Option<String> {
    let order = id.as_bytes().get(16)?;
    Some(if order % 2 == 1 { "1" } else { "2" }.to_owned())
}

fn birth_in_key(register: &Register, key: &str) -> Option<Date> {
    let [only] = register.identity.as_slice() else {
        return None;
    };
    let (_, field) = register.field(only)?;
    (field.kind == FieldType::IdNumber)
        .then(|| birth_of(key))
        .flatten()
}

/// The identity of a record found.
fn number_of(register: &Register, found: &Found) -> Option<String> {
    register.identity_key(&register.decode(&found.body).ok()?)
}
