//! Whose word counts. A field may name the sources whose word is authoritative; what such a source says of somebody is not
//! overwritten by one that comes after it, and nothing is overwritten without being said. What every list says is kept in its own
//! listing, so nothing is lost by that.

use std::collections::HashMap;

use kernel::Sensitivity;
use linkage::{Comparator, Level, level};
use pack::{Field, Pack, Text, Value};

use super::alike;
use crate::script::People;
use crate::who::{Listed, Recognised};

/// What the lists say of the people a file is about.
pub(crate) struct Word<'a> {
    pub people: &'a People<'a>,
    pub recognised: &'a Recognised,
    pack: &'a Pack,
    /// For each person the open listings, by place in [`Recognised::listed`].
    of: HashMap<i64, Vec<usize>>,
}

/// Whether a value may take the place of another.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nobody says otherwise.
    Free,
    /// It has been said before and wasn't taken then, or it is only spelt otherwise.
    Repeated,
    /// This source's word counts more.
    Yields(Text),
    /// This source says otherwise, but its word counts less.
    Outranks(Text),
}

impl<'a> Word<'a> {
    pub(crate) fn new(
        pack: &'a Pack,
        people: &'a People<'a>,
        recognised: &'a Recognised,
    ) -> Word<'a> {
        let mut of: HashMap<i64, Vec<usize>> = HashMap::new();
        for (at, listed) in recognised.listed.iter().enumerate() {
            if !listed.found.closed {
                of.entry(listed.person).or_default().push(at);
            }
        }
        Word {
            people,
            recognised,
            pack,
            of,
        }
    }

    /// The open listings of a person.
    pub(crate) fn listings(&self, person: i64) -> impl Iterator<Item = &Listed> {
        let of = self.of.get(&person).map_or(&[][..], Vec::as_slice);
        of.iter().map(|at| &self.recognised.listed[*at])
    }

    pub(super) fn hear(&self, field: &Field, person: i64, given: &Value) -> Heard {
        if field.authority.is_empty() {
            return Heard::Free;
        }
        let rank = |source: &str| {
            let place = field.authority.iter().position(|word| word == source);
            place.unwrap_or(field.authority.len())
        };
        let own = rank(&self.people.source);
        let mut outranked = None;
        let mut stronger: Option<(usize, &str)> = None;
        let mut spelt_so = false;
        for listed in self.listings(person) {
            let Some(said) = self.said(listed, &field.id) else {
                continue;
            };
            if listed.roster == self.people.roster {
                if alike(Some(&said), given) {
                    return Heard::Repeated;
                }
                continue;
            }
            let source = self.source(listed);
            if alike(Some(&said), given) {
                continue;
            }
            match rank(source) {
                other if other <= own && same_door(field, &said, given) => spelt_so = true,
                other if other <= own => {
                    if stronger.is_none_or(|(best, _)| other < best) {
                        stronger = Some((other, source));
                    }
                }
                _ => outranked = Some(source),
            }
        }
        match (stronger, outranked) {
            (Some((_, source)), _) => Heard::Yields(self.name(source)),
            (None, Some(source)) => Heard::Outranks(self.name(source)),
            (None, None) if spelt_so => Heard::Repeated,
            (None, None) => Heard::Free,
        }
    }

    fn said(&self, listed: &Listed, field: &str) -> Option<Value> {
        let (at, _) = self.people.register.field(field)?;
        listed.body().into_iter().nth(at)?
    }

    fn source(&self, listed: &Listed) -> &str {
        let roster = self.pack.roster(&listed.roster);
        roster
            .and_then(|roster| roster.source.as_deref())
            .unwrap_or("")
    }

    fn name(&self, source: &str) -> Text {
        let member = self
            .pack
            .code("source")
            .and_then(|list| list.member(source));
        member.map(|member| member.name.clone()).unwrap_or_default()
    }
}

/// Whether two addresses are the same door, spelt in two ways.
fn same_door(field: &Field, said: &Value, given: &Value) -> bool {
    field.sensitivity == Sensitivity::Address
        && matches!(
            level(Comparator::Address, &said.to_string(), &given.to_string()),
            Level::Equal | Level::Door
        )
}
