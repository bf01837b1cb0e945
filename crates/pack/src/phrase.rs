//! The running text of reports: words, and the names in braces that figures are put in place of. It only takes texts apart;
//! what a name stands for is known to the loader and to `reports`.

use std::ops::Range;

/// A piece of a report's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words, as they are.
    Words(&'a str),
    /// `{name}`, without its braces.
    Name(&'a str),
    /// A brace without its partner; a loaded pack has none.
    Stray(&'a str),
}

/// The pieces of a text, in order, with the bytes each stands at (braces included).
pub fn pieces(text: &str) -> Vec<(Piece<'_>, Range<usize>)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let words = rest.find(['{', '}']).unwrap_or(rest.len());
        let (piece, length) = if words > 0 {
            (Piece::Words(&rest[..words]), words)
        } else {
            match rest[1..].find(['{', '}']) {
                Some(name) if rest.starts_with('{') && rest[1 + name..].starts_with('}') => {
                    (Piece::Name(rest[1..=name].trim()), name + 2)
                }
                _ => (Piece::Stray(&rest[..1]), 1),
            }
        };
        pieces.push((piece, at..at + length));
        at += length;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_told_from_words() {
        let found: Vec<Piece<'_>> = pieces("总人口{population}人，{ births }}")
            .into_iter()
            .map(|(p, _)| p)
            .collect();
        assert_eq!(
            found,
            [
                Piece::Words("总人口"),
                Piece::Name("population"),
                Piece::Words("人，"),
                Piece::Name("births"),
                Piece::Stray("}")
            ]
        );
        assert_eq!(
            pieces("{a {b}")
                .into_iter()
                .map(|(_, span)| span)
                .collect::<Vec<_>>(),
            [0..1, 1..3, 3..6]
        );
        assert!(pieces("").is_empty());
    }
}
