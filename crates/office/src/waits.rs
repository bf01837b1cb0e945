//! What waits for lists: how many answers of programmes can't be told until a list of a unit is there, or a newer one. It is told once for
//! each list and unit, because nobody has to be visited for it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::UnitCode;
use pack::{Action, ValueSource};
use programmes::Standing;

use crate::error::OfficeError;
use crate::view::View;

/// How many answers wait for a list of a unit, by the list and the part of its matter ([`Pack::vouchers`]) and by unit: of each of several
/// lists that would do, all.
pub type WaitingForLists = BTreeMap<(String, UnitCode), usize>;

impl View {
    /// How many answers wait for which lists on a date, of units where the reader sees all that answers are made of.
    ///
    /// # Errors
    /// The programmes can't be asked.
    pub async fn waiting_for_lists(&self, on: Date) -> Result<WaitingForLists, OfficeError> {
        let pack = &self.office.pack;
        let day = self.office.day(on).await?;
        let mut waiting = WaitingForLists::new();
        for (id, lists) in &day.answers.lists {
            let programme = pack.programme(id);
            let subject = programme.and_then(|programme| pack.subject(&programme.subject));
            let paying = pack.payment_vouchers(id);
            for listed in &lists.all {
                let Ok(unit) = listed.unit.parse::<UnitCode>() else {
                    continue;
                };
                if !self.grant.reads_everything(&unit) {
                    continue;
                }
                let facts = listed.waits.iter().filter_map(|fact| subject?.fact(fact));
                let mut rosters: Vec<&str> = facts.flat_map(|fact| fact.closed.rosters()).collect();
                if listed.standing == Standing::Unlisted {
                    rosters.extend(paying.iter().map(String::as_str));
                }
                rosters.sort_unstable();
                rosters.dedup();
                for roster in rosters {
                    *waiting.entry((roster.to_owned(), unit)).or_default() += 1;
                }
            }
        }
        Ok(waiting)
    }

    /// The action by which it is recorded that somebody was asked what a list would tell and there was nothing, with its inputs for the
    /// person and the list; none where there is none, or the reader may not do it.
    #[must_use]
    pub fn asks_none(&self) -> Option<(&Action, &str, &str)> {
        let asked = self.office.contract.asked.as_ref()?;
        let actions = self.office.pack.actions.iter();
        let mut found = actions.filter_map(|action| {
            let mut writes = action.roster.writes.iter();
            let write = writes.find(|write| write.register == asked.register.id)?;
            let input = |field: &str| {
                let (_, source) = write.set.iter().find(|(own, _)| own == field)?;
                match source {
                    ValueSource::Column(input) | ValueSource::Alias(input) => Some(input.as_str()),
                    _ => None,
                }
            };
            Some((action, input(&asked.person.id)?, input(&asked.list.id)?))
        });
        let (action, person, list) = found.next()?;
        self.action(action.id()).ok()?;
        Some((action, person, list))
    }
}
