//! What is kept beside the ledger: for this user only, put in the place of what was there, and nothing that the ledger rests on.

use std::path::Path;
use std::{fs, io};

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

fn keep(ledger: &Ledger, bytes: &[u8]) {
    let kept: io::Result<()> = ledger.change_aside("lists", |_| Ok(bytes.to_vec()));
    kept.unwrap();
}

#[tokio::test]
async fn two_who_have_the_ledger_open_lose_nothing_of_each_others() {
    let folder = tempfile::tempdir().unwrap();
    let one = in_folder(folder.path()).await;
    let other = in_folder(folder.path()).await;
    std::thread::scope(|scope| {
        for ledger in [&one, &other] {
            scope.spawn(move || {
                for _ in 0..20 {
                    let added: io::Result<()> = ledger.change_aside("lists", |known| {
                        Ok([known.unwrap_or_default(), vec![b'x']].concat())
                    });
                    added.unwrap();
                }
            });
        }
    });
    assert_eq!(one.aside("lists").unwrap().map(|kept| kept.len()), Some(40));
}

#[tokio::test]
async fn what_is_kept_aside_is_there_when_the_ledger_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = in_folder(folder.path()).await;
    assert_eq!(ledger.aside("lists").unwrap(), None);
    keep(&ledger, b"one");
    keep(&ledger, b"two");
    ledger.close().await;
    let again = in_folder(folder.path()).await;
    assert_eq!(again.aside("lists").unwrap().as_deref(), Some(&b"two"[..]));
    let names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("lists") && !name.ends_with(".lock"))
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
    keep(&ledger, b"one");
    let same = ledger.clone();
    assert_eq!(same.aside("lists").unwrap().as_deref(), Some(&b"one"[..]));
}
