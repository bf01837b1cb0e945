//! The lists of a sweep as a workbook, CSV or JSON: who, since when, why, and what to find out. What the grant does not
//! reveal comes masked from the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kernel::{Lang, Period, UnitCode};
use ledger::Admitted;
use office::UnitNames;
use pack::Programme;
use programmes::{Due, LedgerDays, Listed, Standing};
use reports::list::{Kind, ListCell, ListColumn, ListSheet, to_json, write_csv, write_xlsx};
use tables::AsOf;

use crate::failure::Failure;
use crate::folder::Folder;
use crate::people::People;
use crate::private;
use crate::reading::{Reading, units};

/// What stands in a list besides the answers.
pub struct Scope<'a> {
    /// Whose books.
    pub unit: UnitCode,
    /// For whom the list is.
    pub grant: &'a Admitted,
    /// The period amounts are given for.
    pub period: &'a Period,
    /// Its language.
    pub lang: Lang,
}

/// One sheet per programme, each with everyone missed, no longer entitled, or to find out.
pub async fn sheets(
    folder: &Folder,
    reading: &Reading,
    scope: &Scope<'_>,
    at: jiff::Timestamp,
) -> Result<Vec<ListSheet>, Failure> {
    let session = folder
        .tables
        .session(scope.grant, AsOf::on(reading.sweep.as_of.on))
        .await?;
    let names = units(folder, scope.grant, reading.sweep.as_of.on, at).await?;
    let people = People::read(&session).await?;
    let swept: Vec<String> = (reading.sweep.programmes())
        .map(|programme| programme.id.clone())
        .collect();
    let days = LedgerDays {
        tables: &folder.tables,
        known: reading.sweep.as_of.known,
        why: "lists",
        at,
    };
    let sees = |book: &str| {
        book.parse::<UnitCode>()
            .is_ok_and(|book| scope.unit.contains(&book) && scope.grant.sees(&book))
    };
    // Amounts are worked out for whom they are shown of.
    let mut missed: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for (programme, lists) in &reading.lists {
        let of = lists.of(Standing::Missed);
        let seen = of.filter(|listed| sees(&listed.unit));
        let subjects = seen.filter_map(|listed| listed.subject);
        missed.insert(programme, subjects.collect());
    }
    let wanted = |programme: &str, subject: i64| {
        let missed = missed.get(programme);
        missed.is_some_and(|missed| missed.contains(&subject))
    };
    let period = scope.period;
    let amounts = programmes::amounts(&days, &folder.pack, &swept, period, &wanted).await?;
    let mut sheets = Vec::new();
    for programme in reading.sweep.programmes() {
        let Some(lists) = reading.lists.get(&programme.id) else {
            continue;
        };
        let lists = lists.within(sees);
        let none = Vec::new();
        let due = amounts.get(&programme.id).unwrap_or(&none);
        let mut rows = Vec::new();
        let told = Standing::of(programme).iter().copied();
        let told: Vec<Standing> = told.filter(|own| *own != Standing::Served).collect();
        for standing in told.iter().copied() {
            for listed in lists.of(standing) {
                rows.push(row(
                    folder, programme, listed, &people, &names, due, scope.lang,
                ));
            }
        }
        let count = |standing: &Standing| {
            format!(
                "{} {}",
                standing.name(programme, scope.lang),
                lists.count(*standing)
            )
        };
        let counts: Vec<String> = told.iter().map(count).collect();
        sheets.push(ListSheet {
            name: programme.name.get(scope.lang).to_owned(),
            title: programme.name.get(scope.lang).to_owned(),
            note: vec![format!(
                "{}  {}",
                kernel::date::label(reading.sweep.as_of.on, scope.lang),
                counts.join("  ")
            )],
            columns: columns(scope.lang, scope.period),
            rows,
        });
    }
    Ok(sheets)
}

fn columns(lang: Lang, period: &Period) -> Vec<ListColumn> {
    let column = |id: &str, zh: &str, en: &str, kind, width| ListColumn {
        id: id.into(),
        header: if lang == Lang::Zh {
            zh.into()
        } else {
            en.into()
        },
        kind,
        width: Some(width),
    };
    vec![
        column("list", "名单", "List", Kind::Text, 14),
        column("name", "姓名", "Name", Kind::Text, 14),
        column("id_number", "公民身份号码", "ID number", Kind::Text, 22),
        column("unit", "单位", "Unit", Kind::Text, 16),
        column("reason", "说明", "Why", Kind::Text, 60),
        column(
            "amount",
            &format!("{}应发（元）", period.label(Lang::Zh)),
            &format!("Due for {period} (yuan)"),
            Kind::Fen,
            16,
        ),
        column("record", "记录号", "Record", Kind::Text, 14),
    ]
}

/// What must be known beside an amount: that it merely illustrates, and that steps of it can't be told.
fn caution(due: &Due, lang: Lang) -> Option<String> {
    let mut words = String::new();
    if due.sum().illustrative {
        words += match lang {
            Lang::Zh => "；金额按示例标准计算，不得据以发放",
            Lang::En => "; the amount is illustrative and can't be paid",
        };
    }
    match (due.untold(), lang) {
        (0, _) => {}
        (steps, Lang::Zh) => words += &format!("；另有 {steps} 期无法判断，未计入"),
        (steps, Lang::En) => words += &format!("; {steps} more can't be told and aren't counted"),
    }
    (!words.is_empty()).then_some(words)
}

fn row(
    folder: &Folder,
    programme: &Programme,
    listed: &Listed,
    people: &People,
    units: &UnitNames,
    due: &[Due],
    lang: Lang,
) -> Vec<ListCell> {
    let each = |of: fn(&(String, String)) -> &str| {
        let parts: Vec<&str> = listed
            .people
            .iter()
            .filter_map(|person| people.find(*person))
            .map(of)
            .collect();
        ListCell::Text(parts.join(if lang == Lang::Zh { "、" } else { ", " }))
    };
    let due = (listed.standing == Standing::Missed)
        .then(|| {
            let at = due.binary_search_by_key(&listed.subject?, |due| due.subject);
            due.get(at.ok()?)
        })
        .flatten();
    vec![
        ListCell::Text(listed.standing.name(programme, lang).to_owned()),
        each(|(name, _)| name),
        each(|(_, id)| id),
        ListCell::Text(units.name(&listed.unit)),
        ListCell::Text(match due.and_then(|due| caution(due, lang)) {
            Some(caution) => format!("{}{caution}", reason(folder, programme, listed, lang)),
            None => reason(folder, programme, listed, lang),
        }),
        due.map_or(ListCell::Empty, |due| ListCell::Fen(due.sum().fen.0)),
        ListCell::Text(
            listed
                .people
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" "),
        ),
    ]
}

/// Why somebody stands on a list, in a clerk's words.
pub fn reason(folder: &Folder, programme: &Programme, listed: &Listed, lang: Lang) -> String {
    let join = |parts: Vec<&str>| parts.join(if lang == Lang::Zh { "；" } else { "; " });
    let said = |zh: &str, en: &str, rest: String| match lang {
        Lang::Zh => format!("{zh}{rest}"),
        Lang::En => format!("{en}{rest}"),
    };
    match listed.standing {
        Standing::Missed => said(
            "全部条件符合，未在享受名册",
            "meets every condition, is on no benefit list",
            String::new(),
        ),
        Standing::Served => said(
            "全部条件符合，已在享受名册",
            "meets every condition, is on the benefit list",
            String::new(),
        ),
        Standing::NoLonger if listed.subject.is_none() => said(
            "名册上的人已不是该项目的对象",
            "is no subject of the programme any more",
            String::new(),
        ),
        Standing::Unlisted => said(
            "全部条件符合，享受名册未到，是否在享不明",
            "meets every condition; no benefit list tells whether they are on one",
            String::new(),
        ),
        Standing::Waits => {
            let subject = folder.pack.subject(&programme.subject);
            let facts = (listed.waits.iter())
                .filter_map(|id| subject.and_then(|subject| subject.fact(id)))
                .map(|fact| fact.name.get(lang))
                .collect();
            said("待名册：", "waiting for lists: ", join(facts))
        }
        Standing::Holds => said("全部条件符合", "meets every condition", String::new()),
        Standing::NoLonger | Standing::Fails => {
            let failed = listed
                .failed
                .iter()
                .filter_map(|nth| programme.conditions.get(*nth))
                .map(|condition| condition.name.get(lang))
                .collect();
            match listed.standing {
                Standing::Fails => said("不符合：", "doesn't hold: ", join(failed)),
                _ => said("不再符合：", "no longer holds: ", join(failed)),
            }
        }
        Standing::ToFindOut => {
            let subject = folder.pack.subject(&programme.subject);
            let asks = (listed.missing.iter())
                .filter_map(|id| subject.and_then(|subject| subject.fact(id)))
                .map(|fact| fact.ask.as_ref().unwrap_or(&fact.name).get(lang))
                .collect();
            join(asks)
        }
    }
}

/// Writes sheets as the file's ending says.
pub fn write(path: &Path, sheets: &[ListSheet]) -> Result<(), Failure> {
    let bytes = match path.extension().and_then(|ending| ending.to_str()) {
        Some("xlsx") => write_xlsx(sheets)?,
        Some("json") => to_json(sheets)?.into_bytes(),
        Some("csv") => match sheets {
            [one] => write_csv(one)?,
            _ => {
                return Err(Failure::new(
                    "CSV 只能放一个项目的名单；请加 --programme，或写成 .xlsx",
                    "a CSV holds the list of one programme; add --programme, or write .xlsx",
                ));
            }
        },
        _ => {
            return Err(Failure::new(
                format!(
                    "不认识 {} 的文件类型；请用 .xlsx、.csv 或 .json",
                    path.display()
                ),
                format!(
                    "the kind of file {} is not known; use .xlsx, .csv or .json",
                    path.display()
                ),
            ));
        }
    };
    save(path, &bytes)
}

/// Whether a file can be written here; its folder is made.
pub fn can_save(path: &Path) -> Result<(), Failure> {
    let part = part_of(path)?;
    private::write(&part, &[])
        .and_then(|()| std::fs::remove_file(&part))
        .map_err(|error| Failure::io(path, error))
}

/// Writes a file whole or not at all.
pub fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let part = part_of(path)?;
    private::write(&part, bytes)
        .and_then(|()| std::fs::rename(&part, path))
        .map_err(|error| Failure::io(path, error))
}

/// The file something is written to before it takes the place of another, in a folder that is there.
fn part_of(path: &Path) -> Result<PathBuf, Failure> {
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        std::fs::create_dir_all(parent).map_err(|error| Failure::io(parent, error))?;
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    Ok(path.with_file_name(name))
}
