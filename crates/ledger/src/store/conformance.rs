//! What every store must do, as one function that tries it. For tests of stores, here and elsewhere.
#![allow(missing_docs, reason = "for tests only")]

use super::{
    Batch, Body, BookRow, CommitRow, EdgeRow, EntryRow, Erasing, ErasureRow, KeyRow, Last, PackRow,
    RecordRow, RollRow, RowCounts, SayRow, Store, StoreError,
};
use crate::entry::{Digest, ListSay, Position, Say, SayId, Voice, Whole};
use crate::store::AccessRow;
use jiff::civil::{Date, date};
use kernel::EntryKind;
use std::sync::Arc;

/// Tries an empty store.
pub async fn all(store: &dyn Store) -> Result<(), StoreError> {
    a_dropped_session_leaves_nothing(store).await?;
    what_is_written_is_read(store).await?;
    sessions_see_one_state(store).await?;
    entries_and_trails(store).await?;
    records_and_directory(store).await?;
    links(store).await?;
    taken_back_and_erased(store).await?;
    accesses(store).await
}

fn byte(number: i64) -> u8 {
    number.to_le_bytes()[0]
}

const AT: Date = date(1949, 10, 1);

fn place(book: i64, seq: i64) -> Position {
    Position { book, seq }
}

fn book(number: i64, seq: i64) -> BookRow {
    BookRow {
        number,
        unit: format!("21020300100{number}"),
        seq,
        hash: [byte(number); 32],
        opened_at: "2026-01-01T00:00:00Z".into(),
        opened_by: "clerk".into(),
    }
}

fn commit(number: i64, undoes: Option<i64>) -> CommitRow {
    CommitRow {
        number,
        asked: [byte(number); 32],
        actor: "clerk".into(),
        source: "{}".into(),
        recorded_at: "2026-01-01T00:00:00Z".into(),
        rights: "{}".into(),
        pack: 1,
        undoes,
        undone_by: None,
        units: "[]".into(),
        opened: "[]".into(),
        entries: 2,
        heads: "[]".into(),
        seal: [9; 32],
    }
}

fn say(commit: i64, nth: u32) -> Result<SayRow, StoreError> {
    let list = ListSay {
        whole: Whole::Guarded,
        file: "名册.xlsx".into(),
        rows: 3,
        unplaced: 1,
        since: None,
        slices: vec!["a".into(), "b".into()],
        holes: vec!["周某某".into()],
        content: Digest([5; 32]),
    };
    let unit = "210203001001".parse();
    let voice = Voice {
        sender: "police".into(),
        unit: unit.map_err(|fault| StoreError::Failed(Box::new(fault)))?,
        roster: "people".into(),
    };
    let say = Say {
        voice,
        as_of: AT,
        list: (nth == 0).then_some(list),
    };
    let id = SayId { commit, nth };
    Ok(SayRow { id, say })
}

fn entry(at: Position, record: i64, commit: i64, previous: Option<Position>) -> EntryRow {
    EntryRow {
        at,
        commit,
        say: SayId { commit, nth: 1 },
        register: Arc::from(if record % 2 == 0 {
            "household"
        } else {
            "person"
        }),
        record,
        kind: EntryKind::Correct,
        from: Some(AT),
        until: None,
        row: 17,
        previous,
        body: Body::Kept([3; 16], format!("{{\"seq\":{}}}", at.seq)),
        hash: [byte(at.seq); 32],
    }
}

fn record(number: i64, at: Position, into: Option<i64>) -> RecordRow {
    RecordRow {
        number,
        register: Arc::from(if number % 2 == 0 {
            "household"
        } else {
            "person"
        }),
        at,
        book: at.book,
        into,
    }
}

fn key(scope: i64, key: &str, record: i64) -> KeyRow {
    KeyRow {
        register: Arc::from("person"),
        scope,
        key: key.into(),
        record,
    }
}

fn edge(source: i64, target: i64, record: i64) -> EdgeRow {
    EdgeRow {
        register: Arc::from("person"),
        source,
        target,
        record,
    }
}

/// Two books, two commits, four entries of three records.
fn written() -> Result<Batch, StoreError> {
    let pack = PackRow {
        ordinal: 1,
        digest: [4; 32],
        name: "test 1".into(),
    };
    let roll = |nth| RollRow {
        commit: 2,
        nth,
        say: SayId { commit: 1, nth: 1 },
        fields: u64::MAX,
        words: vec![1, 2, 3],
    };
    Ok(Batch {
        books: vec![book(1, 3), book(2, 1)],
        pack: Some(pack),
        entries: vec![
            entry(place(1, 1), 1, 1, None),
            entry(place(1, 2), 2, 1, None),
            entry(place(2, 1), 1, 2, Some(place(1, 1))),
            EntryRow {
                say: SayId { commit: 1, nth: 0 },
                ..entry(place(1, 3), 3, 2, None)
            },
        ],
        records: vec![
            record(1, place(2, 1), None),
            record(2, place(1, 2), None),
            record(3, place(1, 3), Some(1)),
        ],
        keys: vec![
            key(0, "A", 1),
            key(0, "A", 3),
            key(1, "A", 1),
            key(0, "中|文", 1),
        ],
        edges: vec![edge(1, 2, 1), edge(2, 3, 1), edge(1, 2, 3)],
        says: vec![say(1, 0)?, say(1, 1)?, say(2, 0)?],
        rolls: vec![roll(0), roll(1)],
        commit: Some(commit(1, None)),
        ..Batch::default()
    })
}

async fn a_dropped_session_leaves_nothing(store: &dyn Store) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    tx.put(written()?).await?;
    assert_eq!(
        tx.counts().await?.entries,
        4,
        "a session sees what it wrote"
    );
    drop(tx);
    let mut tx = store.write().await?;
    assert_eq!(tx.counts().await?, RowCounts::default());
    assert_eq!(tx.last().await?, Last::default());
    assert!(tx.holders("person", 0, &["A".to_owned()]).await?.is_empty());
    Ok(())
}

async fn what_is_written_is_read(store: &dyn Store) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    tx.put(written()?).await?;
    let second = Batch {
        commit: Some(commit(2, None)),
        ..Batch::default()
    };
    tx.put(second).await?;
    tx.commit().await?;
    let mut tx = store.read().await?;
    let last = Last {
        book: 2,
        commit: 2,
        record: 3,
    };
    assert_eq!(tx.last().await?, last);
    let Batch {
        books,
        says,
        rolls,
        pack,
        ..
    } = written()?;
    assert_eq!(tx.books(None).await?, books);
    assert_eq!(tx.books(Some(&[books[1].unit.clone()])).await?, books[1..]);
    assert_eq!(tx.packs().await?, Vec::from_iter(pack));
    assert_eq!(tx.asked(&[2; 32]).await?, Some(commit(2, None)));
    assert_eq!(tx.asked(&[3; 32]).await?, None);
    assert_eq!(tx.commits_after(0, 1).await?, [commit(1, None)]);
    assert_eq!(tx.commits_after(1, 9).await?, [commit(2, None)]);
    assert_eq!(
        tx.commits_numbered(&[2, 7, 1, 2]).await?,
        [commit(1, None), commit(2, None)]
    );
    assert_eq!(
        tx.commits_before(i64::MAX, 9).await?,
        [commit(2, None), commit(1, None)]
    );
    assert_eq!(tx.commits_before(2, 9).await?, [commit(1, None)]);
    assert_eq!(tx.says(0, 9).await?, says);
    assert_eq!(tx.says(1, 2).await?, says[2..]);
    assert_eq!(tx.says(0, 1).await?, says[..2]);
    assert_eq!(tx.rolls(0, 9).await?, rolls);
    assert_eq!(tx.rolls(1, 2).await?, rolls);
    assert!(tx.rolls(0, 1).await?.is_empty() && tx.rolls(2, 9).await?.is_empty());
    let counts = RowCounts {
        books: 2,
        packs: 1,
        commits: 2,
        says: 3,
        rolls: 2,
        erasures: 0,
        entries: 4,
        records: 3,
        keys: 4,
        edges: 3,
    };
    assert_eq!(tx.counts().await?, counts);
    assert_eq!(tx.faults().await?, Vec::<String>::new());
    Ok(())
}

async fn sessions_see_one_state(store: &dyn Store) -> Result<(), StoreError> {
    let mut before = store.read().await?;
    assert_eq!(before.counts().await?.books, 2);
    let mut tx = store.write().await?;
    let books = vec![book(3, 0)];
    tx.put(Batch {
        books,
        ..Batch::default()
    })
    .await?;
    assert_eq!(
        store.read().await?.counts().await?.books,
        2,
        "nothing is seen before it is kept"
    );
    tx.commit().await?;
    assert_eq!(
        before.counts().await?.books,
        2,
        "a session sees the state it began with"
    );
    assert_eq!(store.read().await?.counts().await?.books, 3);
    Ok(())
}

async fn entries_and_trails(store: &dyn Store) -> Result<(), StoreError> {
    let mut tx = store.read().await?;
    let all = written()?.entries;
    let (first, second, moved, third) = (&all[0], &all[1], &all[2], &all[3]);
    assert_eq!(
        tx.entries(1, 0, 9).await?,
        [first, second, third].map(Clone::clone)
    );
    assert_eq!(tx.entries(1, 1, 1).await?, all[1..2]);
    assert_eq!(tx.entries(2, 0, 9).await?, all[2..3]);
    assert!(tx.entries(3, 0, 9).await?.is_empty());
    let registers = [first.register.clone()];
    let of = all[..4].iter().filter(|row| row.at.book == 1);
    let of: Vec<_> = of
        .filter(|row| row.register == first.register)
        .cloned()
        .collect();
    assert_eq!(tx.entries_of(&registers, 1, (1, 9)).await?, of);
    assert!(tx.entries_of(&[], 1, (1, 9)).await?.is_empty());
    let trail = [first.clone(), moved.clone(), third.clone()];
    assert_eq!(tx.trails(&[3, 1], 0).await?, trail);
    assert_eq!(tx.trails(&[1], 1).await?, all[2..3]);
    assert!(tx.trails(&[1, 9], 2).await?.is_empty());
    Ok(())
}

async fn records_and_directory(store: &dyn Store) -> Result<(), StoreError> {
    let mut tx = store.read().await?;
    let rows = written()?.records;
    let mut found = tx.records(&[3, 9, 1]).await?;
    found.sort_unstable_by_key(|row| row.number);
    assert_eq!(found, [rows[0].clone(), rows[2].clone()]);
    assert_eq!(tx.records_after(1, 9).await?, rows[1..]);
    assert_eq!(tx.records_after(0, 1).await?, rows[..1]);
    let keys = ["B", "中|文", "A"].map(str::to_owned);
    let mut holders = tx.holders("person", 0, &keys).await?;
    holders.sort_unstable_by_key(|(at, row)| (*at, row.number));
    let expected = [
        (1, rows[0].clone()),
        (2, rows[0].clone()),
        (2, rows[2].clone()),
    ];
    assert_eq!(holders, expected);
    assert_eq!(
        tx.holders("person", 1, &keys).await?,
        [(2, rows[0].clone())]
    );
    assert!(tx.holders("household", 0, &keys).await?.is_empty());
    assert!(tx.holders("dog", 0, &keys).await?.is_empty());
    let asked = [key(0, "A", 3), key(0, "A", 2), key(2, "A", 1)];
    assert_eq!(tx.missing_keys(&asked).await?, asked[1..]);
    drop(tx);
    // What is there already is let be; a record is replaced.
    let mut tx = store.write().await?;
    let again = Batch {
        keys: vec![key(0, "A", 1)],
        edges: vec![edge(1, 2, 1)],
        records: vec![record(2, place(1, 2), Some(3))],
        ..Batch::default()
    };
    tx.put(again).await?;
    assert_eq!(tx.records(&[2]).await?, [record(2, place(1, 2), Some(3))]);
    let counts = tx.counts().await?;
    assert_eq!((counts.keys, counts.edges, counts.records), (4, 3, 3));
    Ok(())
}

async fn links(store: &dyn Store) -> Result<(), StoreError> {
    let mut tx = store.read().await?;
    let mut from = tx.edges_from("person", &[1, 3]).await?;
    from.sort_unstable();
    assert_eq!(from, [edge(1, 2, 1), edge(1, 2, 3)]);
    assert!(tx.edges_from("dog", &[1]).await?.is_empty());
    let asked = [edge(2, 3, 1), edge(2, 3, 2)];
    assert_eq!(tx.missing_edges(&asked).await?, asked[1..]);
    Ok(())
}

async fn taken_back_and_erased(store: &dyn Store) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    let undo = Batch {
        commit: Some(commit(3, Some(2))),
        undone: Some((2, 3)),
        ..Batch::default()
    };
    tx.put(undo).await?;
    let row = ErasureRow {
        commit: 4,
        at: place(1, 1),
        by: ["甲".into(), "乙".into()],
    };
    let erasing = Erasing {
        row: row.clone(),
        left: [8; 32],
        keys: vec![key(0, "中|文", 1)],
        edges: vec![edge(2, 3, 1)],
    };
    let erase = Batch {
        commit: Some(commit(4, None)),
        erasing: Some(erasing),
        ..Batch::default()
    };
    tx.put(erase).await?;
    tx.commit().await?;
    let mut tx = store.read().await?;
    assert_eq!(tx.undone(0).await?, [(3, 2)]);
    assert!(tx.undone(3).await?.is_empty());
    assert_eq!(
        tx.asked(&[2; 32]).await?,
        None,
        "what was taken back may be asked anew"
    );
    assert_eq!(tx.commits_after(1, 1).await?[0].undone_by, Some(3));
    assert_eq!(tx.erasures().await?, [row]);
    let entry = tx.entries(1, 0, 1).await?.remove(0);
    assert_eq!(entry.body, Body::Erased([8; 32]));
    assert_eq!(entry.hash, written()?.entries[0].hash);
    let counts = tx.counts().await?;
    assert_eq!((counts.keys, counts.edges, counts.erasures), (3, 2, 1));
    Ok(())
}

async fn accesses(store: &dyn Store) -> Result<(), StoreError> {
    let row = |number: i64| AccessRow {
        number,
        at: "2026-01-01T00:00:00Z".into(),
        who: "clerk".into(),
        why: "visit".into(),
        posts: "[]".into(),
        reveals: "[]".into(),
        what: format!("page {number}"),
        hash: [byte(number); 32],
    };
    assert!(store.log_accesses(&[row(1)]).await?);
    assert!(store.log_accesses(&[row(2), row(3)]).await?);
    assert!(
        !store.log_accesses(&[row(3)]).await?,
        "a number is given once"
    );
    assert!(!store.log_accesses(&[row(4), row(3)]).await?, "all or none");
    assert_eq!(store.accesses(2, 0).await?, [row(3), row(2)]);
    assert_eq!(store.accesses(2, 2).await?, [row(1)]);
    assert_eq!(store.accesses_after(1, 1).await?, [row(2)]);
    Ok(())
}
