//! Caches are known by content: what is another ledger's, cut, altered or of another declaration is no cache, and never a figure.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::{Algorithm, Ledger, Whole};
use tables::{AsOf, Page, Tables};

use crate::little::{Writing, at, books, day, grant, pack};

async fn write(ledger: &Ledger, names: &[&str]) {
    let mut writing = Writing::new(names.join(" "));
    let say = writing.list("police", 1, 1, Whole::Whole);
    for name in names {
        writing.person(say, name, name);
    }
    writing.write(ledger).await.unwrap();
}

async fn names(ledger: &Ledger, folder: &Path) -> Vec<String> {
    let tables = Tables::new(ledger.clone(), pack(), Some(folder.to_owned()));
    let session = tables
        .session(&grant(), AsOf::on(day(5)), at())
        .await
        .unwrap();
    let page = Page {
        offset: 0,
        limit: 99,
    };
    let rows = session.rows("select name from person", page).await.unwrap();
    rows.rows
        .into_iter()
        .filter_map(|mut row| row.remove(0))
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.path().is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found
}

#[tokio::test]
async fn a_restored_ledger_gets_its_own_figures() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let ledger = Ledger::create(&dir.path().join("one"), pack(), Algorithm::Sha256)
        .await
        .unwrap();
    books(&ledger).await;
    write(&ledger, &["甲", "乙"]).await;
    ledger.close().await;
    // A copy is kept, and the ledger goes on.
    fs::create_dir_all(dir.path().join("kept")).unwrap();
    for file in files(&dir.path().join("one")) {
        fs::copy(
            &file,
            dir.path().join("kept").join(file.file_name().unwrap()),
        )
        .unwrap();
    }
    let ledger = Ledger::open(&dir.path().join("one"), pack()).await.unwrap();
    write(&ledger, &["丙", "丁"]).await;
    assert_eq!(names(&ledger, &cache).await.len(), 4);
    ledger.close().await;
    // Restored, others are written in the same places.
    let restored = Ledger::open(&dir.path().join("kept"), pack())
        .await
        .unwrap();
    write(&restored, &["戊", "己"]).await;
    let mut found = names(&restored, &cache).await;
    found.sort();
    let mut wanted = ["甲", "乙", "戊", "己"].map(String::from).to_vec();
    wanted.sort();
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn what_was_cut_altered_or_made_of_nothing_is_no_cache() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let ledger = Ledger::create(&dir.path().join("one"), pack(), Algorithm::Sha256)
        .await
        .unwrap();
    books(&ledger).await;
    write(&ledger, &["甲", "乙"]).await;
    let wanted = names(&ledger, &cache).await;
    assert!(!files(&cache).is_empty());
    type Spoil = fn(&[u8]) -> Vec<u8>;
    let spoils: [Spoil; 5] = [
        |bytes| bytes[..bytes.len() / 2].to_vec(),
        |_| Vec::new(),
        |bytes| {
            let mut bytes = bytes.to_vec();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x55;
            bytes
        },
        |bytes| bytes.iter().map(|byte| byte ^ 0xff).collect(),
        |bytes| [bytes, bytes].concat(),
    ];
    for spoil in spoils {
        for file in files(&cache) {
            let whole = fs::read(&file).unwrap();
            fs::write(&file, spoil(&whole)).unwrap();
            assert_eq!(names(&ledger, &cache).await, wanted, "{}", file.display());
            if let Some(file) = files(&cache).iter().find(|kept| **kept == file) {
                fs::write(file, &whole).unwrap();
            }
        }
        fs::remove_dir_all(&cache).unwrap();
        names(&ledger, &cache).await;
    }
}
