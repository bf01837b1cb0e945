//! The hash chain: how a book's opening, a body, an entry, a commit and a line of the access log are digested. Every field goes in
//! with its length, so that no two different things have the same bytes. A leaf covers its body by a salted digest only, so that
//! a body can be erased and the chain still be followed. Nothing here reads or writes the store.

use crate::store::{
    AccessRow, BookRow, CommitRow, EntryRow, ErasureRow, Meta, PackRow, RollRow, SayRow,
};
use kernel::date::to_days;
use sha2::{Digest as _, Sha256};
use sm3::Sm3;
use std::fmt;
use std::str::FromStr;

pub(crate) type Hash = [u8; 32];

/// How a ledger digests, for all its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Algorithm {
    /// SHA-256 (FIPS 180-4).
    #[default]
    Sha256,
    /// SM3 (GB/T 32905-2016).
    Sm3,
}

impl Algorithm {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sm3 => "sm3",
        }
    }

    fn digest(self, bytes: &[u8]) -> Hash {
        match self {
            Self::Sha256 => Sha256::digest(bytes).into(),
            Self::Sm3 => Sm3::digest(bytes).into(),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an algorithm: use sha256 or sm3")]
pub struct AlgorithmFault;

impl FromStr for Algorithm {
    type Err = AlgorithmFault;

    fn from_str(text: &str) -> Result<Self, AlgorithmFault> {
        match text {
            "sha256" => Ok(Self::Sha256),
            "sm3" => Ok(Self::Sm3),
            _ => Err(AlgorithmFault),
        }
    }
}

/// Bytes to be digested, each field with its length before it.
struct Fields(Vec<u8>);

impl Fields {
    fn bytes(&mut self, field: &[u8]) -> &mut Self {
        let length = (field.len() as u64).to_le_bytes();
        self.0.extend_from_slice(&length);
        self.0.extend_from_slice(field);
        self
    }

    fn text(&mut self, field: &str) -> &mut Self {
        self.bytes(field.as_bytes())
    }

    fn number(&mut self, field: i64) -> &mut Self {
        self.bytes(&field.to_le_bytes())
    }

    fn option(&mut self, field: Option<i64>) -> &mut Self {
        match field {
            Some(number) => self.number(number),
            None => self.bytes(&[]),
        }
    }
}

/// The digests of one ledger, made one after the other with one buffer.
pub(crate) struct Chain {
    meta: Meta,
    fields: Fields,
}

impl Chain {
    pub(crate) fn new(meta: Meta) -> Self {
        let fields = Fields(Vec::with_capacity(1024));
        Self { meta, fields }
    }

    fn begin(&mut self, of: &str) -> &mut Fields {
        self.fields.0.clear();
        self.fields.text("taizhang 2").text(of);
        self.fields.text(self.meta.algorithm.as_str())
    }

    fn end(&self) -> Hash {
        self.meta.algorithm.digest(&self.fields.0)
    }

    /// What the chains of commits and of accesses begin with.
    pub(crate) fn genesis(&mut self) -> Hash {
        let ledger = self.meta.ledger;
        self.begin("ledger").bytes(&ledger);
        self.end()
    }

    /// The hash with which a book's chain begins.
    pub(crate) fn opening(&mut self, book: &BookRow) -> Hash {
        let genesis = self.genesis();
        self.begin("book").bytes(&genesis);
        let fields = self.fields.text(&book.unit).number(book.number);
        fields.text(&book.opened_at).text(&book.opened_by);
        self.end()
    }

    /// What all entries of a commit have in common, and who says it, after the seal of the commit before.
    pub(crate) fn header(
        &mut self,
        before: &Hash,
        row: &CommitRow,
        pack: &PackRow,
        says: &[SayRow],
    ) -> Hash {
        self.begin("commit").bytes(before);
        let fields = self.fields.number(row.number).bytes(&row.asked);
        let fields = fields.text(&row.actor).text(&row.source);
        let fields = fields.text(&row.recorded_at).text(&row.rights);
        let fields = fields.option(row.undoes).text(&row.units);
        fields
            .number(pack.ordinal)
            .bytes(&pack.digest)
            .text(&pack.name);
        for say in says {
            say_fields(&mut self.fields, say);
        }
        self.end()
    }

    /// The digest of a roll.
    pub(crate) fn roll(&mut self, roll: &RollRow) -> Hash {
        let fields = self.begin("roll").number(i64::from(roll.nth));
        let fields = fields
            .number(roll.say.commit)
            .number(i64::from(roll.say.nth));
        fields.bytes(&roll.fields.to_le_bytes()).bytes(&roll.words);
        self.end()
    }

    /// The seal of a commit.
    pub(crate) fn seal(
        &mut self,
        header: &Hash,
        row: &CommitRow,
        rolls: &[Hash],
        erasure: Option<&ErasureRow>,
    ) -> Hash {
        let fields = self.begin("seal").bytes(header).text(&row.opened);
        let fields = fields.number(row.entries).text(&row.heads);
        fields.number(i64::try_from(rolls.len()).unwrap_or(i64::MAX));
        for roll in rolls {
            fields.bytes(roll);
        }
        if let Some(ErasureRow { at, by, .. }) = erasure {
            let fields = fields.number(at.book).number(at.seq);
            fields.text(&by[0]).text(&by[1]);
        }
        self.end()
    }

    /// The salted digest of a body.
    pub(crate) fn cover(&mut self, salt: &[u8; 16], body: &str) -> Hash {
        self.begin("body").bytes(salt).text(body);
        self.end()
    }

    /// The hash of an entry in the book of a unit, after the hash before it and within a commit; the hash the entry has is not
    /// looked at, and of its body only the digest.
    pub(crate) fn leaf(
        &mut self,
        unit: &str,
        before: &Hash,
        header: &Hash,
        cover: &Hash,
        entry: &EntryRow,
    ) -> Hash {
        let fields = self.begin("entry").bytes(before).bytes(header).bytes(cover);
        let fields = fields.text(unit).number(entry.at.seq).text(&entry.register);
        let fields = fields.number(entry.record).text(entry.kind.as_str());
        let day = |date: Option<jiff::civil::Date>| date.map(|date| i64::from(to_days(date)));
        let fields = fields.option(day(entry.from)).option(day(entry.until));
        let fields = fields.number(i64::from(entry.row)).number(entry.say.commit);
        fields.number(i64::from(entry.say.nth));
        fields.option(entry.previous.map(|previous| previous.book));
        fields.option(entry.previous.map(|previous| previous.seq));
        self.end()
    }

    /// The hash of a line of the access log, after the one before it.
    pub(crate) fn access(&mut self, before: &Hash, row: &AccessRow) -> Hash {
        let fields = self.begin("access").bytes(before).number(row.number);
        let fields = fields.text(&row.at).text(&row.who).text(&row.why);
        fields.text(&row.posts).text(&row.reveals).text(&row.what);
        self.end()
    }
}

fn say_fields(fields: &mut Fields, SayRow { id, say }: &SayRow) {
    fields.number(i64::from(id.nth)).text(&say.voice.sender);
    fields.text(say.voice.unit.as_str()).text(&say.voice.roster);
    fields.number(i64::from(to_days(say.as_of)));
    match &say.list {
        None => fields.bytes(&[]),
        Some(list) => {
            let fields = fields.number(list.whole.number()).text(&list.file);
            let fields = fields.number(list.rows).number(list.unplaced);
            let fields = fields.option(list.since.map(|since| i64::from(to_days(since))));
            for told in [&list.slices, &list.holes] {
                fields.number(i64::try_from(told.len()).unwrap_or(i64::MAX));
                for one in told {
                    fields.text(one);
                }
            }
            fields.bytes(&list.content.0)
        }
    };
}

#[cfg(test)]
mod tests {
    use super::Algorithm;

    fn hex(bytes: [u8; 32]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn both_algorithms_give_the_digests_of_their_standards() {
        // FIPS 180-4 and GB/T 32905-2016, appendix A.1.
        assert_eq!(
            hex(Algorithm::Sha256.digest(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            hex(Algorithm::Sm3.digest(b"abc")),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        for algorithm in [Algorithm::Sha256, Algorithm::Sm3] {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
    }
}
