//! The access log: who read what, when and why, the latest first.

use kernel::Lang;
use maud::html;

use crate::parts;
use crate::plain::ROWS;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words::{self, Words};

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
                        td { (reason(&line.why, reader.lang)) }
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

/// Why somebody read: what the program gives as reason where nobody did, in the reader's words; otherwise what was written.
fn reason(why: &str, lang: Lang) -> &str {
    let own = OWN_REASONS.iter().find(|(own, _)| *own == why);
    own.map_or(why, |(_, words)| words.get(lang))
}

const OWN_REASONS: [(&str, Words); 16] = [
    ("pages", PAGES_USED),
    ("review", REVIEWED),
    ("explain", EXPLAINED),
    ("sweep", SWEPT),
    ("import", IMPORTED),
    ("imports", JOURNAL_READ),
    ("merge", MERGED),
    ("posts", POSTS_KEPT),
    ("erase", ERASED),
    ("indicators", FIGURES_READ),
    ("report", REPORTED),
    ("names of units", NAMES_OF_UNITS),
    ("sweep for the pages", SWEPT_FOR_PAGES),
    ("figures for the pages", FIGURES_FOR_PAGES),
    ("checks for the pages", CHECKS_FOR_PAGES),
    ("search", SEARCH_PREPARED),
];

words! {
    PAGES_USED: "日常办公", "daily work";
    REVIEWED: "核定", "review";
    EXPLAINED: "说明结论", "explaining answers";
    SWEPT: "核算名单", "making lists";
    IMPORTED: "导入名册", "importing a list";
    JOURNAL_READ: "查看写入记录", "reading the journal";
    MERGED: "提出合并", "proposing a merge";
    POSTS_KEPT: "岗位", "posts";
    ERASED: "依法删除", "erasing by law";
    FIGURES_READ: "查看指标", "reading figures";
    REPORTED: "生成报告", "making a report";
    NAMES_OF_UNITS: "单位名称", "names of units";
    SWEPT_FOR_PAGES: "为网页核算", "answers for the pages";
    FIGURES_FOR_PAGES: "为网页统计", "figures for the pages";
    CHECKS_FOR_PAGES: "为网页核对", "checks for the pages";
    SEARCH_PREPARED: "为查找编索引", "the index for searching";
    LOG_NOTE: "谁在什么时候、为什么看过哪些单位的数据；最近的在前，时间为北京时间。", "Who read the data of which units, when and why; the latest first, in China time.";
    WHY: "事由", "Why";
    POST: "岗位", "Post";
    SHOWN_IN_CLEAR: "明文显示", "In clear";
    WHAT: "看了什么", "What";
}
