//! Who the rows of a list are about. A row is somebody known if its number says so and the name agrees, if the same list said
//! exactly this of them before, or if the weights of what is said leave no doubt. A number proposes; it doesn't decide: one
//! number with two names, and one person with another number, are judged by everything else that is said.
//!
//! It promises that the same rows over the same ledger are the same people, whatever the order of the rows; that nobody is taken
//! for two rows of one list; and that whatever is left in doubt becomes a question, not a guess. It writes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use ledger::{Found, Ledger, LedgerError};
use linkage::{Comparator, Level, Records, level, link};
use pack::{Record, Register, Value};

use crate::finding::Finding;
use crate::known::{birth_of, plain_value, sex_of};
use crate::packed::{PackedRecord, PackedRecords, pack};
use crate::question::{Question, QuestionKind};
use crate::rows::{Rows, State};
use crate::script::{PERSON, People};

mod asked;
mod crowd;
mod doubles;
mod weighing;

use crowd::Crowd;
use weighing::{Ruling, Weighing, joined, pairs_by_row, rivals};

/// Who a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// A person of the ledger, by place in [`Recognised::persons`].
    Known(usize),
    /// Nobody the ledger knows.
    New,
    /// Somebody has to say.
    Asked(QuestionKind),
    /// Somebody said that the row is to be left out.
    Aside,
}

/// What a list says of somebody, in the order of [`People::said`].
pub(crate) type Said = Vec<Option<Value>>;

/// Somebody on a list, as the ledger has it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub found: Found,
    pub person: i64,
    pub roster: String,
    body: PackedRecord,
}

impl Listed {
    /// The listing's values.
    pub(crate) fn body(&self) -> Record {
        self.body.record()
    }

    fn said(&self, people: &People<'_>) -> Said {
        let body = self.body();
        (people.said.iter())
            .map(|(at, _)| body[*at].clone())
            .collect()
    }
}

/// Who everybody is.
#[derive(Debug, Default)]
pub(crate) struct Recognised {
    /// For each row; [`Who::New`] for those that aren't clean.
    pub who: Vec<Who>,
    pub persons: Vec<Found>,
    /// Rows whose number is somebody else's, who has another name.
    pub contested: BTreeSet<usize>,
    /// Everyone on a list of these books, left ones too.
    pub listed: Vec<Listed>,
    /// What is left to ask, with the row it comes from.
    pub questions: Vec<(usize, Question)>,
    /// By which weights rows were recognised.
    pub notes: Vec<(usize, Finding)>,
    /// People a question of this list, new or old, may be about.
    pub in_question: BTreeSet<i64>,
    /// The birth each row says.
    pub births: Vec<Option<Date>>,
    /// What each row says; of rows that aren't clean, nothing. Once all is told, it is let go.
    said: PackedRecords,
    /// How many rows before it say exactly the same, in the order of what rows say.
    nth: Vec<usize>,
    /// Rows that are whoever an earlier row is, whose number they say.
    follows: BTreeMap<usize, usize>,
}

/// A decision somebody made about a row, which stands in for recognising it.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// It is this person.
    Person(Box<Found>),
    /// It is nobody known.
    New,
}

/// What recognising needs.
pub(crate) struct Recognition<'a> {
    pub ledger: &'a Ledger,
    pub people: &'a People<'a>,
    pub person: &'a Register,
    pub rows: &'a Rows,
    /// The unit the list is of; people of its book and of those under it are looked at.
    pub unit: UnitCode,
    pub books: Vec<UnitCode>,
    pub on: Date,
    pub told: Option<&'a Told>,
}

impl<'a> Recognition<'a> {
    pub(crate) async fn run(self) -> Result<Recognised, LedgerError> {
        let count = self.rows.rows.len();
        let mut found = Recognised {
            who: vec![Who::New; count],
            listed: self.listed().await?,
            ..Recognised::default()
        };
        for row in 0..count {
            let said = self.said(row);
            let birth = said.iter().flatten().find_map(Value::as_date);
            found.births.push(birth);
            found.said.push(&said);
        }
        if let Some(told) = self.told {
            for row in 0..count {
                found.who[row] = match told {
                    Told::Person(person) => Who::Known(found.add(person)),
                    Told::New => Who::New,
                };
            }
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
        let persons = self.persons().await?;
        let questions = self.questions().await?;
        if persons.is_empty() && questions.is_empty() && found.contested.is_empty() {
            return Ok(());
        }
        found.nth = self.nth(found);
        self.as_before(&mut open, &persons, found);
        if !questions.is_empty() {
            self.as_decided(&mut open, &persons, found).await?;
        }
        if persons.is_empty() {
            self.ask_whose_number(&open, found);
        } else if !open.is_empty() {
            let mut known = Crowd::of(self, &persons, found);
            known.waiting = self.waiting(&questions);
            self.by_weight(&open, &persons, &known, found);
        }
        Ok(())
    }

    fn clean(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.rows.rows.len()).filter(|row| self.rows.rows[*row].state == State::Clean)
    }

    fn said(&self, row: usize) -> Said {
        if self.rows.rows[row].state != State::Clean {
            return Vec::new();
        }
        let values = self.rows.values(row);
        let fields = &self.people.register.fields;
        (self.people.said.iter())
            .map(|(at, origin)| plain_value(origin, &values, &fields[*at].kind, self.on, self.unit))
            .collect()
    }

    async fn listed(&self) -> Result<Vec<Listed>, LedgerError> {
        let register = self.people.register;
        let at = |id: &str| register.field(id).map(|(at, _)| at);
        let (Some(person), Some(roster)) = (at(PERSON), at("roster")) else {
            return Ok(Vec::new());
        };
        let mut listed = Vec::new();
        for book in &self.books {
            for found in self.ledger.records(*book, &register.id).await? {
                let Ok(body) = register.decode(&found.body) else {
                    continue;
                };
                let (Some(Value::Int(person)), Some(Value::Text(roster))) =
                    (&body[person], &body[roster])
                else {
                    continue;
                };
                listed.push(Listed {
                    person: *person,
                    roster: roster.clone(),
                    body: PackedRecord::of(&body),
                    found,
                });
            }
        }
        Ok(listed)
    }

    /// Everybody in these books, by number.
    async fn persons(&self) -> Result<BTreeMap<i64, Found>, LedgerError> {
        let mut persons = BTreeMap::new();
        for book in &self.books {
            for found in self.ledger.records(*book, PERSON).await? {
                if !found.closed {
                    persons.insert(found.record.0, found);
                }
            }
        }
        Ok(persons)
    }

    /// Rows whose number the ledger knows, with a name that agrees. Gives the rows that are still open. A number the ledger
    /// doesn't know is that of the first row that says it; a row that says it with another name is not believed it, and others
    /// are whoever the first is.
    async fn by_number(&self, recognised: &mut Recognised) -> Result<Vec<usize>, LedgerError> {
        let holders = self.holders(recognised).await?;
        let mut open = Vec::new();
        let mut first: HashMap<String, usize> = HashMap::new();
        let mut said = Said::new();
        let state = |row: &usize| self.rows.rows[*row].state == State::Clean;
        for row in self.rows.in_order().into_iter().filter(state) {
            recognised.said.read(row, &mut said);
            let number = self.number(&said);
            match number.and_then(|number| holders.get(number)) {
                Some(holder) if self.names_agree(&said, holder) => {
                    recognised.who[row] = Who::Known(recognised.add(holder));
                    continue;
                }
                Some(_) => {
                    recognised.contested.insert(row);
                }
                None => {
                    let before = number.map_or(row, |n| *first.entry(n.to_owned()).or_insert(row));
                    if before != row && !self.alike(&recognised.said.get(before), &said) {
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

    /// Who has the numbers of the rows.
    async fn holders(
        &self,
        recognised: &Recognised,
    ) -> Result<HashMap<String, Found>, LedgerError> {
        let mut said = Said::new();
        let mut numbers: Vec<String> = (self.clean())
            .filter_map(|row| {
                recognised.said.read(row, &mut said);
                self.number(&said).map(str::to_owned)
            })
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let found = self.ledger.find(PERSON, self.unit, &numbers).await?;
        let found = numbers.into_iter().zip(found);
        Ok(found
            .filter_map(|(n, f)| Some((n, f.filter(|f| !f.closed)?)))
            .collect())
    }

    /// After somebody decided who a row is: whether its number is another's.
    async fn contest(&self, recognised: &mut Recognised) -> Result<(), LedgerError> {
        let holders = self.holders(recognised).await?;
        for row in self.clean() {
            let own = recognised.record(row);
            let said = recognised.said.get(row);
            let holder = self.number(&said).and_then(|n| holders.get(n));
            if holder.is_some_and(|holder| Some(holder.record) != own) {
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
    /// tells them apart. People whose number another row says are that row's.
    fn as_before(
        &self,
        open: &mut Vec<usize>,
        persons: &BTreeMap<i64, Found>,
        recognised: &mut Recognised,
    ) {
        let taken: HashSet<i64> = recognised.persons.iter().map(|p| p.record.0).collect();
        let mut before: HashMap<Vec<u8>, Vec<i64>> = HashMap::new();
        for listed in &recognised.listed {
            let own = listed.roster == self.people.roster && !listed.found.closed;
            if own && !taken.contains(&listed.person) {
                let mut said = Vec::new();
                pack(&listed.said(self.people), &mut said);
                before.entry(said).or_default().push(listed.person);
            }
        }
        let mut rows: HashMap<&[u8], usize> = HashMap::new();
        for row in open.iter() {
            *rows.entry(recognised.said.bytes(*row)).or_default() += 1;
        }
        let mut same = Vec::new();
        open.retain(|row| {
            let said = recognised.said.bytes(*row);
            let found = (before.get(said))
                .filter(|people| rows.get(said) == Some(&people.len()))
                .and_then(|people| persons.get(people.get(recognised.nth[*row])?));
            same.extend(found.map(|found| (*row, found)));
            found.is_none()
        });
        for (row, found) in same {
            recognised.who[row] = Who::Known(recognised.add(found));
        }
    }

    /// Rows weighed against everybody known.
    fn by_weight(
        &self,
        open: &[usize],
        persons: &BTreeMap<i64, Found>,
        known: &Crowd,
        recognised: &mut Recognised,
    ) {
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
                Who::Known(at) => known.place(recognised.persons[at].record.0),
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
            if let Some(name) = self.of(&said, "name") {
                *names.entry(name.to_string()).or_default() += 1;
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
            if let Some(found) = persons.get(&person) {
                recognised.who[row] = Who::Known(recognised.add(found));
                let finding = Finding::Recognised(Box::new(weighed));
                recognised.notes.push((row, finding));
            }
        }
    }

    /// What is said, as it is compared. A number tells birth and sex, too.
    fn evidence(&self, said: &Said) -> Vec<String> {
        let mut texts = vec![String::new(); self.people.design.columns().len()];
        let number = self.number(said);
        for (((at, _), column), value) in
            self.people.said.iter().zip(&self.people.columns).zip(said)
        {
            let Some(column) = *column else { continue };
            texts[column] = match (value, self.people.register.fields[*at].id.as_str()) {
                (Some(value), _) => value.to_string(),
                (None, "birth_date") => number
                    .and_then(birth_of)
                    .map(|birth| birth.to_string())
                    .unwrap_or_default(),
                (None, "sex") => number.and_then(sex_of).unwrap_or_default(),
                _ => String::new(),
            };
        }
        texts
    }

    /// What is said under a name.
    fn of<'s>(&self, said: &'s Said, id: &str) -> Option<&'s Value> {
        let at = (self.people.said.iter())
            .position(|(at, _)| self.people.register.fields[*at].id == id)?;
        said.get(at)?.as_ref()
    }

    fn number<'s>(&self, said: &'s Said) -> Option<&'s str> {
        self.of(said, "id_number")?.as_text()
    }

    /// Whether two rows can have one name.
    fn alike(&self, one: &Said, other: &Said) -> bool {
        let name = |said| self.of(said, "name").and_then(Value::as_text);
        match (name(one), name(other)) {
            (Some(one), Some(other)) => alike(level(Comparator::Name, one, other)),
            _ => true,
        }
    }

    /// Whether the row's name can be that of the person.
    fn names_agree(&self, said: &Said, person: &Found) -> bool {
        let known = (self.person.decode(&person.body).ok())
            .and_then(|body| field_of(self.person, &body, "name").cloned());
        match (self.of(said, "name").and_then(Value::as_text), known) {
            (Some(name), Some(Value::Text(known))) => alike(level(Comparator::Name, name, &known)),
            _ => true,
        }
    }
}

impl Recognised {
    /// A person's place among those found.
    fn add(&mut self, person: &Found) -> usize {
        self.persons.push(person.clone());
        self.persons.len() - 1
    }

    /// The record of the person a row is about, if the ledger knows them.
    fn record(&self, row: usize) -> Option<RecordId> {
        match self.who[row] {
            Who::Known(at) => Some(self.persons[at].record),
            _ => None,
        }
    }

    /// What a row says; nothing if it isn't clean.
    fn said(&self, row: usize) -> Said {
        self.said.get(row)
    }

    /// The digest by which the question of a row is found again.
    fn digest(&self, row: usize) -> String {
        Question::digest(&self.said(row), self.nth[row])
    }

    /// Whether nothing of a row is carried out.
    pub(crate) fn held(&self, row: usize) -> bool {
        matches!(self.who[row], Who::Asked(_) | Who::Aside)
    }
}

/// A name that one person may be written by.
fn alike(level: Level) -> bool {
    matches!(
        level,
        Level::Blank | Level::Equal | Level::Variant | Level::Sound | Level::OneCharacter
    )
}

fn field_of<'r>(register: &Register, body: &'r Record, id: &str) -> Option<&'r Value> {
    let (at, _) = register.field(id)?;
    body.get(at)?.as_ref()
}
