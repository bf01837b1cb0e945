//! Seeded chance: one stream of numbers per purpose, so that a change in one part of the town leaves the others as they were.
//! Promises the same draws for the same seed and purpose on every machine; never reads the system's randomness.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A stream of draws.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of a seed and a purpose (of which the first 24 bytes count).
    pub fn new(seed: u64, purpose: &str) -> Dice {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        for (slot, byte) in key[8..].iter_mut().zip(purpose.bytes()) {
            *slot = byte;
        }
        Dice(ChaCha8Rng::from_seed(key))
    }

    /// A number below `bound`; 0 when the bound is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let wide = u64::from(self.0.next_u32()) * u64::from(bound);
        (wide >> 32) as u32
    }

    /// An index below `length`.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(u32::try_from(length).unwrap_or(u32::MAX)) as usize
    }

    /// A number from `low` to `high`, both included; `low` when the range is empty.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u32::try_from(i64::from(high) - i64::from(low) + 1).unwrap_or(0);
        low + i32::try_from(self.below(span)).unwrap_or(0)
    }

    /// True so many times in a thousand.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// A number around `mean`, bell-shaped, never further than twice `spread`.
    pub fn bell(&mut self, mean: i32, spread: i32) -> i32 {
        let sum: i32 = (0..4).map(|_| self.between(-spread, spread)).sum();
        mean + sum / 2
    }

    /// One of the items, if there are any.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.index(items.len()))
    }

    /// Brings the items into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last + 1);
            items.swap(last, other);
        }
    }
}

/// Weights to draw an index by.
#[derive(Clone, Debug, Default)]
pub struct Weights(Vec<u32>);

impl Weights {
    /// From the weight of each index.
    pub fn new(weights: impl IntoIterator<Item = u32>) -> Weights {
        let mut total = 0;
        let running = weights.into_iter().map(|weight| {
            total += weight;
            total
        });
        Weights(running.collect())
    }

    /// An index, drawn in proportion to its weight.
    pub fn draw(&self, dice: &mut Dice) -> usize {
        let at = dice.below(self.0.last().copied().unwrap_or(0));
        self.0.partition_point(|&edge| edge <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_and_purpose_only() {
        let draws = |seed, purpose| {
            let mut dice = Dice::new(seed, purpose);
            [0; 8].map(|_: u32| dice.below(1_000_000))
        };
        assert_eq!(draws(7, "names"), draws(7, "names"));
        assert_ne!(draws(7, "names"), draws(7, "moves"));
        assert_ne!(draws(7, "names"), draws(8, "names"));
    }

    #[test]
    fn a_weight_of_nothing_is_never_drawn() {
        let weights = Weights::new([0, 3, 0, 1]);
        let mut dice = Dice::new(1, "weights");
        let mut seen = [0; 4];
        for _ in 0..4000 {
            seen[weights.draw(&mut dice)] += 1;
        }
        assert_eq!((seen[0], seen[2]), (0, 0));
        assert!(seen[1] > 2 * seen[3]);
    }
}
