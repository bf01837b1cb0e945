//! A list of a programme as a file: the columns and the order of the page, every row of it, with masks where the page has masks.

use axum::response::Response;
use office::{ListCell, ListSheet, Standing};
use pack::Programme;

use super::rows::Columns;
use super::{List, asked, scope};
use crate::pages::download::{self, Form, Head};
use crate::reader::Reader;
use crate::shell;
use crate::trouble::Trouble;
use crate::words;

/// How many rows a file has at most.
const MOST_ROWS: usize = 200_000;

/// The list as a file: of one programme, or of all.
pub(crate) async fn file(reader: &Reader, programme: Option<&str>, form: Form) -> Response {
    match gathered(reader, programme).await {
        Ok((head, rows)) => download::at_hand(reader, form, head, rows).await,
        Err(trouble) => shell::respond(reader, Err(trouble)),
    }
}

/// The list, and what stands above it.
async fn gathered(
    reader: &Reader,
    programme: Option<&str>,
) -> Result<(Head, Vec<Vec<ListCell>>), Trouble> {
    let pack = &reader.office.pack;
    let programmes: Vec<&Programme> = match programme {
        Some(id) => vec![pack.programme(id).ok_or(Trouble::Absent)?],
        None => pack.benefits().collect(),
    };
    let first = match programmes.as_slice() {
        [only] => Standing::of(only)[0],
        _ => Standing::Missed,
    };
    let asked = asked(reader, &programmes, first)?;
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
    let standing = list.name(reader);
    let mut note = vec![scope(reader, &units, &list)];
    if let [only] = columns.reasons.as_slice() {
        let reason = super::told(reader, &list, only);
        let colon = reader.say(words::COLON);
        note.push(format!("{}{colon}{reason}", reader.say(super::REASON)));
    }
    let sheet = ListSheet {
        name: standing.clone(),
        title: format!("{name} {standing}"),
        note,
        columns: columns.of_file(reader, &list),
        rows: Vec::new(),
    };
    let rows = (1..).zip(&list.read.rows);
    let rows = rows.map(|(nth, row)| columns.row(reader, &units, &list, (nth, row)));
    let unit = list.asked.unit.unwrap_or(reader.root());
    let name = format!(
        "{name} {standing} {} {}",
        units.name(unit.as_str()),
        reader.on
    );
    Ok((Head { name, sheet }, rows.collect()))
}
