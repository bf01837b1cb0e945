//! One list of a programme: a page of people, each with the reason why they stand on it.

use std::collections::BTreeMap;

use kernel::UnitCode;
use maud::{Markup, html};
use pack::{Programme, Subject};
use programmes::{Listed, Standing};
use tables::AsOf;

use crate::figures::narrowed;
use crate::kept::Day;
use crate::names::{Person, Units, people};
use crate::parts;
use crate::reader::{ROWS, Reader};
use crate::trouble::Trouble;
use crate::words;

/// A page of a list.
pub(crate) struct List<'a> {
    programme: &'a Programme,
    subject: Option<&'a Subject>,
    rows: Vec<&'a Listed>,
    people: BTreeMap<i64, Person>,
    page: usize,
    total: usize,
}

/// Reads the page of a list that is asked for.
pub(crate) async fn read<'a>(
    reader: &'a Reader,
    programme: &'a Programme,
    day: &'a Day,
    standing: Standing,
    unit: Option<UnitCode>,
) -> Result<List<'a>, Trouble> {
    let site = &reader.site;
    let page = reader.page()?;
    let grant = narrowed(site, unit, &reader.path)?;
    let mut seen: BTreeMap<&str, bool> = BTreeMap::new();
    let mut total = 0;
    let mut rows = Vec::with_capacity(ROWS);
    let listed = day.lists.get(&programme.id).into_iter();
    for listed in listed.flat_map(|lists| lists.of(standing)) {
        let sees = || listed.unit.parse().is_ok_and(|unit| grant.sees(&unit));
        if *seen.entry(&listed.unit).or_insert_with(sees) {
            if (page - 1) * ROWS <= total && rows.len() < ROWS {
                rows.push(listed);
            }
            total += 1;
        }
    }
    if rows.is_empty() && page > 1 {
        return Err(Trouble::Absent);
    }
    let people = if rows.is_empty() {
        BTreeMap::new()
    } else {
        let session = site
            .tables
            .session(&grant, AsOf::on(reader.on), (site.clock)());
        people(
            &session.await?,
            &site.contract.people,
            rows.iter().flat_map(|listed| listed.people.iter().copied()),
        )
        .await?
    };
    Ok(List {
        programme,
        subject: site.pack.subject(&programme.subject),
        rows,
        people,
        page,
        total,
    })
}

/// The list as a table.
pub(crate) fn shown(reader: &Reader, units: &Units, standing: Standing, list: &List<'_>) -> Markup {
    if list.total == 0 {
        return html! { p.empty { (words::nobody(standing, reader.lang)) } };
    }
    html! {
        p.note { (words::meaning(standing, reader.lang)) " " (parts::span(reader, list.page, list.rows.len(), list.total)) }
        table.people {
            thead {
                tr {
                    (parts::heading(reader, words::NAME, false))
                    (parts::heading(reader, words::ID_NUMBER, false))
                    (parts::heading(reader, words::UNIT, false))
                    (parts::heading(reader, words::REASON, false))
                }
            }
            tbody { @for listed in &list.rows { (row(reader, units, list, listed)) } }
        }
        (parts::pager(reader, list.page, list.total))
    }
}

fn row(reader: &Reader, units: &Units, list: &List<'_>, listed: &Listed) -> Markup {
    let each = || listed.people.iter().map(|id| (id, list.people.get(id)));
    html! {
        tr {
            th scope="row" {
                @for (nth, (id, person)) in each().enumerate() {
                    @if nth > 0 { br; }
                    @match person {
                        Some(person) => a href=(reader.link(&format!("/people/{id}"), &[])) { (person.name) },
                        None => span.faint { (reader.say(words::NOT_HERE)) },
                    }
                }
            }
            td.d {
                @for (nth, (_, person)) in each().enumerate() {
                    @if nth > 0 { br; }
                    @if let Some(person) = person { (person.id_number) }
                }
            }
            td { (units.name(&listed.unit)) }
            td { (reason(reader, list, listed)) }
        }
    }
}

/// Why somebody stands on a list.
fn reason(reader: &Reader, list: &List<'_>, listed: &Listed) -> Markup {
    let failed = listed
        .failed
        .iter()
        .filter_map(|&nth| list.programme.conditions.get(nth));
    let missing = listed
        .missing
        .iter()
        .filter_map(|id| list.subject.and_then(|subject| subject.fact(id)));
    html! {
        @match listed.standing {
            Standing::Missed => { (reader.say(words::WHY_MISSED)) },
            Standing::Served => { (reader.say(words::WHY_SERVED)) },
            Standing::NoLonger if listed.subject.is_none() => { (reader.say(words::WHY_NO_SUBJECT)) },
            Standing::NoLonger => {
                ul.reasons { @for condition in failed { li { span.mark.fails aria-hidden="true" { "✗" } " " (words::fails(condition.name.get(reader.lang), reader.lang)) } } }
            },
            Standing::ToFindOut => {
                ul.reasons { @for fact in missing {
                    li { span.mark.open aria-hidden="true" { "?" } " " (fact.ask.as_ref().unwrap_or(&fact.name).get(reader.lang)) }
                } }
                @if listed.enrolled { span.faint { (reader.say(words::ENROLLED_NOW)) } }
            },
        }
    }
}
