//! Taking back a whole commit.

use crate::common::*;
use kernel::EntryKind::Undo;
use ledger::{Commit, Draft, LedgerError, Position, SayDraft, SayId};

async fn refused(desk: &Desk, commit: i64) -> LedgerError {
    let before = desk.ledger.heads().await.unwrap();
    let error = desk.undo(commit).await.unwrap_err();
    assert_eq!(desk.ledger.heads().await.unwrap(), before);
    told(&error);
    error
}

#[tokio::test]
async fn one_entry_a_book_takes_a_commit_back() {
    let desk = Desk::new().await;
    let people = (0..9).map(|n| {
        let book = [FIRST, SECOND][n as usize % 2];
        open(book, "person", n, person(&format!("X{n}"), "张三"))
    });
    let written = desk.send("a", people.collect()).await.unwrap();
    let undo = desk.undo(written.commit).await.unwrap();
    assert_eq!((undo.entries, undo.heads.len()), (2, 2));
    let last = desk.ledger.entries(unit(FIRST), 5, 9).await.unwrap();
    assert_eq!(last.len(), 1);
    assert_eq!(
        (last[0].kind, last[0].record.0, &*last[0].register),
        (Undo, written.commit, "")
    );
    assert_eq!(last[0].body.as_deref(), Some("{}"));
    // History and directory tell of it all the same.
    let id = written.opened[0];
    assert_eq!(desk.find("person", FIRST, "X0").await, [id]);
    assert_eq!(desk.ledger.history("person", id).await.unwrap().len(), 1);
    desk.assert_sound().await;

    let again = refused(&desk, written.commit).await;
    assert!(matches!(again, LedgerError::UndoneAlready(_)));
    assert!(matches!(
        refused(&desk, undo.commit).await,
        LedgerError::UndoOfUndo(_)
    ));
    assert!(matches!(
        refused(&desk, 99).await,
        LedgerError::NoCommit(99)
    ));
    assert!(matches!(refused(&desk, 0).await, LedgerError::NoCommit(0)));
}

#[tokio::test]
async fn who_takes_back_must_see_whom_it_speaks_for() {
    let desk = Desk::new().await;
    let written = desk.send("a", vec![open(SECOND, "person", 0, person("", "张三"))]);
    let commit = written.await.unwrap().commit;
    let ledger = &desk.ledger;
    let error = ledger.undo(commit, at(2), &only(SECOND)).await.unwrap_err();
    assert!(matches!(error, LedgerError::OutOfScope { .. }));
    ledger.undo(commit, at(2), &only(FIRST)).await.unwrap();
}

#[tokio::test]
async fn transfers_are_undone_with_their_commit() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let there = desk
        .send("a", vec![transfer("person", id, SECOND)])
        .await
        .unwrap();
    desk.send("b", vec![change("person", id, named("李四"))])
        .await
        .unwrap();
    let back = desk
        .send("c", vec![transfer("person", id, FIRST)])
        .await
        .unwrap();
    desk.undo(there.commit).await.unwrap();
    assert_eq!(desk.get("person", id).await.unwrap().book, unit(FIRST));
    desk.undo(back.commit).await.unwrap();
    // Neither move counts now, and the word that was written there still does.
    assert_eq!(desk.get("person", id).await.unwrap().book, unit(FIRST));
    desk.send("d", vec![change("person", id, named("王五"))])
        .await
        .unwrap();
    let history = desk.ledger.history("person", id).await.unwrap();
    assert_eq!(history.last().unwrap().book, unit(FIRST));
    let twice = vec![
        transfer("person", id, SECOND),
        transfer("person", id, FIRST),
    ];
    desk.send("e", twice).await.unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_record_others_speak_of_or_refer_to_must_be_held_up_by_somebody() {
    let desk = Desk::new().await;
    let opened = desk
        .send("a", vec![open(FIRST, "person", 0, person("X1", "张三"))])
        .await
        .unwrap();
    let id = opened.opened[0];
    let mut numberless = change("person", id, vec![None; 3]);
    numberless.said.set(0, text("X2"));
    let spoken = desk.send("b", vec![numberless]).await.unwrap();
    let error = refused(&desk, opened.commit).await;
    let LedgerError::ReferredTo {
        records, commits, ..
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!((records[0].1, &commits[..]), (id, &[spoken.commit][..]));
    // A word that says all a record must have holds it up.
    desk.send("c", vec![change("person", id, named("李四"))])
        .await
        .unwrap();
    desk.undo(opened.commit).await.unwrap();
    desk.assert_sound().await;

    let home = desk
        .send("d", vec![open(FIRST, "household", 0, household("1"))])
        .await
        .unwrap();
    let lives = change("person", id, vec![None, None, number(home.opened[0].0)]);
    let lives = desk.send("e", vec![lives]).await.unwrap();
    let error = refused(&desk, home.commit).await;
    assert!(
        matches!(&error, LedgerError::ReferredTo { commits, .. } if *commits == [lives.commit])
    );
    desk.undo(lives.commit).await.unwrap();
    desk.undo(home.commit).await.unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_list_that_says_it_again_holds_a_record_up() {
    let desk = Desk::new().await;
    let opened = desk
        .send("a", vec![open(FIRST, "person", 0, person("X1", "张三"))])
        .await
        .unwrap();
    let id = opened.opened[0];
    let mut other = change("person", id, vec![None; 3]);
    other.said.set(0, text("X2"));
    desk.send("b", vec![other]).await.unwrap();
    let rolls = |asked: &str, fields| Commit {
        says: vec![list(FIRST, DAY)],
        rolls: vec![roll(fields, &[Position { book: 1, seq: 1 }])],
        ..commit(asked, Vec::new())
    };
    // Only of the number, or of being there: not all that a person must have.
    desk.ledger.commit(rolls("c", 0b001)).await.unwrap();
    desk.ledger.commit(rolls("d", 0)).await.unwrap();
    refused(&desk, opened.commit).await;
    let held = desk.ledger.commit(rolls("e", 0b011)).await.unwrap();
    desk.undo(opened.commit).await.unwrap();
    desk.assert_sound().await;
    // It stands by the list alone, so a new one is not opened beside it.
    let error = crate::common::refused(
        &desk,
        commit("f", vec![open(FIRST, "person", 0, person("X1", "王五"))]),
    );
    assert!(matches!(error.await, LedgerError::Taken { record, .. } if record == id));
    desk.undo(held.commit).await.unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn what_was_added_to_a_say_goes_with_it() {
    let desk = Desk::new().await;
    let first = Commit {
        says: vec![list(FIRST, DAY)],
        ..commit("a", vec![open(FIRST, "household", 0, household("1"))])
    };
    let first = desk.ledger.commit(first).await.unwrap();
    let more = Commit {
        says: vec![SayDraft::More(SayId {
            commit: first.commit,
            nth: 0,
        })],
        ..commit(
            "b",
            vec![
                open(FIRST, "person", 0, person("X1", "张三")),
                Draft {
                    record: ledger::Target::New(0),
                    ..transfer("person", kernel::RecordId(0), SECOND)
                },
            ],
        )
    };
    let id = desk.ledger.commit(more).await.unwrap().opened[0];
    let mut other = change("person", id, vec![None; 3]);
    other.said.set(0, text("X2"));
    let rests = desk.send("c", vec![other]).await.unwrap();
    let error = refused(&desk, first.commit).await;
    assert!(
        matches!(&error, LedgerError::ReferredTo { commits, .. } if *commits == [rests.commit])
    );
    desk.undo(rests.commit).await.unwrap();
    desk.undo(first.commit).await.unwrap();
    assert_eq!(desk.get("person", id).await.unwrap().book, unit(FIRST));
    desk.assert_sound().await;
}

#[tokio::test]
async fn what_is_taken_back_can_be_done_again_and_is_the_same_record() {
    let desk = Desk::new().await;
    let words = || {
        vec![
            open(FIRST, "person", 0, person("X1", "张三")),
            open(FIRST, "household", 1, household("1")),
        ]
    };
    let first = desk.send("a", words()).await.unwrap();
    desk.undo(first.commit).await.unwrap();
    let second = desk.send("b", words()).await.unwrap();
    assert_eq!(second.opened, first.opened);
    // Now the second holds it up alone.
    let mut other = change("person", first.opened[0], vec![None; 3]);
    other.said.set(0, text("X2"));
    desk.send("c", vec![other]).await.unwrap();
    let error = refused(&desk, second.commit).await;
    assert!(matches!(error, LedgerError::ReferredTo { .. }));
    desk.assert_sound().await;
}

#[tokio::test]
async fn an_earlier_word_holds_up_what_was_opened_twice() {
    let desk = Desk::new().await;
    let home = desk.open(FIRST, "household", household("1")).await;
    let second = desk
        .send("b", vec![open(FIRST, "household", 0, household("1"))])
        .await
        .unwrap();
    let id = desk.person(FIRST, "X1").await;
    let lives = change("person", id, vec![None, None, number(home.0)]);
    desk.send("c", vec![lives]).await.unwrap();
    desk.undo(second.commit).await.unwrap();
    desk.assert_sound().await;
}
