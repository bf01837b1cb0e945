//! The rows around one person or household, as the reader may see them: a session so small that a page can put a dozen
//! questions to it. Opening it leaves the same trace as reading everything would.

use std::collections::BTreeMap;

use datafusion::arrow::array::{BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use jiff::civil::Date;
use kernel::{Grant, RecordId};
use tables::{AsOf, Session, Slots, TablesError, schema, texts};

use crate::figures::narrowed;
use crate::site::Site;
use crate::trouble::Trouble;

/// The rows around a record, behind the reader's grant.
pub(crate) struct Around {
    /// SQL over those rows.
    pub session: Session,
    rows: BTreeMap<String, usize>,
}

impl Around {
    /// Reads the rows around a record on a date.
    pub async fn read(site: &Site, on: Date, record: RecordId, why: &str) -> Result<Self, Trouble> {
        let grant = narrowed(site, None, why)?;
        let as_of = AsOf::on(on);
        // Refuses a grant without books, and is what the access log keeps of this reading.
        site.tables.session(&grant, as_of, (site.clock)()).await?;
        let bench = site.bench(on).await?;
        let mut seen = BTreeMap::new();
        for (register, rows) in bench.relatives.around(record.0)? {
            seen.insert(register, within(&rows, &grant)?);
        }
        let rows = seen
            .iter()
            .map(|(register, rows)| (register.clone(), rows.num_rows()))
            .collect();
        let (session, slots) = Slots::session(&site.pack, grant, as_of)?;
        slots.fill(seen);
        Ok(Self { session, rows })
    }

    /// Whether a register has any row here.
    pub fn any(&self, register: &str) -> bool {
        self.rows.get(register).is_some_and(|rows| *rows > 0)
    }
}

/// The rows of books the grant covers.
fn within(rows: &RecordBatch, grant: &Grant) -> Result<RecordBatch, TablesError> {
    let Some(books) = rows.column_by_name(schema::BOOK) else {
        return Ok(rows.slice(0, 0));
    };
    let sees = |book: Option<&str>| {
        book.and_then(|book| book.parse().ok())
            .is_some_and(|book| grant.sees(&book))
    };
    let seen: Vec<bool> = texts(books)
        .into_iter()
        .map(|book| sees(book.as_deref()))
        .collect();
    Ok(filter_record_batch(rows, &BooleanArray::from(seen))?)
}
