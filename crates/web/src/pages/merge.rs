//! Proposing that two people are one: from the page of who stays, by finding the other. Somebody else confirms it among
//! the questions.

use kernel::RecordId;
use maud::{Markup, html};
use office::{Hit, LONGEST_ASKED, Leads};

use crate::desk;
use crate::handbook::Chapter;
use crate::pages::search;
use crate::plain::names_a_number;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

/// The page, with those who have the same name.
pub(crate) async fn page(reader: &Reader, person: RecordId) -> Result<Page, Trouble> {
    found(reader, person, None).await
}

/// The page, with those found by what was typed.
async fn found(reader: &Reader, person: RecordId, typed: Option<&str>) -> Result<Page, Trouble> {
    let around = reader.view()?.around(reader.on, person).await?;
    let own = around.person(person.0).ok_or(Trouble::Absent)?;
    let name = own
        .get(&around.contract.people.name.id)
        .unwrap_or_default()
        .to_owned();
    let asked = typed.unwrap_or(&name);
    if asked.chars().count() > LONGEST_ASKED {
        return Err(Trouble::Form(words::TOO_LONG_QUESTION));
    }
    let others = others(reader, person, asked).await?;
    let here = format!("/people/{person}/merge");
    let kept = if names_a_number(asked) { "" } else { asked };
    let body = html! {
        p.note { (reader.say(PROPOSE_NOTE)) }
        (desk::line(reader))
        form.search action=(here) method="post" role="search" {
            label for="q" { (reader.say(OTHERS_NAME)) }
            input #q name="q" type="search" maxlength=(LONGEST_ASKED) autocomplete="off" value=(kept);
            button type="submit" { (reader.say(words::FIND)) }
        }
        @if others.is_empty() { p.empty { (reader.say(NOBODY_ELSE)) } } @else { (table(reader, &here, &others).await?) }
    };
    let person = (reader.link(&format!("/people/{person}"), &[]), name);
    Ok(Page::new(Place::People, reader.say(PROPOSE), body)
        .chapter(Chapter::Review)
        .way([person]))
}

/// Others found, as they may be seen.
async fn others(reader: &Reader, person: RecordId, asked: &str) -> Result<Vec<Hit>, Trouble> {
    let mut found = search::named(reader, asked, 0).await?.hits;
    found.retain(|hit| hit.leads != Leads::Person(person));
    Ok(found)
}

async fn table(reader: &Reader, here: &str, found: &[Hit]) -> Result<Markup, Trouble> {
    let units = reader.view()?.units(reader.on).await?;
    let may = reader.writer().is_ok();
    let record = |hit: &Hit| match hit.leads {
        Leads::Person(person) => Some(person),
        _ => None,
    };
    Ok(html! {
        table.people aria-label=(reader.say(words::PEOPLE)) {
            thead {
                (search::headings(reader, may.then_some(PROPOSE)))
            }
            tbody {
                @for hit in found {
                    tr {
                        (search::cells(reader, &units, hit))
                        @if let Some(other) = record(hit).filter(|_| may) {
                            td {
                                form.inline method="post" action=(here) {
                                    input type="hidden" name="other" value=(other);
                                    button type="submit" { (reader.say(PROPOSE_THIS)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

/// Proposes it, or looks for somebody else first.
pub(crate) async fn propose(
    reader: &Reader,
    person: RecordId,
    fields: desk::Fields,
) -> Result<Page, Trouble> {
    let fields = desk::read(fields)?;
    if let Some(typed) = desk::field(&fields, "q") {
        return found(reader, person, Some(typed)).await;
    }
    let other = desk::field(&fields, "other").and_then(|other| super::record(other).ok());
    let other = other.ok_or(Trouble::Form(words::UNREADABLE_FORM))?;
    let receipt = reader.writer()?.propose(person, other, reader.on).await?;
    let done = receipt.commit.to_string();
    Ok(Page::elsewhere(reader.link("/review", &[("done", &done)])))
}

words! {
    PROPOSE: "提出合并", "Propose a merge";
    PROPOSE_NOTE: "如果台账里有两个人其实是同一人，在这里提出，由另一人复核后合并。保留的是这一位，找到的那一位并入。", "If two people in the ledger are one, propose it here; when somebody else has confirmed it they are merged. This one stays; the one you find goes.";
    OTHERS_NAME: "查找另一位", "Find the other";
    NOBODY_ELSE: "没有找到另一位。请核对用字，或换曾用的姓名、拼音、电话再找。", "Nobody else was found. Check the spelling, or try another name they used, pinyin or a telephone.";
    PROPOSE_THIS: "是同一人", "the same";
}
