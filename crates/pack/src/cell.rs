//! Typed cells: from what stands in a cell of a list, in a field of a form or in JSON to a checked [`Value`], as people and
//! spreadsheets write it. The same repairs and the same words, whatever the door: what was put right is told, what could mean two
//! things or lost digits is refused, a blank is no value. No amount passes through floating-point arithmetic, and nothing is
//! invented for a part that wasn't written.

use std::collections::HashMap;

use jiff::civil::{Date, DateTime};
use kernel::{Document, DocumentFault, IdFault, IdNumber, text};

use crate::{FieldType, FileRef, Items, Pack, Value};

mod amount;
mod day;
mod json;
mod list;
mod moment;
mod phone;
mod told;
mod unit;
mod words;

pub use day::Dates;
pub use phone::is_mobile;
pub use told::{Told, Weight};
pub use unit::UnitWords;

use amount::{decimal, fen, integer};

/// How many different words of a code column are remembered.
const REMEMBERED: usize = 4_096;
/// How many characters of a wrong cell a message repeats.
const SHOWN: usize = 40;
/// From here on a spreadsheet's number has lost its last digits: it keeps 15.
const INEXACT: f64 = 1e15;

/// What a cell of a list holds; a form and a CSV file give text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Text, as typed.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A number that the file shows as a date.
    Date(Date),
    /// A number that the file shows as a date with a time of day.
    Moment(DateTime),
    /// Yes or no.
    Bool(bool),
    /// An error such as `#N/A`.
    Error,
}

/// What was read: a value, none of a blank, or why there is none.
pub type CellReading = Result<Option<Value>, Told>;

/// Reads the cells of one column, or the values of one field.
pub struct Reader<'p> {
    kind: &'p FieldType,
    pack: &'p Pack,
    dates: Dates,
    places: u32,
    key: bool,
    units: Option<&'p UnitWords>,
    seen: HashMap<String, CellReading>,
}

impl<'p> Reader<'p> {
    /// A reader of values of a type, on a day: nobody is born later.
    pub fn new(kind: &'p FieldType, pack: &'p Pack, on: Date) -> Reader<'p> {
        Reader {
            kind,
            pack,
            dates: Dates::on(on),
            places: 0,
            key: false,
            units: None,
            seen: HashMap::new(),
        }
    }

    /// The same for amounts in a unit that is so many decimal places more than a yuan.
    #[must_use]
    pub fn of_unit(self, places: u32) -> Reader<'p> {
        Reader { places, ..self }
    }

    /// The same for dates of which more is known.
    #[must_use]
    pub fn of_dates(self, dates: impl FnOnce(Dates) -> Dates) -> Reader<'p> {
        let dates = dates(self.dates);
        Reader { dates, ..self }
    }

    /// The same for words by which records are told from one another.
    #[must_use]
    pub fn of_key(self) -> Reader<'p> {
        Reader { key: true, ..self }
    }

    /// The same where units may be meant by their names.
    #[must_use]
    pub fn of_units(self, units: &'p UnitWords) -> Reader<'p> {
        let units = Some(units);
        Reader { units, ..self }
    }

    /// The value of a cell; what is to be told of it is added to `told`.
    ///
    /// # Errors
    /// Why there is no value.
    pub fn read(&mut self, cell: Cell<'_>, told: &mut Vec<Told>) -> CellReading {
        let cell = match cell {
            Cell::Empty => return Ok(None),
            Cell::Error => return Err(Told::ErrorValue),
            Cell::Text(text) => match self.worded(text, told)? {
                Some(text) => Cell::Text(text),
                None => return Ok(None),
            },
            other => other,
        };
        match self.kind {
            FieldType::Text => words::text(cell, self.key, told),
            FieldType::LongText => words::long(cell, told),
            FieldType::Int => integer(cell),
            FieldType::Fen => fen(cell, self.places),
            FieldType::Decimal { places, unit } => decimal(cell, *places, unit, told),
            FieldType::Date => day::day(cell, self.dates, told),
            FieldType::PartialDate => day::partial(cell, self.dates, told),
            FieldType::Moment => moment::moment(cell, self.dates, told),
            FieldType::Bool => yes_or_no(cell),
            FieldType::Code(list) => self.code(list, cell, told),
            FieldType::List(items) => self.list(items, cell, told),
            FieldType::IdNumber => {
                let read = id_number(cell, self.dates.day(), told)?;
                Ok(self.of_region(read, told))
            }
            FieldType::Document => {
                let read = document(cell, self.dates.day(), told)?;
                Ok(self.of_region(read, told))
            }
            FieldType::Unit => unit::unit(cell, self.units),
            FieldType::Phone => phone::phone(cell, told),
            FieldType::File => file(cell),
            FieldType::Ref(_) => Err(Told::WrongKind),
        }
    }

    /// Tells of a number, or of a document with one, that begins with no county's code; it is taken all the same.
    fn of_region(&self, read: Option<Value>, told: &mut Vec<Told>) -> Option<Value> {
        let text = read.as_ref().and_then(Value::as_text);
        let digits = text.map(|text| text.rsplit(' ').next().unwrap_or(text));
        let number: Option<IdNumber> = digits.and_then(|digits| digits.parse().ok());
        if number.and_then(|number| self.pack.begins_with_region(&number)) == Some(false) {
            told.push(Told::NoRegion);
        }
        read
    }

    /// The value that a file kept of a formula; none of one that was never worked out.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn read_computed(&mut self, cell: Cell<'_>, told: &mut Vec<Told>) -> CellReading {
        if cell == Cell::Empty {
            return Err(Told::NotComputed);
        }
        let value = self.read(cell, told)?;
        if value.is_some() {
            told.push(Told::Computed);
        }
        Ok(value)
    }

    /// The text that stands in a cell, without what only says that it is text; none if that is to be taken as blank.
    fn worded<'t>(&self, written: &'t str, told: &mut Vec<Told>) -> Result<Option<&'t str>, Told> {
        let Some(first) = written.chars().find(|c| !text::is_blank(*c)) else {
            return Ok(None);
        };
        let mut text = written;
        if first == '=' {
            let inner = text.trim()[1..].trim();
            match inner.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
                Some(inner) => {
                    told.push(Told::Unwrapped);
                    text = inner;
                }
                None if inner.trim_matches('=').is_empty() => return Err(Told::Ditto),
                None => return Err(Told::NotComputed),
            }
        } else if words::is_ditto(first, text) {
            return Err(Told::Ditto);
        } else if first == '\''
            && !matches!(self.kind, FieldType::IdNumber | FieldType::Document)
            && let Some(inner) = text.trim_start().strip_prefix('\'')
        {
            told.push(Told::Unwrapped);
            text = inner;
        }
        if text.chars().all(text::is_blank) {
            return Ok(None);
        }
        if self.is_placeholder(text) {
            told.push(Told::Placeholder);
            return Ok(None);
        }
        Ok(Some(text))
    }

    /// Whether the text only says that nothing is to be said. Words and codes may legitimately be a dash or `无`.
    fn is_placeholder(&self, text: &str) -> bool {
        if matches!(
            self.kind,
            FieldType::Text
                | FieldType::LongText
                | FieldType::Code(_)
                | FieldType::List(_)
                | FieldType::Bool
        ) {
            return false;
        }
        let text = text.trim();
        text.len() <= 12
            && (text
                .chars()
                .all(|c| matches!(c, '-' | '—' | '–' | '－' | '/' | '／' | '\\' | '*'))
                || matches!(text, "无" | "空" | "至今" | "不详" | "未知")
                || text == "暂无" && *self.kind != FieldType::Document
                || matches!(text, "长期" | "永久" | "长期有效") && *self.kind == FieldType::Date)
    }

    fn code(&mut self, list: &str, cell: Cell<'_>, told: &mut Vec<Told>) -> CellReading {
        let shown;
        let written = match cell {
            Cell::Text(text) => text,
            other => {
                shown = other.shown();
                &shown
            }
        };
        if let Some(known) = self.seen.get(written) {
            return known.clone();
        }
        let found = self.look_up(list, written);
        // What an exporter's float made of a code is told each time, so it isn't remembered.
        if found.is_err()
            && let Some(whole) = without_zeros(written)
            && let Ok(found) = self.look_up(list, whole)
        {
            told.push(Told::Zeros);
            return Ok(found);
        }
        if self.seen.len() < REMEMBERED {
            self.seen.insert(written.to_owned(), found.clone());
        }
        found
    }

    fn look_up(&self, list: &str, written: &str) -> CellReading {
        let Some(list) = self.pack.code(list) else {
            return Err(Told::WrongKind);
        };
        match list.find(written) {
            Some(member) => Ok(Some(Value::Text(member.value.clone()))),
            None => Err(Told::NotInCode {
                written: shortened(written),
                words: list
                    .members
                    .iter()
                    .take(8)
                    .map(|m| m.name.clone())
                    .collect(),
            }),
        }
    }

    fn list(&self, items: &Items, cell: Cell<'_>, told: &mut Vec<Told>) -> CellReading {
        match items {
            Items::Texts => list::of_texts(cell, told),
            Items::Codes(id) => {
                let codes = self.pack.code(id).ok_or(Told::WrongKind)?;
                list::of_codes(codes, cell, |word| {
                    self.look_up(id, word).err().unwrap_or(Told::WrongKind)
                })
            }
        }
    }
}

impl Cell<'_> {
    /// The cell as a person would read it.
    pub fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => (*text).to_owned(),
            Cell::Number(n) => number_text(*n),
            Cell::Date(day) => day.to_string(),
            Cell::Moment(at) => format!("{} {}", at.date(), at.time()),
            Cell::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
            Cell::Error => "#N/A".to_owned(),
        }
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// A number in decimal digits; numbers beyond 15 digits, of which a spreadsheet has lost the last ones, in its own notation.
pub fn number_text(n: f64) -> String {
    if n.abs() >= INEXACT {
        format!("{n:E}").replace('E', "E+")
    } else {
        format!("{n}")
    }
}

/// The whole number before a `.0` that an exporter's float left behind it.
fn without_zeros(written: &str) -> Option<&str> {
    let (whole, zeros) = written.trim().split_once('.')?;
    let figures = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
    (figures && !zeros.is_empty() && zeros.bytes().all(|b| b == b'0')).then_some(whole)
}

fn id_number(cell: Cell<'_>, on: Date, told: &mut Vec<Told>) -> CellReading {
    let read = match cell {
        Cell::Text(text) => return written_number(text, on, told),
        // Numbers of up to 15 digits are exact; of longer ones the last digits are gone.
        Cell::Number(n) if n.abs() < INEXACT => IdNumber::read(&number_text(n)),
        Cell::Number(_) => Err(IdFault::Float),
        _ => return Err(Told::WrongKind),
    };
    let (number, made) = read.map_err(Told::NotAnId)?;
    told.extend(made.into_iter().map(Told::Id));
    born(number, on)
}

/// The number in a text: alone, behind the name of the document, or with a remark behind it.
fn written_number(text: &str, on: Date, told: &mut Vec<Told>) -> CellReading {
    let fault = match IdNumber::read(text) {
        Ok((number, made)) => {
            told.extend(made.into_iter().map(Told::Id));
            return born(number, on);
        }
        Err(fault) => fault,
    };
    if let Some((number, remark)) = words::remark(text)
        && let Ok((number, made)) = IdNumber::read(number)
    {
        told.extend(made.into_iter().map(Told::Id));
        told.push(Told::NumberRemark(shortened(remark)));
        return born(number, on);
    }
    match Document::read(text) {
        Ok((document, _)) => match document.id_number() {
            Some(number) => {
                told.push(Told::Spelling);
                born(number, on)
            }
            None => Err(Told::OtherDocument(Box::new(document))),
        },
        Err(_) => Err(Told::NotAnId(fault)),
    }
}

/// A number of somebody born by a day.
fn born(number: IdNumber, on: Date) -> CellReading {
    if number.birth() > on {
        let birth = number.birth();
        return Err(Told::BornLater { birth, on });
    }
    Ok(Some(Value::Text(number.as_str().to_owned())))
}

fn document(cell: Cell<'_>, on: Date, told: &mut Vec<Told>) -> CellReading {
    let shown;
    let text = match cell {
        Cell::Text(text) => text,
        Cell::Number(n) if n.abs() < INEXACT => {
            shown = number_text(n);
            &shown
        }
        Cell::Number(_) => return Err(Told::NotAnId(IdFault::Float)),
        _ => return Err(Told::WrongKind),
    };
    let kept = |document: Document| {
        if let Some(number) = document.id_number() {
            born(number, on)?;
        }
        Ok(Some(Value::Text(document.to_string())))
    };
    if let Ok((number, made)) = IdNumber::read(text) {
        told.extend(made.into_iter().map(Told::Id));
        return kept(Document::of(number));
    }
    // What is kept reads as itself, so that a form shows it and takes it back.
    if let Ok(document) = text.parse() {
        return kept(document);
    }
    let fault = match Document::read(text) {
        Ok((document, other_spelling)) => {
            if other_spelling {
                told.push(Told::Spelling);
            }
            return kept(document);
        }
        Err(fault) => fault,
    };
    if let Some((number, remark)) = words::remark(text)
        && let Ok((document, _)) = Document::read(number)
    {
        told.push(Told::NumberRemark(shortened(remark)));
        return kept(document);
    }
    Err(match fault {
        DocumentFault::Resident(fault) => Told::NotAnId(fault),
        fault => Told::NotADocument(Box::new(fault)),
    })
}

/// A reference to a file that is kept already: a cell can't hold one.
fn file(cell: Cell<'_>) -> CellReading {
    let Cell::Text(text) = cell else {
        return Err(Told::WrongKind);
    };
    match text.parse::<FileRef>() {
        Ok(file) => Ok(Some(Value::Text(file.to_string()))),
        Err(_) => Err(Told::WrongKind),
    }
}

fn yes_or_no(cell: Cell<'_>) -> CellReading {
    let written = match cell {
        Cell::Bool(yes) => return Ok(Some(Value::Bool(yes))),
        Cell::Text(text) => kernel::normal(text).to_ascii_lowercase(),
        Cell::Number(_) => cell.shown(),
        _ => return Err(Told::WrongKind),
    };
    match written.as_str() {
        "是" | "有" | "对" | "√" | "✓" | "✔" | "1" | "1.0" | "y" | "yes" | "t" | "true" => {
            Ok(Some(Value::Bool(true)))
        }
        "否" | "无" | "没有" | "不是" | "×" | "✗" | "0" | "0.0" | "n" | "no" | "f" | "false" => {
            Ok(Some(Value::Bool(false)))
        }
        "-" | "—" | "/" => Ok(None),
        _ => Err(Told::NotABool(shortened(&cell.shown()))),
    }
}

fn shortened(written: &str) -> Box<str> {
    let written = written.trim();
    match written.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &written[..end]).into(),
        None => written.into(),
    }
}

#[cfg(test)]
mod tests;
