//! A person's life in order of days: what records say happened when. A record without a day of its own stands on the day from which
//! somebody said it holds; the day of a list that happens to name it tells nothing.

use kernel::RecordId;
use maud::{Markup, html};
use office::{SeenCell, SeenRow, ToldEntry, UnitNames};
use pack::{Field, FieldType, Register};

use crate::pages::person::link;
use crate::pages::person_records::{Held, naming, other_of};
use crate::pages::registers;
use crate::reader::Reader;
use crate::shown;
use crate::words;

/// More days than a line of life shows at once; the rest opens.
const MOST: usize = 16;

/// Something that happened.
struct Happened {
    day: String,
    what: Markup,
}

/// The line of life; nothing where no day is known.
pub(crate) fn line(
    reader: &Reader,
    units: &UnitNames,
    held: &Held<'_>,
    (person, history): (RecordId, &[ToldEntry]),
) -> Markup {
    let mut all = family_days(reader, held, person);
    all.extend(marriages(reader, held, person, history));
    let births: Vec<String> = all.iter().map(|happened| happened.day.clone()).collect();
    for (register, row) in rows(reader, held) {
        let since = since(register, row, history);
        let of = (register, row, since);
        all.extend(of_record(reader, units, held, of, (person, &births)));
    }
    all.sort_by(|one, other| one.day.cmp(&other.day));
    if all.is_empty() {
        return html! {};
    }
    // The last days are what somebody looks for; earlier ones are a click away.
    let (earlier, late) = all.split_at(all.len().saturating_sub(MOST));
    let list = |days: &[Happened]| {
        html! {
            ol.life { @for happened in days { li { time { (happened.day) } div { (happened.what) } } } }
        }
    };
    html! {
        section aria-labelledby="life" {
            h2 #life { (reader.say(LIFE)) }
            @if !earlier.is_empty() { details { summary { (reader.say(EARLIER)) " " span.count { (earlier.len()) } } (list(earlier)) } }
            (list(late))
        }
    }
}

/// The records of which each has a day of its own: homes, and whatever else is about the person.
fn rows<'h>(
    reader: &'h Reader,
    held: &'h Held<'_>,
) -> impl Iterator<Item = (&'h Register, &'h SeenRow)> {
    let homes = &reader.office.contract.homes.register;
    let own = held.residences.iter().map(move |row| (homes, *row));
    let others = held
        .others
        .iter()
        .filter(|(register, _)| !register.look.hidden);
    own.chain(others.flat_map(|(register, rows)| rows.iter().map(|row| (*register, *row))))
}

/// The birth of the person, and of their children.
fn family_days(reader: &Reader, held: &Held<'_>, person: RecordId) -> Vec<Happened> {
    let contract = &held.around.contract;
    let (people, kinship) = (&contract.people, &contract.kinship);
    let birth = |row: &SeenRow| match row.cell(&people.birth_date.id) {
        SeenCell::Value(day) => day.as_date().map(|day| day.to_string()),
        _ => None,
    };
    let mut days = Vec::new();
    days.extend(birth(held.own).map(|day| Happened {
        day,
        what: html! { b { (reader.say(BORN)) } },
    }));
    for row in &held.kin {
        let is_child = row.get(&kinship.relation.id) == Some("child")
            && row.reference(&kinship.person.id) == Some(person.0);
        let other = other_of(kinship, row, person.0).filter(|_| is_child);
        let Some(child) = other else { continue };
        let day = held.around.person(child).and_then(birth);
        days.extend(day.map(|day| Happened {
            day,
            what: html! { b { (reader.say(CHILD_BORN)) } " " (link(reader, held.around, &held.dead, child)) },
        }));
    }
    days
}

/// Since when a record has been there, if somebody named the day.
fn since(register: &Register, row: &SeenRow, history: &[ToldEntry]) -> Option<String> {
    let since = row.since?;
    let mut own = history.iter().map(|told| &told.entry);
    let named = own.any(|entry| {
        *entry.register == *register.id && entry.record == row.record && entry.from == Some(since)
    });
    named.then(|| since.to_string())
}

/// When the person married, and when that ended.
fn marriages(
    reader: &Reader,
    held: &Held<'_>,
    person: RecordId,
    history: &[ToldEntry],
) -> Vec<Happened> {
    let kinship = &held.around.contract.kinship;
    let mut days = Vec::new();
    let spouses = held.kin.iter();
    for row in spouses.filter(|row| row.get(&kinship.relation.id) == Some("spouse")) {
        let Some(other) = other_of(kinship, row, person.0) else {
            continue;
        };
        let until = match row.cell(&kinship.until.id) {
            SeenCell::Value(day) => day.as_date().map(|day| day.to_string()),
            _ => None,
        };
        let from = since(&kinship.register, row, history);
        for (day, what) in [(from, MARRIED), (until, MARRIAGE_ENDED)] {
            days.extend(day.map(|day| Happened {
                day,
                what: html! { b { (reader.say(what)) } " " (link(reader, held.around, &held.dead, other)) },
            }));
        }
    }
    days
}

/// What a record tells of a day: one line for each day it names, but for births that are told already.
fn of_record(
    reader: &Reader,
    units: &UnitNames,
    held: &Held<'_>,
    (register, row, since): (&Register, &SeenRow, Option<String>),
    (person, births): (RecordId, &[String]),
) -> Vec<Happened> {
    let dated = register
        .fields
        .iter()
        .filter(|field| field.kind == FieldType::Date);
    let mut days: Vec<(String, Option<&Field>)> = Vec::new();
    for field in dated {
        if let SeenCell::Value(day) = row.cell(&field.id) {
            days.extend(day.as_date().map(|day| (day.to_string(), Some(field))));
        }
    }
    if days.is_empty() {
        days.extend(since.map(|since| (since, None)));
    }
    days.retain(|(day, field)| field.is_none() || !births.contains(day));
    let named: Vec<&str> = naming(held.around, register).collect();
    let title = register.look.title.iter().chain(&register.look.columns);
    let mut shown_fields: Vec<&Field> = Vec::new();
    for field in title.filter_map(|at| register.fields.get(*at)) {
        let own = named.contains(&field.id.as_str()) && row.reference(&field.id) == Some(person.0);
        let again = shown_fields.iter().any(|known| known.id == field.id);
        if !own && !again && field.kind != FieldType::Date && row.has(&field.id) {
            shown_fields.push(field);
        }
    }
    let each = days.into_iter().map(|(day, field)| Happened {
        day,
        what: html! {
            b { (register.name.get(reader.lang)) @if let Some(field) = field { (reader.say(words::COLON)) (field.name.get(reader.lang)) } } " "
            @for field in shown_fields.iter().take(4) {
                span.fact {
                    @match (row.reference(&field.id), &field.kind) {
                        (Some(other), _) if named.contains(&field.id.as_str()) => { (link(reader, held.around, &held.dead, other)) },
                        (Some(other), FieldType::Ref(of)) => { (titled(reader, units, held, (of, other))) },
                        _ => {
                            // Yes and no say nothing by themselves.
                            @if field.kind == FieldType::Bool { (field.name.get(reader.lang)) (reader.say(words::COLON)) }
                            (shown::field(reader, units, (&register.id, field), row))
                        },
                    }
                }
                " "
            }
            @if let Some(address) = registers::address(reader, &register.id, row.record) { a.opens href=(address) { (reader.say(OPEN)) } }
        },
    });
    each.collect()
}

/// A record that another names, by its title; nothing of one that isn't seen: its number says nothing to anybody.
fn titled(
    reader: &Reader,
    units: &UnitNames,
    held: &Held<'_>,
    (register, record): (&str, i64),
) -> Markup {
    let rows = held.around.of(register).iter();
    let row = rows.clone().find(|row| row.record.0 == record);
    let declared = reader.office.pack.register(register);
    let Some((row, register)) = row.zip(declared) else {
        return html! {};
    };
    let title = register.look.title.iter();
    let title = title.filter_map(|at| register.fields.get(*at));
    html! {
        (register.name.get(reader.lang))
        @for field in title.filter(|field| row.has(&field.id)) { " " (shown::field(reader, units, (&register.id, field), row)) }
    }
}

words! {
    LIFE: "生平", "Life";
    EARLIER: "更早", "Earlier";
    BORN: "出生", "Born";
    MARRIED: "结婚", "Married";
    MARRIAGE_ENDED: "婚姻终止", "Marriage ended";
    CHILD_BORN: "子女出生", "Child born";
    OPEN: "查看", "open";
}
