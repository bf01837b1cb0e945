//! What was written, by whom, from what; taking it back; and who read what.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{EntryKind, RecordId, UnitCode};
use ledger::{AccessRecord, CommitInfo, Entry, Ledger, LedgerError, Receipt};
use pack::FieldType;

use crate::error::OfficeError;
use crate::history::ToldEntry;
use crate::row::SeenCell;
use crate::view::View;

/// How many entries of a commit are counted by register, and how many are read at once.
const MOST_COUNTED: usize = 100_000;
const PORTION: usize = 5_000;

/// Opened, changed, closed, moved or merged: by register.
pub type Counted = BTreeMap<String, [usize; 4]>;

impl View {
    /// The commits before one, or all, the latest first.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn commits(
        &self,
        before: Option<i64>,
        most: usize,
    ) -> Result<Vec<CommitInfo>, OfficeError> {
        if !self.opens().journal {
            return Err(OfficeError::Absent);
        }
        let ledger = self.office.tables.ledger();
        Ok(ledger.commits(&self.grant, before, most).await?)
    }

    /// One commit, if all it speaks for may be seen.
    ///
    /// # Errors
    /// There is no such commit.
    pub async fn commit(&self, number: i64) -> Result<CommitInfo, OfficeError> {
        let info = self.office.tables.ledger().commit_info(number).await?;
        let sees = |unit: &UnitCode| self.grant.sees(unit);
        let info = info.filter(|info| info.units.iter().all(sees) && self.opens().journal);
        info.ok_or(OfficeError::Absent)
    }

    /// Of the lists that a commit took whole or in part: how many rows they have, and how many of them were not placed.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn rows_taken(&self, commit: &CommitInfo) -> Result<(i64, i64), OfficeError> {
        let standing = self.office.tables.snapshot().await?;
        let says = standing.says().into_iter();
        let own = says.filter(|(id, _)| id.commit == commit.number);
        let lists = own.filter_map(|(_, say)| say.list.as_ref());
        Ok(lists.fold((0, 0), |(rows, unplaced), list| {
            (rows + list.rows, unplaced + list.unplaced)
        }))
    }

    /// What a commit did, by register; none if it is too long to be counted on a page.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn counted(&self, commit: &CommitInfo) -> Result<Option<Counted>, OfficeError> {
        if commit.entries > MOST_COUNTED {
            return Ok(None);
        }
        let mut counted = Counted::new();
        self.each_entry(commit, usize::MAX, |entry| {
            let kind = match entry.kind {
                EntryKind::Open => 0,
                EntryKind::Change | EntryKind::Correct => 1,
                EntryKind::Close => 2,
                EntryKind::Transfer | EntryKind::Merge => 3,
                // The mark of a taking back is about no register.
                EntryKind::Undo => return,
            };
            counted.entry(entry.register.to_string()).or_default()[kind] += 1;
        })
        .await?;
        Ok(Some(counted))
    }

    /// The first entries of a commit, as far as they may be seen, with the names on a day of the people they speak of.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn entries_of(
        &self,
        commit: &CommitInfo,
        on: Date,
        most: usize,
    ) -> Result<(Vec<ToldEntry>, BTreeMap<i64, String>), OfficeError> {
        let mut entries = Vec::new();
        self.each_entry(commit, most, |entry| {
            if entry.kind != EntryKind::Undo {
                entries.push(entry.clone());
            }
        })
        .await?;
        let told = self.told(entries, most).await?;
        let people = &self.office.contract.people.register.id;
        let mut named: Vec<RecordId> = Vec::new();
        for told in &told {
            let Some(register) = self.office.pack.register(&told.entry.register) else {
                continue;
            };
            named.extend((register.id == *people).then_some(told.entry.record));
            let refers = |at: usize| match &register.fields.get(at)?.kind {
                FieldType::Ref(to) => (to == people).then_some(()),
                _ => None,
            };
            let refers = told.said.iter().filter(|(at, _)| refers(*at).is_some());
            named.extend(refers.filter_map(|(_, cell)| match cell {
                SeenCell::Value(value) => Some(RecordId(value.as_int()?)),
                _ => None,
            }));
        }
        let standing = self.office.tables.snapshot().await?;
        let names = self.picks(&standing, named, on).into_iter();
        let names = names.map(|pick| (pick.record.0, pick.name));
        Ok((told, names.collect()))
    }

    /// Looks at the first entries of a commit, book by book.
    async fn each_entry(
        &self,
        commit: &CommitInfo,
        most: usize,
        mut look: impl FnMut(&Entry),
    ) -> Result<(), OfficeError> {
        let ledger = self.office.tables.ledger();
        let mut looked = 0;
        for unit in &commit.books {
            let mut after = before(ledger, *unit, commit.number).await?;
            loop {
                let portion = PORTION.min(most - looked);
                let entries = ledger.entries(*unit, after, portion).await?;
                let own = entries
                    .iter()
                    .take_while(|entry| entry.commit == commit.number);
                let mut read = 0;
                for entry in own {
                    look(entry);
                    (after, read) = (entry.at.seq, read + 1);
                }
                looked += read;
                if read < portion || looked >= most {
                    break;
                }
            }
            if looked >= most {
                break;
            }
        }
        Ok(())
    }

    /// Takes a commit back.
    ///
    /// # Errors
    /// There is no such commit, or the ledger refuses.
    pub async fn undo(&self, commit: i64) -> Result<Receipt, OfficeError> {
        let grant = self.writer()?;
        let commit = self.commit(commit).await?;
        let at = (self.office.clock)();
        let undone = self.office.tables.ledger().undo(commit.number, at, grant);
        let undone = undone.await.map_err(Box::new);
        undone.map_err(OfficeError::Undo)
    }

    /// Who read what, the latest first.
    ///
    /// # Errors
    /// Somebody who may not read the log.
    pub async fn log(&self, most: usize, offset: usize) -> Result<Vec<AccessRecord>, OfficeError> {
        if !self.opens().log {
            return Err(OfficeError::Absent);
        }
        Ok(self.office.tables.ledger().access_log(most, offset).await?)
    }
}

/// The last sequence of a book before a commit: commits stand in a book in the order of their numbers.
async fn before(ledger: &Ledger, unit: UnitCode, commit: i64) -> Result<i64, LedgerError> {
    let end = ledger.book(unit).await?.map_or(0, |book| book.seq);
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low + (high - low) / 2;
        let entry = ledger.entries(unit, middle, 1).await?.pop();
        if entry.is_some_and(|entry| entry.commit < commit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
