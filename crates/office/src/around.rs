//! The rows around one person or household, as somebody may see them: few enough that a page can hold them all.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use jiff::civil::Date;
use kernel::RecordId;
use pack::{Contract, Register};
use tables::{AsOf, Session, Veil, show};

use crate::error::OfficeError;
use crate::row::SeenRow;
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
        self.around_all(on, &[record.0], |_| true).await
    }

    /// The same around several records at once, of some registers.
    pub(crate) async fn around_all(
        &self,
        on: Date,
        records: &[i64],
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Around, OfficeError> {
        let bench = self.office.bench(on).await?;
        let mut around: BTreeMap<String, Vec<RecordBatch>> = BTreeMap::new();
        for record in records {
            for (register, rows) in bench.relatives.around(*record)? {
                if wanted(&register) {
                    around.entry(register).or_default().push(rows);
                }
            }
        }
        self.seen_around(on, around).await
    }

    /// What may be seen of some rows.
    pub(crate) async fn seen_around(
        &self,
        on: Date,
        mut around: BTreeMap<String, Vec<RecordBatch>>,
    ) -> Result<Around, OfficeError> {
        let registers: Vec<String> = around.keys().cloned().collect();
        let grant = kernel::Grant::clone(&self.grant);
        let session = Session::seen(self.office.pack.clone(), grant, AsOf::on(on), |register| {
            around.remove(&register.id).unwrap_or_default()
        })?;
        let mut rows = BTreeMap::new();
        for id in registers {
            if let Some(register) = self.office.pack.register(&id) {
                let seen = self.rows_of(&session, register).await?;
                rows.insert(id, seen);
            }
        }
        Ok(Around {
            on,
            contract: self.office.contract.clone(),
            rows,
        })
    }

    /// The rows of a register in a session, as that session shows them.
    async fn rows_of(
        &self,
        session: &Session,
        register: &Register,
    ) -> Result<Vec<SeenRow>, OfficeError> {
        let standing = self.office.tables.snapshot().await?;
        let sql = format!("select * from {}", register.id);
        let batches = session.collect(&sql).await?;
        let Some(first) = batches.first() else {
            return Ok(Vec::new());
        };
        let columns = first.schema();
        let row = |values: Vec<Option<String>>| {
            let texts = columns.fields().iter().zip(values);
            let texts = texts.filter_map(|(field, value)| Some((field.name().clone(), value?)));
            let texts: BTreeMap<String, String> = texts.collect();
            let unit = texts.get(tables::schema::UNIT);
            let unit = unit.and_then(|unit| unit.parse().ok());
            let veil = unit.and_then(|unit| Veil::of(register, session.grant(), &unit));
            SeenRow::new(register, veil.unwrap_or_default(), &texts, &standing)
        };
        let mut rows: Vec<SeenRow> = show(&batches)?.into_iter().filter_map(row).collect();
        rows.sort_by_key(|row| row.record);
        // Who is around several stands there once.
        rows.dedup_by_key(|row| row.record);
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
