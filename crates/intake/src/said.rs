//! What a list says of somebody that they are recognised by: six things, in one order for all rosters. It compares nothing.

use jiff::civil::Date;
use kernel::{DocumentKind, PartialDate, UnitCode};
use linkage::Design;
use pack::{FieldType, Register, Value, number_tells};

pub(crate) use pack::SAID;

use crate::as_read::has_value;
use crate::script::{Origin, People, Saying, convert};

/// Places in [`SAID`].
pub(crate) const NAME: usize = 0;
pub(crate) const NUMBER: usize = 1;
pub(crate) const SEX: usize = 2;
pub(crate) const BIRTH: usize = 3;
pub(crate) const PHONE: usize = 4;
pub(crate) const ADDRESS: usize = 5;

/// What a list says of somebody, in the order of [`SAID`]; nothing at all of a row that can't be carried out.
pub(crate) type Said = Vec<Option<Value>>;

/// One of the things said.
pub(crate) fn part(said: &Said, what: usize) -> Option<&Value> {
    said.get(what)?.as_ref()
}

/// One of the things said, as text.
pub(crate) fn text(said: &Said, what: usize) -> Option<&str> {
    part(said, what)?.as_text()
}

/// The number that is said.
pub(crate) fn number(said: &Said) -> Option<&str> {
    text(said, NUMBER)
}

/// The birth that is said.
pub(crate) fn birth(said: &Said) -> Option<Date> {
    part(said, BIRTH)?.as_date()
}

/// What a record of a register says, of which the value of a field is given by its place: its own fields of these names.
pub(crate) fn in_record(register: &Register, value: impl Fn(usize) -> Option<Value>) -> Said {
    let field = |id: &&str| value(register.field(id)?.0);
    SAID.iter().map(field).collect()
}

/// What is said, as it is compared: one text for each column of the design. A number tells birth and sex, too.
pub(crate) fn compared(
    design: &Design,
    columns: &[Option<usize>; SAID.len()],
    said: &Said,
) -> Vec<String> {
    let mut texts = vec![String::new(); design.columns().len()];
    for (what, column) in columns.iter().enumerate() {
        if let Some(column) = *column {
            texts[column] = compared_part(said, what);
        }
    }
    texts
}

/// One of the things said, as it is compared.
pub(crate) fn compared_part(said: &Said, what: usize) -> String {
    let number = || number(said);
    match (part(said, what), what) {
        (Some(value), _) => value.to_string(),
        (None, BIRTH) => number()
            .and_then(birth_of)
            .map(|birth| birth.to_string())
            .unwrap_or_default(),
        (None, SEX) => number().and_then(sex_of).unwrap_or_default(),
        _ => String::new(),
    }
}

/// What a row says of the person it is about.
pub(crate) fn said_by_row(
    people: &People<'_>,
    values: &[Option<Value>],
    on: Date,
    unit: UnitCode,
) -> Said {
    let says = |saying: &Option<Saying>| {
        let saying = saying.as_ref()?;
        plain_value(&saying.origin, values, &saying.kind, on, unit)
    };
    people.said.iter().map(says).collect()
}

/// Adds what a number tells where nothing else is said: the ledger's words have it.
pub(crate) fn add_told(people: &People<'_>, said: &mut Said) {
    for (what, kind) in &people.told {
        let silent = said.get(*what).is_some_and(Option::is_none);
        let number = number(said).filter(|_| silent);
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            said[*what] = number_tells(&number, kind);
        }
    }
}

/// The value of a field that is no reference; none where nothing could be read.
pub(crate) fn plain_value(
    origin: &Origin,
    values: &[Option<Value>],
    kind: &FieldType,
    on: Date,
    unit: UnitCode,
) -> Option<Value> {
    match origin {
        Origin::Column(c) if !has_value(values, *c) => None,
        Origin::Column(c) => convert(values[*c].clone()?, kind),
        Origin::Birth(c) => birth_of(number_in(values, *c)?).map(Value::Date),
        Origin::Sex(c) => sex_of(number_in(values, *c)?).map(Value::Text),
        Origin::Number(c) => Some(Value::Text(number_in(values, *c)?.to_owned())),
        Origin::Other(c) => match number_in(values, *c) {
            None => values[*c].clone().filter(|_| has_value(values, *c)),
            Some(_) => None,
        },
        Origin::Day(c) => partial(values, *c)?.day().map(Value::Date),
        Origin::About(c) => match partial(values, *c)?.day() {
            None => values[*c].clone(),
            Some(_) => None,
        },
        Origin::Literal(value) => Some(value.clone()),
        Origin::Today => Some(Value::Date(on)),
        Origin::Unit => Some(Value::Text(unit.to_string())),
        // What stands there but can't be read is no blank.
        Origin::Else(c, blank) if values[*c].is_none() => {
            plain_value(blank, values, kind, on, unit)
        }
        Origin::Else(c, _) => plain_value(&Origin::Column(*c), values, kind, on, unit),
        Origin::Step(_) => None,
    }
}

/// The 18 digits in a column of ID numbers or of documents.
fn number_in(values: &[Option<Value>], column: usize) -> Option<&str> {
    let text = values[column].as_ref()?.as_text()?;
    let Some((kind, number)) = text.split_once(' ') else {
        return (text.len() == 18).then_some(text);
    };
    let kind: DocumentKind = kind.parse().ok()?;
    (kind.has_id_number() && number.len() == 18).then_some(number)
}

fn partial(values: &[Option<Value>], column: usize) -> Option<PartialDate> {
    values[column].as_ref()?.as_text()?.parse().ok()
}

/// The birth in a checked ID number.
pub(crate) fn birth_of(id: &str) -> Option<Date> {
    Date::new(
        id.get(6..10)?.parse().ok()?,
        id.get(10..12)?.parse().ok()?,
        id.get(12..14)?.parse().ok()?,
    )
    .ok()
}

/// The sex in a checked ID number, as GB/T 2261.1 codes it.
pub(crate) fn sex_of(id: &str) -> Option<String> {
    let order = id.as_bytes().get(16)?;
    Some(if order % 2 == 1 { "1" } else { "2" }.to_owned())
}
