//! What lists and people wrote and nobody could read, under the questions that wait: who wrote what, and a field for what it should be.

use maud::{Markup, html};
use office::{First, ReadAs, UnitNames, Unreadable, ValuePlace};

use super::refs::{self, Titles};
use crate::desk;
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shell::Page;
use crate::trouble::Trouble;
use crate::words;

/// The first of what waits of the unit that was chosen, or of all units.
pub(crate) async fn waiting(reader: &Reader) -> Result<First<Unreadable>, Trouble> {
    Ok(reader.view()?.unread(reader.unit()?, ROWS).await?)
}

/// What waits, the first page of it: as answers come the others move up.
pub(crate) async fn section(
    reader: &Reader,
    First { all, shown }: &First<Unreadable>,
) -> Result<Markup, Trouble> {
    if shown.is_empty() {
        return Ok(html! {});
    }
    let units = reader.view()?.units(reader.on).await?;
    let places = shown.iter().filter(|one| one.person.is_none());
    let places = places.map(|one| (one.place.register.as_str(), one.place.record));
    let titles = reader.view()?.titles_of(reader.on, places).await?;
    Ok(html! {
        h2 #unread { (reader.say(words::UNREAD)) " " span.faint { (plain::count(*all)) } }
        p.note {
            (reader.say(UNREAD_NOTE))
            @if shown.iter().any(|one| one.text.is_none()) { " " (reader.say(HIDDEN)) }
        }
        table.people aria-label=(reader.say(words::UNREAD)) {
            thead {
                tr { @for heading in [words::WHOM_OR_WHAT, words::FIELD, WRITTEN, STANDS, SHOULD_BE] { (parts::heading(reader, heading, false)) } }
            }
            tbody { @for one in shown { (row(reader, (&units, &titles), one)) } }
        }
        @if *all > shown.len() { p.note { (words::more_differ(all - shown.len(), reader.lang)) } }
    })
}

fn row(reader: &Reader, (units, titles): (&UnitNames, &Titles), one: &Unreadable) -> Markup {
    let (whose, unit) = &one.by;
    html! {
        tr {
            th scope="row" { (refs::whom(reader, (units, titles), one.person.as_ref(), (&one.place.register, one.place.record))) }
            td { (one.of[1].get(reader.lang)) " " span.faint { (one.of[0].get(reader.lang)) } }
            td data-what=(reader.say(WRITTEN)) {
                @match &one.text { Some(text) => b { (text) }, None => i.faint { (reader.say(words::WITHHELD)) } }
                " "
                span.faint { (whose.get(reader.lang)) " " (units.name(&unit.to_string())) " · " (one.as_of) }
            }
            td data-what=(reader.say(STANDS)) { @match &one.stands { Some(text) => { (text.get(reader.lang)) }, None => { (reader.say(words::UNKNOWN)) } } }
            td {
                @if reader.writer().is_ok() {
                    form.inline method="post" action=(reader.link("/review/unread", &reader.within())) {
                        input type="hidden" name="place" value=(one.place);
                        input type="text" name="value" aria-label=(reader.say(SHOULD_BE)) autocomplete="off";
                        " "
                        button.quiet type="submit" name="answer" value="is" { (reader.say(IT_IS)) }
                        " "
                        button.quiet type="submit" name="answer" value="leave" { (reader.say(LEAVE)) }
                    }
                }
            }
        }
    }
}

/// Carries out an answer, and goes back to what waits.
pub(crate) async fn settle(reader: &Reader, fields: desk::Fields) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let fields = desk::read(fields)?;
    let place = desk::field(&fields, "place").and_then(ValuePlace::read);
    let reading = match desk::field(&fields, "answer") {
        Some("is") => Some(ReadAs::Is(
            desk::field(&fields, "value").unwrap_or_default().to_owned(),
        )),
        Some("leave") => Some(ReadAs::Leave),
        _ => None,
    };
    let (Some(place), Some(reading)) = (place, reading) else {
        return Err(Trouble::Form(words::BAD_ANSWER));
    };
    let receipt = view.settle_unread(&place, &reading).await?;
    let done = receipt.commit.to_string();
    let mut asked = reader.within();
    asked.push(("done", &done));
    Ok(Page::elsewhere(reader.link("/review", &asked)))
}

words! {
    UNREAD_NOTE: "名册上这些格读不出，没有当作数据，原样记在这里；此后有谁再报这一项，自动消去。请核实后填写应为什么；弄不清的，选“维持现有”。可以撤回。", "These cells could not be read. They count for nothing and are kept as they were written; when anybody says the same later, they are gone from here. Find out and write what it should be, or leave it as it stands. It can be taken back.";
    HIDDEN: "原写的可能是任何内容，包括他人的号码，所以只在该记录的各项都明示时显示。", "What was written may be anything, somebody's number too, so it is shown only where nothing of the record is masked.";
    WRITTEN: "原写", "As written";
    STANDS: "现有", "Stands now";
    SHOULD_BE: "应为", "Should be";
    IT_IS: "填正", "That is it";
    LEAVE: "维持现有", "Leave it";
}
