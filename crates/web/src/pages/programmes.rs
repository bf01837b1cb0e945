//! All programmes, with how many stand where.

use maud::html;

use crate::parts;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

/// The page.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let unit = reader.unit()?;
    let tallies = reader.view()?.tallies(reader.on, unit).await?;
    let body = html! {
        p.note { (words::where_people_stand(reader.on, reader.lang)) }
        p { a.alone href=(reader.link("/owed", &[])) { (reader.say(OWED)) } }
        (parts::programmes(reader, unit, |id| tallies.get(id).copied()))
        (parts::judgements(reader, unit, |id| tallies.get(id).copied()))
        dl.legend {
            @for (name, meaning) in words::LISTS_EXPLAINED {
                dt { (reader.say(name)) }
                dd { (reader.say(meaning)) }
            }
        }
    };
    Ok(Page::new(Place::Programmes, reader.say(words::PROGRAMMES), body).dated())
}

words! {
    OWED: "应发与应补：逐期核算", "Due and owed, step by step";
}
