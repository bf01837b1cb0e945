//! Documents, charts and lists out of the ledger's figures.

pub mod chart;
pub mod cube;
pub mod document;
mod exact;
pub mod indicator;
pub mod known;
pub mod list;
mod origin;
pub mod reads;
pub mod recount;
pub mod series;
mod width;
pub mod work_report;
mod xml;
