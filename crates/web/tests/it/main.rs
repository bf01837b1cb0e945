//! The pages over a small generated street, and the desk over lists that leave questions.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod action;
mod completeness;
mod desk_lists;
mod differing;
mod figures;
mod file;
mod find;
mod fresh;
mod handbook;
mod matrix;
mod office;
mod pages;
mod picker;
mod registers;
mod renamed;
mod sent;
mod snapshots;
mod street;
mod unread;
mod visible;
