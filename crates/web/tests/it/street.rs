//! A small generated street, imported once, and its pages.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kernel::{EntryKind, Grant, IdNumber, Lang, Period, RecordId, Sensitivity, UnitCode};
use ledger::{Algorithm, Asking, Commit, Draft, Ledger, Say, SayDraft, Source, Target, Voice};
use pack::{Pack, Record, Said, Value};
use tables::Tables;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use town::{Format, Wish, generate};

pub const ON: Date = date(2025, 12, 31);
/// A unit of another street, which the reader may not see.
pub const OUTSIDE: &str = "110101001001";
pub const PHONE: &str = "18012345678";

pub static STREET: LazyLock<Street> = LazyLock::new(Street::new);

pub struct Street {
    runtime: Runtime,
    pages: Router,
    /// The same with ID numbers in clear.
    revealing: Router,
    ledger: Ledger,
    pack: Arc<Pack>,
    _folder: tempfile::TempDir,
    pub root: UnitCode,
    pub community: UnitCode,
    pub communities: Vec<UnitCode>,
    /// Somebody of the street.
    pub person: RecordId,
    /// Somebody whose name is a script, and whose telephone number is [`PHONE`].
    pub odd_person: RecordId,
    /// The number of the same.
    pub id_number: String,
    /// Somebody of another street.
    pub outside_person: RecordId,
}

/// An answer.
pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answered {
    pub fn header(&self, name: &str) -> String {
        let header = self.headers.get(name);
        header.map_or_else(String::new, |header| header.to_str().unwrap().to_owned())
    }
}

fn now() -> Timestamp {
    "2026-01-06T01:00:00Z".parse().unwrap()
}

impl Street {
    pub fn new() -> Self {
        Self::over(testhouse::national())
    }

    pub fn over(pack: Arc<Pack>) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (ledger, units) = runtime.block_on(import(folder.path(), &pack));
        let root = units[0];
        let communities: Vec<UnitCode> = units[1..].to_vec();
        let tables = Tables::new(ledger.clone(), pack.clone(), None);
        let site = web::Office::new(tables, root, (ON, Period::Year(2025)), "reader", now).unwrap();
        let number = |order| {
            IdNumber::compose("210203", date(1980, 5, 6), order)
                .unwrap()
                .as_str()
                .to_owned()
        };
        let mut street = Self {
            runtime,
            revealing: web::router(site.clone().revealing(&[Sensitivity::Id], "test")),
            pages: web::router(site),
            ledger,
            pack,
            _folder: folder,
            root,
            community: communities[0],
            communities,
            person: RecordId(0),
            odd_person: RecordId(0),
            id_number: number(997),
            outside_person: RecordId(0),
        };
        street.odd_person =
            street.open_person(street.community, &number(997), "<script>alert(1)</script>");
        street.outside_person = street.open_person(OUTSIDE.parse().unwrap(), &number(995), "外人");
        let first = street.find("/indicators/women_15_49", "/people/");
        street.person = first.rsplit('/').next().unwrap().parse().unwrap();
        street
    }

    /// Somebody more in the first community.
    pub fn add_person(&self) {
        let number = IdNumber::compose("210203", date(1981, 5, 6), 991).unwrap();
        self.open_person(self.community, number.as_str(), "新来");
    }

    fn open_person(&self, book: UnitCode, number: &str, name: &str) -> RecordId {
        self.runtime.block_on(async {
            let grant = Grant::whole("clerk", book, "test");
            self.ledger.open_book(book, now(), &grant).await.unwrap();
            let text = |text: &str| Some(Value::Text(text.to_owned()));
            let born = Some(Value::Date(date(1980, 5, 6)));
            let yes = Some(Value::Bool(true));
            let contract = self.pack.contract().unwrap();
            let entries = [
                (
                    contract.people.register.id.as_str(),
                    vec![
                        ("id_number", text(number)),
                        ("name", text(name)),
                        ("sex", text("1")),
                        ("birth_date", born),
                    ],
                ),
                (
                    &contract.homes.register.id,
                    vec![
                        ("unit", text(&book.to_string())),
                        ("registered", yes.clone()),
                        ("living", yes),
                    ],
                ),
                ("contact", vec![("phone", text(PHONE))]),
            ];
            let drafts = (0..).zip(entries).map(|(nth, (register, values))| {
                let declared = self.pack.register(register).unwrap();
                let mut said = Said::of(self.record(register, values));
                let mut refs = Vec::new();
                if let Some((at, _)) = declared.field("person") {
                    said.set(at, None);
                    refs.push((u16::try_from(at).unwrap(), 0));
                }
                Draft {
                    book,
                    register: register.into(),
                    record: Target::New(nth),
                    kind: EntryKind::Open,
                    say: 0,
                    from: Some(date(2025, 1, 1)),
                    until: None,
                    said,
                    refs,
                    into: None,
                    row: 0,
                    seen: None,
                }
            });
            let desk = Say {
                voice: Voice {
                    sender: "office".into(),
                    unit: book,
                    roster: String::new(),
                },
                as_of: date(2025, 1, 1),
                list: None,
            };
            let commit = Commit {
                asked: Asking::to("test").with(book.to_string()).with(name).done(),
                source: Source::Form {
                    action: "test".into(),
                },
                recorded_at: now(),
                grant,
                base: None,
                says: vec![SayDraft::New(desk)],
                rolls: Vec::new(),
                entries: drafts,
            };
            self.ledger.commit(commit).await.unwrap().opened[0]
        })
    }

    fn record(&self, register: &str, values: Vec<(&str, Option<Value>)>) -> Record {
        let register = self.pack.register(register).unwrap();
        let mut record = vec![None; register.fields.len()];
        for (field, value) in values {
            record[register.field(field).unwrap().0] = value;
        }
        record
    }

    /// Waits until what the first page has counted in the background is there.
    pub fn settle(&self) {
        for _ in 0..1_200 {
            if !self.get("/").body.contains("正在计算") {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("what is owed is counted within two minutes");
    }

    pub fn get(&self, path: &str) -> Answered {
        self.get_from(Some("localhost:8642"), path)
    }

    /// What sending a form gives.
    pub fn post(&self, path: &str, form: &str) -> Answered {
        let request = Request::post(path)
            .header("host", "localhost:8642")
            .header("origin", "http://localhost:8642")
            .header("content-type", "application/x-www-form-urlencoded");
        self.answer(request.body(Body::from(form.to_owned())).unwrap())
    }

    pub fn get_from(&self, host: Option<&str>, path: &str) -> Answered {
        let mut request = Request::get(path);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        self.answer(request.body(Body::empty()).unwrap())
    }

    /// The bytes of a file, whatever they are.
    pub fn fetch(&self, path: &str) -> Vec<u8> {
        let request = Request::get(path).header("host", "localhost:8642");
        let request = request.body(Body::empty()).unwrap();
        self.runtime.block_on(async {
            let response = self.pages.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let body = to_bytes(response.into_body(), 16 << 20).await.unwrap();
            body.to_vec()
        })
    }

    /// A page for somebody who sees ID numbers in clear.
    pub fn revealed(&self, path: &str) -> Answered {
        let request = Request::get(path).header("host", "localhost:8642");
        Self::answer_by(
            &self.runtime,
            &self.revealing,
            request.body(Body::empty()).unwrap(),
        )
    }

    fn answer(&self, request: Request<Body>) -> Answered {
        Self::answer_by(&self.runtime, &self.pages, request)
    }

    fn answer_by(runtime: &Runtime, pages: &Router, request: Request<Body>) -> Answered {
        runtime.block_on(async {
            let response = pages.clone().oneshot(request).await.unwrap();
            let (head, body) = response.into_parts();
            let body = to_bytes(body, 16 << 20).await.unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            Answered {
                status: head.status,
                headers: head.headers,
                body,
            }
        })
    }

    /// The first address on a page that begins so.
    pub fn find(&self, page: &str, start: &str) -> String {
        let body = self.get(page).body;
        let links = body
            .split("href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap());
        let mut links = links.filter(|link| link.starts_with(start));
        links
            .next()
            .unwrap_or_else(|| panic!("{page} has no link to {start}"))
            .to_owned()
    }

    pub fn programmes(&self) -> Vec<String> {
        self.pack
            .programmes
            .iter()
            .map(|programme| programme.id.clone())
            .collect()
    }

    /// How many people a subject of a programme consists of.
    pub fn people_of(&self, programme: &str) -> usize {
        let programme = self.pack.programme(programme).unwrap();
        self.pack.subject(&programme.subject).unwrap().members.len()
    }

    pub fn indicators(&self) -> Vec<String> {
        self.pack
            .indicators
            .iter()
            .map(|indicator| indicator.id.clone())
            .collect()
    }
}

/// Imports every file of a town; the units of the town, the street first.
async fn import(folder: &Path, pack: &Arc<Pack>) -> (Ledger, Vec<UnitCode>) {
    let files = folder.join("files");
    let wish = Wish {
        people: 2_000,
        seed: 7,
        on: ON,
        format: Format::Csv,
        setting: town::Setting::default(),
    };
    let written = generate(&wish).write(&files, &mut |_, _, _| ()).unwrap();
    let ledger = Ledger::create(folder, pack.clone(), Algorithm::Sha256)
        .await
        .unwrap();
    let tables = Tables::new(ledger.clone(), pack.clone(), None);
    let root: UnitCode = written.files[0].unit.parse().unwrap();
    let grant = Grant::whole("clerk", root, "import");
    let mut units = vec![root];
    for note in &written.files {
        let unit: UnitCode = note.unit.parse().unwrap();
        if !units.contains(&unit) {
            units.push(unit);
        }
        let request = intake::Request {
            roster: note.roster.to_owned(),
            unit,
            files: vec![files.join(&note.path).into()],
            on: ON,
            recorded_at: "2026-01-05T01:00:00Z".parse().unwrap(),
            grant: grant.clone(),
            dry_run: false,
            absence: intake::Absence::default(),
            told: std::collections::BTreeMap::new(),
            lang: Lang::Zh,
        };
        let imported = intake::import(&tables, &request, &mut |_| ()).await;
        imported.unwrap_or_else(|error| panic!("{}: {error}", note.path));
    }
    (ledger, units)
}
