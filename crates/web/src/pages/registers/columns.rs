//! Choosing the columns of a list: what is chosen stands in the address, so a link or a bookmark keeps it.

use maud::{Markup, html};

use super::list::{Asked, hidden};
use crate::reader::Reader;
use crate::words;

/// The form that chooses them, closed until somebody opens it.
pub(super) fn form(reader: &Reader, asked: &Asked<'_>) -> Markup {
    let register = asked.register;
    let shown = asked.query.shown(register);
    let fields = register.fields.iter().enumerate();
    let fields = fields.filter(|(at, field)| field.retired.is_none() || shown.contains(at));
    html! {
        details.choosing {
            summary { (reader.say(COLUMNS)) }
            form.filters method="get" action=(reader.path) {
                (hidden(reader, |name| !["col", "page", "lang"].contains(&name)))
                fieldset.across {
                    legend { (reader.say(SHOWN)) }
                    @for (at, field) in fields {
                        label.choice { input type="checkbox" name="col" value=(field.id) checked[shown.contains(&at)]; " " (field.name.get(reader.lang)) }
                    }
                }
                p.buttons {
                    button type="submit" { (reader.say(words::SHOW)) }
                    @if !asked.query.columns.is_empty() { a href=(reader.here_without(|name, _| name == "col")) { (reader.say(USUAL)) } }
                }
            }
        }
    }
}

words! {
    COLUMNS: "选择列", "Columns";
    SHOWN: "要显示的列", "Columns to show";
    USUAL: "恢复默认的列", "The usual columns";
}
