//! What lists say of people, as the ledger has it: for each list and everybody on it, the six things they are recognised by, put
//! together from the records the list's roster writes them to. It weighs nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use ledger::{Position, SayId, Voice};
use pack::{Exists, FieldSet, Pack, Record, Value};
use tables::{Shelf, Snapshot};

use crate::packed::PackedRecords;
use crate::said::{SAID, Said};
use crate::script::{Origin, People, Script, Step};

/// What the lists say of people.
#[derive(Default)]
pub(crate) struct Evidence {
    /// Whom each is about, and whether the list that is looked at says it.
    pub of: Vec<(i64, bool)>,
    said: PackedRecords,
}

impl Evidence {
    /// What the lists of a unit, of those under it and of those above it say, each as it last said it.
    pub(crate) fn gather(standing: &Snapshot, pack: &Pack, own: &Voice) -> Evidence {
        let mut evidence = Evidence::default();
        for (voice, says) in voices(standing, pack, own.unit) {
            let roster = pack.roster(&voice.roster);
            let script = roster.and_then(|roster| Script::new(pack, roster).ok());
            let Some(script) = script else { continue };
            let Some(people) = &script.people else {
                continue;
            };
            let is_own = voice == *own;
            let last = match is_own {
                true => Last::of(standing, &says),
                false => Last::default(),
            };
            let speaker = Speaker {
                standing,
                script: &script,
                people,
                voice: &voice,
                last,
            };
            for (person, said) in speaker.said() {
                evidence.of.push((person, is_own));
                evidence.said.push(&said);
            }
        }
        evidence
    }

    /// What is said in one place.
    pub(crate) fn read(&self, at: usize, said: &mut Said) {
        self.said.read(at, said);
    }

    /// The bytes of what is said in one place; equal words have equal bytes.
    pub(crate) fn bytes(&self, at: usize) -> &[u8] {
        self.said.bytes(at)
    }
}

/// The lists of people of a unit, of those under it and of those above it, each with what it said when.
pub(crate) fn voices(
    standing: &Snapshot,
    pack: &Pack,
    unit: UnitCode,
) -> BTreeMap<Voice, Vec<(Date, SayId)>> {
    let is_of_people = |roster: &str| pack.roster(roster).is_some_and(|roster| roster.people);
    let is_near = |other: &UnitCode| unit.contains(other) || other.contains(&unit);
    let mut voices: BTreeMap<Voice, Vec<(Date, SayId)>> = BTreeMap::new();
    for (id, say) in standing.says() {
        let voice = &say.voice;
        if is_of_people(&voice.roster) && is_near(&voice.unit) {
            let says = voices.entry(voice.clone()).or_default();
            says.push((say.as_of, id));
        }
    }
    voices
}

/// The words of the last lists of a voice: what they didn't say, it says no more.
#[derive(Default)]
struct Last(Vec<BTreeMap<Position, FieldSet>>);

impl Last {
    fn of(standing: &Snapshot, says: &[(Date, SayId)]) -> Last {
        let day = says.iter().map(|(day, _)| *day).max();
        let last = says.iter().filter(|(of, _)| Some(*of) == day);
        Last(last.map(|(_, say)| standing.asserted(*say)).collect())
    }

    /// The fields they say of a record, if they name it; none of one that is only there.
    fn fields(&self, shelf: &Shelf<'_>, record: RecordId) -> Option<FieldSet> {
        if self.0.is_empty() {
            return None;
        }
        let asserted = shelf.words(record).flat_map(|word| {
            let fields = self.0.iter().filter_map(move |last| last.get(&word.at()));
            fields.map(move |fields| word.spoken_again(*fields))
        });
        asserted.reduce(|one, other| FieldSet(one.0 | other.0))
    }
}

/// How a record leads to the person it says something of.
pub(crate) enum Way {
    /// It is theirs.
    Own,
    /// A field names them.
    About(usize),
    /// The record of another step names both.
    Through {
        about: usize,
        person: usize,
        link: usize,
    },
}

/// How the records of a step lead to the people a roster is about.
pub(crate) fn way(script: &Script<'_>, people: &People<'_>, step: usize) -> Option<Way> {
    if step == people.step {
        return Some(Way::Own);
    }
    if let Some(field) = names(&script.writes[step], people.step) {
        return Some(Way::About(field));
    }
    let mut steps = script.writes.iter().enumerate();
    steps.find_map(|(about, other)| {
        Some(Way::Through {
            about,
            person: names(other, people.step)?,
            link: names(other, step)?,
        })
    })
}

/// The field by which the records of a step name those of an earlier one.
pub(crate) fn names(step: &Step<'_>, earlier: usize) -> Option<usize> {
    let field = step
        .set
        .iter()
        .find(|(_, origin)| *origin == Origin::Step(earlier));
    field.map(|(field, _)| *field)
}

/// One list, and all it says.
struct Speaker<'a> {
    standing: &'a Snapshot,
    script: &'a Script<'a>,
    people: &'a People<'a>,
    voice: &'a Voice,
    last: Last,
}

/// The records of the steps, by register.
type Records<'a> = HashMap<&'a str, Vec<(RecordId, Record)>>;

impl Speaker<'_> {
    /// What it says of everybody on it, by person.
    fn said(&self) -> BTreeMap<i64, Said> {
        let records = self.records();
        let mut said: BTreeMap<i64, Said> = (self.on_it(&records).into_iter())
            .map(|person| (person, vec![None; SAID.len()]))
            .collect();
        for (what, saying) in self.people.said.iter().enumerate() {
            let Some(saying) = saying else { continue };
            let Some(way) = way(self.script, self.people, saying.step) else {
                continue;
            };
            for (person, value) in self.values(&records, &way, saying.step, saying.field) {
                if let Some(said) = said.get_mut(&person)
                    && said[what].is_none()
                {
                    said[what] = value;
                }
            }
        }
        said
    }

    /// The records it says something of, without what it doesn't say any more. Of somebody whom the last list only lets be,
    /// because a row that couldn't be placed may be theirs, everything stays.
    fn records(&self) -> Records<'_> {
        let people = self.script.contract.people.register.id.as_str();
        let mut records = Records::new();
        let mut silent = Vec::new();
        let mut named = BTreeSet::new();
        for step in &self.script.writes {
            let register = step.register.id.as_str();
            if records.contains_key(register) {
                continue;
            }
            let mut said = self.standing.said_by(self.voice, register);
            let person = names(step, self.people.step);
            let shelf = self.standing.shelf(register);
            for (at, (record, body)) in said.iter_mut().enumerate() {
                let person = match person {
                    Some(field) => self.named_in(body, field),
                    None => (register == people).then_some(record.0),
                };
                let fields = shelf.as_ref().and_then(|s| self.last.fields(s, *record));
                match fields.filter(|fields| !fields.is_empty()) {
                    Some(fields) => {
                        keep(body, fields);
                        named.extend(person);
                    }
                    None => silent.push((register, at, person)),
                }
            }
            records.insert(register, said);
        }
        for (register, at, person) in silent {
            let named = person.is_some_and(|person| named.contains(&person));
            let body = records.get_mut(register).and_then(|said| said.get_mut(at));
            if let Some((_, body)) = body.filter(|_| named) {
                keep(body, FieldSet::NONE);
            }
        }
        records
    }

    /// The record a field names, or the one that this turned out to be.
    fn named_in(&self, body: &Record, field: usize) -> Option<i64> {
        let record = body.get(field)?.as_ref()?.as_int()?;
        Some(self.standing.stays(RecordId(record)).0)
    }

    /// Those whom a record of theirs says to be on the list.
    fn on_it(&self, records: &Records<'_>) -> BTreeSet<i64> {
        let mut people = BTreeSet::new();
        let mut told = false;
        for step in &self.script.writes {
            let ends = step.register.exists == Exists::Back;
            if let Some(field) = names(step, self.people.step).filter(|_| ends) {
                told = true;
                let bodies = records.get(step.register.id.as_str());
                let named = bodies.into_iter().flatten();
                people.extend(named.filter_map(|(_, body)| self.named_in(body, field)));
            }
        }
        if !told {
            let register = self.script.contract.people.register.id.as_str();
            let all = records.get(register).into_iter().flatten();
            people.extend(all.map(|(record, _)| record.0));
        }
        people
    }

    /// The values of a field, with the people they are said of.
    fn values(
        &self,
        records: &Records<'_>,
        way: &Way,
        step: usize,
        field: usize,
    ) -> Vec<(i64, Option<Value>)> {
        let of = |step: usize| {
            let register = self.script.writes[step].register.id.as_str();
            records.get(register).map_or(&[][..], Vec::as_slice)
        };
        let value = |body: &Record| body.get(field).cloned().flatten();
        match way {
            Way::Own => (of(step).iter())
                .map(|(record, body)| (record.0, value(body)))
                .collect(),
            Way::About(person) => (of(step).iter())
                .filter_map(|(_, body)| Some((self.named_in(body, *person)?, value(body))))
                .collect(),
            Way::Through {
                about,
                person,
                link,
            } => {
                let linked: HashMap<i64, &Record> = (of(step).iter())
                    .map(|(record, body)| (record.0, body))
                    .collect();
                (of(*about).iter())
                    .filter_map(|(_, body)| {
                        let linked = linked.get(&self.named_in(body, *link)?)?;
                        Some((self.named_in(body, *person)?, value(linked)))
                    })
                    .collect()
            }
        }
    }
}

/// Leaves these fields of a record.
fn keep(body: &mut Record, fields: FieldSet) {
    for (at, value) in body.iter_mut().enumerate() {
        if !fields.has(at) {
            *value = None;
        }
    }
}
