//! The page of completeness, its JSON, the blank lists and the calendar, over a ledger into which two lists came and from which others
//! are missing.

use std::sync::Arc;

use pack::{Closed, Each, Pack, Place, Vouches, Vouching, Whom};
use serde_json::Value as Json;

use crate::office::Office;

/// The national pack, of whose rosters three say what they vouch for.
fn with_vouching() -> Arc<Pack> {
    let mut pack = (*testhouse::national()).clone();
    for roster in &mut pack.rosters {
        let how = match roster.id.as_str() {
            "residents-police" | "certificates" => Vouches::Roll,
            "deaths" => Vouches::Events(Each::Month),
            _ => {
                roster.vouching = None;
                continue;
            }
        };
        roster.vouching = Some(Vouching {
            how,
            whom: Whom::Either,
            lasts: 1,
            past: false,
            by: None,
            place: Place::default(),
        });
    }
    for subject in &mut pack.subjects {
        let groups = subject.groups.iter_mut().flat_map(|group| &mut group.facts);
        for fact in groups.chain(&mut subject.computed) {
            fact.closed = Closed::default();
        }
    }
    Arc::new(pack)
}

#[test]
fn the_page_says_what_is_due_and_leads_on() {
    let office = Office::over(with_vouching());
    let page = office.get("wang", "/completeness").body;
    // The list of 1 December vouched for a month, and many of its rows wait: it is a part.
    let (_, rows) = page.split_once("<tbody>").unwrap();
    let first = rows.split("</tr>").next().unwrap();
    assert!(first.contains("公安人口名单"), "{first}");
    assert!(
        first.contains("<a href=\"/imports/2\">2025-12-01</a>"),
        "{first}"
    );
    for words in [
        "完整率",
        "按时率",
        "从未报送",
        "死亡名单",
        "光荣证",
        "催报函",
        "空白表样",
        "/completeness/calendar.ics",
        "href=\"/blanks/deaths?lang=zh\"",
        "无期限",
        "data-copy=\"letter-0\"",
        "殡葬管理所：",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    let never = office.get("wang", "/completeness?state=never").body;
    let rows = |body: &str| {
        let (_, rows) = body.split_once("<tbody>").unwrap();
        rows.split_once("</tbody>")
            .unwrap()
            .0
            .matches("<tr>")
            .count()
    };
    assert_eq!(rows(&never), 2, "{never}");
    let one = office
        .get("wang", "/completeness?list=deaths&sender=funeral-office")
        .body;
    assert_eq!(rows(&one), 1, "{one}");
    let none = office
        .get("wang", "/completeness?list=deaths&sender=police")
        .body;
    assert!(none.contains("没有符合条件的名册"), "{none}");
    for wrong in [
        "list=nothing",
        "state=nothing",
        "unit=210203001002",
        "page=2",
    ] {
        let status = office.get("wang", &format!("/completeness?{wrong}")).status;
        assert_eq!(status, 404, "{wrong}");
    }
}

#[test]
fn programs_are_told_the_same() {
    let office = Office::over(with_vouching());
    let answer = office.get("wang", "/api/completeness?limit=2").body;
    let answer: Json = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["today"], "2026-01-06");
    assert_eq!(answer["states"]["never"], 2);
    assert_eq!(answer["rows"].as_array().unwrap().len(), 2);
    assert_eq!(answer["pages"], 2);
    assert_eq!(answer["complete"]["whole"], 3);
    let row = &answer["rows"][0];
    assert_eq!(row["list"], "residents-police");
    assert_eq!(row["last"]["as_of"], "2025-12-01");
    assert_eq!(row["last"]["commit"], 2);
    let letters = answer["reminders"].as_array().unwrap();
    assert!(
        letters
            .iter()
            .any(|letter| letter["sender"] == "funeral-office")
    );
    let wrong = office.get("wang", "/api/completeness?state=x");
    assert_eq!(wrong.status, 404);

    let described = office.get("wang", "/api/openapi.json").body;
    let described: Json = serde_json::from_str(&described).unwrap();
    let path = &described["paths"]["/api/completeness"]["get"];
    let asked: Vec<&str> = (path["parameters"].as_array().unwrap().iter())
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        asked,
        [
            "unit", "list", "sender", "state", "page", "limit", "on", "lang"
        ]
    );
    // Every key of a row that is told is described.
    let schema = &described["components"]["schemas"]["List"]["properties"];
    for row in answer["rows"].as_array().unwrap() {
        for key in row.as_object().unwrap().keys() {
            assert!(!schema[key].is_null(), "{key}");
        }
        for key in row["last"]
            .as_object()
            .into_iter()
            .flat_map(|last| last.keys())
        {
            assert!(!schema["last"]["properties"][key].is_null(), "{key}");
        }
    }
}

#[test]
fn blank_lists_and_the_calendar_are_files() {
    let office = Office::over(with_vouching());
    let blank = office.get("wang", "/blanks/deaths");
    assert_eq!(blank.status, 200);
    assert!(blank.header("content-type").contains("spreadsheetml"));
    assert!(blank.header("content-disposition").ends_with(".xlsx"));
    assert!(blank.body.starts_with("PK"));
    assert_eq!(office.get("wang", "/blanks/nothing").status, 404);
    let calendar = office.get("wang", "/completeness/calendar.ics?state=never");
    assert!(calendar.header("content-type").starts_with("text/calendar"));
    assert_eq!(calendar.body.matches("BEGIN:VEVENT").count(), 2);
    assert_eq!(
        office
            .get("wang", "/completeness/calendar.ics?state=x")
            .status,
        404
    );
}
