//! What an office does in a day, page by page: a child is born, a household splits, a telephone was wrong, and somebody on the visit list
//! tells what was missing.

use serde_json::Value;

use super::acting::{cast, choose_who, fill};
use super::tab::View;
use super::walk::{LANGUAGES, Walk};

#[test]
#[ignore = "needs Chromium"]
fn a_birth_tells_who_becomes_entitled_before_it_is_written() {
    for lang in LANGUAGES {
        let mut walk = Walk::begin(lang);
        walk.sit_down();
        let mother = walk.family().wife;
        walk.tab.go(&format!("/people/{}", mother.record));
        walk.tab.follow("nav.offered a[href*='/actions/birth?']");
        walk.tab.fill("[name='i.name']", "龚新生");
        walk.tab.fill("[name='i.born_on']", "2025年12月20日");
        walk.tab.click("input[name='i.sex'][value='2']");
        walk.tab.click("input[name='i.registered'][value='true']");
        walk.picture("birth-filled-in", View::Desk);
        walk.tab.follow("button[value=look]");
        choose_who(&mut walk);
        walk.pictures("birth-looked-at");
        walk.tab.follow("button[value=write]");
        assert!(
            walk.tab
                .text("document.querySelector('main').innerText")
                .contains("龚新生")
        );
        walk.pictures("birth-receipt");
        walk.end();
    }
}

#[test]
#[ignore = "needs Chromium"]
fn a_household_splits() {
    for lang in LANGUAGES {
        let mut walk = Walk::begin(lang);
        walk.sit_down();
        let one = walk.family().wife;
        walk.tab.go(&format!("/people/{}", one.record));
        walk.tab
            .follow("nav.offered a[href*='/actions/household-split?']");
        let mates = walk
            .tab
            .ask("document.querySelectorAll('input[type=checkbox][name=\"r.member\"]').length");
        assert!(
            mates.as_u64().unwrap() >= 3,
            "{mates} members to choose from"
        );
        walk.tab
            .click("input[type=checkbox][name='r.member']:not(:checked)");
        let number = format!("分户{:04}", walk.nth);
        walk.tab.fill("[name='i.number']", &number);
        walk.tab.fill("[name='i.split_on']", "2025-12-20");
        walk.tab.fill("[name='i.address']", "望海路1号2单元301");
        walk.tab.follow("button[value=look]");
        walk.pictures("split-looked-at");
        walk.tab.follow("button[value=write]");
        walk.tab.follow_words("section dl.facts a", &number);
        let members = walk
            .tab
            .ask("document.querySelectorAll('table.people tbody tr').length");
        assert_eq!(members, 2);
        walk.pictures("household");
        walk.end();
    }
}

#[test]
#[ignore = "needs Chromium"]
fn a_telephone_is_corrected() {
    for lang in LANGUAGES {
        let mut walk = Walk::begin(lang);
        walk.sit_down();
        let one = walk.family().wife;
        walk.tab.go(&format!("/people/{}", one.record));
        walk.tab
            .follow("nav.offered a[href*='/actions/telephone?']");
        walk.tab.fill("[name='i.phone']", "139 0000 4321");
        walk.tab.follow("button[value=look]");
        assert!(
            walk.tab
                .text("document.querySelector('section.outcome').innerText")
                .contains("13900004321")
        );
        walk.picture("telephone-looked-at", View::Phone);
        walk.tab.follow("button[value=write]");
        assert!(walk.tab.has("p.receipt"));
        // Telephones are masked on pages; the end of the number tells which it is.
        let records = walk.tab.text("document.querySelector('main').innerText");
        assert!(records.contains("4321"), "{records}");
        walk.end();
    }
}

#[test]
#[ignore = "needs Chromium"]
fn an_answer_takes_three_clicks_from_the_visit_list_and_is_gone_from_it() {
    for lang in LANGUAGES {
        let mut walk = Walk::begin(lang);
        walk.sit_down();
        let declared = walk.fetch("/api/actions");
        let list = visit_list(&mut walk);
        walk.pictures("visit-list");
        let asked = walk
            .tab
            .text("document.querySelector('a.answer-it').getAttribute('href')");
        walk.tab.follow("a.answer-it");
        let id = walk.tab.path().rsplit('/').next().unwrap().to_owned();
        let action = declared["actions"].as_array().unwrap().iter();
        let action = action
            .clone()
            .find(|action| action["id"] == id.as_str())
            .unwrap()
            .clone();
        let cast = cast(&mut walk);
        let action = unknown(&mut walk, &asked, action);
        walk.tab.go(&asked);
        fill(&mut walk, &cast, &action);
        walk.pictures("visit-answer");
        // The third click, after the link and the answer: back on the list, which tells of it.
        walk.tab.follow("button[value=write]");
        let (back, list) = (walk.tab.path(), list.split('?').next());
        assert_eq!(back.split('?').next(), list);
        assert!(walk.tab.has("p.receipt"));
        walk.pictures("visit-answered");
        let gone = format!("a.answer-it[href={asked:?}]");
        assert!(!walk.tab.has(&gone), "{asked} is answered");
        walk.end();
    }
}

/// The action with those inputs only of which nothing is known of the person: what would take another value's place is looked at first.
fn unknown(walk: &mut Walk, asked: &str, mut action: Value) -> Value {
    let person = asked.split("person=").nth(1).unwrap();
    let person: i64 = person.split('&').next().unwrap().parse().unwrap();
    let fields = [
        "sex",
        "birth_date",
        "nationality",
        "hukou_nature",
        "ethnicity",
    ];
    let columns = fields.map(|field| format!("col={field}")).join("&");
    let rows = walk.records("person", &columns);
    let own = rows.iter().find(|row| row["record"] == person).unwrap();
    let inputs = action["inputs"].as_array_mut().unwrap();
    inputs.retain(|input| own["cells"][input["id"].as_str().unwrap()]["value"].is_null());
    action
}

/// Opens a list of people of whom something is to be found out that an action answers.
fn visit_list(walk: &mut Walk) -> String {
    walk.tab.go("/programmes");
    let lists = walk.tab.ask("[...document.querySelectorAll('a[href*=\"list=to-find-out\"]')].map(it => it.getAttribute('href'))");
    for list in lists.as_array().unwrap() {
        let list = list.as_str().unwrap();
        walk.tab.go(list);
        if walk.tab.has("a.answer-it") {
            return list.to_owned();
        }
    }
    panic!("nobody is to be asked anything in {lists}");
}
