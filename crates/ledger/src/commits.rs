//! The commits of the ledger, as those may see them who see all their books: who wrote what from which source, and what was taken
//! back.

use crate::entry::{CommitInfo, LONGEST_PAGE};
use crate::error::LedgerError;
use crate::ledger::{Ledger, damaged, heads_of};
use crate::store::{CommitRow, Reading};
use crate::undo;
use kernel::Grant;
use std::collections::BTreeMap;

impl Ledger {
    /// The commits numbered below `before`, or all, the latest first; at most `limit`, and never more than [`LONGEST_PAGE`].
    /// Those that wrote to a book the grant doesn't see are left out.
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
                if commit.books.iter().all(|unit| grant.sees(unit)) {
                    found.push(commit);
                }
            }
        }
        found.truncate(limit);
        name_undos(&mut *tx, &mut found).await?;
        Ok(found)
    }

    /// One commit, if there is one with this number. Whether it may be shown is for the caller to ask of its books.
    pub async fn commit_info(&self, number: i64) -> Result<Option<CommitInfo>, LedgerError> {
        let mut tx = self.store.read().await?;
        let rows = tx.commits(&[number]).await?;
        let mut found = rows.into_iter().map(told).collect::<Result<Vec<_>, _>>()?;
        name_undos(&mut *tx, &mut found).await?;
        Ok(found.pop())
    }
}

/// A commit as it may be told, before it is known whether it was taken back.
fn told(row: CommitRow) -> Result<CommitInfo, LedgerError> {
    let heads = heads_of(&row)?;
    let spoilt = |what| damaged(format!("the {what} of commit {}", row.number));
    Ok(CommitInfo {
        number: row.number,
        recorded_at: row.recorded_at.parse().map_err(|_| spoilt("time"))?,
        entries: usize::try_from(row.entries).map_err(|_| spoilt("number of entries"))?,
        books: heads.into_iter().map(|(unit, ..)| unit).collect(),
        key: row.key,
        actor: row.actor,
        source: row.source,
        undone_by: None,
    })
}

/// Learns which of these commits were taken back, and by which.
async fn name_undos(tx: &mut dyn Reading, commits: &mut [CommitInfo]) -> Result<(), LedgerError> {
    let keys: Vec<String> = commits
        .iter()
        .map(|commit| undo::key(commit.number))
        .collect();
    let undos = tx.commits_with_keys(&keys).await?;
    let undos: BTreeMap<&str, i64> = undos
        .iter()
        .map(|row| (row.key.as_str(), row.number))
        .collect();
    for (commit, key) in commits.iter_mut().zip(&keys) {
        commit.undone_by = undos.get(key.as_str()).copied();
    }
    Ok(())
}
