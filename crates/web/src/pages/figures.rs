//! What pages of figures have in common: a figure with what is not known of it, growth, targets. Where nothing is known it says so; it never
//! writes nought for that. Figures told apart are in `apart`.

mod apart;

use kernel::{Lang, Period, UnitCode};
use maud::{Markup, html};
use office::{
    Breakdown, BrokenRow, Figure, GROWTH_DECIMALS, Growth, RowOf, UnitNames, Unknown, group_name,
    growth,
};
use pack::Indicator;

use crate::parts;
use crate::plain;
use crate::reader::Reader;
use crate::words;
pub(crate) use apart::told_apart;

/// The anchor of the rows on an indicator's page.
const ROWS: &str = "#rows";

/// The unit and period that figures on a page are of.
#[derive(Clone, Copy)]
pub(crate) struct Of {
    pub unit: UnitCode,
    pub period: Period,
}

impl Of {
    /// The questions that ask for them.
    fn questions(self, reader: &Reader) -> Vec<(String, String)> {
        let mut questions = vec![("period".to_owned(), self.period.to_string())];
        if self.unit != reader.root() {
            questions.push(("unit".to_owned(), self.unit.to_string()));
        }
        questions
    }
}

/// The address of an indicator's rows, with some questions changed.
pub(crate) fn rows_address(
    reader: &Reader,
    of: Of,
    indicator: &str,
    changed: &[(String, String)],
) -> String {
    let mut questions = of.questions(reader);
    questions.retain(|(name, _)| changed.iter().all(|(other, _)| other != name));
    questions.extend(changed.iter().cloned());
    let questions: Vec<(&str, &str)> = questions
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    reader.link(&format!("/indicators/{indicator}"), &questions) + ROWS
}

/// A figure as it stands in text and tables, with a mark if it leaves something out.
pub(crate) fn shown(reader: &Reader, figure: &Figure) -> String {
    let shown = plain::grouped(&figure.shown(reader.lang));
    match figure.value.is_some() && !figure.is_whole() {
        true => format!("{shown}*"),
        false => shown,
    }
}

/// A cell of a table.
pub(crate) fn cell(reader: &Reader, figure: &Figure, address: &str) -> Markup {
    let why = figure.why().map(|why| unknown(reader, why));
    html! {
        td.n class=[figure.value.is_none().then_some("none")] title=[why] {
            a href=(address) { (shown(reader, figure)) }
        }
    }
}

/// What is not known of a figure, in a sentence; none if everything is.
pub(crate) fn not_known(reader: &Reader, units: &UnitNames, figure: &Figure) -> Option<String> {
    let names = |these: &[(UnitCode, Unknown)]| {
        let names = these.iter().take(12);
        let names: Vec<String> = names.map(|(unit, _)| units.name(unit.as_str())).collect();
        names.join(words::COMMA.get(reader.lang))
    };
    let mut told = Vec::new();
    match (figure.value, figure.without.first()) {
        (None, Some((_, why))) => told.push(no_data(&unknown(reader, why), reader.lang)),
        (None, None) => told.push(figure.shown(reader.lang)),
        (Some(_), Some((_, why))) => {
            let (names, why) = (names(&figure.without), unknown(reader, why));
            told.push(without(figure.without.len(), &names, &why, reader.lang));
        }
        (Some(_), None) => {}
    }
    if let (Some(_), Some(until)) = (figure.value, figure.until) {
        told.push(known_until(until, reader.lang));
    }
    (!told.is_empty()).then(|| {
        told.join(match reader.lang {
            Lang::Zh => "",
            Lang::En => " ",
        })
    })
}

/// Why a figure can't be told.
pub(crate) fn unknown(reader: &Reader, why: &Unknown) -> String {
    let (pack, lang) = (&reader.office.pack, reader.lang);
    let register = |id: &str| {
        let known = pack.register(id);
        known.map_or_else(|| id.to_owned(), |known| known.name.get(lang).to_owned())
    };
    let day = |day| kernel::date::label(day, lang);
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
            format!("“{}”自{}起才有登记", register(id), day(*from))
        }
        (Unknown::Before { register: id, from }, Lang::En) => {
            format!("“{}” is known only from {} on", register(id), day(*from))
        }
        (
            Unknown::After {
                register: id,
                until,
            },
            Lang::Zh,
        ) => {
            format!("“{}”的登记只到{}", register(id), day(*until))
        }
        (
            Unknown::After {
                register: id,
                until,
            },
            Lang::En,
        ) => {
            format!("“{}” is known only up to {}", register(id), day(*until))
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

fn no_data(why: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("无数据：{why}。"),
        Lang::En => format!("No data: {why}."),
    }
}

fn without(count: usize, names: &str, why: &str, lang: Lang) -> String {
    match (lang, count) {
        (Lang::Zh, _) => format!("* 不含{count}个单位（{names}）：{why}。"),
        (Lang::En, 1) => format!("* Without {names}: {why}."),
        (Lang::En, _) => format!("* Without {count} units ({names}): {why}."),
    }
}

fn known_until(day: jiff::civil::Date, lang: Lang) -> String {
    let day = kernel::date::label(day, lang);
    match lang {
        Lang::Zh => format!("* 数据截至{day}。"),
        Lang::En => format!("* As recorded up to {day}."),
    }
}

/// Growth, with its sign; a dash where there is none to tell.
pub(crate) fn grown(reader: &Reader, indicator: &Indicator, growth: Option<Growth>) -> String {
    let signed =
        |text: String| match text.starts_with('-') || text.trim_matches(['0', '.']).is_empty() {
            true => text,
            false => format!("+{text}"),
        };
    match growth {
        None => "—".to_owned(),
        Some(Growth::PerCent(value)) => format!("{}%", signed(value.shown(GROWTH_DECIMALS))),
        Some(Growth::Points(value)) => {
            let unit = indicator.unit.get(reader.lang);
            let value = signed(value.shown(indicator.decimals));
            match (unit, reader.lang) {
                ("%", Lang::Zh) => format!("{value}个百分点"),
                ("‰", Lang::Zh) => format!("{value}个千分点"),
                ("%" | "‰", Lang::En) => format!("{value} {unit} points"),
                _ => value,
            }
        }
    }
}

/// What a part is called, and the questions that open its rows.
fn part(
    reader: &Reader,
    units: &UnitNames,
    how: &Breakdown,
    row: &BrokenRow,
) -> (String, Vec<(String, String)>) {
    let question = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    match &row.of {
        RowOf::Unit(unit) => (
            units.name(unit.as_str()),
            vec![question("unit", unit.as_str())],
        ),
        RowOf::OwnLevel(_) => (reader.say(OWN_LEVEL).to_owned(), vec![question("own", "1")]),
        RowOf::Period(period) => (
            short(*period, reader.lang),
            vec![question("period", &period.to_string())],
        ),
        RowOf::Groups(keys) => {
            let Breakdown::Groups(dimensions) = how else {
                return (keys.join(" "), Vec::new());
            };
            let both = || dimensions.iter().zip(keys);
            let (pack, lang) = (&reader.office.pack, reader.lang);
            let names = both().map(|(dimension, key)| group_name(pack, dimension, key, lang));
            let names: Vec<String> = names.collect();
            let questions = both().map(|(dimension, key)| question(&format!("g.{dimension}"), key));
            (names.join(" · "), questions.collect())
        }
    }
}

/// A period as it stands under a point or in a table of a series.
pub(crate) fn short(period: Period, lang: Lang) -> String {
    match (period, lang) {
        (Period::Span { from, to }, Lang::Zh) if from.year() == to.year() => {
            format!(
                "{}年{}.{}—{}.{}",
                from.year(),
                from.month(),
                from.day(),
                to.month(),
                to.day()
            )
        }
        (Period::Span { from, to }, Lang::En) => format!("{from} – {to}"),
        (Period::Quarter(year, quarter), Lang::En) => format!("{year} Q{quarter}"),
        (Period::Quarter(year, quarter), Lang::Zh) => format!("{year}年{quarter}季度"),
        (Period::Month(year, month), Lang::En) => format!("{year}-{month:02}"),
        (period, lang) => period.label(lang),
    }
}

/// What isn't known of figures, each sentence once.
fn notes<'a>(
    reader: &Reader,
    units: &UnitNames,
    figures: impl Iterator<Item = &'a Figure>,
) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for note in figures.filter_map(|figure| not_known(reader, units, figure)) {
        if !notes.contains(&note) && notes.len() < 4 {
            notes.push(note);
        }
    }
    notes
}

/// Figures beside those of the year before, with their targets: a row each.
pub(crate) fn beside(
    reader: &Reader,
    units: &UnitNames,
    of: Of,
    rows: &[(&Indicator, Figure, Figure)],
) -> Markup {
    let before = Of {
        period: of.period.year_before(),
        ..of
    };
    let targets = rows
        .iter()
        .any(|(indicator, ..)| indicator.target(&of.unit, of.period.end()).is_some());
    let table = html! {
        table.figures {
            thead {
                tr {
                    (parts::heading(reader, words::INDICATORS, false))
                    th.n scope="col" { (short(of.period, reader.lang)) }
                    th.n scope="col" { (short(before.period, reader.lang)) }
                    (parts::heading(reader, GROWTH, true))
                    (parts::heading(reader, COUNTED_IN, false))
                    @if targets { (parts::heading(reader, TARGET, false)) }
                }
            }
            tbody {
                @for (indicator, now, then) in rows {
                    tr {
                        th scope="row" { (indicator.name.get(reader.lang)) }
                        (cell(reader, now, &rows_address(reader, of, &indicator.id, &[])))
                        (cell(reader, then, &rows_address(reader, before, &indicator.id, &[])))
                        td.n { (grown(reader, indicator, growth(indicator, then, now))) }
                        td { (indicator.unit.get(reader.lang)) }
                        @if targets { td { (target(reader, indicator, of, now).unwrap_or_default()) } }
                    }
                }
            }
        }
    };
    let notes = notes(
        reader,
        units,
        rows.iter().flat_map(|(_, now, then)| [now, then]),
    );
    html! {
        (parts::scrolling(reader.say(words::INDICATORS), &table))
        @for note in notes { p.note { (note) } }
    }
}

/// What an indicator should come to, and how far it is.
pub(crate) fn target(
    reader: &Reader,
    indicator: &Indicator,
    of: Of,
    now: &Figure,
) -> Option<String> {
    let target = indicator.target(&of.unit, of.period.end())?;
    let wanted = office::Exact {
        numerator: i128::from(target.value.units),
        denominator: 10_i128.pow(u32::from(target.value.places)),
    };
    let value = plain::grouped(&wanted.shown(indicator.decimals));
    let done = now
        .value
        .and_then(|now| now.per(100, wanted))
        .map(|done| done.shown(1));
    let day = kernel::date::label(target.on, reader.lang);
    Some(match (reader.lang, target.at_most, done) {
        (Lang::Zh, false, Some(done)) => format!("到{day}达到{value}，已完成{done}%"),
        (Lang::Zh, true, Some(done)) => format!("到{day}不超过{value}，现为其{done}%"),
        (Lang::Zh, false, None) => format!("到{day}达到{value}"),
        (Lang::Zh, true, None) => format!("到{day}不超过{value}"),
        (Lang::En, false, Some(done)) => format!("{value} by {day}; {done} % reached"),
        (Lang::En, true, Some(done)) => format!("at most {value} by {day}; now {done} % of it"),
        (Lang::En, false, None) => format!("{value} by {day}"),
        (Lang::En, true, None) => format!("at most {value} by {day}"),
    })
}

words! {
    OWN_LEVEL: "本级", "Of the unit itself";
    GROWTH: "增长", "Growth";
    TARGET: "目标", "Target";
    COUNTED_IN: "计量单位", "Counted in";
}
