//! From what is to be said to a commit: who says it, words said again, words said anew, new records and the references to them,
//! people who come to another book. What a list says stands in its claims, and its entries are made from them one after the
//! other; everything else is put down here before. It decides nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{EntryKind, Grant, RecordId, UnitCode};
use ledger::{Asked, Commit, Draft, Position, Roll, SayDraft, Source, Target};
use pack::{FieldSet, Said};

use crate::list_words::ListWords;

/// What is to be written, but the words of a list.
#[derive(Default)]
pub(crate) struct Changes {
    says: Vec<SayDraft>,
    rolls: BTreeMap<(u32, FieldSet), Vec<Position>>,
    drafts: Vec<Draft>,
    /// How many new records the words of the list open; those put down here are numbered after them.
    before: u32,
    opened: u32,
}

/// A word to be written about one record.
pub(crate) struct WordDraft<'a> {
    pub book: UnitCode,
    pub register: &'a str,
    pub record: Target,
    /// Which of the says it belongs to.
    pub say: u32,
    pub said: Said,
}

impl Changes {
    /// Changes beside those of a list that opens so many records.
    pub(crate) fn after(opened: u32) -> Changes {
        Changes {
            before: opened,
            ..Changes::default()
        }
    }

    /// Adds who says something; gives its place.
    pub(crate) fn say(&mut self, say: SayDraft) -> u32 {
        self.says.push(say);
        u32::try_from(self.says.len() - 1).unwrap_or(u32::MAX)
    }

    /// Says words again.
    pub(crate) fn roll(&mut self, say: u32, fields: FieldSet, at: Position) {
        self.rolls.entry((say, fields)).or_default().push(at);
    }

    /// Opens a record.
    pub(crate) fn open(&mut self, book: UnitCode, register: &str, say: u32, said: Said) -> u32 {
        let new = self.before + self.opened;
        self.opened += 1;
        let record = Target::New(new);
        let word = WordDraft {
            book,
            register,
            record,
            say,
            said,
        };
        self.write(EntryKind::Open, word, Vec::new());
        new
    }

    /// Says something of a record the ledger has; `refs` are fields that name new records.
    pub(crate) fn change(&mut self, word: WordDraft<'_>, refs: Vec<(u16, u32)>) {
        self.write(EntryKind::Change, word, refs);
    }

    /// Puts right what was said of a record, from a day on.
    pub(crate) fn correct(&mut self, word: WordDraft<'_>, from: Date) {
        self.write(EntryKind::Correct, word, Vec::new());
        if let Some(draft) = self.drafts.last_mut() {
            draft.from = Some(from);
        }
    }

    /// Gives the last of what was put down a date, and an end.
    pub(crate) fn dated(&mut self, from: Date, until: Option<Date>) {
        if let Some(draft) = self.drafts.last_mut() {
            (draft.from, draft.until) = (Some(from), until);
        }
    }

    /// Ends a record on a day.
    pub(crate) fn close(&mut self, word: WordDraft<'_>, on: Date) {
        self.write(EntryKind::Close, word, Vec::new());
        self.dated(on, None);
    }

    /// Says that two records are one.
    pub(crate) fn merge(&mut self, word: WordDraft<'_>, into: RecordId) {
        self.write(EntryKind::Merge, word, Vec::new());
        if let Some(draft) = self.drafts.last_mut() {
            draft.into = Some(into);
        }
    }

    fn write(&mut self, kind: EntryKind, word: WordDraft<'_>, refs: Vec<(u16, u32)>) {
        self.drafts.push(Draft {
            book: word.book,
            register: Arc::from(word.register),
            record: word.record,
            kind,
            say: word.say,
            from: None,
            until: None,
            said: word.said,
            refs,
            into: None,
            row: 0,
            seen: None,
        });
    }

    /// Whether there is nothing to be written.
    pub(crate) fn is_empty(&self) -> bool {
        self.rolls.is_empty() && self.drafts.is_empty()
    }

    /// The commit: what a list says first, then what is put down here.
    pub(crate) fn commit<'c>(
        self,
        head: Head,
        list: Option<&'c ListWords<'c>>,
    ) -> Commit<impl Iterator<Item = Draft> + Send + 'c> {
        let rolls = self.rolls.into_iter().map(|((say, fields), mut words)| {
            words.sort_unstable();
            words.dedup();
            Roll { say, fields, words }
        });
        Commit {
            asked: head.asked,
            source: head.source,
            recorded_at: head.recorded_at,
            grant: head.grant,
            base: head.base,
            says: self.says,
            rolls: rolls.collect(),
            entries: (list.into_iter().flat_map(ListWords::drafts)).chain(self.drafts),
        }
    }
}

/// What a commit is, beside what it writes.
pub(crate) struct Head {
    pub asked: Asked,
    pub source: Source,
    pub recorded_at: Timestamp,
    /// Who makes it, what they may do, and why.
    pub grant: Grant,
    /// The commit at which the writer looked, if it counts that nobody else was opened since.
    pub base: Option<(i64, Vec<Arc<str>>)>,
}
