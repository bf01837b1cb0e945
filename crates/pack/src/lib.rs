//! The pack: everything a county may want to change, as readable files. This crate turns the texts of those files into
//! checked declarations — code lists, registers, rosters, subjects, programmes, indicators, reports, calendar, cases — or
//! into a list of *all* their faults, each with file, line, caret and hint. And it reads values as people write them ([`cell`]), for every
//! door alike.
//!
//! It promises that a [`Pack`] it hands out is complete and consistent in itself: every reference resolves, every label
//! exists in both languages, dates are in order, facts form no cycle. It never reads a file, a clock or a database; whether
//! the SQL inside suits the registers is found out by the crate that owns the engine, which reports with the same [`Fault`].

pub mod cell;
mod cycle;
mod fault;
mod file;
mod load;
mod model;
mod named;
mod near;
mod phrase;
mod read;
mod render;
mod sql;
mod unused;

pub use fault::{Fault, Faulty};
pub use file::{FileRef, FileRefFault, LARGEST_FILE, Media};
pub use load::{COMMON_PARAMETERS, COMMON_PLACEHOLDERS, extends, is_read, keys, load, load_layers};
pub use model::*;
pub use named::{Called, NameFault, Named, choose, named};
pub use near::nearest;
pub use phrase::{Piece, pieces};
pub use render::render;
pub use sql::{Bound, bind, identifiers, literal, mentions, parameters};
pub use unused::Lack;
