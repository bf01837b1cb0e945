//! Several things in one cell: codes of a list, or short words. Each is kept once; codes in the order of their list, words in the
//! order in which they are written.

use kernel::text;

use super::{Cell, CellReading, Told, shortened, words};
use crate::{CodeList, LONGEST_ITEM, MOST_ITEMS, Value};

/// What stands between the things of a list.
const MARKS: [char; 10] = ['、', ',', '，', ';', '；', '|', '\n', '\r', '/', '＋'];

/// Codes of a list; `unknown` tells of a word that is none.
pub(super) fn of_codes(
    codes: &CodeList,
    cell: Cell<'_>,
    unknown: impl Fn(&str) -> Told,
) -> CellReading {
    let written = written(cell)?;
    // A word of the list may itself have a mark or a blank in it.
    let mut found: Vec<usize> = Vec::new();
    let mut put = |word: &str| {
        let member = codes.find(word)?;
        let at = codes.members.iter().position(|m| m.value == member.value)?;
        found.push(at);
        Some(())
    };
    for piece in written.split(MARKS).filter(|piece| !blank(piece)) {
        if put(piece).is_none() {
            for word in piece.split(text::is_blank).filter(|word| !blank(word)) {
                put(word).ok_or_else(|| unknown(word))?;
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    let values = found.into_iter().map(|at| codes.members[at].value.as_str());
    kept(values.collect())
}

/// Short words.
pub(super) fn of_texts(cell: Cell<'_>, told: &mut Vec<Told>) -> CellReading {
    let written = written(cell)?;
    let mut clean: Vec<String> = Vec::new();
    for piece in written.split(MARKS).filter(|piece| !blank(piece)) {
        let piece = words::proper(words::tidy(piece), told);
        if piece.chars().count() > LONGEST_ITEM {
            return Err(Told::TooLong(LONGEST_ITEM));
        }
        if !clean.contains(&piece) {
            clean.push(piece);
        }
    }
    kept(clean.iter().map(String::as_str).collect())
}

fn written(cell: Cell<'_>) -> Result<String, Told> {
    match cell {
        Cell::Text(text) => Ok(text.to_owned()),
        Cell::Number(_) => Ok(cell.shown()),
        _ => Err(Told::WrongKind),
    }
}

fn blank(piece: &str) -> bool {
    piece.chars().all(text::is_blank)
}

fn kept(items: Vec<&str>) -> CellReading {
    if items.len() > MOST_ITEMS {
        return Err(Told::TooMany(shortened(&items.join("、"))));
    }
    Ok((!items.is_empty()).then(|| Value::Text(items.join("\n"))))
}
