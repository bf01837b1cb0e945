//! Every route as every role, in and out of its scope: what it answers is a picture, and what may never be is asserted. The routes are read
//! from the router's own source and the roles from the pack, so that neither can have one that isn't tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use intake::{Absence, Appointment, Review};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{Grant, Lang, Period, RecordId, UnitCode};
use ledger::{Access, Algorithm, Ledger};
use tables::Tables;
use tower::ServiceExt;

const ROOT: &str = "210203001000";
const UNITS: [&str; 2] = ["210203001001", "210203001002"];
const ON: Date = date(2025, 12, 31);
const PEOPLE: u16 = 6;
/// Pages that read nothing of a ledger.
const FILES: [&str; 8] = [
    "/style.css",
    "/keys.js",
    "/find.js",
    "/drafts.js",
    "/page.js",
    "/mark.svg",
    "/desk",
    "/help/pictures/{file}",
];

fn unit(code: &str) -> UnitCode {
    code.parse().unwrap()
}

fn now() -> Timestamp {
    "2026-01-05T02:00:00Z".parse().unwrap()
}

/// The routes there are: path, and whether it is asked for and sent to.
fn routes() -> Vec<(String, bool, bool)> {
    let source = testhouse::repository().join("crates/web/src/pages.rs");
    let source = std::fs::read_to_string(source).unwrap();
    let lines = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix(".route(\""));
    let routes = lines.map(|line| {
        let (path, methods) = line.split_once('"').unwrap();
        (
            path.to_owned(),
            methods.contains("get("),
            methods.contains("post("),
        )
    });
    routes.collect()
}

/// What stands in the place of a path's parameter, of each of two communities.
struct Targets {
    people: [[RecordId; 2]; 2],
    households: [RecordId; 2],
    questions: [RecordId; 2],
    contacts: [RecordId; 2],
    commits: [i64; 2],
    numbers: [String; 2],
}

struct Street {
    pages: Router,
    ledger: Ledger,
    tables: Tables,
    targets: Targets,
    whole: Grant,
}

impl Street {
    async fn new() -> Street {
        let pack = testhouse::national();
        let ledger = Ledger::in_memory(pack.clone(), Algorithm::Sha256);
        let whole = Grant::whole("主任", unit(ROOT), "test");
        for code in [ROOT, UNITS[0], UNITS[1]] {
            ledger.open_book(unit(code), now(), &whole).await.unwrap();
        }
        let tables = Tables::new(ledger.clone(), pack.clone(), None);
        let mut targets = Targets {
            people: [[RecordId(0); 2]; 2],
            households: [RecordId(0); 2],
            questions: [RecordId(0); 2],
            contacts: [RecordId(0); 2],
            commits: [0; 2],
            numbers: [String::new(), String::new()],
        };
        for (nth, code) in UNITS.into_iter().enumerate() {
            let listed = testhouse::community(nth, PEOPLE);
            targets.numbers[nth] = listed.numbers[0].clone();
            targets.commits[nth] = take(&tables, &whole, code, listed.csv).await;
            let keys = listed.numbers[..2].to_vec();
            let found = ledger.find("person", unit(ROOT), &keys).await.unwrap();
            targets.people[nth] = [0, 1].map(|at: usize| found[at][0].record);
            let standing = tables.snapshot().await.unwrap();
            let contacts = standing.records("contact").into_iter();
            let own = |record: &RecordId| standing.kept_in("contact", *record) == Some(unit(code));
            targets.contacts[nth] = contacts.clone().find(own).unwrap();
            let key = [format!("{nth}0")];
            let found = ledger.find("household", unit(code), &key).await.unwrap();
            targets.households[nth] = found[0][0].record;
            let name = "review".to_owned();
            let grant = ledger.admit(whole.clone(), now(), Access::Command { name });
            let review = Review {
                tables: &tables,
                grant: grant.await.unwrap(),
                at: now(),
            };
            let [kept, double] = targets.people[nth];
            let proposed = review.propose(kept, double, ON).await.unwrap();
            targets.questions[nth] = proposed.opened[0];
        }
        intake::found(&tables, &whole, (unit(ROOT), ON), now())
            .await
            .unwrap();
        for role in &pack.roles {
            let appointment = Appointment {
                holder: holder(&role.id),
                role: role.id.clone(),
                unit: unit(UNITS[0]),
                from: ON,
                until: None,
                stands_in_for: None,
            };
            let made = intake::appoint(&tables, &whole, (unit(ROOT), &appointment), now());
            made.await.unwrap();
        }
        let day = (ON, Period::Year(2025));
        let office = web::Office::new(tables.clone(), unit(ROOT), day, "nobody", now).unwrap();
        Street {
            pages: web::router(office.writing()),
            ledger,
            tables,
            targets,
            whole,
        }
    }

    async fn answer(&self, request: Request<Body>) -> (StatusCode, String, String) {
        let response = self.pages.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let to = head.headers.get("location");
        let to = to.map_or("", |to| to.to_str().unwrap()).to_owned();
        let body = to_bytes(body, 16 << 20).await.unwrap();
        (head.status, to, String::from_utf8_lossy(&body).into_owned())
    }

    /// Who stands in the access log, newest first.
    async fn logged(&self) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            let page = self.ledger.access_log(100, all.len()).await.unwrap();
            if page.is_empty() {
                return all;
            }
            all.extend(page.into_iter().map(|line| line.who));
        }
    }

    async fn commits(&self) -> i64 {
        let all = self.ledger.commits(&self.whole, None, 1).await.unwrap();
        all.first().map_or(0, |commit| commit.number)
    }

    /// A path of a route, about something of a community.
    fn path(&self, route: &str, of: usize, dry: &str) -> String {
        let targets = &self.targets;
        let filled = match route {
            "/units/{code}" => UNITS[of].to_owned(),
            "/programmes/{id}" | "/programmes/{id}/list.xlsx" | "/programmes/{id}/list.csv" => {
                "childcare-subsidy".to_owned()
            }
            "/indicators/{id}"
            | "/indicators/{id}/rows.xlsx"
            | "/indicators/{id}/rows.csv"
            | "/api/indicators/{id}"
            | "/api/indicators/{id}/rows" => "population".to_owned(),
            "/dashboards/{id}" | "/api/dashboards/{id}" => "population".to_owned(),
            "/work-reports/{id}" => "street-yearly".to_owned(),
            "/people/{id}" | "/people/{id}/merge" => targets.people[of][0].to_string(),
            "/actions/{id}" | "/api/actions/{id}" => "telephone".to_owned(),
            "/amend/{place}" => format!("person.{}", targets.people[of][0]),
            "/households/{id}" => targets.households[of].to_string(),
            "/review/{record}" => targets.questions[of].to_string(),
            "/help/{chapter}" => "begin".to_owned(),
            "/help/pictures/{file}" => "begin.zh.webp".to_owned(),
            "/imports/{commit}" => targets.commits[of].to_string(),
            "/blanks/{id}" => "police-households".to_owned(),
            "/files/{place}" => format!("person.{}.id_number", targets.people[of][0]),
            _ if route.contains("/registers/{id}") => {
                let path = route.replace("{id}", "contact");
                let path = path.replace("{record}", &targets.contacts[of].to_string());
                // The second list is one of the other community.
                return match of == 1 && !route.contains("{record}") {
                    true => format!("{path}?unit={}", UNITS[of]),
                    false => path,
                };
            }
            _ if route.starts_with("/imports/dry/") => dry.to_owned(),
            _ if route.contains('{') => panic!("say what stands for the parameter of {route}"),
            _ => return with_unit(route, of),
        };
        let (start, rest) = route.split_once('{').unwrap();
        let path = format!("{start}{filled}{}", rest.split_once('}').unwrap().1);
        match route {
            "/actions/{id}" => format!("{path}?person={}", targets.people[of][0]),
            _ => with_unit(&path, of),
        }
    }

    /// What a form of a route says about something of a community.
    fn form(&self, route: &str, of: usize) -> String {
        let targets = &self.targets;
        match route {
            "/actions/{id}" => format!(
                "form={of}&r.person={}&i.phone=13800000001&step=write&looked=1",
                targets.people[of][0]
            ),
            "/api/actions/{id}" => format!(
                "{{\"rows\":[{{\"person\":{},\"phone\":\"13800000001\"}}],\"write\":true}}",
                targets.people[of][0]
            ),
            "/amend/{place}" => format!("form={of}&how=wrong&i.ethnicity=%E5%9B%9E&step=write"),
            "/find" => format!("q={}", targets.numbers[of]),
            "/find/below" => ["q=jialing", "q=yiling"][of].to_owned(),
            "/people/{id}/merge" => format!("other={}", targets.people[of][1]),
            "/review/{record}" => "answer=apart".to_owned(),
            "/review/value" => format!("value=contact.{}.phone&say=1.0", targets.people[of][0]),
            "/review/unread" => {
                format!("place=contact.{}.phone&answer=leave", targets.people[of][0])
            }
            "/desk" => "name=%E4%B8%BB%E4%BB%BB".to_owned(),
            _ => String::new(),
        }
    }
}

/// Lists and figures are asked for the unit.
fn with_unit(path: &str, of: usize) -> String {
    let asks = [
        "/programmes",
        "/indicators",
        "/review",
        "/waiting",
        "/completeness",
        "/api/completeness",
    ];
    match asks.iter().any(|asks| path.starts_with(asks)) {
        true => format!("{path}?unit={}", UNITS[of]),
        false => path.to_owned(),
    }
}

async fn take(tables: &Tables, grant: &Grant, code: &str, csv: String) -> i64 {
    let request = intake::Request {
        roster: "police-households".into(),
        unit: unit(code),
        files: vec![intake::RosterFile {
            path: "list.csv".into(),
            sent: Some(Arc::new(csv.into_bytes())),
        }],
        on: ON,
        recorded_at: now(),
        grant: grant.clone(),
        dry_run: false,
        absence: Absence::Guarded,
        told: BTreeMap::new(),
        lang: Lang::Zh,
    };
    let outcome = intake::import(tables, &request, &mut |_| ()).await.unwrap();
    outcome.files[0].receipt.as_ref().unwrap().commit
}

fn holder(role: &str) -> String {
    format!("post-{role}")
}

fn request(method: &str, desk: &str, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:8642")
        .header("origin", "http://localhost:8642")
        .header("cookie", format!("desk={desk}"))
}

/// A list sent for a community.
fn upload(desk: &str, of: usize) -> Request<Body> {
    let mut body = String::new();
    for (field, value) in [
        ("roster", "police-households"),
        ("unit", UNITS[of]),
        ("day", "2025-12-31"),
        ("absence", "kept"),
    ] {
        body +=
            &format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
    }
    let csv = testhouse::community(of, PEOPLE + 1).csv;
    body += &format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{csv}\r\n--b--\r\n"
    );
    request("POST", desk, "/imports/new")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap()
}

/// Whether a page shows something of the other community: a name, a telephone, an address, an ID number.
fn shows_other(body: &str, targets: &Targets) -> bool {
    ["乙零", "13810", "1路"]
        .iter()
        .any(|mark| body.contains(mark))
        || body.contains(&targets.numbers[1])
}

#[test]
fn every_route_as_every_role() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let street = Street::new().await;
        let roles: Vec<String> = (testhouse::national().roles.iter())
            .map(|role| role.id.clone())
            .collect();
        // A list that somebody of the first community tried is nobody else's.
        let tried = street.answer(upload(&holder("community"), 0)).await;
        let dry = tried.1.rsplit('/').next().unwrap().to_owned();
        assert!(dry.len() > 40, "{tried:?}");
        let mut picture = String::new();
        for (route, gets, posts) in routes() {
            for (method, there) in [("GET", gets), ("POST", posts)] {
                if !there {
                    continue;
                }
                picture += &format!("{method} {route}\n");
                for role in roles.iter().map(String::as_str).chain(["nobody"]) {
                    let desk = holder(role);
                    let mut told = Vec::new();
                    for of in [0, 1] {
                        let before = street.commits().await;
                        let logged = street.logged().await.len();
                        let path = street.path(&route, of, &dry);
                        let sent = match (method, route.as_str()) {
                            ("POST", "/imports/new") => upload(&desk, of),
                            ("POST", _) => request("POST", &desk, &path)
                                .header("content-type", "application/x-www-form-urlencoded")
                                .body(Body::from(street.form(&route, of)))
                                .unwrap(),
                            _ => request("GET", &desk, &path).body(Body::empty()).unwrap(),
                        };
                        let (status, to, body) = street.answer(sent).await;
                        let after = street.commits().await;
                        let done = after != before;
                        assert!(
                            !shows_other(&body, &street.targets),
                            "{method} {path} as {role}: shows the other community\n{body}"
                        );
                        assert!(
                            !(of == 1 && done),
                            "{method} {path} as {role} wrote elsewhere"
                        );
                        assert!(
                            !status.is_server_error(),
                            "{method} {path} as {role}: {body}"
                        );
                        let mut lines = street.logged().await;
                        lines.truncate(lines.len() - logged);
                        let who = match route.as_str() {
                            "/desk" if method == "POST" => "主任",
                            _ => desk.as_str(),
                        };
                        // What is worked out for everybody is the program's own reading.
                        let own = |line: &String| line == who || line == "taizhang";
                        assert!(
                            lines.iter().all(own),
                            "{method} {path} as {role}: {lines:?}"
                        );
                        let read = status.is_success() && !FILES.contains(&route.as_str());
                        assert!(
                            !read || role == "nobody" || lines.iter().any(|line| line == who),
                            "{method} {path} as {role} isn't in the log"
                        );
                        let word = match (done, status.as_u16(), to.is_empty()) {
                            (true, ..) => "done".to_owned(),
                            (_, code, true) => code.to_string(),
                            (_, code, _) => {
                                format!("{code}→{}", to.split(['?', '/']).nth(1).unwrap())
                            }
                        };
                        told.push(word);
                        for commit in (before + 1..=after).rev() {
                            let undone = street.ledger.undo(commit, now(), &street.whole).await;
                            undone.unwrap();
                        }
                    }
                    picture += &format!("    {role:<10} in {:<14} out {}\n", told[0], told[1]);
                }
            }
        }
        insta::assert_snapshot!("matrix", picture);
        let _kept = &street.tables;
    });
}
