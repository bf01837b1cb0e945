//! Where the ledger can tell a figure at all. A unit of which nothing was ever recorded has no population of nought; before the day of
//! the first list nothing is known; where no row says the field by which rows are counted, the count would be of nothing. What is
//! known follows from what lists and desks said, as of which days (`tables::SpokenByRegister`): until lists say what they vouch for, a list that
//! names everyone is taken to tell how things are from its day on, one of happenings the calendar period, of the year of its day, that its dates fill.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use jiff::civil::Date;
use kernel::{Period, UnitCode};
use pack::{At, Pack};
use tables::{Spoken, SpokenBy, SpokenByRegister, schema};

use crate::reads::Reads;
use crate::tree::UnitTree;

/// Why a figure of a unit can't be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// There is no such unit on the day.
    NoUnit,
    /// The rows don't say whose they are: only the whole can be told.
    OnlyWhole,
    /// It counts what the reader's rights don't show.
    Withheld,
    /// There is no row to add up, and without one nothing is known.
    NoRows,
    /// People are recorded of the unit above, and of none of this one: who of them is its own isn't told.
    Above,
    /// The period hasn't begun, or its day hasn't come.
    NotYet,
    /// Nothing of the register was ever recorded for the unit.
    Never {
        /// The register.
        register: String,
    },
    /// No list that names everyone was ever taken for the unit; what desks say one by one doesn't tell how many there are.
    NoList {
        /// The register.
        register: String,
    },
    /// What was recorded begins later than the period or day.
    Before {
        /// The register.
        register: String,
        /// The first day of which something is known.
        from: Date,
    },
    /// What was recorded ends before the period begins, or has a gap.
    After {
        /// The register.
        register: String,
        /// The last day up to which something is known.
        until: Date,
    },
    /// There are records, but none says the field.
    Unsaid {
        /// The register.
        register: String,
        /// The field.
        field: String,
    },
}

/// How far a figure of a unit can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tells {
    /// For the whole period, or its day.
    Whole,
    /// Up to a day only: nothing was said since.
    Until(Date),
    /// Not at all.
    Not(Unknown),
}

impl Tells {
    /// How far both can be told.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (not @ Self::Not(_), _) | (_, not @ Self::Not(_)) => not,
            (Self::Until(one), Self::Until(other)) => Self::Until(one.min(other)),
            (until @ Self::Until(_), Self::Whole) | (Self::Whole, until) => until,
        }
    }

    /// How far one or the other tells.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Whole, _) | (_, Self::Whole) => Self::Whole,
            (Self::Until(one), Self::Until(other)) => Self::Until(one.max(other)),
            (until @ Self::Until(_), Self::Not(_)) | (Self::Not(_), until @ Self::Until(_)) => {
                until
            }
            (not @ Self::Not(_), Self::Not(_)) => not,
        }
    }
}

/// How many records of a register each unit has on a day, and how many of them say each field.
pub type SaidFields = BTreeMap<String, SaidByUnit>;

/// How many records of one register each unit has on a day, and how many of them say each field.
pub type SaidByUnit = BTreeMap<UnitCode, (i64, BTreeMap<String, i64>)>;

/// How many say each field, with some rows more (1) or less (-1). Whether it can be told of these rows.
pub fn add_said(said: &mut SaidByUnit, rows: &RecordBatch, fields: &[&str], sign: i64) -> bool {
    let column = |name: &str| rows.column_by_name(name);
    let units = column(schema::UNIT).and_then(|units| units.as_string_view_opt());
    let columns: Option<Vec<&ArrayRef>> = fields.iter().map(|field| column(field)).collect();
    let (Some(units), Some(columns)) = (units, columns) else {
        return false;
    };
    for row in 0..rows.num_rows() {
        let Ok(unit) = units.value(row).parse() else {
            continue;
        };
        let (all, counts) = said.entry(unit).or_default();
        *all += sign;
        for (field, column) in fields.iter().zip(&columns) {
            let own = counts.entry((*field).to_owned()).or_default();
            *own += if column.is_valid(row) { sign } else { 0 };
        }
    }
    said.retain(|_, (all, _)| *all != 0);
    true
}

/// What is known on a day, or over a period that ends with it.
pub struct Knowledge<'a> {
    /// The declarations.
    pub pack: &'a Pack,
    /// What was said.
    pub reach: &'a SpokenByRegister,
    /// The units.
    pub tree: &'a UnitTree,
    /// Which records say which fields, on the day.
    pub said: &'a SaidFields,
    /// The last day that has come.
    pub today: Date,
}

impl Knowledge<'_> {
    /// Whether a counted figure of a leaf can be told for a period, of rows on a day. Of a unit into which others have gone, what was
    /// said of all of them tells it, too.
    #[must_use]
    pub fn tells(
        &self,
        reads: &Reads,
        at: At,
        (period, on): (Period, Date),
        leaf: &UnitCode,
    ) -> Tells {
        let own = self.tells_itself(reads, at, (period, on), leaf);
        let mut before = self.tree.merged_into(leaf).iter();
        let Some(first) = before.next() else {
            return own;
        };
        let told = |unit: &UnitCode| self.tells(reads, at, (period, on), unit);
        let all = before.fold(told(first), |all, unit| all.and(told(unit)));
        own.or(all)
    }

    /// The same by what was said of the leaf itself.
    fn tells_itself(
        &self,
        reads: &Reads,
        at: At,
        (period, on): (Period, Date),
        leaf: &UnitCode,
    ) -> Tells {
        let begins = match at {
            At::Period => period.start(),
            At::Start | At::End => on,
        };
        if begins > self.today {
            return Tells::Not(Unknown::NotYet);
        }
        let mut until: Option<Date> = None;
        for register in self.needed(reads) {
            let told = match at {
                At::Period => self.over(&register, period, leaf),
                At::Start | At::End => self.stands(&register, on, leaf),
            };
            match told {
                Tells::Whole => {}
                Tells::Until(day) => until = Some(until.map_or(day, |known| known.min(day))),
                not @ Tells::Not(_) => return not,
            }
        }
        if self.above_only(reads, leaf) {
            return Tells::Not(Unknown::Above);
        }
        if let Some(unsaid) = self.unsaid(reads, leaf) {
            return Tells::Not(unsaid);
        }
        until.map_or(Tells::Whole, Tells::Until)
    }

    /// The registers of which something must be known: those whose records the rows are; of answers of programmes, homes.
    fn needed(&self, reads: &Reads) -> BTreeSet<String> {
        let homes = self.pack.registers.iter().find(|r| r.home.is_some());
        let mut needed = reads.needs.clone();
        match (reads.counted.is_empty(), homes) {
            (true, Some(homes)) => drop(needed.insert(homes.id.clone())),
            _ => needed.extend(reads.counted.iter().cloned()),
        }
        needed
    }

    /// What was said of a register for a leaf: by lists and desks of its own, or of a unit it lies under.
    fn spoken(&self, register: &str, leaf: &UnitCode) -> Vec<&Spoken> {
        let all = self.reach.get(register).into_iter().flat_map(|all| &**all);
        all.filter(|spoken| self.tree.contains(&spoken.unit, leaf))
            .collect()
    }

    /// Whether it is known how things stand on a day.
    fn stands(&self, register: &str, on: Date, leaf: &UnitCode) -> Tells {
        let declared = self.pack.register(register);
        let mut spoken = self.spoken(register, leaf);
        if declared.is_some_and(|declared| declared.tree.is_some()) {
            // Units are what they are: whoever tells of them tells when they began and ended.
            let any = self.reach.get(register).is_some_and(|all| !all.is_empty());
            return match any {
                true => Tells::Whole,
                false => Tells::Not(Unknown::Never {
                    register: register.to_owned(),
                }),
            };
        }
        if self.comes_whole(register) {
            spoken.retain(|spoken| spoken.by == SpokenBy::WholeList);
        }
        let any = !self.spoken(register, leaf).is_empty();
        let from = spoken.into_iter().map(vouches_from).min();
        match from {
            None if any => Tells::Not(Unknown::NoList {
                register: register.to_owned(),
            }),
            None => Tells::Not(Unknown::Never {
                register: register.to_owned(),
            }),
            Some(from) if from > on => Tells::Not(Unknown::Before {
                register: register.to_owned(),
                from,
            }),
            Some(_) => {
                let last = self
                    .spoken(register, leaf)
                    .into_iter()
                    .map(|spoken| spoken.last);
                match last.max().filter(|last| *last < on) {
                    Some(last) => Tells::Until(last),
                    None => Tells::Whole,
                }
            }
        }
    }

    /// Whether it is known what happened in a period.
    fn over(&self, register: &str, period: Period, leaf: &UnitCode) -> Tells {
        let spans = self
            .spoken(register, leaf)
            .into_iter()
            .map(|spoken| match spoken.by {
                SpokenBy::Desk => (spoken.as_of, self.today.max(spoken.last)),
                SpokenBy::List | SpokenBy::WholeList => {
                    // One row of an earlier year, told late, doesn't tell what else happened then.
                    let year = Period::year_of(spoken.as_of).start();
                    let filled = Period::around(spoken.first.max(year), spoken.as_of);
                    (filled.start(), spoken.as_of)
                }
            });
        let spans = joined(spans.collect());
        let (from, to) = (period.start(), period.end().min(self.today));
        let own = spans
            .iter()
            .find(|(first, last)| *first <= from && from <= *last);
        match (own, spans.first()) {
            (Some((_, last)), _) if *last >= to => Tells::Whole,
            (Some((_, last)), _) => Tells::Until(*last),
            (None, None) => Tells::Not(Unknown::Never {
                register: register.to_owned(),
            }),
            (None, Some((first, _))) if *first > from => Tells::Not(Unknown::Before {
                register: register.to_owned(),
                from: *first,
            }),
            (None, Some(_)) => {
                let before = spans.iter().rfind(|(_, last)| *last < from);
                Tells::Not(Unknown::After {
                    register: register.to_owned(),
                    until: before.map_or(from, |(_, last)| *last),
                })
            }
        }
    }

    /// Whether homes are told of a unit above a leaf, other than the topmost, and none of the leaf: a grid whose people are recorded
    /// by community.
    fn above_only(&self, reads: &Reads, leaf: &UnitCode) -> bool {
        let homes = self.pack.registers.iter().find(|r| r.home.is_some());
        let homes = homes.filter(|homes| reads.query.contains(&homes.id));
        let Some(said) = homes.and_then(|homes| self.said.get(&homes.id)) else {
            return false;
        };
        let own = said.keys().any(|unit| self.tree.contains(leaf, unit));
        let above = |unit: &UnitCode| {
            unit != leaf && self.tree.contains(unit, leaf) && self.tree.above(unit).is_some()
        };
        !own && said.keys().any(above)
    }

    /// Whether a register is told by lists that name everyone: then nothing less tells how many there are.
    fn comes_whole(&self, register: &str) -> bool {
        let mut whole = self.pack.rosters.iter().filter(|roster| roster.whole);
        whole.any(|roster| roster.writes.iter().any(|write| write.register == register))
    }

    /// A field by which rows are kept or left out and that no record of the leaf says.
    fn unsaid(&self, reads: &Reads, leaf: &UnitCode) -> Option<Unknown> {
        reads.tested.iter().find_map(|(register, field)| {
            let of_units = self.said.get(register)?;
            let own = of_units
                .iter()
                .filter(|(unit, _)| self.tree.contains(leaf, unit));
            let (mut records, mut said) = (0, 0);
            for (_, (all, fields)) in own {
                records += all;
                said += fields.get(field)?;
            }
            (records > 0 && said == 0).then(|| Unknown::Unsaid {
                register: register.clone(),
                field: field.clone(),
            })
        })
    }
}

/// From which day on a list or desk tells how things stand: its own; a list that says who left, from before the calendar period in
/// which those who left by it and its day lie, since it names them all.
fn vouches_from(spoken: &Spoken) -> Date {
    match spoken.ends {
        Some(ends) if spoken.by == SpokenBy::WholeList => {
            Period::around(ends, spoken.as_of).before()
        }
        _ => spoken.as_of,
    }
}

/// Spans of days, put together where they meet, in order.
fn joined(mut spans: Vec<(Date, Date)>) -> Vec<(Date, Date)> {
    spans.sort_unstable();
    let mut joined: Vec<(Date, Date)> = Vec::new();
    for (first, last) in spans {
        match joined.last_mut() {
            Some((_, end)) if end.tomorrow().is_ok_and(|next| first <= next) => {
                *end = last.max(*end)
            }
            _ => joined.push((first, last)),
        }
    }
    joined
}
