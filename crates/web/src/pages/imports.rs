//! The journal: every commit, who made it, from what, and whether it was taken back; and one commit, with what taking it back
//! would undo.

use kernel::UnitCode;
use maud::{Markup, html};
use office::{CommitInfo, Counted, Source, UnitNames};

use crate::desk;
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// The journal.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let before = match reader.ask("before") {
        None => None,
        Some(before) => Some(before.parse().map_err(|_| Trouble::Absent)?),
    };
    let mut commits = reader.view()?.commits(before, ROWS + 1).await?;
    let more = commits.len() > ROWS;
    commits.truncate(ROWS);
    let body = html! {
        p.note { (reader.say(words::JOURNAL_NOTE)) }
        @if reader.office.writes { p { a.begin href="/imports/new" { (reader.say(words::IMPORT_A_LIST)) } } }
        @if commits.is_empty() { p.empty { (reader.say(words::NO_COMMITS)) } }
        @else { (parts::scrolling(reader.say(words::IMPORTS), &table(reader, &commits).await?)) }
        @if before.is_some() || more {
            nav.pager aria-label=(reader.say(words::PAGES)) {
                @if before.is_some() { a href="/imports" { (reader.say(words::NEWEST)) } }
                @if let Some(last) = commits.last().filter(|_| more) {
                    a href=(reader.link("/imports", &[("before", &last.number.to_string())])) rel="next" { (reader.say(words::EARLIER)) }
                }
            }
        }
    };
    Ok(Page::new(Place::Imports, reader.say(words::IMPORTS), body))
}

async fn table(reader: &Reader, commits: &[CommitInfo]) -> Result<Markup, Trouble> {
    let units = reader.view()?.units(reader.on).await?;
    Ok(html! {
        table.rows.journal {
            thead {
                tr {
                    (parts::heading(reader, words::COMMIT, true))
                    @for heading in [words::WHEN, words::WHO, words::SOURCE, words::UNIT] { (parts::heading(reader, heading, false)) }
                    (parts::heading(reader, words::ENTRIES, true))
                    (parts::heading(reader, words::TAKEN_BACK, false))
                }
            }
            tbody {
                @for commit in commits {
                    @let address = format!("/imports/{}", commit.number);
                    tr class=[commit.undone_by.map(|_| "past")] {
                        td.n { a href=(address) { (commit.number) } }
                        td.d { (shown::moment(commit.recorded_at)) }
                        td { (commit.actor) }
                        td { (shown::source(reader, Some(&units), &commit.source)) }
                        td { (books(reader, &units, &commit.units)) }
                        td.n { (plain::count(commit.entries)) }
                        td {
                            @if let Some(by) = commit.undone_by { (words::undone_by(by, reader.lang)) }
                            @else if reader.office.writes && !stays(commit) { a href=(address) { (reader.say(words::TAKE_BACK)) } }
                        }
                    }
                }
            }
        }
    })
}

fn books(reader: &Reader, units: &UnitNames, books: &[UnitCode]) -> Markup {
    html! {
        @for (nth, unit) in books.iter().take(2).enumerate() {
            @if nth > 0 { (reader.say(words::COMMA)) }
            (units.name(&unit.to_string()))
        }
        @if books.len() > 2 { (words::and_more(books.len() - 2, reader.lang)) }
    }
}

/// Whether a commit can't be taken back: it took one back itself, or opened a book.
fn stays(commit: &CommitInfo) -> bool {
    commit.undoes.is_some()
        || matches!(
            commit.source,
            Source::Opening { .. } | Source::Founding { .. }
        )
}

/// One commit within the reader's grant.
async fn commit(reader: &Reader, number: &str) -> Result<CommitInfo, Trouble> {
    let number: i64 = number.parse().map_err(|_| Trouble::Absent)?;
    Ok(reader.view()?.commit(number).await?)
}

/// The page of one commit: what it did, and the button that takes it back.
pub(crate) async fn one(reader: &Reader, number: &str) -> Result<Page, Trouble> {
    let commit = commit(reader, number).await?;
    let units = reader.view()?.units(reader.on).await?;
    let counted = reader.view()?.counted(&commit).await?;
    let facts = [
        (
            words::SOURCE,
            html! { (shown::source(reader, Some(&units), &commit.source)) },
        ),
        (words::WHO, html! { (commit.actor) }),
        (words::WHEN, html! { (shown::moment(commit.recorded_at)) }),
        (words::UNIT, books(reader, &units, &commit.units)),
        (words::ENTRIES, html! { (plain::count(commit.entries)) }),
    ];
    let body = html! {
        dl.facts { @for (name, value) in facts { div { dt { (reader.say(name)) } dd { (value) } } } }
        @match counted {
            // A taking back says nothing of any register.
            Some(counted) if counted.is_empty() => {},
            Some(counted) => {
                h2 { (reader.say(words::WHAT_IT_DID)) }
                (by_register(reader, &counted))
            },
            None => {
                h2 { (reader.say(words::WHAT_IT_DID)) }
                p.empty { (reader.say(words::TOO_MANY_TO_COUNT)) }
            },
        }
        (way_back(reader, &commit))
        @if reader.office.writes { (desk::line(reader)) }
    };
    let up = (
        reader.link("/imports", &[]),
        reader.say(words::IMPORTS).to_owned(),
    );
    Ok(Page::new(
        Place::Imports,
        words::commit(commit.number, reader.lang),
        body,
    )
    .way([up]))
}

fn way_back(reader: &Reader, commit: &CommitInfo) -> Markup {
    html! {
        @if let Some(by) = commit.undone_by {
            p.flagged { a href=(format!("/imports/{by}")) { (words::undone_by(by, reader.lang)) } }
        } @else if stays(commit) {
            p.note {
                @if commit.undoes.is_some() { (reader.say(words::CANNOT_TAKE_BACK)) }
                @else { (reader.say(words::BOOK_STAYS_OPEN)) }
            }
        } @else if reader.office.writes {
            h2 { (reader.say(words::TAKE_BACK_WHOLE)) }
            p { (reader.say(words::TAKE_BACK_NOTE)) }
            @if reader.desk.is_some() {
                form method="post" action=(format!("/imports/{}", commit.number)) {
                    button.danger type="submit" { (reader.say(words::TAKE_BACK_WHOLE)) }
                }
            }
        }
    }
}

fn by_register(reader: &Reader, counted: &Counted) -> Markup {
    let headings = [
        words::OPENED,
        words::CHANGED,
        words::CLOSED,
        words::MOVED_OR_MERGED,
    ];
    let name = |id: &str| {
        let register = reader.office.pack.register(id);
        register.map_or(id.to_owned(), |register| {
            register.name.get(reader.lang).to_owned()
        })
    };
    html! {
        table.figures {
            thead {
                tr {
                    th scope="col" { (reader.say(words::REGISTER)) }
                    @for heading in headings { (parts::heading(reader, heading, true)) }
                }
            }
            tbody {
                @for (register, counts) in counted {
                    tr {
                        th scope="row" { (name(register)) }
                        @for count in counts { td.n { @if *count == 0 { span.none { "0" } } @else { (plain::count(*count)) } } }
                    }
                }
            }
        }
    }
}

/// Takes a commit back; then the question it had answered, or the journal.
pub(crate) async fn undo(
    reader: &Reader,
    number: &str,
    fields: desk::Fields,
) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let fields = desk::read(fields)?;
    let commit = commit(reader, number).await?;
    view.undo(commit.number).await?;
    let back = desk::field(&fields, "back").and_then(|back| super::record(back).ok());
    Ok(Page::elsewhere(match back {
        Some(question) => super::review::address(question),
        None => "/imports".to_owned(),
    }))
}
