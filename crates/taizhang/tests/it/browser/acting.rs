//! Making something known through the real forms: every action of the pack, as it is declared, from a page that offers it to its receipt
//! and back.

use serde_json::Value;

use super::walk::{Family, LANGUAGES, Walk};

/// What an input is given where what stands in its declaration isn't enough to know what fits: by action and column.
const GIVEN: &[(&str, &str, &str)] = &[
    // Another day than the visit's, which is of the same register.
    ("contact", "made_on", "2025-12-21"),
];

/// Whom actions are walked through with.
pub struct Cast {
    family: Family,
    /// On the list of who has a benefit.
    enrolled: Option<(i64, String)>,
    /// The number of another household.
    household: String,
    /// Which walk it is for.
    nth: usize,
}

#[test]
#[ignore = "needs Chromium"]
fn every_action_goes_from_a_page_through_its_form_to_a_receipt_and_back_zh() {
    every_action(LANGUAGES[0]);
}

#[test]
#[ignore = "needs Chromium"]
fn every_action_goes_from_a_page_through_its_form_to_a_receipt_and_back_en() {
    every_action(LANGUAGES[1]);
}

/// Actions about people, their homes, papers and benefits, each of which has a form of its own kind. The others are entered by the API
/// (mission.rs).
const WALKED: [&str; 26] = [
    "address",
    "adoption",
    "benefit-ended",
    "benefit-granted",
    "birth",
    "certificate",
    "complication",
    "confirmation",
    "contact",
    "death",
    "disability-card",
    "divorce",
    "employment-status",
    "follow-up",
    "household-joined",
    "household-split",
    "living-here",
    "marriage",
    "moved-in",
    "moved-out",
    "name-and-number",
    "new-head",
    "note",
    "particulars",
    "telephone",
    "visit",
];

fn every_action(lang: &'static str) {
    let mut walk = Walk::begin(lang);
    walk.sit_down();
    let cast = cast(&mut walk);
    let declared = walk.fetch("/api/actions");
    let actions = declared["actions"].as_array().unwrap().clone();
    assert!(!actions.is_empty());
    let walked = |action: &&Value| WALKED.contains(&action["id"].as_str().unwrap());
    for action in actions.iter().filter(walked) {
        through(&mut walk, &cast, action);
    }
    walk.end();
}

/// One action: from the page that offers it, looked at, written, seen, and taken back.
fn through(walk: &mut Walk, cast: &Cast, action: &Value) {
    let id = action["id"].as_str().unwrap();
    let offered = open(walk, cast, id);
    let given = walk.tab.path();
    assert_eq!(given, format!("/actions/{id}"));
    fill(walk, cast, action);
    walk.tab.follow("button[value=look]");
    choose_who(walk);
    assert!(
        walk.tab.has("section.outcome"),
        "{id} tells what it would do"
    );
    if ["birth", "household-split"].contains(&id) {
        walk.pictures(&format!("action-{id}-looked-at"));
    }
    if !walk.tab.has("button[value=write]") {
        let told = walk.tab.text("document.querySelector('main').innerText");
        panic!("{id} can't be written: {told}");
    }
    walk.tab.follow("button[value=write]");
    let told = walk.tab.has("p.receipt");
    assert!(told || !offered, "{id} ends on the page it began on");
    if told {
        walk.tab.follow("p.receipt a");
    }
    let commit = walk.tab.path();
    assert!(
        commit.starts_with("/imports/"),
        "{id} has a receipt: {commit}"
    );
    assert!(
        walk.tab.has("table.figures tbody tr"),
        "{id} wrote something"
    );
    walk.tab.follow("button.danger");
    walk.tab.go(&commit);
    assert!(walk.tab.has("p.receipt"), "{id} was taken back");
}

/// Opens an action where it is offered; whether that was on somebody's page.
fn open(walk: &mut Walk, cast: &Cast, id: &str) -> bool {
    let family = &cast.family;
    let mut people = vec![
        family.wife.record,
        family.husband.record,
        family.child.record,
    ];
    // Whose page it is for, where a page of another offers it, too.
    if id == "certificate" {
        people = vec![family.child.record];
    }
    if id == "benefit-ended" {
        people = cast.enrolled.iter().map(|(person, _)| *person).collect();
    }
    for person in people {
        walk.tab.go(&format!("/people/{person}"));
        let link = format!("nav.offered a[href*='/actions/{id}?']");
        if walk.tab.has(&link) {
            walk.tab.follow(&link);
            return true;
        }
    }
    walk.tab.go("/actions");
    walk.tab
        .follow(&format!("dl.actions a[href='/actions/{id}']"));
    false
}

/// Fills in whatever is asked, by what its declaration says of it.
pub fn fill(walk: &mut Walk, cast: &Cast, action: &Value) {
    let id = action["id"].as_str().unwrap();
    for input in action["inputs"].as_array().unwrap() {
        let name = input["id"].as_str().unwrap();
        let own = format!("i.{name}");
        match input["type"].as_str().unwrap() {
            "ref" if walk.tab.has(&format!("[name='r.{name}']")) => {}
            "ref" if input["register"] == "person" => {
                let who = match name {
                    "wife" | "mother" => &cast.family.wife,
                    "child" => &cast.family.child,
                    _ => &cast.family.husband,
                };
                walk.tab.fill(&format!("[name='t.{name}']"), &who.name);
            }
            "ref" => walk
                .tab
                .fill(&format!("[name='t.{name}']"), &cast.household),
            kind => {
                let given = GIVEN
                    .iter()
                    .find(|(of, column, _)| *of == id && *column == name);
                let value = match given {
                    Some((_, _, value)) => (*value).to_owned(),
                    None => value(cast, name, kind, input),
                };
                give(walk, &own, &value);
            }
        }
    }
}

/// A value that fits.
fn value(cast: &Cast, name: &str, kind: &str, input: &Value) -> String {
    match kind {
        "code" if name == "programme" => cast.enrolled.as_ref().unwrap().1.clone(),
        "code" => {
            let values = input["values"].as_array().unwrap();
            values.first().unwrap()["value"]
                .as_str()
                .unwrap()
                .to_owned()
        }
        "bool" => "true".to_owned(),
        "date" => "2025-12-20".to_owned(),
        "int" => "2".to_owned(),
        "fen" => "960".to_owned(),
        "phone" => "13900001234".to_owned(),
        "id_number" => {
            let born = jiff::civil::date(2025, 12, 20);
            let sequence = 888 - 2 * u16::try_from(cast.nth).unwrap();
            kernel::IdNumber::compose("210203", born, sequence)
                .unwrap()
                .as_str()
                .to_owned()
        }
        "long_text" => "走访时本人在家，情况属实。\n第二行。".to_owned(),
        _ if name == "name" => format!("龚试{}", ["行", "走", "步", "路"][cast.nth % 4]),
        _ => format!("试{:04}", cast.nth),
    }
}

/// Gives a value to the field of this name, whatever it is filled in with.
fn give(walk: &mut Walk, name: &str, value: &str) {
    let select = format!("select[name='{name}']");
    if walk.tab.has(&format!("input[type=radio][name='{name}']")) {
        walk.tab.click(&format!(
            "input[type=radio][name='{name}'][value='{value}']"
        ));
    } else if walk.tab.has(&select) {
        walk.tab.choose(&select, value);
    } else {
        walk.tab.fill(&format!("[name='{name}']"), value);
    }
}

/// Says who is meant, as long as the form asks.
pub fn choose_who(walk: &mut Walk) {
    for _ in 0..3 {
        // Two may have one name: the first of them is meant.
        let asks = "form.act fieldset input[type=radio][name^='r.']";
        if !walk.tab.has(asks) {
            break;
        }
        walk.tab.click(asks);
        walk.tab.follow("button[value=look]");
    }
    if walk.tab.has("input[name=who][value=new]") {
        walk.tab.click("input[name=who][value=new]");
        walk.tab.follow("button[value=look]");
    }
}

/// Finds whom actions are walked through with.
pub fn cast(walk: &mut Walk) -> Cast {
    let family = walk.family();
    let nth = walk.nth;
    let list = format!("limit=1&page={}", nth + 1);
    let enrolled = walk.fetch(&format!(
        "/api/registers/enrolment?{list}&col=person&col=programme"
    ));
    let enrolled = &enrolled["rows"][0]["cells"];
    let programme = enrolled["programme"]["value"]
        .as_str()
        .map(ToOwned::to_owned);
    let households = walk.fetch(&format!("/api/registers/household?{list}&col=number"));
    let household = households["rows"][0]["cells"]["number"]["value"].as_str();
    Cast {
        family,
        enrolled: enrolled["person"]["value"].as_i64().zip(programme),
        household: household.unwrap().to_owned(),
        nth,
    }
}
