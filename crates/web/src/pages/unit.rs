//! A unit's page: the figures that dashboards hold against the year before, where its people stand with every programme, and its parts.
//! Every number opens to what it counts.

use std::collections::BTreeMap;

use kernel::{Lang, Period, UnitCode};
use maud::{Markup, PreEscaped, html};
use office::chart::{Bar, Chart};
use office::{Figure, Office, Standings, Unit, UnitNames, growth, scaled, splits};
use pack::{Dashboard, DashboardSection, Indicator, Shows};

use crate::pages::dashboards::{self, Gathered as Figures};
use crate::pages::figures::{self as shown, Of};
use crate::parts;
use crate::plain;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

/// How wide charts are on a desk and on a phone, in pixels.
const WIDTHS: [(&str, u32); 2] = [("wide", 720), ("narrow", 340)];

/// The page of a unit.
pub(crate) async fn page(reader: &Reader, code: &str) -> Result<Page, Trouble> {
    let code: UnitCode = code.parse().map_err(|_| Trouble::Absent)?;
    let units = reader.view()?.units(reader.on).await?;
    let unit = units.get(&code).ok_or(Trouble::Absent)?;
    let body = body(reader, &units, code).await?;
    let mut way = vec![(
        reader.link("/units", &[]),
        reader.say(words::UNITS).to_owned(),
    )];
    let above = units.above(&code);
    way.extend(
        above
            .into_iter()
            .map(|unit| (address(reader, unit), unit.name.clone())),
    );
    let kicker = format!("{} {code}", code.level().label(reader.lang));
    Ok(Page::new(Place::Units, unit.name.clone(), body)
        .kicker(kicker)
        .way(way)
        .dated())
}

/// The address of a unit's page.
pub(crate) fn address(reader: &Reader, unit: &Unit) -> String {
    reader.link(&format!("/units/{}", unit.code), &[])
}

/// A figure of the period, and the one of the year before.
type Beside<'a> = (&'a Indicator, Figure, Figure);

/// What the page shows of figures.
struct Gathered<'a> {
    /// Of each dashboard that begins so: the figures, with those of the year before.
    lines: Vec<(&'a Dashboard, Vec<Beside<'a>>)>,
    parts: Vec<&'a Unit>,
    /// The columns of the table by part, with a count for each part.
    columns: Vec<(&'a Indicator, Vec<Figure>)>,
    chart: Option<Chart>,
}

async fn gather<'a>(
    reader: &'a Reader,
    units: &'a UnitNames,
    unit: UnitCode,
    period: Period,
) -> Result<Gathered<'a>, Trouble> {
    let office = &reader.office;
    let view = reader.view()?;
    let board = view.board(period, unit).await?;
    let whole = unit == office.root;
    let mut lines = Vec::new();
    let first = office
        .pack
        .dashboards
        .iter()
        .filter(|dashboard| dashboard.first);
    for dashboard in first {
        let sections = &mut dashboard.sections.iter();
        let Some(section) = sections.find(|section| matches!(section.shows, Shows::Now)) else {
            continue;
        };
        let of = Of { unit, period };
        if let Figures::Beside(mut rows) =
            dashboards::gather(view, &office.pack, of, section).await?
        {
            rows.retain(|(indicator, ..)| whole || splits(office, indicator));
            lines.push((dashboard, rows));
        }
    }
    let parts = units.under(&unit);
    let codes: Vec<UnitCode> = parts.iter().map(|part| part.code).collect();
    let mut columns = Vec::new();
    if !parts.is_empty() {
        for id in by_part(office).iter().flat_map(|own| &own.figures) {
            if let Some(indicator) = office.pack.indicator(id) {
                columns.push((indicator, board.by_unit(id, &codes).await?));
            }
        }
    }
    Ok(Gathered {
        lines,
        parts,
        columns,
        chart: None,
    })
}

/// What stands by unit on the first page: the section by unit of the first dashboard there that has one.
fn by_part(office: &Office) -> Option<&DashboardSection> {
    let first = office.pack.dashboards.iter().filter(|own| own.first);
    let mut sections = first.flat_map(|own| &own.sections);
    sections.find(|section| section.shows == Shows::ByUnit)
}

/// The chart of the first of the columns already counted.
fn charted(gathered: &Gathered<'_>, office: &Office, lang: Lang) -> Option<Chart> {
    let section = by_part(office)?;
    let (indicator, counts) = gathered.columns.first()?;
    let bars = gathered.parts.iter().zip(counts);
    let bars = bars.filter_map(|(part, figure)| {
        Some(Bar {
            label: part.name.clone(),
            value: scaled(figure.value?, 0)?,
            shown: plain::grouped(&figure.shown(lang)),
        })
    });
    let (name, section) = (indicator.name.get(lang), section.name.get(lang));
    Some(Chart {
        title: format!("{name} · {section}"),
        unit: indicator.unit.get(lang).to_owned(),
        decimals: 0,
        bars: bars.collect(),
    })
}

/// The figures of a unit, where its people stand with every programme, and its parts.
pub(super) async fn body(
    reader: &Reader,
    units: &UnitNames,
    unit: UnitCode,
) -> Result<Markup, Trouble> {
    let period = reader.period()?;
    let mut gathered = gather(reader, units, unit, period).await?;
    gathered.chart = charted(&gathered, &reader.office, reader.lang);
    let scope = (unit != reader.root()).then_some(unit);
    let tallies = reader.view()?.tallies(reader.on, scope).await?;
    Ok(html! {
        (figures(reader, &gathered, period, unit))
        (programmes(reader, &tallies, scope))
        @if !gathered.columns.is_empty() { (parts_of(reader, &gathered)) }
    })
}

/// The figures, a line for each dashboard.
fn figures(reader: &Reader, gathered: &Gathered<'_>, period: Period, unit: UnitCode) -> Markup {
    let unit_asked = (unit != reader.root()).then(|| unit.to_string());
    let asked: Vec<(&str, &str)> = unit_asked
        .iter()
        .map(|unit| ("unit", unit.as_str()))
        .collect();
    html! {
        section aria-labelledby="figures" {
            h2 #figures { (words::figures_of(&period, reader.lang)) }
            @for (dashboard, rows) in gathered.lines.iter().filter(|(_, rows)| !rows.is_empty()) {
                h3.quiet { a href=(reader.link(&format!("/dashboards/{}", dashboard.id), &asked)) { (dashboard.name.get(reader.lang)) } }
                dl.line { @for row in rows { (figure(reader, row, unit)) } }
            }
            p.note { a.alone href=(reader.link("/indicators", &asked)) { (reader.say(ALL_FIGURES)) } }
        }
    }
}

fn figure(reader: &Reader, (indicator, now, then): &Beside<'_>, unit: UnitCode) -> Markup {
    html! {
        div {
            dt { (indicator.name.get(reader.lang)) }
            dd {
                a href=(indicator_address(reader, indicator, unit)) { (shown::shown(reader, now)) }
                small { (indicator.unit.get(reader.lang)) }
            }
            @if then.value.is_some() {
                dd.before { (reader.say(YEAR_BEFORE)) (shown::shown(reader, then)) " " (shown::grown(reader, indicator, growth(indicator, then, now))) }
            }
        }
    }
}

fn indicator_address(reader: &Reader, indicator: &Indicator, unit: UnitCode) -> String {
    let unit = (unit != reader.root()).then(|| unit.to_string());
    let questions: Vec<(&str, &str)> = unit.iter().map(|unit| ("unit", unit.as_str())).collect();
    reader.link(&format!("/indicators/{}", indicator.id), &questions)
}

/// Where people stand with every programme.
fn programmes(
    reader: &Reader,
    tallies: &BTreeMap<String, Standings>,
    scope: Option<UnitCode>,
) -> Markup {
    html! {
        section aria-labelledby="programmes" {
            h2 #programmes { (reader.say(WHERE_PEOPLE_STAND)) }
            p.note { (words::where_people_stand(reader.on, reader.lang)) }
            (parts::programmes(reader, scope, |id| tallies.get(id).copied()))
            (parts::judgements(reader, scope, |id| tallies.get(id).copied()))
        }
    }
}

/// The parts of the unit with their figures, and the chart.
fn parts_of(reader: &Reader, gathered: &Gathered<'_>) -> Markup {
    let table = html! {
        table.figures {
            thead {
                tr {
                    th scope="col" { (reader.say(words::UNIT)) }
                    @for (indicator, _) in &gathered.columns { th.n scope="col" { (indicator.name.get(reader.lang)) } }
                }
            }
            tbody {
                @for (row, part) in gathered.parts.iter().enumerate() {
                    tr {
                        th scope="row" { a href=(address(reader, part)) { (part.name) } }
                        @for (indicator, counts) in &gathered.columns {
                            td.n {
                                @if let Some(figure) = counts.get(row) {
                                    a href=(indicator_address(reader, indicator, part.code)) { (shown::shown(reader, figure)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    html! {
        section aria-labelledby="parts" {
            h2 #parts { (reader.say(BY_UNIT)) }
            (parts::scrolling(reader.say(BY_UNIT), &table))
            @if let Some(chart) = &gathered.chart {
                @for (class, width) in WIDTHS { figure.chart.(class) { (PreEscaped(chart.to_svg(width))) } }
            }
        }
    }
}

words! {
    WHERE_PEOPLE_STAND: "各项目核对结果", "Where people stand with each programme";
    BY_UNIT: "各单位情况", "By unit";
    ALL_FIGURES: "全部指标", "All figures";
    YEAR_BEFORE: "上年 ", "Year before ";
}
