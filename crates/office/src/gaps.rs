//! What isn't known of figures, in words: why, of which units, up to which day, and which lists would tell, from whom. Pages, documents and the
//! command line say it alike.

use jiff::civil::Date;
use kernel::{Lang, UnitCode, date};
use pack::{Pack, Roster, Whom};
use reports::indicator::Figure;
use reports::known::Unknown;
use tables::Partial;

use crate::names::UnitNames;

/// How many units are named where some are left out.
const MOST_NAMED: usize = 12;
/// How many reasons are told of one figure.
const MOST_REASONS: usize = 4;

/// What becomes of a report with figures that can't be told, or not wholly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gaps {
    /// It isn't written.
    Refuse,
    /// Each says so where it stands.
    Mark,
}

/// Lists to get: any one of some, for some units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListsToGet {
    /// The rosters, any of which will do; none of what only desks record.
    pub rosters: Vec<String>,
    /// The register that they tell of; none if answers rest on them.
    pub register: String,
    /// The first and the last of the days that they have to tell of, where that is known.
    pub days: [Option<Date>; 2],
    /// The units of which they are.
    pub units: Vec<UnitCode>,
}

/// Figures that a report can't state as they are, and what to get for them.
#[derive(Clone, Debug, Default)]
pub struct ReportGaps {
    /// The figures.
    pub figures: Vec<Figure>,
    /// A line for each: its name and what isn't known of it.
    pub lines: [Vec<String>; 2],
    /// A line for each list to get.
    pub lists: [Vec<String>; 2],
}

impl ReportGaps {
    /// Of figures of which something isn't known.
    pub(crate) fn of(pack: &Pack, units: &UnitNames, figures: Vec<Figure>) -> Self {
        let to_get = to_get(pack, figures.iter());
        let lines = [Lang::Zh, Lang::En].map(|lang| {
            let told = |figure: &Figure| {
                let name = pack.indicator(&figure.id);
                let name = name.map_or(figure.id.as_str(), |own| own.name.get(lang));
                let what = not_known(pack, units, figure, lang).unwrap_or_default();
                match lang {
                    Lang::Zh => format!("{name}：{what}"),
                    Lang::En => format!("{name}: {what}"),
                }
            };
            figures.iter().map(told).collect()
        });
        let lists = [Lang::Zh, Lang::En].map(|lang| {
            let each = to_get.iter();
            each.map(|list| to_get_line(pack, units, list, lang))
                .collect()
        });
        Self {
            figures,
            lines,
            lists,
        }
    }

    /// The figures, each with what isn't known of it.
    #[must_use]
    pub fn lines(&self, lang: Lang) -> &[String] {
        &self.lines[usize::from(lang == Lang::En)]
    }

    /// The lists to get.
    #[must_use]
    pub fn lists(&self, lang: Lang) -> &[String] {
        &self.lists[usize::from(lang == Lang::En)]
    }

    /// Why the report isn't written, and what to get.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let (lines, lists) = (self.lines(lang), self.lists(lang));
        let mut told = vec![refused(lines.len(), lang)];
        told.extend(lines.iter().map(|line| format!("  {line}")));
        if !lists.is_empty() {
            told.push(match lang {
                Lang::Zh => "要补齐，请取得：".to_owned(),
                Lang::En => "To complete it, get:".to_owned(),
            });
            told.extend(lists.iter().map(|line| format!("  {line}")));
        }
        told.join("\n")
    }
}

/// What a report says at its top if not all of its figures are wholly known.
pub(crate) fn warning(gaps: &ReportGaps, lang: Lang) -> Option<String> {
    let count = gaps.figures.len();
    (count > 0).then(|| match lang {
        Lang::Zh => format!("【草稿】有{count}个数字不完整或没有数据，见文末“数据说明”；补齐以前不要报送。"),
        Lang::En => format!("[Draft] Figures that are missing or not complete: {count}; see “About the figures” at the end. Not to be sent before they are."),
    })
}

/// What a report says at its end: up to which day its figures are known, which say less than they seem to, and which lists to get.
pub(crate) fn notes<'f>(
    pack: &Pack,
    gaps: &ReportGaps,
    figures: impl Iterator<Item = &'f Figure>,
    lang: Lang,
) -> Vec<String> {
    let mut by_day: Vec<(Date, Vec<&str>)> = Vec::new();
    for figure in figures.filter(|figure| figure.value.is_some()) {
        let (Some(until), Some(own)) = (figure.until, pack.indicator(&figure.id)) else {
            continue;
        };
        let name = own.name.get(lang);
        match by_day.iter_mut().find(|(day, _)| *day == until) {
            Some((_, names)) => names.push(name),
            None => by_day.push((until, vec![name])),
        }
    }
    by_day.sort_unstable();
    let known = by_day.iter().map(|(day, names)| {
        let day = date::label(*day, lang);
        match lang {
            Lang::Zh => format!("数据截至{day}：{}。", names.join("、")),
            Lang::En => format!("As recorded up to {day}: {}.", names.join(", ")),
        }
    });
    let mut notes: Vec<String> = known.collect();
    if !gaps.figures.is_empty() {
        let (heads, ends) = match lang {
            Lang::Zh => (["以下数字不完整：", "请取得："], "。"),
            Lang::En => (["These figures are not complete:", "Lists to get:"], "."),
        };
        for (head, lines) in heads.into_iter().zip([gaps.lines(lang), gaps.lists(lang)]) {
            if !lines.is_empty() {
                notes.push(head.to_owned());
                let line = |line: &String| match line.ends_with(ends) {
                    true => line.clone(),
                    false => format!("{line}{ends}"),
                };
                notes.extend(lines.iter().map(line));
            }
        }
    }
    notes
}

fn refused(figures: usize, lang: Lang) -> String {
    match (lang, figures) {
        (Lang::Zh, _) => format!("报告没有写：有{figures}个数字还说不清或不完整。"),
        (Lang::En, 1) => {
            "The report isn't written: one of its figures can't be told, or not wholly.".to_owned()
        }
        (Lang::En, _) => format!(
            "The report isn't written: {figures} of its figures can't be told, or not wholly."
        ),
    }
}

/// The lists that would tell what isn't known of some figures, each once.
pub fn to_get<'f>(pack: &Pack, figures: impl Iterator<Item = &'f Figure>) -> Vec<ListsToGet> {
    let mut found: Vec<ListsToGet> = Vec::new();
    for (unit, why) in figures.flat_map(|figure| &figure.without) {
        let rosters = why.to_get(pack).into_iter();
        let rosters: Vec<String> = rosters.map(|roster| roster.id.clone()).collect();
        let Some(register) = why.register().or((!rosters.is_empty()).then_some("")) else {
            continue;
        };
        let days = why.days();
        let known = found.iter_mut().find(|known| {
            known.register == register && known.rosters == rosters && known.days == days
        });
        match known {
            Some(known) if known.units.contains(unit) => {}
            Some(known) => known.units.push(*unit),
            None => found.push(ListsToGet {
                rosters,
                register: register.to_owned(),
                days,
                units: vec![*unit],
            }),
        }
    }
    for list in &mut found {
        list.units.sort_unstable();
    }
    found
}

/// Lists to get, of which units and from whom, in a line.
#[must_use]
pub fn to_get_line(pack: &Pack, units: &UnitNames, list: &ListsToGet, lang: Lang) -> String {
    let of = names(units, list.units.iter(), lang);
    let rosters = list.rosters.iter().filter_map(|id| pack.roster(id));
    let rosters: Vec<&Roster> = rosters.collect();
    let each = rosters.iter().map(|roster| {
        let (name, sender) = (roster.name.get(lang), roster.sender.get(lang));
        match (lang, sender.is_empty()) {
            (Lang::Zh, false) => format!("“{name}”（{sender}）"),
            (Lang::Zh, true) => format!("“{name}”"),
            (Lang::En, false) => format!("“{name}” from {sender}"),
            (Lang::En, true) => format!("“{name}”"),
        }
    });
    let each: Vec<String> = each.collect();
    let register = register(pack, &list.register, lang);
    let what = match (lang, each.is_empty()) {
        (Lang::Zh, false) => format!("{of}：{}", each.join("或")),
        (Lang::Zh, true) => format!("{of}：在“{register}”中登记"),
        (Lang::En, false) => format!("{of}: {}", each.join(" or ")),
        (Lang::En, true) => format!("{of}: record it in “{register}”"),
    };
    let [first, last] = list.days.map(|day| day.map(|day| date::label(day, lang)));
    match (first, last, lang) {
        (None, None, _) => what,
        (Some(first), None, Lang::Zh) => format!("{what}，{first}以后"),
        (None, Some(last), Lang::Zh) => format!("{what}，{last}以前"),
        (Some(first), Some(last), Lang::Zh) => format!("{what}，{first}至{last}"),
        (Some(first), None, Lang::En) => format!("{what}, from {first} on"),
        (None, Some(last), Lang::En) => format!("{what}, up to {last}"),
        (Some(first), Some(last), Lang::En) => format!("{what}, {first} to {last}"),
    }
}

fn names<'u>(
    units: &UnitNames,
    of: impl ExactSizeIterator<Item = &'u UnitCode>,
    lang: Lang,
) -> String {
    let count = of.len();
    let shown: Vec<String> = of
        .take(MOST_NAMED)
        .map(|unit| units.name(unit.as_str()))
        .collect();
    let joined = shown.join(match lang {
        Lang::Zh => "、",
        Lang::En => ", ",
    });
    match (count > MOST_NAMED, lang) {
        (false, _) => joined,
        (true, Lang::Zh) => format!("{joined}等{count}个单位"),
        (true, Lang::En) => format!("{joined} and {} more", count - MOST_NAMED),
    }
}

/// What is not known of a figure, in a sentence; none if everything is.
#[must_use]
pub fn not_known(pack: &Pack, units: &UnitNames, figure: &Figure, lang: Lang) -> Option<String> {
    let mut told = Vec::new();
    match (figure.value, figure.why()) {
        (None, Some(reason)) => told.push(no_data(&why(pack, reason, lang), lang)),
        (None, None) => told.push(figure.shown(lang)),
        (Some(_), _) => told.extend(left_out(pack, units, figure, lang)),
    }
    if let (Some(_), Some(until)) = (figure.value, figure.until) {
        told.push(known_until(until, lang));
    }
    (!told.is_empty()).then(|| {
        told.join(match lang {
            Lang::Zh => "",
            Lang::En => " ",
        })
    })
}

/// Of how many units a figure is, which it leaves out, and why each.
fn left_out(pack: &Pack, units: &UnitNames, figure: &Figure, lang: Lang) -> Option<String> {
    let mut reasons: Vec<(String, Vec<&UnitCode>)> = Vec::new();
    for (unit, reason) in &figure.without {
        let reason = why(pack, reason, lang);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, of)) => of.push(unit),
            None => reasons.push((reason, vec![unit])),
        }
    }
    let more = reasons.len().saturating_sub(MOST_REASONS);
    let each = reasons.iter().take(MOST_REASONS).map(|(reason, of)| {
        let of = names(units, of.iter().copied(), lang);
        match lang {
            Lang::Zh => format!("不含{of}（{reason}）"),
            Lang::En => format!("without {of} ({reason})"),
        }
    });
    let each: Vec<String> = each.collect();
    if each.is_empty() {
        return None;
    }
    let (all, told) = (
        figure.units,
        figure.units.saturating_sub(figure.without.len()),
    );
    Some(match lang {
        Lang::Zh => {
            let more = if more > 0 { "；等" } else { "" };
            format!("* {all}个单位中的{told}个：{}{more}。", each.join("；"))
        }
        Lang::En => {
            let more = if more > 0 { "; and others" } else { "" };
            format!("* {told} of {all} units: {}{more}.", each.join("; "))
        }
    })
}

fn no_data(why: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("无数据：{why}。"),
        Lang::En => format!("No data: {why}."),
    }
}

fn known_until(day: Date, lang: Lang) -> String {
    let day = date::label(day, lang);
    match lang {
        Lang::Zh => format!("* 数据截至{day}。"),
        Lang::En => format!("* As recorded up to {day}."),
    }
}

fn register<'p>(pack: &'p Pack, id: &'p str, lang: Lang) -> &'p str {
    let known = pack.register(id);
    known.map_or(id, |known| known.name.get(lang))
}

/// Why a figure can't be told.
#[must_use]
pub fn why(pack: &Pack, why: &Unknown, lang: Lang) -> String {
    let register = |id| register(pack, id, lang);
    let day = |day: &Date| date::label(*day, lang);
    match (why, lang) {
        (Unknown::NotYet, Lang::Zh) => "这一期还没有到".to_owned(),
        (Unknown::NotYet, Lang::En) => "the period hasn't come yet".to_owned(),
        (Unknown::NoUnit, Lang::Zh) => "当时没有这个单位".to_owned(),
        (Unknown::NoUnit, Lang::En) => "there was no such unit then".to_owned(),
        (Unknown::Above, Lang::Zh) => "人员登记在上一级，没有分到这里".to_owned(),
        (Unknown::Above, Lang::En) => {
            "people are recorded of the unit above, not of this one".to_owned()
        }
        (Unknown::NoRows, Lang::Zh) => "还没有登记这个数".to_owned(),
        (Unknown::NoRows, Lang::En) => "it hasn't been recorded".to_owned(),
        (Unknown::Withheld, Lang::Zh) => "按岗位权限不予显示".to_owned(),
        (Unknown::Withheld, Lang::En) => "not shown to your post".to_owned(),
        (Unknown::OnlyWhole, Lang::Zh) => "这个指标不能按单位分开".to_owned(),
        (Unknown::OnlyWhole, Lang::En) => "it can't be told by unit".to_owned(),
        (Unknown::Never { register: id }, Lang::Zh) => format!("“{}”从来没有登记过", register(id)),
        (Unknown::Never { register: id }, Lang::En) => {
            format!("nothing was ever recorded in “{}”", register(id))
        }
        (Unknown::NoList { register: id }, Lang::Zh) => {
            format!("“{}”没有导入过全员名单，单条登记说明不了总数", register(id))
        }
        (Unknown::NoList { register: id }, Lang::En) => format!(
            "no list of everyone was ever taken into “{}”; single records don't tell how many there are",
            register(id)
        ),
        (Unknown::Before { register: id, from }, Lang::Zh) => {
            format!("“{}”自{}起才有登记", register(id), day(from))
        }
        (Unknown::Before { register: id, from }, Lang::En) => {
            format!("“{}” is known only from {} on", register(id), day(from))
        }
        (
            Unknown::After {
                register: id,
                until,
            },
            Lang::Zh,
        ) => {
            format!("“{}”的登记只到{}", register(id), day(until))
        }
        (
            Unknown::After {
                register: id,
                until,
            },
            Lang::En,
        ) => {
            format!("“{}” is known only up to {}", register(id), day(until))
        }
        (
            Unknown::Gap {
                register: id,
                from,
                to,
            },
            Lang::Zh,
        ) => {
            format!("“{}”缺{}至{}的名单", register(id), day(from), day(to))
        }
        (
            Unknown::Gap {
                register: id,
                from,
                to,
            },
            Lang::En,
        ) => format!(
            "no list of “{}” tells of {} to {}",
            register(id),
            day(from),
            day(to)
        ),
        (
            Unknown::Part {
                roster, as_of, why, ..
            },
            lang,
        ) => {
            let list = pack.roster(roster);
            let list = list.map_or(roster.as_str(), |list| list.name.get(lang));
            part(list, &day(as_of), *why, lang)
        }
        (
            Unknown::Slice {
                register: id,
                slice,
            },
            Lang::Zh,
        ) => {
            format!(
                "“{}”的名单里没有{}这一部分",
                register(id),
                part_name(pack, slice, lang)
            )
        }
        (
            Unknown::Slice {
                register: id,
                slice,
            },
            Lang::En,
        ) => {
            let slice = part_name(pack, slice, lang);
            format!("no list of “{}” tells of {slice}", register(id))
        }
        (Unknown::NoAnswers { rosters }, lang) => {
            let name = |id: &String| {
                let list = pack.roster(id);
                let list = list.map_or(id.as_str(), |list| list.name.get(lang));
                format!("“{list}”")
            };
            let names: Vec<String> = rosters.iter().map(name).collect();
            match lang {
                Lang::Zh => format!("认定要用的名单没有：{}", names.join("或")),
                Lang::En => format!(
                    "there is no list that answers rest on: {}",
                    names.join(" or ")
                ),
            }
        }
        (Unknown::Kind { register: id, whom }, Lang::Zh) => {
            format!("“{}”的名单只有{}", register(id), only(*whom, lang))
        }
        (Unknown::Kind { register: id, whom }, Lang::En) => {
            format!(
                "lists of “{}” name only {}",
                register(id),
                only(*whom, lang)
            )
        }
        (
            Unknown::Unsaid {
                register: id,
                field,
            },
            lang,
        ) => {
            let name = pack.register(id).and_then(|register| register.field(field));
            let name = name.map_or(field.as_str(), |(_, field)| field.name.get(lang));
            match lang {
                Lang::Zh => format!("“{}”里没有一条写明{name}", register(id)),
                Lang::En => format!("no record of “{}” says the field “{name}”", register(id)),
            }
        }
    }
}

/// Why a list of a day is a part.
fn part(list: &str, day: &str, why: Partial, lang: Lang) -> String {
    match (why, lang) {
        (Partial::Said, Lang::Zh) => format!("{day}的“{list}”只是一部分"),
        (Partial::Said, Lang::En) => format!("the list “{list}” of {day} is only a part"),
        (Partial::Unplaced, Lang::Zh) => {
            format!("{day}的“{list}”有2%以上的行没有录入，不能当作全部")
        }
        (Partial::Unplaced, Lang::En) => format!(
            "more than 2 % of the rows of the list “{list}” of {day} were not placed, so it doesn't count as whole"
        ),
        (Partial::Fewer(before), Lang::Zh) => {
            format!("{day}的“{list}”比上一份（{before}行）少得多，不能当作全部")
        }
        (Partial::Fewer(before), Lang::En) => format!(
            "the list “{list}” of {day} has far fewer rows than the one before ({before}), so it doesn't count as whole"
        ),
    }
}

/// What a part of a list's matter is called: a programme by its name.
fn part_name(pack: &Pack, slice: &str, lang: Lang) -> String {
    let programme = pack.programme(slice);
    programme.map_or_else(|| slice.to_owned(), |own| own.name.get(lang).to_owned())
}

/// Whom lists name where those of a kind are missing.
fn only(missing: Whom, lang: Lang) -> &'static str {
    match (missing, lang) {
        (Whom::Living, Lang::Zh) => "户籍在本地的人，没有居住在本地的人",
        (Whom::Living, Lang::En) => "people who are registered, and not those who live there",
        (_, Lang::Zh) => "居住在本地的人，没有户籍在本地的人",
        (_, Lang::En) => "people who live there, and not those who are registered",
    }
}
