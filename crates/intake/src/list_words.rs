//! The words of a list: which of its claims are in the ledger as they are and only said again, and which need an entry. The
//! entries are made one after the other from the claims, because there may be millions: new records are numbered in the order
//! in which they are first spoken of, and each goes to the book it belongs in.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::{EntryKind, RecordId, UnitCode};
use ledger::{Draft, Position, Target};
use pack::{FieldSet, FieldType, Record, Register, Said};
use tables::WordOf;

use crate::claims::{Claim, slot_of};
use crate::plan::RowPlan;
use crate::script::PERSON;

/// A slot that opens no record.
const NOT_NEW: u32 = u32::MAX;

/// The words of a list. They belong to the first say of their commit.
pub(crate) struct ListWords<'a> {
    plan: &'a RowPlan<'a>,
    /// The claims that need an entry, in order.
    entries: Vec<u32>,
    /// For each slot the new record it opens, counted from 0; or [`NOT_NEW`].
    new: Vec<u32>,
    /// How many records are opened.
    pub opened: u32,
    /// People who come to the unit's book, with the row that gives them a home.
    pub arrive: BTreeMap<RecordId, u32>,
    /// Words the list says again.
    pub again: Vec<(FieldSet, Position)>,
    /// For each claim where its word stands, if the ledger has it.
    pub found: Vec<Option<Position>>,
    /// The registers of the pack.
    registers: Vec<Arc<str>>,
    /// The book of people whom a list only names.
    root: UnitCode,
}

impl<'a> ListWords<'a> {
    /// Works out the words of a list. `last` are those the same list said last: of equal words they are said again.
    pub(crate) fn of(
        plan: &'a RowPlan<'a>,
        root: UnitCode,
        last: &BTreeMap<Position, FieldSet>,
    ) -> ListWords<'a> {
        let pack = plan.setting.script.pack;
        let mut words = ListWords {
            plan,
            entries: Vec::new(),
            new: vec![NOT_NEW; plan.slots.slots.len()],
            opened: 0,
            arrive: BTreeMap::new(),
            again: Vec::new(),
            found: Vec::with_capacity(plan.claims.all.len()),
            registers: (pack.registers.iter())
                .map(|register| Arc::from(&*register.id))
                .collect(),
            root,
        };
        for (at, claim) in (0..).zip(&plan.claims.all) {
            let known = plan.slots.get(claim.slot).found;
            let found = known.and_then(|record| words.equal(record, claim, last));
            words.found.push(found);
            match found {
                Some(found) => words.again.push((claim.fields, found)),
                None if claim.mention && known.is_some() => {}
                None => words.enter(at, claim, known.is_none()),
            }
        }
        words
    }

    /// A claim that needs an entry.
    fn enter(&mut self, at: u32, claim: &Claim, is_new: bool) {
        self.entries.push(at);
        let new = &mut self.new[claim.slot as usize];
        if is_new && *new == NOT_NEW {
            *new = self.opened;
            self.opened += 1;
        }
    }

    /// The word of the ledger that says exactly what a claim says of a record, whatever more it says.
    fn equal(
        &self,
        record: RecordId,
        claim: &Claim,
        last: &BTreeMap<Position, FieldSet>,
    ) -> Option<Position> {
        let register = self.plan.register_of(claim.slot);
        let body = self.plan.claims.body(claim);
        let says_it = |word: &WordOf| {
            let same_span = claim.mention || (word.from, word.until) == (claim.from, claim.until);
            let same = |at: usize| {
                let own = body[at].as_ref();
                let own = own.map(|value| self.plan.resolved(&register.fields[at], value));
                word.said.values.get(at) == Some(&own)
            };
            same_span && claim.fields.within(word.said.spoken) && claim.fields.iter().all(same)
        };
        let words = self.plan.setting.standing.words(&register.id, record);
        let equal = words.iter().filter(|word| says_it(word));
        let found = equal.map(|word| word.at);
        found.min_by_key(|at| (!last.contains_key(at), *at))
    }

    /// Whether the list says something that it didn't say before: `said` is what it said.
    pub(crate) fn is_said(&self, claim: usize, said: &BTreeMap<Position, FieldSet>) -> bool {
        let fields = self.plan.claims.all[claim].fields;
        self.found[claim]
            .and_then(|at| said.get(&at))
            .is_some_and(|said| fields.within(*said))
    }

    /// Whether nothing is to be written but words said again.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.arrive.is_empty()
    }

    /// The new record a slot opens.
    pub(crate) fn opens(&self, slot: u32) -> Option<u32> {
        Some(self.new[slot as usize]).filter(|new| *new != NOT_NEW)
    }

    /// Whether the list rests on there being nobody else: somebody is opened, or was told from everybody known.
    pub(crate) fn rests_on_nobody_else(&self) -> bool {
        let weighed = self.plan.setting.recognised.is_some_and(|found| found.weighed);
        let mut entries = self.entries.iter().map(|at| self.claim(*at).slot);
        weighed
            || entries.any(|slot| {
                self.opens(slot).is_some() && self.plan.register_of(slot).id == PERSON
            })
    }

    /// The row of an entry of the list, counted as the commit counts them.
    pub(crate) fn row_of(&self, entry: usize) -> Option<usize> {
        let claim = self.entries.get(entry.checked_sub(self.arrive.len())?)?;
        Some(self.claim(*claim).row as usize)
    }

    /// The books in which units open theirs.
    pub(crate) fn books_of_units(&self) -> impl Iterator<Item = UnitCode> {
        let entries = self.entries.iter().map(|at| self.claim(*at));
        entries
            .filter(|claim| self.plan.register_of(claim.slot).opens_book.is_some())
            .map(|claim| self.book(claim, &self.plan.claims.body(claim)))
    }

    /// The entries: first people who come to the unit's book, then what is said, in the order of the claims.
    pub(crate) fn drafts(&self) -> impl Iterator<Item = Draft> + Send + '_ {
        let arrive = self.arrive.iter().map(|(person, row)| self.arrival(*person, *row));
        let mut opened = vec![false; self.opened as usize];
        let said = self.entries.iter().map(move |at| {
            let draft = self.draft(self.claim(*at), &opened);
            if let Target::New(new) = draft.record {
                opened[new as usize] = true;
            }
            draft
        });
        arrive.chain(said)
    }

    fn claim(&self, at: u32) -> &Claim {
        &self.plan.claims.all[at as usize]
    }

    fn arrival(&self, person: RecordId, row: u32) -> Draft {
        Draft {
            book: self.plan.setting.voice.unit,
            register: Arc::from(PERSON),
            record: Target::Known(person),
            kind: EntryKind::Transfer,
            say: 0,
            from: None,
            until: None,
            said: Said::default(),
            refs: Vec::new(),
            into: None,
            row,
            seen: None,
        }
    }

    fn draft(&self, claim: &Claim, opened: &[bool]) -> Draft {
        let register = self.plan.register_of(claim.slot);
        let body = self.plan.claims.body(claim);
        let book = self.book(claim, &body);
        let (record, kind) = match (self.plan.slots.get(claim.slot).found, self.opens(claim.slot)) {
            (None, Some(new)) if !opened[new as usize] => (Target::New(new), EntryKind::Open),
            (None, Some(new)) => (Target::New(new), EntryKind::Change),
            (found, _) => (Target::Known(found.unwrap_or(RecordId(0))), EntryKind::Change),
        };
        let (said, refs) = self.said(register, claim, body);
        let number = self.plan.setting.rows.rows[claim.row as usize].number;
        Draft {
            book,
            register: self.registers[usize::from(self.plan.slots.get(claim.slot).register_at)].clone(),
            record,
            kind,
            say: 0,
            from: claim.from,
            until: claim.until,
            said,
            refs,
            into: None,
            row: number,
            seen: None,
        }
    }

    /// What a claim says, with records in the place of slots; and the fields that name new records.
    fn said(
        &self,
        register: &Register,
        claim: &Claim,
        mut body: Record,
    ) -> (Said, Vec<(u16, u32)>) {
        let mut refs = Vec::new();
        for (at, (field, value)) in (0_u16..).zip(register.fields.iter().zip(&mut body)) {
            let FieldType::Ref(_) = &field.kind else {
                continue;
            };
            let slot = value.as_ref().and_then(slot_of);
            let Some(slot) = slot else { continue };
            match self.opens(slot) {
                Some(new) => {
                    refs.push((at, new));
                    *value = None;
                }
                None => *value = value.as_ref().map(|value| self.plan.resolved(field, value)),
            }
        }
        let mut spoken = claim.fields;
        for (at, _) in &refs {
            spoken.0 &= !(1 << at);
        }
        let said = Said {
            values: body,
            spoken,
        };
        (said, refs)
    }

    /// The book a new record is opened in: a unit's own; a person's, if the record is kept with one; or that of the list's unit.
    fn book(&self, claim: &Claim, body: &Record) -> UnitCode {
        let register = self.plan.register_of(claim.slot);
        let unit = self.plan.setting.voice.unit;
        let value = |id: &Option<String>| {
            let (at, _) = register.field(id.as_deref()?)?;
            body.get(at)?.as_ref()
        };
        if register.id == PERSON {
            return self.book_of_person(claim.slot);
        }
        if let Some(opens) = value(&register.opens_book).and_then(|value| value.as_text()) {
            return opens.parse().unwrap_or(unit);
        }
        match value(&register.kept_with).and_then(slot_of) {
            Some(person) => self.book_of_person(person),
            None => unit,
        }
    }

    /// The book somebody is kept in, once the list is written.
    fn book_of_person(&self, person: u32) -> UnitCode {
        let slot = self.plan.slots.get(person);
        let setting = &self.plan.setting;
        let home = match slot.homed {
            true => setting.voice.unit,
            false => self.root,
        };
        match slot.found {
            Some(record) if self.arrive.contains_key(&record) => setting.voice.unit,
            Some(record) => setting.standing.kept_in(PERSON, record).unwrap_or(home),
            None => home,
        }
    }
}
