//! Rows of one list that may be of one person, though they are taken for two: a list has everybody once, or should.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use linkage::{Comparator, Likeness, level};

use super::{Recognised, Recognition};
use crate::finding::Finding;
use crate::rows::State;
use crate::said::{self, Said, part};

impl Recognition<'_> {
    /// Notes the rows that may be of the person of an earlier row, though they are taken for two.
    pub(super) fn note_alike(&self, found: &mut Recognised) {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let mut first: HashMap<u64, usize> = HashMap::new();
        let (mut said, mut notes) = (Said::new(), Vec::new());
        let clean = |row: &usize| self.rows.rows[*row].state == State::Clean;
        for row in self.rows.in_order().filter(clean) {
            if found.held(row) || found.follows.contains_key(&row) {
                continue;
            }
            found.said.read(row, &mut said);
            let (Some(name), Some(birth)) = (part(&said, said::NAME), found.births[row]) else {
                continue;
            };
            match first.entry(hasher.hash_one((name.to_string(), birth))) {
                Entry::Vacant(free) => {
                    free.insert(row);
                }
                Entry::Occupied(earlier) => {
                    let earlier = *earlier.get();
                    if may_be_one(&said, &found.said(earlier))
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
}

/// Whether two rows of a list have name, birth and sex in common, and the telephone or the door; and don't say two numbers.
fn may_be_one(one: &Said, other: &Said) -> bool {
    let level = |by, what| {
        let text = |said| {
            part(said, what)
                .map(ToString::to_string)
                .unwrap_or_default()
        };
        level(by, &text(one), &text(other))
    };
    let numbers = (said::number(one), said::number(other));
    level(Comparator::Name, said::NAME) == Likeness::Equal
        && level(Comparator::Exact, said::SEX) != Likeness::Different
        && !matches!(numbers, (Some(one), Some(other)) if one != other)
        && (level(Comparator::Digits, said::PHONE) == Likeness::Equal
            || matches!(
                level(Comparator::Address, said::ADDRESS),
                Likeness::Equal | Likeness::Door
            ))
}
