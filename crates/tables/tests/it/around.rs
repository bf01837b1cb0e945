//! Who is around a person: kin by the registers that say so, and those who share what a record is about. A record that merely
//! mentions somebody brings nobody along.

use std::collections::BTreeMap;

use jiff::civil::date;
use pack::{Pack, Value};
use tables::{Relatives, batch};

use crate::little::{PACK, load};

fn register(id: &str, says: &str, fields: &[(&str, &str)]) -> String {
    let mut text = format!(
        "[register]\nid = \"{id}\"\nname = {{ zh = \"甲\", en = \"A\" }}\nidentity = [\"number\"]\nunique = \"everywhere\"\n{says}\n"
    );
    for (field, kind) in fields.iter().chain(&[("number", "type = \"int\"")]) {
        let name = "name = { zh = \"甲\", en = \"A\" }";
        text.push_str(&format!("[[field]]\nid = \"{field}\"\n{kind}\n{name}\n"));
    }
    text
}

const PERSON: &str = "type = \"ref\"\nregister = \"person\"";
const HOUSE: &str = "type = \"ref\"\nregister = \"house\"";

/// People 1–6: 1 is the parent of 2, 2 of 3, 3 of 4. 1 shares a house (20) with 5. 5 is the parent of 6. A visit to 1 is handled
/// by 6, who has been visited, too.
fn town(about: &str) -> (std::sync::Arc<Pack>, Relatives) {
    let files = [
        ("pack.toml", PACK.to_owned()),
        ("registers/person.toml", register("person", "", &[])),
        ("registers/house.toml", register("house", "", &[])),
        (
            "registers/tie.toml",
            register(
                "tie",
                "kin = [\"a\", \"b\"]",
                &[("a", PERSON), ("b", PERSON)],
            ),
        ),
        (
            "registers/lives.toml",
            register(
                "lives",
                "about = [\"who\", \"house\"]",
                &[("who", PERSON), ("house", HOUSE)],
            ),
        ),
        (
            "registers/visit.toml",
            register("visit", about, &[("whom", PERSON), ("handled_by", PERSON)]),
        ),
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let pack = load(&files);
    let mut rows = BTreeMap::new();
    let mut next = 100;
    for (id, records) in [
        ("person", vec![vec![]; 6]),
        ("house", vec![vec![]]),
        ("tie", vec![vec![1, 2], vec![2, 3], vec![3, 4], vec![5, 6]]),
        ("lives", vec![vec![1, 20], vec![5, 20]]),
        ("visit", vec![vec![1, 6], vec![6, 3]]),
    ] {
        let own = |nth: i64| match id {
            "person" => nth,
            "house" => 20,
            _ => next + nth,
        };
        let records: Vec<_> = (1..)
            .zip(records)
            .map(|(nth, refs)| {
                let refs = refs.into_iter().map(|id| Some(Value::Int(id)));
                let record = refs.chain([Some(Value::Int(nth))]).collect();
                (
                    own(nth),
                    "210203001001".to_owned(),
                    date(2020, 1, 1),
                    record,
                )
            })
            .collect();
        next += 100;
        let register = pack.register(id).unwrap();
        rows.insert(id.to_owned(), vec![batch(register, &records).unwrap()]);
    }
    let relatives = Relatives::new(&pack, |id| rows.get(id)).unwrap();
    (pack, relatives)
}

/// The records around somebody, by register.
fn around(relatives: &Relatives, person: i64) -> BTreeMap<String, Vec<i64>> {
    let found = relatives.around(person).unwrap();
    let ids = |(id, rows): (String, datafusion::arrow::array::RecordBatch)| {
        let column = rows.column(0);
        let own = column
            .as_any()
            .downcast_ref::<datafusion::arrow::array::Int64Array>();
        (id, own.unwrap().values().to_vec())
    };
    found.into_iter().map(ids).collect()
}

#[test]
fn kin_within_two_steps_and_who_shares_a_house_are_around() {
    let (_, relatives) = town("about = \"whom\"");
    let found = around(&relatives, 1);
    assert_eq!(
        found["person"],
        [1, 2, 3, 5],
        "4 is three steps away, 6 is kin of somebody who shares the house"
    );
    assert_eq!(found["house"], [20]);
    assert_eq!(around(&relatives, 4)["person"], [2, 3, 4]);
}

#[test]
fn who_is_merely_mentioned_brings_nobody_along() {
    let (_, relatives) = town("about = \"whom\"");
    let found = around(&relatives, 1);
    assert_eq!(
        found["visit"].len(),
        1,
        "the visit to 1, not the one to 6, who handled it"
    );
    // With the same field declared to be what it is about, it belongs to 6 as well.
    let (_, relatives) = town("about = [\"whom\", \"handled_by\"]");
    assert_eq!(
        around(&relatives, 3)["visit"].len(),
        2,
        "handled by 3, and the visit to their grandparent"
    );
    let (_, relatives) = town("about = \"whom\"");
    assert_eq!(around(&relatives, 3)["visit"].len(), 1);
    // A register about nobody belongs to nobody.
    let (_, relatives) = town("about = []");
    assert!(!around(&relatives, 1).contains_key("visit"));
}
