//! What was asked of the ledger, as a digest: the action, its inputs as they were read, the file, the unit, the day. The same
//! asked twice is done once. It is made from what is asked, not from what would be written: planned again after the first time,
//! the same form would write something else, or nothing.

use sha2::{Digest as _, Sha256};
use std::fmt;

/// The digest of what is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asked(pub [u8; 32]);

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An [`Asked`] being put together. Every part goes in with its length, so that no two askings have the same bytes.
pub struct Asking(Sha256);

impl Asking {
    /// Asks for an action.
    pub fn to(action: &str) -> Self {
        Asking(Sha256::new()).with(action)
    }

    /// Adds an input.
    #[must_use]
    pub fn with(mut self, part: impl AsRef<[u8]>) -> Self {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
        self
    }

    /// The digest.
    pub fn done(self) -> Asked {
        Asked(self.0.finalize().into())
    }
}
