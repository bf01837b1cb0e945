//! `taizhang demo`: the whole main job on a generated street. Rosters are written as departments would send them, imported
//! as files, everyone is asked, the lists and the work report are written, and all of it is held against the street's truth.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use intake::{Level, Outcome, Request};
use jiff::{SignedDuration, Timestamp};
use kernel::{Grant, Lang, Period, Sensitivity, UnitCode};

use crate::arguments::Demo;
use crate::commands::{report, serve, sweep, town as generator};
use crate::failure::Failure;
use crate::folder::{Folder, grant};
use crate::lists::{Scope, save, sheets, write};
use crate::reading::{figures, read};
use crate::say::Say;
use crate::truth;

/// A file by which a folder is known to be a demo's own.
const MARKER: &str = "demo.txt";

/// The figures of the street report, and the share of empty households, in the order of the summary.
const FIGURES: &[&str] = &[
    "area",
    "communities",
    "population",
    "households",
    "women_15_49",
    "married_women_15_49",
    "migrants",
    "births",
    "deaths",
    "birth_rate",
    "natural_growth",
    "special_families",
    "double_unemployed_families",
    "unemployed_retired",
    "empty_households",
    "empty_household_share",
];

/// The demo's clock: every run records at the same moments, so that two runs give the same bytes.
struct Clock(Timestamp);

impl Clock {
    fn tick(&mut self) -> Timestamp {
        self.0 = self.0.saturating_add(SignedDuration::from_mins(1)).unwrap_or(self.0);
        self.0
    }
}

/// Runs the demo.
pub async fn run(demo: &Demo, say: &Say) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    prepare(&demo.data)?;
    let rosters = demo.data.join("rosters");
    let wish = generator::wish(demo.people, demo.seed, demo.people > 200_000);
    let written = generator::write(&wish, &rosters, say)?;
    let rows: u32 = written.files.iter().map(|file| file.rows).sum();
    let planted: usize = written.files.iter().map(|file| file.rejected as usize).sum();
    say.line(match say.lang {
        Lang::Zh => format!("一、生成街道：{} 个文件、{} 行（{}）", written.files.len(), rows, seconds(started)),
        Lang::En => format!("1. Generated the street: {} files, {} rows ({})", written.files.len(), rows, seconds(started)),
    });
    let mut clock = Clock("2026-01-05T01:00:00Z".parse().map_err(|error| Failure::io("clock", error))?);
    let importing = Instant::now();
    let (folder, rejected) = import_all(&demo.data, &written, wish.on, &mut clock, say).await?;
    say.line(match say.lang {
        Lang::Zh => format!("二、导入全部名册：{rejected} 行有误未导入，逐行说明在 results/（{}）", seconds(importing)),
        Lang::En => format!("2. Imported every roster: {rejected} faulty rows left out, each explained in results/ ({})", seconds(importing)),
    });
    let well = results(demo, &folder, &rosters, wish.on, rejected, planted, &mut clock, say).await?;
    say.line(match say.lang {
        Lang::Zh => format!("全部用时 {}。", seconds(started)),
        Lang::En => format!("{} in all.", seconds(started)),
    });
    if demo.no_serve {
        return Ok(super::code(well));
    }
    serve::pages(&folder, wish.on, demo.port, say).await
}

fn seconds(since: Instant) -> String {
    let tenths = since.elapsed().max(Duration::from_millis(1)).as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// Makes the folder, or clears one that an earlier demo made; anybody else's folder is left alone.
fn prepare(data: &Path) -> Result<(), Failure> {
    let used = fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_some());
    if used && !data.join(MARKER).exists() {
        return Err(Failure::new(
            format!("文件夹 {} 里有别的文件；请用 --data 指定一个新文件夹", data.display()),
            format!("the folder {} holds other files; name a new one with --data", data.display()),
        ));
    }
    for part in ["rosters", "ledger", "results"] {
        let path = data.join(part);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|error| Failure::io(&path, error))?;
        }
    }
    fs::create_dir_all(data.join("results")).map_err(|error| Failure::io(data, error))?;
    save(&data.join(MARKER), "A generated street; nobody in it exists. 模拟街道，人物均为虚构。\n".as_bytes())
}

async fn import_all(data: &Path, written: &town::Written, on: jiff::civil::Date, clock: &mut Clock, say: &Say) -> Result<(Folder, usize), Failure> {
    let folder = Folder::create(&data.join("ledger"), "national", say).await?;
    let root: UnitCode = written.files.first().map_or("", |file| &file.unit).parse()?;
    let grant = Grant { who: "demo".into(), ..grant(root, Sensitivity::ALL, "demo") };
    folder.ledger.open_book(root, clock.tick(), &grant).await?;
    let mut rejected = 0;
    let bar = say.bar(written.files.len() as u64, say.pick("正在导入", "importing"));
    for file in &written.files {
        let request = Request {
            roster: file.roster.to_owned(),
            unit: file.unit.parse()?,
            files: vec![data.join("rosters").join(&file.path)],
            on,
            recorded_at: clock.tick(),
            actor: "demo".into(),
            grant: grant.clone(),
            dry_run: false,
            lang: say.lang,
        };
        let outcome = intake::import(&folder.ledger, &folder.pack, &request, &mut |_| {}).await?;
        bar.inc(1);
        if outcome.rejected() > 0 {
            rejected += outcome.rejected();
            save(&data.join("results").join(format!("{}-{}.xlsx", file.roster, file.unit)), &outcome.workbook()?)?;
            first_rejected(&outcome, say);
        }
    }
    bar.finish_and_clear();
    Ok((folder, rejected))
}

/// In a log for whoever looks closer: one row of each file that was not taken.
fn first_rejected(outcome: &Outcome, say: &Say) {
    for file in &outcome.files {
        if let Some(note) = file.notes_of(Level::Rejected).next() {
            tracing::info!("{}: {}", file.path.display(), note.message(say.lang));
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "the last step takes what every step before it made")]
async fn results(
    demo: &Demo,
    folder: &Folder,
    rosters: &Path,
    on: jiff::civil::Date,
    rejected: usize,
    planted: usize,
    clock: &mut Clock,
    say: &Say,
) -> Result<bool, Failure> {
    let asking = Instant::now();
    let root = folder.root().await?;
    let reading = read(folder, on, None, clock.tick(), say).await?;
    say.line(match say.lang {
        Lang::Zh => format!("三、逐人核对（{on}，{}）", seconds(asking)),
        Lang::En => format!("3. Asked every programme of everyone ({on}, {})", seconds(asking)),
    });
    sweep::tell(&reading, say)?;
    let compared = truth::compare(&rosters.join("truth.csv"), &reading).await?;
    for difference in compared.differences.iter().take(20) {
        say.line(format!("  ! {difference}"));
    }
    say.line(match say.lang {
        Lang::Zh => format!("   与真值比对：{} 个结论，{} 处不同；错行 {rejected}，植入 {planted}", compared.answers, compared.differences.len()),
        Lang::En => format!("   Against the truth: {} answers, {} differ; {rejected} rows rejected, {planted} planted", compared.answers, compared.differences.len()),
    });
    let period = Period::year_of(on);
    let grant = grant(root, &[], "demo");
    let scope = Scope { unit: root, grant: &grant, period: &period, lang: say.lang };
    let lists = demo.data.join("results").join("lists.xlsx");
    write(&lists, &sheets(folder, &reading, &scope, clock.tick()).await?)?;
    let document = demo.data.join("results").join("report.docx");
    let signed = on.saturating_add(jiff::Span::new().days(5));
    report::write(folder, "street-yearly", root, &period, signed, &document, clock.tick(), say).await?;
    say.line(match say.lang {
        Lang::Zh => format!("四、名单 {}，工作总结 {}", lists.display(), document.display()),
        Lang::En => format!("4. Lists in {}, work report in {}", lists.display(), document.display()),
    });
    let mut figures = figures(folder, &grant, &period, clock.tick(), say).await?;
    let mut rows = Vec::new();
    for id in FIGURES {
        let indicator = figures.declared(id)?;
        let figure = figures.figure(id).await?;
        rows.push(vec![indicator.name.get(say.lang).to_owned(), figure.shown, indicator.unit.get(say.lang).to_owned()]);
    }
    say.line(match say.lang {
        Lang::Zh => format!("五、{} 指标", period.label(say.lang)),
        Lang::En => format!("5. Figures of {}", period.label(say.lang)),
    });
    say.table(&[say.pick("指标", "Indicator"), say.pick("数值", "Value"), say.pick("单位", "Unit")], &rows);
    Ok(compared.differences.is_empty() && rejected == planted)
}
