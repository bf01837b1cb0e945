#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
use super::*;
use pack::{Column, FieldType, Place, Roster, Text};

fn column(id: &str, name: &str, required: bool, synonyms: &[&str], group: &[&str]) -> Column {
    Column {
        id: id.to_owned(),
        name: Text::new(name, id),
        kind: FieldType::Text,
        required,
        by_month: false,
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
    let said = Said {
        told: &BTreeMap::new(),
        remembered: &BTreeMap::new(),
    };
    let tables = Words::new(&roster, &[]).tables(&sheet, said);
    let header = tables.ok()?.into_iter().next()?;
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

/// A sheet of these rows of cells separated by `|`; an empty row is a gap.
fn sheet(rows: &[&str]) -> Sheet {
    let mut sheet = Sheet::new("a");
    for (r, row) in (0..).zip(rows) {
        for (c, cell) in (0..).zip(row.split('|')) {
            sheet.push(r, c, Cell::Text(cell), false).unwrap();
        }
    }
    sheet
}

fn kinds() -> Roster {
    let of = |kind, column| Column { kind, ..column };
    Roster {
        id: "k".to_owned(),
        columns: vec![
            column("name", "姓名", true, &[], &[]),
            of(
                FieldType::IdNumber,
                column("id_number", "身份证号", true, &[], &[]),
            ),
            of(FieldType::Phone, column("phone", "电话", false, &[], &[])),
            of(
                FieldType::Date,
                column("died_on", "死亡日期", false, &["去世日期"], &[]),
            ),
            of(
                FieldType::Fen,
                column("monthly", "月标准", false, &["月标准(元)"], &[]),
            ),
            of(
                FieldType::Int,
                column("area", "面积(亩)", false, &["面积"], &[]),
            ),
        ],
        ..Roster::default()
    }
}

fn tables(roster: &Roster, rows: &[&str], told: &[(&str, &str)]) -> Result<Vec<Header>, FileFault> {
    let told = (told.iter())
        .map(|(heading, id)| (String::from(*heading), String::from(*id)))
        .collect();
    let said = Said {
        told: &told,
        remembered: &BTreeMap::new(),
    };
    Words::new(roster, &[]).tables(&sheet(rows), said)
}

const ID: &str = "11010519491231002X";

#[test]
fn columns_are_understood_by_their_values() {
    let roster = kinds();
    let with = |heads: &str, cells: &str| {
        let row = cells.replace("ID", ID);
        let rows = [heads, &row, &row, &row, &row];
        let tables = tables(&roster, &rows, &[]).ok()?;
        Some(tables.first()?.columns.clone())
    };
    let columns = |heads, cells| with(heads, cells).unwrap();
    let plain = [Some(0), Some(1), None, None, None, None];
    let place = |column: usize| {
        let mut columns = plain;
        columns[column] = Some(2);
        columns.to_vec()
    };
    for (heads, cells, expected) in [
        ("姓名|号码", "甲|ID", plain.to_vec()),
        ("姓名|身份证号|联络", "甲|ID|13800138000", place(2)),
        ("姓名|身份证号|联络", "甲|ID|88881234", plain.to_vec()),
        ("姓名|身份证号|死亡时刻", "甲|ID|2025-01-02", place(3)),
        // Any day may be the day the list was made.
        ("姓名|身份证号|登记时间", "甲|ID|2025-01-02", plain.to_vec()),
        ("姓名|身份证号|金钱", "甲|ID|80", plain.to_vec()),
        (
            "姓名|身份证号|子女联络",
            "甲|ID|13800138000",
            plain.to_vec(),
        ),
    ] {
        assert_eq!(columns(heads, cells), expected, "{heads}");
    }
    // One of a few that fails its check doesn't hide the others.
    let (right, wrong) = (format!("甲|{ID}"), "乙|110105194912310020");
    let rows = ["姓名|号码", &right, &right, wrong];
    let mixed = tables(&roster, &rows, &[]).unwrap();
    assert_eq!(mixed[0].columns, plain);
    // Two that fit are a question; a number that fails its check is none.
    for (heads, cells) in [
        ("姓名|号码|证号", "甲|ID|ID"),
        ("姓名|号码", "甲|110105194912310020"),
        ("姓名|户主号码", "甲|ID"),
    ] {
        assert!(with(heads, cells).is_none(), "{heads}");
    }
}

#[test]
fn what_is_said_counts_more_than_names() {
    let roster = kinds();
    let rows = ["姓名|身份证号|电话|电话", &format!("甲|{ID}|1|2")];
    assert!(tables(&roster, &rows, &[]).is_err(), "twice");
    for told in [("D", "-"), ("电话#2", "-"), ("c", "phone")] {
        let table = &tables(&roster, &rows, &[told]).unwrap()[0];
        assert_eq!(table.columns[2], Some(2), "{told:?}");
        assert_eq!(table.said.len(), 1);
    }
    let table = &tables(&roster, &["姓名|证|日", "甲|1|2"], &[("证", "id_number")]).unwrap()[0];
    assert_eq!(table.layout.columns[1].by, By::Told);
    let fingerprint = |row: &str| {
        let sheet = sheet(&[row]);
        Words::new(&roster, &[]).fingerprints(&sheet).remove(0)
    };
    assert_eq!(fingerprint("姓名|证"), fingerprint("证：||姓 名*"));
    assert_ne!(fingerprint("姓名|证"), fingerprint("姓名|证|证"));
}

#[test]
fn letters_say_nothing_of_rows() {
    let roster = kinds();
    let row = |name: &str| format!("{name}|{ID}|13812345678");
    let told = [("A", "name"), ("B", "id_number"), ("C", "phone")];
    // Headings nobody knows, and rows below that are no headings, although letters stand above them, too.
    let rows = ["人名|证|机".to_owned(), row("甲"), row("乙"), row("丙")];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let found = tables(&roster, &rows, &told).unwrap();
    let [table] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((table.top, table.first, table.end), (0, 1, 4));
    assert!(!table.fingerprint.is_empty());
    // No heading at all: the first row is a row, and nothing is remembered of it.
    let found = tables(&roster, &rows[1..], &told).unwrap();
    let [table] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((table.top, table.first, table.end), (0, 0, 3));
    assert!(table.fingerprint.is_empty());
    assert!(
        table
            .layout
            .columns
            .iter()
            .all(|column| column.heading.is_empty())
    );
    // A known heading tells the row.
    let below = ["名单", "姓名|证|机", rows[1], rows[2]];
    let table = &tables(&roster, &below, &told[1..]).unwrap()[0];
    assert_eq!((table.first, table.end), (2, 4));
}

#[test]
fn units_in_headings() {
    let roster = kinds();
    let places_of = |heading: &str| {
        let heads = format!("姓名|身份证号|{heading}");
        let row = format!("甲|{ID}|1");
        let table = tables(&roster, &[&heads, &row], &[]).ok()?.remove(0);
        let column = table.columns.iter().position(|c| *c == Some(2));
        Some((column, table.places[4].as_ref().map(|(places, _)| *places)))
    };
    for (heading, expected) in [
        ("月标准（元）", Some((Some(4), None))),
        ("月标准(元/月)", Some((Some(4), None))),
        ("月标准[千元]", Some((Some(4), Some(3)))),
        ("月标准（单位：万元）", Some((Some(4), Some(4)))),
        ("月标准(百元/人·月)", Some((Some(4), Some(2)))),
        ("月标准(yuan)", Some((Some(4), None))),
        ("月标准(元/年)", None),
        ("月标准(美元)", None),
        ("面积(亩)", Some((Some(5), None))),
        ("面积(平方米)", Some((None, None))),
        ("电话(必填)", Some((Some(2), None))),
        ("电话(监护人)", Some((None, None))),
        ("死亡日期(农历)", Some((None, None))),
    ] {
        assert_eq!(places_of(heading), expected, "{heading}");
    }
}

#[test]
fn tables_of_a_sheet() {
    let roster = kinds();
    let row = format!("甲|{ID}|1");
    let found = |rows: &[&str]| -> Vec<(usize, usize, u16)> {
        (tables(&roster, rows, &[]).unwrap().iter())
            .map(|t| (t.first, t.end, t.columns[1].unwrap()))
            .collect()
    };
    assert_eq!(
        found(&[
            "名单",
            "姓名|身份证号|电话",
            &row,
            "备注",
            "身份证号|姓名",
            &row
        ]),
        [(2, 4, 1), (5, 6, 0)]
    );
    // The same again is a page of the same table.
    assert_eq!(
        found(&["姓名|身份证号|电话", &row, "姓 名|身份证号|电话*", &row]),
        [(1, 4, 1)]
    );
    let beside = ["姓名|身份证号||姓名|身份证号", &format!("甲|{ID}||乙|{ID}")];
    assert_eq!(found(&beside), [(1, 2, 1), (1, 2, 4)]);
    assert!(tables(&roster, &["姓名|身份证号|姓名|身份证号"], &[]).is_err());
}
