//! What one portion of a commit needs to know of the ledger, loaded at once, and how the portion moves it: the last entries
//! of records, who holds which identity, links. It keeps what it is told and answers; the rules ask.

use crate::error::LedgerError;
use crate::plan::{Plan, Plans};
use crate::store::{Batch, EdgeRow, HeadRow, KeyRow, Writing};
use crate::work::{Opened, Ready};
use kernel::{EntryKind, UnitCode};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Where the body of a record's last entry is.
pub(crate) enum Body {
    /// It was in the ledger before this portion.
    Kept(String),
    /// This portion wrote it: the index in the batch.
    Written(usize),
}

/// The last entry of a record, so far.
pub(crate) struct Head {
    pub(crate) row: HeadRow,
    pub(crate) body: Body,
    /// Whether this portion moved it.
    pub(crate) moved: bool,
}

impl Head {
    /// The record's body after its last entry.
    pub(crate) fn body<'a>(&'a self, batch: &'a Batch) -> &'a str {
        match &self.body {
            Body::Kept(body) => body,
            Body::Written(at) => batch.entries.get(*at).map_or("", |entry| &entry.body),
        }
    }
}

/// An identity key: register, scope, key.
type Identity = (Arc<str>, i64, String);

/// Who held an identity key before this portion, and who holds it now.
#[derive(Clone, Copy, Default)]
struct Holding {
    before: Option<i64>,
    now: Option<i64>,
}

/// The loaded state. The maps are only looked up in, or sorted before anything follows from their order.
#[derive(Default)]
pub(crate) struct Known {
    heads: HashMap<i64, Head>,
    keys: HashMap<Identity, Holding>,
    edges: HashMap<EdgeRow, (bool, bool)>,
    units: BTreeMap<i64, UnitCode>,
}

impl Known {
    /// Loads what these drafts touch.
    pub(crate) async fn load(
        plans: &Plans,
        tx: &mut dyn Writing,
        books: &BTreeMap<UnitCode, Opened>,
        drafts: &[Ready<'_>],
    ) -> Result<Self, LedgerError> {
        let mut known = Self::default();
        let touched = drafts
            .iter()
            .filter(|draft| draft.kind != EntryKind::Open)
            .map(|draft| draft.record);
        let touched: Vec<i64> = touched.collect::<HashSet<_>>().into_iter().collect();
        for (row, body) in tx.heads(&touched).await? {
            known.heads.insert(
                row.record,
                Head {
                    row,
                    body: Body::Kept(body),
                    moved: false,
                },
            );
        }
        for ((register, scope), mut keys) in known.asked(plans, books, drafts) {
            keys.sort_unstable();
            keys.dedup();
            for (at, row, body) in tx.holders(&register, scope, &keys).await? {
                let Some(key) = keys.get(at) else { continue };
                let holding = Holding {
                    before: Some(row.record),
                    now: Some(row.record),
                };
                known
                    .keys
                    .insert((register.clone(), scope, key.clone()), holding);
                known.heads.entry(row.record).or_insert(Head {
                    row,
                    body: Body::Kept(body),
                    moved: false,
                });
            }
        }
        known.name_books(tx, books).await?;
        Ok(known)
    }

    /// The identity keys whose holders decide something.
    fn asked(
        &self,
        plans: &Plans,
        books: &BTreeMap<UnitCode, Opened>,
        drafts: &[Ready<'_>],
    ) -> BTreeMap<(Arc<str>, i64), Vec<String>> {
        let mut asked: BTreeMap<(Arc<str>, i64), Vec<String>> = BTreeMap::new();
        for draft in drafts {
            let Some(book) = books.get(&draft.book) else {
                continue;
            };
            let scope = draft.plan.scope(book.row.number);
            let list = asked.entry((draft.plan.name.clone(), scope)).or_default();
            list.extend(draft.key.clone());
            // The key a closed record had may be another's by now.
            if let Some(Head {
                row: HeadRow { closed: true, .. },
                body: Body::Kept(body),
                ..
            }) = self.heads.get(&draft.record)
            {
                let register = plans.register(draft.plan);
                list.extend(
                    register
                        .decode(body)
                        .ok()
                        .and_then(|old| register.identity_key(&old)),
                );
            }
        }
        asked
    }

    /// Learns the units of all books a message may have to name.
    async fn name_books(
        &mut self,
        tx: &mut dyn Writing,
        books: &BTreeMap<UnitCode, Opened>,
    ) -> Result<(), LedgerError> {
        self.units = books
            .iter()
            .map(|(unit, book)| (book.row.number, *unit))
            .collect();
        if self
            .heads
            .values()
            .any(|head| !self.units.contains_key(&head.row.at.book))
        {
            for row in tx.books(None).await? {
                self.units
                    .insert(row.number, crate::ledger::unit(&row.unit)?);
            }
        }
        Ok(())
    }

    /// The unit of a book.
    pub(crate) fn unit(&self, book: i64) -> Result<UnitCode, LedgerError> {
        let missing = || crate::ledger::damaged(format!("book {book} is missing"));
        self.units.get(&book).copied().ok_or_else(missing)
    }

    /// The last entry of a record.
    pub(crate) fn head(&self, record: i64) -> Option<&Head> {
        self.heads.get(&record)
    }

    /// Moves a record's head.
    pub(crate) fn set_head(&mut self, head: Head) {
        self.heads.insert(head.row.record, head);
    }

    /// Gives a key to a record; if another record holds it and is not closed, that one is returned and nothing happens.
    pub(crate) fn take(
        &mut self,
        plan: &Plan,
        scope: i64,
        key: &str,
        record: i64,
    ) -> Option<HeadRow> {
        let holding = self
            .keys
            .entry((plan.name.clone(), scope, key.to_owned()))
            .or_default();
        if let Some(holder) = holding.now.filter(|holder| *holder != record)
            && let Some(head) = self.heads.get(&holder).filter(|head| !head.row.closed)
        {
            return Some(head.row.clone());
        }
        holding.now = Some(record);
        None
    }

    /// Frees a key if the record holds it, as every record that is not closed holds its own.
    pub(crate) fn release(&mut self, plan: &Plan, scope: i64, key: &str, record: i64, live: bool) {
        let own = if live {
            Holding {
                before: Some(record),
                now: Some(record),
            }
        } else {
            Holding::default()
        };
        let holding = self
            .keys
            .entry((plan.name.clone(), scope, key.to_owned()))
            .or_insert(own);
        if holding.now == Some(record) {
            holding.now = None;
        }
    }

    /// Adds a link.
    pub(crate) fn tie(&mut self, edge: EdgeRow) {
        self.edges.entry(edge).or_insert((false, false)).1 = true;
    }

    /// Removes a link.
    pub(crate) fn cut(&mut self, edge: EdgeRow) {
        self.edges.entry(edge).or_insert((true, true)).1 = false;
    }

    /// Puts everything that moved into the batch.
    pub(crate) fn unload(self, batch: &mut Batch) {
        batch.heads = self
            .heads
            .into_values()
            .filter(|head| head.moved)
            .map(|head| head.row)
            .collect();
        batch.heads.sort_unstable_by_key(|head| head.record);
        for ((register, scope, key), Holding { before, now }) in self.keys {
            match (before, now) {
                (before, Some(record)) if before != now => batch.keys.push(KeyRow {
                    register,
                    scope,
                    key,
                    record,
                }),
                (Some(record), None) => batch.freed.push(KeyRow {
                    register,
                    scope,
                    key,
                    record,
                }),
                _ => {}
            }
        }
        batch.keys.sort_unstable();
        batch.freed.sort_unstable();
        for (edge, (before, now)) in self.edges {
            match (before, now) {
                (false, true) => batch.edges.push(edge),
                (true, false) => batch.cut.push(edge),
                _ => {}
            }
        }
        batch.edges.sort_unstable();
        batch.cut.sort_unstable();
    }
}
