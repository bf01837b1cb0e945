//! What happens to records beside words: transfers, merges, closes.

use crate::common::*;
use kernel::EntryKind::{Close, Open, Transfer};
use kernel::RecordId;
use ledger::LedgerError;

#[tokio::test]
async fn a_record_moves_by_two_entries_and_keeps_its_number() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    let receipt = desk
        .send("a", vec![transfer("person", id, SECOND)])
        .await
        .unwrap();
    assert_eq!((receipt.entries, receipt.heads.len()), (2, 2));
    assert_eq!(desk.get("person", id).await.unwrap().book, unit(SECOND));
    let history = desk.ledger.history("person", id).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|entry| (entry.at.book, entry.at.seq, entry.kind))
        .collect();
    assert_eq!(told, [(1, 1, Open), (1, 2, Transfer), (2, 1, Transfer)]);
    assert_eq!(history[1].body.as_deref(), Some("{}"));
    let arrives = format!(r#"{{"book":1,"seq":2,"hash":"{}"}}"#, history[1].hash);
    assert_eq!(history[2].body.as_deref(), Some(&*arrives));
    // Words go where it is kept now, whatever book the draft names.
    desk.send("b", vec![change("person", id, named("李四"))])
        .await
        .unwrap();
    assert_eq!(desk.book(SECOND).await.seq, 2);
    // A transfer to where it is writes nothing.
    let still = desk
        .send("c", vec![transfer("person", id, SECOND)])
        .await
        .unwrap();
    assert_eq!((still.entries, still.heads.len()), (0, 0));
    desk.assert_sound().await;
}

#[tokio::test]
async fn an_identity_of_a_book_leads_to_the_record_where_it_came_to() {
    let desk = Desk::new().await;
    let home = desk.open(FIRST, "household", household("1")).await;
    assert!(desk.find("household", SECOND, "1").await.is_empty());
    desk.send("a", vec![transfer("household", home, SECOND)])
        .await
        .unwrap();
    assert_eq!(desk.find("household", SECOND, "1").await, [home]);
    assert_eq!(desk.find("household", FIRST, "1").await, [home]);
    let taken = desk.send("b", vec![open(SECOND, "household", 0, household("1"))]);
    assert_eq!(taken.await.unwrap().opened, [home]);
    desk.send("c", vec![change("household", home, household("1"))])
        .await
        .unwrap();
    // Opened and moved at once.
    let words = vec![
        open(FIRST, "household", 0, household("2")),
        ledger::Draft {
            record: ledger::Target::New(0),
            ..transfer("household", RecordId(0), SECOND)
        },
    ];
    let moved = desk.send("d", words).await.unwrap().opened[0];
    assert_eq!(desk.find("household", SECOND, "2").await, [moved]);
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_double_is_found_as_itself() {
    let desk = Desk::new().await;
    let kept = desk.person(FIRST, "X1").await;
    let double = desk.person(SECOND, "X2").await;
    let third = desk.person(FIRST, "X3").await;
    let merged = desk
        .send("a", vec![merge("person", double, kept)])
        .await
        .unwrap();
    assert_eq!(desk.find("person", FIRST, "X2").await, [double]);
    assert_eq!(desk.get("person", double).await.unwrap().record, double);
    let entry = desk
        .ledger
        .history("person", double)
        .await
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(entry.body, Some(format!(r#"{{"into":{kept}}}"#)));
    assert_eq!(entry.book, unit(SECOND));
    // Once, not in a circle, and not into somebody who isn't there.
    let again = refused(&desk, commit("b", vec![merge("person", double, third)])).await;
    assert!(matches!(again, LedgerError::Merged { into, .. } if into == kept));
    for (one, other) in [(kept, double), (third, third)] {
        let error = refused(&desk, commit("b", vec![merge("person", one, other)])).await;
        assert!(matches!(error, LedgerError::MergeCircle { .. }));
    }
    let error = refused(
        &desk,
        commit("b", vec![merge("person", third, RecordId(99))]),
    )
    .await;
    assert!(matches!(error, LedgerError::NoRecord { .. }));
    // Whoever is another may become a third, and be said of otherwise once that is taken back.
    desk.send("c", vec![merge("person", kept, third)])
        .await
        .unwrap();
    for (number, own) in [("X1", kept), ("X2", double), ("X3", third)] {
        assert_eq!(desk.find("person", FIRST, number).await, [own]);
    }
    desk.undo(merged.commit).await.unwrap();
    desk.send("d", vec![merge("person", double, third)])
        .await
        .unwrap();
    desk.assert_sound().await;
}

#[tokio::test]
async fn merges_in_one_commit_see_each_other() {
    let desk = Desk::new().await;
    let people = [desk.person(FIRST, "A").await, desk.person(FIRST, "B").await];
    let circle = vec![
        merge("person", people[0], people[1]),
        merge("person", people[1], people[0]),
    ];
    let error = refused(&desk, commit("a", circle)).await;
    assert!(matches!(error, LedgerError::MergeCircle { at: 1, .. }));
}

#[tokio::test]
async fn several_people_may_have_one_number() {
    let desk = Desk::new().await;
    let one = desk.person(FIRST, "X1").await;
    let other = desk.person(FIRST, "").await;
    desk.send("a", vec![change("person", other, person("X1", "李四"))])
        .await
        .unwrap();
    assert_eq!(desk.find("person", FIRST, "X1").await, [one, other]);
    // A key once given leads there for ever.
    desk.send("b", vec![change("person", one, person("X2", "张三"))])
        .await
        .unwrap();
    assert_eq!(desk.find("person", FIRST, "X1").await, [one, other]);
    desk.send("c", vec![merge("person", other, one)])
        .await
        .unwrap();
    assert_eq!(desk.find("person", FIRST, "X1").await, [one, other]);
    desk.assert_sound().await;
}

#[tokio::test]
async fn a_closed_record_is_opened_again_by_a_word_that_says_it_is_there() {
    let desk = Desk::new().await;
    let home = desk.open(FIRST, "household", household("1")).await;
    let close = ledger::Draft {
        from: Some(DAY),
        ..known("household", home, Close, Vec::new())
    };
    desk.send("a", vec![close]).await.unwrap();
    let again = desk.send("b", vec![open(FIRST, "household", 0, household("1"))]);
    assert_eq!(again.await.unwrap().opened, [home]);
    let known_by_now = known("household", home, Open, household("1"));
    desk.send("c", vec![known_by_now]).await.unwrap();
    let kinds = desk.ledger.history("household", home).await.unwrap();
    let kinds: Vec<_> = kinds.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [Open, Close, Open, Open]);
    desk.assert_sound().await;
}
