//! What follows from the entries: where each record is kept and ends, the directory, the links. Records are numbered without gaps,
//! so what must be known of each is a few bytes in a row.

use super::{Check, DiscrepancyKind, DiscrepancyPlace, PAGE};
use crate::derived::{Derived, arrives, by_itself, home, into};
use crate::entry::Position;
use crate::error::LedgerError;
use crate::store::{EdgeRow, EntryRow, KeyRow, RecordRow};
use kernel::EntryKind;
use pack::FileRef;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

/// What the entries of a record make of it.
#[derive(Clone, Copy, Default)]
struct Made {
    /// The places of its entries and of those before them, combined so that each but the last is in it twice, and so not at all.
    tip: u64,
    /// The commit that moved it last, 0 if none did.
    moved: u32,
    /// The book it is kept in, 0 while it isn't known.
    book: u32,
    /// Its register, counted from 1.
    register: u16,
}

/// What the entries read so far make of records, directory and links.
#[derive(Default)]
pub(super) struct Records {
    made: Vec<Made>,
    registers: Vec<Arc<str>>,
    into: BTreeMap<i64, i64>,
    /// Records moved twice by one commit, or moved with keys that are unique in a book: their entries have to be read in order.
    doubtful: BTreeSet<i64>,
    /// Digests of lines of the directory and of links that were asked for, so that each is counted once.
    keys: HashSet<u64>,
    edges: HashSet<u64>,
    hasher: RandomState,
}

fn number(at: Position) -> u64 {
    (at.book.unsigned_abs() << 32) | at.seq.unsigned_abs()
}

impl Records {
    fn digest(&self, row: &impl Hash) -> u64 {
        self.hasher.hash_one(row)
    }

    fn register(&mut self, name: &Arc<str>) -> u16 {
        let found = self.registers.iter().position(|known| known == name);
        let at = found.unwrap_or_else(|| {
            self.registers.push(name.clone());
            self.registers.len() - 1
        });
        u16::try_from(at + 1).unwrap_or(u16::MAX)
    }

    /// Notes an entry that counts, or doesn't. Tells whether it can be of this record.
    fn note(&mut self, entry: &EntryRow, counts: bool, everywhere: bool, most: usize) -> bool {
        let register = self.register(&entry.register);
        let at = usize::try_from(entry.record - 1)
            .ok()
            .filter(|at| *at < most);
        let Some(at) = at else { return false };
        if self.made.len() <= at {
            self.made.resize(at + 1, Made::default());
        }
        let made = &mut self.made[at];
        let book = u32::try_from(entry.at.book).unwrap_or(u32::MAX);
        let commit = u32::try_from(entry.commit).unwrap_or(u32::MAX);
        made.tip ^= number(entry.at) ^ entry.previous.map_or(0, number);
        let known = made.register == 0 || made.register == register;
        made.register = register;
        if entry.previous.is_none() && made.moved == 0 {
            made.book = book;
        }
        if arrives(entry) {
            if (counts && made.moved == commit) || !everywhere {
                self.doubtful.insert(entry.record);
            }
            if counts && commit >= made.moved {
                (made.moved, made.book) = (commit, book);
            }
        }
        if entry.kind == EntryKind::Merge && counts {
            self.into
                .extend(into(entry).map(|into| (entry.record, into)));
        }
        known
    }
}

impl Check<'_> {
    /// Notes what entries, one after the other in a book, make of their records, and looks for what they say by themselves.
    pub(super) async fn derived(&mut self, page: &[EntryRow]) -> Result<(), LedgerError> {
        let most = usize::try_from(self.tx.last().await?.record).unwrap_or(0);
        let (mut keys, mut edges) = (Vec::new(), Vec::new());
        for entry in page.iter().filter(|entry| entry.kind != EntryKind::Undo) {
            let plan = self.plans.get(&entry.register);
            let everywhere = plan.is_none_or(|plan| plan.everywhere);
            let counts = self.undone.counts(entry);
            if !self.records.note(entry, counts, everywhere, most) {
                self.fault(
                    DiscrepancyPlace::Record(entry.record),
                    DiscrepancyKind::Record,
                );
            }
            self.files(entry);
            let (key, edge) = by_itself(self.plans, entry);
            keys.extend(key);
            edges.extend(edge);
        }
        self.look_for(keys, edges).await
    }

    /// Whether the files that an entry refers to are what they were; each is read once.
    fn files(&mut self, entry: &EntryRow) {
        let plan = self
            .plans
            .get(&entry.register)
            .filter(|plan| plan.has_files());
        let said = plan.and_then(|plan| {
            let said = self.plans.read(plan, entry.body.text()?)?;
            Some(plan.files_of(&said).collect::<Vec<FileRef>>())
        });
        for file in said.into_iter().flatten() {
            self.named.insert(crate::files::name(file.digest()));
            if self.whole.contains(&file) {
                continue;
            }
            match self.files.read(&file) {
                Ok(Some(bytes)) if file.is_of(&bytes) => {
                    self.whole.insert(file);
                }
                _ => {
                    let book = self.books.iter().find(|book| book.number == entry.at.book);
                    let unit = book.map(|book| book.unit.clone()).unwrap_or_default();
                    let at = DiscrepancyPlace::Book(unit, entry.at.seq);
                    self.fault(at, DiscrepancyKind::File(file.name().to_owned()));
                }
            }
        }
    }

    /// Looks for lines of the directory and links, each once.
    async fn look_for(
        &mut self,
        mut keys: Vec<KeyRow>,
        mut edges: Vec<EdgeRow>,
    ) -> Result<(), LedgerError> {
        let records = &mut self.records;
        keys.retain(|row| {
            let digest = records.digest(row);
            records.keys.insert(digest)
        });
        edges.retain(|row| {
            let digest = records.digest(row);
            records.edges.insert(digest)
        });
        for row in self.tx.missing_keys(&keys).await? {
            self.fault(
                DiscrepancyPlace::Record(row.record),
                DiscrepancyKind::Directory,
            );
        }
        for row in self.tx.missing_edges(&edges).await? {
            self.fault(DiscrepancyPlace::Record(row.record), DiscrepancyKind::Link);
        }
        Ok(())
    }

    /// Whether all records are what their entries make them.
    pub(super) async fn records(&mut self) -> Result<(), LedgerError> {
        self.doubtful().await?;
        let made = i64::try_from(self.records.made.len()).unwrap_or(i64::MAX);
        let mut next = 1;
        loop {
            let page = self.tx.records_after(next - 1, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for row in page {
                for gone in next..row.number.min(made + 1) {
                    self.fault(DiscrepancyPlace::Record(gone), DiscrepancyKind::Missing);
                }
                next = row.number + 1;
                if row.number > made {
                    self.fault(DiscrepancyPlace::Record(row.number), DiscrepancyKind::Extra);
                    continue;
                }
                self.read.records += 1;
                if !self.agrees(&row) {
                    self.fault(
                        DiscrepancyPlace::Record(row.number),
                        DiscrepancyKind::Record,
                    );
                }
            }
        }
        for gone in next..=made {
            self.fault(DiscrepancyPlace::Record(gone), DiscrepancyKind::Missing);
        }
        let count = |digests: &HashSet<u64>| i64::try_from(digests.len()).unwrap_or(i64::MAX);
        self.read.keys = count(&self.records.keys);
        self.read.edges = count(&self.records.edges);
        Ok(())
    }

    fn agrees(&self, row: &RecordRow) -> bool {
        let records = &self.records;
        let made = usize::try_from(row.number - 1).ok();
        let Some(made) = made.and_then(|at| records.made.get(at)) else {
            return false;
        };
        let register = usize::from(made.register).checked_sub(1);
        let register = register.and_then(|at| records.registers.get(at));
        register == Some(&row.register)
            && made.tip == number(row.at)
            && i64::from(made.book) == row.book
            && records.into.get(&row.number) == row.into.as_ref()
    }

    /// Reads the entries of the doubtful records in order.
    async fn doubtful(&mut self) -> Result<(), LedgerError> {
        let doubtful: Vec<i64> = std::mem::take(&mut self.records.doubtful)
            .into_iter()
            .collect();
        for some in doubtful.chunks(1_000) {
            let entries = self.tx.trails(some, 0).await?;
            for trail in entries.chunk_by(|one, next| one.record == next.record) {
                let book = home(trail, |entry| self.undone.counts(entry));
                let at = usize::try_from(trail[0].record - 1).ok();
                if let Some(made) = at.and_then(|at| self.records.made.get_mut(at)) {
                    made.book = u32::try_from(book.0).unwrap_or(u32::MAX);
                }
                let derived = Derived::of(self.plans, trail);
                let edges = derived.edges.into_iter().collect();
                self.look_for(derived.keys.into_iter().collect(), edges)
                    .await?;
            }
        }
        Ok(())
    }
}
