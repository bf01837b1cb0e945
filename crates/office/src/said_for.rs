//! For which unit something is said that is made known by a form: that of the record it is about, or that of whoever is at the desk.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use pack::{Action, Pack, ValueSource};
use tables::Snapshot;

use crate::error::OfficeError;
use crate::view::View;

impl View {
    /// The unit of the records that a form is about, if they are of one below the office. What is known everywhere, such as a batch of
    /// supplies, is kept with the office and says nothing of whose matter it is.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn unit_of_matter(
        &self,
        action: &Action,
        picked: &BTreeMap<String, Vec<RecordId>>,
        on: Date,
    ) -> Result<Option<UnitCode>, OfficeError> {
        let standing = self.office.tables.snapshot().await?;
        let picked = picked.iter();
        let picked =
            picked.flat_map(|(input, all)| all.iter().map(move |one| (input.as_str(), *one)));
        Ok(self.matter(&standing, action, picked, on))
    }

    /// The unit of whoever is at the desk; none if they hold posts in several.
    #[must_use]
    pub fn unit_of_desk(&self) -> Option<UnitCode> {
        match self.grant.units().as_slice() {
            [_] => Some(self.root),
            _ => None,
        }
    }

    pub(crate) fn matter<'r>(
        &self,
        standing: &Snapshot,
        action: &Action,
        picked: impl Iterator<Item = (&'r str, RecordId)>,
        on: Date,
    ) -> Option<UnitCode> {
        let about = about(&self.office.pack, action);
        let (mut own, mut all) = (BTreeSet::new(), BTreeSet::new());
        for (input, record) in picked {
            let register = action.input(input).and_then(|i| action.register_of(i));
            let Some(register) = register else { continue };
            let unit = self.whose(standing, register, record, on);
            if unit == self.office.root {
                continue;
            }
            all.insert(unit);
            if about.contains(input) {
                own.insert(unit);
            }
        }
        let units = if own.is_empty() { all } else { own };
        let mut units = units.into_iter();
        units.next().filter(|_| units.next().is_none())
    }
}

/// The inputs whose records what is written is about, or says more of.
fn about<'a>(pack: &Pack, action: &'a Action) -> BTreeSet<&'a str> {
    let mut about = BTreeSet::new();
    for write in &action.roster.writes {
        about.extend(write.of.as_deref());
        let Some(register) = pack.register(&write.register).filter(|_| write.create) else {
            continue;
        };
        let own = write.set.iter();
        let own = own.filter(|(field, _)| register.about.contains(field));
        about.extend(own.filter_map(|(_, from)| match from {
            ValueSource::Alias(input) => Some(input.as_str()),
            _ => None,
        }));
    }
    about
}
