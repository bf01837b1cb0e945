//! Files that records refer to: kept before a word names them, found by their bytes, and gone with the last word that named them.

use std::path::PathBuf;

use crate::common::*;
use ledger::{DiscrepancyKind, Ledger, LedgerError, Position};
use pack::{FileRef, FileRefFault, Record};

const SCAN: &[u8] = b"%PDF-1.7 a certificate";

fn paper(number: &str, file: &FileRef) -> Record {
    vec![text(number), text(&file.to_string())]
}

/// Where the bytes of a file lie in a ledger's folder.
fn place(desk: &Desk, file: &FileRef) -> PathBuf {
    let digits: String = file
        .digest()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    desk.path()
        .join("files")
        .join(&digits[..2])
        .join(&digits[2..])
}

async fn faults(ledger: &Ledger) -> Vec<DiscrepancyKind> {
    let found = ledger.verify(None, &mut |_, _| {}).await.unwrap();
    found.faults.into_iter().map(|fault| fault.what).collect()
}

#[tokio::test]
async fn a_word_may_name_a_file_once_its_bytes_are_kept() {
    for desk in [Desk::new().await, Desk::in_memory().await] {
        let file = FileRef::of("证明.pdf", SCAN).unwrap();
        let refused = desk
            .send("a", vec![open(FIRST, "paper", 0, paper("1", &file))])
            .await;
        let refused = refused.unwrap_err();
        assert!(
            matches!(&refused, LedgerError::NoFile { file, .. } if file == "证明.pdf"),
            "{refused}"
        );
        assert!(matches!(
            desk.ledger.file(&file),
            Err(LedgerError::FileDamaged(_))
        ));
        assert_eq!(desk.ledger.keep_file("证明.pdf", SCAN).unwrap(), file);
        desk.open(FIRST, "paper", paper("1", &file)).await;
        assert_eq!(desk.ledger.file(&file).unwrap(), SCAN);
        // The same bytes under another name are the same file.
        let other = desk.ledger.keep_file("again.pdf", SCAN).unwrap();
        desk.open(FIRST, "paper", paper("2", &other)).await;
        desk.assert_sound().await;
    }
}

#[tokio::test]
async fn what_is_no_file_of_a_known_kind_is_not_kept() {
    let desk = Desk::new().await;
    for (name, bytes, fault) in [
        ("a.pdf", &b""[..], FileRefFault::Empty),
        ("a.pdf", b"<script>", FileRefFault::Kind),
        ("../a.pdf", SCAN, FileRefFault::Name),
    ] {
        let refused = desk.ledger.keep_file(name, bytes).unwrap_err();
        assert!(
            matches!(refused, LedgerError::BadFile(found) if found == fault),
            "{refused}"
        );
    }
    assert!(!desk.path().join("files").exists());
}

#[tokio::test]
async fn a_file_that_is_missing_cut_or_altered_is_named_and_not_given() {
    let desk = Desk::new().await;
    let file = desk.ledger.keep_file("证明.pdf", SCAN).unwrap();
    desk.open(FIRST, "paper", paper("1", &file)).await;
    let place = place(&desk, &file);
    let altered = [b"%PDF-1.7 a certificatE".to_vec(), SCAN[..9].to_vec()];
    for bytes in altered.iter().map(Some).chain([None]) {
        match bytes {
            Some(bytes) => std::fs::write(&place, bytes).unwrap(),
            None => std::fs::remove_file(&place).unwrap(),
        }
        let found = faults(&desk.ledger).await;
        assert_eq!(found, [DiscrepancyKind::File("证明.pdf".to_owned())]);
        assert!(matches!(
            desk.ledger.file(&file),
            Err(LedgerError::FileDamaged(_))
        ));
        // Who has its bytes puts it right.
        desk.ledger.keep_file("证明.pdf", SCAN).unwrap();
        assert_eq!(faults(&desk.ledger).await, []);
    }
}

#[tokio::test]
async fn erased_by_law_it_goes_with_the_last_word_that_names_it() {
    let desk = Desk::new().await;
    let file = desk.ledger.keep_file("证明.pdf", SCAN).unwrap();
    desk.open(FIRST, "paper", paper("1", &file)).await;
    desk.open(FIRST, "paper", paper("2", &file)).await;
    let (place, grant) = (place(&desk, &file), grant());
    for (seq, there) in [(1, true), (2, false)] {
        let at_ = Position { book: 1, seq };
        let erased = desk.ledger.erase(at_, "法院", ["甲", "乙"], at(5), &grant);
        erased.await.unwrap();
        assert_eq!(place.exists(), there);
        assert_eq!(faults(&desk.ledger).await, []);
    }
}

#[tokio::test]
async fn another_process_finds_the_same_file() {
    let desk = Desk::new().await;
    let file = desk.ledger.keep_file("证明.pdf", SCAN).unwrap();
    desk.open(FIRST, "paper", paper("1", &file)).await;
    desk.ledger.close().await;
    let ledger = Ledger::open(desk.path(), pack()).await.unwrap();
    assert_eq!(ledger.file(&file).unwrap(), SCAN);
    assert_eq!(faults(&ledger).await, []);
}

#[tokio::test]
async fn files_that_no_word_names_are_told_and_are_no_fault() {
    for desk in [Desk::new().await, Desk::in_memory().await] {
        let named = desk.ledger.keep_file("证明.pdf", SCAN).unwrap();
        desk.open(FIRST, "paper", paper("1", &named)).await;
        let found = desk.ledger.verify(None, &mut |_, _| {}).await.unwrap();
        assert!(
            found.loose.is_empty() && found.faults.is_empty(),
            "{found:?}"
        );
        // A form that was never sent.
        let other = b"%PDF-1.7 another";
        desk.ledger.keep_file("扫描.pdf", other).unwrap();
        let found = desk.ledger.verify(None, &mut |_, _| {}).await.unwrap();
        assert!(found.faults.is_empty(), "{found:?}");
        let [loose] = found.loose.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(loose.replace('/', "").len(), 64);
    }
    // What lies there besides is told, too.
    let desk = Desk::new().await;
    let named = desk.ledger.keep_file("证明.pdf", SCAN).unwrap();
    desk.open(FIRST, "paper", paper("1", &named)).await;
    std::fs::write(place(&desk, &named).with_extension("part"), b"half").unwrap();
    let found = desk.ledger.verify(None, &mut |_, _| {}).await.unwrap();
    assert_eq!(found.loose.len(), 1, "{found:?}");
}
