//! What verification says when somebody changes the file behind the ledger's back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::*;
use kernel::EntryKind::{Change, Close, Transfer};
use kernel::{Lang, RecordId};
use ledger::{ChainFault, Finding, Ledger};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

/// A ledger with every kind of entry, closed.
async fn desk() -> Desk {
    let desk = Desk::new().await;
    let a = desk.person(FIRST, "A").await;
    let b = desk.person(FIRST, "B").await;
    let c = desk.person(SECOND, "C").await;
    let kin = desk.next(FIRST).await;
    let change = follow(FIRST, "person", b, Change, person("B2", "李四"), 2);
    desk.send("1", vec![open(FIRST, "kinship", kin, child(a, b)), change])
        .await
        .unwrap();
    let out = follow(FIRST, "person", a, Transfer, person("A", "张三"), 1);
    let into = draft(SECOND, "person", a, Transfer, person("A", "张三"));
    desk.send("2", vec![out, into]).await.unwrap();
    desk.send(
        "3",
        vec![follow(SECOND, "person", c, Close, person("C", "张三"), 1)],
    )
    .await
    .unwrap();
    desk.assert_sound().await;
    desk.ledger.close().await;
    desk
}

/// The faults found after this SQL was run on the file.
async fn after(sql: &str) -> Vec<ChainFault> {
    let desk = desk().await;
    let file =
        sqlx::sqlite::SqliteConnectOptions::new().filename(desk.path().join("ledger.sqlite"));
    let mut conn = file.connect().await.unwrap();
    for guard in [
        "entry_is_not_changed",
        "entry_is_not_removed",
        "commit_is_not_changed",
        "commit_is_not_removed",
    ] {
        sqlx::raw_sql(AssertSqlSafe(format!("DROP TRIGGER {guard}")))
            .execute(&mut conn)
            .await
            .unwrap();
    }
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut conn)
        .await
        .unwrap();
    assert!(done.rows_affected() > 0, "{sql}");
    conn.close().await.unwrap();
    let ledger = Ledger::open(desk.path(), pack()).await.unwrap();
    ledger.verify(&mut |_, _| {}).await.unwrap().faults
}

async fn check(sql: &str, book: &str, seq: i64, what: Finding) {
    let faults = after(sql).await;
    assert_eq!(
        faults.first(),
        Some(&ChainFault {
            book: book.into(),
            seq,
            what
        }),
        "{sql}: {faults:?}"
    );
    assert_eq!(faults.len(), 1, "{sql}: {faults:?}");
    for lang in [Lang::Zh, Lang::En] {
        assert!(faults[0].message(lang).contains(book));
    }
}

#[tokio::test]
async fn an_altered_entry_is_named_by_book_and_sequence() {
    let changes = [
        "body = replace(body, '李四', '王五')",
        "valid_from = '2024-01-01'",
        "kind = 'correct'",
        "record = record - 1",
        "register = 'household'",
        "commit_number = 1",
        "previous = previous - 1",
        "hash = zeroblob(32)",
    ];
    for change in changes {
        check(
            &format!("UPDATE entry SET {change} WHERE book = 1 AND seq = 4"),
            FIRST,
            4,
            Finding::Altered,
        )
        .await;
    }
}

#[tokio::test]
async fn only_the_first_altered_entry_of_each_book_is_named() {
    let faults = after("UPDATE entry SET valid_from = '2024-01-01' WHERE seq > 1").await;
    let told: Vec<_> = faults
        .iter()
        .map(|fault| (&*fault.book, fault.seq, fault.what))
        .collect();
    assert_eq!(
        told,
        vec![(FIRST, 2, Finding::Altered), (SECOND, 2, Finding::Altered)]
    );
}

#[tokio::test]
async fn a_removed_entry_is_missed_in_the_middle_and_at_the_end() {
    check(
        "DELETE FROM entry WHERE book = 1 AND seq = 3",
        FIRST,
        3,
        Finding::Missing,
    )
    .await;
    check(
        "DELETE FROM entry WHERE book = 1 AND seq = 5",
        FIRST,
        5,
        Finding::Missing,
    )
    .await;
    check(
        "UPDATE book SET seq = 4 WHERE number = 1",
        FIRST,
        5,
        Finding::Book,
    )
    .await;
    check(
        "UPDATE book SET hash = zeroblob(32) WHERE number = 2",
        SECOND,
        3,
        Finding::Book,
    )
    .await;
    check(
        "UPDATE book SET next_ordinal = 9 WHERE number = 1",
        FIRST,
        5,
        Finding::Book,
    )
    .await;
}

#[tokio::test]
async fn an_altered_commit_or_book_breaks_the_chain_of_its_entries() {
    // Commit 4 wrote entries 3 and 4 of the first book.
    for column in ["actor", "source", "recorded_at", "rights", "key"] {
        check(
            &format!("UPDATE commits SET {column} = 'x' WHERE number = 4"),
            FIRST,
            3,
            Finding::Altered,
        )
        .await;
    }
    check(
        "DELETE FROM commits WHERE number = 4",
        FIRST,
        3,
        Finding::CommitMissing,
    )
    .await;
    check(
        "UPDATE commits SET entries = 7 WHERE number = 4",
        FIRST,
        3,
        Finding::CommitCount,
    )
    .await;
    check(
        "UPDATE book SET opened_by = 'x' WHERE number = 1",
        FIRST,
        1,
        Finding::Altered,
    )
    .await;
    check(
        "UPDATE book SET unit = '210203001009' WHERE number = 1",
        "210203001009",
        1,
        Finding::Altered,
    )
    .await;
}

#[tokio::test]
async fn heads_directory_and_links_must_agree_with_the_entries() {
    let b = RecordId(1 << 32 | 2);
    let faults = after(&format!(
        "UPDATE head SET place = place - 2 WHERE record = {b}"
    ))
    .await;
    let told: Vec<_> = faults
        .iter()
        .map(|fault| (&*fault.book, fault.seq, fault.what))
        .collect();
    assert_eq!(
        told,
        vec![(FIRST, 2, Finding::Head), (FIRST, 2, Finding::Directory)]
    );
    check(
        &format!("UPDATE head SET closed = 1 WHERE record = {b}"),
        FIRST,
        4,
        Finding::Head,
    )
    .await;
    check(
        "UPDATE directory SET key = 'Z' WHERE key = 'B2'",
        FIRST,
        4,
        Finding::Directory,
    )
    .await;
    for sql in [
        format!("DELETE FROM head WHERE record = {b}"),
        "DELETE FROM directory WHERE key = 'B2'".into(),
        "DELETE FROM edge".into(),
        "INSERT INTO edge VALUES ('kinship', 1, 2, 3)".into(),
        "INSERT INTO directory VALUES ('person', 0, 'Z', 12345)".into(),
    ] {
        assert!(!after(&sql).await.is_empty(), "{sql}");
    }
}

#[tokio::test]
async fn the_file_itself_refuses_to_change_entries() {
    let desk = desk().await;
    let file =
        sqlx::sqlite::SqliteConnectOptions::new().filename(desk.path().join("ledger.sqlite"));
    let mut conn = file.connect().await.unwrap();
    for sql in [
        "UPDATE entry SET body = ''",
        "DELETE FROM entry",
        "DELETE FROM commits",
        "UPDATE commits SET actor = ''",
    ] {
        assert!(
            sqlx::raw_sql(sql)
                .execute(&mut conn)
                .await
                .unwrap_err()
                .to_string()
                .contains("only added"),
            "{sql}"
        );
    }
}
