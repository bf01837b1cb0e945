//! What is new since a commit: everything but the entries, in one consistent reading, for whoever keeps something derived.

use crate::chain::Chain;
use crate::entry::{Digest, News};
use crate::error::LedgerError;
use crate::heads::Heads;
use crate::ledger::{Ledger, book};
use crate::stands::words;
use pack::FieldSet;

impl Ledger {
    /// What the ledger has learnt since a commit, up to the last: of nothing new it tells the commit alone.
    pub async fn news(&self, after: i64) -> Result<News, LedgerError> {
        let mut tx = self.store.read().await?;
        let last = tx.commits_before(i64::MAX, 1).await?.pop();
        let commit = last.as_ref().map_or(0, |row| row.number);
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
