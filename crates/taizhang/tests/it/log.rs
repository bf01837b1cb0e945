//! Every command that reads what a ledger has of people leaves a line with who it was, also if nothing is written.

use std::path::Path;

use sqlx::Connection;

use crate::common::taizhang;

const UNIT: &str = "210203001001";
const WHO: &str = "程立";
/// Who the program itself is, when it works something out for all.
const OWN: &str = "taizhang";

/// Who stands in the access log, in order.
fn logged(dir: &Path) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let file = format!("sqlite:{}?mode=ro", dir.join("access.sqlite").display());
        let mut log = sqlx::SqliteConnection::connect(&file).await.unwrap();
        let rows = sqlx::query_scalar("SELECT who FROM access ORDER BY number");
        rows.fetch_all(&mut log).await.unwrap()
    })
}

fn run(arguments: &[&str]) {
    let output = taizhang(&[&["--lang", "en", "--as", WHO], arguments].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    // 1 tells that rows were refused.
    let fine = [Some(0), Some(1)].contains(&output.status.code());
    assert!(fine, "{arguments:?}: {told}");
}

#[test]
fn every_reading_command_stands_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let (lists, dir) = (folder.path().join("lists"), folder.path().join("ledger"));
    let ledger = dir.to_str().unwrap();
    let made = [
        "town",
        "generate",
        lists.to_str().unwrap(),
        "--people",
        "2000",
    ];
    assert!(
        taizhang(&[&made[..], &["--unnumbered"]].concat())
            .status
            .success()
    );
    run(&["init", ledger, "--unit", UNIT]);
    let police = lists.join("high/police.csv");
    let police = police.to_str().unwrap();
    let list = [
        "--register",
        "residents-police",
        "--unit",
        UNIT,
        "--on",
        "2025-12-01",
        police,
    ];
    run(&[&["import", ledger][..], &list].concat());
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let [sheets, report, result] = ["lists.xlsx", "report.docx", "result.xlsx"].map(out);
    let reading: [&[&str]; 12] = [
        &["sweep", ledger, "--on", "2025-12-31"],
        &["sweep", ledger, "--on", "2025-12-31", "--out", &sheets],
        &["indicators", ledger, "--unit", UNIT, "--period", "2025"],
        &[
            "indicators",
            ledger,
            "--unit",
            UNIT,
            "--period",
            "2025",
            "--rows",
            "population",
        ],
        &[
            "report",
            ledger,
            "--unit",
            UNIT,
            "--period",
            "2025",
            "--with-gaps",
            "--out",
            &report,
        ],
        &["review", ledger],
        &["review", ledger, "--checks"],
        &["imports", ledger],
        &["posts", ledger],
        &[
            "import",
            ledger,
            "--dry-run",
            "--result",
            &result,
            "--register",
            "residents-police",
            "--unit",
            UNIT,
            "--on",
            "2025-12-02",
            police,
        ],
        &[
            "import",
            ledger,
            "--register",
            "residents-police",
            "--unit",
            UNIT,
            "--on",
            "2025-12-02",
            police,
        ],
        &["explain", ledger, "--person", "5", "--on", "2025-12-31"],
    ];
    for command in reading {
        let before = logged(&dir).len();
        run(command);
        let lines = logged(&dir).split_off(before);
        assert!(lines.iter().any(|who| who == WHO), "{command:?}: {lines:?}");
        let known = |who: &String| who == WHO || who == OWN;
        assert!(lines.iter().all(known), "{command:?}: {lines:?}");
    }
}
