//! Merges and undos entry by entry: what they must repeat, what becomes of the record, its identity and its links.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::*;
use kernel::EntryKind::{Change, Close, Correct, Merge, Transfer, Undo};
use kernel::{EntryKind, RecordId};
use ledger::{Draft, LedgerError};
use pack::Record;

/// Who is found by an identity in the first book, and whether that record is closed.
async fn found(desk: &Desk, key: &str) -> Option<(RecordId, bool)> {
    let keys = [key.to_owned()];
    let found = desk.ledger.find("person", unit(FIRST), &keys).await;
    found
        .unwrap()
        .remove(0)
        .map(|found| (found.record, found.closed))
}

/// An entry of a person in the first book.
fn of(id: RecordId, kind: EntryKind, body: Record, expect: i64) -> Draft {
    follow(FIRST, "person", id, kind, body, expect)
}

fn zhang(key: &str) -> Record {
    person(key, "张三")
}

#[tokio::test]
async fn a_merged_record_is_closed_found_no_more_and_written_to_no_more() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let other = vec![of(id, Merge, person("X1", "李四"), 1)];
    let error = refused(&desk, other).await;
    assert!(matches!(error, LedgerError::MergeChanges { .. }));
    desk.send("a", vec![of(id, Merge, zhang("X1"), 1)])
        .await
        .unwrap();
    assert_eq!(found(&desk, "X1").await, None);
    let records = desk.ledger.records(unit(FIRST), "person").await.unwrap();
    assert!(records.is_empty(), "it was never there");
    let numbered = desk.ledger.get("person", &[id]).await.unwrap();
    assert!(numbered[0].as_ref().unwrap().closed);
    for kind in [Change, Correct, Close, Merge, Transfer] {
        let error = refused(&desk, vec![of(id, kind, zhang("X1"), 2)]).await;
        assert!(matches!(error, LedgerError::Gone { .. }), "{kind}: {error}");
    }
    desk.assert_sound().await;
    let again = desk.person(FIRST, "X1").await;
    assert_eq!(found(&desk, "X1").await, Some((again, false)));
    // The merge was a mistake, but another has the identity now.
    let error = refused(&desk, vec![of(id, Undo, zhang("X1"), 2)]).await;
    assert!(matches!(error, LedgerError::Duplicate { at: 0, record, .. } if record == again));
    desk.send("b", vec![of(again, Undo, zhang("X1"), 3)])
        .await
        .unwrap();
    assert_eq!(found(&desk, "X1").await, None);
    desk.send("c", vec![of(id, Undo, zhang("X1"), 2)])
        .await
        .unwrap();
    assert_eq!(found(&desk, "X1").await, Some((id, false)));
    desk.assert_sound().await;
}

#[tokio::test]
async fn entries_are_taken_back_one_by_one_from_the_last() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let drafts = vec![
        of(id, Change, zhang("X2"), 1),
        draft(FIRST, "person", id, Close, zhang("X2")),
        draft(FIRST, "person", id, Correct, zhang("X3")),
    ];
    desk.send("a", drafts).await.unwrap();
    let steps = [
        (zhang("X2"), "X2", true),
        (zhang("X2"), "X2", false),
        (zhang("X1"), "X1", false),
    ];
    for (n, (body, key, closed)) in steps.into_iter().enumerate() {
        let expect = n as i64 + 4;
        let error = refused(&desk, vec![of(id, Undo, zhang("X9"), expect)]).await;
        assert!(matches!(error, LedgerError::UndoDiffers { .. }));
        let mut undo = of(id, Undo, body, expect);
        undo.valid_from = DAY.tomorrow().unwrap();
        let error = refused(&desk, vec![undo.clone()]).await;
        assert!(matches!(error, LedgerError::UndoDiffers { .. }));
        undo.valid_from = DAY;
        desk.send(&n.to_string(), vec![undo]).await.unwrap();
        for other in ["X1", "X2", "X3"] {
            let expected = (other == key).then_some((id, closed));
            assert_eq!(found(&desk, other).await, expected, "{other} after {n}");
        }
        desk.assert_sound().await;
    }
    desk.send("b", vec![of(id, Undo, zhang("X1"), 7)])
        .await
        .unwrap();
    assert_eq!(found(&desk, "X1").await, None);
    for kind in [Undo, Change, Correct] {
        let error = refused(&desk, vec![of(id, kind, zhang("X1"), 8)]).await;
        assert!(matches!(error, LedgerError::Gone { .. }), "{error}");
    }
    desk.assert_sound().await;
}

#[tokio::test]
async fn several_entries_of_a_record_are_taken_back_in_one_commit() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let change = vec![
        of(id, Change, zhang("X2"), 1),
        draft(FIRST, "person", id, Change, zhang("X3")),
    ];
    desk.send("a", change).await.unwrap();
    let undo = |body| draft(FIRST, "person", id, Undo, body);
    let back = vec![of(id, Undo, zhang("X2"), 3), undo(zhang("X1"))];
    desk.send("b", back).await.unwrap();
    assert_eq!(found(&desk, "X1").await, Some((id, false)));
    // Opened, changed and taken back at once.
    let next = desk.next(FIRST).await;
    let all = vec![
        open(FIRST, "person", next, zhang("Y1")),
        draft(FIRST, "person", next, Change, zhang("Y2")),
        draft(FIRST, "person", next, Undo, zhang("Y1")),
        draft(FIRST, "person", next, Undo, zhang("Y1")),
        open(FIRST, "person", next.next(), zhang("Y1")),
    ];
    desk.send("c", all).await.unwrap();
    assert_eq!(found(&desk, "Y1").await, Some((next.next(), false)));
    assert_eq!(found(&desk, "Y2").await, None);
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_transfer_is_not_taken_back() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let body = || zhang("X1");
    let halves = vec![
        of(id, Transfer, body(), 1),
        draft(SECOND, "person", id, Transfer, body()),
    ];
    desk.send("a", halves).await.unwrap();
    let error = refused(&desk, vec![follow(SECOND, "person", id, Undo, body(), 1)]).await;
    assert!(matches!(error, LedgerError::UndoTransfer { record, .. } if record == id));
    // What followed it is.
    let change = follow(SECOND, "person", id, Change, zhang("X2"), 1);
    desk.send("b", vec![change]).await.unwrap();
    let undo = follow(SECOND, "person", id, Undo, body(), 2);
    desk.send("c", vec![undo]).await.unwrap();
    assert_eq!(found(&desk, "X1").await, Some((id, false)));
    desk.assert_sound().await;
}

#[tokio::test]
async fn an_identity_falls_back_to_the_record_closed_with_it_last() {
    let desk = Desk::new().await;
    let mut closed = Vec::new();
    for n in 0..2 {
        let id = desk.person(FIRST, "X1").await;
        let seq = desk.seq(FIRST).await;
        desk.send(&format!("close {n}"), vec![of(id, Close, zhang("X1"), seq)])
            .await
            .unwrap();
        closed.push(id);
    }
    let last = desk.person(SECOND, "X1").await;
    assert_eq!(found(&desk, "X1").await, Some((last, false)));
    let undo = follow(SECOND, "person", last, Undo, zhang("X1"), 1);
    desk.send("a", vec![undo]).await.unwrap();
    assert_eq!(found(&desk, "X1").await, Some((closed[1], true)));
    desk.assert_sound().await;
}

#[tokio::test]
async fn links_are_cut_and_tied_with_the_entries_that_state_them() {
    let desk = Desk::new().await;
    let (a, b) = (desk.person(FIRST, "A").await, desk.person(FIRST, "B").await);
    let kin = desk.next(FIRST).await;
    desk.send("1", vec![open(FIRST, "kinship", kin, child(a, b))])
        .await
        .unwrap();
    let merge = follow(FIRST, "kinship", kin, Merge, child(a, b), 3);
    desk.send("2", vec![merge]).await.unwrap();
    desk.assert_sound().await;
    // The other way round is no circle as long as the first is merged.
    let back = open(FIRST, "kinship", kin.next(), child(b, a));
    desk.send("3", vec![back]).await.unwrap();
    let undo = || follow(FIRST, "kinship", kin, Undo, child(a, b), 4);
    let error = refused(&desk, vec![undo()]).await;
    assert!(matches!(error, LedgerError::Circle { .. }), "{error}");
    let opened = follow(FIRST, "kinship", kin.next(), Undo, child(b, a), 5);
    desk.send("4", vec![opened, undo()]).await.unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_record_that_was_never_there_is_not_referred_to() {
    let desk = Desk::new().await;
    let (a, b) = (desk.person(FIRST, "A").await, desk.person(FIRST, "B").await);
    let c = desk.person(FIRST, "C").await;
    let drafts = vec![
        of(a, Merge, zhang("A"), 1),
        of(b, Undo, zhang("B"), 2),
        of(c, Close, zhang("C"), 3),
    ];
    desk.send("1", drafts).await.unwrap();
    let d = desk.person(FIRST, "D").await;
    let kin = desk.next(FIRST).await;
    for gone in [a, b] {
        let error = refused(&desk, vec![open(FIRST, "kinship", kin, child(d, gone))]).await;
        assert!(matches!(error, LedgerError::NoTarget { record, .. } if record == gone));
    }
    desk.send("2", vec![open(FIRST, "kinship", kin, child(d, c))])
        .await
        .unwrap();
}
