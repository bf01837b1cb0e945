//! A ledger with the national pack in which a history is carried out, and what its tables say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use tables::{AsOf, Session};

use super::doing::Office;
use super::model::{Day, Model, Table};
use super::registers::{REGISTERS, Register, columns};

/// A day after everything.
const END: Date = date(2030, 1, 1);

/// A row: by column, what isn't unknown.
type Cells = BTreeMap<String, String>;
type Rows = Vec<Cells>;

/// The record numbers of people and households, by what stands for each in any ledger.
pub struct Named {
    people: BTreeMap<String, String>,
    households: BTreeMap<String, String>,
}

impl Named {
    fn person(&self, record: &str) -> String {
        let found = self.people.get(record);
        found.cloned().unwrap_or_else(|| format!("?{record}"))
    }

    fn household(&self, record: &str) -> String {
        let found = self.households.get(record);
        found.cloned().unwrap_or_else(|| format!("?{record}"))
    }
}

impl Office {
    async fn session(&self, on: Date) -> Session {
        let session = self.tables.evaluation(AsOf::on(on), "test", self.at);
        session.await.unwrap()
    }

    /// Who and what the record numbers stand for, now.
    pub async fn named(&self, model: &Model) -> Named {
        let end = self.session(END).await;
        let by_record = |rows: Rows, name: &dyn Fn(&Cells) -> String| {
            let rows = rows.into_iter();
            rows.map(|row| (row["id"].clone(), name(&row))).collect()
        };
        Named {
            people: by_record(rows(&end, "person").await, &|row| {
                let number = row.get("id_number").map(|number| model.one(number));
                number.unwrap_or_else(|| format!("{row:?}"))
            }),
            households: by_record(rows(&end, "household").await, &|row| {
                let cell = |id: &str| row.get(id).map_or("", String::as_str);
                format!("{}/{}", cell("unit"), cell("number"))
            }),
        }
    }

    /// What is so on a day, by keys that mean the same in any ledger.
    pub async fn day(&self, named: &Named, on: Date) -> Day {
        let session = self.session(on).await;
        let mut day = Day::new();
        for Register { id: register, .. } in REGISTERS {
            let table = day.entry(register).or_default();
            for mut row in rows(&session, register).await {
                for (id, cell) in &mut row {
                    match id.as_str() {
                        "person" | "relative" | "mother" | "father" | "child" => {
                            *cell = named.person(cell);
                        }
                        "household" => *cell = named.household(cell),
                        _ => {}
                    }
                }
                let key = key(named, register, &row);
                let known = columns(register).into_iter();
                let known =
                    known.filter_map(|(column, field)| Some((field, row.get(column)?.clone())));
                if let Some(twice) = table.insert(key.clone(), known.collect()) {
                    table.insert(format!("{key} twice"), twice);
                }
            }
        }
        day
    }

    /// The telephones that nobody can read and that are asked about.
    pub async fn unread(&self, named: &Named) -> Table {
        let standing = self.tables.snapshot().await.unwrap();
        let contact = standing.shelf("contact").unwrap();
        let (person, _) = contact.register().field("person").unwrap();
        let mut unread = Table::new();
        for one in standing.unread().iter() {
            let record = contact.record(one.record, END).unwrap();
            let person = record.value(person).unwrap().to_string();
            let key = named.person(&person);
            unread.insert(key, BTreeMap::from([("phone", one.text.clone())]));
        }
        unread
    }

    /// Everything on some days, with the numbers of records.
    pub async fn everything(&self, days: &[Date]) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for on in days {
            let session = self.session(*on).await;
            for Register { id: register, .. } in REGISTERS {
                let rows = rows(&session, register).await.into_iter();
                all.extend(rows.map(|row| format!("{on} {register} {row:?}")));
            }
        }
        let standing = self.tables.snapshot().await.unwrap();
        all.extend(standing.unread().iter().map(|one| format!("{one:?}")));
        all
    }

    /// How many commits there are.
    pub async fn commits(&self) -> i64 {
        let commits = self.ledger.commits(&self.grant, None, 1).await.unwrap();
        commits.first().map_or(0, |commit| commit.number)
    }
}

/// The rows of a register.
async fn rows(session: &Session, register: &str) -> Rows {
    let batches = session
        .collect(&format!("select * from {register}"))
        .await
        .unwrap();
    let Some(first) = batches.first() else {
        return Vec::new();
    };
    let schema = first.schema();
    let columns = schema.fields().iter().map(|field| field.name().clone());
    let columns: Vec<String> = columns.collect();
    let rows = tables::show(&batches).unwrap().into_iter();
    let rows = rows.map(|row| {
        let cells = columns.iter().cloned().zip(row);
        cells
            .filter_map(|(column, cell)| Some((column, cell?)))
            .collect()
    });
    rows.collect()
}

/// What a record is known by.
fn key(named: &Named, register: &str, row: &Cells) -> String {
    let cell = |id: &str| row.get(id).map_or("", String::as_str);
    match register {
        "person" => named.person(cell("id")),
        "household" => named.household(cell("id")),
        "residence" => format!("{}@{}", cell("person"), cell("unit")),
        "kinship" => format!(
            "{}>{} {}",
            cell("person"),
            cell("relative"),
            cell("relation")
        ),
        "certificate" => cell("number").to_owned(),
        "birth" => cell("child").to_owned(),
        "enrolment" => format!("{} {} {}", cell("person"), cell("programme"), cell("unit")),
        _ => cell("person").to_owned(),
    }
}
