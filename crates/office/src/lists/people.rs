//! What a row of a list says of somebody: how to reach them, where they are, whom to ask if not them, how far the office has come, and what
//! would be paid. All of it comes from rows as the reader may see them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::age::full_years;
use pack::{Contract, FieldType, Pack, Register};
use programmes::Standing;

use super::{Entry, ListRow};
use crate::around::Around;
use crate::error::OfficeError;
use crate::row::{SeenCell, SeenRow};
use crate::view::View;

/// From which age on people are asked themselves: 民法典第十七条.
const OF_AGE: i32 = 18;
/// How many others are named who may be asked.
const MOST_ASKED: usize = 2;

/// Somebody on a list, as they may be seen.
#[derive(Clone, Debug)]
pub struct ListedPerson {
    /// The name, or its mask.
    pub name: String,
    /// The ID number.
    pub id_number: SeenCell,
    /// Their age in full years, where their birth may be seen and is known.
    pub age: Option<i32>,
    /// Whether they are recorded as dead.
    pub dead: bool,
    /// Their telephones.
    pub telephones: Vec<SeenCell>,
    /// Where they live, or else are registered.
    pub address: SeenCell,
    /// Their household: its record and number.
    pub household: Option<(i64, String)>,
    /// Whom to ask instead of them: of a child its parents, of who has no telephone those next to them.
    pub ask: Vec<AskedOf>,
    /// How far the office has come with them over the programme.
    pub follow_up: Option<SeenFollowUp>,
}

/// Somebody who may be asked about another.
#[derive(Clone, Debug)]
pub struct AskedOf {
    /// The record.
    pub record: i64,
    /// The name, or its mask.
    pub name: String,
    /// What they are to the other.
    pub kin: Kin,
    /// Whether they are a woman, where that may be seen and is known.
    pub woman: Option<bool>,
    /// Their telephones.
    pub telephones: Vec<SeenCell>,
}

/// What somebody is to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kin {
    /// Father or mother.
    Parent,
    /// Husband or wife.
    Spouse,
    /// Son or daughter.
    Child,
}

/// How far the office has come with somebody.
#[derive(Clone, Debug)]
pub struct SeenFollowUp {
    /// The record.
    pub record: kernel::RecordId,
    /// How far.
    pub status: SeenCell,
    /// Who sees to it.
    pub who: SeenCell,
    /// By when.
    pub due: SeenCell,
    /// Whether that day is past and nothing settled.
    pub late: bool,
}

/// A register about people that has their telephone: whose it is, and the number, by field.
struct Telephones<'p> {
    register: &'p Register,
    person: &'p str,
    number: &'p str,
}

/// The registers about people that have telephones.
fn telephones<'p>(pack: &'p Pack, contract: &Contract) -> Vec<Telephones<'p>> {
    let people = FieldType::Ref(contract.people.register.id.clone());
    let apart = [
        &contract.questions.register.id,
        &contract.layouts.register.id,
    ];
    let registers = pack.registers.iter();
    let registers = registers.filter(|register| !apart.contains(&&register.id));
    let of = |register: &'p Register| {
        let mut about = register.about.iter();
        let is_person = |id: &&String| register.field(id).is_some_and(|(_, f)| f.kind == people);
        let person = about.find(is_person)?;
        let mut fields = register.fields.iter();
        let number = fields.find(|field| field.kind == FieldType::Phone)?;
        Some(Telephones {
            register,
            person,
            number: &number.id,
        })
    };
    registers.filter_map(of).collect()
}

/// Rows around those on a list, by whom they are about.
struct Known<'a> {
    on: Date,
    contract: &'a Contract,
    people: BTreeMap<i64, &'a SeenRow>,
    households: BTreeMap<i64, &'a SeenRow>,
    homes: BTreeMap<i64, Vec<&'a SeenRow>>,
    telephones: BTreeMap<i64, Vec<SeenCell>>,
    /// For each person their kin, with what these are to them.
    kin: BTreeMap<i64, Vec<(Kin, i64)>>,
    dead: BTreeSet<i64>,
    follow_ups: BTreeMap<(i64, String), &'a SeenRow>,
}

impl View {
    /// The rows of some entries.
    pub(crate) async fn rows_listed(
        &self,
        on: Date,
        entries: &[Entry<'_>],
    ) -> Result<Vec<ListRow>, OfficeError> {
        let people: BTreeSet<i64> = entries.iter().map(|entry| entry.record).collect();
        let around = self.around_listed(on, &people).await?;
        let (pack, contract) = (&self.office.pack, &self.office.contract);
        let known = Known::new(on, contract, &telephones(pack, contract), &around);
        let amounts = match entries.first().map(|entry| entry.listed.standing) {
            Some(Standing::Missed | Standing::Unlisted | Standing::Served) => {
                self.amounts(on, entries).await?
            }
            _ => BTreeMap::new(),
        };
        let row = |entry: &Entry<'_>| {
            let of = (
                entry.programme.to_owned(),
                entry.listed.subject.unwrap_or(0),
            );
            let amount = amounts.get(&of).copied();
            ListRow {
                programme: entry.programme.to_owned(),
                listed: entry.listed.clone(),
                nth: entry.nth,
                record: entry.record,
                person: known.person(entry.record, entry.programme),
                title: None,
                facts: Vec::new(),
                amount: amount.filter(|_| entry.nth == 0),
            }
        };
        Ok(entries.iter().map(row).collect())
    }

    /// What may be seen of some people, their households, their kin and how to reach these.
    async fn around_listed(&self, on: Date, people: &BTreeSet<i64>) -> Result<Around, OfficeError> {
        let (pack, contract) = (&self.office.pack, &self.office.contract);
        let mut wanted: BTreeSet<&str> = [
            &contract.people.register,
            &contract.homes.register,
            &contract.households.register,
            &contract.kinship.register,
            &contract.deaths.register,
        ]
        .map(|register| register.id.as_str())
        .into();
        wanted.extend(
            contract
                .follow_ups
                .iter()
                .map(|kept| kept.register.id.as_str()),
        );
        let telephones = telephones(pack, contract);
        wanted.extend(telephones.iter().map(|of| of.register.id.as_str()));
        let bench = self.office.bench(on).await?;
        // Whom their records name, besides themselves: households and kin.
        let named = [
            (&contract.homes.register, &contract.homes.household.id),
            (&contract.kinship.register, &contract.kinship.person.id),
            (&contract.kinship.register, &contract.kinship.relative.id),
        ];
        let mut all = people.clone();
        let own = (bench.relatives).about(people, |id| named.iter().any(|of| of.0.id == id))?;
        for (register, field) in named {
            let rows = own.get(&register.id);
            all.extend(rows.into_iter().flat_map(|rows| referred(rows, field)));
        }
        let rows = bench.relatives.about(&all, |id| wanted.contains(id))?;
        self.seen_around(on, rows).await
    }
}

/// The records that a column of rows names.
pub(super) fn referred(rows: &datafusion::arrow::array::RecordBatch, field: &str) -> Vec<i64> {
    use datafusion::arrow::array::AsArray;
    use datafusion::arrow::datatypes::Int64Type;
    let column = rows.column_by_name(field);
    let column = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
    column.map_or_else(Vec::new, |column| column.iter().flatten().collect())
}

impl<'a> Known<'a> {
    fn new(
        on: Date,
        contract: &'a Contract,
        of_telephones: &[Telephones<'_>],
        around: &'a Around,
    ) -> Known<'a> {
        let by_record = |register: &Register| {
            let rows = around.of(&register.id).iter();
            rows.map(|row| (row.record.0, row)).collect()
        };
        let mut homes: BTreeMap<i64, Vec<&SeenRow>> = BTreeMap::new();
        for row in around.of(&contract.homes.register.id) {
            if let Some(person) = row.reference(&contract.homes.person.id) {
                homes.entry(person).or_default().push(row);
            }
        }
        let mut telephones: BTreeMap<i64, Vec<SeenCell>> = BTreeMap::new();
        for of in of_telephones {
            for row in around.of(&of.register.id) {
                let cell = row.cell(of.number);
                if let (Some(person), true) = (row.reference(of.person), row.has(of.number)) {
                    let own = telephones.entry(person).or_default();
                    if !own.contains(cell) && *cell != SeenCell::Unknown {
                        own.push(cell.clone());
                    }
                }
            }
        }
        let deaths = &contract.deaths;
        let dead = around.of(&deaths.register.id).iter();
        let dead = dead.filter(|row| match row.cell(&deaths.died_on.id) {
            SeenCell::Value(day) => day.as_date().is_none_or(|day| day <= on),
            _ => true,
        });
        let dead = dead.filter_map(|row| row.reference(&deaths.person.id));
        let mut follow_ups = BTreeMap::new();
        if let Some(kept) = &contract.follow_ups {
            for row in around.of(&kept.register.id) {
                let of = row
                    .reference(&kept.person.id)
                    .zip(row.get(&kept.programme.id));
                follow_ups.extend(of.map(|(person, of)| ((person, of.to_owned()), row)));
            }
        }
        Known {
            on,
            contract,
            people: by_record(&contract.people.register),
            households: by_record(&contract.households.register),
            homes,
            telephones,
            kin: kin(contract, around, on),
            dead: dead.collect(),
            follow_ups,
        }
    }

    fn person(&self, record: i64, programme: &str) -> Option<ListedPerson> {
        let own = self.people.get(&record)?;
        let people = &self.contract.people;
        let born = match own.cell(&people.birth_date.id) {
            SeenCell::Value(day) => day.as_date(),
            _ => None,
        };
        let age = born.map(|born| full_years(born, self.on));
        let home = self.home(record);
        let telephones = self.telephones.get(&record).cloned().unwrap_or_default();
        let dead = self.dead.contains(&record);
        let alone = age.is_none_or(|age| age >= OF_AGE) && !telephones.is_empty() && !dead;
        let ask = match alone {
            true => Vec::new(),
            false => self.asked_of(record, age.is_some_and(|age| age < OF_AGE)),
        };
        Some(ListedPerson {
            name: own.get(&people.name.id).unwrap_or_default().to_owned(),
            id_number: own.cell(&people.id_number.id).clone(),
            age: age.filter(|_| !dead),
            dead,
            telephones,
            address: home.map_or(SeenCell::Unknown, |home| self.address(home)),
            household: home.and_then(|home| self.household(home)),
            ask,
            follow_up: self.follow_up(record, programme),
        })
    }

    /// Where somebody lives, or else is registered.
    fn home(&self, person: i64) -> Option<&'a SeenRow> {
        let homes = &self.contract.homes;
        let rows = self.homes.get(&person)?;
        let lives = |row: &&&SeenRow| row.get(&homes.living.id) == Some("true");
        let found = rows.iter().find(lives).or_else(|| rows.first());
        found.copied()
    }

    /// The address of a home, or else of its household.
    fn address(&self, home: &SeenRow) -> SeenCell {
        let own = self.contract.homes.address();
        let own = own.map(|(_, field)| home.cell(&field.id));
        if let Some(own) = own.filter(|own| **own != SeenCell::Unknown) {
            return own.clone();
        }
        let household = home.reference(&self.contract.homes.household.id);
        let household = household.and_then(|household| self.households.get(&household));
        let address = &self.contract.households.address.id;
        household.map_or(SeenCell::Unknown, |household| {
            household.cell(address).clone()
        })
    }

    fn household(&self, home: &SeenRow) -> Option<(i64, String)> {
        let record = home.reference(&self.contract.homes.household.id)?;
        let number = &self.contract.households.number.id;
        let number = self.households.get(&record)?.get(number)?;
        Some((record, number.to_owned()))
    }

    /// Whom to ask instead of somebody: of a child its parents first, of others who shares their life; those with a telephone first.
    fn asked_of(&self, person: i64, child: bool) -> Vec<AskedOf> {
        let people = &self.contract.people;
        let all = self.kin.get(&person).into_iter().flatten();
        let living = all.filter(|(_, other)| !self.dead.contains(other));
        let mut asked: Vec<AskedOf> = living
            .filter_map(|(kin, other)| {
                let row = self.people.get(other)?;
                let born = match row.cell(&people.birth_date.id) {
                    SeenCell::Value(day) => day.as_date(),
                    _ => None,
                };
                if born.is_some_and(|born| full_years(born, self.on) < OF_AGE) {
                    return None;
                }
                Some(AskedOf {
                    record: *other,
                    name: row.get(&people.name.id).unwrap_or_default().to_owned(),
                    kin: *kin,
                    woman: row.get(&people.sex.id).map(|sex| sex == "2"),
                    telephones: self.telephones.get(other).cloned().unwrap_or_default(),
                })
            })
            .collect();
        let rank = |kin: Kin| match (kin, child) {
            (Kin::Parent, true) | (Kin::Spouse, false) => 0,
            (Kin::Child, _) => 1,
            _ => 2,
        };
        asked.sort_by_key(|of| (of.telephones.is_empty(), rank(of.kin), of.record));
        asked.truncate(MOST_ASKED);
        asked
    }

    fn follow_up(&self, person: i64, programme: &str) -> Option<SeenFollowUp> {
        let kept = self.contract.follow_ups.as_ref()?;
        let row = self.follow_ups.get(&(person, programme.to_owned()))?;
        let status = row.cell(&kept.status.id).clone();
        let due = row.cell(&kept.due.id).clone();
        let past = match &due {
            SeenCell::Value(day) => day.as_date().is_some_and(|day| day < self.on),
            _ => false,
        };
        let known = row.get(&kept.status.id);
        let settled = known.is_none_or(|own| kept.settled.iter().any(|one| one == own));
        Some(SeenFollowUp {
            record: row.record,
            status,
            who: row.cell(&kept.who.id).clone(),
            late: past && !settled,
            due,
        })
    }
}

/// For each person their kin on a day: parents, children, husband or wife.
fn kin(contract: &Contract, around: &Around, on: Date) -> BTreeMap<i64, Vec<(Kin, i64)>> {
    let kept = &contract.kinship;
    let mut kin: BTreeMap<i64, Vec<(Kin, i64)>> = BTreeMap::new();
    for row in around.of(&kept.register.id) {
        let ended = match row.cell(&kept.until.id) {
            SeenCell::Value(day) => day.as_date().is_some_and(|day| day <= on),
            _ => false,
        };
        let two = row
            .reference(&kept.person.id)
            .zip(row.reference(&kept.relative.id));
        let (Some((one, other)), false) = (two, ended) else {
            continue;
        };
        let (up, down) = match row.get(&kept.relation.id) {
            Some("child") => (Kin::Parent, Kin::Child),
            Some("spouse") => (Kin::Spouse, Kin::Spouse),
            _ => continue,
        };
        kin.entry(other).or_default().push((up, one));
        kin.entry(one).or_default().push((down, other));
    }
    kin
}
