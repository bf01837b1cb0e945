//! The program, run as its user runs it.

use std::process::{Command, Output};

/// Runs `taizhang` with these arguments.
pub fn taizhang(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_taizhang"))
        .args(arguments)
        .output()
        .unwrap()
}
