//! The words as their users read and write them: tables an official could extend, properties, messages.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod calendar;
mod messages;
mod properties;
mod tables;
