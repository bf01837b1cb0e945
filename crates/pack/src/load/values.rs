//! Types of fields and values written out in a pack, as every kind of file has them: read, and held against the code lists and types there
//! are. Registers that a type refers to are noted, for they may be declared later.

use kernel::{Decimal, MOST_PLACES};

use super::Load;
use crate::model::fits;
use crate::read::{CODE, MEMBER, Node, Table, Word};
use crate::{FieldType, Items, Text, Value};

impl<'n, 'f> Load<'n, 'f> {
    /// The type under `type`, with its `code` or `register`.
    pub(super) fn field_type(&mut self, table: &mut Table<'n, 'f>) -> FieldType {
        let simple = |kind: FieldType| (kind.as_str(), kind);
        let choices = [
            simple(FieldType::Text),
            simple(FieldType::Int),
            simple(FieldType::Fen),
            simple(FieldType::Date),
            simple(FieldType::Bool),
            simple(FieldType::Code(String::new())),
            simple(FieldType::Ref(String::new())),
            simple(FieldType::Unit),
            simple(FieldType::IdNumber),
            simple(FieldType::Phone),
            simple(FieldType::LongText),
            simple(FieldType::Moment),
            simple(FieldType::PartialDate),
            simple(FieldType::Decimal {
                places: 0,
                unit: Text::default(),
            }),
            simple(FieldType::List(Items::Texts)),
            simple(FieldType::Document),
            simple(FieldType::File),
        ];
        table.accepts(&["code", "register", "places", "unit"]);
        match table.choice("type", &choices) {
            Some(FieldType::Code(_)) => {
                let list = table.word("code");
                self.known_list(&list);
                FieldType::Code(list.text)
            }
            Some(FieldType::List(_)) => match table.word_opt("code") {
                Some(list) => {
                    self.known_list(&list);
                    FieldType::List(Items::Codes(list.text))
                }
                None => FieldType::List(Items::Texts),
            },
            Some(FieldType::Decimal { .. }) => {
                if table.need("places").is_none() {
                    return FieldType::Text;
                }
                let places = table.int_or("places", 0, 0..=i64::from(MOST_PLACES));
                FieldType::Decimal {
                    places: u8::try_from(places).unwrap_or(0),
                    unit: table.text_or_blank("unit"),
                }
            }
            Some(FieldType::Ref(_)) => {
                let register = table.word("register");
                if !register.text.is_empty() {
                    self.references.push(register.clone());
                }
                FieldType::Ref(register.text)
            }
            Some(kind) => kind,
            None => {
                // Whether these keys belong here depends on the type that couldn't be read.
                for key in ["code", "register", "places", "unit"] {
                    let _ = table.opt(key);
                }
                FieldType::Text
            }
        }
    }

    /// Notes a code list that isn't declared.
    pub(super) fn known_list(&self, list: &Word) {
        if !list.text.is_empty() && self.pack.code(&list.text).is_none() {
            let known = self.pack.codes.iter().map(|c| c.id.as_str());
            self.notes.unknown(CODE, list, known);
        }
    }

    /// A value of a type. Code values may also be written by their names or synonyms.
    pub(super) fn value(&self, node: &Node<'n, 'f>, kind: &FieldType) -> Option<Value> {
        let value = match kind {
            FieldType::Int | FieldType::Ref(_) => Value::Int(node.int()?),
            FieldType::Fen => Value::Int(node.fen()?),
            FieldType::Date => Value::Date(node.date()?),
            FieldType::Bool => Value::Bool(node.bool()?),
            FieldType::Code(list) => Value::Text(self.code_value(&node.word()?, list)?),
            FieldType::Text
            | FieldType::LongText
            | FieldType::Unit
            | FieldType::IdNumber
            | FieldType::Phone
            | FieldType::Document
            | FieldType::File
            | FieldType::PartialDate => Value::Text(node.word()?.text),
            FieldType::Moment => {
                let word = node.word()?;
                let Ok(at) = word.text.parse() else {
                    self.notes.fault(node.bad(
                        "时刻应写作 2025-07-01T08:30:00+08:00。",
                        "A moment is written 2025-07-01T08:30:00+08:00.",
                    ));
                    return None;
                };
                Value::Moment(at)
            }
            FieldType::Decimal { places, .. } => {
                let word = node.word()?;
                match Decimal::read(&word.text, *places) {
                    Ok(decimal) => Value::Decimal(decimal),
                    Err(fault) => {
                        self.notes.fault(node.bad(
                            format!("“{}”{}。", word.text, fault.message(kernel::Lang::Zh)),
                            format!("“{}” {}.", word.text, fault.message(kernel::Lang::En)),
                        ));
                        return None;
                    }
                }
            }
            FieldType::List(_) => {
                let items = node.list()?;
                let items: Option<Vec<String>> =
                    items.iter().map(|item| Some(item.word()?.text)).collect();
                Value::Text(items?.join("\n"))
            }
        };
        match fits(&value, kind, &self.pack) {
            Ok(()) => Some(value),
            Err(problem) => {
                let (zh, en) = (
                    problem.message(kernel::Lang::Zh),
                    problem.message(kernel::Lang::En),
                );
                self.notes.fault(node.bad(
                    format!("这个值不能用：{zh}。"),
                    format!("This value can't be used: {en}."),
                ));
                None
            }
        }
    }

    /// The value of a code list that a word means.
    pub(super) fn code_value(&self, word: &Word, list: &str) -> Option<String> {
        let list = self.pack.code(list)?;
        let found = list.member(&word.text).or_else(|| list.find(&word.text));
        if found.is_none() {
            self.notes
                .unknown(MEMBER, word, list.members.iter().map(|m| m.value.as_str()));
        }
        found.map(|m| m.value.clone())
    }
}
