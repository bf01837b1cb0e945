//! What every kind of page says, as text, in both languages: in `snapshots`, a file for each. After a wanted change, run the
//! tests with `INSTA_UPDATE=always` and read the difference.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::office::{Office, links};
use crate::street::{Answered, Street};
use crate::visible::visible;

/// Of which tests the snapshots are, by the first part of their names.
const SETS: [&str; 2] = ["desk", "street"];

/// The page that is shown with its frame; of the others, what stands inside.
const FRAMED: &str = "overview";

/// Compares pages with their snapshots, each by its name, its address and both languages; names all that differ.
fn compare(set: &str, get: impl Fn(&str) -> Answered, pages: &[(&str, String)]) {
    assert!(SETS.contains(&set));
    let mut differ = Vec::new();
    let mut names = BTreeSet::new();
    for (page, address) in pages {
        for lang in ["zh", "en"] {
            let join = if address.contains('?') { '&' } else { '?' };
            let answered = get(&format!("{address}{join}lang={lang}"));
            let shown = if *page == FRAMED {
                &answered.body
            } else {
                inside(&answered.body)
            };
            let text = format!("{}\n{}", answered.status, visible(shown));
            let name = format!("{set}.{page}.{lang}");
            let as_before = catch_unwind(AssertUnwindSafe(|| {
                insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                    insta::assert_snapshot!(name.clone(), text);
                });
            }));
            if as_before.is_err() {
                differ.push(name.clone());
            }
            assert!(names.insert(format!("{name}.snap")), "{name} twice");
        }
    }
    assert!(differ.is_empty(), "these differ: {differ:?}");
    assert_eq!(kept(set), names, "snapshots of pages that are gone");
}

/// What stands inside the frame, which is the same for all pages.
fn inside(body: &str) -> &str {
    let (_, main) = body.split_once("<main").expect("a page has a main part");
    main.split_once('>')
        .unwrap()
        .1
        .split_once("</main>")
        .unwrap()
        .0
}

/// The snapshots of a set.
fn kept(set: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots");
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let start = format!("{set}.");
    names
        .filter(|name| name.starts_with(&start) && name.ends_with(".snap"))
        .collect()
}

#[test]
fn the_pages_of_a_street() {
    // A street of its own, so that its access log holds these readings only.
    let street = Street::new();
    let at = |address: &str| address.to_owned();
    let household = street.find("/indicators/households", "/households/");
    let listed = street.get("/api/registers/employment?limit=1").body;
    let (_, number) = listed.split_once("\"record\":").expect("somebody has work");
    let number: String = number.chars().take_while(char::is_ascii_digit).collect();
    let employment = format!("/registers/employment/{number}");
    let pages = [
        ("log", at("/log")),
        ("help", at("/help")),
        ("help-chapter", at("/help/searching")),
        ("overview", at("/")),
        ("units", at("/units")),
        ("unit-community", format!("/units/{}", street.community)),
        ("programmes", at("/programmes")),
        (
            "programme-missed",
            at("/programmes/childcare-subsidy?list=missed"),
        ),
        (
            "programme-no-longer",
            at("/programmes/double-unemployed-couple?list=no-longer"),
        ),
        (
            "programme-to-find-out",
            at("/programmes/one-child-parent-award?list=to-find-out"),
        ),
        (
            "programme-served",
            at("/programmes/complication-support?list=served"),
        ),
        ("people", at("/people")),
        ("people-found", at("/people?q=%E7%8E%8B")),
        ("people-bad-number", at("/people?q=110105194912310021")),
        ("found", at("typed:%E7%8E%8B")),
        ("found-by-pinyin", at("typed:wangguo")),
        ("found-nothing", at("typed:qqqq")),
        ("found-no-number", at("typed:110105194912310021")),
        ("person", format!("/people/{}", street.person)),
        ("household", household),
        ("registers", at("/registers")),
        ("register", at("/registers/employment")),
        (
            "register-asked",
            at(
                "/registers/employment?f.status=unemployed&f.cause.unknown=1&f.since.from=2020-01-01&f.person.name=%E7%8E%8B&sort=person&col=person&col=since",
            ),
        ),
        (
            "register-nothing",
            at("/registers/contact?f.person.name=nobody"),
        ),
        ("register-masked", at("/registers/contact")),
        ("register-record", employment),
        ("register-refused", at("/registers/contact?sort=phone")),
        ("indicators", at("/indicators")),
        ("indicator", at("/indicators/population")),
        ("indicator-rate", at("/indicators/birth_rate")),
        ("review-empty", at("/review")),
        ("desk-read-only", at("/desk")),
        ("imports", at("/imports")),
        ("completeness", at("/completeness")),
        ("import", at("/imports/3")),
        ("absent", at("/nothing")),
        ("refused", at("/?on=yesterday")),
    ];
    let settled = std::sync::Once::new();
    let get = |address: &str| match address.strip_prefix("typed:") {
        None => {
            // The log comes first, and holds nothing of this.
            if !address.starts_with("/log") {
                settled.call_once(|| street.settle());
            }
            street.get(address)
        }
        Some(typed) => {
            let (typed, lang) = typed.split_once('?').unwrap();
            street.post(&format!("/find?{lang}"), &format!("q={typed}"))
        }
    };
    compare("street", get, &pages);
}

#[test]
fn the_pages_of_the_desk() {
    let office = Office::new();
    let list = "户主,性别,生日,手机,住处\n欧阳修远,男,1980-03-01,13900000000,幸福路1号\n";
    let unclear = office.upload("residents-health", "odd.csv", list.as_bytes());
    let tried = office.upload("residents-health", "health.csv", &office.file("health.csv"));
    let question = office.questions().remove(0);
    let person = links(&office.get("wang", &question).body, "/people/").remove(0);
    let id = person.rsplit('/').next().unwrap();
    let at = |address: &str| address.to_owned();
    let pages = [
        ("review", at("/review")),
        ("question", question),
        ("merge", format!("{person}/merge")),
        ("actions", at("/actions")),
        ("home", at("/")),
        ("list", at("/programmes/childcare-subsidy?list=to-find-out")),
        ("work", at("/waiting?list=to-find-out")),
        ("action", format!("/actions/employment-status?person={id}")),
        (
            "action-found",
            format!("/actions/household-split?member={id}"),
        ),
        ("amend", format!("/amend/person.{id}")),
        ("at-the-desk", at("/desk")),
        ("imports", at("/imports")),
        ("import", at("/imports/3")),
        ("completeness", at("/completeness")),
        ("import-new", at("/imports/new")),
        ("dry-run", tried.header("location")),
        ("dry-run-unclear-headings", unclear.header("location")),
    ];
    compare("desk", |address| office.get("wang", address), &pages);
}
