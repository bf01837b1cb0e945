//! How wide a text stands, in half-width cells: a Chinese character takes two, a digit one.
//! ListColumn widths and gutters are reckoned from it; it is an estimate that knows no font.

/// The cells of the widest line of a text.
pub(crate) fn cells(text: &str) -> usize {
    text.lines()
        .map(|line| line.chars().map(cell).sum())
        .max()
        .unwrap_or(0)
}

/// The cells of one character.
fn cell(ch: char) -> usize {
    match ch {
        '\0'..='\u{1F}' | '\u{300}'..='\u{36F}' | '\u{200B}'..='\u{200D}' | '\u{FEFF}' => 0,
        '\u{2014}'..='\u{2026}' | '\u{2030}' => 2, // dashes, quotes, ellipsis and per mille stand full-width in Chinese text
        '\u{FF61}'..='\u{FF9F}' => 1,
        '\u{2460}'..='\u{24FF}' | '\u{2E80}'.. => 2,
        _ => 1,
    }
}

/// The text cut to so many cells, ending in … where something was cut.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if cells(text) <= most {
        return text.to_owned();
    }
    let mut used = 2;
    let mut kept: String = text
        .chars()
        .take_while(|ch| {
            used += cell(*ch);
            used <= most
        })
        .collect();
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_is_as_wide_as_two_digits() {
        assert_eq!(cells("2026年"), 6);
        assert_eq!(cells("4.07‰"), 6);
        assert_eq!(cells("一\n二三"), 4);
        assert_eq!(cells(""), 0);
    }

    #[test]
    fn a_long_text_is_cut_within_its_cells() {
        assert_eq!(cut("和平街道", 8), "和平街道");
        assert_eq!(cut("和平街道办事处", 8), "和平街…");
        assert_eq!(cut("abcdefgh", 6), "abcd…");
    }
}
