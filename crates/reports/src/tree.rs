//! Which units lie under which on a day: by their codes, by what the register of units says, and because one took another's place. It
//! knows units that have a book or a record; whose people they have it doesn't know.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::UnitCode;
use pack::Pack;
use tables::{Session, TablesError, show};

/// More steps up than any tree has.
const DEEPEST: usize = 32;

/// The units of a ledger on a day.
#[derive(Clone, Debug, Default)]
pub struct UnitTree {
    /// For each unit the one above; for one that ended the one that took its place.
    above: BTreeMap<UnitCode, UnitCode>,
    /// The units next below one that there are on the day, in order of code.
    below: BTreeMap<UnitCode, Vec<UnitCode>>,
    /// For each unit those that have gone into it.
    merged: BTreeMap<UnitCode, Vec<UnitCode>>,
    /// For each that has, the day on which it did, and the unit above which it lay under until then.
    went: BTreeMap<UnitCode, (Date, Option<UnitCode>)>,
}

impl UnitTree {
    /// The units that a session's register of units has on its day, and those that have a book.
    ///
    /// # Errors
    /// The register can't be read.
    pub async fn read(session: &Session, books: &[UnitCode]) -> Result<Self, TablesError> {
        let mut units: BTreeSet<UnitCode> = books.iter().copied().collect();
        let mut said: BTreeMap<UnitCode, UnitCode> = BTreeMap::new();
        let mut ended: BTreeSet<UnitCode> = BTreeSet::new();
        let mut merged: BTreeMap<UnitCode, Vec<UnitCode>> = BTreeMap::new();
        let mut went: BTreeMap<UnitCode, (Date, Option<UnitCode>)> = BTreeMap::new();
        let on = session.as_of().on;
        let rows = match query(session.pack()) {
            Some(sql) => show(&session.collect(&sql).await?)?,
            None => Vec::new(),
        };
        for row in rows {
            let mut row = row.into_iter();
            let mut next = || row.next().flatten();
            let (code, parent, successor, until) = (next(), next(), next(), next());
            let unit = |text: Option<String>| text.and_then(|text| text.parse::<UnitCode>().ok());
            let Some(code) = unit(code) else { continue };
            units.insert(code);
            let until = until.and_then(|day| day.parse::<Date>().ok());
            let gone = until.is_some_and(|until| until <= on);
            if gone {
                ended.insert(code);
            }
            let next = if gone { unit(successor) } else { None };
            let parent = unit(parent);
            if let Some(into) = next {
                merged.entry(into).or_default().push(code);
                went.insert(code, (until.unwrap_or(on), parent));
            }
            if let Some(above) = next.or(parent) {
                said.insert(code, above);
            }
        }
        Ok(Self {
            merged,
            went,
            ..Self::of(&units, &said, &ended)
        })
    }

    fn of(
        units: &BTreeSet<UnitCode>,
        said: &BTreeMap<UnitCode, UnitCode>,
        ended: &BTreeSet<UnitCode>,
    ) -> Self {
        let mut tree = Self::default();
        // In order of code, those that a unit's code lies under are on the way to it.
        let mut way: Vec<UnitCode> = Vec::new();
        for unit in units {
            while way.last().is_some_and(|above| !above.contains(unit)) {
                way.pop();
            }
            let above = said.get(unit).filter(|above| units.contains(above));
            if let Some(above) = above.or(way.last()).copied() {
                tree.above.insert(*unit, above);
                if !ended.contains(unit) {
                    tree.below.entry(above).or_default().push(*unit);
                }
            }
            way.push(*unit);
        }
        tree
    }

    /// Whether a unit is another or lies under it.
    #[must_use]
    pub fn contains(&self, scope: &UnitCode, unit: &UnitCode) -> bool {
        let mut now = *unit;
        for _ in 0..DEEPEST {
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

    /// Whether a unit was another, or lay under it, on a day: one into which it went later didn't hold it yet.
    #[must_use]
    pub fn contained(&self, scope: &UnitCode, unit: &UnitCode, on: Date) -> bool {
        match self.went.get(unit) {
            Some((day, above)) if on < *day => {
                let above = above.filter(|above| above != unit);
                scope.contains(unit) || above.is_some_and(|above| self.contains(scope, &above))
            }
            _ => self.contains(scope, unit),
        }
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
        let days = self
            .merged_into(unit)
            .iter()
            .filter_map(|unit| self.went.get(unit));
        days.map(|(day, _)| *day).max()
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

/// The query of the register of units, if the pack has one.
fn query(pack: &Pack) -> Option<String> {
    let (register, tree) = pack.registers.iter().find_map(|register| {
        let tree = register.tree.as_ref()?;
        Some((&register.id, tree))
    })?;
    let (code, parent) = (&tree.code, &tree.parent);
    let (successor, ended) = (&tree.successor, &tree.ended);
    Some(format!(
        "select {code}, {parent}, {successor}, {ended} from {register}"
    ))
}
