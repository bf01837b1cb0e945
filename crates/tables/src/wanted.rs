//! Looking for a few records among many more.

use rustc_hash::FxHashSet;

/// Values that are looked for among many more.
pub(crate) struct Wanted {
    values: FxHashSet<i64>,
    /// A bit for the last six bits of each.
    likely: u64,
}

impl Wanted {
    pub(crate) fn new(values: impl Iterator<Item = i64>) -> Self {
        let values: FxHashSet<i64> = values.collect();
        let likely = values.iter().fold(0, |bits, value| bits | bit(*value));
        Self { values, likely }
    }

    pub(crate) fn has(&self, value: i64) -> bool {
        self.likely & bit(value) != 0 && self.values.contains(&value)
    }
}

fn bit(value: i64) -> u64 {
    1 << (value & 63)
}
