//! The ways from pages to actions: what is offered on the page of a record, and by what a fact is made known.

use maud::{Markup, html};
use office::{Around, SeenRow};
use pack::{Action, Fact, Input, Register};

use super::action_list::under_headings;
use super::amend;
use crate::reader::Reader;
use crate::words;

/// What can be done on the page of a record: the actions offered there, then putting it, and others that the page shows, right.
pub(crate) fn offered(
    reader: &Reader,
    (register, row, around): (&Register, &SeenRow, Option<&Around>),
    others: &[(&Register, &SeenRow)],
) -> Markup {
    let at = (reader.on, around);
    let offered = reader.view();
    let offered = offered.map(|view| view.offered(&register.id, row, at));
    let offered = offered.unwrap_or_default();
    let shown: Vec<_> = std::iter::once((register, row))
        .chain(others.iter().copied())
        .collect();
    let amends = (shown.iter()).any(|(register, row)| amend::may(reader, register, row));
    html! {
        @if !offered.is_empty() || amends {
            nav.offered aria-label=(reader.say(words::ACTIONS)) {
                @for (heading, offered) in under_headings(reader, offered, |(action, _)| action) {
                    p.label { (heading) }
                    ul {
                        @for (action, input) in offered {
                            li { a href=(reader.link(&format!("/actions/{}", action.id()), &[(&input.id, &row.record.to_string())])) { (action.name().get(reader.lang)) } }
                        }
                    }
                }
                (amend::links(reader, &shown))
            }
        }
    }
}

/// What can be done on the page of any other record: the actions offered there, and those that say more of it, filled in with its
/// identity.
pub(crate) fn on_record(reader: &Reader, register: &Register, row: &SeenRow) -> Markup {
    let Ok(view) = reader.view() else {
        return html! {};
    };
    let offered = view
        .offered(&register.id, row, (reader.on, None))
        .into_iter();
    let record = row.record.to_string();
    let offered =
        offered.map(|(action, input)| (action, vec![(input.id.as_str(), record.clone())]));
    let mut ways: Vec<(&Action, Vec<(&str, String)>)> = offered.collect();
    for (action, filled) in view.saying_more(register, row) {
        if !ways.iter().any(|(known, _)| known.id() == action.id()) {
            ways.push((action, filled));
        }
    }
    html! {
        @if !ways.is_empty() {
            nav.offered aria-label=(reader.say(words::ACTIONS)) {
                @for (heading, ways) in under_headings(reader, ways, |(action, _)| action) {
                    p.label { (heading) }
                    ul {
                        @for (action, filled) in ways {
                            @let filled: Vec<(&str, &str)> = filled.iter().map(|(input, value)| (*input, value.as_str())).collect();
                            li { a href=(reader.link(&format!("/actions/{}", action.id()), &filled)) { (action.name().get(reader.lang)) } }
                        }
                    }
                }
            }
        }
    }
}

/// The way to make a fact known once it is found out: of each of the people it may be about, by name if there are several. From a
/// list it leads back there.
pub(crate) fn answering(
    reader: &Reader,
    fact: &Fact,
    people: &[i64],
    name: impl Fn(i64) -> Option<String>,
    list: Option<&str>,
) -> Markup {
    let action = fact.answered_by.as_deref();
    let action = action.and_then(|id| reader.view().ok()?.action(id).ok());
    let register = &reader.office.contract.people.register.id;
    let input = action.and_then(|action| {
        let mut offered = action
            .offered
            .iter()
            .filter_map(|offer| action.inputs.get(offer.input));
        offered.find(|input| action.register_of(input) == Some(register))
    });
    let address = |action: &Action, input: &Input, person: &i64| {
        let person = person.to_string();
        let mut asked = vec![(input.id.as_str(), person.as_str())];
        asked.extend(list.map(|list| ("back", list)));
        reader.link(&format!("/actions/{}", action.id()), &asked)
    };
    html! {
        @if let (Some(action), Some(input)) = (action, input) {
            @for person in people {
                " "
                a.answer-it href=(address(action, input, person)) {
                    (reader.say(ANSWER_IT))
                    @if people.len() > 1 { @if let Some(name) = name(*person) { (reader.say(words::COLON)) (name) } }
                }
            }
        }
    }
}

words! {
    ANSWER_IT: "登记", "Answer";
}
