//! The rows behind a figure as a table: record numbers become links on the name or number beside them, codes words, and a row that the
//! reader's rights don't show is told to be there.

use kernel::Period;
use maud::{Markup, html};
use office::{Behind, SeenRows, UnitNames, schema};
use pack::{FieldType, Indicator};

use crate::parts;
use crate::reader::Reader;
use crate::shown;
use crate::words;

/// A column of the rows, as it is shown.
struct Column {
    nth: usize,
    heading: String,
    kind: Kind,
}

/// What a column's values are shown as.
enum Kind {
    Plain(FieldType),
    /// Opens the page of the record in this other column.
    Opens(&'static str, usize),
}

/// The table of a page of rows, with the way to the others.
pub(crate) fn table(
    reader: &Reader,
    units: &UnitNames,
    list: &Behind,
    rows: &SeenRows,
    period: Period,
    page: usize,
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
        p.note { (parts::span(reader, page, rows.rows.len(), rows.total)) }
        (parts::scrolling(reader.say(words::ROWS), &table))
        (parts::pager(reader, page, rows.total))
    }
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
        columns.push(Column { nth, heading, kind });
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

words! {
    NOTHING_COUNTED: "这里没有计入的记录。请换一个期间或单位，或先导入有关的名册。", "Nothing is counted here. Choose another period or unit, or import the lists it rests on.";
}
