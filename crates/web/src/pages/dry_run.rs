//! A list comes in: first it is only tried, and the page says what would happen; then the very same bytes are written.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Multipart;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use kernel::UnitCode;
use maud::{Markup, html};
use office::{Absence, Finding, LARGEST, Summary, Upload, UploadForm, file_name};
use pack::Roster;

use super::columns;
use crate::desk::{self, Fields};
use crate::parts;
use crate::plain;
use crate::reader::Reader;
use crate::shell::{Page, Place, respond};
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// The longest value of a field that is no file, in bytes.
const LONGEST_FIELD: usize = 200;
/// How many of the headings that a list needs are named.
const MOST_HEADINGS: usize = 3;
/// How many parts a form may have.
const MOST_PARTS: usize = 12;

/// The form.
pub(crate) async fn form(reader: &Reader) -> Result<Page, Trouble> {
    if !reader.office.writes {
        return Err(Trouble::ReadOnly);
    }
    let body = html! {
        p.note { (reader.say(NEW_IMPORT_NOTE)) }
        (desk::line(reader))
        @if reader.desk.is_some() { (fields(reader).await?) }
    };
    Ok(Page::new(Place::Imports, reader.say(words::IMPORT_A_LIST), body).way([up(reader)]))
}

fn up(reader: &Reader) -> (String, String) {
    (
        reader.link("/imports", &[]),
        reader.say(words::IMPORTS).to_owned(),
    )
}

async fn fields(reader: &Reader) -> Result<Markup, Trouble> {
    let units = reader.view()?.units(reader.on).await?;
    let books = reader.view()?.books().await?;
    let absences = [
        ("guarded", ABSENT_GUARDED),
        ("left", ABSENT_LEFT),
        ("kept", ABSENT_KEPT),
    ];
    Ok(html! {
        form.tall method="post" action="/imports/new" enctype="multipart/form-data" {
            label for="roster" { (reader.say(ROSTER)) }
            select #roster name="roster" required {
                (parts::placeholder(reader, false))
                @for (sender, rosters) in by_sender(reader) {
                    optgroup label=(words::lists_of(sender, reader.lang)) {
                        @for roster in rosters { (kind(reader, roster, "")) }
                    }
                }
                optgroup label=(reader.say(CASE_BY_CASE)) {
                    @for action in reader.view()?.actions() { (kind(reader, &action.roster, reader.say(ACTION))) }
                }
            }
            label for="unit" { (reader.say(words::UNIT)) }
            select #unit name="unit" required {
                (parts::placeholder(reader, false))
                @for unit in books { option value=(unit) { (units.name(&unit.to_string())) } }
            }
            label for="day" { (reader.say(DAY_OF_LIST)) }
            input #day name="day" type="date" required min="1990-01-01" max="2100-12-31" value=(reader.on);
            label for="file" { (reader.say(FILE)) }
            div {
                input #file name="file" type="file" required accept=".xlsx,.xls,.ods,.csv,.txt";
                small.faint { (reader.say(FILE_HINT)) }
            }
            span.label { (reader.say(ABSENT_PEOPLE)) }
            div role="radiogroup" aria-label=(reader.say(ABSENT_PEOPLE)) {
                @for (nth, (value, name)) in absences.into_iter().enumerate() {
                    label.choice { input type="radio" name="absence" value=(value) checked[nth == 0]; " " (reader.say(name)) }
                }
                small.faint { (reader.say(ABSENT_NOTE)) }
            }
            span {}
            div { button type="submit" { (reader.say(TRY_IT)) } }
        }
    })
}

/// The rosters that departments send, by who sends them, in the order of the pack.
fn by_sender(reader: &Reader) -> Vec<(&str, Vec<&Roster>)> {
    let mut groups: Vec<(&str, Vec<&Roster>)> = Vec::new();
    for roster in &reader.office.pack.rosters {
        let sender = roster.sender.get(reader.lang);
        match groups.iter_mut().find(|(own, _)| *own == sender) {
            Some((_, rosters)) => rosters.push(roster),
            None => groups.push((sender, vec![roster])),
        }
    }
    groups
}

/// A kind of list, with the headings that it can't do without: they tell it from others of nearly its name.
fn kind(reader: &Reader, roster: &Roster, before: &str) -> Markup {
    let needed = roster.columns.iter().filter(|column| column.required);
    let needed: Vec<&str> = needed
        .take(MOST_HEADINGS)
        .map(|column| column.name.get(reader.lang))
        .collect();
    html! {
        option value=(roster.id) {
            (before) (roster.name.get(reader.lang))
            @if !needed.is_empty() { (words::needs_headings(&needed.join(reader.say(words::COMMA)), reader.lang)) }
        }
    }
}

/// The parts of the form as they come in.
#[derive(Default)]
struct Sent {
    roster: String,
    unit: String,
    day: String,
    absence: String,
    file: Option<(String, Vec<u8>)>,
}

/// Tries what was sent; the address of what would happen.
pub(crate) async fn attempt(
    reader: &Reader,
    sent: Result<Multipart, MultipartRejection>,
) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let sent = sent.map_err(|_| Trouble::Form(words::UNREADABLE_FORM))?;
    let wish = wish(reader, received(sent).await?)?;
    let id = view.attempt(wish, reader.lang).await?;
    Ok(Page::elsewhere(format!("/imports/dry/{id}")))
}

async fn received(mut sent: Multipart) -> Result<Sent, Trouble> {
    let mut received = Sent::default();
    for _ in 0..MOST_PARTS {
        let Some(mut part) = sent.next_field().await.map_err(broken_off)? else {
            return Ok(received);
        };
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(ToOwned::to_owned);
        let longest = if name == "file" {
            LARGEST
        } else {
            LONGEST_FIELD
        };
        let (mut bytes, mut over) = (Vec::new(), false);
        while let Some(chunk) = part.chunk().await.map_err(broken_off)? {
            // What is too much is read to its end all the same: a browser listens to the answer only then.
            over |= bytes.len() + chunk.len() > longest;
            if !over {
                bytes.extend_from_slice(&chunk);
            }
        }
        if over {
            return Err(Trouble::TooLarge);
        }
        let text = || String::from_utf8_lossy(&bytes).trim().to_owned();
        match name.as_str() {
            "roster" => received.roster = text(),
            "unit" => received.unit = text(),
            "day" => received.day = text(),
            "absence" => received.absence = text(),
            "file" => received.file = file.and_then(|name| Some((file_name(&name)?, bytes))),
            _ => (),
        }
    }
    Err(Trouble::Form(words::UNREADABLE_FORM))
}

fn broken_off(error: MultipartError) -> Trouble {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Trouble::TooLarge
    } else {
        Trouble::Form(words::UNREADABLE_FORM)
    }
}

fn wish(reader: &Reader, sent: Sent) -> Result<UploadForm, Trouble> {
    let form = |words: Words| Trouble::Form(words);
    let (name, bytes) = sent.file.ok_or(form(NO_FILE))?;
    if reader.office.pack.roster(&sent.roster).is_none() {
        return Err(form(NO_ROSTER));
    }
    let unit: Option<UnitCode> = sent.unit.parse().ok();
    let grant = reader.view()?.grant();
    let unit = unit.filter(|unit| grant.writes(None, unit));
    let day: Option<Date> = sent.day.parse().ok();
    let day = day.filter(|day| (1990..=2100).contains(&day.year()));
    Ok(UploadForm {
        roster: sent.roster,
        unit: unit.ok_or(form(NO_UNIT))?,
        on: day.ok_or(form(words::BAD_DATE))?,
        absence: match sent.absence.as_str() {
            "left" => Absence::Left,
            "kept" => Absence::Kept,
            _ => Absence::Guarded,
        },
        name,
        bytes: Arc::new(bytes),
        told: BTreeMap::new(),
    })
}

/// A file that was tried and is still kept.
pub(super) fn kept(reader: &Reader, id: &str) -> Result<Arc<Upload>, Trouble> {
    let gone = Trouble::Form(GONE_UPLOAD);
    reader.view()?.upload(id).ok_or(gone)
}

/// What would happen, or, once it is written, what has happened.
pub(crate) async fn page(reader: &Reader, id: &str) -> Result<Page, Trouble> {
    reader.writer()?;
    let upload = kept(reader, id)?;
    let written = upload.written.lock().await.clone();
    let units = reader.view()?.units(reader.on).await?;
    let wish = &upload.wish;
    let tried = match &upload.tried {
        Ok(tried) => tried,
        Err(fault) => {
            let body =
                columns::refused(reader, &upload, fault, &units.name(&wish.unit.to_string()));
            let title = reader.say(NOT_CLEAR);
            return Ok(Page::new(Place::Imports, title, body).way([up(reader)]));
        }
    };
    let summary = written.as_deref().unwrap_or(&tried.summary);
    let body = html! {
        p.note {
            (summary.roster.get(reader.lang)) " · " (units.name(&wish.unit.to_string())) " · " (wish.on) " · " (wish.name)
        }
        @match &written {
            None => {
                @if reader.ask("again").is_some() { p.flagged { (reader.say(TRIED_AGAIN)) } }
                p.lead { (reader.say(WOULD_HAPPEN)) }
            },
            Some(written) => { (has_happened(reader, written)) },
        }
        (counts(reader, summary))
        @if written.is_none() { (confirm(reader, id, !summary.layouts.is_empty())) }
        (columns::understood(reader, &upload, &summary.layouts, written.is_none()))
        (people(reader, summary))
        (registers(reader, summary))
        (findings(reader, summary, id))
    };
    let title = match written {
        None => DRY_RUN,
        Some(_) => IMPORTED,
    };
    Ok(Page::new(Place::Imports, reader.say(title), body).way([up(reader)]))
}

fn has_happened(reader: &Reader, written: &Summary) -> Markup {
    html! {
        @match written.commit {
            None => p.lead { (reader.say(NOTHING_NEW)) },
            Some(commit) => {
                p.lead { (reader.say(HAS_HAPPENED)) }
                p {
                    @if let Some((.., address)) = to_settle(written).into_iter().find(|(_, count, _)| *count > 0) {
                        a.begin href=(address) { (reader.say(GO_TO_QUESTIONS)) } " "
                    }
                    a.alone href=(format!("/imports/{commit}")) { (reader.say(SEE_COMMIT)) }
                }
            },
        }
    }
}

/// What somebody has to settle after an import, how much of it, and where.
fn to_settle(summary: &Summary) -> [(Words, usize, &'static str); 3] {
    let found = |wanted: fn(&Finding) -> bool| {
        let kinds = summary.kinds.iter();
        let wanted = kinds.filter(|(_, first)| wanted(&first.finding));
        wanted.map(|(times, _)| times).sum()
    };
    let contested = found(|finding| matches!(finding, Finding::Contested { .. }));
    let unread = found(|finding| matches!(finding, Finding::KeptAsRead(_)));
    [
        (COUNT_ASKED, summary.asked, "/review"),
        (words::DIFFERING, contested, "/review#differing"),
        (words::UNREAD, unread, "/review#unread"),
    ]
}

fn counts(reader: &Reader, summary: &Summary) -> Markup {
    let rows = [
        (COUNT_ROWS, summary.rows),
        (COUNT_OPENED, summary.opened),
        (COUNT_CHANGED, summary.changed),
        (COUNT_CLOSED, summary.closed),
        (COUNT_UNCHANGED, summary.unchanged),
        (COUNT_REPEATED, summary.repeated),
        (COUNT_REJECTED, summary.rejected),
    ];
    let written = summary.commit.is_some();
    let settle = to_settle(summary).into_iter();
    let settle = settle.filter(|(name, count, _)| *count > 0 || name.zh == COUNT_ASKED.zh);
    let listed = [
        (COUNT_PEOPLE, summary.people),
        (COUNT_CAME, summary.listed.opened),
        (COUNT_LEFT, summary.left),
        (COUNT_LISTED, summary.listed.changed),
    ];
    html! {
        dl.line {
            @for (name, count) in rows { div { dt { (reader.say(name)) } dd { (plain::count(count)) } } }
            @for (name, count, address) in settle {
                div { dt { (reader.say(name)) } dd { @if written && count > 0 { a href=(address) { (plain::count(count)) } } @else { (plain::count(count)) } } }
            }
        }
        @if listed.iter().any(|(_, count)| *count > 0) {
            dl.line.lesser { @for (name, count) in listed { div { dt { (reader.say(name)) } dd { (plain::count(count)) } } } }
        }
    }
}

/// The button goes with the choice of columns, so that none of it is lost.
fn confirm(reader: &Reader, id: &str, chosen: bool) -> Markup {
    let address = format!("/imports/dry/{id}");
    html! {
        form method="post" action=(address) {
            button type="submit" form=[chosen.then_some(columns::FORM)] formaction=(address) { (reader.say(COMMIT_IT)) }
            a.alone href="/imports/new" { (reader.say(words::ANOTHER_FILE)) }
            a.alone href=(format!("/imports/dry/{id}/result.xlsx")) { (reader.say(DOWNLOAD)) }
        }
    }
}

/// Who leaves, and who stays although they are not on the list.
fn people(reader: &Reader, summary: &Summary) -> Markup {
    html! {
        @if summary.kept > 0 { p.flagged { (words::kept(summary.kept, summary.why_kept, reader.lang)) } }
        @if !summary.gone.is_empty() {
            h2 { (reader.say(WHO_LEAVES)) }
            p.names {
                (summary.gone.join(reader.say(words::COMMA)))
                @if summary.left > summary.gone.len() { (words::and_more(summary.left - summary.gone.len(), reader.lang)) }
            }
        }
        @if !summary.unread.is_empty() {
            p.flagged { (reader.say(UNREAD_SHEETS)) (reader.say(words::COLON)) (summary.unread.join(reader.say(words::COMMA))) }
        }
    }
}

fn registers(reader: &Reader, summary: &Summary) -> Markup {
    let name = |id: &str| {
        let register = reader.office.pack.register(id);
        register.map_or(id.to_owned(), |register| {
            register.name.get(reader.lang).to_owned()
        })
    };
    html! {
        @if !summary.registers.is_empty() {
            h2 { (reader.say(BY_REGISTER)) }
            table.figures aria-label=(reader.say(BY_REGISTER)) {
                thead {
                    tr {
                        th scope="col" { (reader.say(words::REGISTER)) }
                        @for heading in [words::OPENED, words::CHANGED, words::CLOSED] { (parts::heading(reader, heading, true)) }
                    }
                }
                tbody {
                    @for (register, tally) in &summary.registers {
                        tr {
                            th scope="row" { (name(register)) }
                            @for count in [tally.opened, tally.changed, tally.closed] {
                                td.n { @if count == 0 { span.none { "0" } } @else { (plain::count(count)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn findings(reader: &Reader, summary: &Summary, id: &str) -> Markup {
    let lang = reader.lang;
    html! {
        h2 { (reader.say(FINDINGS)) }
        @if summary.notes.is_empty() { p.empty { (reader.say(NO_FINDINGS)) } } @else {
            table.rows aria-label=(reader.say(FINDINGS)) {
                thead {
                    tr {
                        (parts::heading(reader, TIMES, true))
                        @for heading in [WEIGHT, EXAMPLE, PLACE] { (parts::heading(reader, heading, false)) }
                    }
                }
                tbody {
                    @for (times, first) in &summary.kinds {
                        tr {
                            td.n { (plain::count(*times)) }
                            td.d { (words::level(&first.finding, lang)) }
                            td { (first.finding.message(lang)) }
                            td { (words::place(first, lang)) }
                        }
                    }
                }
            }
            h3 { (reader.say(FINDING_ROWS)) }
            @if summary.found > summary.notes.len() { p.note { (words::first_of(summary.notes.len(), summary.found, lang)) } }
            p { a.alone href=(format!("/imports/dry/{id}/result.xlsx")) { (reader.say(DOWNLOAD)) } }
            table.rows aria-label=(reader.say(FINDING_ROWS)) {
                thead { tr { @for heading in [PLACE, WEIGHT, FOUND] { (parts::heading(reader, heading, false)) } } }
                tbody {
                    @for note in &summary.notes {
                        tr {
                            td { (words::place(note, lang)) }
                            td.d { (words::level(&note.finding, lang)) }
                            td { (note.finding.message(lang)) }
                        }
                    }
                }
            }
        }
    }
}

/// Writes what was tried; if something else is said of the columns, it is tried first.
pub(crate) async fn write(reader: &Reader, id: &str, fields: Fields) -> Result<Page, Trouble> {
    reader.writer()?;
    let fields = desk::read(fields)?;
    let upload = kept(reader, id)?;
    if upload.tried.is_err() {
        return Ok(Page::elsewhere(format!("/imports/dry/{id}")));
    }
    if let Some(again) = columns::tried_again(reader, &upload, &fields).await? {
        return Ok(Page::elsewhere(format!("/imports/dry/{again}?again=1")));
    }
    reader.writer()?.write(&upload, reader.lang).await?;
    Ok(Page::elsewhere(format!("/imports/dry/{id}")))
}

/// The result workbook.
pub(crate) fn workbook(reader: &Reader, id: &str) -> Response {
    let upload = match reader.writer().and_then(|_| kept(reader, id)) {
        Ok(upload) => upload,
        Err(trouble) => return respond(reader, Err(trouble)),
    };
    let Ok(tried) = &upload.tried else {
        return respond(reader, Err(Trouble::Absent));
    };
    let headers = [
        (
            header::CONTENT_TYPE,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"result.xlsx\"",
        ),
    ];
    (headers, tried.workbook.clone()).into_response()
}

words! {
    NEW_IMPORT_NOTE: "先试导入：只检查，不写入。下一页会说明将新增、变更、离开哪些人，哪些行拿不准、哪些行不能导入，看清楚了再确认写入。", "First a dry run: it only checks and writes nothing. The next page says who would come, change and leave, which rows are not clear and which can't be taken; then you confirm.";
    ROSTER: "名册种类", "Kind of list";
    DAY_OF_LIST: "名册日期", "Day of the list";
    FILE: "文件", "File";
    FILE_HINT: "Excel、WPS 或 CSV（.xlsx .xls .ods .csv）", "a spreadsheet or CSV (.xlsx .xls .ods .csv)";
    ABSENT_PEOPLE: "不在这份名册上的人", "People not on this list";
    ABSENT_GUARDED: "视为离开，但缺得太多时先不动（一般选这个）", "have left, unless very many are missing (the usual choice)";
    ABSENT_LEFT: "视为离开：这是全册", "have left: the list is whole";
    ABSENT_KEPT: "不动：这只是一部分", "stay: the list is a part";
    ABSENT_NOTE: "只对全员名册（如户籍名册、参保名册）有用。", "It matters only for lists of everyone, such as those of the police and of insurance.";
    TRY_IT: "试导入", "Dry run";
    NO_FILE: "没有选择文件。请选择一个名册文件。", "No file was chosen. Choose the file of the list.";
    NO_ROSTER: "没有选择名册种类。", "No kind of list was chosen.";
    NO_UNIT: "没有选择单位，或单位不在您可以办理的范围内。", "No unit was chosen, or it is outside those you may act for.";
    GONE_UPLOAD: "这次试导入已过期（只保留半小时）。请重新选择文件。", "This dry run is gone; it is kept for half an hour. Choose the file again.";
    DRY_RUN: "试导入", "Dry run";
    IMPORTED: "已导入", "Imported";
    WOULD_HAPPEN: "如果确认，将会这样；现在还没有写入。", "This is what would happen; nothing has been written.";
    HAS_HAPPENED: "已经写入台账。", "It has been written into the ledger.";
    NOTHING_NEW: "这份名册没有带来任何变化，没有写入。", "The list changes nothing; nothing was written.";
    COUNT_ROWS: "名册行", "rows";
    COUNT_OPENED: "带来新建", "opened something";
    COUNT_CHANGED: "带来变更", "changed something";
    COUNT_CLOSED: "带来注销", "closed something";
    COUNT_UNCHANGED: "无变化", "unchanged";
    COUNT_REPEATED: "重复", "repeated";
    COUNT_ASKED: "待核", "to be asked";
    COUNT_REJECTED: "不能导入", "rejected";
    COUNT_PEOPLE: "台账新增人员", "people new to the ledger";
    COUNT_CAME: "名册上新增", "new on the list";
    COUNT_LEFT: "不再在册", "no longer on it";
    ACTION: "办理：", "Action: ";
    CASE_BY_CASE: "逐件办理的事，一行一件", "What is done case by case, one a row";
    COUNT_LISTED: "所填有变", "said otherwise";
    BY_REGISTER: "各册变动", "By register";
    WHO_LEAVES: "不再在册的人", "No longer on the list";
    FINDINGS: "发现的问题", "What was found";
    FINDING_ROWS: "逐行", "Row by row";
    WEIGHT: "轻重", "Weight";
    EXAMPLE: "例如", "For example";
    TIMES: "次数", "Times";
    PLACE: "位置", "Place";
    FOUND: "说明", "What was found";
    NO_FINDINGS: "没有发现问题。", "Nothing was found.";
    DOWNLOAD: "下载逐行结果（.xlsx）", "Download the result, row by row (.xlsx)";
    COMMIT_IT: "确认写入台账", "Write it into the ledger";
    GO_TO_QUESTIONS: "去核定", "Answer the questions";
    SEE_COMMIT: "查看这次提交（可撤回）", "See the commit, or take it back";
    UNREAD_SHEETS: "没有读取的工作表（找不到表头）", "Sheets that weren't read (no header found)";
    TRIED_AGAIN: "各列的识别改过了，所以先重新试了一次，没有写入。请再看一遍结果，然后确认。", "What the columns are was changed, so the list was tried again and not written yet. Look at the result, then confirm.";
    NOT_CLEAR: "表头不清楚", "The header is not clear";
}
