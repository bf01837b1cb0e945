//! What is kept beside the ledger: for this user only, put in the place of what was there, and nothing that the ledger rests on.

use std::fs;
use std::path::Path;

use ledger::{Algorithm, Ledger};

use crate::common::pack;

async fn in_folder(folder: &Path) -> Ledger {
    match Ledger::open(folder, pack()).await {
        Ok(ledger) => ledger,
        Err(_) => Ledger::create(folder, pack(), Algorithm::Sha256)
            .await
            .unwrap(),
    }
}

#[tokio::test]
async fn what_is_kept_aside_is_there_when_the_ledger_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = in_folder(folder.path()).await;
    assert_eq!(ledger.aside("lists").unwrap(), None);
    ledger.keep_aside("lists", b"one").unwrap();
    ledger.keep_aside("lists", b"two").unwrap();
    ledger.close().await;
    let again = in_folder(folder.path()).await;
    assert_eq!(again.aside("lists").unwrap().as_deref(), Some(&b"two"[..]));
    let names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("lists"))
        .collect();
    assert_eq!(names, ["lists"], "nothing half written is left");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join("lists"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn what_is_too_large_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = in_folder(folder.path()).await;
    fs::write(folder.path().join("lists"), vec![b' '; (4 << 20) + 1]).unwrap();
    assert_eq!(ledger.aside("lists").unwrap(), None);
}

#[tokio::test]
async fn a_ledger_in_memory_keeps_it_as_long_as_it_lasts() {
    let ledger = Ledger::in_memory(pack(), Algorithm::Sha256);
    ledger.keep_aside("lists", b"one").unwrap();
    let same = ledger.clone();
    assert_eq!(same.aside("lists").unwrap().as_deref(), Some(&b"one"[..]));
}
