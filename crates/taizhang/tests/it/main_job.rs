//! The main job through the program itself, as its user runs it: the demo on the street of the reports, twice on a smaller
//! one, and what happens with files that are no good.

use std::fs;
use std::path::Path;

use crate::common::taizhang;
use serde_json::Value;

fn demo(data: &Path, people: &str) -> Value {
    made(data, &["--people", people])
}

fn made(data: &Path, wished: &[&str]) -> Value {
    let data = data.to_str().unwrap();
    let output = taizhang(&[&["demo", "--json", "--no-serve", "--data", data], wished].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_str(&text).unwrap()
}

/// The township, district and town, smaller than they are by themselves: every answer and figure as their truth has it, no row refused
/// but those planted, and the topmost unit above all books.
#[test]
fn the_other_places_agree_with_their_truth() {
    let folder = tempfile::tempdir().unwrap();
    for (place, root, units) in [
        ("township", "210283209000", "10"),
        ("district", "210203000000", "12"),
        ("镇", "210213108000", "12"),
    ] {
        let wished = ["--place", place, "--people", "2000", "--seed", "7"];
        let data = folder.path().join(root);
        let summary = made(&data, &wished);
        assert_eq!(summary["figures"]["population"], "2000", "{place}");
        assert_eq!(summary["figures"]["communities"], units, "{place}");
        assert!(summary["answers"].as_u64().unwrap() > 50, "{place}");
        let heads = summary["heads"].as_object().unwrap();
        assert_eq!(heads.keys().next().unwrap(), root, "{place}");
    }
    let refused = taizhang(&["demo", "--lang", "zh", "--place", "village"]);
    let told = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("乡（township）"), "{told}");
}

/// The figures of the street report, and that each opens to exactly as many rows.
#[test]
fn the_street_of_the_reports_comes_out_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    let summary = demo(&data, "45651");
    let figures = [
        ("area", "3.18"),
        ("communities", "6"),
        ("population", "45651"),
        ("households", "15166"),
        ("women_15_49", "13768"),
        ("married_women_15_49", "9324"),
        ("migrants", "4601"),
        ("births", "185"),
        ("birth_rate", "4.07"),
        ("natural_growth", "0.86"),
        ("special_families", "21"),
        ("double_unemployed_families", "372"),
        ("unemployed_retired", "595"),
    ];
    for (id, expected) in figures {
        assert_eq!(summary["figures"][id], expected, "{id}");
    }
    let share: f64 = summary["figures"]["empty_household_share"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        (31.0..33.4).contains(&share),
        "almost a third, not {share} %"
    );
    assert_eq!(summary["differences"], Value::Array(Vec::new()));
    let ledger = data.join("ledger");
    for id in [
        "population",
        "households",
        "women_15_49",
        "births",
        "special_families",
        "double_unemployed_families",
        "unemployed_retired",
    ] {
        let rows = rows_behind(&ledger, id);
        assert_eq!(summary["figures"][id], rows.to_string(), "rows behind {id}");
    }
}

fn rows_behind(ledger: &Path, id: &str) -> usize {
    let output = taizhang(&[
        "indicators",
        ledger.to_str().unwrap(),
        "--unit",
        "210203001000",
        "--period",
        "2025",
        "--rows",
        id,
        "--json",
    ]);
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    list["rows"].as_array().unwrap().len()
}

#[test]
fn two_runs_give_the_same_bytes_and_a_dropped_cache_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let told = |data: &Path| {
        let mut told = demo(data, "3000");
        // Every entry is salted anew, so the heads are each ledger's own.
        assert!(
            told["heads"]
                .as_object()
                .is_some_and(|heads| !heads.is_empty())
        );
        told.as_object_mut().unwrap().remove("heads");
        told
    };
    assert_eq!(told(&one), told(&two), "figures and lists");
    for file in ["lists.xlsx", "report.docx"] {
        let read = |data: &Path| fs::read(data.join("results").join(file)).unwrap();
        assert!(read(&one) == read(&two), "{file} differs between two runs");
    }
    let ledger = one.join("ledger");
    let sweep = || {
        taizhang(&[
            "sweep",
            ledger.to_str().unwrap(),
            "--on",
            "2025-12-31",
            "--json",
        ])
        .stdout
    };
    let before = sweep();
    fs::remove_dir_all(ledger.join("cache")).unwrap();
    assert_eq!(before, sweep(), "the cache is derived");
    let verified = taizhang(&["verify", ledger.to_str().unwrap(), "--json"]);
    assert!(verified.status.success());
}

#[test]
fn a_file_that_is_no_good_is_named_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    demo(&data, "2000");
    let ledger = data.join("ledger");
    let verify = || {
        let told = taizhang(&["verify", ledger.to_str().unwrap(), "--json"]).stdout;
        let mut told: Value = serde_json::from_slice(&told).unwrap();
        // That somebody tried stands in the access log.
        told.as_object_mut().unwrap().remove("accesses");
        told
    };
    let before = verify();
    let unit = "210203001001";
    let empty = folder.path().join("empty.csv");
    fs::write(&empty, "").unwrap();
    let cut = folder.path().join("cut.xlsx");
    let whole = fs::read(
        data.join("rosters")
            .join(unit)
            .join("police-households.xlsx"),
    )
    .unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    for file in [&empty, &cut, &folder.path().join("absent.xlsx")] {
        let path = file.to_str().unwrap();
        let output = taizhang(&[
            "import",
            ledger.to_str().unwrap(),
            "--register",
            "police-households",
            "--unit",
            unit,
            path,
        ]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(path), "the message names the file: {told}");
        assert_eq!(before, verify(), "nothing is left of {path}");
    }
    let unknown = taizhang(&[
        "import",
        ledger.to_str().unwrap(),
        "--register",
        "polices",
        "--unit",
        unit,
        empty.to_str().unwrap(),
    ]);
    assert_eq!(unknown.status.code(), Some(2));
}
