//! The indicators of a unit and period, one group of them at a time, each opening to its page.

use jiff::civil::Date;
use kernel::{Lang, Period, UnitCode};
use maud::{Markup, html};

use crate::pages::figures;
use crate::parts;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;
use office::{UnitNames, splits};
use pack::{INDICATOR_GROUP, Indicator, Pack, Text};

/// The page.
pub(crate) async fn page(reader: &Reader) -> Result<Page, Trouble> {
    let (office, view) = (&reader.office, reader.view()?);
    let period = reader.period()?;
    let asked = reader.unit()?;
    let unit = asked.unwrap_or(view.root);
    let units = view.units(period.end()).await?;
    let board = view.board(period, unit).await?;
    let told = office.pack.indicators.iter();
    let told = told.filter(|indicator| unit == office.root || splits(office, indicator));
    let told: Vec<&Indicator> = told.collect();
    let groups = grouped(&office.pack, &told);
    let shown = match reader.ask("group") {
        Some(group) => Some(
            groups
                .iter()
                .find(|own| own.id == group)
                .ok_or(Trouble::Absent)?,
        ),
        None => groups.first(),
    };
    let indicators = shown.map_or(&[][..], |group| &group.indicators);
    let ids = indicators.iter().map(|indicator| indicator.id.clone());
    board.prepare(&ids.collect::<Vec<_>>()).await?;
    let mut rows = Vec::with_capacity(indicators.len());
    for indicator in indicators {
        rows.push((indicator, board.figure(&indicator.id).await?));
    }
    let questions = questions(reader, period, asked);
    let questions: Vec<(&str, &str)> = questions
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let table = html! {
        table.figures {
            thead {
                tr {
                    (parts::heading(reader, INDICATOR, false))
                    (parts::heading(reader, words::VALUE, true))
                    (parts::heading(reader, COUNTED_IN, false))
                    (parts::heading(reader, NOTE, false))
                }
            }
            tbody {
                @for (indicator, figure) in &rows {
                    tr {
                        @let address = reader.link(&format!("/indicators/{}", indicator.id), &questions);
                        th scope="row" { a href=(address) { (indicator.name.get(reader.lang)) } }
                        (figures::cell(reader, figure, &address))
                        td { (indicator.unit.get(reader.lang)) }
                        td { @if let Some(note) = &indicator.note { (note.get(reader.lang)) } }
                    }
                }
            }
        }
    };
    let body = html! {
        @if !office.pack.dashboards.is_empty() {
            nav.tabs aria-label=(reader.say(words::DASHBOARDS)) {
                @for dashboard in &office.pack.dashboards {
                    a href=(reader.link(&format!("/dashboards/{}", dashboard.id), &questions)) { (dashboard.name.get(reader.lang)) }
                }
            }
        }
        (choice(reader, &units, period, asked))
        @if let Some(shown) = shown.filter(|_| groups.len() > 1) {
            nav aria-label=(reader.say(GROUPS)) {
                p.of-programmes {
                    @for group in &groups {
                        @let asked = with_group(&questions, &group.id);
                        a href=(reader.link("/indicators", &asked)) aria-current=[(group.id == shown.id).then_some("page")] { (group.name.get(reader.lang)) } " " b { (group.indicators.len()) } " "
                    }
                }
            }
            h2 { (shown.name.get(reader.lang)) }
        }
        (parts::scrolling(reader.say(words::INDICATORS), &table))
        @for note in figures::notes(reader, &units, rows.iter().map(|(_, figure)| figure)) { p.note { (note) } }
        @if unit != office.root { p.note { (reader.say(SOME_NOT_SPLIT)) } }
        @if !office.pack.reports.is_empty() {
            section aria-labelledby="reports" {
                h2 #reports { (reader.say(REPORTS)) }
                p.note { (reader.say(REPORTS_NOTE)) }
                p.exports {
                    @for report in &office.pack.reports {
                        a href=(reader.link(&format!("/work-reports/{}", report.id), &questions)) { (report.name.get(reader.lang)) " (.docx)" } " "
                    }
                }
            }
        }
    };
    let kicker = format!(
        "{} · {}",
        units.name(&unit.to_string()),
        period.label(reader.lang)
    );
    Ok(Page::new(Place::Indicators, reader.say(words::INDICATORS), body).kicker(kicker))
}

/// Indicators that stand under one heading.
struct Group<'p> {
    /// What it is called in addresses.
    id: String,
    name: &'p Text,
    indicators: Vec<&'p Indicator>,
}

/// Indicators under their headings, in the order of these; under the name of its pack what has none.
fn grouped<'p>(pack: &'p Pack, told: &[&'p Indicator]) -> Vec<Group<'p>> {
    let list = pack.code(INDICATOR_GROUP);
    let headings = list.map_or(&[][..], |list| &list.members);
    let of = |wanted: &dyn Fn(&Indicator) -> bool| -> Vec<&'p Indicator> {
        told.iter().copied().filter(|own| wanted(own)).collect()
    };
    let headings = headings.iter().map(|heading| Group {
        id: heading.value.clone(),
        name: &heading.name,
        indicators: of(&|own| own.group.as_ref() == Some(&heading.value)),
    });
    let layers = pack.layers.iter().map(|layer| Group {
        id: format!("pack-{}", layer.id),
        name: &layer.name,
        indicators: of(&|own| own.group.is_none() && layer.files.contains(&own.place.file)),
    });
    let mut groups: Vec<Group<'_>> = headings.chain(layers).collect();
    groups.retain(|group| !group.indicators.is_empty());
    groups
}

/// The questions with a group more.
fn with_group<'q>(questions: &[(&'q str, &'q str)], group: &'q str) -> Vec<(&'q str, &'q str)> {
    let questions = questions.iter().copied();
    questions.chain([("group", group)]).collect()
}

/// The questions that keep period and unit in an address.
pub(crate) fn questions(
    reader: &Reader,
    period: Period,
    unit: Option<UnitCode>,
) -> Vec<(&'static str, String)> {
    let mut questions = Vec::new();
    if reader.ask("period").is_some() {
        questions.push(("period", period.to_string()));
    }
    if let Some(unit) = unit {
        questions.push(("unit", unit.to_string()));
    }
    questions
}

/// How many years before this one are offered.
const YEARS: i16 = 5;

/// The form that chooses period and unit.
pub(crate) fn choice(
    reader: &Reader,
    units: &UnitNames,
    period: Period,
    unit: Option<UnitCode>,
) -> Markup {
    let today = reader.office.on.max(reader.on);
    let offered = offered(today, reader.office.period, period);
    html! {
        form.choice method="get" action=(reader.path) {
            label for="period" { (reader.say(PERIOD)) }
            select #period name="period" {
                @for offer in offered { option value=(offer) selected[offer == period] { (offer.label(reader.lang)) } }
            }
            (parts::unit_choice(reader, units, unit))
            @if let Some(group) = reader.ask("group") { input type="hidden" name="group" value=(group); }
            button type="submit" { (reader.say(words::SHOW)) }
        }
        @if let Some(day) = reader.data { p.note.data { (reaches(day, reader.lang)) } }
    }
}

/// Up to which day the data reaches.
pub(crate) fn reaches(day: Date, lang: Lang) -> String {
    let day = kernel::date::label(day, lang);
    match lang {
        Lang::Zh => format!("数据截至{day}（最近的人口名单）。"),
        Lang::En => format!("Data as of {day} (the latest lists of people)."),
    }
}

/// The periods a reader may want, as far as they have gone by a day: the years lately, the usual one, and the parts of the one shown; the
/// same years whichever is shown, unless it is an earlier one.
fn offered(today: Date, usual: Period, shown: Period) -> Vec<Period> {
    let year = shown.end().year();
    let first = (today.year() - YEARS).min(year).max(1990);
    let last = today.year().max(year).min(2100);
    let years = (first..=last).rev().map(Period::Year);
    let mut offered: Vec<Period> = years.map(|period| period.gone_by(today)).collect();
    for period in [usual, shown] {
        if !offered.contains(&period) {
            offered.insert(0, period);
        }
    }
    let halves = [1, 2].map(|half| Period::Half(year, half));
    let quarters = [1, 2, 3, 4].map(|quarter| Period::Quarter(year, quarter));
    let months = (1..=12).map(|month| Period::Month(year, month));
    let parts = halves.into_iter().chain(quarters).chain(months);
    let begun = parts.filter(|part| part.start() <= today);
    for part in begun.map(|part| part.gone_by(today)) {
        if !offered.contains(&part) {
            offered.push(part);
        }
    }
    offered
}

words! {
    INDICATOR: "指标", "Indicator";
    COUNTED_IN: "单位", "Unit";
    NOTE: "口径", "Note";
    GROUPS: "指标分类", "Groups of indicators";
    PERIOD: "期间", "Period";
    REPORTS: "工作报告", "Work reports";
    REPORTS_NOTE: "按所选的单位和期间写成文档，数字都出自上面的指标。有数字说不清或不完整的，先不写，列出是哪些数字、要取得哪些名单；也可以照写，逐处注明。", "Written as a document for the unit and period chosen; its figures are those above. Where one can't be told, or not wholly, it isn't written yet: you are told which figures and which lists to get, and may have it all the same with each of them marked.";
    SOME_NOT_SPLIT: "只列出能按单位分开计算的指标。", "Only indicators that can be told by unit are listed.";
}
