//! Putting a record right, field by field: what was wrong is said again in the name of whoever said it, as of their day, which the fold believes
//! before what it corrects; what has changed is said by the desk from a day on; what is no more is closed. It finds nobody and opens
//! nothing; references aren't changed here, since that is what actions are for.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Grant, RecordId, UnitCode};
use ledger::{Admitted, Asking, Say, SayDraft, Source, Target, Voice};
use pack::cell::{Cell, Reader};
use pack::{Field, FieldSet, FieldType, Register, Said, Value};
use tables::{Shelf, Snapshot, Tables};

use crate::act::{
    ActError, Acted, ActedRow, PlannedField, PlannedRecord, PlannedValue, PlannedWord,
};
use crate::changes::{Changes, Head, WordDraft};
use crate::finding::{Finding, Heading, Level, Note};
use crate::holder::Holders;
use crate::plan::{Verdict, counts_more};
use crate::review::{DESK, desk_says};

/// What is to be put right.
#[derive(Debug, Clone)]
pub struct AmendRequest {
    /// The register.
    pub register: String,
    /// The record.
    pub record: RecordId,
    /// What is the matter with it.
    pub how: Amend,
    /// What should stand, as people write it, by field; none if it isn't known. Of a closing nothing.
    pub fields: BTreeMap<String, Option<String>>,
    /// The day as of which it is said.
    pub on: Date,
    /// What tells this form from another.
    pub form: String,
}

/// What is the matter with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amend {
    /// What stands was wrong from the beginning.
    Wrong,
    /// It has changed, on this day.
    Changed(Date),
    /// It is no more, from this day on.
    Ended(Date),
}

/// Puts a record right, or tells what that would write; of a form that was written before, its receipt.
///
/// # Errors
/// There is no such record or field for who asks; the ledger refuses. Values that can't be read are told in the row, and nothing is written.
pub async fn amend(
    tables: &Tables,
    grant: &Admitted,
    request: &AmendRequest,
    (at, writes): (Timestamp, bool),
) -> Result<Acted, ActError> {
    let none = || ActError::NoRecord {
        input: request.register.clone(),
        record: request.record,
    };
    let asked = asking(request);
    if let Some(receipt) = tables.ledger().receipt_for(&asked).await? {
        return Ok(Acted::before(receipt));
    }
    let standing = tables.snapshot().await?;
    let shelf = standing.shelf(&request.register).ok_or_else(none)?;
    let register = shelf.register();
    let book = shelf.kept_in(request.record).ok_or_else(none)?;
    if !grant.reads(&register.id, &book) || shelf.record(request.record, request.on).is_none() {
        return Err(none());
    }
    let amending = Amending {
        tables,
        request,
        shelf: &shelf,
        register,
        book,
    };
    let mut notes = Vec::new();
    let values = amending.values(&mut notes)?;
    notes.extend(amending.others_number(&standing, &values).await?);
    let refused = notes
        .iter()
        .any(|note: &Note| note.finding.level() == Level::Rejected);
    let mut acted = Acted {
        words: match refused {
            true => Vec::new(),
            false => amending.planned(&values),
        },
        rows: vec![ActedRow {
            verdict: match (refused, request.how) {
                (true, _) => Verdict::Rejected,
                (_, Amend::Ended(_)) => Verdict::Closed,
                _ if values.is_empty() => Verdict::Unchanged,
                _ => Verdict::Changed,
            },
            notes,
            may_be: Vec::new(),
        }],
        again: 0,
        receipt: None,
    };
    if writes && !acted.words.is_empty() {
        let head = Head {
            asked,
            source: Source::Amendment {
                register: request.register.clone(),
                record: request.record,
            },
            recorded_at: at,
            grant: Grant::clone(grant),
            base: None,
        };
        let changes = amending.changes(values);
        let receipt = tables.ledger().commit(changes.commit(head, None)).await?;
        acted.receipt = Some(receipt);
    }
    Ok(acted)
}

fn asking(request: &AmendRequest) -> ledger::Asked {
    let (how, day) = match request.how {
        Amend::Wrong => ("wrong", None),
        Amend::Changed(day) => ("changed", Some(day)),
        Amend::Ended(day) => ("ended", Some(day)),
    };
    let mut asking = Asking::to("amend")
        .with(&request.register)
        .with(request.record.0.to_le_bytes())
        .with(how)
        .with(day.map(|day| day.to_string()).unwrap_or_default())
        .with(request.on.to_string())
        .with(&request.form);
    for (field, text) in &request.fields {
        asking = asking.with(field).with([u8::from(text.is_some())]);
        asking = asking.with(text.as_deref().unwrap_or_default());
    }
    asking.done()
}

struct Amending<'a> {
    tables: &'a Tables,
    request: &'a AmendRequest,
    shelf: &'a Shelf<'a>,
    register: &'a Register,
    book: UnitCode,
}

/// What should stand in a field.
type Wanted = (usize, Option<Value>);

impl Amending<'_> {
    /// What should stand, where it doesn't yet; what can't be read, or must not be unknown, is noted.
    fn values(&self, notes: &mut Vec<Note>) -> Result<Vec<Wanted>, ActError> {
        let mut values = Vec::new();
        let stands = self.shelf.record(self.request.record, self.request.on);
        for (id, text) in &self.request.fields {
            let unknown = || ActError::NoInput {
                name: id.clone(),
                known: (self.register.fields.iter())
                    .filter(|field| !matches!(field.kind, FieldType::Ref(_)))
                    .map(|field| field.id.clone())
                    .collect(),
            };
            let (at, field) = self.register.field(id).ok_or_else(unknown)?;
            if matches!(field.kind, FieldType::Ref(_)) {
                return Err(unknown());
            }
            let mut note = |finding| notes.push(noted(field, finding));
            let value = match text {
                None => None,
                Some(text) => {
                    let mut reader = Reader::new(&field.kind, self.tables.pack(), self.request.on);
                    let mut told = Vec::new();
                    let read = reader.read(Cell::Text(text), &mut told);
                    told.into_iter().for_each(|told| note(told.into()));
                    match read {
                        Ok(value) => value,
                        Err(told) => {
                            let finding = Finding::Cell(told);
                            let refuses = finding.level() == Level::Rejected;
                            note(finding);
                            // Here somebody can put it right at once: what can't be read is no value.
                            if !refuses {
                                note(Finding::Missing);
                            }
                            continue;
                        }
                    }
                }
            };
            if value.is_none() && field.required {
                note(Finding::Missing);
            } else if stands.as_ref().and_then(|record| record.value(at)) != value {
                values.push((at, value));
            }
        }
        Ok(values)
    }

    /// That a number that somebody is to have is somebody else's.
    async fn others_number(
        &self,
        standing: &Snapshot,
        values: &[Wanted],
    ) -> Result<Option<Note>, ActError> {
        let Ok(contract) = self.tables.pack().contract() else {
            return Ok(None);
        };
        let people = &contract.people;
        let is_number = |(at, _): &&Wanted| {
            self.register.id == people.register.id && *at == people.id_number.at
        };
        let number = values.iter().find(is_number);
        let Some(number) = number.and_then(|(_, value)| value.as_ref()) else {
            return Ok(None);
        };
        let holders = Holders {
            ledger: self.tables.ledger(),
            standing,
            people,
            unit: self.book,
            on: self.request.on,
        };
        let holder = holders.of(&[number.to_string()]).await?.pop().flatten();
        let own = standing.stays(self.request.record);
        let other = holder.is_some_and(|holder| holder.now && holder.record != own);
        let field = self.register.fields.get(people.id_number.at);
        Ok(field
            .filter(|_| other)
            .map(|field| noted(field, Finding::OthersNumber)))
    }

    /// Whose word stands in a field, if anybody's does.
    fn said(&self, at: usize) -> Option<Say> {
        let ranked = self.shelf.ranked(self.request.record, at, self.request.on);
        ranked.first().map(|(say, _)| (*say).clone())
    }

    fn planned(&self, values: &[Wanted]) -> Vec<PlannedWord> {
        let stands = self.shelf.record(self.request.record, self.request.on);
        let (from, until) = match self.request.how {
            Amend::Wrong => (None, None),
            Amend::Changed(day) => (Some(day), None),
            Amend::Ended(day) => (None, Some(day)),
        };
        if values.is_empty() && until.is_none() {
            return Vec::new();
        }
        let field = |(at, value): &Wanted| PlannedField {
            at: *at,
            before: stands.as_ref().and_then(|record| record.value(*at)),
            after: value
                .clone()
                .map(PlannedValue::Value)
                .unwrap_or(PlannedValue::Unknown),
            stands: self.request.how == Amend::Wrong || self.desk_counts(*at),
        };
        vec![PlannedWord {
            row: 0,
            register: self.register.id.clone(),
            record: PlannedRecord::Known(self.request.record),
            moves: false,
            from,
            until,
            fields: values.iter().map(field).collect(),
        }]
    }

    /// Whether what the desk says of a field from now on will stand.
    fn desk_counts(&self, at: usize) -> bool {
        let on = self.request.on;
        self.said(at).is_none_or(|said| {
            counts_more(
                &self.register.fields[at],
                (DESK, on),
                (&said.voice.sender, said.as_of),
                on,
            )
        })
    }

    fn changes(&self, values: Vec<Wanted>) -> Changes {
        let mut changes = Changes::default();
        let word = |say, said| WordDraft {
            book: self.book,
            register: &self.register.id,
            record: Target::Known(self.request.record),
            say,
            said,
        };
        let blank = || Said {
            values: vec![None; self.register.fields.len()],
            spoken: FieldSet::NONE,
        };
        match self.request.how {
            Amend::Ended(day) => {
                let say = changes.say(desk_says(self.book, self.request.on));
                changes.close(word(say, Said::default()), day);
            }
            Amend::Changed(day) => {
                let say = changes.say(desk_says(self.book, self.request.on));
                let mut said = blank();
                values
                    .into_iter()
                    .for_each(|(at, value)| said.set(at, value));
                changes.change(word(say, said), Vec::new());
                changes.dated(day, None);
            }
            Amend::Wrong => {
                for (at, value) in values {
                    let corrected = self.said(at);
                    let as_of = corrected
                        .as_ref()
                        .map_or(self.request.on, |said| said.as_of);
                    let sender =
                        corrected.map_or_else(|| DESK.to_owned(), |said| said.voice.sender);
                    let say = changes.say(SayDraft::New(Say {
                        voice: Voice {
                            sender,
                            unit: self.book,
                            roster: String::new(),
                        },
                        as_of,
                        list: None,
                    }));
                    let mut said = blank();
                    said.set(at, value);
                    changes.correct(word(say, said), as_of);
                }
            }
        }
        changes
    }
}

fn noted(field: &Field, finding: Finding) -> Note {
    Note {
        sheet: Arc::from(""),
        row: 1,
        column: Some(Arc::new(Heading {
            letters: String::new(),
            name: field.name.clone(),
        })),
        finding,
    }
}
