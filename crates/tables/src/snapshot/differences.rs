//! In what a day that nobody keeps stands otherwise than it did: found out from the records concerned alone, and kept for whoever asks of
//! another day or again. The whole day isn't worked out for it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use jiff::civil::Date;
use kernel::date::to_days as days;
use pack::Register;

use super::{Snapshot, sort};
use crate::changed::Changed;
use crate::day::Day;
use crate::error::TablesError;
use crate::tangle::Sorted;
use crate::touched::Touched;

/// The words of registers, sorted, by register.
type SortedWords = BTreeMap<String, Arc<Sorted>>;

/// In what it differs from earlier ones, by their commit, as far as anybody asked.
#[derive(Default)]
pub(super) struct Differences {
    /// The words of the records concerned, as they stood and as they stand.
    words: BTreeMap<i64, Arc<[SortedWords; 2]>>,
    /// By day.
    days: BTreeMap<(i64, i32), Changed>,
}

impl Snapshot {
    /// Which columns of a day's tables stand otherwise than they did, where only some records were touched since: found out from the
    /// records alone, on a day that nobody keeps.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn differs_from(
        &self,
        before: &Self,
        touched: &Touched,
        on: Date,
    ) -> Result<Changed, TablesError> {
        let on = days(on);
        let known = |own: &Differences| {
            let words = own.words.get(&before.commit()).cloned();
            (own.days.get(&(before.commit(), on)).cloned(), words)
        };
        let differences = || self.differences.lock();
        let (changed, words) = known(&differences().unwrap_or_else(PoisonError::into_inner));
        if let Some(changed) = changed {
            return Ok(changed);
        }
        let words =
            words.unwrap_or_else(|| Arc::new([before, self].map(|own| own.words_of(touched))));
        let [old, new] = [(before, &words[0]), (self, &words[1])];
        let day = |(own, words): (&Self, &SortedWords)| {
            let words = |register: &Register| words.get(&register.id).cloned();
            Day::new(&own.heard, &own.pack, words, on)
        };
        let (old, new) = (day(old)?, day(new)?);
        let mut changed = Changed::default();
        for (id, _) in touched.iter() {
            let rows = |day: &Day| day.tables.get(id).cloned().unwrap_or_default();
            changed.note(id, &rows(&old), &rows(&new));
        }
        let mut trees = self.pack.registers.iter().filter(|own| own.tree.is_some());
        if trees.any(|tree| changed.concerns(&tree.id)) {
            // Whose all the others are may be another.
            changed = Changed::all_of(touched);
        }
        let mut own = differences().unwrap_or_else(PoisonError::into_inner);
        own.words.insert(before.commit(), words);
        own.days.insert((before.commit(), on), changed.clone());
        Ok(changed)
    }

    /// The words of some records, by register; of units those of all, so that it is known whose the records are.
    fn words_of(&self, touched: &Touched) -> SortedWords {
        let words = |register: &Register| {
            let sorted = match (register.tree.is_some(), touched.of(&register.id)) {
                (true, _) => self.sorted(register),
                (false, records) => Arc::new(sort(&self.heard, register, Some(records?))),
            };
            Some((register.id.clone(), sorted))
        };
        self.pack.registers.iter().filter_map(words).collect()
    }
}
