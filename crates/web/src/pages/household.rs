//! A household: its number, where it is as far as that may be seen, and its members.

use kernel::RecordId;
use maud::html;

use crate::handbook::Chapter;
use crate::pages::offered;
use crate::pages::person::household_table;
use crate::pages::person_records::{dead, members};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// The page.
pub(crate) async fn page(reader: &Reader, household: RecordId) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let around = view.around(reader.on, household).await?;
    let own = around.household(household.0).ok_or(Trouble::Absent)?;
    let kept = &around.contract.households;
    let members = members(&around, household.0);
    let units = view.units(reader.on).await?;
    let fields = kept.register.fields.iter();
    let body = html! {
        dl.facts {
            @for field in fields.filter(|field| field.id != kept.number.id) {
                @if own.has(&field.id) {
                    div { dt { (field.name.get(reader.lang)) } dd { (shown::field(reader, &units, (&kept.register.id, field), own)) } }
                }
            }
        }
        (offered::offered(reader, (&kept.register, own, Some(&around)), &[]))
        h2 { (reader.say(MEMBERS)) }
        @if members.is_empty() { p.empty { (reader.say(NO_MEMBERS)) } } @else { (household_table(reader, &around, &dead(&around), &members, None)) }
    };
    let title = words::household(own.get(&kept.number.id).unwrap_or_default(), reader.lang);
    let unit = units.of(own.unit);
    let up = (
        reader.link("/people", &[]),
        reader.say(words::PEOPLE).to_owned(),
    );
    Ok(Page::new(Place::People, title, body)
        .chapter(Chapter::People)
        .kicker(unit)
        .way([up])
        .dated())
}

words! {
    MEMBERS: "户内人员", "Members";
    NO_MEMBERS: "在这个日期，户内没有人员。请换一个日期，或在要并入的人员页面上办理。", "On this date the household has no members. Choose another date, or let somebody join it from their own page.";
}
