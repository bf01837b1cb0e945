//! A household: its number, where it is as far as that may be seen, and its members.

use kernel::RecordId;
use maud::html;

use crate::around::Around;
use crate::names::people;
use crate::pages::person::members;
use crate::pages::person_records::{Held, dead, rows};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// The page.
pub(crate) async fn page(reader: &Reader, household: RecordId) -> Result<Page, Trouble> {
    let site = &reader.site;
    let near = Around::read(site, reader.on, household, &reader.path).await?;
    let session = &near.session;
    let own = rows(
        session,
        &format!("select * from household where id = {household}"),
    )
    .await?
    .pop();
    let own = own.ok_or(Trouble::Absent)?;
    let found = format!(
        "select m.person, m.relation_to_head, m.registered, m.living, p.sex, p.birth_date \
         from residence m join person p on p.id = m.person where m.household = {household} order by m.relation_to_head, p.birth_date"
    );
    let found = rows(session, &found).await?;
    let ids: Vec<i64> = found
        .iter()
        .filter_map(|row| row.record("person"))
        .collect();
    let held = Held {
        own,
        residences: Vec::new(),
        members: found,
        kin: Vec::new(),
        others: Vec::new(),
        people: people(session, ids.iter().copied()).await?,
        dead: dead(&near).await?,
    };
    let units = site.units(reader.on).await?;
    let fields = site
        .pack
        .register("household")
        .into_iter()
        .flat_map(|register| &register.fields);
    let body = html! {
        dl.facts {
            @for field in fields.filter(|field| field.id != "number") {
                @if let Some(value) = held.own.get(&field.id) {
                    div { dt { (field.name.get(reader.lang)) } dd { (shown::value(&site.pack, &units, &field.kind, value, reader.lang)) } }
                }
            }
        }
        h2 { (reader.say(words::MEMBERS)) }
        @if held.members.is_empty() { p.empty { (reader.say(words::NO_MEMBERS)) } } @else { (members(reader, &held, &held.members, None)) }
    };
    let title = words::household(held.own.get("number").unwrap_or_default(), reader.lang);
    let unit = units.name(held.own.get("book").unwrap_or_default());
    let up = (
        reader.link("/people", &[]),
        reader.say(words::PEOPLE).to_owned(),
    );
    Ok(Page::new(Place::People, title, body)
        .kicker(unit)
        .way([up])
        .dated())
}
