//! The national pack against its own cases: every SQL is checked by the engine, every case must come out as the policy
//! officer wrote it, and the cases must cover what a programme can answer.

use std::collections::BTreeSet;

use jiff::civil::date;
use kernel::{Answer, Lang};
use pack::{Programme, Subject};

#[tokio::test]
async fn the_sql_of_the_national_pack_has_no_faults() {
    let pack = testhouse::national();
    let faults = programmes::check(&pack, date(2025, 12, 31)).await.unwrap();
    assert!(
        faults.is_empty(),
        "{}",
        pack::render(&pack.files, &faults, Lang::En, false)
    );
}

#[tokio::test]
async fn every_case_of_the_national_pack_comes_out_as_written() {
    let pack = testhouse::national();
    assert!(pack.cases.len() > 150, "only {} cases", pack.cases.len());
    let outcomes = programmes::run_cases(&pack, &mut |_, _| {}).await.unwrap();
    let differing: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !outcome.differs.is_empty())
        .map(|outcome| {
            let file = &pack.files[outcome.place.file];
            let line = file.text[..outcome.place.span.start].lines().count();
            let differs: Vec<&str> = outcome.differs.iter().map(|d| d.zh.as_str()).collect();
            format!(
                "{}:{line} {}：{}",
                file.path,
                outcome.name,
                differs.join("；")
            )
        })
        .collect();
    assert!(
        differing.is_empty(),
        "{} of {} cases differ\n{}",
        differing.len(),
        outcomes.len(),
        differing.join("\n")
    );
}

#[test]
fn every_programme_has_a_case_of_each_answer_and_of_an_amount() {
    let pack = testhouse::national();
    for programme in &pack.programmes {
        let cases = || pack.cases.iter().filter(|c| c.programme == programme.id);
        for answer in [Answer::Entitled, Answer::NotEntitled, Answer::CannotTell] {
            let there = cases().any(|case| case.answer == Some(answer));
            assert!(there, "{}: no case is {}", programme.id, answer.as_str());
        }
        // One that only judges pays nothing.
        if programme.pays.is_none() {
            continue;
        }
        let paid = cases().any(|case| case.amount.is_some_and(|(_, fen)| fen.0 > 0));
        let unpaid = cases().any(|case| case.amount.is_some_and(|(_, fen)| fen.0 == 0));
        assert!(paid && unpaid, "{}: an amount and none", programme.id);
    }
}

/// Facts that have a question but never leave an answer open, though they should. May only get shorter.
const WITHOUT: [&str; 0] = [];

#[test]
fn every_fact_that_can_be_asked_for_has_a_case_in_which_it_alone_is_missing() {
    let pack = testhouse::national();
    let mut without = Vec::new();
    for programme in &pack.programmes {
        let subject = pack.subject(&programme.subject).unwrap();
        for fact in asked(programme, subject) {
            // What a list would have told is lacking of both of a couple at once.
            let told = subject
                .fact(&fact)
                .is_some_and(|fact| fact.closed.is_asked());
            let alone = pack.cases.iter().any(|case| {
                case.programme == programme.id
                    && case.answer == Some(Answer::CannotTell)
                    && (case.missing == [fact.as_str()] || told && case.missing.contains(&fact))
            });
            if !alone {
                without.push(format!("{}: {fact}", programme.id));
            }
        }
    }
    assert_eq!(without, WITHOUT);
}

/// The facts with a question that the programme's conditions rest on.
fn asked(programme: &Programme, subject: &Subject) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&pack::Sql> = programme.conditions.iter().map(|c| &c.holds).collect();
    while let Some(sql) = open.pop() {
        for (name, _) in pack::mentions(&sql.text) {
            let Some(fact) = subject.fact(&name) else {
                continue;
            };
            if reached.insert(name) {
                open.extend(&fact.sql);
            }
        }
    }
    reached.retain(|id| subject.fact(id).is_some_and(|fact| fact.ask.is_some()));
    reached
}
