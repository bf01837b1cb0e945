//! Words that are written or would be, as they may be seen: whom each is about, what stood and what is said. What somebody wrote
//! themselves they see as they wrote it.

use std::collections::BTreeMap;

use intake::{PlannedField, PlannedRecord, PlannedValue, PlannedWord};
use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use pack::{Field, FieldType, Register, Value};
use tables::{Snapshot, Veil};

use crate::actions::Pick;
use crate::row::SeenCell;
use crate::view::View;

/// A word that is written, as it may be seen.
pub struct SeenWord {
    /// The register, by its id.
    pub register: String,
    /// The record; none if it is opened.
    pub record: Option<RecordId>,
    /// Whom it is about, by record and name; no record of those who are opened with it.
    pub about: Vec<(Option<RecordId>, String)>,
    /// Whether the record moves to another book.
    pub moves: bool,
    /// The date from which it is true, where it isn't the day as of which it is said.
    pub from: Option<Date>,
    /// The day on which it ends.
    pub until: Option<Date>,
    /// What it says.
    pub fields: Vec<SeenChange>,
}

/// What a word says of a field.
pub struct SeenChange {
    /// The field's place in its register.
    pub at: usize,
    /// What stands there.
    pub before: SeenCell,
    /// What is said; none of a reference to a record that is opened with it.
    pub after: Option<SeenCell>,
    /// Whether it will stand.
    pub stands: bool,
}

impl View {
    /// The names of people who are opened, which their writer gave.
    pub(crate) fn opened_people(&self, words: &[PlannedWord]) -> BTreeMap<u32, String> {
        let people = &self.office.contract.people;
        let named = |word: &PlannedWord| {
            let PlannedRecord::New(nth) = word.record else {
                return None;
            };
            let of_people = word.register == people.register.id;
            let name = (word.fields.iter()).find(|field| of_people && field.at == people.name.at);
            match &name?.after {
                PlannedValue::Value(name) => Some((nth, name.to_string())),
                PlannedValue::New(_) | PlannedValue::Unknown => None,
            }
        };
        words.iter().filter_map(named).collect()
    }

    /// Those who are opened that a word is about: itself, or those it names.
    fn new_people_of(
        &self,
        word: &PlannedWord,
        opened: &BTreeMap<u32, String>,
    ) -> Vec<(Option<RecordId>, String)> {
        let people = &self.office.contract.people.register.id;
        let Some(register) = self.office.pack.register(&word.register) else {
            return Vec::new();
        };
        let own = match word.record {
            PlannedRecord::New(nth) if register.id == *people => Some(nth),
            _ => None,
        };
        let named = word.fields.iter().filter_map(|field| {
            let of_people = match &register.fields[field.at].kind {
                FieldType::Ref(to) => to == people,
                _ => false,
            };
            match field.after {
                PlannedValue::New(nth) if of_people => Some(nth),
                _ => None,
            }
        });
        let all = own.into_iter().chain(named);
        all.filter_map(|nth| Some((None, opened.get(&nth)?.clone())))
            .collect()
    }

    /// The known people a word is about: itself, or those it names.
    pub(crate) fn people_of(&self, word: &PlannedWord) -> Vec<RecordId> {
        let people = &self.office.contract.people.register.id;
        let Some(register) = self.office.pack.register(&word.register) else {
            return Vec::new();
        };
        let named = word.fields.iter().flat_map(|field| {
            let of_people = match &register.fields[field.at].kind {
                FieldType::Ref(target) => target == people,
                _ => false,
            };
            let after = match &field.after {
                PlannedValue::Value(value) => value.as_int(),
                PlannedValue::New(_) | PlannedValue::Unknown => None,
            };
            let before = field.before.as_ref().and_then(Value::as_int);
            let named = [after, before].into_iter().flatten().map(RecordId);
            named.filter(move |_| of_people)
        });
        let own = match word.record {
            PlannedRecord::Known(record) if word.register == *people => Some(record),
            _ => None,
        };
        let mut all: Vec<RecordId> = own.into_iter().chain(named).collect();
        all.dedup();
        all
    }

    /// A word as it may be seen; none of a record that may not be.
    pub(crate) fn seen_word(
        &self,
        standing: &Snapshot,
        word: &PlannedWord,
        (unit, on): (UnitCode, Date),
        (picks, opened): (&[Pick], &BTreeMap<u32, String>),
    ) -> Option<SeenWord> {
        let register = self.office.pack.register(&word.register)?;
        let known = match word.record {
            PlannedRecord::Known(record) => Some(record),
            PlannedRecord::New(_) => None,
        };
        let whose = known.map_or(unit, |record| {
            self.whose(standing, &register.id, record, on)
        });
        let veil = Veil::of(register, &self.grant, &whose)?;
        let about = self.people_of(word).into_iter().filter_map(|record| {
            let pick = picks.iter().find(|pick| pick.record == record)?;
            Some((Some(record), pick.name.clone()))
        });
        // Whoever is new to the ledger comes first: it is their matter.
        let about = self.new_people_of(word, opened).into_iter().chain(about);
        Some(SeenWord {
            register: register.id.clone(),
            record: known,
            about: about.collect(),
            moves: word.moves,
            from: word.from,
            until: word.until,
            fields: (word.fields.iter())
                .map(|field| seen_change(register, veil, field))
                .collect(),
        })
    }
}

/// What a word says of a field, as it may be seen.
fn seen_change(register: &Register, veil: Veil, change: &PlannedField) -> SeenChange {
    let field: &Field = &register.fields[change.at];
    let before = match &change.before {
        _ if veil.withheld.has(change.at) => SeenCell::Withheld,
        None => SeenCell::Unknown,
        Some(value) if veil.masked.has(change.at) => {
            SeenCell::Masked(kernel::mask::apply(field.sensitivity, &value.to_string()))
        }
        Some(value) => SeenCell::Value(value.clone()),
    };
    let after = match &change.after {
        PlannedValue::Value(value) => Some(SeenCell::Value(value.clone())),
        PlannedValue::New(_) => None,
        PlannedValue::Unknown => Some(SeenCell::Unknown),
    };
    SeenChange {
        at: change.at,
        before,
        after,
        stands: change.stands,
    }
}
