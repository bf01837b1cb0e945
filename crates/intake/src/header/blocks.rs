//! Several tables in one sheet: below one another, where another header stands further down, and beside one another, where the
//! same headings stand again behind a blank column. The same header again, as on every page of a printed list, begins no table.

use std::collections::{BTreeSet, HashSet};

use super::{Head, Heads, Match, Said, Words};
use crate::sheet::{Cell, Row, Sheet};

/// How many cells of a row are looked at before it is taken for no header.
const LOOKED_AT: usize = 8;
/// Headings are shorter, in bytes.
const LONGEST: usize = 90;

impl Words<'_> {
    /// The headers below the first one.
    pub(super) fn later(&self, sheet: &Sheet, first: &Heads, said: Said<'_>) -> Vec<Heads> {
        let enough = self.matched(first, &first.list, said).by_itself().count();
        let mut found: Vec<Heads> = Vec::new();
        let mut known: HashSet<&str> = first.list.iter().map(|h| h.shown.as_str()).collect();
        known.extend(said.told.keys().map(String::as_str));
        let mut before = (0, 0);
        for at in first.at + 1..sheet.len() {
            let Some(row) = sheet.row(at) else { break };
            let apart = row.number > before.0 + 1 || before.1 < 3;
            before = (row.number, row.cells().take(3).count());
            if !self.may_be_header(row, apart, &known) {
                continue;
            }
            let Some(heads) = self.heads(sheet, at) else {
                continue;
            };
            let current = found.last().map_or(&first.fingerprint, |h| &h.fingerprint);
            if heads.fingerprint != *current && self.is_header(&heads, enough, said) {
                found.push(heads);
            }
        }
        found
    }

    /// Whether it is worth looking at a row: something in it is a heading, or it stands apart from the row before.
    fn may_be_header(&self, row: Row<'_>, apart: bool, known: &HashSet<&str>) -> bool {
        let mut words = 0;
        for (_, cell) in row.cells().take(LOOKED_AT) {
            let Cell::Text(text) = cell else { continue };
            let text = text.trim();
            if text.len() > LONGEST {
                continue;
            }
            words += 1;
            if text.starts_with(|c: char| c.is_ascii_digit()) {
                continue;
            }
            if known.contains(text) || self.says_a_name(text) {
                return true;
            }
        }
        apart && words > 1
    }

    /// Whether a row below the first header is one, too: it names as many columns, or all that every list must have.
    pub(super) fn is_header(&self, heads: &Heads, enough: usize, said: Said<'_>) -> bool {
        let matched = self.matched(heads, &heads.list, said).by_itself();
        let count = matched.count();
        // Below a header, its words count for every blank cell.
        let here = matched.count_of(|head| head.here);
        here >= 2 && here * 2 >= count && (count >= enough || self.complete(&matched))
    }

    /// Whether every required column is recognised.
    fn complete(&self, matched: &Match<'_>) -> bool {
        let columns = self.roster.columns.iter().enumerate();
        columns
            .filter(|(_, column)| column.required)
            .all(|(at, _)| !matched.found(at).is_empty())
    }

    /// The tables a header stands above: one, or several beside one another, each with its first and last column.
    pub(super) fn parts<'h>(
        &self,
        heads: &'h Heads,
        said: Said<'_>,
    ) -> Vec<((u16, u16), Match<'h>)> {
        let whole = self.matched(heads, &heads.list, said);
        let one = |whole| vec![((0, u16::MAX), whole)];
        let columns = 0..self.roster.columns.len();
        if !columns.clone().any(|at| whole.found(at).len() > 1) {
            return one(whole);
        }
        let parts = self.groups(&heads.list, &whole);
        let mut tables = Vec::with_capacity(parts.len());
        for (nth, part) in parts.iter().enumerate() {
            let matched = self.matched(heads, part, said);
            let clear = columns.clone().all(|at| matched.found(at).len() < 2);
            if !clear || !self.complete(&matched) {
                return one(whole);
            }
            let from = part.first().map_or(0, |head| head.column);
            let to = parts
                .get(nth + 1)
                .and_then(|next| next.first())
                .map_or(u16::MAX, |next| next.column.saturating_sub(1));
            tables.push(((if nth == 0 { 0 } else { from }, to), matched));
        }
        tables
    }

    /// The headings in groups, cut at blank columns where a column of the roster would come a second time.
    fn groups<'h>(&self, heads: &'h [Head], whole: &Match<'_>) -> Vec<&'h [Head]> {
        let named = |at: usize| whole.heads[at].1.map(|(named, _)| named.column);
        let mut groups = Vec::new();
        let (mut from, mut seen) = (0, BTreeSet::new());
        for run in runs(heads) {
            let columns: BTreeSet<usize> = run.clone().filter_map(named).collect();
            if columns.intersection(&seen).next().is_some() {
                groups.push(&heads[from..run.start]);
                from = run.start;
                seen.clear();
            }
            seen.extend(columns);
        }
        groups.push(&heads[from..]);
        groups
    }
}

/// Headings that stand in columns right beside one another.
fn runs(heads: &[Head]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, head) in heads.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if heads[run.end - 1].column + 1 == head.column => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}
