//! One small pack, and one small change for each kind of fault: the fault is found, alone, at the words it is about.

use kernel::{Answer, Fen, Lang};
use pack::{CaseValue, Fault, ParameterValue, SourceFile, Value};

const FILES: [(&str, &str); 9] = [
    (
        "pack.toml",
        "[pack]\nid = \"small\"\nname = { zh = \"小\", en = \"Small\" }\nversion = \"1\"\n",
    ),
    (
        "codes/all.toml",
        "[[code]]\nid = \"sex\"\nname = { zh = \"性别\", en = \"Sex\" }\nmember = [{ value = \"1\", zh = \"男\", en = \"Male\", synonyms = [\"M\"] }, { value = \"2\", zh = \"女\", en = \"Female\" }]\n\
         [[code]]\nid = \"yes\"\nname = { zh = \"是否\", en = \"Yes or no\" }\nmember = [{ value = \"true\", zh = \"是\", en = \"Yes\" }, { value = \"false\", zh = \"否\", en = \"No\" }]\n",
    ),
    (
        "calendar/2025.toml",
        "[calendar]\nyear = 2025\nbasis = \"通知\"\nholidays = [2025-01-01]\nmade_up = [2025-01-26]\n",
    ),
    (
        "registers/person.toml",
        "[register]\nid = \"person\"\nname = { zh = \"人员\", en = \"Person\" }\nidentity = [\"number\"]\nabout = []\nunique = \"everywhere\"\n\
         [[field]]\nid = \"number\"\ntype = \"text\"\nname = { zh = \"编号\", en = \"Number\" }\nrequired = true\n\
         [[field]]\nid = \"sex\"\ntype = \"code\"\ncode = \"sex\"\nname = { zh = \"性别\", en = \"Sex\" }\n\
         [[field]]\nid = \"born\"\ntype = \"date\"\nname = { zh = \"出生\", en = \"Born\" }\n\
         [[field]]\nid = \"parent\"\ntype = \"ref\"\nregister = \"person\"\nname = { zh = \"父母\", en = \"Parent\" }\n\
         [[field]]\nid = \"here\"\ntype = \"bool\"\nname = { zh = \"在\", en = \"Here\" }\n",
    ),
    (
        "rosters/police.toml",
        "[roster]\nid = \"police\"\nname = { zh = \"名册\", en = \"Roster\" }\nsender = { zh = \"公安\", en = \"Police\" }\n\
         [[column]]\nid = \"card\"\ntype = \"id_number\"\nname = { zh = \"证号\", en = \"Card\" }\n\
         [[column]]\nid = \"here\"\ntype = \"code\"\ncode = \"yes\"\nname = { zh = \"在住\", en = \"Here\" }\n\
         [[write]]\nregister = \"person\"\nas = \"it\"\nsince = \"card.birth\"\nset = { number = \"card\", here = \"here\", sex = \"card.sex\" }\n",
    ),
    (
        "subjects/person.toml",
        "[subject]\nid = \"person\"\nname = { zh = \"个人\", en = \"Person\" }\nsql = \"select id as subject from person\"\nmembers = [\"subject\"]\n\
         [[facts]]\nid = \"own\"\nsql = \"select id as subject, born from person where valid_from <= $on\"\n\
         [[facts.fact]]\nid = \"born\"\ntype = \"date\"\nname = { zh = \"出生\", en = \"Born\" }\n\
         [[fact]]\nid = \"age\"\ntype = \"int\"\nname = { zh = \"年龄\", en = \"Age\" }\nsql = \"full_years(born, $on)\"\n\
         [[fact]]\nid = \"adult\"\ntype = \"bool\"\nname = { zh = \"成年\", en = \"Adult\" }\nsql = \"age >= 18\"\n",
    ),
    (
        "programmes/award.toml",
        "[programme]\nid = \"award\"\nname = { zh = \"奖励\", en = \"Award\" }\nsubject = \"person\"\nbasis = [{ document = \"文\", clause = \"一\" }]\n\
         [[parameter]]\nid = \"rate\"\nname = { zh = \"标准\", en = \"Rate\" }\ntype = \"fen\"\nvalues = [{ from = 2020-01-01, value = 100, basis = \"文\" }, { from = 2021-01-01, value = 200, basis = \"文\" }]\n\
         [[condition]]\nid = \"adult\"\nname = { zh = \"成年\", en = \"Adult\" }\nholds = \"adult and $rate > 0\"\n\
         [pays]\nevery = \"month\"\ndue = \"true\"\namount = \"$rate\"\n",
    ),
    (
        "indicators/all.toml",
        "[[indicator]]\nid = \"people\"\nname = { zh = \"人数\", en = \"People\" }\nunit = { zh = \"人\", en = \"\" }\nmeasure = \"count\"\nrows = \"select id from person\"\n\
         [[indicator]]\nid = \"mean\"\nname = { zh = \"平均\", en = \"Mean\" }\nunit = { zh = \"人\", en = \"\" }\nmeasure = \"average\"\nof = \"people\"\n",
    ),
    (
        "reports/yearly.toml",
        "[report]\nid = \"yearly\"\nname = { zh = \"年报\", en = \"Yearly\" }\ntitle = { zh = \"{unit}\", en = \"{unit}\" }\n\
         [[block]]\nparagraph = { zh = \"共{people}人\", en = \"{people} people\" }\n",
    ),
];

const CASES: &str = "[[case]]\nname = \"甲\"\non = 2025-12-31\nprogramme = \"award\"\nsubject = \"a\"\n\
    person = [{ key = \"a\", sex = \"女\", born = 2000-01-01, from = 2001-01-01 }, { key = \"b\", parent = \"a\" }]\nanswer = \"entitled\"\n\
    [[sheet]]\nname = \"表\"\nprogramme = \"award\"\nsubject = \"a\"\non = 2025-12-31\nperson = [{ key = \"a\", born = 2000-01-01 }]\n\
    columns = [\"a.born\", \"on\", \"answer\", \"missing\", \"period\", \"amount\"]\n\
    rows = [[2001-02-03, 2024-12-31, \"entitled\", \"\", \"2025\", 100], [\"\", 2025-12-31, \"cannot-tell\", \"born\", \"2025\", 0]]\n";

/// The small pack with `old` replaced by `new` in one file, or that file added.
fn changed(path: &str, old: &str, new: &str) -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> = FILES
        .iter()
        .chain(&[("cases/a.toml", CASES)])
        .map(|(p, t)| SourceFile {
            path: (*p).into(),
            text: (*t).into(),
        })
        .collect();
    if let Some(file) = files.iter_mut().find(|f| f.path == path) {
        assert_eq!(file.text.matches(old).count(), 1, "{old} in {path}");
        file.text = file.text.replace(old, new);
    } else if !path.is_empty() {
        files.push(SourceFile {
            path: path.into(),
            text: new.into(),
        });
    }
    files
}

fn words(files: &[SourceFile], fault: &Fault) -> String {
    fault
        .place
        .as_ref()
        .map(|p| files[p.file].text[p.span.clone()].to_owned())
        .unwrap_or_default()
}

#[test]
fn the_small_pack_is_sound() {
    let pack = pack::load(changed("", "", ""))
        .map_err(|f| pack::render(&f.files, &f.faults, Lang::En, false))
        .unwrap();
    assert_eq!(pack.code("sex").unwrap().find("ｍ").unwrap().value, "1");
    let rate = pack.programme("award").unwrap().parameter("rate").unwrap();
    let on = |text: &str| rate.on(text.parse().unwrap()).map(|v| v.value.clone());
    assert_eq!(on("2019-12-31"), None);
    assert_eq!(
        (on("2020-12-31"), on("2021-01-01")),
        (
            Some(ParameterValue::Field(Value::Int(100))),
            Some(ParameterValue::Field(Value::Int(200)))
        )
    );
    assert!(
        pack.roster("police")
            .unwrap()
            .writes
            .iter()
            .all(|w| !w.create),
        "a write with an alias looks up, unless told to create"
    );
}

#[test]
fn a_sheet_is_as_many_cases_as_rows() {
    let pack = pack::load(changed("", "", "")).unwrap();
    let [single, first, second] = &pack.cases[..] else {
        panic!("{:?}", pack.cases)
    };
    let fields = |case: &pack::RuleCase, row: usize| case.people[0].1[row].fields.clone();
    assert_eq!(
        fields(single, 0)["sex"],
        CaseValue::Value(Value::Text("2".into()))
    );
    assert_eq!(fields(single, 1)["parent"], CaseValue::Ref("a".into()));
    assert_eq!(
        (first.name.as_str(), first.on.to_string()),
        ("表 · 1", "2024-12-31".into())
    );
    assert_eq!(first.amount, Some(("2025".parse().unwrap(), Fen(100))));
    assert_eq!(
        fields(first, 0)["born"],
        CaseValue::Value(Value::Date("2001-02-03".parse().unwrap()))
    );
    assert_eq!(
        (second.answer, &second.missing[..], fields(second, 0).len()),
        (Some(Answer::CannotTell), &["born".to_owned()][..], 0)
    );
}

#[test]
#[rustfmt::skip]
fn each_kind_of_fault_is_found_alone_at_its_words() {
    let mut wrong: Vec<String> = Vec::new();
    for (path, old, new, code, at) in [
        ("pack.toml", "version = \"1\"", "version = 1", "wrong-type", "1"),
        ("pack.toml", "version = \"1\"", "", "missing-field", "[pack]"),
        ("pack.toml", "\"small\"", "\"Small\"", "bad-id", "Small"),
        ("pack.toml", "en = \"Small\"", "en = \" \"", "missing-translation", "\" \""),
        ("pack.toml", "version = \"1\"", "version = \"1\"\nvers = 1", "unknown-field", "vers"),
        ("pack.toml", "version = \"1\"", "version = \"1", "toml-syntax", ""),
        ("elsewhere/x.toml", "", "x = 1", "unknown-file", ""),
        ("codes/all.toml", "[[code]]\nid = \"yes\"", "[[code]]\nid = \"sex\"\nname = { zh = \"甲\", en = \"A\" }\nmember = [{ value = \"1\", zh = \"男\", en = \"Male\" }]\n[[code]]\nid = \"yes\"", "duplicate-id", "sex"),
        ("codes/more.toml", "", "[[code]]\nid = \"yes\"\nname = { zh = \"一\", en = \"One\" }\nmember = [{ value = \"1\", zh = \"一\", en = \"One\" }]", "duplicate-id", "yes"),
        ("codes/all.toml", "en = \"Female\"", "en = \"Female\", synonyms = [\"Ｍ\"]", "ambiguous-word", "Ｍ"),
        ("calendar/2025.toml", "2025-01-26", "2025-01-01", "overlapping-dates", "2025-01-01"),
        ("registers/person.toml", "[\"number\"]", "[\"numbre\"]", "unknown-register-field", "numbre"),
        ("registers/person.toml", "\"everywhere\"", "\"nowhere\"", "bad-value", "nowhere"),
        ("registers/person.toml", "unique = \"everywhere\"", "unique = \"everywhere\"\n[[field]]\nid = \"valid_from\"\ntype = \"text\"\nname = { zh = \"甲\", en = \"A\" }", "reserved-name", "valid_from"),
        ("registers/person.toml", "unique = \"everywhere\"", "unique = \"everywhere\"\n[[field]]\nid = \"sex\"\ntype = \"text\"\nname = { zh = \"甲\", en = \"A\" }", "duplicate-id", "sex"),
        ("registers/person.toml", "unique = \"everywhere\"", "unique = \"everywhere\"\n[[field]]\nid = \"select\"\ntype = \"text\"\nname = { zh = \"甲\", en = \"A\" }", "reserved-name", "select"),
        ("registers/person.toml", "unique = \"everywhere\"", "unique = \"everywhere\"\nexists = \"sometimes\"", "bad-value", "sometimes"),
        ("registers/person.toml", "about = []\n", "", "missing-about", "person"),
        ("registers/person.toml", "about = []", "about = \"parnet\"", "unknown-register-field", "parnet"),
        ("registers/person.toml", "about = []", "about = \"born\"", "type-mismatch", "born"),
        ("registers/person.toml", "about = []", "kin = [\"parent\"]", "bad-value", "[\"parent\"]"),
        ("registers/person.toml", "about = []", "kin = [\"parent\", \"born\"]", "type-mismatch", "born"),
        ("registers/person.toml", "name = { zh = \"编号\", en = \"Number\" }", "name = { zh = \"编号\", en = \"Number\" }\nretired = 2026-07-01", "retired-needed", "2026-07-01"),
        ("pack.toml", "version = \"1\"", "version = \"1\"\nextends = \"national\"", "missing-layer", "national"),
        ("indicators/all.toml", "measure = \"average\"\nof = \"people\"", "measure = \"entitled\"\nprogramme = \"awrad\"", "unknown-programme", "awrad"),
        ("programmes/award.toml", "value = 200, basis = \"文\"", "value = 200, basis = \"文\", instead = true", "nothing-instead", "2021-01-01"),
        ("registers/person.toml", "code = \"sex\"", "code = \"sex\"\nholds = \"always\"", "bad-value", "always"),
        ("registers/person.toml", "code = \"sex\"", "code = \"sexes\"", "unknown-code", "sexes"),
        ("registers/person.toml", "register = \"person\"", "register = \"people\"", "unknown-register", "people"),
        ("rosters/police.toml", "zh = \"在住\"", "zh = \"证 号\"", "ambiguous-word", "here"),
        ("rosters/police.toml", "here = \"here\"", "here = \"heer\"", "unknown-column", "heer"),
        ("rosters/police.toml", "here = \"here\"", "here = \"card\"", "type-mismatch", "card"),
        ("rosters/police.toml", "here = \"here\"", "here = \"'perhaps'\"", "type-mismatch", "'perhaps'"),
        ("rosters/police.toml", "here = \"here\"", "parent = \"@him\"", "unknown-alias", "@him"),
        ("rosters/police.toml", "number = \"card\", ", "", "field-not-set", "[[write]]"),
        ("subjects/person.toml", "\"full_years(born, $on)\"", "\"\"", "empty-sql", "\"\""),
        ("subjects/person.toml", "valid_from <= $on", "valid_from <= $today", "unknown-parameter", "$today"),
        ("subjects/person.toml", "full_years(born, $on)", "case when adult then 1 end", "fact-cycle", "adult"),
        ("subjects/person.toml", "[[fact]]\nid = \"adult\"", "[[fact]]\nid = \"born\"\ntype = \"date\"\nname = { zh = \"甲\", en = \"A\" }\nsql = \"$on\"\n[[fact]]\nid = \"adult\"", "duplicate-id", "born"),
        ("programmes/award.toml", "\"person\"", "\"persons\"", "unknown-subject", "persons"),
        ("programmes/award.toml", "2021-01-01", "2020-01-01", "overlapping-dates", "2020-01-01"),
        ("programmes/award.toml", "2021-01-01", "2019-01-01", "unordered-dates", "2019-01-01"),
        ("programmes/award.toml", "adult and $rate", "adult and $rat", "unknown-parameter", "$rat"),
        ("indicators/all.toml", "of = \"people\"", "of = \"peopel\"", "unknown-indicator", "peopel"),
        ("indicators/all.toml", "of = \"people\"", "of = \"mean\"", "indicator-cycle", "mean"),
        ("reports/yearly.toml", "{people}人", "{poeple}人", "unknown-placeholder", "{poeple}"),
        ("reports/yearly.toml", "{people}人", "{people人", "unknown-placeholder", "{"),
        ("cases/b.toml", "", "[[case]]\nname = \"丙\"\non = 2025-12-31\nprogramme = \"awards\"\nsubject = \"a\"\nperson = [{ key = \"a\" }]\nanswer = \"entitled\"", "unknown-programme", "awards"),
        ("cases/a.toml", "parent = \"a\"", "parent = \"c\"", "unknown-key", "c"),
        ("cases/a.toml", "\"a.born\"", "\"born\"", "case-columns", "born"),
        ("cases/a.toml", "\"born\", \"2025\", 0]", "\"born\", \"2025\"]", "case-columns", "[\"\", 2025-12-31, \"cannot-tell\", \"born\", \"2025\"]"),
        ("cases/a.toml", "\"born\", \"2025\", 0]", "\"bron\", \"2025\", 0]", "unknown-fact", "bron"),
    ] {
        let faulty = match pack::load(changed(path, old, new)) {
            Ok(_) => { wrong.push(format!("{path}: {old} → {new}: no fault")); continue }
            Err(faulty) => faulty,
        };
        let found: Vec<(&str, String)> = faulty.faults.iter().map(|f| (f.code, words(&faulty.files, f))).collect();
        if found != [(code, at.to_owned())] {
            wrong.push(format!("{path}: {old} → {new}: {found:?}"));
        }
        assert!(faulty.faults.iter().all(|f| !f.message(Lang::Zh).is_empty() && !f.message(Lang::En).is_empty()));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn without_pack_toml_the_fault_has_no_place_and_is_drawn() {
    let faulty = pack::load(Vec::new()).unwrap_err();
    assert_eq!(faulty.faults[0].code, "missing-file");
    assert!(
        pack::render(&faulty.files, &faulty.faults, Lang::Zh, false).contains("缺少 pack.toml")
    );
    assert!(
        pack::load(vec![SourceFile {
            path: "pack.toml".into(),
            text: "x".repeat(5 << 20)
        }])
        .is_err()
    );
}

#[test]
fn a_string_with_escapes_is_pointed_at_whole() {
    let faulty = pack::load(changed(
        "subjects/person.toml",
        "age >= 18",
        "age >= \\u0024x",
    ))
    .unwrap_err();
    assert_eq!(
        words(&faulty.files, &faulty.faults[0]),
        "\"age >= \\u0024x\""
    );
}
