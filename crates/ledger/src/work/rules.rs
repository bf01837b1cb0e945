//! The rules of writing, kind by kind: what a draft must satisfy, which entries it becomes, and what it moves among records,
//! directory and links. It works on what was loaded and never asks the store.

use super::known::{Known, Spoken, identity_of, is_new, line};
use super::{Ready, Word, Work, encode};
use crate::entry::{Digest, Position, Target};
use crate::error::LedgerError;
use crate::plan::Plan;
use crate::stands::is_word;
use crate::store::{Batch, EdgeRow, EntryRow};
use kernel::{EntryKind, RecordId};
use pack::{FieldSet, Record, Text};
use std::collections::BTreeSet;

/// The body of an entry that says nothing.
pub(crate) const NOTHING: &str = "{}";

impl<'p> Work<'p> {
    /// Applies one draft: the rules of its kind, then its entries.
    pub(super) fn apply(
        &mut self,
        draft: Ready<'p>,
        known: &mut Known,
        batch: &mut Batch,
    ) -> Result<(), LedgerError> {
        self.guard(&draft, known, batch)?;
        self.refuse_stale(&draft, known)?;
        match draft.draft.kind {
            EntryKind::Transfer => self.transfer(&draft, known, batch),
            EntryKind::Merge => self.merge(&draft, known, batch),
            _ => self.word(&draft, known, batch),
        }
    }

    /// A word: it goes where the record is kept.
    fn word(
        &mut self,
        draft: &Ready<'p>,
        known: &mut Known,
        batch: &mut Batch,
    ) -> Result<(), LedgerError> {
        let (plan, record) = (draft.plan, draft.record);
        let row = known.row(record).cloned();
        let row = row.ok_or_else(|| self.no_record(draft.at, plan, record))?;
        let new = is_new(row.at);
        if plan.fixed && !new {
            self.refuse_other_identity(draft, row.book, known, batch)?;
        }
        let body = encode(self.plans, draft)?;
        if is_word(draft.draft.kind) {
            if let Some(unit) = plan.opens(&draft.draft.said.values) {
                self.open_book(unit)?;
            }
            if let Some((source, target)) = plan.link(&draft.draft.said.values) {
                let edge = EdgeRow {
                    register: plan.name.clone(),
                    source,
                    target,
                    record,
                };
                let links = self.links.entry(plan.name.clone()).or_default();
                links.push((draft.at, edge.clone()));
                batch.edges.push(edge);
            }
            let may_be_new = new || !plan.fixed || opens_another(draft);
            if let Some(key) = draft.key.as_ref().filter(|_| may_be_new) {
                batch.keys.push(line(plan, row.book, key.clone(), record));
            }
        }
        let word = self.entry(draft, body, (!new).then_some(row.at));
        let (at, _) = self.append(row.book, word, batch)?;
        known.change(record, |row| row.at = at);
        Ok(())
    }

    /// Both halves of a transfer, unless the record is where it should come to.
    fn transfer(
        &mut self,
        draft: &Ready<'p>,
        known: &mut Known,
        batch: &mut Batch,
    ) -> Result<(), LedgerError> {
        let (at, unit, plan, record) = (draft.at, draft.draft.book, draft.plan, draft.record);
        let to = self.books.number(&unit);
        let to = to.ok_or(LedgerError::UnknownBook { at, unit })?;
        let row = known.row(record).cloned();
        let row = row.ok_or_else(|| self.no_record(at, plan, record))?;
        if row.book == to {
            return Ok(());
        }
        self.may_write(unit)?;
        if !plan.everywhere {
            for key in self.keys_of(plan, record, known, batch) {
                batch.keys.push(line(plan, to, key, record));
            }
        }
        let leaves = self.entry(draft, NOTHING.to_owned(), Some(row.at));
        let (left, hash) = self.append(row.book, leaves, batch)?;
        let body = format!(
            "{{\"book\":{},\"seq\":{},\"hash\":\"{}\"}}",
            left.book,
            left.seq,
            Digest(hash)
        );
        let arrives = self.entry(draft, body, Some(left));
        let (at, _) = self.append(to, arrives, batch)?;
        known.change(record, |row| {
            row.at = at;
            row.book = to;
        });
        Ok(())
    }

    /// That a record is another's double.
    fn merge(
        &mut self,
        draft: &Ready<'p>,
        known: &mut Known,
        batch: &mut Batch,
    ) -> Result<(), LedgerError> {
        let (at, plan, double) = (draft.at, draft.plan, draft.record);
        let kept = draft.draft.into.map_or(0, |into| into.0);
        if !self.was_there(kept) || !known.is(kept, Some(plan)) {
            return Err(self.no_record(at, plan, kept));
        }
        let register = || self.plans.name(&plan.name);
        let row = known.row(double).cloned();
        let row = row.ok_or_else(|| self.no_record(at, plan, double))?;
        if let Some(into) = row.into {
            return Err(LedgerError::Merged {
                at,
                register: register(),
                record: RecordId(double),
                into: RecordId(into),
            });
        }
        let mut stays = Some(kept);
        while let Some(record) = stays {
            if record == double {
                return Err(LedgerError::MergeCircle {
                    at,
                    register: register(),
                    record: RecordId(double),
                    into: RecordId(kept),
                });
            }
            stays = known.row(record).and_then(|row| row.into);
        }
        let body = format!("{{\"into\":{kept}}}");
        let merge = self.entry(draft, body, Some(row.at));
        let (place, _) = self.append(row.book, merge, batch)?;
        known.change(double, |row| {
            row.at = place;
            row.into = Some(kept);
        });
        Ok(())
    }

    fn entry(&self, draft: &Ready<'p>, body: String, previous: Option<Position>) -> Word {
        let Ready { plan, draft, .. } = draft;
        Word {
            register: plan.name.clone(),
            record: self.fresh.find(&draft.record).unwrap_or_default(),
            kind: draft.kind,
            say: self.says[draft.say as usize].id,
            from: draft.from,
            until: draft.until,
            row: draft.row,
            previous,
            body,
        }
    }

    /// Refuses a draft that rests on what was seen, if the same was said otherwise since, or the record ended.
    fn refuse_stale(&self, draft: &Ready<'p>, known: &Known) -> Result<(), LedgerError> {
        let (Some(seen), Target::Known(record)) = (draft.draft.seen, draft.draft.record) else {
            return Ok(());
        };
        let later = |entry: &&EntryRow| {
            let own = entry.commit == self.row.number;
            entry.commit > seen && !own && !known.undone.contains(&entry.commit)
        };
        for entry in known.trail(record.0).iter().filter(later) {
            let fields = match entry.kind {
                EntryKind::Close | EntryKind::Merge => Vec::new(),
                _ if !is_word(entry.kind) => continue,
                _ => match self.differing(draft, entry) {
                    fields if fields.is_empty() => continue,
                    fields => fields,
                },
            };
            return Err(LedgerError::Stale {
                at: draft.at,
                register: self.plans.name(&draft.plan.name),
                record,
                fields,
            });
        }
        Ok(())
    }

    /// The names of the fields to which an entry gives another value than a draft.
    fn differing(&self, draft: &Ready<'p>, entry: &EntryRow) -> Vec<Text> {
        let said = entry
            .body
            .text()
            .and_then(|body| self.plans.read(draft.plan, body));
        let Some(said) = said else { return Vec::new() };
        let own = &draft.draft.said;
        let differs = |at: &usize| said.values.get(*at) != own.values.get(*at);
        let fields = &self.plans.register(draft.plan).fields;
        let both = said.spoken.and(own.spoken).iter().filter(differs);
        both.filter_map(|at| fields.get(at))
            .map(|field| field.name.clone())
            .collect()
    }

    /// Refuses a word that gives a record another identity than it was opened with. What a new record turned out to be may have
    /// been merged, and then has the identity of its double.
    fn refuse_other_identity(
        &self,
        draft: &Ready<'p>,
        book: i64,
        known: &Known,
        batch: &Batch,
    ) -> Result<(), LedgerError> {
        let own = match identity_of(draft) {
            Spoken::Nothing => true,
            _ if opens_another(draft) => true,
            Spoken::Whole(key) => {
                let scope = draft.plan.scope(book);
                known.has(&(draft.plan.index, scope, key.clone()), draft.record)
            }
            Spoken::Part => {
                let found = self
                    .identities(draft.plan, draft.record, known, batch)
                    .next();
                let spoken = draft.draft.said.told().and(draft.plan.identity);
                found.is_none_or(|found| equal(&found, &draft.draft.said.values, spoken))
            }
        };
        if own {
            return Ok(());
        }
        Err(LedgerError::Identity {
            at: draft.at,
            register: self.plans.name(&draft.plan.name),
            record: RecordId(draft.record),
        })
    }

    /// Every identity that the words of a record gave it by themselves, the first first; its trail must be loaded.
    fn identities<'a>(
        &'a self,
        plan: &'a Plan,
        record: i64,
        known: &'a Known,
        batch: &'a Batch,
    ) -> impl Iterator<Item = Record> + 'a {
        let written = batch
            .entries
            .iter()
            .filter(move |entry| entry.record == record);
        let words = known.trail(record).iter().chain(written);
        let words = words.filter(move |entry| is_word(entry.kind) && entry.register == plan.name);
        let said = words.filter_map(|entry| self.plans.read(plan, entry.body.text()?));
        let whole = said.filter(|said| self.plans.key(plan, said).is_some());
        whole.map(|said| said.values)
    }

    fn keys_of(&self, plan: &Plan, record: i64, known: &Known, batch: &Batch) -> BTreeSet<String> {
        let identities = self.identities(plan, record, known, batch);
        let register = self.plans.register(plan);
        identities
            .filter_map(|record| register.identity_key(&record))
            .collect()
    }
}

fn opens_another(draft: &Ready<'_>) -> bool {
    matches!(draft.draft.record, Target::New(_)) && draft.draft.kind == EntryKind::Open
}

fn equal(one: &Record, other: &Record, fields: FieldSet) -> bool {
    fields.iter().all(|at| one.get(at) == other.get(at))
}
