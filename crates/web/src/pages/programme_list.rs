//! One list of a programme: a page of people, each with the reason why they stand on it.

use kernel::UnitCode;
use maud::{Markup, html};
use office::{Listed, Standing, UnitNames};
use pack::{Programme, Subject};

use crate::pages::action;
use crate::parts;
use crate::plain::ROWS;
use crate::reader::Reader;
use crate::trouble::Trouble;
use crate::words;

/// A page of a list.
pub(crate) struct List<'a> {
    programme: &'a Programme,
    subject: Option<&'a Subject>,
    read: office::ListPage,
    page: usize,
}

/// Reads the page of a list that is asked for.
pub(crate) async fn read<'a>(
    reader: &'a Reader,
    programme: &'a Programme,
    standing: Standing,
    unit: Option<UnitCode>,
) -> Result<List<'a>, Trouble> {
    let page = reader.page()?;
    let of = (programme.id.as_str(), standing);
    let read = reader.view()?.list(reader.on, of, unit, (page, ROWS));
    Ok(List {
        programme,
        subject: reader.office.pack.subject(&programme.subject),
        read: read.await?,
        page,
    })
}

/// The list as a table.
pub(crate) fn shown(
    reader: &Reader,
    units: &UnitNames,
    standing: Standing,
    list: &List<'_>,
) -> Markup {
    if list.read.total == 0 {
        return html! { p.empty { (words::nobody(standing, reader.lang)) } };
    }
    html! {
        p.note { (words::meaning(standing, reader.lang)) " " (parts::span(reader, list.page, list.read.rows.len(), list.read.total)) }
        table.people aria-label=(standing.label(reader.lang)) {
            thead {
                tr {
                    (parts::heading(reader, words::NAME, false))
                    (parts::heading(reader, words::ID_NUMBER, false))
                    (parts::heading(reader, words::UNIT, false))
                    (parts::heading(reader, REASON, false))
                }
            }
            tbody { @for listed in &list.read.rows { (row(reader, units, list, listed)) } }
        }
        (parts::pager(reader, list.page, list.read.total))
    }
}

fn row(reader: &Reader, units: &UnitNames, list: &List<'_>, listed: &Listed) -> Markup {
    let each = || {
        listed
            .people
            .iter()
            .map(|id| (id, list.read.people.get(id)))
    };
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
            Standing::Missed => { (reader.say(WHY_MISSED)) },
            Standing::Served => { (reader.say(WHY_SERVED)) },
            Standing::NoLonger if listed.subject.is_none() => { (reader.say(WHY_NO_SUBJECT)) },
            Standing::NoLonger => {
                ul.reasons { @for condition in failed { li { span.mark.fails aria-hidden="true" { "✗" } " " (words::fails(condition.name.get(reader.lang), reader.lang)) } } }
            },
            Standing::ToFindOut => {
                ul.reasons { @for fact in missing {
                    li { span.mark.open aria-hidden="true" { "?" } " " (fact.ask.as_ref().unwrap_or(&fact.name).get(reader.lang)) (action::answering(reader, fact, &listed.people, |id| list.read.people.get(&id).map(|person| person.name.clone()))) }
                } }
                @if listed.enrolled { span.faint { (reader.say(words::ENROLLED_NOW)) } }
            },
        }
    }
}

words! {
    REASON: "原因", "Reason";
    WHY_MISSED: "各项条件都符合，享受名单上没有", "Every condition holds; not on the benefit list";
    WHY_SERVED: "各项条件都符合，已在享受名单上", "Every condition holds; on the benefit list";
    WHY_NO_SUBJECT: "在享受名单上，但已不是本项目的对象（如婚姻关系已终止）", "On the benefit list, but no longer a subject of this programme (the marriage has ended, for instance)";
}
