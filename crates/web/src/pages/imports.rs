//! The journal: every commit, who made it, from what, and whether it was taken back; and one commit, with what taking it back
//! would undo.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{EntryKind, Lang, RecordId, UnitCode};
use maud::{Markup, html};
use office::{CommitInfo, Counted, SeenCell, Source, ToldEntry, UnitNames};
use pack::{FieldType, Value};

use crate::desk;
use crate::pages::columns;
use crate::pages::refs::{self, Refs};
use crate::pages::registers;
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// How many entries of a commit are told one by one.
const MOST_SAID: usize = 20;

/// The journal.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let before = match reader.ask("before") {
        None => None,
        Some(before) => Some(before.parse().map_err(|_| Trouble::Absent)?),
    };
    let mut commits = reader.view()?.commits(before, ROWS + 1).await?;
    let more = commits.len() > ROWS;
    commits.truncate(ROWS);
    let body = html! {
        p.note { (reader.say(JOURNAL_NOTE)) }
        @if reader.office.writes { p { a.begin href="/imports/new" { (reader.say(words::IMPORT_A_LIST)) } } }
        @if commits.is_empty() { p.empty { (reader.say(NO_COMMITS)) } }
        @else { (parts::scrolling(reader.say(words::IMPORTS), &table(reader, &commits).await?)) }
        @if before.is_some() || more {
            nav.pager aria-label=(reader.say(words::PAGES)) {
                @if before.is_some() { a href="/imports" { (reader.say(NEWEST)) } }
                @if let Some(last) = commits.last().filter(|_| more) {
                    a href=(reader.link("/imports", &[("before", &last.number.to_string())])) rel="next" { (reader.say(EARLIER)) }
                }
            }
        }
    };
    Ok(Page::new(Place::Imports, reader.say(words::IMPORTS), body))
}

async fn table(reader: &Reader, commits: &[CommitInfo]) -> Result<Markup, Trouble> {
    let units = reader.view()?.units(reader.on).await?;
    Ok(html! {
        table.rows.journal.people {
            thead {
                tr {
                    (parts::heading(reader, COMMIT, true))
                    @for heading in [words::WHEN, words::WHO, words::SOURCE, words::UNIT] { (parts::heading(reader, heading, false)) }
                    (parts::heading(reader, ENTRIES, true))
                    (parts::heading(reader, TAKEN_BACK, false))
                }
            }
            tbody {
                @for commit in commits {
                    @let address = format!("/imports/{}", commit.number);
                    tr class=[commit.undone_by.map(|_| "past")] {
                        td.n data-what=(reader.say(COMMIT)) { a href=(address) { (commit.number) } }
                        td.d data-what=(reader.say(words::WHEN)) { (shown::moment(commit.recorded_at)) }
                        td data-what=(reader.say(words::WHO)) { (commit.actor) }
                        td data-what=(reader.say(words::SOURCE)) { (shown::source(reader, Some(&units), &commit.source)) }
                        td data-what=(reader.say(words::UNIT)) { (books(reader, &units, &commit.units)) }
                        td.n data-what=(reader.say(ENTRIES)) { (plain::count(commit.entries)) }
                        td {
                            @if let Some(by) = commit.undone_by { (words::undone_by(by, reader.lang)) }
                            @else if reader.office.writes && !stays(commit) { a href=(address) { (reader.say(TAKE_BACK)) } }
                        }
                    }
                }
            }
        }
    })
}

fn books(reader: &Reader, units: &UnitNames, books: &[UnitCode]) -> Markup {
    html! {
        @for (nth, unit) in books.iter().take(2).enumerate() {
            @if nth > 0 { (reader.say(words::COMMA)) }
            (units.name(&unit.to_string()))
        }
        @if books.len() > 2 { (words::and_more(books.len() - 2, reader.lang)) }
    }
}

/// Whether a commit can't be taken back: it took one back itself, or opened a book.
fn stays(commit: &CommitInfo) -> bool {
    commit.undoes.is_some()
        || matches!(
            commit.source,
            Source::Opening { .. } | Source::Founding { .. }
        )
}

/// That some rows of a list were not placed, and where it is told which.
fn not_placed(rows: i64, unplaced: i64, lang: Lang) -> String {
    let [rows, unplaced] = [rows, unplaced].map(|rows| office::shown::grouped(&rows.to_string()));
    match lang {
        Lang::Zh => format!(
            "名册共{rows}行，其中{unplaced}行没有落实。是哪些行、为什么，写在导入时的逐行结果里；等着核定的在“待核”里。"
        ),
        Lang::En => format!(
            "Of {rows} rows of the list {unplaced} were not placed. Which and why is in the result workbook of the import; those that wait as questions are under Review."
        ),
    }
}

/// One commit within the reader's grant.
async fn commit(reader: &Reader, number: &str) -> Result<CommitInfo, Trouble> {
    let number: i64 = number.parse().map_err(|_| Trouble::Absent)?;
    Ok(reader.view()?.commit(number).await?)
}

/// The page of one commit: what it did, and the button that takes it back.
pub(crate) async fn one(reader: &Reader, number: &str) -> Result<Page, Trouble> {
    let commit = commit(reader, number).await?;
    let units = reader.view()?.units(reader.on).await?;
    let counted = reader.view()?.counted(&commit).await?;
    let (rows, unplaced) = reader.view()?.rows_taken(&commit).await?;
    let entries = reader
        .view()?
        .entries_of(&commit, reader.on, MOST_SAID)
        .await?;
    let (entries, names) = entries;
    let refs = refs::gathered(reader, &units, referred(reader, &entries)).await?;
    let facts = [
        (
            words::SOURCE,
            html! { (shown::source(reader, Some(&units), &commit.source)) },
        ),
        (words::WHO, html! { (commit.actor) }),
        (words::WHEN, html! { (shown::moment(commit.recorded_at)) }),
        (words::UNIT, books(reader, &units, &commit.units)),
        (ENTRIES, html! { (plain::count(commit.entries)) }),
    ];
    let body = html! {
        @if let Some(by) = commit.undone_by {
            p.receipt role="status" { (words::undone_by(by, reader.lang)) " " a href=(format!("/imports/{by}")) { (reader.say(SEE_IT)) } }
        }
        dl.facts { @for (name, value) in facts { div { dt { (reader.say(name)) } dd { (value) } } } }
        @if unplaced > 0 { p.note { (not_placed(rows, unplaced, reader.lang)) } }
        @match counted {
            // A taking back says nothing of any register.
            Some(counted) if counted.is_empty() => {},
            Some(counted) => {
                h2 { (reader.say(WHAT_IT_DID)) }
                (by_register(reader, &counted))
            },
            None => {
                h2 { (reader.say(WHAT_IT_DID)) }
                p.empty { (reader.say(TOO_MANY_TO_COUNT)) }
            },
        }
        @if !entries.is_empty() {
            (parts::scrolling(reader.say(WHAT_IT_SAYS), &said_in(reader, (&units, &refs), &entries, (&names, commit.undone_by.is_some()))))
            @if commit.entries > entries.len() { p.note { (words::and_more(commit.entries - entries.len(), reader.lang)) } }
        }
        (way_back(reader, &commit))
        @if reader.office.writes { (desk::line(reader)) }
    };
    let up = (
        reader.link("/imports", &[]),
        reader.say(words::IMPORTS).to_owned(),
    );
    Ok(Page::new(
        Place::Imports,
        words::commit(commit.number, reader.lang),
        body,
    )
    .way([up]))
}

/// The records other than people to which entries refer.
fn referred<'a>(
    reader: &'a Reader,
    entries: &'a [ToldEntry],
) -> impl Iterator<Item = (&'a str, RecordId)> {
    let people = &reader.office.contract.people.register.id;
    entries.iter().flat_map(move |told| {
        let register = reader.office.pack.register(&told.entry.register);
        told.said.iter().filter_map(move |(at, cell)| {
            match (&register?.fields.get(*at)?.kind, cell) {
                (FieldType::Ref(to), SeenCell::Value(Value::Int(record))) if to != people => {
                    Some((to.as_str(), RecordId(*record)))
                }
                _ => None,
            }
        })
    })
}

/// What the first entries say: so nobody takes back what they haven't seen.
fn said_in(
    reader: &Reader,
    (units, refs): (&UnitNames, &Refs<'_>),
    entries: &[ToldEntry],
    (names, undone): (&BTreeMap<i64, String>, bool),
) -> Markup {
    let pack = &reader.office.pack;
    let people = &reader.office.contract.people.register.id;
    // What was opened and taken back isn't there any more.
    let gone = |told: &ToldEntry| undone && told.entry.kind == EntryKind::Open;
    let gone_records: BTreeSet<(&str, i64)> = (entries.iter().filter(|told| gone(told)))
        .map(|told| (&*told.entry.register, told.entry.record.0))
        .collect();
    let named = |person: i64| {
        html! {
            @match names.get(&person) {
                Some(name) => a href=(reader.link(&format!("/people/{person}"), &[])) { (name) },
                None if gone_records.contains(&(people.as_str(), person)) => span.faint { (reader.say(GONE)) },
                None => span.faint { (reader.say(words::NOT_HERE)) },
            }
        }
    };
    let layouts = &reader.office.contract.layouts.register.id;
    html! {
        table.rows.people aria-label=(reader.say(WHAT_IT_SAYS)) {
            thead { tr { @for heading in [words::REGISTER, ENTRY, CONTENT] { (parts::heading(reader, heading, false)) } } }
            tbody {
                @for told in entries {
                    @if let Some(register) = pack.register(&told.entry.register) {
                        tr {
                            td {
                                @match registers::address(reader, &register.id, told.entry.record).filter(|_| !gone(told)) {
                                    Some(address) => a href=(address) { (register.name.get(reader.lang)) },
                                    None => { (register.name.get(reader.lang)) },
                                }
                                @if register.id == *people { " " (named(told.entry.record.0)) }
                            }
                            td { (told.entry.kind.label(reader.lang)) }
                            td {
                                @if let Some(from) = told.entry.from { span.faint { (words::since(&from.to_string(), reader.lang)) } " " }
                                @if register.id == *layouts { (layout(reader, &told.said)) }
                                @else { @for (at, cell) in &told.said {
                                    @if let Some(field) = register.fields.get(*at) {
                                        span.fact {
                                            (field.name.get(reader.lang)) (reader.say(words::COLON))
                                            @match (&field.kind, cell) {
                                                (FieldType::Ref(to), SeenCell::Value(Value::Int(person))) if to == people => { (named(*person)) },
                                                (FieldType::Ref(to), SeenCell::Value(Value::Int(record))) if gone_records.contains(&(to.as_str(), *record)) => span.faint { (reader.say(GONE)) },
                                                (kind, cell) => { (refs::cell(reader, (units, refs), kind, cell)) },
                                            }
                                        } " "
                                    }
                                } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How the columns of a roster were understood, by the names of both.
fn layout(reader: &Reader, said: &[(usize, SeenCell)]) -> Markup {
    let kept = &reader.office.contract.layouts;
    let text = |at: usize| {
        let (_, cell) = said.iter().find(|(own, _)| *own == at)?;
        match cell {
            SeenCell::Value(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        }
    };
    let roster = text(kept.roster.at).and_then(|id| reader.office.pack.roster(id));
    let columns = text(kept.columns.at).and_then(|said| serde_json::from_str(said).ok());
    let columns: BTreeMap<String, String> = columns.unwrap_or_default();
    let column = |id: &str| {
        let found = roster.and_then(|roster| roster.column(id));
        found.map_or(reader.say(columns::LEAVE_OUT), |(_, column)| {
            column.name.get(reader.lang)
        })
    };
    html! {
        @if let Some(roster) = roster { (roster.name.get(reader.lang)) (reader.say(words::COLON)) }
        @for (nth, (heading, id)) in columns.iter().enumerate() {
            @if nth > 0 { (reader.say(words::COMMA)) }
            (heading) " → " b { (column(id)) }
        }
    }
}

fn way_back(reader: &Reader, commit: &CommitInfo) -> Markup {
    html! {
        @if commit.undone_by.is_some() {
        } @else if stays(commit) {
            p.note {
                @if commit.undoes.is_some() { (reader.say(CANNOT_TAKE_BACK)) }
                @else { (reader.say(BOOK_STAYS_OPEN)) }
            }
        } @else if reader.office.writes {
            h2 { (reader.say(TAKE_BACK_WHOLE)) }
            p { (reader.say(TAKE_BACK_NOTE)) }
            @if reader.desk.is_some() {
                form method="post" action=(format!("/imports/{}", commit.number)) {
                    button.danger type="submit" { (reader.say(TAKE_BACK_WHOLE)) }
                }
            }
        }
    }
}

fn by_register(reader: &Reader, counted: &Counted) -> Markup {
    let headings = [
        words::OPENED,
        words::CHANGED,
        words::CLOSED,
        MOVED_OR_MERGED,
    ];
    let name = |id: &str| {
        let register = reader.office.pack.register(id);
        register.map_or(id.to_owned(), |register| {
            register.name.get(reader.lang).to_owned()
        })
    };
    html! {
        table.figures aria-label=(reader.say(WHAT_IT_DID)) {
            thead {
                tr {
                    th scope="col" { (reader.say(words::REGISTER)) }
                    @for heading in headings { (parts::heading(reader, heading, true)) }
                }
            }
            tbody {
                @for (register, counts) in counted {
                    tr {
                        th scope="row" { (name(register)) }
                        @for count in counts { td.n { @if *count == 0 { span.none { "0" } } @else { (plain::count(*count)) } } }
                    }
                }
            }
        }
    }
}

/// Takes a commit back; then the question it had answered, or the journal.
pub(crate) async fn undo(
    reader: &Reader,
    number: &str,
    fields: desk::Fields,
) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let fields = desk::read(fields)?;
    let commit = commit(reader, number).await?;
    view.undo(commit.number).await?;
    let back = desk::field(&fields, "back").and_then(|back| super::record(back).ok());
    Ok(Page::elsewhere(match back {
        Some(question) => {
            let done = commit.number.to_string();
            reader.link(&super::review::address(question), &[("done", &done)])
        }
        None => format!("/imports/{}", commit.number),
    }))
}

words! {
    WHAT_IT_SAYS: "记下的内容", "What it says";
    SEE_IT: "查看这次撤回", "See what took it back";
    GONE: "（已随这次提交撤回）", "(taken back with this commit)";
    ENTRY: "变动", "Entry";
    CONTENT: "内容", "Content";
    JOURNAL_NOTE: "台账每次写入都是一次提交：名册导入、核定、合并、撤回。最近的在前，时间为北京时间。哪一次错了，可以整批撤回；撤回本身也留痕。", "Everything written is a commit: a list that came in, an answer, a merge, a taking back. The latest first, in China time. One that was wrong can be taken back as a whole, and that is kept, too.";
    NO_COMMITS: "还没有写入过任何内容。请先导入名册。", "Nothing has been written yet. Import a list first.";
    COMMIT: "提交", "Commit";
    ENTRIES: "条数", "Entries";
    TAKEN_BACK: "撤回情况", "Taken back";
    EARLIER: "更早的", "Earlier";
    NEWEST: "最近的", "Latest";
    TAKE_BACK: "撤回…", "Take back…";
    TAKE_BACK_WHOLE: "撤回这次提交", "Take this commit back";
    TAKE_BACK_NOTE: "撤回后，上面的变动全部不再算数，台账回到没有这次提交的样子；原来的内容和撤回都留痕，可以查到。其他名册也写到的人和事，仍以那些名册为准；之后的登记只以这次新建的记录为依据的，会拒绝撤回，并说明先撤回哪一次。撤回之后不能恢复，只能重新导入或重新办理。", "Afterwards none of the changes above count: the ledger is as if this commit had not been written. Both it and its taking back stay to be read. Whom and what other lists speak of, too, stays as they say. If something written later rests on nothing but it, it is refused, and you are told what to take back first. What was taken back comes back only by doing it again.";
    CANNOT_TAKE_BACK: "这是一次撤回，本身不能再撤回；要恢复，请重新导入或重新办理。", "This took another commit back and can't be taken back itself; to have it again, import or answer again.";
    BOOK_STAYS_OPEN: "簿开了就一直在，不能撤回。", "A book that was opened stays open; this can't be taken back.";
    WHAT_IT_DID: "这次提交的内容", "What it did";
    MOVED_OR_MERGED: "迁移、合并", "Moved or merged";
    TOO_MANY_TO_COUNT: "条数很多，不在这里分册列出。", "There are too many entries to be counted by register here.";
}
