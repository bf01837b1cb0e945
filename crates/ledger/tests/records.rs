//! What a record goes through: the identity it holds, changes and gives up, being closed and corrected, and moving to another
//! book. One test for each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::*;
use kernel::EntryKind::{Change, Close, Correct, Open, Transfer};
use kernel::Lang;
use ledger::LedgerError;

#[tokio::test]
async fn an_identity_unique_everywhere_names_the_other_book_and_is_masked() {
    let desk = Desk::new().await;
    let holder = desk.person(FIRST, "11010519491231002X").await;
    let id = desk.next(SECOND).await;
    let error = refused(
        &desk,
        vec![open(
            SECOND,
            "person",
            id,
            person("11010519491231002X", "李四"),
        )],
    )
    .await;
    assert!(
        matches!(&error, LedgerError::Duplicate { record, book, .. } if *record == holder && *book == unit(FIRST))
    );
    for lang in [Lang::Zh, Lang::En] {
        let message = error.message(lang);
        assert!(
            message.contains(FIRST) && !message.contains("11010519491231002X"),
            "{message}"
        );
    }
    assert!(error.to_string().contains("already in the book of"));
}

#[tokio::test]
async fn an_identity_unique_in_its_book_may_stand_in_another() {
    let desk = Desk::new().await;
    for book in [FIRST, SECOND] {
        let id = desk.next(book).await;
        desk.send(book, vec![open(book, "household", id, household("1"))])
            .await
            .unwrap();
    }
    let id = desk.next(FIRST).await;
    let error = refused(&desk, vec![open(FIRST, "household", id, household("1"))]).await;
    assert!(matches!(error, LedgerError::Duplicate { .. }));
    // Twice in one commit is the same.
    let pair = vec![
        open(FIRST, "household", id, household("2")),
        open(FIRST, "household", id.next(), household("2")),
    ];
    assert!(matches!(
        refused(&desk, pair).await,
        LedgerError::Duplicate { at: 1, .. }
    ));
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_changed_identity_frees_the_old_and_takes_the_new() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let other = desk.person(FIRST, "X2").await;
    let error = refused(
        &desk,
        vec![follow(
            FIRST,
            "person",
            id,
            Correct,
            person("X2", "张三"),
            1,
        )],
    )
    .await;
    assert!(matches!(error, LedgerError::Duplicate { record, .. } if record == other));
    desk.send(
        "a",
        vec![follow(
            FIRST,
            "person",
            id,
            Correct,
            person("X3", "张三"),
            1,
        )],
    )
    .await
    .unwrap();
    let found = desk
        .ledger
        .find("person", unit(FIRST), &["X1".into(), "X3".into()])
        .await
        .unwrap();
    assert!(found[0].is_none() && found[1].as_ref().unwrap().record == id);
    desk.person(FIRST, "X1").await;
    // A record may lose its identity, and others are unaffected.
    let nameless = vec![None, text("张三"), None];
    desk.send("b", vec![follow(FIRST, "person", id, Correct, nameless, 3)])
        .await
        .unwrap();
    assert!(
        desk.ledger
            .find("person", unit(FIRST), &["X3".into()])
            .await
            .unwrap()[0]
            .is_none()
    );
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_closed_record_is_found_until_another_takes_its_identity() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let other_body = follow(FIRST, "person", id, Close, person("X1", "李四"), 1);
    assert!(matches!(
        refused(&desk, vec![other_body]).await,
        LedgerError::CloseChanges { .. }
    ));
    desk.send(
        "a",
        vec![follow(FIRST, "person", id, Close, person("X1", "张三"), 1)],
    )
    .await
    .unwrap();
    let found = desk
        .ledger
        .find("person", unit(FIRST), &["X1".into()])
        .await
        .unwrap();
    assert!(found[0].as_ref().unwrap().closed);
    for kind in [Change, Close, Transfer] {
        let error = refused(
            &desk,
            vec![follow(FIRST, "person", id, kind, person("X1", "张三"), 2)],
        )
        .await;
        assert!(
            matches!(error, LedgerError::Closed { .. }),
            "{kind:?}: {error}"
        );
    }
    let again = desk.person(SECOND, "X1").await;
    let found = desk
        .ledger
        .find("person", unit(FIRST), &["X1".into()])
        .await
        .unwrap();
    assert_eq!(found[0].as_ref().unwrap().record, again);
    // The close was a mistake, but another holds the identity now.
    let correct = |id| follow(FIRST, "person", id, Correct, person("X1", "张三"), 2);
    assert!(matches!(
        refused(&desk, vec![correct(id)]).await,
        LedgerError::Duplicate { .. }
    ));
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_correction_opens_a_record_closed_by_mistake_again() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    desk.send(
        "a",
        vec![follow(FIRST, "person", id, Close, person("X1", "张三"), 1)],
    )
    .await
    .unwrap();
    desk.send(
        "b",
        vec![follow(
            FIRST,
            "person",
            id,
            Correct,
            person("X9", "张三"),
            2,
        )],
    )
    .await
    .unwrap();
    let found = desk
        .ledger
        .find("person", unit(FIRST), &["X1".into(), "X9".into()])
        .await
        .unwrap();
    assert!(found[0].is_none() && !found[1].as_ref().unwrap().closed);
    desk.assert_sound().await;
}

#[tokio::test]
async fn closing_and_correcting_in_one_commit_frees_the_old_identity() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let close = follow(FIRST, "person", id, Close, person("X1", "张三"), 1);
    let correct = draft(FIRST, "person", id, Correct, person("X2", "张三"));
    desk.send("a", vec![close, correct]).await.unwrap();
    assert!(
        desk.ledger
            .find("person", unit(FIRST), &["X1".into()])
            .await
            .unwrap()[0]
            .is_none()
    );
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_transfer_moves_a_record_to_another_book_in_one_commit() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let body = || person("X1", "张三");
    let out = || follow(FIRST, "person", id, Transfer, body(), 1);
    let into = || draft(SECOND, "person", id, Transfer, body());
    for halves in [
        vec![out()],
        vec![into()],
        vec![out(), draft(FIRST, "person", id, Transfer, body())],
    ] {
        let error = refused(&desk, halves).await;
        assert!(
            matches!(
                error,
                LedgerError::HalfTransfer { .. } | LedgerError::Elsewhere { .. }
            ),
            "{error}"
        );
    }
    let other = draft(SECOND, "person", id, Transfer, person("X1", "李四"));
    assert!(matches!(
        refused(&desk, vec![out(), other]).await,
        LedgerError::HalfTransfer { at: 1, .. }
    ));
    let between = draft(FIRST, "person", id, Change, body());
    assert!(matches!(
        refused(&desk, vec![out(), between, into()]).await,
        LedgerError::HalfTransfer { .. }
    ));

    let receipt = desk.send("a", vec![out(), into()]).await.unwrap();
    assert_eq!(receipt.heads.len(), 2);
    let found = desk
        .ledger
        .find("person", unit(FIRST), &["X1".into()])
        .await
        .unwrap();
    let found = found[0].as_ref().unwrap();
    assert_eq!((found.book, found.seq), (unit(SECOND), 1));
    let history = desk.ledger.history("person", id).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|entry| (entry.book, entry.seq, entry.kind, entry.arrives))
        .collect();
    let moved = vec![
        (unit(FIRST), 1, Open, false),
        (unit(FIRST), 2, Transfer, false),
        (unit(SECOND), 1, Transfer, true),
    ];
    assert_eq!(told, moved);
    // It is written to in its new book only.
    let error = refused(&desk, vec![follow(FIRST, "person", id, Change, body(), 2)]).await;
    assert!(matches!(error, LedgerError::Elsewhere { book, .. } if book == unit(SECOND)));
    desk.send("b", vec![follow(SECOND, "person", id, Close, body(), 1)])
        .await
        .unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_transfer_takes_an_identity_of_the_old_book_along() {
    let desk = Desk::new().await;
    let id = desk.next(FIRST).await;
    desk.send("a", vec![open(FIRST, "household", id, household("1"))])
        .await
        .unwrap();
    let there = desk.next(SECOND).await;
    desk.send("b", vec![open(SECOND, "household", there, household("1"))])
        .await
        .unwrap();
    let halves = || {
        let out = follow(FIRST, "household", id, Transfer, household("1"), 1);
        vec![
            out,
            draft(SECOND, "household", id, Transfer, household("1")),
        ]
    };
    let error = refused(&desk, halves()).await;
    assert!(matches!(error, LedgerError::Duplicate { at: 1, record, .. } if record == there));
    desk.send(
        "c",
        vec![follow(SECOND, "household", there, Close, household("1"), 1)],
    )
    .await
    .unwrap();
    desk.send("d", halves()).await.unwrap();
    let found = desk
        .ledger
        .find("household", unit(FIRST), &["1".into()])
        .await
        .unwrap();
    assert!(found[0].is_none());
    desk.assert_sound().await;
}

#[tokio::test]
async fn the_records_of_a_register_in_a_book_are_those_last_written_there() {
    let desk = Desk::new().await;
    let (first, second) = (
        desk.person(FIRST, "X1").await,
        desk.person(FIRST, "X2").await,
    );
    let moved = desk.person(FIRST, "X3").await;
    let came = desk.person(SECOND, "X4").await;
    let home = desk.next(FIRST).await;
    let body = |id| person(id, "张三");
    let drafts = vec![
        open(FIRST, "household", home, household("1")),
        follow(FIRST, "person", first, Change, person("X1", "李四"), 1),
        follow(FIRST, "person", second, Close, body("X2"), 2),
        follow(FIRST, "person", moved, Transfer, body("X3"), 3),
        draft(SECOND, "person", moved, Transfer, body("X3")),
        follow(SECOND, "person", came, Transfer, body("X4"), 1),
        draft(FIRST, "person", came, Transfer, body("X4")),
    ];
    desk.send("a", drafts).await.unwrap();
    let told = |found: Vec<ledger::Found>| -> Vec<_> {
        found
            .into_iter()
            .map(|found| (found.record, found.book, found.seq, found.closed))
            .collect()
    };
    let here = desk.ledger.records(unit(FIRST), "person").await.unwrap();
    assert!(here[0].body.contains("李四"));
    let (book, there) = (unit(FIRST), unit(SECOND));
    assert_eq!(
        told(here),
        [
            (first, book, 5, false),
            (second, book, 6, true),
            (came, book, 8, false)
        ]
    );
    let here = desk.ledger.records(there, "person").await.unwrap();
    assert_eq!(told(here), [(moved, there, 2, false)]);
    let none = desk.ledger.records(unit(OTHER_STREET), "person").await;
    assert_eq!(none.unwrap(), []);
    let error = desk.ledger.records(book, "nothing").await.unwrap_err();
    assert!(matches!(error, LedgerError::UnknownRegister { .. }));
}

#[tokio::test]
async fn more_records_than_come_at_once_are_all_listed() {
    let desk = Desk::new().await;
    let mut id = desk.next(FIRST).await;
    let mut drafts = Vec::new();
    for n in 0..4_321 {
        drafts.push(open(FIRST, "household", id, household(&n.to_string())));
        id = id.next();
    }
    desk.send("a", drafts).await.unwrap();
    let found = desk.ledger.records(unit(FIRST), "household").await.unwrap();
    assert_eq!(found.len(), 4_321);
    assert!(
        found
            .windows(2)
            .all(|pair| pair[0].record.next() == pair[1].record)
    );
}
