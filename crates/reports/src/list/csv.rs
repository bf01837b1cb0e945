//! A list as CSV (RFC 4180): header and rows only, so that programs and other systems read it without skipping anything.
//! UTF-8 with a byte order mark, which Excel needs to see Chinese; figures and IDs are written whole. A text that a spreadsheet would run
//! as a formula gets an apostrophe in front.

use super::{ListCell, ListError, ListSheet, starts_formula, yuan};

/// Writes one sheet as CSV. Title and notes are left out.
///
/// # Errors
/// When a row doesn't have one cell per column.
pub fn write_csv(sheet: &ListSheet) -> Result<Vec<u8>, ListError> {
    sheet.check_shape()?;
    let mut out = header(sheet);
    for row in &sheet.rows {
        write_row(&mut out, row);
    }
    Ok(out.into_bytes())
}

/// The byte order mark and the header.
pub(super) fn header(sheet: &ListSheet) -> String {
    let mut out = String::from("\u{FEFF}");
    let headers = sheet.columns.iter().map(|column| guarded(&column.header));
    line(&mut out, headers);
    out
}

/// Adds a row.
pub(super) fn write_row(out: &mut String, row: &[ListCell]) {
    line(out, row.iter().map(shown));
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}

fn shown(cell: &ListCell) -> String {
    match cell {
        ListCell::Empty => String::new(),
        ListCell::Text(text) => guarded(text),
        ListCell::Int(number) => number.to_string(),
        ListCell::Fen(fen) => yuan(*fen),
        ListCell::Date(date) => date.to_string(),
    }
}

fn guarded(text: &str) -> String {
    if starts_formula(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
