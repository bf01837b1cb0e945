//! Finding as one types: the box on every page, the page of everything found, and the list of people found by a name. What is typed is
//! sent, and goes into an address only as a name without any digit: a number opens the person's page at once and is never repeated.

use axum::response::{IntoResponse, Response};
use kernel::age::full_years;
use maud::{Markup, html};
use office::{Among, Hit, Hits, LONGEST_ASKED, Leads, Part, UnitNames};

use super::action_picker;
use crate::desk;
use crate::parts;
use crate::plain::{ROWS, has_a_digit, names_a_number};
use crate::reader::Reader;
use crate::shell::{self, Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// How many are shown on the page of everything found, and below the box.
const MOST_FOUND: usize = 20;
const MOST_BELOW: usize = 8;

/// The page of people.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let asked = reader.ask("q").unwrap_or_default();
    within_bounds(asked, Trouble::Question)?;
    let body = match asked {
        "" => html! { (form(reader, "")) p.note { (reader.say(FIND_NOTE)) } },
        _ if has_a_digit(asked) => {
            html! { (form(reader, "")) p.empty { (reader.say(NUMBER_BY_FORM)) } }
        }
        _ => html! { (form(reader, asked)) (people(reader, asked).await?) },
    };
    Ok(found_page(reader, body))
}

/// Everything found, as a page; what is a whole ID number leads to whose it is.
pub(crate) async fn find(reader: &Reader, fields: desk::Fields) -> Result<Page, Trouble> {
    let fields = desk::read(fields)?;
    let asked = desk::field(&fields, "q").unwrap_or_default();
    within_bounds(asked, Trouble::Form)?;
    if asked.is_empty() {
        return Ok(Page::elsewhere(reader.link("/people", &[])));
    }
    let found = everything(reader, asked, MOST_FOUND).await?;
    if let ([hit], true) = (found.hits.as_slice(), found.by_number) {
        return Ok(Page::elsewhere(address(reader, hit)));
    }
    let kept = if names_a_number(asked) { "" } else { asked };
    let units = reader.view()?.units(reader.on).await?;
    let body = html! {
        (form(reader, kept))
        p.note { (told(reader, &found)) }
        @if !found.hits.is_empty() {
            ul.hits {
                @for hit in &found.hits { li { a href=(address(reader, hit)) { (name(reader, &units, hit)) } " " (details(reader, &units, hit)) } }
            }
        }
        @if found.total > found.hits.len() && !has_a_digit(asked) {
            p { a href=(reader.link("/people", &[("q", asked)])) { (reader.say(ALL_PEOPLE)) } }
        }
    };
    Ok(found_page(reader, body))
}

/// What stands below the box while somebody types: the nearest, and how many there are.
pub(crate) async fn below(reader: &Reader, fields: desk::Fields) -> Response {
    match options(reader, fields).await {
        Ok(options) => options.into_response(),
        Err(trouble) => shell::respond(reader, Err(trouble)),
    }
}

async fn options(reader: &Reader, fields: desk::Fields) -> Result<Markup, Trouble> {
    let fields = desk::read(fields)?;
    let asked = desk::field(&fields, "q").unwrap_or_default();
    within_bounds(asked, Trouble::Form)?;
    if let Some(of) = desk::field(&fields, "pick") {
        return action_picker::below(reader, &fields, (of, asked)).await;
    }
    let found = everything(reader, asked, MOST_BELOW).await?;
    let units = reader.view()?.units(reader.on).await?;
    Ok(html! {
        @if !found.hits.is_empty() {
            ul role="listbox" aria-label=(reader.say(FOUND)) {
                @for hit in &found.hits {
                    li role="none" {
                        a role="option" href=(address(reader, hit)) tabindex="-1" { b { (name(reader, &units, hit)) } " " (details(reader, &units, hit)) }
                    }
                }
            }
        }
        p.told { (told(reader, &found)) }
    })
}

fn within_bounds(asked: &str, trouble: fn(words::Words) -> Trouble) -> Result<(), Trouble> {
    match asked.chars().count() > LONGEST_ASKED {
        true => Err(trouble(words::TOO_LONG_QUESTION)),
        false => Ok(()),
    }
}

fn found_page(reader: &Reader, body: Markup) -> Page {
    Page::new(Place::People, reader.say(words::FIND), body).searches()
}

fn form(reader: &Reader, typed: &str) -> Markup {
    shell::search_box(reader, "search", typed)
}

async fn everything(reader: &Reader, asked: &str, limit: usize) -> Result<Hits, Trouble> {
    let part = Part { offset: 0, limit };
    let found = reader
        .view()?
        .find(asked, reader.on, Among::Everything, part);
    Ok(found.await?)
}

/// How many were found, or why nobody was.
fn told(reader: &Reader, found: &Hits) -> String {
    match &found.fault {
        Some(fault) => words::bad_number(&fault.message(reader.lang), reader.lang),
        None if found.total == 0 => reader.say(NOTHING_FOUND).to_owned(),
        None => words::found(found.hits.len(), found.total, reader.lang),
    }
}

/// Where something found leads.
pub(super) fn address(reader: &Reader, hit: &Hit) -> String {
    let path = match hit.leads {
        Leads::Person(person) => format!("/people/{person}"),
        Leads::Household(household) => format!("/households/{household}"),
        Leads::Unit(unit) => format!("/units/{unit}"),
    };
    reader.link(&path, &[])
}

fn name(reader: &Reader, units: &UnitNames, hit: &Hit) -> String {
    let title = hit.title.as_deref();
    match hit.leads {
        Leads::Person(_) => title.unwrap_or(reader.say(NO_NAME)).to_owned(),
        Leads::Household(_) => words::household(title.unwrap_or("—"), reader.lang),
        Leads::Unit(unit) => units.name(unit.as_str()),
    }
}

/// What tells those of one name apart, as far as it may be seen, and by what somebody was found.
fn details(reader: &Reader, units: &UnitNames, hit: &Hit) -> Markup {
    let mut told: Vec<String> = Vec::new();
    told.extend(
        hit.sex
            .as_deref()
            .map(|sex| sex_in_words(reader, units, sex)),
    );
    told.extend(born(reader, hit));
    match hit.leads {
        Leads::Unit(unit) => {
            let above = units.above(&unit).pop();
            told.extend(above.map(|above| above.name.clone()));
            told.push(unit.to_string());
        }
        _ => told.extend(hit.unit.map(|unit| units.of(Some(unit)))),
    }
    told.extend(hit.address.clone());
    told.extend(head(reader, hit));
    told.extend(found_by(reader, hit));
    html! { small.faint { (told.join(" · ")) } }
}

fn sex_in_words(reader: &Reader, units: &UnitNames, sex: &str) -> String {
    let kind = &reader.office.contract.people.sex.kind;
    shown::value(&reader.office.pack, units, kind, sex, reader.lang)
}

/// The birth and the age on the day.
fn born(reader: &Reader, hit: &Hit) -> Option<String> {
    let birth = hit.birth?;
    let years = full_years(birth, reader.on);
    Some(words::born(birth, years, reader.lang))
}

fn head(reader: &Reader, hit: &Hit) -> Option<String> {
    let head = hit.head.as_ref()?;
    Some(format!(
        "{}{}{head}",
        reader.say(HEAD),
        reader.say(words::COLON)
    ))
}

/// By which field somebody was found, where that doesn't show by itself.
fn found_by(reader: &Reader, hit: &Hit) -> Option<String> {
    let by = hit.by.as_ref()?;
    let shown = match hit.leads {
        Leads::Unit(unit) => unit.as_str() == by.value,
        _ => [&hit.title, &hit.address].contains(&&Some(by.value.clone())),
    };
    if shown {
        return None;
    }
    let (_, field) = reader
        .office
        .pack
        .register(&by.register)?
        .field(&by.field)?;
    let name = field.name.get(reader.lang);
    Some(format!("{name}{}{}", reader.say(words::COLON), by.value))
}

/// People found by a name, a page of them.
async fn people(reader: &Reader, asked: &str) -> Result<Markup, Trouble> {
    let page = reader.page()?;
    let found = named(reader, asked, (page - 1) * ROWS).await?;
    if found.hits.is_empty() {
        return Ok(html! { p.empty { (reader.say(NOTHING_FOUND)) } });
    }
    let units = reader.view()?.units(reader.on).await?;
    Ok(html! {
        p.note { (parts::span(reader, page, found.hits.len(), found.total)) }
        table.people aria-label=(reader.say(words::PEOPLE)) {
            thead { (headings(reader, None)) }
            tbody { @for hit in &found.hits { tr { (cells(reader, &units, hit)) } } }
        }
        (parts::pager(reader, page, found.total))
    })
}

/// People found, a page of them from some place on.
pub(super) async fn named(reader: &Reader, asked: &str, offset: usize) -> Result<Hits, Trouble> {
    let limit = ROWS;
    let part = Part { offset, limit };
    let found = reader.view()?.find(asked, reader.on, Among::People, part);
    Ok(found.await?)
}

/// The headings of people found, and one more where something can be done.
pub(super) fn headings(reader: &Reader, more: Option<words::Words>) -> Markup {
    let headings = [
        words::NAME,
        words::ID_NUMBER,
        words::SEX,
        words::BORN,
        words::UNIT,
        ADDRESS,
    ];
    html! {
        tr { @for heading in headings.into_iter().chain(more) { (parts::heading(reader, heading, false)) } }
    }
}

/// The cells of somebody found.
pub(super) fn cells(reader: &Reader, units: &UnitNames, hit: &Hit) -> Markup {
    let sex = hit
        .sex
        .as_deref()
        .map(|sex| sex_in_words(reader, units, sex));
    html! {
        th scope="row" { a href=(address(reader, hit)) { (name(reader, units, hit)) } }
        td.d { (hit.id_number.as_deref().unwrap_or_default()) }
        td { (sex.unwrap_or_default()) }
        td.d { (born(reader, hit).unwrap_or_default()) }
        td { (units.of(hit.unit)) }
        td {
            (hit.address.as_deref().unwrap_or_default())
            @if let Some(head) = head(reader, hit) { " " small.faint { (head) } }
            @if let Some(by) = found_by(reader, hit) { " " small.faint { (by) } }
        }
    }
}

words! {
    FIND_NOTE: "姓名可输入全名或其中几个字，也可输入全拼或首字母（如 liuguohua、lgh）。电话输入全号或末四位以上，住址、户号、证号输入一部分；这些只有向您显示原文时才能用来查找。公民身份号码须输入完整。输入的号码不会留在页面、链接和日志里。", "Names: whole or in part, in characters, pinyin or initials (liuguohua, lgh). Telephones: whole, or at least the last four digits. Addresses, household and certificate numbers: any part. These find something only where they are shown to you in clear. ID numbers: whole only. Numbers are kept neither on pages nor in links or logs.";
    FOUND: "查找结果", "Found";
    NO_NAME: "（姓名不予显示）", "(name withheld)";
    NOTHING_FOUND: "没有找到。请核对用字，或少输几个字；也可能不在您可以查看的单位，或者所查的内容不向您显示原文。", "Nothing was found. Check the spelling, or type less of it. It may also be outside the units you may see, or not shown to you in clear.";
    NUMBER_BY_FORM: "含有数字的内容请在上面的框中输入；地址栏里的不作查找。", "Type what has digits into the box; in an address it isn't looked for.";
    ALL_PEOPLE: "列出全部人员", "List all people found";
    HEAD: "户主", "head";
    ADDRESS: "住址", "Address";
}
