//! Compound files, as Excel wrote before 2007 ([MS-CFB]): what is in one, and the stream of its workbook. It promises that chains of
//! sectors that lead back to themselves or nowhere end in a fault; it never reads the workbook itself.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use crate::fault::{FileFault, Foreign};

/// The stream of the workbook that the file holds.
pub(super) fn workbook(bytes: &[u8]) -> Result<Vec<u8>, FileFault> {
    let failed = |error: std::io::Error| damaged(error.to_string());
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(failed)?;
    if file.exists("/EncryptedPackage") {
        return Err(FileFault::Password);
    }
    let foreign = |what| Err(FileFault::NotASpreadsheet { what });
    // A file that Excel 97 wrote for Excel 95 too holds the workbook twice, and the newer one says more.
    let names = ["/Workbook", "/Book"];
    let Some(name) = names.into_iter().find(|name| file.is_stream(name)) else {
        let documents = [
            ("/WordDocument", Foreign::WordDocument),
            ("/PowerPoint Document", Foreign::Presentation),
        ];
        let found = documents.into_iter().find(|(name, _)| file.exists(name));
        return foreign(found.map_or(Foreign::Unknown, |(_, what)| what));
    };
    let mut part = file.open_stream(name).map_err(failed)?;
    if part.len() > bytes.len() as u64 {
        return Err(damaged("the workbook is cut off".to_owned()));
    }
    let mut stream = Vec::new();
    part.read_to_end(&mut stream).map_err(failed)?;
    Ok(stream)
}

fn damaged(detail: String) -> FileFault {
    FileFault::Damaged { detail }
}
