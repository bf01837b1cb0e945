//! What nothing decides but the order of names: values that several say otherwise, with authority and day alike, and homes that several
//! units claim. It follows from the words that stand, like everything else here, and is worked out once for a snapshot.

use kernel::date::to_days as days;
use kernel::{RecordId, normal};
use ledger::fold::{Assertion, contenders, fold};
use ledger::{Say, SayId};
use pack::Value;
use rayon::prelude::*;

use crate::asked::{AskedOf, ByRegister};
use crate::homes::{HomeFields, claimed_twice};
use crate::shelf::Shelf;
use crate::snapshot::Snapshot;
use crate::tangle::{Sorted, Tangle};

/// A field of which several say otherwise, or homes that several units claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Contest {
    /// The register.
    pub register: String,
    /// The field, by place.
    pub field: usize,
    /// What each says, the one that stands first; of one record, or each of a home of one person.
    pub said: Vec<Contender>,
}

/// What one of them says.
#[derive(Clone, Debug, PartialEq)]
pub struct Contender {
    /// The record.
    pub record: RecordId,
    /// By which say.
    pub id: SayId,
    /// Whose word it is, as of which day.
    pub say: Say,
    /// The value.
    pub value: Option<Value>,
}

impl AskedOf for Contest {
    fn records(&self) -> impl Iterator<Item = RecordId> {
        self.said.iter().map(|said| said.record)
    }

    fn field(&self) -> usize {
        self.field
    }
}

impl Snapshot {
    /// What somebody has to say, since nothing but the order of names decides it: by register, record and field.
    #[must_use]
    pub fn contests(&self) -> &ByRegister<Contest> {
        self.contests.get_or_init(|| {
            let shelves = self.shelves();
            let each = shelves.iter().map(|shelf| shelf.contests(&shelf.sorted));
            ByRegister::of(self.pack.registers.iter().zip(each))
        })
    }
}

impl Shelf<'_> {
    /// The values of which several say otherwise at last, and the homes that several units claim, among those of some words of the
    /// register. Of a record that isn't there nobody asks.
    pub(crate) fn contests(&self, among: &Sorted) -> Vec<Contest> {
        let on = days(pack::latest_date());
        let tangles = among.tangles.par_iter();
        let contests = tangles.flat_map_iter(|tangle| self.contested(tangle, on));
        let mut contests: Vec<Contest> = contests.collect();
        let home = self.register.home.as_ref();
        if let Some(fields) = home.and_then(|home| HomeFields::of(self.register, home)) {
            for twice in claimed_twice(self.heard, among, fields, on) {
                let homes = twice.homes.into_iter();
                let said = homes.filter_map(|(home, at)| self.contender(home, at, twice.flag));
                contests.push(self.contest(twice.flag, said.collect()));
            }
        }
        contests
    }

    fn contest(&self, field: usize, said: Vec<Contender>) -> Contest {
        Contest {
            register: self.register.id.clone(),
            field,
            said,
        }
    }

    fn contested(&self, tangle: &Tangle, on: i32) -> Vec<Contest> {
        let (rules, said) = (&self.sorted.rules, &tangle.assertions);
        let rivals = |(at, one): (usize, &Assertion)| {
            let others = said[at + 1..].iter();
            let speaker = |a: &Assertion| rules.speaker(a.voice);
            let mut others = others.filter(|other| speaker(other) != speaker(one));
            others.any(|other| other.as_of == one.as_of)
        };
        if !said.iter().enumerate().any(rivals)
            || fold(rules, said, &tangle.absences, on).since.is_none()
        {
            return Vec::new();
        }
        let contest = |field: usize| {
            let equal = contenders(rules, said, &tangle.absences, field, on);
            let value = |at: &u32| self.value(word_of(tangle, *at), field);
            let (first, others) = equal.split_first().filter(|(_, more)| !more.is_empty())?;
            let first = value(first);
            if others.iter().all(|at| alike(&first, &value(at))) {
                return None;
            }
            let said = equal.iter();
            let said = said.filter_map(|at| self.contender(tangle, *at, field));
            Some(self.contest(field, said.collect()))
        };
        let fields = 0..self.register.fields.len();
        fields.filter_map(contest).collect()
    }

    /// What an assertion of a record says of a field.
    fn contender(&self, tangle: &Tangle, at: u32, field: usize) -> Option<Contender> {
        let say = tangle.says[at as usize];
        let (id, say) = self.heard.words.says.get(say as usize)?;
        Some(Contender {
            record: RecordId(tangle.record),
            id: *id,
            say: Say::clone(say),
            value: self.value(word_of(tangle, at), field),
        })
    }
}

/// Where the word of an assertion lies.
fn word_of(tangle: &Tangle, at: u32) -> (u32, u32) {
    tangle.words[tangle.assertions[at as usize].word as usize]
}

/// Whether two values are the same but for blanks and width.
fn alike(one: &Option<Value>, other: &Option<Value>) -> bool {
    match (one, other) {
        (Some(Value::Text(one)), Some(Value::Text(other))) => {
            one == other || normal(one) == normal(other)
        }
        (one, other) => one == other,
    }
}
