//! Compound files, as Excel wrote before 2007 ([MS-CFB], [MS-XLS]): whether one can be read without harm. Its reader follows
//! chains of sectors wherever they lead and makes room for as many cells as a sheet says it has. It promises a file in which
//! neither can do harm, or the fault; it never reads a cell's value.

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write};

use cfb::CompoundFile;

use crate::fault::{FileFault, Foreign};
use crate::limits;

/// The most rows and columns of a sheet of that time.
const ROWS: u32 = 65_536;
const COLUMNS: u32 = 256;

/// Records of a workbook's stream ([MS-XLS] 2.3).
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const BOUND_SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
/// Those of cells: row, column, and what stands there; in the first, cells of several columns.
const SEVERAL: u16 = 0x00BD;
const CELLS: [u16; 8] = [
    SEVERAL, 0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E,
];

/// The file with nothing but its workbook, which was checked: that it is all there, that it has no password, and that no sheet
/// claims more cells than it can have, because its reader makes room for all between the first and the last. What else the
/// file holds, and how its sectors are chained, the reader never sees.
pub(super) fn workbook(bytes: &[u8]) -> Result<Vec<u8>, FileFault> {
    let failed = |error: std::io::Error| damaged(error.to_string());
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(failed)?;
    if file.exists("/EncryptedPackage") {
        return Err(FileFault::Password);
    }
    if file.exists("/WordDocument") {
        return Err(FileFault::NotASpreadsheet {
            what: Foreign::WordDocument,
        });
    }
    let Some(name) = ["/Workbook", "/Book"]
        .into_iter()
        .find(|name| file.is_stream(name))
    else {
        return Err(FileFault::NotASpreadsheet {
            what: Foreign::Unknown,
        });
    };
    let mut part = file.open_stream(name).map_err(failed)?;
    if part.len() > bytes.len() as u64 {
        return Err(damaged("the workbook is cut off".to_owned()));
    }
    let mut stream = Vec::new();
    part.read_to_end(&mut stream).map_err(failed)?;
    check_sheets(&stream)?;
    let mut clean = CompoundFile::create(Cursor::new(Vec::new())).map_err(failed)?;
    let mut part = clean.create_stream(name).map_err(failed)?;
    part.write_all(&stream).map_err(failed)?;
    part.flush().map_err(failed)?;
    drop(part);
    Ok(clean.into_inner().into_inner())
}

/// The sheets begin where the first part of the stream says.
fn check_sheets(stream: &[u8]) -> Result<(), FileFault> {
    let mut begins = BTreeSet::new();
    for (kind, data) in Records(stream) {
        match kind {
            BOUND_SHEET => begins.extend(number(data, 0)),
            END => break,
            _ => (),
        }
    }
    if begins.len() > limits::SHEETS {
        return Err(FileFault::TooManySheets {
            sheets: begins.len(),
        });
    }
    let mut room = 0_usize;
    for begin in begins {
        let sheet = stream.get(begin as usize..).unwrap_or(&[]);
        room = room.saturating_add(check_sheet(sheet)?);
        if room > limits::CELLS {
            return Err(FileFault::TooManyCells {
                sheet: String::new(),
            });
        }
    }
    Ok(())
}

/// How many cells lie between the first and the last of a sheet.
fn check_sheet(sheet: &[u8]) -> Result<usize, FileFault> {
    // Charts within a sheet have a beginning and an end of their own.
    let mut depth = 0_usize;
    let mut extent: Option<[u32; 4]> = None;
    for (kind, data) in Records(sheet) {
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            DIMENSIONS => check_dimensions(data)?,
            kind if CELLS.contains(&kind) => {
                let (Some(row), Some(column)) = (short(data, 0), short(data, 2)) else {
                    continue;
                };
                let last = match kind {
                    SEVERAL => data.len().checked_sub(2).and_then(|at| short(data, at)),
                    _ => Some(column),
                };
                let last = last.unwrap_or(column).max(column);
                if last >= COLUMNS {
                    return Err(damaged(format!("a cell in column {}", last + 1)));
                }
                let [top, bottom, left, right] = extent.unwrap_or([row, row, column, last]);
                extent = Some([
                    top.min(row),
                    bottom.max(row),
                    left.min(column),
                    right.max(last),
                ]);
            }
            _ => (),
        }
    }
    let cells = |[top, bottom, left, right]: [u32; 4]| (bottom - top + 1) * (right - left + 1);
    Ok(extent.map_or(0, |extent| cells(extent) as usize))
}

/// First row, row after the last, first column, column after the last; rows are 16 bits in the older form.
fn check_dimensions(data: &[u8]) -> Result<(), FileFault> {
    let found = if data.len() >= 14 {
        [
            number(data, 0),
            number(data, 4),
            short(data, 8),
            short(data, 10),
        ]
    } else {
        [
            short(data, 0),
            short(data, 2),
            short(data, 4),
            short(data, 6),
        ]
    };
    let [Some(top), Some(bottom), Some(_), Some(right)] = found else {
        return Ok(());
    };
    if bottom > ROWS || right > COLUMNS || (bottom > 0 && top >= bottom) {
        return Err(damaged(format!(
            "a sheet says that it has rows {top} to {bottom} and {right} columns"
        )));
    }
    Ok(())
}

fn short(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at + 2)?.try_into().ok()?;
    Some(u32::from(u16::from_le_bytes(bytes)))
}

fn number(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(bytes))
}

/// The records of a stream: kind and data. A record that is cut off ends them.
struct Records<'s>(&'s [u8]);

impl<'s> Iterator for Records<'s> {
    type Item = (u16, &'s [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.0.split_at_checked(4)?;
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let length = u16::from_le_bytes([head[2], head[3]]);
        let (data, rest) = rest.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some((kind, data))
    }
}

fn damaged(detail: String) -> FileFault {
    FileFault::Damaged { detail }
}
