//! Names where ids are accepted, and words where ids would be printed: one small street, asked in both languages.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::taizhang;

/// A street of 2,000 people, and its folder.
fn street(folder: &Path) -> String {
    let data = folder.join("demo");
    let data = data.to_str().unwrap();
    let made = taizhang(&["demo", "--no-serve", "--people", "2000", "--data", data]);
    assert!(made.status.success());
    format!("{data}/ledger")
}

fn run(lang: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = taizhang(&[&["--lang", lang], arguments].concat());
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(told).unwrap())
}

/// What is said when the command does what it is for; 1 tells that rows of a list were refused.
fn said(lang: &str, arguments: &[&str]) -> String {
    let (code, told) = run(lang, arguments);
    assert!([Some(0), Some(1)].contains(&code), "{arguments:?}: {told}");
    told
}

/// What is said when the command stops.
fn refused(lang: &str, arguments: &[&str]) -> String {
    let (code, told) = run(lang, arguments);
    assert_eq!(code, Some(2), "{arguments:?}: {told}");
    told
}

/// The same, whatever each argument of a place is called.
fn the_same(before: &[&str], names: &[&str], after: &[&str]) -> String {
    let told: Vec<String> = names
        .iter()
        .map(|name| said("zh", &[before, &[*name], after].concat()))
        .collect();
    for (name, other) in names.iter().zip(&told) {
        assert_eq!(*other, told[0], "{name} isn't {}", names[0]);
    }
    told[0].clone()
}

#[test]
fn whatever_has_an_id_goes_by_its_names_too() {
    let folder = tempfile::tempdir().unwrap();
    let dir = street(folder.path());
    let dir = dir.as_str();
    let unit = "210203001001";
    let code = said(
        "zh",
        &["indicators", dir, "--unit", unit, "--period", "2025"],
    );
    let units = said(
        "zh",
        &[
            "indicators",
            dir,
            "--unit",
            "210203001000",
            "--period",
            "2025",
            "--only",
            "births",
            "--by",
            "unit",
        ],
    );
    let name = units
        .lines()
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    // Width and blanks don't matter.
    let spaced: String = name.chars().flat_map(|ch| [ch, '\u{3000}']).collect();
    let by_name = |name: &str| {
        said(
            "zh",
            &["indicators", dir, "--unit", name, "--period", "２０２５"],
        )
    };
    assert_eq!((by_name(name), by_name(&spaced)), (code.clone(), code));

    let street = [
        "indicators",
        dir,
        "--unit",
        "210203001000",
        "--period",
        "2025",
    ];
    let rows = the_same(
        &[&street[..], &["--rows"]].concat(),
        &["births", "出生人口", "Births", "ＢＩＲＴＨＳ"],
        &[],
    );
    assert!(rows.starts_with("出生人口："), "{rows}");
    let births = [&street[..], &["--only", "出生人口", "--by"]].concat();
    the_same(&births, &["unit", "单位", "Unit"], &[]);
    the_same(&births, &["month", "月", "Month"], &[]);
    the_same(&births, &["sex", "性别", "Sex"], &[]);

    let sweep = ["sweep", dir, "--on", "2025-12-31", "--programme"];
    let names = [
        "rural-family-support",
        "奖扶",
        "农村部分计划生育家庭奖励扶助",
        "Rural family support",
        "rural FAMILY support",
    ];
    let swept = the_same(&sweep, &names, &[]);
    assert_eq!(swept.lines().count(), 2, "{swept}");

    let out = folder.path().join("report.docx");
    let out = out.to_str().unwrap();
    let report = [
        "report",
        dir,
        "--unit",
        name,
        "--period",
        "2025",
        "--date",
        "2026-01-05",
        "-o",
        out,
        "--template",
    ];
    the_same(
        &report,
        &["street-yearly", "街道年度人口与家庭工作总结"],
        &[],
    );

    for (holder, role, unit) in [
        ("Li", "clerk", unit),
        ("Wang", "经办人员", name),
        ("Zhao", "Clerk", name),
    ] {
        said(
            "en",
            &[
                "posts",
                dir,
                "--appoint",
                holder,
                "--role",
                role,
                "--unit",
                unit,
            ],
        );
    }
    let posts = said("zh", &["posts", dir]);
    let clerk = |line: &&str| line.contains("经办人员") && line.contains(name);
    assert_eq!(posts.lines().filter(clerk).count(), 3, "{posts}");

    let births = format!("{}/../rosters/{unit}/births.xlsx", dir);
    let result = folder.path().join("result.xlsx");
    let result = ["--dry-run", "--result", result.to_str().unwrap(), &births];
    let import = [
        "import",
        dir,
        "--unit",
        name,
        "--on",
        "2025-12-31",
        "--register",
    ];
    let imported = the_same(&import, &["births", "出生登记名单", "Births"], &result);
    assert!(imported.contains("无变化"), "{imported}");
    the_same(
        &[
            "import",
            dir,
            "--unit",
            unit,
            "--on",
            "2025-12-31",
            "--register",
            "births",
            "--column",
        ],
        &["姓名=name", "姓名=姓名", "姓名=-"][..2],
        &result,
    );

    let person = person(dir);
    let entries = the_same(&["erase", dir], &["person", "人员", "Person"], &[&person]);
    assert!(entries.contains("  建  "), "{entries}");
    let place = |place: &str| refused("en", &["file", dir, "--of", place, "-o", out]);
    for written in [
        format!("person.{person}.name"),
        format!("人员.{person}.姓名"),
    ] {
        assert!(place(&written).contains("has no file"), "{written}");
    }
}

/// The record of somebody.
fn person(dir: &str) -> String {
    let listed = said(
        "en",
        &[
            "--json",
            "indicators",
            dir,
            "--unit",
            "210203001000",
            "--period",
            "2025",
            "--rows",
            "births",
        ],
    );
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let columns = listed["columns"].as_array().unwrap();
    let at = columns
        .iter()
        .position(|column| column == "person")
        .unwrap();
    listed["rows"][0][at].as_str().unwrap().to_owned()
}

#[test]
fn what_nothing_is_called_or_several_are_is_told_with_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("ledger");
    let dir = dir.to_str().unwrap();
    said("en", &["init", dir, "--unit", "210203000000"]);
    let list = folder.path().join("units.csv");
    let lines = "单位代码,单位名称,级别\n210203101000,桥头镇,乡镇\n210203101001,红旗村,村\n210203102000,河口镇,乡镇\n210203102001,红旗村,村\n210203102002,东风村,村\n";
    fs::write(&list, lines).unwrap();
    let list = list.to_str().unwrap();
    said(
        "zh",
        &[
            "import",
            dir,
            "--register",
            "units",
            "--unit",
            "210203000000",
            "--on",
            "2025-01-01",
            list,
        ],
    );
    let indicators = |lang, unit| {
        refused(
            lang,
            &["indicators", dir, "--period", "2025", "--unit", unit],
        )
    };
    assert_eq!(
        indicators("zh", "红旗村"),
        "错误：有多个单位叫“红旗村”，请写括号中的代号：红旗村（210203101001，上级：桥头镇）、红旗村（210203102001，上级：河口镇）\n"
    );
    assert_eq!(
        indicators("en", "红旗村"),
        "error: “红旗村” may be any of several; write the id in brackets: 红旗村 (210203101001, under 桥头镇); 红旗村 (210203102001, under 河口镇)\n"
    );
    assert_eq!(
        indicators("zh", "东凤村"),
        "错误：没有单位“东凤村”；相近的有：东风村（210203102002，上级：河口镇）\n"
    );
    assert!(indicators("zh", "2102031020").contains("12位"));
    let unknown = |lang, arguments: &[&str]| {
        refused(lang, &[&arguments[..1], &[dir], &arguments[1..]].concat())
    };
    for (arguments, zh, kind) in [
        (
            &["sweep", "--programme", "奖扶金"][..],
            "没有项目“奖扶金”；相近的有：农村部分计划生育家庭奖励扶助（rural-family-support）",
            "programmes",
        ),
        (&["erase", "人口", "1"], "没有登记册“人口”", "registers"),
        (
            &[
                "posts",
                "--appoint",
                "甲",
                "--unit",
                "东风村",
                "--role",
                "经办",
            ],
            "没有角色“经办”；相近的有：经办人员（clerk）",
            "roles",
        ),
        (
            &[
                "import",
                "--unit",
                "东风村",
                "--register",
                "出生登名单",
                list,
            ],
            "没有名册“出生登名单”；相近的有：出生登记名单（births）",
            "rosters",
        ),
        (
            &[
                "indicators",
                "--unit",
                "东风村",
                "--period",
                "2025",
                "--rows",
                "出生人数",
            ],
            "没有指标“出生人数”；相近的有：",
            "indicators",
        ),
        (
            &[
                "indicators",
                "--unit",
                "东风村",
                "--period",
                "2025",
                "--by",
                "男女",
            ],
            "没有分法“男女”",
            "dimensions",
        ),
        (
            &[
                "report",
                "--unit",
                "东风村",
                "--period",
                "2025",
                "-o",
                "x.docx",
                "--template",
                "总结",
            ],
            "没有模板“总结”；相近的有：镇年度工作总结及目标（town-yearly）、街道年度人口与家庭工作总结（street-yearly）",
            "reports",
        ),
        (
            &["review", "--right", "1.0", "--settle", "人员.1.名"],
            "没有项目“名”；相近的有：姓名（name）",
            "fields",
        ),
    ] {
        let told = unknown("zh", arguments);
        assert!(told.starts_with(&format!("错误：{zh}")), "{told}");
        // Where few are, all are told; of others, how they are listed.
        let all = format!("--kind {kind}\n");
        assert!(told.ends_with(&all) != told.contains("；现有："), "{told}");
        let told = unknown("en", arguments);
        assert!(told.starts_with("error: there is no "), "{told}");
    }
}

/// Every id of the pack that a reader would take for no word.
fn ids(lang: &str) -> Vec<String> {
    let listed = said(lang, &["--json", "pack", "list"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let items = listed.as_array().unwrap().iter();
    let mut ids: Vec<String> = Vec::new();
    for item in items {
        let own = item["id"].as_str().unwrap().rsplit('.').next().unwrap();
        ids.push(own.to_owned());
        if item["kind"] == "codes" {
            ids.extend(item["more"].as_str().unwrap().split(' ').map(str::to_owned));
        }
    }
    ids.retain(|id| id.chars().any(|ch| ch.is_ascii_lowercase()));
    match lang {
        "zh" => ids,
        // Of English words only what no sentence holds tells an id.
        _ => ids
            .into_iter()
            .filter(|id| id.contains(['_', '-']))
            .collect(),
    }
}

#[test]
fn what_is_printed_for_people_has_words_and_no_ids() {
    let folder = tempfile::tempdir().unwrap();
    let dir = street(folder.path());
    let dir = dir.as_str();
    let (person, street) = (person(dir), "210203001000");
    let commands: [&[&str]; 9] = [
        &["sweep", dir, "--on", "2025-12-31"],
        &["sweep", dir, "--on", "1980-01-01"],
        &["explain", dir, "--person", &person, "--on", "2025-12-31"],
        &["posts", dir],
        &["imports", dir],
        &["erase", dir, "person", &person],
        &["review", dir, "--checks"],
        &[
            "indicators",
            dir,
            "--unit",
            street,
            "--period",
            "2025",
            "--by",
            "sex",
            "--only",
            "population",
        ],
        &[
            "indicators",
            dir,
            "--unit",
            street,
            "--period",
            "2025",
            "--rows",
            "population",
        ],
    ];
    for lang in ["zh", "en"] {
        let ids = ids(lang);
        assert!(ids.len() > 200, "{} ids", ids.len());
        for command in commands {
            let told = said(lang, command);
            // Where a rule stands, and what a list's file was called, is no word.
            let words =
                told.split(|ch: char| !(ch.is_ascii_alphanumeric() || "-_./:".contains(ch)));
            let words = words.filter(|word| !word.contains(['.', '/']));
            let met: Vec<&str> = words
                .filter(|word| ids.iter().any(|id| id == word))
                .collect();
            assert_eq!(met, Vec::<&str>::new(), "{lang} {command:?}");
        }
    }
}
