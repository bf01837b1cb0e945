//! Which records the rows of a file speak of. Every step of every row gets a slot, one for each record however many rows name
//! it, and the ledger is asked once for each key, in batches. What is said of the records stands in `claims`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use ledger::{Ledger, LedgerError};
use pack::{FieldType, Register, Unique, Value};
use tables::Snapshot;

use crate::holder::Holders;
use crate::packed::FastMap;
use crate::rows::{Rows, State};
use crate::said::{birth_of, plain_value};
use crate::script::{Origin, Script, Step};
use crate::who::{Recognised, Who};

/// A record that rows speak of. There is one for each of the rows' records, so it is small.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    /// The register's position in the pack.
    pub register_at: u16,
    /// Whether a home of this unit's is given to the person.
    pub homed: bool,
    /// Whether the key was said of another record once, so that it can't be opened by it.
    pub key_was_others: bool,
    /// Whether this list is told to change it.
    pub changed: bool,
    /// Whether an action says that it is there, though it is known and isn't: it was closed, or taken back.
    pub reopens: bool,
    /// The birth, if the key is an ID number.
    pub birth: Option<Date>,
    /// The record in the ledger, by which the rows are judged; after a merge, the one that stays.
    pub found: Option<RecordId>,
    /// The record that is written to: the one with this very key, which may be a double of what is found. If there is none with it,
    /// one is opened, which is read as the same.
    pub by_key: Option<RecordId>,
    /// Whether nothing tells which of two records that are one is meant: what is said of either was said of it.
    pub either: bool,
    /// Whether somebody picked it: nothing is said of it by naming it.
    pub given: bool,
    /// The last of the claims on it, by place.
    pub claim: Option<u32>,
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
pub(crate) struct Slots {
    pub slots: Vec<Slot>,
    /// For each step, for each row.
    pub targets: Vec<Vec<Target>>,
    /// The steps and rows that give somebody a number which is somebody else's.
    pub others_numbers: BTreeSet<(usize, usize)>,
}

impl Slots {
    /// A slot by its number.
    pub(crate) fn get(&self, slot: u32) -> &Slot {
        &self.slots[slot as usize]
    }

    /// A slot by its number.
    pub(crate) fn of(&mut self, slot: u32) -> &mut Slot {
        &mut self.slots[slot as usize]
    }

    /// The slot a step of a row speaks of, if it speaks of one.
    pub(crate) fn target(&self, step: usize, row: usize) -> Option<u32> {
        match self.targets.get(step)?.get(row)? {
            Target::Slot(slot) => Some(*slot),
            _ => None,
        }
    }

    fn add(&mut self, slot: Slot) -> u32 {
        self.slots.push(slot);
        u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
    }
}

impl Slot {
    fn new(register_at: usize, found: Option<RecordId>, birth: Option<Date>) -> Slot {
        Slot {
            register_at: u16::try_from(register_at).unwrap_or(u16::MAX),
            homed: false,
            key_was_others: false,
            changed: false,
            reopens: false,
            birth,
            found,
            by_key: found,
            either: false,
            given: false,
            claim: None,
        }
    }
}

/// What the look-up needs to know about the import.
pub(crate) struct Scene<'a> {
    pub ledger: &'a Ledger,
    pub standing: &'a Snapshot,
    pub script: &'a Script<'a>,
    pub rows: &'a Rows,
    pub unit: UnitCode,
    /// Whether the unit has a book already.
    pub has_book: bool,
    pub on: Date,
    /// Who the rows are about, if the roster is about people.
    pub recognised: Option<&'a Recognised>,
}

/// The doubles of records that stay: what is about them may be found by the number of either.
type Doubles = BTreeMap<RecordId, Vec<RecordId>>;

/// A key the ledger is asked for.
struct Sought {
    slot: u32,
    key: String,
    /// Whether it is the slot's own, not that of a double.
    own: bool,
}

impl Scene<'_> {
    pub(crate) async fn look_up(&self) -> Result<Slots, LedgerError> {
        // At most one for each step of each row; what isn't needed is never touched.
        let most = self.rows.rows.len() * self.script.writes.len();
        let mut slots = Slots {
            slots: Vec::with_capacity(most),
            targets: Vec::with_capacity(self.script.writes.len()),
            others_numbers: BTreeSet::new(),
        };
        let mut by_key: BTreeMap<usize, FastMap<String, u32>> = BTreeMap::new();
        let doubles = self.standing.doubles();
        for (at, step) in self.script.writes.iter().enumerate() {
            let keys = by_key.entry(step.register_at).or_default();
            let later = &self.script.writes[at + 1..];
            let again = later.iter().any(|l| l.register_at == step.register_at);
            let (targets, fresh) = match self.recognised {
                Some(recognised) if self.script.is_main(at) => {
                    let targets = self.people(step, recognised, &mut slots, keys, again);
                    (targets, Vec::new())
                }
                _ => self.targets((at, step), &mut slots, keys, &doubles),
            };
            slots.targets.push(targets);
            if !again {
                by_key.remove(&step.register_at);
            }
            self.ask(step, &mut slots, fresh).await?;
            if step.of.is_some() {
                self.others_numbers((at, step), &mut slots).await?;
            }
        }
        Ok(slots)
    }

    /// Notes the rows in which a step gives somebody a number that is somebody else's now.
    async fn others_numbers(
        &self,
        (nth, step): (usize, &Step<'_>),
        slots: &mut Slots,
    ) -> Result<(), LedgerError> {
        let people = &self.script.contract.people;
        let sets = |(field, _): &&(usize, Origin)| *field == people.id_number.at;
        let Some((_, origin)) = step.set.iter().find(sets) else {
            return Ok(());
        };
        if step.register.id != people.register.id {
            return Ok(());
        }
        let kind = &people.id_number.kind;
        let numbers = (0..self.rows.rows.len()).filter_map(|row| {
            let slot = slots.target(nth, row)?;
            let number = plain_value(origin, &self.rows.values(row), kind, self.on, self.unit)?;
            Some((row, slots.get(slot).found, number.to_string()))
        });
        let numbers: Vec<(usize, Option<RecordId>, String)> = numbers.collect();
        let keys: Vec<String> = numbers.iter().map(|(.., number)| number.clone()).collect();
        let holders = Holders {
            ledger: self.ledger,
            standing: self.standing,
            people,
            unit: self.unit,
            on: self.on,
        };
        for ((row, own, _), holder) in numbers.into_iter().zip(holders.of(&keys).await?) {
            if holder.is_some_and(|holder| holder.now && Some(holder.record) != own) {
                slots.others_numbers.insert((nth, row));
            }
        }
        Ok(())
    }

    /// The targets of a step, and the keys the ledger has to be asked for with their slots.
    fn targets(
        &self,
        (nth, step): (usize, &Step<'_>),
        slots: &mut Slots,
        keys: &mut FastMap<String, u32>,
        doubles: &Doubles,
    ) -> (Vec<Target>, Vec<Sought>) {
        let mut targets = Vec::with_capacity(self.rows.rows.len());
        let mut fresh = Vec::new();
        let mut key = String::new();
        let mut values = Vec::new();
        for (at, row) in self.rows.rows.iter().enumerate() {
            if row.state != State::Clean || self.recognised.is_some_and(|r| r.held(at)) {
                targets.push(Target::None);
                continue;
            }
            if let Some(earlier) = step.of {
                self.rows.read(at, &mut values);
                let left_out = step.is_left_out(&values);
                let target = slots.targets[earlier][at];
                targets.push(if left_out { Target::None } else { target });
                continue;
            }
            if let Some(record) = self.rows.given(nth, at) {
                targets.push(Target::Slot(self.given(step, record, slots, keys)));
                continue;
            }
            self.rows.read(at, &mut values);
            key.clear();
            let part = self.key(step, &values, at, slots, &mut key);
            targets.push(match part {
                Err(target) => target,
                Ok(asks) => {
                    let either = self.names_either(step, at, slots);
                    Target::Slot(match keys.get(&key) {
                        Some(&slot) => {
                            slots.of(slot).either &= either;
                            slot
                        }
                        None => {
                            let birth = birth_in_key(step.register, &key);
                            let slot = Slot::new(step.register_at, None, birth);
                            let slot = slots.add(Slot { either, ..slot });
                            let sought = |key: &String, own| Sought {
                                slot,
                                key: key.clone(),
                                own,
                            };
                            let others = self.other_keys(step, &values, at, slots, doubles);
                            let others = others.iter().filter(|other| **other != key);
                            fresh.extend(asks.then(|| sought(&key, true)));
                            fresh.extend(others.map(|other| sought(other, false)));
                            keys.insert(key.clone(), slot);
                            slot
                        }
                    })
                }
            });
        }
        (targets, fresh)
    }

    /// The slot of a record that somebody picked. A row that names it by its key speaks of the same.
    fn given(
        &self,
        step: &Step<'_>,
        record: RecordId,
        slots: &mut Slots,
        keys: &mut FastMap<String, u32>,
    ) -> u32 {
        let stays = self.standing.stays(record);
        let shelf = self.standing.shelf(&step.register.id);
        let known = shelf
            .as_ref()
            .and_then(|shelf| shelf.record(record, self.on));
        let key = known.and_then(|known| step.register.identity_key(&known.whole()));
        let key = key.unwrap_or_else(|| format!("={record}"));
        let new = || {
            slots.add(Slot {
                by_key: Some(record),
                given: true,
                ..Slot::new(step.register_at, Some(stays), None)
            })
        };
        *keys.entry(key).or_insert_with(new)
    }

    /// The people the rows are about, as they were recognised. Somebody new is known by their number within the file, if it is
    /// theirs, and otherwise by their row.
    fn people(
        &self,
        step: &Step<'_>,
        recognised: &Recognised,
        slots: &mut Slots,
        keys: &mut FastMap<String, u32>,
        again: bool,
    ) -> Vec<Target> {
        let mut targets = Vec::with_capacity(self.rows.rows.len());
        let mut of_person: FastMap<RecordId, u32> = FastMap::default();
        for (at, row) in self.rows.rows.iter().enumerate() {
            if row.state != State::Clean || recognised.held(at) {
                targets.push(Target::None);
                continue;
            }
            let number = self.own_number(step, at, recognised);
            let birth = (number.as_deref().and_then(birth_of)).or(recognised.births[at]);
            let slot = match recognised.who[at] {
                Who::Known(person) => {
                    let numbered = recognised.numbered.get(&at).copied();
                    let by_key = numbered.unwrap_or(person);
                    let new = || {
                        slots.add(Slot {
                            by_key: Some(by_key),
                            either: true,
                            ..Slot::new(step.register_at, Some(person), birth)
                        })
                    };
                    let slot = *of_person.entry(by_key).or_insert_with(new);
                    slots.of(slot).either &= numbered.is_none();
                    slot
                }
                _ => {
                    let key = number.unwrap_or_else(|| format!("#{at}"));
                    let new = || slots.add(Slot::new(step.register_at, None, birth));
                    *keys.entry(key).or_insert_with(new)
                }
            };
            slots.of(slot).key_was_others |= recognised.once_others.contains(&at);
            targets.push(Target::Slot(slot));
        }
        // Other steps of the file refer to the person by number.
        if let Some(people) = self.standing.shelf(&step.register.id).filter(|_| again) {
            for (at, target) in targets.iter().enumerate() {
                let Target::Slot(slot) = *target else {
                    continue;
                };
                let number = match recognised.numbered.contains_key(&at) {
                    true => self.own_number(step, at, recognised),
                    false => slots.get(slot).found.and_then(|person| {
                        let known = people.record(person, self.on)?;
                        step.register.identity_key(&known.whole())
                    }),
                };
                if let Some(number) = number {
                    keys.entry(number).or_insert(slot);
                }
            }
        }
        targets
    }

    fn own_number(&self, step: &Step<'_>, row: usize, recognised: &Recognised) -> Option<String> {
        let (field, origin) = step.identity.first()?;
        let kind = &step.register.fields[*field].kind;
        let number = plain_value(origin, &self.rows.values(row), kind, self.on, self.unit)?;
        (!recognised.contested.contains(&row)).then(|| number.to_string())
    }

    /// Writes the identity key of a step's record, as [`Register::identity_key`] does, and says whether the ledger may know it: a
    /// key that names a record the ledger hasn't got can't be there.
    fn key(
        &self,
        step: &Step<'_>,
        values: &[Option<Value>],
        row: usize,
        slots: &Slots,
        key: &mut String,
    ) -> Result<bool, Target> {
        if step.is_left_out(values) {
            return Err(Target::None);
        }
        let mut asks = true;
        for (n, (field, origin)) in step.identity.iter().enumerate() {
            if n > 0 {
                key.push('|');
            }
            if let Origin::Step(earlier) = origin {
                let Some(slot) = slots.target(*earlier, row) else {
                    return Err(Target::None);
                };
                match slots.get(slot).by_key {
                    Some(record) => key.push_str(&record.to_string()),
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
                self.is_within(&value)?;
            }
            push_key(&value, key);
        }
        Ok(asks)
    }

    /// Whether nothing tells which of two records that are one is named by a step of a row.
    fn names_either(&self, step: &Step<'_>, row: usize, slots: &Slots) -> bool {
        let mut origins = step.identity.iter().map(|(_, origin)| origin);
        origins.any(|origin| match origin {
            Origin::Step(earlier) => {
                (slots.target(*earlier, row)).is_some_and(|slot| slots.get(slot).either)
            }
            _ => false,
        })
    }

    /// The keys by which the step's record may be known if records it names have doubles, its own among them.
    fn other_keys(
        &self,
        step: &Step<'_>,
        values: &[Option<Value>],
        row: usize,
        slots: &Slots,
        doubles: &Doubles,
    ) -> Vec<String> {
        let named = |origin: &Origin| match origin {
            Origin::Step(earlier) => slots.get(slots.target(*earlier, row)?).found,
            _ => None,
        };
        let has = |(_, origin): &(usize, Origin)| {
            named(origin).is_some_and(|record| doubles.contains_key(&record))
        };
        if doubles.is_empty() || !step.identity.iter().any(has) {
            return Vec::new();
        }
        let mut keys = vec![String::new()];
        for (n, (field, origin)) in step.identity.iter().enumerate() {
            let mut parts = Vec::new();
            if let Some(record) = named(origin) {
                let doubles = doubles.get(&record).into_iter().flatten();
                let all = std::iter::once(&record).chain(doubles);
                parts.extend(all.map(ToString::to_string));
            } else {
                let kind = &step.register.fields[*field].kind;
                let mut part = String::new();
                let value = plain_value(origin, values, kind, self.on, self.unit);
                value.iter().for_each(|value| push_key(value, &mut part));
                parts.push(part);
            }
            let between = if n > 0 { "|" } else { "" };
            let longer = |key: &String| {
                parts
                    .iter()
                    .map(|part| format!("{key}{between}{part}"))
                    .collect::<Vec<_>>()
            };
            keys = keys.iter().flat_map(longer).collect();
        }
        keys
    }

    /// Whether a unit is the one imported for, or below it.
    fn is_within(&self, value: &Value) -> Result<(), Target> {
        match value.as_text().and_then(|t| t.parse::<UnitCode>().ok()) {
            None => Err(Target::None),
            Some(unit) if self.unit.contains(&unit) => Ok(()),
            Some(_) => Err(Target::Outside),
        }
    }

    async fn ask(
        &self,
        step: &Step<'_>,
        slots: &mut Slots,
        fresh: Vec<Sought>,
    ) -> Result<(), LedgerError> {
        if fresh.is_empty() || (step.register.unique == Unique::Book && !self.has_book) {
            return Ok(());
        }
        let (fresh, keys): (Vec<(u32, bool)>, Vec<String>) = fresh
            .into_iter()
            .map(|sought| ((sought.slot, sought.own), sought.key))
            .unzip();
        let people = &self.script.contract.people;
        if step.register.id == people.register.id {
            let holders = Holders {
                ledger: self.ledger,
                standing: self.standing,
                people,
                unit: self.unit,
                on: self.on,
            };
            for ((slot, _), holder) in fresh.into_iter().zip(holders.of(&keys).await?) {
                let slot = slots.of(slot);
                slot.found = holder.as_ref().map(|holder| holder.record);
                slot.by_key = holder.map(|holder| holder.numbered);
            }
            return Ok(());
        }
        let found = (self.ledger.find(&step.register.id, self.unit, &keys)).await?;
        for ((slot, own), found) in fresh.into_iter().zip(found) {
            let slot = slots.of(slot);
            if own {
                slot.by_key = found.first().map(|found| found.record);
            }
            let found = found.iter().map(|found| self.standing.stays(found.record));
            slot.found = slot.found.into_iter().chain(found).min();
        }
        Ok(())
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

fn birth_in_key(register: &Register, key: &str) -> Option<Date> {
    let [only] = register.identity.as_slice() else {
        return None;
    };
    let (_, field) = register.field(only)?;
    (field.kind == FieldType::IdNumber)
        .then(|| birth_of(key))
        .flatten()
}
