//! What programs may ask, as an OpenAPI document: made from the registers of the pack that the reader reads, with the parameters that their
//! fields offer to this reader, and from its indicators and dashboards. It describes nothing that isn't answered.

use office::FieldOffer;
use pack::{Field, FieldType, Items, Register};
use serde_json::{Map, Value as Json, json};

use super::MOST_ROWS;
use crate::plain::ROWS;
use crate::reader::Reader;
use crate::trouble::Trouble;

/// The document.
pub(super) fn document(reader: &Reader) -> Result<Json, Trouble> {
    let (view, pack) = (reader.view()?, &reader.office.pack);
    let mut paths = Map::new();
    let mut schemas = Map::new();
    schemas.insert("Error".to_owned(), error());
    let listed = get(
        reader,
        reader.say(LISTED),
        Vec::new(),
        json!({ "type": "object" }),
    );
    paths.insert("/api/registers".to_owned(), listed);
    for register in pack
        .registers
        .iter()
        .filter(|register| view.lists(register))
    {
        let name = register.name.get(reader.lang);
        let schema = format!("#/components/schemas/{}", register.id);
        let rows = json!({
            "type": "object",
            "properties": {
                "total": { "type": "integer" },
                "page": { "type": "integer" },
                "pages": { "type": "integer" },
                "rows": { "type": "array", "items": { "$ref": schema } },
            },
        });
        let parameters = parameters(reader, register, &view.offers(register));
        let list = get(reader, name, parameters, rows);
        paths.insert(format!("/api/registers/{}", register.id), list);
        let one = vec![parameter(
            "record",
            "path",
            reader.say(RECORD),
            &json!({ "type": "integer", "minimum": 1 }),
        )];
        let one = get(reader, name, one, json!({ "$ref": schema }));
        paths.insert(format!("/api/registers/{}/{{record}}", register.id), one);
        schemas.insert(register.id.clone(), record(reader, register));
    }
    completeness(reader, &mut paths);
    schemas.insert("List".to_owned(), super::completeness::schema());
    if reader.opens().figures {
        figures(reader, &mut paths);
        schemas.insert("Figure".to_owned(), figure());
    }
    let actions = get(
        reader,
        reader.say(ACTIONS_LISTED),
        Vec::new(),
        json!({ "type": "object" }),
    );
    paths.insert("/api/actions".to_owned(), actions);
    for (path, body) in super::actions::described(reader)? {
        let name = path.rsplit('/').next().and_then(|id| pack.action(id));
        let name = name.map_or("", |action| action.name().get(reader.lang));
        let answer = json!({ "type": "object" });
        let mut operation = get(reader, name, Vec::new(), answer)["get"].take();
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": body } },
        });
        paths.insert(path, json!({ "post": operation }));
    }
    let own = get(
        reader,
        reader.say(DESCRIBED),
        Vec::new(),
        json!({ "type": "object" }),
    );
    paths.insert("/api/openapi.json".to_owned(), own);
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": reader.say(TITLE),
            "description": reader.say(ABOUT),
            "version": pack.version,
        },
        "paths": paths,
        "security": [{ "key": [], "desk": [] }],
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": { "type": "apiKey", "in": "cookie", "name": "key" },
                "desk": { "type": "apiKey", "in": "cookie", "name": "desk" },
            },
        },
    }))
}

/// What may be asked of how lists stand.
fn completeness(reader: &Reader, paths: &mut Map<String, Json>) {
    let text = json!({ "type": "string" });
    let page = json!({ "type": "integer", "minimum": 1 });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": ROWS });
    let lists = reader.view().map(office::View::blank_lists);
    let lists = lists.unwrap_or_default().into_iter();
    let lists: Vec<&str> = lists.map(|roster| roster.id.as_str()).collect();
    let lists = json!({ "type": "string", "enum": lists });
    let states = office::ListState::ALL.map(office::ListState::as_str);
    let states = json!({ "type": "string", "enum": states });
    let asked = [
        ("unit", UNIT, &text),
        ("list", ROSTER, &lists),
        ("sender", SENDER, &text),
        ("state", STATE, &states),
        ("page", PAGE, &page),
        ("limit", LIMIT, &limit),
    ];
    let asked =
        asked.map(|(name, words, schema)| parameter(name, "query", reader.say(words), schema));
    let rows = json!({
        "type": "object",
        "properties": {
            "today": { "type": "string", "format": "date" },
            "total": { "type": "integer" },
            "page": { "type": "integer" },
            "pages": { "type": "integer" },
            "rows": { "type": "array", "items": { "$ref": "#/components/schemas/List" } },
        },
    });
    let path = get(reader, reader.say(COMPLETENESS), asked.to_vec(), rows);
    paths.insert("/api/completeness".to_owned(), path);
}

/// What may be asked of indicators and dashboards.
fn figures(reader: &Reader, paths: &mut Map<String, Json>) {
    let pack = &reader.office.pack;
    let text = json!({ "type": "string" });
    let of = || {
        vec![
            parameter("unit", "query", reader.say(UNIT), &text),
            parameter("period", "query", reader.say(PERIOD), &text),
        ]
    };
    let figure = json!({ "$ref": "#/components/schemas/Figure" });
    let object = json!({ "type": "object" });
    let all = get(reader, reader.say(INDICATORS_LISTED), of(), object.clone());
    paths.insert("/api/indicators".to_owned(), all);
    for indicator in &pack.indicators {
        let name = indicator.name.get(reader.lang);
        let path = format!("/api/indicators/{}", indicator.id);
        let mut groups = of();
        for id in pack.breaks_down(indicator) {
            let known = pack.dimension(&id);
            let keys = known
                .map(|known| office::groups(pack, known))
                .unwrap_or_default();
            let keys: Vec<String> = keys.into_iter().map(|(key, _)| key).collect();
            let label = known.map_or("", |known| known.name.get(reader.lang));
            let schema = json!({ "type": "string", "enum": keys });
            groups.push(parameter(&format!("g.{id}"), "query", label, &schema));
        }
        let mut one = groups.clone();
        let ways = crate::pages::indicator::ways(pack, indicator, true);
        let ways: Vec<String> = ways.into_iter().map(|(by, _)| by).collect();
        let by = json!({ "type": "string", "examples": ways });
        let last = json!({ "type": "integer", "minimum": 2, "maximum": pack::Each::MOST });
        one.push(parameter("by", "query", reader.say(BY), &by));
        one.push(parameter("last", "query", reader.say(LAST), &last));
        let answer = json!({ "type": "object", "properties": { "figure": figure } });
        paths.insert(path.clone(), get(reader, name, one, answer));
        let page = json!({ "type": "integer", "minimum": 1 });
        let limit =
            json!({ "type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": ROWS });
        groups.push(parameter("list", "query", reader.say(LIST), &page));
        groups.push(parameter("page", "query", reader.say(PAGE), &page));
        groups.push(parameter("limit", "query", reader.say(LIMIT), &limit));
        paths.insert(
            format!("{path}/rows"),
            get(reader, name, groups, object.clone()),
        );
    }
    let all = get(
        reader,
        reader.say(DASHBOARDS_LISTED),
        Vec::new(),
        object.clone(),
    );
    paths.insert("/api/dashboards".to_owned(), all);
    for dashboard in &pack.dashboards {
        let one = get(
            reader,
            dashboard.name.get(reader.lang),
            of(),
            object.clone(),
        );
        paths.insert(format!("/api/dashboards/{}", dashboard.id), one);
    }
}

/// A figure: a number written out, or why there is none.
fn figure() -> Json {
    json!({
        "type": "object",
        "properties": {
            "value": { "type": ["string", "null"] },
            "text": { "type": "string" },
            "unknown": { "type": ["object", "null"] },
            "without": { "type": "array", "items": { "type": "object" } },
            "until": { "type": ["string", "null"], "format": "date" },
        },
    })
}

/// One thing that may be asked.
fn get(reader: &Reader, summary: &str, mut parameters: Vec<Json>, answer: Json) -> Json {
    let day = json!({ "type": "string", "format": "date" });
    parameters.push(parameter("on", "query", reader.say(ON), &day));
    let lang = json!({ "type": "string", "enum": ["zh", "en"] });
    parameters.push(parameter("lang", "query", reader.say(LANG), &lang));
    let content = |schema: Json| json!({ "application/json": { "schema": schema } });
    let wrong = json!({ "$ref": "#/components/schemas/Error" });
    json!({
        "get": {
            "summary": summary,
            "parameters": parameters,
            "responses": {
                "200": { "description": summary, "content": content(answer) },
                "default": { "description": reader.say(WRONG), "content": content(wrong) },
            },
        },
    })
}

fn parameter(name: &str, place: &str, description: &str, schema: &Json) -> Json {
    json!({
        "name": name,
        "in": place,
        "required": place == "path",
        "description": description,
        "schema": schema,
    })
}

/// By what a list may be asked for.
fn parameters(reader: &Reader, register: &Register, offers: &[FieldOffer]) -> Vec<Json> {
    let text = json!({ "type": "string" });
    let ids = register.fields.iter().map(|field| field.id.as_str());
    let ids: Vec<&str> = ids.collect();
    let page = json!({ "type": "integer", "minimum": 1 });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": ROWS });
    let columns = json!({ "type": "array", "items": { "type": "string", "enum": ids } });
    let mut all = vec![
        parameter("unit", "query", reader.say(UNIT), &text),
        parameter("page", "query", reader.say(PAGE), &page),
        parameter("limit", "query", reader.say(LIMIT), &limit),
        parameter("col", "query", reader.say(COLUMNS), &columns),
    ];
    let offered = || register.fields.iter().zip(offers);
    let sorts = offered().filter(|(_, offer)| offer.sorts);
    let sorts = sorts.flat_map(|(field, _)| [field.id.clone(), format!("-{}", field.id)]);
    let sorts = json!({ "type": "string", "enum": sorts.collect::<Vec<_>>() });
    all.push(parameter("sort", "query", reader.say(SORT), &sorts));
    for (field, offer) in offered() {
        let name = field.name.get(reader.lang);
        let mut add = |of: &str, schema: &Json| {
            all.push(parameter(
                &format!("f.{}{of}", field.id),
                "query",
                name,
                schema,
            ));
        };
        if offer.by_value {
            add("", &wanted(reader, field));
            if is_stretch(&field.kind) {
                add(".from", &text);
                add(".to", &text);
            }
        }
        if offer.by_name {
            add(".name", &text);
        }
        if offer.by_unknown {
            add(".unknown", &json!({ "type": "string", "enum": ["1"] }));
        }
    }
    all
}

fn is_stretch(kind: &FieldType) -> bool {
    matches!(
        kind,
        FieldType::Int
            | FieldType::Fen
            | FieldType::Decimal { .. }
            | FieldType::Date
            | FieldType::Moment
            | FieldType::PartialDate
    )
}

/// What may be asked for of a field by its value.
fn wanted(reader: &Reader, field: &Field) -> Json {
    match &field.kind {
        FieldType::Code(list) | FieldType::List(Items::Codes(list)) => {
            let members = reader.office.pack.code(list);
            let members = members.map_or(&[][..], |list| &list.members);
            let values: Vec<&str> = members.iter().map(|m| m.value.as_str()).collect();
            json!({ "type": "array", "items": { "type": "string", "enum": values } })
        }
        FieldType::Bool => json!({ "type": "boolean" }),
        FieldType::Ref(_) => json!({ "type": "integer", "minimum": 1 }),
        _ => json!({ "type": "string" }),
    }
}

/// A record of a register.
fn record(reader: &Reader, register: &Register) -> Json {
    let mut cells = Map::new();
    for field in &register.fields {
        cells.insert(field.id.clone(), cell(reader, field));
    }
    json!({
        "type": "object",
        "properties": {
            "record": { "type": "integer" },
            "title": { "type": "string" },
            "unit": { "type": ["string", "null"] },
            "since": { "type": ["string", "null"], "format": "date" },
            "cells": { "type": "object", "properties": cells },
        },
    })
}

/// What stands in a field: a value, a mask, or why there is neither.
fn cell(reader: &Reader, field: &Field) -> Json {
    let value = match &field.kind {
        FieldType::Int | FieldType::Fen | FieldType::Ref(_) => json!({ "type": "integer" }),
        FieldType::Bool => json!({ "type": "boolean" }),
        FieldType::Date => json!({ "type": "string", "format": "date" }),
        FieldType::Moment => json!({ "type": "string", "format": "date-time" }),
        FieldType::List(_) => json!({ "type": "array", "items": { "type": "string" } }),
        _ => json!({ "type": "string" }),
    };
    json!({
        "type": "object",
        "description": field.name.get(reader.lang),
        "properties": {
            "value": value,
            "text": { "type": "string" },
            "masked": { "type": "string" },
            "unknown": { "const": true },
            "withheld": { "const": true },
            "as_read": { "type": "string" },
        },
    })
}

fn error() -> Json {
    json!({
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "status": { "type": "integer" },
                    "title": { "type": "string" },
                    "message": { "type": "string" },
                    "remedy": { "type": "string" },
                },
            },
        },
    })
}

words! {
    INDICATORS_LISTED: "各指标的数值", "The indicators with their figures";
    DASHBOARDS_LISTED: "各看板", "The dashboards there are";
    PERIOD: "期间：2025、2025H1、2025Q3、2025-07 或起止日期", "Period: 2025, 2025H1, 2025Q3, 2025-07 or from..to";
    BY: "按什么分：unit、维度（一个，或用逗号隔开的两个）、month、quarter、year", "What it is told apart by: unit, a dimension or two with a comma between, month, quarter, year";
    LAST: "序列取几期", "How many periods a series has";
    LIST: "第几个名单：分子、分母依次排列", "Which list, in the order of the definition";
    ACTIONS_LISTED: "可以办理的事项，及各问什么", "The actions there are, and what each asks for";
    TITLE: "台账各登记册", "The registers of the ledger";
    ABOUT: "权限、遮盖和访问日志与网页相同；可用的参数因人而异。读出的金额以分为单位；办理时金额写成以元为单位的文字。程序每次请求都带上 Cookie：key 为启动时打印的地址里的 key，desk 为办理人姓名（百分号编码）；POST 时另带 Origin，与所请求的地址相同，如 http://127.0.0.1:8087。", "Rights, masks and access log are those of the pages, and which parameters there are depends on the reader. Money that is read is in fen; in an action it is text in yuan. A program sends with every request the cookies `key`, which stands in the address that is printed at the start, and `desk`, the name of whoever is at the desk (percent-encoded); with a POST also the header `Origin`, which is the address that is asked, such as http://127.0.0.1:8087.";
    LISTED: "各登记册和条数", "The registers, and how many records each has";
    DESCRIBED: "本文档", "This document";
    COMPLETENESS: "各单位每份名册是否有效、应在何时前报送", "How each list of each unit stands, and when the next is due";
    ROSTER: "名册代号", "Id of a roster";
    SENDER: "报送单位：代码表“来源”的值", "The sender: a value of the code list of sources";
    STATE: "名册的状态", "How a list stands";
    RECORD: "记录号", "Number of the record";
    ON: "哪一天的情况", "As of which day";
    LANG: "文字用哪种语言", "The language of words";
    WRONG: "没有办成：发生了什么、怎么办", "What went wrong, and what to do";
    UNIT: "单位代码：这个单位及其以下", "Code of a unit: it and all below it";
    PAGE: "第几页", "Which page";
    LIMIT: "每页几条", "How many rows a page";
    COLUMNS: "要哪些字段，可写多次", "Which fields; may be given several times";
    SORT: "按哪个字段排列，减号为从大到小", "Sorted by which field; a minus begins with the largest";
}
