//! Who is meant by an identity or a number: the directory of all identity keys that words ever gave. What it gives is who may be
//! meant; whether somebody is there, and since when, is for the fold of their words.

use crate::entry::{Entry, Found};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::plan::Plan;
use crate::store::{Reading, RecordRow, StoreError};
use futures::future::try_join_all;
use kernel::{RecordId, UnitCode};
use std::collections::{BTreeMap, BTreeSet};

/// How many sessions look keys up side by side, at most; others want to read too.
const MOST_LOOKING: usize = 3;
/// How many keys are worth a session of their own.
const FEWEST_LOOKED_UP: usize = 4_000;

/// Puts the records that stay in the places of those that were merged into them.
pub(crate) async fn stay(
    tx: &mut (impl Reading + ?Sized),
    rows: &mut [(usize, RecordRow)],
) -> Result<(), StoreError> {
    loop {
        let merged = rows.iter().filter_map(|(_, row)| row.into);
        let merged: Vec<i64> = merged.collect();
        if merged.is_empty() {
            return Ok(());
        }
        let into = tx.records(&merged).await?.into_iter();
        let into: BTreeMap<i64, RecordRow> = into.map(|row| (row.number, row)).collect();
        for (_, row) in rows.iter_mut() {
            if let Some(number) = row.into {
                let missing = || StoreError::Damaged(format!("record {number} is missing"));
                *row = into.get(&number).cloned().ok_or_else(missing)?;
            }
        }
    }
}

impl Ledger {
    /// The records that words ever gave these identity keys, in the order of the keys, each list by number; doubles as themselves,
    /// so that what is said of a number stays said of it if a merge is taken back. In registers whose identities are unique everywhere all books are looked in; in others only the one
    /// given. Many keys are not all answered by the same state: a commit that rests on them names its base.
    pub async fn find(
        &self,
        register: &str,
        book: UnitCode,
        keys: &[String],
    ) -> Result<Vec<Vec<Found>>, LedgerError> {
        let plan = self.known(register)?;
        let scope = match self.book(book).await? {
            _ if plan.everywhere => 0,
            Some(book) => book.number,
            None => return Ok(vec![Vec::new(); keys.len()]),
        };
        let sessions = std::thread::available_parallelism().map_or(1, usize::from);
        let share = keys.len().div_ceil(sessions.min(MOST_LOOKING));
        let shares = keys.chunks(share.max(FEWEST_LOOKED_UP));
        let shares = shares.map(|keys| self.look_up(register, scope, keys));
        Ok(try_join_all(shares).await?.into_iter().flatten().collect())
    }

    /// The holders of some keys, as one session sees them.
    async fn look_up(
        &self,
        register: &str,
        scope: i64,
        keys: &[String],
    ) -> Result<Vec<Vec<Found>>, LedgerError> {
        let mut tx = self.store.read().await?;
        let rows = tx.holders(register, scope, keys).await?;
        let mut found = vec![Vec::new(); keys.len()];
        for (at, row) in rows {
            let row = self.found(&mut *tx, &row).await?;
            if let Some(list) = found.get_mut(at) {
                list.push(row);
            }
        }
        for list in &mut found {
            list.sort_unstable_by_key(|found| found.record);
            list.dedup();
        }
        Ok(found)
    }

    /// Records by number; none where there is no such record in this register. Doubles are given as themselves.
    pub async fn get(
        &self,
        register: &str,
        records: &[RecordId],
    ) -> Result<Vec<Option<Found>>, LedgerError> {
        self.known(register)?;
        let numbers: Vec<i64> = records.iter().map(|record| record.0).collect();
        let mut tx = self.store.read().await?;
        let mut found = BTreeMap::new();
        for row in tx.records(&numbers).await? {
            if *row.register == *register {
                found.insert(row.number, self.found(&mut *tx, &row).await?);
            }
        }
        Ok(numbers
            .iter()
            .map(|number| found.get(number).copied())
            .collect())
    }

    /// Everything that was said of a record, oldest first, through all its books: what was taken back, too.
    pub async fn history(
        &self,
        register: &str,
        record: RecordId,
    ) -> Result<Vec<Entry>, LedgerError> {
        self.histories(&[(register.to_owned(), record)]).await
    }

    /// The same of several records, of one after another.
    pub async fn histories(
        &self,
        records: &[(String, RecordId)],
    ) -> Result<Vec<Entry>, LedgerError> {
        let numbers: BTreeSet<i64> = records.iter().map(|(_, record)| record.0).collect();
        let numbers: Vec<i64> = numbers.into_iter().collect();
        let mut tx = self.store.read().await?;
        let rows = tx.trails(&numbers, 0).await?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let mut asked = records.iter();
            if asked.any(|(register, record)| *row.register == **register && row.record == record.0)
            {
                let book = self.unit(&mut *tx, row.at.book).await?;
                entries.push(crate::ledger::entry(row, book));
            }
        }
        Ok(entries)
    }

    async fn found(&self, tx: &mut dyn Reading, row: &RecordRow) -> Result<Found, LedgerError> {
        Ok(Found {
            record: RecordId(row.number),
            book: self.unit(tx, row.book).await?,
        })
    }

    /// What the rules need to know of a register, if the pack declares it.
    pub(crate) fn known(&self, register: &str) -> Result<&Plan, LedgerError> {
        let unknown = || LedgerError::UnknownRegister {
            at: 0,
            register: register.to_owned(),
        };
        self.plans.get(register).ok_or_else(unknown)
    }
}
