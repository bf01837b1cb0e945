//! What is new since a commit: everything but the entries, in one consistent reading, for whoever keeps something derived.

use crate::chain::Chain;
use crate::entry::{Digest, News};
use crate::error::LedgerError;
use crate::heads::Heads;
use crate::ledger::{Ledger, book};
use crate::stands::words;
use pack::FieldSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long it is taken that no other process has written. What this one writes is heard at once.
const FRESH: Duration = Duration::from_millis(50);

/// The last commit, as far as it was looked up lately, and how often this process began or ended to write: a page asks a dozen times
/// what is new.
#[derive(Default)]
pub(crate) struct Heard(Mutex<HeardOf>);

#[derive(Clone, Copy, Default)]
struct HeardOf {
    writes: u64,
    last: Option<(i64, Instant)>,
}

/// As long as it is there, this process writes.
pub(crate) struct IsWriting<'h>(&'h Heard);

impl Heard {
    /// From now on nothing that was heard before counts; nor what was heard meanwhile, once it is over.
    pub(crate) fn writing(&self) -> IsWriting<'_> {
        self.forget();
        IsWriting(self)
    }

    fn forget(&self) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.writes += 1;
        heard.last = None;
    }

    fn of(&self) -> HeardOf {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was heard when so much had been written.
    fn note(&self, writes: u64, commit: i64, asked: Instant) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.writes == writes {
            heard.last = Some((commit, asked));
        }
    }
}

impl Drop for IsWriting<'_> {
    fn drop(&mut self) {
        self.0.forget();
    }
}

impl Ledger {
    /// What the ledger has learnt since a commit, up to the last: of nothing new it tells the commit alone. What another process wrote is
    /// heard within 50 ms.
    pub async fn news(&self, after: i64) -> Result<News, LedgerError> {
        let (heard, asked) = (self.heard.of(), Instant::now());
        if let Some((commit, at)) = heard.last
            && commit == after
            && at.elapsed() < FRESH
        {
            return Ok(News {
                commit,
                ..News::default()
            });
        }
        let mut tx = self.store.read().await?;
        let last = tx.commits_before(i64::MAX, 1).await?.pop();
        let commit = last.as_ref().map_or(0, |row| row.number);
        self.heard.note(heard.writes, commit, asked);
        if commit == after {
            return Ok(News {
                commit,
                ..News::default()
            });
        }
        let books = tx.books(None).await?.into_iter().map(book);
        let mut news = News {
            commit,
            seal: last.map(|row| Digest(row.seal)),
            books: books.collect::<Result<_, _>>()?,
            undone: tx.undone(after).await?,
            erased: tx.erasures().await?.into_iter().map(|row| row.at).collect(),
            ..News::default()
        };
        let says = tx.says(after, commit).await?;
        news.says = says.into_iter().map(|row| (row.id, row.say)).collect();
        for roll in tx.rolls(after, commit).await? {
            let words = words(&roll)?;
            let fields = FieldSet(roll.fields);
            news.rolls.push((roll.commit, roll.say, fields, words));
        }
        Ok(news)
    }

    /// The ends of all chains: kept elsewhere, they prove later that nothing before was altered or cut off.
    pub async fn heads(&self) -> Result<Heads, LedgerError> {
        let meta = self.store.meta();
        let accesses = self.access_head().await?;
        let mut tx = self.store.read().await?;
        let last = tx.commits_before(i64::MAX, 1).await?.pop();
        let genesis = || Chain::new(meta).genesis();
        let commit = last.map_or_else(|| (0, genesis()), |row| (row.number, row.seal));
        let mut books = Vec::new();
        for row in tx.books(None).await? {
            let book = book(row)?;
            books.push((book.unit, book.seq, book.hash));
        }
        books.sort_unstable_by_key(|(unit, ..)| *unit);
        Ok(Heads {
            ledger: meta
                .ledger
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            algorithm: meta.algorithm,
            commit: (commit.0, Digest(commit.1)),
            books,
            accesses,
        })
    }
}
