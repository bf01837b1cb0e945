//! The house as a whole: which crate may use which, whose names stand where, that both languages are complete, and that what
//! the README names is there. Reads the repository's files; runs and builds nothing.
//!
//! Every list of exceptions says why each is there and may only get shorter: one that is no longer needed fails the test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod commands;
mod contracts;
mod languages;
mod lists_taken;
mod names;
mod rooms;
mod source;

use std::collections::BTreeSet;

/// What was found must be exactly what is excepted.
#[track_caller]
fn only<T: Ord + std::fmt::Debug>(found: BTreeSet<T>, excepted: BTreeSet<T>, rule: &str) {
    let new: Vec<&T> = found.difference(&excepted).collect();
    assert!(new.is_empty(), "{rule}: {new:#?}");
    let gone: Vec<&T> = excepted.difference(&found).collect();
    assert!(
        gone.is_empty(),
        "take these from the exceptions, they are no longer needed: {gone:#?}"
    );
}
