//! The pages, one module each, and the addresses they answer to. A handler gathers, then renders; what it gathers about
//! people it reads through a session of the site's grant.

mod household;
mod indicator;
mod indicators;
mod log;
mod person;
mod person_records;
mod programme;
mod programme_list;
mod programmes;
mod search;
mod unit;
mod units;

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kernel::RecordId;

use crate::reader::Reader;
use crate::shell;
use crate::site::Site;
use crate::trouble::Trouble;

pub(crate) use indicator::when;
pub(crate) use search::names_a_number;

/// Every page at its address.
pub(crate) fn router(site: Site) -> Router {
    Router::new()
        .route("/", get(first))
        .route("/units", get(units))
        .route("/units/{code}", get(unit))
        .route("/programmes", get(programmes))
        .route("/programmes/{id}", get(programme))
        .route("/people", get(people))
        .route("/people/{id}", get(person))
        .route("/households/{id}", get(household))
        .route("/indicators", get(indicators))
        .route("/indicators/{id}", get(indicator))
        .route("/log", get(log))
        .route("/style.css", get(style))
        .route("/mark.svg", get(mark))
        .fallback(absent)
        .with_state(site)
}

/// Computes what the first page shows, so that the first reader need not wait for it.
pub(crate) async fn warm(site: Site) {
    if let Err(trouble) = unit::warm(&site).await {
        tracing::warn!("the first page could not be prepared: {trouble}");
    }
}

async fn first(reader: Reader) -> Response {
    let page = unit::first(&reader).await;
    reader.answer(page)
}

async fn units(reader: Reader) -> Response {
    let page = units::page(&reader).await;
    reader.answer(page)
}

async fn unit(Path(code): Path<String>, reader: Reader) -> Response {
    let page = unit::page(&reader, &code).await;
    reader.answer(page)
}

async fn programmes(reader: Reader) -> Response {
    let page = programmes::page(&reader).await;
    reader.answer(page)
}

async fn programme(Path(id): Path<String>, reader: Reader) -> Response {
    let page = programme::page(&reader, &id).await;
    reader.answer(page)
}

async fn people(reader: Reader) -> Response {
    let page = search::page(&reader).await;
    reader.answer(page)
}

async fn person(Path(id): Path<String>, reader: Reader) -> Response {
    let page = match record(&id) {
        Ok(id) => person::page(&reader, id).await,
        Err(trouble) => Err(trouble),
    };
    reader.answer(page)
}

async fn household(Path(id): Path<String>, reader: Reader) -> Response {
    let page = match record(&id) {
        Ok(id) => household::page(&reader, id).await,
        Err(trouble) => Err(trouble),
    };
    reader.answer(page)
}

async fn indicators(reader: Reader) -> Response {
    let page = indicators::page(&reader).await;
    reader.answer(page)
}

async fn indicator(Path(id): Path<String>, reader: Reader) -> Response {
    let page = indicator::page(&reader, &id).await;
    reader.answer(page)
}

async fn log(reader: Reader) -> Response {
    let page = log::page(&reader).await;
    reader.answer(page)
}

async fn absent(reader: Reader) -> Response {
    reader.answer(Err(Trouble::Absent))
}

async fn style() -> Response {
    asset("text/css; charset=utf-8", shell::STYLE)
}

async fn mark() -> Response {
    asset("image/svg+xml", shell::MARK)
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "max-age=600"),
    ];
    (headers, text).into_response()
}

/// The record an address names, in the one form it is written.
fn record(text: &str) -> Result<RecordId, Trouble> {
    let id: RecordId = text.parse().map_err(|_| Trouble::Absent)?;
    if id.0 > 0 && id.to_string() == text {
        Ok(id)
    } else {
        Err(Trouble::Absent)
    }
}
