//! What is done at the desk, over lists without ID numbers that leave questions: answers, merges by two people, and taking back;
//! each by a form of the pages themselves, and never by a look.

use std::path::Path;
use std::sync::Arc;

use crate::street::Answered;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use intake::Absence;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{Grant, Lang, Period, UnitCode};
use ledger::{Algorithm, Ledger};
use pack::Pack;
use tables::Tables;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use town::{Noise, Wish, generate};

const ON: Date = date(2025, 12, 31);
const HOST: &str = "localhost:8642";
const ORIGIN: (&str, &str) = ("origin", "http://localhost:8642");

fn now() -> Timestamp {
    "2026-01-06T01:00:00Z".parse().unwrap()
}

/// A ledger into which two lists of a small town came, and its pages.
pub struct Office {
    runtime: Runtime,
    pages: Router,
    read_only: Router,
    ledger: Ledger,
    folder: tempfile::TempDir,
    unit: UnitCode,
}

impl Office {
    pub fn new() -> Self {
        Self::over(testhouse::national())
    }

    pub fn over(pack: Arc<Pack>) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let unit: UnitCode = "210203001001".parse().unwrap();
        let wish = Wish {
            people: 2_000,
            seed: 3,
            ..Wish::default()
        };
        generate(&wish)
            .write_unnumbered(folder.path(), Noise::High)
            .unwrap();
        let ledger = runtime.block_on(async {
            let ledger = Ledger::create(folder.path(), pack.clone(), Algorithm::Sha256)
                .await
                .unwrap();
            let tables = Tables::new(ledger.clone(), pack.clone(), None);
            let grant = Grant::whole("clerk", unit, "import");
            ledger.open_book(unit, now(), &grant).await.unwrap();
            for source in ["police", "community"] {
                let request = intake::Request {
                    roster: format!("residents-{source}"),
                    unit,
                    files: vec![folder.path().join(format!("{source}.csv")).into()],
                    on: date(2025, 12, 1),
                    recorded_at: now(),
                    grant: grant.clone(),
                    dry_run: false,
                    absence: Absence::default(),
                    told: std::collections::BTreeMap::new(),
                    lang: Lang::Zh,
                };
                let imported = intake::import(&tables, &request, &mut |_| ()).await;
                imported.unwrap_or_else(|error| panic!("{source}: {error}"));
            }
            ledger
        });
        let tables = Tables::new(ledger.clone(), pack.clone(), None);
        let site = web::Office::new(tables, unit, (ON, Period::Year(2025)), "reader", now).unwrap();
        Self {
            runtime,
            pages: web::router(site.clone().writing()),
            read_only: web::router(site),
            ledger,
            folder,
            unit,
        }
    }

    /// Keeps a file; the words by which a list refers to it.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> String {
        self.ledger.keep_file(name, bytes).unwrap().to_string()
    }

    fn answer(&self, pages: &Router, request: Request<Body>) -> Answered {
        self.runtime.block_on(async {
            let response = pages.clone().oneshot(request).await.unwrap();
            let (head, body) = response.into_parts();
            let body = to_bytes(body, 16 << 20).await.unwrap();
            Answered {
                status: head.status,
                headers: head.headers,
                body: String::from_utf8_lossy(&body).into_owned(),
            }
        })
    }

    pub fn get(&self, desk: &str, path: &str) -> Answered {
        let request = Request::get(path)
            .header("host", HOST)
            .header("cookie", format!("desk={desk}"));
        self.answer(&self.pages, request.body(Body::empty()).unwrap())
    }

    fn send(&self, headers: &[(&str, &str)], path: &str, form: &str) -> Answered {
        let mut request = Request::post(path)
            .header("host", HOST)
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(form.to_owned())).unwrap();
        self.answer(&self.pages, request)
    }

    /// What sending a form gives.
    pub fn post(&self, desk: &str, path: &str, form: &str) -> Answered {
        let desk = format!("desk={desk}");
        self.send(&[ORIGIN, ("cookie", &desk)], path, form)
    }

    /// Sends a file with the other fields of the form.
    pub fn upload(&self, roster: &str, name: &str, bytes: &[u8]) -> Answered {
        let mut body = Vec::new();
        let unit = self.unit.to_string();
        for (field, value) in [
            ("roster", roster),
            ("unit", &unit),
            ("day", "2025-12-02"),
            ("absence", "guarded"),
        ] {
            body.extend_from_slice(
                format!(
                    "--b\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
                )
                .as_bytes(),
            );
        }
        body.extend_from_slice(
            format!(
                "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--b--\r\n");
        let request = Request::post("/imports/new")
            .header("host", HOST)
            .header(ORIGIN.0, ORIGIN.1)
            .header("cookie", "desk=wang")
            .header("content-type", "multipart/form-data; boundary=b");
        self.answer(&self.pages, request.body(Body::from(body)).unwrap())
    }

    /// Everything written so far, in one word.
    pub fn head(&self) -> String {
        let book = self.runtime.block_on(self.ledger.book(self.unit));
        book.unwrap().unwrap().hash.to_string()
    }

    pub fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(Path::new(self.folder.path()).join(name)).unwrap()
    }

    /// The addresses of the questions on the first page of the queue.
    pub fn questions(&self) -> Vec<String> {
        let body = self.get("wang", "/review").body;
        let body = body.split_once("<tbody>").map_or("", |(_, rows)| rows);
        links(body, "/review/")
    }
}

pub fn links(body: &str, start: &str) -> Vec<String> {
    let links = body.split("href=\"").skip(1);
    let links = links.map(|rest| rest.split('"').next().unwrap().to_owned());
    links.filter(|link| link.starts_with(start)).collect()
}

fn waiting(body: &str) -> usize {
    let (_, rest) = body.split_once("<dt>待核</dt><dd>").unwrap();
    rest.split('<').next().unwrap().parse().unwrap()
}

#[test]
fn an_answer_is_carried_out_and_can_be_taken_back() {
    let office = Office::new();
    let before = waiting(&office.get("wang", "/review").body);
    let questions = office.questions();
    let shown = office.get("wang", &questions[0]).body;
    assert!(shown.contains("data-key=\"1\""), "{shown}");
    assert!(shown.contains("每多1分"), "{shown}");
    let (_, same) = shown.split_once("value=\"same:").unwrap();
    let same = same.split('"').next().unwrap();
    let head = office.head();
    let answered = office.post("wang", &questions[0], &format!("answer=same%3A{same}"));
    assert_eq!(answered.status, 303, "{}", answered.body);
    let next = answered.header("location");
    assert!(
        next.starts_with(&format!("{}?done=", questions[1])),
        "{next}"
    );
    assert_ne!(office.head(), head);
    let page = office.get("wang", &next).body;
    assert!(page.contains("核定为同一人"), "{page}");
    assert_eq!(waiting(&office.get("wang", "/review").body), before - 1);
    let again = office.post("wang", &questions[0], "answer=new");
    assert_eq!(again.status, 409);
    assert!(again.body.contains("已有人核定"), "{}", again.body);

    let undo = links_of_forms(&page, "/imports/");
    let of = questions[0].rsplit('/').next().unwrap();
    let undone = office.post("li", &undo, &format!("back={of}"));
    let commit = undo.rsplit('/').next().unwrap();
    let back = format!("{}?done={commit}", questions[0]);
    assert_eq!(undone.header("location"), back);
    assert_eq!(waiting(&office.get("wang", "/review").body), before);
    assert_eq!(office.get("wang", &questions[0]).status, 200);
}

fn links_of_forms(body: &str, start: &str) -> String {
    let actions = body.split("action=\"").skip(1);
    let mut actions = actions.map(|rest| rest.split('"').next().unwrap());
    let found = actions.find(|action| action.starts_with(start));
    found
        .unwrap_or_else(|| panic!("no form for {start} in {body}"))
        .to_owned()
}

#[test]
fn somebody_new_and_setting_aside_are_answers_too() {
    let office = Office::new();
    let questions = office.questions();
    for (question, answer) in questions.iter().zip(["new", "aside"]) {
        let answered = office.post("wang", question, &format!("answer={answer}"));
        assert_eq!(answered.status, 303, "{answer}: {}", answered.body);
    }
    for answer in ["", "answer=", "answer=perhaps", "answer=same%3A1x", "x"] {
        let answered = office.post("wang", &questions[2], answer);
        assert_eq!(answered.status, 400, "{answer}");
    }
    let unfit = office.post("wang", &questions[2], "answer=merged");
    assert_eq!(unfit.status, 409);
}

#[test]
fn nothing_is_done_for_other_sites_or_for_nobody() {
    let office = Office::new();
    let (question, head) = (&office.questions()[0], office.head());
    let desk = ("cookie", "desk=wang");
    let evil = ("origin", "http://evil.example");
    for headers in [
        &[desk][..],
        &[desk, evil],
        &[desk, ("origin", "null")],
        &[desk, ("sec-fetch-site", "cross-site")],
        &[desk, ORIGIN, ("sec-fetch-site", "same-site")],
        &[desk, evil, ("sec-fetch-site", "same-origin")],
    ] {
        for path in [question.as_str(), "/imports/2", "/imports/new", "/desk"] {
            let refused = office.send(headers, path, "answer=new&name=x");
            assert_eq!(refused.status, 403, "{headers:?} {path}");
            assert_eq!(refused.header("set-cookie"), "");
        }
    }
    let nobody = office.send(&[ORIGIN], question, "answer=new");
    assert_eq!(nobody.status, 403);
    assert!(nobody.body.contains("还没有写明办理人"), "{}", nobody.body);
    let read_only = Request::post(question)
        .header("host", HOST)
        .header(ORIGIN.0, ORIGIN.1)
        .header("cookie", "desk=wang")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("answer=new"))
        .unwrap();
    let read_only = office.answer(&office.read_only, read_only);
    assert_eq!(read_only.status, 403);
    assert!(read_only.body.contains("这里只供查阅"));
    assert_eq!(office.head(), head);
}

#[test]
fn the_desk_takes_a_name_and_leads_nowhere_else() {
    let office = Office::new();
    let taken = office.send(&[ORIGIN], "/desk", "name=%E7%8E%8B%E8%8A%B3&to=%2Fimports");
    assert_eq!(taken.header("location"), "/imports");
    let cookie = taken.header("set-cookie");
    assert!(cookie.starts_with("desk=%E7%8E%8B%E8%8A%B3;"), "{cookie}");
    assert!(cookie.contains("SameSite=Strict; HttpOnly"), "{cookie}");
    let page = office.get("%E7%8E%8B%E8%8A%B3", "/review").body;
    assert!(page.contains("<b>王芳</b>"), "{page}");
    let elsewhere = office.send(&[ORIGIN], "/desk", "name=x&to=%2F%2Fevil.example");
    assert_eq!(elsewhere.header("location"), "/review");
    assert_eq!(office.send(&[ORIGIN], "/desk", "name=+").status, 400);
}

#[test]
fn the_other_of_two_is_found_as_anybody_is() {
    let office = Office::new();
    let people = links(&office.get("wang", &office.questions()[0]).body, "/people/");
    let others = links(&office.get("wang", &office.questions()[1]).body, "/people/");
    let page = office.get("wang", &others[0]).body;
    let (_, name) = page.split_once("<h1>").unwrap();
    let name = name.split('<').next().unwrap();
    let typed: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let merge = format!("{}/merge", people[0]);
    let found = office.post("wang", &merge, &format!("q={typed}"));
    assert_eq!(found.status, 200, "{}", found.body);
    let other = others[0].rsplit('/').next().unwrap();
    let proposes = format!("name=\"other\" value=\"{other}\"");
    assert!(found.body.contains(&proposes), "{}", found.body);
    let own = people[0].rsplit('/').next().unwrap();
    assert!(
        !found
            .body
            .contains(&format!("name=\"other\" value=\"{own}\""))
    );
}

#[test]
fn a_merge_takes_two_people_and_can_be_taken_back() {
    let office = Office::new();
    let people = links(&office.get("wang", &office.questions()[0]).body, "/people/");
    let others = links(&office.get("wang", &office.questions()[1]).body, "/people/");
    let (kept, double) = (&people[0], others[0].rsplit('/').next().unwrap());
    let proposed = office.post("wang", &format!("{kept}/merge"), &format!("other={double}"));
    assert_eq!(proposed.status, 303, "{}", proposed.body);
    let queue = office.get("wang", "/review").body;
    assert!(queue.contains("wang 提出"), "merges come first: {queue}");
    let merge = &office.questions()[0];
    let own = office.get("wang", merge).body;
    assert!(own.contains("须由另一人复核"), "{own}");
    assert!(!own.contains("value=\"merged\""), "{own}");
    let head = office.head();
    let refused = office.post("wang", merge, "answer=merged");
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("须由另一人复核"), "{}", refused.body);
    assert_eq!(office.head(), head);

    assert!(office.get("li", merge).body.contains("data-key=\"m\""));
    let merged = office.post("li", merge, "answer=merged");
    assert_eq!(merged.status, 303, "{}", merged.body);
    let gone = format!("/people/{double}");
    let elsewhere = office.get("li", &gone).header("location").to_owned();
    assert!(elsewhere.starts_with("/people/") && elsewhere != gone);
    assert_eq!(office.get("li", &elsewhere).status, 200);
    let page = office.get("li", &merged.header("location")).body;
    let undo = links_of_forms(&page, "/imports/");
    assert_eq!(office.post("li", &undo, "").header("location"), undo);
    assert_eq!(office.get("li", &gone).status, 200);
}

#[test]
fn an_import_is_taken_back_from_the_journal_after_a_look_at_what_goes() {
    let office = Office::new();
    let journal = office.get("wang", "/imports").body;
    assert!(journal.contains("社区居民名单 community.csv"), "{journal}");
    let number = "/imports/3";
    assert!(
        links(&journal, "/imports/")
            .iter()
            .any(|link| link == number)
    );
    let head = office.head();
    let page = office.get("wang", number).body;
    assert!(page.contains("撤回这次提交"), "{page}");
    assert!(page.contains("人员"), "{page}");
    assert_eq!(office.head(), head, "a look changes nothing");
    let refused = office.post("wang", "/imports/1", "");
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("是建账或开簿"), "{}", refused.body);
    assert_eq!(office.head(), head);
    let undone = office.post("wang", number, "");
    assert_eq!(undone.header("location"), number);
    assert!(office.get("wang", "/imports").body.contains("已撤回（第"));
    assert!(office.get("wang", "/review").body.contains("没有待核事项"));
    for none in ["/imports/999", "/imports/x", "/imports/-1"] {
        assert_eq!(office.get("wang", none).status, 404, "{none}");
    }
}

#[test]
fn every_page_of_the_desk_is_there_in_both_languages_and_shows_no_number() {
    let office = Office::new();
    let head = office.head();
    let tried = office.upload("residents-health", "health.csv", &office.file("health.csv"));
    let person = links(&office.get("wang", &office.questions()[0]).body, "/people/");
    let merge = format!("{}/merge", person[0]);
    for page in [
        "/review",
        &office.questions()[0],
        "/desk",
        "/imports",
        "/imports/1",
        "/imports/new",
        &tried.header("location"),
        &merge,
        "/keys.js",
    ] {
        for lang in ["zh", "en"] {
            let answered = office.get("wang", &format!("{page}?lang={lang}"));
            assert_eq!(answered.status, 200, "{page}\n{}", answered.body);
            assert!(!answered.body.contains(" style="), "{page}");
            for run in digits_of(&answered.body) {
                let mobile = run.len() == 11 && run.starts_with('1');
                assert!(run.len() < 17 && !mobile, "{page} shows {run}");
            }
        }
    }
    assert_eq!(office.head(), head, "looks change nothing");
}

#[test]
fn the_queue_of_one_unit_stays_with_it() {
    let office = Office::new();
    let all = waiting(&office.get("wang", "/review").body);
    let unit = office.unit.to_string();
    let queue = office.get("wang", &format!("/review?unit={unit}")).body;
    assert_eq!(waiting(&queue), all);
    let selected = format!("<option value=\"{unit}\" selected>");
    assert!(queue.contains(&selected), "{queue}");
    let (_, rows) = queue.split_once("<tbody>").unwrap();
    let question = &links(rows, "/review/")[0];
    assert!(question.ends_with(&format!("?unit={unit}")), "{question}");
    let page = office.get("wang", question).body;
    assert_eq!(&links_of_forms(&page, "/review/"), question);
    let answered = office.post("wang", question, "answer=aside");
    let next = answered.header("location");
    assert!(next.contains(&format!("?unit={unit}&done=")), "{next}");
    for (other, status) in [("210203002001", 404), ("x", 400)] {
        let refused = office.get("wang", &format!("/review?unit={other}"));
        assert_eq!(refused.status, status, "{other}");
    }
}

/// Runs of digits in the text of a page, without what stands in its tags.
fn digits_of(body: &str) -> Vec<String> {
    let text = body.split('<').filter_map(|part| part.split_once('>'));
    let runs = text.flat_map(|(_, text)| text.split(|ch: char| !ch.is_ascii_digit()));
    runs.filter(|run| !run.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}
