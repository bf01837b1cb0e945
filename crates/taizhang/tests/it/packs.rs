//! Packs on the command line: a new one loads and its case holds, an overlay is checked and tested, a ledger keeps every layer.

use std::path::Path;

use serde_json::Value;

use crate::common::taizhang;

fn run(arguments: &[&str]) -> String {
    let output = taizhang(arguments);
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(output.status.success(), "{arguments:?}\n{out}\n{err}");
    out
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_new_pack_has_no_faults_and_its_case_holds() {
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("alone");
    run(&[
        "--lang",
        "en",
        "pack",
        "new",
        text(&alone),
        "--name",
        "某市规则包",
    ]);
    assert!(run(&["--lang", "en", "pack", "check", text(&alone)]).contains("no faults"));
    assert!(run(&["--lang", "en", "pack", "test", text(&alone)]).contains("1 cases, 0 differ"));
    let over = folder.path().join("over");
    run(&["pack", "new", text(&over), "--extends", "../alone"]);
    assert!(run(&["--lang", "en", "pack", "test", text(&over)]).contains("2 cases, 0 differ"));
    // Nothing is written over.
    assert!(!taizhang(&["pack", "new", text(&over)]).status.success());
}

#[test]
fn a_pack_over_the_national_one_tells_where_each_value_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("lianhu");
    run(&[
        "pack",
        "new",
        text(&county),
        "--extends",
        "national",
        "--name",
        "莲湖县",
    ]);
    run(&["pack", "check", text(&county)]);
    std::fs::write(
        county.join("programmes/rate.toml"),
        "[programme]\nchanges = \"one-child-parent-award\"\n\n[[parameter]]\nchanges = \"monthly_rate\"\nvalues = [{ from = 2026-07-01, value = 2000, basis = \"文\" }]\n",
    )
    .unwrap();
    let listed = run(&[
        "--json",
        "pack",
        "list",
        text(&county),
        "--kind",
        "parameters",
    ]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let of_rate: Vec<(&str, &str)> = (listed.as_array().unwrap().iter())
        .filter(|item| item["id"] == "one-child-parent-award.monthly_rate")
        .map(|item| {
            (
                item["more"].as_str().unwrap(),
                item["from"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        of_rate,
        [
            (
                "1982-01-01 1000",
                "national/programmes/one-child-parent-award.toml:12"
            ),
            ("2026-07-01 2000", "lianhu/programmes/rate.toml:6"),
        ]
    );
    // A ledger keeps every layer, and is opened with them.
    let ledger = folder.path().join("ledger");
    run(&[
        "init",
        text(&ledger),
        "--pack",
        text(&county),
        "--unit",
        "210203001000",
    ]);
    assert!(ledger.join("pack/0-national/pack.toml").is_file());
    assert!(ledger.join("pack/1-lianhu/programmes/rate.toml").is_file());
    run(&["verify", text(&ledger)]);
    let again = run(&[
        "--json",
        "pack",
        "list",
        text(&ledger.join("pack")),
        "--kind",
        "layers",
    ]);
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(
        (again[0]["id"].as_str(), again[1]["id"].as_str()),
        (Some("national"), Some("lianhu"))
    );
}

#[test]
fn packs_in_a_ring_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one");
    std::fs::create_dir(&one).unwrap();
    std::fs::write(
        one.join("pack.toml"),
        "[pack]\nid = \"one\"\nextends = \"../one\"\n",
    )
    .unwrap();
    let output = taizhang(&["--lang", "en", "pack", "check", text(&one)]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("ring"));
}
