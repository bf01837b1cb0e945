//! The access log: who read what, when and why, the latest first.

use maud::html;

use crate::parts;
use crate::plain::ROWS;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// The page.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let page = reader.page()?;
    let mut lines = view.log(ROWS + 1, (page - 1) * ROWS).await?;
    if lines.is_empty() && page > 1 {
        return Err(Trouble::Absent);
    }
    let more = lines.len() > ROWS;
    lines.truncate(ROWS);
    let units = view.units(reader.office.on).await?;
    let to = |page: usize| reader.here_with("page", &page.to_string());
    let table = html! {
        table.rows {
            thead {
                tr {
                    @for heading in [words::WHEN, words::WHO, WHY, POST, SHOWN_IN_CLEAR, WHAT] { (parts::heading(reader, heading, false)) }
                }
            }
            tbody {
                @for line in &lines {
                    tr {
                        td.d { (shown::moment(line.at)) }
                        td { (line.who) }
                        td { (line.why) }
                        td {
                            @for (nth, (role, unit)) in line.posts.iter().take(2).enumerate() {
                                @if nth > 0 { (reader.say(words::COMMA)) }
                                (shown::role(reader, role)) " " (units.name(&unit.to_string()))
                            }
                            @if line.posts.len() > 2 { (words::and_more(line.posts.len() - 2, reader.lang)) }
                        }
                        td { (words::revealed(&line.reveals, reader.lang)) }
                        td { (line.what.words(reader.lang)) }
                    }
                }
            }
        }
    };
    let body = html! {
        p.note { (reader.say(LOG_NOTE)) }
        @if lines.is_empty() { p.empty { (reader.say(words::NO_ROWS)) } } @else { (parts::scrolling(reader.say(words::LOG), &table)) }
        @if page > 1 || more {
            nav.pager aria-label=(reader.say(words::PAGES)) {
                @if page > 1 { a href=(to(page - 1)) rel="prev" { (reader.say(words::PREVIOUS)) } }
                @if more { a href=(to(page + 1)) rel="next" { (reader.say(words::NEXT)) } }
            }
        }
    };
    Ok(Page::new(Place::Log, reader.say(words::LOG), body))
}

words! {
    LOG_NOTE: "谁在什么时候、为什么看过哪些单位的数据；最近的在前，时间为北京时间。", "Who read the data of which units, when and why; the latest first, in China time.";
    WHY: "事由", "Why";
    POST: "岗位", "Post";
    SHOWN_IN_CLEAR: "明文显示", "In clear";
    WHAT: "看了什么", "What";
}
