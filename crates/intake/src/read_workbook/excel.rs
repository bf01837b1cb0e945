//! Workbooks of spreadsheet programs, by calamine: .xlsx cell by cell as a stream, .ods as a whole (small by its nature, and bounded by
//! the reader). Dates are told from numbers by the cell's format; formulas are marked.

use std::io::Cursor;

use calamine::{
    Data, DataRef, Dimensions, ExcelDateTime, Ods, OdsError, Range, Reader, SheetType,
    SheetVisible, Xlsx, XlsxError,
};
use jiff::civil::{Date, DateTime, Time};

use super::Merged;
use crate::fault::FileFault;
use crate::limits;
use crate::sheet::{Area, Cell, Sheet, Workbook};

pub(super) fn xlsx(bytes: &[u8], merged: Merged) -> Result<Workbook, FileFault> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| xlsx_fault("", e))?;
    let names = worksheets(book.sheets_metadata())?;
    let from_1904 = book.has_1904_epoch();
    let mut sheets = Vec::with_capacity(names.len());
    for (name, hidden) in names {
        if hidden {
            sheets.push(Sheet::hidden(name));
            continue;
        }
        let mut sheet = xlsx_sheet(&mut book, &name)?;
        sheet.from_1904 = from_1904;
        let wanted = match merged {
            Merged::Ignored => false,
            Merged::InShortSheets => sheet.len() <= limits::MERGED_ROWS,
            Merged::Read => true,
        };
        if wanted && !sheet.is_empty() {
            let areas = book
                .merge_cells_by_sheet_name(&name)
                .map_err(|e| xlsx_fault(&name, e))?;
            sheet.merged = areas.iter().filter_map(area).collect();
        }
        sheets.push(sheet);
    }
    Ok(Workbook { sheets })
}

fn xlsx_sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Sheet, FileFault> {
    let mut sheet = Sheet::new(name);
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(sheet),
        Err(error) => return Err(xlsx_fault(name, error)),
    };
    while let Some(found) = cells
        .next_cell_with_formula_metadata()
        .map_err(|e| xlsx_fault(name, e))?
    {
        let (row, column) = found.pos;
        let formula = found.formula.is_some();
        match &found.value {
            DataRef::Empty => sheet.push(row, column, Cell::Empty, formula)?,
            DataRef::String(text) => sheet.push(row, column, Cell::Text(text), formula)?,
            DataRef::SharedString(text) => sheet.push(row, column, Cell::Text(text), formula)?,
            DataRef::Float(n) => sheet.push(row, column, Cell::Number(*n), formula)?,
            DataRef::Int(n) => sheet.push(row, column, Cell::Text(&n.to_string()), formula)?,
            DataRef::Bool(yes) => sheet.push(row, column, Cell::Bool(*yes), formula)?,
            DataRef::DateTime(at) => sheet.push(row, column, moment(*at), formula)?,
            DataRef::DateTimeIso(text) => sheet.push(row, column, iso(text), formula)?,
            DataRef::DurationIso(text) => sheet.push(row, column, Cell::Text(text), formula)?,
            DataRef::Error(_) => sheet.push(row, column, Cell::Error, formula)?,
        }
    }
    Ok(sheet)
}

pub(super) fn ods(bytes: &[u8]) -> Result<Workbook, FileFault> {
    let mut book: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(ods_fault)?;
    let names = worksheets(book.sheets_metadata())?;
    let mut sheets = Vec::with_capacity(names.len());
    for (name, hidden) in names {
        if hidden {
            sheets.push(Sheet::hidden(name));
            continue;
        }
        let values = book.worksheet_range(&name).map_err(ods_fault)?;
        let formulas = book.worksheet_formula(&name).unwrap_or_default();
        sheets.push(whole(&name, &values, &formulas)?);
    }
    Ok(Workbook { sheets })
}

/// The worksheets, and whether they are hidden.
fn worksheets(sheets: &[calamine::Sheet]) -> Result<Vec<(String, bool)>, FileFault> {
    if sheets.len() > limits::SHEETS {
        return Err(FileFault::TooManySheets {
            sheets: sheets.len(),
        });
    }
    Ok(sheets
        .iter()
        .filter(|s| s.typ == SheetType::WorkSheet)
        .map(|s| (s.name.clone(), s.visible != SheetVisible::Visible))
        .collect())
}

fn whole(name: &str, values: &Range<Data>, formulas: &Range<String>) -> Result<Sheet, FileFault> {
    let mut sheet = Sheet::new(name);
    let Some((top, left)) = values.start() else {
        return Ok(sheet);
    };
    for (row, cells) in values.rows().enumerate() {
        let row = top + u32::try_from(row).unwrap_or(u32::MAX);
        for (column, value) in cells.iter().enumerate() {
            let column = left + u32::try_from(column).unwrap_or(u32::MAX);
            let formula = formulas
                .get_value((row, column))
                .is_some_and(|f| !f.is_empty());
            match value {
                Data::Empty => sheet.push(row, column, Cell::Empty, formula)?,
                Data::String(text) | Data::DurationIso(text) => {
                    sheet.push(row, column, Cell::Text(text), formula)?;
                }
                Data::DateTimeIso(text) => sheet.push(row, column, iso(text), formula)?,
                Data::Float(n) => sheet.push(row, column, Cell::Number(*n), formula)?,
                Data::Int(n) => sheet.push(row, column, Cell::Text(&n.to_string()), formula)?,
                Data::Bool(yes) => sheet.push(row, column, Cell::Bool(*yes), formula)?,
                Data::DateTime(at) => sheet.push(row, column, moment(*at), formula)?,
                Data::Error(_) => sheet.push(row, column, Cell::Error, formula)?,
            }
        }
    }
    Ok(sheet)
}

/// A cell shown as a date, or as a date with a time of day. Durations stay numbers, and so does a time of day without a day: a zero
/// in a column of dates is shown as one.
pub(super) fn moment(at: ExcelDateTime) -> Cell<'static> {
    let number = Cell::Number(at.as_f64());
    if !at.is_datetime() || at.as_f64() < 1.0 {
        return number;
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let small = |n: u8| i8::try_from(n).ok();
    let read = || {
        let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
        let time = Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
        Some(match time == Time::midnight() {
            true => Cell::Date(date),
            false => Cell::Moment(DateTime::from_parts(date, time)),
        })
    };
    read().unwrap_or(number)
}

/// A date, or a date with a time of day, as OpenDocument writes them; other text as it is.
fn iso(text: &str) -> Cell<'_> {
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        return Cell::Date(date);
    }
    match text.parse::<DateTime>() {
        Ok(at) if text.len() >= 16 && at.time() == Time::midnight() => Cell::Date(at.date()),
        Ok(at) if text.len() >= 16 => Cell::Moment(at),
        _ => Cell::Text(text),
    }
}

fn area(found: &Dimensions) -> Option<Area> {
    Some(Area {
        from: (found.start.0, u16::try_from(found.start.1).ok()?),
        to: (found.end.0, u16::try_from(found.end.1).ok()?),
    })
}

fn xlsx_fault(sheet: &str, error: XlsxError) -> FileFault {
    match error {
        XlsxError::Password => FileFault::Password,
        XlsxError::RowNumberOverflow => FileFault::TooManyRows {
            sheet: sheet.to_owned(),
        },
        XlsxError::ColumnNumberOverflow => FileFault::TooManyColumns {
            sheet: sheet.to_owned(),
        },
        other => damaged(&other),
    }
}

fn ods_fault(error: OdsError) -> FileFault {
    match error {
        OdsError::Password => FileFault::Password,
        OdsError::CellLimitExceeded { .. } => FileFault::TooManyCells {
            sheet: String::new(),
        },
        other => damaged(&other),
    }
}

fn damaged(error: &dyn std::error::Error) -> FileFault {
    FileFault::Damaged {
        detail: error.to_string(),
    }
}
