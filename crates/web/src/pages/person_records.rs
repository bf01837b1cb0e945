//! What the ledger holds about one person or household, picked out of the rows around it: their own record, where they live,
//! who lives with them, kin, everything else that names them, and the history of all of it.

use std::collections::BTreeSet;

use kernel::{EntryKind, RecordId};
use pack::{FieldType, Kinship, Pack, Register};

use crate::reader::Reader;
use crate::trouble::Trouble;
use crate::words;
use office::{Around, SeenCell, SeenRow, Source, ToldEntry};

/// More records of one register about one person than there should ever be; a page shows no more.
const MOST_RECORDS: usize = 100;
/// How many entries a history shows.
const MOST_ENTRIES: usize = 300;

/// What is held about a person.
pub(crate) struct Held<'a> {
    /// Everything around.
    pub around: &'a Around,
    /// The person's own record.
    pub own: &'a SeenRow,
    /// Where they are registered or live.
    pub residences: Vec<&'a SeenRow>,
    /// Records of kinship, in either direction, by the birth of the other.
    pub kin: Vec<&'a SeenRow>,
    /// Everything else that names the person, by register.
    pub others: Vec<(&'a Register, Vec<&'a SeenRow>)>,
    /// The people around who are recorded as dead.
    pub dead: BTreeSet<i64>,
}

/// The fields of a register that name a person.
pub(crate) fn naming<'r>(around: &Around, register: &'r Register) -> impl Iterator<Item = &'r str> {
    let person = FieldType::Ref(around.contract.people.register.id.clone());
    let fields = register.fields.iter();
    fields
        .filter(move |field| field.kind == person)
        .map(|field| field.id.as_str())
}

/// The records of a register that are about the person.
fn about<'a>(around: &'a Around, register: &'a Register, person: i64) -> Vec<&'a SeenRow> {
    let names = |row: &&SeenRow| {
        let mut fields = naming(around, register);
        let is_about = |field: &str| register.about.iter().any(|about| about == field);
        fields.any(|field| is_about(field) && row.reference(field) == Some(person))
    };
    around
        .of(&register.id)
        .iter()
        .filter(names)
        .take(MOST_RECORDS)
        .collect()
}

/// Everything held about a person, or nothing if the reader sees no such person.
pub(crate) fn held<'a>(around: &'a Around, pack: &'a Pack, person: RecordId) -> Option<Held<'a>> {
    let contract = &around.contract;
    let own = around.person(person.0)?;
    let mut held = Held {
        around,
        own,
        residences: Vec::new(),
        kin: Vec::new(),
        others: Vec::new(),
        dead: dead(around),
    };
    for register in &pack.registers {
        let rows = about(around, register, person.0);
        match &register.id {
            _ if rows.is_empty() => {}
            id if *id == contract.homes.register.id => held.residences = rows,
            id if *id == contract.kinship.register.id => held.kin = rows,
            _ => held.others.push((register, rows)),
        }
    }
    let born = |row: &&SeenRow| {
        let other = other_of(&contract.kinship, row, person.0)?;
        let other = around.person(other)?;
        other
            .get(&contract.people.birth_date.id)
            .map(ToOwned::to_owned)
    };
    held.kin.sort_by_key(born);
    Some(held)
}

/// The other person of a record of kinship.
pub(crate) fn other_of(kinship: &Kinship, row: &SeenRow, person: i64) -> Option<i64> {
    [&kinship.person, &kinship.relative]
        .into_iter()
        .filter_map(|side| row.reference(&side.id))
        .find(|other| *other != person)
}

/// Who of the people around has died by the day.
pub(crate) fn dead(around: &Around) -> BTreeSet<i64> {
    let deaths = &around.contract.deaths;
    let by_then = |row: &&SeenRow| match row.cell(&deaths.died_on.id) {
        SeenCell::Value(day) => day.as_date().is_none_or(|day| day <= around.on),
        _ => true,
    };
    around
        .of(&deaths.register.id)
        .iter()
        .filter(by_then)
        .filter_map(|row| row.reference(&deaths.person.id))
        .collect()
}

/// The day on which somebody died, if it is seen.
pub(crate) fn died_on(around: &Around, person: i64) -> Option<&str> {
    let deaths = &around.contract.deaths;
    let mut rows = around.of(&deaths.register.id).iter();
    let own = rows.find(|row| row.reference(&deaths.person.id) == Some(person));
    own?.get(&deaths.died_on.id)
}

/// Who lives in a household: the head first, then by birth.
pub(crate) fn members(around: &Around, household: i64) -> Vec<&SeenRow> {
    let (homes, people) = (&around.contract.homes, &around.contract.people);
    let here = |row: &&SeenRow| row.reference(&homes.household.id) == Some(household);
    let mut members: Vec<&SeenRow> = around
        .of(&homes.register.id)
        .iter()
        .filter(here)
        .take(MOST_RECORDS)
        .collect();
    let order = |row: &&SeenRow| {
        let person = row
            .reference(&homes.person.id)
            .and_then(|person| around.person(person));
        let born = person
            .and_then(|person| person.get(&people.birth_date.id))
            .map(ToOwned::to_owned);
        let relation = row.get(&homes.relation_to_head.id);
        (relation.unwrap_or("~").to_owned(), born)
    };
    members.sort_by_key(order);
    members
}

/// Who says something, by name.
pub(crate) fn whose(reader: &Reader, told: &ToldEntry) -> String {
    let sender = told.say.as_ref().map(|say| say.voice.sender.as_str());
    let sources = reader.office.pack.code("source");
    let member = sources.and_then(|list| list.member(sender?));
    member.map_or_else(String::new, |member| {
        member.name.get(reader.lang).to_owned()
    })
}

/// Who says something, with who put it right where it isn't what they said themselves.
pub(crate) fn whose_word(reader: &Reader, told: &ToldEntry) -> String {
    let put_right = match told.commit.source {
        Source::Amendment { .. } | Source::Settled { .. } => told.entry.kind == EntryKind::Correct,
        _ => false,
    };
    let mut whose = whose(reader, told);
    if put_right {
        whose += &words::put_right_by(&told.commit.actor, reader.lang);
    }
    whose
}

/// What was said of the records about a person in units the reader may see, the latest first.
pub(crate) async fn history(reader: &Reader, held: &Held<'_>) -> Result<Vec<ToldEntry>, Trouble> {
    let of = |register: &Register, rows: &[&SeenRow]| -> Vec<(String, RecordId)> {
        let records = rows.iter().map(|row| (register.id.clone(), row.record));
        records.collect()
    };
    let contract = &held.around.contract;
    let mut records = of(&contract.people.register, &[held.own]);
    records.extend(of(&contract.homes.register, &held.residences));
    records.extend(of(&contract.kinship.register, &held.kin));
    for (register, rows) in &held.others {
        records.extend(of(register, rows));
    }
    Ok(reader.view()?.history(&records, MOST_ENTRIES).await?)
}
