//! The access log: who saw what, and why. Each line covers the one before it, so that none can be altered or taken out; that none
//! was cut off at the end shows only against heads kept elsewhere.

use crate::chain::Chain;
use crate::entry::{Access, AccessRecord, Digest, LONGEST_PAGE};
use crate::error::LedgerError;
use crate::ledger::{Ledger, check_words, damaged, unwritable};
use crate::store::{AccessRow, StoreError};
use jiff::Timestamp;
use kernel::{Grant, Post, UnitCode};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// How many lines are written together at most.
const MOST_AT_ONCE: usize = 256;

/// The log's end, and the lines that wait to be written: who writes one writes all that wait, so that many readers at once wait for the
/// disk once.
#[derive(Default)]
pub(crate) struct AccessLines {
    /// The number and hash of the last line, if it is known; who writes holds it.
    last: tokio::sync::Mutex<Option<(i64, [u8; 32])>>,
    waiting: Mutex<Vec<(AccessRow, oneshot::Sender<()>)>>,
}

impl AccessLines {
    fn waiting(&self) -> MutexGuard<'_, Vec<(AccessRow, oneshot::Sender<()>)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A grant whose use stands in the access log. Only the ledger makes one, so that what takes one leaves a trace.
#[derive(Clone, Debug)]
pub struct Admitted(Grant);

impl std::ops::Deref for Admitted {
    type Target = Grant;

    fn deref(&self) -> &Grant {
        &self.0
    }
}

impl Admitted {
    /// The same within a unit.
    #[must_use]
    pub fn within(&self, unit: UnitCode) -> Admitted {
        Admitted(self.0.within(unit))
    }

    /// The same with units that stand below those of its posts without having their codes.
    #[must_use]
    pub fn with(mut self, posts: Vec<Post>) -> Admitted {
        self.0.posts.extend(posts);
        self
    }
}

impl Ledger {
    /// Writes into the access log that somebody reads, and lets them in. The line is on disk when this returns.
    pub async fn admit(
        &self,
        grant: Grant,
        at: Timestamp,
        what: Access,
    ) -> Result<Admitted, LedgerError> {
        let posts = grant.posts.iter();
        let posts = posts.map(|post| (post.rights.role.clone(), post.unit));
        let access = AccessRecord {
            at,
            who: grant.who.clone(),
            why: grant.why.clone(),
            posts: posts.collect(),
            reveals: grant.clear(),
            what,
        };
        self.log_access(&access).await?;
        Ok(Admitted(grant))
    }

    /// Adds an access to the log. It is on disk when this returns.
    pub async fn log_access(&self, access: &AccessRecord) -> Result<(), LedgerError> {
        let what = serde_json::to_string(&access.what).map_err(unwritable)?;
        for words in [&access.who, &access.why, &what] {
            check_words(words)?;
        }
        let row = AccessRow {
            number: 0,
            at: access.at.to_string(),
            who: access.who.clone(),
            why: access.why.clone(),
            posts: serde_json::to_string(&access.posts).map_err(unwritable)?,
            reveals: serde_json::to_string(&access.reveals).map_err(unwritable)?,
            what,
            hash: [0; 32],
        };
        loop {
            let (written, told) = oneshot::channel();
            self.accesses.waiting().push((row.clone(), written));
            let mut last = self.accesses.last.lock().await;
            let waiting: Vec<_> = {
                let mut waiting = self.accesses.waiting();
                let most = waiting.len().min(MOST_AT_ONCE);
                waiting.drain(..most).collect()
            };
            if !waiting.is_empty() {
                let (mut rows, written): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
                self.write_accesses(&mut last, &mut rows).await?;
                for told in written {
                    // Who no longer waits needn't be told.
                    let _gone = told.send(());
                }
            }
            drop(last);
            // Who was writing it may have failed, or gone: then it is written again.
            if told.await.is_ok() {
                return Ok(());
            }
        }
    }

    /// Adds lines to the log: all, or none.
    async fn write_accesses(
        &self,
        last: &mut Option<(i64, [u8; 32])>,
        rows: &mut [AccessRow],
    ) -> Result<(), LedgerError> {
        let mut chain = Chain::new(self.store.meta());
        // Another process may have added lines, too.
        loop {
            let (mut number, mut before) = match *last {
                Some(known) => known,
                None => self.end_of_accesses(&mut chain).await?,
            };
            for row in &mut *rows {
                number += 1;
                row.number = number;
                row.hash = chain.access(&before, row);
                before = row.hash;
            }
            *last = None;
            if self.store.log_accesses(rows).await? {
                *last = Some((number, before));
                return Ok(());
            }
        }
    }

    /// The number and hash of the last line of the log.
    pub(crate) async fn end_of_accesses(
        &self,
        chain: &mut Chain,
    ) -> Result<(i64, [u8; 32]), StoreError> {
        let last = self.store.accesses(1, 0).await?.pop();
        Ok(last.map_or_else(|| (0, chain.genesis()), |row| (row.number, row.hash)))
    }

    /// How many lines the log has, and the hash of the last.
    pub(crate) async fn access_head(&self) -> Result<(i64, Digest), LedgerError> {
        let mut chain = Chain::new(self.store.meta());
        let (number, hash) = self.end_of_accesses(&mut chain).await?;
        Ok((number, Digest(hash)))
    }

    /// Logged accesses, the latest first; at most `limit`, and never more than [`LONGEST_PAGE`].
    pub async fn access_log(
        &self,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<AccessRecord>, LedgerError> {
        let limit = i64::try_from(limit.min(LONGEST_PAGE)).unwrap_or(i64::MAX);
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let rows = self.store.accesses(limit, offset).await?;
        rows.into_iter().map(told).collect()
    }
}

fn told(row: AccessRow) -> Result<AccessRecord, LedgerError> {
    let spoilt = || damaged(format!("line {} of the access log", row.number));
    Ok(AccessRecord {
        at: row.at.parse().map_err(|_| spoilt())?,
        posts: serde_json::from_str(&row.posts).map_err(|_| spoilt())?,
        reveals: serde_json::from_str(&row.reveals).map_err(|_| spoilt())?,
        who: row.who,
        why: row.why,
        what: serde_json::from_str(&row.what).map_err(|_| spoilt())?,
    })
}
