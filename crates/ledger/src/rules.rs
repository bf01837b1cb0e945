//! The rules of writing: what an entry must satisfy, how it is numbered and chained, and what it moves in the heads, the
//! directory and the links. Work goes through in portions, so that a commit of millions needs the memory of one portion;
//! everything happens in one writing session, and nothing is kept unless `finish` succeeds.

use crate::chain::{self, Chain, Content};
use crate::entry::{Commit, Digest, Draft, LONGEST_BODY, Receipt};
use crate::error::LedgerError;
use crate::known::{Body, Head, Known};
use crate::plan::{Plan, Plans};
use crate::store::{Batch, BookRow, CommitRow, EdgeRow, EntryRow, HeadRow, Position, Writing};
use jiff::civil::Date;
use kernel::{EntryKind, Grant, RecordId, UnitCode};
use std::collections::{BTreeMap, BTreeSet};

/// How many entries go through at a time.
pub(crate) const PORTION: usize = 8_192;
/// The highest sequence, ordinal and book number: each has half of a 64-bit number.
const HIGHEST: i64 = 0xffff_ffff;
const HIGHEST_BOOK: i64 = 0x7fff_ffff;

/// A draft that is well-formed in itself, with everything that follows from it alone.
pub(crate) struct Ready<'p> {
    pub(crate) at: usize,
    pub(crate) plan: &'p Plan,
    pub(crate) book: UnitCode,
    pub(crate) record: i64,
    pub(crate) kind: EntryKind,
    valid_from: Date,
    expect: Option<i64>,
    body: String,
    pub(crate) key: Option<String>,
    link: Option<(i64, i64)>,
    opens: Option<UnitCode>,
}

/// A book this commit writes to.
pub(crate) struct Opened {
    pub(crate) row: BookRow,
    chain: Chain,
    /// Its sequence before this commit.
    start: i64,
    /// Whether this commit opened it.
    new: bool,
}

/// A record that has left one book and not yet come to another.
struct Moving {
    at: usize,
    left: Position,
    valid_from: Date,
    body: String,
}

/// A reference that was not found yet; the record may come later in the commit.
struct Target {
    at: usize,
    register: String,
    field: usize,
    record: i64,
}

/// One commit being written.
pub(crate) struct Work<'p> {
    plans: &'p Plans,
    tx: Box<dyn Writing>,
    grant: Grant,
    row: CommitRow,
    seal: [u8; 32],
    content: Content,
    pub(crate) books: BTreeMap<UnitCode, Opened>,
    last_book: i64,
    moving: BTreeMap<i64, Moving>,
    unresolved: BTreeMap<String, Vec<Target>>,
    links: Vec<(usize, EdgeRow)>,
    done: usize,
}

impl<'p> Work<'p> {
    /// Begins a commit in a writing session; the commit's entries come later, through `write`.
    pub(crate) async fn begin(
        plans: &'p Plans,
        mut tx: Box<dyn Writing>,
        commit: &Commit,
    ) -> Result<Self, LedgerError> {
        let (last_book, last_commit) = tx.last_numbers().await?;
        let row = CommitRow {
            number: last_commit + 1,
            key: commit.key.clone(),
            actor: commit.actor.clone(),
            source: commit.source.clone(),
            recorded_at: commit.recorded_at.to_string(),
            rights: serde_json::to_string(&commit.grant).map_err(crate::ledger::unwritable)?,
            content: [0; 32],
            entries: 0,
            heads: String::new(),
        };
        Ok(Self {
            plans,
            tx,
            grant: commit.grant.clone(),
            seal: chain::commit(&row),
            content: Content::new(&row.actor, &row.source),
            row,
            books: BTreeMap::new(),
            last_book,
            moving: BTreeMap::new(),
            unresolved: BTreeMap::new(),
            links: Vec::new(),
            done: 0,
        })
    }

    /// Checks and writes the next portion of the commit's drafts.
    pub(crate) async fn write(&mut self, drafts: Vec<Draft>) -> Result<(), LedgerError> {
        let mut targets = Vec::new();
        let mut ready = Vec::with_capacity(drafts.len());
        for draft in drafts {
            ready.push(self.ready(draft, &mut targets)?);
        }
        self.load_books(&ready).await?;
        let mut known = Known::load(self.plans, &mut *self.tx, &self.books, &ready).await?;
        let mut batch = Batch::default();
        for draft in ready {
            self.apply(draft, &mut known, &mut batch)?;
        }
        known.unload(&mut batch);
        self.tx.put(batch).await?;
        for target in targets {
            let register = self
                .plans
                .get(&target.register)
                .and_then(|plan| plan.refs.iter().find(|(at, _)| *at == target.field));
            if let Some((_, register)) = register {
                self.unresolved
                    .entry(register.clone())
                    .or_default()
                    .push(target);
            }
        }
        self.resolve().await
    }

    /// What follows from a draft alone: its checks, its canonical body, its identity.
    fn ready(&mut self, draft: Draft, targets: &mut Vec<Target>) -> Result<Ready<'p>, LedgerError> {
        let at = self.done;
        self.done += 1;
        let Some(plan) = self.plans.get(&draft.register) else {
            return Err(LedgerError::UnknownRegister {
                at,
                register: draft.register,
            });
        };
        let register = self.plans.register(plan);
        let faults = register.check(&draft.body, &self.plans.pack);
        if !faults.is_empty() {
            return Err(LedgerError::Fields {
                at,
                register: register.name.clone(),
                faults,
            });
        }
        let body = register.encode(&draft.body);
        if body.len() > LONGEST_BODY {
            return Err(LedgerError::TooLong {
                at,
                bytes: body.len(),
            });
        }
        self.content.add(&draft, &body);
        let mut opens = None;
        if matches!(
            draft.kind,
            EntryKind::Open | EntryKind::Change | EntryKind::Correct
        ) {
            targets.extend(plan.targets(&draft.body).map(|(field, _, record)| Target {
                at,
                register: draft.register.clone(),
                field,
                record,
            }));
            opens = plan.opens(&draft.body);
        }
        for unit in [Some(draft.book), opens].into_iter().flatten() {
            if !self.grant.sees(&unit) {
                return Err(LedgerError::OutOfScope {
                    who: self.grant.who.clone(),
                    unit,
                });
            }
        }
        Ok(Ready {
            at,
            plan,
            book: draft.book,
            record: draft.record.0,
            kind: draft.kind,
            valid_from: draft.valid_from,
            expect: draft.expect,
            key: register.identity_key(&draft.body),
            link: plan.link(&draft.body),
            opens,
            body,
        })
    }

    /// Loads the books this portion names, and refuses entries for units without one.
    async fn load_books(&mut self, ready: &[Ready<'p>]) -> Result<(), LedgerError> {
        let named = ready
            .iter()
            .flat_map(|draft| [Some(draft.book), draft.opens])
            .flatten();
        let missing: BTreeSet<UnitCode> = named
            .filter(|unit| !self.books.contains_key(unit))
            .collect();
        if !missing.is_empty() {
            let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
            for row in self.tx.books(Some(&missing)).await? {
                let unit = crate::ledger::unit(&row.unit)?;
                let chain = Chain::new(&row.unit);
                self.books.insert(
                    unit,
                    Opened {
                        start: row.seq,
                        row,
                        chain,
                        new: false,
                    },
                );
            }
        }
        match ready
            .iter()
            .find(|draft| self.books.get(&draft.book).is_none_or(|book| book.new))
        {
            Some(draft) => Err(LedgerError::UnknownBook {
                at: draft.at,
                unit: draft.book,
            }),
            None => Ok(()),
        }
    }

    /// Applies one draft: the rules of its kind, then the entry itself.
    fn apply(
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
        if closed && draft.kind == EntryKind::Change {
            return Err(self.closed(draft));
        }
        let old = self.plans.register(draft.plan).decode(head.body(batch));
        let old = old.map_err(|_| self.unreadable(draft))?;
        let old_key = self.plans.register(draft.plan).identity_key(&old);
        let scope = draft.plan.scope(at.book);
        if old_key != draft.key {
            if let Some(old_key) = &old_key {
                known.release(draft.plan, scope, old_key, draft.record, !closed);
            }
            self.take(draft, scope, known)?;
        } else if closed {
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
            return Err(self.closed(draft));
        }
        if head.body(batch) != draft.body {
            return Err(LedgerError::CloseChanges {
                at: draft.at,
                record: RecordId(draft.record),
            });
        }
        let at = head.row.at;
        if let Some(link) = draft.link {
            known.cut(self.edge(draft, link));
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
        let book = self.book(draft)?;
        let (number, left) = (
            book.row.number,
            Position {
                book: book.row.number,
                seq: book.row.seq + 1,
            },
        );
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
                known.release(draft.plan, old, key, draft.record, true);
                self.take(draft, new, known)?;
            }
            return Ok(Some(moving.left));
        }
        let head = self.latest(draft, known)?;
        if head.row.closed {
            return Err(self.closed(draft));
        }
        if head.body(batch) != draft.body {
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
    fn take(&self, draft: &Ready<'p>, scope: i64, known: &mut Known) -> Result<(), LedgerError> {
        let Some(key) = &draft.key else { return Ok(()) };
        let Some(holder) = known.take(draft.plan, scope, key, draft.record) else {
            return Ok(());
        };
        let register = self.plans.register(draft.plan);
        let body = register.decode(&draft.body).unwrap_or_default();
        Err(LedgerError::Duplicate {
            at: draft.at,
            register: register.name.clone(),
            identity: self.plans.shown_identity(draft.plan, &body),
            record: RecordId(holder.record),
            book: known.unit(holder.at.book)?,
        })
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
        let closed = draft.kind == EntryKind::Close;
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
        });
        batch.entries.push(entry);
        Ok(())
    }

    /// Looks for the references not found yet; what is still missing may come later.
    async fn resolve(&mut self) -> Result<(), LedgerError> {
        for (register, targets) in &mut self.unresolved {
            let records: BTreeSet<i64> = targets.iter().map(|target| target.record).collect();
            let records: Vec<i64> = records.into_iter().collect();
            let absent: BTreeSet<i64> = self
                .tx
                .absent(register, &records)
                .await?
                .into_iter()
                .collect();
            targets.retain(|target| absent.contains(&target.record));
        }
        self.unresolved.retain(|_, targets| !targets.is_empty());
        Ok(())
    }

    /// What can only be judged at the end, then the commit itself; after this it is on disk.
    pub(crate) async fn finish(mut self) -> Result<Receipt, LedgerError> {
        if let Some((record, moving)) = self.moving.iter().min_by_key(|(_, moving)| moving.at) {
            return Err(LedgerError::HalfTransfer {
                at: moving.at,
                record: RecordId(*record),
            });
        }
        let missing = self
            .unresolved
            .iter()
            .flat_map(|(to, targets)| targets.iter().map(move |target| (to, target)));
        if let Some((to, target)) = missing.min_by_key(|(_, target)| (target.at, target.field)) {
            return Err(self.no_target(to, target));
        }
        self.refuse_circles().await?;
        let mut heads = Vec::new();
        for (unit, book) in &self.books {
            if book.new || book.row.seq > book.start {
                self.tx.put_book(&book.row).await?;
            }
            if book.row.seq > book.start {
                heads.push((*unit, book.row.seq, Digest(book.row.hash)));
            }
        }
        let mut row = self.row;
        row.content = self.content.finish();
        row.entries = i64::try_from(self.done).unwrap_or(i64::MAX);
        row.heads = serde_json::to_string(&heads).map_err(crate::ledger::unwritable)?;
        self.tx.put_commit(&row).await?;
        self.tx.commit().await?;
        Ok(Receipt {
            commit: row.number,
            entries: self.done,
            heads,
            repeated: false,
        })
    }

    /// Looks for circles through the links that this commit added and left standing.
    async fn refuse_circles(&mut self) -> Result<(), LedgerError> {
        let edges: Vec<EdgeRow> = self.links.iter().map(|(_, edge)| edge.clone()).collect();
        let gone: BTreeSet<EdgeRow> = self.tx.missing_edges(&edges).await?.into_iter().collect();
        let mut standing: BTreeMap<&str, Vec<(usize, (i64, i64))>> = BTreeMap::new();
        for (at, edge) in self.links.iter().filter(|(_, edge)| !gone.contains(edge)) {
            standing
                .entry(&edge.register)
                .or_default()
                .push((*at, (edge.source, edge.target)));
        }
        for (register, links) in standing {
            let pairs: Vec<(i64, i64)> = links.iter().map(|(_, link)| *link).collect();
            let found = self.tx.circle(register, &pairs).await?;
            if let Some((at, (from, to))) = found.and_then(|n| links.get(n)) {
                let (register, from, to) =
                    (self.plans.name(register), RecordId(*from), RecordId(*to));
                return Err(LedgerError::Circle {
                    at: *at,
                    register,
                    from,
                    to,
                });
            }
        }
        Ok(())
    }

    fn book(&mut self, draft: &Ready<'p>) -> Result<&mut Opened, LedgerError> {
        let unknown = LedgerError::UnknownBook {
            at: draft.at,
            unit: draft.book,
        };
        self.books.get_mut(&draft.book).ok_or(unknown)
    }

    fn no_target(&self, to: &str, target: &Target) -> LedgerError {
        let register = self.plans.pack.register(&target.register);
        let field = register.and_then(|register| register.fields.get(target.field));
        LedgerError::NoTarget {
            at: target.at,
            field: field.map(|field| field.name.clone()).unwrap_or_default(),
            target: self.plans.name(to),
            record: RecordId(target.record),
        }
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

    fn closed(&self, draft: &Ready<'p>) -> LedgerError {
        let register = self.plans.name(&draft.plan.name);
        LedgerError::Closed {
            at: draft.at,
            register,
            record: RecordId(draft.record),
        }
    }

    fn unreadable(&self, draft: &Ready<'p>) -> LedgerError {
        LedgerError::Unreadable {
            register: self.plans.name(&draft.plan.name),
            record: RecordId(draft.record),
        }
    }
}

/// A book just opened: nothing in it, its chain begun.
pub(crate) fn new_book(
    unit: UnitCode,
    number: i64,
    opened_at: &str,
    by: &str,
) -> Result<BookRow, LedgerError> {
    if number > HIGHEST_BOOK {
        return Err(LedgerError::BookFull(unit));
    }
    let (opened_at, opened_by) = (opened_at.to_owned(), by.to_owned());
    let mut row = BookRow {
        number,
        unit: unit.to_string(),
        seq: 0,
        hash: [0; 32],
        next_ordinal: 1,
        opened_at,
        opened_by,
    };
    row.hash = chain::opening(&row);
    Ok(row)
}
