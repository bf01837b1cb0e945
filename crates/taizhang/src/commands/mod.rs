//! One module per command. Each reads its arguments, calls the libraries, and says what came of it.

mod completeness;
mod demo;
mod erase;
mod explain;
mod file;
mod import;
mod imports;
mod indicators;
mod init;
mod link;
mod owed;
pub mod pack;
mod posts;
mod report;
mod review;
mod serve;
mod sweep;
mod town;
mod verify;

use std::process::ExitCode;

use kernel::Lang;
use ledger::Receipt;

use crate::arguments::{self, Command};
use crate::failure::Failure;
use crate::say::Say;

/// Runs a command. Success is 0; something found wrong (rejected rows, faults, differences) is 1; a failure is 2.
pub async fn run(command: Command, say: &Say) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo(demo) => demo::run(&demo, say).await,
        Command::Init(init) => init::run(&init, say).await,
        Command::Import(import) => import::run(&import, say).await,
        Command::Review(asked) => review::run(&asked, say).await,
        Command::Merge(asked) => review::merge(&asked, say).await,
        Command::Imports(asked) => imports::run(&asked, say).await,
        Command::Completeness(asked) => completeness::run(&asked, say).await,
        Command::Template(asked) => completeness::template(&asked, say),
        Command::Posts(asked) => posts::run(&asked, say).await,
        Command::Undo(asked) => imports::undo(&asked, say).await,
        Command::Erase(asked) => erase::run(&asked, say).await,
        Command::File(asked) => file::run(&asked, say).await,
        Command::Link(asked) => link::run(&asked, say),
        Command::Owed(asked) => owed::run(&asked, say).await,
        Command::Sweep(sweep) => sweep::run(&sweep, say).await,
        Command::Explain(explain) => explain::run(&explain, say).await,
        Command::Indicators(indicators) => indicators::run(&indicators, say).await,
        Command::Report(report) => report::run(&report, say).await,
        Command::Serve(serve) => serve::run(&serve, say).await,
        Command::Pack(arguments::Pack::Check(of)) => pack::check(&of.pack, say).await,
        Command::Pack(arguments::Pack::Test(of)) => pack::test(&of, say).await,
        Command::Pack(arguments::Pack::List(asked)) => pack::list(&asked, say),
        Command::Pack(arguments::Pack::New(wish)) => pack::new(&wish, say),
        Command::Pack(arguments::Pack::Use(wish)) => pack::change(&wish, say).await,
        Command::Town(arguments::Town::Generate(generate)) => town::run(&generate, say),
        Command::Verify(verify) => verify::run(&verify, say).await,
        Command::Heads(heads) => verify::heads(&heads, say).await,
    }
}

/// The number and the seal of a commit: kept elsewhere, the seal shows later that nothing up to it was altered.
fn receipt(receipt: &Receipt, lang: Lang) -> String {
    let (commit, seal) = (receipt.commit, receipt.seal);
    match lang {
        Lang::Zh => format!("凭据：第 {commit} 号提交，封印 {seal}"),
        Lang::En => format!("Receipt: commit {commit}, seal {seal}"),
    }
}

/// 0 when all is well, 1 when something was found wrong.
fn code(well: bool) -> ExitCode {
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}
