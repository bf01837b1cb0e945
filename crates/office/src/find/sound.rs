//! How characters are read: every reading of each, without tones, as it is typed. A name may be typed by any of them, since only who
//! bears it knows which is theirs (曾 as zeng or ceng, 单 as shan or dan). Nothing here knows what a name is.

use std::sync::LazyLock;

use pinyin::{Pinyin, ToPinyinMulti};

/// Where characters with readings lie (Unicode: CJK from 〇 on, and the supplementary planes of ideographs).
const PLANES: [(u32, u32); 2] = [(0x3000, 0xA000), (0x2_0000, 0x3_2400)];

/// The readings of every character, one after the other; those of the nth lie from its start to the next one's.
struct Table {
    starts: Vec<u32>,
    sounds: Vec<&'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        starts: vec![0],
        sounds: Vec::new(),
    };
    for code in PLANES.iter().flat_map(|(first, end)| *first..*end) {
        let start = table.sounds.len();
        let read = char::from_u32(code).and_then(|ch| ch.to_pinyin_multi());
        for sound in read.into_iter().flatten().map(Pinyin::plain) {
            if !table.sounds[start..].contains(&sound) {
                table.sounds.push(sound);
            }
        }
        let end = u32::try_from(table.sounds.len()).unwrap_or(u32::MAX);
        table.starts.push(end);
    }
    table
});

/// The readings of a character, each once, the usual one first; none of what has none.
pub(super) fn sounds(ch: char) -> &'static [&'static str] {
    let code = u32::from(ch);
    let mut before = 0;
    for (first, end) in PLANES {
        if (first..end).contains(&code) {
            let at = (before + code - first) as usize;
            let (start, end) = (TABLE.starts[at], TABLE.starts[at + 1]);
            return &TABLE.sounds[start as usize..end as usize];
        }
        before += end - first;
    }
    &[]
}

/// Characters that are read otherwise as a surname (《现代汉语词典》: what it marks 姓).
const SURNAMES: [(char, &str); 25] = [
    ('曾', "zeng"),
    ('单', "shan"),
    ('解', "xie"),
    ('仇', "qiu"),
    ('查', "zha"),
    ('区', "ou"),
    ('朴', "piao"),
    ('尉', "yu"),
    ('盖', "ge"),
    ('缪', "miao"),
    ('万', "mo"),
    ('俟', "qi"),
    ('翟', "zhai"),
    ('乐', "yue"),
    ('覃', "qin"),
    ('召', "shao"),
    ('洗', "xian"),
    ('员', "yun"),
    ('种', "chong"),
    ('繁', "po"),
    ('秘', "bi"),
    ('折', "she"),
    ('祭', "zhai"),
    ('句', "gou"),
    ('澹', "tan"),
];

/// Whether a reading is what a character is mostly read as, or as a surname; many have others that hardly anybody knows (方 as wang).
pub(super) fn is_usual(ch: char, sound: &str) -> bool {
    sounds(ch).first() == Some(&sound) || SURNAMES.contains(&(ch, sound))
}

/// How many letters of what is typed a reading begins with, and how many it has. ü is typed as it is, as v or as u.
pub(super) fn heard(sound: &str, typed: &[char]) -> (usize, usize) {
    let is = |letter: char, typed: char| letter == typed || letter == 'ü' && "uv".contains(typed);
    let same = sound.chars().zip(typed).take_while(|(l, t)| is(*l, **t));
    (same.count(), sound.chars().count())
}

/// Whether a character may be a letter of a reading.
pub(super) fn is_letter(ch: char) -> bool {
    ch.is_ascii_lowercase() || ch == 'ü'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_has_all_its_readings() {
        for (ch, read) in [
            ('曾', "zeng ceng"),
            ('单', "shan dan chan"),
            ('解', "xie jie"),
            ('仇', "qiu chou"),
            ('任', "ren"),
            ('查', "zha cha"),
            ('区', "ou qu"),
            ('朴', "piao pu"),
            ('尉', "yu wei"),
            ('盖', "ge gai"),
            ('缪', "miao mou"),
            ('万', "mo wan"),
            ('俟', "qi si"),
            ('翟', "zhai di"),
            ('乐', "yue le"),
            ('吕', "lü"),
            ('〇', "ling"),
            ('𫖯', "fu"),
        ] {
            for sound in read.split(' ') {
                assert!(sounds(ch).contains(&sound), "{ch} {:?}", sounds(ch));
            }
        }
        for (surname, sound) in SURNAMES {
            assert!(sounds(surname).contains(&sound), "{surname} {sound}");
        }
        assert!(is_usual('方', "fang") && !is_usual('方', "wang"));
        assert_eq!(sounds('A'), [""; 0]);
        assert_eq!(
            sounds('华').iter().filter(|sound| **sound == "hua").count(),
            1
        );
    }
}
