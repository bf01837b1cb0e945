//! Lists on disk: workbooks, and text in UTF-8 or GB 18030.
//! Promises the same bytes for the same list; never leaves the creation time of a workbook to the clock.

use std::path::Path;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::day::Day;
use crate::error::TownError;
use crate::write::pen::Cell;
use crate::write::sheet::{Column, Paper, Sheet};

/// How a text file is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 with a mark at the start.
    Utf8Marked,
    /// GB 18030.
    Gb18030,
}

struct Looks {
    title: Format,
    head: Format,
    date: Format,
}

/// Writes a workbook.
pub fn workbook(path: &Path, paper: &Paper, made: Day) -> Result<(), TownError> {
    let fault = |source: XlsxError| match source {
        XlsxError::IoError(source) => TownError::Write {
            path: path.to_owned(),
            source,
        },
        other => TownError::Workbook {
            path: path.to_owned(),
            source: Box::new(other),
        },
    };
    let mut book = Workbook::new();
    let (year, month, day) = made.parts();
    let part = |number: i32| u8::try_from(number).unwrap_or(1);
    let made = ExcelDateTime::from_ymd(u16::try_from(year).unwrap_or(2026), part(month), part(day))
        .map_err(fault)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let looks = Looks {
        title: Format::new()
            .set_bold()
            .set_font_size(16)
            .set_align(FormatAlign::Center),
        head: Format::new()
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_border(FormatBorder::Thin),
        date: Format::new().set_num_format("yyyy-mm-dd"),
    };
    for sheet in &paper.sheets {
        let page = book.add_worksheet();
        lay_out(page, sheet, &looks).map_err(fault)?;
    }
    let bytes = book.save_to_buffer().map_err(fault)?;
    std::fs::write(path, bytes).map_err(|source| TownError::Write {
        path: path.to_owned(),
        source,
    })
}

fn lay_out(page: &mut Worksheet, sheet: &Sheet, looks: &Looks) -> Result<(), XlsxError> {
    page.set_name(&sheet.name)?;
    let last = u16::try_from(sheet.header.len())
        .unwrap_or(1)
        .saturating_sub(1);
    let mut row = 0;
    for title in &sheet.titles {
        page.merge_range(row, 0, row, last, title, &looks.title)?;
        row += 1;
    }
    row = head(page, sheet, row, &looks.head)?;
    for cells in &sheet.rows {
        for (column, cell) in (0u16..).zip(cells) {
            match cell {
                Cell::Blank => {}
                Cell::Text(text) => drop(page.write_string(row, column, text)?),
                Cell::Number(number) => drop(page.write_number(row, column, f64::from(*number))?),
                // Excel counts days from 30 December 1899.
                Cell::Date(day) => drop(page.write_number_with_format(
                    row,
                    column,
                    f64::from(day.0 + 25_569),
                    &looks.date,
                )?),
            }
        }
        row += 1;
    }
    if let Some(note) = &sheet.note {
        page.merge_range(row, 0, row, last, note, &Format::new())?;
    }
    for (column, Column { title, .. }) in (0u16..).zip(&sheet.header) {
        let wide = ["号", "址", "地"].iter().any(|end| title.ends_with(end));
        page.set_column_width(column, if wide { 22 } else { 13 })?;
    }
    Ok(())
}

/// The header, of one row or (with upper cells) two; returns the row after it.
fn head(page: &mut Worksheet, sheet: &Sheet, row: u32, looks: &Format) -> Result<u32, XlsxError> {
    let levels = u32::from(sheet.header.iter().any(|column| !column.group.is_empty()));
    let mut column = 0;
    while column < sheet.header.len() {
        let Column { group, title, .. } = &sheet.header[column];
        let at = u16::try_from(column).unwrap_or(0);
        let width = sheet.header[column..]
            .iter()
            .take_while(|other| other.group == *group && !group.is_empty())
            .count();
        if width > 1 {
            page.merge_range(
                row,
                at,
                row,
                at + u16::try_from(width).unwrap_or(1) - 1,
                group,
                looks,
            )?;
            for (column, Column { title, .. }) in (at..).zip(&sheet.header[column..column + width])
            {
                page.write_string_with_format(row + 1, column, title, looks)?;
            }
        } else if levels == 1 {
            page.merge_range(row, at, row + 1, at, title, looks)?;
        } else {
            page.write_string_with_format(row, at, title, looks)?;
        }
        column += width.max(1);
    }
    Ok(row + 1 + levels)
}

/// Writes a text file. Several sheets follow each other under one header, which has to be the same for all.
pub fn text(path: &Path, paper: &Paper, encoding: Encoding) -> Result<(), TownError> {
    let fault = |source: std::io::Error| TownError::Write {
        path: path.to_owned(),
        source,
    };
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let columns = merged_header(paper);
    let width = columns.len();
    let mut write = |cells: &[String]| {
        writer
            .write_record(cells)
            .map_err(|source| fault(source.into()))
    };
    for title in paper
        .sheets
        .first()
        .into_iter()
        .flat_map(|sheet| &sheet.titles)
    {
        write(&padded(title, width))?;
    }
    write(&columns)?;
    for sheet in &paper.sheets {
        let places: Vec<Option<usize>> = flat(sheet)
            .map(|title| columns.iter().position(|other| *other == title))
            .collect();
        for cells in &sheet.rows {
            let mut line = vec![String::new(); width];
            for (cell, place) in cells.iter().zip(&places) {
                if let Some(slot) = place.and_then(|place| line.get_mut(place)) {
                    *slot = plain(cell);
                }
            }
            write(&line)?;
        }
    }
    if let Some(note) = paper.sheets.last().and_then(|sheet| sheet.note.as_ref()) {
        write(&padded(note, width))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|source| fault(source.into_error()))?;
    std::fs::write(path, encoded(bytes, encoding)).map_err(fault)
}

fn padded(first: &str, width: usize) -> Vec<String> {
    let mut line = vec![String::new(); width.max(1)];
    first.clone_into(&mut line[0]);
    line
}

/// The headers of a sheet on one line: "父亲" over "姓名" becomes "父亲姓名".
fn flat(sheet: &Sheet) -> impl Iterator<Item = String> + '_ {
    sheet.header.iter().map(|Column { group, title, .. }| {
        let own = title.starts_with(group) || title == "现状" || title == "死亡日期";
        if own {
            title.clone()
        } else {
            format!("{group}{title}")
        }
    })
}

fn merged_header(paper: &Paper) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for title in paper.sheets.iter().flat_map(flat) {
        if !columns.contains(&title) {
            columns.push(title);
        }
    }
    columns
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Blank => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Date(day) => day.dashed(),
    }
}

fn encoded(utf8: Vec<u8>, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => utf8,
        Encoding::Utf8Marked => [&[0xef, 0xbb, 0xbf], &utf8[..]].concat(),
        Encoding::Gb18030 => {
            let text = String::from_utf8_lossy(&utf8);
            encoding_rs::GB18030.encode(&text).0.into_owned()
        }
    }
}
