//! Names for numbers: units by their codes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Grant, UnitCode};
use tables::Page;

use crate::error::OfficeError;
use crate::office::Office;

/// More units than any tree on a page has.
const MOST_UNITS: usize = 20_000;

/// Units by their codes.
pub struct UnitNames {
    units: BTreeMap<UnitCode, Unit>,
}

/// One unit.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its code.
    pub code: UnitCode,
    /// Its name; the code where none is recorded.
    pub name: String,
}

impl UnitNames {
    /// The units recorded on a date, and those that have a book.
    pub(crate) async fn new(office: &Office, on: Date) -> Result<Self, OfficeError> {
        let session = office.evaluation(on, "names of units").await?;
        let mut units = BTreeMap::new();
        let books = office.tables.ledger().books().await?;
        for code in books.into_iter().map(|book| book.unit).chain([office.root]) {
            let name = code.to_string();
            units.insert(code, Unit { code, name });
        }
        let page = Page {
            offset: 0,
            limit: MOST_UNITS,
        };
        let kept = &office.contract.units;
        let (code, name, register) = (&kept.code.id, &kept.name.id, &kept.register.id);
        let sql = format!("select {code}, {name} from {register}");
        for row in session.rows(&sql, page).await?.rows {
            let mut row = row.into_iter().flatten();
            let (Some(Ok(code)), Some(name)) = (row.next().map(|code| code.parse()), row.next())
            else {
                continue;
            };
            units.insert(code, Unit { code, name });
        }
        Ok(Self { units })
    }

    /// Those of them that a grant sees.
    pub(crate) fn seen_by(&self, grant: &Grant) -> Self {
        let units = self.units.iter().filter(|(code, _)| grant.sees(code));
        Self {
            units: units.map(|(code, unit)| (*code, unit.clone())).collect(),
        }
    }

    /// A unit, if the reader may see it.
    #[must_use]
    pub fn get(&self, code: &UnitCode) -> Option<&Unit> {
        self.units.get(code)
    }

    /// The name of a unit by the text of its code.
    #[must_use]
    pub fn name(&self, code: &str) -> String {
        let unit = code.parse().ok().and_then(|code| self.units.get(&code));
        unit.map_or_else(|| code.to_owned(), |unit| unit.name.clone())
    }

    /// The name of a unit; nothing of none.
    #[must_use]
    pub fn of(&self, unit: Option<UnitCode>) -> String {
        unit.map_or_else(String::new, |unit| self.name(unit.as_str()))
    }

    /// The nearest units under one.
    #[must_use]
    pub fn under(&self, unit: &UnitCode) -> Vec<&Unit> {
        let below = || {
            self.units
                .values()
                .filter(|other| other.code != *unit && unit.contains(&other.code))
        };
        below()
            .filter(|other| {
                below().all(|between| {
                    between.code == other.code || !between.code.contains(&other.code)
                })
            })
            .collect()
    }

    /// The units above one, the highest first.
    #[must_use]
    pub fn above(&self, unit: &UnitCode) -> Vec<&Unit> {
        self.units
            .values()
            .filter(|other| other.code != *unit && other.code.contains(unit))
            .collect()
    }

    /// Every unit, in order of code.
    pub fn all(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }
}
