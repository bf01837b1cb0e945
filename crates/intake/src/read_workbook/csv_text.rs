//! Comma-separated text, as departments export it: UTF-8 with or without a mark, UTF-16 or GB 18030; separated by comma, semicolon
//! or tab, whichever the first lines use most evenly.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

use crate::fault::{FileFault, Foreign};
use crate::sheet::{Cell, Sheet, Workbook};

pub(super) fn read(bytes: &[u8]) -> Result<Workbook, FileFault> {
    let text = decode(bytes)?;
    let mut sheet = Sheet::new("");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(&text))
        .buffer_capacity(1 << 16)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut row = 0_u32;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => (),
            Ok(false) => break,
            Err(error) => {
                return Err(FileFault::Damaged {
                    detail: error.to_string(),
                });
            }
        }
        let start = record.position().map_or(0, csv::Position::byte);
        row = row.saturating_add(breaks_before(text.as_bytes(), start));
        for (column, cell) in record.iter().enumerate() {
            let column = u32::try_from(column).unwrap_or(u32::MAX);
            sheet.push(row, column, Cell::Text(cell), false)?;
        }
    }
    if sheet.is_empty() {
        return Err(FileFault::Empty);
    }
    Ok(Workbook {
        sheets: vec![sheet],
    })
}

/// How many line breaks lie between a record and the one before it. The reader has taken the first character of the first of
/// them when the record starts; breaks inside quoted cells lie in records, as they do for a spreadsheet.
fn breaks_before(text: &[u8], start: u64) -> u32 {
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let mut between = text
        .get(start.saturating_sub(1)..)
        .unwrap_or(&[])
        .iter()
        .take_while(|b| matches!(b, b'\r' | b'\n'))
        .peekable();
    let mut breaks = 0;
    while let Some(byte) = between.next() {
        if *byte == b'\r' {
            between.next_if(|next| **next == b'\n');
        }
        breaks += 1;
    }
    breaks
}

/// The text of the bytes. A mark, or the zeros of every other byte, says UTF-16, as Excel's "Unicode text" is; what is valid
/// UTF-8 is UTF-8; everything else must be GB 18030 to the last byte.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FileFault> {
    let start = bytes.get(..bytes.len().min(4096)).unwrap_or(bytes);
    let zeros = |first: usize| {
        let every_other = start.iter().skip(first).step_by(2);
        every_other.filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let wide = match start {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        _ if odd > even * 8 && odd * 8 > start.len() => Some(UTF_16LE),
        _ if even > odd * 8 && even * 8 > start.len() => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = wide {
        let mark = usize::from(matches!(start, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..])) * 2;
        return encoding
            .decode_without_bom_handling_and_without_replacement(&bytes[mark..])
            .filter(|text| is_text(text))
            .ok_or(FileFault::Encoding { line: 1 });
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    if even + odd > 0 {
        return Err(FileFault::NotASpreadsheet {
            what: Foreign::Unknown,
        });
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .filter(|text| is_text(text))
        .ok_or_else(|| FileFault::Encoding {
            line: first_wrong_line(bytes),
        })
}

/// Nearly any bytes decode as GB 18030; control characters give away those that aren't text.
fn is_text(text: &str) -> bool {
    !text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{1A}' | '\u{80}'))
}

fn first_wrong_line(bytes: &[u8]) -> usize {
    bytes
        .split(|b| *b == b'\n')
        .position(|line| {
            std::str::from_utf8(line).is_err()
                && GB18030
                    .decode_without_bom_handling_and_without_replacement(line)
                    .is_none_or(|text| !is_text(&text))
        })
        .map_or(1, |at| at + 1)
}

/// The character that separates cells: the one that stands in most of the first lines, equally often if possible.
fn separator(text: &str) -> u8 {
    let lines: Vec<&str> = text
        .lines()
        .filter(|l| !l.trim().is_empty())
        .take(20)
        .collect();
    let mut best = (b',', 0);
    for candidate in [b',', b'\t', b';'] {
        let counts: Vec<usize> = lines
            .iter()
            .map(|line| outside_quotes(line, candidate))
            .collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        let as_many = counts.iter().filter(|n| **n == most && most > 0).count();
        let score = counts.iter().filter(|n| **n > 0).count() * 4 + as_many;
        if most > 0 && score > best.1 {
            best = (candidate, score);
        }
    }
    best.0
}

fn outside_quotes(line: &str, wanted: u8) -> usize {
    let mut quoted = false;
    let mut found = 0;
    for byte in line.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b if b == wanted && !quoted => found += 1,
            _ => (),
        }
    }
    found
}
