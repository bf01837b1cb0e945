//! What programmes say of a person: what stands out first (missed, no longer, to find out), then what is as it should be, and folded what
//! doesn't concern them; and what stands out with those who live with them or are their kin. Facts of the evaluation that the
//! reader's grant masks are left out.

use std::collections::BTreeSet;

use kernel::{Answer, RecordId, UnitCode};
use maud::{Markup, html};
use office::{Around, ConditionAnswer, Explanation, Standing, UnitNames};
use pack::{Pack, Register, Subject};

use crate::pages::person::link;
use crate::pages::person_records::{Held, members, other_of};
use crate::pages::{offered, programme};
use crate::parts;
use crate::reader::Reader;
use crate::shown;
use crate::trouble::Trouble;
use crate::words;

/// What stands on a page, in the order in which it matters.
const ON_A_PAGE: [Standing; 8] = [
    Standing::Missed,
    Standing::NoLonger,
    Standing::ToFindOut,
    Standing::Waits,
    Standing::Unlisted,
    Standing::Served,
    Standing::Fails,
    Standing::Holds,
];
/// What is told of relatives.
const OF_RELATIVES: [Standing; 5] = [
    Standing::Missed,
    Standing::NoLonger,
    Standing::ToFindOut,
    Standing::Waits,
    Standing::Unlisted,
];
/// Of how many relatives answers are told; a collective household has more, and they are no family.
const MOST_RELATIVES: usize = 10;

/// Who of the people around is on the list of which programme.
fn enrolled(around: &Around) -> BTreeSet<(String, i64)> {
    let kept = &around.contract.enrolments;
    let enrolments = around.of(&kept.register.id).iter();
    enrolments
        .filter_map(|row| {
            let programme = row.get(&kept.programme.id)?.to_owned();
            Some((programme, row.reference(&kept.person.id)?))
        })
        .collect()
}

/// Where somebody stands with a programme; none where there is nothing to do and nothing is paid.
fn standing(pack: &Pack, explanation: &Explanation, on_list: bool) -> Option<Standing> {
    let programme = pack.programme(&explanation.programme);
    if explanation.missing.is_empty() && !explanation.waits.is_empty() {
        return Some(Standing::Waits);
    }
    if programme.is_some_and(|own| own.judgement.is_some()) {
        return Some(match explanation.answer {
            Answer::Entitled => Standing::Holds,
            Answer::CannotTell => Standing::ToFindOut,
            Answer::NotEntitled => Standing::Fails,
        });
    }
    match (explanation.answer, on_list) {
        (Answer::Entitled, false) if !explanation.paid_is_told => Some(Standing::Unlisted),
        (Answer::Entitled, false) => Some(Standing::Missed),
        (Answer::Entitled, true) => Some(Standing::Served),
        (Answer::CannotTell, _) => Some(Standing::ToFindOut),
        (Answer::NotEntitled, true) => Some(Standing::NoLonger),
        (Answer::NotEntitled, false) => None,
    }
}

/// The answer of every programme.
pub(super) fn answers(
    reader: &Reader,
    units: &UnitNames,
    held: &Held<'_>,
    explained: &[Explanation],
    person: RecordId,
) -> Markup {
    let pack = &reader.office.pack;
    let enrolled = enrolled(held.around);
    let on_list = |explanation: &Explanation| {
        let mut people = explanation.people.iter();
        people.any(|id| enrolled.contains(&(explanation.programme.clone(), *id)))
    };
    let stands = |explanation: &&Explanation| standing(pack, explanation, on_list(explanation));
    // Those enrolled who are no subject any more have no answer.
    let unasked = pack.benefits().filter(|programme| {
        explained
            .iter()
            .all(|explanation| explanation.programme != programme.id)
    });
    let (enrolled_unasked, others): (Vec<_>, Vec<_>) =
        unasked.partition(|programme| enrolled.contains(&(programme.id.clone(), person.0)));
    let not: Vec<&Explanation> = explained
        .iter()
        .filter(|one| stands(one).is_none())
        .collect();
    let folded = not.len() + others.len();
    html! {
        section aria-labelledby="answers" {
            h2 #answers { (reader.say(ANSWERS)) }
            p.note { (words::answers_on(reader.on, reader.lang)) }
            @for wanted in ON_A_PAGE {
                @for explanation in explained.iter().filter(|one| stands(one) == Some(wanted)) {
                    (answer(reader, units, Some(held), explanation, on_list(explanation), person))
                }
                @if wanted == Standing::NoLonger {
                    @for programme in &enrolled_unasked {
                        div.verdict {
                            span.programme { (programme.name.get(reader.lang)) } " " span.answer.none { (reader.say(NOT_ASKED)) }
                            " " span.flag { (reader.say(words::ENROLLED_NOW)) }
                        }
                    }
                }
            }
            @if folded > 0 {
                details.rest {
                    summary { (words::other_programmes(folded, reader.lang)) }
                    @for explanation in not { (answer(reader, units, Some(held), explanation, false, person)) }
                    @for programme in others {
                        div.verdict { span.faint { (programme.name.get(reader.lang)) } " " span.answer.none { (reader.say(NOT_ASKED)) } }
                    }
                }
            }
        }
    }
}

/// What stands out with those who live with a person or are their kin: what a family is missed for belongs on each one's page.
pub(super) async fn of_relatives(
    reader: &Reader,
    held: &Held<'_>,
    person: RecordId,
) -> Result<Markup, Trouble> {
    let (view, around) = (reader.view()?, held.around);
    let enrolled = enrolled(around);
    let mut told: Vec<(i64, String, Standing)> = Vec::new();
    let all = relatives(held, person.0);
    let unit = |relative: &i64| around.person(*relative).and_then(|row| row.unit);
    let people: Vec<(RecordId, UnitCode)> = (all.iter())
        .map(|relative| {
            (
                RecordId(*relative),
                unit(relative).unwrap_or(reader.office.root),
            )
        })
        .collect();
    let pack = &reader.office.pack;
    let mut explained = view.explain_all(reader.on, &people).await?;
    // What somebody shares with this person stands above.
    explained.retain(|explanation| !explanation.people.contains(&person.0));
    let benefit = |of: &Explanation| pack.benefits().any(|own| own.id == of.programme);
    explained.retain(benefit);
    for relative in all {
        for explanation in explained
            .iter()
            .filter(|own| own.people.contains(&relative))
        {
            let mut people = explanation.people.iter();
            let on_list = people.any(|id| enrolled.contains(&(explanation.programme.clone(), *id)));
            let stands = standing(pack, explanation, on_list);
            if let Some(stands) = stands.filter(|stands| OF_RELATIVES.contains(stands)) {
                told.push((relative, explanation.programme.clone(), stands));
            }
        }
    }
    Ok(html! {
        @if !told.is_empty() {
            section aria-labelledby="relatives" {
                h2 #relatives { (reader.say(RELATIVES)) }
                ul.reasons {
                    @for (relative, of, stands) in &told {
                        li { (link(reader, around, &held.dead, *relative)) (reader.say(words::COLON)) (programme::name(pack, of, reader.lang)) " " b { (stands.label(reader.lang)) } }
                    }
                }
            }
        }
    })
}

/// Those who live with a person, if they are a family, and their kin; the living.
fn relatives(held: &Held<'_>, person: i64) -> Vec<i64> {
    let contract = &held.around.contract;
    let households = held.residences.iter();
    let households = households.filter_map(|row| row.reference(&contract.homes.household.id));
    let mut all: Vec<i64> = Vec::new();
    for household in households {
        let members = members(held.around, household);
        if members.len() <= MOST_RELATIVES {
            let people = members.iter();
            all.extend(people.filter_map(|row| row.reference(&contract.homes.person.id)));
        }
    }
    let kin = held.kin.iter();
    all.extend(kin.filter_map(|row| other_of(&contract.kinship, row, person)));
    let mut seen = BTreeSet::from([person]);
    all.retain(|one| !held.dead.contains(one) && seen.insert(*one));
    all.truncate(MOST_RELATIVES);
    all
}

/// What is judged of a record that is no person; nothing if nothing is.
pub(super) async fn of_record(
    reader: &Reader,
    units: &UnitNames,
    register: &Register,
    (record, unit): (RecordId, Option<UnitCode>),
) -> Result<Markup, Trouble> {
    let mut subjects = reader.office.pack.subjects.iter();
    if subjects.all(|subject| subject.of.as_ref() != Some(&register.id)) {
        return Ok(html! {});
    }
    let unit = unit.unwrap_or(reader.office.root);
    let explained = reader.view()?.explain(reader.on, (record, unit)).await?;
    Ok(html! {
        @if let Some(explained) = explained.filter(|all| !all.is_empty()) {
            section aria-labelledby="answers" {
                h2 #answers { (reader.say(JUDGED)) }
                @for explanation in &explained { (answer(reader, units, None, explanation, true, record)) }
            }
        }
    })
}

/// An answer with its conditions and facts; `held` is who is around, if it is a person's.
fn answer(
    reader: &Reader,
    units: &UnitNames,
    held: Option<&Held<'_>>,
    explanation: &Explanation,
    on_list: bool,
    person: RecordId,
) -> Markup {
    let pack = &reader.office.pack;
    let subject = pack.subject(&explanation.kind);
    let programme = pack.programme(&explanation.programme);
    let name = |id: &str| {
        programme
            .and_then(|programme| programme.condition(id))
            .map_or(id, |condition| condition.name.get(reader.lang))
            .to_owned()
    };
    let failed = explanation
        .conditions
        .iter()
        .filter(|condition| condition.holds == Some(false));
    let failed: Vec<String> = failed.map(|condition| name(&condition.id)).collect();
    let judged = programme.is_some_and(|own| own.judgement.is_some());
    html! {
        details.verdict open[explanation.answer != Answer::NotEntitled || on_list] {
            summary {
                span.programme { (programme::name(pack, &explanation.programme, reader.lang)) }
                " " (parts::answer(reader, &explanation.programme, explanation.answer))
                @if on_list && !judged { " " span.flag { (reader.say(words::ENROLLED_NOW)) } }
                @if explanation.answer == Answer::Entitled && !on_list && !judged && explanation.paid_is_told { " " span.flag.missed { (reader.say(MISSED_FLAG)) } }
                @if !failed.is_empty() { span.why { (words::because(&failed, reader.lang)) } }
            }
            @if let Some(held) = held {
                @for other in explanation.people.iter().filter(|other| **other != person.0) {
                    p.note { (reader.say(TOGETHER_WITH)) " " (link(reader, held.around, &held.dead, *other)) }
                }
            }
            @if !explanation.missing.is_empty() {
                ul.ask {
                    @for fact in explanation.missing.iter().filter_map(|id| subject.and_then(|subject| subject.fact(id))) {
                        li { (fact.ask.as_ref().unwrap_or(&fact.name).get(reader.lang)) (offered::answering(reader, fact, &explanation.people, |id| name_of(held?.around, id), None)) }
                    }
                }
            }
            @if explanation.answer == Answer::Entitled && !on_list && !judged && !explanation.paid_is_told { p.note { (reader.say(PAID_NOT_TOLD)) } }
            @if !explanation.waits.is_empty() {
                p.note { (reader.say(WAITS_FOR)) }
                ul.awaited {
                    @for fact in explanation.waits.iter().filter_map(|id| subject.and_then(|subject| subject.fact(id))) {
                        li { (fact.name.get(reader.lang)) (reader.say(words::COLON)) (voucher_names(pack, fact, reader.lang)) (asking(reader, fact, &explanation.people)) }
                    }
                }
            }
            table.conditions aria-label=(reader.say(CONDITIONS_OF)) {
                thead.unseen { tr { (parts::heading(reader, ANSWER, false)) (parts::heading(reader, CONDITION, false)) (parts::heading(reader, FACTS, false)) } }
                tbody {
                    @for condition in &explanation.conditions {
                        tr {
                            td { (parts::mark(reader, condition.holds)) }
                            th scope="row" { (name(&condition.id)) }
                            td { (facts(reader, units, subject, condition)) }
                        }
                    }
                }
            }
            p.note { a.alone href=(reader.link(&format!("/programmes/{}", explanation.programme), &[])) { (reader.say(SEE_CONDITIONS)) } }
        }
    }
}

/// The way to say that somebody was asked, and there is none.
fn asking(reader: &Reader, fact: &pack::Fact, people: &[i64]) -> Markup {
    let action = reader.view().ok().and_then(|view| view.asks_none());
    let (Some((action, person, list)), Some(roster), [own]) =
        (action, fact.closed.vouched.first(), people)
    else {
        return html! {};
    };
    let filled = [(person, own.to_string()), (list, roster.clone())];
    let filled: Vec<(&str, &str)> = filled
        .iter()
        .map(|(id, value)| (*id, value.as_str()))
        .collect();
    html! {
        " " a.answer-it href=(reader.link(&format!("/actions/{}", action.id()), &filled)) { (action.name().get(reader.lang)) }
    }
}

/// The lists that would tell a fact.
fn voucher_names(pack: &Pack, fact: &pack::Fact, lang: kernel::Lang) -> String {
    let rosters = fact.closed.rosters().filter_map(|id| pack.roster(id));
    let names: Vec<&str> = rosters.map(|roster| roster.name.get(lang)).collect();
    names.join(match lang {
        kernel::Lang::Zh => "或",
        kernel::Lang::En => " or ",
    })
}

/// Somebody's name, as it may be seen.
fn name_of(around: &Around, person: i64) -> Option<String> {
    let name = around.person(person)?.get(&around.contract.people.name.id);
    name.map(ToOwned::to_owned)
}

/// The facts a condition rests on.
fn facts(
    reader: &Reader,
    units: &UnitNames,
    subject: Option<&Subject>,
    condition: &ConditionAnswer,
) -> Markup {
    let pack = &reader.office.pack;
    html! {
        @for (nth, held) in condition.facts.iter().enumerate() {
            @if let Some(fact) = subject.and_then(|subject| subject.fact(&held.id)) {
                @if nth > 0 { (reader.say(words::SEMICOLON)) }
                span.fact {
                    (fact.name.get(reader.lang)) (reader.say(words::COLON))
                    @if held.withheld { i.faint { (reader.say(words::WITHHELD)) } }
                    @else if let Some(value) = &held.value { b { (shown::fact(pack, units, fact, value, reader.lang)) } }
                    @else { b.open { (reader.say(words::UNKNOWN)) } }
                }
            }
        }
    }
}

words! {
    CONDITIONS_OF: "逐项条件", "Condition by condition";
    JUDGED: "判断", "Judgement";
    ANSWERS: "各项目核对结果", "What each programme says";
    RELATIVES: "家人的待遇", "The family's benefits";
    NOT_ASKED: "不是对象，或当日尚未施行", "not a subject, or not in force on this date";
    PAID_NOT_TOLD: "享受名册未到，是否在享不明。", "No benefit list tells whether they are on one.";
    WAITS_FOR: "下列事实名册上没有记录，名册到齐之前不能断定：", "Nothing is on record of these, and until the lists are there nothing follows from that:";
    MISSED_FLAG: "应享未享", "missed";
    TOGETHER_WITH: "共同对象：", "Together with:";
    ANSWER: "结果", "Answer";
    CONDITION: "条件", "Condition";
    FACTS: "依据的事实", "Facts";
    SEE_CONDITIONS: "条件、依据与名单", "Conditions, basis and lists";
}
