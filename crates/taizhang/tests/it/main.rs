//! The program, run as its user runs it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod browser;
mod common;
mod completeness;
mod link;
mod log;
mod main_job;
mod mission;
mod names;
mod packs;
mod review;
mod site;
mod spoken;
