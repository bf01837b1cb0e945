//! Tables over real ledgers: the columns and the fold of one record agree, whatever was written; caches are known by content.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod agrees;
mod around;
mod cache;
mod described;
mod links;
mod little;
mod values;
