//! Who is at the desk. Until there are accounts it is whoever chooses themselves among those who hold a post; the name is kept in a cookie for
//! a working day and goes into every commit and every line of the access log. It keeps honest people apart, as two signatures on
//! paper do, and proves nothing about dishonest ones: accounts come later.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use maud::{Markup, html};
use office::{OfficeError, Worker};

use crate::cookies::{LONGEST, checked};
use crate::handbook::Chapter;
use crate::parts;
use crate::reader::{DESK as ADDRESS, LONGEST_QUESTION, Reader, escape};
use crate::shell::{Page, Place, respond};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// How long a name is remembered, in seconds: a working day.
const REMEMBERED: u32 = 12 * 3_600;

/// The fields of a form.
pub(crate) type Fields = Result<Form<Vec<(String, String)>>, FormRejection>;

/// The fields of a form, or that they can't be read.
pub(crate) fn read(fields: Fields) -> Result<Vec<(String, String)>, Trouble> {
    match fields {
        Ok(Form(fields)) => Ok(fields),
        Err(_) => Err(Trouble::Form(words::UNREADABLE_FORM)),
    }
}

/// A field of a form; nothing when it is blank.
pub(crate) fn field<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
    let found = fields.iter().find(|(field, _)| field == name);
    let value = found.map(|(_, value)| value.trim());
    value.filter(|value| !value.is_empty())
}

/// The page that asks who is there: one of those who hold a post, or any name while nobody does.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let workers = reader.office.workers().await?;
    let body = html! {
        p { (reader.say(DESK_WHY)) }
        (form(reader, &workers, reader.ask("to")))
    };
    Ok(Page::new(Place::Nowhere, reader.say(words::DESK), body).chapter(Chapter::Posts))
}

fn form(reader: &Reader, workers: &[Worker], to: Option<&str>) -> Markup {
    let posts = |worker: &Worker| {
        let roles = worker
            .posts
            .iter()
            .map(|(role, _)| shown::role(reader, role));
        let mut roles: Vec<&str> = roles.collect();
        roles.dedup();
        roles.join(reader.say(words::COMMA))
    };
    // Whoever runs the office is most likely who sits there.
    let likely = workers.iter().find(|worker| match &reader.desk {
        Some(desk) => *desk == worker.name,
        None => reader.office.is_run_by(worker),
    });
    html! {
        form.desk method="post" action=(ADDRESS) {
            label for="desk" { (reader.say(YOUR_NAME)) }
            @if workers.is_empty() {
                input #desk name="name" required maxlength=(LONGEST) autocomplete="name" value=[reader.desk.as_deref()];
            } @else {
                select #desk name="name" required {
                    (parts::placeholder(reader, likely.is_some()))
                    @for worker in workers {
                        option value=(worker.name) selected[likely == Some(worker)] { (worker.name) " · " (posts(worker)) }
                    }
                }
            }
            @if let Some(to) = to { input type="hidden" name="to" value=(to); }
            button type="submit" { (reader.say(TAKE_THE_DESK)) }
        }
    }
}

/// Where somebody says who they are, and comes back from.
pub(crate) fn address(reader: &Reader) -> String {
    let mut to = format!("{ADDRESS}?to=");
    let here = reader.here_without(|_, _| false);
    // What is too long to be asked for again is left out.
    let here = Some(here).filter(|here| here.chars().count() <= LONGEST_QUESTION);
    escape(here.as_ref().unwrap_or(&reader.path), &mut to);
    to
}

/// Who is at the desk, and the way to change that; or the form, if nobody has said.
pub(crate) fn line(reader: &Reader) -> Markup {
    let to = address(reader);
    html! {
        @if reader.office.writes {
            @if let Some(desk) = &reader.desk {
                p.note { (reader.say(AT_THE_DESK)) (reader.say(words::COLON)) b { (desk) } " · " a href=(to) { (reader.say(SOMEBODY_ELSE)) } }
            } @else {
                p.note { (reader.say(DESK_WHY)) " " a.begin href=(to) { (reader.say(SAY_WHO)) } }
            }
        }
    }
}

/// Remembers the name of somebody who holds a post.
pub(crate) async fn take(reader: &Reader, fields: Fields) -> Response {
    let name = read(fields).and_then(|fields| {
        let name = field(&fields, "name").and_then(checked);
        let to = field(&fields, "to").filter(|to| is_own(to));
        let to = to.unwrap_or("/review").to_owned();
        Ok((name.ok_or(Trouble::Form(BAD_NAME))?, to))
    });
    let (name, to) = match name {
        Ok(taken) => taken,
        Err(trouble) => return respond(reader, Err(trouble)),
    };
    let name = match reader.office.view(Some(&name), ADDRESS).await {
        Ok(view) => view.who().to_owned(),
        Err(OfficeError::Nobody) => return respond(reader, Err(Trouble::Form(NO_POST))),
        Err(error) => return respond(reader, Err(error.into())),
    };
    let mut cookie = String::from("desk=");
    escape(&name, &mut cookie);
    cookie.push_str(&format!(
        "; Path=/; Max-Age={REMEMBERED}; SameSite=Strict; HttpOnly"
    ));
    let mut response = respond(reader, Ok(Page::elsewhere(to)));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Whether an address is one of these pages, with what it asks for, and nothing else.
fn is_own(to: &str) -> bool {
    let plain = |ch: char| ch.is_ascii_alphanumeric() || "/-_.?=&%".contains(ch);
    to.starts_with('/') && !to.starts_with("//") && to.chars().all(plain)
}

words! {
    DESK_WHY: "请先选择办理人：每次办理都记下是谁办的，请选自己的姓名。", "Say who you are first: everything done is kept with who did it, so choose your own name.";
    YOUR_NAME: "您的姓名", "Your name";
    TAKE_THE_DESK: "开始办理", "Begin";
    AT_THE_DESK: "办理人", "At the desk";
    SOMEBODY_ELSE: "换人", "somebody else";
    SAY_WHO: "选择办理人", "Say who you are";
    NO_POST: "此人在本台账中没有岗位，不能办理。请选择任职人，或由有任免职责的人员先行任命。", "They hold no post in this ledger. Choose somebody who does, or have them appointed by somebody whose duty that is.";
    BAD_NAME: "请写上姓名，不超过40个字。", "Give a name of at most 40 characters.";
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn a_form_leads_nowhere_else() {
        assert!(is_own("/review/4294967297"));
        assert!(is_own("/actions/visit?person=4294967297&on=2025-12-31"));
        for other in [
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "review",
            "/a#b",
            "/a?b=http://evil.example",
            "/a\r\nb",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }
}
