//! The lists that whoever is at the desk saved of a register, above the list: each is a link to the query it is; and the forms by which one is
//! saved, renamed and deleted.

use maud::{Markup, html};
use office::{LONGEST_NAME, SavedList, saved_part};

use super::list::{Asked, place};
use crate::desk::{self, Fields};
use crate::reader::Reader;
use crate::shell::Page;
use crate::trouble::Trouble;
use crate::words;

/// The saved lists as links; the one that is shown is marked.
pub(super) fn links(reader: &Reader, asked: &Asked<'_>) -> Markup {
    let saved = saved(reader, asked);
    let here = query(reader, asked);
    html! {
        @if !saved.is_empty() {
            nav.saved aria-label=(reader.say(SAVED)) {
                span.label { (reader.say(SAVED)) (reader.say(words::COLON)) }
                ul {
                    @for list in &saved {
                        li { a href=(address(reader, asked, list)) aria-current=[(list.query == here).then_some("true")] { (list.name) } }
                    }
                }
            }
        }
    }
}

/// The forms by which lists are saved, renamed and deleted, closed until somebody opens them.
pub(super) fn form(reader: &Reader, asked: &Asked<'_>) -> Markup {
    let saved = saved(reader, asked);
    let to = reader.asked_at(
        &format!("{}/saved", asked.path()),
        &["page", "lang", "done", "rows", "all"],
    );
    html! {
        @if reader.writer().is_ok() {
            details.choosing {
                summary { (reader.say(SAVE)) }
                form method="post" action=(to) {
                    @for (name, value) in query(reader, asked) { @if name == "col" { input type="hidden" name="col" value=(value); } }
                    label for="list-name" { (reader.say(NAME)) }
                    input #list-name name="name" maxlength=(LONGEST_NAME) required autocomplete="off";
                    button type="submit" name="do" value="save" { (reader.say(SAVE_IT)) }
                    p.note { (reader.say(SAVE_NOTE)) }
                }
                @for list in &saved {
                    form method="post" action=(to) {
                        input type="hidden" name="list" value=(list.name);
                        input name="name" maxlength=(LONGEST_NAME) value=(list.name) required autocomplete="off" aria-label=(reader.say(NAME));
                        button.quiet type="submit" name="do" value="rename" { (reader.say(RENAME)) }
                        button.quiet type="submit" name="do" value="delete" formnovalidate aria-label=(format!("{} {}", reader.say(DELETE), list.name)) { (reader.say(DELETE)) }
                    }
                }
            }
        }
    }
}

fn saved(reader: &Reader, asked: &Asked<'_>) -> Vec<SavedList> {
    let view = reader.writer();
    view.map_or_else(|_| Vec::new(), |view| view.saved_lists(asked.register))
}

/// What would be saved of the list that is shown, with the columns it is shown in.
fn query(reader: &Reader, asked: &Asked<'_>) -> Vec<(String, String)> {
    let mut query = saved_part(&reader.asked);
    if !query.iter().any(|(name, _)| name == "col") {
        let fields = asked.query.columns.iter();
        let fields = fields.filter_map(|at| asked.register.fields.get(*at));
        query.extend(fields.map(|field| ("col".to_owned(), field.id.clone())));
    }
    query
}

fn address(reader: &Reader, asked: &Asked<'_>, list: &SavedList) -> String {
    let pairs = list.query.iter();
    let pairs: Vec<(&str, &str)> = pairs.map(|(name, value)| (&**name, &**value)).collect();
    reader.link(&asked.path(), &pairs)
}

/// Saves, renames or deletes a list, and leads back to it.
pub(crate) async fn change(reader: &Reader, id: &str, fields: Fields) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let register = view.register(id)?;
    let fields = desk::read(fields)?;
    let name = desk::field(&fields, "name").unwrap_or_default();
    let own = desk::field(&fields, "list").unwrap_or_default();
    match desk::field(&fields, "do") {
        Some("rename") => view.rename_list(register, own, name).await?,
        Some("delete") => view.drop_list(register, own).await?,
        Some("save") => {
            let mut asked = saved_part(&reader.asked);
            if !asked.iter().any(|(name, _)| name == "col") {
                asked.extend(fields.iter().filter(|(name, _)| name == "col").cloned());
            }
            view.save_list(register, name, &asked, reader.on).await?;
        }
        _ => return Err(Trouble::Form(words::UNREADABLE_FORM)),
    }
    Ok(Page::elsewhere(
        reader.asked_at(&place(register), &["lang"]),
    ))
}

words! {
    SAVED: "已存的名单", "Saved lists";
    SAVE: "保存名单", "Save this list";
    NAME: "名称", "Name";
    SAVE_IT: "保存", "Save";
    SAVE_NOTE: "存下的是条件、次序、列和单位，不是名单上的人；每次打开都按当天重新查。只有您自己看得到。", "What is saved are the conditions, order, columns and unit, not who is on the list; it is asked anew each time. Only you see it.";
    RENAME: "改名", "Rename";
    DELETE: "删去", "Delete";
}
