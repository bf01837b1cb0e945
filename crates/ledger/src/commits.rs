//! The commits of the ledger, as those may see them who see all units they speak for: who wrote what from which source, and what
//! was taken back.

use crate::entry::{CommitInfo, LONGEST_PAGE};
use crate::error::LedgerError;
use crate::ledger::{Ledger, damaged, heads_of};
use crate::store::CommitRow;
use kernel::{Grant, UnitCode};

impl Ledger {
    /// The commits numbered below `before`, or all, the latest first; at most `limit`, and never more than [`LONGEST_PAGE`].
    /// Those that speak for a unit the grant doesn't see are left out.
    pub async fn commits(
        &self,
        grant: &Grant,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<CommitInfo>, LedgerError> {
        let limit = limit.min(LONGEST_PAGE);
        let mut tx = self.store.read().await?;
        let mut found = Vec::new();
        let mut before = before.unwrap_or(i64::MAX);
        while found.len() < limit {
            let page = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = tx.commits_before(before, page).await?;
            let Some(last) = rows.last() else { break };
            before = last.number;
            for row in rows {
                let commit = told(row)?;
                if commit.units.iter().all(|unit| grant.sees(unit)) {
                    found.push(commit);
                }
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// One commit, if there is one with this number. Whether it may be shown is for the caller to ask of its units.
    pub async fn commit_info(&self, number: i64) -> Result<Option<CommitInfo>, LedgerError> {
        Ok(self.commit_infos(&[number]).await?.pop())
    }

    /// The commits with these numbers, in order. Whether they may be shown is for the caller to ask of their units.
    pub async fn commit_infos(&self, numbers: &[i64]) -> Result<Vec<CommitInfo>, LedgerError> {
        let mut tx = self.store.read().await?;
        let rows = tx.commits_numbered(numbers).await?;
        rows.into_iter().map(told).collect()
    }
}

/// The units a commit speaks for.
pub(crate) fn units_of(row: &CommitRow) -> Result<Vec<UnitCode>, LedgerError> {
    let spoilt = |_| damaged(format!("the units of commit {}", row.number));
    serde_json::from_str(&row.units).map_err(spoilt)
}

fn told(row: CommitRow) -> Result<CommitInfo, LedgerError> {
    let spoilt = |what| damaged(format!("the {what} of commit {}", row.number));
    let books = heads_of(&row)?;
    Ok(CommitInfo {
        number: row.number,
        recorded_at: row.recorded_at.parse().map_err(|_| spoilt("time"))?,
        source: serde_json::from_str(&row.source).map_err(|_| spoilt("source"))?,
        entries: usize::try_from(row.entries).map_err(|_| spoilt("number of entries"))?,
        books: books.into_iter().map(|(unit, ..)| unit).collect(),
        units: units_of(&row)?,
        undoes: row.undoes,
        undone_by: row.undone_by,
        actor: row.actor,
    })
}
