//! Lists as JSON: for each sheet its name, title, remark, columns and rows, each row an object by the columns' ids in their order.
//! Money is a whole number of fen, a date is "YYYY-MM-DD", an empty cell is null; the column's kind says which.

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use super::{Kind, ListCell, ListColumn, ListError, ListSheet};

/// Writes sheets as a JSON array.
///
/// # Errors
/// When a row doesn't have one cell per column.
pub fn to_json(sheets: &[ListSheet]) -> Result<String, ListError> {
    for sheet in sheets {
        sheet.check_shape()?;
    }
    serde_json::to_string_pretty(&sheets.iter().map(Sheet).collect::<Vec<_>>())
        .map_err(|fault| ListError::Write(fault.to_string()))
}

struct Sheet<'a>(&'a ListSheet);
struct Head<'a>(&'a ListColumn);
struct Rows<'a>(&'a ListSheet);
struct Row<'a>(&'a [ListColumn], &'a [ListCell]);
struct Value<'a>(&'a ListCell);

impl Serialize for Sheet<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("name", &self.0.name)?;
        map.serialize_entry("title", &self.0.title)?;
        map.serialize_entry("remark", &self.0.note)?;
        map.serialize_entry(
            "columns",
            &self.0.columns.iter().map(Head).collect::<Vec<_>>(),
        )?;
        map.serialize_entry("rows", &Rows(self.0))?;
        map.end()
    }
}

impl Serialize for Head<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = match self.0.kind {
            Kind::Text => "text",
            Kind::Int => "int",
            Kind::Fen => "fen",
            Kind::Date => "date",
        };
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("id", &self.0.id)?;
        map.serialize_entry("header", &self.0.header)?;
        map.serialize_entry("kind", kind)?;
        map.end()
    }
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.rows.len()))?;
        for row in &self.0.rows {
            rows.serialize_element(&Row(&self.0.columns, row))?;
        }
        rows.end()
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .zip(self.1)
                .map(|(column, cell)| (&column.id, Value(cell))),
        )
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            ListCell::Empty => serializer.serialize_none(),
            ListCell::Text(text) => serializer.serialize_str(text),
            ListCell::Int(number) | ListCell::Fen(number) => serializer.serialize_i64(*number),
            ListCell::Date(date) => serializer.serialize_str(&date.to_string()),
        }
    }
}
