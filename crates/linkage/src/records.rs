//! The records of all sources, column by column. Every distinct value is kept once and has a number, so that equal values are
//! found by comparing numbers, and what a comparison needs of a value is worked out once.

use rustc_hash::FxHashMap;

/// Records of one or more sources with the same columns.
#[derive(Debug, Default)]
pub struct Records {
    pub(crate) columns: Vec<Column>,
    /// The source of each record.
    pub(crate) sources: Vec<u32>,
    /// Who each record is known to be of.
    pub(crate) known: Vec<Option<u32>>,
}

/// The number of a blank.
pub(crate) const BLANK: u32 = 0;

/// A column: a number per record, and the value behind each number.
#[derive(Debug)]
pub(crate) struct Column {
    pub codes: Vec<u32>,
    pub values: Vec<String>,
    numbers: FxHashMap<String, u32>,
}

impl Records {
    /// No records yet, of so many columns.
    #[must_use]
    pub fn new(columns: usize) -> Self {
        let column = || Column {
            codes: Vec::new(),
            values: vec![String::new()],
            numbers: FxHashMap::default(),
        };
        Self {
            columns: (0..columns).map(|_| column()).collect(),
            sources: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Adds a record that is known to be of somebody: all records of one number are of one person, and stay together. Otherwise as
    /// [`Records::push`].
    pub fn push_known<'v>(
        &mut self,
        person: u32,
        source: u32,
        values: impl IntoIterator<Item = &'v str>,
    ) -> usize {
        let record = self.push(source, values);
        self.known[record] = Some(person);
        record
    }

    /// Adds a record of a source; values missing at the end are blank. Letters lose their case, full-width forms and doubled
    /// blanks are made ordinary. Gives the record's number: they count from 0.
    pub fn push<'v>(&mut self, source: u32, values: impl IntoIterator<Item = &'v str>) -> usize {
        let mut values = values.into_iter();
        let mut plain = String::new();
        for column in &mut self.columns {
            make_plain(values.next().unwrap_or_default(), &mut plain);
            let code = column.number(&plain);
            column.codes.push(code);
        }
        self.sources.push(source);
        self.known.push(None);
        self.sources.len() - 1
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The source of a record; none if there is no such record.
    #[must_use]
    pub fn source(&self, record: usize) -> Option<u32> {
        self.sources.get(record).copied()
    }

    /// A record's value in a column, as it is compared.
    #[must_use]
    pub fn value(&self, record: usize, column: usize) -> &str {
        let Some(column) = self.columns.get(column) else {
            return "";
        };
        let code = column.codes.get(record).copied().unwrap_or(BLANK);
        &column.values[code as usize]
    }
}

impl Column {
    fn number(&mut self, value: &str) -> u32 {
        if value.is_empty() {
            return BLANK;
        }
        if let Some(&known) = self.numbers.get(value) {
            return known;
        }
        // Two records have at most as many values as there are records, and those are counted in 32 bits.
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.to_owned());
        self.numbers.insert(value.to_owned(), number);
        number
    }

    /// How many records have each value.
    pub(crate) fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.values.len()];
        for &code in &self.codes {
            counts[code as usize] += 1;
        }
        counts
    }
}

/// The text in lower case, half-width, without blanks at its ends, with single ones inside and with none after a Chinese
/// character.
pub(crate) fn make_plain(text: &str, plain: &mut String) {
    plain.clear();
    let mut gap = false;
    for ch in text.chars() {
        let ch = kernel::text::narrow(ch);
        if kernel::text::is_blank(ch) {
            gap = plain.ends_with(|ch: char| ch < '\u{2E80}');
            continue;
        }
        if std::mem::take(&mut gap) {
            plain.push(' ');
        }
        plain.extend(ch.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_a_keyboard_made_different_are_one() {
        let mut records = Records::new(2);
        records.push(0, [" ＭＥＩＥＲ  Anna", "1990"]);
        records.push(1, ["meier anna "]);
        assert_eq!(records.columns[0].codes, [1, 1]);
        assert_eq!(records.columns[1].codes, [1, BLANK]);
        assert_eq!(records.value(1, 0), "meier anna");
        assert_eq!(records.value(1, 1), "");
        records.push(0, ["李　静 ", "1990"]);
        assert_eq!(records.value(2, 0), "李静");
    }
}
