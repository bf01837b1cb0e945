//! `taizhang import`

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use intake::{By, FileOutcome, Layout, LayoutColumn, Level, Outcome, Request, Stage};
use jiff::Timestamp;
use kernel::{Grant, Lang, Sensitivity};
use serde_json::json;

use crate::arguments::Import;
use crate::failure::Failure;
use crate::folder::{Folder, grant, now, today, user};
use crate::lists::save;
use crate::say::Say;

/// How many rows that went wrong are told on the terminal; the result workbook has them all.
const TOLD: usize = 20;

/// Imports files into a unit's book and writes the result workbook.
pub async fn run(import: &Import, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&import.dir, say).await?;
    let at = now();
    let grant = grant(import.unit, Sensitivity::ALL, &import.why);
    open_first_book(&folder, import, at, &grant).await?;
    let request = Request {
        roster: import.register.clone(),
        unit: import.unit,
        files: import.files.clone(),
        on: import.on.unwrap_or_else(today),
        recorded_at: at,
        actor: user(),
        grant,
        dry_run: import.dry_run,
        absence: intake::Absence::default(),
        told: import.column.iter().cloned().collect(),
        lang: say.lang,
    };
    let (outcome, mut times) = import_with_bar(&folder, &request, say).await?;
    let mut result = None;
    if outcome.rejected() > 0 || import.result.is_some() || import.dry_run {
        let path = import
            .result
            .clone()
            .unwrap_or_else(|| beside(&import.files));
        times.begin("result_workbook");
        save(&path, &outcome.workbook()?)?;
        result = Some(path);
    }
    tell(&outcome, &times.finish(), say)?;
    if let Some(path) = result {
        say.line(match say.lang {
            Lang::Zh => format!("逐行结果见 {}", path.display()),
            Lang::En => format!("Row by row: {}", path.display()),
        });
    }
    Ok(super::code(outcome.rejected() == 0))
}

/// A ledger without any unit takes the first one from the list of units itself.
async fn open_first_book(
    folder: &Folder,
    import: &Import,
    at: Timestamp,
    grant: &Grant,
) -> Result<(), Failure> {
    let opens = folder.pack.roster(&import.register).is_some_and(|roster| {
        roster
            .writes
            .iter()
            .filter_map(|write| folder.pack.register(&write.register))
            .any(|register| register.opens_book.is_some())
    });
    if opens && !import.dry_run && folder.ledger.books().await?.is_empty() {
        folder.ledger.open_book(import.unit, at, grant).await?;
    }
    Ok(())
}

/// How long each stage took, all files together.
#[derive(Default)]
pub struct StageTimes {
    spent: Vec<(&'static str, u128)>,
    now: Option<(&'static str, Instant)>,
}

impl StageTimes {
    /// Ends the stage before, if any, and begins another.
    fn begin(&mut self, stage: &'static str) {
        self.end();
        self.now = Some((stage, Instant::now()));
    }

    fn end(&mut self) {
        let Some((stage, since)) = self.now.take() else {
            return;
        };
        let micros = since.elapsed().as_micros();
        match self.spent.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, spent)) => *spent += micros,
            None => self.spent.push((stage, micros)),
        }
    }

    /// Microseconds by stage.
    fn finish(mut self) -> serde_json::Map<String, serde_json::Value> {
        self.end();
        let spent = self.spent.into_iter();
        spent
            .map(|(stage, micros)| {
                (
                    stage.to_owned(),
                    json!(u64::try_from(micros).unwrap_or(u64::MAX)),
                )
            })
            .collect()
    }
}

/// Imports with a bar that names the file and what is being done to it.
pub async fn import_with_bar(
    folder: &Folder,
    request: &Request,
    say: &Say,
) -> Result<(Outcome, StageTimes), Failure> {
    let mut times = StageTimes::default();
    let bar = say.bar(request.files.len() as u64, "");
    let lang = say.lang;
    let outcome = intake::import(&folder.ledger, &folder.pack, request, &mut |progress| {
        bar.set_position(progress.file as u64);
        match progress.stage {
            Stage::Reading => times.begin("reading"),
            Stage::Checking => times.begin("checking"),
            Stage::Matching => times.begin("matching"),
            Stage::Writing => times.begin("writing"),
            Stage::Done => times.end(),
        }
        let doing = match (progress.stage, lang) {
            (Stage::Reading, Lang::Zh) => "读取",
            (Stage::Checking, Lang::Zh) => "检查",
            (Stage::Matching, Lang::Zh) => "比对",
            (Stage::Writing, Lang::Zh) => "写入",
            (Stage::Done, Lang::Zh) => "完成",
            (Stage::Reading, Lang::En) => "reading",
            (Stage::Checking, Lang::En) => "checking",
            (Stage::Matching, Lang::En) => "matching",
            (Stage::Writing, Lang::En) => "writing",
            (Stage::Done, Lang::En) => "done",
        };
        bar.set_message(format!("{doing} {}", progress.rows));
    })
    .await?;
    bar.finish_and_clear();
    Ok((outcome, times))
}

fn tell(
    outcome: &Outcome,
    times: &serde_json::Map<String, serde_json::Value>,
    say: &Say,
) -> Result<(), Failure> {
    if say.json {
        let files: Vec<_> = (outcome.files.iter())
            .map(|file| {
                json!({
                    "file": file.path, "rows": file.rows(), "opened": file.opened(), "changed": file.changed(), "closed": file.closed(),
                    "unchanged": file.unchanged(), "repeated": file.repeated(), "rejected": file.rejected(),
                    "layouts": file.layouts.iter().map(layout).collect::<Vec<_>>(),
                    "notes": file.notes_of(Level::Rejected).map(|note| note.message(say.lang)).collect::<Vec<_>>(),
                })
            })
            .collect();
        return say
            .value(&json!({ "dry_run": outcome.dry_run, "files": files, "times_us": times }));
    }
    for file in &outcome.files {
        let name = file.path.display();
        let counts = [
            file.rows(),
            file.opened(),
            file.changed(),
            file.closed(),
            file.repeated(),
            file.rejected(),
        ];
        let [rows, opened, changed, closed, repeated, rejected] = counts;
        say.line(match (say.lang, outcome.dry_run) {
            (Lang::Zh, false) => format!("{name}：{rows} 行，新建 {opened}，变更 {changed}，销 {closed}，重复 {repeated}，未导入 {rejected}"),
            (Lang::Zh, true) => format!("{name}：{rows} 行，将新建 {opened}，变更 {changed}，销 {closed}，重复 {repeated}，不能导入 {rejected}（未写入）"),
            (Lang::En, false) => format!("{name}: {rows} rows, {opened} opened, {changed} changed, {closed} closed, {repeated} repeated, {rejected} rejected"),
            (Lang::En, true) => format!("{name}: {rows} rows, would open {opened}, change {changed}, close {closed}, {repeated} repeated, {rejected} rejected (nothing written)"),
        });
        for line in understood(file, say.lang) {
            say.line(line);
        }
        for note in file.notes_of(Level::Rejected).take(TOLD) {
            say.line(format!("  {}", note.message(say.lang)));
        }
    }
    Ok(())
}

/// How the columns were understood whose heading alone didn't say it, and which were not taken.
fn understood(file: &FileOutcome, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    for layout in &file.layouts {
        let place = match (lang, layout.sheet.as_str()) {
            (Lang::Zh, "") => format!("第 {} 行", layout.header_row),
            (Lang::Zh, sheet) => format!("工作表“{sheet}”第 {} 行", layout.header_row),
            (Lang::En, "") => format!("row {}", layout.header_row),
            (Lang::En, sheet) => format!("sheet “{sheet}”, row {}", layout.header_row),
        };
        let named = |column: &LayoutColumn| format!("{}“{}”", column.letters, column.heading);
        let otherwise = (layout.columns.iter())
            .filter(|column| column.by != By::Name)
            .filter_map(|column| Some((column, column.name.as_ref()?)));
        for (column, name) in otherwise {
            let (named, basis) = (named(column), column.basis(lang));
            lines.push(match lang {
                Lang::Zh => format!(
                    "  {place}：{named} 列认作“{}”（依据：{basis}）",
                    name.get(lang)
                ),
                Lang::En => format!(
                    "  {place}: column {named} is “{}” by {basis}",
                    name.get(lang)
                ),
            });
        }
        let left: Vec<String> = (layout.columns.iter())
            .filter(|column| column.column.is_none())
            .take(TOLD)
            .map(named)
            .collect();
        if !left.is_empty() {
            lines.push(match lang {
                Lang::Zh => format!("  {place}：未采用的列：{}", left.join("、")),
                Lang::En => format!("  {place}: columns not taken: {}", left.join(", ")),
            });
        }
    }
    lines
}

/// How a table was understood, for programs.
fn layout(layout: &Layout) -> serde_json::Value {
    let column = |column: &LayoutColumn| {
        let by = match column.by {
            By::Name => "name",
            By::Values => "values",
            By::Remembered => "remembered",
            By::Told => "told",
        };
        json!({ "letters": column.letters, "heading": column.heading, "column": column.column, "by": by })
    };
    json!({
        "sheet": layout.sheet, "header_row": layout.header_row,
        "columns": layout.columns.iter().map(column).collect::<Vec<_>>(),
    })
}

fn beside(files: &[PathBuf]) -> PathBuf {
    let first = files.first().cloned().unwrap_or_default();
    let stem = first
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    first.with_file_name(format!("{stem}.result.xlsx"))
}
