//! Lists imported into ledgers, and what they come to.

#![allow(
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and measures by shares"
)]

mod act;
mod alike;
mod amend;
mod any_order;
mod bad_input;
mod blank_cells;
mod cases;
mod cells;
mod checks;
mod common;
mod contested;
mod dates;
mod doubts;
mod layouts;
mod lists;
mod merged;
mod people;
mod properties;
mod review;
mod sent;
mod several_days;
mod sheets;
mod spellings;
mod street;
mod town;
mod unread;
mod writers;
