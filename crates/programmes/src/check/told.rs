//! What the engine says of SQL that it can't read or plan, in plain words, with the place of the word and what to do.

use std::ops::Range;

use datafusion::common::{DataFusionError, SchemaError};
use datafusion::sql::sqlparser::parser::ParserError;
use pack::{Fault, Pack, Place, Text, nearest};
use tables::schema;

/// Words of SQL that slips of the fingers are held against.
const WORDS: [&str; 36] = [
    "select",
    "from",
    "where",
    "join",
    "left",
    "inner",
    "on",
    "group",
    "by",
    "having",
    "order",
    "union",
    "case",
    "when",
    "then",
    "else",
    "end",
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "like",
    "between",
    "as",
    "distinct",
    "exists",
    "with",
    "filter",
    "over",
    "partition",
    "cast",
    "true",
    "false",
    "interval",
];
/// Functions and names that tell the time.
const CLOCK: [&str; 5] = [
    "now",
    "current_date",
    "current_timestamp",
    "current_time",
    "today",
];

/// The fault that an error of the engine is.
pub(super) fn fault(pack: &Pack, place: Place, error: &DataFusionError) -> Fault {
    let inner = plain(error);
    let mut fault = Fault::at(
        place,
        "sql",
        format!("SQL 有误：{inner}"),
        format!("the SQL is wrong: {inner}"),
    );
    if CLOCK
        .iter()
        .any(|word| inner.contains(&format!("'{word}'")))
        || matches!(error.find_root(), DataFusionError::SchemaError(inner, _)
            if matches!(inner.as_ref(), SchemaError::FieldNotFound { field, .. }
                if CLOCK.contains(&field.name.as_str())))
    {
        fault.message = Text::new("SQL 里没有时钟", "there is no clock in SQL");
        return fault.hint("核对之日请写 $on", "write $on for the day asked of");
    }
    if let Some((_, named)) = inner.split_once("table 'datafusion.public.")
        && let Some((named, _)) = named.split_once('\'')
    {
        fault.message = Text::new(
            format!("没有登记册“{named}”"),
            format!("there is no register “{named}”"),
        );
        let registers = pack.registers.iter().map(|own| own.id.as_str());
        let known: Vec<&str> = registers.chain([schema::ENTITLED]).collect();
        return match nearest(named, known.iter().copied()) {
            Some(near) => fault.hint(
                format!("是否想写“{near}”？"),
                format!("did you mean “{near}”?"),
            ),
            None => fault.hint(
                format!("有这些：{}", known.join("、")),
                format!("there are: {}", known.join(", ")),
            ),
        };
    }
    if let DataFusionError::SchemaError(inner, _) = error.find_root()
        && let SchemaError::FieldNotFound {
            field,
            valid_fields,
        } = inner.as_ref()
    {
        let known: Vec<&str> = valid_fields.iter().map(|column| column.name()).collect();
        fault.message = Text::new(
            format!("没有列“{}”", field.name),
            format!("there is no column “{}”", field.name),
        );
        if !known.is_empty() {
            fault = fault.hint(
                format!("可用的列：{}", known.join("、")),
                format!("columns there are: {}", known.join(", ")),
            );
        }
        return fault;
    }
    match unread(error) {
        Some(Unread::Found { word, wanted }) => misplaced(fault, &word, &wanted),
        Some(Unread::Short { wanted }) => short(fault, &wanted),
        Some(Unread::Open) => {
            fault.message = Text::new(
                "SQL 中的引号没有闭合",
                "a quotation mark in the SQL isn't closed",
            );
            fault.hint(
                "文字用一对单引号：'…'",
                "text stands between two single quotation marks: '…'",
            )
        }
        None => fault,
    }
}

/// The fault that an expression is which ends too early.
pub(super) fn too_short(place: Place, error: &DataFusionError) -> Fault {
    let inner = plain(error);
    let fault = Fault::at(
        place,
        "sql",
        format!("SQL 有误：{inner}"),
        format!("the SQL is wrong: {inner}"),
    );
    let wanted = match unread(error) {
        Some(Unread::Found { wanted, .. } | Unread::Short { wanted }) => wanted,
        Some(Unread::Open) | None => return fault,
    };
    short(fault, &wanted)
}

/// What stops the parser.
enum Unread {
    /// A word that can't stand where it does.
    Found { word: String, wanted: String },
    /// The end.
    Short { wanted: String },
    /// A quotation mark without another.
    Open,
}

fn unread(error: &DataFusionError) -> Option<Unread> {
    let DataFusionError::SQL(error, _) = error.find_root() else {
        return None;
    };
    let message = match error.as_ref() {
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => message,
        ParserError::RecursionLimitExceeded => return None,
    };
    if message.starts_with("Unterminated") {
        return Some(Unread::Open);
    }
    let (wanted, found) = message
        .strip_prefix("Expected: ")?
        .split_once(", found: ")?;
    let word = found.split(" at Line: ").next().unwrap_or(found);
    let wanted = wanted.to_owned();
    Some(match word {
        "EOF" => Unread::Short { wanted },
        word => Unread::Found {
            word: word.to_owned(),
            wanted,
        },
    })
}

/// A word that can't stand where it does: what it may be a slip of, or what to look at.
fn misplaced(mut fault: Fault, word: &str, wanted: &str) -> Fault {
    fault.message = Text::new(
        format!("SQL 读到“{word}”读不下去"),
        format!("the SQL can't be read on at “{word}”"),
    );
    let lower = word.to_lowercase();
    let meant = nearest(&lower, WORDS).filter(|near| *near != lower);
    match (meant, needed(wanted)) {
        (Some(near), _) => fault.hint(
            format!("是否想写“{near}”？"),
            format!("did you mean “{near}”?"),
        ),
        (None, Some((zh, en))) => fault.hint(
            format!("此处应为{zh}"),
            format!("here should stand {en}"),
        ),
        (None, None) => fault.hint(
            "请看它前面：是否拼错了词，少了逗号、括号、and 或 or",
            "look before it: a word that is misspelt, or a comma, bracket, `and` or `or` that is missing",
        ),
    }
}

/// SQL that ends too early.
fn short(mut fault: Fault, wanted: &str) -> Fault {
    fault.message = Text::new("SQL 没有写完", "the SQL ends too early");
    match needed(wanted) {
        Some((zh, en)) => fault.hint(format!("末尾还缺{zh}"), format!("what is missing is {en}")),
        None => fault.hint("请检查末尾", "see what is missing at the end"),
    }
}

/// What the parser wants, where it can be said.
fn needed(wanted: &str) -> Option<(String, String)> {
    let (zh, en) = match wanted {
        "an expression" | "an expression:" => ("一个值或表达式", "a value or an expression"),
        "identifier" => ("一个名称", "a name"),
        ")" => ("右括号“)”", "a closing bracket"),
        "(" => ("左括号“(”", "an opening bracket"),
        "end of statement" => return None,
        word if WORDS.contains(&word.to_lowercase().as_str()) => {
            let word = word.to_lowercase();
            return Some((format!("“{word}”"), format!("“{word}”")));
        }
        _ => return None,
    };
    Some((zh.to_owned(), en.to_owned()))
}

/// The engine's message without its wrappings, on one line.
fn plain(error: &DataFusionError) -> String {
    let text = error.strip_backtrace();
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("Error during planning: ")
        .trim_start_matches("SQL error: ")
        .to_owned()
}

/// Where in the text the error is: from the engine's diagnostic, or from "Line: 1, Column: 5" in a parser's message.
pub(super) fn span_in(text: &str, error: &DataFusionError) -> Option<Range<usize>> {
    if let Some(span) = error.diagnostic().and_then(|diagnostic| diagnostic.span) {
        let start = offset(text, span.start.line, span.start.column)?;
        let end = offset(text, span.end.line, span.end.column)?;
        return (end > start).then_some(start..end);
    }
    let message = error.strip_backtrace();
    let (_, at) = message.rsplit_once("Line: ")?;
    let (line, rest) = at.split_once(", Column: ")?;
    let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let start = offset(text, line.parse().ok()?, column.parse().ok()?)?;
    let word = text[start..]
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len() - start)
        .max(1);
    text.is_char_boundary(start + word)
        .then_some(start..start + word)
}

/// The byte at a line and column, both from 1 and in characters.
fn offset(text: &str, line: u64, column: u64) -> Option<usize> {
    let line_start: usize = text
        .split_inclusive('\n')
        .take(usize::try_from(line.checked_sub(1)?).ok()?)
        .map(str::len)
        .sum();
    let within = text
        .get(line_start..)?
        .chars()
        .take(usize::try_from(column.checked_sub(1)?).ok()?)
        .map(char::len_utf8)
        .sum::<usize>();
    Some(line_start + within)
}
