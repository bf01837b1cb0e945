//! What the pack says must or should hold of a list's rows: of each record as a row says it, of the row, and of the list as a whole.
//! A row is held against itself alone, not against the ledger, so that what is refused doesn't depend on which list came first;
//! records as they stand are held against checks by [`tables::Session::doubts`].

use std::collections::BTreeSet;
use std::sync::Arc;

use pack::{Check, CheckLevel, FieldType, Over, Record, Text, Value};
use rayon::prelude::*;
use tables::{RowChecks, TablesError, list_breaches};

use crate::as_read::has_value;
use crate::fault::FileFault;
use crate::finding::{Finding, Note};
use crate::import::Run;
use crate::rows::{Rows, State};
use crate::said::plain_value;
use crate::script::Origin;

/// How many rows are looked at at once.
const PORTION: usize = 8192;

/// Checks that look at the same values of a row.
struct Asked<'a> {
    checks: Vec<&'a Check>,
    plan: RowChecks,
    /// Where the values come from, with the types they are checked as.
    values: Vec<(Origin, FieldType)>,
    /// The column without which nothing is checked.
    only_if: Option<usize>,
}

/// A breach: the row, its check.
type Breach<'a> = (usize, &'a Check);

/// The words that checks use, names of columns among them.
fn named_in(checks: &[&Check]) -> BTreeSet<String> {
    let named = checks
        .iter()
        .flat_map(|check| pack::mentions(&check.holds.text));
    named.map(|(name, _)| name).collect()
}

impl Run<'_> {
    /// Holds the rows against the checks of the roster and of the registers it writes; refuses rows, or the list.
    pub(crate) async fn hold(
        &self,
        rows: &mut Rows,
        sheets: &[Arc<str>],
    ) -> Result<Result<(), FileFault>, TablesError> {
        let asked = self.asked()?;
        let portions: Vec<usize> = (0..rows.rows.len()).step_by(PORTION).collect();
        let breaches = portions.par_iter().map(|first| {
            let last = (first + PORTION).min(rows.rows.len());
            let mut found = Vec::new();
            for one in &asked {
                self.breaches(rows, one, *first..last, &mut found)?;
            }
            Ok::<_, TablesError>(found)
        });
        let breaches: Vec<Vec<Breach<'_>>> = breaches.collect::<Result<_, _>>()?;
        let mut told: BTreeSet<(usize, usize, usize)> = BTreeSet::new();
        for (row, check) in breaches.into_iter().flatten() {
            // A row that says two records of a register may breach a check of it twice.
            let place = &check.place;
            if !told.insert((row, place.file, place.span.start)) {
                continue;
            }
            let said = Arc::new(check.name.clone());
            let finding = match check.level {
                CheckLevel::Must => {
                    rows.rows[row].state = State::Rejected;
                    Finding::Contradicts(said)
                }
                CheckLevel::Should => Finding::Questionable(said),
            };
            let place = &rows.rows[row];
            rows.notes.push(Note {
                sheet: sheets[place.sheet].clone(),
                row: place.number,
                column: None,
                finding,
            });
        }
        self.hold_whole(rows).await
    }

    /// The checks that rows are held against, with what they look at.
    fn asked(&self) -> Result<Vec<Asked<'_>>, TablesError> {
        let on = self.request.on;
        let mut asked = Vec::new();
        for step in &self.script.writes {
            let sets = |name: &str| {
                let (at, field) = step.register.field(name)?;
                let (_, origin) = step.set.iter().find(|(set, _)| *set == at)?;
                let plain = !matches!(origin, Origin::Step(_));
                plain.then(|| (origin.clone(), field.kind.clone()))
            };
            // Of a record that the row merely names nothing is said.
            let checks: Vec<&Check> = match step.mentions {
                true => Vec::new(),
                false => step.register.checks.iter().collect(),
            };
            // A check is of what the list says: one that looks at more is asked of the record as it stands.
            let checks = checks.into_iter().filter(|check| {
                let named = pack::mentions(&check.holds.text).into_iter();
                let mut fields = named.filter(|(name, _)| step.register.field(name).is_some());
                check.applies(on) && fields.all(|(name, _)| sets(&name).is_some())
            });
            let checks: Vec<&Check> = checks.collect();
            if checks.is_empty() {
                continue;
            }
            let silent = || (Origin::Step(0), FieldType::Text);
            let named = named_in(&checks);
            let fields = step.register.fields.iter();
            let fields = fields.filter(|field| named.contains(&field.id));
            let columns: Vec<(&str, FieldType)> = fields
                .clone()
                .map(|field| (field.id.as_str(), field.kind.clone()))
                .collect();
            asked.push(Asked {
                plan: RowChecks::new(&columns, &checks, on)?,
                values: fields
                    .map(|field| sets(&field.id).unwrap_or_else(silent))
                    .collect(),
                checks,
                only_if: step.only_if,
            });
        }
        let checks: Vec<&Check> = self.of_roster(Over::Row);
        if !checks.is_empty() {
            let named = named_in(&checks);
            let columns = self.columns().into_iter().enumerate();
            let columns = columns.filter(|(_, (id, _))| named.contains(*id));
            let (values, columns): (Vec<_>, Vec<_>) = columns
                .map(|(at, (id, kind))| ((Origin::Column(at), kind.clone()), (id, kind)))
                .unzip();
            asked.push(Asked {
                plan: RowChecks::new(&columns, &checks, on)?,
                values,
                checks,
                only_if: None,
            });
        }
        Ok(asked)
    }

    fn of_roster(&self, over: Over) -> Vec<&Check> {
        let checks = self.roster.checks.iter();
        checks
            .filter(|check| check.over == over && check.applies(self.request.on))
            .collect()
    }

    fn columns(&self) -> Vec<(&str, FieldType)> {
        let columns = self.roster.columns.iter();
        columns
            .map(|column| (column.id.as_str(), column.kind.clone()))
            .collect()
    }

    fn breaches<'a>(
        &self,
        rows: &Rows,
        asked: &Asked<'a>,
        portion: std::ops::Range<usize>,
        into: &mut Vec<Breach<'a>>,
    ) -> Result<(), TablesError> {
        let mut values = Vec::new();
        let mut places = Vec::with_capacity(portion.len());
        let mut records: Vec<Record> = Vec::with_capacity(portion.len());
        for row in portion.filter(|row| rows.rows[*row].state == State::Clean) {
            rows.read(row, &mut values);
            if asked
                .only_if
                .is_none_or(|column| has_value(&values, column))
            {
                places.push(row);
                records.push(self.record(asked, &values));
            }
        }
        let found = asked.plan.breaches(&records)?;
        for (check, rows) in asked.checks.iter().zip(found) {
            into.extend(rows.into_iter().map(|row| (places[row], *check)));
        }
        Ok(())
    }

    fn record(&self, asked: &Asked<'_>, values: &[Option<Value>]) -> Record {
        let (on, unit) = (self.request.on, self.request.unit);
        let value =
            |(origin, kind): &(Origin, FieldType)| plain_value(origin, values, kind, on, unit);
        asked.values.iter().map(value).collect()
    }

    /// Holds the list as a whole against the checks of its roster.
    async fn hold_whole(&self, rows: &mut Rows) -> Result<Result<(), FileFault>, TablesError> {
        let checks = self.of_roster(Over::List);
        if checks.is_empty() {
            return Ok(Ok(()));
        }
        let named = named_in(&checks);
        let columns = self.columns().into_iter().enumerate();
        let columns = columns.filter(|(_, (id, _))| named.contains(*id));
        let (at, columns): (Vec<usize>, Vec<(&str, FieldType)>) = columns.unzip();
        let portions = (0..rows.rows.len()).step_by(PORTION).map(|first| {
            let last = (first + PORTION).min(rows.rows.len());
            let clean = (first..last).filter(|row| rows.rows[*row].state == State::Clean);
            let mut values = Vec::new();
            let record = |row| {
                rows.read(row, &mut values);
                at.iter().map(|at| values[*at].take()).collect()
            };
            clean.map(record).collect()
        });
        let breached = list_breaches(&columns, &checks, self.request.on, portions).await?;
        let breached = checks.iter().zip(breached).filter(|(_, is)| *is);
        let (must, should): (Vec<&Check>, Vec<&Check>) = breached
            .map(|(check, _)| *check)
            .partition(|check| check.level == CheckLevel::Must);
        rows.notes.extend(should.into_iter().map(|check| Note {
            sheet: Arc::from(""),
            row: 0,
            column: None,
            finding: Finding::Questionable(Arc::new(check.name.clone())),
        }));
        let said: Vec<Text> = must.iter().map(|check| check.name.clone()).collect();
        Ok(match said.is_empty() {
            true => Ok(()),
            false => Err(FileFault::Contradicts { said }),
        })
    }
}
