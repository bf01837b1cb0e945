//! What a reader may find, and what they see of it. Something is found by a field only by who is shown that field in clear in the unit whose
//! the record is, and whose it is; so no search puts together what is masked, however often it is tried. What tells people of one name
//! apart is shown as everywhere: in clear, masked or not at all.

use jiff::civil::Date;
use kernel::{Grant, RecordId, UnitCode, mask};
use pack::{Contract, FieldAt, Pack, Register};
use tables::{Shelf, Veil};

use super::columns::{Record, Row, Searched, Subject};
use super::index::Index;
use super::{FoundBy, Hit, Leads};

/// One reader's eyes on the index.
pub(super) struct Eyes<'e> {
    pack: &'e Pack,
    contract: &'e Contract,
    index: &'e Index,
    grant: &'e Grant,
    /// The people, who are asked for their numbers: the index has none.
    numbers: Option<&'e Shelf<'e>>,
    on: Date,
    /// What is kept back, by register and unit, as far as it was asked.
    veils: Vec<Vec<Option<Option<Veil>>>>,
}

impl<'e> Eyes<'e> {
    pub(super) fn new(
        (pack, contract): (&'e Pack, &'e Contract),
        index: &'e Index,
        grant: &'e Grant,
        (numbers, on): (Option<&'e Shelf<'e>>, Date),
    ) -> Self {
        Self {
            veils: vec![vec![None; index.units.len()]; pack.registers.len()],
            pack,
            contract,
            index,
            grant,
            numbers,
            on,
        }
    }

    /// What is kept back of a register's records of a unit; none if they aren't shown at all.
    fn veil(&mut self, register: usize, unit: u16) -> Option<Veil> {
        let known = self.veils.get_mut(register)?.get_mut(usize::from(unit))?;
        if let Some(veil) = known {
            return *veil;
        }
        let (declared, code) = (self.pack.registers.get(register)?, self.index.unit(unit)?);
        let veil = Veil::of(declared, self.grant, &code);
        *known = Some(veil);
        veil
    }

    /// Whether something may be found by a field of a row, and what it leads to may be opened.
    pub(super) fn may_find(&mut self, by: &Searched, row: &Row) -> bool {
        let Some(veil) = self.veil(by.register, row.unit) else {
            return false;
        };
        let hidden = by.needs.and(veil.masked).0 | by.needs.and(veil.withheld).0;
        hidden == 0 && self.may_open(by.register, row.subject)
    }

    fn may_open(&mut self, found_in: usize, subject: Subject) -> bool {
        let index = self.index;
        match subject {
            Subject::Person(person) => {
                found_in == index.people_of || self.shown_person(person).is_some()
            }
            Subject::Household(household) => {
                found_in == index.households_of || self.shown_household(household).is_some()
            }
            Subject::Unit(unit) => {
                let code = index.unit(unit);
                code.is_some_and(|code| self.grant.reads_everything(&code))
            }
        }
    }

    /// A person's record and what is kept back of it, if it is shown.
    fn shown_person(&mut self, person: i64) -> Option<(Record<'e>, Veil)> {
        let index = self.index;
        let own = index.people.find(person)?;
        Some((own, self.veil(index.people_of, own.unit)?))
    }

    /// The same of a household.
    fn shown_household(&mut self, household: i64) -> Option<(Record<'e>, Veil)> {
        let index = self.index;
        let own = index.households.find(household)?;
        Some((own, self.veil(index.households_of, own.unit)?))
    }

    /// Something found, as the reader sees it.
    pub(super) fn hit(&mut self, row: &Row, by: Option<(&Searched, String)>) -> Option<Hit> {
        let mut hit = match row.subject {
            Subject::Person(person) => self.person(person),
            Subject::Household(household) => self.household(household),
            Subject::Unit(unit) => Hit::to(Leads::Unit(self.index.unit(unit)?)),
        };
        hit.by = by.and_then(|(by, value)| {
            let register = self.pack.registers.get(by.register)?;
            Some(FoundBy {
                register: register.id.clone(),
                field: register.fields.get(by.at)?.id.clone(),
                record: RecordId(row.record),
                value,
            })
        });
        Some(hit)
    }

    /// A person with what tells them from others.
    pub(super) fn person(&mut self, person: i64) -> Hit {
        let mut hit = Hit::to(Leads::Person(RecordId(person)));
        let (index, contract) = (self.index, self.contract);
        let Some((own, veil)) = self.shown_person(person) else {
            return hit;
        };
        let people = &contract.people;
        let said = |field: &FieldAt| {
            let text = own.text(&field.id)?;
            seen(&people.register, field, veil, text)
        };
        hit.title = said(&people.name);
        let numbers = self.numbers;
        let stands = numbers.and_then(|shelf| shelf.record(RecordId(person), self.on));
        let number = stands.as_ref().and_then(|s| s.text(people.id_number.at));
        hit.id_number = number.and_then(|n| seen(&people.register, &people.id_number, veil, n));
        hit.sex = said(&people.sex);
        hit.unit = index.unit(own.unit);
        hit.birth =
            (own.day(&people.birth_date.id)).filter(|_| !veil.withheld.has(people.birth_date.at));
        let Some(household) = self.household_of(person) else {
            return hit;
        };
        let home = self.household(household);
        hit.address = home.address;
        hit.head = home.head.filter(|_| index.head(household) != Some(person));
        hit
    }

    /// Whose a person is, if they are shown.
    pub(super) fn unit_of(&mut self, person: i64) -> Option<UnitCode> {
        let index = self.index;
        let (own, _) = self.shown_person(person)?;
        index.unit(own.unit)
    }

    /// The household of a person, as far as it may be seen whose home it is.
    pub(super) fn household_of(&mut self, person: i64) -> Option<i64> {
        let homes = &self.contract.homes;
        let index = self.index;
        let home = index.homes(person).next()?;
        let veil = self.veil(index.homes_of, home.unit)?;
        let shown = |field: &FieldAt| !veil.withheld.has(field.at);
        (shown(&homes.person) && shown(&homes.household)).then_some(home.household)
    }

    /// A household with what tells it from others.
    pub(super) fn household(&mut self, household: i64) -> Hit {
        let mut hit = Hit::to(Leads::Household(RecordId(household)));
        let (index, contract) = (self.index, self.contract);
        let Some((own, veil)) = self.shown_household(household) else {
            return hit;
        };
        let kept = &contract.households;
        let said = |field: &FieldAt| {
            let text = own.text(&field.id)?;
            seen(&kept.register, field, veil, text)
        };
        hit.title = said(&kept.number);
        hit.address = said(&kept.address);
        hit.unit = index.unit(own.unit);
        hit.head = self.head(household);
        hit
    }

    /// The name of a household's head, as far as it may be seen who that is.
    fn head(&mut self, household: i64) -> Option<String> {
        let index = self.index;
        let person = index.head(household)?;
        let mut own = index.homes(person);
        let home = own.find(|home| home.household == household)?;
        let veil = self.veil(index.homes_of, home.unit)?;
        let homes = &self.contract.homes;
        let fields = [&homes.person, &homes.household, &homes.relation_to_head];
        if fields.iter().any(|field| veil.withheld.has(field.at)) {
            return None;
        }
        let (own, veil) = self.shown_person(person)?;
        let people = &self.contract.people;
        let name = own.text(&people.name.id)?;
        seen(&people.register, &people.name, veil, name)
    }
}

/// A value as it is seen under a veil; none if nothing of it is.
fn seen(register: &Register, field: &FieldAt, veil: Veil, text: &str) -> Option<String> {
    let declared = register.fields.get(field.at)?;
    match (veil.withheld.has(field.at), veil.masked.has(field.at)) {
        (true, _) => None,
        (_, true) => Some(mask::apply(declared.sensitivity, text)),
        _ => Some(text.to_owned()),
    }
}
