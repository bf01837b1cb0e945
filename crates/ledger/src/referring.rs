//! Which records speak of a record, now or of an earlier day: what has to follow when two records turn out to be one.

use crate::entry::{Entry, Found};
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::plan::Plan;
use crate::work::PORTION;
use kernel::{EntryKind, RecordId};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Ledger {
    /// Records by number; none where there is no such record, or none that was ever written to this register. Closed ones are
    /// given, too, and so are those that were never there, as closed.
    pub async fn get(
        &self,
        register: &str,
        records: &[RecordId],
    ) -> Result<Vec<Option<Found>>, LedgerError> {
        self.known(register)?;
        let mut tx = self.store.read().await?;
        let numbers: Vec<i64> = records.iter().map(|record| record.0).collect();
        let mut found = vec![None; records.len()];
        for (head, body) in tx.heads(&numbers).await? {
            if *head.register != *register {
                continue;
            }
            let book = self.unit(&mut *tx, head.at.book).await?;
            for at in 0..records.len() {
                if numbers[at] == head.record {
                    found[at] = Some(crate::ledger::found(head.clone(), book, body.clone()));
                }
            }
        }
        Ok(found)
    }

    /// The entries of a record that stand, oldest first: all but those taken back.
    pub async fn standing(
        &self,
        register: &str,
        record: RecordId,
    ) -> Result<Vec<Entry>, LedgerError> {
        let mut standing: Vec<Entry> = Vec::new();
        for entry in self.history(register, record).await? {
            if entry.kind == EntryKind::Undo {
                standing.pop();
            } else {
                standing.push(entry);
            }
        }
        Ok(standing)
    }

    /// The records that refer to a record, or did on an earlier day, with their registers. It reads every entry of the registers
    /// that can.
    pub async fn referring(
        &self,
        register: &str,
        record: RecordId,
    ) -> Result<Vec<(Arc<str>, Found)>, LedgerError> {
        let target = BTreeSet::from([Arc::from(register)]);
        let mut tx = self.store.read().await?;
        let mut records: BTreeSet<(Arc<str>, RecordId)> = BTreeSet::new();
        for book in tx.books(None).await? {
            for plan in self.plans.referring(&target) {
                let mut after = 0;
                while after < book.seq {
                    let portion = i64::try_from(PORTION).unwrap_or(i64::MAX);
                    let rows = tx
                        .entries(book.number, Some(&plan.name), after, portion)
                        .await?;
                    after = rows.last().map_or(book.seq, |row| row.at.seq);
                    for row in rows {
                        if self.names(plan, &row.body, record) {
                            records.insert((row.register.clone(), RecordId(row.record)));
                        }
                    }
                }
            }
        }
        drop(tx);
        let mut found = Vec::with_capacity(records.len());
        for (register, record) in records {
            let row = self.get(&register, &[record]).await?.pop().flatten();
            found.extend(row.map(|row| (register, row)));
        }
        Ok(found)
    }

    /// Whether a body of this register refers to a record; one that can't be read doesn't.
    fn names(&self, plan: &Plan, body: &str, record: RecordId) -> bool {
        // Most bodies don't have the number at all, and needn't be taken apart.
        body.contains(&record.0.to_string())
            && (self.plans.register(plan).decode(body))
                .is_ok_and(|body| plan.targets(&body).any(|(_, _, named)| named == record.0))
    }
}
