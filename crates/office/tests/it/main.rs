//! Who may see and do what: posts and duties against a naive model, and two readers in one process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod chosen;
mod completeness;
mod covered;
mod days_pass;
mod due;
mod duties;
mod find;
mod judged;
mod live;
mod readers;
mod registers;
mod saved;
mod telling;
