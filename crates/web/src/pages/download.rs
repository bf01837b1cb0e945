//! Lists as files: rows are written while they come, by one thread while another reads them, and sent on. A CSV goes to whoever fetches it
//! piece by piece; a workbook is put together in a temporary file first. A list of which only a part came is never sent as a whole one:
//! what breaks off is an error page, or a transfer that fails.

use std::fs::File;
use std::io::Read as _;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures::stream;
use office::{ListCell, ListError, ListFile, ListSheet, ListWriter, OfficeError};
use tokio::sync::mpsc;

use crate::pages::file::disposition;
use crate::reader::Reader;
use crate::shell;
use crate::trouble::Trouble;

/// How many bytes of a workbook are read at a time.
const PIECE: usize = 256 << 10;
/// How many pieces wait to be written.
const WAITING: usize = 4;

/// As what a list is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Workbook,
    Csv,
}

/// What stands above the rows, and how the file is called, without its ending.
pub(crate) struct Head {
    pub name: String,
    pub sheet: ListSheet,
}

/// What comes of a list.
pub(crate) enum Piece {
    /// Some rows.
    Rows(Vec<Vec<ListCell>>),
    /// That there are no more, with the totals if some columns have any.
    End(Option<Vec<ListCell>>),
}

/// Where the pieces of a list go.
pub(crate) type Pieces = mpsc::Sender<Result<Piece, Trouble>>;
type Coming = mpsc::Receiver<Result<Piece, Trouble>>;

/// A way for the pieces of a list.
pub(crate) fn way() -> (Pieces, Coming) {
    mpsc::channel(WAITING)
}

/// A list whose rows are at hand.
pub(crate) async fn at_hand(
    reader: &Reader,
    form: Form,
    head: Head,
    rows: Vec<Vec<ListCell>>,
) -> Response {
    let (pieces, coming) = way();
    for piece in [Piece::Rows(rows), Piece::End(None)] {
        // There is room for both.
        let _sent = pieces.send(Ok(piece)).await;
    }
    respond(reader, form, head, coming).await
}

/// A list whose rows are coming.
pub(crate) async fn respond(reader: &Reader, form: Form, head: Head, coming: Coming) -> Response {
    let (name, sheet) = (head.name, head.sheet);
    let begun = match form {
        Form::Csv => ListWriter::csv(sheet)
            .map_err(broken)
            .map(|writer| (text(writer, coming), None)),
        Form::Workbook => workbook(sheet, coming).await,
    };
    let (body, length) = match begun {
        Ok(begun) => begun,
        Err(trouble) => return shell::respond(reader, Err(trouble)),
    };
    let (ending, media) = match form {
        Form::Workbook => (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        Form::Csv => ("csv", "text/csv; charset=utf-8"),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    let name = disposition(&format!("{name}.{ending}"));
    headers.insert(header::CONTENT_DISPOSITION, name);
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// What keeps a list from being written, as trouble.
pub(crate) fn broken(error: ListError) -> Trouble {
    Trouble::Office(OfficeError::List(Box::new(error)))
}

/// That the rows broke off.
fn broken_off() -> Trouble {
    Trouble::Office(OfficeError::Broken("the list broke off".to_owned()))
}

/// A CSV, written as it is fetched.
fn text(writer: ListWriter, coming: Coming) -> Body {
    let pieces = stream::try_unfold(Some((writer, coming)), |state| async move {
        let Some((mut writer, mut coming)) = state else {
            return Ok(None);
        };
        match coming.recv().await.unwrap_or_else(|| Err(broken_off()))? {
            Piece::Rows(rows) => {
                push(&mut writer, rows)?;
                Ok::<_, Trouble>(Some((writer.taken(), Some((writer, coming)))))
            }
            Piece::End(_) => match writer.finish(None).map_err(broken)? {
                ListFile::Text(rest) => Ok(Some((rest, None))),
                ListFile::Workbook(_) => Ok(None),
            },
        }
    });
    Body::from_stream(pieces)
}

fn push(writer: &mut ListWriter, rows: Vec<Vec<ListCell>>) -> Result<(), Trouble> {
    for row in rows {
        writer.push(row).map_err(broken)?;
    }
    Ok(())
}

/// A workbook, put together by a thread of its own, and its length.
async fn workbook(sheet: ListSheet, mut coming: Coming) -> Result<(Body, Option<u64>), Trouble> {
    let written = tokio::task::spawn_blocking(move || -> Result<ListFile, Trouble> {
        let mut writer = ListWriter::xlsx(sheet).map_err(broken)?;
        loop {
            match coming
                .blocking_recv()
                .unwrap_or_else(|| Err(broken_off()))?
            {
                Piece::Rows(rows) => push(&mut writer, rows)?,
                Piece::End(totals) => return writer.finish(totals.as_deref()).map_err(broken),
            }
        }
    });
    let written = written.await.map_err(|_| broken_off())??;
    match written {
        ListFile::Text(text) => Ok((Body::from(text), None)),
        ListFile::Workbook(file) => {
            let length = file.metadata().ok().map(|file| file.len());
            Ok((of_file(file), length))
        }
    }
}

/// A file, read as it is fetched.
fn of_file(file: File) -> Body {
    let pieces = stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>((!piece.is_empty()).then_some((piece, file)))
    });
    Body::from_stream(pieces)
}
