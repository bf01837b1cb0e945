//! A list of a programme as a file: the columns and the order of the page, every row of it, with masks where the page has masks.

use axum::response::Response;
use office::{ListError, ListSheet, ListWriter, OfficeError};
use pack::Programme;

use super::rows::Columns;
use super::{List, asked, scope};
use crate::pages::registers::export::{broken, sent};
use crate::reader::Reader;
use crate::trouble::Trouble;
use crate::words;

/// How many rows a file has at most.
const MOST_ROWS: usize = 200_000;

/// The list as a workbook: of one programme, or of all.
pub(crate) async fn workbook(reader: &Reader, programme: Option<&str>) -> Response {
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let file = written(reader, programme, ListWriter::xlsx).await;
    sent(reader, file, ("xlsx", XLSX))
}

/// The list as CSV.
pub(crate) async fn text(reader: &Reader, programme: Option<&str>) -> Response {
    let file = written(reader, programme, ListWriter::csv).await;
    sent(reader, file, ("csv", "text/csv; charset=utf-8"))
}

/// The list, and how its file is called.
async fn written(
    reader: &Reader,
    programme: Option<&str>,
    writer: impl FnOnce(ListSheet) -> Result<ListWriter, ListError>,
) -> Result<(String, Vec<u8>), Trouble> {
    let pack = &reader.office.pack;
    let programmes: Vec<&Programme> = match programme {
        Some(id) => vec![pack.programme(id).ok_or(Trouble::Absent)?],
        None => pack.programmes.iter().collect(),
    };
    let asked = asked(reader, &programmes)?;
    let view = reader.view()?;
    let units = view.units(reader.on).await?;
    let read = view.whole_list(reader.on, &asked, MOST_ROWS).await?;
    let list = List {
        programmes,
        asked,
        read,
        page: None,
    };
    let columns = Columns::of(reader, &units, &list);
    let name = match list.programmes.as_slice() {
        [only] => only.name.get(reader.lang).to_owned(),
        _ => reader.say(super::OF_ALL).to_owned(),
    };
    let standing = list.asked.standing.label(reader.lang);
    let mut note = vec![scope(reader, &units, &list)];
    if let [only] = columns.reasons.as_slice() {
        let reason = super::told(reader, &list, only);
        let colon = reader.say(words::COLON);
        note.push(format!("{}{colon}{reason}", reader.say(super::REASON)));
    }
    let sheet = ListSheet {
        name: standing.to_owned(),
        title: format!("{name} {standing}"),
        note,
        columns: columns.of_file(reader, &list),
        rows: Vec::new(),
    };
    let mut writer = writer(sheet).map_err(broken)?;
    for (nth, row) in (1..).zip(&list.read.rows) {
        let cells = columns.row(reader, &units, &list, (nth, row));
        writer.push(cells).map_err(broken)?;
    }
    let unit = list.asked.unit.unwrap_or(reader.root());
    let name = format!(
        "{name} {standing} {} {}",
        units.name(unit.as_str()),
        reader.on
    );
    // Packing a long list takes a second or so, in which others are answered.
    let packed = tokio::task::spawn_blocking(move || writer.finish()).await;
    let packed = packed.map_err(|error| OfficeError::Broken(error.to_string()))?;
    Ok((name, packed.map_err(broken)?))
}
