//! The chain of each book, to its end, and how each commit left it.

use super::{Check, DiscrepancyKind, DiscrepancyPlace, PAGE};
use crate::chain::Hash;
use crate::entry::Digest;
use crate::error::LedgerError;
use crate::store::{Body, BookRow, EntryRow};
use crate::work::NOTHING;
use kernel::{EntryKind, UnitCode};
use std::collections::VecDeque;

/// How commits left a book: the commit, the last sequence and its hash, in order.
pub(super) type Ends = VecDeque<(i64, i64, Hash)>;

/// How far a book has been read.
struct End {
    seq: i64,
    hash: Hash,
    commit: i64,
    /// Whether its chain is broken: one fault is named, what follows from it isn't.
    broken: bool,
}

impl Check<'_> {
    /// Remembers how a commit says it left its books.
    pub(super) fn note_ends(&mut self, commit: i64, heads: &[(UnitCode, i64, Digest)]) {
        for (unit, seq, hash) in heads {
            let unit = unit.as_str();
            match self.books.iter().find(|book| book.unit == unit) {
                Some(book) => {
                    let ends = self.ends.entry(book.number).or_default();
                    ends.push_back((commit, *seq, hash.0));
                }
                None => self.fault(
                    DiscrepancyPlace::Book(unit.to_owned(), 0),
                    DiscrepancyKind::Missing,
                ),
            }
        }
    }

    /// One book, from its opening to its end.
    pub(super) async fn book(&mut self, at: usize) -> Result<(), LedgerError> {
        let book = self.books[at].clone();
        let mut end = End {
            seq: 0,
            hash: self.chain.opening(&book),
            commit: 0,
            broken: false,
        };
        let opened = self
            .ends
            .get(&book.number)
            .and_then(|ends| ends.front().copied());
        match opened {
            None => self.fault_of(&book, 0, DiscrepancyKind::Extra),
            Some((commit, 0, _)) => end.commit = commit,
            Some(_) => {}
        }
        self.against_book(&book, &end);
        loop {
            let page = self.tx.entries(book.number, end.seq, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for entry in &page {
                if entry.commit != end.commit {
                    self.left(&book, &mut end);
                    end.commit = entry.commit;
                }
                self.link(&book, entry, &mut end);
                self.against_book(&book, &end);
            }
            self.derived(&page).await?;
            let total: i64 = self.books.iter().map(|book| book.seq).sum();
            let count = |count: i64| u64::try_from(count).unwrap_or(0);
            (self.progress)(
                count(self.read.entries),
                count(total.max(self.read.entries)),
            );
        }
        self.left(&book, &mut end);
        self.closed(&book, &end);
        Ok(())
    }

    /// What a commit left of a book must be what it said.
    fn left(&mut self, book: &BookRow, end: &mut End) {
        if end.commit == 0 {
            return;
        }
        let said = self
            .ends
            .get_mut(&book.number)
            .and_then(VecDeque::pop_front);
        if said != Some((end.commit, end.seq, end.hash)) && !end.broken {
            end.broken = true;
            self.fault_of(book, end.seq, DiscrepancyKind::End);
        }
    }

    /// The end of a book must be what its row says, and heads kept elsewhere.
    fn closed(&mut self, book: &BookRow, end: &End) {
        self.read.books += 1;
        let left = self
            .ends
            .get(&book.number)
            .is_some_and(|ends| !ends.is_empty());
        let missing = end.seq < book.seq;
        if missing && !end.broken {
            self.fault_of(book, end.seq + 1, DiscrepancyKind::Missing);
        } else if (end.seq, end.hash) != (book.seq, book.hash) || (left && !end.broken) {
            self.fault_of(book, end.seq, DiscrepancyKind::End);
        }
        let kept = self.against.into_iter().flat_map(|heads| &heads.books);
        let mut kept = kept.filter(|(unit, ..)| unit.as_str() == book.unit);
        if let Some((_, seq, _)) = kept.find(|(_, seq, _)| *seq > end.seq) {
            self.fault_of(book, *seq, DiscrepancyKind::CutOff);
        }
    }

    fn against_book(&mut self, book: &BookRow, end: &End) {
        let kept = self.against.into_iter().flat_map(|heads| &heads.books);
        let mut kept = kept.filter(|(unit, seq, _)| *seq == end.seq && unit.as_str() == book.unit);
        if kept.any(|(.., hash)| hash.0 != end.hash) {
            self.fault_of(book, end.seq, DiscrepancyKind::Rewritten);
        }
    }

    /// One link of a chain.
    fn link(&mut self, book: &BookRow, entry: &EntryRow, end: &mut End) {
        let seq = entry.at.seq;
        let fault = match self.judge(book, entry, end) {
            Some(_) if end.broken => None,
            found => found,
        };
        if let Some((at, what)) = fault {
            end.broken = true;
            self.fault_of(book, at, what);
        }
        if let Body::Erased(_) = entry.body
            && !self.erased.remove(&(entry.at.book, seq))
        {
            self.fault_of(book, seq, DiscrepancyKind::Erased);
        }
        (end.seq, end.hash) = (seq, entry.hash);
        self.read.entries += 1;
    }

    /// What is wrong with an entry, and where.
    fn judge(
        &mut self,
        book: &BookRow,
        entry: &EntryRow,
        end: &End,
    ) -> Option<(i64, DiscrepancyKind)> {
        let seq = entry.at.seq;
        if seq != end.seq + 1 {
            return Some((end.seq + 1, DiscrepancyKind::Missing));
        }
        let at = usize::try_from(entry.commit - 1).ok();
        let Some(commit) = at.and_then(|at| self.commits.get_mut(at)) else {
            return Some((seq, DiscrepancyKind::Altered));
        };
        commit.found += 1;
        let cover = match &entry.body {
            Body::Kept(salt, body) => self.chain.cover(salt, body),
            Body::Erased(cover) => *cover,
        };
        let hash = self
            .chain
            .leaf(&book.unit, &end.hash, &commit.header, &cover, entry);
        let mark = entry.kind == EntryKind::Undo;
        let is_mark = entry.register.is_empty()
            && commit.undoes == Some(entry.record)
            && entry.body.text() == Some(NOTHING);
        (hash != entry.hash || mark != is_mark).then_some((seq, DiscrepancyKind::Altered))
    }

    fn fault_of(&mut self, book: &BookRow, seq: i64, what: DiscrepancyKind) {
        self.fault(DiscrepancyPlace::Book(book.unit.clone(), seq), what);
    }

    /// What follows for commits and for the numbers of books when all books have been read.
    pub(super) fn book_rows(&mut self) {
        let numbers = (1..).zip(&self.books);
        let gap = numbers
            .filter(|(number, book)| book.number != *number)
            .map(|(_, book)| book.unit.clone());
        let gap: Vec<String> = gap.take(1).collect();
        for unit in gap {
            self.fault(DiscrepancyPlace::Book(unit, 0), DiscrepancyKind::Altered);
        }
        let kept = self.against.into_iter().flat_map(|heads| &heads.books);
        let there = |unit: &UnitCode| self.books.iter().any(|book| book.unit == unit.as_str());
        let gone: Vec<_> = kept.filter(|(unit, ..)| !there(unit)).cloned().collect();
        for (unit, seq, _) in gone {
            self.fault(
                DiscrepancyPlace::Book(unit.to_string(), seq),
                DiscrepancyKind::CutOff,
            );
        }
        let wrong = (1..)
            .zip(&self.commits)
            .filter(|(_, commit)| commit.wrote != commit.found);
        let wrong: Vec<i64> = wrong.map(|(number, _)| number).collect();
        for number in wrong {
            self.fault(DiscrepancyPlace::Commit(number), DiscrepancyKind::Count);
        }
    }
}
