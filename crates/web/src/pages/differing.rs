//! Values on which two lists differ, under the questions that wait: who says what, and a button for each that may be right.

use maud::{Markup, html};
use office::{Differing, First, SaidValue, SayId, UnitNames, ValuePlace};

use super::refs::{self, Refs};
use crate::desk;
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shell::Page;
use crate::trouble::Trouble;
use crate::words;

/// The first values of the unit that was chosen, or of all units.
pub(crate) async fn waiting(reader: &Reader) -> Result<First<Differing>, Trouble> {
    Ok(reader.view()?.differing(reader.unit()?, ROWS).await?)
}

/// What waits, the first page of it: as values are answered the others move up.
pub(crate) async fn section(
    reader: &Reader,
    First { all, shown }: &First<Differing>,
) -> Result<Markup, Trouble> {
    if shown.is_empty() {
        return Ok(html! {});
    }
    let units = reader.view()?.units(reader.on).await?;
    let referred = shown.iter().flat_map(|one| &one.views);
    let referred = referred.filter_map(|view| view.refers.as_ref());
    let referred = referred.map(|(of, record)| (of.as_str(), *record));
    let refs = refs::gathered(reader, &units, referred).await?;
    let places = shown.iter().filter(|one| one.person.is_none());
    let places = places.map(|one| (one.place.register.as_str(), one.place.record));
    let titles = reader.view()?.titles_of(reader.on, places).await?;
    Ok(html! {
        h2 #differing { (reader.say(words::DIFFERING)) " " span.faint { (plain::count(*all)) } }
        p.note { (reader.say(DIFFERING_NOTE)) }
        table.people aria-label=(reader.say(words::DIFFERING)) {
            thead {
                tr { @for heading in [words::WHOM_OR_WHAT, words::FIELD, SAID_OTHERWISE] { (parts::heading(reader, heading, false)) } }
            }
            tbody {
                @for one in shown {
                    tr {
                        th scope="row" { (refs::whom(reader, (&units, &titles), one.person.as_ref(), (&one.place.register, one.place.record))) }
                        td { (one.of[1].get(reader.lang)) " " span.faint { (one.of[0].get(reader.lang)) } }
                        td {
                            @for (nth, view) in one.views.iter().enumerate() { (says(reader, (&units, &refs), one, view, nth == 0)) }
                        }
                    }
                }
            }
        }
        @if *all > shown.len() { p.note { (words::more_differ(all - shown.len(), reader.lang)) } }
    })
}

/// What one list says, with the button that says that it is right.
fn says(
    reader: &Reader,
    (units, refs): (&UnitNames, &Refs<'_>),
    one: &Differing,
    view: &SaidValue,
    stands: bool,
) -> Markup {
    let refers = view.refers.as_ref();
    let refers = refers.and_then(|(of, record)| refs.get(&(of.as_str(), *record))?.as_ref());
    html! {
        form.inline.view method="post" action=(reader.link("/review/value", &reader.within())) {
            input type="hidden" name="value" value=(one.place);
            input type="hidden" name="say" value=(view.say);
            @match (refers, &view.text) {
                (Some(told), _) => { (told) },
                (None, Some(_)) if view.refers.is_some() => b { (reader.say(words::WITHHELD)) },
                (None, Some(text)) => b { (text.get(reader.lang)) },
                (None, None) => b { (reader.say(words::UNKNOWN)) },
            }
            " "
            span.faint {
                @for (nth, (whose, unit)) in view.by.iter().enumerate() {
                    @if nth > 0 { (reader.say(words::COMMA)) }
                    (whose.get(reader.lang)) " " (units.name(&unit.to_string()))
                }
                " · " (view.as_of)
                @if stands { " · " (reader.say(STANDS_MEANWHILE)) }
            }
            @if reader.writer().is_ok() { " " button.quiet type="submit" { (reader.say(THIS_IS_RIGHT)) } }
        }
    }
}

/// Carries out an answer, and goes back to what waits.
pub(crate) async fn settle(reader: &Reader, fields: desk::Fields) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let fields = desk::read(fields)?;
    let place = desk::field(&fields, "value").and_then(ValuePlace::read);
    let say = desk::field(&fields, "say").and_then(SayId::read);
    let (Some(place), Some(say)) = (place, say) else {
        return Err(Trouble::Form(words::BAD_ANSWER));
    };
    let receipt = view.settle_value(&place, say).await?;
    let done = receipt.commit.to_string();
    let mut asked = reader.within();
    asked.push(("done", &done));
    Ok(Page::elsewhere(reader.link("/review", &asked)))
}

words! {
    DIFFERING_NOTE: "两份名册同一天对同一项说法不同，谁也不比谁更权威；两个单位同一天都说人在本单位的，也在这里。请核实后选一个，此后更晚的名册照样算数。可以撤回。", "Two lists of one day say otherwise of the same, and neither counts more; or two units claim somebody as of one day. Find out, and choose; a later list counts as ever. It can be taken back.";
    SAID_OTHERWISE: "各方所说", "What each says";
    STANDS_MEANWHILE: "暂以此为准", "stands meanwhile";
    THIS_IS_RIGHT: "以此为准", "This is right";
}
