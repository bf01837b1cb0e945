//! Registers in the browser, as files and for programs: the same rows everywhere, and nothing in a file or an answer that the page masks.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use serde_json::Value as Json;

use crate::street::{PHONE, STREET, Street};

/// Lists that are exported: some are longer than a page, some empty, some sorted by what a reference is called.
const LISTS: [&str; 6] = [
    "/registers/person?sort=-birth_date&f.birth_date.from=1990-01-01",
    "/registers/residence?f.living=false&sort=person",
    "/registers/employment?col=person&col=status&col=since&f.status=unemployed",
    "/registers/enrolment?sort=-monthly",
    "/registers/contact?f.person.name=%E7%8E%8B&sort=-person",
    "/registers/unit",
];

/// The rows of every page of a list, as their cells read.
fn pages(street: &Street, list: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let join = if list.contains('?') { '&' } else { '?' };
    for page in 1.. {
        let answered = street.get(&format!("{list}{join}page={page}"));
        if answered.status == 404 {
            break;
        }
        assert_eq!(answered.status, 200, "{list}\n{}", answered.body);
        let Some((_, body)) = answered.body.split_once("<tbody>") else {
            break;
        };
        let body = body.split_once("</tbody>").unwrap().0;
        rows.extend(body.split("<tr>").skip(1).map(cells));
    }
    rows
}

/// The cells of a row without tags; the last opens the record.
fn cells(row: &str) -> Vec<String> {
    let cell = |cell: &str| {
        let (_, inside) = cell.split_once('>').unwrap();
        let text = inside.split("</td>").next().unwrap();
        let mut plain = String::new();
        let mut tag = false;
        for ch in text.chars() {
            match ch {
                '<' => tag = true,
                '>' => tag = false,
                ch if !tag => plain.push(ch),
                _ => {}
            }
        }
        plain
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    let mut cells: Vec<String> = row.split("<td").skip(1).map(cell).collect();
    cells.pop();
    cells
}

/// A cell of a page as files have it: numbers bare, nothing where nothing is known.
fn bare(cell: &str) -> String {
    let number = cell.replace(',', "");
    let number = number.strip_suffix('元').unwrap_or(&number);
    match (cell, number.parse::<f64>()) {
        ("—", _) => String::new(),
        (_, Ok(_)) => number.to_owned(),
        _ => cell.to_owned(),
    }
}

fn at(list: &str, ending: &str) -> String {
    let (path, asked) = list.split_once('?').unwrap_or((list, ""));
    format!("{path}/export.{ending}?{asked}")
}

#[test]
fn a_list_is_exported_as_its_pages_show_it() {
    for list in LISTS {
        let rows = pages(&STREET, list);
        let text = String::from_utf8(STREET.fetch(&at(list, "csv"))).unwrap();
        assert!(text.starts_with('\u{feff}') && !text.contains(PHONE));
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let exported: Vec<Vec<String>> = (reader.records())
            .map(|row| row.unwrap().iter().map(ToOwned::to_owned).collect())
            .collect();
        assert_eq!(exported.len(), rows.len(), "{list}");
        for (exported, shown) in exported.iter().zip(&rows) {
            // A cell that a spreadsheet would run has an apostrophe in front, and money two places.
            let exported: Vec<String> = (exported.iter())
                .map(|cell| {
                    cell.trim_start_matches('\'')
                        .trim_end_matches(".00")
                        .to_owned()
                })
                .collect();
            let shown: Vec<String> = shown.iter().map(|cell| bare(cell)).collect();
            assert_eq!(exported, shown, "{list}");
        }
        let book = STREET.fetch(&at(list, "xlsx"));
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(book)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        let filled = |row: &&[Data]| row.iter().any(|cell| *cell != Data::Empty);
        let sheet: Vec<&[Data]> = sheet.rows().filter(filled).collect();
        // A title, a note and the headings stand above, and below a list with money what it comes to.
        let totals = usize::from(list.contains("enrolment"));
        assert_eq!(sheet.len(), rows.len() + 3 + totals, "{list}");
        if totals > 0 {
            // Number, person, programme, unit, monthly amount.
            let sum = |row: &&[Data]| match row.get(4) {
                Some(Data::Float(yuan)) => *yuan,
                _ => 0.0,
            };
            let (total, above) = sheet[3..].split_last().unwrap();
            let all: f64 = above.iter().map(sum).sum();
            assert!(
                all > 0.0 && (sum(total) - all).abs() < 0.005,
                "{list}: {all}"
            );
        }
        let note = sheet[1][0].to_string();
        assert!(
            note.contains("2025年12月31日") && note.contains("reader"),
            "{note}"
        );
        for (row, shown) in sheet[3..].iter().zip(&rows) {
            assert_eq!(row[0].to_string(), bare(&shown[0]), "{list}");
            assert_eq!(row[1].to_string(), bare(&shown[1]), "{list}");
        }
    }
}

#[test]
fn a_form_of_blanks_comes_to_a_short_address() {
    let answered = STREET.get("/registers/contact?f.person.name=&f.phone.unknown=1&unit=&page=");
    assert_eq!(answered.status, 303);
    assert_eq!(
        answered.header("location"),
        "/registers/contact?f.phone.unknown=1"
    );
}

#[test]
fn people_and_households_open_their_own_pages() {
    let person = format!("/people/{}", STREET.person);
    let own = format!("/registers/person/{}", STREET.person);
    assert_eq!(STREET.get(&own).header("location"), person);
    let household = STREET.find("/registers/household", "/households/");
    let own = household.replace("/households/", "/registers/household/");
    assert_eq!(STREET.get(&own).header("location"), household);
    assert!(
        STREET
            .find("/registers/contact", "/people/")
            .starts_with("/people/")
    );
    // A person's page leads to the records about them.
    let record = STREET.find(&person, "/registers/");
    assert_eq!(STREET.get(&record).status, 200);
}

#[test]
fn a_record_that_is_not_there_on_the_day_tells_its_history() {
    let listed = json("/api/registers/enrolment?limit=1");
    let record = &listed["rows"][0]["record"];
    let before = STREET.get(&format!("/registers/enrolment/{record}?on=1991-01-01"));
    assert_eq!(before.status, 200);
    assert!(before.body.contains("这条记录在这一天不在册") && before.body.contains("来历"));
    let before = json(&format!("/api/registers/enrolment/{record}?on=1991-01-01"));
    assert_eq!(before["there"], false);
    assert!(!before["history"].as_array().unwrap().is_empty());
    assert!(before.get("cells").is_none());
}

#[test]
fn masked_columns_are_neither_sorted_nor_asked_for() {
    let body = STREET.get("/registers/contact").body;
    assert!(body.contains("sort=person") && !body.contains("sort=phone"));
    assert!(body.contains("name=\"f.person.name\"") && !body.contains("name=\"f.phone"));
    let refused = STREET.get("/registers/contact?sort=phone");
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("不能按它筛选或排列"));
}

#[test]
fn headings_say_how_a_list_is_sorted() {
    let body = STREET.get("/registers/birth?sort=-born_on").body;
    assert_eq!(body.matches("aria-sort=\"descending\"").count(), 1);
    assert!(body.contains("sort=born_on\"") && body.contains("aria-sort=\"none\""));
    let by_look = STREET.get("/registers/birth").body;
    assert_eq!(by_look.matches("aria-sort=\"descending\"").count(), 1);
}

fn json(path: &str) -> Json {
    let answered = STREET.get(path);
    assert_eq!(answered.status, 200, "{path}\n{}", answered.body);
    assert_eq!(answered.header("content-type"), "application/json");
    serde_json::from_str(&answered.body).unwrap()
}

#[test]
fn programs_read_what_pages_show() {
    let menu = json("/api/registers");
    let groups = menu["groups"].as_array().unwrap();
    let registers = groups
        .iter()
        .flat_map(|group| group["registers"].as_array().unwrap());
    let mut met = 0;
    for register in registers {
        let (id, records) = (register["id"].as_str().unwrap(), &register["records"]);
        let list = json(&format!("/api/registers/{id}?limit=500"));
        assert_eq!(&list["total"], records, "{id}");
        let rows = list["rows"].as_array().unwrap();
        for row in rows.iter().take(3) {
            let one = json(&format!("/api/registers/{id}/{}", row["record"]));
            assert_eq!(one["title"], row["title"], "{id}");
            for (field, cell) in row["cells"].as_object().unwrap() {
                assert_eq!(one["cells"][field], *cell, "{id}.{field}");
                let kinds = ["value", "masked", "unknown", "withheld"];
                let has = kinds.iter().filter(|kind| cell.get(**kind).is_some());
                assert_eq!(has.count(), 1, "{id}.{field}: {cell}");
            }
            assert!(!one["history"].as_array().unwrap().is_empty(), "{id}");
            met += 1;
        }
    }
    assert!(met > 20, "{met}");
    let list = "/registers/residence?f.living=false&sort=-person";
    let rows = pages(&STREET, list);
    let answer = json(&format!("/api{list}&limit=500"));
    assert_eq!(answer["total"], rows.len());
    let first = &answer["rows"][0]["cells"]["person"];
    assert_eq!(first["text"], rows[0][1]);
    let person = format!("/api/registers/person/{}", STREET.odd_person);
    let person = json(&person);
    assert!(person["cells"]["id_number"]["masked"].is_string());
    assert!(!person.to_string().contains(&STREET.id_number));
    assert_eq!(
        person["cells"]["name"]["value"],
        "<script>alert(1)</script>"
    );
}

#[test]
fn what_goes_wrong_is_told_to_programs() {
    for (path, status) in [
        ("/api/nothing", 404),
        ("/api/registers/none", 404),
        ("/api/registers/layout", 404),
        ("/api/registers/contact/9999999", 404),
        ("/api/registers/contact/x", 404),
        ("/api/registers/contact?f.phone=180", 400),
        ("/api/registers/contact?sort=phone", 400),
        ("/api/registers/contact?limit=501", 400),
        ("/api/registers/contact?on=yesterday", 400),
        ("/api/registers/contact?page=9999", 404),
    ] {
        for lang in ["zh", "en"] {
            let join = if path.contains('?') { '&' } else { '?' };
            let answered = STREET.get(&format!("{path}{join}lang={lang}"));
            assert_eq!(answered.status, status, "{path}");
            let answer: Json = serde_json::from_str(&answered.body).unwrap();
            assert_eq!(answer["error"]["status"], status);
            for key in ["title", "message", "remedy"] {
                assert!(
                    answer["error"][key].as_str().unwrap().len() > 5,
                    "{path} {key}"
                );
            }
        }
    }
}

/// Asks every path that is described, with every parameter by itself that has a value to try.
#[test]
fn what_is_described_is_answered() {
    let document = json("/api/openapi.json");
    let paths = document["paths"].as_object().unwrap();
    let (mut asked, mut tried) = (Vec::new(), 0);
    for (path, of) in paths {
        if of["get"].is_null() {
            // What is sent is tried by its own tests; here, that it is asked for what is described.
            assert!(of["post"]["requestBody"].is_object(), "{path}");
            asked.push(path.clone());
            continue;
        }
        let of = &of["get"];
        let path = match path.strip_suffix("/{record}") {
            None => path.clone(),
            Some(list) => match &json(list)["rows"][0]["record"] {
                Json::Null => continue,
                record => format!("{list}/{record}"),
            },
        };
        json(&path);
        asked.push(path.clone());
        for parameter in of["parameters"].as_array().unwrap() {
            let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
            let some = [&schema["enum"][0], &schema["items"]["enum"][0]];
            let value = some.iter().find_map(|value| value.as_str());
            let value = match (value, name) {
                _ if parameter["in"] == "path" => continue,
                (Some(value), _) => value.to_owned(),
                (None, "on") => "2025-06-30".to_owned(),
                (None, "unit") => STREET.community.to_string(),
                (None, "page" | "limit") => "1".to_owned(),
                (None, _) if schema["type"] == "integer" => "1".to_owned(),
                (None, _) if schema["type"] == "boolean" => "true".to_owned(),
                _ => continue,
            };
            json(&format!("{path}?{name}={value}"));
            tried += 1;
        }
    }
    // Every route of the router that programs ask for is among them.
    let source = testhouse::repository().join("crates/web/src/pages.rs");
    let source = std::fs::read_to_string(source).unwrap();
    let routes = source.split(".route(\"/api/").skip(1);
    // Nothing is written on this street.
    let routes = routes.filter(|route| {
        route
            .lines()
            .next()
            .is_some_and(|line| line.contains("get("))
    });
    for route in routes.map(|route| route.split('"').next().unwrap()) {
        let parts = route.split('/').count();
        let alike = |path: &String| {
            let path = path.trim_start_matches("/api/");
            let same = path.split('/').zip(route.split('/'));
            path.split('/').count() == parts && { same }
                .all(|(path, route)| route.starts_with('{') || path == route)
        };
        assert!(asked.iter().any(alike), "{route} isn't described");
    }
    assert!(asked.len() > 25 && tried > 100, "{} {tried}", asked.len());
}
