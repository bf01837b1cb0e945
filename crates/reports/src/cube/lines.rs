//! The rows of an indicator one by one, as far as lists behind figures need them: the number of each, whose it is, and in which groups. Which
//! of them a list shows is chosen here; what stands in them is read elsewhere, under the reader's grant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::UnitCode;

use super::{CountedRow, GroupPlaces, Places, UNSAID};

/// A row of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ListedRow {
    /// The number it has in the column `id`; 0 without one.
    pub(super) id: i64,
    /// Whose it is, by place.
    pub(super) unit: u16,
    /// The group of each dimension, by place among all keys that occur.
    pub(super) groups: GroupPlaces,
}

/// The rows of an indicator, ordered by their numbers: of a million people some twenty megabytes.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// The dimensions, in the indicator's order.
    pub(super) dimensions: Vec<String>,
    pub(super) units: Places<Option<String>>,
    pub(super) keys: Places<Option<String>>,
    pub(super) lines: Vec<ListedRow>,
}

/// Rows are wanted of one group of a dimension: the dimension's id, and the group's key.
pub type InGroup = (String, String);

impl Lines {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The same without the rows of some numbers, and with others.
    pub(crate) fn after(&self, gone: &BTreeSet<i64>, come: &[CountedRow]) -> Self {
        let mut after = self.clone();
        after.lines.retain(|line| !gone.contains(&line.id));
        for row in come {
            let line = ListedRow {
                id: row.id,
                unit: after.units.of(row.unit.as_deref()),
                groups: after.keys.all_of(&row.groups),
            };
            let at = after.lines.partition_point(|known| *known < line);
            after.lines.insert(at, line);
        }
        after
    }

    /// The rows of some units and of some groups; none if a dimension isn't the indicator's.
    pub fn of(
        self: &Arc<Self>,
        of: impl Fn(Option<&UnitCode>) -> bool,
        wanted: &[InGroup],
    ) -> Chosen {
        let mut groups = Vec::with_capacity(wanted.len());
        for (dimension, key) in wanted {
            let at = self.dimensions.iter().position(|known| known == dimension);
            let is_it = |known: &Option<String>| known.as_deref().unwrap_or(UNSAID) == key;
            let key = self.keys.values.iter().position(is_it);
            match (at, key.and_then(|key| u16::try_from(key).ok())) {
                (Some(at), Some(key)) => groups.push((at, key)),
                _ => return Chosen::default(),
            }
        }
        let units = self.units.values.iter();
        let units = units.map(|unit| unit.as_deref().and_then(|unit| unit.parse().ok()));
        let units = units.map(|unit: Option<UnitCode>| (unit, of(unit.as_ref())));
        Chosen {
            lines: self.clone(),
            units: units.collect(),
            groups,
        }
    }
}

/// Some of the rows of an indicator.
#[derive(Default)]
pub struct Chosen {
    lines: Arc<Lines>,
    /// For each place whose the rows there are, and whether they are wanted.
    units: Vec<(Option<UnitCode>, bool)>,
    /// Places of dimensions, and which of their keys rows must have.
    groups: Vec<(usize, u16)>,
}

impl Chosen {
    fn rows(&self) -> impl Iterator<Item = &ListedRow> {
        let fits = |line: &&ListedRow| {
            let wanted = self.units.get(usize::from(line.unit));
            let mut groups = self.groups.iter();
            wanted.is_some_and(|(_, wanted)| *wanted)
                && groups.all(|(at, key)| line.groups[*at] == *key)
        };
        self.lines.lines.iter().filter(fits)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows().count()
    }

    /// How many there are, and a part of them with whose each is: by unit, and in each by their numbers. Only the units that it shows
    /// are put in order.
    #[must_use]
    pub fn part(&self, offset: usize, limit: usize) -> (usize, Vec<(i64, Option<UnitCode>)>) {
        let mut counts = vec![0_usize; self.units.len()];
        for line in self.rows() {
            counts[usize::from(line.unit)] += 1;
        }
        let mut by_unit: BTreeMap<Option<UnitCode>, usize> = BTreeMap::new();
        for ((unit, _), count) in self.units.iter().zip(counts) {
            *by_unit.entry(*unit).or_default() += count;
        }
        let (mut total, mut before, mut shown) = (0, 0, BTreeSet::new());
        for (unit, count) in by_unit {
            if total + count <= offset {
                before += count;
            } else if total < offset.saturating_add(limit) {
                shown.insert(unit);
            }
            total += count;
        }
        let of_place = self.units.iter().map(|(unit, _)| shown.contains(unit));
        let of_place: Vec<bool> = of_place.collect();
        let own = self
            .rows()
            .filter(|line| of_place[usize::from(line.unit)])
            .map(|line| (self.units[usize::from(line.unit)].0, line.id));
        let mut own: Vec<(Option<UnitCode>, i64)> = own.collect();
        own.sort_unstable();
        let part = own.into_iter().skip(offset - before).take(limit);
        (total, part.map(|(unit, id)| (id, unit)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_rows_is_what_stands_there_when_all_are_put_in_order() {
        let codes = ["210203001002", "210203001001", "210203001003"];
        let mut lines = Lines {
            dimensions: vec!["sex".to_owned()],
            ..Lines::default()
        };
        for id in 0..60 {
            // Every seventh is nobody's.
            let unit = (id % 7 > 0).then(|| codes[usize::try_from(id * 7 / 4 % 3).unwrap()]);
            let keys = [(id % 5 > 0).then(|| (id % 2).to_string())];
            let line = ListedRow {
                id,
                unit: lines.units.of(unit),
                groups: lines.keys.all_of(&keys),
            };
            lines.lines.push(line);
        }
        let lines = Arc::new(lines);
        let without: UnitCode = codes[2].parse().unwrap();
        for wanted in [vec![], vec![("sex".to_owned(), "1".to_owned())]] {
            let chosen = lines.of(|unit| unit != Some(&without), &wanted);
            let (total, all) = chosen.part(0, usize::MAX);
            assert_eq!((total, all.len()), (chosen.count(), total));
            assert!(total > 0 && total < 60);
            assert!(all.is_sorted_by_key(|(id, unit)| (*unit, *id)));
            assert!(all.iter().all(|(_, unit)| *unit != Some(without)));
            for offset in 0..total + 2 {
                for limit in [0, 1, 7, total] {
                    let part = all.iter().skip(offset).take(limit).copied().collect();
                    assert_eq!(chosen.part(offset, limit), (total, part));
                }
            }
        }
        let absent = lines.of(|_| true, &[("age".to_owned(), "1".to_owned())]);
        assert_eq!(absent.part(0, 5), (0, Vec::new()));
    }
}
