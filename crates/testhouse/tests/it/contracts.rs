//! No crate above `pack` names a register of the national pack. What they know of registers they know by the pack's contract.

use std::collections::BTreeSet;

use testhouse::{national, repository};

use crate::only;
use crate::source::literals;

/// Words that are the name of a register by chance, by crate, and what they are.
const HOMONYMS: [(&str, &[(&str, &str)]); 8] = [
    (
        "intake",
        &[
            ("asked", "the verdict on a row that is asked about"),
            ("birth", "the English word for a date that two lists say"),
            ("household", "a weight: what the rest of a household adds"),
        ],
    ),
    (
        "ledger",
        &[
            ("household", "a word every store is tried with"),
            ("person", "a word every store is tried with"),
            ("visit", "a reason every store is tried with"),
        ],
    ),
    (
        "office",
        &[("unit", "what a unit is called where no unit has the name")],
    ),
    (
        "programmes",
        &[
            ("person", "a column of the query of a subject's people"),
            ("unit", "a column of every subject: whose it is"),
        ],
    ),
    (
        "reports",
        &[("unit", "a placeholder of the work report: whose it is")],
    ),
    (
        "tables",
        &[
            ("person", "a key of the holes that the say of a list names"),
            ("unit", "a column of tables: whose a record is"),
        ],
    ),
    (
        "town",
        &[
            ("disability", "the name of a roster whose list it writes"),
            ("employment", "the name of a roster whose list it writes"),
            ("insurance", "the name of a sender whose list it writes"),
            ("unit", "a key of its summary"),
        ],
    ),
    (
        "web",
        &[
            ("asked", "the verdict on a row that is asked about"),
            ("post", "how a form is sent"),
            ("unit", "a query parameter, a field of forms and a column"),
        ],
    ),
];
/// What programs read: keys and headings that people's scripts rely on.
const PRINTED: [(&str, &str); 5] = [
    ("asked", "a key of what `import --json` prints"),
    ("household", "a heading of what `link` writes"),
    (
        "post",
        "an option of `serve`, and a key of what `posts --json` prints",
    ),
    ("person", "a key of what `review --json` prints"),
    (
        "unit",
        "a heading of lists, and a key of what `indicators --json` prints",
    ),
];

/// The texts of every crate above `pack`, by crate, and the registers of the national pack.
fn texts(mut each: impl FnMut(&str, &str, &str)) {
    let pack = national();
    for entry in std::fs::read_dir(repository().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        if ["kernel", "pack", "testhouse"].contains(&name.as_str()) {
            continue;
        }
        for text in literals(&folder.join("src")) {
            for register in &pack.registers {
                each(&name, &text, &register.id);
            }
        }
    }
}

#[test]
fn no_crate_above_the_pack_names_a_register() {
    let mut named = BTreeSet::new();
    texts(|name, text, register| {
        if text == register {
            named.insert((name.to_owned(), register.to_owned()));
        }
    });
    let printed = PRINTED.iter().map(|(word, _)| ("taizhang", *word));
    let homonyms = HOMONYMS.iter();
    let homonyms = homonyms.flat_map(|(name, words)| words.iter().map(|(word, _)| (*name, *word)));
    let excepted = homonyms.chain(printed);
    let excepted = excepted.map(|(name, word)| (name.to_owned(), word.to_owned()));
    only(named, excepted.collect(), "a crate names a register");
}

#[test]
fn no_crate_above_the_pack_reads_a_register_by_name_in_sql() {
    let mut named = BTreeSet::new();
    texts(|name, text, register| {
        if reads(text, register) {
            named.insert((name.to_owned(), text.to_owned()));
        }
    });
    only(named, BTreeSet::new(), "SQL names a register");
}

/// Whether a piece of SQL reads the register: its name stands after FROM, JOIN or a comma between them, alone or in quotes.
fn reads(text: &str, register: &str) -> bool {
    let mut words = text.split(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_');
    let mut before = "";
    let sql = ["select", " id ", "where"];
    let lower = text.to_ascii_lowercase();
    words.any(|word| {
        let read = ["from", "join"].contains(&before.to_ascii_lowercase().as_str());
        if !word.is_empty() {
            before = word;
        }
        read && word == register && sql.iter().any(|sign| lower.contains(sign))
    })
}

#[test]
fn sql_that_reads_a_register_is_found() {
    assert!(reads("select id from person where id = 1", "person"));
    assert!(reads(
        " left join \"death\" d on d.person = p.id where true",
        "death"
    ));
    assert!(!reads("select id from {people}", "person"));
    assert!(!reads("a letter from person to person", "person"));
}
