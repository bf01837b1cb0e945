//! Everybody a list may be about, with all that is said of them.

use std::collections::{BTreeSet, HashMap};

use kernel::RecordId;
use tables::Shelf;

use super::Recognition;
use super::evidence::Evidence;
use crate::packed::PackedRecords;
use crate::said::{self, Said, text};

/// Everybody known, with everything said of them.
pub(super) struct Crowd {
    /// Record numbers, ascending.
    pub(super) persons: Vec<i64>,
    /// What lists say, or the ledger itself of people no list names.
    pub(super) said: PackedRecords,
    /// For each of these the place of the person.
    pub(super) places: Vec<u32>,
    /// For each place, where in that it is.
    pub(super) said_of: Vec<Vec<usize>>,
    /// The places of the people of a name.
    pub(super) named: HashMap<String, Vec<u32>>,
    /// What rows that wait for an answer say, by the name they say.
    pub(super) waiting: HashMap<String, Vec<Said>>,
    /// Those of them who are kept elsewhere: whether it is they is asked.
    pub(super) elsewhere: BTreeSet<i64>,
    /// Every number that is or was said to be a person's.
    pub(super) numbers: HashMap<i64, BTreeSet<String>>,
}

impl Crowd {
    pub(super) fn of(
        recognition: &Recognition<'_>,
        persons: Vec<i64>,
        evidence: &Evidence,
    ) -> Crowd {
        let mut crowd = Crowd {
            places: Vec::with_capacity(evidence.of.len()),
            said_of: vec![Vec::new(); persons.len()],
            persons,
            said: PackedRecords::default(),
            named: HashMap::new(),
            waiting: HashMap::new(),
            elsewhere: BTreeSet::new(),
            numbers: HashMap::new(),
        };
        let mut said = Said::new();
        for (at, (person, _)) in evidence.of.iter().enumerate() {
            if let Some(place) = crowd.place(*person) {
                evidence.read(at, &mut said);
                crowd.add(place, *person, &said);
            }
        }
        if let Some(people) = recognition
            .standing
            .shelf(&recognition.contract.people.register.id)
        {
            for place in 0..crowd.persons.len() {
                crowd.add_the_ledgers(recognition, &people, place);
            }
        }
        crowd
    }

    /// What the ledger itself has of somebody: their number, and of those no list names the rest, too.
    fn add_the_ledgers(&mut self, recognition: &Recognition<'_>, people: &Shelf<'_>, place: usize) {
        let person = self.persons[place];
        let Some(known) = people.record(RecordId(person), recognition.on) else {
            return;
        };
        let register = &recognition.contract.people.register;
        let said = said::in_record(register, |at| known.value(at));
        if let Some(number) = said::number(&said) {
            let numbers = self.numbers.entry(person).or_default();
            numbers.insert(number.to_owned());
        }
        if self.said_of[place].is_empty() {
            self.add(u32::try_from(place).unwrap_or(u32::MAX), person, &said);
        }
    }

    fn add(&mut self, place: u32, person: i64, said: &Said) {
        if let Some(number) = said::number(said) {
            let numbers = self.numbers.entry(person).or_default();
            numbers.insert(number.to_owned());
        }
        if let Some(name) = text(said, said::NAME) {
            let named = self.named.entry(name.to_owned()).or_default();
            if named.last() != Some(&place) {
                named.push(place);
            }
        }
        self.said_of[place as usize].push(self.said.len());
        self.said.push(said);
        self.places.push(place);
    }

    pub(super) fn place(&self, person: i64) -> Option<u32> {
        let at = self.persons.binary_search(&person).ok()?;
        u32::try_from(at).ok()
    }
}
