//! What a person sees of a page, as lines of text: one for each block, row, field and button; without tags, addresses and
//! whatever differs from one run to the next.

/// Rows of a table that are shown; of more, only how many.
const ROWS: usize = 6;

/// The text of a page.
pub fn visible(html: &str) -> String {
    let mut text = String::new();
    let mut hidden: Option<&str> = None;
    let mut rest = html;
    while let Some((before, tag_and_rest)) = rest.split_once('<') {
        let (tag, after) = tag_and_rest.split_once('>').expect("a tag is closed");
        rest = after;
        if hidden.is_none() {
            text.push_str(before);
        }
        let name = tag.split([' ', '\n']).next().unwrap();
        match hidden {
            Some(open) if name.strip_prefix('/') == Some(open) => hidden = None,
            None if ["script", "style"].contains(&name) => {
                hidden = Some(if name == "script" { "script" } else { "style" });
            }
            None => text.push_str(&shown(name, tag)),
            _ => {}
        }
    }
    lines(&entities(&text))
}

/// What stands in the place of a tag.
fn shown(name: &str, tag: &str) -> String {
    match name {
        "/td" | "/th" => " | ".to_owned(),
        "tr" => "\n| ".to_owned(),
        "h1" => "\n# ".to_owned(),
        "h2" => "\n## ".to_owned(),
        "h3" => "\n### ".to_owned(),
        "li" => "\n- ".to_owned(),
        "button" => "\n(".to_owned(),
        "/button" => ")\n".to_owned(),
        "option" if has(tag, "selected") => "\n▸ ".to_owned(),
        "option" => "\n▹ ".to_owned(),
        "optgroup" => format!("\n{}\n", value(tag, "label")),
        "img" => format!("[{}]", value(tag, "alt")),
        "input" => field(tag),
        "/a" | "text" | "/text" | "span" | "/span" | "br" => " ".to_owned(),
        "a" | "b" | "/b" | "strong" | "/strong" | "em" | "/em" | "small" | "/small" | "code"
        | "/code" | "kbd" | "/kbd" | "mark" | "/mark" | "abbr" | "/abbr" | "time" | "/time"
        | "td" | "th" | "sup" | "/sup" | "i" | "/i" => String::new(),
        _ => "\n".to_owned(),
    }
}

/// A field with what is in it.
fn field(tag: &str) -> String {
    match value(tag, "type").as_str() {
        "hidden" => String::new(),
        "radio" | "checkbox" if has(tag, "checked") => "\n[x] ".to_owned(),
        "radio" | "checkbox" => "\n[ ] ".to_owned(),
        _ => {
            let (value, hint) = (value(tag, "value"), value(tag, "placeholder"));
            format!("[{}]", if value.is_empty() { hint } else { value })
        }
    }
}

/// The value of an attribute, or nothing.
fn value(tag: &str, name: &str) -> String {
    let start = format!(" {name}=\"");
    let rest = tag.split_once(&start).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap().to_owned()
}

fn has(tag: &str, name: &str) -> bool {
    tag.split(' ').any(|part| part == name)
}

fn entities(text: &str) -> String {
    let mut text = text.to_owned();
    for (written, meant) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        text = text.replace(written, meant);
    }
    text
}

/// Trimmed lines, long tables cut.
fn lines(text: &str) -> String {
    let mut kept = Vec::new();
    let mut rows = 0;
    for line in text.lines().map(words).filter(|line| !line.is_empty()) {
        let row = line.starts_with('|');
        if !row && rows > ROWS {
            kept.push(format!("| … {} more rows", rows - ROWS));
        }
        rows = if row { rows + 1 } else { 0 };
        if rows <= ROWS && !["|", "-"].contains(&line.as_str()) {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// A line with single spaces, and no digest in it.
fn words(line: &str) -> String {
    let words = line.split_whitespace().map(|word| {
        let digest = word.len() >= 16 && word.chars().all(|ch| ch.is_ascii_hexdigit());
        if digest { "<digest>" } else { word }
    });
    words.collect::<Vec<&str>>().join(" ")
}

#[test]
fn a_page_is_its_lines() {
    let page = "<!DOCTYPE html><html><head><title>T &amp; t</title><style>x{}</style></head><body><h1>Hello</h1>\
                <p>One <b>two</b> <a href=\"/x\">three</a></p><table><tr><th>A</th><td>1</td></tr></table>\
                <form><input type=\"hidden\" name=\"h\" value=\"no\"><input name=\"q\" placeholder=\"name\">\
                <select><option>x</option><option selected>y</option></select><button>Go</button></form>\
                <p>0123456789abcdef0123</p></body></html>";
    let seen = "T & t\n# Hello\nOne two three\n| A | 1 |\n[name]\n▹ x\n▸ y\n(Go)\n<digest>";
    assert_eq!(visible(page), seen);
}

#[test]
fn of_a_long_table_the_first_rows_are_shown() {
    let rows: String = (0..9).map(|n| format!("<tr><td>{n}</td></tr>")).collect();
    let seen = visible(&format!("<table>{rows}</table><p>end</p>"));
    assert_eq!(
        seen,
        "| 0 |\n| 1 |\n| 2 |\n| 3 |\n| 4 |\n| 5 |\n| … 3 more rows\nend"
    );
}
