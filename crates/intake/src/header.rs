//! Finds the header of a sheet: the row, under any titles, in which most columns of the roster are recognised by name or
//! synonym. In a header of two levels the upper cell counts for every column below it. It promises never to guess: a column
//! recognised twice, or a required one that is missing, is a fault that says what was found.

use pack::{Column, Roster};

use crate::fault::FileFault;
use crate::limits;
use crate::read_workbook::column_letters;
use crate::sheet::{Area, Cell, Row, Sheet};

/// Where the columns of a roster stand in a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The index of the first filled row below the header.
    pub first: usize,
    /// For each column of the roster the sheet's column, if it has one.
    pub columns: Vec<Option<u16>>,
}

/// The words a roster's columns are recognised by, folded once.
pub(crate) struct Words<'r> {
    roster: &'r Roster,
    names: Vec<Vec<String>>,
    groups: Vec<Vec<String>>,
}

struct Match {
    /// For each column of the roster the columns of the sheet it was recognised in.
    found: Vec<Vec<u16>>,
}

impl<'r> Words<'r> {
    pub(crate) fn new(roster: &'r Roster) -> Words<'r> {
        let fold_all = |words: &[String]| words.iter().map(|w| fold(w)).collect::<Vec<_>>();
        Words {
            roster,
            names: roster
                .columns
                .iter()
                .map(|c| {
                    let mut names = fold_all(&c.synonyms);
                    names.extend([fold(&c.name.zh), fold(&c.name.en)]);
                    names
                })
                .collect(),
            groups: roster.columns.iter().map(|c| fold_all(&c.group)).collect(),
        }
    }

    /// Whether merged areas matter for this roster.
    pub(crate) fn has_groups(&self) -> bool {
        self.groups.iter().any(|g| !g.is_empty())
    }

    /// The header of a sheet; none if no row looks like one.
    pub(crate) fn find(&self, sheet: &Sheet) -> Result<Option<Header>, FileFault> {
        let mut best: Option<(usize, usize, Match)> = None;
        for at in 0..sheet.len().min(limits::HEADER_ROWS) {
            let Some(row) = sheet.row(at) else { break };
            let matched = self.matched(sheet, at, row);
            let count = matched.found.iter().filter(|c| !c.is_empty()).count();
            if best.as_ref().is_none_or(|(_, most, _)| count > *most) {
                best = Some((at, count, matched));
            }
        }
        let enough = self.roster.columns.len().min(2);
        match best {
            Some((at, count, matched)) if count >= enough => {
                self.checked(sheet, at, &matched).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn matched(&self, sheet: &Sheet, at: usize, row: Row<'_>) -> Match {
        let above = at
            .checked_sub(1)
            .and_then(|above| sheet.row(above))
            .filter(|above| above.number + 1 == row.number);
        let mut found = vec![Vec::new(); self.names.len()];
        let last = row
            .cells()
            .map(|(c, _)| c)
            .chain(above.iter().flat_map(|a| a.cells().map(|(c, _)| c)))
            .max();
        for column in 0..=last.unwrap_or(0) {
            let upper = above.and_then(|above| spread(sheet, above, column));
            let own = words_of(row.cell(column));
            // A cell merged downwards stands in the upper row only.
            let (own, upper) = match (own, upper) {
                (Some(own), upper) => (own, upper),
                (None, _) => match above.and_then(|a| words_of(a.cell(column))) {
                    Some(own) => (own, None),
                    None => continue,
                },
            };
            if let Some(which) = self.recognise(&own, upper.as_deref()) {
                found[which].push(column);
            }
        }
        Match { found }
    }

    /// The roster's column of this name. Under a group's name, the group's columns come first; a column of a group is only
    /// recognised under it, or when its name says the group itself.
    fn recognise(&self, own: &str, upper: Option<&str>) -> Option<usize> {
        let named = |at: &usize| self.names[*at].iter().any(|n| n == own);
        let grouped = |at: &usize| upper.is_some_and(|u| self.groups[*at].iter().any(|g| g == u));
        let alone = |at: &usize| {
            self.groups[*at].is_empty()
                || self.groups[*at]
                    .iter()
                    .any(|g| own.len() > g.len() && own.starts_with(g.as_str()))
        };
        let all = || 0..self.names.len();
        all()
            .find(|at| named(at) && grouped(at))
            .or_else(|| {
                all().find(|at| {
                    self.groups[*at].iter().any(|g| {
                        grouped(at) && self.names[*at].iter().any(|n| *n == format!("{g}{own}"))
                    })
                })
            })
            .or_else(|| all().find(|at| named(at) && alone(at)))
            // `父亲身份证号` in one cell, where the roster names only `身份证号` under `父亲`.
            .or_else(|| {
                all().find(|at| {
                    self.groups[*at].iter().any(|g| {
                        own.strip_prefix(g.as_str())
                            .is_some_and(|rest| self.names[*at].iter().any(|n| n == rest))
                    })
                })
            })
            // A name that only one column has needs no group to be clear.
            .or_else(|| {
                let mut same = all().filter(|at| named(at));
                let only = same.next();
                only.filter(|_| same.next().is_none() && upper.is_none())
            })
    }

    fn checked(&self, sheet: &Sheet, at: usize, matched: &Match) -> Result<Header, FileFault> {
        let columns = &self.roster.columns;
        let label = |c: &Column| match c.group.first() {
            Some(group) if !c.name.zh.starts_with(group.as_str()) => {
                format!("{group}{}", c.name.zh)
            }
            _ => c.name.zh.clone(),
        };
        let pairs = || columns.iter().zip(&matched.found);
        let missing: Vec<String> = pairs()
            .filter(|(c, found)| c.required && found.is_empty())
            .map(|(c, _)| label(c))
            .collect();
        let twice: Vec<(String, String, String)> = pairs()
            .filter_map(|(c, found)| match found.as_slice() {
                [first, second, ..] => {
                    Some((label(c), column_letters(*first), column_letters(*second)))
                }
                _ => None,
            })
            .collect();
        if missing.is_empty() && twice.is_empty() {
            return Ok(Header {
                first: at + 1,
                columns: matched.found.iter().map(|f| f.first().copied()).collect(),
            });
        }
        Err(FileFault::Header {
            sheet: sheet.name.clone(),
            row: sheet.row(at).map_or(0, |r| r.number),
            found: pairs()
                .filter(|(_, f)| !f.is_empty())
                .map(|(c, _)| label(c))
                .collect(),
            missing,
            twice,
        })
    }
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

fn words_of(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(fold(text)).filter(|t| !t.is_empty()),
        _ => None,
    }
}

/// A header word without what only layout put there: width, spaces, case, a mark for required columns.
pub(crate) fn fold(word: &str) -> String {
    let word = kernel::normal(word).to_lowercase();
    word.trim_matches(['*', ':', '※', '★']).to_owned()
}

#[cfg(test)]
mod tests;
