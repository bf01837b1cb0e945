//! `taizhang completeness` and `taizhang template`: what is said of a ledger that has no lists yet, and of one into which one came.

use std::fs;

use serde_json::Value;

use crate::common::taizhang;

const UNIT: &str = "210203001000";

/// What is said, of a command that does what it is for.
fn said(arguments: &[&str]) -> String {
    let output = taizhang(arguments);
    let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{arguments:?}: {told}");
    told
}

#[test]
fn a_ledger_is_asked_what_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let dir = ledger.to_str().unwrap();
    said(&["init", dir, "--unit", UNIT]);
    let told = said(&["completeness", dir, "--lang", "zh"]);
    assert!(told.contains("还没有导入过名册"), "{told}");
    let told = said(&["completeness", dir, "--lang", "en"]);
    assert!(told.contains("No list has come yet"), "{told}");

    let list = folder.path().join("list.csv");
    fs::write(&list, testhouse::community(0, 5).csv).unwrap();
    let list = list.to_str().unwrap();
    let import = [
        "import",
        dir,
        "--register",
        "police-households",
        "--unit",
        UNIT,
    ];
    said(&[&import[..], &["--on", "2020-12-31", list]].concat());
    let json = said(&["completeness", dir, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let rows = json["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["list"] == "police-households");
    let last = &row.unwrap()["last"];
    assert_eq!(
        (&last["as_of"], &last["rows"]),
        (&Value::from("2020-12-31"), &Value::from(5))
    );
    for (named, only) in [
        ("公安户籍名册", "police-households"),
        ("POLICE-HOUSEHOLDS", "police-households"),
    ] {
        let told = said(&["completeness", dir, "--json", "--list", named]);
        let told: Value = serde_json::from_str(&told).unwrap();
        let lists = told["rows"].as_array().unwrap();
        assert!(lists.iter().all(|row| row["list"] == only) && lists.len() == 1);
    }
    let told = said(&["completeness", dir, "--json", "--sender", "公安"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let rows = told["rows"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["sender"] == "police"));

    let calendar = folder.path().join("due.ics");
    let to = calendar.to_str().unwrap();
    said(&[
        "completeness",
        dir,
        "--remind",
        "--calendar",
        to,
        "--lang",
        "zh",
    ]);
    let calendar = fs::read_to_string(&calendar).unwrap();
    assert!(calendar.starts_with("BEGIN:VCALENDAR\r\n"), "{calendar}");
    let wrong = taizhang(&["completeness", dir, "--state", "nothing"]);
    assert_eq!(wrong.status.code(), Some(2));
    let wrong = taizhang(&["completeness", dir, "--sender", "nothing"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_blank_list_is_written_of_any_roster_of_a_pack() {
    let folder = tempfile::tempdir().unwrap();
    let blank = folder.path().join("blank.xlsx");
    let to = blank.to_str().unwrap();
    for roster in ["children", "子女登记表", "Children of families"] {
        said(&["template", roster, "-o", to]);
        assert!(fs::read(&blank).unwrap().starts_with(b"PK"), "{roster}");
        fs::remove_file(&blank).unwrap();
    }
    let ledger = folder.path().join("ledger");
    let dir = ledger.to_str().unwrap();
    said(&["init", dir, "--unit", UNIT]);
    said(&["template", "children", "--pack", dir, "-o", to]);
    assert!(blank.exists(), "a ledger's folder stands for its pack");
    let wrong = taizhang(&["template", "childrn", "-o", to, "--lang", "en"]);
    assert_eq!(wrong.status.code(), Some(2));
    let told = String::from_utf8(wrong.stderr).unwrap();
    assert!(told.contains("children"), "the nearest is named: {told}");
}
