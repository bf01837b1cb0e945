//! What those on a list are due in the step in which a date lies, by the same rule as for a period: on the facts of the first day of the
//! step if it is due then, else of its last. Only the families on the part of the list that is shown are asked, and the last day only
//! of those whom the first doesn't settle.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::Period;
use pack::FieldType;
use programmes::{OfStep, and_last_day, step_paid};
use tables::Relatives;

use super::Entry;
use super::people::referred;
use crate::error::OfficeError;
use crate::view::View;

/// Of whom one day is asked.
#[derive(Default)]
struct Asked<'e> {
    programmes: BTreeSet<&'e str>,
    subjects: BTreeSet<i64>,
    people: BTreeSet<i64>,
}

impl View {
    /// What the subjects of some entries are due.
    pub(super) async fn amounts(
        &self,
        on: Date,
        entries: &[Entry<'_>],
    ) -> Result<OfStep, OfficeError> {
        let mut amounts = OfStep::new();
        let days: [fn(&Period) -> Date; 2] = [Period::start, Period::end];
        for day_of in days {
            let mut days: BTreeMap<Date, Asked<'_>> = BTreeMap::new();
            for entry in entries {
                let programme = self.office.pack.programme(entry.programme);
                let step = programme.and_then(|programme| step_paid(programme, on));
                let (Some(step), Some(subject)) = (step, entry.listed.subject) else {
                    continue;
                };
                let of = (entry.programme.to_owned(), subject);
                if amounts.get(&of).is_none_or(Option::is_none) {
                    let asked = days.entry(day_of(&step)).or_default();
                    asked.programmes.insert(entry.programme);
                    asked.subjects.insert(subject);
                    asked.people.insert(entry.record);
                }
            }
            for (day, asked) in days {
                let found = self.amounts_on(day, &asked).await?;
                and_last_day(&mut amounts, found);
            }
        }
        Ok(amounts)
    }

    /// What is due by the facts of one day.
    async fn amounts_on(&self, day: Date, asked: &Asked<'_>) -> Result<OfStep, OfficeError> {
        let families = self.office.families(day).await?;
        let mut people = asked.people.clone();
        people.extend(self.named_by(&families.relatives, &asked.subjects)?);
        let rows = families.relatives.around_all(&people)?;
        let plans = self.office.step_amounts(day).await?;
        let mut plans = plans.lock().await;
        let mut found = plans.of(&asked.programmes, rows).await?;
        found.retain(|(programme, subject), _| {
            asked.programmes.contains(programme.as_str()) && asked.subjects.contains(subject)
        });
        Ok(found)
    }

    /// The people whom rows about some subjects name: others than on another day may be of a household.
    fn named_by(
        &self,
        relatives: &Relatives,
        subjects: &BTreeSet<i64>,
    ) -> Result<Vec<i64>, OfficeError> {
        let people = &self.office.contract.people.register.id;
        let mut named = Vec::new();
        for (register, rows) in relatives.about(subjects, |_| true)? {
            let fields = self.office.pack.register(&register);
            for field in fields.iter().flat_map(|register| &register.fields) {
                if matches!(&field.kind, FieldType::Ref(of) if of == people) {
                    named.extend(referred(&rows, &field.id));
                }
            }
        }
        Ok(named)
    }
}
