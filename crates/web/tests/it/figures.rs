//! Figures and the rows behind them: whatever is asked, of whichever unit, period and group, the rows are as many as the figure says or
//! sum to it, the parts make the whole, and where the ledger has nothing no figure stands.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::street::STREET;

fn json(path: &str) -> Json {
    let answered = STREET.get(path);
    assert_eq!(answered.status, 200, "{path}: {}", answered.body);
    serde_json::from_str(&answered.body).unwrap()
}

/// A figure's value without its point; none where there is none.
fn value(figure: &Json) -> Option<i128> {
    let text = figure["value"].as_str()?;
    Some(text.replace('.', "").parse().unwrap())
}

/// All rows of a list behind a figure.
fn rows(path: &str) -> Vec<Json> {
    let mut all = Vec::new();
    for page in 1.. {
        let glue = if path.contains('?') { '&' } else { '?' };
        let found = json(&format!("{path}{glue}limit=500&page={page}"));
        all.extend(found["rows"].as_array().unwrap().iter().cloned());
        if page >= found["pages"].as_u64().unwrap() {
            assert_eq!(all.len() as u64, found["total"].as_u64().unwrap(), "{path}");
            return all;
        }
    }
    unreachable!()
}

/// Holds every list behind a figure against it: as many rows as it counts, or rows that sum to it.
fn agrees(indicator: &Json, asked: &str) -> usize {
    let id = indicator["id"].as_str().unwrap();
    let told = json(&format!("/api/indicators/{id}?{asked}"));
    let mut held = 0;
    for (nth, list) in told["lists"].as_array().unwrap().iter().enumerate() {
        let part = list["indicator"].as_str().unwrap();
        let declared = testhouse::national();
        let declared = declared.indicator(part).unwrap();
        let path = format!("/api/indicators/{id}/rows?{asked}&list={}", nth + 1);
        let rows = rows(&path);
        let Some(figure) = value(&list["figure"]) else {
            assert!(rows.is_empty(), "{path}: rows of what isn't known");
            continue;
        };
        let places = 10_i128.pow(u32::from(declared.decimals));
        let counted: i128 = match &declared.measure {
            pack::Measure::Sum { column, .. } => {
                let cell = |row: &Json| {
                    row["cells"][column]
                        .as_str()
                        .map(|cell| cell.parse::<i128>().unwrap())
                };
                rows.iter().filter_map(cell).sum()
            }
            _ => rows.len() as i128,
        };
        let scale = i128::from(declared.scale);
        let rounded = (counted * places * 2 + scale) / (scale * 2);
        assert_eq!(rounded, figure, "{path}");
        // Of a group by what is masked, rows stand without what they say.
        for row in rows.iter().filter(|_| !asked.contains("g.")) {
            assert!(row.get("withheld").is_none(), "{path}: {row}");
        }
        held += 1;
    }
    held
}

#[test]
fn every_figure_agrees_with_its_rows_in_every_unit_and_period() {
    let units = [STREET.root, STREET.community];
    let mut held = 0;
    for period in [
        "2025",
        "2025Q3",
        "2025-11",
        "2024",
        "2025-03-05..2025-10-07",
    ] {
        let all = json(&format!("/api/indicators?period={period}"));
        for indicator in all["indicators"].as_array().unwrap() {
            for unit in units {
                held += agrees(indicator, &format!("period={period}&unit={unit}"));
            }
        }
    }
    assert!(held > 150, "{held}");
}

#[test]
fn every_group_agrees_with_its_rows_and_the_groups_make_the_whole() {
    let all = json("/api/indicators?period=2025");
    let mut held = 0;
    for indicator in all["indicators"].as_array().unwrap() {
        let id = indicator["id"].as_str().unwrap();
        let counted = !matches!(
            testhouse::national().indicator(id).unwrap().measure,
            pack::Measure::Rate { .. } | pack::Measure::Average { .. }
        );
        let whole = value(&indicator["figure"]);
        for by in indicator["by"].as_array().unwrap() {
            let by = by.as_str().unwrap();
            let told = json(&format!("/api/indicators/{id}?period=2025&by={by}"));
            let mut sum = 0;
            for part in told["parts"].as_array().unwrap() {
                let key = part["groups"][by].as_str().unwrap();
                let asked = format!("period=2025&g.{by}={key}");
                agrees(indicator, &asked);
                let alone = json(&format!("/api/indicators/{id}?{asked}"));
                assert_eq!(
                    alone["figure"]["value"], part["figures"][id]["value"],
                    "{asked}"
                );
                sum += value(&part["figures"][id]).unwrap_or(0);
                held += 1;
            }
            if counted && let Some(whole) = whole {
                assert_eq!(sum, whole, "{id} by {by}");
            }
        }
    }
    assert!(held > 100, "{held}");
}

#[test]
fn the_units_make_the_whole() {
    let all = json("/api/indicators?period=2025");
    for indicator in all["indicators"].as_array().unwrap() {
        let id = indicator["id"].as_str().unwrap();
        let declared = testhouse::national();
        if !matches!(
            declared.indicator(id).unwrap().measure,
            pack::Measure::Count { .. } | pack::Measure::Sum { .. }
        ) {
            continue;
        }
        let told = json(&format!("/api/indicators/{id}?period=2025&by=unit"));
        let parts = told["parts"].as_array().unwrap();
        let known = parts.iter().filter_map(|part| value(&part["figures"][id]));
        let sum = known.fold(None, |sum, part| Some(sum.unwrap_or(0) + part));
        assert_eq!(sum, value(&indicator["figure"]), "{id}");
        for part in parts.iter().filter(|part| part.get("own").is_none()) {
            let unit = part["unit"].as_str().unwrap();
            let own = json(&format!("/api/indicators/{id}?period=2025&unit={unit}"));
            assert_eq!(
                own["figure"]["value"], part["figures"][id]["value"],
                "{id} of {unit}"
            );
        }
    }
}

/// Whether an indicator counts units and nothing else.
fn of_units(id: &str) -> bool {
    let pack = testhouse::national();
    let parts = pack.counted_parts(pack.indicator(id).unwrap());
    parts.iter().all(|part| {
        let (rows, _) = part.rows().unwrap();
        let mut words = rows
            .text
            .split(|ch: char| !(ch.is_ascii_alphanumeric() || ch == '_'));
        let others = pack
            .registers
            .iter()
            .filter(|register| register.tree.is_none());
        let others: Vec<&str> = others.map(|register| register.id.as_str()).collect();
        !words.any(|word| others.contains(&word))
    })
}

#[test]
fn where_the_ledger_has_nothing_no_figure_stands() {
    // Long before the first list, and after all that has come.
    let none = [
        "known_later",
        "never_recorded",
        "no_whole_list",
        "list_without_this_part",
        "list_without_these_people",
        "list_missing_for_answers",
        "not_recorded",
    ];
    for (period, reasons) in [
        ("2010", &none[..]),
        ("2023-06", &none),
        ("2030", &["not_yet"]),
    ] {
        let all = json(&format!("/api/indicators?period={period}"));
        for indicator in all["indicators"].as_array().unwrap() {
            let (id, figure) = (&indicator["id"], &indicator["figure"]);
            // Units are what they are on any day that has come.
            if of_units(id.as_str().unwrap()) && period != "2030" {
                continue;
            }
            assert!(figure["value"].is_null(), "{id} of {period}: {figure}");
            assert_eq!(figure["text"], "无数据");
            let reason = figure["unknown"]["reason"].as_str().unwrap();
            assert!(reasons.contains(&reason), "{id} of {period}: {figure}");
        }
    }
    // Nobody ever visited anybody: that isn't nought.
    let visits = json("/api/indicators/visits?period=2025");
    assert!(visits["figure"]["value"].is_null());
    assert_eq!(visits["figure"]["unknown"]["reason"], "never_recorded");
    let page = STREET.get("/indicators/visits");
    assert!(
        page.body.contains("无数据：“走访联系”从来没有登记过。"),
        "{}",
        page.body
    );
}

#[test]
fn growth_from_what_is_not_known_is_a_dash() {
    let told = json("/api/indicators/population?period=2025");
    assert!(told["figure"]["value"].is_string());
    // The lists tell who left since the year began; so the end of the year before is known, and no earlier day.
    let before = json("/api/indicators/population?period=2024");
    assert!(before["figure"]["value"].is_string(), "{before}");
    let earlier = json("/api/indicators/population?period=2023");
    assert!(earlier["figure"]["value"].is_null());
    assert!(before["year_before"]["growth"].is_null());
    assert!(
        told["year_before"]["growth"]["per_cent"].is_string(),
        "{told}"
    );
    let years = json("/api/indicators/population?period=2025&by=year");
    let growth: Vec<bool> = years["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["figures"]["population"]["growth"].is_object())
        .collect();
    assert_eq!(growth, [false, false, false, false, true]);
}

#[test]
fn a_dashboard_tells_what_its_indicators_tell() {
    let all = json("/api/indicators?period=2025");
    let mut told: BTreeMap<String, Json> = BTreeMap::new();
    for indicator in all["indicators"].as_array().unwrap() {
        told.insert(
            indicator["id"].as_str().unwrap().to_owned(),
            indicator["figure"]["value"].clone(),
        );
    }
    let dashboards = json("/api/dashboards");
    let dashboards = dashboards["dashboards"].as_array().unwrap();
    assert!(dashboards.len() >= 3);
    let mut held = 0;
    for dashboard in dashboards {
        let id = dashboard["id"].as_str().unwrap();
        let own = json(&format!("/api/dashboards/{id}?period=2025"));
        for section in own["sections"].as_array().unwrap() {
            for row in section["now"].as_array().into_iter().flatten() {
                let indicator = row["indicator"].as_str().unwrap();
                assert_eq!(row["figure"]["value"], told[indicator], "{id}: {indicator}");
                held += 1;
            }
        }
    }
    assert!(held > 10, "{held}");
}

#[test]
fn indicators_stand_under_their_headings() {
    let page = STREET.get("/indicators").body;
    let groups: Vec<&str> = page.split("/indicators?group=").skip(1).collect();
    let groups: Vec<&str> = groups
        .iter()
        .map(|rest| &rest[..rest.find('"').unwrap()])
        .collect();
    assert!(groups.len() > 2, "{groups:?}");
    // The first is shown, and no other.
    assert!(page.contains("/indicators/population\"") && !page.contains("/indicators/births\""));
    let mut told = 0;
    let mut shown = std::collections::BTreeSet::new();
    for group in &groups {
        let page = STREET
            .get(&format!("/indicators?group={group}&period=2024"))
            .body;
        assert!(
            page.contains(&format!("name=\"group\" value=\"{group}\"")),
            "{group}"
        );
        let links = page.split("href=\"/indicators/").skip(1);
        let ids = links.map(|rest| rest[..rest.find(['?', '"']).unwrap()].to_owned());
        let own: std::collections::BTreeSet<String> = ids.collect();
        told += own.len();
        shown.extend(own);
    }
    // Each stands under one of them.
    assert_eq!(told, shown.len());
    assert!(shown.contains("births"));
    assert_eq!(STREET.get("/indicators?group=none").status, 404);
}
