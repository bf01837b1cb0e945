//! The commands and options that the READMEs name are those of the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use testhouse::repository;

use crate::source::{is, text, tokens};

/// What can be typed: an enum's variants, each with the type it holds, and a struct's long options.
#[derive(Debug, Default)]
struct Typed {
    enums: BTreeMap<String, BTreeMap<String, String>>,
    options: BTreeMap<String, BTreeSet<String>>,
    /// Structs whose options are those of others, too.
    flattened: BTreeMap<String, BTreeSet<String>>,
}

impl Typed {
    fn read() -> Self {
        let mut typed = Self::default();
        let source = repository().join("crates/taizhang/src");
        let parts = fs::read_dir(source.join("arguments")).unwrap();
        let parts = parts.map(|entry| entry.unwrap().path());
        for path in parts.chain([source.join("arguments.rs")]) {
            typed.items(&tokens(&path).into_iter().collect::<Vec<_>>());
        }
        typed
    }

    fn items(&mut self, items: &[TokenTree]) {
        for (at, item) in items.iter().enumerate() {
            let (Some(name), Some(TokenTree::Group(body))) = (items.get(at + 1), items.get(at + 2))
            else {
                continue;
            };
            if body.delimiter() != Delimiter::Brace {
                continue;
            }
            if is(Some(item), "enum") {
                self.enums.insert(name.to_string(), variants(body.stream()));
            } else if is(Some(item), "struct") {
                self.fields(&name.to_string(), body.stream());
            }
        }
    }

    /// `#[arg(long, …)] pub name: Type`, and `#[command(flatten)] pub name: Type`.
    fn fields(&mut self, name: &str, body: TokenStream) {
        let items: Vec<TokenTree> = body.into_iter().collect();
        let (mut long, mut flatten) = (None, false);
        for (at, item) in items.iter().enumerate() {
            match item {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                    let (found, inside) = option(group.stream());
                    long = long.or(found);
                    flatten |= inside;
                }
                TokenTree::Ident(field)
                    if matches!(items.get(at + 1), Some(TokenTree::Punct(p)) if p.as_char() == ':')
                        && (long.is_some() || flatten) =>
                {
                    if flatten {
                        let of = items[at + 2].to_string();
                        self.flattened
                            .entry(name.to_owned())
                            .or_default()
                            .insert(of);
                    }
                    if let Some(written) = long.take() {
                        let written = written.unwrap_or_else(|| kebab(&field.to_string()));
                        self.options
                            .entry(name.to_owned())
                            .or_default()
                            .insert(written);
                    }
                    flatten = false;
                }
                _ => {}
            }
        }
    }

    fn has(&self, of: &str, option: &str) -> bool {
        let own = self.options.get(of).is_some_and(|all| all.contains(option));
        let others = || {
            let others = self.flattened.get(of).into_iter().flatten();
            others.into_iter().any(|other| self.has(other, option))
        };
        own || others()
    }

    /// The type that holds what a command takes: `["town", "generate"]` is `Generate`.
    fn command(&self, words: &[&str]) -> Option<String> {
        let commands = &self.enums["Command"];
        let held = commands.get(*words.first()?)?;
        match self.enums.get(held) {
            Some(inner) => inner.get(*words.get(1)?).cloned(),
            None => Some(held.clone()),
        }
    }
}

/// `Name(Type)` of an enum, in the order they are typed.
fn variants(body: TokenStream) -> BTreeMap<String, String> {
    let items: Vec<TokenTree> = body.into_iter().collect();
    let pairs = items.windows(2).filter_map(|pair| match pair {
        [TokenTree::Ident(name), TokenTree::Group(held)]
            if held.delimiter() == Delimiter::Parenthesis =>
        {
            Some((kebab(&name.to_string()), held.stream().to_string()))
        }
        _ => None,
    });
    pairs.collect()
}

/// The long name an attribute gives, if it gives one, and whether it flattens.
fn option(attribute: TokenStream) -> (Option<Option<String>>, bool) {
    let items: Vec<TokenTree> = attribute.into_iter().collect();
    let (Some(TokenTree::Ident(kind)), Some(TokenTree::Group(inside))) =
        (items.first(), items.get(1))
    else {
        return (None, false);
    };
    let inside: Vec<TokenTree> = inside.stream().into_iter().collect();
    if kind == "command" {
        return (None, is(inside.first(), "flatten"));
    }
    let long = inside.iter().position(|token| is(Some(token), "long"));
    let long = long.filter(|_| kind == "arg").map(|at| {
        let named = matches!(inside.get(at + 1), Some(TokenTree::Punct(p)) if p.as_char() == '=');
        named.then(|| text(&inside[at + 2]).unwrap())
    });
    (long, false)
}

/// How clap writes a name: `NoServe` and `no_serve` are `no-serve`.
fn kebab(name: &str) -> String {
    let mut written = String::new();
    for ch in name.chars() {
        if ch.is_uppercase() && !written.is_empty() {
            written.push('-');
        }
        written.extend(ch.to_lowercase());
    }
    written.replace('_', "-")
}

/// The commands that a line names, as words after `taizhang` or `cargo run --`.
fn commands_in(line: &str) -> Vec<Vec<&str>> {
    let starts = ["taizhang ", "cargo run -- "];
    let starts = starts.iter().flat_map(|start| {
        let places = line.match_indices(start);
        places.map(|(at, start)| &line[at + start.len()..])
    });
    let commands = starts.map(|rest| {
        let rest = rest.split(['`', '&', '#']).next().unwrap();
        rest.split_whitespace().take(2).collect::<Vec<&str>>()
    });
    commands
        .filter(|words| words.first().is_some_and(|word| lower(word)))
        .collect()
}

fn lower(word: &str) -> bool {
    word.chars().all(|ch| ch.is_ascii_lowercase() || ch == '-')
}

/// The options that a line names.
fn options_in(line: &str) -> Vec<&str> {
    let parts = line.split("--").skip(1);
    let options = parts.map(|part| {
        let end = part.find(|ch: char| !ch.is_ascii_lowercase() && ch != '-');
        &part[..end.unwrap_or(part.len())]
    });
    options
        .filter(|option| option.starts_with(|ch: char| ch.is_ascii_lowercase()))
        .collect()
}

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// Options of other programs.
const CARGO: [&str; 1] = ["workspace"];

#[test]
fn the_readmes_name_only_commands_and_options_there_are() {
    let typed = Typed::read();
    for readme in READMES {
        let content = fs::read_to_string(repository().join(readme)).unwrap();
        for line in content.lines() {
            let mut holders = Vec::new();
            for words in commands_in(line) {
                let held = typed.command(&words);
                holders.push(held.unwrap_or_else(|| panic!("{readme}: no command {words:?}")));
            }
            for option in options_in(line) {
                let any = || typed.options.keys().any(|of| typed.has(of, option));
                let there = if holders.is_empty() {
                    CARGO.contains(&option) || any()
                } else {
                    typed.has("Arguments", option) || holders.iter().any(|of| typed.has(of, option))
                };
                assert!(there, "{readme}: no --{option} of {holders:?} in: {line}");
            }
        }
    }
}

#[test]
fn the_readmes_name_every_command() {
    let typed = Typed::read();
    let commands = typed.enums["Command"].keys();
    let commands: BTreeSet<&str> = commands.map(String::as_str).collect();
    assert!(commands.len() > 10, "{commands:?}");
    for readme in READMES {
        let content = fs::read_to_string(repository().join(readme)).unwrap();
        let lines = content.lines().flat_map(commands_in);
        let named: BTreeSet<&str> = lines.map(|words| words[0]).collect();
        let absent: Vec<_> = commands.difference(&named).collect();
        assert!(absent.is_empty(), "{readme} does not name {absent:?}");
    }
}
