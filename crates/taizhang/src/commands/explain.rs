//! `taizhang explain`

use std::process::ExitCode;

use jiff::civil::Date;
use kernel::{Grant, IdNumber, Lang, RecordId};
use ledger::Access;
use office::{UnitNames, shown};
use pack::{Condition, Dated, Pack, Parameter, Programme};
use programmes::{Desk, Explanation};
use tables::AsOf;

use crate::arguments::Explain;
use crate::failure::Failure;
use crate::folder::{Folder, now, today};
use crate::reading::units;
use crate::say::Say;

/// Tells every programme's answer about a person, with conditions and facts.
pub async fn run(explain: &Explain, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&explain.dir, say).await?;
    let as_of = AsOf::on(explain.on.unwrap_or_else(today));
    let why = explain.clear.why.as_deref().unwrap_or("explain");
    let grant = folder
        .admit(&explain.clear.reveal, ("explain", why), now())
        .await?;
    let found = find(&folder, &explain.person, &grant, say).await?;
    let standing = folder.tables.snapshot().await?;
    let person = standing.stays(found);
    let units = units(&folder, &grant, as_of.on, now()).await?;
    let unit = standing.whose_is(person, as_of.on);
    if !grant.reads_everything(&unit.unwrap_or(folder.root().await?)) {
        return Err(nobody());
    }
    let relatives = folder.tables.relatives(as_of).await?;
    let mut desk = Desk::new(&folder.pack, as_of, None).await?;
    let mut explanations = desk.explain(person.0, relatives.around(person.0)?).await?;
    if explanations.is_empty() {
        return Err(nobody());
    }
    for explanation in &mut explanations {
        veil(&folder, explanation, &grant);
    }
    if say.json {
        let told = |explanation| sourced(&folder, explanation, as_of.on);
        let told: Result<Vec<_>, Failure> = explanations.iter().map(told).collect();
        say.value(&told?)?;
    } else {
        for explanation in &explanations {
            tell((&folder.pack, &units), explanation, as_of.on, say);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Whoever isn't there, or may not be seen.
fn nobody() -> Failure {
    Failure::new(
        "这一天台账里没有这个人，或不在权限内",
        "the ledger has nobody of that number on this date, or not within reach",
    )
}

/// The parameters that a condition names, with the values that apply on the day.
fn parameters<'p>(
    programme: &'p Programme,
    condition: &Condition,
    on: Date,
) -> Vec<(&'p Parameter, &'p Dated)> {
    let mut named: Vec<String> = Vec::new();
    for (name, _) in pack::parameters(&condition.holds.text) {
        if !named.contains(&name) {
            named.push(name);
        }
    }
    let found = |name: String| {
        let parameter = programme.parameter(&name)?;
        Some((parameter, parameter.on(on)?))
    };
    named.into_iter().filter_map(found).collect()
}

/// An explanation as JSON, each condition with where it is declared, and the parameters it names with where their values are.
fn sourced(
    folder: &Folder,
    explanation: &Explanation,
    on: Date,
) -> Result<serde_json::Value, Failure> {
    let told = serde_json::to_value(explanation);
    let mut told = told.map_err(|error| Failure::io("JSON", error))?;
    let from = |place| folder.pack.origin(place).map(|origin| origin.to_string());
    let programme = folder.pack.programme(&explanation.programme);
    let told_conditions = told["conditions"].as_array_mut().into_iter().flatten();
    if let Some(programme) = programme {
        for (told, condition) in told_conditions.zip(&programme.conditions) {
            told["from"] = from(&condition.place).into();
            let of = parameters(programme, condition, on).into_iter();
            let of = of.map(|(parameter, dated)| {
                serde_json::json!({
                    "id": parameter.id, "value": dated.value.to_string(),
                    "since": dated.from.to_string(), "from": from(&dated.place),
                })
            });
            told["parameters"] = of.collect();
        }
    }
    Ok(told)
}

/// Takes away the values of facts that the grant does not reveal.
fn veil(folder: &Folder, explanation: &mut Explanation, grant: &Grant) {
    let Some(subject) = folder.pack.subject(&explanation.kind) else {
        return;
    };
    let hidden = programmes::hidden_facts(&folder.pack, subject, grant);
    let facts = explanation
        .conditions
        .iter_mut()
        .flat_map(|condition| &mut condition.facts);
    for fact in facts {
        fact.withheld = hidden.contains(&fact.id);
        if fact.withheld {
            fact.value = None;
        }
    }
}

/// A person by record number, or by an ID number that is asked for: it stays out of the list of processes and the shell's history.
async fn find(folder: &Folder, asked: &str, grant: &Grant, say: &Say) -> Result<RecordId, Failure> {
    if asked != "-" {
        // As long as an ID number, it is one, and would be nobody's record.
        let number = asked.parse().ok().filter(|_| asked.len() < 15);
        return number.map(RecordId).ok_or_else(|| {
            Failure::new(
                "请给出记录号；按公民身份号码查找请写 --person -，再输入号码",
                "give a record number; to find somebody by ID number say --person - and type it when asked",
            )
        });
    }
    say.line(say.pick("公民身份号码：", "ID number:"));
    let mut typed = String::new();
    std::io::stdin()
        .read_line(&mut typed)
        .map_err(|error| Failure::io("-", error))?;
    let (number, _) = IdNumber::read(typed.trim())
        .map_err(|fault| Failure::new(fault.message(Lang::Zh), fault.message(Lang::En)))?;
    let grant = grant.clone();
    folder.ledger.admit(grant, now(), Access::Number).await?;
    let root = folder.root().await?;
    let people = &folder.pack.contract()?.people.register.id;
    let keys = [number.as_str().to_owned()];
    let found = folder.ledger.find(people, root, &keys).await?;
    let found = found.into_iter().flatten().next();
    found.map(|found| found.record).ok_or_else(nobody)
}

fn tell((pack, units): (&Pack, &UnitNames), explanation: &Explanation, on: Date, say: &Say) {
    let Some(programme) = pack.programme(&explanation.programme) else {
        return;
    };
    let subject = pack.subject(&explanation.kind);
    say.line(format!(
        "{} — {}",
        programme.name.get(say.lang),
        programme.answer_name(explanation.answer, say.lang)
    ));
    if explanation.illustrative {
        say.line(say.pick(
            "  标准为示例值，未见正式文件，不得据以发放",
            "  rests on an illustrative value without an official source; nothing can be paid by it",
        ));
    }
    for (condition, declared) in explanation.conditions.iter().zip(&programme.conditions) {
        let mark = match condition.holds {
            Some(true) => "✓",
            Some(false) => "✗",
            None => "?",
        };
        let facts: Vec<String> = (condition.facts.iter())
            .map(|fact| {
                let declared = subject.and_then(|subject| subject.fact(&fact.id));
                let name = declared.map_or(&fact.id[..], |fact| fact.name.get(say.lang));
                let value = fact.value.as_deref().zip(declared);
                let value = value.map(|(value, of)| shown::fact(pack, units, of, value, say.lang));
                let hidden = say.pick("（已遮蔽）", "(hidden)");
                let none = if fact.withheld { hidden } else { "—" };
                format!("{name} = {}", value.as_deref().unwrap_or(none))
            })
            .collect();
        let from = |place| pack.origin(place).map(|origin| origin.to_string());
        let source = from(&declared.place).unwrap_or_default();
        let facts = match facts.join(say.pick("，", ", ")) {
            none if none.is_empty() => none,
            facts => format!("  [{facts}]"),
        };
        let name = declared.name.get(say.lang);
        say.line(format!("  {mark} {name}{facts}  {source}"));
        for (parameter, dated) in parameters(programme, declared, on) {
            let name = parameter.name.get(say.lang);
            let value = shown::setting(pack, units, parameter, &dated.value, say.lang);
            let (since, source) = (dated.from, from(&dated.place).unwrap_or_default());
            say.line(match say.lang {
                Lang::Zh => format!("      {name}：{value}（{since}起）  {source}"),
                Lang::En => format!("      {name}: {value} (since {since})  {source}"),
            });
        }
    }
    for id in &explanation.waits {
        if let Some(fact) = subject.and_then(|subject| subject.fact(id)) {
            let name = fact.name.get(say.lang);
            let lists = fact.closed.rosters().filter_map(|id| pack.roster(id));
            let lists: Vec<&str> = lists.map(|roster| roster.name.get(say.lang)).collect();
            let lists = lists.join(say.pick("或", " or "));
            say.line(match say.lang {
                Lang::Zh => format!("  ⋯ {name}：待{lists}"),
                Lang::En => format!("  ⋯ {name}: waiting for {lists}"),
            });
        }
    }
    for id in &explanation.missing {
        if let Some(fact) = subject.and_then(|subject| subject.fact(id)) {
            say.line(format!(
                "  → {}",
                fact.ask.as_ref().unwrap_or(&fact.name).get(say.lang)
            ));
        }
    }
}
