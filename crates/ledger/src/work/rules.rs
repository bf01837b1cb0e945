//! The rules of writing, kind by kind: what an entry must satisfy, how it is numbered and chained, and what it moves in heads,
//! directory and links. It works on what was loaded and never asks the store.

mod back;

pub(super) use back::Claims;

use super::{HIGHEST, Moving, Opened, Ready, Work, new_book};
use crate::chain::Chain;
use crate::error::LedgerError;
use crate::known::{Body, Head, Known};
use crate::plan::Plan;
use crate::standing::State;
use crate::store::{Batch, EdgeRow, EntryRow, HeadRow, Position};
use kernel::{EntryKind, RecordId, UnitCode};

impl<'p> Work<'p> {
    /// Applies one draft: the rules of its kind, then the entry itself.
    pub(super) fn apply(
        &mut self,
        draft: Ready<'p>,
        known: &mut Known,
        batch: &mut Batch,
    ) -> Result<(), LedgerError> {
        let previous = match draft.kind {
            EntryKind::Open => self.open(&draft, known)?,
            EntryKind::Change | EntryKind::Correct => self.change(&draft, known, batch)?,
            EntryKind::Close => self.close(&draft, known, batch)?,
            EntryKind::Transfer => self.transfer(&draft, known, batch)?,
            EntryKind::Merge => self.merge(&draft, known, batch)?,
            EntryKind::Undo => self.undo(&draft, known, batch)?,
        };
        if let Some(unit) = draft.opens {
            self.open_book(unit)?;
        }
        self.append(draft, previous, known, batch)
    }

    fn open(
        &mut self,
        draft: &Ready<'p>,
        known: &mut Known,
    ) -> Result<Option<Position>, LedgerError> {
        if draft.expect.is_some() {
            return Err(self.stale(draft, None));
        }
        let book = self.book(draft)?;
        let next = RecordId(book.row.number << 32 | book.row.next_ordinal);
        if draft.record != next.0 {
            let (at, given) = (draft.at, RecordId(draft.record));
            return Err(LedgerError::Numbering {
                at,
                book: draft.book,
                given,
                next,
            });
        }
        if book.row.next_ordinal >= HIGHEST {
            return Err(LedgerError::BookFull(draft.book));
        }
        book.row.next_ordinal += 1;
        let scope = draft.plan.scope(book.row.number);
        self.take(draft, scope, known)?;
        if let Some(link) = draft.link {
            self.add_link(draft, link, known);
        }
        Ok(None)
    }

    fn change(
        &mut self,
        draft: &Ready<'p>,
        known: &mut Known,
        batch: &Batch,
    ) -> Result<Option<Position>, LedgerError> {
        let head = self.latest(draft, known)?;
        let (at, closed) = (head.row.at, head.row.closed);
        if closed && (draft.kind == EntryKind::Change || head.state == State::Gone) {
            return Err(self.ended(draft, head.state));
        }
        let old = self.plans.register(draft.plan).decode(head.body(batch));
        let old = old.map_err(|_| self.unreadable(draft))?;
        let old_key = self.plans.register(draft.plan).identity_key(&old);
        let scope = draft.plan.scope(at.book);
        if let Some(old_key) = old_key
            .as_ref()
            .filter(|old| draft.key.as_ref() != Some(*old))
        {
            self.give_up(draft, scope, old_key, known, batch);
        }
        if old_key != draft.key || closed {
            self.take(draft, scope, known)?;
        }
        let old_link = draft.plan.link(&old).filter(|_| !closed);
        if old_link != draft.link {
            if let Some(link) = old_link {
                known.cut(self.edge(draft, link));
            }
            if let Some(link) = draft.link {
                self.add_link(draft, link, known);
            }
        }
        Ok(Some(at))
    }

    fn close(
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
            return Err(LedgerError::CloseChanges {
                at: draft.at,
                record: RecordId(draft.record),
            });
        }
        let at = head.row.at;
        if let Some(link) = draft.link {
            known.cut(self.edge(draft, link));
        }
        if let Some(key) = &draft.key {
            let by = (self.row.number, self.next_place(draft)?);
            let identity = (draft.plan, draft.plan.scope(at.book), &**key);
            known.settle(self.plans, identity, draft.record, Some(by), batch);
        }
        Ok(Some(at))
    }

    /// Either half of a transfer.
    fn transfer(
        &mut self,
        draft: &Ready<'p>,
        known: &mut Known,
        batch: &Batch,
    ) -> Result<Option<Position>, LedgerError> {
        let half = LedgerError::HalfTransfer {
            at: draft.at,
            record: RecordId(draft.record),
        };
        let left = self.next_place(draft)?;
        let number = left.book;
        if let Some(moving) = self.moving.remove(&draft.record) {
            let register = known
                .head(draft.record)
                .is_some_and(|head| head.row.register == draft.plan.name);
            let same =
                register && moving.body == draft.body && moving.valid_from == draft.valid_from;
            if !same || moving.left.book == number || draft.expect.is_some() {
                return Err(half);
            }
            let (old, new) = (draft.plan.scope(moving.left.book), draft.plan.scope(number));
            if let (Some(key), true) = (&draft.key, old != new) {
                self.give_up(draft, old, key, known, batch);
                self.take(draft, new, known)?;
            }
            return Ok(Some(moving.left));
        }
        let head = self.latest(draft, known)?;
        if head.row.closed {
            return Err(self.ended(draft, head.state));
        }
        if !self.plans.same(draft.plan, head.body(batch), &draft.body) {
            return Err(half);
        }
        let (at, body) = (draft.at, draft.body.clone());
        self.moving.insert(
            draft.record,
            Moving {
                at,
                left,
                valid_from: draft.valid_from,
                body,
            },
        );
        Ok(Some(head.row.at))
    }

    /// The record's last entry, if the draft may follow it.
    fn latest<'k>(&self, draft: &Ready<'p>, known: &'k Known) -> Result<&'k Head, LedgerError> {
        let (at, record) = (draft.at, RecordId(draft.record));
        let head = known
            .head(draft.record)
            .filter(|head| head.row.register == draft.plan.name);
        let Some(head) = head else {
            return Err(LedgerError::NoRecord {
                at,
                register: self.plans.name(&draft.plan.name),
                record,
            });
        };
        if self.moving.contains_key(&draft.record) {
            return Err(LedgerError::HalfTransfer { at, record });
        }
        let book = self.books.get(&draft.book);
        if book.is_none_or(|book| book.row.number != head.row.at.book) {
            return Err(LedgerError::Elsewhere {
                at,
                record,
                book: known.unit(head.row.at.book)?,
            });
        }
        let in_this_commit = book.is_some_and(|book| head.row.at.seq > book.start);
        match draft.expect {
            Some(seq) if seq == head.row.at.seq => Ok(head),
            None if in_this_commit => Ok(head),
            _ => Err(self.stale(draft, Some(head.row.at.seq))),
        }
    }

    /// Gives the record its identity key, unless a record that is not closed has it.
    ///
    /// An undo gives it anyhow, and whether two records keep it is judged at the end: entries are taken back book by book, not
    /// in the order they had across books, so the other may lose it in a later entry.
    fn take(
        &mut self,
        draft: &Ready<'p>,
        scope: i64,
        known: &mut Known,
    ) -> Result<(), LedgerError> {
        let Some(key) = &draft.key else { return Ok(()) };
        let identity = || (draft.plan.name.clone(), scope, key.clone());
        let claimed = !self.claims.is_empty() && self.claims.contains_key(&identity());
        let holder = known.take(draft.plan, scope, key, draft.record);
        match &holder {
            None if !claimed => return Ok(()),
            Some(holder) if !claimed && draft.kind != EntryKind::Undo => {
                let holder = (holder.record, known.unit(holder.at.book)?);
                return Err(self.duplicate(draft.at, draft.plan, &draft.body, holder));
            }
            _ => {}
        }
        let claims = self.claims.entry(identity()).or_default();
        claims.insert(draft.record, Some(draft.at));
        if let Some(holder) = holder {
            claims.entry(holder.record).or_default();
            known.seize(draft.plan, scope, key, draft.record);
        }
        Ok(())
    }

    /// That a record has the identity of this body already.
    pub(super) fn duplicate(
        &self,
        at: usize,
        plan: &Plan,
        body: &str,
        (record, book): (i64, UnitCode),
    ) -> LedgerError {
        let register = self.plans.register(plan);
        let body = register.decode(body).unwrap_or_default();
        LedgerError::Duplicate {
            at,
            register: register.name.clone(),
            identity: self.plans.shown_identity(plan, &body),
            record: RecordId(record),
            book,
        }
    }

    /// Lets an identity that the record no longer has lead to whoever has it or was closed with it last.
    fn give_up(&self, draft: &Ready<'p>, scope: i64, key: &str, known: &mut Known, batch: &Batch) {
        let identity = (draft.plan, scope, key);
        known.settle(self.plans, identity, draft.record, None, batch);
    }

    fn edge(&self, draft: &Ready<'p>, (source, target): (i64, i64)) -> EdgeRow {
        EdgeRow {
            register: draft.plan.name.clone(),
            source,
            target,
            record: draft.record,
        }
    }

    fn add_link(&mut self, draft: &Ready<'p>, link: (i64, i64), known: &mut Known) {
        let edge = self.edge(draft, link);
        self.links.push((draft.at, edge.clone()));
        known.tie(edge);
    }

    /// Opens the book of a unit, unless it has one.
    fn open_book(&mut self, unit: UnitCode) -> Result<(), LedgerError> {
        if self.books.contains_key(&unit) {
            return Ok(());
        }
        let row = new_book(
            unit,
            self.last_book + 1,
            &self.row.recorded_at,
            &self.grant.who,
        )?;
        self.last_book = row.number;
        self.books.insert(
            unit,
            Opened {
                start: 0,
                chain: Chain::new(&row.unit),
                row,
                new: true,
            },
        );
        Ok(())
    }

    /// The entry itself: its number, its hash, the record's new head.
    fn append(
        &mut self,
        draft: Ready<'p>,
        previous: Option<Position>,
        known: &mut Known,
        batch: &mut Batch,
    ) -> Result<(), LedgerError> {
        let (commit, seal) = (self.row.number, self.seal);
        let book = self.book(&draft)?;
        if book.row.seq >= HIGHEST {
            return Err(LedgerError::BookFull(draft.book));
        }
        book.row.seq += 1;
        let at = Position {
            book: book.row.number,
            seq: book.row.seq,
        };
        let mut entry = EntryRow {
            at,
            commit,
            register: draft.plan.name.clone(),
            record: draft.record,
            kind: draft.kind,
            valid_from: draft.valid_from,
            previous,
            body: draft.body,
            hash: [0; 32],
        };
        entry.hash = book.chain.link(&book.row.hash, &seal, &entry);
        book.row.hash = entry.hash;
        let state = known.follow(&entry);
        let closed = state.is_closed();
        let row = HeadRow {
            record: draft.record,
            register: draft.plan.name.clone(),
            at,
            closed,
        };
        known.set_head(Head {
            row,
            body: Body::Written(batch.entries.len()),
            moved: true,
            state,
        });
        batch.entries.push(entry);
        Ok(())
    }

    fn book(&mut self, draft: &Ready<'p>) -> Result<&mut Opened, LedgerError> {
        let unknown = LedgerError::UnknownBook {
            at: draft.at,
            unit: draft.book,
        };
        self.books.get_mut(&draft.book).ok_or(unknown)
    }

    /// Where the next entry of the draft's book will stand.
    fn next_place(&mut self, draft: &Ready<'p>) -> Result<Position, LedgerError> {
        let book = self.book(draft)?;
        Ok(Position {
            book: book.row.number,
            seq: book.row.seq + 1,
        })
    }

    fn stale(&self, draft: &Ready<'p>, found: Option<i64>) -> LedgerError {
        let register = self.plans.name(&draft.plan.name);
        LedgerError::Stale {
            at: draft.at,
            register,
            record: RecordId(draft.record),
            expected: draft.expect,
            found,
        }
    }

    /// That nothing may follow: the record is closed, or was never there.
    fn ended(&self, draft: &Ready<'p>, state: State) -> LedgerError {
        let register = self.plans.name(&draft.plan.name);
        let (at, record) = (draft.at, RecordId(draft.record));
        match state {
            State::Gone => LedgerError::Gone {
                at,
                register,
                record,
            },
            State::Live | State::Closed => LedgerError::Closed {
                at,
                register,
                record,
            },
        }
    }

    fn unreadable(&self, draft: &Ready<'p>) -> LedgerError {
        LedgerError::Unreadable {
            register: self.plans.name(&draft.plan.name),
            record: RecordId(draft.record),
        }
    }
}
