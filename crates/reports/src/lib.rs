//! Documents, charts and lists out of the ledger's figures.

pub mod chart;
pub mod document;
pub mod indicator;
pub mod list;
pub mod reads;
mod width;
pub mod work_report;
mod xml;
