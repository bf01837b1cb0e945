//! `taizhang sweep`

use std::process::ExitCode;

use kernel::{Answer, Lang, Period, UnitCode};
use programmes::{Counts, Standing};
use serde_json::json;

use crate::arguments::Sweep;
use crate::commands::pack::Kind;
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::lists::{Scope, sheets, write};
use crate::reading::{Reading, read};
use crate::say::Say;

/// Asks, counts, and writes the lists.
pub async fn run(sweep: &Sweep, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&sweep.dir, say).await?;
    let on = sweep.on.unwrap_or_else(today);
    let programmes = (&folder.pack.programmes[..], Kind::Programmes);
    let asked = sweep.programme.iter();
    let only = asked.map(|asked| Ok(folder.named(asked, programmes)?.id.clone()));
    let only: Vec<String> = only.collect::<Result<_, Failure>>()?;
    let only = (!only.is_empty()).then_some(&only[..]);
    let unit = match &sweep.unit {
        Some(unit) => folder.known(unit, on).await?,
        None => folder.root().await?,
    };
    let why = sweep.clear.why.as_deref().unwrap_or("sweep");
    let reveal = &sweep.clear.reveal;
    let root = folder.root().await?;
    let admitted = folder
        .admit_to_all(root, reveal, ("sweep", why), now())
        .await?;
    let grant = admitted.within(unit);
    let reading = read(&folder, on, only, now(), say).await?;
    let asked = sweep.unit.as_ref().map(|_| unit);
    tell(&reading, asked, say)?;
    if let Some(path) = &sweep.out {
        let scope = Scope {
            unit,
            grant: &grant,
            period: &Period::year_of(on),
            lang: say.lang,
        };
        write(path, &sheets(&folder, &reading, &scope, now()).await?)?;
        say.line(match say.lang {
            Lang::Zh => format!("名单已写入 {}", path.display()),
            Lang::En => format!("The lists are in {}", path.display()),
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// How many have which answer of a programme, and stand on which list: all, or those of a unit.
fn counted(reading: &Reading, programme: &str, unit: Option<UnitCode>) -> (Counts, [usize; 6]) {
    let listed = reading.lists.get(programme);
    let Some(unit) = unit else {
        let count = |standing| listed.map_or(0, |lists| lists.count(standing));
        return (reading.sweep.counts(programme), LISTS.map(count));
    };
    let within = |own: &str| own.parse().is_ok_and(|own| unit.contains(&own));
    let mut counts = Counts::default();
    reading.sweep.each(programme, |_, unit, answer| {
        if within(unit) {
            *match answer {
                Answer::Entitled => &mut counts.entitled,
                Answer::NotEntitled => &mut counts.not_entitled,
                Answer::CannotTell => &mut counts.cannot_tell,
            } += 1;
        }
    });
    let count = |standing| {
        let own = listed.into_iter().flat_map(|lists| lists.of(standing));
        own.filter(|listed| within(&listed.unit)).count()
    };
    (counts, LISTS.map(count))
}

/// The lists, in the order in which they are counted.
const LISTS: [Standing; 6] = [
    Standing::Missed,
    Standing::NoLonger,
    Standing::ToFindOut,
    Standing::Waits,
    Standing::Unlisted,
    Standing::Served,
];

/// The counts of every programme: of all, or of a unit.
pub fn tell(reading: &Reading, unit: Option<UnitCode>, say: &Say) -> Result<(), Failure> {
    if say.json {
        let programmes: Vec<_> = (reading.sweep.programmes())
            .map(|programme| {
                let (counts, [missed, no_longer, to_find_out, waits, unlisted, served]) =
                    counted(reading, &programme.id, unit);
                json!({
                    "programme": programme.id, "answers": counts, "missed": missed,
                    "no_longer": no_longer, "to_find_out": to_find_out, "waits": waits, "unlisted": unlisted, "served": served,
                })
            })
            .collect();
        let not_in_force: Vec<_> = (reading.sweep.not_in_force().iter())
            .map(|out| json!({ "programme": out.programme, "parameter": out.parameter, "from": out.from.map(|day| day.to_string()) }))
            .collect();
        return say.value(&json!({
            "on": reading.sweep.as_of.on.to_string(), "programmes": programmes, "not_in_force": not_in_force,
        }));
    }
    let rows: Vec<Vec<String>> = (reading.sweep.programmes())
        .map(|programme| {
            let (counts, [missed, no_longer, to_find_out, waits, unlisted, _]) =
                counted(reading, &programme.id, unit);
            vec![
                programme.name.get(say.lang).to_owned(),
                counts.entitled.to_string(),
                counts.not_entitled.to_string(),
                counts.cannot_tell.to_string(),
                missed.to_string(),
                no_longer.to_string(),
                to_find_out.to_string(),
                waits.to_string(),
                unlisted.to_string(),
            ]
        })
        .collect();
    let header = match say.lang {
        Lang::Zh => [
            "项目",
            "符合",
            "不符合",
            "无法判断",
            "应享未享",
            "在享不再符合",
            "待核实",
            "待名册",
            "是否在享不明",
        ],
        Lang::En => [
            "Programme",
            "Entitled",
            "Not",
            "Cannot tell",
            "Missed",
            "No longer",
            "To find out",
            "Waiting",
            "Enrolment unknown",
        ],
    };
    say.table(&header, &rows);
    for out in reading.sweep.not_in_force() {
        let programme = reading.sweep.pack().programme(&out.programme);
        let name = programme.map_or(out.programme.as_str(), |own| own.name.get(say.lang));
        let from = out.from.map(|day| day.to_string()).unwrap_or_default();
        let parameter = programme.and_then(|own| own.parameter(&out.parameter));
        let parameter = parameter.map_or(&out.parameter[..], |own| own.name.get(say.lang));
        say.line(match say.lang {
            Lang::Zh => format!(
                "{name}：当日尚未施行（参数“{parameter}”自 {from} 起才有取值）"
            ),
            Lang::En => format!(
                "{name}: not in force on the day (the parameter “{parameter}” has no value before {from})"
            ),
        });
    }
    Ok(())
}
