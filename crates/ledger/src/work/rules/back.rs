//! The rules of the two kinds that take back: a merge, after which the record was never there, and an undo, after which it is
//! what it was before its last standing entry.

use crate::error::LedgerError;
use crate::known::Known;
use crate::standing::{State, state};
use crate::store::{Batch, EntryRow, KeyRow, Position};
use crate::work::{Ready, Work};
use kernel::{EntryKind, RecordId, UnitCode};
use std::collections::BTreeMap;

/// The records that had one identity at the same moment while entries were taken back, with the draft that gave it to them.
pub(in crate::work) type Claims = BTreeMap<i64, Option<usize>>;

impl<'p> Work<'p> {
    pub(super) fn merge(
        &mut self,
        draft: &Ready<'p>,
        known: &mut Known,
        batch: &Batch,
    ) -> Result<Option<Position>, LedgerError> {
        let head = self.latest(draft, known)?;
        if head.row.closed {
            return Err(self.ended(draft, head.state));
        }
        if !self.plans.same(draft.plan, head.body(batch), &draft.body) {
            return Err(LedgerError::MergeChanges {
                at: draft.at,
                record: RecordId(draft.record),
            });
        }
        let at = head.row.at;
        if let Some(link) = draft.link {
            known.cut(self.edge(draft, link));
        }
        if let Some(key) = &draft.key {
            self.give_up(draft, draft.plan.scope(at.book), key, known, batch);
        }
        Ok(Some(at))
    }

    pub(super) fn undo(
        &mut self,
        draft: &Ready<'p>,
        known: &mut Known,
        batch: &Batch,
    ) -> Result<Option<Position>, LedgerError> {
        let at = self.latest(draft, known)?.row.at;
        let (taken, below) = self.taken_back(draft, known.stack(draft.record))?;
        let (was, now) = (State::after(Some(taken.kind)), state(below));
        let closed_by = below.last().map(|entry| (entry.commit, entry.at));
        let old = self.plans.register(draft.plan).decode(&taken.body);
        let old = old.map_err(|_| self.unreadable(draft))?;
        let old_key = self.plans.register(draft.plan).identity_key(&old);
        let scope = draft.plan.scope(at.book);
        if let Some(key) = old_key.as_ref().filter(|_| was == State::Live)
            && (now == State::Gone || draft.key.as_ref() != Some(key))
        {
            self.give_up(draft, scope, key, known, batch);
        }
        match (now, &draft.key, closed_by) {
            (State::Live, ..) => self.take(draft, scope, known)?,
            (State::Closed, Some(key), Some(by)) => {
                let identity = (draft.plan, scope, &**key);
                known.settle(self.plans, identity, draft.record, Some(by), batch);
            }
            _ => {}
        }
        let old_link = draft.plan.link(&old).filter(|_| was == State::Live);
        let link = draft.link.filter(|_| now == State::Live);
        if old_link != link {
            if let Some(link) = old_link {
                known.cut(self.edge(draft, link));
            }
            if let Some(link) = link {
                self.add_link(draft, link, known);
            }
        }
        Ok(Some(at))
    }

    /// The entry an undo takes back and those that stand below it, if the draft says what it must.
    fn taken_back<'k>(
        &self,
        draft: &Ready<'p>,
        stack: &'k [EntryRow],
    ) -> Result<(&'k EntryRow, &'k [EntryRow]), LedgerError> {
        let (at, record) = (draft.at, RecordId(draft.record));
        let register = || self.plans.name(&draft.plan.name);
        let Some((taken, below)) = stack.split_last() else {
            return Err(LedgerError::Gone {
                at,
                register: register(),
                record,
            });
        };
        if taken.kind == EntryKind::Transfer {
            return Err(LedgerError::UndoTransfer {
                register: register(),
                record,
            });
        }
        let before = below.last().unwrap_or(taken);
        let same = self.plans.same(draft.plan, &before.body, &draft.body);
        if !same || draft.valid_from != taken.valid_from {
            return Err(LedgerError::UndoDiffers { at, record });
        }
        Ok((taken, below))
    }

    /// Refuses identities that two records have when all is taken back, and lets the others lead to the one that has them.
    pub(in crate::work) async fn settle_claims(&mut self) -> Result<(), LedgerError> {
        let records = self
            .claims
            .values()
            .flat_map(|claims| claims.keys().copied());
        let heads = self.tx.heads(&records.collect::<Vec<_>>()).await?;
        let heads: BTreeMap<i64, _> = heads
            .into_iter()
            .map(|(row, body)| (row.record, (row, body)))
            .collect();
        let mut keys = Vec::new();
        for ((register, scope, key), claims) in std::mem::take(&mut self.claims) {
            let Some(plan) = self.plans.get(&register) else {
                continue;
            };
            let mut having: Vec<_> = claims
                .into_iter()
                .filter_map(|(record, at)| {
                    let (row, body) = heads.get(&record).filter(|(row, _)| !row.closed)?;
                    let has = plan.scope(row.at.book) == scope
                        && self.plans.key(plan, body).as_ref() == Some(&key);
                    has.then_some((at, row, body))
                })
                .collect();
            // The last one was given the identity by a draft; the first may have held it all along.
            having.sort_by_key(|(at, _, _)| *at);
            match having.as_slice() {
                [] => {}
                [(_, row, _)] => keys.push(KeyRow {
                    register,
                    scope,
                    key,
                    record: row.record,
                }),
                [(_, holder, _), .., (at, _, body)] => {
                    let unit = self.unit_of(holder.at.book).await?;
                    let at = at.unwrap_or_default();
                    return Err(self.duplicate(at, plan, body, (holder.record, unit)));
                }
            }
        }
        let batch = Batch {
            keys,
            ..Batch::default()
        };
        Ok(self.tx.put(batch).await?)
    }

    async fn unit_of(&mut self, number: i64) -> Result<UnitCode, LedgerError> {
        let books = self.tx.books(None).await?;
        let book = books.into_iter().find(|book| book.number == number);
        let missing = || crate::ledger::damaged(format!("book {number} is missing"));
        crate::ledger::unit(&book.ok_or_else(missing)?.unit)
    }
}
