//! Masks: what is left of a secret for eyes that may not see it whole, enough to recognise a person or a document that one
//! already knows. A mask never shows more when the text is odd: what has not the expected shape is hidden whole.
//!
//! Public notices and lists must not carry what the Personal Information Protection Law (articles 25, 28, 34, 73) keeps
//! back; these functions are the only place where a value is shortened for showing.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::Sensitivity;
use crate::text::narrow;

/// What stands for text of which not even the length is shown.
const HIDDEN: &str = "***";
/// More characters than any field that is shown in part has; longer text is hidden whole.
const LONGEST_TEXT: usize = 400;

static COMPOUND_SURNAMES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    include_str!("../data/compound-surnames.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect()
});

/// The text as someone without leave sees it.
pub fn apply(sensitivity: Sensitivity, text: &str) -> String {
    match sensitivity {
        Sensitivity::Open => text.to_owned(),
        Sensitivity::Name => name(text),
        Sensitivity::Id => id(text),
        Sensitivity::Phone => phone(text),
        Sensitivity::Address => address(text),
        Sensitivity::Account => account(text),
        Sensitivity::Health if text.is_empty() => String::new(),
        Sensitivity::Health => HIDDEN.to_owned(),
    }
}

/// The surname and a star for each other character: `张**`, `欧阳*`, `买**·**`. A name of one character is hidden.
pub fn name(text: &str) -> String {
    let chars: Vec<char> = text.trim().chars().collect();
    if chars.len() > LONGEST_TEXT {
        return HIDDEN.to_owned();
    }
    let keep = match chars.as_slice() {
        [] => return String::new(),
        [_] => 0,
        [first, second, _, ..]
            if COMPOUND_SURNAMES.contains(String::from_iter([first, second]).as_str()) =>
        {
            2
        }
        _ => 1,
    };
    let mask = |(index, ch): (usize, &char)| {
        if index < keep || matches!(ch, '·' | ' ') {
            *ch
        } else {
            '*'
        }
    };
    chars.iter().enumerate().map(mask).collect()
}

/// A star for each character of the number of a document. Of an ID number region and birth are known of nearly everybody, and sex and
/// check digit give most of the rest: the last two characters beside a date of birth leave nine people to choose from.
pub fn id(text: &str) -> String {
    stars(text.trim(), 0, 0)
}

/// The kind of a document, and its number as that of an ID: `passport *********`.
pub fn document(text: &str) -> String {
    match text.trim().split_once(' ') {
        Some((kind, number)) => format!("{kind} {}", id(number)),
        None => text.trim().to_owned(),
    }
}

/// The first three and last four digits of a mobile number: `138****1234`. Of shorter numbers less is left, so that at
/// least four digits are always hidden.
pub fn phone(text: &str) -> String {
    let text = text.trim();
    match text.chars().count() {
        n @ 8.. => stars(text, (n - 8).min(3), 4),
        _ => stars(text, 0, 0),
    }
}

/// The last four digits of an account: `***************1234`.
pub fn account(text: &str) -> String {
    let text = text.trim();
    match text.chars().count() {
        9.. => stars(text, 0, 4),
        _ => stars(text, 0, 0),
    }
}

/// An address up to the community or road, without the number of the house and what follows: `西岗区人民路***`.
///
/// Where no community or road is recognised, it is kept up to the county or town; where none is, it is hidden whole.
pub fn address(text: &str) -> String {
    const ROADS: [&str; 9] = [
        "社区",
        "居委会",
        "村",
        "街道",
        "大街",
        "街",
        "路",
        "巷",
        "胡同",
    ];
    const TOWNS: [&str; 5] = ["镇", "乡", "区", "县", "市"];
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    if text.chars().count() > LONGEST_TEXT {
        return HIDDEN.to_owned();
    }
    let place = &text[..house_number(text)];
    let end_of_last = |marks: &[&str]| {
        marks
            .iter()
            .filter_map(|m| place.rfind(m).map(|at| at + m.len()))
            .max()
    };
    let kept = end_of_last(&ROADS)
        .or_else(|| end_of_last(&TOWNS))
        .unwrap_or(0);
    format!("{}{HIDDEN}", &text[..kept])
}

/// Where the number of the house begins: the first run of digits that does not belong to a name such as 新华3村 or 五四路.
fn house_number(text: &str) -> usize {
    const NAMES: [char; 7] = ['路', '街', '村', '巷', '社', '道', '里'];
    let mut start = None;
    for (at, ch) in text.char_indices() {
        let ch = narrow(ch);
        if ch.is_ascii_digit() {
            start.get_or_insert(at);
        } else if let Some(number) = start {
            if !NAMES.contains(&ch) {
                return number;
            }
            start = None;
        }
    }
    start.unwrap_or(text.len())
}

/// The text with stars between its first `head` and last `tail` characters.
fn stars(text: &str, head: usize, tail: usize) -> String {
    let len = text.chars().count();
    if len > LONGEST_TEXT {
        return HIDDEN.to_owned();
    }
    let mask = |(index, ch): (usize, char)| {
        if index < head || index + tail >= len {
            ch
        } else {
            '*'
        }
    };
    text.chars().enumerate().map(mask).collect()
}
