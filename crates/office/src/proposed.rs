//! What a form proposes for its inputs until something else is given: a value, or what stands in a field of the record given for another
//! input, or of one that refers to it, as far as the reader sees it in clear; and for the day of what just happened the day itself. It is
//! proposed, and never written unseen.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::RecordId;
use pack::{Action, FieldType, Input, InputDefault, InputGives, Value, ValueSource, Write};

use crate::around::Around;
use crate::error::OfficeError;
use crate::row::{SeenCell, SeenRow};
use crate::view::View;

/// What is proposed for an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The record from around which it is; none of a plain value.
    pub of: Option<RecordId>,
    /// What is proposed; none where nothing is known.
    pub value: Option<Value>,
}

impl View {
    /// What a form of an action proposes, by input, once it is known what it depends on: the records that were picked for others.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn proposed(
        &self,
        action: &Action,
        picked: &BTreeMap<String, Vec<RecordId>>,
        on: Date,
    ) -> Result<BTreeMap<String, Proposed>, OfficeError> {
        let mut proposed = BTreeMap::new();
        let mut around: BTreeMap<RecordId, Around> = BTreeMap::new();
        for input in &action.inputs {
            let (of, value) = match &input.default {
                None if self.is_its_day(action, input) => (None, Some(Value::Date(on))),
                None => continue,
                Some(InputDefault::Value(value)) => (None, Some(value.clone())),
                Some(InputDefault::Year) => (None, Some(Value::Text(on.year().to_string()))),
                Some(InputDefault::Desk) => {
                    let desk = self.unit_of_desk();
                    (None, desk.map(|unit| Value::Text(unit.to_string())))
                }
                Some(InputDefault::Of {
                    input: of,
                    register,
                    field,
                }) => {
                    let of = &action.inputs[*of];
                    let [record] = picked.get(&of.id).map_or(&[][..], Vec::as_slice) else {
                        continue;
                    };
                    if !around.contains_key(record) {
                        around.insert(*record, self.around(on, *record).await?);
                    }
                    let rows = around.get(record).map_or(&[][..], |it| it.of(register));
                    let own = action.register_of(of).unwrap_or_default();
                    let value = self.stands_around((own, *record), (register, *field), rows);
                    (Some(*record), value)
                }
            };
            proposed.insert(input.id.clone(), Proposed { of, value });
        }
        Ok(proposed)
    }

    /// Whether an input is the day of what an action records, where that is told from others by its day: a visit, a call, a meeting.
    fn is_its_day(&self, action: &Action, input: &Input) -> bool {
        let InputGives::Value(column) = input.gives else {
            return false;
        };
        let id = &action.roster.columns[column].id;
        let is_it = |source: &ValueSource| matches!(source, ValueSource::Column(own) if own == id);
        let told_by = |write: &Write| {
            let register = self.office.pack.register(&write.register);
            let identity = register.map_or(&[][..], |register| &register.identity);
            let mut set = write.set.iter();
            set.any(|(field, source)| is_it(source) && identity.contains(field))
        };
        let mut writes = action.roster.writes.iter();
        input.required && writes.any(|write| write.create && is_it(&write.since) && told_by(write))
    }

    /// What stands in a field of a record, or of the one of another register that refers to it; of several the latest that has it.
    fn stands_around(
        &self,
        (own, record): (&str, RecordId),
        (register, field): (&str, usize),
        rows: &[SeenRow],
    ) -> Option<Value> {
        let declared = self.office.pack.register(register)?;
        let refers = |row: &&SeenRow| {
            let mut fields = declared.fields.iter().enumerate();
            match register == own {
                true => row.record == record,
                false => fields.any(|(at, field)| {
                    matches!(&field.kind, FieldType::Ref(to) if to == own)
                        && row.reference_at(at) == Some(record.0)
                }),
            }
        };
        let id = &declared.fields.get(field)?.id;
        let known = rows
            .iter()
            .filter(refers)
            .filter_map(|row| match row.cell(id) {
                SeenCell::Value(value) => Some((row.since, value.clone())),
                _ => None,
            });
        known
            .max_by_key(|(since, _)| *since)
            .map(|(_, value)| value)
    }
}
