//! A ledger with the national pack and two communities, and small lists made on the spot.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use intake::{IntakeError, Outcome, Request, import};
use jiff::civil::{Date, date};
use kernel::{Grant, IdNumber, Lang, UnitCode};
use ledger::{Entry, Ledger};
use pack::Pack;
use rust_xlsxwriter::Workbook;

pub const STREET: &str = "210203001000";
pub const ONE: &str = "210203001001";
pub const TWO: &str = "210203001002";
pub const ON: Date = date(2025, 12, 31);

mod national;
pub use national::national_files;

pub struct Office {
    pub dir: tempfile::TempDir,
    pub pack: Arc<Pack>,
    pub ledger: Ledger,
}

pub fn unit(code: &str) -> UnitCode {
    code.parse().unwrap()
}

/// An ID number of a birth and an order.
pub fn id(year: i16, month: i8, day: i8, order: u16) -> String {
    IdNumber::compose("210203", date(year, month, day), order)
        .unwrap()
        .as_str()
        .to_owned()
}

pub fn national() -> Arc<Pack> {
    match pack::load(national_files()) {
        Ok(pack) => Arc::new(pack),
        Err(faulty) => panic!(
            "{}",
            pack::render(&faulty.files, &faulty.faults, Lang::En, false)
        ),
    }
}

impl Office {
    pub async fn new() -> Office {
        let dir = tempfile::tempdir().unwrap();
        let pack = national();
        let ledger = Ledger::create(dir.path(), pack.clone()).await.unwrap();
        let office = Office { dir, pack, ledger };
        let grant = office.grant();
        for code in [STREET, ONE, TWO] {
            office
                .ledger
                .open_book(unit(code), "2026-01-05T01:00:00Z".parse().unwrap(), &grant)
                .await
                .unwrap();
        }
        office
    }

    pub fn grant(&self) -> Grant {
        Grant::whole("clerk", unit(STREET), "import")
    }

    pub fn request(&self, roster: &str, code: &str, files: Vec<PathBuf>) -> Request {
        Request {
            roster: roster.to_owned(),
            unit: unit(code),
            files: files.into_iter().map(Into::into).collect(),
            on: ON,
            recorded_at: "2026-01-05T01:00:00Z".parse().unwrap(),
            actor: "clerk".to_owned(),
            grant: self.grant(),
            dry_run: false,
            absence: intake::Absence::Guarded,
            told: std::collections::BTreeMap::new(),
            lang: Lang::Zh,
        }
    }

    pub async fn import(
        &self,
        roster: &str,
        code: &str,
        file: &Path,
    ) -> Result<Outcome, IntakeError> {
        let request = self.request(roster, code, vec![file.to_owned()]);
        import(&self.ledger, &self.pack, &request, &mut |_| ()).await
    }

    /// Imports cells as a CSV file.
    pub async fn csv(
        &self,
        roster: &str,
        code: &str,
        rows: &[&[&str]],
    ) -> Result<Outcome, IntakeError> {
        let path = self.dir.path().join("list.csv");
        std::fs::write(&path, csv(rows)).unwrap();
        self.import(roster, code, &path).await
    }

    pub async fn entries(&self, code: &str) -> Vec<Entry> {
        self.ledger
            .entries(unit(code), None, 0, 10_000)
            .await
            .unwrap()
    }

    pub async fn bodies(&self, code: &str, register: &str) -> Vec<String> {
        let entries = self
            .ledger
            .entries(unit(code), Some(register), 0, 10_000)
            .await
            .unwrap();
        entries
            .into_iter()
            .map(|e| format!("{} {} {}", e.kind.as_str(), e.valid_from, e.body))
            .collect()
    }

    /// Imports cells as a list without dates of its own, as somebody under a grant.
    pub async fn list(&self, roster: &str, code: &str, on: Date, rows: &[Vec<String>]) -> Outcome {
        let path = self.path("list.csv");
        let text: String = (rows.iter()).map(|row| row.join(",") + "\r\n").collect();
        std::fs::write(&path, text).unwrap();
        let mut request = self.request(roster, code, vec![path]);
        request.on = on;
        import(&self.ledger, &self.pack, &request, &mut |_| ())
            .await
            .unwrap()
    }

    /// Everything the ledger knows now: each record with its last values, in every book, and whom every identity leads to that
    /// any record ever had.
    pub async fn state(&self) -> Vec<String> {
        let mut state = Vec::new();
        for book in self.ledger.books().await.unwrap() {
            for register in &self.pack.registers {
                for found in self.ledger.records(book.unit, &register.id).await.unwrap() {
                    let closed = if found.closed { "closed" } else { "open" };
                    state.push(format!(
                        "{} {} {} {closed} {}",
                        book.unit, register.id, found.record, found.body
                    ));
                }
                let entries = self
                    .ledger
                    .entries(book.unit, Some(&register.id), 0, 100_000);
                let bodies = entries.await.unwrap().into_iter().map(|entry| entry.body);
                let keys =
                    bodies.filter_map(|body| register.identity_key(&register.decode(&body).ok()?));
                let keys: Vec<String> = keys.collect::<BTreeSet<_>>().into_iter().collect();
                let found = self
                    .ledger
                    .find(&register.id, book.unit, &keys)
                    .await
                    .unwrap();
                for (key, found) in keys.iter().zip(found) {
                    state.extend(found.map(|found| {
                        format!(
                            "{} {} {key} leads to {}",
                            book.unit, register.id, found.record
                        )
                    }));
                }
            }
        }
        state.sort();
        state
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

pub fn csv(rows: &[&[&str]]) -> String {
    rows.iter().map(|r| r.join(",") + "\r\n").collect()
}

/// A workbook of text cells, one sheet for each name.
pub fn xlsx(path: &Path, sheets: &[(&str, &[&[&str]])]) {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (r, row) in (0..).zip(*rows) {
            for (c, cell) in (0..).zip(*row) {
                if !cell.is_empty() {
                    sheet.write_string(r, c, *cell).unwrap();
                }
            }
        }
    }
    book.save(path).unwrap();
}

/// The messages of an outcome, in English.
pub fn messages(outcome: &Outcome) -> Vec<String> {
    outcome
        .files
        .iter()
        .flat_map(|f| f.notes.iter().map(|n| n.message(Lang::En)))
        .collect()
}
