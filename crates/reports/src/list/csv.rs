//! A list as CSV (RFC 4180): header and rows only, so that programs and other systems read it without skipping anything.
//! UTF-8 with a byte order mark, which Excel needs to see Chinese; figures and IDs are written whole. A text that a spreadsheet would run
//! as a formula gets an apostrophe in front.

use std::fmt::Write as _;

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
    for (at, column) in sheet.columns.iter().enumerate() {
        separate(&mut out, at);
        text(&mut out, &column.header);
    }
    out.push_str("\r\n");
    out
}

/// Adds a row.
pub(super) fn write_row(out: &mut String, row: &[ListCell]) {
    for (at, cell) in row.iter().enumerate() {
        separate(out, at);
        let _infallible = match cell {
            ListCell::Empty => Ok(()),
            ListCell::Text(words) => {
                text(out, words);
                Ok(())
            }
            ListCell::Int(number) => write!(out, "{number}"),
            ListCell::Fen(fen) => write!(out, "{}", yuan(*fen)),
            ListCell::Date(date) => write!(out, "{date}"),
        };
    }
    out.push_str("\r\n");
}

fn separate(out: &mut String, at: usize) {
    if at > 0 {
        out.push(',');
    }
}

/// Adds a text, guarded and quoted where it has to be.
fn text(out: &mut String, text: &str) {
    let quoted = text
        .bytes()
        .any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if quoted {
        out.push('"');
    }
    if starts_formula(text) {
        out.push('\'');
    }
    match quoted && text.contains('"') {
        true => out.push_str(&text.replace('"', "\"\"")),
        false => out.push_str(text),
    }
    if quoted {
        out.push('"');
    }
}
