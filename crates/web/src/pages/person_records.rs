//! What the ledger holds about one person: their own record, their household, the people around, everything else that names
//! them, and the history of all of it. Read through one session, so that it is what the reader may see.

use std::collections::{BTreeMap, BTreeSet};

use kernel::RecordId;
use ledger::Entry;
use pack::{FieldType, Pack, Register};
use tables::{Session, show};

use crate::around::Around;
use crate::names::{Person, people};
use crate::reader::Reader;
use crate::trouble::Trouble;

/// More records of one register about one person than there should ever be; a page shows no more.
const MOST_RECORDS: usize = 100;
/// How many entries a history shows.
const MOST_ENTRIES: usize = 300;

/// A record as texts, by column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    values: BTreeMap<String, String>,
}

impl Row {
    /// The value of a column, if there is one.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.values.get(column).map(String::as_str)
    }

    /// A record number in a column.
    pub fn record(&self, column: &str) -> Option<i64> {
        self.get(column)?.parse().ok()
    }
}

/// What is held about a person.
pub(crate) struct Held {
    /// The person's own record.
    pub own: Row,
    /// Where they are registered or live.
    pub residences: Vec<Row>,
    /// The people of the same households, with what binds them to it.
    pub members: Vec<Row>,
    /// Records of kinship, in either direction.
    pub kin: Vec<Row>,
    /// Everything else that names the person, by register.
    pub others: Vec<(usize, Vec<Row>)>,
    /// The people named in all of it, as far as they may be seen.
    pub people: BTreeMap<i64, Person>,
    /// Those of them who are recorded as dead.
    pub dead: BTreeSet<i64>,
}

/// The rows of a query, by column.
pub(crate) async fn rows(session: &Session, sql: &str) -> Result<Vec<Row>, Trouble> {
    let batches = session.collect(sql).await?;
    let Some(first) = batches.first() else {
        return Ok(Vec::new());
    };
    let schema = first.schema();
    let columns: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
    let each = show(&batches)?.into_iter().take(MOST_RECORDS);
    Ok(each
        .map(|values| Row {
            values: columns
                .iter()
                .zip(values)
                .filter_map(|(column, value)| Some(((*column).clone(), value?)))
                .collect(),
        })
        .collect())
}

/// The fields of a register that name a person.
pub(crate) fn naming(register: &Register) -> impl Iterator<Item = &str> {
    let person = |kind: &FieldType| matches!(kind, FieldType::Ref(to) if to == "person");
    let fields = register.fields.iter();
    fields
        .filter(move |field| person(&field.kind))
        .map(|field| field.id.as_str())
}

/// Everything held about a person, or nothing if the session sees no such person.
pub(crate) async fn held(
    around: &Around,
    pack: &Pack,
    person: RecordId,
) -> Result<Option<Held>, Trouble> {
    let session = &around.session;
    let Some(own) = rows(
        session,
        &format!("select * from person where id = {person}"),
    )
    .await?
    .pop() else {
        return Ok(None);
    };
    let members = format!(
        "select m.person, m.household, m.relation_to_head, m.registered, m.living, p.sex, p.birth_date \
         from residence r join residence m on m.household = r.household join person p on p.id = m.person \
         where r.person = {person} order by m.relation_to_head, p.birth_date"
    );
    let residences = format!(
        "select r.*, h.number, h.address, h.kind from residence r left join household h on h.id = r.household where r.person = {person}"
    );
    let kin = format!(
        "select k.*, p.sex, p.birth_date from kinship k \
         left join person p on p.id = case when k.person = {person} then k.relative else k.person end \
         where k.person = {person} or k.relative = {person} order by p.birth_date"
    );
    let residences = rows(session, &residences).await?;
    let members = if residences.is_empty() {
        Vec::new()
    } else {
        rows(session, &members).await?
    };
    let kin = if around.any("kinship") {
        rows(session, &kin).await?
    } else {
        Vec::new()
    };
    let mut others = Vec::new();
    for (nth, register) in pack.registers.iter().enumerate() {
        let named: Vec<String> = naming(register)
            .map(|field| format!("{field} = {person}"))
            .collect();
        if named.is_empty()
            || !around.any(&register.id)
            || ["residence", "kinship"].contains(&register.id.as_str())
        {
            continue;
        }
        let found = rows(
            session,
            &format!("select * from {} where {}", register.id, named.join(" or ")),
        )
        .await?;
        if !found.is_empty() {
            others.push((nth, found));
        }
    }
    let mut held = Held {
        own,
        residences,
        members,
        kin,
        others,
        people: BTreeMap::new(),
        dead: BTreeSet::new(),
    };
    let named = held.named(pack, person);
    held.people = people(session, named.iter().copied()).await?;
    held.dead = dead(around).await?;
    Ok(Some(held))
}

/// Who of the people around is recorded as dead.
pub(crate) async fn dead(around: &Around) -> Result<BTreeSet<i64>, Trouble> {
    if !around.any("death") {
        return Ok(BTreeSet::new());
    }
    let dead = rows(&around.session, "select person from death").await?;
    Ok(dead.iter().filter_map(|row| row.record("person")).collect())
}

impl Held {
    fn named(&self, pack: &Pack, person: RecordId) -> BTreeSet<i64> {
        let mut named = BTreeSet::from([person.0]);
        named.extend(self.members.iter().filter_map(|row| row.record("person")));
        named.extend(
            self.kin
                .iter()
                .flat_map(|row| ["person", "relative"].map(|side| row.record(side)))
                .flatten(),
        );
        for (nth, rows) in &self.others {
            let fields = pack.registers.get(*nth).into_iter().flat_map(naming);
            named.extend(
                fields.flat_map(|field| rows.iter().filter_map(move |row| row.record(field))),
            );
        }
        named
    }

    /// The records of a register that are about the person.
    fn records(&self, pack: &Pack) -> Vec<(String, i64)> {
        let of = |register: &str, rows: &[Row]| -> Vec<(String, i64)> {
            let records = rows.iter().filter_map(|row| row.record("id"));
            records
                .map(|record| (register.to_owned(), record))
                .collect()
        };
        let mut records = of("person", std::slice::from_ref(&self.own));
        records.extend(of("residence", &self.residences));
        records.extend(of("kinship", &self.kin));
        for (nth, rows) in &self.others {
            if let Some(register) = pack.registers.get(*nth) {
                records.extend(of(&register.id, rows));
            }
        }
        records
    }
}

/// What happened to these records in books the reader may see, the latest first, each with the entry of the same record
/// before it.
pub(crate) async fn history(
    reader: &Reader,
    held: &Held,
) -> Result<Vec<(Entry, Option<Entry>)>, Trouble> {
    let mut all = Vec::new();
    for (register, record) in held.records(&reader.site.pack) {
        let mut before: Option<Entry> = None;
        for entry in reader
            .site
            .tables
            .ledger()
            .history(&register, RecordId(record))
            .await?
        {
            if reader.site.grant.sees(&entry.book) {
                all.push((entry.clone(), before.take()));
            }
            before = Some(entry);
        }
    }
    all.sort_by(|(a, _), (b, _)| {
        (b.recorded_at, b.commit, b.seq).cmp(&(a.recorded_at, a.commit, a.seq))
    });
    all.truncate(MOST_ENTRIES);
    Ok(all)
}
