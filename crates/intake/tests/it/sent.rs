//! Lists as clerks send them, taken by an office one after the other, and what they come to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use intake::Outcome;
use jiff::civil::{Date, date};

use crate::common::{ONE, Office, STREET, messages};

/// A list: the roster, the unit, the day, and its rows or the file they stand in.
#[derive(Clone)]
pub struct List {
    pub roster: &'static str,
    pub unit: &'static str,
    pub on: Date,
    pub rows: Result<Vec<Vec<String>>, &'static str>,
}

/// A list in a file of the cases.
pub fn file(roster: &'static str, unit: &'static str, on: Date, name: &'static str) -> List {
    List {
        roster,
        unit,
        on,
        rows: Err(name),
    }
}

/// A list of these rows.
pub fn list<const N: usize>(
    (roster, unit, on): (&'static str, &'static str, Date),
    head: [&str; N],
    rows: &[[&str; N]],
) -> List {
    let rows = std::iter::once(&head).chain(rows);
    let rows = rows.map(|row| row.map(str::to_owned).to_vec());
    List {
        roster,
        unit,
        on,
        rows: Ok(rows.collect()),
    }
}

/// An office with a street of three communities.
pub async fn office() -> Office {
    let office = Office::new().await;
    take(
        &office,
        &file("units", STREET, date(2025, 1, 1), "units.csv"),
    )
    .await;
    office
}

pub async fn take(office: &Office, list: &List) -> Outcome {
    let path = match &list.rows {
        Err(name) => case(name),
        Ok(rows) => {
            let path = office.path("list.csv");
            let text: String = rows.iter().map(|row| row.join(",") + "\r\n").collect();
            std::fs::write(&path, text).unwrap();
            path
        }
    };
    let mut request = office.request(list.roster, list.unit, vec![path]);
    request.on = list.on;
    let outcome = intake::import(&office.tables, &request, &mut |_| ())
        .await
        .unwrap();
    assert_eq!(outcome.rejected(), 0, "{:#?}", messages(&outcome));
    outcome
}

/// Takes a file of the cases, or one made on the spot, whatever becomes of its rows.
pub async fn try_take(office: &Office, roster: &str, on: Date, path: PathBuf) -> Outcome {
    let mut request = office.request(roster, ONE, vec![path]);
    request.on = on;
    intake::import(&office.tables, &request, &mut |_| ())
        .await
        .unwrap()
}

/// A file of the cases.
pub fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/cases")
        .join(name)
}

/// How many rows of its one file were refused.
pub fn rejected(outcome: &Outcome) -> usize {
    outcome.files[0].rejected()
}

/// An office that took these lists one after the other.
pub async fn after(lists: &[&List]) -> Office {
    let office = office().await;
    for list in lists {
        take(&office, list).await;
    }
    office
}

/// All orders of some lists.
pub fn orders<'a>(lists: &[&'a List]) -> Vec<Vec<&'a List>> {
    if lists.len() < 2 {
        return vec![lists.to_vec()];
    }
    let mut all = Vec::new();
    for first in 0..lists.len() {
        let mut rest = lists.to_vec();
        let one = rest.remove(first);
        all.extend(orders(&rest).into_iter().map(|mut order| {
            order.insert(0, one);
            order
        }));
    }
    all
}

/// In which unit everybody is counted on a day, by name.
pub async fn counted(office: &Office, on: Date) -> BTreeMap<String, String> {
    let standing = office.snapshot().await;
    let mut counted = BTreeMap::new();
    for person in standing.records("person") {
        let name = value(office, "person", "name", person, on).await;
        let unit = standing.unit_of(person, on);
        let unit = unit.map_or_else(|| "-".to_owned(), |unit| unit.to_string());
        counted.insert(name, unit);
    }
    counted
}

pub async fn value(
    office: &Office,
    register: &str,
    field: &str,
    record: kernel::RecordId,
    on: Date,
) -> String {
    let standing = office.snapshot().await;
    let (at, _) = office
        .pack
        .register(register)
        .unwrap()
        .field(field)
        .unwrap();
    let body = standing.record(register, record, on);
    let value = body.and_then(|body| body[at].clone());
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// The values of a field of the records of a register that are there on a day.
pub async fn values(office: &Office, register: &str, field: &str, on: Date) -> Vec<String> {
    let mut values = Vec::new();
    for (record, _) in office.there(register, on).await {
        values.push(value(office, register, field, record, on).await);
    }
    values.sort();
    values
}

pub async fn homes(office: &Office, on: Date) -> usize {
    office.there("residence", on).await.len()
}
