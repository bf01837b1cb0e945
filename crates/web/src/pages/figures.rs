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
        td class=(if figure.value.is_none() { "n none" } else { "n" }) title=[why] {
            a href=(address) { (shown(reader, figure)) }
        }
    }
}

/// What is not known of a figure, in a sentence; none if everything is.
pub(crate) fn not_known(reader: &Reader, units: &UnitNames, figure: &Figure) -> Option<String> {
    office::gaps::not_known(&reader.office.pack, units, figure, reader.lang)
}

/// Why a figure can't be told.
pub(crate) fn unknown(reader: &Reader, why: &Unknown) -> String {
    office::gaps::why(&reader.office.pack, why, reader.lang)
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
pub(crate) fn notes<'a>(
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
