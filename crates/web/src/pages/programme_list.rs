//! The lists of programmes, to work through at the desk and to take on a visit: which part of which list the address asks for, the filters
//! and what they count, why people stand there, told once, and what can be made known of those chosen. The rows are in `rows`, files
//! in `export`.

pub(crate) mod export;
mod rows;

use std::collections::BTreeMap;

use kernel::{Sensitivity, UnitCode};
use maud::{Markup, html};
use office::{ListAsked, ListPage, Reason, Standing, StatusAsked, UnitNames};
use pack::{FieldType, FollowUps, Programme, Register};

use super::batch::{NOT_OF_ROWS, Offers};
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;
use rows::Columns;

/// How many reasons are told by name.
const MOST_REASONS: usize = 40;

/// A part of a list that is asked for.
pub(crate) struct List<'r> {
    /// Its programmes.
    pub programmes: Vec<&'r Programme>,
    /// What is asked for.
    pub asked: ListAsked,
    /// What there is.
    pub read: ListPage,
    /// Which page; none of a list that is printed whole.
    pub page: Option<usize>,
}

impl List<'_> {
    /// What the list is called.
    pub fn name(&self, reader: &Reader) -> String {
        let standing = self.asked.standing;
        match self.programmes.as_slice() {
            [only] => standing.name(only, reader.lang).to_owned(),
            _ => standing.label(reader.lang).to_owned(),
        }
    }

    /// The register whose records stand on it, if it holds no people.
    pub fn of<'r>(&self, reader: &'r Reader) -> Option<&'r Register> {
        let [only] = self.programmes.as_slice() else {
            return None;
        };
        let pack = &reader.office.pack;
        pack.register(pack.subject(&only.subject)?.of.as_ref()?)
    }
}

/// Whether a list is that of a judgement.
fn judges(list: &List<'_>) -> bool {
    let mut programmes = list.programmes.iter();
    programmes.any(|own| own.judgement.is_some())
}

/// What the address asks for of the lists of some programmes; if it doesn't say of which, of `first`.
pub(crate) fn asked(
    reader: &Reader,
    programmes: &[&Programme],
    first: Standing,
) -> Result<ListAsked, Trouble> {
    let standing = match reader.ask("list") {
        Some(word) => Standing::parse(word).ok_or(Trouble::Question(words::BAD_LIST))?,
        None => first,
    };
    Ok(ListAsked {
        programmes: programmes.iter().map(|own| own.id.clone()).collect(),
        standing,
        unit: reader.unit()?,
        status: reader
            .ask("status")
            .map(|word| status(reader, word))
            .transpose()?,
        reason: reader.ask("reason").map(reason).transpose()?,
    })
}

/// Reads what the address asks for.
pub(crate) async fn read<'r>(
    reader: &'r Reader,
    programmes: Vec<&'r Programme>,
    first: Standing,
) -> Result<List<'r>, Trouble> {
    let asked = asked(reader, &programmes, first)?;
    let view = reader.view()?;
    let page = match reader.ask("print") {
        None => Some(reader.page()?),
        Some(_) => None,
    };
    let read = match page {
        Some(page) => view.list(reader.on, &asked, (page, ROWS)).await?,
        None => {
            view.whole_list(reader.on, &asked, parts::MOST_PRINTED)
                .await?
        }
    };
    Ok(List {
        programmes,
        asked,
        read,
        page,
    })
}

/// A status as an address says it.
fn status(reader: &Reader, word: &str) -> Result<StatusAsked, Trouble> {
    match word {
        "none" => Ok(StatusAsked::Untouched),
        "late" => Ok(StatusAsked::Late),
        word => {
            let member = statuses(reader)
                .into_iter()
                .find(|(value, _)| *value == word);
            let value = member.ok_or(Trouble::Question(BAD_STATUS))?.0;
            Ok(StatusAsked::Is(value.to_owned()))
        }
    }
}

fn status_word(status: &StatusAsked) -> &str {
    match status {
        StatusAsked::Untouched => "none",
        StatusAsked::Late => "late",
        StatusAsked::Is(value) => value,
    }
}

fn status_name(reader: &Reader, status: &StatusAsked) -> String {
    match status {
        StatusAsked::Untouched => reader.say(UNTOUCHED).to_owned(),
        StatusAsked::Late => reader.say(LATE).to_owned(),
        StatusAsked::Is(value) => {
            let known = statuses(reader).into_iter().find(|(own, _)| own == value);
            known.map_or_else(|| value.clone(), |(_, name)| name.to_owned())
        }
    }
}

/// The statuses there are, in their order: value and name.
fn statuses(reader: &Reader) -> Vec<(&str, &str)> {
    let kept = reader.office.contract.follow_ups.as_ref();
    let list = kept.and_then(|kept| match &kept.status.kind {
        FieldType::Code(list) => reader.office.pack.code(list),
        _ => None,
    });
    let members = list.map_or(&[][..], |list| &list.members);
    let pairs = members
        .iter()
        .map(|member| (member.value.as_str(), member.name.get(reader.lang)));
    pairs.collect()
}

/// A reason as an address says it.
fn reason(word: &str) -> Result<Reason, Trouble> {
    let parts: Vec<&str> = word.split('.').collect();
    Ok(match parts.as_slice() {
        ["fails", programme, condition] => Reason::Fails {
            programme: (*programme).to_owned(),
            condition: (*condition).to_owned(),
        },
        ["missing", subject, fact] => Reason::Missing {
            subject: (*subject).to_owned(),
            fact: (*fact).to_owned(),
        },
        ["waits", subject, fact] => Reason::Waits {
            subject: (*subject).to_owned(),
            fact: (*fact).to_owned(),
        },
        ["unlisted"] => Reason::Unlisted,
        ["no-subject"] => Reason::NoSubject,
        ["all-hold"] => Reason::AllHold,
        _ => return Err(Trouble::Question(BAD_REASON)),
    })
}

fn reason_word(reason: &Reason) -> String {
    match reason {
        Reason::Fails {
            programme,
            condition,
        } => format!("fails.{programme}.{condition}"),
        Reason::Missing { subject, fact } => format!("missing.{subject}.{fact}"),
        Reason::Waits { subject, fact } => format!("waits.{subject}.{fact}"),
        Reason::Unlisted => "unlisted".to_owned(),
        Reason::NoSubject => "no-subject".to_owned(),
        Reason::AllHold => "all-hold".to_owned(),
    }
}

/// A reason in words.
pub(super) fn told(reader: &Reader, list: &List<'_>, reason: &Reason) -> String {
    let lang = reader.lang;
    match reason {
        Reason::AllHold if list.asked.standing == Standing::Served => {
            reader.say(WHY_SERVED).to_owned()
        }
        Reason::AllHold if list.asked.standing == Standing::Holds => {
            reader.say(WHY_HOLDS).to_owned()
        }
        Reason::AllHold => reader.say(WHY_MISSED).to_owned(),
        Reason::NoSubject => reader.say(WHY_NO_SUBJECT).to_owned(),
        Reason::Unlisted => reader.say(WHY_UNLISTED).to_owned(),
        Reason::Waits { subject, fact } => {
            let pack = &reader.office.pack;
            let fact = pack.subject(subject).and_then(|subject| subject.fact(fact));
            let Some(fact) = fact else {
                return String::new();
            };
            let rosters = fact.closed.rosters().filter_map(|id| pack.roster(id));
            let lists: Vec<&str> = rosters.map(|roster| roster.name.get(reader.lang)).collect();
            let name = fact.name.get(reader.lang);
            match lang {
                kernel::Lang::Zh => format!("{name}：待{}", lists.join("或")),
                kernel::Lang::En => format!("{name}: waiting for {}", lists.join(" or ")),
            }
        }
        Reason::Fails {
            programme,
            condition,
        } => words::fails(condition_name(reader, programme, condition), lang),
        Reason::Missing { subject, fact } => {
            let known = self::fact(reader, subject, fact);
            let ask = known.map(|known| known.ask.as_ref().unwrap_or(&known.name).get(lang));
            ask.unwrap_or(fact).to_owned()
        }
    }
}

/// What a reason is about: the fact or the condition by its name, and nothing where it is about none.
pub(super) fn short<'r>(reader: &'r Reader, reason: &'r Reason) -> &'r str {
    match reason {
        Reason::Missing { subject, fact } | Reason::Waits { subject, fact } => {
            self::fact(reader, subject, fact).map_or(fact, |known| known.name.get(reader.lang))
        }
        Reason::Fails {
            programme,
            condition,
        } => condition_name(reader, programme, condition),
        Reason::AllHold | Reason::NoSubject | Reason::Unlisted => "",
    }
}

fn condition_name<'r>(reader: &'r Reader, programme: &str, condition: &'r str) -> &'r str {
    let programme = reader.office.pack.programme(programme);
    let known = programme.and_then(|own| own.condition(condition));
    known.map_or(condition, |own| own.name.get(reader.lang))
}

/// A fact of a kind of subject.
pub(super) fn fact<'r>(reader: &'r Reader, subject: &str, fact: &str) -> Option<&'r pack::Fact> {
    reader.office.pack.subject(subject)?.fact(fact)
}

/// The list with everything around it. `here` is its path, below which its files are.
pub(crate) async fn shown(
    reader: &Reader,
    units: &UnitNames,
    list: &List<'_>,
    here: &str,
) -> Result<Markup, Trouble> {
    let columns = Columns::of(reader, units, list);
    let read = &list.read;
    if read.total == 0 {
        return Ok(html! {
            (filters(reader, units, list))
            p.empty { (words::nobody(&list.name(reader), reader.lang)) @if narrowed(list) { " " a href=(without_filters(reader)) { (reader.say(WITHOUT_FILTERS)) } } }
        });
    }
    let table = rows::table(reader, units, list, &columns);
    let several = read.subjects != read.total;
    Ok(html! {
        p.printed { (scope(reader, units, list)) }
        @if list.page.is_some() { (filters(reader, units, list)) }
        p.note { @if !judges(list) { (words::meaning(list.asked.standing, reader.lang)) } @if several { " " (words::one_a_row(read.subjects, read.total, reader.lang)) } }
        (reasons(reader, list, &columns))
        @if list.of(reader).is_none() && hides(reader) { (parts::stars(reader)) }
        (parts::count(reader, list.page, (read.rows.len(), read.total), |ending| {
            let file = reader.asked_at(&format!("{here}/list.{ending}"), &NOT_OF_ROWS);
            match reader.ask("list") {
                Some(_) => file,
                None => of_standing(&file, list.asked.standing),
            }
        }))
        @match offers(reader, list) {
            Some(offers) => (offers.around(reader, units, &table).await?),
            None => (table),
        }
        @if let Some(page) = list.page { (parts::pager(reader, page, read.total)) }
    })
}

/// Whether telephones or addresses are shown as masks somewhere.
fn hides(reader: &Reader) -> bool {
    let hidden = |kind| reader.view().is_ok_and(|view| !view.grant().reveals(kind));
    hidden(Sensitivity::Phone) || hidden(Sensitivity::Address)
}

fn narrowed(list: &List<'_>) -> bool {
    list.asked.unit.is_some() || list.asked.status.is_some() || list.asked.reason.is_some()
}

fn without_filters(reader: &Reader) -> String {
    reader.here_without(|name, _| ["unit", "status", "reason"].contains(&name))
}

/// Which list of whom on which day, and who asks: on paper and in files.
pub(super) fn scope(reader: &Reader, units: &UnitNames, list: &List<'_>) -> String {
    let unit = list.asked.unit.unwrap_or(reader.root());
    let mut parts = vec![
        list.name(reader),
        units.name(unit.as_str()),
        kernel::date::label(reader.on, reader.lang),
    ];
    let kept = reader.office.contract.follow_ups.as_ref();
    if let (Some(kept), Some(status)) = (kept, &list.asked.status) {
        let name = field_name(reader, kept, kept.status.at);
        let colon = reader.say(words::COLON);
        parts.push(format!("{name}{colon}{}", status_name(reader, status)));
    }
    if let Some(reason) = &list.asked.reason {
        parts.push(told(reader, list, reason));
    }
    if let Ok(view) = reader.view() {
        parts.push(words::looked_up_by(view.who(), reader.lang));
    }
    parts.join(reader.say(words::SEMICOLON))
}

/// The name of a field of follow-ups.
pub(super) fn field_name<'r>(reader: &Reader, kept: &'r FollowUps, at: usize) -> &'r str {
    let field = kept.register.fields.get(at);
    field.map_or("", |field| field.name.get(reader.lang))
}

/// By what the list may be narrowed.
fn filters(reader: &Reader, units: &UnitNames, list: &List<'_>) -> Markup {
    let kept = reader.office.contract.follow_ups.as_ref();
    let counts = &list.read.statuses;
    let named = statuses(reader).into_iter();
    let named = named.map(|(value, _)| StatusAsked::Is(value.to_owned()));
    let all = [StatusAsked::Untouched]
        .into_iter()
        .chain(named)
        .chain([StatusAsked::Late]);
    let count = |status: &StatusAsked| counts.get(status).copied().unwrap_or(0);
    let offered: Vec<StatusAsked> = all
        .filter(|own| count(own) > 0 || list.asked.status.as_ref() == Some(own))
        .collect();
    html! {
        form.choice method="get" action=(reader.path) {
            input type="hidden" name="list" value=(list.asked.standing.as_str());
            @if reader.on != reader.office.on { input type="hidden" name="on" value=(reader.on); }
            @if let Some(reason) = &list.asked.reason { input type="hidden" name="reason" value=(reason_word(reason)); }
            (parts::unit_choice(reader, units, list.asked.unit))
            @if let Some(kept) = kept.filter(|_| list.of(reader).is_none()) {
                label for="status" { (field_name(reader, kept, kept.status.at)) }
                select #status name="status" {
                    option value="" selected[list.asked.status.is_none()] { (reader.say(ANY_STATUS)) }
                    @for own in &offered {
                        option value=(status_word(own)) selected[list.asked.status.as_ref() == Some(own)] { (status_name(reader, own)) " · " (plain::count(count(own))) }
                    }
                }
            }
            button type="submit" { (reader.say(words::SHOW)) }
            @if narrowed(list) { " " a href=(without_filters(reader)) { (reader.say(WITHOUT_FILTERS)) } }
        }
    }
}

/// Why people stand on the list: told once, with a number by which rows refer to it if there are several.
fn reasons(reader: &Reader, list: &List<'_>, columns: &Columns<'_>) -> Markup {
    let asked = list.asked.reason.as_ref();
    html! {
        @match columns.reasons.as_slice() {
            [] => {},
            [only] => p.reason { b { (reader.say(REASON)) (reader.say(words::COLON)) } (told(reader, list, only)) },
            several => {
                details.reasons open {
                    summary { (reader.say(REASON)) }
                    ol.reasons-told {
                        @for reason in several.iter().take(MOST_REASONS) {
                            li {
                                @let count = list.read.reasons.get(reason).copied().unwrap_or(0);
                                (told(reader, list, reason)) " "
                                @if asked == Some(reason) { b { (plain::count(count)) } }
                                @else { a href=(reader.here_with("reason", &reason_word(reason))) { (plain::count(count)) } }
                            }
                        }
                    }
                }
            },
        }
    }
}

/// What can be made known of rows that are chosen: of the list of one programme, by who may.
fn offers<'r>(reader: &'r Reader, list: &List<'r>) -> Option<Offers<'r>> {
    match list.programmes.as_slice() {
        [programme] if list.page.is_some() && list.of(reader).is_none() => {
            Offers::of_programme(reader, &programme.id)
        }
        _ => None,
    }
}

/// The page of a list across all programmes.
pub(crate) async fn of_all(reader: &Reader) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let programmes: Vec<&Programme> = reader.office.pack.benefits().collect();
    let unit: Option<UnitCode> = reader.unit()?;
    let units = view.units(reader.on).await?;
    let tallies = view.tallies(reader.on, unit).await?;
    let list = read(reader, programmes, Standing::Missed).await?;
    let standing = list.asked.standing;
    let counts: BTreeMap<&str, usize> = (list.programmes.iter())
        .filter_map(|own| Some((own.id.as_str(), tallies.get(&own.id)?.of(standing))))
        .collect();
    let body = html! {
        (tabs(reader, None, standing, |standing| list.programmes.iter().filter_map(|own| tallies.get(&own.id)).map(|tally| tally.of(standing)).sum()))
        p.of-programmes {
            @for own in list.programmes.iter().filter(|own| counts.get(own.id.as_str()).is_some_and(|count| *count > 0)) {
                a href=(reader.asked_at(&format!("/programmes/{}", own.id), &["page", "lang", "reason", "print"])) { (own.name.get(reader.lang)) } " " b { (plain::count(counts[own.id.as_str()])) } " "
            }
        }
        (shown(reader, &units, &list, "/waiting").await?)
    };
    let title = standing.label(reader.lang);
    let up = (
        reader.link("/programmes", &[]),
        reader.say(words::PROGRAMMES).to_owned(),
    );
    Ok(Page::new(Place::Programmes, title, body)
        .kicker(reader.say(OF_ALL))
        .way([up])
        .dated())
}

/// An address that doesn't say which list, asking for one.
fn of_standing(address: &str, standing: Standing) -> String {
    let join = if address.contains('?') { '&' } else { '?' };
    format!("{address}{join}list={}", standing.as_str())
}

/// The lists beside each other, with how many stand on each.
pub(crate) fn tabs(
    reader: &Reader,
    of: Option<&Programme>,
    chosen: Standing,
    count: impl Fn(Standing) -> usize,
) -> Markup {
    let name = |standing: Standing| match of {
        Some(of) => standing.name(of, reader.lang),
        None => standing.label(reader.lang),
    };
    let to = |standing: Standing| {
        let kept = reader.here_without(|name, _| {
            ["list", "reason", "status", "print", "all", "done", "rows"].contains(&name)
        });
        of_standing(&kept, standing)
    };
    html! {
        nav.tabs aria-label=(reader.say(LISTS)) {
            @for standing in of.map_or(&parts::STANDINGS[..], Standing::of).iter().copied() {
                a href=(to(standing)) aria-current=[(standing == chosen).then_some("true")] {
                    (name(standing)) " " b { (plain::count(count(standing))) }
                }
            }
        }
    }
}

words! {
    LISTS: "名单", "Lists";
    REASON: "原因", "Reason";
    OF_ALL: "全部项目", "All programmes";
    UNTOUCHED: "还没有登记", "Nothing said yet";
    LATE: "已过期限", "Past its day";
    ANY_STATUS: "不限", "Any";
    WITHOUT_FILTERS: "去掉条件", "Without filters";
    WHY_MISSED: "各项条件都符合，享受名单上没有", "Every condition holds; not on the benefit list";
    WHY_HOLDS: "各项条件都符合", "Every condition holds";
    WHY_SERVED: "各项条件都符合，已在享受名单上", "Every condition holds; on the benefit list";
    WHY_UNLISTED: "全部条件符合；享受名册未到，是否在享不明", "Meets every condition; no benefit list tells whether they are on one";
    WHY_NO_SUBJECT: "在享受名单上，但已不是本项目的对象（如婚姻关系已终止）", "On the benefit list, but no longer a subject of this programme (the marriage has ended, for instance)";
    BAD_STATUS: "没有这种进度，请从名单上方选择。", "There is no such status; choose one above the list.";
    BAD_REASON: "没有这种原因，请从名单上方选择。", "There is no such reason; choose one above the list.";
}
