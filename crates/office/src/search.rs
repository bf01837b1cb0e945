//! Finding people: by the exact name as it may be seen, or by the full ID number, which needs no leave but that the person may be seen.

use jiff::civil::Date;
use kernel::{IdNumber, RecordId};
use ledger::Access;
use pack::People;
use tables::{Page, Rows};

use crate::error::OfficeError;
use crate::view::View;

impl View {
    /// Who has an ID number, if they may be seen. That it was asked stands in the access log.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn by_number(
        &self,
        number: &IdNumber,
        on: Date,
    ) -> Result<Option<RecordId>, OfficeError> {
        let office = &self.office;
        let ledger = office.tables.ledger();
        let grant = kernel::Grant::clone(&self.grant);
        ledger
            .admit(grant, (office.clock)(), Access::Number)
            .await?;
        let keys = [number.as_str().to_owned()];
        let register = &office.contract.people.register.id;
        let found = ledger.find(register, office.root, &keys).await?;
        let standing = office.tables.snapshot().await?;
        let seen = |found: ledger::Found| {
            let person = standing.stays(found.record);
            let unit = standing.whose_is(person, on).unwrap_or(office.root);
            self.grant.reads(register, &unit).then_some(person)
        };
        Ok(found.into_iter().flatten().find_map(seen))
    }

    /// People of a name, as they may be seen: record, name, ID number, sex, birth and unit of each.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn named(&self, name: &str, on: Date, part: Page) -> Result<Rows, OfficeError> {
        let session = self
            .office
            .tables
            .session(&self.grant, self.as_of(on))
            .await?;
        let (typed, narrow) = (pack::literal(name), pack::literal(&kernel::normal(name)));
        let People {
            register,
            id_number,
            name,
            sex,
            birth_date,
        } = &self.office.contract.people;
        let (name, id_number, sex, born) = (&name.id, &id_number.id, &sex.id, &birth_date.id);
        let sql = format!(
            "select id, {name}, {id_number}, {sex}, {born}, unit from {} where {name} in ({typed}, {narrow})",
            register.id
        );
        Ok(session.rows(&sql, part).await?)
    }
}
