//! What a compressed file is and whether it is safe to unpack: the kind by its parts, the size by what it declares and, for
//! the parts that a reader would hold in memory as a whole, by what it really holds.

use std::borrow::Cow;
use std::io::{BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::{ZipArchive, ZipWriter};

use crate::fault::{FileFault, Foreign};
use crate::limits;

/// A container that holds a spreadsheet.
pub(super) enum Container {
    Xlsx,
    Ods,
}

/// The package with "/" in the names of its parts. Some programs write "\\", and every spreadsheet program takes it.
pub(super) fn with_slashes(bytes: &[u8]) -> Result<Cow<'_, [u8]>, FileFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let turned = (archive.file_names().flatten()).any(|name| name.contains('\\'));
    if !turned {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut package = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at).map_err(damaged)?;
        let name = part.name().map_err(damaged)?.replace('\\', "/");
        package.raw_copy_file_rename(part, name).map_err(damaged)?;
    }
    let package = package.finish().map_err(damaged)?;
    Ok(Cow::Owned(package.into_inner()))
}

pub(super) fn inspect(bytes: &[u8]) -> Result<Container, FileFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut declared = 0_u64;
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at).map_err(damaged)?;
        if part.encrypted() {
            return Err(FileFault::Password);
        }
        declared = declared.saturating_add(part.size());
    }
    if declared > limits::INFLATED {
        return Err(FileFault::Inflates);
    }
    let kind = kind(&mut archive)?;
    check_sizes(&mut archive)?;
    if let Container::Ods = kind {
        check_content(&mut archive)?;
    }
    Ok(kind)
}

fn kind(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Container, FileFault> {
    let has = |start: &str| {
        archive
            .file_names()
            .flatten()
            .any(|name| name.starts_with(start))
    };
    let foreign = |what| Err(FileFault::NotASpreadsheet { what });
    if has("xl/workbook.xml") {
        return Ok(Container::Xlsx);
    }
    if has("xl/workbook.bin") {
        return foreign(Foreign::BinaryWorkbook);
    }
    if has("word/") {
        return foreign(Foreign::WordDocument);
    }
    if has("ppt/") {
        return foreign(Foreign::Presentation);
    }
    // Some writers keep the workbook elsewhere and say so in the package's relations.
    if has("_rels/.rels") && has("[Content_Types].xml") && has("xl/") {
        return Ok(Container::Xlsx);
    }
    let mut mime = String::new();
    if let Ok(part) = archive.by_name("mimetype") {
        // An unreadable mimetype is as good as none.
        let _unread = part.take(100).read_to_string(&mut mime);
    }
    if mime.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
        return Ok(Container::Ods);
    }
    if mime.starts_with("application/vnd.oasis.opendocument.text") {
        return foreign(Foreign::WordDocument);
    }
    foreign(Foreign::Archive)
}

/// Unpacks every part except worksheets, which are read as a stream, and refuses those that hold more than they declare.
fn check_sizes(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), FileFault> {
    let mut buffer = vec![0_u8; 1 << 16];
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(damaged)?;
        let streamed = part
            .name()
            .is_ok_and(|n| n.starts_with("xl/worksheets/") || n.starts_with("xl/media/"));
        if streamed {
            continue;
        }
        let declared = part.size();
        let mut found = 0_u64;
        loop {
            let read = part.read(&mut buffer).map_err(|e| FileFault::Damaged {
                detail: e.to_string(),
            })?;
            if read == 0 {
                break;
            }
            found += read as u64;
            if found > declared {
                return Err(FileFault::Inflates);
            }
        }
    }
    Ok(())
}

fn damaged(error: zip::result::ZipError) -> FileFault {
    FileFault::Damaged {
        detail: error.to_string(),
    }
}

/// Whether the content of an OpenDocument file is whole. Its reader waits for the end of a table that never comes.
fn check_content(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), FileFault> {
    let Ok(part) = archive.by_name("content.xml") else {
        return Ok(());
    };
    let fault = |detail: String| FileFault::Damaged { detail };
    let mut content = Reader::from_reader(BufReader::new(part));
    let (mut event, mut depth) = (Vec::new(), 0_usize);
    loop {
        match content.read_event_into(&mut event) {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) if depth == 0 => return Ok(()),
            Ok(Event::Eof) => return Err(fault("content.xml ends too early".to_owned())),
            Ok(_) => (),
            Err(error) => return Err(fault(format!("content.xml: {error}"))),
        }
        if depth > limits::DEPTH {
            return Err(fault("content.xml is nested too deeply".to_owned()));
        }
        event.clear();
    }
}
