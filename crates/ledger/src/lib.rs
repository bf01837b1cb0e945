//! The ledger: the only place that holds truth. Entries are appended to books, one book per unit, each with its own sequence
//! and its own chain of hashes; a commit writes its entries, across books, whole or not at all, and is on disk when its
//! receipt is given. Nothing is ever changed or removed, and no entry is written that breaks the rules of its register. What
//! was wrong is taken back by more entries, a whole commit at a time if need be.
//!
//! [`Ledger`] is the door; [`store::Store`] is what it needs from a database, and [`sqlite`] the one it comes with.
//! The ledger never reads the clock: times come with the commits.

mod chain;
mod commits;
mod entry;
mod error;
mod known;
mod ledger;
mod plan;
mod referring;
pub mod sqlite;
mod standing;
pub mod store;
mod undo;
mod verify;
mod work;

pub use entry::{
    AccessRecord, Book, Commit, CommitInfo, Digest, DigestFault, Draft, Entry, Found, LONGEST_BODY,
    LONGEST_KEY, LONGEST_PAGE, LONGEST_WORDS, MOST_ENTRIES, Receipt,
};
pub use error::LedgerError;
pub use ledger::Ledger;
pub use verify::{ChainFault, Finding, Verification};
