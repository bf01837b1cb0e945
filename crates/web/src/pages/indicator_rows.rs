//! The rows behind a figure as a table and as a file: record numbers become links on the name or number beside them, codes words, and a
//! row that the reader's rights don't show is told to be there.

use axum::response::Response;
use kernel::Period;
use maud::{Markup, html};
use office::{
    Behind, ListCell, ListColumn, ListKind, ListSheet, Part, SeenLine, SeenRows, UnitNames, schema,
};
use pack::{FieldType, Indicator};

use crate::pages::download::{self, Form, Head};
use crate::pages::figures::Of;
use crate::pages::indicator::{self, chosen, list_name};
use crate::pages::registers::list::NUMBER;
use crate::parts;
use crate::reader::Reader;
use crate::shell;
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// How many rows of a file are read at a time.
const PORTION: usize = 10_000;

/// A column of the rows, as it is shown.
struct Column {
    nth: usize,
    id: String,
    heading: String,
    kind: Kind,
}

/// What a column's values are shown as.
enum Kind {
    Plain(FieldType),
    /// Opens the page of the record in this other column.
    Opens(&'static str, usize),
}

/// The table of a page of rows, or of all, with the way to the others.
pub(crate) fn table(
    reader: &Reader,
    units: &UnitNames,
    list: &Behind,
    rows: &SeenRows,
    period: Period,
    page: Option<usize>,
) -> Markup {
    if rows.total == 0 {
        return html! { p.empty { (reader.say(NOTHING_COUNTED)) } };
    }
    let columns = columns(reader, list, rows);
    let day = if list.before {
        period.before()
    } else {
        period.end()
    };
    let table = html! {
        table.rows {
            thead { tr { @for column in &columns { th scope="col" class=[number(column).then_some("n")] { (column.heading) } } } }
            tbody {
                @for row in &rows.rows {
                    tr {
                        @match &row.cells {
                            Some(cells) => @for column in &columns { (cell(reader, units, column, cells, day)) },
                            None => td.none colspan=(columns.len().max(1)) {
                                (units.of(row.unit)) " " (reader.say(words::NOT_HERE))
                            },
                        }
                    }
                }
            }
        }
    };
    html! {
        (parts::count(reader, page, (rows.rows.len(), rows.total), |ending| {
            reader.asked_at(&format!("{}/rows.{ending}", reader.path), &NOT_OF_ROWS)
        }))
        p.note { (reader.say(ORDER)) }
        (parts::scrolling(reader.say(words::ROWS), &table))
        @if let Some(page) = page { (parts::pager(reader, page, rows.total)) }
    }
}

/// The rows as a file.
pub(crate) async fn file(reader: &Reader, id: &str, form: Form) -> Response {
    match gathered(reader, id).await {
        Ok((head, rows)) => download::at_hand(reader, form, head, rows).await,
        Err(trouble) => shell::respond(reader, Err(trouble)),
    }
}

/// All rows of the list that is asked for, and what stands above them.
async fn gathered(reader: &Reader, id: &str) -> Result<(Head, Vec<Vec<ListCell>>), Trouble> {
    let asked = indicator::asked(reader, id)?;
    let Of { unit, period } = asked.of;
    let units = reader.view()?.units(period.end()).await?;
    let sheet = indicator::sheet(reader, &asked).await?;
    let behind = sheet.behind(id, &asked.wanted).await?;
    let list = chosen(reader, &behind)?.and_then(|nth| behind.get(nth));
    let list = list.ok_or(Trouble::Absent)?;
    let of = (list.indicator.as_str(), list.before);
    let (mut rows, mut headings) = (Vec::new(), Vec::new());
    loop {
        let part = Part {
            offset: rows.len(),
            limit: PORTION,
        };
        let seen = sheet.rows(id, of, &asked.wanted, part).await?;
        let columns = columns(reader, list, &seen);
        if headings.is_empty() {
            headings = columns.iter().map(heading).collect();
        }
        for line in &seen.rows {
            let nth = i64::try_from(rows.len() + 1).unwrap_or(i64::MAX);
            rows.push(file_row(reader, &units, &columns, (nth, line)));
        }
        if seen.rows.is_empty() || rows.len() >= seen.total {
            break;
        }
    }
    let number = ListColumn {
        id: "number".to_owned(),
        header: reader.say(NUMBER).to_owned(),
        kind: ListKind::Int,
        width: None,
    };
    let name = list_name(reader, list, period);
    let mut note = vec![units.name(unit.as_str()), period.label(reader.lang)];
    note.extend(indicator::narrowed(reader, &asked));
    note.push(words::looked_up_by(reader.view()?.who(), reader.lang));
    let head = Head {
        name: format!(
            "{name} {} {}",
            units.name(unit.as_str()),
            period.label(reader.lang)
        ),
        sheet: ListSheet {
            name: name.clone(),
            title: name,
            note: vec![note.join(reader.say(words::SEMICOLON))],
            columns: [number].into_iter().chain(headings).collect(),
            rows: Vec::new(),
        },
    };
    Ok((head, rows))
}

fn heading(column: &Column) -> ListColumn {
    ListColumn {
        id: column.id.clone(),
        header: column.heading.clone(),
        kind: match &column.kind {
            Kind::Plain(FieldType::Int) => ListKind::Int,
            Kind::Plain(FieldType::Fen) => ListKind::Fen,
            Kind::Plain(FieldType::Date) => ListKind::Date,
            _ => ListKind::Text,
        },
        width: None,
    }
}

fn file_row(
    reader: &Reader,
    units: &UnitNames,
    columns: &[Column],
    (nth, line): (i64, &SeenLine),
) -> Vec<ListCell> {
    let mut row = vec![ListCell::Int(nth)];
    match &line.cells {
        Some(cells) => row.extend(
            columns
                .iter()
                .map(|column| file_cell(reader, units, column, cells)),
        ),
        None => {
            let whose = format!("{} {}", units.of(line.unit), reader.say(words::NOT_HERE));
            row.push(ListCell::Text(whose));
            row.resize(columns.len() + 1, ListCell::Empty);
        }
    }
    row
}

/// A cell of a file: numbers, money and days as such, and everything else as its words.
fn file_cell(
    reader: &Reader,
    units: &UnitNames,
    column: &Column,
    row: &[Option<String>],
) -> ListCell {
    let Some(value) = row.get(column.nth).and_then(Option::as_deref) else {
        return ListCell::Empty;
    };
    let Kind::Plain(kind) = &column.kind else {
        return ListCell::Text(value.to_owned());
    };
    let read = match kind {
        FieldType::Int => value.parse().ok().map(ListCell::Int),
        FieldType::Fen => value.parse().ok().map(ListCell::Fen),
        FieldType::Date => value.parse().ok().map(ListCell::Date),
        _ => None,
    };
    let pack = &reader.office.pack;
    read.unwrap_or_else(|| ListCell::Text(shown::value(pack, units, kind, value, reader.lang)))
}

fn number(column: &Column) -> bool {
    matches!(column.kind, Kind::Plain(FieldType::Int | FieldType::Fen))
}

/// The columns worth showing: record numbers become links on the name or number beside them.
fn columns(reader: &Reader, list: &Behind, rows: &SeenRows) -> Vec<Column> {
    let at = |name: &str| rows.columns.iter().position(|column| column == name);
    let (person, household) = (at(Indicator::PERSON), at(Indicator::HOUSEHOLD));
    let mut columns = Vec::new();
    for (nth, name) in rows.columns.iter().enumerate() {
        if [schema::ID, Indicator::PERSON, Indicator::HOUSEHOLD].contains(&name.as_str()) {
            continue;
        }
        let (heading, kind) =
            shown::column(&reader.office.pack, &list.indicator, name, reader.lang);
        let kind = match (name.as_str(), person, household) {
            ("name" | "husband", Some(person), _) => Kind::Opens("people", person),
            ("number", _, Some(household)) => Kind::Opens("households", household),
            _ => Kind::Plain(kind),
        };
        let id = name.clone();
        columns.push(Column {
            nth,
            id,
            heading,
            kind,
        });
    }
    columns
}

fn cell(
    reader: &Reader,
    units: &UnitNames,
    column: &Column,
    row: &[Option<String>],
    day: jiff::civil::Date,
) -> Markup {
    let pack = &reader.office.pack;
    let value = row.get(column.nth).and_then(Option::as_deref);
    let Some(value) = value else {
        return html! { td.none { "—" } };
    };
    match &column.kind {
        Kind::Opens(place, record) => {
            let record = row.get(*record).and_then(Option::as_deref);
            let day = (day != reader.office.on).then(|| day.to_string());
            let day: Vec<(&str, &str)> = day.iter().map(|day| ("on", day.as_str())).collect();
            match record {
                Some(record) => {
                    html! { td { a href=(reader.link(&format!("/{place}/{record}"), &day)) { (value) } } }
                }
                None => html! { td { (value) } },
            }
        }
        Kind::Plain(kind) => {
            let class = match kind {
                FieldType::Int | FieldType::Fen => Some("n"),
                FieldType::Date => Some("d"),
                _ => None,
            };
            html! { td class=[class] { (shown::value(pack, units, kind, value, reader.lang)) } }
        }
    }
}

/// What is asked of the page and not of its rows.
const NOT_OF_ROWS: [&str; 5] = ["page", "lang", "print", "by", "last"];

words! {
    ORDER: "按单位排列，同一单位的按记入先后。", "By unit, and within a unit as they were recorded.";
    NOTHING_COUNTED: "这里没有计入的记录。请换一个期间或单位，或先导入有关的名册。", "Nothing is counted here. Choose another period or unit, or import the lists it rests on.";
}
