//! Cleaning: from what stands in a column to its value, or to why there is none. The same for the cells of a sheet, the text of a form
//! and JSON, so that every door repairs alike and tells alike. It knows no sheet and no ledger.

use jiff::civil::Date;
use kernel::{PartialDate, UnitCode};
use pack::cell::{Cell, Reader, Told, UnitWords};
use pack::{Pack, Roster, Value, ValueSource};

use tables::Snapshot;

use crate::finding::{Finding, Level};
use crate::script::Script;

/// The columns of a roster, as their values are read.
pub(crate) struct Columns<'a> {
    pub pack: &'a Pack,
    pub roster: &'a Roster,
    /// The day of the list.
    pub on: Date,
    /// What units are called.
    units: &'a UnitWords,
    /// The column that says when people were born.
    birth: Option<usize>,
    /// Whether what can't be read in a column is kept.
    keeps: Vec<bool>,
    /// Whether a blank cell of a column means something else, so that what can't be read isn't left out for it.
    means_else: Vec<bool>,
    /// Whether what stands in a column tells records from one another.
    keys: Vec<bool>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(
        pack: &'a Pack,
        roster: &'a Roster,
        script: &Script<'_>,
        (on, units): (Date, &'a UnitWords),
    ) -> Columns<'a> {
        let columns = 0..roster.columns.len();
        Columns {
            pack,
            roster,
            on,
            units,
            birth: script.people.as_ref().and_then(|people| people.birth),
            keeps: columns.clone().map(|at| script.keeps_as_read(at)).collect(),
            means_else: columns.map(|at| script.means_else(at)).collect(),
            keys: keys(pack, roster),
        }
    }

    /// What reads a column; dates may count from 1904, as some workbooks' do.
    pub(crate) fn reader(&self, at: usize, from_1904: bool) -> Reader<'a> {
        let column = &self.roster.columns[at];
        let reader = Reader::new(&column.kind, self.pack, self.on).of_units(self.units);
        let reader = reader.of_dates(|dates| {
            let dates = dates.by_month(column.by_month).from_1904(from_1904);
            match self.birth == Some(at) {
                true => dates.of_births(),
                false => dates,
            }
        });
        match self.keys[at] {
            true => reader.of_key(),
            false => reader,
        }
    }

    /// The value of what was read in a column, or what refuses the row. What can be done without never costs the row: it is kept as it
    /// was read where a record has a field for it, and told.
    pub(crate) fn value(
        &self,
        at: usize,
        cell: Cell<'_>,
        read: Result<Option<Value>, Told>,
        mut tell: impl FnMut(Finding),
    ) -> Result<Option<Value>, Finding> {
        let required = self.roster.columns[at].required;
        let needed = required || self.means_else[at] && !self.keeps[at];
        let read = read.map_err(|told| match needed {
            true => Finding::Cell(told),
            false if self.keeps[at] => Finding::KeptAsRead(Box::new(told)),
            false => Finding::LeftOut(Box::new(told)),
        });
        match read.and_then(|value| self.not_unborn(at, value)) {
            Ok(None) if required => Err(Finding::Missing),
            Err(finding) if finding.level() != Level::Rejected => {
                tell(finding);
                match needed {
                    true => Err(Finding::Missing),
                    false if self.keeps[at] => Ok(Value::as_read(&cell.shown())),
                    false => Ok(None),
                }
            }
            other => other,
        }
    }

    /// Nobody on a list is born after its day.
    fn not_unborn(&self, column: usize, value: Option<Value>) -> Result<Option<Value>, Finding> {
        let born = match &value {
            _ if self.birth != Some(column) => None,
            Some(Value::Date(born)) => Some(*born),
            Some(Value::Text(text)) => text.parse().ok().map(|born: PartialDate| born.first()),
            _ => None,
        };
        match born.filter(|born| *born > self.on) {
            Some(born) => Err(Finding::NotBorn(born)),
            None => Ok(value),
        }
    }
}

/// What the units there are on a day are called; those of the unit a list is taken for first.
pub(crate) fn unit_words(
    pack: &Pack,
    standing: &Snapshot,
    (unit, on): (UnitCode, Date),
) -> UnitWords {
    let Ok(contract) = pack.contract() else {
        return UnitWords::default();
    };
    let kept = &contract.units;
    let register = &kept.register.id;
    let (mut own, mut others) = (Vec::new(), Vec::new());
    // Of any day: to gather who is there on one would read everything, and `record` tells it of each unit.
    for record in standing.records(register) {
        let Some(said) = standing.record(register, record, on) else {
            continue;
        };
        let text = |at: usize| match said.get(at)?.as_ref()? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let code = text(kept.code.at).and_then(|code| code.parse::<UnitCode>().ok());
        let (Some(code), Some(name)) = (code, text(kept.name.at)) else {
            continue;
        };
        match unit.contains(&code) {
            true => own.push((code, name)),
            false => others.push((code, name)),
        }
    }
    UnitWords::new(&own, &others)
}

/// Whether what stands in a column of words tells records from one another: it is written to a field by which they are identified.
fn keys(pack: &Pack, roster: &Roster) -> Vec<bool> {
    let identifies = |column: &str| {
        roster.writes.iter().any(|write| {
            let register = pack.register(&write.register);
            write.set.iter().any(|(field, source)| {
                matches!(source, ValueSource::Column(from) | ValueSource::Else(from, _) if from == column)
                    && register.is_some_and(|register| register.identity.contains(field))
            })
        })
    };
    let columns = roster.columns.iter();
    columns.map(|column| identifies(&column.id)).collect()
}
