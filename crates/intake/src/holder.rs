//! Who has an ID number. The ledger gives everybody of whom any word ever said it, words taken back among them; whose it is now,
//! the words that stand decide.

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use ledger::{Found, Ledger, LedgerError};
use pack::People;
use rayon::prelude::*;
use tables::{Shelf, Snapshot};

/// Somebody of whom a number is or was said.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    /// Who they are.
    pub record: RecordId,
    /// The record the number was said of: a double of theirs, if they turned out to be two.
    pub numbered: RecordId,
    /// Their name.
    pub name: Option<String>,
    /// Whether the number is theirs now; otherwise it was said of them once, or by words that don't stand.
    pub now: bool,
}

/// What is needed to tell who has a number.
pub(crate) struct Holders<'a> {
    pub ledger: &'a Ledger,
    pub standing: &'a Snapshot,
    /// Where people are kept.
    pub people: &'a People,
    pub unit: UnitCode,
    pub on: Date,
}

impl Holders<'_> {
    /// Who has each of these numbers, in their order.
    pub(crate) async fn of(&self, numbers: &[String]) -> Result<Vec<Option<Holder>>, LedgerError> {
        let register = &self.people.register.id;
        let found = self.ledger.find(register, self.unit, numbers).await?;
        let Some(people) = self.standing.shelf(register) else {
            return Ok(vec![None; numbers.len()]);
        };
        let holders = numbers.par_iter().zip(found);
        let one = |(number, found): (&String, Vec<Found>)| self.one(&people, number, &found);
        Ok(holders.map(one).collect())
    }

    /// Who has a number, of those of whom it was ever said: who has it now before others, and the smaller record number.
    fn one(&self, people: &Shelf<'_>, number: &str, found: &[Found]) -> Option<Holder> {
        let holders = found.iter();
        let holders = holders.map(|found| self.holder(people, found.record, number));
        holders.min_by_key(|holder| (!holder.now, holder.record, holder.numbered))
    }

    fn holder(&self, people: &Shelf<'_>, numbered: RecordId, number: &str) -> Holder {
        let record = self.standing.stays(numbered);
        let (name, id_number) = (self.people.name.at, self.people.id_number.at);
        if let Some(known) = people.record(record, self.on) {
            return Holder {
                record,
                numbered,
                name: known.text(name).map(str::to_owned),
                now: known.text(id_number) == Some(number),
            };
        }
        let mut names = people.words(record).rev();
        Holder {
            record,
            numbered,
            name: names.find_map(|word| word.text(name)).map(str::to_owned),
            now: false,
        }
    }
}
