//! `taizhang indicators`

use std::process::ExitCode;

use kernel::text::counted;
use kernel::{Lang, UnitCode};
use office::shown as words;
use office::{
    Breakdown, Broken, BrokenRow, Figure, FigureSheet, Part, RowOf, SeenRows, UnitNames, View,
    gaps, group_name,
};
use pack::{Called, Each, FieldType, Indicator, Named, Pack, Text};
use serde_json::{Map, Value as Json, json};

use crate::arguments::Indicators;
use crate::commands::pack::Kind;
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::reading::office;
use crate::say::Say;

/// What figures are told apart by, besides periods and dimensions.
const BY_UNIT: &str = "unit";
/// Rows listed on the terminal at most; the pages list them all.
const MOST_ROWS: usize = 1_000;
/// How many figures are named of which the same isn't known.
const MOST_NAMED: usize = 6;
/// Rows given to a program at most.
const MOST_ROWS_JSON: usize = 1_000_000;

/// Tells the figures of a unit and period, whole or told apart, or one with its rows.
pub async fn run(indicators: &Indicators, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&indicators.dir, say).await?;
    let period = indicators.period.gone_by(today());
    let unit = folder.known(&indicators.unit, period.end()).await?;
    let command = ("indicators", "indicators");
    let admitted = folder.admit_to_all(unit, &[], command, now()).await?;
    let view = office(&folder, period.end(), now).await?.seen_by(admitted);
    let sheet = view.board(period, unit).await?;
    let units = view.units(period.end()).await?;
    if let Some(asked) = &indicators.rows {
        return rows(&folder.pack, &sheet, known(&folder, asked)?, &units, say).await;
    }
    let wanted = wanted(&folder, &indicators.only)?;
    match &indicators.by {
        None => whole(&folder.pack, &sheet, (&units, &wanted), say).await,
        Some(by) => {
            let of = (&view, &units, unit);
            let how = how(&folder, by, indicators.last)?;
            told_apart(of, (indicators, &wanted), &how, say).await
        }
    }
}

/// The indicator that somebody means.
fn known<'p>(folder: &'p Folder, asked: &str) -> Result<&'p Indicator, Failure> {
    folder.named(asked, (&folder.pack.indicators, Kind::Indicators))
}

/// The indicators asked for; all of them if none is.
fn wanted<'p>(folder: &'p Folder, only: &[String]) -> Result<Vec<&'p Indicator>, Failure> {
    match only.is_empty() {
        true => Ok(folder.pack.indicators.iter().collect()),
        false => only.iter().map(|asked| known(folder, asked)).collect(),
    }
}

/// How figures are told apart: by unit, by a kind of period, or by one or two dimensions.
fn how(folder: &Folder, by: &str, last: Option<u8>) -> Result<Breakdown, Failure> {
    let own = |id: &str, zh: &str, en: &str| Called {
        id: id.to_owned(),
        name: text(zh, en),
        synonyms: Vec::new(),
        beside: Text::default(),
    };
    let mut ways = vec![own(BY_UNIT, "单位", "unit")];
    ways.extend(Each::ALL.into_iter().map(|each| match each {
        Each::Month => own(each.as_str(), "月", "month"),
        Each::Quarter => own(each.as_str(), "季", "quarter"),
        Each::Year => own(each.as_str(), "年", "year"),
    }));
    ways.extend(folder.pack.dimensions.iter().map(Named::called));
    let chosen = by.split([',', '，', '、']).map(|asked| {
        let at = pack::choose(text("分法", "way to tell figures apart"), asked, &ways);
        let at = at.map_err(|fault| folder.told(fault, Kind::Dimensions))?;
        Ok(ways[at].id.clone())
    });
    let chosen: Vec<String> = chosen.collect::<Result<_, Failure>>()?;
    let each = |id: &str| Each::ALL.into_iter().find(|each| each.as_str() == id);
    match &chosen[..] {
        [only] if only == BY_UNIT => Ok(Breakdown::Units),
        [only] if each(only).is_some() => {
            let each = each(only).unwrap_or(Each::Year);
            let last = last.map_or(each.usual(), usize::from);
            Ok(Breakdown::Series { each, last })
        }
        [_] | [_, _] if !chosen.iter().any(|id| id == BY_UNIT || each(id).is_some()) => {
            Ok(Breakdown::Groups(chosen))
        }
        _ => Err(Failure::new(
            format!("不能按“{by}”分：单位、月、季、年各自单用，维度最多两个"),
            format!(
                "figures can't be told apart by “{by}”: unit, month, quarter and year go alone, of dimensions there are two at most"
            ),
        )),
    }
}

fn text(zh: &str, en: &str) -> Text {
    let (zh, en) = (zh.to_owned(), en.to_owned());
    Text { zh, en }
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
        "units": figure.units,
        "without": without,
        "until": figure.until.map(|day| day.to_string()),
    })
}

/// What isn't known of figures that have a value, each once: a line each.
fn notes(pack: &Pack, units: &UnitNames, told: &[(&Indicator, Figure)], say: &Say) {
    let mut notes: Vec<(String, Vec<&str>)> = Vec::new();
    for (indicator, figure) in told.iter().filter(|(_, figure)| figure.value.is_some()) {
        let Some(note) = gaps::not_known(pack, units, figure, say.lang) else {
            continue;
        };
        let name = indicator.name.get(say.lang);
        match notes.iter_mut().find(|(known, _)| *known == note) {
            Some((_, names)) => names.push(name),
            None => notes.push((note, vec![name])),
        }
    }
    for (note, names) in notes {
        let (shown, all) = (names.iter().take(MOST_NAMED), names.len());
        let shown: Vec<&str> = shown.copied().collect();
        let more = all.saturating_sub(MOST_NAMED);
        say.line(match (say.lang, more) {
            (Lang::Zh, 0) => format!("{note}（{}）", shown.join("、")),
            (Lang::Zh, _) => format!("{note}（{}等{all}个指标）", shown.join("、")),
            (Lang::En, 0) => format!("{note} ({})", shown.join(", ")),
            (Lang::En, more) => format!("{note} ({} and {more} more)", shown.join(", ")),
        });
    }
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

async fn whole(
    pack: &Pack,
    sheet: &FigureSheet,
    (units, wanted): (&UnitNames, &[&Indicator]),
    say: &Say,
) -> Result<ExitCode, Failure> {
    let ids: Vec<String> = wanted
        .iter()
        .map(|indicator| indicator.id.clone())
        .collect();
    sheet.prepare(&ids).await?;
    let mut rows = Vec::new();
    let mut values = Vec::new();
    let mut figures = Vec::new();
    for indicator in wanted {
        let figure = sheet.figure(&indicator.id).await?;
        let mut told = plain(&figure, say.lang);
        let why = figure.why();
        told["unknown"] = json!(why.map(|why| gaps::why(pack, why, say.lang)));
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
        figures.push((*indicator, figure));
    }
    if say.json {
        return say.value(&values).map(|()| ExitCode::SUCCESS);
    }
    say.table(
        &[
            say.pick("指标", "Indicator"),
            say.pick("数值", "Value"),
            say.pick("单位", "Unit"),
            say.pick("代号", "Id"),
        ],
        &rows,
    );
    notes(pack, units, &figures, say);
    Ok(ExitCode::SUCCESS)
}

async fn told_apart(
    (view, units, unit): (&View, &UnitNames, UnitCode),
    (asked, wanted): (&Indicators, &[&Indicator]),
    how: &Breakdown,
    say: &Say,
) -> Result<ExitCode, Failure> {
    let pack = &view.office.pack;
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
    let broken = view
        .broken(&ids, (asked.period.gone_by(today()), unit), how)
        .await?;
    let name = |row: &BrokenRow| match &row.of {
        RowOf::Unit(unit) => units.name(unit.as_str()),
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

/// One figure with the rows it counts: ids for a program, words for people.
async fn rows(
    pack: &Pack,
    sheet: &FigureSheet,
    indicator: &Indicator,
    units: &UnitNames,
    say: &Say,
) -> Result<ExitCode, Failure> {
    let id = &indicator.id;
    let figure = sheet.figure(id).await?;
    let name = |id: &str| {
        let own = pack.indicator(id);
        own.map_or(id, |own| own.name.get(say.lang)).to_owned()
    };
    say.line(format!(
        "{}{}{} {}",
        name(id),
        say.pick("：", ": "),
        shown(&figure, say.lang),
        indicator.unit.get(say.lang)
    ));
    let part = Part {
        offset: 0,
        limit: if say.json { MOST_ROWS_JSON } else { MOST_ROWS },
    };
    for behind in sheet.behind(id, &[]).await? {
        let of = (behind.indicator.as_str(), behind.before);
        let found = sheet.rows(id, of, &[], part).await?;
        if say.json {
            let rows = found.rows.into_iter();
            let rows: Vec<_> = rows.map(|row| row.cells.unwrap_or_default()).collect();
            say.value(&json!({ "indicator": behind.indicator, "before": behind.before, "columns": found.columns, "rows": rows, "total": found.total }))?;
            continue;
        }
        table(pack, &behind.indicator, &found, units, say);
        let name = name(&behind.indicator);
        say.line(match (say.lang, behind.before) {
            (Lang::Zh, false) => format!("{name}：共 {} 行", found.total),
            (Lang::Zh, true) => format!("{name}（期初）：共 {} 行", found.total),
            (Lang::En, false) => format!("{name}: {}", counted(found.total, "row", "rows")),
            (Lang::En, true) => format!(
                "{name}, before the period: {}",
                counted(found.total, "row", "rows")
            ),
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// Rows as a table, the columns and the values in words.
fn table(pack: &Pack, indicator: &str, found: &SeenRows, units: &UnitNames, say: &Say) {
    let columns = found.columns.iter();
    let columns: Vec<(String, FieldType)> = columns
        .map(|name| words::column(pack, indicator, name, say.lang))
        .collect();
    let hidden = || say.pick("（不在权限内）", "(not within reach)").to_owned();
    let rows = found.rows.iter().map(|row| match &row.cells {
        None => vec![units.of(row.unit), hidden()],
        Some(cells) => (cells.iter().zip(&columns))
            .map(|(value, (_, kind))| {
                let value = value.as_deref();
                let shown = value.map(|value| words::value(pack, units, kind, value, say.lang));
                shown.unwrap_or_default()
            })
            .collect(),
    });
    let header: Vec<&str> = columns.iter().map(|(heading, _)| &heading[..]).collect();
    say.table(&header, &rows.collect::<Vec<Vec<String>>>());
}
