//! Links that must not form a ring: nobody is their own ancestor, and no child is older than a parent. Where births are known
//! the order of births alone keeps rings out, for every link ever taken; where they aren't, the links of the file are
//! followed, and the ledger follows all others when the file is committed.

use std::collections::HashSet;

use super::{Deed, RowDraft, RowPlan};
use crate::finding::Finding;
use crate::said::plain_value;
use crate::script::{Origin, Ring, Step};

impl RowPlan<'_> {
    /// A link between parent and child: the child must be younger, and nobody may become their own ancestor.
    pub(super) fn link(
        &self,
        ring: &Ring,
        step: &Step<'_>,
        row: &mut RowDraft<'_>,
    ) -> Result<(), Finding> {
        if let Some((field, wanted)) = &ring.when {
            let origin = step.set.iter().find(|(f, _)| f == field).map(|(_, o)| o);
            let kind = &step.register.fields[*field].kind;
            let (on, unit) = (self.setting.on, self.unit());
            let value = origin.and_then(|o| plain_value(o, row.values, kind, on, unit));
            if value.as_ref() != Some(wanted) {
                return Ok(());
            }
        }
        let (Some(parent), Some(child)) = (
            self.end(ring.from, step, row.at),
            self.end(ring.to, step, row.at),
        ) else {
            return Ok(());
        };
        let births = (self.slots.get(parent).birth, self.slots.get(child).birth);
        match births {
            (Some(older), Some(younger)) if older < younger => (),
            (Some(older), Some(younger)) => {
                return Err(if self.descends(child, parent) {
                    Finding::Circle
                } else {
                    Finding::NotYounger {
                        parent: older,
                        child: younger,
                    }
                });
            }
            _ if self.descends(child, parent) => return Err(Finding::Circle),
            _ => (),
        }
        row.deeds.push(Deed::Link { parent, child });
        Ok(())
    }

    fn end(&self, field: usize, step: &Step<'_>, row: usize) -> Option<u32> {
        match step.set.iter().find(|(f, _)| *f == field) {
            Some((_, Origin::Step(earlier))) => self.slots.target(*earlier, row),
            _ => None,
        }
    }

    /// Whether `lower` can be reached from `upper` by going from parents to children.
    fn descends(&self, upper: u32, lower: u32) -> bool {
        let mut open = vec![upper];
        let mut seen = HashSet::new();
        while let Some(next) = open.pop() {
            if next == lower {
                return true;
            }
            if seen.insert(next) {
                open.extend(self.children.get(&next).into_iter().flatten());
            }
        }
        false
    }
}
