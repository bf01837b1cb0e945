//! `taizhang completeness` and `taizhang template`: how each list of each unit stands, what is due from whom by when, and blank lists.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::ToSpan as _;
use kernel::Lang;
use office::{
    Completeness, CompletenessAsked, ListStanding, Office, PartOf, PartOfWhole, Reminder,
    UnitNames, blank_list, blank_name,
};
use pack::{Called, Text};
use serde_json::json;

use crate::arguments::{CompletenessOf, Template};
use crate::commands::pack::Kind;
use crate::failure::Failure;
use crate::folder::{Folder, now, pack_folder, today};
use crate::lists::save;
use crate::packs;
use crate::reading::office;
use crate::say::Say;

/// The columns that are counts.
const NUMBERS: [usize; 3] = [5, 6, 9];
/// More parts of a list's matter than these are counted.
const MOST_PARTS: usize = 2;

/// Tells how the lists stand.
pub async fn run(asked: &CompletenessOf, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&asked.dir, say).await?;
    let unit = match &asked.unit {
        Some(unit) => Some(folder.known(unit, today()).await?),
        None => None,
    };
    let rosters = (&folder.pack.rosters[..], Kind::Rosters);
    let roster = asked.list.as_ref().map(|list| folder.named(list, rosters));
    let wish = CompletenessAsked {
        unit,
        roster: roster.transpose()?.map(|roster| roster.id.clone()),
        sender: asked
            .sender
            .as_ref()
            .map(|name| sender(&folder, name))
            .transpose()?,
        state: asked.state,
    };
    let command = ("completeness", "completeness");
    let admitted = folder.admit(&[], command, now()).await?;
    let view = office(&folder, today(), now).await?.seen_by(admitted);
    let told = view.completeness(&wish).await?;
    let units = view.units(told.today).await?;
    let reminders = told.reminders(&view.office, &units, say.lang);
    if let Some(out) = &asked.calendar {
        let calendar = told.calendar(&view.office, &units, say.lang);
        save(out, calendar.as_bytes())?;
    }
    if say.json {
        let mut value = told.json(&view.office, &units, &told.rows);
        let reminders = reminders.iter().map(|own| {
            json!({ "sender": own.sender, "to": own.to, "lists": own.lists, "text": own.text })
        });
        value["reminders"] = json!(reminders.collect::<Vec<_>>());
        say.value(&value)?;
        return Ok(ExitCode::SUCCESS);
    }
    match asked.remind {
        true => remind(&reminders, say),
        false => table(&view.office, &units, (&told, &wish), say),
    }
    if let Some(out) = &asked.calendar {
        say.done(match say.lang {
            Lang::Zh => format!("应报日历已写入 {}", out.display()),
            Lang::En => format!("The calendar is in {}", out.display()),
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The sender that somebody means, as a value of the code list of sources.
fn sender(folder: &Folder, asked: &str) -> Result<String, Failure> {
    let text = |zh: &str, en: &str| Text {
        zh: zh.to_owned(),
        en: en.to_owned(),
    };
    let members = folder.pack.code(office::SENDERS);
    let members = members.map_or(&[][..], |list| &list.members);
    let called: Vec<Called> = members
        .iter()
        .map(|member| Called {
            id: member.value.clone(),
            name: member.name.clone(),
            synonyms: member.synonyms.clone(),
            beside: Text::default(),
        })
        .collect();
    let at = pack::choose(text("报送单位", "sender"), asked, &called);
    let at = at.map_err(|fault| folder.told(fault, Kind::Codes))?;
    Ok(called[at].id.clone())
}

fn remind(reminders: &[Reminder], say: &Say) {
    for (nth, reminder) in reminders.iter().enumerate() {
        if nth > 0 {
            say.line("────────\n");
        }
        say.line(&reminder.text);
    }
    if reminders.is_empty() {
        say.line(say.pick("现在没有应催报的名册。", "Nothing is due now."));
    }
}

fn table(
    office: &Office,
    units: &UnitNames,
    (told, asked): (&Completeness, &CompletenessAsked),
    say: &Say,
) {
    let shown = told.expected(asked).into_iter();
    let rows: Vec<Vec<String>> = shown
        .map(|row| line(office, units, row, say.lang))
        .collect();
    let header = match say.lang {
        Lang::Zh => [
            "状态",
            "名册",
            "单位",
            "报送",
            "最近一份",
            "行数",
            "未落实",
            "担保到",
            "应报日期",
            "等它的判断",
        ],
        Lang::En => [
            "State",
            "List",
            "Unit",
            "Sender",
            "Last",
            "Rows",
            "Not placed",
            "Vouches until",
            "Due by",
            "Answers waiting",
        ],
    };
    if rows.is_empty() {
        say.line(say.pick("没有符合条件的名册。", "There is no such list."));
        return;
    }
    say.columns(&header, &rows, |column| !NUMBERS.contains(&column));
    let others = told.rows.len() - rows.len();
    if others > 0 {
        say.line(match say.lang {
            Lang::Zh => format!("另有 {others} 份名册没有期限：加 --state 无期限 列出"),
            Lang::En => format!("{others} more have no term: --state no_term lists them"),
        });
    }
    let (complete, on_time) = (rate(told.whole.complete), rate(told.whole.on_time));
    say.line(match say.lang {
        Lang::Zh => format!("完整率 {complete}，按时率 {on_time}"),
        Lang::En => format!("Complete: {complete}; on time: {on_time}"),
    });
    if !told.begun {
        say.line(say.pick(
            "还没有导入过名册：先用 taizhang import 导入单位名录和公安户籍名册，空白表样用 taizhang template 写出。",
            "No list has come yet: take in the list of units and the police's with taizhang import; taizhang template writes blank ones.",
        ));
    }
}

fn rate(rate: PartOfWhole) -> String {
    match rate.percent() {
        Some(percent) => format!("{percent}%（{}/{}）", rate.part, rate.whole)
            .replace('（', " (")
            .replace('）', ")"),
        None => "—".to_owned(),
    }
}

fn line(office: &Office, units: &UnitNames, row: &ListStanding, lang: Lang) -> Vec<String> {
    let roster = office.pack.roster(&row.roster);
    let name = roster.map_or(&*row.roster, |own| own.name.get(lang));
    let slices = row.slices.iter().take(MOST_PARTS);
    let slices = slices.map(|slice| office.slice_named(&row.roster, slice, lang));
    let slices: Vec<&str> = slices.collect();
    let more = row.slices.len().saturating_sub(MOST_PARTS);
    let name = match (slices.is_empty(), more, lang) {
        (true, ..) => name.to_owned(),
        (_, 0, Lang::Zh) => format!("{name}（{}）", slices.join("、")),
        (_, _, Lang::Zh) => format!("{name}（{}等{}项）", slices.join("、"), row.slices.len()),
        (_, 0, Lang::En) => format!("{name} ({})", slices.join(", ")),
        (_, more, Lang::En) => format!("{name} ({} and {more} more)", slices.join(", ")),
    };
    let sender = match roster {
        Some(own) => office.sender_of(own, lang),
        None => office.sender_named(&row.sender, lang),
    };
    let last = row.last.as_ref();
    let (rows, unplaced) = last.and_then(|last| last.rows).unzip();
    let number = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |day| day.to_string());
    vec![
        state(row, lang),
        name,
        units.name(row.unit.as_str()),
        sender.to_owned(),
        day(last.map(|last| last.as_of)),
        number(rows),
        number(unplaced),
        day(row.until.map(|until| until.saturating_sub(1.day()))),
        day(row.due),
        row.waits
            .map_or_else(String::new, |waits| waits.answers.to_string()),
    ]
}

/// How it stands, and why a list is a part, in few words.
fn state(row: &ListStanding, lang: Lang) -> String {
    let partial = row.last.as_ref().and_then(|last| last.partial);
    let why = partial.map(|partial| match (partial, lang) {
        (PartOf::Said, Lang::Zh) => "注明是部分",
        (PartOf::Said, Lang::En) => "said to be a part",
        (PartOf::Unplaced, Lang::Zh) => "未落实过多",
        (PartOf::Unplaced, Lang::En) => "too many not placed",
        (PartOf::Fewer(_), Lang::Zh) => "行数少很多",
        (PartOf::Fewer(_), Lang::En) => "far fewer rows",
    });
    let gaps = row.gaps.iter().map(|(from, to)| format!("{from}..{to}"));
    let told: Vec<String> = why.map(ToOwned::to_owned).into_iter().chain(gaps).collect();
    let state = row.state.label(lang);
    match (told.is_empty(), lang) {
        (true, _) => state.to_owned(),
        (false, Lang::Zh) => format!("{state}（{}）", told.join("、")),
        (false, Lang::En) => format!("{state} ({})", told.join(", ")),
    }
}

/// Writes a blank list.
pub fn template(asked: &Template, say: &Say) -> Result<ExitCode, Failure> {
    // A ledger's own pack lies in its folder.
    let own = pack_folder(Path::new(&asked.pack));
    let name = match own.is_dir() {
        true => own.to_string_lossy().into_owned(),
        false => asked.pack.clone(),
    };
    let pack = packs::load(&name, say)?;
    let roster = pack::named(&asked.roster, &pack.rosters)?;
    let out = asked.out.clone();
    let out = out.unwrap_or_else(|| PathBuf::from(blank_name(roster, say.lang)));
    let list = blank_list((&pack, roster), today(), say.lang);
    save(&out, &list?)?;
    if say.json {
        say.value(&json!({ "list": roster.id, "file": out.display().to_string() }))?;
        return Ok(ExitCode::SUCCESS);
    }
    say.done(match say.lang {
        Lang::Zh => format!("空白表样已写入 {}", out.display()),
        Lang::En => format!("The blank list is in {}", out.display()),
    })?;
    Ok(ExitCode::SUCCESS)
}
