//! How far a grouping agrees with the truth, by pairs and by records.

use std::collections::BTreeMap;

/// Precision, recall and their harmonic mean (F1), by pairs and B-cubed (Bagga and Baldwin, 1998), which gives every record the
/// same say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Of the pairs put together, the share that belongs together.
    pub precision: f64,
    /// Of the pairs that belong together, the share put together.
    pub recall: f64,
    /// B-cubed precision.
    pub b_cubed_precision: f64,
    /// B-cubed recall.
    pub b_cubed_recall: f64,
}

impl Agreement {
    /// F1 of the pairs.
    #[must_use]
    pub fn f1(&self) -> f64 {
        harmonic(self.precision, self.recall)
    }

    /// F1 of B-cubed.
    #[must_use]
    pub fn b_cubed_f1(&self) -> f64 {
        harmonic(self.b_cubed_precision, self.b_cubed_recall)
    }
}

/// Compares a grouping with the truth; both give each record's group. Nothing found counts as precise, nothing to find as
/// found.
#[must_use]
pub fn agreement<G: Ord, T: Ord>(found: &[G], truth: &[T]) -> Agreement {
    let mut both: BTreeMap<(&G, &T), f64> = BTreeMap::new();
    let mut by_found: BTreeMap<&G, f64> = BTreeMap::new();
    let mut by_truth: BTreeMap<&T, f64> = BTreeMap::new();
    for (found, truth) in found.iter().zip(truth) {
        *both.entry((found, truth)).or_default() += 1.0;
        *by_found.entry(found).or_default() += 1.0;
        *by_truth.entry(truth).or_default() += 1.0;
    }
    let pairs = |sizes: &mut dyn Iterator<Item = f64>| -> f64 {
        sizes.map(|size| size * (size - 1.0) / 2.0).sum()
    };
    let right = pairs(&mut both.values().copied());
    let records: f64 = both.values().sum();
    let share = |right: f64, all: f64| if all == 0.0 { 1.0 } else { right / all };
    let of = |size: &dyn Fn(&(&G, &T)) -> f64| -> f64 {
        let sum: f64 = both.iter().map(|(key, both)| both * both / size(key)).sum();
        share(sum, records)
    };
    Agreement {
        precision: share(right, pairs(&mut by_found.values().copied())),
        recall: share(right, pairs(&mut by_truth.values().copied())),
        b_cubed_precision: of(&|key| by_found[&key.0]),
        b_cubed_recall: of(&|key| by_truth[&key.1]),
    }
}

fn harmonic(precision: f64, recall: f64) -> f64 {
    if precision + recall == 0.0 {
        0.0
    } else {
        2.0 * precision * recall / (precision + recall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grouping_is_measured_by_pairs_and_by_records() {
        // Three of one person: two put together, and with them a stranger.
        let agreement = agreement(&[1, 1, 1, 2], &['a', 'a', 'b', 'a']);
        assert!((agreement.precision - 1.0 / 3.0).abs() < 1e-12);
        assert!((agreement.recall - 1.0 / 3.0).abs() < 1e-12);
        assert!(
            (agreement.b_cubed_precision - (2.0 / 3.0 * 2.0 + 1.0 / 3.0 + 1.0) / 4.0).abs() < 1e-12
        );
        assert!(
            (agreement.b_cubed_recall - (2.0 / 3.0 * 2.0 + 1.0 + 1.0 / 3.0) / 4.0).abs() < 1e-12
        );
    }

    #[test]
    fn the_truth_agrees_with_itself() {
        let agreement = agreement(&[1, 1, 2], &[7, 7, 8]);
        assert!(
            (agreement.f1() - 1.0).abs() < 1e-12 && (agreement.b_cubed_f1() - 1.0).abs() < 1e-12
        );
    }
}
