//! Figures told apart, by unit, time or declared dimension: as a table with its chart, crossed by two, or as a pyramid; each cell, bar
//! and point opens the rows it counts.

use kernel::Lang;
use maud::{Markup, PreEscaped, html};
use office::chart::line::{LineChart, Point};
use office::chart::pyramid::{Pyramid, PyramidRow};
use office::chart::{Bar, Chart};
use office::{
    Breakdown, Broken, BrokenRow, Figure, RowOf, UNSAID, UnitNames, average_growth, group_name,
    growth, scaled,
};
use pack::{Groups, Indicator, Measure};

use super::{GROWTH, Of, cell, grown, notes, part, rows_address, shown};
use crate::parts;
use crate::reader::Reader;
use crate::words;

/// How wide charts are drawn: for a screen and paper, and for a phone.
const WIDTHS: [(&str, u32); 2] = [("wide", 720), ("narrow", 340)];
/// More bars or points than a chart holds; the table has them all.
const MOST_BARS: usize = 40;

/// Figures told apart: the chart of the first, and the table of all.
pub(crate) fn told_apart(
    reader: &Reader,
    units: &UnitNames,
    of: Of,
    indicators: &[&Indicator],
    (how, broken): (&Breakdown, &Broken),
) -> Markup {
    if let Breakdown::Groups(dimensions) = how
        && dimensions.len() == 2
    {
        return crossed(reader, units, of, indicators, (dimensions, broken));
    }
    let all = broken
        .rows
        .iter()
        .flat_map(|row| &row.figures)
        .chain(&broken.whole);
    let notes = notes(reader, units, all);
    html! {
        @if let [indicator] = indicators { (chart(reader, units, of, indicator, (how, broken))) }
        (table(reader, units, of, indicators, (how, broken)))
        @for note in notes { p.note { (note) } }
    }
}

fn table(
    reader: &Reader,
    units: &UnitNames,
    of: Of,
    indicators: &[&Indicator],
    (how, broken): (&Breakdown, &Broken),
) -> Markup {
    let series = matches!(how, Breakdown::Series { .. });
    let grows = |row: usize, nth: usize| {
        let before = broken.rows.get(row.checked_sub(1)?)?.figures.get(nth)?;
        growth(indicators[nth], before, broken.rows[row].figures.get(nth)?)
    };
    let table = html! {
        table.figures {
            thead {
                tr {
                    th scope="col" { (first_heading(reader, how)) }
                    @for indicator in indicators {
                        th.n scope="col" {
                            (indicator.name.get(reader.lang))
                            @let unit = indicator.unit.get(reader.lang);
                            @if !unit.is_empty() { small { " " (unit) } }
                        }
                        @if series { (parts::heading(reader, GROWTH, true)) }
                    }
                }
            }
            tbody {
                @for (nth, row) in broken.rows.iter().enumerate() {
                    @let (name, questions) = part(reader, units, how, row);
                    tr {
                        th scope="row" { (name) }
                        @for (at, figure) in row.figures.iter().enumerate() {
                            (cell(reader, figure, &rows_address(reader, of, &figure.id, &questions)))
                            @if series { td.n { (grown(reader, indicators[at], grows(nth, at))) } }
                        }
                    }
                }
                @if !series && broken.rows.len() > 1 {
                    tr.total {
                        th scope="row" { (reader.say(TOTAL)) }
                        @for figure in &broken.whole {
                            (cell(reader, figure, &rows_address(reader, of, &figure.id, &[])))
                        }
                    }
                }
            }
        }
    };
    html! {
        (parts::scrolling(first_heading(reader, how).as_str(), &table))
        @for (nth, indicator) in indicators.iter().enumerate() {
            @if let Some(average) = average(reader, indicator, broken, nth, how) { p.note { (average) } }
        }
    }
}

/// By how much a figure grew a year on average, over a series of years.
fn average(
    reader: &Reader,
    indicator: &Indicator,
    broken: &Broken,
    nth: usize,
    how: &Breakdown,
) -> Option<String> {
    let Breakdown::Series {
        each: pack::Each::Year,
        ..
    } = how
    else {
        return None;
    };
    let year = |row: &BrokenRow| match row.of {
        RowOf::Period(period) => Some(period.end().year()),
        _ => None,
    };
    let known = |row: &&BrokenRow| {
        row.figures
            .get(nth)
            .is_some_and(|figure| figure.value.is_some())
    };
    let mut rows = broken.rows.iter().filter(known);
    let (first, last) = (rows.next()?, rows.next_back()?);
    let years = year(last)? - year(first)?;
    let (from, to) = (year(first)?, year(last)?);
    let figures = (first.figures.get(nth)?, last.figures.get(nth)?);
    let grown = average_growth(indicator, figures.0, figures.1, u32::try_from(years).ok()?)?;
    let sign = if grown < 0 { "-" } else { "" };
    let (whole, tenth) = (grown.abs() / 10, grown.abs() % 10);
    let name = indicator.name.get(reader.lang);
    Some(match reader.lang {
        Lang::Zh => format!("{from}至{to}年，{name}年均增长{sign}{whole}.{tenth}%。"),
        Lang::En => {
            format!("{name} grew by {sign}{whole}.{tenth} % a year on average from {from} to {to}.")
        }
    })
}

fn first_heading(reader: &Reader, how: &Breakdown) -> String {
    match how {
        Breakdown::Units => reader.say(words::UNIT).to_owned(),
        Breakdown::Series { .. } => reader.say(PERIOD).to_owned(),
        Breakdown::Groups(dimensions) => {
            let names = dimensions
                .iter()
                .filter_map(|id| reader.office.pack.dimension(id));
            let names: Vec<&str> = names.map(|known| known.name.get(reader.lang)).collect();
            names.join(" · ")
        }
    }
}

/// The chart that says what the parts say: over time a line, of parts bars, the greatest first unless they have an order of their own.
fn chart(
    reader: &Reader,
    units: &UnitNames,
    of: Of,
    indicator: &Indicator,
    (how, broken): (&Breakdown, &Broken),
) -> Markup {
    if broken.rows.len() < 2 || broken.rows.len() > MOST_BARS {
        return html! {};
    }
    let (title, unit) = (
        indicator.name.get(reader.lang),
        indicator.unit.get(reader.lang),
    );
    let drawn = |svg: &dyn Fn(u32) -> String| {
        html! { @for (class, width) in WIDTHS { figure.chart.(class) { (PreEscaped(svg(width))) } } }
    };
    let parts = broken.rows.iter().filter_map(|row| {
        let figure = row.figures.first()?;
        let (name, questions) = part(reader, units, how, row);
        let link = rows_address(reader, of, &indicator.id, &questions);
        let value = figure
            .value
            .and_then(|value| scaled(value, indicator.decimals));
        Some((name, value, shown(reader, figure), link))
    });
    if let Breakdown::Series { .. } = how {
        let points = parts.map(|(label, value, shown, link)| Point {
            label,
            value,
            shown,
            link,
        });
        let line = LineChart {
            title: title.to_owned(),
            unit: unit.to_owned(),
            decimals: indicator.decimals,
            points: points.collect(),
        };
        return drawn(&|width| line.to_svg(width));
    }
    let mut bars: Vec<(Bar, String)> = parts
        .filter_map(|(label, value, shown, link)| {
            let value = value?;
            Some((
                Bar {
                    label,
                    value,
                    shown,
                },
                link,
            ))
        })
        .collect();
    if !has_order(reader, how) {
        bars.sort_by_key(|(bar, _)| std::cmp::Reverse(bar.value));
    }
    let (bars, links): (Vec<Bar>, Vec<String>) = bars.into_iter().unzip();
    if bars.is_empty() {
        return html! {};
    }
    let chart = Chart {
        title: title.to_owned(),
        unit: unit.to_owned(),
        decimals: indicator.decimals,
        bars,
    };
    drawn(&|width| chart.to_linked_svg(width, &links))
}

/// Whether parts have an order of their own, as stretches of ages do.
fn has_order(reader: &Reader, how: &Breakdown) -> bool {
    let Breakdown::Groups(dimensions) = how else {
        return false;
    };
    let first = dimensions
        .first()
        .and_then(|id| reader.office.pack.dimension(id));
    first.is_some_and(|first| matches!(first.groups, Groups::Bands { .. }))
}

/// Figures by two dimensions: the groups of the second side by side; as a pyramid where these are two, over stretches of numbers.
fn crossed(
    reader: &Reader,
    units: &UnitNames,
    of: Of,
    indicators: &[&Indicator],
    (dimensions, broken): (&[String], &Broken),
) -> Markup {
    let [down, across] = dimensions else {
        return html! {};
    };
    let mut rows: Vec<&str> = Vec::new();
    let mut columns: Vec<&str> = Vec::new();
    for row in &broken.rows {
        if let RowOf::Groups(keys) = &row.of
            && let [one, other] = keys.as_slice()
        {
            rows.push(one);
            columns.push(other);
        }
    }
    rows.dedup();
    let mut once: Vec<&str> = Vec::new();
    for column in columns {
        if !once.contains(&column) {
            once.push(column);
        }
    }
    let columns = once;
    let (pack, lang) = (&reader.office.pack, reader.lang);
    let name = |dimension: &str, key: &str| group_name(pack, dimension, key, lang);
    let found = |one: &str, other: &str, nth: usize| {
        let is_it = |row: &&BrokenRow| matches!(&row.of, RowOf::Groups(keys) if keys[0] == one && keys[1] == other);
        broken.rows.iter().find(is_it)?.figures.get(nth)
    };
    let ask = |one: &str, other: &str| {
        let question = |dimension: &str, key: &str| (format!("g.{dimension}"), key.to_owned());
        vec![question(down, one), question(across, other)]
    };
    html! {
        @for (nth, indicator) in indicators.iter().enumerate() {
            @if let Some(pyramid) = pyramid(reader, of, indicator, (dimensions, &rows, &columns), &|one, other| found(one, other, nth)) {
                (pyramid)
            }
            @let title = format!("{} · {}", indicator.name.get(lang), first_heading(reader, &Breakdown::Groups(dimensions.to_vec())));
            @let table = html! {
                table.figures {
                    thead {
                        tr {
                            th scope="col" { (first_heading(reader, &Breakdown::Groups(vec![down.clone()]))) }
                            @for column in &columns { th.n scope="col" { (name(across, column)) } }
                        }
                    }
                    tbody {
                        @for row in &rows {
                            tr {
                                th scope="row" { (name(down, row)) }
                                @for column in &columns {
                                    @match found(row, column, nth) {
                                        Some(figure) => (cell(reader, figure, &rows_address(reader, of, &indicator.id, &ask(row, column)))),
                                        None => td.n { "0" },
                                    }
                                }
                            }
                        }
                    }
                }
            };
            (parts::scrolling(&title, &table))
        }
        @for note in notes(reader, units, broken.whole.iter()) { p.note { (note) } }
    }
}

fn pyramid<'f>(
    reader: &Reader,
    of: Of,
    indicator: &Indicator,
    (dimensions, rows, columns): (&[String], &[&str], &[&str]),
    found: &dyn Fn(&str, &str) -> Option<&'f Figure>,
) -> Option<Markup> {
    let pack = &reader.office.pack;
    let bands = pack.dimension(&dimensions[0])?;
    let counted = matches!(indicator.measure, Measure::Count { .. });
    let sides: Vec<&&str> = columns.iter().filter(|column| **column != UNSAID).collect();
    let ([left, right], Groups::Bands { .. }, true) = (sides.as_slice(), &bands.groups, counted)
    else {
        return None;
    };
    let side = |row: &str, column: &str| {
        let value = found(row, column).and_then(|figure| figure.value);
        let value = value.and_then(|value| scaled(value, 0)).unwrap_or(0);
        let question = |dimension: &str, key: &str| (format!("g.{dimension}"), key.to_owned());
        let ask = [
            question(&dimensions[0], row),
            question(&dimensions[1], column),
        ];
        (value, rows_address(reader, of, &indicator.id, &ask))
    };
    let name = |nth: usize, key: &str| group_name(pack, &dimensions[nth], key, reader.lang);
    let known = rows.iter().filter(|row| **row != UNSAID);
    let pyramid = Pyramid {
        title: indicator.name.get(reader.lang).to_owned(),
        unit: indicator.unit.get(reader.lang).to_owned(),
        sides: [name(1, left), name(1, right)],
        rows: known
            .map(|row| PyramidRow {
                label: name(0, row),
                sides: [side(row, left), side(row, right)],
            })
            .collect(),
    };
    Some(html! {
        @for (class, width) in WIDTHS { figure.chart.(class) { (PreEscaped(pyramid.to_svg(width))) } }
    })
}

words! {
    PERIOD: "期间", "Period";
    TOTAL: "合计", "Total";
}
