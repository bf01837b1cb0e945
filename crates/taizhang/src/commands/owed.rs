//! `taizhang owed`

use std::process::ExitCode;

use jiff::civil::Date;
use kernel::Lang;
use office::{OwedAsked, OwedSum, Settled};
use serde_json::json;

use crate::arguments::Owed;
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::reading::office;
use crate::say::Say;

/// The most rows given to a program.
const MOST: usize = 1_000_000;

/// Tells what is owed over a period, and what else isn't settled.
pub async fn run(owed: &Owed, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&owed.dir, say).await?;
    let until = owed.on.unwrap_or_else(|| last_day(owed.period.end()));
    let root = folder.root().await?;
    let unit = match &owed.unit {
        Some(unit) => Some(folder.known(unit, until).await?),
        None => None,
    };
    let admitted = folder
        .admit_to_all(unit.unwrap_or(root), &[], ("owed", "owed"), now())
        .await?;
    let view = office(&folder, until, now).await?.seen_by(admitted);
    let working = say.working(say.pick("正在逐期核算", "asking step by step"));
    let sheet = view.owed(owed.period, unit).await?;
    working.finish_and_clear();
    let Some(sheet) = sheet else {
        return Ok(ExitCode::SUCCESS);
    };
    if say.json {
        let owed_to = OwedAsked::Settled(Settled::Owed);
        let wanted = (unit, None, owed_to);
        let rows = view.owed_rows(owed.period, wanted, (0, MOST)).await?;
        let rows = rows.unwrap_or_default().0;
        let rows: Vec<_> = (rows.iter())
            .map(|row| {
                let steps = row.steps.iter().map(|step| {
                    json!({ "period": step.period.to_string(), "on": step.on.to_string(), "fen": step.amount.map(|amount| amount.fen.0) })
                });
                json!({
                    "programme": row.row.programme, "record": row.row.record, "unit": row.row.listed.unit, "no_more": row.no_more,
                    "fen": row.sum.fen.0, "illustrative_fen": row.sum.illustrative.0, "untold": row.sum.untold, "steps": steps.collect::<Vec<_>>(),
                })
            })
            .collect();
        let programmes: Vec<_> = (sheet.programmes.iter())
            .map(|(id, sums)| {
                let sums = sums
                    .iter()
                    .map(|(asked, sum)| (asked.as_str().to_owned(), told(sum)));
                json!({ "programme": id, "sums": sums.collect::<serde_json::Map<_, _>>() })
            })
            .collect();
        say.value(
            &json!({ "period": owed.period.to_string(), "programmes": programmes, "owed": rows }),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = (sheet.programmes.iter())
        .map(|(id, sums)| {
            let programme = folder.pack.programme(id);
            let name = programme.map_or(id.as_str(), |own| own.name.get(say.lang));
            let cells = OwedAsked::ALL.map(|asked| shown(sums.get(&asked), say));
            std::iter::once(name.to_owned()).chain(cells).collect()
        })
        .collect();
    let header = match say.lang {
        Lang::Zh => [
            "项目",
            "应补",
            "应发，是否已发不明",
            "应否发放不能判断",
            "不应发而在发",
            "重复享受",
        ],
        Lang::En => [
            "Programme",
            "Owed",
            "Due, payment unknown",
            "Can't tell if due",
            "Paid, not due",
            "Paid twice",
        ],
    };
    say.table(&header, &rows);
    say.line(say.pick(
        "在发放记录建立之前，当期在享受名册上的视为已发；示例值的金额不能发放。",
        "Until payments are recorded, whoever is on the payment list in a step counts as paid; illustrative amounts can't be paid.",
    ));
    Ok(ExitCode::SUCCESS)
}

/// The last day of a period that has come.
fn last_day(end: Date) -> Date {
    end.min(today())
}

fn told(sum: &OwedSum) -> serde_json::Value {
    json!({ "subjects": sum.subjects, "steps": sum.steps, "fen": sum.fen.0, "illustrative_fen": sum.illustrative.0, "untold": sum.untold })
}

/// How many, and how much.
fn shown(sum: Option<&OwedSum>, say: &Say) -> String {
    let sum = sum.copied().unwrap_or_default();
    if sum.subjects == 0 {
        return "0".to_owned();
    }
    let mut parts = Vec::new();
    if sum.fen.0 > 0 {
        parts.push(match say.lang {
            Lang::Zh => format!("{}元", sum.fen),
            Lang::En => format!("{} yuan", sum.fen),
        });
    }
    if sum.illustrative.0 > 0 {
        parts.push(match say.lang {
            Lang::Zh => format!("示例值{}元", sum.illustrative),
            Lang::En => format!("{} yuan by illustrative values", sum.illustrative),
        });
    }
    if sum.untold > 0 {
        parts.push(match say.lang {
            Lang::Zh => format!("{}期不明", sum.untold),
            Lang::En => format!("{} steps untold", sum.untold),
        });
    }
    let comma = say.pick("，", ", ");
    format!("{}{comma}{}", sum.subjects, parts.join(comma))
}
