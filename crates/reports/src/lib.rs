//! Documents, charts and lists out of the ledger's figures.

pub mod chart;
pub mod document;
pub mod list;
mod width;
mod xml;
