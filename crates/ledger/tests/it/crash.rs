//! A process killed while it writes: what it had a receipt for is there, whole, and nothing else is there in part.
#![cfg(unix)]

use crate::common::*;
use ledger::{Commit, Ledger};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const DIRECTORY: &str = "TAIZHANG_CRASH_TEST";
const KILLS: u64 = 20;

/// How many records commit `n` opens in each of the two books; some commits are large, so that a kill meets them half-way.
fn size(n: i64) -> i64 {
    if n % 3 == 0 { 3_000 } else { 1 + n % 7 }
}

/// Commit `n`; the first record in each book has the ordinal after all commits before it.
fn nth(n: i64) -> Commit {
    let before: i64 = (0..n).map(size).sum();
    let new = [FIRST, SECOND].into_iter().flat_map(|book| {
        (1..=size(n)).map(move |ordinal| (book, format!("{book}-{}", before + ordinal)))
    });
    let entries = (0..)
        .zip(new)
        .map(|(new, (book, id))| open(book, "person", new, person(&id, "张三")));
    commit(&format!("commit {n}"), entries.collect())
}

/// How many commits the ledger has; fails if one is there in part.
async fn count(ledger: &Ledger) -> i64 {
    let books = ledger.books().await.unwrap();
    assert_eq!(
        books[0].seq, books[1].seq,
        "a commit is in one book and not in the other"
    );
    let (mut n, mut entries) = (0, 0);
    while entries < books[0].seq {
        entries += size(n);
        n += 1;
    }
    assert_eq!(entries, books[0].seq, "a commit is there in part");
    n
}

fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{words}").unwrap();
    out.flush().unwrap();
}

/// Not a test by itself: the process that is killed. It tells every receipt it gets.
#[tokio::test]
#[ignore = "run by the test below"]
async fn write_until_killed() {
    let Ok(dir) = std::env::var(DIRECTORY) else {
        return;
    };
    let ledger = Ledger::open(Path::new(&dir), pack()).await.unwrap();
    let mut n = count(&ledger).await;
    say("ready");
    loop {
        ledger.commit(nth(n)).await.unwrap();
        say(&format!("receipt {n}"));
        n += 1;
    }
}

/// Runs the writer, kills it some milliseconds after it said this word, and gives the last commit it had a receipt for.
fn run_and_kill(dir: &Path, word: &str, after: Duration) -> Option<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "crash::write_until_killed",
            "--nocapture",
        ])
        .env(DIRECTORY, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let (said, heard) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        out.lines()
            .map_while(Result::ok)
            .for_each(|line| said.send(line).unwrap());
    });
    let mut lines: Vec<String> = Vec::new();
    while !lines.last().is_some_and(|line| line.starts_with(word)) {
        lines.push(heard.recv().expect("the writer speaks until it is killed"));
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    lines.extend(heard.iter());
    reader.join().unwrap();
    let mut receipts = lines
        .iter()
        .filter_map(|line| line.strip_prefix("receipt ")?.parse().ok());
    receipts.next_back()
}

#[tokio::test]
async fn a_killed_writer_leaves_every_receipted_commit_and_no_partial_one() {
    let desk = Desk::new().await;
    desk.ledger.close().await;
    let mut receipts = 0;
    for round in 0..KILLS {
        let word = if round % 4 == 0 { "receipt" } else { "ready" };
        let receipted = run_and_kill(desk.path(), word, Duration::from_millis(round * 37 % 190));
        let ledger = Ledger::open(desk.path(), pack()).await.unwrap();
        let there = count(&ledger).await;
        if let Some(last) = receipted {
            receipts = last + 1;
        }
        assert!(
            receipts <= there && there <= receipts + 1,
            "{receipts} receipts, {there} commits"
        );
        receipts = there;
        ledger.close().await;
    }
    let ledger = Ledger::open(desk.path(), pack()).await.unwrap();
    assert_sound(&ledger).await;
    assert!(
        receipts >= 5,
        "the writer told of a receipt in every fourth round"
    );
    for n in 0..receipts {
        assert!(ledger.commit(nth(n)).await.unwrap().repeated, "commit {n}");
    }
}
