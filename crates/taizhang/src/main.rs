//! The command line. It reads files, the clock and the terminal, and hands plain values to the libraries; it holds no rule.

mod arguments;
mod commands;
mod failure;
mod folder;
mod lists;
mod packs;
mod people;
mod private;
mod reading;
mod say;
mod truth;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::error::ErrorKind;
use tracing_subscriber::filter::LevelFilter;

use kernel::Lang;

use arguments::Arguments;

/// Columns of a million rows come and go with every query; the system's allocator gives their memory back and asks for it
/// again each time.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Counting a year's figures keeps a thread busy for a while; with more threads than cores, whoever asks for little needn't wait for it.
const WORKERS_FOR_EACH_CORE: usize = 4;

fn main() -> ExitCode {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let lang = arguments::language_of(&typed);
    let arguments = match Arguments::read(&typed, lang) {
        Ok(arguments) => arguments,
        Err(error) => return not_run(&error, &typed, lang),
    };
    // TAIZHANG_LOG=info tells more; error, warn, info, debug and trace are known.
    let level = std::env::var("TAIZHANG_LOG")
        .ok()
        .and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(LevelFilter::WARN))
        .with_writer(std::io::stderr)
        .init();
    let say = say::Say::new(arguments.language(), arguments.json, arguments.who());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS_FOR_EACH_CORE * cores)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return say.failed(&failure::Failure::io("tokio", error)),
    };
    match runtime.block_on(commands::run(arguments.command, &say)) {
        Ok(code) => code,
        Err(failure) => say.failed(&failure),
    }
}

/// Shows the help that was asked for, or tells what is wrong with what was typed.
fn not_run(error: &clap::Error, typed: &[OsString], lang: Lang) -> ExitCode {
    let shows = [
        ErrorKind::DisplayHelp,
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
        ErrorKind::DisplayVersion,
    ];
    // Whoever doesn't read on, or closed the terminal, isn't told that they did.
    if shows.contains(&error.kind()) {
        let _unheard = error.print();
    } else {
        let word = match lang {
            Lang::Zh => "错误：",
            Lang::En => "error: ",
        };
        let told = arguments::told(error, typed, lang);
        let _unheard = writeln!(std::io::stderr(), "{word}{told}");
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
