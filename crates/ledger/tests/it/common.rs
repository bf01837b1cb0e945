//! A small pack and short words for the tests: ledgers, drafts and commits in a line each.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{EntryKind, Grant, Lang, RecordId, UnitCode};
use ledger::{
    Algorithm, Asking, Book, Commit, Digest, Draft, Found, Ledger, LedgerError, ListSay, Position,
    Receipt, Roll, Say, SayDraft, Source, Target, Voice, Whole,
};
use pack::{FieldSet, Pack, Record, Said, SourceFile, Value};
use std::sync::Arc;
use tempfile::TempDir;

macro_rules! files {
    ($($path:literal),+) => {
        vec![$(SourceFile { path: $path.into(), text: include_str!(concat!("pack/", $path)).into() }),+]
    };
}

/// Registers unit, household, person, kinship and paper.
pub fn pack() -> Arc<Pack> {
    let files = files![
        "pack.toml",
        "codes/relation.toml",
        "registers/unit.toml",
        "registers/household.toml",
        "registers/person.toml",
        "registers/kinship.toml",
        "registers/paper.toml"
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

/// Sees the street and what is under it.
pub fn grant() -> Grant {
    Grant::whole("clerk", unit(STREET), "test")
}

/// Sees one community.
pub fn only(code: &str) -> Grant {
    Grant::whole("clerk", unit(code), "test")
}

pub const DAY: Date = date(2025, 3, 1);

pub fn text(value: &str) -> Option<Value> {
    Some(Value::Text(value.into()))
}

pub fn number(value: i64) -> Option<Value> {
    Some(Value::Int(value))
}

pub fn person(id: &str, name: &str) -> Record {
    vec![text(id).filter(|_| !id.is_empty()), text(name), None]
}

pub fn household(id: &str) -> Record {
    vec![text(id), None]
}

pub fn child(parent: RecordId, child: RecordId) -> Record {
    vec![number(parent.0), number(child.0), text("child")]
}

pub fn named(name: &str) -> Record {
    vec![None, text(name), None]
}

pub fn draft(register: &str, record: Target, kind: EntryKind, values: Record) -> Draft {
    Draft {
        book: unit(FIRST),
        register: register.into(),
        record,
        kind,
        say: 0,
        from: None,
        until: None,
        said: Said::of(values),
        refs: Vec::new(),
        into: None,
        row: 0,
        seen: None,
    }
}

/// Opens the nth new record of a commit.
pub fn open(book: &str, register: &str, new: u32, values: Record) -> Draft {
    Draft {
        book: unit(book),
        ..draft(register, Target::New(new), EntryKind::Open, values)
    }
}

pub fn known(register: &str, record: RecordId, kind: EntryKind, values: Record) -> Draft {
    draft(register, Target::Known(record), kind, values)
}

pub fn change(register: &str, record: RecordId, values: Record) -> Draft {
    known(register, record, EntryKind::Change, values)
}

pub fn transfer(register: &str, record: RecordId, to: &str) -> Draft {
    Draft {
        book: unit(to),
        ..known(register, record, EntryKind::Transfer, Vec::new())
    }
}

pub fn merge(register: &str, double: RecordId, kept: RecordId) -> Draft {
    Draft {
        into: Some(kept),
        ..known(register, double, EntryKind::Merge, Vec::new())
    }
}

/// What somebody at the desk of a unit says.
pub fn desk(code: &str) -> SayDraft {
    let voice = Voice {
        sender: "desk".into(),
        unit: unit(code),
        roster: String::new(),
    };
    SayDraft::New(Say {
        voice,
        as_of: DAY,
        list: None,
    })
}

/// What a list says.
pub fn list(code: &str, as_of: Date) -> SayDraft {
    let voice = Voice {
        sender: "police".into(),
        unit: unit(code),
        roster: "people".into(),
    };
    let list = ListSay {
        whole: Whole::Whole,
        file: "people.xlsx".into(),
        rows: 3,
        unplaced: 1,
        since: None,
        slices: vec!["a".into(), "b".into()],
        holes: vec!["周某某".into()],
        content: Digest([7; 32]),
    };
    SayDraft::New(Say {
        voice,
        as_of,
        list: Some(list),
    })
}

pub fn commit(asked: &str, entries: Vec<Draft>) -> Commit {
    Commit {
        asked: Asking::to("test").with(asked).done(),
        source: Source::Form {
            action: "test".into(),
        },
        recorded_at: at(1),
        grant: grant(),
        base: None,
        says: vec![desk(FIRST)],
        rolls: Vec::new(),
        entries,
    }
}

pub fn roll(fields: u64, words: &[Position]) -> Roll {
    Roll {
        say: 0,
        fields: FieldSet(fields),
        words: words.to_vec(),
    }
}

/// A ledger with books for two communities: commits 1 and 2.
pub struct Desk {
    pub dir: Option<TempDir>,
    pub ledger: Ledger,
}

impl Desk {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::create(dir.path(), pack(), Algorithm::Sha256)
            .await
            .unwrap();
        Self::with(Some(dir), ledger).await
    }

    pub async fn in_memory() -> Self {
        Self::with(None, Ledger::in_memory(pack(), Algorithm::Sm3)).await
    }

    async fn with(dir: Option<TempDir>, ledger: Ledger) -> Self {
        for code in [FIRST, SECOND] {
            ledger.open_book(unit(code), at(0), &grant()).await.unwrap();
        }
        Self { dir, ledger }
    }

    pub fn path(&self) -> &std::path::Path {
        self.dir.as_ref().unwrap().path()
    }

    pub async fn send(&self, asked: &str, entries: Vec<Draft>) -> Result<Receipt, LedgerError> {
        self.ledger.commit(commit(asked, entries)).await
    }

    /// Opens one record and gives its number.
    pub async fn open(&self, book: &str, register: &str, values: Record) -> RecordId {
        let asked = format!("{book} {register} {values:?}");
        let receipt = self
            .send(&asked, vec![open(book, register, 0, values)])
            .await;
        receipt.unwrap().opened[0]
    }

    pub async fn person(&self, book: &str, id: &str) -> RecordId {
        self.open(book, "person", person(id, "张三")).await
    }

    pub async fn undo(&self, commit: i64) -> Result<Receipt, LedgerError> {
        self.ledger.undo(commit, at(9), &grant()).await
    }

    pub async fn find(&self, register: &str, book: &str, key: &str) -> Vec<RecordId> {
        let found = self
            .ledger
            .find(register, unit(book), &[key.to_owned()])
            .await;
        found.unwrap()[0].iter().map(|found| found.record).collect()
    }

    pub async fn get(&self, register: &str, record: RecordId) -> Option<Found> {
        self.ledger.get(register, &[record]).await.unwrap()[0]
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
    let heads = ledger.heads().await.unwrap();
    let found = ledger.verify(Some(&heads), &mut |_, _| {}).await.unwrap();
    assert_eq!(found.faults, vec![], "the ledger must be sound");
    found.entries
}

/// A refused commit leaves the ledger as it was.
pub async fn refused(desk: &Desk, commit: Commit) -> LedgerError {
    let before = desk.ledger.heads().await.unwrap();
    let error = desk.ledger.commit(commit).await.unwrap_err();
    let after = desk.ledger.heads().await.unwrap();
    assert_eq!(after, before, "nothing partial is left behind");
    told(&error);
    error
}

/// That an error has words in both languages.
pub fn told(error: &LedgerError) {
    let (zh, en) = (error.message(Lang::Zh), error.message(Lang::En));
    assert!(
        zh.chars().count() > 6 && en.len() > 10,
        "{error:?}: {zh} / {en}"
    );
}
