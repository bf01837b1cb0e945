//! What the ledger holds about one person or household, picked out of the rows around it: their own record, where they live,
//! who lives with them, kin, everything else that names them, and the history of all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use kernel::RecordId;
use ledger::{CommitInfo, Entry, Say};
use pack::{FieldType, Pack, Register};

use crate::around::{Around, Row};
use crate::reader::Reader;
use crate::trouble::Trouble;

/// More records of one register about one person than there should ever be; a page shows no more.
const MOST_RECORDS: usize = 100;
/// How many entries a history shows.
const MOST_ENTRIES: usize = 300;

/// What is held about a person.
pub(crate) struct Held<'a> {
    /// Everything around.
    pub around: &'a Around,
    /// The person's own record.
    pub own: &'a Row,
    /// Where they are registered or live.
    pub residences: Vec<&'a Row>,
    /// Records of kinship, in either direction, by the birth of the other.
    pub kin: Vec<&'a Row>,
    /// Everything else that names the person, by register.
    pub others: Vec<(&'a Register, Vec<&'a Row>)>,
    /// The people around who are recorded as dead.
    pub dead: BTreeSet<i64>,
}

/// The fields of a register that name a person.
pub(crate) fn naming(register: &Register) -> impl Iterator<Item = &str> {
    let person = |kind: &FieldType| matches!(kind, FieldType::Ref(to) if to == "person");
    let fields = register.fields.iter();
    fields
        .filter(move |field| person(&field.kind))
        .map(|field| field.id.as_str())
}

/// The records of a register that name the person.
fn about<'a>(around: &'a Around, register: &'a Register, person: i64) -> Vec<&'a Row> {
    let names = |row: &&Row| naming(register).any(|field| row.record(field) == Some(person));
    around
        .of(&register.id)
        .iter()
        .filter(names)
        .take(MOST_RECORDS)
        .collect()
}

/// Everything held about a person, or nothing if the reader sees no such person.
pub(crate) fn held<'a>(around: &'a Around, pack: &'a Pack, person: RecordId) -> Option<Held<'a>> {
    let own = around.one("person", person.0)?;
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
        match register.id.as_str() {
            _ if rows.is_empty() => {}
            "residence" => held.residences = rows,
            "kinship" => held.kin = rows,
            _ => held.others.push((register, rows)),
        }
    }
    let born = |row: &&Row| {
        let other = other_of(row, person.0).and_then(|other| around.one("person", other));
        other
            .and_then(|other| other.get("birth_date"))
            .map(ToOwned::to_owned)
    };
    held.kin.sort_by_key(born);
    Some(held)
}

/// The other person of a record of kinship.
pub(crate) fn other_of(row: &Row, person: i64) -> Option<i64> {
    ["person", "relative"]
        .into_iter()
        .filter_map(|side| row.record(side))
        .find(|other| *other != person)
}

/// Who of the people around is recorded as dead.
pub(crate) fn dead(around: &Around) -> BTreeSet<i64> {
    around
        .of("death")
        .iter()
        .filter_map(|row| row.record("person"))
        .collect()
}

/// Who lives in a household: the head first, then by birth.
pub(crate) fn members(around: &Around, household: i64) -> Vec<&Row> {
    let here = |row: &&Row| row.record("household") == Some(household);
    let mut members: Vec<&Row> = around
        .of("residence")
        .iter()
        .filter(here)
        .take(MOST_RECORDS)
        .collect();
    let order = |row: &&Row| {
        let person = row
            .record("person")
            .and_then(|person| around.one("person", person));
        let born = person
            .and_then(|person| person.get("birth_date"))
            .map(ToOwned::to_owned);
        (row.get("relation_to_head").unwrap_or("~").to_owned(), born)
    };
    members.sort_by_key(order);
    members
}

/// One entry about a person, with whose word it is and what it came from.
pub(crate) struct Told {
    /// The entry.
    pub entry: Entry,
    /// Its commit.
    pub commit: Arc<CommitInfo>,
    /// Who says it, as of when.
    pub say: Option<Say>,
}

impl Told {
    /// The day from which it holds.
    pub(crate) fn from(&self) -> Option<Date> {
        self.entry.from.or(self.say.as_ref().map(|say| say.as_of))
    }

    /// Who says it, by name.
    pub(crate) fn whose(&self, reader: &Reader) -> String {
        let sender = self.say.as_ref().map(|say| say.voice.sender.as_str());
        let sources = reader.site.pack.code("source");
        let member = sources.and_then(|list| list.member(sender?));
        member.map_or_else(String::new, |member| {
            member.name.get(reader.lang).to_owned()
        })
    }
}

/// What was said of the records about a person in units the reader may see, the latest first.
pub(crate) async fn history(reader: &Reader, held: &Held<'_>) -> Result<Vec<Told>, Trouble> {
    let of = |register: &'static str, rows: &[&Row]| -> Vec<(String, i64)> {
        rows.iter()
            .filter_map(|row| Some((register.to_owned(), row.record("id")?)))
            .collect()
    };
    let mut records = of("person", &[held.own]);
    records.extend(of("residence", &held.residences));
    records.extend(of("kinship", &held.kin));
    for (register, rows) in &held.others {
        records.extend(
            rows.iter()
                .filter_map(|row| Some((register.id.clone(), row.record("id")?))),
        );
    }
    let tables = &reader.site.tables;
    let mut entries = Vec::new();
    for (register, record) in records {
        let of_record = tables.ledger().history(&register, RecordId(record)).await?;
        entries.extend(of_record);
    }
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.commit, entry.at)));
    let standing = tables.snapshot().await?;
    let says: BTreeMap<_, _> = standing.says().into_iter().collect();
    let mut commits: BTreeMap<i64, Arc<CommitInfo>> = BTreeMap::new();
    let mut told = Vec::new();
    for entry in entries {
        let commit = match commits.get(&entry.commit) {
            Some(commit) => commit.clone(),
            None => match tables.ledger().commit_info(entry.commit).await? {
                Some(commit) => commits
                    .entry(entry.commit)
                    .or_insert(Arc::new(commit))
                    .clone(),
                None => continue,
            },
        };
        let say = says.get(&entry.say).map(|say| (*say).clone());
        let unit = say.as_ref().map_or(entry.book, |say| say.voice.unit);
        if reader.site.grant.sees(&unit) || reader.site.grant.sees(&entry.book) {
            told.push(Told { entry, commit, say });
        }
        if told.len() == MOST_ENTRIES {
            break;
        }
    }
    Ok(told)
}
