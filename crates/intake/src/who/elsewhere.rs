//! People kept elsewhere who may be those of a row: somebody who moves in is known where they come from.

use std::collections::HashMap;

use kernel::RecordId;

use super::{Recognised, Recognition};
use crate::said::{self, BIRTH, Said, compared_part, text};

impl Recognition<'_> {
    /// Who has the name and the birth of one of the rows, of those the sender may read and whose book is neither near nor above. By
    /// a name alone only a desk asks, which is one question; a list would ask of every namesake in the street.
    pub(super) fn elsewhere(&self, open: &[usize], found: &Recognised) -> Vec<i64> {
        let people = &self.contract.people;
        let Some(shelf) = self.standing.shelf(&people.register.id) else {
            return Vec::new();
        };
        let mut births: HashMap<String, Vec<String>> = HashMap::new();
        let mut said = Said::new();
        for row in open {
            found.said.read(*row, &mut said);
            let birth = compared_part(&said, BIRTH);
            let says_enough = self.is_at_a_desk() || !birth.is_empty();
            if let Some(name) = text(&said, said::NAME).filter(|_| says_enough) {
                births.entry(name.to_owned()).or_default().push(birth);
            }
        }
        if births.is_empty() {
            return Vec::new();
        }
        let is_elsewhere = |record: &RecordId| {
            let book = shelf.kept_in(*record);
            book.is_some_and(|book| {
                !self.is_near(&book) && self.grant.reads(&people.register.id, &book)
            })
        };
        let may_be = |record: &RecordId| {
            let Some(stands) = shelf.record(*record, self.on) else {
                return false;
            };
            let Some(births) = stands.text(people.name.at).and_then(|n| births.get(n)) else {
                return false;
            };
            let known = said::in_record(&people.register, |at| stands.value(at));
            let known = compared_part(&known, BIRTH);
            births
                .iter()
                .any(|birth| birth.is_empty() || *birth == known)
        };
        let records = self.standing.records(&people.register.id).into_iter();
        let found = records.filter(is_elsewhere).filter(may_be);
        found.map(|record| record.0).collect()
    }

    /// Whether it is no list, but somebody who can be asked.
    pub(super) fn is_at_a_desk(&self) -> bool {
        self.voice.roster.is_empty()
    }
}
