//! Text as it is compared: headers, names and code words without the differences that only a keyboard made. The result is
//! for comparing, never for storing or showing in place of what was written.

/// The text with full-width characters made ordinary, blanks and invisible characters taken away, and the several dots that
/// stand inside names made one (`·`).
///
/// Letters keep their case, and characters that merely look or mean alike stay different.
pub fn normal(text: &str) -> String {
    text.chars()
        .filter(|ch| !is_blank(*ch))
        .map(narrow)
        .map(one_dot)
        .collect()
}

/// The ordinary form of a full-width character (Unicode block Halfwidth and Fullwidth Forms, U+FF01 to U+FF5E, and the
/// ideographic space U+3000); any other character as it is.
pub fn narrow(ch: char) -> char {
    match ch {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(ch as u32 - 0xFEE0).unwrap_or(ch),
        '\u{FFE5}' => '\u{A5}',
        '\u{3000}' => ' ',
        _ => ch,
    }
}

/// Whether a character shows nothing: white space, control characters, zero-width and byte-order marks, and the
/// marks that choose a glyph (variation selectors).
pub fn is_blank(ch: char) -> bool {
    ch.is_whitespace()
        || ch.is_control()
        || matches!(ch, '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0100}'..='\u{E01EF}')
}

/// The dot inside the name of, say, a Uyghur is typed in several ways; U+00B7 is the one GB 18030 input gives.
fn one_dot(ch: char) -> char {
    match ch {
        '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{2E31}' | '\u{30FB}'
        | '\u{FF65}' => '\u{B7}',
        _ => ch,
    }
}

/// A number with its thousands separated: `45,651`. Other text as it is.
#[must_use]
pub fn grouped(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// A count with its English noun: “1 row”, “2 rows”.
#[must_use]
pub fn counted(count: impl std::fmt::Display, one: &str, many: &str) -> String {
    let count = count.to_string();
    let noun = if count == "1" { one } else { many };
    format!("{count} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_of_the_keyboard_vanish() {
        for (written, expected) in [
            ("姓 名", "姓名"),
            ("姓\u{3000}名\u{A0}", "姓名"),
            ("身份证号（18位）", "身份证号(18位)"),
            ("ＩＤ：１２", "ID:12"),
            ("\u{FEFF}户\n号\u{200B}", "户号"),
            ("买买提•艾山", "买买提·艾山"),
            ("买买提・艾山", "买买提·艾山"),
            ("", ""),
        ] {
            assert_eq!(normal(written), expected);
        }
    }

    #[test]
    fn differences_that_mean_something_stay() {
        assert_ne!(normal("王莹"), normal("王瑩"));
        assert_ne!(normal("id"), normal("ID"));
    }
}
