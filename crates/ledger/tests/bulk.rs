//! How fast much is written and read. Not run with the other tests: `cargo test -p ledger --release --test bulk -- --ignored
//! --nocapture` prints the figures.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement"
)]
#![allow(clippy::float_arithmetic, reason = "a measurement")]

mod common;

use common::*;
use kernel::RecordId;
use std::time::Instant;

const MANY: i64 = 100_000;

fn tell(what: &str, entries: i64, since: Instant) {
    let seconds = since.elapsed().as_secs_f64();
    println!(
        "{what}: {entries} in {seconds:.2} s, {:.0} a second",
        entries as f64 / seconds
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn three_commits_of_300_000_entries() {
    let desk = Desk::new().await;
    for round in 0..3 {
        let first = desk.next(FIRST).await.0;
        let people = (0..MANY).map(|n| {
            let key = format!("{:018}", (round * MANY + n) * 7_919 % 999_983_000_003);
            let body = vec![text(&key), text("欧阳张三丰"), number(first + MANY + n / 3)];
            open(FIRST, "person", RecordId(first + n), body)
        });
        let homes = (0..MANY).map(|n| {
            let body = vec![
                text(&format!("{round}-{n}")),
                text("某某省某某市某某区某某街道某某社区某某路1号院2号楼3单元401室"),
            ];
            open(FIRST, "household", RecordId(first + MANY + n), body)
        });
        let kin = (0..MANY).map(|n| {
            let body = vec![
                number(first + n),
                number(first + (n + 1) % MANY),
                text("spouse"),
            ];
            open(FIRST, "kinship", RecordId(first + 2 * MANY + n), body)
        });
        let sent = commit(&round.to_string(), people.chain(homes).chain(kin).collect());
        let start = Instant::now();
        desk.ledger.commit(sent).await.unwrap();
        tell("commit", 3 * MANY, start);
    }
    for register in [None, Some("person")] {
        let start = Instant::now();
        let (mut after, mut read) = (0, 0);
        loop {
            let page = desk
                .ledger
                .entries(unit(FIRST), register, after, 50_000)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            (after, read) = (last.seq, read + page.len() as i64);
        }
        tell("feed", read, start);
    }
    let keys: Vec<String> = (0..MANY)
        .map(|n| format!("{:018}", n * 7_919 % 999_983_000_003))
        .collect();
    let start = Instant::now();
    let found = desk
        .ledger
        .find("person", unit(FIRST), &keys)
        .await
        .unwrap();
    tell("find", found.into_iter().flatten().count() as i64, start);
    let start = Instant::now();
    tell("verify", assert_sound(&desk.ledger).await as i64, start);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!(
        "{}",
        status
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .unwrap_or_default()
    );
}
