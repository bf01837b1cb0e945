//! The reference of the language, docs/pack.md, says what the loader reads: every key, no other, and examples that load.

use std::collections::BTreeSet;
use std::fs;

use kernel::Lang;

/// A key with the keys that lead to it, as [`pack::keys`] tells them.
type Key = (String, String);

fn page() -> String {
    fs::read_to_string(testhouse::repository().join("docs/pack.md")).unwrap()
}

/// The words in backticks.
fn ticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// `registers` `[[field]]` as `registers.field`.
fn trail(of: &str) -> String {
    let words = ticked(of)
        .into_iter()
        .map(|word| word.trim_matches(['[', ']']));
    words.collect::<Vec<_>>().join(".")
}

/// Every key that has a row in a table of keys, and every one that is said to be open to changes.
fn described(page: &str) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    let mut of = None;
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("Keys of ") {
            of = Some(trail(rest));
        } else if let Some(rest) = line.strip_prefix("Changes of ") {
            let (what, may) = rest.split_once(": ").unwrap();
            let may = may.split(". ").next().unwrap();
            let of = format!("changes {}", trail(what));
            keys.extend(
                ticked(may)
                    .into_iter()
                    .map(|key| (of.clone(), key.to_owned())),
            );
        } else if let Some(of) = &of
            && line.starts_with("| `")
        {
            let key = ticked(line)[0];
            assert!(
                keys.insert((of.clone(), key.to_owned())),
                "{of}: {key} is described twice"
            );
        } else if !line.is_empty() && !line.starts_with('|') {
            of = None;
        }
    }
    keys
}

/// Every key that is asked for while these packs are loaded.
fn read() -> BTreeSet<Key> {
    let fixtures = testhouse::repository().join("crates/pack/tests/fixtures");
    let national = testhouse::files(&testhouse::repository().join("packs/national"));
    let mut keys = pack::keys(testhouse::examples(&page()));
    keys.extend(pack::keys(vec![
        national,
        testhouse::files(&fixtures.join("county")),
    ]));
    keys.extend(pack::keys(vec![testhouse::files(&fixtures.join("faulty"))]));
    // Names that are the pack's own are no words of the language.
    keys.retain(|(_, key)| key != "*");
    keys
}

#[test]
fn every_key_that_is_read_is_described_and_no_other() {
    let (described, read) = (described(&page()), read());
    let lacking: Vec<_> = read.difference(&described).collect();
    let unknown: Vec<_> = described.difference(&read).collect();
    assert!(
        lacking.is_empty(),
        "not described in docs/pack.md: {lacking:#?}"
    );
    assert!(
        unknown.is_empty(),
        "described in docs/pack.md, but not read: {unknown:#?}"
    );
    assert!(read.len() > 150, "{}", read.len());
}

#[test]
fn the_examples_load() {
    let layers = testhouse::examples(&page());
    assert_eq!(layers.len(), 2, "a pack, and a county's over it");
    if let Err(faulty) = pack::load_layers(layers) {
        panic!(
            "{}",
            pack::render(&faulty.files, &faulty.faults, Lang::En, false)
        );
    }
}

#[test]
fn the_types_described_are_those_there_are() {
    use pack::FieldType::{
        Bool, Code, Date, Decimal, Document, Fen, File, IdNumber, Int, List, LongText, Moment,
        PartialDate, Phone, Ref, Text, Unit,
    };
    let page = page();
    let (_, table) = page.split_once("| type | holds |").unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let described: Vec<&str> = rows.map(|row| ticked(row)[0]).collect();
    let list = String::new;
    let all = [
        Text,
        Int,
        Fen,
        Date,
        Bool,
        Code(list()),
        Ref(list()),
        Unit,
        IdNumber,
        Phone,
        LongText,
        Moment,
        PartialDate,
        Decimal {
            places: 0,
            unit: pack::Text::default(),
        },
        List(pack::Items::Texts),
        Document,
        File,
    ];
    let all: Vec<&str> = all.iter().map(pack::FieldType::as_str).collect();
    assert_eq!(described, all);
}

#[test]
fn the_tutorial_loads_over_the_national_pack() {
    let page = fs::read_to_string(testhouse::repository().join("docs/tutorial.md")).unwrap();
    let mut layers = vec![testhouse::files(
        &testhouse::repository().join("packs/national"),
    )];
    layers.extend(testhouse::examples(&page));
    assert_eq!(layers.len(), 2);
    match pack::load_layers(layers) {
        Ok(pack) => {
            assert!(pack.action("meal-card").is_some() && pack.indicator("meal_guests").is_some())
        }
        Err(faulty) => panic!(
            "{}",
            pack::render(&faulty.files, &faulty.faults, Lang::En, false)
        ),
    }
}
