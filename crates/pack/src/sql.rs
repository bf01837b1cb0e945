//! The little of SQL that a pack must understand without an engine: which names and which `$name` parameters stand in a text,
//! outside strings and comments, and putting values in place of parameters. It promises that every position in a bound text
//! leads back to the file. It never parses; what is wrong inside is found by the engine.

use std::ops::Range;

use crate::{Place, Sql};

/// What a stretch of SQL is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A bare name or keyword.
    Word,
    /// A name in double quotes.
    Quoted,
    /// `$name`.
    Parameter,
    /// A point, bracket, operator: one character.
    Mark,
}

struct Token {
    kind: Kind,
    span: Range<usize>,
}

/// The names in the SQL (keywords and functions included), outside strings and comments, with the bytes they stand at. Bare
/// names are in lower case, as SQL reads them; quoted ones as they are.
pub fn identifiers(sql: &str) -> Vec<(String, Range<usize>)> {
    tokens(sql).iter().filter_map(|t| name(sql, t)).collect()
}

/// Like [`identifiers`], but only names that may be columns: neither qualified by another (`p.age`), nor qualifying one, nor called
/// as a function.
pub fn mentions(sql: &str) -> Vec<(String, Range<usize>)> {
    let tokens = tokens(sql);
    let mark = |at: Option<usize>, c: &str| {
        at.and_then(|i| tokens.get(i))
            .is_some_and(|t| &sql[t.span.clone()] == c)
    };
    let column = |i: usize| {
        !mark(i.checked_sub(1), ".")
            && !mark(Some(i + 1), ".")
            && (tokens[i].kind == Kind::Quoted || !mark(Some(i + 1), "("))
    };
    (0..tokens.len())
        .filter(|&i| column(i))
        .filter_map(|i| name(sql, &tokens[i]))
        .collect()
}

/// The `$name` parameters in the SQL, without `$`, with the bytes they stand at (`$` included).
pub fn parameters(sql: &str) -> Vec<(String, Range<usize>)> {
    let found = tokens(sql)
        .into_iter()
        .filter(|t| t.kind == Kind::Parameter);
    found
        .map(|t| (sql[t.span.start + 1..t.span.end].to_owned(), t.span))
        .collect()
}

fn name(sql: &str, token: &Token) -> Option<(String, Range<usize>)> {
    let words = &sql[token.span.clone()];
    match token.kind {
        Kind::Word => Some((words.to_lowercase(), token.span.clone())),
        Kind::Quoted => Some((
            words.trim_matches('"').replace("\"\"", "\""),
            token.span.clone(),
        )),
        Kind::Parameter | Kind::Mark => None,
    }
}

fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if c == '\'' || c == '"' {
            quoted(rest, c)
        } else if c == '$' {
            1 + word(&rest[1..])
        } else if starts_word(c) || c.is_ascii_digit() {
            word(rest)
        } else {
            c.len_utf8()
        };
        let kind = match c {
            '-' | '/' if length > 1 => None,
            '\'' => None,
            '"' => Some(Kind::Quoted),
            '$' if length > 1 && rest[1..].starts_with(starts_word) => Some(Kind::Parameter),
            c if starts_word(c) => Some(Kind::Word),
            c if c.is_whitespace() || c.is_ascii_digit() => None,
            _ => Some(Kind::Mark),
        };
        tokens.extend(kind.map(|kind| Token {
            kind,
            span: at..at + length,
        }));
        at += length;
    }
    tokens
}

fn starts_word(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| c != '_' && !c.is_alphanumeric())
        .unwrap_or(rest.len())
}

/// The length of a quoted piece; a doubled quotation mark stands for one and doesn't end it.
fn quoted(rest: &str, mark: char) -> usize {
    let mut at = 1;
    while let Some(next) = rest[at..].find(mark) {
        at += next + 1;
        if !rest[at..].starts_with(mark) {
            return at;
        }
        at += 1;
    }
    rest.len()
}

/// The length of a comment; comments nest.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        let step = match here {
            [b'/', b'*', ..] => {
                depth += 1;
                2
            }
            [b'*', b'/', ..] => {
                depth = depth.saturating_sub(1);
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// SQL with values in place of its parameters, and the way back from it to the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The SQL to run.
    pub text: String,
    /// Parameters for which there was no value; they stand in the text unchanged.
    pub unbound: Vec<String>,
    sql: Sql,
    /// For each value put in: where it stands in `text`, and where its parameter stood.
    pieces: Vec<(Range<usize>, Range<usize>)>,
}

/// Puts SQL literals in place of the `$name` parameters outside strings and comments.
pub fn bind(sql: &Sql, value: &dyn Fn(&str) -> Option<String>) -> Bound {
    let mut bound = Bound {
        text: String::with_capacity(sql.text.len() + 16),
        unbound: Vec::new(),
        sql: sql.clone(),
        pieces: Vec::new(),
    };
    let mut done = 0;
    for (name, span) in parameters(&sql.text) {
        let Some(literal) = value(&name) else {
            bound.unbound.push(name);
            continue;
        };
        bound.text.push_str(&sql.text[done..span.start]);
        let start = bound.text.len();
        bound.text.push_str(&literal);
        bound.pieces.push((start..bound.text.len(), span.clone()));
        done = span.end;
    }
    bound.text.push_str(&sql.text[done..]);
    bound
}

impl Bound {
    /// The byte of the SQL as declared that a byte of the bound text comes from. Inside a value it is the start of its parameter.
    pub fn source(&self, at: usize) -> usize {
        let mut shift = (0, 0);
        for (put, stood) in &self.pieces {
            if at < put.start {
                break;
            }
            if at < put.end {
                return stood.start;
            }
            shift = (put.end, stood.end);
        }
        (at - shift.0 + shift.1).min(self.sql.text.len())
    }

    /// The place in the file that a stretch of the bound text comes from.
    pub fn place(&self, span: Range<usize>) -> Place {
        let start = self.source(span.start);
        // The end belongs to the last byte inside, so that a parameter at the end is covered whole.
        let last = self
            .pieces
            .iter()
            .find(|(put, _)| span.end > put.start && span.end <= put.end);
        let end = last.map_or_else(|| self.source(span.end), |(_, stood)| stood.end);
        self.sql.at(start..end.max(start))
    }
}

impl Sql {
    /// The place in the file of a stretch of the text; the whole string when it was written with escapes.
    pub fn at(&self, span: Range<usize>) -> Place {
        if self.place.span.len() != self.text.len() {
            return self.place.clone();
        }
        let start = self.place.span.start;
        Place {
            file: self.place.file,
            span: start + span.start..start + span.end,
        }
    }
}

/// Whether nothing but spaces and comments stands in the SQL.
pub(crate) fn is_blank(sql: &str) -> bool {
    let mut at = 0;
    while let Some(c) = sql[at..].chars().next() {
        let rest = &sql[at..];
        at += if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if c.is_whitespace() {
            c.len_utf8()
        } else {
            return false;
        };
    }
    true
}

/// A text as an SQL string literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> Vec<String> {
        identifiers(sql).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn names_in_strings_and_comments_are_skipped() {
        let sql = "Age >= 3 and 'sex ''age' <> \"Raw\" -- grade\n /* a /* b */ c */ or 1e5 = x$";
        assert_eq!(names(sql), ["age", "and", "Raw", "or", "x"]);
    }

    #[test]
    fn only_bare_names_are_mentions() {
        let sql = "full_years(p.birth_date, $on) + age + age_of.x";
        let found: Vec<_> = mentions(sql)
            .into_iter()
            .map(|(name, span)| (name, sql[span].to_owned()))
            .collect();
        assert_eq!(found, [("age".to_owned(), "age".to_owned())]);
    }

    #[test]
    fn unfinished_pieces_end_with_the_text() {
        for sql in [
            "'abc",
            "\"abc",
            "/* abc",
            "$",
            "-- abc",
            "年龄 > $",
            "'a'''",
        ] {
            let _ = (identifiers(sql), parameters(sql));
        }
        assert_eq!(names("年龄 > 3"), ["年龄"]);
    }

    #[test]
    fn values_are_put_in_and_positions_lead_back() {
        let text = "age >= $age and name <> '$age' and d < $on";
        let sql = Sql {
            text: text.to_owned(),
            place: Place {
                file: 2,
                span: 100..100 + text.len(),
            },
        };
        let bound = bind(&sql, &|name| match name {
            "age" => Some("60".to_owned()),
            "on" => Some("date '2025-12-31'".to_owned()),
            _ => None,
        });
        assert_eq!(
            bound.text,
            "age >= 60 and name <> '$age' and d < date '2025-12-31'"
        );
        let at = |part: &str| {
            bound
                .text
                .find(part)
                .map(|i| i..i + part.len())
                .unwrap_or_default()
        };
        assert_eq!(bound.place(at("name")).span, 116..120);
        assert_eq!(&text[16..20], "name");
        let on = bound.place(at("date '2025-12-31'")).span;
        assert_eq!(&text[on.start - 100..on.end - 100], "$on");
        assert_eq!(bound.source(bound.text.len()), text.len());
        assert_eq!(bind(&Sql::new("$x"), &|_| None).unbound, ["x"]);
    }
}
