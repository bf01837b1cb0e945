//! `taizhang indicators`

use std::process::ExitCode;

use kernel::{Lang, UnitCode};
use office::{Breakdown, Broken, BrokenRow, Figure, FigureSheet, Part, RowOf, View, group_name};
use pack::{Each, Indicator, Pack};
use serde_json::{Map, Value as Json, json};

use crate::arguments::Indicators;
use crate::failure::Failure;
use crate::folder::{Folder, now};
use crate::reading::{office, units};
use crate::say::Say;

/// Rows listed on the terminal at most; the pages list them all.
const MOST_ROWS: usize = 1_000;
/// Rows given to a program at most.
const MOST_ROWS_JSON: usize = 1_000_000;

/// Tells the figures of a unit and period, whole or told apart, or one with its rows.
pub async fn run(indicators: &Indicators, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&indicators.dir, say).await?;
    let unit = folder.known(indicators.unit).await?;
    let command = ("indicators", "indicators");
    let admitted = folder.admit_to_all(unit, &[], command, now()).await?;
    let view = office(&folder, indicators.period.end(), now)
        .await?
        .seen_by(admitted);
    let sheet = view.board(indicators.period, unit).await?;
    if let Some(id) = &indicators.rows {
        let id = known(&folder.pack, id)?.id.clone();
        return rows(&sheet, &id, say).await;
    }
    let wanted = wanted(&folder.pack, &indicators.only)?;
    match &indicators.by {
        None => whole(&sheet, &wanted, say).await,
        Some(by) => {
            let of = (&folder, &view, unit);
            let how = how(&folder.pack, by, indicators.last)?;
            told_apart(of, (indicators, &wanted), &how, say).await
        }
    }
}

/// The indicator with an id or a name.
fn known<'p>(pack: &'p Pack, asked: &str) -> Result<&'p Indicator, Failure> {
    let is_it = |indicator: &&Indicator| {
        indicator.id == asked
            || [&indicator.name.zh, &indicator.name.en].contains(&&asked.to_owned())
    };
    let found = pack.indicators.iter().find(is_it);
    found.ok_or_else(|| {
        let all: Vec<&str> = pack
            .indicators
            .iter()
            .map(|indicator| indicator.id.as_str())
            .collect();
        let all = all.join(", ");
        Failure::new(
            format!("没有指标“{asked}”；现有指标：{all}"),
            format!("there is no indicator “{asked}”; there are: {all}"),
        )
    })
}

/// The indicators asked for; all of them if none is.
fn wanted<'p>(pack: &'p Pack, only: &[String]) -> Result<Vec<&'p Indicator>, Failure> {
    match only.is_empty() {
        true => Ok(pack.indicators.iter().collect()),
        false => only.iter().map(|asked| known(pack, asked)).collect(),
    }
}

/// How figures are told apart.
fn how(pack: &Pack, by: &str, last: Option<u8>) -> Result<Breakdown, Failure> {
    if by == "unit" {
        return Ok(Breakdown::Units);
    }
    if let Some(each) = Each::ALL.into_iter().find(|each| each.as_str() == by) {
        let last = last.map_or(each.usual(), usize::from);
        return Ok(Breakdown::Series { each, last });
    }
    let ids: Vec<&str> = by.split(',').map(str::trim).collect();
    if ids.len() <= 2 && ids.iter().all(|id| pack.dimension(id).is_some()) {
        return Ok(Breakdown::Groups(
            ids.into_iter().map(ToOwned::to_owned).collect(),
        ));
    }
    let all: Vec<&str> = pack
        .dimensions
        .iter()
        .map(|dimension| dimension.id.as_str())
        .collect();
    let all = all.join(", ");
    Err(Failure::new(
        format!("不能按“{by}”分；可用：unit, month, quarter, year, {all}"),
        format!("figures can't be told apart by “{by}”; use unit, month, quarter, year, {all}"),
    ))
}

/// A figure for a program.
fn plain(figure: &Figure, lang: Lang) -> Json {
    let value = figure.value.filter(|value| value.denominator != 0);
    let without: Vec<String> = figure
        .without
        .iter()
        .map(|(unit, _)| unit.to_string())
        .collect();
    json!({
        "value": value.map(|value| value.shown(figure.decimals)),
        "text": figure.shown(lang),
        "without": without,
        "until": figure.until.map(|day| day.to_string()),
    })
}

/// A figure in a table, with a mark if it leaves something out.
fn shown(figure: &Figure, lang: Lang) -> String {
    let mark = if figure.value.is_some() && !figure.is_whole() {
        "*"
    } else {
        ""
    };
    format!("{}{mark}", figure.shown(lang))
}

async fn whole(sheet: &FigureSheet, wanted: &[&Indicator], say: &Say) -> Result<ExitCode, Failure> {
    let ids: Vec<String> = wanted
        .iter()
        .map(|indicator| indicator.id.clone())
        .collect();
    sheet.prepare(&ids).await?;
    let mut rows = Vec::new();
    let mut values = Vec::new();
    for indicator in wanted {
        let figure = sheet.figure(&indicator.id).await?;
        let mut told = plain(&figure, say.lang);
        told["id"] = json!(indicator.id);
        told["name"] = json!(indicator.name.get(say.lang));
        told["unit"] = json!(indicator.unit.get(say.lang));
        values.push(told);
        rows.push(vec![
            indicator.name.get(say.lang).to_owned(),
            shown(&figure, say.lang),
            indicator.unit.get(say.lang).to_owned(),
            indicator.id.clone(),
        ]);
    }
    if say.json {
        return say.value(&values).map(|()| ExitCode::SUCCESS);
    }
    say.table(
        &[
            say.pick("指标", "Indicator"),
            say.pick("数值", "Value"),
            say.pick("单位", "Unit"),
            "id",
        ],
        &rows,
    );
    Ok(ExitCode::SUCCESS)
}

async fn told_apart(
    (folder, view, unit): (&Folder, &View, UnitCode),
    (asked, wanted): (&Indicators, &[&Indicator]),
    how: &Breakdown,
    say: &Say,
) -> Result<ExitCode, Failure> {
    let pack = &folder.pack;
    let fits = |indicator: &&&Indicator| match how {
        Breakdown::Groups(ids) => {
            let known = pack.breaks_down(indicator);
            ids.iter().all(|id| known.contains(id))
        }
        Breakdown::Units => office::splits(&view.office, indicator),
        Breakdown::Series { .. } => true,
    };
    let told: Vec<&Indicator> = wanted.iter().filter(fits).copied().collect();
    if told.is_empty() {
        return Err(Failure::new(
            "这些指标不能这样分",
            "none of these indicators is told apart so",
        ));
    }
    let ids: Vec<String> = told.iter().map(|indicator| indicator.id.clone()).collect();
    let broken = view.broken(&ids, (asked.period, unit), how).await?;
    let names = units(folder, asked.period.end(), now()).await?;
    let name = |row: &BrokenRow| match &row.of {
        RowOf::Unit(unit) => names.get(unit).cloned().unwrap_or_else(|| unit.to_string()),
        RowOf::OwnLevel(_) => say.pick("本级", "of the unit itself").to_owned(),
        RowOf::Period(period) => period.label(say.lang),
        RowOf::Groups(keys) => {
            let Breakdown::Groups(dimensions) = how else {
                return keys.join(" ");
            };
            let both = dimensions.iter().zip(keys);
            let names = both.map(|(id, key)| group_name(pack, id, key, say.lang));
            names.collect::<Vec<_>>().join(" · ")
        }
    };
    if say.json {
        return say
            .value(&parts(&told, &broken, &name, say.lang))
            .map(|()| ExitCode::SUCCESS);
    }
    let mut header = vec![""];
    header.extend(told.iter().map(|indicator| indicator.name.get(say.lang)));
    let line = |name: String, figures: &[Figure]| {
        let figures = figures.iter().map(|figure| shown(figure, say.lang));
        std::iter::once(name).chain(figures).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = broken
        .rows
        .iter()
        .map(|row| line(name(row), &row.figures))
        .collect();
    if !matches!(how, Breakdown::Series { .. }) {
        rows.push(line(say.pick("合计", "Total").to_owned(), &broken.whole));
    }
    say.table(&header, &rows);
    let all = broken.rows.iter().flat_map(|row| &row.figures);
    if all
        .into_iter()
        .any(|figure| figure.value.is_some() && !figure.is_whole())
    {
        say.line(say.pick(
            "* 不含没有数据的单位或日期",
            "* without the units or days of which nothing is known",
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Parts for a program.
fn parts(
    told: &[&Indicator],
    broken: &Broken,
    name: &dyn Fn(&BrokenRow) -> String,
    lang: Lang,
) -> Vec<Json> {
    let figures = |figures: &[Figure]| {
        let each = told.iter().zip(figures);
        let each = each.map(|(indicator, figure)| (indicator.id.clone(), plain(figure, lang)));
        Json::Object(each.collect::<Map<_, _>>())
    };
    let rows = broken.rows.iter().map(|row| {
        let of = match &row.of {
            RowOf::Unit(unit) => json!({ "unit": unit.to_string() }),
            RowOf::OwnLevel(unit) => json!({ "unit": unit.to_string(), "own": true }),
            RowOf::Period(period) => json!({ "period": period.to_string() }),
            RowOf::Groups(keys) => json!({ "groups": keys }),
        };
        json!({ "of": of, "name": name(row), "figures": figures(&row.figures) })
    });
    rows.collect()
}

/// One figure with the rows it counts.
async fn rows(sheet: &FigureSheet, id: &str, say: &Say) -> Result<ExitCode, Failure> {
    let figure = sheet.figure(id).await?;
    say.line(format!("{id} = {}", shown(&figure, say.lang)));
    let part = Part {
        offset: 0,
        limit: if say.json { MOST_ROWS_JSON } else { MOST_ROWS },
    };
    for behind in sheet.behind(id, &[]).await? {
        let of = (behind.indicator.as_str(), behind.before);
        let found = sheet.rows(id, of, &[], part).await?;
        let cells = found
            .rows
            .into_iter()
            .map(|row| row.cells.unwrap_or_default());
        if say.json {
            let rows: Vec<_> = cells.collect();
            say.value(&json!({ "indicator": behind.indicator, "before": behind.before, "columns": found.columns, "rows": rows, "total": found.total }))?;
        } else {
            let header: Vec<&str> = found.columns.iter().map(String::as_str).collect();
            let rows = cells.map(|row| row.into_iter().map(Option::unwrap_or_default).collect());
            say.table(&header, &rows.collect::<Vec<Vec<String>>>());
            say.line(format!("{} {}", behind.indicator, found.total));
        }
    }
    Ok(ExitCode::SUCCESS)
}
