//! What one portion of a commit needs to know of the ledger, loaded at once, and how the portion moves it: records, who was given
//! which identity, the earlier words a rule looks at. It keeps what it is told and answers; the rules ask.

use super::guards::Writers;
use super::{Ready, Work};
use crate::directory;
use crate::entry::{Position, Target};
use crate::error::LedgerError;
use crate::plan::{Plan, Plans};
use crate::stands;
use crate::store::{Batch, EntryRow, KeyRow, RecordRow, Writing};
use kernel::EntryKind;
use pack::FieldSet;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A map of millions; keys come from lists, so its hashes can't be foreseen.
type FastMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// An identity key: register, scope, key.
pub(super) type Identity = (usize, i64, String);

/// Who was given an identity key.
#[derive(Clone, Default)]
pub(super) struct Holding {
    /// A record that has it: one of this portion, or the smallest that stands; where identities are fixed, the smallest of all.
    pub(super) held: Option<i64>,
    /// The smallest that doesn't stand any more.
    pub(super) idle: Option<i64>,
    /// All, doubles too.
    all: Vec<i64>,
}

struct Record {
    row: RecordRow,
    moved: bool,
}

/// The loaded state. The maps are only looked up in, or sorted before anything follows from their order.
#[derive(Default)]
pub(super) struct Known {
    records: FastMap<i64, Record>,
    identities: FastMap<Identity, Holding>,
    /// Entries of records, oldest first: all of them, or those since some commit.
    trails: FastMap<i64, Vec<EntryRow>>,
    /// Commits taken back since the earliest that a writer looked at.
    pub(super) undone: BTreeSet<i64>,
    /// Who wrote what stands, where that matters.
    pub(super) writers: Writers,
}

impl Known {
    /// Whether there is such a record in a register.
    pub(super) fn is(&self, record: i64, plan: Option<&Plan>) -> bool {
        let found = self.records.get(&record);
        found.is_some_and(|found| plan.is_some_and(|plan| plan.name == found.row.register))
    }

    /// A record, if it was loaded.
    pub(super) fn row(&self, record: i64) -> Option<&RecordRow> {
        self.records.get(&record).map(|record| &record.row)
    }

    /// Adds a record that this portion opens.
    pub(super) fn begin(&mut self, row: RecordRow) {
        let moved = true;
        self.records.insert(row.number, Record { row, moved });
    }

    /// Changes a record.
    pub(super) fn change(&mut self, record: i64, change: impl FnOnce(&mut RecordRow)) {
        if let Some(record) = self.records.get_mut(&record) {
            change(&mut record.row);
            record.moved = true;
        }
    }

    /// Who was given this key.
    pub(super) fn holding(&self, identity: &Identity) -> Holding {
        self.identities.get(identity).cloned().unwrap_or_default()
    }

    /// Gives a record a key.
    pub(super) fn hold(&mut self, identity: Identity, record: i64) {
        let holding = self.identities.entry(identity).or_default();
        holding.held = Some(record);
        holding.all.push(record);
    }

    /// Whether a record was ever given this key.
    pub(super) fn has(&self, identity: &Identity, record: i64) -> bool {
        let holding = self.identities.get(identity);
        holding.is_some_and(|holding| holding.all.contains(&record))
    }

    /// The earlier entries of a record, as far as they were asked for.
    pub(super) fn trail(&self, record: i64) -> &[EntryRow] {
        self.trails.get(&record).map_or(&[], Vec::as_slice)
    }

    /// The entries of records of which one person may not have two duties.
    pub(super) fn guarded_trails(&self, plans: &Plans) -> Vec<EntryRow> {
        let apart = |entry: &&EntryRow| {
            (plans.get(&entry.register)).is_some_and(|plan| plan.guards.is_apart())
        };
        let trails = self.trails.values().flatten().filter(apart);
        trails.cloned().collect()
    }

    fn add(&mut self, rows: Vec<RecordRow>) {
        for row in rows {
            let moved = false;
            let number = row.number;
            self.records.entry(number).or_insert(Record { row, moved });
        }
    }

    /// Learns who was given these keys, in their registers and scopes.
    pub(super) async fn load_holders(
        &mut self,
        plans: &Plans,
        tx: &mut dyn Writing,
        asked: BTreeMap<(usize, i64), Vec<String>>,
    ) -> Result<(), LedgerError> {
        for ((index, scope), mut keys) in asked {
            let Some(plan) = plans.at(index) else {
                continue;
            };
            keys.sort_unstable();
            keys.dedup();
            keys.retain(|key| !self.identities.contains_key(&(index, scope, key.clone())));
            let given = tx.holders(&plan.name, scope, &keys).await?;
            let mut staying = given.clone();
            directory::stay(tx, &mut staying).await?;
            let records: Vec<i64> = staying.iter().map(|(_, row)| row.number).collect();
            let standing = match plan.fixed || records.is_empty() {
                true => BTreeSet::new(),
                false => stands::which(tx, &records).await?,
            };
            for ((at, row), (_, stays)) in given.iter().zip(&staying) {
                let Some(key) = keys.get(*at) else { continue };
                let holding = self
                    .identities
                    .entry((index, scope, key.clone()))
                    .or_default();
                holding.all.push(row.number);
                let stays = stays.number;
                let place = match plan.fixed || standing.contains(&stays) {
                    true => &mut holding.held,
                    false => &mut holding.idle,
                };
                *place = Some(place.map_or(stays, |held| held.min(stays)));
            }
            self.add(
                given
                    .into_iter()
                    .chain(staying)
                    .map(|(_, row)| row)
                    .collect(),
            );
        }
        Ok(())
    }

    /// Puts every record that moved into the batch.
    pub(super) fn unload(self, batch: &mut Batch) {
        let moved = self.records.into_values().filter(|record| record.moved);
        batch.records = moved.map(|record| record.row).collect();
        batch.records.sort_unstable_by_key(|row| row.number);
        batch.keys.sort_unstable();
        batch.edges.sort_unstable();
    }
}

impl<'p> Work<'p> {
    /// Loads the records that drafts are about, refer to, or are merged into.
    pub(super) async fn load_records(
        &mut self,
        ready: &[Ready<'p>],
        known: &mut Known,
    ) -> Result<(), LedgerError> {
        let mut wanted = BTreeSet::new();
        for Ready { plan, draft, .. } in ready {
            wanted.extend(self.fresh.find(&draft.record));
            wanted.extend(draft.into.map(|into| into.0));
            let named = plan.targets(&draft.said.values);
            wanted.extend(named.map(|(_, _, record)| record));
        }
        wanted.remove(&super::UNNUMBERED);
        let merges = ready
            .iter()
            .any(|ready| ready.draft.kind == EntryKind::Merge);
        while !wanted.is_empty() {
            let numbers: Vec<i64> = wanted.into_iter().collect();
            let rows = self.tx.records(&numbers).await?;
            let into = rows.iter().filter_map(|row| row.into.filter(|_| merges));
            wanted = into.filter(|into| known.row(*into).is_none()).collect();
            known.add(rows);
            wanted.retain(|into| known.row(*into).is_none());
        }
        Ok(())
    }

    /// Loads the earlier words that the rules of these drafts look at.
    pub(super) async fn load_words(
        &mut self,
        ready: &[Ready<'p>],
        known: &mut Known,
    ) -> Result<(), LedgerError> {
        let mut keys: BTreeMap<(usize, i64), Vec<String>> = BTreeMap::new();
        let (mut whole, mut since) = (HashSet::new(), HashSet::new());
        let mut seen = i64::MAX;
        for draft in ready {
            let Some(row) = known.row(draft.record) else {
                continue;
            };
            let old = row.at.book != 0;
            match identity_of(draft) {
                Spoken::Whole(key) if draft.plan.fixed && old => {
                    let scope = (draft.plan.index, draft.plan.scope(row.book));
                    keys.entry(scope).or_default().push(key.clone());
                }
                Spoken::Part if draft.plan.fixed && old => drop(whole.insert(draft.record)),
                _ => {}
            }
            if draft.plan.guards.is_apart() && old {
                whole.insert(draft.record);
            }
            if draft.draft.kind == EntryKind::Transfer && !draft.plan.everywhere && old {
                whole.insert(draft.record);
            }
            if let (Some(at), Target::Known(_)) = (draft.draft.seen, draft.draft.record)
                && at < self.last.commit
            {
                seen = seen.min(at);
                since.insert(draft.record);
            }
        }
        known.load_holders(self.plans, &mut *self.tx, keys).await?;
        since.retain(|record| !whole.contains(record));
        for (records, after) in [(&whole, 0), (&since, seen)] {
            let records: Vec<i64> = records.iter().copied().collect();
            if records.is_empty() {
                continue;
            }
            for entry in self.tx.trails(&records, after).await? {
                known.trails.entry(entry.record).or_default().push(entry);
            }
        }
        if seen < self.last.commit {
            let undone = self.tx.undone(seen).await?;
            known.undone = undone.into_iter().map(|(_, undone)| undone).collect();
        }
        self.load_writers(known).await
    }
}

/// How much of its record's identity a draft speaks of.
pub(super) enum Spoken<'a> {
    Nothing,
    Part,
    Whole(&'a String),
}

/// How much of its record's identity a draft speaks of.
pub(super) fn identity_of<'a>(draft: &'a Ready<'_>) -> Spoken<'a> {
    let spoken = draft.draft.said.told().and(draft.plan.identity);
    match &draft.key {
        _ if spoken == FieldSet::NONE => Spoken::Nothing,
        Some(key) if spoken == draft.plan.identity => Spoken::Whole(key),
        _ => Spoken::Part,
    }
}

/// A line of the directory.
pub(super) fn line(plan: &Plan, book: i64, key: String, record: i64) -> KeyRow {
    KeyRow {
        register: plan.name.clone(),
        scope: plan.scope(book),
        key,
        record,
    }
}

/// Whether a record has no entry yet.
pub(super) fn is_new(at: Position) -> bool {
    at.book == 0
}
