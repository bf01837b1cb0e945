//! What is said of somebody, by who says so: the ledger first, then every list that names them, as it may be seen. It looks at one
//! person; nothing here weighs anybody.

use std::collections::BTreeMap;

use kernel::RecordId;
use ledger::Voice;
use linkage::{Comparator, Design, Likeness};
use pack::{Field, FieldType, Record, Register, Text, Value};
use tables::Snapshot;

use super::{Open, Review, ReviewError, Seen, Side};
use crate::said::{NAME, SAID, Said, in_record, part};
use crate::script::{Origin, People, Script, Step};
use crate::who::evidence::{Way, voices, way};

impl Seen {
    /// The name, if it is among what is seen.
    #[must_use]
    pub fn name_in(seen: &[Seen]) -> Option<&Text> {
        let name = seen.iter().find(|seen| seen.field == SAID[NAME]);
        name.map(|seen| &seen.text)
    }
}

impl Review<'_> {
    /// What the ledger has of somebody; none if they aren't there.
    pub(super) fn said_of(
        &self,
        standing: &Snapshot,
        person: RecordId,
    ) -> Result<Option<Said>, ReviewError> {
        let register = &self.contract()?.people.register;
        let known = standing.record(&register.id, person, pack::latest_date());
        Ok(known.map(|body| in_record(register, |at| body.get(at)?.clone())))
    }

    /// Everything said of somebody, each value held against those given.
    pub(super) async fn sides(
        &self,
        open: &Open,
        person: RecordId,
        ledgers: &Said,
        against: &Said,
    ) -> Result<Vec<Side>, ReviewError> {
        let mut sides = vec![self.side(Text::new("台账", "Ledger"), ledgers, against)];
        let voices = voices(&open.standing, self.pack(), open.book);
        for roster in self.pack().rosters.iter().filter(|roster| roster.people) {
            let script = Script::new(self.pack(), roster)?;
            let Some(people) = &script.people else {
                continue;
            };
            for voice in voices.keys().filter(|voice| voice.roster == roster.id) {
                let standing = &open.standing;
                let found = (self.records(standing, (people, &script), voice, person)).await?;
                let said = said(&open.standing, people, &script, voice, &found);
                if said.iter().any(Option::is_some) {
                    sides.push(self.side(roster.name.clone(), &said, against));
                }
            }
        }
        Ok(sides)
    }

    /// What one source says of somebody, as it may be seen.
    pub(super) fn side(&self, whose: Text, said: &Said, against: &Said) -> Side {
        Side {
            whose,
            seen: self.seen(said, against),
        }
    }

    /// What is said, as it may be seen, held against something else that is said.
    pub(super) fn seen(&self, said: &Said, against: &Said) -> Vec<Seen> {
        let Ok(contract) = self.contract() else {
            return Vec::new();
        };
        let text = self.pack().linkage(&contract.people.register.id);
        let design = text.and_then(|text| Design::parse(text).ok());
        let by = |id: &str| {
            let field = design.as_ref()?.fields.iter().find(|f| f.column == id);
            field.map(|field| field.comparator)
        };
        let kept = &contract.questions;
        let seen = kept.said.iter().enumerate().filter_map(|(what, field)| {
            let value = part(said, what)?;
            let level = part(against, what).and_then(|other| level(by(&field.id)?, value, other));
            Some(self.see(kept.register.fields.get(field.at)?, value, level))
        });
        seen.collect()
    }

    /// A value, as it may be seen, which the register of questions keeps in this field.
    fn see(&self, declared: &Field, value: &Value, level: Option<Likeness>) -> Seen {
        Seen {
            field: declared.id.clone(),
            name: declared.name.clone(),
            text: self.words_for(declared, value),
            level,
        }
    }

    /// A value, as it may be seen; codes in words.
    pub(super) fn words_for(&self, field: &Field, value: &Value) -> Text {
        let member = match &field.kind {
            FieldType::Code(list) => (self.pack().code(list))
                .and_then(|list| list.member(&value.to_string()))
                .map(|member| member.name.clone()),
            FieldType::Bool => {
                let yes = *value == Value::Bool(true);
                Some(if yes {
                    Text::new("是", "yes")
                } else {
                    Text::new("否", "no")
                })
            }
            _ => None,
        };
        let words = value.to_string();
        let shown = self.grant.show(field.sensitivity, &words);
        let clear = member.filter(|_| shown == words);
        clear.unwrap_or_else(|| Text::new(&shown, &shown))
    }

    /// The records of the steps of a list that are about somebody, by step.
    pub(super) async fn records(
        &self,
        standing: &Snapshot,
        (people, script): (&People<'_>, &Script<'_>),
        voice: &Voice,
        person: RecordId,
    ) -> Result<BTreeMap<usize, RecordId>, ReviewError> {
        let mut found = BTreeMap::from([(people.step, person)]);
        let doubles = standing.doubles().remove(&person).unwrap_or_default();
        let own: Vec<RecordId> = std::iter::once(person).chain(doubles).collect();
        for (at, step) in script.writes.iter().enumerate() {
            let keys = own.iter().map(|own| key(step, people.step, voice, *own));
            let Some(keys) = keys.collect::<Option<Vec<_>>>() else {
                continue;
            };
            let records = (self.ledger())
                .find(&step.register.id, voice.unit, &keys)
                .await?;
            let records = records.into_iter().flatten();
            let record = records.map(|found| standing.stays(found.record)).min();
            found.extend(record.map(|record| (at, record)));
        }
        Ok(found)
    }
}

fn level(by: Comparator, one: &Value, other: &Value) -> Option<Likeness> {
    Some(linkage::level(by, &one.to_string(), &other.to_string()))
}

/// The identity of the one record of a step that a list can have of somebody; none if there may be several.
fn key(step: &Step<'_>, main: usize, voice: &Voice, person: RecordId) -> Option<String> {
    let mut of_person = false;
    let mut body: Record = vec![None; step.register.fields.len()];
    for (at, origin) in &step.identity {
        body[*at] = Some(match origin {
            Origin::Step(of) if *of == main => {
                of_person = true;
                Value::Int(person.0)
            }
            Origin::Unit => Value::Text(voice.unit.to_string()),
            Origin::Literal(value) => value.clone(),
            _ => return None,
        });
    }
    step.register.identity_key(&body).filter(|_| of_person)
}

/// What a list says of somebody now, of whom it has these records.
pub(super) fn said(
    standing: &Snapshot,
    people: &People<'_>,
    script: &Script<'_>,
    voice: &Voice,
    records: &BTreeMap<usize, RecordId>,
) -> Said {
    let end = pack::latest_date();
    let register = |step: usize| script.writes[step].register;
    let says = |register: &Register, record: RecordId, field: usize| {
        let said = standing.shelf(&register.id)?.ranked(record, field, end);
        said.into_iter().find(|(say, _)| say.voice == *voice)?.1
    };
    let value = |saying: &crate::script::Saying| {
        let record = match way(script, people, saying.step)? {
            Way::Own | Way::About(_) => *records.get(&saying.step)?,
            Way::Through { about, link, .. } => {
                let linked = says(register(about), *records.get(&about)?, link)?;
                RecordId(linked.as_int()?)
            }
        };
        says(register(saying.step), record, saying.field)
    };
    let sayings = people.said.iter();
    sayings.map(|saying| value(saying.as_ref()?)).collect()
}
