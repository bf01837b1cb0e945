//! Holds a sweep against the truth a generated town comes with: every person, every programme, every fact to find out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kernel::{Answer, Lang};
use pack::Programme;
use programmes::Standing;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::people::People;
use crate::reading::Reading;
use crate::say::Say;

#[derive(Debug, Deserialize)]
struct Line {
    id_number: String,
    programme: String,
    answer: String,
    missing: String,
    waits: String,
    list: String,
}

/// How a sweep compares with the truth.
#[derive(Debug, Default, Serialize)]
pub struct Comparison {
    /// By programme, for each of the three lists: subjects found, and subjects of the truth.
    pub lists: BTreeMap<String, Vec<(usize, usize)>>,
    /// Subjects asked, over all programmes.
    pub answers: usize,
    /// Answers, lists or missing facts that differ, each in words without personal data.
    pub differences: Vec<String>,
}

/// What is compared of one subject of a programme: answer, missing facts, list.
type Answered = (String, String, String, String);

/// Compares. The session behind the reading shows ID numbers in clear; nothing of them leaves this function.
pub async fn compare(truth: &Path, reading: &Reading, say: &Say) -> Result<Comparison, Failure> {
    let people = People::read(&reading.session).await?;
    let expected = expected(truth)?;
    let mut comparison = Comparison::default();
    // Of others a pack declares the town knows nothing.
    let known = |id: &str| town::TownProgramme::ALL.iter().any(|own| own.id() == id);
    for programme in reading.sweep.programmes().filter(|own| known(&own.id)) {
        let found = found(reading, &programme.id, &people);
        let none = BTreeMap::new();
        let wanted = expected.get(&programme.id).unwrap_or(&none);
        let keys: BTreeSet<&String> = found.keys().chain(wanted.keys()).collect();
        for key in keys {
            let (found, wanted) = (found.get(key), wanted.get(key));
            if found != wanted {
                let (name, masked) = (programme.name.get(say.lang), kernel::mask::id(key));
                let told = |answered| told(reading, programme, answered, say);
                let (found, wanted) = (told(found), told(wanted));
                comparison.differences.push(match say.lang {
                    Lang::Zh => format!("{name} {masked}：{found}，应为 {wanted}"),
                    Lang::En => format!("{name} {masked}: {found} instead of {wanted}"),
                });
            }
        }
        let counts = reading.sweep.counts(&programme.id);
        comparison.answers += counts.entitled + counts.not_entitled + counts.cannot_tell;
        let sizes = [Standing::Missed, Standing::NoLonger, Standing::ToFindOut]
            .map(|standing| {
                let list = standing.as_str();
                let size = |of: &BTreeMap<String, Answered>| {
                    of.values().filter(|answered| answered.3 == list).count()
                };
                (size(&found), size(wanted))
            })
            .to_vec();
        comparison.lists.insert(programme.id.clone(), sizes);
    }
    Ok(comparison)
}

/// An answer in words: itself, the facts it lacks, the list.
fn told(reading: &Reading, programme: &Programme, of: Option<&Answered>, say: &Say) -> String {
    let Some((answer, missing, waits, list)) = of else {
        return say.pick("没有结论", "no answer").to_owned();
    };
    let answer = answer.parse::<Answer>();
    let answer = answer.map_or("", |answer| answer.label(say.lang));
    let subject = reading.sweep.pack().subject(&programme.subject);
    let missing = missing.split_whitespace().chain(waits.split_whitespace());
    let missing = missing.map(|id| {
        let fact = subject.and_then(|subject| subject.fact(id));
        fact.map_or(id, |fact| fact.name.get(say.lang))
    });
    let standings = [Standing::Missed, Standing::NoLonger, Standing::ToFindOut];
    let list = standings
        .into_iter()
        .find(|standing| standing.as_str() == list);
    let words = std::iter::once(answer).chain(missing);
    let words = words.chain(list.map(|list| list.label(say.lang)));
    words.collect::<Vec<_>>().join(say.pick("、", ", "))
}

fn expected(truth: &Path) -> Result<BTreeMap<String, BTreeMap<String, Answered>>, Failure> {
    let mut reader = csv::Reader::from_path(truth).map_err(|error| Failure::io(truth, error))?;
    let mut expected: BTreeMap<String, BTreeMap<String, Answered>> = BTreeMap::new();
    for line in reader.deserialize() {
        let line: Line = line.map_err(|error| Failure::io(truth, error))?;
        let answered = (line.answer, line.missing, line.waits, line.list);
        expected
            .entry(line.programme)
            .or_default()
            .insert(line.id_number, answered);
    }
    Ok(expected)
}

fn found(reading: &Reading, programme: &str, people: &People) -> BTreeMap<String, Answered> {
    let Some(lists) = reading.lists.get(programme) else {
        return BTreeMap::new();
    };
    let mut found = BTreeMap::new();
    for listed in &lists.all {
        // A couple goes by the wife's number, as in the truth.
        let wife = listed.people.last().and_then(|person| people.find(*person));
        let Some((_, number)) = wife.filter(|(_, number)| !number.is_empty()) else {
            continue;
        };
        let answer = match listed.standing {
            Standing::Missed | Standing::Unlisted | Standing::Served | Standing::Holds => {
                "entitled"
            }
            Standing::NoLonger | Standing::Fails => "not-entitled",
            Standing::ToFindOut | Standing::Waits => "cannot-tell",
        };
        let list = if listed.standing == Standing::Served {
            "ok"
        } else {
            listed.standing.as_str()
        };
        found.insert(
            number.clone(),
            (
                answer.to_owned(),
                listed.missing.join(" "),
                listed.waits.join(" "),
                list.to_owned(),
            ),
        );
    }
    found
}
