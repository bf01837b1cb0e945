//! Somebody who moves in is known where they come from.

use intake::{ActError, ActRequest, ActRow, Acted, ToldBy, Verdict, act};
use jiff::civil::date;
use kernel::{Grant, RecordId};
use ledger::Access;

use super::{AT, carry_out, request, row};
use crate::common::{ONE, Office, POLICE, TWO, id, unit};

/// An office that knows somebody in the other village.
async fn office() -> (Office, RecordId) {
    let office = Office::new().await;
    let number = id(1985, 6, 7, 113);
    let rows = [
        "姓名,公民身份号码,性别,出生日期,与户主关系,户号,户籍情况,居住情况".to_owned(),
        format!("孙晓明,{number},男,1985-06-07,户主,1-203,户籍,在住"),
        format!(
            "王小丽,{},女,1986-03-02,配偶,1-203,户籍,在住",
            id(1986, 3, 2, 114)
        ),
    ];
    let rows: Vec<Vec<String>> = (rows.iter())
        .map(|row| row.split(',').map(str::to_owned).collect())
        .collect();
    office.list(POLICE, TWO, date(2025, 12, 1), &rows).await;
    let person = office.named("孙晓明").await[0];
    (office, person)
}

fn moved_in(birth: &str) -> ActRow {
    let says = [("name", "孙晓明"), ("sex", "男"), ("birth_date", birth)];
    let rest = [("moved_on", "2025-12-20"), ("living", "是")];
    row([], [says[0], says[1], says[2], rest[0], rest[1]])
}

fn arrived(name: &str) -> ActRow {
    let notice = [("number", "LR-1"), ("from_place", "外省某县")];
    row(
        [],
        [
            ("name", name),
            ("arrived_on", "2025-12-20"),
            notice[0],
            notice[1],
        ],
    )
}

/// The row was asked about, and nobody was opened.
async fn is_asked(office: &Office, done: &Acted, person: RecordId) {
    assert_eq!(done.rows[0].verdict, Verdict::Asked, "{:#?}", done.rows);
    assert_eq!(done.rows[0].may_be, [person]);
    assert!(done.receipt.is_none());
    assert_eq!(office.named("孙晓明").await, [person]);
}

#[tokio::test]
async fn who_is_known_in_another_village_is_not_opened_a_second_time() {
    let (office, person) = office().await;
    let by_birth = request("moved-in", vec![moved_in("1985-06-07")]);
    let done = carry_out(&office, &by_birth).await.unwrap();
    is_asked(&office, &done, person).await;
    office.verify().await;
}

#[tokio::test]
async fn a_desk_that_says_no_more_than_a_name_is_asked() {
    let (office, person) = office().await;
    let asked = request("migrant-arrival", vec![arrived("孙晓明")]);
    let done = carry_out(&office, &asked).await.unwrap();
    is_asked(&office, &done, person).await;
    let told = ActRequest {
        told: Some(ToldBy::New),
        form: "told".to_owned(),
        ..asked
    };
    let done = carry_out(&office, &told).await.unwrap();
    assert!(done.receipt.is_some(), "{:#?}", done.rows);
    assert_eq!(office.named("孙晓明").await.len(), 2);
}

#[tokio::test]
async fn a_namesake_of_another_birth_is_somebody_else() {
    let (office, _) = office().await;
    let other = request("moved-in", vec![moved_in("1962-11-20")]);
    let done = carry_out(&office, &other).await.unwrap();
    assert!(done.receipt.is_some(), "{:#?}", done.rows);
    assert_eq!(office.named("孙晓明").await.len(), 2);
}

#[tokio::test]
async fn who_may_not_read_the_other_village_learns_nothing_of_its_people() {
    let (office, _) = office().await;
    let asked = request("migrant-arrival", vec![arrived("孙晓明")]);
    let done = as_the_village(&office, &asked).await.unwrap();
    assert!(done.rows[0].may_be.is_empty());
    assert!(done.receipt.is_some(), "{:#?}", done.rows);
    assert_eq!(office.named("孙晓明").await.len(), 2);
}

/// Carries it out as somebody of the village does.
async fn as_the_village(office: &Office, asked: &ActRequest) -> Result<Acted, ActError> {
    let (at, name) = (AT.parse().unwrap(), "act".to_owned());
    let grant = Grant::whole("village", unit(ONE), "act");
    let admitted = office.ledger.admit(grant, at, Access::Command { name });
    act(&office.tables, &admitted.await.unwrap(), asked, at).await
}
