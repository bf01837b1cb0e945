//! What one list says of one record from several days: each write's fields hold from its own day, whatever else is said beside them,
//! and the list said again says nothing more.

use jiff::civil::{Date, date};
use kernel::RecordId;

use crate::common::{END, ON, ONE, Office, POLICE, desk, id};
use crate::sent::{List, list, take};

/// A field of the only record of a register that has it on a day; `-` where it is there without, none where there is none.
async fn field(office: &Office, register: &str, field: &str, on: Date) -> Option<String> {
    let standing = office.snapshot().await;
    let (at, _) = office
        .pack
        .register(register)
        .unwrap()
        .field(field)
        .unwrap();
    let there = |record: &RecordId| standing.record(register, *record, on);
    let records = standing.records(register);
    let record = records.iter().find_map(there)?;
    Some(
        record[at]
            .as_ref()
            .map_or("-".to_owned(), ToString::to_string),
    )
}

/// Taken a second time, of the same day and of a later one, a list writes no word and changes no row.
async fn says_nothing_more(office: &Office, list: &List) {
    let words = office.entries(ONE).await.len();
    let again = take(office, list).await;
    assert!(again.files[0].receipt.is_none());
    let later = List {
        on: list.on.tomorrow().unwrap(),
        ..list.clone()
    };
    let later = take(office, &later).await;
    assert_eq!(office.entries(ONE).await.len(), words);
    for outcome in [again, later] {
        let said = crate::common::messages(&outcome);
        let rows = list.rows.as_ref().unwrap().len() - 1;
        assert_eq!(outcome.files[0].unchanged(), rows, "{said:#?}");
    }
}

const NORMS: [&str; 6] = ["名称", "类别", "施行日期", "效力", "清理日期", "有效期至"];

fn norms(on: Date, rows: &[[&str; 6]]) -> List {
    list(("norms", ONE, on), NORMS, rows)
}

#[tokio::test]
async fn a_rule_is_in_force_until_it_is_repealed() {
    let office = Office::new().await;
    let state = async |on| field(&office, "norm", "state", on).await;
    let first = norms(
        ON,
        &[["值班制度", "其他", "2019-03-01", "已废止", "2024-05-06", ""]],
    );
    take(&office, &first).await;
    assert_eq!(state(date(2019, 2, 28)).await, None);
    assert_eq!(state(date(2019, 3, 1)).await.as_deref(), Some("in_force"));
    assert_eq!(state(date(2024, 5, 5)).await.as_deref(), Some("in_force"));
    assert_eq!(state(date(2024, 5, 6)).await.as_deref(), Some("repealed"));
    assert_eq!(state(END).await.as_deref(), Some("repealed"));
    let cleared = async |on| field(&office, "norm", "cleared_on", on).await;
    assert_eq!(cleared(date(2024, 5, 5)).await.as_deref(), Some("-"));
    says_nothing_more(&office, &first).await;
    // A list of a later day puts the day right, and the end; then one that has it still in force.
    let later = date(2026, 2, 1);
    take(
        &office,
        &norms(
            later,
            &[["值班制度", "其他", "2019-03-01", "已修订", "2023-05-06", ""]],
        ),
    )
    .await;
    assert_eq!(state(date(2023, 5, 5)).await.as_deref(), Some("in_force"));
    assert_eq!(state(date(2023, 5, 6)).await.as_deref(), Some("revised"));
    let before = office.state().await;
    let outcome = take(
        &office,
        &norms(
            date(2026, 3, 1),
            &[["值班制度", "其他", "2019-03-01", "有效", "", ""]],
        ),
    )
    .await;
    assert_eq!(state(date(2024, 5, 6)).await.as_deref(), Some("in_force"));
    // Taken back, everything is as before.
    let receipt = outcome.files[0].receipt.as_ref().unwrap();
    let at = "2026-04-01T01:00:00Z".parse().unwrap();
    office
        .ledger
        .undo(receipt.commit, at, &desk("clerk"))
        .await
        .unwrap();
    assert_eq!(office.state().await, before);
    office.verify().await;
}

#[tokio::test]
async fn what_two_writes_say_of_one_day_is_what_the_later_says() {
    let office = Office::new().await;
    // In force and lapsed on one day: the later write says more than the literal of the earlier.
    let one_day = norms(
        ON,
        &[["试行办法", "其他", "2024-05-06", "已失效", "2024-05-06", ""]],
    );
    let outcome = take(&office, &one_day).await;
    let told = crate::common::messages(&outcome);
    assert!(told.is_empty(), "{told:#?}");
    let state = field(&office, "norm", "state", date(2024, 5, 6)).await;
    assert_eq!(state.as_deref(), Some("lapsed"));
    says_nothing_more(&office, &one_day).await;
}

#[tokio::test]
async fn a_place_is_there_from_its_opening_and_closed_from_its_closing() {
    let office = Office::new().await;
    let head = ["所属单位", "名称", "类型", "负责人", "启用日期", "停用日期"];
    let rows = [[ONE, "人口学校", "", "孙国强", "2018-09-01", "2025-06-30"]];
    let venues = list(("venues", ONE, ON), head, &rows);
    take(&office, &venues).await;
    let closed = async |on| field(&office, "venue", "closed_on", on).await;
    assert_eq!(closed(date(2018, 8, 31)).await, None);
    assert_eq!(closed(date(2025, 6, 29)).await.as_deref(), Some("-"));
    assert_eq!(
        closed(date(2025, 6, 30)).await.as_deref(),
        Some("2025-06-30")
    );
    // Who keeps it is told as of the day of the list.
    let keeper = async |on| field(&office, "venue", "keeper", on).await;
    assert_eq!(keeper(date(2025, 12, 30)).await.as_deref(), Some("-"));
    assert_eq!(keeper(ON).await.as_deref(), Some("孙国强"));
    says_nothing_more(&office, &venues).await;
}

#[tokio::test]
async fn a_job_ends_on_its_own_day_and_is_kept_with_who_has_it() {
    let office = Office::new().await;
    let number = id(1975, 6, 7, 113);
    let people = list(
        (POLICE, ONE, date(2023, 1, 1)),
        [
            "姓名",
            "公民身份号码",
            "与户主关系",
            "户号",
            "户籍情况",
            "居住情况",
        ],
        &[["孙晓明", &number, "户主", "1-203", "户籍", "在住"]],
    );
    take(&office, &people).await;
    let head = ["姓名", "公民身份号码", "岗位", "上岗日期", "离岗日期"];
    let jobs = list(
        ("public-jobs", ONE, ON),
        head,
        &[["孙晓明", &number, "保洁", "2024-03-01", "2025-02-28"]],
    );
    take(&office, &jobs).await;
    let ended = async |on| field(&office, "job_placement", "ended_on", on).await;
    assert_eq!(ended(date(2024, 2, 29)).await, None);
    assert_eq!(ended(date(2025, 2, 27)).await.as_deref(), Some("-"));
    assert_eq!(
        ended(date(2025, 2, 28)).await.as_deref(),
        Some("2025-02-28")
    );
    let words = office.bodies(ONE, "job_placement").await;
    assert_eq!(words.len(), 2, "{words:#?}");
    says_nothing_more(&office, &jobs).await;
    office.verify().await;
}

#[tokio::test]
async fn two_rows_of_one_record_from_two_days_hold_each_from_its_own() {
    let office = Office::new().await;
    let row = |from: &'static str, state: &'static str| ["会议制度", "其他", "", state, from, ""];
    for (rows, nth) in [
        (
            [row("2022-01-01", "已修订"), row("2024-01-01", "已废止")],
            1,
        ),
        (
            [row("2024-01-01", "已废止"), row("2022-01-01", "已修订")],
            2,
        ),
    ] {
        let on = date(2025, 11, nth);
        take(&office, &norms(on, &rows)).await;
        let state = async |on| field(&office, "norm", "state", on).await;
        assert_eq!(
            state(date(2023, 1, 1)).await.as_deref(),
            Some("revised"),
            "{nth}"
        );
        assert_eq!(
            state(date(2024, 1, 1)).await.as_deref(),
            Some("repealed"),
            "{nth}"
        );
    }
    // In two orders they are the same words.
    let words = office.bodies(ONE, "norm").await;
    let dated = words.iter().filter(|word| !word.contains(" - "));
    assert_eq!(dated.count(), 2, "{words:#?}");
}
