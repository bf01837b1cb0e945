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
    assert!(run(&["--lang", "en", "pack", "test", text(&alone)]).contains("1 case, 0 differ"));
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

/// What went wrong.
fn refused(arguments: &[&str]) -> String {
    let output = taizhang(arguments);
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{arguments:?}");
    err
}

const REGISTER: &str = r#"[register]
id = "canteen"
name = { zh = "助餐点", en = "Canteens" }
about = []
identity = ["number"]
unique = "everywhere"

[[field]]
id = "number"
type = "text"
name = { zh = "编号", en = "Number" }
required = true

[[field]]
id = "state"
type = "code"
code = "sex"
name = { zh = "状态", en = "State" }

[[field]]
id = "owner_phone"
type = "phone"
sensitivity = "phone"
name = { zh = "负责人电话", en = "Telephone of who runs it" }
"#;

/// A pack over the national one with a register of its own.
fn county(folder: &Path) -> std::path::PathBuf {
    let county = folder.join("lianhu");
    let extends = ["--extends", "national", "--name-en", "Lianhu"];
    let mut arguments = vec!["pack", "new", text(&county), "--name", "莲湖县"];
    arguments.extend(extends);
    run(&arguments);
    std::fs::create_dir(county.join("registers")).unwrap();
    std::fs::write(county.join("registers/canteen.toml"), REGISTER).unwrap();
    county
}

#[test]
fn what_nobody_may_write_and_what_is_not_read_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path());
    std::fs::write(county.join("registers/more.toml.txt"), "").unwrap();
    let told = run(&["--lang", "en", "pack", "check", text(&county)]);
    assert!(told.contains("no faults"), "{told}");
    assert!(
        told.contains("registers/canteen.toml:2 No role names “canteen”"),
        "{told}"
    );
    assert!(told.contains("more.toml.txt isn't read"), "{told}");
    let fills = "registers/canteen.toml:21 No roster and no action fills the sensitive field “canteen.owner_phone”";
    assert!(told.contains(fills), "{told}");
    let head = std::fs::read_to_string(county.join("pack.toml")).unwrap();
    assert!(head.contains("en = \"Lianhu\""), "{head}");

    let role = "[[role]]\nchanges = \"clerk\"\nwrites = [\"canteen\"]\n";
    std::fs::create_dir(county.join("roles")).unwrap();
    std::fs::write(county.join("roles/own.toml"), role).unwrap();
    let told = run(&["--lang", "en", "pack", "check", text(&county)]);
    assert!(!told.contains("No role names"), "{told}");
}

#[test]
fn a_list_tells_code_lists_registers_and_dashboards() {
    let list = |kind: &str| run(&["--lang", "en", "pack", "list", "--kind", kind]);
    let fields = list("fields");
    assert!(fields.contains("person.sex  Sex  code sex"), "{fields}");
    assert!(fields.contains("ref person"), "{fields}");
    assert!(list("dashboards").lines().count() > 1);
    assert!(list("duties").contains("confirm"));
    assert!(list("calendar").contains("days off: "));
}

#[test]
fn some_cases_are_run_alone() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path());
    let only = |word: &str| {
        run(&[
            "--lang",
            "en",
            "pack",
            "test",
            text(&county),
            "--only",
            word,
        ])
    };
    assert!(only("lianhu").contains("1 case, 0 differ"));
    assert!(only("lianhu-example").contains("1 case, 0 differ"));
    let arguments = [
        "--lang",
        "en",
        "pack",
        "test",
        text(&county),
        "--only",
        "lianhuu",
    ];
    assert!(refused(&arguments).contains("did you mean “lianhu”?"));
}

#[test]
fn a_pack_that_is_not_there_or_no_text_is_told() {
    let told = refused(&["--lang", "en", "pack", "check", "nationl"]);
    assert!(told.contains("did you mean “national”"), "{told}");
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path());
    std::fs::write(county.join("registers/canteen.toml"), [0xd6, 0xd0]).unwrap();
    let told = refused(&["--lang", "en", "pack", "check", text(&county)]);
    assert!(told.contains("save it as UTF-8"), "{told}");
    std::fs::write(county.join("registers/canteen.toml"), "[register]").unwrap();
    let told = refused(&["--lang", "en", "pack", "test", text(&county)]);
    assert!(
        told.contains("mend the pack “") && !told.contains("the pack pack"),
        "{told}"
    );
}

#[test]
fn a_ledger_gets_another_pack_that_has_all_that_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path());
    let ledger = folder.path().join("ledger");
    let unit = ["--pack", "national", "--unit", "210203001000"];
    let mut arguments = vec!["init", text(&ledger)];
    arguments.extend(unit);
    run(&arguments);
    let told = run(&["--lang", "en", "pack", "use", text(&ledger), text(&county)]);
    assert!(told.contains("new registers: canteen"), "{told}");
    assert!(
        ledger
            .join("pack/1-lianhu/registers/canteen.toml")
            .is_file()
    );
    assert!(!ledger.join("pack.before").exists() && !ledger.join("pack.new").exists());
    run(&["verify", text(&ledger)]);

    let told = refused(&["--lang", "en", "pack", "use", text(&ledger), "national"]);
    assert!(
        told.contains("lacks these") && told.contains("canteen"),
        "{told}"
    );
    std::fs::write(county.join("registers/canteen.toml"), "[register]").unwrap();
    refused(&["pack", "use", text(&ledger), text(&county)]);
    assert!(
        ledger
            .join("pack/1-lianhu/registers/canteen.toml")
            .is_file()
    );
    run(&["verify", text(&ledger)]);
}
