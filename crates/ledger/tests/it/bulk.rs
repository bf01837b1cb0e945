//! How fast much is written and read. Not run with the other tests: `cargo test -p ledger --release --test it -- --ignored
//! --nocapture bulk` prints the figures.
#![allow(
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a measurement"
)]

use crate::common::*;
use ledger::{Commit, Draft, Position, Receipt};
use std::time::Instant;

const MANY: u32 = 100_000;

fn tell(what: &str, entries: usize, since: Instant) {
    let seconds = since.elapsed().as_secs_f64();
    println!(
        "{what}: {entries} in {seconds:.2} s, {:.0} a second",
        entries as f64 / seconds
    );
}

fn id(n: u32) -> String {
    format!("{:018}", u64::from(n) * 7_919 % 999_983_000_003)
}

/// People, households and kinship that name each other, a hundred thousand of each; the people refer to later households.
fn drafts(round: u32) -> impl Iterator<Item = Draft> + Send {
    let people = (0..MANY).map(move |n| Draft {
        refs: vec![(2, MANY + n / 3)],
        ..open(
            FIRST,
            "person",
            n,
            vec![text(&id(round * MANY + n)), text("欧阳张三丰"), None],
        )
    });
    let homes = (0..MANY).map(move |n| {
        let address = "某某省某某市某某区某某街道某某社区某某路1号院2号楼3单元401室";
        let body = vec![text(&format!("{round}-{n}")), text(address)];
        open(FIRST, "household", MANY + n, body)
    });
    let kin = (0..MANY).map(|n| Draft {
        refs: vec![(0, n), (1, (n + 1) % MANY)],
        ..open(
            FIRST,
            "kinship",
            2 * MANY + n,
            vec![None, None, text("spouse")],
        )
    });
    people.chain(homes).chain(kin)
}

async fn send<E>(desk: &Desk, asked: &str, entries: E) -> Receipt
where
    E: Iterator<Item = Draft> + Send,
{
    let Commit {
        asked,
        source,
        recorded_at,
        grant,
        base,
        says,
        rolls,
        ..
    } = commit(asked, Vec::new());
    let sent = Commit {
        asked,
        source,
        recorded_at,
        grant,
        base,
        says,
        rolls,
        entries,
    };
    desk.ledger.commit(sent).await.unwrap()
}

fn size(desk: &Desk) -> u64 {
    let size = |name: &str| std::fs::metadata(desk.path().join(name)).map_or(0, |file| file.len());
    size("ledger.sqlite")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn three_commits_of_300_000_entries() {
    let desk = Desk::new().await;
    for round in 0..3 {
        let start = Instant::now();
        let receipt = send(&desk, &round.to_string(), drafts(round)).await;
        tell("commit", receipt.entries, start);
    }
    let entries = desk.book(FIRST).await.seq;
    desk.ledger.close().await;
    println!("{} bytes an entry", size(&desk) / entries.unsigned_abs());
    let ledger = ledger::Ledger::open(desk.path(), pack()).await.unwrap();
    let start = Instant::now();
    let mut after = 0;
    loop {
        let page = ledger.entries(unit(FIRST), after, 50_000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.at.seq;
    }
    tell("feed", after.unsigned_abs() as usize, start);
    let keys: Vec<String> = (0..MANY).map(id).collect();
    let start = Instant::now();
    let found = ledger.find("person", unit(FIRST), &keys).await.unwrap();
    tell("find", found.into_iter().flatten().count(), start);
    let start = Instant::now();
    let words: Vec<Position> = (1..=entries).map(|seq| Position { book: 1, seq }).collect();
    let again = Commit {
        rolls: vec![roll(7, &words)],
        ..commit("again", Vec::new())
    };
    ledger.commit(again).await.unwrap();
    tell("roll", words.len(), start);
    let start = Instant::now();
    let news = ledger.news(0).await.unwrap();
    tell(
        "news",
        news.rolls.iter().map(|roll| roll.3.len()).sum(),
        start,
    );
    let start = Instant::now();
    tell("verify", assert_sound(&ledger).await as usize, start);
    let start = Instant::now();
    ledger.undo(3, at(3), &grant()).await.unwrap();
    tell("undo", 300_000, start);
    memory();
}

fn memory() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    println!("{}", peak.unwrap_or_default());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn one_commit_of_four_million_entries() {
    let desk = Desk::new().await;
    let entries = (0..4_000_000).map(|n| match n % 4 {
        0 => open(FIRST, "person", n / 4, person(&id(n), "欧阳张三丰")),
        _ => draft(
            "person",
            ledger::Target::New(n / 4),
            kernel::EntryKind::Change,
            named("张三"),
        ),
    });
    let start = Instant::now();
    let receipt = send(&desk, "all", entries).await;
    tell("commit", receipt.entries, start);
    memory();
}
