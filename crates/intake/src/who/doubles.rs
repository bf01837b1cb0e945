//! Rows of one list that may be of one person, though they are taken for two: a list has everybody once, or should.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use linkage::{Comparator, Level, level};
use pack::Value;

use super::{Recognised, Recognition, Said};
use crate::finding::Finding;
use crate::rows::State;

impl Recognition<'_> {
    /// Notes the rows that may be of the person of an earlier row, though they are taken for two.
    pub(super) fn note_alike(&self, found: &mut Recognised) {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let mut first: HashMap<u64, usize> = HashMap::new();
        let (mut said, mut notes) = (Said::new(), Vec::new());
        let clean = |row: &usize| self.rows.rows[*row].state == State::Clean;
        for row in self.rows.in_order().into_iter().filter(clean) {
            if found.held(row) || found.follows.contains_key(&row) {
                continue;
            }
            found.said.read(row, &mut said);
            let (Some(name), Some(birth)) = (self.of(&said, "name"), found.births[row]) else {
                continue;
            };
            match first.entry(hasher.hash_one((name.to_string(), birth))) {
                Entry::Vacant(free) => {
                    free.insert(row);
                }
                Entry::Occupied(earlier) => {
                    let earlier = *earlier.get();
                    if self.may_be_one(&said, &found.said(earlier))
                        && found
                            .record(row)
                            .is_none_or(|own| found.record(earlier) != Some(own))
                    {
                        let number = self.rows.rows[earlier].number;
                        notes.push((row, Finding::AlikeRow { row: number }));
                    }
                }
            }
        }
        found.notes.append(&mut notes);
    }

    /// Whether two rows of a list have name, birth and sex in common, and the telephone or the door; and don't say two numbers.
    fn may_be_one(&self, one: &Said, other: &Said) -> bool {
        let level = |by, id| {
            let text = |said| self.of(said, id).map(Value::to_string).unwrap_or_default();
            level(by, &text(one), &text(other))
        };
        let numbers = (self.number(one), self.number(other));
        level(Comparator::Name, "name") == Level::Equal
            && level(Comparator::Exact, "sex") != Level::Different
            && !matches!(numbers, (Some(one), Some(other)) if one != other)
            && (level(Comparator::Digits, "phone") == Level::Equal
                || matches!(
                    level(Comparator::Address, "address"),
                    Level::Equal | Level::Door
                ))
    }
}
