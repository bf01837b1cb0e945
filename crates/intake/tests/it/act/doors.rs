//! One case of each action of the pack, by a list, by a form and as JSON.

use std::collections::BTreeMap;

use intake::ActRow;
use jiff::civil::date;
use pack::{Action, FieldType, InputGives, Items, ValueSource};
use serde_json::{Value as Json, json};

use super::{carry_out, office, people, request};
use crate::common::{ON, ONE, Office, TWO, id};

/// What is filled in for each input in one case, from few choices that suit its type.
struct Case {
    /// By column of a value.
    values: BTreeMap<String, String>,
    /// By input of a person, which of them.
    people: BTreeMap<String, usize>,
}

fn case(office: &Office, action: &Action, nth: usize) -> Case {
    let mut case = Case {
        values: BTreeMap::new(),
        people: BTreeMap::new(),
    };
    for (at, input) in action.inputs.iter().enumerate() {
        // Optional ones are left out now and then.
        if !input.required && (at + nth).is_multiple_of(3) {
            continue;
        }
        let columns = match input.gives {
            InputGives::Value(column) => column..column + 1,
            InputGives::Record { .. } if action.register_of(input) == Some("person") => {
                let next = case.people.len();
                case.people.insert(input.id.clone(), (next + nth) % 4);
                continue;
            }
            InputGives::Record {
                column, columns, ..
            } => column..column + columns,
        };
        for column in &action.roster.columns[columns] {
            let text = match &column.kind {
                FieldType::Code(list) => {
                    let members = &office.pack.code(list).unwrap().members;
                    members[(at + nth) % members.len()].name.zh.clone()
                }
                FieldType::Date => ["2025年3月8日", "2025-06-01", "2024.12.5"][nth % 3].to_owned(),
                FieldType::Bool => ["是", "否"][nth % 2].to_owned(),
                FieldType::Fen => ["590元", "1,234.50"][nth % 2].to_owned(),
                FieldType::Int => (1 + nth % 4).to_string(),
                FieldType::Phone => format!("138-0000-{:04}", 100 + nth),
                FieldType::IdNumber => id(2025, 3, 8, 200 + u16::try_from(nth).unwrap()),
                _ if column.id == "household_number" => "1-203".to_owned(),
                FieldType::Text | FieldType::LongText => format!("某{}{nth}", column.name.zh),
                FieldType::Unit => ONE.to_owned(),
                FieldType::Decimal { places, .. } => {
                    ["12", "12.5"][usize::from(*places > 0)].to_owned()
                }
                FieldType::PartialDate => ["2024-05", "2023"][nth % 2].to_owned(),
                FieldType::Moment => "2025-03-08 09:30".to_owned(),
                FieldType::List(Items::Codes(list)) => {
                    let members = &office.pack.code(list).unwrap().members;
                    members[nth % members.len()].name.zh.clone()
                }
                FieldType::List(Items::Texts) => "其一、其二".to_owned(),
                // A digest that nobody kept.
                FieldType::File => continue,
                other => panic!("{other:?}"),
            };
            case.values.insert(column.id.clone(), text);
        }
    }
    case
}

/// What has to be there for a case: the records of other registers that it names, each opened by an action of its own.
fn before(office: &Office, action: &Action, of: &Case, depth: usize) -> Vec<(Action, Case)> {
    let mut all = Vec::new();
    for input in &action.inputs {
        let (
            InputGives::Record {
                column, columns, ..
            },
            Some(register),
        ) = (&input.gives, action.register_of(input))
        else {
            continue;
        };
        let opens = |write: &&pack::Write| {
            write.register == register
                && write.create
                && write.of.is_none()
                && write.only_if.is_none()
        };
        let mut actions = office.pack.actions.iter();
        let opening = actions.find(|other| other.roster.writes.iter().any(|write| opens(&write)));
        let (Some(opening), true) = (opening, register != "person" && depth < 4) else {
            continue;
        };
        let mut own = case(office, opening, 0);
        for given in &action.roster.columns[*column..column + columns] {
            let field = given.id.strip_prefix(&format!("{}_", input.id));
            let writes = opening.roster.writes.iter().filter(opens);
            let mut sets = writes.flat_map(|write| &write.set);
            let from = field.and_then(|field| sets.find(|(set, _)| set == field));
            if let (Some((_, ValueSource::Column(from))), Some(text)) =
                (from, of.values.get(&given.id))
            {
                own.values.insert(from.clone(), text.clone());
            }
        }
        all.extend(before(office, opening, &own, depth + 1));
        all.push((opening.clone(), own));
    }
    all
}

/// An office in which a case can be carried out.
async fn office_for(action: &Action, of: &Case) -> Office {
    let office = office().await;
    for (action, case) in before(&office, action, of, 0) {
        let row = by_hand(&office, &case).await;
        // What it lacks itself is told by the case for which it should be there.
        let mut asked = request(action.id(), vec![row]);
        asked.form = format!("before {}", action.id());
        // Of one day what a desk says and what a list says would be held against each other.
        asked.on = date(2025, 12, 1);
        drop(carry_out(&office, &asked).await);
    }
    office
}

/// A case as a form gives it.
async fn by_hand(office: &Office, case: &Case) -> ActRow {
    let mut row = ActRow::default();
    for (column, text) in &case.values {
        row.values.insert(column.clone(), text.as_str().into());
    }
    for (input, person) in &case.people {
        let person = office.named(&people()[*person].0).await[0];
        row.records.insert(input.clone(), person);
    }
    row
}

/// The rows of the case, with people named by number and name.
fn named(action: &Action, case: &Case) -> BTreeMap<String, String> {
    let mut values = case.values.clone();
    for (input, person) in &case.people {
        let (name, number) = &people()[*person];
        values.insert(format!("{input}_id_number"), number.clone());
        values.insert(format!("{input}_name"), name.clone());
    }
    let known = |column: &&String| action.roster.column(column).is_some();
    assert!(values.keys().all(|column| known(&column)), "{values:?}");
    values
}

/// What stands, and the words of all registers but those by which people are merely named.
async fn after(office: &Office, refused: bool) -> After {
    let mut words = Vec::new();
    for register in office.pack.registers.iter().filter(|r| r.id != "person") {
        for book in [ONE, TWO, crate::common::STREET] {
            words.extend(office.bodies(book, &register.id).await);
        }
    }
    (refused, office.state().await, words)
}

/// Whether it was refused, what stands, and the words.
type After = (bool, Vec<String>, Vec<String>);

async fn by_list(action: &Action, case: &Case) -> After {
    let office = office_for(action, case).await;
    let values = named(action, case);
    let columns: Vec<_> = action.roster.columns.iter().collect();
    let head = columns
        .iter()
        .map(|column| column.name.zh.clone())
        .collect();
    let cells = columns.iter().map(|column| {
        let text = values.get(&column.id).cloned().unwrap_or_default();
        format!("\"{text}\"")
    });
    let outcome = office
        .list(action.id(), ONE, ON, &[head, cells.collect()])
        .await;
    after(&office, outcome.files[0].rejected() > 0).await
}

async fn by_form(action: &Action, case: &Case) -> After {
    let office = office_for(action, case).await;
    let row = by_hand(&office, case).await;
    let done = carry_out(&office, &request(action.id(), vec![row])).await;
    let done = done.unwrap_or_else(|error| panic!("{}: {error}", action.id()));
    after(&office, !done.is_clean()).await
}

async fn by_json(action: &Action, case: &Case) -> After {
    let office = office_for(action, case).await;
    let mut row = ActRow::default();
    for (column, text) in named(action, case) {
        let kind = &action.roster.column(&column).unwrap().1.kind;
        let json: Json = match kind {
            FieldType::Int => json!(text.parse::<i64>().unwrap()),
            FieldType::Bool => json!(text == "是"),
            _ => json!(text),
        };
        row.values.insert(column, json);
    }
    let done = carry_out(&office, &request(action.id(), vec![row])).await;
    let done = done.unwrap_or_else(|error| panic!("{}: {error}", action.id()));
    after(&office, !done.is_clean()).await
}

#[tokio::test]
async fn the_same_by_list_form_and_json_is_the_same_word() {
    let pack = testhouse::national();
    assert!(pack.actions.len() >= 20);
    let cases = std::env::var("ACT_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(2);
    let mut refused = 0;
    for action in &pack.actions {
        for nth in 0..cases {
            let office = Office::new().await;
            let case = case(&office, action, nth);
            let form = by_form(action, &case).await;
            refused += usize::from(form.0);
            // What is there already is refused to a form, and said again by a list.
            if form.0 && action.roster.writes.iter().any(|write| write.new) {
                continue;
            }
            assert_eq!(
                by_list(action, &case).await,
                form,
                "{} {nth}: list and form",
                action.id()
            );
            assert_eq!(
                by_json(action, &case).await,
                form,
                "{} {nth}: JSON and form",
                action.id()
            );
        }
    }
    let tried = cases * pack.actions.len();
    assert!(refused < tried / 5, "{refused} of {tried} refused");
}
