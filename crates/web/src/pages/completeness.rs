//! How complete the lists are: of each unit and list the last, until when it vouches, and what is due from whom; what to write to the
//! senders, blank lists to send them, and a calendar. It names lists, units and days, and nobody else.

mod letters;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use kernel::{Lang, UnitCode};
use maud::{Markup, html};
use office::{
    Completeness, CompletenessAsked, LastSent, ListStanding, ListState, PartOf, PartOfWhole, Rates,
    UnitNames, Waits, blank_list, blank_name,
};
use pack::Roster;

use crate::pages::download::broken;
use crate::pages::file::disposition;
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shell::{self, Page, Place};
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// Where it is.
pub(crate) const ADDRESS: &str = "/completeness";
/// More gaps of a list than these are counted.
const MOST_GAPS: usize = 3;
/// More parts of a list's matter than these are counted.
const MOST_PARTS: usize = 4;
/// The most lowest units of which rates are shown; the least complete come first.
const MOST_UNITS: usize = 100;

/// What is asked for.
pub(crate) fn asked(reader: &Reader) -> Result<CompletenessAsked, Trouble> {
    let pack = &reader.office.pack;
    let roster = reader.ask("list").map(ToOwned::to_owned);
    if roster.as_ref().is_some_and(|id| pack.roster(id).is_none()) {
        return Err(Trouble::Absent);
    }
    let state = reader.ask("state").map(str::parse).transpose();
    Ok(CompletenessAsked {
        unit: reader.unit()?,
        roster,
        sender: reader.ask("sender").map(ToOwned::to_owned),
        state: state.map_err(|()| Trouble::Absent)?,
    })
}

/// The page.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let (view, asked) = (reader.view()?, asked(reader)?);
    let told = view.completeness(&asked).await?;
    let units = view.units(told.today).await?;
    let expected = told.expected(&asked);
    let (page, total) = (reader.page()?, expected.len());
    let shown = expected.into_iter().skip((page - 1) * ROWS).take(ROWS);
    let shown: Vec<&ListStanding> = shown.collect();
    if shown.is_empty() && page > 1 {
        return Err(Trouble::Absent);
    }
    let others = told.rows.len() - total;
    let body = html! {
        p.note { (reader.say(NOTE)) }
        @if !told.begun && asked.unit.is_none() && asked.roster.is_none() && asked.sender.is_none() { (begin(reader)) }
        (figures(reader, &told))
        (choice(reader, &units, &asked))
        @if shown.is_empty() { p.empty { (reader.say(NO_LISTS)) } }
        @else {
            p.count {
                (parts::span(reader, page, shown.len(), total))
                span.exports { a href=(reader.asked_at(&format!("{ADDRESS}/calendar.ics"), &["page", "lang"])) download { (reader.say(CALENDAR)) } }
            }
            (parts::scrolling(reader.say(COMPLETENESS), &table(reader, &units, &shown)))
            (parts::pager(reader, page, total))
        }
        @if others > 0 {
            p.note { a.alone href=(reader.here_with("state", ListState::NoTerm.as_str())) { (others_have_no_term(others, reader.lang)) } }
        }
        (letters::shown(reader, &told.reminders(&reader.office, &units, reader.lang)))
        (rates(reader, &units, &told))
        (blanks(reader))
    };
    Ok(Page::new(
        Place::Completeness,
        reader.say(COMPLETENESS),
        body,
    ))
}

/// That lists without a term aren't among those shown.
fn others_have_no_term(others: usize, lang: Lang) -> String {
    let others = plain::count(others);
    match lang {
        Lang::Zh => format!("另有{others}份名册没有期限"),
        Lang::En => format!("{others} more have no term"),
    }
}

/// What to do first where no list ever came.
fn begin(reader: &Reader) -> Markup {
    html! {
        section.outcome aria-labelledby="first" {
            h2 #first { (reader.say(FIRST)) }
            ol {
                li { (reader.say(FIRST_UNITS)) }
                li { a href="#blanks" { (reader.say(BLANKS)) } (reader.say(words::COLON)) (reader.say(FIRST_BLANKS)) }
                li { (reader.say(FIRST_IMPORT)) }
            }
            @if reader.office.writes && reader.opens().journal { p { a.begin href="/imports/new" { (reader.say(words::IMPORT_A_LIST)) } } }
        }
    }
}

/// How many lists stand how; each count opens them.
fn figures(reader: &Reader, told: &Completeness) -> Markup {
    let shown = ListState::ALL.into_iter().filter_map(|state| {
        let count = told.states.get(&state).copied()?;
        Some((state, count))
    });
    html! {
        dl.line.lesser {
            (rate_figure(reader, COMPLETE, told.whole.complete))
            (rate_figure(reader, ON_TIME, told.whole.on_time))
            @for (state, count) in shown {
                div {
                    dt { (state.label(reader.lang)) }
                    dd { a href=(reader.here_with("state", state.as_str())) { (plain::count(count)) } }
                }
            }
        }
    }
}

fn rate_figure(reader: &Reader, name: Words, rate: PartOfWhole) -> Markup {
    html! {
        div {
            dt { (reader.say(name)) }
            dd {
                @match rate.percent() {
                    Some(percent) => { (percent) "%" small { (plain::count(rate.part)) "/" (plain::count(rate.whole)) } },
                    None => "—",
                }
            }
        }
    }
}

fn choice(reader: &Reader, units: &UnitNames, asked: &CompletenessAsked) -> Markup {
    let rosters = reader
        .view()
        .map(office::View::blank_lists)
        .unwrap_or_default();
    let mut senders: Vec<&str> = rosters
        .iter()
        .filter_map(|roster| roster.source.as_deref())
        .collect();
    senders.sort_unstable();
    senders.dedup();
    let (expected, others): (Vec<&Roster>, Vec<&Roster>) =
        rosters.iter().partition(|roster| roster.vouching.is_some());
    let offered = |roster: &Roster| {
        let chosen = asked.roster.as_ref() == Some(&roster.id);
        html! { option value=(roster.id) selected[chosen] { (roster.name.get(reader.lang)) } }
    };
    html! {
        form.choice method="get" action=(ADDRESS) {
            (parts::unit_choice(reader, units, asked.unit))
            label for="list" { (reader.say(LIST)) }
            select #list name="list" {
                option value="" { (reader.say(ALL_LISTS)) }
                @if !expected.is_empty() { optgroup label=(reader.say(EXPECTED)) { @for roster in &expected { (offered(roster)) } } }
                @if !others.is_empty() { optgroup label=(reader.say(OTHERS)) { @for roster in &others { (offered(roster)) } } }
            }
            label for="sender" { (reader.say(SENDER)) }
            select #sender name="sender" {
                option value="" { (reader.say(ALL_SENDERS)) }
                @for sender in &senders {
                    option value=(sender) selected[asked.sender.as_deref() == Some(sender)] { (reader.office.sender_named(sender, reader.lang)) }
                }
            }
            label for="state" { (reader.say(STATE)) }
            select #state name="state" {
                option value="" { (reader.say(ALL_STATES)) }
                @for state in ListState::ALL {
                    option value=(state.as_str()) selected[asked.state == Some(state)] { (state.label(reader.lang)) }
                }
            }
            button type="submit" { (reader.say(words::SHOW)) }
        }
    }
}

fn table(reader: &Reader, units: &UnitNames, rows: &[&ListStanding]) -> Markup {
    html! {
        table.rows.records.complete {
            thead {
                tr {
                    @for heading in [LIST, words::UNIT, SENDER, LAST] { (parts::heading(reader, heading, false)) }
                    @for heading in [ROWS_OF_IT, UNPLACED] { (parts::heading(reader, heading, true)) }
                    @for heading in [VALID, DUE, STATE] { (parts::heading(reader, heading, false)) }
                    (parts::heading(reader, WAITING, true))
                }
            }
            tbody { @for row in rows { (one(reader, units, row)) } }
        }
    }
}

fn one(reader: &Reader, units: &UnitNames, row: &ListStanding) -> Markup {
    let roster = reader.office.pack.roster(&row.roster);
    let name = roster.map_or(&*row.roster, |own| own.name.get(reader.lang));
    let office = &reader.office;
    // Senders are chosen, and their rates told, by what all of a kind are called.
    let kind = office.sender_named(&row.sender, reader.lang);
    let sender = roster.map_or(kind, |own| office.sender_of(own, reader.lang));
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let what = |words: Words| reader.say(words);
    html! {
        tr {
            td {
                b { (name) }
                @if !row.slices.is_empty() { small.said { (slices(reader, row)) } }
            }
            td data-what=(what(words::UNIT)) {
                (units.name(row.unit.as_str()))
                @if row.leaves > 1 { small.said.faint { (of_units(reader.lang, row.leaves)) } }
            }
            td data-what=(what(SENDER)) {
                (sender)
                @if sender != kind { small.said.faint { (kind) } }
            }
            td.d data-what=(what(LAST)) { (last(reader, units, row)) }
            td.n data-what=(what(ROWS_OF_IT)) {
                @match row.last.as_ref().map(|last| last.rows) {
                    Some(Some((rows, _))) => { (number(rows)) },
                    Some(None) => span.faint { (reader.say(words::WITHHELD)) },
                    None => "—",
                }
            }
            td.n data-what=(what(UNPLACED)) { (unplaced(reader, row.last.as_ref())) }
            td.d data-what=(what(VALID)) {
                @match day(row.until.map(|until| until.saturating_sub(1.day()))) { Some(day) => { (day) }, None => "—" }
            }
            td.d data-what=(what(DUE)) {
                @match (day(row.due), row.state) {
                    (Some(day), _) => { (day) },
                    (None, ListState::Never | ListState::Part) => { (reader.say(NOW)) },
                    (None, _) => "—",
                }
            }
            td data-what=(what(STATE)) { (state(reader, row)) }
            td.n data-what=(what(WAITING)) {
                @match row.waits {
                    Some(Waits { answers: 0, .. }) => span.none { "0" },
                    Some(waits) => {
                        (plain::count(waits.answers))
                        @if let Some(money) = waits.money.filter(|money| money.steps > 0) { br; small.said { (super::owed::money(reader, &money)) } }
                    },
                    None => span.faint { (reader.say(words::WITHHELD)) },
                }
            }
        }
    }
}

fn of_units(lang: Lang, units: usize) -> String {
    match lang {
        Lang::Zh => format!("含{units}个单位"),
        Lang::En => format!("{units} units"),
    }
}

fn number(number: i64) -> String {
    office::shown::grouped(&number.to_string())
}

fn slices(reader: &Reader, row: &ListStanding) -> String {
    let names = row.slices.iter().take(MOST_PARTS);
    let names = names.map(|slice| reader.office.slice_named(&row.roster, slice, reader.lang));
    let names: Vec<&str> = names.collect();
    let mut told = names.join(reader.say(words::COMMA));
    if row.slices.len() > MOST_PARTS {
        told += &words::and_more(row.slices.len() - MOST_PARTS, reader.lang);
    }
    told
}

/// The day of the last list, which opens its import, and since when it tells.
fn last(reader: &Reader, units: &UnitNames, row: &ListStanding) -> Markup {
    let Some(last) = &row.last else {
        return html! { @if row.kept { (reader.say(KEPT)) } @else { "—" } };
    };
    let opens = last.say.filter(|_| reader.opens().journal);
    html! {
        @match opens {
            Some(say) => a href=(format!("/imports/{}", say.commit)) { (last.as_of) },
            None => { (last.as_of) },
        }
        @if let Some(since) = last.since { small.said.faint { (words::since(&since.to_string(), reader.lang)) } }
        @if last.unit != row.unit { small.said.faint { (of_above(reader, units, last.unit)) } }
        @if row.kept { small.said.faint { (reader.say(KEPT)) } }
    }
}

/// That the list is one of a unit above.
fn of_above(reader: &Reader, units: &UnitNames, unit: UnitCode) -> String {
    let name = match units.get(&unit) {
        Some(unit) => unit.name.clone(),
        None => reader.say(ABOVE).to_owned(),
    };
    match reader.lang {
        Lang::Zh => format!("随{name}的名册"),
        Lang::En => format!("by the list of {name}"),
    }
}

/// How many rows weren't placed, which opens the import.
fn unplaced(reader: &Reader, last: Option<&LastSent>) -> Markup {
    let rows = last.and_then(|last| last.rows);
    let opens = last
        .and_then(|last| last.say)
        .filter(|_| reader.opens().journal);
    html! {
        @match (rows, opens) {
            (Some((_, 0)), _) => span.none { "0" },
            (Some((_, count)), Some(say)) => a href=(format!("/imports/{}", say.commit)) { (number(count)) },
            (Some((_, count)), None) => { (number(count)) },
            (None, _) => "—",
        }
    }
}

fn state(reader: &Reader, row: &ListStanding) -> Markup {
    let late = row.due.filter(|_| row.state == ListState::Overdue);
    let partial = row.last.as_ref().and_then(|last| last.partial);
    html! {
        b class=(format!("state {}", row.state.as_str())) { (row.state.label(reader.lang)) }
        @if let Some(partial) = partial { small.said { (part(reader, partial)) } }
        @for (from, to) in row.gaps.iter().take(MOST_GAPS) {
            small.said { (gap(*from, *to, reader.lang)) }
        }
        @if row.gaps.len() > MOST_GAPS { small.said { (words::and_more(row.gaps.len() - MOST_GAPS, reader.lang)) } }
        @if late.is_some() && row.last.is_none() && row.kept { small.said { (reader.say(CONFIRM)) } }
    }
}

/// Why the last list is a part.
fn part(reader: &Reader, partial: PartOf) -> String {
    match (partial, reader.lang) {
        (PartOf::Said, Lang::Zh) => "最近一份导入时注明是部分名册".to_owned(),
        (PartOf::Said, Lang::En) => "the last was taken as a part".to_owned(),
        (PartOf::Unplaced, Lang::Zh) => "最近一份未落实的行超过2%".to_owned(),
        (PartOf::Unplaced, Lang::En) => "more than 2% of the last wasn't placed".to_owned(),
        (PartOf::Fewer(Some(before)), Lang::Zh) => {
            format!("最近一份行数少了很多，前一份有{}行", number(before))
        }
        (PartOf::Fewer(Some(before)), Lang::En) => {
            format!("far fewer rows than before, which had {}", number(before))
        }
        (PartOf::Fewer(None), Lang::Zh) => "最近一份行数比前一份少了很多".to_owned(),
        (PartOf::Fewer(None), Lang::En) => "far fewer rows than the one before".to_owned(),
    }
}

/// Days of which no list tells.
fn gap(from: Date, to: Date, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("缺 {from} 至 {to}"),
        Lang::En => format!("nothing of {from} to {to}"),
    }
}

/// How complete and how punctual senders and units are.
fn rates(reader: &Reader, units: &UnitNames, told: &Completeness) -> Markup {
    let senders = told.senders.iter().map(|(sender, rates)| {
        let name = reader.office.sender_named(sender, reader.lang);
        (name.to_owned(), ("sender", sender.clone()), *rates)
    });
    let by_unit = told.units.iter().take(MOST_UNITS).map(|(unit, rates)| {
        let code = unit.to_string();
        (units.name(&code), ("unit", code), *rates)
    });
    let (senders, by_unit): (Vec<_>, Vec<_>) = (senders.collect(), by_unit.collect());
    html! {
        @if !senders.is_empty() {
            h2 { (reader.say(RATES)) }
            p.note { (reader.say(RATES_NOTE)) }
            div.columns {
                (rates_of(reader, SENDER, &senders))
                (rates_of(reader, words::UNIT, &by_unit))
            }
            @if told.units.len() > MOST_UNITS { p.note { (words::and_more(told.units.len() - MOST_UNITS, reader.lang)) } }
        }
    }
}

fn rates_of(
    reader: &Reader,
    of: Words,
    rows: &[(String, (&'static str, String), Rates)],
) -> Markup {
    let rate = |rate: PartOfWhole| {
        html! {
            @match rate.percent() {
                Some(percent) => { (percent) "%" " " span.faint { (plain::count(rate.part)) "/" (plain::count(rate.whole)) } },
                None => "—",
            }
        }
    };
    html! {
        table.small aria-label=(reader.say(of)) {
            thead { tr { th scope="col" { (reader.say(of)) } @for heading in [COMPLETE, ON_TIME] { (parts::heading(reader, heading, true)) } } }
            tbody {
                @for (name, (question, value), rates) in rows {
                    tr {
                        th scope="row" { a href=(reader.link(ADDRESS, &[(*question, value.as_str())])) { (name) } }
                        td.n { (rate(rates.complete)) }
                        td.n { (rate(rates.on_time)) }
                    }
                }
            }
        }
    }
}

/// The blank lists.
fn blanks(reader: &Reader) -> Markup {
    let rosters = reader
        .view()
        .map(office::View::blank_lists)
        .unwrap_or_default();
    let (expected, others): (Vec<&Roster>, Vec<&Roster>) =
        rosters.iter().partition(|roster| roster.vouching.is_some());
    let listed = |rosters: &[&Roster]| {
        html! {
            ul.blanks {
                @for roster in rosters {
                    li { a href=(reader.link(&blank_address(roster), &[("lang", reader.lang.as_str())])) download { (roster.name.get(reader.lang)) } " " span.faint { (reader.office.sender_of(roster, reader.lang)) } }
                }
            }
        }
    };
    html! {
        h2 #blanks { (reader.say(BLANKS)) }
        p.note { (reader.say(BLANKS_NOTE)) }
        @if !expected.is_empty() { (listed(&expected)) }
        @if !others.is_empty() {
            details open[expected.is_empty()] { summary { (reader.say(OTHERS)) } (listed(&others)) }
        }
    }
}

/// Where the blank list of a roster is.
fn blank_address(roster: &Roster) -> String {
    format!("/blanks/{}", roster.id)
}

/// A blank list, to be filled in.
pub(crate) async fn blank(reader: &Reader, id: &str) -> Response {
    let made = reader.view().map(|view| {
        let lists = view.blank_lists();
        let roster = lists.into_iter().find(|roster| roster.id == id);
        roster.ok_or(Trouble::Absent)
    });
    let made = made.flatten().and_then(|roster| {
        let office = &reader.office;
        let list = blank_list((&office.pack, roster), office.today(), reader.lang);
        Ok((blank_name(roster, reader.lang), list.map_err(broken)?))
    });
    match made {
        Ok((name, bytes)) => file(
            &name,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            bytes,
        ),
        Err(trouble) => shell::respond(reader, Err(trouble)),
    }
}

/// What is due when, as a calendar.
pub(crate) async fn calendar(reader: &Reader) -> Response {
    match made_calendar(reader).await {
        Ok(calendar) => {
            let name = format!("{}.ics", reader.say(CALENDAR_NAME));
            file(&name, "text/calendar; charset=utf-8", calendar.into_bytes())
        }
        Err(trouble) => shell::respond(reader, Err(trouble)),
    }
}

async fn made_calendar(reader: &Reader) -> Result<String, Trouble> {
    let (view, asked) = (reader.view()?, asked(reader)?);
    let told = view.completeness(&asked).await?;
    let units = view.units(told.today).await?;
    Ok(told.calendar(&reader.office, &units, reader.lang))
}

fn file(name: &str, media: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_DISPOSITION, disposition(name));
    response
}

words! {
    COMPLETENESS: "完整性", "Completeness";
    NOTE: "每份名册担保到哪一天、下一份该由谁在何时前报送。名册有效时，名册上没有的才能断定为“没有”；名册过期、不完整或从未报送，有关的人就判断不了。", "Until when each list vouches, and what is due from whom by when. While a list is in force, what isn't on it can be told to be nothing; where it has run out, is only a part or never came, nothing can be told of those concerned.";
    FIRST: "还没有导入过名册", "No list has come yet";
    FIRST_UNITS: "先在“导入”里导入单位名录，台账才知道有哪些社区（村）。", "Under Imports, take in the list of units first, so that the ledger knows which communities there are.";
    FIRST_BLANKS: "下载后连同催报函发给各报送单位；他们已有的表格也可以直接导入。", "send them to the senders with a letter; tables that they have already are taken as they are.";
    FIRST_IMPORT: "再导入公安户籍名册，其他名册随后；每导入一份，本页就会更新。", "Then take in the police's list of households, and the others after it; this page follows.";
    COMPLETE: "完整率", "Complete";
    ON_TIME: "按时率", "On time";
    LIST: "名册", "List";
    ALL_LISTS: "全部名册", "All lists";
    EXPECTED: "应定期报送的", "Expected";
    OTHERS: "其他名册", "Other lists";
    SENDER: "报送单位", "Sender";
    ALL_SENDERS: "全部报送单位", "All senders";
    STATE: "状态", "State";
    ALL_STATES: "全部状态", "All states";
    NO_LISTS: "没有符合条件的名册。", "There is no such list.";
    LAST: "最近一份", "Last";
    ROWS_OF_IT: "行数", "Rows";
    UNPLACED: "未落实", "Not placed";
    VALID: "担保到", "Vouches until";
    DUE: "应报日期", "Due by";
    NOW: "现在", "now";
    WAITING: "等它的判断", "Answers waiting";
    KEPT: "本单位自己登记", "kept by the office";
    CONFIRM: "请确认仍在登记", "to be confirmed";
    ABOVE: "上级单位", "a unit above";
    RATES: "各报送单位、各单位", "By sender and by unit";
    RATES_NOTE: "完整率：应报的名册中现在有效的占多少，每个社区（村）的每份名册各算一次。按时率：有前一份的名册中，在前一份失效前收到的占多少；现在缺着的算没有按时。", "Complete: how many of the lists expected are in force; each list counts once for each community. On time: of the lists that had one before them, how many came before that ran out; one that is missing now counts as not in time.";
    BLANKS: "空白表样", "Blank lists";
    BLANKS_NOTE: "表头、选项和填写说明都已备好，填好后直接导入。", "With headings, words to choose from and what to write where; filled in, they are taken as they are.";
    CALENDAR: "导出应报日历", "Calendar of what is due";
    CALENDAR_NAME: "应报名册", "Lists that are due";
}
