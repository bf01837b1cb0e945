//! Verification: the whole ledger read again in one consistent state. It names the first altered entry of each book, and
//! every place where heads, directory, links or commits are not what the entries make them. It repairs nothing.

use crate::chain::{self, Chain};
use crate::error::LedgerError;
use crate::plan::Plans;
use crate::standing::{State, standing, state};
use crate::store::{BookRow, CommitRow, EdgeRow, EntryRow, HeadRow, KeyRow, Position, Reading};
use kernel::{EntryKind, Lang};
use std::collections::{BTreeMap, BTreeSet};

const PAGE: i64 = 20_000;
/// How many faults of heads, directory and links are named, at most.
const MOST_FAULTS: usize = 1_000;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Verification {
    /// How many books were read.
    pub books: u64,
    /// How many entries were read.
    pub entries: u64,
    /// What is wrong, by book and sequence; empty when nothing is.
    pub faults: Vec<ChainFault>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct ChainFault {
    /// The unit of the book; empty when no single book is meant.
    pub book: String,
    /// The entry; 0 when no single entry is meant.
    pub seq: i64,
    /// What is wrong.
    pub what: Finding,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// The entry, or one before it in this book, is not what was written.
    Altered,
    /// The entry is missing.
    Missing,
    /// The commit of the entry is missing.
    CommitMissing,
    /// The commit has more or fewer entries than it wrote.
    CommitCount,
    /// The end of the book or its counter is not what its entries make it.
    Book,
    /// The record's last entry is not the one that is named as its last.
    Head,
    /// An identity leads to a record that doesn't have it, or a record isn't found by its identity.
    Directory,
    /// A link is missing or doesn't belong to any record.
    Link,
}

impl Finding {
    /// What is wrong, in words.
    pub fn message(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Altered, Lang::Zh) => "该条内容与登记时不符",
            (Self::Altered, Lang::En) => "the entry is not what was written",
            (Self::Missing, Lang::Zh) => "缺少该条",
            (Self::Missing, Lang::En) => "the entry is missing",
            (Self::CommitMissing, Lang::Zh) => "缺少该条所属的提交",
            (Self::CommitMissing, Lang::En) => "the commit of the entry is missing",
            (Self::CommitCount, Lang::Zh) => "提交的条数与登记时不符",
            (Self::CommitCount, Lang::En) => {
                "the commit doesn't have the number of entries it wrote"
            }
            (Self::Book, Lang::Zh) => "簿的末条或编号与各条不符",
            (Self::Book, Lang::En) => {
                "the end of the book or its counter doesn't agree with its entries"
            }
            (Self::Head, Lang::Zh) => "记录的最新一条与各条不符",
            (Self::Head, Lang::En) => "the record's last entry doesn't agree with its entries",
            (Self::Directory, Lang::Zh) => "身份索引与记录不符",
            (Self::Directory, Lang::En) => {
                "the directory of identities doesn't agree with the record"
            }
            (Self::Link, Lang::Zh) => "关系索引与记录不符",
            (Self::Link, Lang::En) => "the links don't agree with the record",
        }
    }
}

impl ChainFault {
    /// Where and what, in one line.
    pub fn message(&self, lang: Lang) -> String {
        let what = self.what.message(lang);
        match (lang, self.seq) {
            _ if self.book.is_empty() => what.to_owned(),
            (Lang::Zh, 0) => format!("{} 簿：{what}", self.book),
            (Lang::Zh, seq) => format!("{} 簿第 {seq} 条：{what}", self.book),
            (Lang::En, 0) => format!("book of {}: {what}", self.book),
            (Lang::En, seq) => format!("book of {}, entry {seq}: {what}", self.book),
        }
    }
}

/// One bit per entry of a book.
#[derive(Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn set(&mut self, at: i64) -> bool {
        let Ok(at) = usize::try_from(at) else {
            return false;
        };
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        let Some(word) = self.0.get_mut(at / 64) else {
            return false;
        };
        let new = *word & (1 << (at % 64)) == 0;
        *word |= 1 << (at % 64);
        new
    }

    fn has(&self, at: i64) -> bool {
        usize::try_from(at).is_ok_and(|at| {
            self.0
                .get(at / 64)
                .is_some_and(|word| word & (1 << (at % 64)) != 0)
        })
    }
}

/// A commit that entries name.
struct Seen {
    seal: [u8; 32],
    wrote: i64,
    found: i64,
    first: Position,
}

/// What the entries read so far make of everything else.
struct Check<'a> {
    plans: &'a Plans,
    tx: &'a mut dyn Reading,
    progress: &'a mut (dyn FnMut(u64, u64) + Send),
    units: BTreeMap<i64, String>,
    total: u64,
    entries: u64,
    /// Records opened.
    opened: u64,
    commits: BTreeMap<i64, Seen>,
    /// Entries that a later entry of the same record follows, by book.
    followed: BTreeMap<i64, Bits>,
    /// Records that were never there; the directory may not lead to them.
    gone: BTreeSet<i64>,
    /// Books whose chain is broken: what is derived from them is not looked at.
    broken: BTreeSet<i64>,
    faults: BTreeSet<ChainFault>,
}

/// Checks a whole ledger in one reading session.
pub(crate) async fn verify(
    plans: &Plans,
    tx: &mut dyn Reading,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Verification, LedgerError> {
    let books = tx.books(None).await?;
    let mut check = Check {
        plans,
        tx,
        progress,
        units: books
            .iter()
            .map(|book| (book.number, book.unit.clone()))
            .collect(),
        total: books
            .iter()
            .map(|book| u64::try_from(book.seq).unwrap_or(0))
            .sum(),
        entries: 0,
        opened: 0,
        commits: BTreeMap::new(),
        followed: BTreeMap::new(),
        gone: BTreeSet::new(),
        broken: BTreeSet::new(),
        faults: BTreeSet::new(),
    };
    for book in &books {
        check.book(book).await?;
    }
    check.commits().await?;
    let (keys, links) = check.heads().await?;
    check.directory(keys).await?;
    if check.faults.is_empty() && check.tx.count_edges().await? != links {
        check.fault(None, Finding::Link);
    }
    Ok(Verification {
        books: books.len() as u64,
        entries: check.entries,
        faults: check.faults.into_iter().collect(),
    })
}

impl Check<'_> {
    fn fault(&mut self, at: Option<Position>, what: Finding) {
        if self.faults.len() < MOST_FAULTS {
            let book = at
                .and_then(|at| self.units.get(&at.book))
                .cloned()
                .unwrap_or_default();
            self.faults.insert(ChainFault {
                book,
                seq: at.map_or(0, |at| at.seq),
                what,
            });
        }
    }

    /// The chain of a book, to its end or to the first entry that is not what was written.
    async fn book(&mut self, book: &BookRow) -> Result<(), LedgerError> {
        let mut chain = Chain::new(&book.unit);
        let mut end = Position {
            book: book.number,
            seq: 0,
        };
        let mut hash = chain::opening(book);
        let mut opened = 0;
        loop {
            let page = self.tx.entries(book.number, None, end.seq, PAGE).await?;
            if page.is_empty() {
                break;
            }
            self.load_commits(&page).await?;
            for entry in &page {
                if !self.broken.contains(&book.number)
                    && let Err((seq, what)) = self.link(&mut chain, end.seq, &hash, entry)
                {
                    self.broken.insert(book.number);
                    self.fault(Some(Position { seq, ..end }), what);
                }
                opened += i64::from(entry.kind == EntryKind::Open);
                self.note(entry);
                (end, hash) = (entry.at, entry.hash);
            }
            (self.progress)(self.entries, self.total.max(self.entries));
        }
        self.opened += u64::try_from(opened).unwrap_or(0);
        if self.broken.contains(&book.number) {
            return Ok(());
        }
        let (at, what) = match () {
            () if end.seq < book.seq => (
                Position {
                    seq: end.seq + 1,
                    ..end
                },
                Finding::Missing,
            ),
            // An empty book whose row was changed, or a head that is not the last entry's.
            () if end.seq > book.seq || hash != book.hash || opened + 1 != book.next_ordinal => {
                (end, Finding::Book)
            }
            () => return Ok(()),
        };
        self.broken.insert(book.number);
        self.fault(Some(at), what);
        Ok(())
    }

    /// One link of a chain: the place and the kind of the fault, if it is not what was written.
    fn link(
        &self,
        chain: &mut Chain,
        end: i64,
        before: &[u8; 32],
        entry: &EntryRow,
    ) -> Result<(), (i64, Finding)> {
        if entry.at.seq != end + 1 {
            return Err((end + 1, Finding::Missing));
        }
        let commit = self
            .commits
            .get(&entry.commit)
            .ok_or((entry.at.seq, Finding::CommitMissing))?;
        if chain.link(before, &commit.seal, entry) != entry.hash {
            return Err((entry.at.seq, Finding::Altered));
        }
        Ok(())
    }

    /// Remembers what an entry means for commits and heads.
    fn note(&mut self, entry: &EntryRow) {
        self.entries += 1;
        if let Some(commit) = self.commits.get_mut(&entry.commit) {
            commit.found += 1;
        }
        if let Some(previous) = entry.previous
            && !self
                .followed
                .entry(previous.book)
                .or_default()
                .set(previous.seq)
            && !self.broken.contains(&entry.at.book)
        {
            self.fault(Some(entry.at), Finding::Head);
        }
    }

    async fn load_commits(&mut self, page: &[EntryRow]) -> Result<(), LedgerError> {
        let mut wanted: BTreeMap<i64, Position> = BTreeMap::new();
        for entry in page
            .iter()
            .filter(|entry| !self.commits.contains_key(&entry.commit))
        {
            wanted.entry(entry.commit).or_insert(entry.at);
        }
        if wanted.is_empty() {
            return Ok(());
        }
        for row in self
            .tx
            .commits(&wanted.keys().copied().collect::<Vec<_>>())
            .await?
        {
            if let Some(first) = wanted.get(&row.number) {
                self.commits.insert(row.number, seen(&row, *first));
            }
        }
        Ok(())
    }

    /// Whether every commit is there, with as many entries as it wrote.
    async fn commits(&mut self) -> Result<(), LedgerError> {
        if !self.broken.is_empty() {
            return Ok(());
        }
        let (_, last) = self.tx.last_numbers().await?;
        let counts = self
            .commits
            .values()
            .filter(|commit| commit.wrote != commit.found);
        let mut wrong: Vec<_> = counts.map(|commit| Some(commit.first)).collect();
        if i64::try_from(self.commits.len()).unwrap_or(i64::MAX) != last {
            wrong.push(None);
        }
        wrong
            .into_iter()
            .for_each(|at| self.fault(at, Finding::CommitCount));
        Ok(())
    }

    /// Whether heads are what the entries make them. Returns how many identities and links they must have.
    async fn heads(&mut self) -> Result<(u64, i64), LedgerError> {
        let (mut heads, mut keys, mut links, mut after) = (0_u64, 0, 0, 0);
        loop {
            let page = self.tx.heads_after(after, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            after = last.record;
            heads += page.len() as u64;
            let mut edges = Vec::new();
            let states = self.states_after(&page).await?;
            for (head, entry) in &page {
                if self.broken.contains(&head.at.book) {
                    continue;
                }
                let state = states.get(&head.record);
                let Some(entry) = entry
                    .as_ref()
                    .filter(|entry| self.agrees(head, entry, state))
                else {
                    self.fault(Some(head.at), Finding::Head);
                    continue;
                };
                if state == Some(&State::Gone) {
                    self.gone.insert(head.record);
                }
                let (key, link) = self.states(head, &entry.body);
                keys += u64::from(key);
                edges.extend(link);
            }
            links += i64::try_from(edges.len()).unwrap_or(0);
            for edge in self.tx.missing_edges(&edges).await? {
                let at = page
                    .iter()
                    .find(|(head, _)| head.record == edge.record)
                    .map(|(head, _)| head.at);
                self.fault(at, Finding::Link);
            }
        }
        if self.faults.is_empty() && heads != self.opened {
            self.fault(None, Finding::Head);
        }
        Ok((keys, links))
    }

    /// What the records of these heads are. Where entries were taken back it follows from all of a record's entries, which are
    /// not followed through broken chains.
    async fn states_after(
        &mut self,
        page: &[(HeadRow, Option<EntryRow>)],
    ) -> Result<BTreeMap<i64, State>, LedgerError> {
        let (undone, others): (Vec<&EntryRow>, Vec<_>) = page
            .iter()
            .filter_map(|(_, entry)| entry.as_ref())
            .partition(|entry| entry.kind == EntryKind::Undo);
        let mut states: BTreeMap<i64, State> = others
            .into_iter()
            .map(|entry| (entry.record, State::after(Some(entry.kind))))
            .collect();
        if self.broken.is_empty() && !undone.is_empty() {
            let records: Vec<i64> = undone.iter().map(|entry| entry.record).collect();
            for (record, stack) in standing(self.tx.trails(&records).await?) {
                states.insert(record, state(&stack));
            }
        }
        Ok(states)
    }

    /// Whether a head is the last entry of its record, and says of the record what its entries make of it.
    fn agrees(&self, head: &HeadRow, entry: &EntryRow, state: Option<&State>) -> bool {
        entry.record == head.record
            && entry.register == head.register
            && state.is_none_or(|state| head.closed == state.is_closed())
            && self
                .followed
                .get(&head.at.book)
                .is_none_or(|followed| !followed.has(head.at.seq))
    }

    /// Whether a record that is not closed has an identity, and the link it states.
    fn states(&self, head: &HeadRow, body: &str) -> (bool, Option<EdgeRow>) {
        let Some(plan) = self.plans.get(&head.register).filter(|_| !head.closed) else {
            return (false, None);
        };
        let register = self.plans.register(plan);
        let Ok(record) = register.decode(body) else {
            return (false, None);
        };
        let link = plan.link(&record).map(|(source, target)| {
            let register = head.register.clone();
            EdgeRow {
                register,
                source,
                target,
                record: head.record,
            }
        });
        (register.identity_key(&record).is_some(), link)
    }

    /// Whether every identity leads to a record that has it, and every record is found by its identity.
    async fn directory(&mut self, keys: u64) -> Result<(), LedgerError> {
        let (mut found, mut last): (u64, Option<KeyRow>) = (0, None);
        loop {
            let page = self.tx.keys_after(last.as_ref(), PAGE).await?;
            if page.is_empty() {
                break;
            }
            let records: Vec<i64> = page.iter().map(|row| row.record).collect();
            let heads = self.tx.heads(&records).await?;
            let heads: BTreeMap<i64, (HeadRow, String)> = heads
                .into_iter()
                .map(|(head, body)| (head.record, (head, body)))
                .collect();
            for row in &page {
                let Some((head, body)) = heads.get(&row.record) else {
                    if self.broken.is_empty() {
                        self.fault(None, Finding::Directory);
                    }
                    continue;
                };
                found += u64::from(!head.closed);
                if !self.broken.contains(&head.at.book) && !self.holds(row, head, body) {
                    self.fault(Some(head.at), Finding::Directory);
                }
            }
            last = page.into_iter().last();
        }
        if self.faults.is_empty() && found != keys {
            self.fault(None, Finding::Directory);
        }
        Ok(())
    }

    /// Whether a record has the identity the directory says.
    fn holds(&self, row: &KeyRow, head: &HeadRow, body: &str) -> bool {
        let Some(plan) = self.plans.get(&row.register) else {
            return false;
        };
        let register = self.plans.register(plan);
        let key = register
            .decode(body)
            .ok()
            .and_then(|record| register.identity_key(&record));
        head.register == row.register
            && !self.gone.contains(&head.record)
            && plan.scope(head.at.book) == row.scope
            && key.as_ref() == Some(&row.key)
    }
}

fn seen(row: &CommitRow, first: Position) -> Seen {
    Seen {
        seal: chain::commit(row),
        wrote: row.entries,
        found: 0,
        first,
    }
}
