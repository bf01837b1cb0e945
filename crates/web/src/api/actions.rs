//! Actions as JSON: what there is to carry out, what one would do, and its being carried out. The same engine as the forms', with values
//! as JSON has them; a record is its number, or is named by what a list names it by.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use jiff::civil::Date;
use kernel::RecordId;
use office::{
    ActForm, ActRow, ActedRow, Effect, Level, SeenAct, SeenWord, ToldBy, UnitNames, Verdict,
};
use pack::{Action, FieldType, Input};
use serde_json::{Map, Value as Json, json};

use super::{both, respond, seen};
use crate::reader::Reader;
use crate::trouble::Trouble;
use crate::words;

/// The actions somebody may carry out, each with what it asks for.
pub(crate) async fn actions(reader: Reader) -> Response {
    respond(&reader, list(&reader))
}

/// What was sent: looked at, or carried out if it says `"write": true`.
pub(crate) async fn act(Path(id): Path<String>, reader: Reader, body: Bytes) -> Response {
    let answer = sent(&reader, &id, &body).await;
    respond(&reader, answer)
}

fn list(reader: &Reader) -> Result<Json, Trouble> {
    let actions = reader.view()?.actions();
    let actions: Vec<Json> = actions
        .into_iter()
        .map(|action| {
            json!({
                "id": action.id(),
                "name": both(action.name()),
                "help": both(&action.help),
                "group": action.group,
                "inputs": action.inputs.iter().map(|input| asked(reader, action, input)).collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(json!({ "actions": actions }))
}

fn asked(reader: &Reader, action: &Action, input: &Input) -> Json {
    let mut told = json!({
        "id": input.id,
        "name": both(&input.name),
        "required": input.required,
        "several": input.several,
    });
    match (action.kind_of(input), action.register_of(input)) {
        (Some(kind), _) => {
            told["type"] = kind.as_str().into();
            if let FieldType::Code(list) = kind
                && let Some(list) = reader.office.pack.code(list)
            {
                let members = list.members.iter();
                let members = members.map(|m| json!({ "value": m.value, "name": both(&m.name) }));
                told["values"] = members.collect();
            }
        }
        (None, register) => {
            told["type"] = "ref".into();
            told["register"] = register.into();
        }
    }
    told
}

async fn sent(reader: &Reader, id: &str, body: &Bytes) -> Result<Json, Trouble> {
    let view = reader.view()?;
    let action = view.action(id)?;
    let sent: Json = serde_json::from_slice(body).map_err(|_| Trouble::Form(NO_JSON))?;
    let sent = sent.as_object().ok_or(Trouble::Form(NO_JSON))?;
    let known = ["on", "unit", "who", "form", "write", "rows"];
    if sent.keys().any(|key| !known.contains(&key.as_str())) {
        return Err(Trouble::Form(NO_JSON));
    }
    let (write, form) = read(reader, action, sent)?;
    let seen = match write {
        true => reader.writer()?.carry_out(&form).await?,
        false => view.try_action(&form).await?,
    };
    let units = view.units(reader.on).await?;
    Ok(told(reader, &units, &seen))
}

/// What is asked, and whether it is to be written.
fn read(
    reader: &Reader,
    action: &Action,
    sent: &Map<String, Json>,
) -> Result<(bool, ActForm), Trouble> {
    let today = reader.office.today();
    let on = match sent.get("on") {
        None => reader.on.min(today),
        Some(on) => (on.as_str().and_then(|on| on.parse::<Date>().ok()))
            .filter(|on| *on <= today)
            .ok_or(Trouble::Form(words::BAD_DATE))?,
    };
    let unit = match sent.get("unit") {
        None => None,
        Some(unit) => {
            let unit = unit.as_str().and_then(|unit| unit.parse().ok());
            let unit = unit.ok_or(Trouble::Form(NO_JSON))?;
            let sees = reader.view()?.grant().sees(&unit);
            Some(sees.then_some(unit).ok_or(Trouble::Absent)?)
        }
    };
    let told = match sent.get("who") {
        None => None,
        Some(Json::String(new)) if new == "new" => Some(ToldBy::New),
        Some(person) => Some(ToldBy::Person(number(person)?)),
    };
    let rows = sent.get("rows").and_then(Json::as_array);
    let rows = rows.ok_or(Trouble::Form(NO_JSON))?;
    let row = |row: &Json| -> Result<ActRow, Trouble> {
        let given = row.as_object().ok_or(Trouble::Form(NO_JSON))?;
        let mut row = ActRow::default();
        for (name, value) in given {
            let input = action.input(name);
            match input.is_some_and(|input| action.register_of(input).is_some()) {
                true => drop(row.records.insert(name.clone(), number(value)?)),
                false => drop(row.values.insert(name.clone(), value.clone())),
            }
        }
        Ok(row)
    };
    let form = ActForm {
        action: action.id().to_owned(),
        on,
        unit,
        rows: rows.iter().map(row).collect::<Result<_, _>>()?,
        told,
        form: sent
            .get("form")
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned(),
    };
    Ok((
        sent.get("write").and_then(Json::as_bool).unwrap_or(false),
        form,
    ))
}

fn number(value: &Json) -> Result<RecordId, Trouble> {
    let number = value.as_i64().filter(|number| *number > 0);
    number.map(RecordId).ok_or(Trouble::Form(NO_JSON))
}

/// What an action would do, or has done.
fn told(reader: &Reader, units: &UnitNames, seen: &SeenAct) -> Json {
    json!({
        "commit": seen.commit,
        "unit": seen.unit.to_string(),
        "rows": seen.rows.iter().map(|row| told_row(reader, row)).collect::<Vec<_>>(),
        "words": seen.words.iter().map(|word| told_word(reader, units, word)).collect::<Vec<_>>(),
        "again": seen.again,
        "doubts": seen.not_meant.iter().chain(&seen.doubts).map(both).collect::<Vec<_>>(),
        "effects": seen.effects.as_ref().map(|effects| effects.iter().map(effect).collect::<Vec<_>>()),
    })
}

fn told_row(reader: &Reader, row: &ActedRow) -> Json {
    let verdict = match row.verdict {
        Verdict::Opened => "opened",
        Verdict::Changed => "changed",
        Verdict::Closed => "closed",
        Verdict::Unchanged => "unchanged",
        Verdict::Asked => "asked",
        Verdict::Repeated => "repeated",
        Verdict::Skipped => "skipped",
        Verdict::Rejected => "rejected",
    };
    let level = |level| match level {
        Level::Repaired => "repaired",
        Level::Doubt => "doubt",
        Level::Asked => "asked",
        Level::Repeated => "repeated",
        Level::Skipped => "skipped",
        Level::Rejected => "rejected",
    };
    let notes = row.notes.iter().map(|note| {
        json!({
            "column": note.column.as_ref().map(|column| both(&column.name)),
            "level": level(note.finding.level()),
            "message": note.finding.in_form(reader.lang),
        })
    });
    json!({
        "verdict": verdict,
        "notes": notes.collect::<Vec<_>>(),
        "may_be": row.may_be.iter().map(|person| person.0).collect::<Vec<_>>(),
    })
}

fn told_word(reader: &Reader, units: &UnitNames, word: &SeenWord) -> Json {
    let register = reader.office.pack.register(&word.register);
    let fields = word.fields.iter().filter_map(|change| {
        let field = register?.fields.get(change.at)?;
        Some((
            field.id.clone(),
            json!({
                "before": seen(reader, units, field, &change.before),
                "after": change.after.as_ref().map(|after| seen(reader, units, field, after)),
                "stands": change.stands,
            }),
        ))
    });
    json!({
        "register": word.register,
        "record": word.record.map(|record| record.0),
        "about": word.about.iter().map(|(record, name)| json!({ "record": record.map(|record| record.0), "name": name })).collect::<Vec<_>>(),
        "from": word.from.map(|day| day.to_string()),
        "until": word.until.map(|day| day.to_string()),
        "fields": fields.collect::<BTreeMap<String, Json>>(),
    })
}

fn effect(effect: &Effect) -> Json {
    json!({
        "register": effect.register,
        "record": effect.record.map(|record| record.0),
        "name": effect.name,
        "programme": effect.programme,
        "before": effect.before.map(|answer| answer.as_str()),
        "after": effect.after.map(|answer| answer.as_str()),
    })
}

/// What may be sent for each action somebody may carry out: path and operation.
pub(super) fn described(reader: &Reader) -> Result<Vec<(String, Json)>, Trouble> {
    let actions = reader.view()?.actions().into_iter();
    let each = actions.map(|action| {
        let inputs = action.inputs.iter().map(|input| {
            let kind = match action.kind_of(input) {
                None => json!({ "type": "integer", "minimum": 1 }),
                Some(FieldType::Int) => json!({ "type": ["integer", "string"] }),
                Some(FieldType::Bool) => json!({ "type": ["boolean", "string"] }),
                Some(_) => json!({ "type": "string" }),
            };
            let mut kind = kind;
            let name = input.name.get(reader.lang);
            kind["description"] = match action.kind_of(input) {
                Some(FieldType::Fen) => format!("{name}{}", reader.say(IN_YUAN)).into(),
                _ => name.into(),
            };
            if let Some(FieldType::Code(list)) = action.kind_of(input)
                && let Some(list) = reader.office.pack.code(list)
            {
                let values = list.members.iter().map(|member| member.value.as_str());
                kind["examples"] = values.collect();
            }
            (input.id.clone(), kind)
        });
        let required = action.inputs.iter().filter(|input| input.required);
        let required: Vec<&str> = required.map(|input| input.id.as_str()).collect();
        let row = json!({
            "type": "object",
            "required": required,
            "properties": inputs.collect::<Map<String, Json>>(),
        });
        let body = json!({
            "type": "object",
            "required": ["rows"],
            "properties": {
                "rows": { "type": "array", "items": row },
                "on": { "type": "string", "format": "date" },
                "unit": { "type": "string" },
                "who": { "type": ["string", "integer"], "description": reader.say(WHO) },
                "form": { "type": "string", "description": reader.say(FORM) },
                "write": { "type": "boolean", "description": reader.say(WRITE) },
            },
        });
        (format!("/api/actions/{}", action.id()), body)
    });
    Ok(each.collect())
}

words! {
    IN_YUAN: "，以元为单位的文字，如“180.00”", ", as text, in yuan: “180.00”";
    WHO: "新建的人是谁：new，或已有的人的编号", "Who is opened: `new`, or the record of somebody known";
    FORM: "区别这次提交；同样的内容、同样的 form 只办一次", "What tells this from another: the same with the same `form` is done once";
    WRITE: "为 true 才写入，否则只核对", "Written only if true; otherwise looked at";
    NO_JSON: "请求不是这项办理能读的 JSON：应有 rows，每行为所填各项；可以有 on、unit、who、form、write。", "This is no JSON this action can read: `rows` with what is filled in, and perhaps `on`, `unit`, `who`, `form` and `write`.";
}
