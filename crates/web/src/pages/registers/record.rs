//! The page of one record: what stands in its fields, section by section, what refers to it, and every word that was said of it, with who
//! said it, who wrote it and both times. People and households have pages of their own, to which this one leads.

use kernel::RecordId;
use maud::{Markup, html};
use office::{RecordFound, Referring, SeenCell, SeenRecord, SeenTitle, ToldEntry, UnitNames};
use pack::{Field, FieldType, LookSection, Register, Value};

use super::cells;
use crate::pages::person_records::whose_word;
use crate::pages::{amend, offered, person_answers};
use crate::parts;
use crate::plain;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::shown;
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// How many entries a history shows, and how many records that refer to one.
pub(crate) const MOST_ENTRIES: usize = 300;
pub(crate) const MOST_REFERRING: usize = 10;

/// The page.
pub(crate) async fn page(reader: &Reader, id: &str, number: RecordId) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let register = view.register(id)?;
    let own = format!("/registers/{id}/{number}");
    if let Some(elsewhere) = cells::address(reader, id, number)
        && elsewhere != reader.link(&own, &[])
    {
        return Ok(Page::elsewhere(elsewhere));
    }
    let found = view.record(reader.on, register, number).await?;
    let units = view.units(reader.on).await?;
    let of = [(register.id.clone(), number)];
    let history = view.history(&of, MOST_ENTRIES).await?;
    let name = register.name.get(reader.lang);
    let (title, unit, body) = match &found {
        RecordFound::NotOnDay => {
            let body = html! { p.empty { (reader.say(NOT_ON_DAY)) } };
            (number.to_string(), String::new(), body)
        }
        RecordFound::There(record) => {
            let referring = view.referring(reader.on, register, number, MOST_REFERRING);
            let referring = referring.await?;
            let of = (number, record.row.unit);
            let judged = person_answers::of_record(reader, &units, register, of).await?;
            let body = html! {
                (offered::on_record(reader, register, &record.row))
                (judged)
                (sections(reader, &units, register, record))
                (referred(reader, &units, number, &referring))
            };
            let title = cells::title(reader, &units, &record.title(register));
            (title, units.of(record.row.unit), body)
        }
    };
    let there = match &found {
        RecordFound::There(record) => Some(&**record),
        RecordFound::NotOnDay => None,
    };
    let body = html! { (body) (past(reader, &units, register, there, &history)) };
    let way = [
        (
            reader.link("/registers", &[]),
            reader.say(words::REGISTERS).to_owned(),
        ),
        (
            reader.link(&format!("/registers/{id}"), &[]),
            name.to_owned(),
        ),
    ];
    let kicker: Vec<&str> = [name, &unit]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    Ok(Page::new(Place::Registers, title, body)
        .kicker(kicker.join(" · "))
        .way(way)
        .dated())
}

/// The fields, section by section.
fn sections(
    reader: &Reader,
    units: &UnitNames,
    register: &Register,
    record: &SeenRecord,
) -> Markup {
    let since = record
        .row
        .since
        .map(|since| words::since(&since.to_string(), reader.lang));
    html! {
        @for section in &register.look.sections {
            @let fields = of_section(register, section, record);
            @if !fields.is_empty() {
                section {
                    @if !section.name.get(reader.lang).is_empty() { h2 { (section.name.get(reader.lang)) } }
                    dl.facts {
                        @for (at, field) in fields {
                            div { dt { (field.name.get(reader.lang)) } dd { (cells::cell(reader, units, (register, at), record)) } }
                        }
                    }
                }
            }
        }
        p.note { @if let Some(since) = since { (since) } (amend::link(reader, register, &record.row)) }
    }
}

/// The fields of a section that are shown: what is retired only where something stands in it.
fn of_section<'r>(
    register: &'r Register,
    section: &LookSection,
    record: &SeenRecord,
) -> Vec<(usize, &'r Field)> {
    let fields = section.fields.iter();
    let fields = fields.filter_map(|at| Some((*at, register.fields.get(*at)?)));
    let shown = |(_, field): &(usize, &Field)| field.retired.is_none() || record.row.has(&field.id);
    fields.filter(shown).collect()
}

/// What refers to it, by register and field.
fn referred(
    reader: &Reader,
    units: &UnitNames,
    number: RecordId,
    referring: &[Referring<'_>],
) -> Markup {
    html! {
        @if !referring.is_empty() {
            section aria-labelledby="referring" {
                h2 #referring { (reader.say(REFERRING)) }
                dl.records {
                    @for of in referring { (referred_by(reader, units, number, of)) }
                }
            }
        }
    }
}

fn referred_by(reader: &Reader, units: &UnitNames, number: RecordId, of: &Referring<'_>) -> Markup {
    let field = of.register.fields.get(of.field);
    let number = number.to_string();
    let all = field.map(|field| {
        let name = format!("f.{}", field.id);
        let path = format!("/registers/{}", of.register.id);
        reader.link(&path, &[(name.as_str(), number.as_str())])
    });
    html! {
        dt {
            (of.register.name.get(reader.lang))
            @if let Some(field) = field { " · " (field.name.get(reader.lang)) }
        }
        @for record in &of.rows {
            @let title = record.title(of.register);
            dd { (cells::linked(reader, units, &title)) }
        }
        @if of.total > of.rows.len() {
            dd { @if let Some(all) = all { a href=(all) { (words_all(reader, of.total)) } } }
        }
    }
}

/// Every word that was said of it.
fn past(
    reader: &Reader,
    units: &UnitNames,
    register: &Register,
    record: Option<&SeenRecord>,
    history: &[ToldEntry],
) -> Markup {
    let what = |words: Words| reader.say(words);
    let table = html! {
        table.rows.history.people {
            thead { tr { @for heading in [RECORDED_AT, VALID_FROM, ENTRY, CONTENT, WHOSE_WORD, WRITTEN_BY] { (parts::heading(reader, heading, false)) } } }
            tbody {
                @for told in history {
                    tr class=[told.commit.undone_by.map(|_| "past")] {
                        td.d data-what=(what(RECORDED_AT)) { (shown::moment(told.commit.recorded_at)) }
                        td.d data-what=(what(VALID_FROM)) { @if let Some(from) = told.from() { (from) } @if let Some(until) = told.entry.until { " " (reader.say(UNTIL)) " " (until) } }
                        td data-what=(what(ENTRY)) { (told.entry.kind.label(reader.lang)) @if told.commit.undone_by.is_some() { br; span.flag { (reader.say(words::TAKEN_BACK)) } } }
                        td data-what=(what(CONTENT)) { (said(reader, units, register, record, told)) }
                        td data-what=(what(WHOSE_WORD)) { (whose_word(reader, told)) @if let Some(say) = &told.say { br; span.faint { (words::on_day(say.as_of, reader.lang)) } } }
                        td.source data-what=(what(WRITTEN_BY)) { (told.commit.actor) br; (shown::source(reader, Some(units), &told.commit.source)) }
                    }
                }
            }
        }
    };
    html! {
        section aria-labelledby="history" {
            h2 #history { (reader.say(HISTORY)) }
            @if history.is_empty() { p.empty { (reader.say(NO_HISTORY)) } } @else {
                p.note { (reader.say(HISTORY_NOTE)) }
                (parts::scrolling(reader.say(HISTORY), &table))
            }
        }
    }
}

/// What an entry says, as far as the reader may see it.
fn said(
    reader: &Reader,
    units: &UnitNames,
    register: &Register,
    record: Option<&SeenRecord>,
    told: &ToldEntry,
) -> Markup {
    html! {
        @for (at, cell) in &told.said {
            @if let Some(field) = register.fields.get(*at) {
                span.fact {
                    (field.name.get(reader.lang)) (reader.say(words::COLON))
                    @match named(field, cell, record.and_then(|record| record.reference(*at))) {
                        Some(title) => (cells::linked(reader, units, &title)),
                        None => (shown::cell(reader, units, &field.kind, cell)),
                    }
                }
                " "
            }
        }
    }
}

/// The record that a word refers to: by its name where the record still refers to it, or else by its number.
fn named(field: &Field, cell: &SeenCell, now: Option<&SeenTitle>) -> Option<SeenTitle> {
    let (FieldType::Ref(target), SeenCell::Value(Value::Int(number))) = (&field.kind, cell) else {
        return None;
    };
    let record = RecordId(*number);
    if let Some(now) = now.filter(|now| now.record == record) {
        return Some(now.clone());
    }
    Some(SeenTitle {
        register: target.clone(),
        record,
        parts: Some(Vec::new()),
    })
}

fn words_all(reader: &Reader, total: usize) -> String {
    let total = plain::count(total);
    match reader.lang {
        kernel::Lang::Zh => format!("全部{total}条"),
        kernel::Lang::En => format!("all {total}"),
    }
}

words! {
    NOT_ON_DAY: "这条记录在这一天不在册：还没有登记，或已经销去。下面是它的来历；换一个日期可以看到它当时的内容。", "This record is not there on this date: not yet, or no longer. Its history is below; another date shows what it said then.";
    REFERRING: "与它有关的记录", "Records that refer to it";
    HISTORY: "来历", "History";
    HISTORY_NOTE: "最近记入的在前。生效日期是事情发生的日子，记入时间（北京时间）是台账知道它的时候。", "The latest first. Valid from is when it became true; recorded is when the ledger learnt of it (China time).";
    NO_HISTORY: "没有可以查看的来历。", "There is no history that you may see.";
    RECORDED_AT: "记入时间", "Recorded";
    VALID_FROM: "生效日期", "Valid from";
    ENTRY: "变动", "Entry";
    CONTENT: "内容", "Content";
    WHOSE_WORD: "谁说的、截至哪天", "Whose word, as of when";
    WRITTEN_BY: "谁记的、依据", "Written by, from";
    UNTIL: "至", "to";
}
