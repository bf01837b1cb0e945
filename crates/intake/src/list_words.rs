//! The words of a list: which of its claims are in the ledger as they are and only said again, and which need an entry. The
//! entries are made one after the other from the claims, because there may be millions: new records are numbered in the order
//! in which they are first spoken of, and each goes to the book it belongs in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::{EntryKind, RecordId, UnitCode};
use ledger::{Draft, Position, Target};
use pack::{Field, FieldSet, FieldType, Record, Register, Said, Value};
use rayon::prelude::*;
use tables::WordOf;

use crate::claims::{Claim, slot_of};
use crate::plan::RowPlan;

/// A slot that opens no record.
const NOT_NEW: u32 = u32::MAX;

/// How many claims are looked at, and entries made, at once.
const LOOKED_AT_ONCE: usize = 16_384;
const MADE_AT_ONCE: usize = 512;

/// What needs an entry.
#[derive(Clone, Copy)]
struct Entry {
    claim: u32,
    /// The fields that it says.
    fields: FieldSet,
    /// Whether it is the first of a new record.
    opens: bool,
}

/// What becomes of a claim on a record of the ledger.
struct Held {
    says: Says,
    /// Fields of which another word says otherwise, where somebody's word counts more than another's.
    otherwise: Vec<usize>,
}

enum Says {
    /// Words say it, in two parts if need be.
    Again([Option<(FieldSet, Position)>; 2]),
    Anew,
}

/// The words of a list. They belong to the first say of their commit.
pub(crate) struct ListWords<'a> {
    plan: &'a RowPlan<'a>,
    /// What needs an entry, in order.
    entries: Vec<Entry>,
    /// For each slot the new record it opens, counted from 0; or [`NOT_NEW`].
    new: Vec<u32>,
    /// How many records are opened.
    pub opened: u32,
    /// People who come to the unit's book, with the row that gives them a home.
    pub arrive: BTreeMap<RecordId, u32>,
    /// Words the list says again: the fields, where the word stands, and by which claim.
    pub again: Vec<(FieldSet, Position, u32)>,
    /// Claims and fields of which a word of the ledger says otherwise, where somebody's word counts more than another's.
    pub otherwise: Vec<(u32, usize)>,
    /// The registers of the pack.
    registers: Vec<Arc<str>>,
    /// The book of people whom a list only names.
    root: UnitCode,
}

/// Whether fields are all that a record must have.
fn suffices(register: &Register, fields: FieldSet) -> bool {
    let mut each = register.fields.iter().enumerate();
    each.all(|(at, field)| !field.required || fields.has(at))
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
            otherwise: Vec::new(),
            registers: (pack.registers.iter())
                .map(|register| Arc::from(&*register.id))
                .collect(),
            root,
        };
        let mut next = 0;
        for claims in plan.claims.all.chunks(LOOKED_AT_ONCE) {
            let held = claims.par_iter().map(|claim| {
                let record = plan.slots.get(claim.slot).found?;
                Some(words.hold(claim, record, last))
            });
            let held: Vec<Option<Held>> = held.collect();
            for (claim, held) in claims.iter().zip(held) {
                words.put(next, claim, held);
                next += 1;
            }
        }
        words
    }

    /// Puts down what becomes of a claim; none is held if its record is new.
    fn put(&mut self, at: u32, claim: &Claim, held: Option<Held>) {
        let Some(Held { says, otherwise }) = held else {
            return self.enter(at, claim);
        };
        let otherwise = otherwise.into_iter().map(|field| (at, field));
        self.otherwise.extend(otherwise);
        match says {
            Says::Again(found) => {
                let found = found.into_iter().flatten();
                let again = found.map(|(fields, found)| (fields, found, at));
                self.again.extend(again);
            }
            Says::Anew if self.plan.slots.get(claim.slot).by_key.is_some() => {
                self.entries.push(Entry {
                    claim: at,
                    fields: claim.fields,
                    opens: false,
                });
            }
            Says::Anew => self.enter(at, claim),
        }
    }

    /// What becomes of a claim on a record of the ledger: said again if a word says it, in two parts if need be, or else anew.
    fn hold(&self, claim: &Claim, record: RecordId, last: &BTreeMap<Position, FieldSet>) -> Held {
        let register = self.plan.register_of(claim.slot);
        let register_at = usize::from(self.plan.slots.get(claim.slot).register_at);
        let mut held = Held {
            says: Says::Anew,
            otherwise: Vec::new(),
        };
        let Some(shelf) = self.plan.shelf(register_at) else {
            return held;
        };
        let words: Vec<WordOf<'_>> = shelf.words(record).collect();
        let body = self.plan.claims.body(claim);
        if words.len() > 1 && !claim.mention {
            held.otherwise = otherwise(register, claim, &body, &words);
        }
        let found = |fields| self.equal((claim, &body), fields, &words, last);
        if let Some(found) = found(claim.fields) {
            held.says = Says::Again([Some((claim.fields, found)), None]);
            return held;
        }
        let (key, rest) = parts(register, claim.fields);
        if !key.is_empty() && register.proposes() {
            let parts = [key, rest].map(|part| Some((part, found(part)?)));
            if parts.iter().all(Option::is_some) {
                held.says = Says::Again(parts);
            }
        }
        held
    }

    /// A claim on a new record. One whose key was said of another record once is opened without it, and given it then.
    fn enter(&mut self, at: u32, claim: &Claim) {
        let key_was_others = self.plan.slots.get(claim.slot).key_was_others;
        let new = &mut self.new[claim.slot as usize];
        let opens = *new == NOT_NEW;
        if opens {
            *new = self.opened;
            self.opened += 1;
        }
        let (key, rest) = parts(self.plan.register_of(claim.slot), claim.fields);
        let entry = |fields, opens| Entry {
            claim: at,
            fields,
            opens,
        };
        if opens && key_was_others && !key.is_empty() {
            self.entries.extend([entry(rest, true), entry(key, false)]);
        } else {
            self.entries.push(entry(claim.fields, opens));
        }
    }

    /// The word that says these fields of a claim exactly, whatever more it says.
    fn equal(
        &self,
        (claim, body): (&Claim, &Record),
        fields: FieldSet,
        words: &[WordOf<'_>],
        last: &BTreeMap<Position, FieldSet>,
    ) -> Option<Position> {
        let register = self.plan.register_of(claim.slot);
        let slot = self.plan.slots.get(claim.slot);
        let says_it = |word: &&WordOf<'_>| {
            let same = |at: usize| self.says_value(&register.fields[at], at, word, &body[at]);
            (slot.either || Some(word.record()) == slot.by_key)
                && (word.from(), word.until()) == (claim.from, claim.until)
                && fields.within(word.mentioned())
                && fields.iter().all(same)
        };
        let found = words.iter().filter(says_it).map(WordOf::at);
        found.min_by_key(|at| (!last.contains_key(at), *at))
    }

    /// Whether a list said all of a claim: `said` is what it said.
    pub(crate) fn is_said(&self, claim: usize, said: &BTreeMap<Position, FieldSet>) -> bool {
        let first = self
            .again
            .partition_point(|(.., at)| (*at as usize) < claim);
        let own = self.again.iter().skip(first);
        let mut own = own.take_while(|(.., at)| *at as usize == claim).peekable();
        let within = |(fields, at, _): &(FieldSet, Position, u32)| {
            said.get(at).is_some_and(|said| fields.within(*said))
        };
        own.peek().is_some() && own.all(within)
    }

    /// The claims that say something the list didn't say before, ascending: `said` is what it said.
    pub(crate) fn new_claims(&self, said: &BTreeMap<Position, FieldSet>) -> BTreeSet<u32> {
        let again = self
            .again
            .iter()
            .filter(|(fields, at, _)| said.get(at).is_none_or(|said| !fields.within(*said)));
        let again = again.map(|(.., claim)| *claim);
        again
            .chain(self.entries.iter().map(|entry| entry.claim))
            .collect()
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
        let weighed = self
            .plan
            .setting
            .recognised
            .is_some_and(|found| found.weighed);
        let mut entries = self
            .entries
            .iter()
            .map(|entry| self.claim(entry.claim).slot);
        weighed || entries.any(|slot| self.opens(slot).is_some() && self.plan.is_person(slot))
    }

    /// The row of an entry of the list, counted as the commit counts them.
    pub(crate) fn row_of(&self, entry: usize) -> Option<usize> {
        let entry = self.entries.get(entry.checked_sub(self.arrive.len())?)?;
        Some(self.claim(entry.claim).row as usize)
    }

    /// The books in which units open theirs.
    pub(crate) fn books_of_units(&self) -> impl Iterator<Item = UnitCode> {
        let entries = self.entries.iter().map(|entry| self.claim(entry.claim));
        entries
            .filter(|claim| self.plan.register_of(claim.slot).opens_book.is_some())
            .map(|claim| self.book(claim, &self.plan.claims.body(claim)))
    }

    /// The entries: first people who come to the unit's book, then what is said, in the order of the claims.
    pub(crate) fn drafts(&self) -> impl Iterator<Item = Draft> + Send + '_ {
        let arrive = self
            .arrive
            .iter()
            .map(|(person, row)| self.arrival(*person, *row));
        let said = self.entries.chunks(MADE_AT_ONCE).flat_map(|entries| {
            let drafts = entries.par_iter().map(|entry| self.draft(entry));
            drafts.collect::<Vec<_>>()
        });
        arrive.chain(said)
    }

    fn claim(&self, at: u32) -> &Claim {
        &self.plan.claims.all[at as usize]
    }

    fn arrival(&self, person: RecordId, row: u32) -> Draft {
        Draft {
            book: self.plan.setting.voice.unit,
            register: Arc::from(&*self.plan.setting.script.contract.people.register.id),
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

    fn draft(&self, entry: &Entry) -> Draft {
        let claim = self.claim(entry.claim);
        let register = self.plan.register_of(claim.slot);
        let body = self.plan.claims.body(claim);
        let book = self.book(claim, &body);
        let (record, kind) = match (
            self.plan.slots.get(claim.slot).by_key,
            self.opens(claim.slot),
        ) {
            (None, Some(new)) if entry.opens => (Target::New(new), EntryKind::Open),
            (None, Some(new)) => (Target::New(new), EntryKind::Change),
            (found, _) => (
                Target::Known(found.unwrap_or(RecordId(0))),
                // What a list says is there by that; a desk has to say so. Who says only some of it tells something of what is there.
                match self.plan.slots.get(claim.slot).reopens && suffices(register, entry.fields) {
                    true => EntryKind::Open,
                    false => EntryKind::Change,
                },
            ),
        };
        let (said, refs) = self.said(register, entry.fields, body);
        let number = self.plan.setting.rows.rows[claim.row as usize].number;
        Draft {
            book,
            register: self.registers[usize::from(self.plan.slots.get(claim.slot).register_at)]
                .clone(),
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
        mut fields: FieldSet,
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
                None => {
                    let named = self.plan.slots.get(slot);
                    *value = named
                        .by_key
                        .or(named.found)
                        .map(|record| Value::Int(record.0));
                }
            }
        }
        for (at, value) in body.iter_mut().enumerate() {
            if !fields.has(at) {
                *value = None;
            }
        }
        refs.retain(|(at, _)| fields.has(usize::from(*at)));
        for (at, _) in &refs {
            fields.0 &= !(1 << at);
        }
        let said = Said {
            values: body,
            spoken: fields,
        };
        (said, refs)
    }

    /// Whether a word says the value of a claim: who is named by number is this very record, others may be either of two that are
    /// one.
    fn says_value(&self, field: &Field, at: usize, word: &WordOf<'_>, own: &Option<Value>) -> bool {
        let named = match (&field.kind, own.as_ref().and_then(slot_of)) {
            (FieldType::Ref(_), Some(slot)) => self.plan.slots.get(slot),
            _ => return word.says(at, own.as_ref()),
        };
        let said = word.value(at).as_ref().and_then(Value::as_int);
        let said = said.map(RecordId);
        match named.either {
            true => said.map(|said| self.plan.setting.standing.stays(said)) == named.found,
            false => said.is_some() && said == named.by_key,
        }
    }

    /// The book a new record is opened in: a unit's own; a person's, if the record is kept with one; or that of the list's unit.
    fn book(&self, claim: &Claim, body: &Record) -> UnitCode {
        let register = self.plan.register_of(claim.slot);
        let unit = self.plan.setting.voice.unit;
        // More that is said of it, from another day, needn't name whom it is about.
        let value = |id: &Option<String>| {
            let (at, _) = register.field(id.as_deref()?)?;
            let own = body.get(at).cloned().flatten();
            own.or_else(|| {
                let plan = self.plan;
                let mut claims = plan.claims.on(&plan.slots, claim.slot);
                claims.find_map(|nth| {
                    let other = &plan.claims.all[nth as usize];
                    let says = other.fields.has(at);
                    says.then(|| plan.claims.body(other))?.get(at).cloned()?
                })
            })
        };
        if self.plan.is_person(claim.slot) {
            return self.book_of_person(claim.slot);
        }
        let opens = value(&register.opens_book);
        if let Some(opens) = opens.as_ref().and_then(Value::as_text) {
            return opens.parse().unwrap_or(unit);
        }
        match value(&register.kept_with).as_ref().and_then(slot_of) {
            Some(person) => self.book_of_person(person),
            None => unit,
        }
    }

    /// The book somebody is kept in, once the list is written.
    fn book_of_person(&self, person: u32) -> UnitCode {
        let slot = self.plan.slots.get(person);
        let setting = &self.plan.setting;
        let people = self.plan.shelf(usize::from(slot.register_at));
        let home = match slot.homed {
            true => setting.voice.unit,
            false => self.root,
        };
        match slot.found {
            Some(_)
                if slot
                    .by_key
                    .is_some_and(|own| self.arrive.contains_key(&own)) =>
            {
                setting.voice.unit
            }
            // What is said of one of two who are one is kept where that one is.
            Some(record) => match slot.by_key.filter(|_| self.plan.is_merged(record)) {
                Some(own) => people.and_then(|people| people.kept_itself(own)),
                None => people.and_then(|people| people.kept_in(record)),
            }
            .unwrap_or(home),
            None => home,
        }
    }
}

/// The fields of a claim of which another word says otherwise.
fn otherwise(
    register: &Register,
    claim: &Claim,
    body: &Record,
    words: &[WordOf<'_>],
) -> Vec<usize> {
    let ranked = |field: &usize| !register.fields[*field].authority.is_empty();
    let differs = |field: &usize| {
        let said = |word: &WordOf<'_>| {
            word.spoken().has(*field) && !word.says(*field, body[*field].as_ref())
        };
        words.iter().any(said)
    };
    let fields = claim.told().iter().filter(ranked);
    fields.filter(differs).collect()
}

/// The fields of a register's identity among some, and the others.
fn parts(register: &Register, fields: FieldSet) -> (FieldSet, FieldSet) {
    let mut key = FieldSet::NONE;
    for id in &register.identity {
        if let Some((at, _)) = register.field(id).filter(|(at, _)| fields.has(*at)) {
            key.add(at);
        }
    }
    (key, fields.without(key))
}
