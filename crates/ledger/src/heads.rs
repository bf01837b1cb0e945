//! The heads of a ledger: a small text that a person can keep elsewhere. Nothing written before it was made can be altered, added
//! or cut off afterwards without [`crate::Ledger::verify`] telling so against it.

use crate::chain::Algorithm;
use crate::entry::Digest;
use kernel::UnitCode;
use std::fmt;
use std::str::{FromStr, SplitWhitespace};

const TITLE: &str = "taizhang heads 1";

/// The ends of all chains of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heads {
    /// Which ledger: drawn when it was made, 32 hexadecimal digits.
    pub ledger: String,
    /// How it digests.
    pub algorithm: Algorithm,
    /// The last commit, 0 if there is none, and its seal.
    pub commit: (i64, Digest),
    /// Of each book, by unit: the last sequence, and its hash.
    pub books: Vec<(UnitCode, i64, Digest)>,
    /// How many lines the access log has, and the hash of the last.
    pub accesses: (i64, Digest),
}

impl fmt::Display for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{TITLE}")?;
        writeln!(f, "ledger {} {}", self.ledger, self.algorithm)?;
        writeln!(f, "commit {} {}", self.commit.0, self.commit.1)?;
        writeln!(f, "access {} {}", self.accesses.0, self.accesses.1)?;
        for (unit, seq, hash) in &self.books {
            writeln!(f, "book {unit} {seq} {hash}")?;
        }
        Ok(())
    }
}

/// A text that is not the heads of a ledger: which line is not what it should be, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {0} is not what the heads of a ledger have there")]
pub struct HeadsFault(pub usize);

impl FromStr for Heads {
    type Err = HeadsFault;

    fn from_str(text: &str) -> Result<Self, HeadsFault> {
        let lines = text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line.trim()));
        let mut lines = lines.filter(|(_, line)| !line.is_empty());
        let mut line = |name: &str| {
            let (at, line) = lines.next().ok_or(HeadsFault(0))?;
            let rest = line.strip_prefix(name).ok_or(HeadsFault(at))?;
            Ok((at, rest.split_whitespace()))
        };
        line(TITLE)?;
        let (at, mut words) = line("ledger ")?;
        let ledger = word::<String>(&mut words, at)?;
        let algorithm = word(&mut words, at)?;
        let (at, mut words) = line("commit ")?;
        let commit = (word(&mut words, at)?, word(&mut words, at)?);
        let (at, mut words) = line("access ")?;
        let accesses = (word(&mut words, at)?, word(&mut words, at)?);
        let mut books = Vec::new();
        for (at, line) in lines {
            let mut words = line
                .strip_prefix("book ")
                .ok_or(HeadsFault(at))?
                .split_whitespace();
            books.push((
                word(&mut words, at)?,
                word(&mut words, at)?,
                word(&mut words, at)?,
            ));
        }
        Ok(Self {
            ledger,
            algorithm,
            commit,
            books,
            accesses,
        })
    }
}

fn word<T: FromStr>(words: &mut SplitWhitespace<'_>, at: usize) -> Result<T, HeadsFault> {
    let word = words.next().ok_or(HeadsFault(at))?;
    word.parse().map_err(|_| HeadsFault(at))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::{Heads, HeadsFault};
    use crate::chain::Algorithm;
    use crate::entry::Digest;

    #[test]
    fn heads_are_read_back_as_they_are_written() {
        let heads = Heads {
            ledger: "00ff".into(),
            algorithm: Algorithm::Sm3,
            commit: (7, Digest([1; 32])),
            books: vec![("210203001001".parse().unwrap(), 3, Digest([2; 32]))],
            accesses: (0, Digest([3; 32])),
        };
        let text = heads.to_string();
        assert_eq!(text.parse(), Ok(heads));
        assert_eq!(
            text.replace("commit 7", "commit x").parse::<Heads>(),
            Err(HeadsFault(3))
        );
        assert_eq!("".parse::<Heads>(), Err(HeadsFault(0)));
    }
}
