//! A public type's name is unique in the workspace: who reads it knows what it is without its path.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use testhouse::repository;

use crate::only;
use crate::source::{is, tokens};

/// The crates whose types others give on.
const OURS: [&str; 9] = [
    "intake",
    "kernel",
    "ledger",
    "linkage",
    "office",
    "pack",
    "programmes",
    "reports",
    "tables",
];

#[test]
fn no_two_crates_give_one_name_to_two_types() {
    let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(repository().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let library = folder.join("src/lib.rs");
        if !library.exists() {
            continue;
        }
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let mut types = BTreeSet::new();
        exported(&library, &folder.join("src"), &mut types);
        assert!(
            !types.is_empty() || name == "testhouse",
            "{name} exports nothing"
        );
        for of_type in types {
            crates.entry(of_type).or_default().insert(name.clone());
        }
    }
    let twice = crates.into_iter().filter(|(_, crates)| crates.len() > 1);
    only(twice.collect(), BTreeSet::new(), "one name, two types");
}

/// The types a file exports: its own, those it gives on, and those of its public modules, which lie in `folder`.
fn exported(file: &Path, folder: &Path, types: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens(file).into_iter().collect();
    for (at, _) in tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| is(Some(token), "pub"))
    {
        let Some(TokenTree::Ident(what)) = tokens.get(at + 1) else {
            continue;
        };
        match what.to_string().as_str() {
            "struct" | "enum" | "trait" | "type" => {
                types.extend(tokens.get(at + 2).map(ToString::to_string))
            }
            "use" => {
                let until = |token: &&TokenTree| token.to_string() != ";";
                let named: TokenStream =
                    tokens[at + 2..].iter().take_while(until).cloned().collect();
                // What is another crate's keeps its name, so it is no type of one's own.
                if OURS.contains(&tokens[at + 2].to_string().as_str()) {
                    continue;
                }
                if named.to_string().ends_with('*') {
                    let module = tokens[at + 2].to_string();
                    of_module(&module, folder, types);
                }
                names(named, types);
            }
            "mod" => of_module(&tokens[at + 2].to_string(), folder, types),
            _ => {}
        }
    }
}

fn of_module(module: &str, folder: &Path, types: &mut BTreeSet<String>) {
    let inside = folder.join(module);
    let places = [folder.join(format!("{module}.rs")), inside.join("mod.rs")];
    if let Some(file) = places.iter().find(|file| file.exists()) {
        exported(file, &inside, types);
    }
}

/// The names of types in a path: those that begin with a capital and aren't constants.
fn names(path: TokenStream, types: &mut BTreeSet<String>) {
    for token in path {
        match token {
            TokenTree::Group(group) => names(group.stream(), types),
            TokenTree::Ident(name) => {
                let name = name.to_string();
                let is_type =
                    name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase);
                types.extend(is_type.then_some(name));
            }
            _ => {}
        }
    }
}
