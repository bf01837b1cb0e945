//! Workbooks as Excel wrote before 2007, BIFF5 and BIFF8 ([MS-XLS]), from the stream of their records. Memory grows with the
//! stream, never with what it declares; a stream that breaks off is damaged, not read in part. It promises the values that
//! stand in the cells, those of formulas as the file keeps them; it works none out and follows no link.

mod formats;
mod records;

use std::collections::HashMap;

use calamine::{ExcelDateTime, ExcelDateTimeType};
use encoding_rs::{Encoding, GB18030, WINDOWS_1252};

use super::{Merged, excel};
use crate::fault::{FileFault, Foreign};
use crate::limits;
use crate::sheet::{Area, Cell, Sheet, Workbook};
use formats::Shown;
use records::{Record, Records, double, long, packed, short};

/// The most columns of a sheet of that time.
const COLUMNS: u16 = 256;
/// How much text sheets may repeat: so many bytes, and for each byte of the stream so many.
const REPEATED: usize = 64 << 20;
const REPEATED_EACH: usize = 4;

/// Kinds of records ([MS-XLS] 2.3).
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const PASSWORD: u16 = 0x002F;
const CODE_PAGE: u16 = 0x0042;
const DAYS_FROM: u16 = 0x0022;
const FORMAT: u16 = 0x041E;
const CELL_FORMAT: u16 = 0x00E0;
const BOUND_SHEET: u16 = 0x0085;
const SHARED_TEXTS: u16 = 0x00FC;
const MERGED: u16 = 0x00E5;
const FORMULA: u16 = 0x0006;
const TEXT_OF_FORMULA: u16 = 0x0207;
const NUMBER: u16 = 0x0203;
const PACKED: u16 = 0x027E;
const PACKED_ROW: u16 = 0x00BD;
const LABEL: u16 = 0x0204;
const RICH_LABEL: u16 = 0x00D6;
const SHARED_LABEL: u16 = 0x00FD;
const TRUTH_OR_ERROR: u16 = 0x0205;
/// Beginnings of BIFF2, 3 and 4.
const OLD: [u16; 3] = [0x0009, 0x0209, 0x0409];

/// Whether bytes are such records without a container, as Excel wrote before version 5 and programs that make "Excel" of a
/// query still do.
pub(super) fn is_bare(bytes: &[u8]) -> bool {
    let begins = |record: Record<'_>| match record.kind {
        BEGIN => (4..=16).contains(&record.data.len()),
        kind => OLD.contains(&kind) && (4..=8).contains(&record.data.len()),
    };
    // A text can't begin like this: 9 is a tab, and then a zero or four within ten bytes.
    Records(bytes).next().is_some_and(begins)
}

/// Reads the stream of a workbook.
pub(super) fn read(stream: &[u8], merged: Merged) -> Result<Workbook, FileFault> {
    let book = Book::read(stream)?;
    let mut left = stream.len();
    let mut repeated = REPEATED.saturating_add(stream.len().saturating_mul(REPEATED_EACH));
    let mut sheets = Vec::with_capacity(book.sheets.len());
    for (name, at, hidden) in &book.sheets {
        if *hidden {
            sheets.push(Sheet::hidden(name));
            continue;
        }
        let records = stream.get(*at..).ok_or_else(cut_off)?;
        let (cells, length) = Cells::read(&book, records)?;
        // Sheets lie one behind another: where they don't, each could be as large as the file.
        left = left.checked_sub(length).ok_or_else(|| {
            let detail = format!("sheet {name} lies within another");
            FileFault::Damaged { detail }
        })?;
        sheets.push(cells.sheet(&book, name, merged, &mut repeated)?);
    }
    Ok(Workbook { sheets })
}

/// What holds for all sheets.
struct Book {
    /// Whether texts are Unicode: BIFF8.
    unicode: bool,
    /// Of texts that aren't.
    encoding: &'static Encoding,
    from_1904: bool,
    /// How cell formats show numbers.
    formats: Vec<Shown>,
    shared: Texts,
    /// Names and places of the worksheets, and whether they are hidden.
    sheets: Vec<(String, usize, bool)>,
}

impl Book {
    fn read(stream: &[u8]) -> Result<Book, FileFault> {
        let (unicode, alone) = beginning(stream)?;
        let mut book = Book {
            unicode,
            encoding: WINDOWS_1252,
            from_1904: false,
            formats: Vec::new(),
            shared: Texts::default(),
            sheets: Vec::new(),
        };
        let mut code_page = None;
        let mut written: HashMap<u16, Shown> = HashMap::new();
        let (mut of_cells, mut bound) = (Vec::new(), Vec::new());
        let mut ended = false;
        for record in Records(stream) {
            match record.kind {
                END => {
                    ended = true;
                    break;
                }
                PASSWORD => return Err(FileFault::Password),
                CODE_PAGE => code_page = short(record.data, 0),
                DAYS_FROM => book.from_1904 = short(record.data, 0) == Some(1),
                FORMAT => {
                    let Some(number) = short(record.data, 0) else {
                        continue;
                    };
                    let format = match unicode {
                        true => (|| {
                            let mut parts = record.parts(2);
                            let units = parts.short()?;
                            parts.text(units)
                        })(),
                        // Those that matter here are ASCII in every encoding.
                        false => record
                            .data
                            .get(3..)
                            .map(|b| WINDOWS_1252.decode(b).0.into_owned()),
                    };
                    if let Some(format) = format {
                        written.insert(number, formats::written(&format));
                    }
                }
                CELL_FORMAT => of_cells.push(short(record.data, 2).unwrap_or(0)),
                BOUND_SHEET => bound.push(record),
                SHARED_TEXTS => book.shared = Texts::shared(&record).ok_or_else(cut_off)?,
                _ => (),
            }
        }
        if !ended {
            return Err(cut_off());
        }
        book.formats = (of_cells.into_iter())
            .map(|format| {
                written
                    .get(&format)
                    .copied()
                    .unwrap_or_else(|| formats::built_in(format))
            })
            .collect();
        if bound.len() > limits::SHEETS {
            let sheets = bound.len();
            return Err(FileFault::TooManySheets { sheets });
        }
        if !unicode {
            book.encoding =
                (code_page.and_then(records::encoding)).unwrap_or_else(|| guessed(stream));
        }
        for record in bound {
            book.sheets
                .extend(book.worksheet(&record).ok_or_else(cut_off)?);
        }
        if alone && book.sheets.is_empty() {
            book.sheets.push((String::new(), 0, false));
        }
        Ok(book)
    }

    /// Name and place of a sheet; nothing for charts and macros.
    fn worksheet(&self, record: &Record<'_>) -> Option<Option<(String, usize, bool)>> {
        let at = usize::try_from(long(record.data, 0)?).ok()?;
        if *record.data.get(5)? != 0 {
            return Some(None);
        }
        let mut parts = record.parts(6);
        let length = u16::from(parts.byte()?);
        let name = match self.unicode {
            true => parts.text(length)?,
            false => self
                .encoding
                .decode_without_bom_handling(parts.bytes(length))
                .0
                .into_owned(),
        };
        let hidden = *record.data.get(4)? & 3 != 0;
        Some(Some((name.replace('\0', ""), at, hidden)))
    }

    /// The text at a place in a record, its length before it.
    fn text(&self, record: &Record<'_>, at: usize) -> Result<String, FileFault> {
        let mut parts = record.parts(at);
        let length = parts.short().ok_or_else(cut_off)?;
        if self.unicode {
            // A text of no length may lack its flags.
            return if length == 0 {
                Ok(String::new())
            } else {
                parts.text(length).ok_or_else(cut_off)
            };
        }
        let (text, _) = self
            .encoding
            .decode_without_bom_handling(parts.bytes(length));
        // The last character may have been cut in two where the program cut the text.
        if text.trim_end_matches('\u{FFFD}').contains('\u{FFFD}') {
            let detail = format!(
                "a text isn't in the encoding {} that the file names",
                self.encoding.name()
            );
            return Err(FileFault::Damaged { detail });
        }
        Ok(text.into_owned())
    }

    /// A number as its cell's format shows it.
    fn number(&self, number: f64, format: u16) -> Cell<'static> {
        match self.formats.get(usize::from(format)) {
            Some(Some(shown)) => {
                let shown = match shown {
                    ExcelDateTimeType::DateTime => ExcelDateTimeType::DateTime,
                    ExcelDateTimeType::TimeDelta => ExcelDateTimeType::TimeDelta,
                };
                excel::moment(ExcelDateTime::new(number, shown, self.from_1904))
            }
            _ => Cell::Number(number),
        }
    }
}

/// Whether texts are Unicode, and whether the stream is one sheet alone.
fn beginning(stream: &[u8]) -> Result<(bool, bool), FileFault> {
    let first = Records(stream).next().ok_or_else(cut_off)?;
    let (version, what) = (short(first.data, 0), short(first.data, 2));
    let old =
        OLD.contains(&first.kind) || matches!(version, Some(2..=4 | 0x0200 | 0x0300 | 0x0400));
    if old {
        return Err(FileFault::NotASpreadsheet {
            what: Foreign::OldWorkbook,
        });
    }
    let alone = what == Some(0x0010);
    match (first.kind, version) {
        (BEGIN, Some(0x0600)) => Ok((true, alone)),
        // Programs that write the records by themselves name no version and mean this one.
        (BEGIN, Some(0x0500 | 0)) => Ok((false, alone)),
        _ => Err(FileFault::Damaged {
            detail: "the workbook doesn't begin as one".to_owned(),
        }),
    }
}

/// The encoding of a workbook of BIFF5 that names none: GB 18030 if all texts are that.
fn guessed(stream: &[u8]) -> &'static Encoding {
    let chinese = Records(stream).all(|record| {
        let at = match record.kind {
            LABEL | RICH_LABEL => 6,
            TEXT_OF_FORMULA => 0,
            _ => return true,
        };
        let mut parts = record.parts(at);
        let length = parts.short().unwrap_or(0);
        let bytes = parts.bytes(length);
        GB18030
            .decode_without_bom_handling_and_without_replacement(bytes)
            .is_some()
    });
    if chinese { GB18030 } else { WINDOWS_1252 }
}

/// Many texts in one.
#[derive(Default)]
struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Those that cells share, each kept once.
    fn shared(record: &Record<'_>) -> Option<Texts> {
        let mut texts = Texts::default();
        let mut parts = record.parts(4);
        let count = parts.long()?;
        for _ in 0..count {
            // Some programs count more than they write.
            if parts.is_empty() {
                break;
            }
            let units = parts.short()?;
            let text = parts.text(units)?;
            texts.push(&text);
        }
        Some(texts)
    }

    fn push(&mut self, text: &str) -> u32 {
        self.text.push_str(text);
        self.ends.push(self.text.len());
        u32::try_from(self.ends.len() - 1).unwrap_or(u32::MAX)
    }

    fn get(&self, at: u32) -> Option<&str> {
        let at = usize::try_from(at).ok()?;
        let end = *self.ends.get(at)?;
        let start = at
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .map_or(0, |end| *end);
        self.text.get(start..end)
    }
}

/// What stands in a cell.
#[derive(Clone, Copy)]
enum Held {
    Shared(u32),
    Own(u32),
    Number(f64),
    Truth(bool),
    Error,
}

/// A cell: its row and column, its format, whether a formula computes it, and what stands in it.
struct Found {
    row: u16,
    column: u16,
    format: u16,
    formula: bool,
    held: Held,
}

/// The cells of a sheet in the order of the file.
#[derive(Default)]
struct Cells {
    found: Vec<Found>,
    own: Texts,
    merged: Vec<Area>,
}

impl Cells {
    /// Those of the sheet that begins here, and how many bytes it takes.
    fn read(book: &Book, stream: &[u8]) -> Result<(Cells, usize), FileFault> {
        let mut cells = Cells::default();
        // Charts within a sheet have a beginning and an end of their own.
        let mut depth = 0_usize;
        for record in Records(stream) {
            match record.kind {
                BEGIN => depth += 1,
                END if depth <= 1 => {
                    let length = stream.len() - record.after.len();
                    return Ok((cells, length));
                }
                END => depth -= 1,
                PASSWORD => return Err(FileFault::Password),
                _ if depth == 1 => cells.take(book, &record)?,
                _ => (),
            }
            if depth == 0 {
                let detail = "a sheet doesn't begin as one".to_owned();
                return Err(FileFault::Damaged { detail });
            }
        }
        Err(cut_off())
    }

    fn take(&mut self, book: &Book, record: &Record<'_>) -> Result<(), FileFault> {
        let data = record.data;
        let held = match record.kind {
            PACKED_ROW => return self.row(data).ok_or_else(cut_off)?,
            MERGED => {
                self.merged
                    .extend(data.get(2..).unwrap_or(&[]).as_chunks().0.iter().map(area));
                return Ok(());
            }
            TEXT_OF_FORMULA => {
                let text = book.text(record, 0)?;
                let own = self.own.push(&text);
                if let Some(last) = self.found.last_mut().filter(|last| last.formula) {
                    last.held = Held::Own(own);
                }
                return Ok(());
            }
            NUMBER => double(data, 6).map(Held::Number),
            PACKED => long(data, 6).map(|rk| Held::Number(packed(rk))),
            SHARED_LABEL => {
                let at = long(data, 6).filter(|at| book.shared.get(*at).is_some());
                Some(Held::Shared(at.ok_or_else(cut_off)?))
            }
            LABEL | RICH_LABEL => Some(Held::Own(self.own.push(&book.text(record, 6)?))),
            TRUTH_OR_ERROR => match (data.get(6), data.get(7)) {
                (Some(truth), Some(0)) => Some(Held::Truth(*truth != 0)),
                (Some(_), Some(_)) => Some(Held::Error),
                _ => None,
            },
            FORMULA => self.value(data),
            _ => return Ok(()),
        };
        let read = || Some((short(data, 0)?, short(data, 2)?, short(data, 4)?, held?));
        let (row, column, format, held) = read().ok_or_else(cut_off)?;
        let formula = record.kind == FORMULA;
        self.put(Found {
            row,
            column,
            format,
            formula,
            held,
        })
    }

    /// The value that a formula had when the file was written ([MS-XLS] 2.5.133). Text follows in a record of its own.
    fn value(&mut self, data: &[u8]) -> Option<Held> {
        let number = double(data, 6)?;
        if short(data, 12)? != 0xFFFF {
            return Some(Held::Number(number));
        }
        Some(match data.get(6)? {
            1 => Held::Truth(*data.get(8)? != 0),
            2 => Held::Error,
            _ => Held::Own(self.own.push("")),
        })
    }

    /// Numbers in several columns of a row.
    fn row(&mut self, data: &[u8]) -> Option<Result<(), FileFault>> {
        let (row, first) = (short(data, 0)?, short(data, 2)?);
        let numbers = data.get(4..data.len().checked_sub(2)?)?.as_chunks::<6>().0;
        for (nth, number) in (0_u16..).zip(numbers) {
            let (format, rk) = (short(number, 0)?, long(number, 2)?);
            let column = first.saturating_add(nth);
            let held = Held::Number(packed(rk));
            if let Err(fault) = self.put(Found {
                row,
                column,
                format,
                formula: false,
                held,
            }) {
                return Some(Err(fault));
            }
        }
        Some(Ok(()))
    }

    fn put(&mut self, found: Found) -> Result<(), FileFault> {
        if found.column >= COLUMNS {
            let detail = format!("a cell in column {}", u32::from(found.column) + 1);
            return Err(FileFault::Damaged { detail });
        }
        self.found.push(found);
        Ok(())
    }

    /// The sheet, its cells in order. Where two stand in one place, the last one counts, as it does for a spreadsheet.
    fn sheet(
        mut self,
        book: &Book,
        name: &str,
        merged: Merged,
        repeated: &mut usize,
    ) -> Result<Sheet, FileFault> {
        let place = |found: &Found| (found.row, found.column);
        if !self.found.is_sorted_by_key(place) {
            self.found.sort_by_key(place);
        }
        let mut sheet = Sheet::new(name);
        sheet.from_1904 = book.from_1904;
        let mut cells = self.found.iter().peekable();
        while let Some(found) = cells.next() {
            if cells.peek().is_some_and(|next| place(next) == place(found)) {
                continue;
            }
            let cell = match found.held {
                Held::Shared(at) => Cell::Text(book.shared.get(at).unwrap_or("")),
                Held::Own(at) => Cell::Text(self.own.get(at).unwrap_or("")),
                Held::Number(number) => book.number(number, found.format),
                Held::Truth(yes) => Cell::Bool(yes),
                Held::Error => Cell::Error,
            };
            if let Cell::Text(text) = cell {
                *repeated =
                    repeated
                        .checked_sub(text.len())
                        .ok_or_else(|| FileFault::TooManyCells {
                            sheet: name.to_owned(),
                        })?;
            }
            sheet.push(
                u32::from(found.row),
                u32::from(found.column),
                cell,
                found.formula,
            )?;
        }
        if merged != Merged::Ignored {
            sheet.merged = self.merged;
        }
        Ok(sheet)
    }
}

/// First and last row, first and last column.
fn area(at: &[u8; 8]) -> Area {
    let [top, bottom, left, right] = [0, 2, 4, 6].map(|from| short(at, from).unwrap_or(0));
    Area {
        from: (u32::from(top), left),
        to: (u32::from(bottom), right),
    }
}

fn cut_off() -> FileFault {
    FileFault::Damaged {
        detail: "the workbook is cut off".to_owned(),
    }
}

#[cfg(test)]
mod tests;
