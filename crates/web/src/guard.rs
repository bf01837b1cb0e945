//! What stands before every page: whom a request claims to speak to, how long an address may be, and the headers that keep
//! browsers from sending anything on or letting anything in.

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::timeout::TimeoutLayer;

/// The longest address, in bytes.
const LONGEST_ADDRESS: usize = 2_000;
/// How long a page may take.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

const HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
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

/// Pages for an address of this machine only.
pub(crate) fn loopback(pages: Router) -> Router {
    outside(pages).layer(middleware::from_fn(only_this_machine))
}

/// Pages for an address others can reach.
pub(crate) fn outside(pages: Router) -> Router {
    pages
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            LONGEST_WAIT,
        ))
        .layer(middleware::from_fn(short_and_sealed))
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
    use super::names_this_machine;

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
