//! From the bytes of a file to a [`Workbook`]: tells by content, not by ending, what a file is, and has the right reader read
//! it. It promises a clear fault for every file that isn't a readable spreadsheet, within the bounds of [`crate::limits`]; it
//! never runs a formula, follows a link or writes anything.

mod biff;
mod compound;
mod container;
mod csv_text;
mod excel;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::fault::{FileFault, Foreign};
use crate::sheet::Workbook;
use container::Container;

/// What to read besides values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merged {
    /// Merged areas aren't needed.
    Ignored,
    /// They are read in sheets of up to [`crate::limits::MERGED_ROWS`] rows.
    InShortSheets,
    /// Merged areas are read too.
    Read,
}

/// Reads a workbook of any known kind.
pub fn read_workbook(bytes: &[u8], merged: Merged) -> Result<Workbook, FileFault> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(FileFault::Empty);
    }
    if bytes.starts_with(b"PK") {
        let package = container::with_slashes(bytes)?;
        return match container::inspect(&package)? {
            Container::Xlsx => guarded(|| excel::xlsx(&package, merged)),
            Container::Ods => guarded(|| excel::ods(&package)),
        };
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return guarded(|| biff::read(&compound::workbook(bytes)?, merged));
    }
    if biff::is_bare(bytes) {
        return biff::read(bytes, merged);
    }
    let start = bytes.get(..bytes.len().min(512)).unwrap_or(bytes);
    if start.starts_with(b"%PDF") {
        return Err(foreign(Foreign::Pdf));
    }
    if let Some(what) = csv_text::markup(bytes) {
        return Err(foreign(what));
    }
    if start.starts_with(b"Rar!") || start.starts_with(&[0x37, 0x7A, 0xBC, 0xAF]) {
        return Err(foreign(Foreign::Archive));
    }
    csv_text::read(bytes)
}

fn foreign(what: Foreign) -> FileFault {
    FileFault::NotASpreadsheet { what }
}

/// The readers of Excel's formats are not ours and see files from anywhere: should one give up in the middle of a hostile
/// file, that is a damaged file, not the end of the program.
fn guarded(read: impl FnOnce() -> Result<Workbook, FileFault>) -> Result<Workbook, FileFault> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(FileFault::Damaged {
            detail: "the reader gave up".to_owned(),
        })
    })
}

/// The letters of a column counted from 0: A, B … Z, AA.
pub fn column_letters(column: u16) -> String {
    let mut letters = Vec::new();
    let mut rest = u32::from(column) + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests;
