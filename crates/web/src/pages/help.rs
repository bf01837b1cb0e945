//! The handbook's pages: what there is to read, and one chapter. They are for everybody who reaches the pages, with a post or without.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::handbook::{self, ADDRESS, Chapter};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

/// All chapters, each with what it is about.
pub(crate) fn contents(reader: &Reader) -> Page {
    let body = html! {
        p.lead { (reader.say(CONTENTS_NOTE)) }
        dl.actions {
            @for chapter in Chapter::ALL {
                @let written = chapter.written(reader.lang);
                dt { a href=(reader.link(&chapter.address(), &[])) { (written.title) } }
                dd { (written.lead) }
            }
        }
    };
    Page::new(Place::Nowhere, reader.say(HANDBOOK), body)
}

/// One chapter.
pub(crate) fn chapter(reader: &Reader, id: &str) -> Result<Page, Trouble> {
    let chapter = Chapter::named(id).ok_or(Trouble::Absent)?;
    let written = chapter.written(reader.lang);
    let (before, after) = chapter.beside();
    let to = |chapter: Chapter| {
        (
            reader.link(&chapter.address(), &[]),
            &chapter.written(reader.lang).title,
        )
    };
    let body = html! {
        article.handbook { (written.body) }
        nav.pager aria-label=(reader.say(words::PAGES)) {
            @if let Some((address, title)) = before.map(to) { a href=(address) rel="prev" { "← " (title) } }
            @if let Some((address, title)) = after.map(to) { a href=(address) rel="next" { (title) " →" } }
        }
    };
    let up = (reader.link(ADDRESS, &[]), reader.say(HANDBOOK).to_owned());
    Ok(Page::new(Place::Nowhere, written.title.clone(), body).way([up]))
}

/// A picture of a chapter; it shows nobody who exists.
pub(crate) fn picture(name: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/webp"),
        (header::CACHE_CONTROL, "max-age=600"),
    ];
    match handbook::picture(name) {
        Some(bytes) => (headers, bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

words! {
    HANDBOOK: "使用手册", "Handbook";
    CONTENTS_NOTE: "每一章讲一件事。在任何一页点右上角的“帮助”，就到讲那一页的一章。", "Each chapter is about one thing. “Help”, at the top of every page, leads to the chapter about that page.";
}
