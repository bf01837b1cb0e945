//! `taizhang review` and `taizhang merge`: what lists left to people, and what people say to it.

use std::process::ExitCode;
use std::sync::Arc;

use intake::{Case, Decision, Differing, First, Known, QuestionKind, ReadAs, Seen, Unreadable};
use kernel::Lang;
use kernel::text::counted;
use ledger::{Admitted, Receipt, SayId};
use linkage::Likeness;
use office::UnitNames;
use pack::Pack;
use serde_json::{Value, json};
use tables::{AsOf, Doubt, Doubts, MOST_DOUBTS, StandingCheck};

use crate::arguments::{Merge, Review};
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::reading::units;
use crate::say::Say;

/// Lists the questions, shows one, or answers one.
pub async fn run(asked: &Review, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&asked.dir, say).await?;
    let unit = match &asked.unit {
        Some(unit) => folder.known(unit, today()).await?,
        None => folder.root().await?,
    };
    let why = asked.clear.why.as_deref().unwrap_or("review");
    let admitted = folder
        .admit(&asked.clear.reveal, ("review", why), now())
        .await?;
    let grant = admitted.within(unit);
    let desk = desk(&folder, grant);
    match (asked.decide, asked.show) {
        _ if asked.settle.is_some() => {
            recorded(&settle(&folder, &desk, asked).await?, say)?;
        }
        (Some(record), _) => {
            let receipt = desk.decide(record, decision(asked)?).await?;
            recorded(&receipt, say)?;
        }
        (None, Some(record)) => show(&desk.case(record).await?, &folder.pack, say)?,
        (None, None) if asked.checks => checks(&folder, &desk.grant, asked.most, say).await?,
        (None, None) => list(&folder, &desk, asked.most, say).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Proposes that two people are one.
pub async fn merge(asked: &Merge, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&asked.dir, say).await?;
    let grant = folder.admit(&[], ("merge", "merge"), now()).await?;
    let on = asked.on.unwrap_or_else(today);
    let receipt = (desk(&folder, grant))
        .propose(asked.kept, asked.double, on)
        .await?;
    recorded(&receipt, say)?;
    let dir = asked.dir.display();
    say.line(match say.lang {
        Lang::Zh => format!("合并已提出，须由另一人复核：taizhang review {dir}"),
        Lang::En => {
            format!("The merge is proposed; somebody else has to confirm it: taizhang review {dir}")
        }
    });
    Ok(ExitCode::SUCCESS)
}

fn desk(folder: &Folder, grant: Admitted) -> intake::Review<'_> {
    intake::Review {
        tables: &folder.tables,
        grant,
        at: now(),
    }
}

fn decision(asked: &Review) -> Result<Decision, Failure> {
    let choices = [
        (asked.new, Decision::New),
        (asked.aside, Decision::Aside),
        (asked.merged, Decision::Merged),
        (asked.apart, Decision::Apart),
    ];
    let chosen = choices.into_iter().find(|(given, _)| *given);
    (asked.same.map(Decision::Same))
        .or(chosen.map(|(_, decision)| decision))
        .ok_or_else(|| {
            Failure::new(
                "请写明结果：--same 人员记录号、--new、--aside，合并用 --merged 或 --apart",
                "say what it is: --same PERSON, --new or --aside; for a merge --merged or --apart",
            )
        })
}

/// Answers what stands in a field: who is right, or what should stand where something could not be read.
async fn settle(
    folder: &Folder,
    desk: &intake::Review<'_>,
    asked: &Review,
) -> Result<Receipt, Failure> {
    let place = asked.settle.as_deref();
    let place = place.map_or(Ok(None), |place| folder.place(place))?;
    let right = asked.right.as_deref().and_then(SayId::read);
    let reading = match (&asked.value, asked.leave) {
        (Some(text), _) => Some(ReadAs::Is(text.clone())),
        (None, true) => Some(ReadAs::Leave),
        (None, false) => None,
    };
    match (place, right, reading) {
        (Some(place), Some(right), None) => Ok(desk.settle_value(&place, right).await?),
        (Some(place), None, Some(reading)) => Ok(desk.settle_unread(&place, &reading).await?),
        _ => Err(Failure::new(
            "请照列出的写：--settle 登记册.记录号.项目，说法不一的加 --right 提交.序号，读不出的加 --value 内容 或 --leave",
            "write it as it is listed: --settle REGISTER.RECORD.FIELD, with --right COMMIT.PLACE for what is said otherwise, with --value TEXT or --leave for what could not be read",
        )),
    }
}

/// Tells which commit a decision became, by which it can be taken back.
fn recorded(receipt: &Receipt, say: &Say) -> Result<(), Failure> {
    if say.json {
        return say.value(
            &json!({ "commit": receipt.commit, "entries": receipt.entries, "seal": receipt.seal }),
        );
    }
    say.line(match say.lang {
        Lang::Zh => format!(
            "已记入，第 {} 号提交，{} 条",
            receipt.commit, receipt.entries
        ),
        Lang::En => format!(
            "Recorded as commit {}, {}",
            receipt.commit,
            counted(receipt.entries, "entry", "entries")
        ),
    });
    say.line(super::receipt(receipt, say.lang));
    Ok(())
}

/// What the checks of the pack find fault with today.
async fn checks(folder: &Folder, grant: &Admitted, most: usize, say: &Say) -> Result<(), Failure> {
    let on = AsOf::on(today());
    let session = folder.tables.evaluation(on, "review", now()).await?;
    let Doubts {
        found: mut doubts,
        failed,
        cut,
        ..
    } = session.doubts().await?;
    doubts.retain(|doubt| {
        doubt.unit.is_some_and(|unit| grant.sees(&unit)) && doubt.seen_by(&folder.pack, grant)
    });
    let all = doubts.len();
    doubts.truncate(most);
    if say.json {
        let told = |doubt: &Doubt| {
            json!({
                "check": doubt.of.id, "says": doubt.of.name.get(say.lang), "register": doubt.of.register,
                "record": doubt.record.0, "unit": doubt.unit.map(|unit| unit.to_string()),
            })
        };
        let ids = |checks: &[Arc<StandingCheck>]| -> Vec<String> {
            checks.iter().map(|check| check.id.clone()).collect()
        };
        return say.value(&json!({
            "all": all, "checks": doubts.iter().map(told).collect::<Vec<_>>(), "failed": ids(&failed), "cut": ids(&cut),
        }));
    }
    for check in &failed {
        let name = check.name.get(say.lang);
        say.line(match say.lang {
            Lang::Zh => format!("核对项“{name}”未能算出，不知有无矛盾，请检查规则包"),
            Lang::En => format!("the check “{name}” couldn't be worked out, so nothing is known by it; look at the pack"),
        });
    }
    for check in &cut {
        let name = check.name.get(say.lang);
        say.line(match say.lang {
            Lang::Zh => format!("核对项“{name}”的结果过多，全部单位合计只查 {MOST_DOUBTS} 条"),
            Lang::En => format!("of the check “{name}” only {MOST_DOUBTS} records were looked for, of all units together"),
        });
    }
    if doubts.is_empty() && !failed.is_empty() {
        return Ok(());
    }
    if doubts.is_empty() {
        say.line(say.pick("没有自相矛盾的内容", "Nothing contradicts itself"));
        return Ok(());
    }
    let units = units(folder, grant, on.on, now()).await?;
    let row = |doubt: &Doubt| {
        let register = folder.pack.register(&doubt.of.register);
        let register = register.map_or(doubt.of.register.as_str(), |own| own.name.get(say.lang));
        vec![
            doubt.of.name.get(say.lang).to_owned(),
            register.to_owned(),
            doubt.record.to_string(),
            units.of(doubt.unit),
        ]
    };
    let rows: Vec<Vec<String>> = doubts.iter().map(row).collect();
    let header = match say.lang {
        Lang::Zh => ["核对项", "登记册", "记录号", "单位"],
        Lang::En => ["Check", "Register", "Record", "Unit"],
    };
    say.table(&header, &rows);
    if all > rows.len() {
        let more = all - rows.len();
        say.line(match say.lang {
            Lang::Zh => format!("另有 {more} 条；加 --most 多列几条"),
            Lang::En => format!("{more} more; --most lists more of them"),
        });
    }
    Ok(())
}

/// The questions that wait, with whom they may be of.
async fn list(
    folder: &Folder,
    desk: &intake::Review<'_>,
    most: usize,
    say: &Say,
) -> Result<(), Failure> {
    let waiting = desk.waiting().await?;
    let differing = desk.differing(None, most).await?;
    let unread = desk.unread(None, most).await?;
    let mut cases = Vec::new();
    for case in waiting.iter().take(most) {
        cases.push(desk.case(case.record).await?);
    }
    if say.json {
        let cases: Vec<Value> = cases.iter().map(|case| described(case, say.lang)).collect();
        let values = differing.shown.iter();
        let values: Vec<Value> = values.map(|one| differs(one, say.lang)).collect();
        let unreadable = unread.shown.iter();
        let unreadable: Vec<Value> = unreadable.map(|one| unread_as(one, say.lang)).collect();
        return say.value(&json!({
            "waiting": waiting.len(), "questions": cases, "differing": differing.all, "values": values,
            "unread": unread.all, "unreadable": unreadable,
        }));
    }
    for case in &cases {
        say.line(headline(case, &folder.pack, say.lang));
        for known in &case.people {
            say.line(format!("    {}", candidate(known, case.kind, say.lang)));
        }
    }
    let (waiting, more) = (waiting.len(), waiting.len() - cases.len());
    let nothing = waiting == 0 && differing.all == 0 && unread.all == 0;
    if waiting > 0 || nothing {
        say.line(match (say.lang, waiting, more) {
            (Lang::Zh, 0, _) => "没有待核事项：导入的每一行都已认定是谁。".to_owned(),
            (Lang::Zh, _, 0) => format!("共 {waiting} 件待核"),
            (Lang::Zh, ..) => {
                format!("共 {waiting} 件待核，这里列出前 {most} 件（--most 可多列）")
            }
            (Lang::En, 0, _) => "No questions wait: it is clear of whom every row is.".to_owned(),
            (Lang::En, _, 0) => counted(waiting, "question waits", "questions wait"),
            (Lang::En, ..) => format!(
                "{}; these are the first {most} (--most lists more)",
                counted(waiting, "question waits", "questions wait")
            ),
        });
    }
    let units = units(folder, &desk.grant, today(), now()).await?;
    values(&differing, &units, say);
    unreadable(&unread, &units, say);
    Ok(())
}

/// What could not be read, and how it is answered.
fn unreadable(unread: &First<Unreadable>, units: &UnitNames, say: &Say) {
    let lang = say.lang;
    for one in &unread.shown {
        let name = one.person.as_ref().map_or("", |(_, name)| name.as_str());
        let hidden = say.pick("（不予显示）", "(withheld)");
        let text = one.text.as_deref().unwrap_or(hidden);
        let (whose, unit) = (&one.by.0, units.name(one.by.1.as_str()));
        let stands = one.stands.as_ref().map_or("—", |text| text.get(lang));
        say.line(format!("{}  {name}  {}", one.place, one.of[1].get(lang)));
        say.line(match lang {
            Lang::Zh => format!(
                "    原写 {text}  现有 {stands}  {} {unit}  {}",
                whose.zh, one.as_of
            ),
            Lang::En => format!(
                "    written {text}  stands {stands}  {} {unit}  {}",
                whose.en, one.as_of
            ),
        });
    }
    let count = unread.all;
    if count > 0 {
        say.line(match lang {
            Lang::Zh => format!("共 {count} 项读不出，核定：--settle 登记册.记录号.项目 --value 内容，或 --leave"),
            Lang::En => format!("{count} values could not be read; answer with --settle REGISTER.RECORD.FIELD --value TEXT, or --leave"),
        });
    }
}

fn unread_as(one: &Unreadable, lang: Lang) -> Value {
    json!({
        "value": one.place.to_string(), "book": one.book, "field": one.of[1].get(lang),
        "name": one.person.as_ref().map(|(_, name)| name), "written": one.text,
        "stands": one.stands.as_ref().map(|text| text.get(lang)), "whose": one.by.0.get(lang), "unit": one.by.1,
        "as_of": one.as_of.to_string(),
    })
}

/// The values on which several differ, and how each is answered.
fn values(differing: &First<Differing>, units: &UnitNames, say: &Say) {
    let lang = say.lang;
    for one in &differing.shown {
        let name = one.person.as_ref().map_or("", |(_, name)| name.as_str());
        say.line(format!("{}  {name}  {}", one.place, one.of[1].get(lang)));
        for view in &one.views {
            let text = view.text.as_ref().map_or("—", |text| text.get(lang));
            let by = view.by.iter();
            let by = by.map(|(whose, unit)| (whose.get(lang), units.name(unit.as_str())));
            let by = by.map(|(whose, unit)| format!("{whose} {unit}"));
            let by = by.collect::<Vec<_>>().join(say.pick("、", ", "));
            say.line(format!("    {}  {text}  {by}  {}", view.say, view.as_of));
        }
    }
    let count = differing.all;
    if count > 0 {
        say.line(match lang {
            Lang::Zh => {
                format!("共 {count} 项说法不一，核定：--settle 登记册.记录号.项目 --right 提交号.序号")
            }
            Lang::En => {
                format!("{count} values are said otherwise; answer with --settle REGISTER.RECORD.FIELD --right COMMIT.PLACE")
            }
        });
    }
}

fn differs(one: &Differing, lang: Lang) -> Value {
    let views = one.views.iter().map(|view| {
        let by = view.by.iter();
        let by = by.map(|(whose, unit)| json!({ "whose": whose.get(lang), "unit": unit }));
        json!({
            "say": view.say.to_string(), "text": view.text.as_ref().map(|text| text.get(lang)),
            "by": by.collect::<Vec<_>>(), "as_of": view.as_of.to_string(),
        })
    });
    json!({
        "value": one.place.to_string(), "book": one.book, "field": one.of[1].get(lang),
        "name": one.person.as_ref().map(|(_, name)| name), "views": views.collect::<Vec<_>>(),
    })
}

fn headline(case: &Case, pack: &Pack, lang: Lang) -> String {
    let kind = pack.code("question_kind");
    let kind = kind.and_then(|list| list.member(case.kind.as_str()));
    let kind = kind.map_or(case.kind.as_str(), |member| member.name.get(lang));
    let mut words = vec![case.record.to_string(), kind.to_owned()];
    match &case.proposed_by {
        Some(who) if case.kind == QuestionKind::Merge => words.push(match lang {
            Lang::Zh => format!("{who} 提出"),
            Lang::En => format!("proposed by {who}"),
        }),
        _ => {
            words.push(case.roster.get(lang).to_owned());
            words.push(format!("{}:{}", case.place.0, case.place.1));
            words.extend(name_of(&case.said, lang));
        }
    }
    words.join("  ")
}

fn candidate(known: &Known, kind: QuestionKind, lang: Lang) -> String {
    let seen = known.sides.first().map(|side| side.seen.as_slice());
    let name = seen.and_then(|seen| name_of(seen, lang));
    let name = name.unwrap_or_else(|| "—".to_owned());
    let person = known.person;
    if kind == QuestionKind::Merge || known.weighed.terms.is_empty() {
        return format!("{person}  {name}");
    }
    let bits = known.weighed.bits;
    let sign = if bits < 0 { "−" } else { "" };
    let (whole, tenths) = (bits.abs() / 100, bits.abs() / 10 % 10);
    match lang {
        Lang::Zh => format!("{person}  {name}  {sign}{whole}.{tenths} 分"),
        Lang::En => format!("{person}  {name}  {sign}{whole}.{tenths} bits"),
    }
}

fn name_of(seen: &[Seen], lang: Lang) -> Option<String> {
    Seen::name_in(seen).map(|name| name.get(lang).to_owned())
}

/// One question side by side: what the row says, and what each source says of each candidate.
fn show(case: &Case, pack: &Pack, say: &Say) -> Result<(), Failure> {
    if say.json {
        return say.value(&described(case, say.lang));
    }
    let lang = say.lang;
    say.line(headline(case, pack, lang));
    let mut columns: Vec<(String, &[Seen])> = Vec::new();
    if case.kind != QuestionKind::Merge {
        columns.push((
            say.pick("名册行", "The row").to_owned(),
            case.said.as_slice(),
        ));
    }
    for (nth, known) in case.people.iter().enumerate() {
        for side in &known.sides {
            columns.push((
                format!("{} {}", nth + 1, side.whose.get(lang)),
                side.seen.as_slice(),
            ));
        }
    }
    let mut fields: Vec<(&str, &str)> = Vec::new();
    for seen in columns.iter().flat_map(|(_, seen)| seen.iter()) {
        if !fields.iter().any(|(id, _)| *id == seen.field) {
            fields.push((&seen.field, seen.name.get(lang)));
        }
    }
    let cell = |seen: &[Seen], field: &str| {
        let seen = seen.iter().find(|seen| seen.field == field);
        seen.map_or_else(String::new, |seen| {
            format!("{}{}", mark(seen.level), seen.text.get(lang))
        })
    };
    let rows: Vec<Vec<String>> = (fields.iter())
        .map(|(id, name)| {
            let cells = columns.iter().map(|(_, seen)| cell(seen, id));
            std::iter::once((*name).to_owned()).chain(cells).collect()
        })
        .collect();
    let header = std::iter::once("").chain(columns.iter().map(|(whose, _)| whose.as_str()));
    say.table(&header.collect::<Vec<_>>(), &rows);
    let name = |field: &str| {
        let fields = pack.registers.iter().flat_map(|register| &register.fields);
        let mut fields = fields.filter(|declared| declared.id == field);
        Some(fields.next()?.name.get(lang).to_owned())
    };
    for (nth, known) in case.people.iter().enumerate() {
        let person = known.person;
        say.line(match known.weighed.terms.is_empty() {
            true => format!("{}  {person}", nth + 1),
            false => format!(
                "{}  {person}  {}",
                nth + 1,
                known.weighed.message(lang, &name)
            ),
        });
        if let Some(caution) = known.weighed.caution(lang) {
            say.line(format!("   {caution}"));
        }
    }
    Ok(())
}

/// How a value agrees with what it is held against, as a sign before it.
fn mark(level: Option<Likeness>) -> &'static str {
    match level {
        None | Some(Likeness::Blank) => "",
        Some(Likeness::Equal) => "= ",
        Some(Likeness::Different) => "≠ ",
        Some(_) => "≈ ",
    }
}

fn described(case: &Case, lang: Lang) -> Value {
    let said = |seen: &[Seen]| {
        let seen = seen.iter().map(|seen| {
            json!({ "field": seen.field, "text": seen.text.get(lang), "level": seen.level.map(Likeness::name) })
        });
        seen.collect::<Vec<_>>()
    };
    let people: Vec<Value> = (case.people.iter())
        .map(|known| {
            let sides: Vec<Value> = (known.sides.iter())
                .map(|side| json!({ "whose": side.whose.get(lang), "seen": said(&side.seen) }))
                .collect();
            json!({
                "person": known.person, "centibits": known.weighed.bits, "sides": sides,
                "terms": known.weighed.terms.iter().map(|(about, level, bits)| json!([about, level.name(), bits])).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "record": case.record, "book": case.book, "kind": case.kind.as_str(), "roster": case.roster.get(lang), "file": case.place.0,
        "row": case.place.1, "said": said(&case.said), "people": people, "proposed_by": case.proposed_by,
    })
}
