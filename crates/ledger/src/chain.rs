//! The hash chain: how a book's opening, a commit and an entry are digested. Every field goes in with its length, so that no
//! two different entries have the same bytes; an entry covers the entry before it in its book, its commit, and the entry of
//! the same record before it. Nothing here reads or writes the store.

use crate::entry::{Digest, Draft};
use crate::store::{BookRow, CommitRow, EntryRow};
use kernel::EntryKind;
use sha2::{Digest as _, Sha256};

/// Bytes to be digested, each field with its length before it.
struct Fields(Vec<u8>);

impl Fields {
    fn new(of: &str) -> Self {
        let mut fields = Self(Vec::with_capacity(512));
        fields.text(of);
        fields
    }

    fn bytes(&mut self, field: &[u8]) {
        self.0
            .extend_from_slice(&(field.len() as u64).to_le_bytes());
        self.0.extend_from_slice(field);
    }

    fn text(&mut self, field: &str) {
        self.bytes(field.as_bytes());
    }

    fn number(&mut self, field: i64) {
        self.bytes(&field.to_le_bytes());
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

/// The hash with which a book's chain begins.
pub(crate) fn opening(book: &BookRow) -> [u8; 32] {
    let mut fields = Fields::new("taizhang book 1");
    fields.text(&book.unit);
    fields.number(book.number);
    fields.text(&book.opened_at);
    fields.text(&book.opened_by);
    fields.digest()
}

/// The digest of what the entries of a commit have in common.
pub(crate) fn commit(commit: &CommitRow) -> [u8; 32] {
    let mut fields = Fields::new("taizhang commit 1");
    fields.number(commit.number);
    fields.text(&commit.key);
    fields.text(&commit.actor);
    fields.text(&commit.source);
    fields.text(&commit.recorded_at);
    fields.text(&commit.rights);
    fields.digest()
}

/// The links of one book, made one after the other with one buffer.
pub(crate) struct Chain {
    unit: String,
    fields: Fields,
}

impl Chain {
    /// The chain of the book of this unit.
    pub(crate) fn new(unit: &str) -> Self {
        Self {
            unit: unit.to_owned(),
            fields: Fields(Vec::with_capacity(1024)),
        }
    }

    /// The hash of an entry, after the hash before it and within a commit; the hash the entry has is not looked at.
    pub(crate) fn link(
        &mut self,
        before: &[u8; 32],
        commit: &[u8; 32],
        entry: &EntryRow,
    ) -> [u8; 32] {
        let fields = &mut self.fields;
        fields.0.clear();
        fields.text("taizhang entry 1");
        fields.bytes(before);
        fields.bytes(commit);
        fields.text(&self.unit);
        fields.number(entry.at.seq);
        fields.text(&entry.register);
        fields.number(entry.record);
        fields.text(entry.kind.as_str());
        day(fields, entry.valid_from);
        match entry.previous {
            None => fields.bytes(&[]),
            Some(previous) => {
                fields.number(previous.book);
                fields.number(previous.seq);
            }
        }
        fields.text(&entry.body);
        fields.digest()
    }
}

fn day(fields: &mut Fields, date: jiff::civil::Date) {
    fields.number(
        i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day()),
    );
}

/// The digest of a commit's drafts as they were sent, by which a repeated commit is told from another with the same key.
/// The time is left out: a commit sent again is sent later.
pub(crate) struct Content(Sha256, Fields);

impl Content {
    /// The digest of no drafts yet.
    pub(crate) fn new(actor: &str, source: &str) -> Self {
        let mut fields = Fields::new("taizhang content 1");
        fields.text(actor);
        fields.text(source);
        let mut hasher = Sha256::new();
        hasher.update(&fields.0);
        Self(hasher, fields)
    }

    /// Adds a draft with its encoded body.
    pub(crate) fn add(&mut self, draft: &Draft, body: &str) {
        let Self(hasher, fields) = self;
        fields.0.clear();
        fields.text(draft.book.as_str());
        fields.text(&draft.register);
        fields.number(draft.record.0);
        fields.text(draft.kind.as_str());
        day(fields, draft.valid_from);
        fields.number(draft.expect.unwrap_or(0));
        fields.text(body);
        hasher.update(&fields.0);
    }

    /// The digest.
    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Whether an entry is the second half of a transfer.
pub(crate) fn arrives(entry: &EntryRow) -> bool {
    entry.kind == EntryKind::Transfer
        && entry
            .previous
            .is_some_and(|previous| previous.book != entry.at.book)
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}
