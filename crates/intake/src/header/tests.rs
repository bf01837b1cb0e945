#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
use super::*;
use pack::{FieldType, Place, Text};

fn column(id: &str, name: &str, required: bool, synonyms: &[&str], group: &[&str]) -> Column {
    Column {
        id: id.to_owned(),
        name: Text::new(name, id),
        kind: FieldType::Text,
        required,
        synonyms: synonyms.iter().map(ToString::to_string).collect(),
        group: group.iter().map(ToString::to_string).collect(),
        place: Place::default(),
    }
}

fn roster() -> Roster {
    Roster {
        id: "r".to_owned(),
        columns: vec![
            column("father", "姓名", false, &["父亲姓名"], &["父亲"]),
            column("father_id", "身份证号", false, &[], &["父亲"]),
            column("child", "姓名", true, &["子女姓名"], &["子女"]),
            column("child_id", "身份证号", true, &[], &["子女"]),
            column("adopted", "收养", false, &["是否收养"], &[]),
        ],
        ..Roster::default()
    }
}

/// The header found in these rows of cells separated by `|`, as the index of the row below it and the columns.
fn found(rows: &[&str], merged: &[Area]) -> Option<(usize, Vec<Option<u16>>)> {
    let mut sheet = Sheet::new("a");
    for (r, row) in (0..).zip(rows) {
        for (c, cell) in (0..).zip(row.split('|')) {
            sheet.push(r, c, Cell::Text(cell), false).unwrap();
        }
    }
    sheet.merged = merged.to_vec();
    let roster = roster();
    let header = Words::new(&roster).find(&sheet).ok().flatten()?;
    Some((header.first, header.columns))
}

#[test]
fn headers_in_every_layout() {
    let all = vec![Some(0), Some(1), Some(2), Some(3), Some(4)];
    let two = [
        "某社区子女登记表",
        "父亲||子女||收养",
        "姓名|身份证号|姓名|身份证号|",
        "a|b|c|d|e",
    ];
    assert_eq!(found(&two, &[]), Some((3, all.clone())));
    let area = |row, from, to| Area {
        from: (row, from),
        to: (row, to),
    };
    assert_eq!(
        found(&two, &[area(0, 0, 4), area(1, 0, 1), area(1, 2, 3)]),
        Some((3, all.clone()))
    );
    let flat = ["父亲姓名|父亲身份证号|子女 姓名*|子女身份证号|是否收养"];
    assert_eq!(found(&flat, &[]), Some((1, all.clone())));
    let apart = ["子女||父亲", "身份证号|姓名|姓名|身份证号"];
    assert_eq!(
        found(&apart, &[]),
        Some((2, vec![Some(2), Some(3), Some(1), Some(0), None]))
    );
}

#[test]
fn a_cell_outside_the_merged_area_is_not_under_it() {
    let rows = ["子女||父亲", "姓名|身份证号|姓名|身份证号"];
    let area = |from, to| Area {
        from: (0, from),
        to: (0, to),
    };
    let columns = found(&rows, &[area(0, 1), area(2, 2)]);
    assert_eq!(
        columns,
        Some((2, vec![Some(2), None, Some(0), Some(1), None]))
    );
}

#[test]
fn what_is_no_header_is_none() {
    assert_eq!(found(&["说明", "本表一式两份"], &[]), None);
    assert_eq!(found(&["收养", "甲"], &[]), None);
}
