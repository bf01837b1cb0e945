//! Which units lie under which on a day: by their codes, by what the register of units says, and because one took another's place. It
//! knows units that have a book or a record; whose people they have it doesn't know.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array as _, AsArray as _};
use datafusion::arrow::datatypes::Date32Type;
use jiff::civil::Date;
use kernel::UnitCode;
use kernel::date::{from_days, to_days};
use pack::Register;

use crate::error::TablesError;
use crate::rows::{Rows, text_of};
use crate::snapshot::Snapshot;

/// More steps up than any tree has.
const DEEPEST: usize = 32;

/// The units of a ledger on a day.
#[derive(Clone, Debug, Default)]
pub struct UnitTree {
    /// For each unit the one above; for one that ended the one that took its place.
    above: BTreeMap<UnitCode, UnitCode>,
    /// The units next below one that there are on the day, in order of code.
    below: BTreeMap<UnitCode, Vec<UnitCode>>,
    /// The units that have none below them, and those that have gone into another.
    lowest: BTreeSet<UnitCode>,
    /// For each unit those that have gone into it.
    merged: BTreeMap<UnitCode, Vec<UnitCode>>,
    /// For each that has, the day on which it did, and the unit above which it lay under until then.
    went: BTreeMap<UnitCode, (Date, Option<UnitCode>)>,
}

/// What a register of units says of one on a day.
pub(crate) struct OneUnit {
    pub code: UnitCode,
    pub parent: Option<UnitCode>,
    /// Since when there is no such unit any more, and what took its place.
    pub ended: Option<(Date, Option<UnitCode>)>,
}

/// What the rows of a register of units say on their day.
pub(crate) fn said_of_units(register: &Register, rows: &[Rows], on: i32) -> Vec<OneUnit> {
    let mut said = Vec::new();
    let place = |id: &str| register.field(id).map(|(at, _)| at);
    let Some(tree) = &register.tree else {
        return said;
    };
    let (Some(code), Some(parent), Some(successor), Some(ended)) = (
        place(&tree.code),
        place(&tree.parent),
        place(&tree.successor),
        place(&tree.ended),
    ) else {
        return said;
    };
    for rows in rows {
        let ends = rows.fields[ended].as_primitive::<Date32Type>();
        for row in 0..rows.ids.len() {
            let unit = |at: usize| text_of(rows, at, row)?.parse::<UnitCode>().ok();
            let over = ends.is_valid(row) && ends.value(row) <= on;
            let ended = over.then(|| from_days(ends.value(row))).flatten();
            said.extend(unit(code).map(|code| OneUnit {
                code,
                parent: unit(parent),
                ended: ended.map(|day| (day, unit(successor))),
            }));
        }
    }
    said
}

impl UnitTree {
    fn new(books: BTreeSet<UnitCode>, said: Vec<OneUnit>) -> Self {
        let mut tree = Self::default();
        let mut units = books;
        units.extend(said.iter().map(|unit| unit.code));
        let mut next_up: BTreeMap<UnitCode, UnitCode> = BTreeMap::new();
        let mut ended: BTreeSet<UnitCode> = BTreeSet::new();
        for unit in said {
            let mut up = unit.parent;
            if let Some((day, successor)) = unit.ended {
                ended.insert(unit.code);
                if let Some(into) = successor {
                    tree.merged.entry(into).or_default().push(unit.code);
                    tree.went.insert(unit.code, (day, unit.parent));
                    up = successor;
                }
            }
            next_up.extend(up.map(|up| (unit.code, up)));
        }
        // In order of code, those that a unit's code lies under are on the way to it.
        let mut way: Vec<UnitCode> = Vec::new();
        for unit in &units {
            while way.last().is_some_and(|above| !above.contains(unit)) {
                way.pop();
            }
            let above = next_up.get(unit).filter(|above| units.contains(above));
            let above = above.or(way.last()).copied();
            tree.above.extend(above.map(|above| (*unit, above)));
            way.push(*unit);
        }
        // What lay under one that ended, and that nothing took the place of, lies under the next that there is.
        for unit in units.iter().filter(|unit| !ended.contains(unit)) {
            let up = |unit: &UnitCode| tree.above.get(unit).copied();
            let ways = std::iter::successors(up(unit), up).take(DEEPEST);
            if let Some(above) = ways.into_iter().find(|above| !ended.contains(above)) {
                tree.below.entry(above).or_default().push(*unit);
            }
        }
        units.retain(|unit| {
            tree.went.contains_key(unit) || !ended.contains(unit) && !tree.below.contains_key(unit)
        });
        tree.lowest = units;
        tree
    }

    /// Whether a unit is another or lies under it.
    #[must_use]
    pub fn contains(&self, scope: &UnitCode, unit: &UnitCode) -> bool {
        self.found_above(scope, unit, |now| self.above.get(now))
    }

    /// Whether a unit was another, or lay under it, on a day: one into which it went later didn't hold it yet. Nor does it hold one that
    /// stays apart from it.
    #[must_use]
    pub fn contained(
        &self,
        scope: &UnitCode,
        unit: &UnitCode,
        on: Date,
        apart: impl Fn(&UnitCode) -> bool,
    ) -> bool {
        self.found_above(scope, unit, |now| match self.went.get(now) {
            Some((day, former)) if on < *day || apart(now) => former.as_ref(),
            _ => self.above.get(now),
        })
    }

    /// Whether a unit is found on the way up from another.
    fn found_above<'t>(
        &'t self,
        scope: &UnitCode,
        unit: &UnitCode,
        next: impl Fn(&UnitCode) -> Option<&'t UnitCode>,
    ) -> bool {
        let mut now = *unit;
        for _ in 0..DEEPEST {
            if scope.contains(&now) {
                return true;
            }
            match next(&now) {
                Some(above) => now = *above,
                None => return false,
            }
        }
        false
    }

    /// The unit above one; for one that ended the one that took its place.
    #[must_use]
    pub fn above(&self, unit: &UnitCode) -> Option<&UnitCode> {
        self.above.get(unit)
    }

    /// The units next below one that there are on the day, in order of code.
    #[must_use]
    pub fn children(&self, scope: &UnitCode) -> &[UnitCode] {
        self.below.get(scope).map_or(&[], Vec::as_slice)
    }

    /// The units that have gone into another by the day.
    #[must_use]
    pub fn merged_into(&self, unit: &UnitCode) -> &[UnitCode] {
        self.merged.get(unit).map_or(&[], Vec::as_slice)
    }

    /// The day on which the last of the units that have gone into another did.
    #[must_use]
    pub fn merged_on(&self, unit: &UnitCode) -> Option<Date> {
        let merged = self.merged_into(unit).iter();
        merged.filter_map(|unit| self.went_on(unit)).max()
    }

    /// The units that have gone into another, and the day on which each did.
    pub fn gone(&self) -> impl Iterator<Item = (&UnitCode, Date)> {
        self.went.iter().map(|(unit, (day, _))| (unit, *day))
    }

    /// The day on which a unit went into another, if it has.
    #[must_use]
    pub fn went_on(&self, unit: &UnitCode) -> Option<Date> {
        self.went.get(unit).map(|(day, _)| *day)
    }

    /// The units that have none below them, and those that have gone into another.
    #[must_use]
    pub fn lowest(&self) -> &BTreeSet<UnitCode> {
        &self.lowest
    }

    /// The lowest units of a scope that there are on the day, in order of code; the scope itself if it has none below it.
    #[must_use]
    pub fn leaves(&self, scope: &UnitCode) -> Vec<UnitCode> {
        let mut leaves = Vec::new();
        self.add_leaves(scope, 0, &mut leaves);
        leaves.sort_unstable();
        leaves
    }

    fn add_leaves(&self, scope: &UnitCode, depth: usize, leaves: &mut Vec<UnitCode>) {
        let children = self.children(scope);
        if children.is_empty() || depth > DEEPEST {
            leaves.push(*scope);
            return;
        }
        for child in children {
            self.add_leaves(child, depth + 1, leaves);
        }
    }
}

impl Snapshot {
    /// The units that the register of units has on a day, and those that have a book.
    ///
    /// # Errors
    /// The register can't be worked out.
    pub fn units(&self, on: Date) -> Result<UnitTree, TablesError> {
        let books = self.heard.words.books.iter();
        let books = books.map(|book| book.book.unit).collect();
        let (mut said, on) = (Vec::new(), to_days(on));
        for register in self.pack.registers.iter().filter(|own| own.tree.is_some()) {
            said.extend(said_of_units(register, &self.on(&register.id, on)?, on));
        }
        Ok(UnitTree::new(books, said))
    }
}
