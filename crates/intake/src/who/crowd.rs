//! Everybody a list may be about, with all that is said of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ledger::Found;
use pack::Value;

use crate::packed::PackedRecords;

use super::{Recognised, Recognition, Said, field_of};

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
    /// Every number that is or was said to be a person's.
    pub(super) numbers: HashMap<i64, BTreeSet<String>>,
}

impl Crowd {
    pub(super) fn of(
        recognition: &Recognition<'_>,
        persons: &BTreeMap<i64, Found>,
        recognised: &Recognised,
    ) -> Crowd {
        let mut crowd = Crowd {
            persons: persons.keys().copied().collect(),
            said: PackedRecords::default(),
            places: Vec::with_capacity(recognised.listed.len()),
            said_of: vec![Vec::new(); persons.len()],
            named: HashMap::new(),
            waiting: HashMap::new(),
            numbers: HashMap::new(),
        };
        let mut on_a_list = BTreeSet::new();
        for listed in recognised.listed.iter().filter(|l| !l.found.closed) {
            if let Some(place) = crowd.place(listed.person) {
                on_a_list.insert(listed.person);
                let said = listed.said(recognition.people);
                crowd.add(recognition, place, listed.person, &said);
            }
        }
        for (id, found) in persons {
            let Ok(body) = recognition.person.decode(&found.body) else {
                continue;
            };
            if let Some(Value::Text(number)) = field_of(recognition.person, &body, "id_number") {
                crowd.numbers.entry(*id).or_default().insert(number.clone());
            }
            if on_a_list.contains(id) {
                continue;
            }
            let fields = &recognition.people.register.fields;
            let said: Said = (recognition.people.said.iter())
                .map(|(at, _)| field_of(recognition.person, &body, &fields[*at].id).cloned())
                .collect();
            if let Some(place) = crowd.place(*id) {
                crowd.add(recognition, place, *id, &said);
            }
        }
        crowd
    }

    fn add(&mut self, recognition: &Recognition<'_>, place: u32, person: i64, said: &Said) {
        if let Some(number) = recognition.number(said) {
            self.numbers
                .entry(person)
                .or_default()
                .insert(number.to_owned());
        }
        if let Some(name) = recognition.of(said, "name") {
            let named = self.named.entry(name.to_string()).or_default();
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
