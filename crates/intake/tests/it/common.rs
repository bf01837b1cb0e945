//! A ledger with the national pack and two communities, and small lists made on the spot.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use intake::{IntakeError, Outcome, Request, import};
use jiff::civil::{Date, date};
use kernel::{Grant, IdNumber, Lang, RecordId, UnitCode};
use ledger::{Access, Algorithm, Entry, Ledger};
use pack::Pack;
use rust_xlsxwriter::Workbook;
use tables::{Snapshot, Tables};

pub const STREET: &str = "210203001000";
pub const ONE: &str = "210203001001";
pub const POLICE: &str = "police-households";
pub const COMMUNITY: &str = "residents-community";
pub const TWO: &str = "210203001002";
pub const ON: Date = date(2025, 12, 31);
/// A day after all lists.
pub const END: Date = date(2030, 1, 1);

pub struct Office {
    pub dir: tempfile::TempDir,
    pub pack: Arc<Pack>,
    pub ledger: Ledger,
    pub tables: Tables,
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

impl Office {
    pub async fn new() -> Office {
        Office::with(testhouse::national()).await
    }

    pub async fn with(pack: Arc<Pack>) -> Office {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::in_memory(pack.clone(), Algorithm::Sha256);
        let tables = Tables::new(ledger.clone(), pack.clone(), None);
        let office = Office {
            dir,
            pack,
            ledger,
            tables,
        };
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
            grant: Grant::whole("clerk", unit(code), "import"),
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
        import(&self.tables, &request, &mut |_| ()).await
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
        self.ledger.entries(unit(code), 0, 10_000).await.unwrap()
    }

    /// The words of a register in a book: what each does, the date it names or `-`, and what it says.
    pub async fn bodies(&self, code: &str, register: &str) -> Vec<String> {
        let entries = self.entries(code).await.into_iter();
        entries
            .filter(|entry| *entry.register == *register)
            .map(|e| {
                let from = e
                    .from
                    .map_or_else(|| "-".to_owned(), |from| from.to_string());
                let body = e.body.unwrap_or_default();
                format!("{} {from} {body}", e.kind.as_str())
            })
            .collect()
    }

    pub async fn snapshot(&self) -> Arc<Snapshot> {
        self.tables.snapshot().await.unwrap()
    }

    /// The records of a register that are there on a day, as JSON.
    pub async fn there(&self, register: &str, on: Date) -> Vec<(RecordId, String)> {
        let standing = self.snapshot().await;
        let declared = self.pack.register(register).unwrap();
        let records = standing.records(register).into_iter();
        let body = |record| standing.record(register, record, on);
        records
            .filter_map(|record| Some((record, declared.encode(&body(record)?))))
            .collect()
    }

    /// The people of a name.
    pub async fn named(&self, name: &str) -> Vec<RecordId> {
        let wanted = format!("\"name\":\"{name}\"");
        let people = self.there("person", END).await.into_iter();
        let named = people.filter(|(_, body)| body.contains(&wanted));
        named.map(|(record, _)| record).collect()
    }

    /// How many people a unit counts on a day.
    pub async fn counted(&self, code: &str, on: Date) -> usize {
        let standing = self.snapshot().await;
        let people = standing.records("person");
        let here = |person: &&RecordId| standing.unit_of(**person, on) == Some(unit(code));
        people.iter().filter(here).count()
    }

    /// Imports cells as a list without dates of its own, as somebody under a grant.
    pub async fn list(&self, roster: &str, code: &str, on: Date, rows: &[Vec<String>]) -> Outcome {
        let path = self.path("list.csv");
        let text: String = (rows.iter()).map(|row| row.join(",") + "\r\n").collect();
        std::fs::write(&path, text).unwrap();
        let mut request = self.request(roster, code, vec![path]);
        request.on = on;
        import(&self.tables, &request, &mut |_| ()).await.unwrap()
    }

    /// Everything that stands: each record as it is at last, where it is kept, and which records there are on some days.
    pub async fn state(&self) -> Vec<String> {
        let mut state = Vec::new();
        let standing = self.snapshot().await;
        for register in &self.pack.registers {
            for on in [ON, date(2026, 3, 1), END] {
                for (record, body) in self.there(&register.id, on).await {
                    let book = standing.kept_in(&register.id, record);
                    let book = book.map(|book| book.to_string()).unwrap_or_default();
                    state.push(format!("{on} {book} {} {record} {body}", register.id));
                }
            }
        }
        let unread = standing.unread().iter();
        state.extend(unread.map(|unread| {
            let at = (unread.record, unread.field, unread.say.as_of);
            format!("unread {} {at:?} {}", unread.register, unread.text)
        }));
        state.sort();
        state
    }

    /// That the ledger is whole.
    pub async fn verify(&self) {
        let verified = self.ledger.verify(None, &mut |_, _| ()).await.unwrap();
        assert!(verified.faults.is_empty(), "{:?}", verified.faults);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// Somebody at the desk.
pub fn desk(who: &str) -> Grant {
    Grant::whole(who, unit(STREET), "review")
}

/// The questions of an office, for somebody at the desk.
pub async fn review<'a>(office: &'a Office, grant: &Grant) -> intake::Review<'a> {
    let at = "2026-01-06T01:00:00Z".parse().unwrap();
    let name = "review".to_owned();
    let admitted = office
        .ledger
        .admit(grant.clone(), at, Access::Command { name });
    intake::Review {
        tables: &office.tables,
        grant: admitted.await.unwrap(),
        at,
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
