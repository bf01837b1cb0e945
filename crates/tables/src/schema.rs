//! How a register looks as a table: three columns every register has, then its fields.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use pack::{FieldType, Register};

/// The columns that stand before the fields: the record, its book, and since when this state of it holds.
pub const ID: &str = "id";
/// The unit whose book holds the record.
pub const BOOK: &str = "book";
/// The day from which this state of the record is true.
pub const VALID_FROM: &str = "valid_from";

/// The column type of a field.
#[must_use]
pub fn column_type(kind: &FieldType) -> DataType {
    match kind {
        FieldType::Text
        | FieldType::Code(_)
        | FieldType::Unit
        | FieldType::IdNumber
        | FieldType::Phone => DataType::Utf8View,
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

/// The whole table: `id`, `book`, `valid_from`, then the fields.
#[must_use]
pub fn table(register: &Register) -> SchemaRef {
    let mut columns = vec![
        Field::new(ID, DataType::Int64, false),
        Field::new(BOOK, DataType::Utf8View, false),
        Field::new(VALID_FROM, DataType::Date32, false),
    ];
    columns.extend(
        register
            .fields
            .iter()
            .map(|field| Field::new(&field.id, column_type(&field.kind), true)),
    );
    Arc::new(Schema::new(columns))
}
