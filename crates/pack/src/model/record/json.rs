//! The canonical written form of a record: a JSON object without spaces. Written by hand, because it is written and read for
//! every entry of the ledger. It promises decode(encode(r)) = r, and refuses whatever encode wouldn't write.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::Decimal;

use super::{Record, Said, Value};
use crate::{Register, Storage};

/// A written record that isn't in canonical form, or doesn't suit its register.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the written record is damaged at byte {at}: {what}")]
pub struct DecodeFault {
    /// The byte at which reading stopped.
    pub at: usize,
    /// What was wrong there.
    pub what: String,
}

pub(super) fn encode(register: &Register, record: &Record, out: &mut String) {
    let said = |(at, value): (usize, &Option<Value>)| value.is_some().then_some(at);
    write(
        register,
        record,
        record.iter().enumerate().filter_map(said),
        out,
    );
}

pub(super) fn encode_said(register: &Register, said: &Said, out: &mut String) {
    write(register, &said.values, said.spoken.iter(), out);
}

/// Writes the fields at these positions.
fn write(
    register: &Register,
    record: &Record,
    spoken: impl Iterator<Item = usize>,
    out: &mut String,
) {
    out.push('{');
    let mut first = true;
    let mut as_read = Vec::new();
    for at in spoken {
        let (Some(field), Some(value)) = (register.fields.get(at), record.get(at)) else {
            continue;
        };
        if let Some(Value::AsRead(text)) = value {
            as_read.push((field, text));
            continue;
        }
        push_name(&field.id, &mut first, out);
        match value {
            None => out.push_str(UNKNOWN),
            Some(Value::Text(text) | Value::AsRead(text)) => push_text(text, out),
            Some(Value::Int(n)) => push_int(*n, out),
            Some(Value::Bool(yes)) => out.push_str(if *yes { "true" } else { "false" }),
            Some(Value::Date(day)) => {
                out.push('"');
                push_date(*day, out);
                out.push('"');
            }
            Some(other @ (Value::Moment(_) | Value::Decimal(_))) => {
                push_text(&other.to_string(), out);
            }
        }
    }
    if !as_read.is_empty() {
        push_name(AS_READ, &mut first, out);
        out.push('{');
        let mut first = true;
        for (field, text) in as_read {
            push_name(&field.id, &mut first, out);
            push_text(text, out);
        }
        out.push('}');
    }
    out.push('}');
}

/// How a field said to be unknown is written.
const UNKNOWN: &str = "null";
/// Under which name stands what could not be read; no field may have it.
const AS_READ: &str = "?";

/// Whether a written word may speak of fields without giving them a value, told without reading it.
pub(super) fn may_lack_values(body: &str) -> bool {
    body.ends_with("}}") || body.contains(":null")
}

fn push_name(name: &str, first: &mut bool, out: &mut String) {
    out.push_str(if *first { "\"" } else { ",\"" });
    *first = false;
    out.push_str(name);
    out.push_str("\":");
}

fn push_text(text: &str, out: &mut String) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ => {
                out.push_str("\\u00");
                out.push(if byte < 0x10 { '0' } else { '1' });
                out.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
            }
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

pub(super) fn push_int(n: i64, out: &mut String) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = n.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        out.push('-');
    }
    out.extend(digits[at..].iter().map(|&d| char::from(d)));
}

pub(super) fn push_date(day: Date, out: &mut String) {
    if day.year() < 0 {
        // Outside what a record may name; written all the same, so that writing never fails.
        out.push_str(&day.to_string());
        return;
    }
    let digit = |n: u16| char::from(b'0' + u8::try_from(n % 10).unwrap_or_default());
    let (y, m, d) = (
        day.year().unsigned_abs(),
        u16::from(day.month().unsigned_abs()),
        u16::from(day.day().unsigned_abs()),
    );
    out.extend([
        digit(y / 1000),
        digit(y / 100),
        digit(y / 10),
        digit(y),
        '-',
        digit(m / 10),
        digit(m),
        '-',
        digit(d / 10),
        digit(d),
    ]);
}

pub(super) fn decode(register: &Register, body: &str) -> Result<Record, DecodeFault> {
    let said = decode_said(register, body)?;
    let none = |at: &usize| matches!(said.values[*at], None | Some(Value::AsRead(_)));
    match said.spoken.iter().find(none) {
        None => Ok(said.values),
        Some(at) => Err(DecodeFault {
            at: 0,
            what: format!("the field {} has no value", register.fields[at].id),
        }),
    }
}

pub(super) fn decode_said(register: &Register, body: &str) -> Result<Said, DecodeFault> {
    let mut reader = Reader { body, at: 0 };
    let mut said = Said {
        values: vec![None; register.fields.len()],
        ..Said::default()
    };
    reader.expect(b'{')?;
    if reader.peek() == Some(b'}') {
        reader.at += 1;
        return reader.end(said);
    }
    let mut next = 0;
    loop {
        if reader.names_as_read() {
            reader.as_read(register, &mut said)?;
            reader.expect(b'}')?;
            return reader.end(said);
        }
        next = reader.member(register, next, &mut said, |reader, storage| {
            match reader.unknown() {
                true => Ok(None),
                false => reader.value(storage).map(Some),
            }
        })?;
        match reader.peek() {
            Some(b',') => reader.at += 1,
            _ => {
                reader.expect(b'}')?;
                return reader.end(said);
            }
        }
    }
}

struct Reader<'a> {
    body: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.body.as_bytes().get(self.at).copied()
    }

    fn fault<T>(&self, what: impl Into<String>) -> Result<T, DecodeFault> {
        Err(DecodeFault {
            at: self.at,
            what: what.into(),
        })
    }

    fn expect(&mut self, byte: u8) -> Result<(), DecodeFault> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            self.fault(format!("“{}” expected", char::from(byte)))
        }
    }

    /// Takes the name of what could not be read, if it stands here.
    fn names_as_read(&mut self) -> bool {
        let rest = &self.body[self.at..];
        let rest = rest
            .strip_prefix('"')
            .and_then(|rest| rest.strip_prefix(AS_READ));
        let found = rest.is_some_and(|rest| rest.starts_with("\":"));
        if found {
            self.at += AS_READ.len() + 3;
        }
        found
    }

    /// Takes a member whose field is looked for from `next` on; the place after its field.
    fn member(
        &mut self,
        register: &Register,
        next: usize,
        said: &mut Said,
        value: impl Fn(&mut Self, Storage) -> Result<Option<Value>, DecodeFault>,
    ) -> Result<usize, DecodeFault> {
        let start = self.at;
        let index = self.name(register, next)?;
        let field = &register.fields[index];
        self.expect(b':')?;
        let value = value(self, field.kind.storage())?;
        if said.spoken.has(index) {
            return Err(DecodeFault {
                at: start,
                what: format!("the field {} stands twice", field.id),
            });
        }
        said.set(index, value);
        Ok(index + 1)
    }

    /// Takes the object of what could not be read.
    fn as_read(&mut self, register: &Register, said: &mut Said) -> Result<(), DecodeFault> {
        let mut next = 0;
        self.expect(b'{')?;
        loop {
            next = self.member(register, next, said, |reader, _| {
                Ok(Some(Value::AsRead(reader.text()?)))
            })?;
            match self.peek() {
                Some(b',') => self.at += 1,
                _ => return self.expect(b'}'),
            }
        }
    }

    /// Takes a null, if one stands here.
    fn unknown(&mut self) -> bool {
        let found = self.body[self.at..].starts_with(UNKNOWN);
        if found {
            self.at += UNKNOWN.len();
        }
        found
    }

    fn end(&self, said: Said) -> Result<Said, DecodeFault> {
        if self.at == self.body.len() {
            Ok(said)
        } else {
            self.fault("something follows the end")
        }
    }

    /// The position of the field named next; `guess` is looked at first.
    fn name(&mut self, register: &Register, guess: usize) -> Result<usize, DecodeFault> {
        self.expect(b'"')?;
        let rest = &self.body[self.at..];
        let Some(length) = rest.find('"') else {
            return self.fault("the field's name doesn't end");
        };
        let name = &rest[..length];
        let ahead = register
            .fields
            .iter()
            .skip(guess)
            .position(|f| f.id == name)
            .map(|n| n + guess);
        let Some(index) = ahead.or_else(|| register.field(name).map(|(i, _)| i)) else {
            return self.fault(format!("the register {} has no field {name}", register.id));
        };
        self.at += length + 1;
        Ok(index)
    }

    fn value(&mut self, storage: Storage) -> Result<Value, DecodeFault> {
        match storage {
            Storage::Text => self.text().map(Value::Text),
            Storage::Int => self.int().map(Value::Int),
            Storage::Bool => self.bool().map(Value::Bool),
            Storage::Date => self.date().map(Value::Date),
            Storage::Moment => self.moment().map(Value::Moment),
            Storage::Decimal(places) => self.decimal(places).map(Value::Decimal),
        }
    }

    fn moment(&mut self) -> Result<Timestamp, DecodeFault> {
        let start = self.at;
        let text = self.text()?;
        match text.parse::<Timestamp>() {
            Ok(at) if at.subsec_nanosecond() == 0 && at.to_string() == text => Ok(at),
            _ => {
                self.at = start;
                self.fault("a moment expected")
            }
        }
    }

    fn decimal(&mut self, places: u8) -> Result<Decimal, DecodeFault> {
        let start = self.at;
        let text = self.text()?;
        match Decimal::parse(&text, places) {
            Some(decimal) => Ok(decimal),
            None => {
                self.at = start;
                self.fault("a decimal number expected")
            }
        }
    }

    fn bool(&mut self) -> Result<bool, DecodeFault> {
        let rest = &self.body[self.at..];
        for (word, value) in [("true", true), ("false", false)] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        self.fault("true or false expected")
    }

    fn int(&mut self) -> Result<i64, DecodeFault> {
        let rest = &self.body[self.at..];
        let length = rest
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'-')
            .count();
        let digits = &rest[..length];
        let bare = digits.strip_prefix('-').unwrap_or(digits);
        let canonical = !bare.starts_with('0') || digits == "0";
        match digits.parse() {
            Ok(n) if canonical => {
                self.at += length;
                Ok(n)
            }
            _ => self.fault("a whole number expected"),
        }
    }

    fn date(&mut self) -> Result<Date, DecodeFault> {
        let start = self.at;
        let day = (|| {
            let bytes = self.body.as_bytes().get(start..start + 12)?;
            let number = |range: std::ops::Range<usize>| {
                bytes[range].iter().try_fold(0i16, |n, b| {
                    b.is_ascii_digit().then(|| n * 10 + i16::from(b - b'0'))
                })
            };
            let marks = [bytes[0], bytes[5], bytes[8], bytes[11]] == *b"\"--\"";
            let (y, m, d) = (number(1..5)?, number(6..8)?, number(9..11)?);
            if !marks {
                return None;
            }
            Date::new(y, i8::try_from(m).ok()?, i8::try_from(d).ok()?).ok()
        })();
        match day {
            Some(day) => {
                self.at += 12;
                Ok(day)
            }
            None => self.fault("a date expected"),
        }
    }

    fn text(&mut self) -> Result<String, DecodeFault> {
        self.expect(b'"')?;
        let bytes = self.body.as_bytes();
        let start = self.at;
        let plain = |at: usize| {
            bytes[at..]
                .iter()
                .position(|&b| b == b'"' || b == b'\\' || b < 0x20)
                .map(|n| at + n)
        };
        let mut text = String::new();
        let mut from = start;
        loop {
            let Some(at) = plain(from) else {
                self.at = start;
                return self.fault("the text doesn't end");
            };
            text.push_str(&self.body[from..at]);
            self.at = at;
            match bytes[at] {
                b'"' => {
                    self.at += 1;
                    return Ok(text);
                }
                b'\\' => {
                    text.push(self.escape()?);
                    from = self.at;
                }
                _ => return self.fault("a bare control character in a text"),
            }
        }
    }

    /// One of the escapes that `push_text` writes.
    fn escape(&mut self) -> Result<char, DecodeFault> {
        let rest = &self.body.as_bytes()[self.at + 1..];
        let (c, length) = match rest {
            [b'"', ..] => ('"', 2),
            [b'\\', ..] => ('\\', 2),
            [b'n', ..] => ('\n', 2),
            [b'r', ..] => ('\r', 2),
            [b't', ..] => ('\t', 2),
            [b'u', b'0', b'0', high @ (b'0' | b'1'), low, ..] => {
                let low = match low {
                    b'0'..=b'9' => low - b'0',
                    b'a'..=b'f' => low - b'a' + 10,
                    _ => return self.fault("an escape that isn't written so"),
                };
                let c = char::from((high - b'0') * 16 + low);
                if matches!(c, '\n' | '\r' | '\t') {
                    return self.fault("an escape that isn't written so");
                }
                (c, 6)
            }
            _ => return self.fault("an escape that isn't written so"),
        };
        self.at += length;
        Ok(c)
    }
}
