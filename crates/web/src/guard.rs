//! What stands before every page: whom a request claims to speak to, where a form comes from, how long an address may be, and
//! the headers that keep browsers from sending anything on or letting anything in.

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::timeout::TimeoutLayer;

/// The longest address, in bytes.
const LONGEST_ADDRESS: usize = 2_000;
/// How long a page may take, and how long one that takes in a whole list.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
const LONGEST_IMPORT: Duration = Duration::from_secs(3_600);

const HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// The name of the key, as a query parameter and as a cookie.
pub(crate) const KEY: &str = "key";

/// A key that nobody guesses.
pub(crate) fn new_key() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Pages that are only for who has the key: from the address that was printed, and from then on in a cookie.
pub(crate) fn keyed(pages: Router, key: &str) -> Router {
    let key: std::sync::Arc<str> = key.into();
    pages.layer(middleware::from_fn(move |request: Request, next: Next| {
        let key = key.clone();
        async move { with_key(&key, request, next).await }
    }))
}

async fn with_key(key: &str, request: Request, next: Next) -> Response {
    let cookies = request.headers().get_all(header::COOKIE).iter();
    let cookies = cookies.filter_map(|cookie| cookie.to_str().ok());
    let mut cookies = cookies.flat_map(|cookie| cookie.split(';'));
    let own = |cookie: &str| {
        (cookie.trim().split_once('=')).is_some_and(|(name, value)| name == KEY && same(value, key))
    };
    if cookies.any(own) {
        return next.run(request).await;
    }
    let query = request.uri().query().unwrap_or_default();
    let given = query.split('&').filter_map(|part| part.split_once('='));
    if !given
        .into_iter()
        .any(|(name, value)| name == KEY && same(value, key))
    {
        return refuse(
            StatusCode::FORBIDDEN,
            "请用启动时显示的完整地址打开（其中含有密钥）。\nOpen the whole address that was printed at the start; it holds a key.\n",
        );
    }
    let cookie = format!("{KEY}={key}; Path=/; SameSite=Strict; HttpOnly");
    let to = request.uri().path().to_owned();
    let headers = [(header::LOCATION, to), (header::SET_COOKIE, cookie)];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Whether two keys are the same, looking at all of both.
fn same(one: &str, other: &str) -> bool {
    let differs = one
        .bytes()
        .zip(other.bytes())
        .fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differs == 0
}

/// Pages for an address of this machine only.
pub(crate) fn loopback(pages: Router) -> Router {
    outside(pages).layer(middleware::from_fn(only_this_machine))
}

/// Pages for an address others can reach.
pub(crate) fn outside(pages: Router) -> Router {
    pages
        .layer(middleware::from_fn(own_forms))
        .layer(middleware::from_fn(short_and_sealed))
}

/// Pages that are given up when they take too long.
pub(crate) fn timely(pages: Router) -> Router {
    within(pages, LONGEST_WAIT)
}

/// The same for pages that take in a whole list.
pub(crate) fn patient(pages: Router) -> Router {
    within(pages, LONGEST_IMPORT)
}

fn within(pages: Router, wait: Duration) -> Router {
    pages.layer(TimeoutLayer::with_status_code(
        StatusCode::SERVICE_UNAVAILABLE,
        wait,
    ))
}

/// Anything but a look has to come from a form of these pages: a page elsewhere could send one in the reader's name.
async fn own_forms(request: Request, next: Next) -> Response {
    let looks = [Method::GET, Method::HEAD].contains(request.method());
    if looks || is_from_here(request.headers()) {
        return next.run(request).await;
    }
    refuse(
        StatusCode::FORBIDDEN,
        "这个请求不是从台账的页面发出的，没有办理。请回到台账页面再操作；程序请带上与本地址相同的 Origin。\nThe request did not come from these pages, so nothing was done; go back to them and do it there. A program sends this very address as Origin.\n",
    )
}

/// Whether a browser says that a request comes from a page of this very address. One that says nothing of it is no browser that
/// could tell, and isn't trusted.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let site = text(&HeaderName::from_static("sec-fetch-site"));
    let origin = text(&header::ORIGIN);
    let host = text(&header::HOST);
    let own = |origin: &str| {
        let scheme = origin.split_once("://");
        scheme.is_some_and(|(_, from)| host.is_some_and(|host| host.eq_ignore_ascii_case(from)))
    };
    (site.is_some() || origin.is_some())
        && site.is_none_or(|site| site == "same-origin")
        && origin.is_none_or(own)
}

async fn short_and_sealed(request: Request, next: Next) -> Response {
    let length = request
        .uri()
        .path_and_query()
        .map_or(0, |address| address.as_str().len());
    let mut response = if length > LONGEST_ADDRESS {
        refuse(
            StatusCode::URI_TOO_LONG,
            "地址过长，请从首页重新进入。\nThe address is too long; start again from the first page.\n",
        )
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A page elsewhere can make its own name point to this machine, and then read what is served here as its own. Its requests
/// carry that name, so they are told apart.
async fn only_this_machine(request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if host.is_some_and(names_this_machine) && target_is_here(request.uri()) {
        return next.run(request).await;
    }
    refuse(
        StatusCode::MISDIRECTED_REQUEST,
        "这里只回应本机地址，请用 http://localhost 打开。\nOnly this machine's own address is answered; open http://localhost.\n",
    )
}

/// A request may carry its target in full, which then counts instead of the header.
fn target_is_here(uri: &Uri) -> bool {
    uri.authority()
        .is_none_or(|authority| names_this_machine(authority.as_str()))
}

fn names_this_machine(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((name, port)) => (
                name,
                port.strip_prefix(':')
                    .or(Some("1").filter(|_| port.is_empty())),
            ),
            None => return false,
        },
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, Some("1")),
        },
    };
    port.is_some_and(|port| port.parse::<u16>().is_ok())
        && (name.eq_ignore_ascii_case("localhost")
            || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()))
}

fn refuse(status: StatusCode, why: &'static str) -> Response {
    (status, why).into_response()
}

#[cfg(test)]
mod tests {
    use super::{is_from_here, names_this_machine};
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    fn sent(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        headers.iter().map(pair).collect()
    }

    #[test]
    fn only_forms_of_these_pages_are_taken() {
        let host = ("host", "localhost:8642");
        for own in [
            &[host, ("origin", "http://localhost:8642")][..],
            &[host, ("sec-fetch-site", "same-origin")],
            &[
                host,
                ("sec-fetch-site", "same-origin"),
                ("origin", "http://localhost:8642"),
            ],
        ] {
            assert!(is_from_here(&sent(own)), "{own:?}");
        }
        for other in [
            &[host][..],
            &[host, ("origin", "null")],
            &[host, ("origin", "http://localhost:1")],
            &[host, ("origin", "http://evil.example")],
            &[host, ("sec-fetch-site", "cross-site")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("sec-fetch-site", "none")],
            &[
                host,
                ("sec-fetch-site", "same-origin"),
                ("origin", "http://evil.example"),
            ],
            &[("origin", "http://localhost:8642")],
        ] {
            assert!(!is_from_here(&sent(other)), "{other:?}");
        }
    }

    #[test]
    fn only_names_of_this_machine_pass() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:1",
            "127.0.0.1",
            "[::1]:8080",
            "[::1]",
        ] {
            assert!(names_this_machine(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com:80",
            "10.0.0.1",
            "[::1",
            "[::1]x",
            "localhost:",
            "localhost:80:80",
            "localhost@example.com",
            "::1",
        ] {
            assert!(!names_this_machine(host), "{host}");
        }
    }
}
