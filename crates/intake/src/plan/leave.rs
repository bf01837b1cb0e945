//! Who has left. A whole list names everyone it is about, so that somebody on the last one who isn't on this one has gone. Their
//! listing ends on the day of the list, and with their last listing what the roster says ends with it. A list that lacks many is
//! more likely a part than the whole: then nobody leaves unless whoever imports says so.

use std::collections::BTreeSet;

use kernel::RecordId;
use ledger::{Found, Ledger, LedgerError};
use pack::Value;

use super::{Mark, NO_ROW, Plan};
use crate::known::{Slot, Target};
use crate::rows::{Rows, State};
use crate::script::Step;
use crate::who::Listed;

/// From how many people on, and how great a share of the last list, absence is doubted.
const DOUBTED_FROM: usize = 20;
const DOUBTED_SHARE: usize = 5;

/// What becomes of people who are no longer on a whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Absence {
    /// They have left, unless they are so many that the list is likely a part.
    #[default]
    Guarded,
    /// They have left: the list is whole.
    Left,
    /// Nothing: the list is a part.
    Kept,
}

/// Somebody who is no longer on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The person.
    pub person: RecordId,
    /// The name the list had.
    pub name: String,
}

/// People who are no longer on the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Absent {
    /// Those who left.
    pub left: Vec<Gone>,
    /// How many were left as they are, and why.
    pub kept: usize,
    /// Why.
    pub why: Kept,
}

/// Why people who are not on a list were left as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kept {
    /// The list may be a part.
    #[default]
    MayBePart,
    /// Whoever imports said that it is a part.
    IsPart,
    /// A list of a later day came before.
    Older,
}

/// How a list stands to those that came before.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Before {
    /// One of the same day came: this may be another part.
    pub same_day: bool,
    /// One of a later day came.
    pub later: bool,
}

impl Plan<'_> {
    /// Works out who has left, and ends what ends with that.
    pub(crate) async fn leave(
        &mut self,
        ledger: &Ledger,
        rows: &Rows,
        absence: Absence,
        other: Before,
    ) -> Result<Absent, LedgerError> {
        let Some(word) = self.people.as_ref().filter(|word| word.people.whole) else {
            return Ok(Absent::default());
        };
        let own = |listed: &&Listed| {
            listed.roster == word.people.roster
                && !listed.found.closed
                && listed.found.book == self.unit
        };
        let before = word.recognised.listed.iter().filter(own).count();
        let present = self.present();
        let refused = self.refused(rows);
        let absent: Vec<Listed> = (word.recognised.listed.iter().filter(own))
            .filter(|l| !present.contains(&l.person))
            .filter(|l| !word.recognised.in_question.contains(&l.person))
            .filter(|l| !self.name(l).is_some_and(|name| refused.contains(&name)))
            .cloned()
            .collect();
        let many = absent.len() > DOUBTED_FROM && absent.len() * DOUBTED_SHARE > before;
        let why = match absence {
            Absence::Kept => Some(Kept::IsPart),
            _ if other.later => Some(Kept::Older),
            Absence::Guarded => (other.same_day || many).then_some(Kept::MayBePart),
            Absence::Left => None,
        };
        if let Some(why) = why {
            return Ok(Absent {
                left: Vec::new(),
                kept: absent.len(),
                why,
            });
        }
        self.let_go(ledger, &absent).await?;
        let gone = |listed: &Listed| Gone {
            person: RecordId(listed.person),
            name: self.name(listed).unwrap_or_default(),
        };
        Ok(Absent {
            left: absent.iter().map(gone).collect(),
            ..Absent::default()
        })
    }

    /// Everybody the rows are about.
    fn present(&self) -> BTreeSet<i64> {
        let main = self
            .script
            .people
            .as_ref()
            .map(|people| &self.known.targets[people.step]);
        let slots = main
            .into_iter()
            .flatten()
            .filter_map(|target| match target {
                Target::Slot(slot) => self.known.slots[*slot as usize].found.as_ref(),
                _ => None,
            });
        slots.map(|found| found.record.0).collect()
    }

    /// The names of the rows that were refused: who they are is not known, but they are on the list.
    fn refused(&self, rows: &Rows) -> BTreeSet<String> {
        let Some(people) = &self.script.people else {
            return BTreeSet::new();
        };
        let name = people
            .said
            .iter()
            .find(|(at, _)| people.register.fields[*at].id == "name");
        let Some((_, crate::script::Origin::Column(column))) = name else {
            return BTreeSet::new();
        };
        let refused = (0..rows.rows.len()).filter(|row| rows.rows[*row].state == State::Rejected);
        let names =
            refused.filter_map(|row| rows.values(row)[*column].as_ref().map(ToString::to_string));
        names.collect()
    }

    fn name(&self, listed: &Listed) -> Option<String> {
        let register = self.script.people.as_ref()?.register;
        let (at, _) = register.field("name")?;
        Some(listed.body().get(at)?.as_ref()?.to_string())
    }

    /// Ends the listings of people, and what ends with the last of them.
    async fn let_go(&mut self, ledger: &Ledger, absent: &[Listed]) -> Result<(), LedgerError> {
        let script = self.script;
        let Some(people) = &script.people else {
            return Ok(());
        };
        let listing_at = script.writes[people.listing].register_at;
        for listed in absent {
            self.close(listing_at, listed.found.clone());
        }
        let elsewhere = |person: i64| {
            let word = self.people.as_ref();
            word.is_some_and(|word| {
                word.listings(person)
                    .any(|l| l.roster != people.roster && l.found.book == self.unit)
            })
        };
        let gone: Vec<String> = (absent.iter().filter(|l| !elsewhere(l.person)))
            .map(|l| l.person.to_string())
            .collect();
        for step in script
            .writes
            .iter()
            .filter(|step| step.leaves && of_person_alone(step))
        {
            let found = ledger.find(&step.register.id, self.unit, &gone).await?;
            for found in found.into_iter().flatten() {
                if !found.closed && found.book == self.unit {
                    self.close(step.register_at, found);
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, register_at: usize, found: Found) {
        let mut slot = Slot::new(register_at, self.unit, Some(found), None);
        slot.closed_on = Some(self.on);
        let at = self.known.add(slot);
        self.read_body(at);
        self.mark(at, Mark::Close, NO_ROW);
    }

    /// Gives a record about the list its last body, and closes it.
    pub(crate) fn settle(&mut self, register_at: usize, found: Found, body: &pack::Record) {
        let at = self.put(register_at, Some(found), body);
        self.known.slots[at as usize].closed_on = Some(self.on);
        self.mark(at, Mark::Close, NO_ROW);
    }

    /// Adds a record about the list itself, or puts another body in the place of the one found.
    pub(crate) fn put(
        &mut self,
        register_at: usize,
        found: Option<Found>,
        body: &pack::Record,
    ) -> u32 {
        let again = found.is_some();
        let mut slot = Slot::new(register_at, self.unit, found, None);
        slot.opened = (!again).then_some(self.on);
        slot.changed = again;
        let at = self.known.add(slot);
        self.known.set_body(at, body);
        let mark = if again { Mark::Change } else { Mark::Open };
        self.mark(at, mark, NO_ROW);
        at
    }
}

/// Whether the records of a step are identified by their person alone.
fn of_person_alone(step: &Step<'_>) -> bool {
    matches!(
        step.identity.as_slice(),
        [(_, crate::script::Origin::Step(_))]
    )
}

/// A text field of a record, by name.
pub(crate) fn set(register: &pack::Register, body: &mut pack::Record, id: &str, value: Value) {
    if let Some((at, _)) = register.field(id) {
        body[at] = Some(value);
    }
}
