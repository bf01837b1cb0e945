//! The pages: what the ledger knows, as plain HTML that works on a phone and on paper, in Chinese and English.
//!
//! Every figure opens to its rows, every answer to its conditions and facts. Pages show what the site's grant allows, mask the
//! rest, and leave a trace of every reading; what may not be seen looks like what does not exist. Where the site may write, lists
//! come in, what they leave open is answered, and what was wrong is taken back: always by a form of these very pages, never by
//! following a link, and only through `intake` and `ledger`.

#[macro_use]
mod words;

mod api;
mod cookies;
mod desk;
mod guard;
mod handbook;
mod pages;
mod parts;
mod plain;
mod reader;
mod shell;
mod shown;
mod trouble;

use std::net::SocketAddr;

use axum::Router;
use kernel::Lang;

pub use office::Office;

/// Why the pages could not be served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address could not be taken.
    #[error("cannot listen on {address}: {source}; choose another port")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no random numbers for the key in the address.
    #[error("the system gives no random numbers: {0}")]
    NoKey(String),
    /// The server stopped.
    #[error("the server stopped: {0}")]
    Stopped(#[source] std::io::Error),
}

impl WebError {
    /// The message in the reader's language.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, _) => self.to_string(),
            (Lang::Zh, Self::Listen { address, source }) => {
                format!("无法监听 {address}：{source}。请换一个端口")
            }
            (Lang::Zh, Self::NoKey(why)) => format!("系统未提供随机数：{why}"),
            (Lang::Zh, Self::Stopped(source)) => format!("服务已停止：{source}"),
        }
    }
}

/// Serves the pages until the process ends. `ready` is told the address once it is open, with the key without which nothing is answered:
/// somebody else who uses the computer doesn't have it. With port 0 the system chooses one.
///
/// On a loopback address only requests that name this machine are answered, so that no page elsewhere can read the ledger
/// through the reader's browser. On any other address the pages only show, since nobody can tell who is at the other end.
///
/// # Errors
/// An address that cannot be taken, or a server that stops.
pub async fn serve(
    office: Office,
    address: SocketAddr,
    ready: impl FnOnce(&str),
) -> Result<(), WebError> {
    let listen = |source| WebError::Listen { address, source };
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(listen)?;
    let bound = listener.local_addr().map_err(listen)?;
    let mut office = office;
    office.writes &= bound.ip().is_loopback();
    let warm = office.clone();
    office.later(async move { pages::warm(warm).await });
    let pages = if bound.ip().is_loopback() {
        router(office)
    } else {
        guard::outside(pages::router(office))
    };
    let key = guard::new_key().map_err(|error| WebError::NoKey(error.to_string()))?;
    let pages = guard::keyed(pages, &key);
    ready(&format!("http://{bound}/?{}={key}", guard::KEY));
    axum::serve(listener, pages)
        .await
        .map_err(WebError::Stopped)
}

/// The pages as a service, for a loopback address.
pub fn router(office: Office) -> Router {
    guard::loopback(pages::router(office))
}
