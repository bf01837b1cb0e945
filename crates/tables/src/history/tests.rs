//! What a register was on a day, by what was known: entries taken back, and doubles that were merged.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use super::*;
use jiff::Timestamp;
use jiff::civil::date;
use kernel::RecordId;
use pack::{Pack, SourceFile};

fn pack() -> Pack {
    let file = |path: &str, text: &str| SourceFile {
        path: path.into(),
        text: text.into(),
    };
    let files = vec![
        file(
            "pack.toml",
            "[pack]\nid = \"test\"\nname = { zh = \"测试\", en = \"Test\" }\nversion = \"1\"\n",
        ),
        file(
            "registers/person.toml",
            "[register]\nid = \"person\"\nname = { zh = \"人员\", en = \"Person\" }\nidentity = [\"name\"]\nunique = \"book\"\n\
             [[field]]\nid = \"name\"\ntype = \"text\"\nname = { zh = \"姓名\", en = \"Name\" }\nrequired = true\n",
        ),
    ];
    match pack::load(files) {
        Ok(pack) => pack,
        Err(faulty) => panic!(
            "{}",
            pack::render(&faulty.files, &faulty.faults, kernel::Lang::En, false)
        ),
    }
}

/// An entry: its place, its record, what it does, since which day of January, in which minute it was known, and the name.
type Told = (i64, i64, EntryKind, i8, i64, &'static str);

const FIRST: i64 = 1_767_574_800;

fn history(register: &Register, told: &[Told]) -> History {
    let entries: Vec<Entry> = told
        .iter()
        .map(|(seq, record, kind, day, minute, name)| Entry {
            book: "210203001001".parse().unwrap(),
            seq: *seq,
            commit: *seq,
            register: "person".into(),
            record: RecordId(*record),
            kind: *kind,
            valid_from: date(2025, 1, *day),
            recorded_at: Timestamp::from_second(FIRST + 60 * minute).unwrap(),
            actor: "clerk".into(),
            source: "test".into(),
            arrives: false,
            body: format!("{{\"name\":\"{name}\"}}"),
            hash: ledger::Digest([0; 32]),
        })
        .collect();
    let entries: Vec<&Entry> = entries.iter().collect();
    History::empty(register).then(register, &entries).unwrap()
}

/// Who was there on a day of January, by what was known in a minute.
fn there(register: &Register, history: &History, day: i8, minute: i64) -> Vec<(i64, String)> {
    let known = Some((FIRST + 60 * minute) * 1_000_000);
    let book = "210203001001".parse().unwrap();
    let batch = history
        .as_of(register, book, date(2025, 1, day), known)
        .unwrap();
    let records = batch
        .column(0)
        .as_primitive::<Int64Type>()
        .values()
        .to_vec();
    let names = crate::texts(batch.column(3).as_ref());
    records
        .into_iter()
        .zip(names.into_iter().flatten())
        .collect()
}

#[test]
fn entries_taken_back_count_from_when_it_was_known() {
    use EntryKind::{Change, Close, Open, Undo};
    let pack = pack();
    let register = pack.register("person").unwrap();
    let history = history(
        register,
        &[
            (1, 7, Open, 1, 1, "甲"),
            (2, 7, Change, 5, 2, "乙"),
            (3, 7, Close, 9, 3, "乙"),
            // The close, then the change, are taken back; then the opening, too.
            (4, 7, Undo, 9, 4, "乙"),
            (5, 7, Undo, 5, 5, "甲"),
            (6, 7, Undo, 1, 6, "甲"),
        ],
    );
    let on = |day, minute| there(register, &history, day, minute);
    let one = |name: &str| vec![(7, name.to_owned())];
    assert_eq!(on(4, 3), one("甲"));
    assert_eq!(on(6, 3), one("乙"));
    assert!(on(10, 3).is_empty(), "it had ended");
    assert_eq!(on(10, 4), one("乙"), "the end was taken back");
    assert_eq!(on(10, 5), one("甲"), "the change, too");
    assert!(on(10, 6).is_empty() && on(1, 6).is_empty(), "never there");
    assert_eq!(
        on(10, 4),
        one("乙"),
        "what was known then is still what was known then"
    );
}

#[test]
fn a_double_was_never_there_until_the_merge_is_taken_back() {
    use EntryKind::{Change, Merge, Open, Undo};
    let pack = pack();
    let register = pack.register("person").unwrap();
    let history = history(
        register,
        &[
            (1, 7, Open, 1, 1, "甲"),
            (2, 8, Open, 1, 1, "贾"),
            (3, 8, Change, 3, 2, "假"),
            (4, 8, Merge, 9, 3, "假"),
            (5, 8, Undo, 9, 4, "假"),
        ],
    );
    let names = |day, minute| -> Vec<String> {
        let there = there(register, &history, day, minute);
        there.into_iter().map(|(_, name)| name).collect()
    };
    assert_eq!(names(2, 2), ["甲", "贾"]);
    assert_eq!(names(4, 2), ["甲", "假"]);
    assert_eq!(names(2, 3), ["甲"], "not on any earlier day either");
    assert_eq!(names(10, 3), ["甲"]);
    assert_eq!(names(2, 4), ["甲", "贾"]);
    assert_eq!(names(10, 4), ["甲", "假"]);
}
