//! What is typed into the box, and what it may be: a name or a part of one, an ID number, the end of a telephone, a title, a part of an
//! address. What it can't be isn't looked for, so that a letter or two doesn't find half the street.

use kernel::text::narrow;

use super::address::TypedPlace;
use super::sound::is_letter;
use super::spelling::Typed;

/// The longest that is looked for, in characters.
pub const LONGEST_ASKED: usize = 60;
/// The fewest digits of a telephone, letters of a name, and characters of a number or title somebody is found by.
const FEWEST_DIGITS: usize = 4;
const FEWEST_LETTERS: usize = 2;
const FEWEST_OF_TITLE: usize = 3;
/// The digits that an old ID number has, and so the fewest that are taken for one: no telephone has as many.
const ID_DIGITS: usize = 15;

/// What is typed, and what it may be.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The name or title, ready to be looked for.
    pub typed: Typed,
    /// Whether it may be a name.
    pub as_name: bool,
    /// Whether it may be inside a number or title; otherwise only the whole one.
    pub inside_title: bool,
    /// The digits it may be the end of a telephone by.
    pub digits: Option<Vec<u8>>,
    /// The part of an address it may be.
    pub place: Option<TypedPlace>,
}

impl Wanted {
    /// What a text may be; none if it is blank or longer than anything that is looked for.
    pub(super) fn read(text: &str) -> Option<Wanted> {
        if text.chars().count() > LONGEST_ASKED {
            return None;
        }
        let typed = Typed::read(text);
        let all = typed.letters.len();
        let letters = typed.letters.iter().filter(|ch| is_letter(**ch)).count();
        let digits = typed
            .letters
            .iter()
            .filter(|ch| ch.is_ascii_digit())
            .count();
        let others = all - letters - digits;
        (all > 0).then(|| Wanted {
            as_name: others > 0 || letters >= FEWEST_LETTERS && digits == 0,
            inside_title: all >= FEWEST_OF_TITLE,
            digits: (digits == all).then(|| telephone(&typed.letters)).flatten(),
            place: TypedPlace::read(text).filter(|_| others > 0),
            typed,
        })
    }
}

/// The digits of a telephone, without the country's.
fn telephone(letters: &[char]) -> Option<Vec<u8>> {
    let digits = letters.iter().map(|ch| ch.to_digit(10));
    let digits: Option<Vec<u8>> = digits.map(|d| u8::try_from(d?).ok()).collect();
    let mut digits = digits?;
    if digits.len() == 13 && digits.starts_with(&[8, 6, 1]) {
        digits.drain(..2);
    }
    (FEWEST_DIGITS..ID_DIGITS)
        .contains(&digits.len())
        .then_some(digits)
}

/// Whether a text is looked for as a whole ID number, or nothing: it has as many digits as one.
pub(super) fn is_number(text: &str) -> bool {
    let others = |ch: &char| ch.is_alphabetic() && !matches!(ch, 'x' | 'X');
    let narrow: Vec<char> = text.chars().map(narrow).collect();
    narrow.iter().filter(|ch| ch.is_ascii_digit()).count() >= ID_DIGITS
        && !narrow.iter().any(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_it_may_be() {
        // Name, inside a title, how many digits of a telephone, address.
        for (text, expected) in [
            ("王", (true, false, None, false)),
            ("王芳", (true, false, None, true)),
            ("w", (false, false, None, false)),
            ("wf", (true, false, None, false)),
            ("123", (false, true, None, false)),
            ("1234", (false, true, Some(4), false)),
            ("138 0013-8000", (false, true, Some(11), false)),
            ("+86 13800138000", (false, true, Some(11), false)),
            ("文林街12", (true, true, None, true)),
            ("ab12", (false, true, None, false)),
        ] {
            let wanted = Wanted::read(text).expect("something is typed");
            let digits = wanted.digits.as_ref().map(Vec::len);
            let found = (
                wanted.as_name,
                wanted.inside_title,
                digits,
                wanted.place.is_some(),
            );
            assert_eq!(found, expected, "{text}");
        }
        for nothing in ["", " ", "··", &"王".repeat(61)] {
            assert!(Wanted::read(nothing).is_none(), "{nothing}");
        }
        for number in [
            "11010519491231002X",
            " 110105 19491231 002x ",
            "110105491231002",
            "１１０１０５１９４９１２３１００２Ｘ",
        ] {
            assert!(is_number(number), "{number}");
        }
        for other in ["13800138000", "辽大110105194912310021", "王芳"] {
            assert!(!is_number(other), "{other}");
        }
    }
}
