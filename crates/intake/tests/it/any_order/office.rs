//! A ledger with the national pack in which a history is carried out, and what its tables say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use tables::AsOf;

use super::doing::Office;
use super::model::{self, Day, Model};

/// A day after everything.
const END: Date = date(2030, 1, 1);

/// Rows of a register: by column, what isn't unknown.
type Rows = Vec<BTreeMap<String, String>>;

impl Office {
    /// What is so on a day, by keys that mean the same in any ledger.
    pub async fn day(&self, model: &Model, on: Date) -> Day {
        let of = |rows: Rows, key: &dyn Fn(&BTreeMap<String, String>) -> Option<String>| {
            let rows = rows.into_iter();
            let pairs = rows.filter_map(|row| Some((row.get("id")?.clone(), key(&row)?)));
            pairs.collect::<BTreeMap<String, String>>()
        };
        let people = of(self.rows("person", END).await, &|row| {
            let number = row.get("id_number").map(|number| model.one(number));
            number.or_else(|| row.get("name").cloned())
        });
        let households = of(self.rows("household", END).await, &|row| {
            Some(format!("{}/{}", row.get("unit")?, row.get("number")?))
        });
        let mut day = Day::new();
        for register in model::registers() {
            let rows = self.rows(register, on).await;
            let table = day.entry(register).or_default();
            for mut row in rows {
                for (id, cell) in &mut row {
                    match id.as_str() {
                        "person" | "relative" | "mother" | "father" | "child" => {
                            *cell = people
                                .get(cell)
                                .cloned()
                                .unwrap_or_else(|| format!("?{cell}"));
                        }
                        "household" => {
                            *cell = households
                                .get(cell)
                                .cloned()
                                .unwrap_or_else(|| format!("?{cell}"));
                        }
                        _ => {}
                    }
                }
                let cell = |id: &str| row.get(id).map_or("", String::as_str);
                let key = match register {
                    "person" => people.get(cell("id")).cloned().unwrap_or_default(),
                    "household" => format!("{}/{}", cell("unit"), cell("number")),
                    "residence" => format!("{}@{}", cell("person"), cell("unit")),
                    "kinship" => format!(
                        "{}>{} {}",
                        cell("person"),
                        cell("relative"),
                        cell("relation")
                    ),
                    "certificate" => cell("number").to_owned(),
                    "birth" => cell("child").to_owned(),
                    "enrolment" => {
                        format!("{} {} {}", cell("person"), cell("programme"), cell("unit"))
                    }
                    _ => cell("person").to_owned(),
                };
                let known = model::columns(register)
                    .into_iter()
                    .filter_map(|(column, field)| Some((field, row.get(column)?.clone())));
                let known: BTreeMap<&str, String> = known.collect();
                if let Some(twice) = table.insert(key.clone(), known) {
                    table.insert(format!("{key} twice"), twice);
                }
            }
        }
        day
    }

    /// Everything on some days, with the numbers of records.
    pub async fn everything(&self, days: &[Date]) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for on in days {
            for register in model::registers() {
                let rows = self.rows(register, *on).await.into_iter();
                all.extend(rows.map(|row| format!("{on} {register} {row:?}")));
            }
        }
        all
    }

    async fn rows(&self, register: &str, on: Date) -> Rows {
        let session = self
            .tables
            .session(&self.grant, AsOf::on(on), self.at)
            .await
            .unwrap();
        let batches = session
            .collect(&format!("select * from {register}"))
            .await
            .unwrap();
        let Some(first) = batches.first() else {
            return Vec::new();
        };
        let schema = first.schema();
        let columns: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let rows = tables::show(&batches).unwrap().into_iter();
        let rows = rows.map(|row| {
            let cells = columns.iter().cloned().zip(row);
            cells
                .filter_map(|(column, cell)| Some((column, cell?)))
                .collect()
        });
        rows.collect()
    }

    /// How many commits there are.
    pub async fn commits(&self) -> i64 {
        let commits = self.ledger.commits(&self.grant, None, 1_000).await.unwrap();
        commits
            .iter()
            .map(|commit| commit.number)
            .max()
            .unwrap_or(0)
    }
}
