//! Whatever lists come, in whatever state: importing one again changes nothing, and taking the imports back, the last first,
//! restores exactly what was before each.

use crate::common::{ONE, Office, id};
use jiff::civil::date;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const ROSTERS: [&str; 4] = [
    "residents-police",
    "residents-health",
    "residents-insurance",
    "residents-community",
];
const HEAD: [&str; 6] = [
    "姓名",
    "公民身份号码",
    "性别",
    "出生日期",
    "联系电话",
    "住址",
];
const NAMES: [&str; 8] = [
    "王建国",
    "李秀英",
    "张伟",
    "张玮",
    "刘洋",
    "陈静",
    "杨帆",
    "赵敏",
];
const PEOPLE: usize = 16;

/// What a department does to what it knows of somebody.
#[derive(Clone, Copy, Debug)]
enum Slip {
    None,
    NoNumber,
    NoBirth,
    NoPhone,
    NoAddress,
    /// The number of the next one.
    OthersNumber,
    /// The name of the next one.
    OthersName,
    OtherPhone,
    Moved,
}

fn slip() -> impl Strategy<Value = Slip> {
    prop_oneof![
        4 => Just(Slip::None),
        4 => Just(Slip::NoNumber),
        1 => Just(Slip::NoBirth),
        1 => Just(Slip::NoPhone),
        1 => Just(Slip::NoAddress),
        1 => Just(Slip::OthersNumber),
        1 => Just(Slip::OthersName),
        1 => Just(Slip::OtherPhone),
        1 => Just(Slip::Moved),
    ]
}

fn birth(nth: usize) -> (i16, i8, i8) {
    let month = i8::try_from(1 + nth % 12).unwrap();
    (1950 + i16::try_from(nth * 3).unwrap(), month, 11)
}

fn number(nth: usize) -> String {
    let (year, month, day) = birth(nth % PEOPLE);
    id(
        year,
        month,
        day,
        101 + 2 * u16::try_from(nth % PEOPLE).unwrap(),
    )
}

/// How a department writes somebody.
fn row(nth: usize, slips: &[Slip]) -> Vec<String> {
    let (year, month, day) = birth(nth);
    let mut row = vec![
        NAMES[nth % NAMES.len()].to_owned(),
        number(nth),
        "男".to_owned(),
        format!("{year}-{month:02}-{day:02}"),
        format!("1380000{:04}", nth * 37),
        format!(
            "幸福路{}号{}单元10{}室",
            1 + nth / 4,
            1 + nth % 3,
            1 + nth % 4
        ),
    ];
    for slip in slips {
        match slip {
            Slip::None => {}
            Slip::NoNumber => row[1].clear(),
            Slip::NoBirth => row[3].clear(),
            Slip::NoPhone => row[4].clear(),
            Slip::NoAddress => row[5].clear(),
            Slip::OthersNumber => row[1] = number(nth + 1),
            Slip::OthersName => row[0] = NAMES[(nth + 1) % NAMES.len()].to_owned(),
            Slip::OtherPhone => row[4] = format!("1390000{:04}", nth * 37),
            Slip::Moved => row[5] = format!("和平街{}号", nth + 1),
        }
    }
    row
}

type List = (usize, Vec<(usize, [Slip; 2])>);

fn list() -> impl Strategy<Value = List> {
    let rows = prop::collection::vec((0..PEOPLE, [slip(), slip()]), 1..14);
    (0..ROSTERS.len(), rows)
}

proptest! {
    // The same cases each time, so that a change is judged by itself.
    #![proptest_config(ProptestConfig { cases: 250, rng_seed: RngSeed::Fixed(901), ..ProptestConfig::default() })]

    #[test]
    fn again_changes_nothing_and_undo_restores(lists in prop::collection::vec(list(), 1..5)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let office = Office::new().await;
            let mut done = Vec::new();
            for (nth, (roster, people)) in lists.iter().enumerate() {
                let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
                rows.extend(people.iter().map(|(who, slips)| row(*who, slips)));
                let on = date(2026, 1 + i8::try_from(nth).unwrap(), 28);
                let before = office.state().await;
                let outcome = office.list(ROSTERS[*roster], ONE, on, &rows).await;
                let after = office.state().await;
                let again = office.list(ROSTERS[*roster], ONE, on, &rows).await;
                let now = office.state().await;
                let differs: Vec<&String> = now.iter().filter(|line| !after.contains(line)).collect();
                let said = crate::common::messages(&again);
                assert!(again.files[0].receipt.is_none() && now == after, "{rows:#?} {said:#?} {differs:#?}");
                done.extend(outcome.files[0].receipt.as_ref().map(|receipt| (receipt.commit, before)));
            }
            let at = "2026-01-07T01:00:00Z".parse().unwrap();
            for (commit, before) in done.into_iter().rev() {
                office.ledger.undo(commit, at, &office.grant()).await.unwrap();
                assert_eq!(office.state().await, before, "commit {commit}");
            }
            office.verify().await;
        });
    }
}
