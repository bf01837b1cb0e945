//! The tree of units the reader may see.

use kernel::UnitCode;
use maud::{Markup, html};

use crate::pages::unit::address;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;
use office::{Unit, UnitNames};

/// Deeper trees than any.
const DEEPEST: usize = 6;

/// The page.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let units = reader.view()?.units(reader.on).await?;
    let tops = tops(&units);
    let body = html! {
        p.note { (reader.say(UNITS_NOTE)) }
        (branch(reader, &units, &tops, 0))
    };
    Ok(Page::new(Place::Units, reader.say(words::UNITS), body).dated())
}

/// The units under no other.
fn tops(units: &UnitNames) -> Vec<&Unit> {
    let under = |code: &UnitCode| !units.above(code).is_empty();
    units.all().filter(|unit| !under(&unit.code)).collect()
}

fn branch(reader: &Reader, units: &UnitNames, level: &[&Unit], depth: usize) -> Markup {
    html! {
        ul.tree {
            @for unit in level {
                li {
                    a href=(address(reader, unit)) { (unit.name) }
                    span.faint { (unit.code.level().label(reader.lang)) " " (unit.code) }
                    @let under = units.under(&unit.code);
                    @if depth < DEEPEST && !under.is_empty() { (branch(reader, units, &under, depth + 1)) }
                }
            }
        }
    }
}

words! {
    UNITS_NOTE: "点开单位，查看它的数字和各项目名单。", "Open a unit for its figures and lists.";
}
