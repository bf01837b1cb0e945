//! Who is who without ID numbers, through the program itself: the generated lists of a whole street.

#![allow(clippy::float_arithmetic, reason = "it measures by shares")]

use std::fs;
use std::path::Path;

use crate::common::taizhang;
use serde_json::Value;

/// Links the four lists of a folder by the residents' design, and gives what the program says and what it wrote.
fn linked(lists: &Path, out: &Path) -> (Value, Vec<u8>) {
    let design = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../bench/linkage/residents.toml"
    );
    let tables = ["police", "health", "insurance", "community"]
        .map(|name| lists.join(format!("{name}.csv")));
    let mut arguments = vec!["--json", "link"];
    arguments.extend(tables.iter().map(|path| path.to_str().unwrap()));
    arguments.extend([
        "--config",
        design,
        "--truth",
        "真值",
        "-o",
        out.to_str().unwrap(),
    ]);
    let output = taizhang(&arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (
        serde_json::from_slice(&output.stdout).unwrap(),
        fs::read(out).unwrap(),
    )
}

#[test]
fn a_street_is_linked_from_four_lists_without_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let lists = folder.path().join("lists");
    let made = taizhang(&[
        "town",
        "generate",
        lists.to_str().unwrap(),
        "--people",
        "45651",
        "--unnumbered",
    ]);
    assert!(made.status.success());
    let out = folder.path().join("pairs.csv");
    for (level, least_recall) in [("low", 0.998), ("middle", 0.99), ("high", 0.96)] {
        let (said, _) = linked(&lists.join(level), &out);
        let measured = |name: &str| said["against_truth"][name].as_f64().unwrap();
        assert!(
            measured("precision") >= 0.999,
            "{level}: {}",
            said["against_truth"]
        );
        assert!(
            measured("recall") >= least_recall,
            "{level}: {}",
            said["against_truth"]
        );
    }
    let middle = lists.join("middle");
    let (said, first) = linked(&middle, &out);
    let questions = said["questions"].as_f64().unwrap();
    assert!(
        questions * 1000.0 < said["records"].as_f64().unwrap() * 5.0,
        "{questions} questions"
    );
    // Again, in another process: not a byte differs.
    assert!(linked(&middle, &out).1 == first);
}

#[test]
fn what_cannot_be_linked_is_told_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("some.csv"), "name,born\n王芳,1990-05-01\n").unwrap();
    fs::write(path("none.csv"), "name,born\n").unwrap();
    let design = |column: &str| {
        format!(
            "[[field]]\ncolumn = \"{column}\"\nas = \"name\"\n[[candidates]]\non = [\"{column}\"]\n"
        )
    };
    fs::write(path("good.toml"), design("name")).unwrap();
    fs::write(path("bad.toml"), design("nmae")).unwrap();
    for (table, config, said) in [
        ("gone.csv", "good.toml", "gone.csv"),
        (
            "none.csv",
            "good.toml",
            "none.csv: there are no rows below the header",
        ),
        (
            "some.csv",
            "bad.toml",
            "no table has a column “nmae”; there are: born, name",
        ),
    ] {
        let output = taizhang(&[
            "--lang",
            "en",
            "link",
            &path(table),
            "--config",
            &path(config),
            "-o",
            &path("out.csv"),
        ]);
        let heard = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2));
        assert!(heard.contains(said), "{heard}");
        assert!(!Path::new(&path("out.csv")).exists());
    }
}
