//! Programmes over the national pack: its own cases, and explanations that agree with the sweep.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod closed;
mod explanation_agrees;
mod household_budget;
mod national_cases;
mod overlay;
mod qinghe;
mod told;
