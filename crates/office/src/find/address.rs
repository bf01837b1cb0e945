//! An address as it is searched: its characters and its whole numbers, without the words that only say what a number counts
//! (号, 栋, 单元, 室), so that 12-3-502 and 12号3单元502室 are the same door.

use std::sync::Arc;

use kernel::glyph::standard;
use kernel::text::narrow;

/// A character or a number of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Sign(char),
    Number(u32),
}

/// An address, ready to be searched.
#[derive(Debug)]
pub(super) struct Place {
    /// As it was written.
    pub written: Arc<str>,
    /// What it has, as a sieve.
    pub sieve: u64,
    tokens: Box<[Token]>,
}

/// A part of an address as it is typed: words that stand in it in this order.
#[derive(Debug)]
pub(super) struct TypedPlace {
    /// What an address must have.
    pub sieve: u64,
    words: Vec<Vec<Token>>,
}

impl Place {
    pub(super) fn read(written: Arc<str>) -> Place {
        let tokens: Box<[Token]> = tokens(&written).into();
        Place {
            sieve: sieve(tokens.iter()),
            tokens,
            written,
        }
    }

    /// Whether the address has the words, each whole, in their order; the last number may be begun.
    pub(super) fn has(&self, typed: &TypedPlace) -> bool {
        let mut rest = &*self.tokens;
        for (nth, word) in typed.words.iter().enumerate() {
            let last = nth + 1 == typed.words.len();
            let found = (0..rest.len()).find(|at| begins(&rest[*at..], word, last));
            match found {
                Some(at) => rest = &rest[at + word.len()..],
                None => return false,
            }
        }
        true
    }
}

impl TypedPlace {
    /// What is typed, if it may be a part of an address: two things at least, and not only numbers.
    pub(super) fn read(text: &str) -> Option<TypedPlace> {
        let words = text.split(|ch: char| narrow(ch).is_whitespace());
        let words: Vec<Vec<Token>> = words.map(tokens).filter(|word| !word.is_empty()).collect();
        let all = || words.iter().flatten();
        let named = all().any(|token| matches!(token, Token::Sign(_)));
        let last = words.last().and_then(|word| word.last());
        // A number that is only begun may be any other.
        let certain = all().count() - usize::from(matches!(last, Some(Token::Number(_))));
        let sieve = sieve(all().take(certain));
        (named && all().count() > 1).then_some(TypedPlace { sieve, words })
    }
}

fn begins(tokens: &[Token], word: &[Token], last: bool) -> bool {
    let Some((end, before)) = word.split_last() else {
        return true;
    };
    tokens.len() >= word.len()
        && tokens
            .iter()
            .zip(before)
            .all(|(token, typed)| token == typed)
        && match (tokens[before.len()], *end) {
            (Token::Number(number), Token::Number(begun)) if last => {
                number.to_string().starts_with(&begun.to_string())
            }
            (token, typed) => token == typed,
        }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut number: Option<u32> = None;
    for ch in text.chars().map(narrow) {
        if let Some(digit) = ch.to_digit(10) {
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            continue;
        }
        tokens.extend(number.take().map(Token::Number));
        let ch = standard(ch);
        let counts = matches!(
            ch,
            '号' | '栋' | '幢' | '楼' | '单' | '元' | '室' | '门' | '层' | '座'
        );
        if ch.is_alphabetic() && !counts {
            tokens.extend(ch.to_lowercase().next().map(Token::Sign));
        }
    }
    tokens.extend(number.map(Token::Number));
    tokens
}

fn sieve<'t>(tokens: impl Iterator<Item = &'t Token>) -> u64 {
    tokens.fold(0, |all, token| {
        let of = match token {
            Token::Sign(ch) => u32::from(*ch),
            Token::Number(number) => number.wrapping_add(0x40_0000),
        };
        all | 1 << ((of.wrapping_mul(0x9E37_79B1) >> 16) % 64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_by_a_part_of_it() {
        let place = Place::read("桂林街道林景社区文林街12号3单元502室".into());
        for (typed, found) in [
            ("文林街12号3单元502室", true),
            ("文林街12-3-502", true),
            ("文林街１２号", true),
            ("文林街 12", true),
            ("林景 文林街", true),
            ("文林街1", true),
            ("文林街12号3单元50", true),
            ("林景社區", true),
            ("文林街2", false),
            ("文林街12号4单元", false),
            ("文林街 林景", false),
            ("海韵路", false),
        ] {
            let typed_place = TypedPlace::read(typed).expect("a part of an address");
            let passes = place.sieve & typed_place.sieve == typed_place.sieve;
            assert_eq!(place.has(&typed_place), found, "{typed}");
            assert!(passes || !found, "the sieve holds {typed} back");
        }
        for no_place in ["", "12", "502 3", "文", "号12", "·"] {
            assert!(TypedPlace::read(no_place).is_none(), "{no_place}");
        }
    }
}
