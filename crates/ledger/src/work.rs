//! A commit being written, from its first portion to its receipt: drafts are checked in themselves, new records are numbered, what
//! the drafts touch is loaded, the rules are applied to each, and what can only be judged at the end is. Work goes through in
//! portions, so that a commit of millions needs the memory of one portion; nothing is kept unless `finish` succeeds.

pub(crate) mod guards;
mod known;
mod numbers;
mod rules;
mod says;

pub(crate) use rules::NOTHING;

use crate::chain::{Chain, Hash};
use crate::circle;
use crate::entry::{
    Commit, Digest, Draft, LONGEST_BODY, MOST_ENTRIES, Position, Receipt, SayId, Target,
};
use crate::error::LedgerError;
use crate::files::Files;
use crate::ledger::{unit, unwritable};
use crate::plan::{Plan, Plans};
use crate::store::{
    Batch, Body, BookRow, CommitRow, EdgeRow, EntryRow, Erasing, KeyRow, Last, Meta, PackRow,
    Writing,
};
use jiff::civil::Date;
use kernel::{EntryKind, Grant, RecordId, UnitCode};
use known::Known;
use numbers::Fresh;
use pack::Value;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use says::Saying;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many entries go through at a time.
pub(crate) const PORTION: usize = 8_192;
/// How many drafts are made before the store is looked after again.
const MADE_AT_ONCE: usize = 512;
/// The highest sequence and record number, and the highest book number: a place has half of a 64-bit number for each.
const HIGHEST: i64 = 0xffff_ffff;
const HIGHEST_BOOK: i64 = 0x7fff_ffff;
/// What a reference to a new record holds until that has its number.
const UNNUMBERED: i64 = i64::MAX;

/// The next portion of a commit's drafts.
pub(crate) async fn portion(drafts: &mut (impl Iterator<Item = Draft> + Send)) -> Vec<Draft> {
    let mut portion = Vec::with_capacity(PORTION);
    loop {
        let made = portion.len();
        portion.extend(drafts.by_ref().take(MADE_AT_ONCE));
        if portion.len() == made || portion.len() >= PORTION {
            return portion;
        }
        tokio::task::yield_now().await;
    }
}

/// A draft that is well-formed in itself.
struct Ready<'p> {
    at: usize,
    plan: &'p Plan,
    draft: Draft,
    /// The record, once it has its number; 0 before.
    record: i64,
    /// The identity key it gives, once that is known.
    key: Option<String>,
}

/// A book, as this commit leaves it.
pub(crate) struct OpenBook {
    unit: UnitCode,
    row: BookRow,
    /// Its sequence before this commit.
    start: i64,
    /// Whether this commit opened it.
    new: bool,
}

/// All books: by number from 1, and by unit.
#[derive(Default)]
pub(crate) struct Books {
    rows: Vec<OpenBook>,
    units: BTreeMap<UnitCode, usize>,
}

impl Books {
    fn add(&mut self, row: BookRow, new: bool) -> Result<(), LedgerError> {
        let unit = unit(&row.unit)?;
        self.units.insert(unit, self.rows.len());
        let start = row.seq;
        self.rows.push(OpenBook {
            unit,
            row,
            start,
            new,
        });
        Ok(())
    }

    /// The number of the book of a unit.
    fn number(&self, unit: &UnitCode) -> Option<i64> {
        let at = *self.units.get(unit)?;
        self.rows.get(at).map(|book| book.row.number)
    }

    fn get(&mut self, number: i64) -> Result<&mut OpenBook, LedgerError> {
        let at = usize::try_from(number - 1).ok();
        let book = at.and_then(|at| self.rows.get_mut(at));
        book.ok_or_else(|| crate::ledger::damaged(format!("book {number} is missing")))
    }

    /// Whether an entry stood at this place before the commit.
    fn had(&self, at: Position) -> bool {
        let book = usize::try_from(at.book - 1).ok();
        let book = book.and_then(|book| self.rows.get(book));
        book.is_some_and(|book| (1..=book.start).contains(&at.seq))
    }
}

/// What an entry is made of, beside its place.
pub(crate) struct Word {
    pub(crate) register: Arc<str>,
    pub(crate) record: i64,
    pub(crate) kind: EntryKind,
    pub(crate) say: SayId,
    pub(crate) from: Option<Date>,
    pub(crate) until: Option<Date>,
    pub(crate) row: u32,
    pub(crate) previous: Option<Position>,
    pub(crate) body: String,
}

/// One commit being written.
pub(crate) struct Work<'p> {
    plans: &'p Plans,
    files: &'p Files,
    pub(crate) tx: Box<dyn Writing>,
    grant: Grant,
    chain: Chain,
    salts: ChaCha20Rng,
    row: CommitRow,
    header: Hash,
    rolls: Vec<Hash>,
    says: Vec<Saying>,
    books: Books,
    last: Last,
    /// The last record number before this commit.
    old: i64,
    fresh: Fresh,
    opened: BTreeSet<Arc<str>>,
    links: BTreeMap<Arc<str>, Vec<(usize, EdgeRow)>>,
    /// Drafts seen.
    drafts: usize,
    /// Entries written.
    written: usize,
}

/// A commit without its entries, and what it does beside writing words.
pub(crate) struct Beginning {
    pub(crate) commit: Commit<()>,
    pub(crate) undoes: Option<i64>,
    /// Units it speaks for, beside those of its says.
    pub(crate) units: BTreeSet<UnitCode>,
}

impl<'p> Work<'p> {
    /// Begins a commit in a writing session; its entries come later, through `write`.
    pub(crate) async fn begin(
        (plans, files): (&'p Plans, &'p Files),
        meta: Meta,
        mut tx: Box<dyn Writing>,
        begin: Beginning,
    ) -> Result<Self, LedgerError> {
        let Beginning {
            commit,
            undoes,
            mut units,
        } = begin;
        let last = tx.last().await?;
        let mut chain = Chain::new(meta);
        let before = tx.commits_before(last.commit + 1, 1).await?.pop();
        let before = before.map_or_else(|| chain.genesis(), |row| row.seal);
        refuse_opened_since(plans, &mut *tx, &commit, last.commit).await?;
        let mut books = Books::default();
        for row in tx.books(None).await? {
            books.add(row, false)?;
        }
        let number = last.commit + 1;
        let mut batch = Batch::default();
        let says = says::begin(&mut *tx, &commit, number, &mut batch).await?;
        units.extend(says.iter().map(|say| say.unit));
        let pack = pack_in_force(plans, &mut *tx, &mut batch).await?;
        let row = CommitRow {
            number,
            asked: commit.asked.0,
            actor: commit.grant.who.clone(),
            source: serde_json::to_string(&commit.source).map_err(unwritable)?,
            recorded_at: commit.recorded_at.to_string(),
            rights: rights(&commit.grant).map_err(unwritable)?,
            pack: pack.ordinal,
            undoes,
            undone_by: None,
            units: serde_json::to_string(&units).map_err(unwritable)?,
            opened: String::new(),
            entries: 0,
            heads: String::new(),
            seal: [0; 32],
        };
        let mut work = Self {
            header: chain.header(&before, &row, &pack, &batch.says),
            plans,
            files,
            grant: commit.grant,
            salts: salts()?,
            chain,
            row,
            rolls: Vec::new(),
            says,
            books,
            last,
            old: last.record,
            fresh: Fresh::default(),
            opened: BTreeSet::new(),
            links: BTreeMap::new(),
            drafts: 0,
            written: 0,
            tx,
        };
        let said = (&work.grant, work.says.as_slice());
        Self::guard_rolls(plans, &mut *work.tx, said, &commit.rolls).await?;
        work.roll(commit.rolls, &mut batch)?;
        work.tx.put(batch).await?;
        Ok(work)
    }

    /// Checks and writes the next portion of the commit's drafts. While it is stored, the portion after it is made.
    pub(crate) async fn write<T>(
        &mut self,
        drafts: Vec<Draft>,
        meanwhile: impl Future<Output = T> + Send,
    ) -> Result<T, LedgerError> {
        let ready = drafts.into_iter().map(|draft| self.ready(draft));
        let mut ready = ready.collect::<Result<Vec<_>, _>>()?;
        let mut known = Known::default();
        self.load_records(&ready, &mut known).await?;
        self.number(&mut ready, &mut known).await?;
        for draft in &mut ready {
            self.refer(draft, &known)?;
        }
        self.load_words(&ready, &mut known).await?;
        let mut batch = Batch::default();
        for draft in ready {
            self.apply(draft, &mut known, &mut batch)?;
        }
        known.unload(&mut batch);
        // In the order of the keys the pages of the directory are visited once each.
        let order = |row: &KeyRow| (row.register.clone(), row.scope, row.key.clone(), row.record);
        batch.keys.sort_by_cached_key(order);
        let (stored, next) = futures::join!(self.tx.put(batch), meanwhile);
        stored?;
        Ok(next)
    }

    /// What follows from a draft alone.
    fn ready(&mut self, mut draft: Draft) -> Result<Ready<'p>, LedgerError> {
        let at = self.drafts;
        self.drafts += 1;
        let Some(plan) = self.plans.get(&draft.register) else {
            let register = draft.register.to_string();
            return Err(LedgerError::UnknownRegister { at, register });
        };
        if draft.say as usize >= self.says.len() || !well_formed(&draft) {
            return Err(shape(at, &draft));
        }
        let register = self.plans.register(plan);
        draft.said.values.resize(register.fields.len(), None);
        for (field, _) in &draft.refs {
            let field = usize::from(*field);
            draft.said.set(field, Some(Value::Int(UNNUMBERED)));
        }
        let opens = draft.kind == EntryKind::Open;
        let mut faults = register.check_said(&draft.said, opens, &self.plans.pack);
        let as_of = self.says[draft.say as usize].as_of;
        faults.extend(register.check_retired(&draft.said, as_of, &self.plans.pack));
        if !faults.is_empty() {
            let register = register.name.clone();
            return Err(LedgerError::Fields {
                at,
                register,
                faults,
            });
        }
        for file in plan.files_of(&draft.said) {
            if !self.files.has(&file) {
                let register = register.name.clone();
                let file = file.name().to_owned();
                return Err(LedgerError::NoFile { at, register, file });
            }
        }
        Ok(Ready {
            at,
            plan,
            draft,
            record: 0,
            key: None,
        })
    }

    /// Puts the numbers of new records where a draft refers to them, and tells whether all its references lead somewhere.
    fn refer(&mut self, ready: &mut Ready<'p>, known: &Known) -> Result<(), LedgerError> {
        // New records are told apart by `fill`.
        let refs = &ready.draft.refs;
        let new = |field| refs.iter().any(|(own, _)| usize::from(*own) == field);
        for (field, register, record) in ready.plan.targets(&ready.draft.said.values) {
            let there = self.was_there(record) && known.is(record, self.plans.at(register));
            if !there && !new(field) {
                return Err(self.no_target(ready.at, ready.plan, field, RecordId(record)));
            }
        }
        self.fill(ready, pack::FieldSet::ALL)?;
        ready.record = match self.fresh.find(&ready.draft.record) {
            Some(record) => record,
            None => return Err(shape(ready.at, &ready.draft)),
        };
        let own = match ready.draft.record {
            Target::Known(record) => self.was_there(record.0),
            Target::New(_) => true,
        };
        if !own || !known.is(ready.record, Some(ready.plan)) {
            return Err(self.no_record(ready.at, ready.plan, ready.record));
        }
        ready.key = self.plans.key(ready.plan, &ready.draft.said);
        Ok(())
    }

    /// Whether a record had its number before this commit: only then can a writer name it.
    fn was_there(&self, record: i64) -> bool {
        record <= self.old
    }

    /// Adds an entry to a book: its number, its salt, its hash.
    pub(crate) fn append(
        &mut self,
        book: i64,
        word: Word,
        batch: &mut Batch,
    ) -> Result<(Position, Hash), LedgerError> {
        let book = self.books.get(book)?;
        if book.row.seq >= HIGHEST {
            return Err(LedgerError::BookFull(book.unit));
        }
        book.row.seq += 1;
        let at = Position {
            book: book.row.number,
            seq: book.row.seq,
        };
        let mut salt = [0; 16];
        self.salts.fill_bytes(&mut salt);
        let cover = self.chain.cover(&salt, &word.body);
        let mut entry = EntryRow {
            at,
            commit: self.row.number,
            say: word.say,
            register: word.register,
            record: word.record,
            kind: word.kind,
            from: word.from,
            until: word.until,
            row: word.row,
            previous: word.previous,
            body: Body::Kept(salt, word.body),
            hash: [0; 32],
        };
        let (unit, before) = (&book.row.unit, &book.row.hash);
        entry.hash = self.chain.leaf(unit, before, &self.header, &cover, &entry);
        book.row.hash = entry.hash;
        let hash = entry.hash;
        batch.entries.push(entry);
        self.written += 1;
        Ok((at, hash))
    }

    /// Opens the book of a unit, unless it has one.
    pub(crate) fn open_book(&mut self, unit: UnitCode) -> Result<(), LedgerError> {
        if self.books.number(&unit).is_some() {
            return Ok(());
        }
        self.may_write(unit)?;
        if self.last.book >= HIGHEST_BOOK {
            return Err(LedgerError::BookFull(unit));
        }
        self.last.book += 1;
        let mut row = BookRow {
            number: self.last.book,
            unit: unit.to_string(),
            seq: 0,
            hash: [0; 32],
            opened_at: self.row.recorded_at.clone(),
            opened_by: self.grant.who.clone(),
        };
        row.hash = self.chain.opening(&row);
        self.books.add(row, true)
    }

    fn may_write(&self, unit: UnitCode) -> Result<(), LedgerError> {
        if self.grant.writes(None, &unit) {
            return Ok(());
        }
        let who = self.grant.who.clone();
        Err(LedgerError::OutOfScope { who, unit })
    }

    /// The number the commit gets.
    pub(crate) fn commit_number(&self) -> i64 {
        self.row.number
    }

    /// Whether nothing was said at all so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.drafts == 0 && self.rolls.is_empty() && !self.says.iter().any(|say| say.new)
    }

    /// What can only be judged at the end, then the commit itself; after this it is on disk.
    pub(crate) async fn finish(mut self, mut batch: Batch) -> Result<Receipt, LedgerError> {
        if let Some((at, plan, field)) = self.fresh.awaited() {
            let plan = self.plans.at(plan).ok_or(LedgerError::Empty)?;
            return Err(self.no_target(at, plan, field, RecordId(0)));
        }
        self.refuse_circles().await?;
        let mut heads = Vec::new();
        for (unit, at) in &self.books.units {
            let book = &self.books.rows[*at];
            if book.new || book.row.seq > book.start {
                heads.push((*unit, book.row.seq, Digest(book.row.hash)));
                batch.books.push(book.row.clone());
            }
        }
        let mut row = self.row;
        let opened: Vec<&str> = self.opened.iter().map(|register| &**register).collect();
        row.opened = serde_json::to_string(&opened).map_err(unwritable)?;
        row.entries = i64::try_from(self.written).unwrap_or(i64::MAX);
        row.heads = serde_json::to_string(&heads).map_err(unwritable)?;
        let erasure = batch.erasing.as_ref().map(|Erasing { row, .. }| row);
        row.seal = self.chain.seal(&self.header, &row, &self.rolls, erasure);
        let (commit, seal) = (row.number, Digest(row.seal));
        batch.commit = Some(row);
        self.tx.put(batch).await?;
        self.tx.commit().await?;
        Ok(Receipt {
            commit,
            entries: self.written,
            heads,
            seal,
            repeated: false,
            opened: self.fresh.into_numbers(),
        })
    }

    /// Looks for circles through the links that this commit added.
    async fn refuse_circles(&mut self) -> Result<(), LedgerError> {
        for (register, links) in std::mem::take(&mut self.links) {
            if let Some((at, from, to)) = circle::find(&mut *self.tx, &register, &links).await? {
                return Err(LedgerError::Circle {
                    at,
                    register: self.plans.name(&register),
                    from: RecordId(from),
                    to: RecordId(to),
                });
            }
        }
        Ok(())
    }

    fn no_target(&self, at: usize, plan: &Plan, field: usize, record: RecordId) -> LedgerError {
        let field_name = self.plans.register(plan).fields.get(field);
        let target = plan.target(field).and_then(|target| self.plans.at(target));
        LedgerError::NoTarget {
            at,
            field: field_name
                .map(|field| field.name.clone())
                .unwrap_or_default(),
            target: self.plans.name(target.map_or("", |target| &target.name)),
            record,
        }
    }

    fn no_record(&self, at: usize, plan: &Plan, record: i64) -> LedgerError {
        LedgerError::NoRecord {
            at,
            register: self.plans.name(&plan.name),
            record: RecordId(record),
        }
    }
}

/// That a draft hasn't the form of its kind.
fn shape(at: usize, draft: &Draft) -> LedgerError {
    LedgerError::Shape {
        at,
        kind: draft.kind,
    }
}

/// Whether a draft has the form of its kind: only words say something, only merges name who stays, undos are not written so.
fn well_formed(draft: &Draft) -> bool {
    let new = draft.refs.iter().map(|(_, new)| *new);
    let own = match draft.record {
        Target::New(new) => Some(new),
        Target::Known(_) => None,
    };
    if new.chain(own).any(|new| new as usize >= MOST_ENTRIES) {
        return false;
    }
    let says = !draft.said.spoken.is_empty() || !draft.refs.is_empty();
    match draft.kind {
        EntryKind::Open | EntryKind::Change | EntryKind::Correct | EntryKind::Close => {
            draft.into.is_none()
        }
        EntryKind::Transfer => !says && draft.into.is_none(),
        EntryKind::Merge => !says && draft.into.is_some(),
        EntryKind::Undo => false,
    }
}

/// The posts by which a commit was made, and what for.
fn rights(grant: &Grant) -> serde_json::Result<String> {
    let posts = grant.posts.iter();
    let posts: Vec<_> = posts.map(|post| (&post.rights.role, post.unit)).collect();
    serde_json::to_string(&serde_json::json!({ "why": grant.why, "posts": posts }))
}

/// Whence a commit's salts come.
fn salts() -> Result<ChaCha20Rng, LedgerError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| LedgerError::NoRandom)?;
    Ok(ChaCha20Rng::from_seed(seed))
}

/// The pack the commit is made under: one adopted before, or a new one.
async fn pack_in_force(
    plans: &Plans,
    tx: &mut dyn Writing,
    batch: &mut Batch,
) -> Result<PackRow, LedgerError> {
    let mut packs = tx.packs().await?;
    let same = |pack: &PackRow| pack.digest == plans.digest && pack.name == plans.pack_name;
    if let Some(at) = packs.iter().rposition(same) {
        return Ok(packs.swap_remove(at));
    }
    let pack = PackRow {
        ordinal: packs.last().map_or(0, |pack| pack.ordinal) + 1,
        digest: plans.digest,
        name: plans.pack_name.clone(),
    };
    batch.pack = Some(pack.clone());
    Ok(pack)
}

/// Refuses a commit that rests on there being nobody else if records of the registers it names were opened since.
async fn refuse_opened_since(
    plans: &Plans,
    tx: &mut dyn Writing,
    commit: &Commit<()>,
    last: i64,
) -> Result<(), LedgerError> {
    let Some((base, registers)) = &commit.base else {
        return Ok(());
    };
    let mut after = *base;
    while after < last {
        let rows = tx.commits_after(after, 1_000).await?;
        after = rows.last().map_or(last, |row| row.number);
        for row in rows {
            let opened: Vec<String> = serde_json::from_str(&row.opened).map_err(unwritable)?;
            let named = |opened: &&String| registers.iter().any(|register| **register == ***opened);
            if let Some(register) = opened.iter().find(named) {
                return Err(LedgerError::StaleBase {
                    register: plans.name(register),
                    commit: row.number,
                });
            }
        }
    }
    Ok(())
}

/// The canonical body of a word, if it isn't too long.
fn encode(plans: &Plans, ready: &Ready<'_>) -> Result<String, LedgerError> {
    let body = plans.register(ready.plan).encode_said(&ready.draft.said);
    let (at, bytes) = (ready.at, body.len());
    match bytes {
        0..=LONGEST_BODY => Ok(body),
        _ => Err(LedgerError::TooLong { at, bytes }),
    }
}
