//! Households that are picked for a form: found by their number, their address or one of their members, and told apart by number, head and
//! address, each as far as the reader may see it.

use jiff::civil::Date;
use kernel::RecordId;
use tables::Page;

use super::seen::Eyes;
use super::{Among, Hit, Leads};
use crate::error::OfficeError;
use crate::view::View;

/// How many are proposed.
const MOST: usize = 20;

impl View {
    /// Households on a date with what tells them apart, in the order given. Of one that may not be seen there is nothing but the record.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn households(
        &self,
        records: &[RecordId],
        on: Date,
    ) -> Result<Vec<Hit>, OfficeError> {
        let index = self.office.index(on).await?;
        let office = &self.office;
        let pack = (&*office.pack, &*office.contract);
        let mut eyes = Eyes::new(pack, &index, &self.grant, (None, on));
        let hits = records.iter().map(|record| eyes.household(record.0));
        Ok(hits.collect())
    }

    /// Households that a text may mean: by their number or address, or as those of people it may mean; the nearest first.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn households_meant(&self, text: &str, on: Date) -> Result<Vec<Hit>, OfficeError> {
        let part = || Page {
            offset: 0,
            limit: MOST,
        };
        let own = self.find(text, on, Among::Households, part()).await?;
        // A whole number means that household and no other.
        let whole = own
            .hits
            .iter()
            .filter(|hit| hit.title.as_deref() == Some(text.trim()));
        let whole: Vec<&Hit> = whole.collect();
        if let [only] = whole.as_slice() {
            return Ok(vec![(*only).clone()]);
        }
        let people = self.find(text, on, Among::People, part()).await?;
        let mut meant: Vec<RecordId> = Vec::new();
        let of_hits = own.hits.iter().filter_map(|hit| match hit.leads {
            Leads::Household(household) => Some(household),
            Leads::Person(_) | Leads::Unit(_) => None,
        });
        let index = self.office.index(on).await?;
        let office = &self.office;
        let pack = (&*office.pack, &*office.contract);
        let mut eyes = Eyes::new(pack, &index, &self.grant, (None, on));
        let of_people = people.hits.iter().filter_map(|hit| match hit.leads {
            Leads::Person(person) => eyes.household_of(person.0).map(RecordId),
            Leads::Household(_) | Leads::Unit(_) => None,
        });
        for household in of_hits.chain(of_people) {
            if !meant.contains(&household) {
                meant.push(household);
            }
        }
        meant.truncate(MOST);
        self.households(&meant, on).await
    }
}
