//! What a list says of a household besides its number: its head and its address, in columns of their own, wherever a register is about
//! households; each as far as the reader may see it.

use std::collections::BTreeMap;

use kernel::RecordId;
use office::{Hit, Leads, SeenRecord};
use pack::{FieldType, Register};

use crate::reader::Reader;
use crate::trouble::Trouble;

/// The columns of a list that tell of households.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Homes {
    /// The column behind which they stand, by its place among those shown.
    pub after: usize,
    /// The field that leads to the household; none where the record is one.
    field: Option<usize>,
    /// Whether the address is told, too.
    address: bool,
}

/// What is known of the households of some rows.
pub(super) type Known = BTreeMap<RecordId, Hit>;

impl Homes {
    /// Those of a list of a register, if it is about households and shows them.
    pub fn of(reader: &Reader, register: &Register, shown: &[usize]) -> Option<Homes> {
        let contract = &reader.office.contract;
        let kept = &contract.households;
        if register.id == kept.register.id {
            let after = shown.iter().position(|at| *at == kept.number.at)?;
            let address = !shown.contains(&kept.address.at);
            let field = None;
            return Some(Homes {
                after,
                field,
                address,
            });
        }
        let (at, field) = register.field(register.about.first()?)?;
        let leads = matches!(&field.kind, FieldType::Ref(of) if *of == kept.register.id);
        let after = shown.iter().position(|own| *own == at).filter(|_| leads)?;
        Some(Homes {
            after,
            field: Some(at),
            address: true,
        })
    }

    /// The headings.
    pub fn headings(self, reader: &Reader) -> Vec<&'static str> {
        let address = self.address.then_some(ADDRESS);
        let headings = [HEAD].into_iter().chain(address);
        headings.map(|words| reader.say(words)).collect()
    }

    /// What is known of the households of rows.
    pub async fn known(self, reader: &Reader, rows: &[SeenRecord]) -> Result<Known, Trouble> {
        let mut records: Vec<RecordId> =
            rows.iter().filter_map(|row| self.household(row)).collect();
        records.sort_unstable();
        records.dedup();
        let hits = reader.view()?.households(&records, reader.on).await?;
        let known = hits.into_iter().filter_map(|hit| match hit.leads {
            Leads::Household(record) => Some((record, hit)),
            _ => None,
        });
        Ok(known.collect())
    }

    fn household(self, row: &SeenRecord) -> Option<RecordId> {
        match self.field {
            None => Some(row.row.record),
            Some(at) => Some(row.reference(at)?.record),
        }
    }

    /// The cells of a row.
    pub fn cells<'k>(self, known: &'k Known, row: &SeenRecord) -> Vec<&'k str> {
        let hit = self.household(row).and_then(|record| known.get(&record));
        let head = hit.and_then(|hit| hit.head.as_deref()).unwrap_or_default();
        let address = hit
            .and_then(|hit| hit.address.as_deref())
            .unwrap_or_default();
        let address = self.address.then_some(address);
        [head].into_iter().chain(address).collect()
    }
}

words! {
    HEAD: "户主", "Head";
    ADDRESS: "家庭住址", "Home address";
}
