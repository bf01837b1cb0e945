//! One list of a programme, a page of it: the people who stand there, as they may be seen.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::UnitCode;
use programmes::{Listed, Standing};

use crate::error::OfficeError;
use crate::names::{SeenPerson, people};
use crate::view::View;

/// A page of a list.
pub struct ListPage {
    /// Who stands on it.
    pub rows: Vec<Listed>,
    /// The people they stand for, by record.
    pub people: BTreeMap<i64, SeenPerson>,
    /// How many stand on the whole list.
    pub total: usize,
}

impl View {
    /// A page of those who stand somewhere with a programme on a date, within a unit or all that may be seen; pages count from 1.
    ///
    /// # Errors
    /// There is no such page, or not everything may be read that answers are made of.
    pub async fn list(
        &self,
        on: Date,
        (programme, standing): (&str, Standing),
        unit: Option<UnitCode>,
        (page, most): (usize, usize),
    ) -> Result<ListPage, OfficeError> {
        let day = self.office.day(on).await?;
        let grant = match unit {
            Some(unit) => self.grant.within(unit),
            None => self.grant.clone(),
        };
        let mut seen: BTreeMap<&str, bool> = BTreeMap::new();
        let mut list = ListPage {
            rows: Vec::with_capacity(most),
            people: BTreeMap::new(),
            total: 0,
        };
        let listed = day.answers.lists.get(programme).into_iter();
        for listed in listed.flat_map(|lists| lists.of(standing)) {
            let sees = || (listed.unit.parse()).is_ok_and(|unit| grant.reads_everything(&unit));
            if *seen.entry(&listed.unit).or_insert_with(sees) {
                if (page - 1) * most <= list.total && list.rows.len() < most {
                    list.rows.push(listed.clone());
                }
                list.total += 1;
            }
        }
        if list.rows.is_empty() && page > 1 {
            return Err(OfficeError::Absent);
        }
        if !list.rows.is_empty() {
            let session = self.office.tables.session(&grant, self.as_of(on)).await?;
            let records = list.rows.iter();
            let records = records.flat_map(|listed| listed.people.iter().copied());
            list.people = people(&session, &self.office.contract.people, records).await?;
        }
        Ok(list)
    }
}
