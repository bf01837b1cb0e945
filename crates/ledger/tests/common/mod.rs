//! A small pack and short words for the tests: ledgers, drafts and commits in a line each.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{EntryKind, Grant, Lang, RecordId, UnitCode};
use ledger::{Book, Commit, Draft, Ledger, LedgerError, Receipt};
use pack::{Pack, Record, SourceFile, Value};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

macro_rules! files {
    ($($path:literal),+) => {
        vec![$(SourceFile { path: $path.into(), text: include_str!(concat!("../pack/", $path)).into() }),+]
    };
}

/// Registers unit, household, person and kinship.
pub fn pack() -> Arc<Pack> {
    let files = files![
        "pack.toml",
        "codes/relation.toml",
        "registers/unit.toml",
        "registers/household.toml",
        "registers/person.toml",
        "registers/kinship.toml"
    ];
    Arc::new(pack::load(files).expect("the test pack is sound"))
}

pub const STREET: &str = "210203001000";
pub const FIRST: &str = "210203001001";
pub const SECOND: &str = "210203001002";
pub const OTHER_STREET: &str = "210203002001";

pub fn unit(code: &str) -> UnitCode {
    code.parse().unwrap()
}

pub fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_767_574_800 + 60 * minute).unwrap()
}

pub fn grant() -> Grant {
    Grant::whole("clerk", unit(STREET), "test")
}

pub const DAY: Date = date(2025, 3, 1);

pub fn text(value: &str) -> Option<Value> {
    Some(Value::Text(value.into()))
}

pub fn number(value: i64) -> Option<Value> {
    Some(Value::Int(value))
}

pub fn person(id: &str, name: &str) -> Record {
    vec![text(id), text(name), None]
}

pub fn household(id: &str) -> Record {
    vec![text(id), None]
}

pub fn child(parent: RecordId, child: RecordId) -> Record {
    vec![number(parent.0), number(child.0), text("child")]
}

pub fn draft(book: &str, register: &str, record: RecordId, kind: EntryKind, body: Record) -> Draft {
    Draft {
        book: unit(book),
        register: register.into(),
        record,
        kind,
        valid_from: DAY,
        body,
        expect: None,
    }
}

pub fn open(book: &str, register: &str, record: RecordId, body: Record) -> Draft {
    draft(book, register, record, EntryKind::Open, body)
}

pub fn follow(
    book: &str,
    register: &str,
    record: RecordId,
    kind: EntryKind,
    body: Record,
    expect: i64,
) -> Draft {
    Draft {
        expect: Some(expect),
        ..draft(book, register, record, kind, body)
    }
}

pub fn commit(key: &str, entries: Vec<Draft>) -> Commit {
    let (actor, source) = ("clerk".into(), "test".into());
    Commit {
        key: key.into(),
        actor,
        source,
        recorded_at: at(1),
        grant: grant(),
        entries,
    }
}

/// A ledger in a directory of its own, with books for two communities.
pub struct Desk {
    pub dir: TempDir,
    pub ledger: Ledger,
}

impl Desk {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::create(dir.path(), pack()).await.unwrap();
        for code in [FIRST, SECOND] {
            ledger.open_book(unit(code), at(0), &grant()).await.unwrap();
        }
        Self { dir, ledger }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub async fn next(&self, book: &str) -> RecordId {
        self.ledger.next_ids(unit(book)).await.unwrap()
    }

    pub async fn send(&self, key: &str, entries: Vec<Draft>) -> Result<Receipt, LedgerError> {
        self.ledger.commit(commit(key, entries)).await
    }

    /// Opens one person and gives its number.
    pub async fn person(&self, book: &str, id: &str) -> RecordId {
        let record = self.next(book).await;
        let key = format!("{id} as {record}");
        self.send(&key, vec![open(book, "person", record, person(id, "张三"))])
            .await
            .unwrap();
        record
    }

    pub async fn seq(&self, book: &str) -> i64 {
        self.book(book).await.seq
    }

    pub async fn book(&self, book: &str) -> Book {
        self.ledger.book(unit(book)).await.unwrap().unwrap()
    }

    /// Everything agrees with everything.
    pub async fn assert_sound(&self) {
        assert_sound(&self.ledger).await;
    }
}

pub async fn assert_sound(ledger: &Ledger) -> u64 {
    let found = ledger.verify(&mut |_, _| {}).await.unwrap();
    assert_eq!(found.faults, vec![], "the ledger must be sound");
    found.entries
}

/// A refused commit leaves the ledger as it was.
pub async fn refused(desk: &Desk, entries: Vec<Draft>) -> LedgerError {
    let before = desk.ledger.books().await.unwrap();
    let error = desk.send("refused", entries).await.unwrap_err();
    assert_eq!(
        desk.ledger.books().await.unwrap(),
        before,
        "nothing partial is left behind"
    );
    assert!(!error.message(Lang::Zh).is_empty() && !error.message(Lang::En).is_empty());
    error
}
