//! Erasing a body by law: it is gone, and every chain can still be followed.

use crate::common::*;
use kernel::EntryKind::Close;
use ledger::{Ledger, LedgerError, Position, Source};

const SECRET: &str = "210203199001011234";

async fn erase(desk: &Desk, seq: i64, by: [&str; 2]) -> Result<ledger::Receipt, LedgerError> {
    let at_ = Position { book: 1, seq };
    desk.ledger
        .erase(at_, "法院〔2026〕1 号", by, at(5), &grant())
        .await
}

#[tokio::test]
async fn an_erased_body_is_gone_from_the_file_and_the_ledger_is_sound() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, SECRET).await;
    desk.send("a", vec![change("person", id, named("李四"))])
        .await
        .unwrap();
    let kept = desk.ledger.heads().await.unwrap();
    let receipt = erase(&desk, 1, ["甲", "乙"]).await.unwrap();
    assert_eq!(receipt.entries, 0);
    let history = desk.ledger.history("person", id).await.unwrap();
    assert!(history[0].body.is_none() && history[1].body.is_some());
    assert!(desk.find("person", FIRST, SECRET).await.is_empty());
    let info = desk
        .ledger
        .commit_info(receipt.commit)
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(&info.source, Source::Erasure { document } if document.contains("法院")));
    desk.assert_sound().await;
    let found = desk
        .ledger
        .verify(Some(&kept), &mut |_, _| {})
        .await
        .unwrap();
    assert_eq!(found.faults, []);
    desk.ledger.close().await;
    for file in std::fs::read_dir(desk.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let secret = SECRET.as_bytes();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
    let ledger = Ledger::open(desk.path(), pack()).await.unwrap();
    assert_sound(&ledger).await;
}

#[tokio::test]
async fn what_others_say_too_stays() {
    let desk = Desk::in_memory().await;
    let id = desk.person(FIRST, "X1").await;
    desk.send("a", vec![change("person", id, person("X1", "李四"))])
        .await
        .unwrap();
    erase(&desk, 1, ["甲", "乙"]).await.unwrap();
    assert_eq!(desk.find("person", FIRST, "X1").await, [id]);
    desk.assert_sound().await;
    // What rests on it is not left hanging: what was erased may have said all.
    let home = desk.open(FIRST, "household", household("1")).await;
    desk.send("b", vec![transfer("household", home, SECOND)])
        .await
        .unwrap();
    erase(&desk, 3, ["甲", "乙"]).await.unwrap();
    assert!(desk.find("household", FIRST, "1").await.is_empty());
    assert!(desk.find("household", SECOND, "1").await.is_empty());
    desk.assert_sound().await;
}

#[tokio::test]
async fn two_people_and_a_document_erase_words_once_and_for_all() {
    let desk = Desk::new().await;
    let id = desk.person(FIRST, "X1").await;
    desk.send("a", vec![transfer("person", id, SECOND)])
        .await
        .unwrap();
    for by in [["甲", "甲"], ["甲", " "], ["", "乙"]] {
        let error = erase(&desk, 1, by).await.unwrap_err();
        told(&error);
        assert!(matches!(error, LedgerError::TwoNames));
    }
    let error = erase(&desk, 9, ["甲", "乙"]).await.unwrap_err();
    assert!(matches!(error, LedgerError::NoWord(_)));
    let error = erase(&desk, 2, ["甲", "乙"]).await.unwrap_err();
    assert!(matches!(error, LedgerError::NotErasable(_)));
    let word = Position { book: 1, seq: 1 };
    let error = desk
        .ledger
        .erase(word, "文", ["甲", "乙"], at(5), &only(SECOND))
        .await;
    assert!(matches!(error, Err(LedgerError::OutOfScope { .. })));
    let receipt = erase(&desk, 1, ["甲", "乙"]).await.unwrap();
    let error = erase(&desk, 1, ["甲", "乙"]).await.unwrap_err();
    assert!(matches!(error, LedgerError::Erased(_)));
    let error = desk.undo(receipt.commit).await.unwrap_err();
    assert!(matches!(error, LedgerError::UndoOfErasure(_)));
    desk.send("b", vec![known("person", id, Close, Vec::new())])
        .await
        .unwrap();
    desk.assert_sound().await;
}
