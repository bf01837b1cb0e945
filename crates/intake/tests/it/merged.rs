//! Lists that come while two people are read as one: once the merge is taken back, each is what was said under their own number.

use intake::Decision;
use jiff::civil::{Date, date};
use kernel::RecordId;
use tables::AsOf;

use crate::common::{END, ONE, Office, STREET, TWO, desk, id, messages, review};
use crate::sent::{List, take};

const MAY: Date = date(2025, 5, 31);
const JUNE: Date = date(2025, 6, 30);

/// A list of rows whose cells stand apart.
fn spaced(roster: &'static str, unit: &'static str, on: Date, rows: &[impl AsRef<str>]) -> List {
    let cells = |row: &str| row.split(' ').map(str::to_owned).collect();
    List {
        roster,
        unit,
        on,
        rows: Ok(rows.iter().map(|row| cells(row.as_ref())).collect()),
    }
}

/// Proposes one person as another's double.
async fn propose(office: &Office, kept: RecordId, double: RecordId) -> i64 {
    let first = review(office, &desk("first")).await;
    let proposed = first.propose(kept, double, MAY).await;
    proposed.unwrap().commit
}

/// Confirms what is proposed.
async fn confirm(office: &Office) -> i64 {
    let second = desk("second");
    let review = review(office, &second).await;
    let case = review.cases().await.unwrap()[0].record;
    review.decide(case, Decision::Merged).await.unwrap().commit
}

/// Everything there is on some days, and the book it is kept in.
async fn state(office: &Office) -> Vec<String> {
    let mut state = Vec::new();
    let standing = office.snapshot().await;
    for register in &office.pack.registers {
        for on in [MAY, JUNE, END] {
            for (record, body) in office.there(&register.id, on).await {
                let book = standing.kept_in(&register.id, record);
                state.push(format!("{on} {book:?} {} {body}", register.id));
            }
        }
    }
    state.sort();
    state
}

/// What lists came to beside questions, without the numbers of records that were opened after the two women.
async fn told(office: &Office) -> Vec<String> {
    let state = state(office).await.into_iter();
    let lines = state.filter(|line| !line.contains(" question "));
    let mut told: Vec<String> = lines
        .map(|line| {
            let parts = line.split(',').map(|part| match part.rsplit_once(':') {
                Some((name, number)) if number.parse::<i64>().is_ok_and(|number| number > 8) => {
                    name
                }
                _ => part,
            });
            parts.collect::<Vec<_>>().join(",")
        })
        .collect();
    told.sort();
    told
}

/// Two women of one community, and the numbers of both.
async fn two(office: &Office) -> ([String; 2], [RecordId; 2]) {
    let numbers = [id(1961, 4, 5, 112), id(1961, 4, 5, 134)];
    let (kept, double) = (
        format!("1001 冯雅琴 {} 本地户籍 13800000001", numbers[0]),
        format!("1002 冯亚琴 {} 本地户籍 13800000002", numbers[1]),
    );
    let rows = [HOUSEHOLDS, &kept, &double];
    let households = spaced("police-households", ONE, MAY, &rows);
    take(office, &households).await;
    let people = [
        office.named("冯雅琴").await[0],
        office.named("冯亚琴").await[0],
    ];
    (numbers, people)
}

const HOUSEHOLDS: &str = "户号 姓名 身份证号 户籍情况 联系电话";

/// Takes commits back.
async fn taken_back(office: &Office, commits: [i64; 2]) {
    let at = "2026-01-07T01:00:00Z".parse().unwrap();
    let grant = desk("second");
    for commit in commits.into_iter().rev() {
        let undone = office.ledger.undo(commit, at, &grant).await;
        undone.unwrap();
    }
}

/// That a list says the same of two people, whether it comes while they are one or once they are two again.
async fn comes_to_the_same(
    list: impl Fn(&[String; 2]) -> (&'static str, &'static str, Vec<String>),
) {
    for way in [[0, 1], [1, 0]] {
        let (before, between) = (Office::new().await, Office::new().await);
        let (numbers, people) = two(&before).await;
        assert_eq!(two(&between).await, (numbers.clone(), people));
        let (roster, unit, rows) = list(&numbers);
        let list = spaced(roster, unit, JUNE, &rows);
        let [kept, double] = way.map(|nth| people[nth]);
        let commits = [propose(&before, kept, double).await, confirm(&before).await];
        taken_back(&before, commits).await;
        take(&before, &list).await;

        let commits = [
            propose(&between, kept, double).await,
            confirm(&between).await,
        ];
        take(&between, &list).await;
        assert_unchanged(&between, &list).await;

        let after = Office::new().await;
        two(&after).await;
        propose(&after, kept, double).await;
        take(&after, &list).await;
        confirm(&after).await;
        similar(&told(&after).await, &told(&between).await);

        taken_back(&between, commits).await;
        similar(&state(&before).await, &state(&between).await);
        assert_unchanged(&between, &list).await;
        between.verify().await;
    }
}

/// That a list that came says nothing new.
async fn assert_unchanged(office: &Office, list: &List) {
    let again = take(office, list).await;
    assert!(again.files[0].receipt.is_none(), "{:#?}", messages(&again));
}

fn similar(wanted: &[String], state: &[String]) {
    let missing: Vec<&String> = wanted.iter().filter(|line| !state.contains(line)).collect();
    let extra: Vec<&String> = state.iter().filter(|line| !wanted.contains(line)).collect();
    assert_eq!((missing, extra), (Vec::new(), Vec::new()));
    assert_eq!(wanted, state);
}

#[tokio::test]
async fn a_move_of_either_is_theirs() {
    for nth in [0, 1] {
        comes_to_the_same(|numbers| {
            let name = ["冯雅琴", "冯亚琴"][nth];
            let moved = format!(
                "2001 {name} {} 本地户籍 2025-06-10 13900000009",
                numbers[nth]
            );
            let head = "户号 姓名 身份证号 户籍情况 迁入日期 联系电话";
            ("police-households", TWO, vec![head.to_owned(), moved])
        })
        .await;
    }
}

#[tokio::test]
async fn a_list_that_names_both_says_each() {
    comes_to_the_same(|numbers| {
        let rows = [
            HOUSEHOLDS.to_owned(),
            format!("1001 冯雅琴 {} 本地户籍 13900000001", numbers[0]),
            format!("1003 冯亚琴 {} 本地户籍 13900000002", numbers[1]),
        ];
        ("police-households", ONE, rows.to_vec())
    })
    .await;
}

#[tokio::test]
async fn who_is_paid_was_named() {
    for nth in [0, 1] {
        comes_to_the_same(|numbers| {
            let name = ["冯雅琴", "冯亚琴"][nth];
            let head = "姓名 身份证号 项目 起始日期 停发日期".to_owned();
            let paid = format!("{name} {} 奖励扶助 2025-01-01 2025-12-31", numbers[nth]);
            ("benefits", STREET, vec![head, paid])
        })
        .await;
    }
}

#[tokio::test]
async fn a_mother_and_a_wife_is_who_was_named() {
    for nth in [0, 1] {
        comes_to_the_same(|numbers| {
            let name = ["冯雅琴", "冯亚琴"][nth];
            let head = "父亲姓名 父亲身份证号 母亲姓名 母亲身份证号 子女姓名 子女身份证号";
            let child = format!(
                "孙志强 {} {name} {} 孙海燕 {}",
                id(1960, 1, 1, 15),
                numbers[nth],
                id(1990, 1, 1, 28)
            );
            ("children", STREET, vec![head.to_owned(), child])
        })
        .await;
        comes_to_the_same(|numbers| {
            let name = ["冯雅琴", "冯亚琴"][nth];
            let head = "男方姓名 男方身份证号 女方姓名 女方身份证号 登记日期 离婚日期";
            let (man, woman) = (id(1960, 1, 1, 15), &numbers[nth]);
            let married = format!("孙志强 {man} {name} {woman} 1988-01-01 2025-02-01");
            ("marriages", STREET, vec![head.to_owned(), married])
        })
        .await;
    }
}

#[tokio::test]
async fn who_stays_is_told_of_twice_and_is_kept_where_they_live_now() {
    let office = Office::new().await;
    let (numbers, [kept, double]) = two(&office).await;
    propose(&office, kept, double).await;
    confirm(&office).await;
    let moved = |unit, number: &str, name, on| {
        let row = format!("2001 {name} {number} 本地户籍 {on} 13900000009");
        let head = "户号 姓名 身份证号 户籍情况 迁入日期 联系电话";
        (unit, [head.to_owned(), row], on)
    };
    // She moves by one number, and back by the other.
    let lists = [
        moved(TWO, &numbers[1], "冯亚琴", date(2025, 6, 10)),
        moved(ONE, &numbers[0], "冯雅琴", date(2025, 7, 10)),
    ];
    for (unit, rows, on) in &lists {
        let sent = on.saturating_add(jiff::Span::new().days(5));
        let list = spaced("police-households", unit, sent, rows);
        take(&office, &list).await;
        let standing = office.snapshot().await;
        assert_eq!(
            standing.unit_of(kept, list.on),
            Some(crate::common::unit(unit))
        );
        for register in ["person", "residence"] {
            let at = jiff::Timestamp::UNIX_EPOCH;
            let day = office.tables.evaluation(AsOf::on(list.on), "test", at);
            let there = format!("select max(id) as id from {register}");
            let there = day.await.unwrap().collect(&there).await.unwrap();
            let record = RecordId(tables::records(&there[0])[0]);
            let book = standing.kept_in(register, record);
            assert_eq!(
                book,
                Some(crate::common::unit(unit)),
                "{register} {}",
                list.on
            );
        }
    }
    let both = [
        HOUSEHOLDS.to_owned(),
        format!("1001 冯雅琴 {} 本地户籍 13900000001", numbers[0]),
        format!("1003 冯亚琴 {} 本地户籍 13900000002", numbers[1]),
    ];
    let list = spaced("police-households", ONE, date(2025, 8, 1), &both);
    let outcome = take(&office, &list).await;
    let told = messages(&outcome);
    assert!(
        told.iter()
            .any(|told| told.contains("is the same person as in row")),
        "{told:?}"
    );
    let contacts = office.there("contact", END).await;
    assert!(
        contacts
            .iter()
            .all(|(_, body)| !body.contains("13900000002")),
        "{contacts:?}"
    );
    office.verify().await;
}
