//! `taizhang serve`

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use jiff::civil::Date;
use kernel::{Lang, Period};

use crate::arguments::{Clear, Serve};
use crate::failure::Failure;
use crate::folder::{Folder, grant, now, today};
use crate::say::Say;

/// Serves the pages of a ledger on this computer until interrupted.
pub async fn run(serve: &Serve, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&serve.dir, say).await?;
    let on = serve.on.unwrap_or_else(today);
    let site = site(&folder, on, &serve.clear).await?;
    let site = match serve.read_only {
        true => site,
        false => site.writing(),
    };
    listen(site, serve.port, say).await
}

/// The pages of a ledger for the person at this computer; the answers are of `on` and the figures of its year.
async fn site(folder: &Folder, on: Date, clear: &Clear) -> Result<web::Site, Failure> {
    let root = folder.root().await?;
    let why = clear.why.as_deref().unwrap_or("pages");
    let site = web::Site::new(
        folder.tables.clone(),
        root,
        on,
        Period::year_of(on),
        grant(root, &clear.reveal, why),
        now,
    );
    Ok(site?)
}

/// Serves a ledger just made, with nothing but names in clear.
pub async fn pages(folder: &Folder, on: Date, port: u16, say: &Say) -> Result<ExitCode, Failure> {
    let clear = Clear {
        reveal: Vec::new(),
        why: None,
    };
    listen(site(folder, on, &clear).await?.writing(), port, say).await
}

/// Serves on 127.0.0.1.
async fn listen(site: web::Site, port: u16, say: &Say) -> Result<ExitCode, Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let lang = say.lang;
    web::serve(site, address, |address| {
        say.line(match lang {
            Lang::Zh => format!("请在浏览器打开 http://{address} （按 Ctrl-C 结束）"),
            Lang::En => format!("Open http://{address} in a browser (Ctrl-C ends it)"),
        });
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}
