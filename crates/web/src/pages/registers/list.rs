//! A list of a register: a page of the records that are asked for, with what is asked for above them. Everything that is chosen stands in
//! the address, so that a list can be kept, sent on and opened again by whoever may.

use std::collections::BTreeMap;

use kernel::{RecordId, UnitCode};
use maud::{Markup, html};
use office::{
    FieldOffer, OfficeError, RecordFound, RecordPage, RecordQuery, SeenRecord, Sought, UnitNames,
};
use pack::{Field, FieldType, Register, SortBy};

use super::{cells, columns, filters};
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

/// What is asked for, and what may be.
pub(crate) struct Asked<'r> {
    pub register: &'r Register,
    pub query: RecordQuery,
    pub offers: Vec<FieldOffer>,
}

/// What the address asks for of a register.
pub(crate) fn asked<'r>(reader: &'r Reader, id: &str) -> Result<Asked<'r>, Trouble> {
    let view = reader.view()?;
    let register = view.register(id)?;
    let pairs = reader.asked.iter();
    let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
    let query = RecordQuery::read(&reader.office.pack, register, pairs, reader.on);
    let mut query = query.map_err(OfficeError::from)?;
    query.unit = reader.unit()?;
    Ok(Asked {
        register,
        query,
        offers: view.offers(register),
    })
}

/// Names of the records that filters ask for.
pub(crate) type Named = BTreeMap<(String, RecordId), String>;

/// What names the records that filters ask for.
pub(crate) async fn named(
    reader: &Reader,
    units: &UnitNames,
    asked: &Asked<'_>,
) -> Result<Named, Trouble> {
    let view = reader.view()?;
    let mut named = Named::new();
    for filter in &asked.query.filters {
        let Some(FieldType::Ref(target)) = asked.register.fields.get(filter.field).map(|f| &f.kind)
        else {
            continue;
        };
        for wanted in &filter.wanted {
            let (Sought::Names(record), Ok(target)) = (wanted, view.register(target)) else {
                continue;
            };
            let found = view.record(reader.on, target, *record).await;
            if let Ok(RecordFound::There(found)) = found {
                let title = cells::title(reader, units, &found.title(target));
                named.insert((target.id.clone(), *record), title);
            }
        }
    }
    Ok(named)
}

/// The page.
pub(crate) async fn page(reader: &Reader, id: &str) -> Result<Page, Trouble> {
    if reader.spare {
        // A form whose fields are mostly blank: the address is made as short as what it says.
        return Ok(Page::elsewhere(reader.here_without(|_, _| false)));
    }
    let asked = asked(reader, id)?;
    let view = reader.view()?;
    let (register, page) = (asked.register, reader.page()?);
    let found = view.records(reader.on, register, &asked.query, (page, ROWS));
    let found = found.await?;
    let units = view.units(reader.on).await?;
    let named = named(reader, &units, &asked).await?;
    let told = filters::told(reader, &units, &asked, &named);
    let body = html! {
        (printed(reader, &units, &told))
        @if let Some(help) = &register.look.help { p.note { (help.get(reader.lang)) } }
        (filters::unit(reader, &units, &asked))
        (filters::form(reader, &units, &asked))
        (columns::form(reader, &asked))
        (filters::chosen(reader, &told))
        @if found.total == 0 { (nothing(reader, &asked)) } @else {
            p.count {
                (parts::span(reader, page, found.rows.len(), found.total))
                span.exports {
                    " " a href=(reader.asked_at(&format!("/registers/{}/export.xlsx", register.id), &["page", "lang"])) download { (reader.say(AS_WORKBOOK)) }
                    " " a href=(reader.asked_at(&format!("/registers/{}/export.csv", register.id), &["page", "lang"])) download { (reader.say(AS_CSV)) }
                }
            }
            (parts::scrolling(register.name.get(reader.lang), &table(reader, &units, &asked, &found, page)))
            (parts::pager(reader, page, found.total))
            (jump(reader, found.total))
        }
    };
    let up = (
        reader.link("/registers", &[]),
        reader.say(words::REGISTERS).to_owned(),
    );
    let title = register.name.get(reader.lang);
    Ok(Page::new(Place::Registers, title, body).way([up]).dated())
}

/// What stands on paper only: whose records of which day, what was asked for, and who printed it.
fn printed(reader: &Reader, units: &UnitNames, told: &[filters::Told]) -> Markup {
    html! { p.printed { (scope(reader, units, told)) } }
}

/// Whose records of which day, what was asked for, and who asks.
pub(super) fn scope(reader: &Reader, units: &UnitNames, told: &[filters::Told]) -> String {
    let unit = reader.unit().ok().flatten().unwrap_or(reader.root());
    let mut parts = vec![
        units.name(unit.as_str()),
        kernel::date::label(reader.on, reader.lang),
    ];
    parts.extend(told.iter().map(|told| told.words.clone()));
    if let Ok(view) = reader.view() {
        parts.push(words::looked_up_by(view.who(), reader.lang));
    }
    parts.join(reader.say(words::SEMICOLON))
}

/// The records.
fn table(
    reader: &Reader,
    units: &UnitNames,
    asked: &Asked<'_>,
    found: &RecordPage,
    page: usize,
) -> Markup {
    let register = asked.register;
    let shown = asked.query.shown(register);
    let order = asked.query.sorted(register, &asked.offers);
    let with_unit = has_unit(register, shown);
    let first = (page - 1) * ROWS + 1;
    html! {
        table.rows.records {
            caption.unseen { (register.name.get(reader.lang)) " " (reader.on) }
            thead {
                tr {
                    th.n scope="col" { (reader.say(NUMBER)) }
                    @for at in shown {
                        @if let Some(field) = register.fields.get(*at) { (heading(reader, asked, (*at, field), order.first())) }
                    }
                    @if with_unit { th scope="col" { (reader.say(WHOSE)) } }
                    th.opens scope="col" { span.unseen { (reader.say(OPEN)) } }
                }
            }
            tbody {
                @for (nth, record) in (first..).zip(&found.rows) {
                    (row(reader, units, (register, shown), record, nth, with_unit))
                }
            }
        }
    }
}

/// Whether it has to be said whose each record is: not where a column says so.
pub(super) fn has_unit(register: &Register, shown: &[usize]) -> bool {
    let says = |at: &usize| {
        let field = register.fields.get(*at);
        field.is_some_and(|field| field.id == office::schema::UNIT)
    };
    !shown.iter().any(says)
}

/// The heading of a column, which sorts by it where the reader may: the other way round if it does already.
fn heading(
    reader: &Reader,
    asked: &Asked<'_>,
    (at, field): (usize, &Field),
    order: Option<&SortBy>,
) -> Markup {
    let sorted = order.filter(|order| order.field == at);
    let sorts = asked.offers.get(at).is_some_and(|offer| offer.sorts);
    let (way, mark) = match sorted {
        Some(SortBy {
            descending: true, ..
        }) => ("descending", " ▼"),
        Some(_) => ("ascending", " ▲"),
        None => ("none", ""),
    };
    let next = match sorted {
        Some(SortBy {
            descending: false, ..
        }) => format!("-{}", field.id),
        _ => field.id.clone(),
    };
    let name = html! { (field.name.get(reader.lang)) span aria-hidden="true" { (mark) } };
    html! {
        th scope="col" class=[is_number(&field.kind).then_some("n")] aria-sort=[sorts.then_some(way)] {
            @if sorts { a href=(reader.here_with("sort", &next)) { (name) } } @else { (name) }
        }
    }
}

fn is_number(kind: &FieldType) -> bool {
    matches!(
        kind,
        FieldType::Int | FieldType::Fen | FieldType::Decimal { .. }
    )
}

fn row(
    reader: &Reader,
    units: &UnitNames,
    (register, shown): (&Register, &[usize]),
    record: &SeenRecord,
    nth: usize,
    with_unit: bool,
) -> Markup {
    let own = record.row.record;
    let title = cells::title(reader, units, &record.title(register));
    html! {
        tr {
            td.n { (plain::count(nth)) }
            @for at in shown {
                @if let Some(field) = register.fields.get(*at) {
                    td class=[class(&field.kind)] data-what=(field.name.get(reader.lang)) { (cells::cell(reader, units, (register, *at), record)) }
                }
            }
            @if with_unit { td data-what=(reader.say(WHOSE)) { (units.of(record.row.unit)) } }
            td.opens {
                @if let Some(address) = cells::address(reader, &register.id, own) {
                    a href=(address) aria-label=(words_open(reader, &title)) { (reader.say(OPEN)) }
                }
            }
        }
    }
}

fn class(kind: &FieldType) -> Option<&'static str> {
    match kind {
        kind if is_number(kind) => Some("n"),
        FieldType::Date | FieldType::Moment | FieldType::IdNumber | FieldType::Phone => Some("d"),
        _ => None,
    }
}

/// What to do where no record is found.
fn nothing(reader: &Reader, asked: &Asked<'_>) -> Markup {
    let narrowed = !asked.query.filters.is_empty() || asked.query.unit.is_some();
    html! {
        p.empty { (reader.say(if narrowed { NOTHING_FOUND } else { NOTHING_HERE })) }
        @if narrowed {
            p { a href=(reader.here_without(|name, _| name == "unit" || name.starts_with("f."))) { (reader.say(filters::WITHOUT_FILTERS)) } }
        } @else if reader.office.writes {
            p { a href="/imports/new" { (reader.say(words::IMPORT_A_LIST)) } }
        }
    }
}

/// The way to a page that is far away.
fn jump(reader: &Reader, total: usize) -> Markup {
    let last = total.div_ceil(ROWS);
    html! {
        @if last > 2 {
            form.jump method="get" action=(reader.path) {
                (hidden(reader, |name| !["page", "lang"].contains(&name)))
                label for="jump" { (reader.say(TO_PAGE)) }
                input #jump name="page" type="number" inputmode="numeric" min="1" max=(last) required;
                button.quiet type="submit" { (reader.say(GO)) }
            }
        }
    }
}

/// Some of what the address says, for a form that changes the rest.
pub(super) fn hidden(reader: &Reader, kept: impl Fn(&str) -> bool) -> Markup {
    html! {
        @for (name, value) in reader.asked.iter().filter(|(name, _)| kept(name)) {
            input type="hidden" name=(name) value=(value);
        }
    }
}

/// The unit asked for, or the reader's own.
pub(super) fn unit_of(reader: &Reader) -> UnitCode {
    reader.unit().ok().flatten().unwrap_or(reader.root())
}

fn words_open(reader: &Reader, title: &str) -> String {
    format!("{}{}{title}", reader.say(OPEN), reader.say(words::COLON))
}

words! {
    NUMBER: "序号", "No.";
    WHOSE: "所属单位", "Unit";
    OPEN: "详情", "Open";
    AS_WORKBOOK: "导出 Excel", "Export to Excel";
    AS_CSV: "导出 CSV", "Export as CSV";
    TO_PAGE: "转到第几页", "Go to page";
    GO: "转到", "Go";
    NOTHING_FOUND: "没有符合条件的记录。去掉一些条件，或换一个日期再看。", "No record meets the conditions. Take some away, or choose another date.";
    NOTHING_HERE: "这一天这一册还没有记录。导入有关的名册，或换一个日期。", "This register has no record on this date. Import a list of it, or choose another date.";
}
