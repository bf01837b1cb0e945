//! What a reader sees of a register's rows. It is judged row by row, by the unit whose the row is: whether it is seen at all, which
//! fields are masked, and which are withheld. A field without a mask of its own is withheld where it isn't shown in clear.

use datafusion::arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use kernel::{Grant, Sensitivity, UnitCode};
use pack::{Field, FieldSet, FieldType, Register};
use rustc_hash::FxHashMap;

use crate::error::TablesError;
use crate::session::show;
use crate::{functions, schema};

/// What is kept back of the rows of a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Veil {
    /// Fields of which only a mask is shown.
    pub masked: FieldSet,
    /// Fields of which nothing is shown: that isn't the same as that nothing is known.
    pub withheld: FieldSet,
}

impl Veil {
    /// What a grant keeps back of a register's records of a unit; none if it doesn't show them at all.
    #[must_use]
    pub fn of(register: &Register, grant: &Grant, unit: &UnitCode) -> Option<Veil> {
        if !grant.reads(&register.id, unit) {
            return None;
        }
        let mut veil = Veil::default();
        for (at, field) in register.fields.iter().enumerate() {
            if !grant.reads_field(&register.id, &field.id, unit) {
                veil.withheld.add(at);
            } else if !grant.clears(field.sensitivity, unit) {
                match mask_of(field) {
                    Some(_) => veil.masked.add(at),
                    None => veil.withheld.add(at),
                }
            }
        }
        Some(veil)
    }
}

/// The SQL function that masks a field, if its kind has one.
pub(crate) fn mask_of(field: &Field) -> Option<&'static str> {
    match (&field.kind, field.sensitivity) {
        (
            FieldType::Int
            | FieldType::Fen
            | FieldType::Date
            | FieldType::Bool
            | FieldType::Ref(_)
            | FieldType::Moment
            | FieldType::PartialDate
            | FieldType::Decimal { .. }
            | FieldType::List(_)
            | FieldType::File,
            _,
        )
        | (_, Sensitivity::Health | Sensitivity::Open) => None,
        (FieldType::Document, _) => Some("mask_document"),
        (_, Sensitivity::Name) => Some("mask_name"),
        (_, Sensitivity::Id) => Some("mask_id"),
        (_, Sensitivity::Phone) => Some("mask_phone"),
        (_, Sensitivity::Address) => Some("mask_address"),
        (_, Sensitivity::Account) => Some("mask_account"),
    }
}

/// A row as somebody sees it: what is kept back of it, and a text for each column of the table, none where there is nothing or
/// nothing is shown.
pub type SeenTexts = (Veil, Vec<Option<String>>);

/// What a grant shows of the rows of a register's table, masked as in a session.
///
/// # Errors
/// Only when memory for the columns cannot be had.
pub fn seen_texts(
    register: &Register,
    rows: &RecordBatch,
    grant: &Grant,
) -> Result<Vec<SeenTexts>, TablesError> {
    let leading = schema::leading(register);
    let mut seen = Vec::with_capacity(rows.num_rows());
    for (veil, rows) in part(register, rows, grant)? {
        for mut texts in show(&[rows])? {
            for (at, (field, text)) in register
                .fields
                .iter()
                .zip(&mut texts[leading..])
                .enumerate()
            {
                if veil.withheld.has(at) {
                    *text = None;
                } else if veil.masked.has(at) {
                    let mask = |text: String| functions::mask(mask_of(field)?, &text);
                    *text = text.take().and_then(mask);
                }
            }
            seen.push((veil, texts));
        }
    }
    Ok(seen)
}

/// The rows of a register's table that a grant shows, by what it keeps back of them.
///
/// # Errors
/// Only when memory for the columns cannot be had.
pub(crate) fn part(
    register: &Register,
    batch: &RecordBatch,
    grant: &Grant,
) -> Result<Vec<(Veil, RecordBatch)>, TablesError> {
    let units = batch.column_by_name(schema::UNIT);
    let Some(units) = units.and_then(|units| units.as_string_view_opt()) else {
        return Ok(Vec::new());
    };
    let mut veils: Vec<Veil> = Vec::new();
    // Equal views are equal codes, and most rows are of the unit of the row before.
    let mut known: FxHashMap<u128, Option<usize>> = FxHashMap::default();
    let mut last = None;
    let mut veil_of = |row: usize| {
        let view = units.views()[row];
        if let Some((same, veil)) = last
            && same == view
        {
            return veil;
        }
        let veil = *known.entry(view).or_insert_with(|| {
            let unit = units.is_valid(row).then(|| units.value(row).parse().ok());
            let veil = Veil::of(register, grant, &unit.flatten()?)?;
            let at = veils.iter().position(|other| *other == veil);
            Some(at.unwrap_or_else(|| {
                veils.push(veil);
                veils.len() - 1
            }))
        });
        last = Some((view, veil));
        veil
    };
    let rows: Vec<Option<usize>> = (0..batch.num_rows()).map(&mut veil_of).collect();
    let mut parts = Vec::with_capacity(veils.len());
    for (nth, veil) in veils.into_iter().enumerate() {
        let own: BooleanArray = rows.iter().map(|row| Some(*row == Some(nth))).collect();
        parts.push(match own.true_count() == rows.len() {
            true => (veil, batch.clone()),
            false => (veil, filter_record_batch(batch, &own)?),
        });
    }
    Ok(parts)
}
