//! The rows of a list as somebody sees them: what stands in each field, and what names the records that fields refer to. Each record is
//! seen as its own unit's rights say, the one referred to as well as the one that refers.

use std::collections::BTreeMap;

use kernel::{RecordId, UnitCode};
use pack::{FieldSet, FieldType, Register};
use tables::{Batches, Veil, schema};

use super::Opened;
use super::sql::{Joined, Reading, own_columns};
use crate::error::OfficeError;
use crate::row::{SeenCell, SeenRow, seen_cell};

/// A record of a list.
#[derive(Clone, Debug)]
pub struct SeenRecord {
    /// What stands in its fields.
    pub row: SeenRow,
    /// What names the records that its fields refer to, by the field's place.
    references: BTreeMap<usize, SeenTitle>,
}

/// What names a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenTitle {
    /// Its register.
    pub register: String,
    /// The record.
    pub record: RecordId,
    /// What stands in the fields that name it; none if the reader doesn't see the record.
    pub parts: Option<Vec<(FieldType, SeenCell)>>,
}

impl SeenRecord {
    /// What names the record that a field refers to.
    #[must_use]
    pub fn reference(&self, field: usize) -> Option<&SeenTitle> {
        self.references.get(&field)
    }

    /// What names the record itself.
    #[must_use]
    pub fn title(&self, register: &Register) -> SeenTitle {
        let mut parts = Vec::new();
        for at in &register.look.title {
            let Some(field) = register.fields.get(*at) else {
                continue;
            };
            match self.reference(*at) {
                Some(title) => parts.extend(title.parts.clone().unwrap_or_default()),
                None => parts.push((field.kind.clone(), self.row.cell(&field.id).clone())),
            }
        }
        SeenTitle {
            register: register.id.clone(),
            record: self.row.record,
            parts: Some(parts),
        }
    }
}

/// All records of a list, as they come.
pub struct RecordStream<'p> {
    batches: Batches,
    reading: Reading<'p>,
    opened: Opened,
}

impl<'p> RecordStream<'p> {
    pub(super) fn new(batches: Batches, reading: Reading<'p>, opened: Opened) -> Self {
        Self {
            batches,
            reading,
            opened,
        }
    }

    /// The next of them; none at the end.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn next(&mut self) -> Result<Option<Vec<SeenRecord>>, OfficeError> {
        let texts = self.batches.next().await?;
        Ok(texts.map(|texts| decoded(&self.reading, &self.opened, texts)))
    }
}

/// The texts of one row, from the left.
type Texts = std::vec::IntoIter<Option<String>>;

/// Rows of the query that a reading is.
pub(super) fn decoded(
    reading: &Reading<'_>,
    opened: &Opened,
    texts: Vec<Vec<Option<String>>>,
) -> Vec<SeenRecord> {
    let mut veils = Veils {
        opened,
        known: BTreeMap::new(),
    };
    let rows = texts.into_iter();
    rows.filter_map(|row| record(reading, &mut veils, row.into_iter()))
        .collect()
}

/// What is kept back of the records of a register in a unit; rows of a list are of few.
struct Veils<'o, 'p> {
    opened: &'o Opened,
    known: BTreeMap<(&'p str, String), Veil>,
}

impl<'p> Veils<'_, 'p> {
    fn of(&mut self, register: &'p Register, unit: Option<&String>) -> Veil {
        let unit = unit.cloned().unwrap_or_default();
        let grant = self.opened.session.grant();
        let veil = |unit: &str| {
            let unit = unit.parse::<UnitCode>().ok()?;
            Veil::of(register, grant, &unit)
        };
        let key = (register.id.as_str(), unit);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        // A record of which nothing may be read isn't there; if it were, nothing of it would be shown.
        let made = veil(&key.1).unwrap_or(Veil {
            masked: FieldSet::NONE,
            withheld: FieldSet::ALL,
        });
        self.known.insert(key, made);
        made
    }
}

fn record<'p>(
    reading: &Reading<'p>,
    veils: &mut Veils<'_, 'p>,
    mut texts: Texts,
) -> Option<SeenRecord> {
    let register = reading.register;
    let mut own = BTreeMap::new();
    for name in own_columns(register) {
        if let Some(text) = texts.next()? {
            own.insert(name.to_owned(), text);
        }
    }
    let veil = veils.of(register, own.get(schema::UNIT));
    let row = SeenRow::new(register, veil, &own, &veils.opened.standing)?;
    let joined: Option<Vec<Found>> = (reading.joined.iter())
        .map(|joined| found(joined, veils, &mut texts))
        .collect();
    let joined = joined?;
    let references = reading.references.iter().filter_map(|(at, nth)| {
        let field = register.fields.get(*at)?;
        let record = RecordId(row.reference(&field.id)?);
        let title = SeenTitle {
            register: reading.joined.get(*nth)?.register.id.clone(),
            record,
            parts: parts(reading, &joined, *nth),
        };
        Some((*at, title))
    });
    let references = references.collect();
    Some(SeenRecord { row, references })
}

/// A record that is referred to: what stands in the fields that name it, or that it isn't seen.
type Found = Option<Vec<SeenCell>>;

fn found<'p>(joined: &Joined<'p>, veils: &mut Veils<'_, 'p>, texts: &mut Texts) -> Option<Found> {
    let (record, unit) = (texts.next()?, texts.next()?);
    let veil = veils.of(joined.register, unit.as_ref());
    let mut cells = Vec::with_capacity(joined.title.len());
    for (at, _) in &joined.title {
        let text = texts.next()?;
        let field = joined.register.fields.get(*at)?;
        cells.push(seen_cell((*at, field), veil, text.as_ref()));
    }
    Some(record.map(|_| cells))
}

/// What names a record that is referred to, with what names those it refers to itself.
fn parts(
    reading: &Reading<'_>,
    joined: &[Found],
    nth: usize,
) -> Option<Vec<(FieldType, SeenCell)>> {
    let cells = joined.get(nth)?.as_ref()?;
    let of = reading.joined.get(nth)?;
    let mut all = Vec::new();
    for ((at, leads), cell) in of.title.iter().zip(cells) {
        let field = of.register.fields.get(*at)?;
        match leads {
            Some(leads) => all.extend(parts(reading, joined, *leads).unwrap_or_default()),
            None => all.push((field.kind.clone(), cell.clone())),
        }
    }
    Some(all)
}
