//! Comma-separated text, as departments export it: UTF-8 with or without a mark, UTF-16 or GB 18030; separated by comma, semicolon
//! or tab, whichever the first lines use most evenly.

use std::borrow::Cow;

use encoding_rs::{BIG5, Encoding, GB18030, UTF_16BE, UTF_16LE};

use crate::fault::{FileFault, Foreign};
use crate::sheet::{Cell, Sheet, Workbook};

/// How much of a file is searched for tags.
const MARKUP: usize = 1 << 16;

pub(super) fn read(bytes: &[u8]) -> Result<Workbook, FileFault> {
    let text = decode(bytes)?;
    let separator = separator(&text);
    if let Some(line) = stray_quote(text.as_bytes(), separator) {
        return Err(FileFault::StrayQuote { line });
    }
    let mut sheet = Sheet::new("");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
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
        sheet.end_row(record.len());
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
    if let Some((encoding, mark)) = wide(start) {
        return encoding
            .decode_without_bom_handling_and_without_replacement(&bytes[mark..])
            .filter(|text| is_text(text))
            .ok_or(FileFault::Encoding { line: 1 });
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    if start.contains(&0) {
        return Err(FileFault::NotASpreadsheet {
            what: Foreign::Unknown,
        });
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    if let Some(line) = other_encoding(bytes) {
        return Err(FileFault::MixedEncodings { line });
    }
    if is_big5(start)
        && BIG5
            .decode_without_bom_handling_and_without_replacement(bytes)
            .is_some()
    {
        return Err(FileFault::Big5);
    }
    GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .filter(|text| is_text(text))
        .ok_or_else(|| FileFault::Encoding {
            line: first_wrong_line(bytes),
        })
}

/// UTF-16 and the length of its mark, where that is what the start of a file says.
fn wide(start: &[u8]) -> Option<(&'static Encoding, usize)> {
    let zeros = |first: usize| {
        let every_other = start.iter().skip(first).step_by(2);
        every_other.filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    match start {
        [0xFF, 0xFE, ..] => Some((UTF_16LE, 2)),
        [0xFE, 0xFF, ..] => Some((UTF_16BE, 2)),
        _ if odd > even * 8 && odd * 8 > start.len() => Some((UTF_16LE, 0)),
        _ if even > odd * 8 && even * 8 > start.len() => Some((UTF_16BE, 0)),
        _ => None,
    }
}

/// What a file that is text is instead of a table of cells: a web page or a spreadsheet as XML, whatever stands before it.
pub(super) fn markup(bytes: &[u8]) -> Option<Foreign> {
    let start = bytes.get(..bytes.len().min(MARKUP)).unwrap_or(bytes);
    let text = match wide(start) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(start.get(mark..)?).0,
        None => String::from_utf8_lossy(start),
    };
    let text = text
        .trim_start_matches('\u{FEFF}')
        .trim_start()
        .to_ascii_lowercase();
    let has = |tags: &[&str]| tags.iter().any(|tag| text.contains(tag));
    let marked = text.starts_with('<') || text.starts_with("mime-version:");
    if marked
        && has(&[
            "urn:schemas-microsoft-com:office:spreadsheet\"",
            "<office:document",
        ])
        && !has(&["<html"])
    {
        return Some(Foreign::XmlWorkbook);
    }
    let page = ["<!doctype html", "<html", "<table", "<body", "<meta"];
    let early = text.get(..text.floor_char_boundary(512)).unwrap_or(&text);
    let found = marked && has(&page) || page[..3].iter().any(|tag| early.contains(tag));
    found.then_some(Foreign::WebPage)
}

/// The first line in another encoding than those before it, if some lines are clearly UTF-8 and others can't be. Few Chinese
/// characters in GB 18030 may be valid UTF-8 by chance, four that are Chinese in both can't.
fn other_encoding(bytes: &[u8]) -> Option<usize> {
    let kinds = bytes
        .split(|byte| *byte == b'\n')
        .zip(1..)
        .filter_map(|(line, number)| match std::str::from_utf8(line) {
            Err(_) => Some((false, number)),
            Ok(text) => {
                let chinese = text
                    .chars()
                    .filter(|c| matches!(c, '\u{4E00}'..='\u{9FFF}'));
                (chinese.take(4).count() == 4).then_some((true, number))
            }
        });
    let mut first = None;
    for (kind, number) in kinds {
        if *first.get_or_insert(kind) != kind {
            return Some(number);
        }
    }
    None
}

/// Whether two-byte characters are those that are common in Big5 and rare in GB 18030.
fn is_big5(start: &[u8]) -> bool {
    let (mut pairs, mut common, mut common_in_big5) = (0_usize, 0_usize, 0_usize);
    let mut bytes = start.iter();
    while let Some(lead) = bytes.next() {
        if *lead < 0x81 {
            continue;
        }
        let Some(trail) = bytes.next() else { break };
        pairs += 1;
        common += usize::from(matches!((lead, trail), (0xA1..=0xA3 | 0xB0..=0xD7, 0xA1..)));
        common_in_big5 += usize::from(matches!((lead, trail), (0xA1..=0xC6, 0x40..=0x7E | 0xA1..)));
    }
    pairs >= 4 && common * 2 < pairs && common_in_big5 * 10 >= pairs * 9
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

/// The line of the first quote that begins a cell and doesn't end it: where something else than a separator or a line break
/// follows the next quote, where there is none, or where the cell would hold whole rows.
fn stray_quote(text: &[u8], separator: u8) -> Option<usize> {
    let (mut line, mut rest, mut begins) = (1, text, true);
    // Separators of this row, and of the row that had most.
    let (mut here, mut most) = (0_usize, 0_usize);
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'"' && begins {
            let Some(length) = closing(after) else {
                return Some(line);
            };
            let (cell, after) = after.split_at(length);
            let breaks = line_breaks(cell);
            let within = cell.iter().filter(|byte| **byte == separator).count();
            // From somewhere in one row to about the same place in a later one.
            let most = most.max(here);
            let rows = breaks > 0 && within > 1 && within * 2 + most >= 2 * breaks * most;
            let ended = after
                .get(1)
                .is_none_or(|next| *next == separator || matches!(next, b'\r' | b'\n'));
            if rows || !ended {
                return Some(line);
            }
            line += breaks;
            rest = after.get(1..).unwrap_or(&[]);
            begins = false;
            continue;
        }
        let ends_row = byte == b'\n' || byte == b'\r' && rest.first() != Some(&b'\n');
        if ends_row {
            line += 1;
            most = most.max(here);
            here = 0;
        }
        here += usize::from(byte == separator);
        begins = byte == separator || matches!(byte, b'\r' | b'\n');
    }
    None
}

/// Where the quote is that ends a cell; two stand for one.
fn closing(cell: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += cell.get(at..)?.iter().position(|byte| *byte == b'"')?;
        if cell.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

fn line_breaks(cell: &[u8]) -> usize {
    let lone = cell.iter().filter(|byte| **byte == b'\r').count();
    let pairs = cell.windows(2).filter(|pair| *pair == b"\r\n").count();
    lone - pairs + cell.iter().filter(|byte| **byte == b'\n').count()
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
