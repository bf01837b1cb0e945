//! A county's pack over the national one, and a street's over that: what they come to, what is refused and how that is told.

use std::path::{Path, PathBuf};

use jiff::civil::date;
use kernel::{Lang, Sensitivity};
use pack::{Faulty, Pack, ParameterValue, Problem, Said, SortBy, SourceFile, Value};

use crate::faults::compare;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn national() -> Vec<SourceFile> {
    testhouse::files(&testhouse::repository().join("packs/national"))
}

/// The national pack with the folders of fixtures over it.
fn over(folders: &[&str]) -> Result<Pack, Faulty> {
    let layers = folders
        .iter()
        .map(|name| testhouse::files(&fixtures().join(name)));
    pack::load_layers([national()].into_iter().chain(layers).collect())
}

/// The national pack with one file over it.
fn changed(path: &str, text: &str) -> Result<Pack, Faulty> {
    let head = SourceFile {
        path: "pack.toml".into(),
        text: "[pack]\nid = \"upper\"\nname = { zh = \"上\", en = \"Upper\" }\nversion = \"1\"\nextends = \"national\"\n".into(),
    };
    let file = SourceFile {
        path: path.into(),
        text: text.into(),
    };
    pack::load_layers(vec![national(), vec![head, file]])
}

fn told(faulty: &Faulty) -> Vec<(&'static str, String, String)> {
    let one = |fault: &pack::Fault| {
        let place = fault.place.clone().unwrap();
        let file = &faulty.files[place.file];
        (
            fault.code,
            file.path.clone(),
            file.text[place.span].to_owned(),
        )
    };
    faulty.faults.iter().map(one).collect()
}

#[test]
fn a_county_sets_a_rate_adds_a_condition_and_retires_a_programme() {
    let pack = over(&["county"])
        .map_err(|f| pack::render(&f.files, &f.faults, Lang::En, false))
        .unwrap();
    assert_eq!(
        (pack.id.as_str(), pack.version.as_str()),
        ("lianhu", "2026.2")
    );
    let award = pack.programme("one-child-parent-award").unwrap();
    let rate = award.parameter("monthly_rate").unwrap();
    let on = |day| rate.on(day).unwrap();
    let fen = |fen| ParameterValue::Field(Value::Int(fen));
    assert_eq!(on(date(2026, 6, 30)).value, fen(1000));
    assert_eq!(on(date(2026, 7, 1)).value, fen(2000));
    let origin = |place| pack.origin(place).unwrap().to_string();
    assert_eq!(
        origin(&on(date(2026, 7, 1)).place),
        "lianhu/programmes/award.toml:6"
    );
    assert_eq!(
        origin(&rate.place),
        "national/programmes/one-child-parent-award.toml:9"
    );
    let added = award.condition("nationality").unwrap();
    assert_eq!(pack.origin(&added.place).unwrap().layer.id, "lianhu");
    assert_eq!(
        pack.programme("double-unemployed-couple").unwrap().retired,
        Some(date(2026, 7, 1))
    );
    assert_eq!(
        pack.linkage("person"),
        testhouse::national().linkage("person")
    );
}

#[test]
fn the_digest_covers_every_layer() {
    let alone = pack::load(national()).unwrap().digest();
    let county = over(&["county"]).unwrap().digest();
    let mut files = national();
    let file = files
        .iter_mut()
        .find(|f| f.path == "calendar/2025.toml")
        .unwrap();
    file.text.push('\n');
    let below = pack::load_layers(vec![files, testhouse::files(&fixtures().join("county"))]);
    let below = below.unwrap().digest();
    assert_eq!(alone, testhouse::national().digest());
    assert!(alone != county && county != below && alone != below);
}

#[test]
fn a_county_says_anew_how_a_register_looks() {
    let text = "[register]\nchanges = \"contact\"\n[[field]]\nid = \"wechat\"\ntype = \"text\"\nname = { zh = \"微信\", en = \"WeChat\" }\n[look]\ncolumns = [\"wechat\", \"person\"]\norder = [\"-wechat\"]\n";
    let pack = changed("registers/x.toml", text).unwrap();
    let (below, contact) = (testhouse::national(), pack.register("contact").unwrap());
    let (look, other) = (&contact.look, &below.register("contact").unwrap().look);
    assert_eq!((&look.columns, &other.columns), (&vec![2, 0], &vec![0, 1]));
    let by_wechat = [SortBy {
        field: 2,
        descending: true,
    }];
    assert_eq!(
        (&look.order[..], &other.order[..]),
        (&by_wechat[..], &[][..])
    );
    assert_eq!((&look.title, &look.group), (&other.title, &other.group));
    // A field that a layer above retires is left out of what is said of it below.
    let text =
        "[register]\nchanges = \"contact\"\n[[field]]\nchanges = \"phone\"\nretired = 2026-07-01\n";
    let pack = changed("registers/x.toml", text).unwrap();
    assert_eq!(pack.register("contact").unwrap().look.columns, [0]);
}

#[test]
fn every_register_has_a_look() {
    for register in &testhouse::national().registers {
        let look = &register.look;
        assert!(
            !look.title.is_empty() && !look.columns.is_empty(),
            "{}",
            register.id
        );
        let mut all: Vec<usize> = look
            .sections
            .iter()
            .flat_map(|s| s.fields.clone())
            .collect();
        all.sort_unstable();
        assert_eq!(
            all,
            (0..register.fields.len()).collect::<Vec<_>>(),
            "{}",
            register.id
        );
        let secret = |at: &usize| {
            !matches!(
                register.fields[*at].sensitivity,
                Sensitivity::Open | Sensitivity::Name
            )
        };
        assert!(!look.title.iter().any(secret), "{}", register.id);
        assert!(
            look.hidden || look.group.is_some() && look.help.is_some(),
            "{}",
            register.id
        );
    }
}

#[test]
fn what_is_wrong_in_a_county_is_shown_in_its_files() {
    for (folders, name) in [
        (&["county-faulty"][..], "county-faulty"),
        (&["county", "street-faulty"], "street-faulty"),
    ] {
        let faulty = over(folders).expect_err("the fixture is faulty");
        for (lang, ending) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
            let drawn = pack::render(&faulty.files, &faulty.faults, lang, false);
            compare(&fixtures().join(format!("{name}.{ending}.txt")), &drawn);
        }
        assert!(faulty.faults.len() >= 2, "{}", faulty.faults.len());
    }
}

#[test]
#[rustfmt::skip]
fn each_kind_of_fault_of_a_layer_is_found_alone_at_its_words() {
    let mut wrong = Vec::new();
    for (path, text, code, at) in [
        ("programmes/x.toml", "[programme]\nchanges = \"childcare-subsidies\"\n", "unknown-programme", "childcare-subsidies"),
        ("programmes/x.toml", "[programme]\nchanges = 3\n", "wrong-type", "3"),
        ("programmes/x.toml", "[programme]\nid = \"childcare-subsidy\"\nname = { zh = \"甲\", en = \"A\" }\nsubject = \"person\"\nbasis = [{ document = \"文\" }]\n[[condition]]\nid = \"a\"\nname = { zh = \"甲\", en = \"A\" }\nholds = \"alive\"\n", "duplicate-id", "childcare-subsidy"),
        ("programmes/x.toml", "[programme]\nchanges = \"childcare-subsidy\"\nname = { zh = \"甲\", en = \"A\" }\n", "not-changeable", "name"),
        ("programmes/x.toml", "[programme]\nchanges = \"childcare-subsidy\"\n[[condition]]\nid = \"b\"\nname = { zh = \"甲\", en = \"A\" }\nholds = \"$rat > 0\"\n", "unknown-parameter", "$rat"),
        ("programmes/x.toml", "[programme]\nchanges = \"one-child-parent-award\"\n[[parameter]]\nchanges = \"monthly_rat\"\nvalues = []\n", "unknown-parameter", "monthly_rat"),
        ("programmes/x.toml", "[programme]\nchanges = \"one-child-parent-award\"\n[[parameter]]\nchanges = \"monthly_rate\"\nvalues = [{ from = 1983-01-01, value = 1, basis = \"文\", instead = true }]\n", "nothing-instead", "1983-01-01"),
        ("registers/x.toml", "[register]\nchanges = \"person\"\n[[field]]\nchanges = \"name\"\nretired = 2026-01-01\n", "retired-needed", "2026-01-01"),
        ("registers/x.toml", "[register]\nchanges = \"contact\"\n[[field]]\nid = \"handled_by\"\ntype = \"ref\"\nregister = \"persn\"\nname = { zh = \"经办\", en = \"Handled by\" }\n", "unknown-register", "persn"),
        ("rosters/x.toml", "[roster]\nchanges = \"births\"\n[[column]]\nchanges = \"nmae\"\nsynonyms = [\"姓氏\"]\n", "unknown-column", "nmae"),
        ("codes/x.toml", "[[code]]\nchanges = \"sex\"\nmember = [{ value = \"1\", zh = \"甲\", en = \"A\" }]\n", "duplicate-id", "1"),
        ("codes/x.toml", "[[code]]\nchanges = \"sex\"\nmember = [{ changes = \"1\", synonyms = [\"女士\"] }, { changes = \"2\", synonyms = [\"女士\"] }]\n", "ambiguous-word", "女士"),
        ("codes/x.toml", "[[code]]\nid = \"mine\"\nname = { zh = \"甲\", en = \"A\" }\nmember = [{ value = \"1\", zh = \"甲\", en = \"A\" }]\n[[code]]\nchanges = \"mine\"\n", "unknown-code", "mine"),
        ("subjects/x.toml", "[subject]\nchanges = \"person\"\n[[fact]]\nid = \"minor\"\ntype = \"bool\"\nname = { zh = \"未成年\", en = \"Minor\" }\nsql = \"case when minor then true end\"\n", "fact-cycle", "minor"),
        ("reports/x.toml", "[report]\nchanges = \"street-yearly\"\n[[block]]\nparagraph = { zh = \"{popul}\", en = \"\" }\n", "missing-translation", "\"\""),
    ] {
        let faulty = match changed(path, text) {
            Ok(_) => { wrong.push(format!("{text}: no fault")); continue }
            Err(faulty) => faulty,
        };
        let found = told(&faulty);
        let expected = (code, format!("upper/{path}"), at.to_owned());
        if !found.contains(&expected) || found.len() > 2 {
            wrong.push(format!("{text}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_retired_is_read_but_not_said_any_more() {
    let pack = changed(
        "registers/x.toml",
        "[register]\nchanges = \"residence\"\n[[field]]\nchanges = \"address\"\nretired = 2026-07-01\n",
    )
    .unwrap();
    let register = pack.register("residence").unwrap();
    let (address, _) = register.field("address").unwrap();
    let mut said = Said::of(vec![None; register.fields.len()]);
    said.set(address, Some(Value::Text("海滨路1号".into())));
    let body = register.encode_said(&said);
    assert_eq!(
        register.decode_said(&body).unwrap(),
        said,
        "old words stay readable"
    );
    let of = |day| register.check_retired(&said, day, &pack);
    assert_eq!(of(date(2026, 6, 30)), []);
    let [fault] = &of(date(2026, 7, 1))[..] else {
        panic!("one field is retired")
    };
    assert_eq!(
        fault.problem,
        Problem::Retired {
            since: date(2026, 7, 1)
        }
    );
    // Lists don't write it any more.
    let writes = |day| {
        let roster = pack.roster("residents-police").unwrap().on(day, &pack);
        let homes = roster
            .writes
            .into_iter()
            .filter(|write| write.register == "residence");
        let mut set = homes.flat_map(|write| write.set);
        set.any(|(field, _)| field == "address")
    };
    assert!(writes(date(2026, 6, 30)) && !writes(date(2026, 7, 1)));
}

#[test]
fn a_retired_value_of_a_code_list_is_not_said_any_more() {
    let pack = changed(
        "codes/x.toml",
        "[[code]]\nchanges = \"household_kind\"\nmember = [{ changes = \"collective\", retired = 2026-07-01 }, { value = \"boat\", zh = \"船户\", en = \"Boat\" }]\n",
    )
    .unwrap();
    let register = pack.register("household").unwrap();
    let (kind, _) = register.field("kind").unwrap();
    let said = |value: &str| {
        let mut said = Said::of(vec![None; register.fields.len()]);
        said.set(kind, Some(Value::Text(value.into())));
        said
    };
    let faults = |value, day| register.check_retired(&said(value), day, &pack).len();
    assert_eq!(faults("collective", date(2026, 6, 30)), 0);
    assert_eq!(faults("collective", date(2026, 7, 1)), 1);
    assert_eq!(faults("boat", date(2026, 7, 1)), 0);
    assert!(register.check_said(&said("boat"), false, &pack).is_empty());
}

#[test]
fn a_layer_adds_registers_columns_and_what_they_write() {
    let pack = pack::load_layers(vec![
        national(),
        [
            ("pack.toml", "[pack]\nid = \"upper\"\nname = { zh = \"上\", en = \"Upper\" }\nversion = \"1\"\nextends = \"national\"\n"),
            ("registers/x.toml", "[register]\nchanges = \"enrolment\"\n[[field]]\nid = \"account\"\ntype = \"text\"\nname = { zh = \"账号\", en = \"Account\" }\nsensitivity = \"account\"\n"),
            ("rosters/x.toml", "[roster]\nchanges = \"benefits\"\n[[column]]\nid = \"account\"\ntype = \"text\"\nname = { zh = \"银行账号\", en = \"Account\" }\n[[column]]\nchanges = \"monthly\"\nsynonyms = [\"金额\"]\n[[write]]\nchanges = \"enrolment\"\nset = { account = \"account\" }\n"),
        ]
        .map(|(path, text)| SourceFile { path: path.into(), text: text.into() })
        .into(),
    ])
    .map_err(|f| pack::render(&f.files, &f.faults, Lang::En, false))
    .unwrap();
    let roster = pack.roster("benefits").unwrap();
    let write = roster
        .writes
        .iter()
        .find(|w| w.register == "enrolment")
        .unwrap();
    assert!(write.set.iter().any(|(field, _)| field == "account"));
    assert!(
        roster
            .column("monthly")
            .unwrap()
            .1
            .synonyms
            .contains(&"金额".to_owned())
    );
    assert!(
        pack.register("enrolment")
            .unwrap()
            .field("account")
            .is_some()
    );
}
