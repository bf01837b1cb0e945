//! The rows around one person or household, as somebody may see them: few enough that a page can hold them all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use jiff::civil::Date;
use kernel::RecordId;
use pack::{Contract, Register};
use tables::{FamilyRows, Snapshot};

use crate::error::OfficeError;
use crate::row::{SeenRow, seen_rows};
use crate::view::View;

/// The rows around a record, by register, in order of record.
pub struct Around {
    /// The day.
    pub on: Date,
    /// Which registers keep what.
    pub contract: Arc<Contract>,
    rows: BTreeMap<String, Vec<SeenRow>>,
}

impl View {
    /// What may be seen around a record on a date.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn around(&self, on: Date, record: RecordId) -> Result<Around, OfficeError> {
        let bench = self.office.bench(on).await?;
        let around = bench.relatives.around_all(&BTreeSet::from([record.0]))?;
        self.seen_around(on, around).await
    }

    /// What may be seen of some records themselves and of what is about them, of some registers, and of nobody around them: for lists.
    pub(crate) async fn about_all(
        &self,
        on: Date,
        records: &[i64],
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Around, OfficeError> {
        let families = self.office.families(on).await?;
        let records: BTreeSet<i64> = records.iter().copied().collect();
        let about = families.relatives.about(&records, wanted)?;
        self.seen_around(on, about).await
    }

    /// What may be seen of some rows.
    pub(crate) async fn seen_around(
        &self,
        on: Date,
        around: FamilyRows,
    ) -> Result<Around, OfficeError> {
        let standing = self.office.tables.snapshot().await?;
        let mut rows = BTreeMap::new();
        for (id, batch) in around {
            if let Some(register) = self.office.pack.register(&id) {
                rows.insert(id, self.seen_rows(register, &batch, &standing)?);
            }
        }
        Ok(Around {
            on,
            contract: self.office.contract.clone(),
            rows,
        })
    }

    /// Rows of a register as they may be seen, in order of record.
    fn seen_rows(
        &self,
        register: &Register,
        batch: &RecordBatch,
        standing: &Snapshot,
    ) -> Result<Vec<SeenRow>, OfficeError> {
        let seen = tables::seen_texts(register, batch, &self.grant)?;
        let mut rows: Vec<SeenRow> = seen_rows(register, seen, standing).collect();
        rows.sort_by_key(|row| row.record);
        Ok(rows)
    }
}

impl Around {
    /// The rows of a register.
    #[must_use]
    pub fn of(&self, register: &str) -> &[SeenRow] {
        self.rows.get(register).map_or(&[], Vec::as_slice)
    }

    /// A person's own record.
    #[must_use]
    pub fn person(&self, record: i64) -> Option<&SeenRow> {
        self.one(&self.contract.people.register.id, record)
    }

    /// A household's own record.
    #[must_use]
    pub fn household(&self, record: i64) -> Option<&SeenRow> {
        self.one(&self.contract.households.register.id, record)
    }

    /// One record of a register.
    fn one(&self, register: &str, record: i64) -> Option<&SeenRow> {
        let mut rows = self.of(register).iter();
        rows.find(|row| row.record.0 == record)
    }
}
