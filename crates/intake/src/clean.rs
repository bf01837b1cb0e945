//! From what stands in a cell to a checked value: ID numbers, dates, code words, amounts and the rest, as people and
//! spreadsheets write them. Whatever was put right is said; whatever could mean two things is refused; a blank cell is no
//! value. No amount passes through floating-point arithmetic.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::{Fen, FenFault, IdFault, IdNumber, UnitCode, text};
use pack::{FieldType, LONGEST_TEXT, Pack, Value};

use crate::finding::Finding;
use crate::sheet::{Cell, number_text};
use day::{About, day};
pub(crate) use phone::is_mobile;
use phone::phone;

mod day;
mod phone;

/// How many different words of a code column are remembered.
const REMEMBERED: usize = 4_096;
/// How many characters of a wrong cell a message repeats.
const SHOWN: usize = 40;

type Cleaned = Result<Option<Value>, Finding>;

/// Cleans the cells of one column.
pub(crate) struct Cleaner<'p> {
    kind: &'p FieldType,
    pack: &'p Pack,
    about: About,
    places: u32,
    seen: HashMap<String, Cleaned>,
}

impl<'p> Cleaner<'p> {
    pub(crate) fn new(kind: &'p FieldType, pack: &'p Pack, on: Date) -> Cleaner<'p> {
        Cleaner {
            kind,
            pack,
            about: About { on, birth: false },
            places: 0,
            seen: HashMap::new(),
        }
    }

    /// The same for amounts in a unit that is so many decimal places more than a yuan.
    pub(crate) fn of_unit(self, places: u32) -> Cleaner<'p> {
        Cleaner { places, ..self }
    }

    /// The same for a column that says when people were born.
    pub(crate) fn of_births(self) -> Cleaner<'p> {
        let about = About {
            birth: true,
            ..self.about
        };
        Cleaner { about, ..self }
    }

    /// The value of a cell; repairs are added to `repairs`.
    pub(crate) fn clean(&mut self, cell: Cell<'_>, repairs: &mut Vec<Finding>) -> Cleaned {
        match cell {
            Cell::Empty => return Ok(None),
            Cell::Error => return Err(Finding::ErrorValue),
            Cell::Text(text) if text.chars().all(text::is_blank) => return Ok(None),
            Cell::Text(text) if self.is_placeholder(text) => {
                repairs.push(Finding::Placeholder);
                return Ok(None);
            }
            _ => (),
        }
        match self.kind {
            FieldType::Text => words(cell, repairs),
            FieldType::Int => integer(cell),
            FieldType::Fen => amount(cell, self.places),
            FieldType::Date => day(cell, self.about, repairs),
            FieldType::Bool => yes_or_no(cell),
            FieldType::Code(list) => self.code(list, cell),
            FieldType::IdNumber => id_number(cell, self.about.on, repairs),
            FieldType::Unit => unit(cell),
            FieldType::Phone => phone(cell, repairs),
            FieldType::Ref(_) => Err(Finding::WrongKind),
        }
    }

    /// Whether the text only says that nothing is to be said. Words and codes may legitimately be a dash or `无`.
    fn is_placeholder(&self, text: &str) -> bool {
        if matches!(
            self.kind,
            FieldType::Text | FieldType::Code(_) | FieldType::Bool
        ) {
            return false;
        }
        let text = text.trim();
        text.len() <= 12
            && (text
                .chars()
                .all(|c| matches!(c, '-' | '—' | '–' | '－' | '/' | '／' | '\\' | '*'))
                || matches!(text, "无" | "空" | "至今" | "暂无" | "不详" | "未知"))
    }

    fn code(&mut self, list: &str, cell: Cell<'_>) -> Cleaned {
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
        if self.seen.len() < REMEMBERED {
            self.seen.insert(written.to_owned(), found.clone());
        }
        found
    }

    fn look_up(&self, list: &str, written: &str) -> Cleaned {
        let Some(list) = self.pack.code(list) else {
            return Err(Finding::WrongKind);
        };
        match list.find(written) {
            Some(member) => Ok(Some(Value::Text(member.value.clone()))),
            None => Err(Finding::NotInCode {
                written: shortened(written),
                words: list
                    .members
                    .iter()
                    .take(8)
                    .map(|m| m.name.zh.clone())
                    .collect(),
            }),
        }
    }
}

fn id_number(cell: Cell<'_>, on: Date, repairs: &mut Vec<Finding>) -> Cleaned {
    let read = match cell {
        Cell::Text(text) => IdNumber::read(text),
        // Numbers of up to 15 digits are exact; of longer ones the last digits are gone.
        Cell::Number(n) if n.abs() < 1e15 => IdNumber::read(&number_text(n)),
        Cell::Number(_) => Err(IdFault::Float),
        _ => return Err(Finding::WrongKind),
    };
    let (number, made) = read.map_err(Finding::NotAnId)?;
    if number.birth() > on {
        return Err(Finding::BornLater {
            birth: number.birth(),
            on,
        });
    }
    repairs.extend(made.into_iter().map(Finding::Id));
    Ok(Some(Value::Text(number.as_str().to_owned())))
}

fn words(cell: Cell<'_>, repairs: &mut Vec<Finding>) -> Cleaned {
    let Cell::Text(written) = cell else {
        return match cell {
            Cell::Number(_) | Cell::Date(_) => Ok(Some(Value::Text(cell.shown()))),
            _ => Err(Finding::WrongKind),
        };
    };
    let clean = tidy(written);
    if clean != written {
        repairs.push(Finding::Spelling);
    }
    if clean.len() > LONGEST_TEXT && clean.chars().count() > LONGEST_TEXT {
        return Err(Finding::TooLong);
    }
    let clean = encoded(clean, repairs);
    Ok((!clean.is_empty()).then_some(Value::Text(clean)))
}

/// Text as it is kept: letters and digits in ordinary width, no invisible characters, single spaces between Latin words, and
/// none beside Chinese characters, where they only spread a name over its column.
fn tidy(written: &str) -> String {
    let plain =
        |c: char| !c.is_control() && !text::is_blank(c) && !matches!(c, '\u{FF01}'..='\u{FF5E}');
    if written.chars().all(plain) {
        return written.to_owned();
    }
    let mut clean = String::with_capacity(written.len());
    let mut gap = false;
    for c in written.chars() {
        if text::is_blank(c) {
            gap |= c.is_whitespace();
            continue;
        }
        let narrow = text::narrow(c);
        let c = if narrow.is_ascii_alphanumeric() {
            narrow
        } else {
            c
        };
        if gap
            && clean
                .chars()
                .next_back()
                .is_some_and(|last| last.is_ascii())
            && c.is_ascii()
        {
            clean.push(' ');
        }
        gap = false;
        clean.push(c);
    }
    clean
}

/// The text with the characters that old systems kept at places of their own where Unicode has them now. One that isn't known
/// stays as it is, and is told.
fn encoded(clean: String, repairs: &mut Vec<Finding>) -> String {
    let radical = |c| matches!(c, '\u{2F00}'..='\u{2FD5}');
    if !clean.chars().any(|c| private(c) || radical(c)) {
        return clean;
    }
    let mut unknown = None;
    let mut turned = false;
    let text = clean
        .chars()
        .map(|c| {
            let proper = if radical(c) {
                radical_as_character(c)
            } else {
                linkage::encoded(c)
            };
            turned |= proper.is_some();
            unknown = unknown.or((private(c) && proper.is_none()).then_some(c));
            proper.unwrap_or(c)
        })
        .collect();
    if turned {
        repairs.push(Finding::Encoded);
    }
    repairs.extend(unknown.map(Finding::PrivateUse));
    text
}

/// Whether every system may show something else for the character (Unicode, Private Use Areas).
fn private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

/// The character a radical is the part of, in the order of the Unicode block Kangxi Radicals (its compatibility decompositions);
/// text copied out of a PDF often has the radical in place of the character.
fn radical_as_character(radical: char) -> Option<char> {
    let at = u32::from(radical).checked_sub(0x2F00)?;
    RADICALS.chars().nth(usize::try_from(at).ok()?)
}

const RADICALS: &str = "\
    一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺广\
    廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白\
    皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車\
    辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍\
    龜龠";

fn amount(cell: Cell<'_>, places: u32) -> Cleaned {
    match cell {
        Cell::Text(text) => fen_of_text(text, places)
            .map(|fen| Some(Value::Int(fen.0)))
            .map_err(Finding::NotAnAmount),
        Cell::Number(n) => fen_of_number(n, places)
            .map(|fen| Some(Value::Int(fen)))
            .ok_or_else(|| Finding::FractionOfFen(shortened(&number_text(n)))),
        _ => Err(Finding::WrongKind),
    }
}

/// An amount in a unit so many decimal places more than a yuan: the point is moved in the text. Words beside the figures may name
/// another unit, and are refused.
fn fen_of_text(text: &str, places: u32) -> Result<Fen, FenFault> {
    if places == 0 {
        return Fen::read(text);
    }
    let plain: String = (text.chars().take(64))
        .filter(|c| !text::is_blank(*c))
        .map(text::narrow)
        .collect();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let figures = |c: char| c.is_ascii_digit() || matches!(c, ',' | '-');
    if !whole.chars().all(figures) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(FenFault::Form(shortened(text).into()));
    }
    Fen::read(whole)?;
    let places = usize::try_from(places).unwrap_or(0);
    let fraction = format!("{fraction:0<places$}");
    let (yuan, rest) = fraction.split_at(places);
    Fen::read(&format!("{}{yuan}.{rest}", whole.replace(',', "")))
}

/// An amount as a spreadsheet keeps it, in fen; its unit is so many decimal places more than a yuan. The number's shortest
/// decimal form is read digit by digit; beyond the last place that counts it may only be off by what binary fractions cause,
/// less than a ten-thousandth of a fen.
fn fen_of_number(n: f64, places: u32) -> Option<i64> {
    if !n.is_finite() || n.abs() >= 1e13 {
        return None;
    }
    let digits = format!("{}", n.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let places = usize::try_from(places).ok()? + 2;
    let fraction = format!("{fraction:0<width$}", width = places + 4);
    let (fen, rest) = fraction.split_at(places);
    let mut total = format!("{whole}{fen}").parse::<i64>().ok()?;
    match rest.get(..4)? {
        "0000" => (),
        "9999" => total += 1,
        _ => return None,
    }
    Some(if n.is_sign_negative() { -total } else { total })
}

fn integer(cell: Cell<'_>) -> Cleaned {
    let plain: String = match cell {
        Cell::Text(text) => text
            .chars()
            .take(64)
            .filter(|c| !text::is_blank(*c))
            .map(text::narrow)
            .filter(|c| *c != ',')
            .collect(),
        Cell::Number(_) => cell.shown(),
        _ => return Err(Finding::WrongKind),
    };
    let whole = match plain.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => &plain,
    };
    whole
        .parse()
        .map(|n| Some(Value::Int(n)))
        .map_err(|_| Finding::NotAnInteger(shortened(&cell.shown())))
}

fn yes_or_no(cell: Cell<'_>) -> Cleaned {
    let written = match cell {
        Cell::Bool(yes) => return Ok(Some(Value::Bool(yes))),
        Cell::Text(text) => kernel::normal(text).to_ascii_lowercase(),
        Cell::Number(_) => cell.shown(),
        _ => return Err(Finding::WrongKind),
    };
    match written.as_str() {
        "是" | "有" | "对" | "√" | "✓" | "✔" | "1" | "y" | "yes" | "t" | "true" => {
            Ok(Some(Value::Bool(true)))
        }
        "否" | "无" | "没有" | "不是" | "×" | "✗" | "0" | "n" | "no" | "f" | "false" => {
            Ok(Some(Value::Bool(false)))
        }
        "-" | "—" | "/" => Ok(None),
        _ => Err(Finding::NotABool(shortened(&cell.shown()))),
    }
}

fn unit(cell: Cell<'_>) -> Cleaned {
    let plain = match cell {
        Cell::Text(text) => kernel::normal(text),
        Cell::Number(_) => cell.shown(),
        _ => return Err(Finding::WrongKind),
    };
    plain
        .trim_matches('\'')
        .parse::<UnitCode>()
        .map(|unit| Some(Value::Text(unit.to_string())))
        .map_err(|_| Finding::NotAUnit(shortened(&cell.shown())))
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
