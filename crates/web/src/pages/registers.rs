//! The registers of the pack: all of them with how many records each has, and under them lists, records and exports that are made from
//! declarations alone. What no pack declares isn't shown here, and no register is known by its name.

pub(crate) mod cells;
pub(super) mod columns;
pub(super) mod export;
mod filters;
mod homes;
pub(crate) mod list;
pub(crate) mod record;
pub(super) mod saved;
mod totals;

use maud::{Markup, html};
use office::RegisterGroup;

use crate::plain;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

pub(crate) use cells::{address, plain as plain_cell, title};

/// The page.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let groups = view.registers(reader.on).await?;
    if groups.is_empty() {
        return Err(Trouble::Absent);
    }
    let empty = groups.iter().flat_map(|group| &group.registers);
    let empty = empty.map(|(_, count)| count).sum::<usize>() == 0;
    let body = html! {
        p.note { (reader.say(REGISTERS_NOTE)) }
        @if empty { (nothing_yet(reader)) }
        @for group in &groups { (under(reader, group)) }
    };
    let title = reader.say(words::REGISTERS);
    Ok(Page::new(Place::Registers, title, body).dated())
}

/// The registers under one heading.
fn under(reader: &Reader, group: &RegisterGroup<'_>) -> Markup {
    let heading = group.heading.map(|member| member.name.get(reader.lang));
    html! {
        section {
            h2 { (heading.unwrap_or(reader.say(OTHER))) }
            table.registers aria-label=(heading.unwrap_or(reader.say(OTHER))) {
                thead.unseen { tr {
                    th scope="col" { (reader.say(words::REGISTER)) }
                    th.n scope="col" { (reader.say(RECORDS)) }
                    th scope="col" { (reader.say(WHAT_FOR)) }
                } }
                tbody {
                    @for (register, count) in &group.registers {
                        tr {
                            th scope="row" { a href=(reader.link(&format!("/registers/{}", register.id), &[])) { (register.name.get(reader.lang)) } }
                            td.n { @if *count == 0 { span.none { "0" } } @else { (plain::count(*count)) } }
                            td.faint { @if let Some(help) = &register.look.help { (help.get(reader.lang)) } }
                        }
                    }
                }
            }
        }
    }
}

/// What to do where nothing is recorded.
fn nothing_yet(reader: &Reader) -> Markup {
    html! {
        p.empty { (reader.say(NOTHING_YET)) }
        @if reader.office.writes { p { a href="/imports/new" { (reader.say(words::IMPORT_A_LIST)) } } }
    }
}

words! {
    REGISTERS_NOTE: "台账里的每一册：点开可以筛选、排列、导出和打印，每条记录都能看到来历。", "Every register of the ledger: open one to filter, sort, export and print it; each record tells where it comes from.";
    OTHER: "其他", "Other";
    RECORDS: "条数", "Records";
    WHAT_FOR: "说明", "What for";
    NOTHING_YET: "这一天各册都还没有记录。导入一份名册，或换一个日期。", "No register has a record on this date. Import a list, or choose another date.";
}
