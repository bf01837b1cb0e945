//! Choosing the columns of a list. What whoever is at the desk chose is remembered for them; otherwise, and in a link, it stands in the
//! address.

use maud::{Markup, html};

use super::list::{Asked, hidden, place};
use crate::desk::{self, Fields};
use crate::reader::Reader;
use crate::shell::Page;
use crate::trouble::Trouble;
use crate::words;

/// The form that chooses them, closed until somebody opens it.
pub(super) fn form(reader: &Reader, asked: &Asked<'_>) -> Markup {
    let register = asked.register;
    let shown = asked.query.shown(register);
    let fields = register.fields.iter().enumerate();
    let fields = fields.filter(|(at, field)| field.retired.is_none() || shown.contains(at));
    let remembers = reader.writer().is_ok();
    let to = match remembers {
        true => reader.asked_at(
            &format!("{}/columns", asked.path()),
            &["col", "page", "lang", "done", "rows", "all"],
        ),
        false => reader.path.clone(),
    };
    html! {
        details.choosing {
            summary { (reader.say(COLUMNS)) }
            form.filters method=(if remembers { "post" } else { "get" }) action=(to) {
                @if !remembers { (hidden(reader, |name| !["col", "page", "lang"].contains(&name))) }
                fieldset.across {
                    legend { (reader.say(SHOWN)) }
                    @for (at, field) in fields {
                        label.choice { input type="checkbox" name="col" value=(field.id) checked[shown.contains(&at)]; " " (field.name.get(reader.lang)) }
                    }
                }
                p.buttons {
                    button type="submit" { (reader.say(words::SHOW)) }
                    @if !asked.query.columns.is_empty() {
                        @if remembers { button.quiet type="submit" name="usual" value="1" { (reader.say(USUAL)) } }
                        @else { a href=(reader.here_without(|name, _| name == "col")) { (reader.say(USUAL)) } }
                    }
                }
            }
        }
    }
}

/// Remembers the columns that were chosen, and leads back to the list.
pub(crate) async fn choose(reader: &Reader, id: &str, fields: Fields) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let register = view.register(id)?;
    let fields = desk::read(fields)?;
    let usual = desk::field(&fields, "usual").is_some();
    let chosen = fields.iter().filter(|(name, _)| name == "col" && !usual);
    let mut columns = Vec::new();
    for (_, id) in chosen {
        let (at, _) = register
            .field(id)
            .ok_or(Trouble::Form(words::UNREADABLE_FORM))?;
        if !columns.contains(&at) {
            columns.push(at);
        }
    }
    view.choose_columns(register, &columns).await?;
    Ok(Page::elsewhere(
        reader.asked_at(&place(register), &["col", "lang"]),
    ))
}

words! {
    COLUMNS: "选择列", "Columns";
    SHOWN: "要显示的列", "Columns to show";
    USUAL: "恢复默认的列", "The usual columns";
}
