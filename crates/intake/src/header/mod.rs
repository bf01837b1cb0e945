//! Finds the tables of a sheet: the rows, under any titles, in which most columns of the roster are recognised by name or
//! synonym, and what stands below each. In a header of two levels the upper cell counts for every column below it. A column
//! whose heading says nothing is understood by its values, if only one reading fits; what somebody said of a heading, now or
//! for an earlier file, counts more than either. It promises never to guess: a column recognised twice, or a required one that
//! is missing, is a fault that says what was found.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::{FileFault, UnclearHeader};
use crate::limits;
use crate::read_workbook::column_letters;
use crate::sheet::{Area, Cell, Row, Sheet};

mod blocks;
mod layout;
mod table;
mod values;
mod words;

pub use layout::{By, Layout, LayoutColumn};
pub(crate) use words::{Words, fold};

use table::Table;
use words::Named;

/// One table of a sheet: where it stands, and where the columns of a roster stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The index of the header's first row, among the filled ones.
    pub top: usize,
    /// The index of the first row below the header.
    pub first: usize,
    /// The index after the last row.
    pub end: usize,
    /// The first and the last column of the table.
    pub across: (u16, u16),
    /// Whether another table stands beside it.
    pub beside: bool,
    /// For each column of the roster the sheet's column, if it has one.
    pub columns: Vec<Option<u16>>,
    /// For each column of the roster, by how many decimal places its figures are more than yuan, and the unit it says.
    pub places: Vec<Option<(u32, String)>>,
    /// How it was understood.
    pub layout: Layout,
    /// What tells this layout from others.
    pub fingerprint: String,
    /// What somebody said of its headings, now or earlier.
    pub said: BTreeMap<String, String>,
    /// The words of the request that were about it.
    pub told: BTreeSet<String>,
}

/// What somebody said of headings: a column's id, or `-` to leave it out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    /// Now, by heading or letters.
    pub told: &'a BTreeMap<String, String>,
    /// Of earlier files, by fingerprint and heading.
    pub remembered: &'a BTreeMap<String, BTreeMap<String, String>>,
}

/// To leave a column out.
pub(crate) const LEFT_OUT: &str = "-";

/// A heading.
#[derive(Debug, Clone)]
struct Head {
    column: u16,
    /// As typed.
    shown: String,
    /// Folded.
    own: String,
    /// The folded cell above it.
    upper: Option<String>,
    /// Folded, and told from the same heading elsewhere in the row.
    key: String,
    /// Whether the cell stands in the row itself, not in the one above.
    here: bool,
}

/// A row that may be a header.
#[derive(Debug)]
struct Heads {
    at: usize,
    list: Vec<Head>,
    /// Empty if the row is no header.
    fingerprint: String,
    /// Whether it is the first row of a table without a header: every column was named by its letters.
    is_data: bool,
}

/// The headings of one table, each with what it was recognised as.
#[derive(Debug)]
struct Match<'h> {
    heads: Vec<(&'h Head, Option<(Named<'h>, By)>)>,
    /// Headings that are left out because somebody said so.
    left: BTreeMap<u16, By>,
    /// Columns somebody named by their letters, which says nothing of the row.
    lettered: BTreeSet<u16>,
    said: BTreeMap<String, String>,
    told: BTreeSet<String>,
}

impl Match<'_> {
    /// The columns of the sheet a column of the roster was recognised in.
    fn found(&self, column: usize) -> Vec<u16> {
        self.heads
            .iter()
            .filter(|(_, named)| named.is_some_and(|(named, _)| named.column == column))
            .map(|(head, _)| head.column)
            .collect()
    }

    /// How many columns of the roster are recognised.
    fn count(&self) -> usize {
        self.count_of(|_| true)
    }

    /// What the row itself says: without what was said of letters, which stand above every row.
    fn by_itself(mut self) -> Self {
        for (head, named) in &mut self.heads {
            if self.lettered.contains(&head.column) {
                *named = None;
            }
        }
        self
    }

    /// The same by headings of one kind.
    fn count_of(&self, kind: impl Fn(&Head) -> bool) -> usize {
        self.heads
            .iter()
            .filter(|(head, _)| kind(head))
            .filter_map(|(_, named)| named.map(|(named, _)| named.column))
            .collect::<BTreeSet<_>>()
            .len()
    }
}

impl Words<'_> {
    /// The tables of a sheet; none if no row looks like a header.
    pub(crate) fn tables(&self, sheet: &Sheet, said: Said<'_>) -> Result<Vec<Header>, FileFault> {
        let Some((first, sure)) = self.first(sheet, said) else {
            return Ok(Vec::new());
        };
        let mut starts = vec![first];
        starts.extend(self.later(sheet, &starts[0], said));
        let mut tables = Vec::new();
        let ends: Vec<usize> = (starts.iter().skip(1))
            .map(|heads| heads.top(sheet, self.has_groups()))
            .chain([sheet.len()])
            .collect();
        for (heads, end) in starts.iter().zip(ends) {
            let parts = self.parts(heads, said);
            let beside = parts.len() > 1;
            for (across, matched) in parts {
                let table = Table {
                    words: self,
                    sheet,
                    heads,
                    end,
                    across,
                    beside,
                };
                match table.checked(matched) {
                    Ok(table) if sure || table.columns.iter().flatten().count() > 1 => {
                        tables.push(table);
                    }
                    Err(fault) if sure || fault.asks() => return Err(fault),
                    _ => return Ok(Vec::new()),
                }
            }
        }
        Ok(tables)
    }

    /// The row of a sheet that is likeliest a header of which nothing is recognised: the first with the most words, if it has
    /// several. A row of somebody's data isn't repeated.
    pub(crate) fn unknown(&self, sheet: &Sheet) -> Option<UnclearHeader> {
        let rows = (0..sheet.len().min(limits::HEADER_ROWS)).filter_map(|at| self.heads(sheet, at));
        let most = rows.fold(None, |most: Option<Heads>, heads| match most {
            Some(most) if most.list.len() >= heads.list.len() => Some(most),
            _ => Some(heads),
        });
        let heads = most.filter(|heads| heads.list.len() > 1)?;
        let row = sheet.row(heads.at)?;
        let required = self.roster.columns.iter().filter(|column| column.required);
        let data = row.cells().any(|(_, cell)| values::is_somebodys(cell));
        let shown = |head: &Head| {
            let shown = if data { "" } else { head.shown.as_str() };
            (column_letters(head.column), shown.to_owned())
        };
        Some(UnclearHeader {
            sheet: sheet.name.clone(),
            row: row.number,
            missing: required.map(words::label).collect(),
            unknown: heads.list.iter().map(shown).collect(),
            ..UnclearHeader::default()
        })
    }

    /// The fingerprints of all rows that may be headers.
    pub(crate) fn fingerprints(&self, sheet: &Sheet) -> Vec<String> {
        (0..sheet.len().min(limits::HEADER_ROWS))
            .filter_map(|at| self.heads(sheet, at))
            .map(|heads| heads.fingerprint)
            .collect()
    }

    /// The first header: the row in which most columns are recognised, one that is remembered, or a whole one before it. The flag
    /// says whether it is sure to be one; a row with one column's name is one only if values say the rest.
    fn first(&self, sheet: &Sheet, said: Said<'_>) -> Option<(Heads, bool)> {
        let mut best: Option<((usize, usize), Heads)> = None;
        for at in 0..sheet.len().min(limits::HEADER_ROWS) {
            let Some(heads) = self.heads(sheet, at) else {
                continue;
            };
            if said.remembered.contains_key(&heads.fingerprint) {
                return Some((heads, true));
            }
            let matched = self.matched(&heads, &heads.list, said);
            let all = matched.count();
            let count = (matched.by_itself().count(), all);
            if best.as_ref().is_none_or(|(most, _)| count > *most) {
                best = Some((count, heads));
            }
        }
        let ((itself, all), heads) = best.filter(|((_, all), _)| *all > 0)?;
        let sure = all >= self.roster.columns.len().min(2);
        if itself == 0 {
            return Some((self.or_data(sheet, heads, said), sure));
        }
        let before = (0..heads.at)
            .filter_map(|at| self.heads(sheet, at))
            .find(|heads| self.is_header(heads, itself, said));
        Some((before.unwrap_or(heads), sure))
    }

    /// A row of which only letters say that it is a header: it is the first of a table without one if what stands in it is what
    /// its columns hold.
    fn or_data(&self, sheet: &Sheet, heads: Heads, said: Said<'_>) -> Heads {
        let holds = sheet.row(heads.at).is_some_and(|row| {
            let matched = self.matched(&heads, &heads.list, said);
            (matched.heads.iter()).any(|(head, named)| {
                let kind = named.map(|(named, _)| &self.roster.columns[named.column].kind);
                kind.is_some_and(|kind| self.is_of(kind, row.cell(head.column)))
            })
        });
        if !holds {
            return heads;
        }
        let columns = heads.list.iter().map(|head| head.column);
        Heads {
            at: heads.at,
            list: columns.map(Head::none).collect(),
            fingerprint: String::new(),
            is_data: true,
        }
    }

    /// The headings of a row, if it has any.
    fn heads(&self, sheet: &Sheet, at: usize) -> Option<Heads> {
        let row = sheet.row(at)?;
        let above = above(sheet, at, row);
        let filled = |row: Row<'_>| row.cells().map(|(c, _)| c).collect::<Vec<_>>();
        let columns: BTreeSet<u16> = filled(row)
            .into_iter()
            .chain(above.map(filled).unwrap_or_default())
            .collect();
        let mut list = Vec::new();
        for column in columns {
            let upper = above.and_then(|above| spread(sheet, above, column));
            let (cell, own, upper, here) = match words_of(row.cell(column)) {
                Some(own) => (row.cell(column), own, upper, true),
                // A cell merged downwards stands in the upper row only.
                None => {
                    let cell = above.map_or(Cell::Empty, |above| above.cell(column));
                    match words_of(cell) {
                        Some(own) => (cell, own, None, false),
                        None => continue,
                    }
                }
            };
            list.push(Head {
                column,
                shown: cell.shown().trim().chars().take(SHOWN).collect(),
                key: own.clone(),
                own,
                upper,
                here,
            });
        }
        tell_apart(&mut list, self.has_groups());
        (!list.is_empty()).then(|| Heads {
            at,
            fingerprint: layout::fingerprint(&self.roster.id, &list),
            list,
            is_data: false,
        })
    }

    /// What these headings are recognised as: by what somebody said first, then by name.
    fn matched<'h>(&self, all: &Heads, heads: &'h [Head], said: Said<'_>) -> Match<'h> {
        let mut matched = Match {
            heads: Vec::with_capacity(heads.len()),
            left: BTreeMap::new(),
            lettered: BTreeSet::new(),
            said: BTreeMap::new(),
            told: BTreeSet::new(),
        };
        let remembered = said.remembered.get(&all.fingerprint);
        for head in heads {
            let told = told(said.told, head, &all.list);
            let word = match (told, remembered.and_then(|r| r.get(&head.key))) {
                (Some((key, id, by_letters)), _) => {
                    matched.told.insert(key.clone());
                    if by_letters {
                        matched.lettered.insert(head.column);
                    }
                    Some((id, By::Told))
                }
                (None, Some(id)) => Some((id, By::Remembered)),
                (None, None) => None,
            };
            let named = match word {
                Some((id, by)) => {
                    matched.said.insert(head.key.clone(), id.clone());
                    if id == LEFT_OUT {
                        matched.left.insert(head.column, by);
                    }
                    self.roster.column(id).map(|(column, _)| {
                        let unit = (self.recognise(&head.own, head.upper.as_deref()))
                            .and_then(|named| named.unit)
                            .or_else(|| words::in_brackets(&head.own).map(|(_, unit)| unit));
                        (Named { column, unit }, by)
                    })
                }
                None => self
                    .recognise(&head.own, head.upper.as_deref())
                    .map(|named| (named, By::Name)),
            };
            matched.heads.push((head, named));
        }
        matched.prefer_what_was_said();
        matched
    }
}

impl Match<'_> {
    /// A column that somebody named isn't looked for under its name.
    fn prefer_what_was_said(&mut self) {
        let said: BTreeSet<usize> = (self.heads.iter())
            .filter_map(|(_, named)| named.filter(|(_, by)| *by != By::Name))
            .map(|(named, _)| named.column)
            .collect();
        for (_, named) in &mut self.heads {
            if named.is_some_and(|(named, by)| by == By::Name && said.contains(&named.column)) {
                *named = None;
            }
        }
    }
}

/// What the request says of a heading: by the heading itself, or, if none is called so, by the column's letters; and by which.
fn told<'t>(
    told: &'t BTreeMap<String, String>,
    head: &Head,
    all: &[Head],
) -> Option<(&'t String, &'t String, bool)> {
    let named = told.iter().find(|(word, _)| head.is_called(&fold(word)));
    let lettered = || {
        let letters = column_letters(head.column);
        told.iter().find(|(word, _)| {
            word.trim().eq_ignore_ascii_case(&letters)
                && !all.iter().any(|head| head.is_called(&fold(word)))
        })
    };
    named
        .map(|(word, id)| (word, id, false))
        .or_else(|| lettered().map(|(word, id)| (word, id, true)))
}

impl Head {
    /// A column without a heading.
    fn none(column: u16) -> Self {
        Self {
            column,
            shown: String::new(),
            own: String::new(),
            upper: None,
            key: String::new(),
            here: true,
        }
    }

    /// Whether this is the heading, with or without that above it.
    fn is_called(&self, word: &str) -> bool {
        let whole = || {
            self.upper
                .as_ref()
                .map(|upper| format!("{upper}{}", self.own))
        };
        self.own == word || self.key == word || whole().as_deref() == Some(word)
    }
}

impl Heads {
    /// The index of the first row below it.
    fn below(&self) -> usize {
        if self.is_data { self.at } else { self.at + 1 }
    }

    /// The index of the header's first row: that of the upper level, if there may be one.
    fn top(&self, sheet: &Sheet, groups: bool) -> usize {
        let upper = sheet
            .row(self.at)
            .and_then(|row| above(sheet, self.at, row))
            .is_some_and(|above| above.cells().count() > 1);
        if groups && upper && !self.is_data {
            self.at - 1
        } else {
            self.at
        }
    }
}

/// How many characters of a heading are repeated.
const SHOWN: usize = 60;

/// Gives the same heading in several columns different keys: by what stands above, where that is no
/// title, else by order.
fn tell_apart(heads: &mut [Head], groups: bool) {
    let count = |heads: &[Head]| {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for head in heads {
            *count.entry(head.key.clone()).or_default() += 1;
        }
        count
    };
    let same = count(heads);
    for head in heads.iter_mut().filter(|head| same[&head.key] > 1) {
        if let Some(upper) = head.upper.as_ref().filter(|_| groups) {
            head.key = format!("{upper}/{}", head.own);
        }
    }
    let same = count(heads);
    let mut nth: BTreeMap<String, usize> = BTreeMap::new();
    for head in heads.iter_mut().filter(|head| same[&head.key] > 1) {
        let nth = nth.entry(head.key.clone()).or_default();
        *nth += 1;
        head.key = format!("{}#{nth}", head.key);
    }
}

/// The row right above.
fn above<'s>(sheet: &'s Sheet, at: usize, row: Row<'_>) -> Option<Row<'s>> {
    at.checked_sub(1)
        .and_then(|above| sheet.row(above))
        .filter(|above| above.number + 1 == row.number)
}

/// The upper header cell over a column: its own, or that of the merged area it lies in. Where the file doesn't say what is
/// merged, a cell counts until the next filled one.
fn spread(sheet: &Sheet, above: Row<'_>, column: u16) -> Option<String> {
    if let Some(words) = words_of(above.cell(column)) {
        return Some(words);
    }
    if !sheet.merged.is_empty() {
        let row = above.number - 1;
        let covers =
            |a: &&Area| (a.from.0..=a.to.0).contains(&row) && (a.from.1..=a.to.1).contains(&column);
        let area = sheet.merged.iter().find(covers)?;
        return (area.from.0 == row)
            .then(|| words_of(above.cell(area.from.1)))
            .flatten();
    }
    above
        .cells()
        .take_while(|(c, _)| *c < column)
        .last()
        .and_then(|(_, cell)| words_of(cell))
}

/// The folded words of a cell, if it has any.
pub(crate) fn words_of(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(fold(text)).filter(|t| !t.is_empty()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
