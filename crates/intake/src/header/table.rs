//! One table while it is being understood: which columns of the roster stand where, in what units, and whether that is clear.

use super::words::{Named, label, places};
use super::{By, Head, Header, Heads, Layout, LayoutColumn, Match, Words, values, words_of};
use crate::fault::{FileFault, UnclearHeader};
use crate::limits;
use crate::read_workbook::column_letters;
use crate::sheet::Sheet;

/// One table while it is being understood.
pub(super) struct Table<'t> {
    pub words: &'t Words<'t>,
    pub sheet: &'t Sheet,
    pub heads: &'t Heads,
    pub end: usize,
    pub across: (u16, u16),
    pub beside: bool,
}

impl Table<'_> {
    /// The table, if every required column has its place and none has two.
    pub(super) fn checked(&self, mut matched: Match<'_>) -> Result<Header, FileFault> {
        let columns = &self.words.roster.columns;
        let below = (self.heads.below(), self.end);
        let guess = values::guess(self, &matched, below);
        for (head, named) in &mut matched.heads {
            if let Some(column) = guess.taken.get(&head.column) {
                let column = *column;
                *named = Some((Named { column, unit: None }, By::Values));
            }
        }
        let found: Vec<Vec<u16>> = (0..columns.len()).map(|at| matched.found(at)).collect();
        let row = self.sheet.row(self.heads.at).map_or(0, |row| row.number);
        let pairs = || columns.iter().zip(&found);
        let missing: Vec<String> = pairs()
            .filter(|(column, found)| column.required && found.is_empty())
            .map(|(column, _)| label(column))
            .collect();
        let named = |column: u16| {
            let head = self.heads.list.iter().find(|head| head.column == column);
            let shown = head.map(|head| head.shown.clone());
            (column_letters(column), shown.unwrap_or_default())
        };
        let twice: Vec<(String, [(String, String); 2])> = pairs()
            .filter_map(|(column, found)| match found.as_slice() {
                [first, second, ..] => Some((label(column), [*first, *second].map(named))),
                _ => None,
            })
            .collect();
        if !missing.is_empty() || !twice.is_empty() {
            return Err(FileFault::Header(Box::new(UnclearHeader {
                sheet: self.sheet.name.clone(),
                row,
                found: pairs()
                    .filter(|(_, found)| !found.is_empty())
                    .map(|(column, _)| label(column))
                    .collect(),
                missing,
                twice,
                unknown: self.unknown(&matched, &guess.like),
                like: guess.like,
            })));
        }
        Ok(Header {
            top: self.heads.top(self.sheet, self.words.has_groups()),
            first: self.heads.below(),
            end: self.end,
            across: self.across,
            beside: self.beside,
            columns: found.iter().map(|f| f.first().copied()).collect(),
            places: self.units(&matched, row)?,
            layout: self.layout(&matched, row),
            fingerprint: self.heads.fingerprint.clone(),
            said: matched.said,
            told: matched.told,
        })
    }

    /// The headings that say nothing, but for those that are asked about.
    fn unknown(
        &self,
        matched: &Match<'_>,
        like: &[(String, String, Vec<String>)],
    ) -> Vec<(String, String)> {
        (matched.heads.iter())
            .filter(|(head, named)| named.is_none() && !matched.left.contains_key(&head.column))
            .map(|(head, _)| (column_letters(head.column), head.shown.clone()))
            .filter(|(letters, _)| like.iter().all(|(asked, ..)| asked != letters))
            .collect()
    }

    /// The units of the columns that hold amounts. One that isn't known is a fault, since every figure would be wrong.
    fn units(
        &self,
        matched: &Match<'_>,
        row: u32,
    ) -> Result<Vec<Option<(u32, String)>>, FileFault> {
        let columns = &self.words.roster.columns;
        let above = unit_above(self.sheet, self.heads.at);
        let mut units = vec![None; columns.len()];
        for (head, named) in &matched.heads {
            let Some((Named { column, unit }, _)) = *named else {
                continue;
            };
            let declared = &columns[column];
            if declared.kind != pack::FieldType::Fen {
                continue;
            }
            let unit = match (unit, &above) {
                (Some(unit), _) => unit,
                (None, Some(unit)) if places(unit, declared).is_some() => unit,
                (None, _) => continue,
            };
            let by = places(unit, declared).ok_or_else(|| FileFault::Unit {
                sheet: self.sheet.name.clone(),
                row,
                heading: head.shown.clone(),
                unit: unit.to_owned(),
            })?;
            units[column] = (by > 0).then(|| (by, unit.to_owned()));
        }
        Ok(units)
    }

    fn layout(&self, matched: &Match<'_>, row: u32) -> Layout {
        let column = |(head, named): &(&Head, Option<(Named<'_>, By)>)| {
            let declared = named.map(|(named, _)| &self.words.roster.columns[named.column]);
            let left = matched.left.get(&head.column).copied();
            LayoutColumn {
                letters: column_letters(head.column),
                heading: head.shown.clone(),
                column: declared.map(|column| column.id.clone()),
                name: declared.map(|column| column.name.clone()),
                by: match named {
                    Some((_, by)) => *by,
                    None => left.unwrap_or(By::Name),
                },
            }
        };
        Layout {
            sheet: self.sheet.name.clone(),
            header_row: row,
            columns: matched.heads.iter().map(column).collect(),
        }
    }
}

/// What a line above a table says of all its amounts: `单位：万元`.
fn unit_above(sheet: &Sheet, at: usize) -> Option<String> {
    let from = at.saturating_sub(limits::HEADER_ROWS);
    (from..at)
        .rev()
        .filter_map(|at| sheet.row(at))
        .flat_map(|row| {
            row.cells()
                .filter_map(|(_, cell)| words_of(cell))
                .collect::<Vec<_>>()
        })
        .find_map(|words| {
            let (_, unit) = words.rsplit_once("单位:")?;
            let unit = unit.trim_matches(['(', ')']);
            unit.ends_with('元').then(|| unit.to_owned())
        })
}
