//! What the pack's checks find fault with, as far as somebody sees the values that they look at.

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use pack::{FieldType, Register, Text};
use tables::{Doubt, Doubts};

use crate::error::OfficeError;
use crate::row::{SeenCell, SeenRow};
use crate::view::View;

/// A record that a check finds fault with, as somebody sees it.
#[derive(Clone, Debug)]
pub struct SeenDoubt {
    /// What is said of it.
    pub name: Text,
    /// The register.
    pub register: Text,
    /// The record, with the id of its register.
    pub place: (String, RecordId),
    /// Whom it is about, and their name as it is seen; blank if it isn't.
    pub person: Option<(RecordId, String)>,
    /// Whose it is.
    pub unit: Option<UnitCode>,
    /// The values that the check looks at.
    pub said: Vec<(Text, FieldType, SeenCell)>,
}

impl View {
    /// What checks find on a day, in a unit or everywhere, as far as it is seen (see [`Doubt::seen_by`]).
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn doubts(&self, on: Date, unit: Option<UnitCode>) -> Result<Doubts, OfficeError> {
        let all = &self.office.doubts(on).await?.doubts;
        let seen = |doubt: &Doubt| {
            let within = |own| unit.is_none_or(|unit| unit.contains(own));
            doubt.unit.as_ref().is_some_and(within) && doubt.seen_by(&self.office.pack, &self.grant)
        };
        Ok(all.only(seen))
    }

    /// The same with whom they are about and what stands there, for the few that a page shows.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn shown_doubts(
        &self,
        on: Date,
        doubts: &[Doubt],
    ) -> Result<Vec<SeenDoubt>, OfficeError> {
        let contract = &self.office.contract;
        let register = |doubt: &Doubt| self.office.pack.register(&doubt.of.register);
        let records: Vec<i64> = doubts.iter().map(|doubt| doubt.record.0).collect();
        let theirs = |id: &str| doubts.iter().any(|doubt| doubt.of.register == id);
        let around = self.about_all(on, &records, theirs).await?;
        let row_of = |doubt: &Doubt| {
            let rows = around.of(&doubt.of.register);
            let at = rows.binary_search_by_key(&doubt.record, |row| row.record);
            rows.get(at.ok()?)
        };
        let person_of = |doubt: &Doubt| self.person_of(register(doubt)?, row_of(doubt)?);
        let people: Vec<i64> = doubts.iter().filter_map(person_of).collect();
        let only = |id: &str| id == contract.people.register.id;
        let known = self.about_all(on, &people, only).await?;
        let name_of = |person: i64| {
            let row = known.person(person);
            let name = row.and_then(|row| row.get(&contract.people.name.id));
            name.unwrap_or_default().to_owned()
        };
        let shown = doubts.iter().filter_map(|doubt| {
            let (register, row) = (register(doubt)?, row_of(doubt)?);
            let said = doubt.of.fields.iter().filter_map(|id| register.field(id));
            let said = said.map(|(_, field)| {
                let cell = row.cell(&field.id).clone();
                (field.name.clone(), field.kind.clone(), cell)
            });
            Some(SeenDoubt {
                name: doubt.of.name.clone(),
                register: register.name.clone(),
                place: (register.id.clone(), doubt.record),
                person: person_of(doubt).map(|person| (RecordId(person), name_of(person))),
                unit: doubt.unit,
                said: said.collect(),
            })
        });
        Ok(shown.collect())
    }

    /// Whom a record is about: itself, or the first person it is about.
    fn person_of(&self, register: &Register, row: &SeenRow) -> Option<i64> {
        let people = &self.office.contract.people.register.id;
        if register.id == *people {
            return Some(row.record.0);
        }
        let mut about = register.about.iter().chain(register.kin.iter().flatten());
        about.find_map(|id| {
            let (_, field) = register.field(id)?;
            match &field.kind {
                FieldType::Ref(target) if target == people => row.reference(id),
                _ => None,
            }
        })
    }
}
