//! Characters that are written in several ways: what old systems, radicals out of a PDF and compatibility forms stand for, and
//! which variants are one character when names are compared. Nothing here knows what a text is about; what is compared is never
//! stored or shown in place of what was written.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// Read as another character, whatever the text.
static PROPER: LazyLock<FxHashMap<char, char>> = LazyLock::new(|| {
    let code = |field: &str| char::from_u32(u32::from_str_radix(field, 16).ok()?);
    let pair = |line: &str| {
        let (from, to) = line.split_once('\t')?;
        Some((code(from)?, code(to)?))
    };
    lines(include_str!("../data/private-use.tsv"))
        .chain(lines(include_str!("../data/forms.tsv")))
        .filter_map(pair)
        .collect()
});

/// Compared as another character: variants by the first of their line, and what isn't a character of its own.
static STANDARD: LazyLock<FxHashMap<char, char>> = LazyLock::new(|| {
    let mut standard = FxHashMap::default();
    // What the table of names says goes before.
    let tables = lines(include_str!("../data/traditional.tsv"));
    for line in tables.chain(lines(include_str!("../data/variants.tsv"))) {
        let mut characters = line.split('\t').filter_map(|field| field.chars().next());
        if let Some(first) = characters.next() {
            standard.extend(characters.map(|variant| (variant, first)));
        }
    }
    for (from, to) in PROPER.iter() {
        let to = standard.get(to).copied().unwrap_or(*to);
        standard.insert(*from, to);
    }
    standard
});

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// The character that one of an old system's, a radical or a compatibility form stands for, if it is known (GB 18030-2022,
/// appendix D; Unicode, radicals and compatibility ideographs).
pub fn proper(ch: char) -> Option<char> {
    may_stand_for_another(ch)
        .then(|| PROPER.get(&ch).copied())
        .flatten()
}

/// Whether the character lies where only such are: most texts have none.
pub fn may_stand_for_another(ch: char) -> bool {
    is_private(ch)
        || matches!(ch, '\u{2E80}'..='\u{2FD5}' | '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}')
}

/// Whether every system may show something else for the character (Unicode, Private Use Areas).
pub fn is_private(ch: char) -> bool {
    matches!(ch, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

/// What a character is compared as: 國 as 国, 萧 as 肖, the radical ⻢ as 马.
pub fn standard(ch: char) -> char {
    STANDARD.get(&ch).copied().unwrap_or(ch)
}

/// Whether two names are one but for variant characters, width, blanks, the marks between their parts and a remark in brackets
/// behind them.
pub fn same_name(one: &str, other: &str) -> bool {
    let mut left = compared(one).peekable();
    left.peek().is_some() && left.eq(compared(other))
}

/// The characters of a name as they are compared.
pub fn compared(name: &str) -> impl Iterator<Item = char> + '_ {
    let shown = |ch: &char| ch.is_alphanumeric();
    without_remark(name)
        .chars()
        .map(crate::text::narrow)
        .map(standard)
        .filter(shown)
        .map(|ch| ch.to_ascii_uppercase())
}

/// A name without the remark in brackets behind it: `张勇(户主)`.
pub fn without_remark(name: &str) -> &str {
    let name = name.trim_end();
    match name.strip_suffix([')', '）']) {
        Some(inner) => match inner.rfind(['(', '（']) {
            Some(at) if at > 0 => &name[..at],
            _ => name,
        },
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_however_they_are_written() {
        for (one, other) in [
            ("肖国华", "蕭國華"),
            ("萧峰", "肖峯"),
            ("阿布都·克里木", "阿布都.克里木"),
            ("玛依拉．吐尔逊", "玛依拉∙吐尔逊"),
            ("卡德尔-沙迪克", "卡德尔●沙迪克"),
            ("\u{2EE2}\u{2EF0}", "马龙"),
            ("\u{2ED3}孙无忌", "长孙无忌"),
            ("\u{F9E1}四", "李四"),
            ("葛\u{E0100}洪", "葛洪"),
            ("\u{E863}平", "䶮平"),
            ("ＡＮＮＡ lee", "Anna Lee"),
            ("張勇（户主）", "张勇"),
            ("買買提·艾山", "买买提艾山"),
            ("陳頫", "陈𫖯"),
        ] {
            assert!(same_name(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("王莹", "王颖"),
            ("", ""),
            ("·", "."),
            ("张三", "张三丰"),
            ("(户主)", "张三"),
        ] {
            assert!(!same_name(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_isn_t_a_character_of_its_own_stands_for_one() {
        for (written, meant) in [('⼥', Some('女')), ('\u{E831}', Some('𡗗')), ('王', None)] {
            assert_eq!(proper(written), meant);
        }
        let kangxi = ('\u{2F00}'..='\u{2FD5}').filter(|radical| proper(*radical).is_some());
        assert_eq!(kangxi.count(), 214);
        assert_eq!(proper('\u{E001}'), None);
    }
}
