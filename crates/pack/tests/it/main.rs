//! Packs as their authors write them: what loads, what is refused and how that is told, and the records under them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod contract;
mod faults;
mod kinds;
mod layers;
mod national;
mod records;
mod reference;
mod refused;
mod regions;
