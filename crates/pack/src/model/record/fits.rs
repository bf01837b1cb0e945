//! Whether a value suits the type of its field.

use kernel::{Document, IdNumber, PartialDate, UnitCode};

use crate::{FieldType, FileRef, Items, Pack, Storage, Value};

use super::{
    LONGEST_AS_READ, LONGEST_ITEM, LONGEST_LONG_TEXT, LONGEST_TEXT, MOST_ITEMS, Problem,
    earliest_date, latest_date,
};

/// Whether a value suits a type.
pub(crate) fn fits(value: &Value, kind: &FieldType, pack: &Pack) -> Result<(), Problem> {
    match (value, kind) {
        (Value::Date(day), FieldType::Date) => {
            if (earliest_date()..=latest_date()).contains(day) {
                Ok(())
            } else {
                Err(Problem::DateOutside { date: *day })
            }
        }
        (Value::Bool(_), FieldType::Bool) | (Value::Int(_), FieldType::Int | FieldType::Fen) => {
            Ok(())
        }
        (Value::Int(id), FieldType::Ref(_)) => {
            if *id > 0 {
                Ok(())
            } else {
                Err(Problem::Ref)
            }
        }
        (Value::Moment(at), FieldType::Moment) => {
            let day = jiff::tz::Offset::UTC.to_datetime(*at).date();
            let whole = at.subsec_nanosecond() == 0;
            match whole && (earliest_date()..=latest_date()).contains(&day) {
                true => Ok(()),
                false => Err(Problem::Moment),
            }
        }
        (Value::Decimal(decimal), FieldType::Decimal { places, .. }) => {
            match decimal.fits(*places) {
                true => Ok(()),
                false => Err(Problem::Decimal),
            }
        }
        // A record is named by its number, which is never read from words.
        (Value::AsRead(text), kind) if !matches!(kind, FieldType::Ref(_)) => {
            legible(text, LONGEST_AS_READ)
        }
        (Value::Text(text), kind) if kind.storage() == Storage::Text => {
            legible(text, longest(kind))?;
            text_fits(text, kind, pack)
        }
        _ => Err(Problem::Type {
            expected: kind.clone(),
        }),
    }
}

/// The most characters of a type that is held as text.
fn longest(kind: &FieldType) -> usize {
    match kind {
        FieldType::LongText => LONGEST_LONG_TEXT,
        FieldType::List(_) => MOST_ITEMS * (LONGEST_ITEM + 1),
        _ => LONGEST_TEXT,
    }
}

/// Whether a text can be kept at all.
fn legible(text: &str, most: usize) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Blank);
    }
    // A text of few bytes has few characters; counting is for the others.
    if text.len() > most {
        let chars = text.chars().count();
        if chars > most {
            return Err(Problem::TooLong { chars, most });
        }
    }
    let bad = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(bad) {
        Err(Problem::Control)
    } else {
        Ok(())
    }
}

/// Whether a text is a list: one thing a line, none blank, none twice, none too long.
fn list_fits(text: &str, items: &Items, pack: &Pack) -> Result<(), Problem> {
    let lines: Vec<&str> = text.split('\n').collect();
    let short = |line: &&str| !line.trim().is_empty() && line.chars().count() <= LONGEST_ITEM;
    if lines.len() > MOST_ITEMS || !lines.iter().all(short) {
        return Err(Problem::List);
    }
    let once = (1..lines.len()).all(|at| !lines[..at].contains(&lines[at]));
    let ordered = match items {
        Items::Texts => true,
        Items::Codes(id) => match pack.code(id) {
            None => true,
            Some(list) => {
                let mut places = Vec::with_capacity(lines.len());
                for line in &lines {
                    let place = list.members.iter().position(|m| m.value == *line);
                    places.push(place.ok_or_else(|| Problem::NotInCode {
                        value: (*line).to_owned(),
                        list: list.name.clone(),
                    })?);
                }
                places.is_sorted()
            }
        },
    };
    match once && ordered {
        true => Ok(()),
        false => Err(Problem::List),
    }
}

/// Whether a text suits a type that is held as text.
fn text_fits(text: &str, kind: &FieldType, pack: &Pack) -> Result<(), Problem> {
    match kind {
        FieldType::Code(list) => match pack.code(list) {
            Some(list) if list.member(text).is_none() => Err(Problem::NotInCode {
                value: text.to_owned(),
                list: list.name.clone(),
            }),
            _ => Ok(()),
        },
        FieldType::IdNumber => IdNumber::parse(text).map(drop).map_err(Problem::IdNumber),
        FieldType::List(items) => list_fits(text, items, pack),
        FieldType::File => text.parse::<FileRef>().map(drop).map_err(Problem::File),
        FieldType::Document => (text.parse::<Document>())
            .map(drop)
            .map_err(Problem::Document),
        FieldType::PartialDate => match text.parse::<PartialDate>() {
            Ok(partial)
                if partial.first() >= earliest_date() && partial.last() <= latest_date() =>
            {
                Ok(())
            }
            _ => Err(Problem::PartialDate),
        },
        FieldType::Unit => text
            .parse::<UnitCode>()
            .map(drop)
            .map_err(|_| Problem::Unit {
                value: text.to_owned(),
            }),
        FieldType::Phone => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            if digits >= 3 && text.len() <= 40 && !text.contains(char::is_alphabetic) {
                Ok(())
            } else {
                Err(Problem::Phone)
            }
        }
        _ => Ok(()),
    }
}
