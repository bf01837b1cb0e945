//! One TOML table being read. Every accessor notes the key as known; `done` reports the keys nobody asked for.

use std::rc::Rc;

use jiff::civil::Date;
use toml::de::DeTable;

use super::{Node, Notes, Noun, Word, proposing};
use crate::{Fault, Place, Sql, Text};

/// How an id must be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ids {
    /// `[a-z][a-z0-9_-]*`.
    Plain,
    /// `[a-z][a-z0-9_]*`, because it is a name in SQL.
    Sql,
}

/// The most characters of an id.
const LONGEST_ID: usize = 64;

/// Words that SQL keeps for itself, so that no register, field, fact or parameter can be named so.
const RESERVED: [&str; 38] = [
    "all", "and", "any", "as", "asc", "between", "by", "case", "cast", "cross", "desc", "distinct",
    "else", "end", "exists", "false", "from", "group", "having", "in", "inner", "is", "join",
    "left", "like", "limit", "not", "null", "on", "or", "order", "right", "select", "then", "true",
    "union", "when", "where",
];

/// A table and what was asked of it.
pub(crate) struct Table<'n, 'f> {
    pub notes: &'n Notes<'f>,
    place: Place,
    map: &'n DeTable<'f>,
    known: Vec<String>,
    /// The keys that lead to it, where keys are collected.
    trail: Rc<str>,
}

/// What a key that is a name of the pack's own (a register, a field) is called among the keys collected.
const OWN_NAME: &str = "*";

/// Tables of an array, such as `[[field]]`.
type Rows<'n, 'f> = Vec<Table<'n, 'f>>;

impl<'n, 'f> Table<'n, 'f> {
    pub fn new(
        notes: &'n Notes<'f>,
        place: Place,
        map: &'n DeTable<'f>,
        trail: Rc<str>,
    ) -> Table<'n, 'f> {
        Table {
            notes,
            place,
            map,
            known: Vec::new(),
            trail,
        }
    }

    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// A scope for the ids declared inside this table.
    pub fn scope(&self) -> String {
        format!("{}:{}", self.place.file, self.place.span.start)
    }

    /// The keys, with their places, in the order in which they are written.
    pub fn keys(&self) -> Vec<Word> {
        let mut keys: Vec<Word> = self
            .map
            .keys()
            .map(|k| Word {
                text: k.get_ref().to_string(),
                place: self.notes.space().place(k.span()),
            })
            .collect();
        keys.sort_by_key(|k| (k.place.file, k.place.span.start));
        keys
    }

    pub fn opt(&mut self, key: &str) -> Option<Node<'n, 'f>> {
        self.at(key, key)
    }

    /// What stands under a key that is a name of the pack's own, such as a register or a field.
    pub fn own(&mut self, name: &str) -> Option<Node<'n, 'f>> {
        self.at(name, OWN_NAME)
    }

    /// Collects keys that are asked for only if another key says so.
    pub fn accepts(&self, keys: &[&str]) {
        keys.iter().for_each(|key| self.notes.ask(&self.trail, key));
    }

    fn at(&mut self, key: &str, called: &str) -> Option<Node<'n, 'f>> {
        if !self.known.iter().any(|k| k == key) {
            self.known.push(key.to_owned());
        }
        self.notes.ask(&self.trail, called);
        let value = self.map.get(key)?;
        let trail = if self.notes.collects() {
            Rc::from(format!("{}.{called}", self.trail))
        } else {
            self.trail.clone()
        };
        Some(Node {
            notes: self.notes,
            value,
            trail,
        })
    }

    pub fn need(&mut self, key: &str) -> Option<Node<'n, 'f>> {
        let found = self.opt(key);
        if found.is_none() {
            self.missing(key);
        }
        found
    }

    pub fn missing(&self, key: &str) {
        self.notes.fault(
            Fault::at(
                self.place(),
                "missing-field",
                format!("缺少“{key}”。"),
                format!("“{key}” is missing."),
            )
            .hint(format!("请补上 {key} = …"), format!("Add {key} = …")),
        );
    }

    /// A required word that isn't blank; blank when faulty.
    pub fn word(&mut self, key: &str) -> Word {
        self.need(key).and_then(|n| n.filled()).unwrap_or_default()
    }

    pub fn word_opt(&mut self, key: &str) -> Option<Word> {
        self.opt(key).and_then(|n| n.filled())
    }

    /// A required id, declared within a scope.
    pub fn id(&mut self, noun: Noun, scope: &str, ids: Ids) -> Option<Word> {
        let word = self.need("id").and_then(|n| n.word())?;
        self.check_id(&word, ids);
        self.notes.declare(scope, noun, &word);
        Some(word)
    }

    pub fn check_id(&self, word: &Word, ids: Ids) {
        let allowed = |c: char| {
            c.is_ascii_lowercase()
                || c.is_ascii_digit()
                || c == '_'
                || (c == '-' && ids == Ids::Plain)
        };
        let good = word.text.starts_with(|c: char| c.is_ascii_lowercase())
            && word.text.chars().all(allowed);
        if !good || word.text.len() > LONGEST_ID {
            let (zh, en) = match ids {
                Ids::Plain => (
                    "以小写字母开头，只用小写字母、数字、“_”和“-”，最长 64 个字符",
                    "small letters, digits, “_” and “-”, beginning with a letter, at most 64",
                ),
                Ids::Sql => (
                    "以小写字母开头，只用小写字母、数字和“_”（SQL 中要用），最长 64 个字符",
                    "small letters, digits and “_” (it is a name in SQL), beginning with a letter, at most 64",
                ),
            };
            self.notes.fault(
                Fault::at(
                    word.place.clone(),
                    "bad-id",
                    format!("“{}”不能作标识。", word.text),
                    format!("“{}” can't be an id.", word.text),
                )
                .hint(format!("标识{zh}。"), format!("An id has {en}.")),
            );
        } else if ids == Ids::Sql {
            self.not_reserved(word, &RESERVED);
        }
    }

    /// Notes a fault when the word is one of those that mean something else already.
    pub fn not_reserved(&self, word: &Word, reserved: &[&str]) {
        if reserved.contains(&word.text.as_str()) {
            let (zh, en) = (
                format!("“{}”是保留的名称。", word.text),
                format!("The name “{}” is reserved.", word.text),
            );
            self.notes.fault(
                Fault::at(word.place.clone(), "reserved-name", zh, en)
                    .hint("请换一个名称。", "Choose another name."),
            );
        }
    }

    /// A required text in both languages.
    pub fn text(&mut self, key: &str) -> Text {
        self.need(key)
            .map(|n| self.both(&n, false))
            .unwrap_or_default()
    }

    /// A required text whose words may be blank, such as a counting unit that English doesn't have.
    pub fn text_or_blank(&mut self, key: &str) -> Text {
        self.need(key)
            .map(|n| self.both(&n, true))
            .unwrap_or_default()
    }

    pub fn text_opt(&mut self, key: &str) -> Option<Text> {
        self.opt(key).map(|n| self.both(&n, false))
    }

    fn both(&self, node: &Node<'n, 'f>, blank: bool) -> Text {
        let Some(mut table) = node.table() else {
            return Text::default();
        };
        table.trail = Rc::from("text");
        let text = table.languages(blank);
        table.done();
        text
    }

    /// The words under `zh` and `en`; missing ones are faults.
    pub fn languages(&mut self, blank: bool) -> Text {
        let mut one = |key: &str, zh: &str, en: &str| {
            let found = self.opt(key);
            let place = found.as_ref().map_or_else(|| self.place(), Node::place);
            let words = match &found {
                Some(node) => node.word()?.text,
                None => String::new(),
            };
            if (found.is_none() || !blank) && words.trim().is_empty() {
                let fault = Fault::at(
                    place,
                    "missing-translation",
                    format!("缺少{zh}（{key}）。"),
                    format!("The {en} words ({key}) are missing."),
                );
                self.notes.fault(fault.hint(
                    "名称和说明都要有中文（zh）和英文（en）。",
                    "Names and explanations need Chinese (zh) and English (en).",
                ));
            }
            Some(words)
        };
        Text {
            zh: one("zh", "中文", "Chinese").unwrap_or_default(),
            en: one("en", "英文", "English").unwrap_or_default(),
        }
    }

    pub fn sql(&mut self, key: &str) -> Sql {
        self.need(key).and_then(|n| n.sql()).unwrap_or_default()
    }

    pub fn sql_opt(&mut self, key: &str) -> Option<Sql> {
        self.opt(key).and_then(|n| n.sql())
    }

    pub fn bool_or(&mut self, key: &str, otherwise: bool) -> bool {
        self.opt(key).and_then(|n| n.bool()).unwrap_or(otherwise)
    }

    /// A whole number within bounds, or the default.
    pub fn int_or(
        &mut self,
        key: &str,
        otherwise: i64,
        bounds: std::ops::RangeInclusive<i64>,
    ) -> i64 {
        let Some(node) = self.opt(key) else {
            return otherwise;
        };
        let Some(n) = node.int() else {
            return otherwise;
        };
        if bounds.contains(&n) {
            return n;
        }
        let (low, high) = (bounds.start(), bounds.end());
        let zh = if *high == i64::MAX {
            format!("应不小于 {low}。")
        } else {
            format!("应在 {low} 至 {high} 之间。")
        };
        let en = if *high == i64::MAX {
            format!("This should be at least {low}.")
        } else {
            format!("This should be from {low} to {high}.")
        };
        self.notes.fault(node.bad(zh, en));
        otherwise
    }

    /// A number of months, written as "24 months", "1 month" or "2 years"; with where it stands.
    pub fn months_opt(&mut self, key: &str) -> Option<(u16, Place)> {
        let word = self.word_opt(key)?;
        let months = word.text.split_once(' ').and_then(|(number, unit)| {
            let number: u16 = number.parse().ok().filter(|number| *number > 0)?;
            match unit {
                "month" | "months" => Some(number),
                "year" | "years" => number.checked_mul(12),
                _ => None,
            }
        });
        if months.is_none() {
            self.notes.fault(Fault::at(
                word.place.clone(),
                "months",
                "应写作“24 months”或“2 years”。",
                "This should be written as “24 months” or “2 years”.",
            ));
        }
        Some((months?, word.place))
    }

    pub fn date_opt(&mut self, key: &str) -> Option<Date> {
        self.opt(key).and_then(|n| n.date())
    }

    /// A date with its place.
    pub fn day_opt(&mut self, key: &str) -> Option<(Date, Place)> {
        let node = self.opt(key)?;
        Some((node.date()?, node.place()))
    }

    /// A list of words, or one word; none when it isn't there.
    pub fn word_or_words(&mut self, key: &str) -> Option<Vec<Word>> {
        let node = self.opt(key)?;
        if node.value.get_ref().is_str() {
            return Some(node.filled().into_iter().collect());
        }
        let list = node.list().unwrap_or_default();
        Some(list.iter().filter_map(Node::filled).collect())
    }

    /// A list of words; none when it isn't there.
    pub fn words(&mut self, key: &str) -> Vec<Word> {
        self.opt(key)
            .and_then(|n| n.list())
            .unwrap_or_default()
            .iter()
            .filter_map(Node::filled)
            .collect()
    }

    /// One of some words.
    pub fn choice<T: Clone>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let node = self.need(key)?;
        self.chosen(&node, choices)
    }

    pub fn choice_opt<T: Clone>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let node = self.opt(key)?;
        self.chosen(&node, choices)
    }

    pub fn chosen<T: Clone>(&self, node: &Node<'n, 'f>, choices: &[(&str, T)]) -> Option<T> {
        let word = node.word()?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == word.text) {
            return Some(value.clone());
        }
        let known: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let (zh, en) = (
            format!("不能写“{}”。", word.text),
            format!("“{}” isn't one of the choices here.", word.text),
        );
        self.notes.fault(proposing(
            Fault::at(word.place, "bad-value", zh, en),
            &word.text,
            &known,
        ));
        None
    }

    /// Some of some words.
    pub fn chosen_all<T: Clone>(&mut self, key: &str, choices: &[(&str, T)]) -> Vec<T> {
        let nodes = self.opt(key).and_then(|node| node.list());
        let nodes = nodes.unwrap_or_default();
        let chosen = nodes.iter().filter_map(|node| self.chosen(node, choices));
        chosen.collect()
    }

    /// A table under a key.
    pub fn table_opt(&mut self, key: &str) -> Option<Table<'n, 'f>> {
        self.opt(key).and_then(|n| n.table())
    }

    /// The tables of an array of tables; none when it isn't there.
    pub fn rows(&mut self, key: &str) -> Rows<'n, 'f> {
        tables(self.opt(key))
    }

    /// Like [`Table::rows`], under a name of the pack's own.
    pub fn own_rows(&mut self, name: &str) -> Rows<'n, 'f> {
        tables(self.own(name))
    }

    /// The words of a text, in both languages, with their places; faults in it are noted where it is read.
    pub fn phrases(&self, key: &str) -> Vec<Word> {
        let Some(value) = self.map.get(key) else {
            return Vec::new();
        };
        let Some(text) = value.get_ref().as_table() else {
            return Vec::new();
        };
        let node = |key: &str| text.get(key).filter(|v| v.get_ref().is_str());
        let word = |value| {
            Node {
                notes: self.notes,
                value,
                trail: self.trail.clone(),
            }
            .word()
        };
        ["zh", "en"]
            .into_iter()
            .filter_map(node)
            .filter_map(word)
            .collect()
    }

    /// Takes back that keys were asked for: they belong elsewhere.
    pub fn forget<'k>(&mut self, keys: impl Iterator<Item = &'k str>) {
        for key in keys {
            self.known.retain(|k| k != key);
        }
    }

    /// Reports every key nobody asked for.
    pub fn done(self) {
        let known: Vec<&str> = self.known.iter().map(String::as_str).collect();
        for key in self
            .keys()
            .into_iter()
            .filter(|k| !known.contains(&k.text.as_str()))
        {
            let (zh, en) = (
                format!("不认识“{}”。", key.text),
                format!("“{}” isn't known here.", key.text),
            );
            self.notes.fault(proposing(
                Fault::at(key.place, "unknown-field", zh, en),
                &key.text,
                &known,
            ));
        }
    }
}

fn tables<'n, 'f>(list: Option<Node<'n, 'f>>) -> Rows<'n, 'f> {
    let list = list.and_then(|node| node.list()).unwrap_or_default();
    list.iter().filter_map(Node::table).collect()
}
