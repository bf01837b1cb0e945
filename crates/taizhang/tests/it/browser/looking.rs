//! Every kind of page, in both languages: found by following links from the first page, looked at by axe-core and by checks of our own on a
//! small screen and on a telephone, walked through by the Tab key, and kept as pictures. `TAIZHANG_AXE` says where `axe.min.js` is.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::tab::View;
use super::walk::{LANGUAGES, Walk};
use crate::site::Site;

/// Our own checks, as a script.
const CHECKS: &str = include_str!("checks.js");
/// What axe-core is asked for: everything of WCAG 2.1 A and AA.
const TAGS: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']";
/// Under these a part of an address names one of many.
const MANY: [&str; 11] = [
    "help",
    "units",
    "programmes",
    "people",
    "households",
    "registers",
    "indicators",
    "review",
    "actions",
    "amend",
    "imports",
];
/// Parameters that make another kind of page.
const KINDS: [&str; 2] = ["list", "rows"];
/// What every page is looked at on.
const VIEWS: [View; 2] = [View::Phone, View::Desk];
/// Kinds of pages that must be among those found.
const KNOWN: [&str; 26] = [
    "/",
    "/help",
    "/help/*",
    "/units",
    "/units/*",
    "/programmes",
    "/programmes/*",
    "/programmes/*?list=missed",
    "/programmes/*?list=to-find-out",
    "/people",
    "/people/*",
    "/people/*/merge",
    "/households/*",
    "/registers",
    "/registers/*",
    "/registers/*/*",
    "/indicators",
    "/indicators/*",
    "/review",
    "/review/*",
    "/actions",
    "/actions/*",
    "/imports",
    "/completeness",
    "/owed",
    "/log",
];

#[test]
#[ignore = "needs Chromium"]
fn every_kind_of_page_is_good_to_read_by_whatever_means_zh() {
    every_kind(LANGUAGES[0]);
}

#[test]
#[ignore = "needs Chromium"]
fn every_kind_of_page_is_good_to_read_by_whatever_means_en() {
    every_kind(LANGUAGES[1]);
}

fn every_kind(lang: &'static str) {
    let mut walk = Walk::through(Site::looked_at(), lang);
    walk.sit_down();
    let mut wrong = Vec::new();
    leave_a_question(&mut walk, &mut wrong);
    leave_a_deed(&mut walk, &mut wrong);
    let kinds = kinds(&mut walk);
    let found: BTreeSet<&str> = kinds.keys().map(String::as_str).collect();
    let missing: Vec<&str> = (KNOWN.into_iter())
        .filter(|kind| !found.contains(kind))
        .collect();
    assert!(
        missing.is_empty(),
        "no way leads to {missing:?}; found {found:?}"
    );
    for (kind, address) in &kinds {
        walk.tab.go(address);
        look(&mut walk, kind, &mut wrong);
    }
    for (kind, address) in FAILING {
        walk.tab.go(address);
        look(&mut walk, kind, &mut wrong);
    }
    // The list below the search box.
    walk.tab.go("/");
    walk.tab.click("form.find input");
    walk.tab.type_in("wang");
    walk.tab
        .until("!document.querySelector('#found').hidden", "what is found");
    look(&mut walk, "searching", &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    walk.tab.complaints();
}

/// Pages that tell what went wrong.
const FAILING: [(&str, &str); 2] = [
    ("absent", "/nowhere"),
    ("refused", "/registers/person?on=never"),
];

/// Takes in a list that leaves a question, by its form: who has the name of somebody known, and a number nobody can have.
fn leave_a_question(walk: &mut Walk, wrong: &mut Vec<String>) {
    let known = walk.family().wife;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.csv");
    let list = format!(
        "姓名,公民身份号码,住址\n{},,\n龚无误,210203199001011234,\n",
        known.name
    );
    std::fs::write(&file, list).unwrap();
    walk.tab.go("/imports/new");
    walk.tab.choose("#roster", "residents-community");
    let unit = walk
        .tab
        .text("[...document.querySelectorAll('#unit option')].pop().value");
    walk.tab.choose("#unit", &unit);
    walk.tab.click("input[name=absence][value=kept]");
    walk.tab.attach("#file", &file);
    walk.tab.follow("form.tall button");
    look(walk, "/imports/dry", wrong);
    walk.tab.follow(
        "button[formaction*='/imports/dry/'], form[action*='/imports/dry/'] button[type=submit]",
    );
    look(walk, "/imports/dry?done", wrong);
}

/// Notes a visit, and looks at the page of what was written, which has people in it.
fn leave_a_deed(walk: &mut Walk, wrong: &mut Vec<String>) {
    let met = walk.family().husband.record;
    let row = json!({ "person": met, "visited_on": "2025-12-20", "result": "met", "note": "在家" });
    let sent = json!({ "rows": [row], "write": true }).to_string();
    let asked = format!(
        "fetch('/api/actions/visit', {{ method: 'POST', body: {sent:?} }}).then(answer => answer.json())"
    );
    let written = walk.tab.ask(&asked);
    let commit = written["commit"].as_u64();
    let commit = commit.unwrap_or_else(|| panic!("the visit is written: {written}"));
    walk.tab.go(&format!("/imports/{commit}"));
    let people = format!("table.rows.people a[href='/people/{met}']");
    assert!(walk.tab.has(&people), "{people}");
    look(walk, "/imports/*?deed", wrong);
}

/// One address of each kind of page there is a way to, without leaving the site.
fn kinds(walk: &mut Walk) -> BTreeMap<String, String> {
    let mut kinds = BTreeMap::from([("/".to_owned(), "/".to_owned())]);
    let mut open = VecDeque::from(["/".to_owned()]);
    while let Some(address) = open.pop_front() {
        let links = format!(
            "fetch({address:?}).then(answer => answer.text()).then(text => [...new DOMParser().parseFromString(text, 'text/html')\
             .querySelectorAll('a[href]:not([download])')].map(it => it.getAttribute('href')))"
        );
        let links = walk.tab.ask(&links);
        for link in links.as_array().unwrap().iter().filter_map(Value::as_str) {
            let Some(kind) = kind(link) else { continue };
            if let Entry::Vacant(place) = kinds.entry(kind) {
                place.insert(link.to_owned());
                open.push_back(link.to_owned());
            }
        }
    }
    kinds
}

/// What kind of page an address leads to; none of files.
fn kind(address: &str) -> Option<String> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    if !path.starts_with('/')
        || path.contains('.') && !path.starts_with("/amend/")
        || path.starts_with("/files/")
        || path.starts_with("/work-reports/")
    {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').skip(1).collect();
    let own = parts.first().copied().unwrap_or_default();
    if MANY.contains(&own) {
        for part in parts
            .iter_mut()
            .skip(1)
            .filter(|part| !["merge", "new", "dry"].contains(part))
        {
            *part = "*";
        }
    }
    let mut kind = format!("/{}", parts.join("/"));
    let asked = query.split('&').filter_map(|pair| pair.split_once('='));
    for (nth, (name, value)) in asked.filter(|(name, _)| KINDS.contains(name)).enumerate() {
        kind.push(if nth == 0 { '?' } else { '&' });
        kind.push_str(&format!("{name}={value}"));
    }
    Some(kind)
}

/// Looks at the page that is open, and keeps pictures of it.
pub fn look(walk: &mut Walk, kind: &str, wrong: &mut Vec<String>) {
    let name = kind
        .trim_matches('/')
        .replace(['/', '?', '=', '*', '&'], "-");
    let name = if name.is_empty() {
        "first".to_owned()
    } else {
        name
    };
    walk.pictures(&name);
    let mut found = Vec::new();
    for view in VIEWS {
        walk.tab.view(view);
        for check in ["headings", "tables", "order", "focus", "widths", "colours"] {
            found.extend(checked(walk, check).into_iter().map(|told| (view, told)));
        }
        if view == View::Phone {
            found.extend(
                checked(walk, "targets")
                    .into_iter()
                    .map(|told| (view, told)),
            );
        }
    }
    // Of rows that are made alike axe finds the same again and again.
    checked(walk, "thin");
    for view in VIEWS {
        walk.tab.view(view);
        found.extend(axe(walk).into_iter().map(|told| (view, told)));
    }
    let told = found
        .into_iter()
        .map(|(view, told)| format!("{kind} {} {}: {told}", walk.lang, view.name()));
    wrong.extend(told);
}

fn checked(walk: &mut Walk, check: &str) -> Vec<String> {
    let script = CHECKS.trim().trim_end_matches(';');
    let found = walk.tab.ask(&format!("({script}).{check}()"));
    let found = found.as_array().unwrap().iter();
    found
        .map(|found| format!("{check}: {}", found.as_str().unwrap()))
        .collect()
}

/// What axe-core finds.
fn axe(walk: &mut Walk) -> Vec<String> {
    let file = std::env::var("TAIZHANG_AXE").expect("TAIZHANG_AXE says where axe.min.js is");
    if walk.tab.ask("typeof axe") == "undefined" {
        let script = std::fs::read_to_string(&file).unwrap();
        walk.tab.ask(&format!("{script}; undefined"));
    }
    let asked = format!(
        "axe.run(document, {{ runOnly: {{ type: 'tag', values: {TAGS} }}, resultTypes: ['violations'] }}).then(told => told.violations.flatMap(rule => \
         rule.nodes.map(node => rule.id + ': ' + node.html.slice(0, 160) + ' ' + node.any.concat(node.all, node.none).map(it => it.message).join('; '))))"
    );
    let found = walk.tab.ask(&asked);
    found
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap().to_owned())
        .collect()
}
