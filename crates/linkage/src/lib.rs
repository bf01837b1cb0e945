//! Which records are of the same person, when no number says so.
//!
//! Two records are compared field by field; how well a field agrees is its *level*. Each level carries a weight, the logarithm
//! of how much likelier it is among pairs of one person (*m*) than among pairs of two (*u*); the weights of a pair add up to
//! its weight, and that sum is its explanation (Fellegi and Sunter, "A Theory for Record Linkage", JASA 64, 1969). A rare name
//! that agrees weighs more than a common one (Winkler, "Frequency-Based Matching in the Fellegi–Sunter Model", 2000). Nobody
//! labels anything: *u* is counted over pairs taken at random, *m* is estimated by expectation and maximisation over pairs
//! that agree on a candidate key (Dempster, Laird and Rubin, 1977).
//!
//! Records that are known to be of one person ([`Records::push_known`]) stay together, and new ones are looked for among them.
//!
//! The way of the data: [`Records`] → candidate pairs that agree on at least one [`Key`] → levels → weights → [`Pair`]s that
//! may be one person → a [`Grouping`] with at most one record of each source in a group, and the questions it leaves.
//!
//! It reads no files and no clock, keeps no state, and the same records give the same pairs whatever the number of threads.

#![forbid(unsafe_code)]
#![allow(
    clippy::float_arithmetic,
    reason = "weights are logarithms of probabilities; no amount and no entitlement is reckoned here"
)]

mod candidates;
mod compare;
mod design;
mod groups;
mod household;
mod link;
mod measure;
mod model;
mod names;
mod pair;
mod records;

pub use compare::{Likeness, level};
pub use design::{Comparator, Design, DesignError, FieldDesign, Key, KeyPiece, Part};
pub use groups::Grouping;
pub use link::{About, LinkStage, Linkage, Term, link};
pub use measure::{Agreement, agreement};
pub use model::{FieldModel, Model};
pub use pair::Pair;
pub use records::Records;
