//! A list of a register: a page of the records that are asked for, with what is asked for above them. Everything that is chosen stands in
//! the address, so that a list can be kept, sent on and opened again by whoever may.

use std::collections::BTreeMap;

use kernel::{RecordId, UnitCode};
use maud::{Markup, html};
use office::{
    FieldOffer, OfficeError, RecordFound, RecordPage, RecordQuery, SeenCell, SeenRecord, Sought,
    UnitNames,
};
use pack::{Field, FieldType, Register, SortBy};

use super::homes::{Homes, Known};
use super::totals::Totals;
use super::{cells, columns, filters, saved};
use crate::pages::batch::{self, NOT_OF_ROWS, Offers};
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

impl Asked<'_> {
    /// Where the list is.
    pub fn path(&self) -> String {
        place(self.register)
    }
}

/// Where the list of a register is.
pub(super) fn place(register: &Register) -> String {
    format!("/registers/{}", register.id)
}

/// The same in the columns that whoever is at the desk chose, if the address doesn't say any.
pub(super) fn as_shown<'r>(reader: &'r Reader, mut asked: Asked<'r>) -> Result<Asked<'r>, Trouble> {
    if asked.query.columns.is_empty() && reader.office.writes {
        asked.query.columns = reader.view()?.chosen_columns(asked.register);
    }
    Ok(asked)
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
    let asked = as_shown(reader, asked(reader, id)?)?;
    let view = reader.view()?;
    let register = asked.register;
    let printed = reader.ask("print").is_some();
    let part = match printed {
        true => (1, parts::MOST_PRINTED),
        false => (reader.page()?, ROWS),
    };
    let found = view
        .records(reader.on, register, &asked.query, part)
        .await?;
    let units = view.units(reader.on).await?;
    let named = named(reader, &units, &asked).await?;
    let told = filters::told(reader, &units, &asked, &named);
    let offers = Offers::of_register(reader, register).filter(|_| !printed);
    let homes = match Homes::of(reader, register, asked.query.shown(register)) {
        Some(homes) => Some((homes, homes.known(reader, &found.rows).await?)),
        None => None,
    };
    let table = Table {
        reader,
        units: &units,
        asked: &asked,
        found: &found,
        homes: homes.as_ref().map(|(homes, known)| (*homes, known)),
        first: (part.0 - 1) * part.1 + 1,
        chooses: offers.is_some(),
        printed,
    };
    let body = html! {
        (scope_line(reader, &units, &told, printed))
        @if let Some(help) = &register.look.help { p.note { (help.get(reader.lang)) } }
        @if !printed {
            (saved::links(reader, &asked))
            (filters::form(reader, &units, &asked))
            (columns::form(reader, &asked))
            (saved::form(reader, &asked))
            (filters::chosen(reader, &told))
        }
        @if found.total == 0 { (nothing(reader, &asked)) } @else {
            @let page = (!printed).then_some(part.0);
            (parts::count(reader, page, (found.rows.len(), found.total), |ending| {
                reader.asked_at(&format!("{}/export.{ending}", asked.path()), &NOT_OF_ROWS)
            }))
            @if table.is_masked() { (parts::stars(reader)) }
            @let shown = parts::scrolling(register.name.get(reader.lang), &table.shown());
            @match &offers { Some(offers) => (offers.around(reader, &units, &shown).await?), None => (shown) }
            @if !printed { (parts::pager(reader, part.0, found.total)) }
        }
    };
    let up = (
        reader.link("/registers", &[]),
        reader.say(words::REGISTERS).to_owned(),
    );
    let title = register.name.get(reader.lang);
    Ok(Page::new(Place::Registers, title, body).way([up]).dated())
}

/// Whose records of which day, what was asked for, and who asks: on paper, and on the screen of a list that is to be printed.
fn scope_line(reader: &Reader, units: &UnitNames, told: &[filters::Told], printed: bool) -> Markup {
    html! { p.printed[!printed] { (scope(reader, units, told)) } }
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

/// The table of a list.
struct Table<'t> {
    reader: &'t Reader,
    units: &'t UnitNames,
    asked: &'t Asked<'t>,
    found: &'t RecordPage,
    /// What is told of households, where the register is about them.
    homes: Option<(Homes, &'t Known)>,
    /// The number of the first row.
    first: usize,
    /// Whether rows can be chosen.
    chooses: bool,
    /// Whether it is the whole list.
    printed: bool,
}

impl Table<'_> {
    /// Whether something in it is shown as a mask.
    fn is_masked(&self) -> bool {
        let shown = self.asked.query.shown(self.asked.register);
        let masked =
            |at: &usize, row: &SeenRecord| matches!(row.row.cell_at(*at), SeenCell::Masked(_));
        let mut rows = self.found.rows.iter();
        let home = |row: &SeenRecord| {
            let cells = self
                .homes
                .map_or_else(Vec::new, |(homes, known)| homes.cells(known, row));
            cells.iter().any(|cell| cell.contains('*'))
        };
        rows.any(|row| shown.iter().any(|at| masked(at, row)) || home(row))
    }

    fn shown(&self) -> Markup {
        let (reader, asked) = (self.reader, self.asked);
        let register = asked.register;
        let shown = asked.query.shown(register);
        let order = asked.query.sorted(register, &asked.offers);
        let with_unit = has_unit(register, shown);
        html! {
            table.rows.records {
                caption.unseen { (register.name.get(reader.lang)) " " (reader.on) }
                thead {
                    tr {
                        @if self.chooses { (batch::heading(reader)) }
                        th.n.nr scope="col" { (reader.say(NUMBER)) }
                        @for (place, at) in shown.iter().enumerate() {
                            @if let Some(field) = register.fields.get(*at) { (heading(reader, asked, (*at, field), order.first())) }
                            @for heading in self.homes_after(place).map_or_else(Vec::new, |(homes, _)| homes.headings(reader)) { th scope="col" { (heading) } }
                        }
                        @if with_unit { th scope="col" { (reader.say(WHOSE)) } }
                        th.opens scope="col" { span.unseen { (reader.say(OPEN)) } }
                    }
                }
                tbody {
                    @for (nth, record) in (self.first..).zip(&self.found.rows) { (self.row(record, nth, with_unit)) }
                }
                @if self.printed { (self.totals(shown, with_unit)) }
            }
        }
    }

    fn row(&self, record: &SeenRecord, nth: usize, with_unit: bool) -> Markup {
        let (reader, units, register) = (self.reader, self.units, self.asked.register);
        let own = record.row.record;
        let title = cells::title(reader, units, &record.title(register));
        let address = cells::address(reader, &register.id, own);
        html! {
            tr {
                @if self.chooses { (batch::pick(reader, Some(own), &title)) }
                td.n.nr { (plain::count(nth)) }
                @for (place, at) in self.asked.query.shown(register).iter().enumerate() {
                    @if let Some(field) = register.fields.get(*at) {
                        @let cell = cells::cell(reader, units, (register, *at), record);
                        td class=[class(&field.kind)] data-what=(field.name.get(reader.lang)) {
                            @match address.as_ref().filter(|_| place == 0 && opens(field, record)) {
                                Some(address) => a.alone href=(address) { (cell) },
                                None => (cell),
                            }
                        }
                    }
                    @if let Some((homes, known)) = self.homes_after(place) {
                        @for (what, cell) in homes.headings(reader).into_iter().zip(homes.cells(known, record)) { td data-what=(what) { (if cell.is_empty() { "—" } else { cell }) } }
                    }
                }
                @if with_unit { td data-what=(reader.say(WHOSE)) { (units.of(record.row.unit)) } }
                td.opens {
                    @if let Some(address) = &address {
                        a href=(address) aria-label=(words_open(reader, &title)) { (reader.say(OPEN)) }
                    }
                }
            }
        }
    }

    /// What is told of households behind a column.
    fn homes_after(&self, place: usize) -> Option<(Homes, &Known)> {
        self.homes.filter(|(homes, _)| homes.after == place)
    }

    /// The sums of a whole list; of a part there are none.
    fn totals(&self, shown: &[usize], with_unit: bool) -> Markup {
        let homes = self
            .homes
            .map(|(homes, _)| (homes.after, homes.headings(self.reader).len()));
        let mut totals = Totals::new(self.asked.register, shown, homes);
        for record in &self.found.rows {
            totals.add(record);
        }
        html! {
            @if self.found.rows.len() == self.found.total { (totals.foot(self.reader, usize::from(with_unit) + 1)) }
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

/// Whether what stands in a field can open its record's page: it is there, and leads nowhere else.
fn opens(field: &Field, record: &SeenRecord) -> bool {
    let leads = matches!(field.kind, FieldType::Ref(_) | FieldType::File);
    !leads && record.row.has(&field.id)
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
    NOTHING_FOUND: "没有符合条件的记录。去掉一些条件，或换一个日期再看。", "No record meets the conditions. Take some away, or choose another date.";
    NOTHING_HERE: "这一天这一册还没有记录。导入有关的名册，或换一个日期。", "This register has no record on this date. Import a list of it, or choose another date.";
}
