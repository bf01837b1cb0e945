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
pub(super) const FONT: &str = "宋体";

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
        let rows = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX);
        let last = header.saturating_add(rows);
        for (row, cells) in (header + 1..).zip(&sheet.rows) {
            put_row(page, (row, row == last), cells, (&sheet.columns, &formats))?;
        }
        end(sheet, page, (header, last), &formats)?;
    }
    workbook.save_to_buffer()
}

/// A workbook without a sheet.
pub(super) fn empty(title: &str) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    // Of a list of a hundred thousand rows a fifth more than at the usual level, in a third of the time.
    workbook.set_zip_compression_level(3);
    let properties = DocProperties::new()
        .set_title(title)
        .set_author("Taizhang")
        .set_creation_datetime(&ExcelDateTime::from_ymd(1980, 1, 1)?); // no clock: the same list is the same file
    workbook.set_properties(&properties);
    Ok(workbook)
}

/// Writes what stands above the rows; returns the header's row. Columns are as wide as what the sheet's own rows hold. Until [`end`] they
/// have the format of their kind: a cell that says its own is looked up by all of it, which is most of what writing a cell takes.
pub(super) fn begin(
    sheet: &ListSheet,
    page: &mut Worksheet,
    formats: &Formats,
) -> Result<u32, XlsxError> {
    let widths = widths(sheet);
    for (column, width) in (0..).zip(&widths) {
        page.set_column_width(column, *width)?;
    }
    let header = head(sheet, &widths, page, formats)?;
    for (column, of) in (0..).zip(&sheet.columns) {
        page.set_column_format(column, formats.of(of.kind))?;
    }
    Ok(header)
}

/// Writes a row. Rows are closed by the next one and take their columns' formats then; the last is closed when these are gone, so that its
/// cells say their own.
pub(super) fn put_row(
    page: &mut Worksheet,
    (row, last): (u32, bool),
    cells: &[ListCell],
    (columns, formats): (&[ListColumn], &Formats),
) -> Result<(), XlsxError> {
    for ((at, cell), column) in (0..).zip(cells).zip(columns) {
        let kind = (!last).then_some(column.kind);
        put(page, (row, at), cell, kind, formats)?;
    }
    Ok(())
}

/// Writes the row of totals, which the filter of the list leaves where it is.
pub(super) fn put_totals(
    page: &mut Worksheet,
    row: u32,
    cells: &[ListCell],
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(cells) {
        match cell {
            ListCell::Fen(fen) if fen.unsigned_abs() <= EXACT => {
                let figures = yuan(*fen);
                match figures.parse::<f64>() {
                    Ok(sum) => {
                        page.write_number_with_format(row, column, sum, &formats.fen_total)?
                    }
                    Err(_) => {
                        page.write_string_with_format(row, column, figures, &formats.text_total)?
                    }
                };
            }
            ListCell::Fen(fen) => {
                page.write_string_with_format(row, column, yuan(*fen), &formats.text_total)?;
            }
            ListCell::Text(text) => {
                page.write_string_with_format(row, column, text, &formats.text_total)?;
            }
            ListCell::Empty => {
                page.write_blank(row, column, &formats.text_total)?;
            }
            ListCell::Int(_) | ListCell::Date(_) => {}
        }
    }
    Ok(())
}

/// What follows once it is known how many rows there are.
pub(super) fn end(
    sheet: &ListSheet,
    page: &mut Worksheet,
    (header, last_row): (u32, u32),
    formats: &Formats,
) -> Result<(), XlsxError> {
    // Below the list columns have no format.
    for column in 0..u16::try_from(sheet.columns.len()).unwrap_or(u16::MAX) {
        page.set_column_format(column, &formats.plain)?;
    }
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

/// Writes a cell: in its column's format where it is of the kind of its column, else in its own.
fn put(
    page: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &ListCell,
    kind: Option<Kind>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let at = (row, column);
    match cell {
        ListCell::Empty => {}
        ListCell::Text(text) if text.is_empty() => {}
        ListCell::Text(text) => words(page, at, text, kind, formats)?,
        ListCell::Int(number) if number.unsigned_abs() > EXACT => {
            words(page, at, &number.to_string(), kind, formats)?;
        }
        // A whole number of so few figures is a double exactly.
        ListCell::Int(number) => figure(page, at, *number as f64, (kind, Kind::Int), formats)?,
        ListCell::Fen(fen) if fen.unsigned_abs() > EXACT => {
            words(page, at, &yuan(*fen), kind, formats)?;
        }
        ListCell::Fen(fen) => money(page, at, *fen, (kind, Kind::Fen), formats)?,
        ListCell::Date(date) => match (
            u16::try_from(date.year()),
            u8::try_from(date.month()),
            u8::try_from(date.day()),
        ) {
            (Ok(year @ 1900..), Ok(month), Ok(day)) => {
                let date = ExcelDateTime::from_ymd(year, month, day)?;
                match kind {
                    Some(Kind::Date) => page.write_datetime(row, column, &date)?,
                    _ => page.write_datetime_with_format(row, column, &date, &formats.date)?,
                };
            }
            _ => words(page, at, &date.to_string(), kind, formats)?,
        },
    }
    Ok(())
}

fn words(
    page: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    kind: Option<Kind>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match (starts_formula(text), kind) {
        (true, _) => page.write_string_with_format(row, column, text, &formats.quoted)?,
        (false, Some(Kind::Text)) => page.write_string(row, column, text)?,
        (false, _) => page.write_string_with_format(row, column, text, &formats.text)?,
    };
    Ok(())
}

/// A number; of its own kind in its column's format.
fn figure(
    page: &mut Worksheet,
    (row, column): (u32, u16),
    number: f64,
    (kind, own): (Option<Kind>, Kind),
    formats: &Formats,
) -> Result<(), XlsxError> {
    match kind == Some(own) {
        true => page.write_number(row, column, number)?,
        false => page.write_number_with_format(row, column, number, formats.of(own))?,
    };
    Ok(())
}

/// Money from its figures: reading them gives the nearest double, which within 15 figures Excel shows exactly.
fn money(
    page: &mut Worksheet,
    at: (u32, u16),
    fen: i64,
    kinds: (Option<Kind>, Kind),
    formats: &Formats,
) -> Result<(), XlsxError> {
    let figures = yuan(fen);
    match figures.parse::<f64>() {
        Ok(number) => figure(page, at, number, kinds, formats),
        Err(_) => words(page, at, &figures, kinds.0, formats),
    }
}

/// A4 across, as wide as the page, header on every page, page numbers.
pub(super) fn printing(page: &mut Worksheet, header: u32) -> Result<(), XlsxError> {
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
    text_total: Format,
    fen_total: Format,
    plain: Format,
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
        let total = || {
            let rules = base().set_border_top(FormatBorder::Thin);
            rules.set_border_bottom(FormatBorder::Thin).set_bold()
        };
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
            text_total: total().set_num_format("@"),
            fen_total: right(total().set_num_format("#,##0.00")),
            plain: Format::default(),
        }
    }

    /// The format of the cells of a kind.
    fn of(&self, kind: Kind) -> &Format {
        match kind {
            Kind::Text => &self.text,
            Kind::Int => &self.int,
            Kind::Fen => &self.fen,
            Kind::Date => &self.date,
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
