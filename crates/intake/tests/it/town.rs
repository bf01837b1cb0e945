//! Four departments' lists of a town without ID numbers, imported one after the other, and held against who everybody is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use intake::{Absence, Request, import};
use jiff::civil::Date;
use kernel::{Grant, Lang, UnitCode};
use pack::{Pack, Record, SourceFile};
use tables::Tables;

pub const LISTS: [&str; 4] = ["police", "health", "insurance", "community"];

/// The national pack, to which the truth of each row is added as a column.
pub fn with_truth(mut files: Vec<SourceFile>) -> Arc<Pack> {
    files.push(SourceFile {
        path: "registers/truth.toml".to_owned(),
        text: r#"
[register]
id = "truth"
name = { zh = "真值", en = "Truth" }
identity = ["person", "roster"]
unique = "book"
about = "person"
[[field]]
id = "person"
type = "ref"
register = "person"
name = { zh = "人员", en = "Person" }
required = true
[[field]]
id = "roster"
type = "text"
name = { zh = "名册", en = "Roster" }
required = true
[[field]]
id = "who"
type = "text"
name = { zh = "真值", en = "Truth" }
required = true
"#
        .to_owned(),
    });
    for file in &mut files {
        let id = file
            .path
            .strip_prefix("rosters/")
            .and_then(|p| p.strip_suffix(".toml"));
        let Some(id) = id.filter(|id| id.starts_with("residents-")) else {
            continue;
        };
        file.text = file.text.replace(
            "[[column]]\nid = \"name\"",
            "[[column]]\nid = \"who\"\ntype = \"text\"\nname = { zh = \"真值\", en = \"Truth\" }\nrequired = true\n\n[[column]]\nid = \"name\"",
        );
        file.text.push_str(&format!(
            "\n[[write]]\nregister = \"truth\"\ncreate = true\nsince = \"@today\"\nset = {{ person = \"@person\", roster = \"'{id}'\", who = \"who\" }}\n"
        ));
    }
    testhouse::loaded(files)
}

/// How the people of the ledger stand to those of the truth.
#[derive(Debug, Default)]
pub struct Held {
    pub rows: usize,
    pub asked: usize,
    /// Questions whose first candidate is the one.
    pub right_first: usize,
    /// People of refused rows, which are told with a reason.
    pub refused: usize,
    /// People of the truth, and those of them nobody in the ledger, no question and no refused row is.
    pub people: usize,
    pub lost: usize,
    /// People of the ledger, and those of them who are several of the truth.
    pub records: usize,
    pub merged: Vec<BTreeSet<String>>,
    /// People of the truth who are several in the ledger.
    pub split: Vec<String>,
    pub precision: f64,
    pub recall: f64,
    pub b_cubed_f1: f64,
    pub entries: i64,
}

impl Held {
    pub fn questions_per_thousand(&self) -> f64 {
        self.asked as f64 * 1000.0 / self.rows as f64
    }
}

/// What importing the lists came to.
#[derive(Debug, Default)]
pub struct Imported {
    pub rows: usize,
    pub asked: usize,
    /// The people of rows that were refused, each with a reason.
    pub refused: BTreeSet<String>,
}

/// Who the refused rows of a list are.
fn refused_of(file: &intake::FileOutcome, path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let whose = |row: u32| {
        let line = lines[row as usize - 1];
        line.split(',').next().unwrap().to_owned()
    };
    let rejected = file
        .results
        .iter()
        .filter(|row| row.verdict == intake::Verdict::Rejected);
    rejected.map(|row| whose(row.row)).collect()
}

/// Imports the lists of a folder in order.
pub async fn import_lists(tables: &Tables, dir: &Path, unit: UnitCode, on: Date) -> Imported {
    let Imported {
        mut rows,
        mut asked,
        mut refused,
    } = Imported::default();
    for list in LISTS {
        let request = Request {
            roster: format!("residents-{list}"),
            unit,
            files: vec![dir.join(format!("{list}.csv")).into()],
            on,
            recorded_at: "2026-01-05T01:00:00Z".parse().unwrap(),
            grant: Grant::whole("clerk", unit, "import"),
            dry_run: false,
            absence: Absence::Guarded,
            told: std::collections::BTreeMap::new(),
            lang: Lang::Zh,
        };
        let outcome = import(tables, &request, &mut |_| ()).await.unwrap();
        let file = &outcome.files[0];
        refused.extend(refused_of(file, &request.files[0].path));
        rows += file.rows();
        asked += file.asked();
    }
    Imported {
        rows,
        asked,
        refused,
    }
}

/// Holds the ledger against the truth its rows carried.
pub async fn hold(tables: &Tables, dir: &Path, unit: UnitCode, imported: &Imported) -> Held {
    let (pack, standing) = (tables.pack(), tables.snapshot().await.unwrap());
    let records = |register: &str| -> Vec<Record> {
        let records = standing.records(register).into_iter();
        let end = pack::latest_date();
        records
            .filter_map(|record| standing.record(register, record, end))
            .collect()
    };
    let mut held = Held {
        rows: imported.rows,
        asked: imported.asked,
        refused: imported.refused.len(),
        ..Held::default()
    };
    let (mut found, mut known) = (Vec::new(), Vec::new());
    let mut whose: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    let text = |body: &pack::Record, at: usize| body[at].as_ref().unwrap().to_string();
    let mut records_of: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for body in records("truth") {
        let person = body[0].as_ref().unwrap().as_int().unwrap();
        let who = body[2].as_ref().unwrap().as_text().unwrap().to_owned();
        found.push(person);
        known.push(who.clone());
        whose.entry(person).or_default().insert(who.clone());
        records_of.entry(who).or_default().insert(person);
    }
    let mut waiting = imported.refused.clone();
    let question = pack.register("question").unwrap();
    let at = |field: &str| question.field(field).unwrap().0;
    for body in records("question") {
        let cells: serde_json::Value = serde_json::from_str(&text(&body, at("cells"))).unwrap();
        let who = cells["who"].as_str().unwrap().to_owned();
        let candidates = body[at("candidates")].as_ref().map(ToString::to_string);
        let first = candidates.and_then(|json| {
            let candidates: serde_json::Value = serde_json::from_str(&json).unwrap();
            candidates[0]["person"].as_i64()
        });
        let first = first.and_then(|person| whose.get(&person));
        held.right_first += usize::from(first.is_some_and(|truth| truth.contains(&who)));
        waiting.insert(who);
    }
    let mut people = BTreeSet::new();
    for list in LISTS {
        let text = std::fs::read_to_string(dir.join(format!("{list}.csv"))).unwrap();
        people.extend(
            text.lines()
                .skip(1)
                .filter_map(|l| l.split(',').next())
                .map(str::to_owned),
        );
    }
    let agreement = linkage::agreement(&found, &known);
    held.people = people.len();
    held.lost = people
        .iter()
        .filter(|who| !records_of.contains_key(*who) && !waiting.contains(*who))
        .count();
    held.records = whose.len();
    held.merged = whose.into_values().filter(|who| who.len() > 1).collect();
    held.split = records_of
        .into_iter()
        .filter(|(_, records)| records.len() > 1)
        .map(|(who, _)| who)
        .collect();
    held.precision = agreement.precision;
    // Rows that wait for an answer belong to their person, too, and are not found before it.
    let all: f64 = pairs_of_truth(dir);
    let right = agreement.precision * pairs(&found);
    held.recall = right / all;
    held.b_cubed_f1 = agreement.b_cubed_f1();
    held.entries = tables.ledger().book(unit).await.unwrap().unwrap().seq;
    held
}

fn pairs(of: &[i64]) -> f64 {
    let mut sizes: BTreeMap<i64, f64> = BTreeMap::new();
    for person in of {
        *sizes.entry(*person).or_default() += 1.0;
    }
    sizes.values().map(|n| n * (n - 1.0) / 2.0).sum()
}

fn pairs_of_truth(dir: &Path) -> f64 {
    let mut sizes: BTreeMap<String, f64> = BTreeMap::new();
    for list in LISTS {
        let text = std::fs::read_to_string(dir.join(format!("{list}.csv"))).unwrap();
        for who in text.lines().skip(1).filter_map(|l| l.split(',').next()) {
            *sizes.entry(who.to_owned()).or_default() += 1.0;
        }
    }
    sizes.values().map(|n| n * (n - 1.0) / 2.0).sum()
}
