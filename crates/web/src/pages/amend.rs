//! Putting a record right by itself: its fields with what stands, what each should be, and whether that was wrong, has changed, or the
//! record is no more. It is looked at before it is written, as an action is.

use std::collections::BTreeMap;

use kernel::RecordId;
use maud::{Markup, html};
use office::{Amend, AmendRequest, Around, Level, OfficeError, SeenAct, SeenRow, UnitNames};
use pack::{Field, FieldType, Register};

use super::action::ready;
use super::action_inputs::day;
use super::action_outcome::outcome;
use super::refs::Refs;
use super::registers::plain_cell;
use super::stood::{self, Changed, Stood};
use crate::desk;
use crate::guard;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// What was filled in.
struct Filled {
    how: &'static str,
    /// The day it changed or ended, as it was written.
    day: String,
    fields: BTreeMap<String, Option<String>>,
    form: String,
}

/// The way to put a record right, for who may write its register.
pub(crate) fn link(reader: &Reader, register: &Register, row: &SeenRow) -> Markup {
    html! {
        @if may(reader, register, row) { " " a.answer-it href=(reader.link(&address(register, row.record), &[])) { (reader.say(AMEND)) } }
    }
}

/// The ways to put several records right that a page shows together, each by the name of its register.
pub(crate) fn links(reader: &Reader, records: &[(&Register, &SeenRow)]) -> Markup {
    let own = records
        .iter()
        .filter(|(register, row)| may(reader, register, row));
    let own: Vec<_> = own.collect();
    html! {
        @if !own.is_empty() {
            p.label { (reader.say(AMEND)) }
            ul {
                @for (register, row) in own {
                    li { a href=(reader.link(&address(register, row.record), &[])) { (register.name.get(reader.lang)) } }
                }
            }
        }
    }
}

/// Whether a record may be put right by whoever reads.
pub(super) fn may(reader: &Reader, register: &Register, row: &SeenRow) -> bool {
    let view = reader.view();
    view.is_ok_and(|view| view.may_amend(register, row.unit))
}

fn address(register: &Register, record: RecordId) -> String {
    format!("/amend/{}.{record}", register.id)
}

/// The register and record an address names.
fn place<'r>(reader: &'r Reader, place: &str) -> Result<(&'r Register, RecordId), Trouble> {
    let (register, record) = place.split_once('.').ok_or(Trouble::Absent)?;
    let register = reader
        .office
        .pack
        .register(register)
        .ok_or(Trouble::Absent)?;
    Ok((register, super::record(record)?))
}

/// The form, with what stands.
pub(crate) async fn form(reader: &Reader, at: &str) -> Result<Page, Trouble> {
    let (register, record) = place(reader, at)?;
    let form = guard::new_key().map_err(|error| OfficeError::Broken(error.to_string()))?;
    let filled = Filled {
        how: "wrong",
        day: String::new(),
        fields: BTreeMap::new(),
        form,
    };
    page(reader, (register, record), &filled, Shown::default()).await
}

/// What the form shows besides its fields.
#[derive(Clone, Copy, Default)]
struct Shown<'s> {
    /// What it would write.
    seen: Option<&'s SeenAct>,
    /// What the form had seen.
    stood: Option<&'s Stood>,
}

/// What was sent: looked at first, and written when that was seen.
pub(crate) async fn sent(reader: &Reader, at: &str, fields: desk::Fields) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let (register, record) = place(reader, at)?;
    let fields = desk::read(fields)?;
    let filled = read(register, &fields);
    let stood = Stood::read(&fields);
    let today = reader.on.min(reader.office.today());
    let written = day(reader, &filled.day).filter(|day| *day <= reader.office.today());
    let how = match (filled.how, written) {
        ("changed", Some(day)) => Amend::Changed(day),
        ("ended", Some(day)) => Amend::Ended(day),
        ("wrong", _) => Amend::Wrong,
        // A day is needed, and there is none.
        _ => {
            let shown = Shown {
                stood: Some(&stood),
                ..Shown::default()
            };
            return page(reader, (register, record), &filled, shown).await;
        }
    };
    let request = AmendRequest {
        register: register.id.clone(),
        record,
        how,
        fields: match how {
            Amend::Ended(_) => BTreeMap::new(),
            _ => filled.fields.clone(),
        },
        on: today,
        form: filled.form.clone(),
    };
    let write = desk::field(&fields, "step") == Some("write");
    // What somebody else changed since the form was opened isn't written over before both were seen.
    let write = write && {
        let (around, units) = (
            view.around(reader.on, record).await?,
            view.units(reader.on).await?,
        );
        let row = of(&around, register, record)?;
        changed(reader, &units, (register, row), &filled, &stood).is_empty()
    };
    let seen = view.amend(&request, write).await?;
    match seen.commit {
        Some(commit) => Ok(Page::elsewhere(back(reader, register, record, commit))),
        None => {
            let shown = Shown {
                seen: Some(&seen),
                stood: Some(&stood),
            };
            page(reader, (register, record), &filled, shown).await
        }
    }
}

/// Where the reader goes when it is done.
fn back(reader: &Reader, register: &Register, record: RecordId, commit: i64) -> String {
    let (contract, commit) = (&reader.office.contract, commit.to_string());
    let done = [("done", commit.as_str())];
    match &register.id {
        id if *id == contract.people.register.id => {
            reader.link(&format!("/people/{record}"), &done)
        }
        id if *id == contract.households.register.id => {
            reader.link(&format!("/households/{record}"), &done)
        }
        id => reader.link(&format!("/registers/{id}/{record}"), &done),
    }
}

fn read(register: &Register, fields: &[(String, String)]) -> Filled {
    let mut filled = Filled {
        how: match desk::field(fields, "how") {
            Some("changed") => "changed",
            Some("ended") => "ended",
            _ => "wrong",
        },
        day: desk::field(fields, "day").unwrap_or_default().to_owned(),
        fields: BTreeMap::new(),
        form: desk::field(fields, "form").unwrap_or_default().to_owned(),
    };
    for field in amendable(register) {
        let unknown = desk::field(fields, &format!("u.{}", field.id)).is_some();
        let text = desk::field(fields, &format!("i.{}", field.id));
        if unknown || text.is_some() {
            let text = text.filter(|_| !unknown).map(ToOwned::to_owned);
            filled.fields.insert(field.id.clone(), text);
        }
    }
    filled
}

/// The fields that can be put right here: references are changed by actions, files aren't sent by this form.
fn amendable(register: &Register) -> impl Iterator<Item = &Field> {
    let fields = register
        .fields
        .iter()
        .filter(|field| field.retired.is_none());
    fields.filter(|field| !matches!(field.kind, FieldType::Ref(_) | FieldType::File))
}

/// The record, as it is seen.
fn of<'a>(
    around: &'a Around,
    register: &Register,
    record: RecordId,
) -> Result<&'a SeenRow, Trouble> {
    let mut rows = around.of(&register.id).iter();
    let row = rows.find(|row| row.record == record);
    row.ok_or(Trouble::Absent)
}

/// What stands in the fields that can be put right.
fn stands(reader: &Reader, units: &UnitNames, register: &Register, row: &SeenRow) -> Stood {
    let mut stood = Stood::default();
    for field in amendable(register) {
        let text = plain_cell(reader, units, &field.kind, row.cell(&field.id));
        stood.add(&register.id, row.record.0, &field.id, text);
    }
    stood
}

/// What of the fields that are to be put right differs from what the form had seen.
fn changed(
    reader: &Reader,
    units: &UnitNames,
    (register, row): (&Register, &SeenRow),
    filled: &Filled,
    stood: &Stood,
) -> Vec<Changed> {
    let mut now = Stood::default();
    for field in amendable(register).filter(|field| filled.fields.contains_key(&field.id)) {
        let text = plain_cell(reader, units, &field.kind, row.cell(&field.id));
        now.add(&register.id, row.record.0, &field.id, text);
    }
    stood.changed(reader, &now)
}

async fn page(
    reader: &Reader,
    (register, record): (&Register, RecordId),
    filled: &Filled,
    shown: Shown<'_>,
) -> Result<Page, Trouble> {
    let (view, seen) = (reader.view()?, shown.seen);
    let around = view.around(reader.on, record).await?;
    let row = of(&around, register, record)?;
    if !view.may_amend(register, row.unit) {
        return Err(Trouble::Absent);
    }
    let units = view.units(reader.on).await?;
    let hows = [("wrong", WRONG), ("changed", CHANGED), ("ended", ENDED)];
    let needs_day = filled.how != "wrong" && day(reader, &filled.day).is_none();
    let meanwhile = shown.stood.map_or_else(Vec::new, |stood| {
        changed(reader, &units, (register, row), filled, stood)
    });
    let draft = address(register, record);
    let body = html! {
        (desk::line(reader))
        form.act method="post" action=(reader.link(&address(register, record), &[])) data-draft=(draft) data-owner=(reader.desk.as_deref().unwrap_or_default()) data-fresh=[shown.stood.is_none().then_some("1")] data-restored=(reader.say(words::RESTORED)) data-discard=(reader.say(words::DISCARD)) {
            input type="hidden" name="form" value=(filled.form);
            (stands(reader, &units, register, row).hidden())
            (stood::told(reader, &meanwhile))
            @if let Some(seen) = seen { (outcome(reader, (&units, &Refs::new()), seen, &[])) }
            fieldset.field {
                legend { (reader.say(HOW)) }
                @for (value, words) in hows {
                    label.choice { input type="radio" name="how" value=(value) checked[filled.how == value]; " " (reader.say(words)) }
                }
            }
            div.field {
                label for="day" { (reader.say(DAY)) }
                input #day name="day" type="text" autocomplete="off" maxlength="40" value=(filled.day);
                p.hint { (reader.say(DAY_HINT)) }
                @if needs_day && !filled.day.is_empty() { p.wrong { (words::bad_day(&filled.day, reader.lang)) } }
                @if needs_day && filled.day.is_empty() { p.wrong { (reader.say(DAY_NEEDED)) } }
            }
            table.amend aria-label=(register.name.get(reader.lang)) {
                thead { tr { th scope="col" { (reader.say(words::FIELD)) } th scope="col" { (reader.say(STANDS)) } th scope="col" { (reader.say(SHOULD_BE)) } th scope="col" { (reader.say(UNKNOWN)) } } }
                tbody { @for field in amendable(register) { (line(reader, &units, (register, field), row, filled, seen)) } }
            }
            p.buttons {
                button type="submit" name="step" value="look" class=[seen.map(|_| "quiet")] { (reader.say(super::action::LOOK)) }
                @if seen.is_some_and(ready) { " " button type="submit" name="step" value="write" { (reader.say(super::action::WRITE)) } }
            }
        }
    };
    let kind = register.name.get(reader.lang);
    let title = match whose(&around, register, row) {
        Some(name) => format!("{}{}{name}", reader.say(AMEND), reader.say(words::COLON)),
        None => reader.say(AMEND).to_owned(),
    };
    Ok(Page::new(Place::Actions, title, body).kicker(kind).drafts())
}

/// The name of the person a record is of or about, or the number of the household.
fn whose<'a>(around: &'a Around, register: &Register, row: &'a SeenRow) -> Option<&'a str> {
    let (people, households) = (&around.contract.people, &around.contract.households);
    if register.id == people.register.id {
        return row.get(&people.name.id);
    }
    if register.id == households.register.id {
        return row.get(&households.number.id);
    }
    let mut about = register.about.iter();
    let person = about.find_map(|field| around.person(row.reference(field)?))?;
    person.get(&people.name.id)
}

/// One field: what stands, and what it should be.
fn line(
    reader: &Reader,
    units: &UnitNames,
    (register, field): (&Register, &Field),
    row: &SeenRow,
    filled: &Filled,
    seen: Option<&SeenAct>,
) -> Markup {
    let (name, unknown) = (format!("i.{}", field.id), format!("u.{}", field.id));
    let given = filled.fields.get(&field.id);
    let text = given.and_then(Option::as_deref).unwrap_or_default();
    let notes = seen
        .iter()
        .flat_map(|seen| &seen.rows)
        .flat_map(|row| &row.notes);
    let own = notes.filter(|note| {
        note.column
            .as_ref()
            .is_some_and(|column| column.name == field.name)
    });
    let list = match &field.kind {
        FieldType::Code(list) => reader.office.pack.code(list),
        _ => None,
    };
    html! {
        tr {
            th scope="row" { label for=(name) { (field.name.get(reader.lang)) } }
            td data-what=(reader.say(STANDS)) { (shown::field(reader, units, (&register.id, field), row)) }
            td {
                @match (list, &field.kind) {
                    (Some(list), _) => select id=(name) name=(name) {
                        option value="" {}
                        @for member in &list.members { option value=(member.value) selected[member.value == text] { (member.name.get(reader.lang)) } }
                    },
                    (None, FieldType::LongText) => textarea id=(name) name=(name) rows="2" { (text) },
                    _ => input id=(name) name=(name) type="text" autocomplete="off" maxlength="2000" value=(text);,
                }
                @for note in own { p class=(if note.finding.level() == Level::Rejected { "wrong" } else { "doubt" }) { (note.finding.message(reader.lang)) } }
            }
            td { @if !field.required { label.choice { input type="checkbox" name=(unknown) value="1" checked[given.is_some_and(Option::is_none)]; " " (reader.say(UNKNOWN)) } } }
        }
    }
}

words! {
    AMEND: "更正、变更", "Put right";
    HOW: "是什么情况", "What is the matter";
    WRONG: "原来记错了", "It was wrong";
    CHANGED: "后来变了", "It has changed";
    ENDED: "这条记录终止", "This record has ended";
    DAY: "变更或终止的日期", "The day it changed or ended";
    DAY_HINT: "“原来记错了”不必填", "Not needed if it was wrong";
    DAY_NEEDED: "请写明日期", "Say on which day";
    STANDS: "现有", "Stands now";
    SHOULD_BE: "应为（不改的留空）", "Should be (blank: as it is)";
    UNKNOWN: "改为未知", "unknown";
}
