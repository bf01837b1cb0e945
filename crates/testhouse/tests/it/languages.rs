//! Whatever a person reads is there in Chinese and in English.

use std::collections::BTreeSet;
use std::fs;

use proc_macro2::{TokenStream, TokenTree};
use testhouse::{relative, repository, walk};
use toml::Value;

use crate::only;
use crate::source::{is, text, tokens};

/// Texts that are blank in one language, and why.
const BLANK: [(&str, &str); 1] = [(
    "national/indicators/population.toml indicator sex_ratio unit zh",
    "men per 100 women have no unit in Chinese statistics",
)];

#[test]
fn every_text_of_the_packs_is_in_both_languages() {
    let top = repository().join("packs");
    let mut met = 0;
    let mut missing = BTreeSet::new();
    for path in walk(&top, "toml") {
        let content = fs::read_to_string(&path).unwrap();
        let content: toml::Table = content.parse().unwrap();
        let name = relative(&path, &top);
        both(&Value::Table(content), &name, &mut met, &mut missing);
    }
    assert!(met > 500, "only {met} texts in the packs");
    let excepted = BLANK.iter().map(|(place, _)| (*place).to_owned());
    only(missing, excepted.collect(), "a text in one language only");
}

/// A table with one of the languages has both, and neither is blank.
fn both(value: &Value, place: &str, met: &mut usize, missing: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            let text = |lang| table.get(lang).and_then(Value::as_str).unwrap_or_default();
            // What numbers are of may need no word: points, shares of one; and in English what the name says.
            let bare = place.ends_with(" unit") && text("en").is_empty();
            if !bare && (table.contains_key("zh") || table.contains_key("en")) {
                *met += 1;
                for lang in ["zh", "en"] {
                    let said = table.get(lang).and_then(Value::as_str);
                    if said.is_none_or(|said| said.trim().is_empty()) {
                        missing.insert(format!("{place} {lang}"));
                    }
                }
            }
            let id = table.get("id").and_then(Value::as_str);
            let place = id.map_or_else(|| place.to_owned(), |id| format!("{place} {id}"));
            for (key, value) in table {
                both(value, &format!("{place} {key}"), met, missing);
            }
        }
        Value::Array(values) => {
            for value in values {
                both(value, place, met, missing);
            }
        }
        _ => {}
    }
}

#[test]
fn every_word_of_the_pages_is_in_both_languages() {
    let top = repository().join("crates/web/src");
    let mut met = 0;
    let mut wrong = Vec::new();
    for path in walk(&top, "rs") {
        let name = relative(&path, &top);
        tables(tokens(&path), &mut |words| {
            let items: Vec<TokenTree> = words.into_iter().collect();
            for line in
                items.split(|token| matches!(token, TokenTree::Punct(p) if p.as_char() == ';'))
            {
                // NAME : zh , en
                let said: Vec<String> = line.iter().filter_map(text).collect();
                if line.is_empty() {
                    continue;
                }
                met += 1;
                let whole = said.len() == 2 && said.iter().all(|said| !said.trim().is_empty());
                let chinese = said
                    .last()
                    .is_some_and(|en| en.chars().any(|ch| ('\u{4e00}'..='\u{9fff}').contains(&ch)));
                if !whole || chinese {
                    wrong.push(format!("{name}: {}: {said:?}", line[0]));
                }
            }
        });
    }
    assert!(met > 250, "only {met} words in the pages");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every `words! { … }`, wherever it stands.
fn tables(stream: TokenStream, each: &mut impl FnMut(TokenStream)) {
    let items: Vec<TokenTree> = stream.into_iter().collect();
    for (at, item) in items.iter().enumerate() {
        let TokenTree::Group(group) = item else {
            continue;
        };
        let called = at >= 2
            && is(items.get(at - 2), "words")
            && matches!(&items[at - 1], TokenTree::Punct(mark) if mark.as_char() == '!');
        if called {
            each(group.stream());
        } else {
            tables(group.stream(), each);
        }
    }
}
