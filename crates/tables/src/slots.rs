//! Tables of a few rows that are refilled between two runs of the same plan ([`crate::Plan`]). They hold what they are given and nothing
//! else: whose rows these are, and who may see what comes of them, is for whoever fills them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use kernel::Grant;
use pack::Pack;

use crate::error::TablesError;
use crate::schema;
use crate::session::{AsOf, Session};
use crate::texts::by_themselves;
use crate::vouch_functions::Known;
use crate::vouched::Vouched;

/// The tables of a session whose rows can be replaced between two runs of the same plan.
pub struct Slots {
    known: Known,
    slots: BTreeMap<String, Arc<RwLock<RecordBatch>>>,
}

impl Slots {
    /// A session over empty slots, set up for little data: one partition, no second-guessing of joins.
    ///
    /// # Errors
    /// None in practice; the registers of a checked pack are well formed.
    pub fn session(
        pack: &Arc<Pack>,
        grant: Grant,
        as_of: AsOf,
    ) -> Result<(Session, Self), TablesError> {
        let session = Session::small(pack.clone(), grant, as_of);
        let mut slots = BTreeMap::new();
        for register in &pack.registers {
            let (slot, table) = slot(schema::table(register))?;
            session.add_provider(register, table)?;
            slots.insert(register.id.clone(), slot);
        }
        let known = session.known();
        Ok((session, Self { known, slots }))
    }

    /// With a table more, under a name of its own.
    ///
    /// # Errors
    /// A name already taken.
    pub fn add(
        &mut self,
        session: &Session,
        name: &str,
        shape: SchemaRef,
    ) -> Result<(), TablesError> {
        let (slot, table) = slot(shape)?;
        session.context().register_table(name, table)?;
        self.slots.insert(name.to_owned(), slot);
        Ok(())
    }

    /// Whether there is such a slot, without rows.
    pub(crate) fn is_empty(&self, table: &str) -> bool {
        self.slots.get(table).is_some_and(|slot| {
            let held = slot.read().unwrap_or_else(PoisonError::into_inner);
            held.num_rows() == 0
        })
    }

    /// For whom lists vouch, by what was filled in last.
    #[must_use]
    pub fn vouched(&self) -> Arc<Vouched> {
        self.known.get()
    }

    /// Puts rows into every slot; registers not named become empty. Lists vouch for whom [`schema::VOUCHED`] says.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn fill(&self, mut rows: BTreeMap<String, RecordBatch>) -> Result<(), TablesError> {
        let vouched = rows.remove(schema::VOUCHED);
        let vouched = vouched.map(|rows| Vouched::of_rows(&rows));
        self.known.set(Arc::new(vouched.unwrap_or_default()));
        for (id, slot) in &self.slots {
            let rows = rows
                .remove(id)
                .map(|rows| by_themselves(&rows))
                .transpose()?;
            let mut held = slot.write().unwrap_or_else(PoisonError::into_inner);
            match rows {
                Some(rows) => *held = rows,
                None if held.num_rows() > 0 => *held = RecordBatch::new_empty(held.schema()),
                None => {}
            }
        }
        Ok(())
    }
}

/// An empty slot, and the table that shows what it holds.
fn slot(shape: SchemaRef) -> Result<(Arc<RwLock<RecordBatch>>, Arc<StreamingTable>), TablesError> {
    let rows = Arc::new(RwLock::new(RecordBatch::new_empty(shape.clone())));
    let stream = Arc::new(Slot {
        shape: shape.clone(),
        rows: rows.clone(),
    });
    let table = StreamingTable::try_new(shape, vec![stream])?;
    Ok((rows, Arc::new(table)))
}

#[derive(Debug)]
struct Slot {
    shape: SchemaRef,
    rows: Arc<RwLock<RecordBatch>>,
}

impl PartitionStream for Slot {
    fn schema(&self) -> &SchemaRef {
        &self.shape
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self
            .rows
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Box::pin(RecordBatchStreamAdapter::new(
            self.shape.clone(),
            futures::stream::iter([Ok(rows)]),
        ))
    }
}
