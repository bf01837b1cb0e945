//! Who has an ID number. The ledger gives everybody of whom any word ever said it, words taken back among them; whose it is now,
//! the words that stand decide.

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use ledger::{Found, Ledger, LedgerError};
use pack::{Record, Register, Value};
use tables::Snapshot;

use crate::script::PERSON;

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
    /// The register of people.
    pub person: &'a Register,
    pub unit: UnitCode,
    pub on: Date,
}

impl Holders<'_> {
    /// Who has each of these numbers, in their order.
    pub(crate) async fn of(&self, numbers: &[String]) -> Result<Vec<Option<Holder>>, LedgerError> {
        let found = self.ledger.find(PERSON, self.unit, numbers).await?;
        let holders = numbers.iter().zip(found);
        Ok(holders
            .map(|(number, found)| self.one(number, &found))
            .collect())
    }

    /// Who has a number, of those of whom it was ever said: who has it now before others, and the smaller record number.
    fn one(&self, number: &str, found: &[Found]) -> Option<Holder> {
        let holders = found.iter().map(|found| self.holder(found.record, number));
        holders.min_by_key(|holder| (!holder.now, holder.record, holder.numbered))
    }

    fn holder(&self, numbered: RecordId, number: &str) -> Holder {
        let record = self.standing.stays(numbered);
        if let Some(known) = self.standing.record(PERSON, record, self.on) {
            return Holder {
                record,
                numbered,
                name: self.text(&known, "name"),
                now: self.text(&known, "id_number").as_deref() == Some(number),
            };
        }
        let words = self.standing.words(PERSON, record);
        let mut names = words.iter().rev();
        Holder {
            record,
            numbered,
            name: names.find_map(|word| self.text(&word.said.values, "name")),
            now: false,
        }
    }

    fn text(&self, body: &Record, id: &str) -> Option<String> {
        let (at, _) = self.person.field(id)?;
        match body.get(at)? {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }
}
