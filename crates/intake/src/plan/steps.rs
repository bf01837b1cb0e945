//! What a row says, step by step: worked out against what is known, before anything of it is claimed.

use jiff::civil::Date;
use kernel::RecordId;
use pack::{Field, FieldType, Holds, Problem, Record, Said, Value};
use tables::Stands;

use super::hear::Heard;
use super::{Deed, Effect, RowDraft, RowPlan, alike};
use crate::as_read::as_read;
use crate::claims::{Statement, reference};
use crate::finding::Finding;
use crate::said::{birth_of, plain_value, sex_of};
use crate::script::{Origin, Step};
use crate::slots::Target;

impl RowPlan<'_> {
    /// What a row does, step by step.
    pub(super) fn work_out(&self, row: &mut RowDraft<'_>) -> Result<(), Finding> {
        for step in 0..self.setting.script.writes.len() {
            if self.setting.script.writes[step].of.is_none() {
                self.same_twice(step, row.at)?;
            }
            self.step(step, row)?;
        }
        Ok(())
    }

    /// A row that names one record in two places has a wrong number in one of them.
    fn same_twice(&self, step: usize, row: usize) -> Result<(), Finding> {
        let Some(own) = self.slots.target(step, row) else {
            return Ok(());
        };
        if (0..step).any(|step| self.slots.target(step, row) == Some(own)) {
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
        if self.slots.others_numbers.contains(&(at, row.at)) {
            return Err(Finding::OthersNumber);
        }
        if self.slots.get(slot).given && !step.create {
            return Ok(());
        }
        if step.mentions && !main {
            return self.mention(step, slot, row);
        }
        if step.new && self.is_there(step, slot) {
            return Err(Finding::AlreadyThere {
                register: Box::new(step.register.name.clone()),
            });
        }
        if step.create {
            return self.claim((at, main), slot, row);
        }
        match self.slots.get(slot) {
            state if state.found.is_some() || state.claim.is_some() => {
                self.agrees_with_known(step, slot, row)
            }
            _ => Err(not_known(step)),
        }
    }

    /// Whether a desk speaks of a record that is there: what a list says again is no new record of it.
    fn is_there(&self, step: &Step<'_>, slot: u32) -> bool {
        let found = self.slots.get(slot).found;
        let there = found.is_some_and(|record| self.record(step, record).is_some());
        self.setting.voice.roster.is_empty() && there
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
        let people = &self.setting.script.contract.people;
        let told = [
            (
                people.birth_date.at,
                number.and_then(birth_of).map(Value::Date),
            ),
            (people.sex.at, number.and_then(sex_of).map(Value::Text)),
        ];
        for (at, value) in told {
            body[at] = body[at].take().or(value);
        }
        body
    }

    /// A record the row says something of.
    fn claim(
        &self,
        (at, main): (usize, bool),
        slot: u32,
        row: &mut RowDraft<'_>,
    ) -> Result<(), Finding> {
        let step = &self.setting.script.writes[at];
        let (from, until) = self.span(step, row)?;
        let state = *self.slots.get(slot);
        let on = self.setting.on;
        let before = state.found.and_then(|record| self.record(step, record));
        let before = before.as_ref();
        let mut body = self.spoken(step, main, slot, before, row);
        if step.of.is_some() && body.iter().all(Option::is_none) && until.is_none() {
            return Ok(());
        }
        // What an earlier write of the row opens has said what must be said.
        let again = row.says_of(slot);
        if state.found.is_none() && state.claim.is_none() && !again {
            if let Some(field) = lacking(step, &body) {
                return Err(missing(field));
            }
            if !main {
                let said = |at: usize| body[at].clone().filter(|value| !value.is_as_read());
                self.agrees(step, said, row.values, slot)?;
            }
        } else if !again && (!main || state.found.is_none()) {
            // Whom of the ledger the row is about has been told by everything that is said; a name that differs is a difference,
            // not a doubt. Rows of one file that share a number must share the name.
            self.agrees_with_known(step, slot, row)?;
        }
        let first = state.found.and_then(|person| *self.merged.get(&person)?);
        if let Some((_, first)) = first.filter(|(other, _)| main && *other != slot) {
            row.doubt(Finding::Merged {
                row: self.setting.rows.rows[first].number,
            });
        }
        if let Some(finding) = self.retired(step, &body) {
            return Err(finding);
        }
        self.leave_to_later(at, from, &mut body, row.values);
        let mut effect = self.effect((at, slot), (from, until), (before, &mut body), row);
        effect.opens &= !again;
        if until.is_none_or(|until| until > on) {
            self.told_twice(step, &body, slot, row);
        }
        row.deeds.push(Deed::Say(
            Statement {
                slot,
                from,
                until,
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

    /// That a row says a value which nobody may say any more on the day of the list.
    fn retired(&self, step: &Step<'_>, body: &Record) -> Option<Finding> {
        let pack = self.setting.script.pack;
        if !pack.retires() {
            return None;
        }
        let said = Said::of(body.clone());
        let faults = step.register.check_retired(&said, self.setting.on, pack);
        let fault = faults.into_iter().next()?;
        let Problem::Retired { since } = fault.problem else {
            return None;
        };
        Some(Finding::Retired {
            field: Box::new(fault.name),
            since,
        })
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
        before: Option<&Stands<'_>>,
        row: &mut RowDraft<'_>,
    ) -> Record {
        let mut body: Record = vec![None; step.register.fields.len()];
        for (field, origin) in &step.set {
            let Some(value) = self.value(step, *field, origin, row) else {
                if !step.register.fields[*field].required && !step.takes_rest(origin) {
                    body[*field] = as_read(origin, row.values);
                }
                continue;
            };
            let number = main && step.identity.iter().any(|(at, _)| at == field);
            let own = || before.is_some_and(|before| before.is(*field, Some(&value)));
            if number && !own() && self.number_is_taken(row.at, slot, &value) {
                row.doubt(Finding::NumberTaken);
                continue;
            }
            body[*field] = Some(value);
        }
        body
    }

    /// Leaves out what a later write of the row says of the same record as of the same day, or at all, if the field has one value for
    /// all days: a later write says more than those before it.
    fn leave_to_later(
        &self,
        at: usize,
        from: Option<Date>,
        body: &mut Record,
        values: &[Option<Value>],
    ) {
        let step = &self.setting.script.writes[at];
        for (field, later) in &step.later {
            let declared = &step.register.fields[*field];
            let since = self.said_later(*later, *field, values);
            let whole = declared.holds != Holds::Since && !declared.required;
            if since.is_some_and(|since| since == from || whole) {
                body[*field] = None;
            }
        }
    }

    /// Since when a step of a row says something of a field, if it does: none of it is the day of the list.
    fn said_later(
        &self,
        at: usize,
        field: usize,
        values: &[Option<Value>],
    ) -> Option<Option<Date>> {
        let step = &self.setting.script.writes[at];
        let (_, origin) = step.set.iter().find(|(set, _)| *set == field)?;
        let kind = &step.register.fields[field].kind;
        let says = || match origin {
            Origin::Step(_) => true,
            _ => plain_value(origin, values, kind, self.setting.on, self.unit()).is_some(),
        };
        let says = !step.is_left_out(values) && says();
        says.then(|| self.date(&step.since, values))
    }

    /// Whether something else is said of a field for a later day, up to that of the list: by a later write of the row, or by an
    /// earlier row.
    fn is_followed(
        &self,
        (at, field): (usize, usize),
        from: Option<Date>,
        beside: &[u32],
        values: &[Option<Value>],
    ) -> bool {
        let on = self.setting.on;
        let day = |from: Option<Date>| from.unwrap_or(on);
        let step = &self.setting.script.writes[at];
        let later = step.later.iter().filter(|(of, _)| *of == field);
        let later = later.filter_map(|(_, later)| self.said_later(*later, field, values));
        let said = beside.iter().map(|at| &self.claims.all[*at as usize]);
        let said = said.filter(|claim| claim.told().has(field));
        let mut days = later.chain(said.map(|claim| claim.from)).map(day);
        step.register.fields[field].holds == Holds::Since
            && days.any(|day| from.is_some_and(|from| from < day) && day <= on)
    }

    /// What saying this does to a record, by the words that stand on the day of the list; and what is to be said about that. Of a
    /// field that has one value for all days, what an earlier row says otherwise stays.
    fn effect(
        &self,
        (at, slot): (usize, u32),
        (from, until): (Option<Date>, Option<Date>),
        (before, body): (Option<&Stands<'_>>, &mut Record),
        row: &mut RowDraft<'_>,
    ) -> Effect {
        let (step, state) = (&self.setting.script.writes[at], self.slots.get(slot));
        let on = self.setting.on;
        let (new, ended) = (
            state.found.is_none(),
            until.is_some_and(|until| until <= on),
        );
        let mut effect = Effect {
            opens: state.claim.is_none() && (new || before.is_none() && !ended),
            ends: ended && (new || before.is_some()),
            ..Effect::default()
        };
        let span = (from, until);
        let beside: Vec<u32> = self.claims.beside(&self.slots, slot, span).collect();
        let joined = self.claims.joined(&self.slots, (slot, false), span, on);
        for field in 0..body.len() {
            let Some(value) = body[field].as_ref().filter(|value| !value.is_as_read()) else {
                continue;
            };
            let declared = &step.register.fields[field];
            let one = declared.holds != Holds::Since;
            let mut said = beside.iter().filter(|at| one || Some(**at) == joined);
            let said = said.find(|at| self.claims.all[**at as usize].told().has(field));
            if let Some(claim) = said.map(|at| &self.claims.all[*at as usize]) {
                let earlier = self.claims.body(claim);
                if !alike(declared, earlier[field].as_ref(), value) {
                    if !claim.mention {
                        row.doubt(Finding::Differs {
                            row: self.setting.rows.rows[claim.row as usize].number,
                            field: Box::new(declared.name.clone()),
                        });
                    }
                    body[field] = None;
                }
                continue;
            }
            let (Some(before), Some(record)) = (before, state.found) else {
                continue;
            };
            let value = &*self.resolved(declared, value);
            // What held before something else did is held against what is known of then.
            let day = from.filter(|_| self.is_followed((at, field), from, &beside, row.values));
            let then = day.and_then(|day| self.shelf(step.register_at)?.record(record, day));
            let before = then.as_ref().unwrap_or(before);
            if !before.is(field, Some(value)) {
                let day = day.unwrap_or(on);
                effect.changes |= self.differs((step, field), (record, day), value, row);
            }
        }
        effect
    }

    /// Hears who says otherwise of a field, and tells it; whether the field gets another value.
    fn differs(
        &self,
        (step, field): (&Step<'_>, usize),
        (record, day): (RecordId, Date),
        value: &Value,
        row: &mut RowDraft<'_>,
    ) -> bool {
        let name = || Box::new(step.register.fields[field].name.clone());
        let (doubt, changes) = match self.hear(step, (record, day), field, value) {
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
            Heard::Stale(source, as_of) => {
                let (field, source) = (name(), Box::new(source));
                let finding = Finding::Stale {
                    field,
                    source,
                    as_of,
                };
                (finding, true)
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
