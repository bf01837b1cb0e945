//! How a register looks as a table: the record, since when it has been there, the unit whose it is, then its fields. Queries see
//! further columns of fields that have parts: the days between which a partial date lies, the kind and number of a document.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use pack::{FieldType, Register};

/// The record.
pub const ID: &str = "id";
/// The day since when it has been there; none if it always was.
pub const VALID_FROM: &str = "valid_from";
/// The unit whose it is on the day looked at. A register that has a field of this name says so itself.
pub const UNIT: &str = "unit";
/// Of a home: whether its person is counted there.
pub const COUNTED: &str = "counted";

/// For whom lists vouch, of the people around somebody: id, bits, and bits of lists that cover every unit.
pub const VOUCHED: &str = "vouched";

/// The zone in which moments are shown, and in which they fall on a day.
const BEIJING: &str = "+08:00";
/// The digits of a decimal number: as many as 64 bits hold.
const DIGITS: u8 = 18;

/// The column type of a field.
#[must_use]
pub fn column_type(kind: &FieldType) -> DataType {
    match kind {
        FieldType::Text
        | FieldType::LongText
        | FieldType::List(_)
        | FieldType::PartialDate
        | FieldType::Document
        | FieldType::File
        | FieldType::Code(_)
        | FieldType::Unit
        | FieldType::IdNumber
        | FieldType::Phone => DataType::Utf8View,
        FieldType::Moment => DataType::Timestamp(TimeUnit::Second, Some(BEIJING.into())),
        FieldType::Decimal { places, .. } => {
            DataType::Decimal128(DIGITS, i8::try_from(*places).unwrap_or(0))
        }
        FieldType::Int | FieldType::Fen | FieldType::Ref(_) => DataType::Int64,
        FieldType::Date => DataType::Date32,
        FieldType::Bool => DataType::Boolean,
    }
}

/// The columns of the fields alone, as entries carry them.
#[must_use]
pub fn fields(register: &Register) -> SchemaRef {
    Arc::new(Schema::new(
        register
            .fields
            .iter()
            .map(|field| Field::new(&field.id, column_type(&field.kind), true))
            .collect::<Vec<_>>(),
    ))
}

/// Whether a table has a column of units beside the register's fields.
#[must_use]
pub fn has_unit_column(register: &Register) -> bool {
    register.field(UNIT).is_none()
}

/// The whole table: `id`, `valid_from`, `unit` unless it is a field, `counted` if the register is of homes, then the fields.
#[must_use]
pub fn table(register: &Register) -> SchemaRef {
    let mut columns = vec![
        Field::new(ID, DataType::Int64, false),
        Field::new(VALID_FROM, DataType::Date32, true),
    ];
    if has_unit_column(register) {
        columns.push(Field::new(UNIT, DataType::Utf8View, false));
    }
    if register.home.is_some() {
        columns.push(Field::new(COUNTED, DataType::Boolean, false));
    }
    columns.extend(
        register
            .fields
            .iter()
            .map(|field| Field::new(&field.id, column_type(&field.kind), true)),
    );
    Arc::new(Schema::new(columns))
}

/// How many columns stand before the fields.
#[must_use]
pub fn leading(register: &Register) -> usize {
    2 + usize::from(has_unit_column(register)) + usize::from(register.home.is_some())
}

/// The table of answers that figures count from: one row per programme and subject found entitled, and per
/// subject of a judgement.
pub const ENTITLED: &str = "entitled";

/// Its columns.
#[must_use]
pub fn entitled() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("programme", DataType::Utf8View, false),
        Field::new("subject", DataType::Int64, false),
        Field::new(UNIT, DataType::Utf8View, false),
        Field::new("answer", DataType::Utf8View, false),
    ]))
}
