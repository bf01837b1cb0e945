//! A pair of records with its weight.

/// Two records that may be of one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The record that was pushed earlier.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// The sum of its terms, in bits: the logarithm of the odds that it is of one person.
    pub weight: f64,
    /// The places of its fields' levels, four bits each.
    pub(crate) levels: u64,
    /// The place of its households' level.
    pub(crate) household: u8,
}

impl Pair {
    /// How probable it is that the pair is of one person.
    #[must_use]
    pub fn probability(&self) -> f64 {
        1.0 / (1.0 + (-self.weight).exp2())
    }
}
