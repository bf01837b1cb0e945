//! What goes into the ledger and what comes out of it: drafts and commits, receipts, books, entries, and the access log.
//! These types hold what was said and promise nothing about it; the rules are in `work`.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{EntryKind, Grant, RecordId, Sensitivity, UnitCode};
use pack::Record;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// How many entries one commit may have.
pub const MOST_ENTRIES: usize = 5_000_000;
/// How long the body of an entry may be, in bytes.
pub const LONGEST_BODY: usize = 64 * 1024;
/// How long an idempotency key may be, in characters.
pub const LONGEST_KEY: usize = 200;
/// How long actor, source, and the words of an access may be, in characters.
pub const LONGEST_WORDS: usize = 1_000;
/// How many entries or lines of the access log are given at once, at most.
pub const LONGEST_PAGE: usize = 100_000;

/// A SHA-256 digest; shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a digest of 64 hexadecimal digits")]
pub struct DigestFault;

impl FromStr for Digest {
    type Err = DigestFault;

    fn from_str(text: &str) -> Result<Self, DigestFault> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(DigestFault);
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).ok_or(DigestFault)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| DigestFault)?;
        }
        Ok(Self(bytes))
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One entry to be written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The book it goes into.
    pub book: UnitCode,
    /// The register of the record.
    pub register: String,
    /// The record. Opens number theirs consecutively from [`crate::Ledger::next_ids`], in each book.
    pub record: RecordId,
    /// What happens to the record.
    ///
    /// A transfer is two drafts of this kind in one commit, with the same record, date and body: the first in the book the
    /// record leaves, the second in the book it comes to. A correction of a closed record opens it again. A merge takes a double
    /// to have never been there. An undo takes the last standing entry back, whose date it repeats; a transfer can't be.
    pub kind: EntryKind,
    /// Since when it is true.
    pub valid_from: Date,
    /// The full record after it. A close and a merge repeat the last one, an undo the one before the entry taken back; when that
    /// was the opening, which has none before it, the undo repeats the opening's.
    pub body: Record,
    /// The sequence of the record's last entry. None for an open, and for a record whose last entry is in this same commit.
    pub expect: Option<i64>,
}

/// Entries that are written together or not at all. They may come from anything that gives one after the other, so that a commit
/// of millions need not be in memory as a whole.
#[derive(Clone, Debug)]
pub struct Commit<E = Vec<Draft>> {
    /// The idempotency key: the same commit sent twice is written once. Those of undos, `undo:` and a number, are the ledger's own.
    pub key: String,
    /// Who makes it.
    pub actor: String,
    /// What it is made from: a file and its rows, a form, a decision.
    pub source: String,
    /// When it is known.
    pub recorded_at: Timestamp,
    /// What the actor may do, and why.
    pub grant: Grant,
    /// The entries, in order.
    pub entries: E,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The commit's number.
    pub commit: i64,
    /// How many entries it has.
    pub entries: usize,
    /// Of each book it wrote to, by unit: the sequence and the hash of its last entry. Kept elsewhere, a head proves later
    /// that nothing before it was altered.
    pub heads: Vec<(UnitCode, i64, Digest)>,
    /// Whether the commit had been written before, and this is the receipt of that time.
    pub repeated: bool,
}

/// A commit, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitInfo {
    /// Its number, in the order of writing.
    pub number: i64,
    /// The idempotency key.
    pub key: String,
    /// Who made it.
    pub actor: String,
    /// What it was made from.
    pub source: String,
    /// When it was known.
    pub recorded_at: Timestamp,
    /// How many entries it has.
    pub entries: usize,
    /// The books it wrote to, in order of unit.
    pub books: Vec<UnitCode>,
    /// The commit that took it back as a whole, if one did.
    pub undone_by: Option<i64>,
}

/// A book: the ledger of one unit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Book {
    /// The unit.
    pub unit: UnitCode,
    /// Its number, in the order of opening.
    pub number: i64,
    /// The sequence of its last entry; 0 when it is empty.
    pub seq: i64,
    /// The hash of its last entry.
    pub hash: Digest,
    /// The ordinal of the next record opened in it.
    pub next_ordinal: i64,
}

/// A record found by its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The record.
    pub record: RecordId,
    /// The book it is in.
    pub book: UnitCode,
    /// The sequence of its last entry.
    pub seq: i64,
    /// The record after that entry, as canonical JSON.
    pub body: String,
    /// Whether it was closed.
    pub closed: bool,
}

/// One entry, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The book.
    pub book: UnitCode,
    /// Its place in the book, from 1.
    pub seq: i64,
    /// The number of its commit.
    pub commit: i64,
    /// The register.
    pub register: Arc<str>,
    /// The record.
    pub record: RecordId,
    /// What happened to the record.
    pub kind: EntryKind,
    /// Since when it is true.
    pub valid_from: Date,
    /// When it was known.
    pub recorded_at: Timestamp,
    /// Who wrote it.
    pub actor: Arc<str>,
    /// What it was written from.
    pub source: Arc<str>,
    /// Whether the record was in another book before: the second entry of a transfer.
    pub arrives: bool,
    /// The full record after it, as canonical JSON; [`pack::Register::decode`] reads it.
    pub body: String,
    /// Its hash.
    pub hash: Digest,
}

/// One access to personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRecord {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
    /// The units seen.
    pub units: Vec<UnitCode>,
    /// What was shown in clear.
    pub reveals: Vec<Sensitivity>,
    /// What was read.
    pub what: String,
}

#[cfg(test)]
mod tests {
    use super::{Digest, DigestFault};

    #[test]
    fn a_digest_is_read_back_as_it_is_shown() {
        let digest = Digest(std::array::from_fn(|at| {
            u8::try_from(at * 7 % 256).unwrap_or(0)
        }));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!("+f".repeat(32).parse::<Digest>(), Err(DigestFault));
        assert_eq!("é".repeat(32).parse::<Digest>(), Err(DigestFault));
        assert_eq!("00".parse::<Digest>(), Err(DigestFault));
    }
}
