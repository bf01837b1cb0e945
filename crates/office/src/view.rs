//! One person's view: who they are, which units and doors their posts open, and the day's answers and figures within them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::{Grant, RecordId, UnitCode};
use ledger::Admitted;
use pack::{APPOINTS, READS_LOG};
use programmes::Explanation;

use crate::error::OfficeError;
use crate::kept::Standings;
use crate::names::UnitNames;
use crate::office::Office;

/// What one person sees and does, for one request. What they look at stood in the access log before it was made.
pub struct View {
    /// The office they work in.
    pub office: Office,
    /// The unit of their first page: the ledger's, or that of their first post.
    pub root: UnitCode,
    pub(crate) grant: Admitted,
    /// Whether they said themselves to be at the desk: only then anything is written.
    at_desk: bool,
}

/// Which doors are open to somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opens {
    /// Figures, programmes and their lists: to whom everything is readable that they are made of.
    pub figures: bool,
    /// People and households.
    pub people: bool,
    /// The registers of the pack.
    pub registers: bool,
    /// What lists leave open.
    pub questions: bool,
    /// What was written.
    pub journal: bool,
    /// The access log.
    pub log: bool,
    /// Lists, answers and takings back.
    pub writes: bool,
}

impl View {
    pub(crate) fn new(office: Office, grant: Admitted, at_desk: bool) -> View {
        let first = grant.units().first().copied();
        let root = match grant.sees(&office.root) {
            true => office.root,
            false => first.unwrap_or(office.root),
        };
        View {
            office,
            root,
            grant,
            at_desk,
        }
    }

    /// Who it is.
    #[must_use]
    pub fn who(&self) -> &str {
        &self.grant.who
    }

    /// What they may read and do.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Which doors are open.
    #[must_use]
    pub fn opens(&self) -> Opens {
        let kept = &self.office.contract;
        let units = self.grant.units();
        let reads = |register: &str| units.iter().any(|unit| self.grant.reads(register, unit));
        let writes = units.iter().any(|unit| self.grant.writes(None, unit));
        Opens {
            figures: units.iter().any(|unit| self.grant.reads_everything(unit)),
            people: reads(&kept.people.register.id),
            registers: (self.office.pack.registers.iter()).any(|register| self.lists(register)),
            questions: reads(&kept.questions.register.id),
            journal: writes || self.grant.has_somewhere(READS_LOG),
            log: self.grant.has(READS_LOG, &self.office.root),
            writes: writes && self.office.writes,
        }
    }

    /// Whether they may appoint.
    #[must_use]
    pub fn appoints(&self) -> bool {
        self.grant.has(APPOINTS, &self.office.root)
    }

    /// Leave to write.
    ///
    /// # Errors
    /// Nobody has said to be at the desk.
    pub fn writer(&self) -> Result<&Admitted, OfficeError> {
        match self.at_desk {
            true => Ok(&self.grant),
            false => Err(OfficeError::Nobody),
        }
    }

    /// The units there are on a date, of those that may be seen.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn units(&self, on: Date) -> Result<UnitNames, OfficeError> {
        let units = self.office.units(on).await?;
        Ok(units.seen_by(&self.grant))
    }

    /// Refuses a unit of which not everything may be read that figures and answers are made of.
    pub(crate) fn reads_everything(&self, unit: &UnitCode) -> Result<(), OfficeError> {
        match self.grant.reads_everything(unit) {
            true => Ok(()),
            false => Err(OfficeError::Absent),
        }
    }

    /// How many stand where, by programme in force on a date, within a unit or all that may be seen.
    ///
    /// # Errors
    /// Somebody who doesn't read all that answers are made of; the programmes can't be asked.
    pub async fn tallies(
        &self,
        on: Date,
        unit: Option<UnitCode>,
    ) -> Result<BTreeMap<String, Standings>, OfficeError> {
        self.reads_everything(&unit.unwrap_or(self.root))?;
        let day = self.office.day(on).await?;
        let sees = |of: &UnitCode| {
            self.grant.reads_everything(of) && unit.is_none_or(|unit| unit.contains(of))
        };
        let programmes = self.office.pack.programmes.iter();
        let tallies = programmes.filter_map(|programme| {
            let tally = day.tally(&programme.id, sees)?;
            Some((programme.id.clone(), tally))
        });
        Ok(tallies.collect())
    }

    /// The answers of every programme about somebody, with conditions and facts; facts that may not be seen have no value and are
    /// named. None if not everything may be read that answers are made of.
    ///
    /// # Errors
    /// The programmes can't be asked.
    pub async fn explain(
        &self,
        on: Date,
        (person, unit): (RecordId, UnitCode),
    ) -> Result<Option<Vec<Explanation>>, OfficeError> {
        if !self.grant.reads_everything(&unit) {
            return Ok(None);
        }
        self.explain_all(on, &[(person, unit)]).await.map(Some)
    }

    /// The same about several people, of those of whom everything may be read; what they share is told once.
    ///
    /// # Errors
    /// As [`View::explain`].
    pub async fn explain_all(
        &self,
        on: Date,
        people: &[(RecordId, UnitCode)],
    ) -> Result<Vec<Explanation>, OfficeError> {
        let read = people.iter();
        let read = read.filter(|(_, unit)| self.grant.reads_everything(unit));
        let people: BTreeSet<i64> = read.map(|(person, _)| person.0).collect();
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let bench = self.office.bench(on).await?;
        let rows = bench.relatives.around_all(&people)?;
        let mut explained = bench.desk.lock().await.explain_all(&people, rows).await?;
        for explanation in &mut explained {
            let Some(subject) = self.office.pack.subject(&explanation.kind) else {
                continue;
            };
            let hidden = self.office.hidden_facts(subject, &self.grant);
            let conditions = explanation.conditions.iter_mut();
            let of_conditions = conditions.flat_map(|condition| &mut condition.facts);
            for fact in of_conditions.chain(&mut explanation.facts) {
                fact.withheld = hidden.contains(&fact.id);
                if fact.withheld {
                    fact.value = None;
                }
            }
        }
        Ok(explained)
    }

    /// Who somebody is read as: themselves, or who stays of two who are one.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn stays(&self, person: RecordId) -> Result<RecordId, OfficeError> {
        let standing = self.office.tables.snapshot().await?;
        let stays = standing.stays(person);
        let unit = standing.whose_is(stays, self.office.on);
        let sees = self.grant.sees(&unit.unwrap_or(self.office.root));
        Ok(if sees { stays } else { person })
    }
}
