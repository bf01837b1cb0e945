//! A value for each record, as it was worked out for all at once, with what was put right since beside it: a copy costs no more than that.

use std::sync::Arc;

use rustc_hash::FxHashMap;

/// Once more than this many were put right, they are written among the others.
const MOST_BESIDE: usize = 4_096;

/// A value for each record by its place; that of nothing where none was set.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByRecord<T> {
    all: Arc<Vec<T>>,
    since: FxHashMap<usize, T>,
}

impl<T: Copy + Default + PartialEq> ByRecord<T> {
    /// Nothing of so many records.
    pub(crate) fn nothing(records: usize) -> Self {
        Self {
            all: Arc::new(vec![T::default(); records]),
            since: FxHashMap::default(),
        }
    }

    pub(crate) fn get(&self, record: usize) -> T {
        let since = match self.since.is_empty() {
            true => None,
            false => self.since.get(&record),
        };
        let all = || self.all.get(record);
        since.or_else(all).copied().unwrap_or_default()
    }

    pub(crate) fn set(&mut self, record: usize, value: T) {
        if self.since.len() >= MOST_BESIDE {
            self.all = Arc::new((0..self.records()).map(|record| self.get(record)).collect());
            self.since.clear();
        }
        // As long as nobody else holds them they are worked out, not put right.
        match Arc::get_mut(&mut self.all).and_then(|all| all.get_mut(record)) {
            Some(own) => {
                self.since.remove(&record);
                *own = value;
            }
            None => drop(self.since.insert(record, value)),
        }
    }

    /// The records that have another value there.
    pub(crate) fn otherwise(&self, other: &Self) -> Vec<usize> {
        let differs = |record: &usize| self.get(*record) != other.get(*record);
        if Arc::ptr_eq(&self.all, &other.all) {
            let mut records: Vec<usize> =
                (self.since.keys().chain(other.since.keys()).copied()).collect();
            records.sort_unstable();
            records.dedup();
            records.retain(differs);
            return records;
        }
        let longest = self.records().max(other.records());
        (0..longest).filter(differs).collect()
    }

    /// Of so many records some may have a value.
    fn records(&self) -> usize {
        let since = self.since.keys().max().map_or(0, |last| last + 1);
        self.all.len().max(since)
    }
}

impl<T: Copy + Default + PartialEq> PartialEq for ByRecord<T> {
    fn eq(&self, other: &Self) -> bool {
        self.otherwise(other).is_empty()
    }
}

impl<T: Copy + Default + Eq> Eq for ByRecord<T> {}

#[cfg(test)]
mod tests {
    use super::ByRecord;

    #[test]
    fn what_is_put_right_is_seen_in_that_copy_alone() {
        let mut first = ByRecord::<u16>::nothing(4);
        first.set(2, 7);
        let mut second = first.clone();
        second.set(2, 9);
        second.set(6, 1);
        assert_eq!([first.get(2), first.get(6)], [7, 0]);
        assert_eq!([second.get(2), second.get(6), second.get(99)], [9, 1, 0]);
        assert_eq!(second.otherwise(&first), [2, 6]);
        drop(first);
        second.set(2, 3);
        assert_eq!(second.get(2), 3);
        let mut anew = ByRecord::nothing(7);
        anew.set(6, 1);
        anew.set(2, 3);
        assert_eq!(anew, second);
    }
}
