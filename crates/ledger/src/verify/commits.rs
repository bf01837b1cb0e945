//! The chain of commits: each sealed with what it says, what it says again, what it erased and where it left its books.

use super::{Check, DiscrepancyKind, DiscrepancyPlace};
use crate::chain::Hash;
use crate::error::LedgerError;
use crate::ledger::heads_of;
use crate::rolls;
use crate::store::{CommitRow, ErasureRow, PackRow, RollRow, SayRow};
use std::collections::{BTreeMap, BTreeSet};

/// How many commits are read at once, with all they say.
const PAGE: i64 = 100;

/// A commit, as far as its entries need it.
pub(super) struct Seen {
    pub(super) header: Hash,
    /// How many entries it should have, and how many were found.
    pub(super) wrote: i64,
    pub(super) found: i64,
    pub(super) undoes: Option<i64>,
}

/// What lies beside the commits, by their numbers.
struct Beside {
    packs: BTreeMap<i64, PackRow>,
    used: BTreeSet<i64>,
    erasures: BTreeMap<i64, ErasureRow>,
    /// The commits that say of themselves that they were taken back, and by which.
    undone_by: BTreeMap<i64, i64>,
    undoes: BTreeMap<i64, i64>,
}

impl Check<'_> {
    /// All commits, in their order.
    pub(super) async fn commits(&mut self) -> Result<(), LedgerError> {
        let packs = self.tx.packs().await?;
        let erasures = self.tx.erasures().await?;
        let mut beside = Beside {
            packs: packs.into_iter().map(|row| (row.ordinal, row)).collect(),
            used: BTreeSet::new(),
            erasures: erasures.into_iter().map(|row| (row.commit, row)).collect(),
            undone_by: BTreeMap::new(),
            undoes: BTreeMap::new(),
        };
        let (mut before, mut last) = (self.chain.genesis(), 0);
        self.against_commit(0, before);
        loop {
            let rows = self.tx.commits_after(last, PAGE).await?;
            let Some(upto) = rows.last().map(|row| row.number) else {
                break;
            };
            let says = self.tx.says(last, upto).await?;
            let rolls = self.tx.rolls(last, upto).await?;
            let (mut says, mut rolls) = (says.into_iter().peekable(), rolls.into_iter().peekable());
            for row in rows {
                let number = row.number;
                while last + 1 < number {
                    last += 1;
                    self.fault(DiscrepancyPlace::Commit(last), DiscrepancyKind::Missing);
                    self.commits.push(Seen::missing());
                }
                let own = || says.next_if(|say| say.id.commit <= number);
                let says: Vec<SayRow> = std::iter::from_fn(own).collect();
                let own = || rolls.next_if(|roll| roll.commit <= number);
                let rolls: Vec<RollRow> = std::iter::from_fn(own).collect();
                before = self.commit(&before, row, &says, &rolls, &mut beside);
                last = number;
            }
        }
        self.read.commits = i64::try_from(self.commits.len()).unwrap_or(i64::MAX);
        let kept = self.against.map(|heads| heads.commit.0);
        if let Some(kept) = kept.filter(|kept| *kept > last) {
            self.fault(DiscrepancyPlace::Commit(kept), DiscrepancyKind::CutOff);
        }
        self.beside(beside);
        Ok(())
    }

    /// One commit. Returns its seal, as it is kept: what follows was made from it.
    fn commit(
        &mut self,
        before: &Hash,
        row: CommitRow,
        says: &[SayRow],
        rolls: &[RollRow],
        beside: &mut Beside,
    ) -> Hash {
        let at = DiscrepancyPlace::Commit(row.number);
        self.read.says += i64::try_from(says.len()).unwrap_or(0);
        self.read.rolls += i64::try_from(rolls.len()).unwrap_or(0);
        let header = match beside.packs.get(&row.pack) {
            Some(pack) => self.chain.header(before, &row, pack, says),
            None => {
                self.fault(DiscrepancyPlace::Pack(row.pack), DiscrepancyKind::Missing);
                [0; 32]
            }
        };
        beside.used.insert(row.pack);
        for (nth, roll) in (0..).zip(rolls) {
            let words = rolls::unpack(&roll.words).unwrap_or_default();
            let there = |at: &crate::entry::Position| {
                let book = self.books.iter().find(|book| book.number == at.book);
                book.is_some_and(|book| (1..=book.seq).contains(&at.seq))
            };
            if roll.nth != nth || words.is_empty() || !words.iter().all(there) {
                self.fault(at.clone(), DiscrepancyKind::Roll);
            }
        }
        let digests: Vec<Hash> = rolls.iter().map(|roll| self.chain.roll(roll)).collect();
        let erasure = beside.erasures.get(&row.number);
        if self.chain.seal(&header, &row, &digests, erasure) != row.seal {
            self.fault(at.clone(), DiscrepancyKind::Altered);
        }
        if let Some(erasure) = erasure {
            self.erased.insert((erasure.at.book, erasure.at.seq));
            self.read.erasures += 1;
        }
        match heads_of(&row) {
            Ok(heads) => self.note_ends(row.number, &heads),
            Err(_) => self.fault(at, DiscrepancyKind::Altered),
        }
        beside
            .undoes
            .extend(row.undoes.map(|undone| (undone, row.number)));
        beside
            .undone_by
            .extend(row.undone_by.map(|by| (row.number, by)));
        self.undone.0.extend(row.undoes);
        self.commits.push(Seen {
            header,
            wrote: row.entries,
            found: 0,
            undoes: row.undoes,
        });
        self.against_commit(row.number, row.seal);
        row.seal
    }

    fn against_commit(&mut self, number: i64, seal: Hash) {
        let kept = self.against.map(|heads| heads.commit);
        if kept.is_some_and(|(kept, digest)| kept == number && digest.0 != seal) {
            self.fault(DiscrepancyPlace::Commit(number), DiscrepancyKind::Rewritten);
        }
    }

    /// Packs nobody used, acts of erasing without a commit, and what commits say of having been taken back.
    fn beside(&mut self, beside: Beside) {
        for ordinal in beside.packs.into_keys() {
            match beside.used.contains(&ordinal) {
                true => self.read.packs += 1,
                false => self.fault(DiscrepancyPlace::Pack(ordinal), DiscrepancyKind::Extra),
            }
        }
        let all: BTreeSet<i64> = beside
            .undoes
            .keys()
            .chain(beside.undone_by.keys())
            .copied()
            .collect();
        for commit in all {
            let later = beside.undoes.get(&commit).is_none_or(|by| *by > commit);
            if beside.undoes.get(&commit) != beside.undone_by.get(&commit) || !later {
                self.fault(DiscrepancyPlace::Commit(commit), DiscrepancyKind::Undone);
            }
        }
    }
}

impl Seen {
    fn missing() -> Self {
        Self {
            header: [0; 32],
            wrote: 0,
            found: 0,
            undoes: None,
        }
    }
}
