//! Values in few bytes. A roster of a million rows has tens of millions of them, most of them short texts; each is one byte
//! and its text here, where a [`Value`] of its own would be six times that. Equal values have equal bytes.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::Decimal;
use pack::{Record, Value};

/// A map of as many as a roster has rows; keys come from lists, so its hashes can't be foreseen.
pub(crate) type FastMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What follows a first byte below [`SHORT`]; from there on the byte is the length of a text plus [`SHORT`].
const NOTHING: u8 = 0;
const DATE: u8 = 1;
const NO: u8 = 2;
const YES: u8 = 3;
const INT: u8 = 4;
const LONG: u8 = 5;
const MOMENT: u8 = 6;
const DECIMAL: u8 = 7;
const AS_READ: u8 = 8;
const SHORT: u8 = 9;

/// After how many bytes another block is begun. One that grew as a whole would be copied each time it doubles.
const BLOCK: usize = 1 << 20;

/// Many records in few bytes, by place.
#[derive(Debug, Default)]
pub(crate) struct PackedRecords {
    blocks: Vec<Vec<u8>>,
    spans: Vec<Span>,
}

/// Where the values of a record lie.
#[derive(Debug, Clone, Copy)]
struct Span {
    block: u32,
    from: u32,
    to: u32,
}

impl PackedRecords {
    pub(crate) fn push(&mut self, values: &[Option<Value>]) {
        let mut bytes = match self.blocks.pop() {
            Some(block) if block.len() < BLOCK => block,
            full => {
                self.blocks.extend(full);
                // The record that fills it has room, too.
                Vec::with_capacity(BLOCK + (BLOCK >> 4))
            }
        };
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (block, from) = (place(self.blocks.len()), place(bytes.len()));
        pack(values, &mut bytes);
        let to = place(bytes.len());
        self.blocks.push(bytes);
        self.spans.push(Span { block, from, to });
    }

    /// The bytes of a record; equal records have equal bytes.
    pub(crate) fn bytes(&self, at: usize) -> &[u8] {
        let bytes = self.spans.get(at).and_then(|span| {
            let block = self.blocks.get(span.block as usize)?;
            block.get(span.from as usize..span.to as usize)
        });
        bytes.unwrap_or(&[])
    }

    /// Puts a record in the place of `values`.
    pub(crate) fn read(&self, at: usize, values: &mut Record) {
        unpack(self.bytes(at), values);
    }

    pub(crate) fn get(&self, at: usize) -> Record {
        let mut values = Record::new();
        self.read(at, &mut values);
        values
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Makes room for so many records at once: grown step by step, most of it would be there twice.
    pub(crate) fn reserve(&mut self, records: usize) {
        self.spans.reserve_exact(records);
    }

    pub(crate) fn append(&mut self, mut other: PackedRecords) {
        let blocks = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
        for span in &mut other.spans {
            span.block += blocks;
        }
        self.spans.append(&mut other.spans);
        self.blocks.append(&mut other.blocks);
    }
}

/// Adds values to `bytes`.
pub(crate) fn pack(values: &[Option<Value>], bytes: &mut Vec<u8>) {
    for value in values {
        match value {
            None => bytes.push(NOTHING),
            Some(Value::Bool(false)) => bytes.push(NO),
            Some(Value::Bool(true)) => bytes.push(YES),
            Some(Value::Int(n)) => {
                bytes.push(INT);
                bytes.extend(n.to_le_bytes());
            }
            Some(Value::Moment(at)) => {
                bytes.push(MOMENT);
                bytes.extend(at.as_second().to_le_bytes());
            }
            Some(Value::Decimal(decimal)) => {
                bytes.extend([DECIMAL, decimal.places]);
                bytes.extend(decimal.units.to_le_bytes());
            }
            Some(Value::Date(day)) => {
                bytes.push(DATE);
                bytes.extend(day.year().to_le_bytes());
                bytes.extend([day.month().unsigned_abs(), day.day().unsigned_abs()]);
            }
            Some(Value::AsRead(text)) => {
                bytes.push(AS_READ);
                bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
                bytes.extend(text.as_bytes());
            }
            Some(Value::Text(text)) => {
                match u8::try_from(text.len() + usize::from(SHORT)) {
                    Ok(first) => bytes.push(first),
                    Err(_) => {
                        bytes.push(LONG);
                        bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
                    }
                }
                bytes.extend(text.as_bytes());
            }
        }
    }
}

/// Puts the values packed in `bytes` in the place of `values`. Texts are written over those that stand there, so that going
/// through many rows asks for no memory. What wasn't packed here gives no values.
pub(crate) fn unpack(mut bytes: &[u8], values: &mut Vec<Option<Value>>) {
    let mut at = 0;
    while let Some((&first, rest)) = bytes.split_first() {
        bytes = rest;
        if at == values.len() {
            values.push(None);
        }
        read(first, &mut bytes, &mut values[at]);
        at += 1;
    }
    values.truncate(at);
}

fn read(first: u8, bytes: &mut &[u8], value: &mut Option<Value>) {
    *value = match first {
        NOTHING => None,
        NO => Some(Value::Bool(false)),
        YES => Some(Value::Bool(true)),
        INT => take(bytes).map(|n| Value::Int(i64::from_le_bytes(n))),
        DATE => take(bytes).and_then(day).map(Value::Date),
        MOMENT => take(bytes).and_then(moment).map(Value::Moment),
        DECIMAL => take(bytes).and_then(|[places]| {
            let units = i64::from_le_bytes(take(bytes)?);
            Some(Value::Decimal(Decimal { units, places }))
        }),
        AS_READ => {
            let len = take(bytes).map_or(0, u32::from_le_bytes);
            Some(Value::AsRead(text(len as usize, bytes).to_owned()))
        }
        _ => {
            let len = match first {
                LONG => take(bytes).map_or(0, u32::from_le_bytes) as usize,
                short => usize::from(short - SHORT),
            };
            return write(text(len, bytes), value);
        }
    };
}

fn text<'b>(len: usize, bytes: &mut &'b [u8]) -> &'b str {
    let (text, rest) = bytes.split_at_checked(len).unwrap_or((&[], &[]));
    *bytes = rest;
    std::str::from_utf8(text).unwrap_or("")
}

fn write(text: &str, value: &mut Option<Value>) {
    match value {
        Some(Value::Text(old)) => {
            old.clear();
            old.push_str(text);
        }
        other => *other = Some(Value::Text(text.to_owned())),
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

fn moment(second: [u8; 8]) -> Option<Timestamp> {
    Timestamp::from_second(i64::from_le_bytes(second)).ok()
}

fn day([low, high, month, day]: [u8; 4]) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(i16::from_le_bytes([low, high]), month, day).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn values_come_back_as_they_were() {
        let text = |t: &str| Some(Value::Text(t.to_owned()));
        let rows = [
            vec![None, text("张三"), text(&"长".repeat(700)), text("")],
            vec![
                text(&"a".repeat(246)),
                text(&"a".repeat(247)),
                Some(Value::Bool(true)),
                Some(Value::Bool(false)),
                text(&"a".repeat(250)),
            ],
            vec![
                Some(Value::Int(i64::MIN)),
                Some(Value::Date(Date::MIN)),
                Some(Value::Date(Date::MAX)),
                text("b"),
                None,
                Some(Value::Moment("1800-01-01T00:00:01Z".parse().unwrap())),
                Some(Value::Decimal(Decimal {
                    units: -1,
                    places: 9,
                })),
                text(&"a".repeat(248)),
                Some(Value::AsRead("138 0000?".to_owned())),
            ],
        ];
        let mut found = Vec::new();
        for row in rows {
            let mut bytes = Vec::new();
            pack(&row, &mut bytes);
            unpack(&bytes, &mut found);
            assert_eq!(found, row);
        }
    }
}
