//! One figure: its value, how it is made, and the rows it counts, a page at a time. The rows come from the query that gave the
//! figure, read anew under the reader's grant, narrowed to the unit asked.

use kernel::Period;
use maud::{Markup, html};
use office::{Behind, Board, Part, Rows, UnitNames, rows_of, schema};
use pack::{At, FieldType, Indicator, Measure, Register};

use crate::pages::indicators::{choice, questions};
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// The page.
pub(crate) async fn page(reader: &Reader, id: &str) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let indicator = reader.office.pack.indicator(id).ok_or(Trouble::Absent)?;
    let period = reader.period()?;
    let asked = reader.unit()?;
    let unit = asked.unwrap_or(view.root);
    let units = view.units(period.end()).await?;
    let board = view.board(period, unit).await?;
    let figure = board.figure(id).await?;
    let behind = board.behind(id).await?;
    let list = chosen(reader, &behind)?;
    let page = reader.page()?;
    let rows = match list.and_then(|nth| behind.get(nth)) {
        Some(list) => {
            let part = Part {
                offset: (page - 1) * ROWS,
                limit: ROWS,
            };
            Some((list, view.rows_behind((period, unit), list, part).await?))
        }
        None => None,
    };
    if rows.as_ref().is_some_and(|(_, rows)| rows.rows.is_empty()) && page > 1 {
        return Err(Trouble::Absent);
    }
    let made = made(reader, &board, indicator, period, asked).await?;
    let body = html! {
        p.value { strong { (plain::grouped(&figure.shown)) } " " (indicator.unit.get(reader.lang)) }
        @if let Some(note) = &indicator.note { p.lead { (note.get(reader.lang)) } }
        (choice(reader, &units, period, asked))
        (made)
        section aria-labelledby="rows" {
            h2 #rows { (reader.say(words::ROWS)) }
            @if behind.len() > 1 { (tabs(reader, &behind, list, period)) }
            @if let Some((list, rows)) = &rows { (table(reader, &units, list, rows, period, page)) }
        }
    };
    let kicker = format!(
        "{} · {}",
        units.name(&unit.to_string()),
        period.label(reader.lang)
    );
    let up = (
        reader.link("/indicators", &[]),
        reader.say(words::INDICATORS).to_owned(),
    );
    Ok(
        Page::new(Place::Indicators, indicator.name.get(reader.lang), body)
            .kicker(kicker)
            .way([up]),
    )
}

/// Which of the lists is shown.
fn chosen(reader: &Reader, behind: &[Behind]) -> Result<Option<usize>, Trouble> {
    let nth = match reader.ask("list") {
        Some(asked) => asked
            .parse::<usize>()
            .map_err(|_| Trouble::Question(words::BAD_LIST))?
            .checked_sub(1),
        None => Some(0),
    };
    match nth {
        Some(nth) if nth < behind.len() => Ok(Some(nth)),
        Some(0) => Ok(None),
        _ => Err(Trouble::Absent),
    }
}

/// How the figure is made: in words, and as the query.
async fn made(
    reader: &Reader,
    board: &Board,
    indicator: &Indicator,
    period: Period,
    unit: Option<kernel::UnitCode>,
) -> Result<Markup, Trouble> {
    let of: Vec<(&str, &String)> = match &indicator.measure {
        Measure::Rate {
            plus, minus, over, ..
        } => {
            let plus = plus
                .iter()
                .enumerate()
                .map(|(nth, id)| (if nth == 0 { "" } else { "+" }, id));
            plus.chain(minus.iter().map(|id| ("−", id)))
                .chain([("÷", over)])
                .collect()
        }
        Measure::Average { of } => vec![("", of)],
        Measure::Count { .. } | Measure::Sum { .. } => Vec::new(),
    };
    let questions = questions(reader, period, unit);
    let questions: Vec<(&str, &str)> = questions
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut parts = Vec::new();
    for (sign, id) in of {
        let declared = reader.office.pack.indicator(id).ok_or(Trouble::Absent)?;
        parts.push((sign, declared, board.figure(id).await?));
    }
    Ok(html! {
        section aria-labelledby="made" {
            h2 #made { (reader.say(HOW_MADE)) }
            p { (words::measured(indicator, period, reader.lang)) }
            @if !parts.is_empty() {
                ul.formula {
                    @for (sign, part, figure) in &parts {
                        li {
                            span.sign { (sign) }
                            a href=(reader.link(&format!("/indicators/{}", part.id), &questions)) { (part.name.get(reader.lang)) }
                            " " b { (plain::grouped(&figure.shown)) } " " (part.unit.get(reader.lang))
                        }
                    }
                }
            }
            @if let Some((sql, _)) = rows_of(indicator) {
                details {
                    summary { (reader.say(QUERY)) }
                    pre { code { (sql.text.trim()) } }
                }
            }
        }
    })
}

fn tabs(reader: &Reader, behind: &[Behind], chosen: Option<usize>, period: Period) -> Markup {
    html! {
        nav.tabs aria-label=(reader.say(words::ROWS)) {
            @for (nth, list) in behind.iter().enumerate() {
                a href=(reader.here_with("list", &(nth + 1).to_string())) aria-current=[(chosen == Some(nth)).then_some("true")] {
                    (list_name(reader, list, period)) " " b { (plain::count(list.rows)) }
                }
            }
        }
    }
}

fn list_name(reader: &Reader, list: &Behind, period: Period) -> String {
    let indicator = reader.office.pack.indicator(&list.indicator);
    let name = indicator.map_or(list.indicator.as_str(), |indicator| {
        indicator.name.get(reader.lang)
    });
    let whole = indicator
        .and_then(rows_of)
        .is_some_and(|(_, at)| at == At::Period);
    if whole {
        return name.to_owned();
    }
    let day = if list.before {
        period.before()
    } else {
        period.end()
    };
    words::name_on(name, day, reader.lang)
}

/// A column of the rows, as it is shown.
struct Column {
    nth: usize,
    heading: String,
    kind: Kind,
}

/// What a column's values are shown as.
enum Kind {
    Plain(FieldType),
    Unit,
    /// Opens the page of the record in this other column.
    Opens(&'static str, usize),
}

fn table(
    reader: &Reader,
    units: &UnitNames,
    list: &Behind,
    rows: &Rows,
    period: Period,
    page: usize,
) -> Markup {
    if rows.total == 0 {
        return html! { p.empty { (reader.say(words::NO_ROWS)) } };
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
                    tr { @for column in &columns { (cell(reader, units, column, row, day)) } }
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
fn columns(reader: &Reader, list: &Behind, rows: &Rows) -> Vec<Column> {
    let at = |name: &str| rows.columns.iter().position(|column| column == name);
    let (person, household) = (at(Indicator::PERSON), at(Indicator::HOUSEHOLD));
    let mut columns = Vec::new();
    for (nth, name) in rows.columns.iter().enumerate() {
        if [schema::ID, Indicator::PERSON, Indicator::HOUSEHOLD].contains(&name.as_str()) {
            continue;
        }
        let field = field(reader, list, name);
        let kind = match (name.as_str(), person, household) {
            ("unit" | "code", ..) => Kind::Unit,
            ("name" | "husband", Some(person), _) => Kind::Opens("people", person),
            ("number", _, Some(household)) => Kind::Opens("households", household),
            _ => Kind::Plain(
                field
                    .as_ref()
                    .map_or(FieldType::Text, |(_, kind)| kind.clone()),
            ),
        };
        let heading = words::column(name, reader.lang).map(ToOwned::to_owned);
        let heading = heading
            .or_else(|| field.map(|(heading, _)| heading))
            .unwrap_or_else(|| name.clone());
        columns.push(Column { nth, heading, kind });
    }
    columns
}

/// The field or fact a column is named after, in the registers that the query reads.
fn field(reader: &Reader, list: &Behind, column: &str) -> Option<(String, FieldType)> {
    let pack = &reader.office.pack;
    let (sql, _) = pack.indicator(&list.indicator).and_then(rows_of)?;
    let names = pack::identifiers(&sql.text);
    let read = |register: &&Register| names.iter().any(|(name, _)| *name == register.id);
    let field = (pack.registers.iter().filter(read)).find_map(|register| register.field(column));
    if let Some((_, field)) = field {
        return Some((field.name.get(reader.lang).to_owned(), field.kind.clone()));
    }
    let fact = pack
        .subjects
        .iter()
        .find_map(|subject| subject.fact(column));
    fact.map(|fact| (fact.name.get(reader.lang).to_owned(), fact.kind.clone()))
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
        Kind::Unit => html! { td { (units.name(value)) } },
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
    HOW_MADE: "怎么算的", "How it is made";
    QUERY: "查询语句", "Query";
}
