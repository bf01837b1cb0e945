//! `taizhang demo`: the whole main job on a generated street, township, district or town. Rosters are written as departments would
//! send them, imported as files, everyone is asked, the lists and the work report are written, and all of it is held against the
//! place's truth.

mod recipes;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use intake::{Level, Outcome, Request};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kernel::{Fen, Grant, Lang, Period, UnitCode};
use office::gaps::Gaps;
use office::{OwedAsked, Settled};
use pack::DemoPlace;
use serde::Serialize;
use tables::AsOf;

use crate::arguments::Demo;
use crate::commands::{report, serve, town as generator};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::lists::{Scope, save, sheets, write};
use crate::people::People;
use crate::private;
use crate::reading::{Reading, office, read};
use crate::say::Say;
use crate::truth::{self, Comparison};

/// A file by which a folder is known to be a demo's own.
const MARKER: &str = "demo.txt";

/// More people than this are of a district, in files that are read faster.
const WIDE: u32 = 200_000;

/// The figures of the street report and of the benefits of the bureau's, and the share of empty households, in the order of the
/// summary.
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
    "rural_support_paid",
    "special_support_paid",
    "empty_households",
    "empty_household_share",
];

/// The demo's clock: every run records at the same moments, so that two runs give the same bytes.
struct Clock(Timestamp);

impl Clock {
    fn tick(&mut self) -> Timestamp {
        self.0 = self
            .0
            .saturating_add(SignedDuration::from_mins(1))
            .unwrap_or(self.0);
        self.0
    }
}

/// Runs the demo.
pub async fn run(demo: &Demo, say: &Say) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    prepare(&demo.data)?;
    let rosters = demo.data.join("rosters");
    let mut wish = generator::wish(demo.place, (demo.people, demo.seed), false);
    let wide = wish.people > WIDE;
    if wide {
        wish.format = town::Format::Csv;
    }
    let place = demo.place.label(say.lang);
    let written = generator::write(&wish, &rosters, say)?;
    let rows: u32 = written.files.iter().map(|file| file.rows).sum();
    let planted: usize = written
        .files
        .iter()
        .map(|file| file.rejected as usize)
        .sum();
    say.line(match say.lang {
        Lang::Zh => format!(
            "一、生成{place}：{} 个文件、{} 行（{}）",
            written.files.len(),
            rows,
            seconds(started)
        ),
        Lang::En => format!(
            "1. Generated the {place}: {} files, {} rows ({})",
            written.files.len(),
            rows,
            seconds(started)
        ),
    });
    let mut clock = Clock(
        "2026-01-05T01:00:00Z"
            .parse()
            .map_err(|error| Failure::io("clock", error))?,
    );
    let importing = Instant::now();
    let (folder, rejected) = import_all(demo, &written, wish.on, &mut clock, say).await?;
    say.line(match say.lang {
        Lang::Zh => format!("二、导入全部名册：{rejected} 行有误未导入，逐行说明在 results/（{}）", seconds(importing)),
        Lang::En => format!("2. Imported every roster: {rejected} faulty rows left out, each explained in results/ ({})", seconds(importing)),
    });
    // Recipes are of one place; beyond, a district of many streets is made, and its people only.
    let sent = match wide {
        true => recipes::Sent::default(),
        false => fill(demo, &folder, wish.on, &mut clock, say).await?,
    };
    let rejected = rejected + sent.rejected;
    let compared = ask(demo, &folder, wish.on, &mut clock, say).await?;
    let (figures, mut wrong_figures) = count(
        (demo, &folder, wish),
        &written.truth.figures,
        &mut clock,
        say,
    )
    .await?;
    wrong_figures.extend(owed_otherwise(&folder, wish.on, &written.owed, &mut clock, say).await?);
    let books = folder.ledger.books().await?;
    let summary = Summary {
        rows,
        rejected,
        planted,
        answers: compared.answers,
        differences: compared.differences,
        figures,
        wrong_figures,
        heads: books
            .into_iter()
            .map(|book| (book.unit.to_string(), book.hash.to_string()))
            .collect(),
    };
    conclude(&summary, started, say)?;
    if demo.no_serve {
        return Ok(super::code(summary.is_well()));
    }
    serve::pages(&folder, wish.on, demo.port, say).await
}

fn conclude(summary: &Summary, started: Instant, say: &Say) -> Result<(), Failure> {
    if say.json {
        return say.value(summary);
    }
    let differ = summary.differences.len() + summary.wrong_figures.len();
    say.line(match say.lang {
        Lang::Zh => format!(
            "与真值比对：{} 个结论和全部指标，{differ} 处不同；有误的行 {}，植入 {}。全部用时 {}。",
            summary.answers, summary.rejected, summary.planted, seconds(started)
        ),
        Lang::En => format!(
            "Against the truth: {} answers and every figure, {differ} differ; {} rows rejected, {} planted. {} in all.",
            summary.answers, summary.rejected, summary.planted, seconds(started)
        ),
    });
    Ok(())
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
            format!(
                "文件夹 {} 里有别的文件；请用 --data 指定一个新文件夹",
                data.display()
            ),
            format!(
                "the folder {} holds other files; name a new one with --data",
                data.display()
            ),
        ));
    }
    for part in ["rosters", "ledger", "results"] {
        let path = data.join(part);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|error| Failure::io(&path, error))?;
        }
    }
    private::folder(data).map_err(|error| Failure::io(data, error))?;
    fs::create_dir_all(data.join("results")).map_err(|error| Failure::io(data, error))?;
    save(
        &data.join(MARKER),
        "A generated place; nobody in it exists. 模拟的地方，人物均为虚构。\n".as_bytes(),
    )
}

async fn import_all(
    demo: &Demo,
    written: &town::Written,
    on: Date,
    clock: &mut Clock,
    say: &Say,
) -> Result<(Folder, usize), Failure> {
    let data = &demo.data;
    let folder = Folder::create(
        &data.join("ledger"),
        &demo.pack,
        ledger::Algorithm::Sha256,
        say,
    )
    .await?;
    let root = root_of(written)?;
    let grant = Grant::whole(&say.who, root, "demo");
    folder.ledger.open_book(root, clock.tick(), &grant).await?;
    intake::found(&folder.tables, &grant, (root, on), clock.tick()).await?;
    let mut rejected = 0;
    let bar = say.bar(
        written.files.len() as u64,
        say.pick("正在导入", "importing"),
    );
    for file in &written.files {
        let request = Request {
            roster: file.roster.to_owned(),
            // The list of units speaks of all of them, and in a small place so do those of births, of which a village has hardly one a
            // year; every other list of its community.
            unit: if file.roster == "units"
                || file.roster == "births" && demo.place != DemoPlace::Street
            {
                root
            } else {
                file.unit.parse()?
            },
            files: vec![data.join("rosters").join(&file.path).into()],
            on,
            recorded_at: clock.tick(),
            grant: grant.clone(),
            dry_run: false,
            // A list without rows says that there is nobody, and one of who is paid is of all programmes.
            absence: match (file.rows, file.roster) {
                (0, _) | (_, "benefits") => intake::Absence::Left,
                _ => intake::Absence::default(),
            },
            told: std::collections::BTreeMap::new(),
            lang: say.lang,
        };
        let outcome = intake::import(&folder.tables, &request, &mut |_| {}).await?;
        bar.inc(1);
        if outcome.rejected() > 0 {
            rejected += outcome.rejected();
            save(
                &data
                    .join("results")
                    .join(format!("{}-{}.xlsx", file.roster, file.unit)),
                &outcome.workbook()?,
            )?;
            first_rejected(&outcome, say);
        }
    }
    bar.finish_and_clear();
    Ok((folder, rejected))
}

/// Fills the ledgers of everything but people, as the pack says.
async fn fill(
    demo: &Demo,
    folder: &Folder,
    on: Date,
    clock: &mut Clock,
    say: &Say,
) -> Result<recipes::Sent, Failure> {
    let started = Instant::now();
    let root = folder.root().await?;
    let grant = Grant::whole(&say.who, root, "demo");
    let sender = recipes::Sender {
        folder,
        data: &demo.data,
        place: demo.place,
        on,
        root,
        grant: &grant,
    };
    let sent = recipes::fill(&sender, clock, say).await?;
    let (lists, rows, took) = (sent.lists, sent.rows, seconds(started));
    if lists > 0 {
        say.line(match say.lang {
            Lang::Zh => format!("　　各项工作台账：{lists} 份、{rows} 行（{took}）"),
            Lang::En => format!("   The other ledgers: {lists} lists, {rows} rows ({took})"),
        });
    }
    Ok(sent)
}

/// The unit all files are under: the street, or the district of several.
fn root_of(written: &town::Written) -> Result<UnitCode, Failure> {
    let mut root: UnitCode = written
        .files
        .first()
        .map_or("", |file| &file.unit)
        .parse()?;
    for file in &written.files {
        let unit: UnitCode = file.unit.parse()?;
        while !root.contains(&unit) {
            let Some(parent) = root.parent() else { break };
            root = parent;
        }
    }
    Ok(root)
}

/// In a log for whoever looks closer: one row of each file that was not taken.
fn first_rejected(outcome: &Outcome, say: &Say) {
    for file in &outcome.files {
        if let Some(note) = file.notes_of(Level::Rejected).next() {
            tracing::info!("{}: {}", file.path.display(), note.message(say.lang));
        }
    }
}

/// What the demo found, for people and for programs.
#[derive(Serialize)]
struct Summary {
    rows: u32,
    rejected: usize,
    planted: usize,
    answers: usize,
    differences: Vec<String>,
    figures: BTreeMap<String, String>,
    wrong_figures: Vec<String>,
    heads: BTreeMap<String, String>,
}

impl Summary {
    fn is_well(&self) -> bool {
        self.differences.is_empty()
            && self.wrong_figures.is_empty()
            && self.rejected == self.planted
    }
}

/// Asks everyone, holds the answers against the truth, and writes lists and report.
async fn ask(
    demo: &Demo,
    folder: &Folder,
    on: Date,
    clock: &mut Clock,
    say: &Say,
) -> Result<Comparison, Failure> {
    let asking = Instant::now();
    let root = folder.root().await?;
    let reading = read(folder, on, None, clock.tick(), say).await?;
    let truth = demo.data.join("rosters").join("truth.csv");
    let compared = truth::compare(&truth, &reading, say).await?;
    say.line(match say.lang {
        Lang::Zh => format!(
            "三、逐人核对（{on}，{}）。名单人数：核对结果/真值",
            seconds(asking)
        ),
        Lang::En => format!(
            "3. Asked every programme of everyone ({on}, {}). Sizes of lists: found/truth",
            seconds(asking)
        ),
    });
    tell_lists(&reading, &compared, say);
    for difference in compared.differences.iter().take(20) {
        say.line(format!("  ! {difference}"));
    }
    let period = Period::year_of(on);
    let grant = folder.admit(&[], ("demo", "demo"), clock.tick()).await?;
    let scope = Scope {
        unit: root,
        grant: &grant,
        period: &period,
        lang: say.lang,
    };
    let lists = demo.data.join("results").join("lists.xlsx");
    write(
        &lists,
        &sheets(folder, &reading, &scope, clock.tick()).await?,
    )?;
    let document = demo.data.join("results").join("report.docx");
    let signed = on.saturating_add(jiff::Span::new().days(5));
    let template = format!("{}-yearly", demo.place.id());
    let template = folder.pack.reports.iter().find(|own| own.id == template);
    if let Some(template) = template {
        let at = clock.tick();
        // Whatever a place lacks is marked in it.
        let of = (template, root, &period);
        let file = report::compose(folder, of, (signed, Gaps::Mark), at, say.lang).await?;
        save(&document, &file)?;
    }
    let (lists, document) = (lists.display(), document.display());
    say.line(match (say.lang, template.is_some()) {
        (Lang::Zh, true) => format!("四、名单 {lists}，工作总结 {document}"),
        (Lang::Zh, false) => format!("四、名单 {lists}"),
        (Lang::En, true) => format!("4. Lists in {lists}, work report in {document}"),
        (Lang::En, false) => format!("4. Lists in {lists}"),
    });
    Ok(compared)
}

fn tell_lists(reading: &Reading, compared: &Comparison, say: &Say) {
    let rows: Vec<Vec<String>> = (reading.sweep.programmes())
        .map(|programme| {
            let counts = reading.sweep.counts(&programme.id);
            let mut row = vec![
                programme.name.get(say.lang).to_owned(),
                counts.entitled.to_string(),
            ];
            let sizes = compared
                .lists
                .get(&programme.id)
                .map_or(&[][..], Vec::as_slice);
            row.extend(
                sizes
                    .iter()
                    .map(|(found, truth)| format!("{found}/{truth}")),
            );
            row
        })
        .collect();
    let header = match say.lang {
        Lang::Zh => ["项目", "符合", "应享未享", "在享不再符合", "待核实"],
        Lang::En => [
            "Programme",
            "Entitled",
            "Missed",
            "No longer",
            "To find out",
        ],
    };
    say.table(&header, &rows);
}

/// Asks what each child is owed of the childcare subsidy for the year, and tells where that isn't the truth.
async fn owed_otherwise(
    folder: &Folder,
    on: Date,
    truth: &BTreeMap<String, i64>,
    clock: &mut Clock,
    say: &Say,
) -> Result<Vec<String>, Failure> {
    let admitted = folder.admit(&[], ("demo", "demo"), clock.tick()).await?;
    let at = clock.tick();
    let view = office(folder, on, move || at).await?.seen_by(admitted);
    let programme = town::TownProgramme::Childcare.id();
    let wanted = (None, Some(programme), OwedAsked::Settled(Settled::Owed));
    let rows = view
        .owed_rows(Period::year_of(on), wanted, (0, usize::MAX))
        .await?;
    let session = folder.tables.evaluation(AsOf::on(on), "demo", at).await?;
    let people = People::read(&session).await?;
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows.unwrap_or_default().0 {
        let number = people
            .find(row.row.record)
            .map(|(_, number)| number.clone());
        found.insert(number.unwrap_or_default(), row.sum.fen.0);
    }
    let all: BTreeSet<&String> = found.keys().chain(truth.keys()).collect();
    let differ = all
        .iter()
        .filter(|number| found.get(**number) != truth.get(**number));
    let (children, sum) = (found.len(), Fen(found.values().sum()));
    say.line(match say.lang {
        Lang::Zh => format!("　　育儿补贴应补 {children} 人、{sum} 元"),
        Lang::En => format!("   Childcare subsidy owed to {children} children: {sum} yuan"),
    });
    let told = differ.map(|number| {
        let yuan =
            |of: Option<&i64>| of.map_or_else(|| "0".to_owned(), |fen| Fen(*fen).to_string());
        let (number_masked, got, due) = (
            kernel::mask::id(number),
            yuan(found.get(*number)),
            yuan(truth.get(*number)),
        );
        match say.lang {
            Lang::Zh => format!("应补 {number_masked}：{got}，应为 {due}"),
            Lang::En => format!("owed to {number_masked}: {got} instead of {due}"),
        }
    });
    Ok(told.collect())
}

/// Counts the figures and holds those the town knows against it.
async fn count(
    (demo, folder, wish): (&Demo, &Folder, town::Wish),
    truth: &town::TownFigures,
    clock: &mut Clock,
    say: &Say,
) -> Result<(BTreeMap<String, String>, Vec<String>), Failure> {
    let on = wish.on;
    // Figures that the pack knows beforehand are those of places as large as they are by themselves.
    let usual = wish.setting.people();
    let of_reports = wish.people == usual;
    let period = Period::year_of(on);
    let admitted = folder.admit(&[], ("demo", "demo"), clock.tick()).await?;
    let at = clock.tick();
    let office = office(folder, on, move || at).await?;
    let root = office.root;
    let view = office.seen_by(admitted);
    let sheet = view.board(period, root).await?;
    let ids: Vec<String> = FIGURES.iter().map(|id| (*id).to_owned()).collect();
    sheet.prepare(&ids).await?;
    let (mut rows, mut shown, mut wrong) = (Vec::new(), BTreeMap::new(), Vec::new());
    for id in FIGURES {
        let figure = sheet.figure(id).await?;
        let shown_as = figure.shown(say.lang);
        let Some(indicator) = folder.pack.indicator(id) else {
            continue;
        };
        let truth = known(truth, id);
        let agrees = truth.is_none_or(|truth| {
            let is_it =
                |value: office::Exact| i128::from(truth) * value.denominator == value.numerator;
            figure.is_whole() && figure.value.is_some_and(is_it)
        });
        if !agrees {
            let name = indicator.name.get(say.lang);
            let truth = truth.unwrap_or_default();
            wrong.push(match say.lang {
                Lang::Zh => format!("{name}：{shown_as}，应为 {truth}"),
                Lang::En => format!("{name}: {shown_as} instead of {truth}"),
            });
        }
        rows.push(vec![
            indicator.name.get(say.lang).to_owned(),
            shown_as.clone(),
            indicator.unit.get(say.lang).to_owned(),
        ]);
        shown.insert((*id).to_owned(), shown_as);
    }
    say.line(match say.lang {
        Lang::Zh => format!("五、{}指标", period.label(say.lang)),
        Lang::En => format!("5. Figures of {}", period.label(say.lang)),
    });
    say.table(
        &[
            say.pick("指标", "Indicator"),
            say.pick("数值", "Value"),
            say.pick("单位", "Unit"),
        ],
        &rows,
    );
    let known = recipes::compare(&view, demo.place, say).await?;
    if !known.rows.is_empty() {
        say.line(match (say.lang, of_reports) {
            (Lang::Zh, true) => format!("六、各项工作：{} 个事先可知的数", known.rows.len()),
            (Lang::En, true) => format!(
                "6. The other ledgers: {} figures known beforehand",
                known.rows.len()
            ),
            (Lang::Zh, false) => format!(
                "六、各项工作（真值属于 {usual} 人的{}）",
                demo.place.label(say.lang)
            ),
            (Lang::En, false) => {
                format!("6. The other ledgers (the truth is that of {usual} people)")
            }
        });
        let headings = match say.lang {
            Lang::Zh => ["指标", "期间", "数值", "真值", "单位"],
            Lang::En => ["Indicator", "Period", "Value", "Truth", "Unit"],
        };
        say.table(&headings, &known.rows);
    }
    if of_reports {
        wrong.extend(known.wrong);
    }
    for figure in &wrong {
        say.line(format!("  ! {figure}"));
    }
    Ok((shown, wrong))
}

/// The town's own count for an indicator; it calls one of them otherwise.
fn known(truth: &town::TownFigures, indicator: &str) -> Option<u64> {
    let name = match indicator {
        "double_unemployed_families" => "double_unemployed_couples",
        other => other,
    };
    truth.get(name).copied()
}
