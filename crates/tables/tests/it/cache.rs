//! Caches are known by content: what is another ledger's, cut, altered or of another declaration is no cache, and never a figure.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::{Algorithm, Ledger, Position, Whole};
use pack::{Said, Value};
use tables::{AsOf, Page, Tables};

use crate::little::{
    Writing, at, books, day, grant, pack, pack_of_dwellings, pack_without_homes, text,
};

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
    column(&tables, "select name from person").await
}

async fn column(tables: &Tables, sql: &str) -> Vec<String> {
    let session = tables
        .evaluation(AsOf::on(day(5)), "test", at())
        .await
        .unwrap();
    let page = Page {
        offset: 0,
        limit: 99,
    };
    let rows = session.rows(sql, page).await.unwrap();
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

#[tokio::test]
async fn what_was_erased_is_in_no_cache_and_on_no_page() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let ledger = Ledger::create(&dir.path().join("one"), pack(), Algorithm::Sha256)
        .await
        .unwrap();
    books(&ledger).await;
    write(&ledger, &["甲某某", "乙某某"]).await;
    let tables = Tables::new(ledger.clone(), pack(), Some(cache.clone()));
    let sql = "select name from person order by name";
    assert_eq!(column(&tables, sql).await.len(), 2);
    let kept = files(&cache).iter().any(|file| holds(file, "甲某某"));
    assert!(kept, "the cache has no names");
    let word = Position { book: 1, seq: 1 };
    ledger
        .erase(word, "法院〔2026〕1 号", ["李", "王"], at(), &grant())
        .await
        .unwrap();
    // By those who hold the words, after a restart, and without a cache.
    assert_eq!(column(&tables, sql).await, ["乙某某"]);
    let held: Vec<PathBuf> = files(&cache)
        .into_iter()
        .filter(|file| holds(file, "甲某某"))
        .collect();
    assert_eq!(held, Vec::<PathBuf>::new());
    assert_eq!(names(&ledger, &cache).await, ["乙某某"]);
    let bare = Tables::new(ledger.clone(), pack(), None);
    assert_eq!(column(&bare, sql).await, ["乙某某"]);
    // What comes later comes to what was read again.
    write(&ledger, &["丙某某"]).await;
    assert_eq!(column(&tables, sql).await, ["丙某某", "乙某某"]);
}

fn holds(file: &Path, words: &str) -> bool {
    let bytes = fs::read(file).unwrap();
    let words = words.as_bytes();
    bytes.windows(words.len()).any(|window| window == words)
}

#[tokio::test]
async fn a_register_that_was_away_comes_back_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (place, cache) = (dir.path().join("one"), dir.path().join("cache"));
    let ledger = Ledger::create(&place, pack(), Algorithm::Sha256)
        .await
        .unwrap();
    books(&ledger).await;
    let mut writing = Writing::new("a");
    let say = writing.list("police", 1, 1, Whole::Whole);
    let person = writing.person(say, "n1", "甲");
    let yes = || Some(Value::Bool(true));
    writing.home(say, person, 1, [yes(), yes(), None]);
    writing.write(&ledger).await.unwrap();
    ledger.close().await;
    let without = pack_without_homes();
    let ledger = Ledger::open(&place, without.clone()).await.unwrap();
    let tables = Tables::new(ledger.clone(), without, Some(cache.clone()));
    assert_eq!(column(&tables, "select name from person").await, ["甲"]);
    ledger.close().await;
    let ledger = Ledger::open(&place, pack()).await.unwrap();
    let tables = Tables::new(ledger, pack(), Some(cache));
    let homes = column(&tables, "select unit from home").await;
    assert_eq!(homes.len(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_no_cache() {
    let dir = tempfile::tempdir().unwrap();
    // A file stands where the folder should be.
    let cache = dir.path().join("cache");
    fs::write(&cache, "").unwrap();
    let ledger = Ledger::in_memory(pack(), Algorithm::Sha256);
    books(&ledger).await;
    write(&ledger, &["甲", "乙"]).await;
    assert_eq!(names(&ledger, &cache).await.len(), 2);
}

#[tokio::test]
async fn what_could_not_be_read_comes_back_from_a_cache() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let pack = pack_of_dwellings();
    let ledger = Ledger::in_memory(pack.clone(), Algorithm::Sha256);
    books(&ledger).await;
    let register = pack.register("dwelling").unwrap();
    let mut said = Said::of(vec![None; register.fields.len()]);
    let mut set = |field: &str, value| said.set(register.field(field).unwrap().0, value);
    set("number", text("1"));
    set("area", Value::as_read("约八十"));
    let mut writing = Writing::new("dwelling");
    let say = writing.list("police", 1, 1, Whole::Whole);
    writing.record(say, "dwelling", said);
    writing.write(&ledger).await.unwrap();
    for _ in ["written", "read"] {
        let tables = Tables::new(ledger.clone(), pack.clone(), Some(cache.clone()));
        assert_eq!(
            column(&tables, "select number from dwelling where area is null").await,
            ["1"]
        );
        let standing = tables.snapshot().await.unwrap();
        let found: Vec<&str> = standing.unread().iter().map(|it| &*it.text).collect();
        assert_eq!(found, ["约八十"]);
        assert!(!files(&cache).is_empty());
    }
}
