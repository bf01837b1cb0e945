//! Documents and lists as Word and spreadsheets will read them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;
mod document;
mod list;
mod mission;
mod prose;
mod reads;
mod recount;
