//! People kept elsewhere who may be whom a desk means: somebody who moves in is known where they come from. A list isn't held against them:
//! in a street some namesakes share their birth, and a desk can be asked where a list would leave its row out.

use std::collections::{BTreeSet, HashMap};

use kernel::RecordId;

use super::{Recognised, Recognition};
use crate::said::{self, BIRTH, NUMBER, Said, compared_part, text};

impl Recognition<'_> {
    /// Who has the name of one of the rows, and its birth if it says one, of those whom the sender may read and whose book is neither
    /// near nor above; nobody whose ID number is another. Whether it is they is asked, whatever else agrees.
    pub(super) fn elsewhere(&self, open: &[usize], found: &Recognised) -> BTreeSet<i64> {
        if !self.is_at_a_desk() {
            return BTreeSet::new();
        }
        let people = &self.contract.people;
        let Some(shelf) = self.standing.shelf(&people.register.id) else {
            return BTreeSet::new();
        };
        let mut sought: HashMap<String, Vec<[String; 2]>> = HashMap::new();
        let mut said = Said::new();
        for row in open {
            found.said.read(*row, &mut said);
            if let Some(name) = text(&said, said::NAME) {
                let says = [BIRTH, NUMBER].map(|what| compared_part(&said, what));
                sought.entry(name.to_owned()).or_default().push(says);
            }
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
            let Some(sought) = stands.text(people.name.at).and_then(|n| sought.get(n)) else {
                return false;
            };
            let known = said::in_record(&people.register, |at| stands.value(at));
            let known = [BIRTH, NUMBER].map(|what| compared_part(&known, what));
            sought.iter().any(|says| {
                let mut both = says.iter().zip(&known);
                both.all(|(one, other)| one.is_empty() || other.is_empty() || one == other)
            })
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
