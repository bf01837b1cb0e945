//! The registers as tables of a session, each made when a query first names it: most queries name few, and every page opens a session.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, SchemaProvider};
use datafusion::datasource::TableProvider;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use pack::{Pack, Register};

use crate::error::TablesError;

/// Makes the table of a register; none if the session has no such table.
type Make = dyn Fn(&Register) -> Result<Option<Arc<dyn TableProvider>>, TablesError> + Send + Sync;

struct Registers {
    pack: Arc<Pack>,
    make: Box<Make>,
    /// Those made, and tables under names of their own.
    made: Mutex<BTreeMap<String, Arc<dyn TableProvider>>>,
}

/// Shows the registers of a pack in a session.
pub(crate) fn show(
    context: &SessionContext,
    pack: Arc<Pack>,
    make: impl Fn(&Register) -> Result<Option<Arc<dyn TableProvider>>, TablesError>
    + Send
    + Sync
    + 'static,
) {
    let registers = Registers {
        pack,
        make: Box::new(make),
        made: Mutex::default(),
    };
    let options = context.copied_config();
    let options = &options.options().catalog;
    let catalog = MemoryCatalogProvider::new();
    // A catalog in memory takes every schema.
    let _taken = catalog.register_schema(&options.default_schema, Arc::new(registers));
    context.register_catalog(options.default_catalog.as_str(), Arc::new(catalog));
}

impl fmt::Debug for Registers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registers").finish_non_exhaustive()
    }
}

#[async_trait]
impl SchemaProvider for Registers {
    fn table_names(&self) -> Vec<String> {
        let registers = self.pack.registers.iter();
        registers.map(|register| register.id.clone()).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = made.get(name) {
            return Ok(Some(table.clone()));
        }
        let Some(register) = self.pack.register(name) else {
            return Ok(None);
        };
        let table = (self.make)(register).map_err(|error| match error {
            TablesError::Query(error) => error,
            error => DataFusionError::External(Box::new(error)),
        })?;
        if let Some(table) = &table {
            made.insert(name.to_owned(), table.clone());
        }
        Ok(table)
    }

    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        if self.table_exist(&name) {
            return Err(DataFusionError::Plan(format!("there is a table {name}")));
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(made.insert(name, table))
    }

    fn table_exist(&self, name: &str) -> bool {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.contains_key(name) || self.pack.register(name).is_some()
    }
}
