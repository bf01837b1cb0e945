//! The order of the crates, ground floor first.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use testhouse::repository;
use toml::Table;

use crate::only;

/// Every crate, ground floor first, with the crates it may use. Those that are still to come are named, too.
const ROOMS: [(&str, &[&str]); 14] = [
    ("kernel", &[]),
    ("pack", &["kernel"]),
    ("ledger", &["kernel", "pack"]),
    ("tables", &["kernel", "pack", "ledger"]),
    ("linkage", &["kernel"]),
    ("programmes", &["kernel", "pack", "ledger", "tables"]),
    ("intake", &["kernel", "pack", "ledger", "tables", "linkage"]),
    (
        "work",
        &[
            "kernel",
            "pack",
            "ledger",
            "tables",
            "linkage",
            "programmes",
            "intake",
        ],
    ),
    ("reports", &["kernel", "pack", "ledger", "tables"]),
    ("access", &["kernel", "pack", "ledger"]),
    (
        "office",
        &[
            "kernel",
            "pack",
            "ledger",
            "tables",
            "linkage",
            "programmes",
            "intake",
            "work",
            "reports",
            "access",
        ],
    ),
    // Whoever shows pages has nothing that reads past a view.
    ("web", &["kernel", "pack", "office"]),
    ("town", &["kernel", "pack", "ledger"]),
    (
        "taizhang",
        &[
            "kernel",
            "pack",
            "ledger",
            "tables",
            "linkage",
            "programmes",
            "intake",
            "work",
            "reports",
            "access",
            "office",
            "web",
            "town",
        ],
    ),
];

/// A crate, what it uses beyond its room, and why.
const EXCEPTIONS: [(&str, &str, &str); 0] = [];

/// What only tests use.
const TESTS_ONLY: [&str; 1] = ["testhouse"];

fn manifests() -> Vec<(String, Table)> {
    let crates = fs::read_dir(repository().join("crates")).unwrap();
    let mut folders: Vec<PathBuf> = crates.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let read = |folder: PathBuf| {
        let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: Table = text.parse().unwrap();
        let name = manifest["package"]["name"].as_str().unwrap().to_owned();
        (name, manifest)
    };
    folders.into_iter().map(read).collect()
}

/// What a crate is built with, in the product: its dependencies, those of its build script, and those of one platform.
fn uses(manifest: &Table) -> BTreeSet<String> {
    let mut tables = vec![manifest];
    if let Some(platforms) = manifest.get("target").and_then(|target| target.as_table()) {
        tables.extend(platforms.values().filter_map(|table| table.as_table()));
    }
    let kinds = ["dependencies", "build-dependencies"];
    let dependencies = tables
        .iter()
        .flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)));
    let names = dependencies.flat_map(|table| table.as_table().unwrap().keys().cloned());
    names.collect()
}

#[test]
fn a_room_uses_only_what_it_may() {
    let order: Vec<&str> = ROOMS.iter().map(|(name, _)| *name).collect();
    for (at, (room, may)) in ROOMS.iter().enumerate() {
        for used in *may {
            assert!(order[..at].contains(used), "{room} stands below {used}");
        }
    }
    let manifests = manifests();
    let ours: BTreeSet<&str> = manifests.iter().map(|(name, _)| name.as_str()).collect();
    let mut beyond = BTreeSet::new();
    for (name, manifest) in &manifests {
        if TESTS_ONLY.contains(&name.as_str()) {
            continue;
        }
        let Some((_, may)) = ROOMS.iter().find(|(room, _)| room == name) else {
            panic!("{name} has no place among the rooms");
        };
        for used in uses(manifest) {
            if ours.contains(used.as_str()) && !may.contains(&used.as_str()) {
                beyond.insert((name.clone(), used));
            }
        }
    }
    let excepted = EXCEPTIONS
        .iter()
        .map(|(room, used, _)| ((*room).to_owned(), (*used).to_owned()))
        .collect();
    only(beyond, excepted, "a crate uses what it may not");
}

#[test]
fn no_crate_may_hold_unsafe_code_or_lints_of_its_own() {
    let workspace: Table = fs::read_to_string(repository().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let unsafe_code = &workspace["workspace"]["lints"]["rust"]["unsafe_code"];
    assert_eq!(unsafe_code.as_str(), Some("forbid"));
    for (name, manifest) in manifests() {
        let lints = manifest.get("lints").and_then(|lints| lints.as_table());
        let lints = lints.unwrap_or_else(|| panic!("{name} has no lints"));
        assert_eq!(lints.len(), 1, "{name} has lints of its own");
        assert_eq!(lints["workspace"].as_bool(), Some(true), "{name}");
    }
}

#[test]
fn every_crate_says_what_it_is_and_is_not_published() {
    for (name, manifest) in manifests() {
        let package = &manifest["package"];
        let description = package["description"].as_str().unwrap_or_default();
        assert!(description.len() > 20, "{name}: {description:?}");
        let published = match &package["publish"] {
            toml::Value::Boolean(published) => *published,
            inherited => inherited["workspace"].as_bool() != Some(true),
        };
        assert!(!published, "{name}");
    }
}

/// Examples in doc comments would be tests of their own, built one by one; they aren't run (`doctest = false`), so there are none.
#[test]
fn no_example_stands_where_nobody_runs_it() {
    for path in testhouse::walk(&repository().join("crates"), "rs") {
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines().map(str::trim_start);
        let fence = |line: &str| {
            let doc = line.strip_prefix("///").or(line.strip_prefix("//!"));
            doc.is_some_and(|doc| doc.trim_start().starts_with("```"))
        };
        assert!(!lines.any(fence), "{}", path.display());
    }
}
