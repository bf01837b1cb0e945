//! The frame around every page: head, navigation, where the reader is, the language, the foot. And how a page, or the trouble
//! that came in its place, becomes an answer.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Lang, Sensitivity};
use maud::{DOCTYPE, Markup, html};
use office::LONGEST_ASKED;

use crate::api;
use crate::desk;
use crate::handbook::{ADDRESS as HANDBOOK, Chapter};
use crate::pages::completeness;
use crate::plain;
use crate::reader::{Reader, Refused};
use crate::trouble::Trouble;
use crate::words;

/// The one stylesheet.
pub(crate) const STYLE: &str = include_str!("../assets/style.css");
/// Keys that press the buttons of a page.
pub(crate) const KEYS: &str = include_str!("../assets/keys.js");
/// The list below the search box while somebody types.
pub(crate) const FIND: &str = include_str!("../assets/find.js");
/// What every page can do besides.
pub(crate) const PAGE: &str = include_str!("../assets/page.js");
/// What keeps a form's fields until they are sent.
pub(crate) const DRAFTS: &str = include_str!("../assets/drafts.js");
/// The mark in the browser's tab.
pub(crate) const MARK: &str = include_str!("../assets/mark.svg");

/// The parts of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Overview,
    Units,
    Review,
    Actions,
    Imports,
    Completeness,
    Programmes,
    People,
    Registers,
    Indicators,
    Log,
    Nowhere,
}

impl Place {
    /// The chapter of the handbook about most of its pages.
    const fn chapter(self) -> Option<Chapter> {
        match self {
            Self::Overview => Some(Chapter::FirstPage),
            Self::Units | Self::Indicators => Some(Chapter::Figures),
            Self::Review => Some(Chapter::Review),
            Self::Actions => Some(Chapter::Doing),
            Self::Imports => Some(Chapter::Importing),
            Self::Completeness => Some(Chapter::Completeness),
            Self::Programmes => Some(Chapter::Lists),
            Self::People => Some(Chapter::Searching),
            Self::Registers => Some(Chapter::Registers),
            Self::Log => Some(Chapter::Posts),
            Self::Nowhere => None,
        }
    }
}

/// A page before its frame.
pub(crate) struct Page {
    /// Its heading.
    pub title: String,
    /// A line over the heading: what kind of thing this is about.
    pub kicker: Option<String>,
    /// Where it belongs.
    pub place: Place,
    /// The chapter of the handbook that explains it; without one, what there is to read.
    pub chapter: Option<Chapter>,
    /// The way from the first page: address and words.
    pub way: Vec<(String, String)>,
    /// Whether it shows a date that can be changed.
    pub dated: bool,
    /// What it shows.
    pub body: Markup,
    /// Whether its buttons have keys.
    pub keyed: bool,
    /// Whether what is filled in is kept in the browser's tab until it is sent.
    pub drafts: bool,
    /// Whether it has a search box of its own, so that its head has none.
    pub searches: bool,
    /// Where the reader is sent instead.
    pub elsewhere: Option<String>,
}

impl Page {
    /// A page with a heading.
    pub fn new(place: Place, title: impl Into<String>, body: Markup) -> Self {
        Self {
            title: title.into(),
            kicker: None,
            place,
            chapter: place.chapter(),
            way: Vec::new(),
            dated: false,
            keyed: false,
            drafts: false,
            searches: false,
            body,
            elsewhere: None,
        }
    }

    /// Sends the reader to another page.
    pub fn elsewhere(address: String) -> Self {
        Self {
            elsewhere: Some(address),
            ..Self::new(Place::Nowhere, "", html! {})
        }
    }

    /// With a line over the heading.
    pub fn kicker(mut self, kicker: impl Into<String>) -> Self {
        self.kicker = Some(kicker.into());
        self
    }

    /// Explained by another chapter than most pages of its place.
    pub fn chapter(mut self, chapter: Chapter) -> Self {
        self.chapter = Some(chapter);
        self
    }

    /// With the way from the first page.
    pub fn way(mut self, way: impl IntoIterator<Item = (String, String)>) -> Self {
        self.way = way.into_iter().collect();
        self
    }

    /// With a date that can be changed.
    pub fn dated(mut self) -> Self {
        self.dated = true;
        self
    }

    /// With a search box of its own.
    pub fn searches(mut self) -> Self {
        self.searches = true;
        self
    }

    /// With what is filled in kept in the browser's tab until it is sent.
    pub fn drafts(mut self) -> Self {
        self.drafts = true;
        self
    }

    /// With keys for its buttons.
    pub fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        if api::is_asked(&self.reader) {
            return api::respond(&self.reader, Err(self.trouble));
        }
        respond(&self.reader, Err(self.trouble))
    }
}

/// The answer: the page in its frame, or what went wrong and what to do.
pub(crate) fn respond(reader: &Reader, page: Result<Page, Trouble>) -> Response {
    let (status, page) = match page {
        Ok(page) => (StatusCode::OK, page),
        Err(trouble) => {
            if trouble.status().is_server_error() {
                tracing::error!(path = reader.path, "{trouble}");
            }
            (trouble.status(), troubled(reader, &trouble))
        }
    };
    let mut response = match &page.elsewhere {
        Some(address) => axum::response::Redirect::to(address).into_response(),
        None => (status, framed(reader, &page)).into_response(),
    };
    if reader.chosen {
        let cookie = format!(
            "lang={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
            reader.lang
        );
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

fn troubled(reader: &Reader, trouble: &Trouble) -> Page {
    let (heading, what, remedy) = trouble.told(reader.lang);
    let body = html! {
        p.lead { (what) }
        p { (remedy) }
        @if let Some((address, name)) = trouble.back() {
            p { a.alone href=(address) { (reader.say(name)) } }
        } @else {
            p { a.alone href="/" { (reader.say(TO_FIRST_PAGE)) } }
        }
    };
    Page::new(Place::Nowhere, heading, body)
}

fn framed(reader: &Reader, page: &Page) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(reader.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light";
                title { (page.title) " · " (reader.say(PRODUCT)) }
                link rel="stylesheet" href=(format!("/style.css?{}", env!("CARGO_PKG_VERSION")));
                link rel="icon" href="/mark.svg" type="image/svg+xml";
                @if reader.opens().people { script type="module" src=(format!("/find.js?{}", env!("CARGO_PKG_VERSION"))) {} }
                script type="module" src=(format!("/page.js?{}", env!("CARGO_PKG_VERSION"))) {}
                @if page.drafts { script type="module" src=(format!("/drafts.js?{}", env!("CARGO_PKG_VERSION"))) {} }
                @if page.keyed { script src=(format!("/keys.js?{}", env!("CARGO_PKG_VERSION"))) defer {} }
            }
            body {
                a.skip href="#main" { (reader.say(SKIP)) }
                (head(reader, page))
                main #main {
                    (way(reader, page))
                    div.title {
                        div {
                            @if let Some(kicker) = &page.kicker { p.kicker { (kicker) } }
                            h1 { (page.title) }
                        }
                        @if page.dated { (date_form(reader)) }
                    }
                    (done(reader, page))
                    (page.body)
                }
                (foot(reader))
            }
        }
    }
}

fn head(reader: &Reader, page: &Page) -> Markup {
    let places = [
        (Place::Overview, "/", OVERVIEW),
        (Place::Programmes, "/programmes", words::PROGRAMMES),
        (Place::People, "/people", words::PEOPLE),
        (Place::Registers, "/registers", words::REGISTERS),
        (Place::Indicators, "/indicators", words::INDICATORS),
        (Place::Units, "/units", words::UNITS),
        (Place::Review, "/review", words::REVIEW),
        (Place::Actions, "/actions", words::ACTIONS),
        (Place::Imports, "/imports", words::IMPORTS),
        (
            Place::Completeness,
            completeness::ADDRESS,
            completeness::COMPLETENESS,
        ),
        (Place::Log, "/log", LOG),
    ];
    let opens = reader.opens();
    let open = |place: Place| match place {
        Place::People => opens.people,
        Place::Registers | Place::Completeness => opens.registers,
        Place::Review => opens.questions,
        Place::Actions => opens.writes,
        Place::Imports => opens.journal,
        Place::Log => opens.log,
        Place::Overview => true,
        _ => opens.figures,
    };
    let (other, name) = match reader.lang {
        Lang::Zh => (Lang::En, "English"),
        Lang::En => (Lang::Zh, "中文"),
    };
    let help = page.chapter.map_or(HANDBOOK.to_owned(), Chapter::address);
    let count = |place: Place| match place {
        Place::Review => reader.waits.0,
        Place::Programmes => reader.waits.1,
        _ => None,
    };
    html! {
        header.top {
            a.product href="/" { (reader.say(PRODUCT)) }
            nav aria-label=(reader.say(NAVIGATION)) {
                ul {
                    @for (place, path, name) in places.into_iter().filter(|(place, ..)| open(*place)) {
                        li {
                            a href=(reader.link(path, &[])) aria-current=[(place == page.place).then_some("page")] {
                                (reader.say(name))
                                @if let Some(count) = count(place).filter(|count| *count > 0) {
                                    " " span.waits title=(reader.say(if place == Place::Review { WAITS_REVIEW } else { WAITS_FACTS })) { (plain::count(count)) }
                                }
                            }
                        }
                    }
                }
            }
            @if opens.people && !page.searches { (search_box(reader, "find", "")) }
            @if let Some(desk) = reader.desk.as_ref().filter(|_| reader.office.writes) {
                a.help.at-desk href=(desk::address(reader)) title=(reader.say(AT_DESK)) { (desk) }
            }
            a.help href=(reader.link(&help, &[])) { (reader.say(HELP)) }
            a.language href=(reader.here_with("lang", other.as_str())) lang=(other.tag()) hreflang=(other.tag()) { (name) }
        }
    }
}

/// That something was just done, and where it can be looked at and taken back.
fn done(reader: &Reader, page: &Page) -> Markup {
    let commit = reader.ask("done").and_then(|done| done.parse::<u32>().ok());
    let pages = [
        "/people/",
        "/households/",
        "/registers/",
        "/programmes/",
        "/waiting",
    ];
    let rows = reader.ask("rows").and_then(|rows| rows.parse().ok());
    let own = pages.iter().any(|page| reader.path.starts_with(page));
    html! {
        @if let Some(commit) = commit.filter(|_| own) {
            p.receipt role="status" {
                @match (rows, &reader.done) {
                    (Some(rows), _) => (words::carried_out(rows, reader.lang)),
                    (None, Some(what)) => (words::done_of(what, &page.title, reader.lang)),
                    (None, None) => (reader.say(DONE)),
                } " "
                a href=(reader.link(&format!("/imports/{commit}"), &[])) { (reader.say(DONE_SEE)) }
            }
        }
    }
}

/// What somebody may be found by, as far as the reader is shown it in clear.
pub(crate) fn find_hint(reader: &Reader) -> String {
    let clear = reader.view().map(|view| view.grant().clear());
    let clear = clear.unwrap_or_default();
    let shows = |kind| clear.contains(&kind);
    words::find_hint(
        shows(Sensitivity::Phone),
        shows(Sensitivity::Address),
        reader.lang,
    )
}

/// The box in which anything is found; while somebody types, a script shows the nearest below it.
pub(crate) fn search_box(reader: &Reader, class: &str, typed: &str) -> Markup {
    html! {
        form class=(class) action=(reader.link("/find", &[])) method="post" role="search" data-find=(reader.link("/find/below", &[])) {
            input name="q" type="search" maxlength=(LONGEST_ASKED) autocomplete="off" spellcheck="false" aria-label=(reader.say(words::FIND)) placeholder=(find_hint(reader)) value=(typed);
            button type="submit" { (reader.say(words::FIND)) }
            div.found #found hidden {}
            p.unseen role="status" {}
        }
    }
}

fn way(reader: &Reader, page: &Page) -> Markup {
    html! {
        @if !page.way.is_empty() {
            nav.way aria-label=(reader.say(WAY)) {
                ol {
                    @for (address, words) in &page.way {
                        li { a href=(address) { (words) } }
                    }
                }
            }
        }
    }
}

/// The date shown, and the form that changes it.
fn date_form(reader: &Reader) -> Markup {
    let kept = reader
        .asked
        .iter()
        .filter(|(name, value)| !["on", "page", "lang"].contains(&&**name) && !value.is_empty());
    html! {
        form.date method="get" action=(reader.path) {
            @for (name, value) in kept { input type="hidden" name=(name) value=(value); }
            label for="on" { (reader.say(AS_OF)) }
            input #on name="on" type="date" min="1990-01-01" max="2100-12-31" value=(reader.on);
            button type="submit" { (reader.say(words::SHOW)) }
        }
    }
}

fn foot(reader: &Reader) -> Markup {
    let pack = &reader.office.pack;
    html! {
        footer {
            p {
                @if reader.office.writes { (reader.say(FOOT_WRITES)) } @else { (reader.say(FOOT)) }
            }
            p { (pack.name.get(reader.lang)) " " (pack.version) }
        }
    }
}

words! {
    PRODUCT: "台账", "Taizhang";
    DONE: "已登记。", "Done.";
    DONE_SEE: "查看或撤回", "See it, or take it back";
    WAITS_REVIEW: "等着核定的事项", "questions that wait";
    WAITS_FACTS: "等着核实的人", "people of whom a fact is missing";
    LOG: "访问日志", "Log";
    AT_DESK: "办理人；点此换人", "At the desk; somebody else";
    HELP: "帮助", "Help";
    SKIP: "跳到正文", "Skip to content";
    NAVIGATION: "导航", "Navigation";
    WAY: "所在位置", "Where you are";
    OVERVIEW: "总览", "Overview";
    AS_OF: "核对日期", "On";
    FOOT: "本页只供查阅。每个数字都可以点开，看到它数的是谁；每次查阅个人信息都记入访问日志。", "Read-only. Every figure opens to the rows it counts; every reading of personal data is kept in the access log.";
    FOOT_WRITES: "每个数字都可以点开，看到它数的是谁；每次查阅个人信息都记入访问日志，每次办理都记下是谁、何时，可以撤回。", "Every figure opens to the rows it counts; every reading of personal data is kept in the access log, and everything done is kept with who did it and when, and can be taken back.";
    TO_FIRST_PAGE: "回到首页", "To the first page";
}
