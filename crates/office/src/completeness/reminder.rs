//! What to write to each sender of whom a list is due: plain and polite, to be copied and sent. It names lists, units and days, nobody else.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::date::label;
use kernel::{Lang, UnitCode};

use super::{Completeness, ListStanding, ListState, PartOf};
use crate::names::UnitNames;
use crate::office::Office;

/// More units than these are counted, not named.
const MOST_NAMED: usize = 20;

/// What to write to a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// The sender: a value of the code list `source`, blank if the rosters say none.
    pub sender: String,
    /// Whom it is addressed to.
    pub to: String,
    /// How many lists are asked for: each of each unit.
    pub lists: usize,
    /// The text.
    pub text: String,
}

/// What is asked for in one line: of the units that stand alike.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike<'r> {
    /// The place of the roster in the pack.
    place: usize,
    roster: &'r str,
    slices: &'r [String],
    state: ListState,
    due: Option<Date>,
    as_of: Option<Date>,
    part: Option<&'static str>,
    /// Of a list of which too many rows weren't placed: how many rows it has, and how many of these weren't.
    rows: Option<(i64, i64)>,
    gaps: &'r [(Date, Date)],
    kept: bool,
}

pub(super) fn reminders(
    told: &Completeness,
    (office, units): (&Office, &UnitNames),
    lang: Lang,
) -> Vec<Reminder> {
    let mut by_sender: BTreeMap<&str, BTreeMap<Alike<'_>, Vec<UnitCode>>> = BTreeMap::new();
    let place = |id: &str| office.pack.rosters.iter().position(|own| own.id == id);
    // What the office keeps itself nobody is asked to send.
    for row in told
        .rows
        .iter()
        .filter(|row| row.state.is_due() && !row.kept)
    {
        let alike = Alike::of(row, place(&row.roster).unwrap_or_default());
        let own = by_sender.entry(&row.sender).or_default();
        own.entry(alike).or_default().push(row.unit);
    }
    let each = by_sender.into_iter().map(|(sender, asked)| {
        let to = addressee(office, sender, &asked, lang);
        let lines: Vec<String> = (asked.iter().zip(1..))
            .map(|((alike, of), nth)| line(office, units, (alike, of), nth, lang))
            .collect();
        let (name, today) = (units.name(office.root.as_str()), label(told.today, lang));
        Reminder {
            sender: sender.to_owned(),
            lists: asked.values().map(Vec::len).sum(),
            text: letter(&to, &lines, &name, &today, lang),
            to,
        }
    });
    each.collect()
}

impl<'r> Alike<'r> {
    fn of(row: &'r ListStanding, place: usize) -> Self {
        let last = row.last.as_ref();
        Alike {
            place,
            roster: &row.roster,
            slices: &row.slices,
            state: row.state,
            due: row.due,
            as_of: last.map(|last| last.as_of),
            part: last
                .and_then(|last| last.partial)
                .map(|part| PartOf::as_str(part)),
            rows: last
                .filter(|last| last.partial == Some(PartOf::Unplaced))
                .and_then(|last| last.rows),
            gaps: &row.gaps,
            kept: row.kept,
        }
    }
}

/// Whom it is addressed to: who the rosters say sends them, if all say the same; else the sender's name.
fn addressee(
    office: &Office,
    sender: &str,
    asked: &BTreeMap<Alike<'_>, Vec<UnitCode>>,
    lang: Lang,
) -> String {
    let rosters = asked.keys();
    let mut names: Vec<&str> = rosters
        .filter_map(|alike| office.pack.roster(alike.roster))
        .map(|roster| office.sender_of(roster, lang))
        .collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [only] => (*only).to_owned(),
        _ => office.sender_named(sender, lang).to_owned(),
    }
}

fn letter(to: &str, lines: &[String], from: &str, today: &str, lang: Lang) -> String {
    let lines = lines.join("\n");
    match lang {
        Lang::Zh => format!(
            "{to}：\n\n您好！我们正在核对居民应享的各项待遇，需要下列名册，请协助报送：\n\n{lines}\n\n可用随附的空白表样填写，也可以用贵单位原有的表格。如已报送，请不必理会本函。谢谢支持！\n\n{from}\n{today}\n"
        ),
        Lang::En => format!(
            "To: {to}\n\nWe are checking what residents are entitled to, and need the following lists from you:\n\n{lines}\n\nYou may fill in the blank lists that come with this, or send your own tables as they are. If you have sent them already, please disregard this letter. Thank you!\n\n{from}\n{today}\n"
        ),
    }
}

fn line(
    office: &Office,
    units: &UnitNames,
    (alike, of): (&Alike<'_>, &[UnitCode]),
    nth: usize,
    lang: Lang,
) -> String {
    let roster = office.pack.roster(alike.roster);
    let name = roster.map_or(alike.roster, |roster| roster.name.get(lang));
    let slices = slices_in_words(office, alike.roster, alike.slices, lang);
    let (named, join) = (of.iter().take(MOST_NAMED), comma(lang));
    let named: Vec<String> = named.map(|unit| units.name(unit.as_str())).collect();
    let mut of_units = named.join(join);
    if of.len() > MOST_NAMED {
        of_units += &match lang {
            Lang::Zh => format!("等{}个单位", of.len()),
            Lang::En => format!(" and {} more", of.len() - MOST_NAMED),
        };
    }
    let asked = asked_for(alike, lang);
    match lang {
        Lang::Zh => format!("{nth}. {name}{slices}——{of_units}：{asked}。"),
        Lang::En => format!("{nth}. {name}{slices} — {of_units}: {asked}."),
    }
}

/// What is wanted and by when.
fn asked_for(alike: &Alike<'_>, lang: Lang) -> String {
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| label(day, lang));
    let (as_of, due) = (day(alike.as_of), day(alike.due));
    match (alike.state, lang) {
        (ListState::Never, Lang::Zh) => "尚未收到，请尽快报送".to_owned(),
        (ListState::Never, Lang::En) => "none has reached us; please send it soon".to_owned(),
        (ListState::Part, Lang::Zh) => {
            let why = match (alike.part, alike.rows) {
                (Some("said"), _) => "只是其中一部分".to_owned(),
                (Some("fewer"), _) => "行数比上一份少很多".to_owned(),
                (_, Some((rows, unplaced))) => format!("{rows}行中有{unplaced}行无法核对"),
                _ => "有些行无法核对".to_owned(),
            };
            format!("{as_of}的一份{why}，请补报完整的一份")
        }
        (ListState::Part, Lang::En) => {
            let why = match (alike.part, alike.rows) {
                (Some("said"), _) => "is only a part".to_owned(),
                (Some("fewer"), _) => "has far fewer rows than the one before".to_owned(),
                (_, Some((rows, unplaced))) => {
                    format!("has {rows} rows, of which we couldn't place {unplaced}")
                }
                _ => "has rows that we couldn't place".to_owned(),
            };
            format!("the one of {as_of} {why}; please send a whole one")
        }
        (ListState::Overdue, Lang::Zh) => {
            format!("最近一份截至{as_of}，新的一份应在{due}前报送，已过期，请尽快")
        }
        (ListState::Overdue, Lang::En) => format!(
            "the last is as of {as_of}; the next was due by {due}, please send it as soon as you can"
        ),
        (ListState::Gaps, Lang::Zh) => {
            format!("未收到{}的情况，请补报", gaps_in_words(alike.gaps, lang))
        }
        (ListState::Gaps, Lang::En) => format!(
            "nothing has reached us about {}; please send it",
            gaps_in_words(alike.gaps, lang)
        ),
        (_, Lang::Zh) => format!("最近一份截至{as_of}，请在{due}前报送新的一份"),
        (_, Lang::En) => {
            format!("the last is as of {as_of}; please send the next by {due}")
        }
    }
}

/// Stretches of days.
pub(super) fn gaps_in_words(gaps: &[(Date, Date)], lang: Lang) -> String {
    let each = gaps.iter().map(|(from, to)| {
        let (first, last) = (label(*from, lang), label(*to, lang));
        match (from == to, lang) {
            (true, _) => first,
            (false, Lang::Zh) => format!("{first}至{last}"),
            (false, Lang::En) => format!("{first} to {last}"),
        }
    });
    each.collect::<Vec<_>>().join(comma(lang))
}

/// The parts of a list's matter, in brackets.
pub(super) fn slices_in_words(
    office: &Office,
    roster: &str,
    slices: &[String],
    lang: Lang,
) -> String {
    if slices.is_empty() {
        return String::new();
    }
    let names = slices
        .iter()
        .map(|slice| office.slice_named(roster, slice, lang));
    let names = names.collect::<Vec<_>>().join(comma(lang));
    match lang {
        Lang::Zh => format!("（{names}）"),
        Lang::En => format!(" ({names})"),
    }
}

fn comma(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "、",
        Lang::En => ", ",
    }
}
