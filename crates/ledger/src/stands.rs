//! Which entries and records stand. A commit that was taken back counts for nothing, nor does what is added to its says; a word it
//! wrote stands all the same while a list that stands says it again.

use crate::entry::Position;
use crate::error::LedgerError;
use crate::ledger::damaged;
use crate::rolls;
use crate::store::{EntryRow, Reading, RollRow};
use kernel::EntryKind;
use std::collections::{BTreeMap, BTreeSet};

/// How many commits' rolls are read at once.
const PAGE: i64 = 64;

/// The commits that were taken back.
#[derive(Default)]
pub(crate) struct Undone(pub(crate) BTreeSet<i64>);

impl Undone {
    pub(crate) async fn load(tx: &mut (impl Reading + ?Sized)) -> Result<Self, LedgerError> {
        let undone = tx.undone(0).await?;
        Ok(Self(undone.into_iter().map(|(_, undone)| undone).collect()))
    }

    /// Whether an entry counts by itself.
    pub(crate) fn counts(&self, entry: &EntryRow) -> bool {
        !self.0.contains(&entry.commit) && !self.0.contains(&entry.say.commit)
    }

    /// Whether a roll counts.
    pub(crate) fn rolls(&self, roll: &RollRow) -> bool {
        !self.0.contains(&roll.commit) && !self.0.contains(&roll.say.commit)
    }
}

/// Whether entries of this kind say something of a record.
pub(crate) fn is_word(kind: EntryKind) -> bool {
    matches!(
        kind,
        EntryKind::Open | EntryKind::Change | EntryKind::Correct
    )
}

/// The words of a roll.
pub(crate) fn words(roll: &RollRow) -> Result<Vec<Position>, LedgerError> {
    let spoilt = || damaged(format!("roll {} of commit {}", roll.nth, roll.commit));
    rolls::unpack(&roll.words).ok_or_else(spoilt)
}

/// Those of these records that at least one word stands for.
pub(crate) async fn which(
    tx: &mut (impl Reading + ?Sized),
    records: &[i64],
) -> Result<BTreeSet<i64>, LedgerError> {
    let undone = Undone::load(tx).await?;
    let mut standing = BTreeSet::new();
    let mut taken: BTreeMap<Position, i64> = BTreeMap::new();
    let mut first = i64::MAX;
    for entry in tx.trails(records, 0).await? {
        if is_word(entry.kind) && undone.counts(&entry) {
            standing.insert(entry.record);
        } else if is_word(entry.kind) {
            first = first.min(entry.commit);
            taken.insert(entry.at, entry.record);
        }
    }
    taken.retain(|_, record| !standing.contains(record));
    if !taken.is_empty() {
        let mut said = |roll: &RollRow, word| {
            if let Some(record) = taken.get(&word).filter(|_| undone.rolls(roll)) {
                standing.insert(*record);
            }
        };
        said_again(tx, first, &mut said).await?;
    }
    Ok(standing)
}

/// Tells every word that commits above this one say again.
pub(crate) async fn said_again(
    tx: &mut (impl Reading + ?Sized),
    after: i64,
    tell: &mut (dyn FnMut(&RollRow, Position) + Send),
) -> Result<(), LedgerError> {
    let last = tx.last().await?.commit;
    let mut after = after;
    while after < last {
        for roll in tx.rolls(after, after + PAGE).await? {
            for word in words(&roll)? {
                tell(&roll, word);
            }
        }
        after += PAGE;
    }
    Ok(())
}
