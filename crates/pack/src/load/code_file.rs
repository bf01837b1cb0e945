//! Reading `codes/*.csv`: the values of a code list that come and go, a line each. The first line that is no remark (`#`) names the
//! columns; a cell has neither commas nor quotation marks. A fault names its line.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use super::Load;
use crate::read::Word;
use crate::{CodeSpan, Fault, Place, Text, earliest_date, latest_date};

/// The columns, and whether there has to be one.
const COLUMNS: [(&str, bool); 6] = [
    ("value", true),
    ("zh", true),
    ("en", false),
    ("from", false),
    ("until", false),
    ("successors", false),
];
/// What stands between the successors of a value.
const BETWEEN: char = ';';
/// The most faults of one file that are told.
const MOST_FAULTS: usize = 20;

/// A line of the file, and where it stands.
struct Line<'t> {
    place: Place,
    cells: Vec<&'t str>,
}

/// What is wrong with a line, in both languages.
type Wrong = (String, String);

impl Load<'_, '_> {
    /// What the values of a list were called when, from the file that it names.
    pub(super) fn code_file(&self, named: &Word) -> Vec<CodeSpan> {
        let path = format!("codes/{}", named.text);
        let Some((file, text)) = self.notes.beside(&named.place, &path) else {
            let (zh, en) = (
                format!("没有文件 {path}。"),
                format!("There is no file {path}."),
            );
            let fault = Fault::at(named.place.clone(), "unknown-file", zh, en);
            self.notes.fault(fault.hint(
                "文件以 .csv 结尾，与代码表一起放在 codes/ 下。",
                "It ends in .csv and stands under codes/, beside the code list.",
            ));
            return Vec::new();
        };
        let (spans, mut faults) = read(file, text);
        faults.extend(contradictions(&spans));
        faults.sort_by_key(|fault| fault.place.as_ref().map(|place| place.span.start));
        faults.truncate(MOST_FAULTS);
        faults.into_iter().for_each(|fault| self.notes.fault(fault));
        spans.into_iter().map(|(span, _)| span).collect()
    }
}

fn bad(place: &Place, (zh, en): Wrong) -> Fault {
    Fault::at(place.clone(), "bad-line", zh, en)
}

/// The spans of a file, each with its line, and what is wrong with it.
fn read(file: usize, text: &str) -> (Vec<(CodeSpan, Place)>, Vec<Fault>) {
    let (mut spans, mut faults) = (Vec::new(), Vec::new());
    let mut lines = lines(file, text);
    let header = lines.next();
    let whole = Place { file, span: 0..0 };
    let place = header.as_ref().map_or(&whole, |header| &header.place);
    let names: Vec<&str> = header.iter().flat_map(|line| line.cells.clone()).collect();
    for (name, required) in COLUMNS {
        let times = names.iter().filter(|own| **own == name).count();
        if times > 1 || required && times == 0 {
            faults.push(bad(place, heading(name)));
        }
    }
    for name in &names {
        if !COLUMNS.iter().any(|(known, _)| known == name) {
            faults.push(bad(place, heading(name)));
        }
    }
    if !faults.is_empty() {
        return (spans, faults);
    }
    for line in lines {
        match span(&names, &line) {
            Ok(span) => spans.push((span, line.place)),
            Err(wrong) => faults.push(bad(&line.place, wrong)),
        }
    }
    (spans, faults)
}

fn heading(name: &str) -> Wrong {
    let known: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let known = known.join("、");
    (
        format!("表头“{name}”不对：各列为 {known}，value 和 zh 必须有，每列一次。"),
        format!(
            "The header “{name}” is wrong: the columns are {known}; value and zh must be there, each once."
        ),
    )
}

/// The lines that are no remarks, with the places of their text.
fn lines(file: usize, text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut next = 0;
    let each = text.split_inclusive('\n').map(move |line| {
        let start = next;
        next += line.len();
        (start, line)
    });
    each.filter_map(move |(start, line)| {
        let bare = line.trim_start_matches('\u{feff}').trim();
        if bare.is_empty() || bare.starts_with('#') {
            return None;
        }
        let end = start + line.trim_end().len();
        Some(Line {
            place: Place {
                file,
                span: start..end,
            },
            cells: bare.split(',').map(str::trim).collect(),
        })
    })
}

fn span(names: &[&str], line: &Line<'_>) -> Result<CodeSpan, Wrong> {
    let (cells, columns) = (line.cells.len(), names.len());
    if cells != columns {
        return Err((
            format!("这一行有 {cells} 格，表头有 {columns} 列。"),
            format!("This line has {cells} cells, the header {columns}."),
        ));
    }
    if line.cells.iter().any(|cell| cell.contains('"')) {
        return Err((
            "格子里不能有引号。".into(),
            "A cell has no quotation marks.".into(),
        ));
    }
    let cell = |name: &str| {
        let at = names.iter().position(|own| *own == name);
        at.and_then(|at| line.cells.get(at)).copied().unwrap_or("")
    };
    let (value, zh) = (cell("value"), cell("zh"));
    if value.is_empty() || zh.is_empty() {
        return Err(("value 或 zh 为空。".into(), "value or zh is blank.".into()));
    }
    let en = Some(cell("en")).filter(|en| !en.is_empty()).unwrap_or(zh);
    let from = day(cell("from"))?.unwrap_or(earliest_date());
    let until = day(cell("until"))?;
    if let Some(until) = until.filter(|until| *until <= from) {
        return Err((
            format!("“{value}”的终止（{until}）不晚于开始（{from}）。"),
            format!("“{value}” ends ({until}) no later than it begins ({from})."),
        ));
    }
    let successors = cell("successors").split(BETWEEN).map(str::trim);
    let successors = successors.filter(|value| !value.is_empty());
    Ok(CodeSpan {
        value: value.to_owned(),
        name: Text::new(zh, en),
        from,
        until,
        successors: successors.map(str::to_owned).collect(),
    })
}

/// A day, or a year for its first day; none of a blank.
fn day(text: &str) -> Result<Option<Date>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let year = (text.len() == 4).then(|| text.parse().ok()).flatten();
    let day = match year {
        Some(year) => (1..=9999).contains(&year).then(|| date(year, 1, 1)),
        None => text.parse().ok(),
    };
    let known = day.filter(|day| (earliest_date()..=latest_date()).contains(day));
    known.map(Some).ok_or_else(|| {
        (
            format!("“{text}”不是 1800 年至 2200 年之间的年份或日期（2010 或 2010-05-01）。"),
            format!("“{text}” is no year or day between 1800 and 2200 (2010 or 2010-05-01)."),
        )
    })
}

/// Lines that contradict each other: times of a value that overlap, and successors that the list doesn't have.
fn contradictions(spans: &[(CodeSpan, Place)]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut by_value: BTreeMap<&str, Vec<&(CodeSpan, Place)>> = BTreeMap::new();
    for span in spans {
        by_value.entry(&span.0.value).or_default().push(span);
    }
    for spans in by_value.values_mut() {
        spans.sort_by_key(|(span, _)| span.from);
        for pair in spans.windows(2) {
            if let [(one, first), (next, place)] = pair
                && one.until.is_none_or(|until| next.from < until)
            {
                let wrong = (
                    format!("“{}”的起止时间重叠。", next.value),
                    format!("The times of “{}” overlap.", next.value),
                );
                let fault = bad(place, wrong);
                faults.push(fault.related(first.clone(), "与这一行", "with this line"));
            }
        }
    }
    let values: BTreeSet<&str> = by_value.keys().copied().collect();
    for (span, place) in spans {
        for successor in &span.successors {
            if !values.contains(&**successor) {
                let wrong = (
                    format!("后继“{successor}”不在表里。"),
                    format!("The successor “{successor}” isn't in the list."),
                );
                faults.push(bad(place, wrong));
            }
        }
    }
    faults
}
