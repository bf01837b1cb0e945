//! The pages, one module each, and the addresses they answer to. A handler gathers, then renders; what it gathers about
//! people it reads through a session of the site's grant. Looking changes nothing: whatever is done is sent by a form.

mod action;
mod action_inputs;
mod action_list;
mod action_outcome;
mod action_picker;
mod amend;
mod batch;
mod case;
mod columns;
pub(crate) mod completeness;
pub(crate) mod dashboards;
mod differing;
mod doubts;
mod download;
mod dry_run;
pub(crate) mod figures;
pub(crate) mod file;
mod help;
mod home;
mod household;
mod imports;
pub(crate) mod indicator;
mod indicator_rows;
mod indicators;
mod log;
mod merge;
mod offered;
mod owed;
mod person;
mod person_answers;
mod person_family;
mod person_life;
pub(crate) mod person_records;
mod programme;
mod programme_list;
mod programmes;
mod refs;
pub(crate) mod registers;
mod review;
mod search;
mod stood;
mod unit;
mod units;
mod unread;
mod work_report;

use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, Path};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kernel::RecordId;
use office::{LARGEST, Office};

use crate::desk::Fields;
use crate::guard;
use crate::pages::download::Form;
use crate::reader::Reader;
use crate::shell::{self, Page};
use crate::trouble::Trouble;

/// How much a form may send, in bytes, before nobody listens any more; far more than is kept.
const MOST_SENT: usize = 8 * LARGEST;

/// Every page at its address.
pub(crate) fn router(office: Office) -> Router {
    let quick = Router::new()
        .route("/", get(first))
        .route("/units", get(units))
        .route("/units/{code}", get(unit))
        .route("/programmes", get(programmes))
        .route("/programmes/{id}", get(programme))
        .route("/waiting", get(work))
        .route("/owed", get(owed))
        .route("/find", get(to_people).post(find))
        .route("/find/below", post(below))
        .route("/people", get(people))
        .route("/people/{id}", get(person))
        .route("/people/{id}/merge", get(merge).post(propose))
        .route("/households/{id}", get(household))
        .route("/registers", get(registers))
        .route("/registers/{id}", get(register))
        .route("/registers/{id}/columns", post(choose_columns))
        .route("/registers/{id}/saved", post(save_list))
        .route("/registers/{id}/{record}", get(register_record))
        .route("/indicators", get(indicators))
        .route("/indicators/{id}", get(indicator))
        .route("/dashboards/{id}", get(dashboard))
        .route("/work-reports/{id}", get(work_report))
        .route("/review", get(review))
        .route("/review/value", post(settle))
        .route("/review/unread", post(settle_unread))
        .route("/review/{record}", get(case).post(decide))
        .route("/actions", get(actions).post(act_chosen))
        .route("/actions/{id}", get(action).post(act))
        .route("/amend/{place}", get(amend_form).post(amend_sent))
        .route("/api/actions", get(crate::api::actions::actions))
        .route("/api/actions/{id}", post(crate::api::actions::act))
        .route("/files/{place}", get(fetch))
        .route("/help", get(handbook))
        .route("/help/{chapter}", get(chapter))
        .route("/help/pictures/{file}", get(picture))
        .route("/desk", get(desk).post(take_desk))
        .route("/imports/dry/{id}/result.xlsx", get(workbook))
        .route("/log", get(log))
        .route("/completeness", get(completeness_page))
        .route("/completeness/calendar.ics", get(due_calendar))
        .route("/blanks/{id}", get(blank_list))
        .route("/api/completeness", get(crate::api::completeness::lists))
        .route("/api/registers", get(crate::api::registers))
        .route("/api/registers/{id}", get(crate::api::register))
        .route("/api/registers/{id}/{record}", get(crate::api::record))
        .route("/api/indicators", get(crate::api::figures::indicators))
        .route("/api/indicators/{id}", get(crate::api::figures::indicator))
        .route("/api/indicators/{id}/rows", get(crate::api::figures::rows))
        .route("/api/dashboards", get(crate::api::figures::dashboards))
        .route("/api/dashboards/{id}", get(crate::api::figures::dashboard))
        .route("/api/openapi.json", get(crate::api::described))
        .route("/style.css", get(style))
        .route("/keys.js", get(keys))
        .route("/find.js", get(find_script))
        .route("/page.js", get(page_script))
        .route("/drafts.js", get(drafts_script))
        .route("/mark.svg", get(mark))
        .fallback(absent);
    let patient = Router::new()
        .route("/registers/{id}/export.xlsx", get(export_workbook))
        .route("/registers/{id}/export.csv", get(export_text))
        .route("/programmes/{id}/list.xlsx", get(list_workbook))
        .route("/programmes/{id}/list.csv", get(list_text))
        .route("/indicators/{id}/rows.xlsx", get(rows_workbook))
        .route("/indicators/{id}/rows.csv", get(rows_text))
        .route("/waiting/list.xlsx", get(work_workbook))
        .route("/waiting/list.csv", get(work_text))
        .route("/imports", get(imports))
        .route("/imports/{commit}", get(commit).post(undo))
        .route("/imports/new", get(new_import).post(attempt))
        .layer(DefaultBodyLimit::max(MOST_SENT))
        .route("/imports/dry/{id}", get(dry_run).post(write))
        .route("/imports/dry/{id}/columns", post(say_columns));
    guard::timely(quick.with_state(office.clone()))
        .merge(guard::patient(patient.with_state(office)))
}

/// Computes what the first page shows, so that the first reader need not wait for it, and figures again after every change.
pub(crate) async fn warm(office: Office) {
    let ready = async {
        if let Err(error) = office.warm().await {
            tracing::warn!("the first page could not be prepared: {error}");
        }
    };
    let kept_up = async {
        if let Err(error) = office.keep_up().await {
            tracing::warn!("figures are counted again only when asked for: {error}");
        }
    };
    tokio::join!(ready, kept_up);
}

async fn first(reader: Reader) -> Response {
    let page = home::page(&reader).await;
    shell::respond(&reader, page)
}

async fn units(reader: Reader) -> Response {
    let page = units::page(&reader).await;
    shell::respond(&reader, page)
}

async fn unit(Path(code): Path<String>, reader: Reader) -> Response {
    let page = unit::page(&reader, &code).await;
    shell::respond(&reader, page)
}

async fn programmes(reader: Reader) -> Response {
    let page = programmes::page(&reader).await;
    shell::respond(&reader, page)
}

async fn programme(Path(id): Path<String>, reader: Reader) -> Response {
    let page = programme::page(&reader, &id).await;
    shell::respond(&reader, page)
}

async fn owed(reader: Reader) -> Response {
    let page = owed::page(&reader).await;
    shell::respond(&reader, page)
}

async fn work(reader: Reader) -> Response {
    let page = programme_list::of_all(&reader).await;
    shell::respond(&reader, page)
}

async fn list_workbook(Path(id): Path<String>, reader: Reader) -> Response {
    programme_list::export::file(&reader, Some(&id), Form::Workbook).await
}

async fn list_text(Path(id): Path<String>, reader: Reader) -> Response {
    programme_list::export::file(&reader, Some(&id), Form::Csv).await
}

async fn work_workbook(reader: Reader) -> Response {
    programme_list::export::file(&reader, None, Form::Workbook).await
}

async fn work_text(reader: Reader) -> Response {
    programme_list::export::file(&reader, None, Form::Csv).await
}

async fn people(reader: Reader) -> Response {
    let page = search::page(&reader).await;
    shell::respond(&reader, page)
}

async fn find(reader: Reader, fields: Fields) -> Response {
    let page = search::find(&reader, fields).await;
    shell::respond(&reader, page)
}

async fn below(reader: Reader, fields: Fields) -> Response {
    search::below(&reader, fields).await
}

/// Whoever comes back to what they had found by its address, which doesn't say what that was, finds it anew.
async fn to_people(reader: Reader) -> Response {
    let page = Page::elsewhere(reader.link("/people", &[]));
    shell::respond(&reader, Ok(page))
}

async fn person(Path(id): Path<String>, reader: Reader) -> Response {
    let page = match record(&id) {
        Ok(id) => person::page(&reader, id).await,
        Err(trouble) => Err(trouble),
    };
    shell::respond(&reader, page)
}

async fn household(Path(id): Path<String>, reader: Reader) -> Response {
    let page = match record(&id) {
        Ok(id) => household::page(&reader, id).await,
        Err(trouble) => Err(trouble),
    };
    shell::respond(&reader, page)
}

async fn registers(reader: Reader) -> Response {
    let page = registers::page(&reader).await;
    shell::respond(&reader, page)
}

async fn register(Path(id): Path<String>, reader: Reader) -> Response {
    let page = registers::list::page(&reader, &id).await;
    shell::respond(&reader, page)
}

async fn register_record(Path((id, number)): Path<(String, String)>, reader: Reader) -> Response {
    let page = match record(&number) {
        Ok(number) => registers::record::page(&reader, &id, number).await,
        Err(trouble) => Err(trouble),
    };
    shell::respond(&reader, page)
}

async fn choose_columns(Path(id): Path<String>, reader: Reader, fields: Fields) -> Response {
    let page = registers::columns::choose(&reader, &id, fields).await;
    shell::respond(&reader, page)
}

async fn save_list(Path(id): Path<String>, reader: Reader, fields: Fields) -> Response {
    let page = registers::saved::change(&reader, &id, fields).await;
    shell::respond(&reader, page)
}

async fn export_workbook(Path(id): Path<String>, reader: Reader) -> Response {
    registers::export::file(reader, id, Form::Workbook).await
}

async fn export_text(Path(id): Path<String>, reader: Reader) -> Response {
    registers::export::file(reader, id, Form::Csv).await
}

async fn indicators(reader: Reader) -> Response {
    let page = indicators::page(&reader).await;
    shell::respond(&reader, page)
}

async fn indicator(Path(id): Path<String>, reader: Reader) -> Response {
    let page = indicator::page(&reader, &id).await;
    shell::respond(&reader, page)
}

async fn rows_workbook(Path(id): Path<String>, reader: Reader) -> Response {
    indicator_rows::file(&reader, &id, Form::Workbook).await
}

async fn rows_text(Path(id): Path<String>, reader: Reader) -> Response {
    indicator_rows::file(&reader, &id, Form::Csv).await
}

async fn dashboard(Path(id): Path<String>, reader: Reader) -> Response {
    let page = dashboards::page(&reader, &id).await;
    shell::respond(&reader, page)
}

async fn work_report(Path(id): Path<String>, reader: Reader) -> Response {
    work_report::file(&reader, &id).await
}

async fn merge(Path(id): Path<String>, reader: Reader) -> Response {
    let page = match record(&id) {
        Ok(id) => merge::page(&reader, id).await,
        Err(trouble) => Err(trouble),
    };
    shell::respond(&reader, page)
}

async fn propose(Path(id): Path<String>, reader: Reader, fields: Fields) -> Response {
    let page = match record(&id) {
        Ok(id) => merge::propose(&reader, id, fields).await,
        Err(trouble) => Err(trouble),
    };
    shell::respond(&reader, page)
}

async fn review(reader: Reader) -> Response {
    let page = review::page(&reader).await;
    shell::respond(&reader, page)
}

async fn case(Path(id): Path<String>, reader: Reader) -> Response {
    let page = match record(&id) {
        Ok(id) => case::page(&reader, id).await,
        Err(trouble) => Err(trouble),
    };
    shell::respond(&reader, page)
}

async fn decide(Path(id): Path<String>, reader: Reader, fields: Fields) -> Response {
    let page = match record(&id) {
        Ok(id) => review::decide(&reader, id, fields).await,
        Err(trouble) => Err(trouble),
    };
    shell::respond(&reader, page)
}

async fn settle(reader: Reader, fields: Fields) -> Response {
    let page = differing::settle(&reader, fields).await;
    shell::respond(&reader, page)
}

async fn settle_unread(reader: Reader, fields: Fields) -> Response {
    let page = unread::settle(&reader, fields).await;
    shell::respond(&reader, page)
}

async fn actions(reader: Reader) -> Response {
    let page = action_list::list(&reader).await;
    shell::respond(&reader, page)
}

/// The action that was chosen for rows of a list.
async fn act_chosen(reader: Reader, fields: Fields) -> Response {
    let page = action::chosen(&reader, fields).await;
    shell::respond(&reader, page)
}

async fn action(Path(id): Path<String>, reader: Reader) -> Response {
    let page = action::form(&reader, &id).await;
    shell::respond(&reader, page)
}

async fn act(Path(id): Path<String>, reader: Reader, fields: Fields) -> Response {
    let page = action::sent(&reader, &id, fields).await;
    shell::respond(&reader, page)
}

async fn amend_form(Path(place): Path<String>, reader: Reader) -> Response {
    let page = amend::form(&reader, &place).await;
    shell::respond(&reader, page)
}

async fn amend_sent(Path(place): Path<String>, reader: Reader, fields: Fields) -> Response {
    let page = amend::sent(&reader, &place, fields).await;
    shell::respond(&reader, page)
}

async fn fetch(Path(place): Path<String>, reader: Reader) -> Response {
    file::page(&reader, &place).await
}

async fn handbook(reader: Reader) -> Response {
    let page = help::contents(&reader);
    shell::respond(&reader, Ok(page))
}

async fn chapter(Path(id): Path<String>, reader: Reader) -> Response {
    let page = help::chapter(&reader, &id);
    shell::respond(&reader, page)
}

async fn picture(Path(file): Path<String>) -> Response {
    help::picture(&file)
}

async fn desk(reader: Reader) -> Response {
    let page = crate::desk::page(&reader).await;
    shell::respond(&reader, page)
}

async fn take_desk(reader: Reader, fields: Fields) -> Response {
    crate::desk::take(&reader, fields).await
}

async fn imports(reader: Reader) -> Response {
    let page = imports::page(&reader).await;
    shell::respond(&reader, page)
}

async fn commit(Path(number): Path<String>, reader: Reader) -> Response {
    let page = imports::one(&reader, &number).await;
    shell::respond(&reader, page)
}

async fn undo(Path(number): Path<String>, reader: Reader, fields: Fields) -> Response {
    let page = imports::undo(&reader, &number, fields).await;
    shell::respond(&reader, page)
}

async fn completeness_page(reader: Reader) -> Response {
    let page = completeness::page(&reader).await;
    shell::respond(&reader, page)
}

async fn due_calendar(reader: Reader) -> Response {
    completeness::calendar(&reader).await
}

async fn blank_list(Path(id): Path<String>, reader: Reader) -> Response {
    completeness::blank(&reader, &id).await
}

async fn new_import(reader: Reader) -> Response {
    let page = dry_run::form(&reader).await;
    shell::respond(&reader, page)
}

async fn attempt(reader: Reader, sent: Result<Multipart, MultipartRejection>) -> Response {
    let page = dry_run::attempt(&reader, sent).await;
    shell::respond(&reader, page)
}

async fn dry_run(Path(id): Path<String>, reader: Reader) -> Response {
    let page = dry_run::page(&reader, &id).await;
    shell::respond(&reader, page)
}

async fn write(Path(id): Path<String>, reader: Reader, fields: Fields) -> Response {
    let page = dry_run::write(&reader, &id, fields).await;
    shell::respond(&reader, page)
}

async fn say_columns(Path(id): Path<String>, reader: Reader, fields: Fields) -> Response {
    let page = columns::say(&reader, &id, fields).await;
    shell::respond(&reader, page)
}

async fn workbook(Path(id): Path<String>, reader: Reader) -> Response {
    dry_run::workbook(&reader, &id)
}

async fn log(reader: Reader) -> Response {
    let page = log::page(&reader).await;
    shell::respond(&reader, page)
}

async fn absent(reader: Reader) -> Response {
    if crate::api::is_asked(&reader) {
        return crate::api::respond(&reader, Err(Trouble::Absent));
    }
    shell::respond(&reader, Err(Trouble::Absent))
}

async fn style() -> Response {
    asset("text/css; charset=utf-8", shell::STYLE)
}

async fn keys() -> Response {
    asset("text/javascript; charset=utf-8", shell::KEYS)
}

async fn find_script() -> Response {
    asset("text/javascript; charset=utf-8", shell::FIND)
}

async fn page_script() -> Response {
    asset("text/javascript; charset=utf-8", shell::PAGE)
}

async fn drafts_script() -> Response {
    asset("text/javascript; charset=utf-8", shell::DRAFTS)
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
pub(crate) fn record(text: &str) -> Result<RecordId, Trouble> {
    let id: RecordId = text.parse().map_err(|_| Trouble::Absent)?;
    if id.0 > 0 && id.to_string() == text {
        Ok(id)
    } else {
        Err(Trouble::Absent)
    }
}
