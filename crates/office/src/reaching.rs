//! Up to which day the data reaches (数据截至): the day of the lists of homes that every lowest unit of a scope has sent. Figures are of that day unless
//! another is asked for; what programmes answer and what is due is of today.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::UnitCode;
use reports::known::{Knowledge, SaidFields, Span, SpokenFor, VouchingLists};
use tables::{Snapshot, UnitTree};

use crate::error::OfficeError;
use crate::figures::kept_lists;
use crate::office::Office;

/// How far lists of homes tell of each of the lowest units.
pub(crate) struct Reaching {
    tree: UnitTree,
    known: BTreeMap<UnitCode, Span>,
}

impl Reaching {
    /// By what stands on a day.
    pub(crate) async fn new(
        office: &Office,
        standing: &Snapshot,
        today: Date,
    ) -> Result<Self, OfficeError> {
        let session = office.evaluation(today, "how far the data reaches").await?;
        let tree = standing.units(today)?;
        let kept = kept_lists(office, &session).await?;
        let (covers, reach) = (standing.covers(), standing.reach());
        let lists = VouchingLists::new(&office.pack, covers, reach, &kept);
        let knowledge = Knowledge {
            pack: &office.pack,
            lists: &lists,
            reach,
            tree: &tree,
            spoken_for: &SpokenFor::default(),
            said: &SaidFields::new(),
            today,
        };
        let leaves = tree.leaves(&office.root).into_iter();
        let known = leaves.filter_map(|leaf| Some((leaf, knowledge.homes_known(&leaf)?)));
        let known = known.collect();
        Ok(Self { tree, known })
    }

    /// The last day on which they tell of every lowest unit of a scope, of those they tell of at all.
    pub(crate) fn day(&self, scope: &UnitCode) -> Option<Date> {
        let own = self.tree.leaves(scope).into_iter();
        let own = own.filter_map(|leaf| self.known.get(&leaf).copied());
        let (first, last) = own.reduce(|one, other| (one.0.max(other.0), one.1.min(other.1)))?;
        // Where one has sent its first list after another's last, that one still vouches.
        Some(last.max(first))
    }
}
