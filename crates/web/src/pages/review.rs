//! The questions that wait: proposed merges first, then by book. And where an answer goes.

use std::collections::BTreeMap;

use kernel::{RecordId, UnitCode};
use maud::{Markup, html};
use office::{Case, Decision, QuestionKind, WaitingQuestion};

use super::{differing, doubts, unread};
use crate::desk;
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// The page.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let (page, view) = (reader.page()?, reader.view()?);
    let all = view.waiting().await?;
    let books = books(&all);
    let cases = of_unit(reader, all)?;
    let first = (page - 1) * ROWS;
    if first > 0 && first >= cases.len() {
        return Err(Trouble::Absent);
    }
    let last = cases.len().min(first + ROWS);
    let shown = view.brief(&cases[first.min(last)..last]).await?;
    let differing = differing::waiting(reader).await?;
    let doubts = doubts::found(reader).await?;
    let unread = unread::waiting(reader).await?;
    let more = [differing.all, unread.all, doubts.found.len()];
    let body = html! {
        p.note { (reader.say(REVIEW_NOTE)) }
        (desk::line(reader))
        (done(reader).await?)
        @if books.len() > 1 || reader.unit()?.is_some() { (choice(reader, &books).await?) }
        @if cases.is_empty() && !(differing.all == 0 && unread.all == 0 && doubts.none()) {
        } @else if cases.is_empty() && reader.unit()?.is_some() {
            p.empty { (reader.say(NO_QUESTIONS_HERE)) }
        } @else if cases.is_empty() {
            p.empty { (reader.say(NO_QUESTIONS)) }
        } @else {
            (counts(reader, &cases, more))
            @if let Some(first) = cases.first() {
                p { a.begin href=(way_to(reader, first.record)) { (reader.say(START)) } }
            }
            (table(reader, &shown).await?)
            (parts::pager(reader, page, cases.len()))
        }
        (differing::section(reader, &differing).await?)
        (unread::section(reader, &unread).await?)
        (doubts::section(reader, &doubts).await?)
    };
    Ok(Page::new(Place::Review, reader.say(words::REVIEW), body))
}

/// Where a question is answered.
pub(crate) fn address(record: RecordId) -> String {
    format!("/review/{record}")
}

/// The way to a question, within the unit that was chosen.
pub(crate) fn way_to(reader: &Reader, record: RecordId) -> String {
    reader.link(&address(record), &reader.within())
}

/// The questions of the unit that was chosen; all of them if none was.
pub(crate) fn of_unit(
    reader: &Reader,
    cases: Vec<WaitingQuestion>,
) -> Result<Vec<WaitingQuestion>, Trouble> {
    let Some(unit) = reader.unit()? else {
        return Ok(cases);
    };
    let cases = cases.into_iter();
    Ok(cases.filter(|case| unit.contains(&case.book)).collect())
}

/// The books that have questions, and how many.
fn books(cases: &[WaitingQuestion]) -> BTreeMap<UnitCode, usize> {
    let mut books = BTreeMap::new();
    for case in cases {
        *books.entry(case.book).or_default() += 1;
    }
    books
}

async fn choice(reader: &Reader, books: &BTreeMap<UnitCode, usize>) -> Result<Markup, Trouble> {
    let units = reader.view()?.units(reader.on).await?;
    let chosen = reader.unit()?;
    Ok(html! {
        form.choice method="get" action="/review" {
            label for="unit" { (reader.say(words::UNIT)) }
            select #unit name="unit" {
                option value="" { (reader.say(words::ALL_UNITS)) }
                @for (unit, count) in books {
                    option value=(unit) selected[chosen == Some(*unit)] { (units.name(&unit.to_string())) " · " (plain::count(*count)) }
                }
                @if let Some(unit) = chosen.filter(|unit| !books.contains_key(unit)) {
                    option value=(unit) selected { (units.name(&unit.to_string())) }
                }
            }
            button type="submit" { (reader.say(words::SHOW)) }
        }
    })
}

/// What waits below the questions, and where.
const MORE: [(words::Words, &str); 3] = [
    (words::DIFFERING, "#differing"),
    (words::UNREAD, "#unread"),
    (words::DOUBTS, "#doubts"),
];

fn counts(reader: &Reader, cases: &[WaitingQuestion], more: [usize; 3]) -> Markup {
    let count = |kind| cases.iter().filter(|case| case.kind == kind).count();
    let counts = [
        (WAITING, cases.len()),
        (MERGES, count(QuestionKind::Merge)),
        (ROWS_ASKED, count(QuestionKind::Same)),
        (NUMBERS_ASKED, count(QuestionKind::Number)),
    ];
    let kinds = counts.iter().filter(|(_, count)| *count > 0).count() - 1;
    html! {
        dl.line {
            @for (nth, (name, count)) in counts.into_iter().enumerate() {
                @if nth == 0 || kinds > 1 && count > 0 { div { dt { (reader.say(name)) } dd { (plain::count(count)) } } }
            }
            @for ((name, place), count) in MORE.into_iter().zip(more).filter(|(_, count)| *count > 0) {
                div { dt { (reader.say(name)) } dd { a href=(place) { (plain::count(count)) } } }
            }
        }
    }
}

async fn table(reader: &Reader, cases: &[Case]) -> Result<Markup, Trouble> {
    let units = reader.view()?.units(reader.on).await?;
    Ok(html! {
        table.people aria-label=(reader.say(words::REVIEW)) {
            thead {
                tr { @for heading in [words::WHOM, words::ASKED, FROM_LIST, words::UNIT] { (parts::heading(reader, heading, false)) } }
            }
            tbody {
                @for case in cases {
                    tr {
                        th scope="row" { a href=(way_to(reader, case.record)) { (whom(reader, case)) } }
                        td { (words::question(case.kind, reader.lang)) }
                        td {
                            @match &case.proposed_by {
                                Some(who) if case.kind == QuestionKind::Merge => { (words::proposed_by(who, reader.lang)) },
                                _ => { (case.roster.get(reader.lang)) " " span.faint { (words::row_of(&case.place, reader.lang)) } },
                            }
                        }
                        td { (units.name(&case.book.to_string())) }
                    }
                }
            }
        }
    })
}

/// Whom a case is about, by name.
pub(crate) fn whom(reader: &Reader, case: &Case) -> String {
    let name = |seen: &[office::Seen]| {
        let name = office::Seen::name_in(seen);
        name.map(|name| name.get(reader.lang).to_owned())
    };
    if case.kind != QuestionKind::Merge {
        return name(&case.said).unwrap_or_else(|| "—".to_owned());
    }
    let names = case.people.iter().map(|known| {
        let own = known.sides.first().and_then(|side| name(&side.seen));
        own.unwrap_or_else(|| "—".to_owned())
    });
    names.collect::<Vec<_>>().join(" ← ")
}

/// What was done last, with the way to take it back.
pub(crate) async fn done(reader: &Reader) -> Result<Markup, Trouble> {
    let commit = reader.ask("done").and_then(|done| done.parse().ok());
    let Some(commit) = commit else {
        return Ok(html! {});
    };
    let Ok(info) = reader.view()?.commit(commit).await else {
        return Ok(html! {});
    };
    let what = shown::source(reader, None, &info.source);
    Ok(html! {
        div.done role="status" {
            span { (words::done(commit, &what, reader.lang)) }
            @if let Some(by) = info.undone_by {
                span.faint { (words::undone_by(by, reader.lang)) }
            } @else if reader.writer().is_ok() {
                form method="post" action=(format!("/imports/{commit}")) {
                    @if let Some(of) = reader.ask("of") { input type="hidden" name="back" value=(of); }
                    button.quiet type="submit" data-key="u" { (reader.say(UNDO)) " " kbd { "u" } }
                }
            }
        }
    })
}

/// Carries out an answer; the address of the next question.
pub(crate) async fn decide(
    reader: &Reader,
    record: RecordId,
    fields: desk::Fields,
) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let fields = desk::read(fields)?;
    let answer = desk::field(&fields, "answer").and_then(decision);
    let answer = answer.ok_or(Trouble::Form(words::BAD_ANSWER))?;
    let next = after(&of_unit(reader, view.waiting().await?)?, record);
    let receipt = view.decide(record, answer).await?;
    let done = receipt.commit.to_string();
    let to = next.map_or_else(|| "/review".to_owned(), address);
    let record = record.to_string();
    let mut questions = reader.within();
    questions.extend([("done", done.as_str()), ("of", record.as_str())]);
    let to = reader.link(&to, &questions);
    Ok(Page::elsewhere(to))
}

/// The question after one: the next in the queue, or the first when it was the last.
pub(crate) fn after(cases: &[WaitingQuestion], record: RecordId) -> Option<RecordId> {
    let at = cases.iter().position(|case| case.record == record);
    let later = at.and_then(|at| cases.get(at + 1));
    let first = cases.first().filter(|first| first.record != record);
    later.or(first).map(|case| case.record)
}

fn decision(text: &str) -> Option<Decision> {
    Some(match text {
        "new" => Decision::New,
        "aside" => Decision::Aside,
        "merged" => Decision::Merged,
        "apart" => Decision::Apart,
        same => Decision::Same(super::record(same.strip_prefix("same:")?).ok()?),
    })
}

words! {
    REVIEW_NOTE: "名册上没有身份证号、又不能断定是谁的行，留在这里由人核定；提出的合并也在这里等另一人复核。核定一件，那一行随即照办，如同刚刚导入。", "Rows without an ID number that may be of somebody known are left here for a person to say; proposed merges wait here for a second person. An answer is carried out at once, as if the row had just come in.";
    NO_QUESTIONS: "没有待核事项：导入的每一行都已知道是谁，没有说法不一的项，也没有合并等着复核。导入新的名册后，拿不准的会出现在这里。", "No questions wait: it is clear of whom every row is, nothing is said otherwise, and no merge waits to be confirmed. When a list comes in, what is not clear appears here.";
    NO_QUESTIONS_HERE: "这个单位没有待核事项。", "No questions of this unit wait.";
    WAITING: "待核", "waiting";
    MERGES: "待复核的合并", "merges to confirm";
    ROWS_ASKED: "名册行是谁", "rows: who is it";
    NUMBERS_ASKED: "同号不同名", "one number, two names";
    FROM_LIST: "出自", "From";
    START: "从第一件开始", "Begin with the first";
    UNDO: "撤回", "Take back";
}
