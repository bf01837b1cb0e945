//! The parts pages are made of, one of each: figures, programme tables, answers, pagers, choices.

use crate::handbook::Chapter;
use kernel::{Answer, UnitCode};
use maud::{Markup, html};
use office::Standing;

use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::words::{self, Words};
use office::Standings;
use office::UnitNames;

/// The lists, in the order in which they matter.
pub(crate) const STANDINGS: [Standing; 6] = [
    Standing::Missed,
    Standing::NoLonger,
    Standing::ToFindOut,
    Standing::Waits,
    Standing::Unlisted,
    Standing::Served,
];

/// A table that scrolls sideways by itself when the screen is narrow.
pub(crate) fn scrolling(name: &str, table: &Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(name) tabindex="0" { (table) } }
}

/// How many rows there are, and the way to the other pages of them.
pub(crate) fn pager(reader: &Reader, page: usize, total: usize) -> Markup {
    pager_of(reader, "page", page, total)
}

/// The same of a second list of a page, by a question of its own.
pub(crate) fn pager_of(reader: &Reader, question: &str, page: usize, total: usize) -> Markup {
    let last = total.div_ceil(ROWS).max(1);
    let to = |page: usize| reader.here_with(question, &page.to_string());
    html! {
        @if last > 1 {
            nav.pager aria-label=(reader.say(words::PAGES)) {
                @if page > 1 {
                    a href=(to(1)) { (reader.say(FIRST)) }
                    a href=(to(page - 1)) rel="prev" { (reader.say(words::PREVIOUS)) }
                }
                span { (words::page_of(page, last, reader.lang)) }
                @if page < last {
                    a href=(to(page + 1)) rel="next" { (reader.say(words::NEXT)) }
                    a href=(to(last)) { (reader.say(LAST)) }
                }
            }
            @if last > 2 { (jump(reader, question, last)) }
        }
    }
}

/// The way to a page that is far away.
fn jump(reader: &Reader, question: &str, last: usize) -> Markup {
    let id = format!("jump-{question}");
    let kept = reader.asked.iter();
    let kept = kept
        .filter(|(name, _)| ![question, "lang", "done", "rows", "all"].contains(&name.as_str()));
    html! {
        form.jump method="get" action=(reader.path) {
            @for (name, value) in kept { input type="hidden" name=(name) value=(value); }
            label for=(id) { (reader.say(TO_PAGE)) }
            input id=(id) name=(question) type="number" inputmode="numeric" min="1" max=(last) required;
            button.quiet type="submit" { (reader.say(GO)) }
        }
    }
}

/// Which rows of how many are shown.
pub(crate) fn span(reader: &Reader, page: usize, shown: usize, total: usize) -> String {
    let first = (page - 1) * ROWS;
    words::rows_of(first + 1, first + shown, total, reader.lang)
}

/// How many rows a list is printed with at most.
pub(crate) const MOST_PRINTED: usize = 3_000;

/// How many rows there are, and as what the list can be had; how it is printed where it stands whole, and so has no page.
pub(crate) fn count(
    reader: &Reader,
    page: Option<usize>,
    (shown, total): (usize, usize),
    file: impl Fn(&str) -> String,
) -> Markup {
    html! {
        p.count {
            @if let Some(page) = page {
                (span(reader, page, shown, total))
                span.exports {
                    @for (ending, name) in [("xlsx", words::AS_WORKBOOK), ("csv", words::AS_CSV)] {
                        " " a href=(file(ending)) download { (reader.say(name)) }
                    }
                    " " a href=(reader.here_with("print", "1")) { (reader.say(words::PRINT_WHOLE)) }
                }
            } @else {
                (words::printed_of(shown, total, reader.lang))
                span.exports { (print(reader)) " " a href=(reader.here_without(|name, _| name == "print")) { (reader.say(words::BACK_TO_PAGES)) } }
            }
        }
    }
}

/// Why some of what is shown has stars, and how it is seen in clear.
pub(crate) fn stars(reader: &Reader) -> Markup {
    let address = reader.link(&Chapter::Posts.address(), &[]);
    html! { p.note.stars { (reader.say(STARS)) " " a.alone href=(address) { (reader.say(STARS_HOW)) } } }
}

/// How a list that stands whole is printed: by a button where there is a script for it, and by the browser's own key.
pub(crate) fn print(reader: &Reader) -> Markup {
    html! {
        " " button.quiet type="button" data-print hidden { (reader.say(PRINT)) }
        " " span.faint { (reader.say(PRINT_KEY)) }
    }
}

/// The answer of a programme, as a word with a mark.
pub(crate) fn answer(reader: &Reader, programme: &str, answer: Answer) -> Markup {
    let programme = reader.office.pack.programme(programme);
    let name = programme.map_or(answer.label(reader.lang), |own| {
        own.answer_name(answer, reader.lang)
    });
    html! { span class=(format!("answer {}", answer.as_str())) { (name) } }
}

/// The mark of a condition: holds, does not hold, cannot tell.
pub(crate) fn mark(reader: &Reader, holds: Option<bool>) -> Markup {
    let (sign, class, words) = match holds {
        Some(true) => ("✓", "holds", HOLDS),
        Some(false) => ("✗", "fails", FAILS),
        None => ("?", "open", CANNOT_TELL),
    };
    html! { span class=(format!("mark {class}")) role="img" aria-label=(reader.say(words)) title=(reader.say(words)) { (sign) } }
}

/// The heading of a column, with what it means for who wonders.
pub(crate) fn heading(reader: &Reader, words: Words, number: bool) -> Markup {
    html! { th scope="col" class=[number.then_some("n")] { (reader.say(words)) } }
}

/// How many stand where, for every programme; each count opens its list.
pub(crate) fn programmes(
    reader: &Reader,
    unit: Option<UnitCode>,
    tally: impl Fn(&str) -> Option<Standings>,
) -> Markup {
    let unit = unit.map(|unit| unit.to_string());
    let link = |id: &str, list: Option<Standing>| {
        let list = list.map(|list| ("list", list.as_str()));
        let unit = unit.as_deref().map(|unit| ("unit", unit));
        let questions: Vec<(&str, &str)> = list.into_iter().chain(unit).collect();
        reader.link(&format!("/programmes/{id}"), &questions)
    };
    let table = html! {
        table.figures {
            thead {
                tr {
                    th scope="col" { (reader.say(PROGRAMME)) }
                    (heading(reader, ENTITLED, true))
                    @for standing in STANDINGS { th.n scope="col" { (standing.label(reader.lang)) } }
                }
            }
            tbody {
                @for programme in reader.office.pack.benefits() {
                    @let tally = tally(&programme.id);
                    tr {
                        th scope="row" { a href=(link(&programme.id, None)) { (programme.name.get(reader.lang)) } }
                        @match tally {
                            None => td.none colspan=(STANDINGS.len() + 1) { (reader.say(NOT_IN_FORCE)) },
                            Some(tally) => {
                                td.n { (plain::count(tally.entitled)) }
                                @for standing in STANDINGS { td.n { (opening(standing, tally, link(&programme.id, Some(standing)))) } }
                            },
                        }
                    }
                }
            }
        }
    };
    scrolling(reader.say(words::PROGRAMMES), &table)
}

/// How many of each judgement are judged how; each count opens its list. Nothing if the pack judges nothing.
pub(crate) fn judgements(
    reader: &Reader,
    unit: Option<UnitCode>,
    tally: impl Fn(&str) -> Option<Standings>,
) -> Markup {
    let pack = &reader.office.pack;
    let unit = unit.map(|unit| unit.to_string());
    let unit = unit.as_deref().map(|unit| ("unit", unit));
    let link = |id: &str, list: Option<Standing>| {
        let list = list.map(|list| ("list", list.as_str()));
        let questions: Vec<(&str, &str)> = list.into_iter().chain(unit).collect();
        reader.link(&format!("/programmes/{id}"), &questions)
    };
    html! {
        @if pack.judgements().next().is_some() {
            section aria-labelledby="judgements" {
                h2 #judgements { (reader.say(JUDGEMENTS)) }
                ul.judgements {
                    @for own in pack.judgements() {
                        li {
                            a href=(link(&own.id, None)) { (own.name.get(reader.lang)) } (reader.say(words::COLON))
                            @match tally(&own.id) {
                                None => span.none { (reader.say(NOT_IN_FORCE)) },
                                Some(tally) => {
                                    @for (nth, standing) in Standing::of(own).iter().enumerate() {
                                        @if nth > 0 { (reader.say(words::COMMA)) }
                                        (standing.name(own, reader.lang)) " " (opening(*standing, tally, link(&own.id, Some(*standing))))
                                    }
                                },
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What stands in a list of which something has to be chosen until it is.
pub(crate) fn placeholder(reader: &Reader, chosen: bool) -> Markup {
    html! { option value="" disabled selected[!chosen] { (reader.say(CHOOSE)) } }
}

/// A choice of units for a form.
pub(crate) fn unit_choice(reader: &Reader, units: &UnitNames, chosen: Option<UnitCode>) -> Markup {
    html! {
        label for="unit" { (reader.say(words::UNIT)) }
        select #unit name="unit" {
            option value="" selected[chosen.is_none()] { (reader.say(words::ALL_UNITS)) }
            @for unit in units.all().filter(|unit| unit.code != reader.root()).take(500) {
                option value=(unit.code) selected[chosen == Some(unit.code)] { (unit.name) }
            }
        }
    }
}

/// The count of a list, opening it.
fn opening(standing: Standing, tally: Standings, address: String) -> Markup {
    let count = tally.of(standing);
    html! {
        @if count == 0 { span.none { "0" } }
        @else { a href=(address) class=[(standing == Standing::Missed).then_some("strong")] { (plain::count(count)) } }
    }
}

words! {
    CHOOSE: "请选择", "Choose";
    STARS: "带 * 的内容现在不显示原文，也不能用来查找。", "What has stars isn't shown in clear now, and nothing is found by it.";
    STARS_HOW: "怎样看原文", "How it is seen in clear";
    PRINT: "打印", "Print";
    PRINT_KEY: "（或按 Ctrl+P）", "(or press Ctrl+P)";
    FIRST: "首页", "First";
    LAST: "末页", "Last";
    TO_PAGE: "转到第几页", "Go to page";
    GO: "转到", "Go";
    JUDGEMENTS: "判断", "Judgements";
    PROGRAMME: "项目", "Programme";
    ENTITLED: "符合条件", "Entitled";
    NOT_IN_FORCE: "当日尚未施行", "not in force on this date";
    HOLDS: "符合", "holds";
    FAILS: "不符合", "fails";
    CANNOT_TELL: "缺事实，无法判断", "cannot tell";
}
