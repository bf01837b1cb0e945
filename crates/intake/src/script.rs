//! A roster made ready to be carried out: names resolved to positions, literals to values, references by number to look-ups.
//! A register without a roster of its own gets one here, with a column for each field. Whatever couldn't work with the pack is
//! found now, before a file is opened.

use jiff::civil::Date;
use kernel::Decimal;
use pack::{
    Column, Contract, Field, FieldType, Pack, Place, Register, Roster, Storage, Value, ValueSource,
    Write,
};

use crate::fault::IntakeError;
use crate::review::DESK;

mod people;

pub(crate) use people::{People, Saying};

/// A roster, ready to be carried out.
pub(crate) struct Script<'p> {
    pub pack: &'p Pack,
    /// Which registers keep people, what is asked, and the rest.
    pub contract: &'p Contract,
    pub writes: Vec<Step<'p>>,
    /// The name of each step by which others refer to its record; blank where none does.
    aliases: Vec<String>,
    /// Whom the rows are about, if they are people who are recognised by all that is said of them.
    pub people: Option<People<'p>>,
    /// Whose word the roster is.
    pub sender: String,
    /// Whether it names everyone it is about.
    pub whole: bool,
}

/// One record a row writes or looks up.
pub(crate) struct Step<'p> {
    /// The register, and its position in the pack.
    pub register: &'p Register,
    pub register_at: usize,
    /// The earlier step of whose record it says more.
    pub of: Option<usize>,
    /// The column without which the step is left out.
    pub only_if: Option<usize>,
    pub create: bool,
    pub new: bool,
    pub since: Origin,
    pub until: Option<Origin>,
    /// Fields by position.
    pub set: Vec<(usize, Origin)>,
    pub check: Vec<(usize, Origin)>,
    /// For each identity field, in order, where its value comes from.
    pub identity: Vec<(usize, Origin)>,
    /// Whether the row only refers to a person, whom it tells nothing of: they are found by number, and opened as a stub.
    pub mentions: bool,
    /// The parent and child of a register whose links may not form a ring.
    pub ring: Option<Ring>,
    /// For a register that opens books, the position of the unit.
    pub opens_book: Option<usize>,
    /// The fields of a home: whose it is, and whether they are registered there.
    pub home: Option<(usize, usize)>,
    /// The fields that two records at a time should not have in common ([`Register::once`]).
    pub once: Vec<usize>,
    /// Of the fields it says those that a later step says of the same record, too: field and step.
    pub later: Vec<(usize, usize)>,
}

/// The two ends of a link, as fields, and when it counts.
pub(crate) struct Ring {
    pub from: usize,
    pub to: usize,
    pub when: Option<(usize, Value)>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Column(usize),
    Birth(usize),
    Sex(usize),
    /// The 18 digits of a document, and a document that has none.
    Number(usize),
    Other(usize),
    /// The day of a date that names one, and the year or month of one that doesn't.
    Day(usize),
    About(usize),
    /// The record of an earlier step.
    Step(usize),
    Literal(Value),
    Today,
    Unit,
    /// A column, and what stands for a blank cell of it.
    Else(usize, Box<Origin>),
}

/// The roster with this id, or one implied by the register with this id, as it writes on a day.
pub(crate) fn roster(pack: &Pack, id: &str, on: Date) -> Result<Roster, IntakeError> {
    if let Some(roster) = pack.roster(id) {
        return Ok(roster.on(on, pack));
    }
    match pack.register(id) {
        Some(register) => Ok(implied(pack, register)?.on(on, pack)),
        None => Err(IntakeError::UnknownRoster {
            id: id.to_owned(),
            known: pack.lists().map(|r| r.id.clone()).collect(),
        }),
    }
}

/// A roster with a column for each field of a register. References are read by the one field that identifies what they
/// refer to, such as a person's ID number.
fn implied(pack: &Pack, register: &Register) -> Result<Roster, IntakeError> {
    let mut columns = Vec::new();
    let mut set = Vec::new();
    for field in &register.fields {
        let kind = match &field.kind {
            FieldType::Ref(target) => match key_field(pack, target) {
                Some(key) => key.kind.clone(),
                None if field.required => {
                    return Err(unfit(&register.id, format!("{} → {target}", field.id)));
                }
                None => continue,
            },
            other => other.clone(),
        };
        columns.push(Column {
            id: field.id.clone(),
            name: field.name.clone(),
            kind,
            required: field.required || register.identity.contains(&field.id),
            by_month: false,
            synonyms: synonyms(field),
            group: Vec::new(),
            place: Place::default(),
        });
        set.push((field.id.clone(), ValueSource::Column(field.id.clone())));
    }
    Ok(Roster {
        id: register.id.clone(),
        name: register.name.clone(),
        sender: register.name.clone(),
        source: None,
        people: false,
        vouching: None,
        whole: false,
        columns,
        writes: vec![Write {
            register: register.id.clone(),
            alias: String::new(),
            of: None,
            only_if: None,
            create: true,
            new: false,
            since: ValueSource::Today,
            until: None,
            set,
            check: Vec::new(),
            place: Place::default(),
        }],
        checks: Vec::new(),
        place: register.place.clone(),
    })
}

fn synonyms(field: &Field) -> Vec<String> {
    let mut words = vec![field.id.clone()];
    words.extend(field.synonyms.iter().cloned());
    if matches!(field.kind, FieldType::Ref(_)) {
        words.push(format!("{}身份证号", field.name.zh));
    }
    words
}

/// The one field that identifies the records of a register, if it is a plain value.
fn key_field<'p>(pack: &'p Pack, register: &str) -> Option<&'p Field> {
    let register = pack.register(register)?;
    match register.identity.as_slice() {
        [only] => register
            .field(only)
            .map(|(_, field)| field)
            .filter(|f| !matches!(f.kind, FieldType::Ref(_))),
        _ => None,
    }
}

fn unfit(id: &str, detail: impl Into<String>) -> IntakeError {
    IntakeError::Roster {
        id: id.to_owned(),
        detail: detail.into(),
    }
}

impl<'p> Script<'p> {
    /// The step whose record is called so.
    pub(crate) fn step_called(&self, alias: &str) -> Option<usize> {
        self.aliases.iter().position(|own| own == alias)
    }

    /// Whether a step finds or opens the person a row is about.
    pub(crate) fn is_main(&self, step: usize) -> bool {
        self.people
            .as_ref()
            .is_some_and(|people| people.step == step)
    }

    pub(crate) fn new(pack: &'p Pack, roster: &Roster) -> Result<Script<'p>, IntakeError> {
        let contract = pack.contract()?;
        let mut build = Build {
            pack,
            contract,
            roster,
            steps: Vec::new(),
            aliases: Vec::new(),
        };
        for write in &roster.writes {
            let step = build.step(write)?;
            build.steps.push(step);
            build.aliases.push(write.alias.clone());
        }
        let people = match roster.people {
            true => Some(build.people()?),
            false => None,
        };
        if let Some(people) = &people {
            build.steps[people.step].mentions = false;
        }
        for at in 0..build.steps.len() {
            build.steps[at].later = said_later(&build.steps, at);
        }
        Ok(Script {
            pack,
            contract,
            writes: build.steps,
            aliases: build.aliases,
            people,
            sender: sender(pack, roster),
            whole: roster.whole,
        })
    }
}

/// Of the fields that a step says those that later steps say of the same record: field and step.
fn said_later(steps: &[Step<'_>], at: usize) -> Vec<(usize, usize)> {
    let first = |at: usize| {
        let of = |at: &usize| steps[*at].of;
        std::iter::successors(Some(at), of).last()
    };
    let later = (at + 1..steps.len()).filter(|later| first(*later) == first(at));
    let both = later.flat_map(|later| {
        let sets = move |field: usize| steps[later].set.iter().any(|(set, _)| *set == field);
        let own = steps[at].set.iter().map(|(field, _)| *field);
        own.filter(move |field| sets(*field))
            .map(move |field| (field, later))
    });
    both.collect()
}

/// Whose word a roster is: its source's; of an action the desk's; or that of nobody who counts more than another.
fn sender(pack: &Pack, roster: &Roster) -> String {
    let other = || match pack.action(&roster.id) {
        Some(_) => DESK,
        None => &roster.id,
    };
    let source = roster.source.as_deref();
    source.unwrap_or_else(other).to_owned()
}

struct Build<'p, 'r> {
    pack: &'p Pack,
    contract: &'p Contract,
    roster: &'r Roster,
    steps: Vec<Step<'p>>,
    aliases: Vec<String>,
}

impl<'p> Build<'p, '_> {
    fn step(&mut self, write: &Write) -> Result<Step<'p>, IntakeError> {
        let (register_at, register) = self.register(&write.register)?;
        let only_if = write
            .only_if
            .as_deref()
            .map(|c| self.column(c))
            .transpose()?;
        let of = write.of.as_ref().map(|alias| {
            let named = self.aliases.iter().position(|own| own == alias);
            named.ok_or_else(|| self.unfit(alias))
        });
        let of = of.transpose()?;
        let mut set = Vec::with_capacity(write.set.len());
        for (field, source) in &write.set {
            let origin = self.value(register, field, source)?;
            set.push((self.field(register, field)?.0, origin));
        }
        let mut check = Vec::new();
        for (field, source) in &write.check {
            let origin = self.value(register, field, source)?;
            check.push((self.field(register, field)?.0, origin));
        }
        let mut identity = Vec::new();
        for id in register.identity.iter().filter(|_| of.is_none()) {
            let at = self.field(register, id)?.0;
            let origin = set
                .iter()
                .find(|(f, _)| *f == at)
                .map(|(_, o)| o.clone())
                .ok_or_else(|| self.unfit(format!("{}.{id}", register.id)))?;
            identity.push((at, origin));
        }
        let own_fact = |(at, origin): &(usize, Origin)| {
            matches!(
                origin,
                Origin::Column(_)
                    | Origin::Day(_)
                    | Origin::About(_)
                    | Origin::Other(_)
                    | Origin::Else(..)
            ) && !identity.iter().any(|(i, _)| i == at)
                && !check.iter().any(|(c, _)| c == at)
        };
        Ok(Step {
            register,
            register_at,
            of,
            only_if,
            create: write.create,
            new: write.new,
            since: self.date(&write.since)?,
            until: write.until.as_ref().map(|u| self.date(u)).transpose()?,
            mentions: register.id == self.contract.people.register.id
                && !(write.create && set.iter().any(own_fact)),
            ring: self.ring(register, &set)?,
            opens_book: match &register.opens_book {
                Some(field) => Some(self.field(register, field)?.0),
                None => None,
            },
            home: match &register.home {
                Some(home) => Some((
                    self.field(register, &home.person)?.0,
                    self.field(register, &home.registered)?.0,
                )),
                None => None,
            },
            once: (register.once.iter())
                .map(|id| Ok(self.field(register, id)?.0))
                .collect::<Result<_, IntakeError>>()?,
            set,
            check,
            identity,
            later: Vec::new(),
        })
    }

    fn register(&self, id: &str) -> Result<(usize, &'p Register), IntakeError> {
        self.pack
            .registers
            .iter()
            .enumerate()
            .find(|(_, r)| r.id == id)
            .ok_or_else(|| self.unfit(id))
    }

    fn field(&self, register: &'p Register, id: &str) -> Result<(usize, &'p Field), IntakeError> {
        register
            .field(id)
            .ok_or_else(|| self.unfit(format!("{}.{id}", register.id)))
    }

    fn column(&self, id: &str) -> Result<usize, IntakeError> {
        self.roster
            .column(id)
            .map(|(at, _)| at)
            .ok_or_else(|| self.unfit(id))
    }

    fn id_column(&self, id: &str) -> Result<usize, IntakeError> {
        self.roster
            .column(id)
            .filter(|(_, c)| matches!(c.kind, FieldType::IdNumber | FieldType::Document))
            .map(|(at, _)| at)
            .ok_or_else(|| self.unfit(id))
    }

    fn ring(
        &self,
        register: &'p Register,
        set: &[(usize, Origin)],
    ) -> Result<Option<Ring>, IntakeError> {
        let Some(acyclic) = &register.acyclic else {
            return Ok(None);
        };
        let when = match &acyclic.when {
            None => None,
            Some((field, value)) => {
                Some((self.field(register, field)?.0, Value::Text(value.clone())))
            }
        };
        let (from, to) = (
            self.field(register, &acyclic.from)?.0,
            self.field(register, &acyclic.to)?.0,
        );
        let both = |at: usize| {
            set.iter()
                .any(|(f, o)| *f == at && matches!(o, Origin::Step(_)))
        };
        Ok((both(from) && both(to)).then_some(Ring { from, to, when }))
    }

    /// Where a date comes from.
    fn date(&self, source: &ValueSource) -> Result<Origin, IntakeError> {
        match source {
            ValueSource::Column(c) => match self.roster.column(c) {
                Some((at, column)) if column.kind == FieldType::Date => Ok(Origin::Column(at)),
                _ => Err(self.unfit(c)),
            },
            ValueSource::Birth(c) => Ok(Origin::Birth(self.id_column(c)?)),
            ValueSource::Day(c) => Ok(Origin::Day(self.column(c)?)),
            ValueSource::Today => Ok(Origin::Today),
            ValueSource::Literal(day) => day
                .parse()
                .map(|day| Origin::Literal(Value::Date(day)))
                .map_err(|_| self.unfit(day)),
            other => Err(self.unfit(format!("{other:?}"))),
        }
    }

    /// Where a field's value comes from; a look-up is added for a reference given by number.
    fn value(
        &mut self,
        register: &'p Register,
        field: &str,
        source: &ValueSource,
    ) -> Result<Origin, IntakeError> {
        let field = self.field(register, field)?.1;
        let wrong =
            |build: &Self| build.unfit(format!("{}.{} ← {source:?}", register.id, field.id));
        let origin = match source {
            ValueSource::Column(c) => {
                let at = self.column(c)?;
                if let FieldType::Ref(target) = &field.kind {
                    return self.look_up(target, at);
                }
                if !convertible(&self.roster.columns[at].kind, &field.kind) {
                    return Err(wrong(self));
                }
                Origin::Column(at)
            }
            ValueSource::Birth(c) if field.kind == FieldType::Date => {
                Origin::Birth(self.id_column(c)?)
            }
            ValueSource::Sex(c) if matches!(field.kind, FieldType::Code(_) | FieldType::Text) => {
                Origin::Sex(self.id_column(c)?)
            }
            ValueSource::Number(c) if field.kind == FieldType::IdNumber => {
                Origin::Number(self.column(c)?)
            }
            ValueSource::Other(c) if field.kind == FieldType::Document => {
                Origin::Other(self.column(c)?)
            }
            ValueSource::Day(c) if field.kind == FieldType::Date => Origin::Day(self.column(c)?),
            ValueSource::About(c) if field.kind == FieldType::PartialDate => {
                Origin::About(self.column(c)?)
            }
            ValueSource::Alias(alias) => {
                let at = self
                    .aliases
                    .iter()
                    .position(|a| a == alias)
                    .ok_or_else(|| wrong(self))?;
                match &field.kind {
                    FieldType::Ref(target) if self.steps[at].register.id == *target => {
                        Origin::Step(at)
                    }
                    _ => return Err(wrong(self)),
                }
            }
            ValueSource::Literal(words) => Origin::Literal(
                convert(Value::Text(words.clone()), &field.kind).ok_or_else(|| wrong(self))?,
            ),
            ValueSource::Today if field.kind == FieldType::Date => Origin::Today,
            ValueSource::Unit if matches!(field.kind, FieldType::Unit | FieldType::Text) => {
                Origin::Unit
            }
            ValueSource::Else(column, blank) if !matches!(field.kind, FieldType::Ref(_)) => {
                let at = self.column(column)?;
                if !convertible(&self.roster.columns[at].kind, &field.kind) {
                    return Err(wrong(self));
                }
                let blank = self.value(register, &field.id, blank)?;
                Origin::Else(at, Box::new(blank))
            }
            _ => return Err(wrong(self)),
        };
        Ok(origin)
    }

    /// A step that only finds the record a column names by its key.
    fn look_up(&mut self, target: &str, column: usize) -> Result<Origin, IntakeError> {
        let (register_at, register) = self.register(target)?;
        let key = key_field(self.pack, target).ok_or_else(|| self.unfit(target))?;
        let at = self.field(register, &key.id)?.0;
        if !convertible(&self.roster.columns[column].kind, &key.kind) {
            return Err(self.unfit(format!("{target}.{}", key.id)));
        }
        let key = (at, Origin::Column(column));
        self.steps.push(Step {
            register,
            register_at,
            of: None,
            only_if: Some(column),
            create: false,
            new: false,
            since: Origin::Today,
            until: None,
            set: vec![key.clone()],
            check: Vec::new(),
            identity: vec![key],
            mentions: target == self.contract.people.register.id,
            ring: None,
            opens_book: None,
            home: None,
            once: Vec::new(),
            later: Vec::new(),
        });
        self.aliases.push(String::new());
        Ok(Origin::Step(self.steps.len() - 1))
    }

    fn unfit(&self, detail: impl Into<String>) -> IntakeError {
        unfit(&self.roster.id, detail)
    }
}

/// Whether what a column holds can become what a field holds. Code words may stand for yes, no or a number.
fn convertible(column: &FieldType, field: &FieldType) -> bool {
    match (column, field) {
        (column, field) if column == field => true,
        (FieldType::Code(_), field) => !matches!(
            field,
            FieldType::Date
                | FieldType::Ref(_)
                | FieldType::IdNumber
                | FieldType::Code(_)
                | FieldType::Fen
        ),
        (column, FieldType::Text) => column.storage() == Storage::Text,
        (FieldType::Int, FieldType::Fen) => false,
        _ => false,
    }
}

/// The value as a field of this type holds it.
pub(crate) fn convert(value: Value, kind: &FieldType) -> Option<Value> {
    match (value, kind.storage()) {
        (Value::Text(words), Storage::Bool) => words.parse().ok().map(Value::Bool),
        (Value::Text(words), Storage::Int) => words.parse().ok().map(Value::Int),
        (Value::Text(words), Storage::Date) => words.parse().ok().map(Value::Date),
        (Value::Text(words), Storage::Moment) => words.parse().ok().map(Value::Moment),
        (Value::Text(words), Storage::Decimal(places)) => {
            Decimal::parse(&words, places).map(Value::Decimal)
        }
        (value, storage) => (value.storage() == storage).then_some(value),
    }
}
