//! No crate above `pack` knows a register of the national pack by its name, except where a contract says so.

use std::collections::BTreeSet;

use testhouse::{national, repository};

use crate::only;
use crate::source::literals;

/// The registers that crates name all the same, and why. A word that happens to be a register's name stands here, too.
const CONTRACTS: [(&str, &[(&str, &str)]); 8] = [
    (
        "intake",
        &[
            ("birth", "the English word for a side compared"),
            ("household", "the name of a weight that households add"),
            ("layout", "what headings were said to mean is kept in it"),
            ("person", "rows are about people, who are merged"),
            (
                "question",
                "what is left to a person to decide is kept in it",
            ),
        ],
    ),
    (
        "ledger",
        &[
            ("household", "rows that every store is tried with"),
            ("person", "rows that every store is tried with"),
        ],
    ),
    (
        "programmes",
        &[
            ("enrolment", "answers are held against who is enrolled"),
            ("unit", "the column of whose a subject is"),
        ],
    ),
    (
        "reports",
        &[("unit", "a placeholder of the work report: whose it is")],
    ),
    ("tables", &[("unit", "the column of whose a record is")]),
    (
        "taizhang",
        &[
            ("household", "a heading of the result of `link`"),
            ("person", "`explain` finds a person by number"),
            ("unit", "a heading of lists, and the names of units"),
        ],
    ),
    (
        "town",
        &[
            (
                "disability",
                "the roster of this name, whose file it writes",
            ),
            (
                "employment",
                "the roster of this name, whose file it writes",
            ),
            ("unit", "a key of its summary"),
        ],
    ),
    (
        "web",
        &[
            ("death", "a person's page says that they died"),
            ("enrolment", "a person's page says what they receive"),
            ("household", "the page of a household"),
            ("kinship", "a person's page shows relatives"),
            ("question", "a question shows fields in their order"),
            ("person", "the page of a person, search, and names in lists"),
            ("residence", "a person's page says where they live"),
            ("unit", "the query parameter and the field of forms"),
        ],
    ),
];

#[test]
fn no_crate_above_the_pack_names_a_register_without_a_contract() {
    let pack = national();
    let registers: BTreeSet<&str> = pack.registers.iter().map(|r| r.id.as_str()).collect();
    let mut named = BTreeSet::new();
    for entry in std::fs::read_dir(repository().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        if ["kernel", "pack", "testhouse"].contains(&name.as_str()) {
            continue;
        }
        for text in literals(&folder.join("src")) {
            for register in &registers {
                if names(&text, register) {
                    named.insert((name.clone(), (*register).to_owned()));
                }
            }
        }
    }
    let excepted = CONTRACTS
        .iter()
        .flat_map(|(name, registers)| {
            registers
                .iter()
                .map(|(register, _)| ((*name).to_owned(), (*register).to_owned()))
        })
        .collect();
    only(named, excepted, "a crate names a register");
}

/// Whether a text is the register's name, or SQL that reads it.
fn names(text: &str, register: &str) -> bool {
    let mut words = text.split(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_');
    let mut before = "";
    text == register
        || words.any(|word| {
            let read = ["from", "join"].contains(&before.to_ascii_lowercase().as_str());
            if !word.is_empty() {
                before = word;
            }
            read && word == register && text.to_ascii_lowercase().contains("select")
        })
}
