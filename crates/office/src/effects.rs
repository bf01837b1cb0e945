//! Whose answers an action would change: the same questions asked of the families concerned, before and with what would be written.
//! Nothing is written for it. Of a move it doesn't tell: which home counts then is worked out over all units, once it is said.

use std::collections::{BTreeMap, BTreeSet};

use intake::{PlannedRecord, PlannedValue, PlannedWord};
use jiff::civil::Date;
use kernel::{Answer, RecordId, UnitCode};
use pack::{Exists, Record, Text, Value};
use programmes::Explanation;
use tables::{RowChange, Snapshot};

use crate::error::OfficeError;
use crate::row::SeenCell;
use crate::view::View;

/// The most people whose answers are compared.
const MOST_PEOPLE: usize = 40;

/// An answer that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Whose: a person's or another record's of the register; none of one that is opened.
    pub record: Option<RecordId>,
    /// Its register.
    pub register: String,
    /// Their name, as it may be seen.
    pub name: String,
    /// The programme.
    pub programme: String,
    /// The answer now; none if nothing is asked of them.
    pub before: Option<Answer>,
    /// The answer then.
    pub after: Option<Answer>,
}

/// Of which register a record is asked about, its number in the comparison, and itself where it is known.
type Asked<'a> = (&'a str, i64, Option<RecordId>);

/// The number a new record has for the comparison: beyond every number the ledger gives.
fn numbered(nth: u32) -> i64 {
    (1 << 60) + i64::from(nth)
}

/// What words would do besides what they say.
#[derive(Default)]
pub(crate) struct Foreseen {
    /// Whose answers they would change; none if that can't be told before they are written.
    pub effects: Option<Vec<Effect>>,
    /// The checks that would find fault with something then.
    pub doubts: Vec<Text>,
}

impl View {
    /// What words would do besides what they say.
    pub(crate) async fn foreseen(
        &self,
        words: &[PlannedWord],
        on: Date,
    ) -> Result<Foreseen, OfficeError> {
        Ok(Foreseen {
            effects: self.effects(words, on).await?,
            doubts: self.doubts_foreseen(words, on).await?,
        })
    }

    /// The names of the checks that would find fault with what they find none with now, of what is around the people concerned.
    async fn doubts_foreseen(
        &self,
        words: &[PlannedWord],
        on: Date,
    ) -> Result<Vec<Text>, OfficeError> {
        let pack = &self.office.pack;
        let standing = self.office.tables.snapshot().await?;
        let bench = self.office.bench(on).await?;
        let named = words.iter().flat_map(|word| self.people_of(word));
        let named: BTreeSet<i64> = named.map(|person| standing.stays(person).0).collect();
        let rows = bench.relatives.around_all(&named)?;
        let changes = self.changes(&standing, words, on);
        let registers: BTreeSet<&str> = changes.keys().map(String::as_str).collect();
        let checks = self.office.checks(on).await?;
        let mut checks = checks.lock().await;
        let before = checks.in_rows(rows.clone(), &registers).await?;
        let changed = tables::changed(pack, rows, &changes)?;
        let after = checks.in_rows(changed, &registers).await?;
        drop(checks);
        let mut names: Vec<Text> = Vec::new();
        for doubt in after {
            let known = before.iter().any(|known| known == &doubt);
            if !known && doubt.seen_by(pack, &self.grant) && !names.contains(&doubt.of.name) {
                names.push(doubt.of.name.clone());
            }
        }
        Ok(names)
    }

    /// Whose answers words would change; none if that can't be told before they are written.
    async fn effects(
        &self,
        words: &[PlannedWord],
        on: Date,
    ) -> Result<Option<Vec<Effect>>, OfficeError> {
        let pack = &self.office.pack;
        let moves = |word: &PlannedWord| {
            let register = pack.register(&word.register);
            word.moves || register.is_some_and(|register| register.home.is_some())
        };
        if words.iter().any(moves) {
            return Ok(None);
        }
        let standing = self.office.tables.snapshot().await?;
        let bench = self.office.bench(on).await?;
        let named: BTreeSet<i64> = (words.iter())
            .flat_map(|word| self.people_of(word))
            .map(|person| standing.stays(person).0)
            .collect();
        let people = &self.office.contract.people.register.id;
        let mut around = named.clone();
        if let Some(rows) = bench.relatives.around_all(&named)?.get(people) {
            around.extend(tables::records(rows));
        }
        let changes = self.changes(&standing, words, on);
        let known = around.into_iter().map(RecordId);
        let mut asked: Vec<Asked<'_>> = known
            .filter(|person| self.reads_all_of(&standing, (people, *person), on))
            .map(|person| (people.as_str(), person.0, Some(person)))
            .take(MOST_PEOPLE)
            .collect();
        // Records that are judged by themselves, and whoever is opened.
        let subjects = pack.subjects.iter().filter_map(|own| own.of.as_ref());
        let is_judged = |register: &String| subjects.clone().any(|of| of == register);
        let own: BTreeSet<Asked<'_>> = (words.iter())
            .filter_map(|word| match word.record {
                PlannedRecord::New(nth)
                    if word.register == *people || is_judged(&word.register) =>
                {
                    Some((word.register.as_str(), numbered(nth), None))
                }
                PlannedRecord::Known(record) if is_judged(&word.register) => {
                    let stays = standing.stays(record);
                    Some((word.register.as_str(), stays.0, Some(stays)))
                }
                _ => None,
            })
            .filter(|(register, _, known)| {
                known.is_none_or(|own| self.reads_all_of(&standing, (register, own), on))
            })
            .take(MOST_PEOPLE)
            .collect();
        asked.extend(own);
        let mut effects = Vec::new();
        for (register, record, known) in asked {
            let (mut before, mut family) = (BTreeMap::new(), named.clone());
            if known.is_some() {
                let own = bench.relatives.around(record)?;
                before = answers(bench.desk.lock().await.explain(record, own).await?);
                family.insert(record);
            }
            let rows = bench.relatives.around_all(&family)?;
            let rows = tables::changed(pack, rows, &changes)?;
            let after = answers(bench.desk.lock().await.explain(record, rows).await?);
            let name = match known {
                Some(person) if register == people => self.name_on(&standing, person, on),
                Some(_) => self.title_on(register, record, on).await?,
                None => self.name_said(words, (register, record)),
            };
            for programme in &pack.programmes {
                let (before, after) = (before.get(&programme.id), after.get(&programme.id));
                if before != after {
                    effects.push(Effect {
                        record: known,
                        register: register.to_owned(),
                        name: name.clone(),
                        programme: programme.id.clone(),
                        before: before.copied(),
                        after: after.copied(),
                    });
                }
            }
        }
        Ok(Some(effects))
    }

    /// What would stand otherwise on a day, by register.
    fn changes(
        &self,
        standing: &Snapshot,
        words: &[PlannedWord],
        on: Date,
    ) -> BTreeMap<String, Vec<RowChange>> {
        let pack = &self.office.pack;
        let mut states: BTreeMap<(String, i64), RowChange> = BTreeMap::new();
        // What is said of one from several days comes to what was said for the last of them.
        let mut sorted: Vec<&PlannedWord> = words.iter().collect();
        sorted.sort_by_key(|word| word.from.unwrap_or(on));
        for word in sorted {
            let Some(register) = pack.register(&word.register) else {
                continue;
            };
            let (id, known) = match word.record {
                PlannedRecord::Known(record) => {
                    let stays = standing.stays(record);
                    (stays.0, standing.record(&register.id, stays, on))
                }
                PlannedRecord::New(nth) => (numbered(nth), None),
            };
            let begun = word.from.is_none_or(|from| from <= on);
            let key = (register.id.clone(), id);
            if !begun && states.contains_key(&key) {
                continue;
            }
            let state = states.entry(key).or_insert_with(|| {
                let unit = match word.record {
                    PlannedRecord::Known(record) => self.whose(standing, &register.id, record, on),
                    new => {
                        let of_it = words.iter().filter(|word| word.record == new);
                        self.unit_of_new(standing, of_it, on)
                    }
                };
                let blank = || vec![None; register.fields.len()];
                RowChange {
                    id,
                    unit: unit.to_string(),
                    since: word.from.unwrap_or(on),
                    record: Some(known.unwrap_or_else(blank)),
                }
            });
            let ended = word.until.is_some_and(|until| until <= on);
            if ended || !begun && register.exists != Exists::Always {
                state.record = None;
            }
            if let Some(record) = &mut state.record {
                say(record, word);
            }
        }
        let mut changes: BTreeMap<String, Vec<RowChange>> = BTreeMap::new();
        for ((register, _), change) in states {
            changes.entry(register).or_default().push(change);
        }
        changes
    }

    /// Whose a new record is: the unit of the first person it is about.
    fn unit_of_new<'w>(
        &self,
        standing: &Snapshot,
        mut words: impl Iterator<Item = &'w PlannedWord>,
        on: Date,
    ) -> UnitCode {
        let people = &self.office.contract.people.register.id;
        let about = words.find_map(|word| self.people_of(word).into_iter().next());
        about.map_or(self.root, |person| self.whose(standing, people, person, on))
    }

    fn reads_all_of(
        &self,
        standing: &Snapshot,
        (register, record): (&str, RecordId),
        on: Date,
    ) -> bool {
        self.grant
            .reads_everything(&self.whose(standing, register, record, on))
    }

    /// What names a record that is no person, in the words of the ledger.
    async fn title_on(&self, register: &str, record: i64, on: Date) -> Result<String, OfficeError> {
        let Ok(register) = self.register(register) else {
            return Ok(String::new());
        };
        let titles = self.titles_seen(on, register, &[record]).await?;
        let parts = titles.into_values().find_map(|title| title.parts);
        let parts = parts.into_iter().flatten();
        let parts = parts.filter_map(|(_, cell)| match cell {
            SeenCell::Value(value) => Some(value.to_string()),
            _ => None,
        });
        Ok(parts.collect::<Vec<_>>().join(" "))
    }

    fn name_on(&self, standing: &Snapshot, person: RecordId, on: Date) -> String {
        let picks = self.picks(standing, vec![person], on);
        picks
            .into_iter()
            .next()
            .map(|pick| pick.name)
            .unwrap_or_default()
    }

    /// The name that is said of somebody, or of a record, that is opened.
    fn name_said(&self, words: &[PlannedWord], (register, record): (&str, i64)) -> String {
        let people = &self.office.contract.people;
        let name = match self.office.pack.register(register) {
            Some(declared) if declared.id != people.register.id => declared.look.title.first(),
            _ => Some(&people.name.at),
        };
        let said = words.iter().filter(|word| match word.record {
            PlannedRecord::New(nth) => numbered(nth) == record && word.register == register,
            PlannedRecord::Known(_) => false,
        });
        let mut fields = said.flat_map(|word| &word.fields);
        let field = fields.find(|field| Some(&field.at) == name);
        match field.map(|field| &field.after) {
            Some(PlannedValue::Value(value)) => value.to_string(),
            _ => String::new(),
        }
    }
}

/// Puts what a word says into a record, as far as it will stand.
fn say(record: &mut Record, word: &PlannedWord) {
    for field in word.fields.iter().filter(|field| field.stands) {
        record[field.at] = match &field.after {
            PlannedValue::Value(value) => Some(value.clone()),
            PlannedValue::New(nth) => Some(Value::Int(numbered(*nth))),
            PlannedValue::Unknown => None,
        };
    }
}

/// One answer for each programme: of several subjects somebody belongs to, the one that gives most.
fn answers(explained: Vec<Explanation>) -> BTreeMap<String, Answer> {
    let gives = |answer: Answer| match answer {
        Answer::Entitled => 2,
        Answer::CannotTell => 1,
        Answer::NotEntitled => 0,
    };
    let mut answers: BTreeMap<String, Answer> = BTreeMap::new();
    for explanation in explained {
        let known = answers
            .entry(explanation.programme)
            .or_insert(explanation.answer);
        if gives(explanation.answer) > gives(*known) {
            *known = explanation.answer;
        }
    }
    answers
}
