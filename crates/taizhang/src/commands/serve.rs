//! `taizhang serve`

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use jiff::civil::Date;
use kernel::{Lang, Period};

use crate::arguments::Serve;
use crate::failure::Failure;
use crate::folder::{Folder, grant, now, today};
use crate::say::Say;

/// Serves the pages of a ledger on this computer until interrupted.
pub async fn run(serve: &Serve, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&serve.dir, say).await?;
    pages(&folder, serve.on.unwrap_or_else(today), serve.port, say).await
}

/// Serves on 127.0.0.1; the answers are of `on` and the figures of its year.
pub async fn pages(folder: &Folder, on: Date, port: u16, say: &Say) -> Result<ExitCode, Failure> {
    let root = folder.root().await?;
    let site = web::Site::new(
        folder.tables.clone(),
        root,
        on,
        Period::year_of(on),
        grant(root, &[], "pages"),
        now,
    );
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
