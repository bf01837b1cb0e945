//! Understands a column by what stands in it, where its heading says nothing: ID numbers by their check digits, mobile
//! telephones and dates by their shape, words of a code list, yes and no, names by their surnames. It is taken only if exactly
//! one column of the sheet fits exactly one column that the roster lacks, and never against what the heading says.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Document, IdNumber, UnitCode, date};
use pack::cell::{is_mobile, number_text};
use pack::{CodeList, Column, FieldType};

use super::table::Table;
use super::words::{Words, label, speaks_of_others};
use super::{Head, Match};
use crate::read_workbook::column_letters;
use crate::sheet::Cell;

/// How many filled cells of a column are looked at, and in how many rows they are looked for.
const SAMPLE: usize = 200;
const ROWS: usize = 2_000;
/// Fewer cells prove nothing, but for a number that checks itself.
const FEWEST: usize = 3;

/// The hundred commonest surnames, borne by 85 of 100 people (《二〇二〇年全国姓名报告》, Ministry of Public Security).
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范\
汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常";

/// Words in a date's heading that do not tell which date it is.
const ANY_DATE: &str = "日期时间年月号是否有无情况登记";

/// What the values of columns say.
#[derive(Debug, Default)]
pub(super) struct Guess {
    /// The sheet's column, and the roster's column it is.
    pub taken: BTreeMap<u16, usize>,
    /// Columns that fit something but were not taken: letters, heading, and what they may be.
    pub like: Vec<(String, String, Vec<String>)>,
}

/// What the columns whose heading isn't recognised may be, of those the roster lacks.
pub(super) fn guess(table: &Table<'_>, matched: &Match<'_>, rows: (usize, usize)) -> Guess {
    let columns = &table.words.roster.columns;
    let missing: Vec<usize> = (0..columns.len())
        .filter(|at| matched.found(*at).is_empty())
        .collect();
    let unknown: Vec<&Head> = (matched.heads.iter())
        .filter(|(head, named)| named.is_none() && !matched.left.contains_key(&head.column))
        .map(|(head, _)| *head)
        .collect();
    if missing.is_empty() || unknown.is_empty() {
        return Guess::default();
    }
    let samples = sample(table, &unknown, rows);
    let mut fits: Vec<(&Head, Vec<usize>)> = Vec::new();
    for (head, cells) in unknown.iter().zip(&samples) {
        let of = |at: &usize| fit(table, &columns[*at], head, cells);
        fits.push((*head, missing.iter().copied().filter(of).collect()));
    }
    let mut guess = Guess::default();
    for (head, fitting) in &fits {
        let rivals = |at: usize| fits.iter().filter(|(_, f)| f.contains(&at)).count();
        match fitting.as_slice() {
            [] => (),
            [only] if rivals(*only) == 1 => {
                guess.taken.insert(head.column, *only);
            }
            several => guess.like.push((
                column_letters(head.column),
                head.shown.clone(),
                several.iter().map(|at| label(&columns[*at])).collect(),
            )),
        }
    }
    guess
}

impl Words<'_> {
    /// Whether a cell is what columns of this kind hold, and can't be a heading.
    pub(super) fn is_of(&self, kind: &FieldType, cell: Cell<'_>) -> bool {
        match kind {
            FieldType::IdNumber => is_id_number(&cell),
            FieldType::Phone => is_mobile(&cell.shown()),
            FieldType::Date | FieldType::PartialDate | FieldType::Moment => is_date(&cell),
            FieldType::Document => is_document(&cell),
            FieldType::Unit => cell.shown().parse::<UnitCode>().is_ok(),
            FieldType::Bool => is_yes_or_no(&cell),
            FieldType::Code(list) => self.code(list).is_some_and(|list| is_member(list, &cell)),
            FieldType::Int | FieldType::Fen | FieldType::Decimal { .. } => {
                matches!(cell, Cell::Number(_))
            }
            FieldType::Text
            | FieldType::LongText
            | FieldType::List(_)
            | FieldType::File
            | FieldType::Ref(_) => false,
        }
    }
}

/// The first filled cells of some columns.
fn sample<'t>(
    table: &Table<'t>,
    heads: &[&Head],
    (from, to): (usize, usize),
) -> Vec<Vec<Cell<'t>>> {
    let mut samples = vec![Vec::new(); heads.len()];
    for row in (from..to.min(from + ROWS)).filter_map(|at| table.sheet.row(at)) {
        for (head, cells) in heads.iter().zip(&mut samples) {
            let cell = row.cell(head.column);
            if cells.len() < SAMPLE && !cell.is_empty() {
                cells.push(cell);
            }
        }
        if samples.iter().all(|cells| cells.len() == SAMPLE) {
            break;
        }
    }
    samples
}

/// Whether the cells under a heading are what a column holds.
fn fit(table: &Table<'_>, column: &Column, head: &Head, cells: &[Cell<'_>]) -> bool {
    let whole = match &head.upper {
        Some(upper) => format!("{upper}{}", head.own),
        None => head.own.clone(),
    };
    if cells.is_empty() || speaks_of_others(&whole, column) {
        return false;
    }
    let share = |percent: usize, is: &dyn Fn(&Cell<'_>) -> bool| {
        cells.iter().filter(|cell| is(cell)).count() * 100 >= cells.len() * percent
    };
    let several = cells.len() >= FEWEST;
    match &column.kind {
        // Where few are filled, one that doesn't check is still a number that was meant as one.
        FieldType::IdNumber => share(50, &is_id_number) && share(80, &has_id_shape),
        FieldType::Document => share(80, &is_document),
        FieldType::Phone => several && share(80, &|cell| is_mobile(&cell.shown())),
        FieldType::Unit => several && share(90, &|cell| cell.shown().parse::<UnitCode>().is_ok()),
        FieldType::Date | FieldType::PartialDate | FieldType::Moment => {
            several && share_a_word(&head.own, column) && share(80, &is_date)
        }
        FieldType::Bool => several && share_a_word(&head.own, column) && share(90, &is_yes_or_no),
        FieldType::Code(list) => {
            let list = table.words.code(list);
            several && list.is_some_and(|list| share(90, &|cell| is_member(list, cell)))
        }
        FieldType::Text => {
            several && column.required && says_names(column) && share(90, &is_name) && {
                let different: BTreeSet<String> = cells.iter().map(Cell::shown).collect();
                different.len() * 2 > cells.len() && share(80, &has_surname)
            }
        }
        FieldType::Int
        | FieldType::Fen
        | FieldType::Decimal { .. }
        | FieldType::LongText
        | FieldType::List(_)
        | FieldType::File
        | FieldType::Ref(_) => false,
    }
}

/// Whether a cell says something of somebody, and is no heading.
pub(super) fn is_somebodys(cell: Cell<'_>) -> bool {
    is_id_number(&cell)
        || is_date(&cell)
        || is_mobile(&cell.shown())
        || is_name(&cell) && has_surname(&cell)
}

fn is_id_number(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Text(text) => IdNumber::read(text).is_ok(),
        Cell::Number(n) if n.abs() < 1e15 => IdNumber::read(&number_text(*n)).is_ok(),
        _ => false,
    }
}

/// Whether a cell has as many figures as an ID number, whether or not they check.
fn has_id_shape(cell: &Cell<'_>) -> bool {
    let shown = cell.shown();
    let shown = shown.trim();
    let figures = shown.trim_end_matches(['x', 'X']);
    let long = matches!(shown.len(), 15 | 18) && figures.len() + 1 >= shown.len();
    long && figures.bytes().all(|own| own.is_ascii_digit())
}

fn is_document(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Text(text) => Document::read(text).is_ok(),
        other => is_id_number(other),
    }
}

fn is_date(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Date(_) | Cell::Moment(_) => true,
        Cell::Text(text) => date::read(text).is_some(),
        _ => false,
    }
}

fn is_yes_or_no(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Bool(_) => true,
        Cell::Text(text) => matches!(kernel::normal(text).as_str(), "是" | "否" | "有" | "无"),
        _ => false,
    }
}

/// Figures alone may be anything.
fn is_member(list: &CodeList, cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Text(text) => text.chars().any(char::is_alphabetic) && list.find(text).is_some(),
        _ => false,
    }
}

/// Whether a date's or a yes-or-no column's heading has a character in common with its names, beyond those of any date.
fn share_a_word(heading: &str, column: &Column) -> bool {
    let mut names = [&column.name.zh].into_iter().chain(&column.synonyms);
    names.any(|name| {
        name.chars()
            .any(|c| c.is_alphabetic() && !ANY_DATE.contains(c) && heading.contains(c))
    })
}

/// Whether the column holds the names of people.
fn says_names(column: &Column) -> bool {
    column.name.zh.ends_with("姓名")
}

fn is_name(cell: &Cell<'_>) -> bool {
    let Cell::Text(text) = cell else { return false };
    let name = kernel::normal(text);
    (2..=4).contains(&name.chars().count())
        && name.chars().all(|c| matches!(c, '\u{4E00}'..='\u{9FFF}'))
}

fn has_surname(cell: &Cell<'_>) -> bool {
    let Cell::Text(text) = cell else { return false };
    text.trim()
        .chars()
        .next()
        .is_some_and(|first| SURNAMES.contains(first))
}
