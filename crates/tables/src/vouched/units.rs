//! Which units lie under which, and did when a list was made.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array as _, AsArray as _};
use datafusion::arrow::datatypes::Date32Type;
use kernel::UnitCode;
use pack::Contract;

use super::found::text_of;
use crate::error::TablesError;
use crate::snapshot::Snapshot;

/// Units, and which lie under which, on the day.
#[derive(Default)]
pub(super) struct Tree {
    above: BTreeMap<UnitCode, UnitCode>,
    /// Those with none below, and those that have gone into another.
    pub leaves: BTreeSet<UnitCode>,
    /// The day on which a unit went into another, and the one above it until then.
    pub went: BTreeMap<UnitCode, (i32, Option<UnitCode>)>,
}

impl Tree {
    pub fn contains(&self, scope: &UnitCode, unit: &UnitCode) -> bool {
        let mut now = *unit;
        for _ in 0..32 {
            if scope.contains(&now) {
                return true;
            }
            match self.above.get(&now) {
                Some(above) => now = *above,
                None => return false,
            }
        }
        false
    }

    /// Whether a unit was another, or lay under it, on the day of a list: one into which it went later didn't hold it yet.
    pub fn contained(&self, scope: &UnitCode, unit: &UnitCode, on: i32) -> bool {
        match self.went.get(unit) {
            Some((day, above)) if on < *day => {
                let above = above.filter(|above| above != unit);
                scope.contains(unit) || above.is_some_and(|above| self.contains(scope, &above))
            }
            _ => self.contains(scope, unit),
        }
    }
}

impl Snapshot {
    /// The units on a day.
    pub(super) fn tree(&self, contract: &Contract, on: i32) -> Result<Tree, TablesError> {
        let mut tree = Tree::default();
        let mut units: BTreeSet<UnitCode> = self
            .heard
            .words
            .books
            .iter()
            .map(|book| book.book.unit)
            .collect();
        let register = &contract.units.register;
        let Some(declared) = &register.tree else {
            return Ok(tree);
        };
        let place = |id: &str| register.field(id).map(|(at, _)| at);
        let (Some(code), Some(parent), Some(successor), Some(ended)) = (
            place(&declared.code),
            place(&declared.parent),
            place(&declared.successor),
            place(&declared.ended),
        ) else {
            return Ok(tree);
        };
        let mut gone = BTreeSet::new();
        for rows in self.on(&register.id, on)? {
            let ends = rows.fields[ended].as_primitive::<Date32Type>();
            for row in 0..rows.ids.len() {
                let unit = |at: usize| text_of(&rows, at, row)?.parse::<UnitCode>().ok();
                let Some(own) = unit(code) else { continue };
                let ended = ends.is_valid(row) && ends.value(row) <= on;
                units.insert(own);
                let next = unit(successor).filter(|_| ended);
                if ended {
                    gone.insert(own);
                }
                let parent = unit(parent);
                if next.is_some() {
                    tree.went.insert(own, (ends.value(row), parent));
                }
                if let Some(above) = next.or(parent) {
                    tree.above.insert(own, above);
                }
            }
        }
        let above: BTreeSet<UnitCode> = units
            .iter()
            .filter(|unit| !gone.contains(*unit))
            .flat_map(|unit| {
                let by_code = units
                    .iter()
                    .filter(move |up| *up != unit && up.contains(unit));
                by_code.copied().chain(tree.above.get(unit).copied())
            })
            .collect();
        units.retain(|unit| !gone.contains(unit) && !above.contains(unit));
        units.extend(tree.went.keys());
        tree.leaves = units;
        Ok(tree)
    }
}
