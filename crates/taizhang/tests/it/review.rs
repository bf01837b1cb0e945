//! Questions, merges and taking back through the program itself, over lists without ID numbers.

use std::path::Path;

use crate::common::taizhang;
use serde_json::Value;

/// What the program says, which must be well.
fn said(arguments: &[&str]) -> Value {
    let output = taizhang(&[&["--json", "--lang", "en"], arguments].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {told}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What the program says when it refuses.
fn refused(arguments: &[&str]) -> String {
    let output = taizhang(&[&["--lang", "en"], arguments].concat());
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A ledger with two lists in it.
fn ledger(folder: &Path) -> String {
    let (lists, dir) = (folder.join("lists"), folder.join("ledger"));
    let (lists, dir) = (lists.to_str().unwrap(), dir.to_str().unwrap().to_owned());
    let made = [
        "town",
        "generate",
        lists,
        "--people",
        "2000",
        "--unnumbered",
    ];
    assert!(taizhang(&made).status.success());
    let unit = "210203001001";
    assert!(taizhang(&["init", &dir, "--unit", unit]).status.success());
    for name in ["Li", "Wang"] {
        said(&[
            "posts",
            &dir,
            "--appoint",
            name,
            "--role",
            "manager",
            "--unit",
            unit,
        ]);
    }
    for source in ["police", "community"] {
        let imported = said(&[
            "import",
            &dir,
            "--register",
            &format!("residents-{source}"),
            "--unit",
            unit,
            "--on",
            "2025-12-01",
            &format!("{lists}/high/{source}.csv"),
        ]);
        let file = &imported["files"][0];
        let count = |name: &str| file[name].as_u64().unwrap();
        let ends = [
            "opened",
            "changed",
            "closed",
            "unchanged",
            "repeated",
            "asked",
            "rejected",
        ];
        let sum: u64 = ends.iter().map(|name| count(name)).sum();
        assert_eq!(sum, count("rows"), "every row ended as one of them: {file}");
        assert_eq!(count("asked") > 0, source == "community");
    }
    dir
}

#[test]
fn questions_are_listed_shown_answered_and_answers_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let dir = ledger(folder.path());
    let listed = said(&["review", &dir, "--most", "3"]);
    let waiting = listed["waiting"].as_u64().unwrap();
    let questions = listed["questions"].as_array().unwrap();
    assert_eq!(questions.len(), 3);
    let record = questions[0]["record"].to_string();
    let person = questions[0]["people"][0]["person"].to_string();
    let shown = taizhang(&["--lang", "en", "review", &dir, "--show", &record]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.contains("The row") && shown.contains("bits"),
        "{shown}"
    );

    assert!(refused(&["review", &dir, "--decide", &record]).contains("--same"));
    assert!(refused(&["review", &dir, "--decide", "1", "--new"]).contains("no question 1"));
    let decide = [
        "review", &dir, "--decide", &record, "--same", &person, "--as", "Li",
    ];
    let commit = said(&decide)["commit"].to_string();
    assert!(refused(&decide).contains("has been answered"));
    assert_eq!(said(&["review", &dir])["waiting"], waiting - 1);

    let undone = said(&["undo", &dir, &commit, "--as", "Wang"]);
    assert_eq!(undone["undone"].to_string(), commit);
    assert_eq!(said(&["review", &dir])["waiting"], waiting);
    let journal = said(&["imports", &dir, "--most", "2"]);
    assert_eq!(journal["commits"][0]["actor"], "Wang");
    assert_eq!(journal["commits"][1]["actor"], "Li");
    assert_eq!(journal["commits"][1]["undone_by"], undone["commit"]);
    assert_eq!(said(&["verify", &dir])["faults"], Value::Array(Vec::new()));
}

#[test]
fn a_merge_takes_two_names() {
    let folder = tempfile::tempdir().unwrap();
    let dir = ledger(folder.path());
    let questions = &said(&["review", &dir, "--most", "2"])["questions"];
    let person = |nth: usize| questions[nth]["people"][0]["person"].to_string();
    let (kept, double) = (person(0), person(1));
    assert!(refused(&["merge", &dir, &kept, &double, "--as", " "]).contains("holds no post"));
    assert!(refused(&["merge", &dir, &kept, &double, "--as", "Zhao"]).contains("holds no post"));
    said(&["merge", &dir, &kept, &double, "--as", "Li"]);
    let first = &said(&["review", &dir, "--most", "1"])["questions"][0];
    assert_eq!(first["kind"], "merge");
    assert_eq!(first["proposed_by"], "Li");
    let record = first["record"].to_string();
    let confirm = |name| {
        [
            "review", &dir, "--decide", &record, "--merged", "--as", name,
        ]
    };
    assert!(refused(&confirm("Li")).contains("somebody else has to confirm"));
    // However the name is typed, it is the same person.
    assert!(refused(&confirm("ｌ i.")).contains("somebody else has to confirm"));
    said(&confirm("Wang"));
    assert!(refused(&["merge", &dir, &kept, &double]).contains("no person"));
}

#[test]
fn what_an_entry_says_is_erased_by_two_and_a_document() {
    let folder = tempfile::tempdir().unwrap();
    let dir = ledger(folder.path());
    let person =
        said(&["review", &dir, "--most", "1"])["questions"][0]["people"][0]["person"].to_string();
    let list = ["erase", &dir, "person", &person];
    let entries = said(&list)["entries"].clone();
    let place = entries[0]["entry"].as_str().unwrap();
    assert_eq!(entries[0]["erased"], false);
    let by = |first: &str, second: &str, place: &str| {
        let named = [
            "--entry",
            place,
            "--document",
            "法〔2026〕1号",
            "--as",
            first,
            "--with",
            second,
        ];
        let all = list.iter().chain(&named);
        all.map(|word| (*word).to_owned()).collect::<Vec<String>>()
    };
    refused(&words(&by("Li", "Li", place)));
    let nowhere = by("Li", "Wang", "210203001001.999999");
    assert!(refused(&words(&nowhere)).contains("no entry"));
    assert_eq!(said(&list)["entries"][0]["erased"], false);
    assert_eq!(said(&words(&by("Li", "Wang", place)))["erased"], place);
    assert_eq!(said(&list)["entries"][0]["erased"], true);
    assert_eq!(
        said(&["imports", &dir, "--most", "1"])["commits"][0]["actor"],
        "Li"
    );
    assert_eq!(said(&["verify", &dir])["faults"], Value::Array(Vec::new()));
}

fn words(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}
