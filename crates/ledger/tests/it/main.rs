//! What the ledger promises, tried from outside: rules of writing, taking back, erasing, crashes, tampering, and what words come to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod aside;
mod bulk;
mod commits;
mod common;
mod crash;
mod erasing;
mod files;
mod fold;
mod model;
mod reading;
mod records;
mod stores;
mod tampering;
mod undo;
