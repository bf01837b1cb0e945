//! The first page: what is to be done today, in which unit most, how old the lists are; and below it the figures. Whoever doesn't read what
//! figures are made of sees what else is theirs. An office that has only begun is led to its first list, step by step.

use kernel::{Lang, UnitCode};
use maud::{Markup, html};
use office::{Begun, DayWork, LastList, Standing, UnitNames, WorkCounts};

use super::unit;
use crate::desk;
use crate::handbook::Chapter;
use crate::parts;
use crate::plain;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// The lists that are work, in the order in which they matter.
const LISTS: [Standing; 5] = [
    Standing::Missed,
    Standing::NoLonger,
    Standing::ToFindOut,
    Standing::Waits,
    Standing::Unlisted,
];
/// How many of the oldest lists are shown.
const OLDEST: usize = 12;

/// The page.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let units = view.units(reader.on).await?;
    let (begun, root) = (view.begun(reader.on).await?, reader.root());
    let owed = match reader.opens().figures && begun.people {
        true => view.owed(reader.office.period, None).await?,
        false => None,
    };
    let before = owed.as_ref().map(|owed| &*owed.before);
    let before = before.filter(|_| reader.on == reader.office.period.end());
    let work = view.work(reader.on, before).await?;
    let figures = match reader.opens().figures && begun.people {
        true => Some(unit::body(reader, &units, root).await?),
        false => None,
    };
    let begins = !begun.done() && (reader.office.writes || !begun.people);
    let body = html! {
        @if begins { (first_steps(reader, begun)) }
        @if begun.people {
            section aria-labelledby="today" {
                h2.quiet #today { (words::work_on(reader.on, reader.lang)) }
                (today(reader, &work.whole, work.many))
            }
            @if reader.opens().figures && begun.people {
                section aria-labelledby="owed" {
                    h2.quiet #owed { a href=(reader.link("/owed", &[])) { (reader.say(OWED)) } " " span.faint { (reader.office.period.label(reader.lang)) } }
                    @match &owed {
                        Some(owed) => (super::owed::line(reader, owed)),
                        None => p.none { (reader.say(STILL_COUNTED)) },
                    }
                }
            }
            @if work.units.len() > 1 { (ranked(reader, &units, &work)) }
        }
        @if !work.lists.is_empty() { (ages(reader, &units, &work.lists)) }
        @if figures.is_none() { (doors(reader)) }
        @if let Some(figures) = figures { (figures) }
    };
    let kicker = match reader.opens().figures {
        true => words::figures_of(&reader.period()?, reader.lang),
        false => kernel::date::label(reader.on, reader.lang),
    };
    let page = Page::new(Place::Overview, units.name(root.as_str()), body);
    let page = match begins {
        true => page.chapter(Chapter::Begin),
        false => page,
    };
    Ok(page.kicker(kicker).dated())
}

/// All that waits, each count leading to what it counts.
fn today(reader: &Reader, counts: &WorkCounts, many: bool) -> Markup {
    let lists = LISTS.into_iter().filter_map(|list| {
        let count = counts.of(list)?;
        Some((
            list.label(reader.lang),
            count,
            of_list(reader, list, None),
            false,
            counts.change(list),
        ))
    });
    let late = late_address(reader, None);
    let rest = [
        (
            QUESTIONS,
            counts.questions,
            Some(reader.link("/review", &[])),
            false,
        ),
        (LATE, counts.late, late, false),
        (
            CHANGES,
            counts.changes,
            Some(reader.link("/imports", &[])),
            many,
        ),
    ];
    let rest = rest.into_iter().filter_map(|(name, count, address, many)| {
        Some((reader.say(name), count?, address?, many, None))
    });
    html! {
        dl.line.today {
            @for (name, count, address, many, change) in lists.chain(rest) {
                div {
                    dt { (name) }
                    dd { @if count == 0 { span.none { "0" } } @else { a href=(address) { (plain::count(count)) @if many { "+" } } } }
                    @if let Some(change) = change { dd.before { (since_last_month(change, reader.lang)) } }
                }
            }
        }
    }
}

/// Where a list across all programmes is, within a unit.
fn of_list(reader: &Reader, list: Standing, unit: Option<&UnitCode>) -> String {
    let unit = unit.map(UnitCode::as_str).map(|unit| ("unit", unit));
    let list = ("list", list.as_str());
    let questions: Vec<(&str, &str)> = [list].into_iter().chain(unit).collect();
    reader.link("/waiting", &questions)
}

/// Where the follow-ups are that are past their day; none if there are none to be read.
fn late_address(reader: &Reader, unit: Option<&UnitCode>) -> Option<String> {
    let kept = reader.office.contract.follow_ups.as_ref()?;
    let register = &kept.register;
    reader.view().ok()?.register(&register.id).ok()?;
    let list = match &kept.status.kind {
        pack::FieldType::Code(list) => reader.office.pack.code(list)?,
        _ => return None,
    };
    let (status, due) = (
        format!("f.{}", kept.status.id),
        format!("f.{}.to", kept.due.id),
    );
    let yesterday = reader.on.yesterday().ok()?.to_string();
    let open = list
        .members
        .iter()
        .filter(|member| !kept.settled.contains(&member.value));
    let mut questions: Vec<(&str, &str)> = open
        .map(|own| (status.as_str(), own.value.as_str()))
        .collect();
    questions.push((&due, &yesterday));
    questions.push(("sort", &kept.due.id));
    questions.extend(unit.map(|unit| ("unit", unit.as_str())));
    Some(reader.link(&format!("/registers/{}", register.id), &questions))
}

/// The units, most work first.
fn ranked(reader: &Reader, units: &UnitNames, work: &DayWork) -> Markup {
    let has = |of: fn(&WorkCounts) -> bool| of(&work.whole);
    let (figures, questions) = (
        has(|own| own.standings.is_some()),
        has(|own| own.questions.is_some()),
    );
    let (late, changes) = (
        has(|own| own.late.is_some()),
        has(|own| own.changes.is_some()),
    );
    let whole = reader.root();
    let table = html! {
        table.figures.ranked {
            thead {
                tr {
                    th scope="col" { (reader.say(words::UNIT)) }
                    @if figures { @for list in LISTS { th.n scope="col" { (list.label(reader.lang)) } } }
                    @if questions { (parts::heading(reader, QUESTIONS, true)) }
                    @if late { (parts::heading(reader, LATE, true)) }
                    @if changes { (parts::heading(reader, CHANGES, true)) }
                    (parts::heading(reader, OLDEST_LIST, false))
                }
            }
            tbody {
                @for (unit, counts) in &work.units {
                    @let own = *unit == whole;
                    @let at = Some(unit).filter(|_| !own);
                    tr {
                        th scope="row" {
                            @match units.get(unit).filter(|_| reader.opens().figures && !own) {
                                Some(unit) => a href=(unit::address(reader, unit)) { (unit.name) },
                                None => { (units.name(unit.as_str())) @if own { " " span.faint { (reader.say(ITSELF)) } } },
                            }
                        }
                        @if figures { @for list in LISTS { (count(counts.of(list), at.map(|unit| of_list(reader, list, Some(unit))), counts.change(list))) } }
                        @if questions { (count(counts.questions, at.map(|unit| reader.link("/review", &[("unit", unit.as_str())])), None)) }
                        @if late { (count(counts.late, at.and_then(|unit| late_address(reader, Some(unit))), None)) }
                        @if changes { (count(counts.changes, None, None)) }
                        td { @if let Some(list) = &counts.oldest { (roster(reader, list)) " " span.d { (list.as_of) } } }
                    }
                }
            }
        }
    };
    html! {
        section aria-labelledby="ranked" {
            h2 #ranked { (reader.say(WHERE_MOST)) }
            @if work.whole.before.is_some() { p.note { (reader.say(CHANGES_NOTE)) } }
            (parts::scrolling(reader.say(WHERE_MOST), &table))
        }
    }
}

/// A count with what it leads to, and by how much it differs from that of a month before.
fn count(count: Option<usize>, address: Option<String>, change: Option<i64>) -> Markup {
    html! {
        td.n {
            @if let Some(change) = change.filter(|change| *change != 0) { small.change { (signed(change)) } " " }
            @match (count, address) {
                (None, _) => "—",
                (Some(0), _) => span.none { "0" },
                (Some(count), Some(address)) => a href=(address) { (plain::count(count)) },
                (Some(count), None) => { (plain::count(count)) },
            }
        }
    }
}

fn signed(change: i64) -> String {
    let sign = if change < 0 { '−' } else { '+' };
    let many = usize::try_from(change.unsigned_abs()).unwrap_or(usize::MAX);
    format!("{sign}{}", plain::count(many))
}

fn since_last_month(change: i64, lang: Lang) -> String {
    match (lang, change) {
        (Lang::Zh, 0) => "与上月同日持平".to_owned(),
        (Lang::Zh, _) => format!("较上月同日 {}", signed(change)),
        (Lang::En, 0) => "as a month ago".to_owned(),
        (Lang::En, _) => format!("{} in a month", signed(change)),
    }
}

/// The name of the roster of a list.
fn roster<'r>(reader: &'r Reader, list: &'r LastList) -> &'r str {
    let roster = reader.office.pack.roster(&list.roster);
    roster.map_or(&list.roster, |roster| roster.name.get(reader.lang))
}

/// How old the lists are, the oldest first.
fn ages(reader: &Reader, units: &UnitNames, lists: &[LastList]) -> Markup {
    let today = reader.on;
    let days = |list: &LastList| today.since(list.as_of).map_or(0, |span| span.get_days());
    html! {
        section aria-labelledby="ages" {
            details.ages {
                summary #ages { (words::lists_by_age(lists.len(), reader.lang)) }
                table.figures aria-label=(words::lists_by_age(lists.len(), reader.lang)) {
                    thead { tr { @for heading in [LIST, words::UNIT, OF_DAY] { (parts::heading(reader, heading, false)) } (parts::heading(reader, DAYS, true)) } }
                    tbody {
                        @for list in lists.iter().take(OLDEST) {
                            tr {
                                th scope="row" { (roster(reader, list)) }
                                td { (units.name(list.unit.as_str())) }
                                td.d { (list.as_of) }
                                td.n { (days(list)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What else is open to somebody who doesn't read what figures are made of.
fn doors(reader: &Reader) -> Markup {
    let opens = reader.opens();
    let doors: [(bool, &str, Words, Words); 4] = [
        (opens.people, "/people", words::PEOPLE, PEOPLE_WHY),
        (
            opens.registers,
            "/registers",
            words::REGISTERS,
            REGISTERS_WHY,
        ),
        (opens.writes, "/actions", words::ACTIONS, ACTIONS_WHY),
        (opens.questions, "/review", words::REVIEW, REVIEW_WHY),
    ];
    html! {
        section aria-label=(reader.say(DOORS)) {
            dl.actions {
                @for (_, path, name, why) in doors.into_iter().filter(|(open, ..)| *open) {
                    dt { a href=(reader.link(path, &[])) { (reader.say(name)) } }
                    dd { (reader.say(why)) }
                }
            }
        }
    }
}

/// From nothing to the first list.
fn first_steps(reader: &Reader, begun: Begun) -> Markup {
    let import = "/imports/new";
    let steps: [(bool, Words, Words, &str); 5] = [
        (begun.units, UNITS_STEP, UNITS_HOW, import),
        (begun.posts, POSTS_STEP, POSTS_HOW, ""),
        (begun.people, PEOPLE_STEP, PEOPLE_HOW, import),
        (begun.enrolments, BENEFITS_STEP, BENEFITS_HOW, import),
        (
            begun.people && begun.questions,
            ANSWERS_STEP,
            ANSWERS_HOW,
            "/review",
        ),
    ];
    let next = steps.iter().position(|(done, ..)| !done);
    let opens = reader.opens();
    let open = |address: &str| match address {
        "" => false,
        "/review" => opens.questions,
        _ => opens.writes,
    };
    html! {
        section.steps aria-labelledby="steps" {
            h2 #steps { (reader.say(FIRST_STEPS)) }
            p.note { (reader.say(FIRST_STEPS_NOTE)) }
            (desk::line(reader))
            ol {
                @for (nth, (done, name, how, address)) in steps.iter().enumerate() {
                    li class=[done.then_some("done-step")] {
                        span.mark.holds[*done] role="img" aria-label=(reader.say(if *done { STEP_DONE } else { STEP_OPEN })) { @if *done { "✓" } @else { "○" } } " "
                        b { (reader.say(*name)) }
                        p { (reader.say(*how)) @if !done && open(address) { " " a.begin[next == Some(nth)] href=(*address) { (reader.say(if *address == import { words::IMPORT_A_LIST } else { words::REVIEW })) } } }
                    }
                }
            }
        }
    }
}

words! {
    OWED: "应发与应补", "Due and owed";
    STILL_COUNTED: "正在计算，过一会儿刷新就有。", "Being worked out: reload in a while.";
    QUESTIONS: "待核事项", "Questions";
    LATE: "已过期限", "Overdue";
    CHANGES: "昨天以来写入", "Written since yesterday";
    OLDEST_LIST: "最久未更新的名册", "Oldest list";
    WHERE_MOST: "哪里事情最多", "Where most work waits";
    CHANGES_NOTE: "数字前的小字：比上月同日多了或少了多少。", "In small before a number: by how much it grew or shrank in a month.";
    ITSELF: "（本级）", "(itself)";
    LIST: "名册", "List";
    OF_DAY: "名册日期", "Of the day";
    DAYS: "距今天数", "Days ago";
    DOORS: "入口", "What is open to you";
    PEOPLE_WHY: "按姓名、拼音、电话、住址或号码查人。", "Find people by name, telephone, address or number.";
    REGISTERS_WHY: "您可以查阅的登记册。", "The registers that you may read.";
    ACTIONS_WHY: "登记一件事：走访、电话、进度等。", "Make something known: a visit, a telephone, how far something has come.";
    REVIEW_WHY: "名册上拿不准的，请您核定。", "What lists leave open, for you to say.";
    FIRST_STEPS: "从零到第一份名单", "From nothing to the first list";
    FIRST_STEPS_NOTE: "按顺序做完这几步，台账就能告诉您谁该享受而没有享受。做完一步，这里自动打勾。", "Do these in order, and the ledger tells you who is entitled and was missed. Each is ticked by itself once it is done.";
    UNITS_STEP: "导入单位名单", "Import the list of units";
    UNITS_HOW: "街道下有哪些社区、村，用“单位”名册导入一次即可。", "The communities and villages below the office, once, as a list of units.";
    POSTS_STEP: "任命经办人员", "Appoint who works here";
    POSTS_HOW: "在命令行用 taizhang posts 登记谁在哪个单位任什么岗位；之后每次查阅和办理都记下是谁。", "On the command line, taizhang posts says who holds which post in which unit; from then on everything read and done is kept with who it was.";
    PEOPLE_STEP: "导入第一份人口名册", "Import the first list of people";
    PEOPLE_HOW: "公安户籍名册最好，社区自己的居民名册也行；先试导入，看清结果再写入。", "The police household roster is best, a community's own list will do. It is tried first, and written when you have seen what it does.";
    BENEFITS_STEP: "导入享受名册", "Import who is paid";
    BENEFITS_HOW: "有了它，才分得清谁已享受、谁应享未享、谁不再符合。", "Only with it can be told who is served, who was missed, and who is no longer entitled.";
    ANSWERS_STEP: "核定拿不准的", "Answer what is unclear";
    ANSWERS_HOW: "名册之间对不上的人，逐件核定。然后打开“项目”，看第一份名单。", "Say who is meant where lists don't agree. Then open Programmes: the first list is there.";
    STEP_DONE: "已完成", "done";
    STEP_OPEN: "未完成", "to do";
}
