//! What the pack's checks find fault with, as far as somebody sees the values that they look at.

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use pack::{FieldType, Register, Text};
use tables::Doubt;

use crate::around::Around;
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
    /// The record.
    pub record: RecordId,
    /// Whom it is about, and their name as it is seen; blank if it isn't.
    pub person: Option<(i64, String)>,
    /// Whose it is.
    pub unit: Option<UnitCode>,
    /// The values that the check looks at.
    pub said: Vec<(Text, FieldType, SeenCell)>,
}

impl View {
    /// What checks find fault with on a day, in a unit or everywhere, as far as they are seen (see [`Doubt::seen_by`]).
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn doubts(
        &self,
        on: Date,
        unit: Option<UnitCode>,
    ) -> Result<Vec<Doubt>, OfficeError> {
        let all = self.office.doubts(on).await?;
        let seen = |doubt: &&Doubt| {
            let within = |own| unit.is_none_or(|unit| unit.contains(own));
            doubt.unit.as_ref().is_some_and(within) && doubt.seen_by(&self.office.pack, &self.grant)
        };
        Ok(all.iter().filter(seen).cloned().collect())
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
        let mut shown = Vec::with_capacity(doubts.len());
        for doubt in doubts {
            let Some(register) = self.office.pack.register(&doubt.of.register) else {
                continue;
            };
            let around = self.around(on, doubt.record).await?;
            let rows = around.of(&register.id);
            let Some(row) = rows.iter().find(|row| row.record == doubt.record) else {
                continue;
            };
            let person = match self.person_of(&around, register, row) {
                None => None,
                Some(person) => Some((person, self.name_of(on, person).await?)),
            };
            let said = doubt.of.fields.iter().filter_map(|id| register.field(id));
            let said = said.map(|(_, field)| {
                let cell = row.cell(&field.id).clone();
                (field.name.clone(), field.kind.clone(), cell)
            });
            shown.push(SeenDoubt {
                name: doubt.of.name.clone(),
                register: register.name.clone(),
                record: doubt.record,
                person,
                unit: doubt.unit,
                said: said.collect(),
            });
        }
        Ok(shown)
    }

    /// Whom a record is about: itself, or the first person it is about.
    fn person_of(&self, around: &Around, register: &Register, row: &SeenRow) -> Option<i64> {
        let people = &around.contract.people.register.id;
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

    async fn name_of(&self, on: Date, person: i64) -> Result<String, OfficeError> {
        let around = self.around(on, RecordId(person)).await?;
        let name = &around.contract.people.name.id;
        let row = around.person(person);
        Ok(row
            .and_then(|row| row.get(name))
            .unwrap_or_default()
            .to_owned())
    }
}
