//! What one portion of a commit needs to know of the ledger, loaded at once, and how the portion moves it: the last entries
//! of records, who holds which identity, links. It keeps what it is told and answers; the rules ask.

use crate::error::LedgerError;
use crate::plan::{Plan, Plans};
use crate::standing::{State, follow, standing, state};
use crate::store::{Batch, EdgeRow, EntryRow, HeadRow, KeyRow, Position, Writing};
use crate::work::{Opened, Ready};
use kernel::{EntryKind, UnitCode};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
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
    /// What the record is after it.
    pub(crate) state: State,
}

impl Head {
    /// A head as the ledger keeps it.
    fn kept(row: HeadRow, body: String, state: State) -> Self {
        Self {
            row,
            body: Body::Kept(body),
            moved: false,
            state,
        }
    }

    /// The record's body before this portion.
    fn kept_body(&self) -> &str {
        match &self.body {
            Body::Kept(body) => body,
            Body::Written(_) => "",
        }
    }

    /// The record's body after its last entry.
    pub(crate) fn body<'a>(&'a self, batch: &'a Batch) -> &'a str {
        match &self.body {
            Body::Kept(body) => body,
            Body::Written(at) => batch.entries.get(*at).map_or("", |entry| &entry.body),
        }
    }
}

/// An identity key: register, scope, key.
pub(crate) type Identity = (Arc<str>, i64, String);

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
    /// The standing entries of the records that are taken back or were closed before.
    stacks: BTreeMap<i64, Vec<EntryRow>>,
    /// Closed records by the identity they were closed with, and by which commit and entry.
    former: HashMap<Identity, BTreeMap<i64, (i64, Position)>>,
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
        let heads = tx.heads(&touched).await?;
        known.load_stacks(tx, &heads, drafts).await?;
        for (row, body) in heads {
            let stack = known.stacks.get(&row.record).filter(|_| row.closed);
            let state = stack.map_or(State::Live, |stack| state(stack));
            known.heads.insert(row.record, Head::kept(row, body, state));
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
                // What is found by its identity is there, or was until it was closed.
                let state = if row.closed {
                    State::Closed
                } else {
                    State::Live
                };
                let head = || Head::kept(row, body, state);
                known
                    .heads
                    .entry(holding.now.unwrap_or_default())
                    .or_insert_with(head);
            }
        }
        known.load_former(plans, tx, books, drafts).await?;
        known.name_books(tx, books).await?;
        Ok(known)
    }

    /// Loads which entries stand of the records that drafts take back, and of the closed ones they follow.
    async fn load_stacks(
        &mut self,
        tx: &mut dyn Writing,
        heads: &[(HeadRow, String)],
        drafts: &[Ready<'_>],
    ) -> Result<(), LedgerError> {
        let undone = drafts.iter().filter(|draft| draft.kind == EntryKind::Undo);
        let undone: BTreeSet<i64> = undone.map(|draft| draft.record).collect();
        let closed = heads.iter().filter(|(row, _)| row.closed);
        let mut traced = undone.clone();
        traced.extend(closed.map(|(row, _)| row.record));
        let traced: Vec<i64> = traced.into_iter().collect();
        self.stacks = standing(tx.trails(&traced).await?);
        // A record may be opened and taken back in one portion.
        for record in undone {
            self.stacks.entry(record).or_default();
        }
        Ok(())
    }

    /// Loads the closed records that have the identities the drafts may free.
    async fn load_former(
        &mut self,
        plans: &Plans,
        tx: &mut dyn Writing,
        books: &BTreeMap<UnitCode, Opened>,
        drafts: &[Ready<'_>],
    ) -> Result<(), LedgerError> {
        let mut asked: BTreeMap<&str, (&Plan, Vec<serde_json::Value>)> = BTreeMap::new();
        // The body of a record before each draft, where this portion gave it one.
        let mut fresh: HashMap<i64, &str> = HashMap::new();
        for draft in drafts {
            let before = fresh.insert(draft.record, &draft.body);
            let Some(field) = &draft.plan.leading else {
                continue;
            };
            let head = self.heads.get(&draft.record);
            let bodies: Vec<&str> = match draft.kind {
                EntryKind::Open => continue,
                EntryKind::Change | EntryKind::Correct => {
                    let kept = || head.map(|head| head.kept_body());
                    let Some(before) = before.or_else(kept) else {
                        continue;
                    };
                    if plans.key(draft.plan, before) == draft.key {
                        continue;
                    }
                    vec![before]
                }
                EntryKind::Close => {
                    // Only in the commit that gave it its identity may another have been closed with the same.
                    let start = books.get(&draft.book).map_or(0, |book| book.start);
                    let new = head.is_none_or(|head| head.row.at.seq > start);
                    if before.is_none() && !new {
                        continue;
                    }
                    vec![&draft.body]
                }
                EntryKind::Transfer if draft.plan.everywhere => continue,
                EntryKind::Transfer | EntryKind::Merge => vec![&draft.body],
                EntryKind::Undo => {
                    let stack = self.stack(draft.record).iter();
                    stack
                        .map(|entry| &*entry.body)
                        .chain([&*draft.body])
                        .collect()
                }
            };
            let (_, values) = asked
                .entry(&draft.plan.name)
                .or_insert((draft.plan, Vec::new()));
            values.extend(bodies.into_iter().filter_map(|body| {
                serde_json::from_str::<serde_json::Value>(body)
                    .ok()?
                    .get_mut(field)
                    .map(serde_json::Value::take)
            }));
        }
        for (register, (plan, values)) in asked {
            let field = plan.leading.as_deref().unwrap_or_default();
            let records = tx.closed_with(register, field, &values).await?;
            for (record, stack) in standing(tx.trails(&records).await?) {
                if let Some(last) = stack.last().filter(|_| state(&stack) == State::Closed)
                    && let Some(key) = plans.key(plan, &last.body)
                {
                    let scope = plan.scope(last.at.book);
                    self.note_closed(plan, scope, key, record, (last.commit, last.at));
                }
            }
        }
        Ok(())
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
            // The keys a record had before it was closed or changed may be another's by now.
            let stack = self.stacks.get(&draft.record).into_iter().flatten();
            list.extend(stack.filter_map(|entry| plans.key(draft.plan, &entry.body)));
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

    /// The entries of a record that stand, if they were loaded.
    pub(crate) fn stack(&self, record: i64) -> &[EntryRow] {
        self.stacks.get(&record).map_or(&[], Vec::as_slice)
    }

    /// What a record is after this entry, which is its next.
    pub(crate) fn follow(&mut self, entry: &EntryRow) -> State {
        match self.stacks.get_mut(&entry.record) {
            Some(stack) => {
                follow(stack, entry.clone());
                state(stack)
            }
            None => State::after(Some(entry.kind)),
        }
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

    /// Gives a key to a record whoever holds it. Whether it is then held twice can be told only later.
    pub(crate) fn seize(&mut self, plan: &Plan, scope: i64, key: &str, record: i64) {
        let identity = (plan.name.clone(), scope, key.to_owned());
        self.keys.entry(identity).or_default().now = Some(record);
    }

    /// Remembers with which key, and by which commit and entry, a record was closed.
    fn note_closed(
        &mut self,
        plan: &Plan,
        scope: i64,
        key: String,
        record: i64,
        by: (i64, Position),
    ) {
        let identity = (plan.name.clone(), scope, key);
        self.former.entry(identity).or_default().insert(record, by);
    }

    /// Lets a key that a record gives up, or is closed with by some commit and entry, lead where it must: to another record that
    /// has it and is not closed, or else to the record that was closed with it last, or nowhere. So it follows from the entries
    /// that stand alone, in whatever order they came to stand.
    pub(crate) fn settle(
        &mut self,
        plans: &Plans,
        (plan, scope, key): (&Plan, i64, &str),
        record: i64,
        closed_by: Option<(i64, Position)>,
        batch: &Batch,
    ) {
        if let Some(by) = closed_by {
            self.note_closed(plan, scope, key.to_owned(), record, by);
        }
        let identity = (plan.name.clone(), scope, key.to_owned());
        let live = |record: i64| {
            let head = self.heads.get(&record);
            head.is_some_and(|head| head.state == State::Live)
        };
        // The keys of the drafts were asked for; what a record that is not closed had before, it holds.
        let held = (closed_by.is_none() && live(record)).then_some(record);
        let Holding { before, now } = self.keys.get(&identity).copied().unwrap_or(Holding {
            before: held,
            now: held,
        });
        if now.is_some_and(|holder| holder != record && live(holder)) {
            return;
        }
        let still = |other: i64| {
            if other == record {
                return closed_by.is_some();
            }
            self.heads.get(&other).is_none_or(|head| {
                head.state == State::Closed
                    && (!head.moved
                        || plan.scope(head.row.at.book) == scope
                            && plans.key(plan, head.body(batch)).as_deref() == Some(key))
            })
        };
        let former = self.former.get(&identity).into_iter().flatten();
        let last = former
            .filter(|(other, _)| still(**other))
            .max_by_key(|(_, by)| **by);
        let now = last.map(|(other, _)| *other);
        self.keys.insert(identity, Holding { before, now });
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
