//! What the weights of a row come to. Weights propose; numbers, namesakes and rows that wait for an answer are heard before
//! anybody is taken for somebody, and what is left in doubt is asked.

use std::collections::{BTreeSet, HashMap};

use linkage::{About, Comparator, Grouping, Level, Linkage, Pair, Records, level};

use super::crowd::Crowd;
use super::{Recognised, Recognition, Said, alike};
use crate::finding::Weighed;
use crate::question::{Candidate, Question, QuestionKind};

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
    Ask(Box<Question>),
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
                Numbers::Silent => !self.namesake(said, place),
                Numbers::Equal => self.any_said(place, |known| {
                    alike(self.level(Comparator::Name, said, known, "name"))
                }),
                Numbers::Different => self.number_put_right(said, place),
            };
            if certain && let Some(pair) = self.best(nth, place) {
                return Ruling::Same(person, self.weighed(&pair));
            }
        }
        let mut candidates: Vec<Candidate> = Vec::new();
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
            return Ruling::New;
        }
        let key = (kind, recognised.digest(row));
        let question = Question::of_row(self.recognition, key, row, said, candidates);
        question.map_or(Ruling::New, |question| Ruling::Ask(Box::new(question)))
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
        let number = self.recognition.number(said).map(str::to_owned);
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
        match (
            self.recognition.number(said),
            self.known.numbers.get(&person),
        ) {
            (Some(number), Some(known)) if known.contains(number) => Numbers::Equal,
            (Some(_), Some(_)) => Numbers::Different,
            _ => Numbers::Silent,
        }
    }

    /// Whether somebody else of that name could be meant as well: one whose birth nobody has said and who lives nearer to what
    /// the row says, or one who waits for an answer and has the row's telephone or door. An equal telephone or door of the
    /// person's own leaves no doubt.
    fn namesake(&self, said: &Said, place: u32) -> bool {
        let Some(name) = self.recognition.of(said, "name") else {
            return false;
        };
        let name = name.to_string();
        let unclear = |other: &&u32| {
            **other != place
                && !self.taken(**other)
                && !self.any_said(**other, |known| {
                    let birth = self.level(Comparator::Date, said, known, "birth_date");
                    let sex = self.level(Comparator::Exact, said, known, "sex");
                    birth != Level::Blank || sex == Level::Different
                })
        };
        let waits = |other: &Said| self.same_phone_or_door(said, other);
        let namesakes: Vec<u32> = (self.known.named.get(&name).into_iter().flatten())
            .filter(unclear)
            .copied()
            .collect();
        let waiting = self.known.waiting.get(&name).into_iter().flatten();
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
    fn distance(&self, said: &Said, place: u32) -> Level {
        let from = self.known.said_of[place as usize].iter();
        let levels = from.map(|at| {
            let known = self.known.said.get(*at);
            self.level(Comparator::Address, said, &known, "address")
        });
        let told = levels.filter(|level| *level != Level::Blank);
        told.min().unwrap_or(Level::Different)
    }

    fn number_put_right(&self, said: &Said, place: u32) -> bool {
        self.any_said(place, |known| {
            self.same_person(said, known) && self.same_phone_or_door(said, known)
        })
    }

    fn same_phone_or_door(&self, said: &Said, known: &Said) -> bool {
        let phone = self.level(Comparator::Digits, said, known, "phone");
        let address = self.level(Comparator::Address, said, known, "address");
        phone == Level::Equal || matches!(address, Level::Equal | Level::Door)
    }

    fn same_name_and_birth(&self, said: &Said, place: u32) -> bool {
        self.any_said(place, |known| self.same_person(said, known))
    }

    fn same_person(&self, said: &Said, known: &Said) -> bool {
        let name = self.level(Comparator::Name, said, known, "name");
        matches!(name, Level::Equal | Level::Variant)
            && self.level(Comparator::Date, said, known, "birth_date") == Level::Equal
    }

    fn level(&self, by: Comparator, a: &Said, b: &Said, id: &str) -> Level {
        let text = |said: &Said| {
            let columns = self.recognition.people.design.columns();
            let evidence = self.recognition.evidence(said);
            let at = columns.iter().position(|column| *column == id);
            at.map(|at| evidence[at].clone()).unwrap_or_default()
        };
        level(by, &text(a), &text(b))
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
