//! The index of a day: which texts are whose, in clear and for all readers, so it never leaves this crate. What somebody finds in it
//! is sifted row by row by what they may see ([`super::seen`]). Of ID numbers it keeps nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use datafusion::arrow::array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch};
use jiff::civil::Date;
use kernel::UnitCode;
use pack::{Contract, FieldSet, Register};
use tables::{Changed, DayRows, Session, Snapshot, Touched, schema};

use super::address::Place;
use super::columns::{Column, Records, Row, Searched, Subject, Telephones, numbers, strings};
use super::layers::{Layers, Rows, Stale};
use super::lexicon::Lexicon;
use super::plan::{Kind, Plan, Planned, To, plans};
use super::spelling::Spelling;
use crate::error::OfficeError;
use crate::office::Office;

/// The member who heads a household (GB/T 4761-2008: 02 户主).
const HEAD: &str = "02";
/// As long as no more records of a register than these were touched, only they are read again.
const MOST_AGAIN: usize = 1_000;

/// A home: whose, in which household.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HomeOf {
    person: i64,
    /// Those that count come first.
    uncounted: bool,
    pub household: i64,
    pub unit: u16,
    record: i64,
}

/// The index of a day: a part for each register that is searched.
pub(crate) struct Index {
    pub(super) units: Vec<UnitCode>,
    pub(super) people: Layers<Records>,
    pub(super) households: Layers<Records>,
    /// The registers of people, households and homes, by their places.
    pub(super) people_of: usize,
    pub(super) households_of: usize,
    pub(super) homes_of: usize,
    homes: Layers<Homes>,
    /// In the order of the plans.
    parts: Vec<Layers<Part>>,
}

/// What is found by the fields of one register.
#[derive(Default)]
struct Part {
    names: Vec<Column<Spelling>>,
    places: Vec<Column<Place>>,
    telephones: Vec<Telephones>,
}

/// Who is at home where.
#[derive(Default)]
struct Homes {
    all: Vec<HomeOf>,
    /// The heads of each household, each with the home that says so.
    heads: Vec<(i64, i64, i64)>,
}

impl Index {
    /// Makes the index of what stands on a day. Of registers in which nothing that it reads stands otherwise since an earlier one, its
    /// parts are taken; of others the rows of the records that commits since concern are read again, as long as they are few. Texts that
    /// it knew are taken from the lexicon.
    pub(crate) async fn new(
        office: &Office,
        standing: &Snapshot,
        on: Date,
        before: Option<(&Index, &Changed, &Touched)>,
    ) -> Result<Self, OfficeError> {
        let contract = &office.contract;
        let plans = plans(&office.pack, contract);
        let mut reading = Reading {
            office,
            standing,
            on,
            since: before.map(|(_, changed, touched)| (changed, touched)),
            session: None,
            rows: None,
        };
        let known = before.map(|(index, ..)| index);
        let mut read = Vec::with_capacity(plans.len());
        for (at, plan) in plans.iter().enumerate() {
            let register = &office.pack.registers[plan.register];
            let columns = needed(plan, register, contract);
            let stale = known.and_then(|known| known.parts.get(at));
            let stale = stale.map(|part| &part.stale);
            read.push((
                register,
                plan,
                reading.read(register, &columns, stale).await?,
            ));
        }
        let homes = &contract.homes;
        let fields = [&homes.person, &homes.household, &homes.relation_to_head];
        let fields: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
        let columns = [fields.as_slice(), &[schema::COUNTED]].concat();
        let stale = known.map(|known| &known.homes.stale);
        let at_home = reading.read(&homes.register, &columns, stale).await?;
        let lexicon = &office.kept.lexicon;
        let mut lexicon = lexicon.lock().unwrap_or_else(PoisonError::into_inner);
        let mut units =
            known.map_or_else(UnitPlaces::default, |known| UnitPlaces::of(&known.units));
        let (mut parts, mut people, mut households) = (Vec::new(), None, None);
        for (at, (register, plan, rows)) in read.into_iter().enumerate() {
            let part = known.and_then(|known| known.parts.get(at));
            parts.push(Layers::new(part, &rows, |batches| {
                Part::new((register, plan), batches, &mut units, &mut lexicon)
            }));
            let mut own = |known: Option<&Layers<Records>>| {
                Layers::new(known, &rows, |batches| {
                    Records::new(batches.to_vec(), |unit| units.place(unit))
                })
            };
            if register.id == contract.people.register.id {
                people = Some(own(known.map(|known| &known.people)));
            } else if register.id == contract.households.register.id {
                households = Some(own(known.map(|known| &known.households)));
            }
        }
        let homes = Layers::new(known.map(|known| &known.homes), &at_home, |batches| {
            Homes::new(contract, batches, &mut units)
        });
        let used = parts.iter().flat_map(Layers::each);
        let used = used.flat_map(|(part, _)| &part.names);
        lexicon
            .spellings
            .forget(used.map(|column| column.texts.len()).sum());
        let used = parts.iter().flat_map(Layers::each);
        let used = used.flat_map(|(part, _)| &part.places);
        lexicon
            .places
            .forget(used.map(|column| column.texts.len()).sum());
        let place = |register: &Register| {
            let mut registers = office.pack.registers.iter();
            registers.position(|own| own.id == register.id).unwrap_or(0)
        };
        Ok(Self {
            people_of: place(&contract.people.register),
            households_of: place(&contract.households.register),
            homes_of: place(&contract.homes.register),
            units: units.codes,
            people: people.unwrap_or_default(),
            households: households.unwrap_or_default(),
            homes,
            parts,
        })
    }

    /// What is found by names, numbers and titles, with the records of which it stands elsewhere.
    pub(super) fn names(&self) -> impl Iterator<Item = (&Column<Spelling>, &Stale)> {
        let layers = self.parts.iter().flat_map(Layers::each);
        layers.flat_map(|(part, stale)| part.names.iter().map(move |own| (own, stale)))
    }

    /// What is found by addresses, likewise.
    pub(super) fn places(&self) -> impl Iterator<Item = (&Column<Place>, &Stale)> {
        let layers = self.parts.iter().flat_map(Layers::each);
        layers.flat_map(|(part, stale)| part.places.iter().map(move |own| (own, stale)))
    }

    /// What is found by telephones, likewise.
    pub(super) fn telephones(&self) -> impl Iterator<Item = (&Telephones, &Stale)> {
        let layers = self.parts.iter().flat_map(Layers::each);
        layers.flat_map(|(part, stale)| part.telephones.iter().map(move |own| (own, stale)))
    }

    pub(super) fn unit(&self, place: u16) -> Option<UnitCode> {
        self.units.get(usize::from(place)).copied()
    }

    /// The homes of a person, those where they are counted first: those of one person stand in one layer.
    pub(super) fn homes(&self, person: i64) -> impl Iterator<Item = &HomeOf> {
        self.homes.each().flat_map(move |(homes, stale)| {
            let start = homes.all.partition_point(|home| home.person < person);
            let own = homes.all[start..].iter();
            own.take_while(move |home| home.person == person)
                .filter(|home| !stale.contains(&home.record))
        })
    }

    /// The head of a household.
    pub(super) fn head(&self, household: i64) -> Option<i64> {
        let heads = self.homes.each().filter_map(|(homes, stale)| {
            let heads = &homes.heads;
            let start = heads.partition_point(|(of, ..)| *of < household);
            let mut own = heads[start..]
                .iter()
                .take_while(|(of, ..)| *of == household);
            own.find(|(.., home)| !stale.contains(home))
        });
        heads.map(|(_, person, _)| *person).min()
    }
}

/// What an index reads for itself.
struct Reading<'r> {
    office: &'r Office,
    standing: &'r Snapshot,
    on: Date,
    /// What stands otherwise since an earlier index.
    since: Option<(&'r Changed, &'r Touched)>,
    session: Option<Session>,
    rows: Option<DayRows>,
}

impl Reading<'_> {
    /// Columns of a register, with the record and its unit before them: of no row, if they stand as they did; else of those that were
    /// touched since all were read, as long as they are few; or of all.
    async fn read(
        &mut self,
        register: &Register,
        columns: &[&str],
        stale: Option<&Arc<Stale>>,
    ) -> Result<Rows, OfficeError> {
        let mut all = vec![schema::ID, schema::UNIT];
        for column in columns {
            if !all.contains(column) {
                all.push(column);
            }
        }
        let why = ("search", (self.office.clock)());
        if let (Some((changed, touched)), Some(stale)) = (self.since, stale) {
            let mut own = all.iter();
            if own.all(|column| !changed.column(&register.id, column)) {
                return Ok(Rows::Same);
            }
            let touched = touched.of(&register.id).into_iter().flatten();
            let stale: Stale = stale.iter().chain(touched).copied().collect();
            if stale.len() <= MOST_AGAIN {
                let rows = match &mut self.rows {
                    Some(rows) => rows,
                    none => {
                        let tables = &self.office.tables;
                        let rows = tables.evaluated_rows(self.standing, self.on, why).await?;
                        none.insert(rows)
                    }
                };
                let wanted = stale.iter().copied().collect();
                let again = rows.rows(&register.id, &wanted)?;
                return Ok(Rows::Again(Arc::new(stale), again.into_iter().collect()));
            }
        }
        let session = match &mut self.session {
            Some(session) => session,
            none => {
                let tables = &self.office.tables;
                let session = tables.evaluation_of(self.standing, self.on, why).await?;
                none.insert(session)
            }
        };
        let all: Vec<String> = all.iter().map(|column| format!("\"{column}\"")).collect();
        let sql = format!("select {} from \"{}\"", all.join(", "), register.id);
        Ok(Rows::All(session.collect(&sql).await?))
    }
}

/// The columns of a register that an index needs: those that are searched, and what tells people of one name apart.
fn needed<'p>(plan: &'p Plan, register: &Register, contract: &'p Contract) -> Vec<&'p str> {
    let mut columns: Vec<&str> = plan.columns.iter().map(String::as_str).collect();
    if register.id == contract.people.register.id {
        let people = &contract.people;
        for field in [&people.sex, &people.birth_date] {
            columns.push(&field.id);
        }
    }
    if register.id == contract.households.register.id {
        columns.push(&contract.households.address.id);
    }
    columns
}

/// The units that rows are of, each once.
#[derive(Default)]
struct UnitPlaces {
    codes: Vec<UnitCode>,
    places: BTreeMap<UnitCode, u16>,
    last: Option<(String, u16)>,
}

impl UnitPlaces {
    /// Those of an earlier index, in their places.
    fn of(codes: &[UnitCode]) -> Self {
        Self {
            codes: codes.to_vec(),
            places: codes.iter().copied().zip(0..).collect(),
            last: None,
        }
    }

    /// The place of a unit; none of what is no unit, whose rows nobody sees.
    fn place(&mut self, text: &str) -> Option<u16> {
        if let Some((known, place)) = &self.last
            && known == text
        {
            return Some(*place);
        }
        let code: UnitCode = text.parse().ok()?;
        let place = match self.places.get(&code) {
            Some(place) => *place,
            None => {
                let place = u16::try_from(self.codes.len()).ok()?;
                self.codes.push(code);
                self.places.insert(code, place);
                place
            }
        };
        self.last = Some((text.to_owned(), place));
        Some(place)
    }
}

impl Part {
    /// The searched fields of a register.
    fn new(
        (register, plan): (&Register, &Plan),
        batches: &[RecordBatch],
        units: &mut UnitPlaces,
        lexicon: &mut Lexicon,
    ) -> Self {
        let mut part = Self::default();
        for planned in &plan.fields {
            let id = register.fields[planned.at].id.as_str();
            let mut texts: Vec<(&str, Row)> = Vec::new();
            for batch in batches {
                let rows = rows_in(batch, register, planned, units);
                let column = strings(batch, id);
                for (row, said) in rows.into_iter().zip(column.into_iter().flatten()) {
                    texts.extend(said.zip(row));
                }
            }
            let mut needs = FieldSet::NONE;
            planned.places().into_iter().for_each(|at| needs.add(at));
            let of = Searched {
                register: plan.register,
                at: planned.at,
                kind: planned.kind,
                needs,
            };
            match planned.kind {
                Kind::Telephone => part.telephones.push(Telephones::new(of, &texts)),
                Kind::Address => {
                    let known = &mut lexicon.places;
                    let column = Column::new(of, &texts, known, Place::read, |text| text.sieve);
                    part.places.push(column);
                }
                Kind::Name | Kind::Number | Kind::Title => {
                    let known = &mut lexicon.spellings;
                    let column = Column::new(of, &texts, known, Spelling::read, |text| text.sieve);
                    part.names.push(column);
                }
            }
        }
        part
    }
}

impl Homes {
    fn new(contract: &Contract, batches: &[RecordBatch], places: &mut UnitPlaces) -> Self {
        let kept = &contract.homes;
        let mut homes = Self::default();
        for batch in batches {
            let (Some(records), Some(people), Some(households), Some(units)) = (
                numbers(batch, schema::ID),
                numbers(batch, &kept.person.id),
                numbers(batch, &kept.household.id),
                strings(batch, schema::UNIT),
            ) else {
                continue;
            };
            let relations = strings(batch, &kept.relation_to_head.id);
            let counted = batch.column_by_name(schema::COUNTED);
            let counted: Option<&BooleanArray> = counted.and_then(|c| c.as_boolean_opt());
            for row in 0..batch.num_rows() {
                let unit = units.is_valid(row).then(|| units.value(row));
                let Some(unit) = unit.and_then(|unit| places.place(unit)) else {
                    continue;
                };
                if people.is_null(row) || households.is_null(row) {
                    continue;
                }
                let (person, household) = (people.value(row), households.value(row));
                homes.all.push(HomeOf {
                    person,
                    uncounted: counted.is_some_and(|counted| !counted.value(row)),
                    household,
                    unit,
                    record: records.value(row),
                });
                let relation = relations.filter(|relations| relations.is_valid(row));
                if relation.is_some_and(|relations| relations.value(row) == HEAD) {
                    homes.heads.push((household, person, records.value(row)));
                }
            }
        }
        homes.all.sort_unstable();
        homes.heads.sort_unstable();
        homes
    }
}

/// What each row of a batch leads to.
fn rows_in(
    batch: &RecordBatch,
    register: &Register,
    planned: &Planned,
    places: &mut UnitPlaces,
) -> Vec<Option<Row>> {
    let id = |at: &usize| register.fields[*at].id.as_str();
    let (Some(records), Some(units)) = (numbers(batch, schema::ID), strings(batch, schema::UNIT))
    else {
        return Vec::new();
    };
    let named: Vec<Option<&Int64Array>> = match &planned.to {
        To::Person(fields) => fields.iter().map(|at| numbers(batch, id(at))).collect(),
        To::Household(at) => vec![numbers(batch, id(at))],
        _ => Vec::new(),
    };
    let codes = match &planned.to {
        To::Unit(at) | To::OwnUnit(at) => strings(batch, id(at)),
        _ => None,
    };
    let mut row = |row: usize| {
        let record = records.value(row);
        let mut of = named.iter().flatten();
        let first = of
            .find(|column| column.is_valid(row))
            .map(|column| column.value(row));
        let subject = match planned.to {
            To::OwnPerson => Subject::Person(record),
            To::OwnHousehold => Subject::Household(record),
            To::Person(_) => Subject::Person(first?),
            To::Household(_) => Subject::Household(first?),
            To::Unit(_) | To::OwnUnit(_) => {
                let codes = codes.filter(|codes| codes.is_valid(row))?;
                Subject::Unit(places.place(codes.value(row))?)
            }
        };
        let unit = match (&planned.to, subject) {
            (To::OwnUnit(_), Subject::Unit(own)) => own,
            _ => places.place(units.is_valid(row).then(|| units.value(row))?)?,
        };
        Some(Row {
            subject,
            record,
            unit,
        })
    };
    (0..batch.num_rows()).map(&mut row).collect()
}
