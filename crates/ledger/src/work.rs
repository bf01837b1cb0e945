//! A commit being written, from its first portion to its receipt: drafts are checked in themselves, what they touch is
//! loaded, the rules are applied to each, and what can only be judged at the end is. Work goes through in portions, so that a
//! commit of millions needs the memory of one portion; nothing is kept unless `finish` succeeds.

mod rules;

use crate::chain::{self, Chain, Content};
use crate::entry::{Commit, Digest, Draft, LONGEST_BODY, Receipt};
use crate::error::LedgerError;
use crate::known::{Identity, Known};
use crate::plan::{Plan, Plans};
use crate::standing::{State, standing, state};
use crate::store::{Batch, BookRow, CommitRow, EdgeRow, Position, Reading, StoreError, Writing};
use jiff::civil::Date;
use kernel::{EntryKind, Grant, RecordId, UnitCode};
use rules::Claims;
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
    pub(crate) body: String,
    pub(crate) key: Option<String>,
    link: Option<(i64, i64)>,
    opens: Option<UnitCode>,
}

/// A book this commit writes to.
pub(crate) struct Opened {
    pub(crate) row: BookRow,
    chain: Chain,
    /// Its sequence before this commit.
    pub(crate) start: i64,
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
    pub(crate) tx: Box<dyn Writing>,
    grant: Grant,
    row: CommitRow,
    seal: [u8; 32],
    content: Content,
    pub(crate) books: BTreeMap<UnitCode, Opened>,
    last_book: i64,
    moving: BTreeMap<i64, Moving>,
    unresolved: BTreeMap<String, Vec<Target>>,
    links: Vec<(usize, EdgeRow)>,
    claims: BTreeMap<Identity, Claims>,
    done: usize,
}

impl<'p> Work<'p> {
    /// Begins a commit in a writing session; the commit's entries come later, through `write`.
    pub(crate) async fn begin<E>(
        plans: &'p Plans,
        mut tx: Box<dyn Writing>,
        commit: &Commit<E>,
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
            claims: BTreeMap::new(),
            done: 0,
        })
    }

    /// The number the commit gets.
    pub(crate) fn number(&self) -> i64 {
        self.row.number
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
        // What is taken back, or was never there, need not satisfy the rules of today.
        let repeats = matches!(draft.kind, EntryKind::Merge | EntryKind::Undo)
            && draft.body.len() == register.fields.len();
        if !faults.is_empty() && !repeats {
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

    /// Looks for the references not found yet; what is still missing may come later.
    async fn resolve(&mut self) -> Result<(), LedgerError> {
        for (register, targets) in &mut self.unresolved {
            let records: BTreeSet<i64> = targets.iter().map(|target| target.record).collect();
            let records: Vec<i64> = records.into_iter().collect();
            let absent = absent(&mut *self.tx, register, &records).await?;
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
        self.settle_claims().await?;
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
        let mut standing: BTreeMap<&str, Vec<&(usize, EdgeRow)>> = BTreeMap::new();
        for link in self.links.iter().filter(|(_, edge)| !gone.contains(edge)) {
            standing.entry(&link.1.register).or_default().push(link);
        }
        for (register, links) in standing {
            let pairs: Vec<(i64, i64)> = links
                .iter()
                .map(|(_, edge)| (edge.source, edge.target))
                .collect();
            let found = self.tx.circle(register, &pairs).await?;
            if let Some((at, edge)) = found.and_then(|n| links.get(n)) {
                let (from, to) = (RecordId(edge.source), RecordId(edge.target));
                return Err(LedgerError::Circle {
                    at: *at,
                    register: self.plans.name(register),
                    from,
                    to,
                });
            }
        }
        Ok(())
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

/// Those of these numbers that no record of the register has, or only one that was never there.
pub(crate) async fn absent(
    tx: &mut (impl Reading + ?Sized),
    register: &str,
    records: &[i64],
) -> Result<BTreeSet<i64>, StoreError> {
    let found = tx.absent(register, records).await?;
    let doubtful = found.iter().filter(|(_, there)| *there);
    let doubtful: Vec<i64> = doubtful.map(|(record, _)| *record).collect();
    let stacks = standing(tx.trails(&doubtful).await?);
    let gone = |record: &i64| {
        stacks
            .get(record)
            .is_none_or(|stack| state(stack) == State::Gone)
    };
    let absent = found.into_iter().map(|(record, _)| record).filter(gone);
    Ok(absent.collect())
}
