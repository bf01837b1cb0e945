//! Figures for programs: what the pages of figures show, as JSON. A figure is a number written out exactly, or says why there is none;
//! the rows behind it come with the question that gives them.

use axum::extract::Path;
use axum::response::Response;
use kernel::UnitCode;
use office::{
    Breakdown, Broken, BrokenRow, Figure, GROWTH_DECIMALS, Growth, Part, RowOf, UnitNames, Unknown,
    group_name, growth,
};
use pack::{Dashboard, Indicator, Pack};
use serde_json::{Map, Value as Json, json};

use super::{both, most, respond};
use crate::pages::dashboards::{self, Gathered};
use crate::pages::figures::{self, Of};
use crate::pages::indicator::{asked, ways};
use crate::reader::Reader;
use crate::trouble::Trouble;

/// The indicators with the figures of a unit and period.
pub(crate) async fn indicators(reader: Reader) -> Response {
    let answer = indicators_read(&reader).await;
    respond(&reader, answer)
}

/// One indicator: its figure, beside earlier ones, told apart as asked.
pub(crate) async fn indicator(Path(id): Path<String>, reader: Reader) -> Response {
    let answer = indicator_read(&reader, &id).await;
    respond(&reader, answer)
}

/// A page of the rows behind a figure.
pub(crate) async fn rows(Path(id): Path<String>, reader: Reader) -> Response {
    let answer = rows_read(&reader, &id).await;
    respond(&reader, answer)
}

/// The dashboards there are.
pub(crate) async fn dashboards(reader: Reader) -> Response {
    let answer = reader.view().map(|_| {
        let all = reader.office.pack.dashboards.iter().map(head);
        json!({ "dashboards": all.collect::<Vec<_>>() })
    });
    respond(&reader, answer)
}

/// One dashboard with its figures.
pub(crate) async fn dashboard(Path(id): Path<String>, reader: Reader) -> Response {
    let answer = dashboard_read(&reader, &id).await;
    respond(&reader, answer)
}

async fn indicators_read(reader: &Reader) -> Result<Json, Trouble> {
    let view = reader.view()?;
    let of = Of {
        unit: reader.unit()?.unwrap_or(reader.root()),
        period: reader.period()?,
    };
    let sheet = view.board(of.period, of.unit).await?;
    let pack = &reader.office.pack;
    let ids: Vec<String> = pack
        .indicators
        .iter()
        .map(|indicator| indicator.id.clone())
        .collect();
    sheet.prepare(&ids).await?;
    let mut all = Vec::with_capacity(ids.len());
    for indicator in &pack.indicators {
        let mut told = described(pack, indicator);
        told["figure"] = figure(reader, &sheet.figure(&indicator.id).await?);
        all.push(told);
    }
    Ok(json!({
        "unit": of.unit.to_string(),
        "period": of.period.to_string(),
        "indicators": all,
    }))
}

/// An indicator, without its figures.
fn described(pack: &Pack, indicator: &Indicator) -> Json {
    json!({
        "id": indicator.id,
        "name": both(&indicator.name),
        "counted_in": both(&indicator.unit),
        "remark": indicator.note.as_ref().map(both),
        "decimals": indicator.decimals,
        "by": pack.breaks_down(indicator),
    })
}

async fn indicator_read(reader: &Reader, id: &str) -> Result<Json, Trouble> {
    let asked = asked(reader, id)?;
    let (view, pack) = (reader.view()?, &reader.office.pack);
    let Of { unit, period } = asked.of;
    let sheet = view.board(period, unit).await?;
    let now = sheet.group(id, &asked.wanted).await?;
    let mut answer = described(pack, asked.indicator);
    answer["unit"] = json!(unit.to_string());
    answer["period"] = json!(period.to_string());
    answer["figure"] = figure(reader, &now);
    if asked.wanted.is_empty() {
        let (year, before) = view.earlier(id, (period, unit)).await?;
        answer["year_before"] = compared(reader, asked.indicator, &year, &now);
        if let Some(before) = before {
            answer["period_before"] = compared(reader, asked.indicator, &before, &now);
        }
        answer["target"] = json!(figures::target(reader, asked.indicator, asked.of, &now));
    }
    let lists = sheet.behind(id, &asked.wanted).await?;
    let lists = lists.iter().map(|list| {
        json!({
            "indicator": list.indicator,
            "before": list.before,
            "rows": list.rows,
            "figure": figure(reader, &list.figure),
        })
    });
    answer["lists"] = json!(lists.collect::<Vec<_>>());
    let ways = ways(
        pack,
        asked.indicator,
        office::splits(&reader.office, asked.indicator),
    );
    answer["told_apart_by"] = json!(ways.iter().map(|(by, _)| by).collect::<Vec<_>>());
    if let Some(how) = &asked.how {
        let units = view.units(period.end()).await?;
        let broken = view.broken(&[id.to_owned()], (period, unit), how).await?;
        answer["parts"] = parts(reader, &units, &[asked.indicator], (how, &broken));
    }
    Ok(answer)
}

fn compared(reader: &Reader, indicator: &Indicator, before: &Figure, now: &Figure) -> Json {
    let mut told = figure(reader, before);
    told["growth"] = grown(indicator, before, now);
    told
}

/// Growth in per cent, or of a rate in points; null where there is none to tell.
fn grown(indicator: &Indicator, before: &Figure, now: &Figure) -> Json {
    match growth(indicator, before, now) {
        None => Json::Null,
        Some(Growth::PerCent(value)) => json!({ "per_cent": value.shown(GROWTH_DECIMALS) }),
        Some(Growth::Points(value)) => json!({ "points": value.shown(indicator.decimals) }),
    }
}

/// A figure: its value written out, or why there is none, and what it leaves out.
pub(crate) fn figure(reader: &Reader, figure: &Figure) -> Json {
    let without = figure.without.iter().map(|(unit, why)| {
        let mut told = why_not(reader, why);
        told["unit"] = json!(unit.to_string());
        told
    });
    let without: Vec<Json> = without.collect();
    let value = figure.value.filter(|value| value.denominator != 0);
    json!({
        "value": value.map(|value| value.shown(figure.decimals)),
        "text": figure.shown(reader.lang),
        "interval": figure.interval.map(|bounds| bounds.map(|bound| bound.shown(figure.decimals))),
        "unknown": figure.why().map(|why| why_not(reader, why)),
        "units": figure.units,
        "without": without,
        "until": figure.until.map(|day| day.to_string()),
    })
}

fn why_not(reader: &Reader, why: &Unknown) -> Json {
    let reason = match why {
        Unknown::NotYet => "not_yet",
        Unknown::NoUnit => "no_unit",
        Unknown::OnlyWhole => "only_whole",
        Unknown::Above => "recorded_above",
        Unknown::NoRows => "not_recorded",
        Unknown::Withheld => "withheld",
        Unknown::Never { .. } => "never_recorded",
        Unknown::NoList { .. } => "no_whole_list",
        Unknown::Before { .. } => "known_later",
        Unknown::After { .. } => "known_earlier",
        Unknown::Gap { .. } => "list_missing_between",
        Unknown::Part { .. } => "list_is_a_part",
        Unknown::Slice { .. } => "list_without_this_part",
        Unknown::Kind { .. } => "list_without_these_people",
        Unknown::NoAnswers { .. } => "list_missing_for_answers",
        Unknown::Unsaid { .. } => "field_unsaid",
    };
    let lists = why.to_get(&reader.office.pack).into_iter();
    let lists: Vec<&str> = lists.map(|roster| roster.id.as_str()).collect();
    json!({ "reason": reason, "message": figures::unknown(reader, why), "lists": lists })
}

/// Figures told apart.
fn parts(
    reader: &Reader,
    units: &UnitNames,
    indicators: &[&Indicator],
    (how, broken): (&Breakdown, &Broken),
) -> Json {
    let rows = broken.rows.iter().enumerate().map(|(nth, row)| {
        let mut told = part(reader, units, how, row);
        let before = nth
            .checked_sub(1)
            .and_then(|before| broken.rows.get(before));
        let figures =
            row.figures
                .iter()
                .zip(indicators)
                .enumerate()
                .map(|(at, (own, indicator))| {
                    let mut told = figure(reader, own);
                    if let (RowOf::Period(_), Some(before)) = (&row.of, before) {
                        told["growth"] = grown(indicator, &before.figures[at], own);
                    }
                    (indicator.id.clone(), told)
                });
        told["figures"] = Json::Object(figures.collect::<Map<_, _>>());
        told
    });
    json!(rows.collect::<Vec<_>>())
}

fn part(reader: &Reader, units: &UnitNames, how: &Breakdown, row: &BrokenRow) -> Json {
    let named = |unit: &UnitCode| units.name(unit.as_str());
    match &row.of {
        RowOf::Unit(unit) => json!({ "unit": unit.to_string(), "name": named(unit) }),
        RowOf::OwnLevel(unit) => {
            json!({ "unit": unit.to_string(), "name": named(unit), "own": true })
        }
        RowOf::Period(period) => {
            json!({ "period": period.to_string(), "name": period.label(reader.lang) })
        }
        RowOf::Groups(keys) => {
            let dimensions = match how {
                Breakdown::Groups(dimensions) => dimensions.as_slice(),
                _ => &[],
            };
            let (pack, lang) = (&reader.office.pack, reader.lang);
            let each = dimensions.iter().zip(keys);
            let groups = each.clone().map(|(id, key)| (id.clone(), json!(key)));
            let names = each.map(|(id, key)| group_name(pack, id, key, lang));
            json!({
                "groups": Json::Object(groups.collect::<Map<_, _>>()),
                "name": names.collect::<Vec<_>>().join(" · "),
            })
        }
    }
}

async fn rows_read(reader: &Reader, id: &str) -> Result<Json, Trouble> {
    let asked = asked(reader, id)?;
    let view = reader.view()?;
    let mut sheet = view.board(asked.of.period, asked.of.unit).await?;
    if asked.own {
        sheet = sheet.own_level(id).await?;
    }
    let lists = sheet.behind(id, &asked.wanted).await?;
    let nth = match reader.ask("list") {
        None => 1,
        Some(nth) => nth
            .parse()
            .map_err(|_| Trouble::Question(crate::words::BAD_LIST))?,
    };
    let list = usize::checked_sub(nth, 1).and_then(|nth| lists.get(nth));
    let list = list.ok_or(Trouble::Absent)?;
    let (page, most) = (reader.page()?, most(reader)?);
    let part = Part {
        offset: (page - 1) * most,
        limit: most,
    };
    let of = (list.indicator.as_str(), list.before);
    let found = sheet.rows(id, of, &asked.wanted, part).await?;
    let rows = found.rows.iter().map(|row| {
        let unit = row.unit.map(|unit| unit.to_string());
        match &row.cells {
            None => json!({ "unit": unit, "withheld": true }),
            Some(cells) => {
                let cells = found
                    .columns
                    .iter()
                    .cloned()
                    .zip(cells.iter().map(|cell| json!(cell)));
                json!({ "unit": unit, "cells": Json::Object(cells.collect::<Map<_, _>>()) })
            }
        }
    });
    Ok(json!({
        "indicator": list.indicator,
        "before": list.before,
        "figure": figure(reader, &list.figure),
        "page": page,
        "pages": found.total.div_ceil(most).max(1),
        "total": found.total,
        "rows": rows.collect::<Vec<_>>(),
    }))
}

fn head(dashboard: &Dashboard) -> Json {
    json!({
        "id": dashboard.id,
        "name": both(&dashboard.name),
        "help": dashboard.help.as_ref().map(both),
    })
}

async fn dashboard_read(reader: &Reader, id: &str) -> Result<Json, Trouble> {
    let (view, pack) = (reader.view()?, &reader.office.pack);
    let dashboard = pack.dashboard(id).ok_or(Trouble::Absent)?;
    let of = dashboards::asked(reader)?;
    let units = view.units(of.period.end()).await?;
    let mut sections = Vec::with_capacity(dashboard.sections.len());
    for section in &dashboard.sections {
        let mut told = json!({ "name": both(&section.name), "figures": section.figures });
        match dashboards::gather(view, pack, of, section).await? {
            Gathered::Beside(rows) => {
                let rows = rows.iter().map(|(indicator, now, then)| {
                    json!({
                        "indicator": indicator.id,
                        "figure": figure(reader, now),
                        "year_before": compared(reader, indicator, then, now),
                        "target": figures::target(reader, indicator, of, now),
                    })
                });
                told["now"] = json!(rows.collect::<Vec<_>>());
            }
            Gathered::Apart(indicators, how, broken) => {
                told["parts"] = parts(reader, &units, &indicators, (&how, &broken));
            }
        }
        sections.push(told);
    }
    let mut answer = head(dashboard);
    answer["unit"] = json!(of.unit.to_string());
    answer["period"] = json!(of.period.to_string());
    answer["sections"] = json!(sections);
    Ok(answer)
}
