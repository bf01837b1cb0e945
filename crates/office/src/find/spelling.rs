//! A name as it is searched: standard characters, where its parts begin, and how well what is typed fits it: by its characters, by
//! its pinyin whole or begun, by initials, from its beginning or inside. What is compared is never shown in place of what was written.

use std::sync::Arc;

use kernel::glyph::{standard, without_remark};
use kernel::text::{is_blank, narrow};

use super::sound::{heard, is_letter, is_usual, sounds};

/// How well something fits what is typed, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// The whole name.
    Whole,
    /// The name, or a part of it, begins so.
    Begins,
    /// The whole name in pinyin.
    SoundWhole,
    /// The initial of each character.
    InitialsWhole,
    /// The name begins so in pinyin.
    SoundBegins,
    /// The name begins with these initials, or with some syllables and some initials.
    InitialsBegin,
    /// The name has it inside.
    Inside,
    /// The same in pinyin.
    SoundInside,
    /// The whole telephone.
    Telephone,
    /// The last digits of a telephone.
    TelephoneEnd,
    /// The whole number or title of a record.
    TitleWhole,
    /// It begins so.
    TitleBegins,
    /// It has it inside.
    TitleInside,
    /// A part of the address of a household.
    Address,
    /// A part of the address of somebody.
    AddressOfPerson,
    /// Initials inside a name.
    InitialsInside,
}

/// How near something is to what is typed, the nearest first: by usual readings before any by one that is rare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Near {
    /// Whether a character was read as it seldom is.
    pub rare: bool,
    pub fit: Fit,
}

impl From<Fit> for Near {
    fn from(fit: Fit) -> Self {
        Self { rare: false, fit }
    }
}

/// A character of a name.
#[derive(Clone, Copy, Debug)]
struct Letter {
    /// What it is compared as.
    standard: char,
    /// What was written, which may be read otherwise.
    written: char,
    /// Whether a part of the name begins here.
    begins: bool,
}

/// A name, ready to be searched.
#[derive(Debug)]
pub(super) struct Spelling {
    /// As it was written.
    pub written: Arc<str>,
    /// What it has, as a sieve: what is typed and doesn't pass can't fit.
    pub sieve: u64,
    letters: Box<[Letter]>,
}

/// What is typed, ready to be looked for.
#[derive(Debug)]
pub(super) struct Typed {
    /// Its characters as they are compared.
    pub letters: Vec<char>,
    /// What a name must have by its characters and sounds, and what a title must have by its characters alone.
    pub sieve: u64,
    pub strict: u64,
}

impl Typed {
    pub(super) fn read(text: &str) -> Typed {
        let letters: Vec<char> = letters(text).map(|letter| letter.standard).collect();
        let mut sieve = 0;
        for (at, ch) in letters.iter().enumerate() {
            // Of letters in a row only the first is an initial for certain.
            let inside = at > 0 && is_letter(*ch) && is_letter(letters[at - 1]);
            sieve |= if inside { 0 } else { grain(*ch) };
        }
        Typed {
            strict: letters.iter().fold(0, |all, ch| all | grain(*ch)),
            sieve,
            letters,
        }
    }
}

impl Spelling {
    /// A name as it was written; a remark in brackets behind it is no part of it.
    pub(super) fn read(written: Arc<str>) -> Spelling {
        let letters: Box<[Letter]> = letters(without_remark(&written)).collect();
        let mut sieve = 0;
        for letter in &letters {
            sieve |= grain(letter.standard);
            for sound in each_sound(*letter) {
                sieve |= sound.chars().next().map_or(0, grain);
            }
        }
        Spelling {
            written,
            sieve,
            letters,
        }
    }

    /// How near the name is to what is typed, by characters and sounds.
    pub(super) fn fit(&self, typed: &Typed) -> Option<Near> {
        self.best(typed, true)
    }

    /// How well it fits a number or a title, by characters alone.
    pub(super) fn fit_title(&self, typed: &Typed) -> Option<Fit> {
        Some(match self.best(typed, false)?.fit {
            Fit::Whole => Fit::TitleWhole,
            Fit::Begins => Fit::TitleBegins,
            _ => Fit::TitleInside,
        })
    }

    fn best(&self, typed: &Typed, by_sound: bool) -> Option<Near> {
        let mut walk = Walk {
            letters: &self.letters,
            typed: &typed.letters,
            by_sound,
            start: 0,
            steps: MOST_STEPS,
            best: None,
        };
        for start in 0..self.letters.len() {
            walk.start = start;
            walk.on(start, 0, Heard::default());
        }
        walk.best
    }
}

/// More ways to read one name than any has; a text made to have more isn't searched to its end.
const MOST_STEPS: u32 = 2_000;

/// What was typed as a sound, on the way through a name.
#[derive(Clone, Copy, Default)]
struct Heard {
    /// Whether anything was.
    any: bool,
    /// Whether the last syllable is only begun.
    begun: bool,
    /// Whether a syllable before the last is only begun.
    broken: bool,
    /// Whether more than the initial of a syllable was typed.
    spelt: bool,
    /// Whether a character was read as it seldom is.
    rare: bool,
}

/// The ways to lay what is typed over a name.
struct Walk<'w> {
    letters: &'w [Letter],
    typed: &'w [char],
    by_sound: bool,
    start: usize,
    steps: u32,
    best: Option<Near>,
}

impl Walk<'_> {
    /// Goes on from a character of the name and one of what is typed.
    fn on(&mut self, at: usize, typed: usize, heard_so_far: Heard) {
        if typed == self.typed.len() {
            if typed > 0 {
                let near = Near {
                    rare: heard_so_far.rare,
                    fit: self.fit(at, heard_so_far),
                };
                self.best = Some(self.best.map_or(near, |best| best.min(near)));
            }
            return;
        }
        let Some(letter) = self.letters.get(at).copied() else {
            return;
        };
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 || self.best == Some(Fit::Whole.into()) {
            return;
        }
        if letter.standard == self.typed[typed] {
            self.on(at + 1, typed + 1, heard_so_far);
        }
        if self.by_sound && is_letter(self.typed[typed]) {
            for sound in each_sound(letter) {
                let (most, all) = heard(sound, &self.typed[typed..]);
                let usual = is_usual(letter.written, sound) || is_usual(letter.standard, sound);
                for taken in (1..=most).rev() {
                    let next = Heard {
                        any: true,
                        begun: taken < all,
                        broken: heard_so_far.broken || heard_so_far.begun,
                        spelt: heard_so_far.spelt || taken > 1,
                        rare: heard_so_far.rare || !usual,
                    };
                    self.on(at + 1, typed + taken, next);
                }
            }
        }
    }

    /// What it comes to when all that is typed lies over the name.
    fn fit(&self, end: usize, heard: Heard) -> Fit {
        let begins = self.letters[self.start].begins;
        let whole = self.start == 0 && end == self.letters.len();
        match (heard.any, heard.broken, heard.begun, heard.spelt) {
            (false, ..) if whole => Fit::Whole,
            (false, ..) if begins => Fit::Begins,
            (false, ..) => Fit::Inside,
            (true, false, false, _) if whole => Fit::SoundWhole,
            (true, _, _, false) if whole => Fit::InitialsWhole,
            (true, false, _, true) | (true, false, false, _) if begins => Fit::SoundBegins,
            (true, false, _, true) | (true, false, false, _) => Fit::SoundInside,
            _ if begins => Fit::InitialsBegin,
            _ => Fit::InitialsInside,
        }
    }
}

/// The sounds of a character: of what was written, and of what that is compared as.
fn each_sound(letter: Letter) -> impl Iterator<Item = &'static str> {
    let other = (letter.written != letter.standard).then(|| sounds(letter.standard));
    let own = sounds(letter.written);
    let other = other.unwrap_or_default().iter();
    own.iter()
        .chain(other.filter(move |sound| !own.contains(sound)))
        .copied()
}

/// The characters of a text as they are compared: narrow, standard, small; without blanks, dots and brackets.
fn letters(text: &str) -> impl Iterator<Item = Letter> + '_ {
    let mut begins = true;
    text.chars().map(narrow).filter_map(move |written| {
        let standard = small(standard(written));
        if standard.is_alphanumeric() {
            let letter = Letter {
                standard,
                written,
                begins,
            };
            begins = false;
            return Some(letter);
        }
        begins |= written.is_whitespace() || !is_blank(written);
        None
    })
}

fn small(ch: char) -> char {
    ch.to_lowercase().next().unwrap_or(ch)
}

/// The grain of a character in a sieve: a place for each letter, and some for all others.
fn grain(ch: char) -> u64 {
    match ch {
        'a'..='z' => 1 << (u32::from(ch) - u32::from('a')),
        _ => 1 << (26 + (u32::from(ch).wrapping_mul(0x9E37_79B1) >> 16) % 38),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(name: &str, typed: &str) -> Option<Fit> {
        let (name, typed) = (Spelling::read(name.into()), Typed::read(typed));
        let near = name.fit(&typed);
        let passes = name.sieve & typed.sieve == typed.sieve;
        assert!(near.is_none() || passes, "the sieve holds {typed:?} back");
        near.map(|near| near.fit)
    }

    #[test]
    fn usual_readings_come_before_rare_ones() {
        for (typed, names) in [
            ("wang", "王芳 王晓光 万浩 方芳"),
            ("lgh", "刘国华 李国华林 任家豪"),
            ("zeng", "曾国藩 甑明"),
            ("shan", "单雄信 山明 杉明"),
        ] {
            let typed = Typed::read(typed);
            let near = |name: &str| Spelling::read(name.into()).fit(&typed);
            let near: Vec<Option<Near>> = names.split(' ').map(near).collect();
            assert!(near.is_sorted() && near[0].is_some(), "{typed:?} {near:?}");
            assert!(near.iter().all(Option::is_some), "{typed:?} {near:?}");
        }
    }

    #[test]
    fn names_are_found_as_they_are_typed() {
        for (name, typed, expected) in [
            // Characters.
            ("刘国华", "刘国华", Some(Fit::Whole)),
            ("刘国华", "刘", Some(Fit::Begins)),
            ("刘国华", "国华", Some(Fit::Inside)),
            ("刘国华", "华国", None),
            ("王芳", "王 芳", Some(Fit::Whole)),
            ("王芳(户主)", "王芳", Some(Fit::Whole)),
            // Variants.
            ("刘國華", "刘国华", Some(Fit::Whole)),
            ("刘国华", "劉國華", Some(Fit::Whole)),
            ("肖峰", "萧峯", Some(Fit::Whole)),
            ("\u{E863}平", "䶮", Some(Fit::Begins)),
            // Pinyin.
            ("刘国华", "liuguohua", Some(Fit::SoundWhole)),
            ("刘国华", "LiuGuoHua", Some(Fit::SoundWhole)),
            ("刘国华", "liu guo hua", Some(Fit::SoundWhole)),
            ("刘国华", "ｌｉｕｇｕｏ", Some(Fit::SoundBegins)),
            ("刘国华", "liug", Some(Fit::SoundBegins)),
            ("刘国华", "guohua", Some(Fit::SoundInside)),
            ("刘国华", "liuguohuang", None),
            ("刘国华", "liugh", Some(Fit::InitialsBegin)),
            ("刘国华", "刘gh", Some(Fit::InitialsWhole)),
            ("刘国华", "刘guohua", Some(Fit::SoundWhole)),
            // Initials.
            ("刘国华", "lgh", Some(Fit::InitialsWhole)),
            ("刘国华", "lg", Some(Fit::InitialsBegin)),
            ("刘国华", "gh", Some(Fit::InitialsInside)),
            ("刘国华", "hg", None),
            // Either reading.
            ("曾小红", "zengxiaohong", Some(Fit::SoundWhole)),
            ("曾小红", "cengxiaohong", Some(Fit::SoundWhole)),
            ("单雄信", "shanxx", Some(Fit::InitialsBegin)),
            ("单雄信", "dxx", Some(Fit::InitialsWhole)),
            ("解学士", "xiexueshi", Some(Fit::SoundWhole)),
            ("解学士", "jiexueshi", Some(Fit::SoundWhole)),
            ("仇和", "qiuhe", Some(Fit::SoundWhole)),
            ("仇和", "ch", Some(Fit::InitialsWhole)),
            ("任长霞", "renchangxia", Some(Fit::SoundWhole)),
            ("任长霞", "rzx", Some(Fit::InitialsWhole)),
            ("尉迟恭", "yuchigong", Some(Fit::SoundWhole)),
            ("万俟卨", "moqi", Some(Fit::SoundBegins)),
            ("單田芳", "shantianfang", Some(Fit::SoundWhole)),
            ("乾德门", "qiandemen", Some(Fit::SoundWhole)),
            // ü.
            ("吕文", "lvwen", Some(Fit::SoundWhole)),
            ("吕文", "luwen", Some(Fit::SoundWhole)),
            ("吕文", "lüwen", Some(Fit::SoundWhole)),
            ("女娲", "nvwa", Some(Fit::SoundWhole)),
            // Dots and parts.
            ("阿依古丽·买买提", "阿依古丽·买买提", Some(Fit::Whole)),
            ("阿依古丽·买买提", "阿依古丽买买提", Some(Fit::Whole)),
            ("阿依古丽·买买提", "阿依古丽.买买提", Some(Fit::Whole)),
            ("阿依古丽•买买提", "阿依古丽・买买提", Some(Fit::Whole)),
            ("阿依古丽·买买提", "买买提", Some(Fit::Begins)),
            ("阿依古丽·买买提", "古丽", Some(Fit::Inside)),
            ("阿依古丽·买买提", "maimaiti", Some(Fit::SoundBegins)),
            ("阿依古丽·买买提", "mmt", Some(Fit::InitialsBegin)),
            ("阿依古丽·买买提", "ayglmmt", Some(Fit::InitialsWhole)),
            // Other letters.
            ("Anna Lee", "anna", Some(Fit::Begins)),
            ("Anna Lee", "LEE", Some(Fit::Begins)),
            ("ＡＮＮＡ　ＬＥＥ", "annalee", Some(Fit::Whole)),
            ("第3社区", "第3", Some(Fit::Begins)),
            // Nothing.
            ("刘国华", "", None),
            ("", "王", None),
            ("·", "·", None),
        ] {
            assert_eq!(fit(name, typed), expected, "{name} {typed}");
        }
    }

    #[test]
    fn titles_are_found_by_their_characters_only() {
        for (title, typed, expected) in [
            ("辽大 2010-0123", "辽大20100123", Some(Fit::TitleWhole)),
            ("辽大 2010-0123", "2010", Some(Fit::TitleBegins)),
            ("辽大 2010-0123", "123", Some(Fit::TitleInside)),
            ("AB-77", "ab77", Some(Fit::TitleWhole)),
            ("辽大2010", "ld", None),
        ] {
            let fit = Spelling::read(title.into()).fit_title(&Typed::read(typed));
            assert_eq!(fit, expected, "{title} {typed}");
        }
    }

    #[test]
    fn a_text_that_can_be_read_in_countless_ways_is_given_up() {
        let name = Spelling::read("安".repeat(2_000).into());
        let _ended = name.fit(&Typed::read(&"an".repeat(30)));
        let _ended = name.fit(&Typed::read(&"a".repeat(60)));
    }
}
