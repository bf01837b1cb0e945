//! The rows around one person or household, as the reader may see them: few enough that a page can hold them all. They come
//! out of a session of the reader's grant, which masks them, and reading them leaves a trace like reading everything would.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use kernel::RecordId;
use ledger::AccessRecord;
use pack::Contract;
use tables::{AsOf, Session, Slots, schema, show, within};

use crate::figures::narrowed;
use crate::site::Site;
use crate::trouble::Trouble;

/// A record as texts, by column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    values: BTreeMap<String, String>,
}

impl Row {
    /// The value of a column, if there is one.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.values.get(column).map(String::as_str)
    }

    /// A record number in a column.
    pub fn record(&self, column: &str) -> Option<i64> {
        self.get(column)?.parse().ok()
    }
}

/// The rows around a record, by register, in order of record.
pub(crate) struct Around {
    /// Which registers keep what.
    pub contract: Arc<Contract>,
    rows: BTreeMap<String, Vec<Row>>,
}

impl Around {
    /// Reads the rows around a record on a date.
    pub async fn read(site: &Site, on: Date, record: RecordId, why: &str) -> Result<Self, Trouble> {
        let grant = narrowed(site, None, why)?;
        let access = AccessRecord {
            at: (site.clock)(),
            who: grant.who.clone(),
            why: grant.why.clone(),
            units: grant.units.clone(),
            reveals: grant.reveals.clone(),
            what: format!("around {record} on {on}"),
        };
        site.tables.ledger().log_access(&access).await?;
        let bench = site.bench(on).await?;
        let mut seen = BTreeMap::new();
        for (register, rows) in bench.relatives.around(record.0)? {
            let rows = within(&rows, &grant)?;
            if rows.num_rows() > 0 {
                seen.insert(register, rows);
            }
        }
        let registers: Vec<String> = seen.keys().cloned().collect();
        let (session, slots) = Slots::session(&site.pack, grant, AsOf::on(on))?;
        slots.fill(seen);
        let mut rows = BTreeMap::new();
        for register in registers {
            let of_register = shown(&session, &register).await?;
            rows.insert(register, of_register);
        }
        Ok(Self {
            contract: site.contract.clone(),
            rows,
        })
    }

    /// The rows of a register.
    pub fn of(&self, register: &str) -> &[Row] {
        self.rows.get(register).map_or(&[], Vec::as_slice)
    }

    /// A person's own record.
    pub fn person(&self, record: i64) -> Option<&Row> {
        self.one(&self.contract.people.register.id, record)
    }

    /// A household's own record.
    pub fn household(&self, record: i64) -> Option<&Row> {
        self.one(&self.contract.households.register.id, record)
    }

    /// One record of a register.
    fn one(&self, register: &str, record: i64) -> Option<&Row> {
        self.of(register)
            .iter()
            .find(|row| row.record(schema::ID) == Some(record))
    }
}

/// The rows of a register in a session, as that session masks them.
async fn shown(session: &Session, register: &str) -> Result<Vec<Row>, Trouble> {
    let batches = session
        .collect(&format!("select * from {register}"))
        .await?;
    let Some(first) = batches.first() else {
        return Ok(Vec::new());
    };
    let columns = first.schema();
    let row = |values: Vec<Option<String>>| Row {
        values: (columns.fields().iter().zip(values))
            .filter_map(|(field, value)| Some((field.name().clone(), value?)))
            .collect(),
    };
    let mut rows: Vec<Row> = show(&batches)?.into_iter().map(row).collect();
    rows.sort_by_key(|row| row.record(schema::ID));
    Ok(rows)
}
