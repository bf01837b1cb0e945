//! What a blank cell means where the pack says that something else is meant by it: the unit for which the list is taken.

use jiff::civil::date;
use kernel::RecordId;

use crate::common::{END, ON, ONE, Office, STREET, TWO, messages};

/// The units of the records of a register, in order.
async fn units(office: &Office, register: &str) -> Vec<String> {
    let standing = office.snapshot().await;
    let (at, _) = office
        .pack
        .register(register)
        .unwrap()
        .field("unit")
        .unwrap();
    let unit = |record: RecordId| standing.record(register, record, END)?[at].clone();
    let records = standing.records(register);
    let mut units: Vec<String> = (records.into_iter().filter_map(unit))
        .map(|unit| unit.to_string())
        .collect();
    units.sort();
    units
}

fn rows<const N: usize>(rows: &[[&str; N]]) -> Vec<Vec<String>> {
    let row = |row: &[&str; N]| row.map(str::to_owned).to_vec();
    rows.iter().map(row).collect()
}

#[tokio::test]
async fn a_list_without_the_column_is_of_its_own_unit() {
    let office = Office::new().await;
    let kind = office.pack.code("screening_kind").unwrap().members[0]
        .name
        .zh
        .clone();
    let list = rows(&[
        ["排查日期", "排查方式", "发现件数"],
        ["2025-03-04", &kind, "0"],
        ["2025-04-08", &kind, "2"],
    ]);
    let outcome = office.list("screenings", ONE, ON, &list).await;
    assert_eq!(outcome.rejected(), 0, "{:#?}", messages(&outcome));
    assert_eq!(units(&office, "screening").await, [ONE, ONE]);
    // The same with the column says the same.
    let words = office.entries(ONE).await.len();
    let list = rows(&[
        ["排查单位", "排查日期", "排查方式", "发现件数"],
        [ONE, "2025-03-04", &kind, "0"],
        ["", "2025-04-08", &kind, "2"],
    ]);
    office
        .list("screenings", ONE, date(2026, 1, 5), &list)
        .await;
    assert_eq!(office.entries(ONE).await.len(), words);
}

#[tokio::test]
async fn only_a_blank_cell_means_something_else() {
    let office = Office::new().await;
    let kind = office.pack.code("screening_kind").unwrap().members[0]
        .name
        .zh
        .clone();
    let head = ["排查单位", "排查日期", "排查方式"];
    let list = rows(&[
        head,
        [TWO, "2025-03-04", &kind],
        ["", "2025-03-05", &kind],
        ["某某社区", "2025-03-06", &kind],
    ]);
    let outcome = office.list("screenings", STREET, ON, &list).await;
    // Whose the last is isn't known: that isn't the list's unit.
    assert_eq!(outcome.rejected(), 1, "{:#?}", messages(&outcome));
    assert_eq!(units(&office, "screening").await, [STREET, TWO]);
}

#[tokio::test]
async fn the_place_of_a_sum_is_the_units_own_if_none_is_named() {
    let office = Office::new().await;
    let venue = rows(&[
        ["单位", "名称", "类型", "启用日期"],
        [ONE, "人口学校", "人口学校", "2018-09-01"],
    ]);
    let outcome = office.list("venues", ONE, ON, &venue).await;
    assert_eq!(outcome.rejected(), 0, "{:#?}", messages(&outcome));
    let roster = office.pack.roster("spendings").unwrap();
    let named = |id: &str| roster.column(id).unwrap().1.name.zh.clone();
    let code = |list: &str| office.pack.code(list).unwrap().members[0].name.zh.clone();
    let column = |id: &str| match &roster.column(id).unwrap().1.kind {
        pack::FieldType::Code(list) => code(list),
        _ => "宣传栏".to_owned(),
    };
    let required = roster.columns.iter().filter(|column| column.required);
    let ids: Vec<&str> = required.map(|column| column.id.as_str()).collect();
    let cell = |id: &&str| match *id {
        "spent_on" => "2025-03-04".to_owned(),
        "amount" => "1200".to_owned(),
        id => column(id),
    };
    let mut head: Vec<String> = ids.iter().map(|id| named(id)).collect();
    let mut row: Vec<String> = ids.iter().map(cell).collect();
    head.push(named("venue"));
    row.push("人口学校".to_owned());
    let outcome = office.list("spendings", ONE, ON, &[head, row]).await;
    assert_eq!(outcome.rejected(), 0, "{:#?}", messages(&outcome));
    let spent = office.there("spending", END).await;
    assert!(spent[0].1.contains("\"venue\":"), "{spent:#?}");
}
