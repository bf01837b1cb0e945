//! A person's page: who they are, what can be made known of them, the answer of every programme, the people around, what happened in
//! their life, and what happened to their records.

use std::collections::BTreeSet;

use kernel::{IdNumber, Lang, RecordId};
use maud::{Markup, html};
use office::{Around, SeenCell, SeenRow, ToldEntry, UnitNames};
use pack::{Contract, Field, FieldAt, FieldType, Register, Text, Value};

use crate::handbook::Chapter;
use crate::pages::person_answers::{answers, of_relatives};
use crate::pages::person_family::drawn;
use crate::pages::person_life;
use crate::pages::person_records::{
    Held, died_on, held, history, members, naming, other_of, whose_word,
};
use crate::pages::{amend, offered, registers};
use crate::parts;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// The page.
pub(crate) async fn page(reader: &Reader, person: RecordId) -> Result<Page, Trouble> {
    let (office, view) = (&reader.office, reader.view()?);
    let stays = view.stays(person).await?;
    if stays != person {
        return Ok(Page::elsewhere(
            reader.link(&format!("/people/{stays}"), &[]),
        ));
    }
    let around = view.around(reader.on, person).await?;
    let held = held(&around, &office.pack, person).ok_or(Trouble::Absent)?;
    let units = view.units(reader.on).await?;
    let unit = held.own.unit.unwrap_or(office.root);
    let explained = view.explain(reader.on, (person, unit)).await?;
    let relatives = of_relatives(reader, &held, person).await?;
    let history = history(reader, &held).await?;
    let name = held
        .own
        .get(&office.contract.people.name.id)
        .unwrap_or_default()
        .to_owned();
    let unit = units.of(held.own.unit);
    let body = html! {
        (who(reader, &units, &held, person))
        @if let Some(explained) = &explained { (answers(reader, &units, &held, explained, person)) }
        (relatives)
        (family(reader, &held, person))
        (person_life::line(reader, &units, &held, (person, &history)))
        (records(reader, &units, &held, person))
        (past(reader, &units, &held, &history))
    };
    let up = (
        reader.link("/people", &[]),
        reader.say(words::PEOPLE).to_owned(),
    );
    Ok(Page::new(Place::People, name, body)
        .chapter(Chapter::People)
        .kicker(unit)
        .way([up])
        .dated())
}

/// The person's own record.
fn who(reader: &Reader, units: &UnitNames, held: &Held<'_>, person: RecordId) -> Markup {
    let pack = &reader.office.pack;
    let Contract {
        people,
        homes,
        households,
        ..
    } = &*reader.office.contract;
    let homes_of: Vec<_> = (held.residences.iter())
        .map(|row| (&homes.register, *row))
        .collect();
    let label = |register: &Register, field: &FieldAt| {
        let field = register.fields.get(field.at);
        field.map(|field| field.name.get(reader.lang).to_owned())
    };
    // One's own address counts more than that of the household.
    let address_of = |row: &SeenRow| {
        if let Some((_, field)) = homes.address()
            && let Some(own) = row.get(&field.id)
        {
            return Some((field.name.get(reader.lang).to_owned(), own.to_owned()));
        }
        let household = (held.around).household(row.reference(&homes.household.id)?)?;
        let shared = household.get(&households.address.id)?;
        let name = label(&households.register, &households.address);
        Some((name.unwrap_or_default(), shared.to_owned()))
    };
    html! {
        section aria-label=(reader.say(WHO_THIS_IS)) {
            @if held.dead.contains(&person.0) {
                p.flagged { @match died_on(held.around, person.0) { Some(day) => (words::died_on(day, reader.lang)), None => (reader.say(DECEASED)) } }
            }
            dl.facts {
                @for field in people.register.fields.iter().filter(|field| field.id != people.name.id) {
                    @if !held.own.has(&field.id) && listed(&people.register, field) {
                        div { dt { (field.name.get(reader.lang)) } dd.faint { (reader.say(words::UNKNOWN)) } }
                    }
                    @if held.own.has(&field.id) {
                        div { dt { (field.name.get(reader.lang)) } dd { (shown::field(reader, units, (&people.register.id, field), held.own)) } }
                    }
                    @if field.id == people.id_number.id { (first_issued(reader, held.own.cell(&field.id))) }
                }
                @for row in &held.residences {
                    @for field in [&homes.registered, &homes.living, &homes.origin] {
                        @if let Some(value) = row.get(&field.id) {
                            div { dt { (label(&homes.register, field).unwrap_or_default()) } dd { (shown::value(pack, units, &field.kind, value, reader.lang)) } }
                        }
                    }
                    @if let Some((id, household)) = row.reference(&homes.household.id).and_then(|id| Some((id, held.around.household(id)?))) {
                        div { dt { (label(&households.register, &households.number).unwrap_or_default()) } dd { a href=(reader.link(&format!("/households/{id}"), &[])) { (household.get(&households.number.id).unwrap_or("—")) } } }
                    }
                    @if let Some((name, address)) = address_of(row) { div { dt { (name) } dd { (address) } } }
                }
            }
            @if masked(held) { (parts::stars(reader)) }
            (offered::offered(reader, (&people.register, held.own, Some(held.around)), &homes_of))
            @if reader.office.writes { p.note { a.alone href=(reader.link(&format!("/people/{person}/merge"), &[])) { (reader.say(SAME_AS_OTHER)) } } }
        }
    }
}

/// Where a number that is shown in clear was given out first, and what that is called now.
fn first_issued(reader: &Reader, number: &SeenCell) -> Markup {
    let number: Option<IdNumber> = match number {
        SeenCell::Value(number) => number.as_text().and_then(|number| number.parse().ok()),
        _ => None,
    };
    let place = number.and_then(|number| reader.office.pack.first_issued_in(&number, reader.on));
    let called = |place: &[Text]| {
        let names: Vec<&str> = place.iter().map(|part| part.get(reader.lang)).collect();
        names.concat()
    };
    html! {
        @if let Some(place) = place {
            div {
                dt { (reader.say(FIRST_ISSUED)) }
                dd {
                    (called(&place.then))
                    @if !place.now.is_empty() {
                        @let now: Vec<String> = place.now.iter().map(|place| called(place)).collect();
                        " " span.faint { (now_called(&now, reader.lang)) }
                    }
                }
            }
        }
    }
}

/// What a place is called now, or the places that it became.
fn now_called(now: &[String], lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("（今{}）", now.join("、")),
        Lang::En => format!("(now {})", now.join(", ")),
    }
}

/// Whether the person's own record, or where they live, has something that is shown as a mask.
fn masked(held: &Held<'_>) -> bool {
    let (homes, around) = (&held.around.contract.homes, held.around);
    let households = (held.residences.iter())
        .filter_map(|row| around.household(row.reference(&homes.household.id)?));
    let mut rows = std::iter::once(held.own).chain(households);
    rows.any(SeenRow::is_masked)
}

/// Whether a field is one of those by which a register's lists show its records: that it isn't known is said, too.
fn listed(register: &Register, field: &Field) -> bool {
    let columns = register.look.columns.iter();
    let mut fields = columns.filter_map(|at| register.fields.get(*at));
    fields.any(|listed| listed.id == field.id)
}

/// A person as a link, if the reader may see them.
pub(crate) fn link(reader: &Reader, around: &Around, dead: &BTreeSet<i64>, id: i64) -> Markup {
    html! {
        @match around.person(id) {
            Some(person) => {
                a href=(reader.link(&format!("/people/{id}"), &[])) { (person.get(&around.contract.people.name.id).unwrap_or("—")) }
                @if dead.contains(&id) { " " span.faint { (reader.say(DECEASED_MARK)) } }
            },
            None => span.faint { (reader.say(words::NOT_HERE)) },
        }
    }
}

/// Household and kin.
fn family(reader: &Reader, held: &Held<'_>, person: RecordId) -> Markup {
    let households = held
        .residences
        .iter()
        .filter_map(|row| row.reference(&held.around.contract.homes.household.id));
    let households: Vec<i64> = households.collect();
    html! {
        section aria-labelledby="family" {
            h2 #family { (reader.say(FAMILY)) }
            @if households.is_empty() && held.kin.is_empty() { p.empty { (reader.say(NO_FAMILY)) } }
            (drawn(reader, held, person.0))
            div.columns {
                @for household in households {
                    div {
                        h3 { (reader.say(SAME_HOUSEHOLD)) }
                        (household_table(reader, held.around, &held.dead, &members(held.around, household), Some(person.0)))
                    }
                }
                @if !held.kin.is_empty() { (kin(reader, held, person)) }
            }
        }
    }
}

/// The members of a household.
pub(crate) fn household_table(
    reader: &Reader,
    around: &Around,
    dead: &BTreeSet<i64>,
    rows: &[&SeenRow],
    person: Option<i64>,
) -> Markup {
    let pack = &reader.office.pack;
    let (homes, people) = (&around.contract.homes, &around.contract.people);
    let code = |field: &FieldAt, row: Option<&SeenRow>| {
        let FieldType::Code(list) = &field.kind else {
            return String::new();
        };
        let value = row.and_then(|row| row.get(&field.id));
        let member = value.and_then(|value| pack.code(list)?.member(value));
        member
            .map(|member| member.name.get(reader.lang).to_owned())
            .unwrap_or_default()
    };
    html! {
        table.people.small aria-label=(reader.say(SAME_HOUSEHOLD)) {
            thead { tr { @for heading in [words::NAME, RELATION_TO_HEAD, words::SEX, words::BORN, LIVING_HERE] { (parts::heading(reader, heading, false)) } } }
            tbody {
                @for row in rows {
                    @if let Some(id) = row.reference(&homes.person.id) {
                        @let them = around.person(id);
                        tr {
                            th scope="row" { @if person == Some(id) { (them.and_then(|them| them.get(&people.name.id)).unwrap_or("—")) } @else { (link(reader, around, dead, id)) } }
                            td { (code(&homes.relation_to_head, Some(row))) }
                            td { (code(&people.sex, them)) }
                            td.d { (them.and_then(|them| them.get(&people.birth_date.id)).unwrap_or("—")) }
                            td { (words::living_here(row.get(&homes.living.id), reader.lang)) }
                        }
                    }
                }
            }
        }
    }
}

fn kin(reader: &Reader, held: &Held<'_>, person: RecordId) -> Markup {
    let Contract {
        kinship, people, ..
    } = &*held.around.contract;
    html! {
        div {
            h3 { (reader.say(KIN)) }
            table.people.small aria-label=(reader.say(KIN)) {
                thead { tr { @for heading in [words::NAME, KINSHIP, words::BORN, STATE] { (parts::heading(reader, heading, false)) } } }
                tbody {
                    @for row in &held.kin {
                        @let forward = row.reference(&kinship.person.id) == Some(person.0);
                        @if let Some(other) = other_of(kinship, row, person.0) {
                            @let relation = row.get(&kinship.relation.id);
                            @let adopted = row.get(&kinship.adopted.id) == Some("true");
                            @let state = if held.dead.contains(&other) { Some("died") } else if forward { row.get(&kinship.child_status.id) } else { None };
                            tr {
                                th scope="row" { (link(reader, held.around, &held.dead, other)) }
                                td { (words::kinship(relation.unwrap_or_default(), forward, adopted, row.get(&kinship.until.id).is_some(), reader.lang)) }
                                td.d { (held.around.person(other).and_then(|other| other.get(&people.birth_date.id)).unwrap_or("—")) }
                                td { (words::state(state, forward && relation == Some("child"), reader.lang)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Everything else that names the person.
fn records(reader: &Reader, units: &UnitNames, held: &Held<'_>, person: RecordId) -> Markup {
    html! {
        @if !held.others.is_empty() {
            section aria-labelledby="records" {
                h2 #records { (reader.say(RECORDS)) }
                dl.records {
                    @for (register, rows) in &held.others {
                        dt { (register.name.get(reader.lang)) }
                        @for row in rows { dd { (record(reader, units, held, register, row, person)) } }
                    }
                }
            }
        }
    }
}

fn record(
    reader: &Reader,
    units: &UnitNames,
    held: &Held<'_>,
    register: &Register,
    row: &SeenRow,
    person: RecordId,
) -> Markup {
    let named: BTreeSet<&str> = naming(held.around, register).collect();
    let own = |field: &Field| {
        named.contains(field.id.as_str())
            && row.reference(&field.id) == Some(person.0)
            && named.len() == 1
    };
    html! {
        @for field in register.fields.iter().filter(|field| !own(field)) {
            @if row.has(&field.id) {
                span.fact {
                    (field.name.get(reader.lang)) (reader.say(words::COLON))
                    @match row.reference(&field.id) {
                        Some(other) if named.contains(field.id.as_str()) => { (link(reader, held.around, &held.dead, other)) },
                        _ => b { (shown::field(reader, units, (&register.id, field), row)) },
                    }
                }
                " "
            }
        }
        @if let Some(since) = row.since { span.faint { (words::since(&since.to_string(), reader.lang)) } }
        (amend::link(reader, register, row))
        @if let Some(address) = registers::address(reader, &register.id, row.record) { " " a.opens href=(address) { (reader.say(OPEN_RECORD)) } }
    }
}

/// What happened to the person's records.
fn past(reader: &Reader, units: &UnitNames, held: &Held<'_>, history: &[ToldEntry]) -> Markup {
    let pack = &reader.office.pack;
    let what = |words: Words| reader.say(words);
    let table = html! {
        table.rows.history.people {
            thead { tr { @for heading in [RECORDED_AT, words::REGISTER, ENTRY, VALID_FROM, CONTENT, words::SOURCE] { (parts::heading(reader, heading, false)) } } }
            tbody {
                @for told in history {
                    @let register = pack.register(&told.entry.register);
                    tr class=[told.commit.undone_by.map(|_| "past")] {
                        td.d data-what=(what(RECORDED_AT)) { (shown::moment(told.commit.recorded_at)) }
                        td data-what=(what(words::REGISTER)) { (register.map_or(&*told.entry.register, |register| register.name.get(reader.lang))) }
                        td data-what=(what(ENTRY)) { (told.entry.kind.label(reader.lang)) @if told.commit.undone_by.is_some() { br; span.flag { (reader.say(words::TAKEN_BACK)) } } }
                        td.d data-what=(what(VALID_FROM)) { @if let Some(from) = told.from() { (from) } }
                        td data-what=(what(CONTENT)) { @if let Some(register) = register { (said(reader, units, held, register, told)) } }
                        td.source data-what=(what(words::SOURCE)) { (whose_word(reader, told)) br; (told.commit.actor) " " (shown::source(reader, Some(units), &told.commit.source)) }
                    }
                }
            }
        }
    };
    html! {
        section aria-labelledby="history" {
            h2 #history { (reader.say(HISTORY)) }
            p.note { (reader.say(HISTORY_NOTE)) }
            (parts::scrolling(reader.say(HISTORY), &table))
        }
    }
}

/// What an entry says, as far as the reader may see it.
fn said(
    reader: &Reader,
    units: &UnitNames,
    held: &Held<'_>,
    register: &Register,
    told: &ToldEntry,
) -> Markup {
    html! {
        @for (at, cell) in &told.said {
            @if let Some(field) = register.fields.get(*at) {
                span.fact { (field.name.get(reader.lang)) (reader.say(words::COLON)) (opened(reader, units, held, field, cell)) } " "
            }
        }
    }
}

/// A cell; one that names a person or a household opens it.
fn opened(
    reader: &Reader,
    units: &UnitNames,
    held: &Held<'_>,
    field: &Field,
    cell: &SeenCell,
) -> Markup {
    let Contract {
        people, households, ..
    } = &*reader.office.contract;
    let to = |register: &Register| matches!(&field.kind, FieldType::Ref(to) if *to == register.id);
    html! {
        @match cell {
            SeenCell::Value(Value::Int(id)) if to(&people.register) => { (link(reader, held.around, &held.dead, *id)) },
            SeenCell::Value(Value::Int(id)) if to(&households.register) => {
                a href=(reader.link(&format!("/households/{id}"), &[])) { (households.register.name.get(reader.lang)) }
            },
            cell => { (shown::cell(reader, units, &field.kind, cell)) },
        }
    }
}

words! {
    WHO_THIS_IS: "基本情况", "Who this is";
    FIRST_ISSUED: "号码首次登记地", "ID number first given out in";
    DECEASED: "此人已登记死亡。", "This person is recorded as dead.";
    DECEASED_MARK: "（已故）", "(dead)";
    FAMILY: "家庭与亲属", "Household and kin";
    NO_FAMILY: "没有登记同户人员或亲属。", "No household members or kin are recorded.";
    SAME_HOUSEHOLD: "同户人员", "Household";
    KIN: "亲属", "Kin";
    KINSHIP: "关系", "Relation";
    STATE: "现状", "State";
    RELATION_TO_HEAD: "与户主关系", "Relation to head";
    LIVING_HERE: "居住", "Lives here";
    RECORDS: "在册记录", "Records";
    OPEN_RECORD: "来历", "history";
    HISTORY: "记录的变动", "History of the records";
    HISTORY_NOTE: "最近记入的在前。生效日期是事情发生的日子，记入时间（北京时间）是台账知道它的时候。", "The latest first. Valid from is when it became true; recorded is when the ledger learnt of it (China time).";
    RECORDED_AT: "记入时间", "Recorded";
    ENTRY: "变动", "Entry";
    VALID_FROM: "生效日期", "Valid from";
    CONTENT: "内容", "Content";
    SAME_AS_OTHER: "与另一人是同一人…", "The same person as somebody else…";
}
