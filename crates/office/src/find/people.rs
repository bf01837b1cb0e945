//! People who are picked for a form: whom a text may mean, those near somebody first, and what tells namesakes apart, each as far as the
//! reader may see it.

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use pack::{Fits, Value};
use tables::Page;

use super::seen::Eyes;
use super::{Among, Leads};
use crate::actions::Pick;
use crate::error::OfficeError;
use crate::view::View;

/// How many are proposed.
const MOST: usize = 20;
/// How many of those found are put in order.
const MOST_ORDERED: usize = 500;

/// Who comes first of those who may be meant.
#[derive(Clone, Debug, Default)]
pub struct NearTo {
    /// Those of the household of this person, then those of the same unit.
    pub person: Option<RecordId>,
    /// Those of this unit, where there is no person.
    pub unit: Option<UnitCode>,
    /// Before these, those of whom it is seen that they fit.
    pub fits: Vec<(String, Fits)>,
}

/// People whom a text may mean.
#[derive(Debug, Default)]
pub struct Meant {
    /// The nearest.
    pub picks: Vec<Pick>,
    /// How many there are.
    pub total: usize,
}

impl View {
    /// Records that were picked, with what tells them apart: of people only.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn picked(&self, records: &[RecordId], on: Date) -> Result<Vec<Pick>, OfficeError> {
        let standing = self.office.tables.snapshot().await?;
        let picks = self.picks(&standing, records.to_vec(), on);
        self.told_apart(picks, on).await
    }

    /// People whom a text may mean: whoever has this number, or those found by what is typed. Those who fit come first, of them those
    /// so called before those whose name only has it, then those near, then the nearest in the spelling.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn meant(&self, text: &str, on: Date, near: NearTo) -> Result<Meant, OfficeError> {
        let part = Page {
            offset: 0,
            limit: MOST_ORDERED,
        };
        let mut found = self.find(text, on, Among::People, part).await?;
        let index = self.office.index(on).await?;
        let office = &self.office;
        let pack = (&*office.pack, &*office.contract);
        let mut eyes = Eyes::new(pack, &index, &self.grant, (None, on));
        let people = &self.office.contract.people;
        let household = near.person.and_then(|near| eyes.household_of(near.0));
        let unit = match near.person {
            Some(person) => eyes.unit_of(person.0),
            None => near.unit,
        };
        found.hits.sort_by_cached_key(|hit| {
            let own = match hit.leads {
                Leads::Person(person) => eyes.household_of(person.0),
                Leads::Household(_) | Leads::Unit(_) => None,
            };
            let far = match (household.is_some() && own == household, hit.unit == unit) {
                (true, _) => 0,
                (_, true) => 1,
                _ => 2,
            };
            let fits = near.fits.iter().all(|(field, fits)| {
                let stands = match field {
                    id if *id == people.sex.id => hit.sex.clone().map(Value::Text),
                    id if *id == people.birth_date.id => hit.birth.map(Value::Date),
                    // Of other fields nothing is looked at here.
                    _ => return true,
                };
                fits.holds(stands.as_ref(), on)
            });
            (!fits, hit.title.as_deref() != Some(text.trim()), far)
        });
        let people = found.hits.iter().filter_map(|hit| match hit.leads {
            Leads::Person(person) => Some(person),
            Leads::Household(_) | Leads::Unit(_) => None,
        });
        let people: Vec<RecordId> = people.take(MOST).collect();
        Ok(Meant {
            picks: self.picked(&people, on).await?,
            total: found.total,
        })
    }

    /// People with what else tells them apart.
    pub(crate) async fn told_apart(
        &self,
        mut picks: Vec<Pick>,
        on: Date,
    ) -> Result<Vec<Pick>, OfficeError> {
        if picks.is_empty() {
            return Ok(picks);
        }
        let index = self.office.index(on).await?;
        let office = &self.office;
        let pack = (&*office.pack, &*office.contract);
        let mut eyes = Eyes::new(pack, &index, &self.grant, (None, on));
        for pick in &mut picks {
            let hit = eyes.person(pick.record.0);
            (pick.sex, pick.address, pick.head) = (hit.sex, hit.address, hit.head);
        }
        Ok(picks)
    }
}
