//! What the weights of a row come to. Weights propose; numbers, namesakes and rows that wait for an answer are heard before
//! anybody is taken for somebody, and what is left in doubt is asked.

use std::collections::{BTreeSet, HashMap};

use linkage::{About, Comparator, Grouping, Likeness, Linkage, Pair, Records, level};

use super::crowd::Crowd;
use super::{Recognised, Recognition, alike};
use crate::as_read::as_read;
use crate::finding::{QuestionKind, Weighed};
use crate::question::{Candidate, Inquiry};
use crate::said::{self, Said, compared_part, text};

/// From how many bits on a row and a person who may only be each other are one: five, that is odds of thirty to one for being on
/// both lists, fewer than those of the threshold.
const LEAST_OF_ONLY_ONE: f64 = -1.83;
/// The age from which people are grown up (《民法典》第十七条).
const ADULT: i64 = 18;
/// The most people a question names.
const MOST_CANDIDATES: usize = 3;

/// For each row, the pairs it is in, the heaviest first.
pub(super) fn pairs_by_row(linkage: &Linkage, first: usize, rows: usize) -> Vec<Vec<Pair>> {
    let mut by_row = vec![Vec::new(); rows];
    for pair in &linkage.pairs {
        // Records of the ledger come first, so the row is the second of a pair.
        if let Some(row) = (pair.b as usize).checked_sub(first) {
            by_row[row].push(*pair);
        }
    }
    by_row
}

/// For each row the person it was put together with, by place.
pub(super) fn joined(grouping: &Grouping, known: &Crowd, first: usize) -> Vec<Option<u32>> {
    let mut of_group: HashMap<u32, u32> = HashMap::new();
    for (group, person) in grouping.groups.iter().zip(&known.places) {
        of_group.insert(*group, *person);
    }
    let rows = grouping.groups.iter().skip(first);
    rows.map(|group| of_group.get(group).copied()).collect()
}

/// What the weights and the numbers come to.
pub(super) enum Ruling {
    Same(i64, Weighed),
    Ask(Box<Inquiry>),
    New,
}

/// How the number of a row stands to those of a person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// One of them has none.
    Silent,
    Equal,
    Different,
}

pub(super) struct Weighing<'a> {
    pub(super) recognition: &'a Recognition<'a>,
    pub(super) known: &'a Crowd,
    pub(super) records: &'a Records,
    pub(super) linkage: &'a Linkage,
    pub(super) pairs: Vec<Vec<Pair>>,
    pub(super) joined: Vec<Option<u32>>,
    /// The people some row was put together with.
    pub(super) taken: BTreeSet<u32>,
    /// How many rows that were put together with nobody may be each of the others.
    pub(super) rivals: HashMap<u32, usize>,
    /// How many rows say a name.
    pub(super) names: HashMap<String, usize>,
}

/// For each person the rows that were put together with nobody and may be this one.
pub(super) fn rivals(
    pairs: &[Vec<Pair>],
    joined: &[Option<u32>],
    known: &Crowd,
) -> HashMap<u32, usize> {
    let mut rivals = HashMap::new();
    let alone = pairs
        .iter()
        .zip(joined)
        .filter(|(_, joined)| joined.is_none());
    for (pairs, _) in alone {
        let people: BTreeSet<u32> = (pairs.iter())
            .map(|pair| known.places[pair.a as usize])
            .collect();
        for person in people {
            *rivals.entry(person).or_default() += 1;
        }
    }
    rivals
}

impl Weighing<'_> {
    /// Weights propose; then numbers are heard. Different numbers with the same name, birth and telephone or door are a number
    /// put right; with less they are a question, or two people. One number with two names is always a question.
    pub(super) fn judge(&self, nth: usize, row: usize, recognised: &Recognised) -> Ruling {
        let said = &recognised.said(row);
        let contested = recognised.contested.contains(&row);
        if let Some(place) = self.joined[nth] {
            let person = self.known.persons[place as usize];
            let numbers = self.numbers(said, person);
            let certain = match numbers {
                Numbers::Silent => !self.namesake(said, place) && !self.sibling(said, place),
                Numbers::Equal => self.any_said(place, |known| {
                    alike(self.level(Comparator::Name, said, known, said::NAME))
                }),
                Numbers::Different => self.number_put_right(said, place),
            };
            let certain = certain && !self.known.elsewhere.contains(&person);
            if certain && let Some(pair) = self.best(nth, place) {
                return Ruling::Same(person, self.weighed(&pair));
            }
        } else if let Some((place, pair)) = self.only_one(nth, said).filter(|(place, _)| {
            let person = self.known.persons[*place as usize];
            !contested && !self.known.elsewhere.contains(&person)
        }) {
            return Ruling::Same(self.known.persons[place as usize], self.weighed(&pair));
        }
        let misread = self.misread(row, said).take(MOST_CANDIDATES);
        let mut candidates: Vec<Candidate> = misread.map(Candidate::unweighed).collect();
        for pair in &self.pairs[nth] {
            let place = self.known.places[pair.a as usize];
            let person = self.known.persons[place as usize];
            let named = candidates.iter().any(|c| c.person == person);
            let free = self.joined[nth] == Some(place) || !self.taken(place);
            let open = self.numbers(said, person) != Numbers::Different
                || self.same_name_and_birth(said, place);
            if !named && free && open && candidates.len() < MOST_CANDIDATES {
                candidates.push(Candidate {
                    person,
                    weighed: self.weighed(pair),
                });
            }
        }
        let kind = if contested {
            QuestionKind::Number
        } else {
            QuestionKind::Same
        };
        if contested && candidates.is_empty() {
            candidates.extend(self.holders(said).map(Candidate::unweighed));
        }
        if candidates.is_empty() && !contested {
            candidates.extend(self.of_the_name(said).map(Candidate::unweighed));
        }
        if candidates.is_empty() && !contested && self.recognition.is_at_a_desk() {
            let namesakes = self.namesakes_unclear(said).take(MOST_CANDIDATES);
            let persons = namesakes.map(|place| self.known.persons[place as usize]);
            candidates.extend(persons.map(Candidate::unweighed));
        }
        if candidates.is_empty() && !contested {
            return Ruling::New;
        }
        let key = (kind, recognised.digest(row));
        let question = self.recognition.question(key, row, said, candidates);
        question.map_or(Ruling::New, |question| Ruling::Ask(Box::new(question)))
    }

    /// The only person a row may be, if it is the only row that may be this person, the sex doesn't differ, and they have the name
    /// in common, and the telephone or the door, too, or the birth but for a slip, of one digit or if nobody else has the name; or
    /// the birth, and the given name or a name that sounds the same. The weight of a pair counts how many others there are to be
    /// taken for; where there are none, most of those who are on one list are on the other, and less will do.
    fn only_one(&self, nth: usize, said: &Said) -> Option<(u32, Pair)> {
        let [pair] = self.pairs[nth].as_slice() else {
            return None;
        };
        let place = self.known.places[pair.a as usize];
        let only = pair.weight >= LEAST_OF_ONLY_ONE
            && !self.taken(place)
            && self.rivals.get(&place) == Some(&1)
            && self.numbers(said, self.known.persons[place as usize]) == Numbers::Silent
            && self.any_said(place, |known| {
                let name = self.level(Comparator::Name, said, known, said::NAME);
                let sex = self.level(Comparator::Exact, said, known, said::SEX);
                let birth = self.level(Comparator::Date, said, known, said::BIRTH);
                let address = self.level(Comparator::Address, said, known, said::ADDRESS);
                let alike = matches!(name, Likeness::Equal | Likeness::Variant);
                let slip = match birth {
                    Likeness::OneDigit if address != Likeness::Different => true,
                    Likeness::DayMonth | Likeness::OneDigit | Likeness::TwoParts => {
                        self.only_of_the_name(said, place)
                    }
                    _ => false,
                };
                let half = matches!(name, Likeness::Sound | Likeness::Given);
                sex != Likeness::Different
                    && (alike && (slip || self.same_phone_or_door(said, known))
                        || half && birth == Likeness::Equal)
            });
        only.then_some((place, *pair))
    }

    /// The only person of the row's name, if the row says no more than that, the sex, and a birth that isn't known of them.
    fn of_the_name(&self, said: &Said) -> Option<i64> {
        let mut may_be = self.namesakes_unclear(said);
        let place = may_be.next().filter(|_| may_be.next().is_none())?;
        let silent = |what| said::part(said, what).is_none();
        let bare = silent(said::PHONE)
            && silent(said::ADDRESS)
            && !self.rivals.contains_key(&place)
            && self.only_of_the_name(said, place);
        bare.then(|| self.known.persons[place as usize])
    }

    /// Those of the row's name whose number the row has but for one digit, if what stands there is no number.
    fn misread(&self, row: usize, said: &Said) -> impl Iterator<Item = i64> {
        let recognition = self.recognition;
        let values = recognition.rows.values(row);
        let saying = recognition.people.said[said::NUMBER].as_ref();
        let written = saying.and_then(|saying| as_read(&saying.origin, &values));
        let written = written.map(|written| written.to_string());
        let differs = |known: &Said| {
            self.level(Comparator::Date, said, known, said::BIRTH) == Likeness::Different
                || self.level(Comparator::Exact, said, known, said::SEX) == Likeness::Different
        };
        let named = text(said, said::NAME).and_then(|name| self.known.named.get(name));
        let named = named.into_iter().flatten().copied();
        let meant = named.filter(move |place| {
            let person = self.known.persons[*place as usize];
            let numbers = self.known.numbers.get(&person).into_iter().flatten();
            let slips = |written: &String| {
                numbers
                    .clone()
                    .any(|number| level(Comparator::Digits, written, number) == Likeness::OneDigit)
            };
            written.as_ref().is_some_and(slips)
                && !self.taken(*place)
                && !self.any_said(*place, differs)
        });
        meant.map(|place| self.known.persons[place as usize])
    }

    /// Those of the row's name of whom nothing tells whether they are the row's: the birth isn't said, and nothing differs.
    pub(super) fn namesakes_unclear(&self, said: &Said) -> impl Iterator<Item = u32> {
        let named = text(said, said::NAME).and_then(|name| self.known.named.get(name));
        let differs = |known: &Said| {
            let level = |by, what| self.level(by, said, known, what);
            level(Comparator::Date, said::BIRTH) != Likeness::Blank
                || level(Comparator::Exact, said::SEX) == Likeness::Different
                || level(Comparator::Address, said::ADDRESS) == Likeness::Different
        };
        let unclear = move |place: &u32| {
            !self.taken(*place)
                && self.numbers(said, self.known.persons[*place as usize]) == Numbers::Silent
                && !self.any_said(*place, differs)
        };
        named.into_iter().flatten().copied().filter(unclear)
    }

    /// Whether nobody else in the ledger, on the list or in a question has the row's name.
    fn only_of_the_name(&self, said: &Said, place: u32) -> bool {
        let Some(name) = text(said, said::NAME) else {
            return false;
        };
        (self.known.named.get(name)).is_some_and(|named| *named == [place])
            && self.names.get(name) == Some(&1)
            && !self.known.waiting.contains_key(name)
    }

    /// Whether a row may be of a brother or sister instead: twins have the birth, the address and the telephone in common. Their
    /// given names differ, often by one character, where a slip of the pen changes a character into one that sounds or looks
    /// alike. Grown-up twins seldom share a home; there one character is a slip.
    fn sibling(&self, said: &Said, place: u32) -> bool {
        let is_child = |said: &Said| {
            let birth = said::birth(said);
            birth.is_some_and(|birth| {
                let grown_up = birth.saturating_add(jiff::Span::new().years(ADULT));
                grown_up > self.recognition.on
            })
        };
        !self.any_said(place, |known| {
            let sex = self.level(Comparator::Exact, said, known, said::SEX);
            match self.level(Comparator::Name, said, known, said::NAME) {
                Likeness::Blank | Likeness::Equal | Likeness::Variant => true,
                // Brothers and sisters have the surname in common.
                Likeness::Sound | Likeness::Given => sex != Likeness::Different,
                Likeness::OneCharacter => {
                    sex != Likeness::Different && !is_child(said) && !is_child(known)
                }
                _ => false,
            }
        })
    }

    fn best(&self, nth: usize, place: u32) -> Option<Pair> {
        let own = |pair: &&Pair| self.known.places[pair.a as usize] == place;
        self.pairs[nth].iter().find(own).copied()
    }

    /// Whether another row of the list is this person.
    fn taken(&self, place: u32) -> bool {
        self.taken.contains(&place)
    }

    fn holders(&self, said: &Said) -> impl Iterator<Item = i64> + '_ {
        let number = said::number(said).map(str::to_owned);
        let has = move |numbers: &BTreeSet<String>| {
            number
                .as_ref()
                .is_some_and(|number| numbers.contains(number))
        };
        let mut holders: Vec<i64> = (self.known.numbers.iter())
            .filter(|(_, numbers)| has(numbers))
            .map(|(person, _)| *person)
            .collect();
        holders.sort_unstable();
        holders.into_iter().take(MOST_CANDIDATES)
    }

    fn numbers(&self, said: &Said, person: i64) -> Numbers {
        match (said::number(said), self.known.numbers.get(&person)) {
            (Some(number), Some(known)) if known.contains(number) => Numbers::Equal,
            (Some(_), Some(_)) => Numbers::Different,
            _ => Numbers::Silent,
        }
    }

    /// Whether somebody else of that name could be meant as well: one whose birth nobody has said and who lives nearer to what
    /// the row says, or one who waits for an answer and has the row's telephone or door. An equal telephone or door of the
    /// person's own leaves no doubt.
    fn namesake(&self, said: &Said, place: u32) -> bool {
        let Some(name) = text(said, said::NAME) else {
            return false;
        };
        let unclear = |other: &&u32| {
            **other != place
                && !self.taken(**other)
                && !self.any_said(**other, |known| {
                    let birth = self.level(Comparator::Date, said, known, said::BIRTH);
                    let sex = self.level(Comparator::Exact, said, known, said::SEX);
                    birth != Likeness::Blank || sex == Likeness::Different
                })
        };
        let waits = |other: &Said| self.same_phone_or_door(said, other);
        let namesakes: Vec<u32> = (self.known.named.get(name).into_iter().flatten())
            .filter(unclear)
            .copied()
            .collect();
        let waiting = self.known.waiting.get(name).into_iter().flatten();
        let waits = waiting.into_iter().any(waits);
        if namesakes.is_empty() && !waits
            || self.any_said(place, |known| self.same_phone_or_door(said, known))
        {
            return false;
        }
        let own = self.distance(said, place);
        waits || (namesakes.iter()).any(|other| self.distance(said, *other) < own)
    }

    /// How far from what a row says somebody lives, as the best of the levels of their addresses; nothing if nobody says.
    fn distance(&self, said: &Said, place: u32) -> Likeness {
        let from = self.known.said_of[place as usize].iter();
        let levels = from.map(|at| {
            let known = self.known.said.get(*at);
            self.level(Comparator::Address, said, &known, said::ADDRESS)
        });
        let told = levels.filter(|level| *level != Likeness::Blank);
        told.min().unwrap_or(Likeness::Different)
    }

    fn number_put_right(&self, said: &Said, place: u32) -> bool {
        self.any_said(place, |known| {
            self.same_person(said, known) && self.same_phone_or_door(said, known)
        })
    }

    fn same_phone_or_door(&self, said: &Said, known: &Said) -> bool {
        let phone = self.level(Comparator::Digits, said, known, said::PHONE);
        let address = self.level(Comparator::Address, said, known, said::ADDRESS);
        phone == Likeness::Equal || matches!(address, Likeness::Equal | Likeness::Door)
    }

    fn same_name_and_birth(&self, said: &Said, place: u32) -> bool {
        self.any_said(place, |known| self.same_person(said, known))
    }

    fn same_person(&self, said: &Said, known: &Said) -> bool {
        let name = self.level(Comparator::Name, said, known, said::NAME);
        matches!(name, Likeness::Equal | Likeness::Variant)
            && self.level(Comparator::Date, said, known, said::BIRTH) == Likeness::Equal
    }

    fn level(&self, by: Comparator, a: &Said, b: &Said, what: usize) -> Likeness {
        level(by, &compared_part(a, what), &compared_part(b, what))
    }

    fn any_said(&self, place: u32, holds: impl Fn(&Said) -> bool) -> bool {
        let from = &self.known.said_of[place as usize];
        from.iter().any(|at| holds(&self.known.said.get(*at)))
    }

    fn weighed(&self, pair: &Pair) -> Weighed {
        let fields = &self.recognition.people.design.fields;
        let about = |about: About| match about {
            About::Prior => Weighed::PRIOR.to_owned(),
            About::Field(nth) => fields[nth].column.clone(),
            About::Household => Weighed::HOUSEHOLD.to_owned(),
        };
        let terms = self.linkage.terms(self.records, pair);
        let terms = terms
            .iter()
            .map(|t| (about(t.about), t.level, hundredths(t.weight)));
        Weighed {
            bits: hundredths(pair.weight),
            terms: terms.collect(),
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::float_arithmetic,
    reason = "weights are computed in floats, and far below the largest whole number of hundredths"
)]
fn hundredths(bits: f64) -> i32 {
    (bits * 100.0).round() as i32
}
