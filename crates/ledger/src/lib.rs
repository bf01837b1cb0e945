//! The ledger: the only place that holds truth. An entry is a word about one record; entries are appended to books, one book per
//! unit, each with its own sequence and its own chain of hashes. A commit writes its entries, across books, whole or not at all,
//! and is on disk when its receipt is given. Nothing is ever changed; what was wrong is said otherwise, or a whole commit is taken
//! back. What the words of a record come to is [`fold`].
//!
//! [`Ledger`] is the door; [`store::Store`] is what it needs from a database, and [`sqlite`] the one it comes with.
//! The ledger never reads the clock: times come with the commits.

mod access;
mod aside;
mod asked;
mod chain;
mod circle;
mod commits;
mod derived;
mod directory;
mod entry;
mod erase;
mod error;
mod files;
pub mod fold;
mod heads;
mod ledger;
mod news;
mod plan;
mod rolls;
mod source;
pub mod sqlite;
mod stands;
pub mod store;
mod undo;
mod verify;
mod work;

pub use access::Admitted;
pub use asked::{Asked, Asking};
pub use chain::{Algorithm, AlgorithmFault};
pub use entry::{
    Access, AccessRecord, Book, Commit, CommitInfo, Digest, DigestFault, Draft, Entry, Found,
    LONGEST_BODY, LONGEST_PAGE, LONGEST_WORDS, ListSay, MOST_ENTRIES, MOST_SAYS, MOST_TOLD, News,
    Position, Receipt, Roll, Say, SayDraft, SayId, Target, Voice, Whole,
};
pub use error::LedgerError;
pub use heads::{Heads, HeadsFault};
pub use ledger::Ledger;
pub use source::Source;
pub use verify::{Discrepancy, DiscrepancyKind, DiscrepancyPlace, Verification};
