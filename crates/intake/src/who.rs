//! Who the rows of a list are about. A row is somebody known if its number says so and the name agrees, if the same list said
//! exactly this of them before, or if the weights of what is said leave no doubt. A number proposes; it doesn't decide: one
//! number with two names, and one person with another number, are judged by everything else that is said.
//!
//! It promises that the same rows over the same ledger are the same people, whatever the order of the rows; that nobody is taken
//! for two rows of one list; and that whatever is left in doubt becomes a question, not a guess. It writes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::Date;
use kernel::{Grant, RecordId, UnitCode};
use ledger::{Ledger, LedgerError, Voice};
use linkage::{Comparator, Likeness, Records, level, link};
use pack::{Contract, Pack};
use rayon::prelude::*;
use tables::{Shelf, Snapshot};

use crate::finding::{Finding, QuestionKind};
use crate::holder::{Holder, Holders};
use crate::packed::{FastMap, PackedRecords, pack};
use crate::question::{Candidate, Inquiry};
use crate::rows::{Rows, State};
use crate::said::{self, Said, compared, said_by_row, text};
use crate::script::People;

mod asked;
mod crowd;
mod doubles;
mod elsewhere;
pub(crate) mod evidence;
mod weighing;

use crowd::Crowd;
use evidence::Evidence;
use weighing::{Ruling, Weighing, joined, pairs_by_row, rivals};

/// How many rows are read at once.
const SAID_AT_ONCE: usize = 65_536;

/// Who a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// A person of the ledger.
    Known(RecordId),
    /// Nobody the ledger knows.
    New,
    /// Somebody has to say.
    Asked(QuestionKind),
    /// Somebody said that the row is to be left out.
    Aside,
}

/// Who everybody is.
#[derive(Default)]
pub(crate) struct Recognised {
    /// For each row; [`Who::New`] for those that aren't clean.
    pub who: Vec<Who>,
    /// Of rows that are somebody by their number, though these turned out to be two: the record the number is said of.
    pub numbered: HashMap<usize, RecordId>,
    /// Rows whose number is somebody else's, who has another name.
    pub contested: BTreeSet<usize>,
    /// Rows whose number was said of somebody else once, whose it isn't.
    pub once_others: BTreeSet<usize>,
    /// What is left to ask, with the row it comes from.
    pub questions: Vec<(usize, Inquiry)>,
    /// By which weights rows were recognised.
    pub notes: Vec<(usize, Finding)>,
    /// People a question of this list, new or old, may be about.
    pub in_question: BTreeSet<i64>,
    /// The birth each row says.
    pub births: Vec<Option<Date>>,
    /// Whether somebody was held against everybody known, so that it counts who they are.
    pub weighed: bool,
    /// What each row says; of rows that aren't clean, nothing. Once all is told, it is let go.
    said: PackedRecords,
    /// How many rows before it say exactly the same, in the order of what rows say.
    nth: Vec<usize>,
    /// Rows that are whoever an earlier row is, whose number they say.
    follows: BTreeMap<usize, usize>,
}

/// A decision somebody made about a row, which stands in for recognising it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Told {
    /// It is this person.
    Person(RecordId),
    /// It is nobody known.
    New,
}

/// What recognising needs.
pub(crate) struct Recognition<'a> {
    pub ledger: &'a Ledger,
    pub standing: &'a Snapshot,
    pub pack: &'a Pack,
    pub contract: &'a Contract,
    pub people: &'a People<'a>,
    pub rows: &'a Rows,
    /// Whose list it is. People kept in its unit's book, in those under it and in those above it are looked at, those whom a list
    /// of these units names, and by a desk whoever elsewhere has the name of a row.
    pub voice: &'a Voice,
    /// Who sends it: people they may not read are not looked at, if they are kept elsewhere.
    pub grant: &'a Grant,
    pub on: Date,
    pub told: Option<Told>,
}

impl<'a> Recognition<'a> {
    pub(crate) async fn run(self) -> Result<Recognised, LedgerError> {
        let count = self.rows.rows.len();
        let mut found = Recognised {
            who: vec![Who::New; count],
            ..Recognised::default()
        };
        found.said.reserve(count);
        for (births, said) in self.all_said() {
            found.births.extend(births);
            found.said.append(said);
        }
        if let Some(told) = self.told {
            let who = match told {
                Told::Person(person) => Who::Known(person),
                Told::New => Who::New,
            };
            found.who = vec![who; count];
            self.contest(&mut found).await?;
            return Ok(found);
        }
        let open = self.by_number(&mut found).await?;
        if !open.is_empty() {
            self.by_words(open, &mut found).await?;
        }
        for (row, first) in &found.follows {
            found.who[*row] = found.who[*first];
        }
        self.note_alike(&mut found);
        found.said = PackedRecords::default();
        Ok(found)
    }

    /// Rows that no number tells, by what they say.
    async fn by_words(
        &self,
        mut open: Vec<usize>,
        found: &mut Recognised,
    ) -> Result<(), LedgerError> {
        found.weighed = true;
        let evidence = Evidence::gather(self.standing, self.pack, self.voice);
        let elsewhere = self.elsewhere(&open, found);
        let persons = self.persons(&evidence, &elsewhere);
        let questions = self.questions();
        if persons.is_empty() && questions.is_empty() && found.contested.is_empty() {
            return Ok(());
        }
        found.nth = self.nth(found);
        self.as_before(&mut open, &evidence, found);
        if !questions.is_empty() {
            self.as_decided(&mut open, &persons, found).await?;
        }
        if persons.is_empty() {
            self.ask_whose_number(&open, found);
        } else if !open.is_empty() {
            let mut known = Crowd::of(self, persons, &evidence);
            known.waiting = self.waiting(&questions);
            known.elsewhere = elsewhere;
            drop(evidence);
            self.by_weight(&open, &known, found);
        }
        Ok(())
    }

    fn unit(&self) -> UnitCode {
        self.voice.unit
    }

    fn clean(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.rows.rows.len()).filter(|row| self.rows.rows[*row].state == State::Clean)
    }

    fn said(&self, row: usize) -> Said {
        if self.rows.rows[row].state != State::Clean {
            return Vec::new();
        }
        said_by_row(self.people, &self.rows.values(row), self.on, self.unit())
    }

    /// What all rows say, some after the others, with the births they say.
    fn all_said(&self) -> Vec<(Vec<Option<Date>>, PackedRecords)> {
        let rows: Vec<usize> = (0..self.rows.rows.len()).collect();
        let some = rows.par_chunks(SAID_AT_ONCE).map(|rows| {
            let mut births = Vec::with_capacity(rows.len());
            let mut packed = PackedRecords::default();
            for row in rows {
                let said = self.said(*row);
                births.push(said::birth(&said));
                packed.push(&said);
            }
            (births, packed)
        });
        some.collect()
    }

    /// Whether a book is the unit's, or one under or above it.
    fn is_near(&self, book: &UnitCode) -> bool {
        let unit = self.unit();
        unit.contains(book) || book.contains(&unit)
    }

    /// Everybody a row may be about, ascending.
    fn persons(&self, evidence: &Evidence, elsewhere: &BTreeSet<i64>) -> Vec<i64> {
        let people = &self.contract.people.register.id;
        let shelf = self.standing.shelf(people);
        let near = |record: &RecordId| {
            let book = shelf.as_ref().and_then(|people| people.kept_in(*record));
            book.is_some_and(|book| self.is_near(&book))
        };
        let standing = self.standing.records(people).into_iter();
        let mut persons: Vec<i64> = standing
            .filter(near)
            .map(|record| record.0)
            .chain(evidence.of.iter().map(|(person, _)| *person))
            .chain(elsewhere.iter().copied())
            .collect();
        persons.sort_unstable();
        persons.dedup();
        persons
    }

    /// Rows whose number the ledger knows, with a name that agrees. Gives the rows that are still open. A number the ledger
    /// doesn't know is that of the first row that says it; a row that says it with another name is not believed it, and others
    /// are whoever the first is.
    async fn by_number(&self, recognised: &mut Recognised) -> Result<Vec<usize>, LedgerError> {
        let holders = self.holders(recognised).await?;
        let people = self.standing.shelf(&self.contract.people.register.id);
        let found = self.found_by_number(recognised, &holders, people.as_ref());
        let doubles = self.standing.doubles();
        let mut open = Vec::new();
        let mut first: FastMap<String, usize> = FastMap::default();
        let mut said = Said::new();
        let state = |row: &usize| self.rows.rows[*row].state == State::Clean;
        for row in self.rows.in_order().filter(state) {
            let by_number = found[row];
            if let Some((holder, true)) = by_number {
                recognised.who[row] = Who::Known(holder.record);
                if doubles.contains_key(&holder.record) {
                    recognised.numbered.insert(row, holder.numbered);
                }
                continue;
            }
            recognised.said.read(row, &mut said);
            let number = said::number(&said);
            match by_number.map(|(holder, _)| holder) {
                Some(holder) if holder.now => {
                    recognised.contested.insert(row);
                }
                holder => {
                    if holder.is_some() {
                        recognised.once_others.insert(row);
                    }
                    let before = number.map_or(row, |n| *first.entry(n.to_owned()).or_insert(row));
                    if before != row && !one_name(&recognised.said.get(before), &said) {
                        recognised.contested.insert(row);
                    } else if before != row {
                        recognised.follows.insert(row, before);
                        continue;
                    }
                }
            }
            open.push(row);
        }
        open.sort_unstable();
        Ok(open)
    }

    /// Who has the number of each row, and whether the row's name can be theirs.
    fn found_by_number<'h>(
        &self,
        recognised: &Recognised,
        holders: &'h FastMap<String, Holder>,
        people: Option<&Shelf<'_>>,
    ) -> Vec<Option<(&'h Holder, bool)>> {
        let rows = 0..self.rows.rows.len();
        let found = rows.into_par_iter().map_init(Said::new, |said, row| {
            recognised.said.read(row, said);
            let holder = holders.get(said::number(said)?)?;
            let agrees = names_agree(said, holder) || self.was_called(people?, holder, said);
            Some((holder, agrees))
        });
        found.collect()
    }

    /// Whether somebody said the row's name of the holder, though another stands: whoever was merged has two names.
    fn was_called(&self, people: &Shelf<'_>, holder: &Holder, said: &Said) -> bool {
        let Some(name) = text(said, said::NAME) else {
            return false;
        };
        let at = self.contract.people.name.at;
        let names = people.ranked(holder.record, at, self.on);
        let mut names = names
            .iter()
            .filter_map(|(_, known)| known.as_ref()?.as_text());
        names.any(|known| alike(level(Comparator::Name, name, known)))
    }

    /// Who has the numbers of the rows.
    async fn holders(
        &self,
        recognised: &Recognised,
    ) -> Result<FastMap<String, Holder>, LedgerError> {
        let mut said = Said::new();
        let mut numbers: Vec<String> = (self.clean())
            .filter_map(|row| {
                recognised.said.read(row, &mut said);
                said::number(&said).map(str::to_owned)
            })
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let holders = Holders {
            ledger: self.ledger,
            standing: self.standing,
            people: &self.contract.people,
            unit: self.unit(),
            on: self.on,
        };
        let found = holders.of(&numbers).await?;
        let found = numbers.into_iter().zip(found);
        Ok(found
            .filter_map(|(number, holder)| Some((number, holder?)))
            .collect())
    }

    /// After somebody decided who a row is: whether its number is another's.
    async fn contest(&self, recognised: &mut Recognised) -> Result<(), LedgerError> {
        let holders = self.holders(recognised).await?;
        for row in self.clean() {
            let own = recognised.record(row);
            let said = recognised.said.get(row);
            let holder = said::number(&said).and_then(|n| holders.get(n));
            if holder.is_some_and(|holder| holder.now && Some(holder.record) != own) {
                recognised.contested.insert(row);
            }
        }
        Ok(())
    }

    /// For each row how many before it say exactly the same.
    fn nth(&self, recognised: &Recognised) -> Vec<usize> {
        let said = &recognised.said;
        let mut nth = vec![0; said.len()];
        let mut seen: HashMap<&[u8], usize> = HashMap::new();
        for row in self.rows.in_order() {
            let before = seen.entry(said.bytes(row)).or_default();
            nth[row] = *before;
            *before += 1;
        }
        nth
    }

    /// Rows that say exactly what the same list said before. Where it said so of several, as many rows must say it now: nothing
    /// tells them apart. People whose number another row says are that row's. A number that is somebody else's was not taken.
    fn as_before(&self, open: &mut Vec<usize>, evidence: &Evidence, recognised: &mut Recognised) {
        let taken: HashSet<i64> = recognised.known().map(|person| person.0).collect();
        let mut before: HashMap<&[u8], Vec<i64>> = HashMap::new();
        for (at, (person, own)) in evidence.of.iter().enumerate() {
            if *own && !taken.contains(person) {
                before.entry(evidence.bytes(at)).or_default().push(*person);
            }
        }
        let says = |row: usize| {
            let mut said = recognised.said.get(row);
            let whole = |mut said: Said| {
                said::add_told(self.people, &mut said);
                let mut bytes = Vec::new();
                pack(&said, &mut bytes);
                bytes
            };
            let bytes = whole(said.clone());
            if !recognised.contested.contains(&row) || before.contains_key(&*bytes) {
                return (bytes, false);
            }
            said[said::NUMBER] = None;
            (whole(said), true)
        };
        let mut rows: HashMap<(Vec<u8>, bool), usize> = HashMap::new();
        for row in open.iter() {
            *rows.entry(says(*row)).or_default() += 1;
        }
        let mut same = Vec::new();
        open.retain(|row| {
            let says = says(*row);
            let person = (before.get(&*says.0))
                .filter(|people| rows.get(&says) == Some(&people.len()))
                // Rows that say exactly this come before one whose number isn't believed.
                .filter(|people| {
                    !says.1 || people.len() == 1 && !rows.contains_key(&(says.0.clone(), false))
                })
                .and_then(|people| people.get(recognised.nth[*row]));
            same.extend(person.map(|person| (*row, RecordId(*person))));
            person.is_none()
        });
        for (row, person) in same {
            recognised.who[row] = Who::Known(person);
        }
    }

    /// Rows weighed against everybody known.
    fn by_weight(&self, open: &[usize], known: &Crowd, recognised: &mut Recognised) {
        let mut records = Records::new(self.people.design.columns().len());
        let mut said = Said::new();
        for (at, place) in known.places.iter().enumerate() {
            known.said.read(at, &mut said);
            records.push_known(*place, 0, self.evidence(&said).iter().map(String::as_str));
        }
        let first = records.len();
        let rows: Vec<usize> = (self.clean())
            .filter(|row| !recognised.follows.contains_key(row))
            .collect();
        for row in &rows {
            recognised.said.read(*row, &mut said);
            let evidence = self.evidence(&said);
            let evidence = evidence.iter().map(String::as_str);
            let place = match recognised.who[*row] {
                Who::Known(person) => known.place(person.0),
                _ => None,
            };
            match place {
                Some(place) => records.push_known(place, 1, evidence),
                None => records.push(1, evidence),
            };
        }
        let linkage = link(&self.people.design, &records, &mut |_| ());
        let grouping = linkage.group(&self.people.design, &records);
        let joined = joined(&grouping, known, first);
        let mut names: HashMap<String, usize> = HashMap::new();
        for row in &rows {
            recognised.said.read(*row, &mut said);
            if let Some(name) = text(&said, said::NAME) {
                *names.entry(name.to_owned()).or_default() += 1;
            }
        }
        let pairs = pairs_by_row(&linkage, first, rows.len());
        let weighing = Weighing {
            recognition: self,
            taken: joined.iter().flatten().copied().collect(),
            rivals: rivals(&pairs, &joined, known),
            names,
            known,
            records: &records,
            linkage: &linkage,
            pairs,
            joined,
        };
        let open: BTreeSet<usize> = open.iter().copied().collect();
        let mut taken = Vec::new();
        for (nth, row) in rows
            .iter()
            .enumerate()
            .filter(|(_, row)| open.contains(row))
        {
            match weighing.judge(nth, *row, recognised) {
                Ruling::Same(person, weighed) => taken.push((*row, person, weighed)),
                Ruling::Ask(question) => {
                    recognised
                        .in_question
                        .extend(question.candidates.iter().map(|c| c.person));
                    recognised.who[*row] = Who::Asked(question.kind);
                    recognised.questions.push((*row, *question));
                }
                Ruling::New => {
                    let said = recognised.said(*row);
                    if weighing.namesakes_unclear(&said).next().is_some() {
                        recognised.notes.push((*row, Finding::SameName));
                    }
                }
            }
        }
        for (row, person, weighed) in taken {
            recognised.who[row] = Who::Known(RecordId(person));
            let finding = Finding::Recognised(Box::new(weighed));
            recognised.notes.push((row, finding));
        }
    }

    /// The question of a row.
    fn question(
        &self,
        key: (QuestionKind, String),
        row: usize,
        said: &Said,
        candidates: Vec<Candidate>,
    ) -> Option<Inquiry> {
        let number = self.rows.rows[row].number;
        let row = (number, &*self.rows.values(row));
        Inquiry::of_row(self.people, key, row, said, candidates)
    }

    /// What is said, as it is compared.
    fn evidence(&self, said: &Said) -> Vec<String> {
        compared(&self.people.design, &self.people.columns, said)
    }
}

impl Recognised {
    /// The people of the ledger that rows are about.
    pub(crate) fn known(&self) -> impl Iterator<Item = RecordId> {
        self.who.iter().filter_map(|who| match who {
            Who::Known(person) => Some(*person),
            _ => None,
        })
    }

    /// The record of the person a row is about, if the ledger knows them.
    fn record(&self, row: usize) -> Option<RecordId> {
        match self.who[row] {
            Who::Known(person) => Some(person),
            _ => None,
        }
    }

    /// What a row says; nothing if it isn't clean.
    fn said(&self, row: usize) -> Said {
        self.said.get(row)
    }

    /// The digest by which the question of a row is found again.
    fn digest(&self, row: usize) -> String {
        Inquiry::digest(&self.said(row), self.nth[row])
    }

    /// Whether nothing of a row is carried out.
    pub(crate) fn held(&self, row: usize) -> bool {
        matches!(self.who[row], Who::Asked(_) | Who::Aside)
    }
}

/// A name that one person may be written by.
fn alike(level: Likeness) -> bool {
    matches!(
        level,
        Likeness::Blank
            | Likeness::Equal
            | Likeness::Variant
            | Likeness::Sound
            | Likeness::OneCharacter
    )
}

/// Whether two rows can have one name.
fn one_name(one: &Said, other: &Said) -> bool {
    match (text(one, said::NAME), text(other, said::NAME)) {
        (Some(one), Some(other)) => alike(level(Comparator::Name, one, other)),
        _ => true,
    }
}

/// Whether the row's name can be that of the person.
fn names_agree(said: &Said, holder: &Holder) -> bool {
    match (text(said, said::NAME), &holder.name) {
        (Some(name), Some(known)) => alike(level(Comparator::Name, name, known)),
        _ => true,
    }
}
