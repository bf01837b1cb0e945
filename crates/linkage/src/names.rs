//! Chinese names and addresses as they are compared. Variant characters are one character, a name falls into surname and given
//! name, its sound is known, and an address is its numbers and the words between them. Nothing here is ever shown or stored in
//! place of what was written.

use kernel::glyph::{compared, standard};
use pinyin::ToPinyin;

use crate::compare::Likeness;

/// Surnames of two characters that are borne today (after 《中国姓氏大辞典》; rare ones left out, since two characters that
/// only look like one do more harm).
const DOUBLE_SURNAMES: [&str; 28] = [
    "欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "司徒",
    "司空", "夏侯", "东方", "独孤", "南宫", "端木", "轩辕", "百里", "东郭", "西门", "呼延", "申屠",
    "太史", "澹台", "拓跋", "完颜",
];

/// A name, ready to compare.
#[derive(Debug)]
pub(crate) struct Name {
    /// Standard characters, without blanks and dots.
    characters: Box<[char]>,
    /// How many of them are the surname.
    surname: usize,
    /// The sound of each, without tone; empty for what has none.
    sounds: Box<[&'static str]>,
}

impl Name {
    pub(crate) fn read(text: &str) -> Self {
        let characters: Box<[char]> = compared(text).collect();
        let start: String = characters.iter().take(2).collect();
        let double = characters.len() > 2 && DOUBLE_SURNAMES.contains(&start.as_str());
        let sound = |ch: &char| ch.to_pinyin().map_or("", pinyin::Pinyin::plain);
        Self {
            surname: if double { 2 } else { 1 }.min(characters.len()),
            sounds: characters.iter().map(sound).collect(),
            characters,
        }
    }

    pub(crate) fn surname(&self) -> &[char] {
        &self.characters[..self.surname]
    }

    pub(crate) fn given(&self) -> &[char] {
        &self.characters[self.surname..]
    }

    /// The sounds of all characters, one after the other; none if one has no sound.
    pub(crate) fn sound(&self) -> Option<String> {
        let known = !self.sounds.is_empty() && self.sounds.iter().all(|sound| !sound.is_empty());
        known.then(|| self.sounds.join(" "))
    }

    /// How well two names agree that are not written alike.
    pub(crate) fn agreement(&self, other: &Self) -> Likeness {
        if self.characters == other.characters {
            return Likeness::Variant;
        }
        let heard = |name: &Self| name.sounds.iter().all(|sound| !sound.is_empty());
        if self.sounds == other.sounds && heard(self) {
            return Likeness::Sound;
        }
        let surname = self.surname() == other.surname();
        let (given, others) = (self.given(), other.given());
        match (surname, given == others) {
            (true, _) if one_edit(given, others) => Likeness::OneCharacter,
            (true, _) => Likeness::Surname,
            (false, true) if !given.is_empty() => Likeness::Given,
            _ => Likeness::Different,
        }
    }
}

/// Whether one character differs, is missing or is too many; of two single characters nothing is left, so they don't.
fn one_edit(left: &[char], right: &[char]) -> bool {
    let (short, long) = if left.len() <= right.len() {
        (left, right)
    } else {
        (right, left)
    };
    match long.len() - short.len() {
        0 => long.len() > 1 && long.iter().zip(short).filter(|(a, b)| a != b).count() == 1,
        1 if short.is_empty() => false,
        1 => {
            let same = long.iter().zip(short).take_while(|(a, b)| a == b).count();
            long[same + 1..] == short[same..]
        }
        _ => false,
    }
}

/// An address, ready to compare.
#[derive(Debug)]
pub(crate) struct Address {
    /// The numbers in it, in order: house, building, unit, door.
    numbers: Box<[u32]>,
    /// Pairs of neighbouring characters of the rest, ascending.
    words: Box<[(char, char)]>,
}

impl Address {
    pub(crate) fn read(text: &str) -> Self {
        let mut numbers = Vec::new();
        let mut number: Option<u32> = None;
        let mut rest = Vec::new();
        for ch in text.chars() {
            if let Some(digit) = ch.to_digit(10) {
                number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit));
                continue;
            }
            numbers.extend(number.take());
            let generic = matches!(
                ch,
                '号' | '栋' | '幢' | '楼' | '单' | '元' | '室' | '门' | '层' | '座'
            );
            if ch.is_alphabetic() && !generic {
                rest.push(standard(ch));
            }
        }
        numbers.extend(number);
        let mut words: Vec<(char, char)> = rest.windows(2).map(|pair| (pair[0], pair[1])).collect();
        words.sort_unstable();
        words.dedup();
        Self {
            numbers: numbers.into(),
            words: words.into(),
        }
    }

    /// The numbers, as text; none if there are none.
    pub(crate) fn door(&self) -> Option<String> {
        let numbers: Vec<String> = self.numbers.iter().map(u32::to_string).collect();
        (!numbers.is_empty()).then(|| numbers.join("-"))
    }

    /// How well two addresses agree that are not written alike: by their numbers, if one names the places the other does.
    pub(crate) fn agreement(&self, other: &Self) -> Likeness {
        let (few, many) = if self.words.len() <= other.words.len() {
            (&self.words, &other.words)
        } else {
            (&other.words, &self.words)
        };
        let shared = few
            .iter()
            .filter(|word| many.binary_search(word).is_ok())
            .count();
        // Three in four, since one name may be abbreviated.
        if few.is_empty() || shared * 4 < few.len() * 3 {
            return Likeness::Different;
        }
        let known = !self.numbers.is_empty() && !other.numbers.is_empty();
        match known && self.numbers[0] == other.numbers[0] {
            true if self.numbers == other.numbers => Likeness::Door,
            true => Likeness::House,
            false => Likeness::Road,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_agree_by_how_they_are_written_and_how_they_sound() {
        use Likeness::*;
        for (left, right, expected) in [
            ("刘国华", "劉國華", Variant),
            ("肖峰", "萧峯", Variant),
            ("\u{E863}平", "䶮平", Variant),
            ("王丽玲", "王丽铃", Sound),
            ("张伟", "章炜", Sound),
            ("王丽玲", "王丽萍", OneCharacter),
            ("欧阳明", "欧阳小明", OneCharacter),
            ("王芳", "王丽", Surname),
            ("李建国", "孙建国", Given),
            ("王芳", "李娜", Different),
        ] {
            assert_eq!(
                Name::read(left).agreement(&Name::read(right)),
                expected,
                "{left} {right}"
            );
        }
    }

    #[test]
    fn a_surname_may_have_two_characters() {
        assert_eq!(Name::read("欧阳娜娜").given(), ['娜', '娜']);
        assert_eq!(Name::read("欧阳").surname(), ['欧']);
        assert_eq!(Name::read("").surname(), []);
    }

    #[test]
    fn addresses_agree_by_their_numbers_and_the_names_between() {
        use Likeness::*;
        let full = "桂林街道林景社区文林街12号3单元502室";
        for (other, expected) in [
            ("文林街12-3-502", Door),
            ("林景社区文林街12号3单元201室", House),
            ("文林街40号", Road),
            ("海韵路12号3单元502室", Different),
            ("", Different),
        ] {
            let agreement = Address::read(full).agreement(&Address::read(other));
            assert_eq!(agreement, expected, "{other}");
        }
    }
}
