//! Values in JSON, as the API takes them: what stands there is read as the text or number it is, with the same repairs. Whole
//! numbers keep all their digits; lists are arrays; null is no value.

use serde_json::Value as Json;

use super::{Cell, CellReading, Reader, Told};

impl Reader<'_> {
    /// The value of a JSON value; what is to be told of it is added to `told`.
    ///
    /// # Errors
    /// As [`Reader::read`]; an object, or an array within one, is of the wrong kind.
    pub fn read_json(&mut self, json: &Json, told: &mut Vec<Told>) -> CellReading {
        match json {
            Json::Null => Ok(None),
            Json::Bool(yes) => self.read(Cell::Bool(*yes), told),
            Json::String(text) => self.read(Cell::Text(text), told),
            // A whole number is all there; only a fraction is a float.
            Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (None, None, Some(float)) => self.read(Cell::Number(float), told),
                _ => self.read(Cell::Text(&number.to_string()), told),
            },
            Json::Array(items) => {
                let text = items.iter().map(|item| match item {
                    Json::String(text) if !text.contains('\n') => Ok(text.clone()),
                    Json::Number(number) => Ok(number.to_string()),
                    _ => Err(Told::WrongKind),
                });
                let lines: Vec<String> = text.collect::<Result<_, _>>()?;
                match self.kind {
                    crate::FieldType::List(_) => self.read(Cell::Text(&lines.join("\n")), told),
                    _ => Err(Told::WrongKind),
                }
            }
            Json::Object(_) => Err(Told::WrongKind),
        }
    }
}
