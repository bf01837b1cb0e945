//! Files that records refer to, for whom the record shows them.

use jiff::civil::Date;
use ledger::LedgerError;
use pack::{FileRef, Value};

use crate::error::OfficeError;
use crate::row::SeenCell;
use crate::view::View;
use intake::ValuePlace;

impl View {
    /// The file to which a field of a record refers on a day, and its bytes.
    ///
    /// # Errors
    /// There is no such file, or it isn't shown to this reader; its bytes are missing or altered.
    pub async fn file(
        &self,
        on: Date,
        place: &ValuePlace,
    ) -> Result<(FileRef, Vec<u8>), OfficeError> {
        let only = |register: &str| register == place.register;
        let around = self.about_all(on, &[place.record.0], only).await?;
        let mut rows = around.of(&place.register).iter();
        let row = rows.find(|row| row.record == place.record);
        let file = match row.map(|row| row.cell(&place.field)) {
            Some(SeenCell::Value(Value::Text(text))) => text.parse::<FileRef>().ok(),
            _ => None,
        };
        let file = file.ok_or(OfficeError::Absent)?;
        let ledger = self.office.tables.ledger().clone();
        let asked = file.clone();
        let bytes = tokio::task::spawn_blocking(move || ledger.file(&asked));
        let bytes = bytes.await.unwrap_or_else(|_| {
            let name = file.name().to_owned();
            Err(LedgerError::FileDamaged(name))
        })?;
        Ok((file, bytes))
    }
}
