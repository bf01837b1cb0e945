//! How new records get their numbers: from one counter for the whole ledger. A register whose records keep their identity has one
//! record for one identity, so there a record that somebody else opened meanwhile is taken instead; where an identity only
//! proposes who is meant, the writer has to look again. A record that is referred to before it is opened has its number at once.

use super::known::{Identity, Known};
use super::{HIGHEST, Plan, Ready, UNNUMBERED, Work, shape};
use crate::entry::{Position, Target};
use crate::error::LedgerError;
use crate::stands::{self, is_word};
use crate::store::RecordRow;
use kernel::{EntryKind, RecordId};
use pack::{FieldSet, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

/// That a word of a portion gives an identity to a record there was before.
struct SaidBefore {
    /// The place of the word among the commit's entries.
    at: usize,
    identity: Identity,
    record: i64,
    /// Whether the record stands.
    stands: bool,
}

/// What a new record of the commit was given; eight bytes, because there may be millions.
#[derive(Clone, Copy, Default)]
struct Given {
    record: u32,
    /// The index of its register, counted from 1; 0 if it has no number yet.
    register: u16,
    opened: bool,
}

/// The new records of the commit, by the numbers the writer gave them.
#[derive(Default)]
pub(super) struct Fresh {
    given: Vec<Given>,
    /// Those referred to and not yet opened: the first entry that does, its register, the field.
    awaited: BTreeMap<u32, (usize, usize, usize)>,
}

impl Fresh {
    fn get(&self, new: u32) -> Given {
        self.given.get(new as usize).copied().unwrap_or_default()
    }

    fn set(&mut self, new: u32, record: i64, plan: usize, opened: bool) {
        if self.given.len() <= new as usize {
            self.given.resize(new as usize + 1, Given::default());
        }
        self.given[new as usize] = Given {
            record: u32::try_from(record).unwrap_or(u32::MAX),
            register: register(plan),
            opened,
        };
    }

    /// The record a draft is about, if it has a number by now and was opened.
    pub(super) fn find(&self, target: &Target) -> Option<i64> {
        match target {
            Target::Known(record) => Some(record.0),
            Target::New(new) => {
                let given = Some(self.get(*new)).filter(|given| given.opened);
                given.map(|given| i64::from(given.record))
            }
        }
    }

    /// The first entry that refers to a record that was never opened.
    pub(super) fn awaited(&self) -> Option<(usize, usize, usize)> {
        self.awaited.values().min().copied()
    }

    /// The numbers given.
    pub(super) fn into_numbers(self) -> Vec<RecordId> {
        let numbers = self.given.into_iter();
        numbers
            .map(|given| RecordId(i64::from(given.record)))
            .collect()
    }
}

fn register(plan: usize) -> u16 {
    u16::try_from(plan + 1).unwrap_or(u16::MAX)
}

impl<'p> Work<'p> {
    /// Numbers the records that this portion opens: in rounds, because an identity may name records that are numbered in the same
    /// portion.
    pub(super) async fn number(
        &mut self,
        ready: &mut [Ready<'p>],
        known: &mut Known,
    ) -> Result<(), LedgerError> {
        let mut here = HashSet::new();
        // The records there were that words of this portion are about, and the first word about each.
        let mut spoken: HashMap<i64, usize> = HashMap::new();
        for draft in ready.iter().filter(|draft| is_word(draft.draft.kind)) {
            if let Target::Known(record) = draft.draft.record {
                spoken.entry(record.0).or_insert(draft.at);
            }
        }
        let mut waiting: Vec<usize> = Vec::new();
        for (at, draft) in ready.iter().enumerate() {
            if let Some(new) = opens(draft)
                && !self.fresh.get(new).opened
                && here.insert(new)
            {
                waiting.push(at);
            }
        }
        while !waiting.is_empty() {
            let waits = |at: &usize| {
                let Ready { plan, draft, .. } = &ready[*at];
                let mut refs = draft.refs.iter();
                refs.any(|(field, new)| {
                    plan.identity.has(usize::from(*field)) && here.contains(new)
                })
            };
            let (mut later, mut now): (Vec<_>, Vec<_>) = waiting.into_iter().partition(waits);
            if now.is_empty() {
                std::mem::swap(&mut now, &mut later);
            }
            let mut asked = BTreeMap::new();
            for at in &now {
                let draft = &mut ready[*at];
                self.fill(draft, draft.plan.identity)?;
                draft.key = self.plans.key(draft.plan, &draft.draft.said);
                if let Some((plan, scope, key)) = self.identity(draft)? {
                    asked
                        .entry((plan, scope))
                        .or_insert_with(Vec::new)
                        .push(key);
                }
            }
            known.load_holders(self.plans, &mut *self.tx, asked).await?;
            let said = self.said_before(ready, &now, known).await?;
            for at in now {
                if let Some(new) = opens(&ready[at]) {
                    here.remove(&new);
                    self.give(&ready[at], new, known, (&said, &spoken))?;
                }
            }
            waiting = later;
        }
        Ok(())
    }

    /// The identities of records to be opened that words of the same portion give to records there are.
    async fn said_before(
        &mut self,
        ready: &[Ready<'p>],
        opening: &[usize],
        known: &Known,
    ) -> Result<Vec<SaidBefore>, LedgerError> {
        let mut wanted: HashSet<Identity> = HashSet::new();
        let mut all: HashSet<Identity> = HashSet::new();
        for at in opening {
            let identity = self.identity(&ready[*at])?;
            all.extend(identity.clone());
            wanted.extend(identity.filter(|_| !ready[*at].plan.fixed));
        }
        let mut said = self.moved_before(ready, &all).await?;
        if wanted.is_empty() && said.is_empty() {
            return Ok(said);
        }
        for Ready {
            at, plan, draft, ..
        } in ready.iter().filter(|draft| !draft.plan.fixed)
        {
            let Target::Known(record) = draft.record else {
                continue;
            };
            let key = is_word(draft.kind).then(|| self.plans.key(plan, &draft.said));
            let row = known.row(record.0);
            if let (Some(key), Some(row)) = (key.flatten(), row) {
                let identity = (plan.index, plan.scope(row.book), key);
                if wanted.contains(&identity) {
                    let (at, record, stands) = (*at, record.0, false);
                    said.push(SaidBefore {
                        at,
                        identity,
                        record,
                        stands,
                    });
                }
            }
        }
        let records: Vec<i64> = said.iter().map(|said| said.record).collect();
        if !records.is_empty() {
            let standing = stands::which(&mut *self.tx, &records).await?;
            for said in &mut said {
                said.stands = standing.contains(&said.record);
            }
        }
        Ok(said)
    }

    /// The same of records that come to another book in the portion: there they have the identities that their words ever gave them.
    async fn moved_before(
        &mut self,
        ready: &[Ready<'p>],
        wanted: &HashSet<Identity>,
    ) -> Result<Vec<SaidBefore>, LedgerError> {
        let moves =
            |draft: &&Ready<'p>| draft.draft.kind == EntryKind::Transfer && !draft.plan.everywhere;
        let mut coming: HashMap<i64, Vec<(usize, &'p Plan, i64)>> = HashMap::new();
        for Ready {
            at, plan, draft, ..
        } in ready.iter().filter(moves)
        {
            if let (Target::Known(record), Some(to)) =
                (draft.record, self.books.number(&draft.book))
            {
                coming.entry(record.0).or_default().push((*at, plan, to));
            }
        }
        let mut said = Vec::new();
        let records: Vec<i64> = coming.keys().copied().collect();
        if records.is_empty() {
            return Ok(said);
        }
        for entry in self.tx.trails(&records, 0).await? {
            for (at, plan, to) in coming.get(&entry.record).into_iter().flatten() {
                let word =
                    (is_word(entry.kind) && entry.register == plan.name).then(|| entry.body.text());
                let word = word.flatten().and_then(|body| self.plans.read(plan, body));
                let key = word.and_then(|said| self.plans.key(plan, &said));
                let identity = key.map(|key| (plan.index, plan.scope(*to), key));
                if let Some(identity) = identity.filter(|identity| wanted.contains(identity)) {
                    said.push(SaidBefore {
                        at: *at,
                        identity,
                        record: entry.record,
                        stands: false,
                    });
                }
            }
        }
        Ok(said)
    }

    /// Puts the numbers of new records where these fields refer to them; one that has none yet gets it.
    pub(super) fn fill(
        &mut self,
        ready: &mut Ready<'p>,
        fields: FieldSet,
    ) -> Result<(), LedgerError> {
        let (at, plan) = (ready.at, ready.plan);
        for (field, new) in &ready.draft.refs {
            let field = usize::from(*field);
            if !fields.has(field) {
                continue;
            }
            let Some(target) = plan.target(field) else {
                return Err(shape(at, &ready.draft));
            };
            let mut given = self.fresh.get(*new);
            if given.register == 0 {
                let record = self.next_record()?;
                self.fresh.set(*new, record, target, false);
                self.fresh.awaited.insert(*new, (at, plan.index, field));
                given = self.fresh.get(*new);
            }
            if given.register != register(target) {
                return Err(self.no_target(at, plan, field, RecordId(i64::from(given.record))));
            }
            ready.draft.said.values[field] = Some(Value::Int(i64::from(given.record)));
        }
        Ok(())
    }

    fn next_record(&mut self) -> Result<i64, LedgerError> {
        if self.last.record >= HIGHEST {
            return Err(LedgerError::RecordsFull);
        }
        self.last.record += 1;
        Ok(self.last.record)
    }

    /// Where the identity of a draft that opens a record is looked for.
    fn identity(&self, ready: &Ready<'p>) -> Result<Option<Identity>, LedgerError> {
        let (at, unit) = (ready.at, ready.draft.book);
        let book = self.books.number(&unit);
        let book = book.ok_or(LedgerError::UnknownBook { at, unit })?;
        let plan = ready.plan;
        let key = ready.key.clone();
        Ok(key.map(|key| (plan.index, plan.scope(book), key)))
    }

    /// Gives a new record its number, or the record that it turns out to be.
    fn give(
        &mut self,
        ready: &Ready<'p>,
        new: u32,
        known: &mut Known,
        (said, spoken): (&[SaidBefore], &HashMap<i64, usize>),
    ) -> Result<(), LedgerError> {
        let (plan, given) = (ready.plan, self.fresh.get(new));
        let reserved = (given.register != 0).then_some(i64::from(given.record));
        if reserved.is_some() && given.register != register(plan.index) {
            return Err(shape(ready.at, &ready.draft));
        }
        let identity = self.identity(ready)?;
        let holding = identity.as_ref().map(|identity| known.holding(identity));
        let mut holding = holding.unwrap_or_default();
        let earlier = said.iter().filter(|said| said.at < ready.at);
        for said in earlier.filter(|said| Some(&said.identity) == identity.as_ref()) {
            let place = match said.stands {
                true => &mut holding.held,
                false => &mut holding.idle,
            };
            *place = Some(place.map_or(said.record, |held| held.min(said.record)));
        }
        let record = match (holding.held, reserved) {
            (Some(held), None) if plan.fixed => held,
            (Some(held), _) => return Err(self.taken(ready, held)),
            (None, Some(reserved)) => reserved,
            (None, None) => match holding.idle {
                // A word before it in this portion says that the record is there.
                Some(idle) if spoken.get(&idle).is_some_and(|at| *at < ready.at) => {
                    return Err(self.taken(ready, idle));
                }
                Some(idle) => idle,
                None => self.next_record()?,
            },
        };
        if !known.is(record, Some(plan)) {
            self.may_open(ready, known)?;
            self.opened.insert(plan.name.clone());
            known.begin(RecordRow {
                number: record,
                register: plan.name.clone(),
                at: Position { book: 0, seq: 0 },
                book: self.books.number(&ready.draft.book).unwrap_or_default(),
                into: None,
            });
        }
        if let Some(identity) = identity {
            known.hold(identity, record);
        }
        self.fresh.set(new, record, plan.index, true);
        self.fresh.awaited.remove(&new);
        Ok(())
    }

    /// Refuses a new record in a book that isn't the writer's. Whom a unit only names is opened in a book above it; what it says of
    /// somebody is kept with them, wherever that is.
    fn may_open(&self, ready: &Ready<'p>, known: &Known) -> Result<(), LedgerError> {
        let (unit, book) = (self.says[ready.draft.say as usize].unit, ready.draft.book);
        let with = ready.plan.kept_with.and_then(|field| {
            let record = ready.draft.said.values.get(field)?.as_ref()?.as_int()?;
            Some(known.row(record)?.book)
        });
        let beside = with.is_some() && with == self.books.number(&book);
        match beside || book.contains(&unit) {
            true => Ok(()),
            false => self.may_write(book),
        }
    }

    fn taken(&self, ready: &Ready<'_>, record: i64) -> LedgerError {
        LedgerError::Taken {
            at: ready.at,
            register: self.plans.name(&ready.plan.name),
            record: RecordId(record),
        }
    }
}

/// The new record a draft opens, if it does.
fn opens(ready: &Ready<'_>) -> Option<u32> {
    match ready.draft.record {
        Target::New(new) if ready.draft.kind == EntryKind::Open => Some(new),
        _ => None,
    }
}

const _: () = assert!(UNNUMBERED > HIGHEST && size_of::<Given>() == 8);
