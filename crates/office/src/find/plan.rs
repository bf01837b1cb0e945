//! What of a pack's registers can be searched, from what they declare: people by name, units by name and code, households by number,
//! telephones and addresses of whoever they are about, and the records that are identified by words, such as a certificate by its number.
//! No register is known here by its name.

use std::collections::BTreeSet;

use pack::{Contract, FieldType, Pack, Register};

/// A register, and its fields by which something is found.
pub(super) struct Plan {
    /// The register's place in the pack.
    pub register: usize,
    /// The columns that are read: the fields' own and those that say what a row leads to.
    pub columns: BTreeSet<String>,
    /// What is searched.
    pub fields: Vec<Planned>,
}

/// A field by which something is found.
pub(super) struct Planned {
    /// Its place in a record.
    pub at: usize,
    /// How it is looked for.
    pub kind: Kind,
    /// What it leads to.
    pub to: To,
}

impl Planned {
    /// The places of the field, and of those that say what it leads to.
    pub(super) fn places(&self) -> Vec<usize> {
        let mut places = vec![self.at];
        match &self.to {
            To::Person(fields) => places.extend(fields),
            To::Household(at) | To::Unit(at) | To::OwnUnit(at) => places.push(*at),
            To::OwnPerson | To::OwnHousehold => {}
        }
        places
    }
}

/// How a field is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// By characters and sounds: the name of somebody or of a unit.
    Name,
    /// By characters, from the beginning or inside: a number or a title of the very thing it leads to.
    Number,
    /// The same of another record that is about it.
    Title,
    /// By words of an address.
    Address,
    /// By its last digits.
    Telephone,
}

/// What a row leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// Its own record, of a person.
    OwnPerson,
    /// Its own record, of a household.
    OwnHousehold,
    /// The unit that it is, by its code.
    OwnUnit(usize),
    /// The unit that a field names.
    Unit(usize),
    /// The first person that one of these fields names.
    Person(Vec<usize>),
    /// The household that a field names.
    Household(usize),
}

/// What of every register is searched.
pub(super) fn plans(pack: &Pack, contract: &Contract) -> Vec<Plan> {
    let apart = [
        &contract.questions.register.id,
        &contract.layouts.register.id,
        &contract.posts.register.id,
    ];
    let registers = pack.registers.iter().enumerate();
    let searched = registers.filter(|(_, register)| !apart.contains(&&register.id));
    let plan = |(at, register): (usize, &Register)| {
        let fields = fields(register, contract);
        let places = fields.iter().flat_map(Planned::places);
        let columns = places.map(|at| register.fields[at].id.clone());
        let columns: BTreeSet<String> = columns.collect();
        Plan {
            register: at,
            columns,
            fields,
        }
    };
    searched
        .map(plan)
        .filter(|plan| !plan.fields.is_empty())
        .collect()
}

fn fields(register: &Register, contract: &Contract) -> Vec<Planned> {
    let Some(to) = leads(register, contract) else {
        return Vec::new();
    };
    let own = match to {
        To::OwnPerson => vec![(contract.people.name.at, Kind::Name)],
        To::OwnHousehold => vec![(contract.households.number.at, Kind::Number)],
        To::OwnUnit(code) => vec![(contract.units.name.at, Kind::Name), (code, Kind::Number)],
        _ => Vec::new(),
    };
    let declared = register.fields.iter().enumerate();
    let declared = declared.filter_map(|(at, field)| {
        let kind = match field.kind {
            FieldType::Phone => Kind::Telephone,
            FieldType::Text if field.sensitivity == kernel::Sensitivity::Address => Kind::Address,
            FieldType::Text if register.identity.contains(&field.id) => Kind::Title,
            _ => return None,
        };
        Some((at, kind))
    });
    let mut fields: Vec<Planned> = Vec::new();
    for (at, kind) in own.into_iter().chain(declared) {
        if fields.iter().all(|field| field.at != at) {
            let to = to.clone();
            fields.push(Planned { at, kind, to });
        }
    }
    fields
}

/// What the rows of a register lead to; none if there is no page for it.
fn leads(register: &Register, contract: &Contract) -> Option<To> {
    let (people, households) = (
        &contract.people.register.id,
        &contract.households.register.id,
    );
    if register.id == *people {
        return Some(To::OwnPerson);
    }
    if register.id == *households {
        return Some(To::OwnHousehold);
    }
    if register.id == contract.units.register.id {
        return Some(To::OwnUnit(contract.units.code.at));
    }
    let named = register.kept_with.iter().chain(&register.about);
    let named: Vec<(usize, &FieldType)> = named
        .filter_map(|id| register.field(id))
        .map(|(at, field)| (at, &field.kind))
        .collect();
    let of = |target: &String| {
        let is = |kind: &FieldType| matches!(kind, FieldType::Ref(of) if of == target);
        let found = named.iter().filter(|(_, kind)| is(kind)).map(|(at, _)| *at);
        found.collect::<Vec<usize>>()
    };
    let (persons, homes) = (of(people), of(households));
    let unit = register.identity.iter().filter_map(|id| register.field(id));
    let unit = unit.filter(|(_, field)| field.kind == FieldType::Unit);
    match (persons.is_empty(), homes.first()) {
        (false, _) => Some(To::Person(persons)),
        (true, Some(home)) => Some(To::Household(*home)),
        (true, None) => unit.map(|(at, _)| To::Unit(at)).next(),
    }
}
