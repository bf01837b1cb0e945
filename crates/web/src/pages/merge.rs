//! Proposing that two people are one: from the page of who stays, by finding the other by name. Somebody else confirms it among
//! the questions.

use kernel::RecordId;
use maud::{Markup, html};

use crate::desk;
use crate::pages::search;
use crate::parts;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

/// The page.
pub(crate) async fn page(reader: &Reader, person: RecordId) -> Result<Page, Trouble> {
    let around = reader.view()?.around(reader.on, person).await?;
    let own = around.person(person.0).ok_or(Trouble::Absent)?;
    let name = own
        .get(&around.contract.people.name.id)
        .unwrap_or_default()
        .to_owned();
    let asked = reader.ask("q").unwrap_or(&name).to_owned();
    if asked.chars().count() > search::LONGEST_NAME {
        return Err(Trouble::Question(words::TOO_LONG_QUESTION));
    }
    let found = others(reader, person, &asked).await?;
    let here = format!("/people/{person}/merge");
    let body = html! {
        p.note { (reader.say(PROPOSE_NOTE)) }
        (desk::line(reader))
        form.search action=(here) method="get" role="search" {
            label for="q" { (reader.say(OTHERS_NAME)) }
            input #q name="q" type="search" maxlength=(search::LONGEST_NAME) autocomplete="off" value=(asked);
            button type="submit" { (reader.say(words::FIND)) }
        }
        @if found.is_empty() { p.empty { (reader.say(NOBODY_ELSE)) } } @else { (table(reader, &here, &found).await?) }
    };
    let person = (reader.link(&format!("/people/{person}"), &[]), name);
    Ok(Page::new(Place::People, reader.say(PROPOSE), body).way([person]))
}

/// Others of a name, as they may be seen.
async fn others(
    reader: &Reader,
    person: RecordId,
    asked: &str,
) -> Result<Vec<Vec<Option<String>>>, Trouble> {
    let own = Some(person.to_string());
    let mut found = search::named(reader, asked, 0).await?.rows;
    found.retain(|row| row.first() != Some(&own));
    Ok(found)
}

async fn table(
    reader: &Reader,
    here: &str,
    found: &[Vec<Option<String>>],
) -> Result<Markup, Trouble> {
    let units = reader.view()?.units(reader.on).await?;
    let may = reader.writer().is_ok();
    Ok(html! {
        table.people {
            thead {
                tr {
                    @for heading in [words::NAME, words::ID_NUMBER, words::BORN, words::UNIT] { (parts::heading(reader, heading, false)) }
                    @if may { th scope="col" { (reader.say(PROPOSE)) } }
                }
            }
            tbody {
                @for row in found {
                    @let at = |nth: usize| row.get(nth).and_then(Option::as_deref).unwrap_or_default();
                    tr {
                        th scope="row" { a href=(reader.link(&format!("/people/{}", at(0)), &[])) { (at(1)) } }
                        td.d { (at(2)) }
                        td.d { (at(4)) }
                        td { (units.name(at(5))) }
                        @if may {
                            td {
                                form.inline method="post" action=(here) {
                                    input type="hidden" name="other" value=(at(0));
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

/// Proposes it.
pub(crate) async fn propose(
    reader: &Reader,
    person: RecordId,
    fields: desk::Fields,
) -> Result<Page, Trouble> {
    let fields = desk::read(fields)?;
    let other = desk::field(&fields, "other").and_then(|other| super::record(other).ok());
    let other = other.ok_or(Trouble::Form(words::UNREADABLE_FORM))?;
    let receipt = reader.writer()?.propose(person, other, reader.on).await?;
    let done = receipt.commit.to_string();
    Ok(Page::elsewhere(reader.link("/review", &[("done", &done)])))
}

words! {
    PROPOSE: "提出合并", "Propose a merge";
    PROPOSE_NOTE: "如果台账里有两个人其实是同一人，在这里提出，由另一人复核后合并。保留的是这一位，找到的那一位并入。", "If two people in the ledger are one, propose it here; when somebody else has confirmed it they are merged. This one stays; the one you find goes.";
    OTHERS_NAME: "另一位的姓名", "The other's name";
    NOBODY_ELSE: "没有找到另一位同名的人。请核对用字，或换曾用的姓名再找。", "Nobody else of this name was found. Check the characters, or try another name they used.";
    PROPOSE_THIS: "是同一人", "the same";
}
