//! The index of a day: which texts are whose, in clear and for all readers, so it never leaves this crate. What somebody finds in it
//! is sifted row by row by what they may see ([`super::seen`]). Of ID numbers it keeps nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use datafusion::arrow::array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch};
use jiff::civil::Date;
use kernel::UnitCode;
use pack::{Contract, FieldSet, Register};
use tables::{Changed, Session, Snapshot, schema};

use super::address::Place;
use super::columns::{Column, Records, Row, Searched, Subject, Telephones, numbers, strings};
use super::lexicon::Lexicon;
use super::plan::{Kind, Plan, Planned, To, plans};
use super::spelling::Spelling;
use crate::error::OfficeError;
use crate::office::Office;

/// The member who heads a household (GB/T 4761-2008: 02 户主).
const HEAD: &str = "02";

/// A home: whose, in which household.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HomeOf {
    person: i64,
    /// Those that count come first.
    uncounted: bool,
    pub household: i64,
    pub unit: u16,
}

/// The index of a day: a part for each register that is searched.
pub(crate) struct Index {
    pub(super) units: Vec<UnitCode>,
    pub(super) people: Arc<Records>,
    pub(super) households: Arc<Records>,
    /// The register of homes, by its place.
    pub(super) homes_of: usize,
    homes: Arc<Homes>,
    /// In the order of the plans.
    parts: Vec<Arc<Part>>,
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
    /// The head of each household.
    heads: Vec<(i64, i64)>,
}

impl Index {
    /// Makes the index of what stands on a day. Of registers in which nothing that it reads stands otherwise since an earlier one, its
    /// parts are taken; texts that it knew are taken from the lexicon.
    pub(crate) async fn new(
        office: &Office,
        standing: &Snapshot,
        on: Date,
        before: Option<(&Index, &Changed)>,
    ) -> Result<Self, OfficeError> {
        let why = ("search", (office.clock)());
        let session = office.tables.evaluation_of(standing, on, why).await?;
        let contract = &office.contract;
        let kept = |register: &Register, columns: &[&str]| {
            let (before, changed) = before?;
            let mut all = [schema::ID, schema::UNIT].iter().chain(columns);
            let same = all.all(|column| !changed.column(&register.id, column));
            same.then_some(before)
        };
        let mut read = Vec::new();
        for (at, plan) in plans(&office.pack, contract).into_iter().enumerate() {
            let register = &office.pack.registers[plan.register];
            let columns = needed(&plan, register, contract);
            let before = kept(register, &columns);
            let batches = match before {
                Some(_) => Vec::new(),
                None => rows_of(&session, register, &columns).await?,
            };
            read.push((at, register, plan, before, batches));
        }
        let homes = &contract.homes;
        let fields = [&homes.person, &homes.household, &homes.relation_to_head];
        let fields: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
        let columns = [fields.as_slice(), &[schema::COUNTED]].concat();
        let homes_before = kept(&homes.register, &columns);
        let at_home = match homes_before {
            Some(_) => Vec::new(),
            None => rows_of(&session, &homes.register, &columns).await?,
        };
        let lexicon = &office.kept.lexicon;
        let mut lexicon = lexicon.lock().unwrap_or_else(PoisonError::into_inner);
        let mut units = before.map_or_else(UnitPlaces::default, |(before, _)| {
            UnitPlaces::of(&before.units)
        });
        let (mut parts, mut people, mut households) = (Vec::new(), None, None);
        for (at, register, plan, before, batches) in read {
            parts.push(match before.and_then(|before| before.parts.get(at)) {
                Some(part) => part.clone(),
                None => Arc::new(Part::new(
                    (register, &plan),
                    &batches,
                    &mut units,
                    &mut lexicon,
                )),
            });
            let own = |known: fn(&Index) -> &Arc<Records>, units: &mut UnitPlaces| match before {
                Some(before) => known(before).clone(),
                None => Arc::new(Records::new(plan.register, batches, |unit| {
                    units.place(unit)
                })),
            };
            if register.id == contract.people.register.id {
                people = Some(own(|index| &index.people, &mut units));
            } else if register.id == contract.households.register.id {
                households = Some(own(|index| &index.households, &mut units));
            }
        }
        let homes = match homes_before {
            Some(before) => before.homes.clone(),
            None => Arc::new(Homes::new(contract, &at_home, &mut units)),
        };
        let used = parts.iter().flat_map(|part| &part.names);
        lexicon
            .spellings
            .forget(used.map(|column| column.texts.len()).sum());
        let used = parts.iter().flat_map(|part| &part.places);
        lexicon
            .places
            .forget(used.map(|column| column.texts.len()).sum());
        let mut registers = office.pack.registers.iter();
        Ok(Self {
            homes_of: registers
                .position(|own| own.id == contract.homes.register.id)
                .unwrap_or(0),
            units: units.codes,
            people: people.unwrap_or_default(),
            households: households.unwrap_or_default(),
            homes,
            parts,
        })
    }

    /// What is found by names, numbers and titles.
    pub(super) fn names(&self) -> impl Iterator<Item = &Column<Spelling>> {
        self.parts.iter().flat_map(|part| &part.names)
    }

    /// What is found by addresses.
    pub(super) fn places(&self) -> impl Iterator<Item = &Column<Place>> {
        self.parts.iter().flat_map(|part| &part.places)
    }

    /// What is found by telephones.
    pub(super) fn telephones(&self) -> impl Iterator<Item = &Telephones> {
        self.parts.iter().flat_map(|part| &part.telephones)
    }

    pub(super) fn unit(&self, place: u16) -> Option<UnitCode> {
        self.units.get(usize::from(place)).copied()
    }

    /// The homes of a person, those where they are counted first.
    pub(super) fn homes(&self, person: i64) -> &[HomeOf] {
        let homes = &self.homes.all;
        let start = homes.partition_point(|home| home.person < person);
        let own = homes[start..].partition_point(|home| home.person == person);
        &homes[start..start + own]
    }

    /// The head of a household.
    pub(super) fn head(&self, household: i64) -> Option<i64> {
        let heads = &self.homes.heads;
        let at = heads.partition_point(|(of, _)| *of < household);
        let (of, person) = heads.get(at)?;
        (*of == household).then_some(*person)
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

/// Columns of all rows of a register, with the record and its unit before them.
async fn rows_of(
    session: &Session,
    register: &Register,
    columns: &[&str],
) -> Result<Vec<RecordBatch>, OfficeError> {
    let mut all = vec![schema::ID, schema::UNIT];
    for column in columns {
        if !all.contains(column) {
            all.push(column);
        }
    }
    let all: Vec<String> = all.iter().map(|column| format!("\"{column}\"")).collect();
    let sql = format!("select {} from \"{}\"", all.join(", "), register.id);
    Ok(session.collect(&sql).await?)
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
            let (Some(people), Some(households), Some(units)) = (
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
                });
                let relation = relations.filter(|relations| relations.is_valid(row));
                if relation.is_some_and(|relations| relations.value(row) == HEAD) {
                    homes.heads.push((household, person));
                }
            }
        }
        homes.all.sort_unstable();
        homes.heads.sort_unstable();
        homes.heads.dedup_by_key(|(household, _)| *household);
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
