//! Finding a person by the exact name or the full ID number. What is typed is sent, not put into an address: a number opens the
//! person's page at once, and is never repeated on a page; a name goes on as a query parameter.

use kernel::IdNumber;
use maud::{Markup, html};
use office::{Part, Rows, UnitNames};

use crate::desk;
use crate::parts;
use crate::plain::{ROWS, names_a_number};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// The longest name, in characters.
pub(super) const LONGEST_NAME: usize = 60;

/// The page.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let Some(asked) = reader.ask("q") else {
        let body = html! { (form(reader, "")) p.note { (reader.say(FIND_NOTE)) } };
        return Ok(Page::new(
            Place::People,
            reader.say(words::FIND_PERSON),
            body,
        ));
    };
    if asked.chars().count() > LONGEST_NAME {
        return Err(Trouble::Question(words::TOO_LONG_QUESTION));
    }
    let body = if names_a_number(asked) {
        html! { (form(reader, "")) p.empty { (reader.say(NUMBER_BY_FORM)) } }
    } else {
        html! { (form(reader, asked)) (by_name(reader, asked).await?) }
    };
    Ok(Page::new(
        Place::People,
        reader.say(words::FIND_PERSON),
        body,
    ))
}

/// Looks for what was typed.
pub(crate) async fn find(reader: &Reader, fields: desk::Fields) -> Result<Page, Trouble> {
    let fields = desk::read(fields)?;
    let asked = desk::field(&fields, "q").unwrap_or_default();
    if asked.chars().count() > LONGEST_NAME {
        return Err(Trouble::Form(words::TOO_LONG_QUESTION));
    }
    if !names_a_number(asked) {
        return Ok(Page::elsewhere(reader.link("/people", &[("q", asked)])));
    }
    let body = match by_number(reader, asked).await? {
        Ok(address) => return Ok(Page::elsewhere(address)),
        Err(why) => html! { (form(reader, "")) p.empty { (why) } },
    };
    let title = reader.say(words::FIND_PERSON);
    Ok(Page::new(Place::People, title, body))
}

fn form(reader: &Reader, name: &str) -> Markup {
    html! {
        form.search action=(reader.link("/people", &[])) method="post" role="search" {
            label for="q" { (reader.say(words::FIND_HINT)) }
            input #q name="q" type="search" maxlength=(LONGEST_NAME) autocomplete="off" value=(name);
            button type="submit" { (reader.say(words::FIND)) }
        }
    }
}

/// The address of the person with a number, or why there is none.
async fn by_number(reader: &Reader, asked: &str) -> Result<Result<String, String>, Trouble> {
    let number = match IdNumber::read(asked) {
        Ok((number, _)) => number,
        Err(fault) => {
            let why = words::bad_number(&fault.message(reader.lang), reader.lang);
            return Ok(Err(why));
        }
    };
    let found = reader.view()?.by_number(&number, reader.on).await?;
    Ok(match found {
        Some(person) => Ok(reader.link(&format!("/people/{person}"), &[])),
        None => Err(reader.say(NO_SUCH_NUMBER).to_owned()),
    })
}

/// People of a name, as they may be seen: record, name, ID number, sex, birth and unit of each.
pub(super) async fn named(reader: &Reader, asked: &str, offset: usize) -> Result<Rows, Trouble> {
    let limit = ROWS;
    let part = Part { offset, limit };
    Ok(reader.view()?.named(asked, reader.on, part).await?)
}

async fn by_name(reader: &Reader, asked: &str) -> Result<Markup, Trouble> {
    let page = reader.page()?;
    let rows = named(reader, asked, (page - 1) * ROWS).await?;
    if rows.rows.is_empty() {
        return Ok(html! { p.empty { (reader.say(NO_SUCH_NAME)) } });
    }
    let units = reader.view()?.units(reader.on).await?;
    Ok(html! {
        p.note { (parts::span(reader, page, rows.rows.len(), rows.total)) }
        (table(reader, &units, &rows.rows))
        (parts::pager(reader, page, rows.total))
    })
}

fn table(reader: &Reader, units: &UnitNames, rows: &[Vec<Option<String>>]) -> Markup {
    let pack = &reader.office.pack;
    let sex = &reader.office.contract.people.sex.kind;
    html! {
        table.people {
            thead {
                tr {
                    @for heading in [words::NAME, words::ID_NUMBER, words::SEX, words::BORN, words::UNIT] { (parts::heading(reader, heading, false)) }
                }
            }
            tbody {
                @for row in rows {
                    @let at = |nth: usize| row.get(nth).and_then(Option::as_deref).unwrap_or_default();
                    tr {
                        th scope="row" { a href=(reader.link(&format!("/people/{}", at(0)), &[])) { (at(1)) } }
                        td.d { (at(2)) }
                        td { (shown::value(pack, units, sex, at(3), reader.lang)) }
                        td.d { (at(4)) }
                        td { (units.name(at(5))) }
                    }
                }
            }
        }
    }
}

words! {
    FIND_NOTE: "请输入完整的姓名，或完整的公民身份号码。号码只用于查找，不会留在页面和链接里。", "Enter the full name or the full ID number. A number is used for the search only; it is not kept on pages or in links.";
    NO_SUCH_NAME: "没有找到这个姓名。请核对用字；如果不确定，可以改用公民身份号码查找。", "Nobody of this name was found. Check the characters, or search by ID number.";
    NUMBER_BY_FORM: "公民身份号码请在上面的框中输入；地址栏里的号码不作查找。", "Type an ID number into the form; one in an address isn't looked for.";
    NO_SUCH_NUMBER: "没有找到这个号码的人。请核对号码；此人也可能不在您可以查看的单位。", "Nobody with this number was found. Check it; the person may also be outside the units you may see.";
}
