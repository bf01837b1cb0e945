//! The words of Taizhang as checked types: unit codes, ID numbers, credit codes, periods, money, working days, masks.
//!
//! Text becomes one of these types once, at the boundary; inside, nothing that holds a `UnitCode` or an `IdNumber` has to
//! ask again whether it is valid. Every rule cites the document it comes from.
//!
//! This crate never does input or output, never reads the clock and never draws a random number.

pub mod age;
mod calendar;
mod credit;
pub mod date;
mod decimal;
mod document;
pub mod glyph;
mod identity;
pub mod mask;
mod money;
mod partial;
mod period;
mod personal;
mod plain;
mod rate;
pub mod rights;
mod rounding;
pub mod text;
mod unit;
mod words;

pub use calendar::WorkingDays;
pub use credit::{CreditCode, CreditFault};
pub use decimal::{Decimal, DecimalFault, MOST_PLACES};
pub use document::{Document, DocumentFault, DocumentKind};
pub use identity::{IdFault, IdNumber, Repair};
pub use money::{Fen, FenFault};
pub use partial::PartialDate;
pub use period::{Period, PeriodFault};
pub use personal::has_personal_number;
pub use rate::{Rate, RateFault, percent};
pub use rights::{Grant, Post, Reach, Rights};
pub use rounding::Rounding;
pub use text::normal;
pub use unit::{UnitCode, UnitFault, UnitLevel};
pub use words::{Answer, EntryKind, Lang, RecordId, Sensitivity, Sex, WordFault};
