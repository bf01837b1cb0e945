//! `taizhang explain`

use std::process::ExitCode;

use jiff::civil::Date;
use kernel::{IdNumber, Lang, RecordId};
use pack::{Condition, Dated, Parameter, Programme};
use programmes::{Desk, Explanation};
use tables::AsOf;

use crate::arguments::Explain;
use crate::failure::Failure;
use crate::folder::{Folder, grant, now, today};
use crate::say::Say;

/// Tells every programme's answer about a person, with conditions and facts.
pub async fn run(explain: &Explain, say: &Say) -> Result<ExitCode, Failure> {
    let folder = Folder::open(&explain.dir, say).await?;
    let found = find(&folder, &explain.person).await?;
    let person = folder.tables.snapshot().await?.stays(found).0;
    let as_of = AsOf::on(explain.on.unwrap_or_else(today));
    // The session is opened for its line in the access log; the rows around the person come from the evaluation tables.
    let why = explain.clear.why.as_deref().unwrap_or("explain");
    let grant = grant(folder.root().await?, &explain.clear.reveal, why);
    folder.tables.session(&grant, as_of, now()).await?;
    let relatives = folder.tables.relatives(as_of).await?;
    let mut desk = Desk::new(&folder.pack, as_of, None).await?;
    let mut explanations = desk.explain(person, relatives.around(person)?).await?;
    if explanations.is_empty() {
        return Err(Failure::new(
            "这一天台账里没有这个人",
            "the ledger has nobody of that number on this date",
        ));
    }
    for explanation in &mut explanations {
        veil(&folder, explanation, &grant, say);
    }
    if say.json {
        let told = |explanation| sourced(&folder, explanation, as_of.on);
        let told: Result<Vec<_>, Failure> = explanations.iter().map(told).collect();
        say.value(&told?)?;
    } else {
        for explanation in &explanations {
            tell(&folder, explanation, as_of.on, say);
        }
    }
    Ok(ExitCode::SUCCESS)
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
fn veil(folder: &Folder, explanation: &mut Explanation, grant: &kernel::Grant, say: &Say) {
    let Some(subject) = folder.pack.subject(&explanation.kind) else {
        return;
    };
    let hidden = programmes::hidden_facts(&folder.pack, subject, grant);
    let facts = explanation
        .conditions
        .iter_mut()
        .flat_map(|condition| &mut condition.facts);
    for fact in facts.filter(|fact| fact.value.is_some() && hidden.contains(&fact.id)) {
        fact.value = Some(say.pick("（已遮蔽）", "(hidden)").to_owned());
    }
}

async fn find(folder: &Folder, asked: &str) -> Result<RecordId, Failure> {
    if let Ok((number, _)) = IdNumber::read(asked) {
        let root = folder.root().await?;
        let people = &folder.pack.contract()?.people.register.id;
        let keys = [number.as_str().to_owned()];
        let found = folder.ledger.find(people, root, &keys).await?;
        return found
            .into_iter()
            .flatten()
            .next()
            .map(|found| found.record)
            .ok_or_else(|| {
                Failure::new(
                    "台账里没有这个公民身份号码",
                    "the ledger has nobody with this ID number",
                )
            });
    }
    asked.parse().map(RecordId).map_err(|_| {
        Failure::new(
            "请给出 18 位公民身份号码，或记录号",
            "give an ID number of 18 digits, or a record number",
        )
    })
}

fn tell(folder: &Folder, explanation: &Explanation, on: Date, say: &Say) {
    let Some(programme) = folder.pack.programme(&explanation.programme) else {
        return;
    };
    let subject = folder.pack.subject(&explanation.kind);
    say.line(format!(
        "{} — {}",
        programme.name.get(say.lang),
        explanation.answer.label(say.lang)
    ));
    for (condition, declared) in explanation.conditions.iter().zip(&programme.conditions) {
        let mark = match condition.holds {
            Some(true) => "✓",
            Some(false) => "✗",
            None => "?",
        };
        let facts: Vec<String> = (condition.facts.iter())
            .map(|fact| {
                let name = subject
                    .and_then(|subject| subject.fact(&fact.id))
                    .map_or(fact.id.as_str(), |fact| fact.name.get(say.lang));
                format!("{name} = {}", fact.value.as_deref().unwrap_or("—"))
            })
            .collect();
        let from = |place| folder.pack.origin(place).map(|origin| origin.to_string());
        let source = from(&declared.place).unwrap_or_default();
        say.line(format!(
            "  {mark} {}  [{}]  {source}",
            declared.name.get(say.lang),
            facts.join(if say.lang == Lang::Zh { "，" } else { ", " })
        ));
        for (parameter, dated) in parameters(programme, declared, on) {
            let (name, value) = (parameter.name.get(say.lang), &dated.value);
            let (since, source) = (dated.from, from(&dated.place).unwrap_or_default());
            say.line(match say.lang {
                Lang::Zh => format!("      {name}：{value}（{since}起）  {source}"),
                Lang::En => format!("      {name}: {value} (since {since})  {source}"),
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
