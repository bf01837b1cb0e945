//! One figure: its value and what isn't known of it, beside that of the year before; told apart by units, groups and over time; how it
//! is made; and the rows it counts, a page at a time. The rows come from the query that gave the figure, read anew under the reader's
//! grant.

use kernel::Period;
use maud::{Markup, html};
use office::{
    Behind, Breakdown, Figure, FigureSheet, InGroup, Part, UnitNames, group_name, growth,
};
use pack::{Each, Groups, Indicator, Measure, Pack};

use crate::pages::figures::{self, Of};
use crate::pages::indicator_rows;
use crate::pages::indicators::choice;
use crate::parts;
use crate::plain::{self, ROWS};
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// What asks for the rows of one group: this, and the dimension.
const GROUP: &str = "g.";

/// What is asked of an indicator.
pub(crate) struct Asked<'a> {
    pub indicator: &'a Indicator,
    pub of: Of,
    /// The groups whose rows are wanted.
    pub wanted: Vec<InGroup>,
    /// Whether only what is the unit's own is wanted, and no unit's below it.
    pub own: bool,
    /// How it is told apart, if it can be.
    pub how: Option<Breakdown>,
}

/// Reads what is asked of an indicator.
pub(crate) fn asked<'a>(reader: &'a Reader, id: &str) -> Result<Asked<'a>, Trouble> {
    let pack = &reader.office.pack;
    let indicator = pack.indicator(id).ok_or(Trouble::Absent)?;
    let unit = reader.unit()?.unwrap_or(reader.root());
    let known = pack.breaks_down(indicator);
    let mut wanted = Vec::new();
    for (name, value) in &reader.asked {
        if let Some(dimension) = name.strip_prefix(GROUP) {
            if !known.iter().any(|known| known == dimension) {
                return Err(Trouble::Question(NO_DIMENSION));
            }
            wanted.push((dimension.to_owned(), value.trim().to_owned()));
        }
    }
    Ok(Asked {
        indicator,
        of: Of {
            unit,
            period: reader.period()?,
        },
        wanted,
        own: reader.ask("own").is_some(),
        how: told_apart_by(reader, &known)?,
    })
}

/// How figures are told apart: as asked, or else as is usual.
fn told_apart_by(reader: &Reader, known: &[String]) -> Result<Option<Breakdown>, Trouble> {
    let Some(by) = reader.ask("by") else {
        return Ok(None);
    };
    if by == "unit" {
        return Ok(Some(Breakdown::Units));
    }
    if let Some(each) = Each::ALL.into_iter().find(|each| each.as_str() == by) {
        let last = match reader.ask("last") {
            None => each.usual(),
            Some(last) => last
                .parse()
                .ok()
                .filter(|last| (2..=Each::MOST).contains(last))
                .ok_or(Trouble::Question(BAD_LAST))?,
        };
        return Ok(Some(Breakdown::Series { each, last }));
    }
    let dimensions: Vec<String> = by.split(',').map(|id| id.trim().to_owned()).collect();
    let fits = dimensions.len() <= 2 && dimensions.iter().all(|id| known.contains(id));
    match fits {
        true => Ok(Some(Breakdown::Groups(dimensions))),
        false => Err(Trouble::Question(NO_DIMENSION)),
    }
}

/// The page.
pub(crate) async fn page(reader: &Reader, id: &str) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let asked = asked(reader, id)?;
    let Of { unit, period } = asked.of;
    let units = view.units(period.end()).await?;
    let sheet = sheet(reader, &asked).await?;
    let figure = sheet.figure(id).await?;
    let behind = sheet.behind(id, &asked.wanted).await?;
    let printed = reader.ask("print").is_some();
    let body = html! {
        (head(reader, &units, &asked, (&sheet, &figure)).await?)
        @if printed { p.note { (words::looked_up_by(view.who(), reader.lang)) } }
        @else {
            (choice(reader, &units, period, reader.unit()?))
            @if asked.wanted.is_empty() && !asked.own {
                (compared(reader, &asked, &figure).await?)
                (apart(reader, &units, &asked, &sheet).await?)
            }
            (made(reader, &sheet, &asked).await?)
        }
        (rows(reader, &units, &asked, (&sheet, &behind)).await?)
    };
    let kicker = format!(
        "{} · {}",
        units.name(unit.as_str()),
        period.label(reader.lang)
    );
    let up = (
        reader.link("/indicators", &[]),
        reader.say(words::INDICATORS).to_owned(),
    );
    let title = asked.indicator.name.get(reader.lang);
    Ok(Page::new(Place::Indicators, title, body)
        .kicker(kicker)
        .way([up]))
}

/// The figures of what is asked for.
pub(crate) async fn sheet(reader: &Reader, asked: &Asked<'_>) -> Result<FigureSheet, Trouble> {
    let Of { unit, period } = asked.of;
    let sheet = reader.view()?.board(period, unit).await?;
    Ok(match asked.own {
        true => sheet.own_level(&asked.indicator.id).await?,
        false => sheet,
    })
}

/// To which groups and whose rows it is narrowed, in words.
pub(crate) fn narrowed(reader: &Reader, asked: &Asked<'_>) -> Vec<String> {
    let pack = &reader.office.pack;
    let groups = asked.wanted.iter().map(|(dimension, key)| {
        let name = pack
            .dimension(dimension)
            .map_or("", |known| known.name.get(reader.lang));
        let colon = reader.say(words::COLON);
        format!(
            "{name}{colon}{}",
            group_name(pack, dimension, key, reader.lang)
        )
    });
    let own = asked.own.then(|| reader.say(OWN_ONLY).to_owned());
    groups.chain(own).collect()
}

/// The value, of the group asked for if one is, and what isn't known of it.
async fn head(
    reader: &Reader,
    units: &UnitNames,
    asked: &Asked<'_>,
    (sheet, whole): (&FigureSheet, &Figure),
) -> Result<Markup, Trouble> {
    let figure = match asked.wanted.is_empty() {
        true => whole.clone(),
        false => sheet.group(&asked.indicator.id, &asked.wanted).await?,
    };
    let narrowed = narrowed(reader, asked);
    Ok(html! {
        p.value {
            strong { (figures::shown(reader, &figure)) }
            @if figure.value.is_some() { " " (asked.indicator.unit.get(reader.lang)) }
        }
        @if let Some(bounds) = figure.interval {
            @let [low, high] = bounds.map(|bound| bound.shown(figure.decimals));
            p.note { (reader.say(INTERVAL)) " " (low) "–" (high) " " (asked.indicator.unit.get(reader.lang)) }
        }
        @if !narrowed.is_empty() {
            p.lead {
                (narrowed.join(reader.say(words::SEMICOLON))) " "
                a href=(reader.here_without(|name, _| name.starts_with(GROUP) || name == "own" || name == "list")) { (reader.say(WHOLE)) }
            }
        }
        @if let Some(note) = &asked.indicator.note { p.lead { (note.get(reader.lang)) } }
        @if let Some(note) = figures::not_known(reader, units, &figure) { p.note { (note) } }
    })
}

/// The figure beside earlier ones, and its target.
async fn compared(reader: &Reader, asked: &Asked<'_>, now: &Figure) -> Result<Markup, Trouble> {
    let (indicator, of) = (asked.indicator, asked.of);
    let (year, before) = reader
        .view()?
        .earlier(&indicator.id, (of.period, of.unit))
        .await?;
    let mut earlier = vec![(YEAR_BEFORE, of.period.year_before(), year)];
    if let (Some(before), Some(period)) = (before, of.period.previous()) {
        earlier.push((PERIOD_BEFORE, period, before));
    }
    let target = figures::target(reader, indicator, of, now);
    Ok(html! {
        dl.facts {
            @for (name, period, figure) in &earlier {
                @let address = figures::rows_address(reader, Of { period: *period, ..of }, &indicator.id, &[]);
                div {
                    dt { (reader.say(*name)) " · " (figures::short(*period, reader.lang)) }
                    dd {
                        a href=(address) { (figures::shown(reader, figure)) }
                        @if let Some(grown) = growth(indicator, figure, now) { " " (reader.say(GREW)) " " (figures::grown(reader, indicator, Some(grown))) }
                    }
                }
            }
            @if let Some(target) = target { div { dt { (reader.say(TARGET)) } dd { (target) } } }
        }
    })
}

/// The figure told apart, and by what else it may be.
async fn apart(
    reader: &Reader,
    units: &UnitNames,
    asked: &Asked<'_>,
    sheet: &FigureSheet,
) -> Result<Markup, Trouble> {
    let (indicator, of) = (asked.indicator, asked.of);
    let pack = &reader.office.pack;
    let below = office::splits(&reader.office, indicator)
        && !sheet.units_below(&indicator.id).await?.is_empty();
    let ways = ways(pack, indicator, below);
    let usual = ways.first().map(|(_, how)| how.clone());
    let Some(how) = asked.how.clone().or(usual) else {
        return Ok(html! {});
    };
    let ids = [indicator.id.clone()];
    let broken = reader
        .view()?
        .broken(&ids, (of.period, of.unit), &how)
        .await?;
    let is_it = |other: &Breakdown| match (&how, other) {
        (Breakdown::Series { each, .. }, Breakdown::Series { each: other, .. }) => each == other,
        (one, other) => one == other,
    };
    Ok(html! {
        section aria-labelledby="apart" {
            h2 #apart { (reader.say(APART)) }
            nav.tabs aria-label=(reader.say(APART)) {
                @for (by, other) in &ways {
                    a href=(reader.here_with("by", by)) aria-current=[is_it(other).then_some("true")] { (way_name(reader, other)) }
                }
            }
            (figures::told_apart(reader, units, of, &[indicator], (&how, &broken)))
        }
    })
}

/// By what an indicator may be told apart, with how it is asked for.
pub(crate) fn ways(pack: &Pack, indicator: &Indicator, below: bool) -> Vec<(String, Breakdown)> {
    let mut ways = Vec::new();
    if below {
        ways.push(("unit".to_owned(), Breakdown::Units));
    }
    let known = pack.breaks_down(indicator);
    let bands = known.iter().find(|id| {
        pack.dimension(id)
            .is_some_and(|known| matches!(known.groups, Groups::Bands { .. }))
    });
    for id in &known {
        ways.push((id.clone(), Breakdown::Groups(vec![id.clone()])));
    }
    for other in known.iter().filter(|id| Some(*id) != bands).take(1) {
        if let Some(bands) = bands {
            let both = vec![bands.clone(), other.clone()];
            ways.push((both.join(","), Breakdown::Groups(both)));
        }
    }
    for each in Each::ALL {
        let last = each.usual();
        ways.push((each.as_str().to_owned(), Breakdown::Series { each, last }));
    }
    ways
}

fn way_name(reader: &Reader, how: &Breakdown) -> String {
    match how {
        Breakdown::Units => reader.say(words::UNIT).to_owned(),
        Breakdown::Groups(ids) => {
            let pack = &reader.office.pack;
            let names = ids.iter().filter_map(|id| pack.dimension(id));
            let names: Vec<&str> = names.map(|known| known.name.get(reader.lang)).collect();
            names.join(" × ")
        }
        Breakdown::Series { each, .. } => reader.say(each_name(*each)).to_owned(),
    }
}

fn each_name(each: Each) -> Words {
    match each {
        Each::Month => MONTHS,
        Each::Quarter => QUARTERS,
        Each::Year => YEARS,
    }
}

/// How the figure is made: in words, and as the query.
async fn made(reader: &Reader, sheet: &FigureSheet, asked: &Asked<'_>) -> Result<Markup, Trouble> {
    let indicator = asked.indicator;
    let of: Vec<(&str, &String)> = match &indicator.measure {
        Measure::Rate {
            plus, minus, over, ..
        } => {
            let plus = plus.iter().enumerate();
            let plus = plus.map(|(nth, id)| (if nth == 0 { "" } else { "+" }, id));
            let minus = minus.iter().map(|id| ("−", id));
            plus.chain(minus).chain([("÷", over)]).collect()
        }
        Measure::Average { of } => vec![("", of)],
        Measure::Count { .. } | Measure::Sum { .. } => Vec::new(),
    };
    let mut parts = Vec::new();
    for (sign, id) in of {
        let declared = reader.office.pack.indicator(id).ok_or(Trouble::Absent)?;
        let figure = sheet.made_of(&indicator.id, id).await?;
        parts.push((sign, declared, figure));
    }
    let period = asked.of.period;
    Ok(html! {
        section aria-labelledby="made" {
            h2 #made { (reader.say(HOW_MADE)) }
            p { (words::measured(indicator, period, reader.lang)) }
            @if !parts.is_empty() {
                ul.formula {
                    @for (sign, part, figure) in &parts {
                        li {
                            span.sign { (sign) }
                            a href=(figures::rows_address(reader, asked.of, &part.id, &[])) { (part.name.get(reader.lang)) }
                            " " b { (figures::shown(reader, figure)) } " " (part.unit.get(reader.lang))
                        }
                    }
                }
            }
            @if let Some((sql, _)) = indicator.rows() {
                details {
                    summary { (reader.say(QUERY)) }
                    pre { code { (sql.text.trim()) } }
                }
            }
        }
    })
}

/// The rows, a page of them.
async fn rows(
    reader: &Reader,
    units: &UnitNames,
    asked: &Asked<'_>,
    (sheet, behind): (&FigureSheet, &[Behind]),
) -> Result<Markup, Trouble> {
    let nth = chosen(reader, behind)?;
    let period = asked.of.period;
    let page = match reader.ask("print") {
        None => Some(reader.page()?),
        Some(_) => None,
    };
    let part = match page {
        Some(page) => Part {
            offset: (page - 1) * ROWS,
            limit: ROWS,
        },
        None => Part {
            offset: 0,
            limit: parts::MOST_PRINTED,
        },
    };
    let list = nth.and_then(|nth| behind.get(nth));
    let rows = match list {
        Some(list) => {
            let of = (list.indicator.as_str(), list.before);
            Some(
                sheet
                    .rows(&asked.indicator.id, of, &asked.wanted, part)
                    .await?,
            )
        }
        None => None,
    };
    if rows.as_ref().is_some_and(|rows| rows.rows.is_empty()) && part.offset > 0 {
        return Err(Trouble::Absent);
    }
    Ok(html! {
        section aria-labelledby="rows" {
            h2 #rows { (reader.say(words::ROWS)) }
            @if behind.len() > 1 { (tabs(reader, behind, nth, period)) }
            @if let (Some(list), Some(rows)) = (list, &rows) {
                @if let Some(note) = figures::not_known(reader, units, &list.figure) { p.note { (note) } }
                (indicator_rows::table(reader, units, list, rows, period, page))
            }
        }
    })
}

/// Which of the lists is shown.
pub(crate) fn chosen(reader: &Reader, behind: &[Behind]) -> Result<Option<usize>, Trouble> {
    let nth = match reader.ask("list") {
        Some(asked) => asked
            .parse::<usize>()
            .map_err(|_| Trouble::Question(words::BAD_LIST))?
            .checked_sub(1),
        None => Some(0),
    };
    match nth {
        Some(nth) if nth < behind.len() => Ok(Some(nth)),
        Some(0) => Ok(None),
        _ => Err(Trouble::Absent),
    }
}

fn tabs(reader: &Reader, behind: &[Behind], chosen: Option<usize>, period: Period) -> Markup {
    html! {
        nav.tabs aria-label=(reader.say(words::ROWS)) {
            @for (nth, list) in behind.iter().enumerate() {
                a href=(reader.here_with("list", &(nth + 1).to_string())) aria-current=[(chosen == Some(nth)).then_some("true")] {
                    (list_name(reader, list, period)) " " b { (plain::count(list.rows)) }
                }
            }
        }
    }
}

pub(crate) fn list_name(reader: &Reader, list: &Behind, period: Period) -> String {
    let indicator = reader.office.pack.indicator(&list.indicator);
    let name = indicator.map_or(list.indicator.as_str(), |indicator| {
        indicator.name.get(reader.lang)
    });
    let whole = indicator.and_then(Indicator::rows);
    if whole.is_some_and(|(_, at)| at == pack::At::Period) {
        return name.to_owned();
    }
    let day = if list.before {
        period.before()
    } else {
        period.end()
    };
    words::name_on(name, day, reader.lang)
}

words! {
    HOW_MADE: "怎么算的", "How it is made";
    QUERY: "查询语句", "Query";
    APART: "分组与走势", "Told apart";
    MONTHS: "逐月", "By month";
    QUARTERS: "逐季", "By quarter";
    YEARS: "逐年", "By year";
    YEAR_BEFORE: "上年同期", "The year before";
    PERIOD_BEFORE: "上期", "The period before";
    GREW: "增长", "growth";
    TARGET: "目标", "Target";
    OWN_ONLY: "只看本级，不含下级单位", "Only of the unit itself, without those below it";
    WHOLE: "查看全部", "Show all";
    INTERVAL: "抽样所得，95%的把握在", "Of a sample; with 95 % certainty between";
    NO_DIMENSION: "这个指标不能这样分。", "This indicator can't be told apart so.";
    BAD_LAST: "last 应为2至36的整数。", "last is a whole number from 2 to 36.";
}
