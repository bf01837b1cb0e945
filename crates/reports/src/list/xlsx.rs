//! Lists as a workbook: title, notes, a header that stays in view, a filter, and a print set-up for A4 across.
//! Rows go to an unnamed temporary file as they are written, so a long list needs little memory.
//! Numbers that Excel would round (beyond 15 figures) and dates that it doesn't know (before 1900) are written as text, whole.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, Workbook,
    Worksheet, XlsxError,
};

use super::{
    Kind, ListCell, ListColumn, ListError, ListSheet, MOST_CHARACTERS, MOST_COLUMNS, MOST_ROWS,
    MOST_SHEETS, starts_formula, yuan,
};
use crate::width;

/// The largest number of which Excel keeps every figure.
const EXACT: u64 = 999_999_999_999_999;
/// Rows that decide a column's width.
pub(super) const MEASURED: usize = 1_000;
const FONT: &str = "宋体";

/// Writes the sheets as one .xlsx file.
///
/// # Errors
/// When a sheet exceeds what Excel holds, or a row doesn't have one cell per column; nothing is written then.
pub fn write_xlsx(sheets: &[ListSheet]) -> Result<Vec<u8>, ListError> {
    if sheets.is_empty() || sheets.len() > MOST_SHEETS {
        return Err(ListError::Sheets(sheets.len()));
    }
    for sheet in sheets {
        check(sheet)?;
    }
    workbook(sheets).map_err(|fault| ListError::Write(fault.to_string()))
}

fn check(sheet: &ListSheet) -> Result<(), ListError> {
    sheet.check_shape()?;
    check_head(sheet)?;
    check_rows(sheet, sheet.rows.len())?;
    let mut rows = sheet.rows.iter().enumerate();
    rows.try_for_each(|(at, row)| check_row(sheet, at, row))
}

/// Checks what stands above the rows.
pub(super) fn check_head(sheet: &ListSheet) -> Result<(), ListError> {
    let columns = sheet.columns.len();
    let Some(first) = sheet.columns.first().filter(|_| columns <= MOST_COLUMNS) else {
        return Err(ListError::Columns {
            sheet: sheet.name.clone(),
            columns,
        });
    };
    let headers = sheet.columns.iter().map(|column| &column.header);
    let mut texts = sheet.note.iter().chain([&sheet.title]).chain(headers);
    texts.try_for_each(|text| check_text(sheet, 0, &first.header, text))
}

/// Checks that so many rows fit below title, notes and header.
pub(super) fn check_rows(sheet: &ListSheet, rows: usize) -> Result<(), ListError> {
    let most = MOST_ROWS.saturating_sub(2 + sheet.note.len());
    match rows > most {
        true => Err(ListError::Rows {
            sheet: sheet.name.clone(),
            rows,
            most,
        }),
        false => Ok(()),
    }
}

/// Checks the texts of a row, counted from 0.
pub(super) fn check_row(sheet: &ListSheet, at: usize, row: &[ListCell]) -> Result<(), ListError> {
    for (cell, column) in row.iter().zip(&sheet.columns) {
        if let ListCell::Text(text) = cell {
            check_text(sheet, at + 1, &column.header, text)?;
        }
    }
    Ok(())
}

fn check_text(sheet: &ListSheet, row: usize, column: &str, text: &str) -> Result<(), ListError> {
    // Counting costs; a text of so few bytes can't be too long.
    let characters = match text.len() > MOST_CHARACTERS {
        true => text.encode_utf16().count(),
        false => 0,
    };
    match characters > MOST_CHARACTERS {
        true => Err(ListError::ListCell {
            sheet: sheet.name.clone(),
            row,
            column: column.to_owned(),
            characters,
        }),
        false => Ok(()),
    }
}

fn workbook(sheets: &[ListSheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = empty(&sheets[0].title)?;
    let formats = Formats::new();
    let names = names(sheets);
    for (sheet, name) in sheets.iter().zip(&names) {
        let page = workbook.add_worksheet_with_constant_memory()?;
        page.set_name(name)?;
        let header = begin(sheet, page, &formats)?;
        for (row, cells) in (header + 1..).zip(&sheet.rows) {
            put_row(page, row, cells, &formats)?;
        }
        let rows = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX);
        end(sheet, page, (header, header.saturating_add(rows)))?;
    }
    workbook.save_to_buffer()
}

/// A workbook without a sheet.
pub(super) fn empty(title: &str) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let properties = DocProperties::new()
        .set_title(title)
        .set_author("Taizhang")
        .set_creation_datetime(&ExcelDateTime::from_ymd(1980, 1, 1)?); // no clock: the same list is the same file
    workbook.set_properties(&properties);
    Ok(workbook)
}

/// Writes what stands above the rows; returns the header's row. Columns are as wide as what the sheet's own rows hold.
pub(super) fn begin(
    sheet: &ListSheet,
    page: &mut Worksheet,
    formats: &Formats,
) -> Result<u32, XlsxError> {
    let widths = widths(sheet);
    for (column, width) in (0..).zip(&widths) {
        page.set_column_width(column, *width)?;
    }
    head(sheet, &widths, page, formats)
}

pub(super) fn put_row(
    page: &mut Worksheet,
    row: u32,
    cells: &[ListCell],
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(cells) {
        put(page, row, column, cell, formats)?;
    }
    Ok(())
}

/// What follows once it is known how many rows there are.
pub(super) fn end(
    sheet: &ListSheet,
    page: &mut Worksheet,
    (header, last_row): (u32, u32),
) -> Result<(), XlsxError> {
    let last_column = u16::try_from(sheet.columns.len() - 1).unwrap_or(u16::MAX);
    page.autofilter(header, 0, last_row, last_column)?;
    page.set_freeze_panes(header + 1, 0)?;
    // Codes and ID numbers are text on purpose; Excel needn't mark every one of them.
    page.ignore_error_range(0, 0, last_row, last_column, IgnoreError::NumberStoredAsText)?;
    printing(page, header)
}

/// Title, notes and header; returns the header's row.
fn head(
    sheet: &ListSheet,
    widths: &[u16],
    page: &mut Worksheet,
    formats: &Formats,
) -> Result<u32, XlsxError> {
    let across: usize = widths.iter().map(|width| usize::from(*width)).sum();
    let mut row = 0;
    spread(page, row, widths.len(), &sheet.title, &formats.title)?;
    page.set_row_height(row, 26)?;
    for note in &sheet.note {
        row += 1;
        spread(page, row, widths.len(), note, &formats.note)?;
        let lines = width::cells(note).div_ceil(across.max(1)).clamp(1, 20)
            + note.matches('\n').count().min(20);
        page.set_row_height(row, u16::try_from(lines * 15).unwrap_or(300))?;
    }
    row += 1;
    for (column, ListColumn { header, kind, .. }) in (0..).zip(&sheet.columns) {
        let format = match kind {
            Kind::Text => &formats.header,
            Kind::Date => &formats.header_centred,
            Kind::Int | Kind::Fen => &formats.header_right,
        };
        page.write_string_with_format(row, column, header, format)?;
    }
    page.set_row_height(row, 20)?;
    Ok(row)
}

/// A text over the whole width of the list.
fn spread(
    page: &mut Worksheet,
    row: u32,
    columns: usize,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    match u16::try_from(columns) {
        Ok(columns @ 2..) => page.merge_range(row, 0, row, columns - 1, text, format)?,
        _ => page.write_string_with_format(row, 0, text, format)?,
    };
    Ok(())
}

fn put(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &ListCell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        ListCell::Empty => {}
        ListCell::Text(text) if text.is_empty() => {}
        ListCell::Text(text) => words(page, row, column, text, formats)?,
        ListCell::Int(number) if number.unsigned_abs() > EXACT => {
            words(page, row, column, &number.to_string(), formats)?
        }
        ListCell::Int(number) => figure(page, row, column, &number.to_string(), &formats.int)?,
        ListCell::Fen(fen) if fen.unsigned_abs() > EXACT => {
            words(page, row, column, &yuan(*fen), formats)?
        }
        ListCell::Fen(fen) => figure(page, row, column, &yuan(*fen), &formats.fen)?,
        ListCell::Date(date) => match (
            u16::try_from(date.year()),
            u8::try_from(date.month()),
            u8::try_from(date.day()),
        ) {
            (Ok(year @ 1900..), Ok(month), Ok(day)) => {
                let date = ExcelDateTime::from_ymd(year, month, day)?;
                page.write_datetime_with_format(row, column, &date, &formats.date)?;
            }
            _ => words(page, row, column, &date.to_string(), formats)?,
        },
    }
    Ok(())
}

fn words(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let format = if starts_formula(text) {
        &formats.quoted
    } else {
        &formats.text
    };
    page.write_string_with_format(row, column, text, format)?;
    Ok(())
}

/// A number from its figures: reading them gives the nearest double, which within 15 figures Excel shows exactly.
fn figure(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    figures: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    match figures.parse::<f64>() {
        Ok(number) => page.write_number_with_format(row, column, number, format)?,
        Err(_) => page.write_string_with_format(row, column, figures, format)?,
    };
    Ok(())
}

/// A4 across, as wide as the page, header on every page, page numbers.
fn printing(page: &mut Worksheet, header: u32) -> Result<(), XlsxError> {
    page.set_paper_size(9);
    page.set_landscape();
    page.set_print_fit_to_pages(1, 0);
    page.set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
    page.set_print_center_horizontally(true);
    page.set_repeat_rows(header, header)?;
    page.set_footer("&C&P / &N");
    Ok(())
}

pub(super) struct Formats {
    title: Format,
    note: Format,
    header: Format,
    header_centred: Format,
    header_right: Format,
    text: Format,
    quoted: Format,
    int: Format,
    fen: Format,
    date: Format,
}

impl Formats {
    pub(super) fn new() -> Formats {
        let base = || {
            Format::new()
                .set_font_name(FONT)
                .set_font_size(11)
                .set_align(FormatAlign::VerticalCenter)
        };
        let cell = || {
            base()
                .set_border_bottom(FormatBorder::Thin)
                .set_border_bottom_color(0xD9_D9_D9)
        };
        let right = |format: Format| format.set_align(FormatAlign::Right).set_indent(1);
        let header = || {
            let rules = base()
                .set_border_top(FormatBorder::Thin)
                .set_border_bottom(FormatBorder::Thin);
            rules.set_bold().set_background_color(0xF2_F2_F2)
        };
        let text = || cell().set_num_format("@").set_text_wrap();
        Formats {
            title: base().set_font_size(16).set_bold(),
            note: base()
                .set_font_size(10)
                .set_font_color(0x59_59_59)
                .set_text_wrap(),
            header: header(),
            header_centred: header().set_align(FormatAlign::Center),
            header_right: right(header()),
            text: text(),
            quoted: text().set_quote_prefix(),
            int: right(cell().set_num_format("0")),
            fen: right(cell().set_num_format("#,##0.00")),
            date: cell()
                .set_num_format("yyyy-mm-dd")
                .set_align(FormatAlign::Center),
        }
    }
}

/// The columns' widths in half-width characters.
fn widths(sheet: &ListSheet) -> Vec<u16> {
    let measured = |at: usize, column: &ListColumn| {
        let cells = sheet
            .rows
            .iter()
            .take(MEASURED)
            .filter_map(|row| row.get(at))
            .map(|cell| match cell {
                ListCell::Empty => 0,
                ListCell::Text(text) => width::cells(text),
                ListCell::Int(number) => number.to_string().len() + 1,
                ListCell::Fen(fen) => yuan(*fen).len() * 4 / 3 + 1, // with its commas
                ListCell::Date(_) => 10,
            });
        let least = if column.kind == Kind::Date { 10 } else { 4 };
        let header = width::cells(&column.header) + 3; // the filter's button
        let widest = cells.chain([header, least]).max().unwrap_or(least);
        u16::try_from(widest.min(60)).unwrap_or(60) + 2
    };
    let columns = sheet.columns.iter().enumerate();
    columns
        .map(|(at, column)| {
            column
                .width
                .map_or_else(|| measured(at, column), |width| width.clamp(1, 255))
        })
        .collect()
}

/// Names that Excel takes: at most 31 characters, without `[ ] : * ? / \`, no apostrophe at either end, none twice, none reserved.
fn names(sheets: &[ListSheet]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for sheet in sheets {
        let plain = plain_name(&sheet.name);
        let mut name = plain.clone();
        let mut number = 2;
        while taken
            .iter()
            .any(|other| other.to_lowercase() == name.to_lowercase())
        {
            let suffix = format!(" ({number})");
            name = format!("{}{suffix}", shortened(&plain, 31 - suffix.len()));
            number += 1;
        }
        taken.push(name);
    }
    taken
}

pub(super) fn plain_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|ch| {
            if matches!(ch, '[' | ']' | ':' | '*' | '?' | '/' | '\\') || ch.is_control() {
                ' '
            } else {
                ch
            }
        })
        .collect();
    let plain = shortened(plain.trim_matches([' ', '\'']), 31);
    let plain = plain.trim_matches([' ', '\'']);
    match plain.to_lowercase().as_str() {
        "" => "Sheet".to_owned(),
        "history" => format!("{plain} 1"), // Excel keeps the name for itself
        _ => plain.to_owned(),
    }
}

/// The text cut to so many UTF-16 units, as Excel counts.
fn shortened(text: &str, most: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|ch| {
            used += ch.len_utf16();
            used <= most
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_names_are_made_acceptable_and_distinct() {
        let named = |name: &str| ListSheet {
            name: name.into(),
            title: String::new(),
            note: vec![],
            columns: vec![],
            rows: vec![],
        };
        let long = "计划生育特别扶助（独生子女死亡家庭）应享未享人员名单（和平街道办事处）";
        let given = [
            "应享未享",
            "a/b:c",
            "'x'",
            "",
            "History",
            "应享未享",
            "A B C",
            long,
            long,
        ];
        let names = names(&given.map(named));
        assert_eq!(
            names[..7],
            [
                "应享未享",
                "a b c",
                "x",
                "Sheet",
                "History 1",
                "应享未享 (2)",
                "A B C (2)"
            ]
        );
        assert!(names.iter().all(|name| name.encode_utf16().count() <= 31));
        assert!(names[8].ends_with(" (2)") && names[7] != names[8]);
    }
}
