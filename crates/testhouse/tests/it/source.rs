//! Rust sources as tokens: comments are gone, and what is compiled for tests only is left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The tokens of a file.
pub(crate) fn tokens(path: &Path) -> TokenStream {
    let text = fs::read_to_string(path).unwrap();
    text.parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every text written in the product's sources of a crate.
pub(crate) fn literals(sources: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut for_tests = BTreeSet::new();
    let files = testhouse::walk(sources, "rs");
    for file in &files {
        modules_for_tests(tokens(file), file, &mut for_tests);
    }
    for file in &files {
        if !for_tests.iter().any(|prefix| file.starts_with(prefix)) {
            texts(tokens(file), &mut found);
        }
    }
    found
}

/// Whether a token is this identifier.
pub(crate) fn is(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

/// The text of a literal, when it is one; escapes stand as they are written.
pub(crate) fn text(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else {
        return None;
    };
    let written = literal.to_string();
    let written = written.trim_start_matches(['b', 'c', 'r', '#']);
    let written = written.trim_end_matches('#');
    let inner = written.strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.to_owned())
}

/// An attribute begins here, and what it holds is this, without spaces.
fn attribute(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [TokenTree::Punct(hash), TokenTree::Group(group), ..]
            if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
        {
            Some(group.stream().to_string().replace(' ', ""))
        }
        _ => None,
    }
}

/// How many tokens a `#[cfg(test)]` and what it stands before take, and the name of the module if that is in another file.
fn for_tests(tokens: &[TokenTree]) -> Option<(usize, Option<String>)> {
    if attribute(tokens)? != "cfg(test)" {
        return None;
    }
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let end = tokens.iter().position(ends)?;
    let module = tokens[..end]
        .windows(2)
        .find(|pair| is(pair.first(), "mod"))
        .filter(|_| matches!(tokens[end], TokenTree::Punct(_)))
        .map(|pair| pair[1].to_string());
    Some((end + 1, module))
}

fn texts(stream: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((length, _)) = for_tests(&tokens[at..]) {
            at += length;
        } else if attribute(&tokens[at..]).is_some_and(|inside| inside.starts_with("doc=")) {
            at += 2;
        } else {
            if let TokenTree::Group(group) = &tokens[at] {
                texts(group.stream(), found);
            }
            found.extend(text(&tokens[at]));
            at += 1;
        }
    }
}

/// The places of the modules that are compiled for tests only.
fn modules_for_tests(stream: TokenStream, file: &Path, found: &mut BTreeSet<PathBuf>) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let folder = match file.file_stem().unwrap().to_str().unwrap() {
        "lib" | "main" | "mod" => file.parent().unwrap().to_owned(),
        _ => file.with_extension(""),
    };
    for at in 0..tokens.len() {
        if let Some((_, Some(module))) = for_tests(&tokens[at..]) {
            found.insert(folder.join(format!("{module}.rs")));
            found.insert(folder.join(module));
        }
    }
}
