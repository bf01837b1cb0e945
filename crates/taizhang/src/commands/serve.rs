//! `taizhang serve`

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use jiff::civil::Date;
use kernel::{Lang, Period};
use office::Office;
use thread_priority::{ThreadPriority, ThreadPriorityValue};
use tokio::runtime::Runtime;

use crate::arguments::{Clear, Serve};
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::say::Say;

/// Serves the pages of a ledger on this computer until interrupted.
pub async fn run(serve: &Serve, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&serve.dir, say).await?;
    let on = serve.on.unwrap_or_else(today);
    let mut office = office(&folder, on, &serve.clear).await?;
    if serve.on.is_none() {
        office = office.following().await?;
    }
    if let Some(post) = &serve.post {
        office.view(Some(post), "serve").await?;
        office = office.only(post);
    }
    if !serve.read_only {
        office = office.writing();
    }
    listen(office, serve.port, say).await
}

/// The pages of a ledger for the person at this computer; the answers are of `on` and the figures of its year.
async fn office(folder: &Folder, on: Date, clear: &Clear) -> Result<Office, Failure> {
    let root = folder.root().await?;
    let day = (on, Period::year_of(on));
    let office = Office::new(folder.tables.clone(), root, day, &folder.who, now)?;
    let why = clear.why.as_deref().unwrap_or("pages");
    Ok(office.revealing(&clear.reveal, why))
}

/// Serves a ledger just made, with nothing but names in clear.
pub async fn pages(folder: &Folder, on: Date, port: u16, say: &Say) -> Result<ExitCode, Failure> {
    let clear = Clear {
        reveal: Vec::new(),
        why: None,
    };
    listen(office(folder, on, &clear).await?.writing(), port, say).await
}

/// Serves on 127.0.0.1.
async fn listen(office: Office, port: u16, say: &Say) -> Result<ExitCode, Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let lang = say.lang;
    let leisure = leisure().map_err(|error| Failure::io("tokio", error))?;
    let office = office.at_leisure(leisure.handle().clone());
    let served = web::serve(office, address, |address| {
        let told = match (say.json, lang) {
            (true, _) => say.value(&serde_json::json!({ "address": address.to_string() })),
            (false, Lang::Zh) => say.done(format!("请在浏览器打开 {address} （按 Ctrl-C 结束）")),
            (false, Lang::En) => say.done(format!("Open {address} in a browser (Ctrl-C ends it)")),
        };
        if told.is_err() {
            tracing::warn!("the address can't be printed");
        }
    });
    let served = served.await;
    leisure.shutdown_background();
    served?;
    Ok(ExitCode::SUCCESS)
}

/// How urgent what nobody waits for is, of a hundred; everything else is somewhat above the middle.
const LEISURE: u8 = 20;

/// Threads for what nobody waits for, which run when the others have nothing to do.
fn leisure() -> std::io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores)
        .thread_name("leisure")
        .enable_all()
        .on_thread_start(|| {
            let priority =
                ThreadPriorityValue::try_from(LEISURE).map(ThreadPriority::Crossplatform);
            // Where the system doesn't allow it they are threads like others.
            if let Ok(priority) = priority
                && let Err(error) = thread_priority::set_current_thread_priority(priority)
            {
                tracing::debug!(?error, "threads at leisure are as urgent as others");
            }
        })
        .build()
}
