//! `taizhang import`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use intake::{
    Absence, By, FileFault, FileOutcome, IntakeError, Kept, Layout, LayoutColumn, Level, Outcome,
    Request, Stage, Verdict,
};
use jiff::Timestamp;
use kernel::text::counted;
use kernel::{Grant, Lang, UnitCode};
use pack::{Called, NameFault, Named, Text};
use serde_json::json;

use crate::arguments::Import;
use crate::commands::pack::Kind;
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::lists::{can_save, save};
use crate::say::Say;

/// How many rows that went wrong are told on the terminal; the result workbook has them all.
const TOLD: usize = 20;
/// How many doubts.
const DOUBTS_TOLD: usize = 5;

/// Imports files into a unit's book and writes the result workbook.
pub async fn run(import: &Import, say: &Say) -> Result<ExitCode, Failure> {
    check_result(import)?;
    for file in &import.files {
        std::fs::metadata(file).map_err(|error| Failure::io(file, error))?;
    }
    let folder = Folder::open(&import.dir, say).await?;
    let at = now();
    let on = import.on.unwrap_or_else(today);
    let unit = folder.unit(&import.unit, on).await?;
    let list = list_called(&folder, &import.register)?;
    let told = told(&folder, &list, &import.column)?;
    let grant = folder.grant_for_import(unit, &import.why).await?;
    if !import.dry_run {
        open_first_book(&folder, &list, unit, (at, &grant)).await?;
    }
    let request = Request {
        roster: list.clone(),
        unit,
        files: import.files.iter().cloned().map(Into::into).collect(),
        on,
        recorded_at: at,
        grant,
        dry_run: import.dry_run,
        absence: absence(import),
        told,
        lang: say.lang,
    };
    let imported = import_with_bar(&folder, &request, say).await;
    let (mut outcome, mut times) = imported.map_err(|error| explained(error, &folder, &list))?;
    let stopped = outcome.stopped.take();
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
    go_on(&outcome, &import.dir, say);
    if let Some(path) = result {
        say.line(match say.lang {
            Lang::Zh => format!("逐行结果见 {}", path.display()),
            Lang::En => format!("Row by row: {}", path.display()),
        });
    }
    match stopped {
        Some(error) => Err(explained(error, &folder, &list)),
        None => Ok(super::code(outcome.rejected() == 0)),
    }
}

/// The list that somebody means, by id or name: a roster or an action, or else a register, whose fields are the columns.
fn list_called(folder: &Folder, asked: &str) -> Result<String, Failure> {
    let pack = &folder.pack;
    let lists: Vec<Called> = pack.lists().map(Named::called).collect();
    // An id that a list has, too, is the list's.
    let own = pack.registers.iter();
    let own = own.filter(|register| pack.roster(&register.id).is_none());
    let registers: Vec<Called> = own.map(Named::called).collect();
    let what = || Text {
        zh: "名册".to_owned(),
        en: "list".to_owned(),
    };
    // A register often has the name of the list that is kept in it, and the list is meant; but an id counts before a name.
    let register = registers.iter().any(|register| register.id == asked);
    let first = if register { &registers } else { &lists };
    for all in [first, &registers] {
        match pack::choose(what(), asked, all) {
            Err(NameFault::Unknown { .. }) => {}
            found => return Ok(all[found?].id.clone()),
        }
    }
    let every = [lists, registers].concat();
    let at = pack::choose(what(), asked, &every);
    let at = at.map_err(|fault| folder.told(fault, Kind::Rosters))?;
    Ok(every[at].id.clone())
}

/// What headings were said to mean, by the ids of the list's columns.
fn told(
    folder: &Folder,
    list: &str,
    columns: &[(String, String)],
) -> Result<BTreeMap<String, String>, Failure> {
    let of_roster = folder.pack.roster(list);
    let of_register = folder.pack.register(list);
    let told = columns.iter().map(|(heading, asked)| {
        let column = match (of_roster, of_register) {
            _ if asked == "-" => asked.clone(),
            (Some(roster), _) => pack::named(asked, &roster.columns)?.id.clone(),
            // The columns of a register are its fields, and what identifies the records that these refer to.
            (None, Some(register)) => pack::named(asked, &register.fields)
                .map_or_else(|_| asked.clone(), |field| field.id.clone()),
            (None, None) => asked.clone(),
        };
        Ok((heading.clone(), column))
    });
    told.collect()
}

/// Refuses a place for the result that is one of the lists, or can't be written: before anything else is.
fn check_result(import: &Import) -> Result<(), Failure> {
    let Some(result) = &import.result else {
        return Ok(());
    };
    let place = std::fs::canonicalize(result).ok();
    let is_list = |file: &PathBuf| place.is_some() && std::fs::canonicalize(file).ok() == place;
    if import.files.iter().any(is_list) {
        let shown = result.display();
        return Err(Failure::new(
            format!("--result {shown} 就是要导入的文件，会被覆盖；请换一个文件名"),
            format!(
                "--result {shown} is the list itself and would be overwritten; choose another name"
            ),
        ));
    }
    can_save(result)
}

/// An error, and what can be said on the command line about a header that isn't clear.
fn explained(error: IntakeError, folder: &Folder, list: &str) -> Failure {
    let unclear = matches!(&error, IntakeError::File { fault, .. } if matches!(**fault, FileFault::Header(_)));
    let roster = folder.pack.roster(list).filter(|_| unclear);
    let failure = Failure::from(error);
    let Some(roster) = roster else {
        return failure;
    };
    let columns = |lang: Lang| {
        let named = roster.columns.iter().map(|column| match lang {
            Lang::Zh => format!("{}（{}）", column.name.zh, column.id),
            Lang::En => format!("{} ({})", column.name.en, column.id),
        });
        let named: Vec<String> = named.collect();
        named.join(match lang {
            Lang::Zh => "、",
            Lang::En => ", ",
        })
    };
    Failure::new(
        format!(
            "{}\n指明一列：--column 表头=列名 或 --column 列字母=列名，略去写“-”；列名有：{}",
            failure.message(Lang::Zh),
            columns(Lang::Zh)
        ),
        format!(
            "{}\nSay what a column is with --column HEADING=COLUMN or --column LETTERS=COLUMN, and “-” to leave it out; columns: {}",
            failure.message(Lang::En),
            columns(Lang::En)
        ),
    )
}

/// A ledger without any unit takes the first one from the list of units itself.
async fn open_first_book(
    folder: &Folder,
    list: &str,
    unit: UnitCode,
    (at, grant): (Timestamp, &Grant),
) -> Result<(), Failure> {
    let opens = folder.pack.roster(list).is_some_and(|roster| {
        roster
            .writes
            .iter()
            .filter_map(|write| folder.pack.register(&write.register))
            .any(|register| register.opens_book.is_some())
    });
    if opens && folder.ledger.books().await?.is_empty() {
        folder.ledger.open_book(unit, at, grant).await?;
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
) -> Result<(Outcome, StageTimes), IntakeError> {
    let mut times = StageTimes::default();
    let bar = say.bar(request.files.len() as u64, "");
    let lang = say.lang;
    let outcome = intake::import(&folder.tables, request, &mut |progress| {
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
                    "unchanged": file.unchanged(), "repeated": file.repeated(), "asked": file.asked(), "rejected": file.rejected(),
                    "skipped": file.count(Verdict::Skipped), "unread": file.unread,
                    "came": file.listed().opened, "left": file.absent.left.len(), "absent_kept": file.absent.kept,
                    "commit": file.receipt.as_ref().map(|receipt| receipt.commit),
                    "seal": file.receipt.as_ref().map(|receipt| receipt.seal),
                    "layouts": file.layouts.iter().map(layout).collect::<Vec<_>>(),
                    "doubts": file.notes_of(Level::Doubt).count(),
                    "notes": file.notes_of(Level::Rejected).map(|note| note.message(say.lang)).collect::<Vec<_>>(),
                })
            })
            .collect();
        return say
            .value(&json!({ "dry_run": outcome.dry_run, "files": files, "times_us": times }));
    }
    for file in &outcome.files {
        let name = file.path.display();
        let (rows, opened, changed, closed) =
            (file.rows(), file.opened(), file.changed(), file.closed());
        let (unchanged, repeated, asked, rejected) = (
            file.unchanged(),
            file.repeated(),
            file.asked(),
            file.rejected(),
        );
        say.line(match (say.lang, outcome.dry_run) {
            (Lang::Zh, false) => format!("{name}：{rows} 行，新建 {opened}，变更 {changed}，销 {closed}，无变化 {unchanged}，重复 {repeated}，待核 {asked}，未导入 {rejected}"),
            (Lang::Zh, true) => format!("{name}：{rows} 行，将新建 {opened}，变更 {changed}，销 {closed}，无变化 {unchanged}，重复 {repeated}，待核 {asked}，不能导入 {rejected}（台账未改动）"),
            (Lang::En, false) => format!("{name}: {}, {opened} opened, {changed} changed, {closed} closed, {unchanged} unchanged, {repeated} repeated, {asked} asked, {rejected} rejected", counted(rows, "row", "rows")),
            (Lang::En, true) => format!("{name}: {}, would open {opened}, change {changed}, close {closed}, {unchanged} unchanged, {repeated} repeated, ask {asked}, {rejected} rejected (the ledger is as it was)", counted(rows, "row", "rows")),
        });
        tell_left_out(file, say);
        for line in understood(file, say.lang) {
            say.line(line);
        }
        tell_listed(file, say);
        for note in file.notes_of(Level::Rejected).take(TOLD) {
            say.line(format!("  {}", note.message(say.lang)));
        }
        tell_doubts(file, say);
    }
    Ok(())
}

/// The first of what was taken in and should be looked at.
fn tell_doubts(file: &FileOutcome, say: &Say) {
    let all = file.notes_of(Level::Doubt).count();
    if all == 0 {
        return;
    }
    say.line(match say.lang {
        Lang::Zh => format!("  {all} 处存疑，请核对"),
        Lang::En => format!("  {all} doubts, to be checked"),
    });
    for note in file.notes_of(Level::Doubt).take(DOUBTS_TOLD) {
        say.line(format!("    {}", note.message(say.lang)));
    }
    if all > DOUBTS_TOLD {
        say.line(match say.lang {
            Lang::Zh => "    其余见逐行结果（试导入 --dry-run 或 --result 写出）",
            Lang::En => {
                "    the others are in the row-by-row result, which --dry-run or --result writes"
            }
        });
    }
}

/// Rows that are no records, and sheets that weren't read.
fn tell_left_out(file: &FileOutcome, say: &Say) {
    let skipped = file.count(Verdict::Skipped);
    if skipped > 0 {
        say.line(match say.lang {
            Lang::Zh => format!("  另有 {skipped} 行不是记录（合计、说明、重复的表头等），未采用"),
            Lang::En => format!("  {skipped} more rows are no records (totals, remarks, the header again) and were left out"),
        });
    }
    if !file.unread.is_empty() {
        let sheets = file.unread.join(say.pick("、", ", "));
        say.line(match say.lang {
            Lang::Zh => format!("  没有表头、未读取的工作表：{sheets}"),
            Lang::En => format!("  sheets without a header, which weren't read: {sheets}"),
        });
    }
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

/// Who came and left, if the ledger keeps who is on the list.
fn tell_listed(file: &FileOutcome, say: &Say) {
    let (came, left, kept) = (
        file.listed().opened,
        file.absent.left.len(),
        file.absent.kept,
    );
    if came + left > 0 {
        say.line(match say.lang {
            Lang::Zh => format!("  名册上新增 {came} 人，不再在册 {left} 人"),
            Lang::En => format!("  {came} are new on the list, {left} no longer on it"),
        });
    }
    let why = match (file.absent.why, say.lang) {
        (Kept::MayBePart, Lang::Zh) => "名册可能不全。如确为全册，请加 --whole 再导入",
        (Kept::MayBePart, Lang::En) => {
            "since it may be a part; if it is whole, import it again with --whole"
        }
        (Kept::IsPart, Lang::Zh) => "按部分名册导入",
        (Kept::IsPart, Lang::En) => "since the list is a part",
    };
    if kept > 0 {
        say.line(match say.lang {
            Lang::Zh => format!("  {kept} 人不在这份名册上，未作离开处理：{why}"),
            Lang::En => format!("  {kept} are not on this list and were left as they are, {why}"),
        });
    }
}

/// What can be done next: answer what was asked, take back what was written.
fn go_on(outcome: &Outcome, dir: &Path, say: &Say) {
    let dir = dir.display();
    let asked: usize = outcome.files.iter().map(FileOutcome::asked).sum();
    if asked > 0 && !outcome.dry_run {
        say.line(match say.lang {
            Lang::Zh => format!("{asked} 行待核是谁：taizhang review {dir}，或在网页“待核”中办理"),
            Lang::En => format!(
                "{} to be told of whom: taizhang review {dir}, or the page Review",
                counted(asked, "row waits", "rows wait")
            ),
        });
    }
    // The last one first: what rests on another is taken back before it.
    let receipts = (outcome.files.iter().rev()).filter_map(|file| file.receipt.as_ref());
    for receipt in receipts {
        let commit = receipt.commit;
        say.line(super::receipt(receipt, say.lang));
        say.line(match say.lang {
            Lang::Zh => format!("如有误，可整批撤回：taizhang undo {dir} {commit}"),
            Lang::En => {
                format!("If this was wrong, take it back as a whole: taizhang undo {dir} {commit}")
            }
        });
    }
}

/// What was said of people who are no longer on the list.
fn absence(import: &Import) -> Absence {
    match (import.whole, import.part) {
        (true, _) => Absence::Left,
        (_, true) => Absence::Kept,
        _ => Absence::Guarded,
    }
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
