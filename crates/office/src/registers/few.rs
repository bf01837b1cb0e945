//! Some records of a register as somebody sees them, taken out of the rows of a day: for a few no query has to be planned. What is masked
//! or withheld is judged row by row where the rows are taken out (`DayRows::seen`), not here.

use std::collections::{BTreeMap, BTreeSet};

use pack::{FieldType, Register};
use tables::{DayRows, Snapshot};

use super::rows::{SeenRecord, SeenTitle};
use super::sql::Reading;
use crate::error::OfficeError;
use crate::row::{SeenCell, SeenRow, seen_rows};

/// The records that were asked for and those that they lead to, by register.
struct Few<'f> {
    rows: &'f DayRows,
    standing: &'f Snapshot,
    seen: BTreeMap<&'f str, BTreeMap<i64, SeenRow>>,
}

/// Those of some records that are there, in the order given, with what names the records that they refer to.
///
/// # Errors
/// Only when memory for the rows cannot be had.
pub(super) fn few(
    (rows, standing): (&DayRows, &Snapshot),
    reading: &Reading<'_>,
    records: &[i64],
) -> Result<Vec<SeenRecord>, OfficeError> {
    let register = reading.register;
    let mut few = Few {
        rows,
        standing,
        seen: BTreeMap::new(),
    };
    few.take(register, records.iter().copied().collect())?;
    for joined in &reading.joined {
        let (from, field) = joined.from;
        let from = few.seen.get(from.id.as_str()).into_iter().flatten();
        let led = from
            .filter_map(|(_, row)| row.reference_at(field))
            .collect();
        few.take(joined.register, led)?;
    }
    let found = records.iter().filter_map(|record| {
        let row = few.seen.get(register.id.as_str())?.get(record)?;
        Some(few.record(reading, row))
    });
    Ok(found.collect())
}

impl<'f> Few<'f> {
    /// Takes out those that aren't yet.
    fn take(
        &mut self,
        register: &'f Register,
        mut records: BTreeSet<i64>,
    ) -> Result<(), OfficeError> {
        let known = self.seen.entry(&register.id).or_default();
        records.retain(|record| !known.contains_key(record));
        if !records.is_empty() {
            let seen = self.rows.seen(register, &records)?;
            let rows = seen_rows(register, seen, self.standing);
            known.extend(rows.map(|row| (row.record.0, row)));
        }
        Ok(())
    }

    fn record(&self, reading: &Reading<'_>, row: &SeenRow) -> SeenRecord {
        let references = reading.references.iter().filter_map(|(at, nth)| {
            let record = row.reference_at(*at)?;
            let title = SeenTitle {
                register: reading.joined.get(*nth)?.register.id.clone(),
                record: kernel::RecordId(record),
                parts: self.parts(reading, *nth, record),
            };
            Some((*at, title))
        });
        SeenRecord::new(row.clone(), references.collect())
    }

    /// What names a record that is referred to, with what names those it refers to itself; none if it isn't seen.
    fn parts(
        &self,
        reading: &Reading<'_>,
        nth: usize,
        record: i64,
    ) -> Option<Vec<(FieldType, SeenCell)>> {
        let of = reading.joined.get(nth)?;
        let row = self.seen.get(of.register.id.as_str())?.get(&record)?;
        let mut all = Vec::new();
        for (at, leads) in &of.title {
            match leads {
                Some(leads) => {
                    let led = row.reference_at(*at);
                    all.extend(
                        led.and_then(|led| self.parts(reading, *leads, led))
                            .into_iter()
                            .flatten(),
                    );
                }
                None => {
                    let field = of.register.fields.get(*at)?;
                    all.push((field.kind.clone(), row.cell_at(*at).clone()));
                }
            }
        }
        Some(all)
    }
}
