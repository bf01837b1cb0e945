//! The lists of a made-up place that the pack tells how to fill: everything but its people. They are written as people write lists, one
//! spelling of a date beside another, some rows twice, and imported like any other; the figures they must give are said in the pack.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use intake::{Absence, Request};
use jiff::civil::Date;
use kernel::{Fen, Grant, Lang, Period, UnitCode};
use office::View;
use pack::{Column, DemoPlace, Expected, FieldType, Pack, Recipe, Roster};
use tables::{AsOf, bind_day, show};

use super::{Clock, first_rejected};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::lists::save;
use crate::say::Say;

/// One of so many rows of a list stands in it twice.
const TWICE: usize = 37;

/// Where lists go, and as whose.
pub(super) struct Sender<'a> {
    pub folder: &'a Folder,
    pub data: &'a Path,
    pub place: DemoPlace,
    pub on: Date,
    pub root: UnitCode,
    pub grant: &'a Grant,
}

/// What was sent.
#[derive(Default)]
pub(super) struct Sent {
    pub lists: usize,
    pub rows: usize,
    /// Rows that weren't taken; none should be.
    pub rejected: usize,
}

/// A list: its day, and the unit for which it is taken.
type ListOf = (Date, UnitCode);

/// Fills and imports the lists, recipe by recipe.
pub(super) async fn fill(
    sender: &Sender<'_>,
    clock: &mut Clock,
    say: &Say,
) -> Result<Sent, Failure> {
    let pack = &sender.folder.pack;
    let recipes = pack.recipes.iter();
    let recipes: Vec<&Recipe> = recipes.filter(|r| r.of.contains(&sender.place)).collect();
    let bar = say.bar(
        recipes.len() as u64,
        say.pick("正在导入各项台账", "importing the other ledgers"),
    );
    let mut sent = Sent::default();
    for recipe in recipes {
        if let Some(roster) = pack.roster(&recipe.roster) {
            let lists = lists(sender, (recipe, roster), clock).await?;
            for (of, rows) in lists {
                sent.lists += 1;
                sent.rows += rows.len();
                sent.rejected += import(sender, (recipe, roster), (of, rows), clock, say).await?;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(sent)
}

/// The lists that a recipe makes, each with its headings.
async fn lists(
    sender: &Sender<'_>,
    (recipe, roster): (&Recipe, &Roster),
    clock: &mut Clock,
) -> Result<BTreeMap<ListOf, Vec<Vec<String>>>, Failure> {
    let (tables, pack) = (&sender.folder.tables, &sender.folder.pack);
    let session = tables
        .evaluation(AsOf::on(sender.on), "demo", clock.tick())
        .await?;
    let frame = session.query(&bind_day(&recipe.rows, sender.on)?).await?;
    let names = frame.schema().fields().iter();
    let names: Vec<String> = names.map(|field| field.name().clone()).collect();
    let at = |name: &str| names.iter().position(|own| own == name);
    let columns = roster.columns.iter();
    let columns: Vec<(&Column, usize)> = columns
        .filter_map(|column| Some((column, at(&column.id)?)))
        .collect();
    let (day, unit) = (at(Recipe::LIST_ON), at(Recipe::LIST_UNIT));
    let batches = frame.collect().await.map_err(tables::TablesError::from)?;
    let mut lists: BTreeMap<ListOf, Vec<Vec<String>>> = BTreeMap::new();
    for (nth, row) in show(&batches)?.into_iter().enumerate() {
        let told = |at: Option<usize>| at.and_then(|at| row.get(at)?.as_deref());
        let of = (
            told(day)
                .and_then(|day| day.parse().ok())
                .unwrap_or(sender.on),
            told(unit)
                .and_then(|unit| unit.parse().ok())
                .unwrap_or(sender.root),
        );
        let cells = columns.iter().map(|(column, at)| {
            let value = row[*at].as_deref();
            value.map_or_else(String::new, |value| spelt(pack, &column.kind, value, nth))
        });
        let cells: Vec<String> = cells.collect();
        let rows = lists.entry(of).or_insert_with(|| headings(&columns, nth));
        rows.push(cells.clone());
        if nth % TWICE == TWICE - 1 {
            rows.push(cells);
        }
    }
    Ok(lists)
}

/// The heading rows of a list, by the names that some sender uses.
fn headings(columns: &[(&Column, usize)], sender: usize) -> Vec<Vec<String>> {
    let levels = columns.iter().map(|(column, _)| column.group.len());
    let above = (0..levels.max().unwrap_or(0)).map(|level| {
        let cells = columns.iter().map(|(column, _)| column.group.get(level));
        cells
            .map(|cell| cell.cloned().unwrap_or_default())
            .collect()
    });
    let own = columns.iter().map(|(column, _)| {
        let ways = std::iter::once(&column.name.zh).chain(&column.synonyms);
        let ways: Vec<&String> = ways.collect();
        ways[sender % ways.len()].clone()
    });
    above.chain(std::iter::once(own.collect())).collect()
}

/// A value as somebody writes it: every few rows otherwise.
fn spelt(pack: &Pack, kind: &FieldType, value: &str, nth: usize) -> String {
    match kind {
        FieldType::Date => match value.parse::<Date>() {
            Ok(day) => {
                let (year, month, on) = (day.year(), day.month(), day.day());
                match nth % 4 {
                    0 => value.to_owned(),
                    1 => format!("{year}.{month}.{on}"),
                    2 => format!("{year}年{month}月{on}日"),
                    _ => format!("{year}/{month}/{on}"),
                }
            }
            Err(_) => value.to_owned(),
        },
        FieldType::Fen => match value.parse() {
            Ok(fen) => match nth % 3 {
                0 => Fen(fen).to_string(),
                1 => format!("{}元", Fen(fen)),
                _ => format!(" {}", Fen(fen)),
            },
            Err(_) => value.to_owned(),
        },
        FieldType::Bool => match value {
            "true" => "是".to_owned(),
            _ => "否".to_owned(),
        },
        FieldType::Code(list) => {
            let member = pack.code(list).and_then(|list| list.member(value));
            let Some(member) = member else {
                return value.to_owned();
            };
            match member.synonyms.get(nth % 5) {
                Some(other) => other.clone(),
                None => member.name.zh.clone(),
            }
        }
        FieldType::Text if nth.is_multiple_of(11) => format!("{value} "),
        _ => value.to_owned(),
    }
}

/// Writes a list and imports it; says how many rows weren't taken.
async fn import(
    sender: &Sender<'_>,
    (recipe, roster): (&Recipe, &Roster),
    ((on, unit), rows): (ListOf, Vec<Vec<String>>),
    clock: &mut Clock,
    say: &Say,
) -> Result<usize, Failure> {
    let folder = sender.data.join("rosters").join(unit.as_str());
    fs::create_dir_all(&folder).map_err(|error| Failure::io(&folder, error))?;
    let path = folder.join(format!("{}-{on}.csv", recipe.id));
    let mut csv = csv::Writer::from_writer(Vec::new());
    for row in &rows {
        csv.write_record(row)
            .map_err(|error| Failure::io(&path, error))?;
    }
    let bytes = csv
        .into_inner()
        .map_err(|error| Failure::io(&path, error))?;
    save(&path, &bytes)?;
    let request = Request {
        roster: roster.id.clone(),
        unit,
        files: vec![path.into()],
        on,
        recorded_at: clock.tick(),
        grant: sender.grant.clone(),
        dry_run: false,
        absence: Absence::default(),
        told: BTreeMap::new(),
        lang: say.lang,
    };
    let outcome = intake::import(&sender.folder.tables, &request, &mut |_| {}).await?;
    if outcome.rejected() > 0 {
        let told = format!("{}-{on}-{unit}.xlsx", recipe.id);
        save(
            &sender.data.join("results").join(told),
            &outcome.workbook()?,
        )?;
        first_rejected(&outcome, say);
    }
    Ok(outcome.rejected())
}

/// Figures that the pack says must come out.
pub(super) struct Known {
    /// One row each: the figure, of what period, what came out and what must.
    pub rows: Vec<Vec<String>>,
    /// Those that are otherwise, in words.
    pub wrong: Vec<String>,
}

/// Holds figures against what the pack says they must be.
pub(super) async fn compare(view: &View, place: DemoPlace, say: &Say) -> Result<Known, Failure> {
    let office = &view.office;
    let recipes = office.pack.recipes.iter();
    let recipes = recipes.filter(|recipe| recipe.of.contains(&place));
    let expected = recipes.flat_map(|recipe| &recipe.expects);
    let mut by_period: Vec<((Period, UnitCode), Vec<&Expected>)> = Vec::new();
    for expected in expected.filter(|expected| expected.of.contains(&place)) {
        let unit = expected.unit.unwrap_or(office.root);
        let of = (expected.period, unit);
        match by_period.iter_mut().find(|(known, _)| *known == of) {
            Some((_, all)) => all.push(expected),
            None => by_period.push((of, vec![expected])),
        }
    }
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for ((period, unit), all) in by_period {
        let sheet = view.board(period, unit).await?;
        let ids: Vec<String> = all
            .iter()
            .map(|expected| expected.indicator.clone())
            .collect();
        sheet.prepare(&ids).await?;
        for expected in all {
            let Some(indicator) = office.pack.indicator(&expected.indicator) else {
                continue;
            };
            let figure = sheet.figure(&expected.indicator).await?;
            let truth = expected.value.to_string();
            let found = figure.value.map(|value| value.shown(expected.value.places));
            let name = indicator.name.get(say.lang).to_owned();
            let (of, shown) = (period.label(say.lang), figure.shown(say.lang));
            // Of how things stand, what was told last is what is known.
            if figure.has_gaps(&office.pack) || found.as_ref() != Some(&truth) {
                wrong.push(match say.lang {
                    Lang::Zh => format!("{of}{name}：{shown}，应为 {truth}"),
                    Lang::En => format!("{name}, {of}: {shown} instead of {truth}"),
                });
            }
            let counted_in = indicator.unit.get(say.lang).to_owned();
            rows.push(vec![name, of, shown, truth, counted_in]);
        }
    }
    Ok(Known { rows, wrong })
}
