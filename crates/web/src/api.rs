//! Registers and figures for programs: what the pages show, as JSON, under the same rights, the same query parameters and the same access log.
//! A cell says whether it is a value, a mask, unknown or withheld, which aren't the same; what goes wrong has a status, what happened
//! and what to do, in the reader's language. Actions are the only thing written.

pub(crate) mod actions;
pub(crate) mod completeness;
mod described;
pub(crate) mod figures;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::RecordId;
use office::{RecordFound, SeenCell, SeenRecord, SeenTitle, ToldEntry, UnitNames};
use pack::{Field, FieldType, Register, Text, Value};
use serde_json::{Map, Value as Json, json};

use crate::pages::person_records::whose;
use crate::pages::registers::list::{Asked, asked};
use crate::pages::registers::record::{MOST_ENTRIES, MOST_REFERRING};
use crate::pages::registers::{plain_cell, title};
use crate::plain::ROWS;
use crate::reader::Reader;
use crate::shown;
use crate::trouble::Trouble;

/// The most rows of one answer.
const MOST_ROWS: usize = 500;

/// Whether a request is a program's.
pub(crate) fn is_asked(reader: &Reader) -> bool {
    reader.path.starts_with("/api/")
}

/// The answer: what was asked for, or what went wrong and what to do.
pub(crate) fn respond(reader: &Reader, answer: Result<Json, Trouble>) -> Response {
    let (status, answer) = match answer {
        Ok(answer) => (StatusCode::OK, answer),
        Err(trouble) => {
            if trouble.status().is_server_error() {
                tracing::error!(path = reader.path, "{trouble}");
            }
            let (heading, what, remedy) = trouble.told(reader.lang);
            let status = trouble.status();
            let error = json!({
                "status": status.as_u16(),
                "title": heading,
                "message": what,
                "remedy": remedy,
            });
            (status, json!({ "error": error }))
        }
    };
    let media = [(header::CONTENT_TYPE, "application/json")];
    (status, media, answer.to_string()).into_response()
}

/// The registers, by heading, with how many records each has.
pub(crate) async fn registers(reader: Reader) -> Response {
    let answer = registers_read(&reader).await;
    respond(&reader, answer)
}

/// A page of the records of a register.
pub(crate) async fn register(Path(id): Path<String>, reader: Reader) -> Response {
    let answer = register_read(&reader, &id).await;
    respond(&reader, answer)
}

/// One record of a register.
pub(crate) async fn record(Path((id, number)): Path<(String, String)>, reader: Reader) -> Response {
    let answer = match crate::pages::record(&number) {
        Ok(number) => record_read(&reader, &id, number).await,
        Err(trouble) => Err(trouble),
    };
    respond(&reader, answer)
}

/// What there is to be asked here.
pub(crate) async fn described(reader: Reader) -> Response {
    let answer = described::document(&reader);
    respond(&reader, answer)
}

async fn registers_read(reader: &Reader) -> Result<Json, Trouble> {
    let groups = reader.view()?.registers(reader.on).await?;
    let groups = groups.iter().map(|group| {
        let registers = group.registers.iter().map(|(register, count)| {
            json!({
                "id": register.id,
                "name": both(&register.name),
                "help": register.look.help.as_ref().map(both),
                "records": count,
            })
        });
        json!({
            "id": group.heading.map(|member| &member.value),
            "name": group.heading.map(|member| both(&member.name)),
            "registers": registers.collect::<Vec<_>>(),
        })
    });
    let groups: Vec<Json> = groups.collect();
    Ok(json!({ "on": reader.on.to_string(), "groups": groups }))
}

async fn register_read(reader: &Reader, id: &str) -> Result<Json, Trouble> {
    let asked = asked(reader, id)?;
    let view = reader.view()?;
    let (page, most) = (reader.page()?, most(reader)?);
    let found = view.records(reader.on, asked.register, &asked.query, (page, most));
    let found = found.await?;
    let units = view.units(reader.on).await?;
    let register = asked.register;
    let shown = asked.query.shown(register);
    let rows = found.rows.iter();
    let rows = rows.map(|record| row(reader, &units, (register, shown), record));
    let order = asked.query.sorted(register, &asked.offers).into_iter();
    let order = order.filter_map(|by| {
        let sign = if by.descending { "-" } else { "" };
        Some(format!("{sign}{}", register.fields.get(by.field)?.id))
    });
    Ok(json!({
        "register": register.id,
        "on": reader.on.to_string(),
        "unit": asked.query.unit.map(|unit| unit.to_string()),
        "order": order.collect::<Vec<_>>(),
        "columns": columns(&asked),
        "page": page,
        "pages": found.total.div_ceil(most).max(1),
        "total": found.total,
        "rows": rows.collect::<Vec<_>>(),
    }))
}

/// How many rows are asked for at once.
fn most(reader: &Reader) -> Result<usize, Trouble> {
    let Some(asked) = reader.ask("limit") else {
        return Ok(ROWS);
    };
    let most = asked.parse().ok();
    let most = most.filter(|most| (1..=MOST_ROWS).contains(most));
    most.ok_or(Trouble::Question(BAD_LIMIT))
}

/// The columns, with what may be asked for of each.
fn columns(asked: &Asked<'_>) -> Vec<Json> {
    let shown = asked.query.shown(asked.register).iter();
    let column = |at: &usize| {
        let field = asked.register.fields.get(*at)?;
        let offer = asked.offers.get(*at).copied().unwrap_or_default();
        Some(json!({
            "id": field.id,
            "name": both(&field.name),
            "type": field.kind.as_str(),
            "filters": offer.by_value || offer.by_name || offer.by_unknown,
            "sorts": offer.sorts,
        }))
    };
    shown.filter_map(column).collect()
}

async fn record_read(reader: &Reader, id: &str, number: RecordId) -> Result<Json, Trouble> {
    let view = reader.view()?;
    let register = view.register(id)?;
    let found = view.record(reader.on, register, number).await?;
    let units = view.units(reader.on).await?;
    let of = [(register.id.clone(), number)];
    let history = view.history(&of, MOST_ENTRIES).await?;
    let history = history.iter();
    let history: Vec<Json> = history
        .map(|told| entry(reader, &units, register, told))
        .collect();
    let mut answer = match &found {
        RecordFound::NotOnDay => json!({ "record": number.0 }),
        RecordFound::There(record) => {
            let all: Vec<usize> = (0..register.fields.len()).collect();
            row(reader, &units, (register, &all), record)
        }
    };
    answer["register"] = json!(register.id);
    answer["on"] = json!(reader.on.to_string());
    answer["there"] = json!(matches!(found, RecordFound::There(_)));
    answer["history"] = json!(history);
    if let RecordFound::There(_) = &found {
        let referring = view.referring(reader.on, register, number, MOST_REFERRING);
        let referring = referring.await?;
        let referring = referring.iter().map(|of| {
            let rows = of.rows.iter();
            let rows = rows.map(|record| named(reader, &units, &record.title(of.register)));
            json!({
                "register": of.register.id,
                "field": of.register.fields.get(of.field).map(|field| &field.id),
                "total": of.total,
                "records": rows.collect::<Vec<_>>(),
            })
        });
        answer["referring"] = json!(referring.collect::<Vec<_>>());
    }
    Ok(answer)
}

/// A record with some of its fields.
fn row(
    reader: &Reader,
    units: &UnitNames,
    (register, shown): (&Register, &[usize]),
    record: &SeenRecord,
) -> Json {
    let mut cells = Map::new();
    for at in shown {
        if let Some(field) = register.fields.get(*at) {
            cells.insert(field.id.clone(), cell(reader, units, (*at, field), record));
        }
    }
    json!({
        "record": record.row.record.0,
        "title": title(reader, units, &record.title(register)),
        "unit": record.row.unit.map(|unit| unit.to_string()),
        "since": record.row.since.map(|since| since.to_string()),
        "cells": cells,
    })
}

/// What stands in a field, with what could not be read there and what names the record it leads to.
fn cell(
    reader: &Reader,
    units: &UnitNames,
    (at, field): (usize, &Field),
    record: &SeenRecord,
) -> Json {
    let mut cell = seen(reader, units, field, record.row.cell(&field.id));
    if let Some(title) = record.reference(at) {
        cell["text"] = json!(self::title(reader, units, title));
        cell["register"] = json!(title.register);
    }
    match record.row.unread(&field.id) {
        None => {}
        Some(SeenCell::AsRead(text)) => cell["as_read"] = json!(text),
        Some(_) => cell["as_read_withheld"] = json!(true),
    }
    cell
}

/// A cell: exactly one of `value`, `masked`, `unknown`, `withheld` and `as_read`; a value with its words, where they are others.
fn seen(reader: &Reader, units: &UnitNames, field: &Field, cell: &SeenCell) -> Json {
    match cell {
        SeenCell::Value(value) => {
            let raw = raw(&field.kind, value);
            let words = plain_cell(reader, units, &field.kind, cell);
            let says_so = match field.kind {
                FieldType::Int | FieldType::Ref(_) => true,
                _ => raw.as_str() == Some(words.as_str()),
            };
            match says_so {
                true => json!({ "value": raw }),
                false => json!({ "value": raw, "text": words }),
            }
        }
        SeenCell::Masked(text) => json!({ "masked": text }),
        SeenCell::Unknown => json!({ "unknown": true }),
        SeenCell::Withheld => json!({ "withheld": true }),
        SeenCell::AsRead(text) => json!({ "as_read": text }),
    }
}

/// A value: money in fen, a list as a list, everything else as records keep it.
fn raw(kind: &FieldType, value: &Value) -> Json {
    match (value, kind) {
        (Value::Int(number), _) => json!(number),
        (Value::Bool(truth), _) => json!(truth),
        (Value::Text(text), FieldType::List(_)) => json!(text.lines().collect::<Vec<_>>()),
        (value, _) => json!(value.to_string()),
    }
}

/// A record by what names it.
fn named(reader: &Reader, units: &UnitNames, of: &SeenTitle) -> Json {
    json!({ "record": of.record.0, "title": title(reader, units, of) })
}

/// What was said of a record once.
fn entry(reader: &Reader, units: &UnitNames, register: &Register, told: &ToldEntry) -> Json {
    let mut said = Map::new();
    for (at, cell) in &told.said {
        if let Some(field) = register.fields.get(*at) {
            said.insert(field.id.clone(), seen(reader, units, field, cell));
        }
    }
    json!({
        "recorded_at": told.commit.recorded_at.to_string(),
        "from": told.from().map(|from| from.to_string()),
        "until": told.entry.until.map(|until| until.to_string()),
        "as_of": told.say.as_ref().map(|say| say.as_of.to_string()),
        "entry": told.entry.kind.as_str(),
        "said": said,
        "whose": told.say.as_ref().map(|say| &say.voice.sender),
        "whose_name": whose(reader, told),
        "by": told.commit.actor,
        "source": shown::source(reader, Some(units), &told.commit.source),
        "commit": told.commit.number,
        "undone_by": told.commit.undone_by,
    })
}

fn both(text: &Text) -> Json {
    json!({ "zh": text.zh, "en": text.en })
}

words! {
    BAD_LIMIT: "limit 应为1至500的整数。", "limit is a whole number from 1 to 500.";
}
