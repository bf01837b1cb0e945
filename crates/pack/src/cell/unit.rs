//! Units as lists name them: by their code, or by the words people use for them.

use std::collections::BTreeMap;

use kernel::UnitCode;

use super::{Cell, CellReading, shortened, without_zeros};
use crate::Value;
use crate::cell::Told;

/// What the names of units end in; without it they are called so in short.
const KINDS: [&str; 14] = [
    "社区居民委员会",
    "社区居委会",
    "社区工作站",
    "居民委员会",
    "居委会",
    "社区",
    "村民委员会",
    "村委会",
    "街道办事处",
    "街道",
    "镇",
    "乡",
    "村",
    "区",
];

/// The units that words may mean.
#[derive(Debug, Clone, Default)]
pub struct UnitWords {
    /// By word; none of a word that means several.
    by_word: BTreeMap<String, Option<UnitCode>>,
}

impl UnitWords {
    /// The words for some units, each with its name. A word of one of the first counts though one of the others has it, too.
    pub fn new(first: &[(UnitCode, String)], others: &[(UnitCode, String)]) -> UnitWords {
        let mut words = UnitWords::default();
        for units in [first, others] {
            let whole = units
                .iter()
                .map(|(code, name)| (*code, kernel::normal(name)));
            let whole: Vec<(UnitCode, String)> = whole.collect();
            let short = whole
                .iter()
                .filter_map(|(code, name)| Some((*code, short(name)?.to_owned())));
            let short: Vec<(UnitCode, String)> = short.collect();
            words.add(whole);
            words.add(short);
        }
        words
    }

    /// Adds words, unless they mean something already.
    fn add(&mut self, units: Vec<(UnitCode, String)>) {
        let mut added: BTreeMap<String, Option<UnitCode>> = BTreeMap::new();
        for (code, word) in units {
            let meant = added.entry(word).or_insert(Some(code));
            *meant = meant.filter(|other| *other == code);
        }
        for (word, code) in added {
            self.by_word.entry(word).or_insert(code);
        }
    }

    /// The unit that a word means.
    fn find(&self, word: &str) -> Option<Option<UnitCode>> {
        let known = self.by_word.get(word);
        let known = known.or_else(|| self.by_word.get(short(word)?));
        known.copied()
    }
}

/// A name without what it ends in; none where nothing would be left to tell it by.
fn short(name: &str) -> Option<&str> {
    let short = KINDS.iter().find_map(|kind| name.strip_suffix(kind))?;
    (short.chars().count() >= 2).then_some(short)
}

/// A unit by its code, or by its name.
pub(super) fn unit(cell: Cell<'_>, words: Option<&UnitWords>) -> CellReading {
    let plain = match cell {
        Cell::Text(text) => kernel::normal(text),
        Cell::Number(_) => cell.shown(),
        _ => return Err(Told::WrongKind),
    };
    let plain = plain.trim_matches('\'');
    let code = without_zeros(plain).unwrap_or(plain).parse::<UnitCode>();
    let code = match (code, words.and_then(|words| words.find(plain))) {
        (Ok(code), _) | (Err(_), Some(Some(code))) => code,
        (Err(_), Some(None)) => return Err(Told::SeveralUnits(shortened(&cell.shown()))),
        (Err(_), None) => return Err(Told::NotAUnit(shortened(&cell.shown()))),
    };
    Ok(Some(Value::Text(code.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> UnitCode {
        text.parse().unwrap()
    }

    fn words() -> UnitWords {
        let own = [
            (code("210203001001"), "林景社区".to_owned()),
            (code("210203001002"), "红旗社区".to_owned()),
        ];
        let others = [
            (code("210203002001"), "红旗村".to_owned()),
            (code("210203002002"), "河口村".to_owned()),
            (code("210203003002"), "河口村".to_owned()),
        ];
        UnitWords::new(&own, &others)
    }

    fn read(text: &str) -> Option<String> {
        let value = unit(Cell::Text(text), Some(&words())).ok()??;
        Some(value.to_string())
    }

    #[test]
    fn a_unit_is_meant_by_its_code_its_name_or_what_it_is_called_for_short() {
        for text in [
            "210203001001",
            "林景社区",
            " 林景 ",
            "林景社区居委会",
            "林景社区居民委员会",
        ] {
            assert_eq!(read(text).as_deref(), Some("210203001001"), "{text}");
        }
        // Of one name those that the list is of come first; a whole name before a short one.
        assert_eq!(read("红旗").as_deref(), Some("210203001002"));
        assert_eq!(read("红旗村").as_deref(), Some("210203002001"));
        assert_eq!(read("海边社区"), None);
        let several = unit(Cell::Text("河口村"), Some(&words()));
        assert!(matches!(several, Err(Told::SeveralUnits(_))));
    }
}
