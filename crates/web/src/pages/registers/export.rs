//! A list of a register as a file: every record that is asked for, in the same columns and order as on the page, with masks where the page
//! has masks. Rows are written as they come; a list of a hundred thousand never stands in memory as cells.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use office::{
    ListCell, ListColumn, ListError, ListKind, ListSheet, ListWriter, OfficeError, SeenCell,
    SeenRecord, UnitNames,
};
use pack::{Field, FieldType, Value};

use super::list::{Asked, asked, has_unit, named, scope, unit_of};
use super::{cells, filters};
use crate::pages::file::disposition;
use crate::reader::Reader;
use crate::shell;
use crate::trouble::Trouble;

/// The list as a workbook.
pub(crate) async fn workbook(reader: &Reader, id: &str) -> Response {
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let file = written(reader, id, ListWriter::xlsx).await;
    sent(reader, file, ("xlsx", XLSX))
}

/// The list as CSV.
pub(crate) async fn text(reader: &Reader, id: &str) -> Response {
    let file = written(reader, id, ListWriter::csv).await;
    sent(reader, file, ("csv", "text/csv; charset=utf-8"))
}

/// A file, or what keeps it from being made.
pub(crate) fn sent(
    reader: &Reader,
    file: Result<(String, Vec<u8>), Trouble>,
    (ending, media): (&str, &'static str),
) -> Response {
    let (name, bytes) = match file {
        Ok(file) => file,
        Err(trouble) => return shell::respond(reader, Err(trouble)),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    let name = disposition(&format!("{name}.{ending}"));
    headers.insert(header::CONTENT_DISPOSITION, name);
    response
}

/// The list, and how its file is called.
async fn written(
    reader: &Reader,
    id: &str,
    writer: impl FnOnce(ListSheet) -> Result<ListWriter, ListError>,
) -> Result<(String, Vec<u8>), Trouble> {
    let asked = asked(reader, id)?;
    let view = reader.view()?;
    let units = view.units(reader.on).await?;
    let named = named(reader, &units, &asked).await?;
    let told = filters::told(reader, &units, &asked, &named);
    let mut writer = writer(sheet(reader, &asked, scope(reader, &units, &told))).map_err(broken)?;
    let mut records = view
        .every_record(reader.on, asked.register, &asked.query)
        .await?;
    let mut nth = 0;
    while let Some(some) = records.next().await? {
        for record in &some {
            nth += 1;
            writer
                .push(row(reader, &units, &asked, record, nth))
                .map_err(broken)?;
        }
        tokio::task::yield_now().await;
    }
    let name = format!(
        "{} {} {}",
        asked.register.name.get(reader.lang),
        units.name(unit_of(reader).as_str()),
        reader.on
    );
    // Packing a long list takes a second or so, in which others are answered.
    let packed = tokio::task::spawn_blocking(move || writer.finish()).await;
    let packed = packed.map_err(|error| OfficeError::Broken(error.to_string()))?;
    Ok((name, packed.map_err(broken)?))
}

/// What keeps a list from being written, as trouble.
pub(crate) fn broken(error: ListError) -> Trouble {
    Trouble::Office(OfficeError::List(Box::new(error)))
}

/// What stands above the rows.
fn sheet(reader: &Reader, asked: &Asked<'_>, note: String) -> ListSheet {
    let register = asked.register;
    let shown = asked.query.shown(register);
    let column = |id: &str, header: &str, kind| ListColumn {
        id: id.to_owned(),
        header: header.to_owned(),
        kind,
        width: None,
    };
    let fields = shown.iter().filter_map(|at| register.fields.get(*at));
    let fields = fields.map(|field| column(&field.id, &heading(reader, field), kind(&field.kind)));
    let number = reader.say(super::list::NUMBER);
    let unit = has_unit(register, shown).then(|| {
        column(
            office::schema::UNIT,
            reader.say(super::list::WHOSE),
            ListKind::Text,
        )
    });
    let first = column("number", number, ListKind::Int);
    let name = register.name.get(reader.lang);
    ListSheet {
        name: name.to_owned(),
        title: name.to_owned(),
        note: vec![note],
        columns: [first].into_iter().chain(fields).chain(unit).collect(),
        rows: Vec::new(),
    }
}

/// A column's heading, with what its numbers are counted in.
fn heading(reader: &Reader, field: &Field) -> String {
    let name = field.name.get(reader.lang);
    match &field.kind {
        FieldType::Fen => format!("{name}{}", reader.say(filters::IN_YUAN)),
        _ => name.to_owned(),
    }
}

fn kind(kind: &FieldType) -> ListKind {
    match kind {
        FieldType::Int => ListKind::Int,
        FieldType::Fen => ListKind::Fen,
        FieldType::Date => ListKind::Date,
        _ => ListKind::Text,
    }
}

fn row(
    reader: &Reader,
    units: &UnitNames,
    asked: &Asked<'_>,
    record: &SeenRecord,
    nth: i64,
) -> Vec<ListCell> {
    let register = asked.register;
    let shown = asked.query.shown(register);
    let fields = shown
        .iter()
        .filter_map(|at| Some((register.fields.get(*at)?, *at)));
    let cells = fields.map(|of| cell(reader, units, of, record));
    let unit = has_unit(register, shown).then(|| ListCell::Text(units.of(record.row.unit)));
    [ListCell::Int(nth)]
        .into_iter()
        .chain(cells)
        .chain(unit)
        .collect()
}

/// A cell: numbers, money and days as such, and everything else as its words.
fn cell(
    reader: &Reader,
    units: &UnitNames,
    (field, at): (&Field, usize),
    record: &SeenRecord,
) -> ListCell {
    let unread = record.row.unread(&field.id).is_some();
    match (record.row.cell(&field.id), &field.kind) {
        (SeenCell::Value(Value::Int(number)), FieldType::Int) if !unread => ListCell::Int(*number),
        (SeenCell::Value(Value::Int(fen)), FieldType::Fen) if !unread => ListCell::Fen(*fen),
        (SeenCell::Value(Value::Date(day)), _) if !unread => ListCell::Date(*day),
        (SeenCell::Unknown, _) if !unread => ListCell::Empty,
        _ => ListCell::Text(cells::text(reader, units, (field, at), record)),
    }
}
