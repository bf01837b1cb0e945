//! What contradicts itself in the ledger, under the questions that wait: by check, with what stands there.

use kernel::Lang;
use maud::{Markup, html};
use office::{Doubts, MOST_DOUBTS, SeenDoubt, UnitNames};

use super::refs::{self, Titles};
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// What checks find in the unit that was chosen, or in all.
pub(crate) async fn found(reader: &Reader) -> Result<Doubts, Trouble> {
    Ok(reader.view()?.doubts(reader.on, reader.unit()?).await?)
}

/// A page of it, by a question of its own, since the questions above have theirs.
pub(crate) async fn section(reader: &Reader, doubts: &Doubts) -> Result<Markup, Trouble> {
    if doubts.none() {
        return Ok(html! {});
    }
    let view = reader.view()?;
    let units = view.units(reader.on).await?;
    let all = &doubts.found;
    let pages = all.len().div_ceil(ROWS).max(1);
    let page = reader.ask("doubts").and_then(|page| page.parse().ok());
    let page = page.unwrap_or(1).clamp(1, pages);
    let first = &all[(page - 1) * ROWS..all.len().min(page * ROWS)];
    let shown = view.shown_doubts(reader.on, first).await?;
    let places = (shown.iter()).filter(|one| one.person.is_none());
    let places = places.map(|one| (one.place.0.as_str(), one.place.1));
    let titles = view.titles_of(reader.on, places).await?;
    Ok(html! {
        h2 #doubts { (reader.say(words::DOUBTS)) " " span.faint { (plain::count(all.len())) } }
        p.note { (reader.say(DOUBTS_NOTE)) }
        @for check in &doubts.failed { p.flagged { (failed(check.name.get(reader.lang), reader.lang)) } }
        @for check in &doubts.cut { p.note { (cut(check.name.get(reader.lang), reader.lang)) } }
        @if !all.is_empty() { table.people aria-label=(reader.say(words::DOUBTS)) {
            thead {
                tr { @for heading in [words::WHOM_OR_WHAT, DOUBT, STANDS_THERE, words::UNIT] { (parts::heading(reader, heading, false)) } }
            }
            tbody {
                @for one in &shown { (row(reader, (&units, &titles), one)) }
            }
        } }
        (parts::pager_of(reader, "doubts", page, all.len()))
    })
}

fn failed(check: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("核对项“{check}”未能算出，不知有无矛盾，请维护规则包的人员检查。"),
        Lang::En => format!(
            "The check “{check}” couldn't be worked out, so nothing is known by it; whoever maintains the pack should look at it."
        ),
    }
}

fn cut(check: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("核对项“{check}”的结果过多，全部单位合计只列 {MOST_DOUBTS} 条。"),
        Lang::En => format!(
            "Of the check “{check}” only {MOST_DOUBTS} records are listed, of all units together."
        ),
    }
}

fn row(reader: &Reader, (units, titles): (&UnitNames, &Titles), one: &SeenDoubt) -> Markup {
    html! {
        tr {
            th scope="row" { (refs::whom(reader, (units, titles), one.person.as_ref(), (&one.place.0, one.place.1))) }
            td { (one.name.get(reader.lang)) " " span.faint { (one.register.get(reader.lang)) } }
            td {
                @for (nth, (field, kind, cell)) in one.said.iter().enumerate() {
                    @if nth > 0 { (reader.say(words::COMMA)) }
                    span.faint { (field.get(reader.lang)) } " " (shown::cell(reader, units, kind, cell))
                }
            }
            td { @if let Some(unit) = &one.unit { (units.name(&unit.to_string())) } }
        }
    }
}

words! {
    DOUBTS_NOTE: "台账中互相矛盾的内容，按规则包里的核对项逐日核对得出。内容改正以后，这里自然没有；核实无误的可以不管。", "What contradicts itself in the ledger, by the checks of the pack. Once it is put right it is gone from here; what was found to be true may stay.";
    DOUBT: "核对项", "Check";
    STANDS_THERE: "台账所记", "What the ledger has";
}
