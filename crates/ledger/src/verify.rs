//! Verification: the whole ledger read again in one consistent state. Every digest is made anew, and whatever follows from entries
//! must be what they make of it, with nothing beside. Against heads kept elsewhere it also finds what was cut off or made anew.
//! It repairs nothing.

mod books;
mod commits;
mod records;
mod words;

use crate::chain::Chain;
use crate::entry::Digest;
use crate::error::LedgerError;
use crate::files::Files;
use crate::heads::Heads;
use crate::ledger::Ledger;
use crate::plan::Plans;
use crate::stands::Undone;
use crate::store::{BookRow, Reading, RowCounts, Store, StoreError};
use books::Ends;
use commits::Seen;
use pack::FileRef;
use records::Records;
use std::collections::{BTreeMap, BTreeSet};

/// How many faults are named, at most.
const MOST_FAULTS: usize = 1_000;
/// How many entries, records or accesses are read at once.
const PAGE: i64 = 20_000;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Verification {
    /// Files beside the ledger to which no word refers, by name: of a body that was erased when the program ended too soon, or of a form
    /// that was never sent. Nothing is wrong with the ledger by them.
    pub loose: Vec<String>,
    /// How many books were read.
    pub books: u64,
    /// How many commits were read.
    pub commits: u64,
    /// How many entries were read.
    pub entries: u64,
    /// How many lines of the access log were read.
    pub accesses: u64,
    /// What is wrong, by place; empty when nothing is.
    pub faults: Vec<Discrepancy>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Discrepancy {
    /// Where.
    pub at: DiscrepancyPlace,
    /// What.
    pub what: DiscrepancyKind,
}

/// Where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiscrepancyPlace {
    /// The pack with this ordinal.
    Pack(i64),
    /// A commit.
    Commit(i64),
    /// A place in the book of a unit; 0 for the book as a whole.
    Book(String, i64),
    /// A record.
    Record(i64),
    /// A line of the access log.
    Access(i64),
    /// The ledger as a whole.
    Ledger,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiscrepancyKind {
    /// It isn't what was written.
    Altered,
    /// It isn't there.
    Missing,
    /// There is more than was written.
    Extra,
    /// The commit doesn't have as many entries as it wrote.
    Count,
    /// The end of the book isn't what a commit left.
    End,
    /// Whether the commit was taken back isn't what the commits say.
    Undone,
    /// The entry was erased without an act of two people.
    Erased,
    /// The words said again aren't there, or not as they are written.
    Roll,
    /// Where the record is kept, or where its last entry stands, isn't what its entries make it.
    Record,
    /// The record isn't found by an identity that its words give.
    Directory,
    /// A link that a word states isn't found.
    Link,
    /// A table has more rows than follow from what was written.
    Rows {
        /// The table.
        table: &'static str,
        /// How many rows it has.
        found: i64,
        /// How many it should have.
        made: i64,
    },
    /// The database finds this wrong with itself.
    Database(String),
    /// The heads kept elsewhere are another ledger's.
    OtherLedger,
    /// What stood there when the heads were kept isn't there any more.
    CutOff,
    /// It isn't what stood there when the heads were kept.
    Rewritten,
    /// The bytes of this file, to which the entry refers, aren't there or aren't what they were.
    File(String),
}

/// What has been read so far, and what it makes of everything else.
struct Check<'a> {
    plans: &'a Plans,
    store: &'a dyn Store,
    tx: Box<dyn Reading>,
    chain: Chain,
    against: Option<&'a Heads>,
    progress: &'a mut (dyn FnMut(u64, u64) + Send),
    books: Vec<BookRow>,
    /// By number, from 1.
    commits: Vec<Seen>,
    undone: Undone,
    /// For each book, how commits left it.
    ends: BTreeMap<i64, Ends>,
    /// What was erased, by book and sequence; an entry found erased is taken out.
    erased: BTreeSet<(i64, i64)>,
    records: Records,
    files: &'a Files,
    /// Files that were found as they should be.
    whole: BTreeSet<FileRef>,
    /// The names under which files lie that words refer to.
    named: BTreeSet<String>,
    /// How many rows were accounted for.
    read: RowCounts,
    accesses: i64,
    faults: BTreeSet<Discrepancy>,
}

impl Ledger {
    /// Reads everything again and checks it: every digest, every commit, and that records, directory and links are what the entries
    /// make them, with nothing beside; `against` heads kept elsewhere also that nothing was cut off or made anew. Writing may go
    /// on meanwhile. `progress` is told entries done and entries in all.
    pub async fn verify(
        &self,
        against: Option<&Heads>,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Verification, LedgerError> {
        let mut check = Check {
            plans: &self.plans,
            store: &*self.store,
            tx: self.store.read().await?,
            chain: Chain::new(self.store.meta()),
            against,
            progress,
            books: Vec::new(),
            commits: Vec::new(),
            undone: Undone::default(),
            ends: BTreeMap::new(),
            erased: BTreeSet::new(),
            records: Records::default(),
            files: &self.files,
            whole: BTreeSet::new(),
            named: BTreeSet::new(),
            read: RowCounts::default(),
            accesses: 0,
            faults: BTreeSet::new(),
        };
        match check.all().await {
            Err(LedgerError::Store(StoreError::Damaged(what))) => {
                check.fault(DiscrepancyPlace::Ledger, DiscrepancyKind::Database(what));
            }
            // What is wrong may make it unreadable, too.
            Err(LedgerError::Store(StoreError::Failed(what))) if !check.faults.is_empty() => {
                check.fault(
                    DiscrepancyPlace::Ledger,
                    DiscrepancyKind::Database(what.to_string()),
                );
            }
            done => done?,
        }
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        let mut loose = self.files.names().map_err(LedgerError::Files)?;
        loose.retain(|name| !check.named.contains(name));
        Ok(Verification {
            loose,
            books: count(check.read.books),
            commits: count(check.read.commits),
            entries: count(check.read.entries),
            accesses: count(check.accesses),
            faults: check.faults.into_iter().collect(),
        })
    }
}

impl Check<'_> {
    fn fault(&mut self, at: DiscrepancyPlace, what: DiscrepancyKind) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.insert(Discrepancy { at, what });
        }
    }

    async fn all(&mut self) -> Result<(), LedgerError> {
        for what in self.tx.faults().await? {
            self.fault(DiscrepancyPlace::Ledger, DiscrepancyKind::Database(what));
        }
        self.ledger();
        self.books = self.tx.books(None).await?;
        self.commits().await?;
        for at in 0..self.books.len() {
            self.book(at).await?;
        }
        self.book_rows();
        self.records().await?;
        self.accesses().await?;
        self.nothing_else().await
    }

    /// Whether the heads are this ledger's.
    fn ledger(&mut self) {
        let meta = self.store.meta();
        let name: String = meta
            .ledger
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let own = |heads: &Heads| heads.ledger == name && heads.algorithm == meta.algorithm;
        if self.against.is_some_and(|heads| !own(heads)) {
            self.fault(DiscrepancyPlace::Ledger, DiscrepancyKind::OtherLedger);
        }
    }

    /// The chain of the access log.
    async fn accesses(&mut self) -> Result<(), LedgerError> {
        let mut before = self.chain.genesis();
        let kept = self.against.map(|heads| heads.accesses);
        self.against_access(kept, before);
        loop {
            let page = self.store.accesses_after(self.accesses, PAGE).await?;
            let Some(last) = page.last() else { break };
            let end = last.number;
            for row in page {
                if row.number != self.accesses + 1 {
                    self.fault(
                        DiscrepancyPlace::Access(self.accesses + 1),
                        DiscrepancyKind::Missing,
                    );
                } else if self.chain.access(&before, &row) != row.hash {
                    self.fault(
                        DiscrepancyPlace::Access(row.number),
                        DiscrepancyKind::Altered,
                    );
                }
                (self.accesses, before) = (row.number, row.hash);
                self.against_access(kept, before);
            }
            self.accesses = end;
        }
        if let Some((number, _)) = kept.filter(|(number, _)| *number > self.accesses) {
            self.fault(DiscrepancyPlace::Access(number), DiscrepancyKind::CutOff);
        }
        Ok(())
    }

    fn against_access(&mut self, kept: Option<(i64, Digest)>, hash: [u8; 32]) {
        if kept.is_some_and(|(number, kept)| number == self.accesses && kept.0 != hash) {
            self.fault(
                DiscrepancyPlace::Access(self.accesses),
                DiscrepancyKind::Rewritten,
            );
        }
    }

    /// Whether every row was accounted for.
    async fn nothing_else(&mut self) -> Result<(), LedgerError> {
        let (found, read) = (self.tx.counts().await?, self.read);
        let more = [
            ("book", found.books, read.books),
            ("pack", found.packs, read.packs),
            ("commit", found.commits, read.commits),
            ("say", found.says, read.says),
            ("roll", found.rolls, read.rolls),
            ("erasure", found.erasures, read.erasures),
            ("entry", found.entries, read.entries),
            ("record", found.records, read.records),
            ("directory", found.keys, read.keys),
            ("edge", found.edges, read.edges),
        ];
        for (table, found, made) in more {
            if found > made {
                self.fault(
                    DiscrepancyPlace::Ledger,
                    DiscrepancyKind::Rows { table, found, made },
                );
            }
        }
        let erased = std::mem::take(&mut self.erased);
        for (book, seq) in erased {
            let place = self.place(book, seq);
            self.fault(place, DiscrepancyKind::Erased);
        }
        Ok(())
    }

    fn place(&self, book: i64, seq: i64) -> DiscrepancyPlace {
        let unit = self.books.iter().find(|row| row.number == book);
        let unit = unit.map_or_else(|| book.to_string(), |row| row.unit.clone());
        DiscrepancyPlace::Book(unit, seq)
    }
}
