//! What waits for lists: how many answers of programmes can't be told until a list of a unit is there, or a newer one, and how much money
//! may be due to those people. It is told once for each list and unit, because nobody has to be visited for it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::UnitCode;
use pack::{Action, ValueSource};
use programmes::{Settled, Standing};

use crate::error::OfficeError;
use crate::owed::{OwedAsked, OwedSum};
use crate::view::View;

/// What waits for a list of a unit, by the list and the part of its matter ([`Pack::vouchers`]) and by unit: for each of several lists that
/// would do, all.
pub type WaitingForLists = BTreeMap<(String, UnitCode), Waits>;

/// What waits for a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// How many answers of programmes.
    pub answers: usize,
    /// What the steps of this year would come to, if they turn out to be due, of whose answers these are; none as long as it is being counted.
    pub money: Option<OwedSum>,
}

impl Waits {
    /// This and another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let money = self.money.zip(other.money);
        Self {
            answers: self.answers + other.answers,
            money: money.map(|(one, other)| one.and(other)),
        }
    }
}

impl View {
    /// What waits for which lists on a date, of units where the reader sees all that answers are made of.
    ///
    /// # Errors
    /// The programmes can't be asked.
    pub async fn waiting_for_lists(&self, on: Date) -> Result<WaitingForLists, OfficeError> {
        let pack = &self.office.pack;
        let day = self.office.day(on).await?;
        let owed = self.office.owed_at_hand(self.office.period).await?;
        let unknown = OwedAsked::Settled(Settled::DueUnknown);
        let mut waiting = WaitingForLists::new();
        for (id, lists) in &day.answers.lists {
            let programme = pack.programme(id);
            let subject = programme.and_then(|programme| pack.subject(&programme.subject));
            let paying = pack.payment_vouchers(id);
            let may_be_due = owed.as_ref().map(|owed| owed.by_subject(id, unknown));
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
                let money = may_be_due.as_ref().map(|sums| {
                    let own = listed.subject.and_then(|subject| sums.get(&subject));
                    own.copied().unwrap_or_default()
                });
                let own = Waits { answers: 1, money };
                for roster in rosters {
                    let all = waiting.entry((roster.to_owned(), unit));
                    all.and_modify(|all| *all = all.and(own)).or_insert(own);
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
