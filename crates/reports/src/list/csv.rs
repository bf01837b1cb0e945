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
    let mut out = String::from("\u{FEFF}");
    line(
        &mut out,
        sheet.columns.iter().map(|column| guarded(&column.header)),
    );
    for row in &sheet.rows {
        line(&mut out, row.iter().map(shown));
    }
    Ok(out.into_bytes())
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
