//! A list of a register as a file: every record that is asked for, in the same columns and order as on the page, with masks where the page
//! has masks. Rows are written as they come; a list of a hundred thousand never stands in memory as cells.

use std::sync::Arc;

use axum::response::Response;
use office::{
    ListCell, ListColumn, ListKind, ListSheet, OfficeError, SeenCell, SeenRecord, UnitNames,
};
use pack::{Field, FieldType, Value};
use tokio::sync::oneshot;

use super::homes::{Homes, Known};
use super::list::{Asked, as_shown, asked, has_unit, named, scope, unit_of};
use super::totals::Totals;
use super::{cells, filters};
use crate::pages::download::{self, Form, Head, Piece, Pieces};
use crate::reader::Reader;
use crate::shell;
use crate::trouble::Trouble;

/// The list as a file.
pub(crate) async fn file(reader: Reader, id: String, form: Form) -> Response {
    let reader = Arc::new(reader);
    let (begun, head) = oneshot::channel();
    let (pieces, mut coming) = download::way();
    let own = reader.clone();
    // Rows are read by one thread while another writes them.
    tokio::spawn(async move {
        if let Err(trouble) = read(&own, &id, begun, &pieces).await {
            // Nobody may be left who fetches it.
            let _sent = pieces.send(Err(trouble)).await;
        }
    });
    match head.await {
        Ok(head) => download::respond(&reader, form, head, coming).await,
        Err(_) => {
            let trouble = match coming.recv().await {
                Some(Err(trouble)) => trouble,
                _ => Trouble::Office(OfficeError::Broken("the list broke off".to_owned())),
            };
            shell::respond(&reader, Err(trouble))
        }
    }
}

/// Reads what a list holds, and sends it on: what stands above it, rows, totals.
async fn read(
    reader: &Reader,
    id: &str,
    begun: oneshot::Sender<Head>,
    pieces: &Pieces,
) -> Result<(), Trouble> {
    let asked = as_shown(reader, asked(reader, id)?)?;
    let view = reader.view()?;
    let units = view.units(reader.on).await?;
    let named = named(reader, &units, &asked).await?;
    let told = filters::told(reader, &units, &asked, &named);
    let mut records = view
        .every_record(reader.on, asked.register, &asked.query)
        .await?;
    let name = format!(
        "{} {} {}",
        asked.register.name.get(reader.lang),
        units.name(unit_of(reader).as_str()),
        reader.on
    );
    let homes = Homes::of(reader, asked.register, asked.query.shown(asked.register));
    let sheet = sheet(reader, &asked, homes, scope(reader, &units, &told));
    if begun.send(Head { name, sheet }).is_err() {
        return Ok(());
    }
    let shown = asked.query.shown(asked.register);
    let more = homes.map(|homes| (homes.after, homes.headings(reader).len()));
    let mut totals = Totals::new(asked.register, shown, more);
    let mut nth = 0;
    while let Some(some) = records.next().await? {
        let known = match homes {
            Some(homes) => Some((homes, homes.known(reader, &some).await?)),
            None => None,
        };
        let mut rows = Vec::with_capacity(some.len());
        for record in &some {
            nth += 1;
            totals.add(record);
            rows.push(row(reader, &units, &asked, (record, known.as_ref()), nth));
        }
        if pieces.send(Ok(Piece::Rows(rows))).await.is_err() {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
    let totals = totals.cells(reader, has_unit(asked.register, shown));
    let _sent = pieces.send(Ok(Piece::End(totals))).await;
    Ok(())
}

/// What stands above the rows.
fn sheet(reader: &Reader, asked: &Asked<'_>, homes: Option<Homes>, note: String) -> ListSheet {
    let register = asked.register;
    let shown = asked.query.shown(register);
    let column = |id: &str, header: &str, kind| ListColumn {
        id: id.to_owned(),
        header: header.to_owned(),
        kind,
        width: None,
    };
    let fields = shown.iter().enumerate();
    let fields = fields.filter_map(|(place, at)| Some((place, register.fields.get(*at)?)));
    let fields = fields.flat_map(|(place, field)| {
        let own = column(&field.id, &heading(reader, field), kind(&field.kind));
        let homes = homes.filter(|homes| homes.after == place);
        let homes = homes.map_or_else(Vec::new, |homes| homes.headings(reader));
        let homes = homes.into_iter().enumerate();
        let homes = homes.map(|(nth, words)| column(&format!("home-{nth}"), words, ListKind::Text));
        [own].into_iter().chain(homes).collect::<Vec<ListColumn>>()
    });
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
    (record, homes): (&SeenRecord, Option<&(Homes, Known)>),
    nth: i64,
) -> Vec<ListCell> {
    let register = asked.register;
    let shown = asked.query.shown(register);
    let fields = shown.iter().enumerate();
    let fields = fields.filter_map(|(place, at)| Some((place, (register.fields.get(*at)?, *at))));
    let cells = fields.flat_map(|(place, of)| {
        let homes = homes.filter(|(homes, _)| homes.after == place);
        let homes = homes.map_or_else(Vec::new, |(homes, known)| homes.cells(known, record));
        let homes = homes.into_iter().map(|text| match text {
            "" => ListCell::Empty,
            text => ListCell::Text(text.to_owned()),
        });
        let own = [cell(reader, units, of, record)];
        own.into_iter().chain(homes).collect::<Vec<ListCell>>()
    });
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
    let unread = record.row.unread_at(at).is_some();
    match (record.row.cell_at(at), &field.kind) {
        (SeenCell::Value(Value::Int(number)), FieldType::Int) if !unread => ListCell::Int(*number),
        (SeenCell::Value(Value::Int(fen)), FieldType::Fen) if !unread => ListCell::Fen(*fen),
        (SeenCell::Value(Value::Date(day)), _) if !unread => ListCell::Date(*day),
        (SeenCell::Unknown, _) if !unread => ListCell::Empty,
        _ => ListCell::Text(cells::text(reader, units, (field, at), record)),
    }
}
