//! One TOML value with its place, and reading it as what it should be; anything else is noted as a fault.

use std::ops::Range;
use std::rc::Rc;

use jiff::civil::Date;
use kernel::Decimal;
use toml::Spanned;
use toml::de::DeValue;

use super::{Notes, Table, Word};
use crate::{Fault, Place, Sql};

/// One value of a document.
#[derive(Clone)]
pub(crate) struct Node<'n, 'f> {
    pub notes: &'n Notes<'f>,
    pub value: &'n Spanned<DeValue<'f>>,
    /// The keys that lead to it, where keys are collected.
    pub trail: Rc<str>,
}

impl<'n, 'f> Node<'n, 'f> {
    pub fn place(&self) -> Place {
        self.notes.space().place(self.value.span())
    }

    /// Notes that the value should be something else.
    pub fn wrong(&self, zh: &str, en: &str) {
        let (found_zh, found_en) = kind(self.value.get_ref());
        self.notes.fault(Fault::at(
            self.place(),
            "wrong-type",
            format!("这里应为{zh}，实际是{found_zh}。"),
            format!("This should be {en}, but is {found_en}."),
        ));
    }

    /// Notes that the value is of the right type, but can't be used.
    pub fn bad(&self, zh: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault::at(self.place(), "bad-value", zh, en)
    }

    pub fn word(&self) -> Option<Word> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(Word {
                text: text.to_string(),
                place: self.inside(text),
            }),
            _ => {
                self.wrong("文字", "text");
                None
            }
        }
    }

    /// A word that isn't blank.
    pub fn filled(&self) -> Option<Word> {
        let word = self.word()?;
        if word.text.trim().is_empty() {
            self.notes.fault(self.bad("内容为空。", "This is empty."));
            return None;
        }
        Some(word)
    }

    pub fn sql(&self) -> Option<Sql> {
        let Word { text, place } = self.word()?;
        let bare = crate::sql::is_blank(&text);
        if bare {
            self.notes.fault(
                Fault::at(self.place(), "empty-sql", "SQL 为空。", "The SQL is empty.").hint(
                    "请写出查询或条件，或删去这个键。",
                    "Write the query or condition, or remove the key.",
                ),
            );
        }
        Some(Sql { text, place })
    }

    pub fn int(&self) -> Option<i64> {
        if let DeValue::Integer(n) = self.value.get_ref() {
            if let Ok(n) = i64::from_str_radix(n.as_str(), n.radix()) {
                return Some(n);
            }
            self.notes
                .fault(self.bad("数太大。", "The number is too large."));
            return None;
        }
        self.wrong("整数", "a whole number");
        None
    }

    /// An amount of money, in whole fen; written in yuan it is told how many fen that is.
    pub fn fen(&self) -> Option<i64> {
        let yuan = match self.value.get_ref() {
            DeValue::Float(number) => number.as_str().to_owned(),
            DeValue::String(text) => text.to_string(),
            _ => return self.int(),
        };
        let (zh, en) = kind(self.value.get_ref());
        let (zh, en) = (
            format!("金额应为整数分，实际是{zh}。"),
            format!("Money is a whole number of fen, but this is {en}."),
        );
        let plain = yuan.trim().trim_end_matches('元').trim();
        let plain: String = plain.chars().filter(|c| !",，_".contains(*c)).collect();
        let (zh_hint, en_hint) = match Decimal::read(&plain, 2) {
            Ok(number) => {
                let fen = number.to_string().replace('.', "");
                let (sign, digits) = match fen.strip_prefix('-') {
                    Some(digits) => ("-", digits),
                    None => ("", fen.as_str()),
                };
                let digits = digits.trim_start_matches('0');
                let digits = if digits.is_empty() { "0" } else { digits };
                (
                    format!("金额以分为单位：{plain} 元写作 {sign}{digits}。"),
                    format!("Money is in fen: {plain} yuan is {sign}{digits}."),
                )
            }
            Err(_) => (
                "金额以分为单位：180 元写作 18000，不加引号。".to_owned(),
                "Money is in fen: 180 yuan is 18000, without quotation marks.".to_owned(),
            ),
        };
        let fault = Fault::at(self.place(), "wrong-type", zh, en);
        self.notes.fault(fault.hint(zh_hint, en_hint));
        None
    }

    pub fn bool(&self) -> Option<bool> {
        if let DeValue::Boolean(yes) = self.value.get_ref() {
            return Some(*yes);
        }
        self.wrong("true 或 false", "true or false");
        None
    }

    pub fn date(&self) -> Option<Date> {
        if let DeValue::Datetime(when) = self.value.get_ref()
            && let (Some(day), None, None) = (when.date, when.time, when.offset)
        {
            let date = i16::try_from(day.year).ok().and_then(|year| {
                Date::new(year, day.month.cast_signed(), day.day.cast_signed()).ok()
            });
            let date = date.filter(|d| (crate::earliest_date()..=crate::latest_date()).contains(d));
            if date.is_none() {
                self.notes.fault(self.bad(
                    "日期不存在，或不在 1800 年至 2200 年之间。",
                    "There is no such date between 1800 and 2200.",
                ));
            }
            return date;
        }
        self.wrong(
            "日期（如 2025-01-01，不加引号）",
            "a date such as 2025-01-01, without quotation marks",
        );
        None
    }

    pub fn table(&self) -> Option<Table<'n, 'f>> {
        match self.value.get_ref() {
            DeValue::Table(table) => Some(Table::new(
                self.notes,
                self.place(),
                table,
                self.trail.clone(),
            )),
            _ => {
                self.wrong("表（{ … }）", "a table ({ … })");
                None
            }
        }
    }

    pub fn list(&self) -> Option<Vec<Node<'n, 'f>>> {
        match self.value.get_ref() {
            DeValue::Array(list) => Some(
                list.iter()
                    .map(|value| Node {
                        value,
                        ..self.clone()
                    })
                    .collect(),
            ),
            _ => {
                self.wrong("列表（[ … ]）", "a list ([ … ])");
                None
            }
        }
    }

    /// The place of a string's text: without its quotation marks when it stands in the file exactly so, the whole string otherwise.
    fn inside(&self, text: &str) -> Place {
        let Place { file, span } = self.place();
        let source = &self.notes.files[file].text[span.clone()];
        let inner = bare(source).filter(|inner| source[inner.clone()] == *text);
        Place {
            file,
            span: inner.map_or(span.clone(), |inner| {
                span.start + inner.start..span.start + inner.end
            }),
        }
    }
}

/// The part of a TOML string between its quotation marks.
fn bare(source: &str) -> Option<Range<usize>> {
    for mark in ["\"\"\"", "'''", "\"", "'"] {
        if source.len() >= 2 * mark.len() && source.starts_with(mark) && source.ends_with(mark) {
            let (mut start, end) = (mark.len(), source.len() - mark.len());
            if mark.len() == 3 {
                let body = &source[start..end];
                start += if body.starts_with("\r\n") {
                    2
                } else {
                    usize::from(body.starts_with('\n'))
                };
            }
            return Some(start..end);
        }
    }
    None
}

/// What a value is called.
fn kind(value: &DeValue<'_>) -> (&'static str, &'static str) {
    match value {
        DeValue::String(_) => ("文字", "text"),
        DeValue::Integer(_) => ("整数", "a whole number"),
        DeValue::Float(_) => ("小数", "a decimal number"),
        DeValue::Boolean(_) => ("true 或 false", "true or false"),
        DeValue::Datetime(_) => ("日期或时间", "a date or time"),
        DeValue::Array(_) => ("列表", "a list"),
        DeValue::Table(_) => ("表", "a table"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_string_is_found_between_its_marks() {
        for (source, text) in [
            ("\"ab\"", "ab"),
            ("'ab'", "ab"),
            ("\"\"\"\nab\n\"\"\"", "ab\n"),
            ("'''ab'''", "ab"),
            ("\"\"", ""),
            ("'''\r\nx'''", "x"),
        ] {
            assert_eq!(bare(source).map(|r| &source[r]), Some(text));
        }
    }
}
