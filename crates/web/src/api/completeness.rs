//! How lists stand, for programs: what the page of completeness shows, as JSON.

use axum::response::Response;
use office::{ListState, PartOf};
use serde_json::{Value as Json, json};

use super::{most, respond};
use crate::pages::completeness::asked;
use crate::reader::Reader;
use crate::trouble::Trouble;

/// A page of how the lists stand, with what all of them come to and what to write to their senders.
pub(crate) async fn lists(reader: Reader) -> Response {
    let answer = read(&reader).await;
    respond(&reader, answer)
}

async fn read(reader: &Reader) -> Result<Json, Trouble> {
    let (view, asked) = (reader.view()?, asked(reader)?);
    let (page, most) = (reader.page()?, most(reader)?);
    let told = view.completeness(&asked).await?;
    let units = view.units(told.today).await?;
    let from = (page - 1).saturating_mul(most).min(told.rows.len());
    let to = from.saturating_add(most).min(told.rows.len());
    let mut answer = told.json(&reader.office, &units, &told.rows[from..to]);
    let reminders = told.reminders(&reader.office, &units, reader.lang);
    let reminders = reminders.iter().map(|reminder| {
        json!({
            "sender": reminder.sender,
            "to": reminder.to,
            "lists": reminder.lists,
            "text": reminder.text,
        })
    });
    answer["reminders"] = json!(reminders.collect::<Vec<_>>());
    answer["page"] = json!(page);
    answer["pages"] = json!(told.rows.len().div_ceil(most).max(1));
    Ok(answer)
}

/// What is told of a list.
pub(super) fn schema() -> Json {
    let day = || json!({ "type": ["string", "null"], "format": "date" });
    let whole = || json!({ "type": ["integer", "null"] });
    let text = || json!({ "type": "string" });
    let both = || json!({ "type": "object", "properties": { "zh": text(), "en": text() } });
    let states = ListState::ALL.map(ListState::as_str);
    let partial = [PartOf::Said, PartOf::Unplaced, PartOf::Fewer(None)].map(PartOf::as_str);
    let mut partial: Vec<Json> = partial.iter().map(|word| json!(word)).collect();
    partial.push(Json::Null);
    let stretch = json!({ "type": "object", "properties": { "from": day(), "to": day() } });
    json!({
        "type": "object",
        "properties": {
            "unit": text(),
            "unit_name": text(),
            "list": text(),
            "list_name": both(),
            "parts": { "type": "array", "items": text() },
            "sender": text(),
            "sender_name": both(),
            "on_time": {
                "type": "object",
                "properties": { "part": { "type": "integer" }, "whole": { "type": "integer" } },
            },
            "state": { "type": "string", "enum": states },
            "due": day(),
            "valid_until": day(),
            "gaps": { "type": "array", "items": stretch },
            "kept": { "type": "boolean" },
            "answers_waiting": whole(),
            "money_waiting": {
                "type": ["object", "null"],
                "properties": { "fen": whole(), "illustrative_fen": whole(), "untold": whole() },
            },
            "last": {
                "type": ["object", "null"],
                "properties": {
                    "commit": whole(),
                    "unit": text(),
                    "sender": text(),
                    "as_of": day(),
                    "since": day(),
                    "arrived": day(),
                    "rows": whole(),
                    "unplaced": whole(),
                    "partial": { "enum": partial },
                    "rows_before": whole(),
                },
            },
        },
    })
}
