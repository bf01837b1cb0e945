//! Erasing a body by law: by two people and a document. The body goes, with its salt and what the directory and the links know
//! only from it; the salted digest stays, so that every chain can still be followed, and a sealed commit tells who did it and why.

use crate::asked::Asking;
use crate::chain::Chain;
use crate::derived::Derived;
use crate::entry::{Commit, Position, Receipt};
use crate::error::LedgerError;
use crate::ledger::{Ledger, check_words, damaged, unit};
use crate::plan::Plans;
use crate::source::Source;
use crate::stands::is_word;
use crate::store::{Batch, Body, EntryRow, Erasing, ErasureRow, Writing};
use crate::work::{Beginning, Work};
use jiff::Timestamp;
use kernel::rights::holder;
use kernel::{EntryKind, Grant};
use pack::FileRef;
use std::collections::BTreeSet;

impl Ledger {
    /// Erases the body of an entry. Values that other entries say, too, have to be erased there as well.
    ///
    /// # Errors
    /// There is no such entry, it was erased before, or it is not a word; the document or a name is missing, or both names are the
    /// same; the grant doesn't see the book.
    pub async fn erase(
        &self,
        entry: Position,
        document: &str,
        by: [&str; 2],
        at: Timestamp,
        grant: &Grant,
    ) -> Result<Receipt, LedgerError> {
        for words in [document, by[0], by[1]] {
            check_words(words)?;
            if words.trim().is_empty() || holder(by[0]) == holder(by[1]) {
                return Err(LedgerError::TwoNames);
            }
        }
        let _writing = self.heard.writing();
        let mut tx = self.store.write().await?;
        let found = tx.entries(entry.book, entry.seq - 1, 1).await?.pop();
        let found = found.filter(|found| found.at == entry);
        let found = found.ok_or(LedgerError::NoWord(entry))?;
        let books = tx.books(None).await?;
        let book = books.into_iter().find(|book| book.number == entry.book);
        let book = book.ok_or_else(|| damaged(format!("book {} is missing", entry.book)))?;
        let unit = unit(&book.unit)?;
        if !grant.has(pack::ERASES, &unit) {
            let who = grant.who.clone();
            return Err(LedgerError::OutOfScope { who, unit });
        }
        let (salt, body) = match &found.body {
            Body::Erased(_) => return Err(LedgerError::Erased(entry)),
            _ if !is_word(found.kind) && found.kind != EntryKind::Close => {
                return Err(LedgerError::NotErasable(entry));
            }
            Body::Kept(salt, body) => (salt, body),
        };
        let left = Chain::new(self.store.meta()).cover(salt, body);
        let files = self.files_of(&found.register, body);
        let gone = only_said_by(&self.plans, &mut *tx, &found, left).await?;
        let begin = Beginning {
            commit: Commit {
                asked: Asking::to("erase")
                    .with(entry.book.to_le_bytes())
                    .with(entry.seq.to_le_bytes())
                    .done(),
                source: Source::Erasure {
                    document: document.to_owned(),
                },
                recorded_at: at,
                grant: grant.clone(),
                base: None,
                says: Vec::new(),
                rolls: Vec::new(),
                entries: (),
            },
            undoes: None,
            units: BTreeSet::from([unit]),
        };
        let work = Work::begin((&self.plans, &self.files), self.store.meta(), tx, begin).await?;
        let row = ErasureRow {
            commit: work.commit_number(),
            at: entry,
            by: by.map(str::to_owned),
        };
        let erasing = Some(Erasing {
            row,
            left,
            keys: gone.keys.into_iter().collect(),
            edges: gone.edges.into_iter().collect(),
        });
        let batch = Batch {
            erasing,
            ..Batch::default()
        };
        let receipt = work.finish(batch).await?;
        self.remove_files(files).await?;
        Ok(receipt)
    }

    /// The files to which a body refers.
    fn files_of(&self, register: &str, body: &str) -> Vec<FileRef> {
        let plan = self.plans.get(register).filter(|plan| plan.has_files());
        let said = plan.and_then(|plan| Some((plan, self.plans.read(plan, body)?)));
        said.map_or_else(Vec::new, |(plan, said)| plan.files_of(&said).collect())
    }

    /// Takes away the bytes of files to which no word refers any more. Nobody writes meanwhile, so none is named before it is gone.
    async fn remove_files(&self, files: Vec<FileRef>) -> Result<(), LedgerError> {
        let mut gone: BTreeSet<[u8; 32]> = files.iter().map(FileRef::digest).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let _writing = self.heard.writing();
        let mut tx = self.store.write().await?;
        for book in tx.books(None).await? {
            let mut seq = 0;
            loop {
                let page = tx.entries(book.number, seq, PAGE).await?;
                let Some(last) = page.last() else { break };
                seq = last.at.seq;
                for entry in &page {
                    let body = entry.body.text().unwrap_or("{}");
                    for file in self.files_of(&entry.register, body) {
                        gone.remove(&file.digest());
                    }
                }
            }
        }
        let mut gone = gone.into_iter();
        gone.try_for_each(|digest| self.files.remove(digest))
            .map_err(LedgerError::Files)
    }
}

/// How many entries are read at once.
const PAGE: i64 = 20_000;

/// What directory and links know from this entry alone.
async fn only_said_by(
    plans: &Plans,
    tx: &mut dyn Writing,
    entry: &EntryRow,
    left: [u8; 32],
) -> Result<Derived, LedgerError> {
    let mut trail = tx.trails(&[entry.record], 0).await?;
    let with = Derived::of(plans, &trail);
    for other in trail.iter_mut().filter(|other| other.at == entry.at) {
        other.body = Body::Erased(left);
    }
    let without = Derived::of(plans, &trail);
    Ok(Derived {
        keys: with.keys.difference(&without.keys).cloned().collect(),
        edges: with.edges.difference(&without.edges).cloned().collect(),
    })
}
