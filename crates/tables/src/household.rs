//! One household at a time: the rows that concern a person and the people around. [`crate::Slots`] holds them for a query that is planned
//! once and answered for one family in about a millisecond.
//!
//! "Around" are kin within two steps, by the registers that say who is kin (`kin`), and whoever shares with the person what a record
//! is about besides people, such as a household. Their records are those that are `about` them: a record that merely mentions
//! somebody brings nobody along. A fact may reach no further than that, and a test holds the answers against those of the whole sweep.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use datafusion::arrow::datatypes::Int64Type;
use pack::{FieldType, Pack, Record, Register};

use crate::day::ByTable;
use crate::error::TablesError;
use crate::schema;
use crate::texts::by_themselves;
use crate::touched::Touched;
use crate::vouched::Vouched;
use kernel::date::to_days as days;
use rustc_hash::FxHashSet;

/// How many steps of kinship are around a person.
const STEPS: usize = 2;
/// More rows than this that stand otherwise are indexed with all others.
const MOST_REPLACED: usize = 256;

/// Records given as values as rows of a table: id, unit, since, record.
///
/// # Errors
/// A record that is not one of the register.
pub fn batch(
    register: &Register,
    rows: &[(i64, String, jiff::civil::Date, Record)],
) -> Result<RecordBatch, TablesError> {
    use datafusion::arrow::array::{BooleanArray, Date32Array, Int64Array, StringViewArray};
    let bodies: Vec<String> = rows
        .iter()
        .map(|(.., record)| register.encode(record))
        .collect();
    let fields = crate::feed::decode_bodies(register, bodies.iter().map(String::as_str))?;
    let mut columns: Vec<Arc<dyn Array>> = vec![
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0))),
        Arc::new(Date32Array::from_iter_values(
            rows.iter().map(|row| days(row.2)),
        )),
    ];
    if schema::has_unit_column(register) {
        columns.push(Arc::new(StringViewArray::from_iter_values(
            rows.iter().map(|row| row.1.as_str()),
        )));
    }
    if register.home.is_some() {
        columns.push(Arc::new(BooleanArray::from(vec![true; rows.len()])));
    }
    columns.extend(fields.columns().iter().cloned());
    Ok(RecordBatch::try_new(schema::table(register), columns)?)
}

/// The rows of a family, by register.
pub type FamilyRows = BTreeMap<String, RecordBatch>;

/// A row that stands otherwise than in a table.
#[derive(Clone, Debug)]
pub struct RowChange {
    /// The record.
    pub id: i64,
    /// Whose it is.
    pub unit: String,
    /// Since when it has been there.
    pub since: jiff::civil::Date,
    /// What stands; none if it is no more.
    pub record: Option<Record>,
}

/// The rows of a family with some that stand otherwise, or weren't there, by register.
///
/// # Errors
/// A record that is not one of its register.
pub fn changed(
    pack: &Pack,
    mut rows: FamilyRows,
    changes: &BTreeMap<String, Vec<RowChange>>,
) -> Result<FamilyRows, TablesError> {
    for (id, changes) in changes {
        let Some(register) = pack.register(id) else {
            continue;
        };
        let stand = changes.iter().filter_map(|change| {
            let record = change.record.clone()?;
            Some((change.id, change.unit.clone(), change.since, record))
        });
        let mut all = batch(register, &stand.collect::<Vec<_>>())?;
        if let Some(rows) = rows.remove(id) {
            let changed = |id: &i64| changes.iter().any(|change| change.id == *id);
            let kept = (0_u32..).zip(records(&rows));
            let kept = kept.filter_map(|(row, id)| (!changed(&id)).then_some(row));
            let kept = UInt32Array::from(kept.collect::<Vec<u32>>());
            let kept = take_record_batch(&rows, &kept)?;
            all = concat_batches(&schema::table(register), [&kept, &all])?;
        }
        rows.insert(id.clone(), all);
    }
    Ok(rows)
}

/// The records of a table's rows.
#[must_use]
pub fn records(rows: &RecordBatch) -> Vec<i64> {
    let ids = rows.column(0).as_primitive::<Int64Type>();
    ids.values().to_vec()
}

/// Where the rows about each record are.
#[derive(Clone)]
pub struct Relatives {
    registers: BTreeMap<String, Layered>,
    vouched: Arc<Vouched>,
}

/// The rows of a register: those of a time, and those that stand otherwise since.
#[derive(Clone)]
struct Layered {
    base: Arc<Indexed>,
    /// The records whose rows in `base` don't count any more.
    replaced: Arc<FxHashSet<i64>>,
    /// The rows that these records have now.
    fresh: Arc<Indexed>,
}

struct Indexed {
    rows: RecordBatch,
    /// (record, row about it), sorted; a row is also about its own record.
    about: Vec<(i64, u32)>,
    /// If its rows say who is kin: the columns of the two.
    kin: Vec<usize>,
    /// The columns of the people its rows are about.
    people: Vec<usize>,
    /// The columns of other records its rows are about, which people share.
    shared: Vec<usize>,
}

impl Relatives {
    /// Indexes the rows of every register.
    ///
    /// # Errors
    /// Only when memory for the index cannot be had.
    pub fn new<'r>(
        pack: &Pack,
        rows: impl Fn(&str) -> Option<&'r Vec<RecordBatch>>,
    ) -> Result<Self, TablesError> {
        let people = people(pack);
        let mut registers = BTreeMap::new();
        for register in &pack.registers {
            let batches = rows(&register.id).map_or(&[][..], Vec::as_slice);
            let layered = Layered::new(register, people, batches)?;
            registers.insert(register.id.clone(), layered);
        }
        Ok(Self {
            registers,
            vouched: Arc::default(),
        })
    }

    /// The same after some records came to stand otherwise, which they do in these rows.
    pub(crate) fn after(
        &self,
        pack: &Pack,
        rows: &ByTable,
        touched: &Touched,
    ) -> Result<Self, TablesError> {
        let people = people(pack);
        let mut after = self.clone();
        for register in &pack.registers {
            let (Some(records), Some(before)) =
                (touched.of(&register.id), self.registers.get(&register.id))
            else {
                continue;
            };
            let batches = rows.get(&register.id);
            let batches = batches.map_or(&[][..], |batches| batches.as_slice());
            let mut replaced = (*before.replaced).clone();
            replaced.extend(records);
            let layered = match replaced.len() > MOST_REPLACED {
                true => Layered::new(register, people, batches)?,
                false => {
                    let rows = rows_of(register, batches, |id| replaced.contains(&id))?;
                    let rows = by_themselves(&rows)?;
                    Layered {
                        base: before.base.clone(),
                        replaced: Arc::new(replaced),
                        fresh: Arc::new(Indexed::new(register, people, rows)),
                    }
                }
            };
            after.registers.insert(register.id.clone(), layered);
        }
        Ok(after)
    }

    /// Whom a change of some records may concern: the people whom their rows are about, or who share what they are about, and whoever
    /// is around these.
    #[must_use]
    pub fn concerned(&self, touched: &Touched) -> BTreeSet<i64> {
        let mut near: BTreeSet<i64> = BTreeSet::new();
        for (register, records) in touched.iter() {
            let Some(layered) = self.registers.get(register) else {
                continue;
            };
            let own: Vec<i64> = records.iter().copied().collect();
            near.extend(&own);
            let columns = |indexed: &Indexed| [&indexed.people[..], &indexed.shared].concat();
            layered.each_beside(&own, columns, |other| {
                near.insert(other);
            });
        }
        let shared: Vec<i64> = near.iter().copied().collect();
        self.beyond(&mut near, &shared, |register| register.people.clone());
        let mut concerned = BTreeSet::new();
        for record in near {
            concerned.append(&mut self.beside(record));
        }
        concerned
    }

    /// The rows of some records of a register; none if there are none.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn rows(
        &self,
        register: &str,
        records: &BTreeSet<i64>,
    ) -> Result<Option<RecordBatch>, TablesError> {
        let Some(layered) = self.registers.get(register) else {
            return Ok(None);
        };
        layered.rows_that(records, |indexed, row| {
            let ids = indexed.rows.column(0).as_primitive::<Int64Type>();
            records.contains(&ids.value(row as usize))
        })
    }

    /// All rows of a register.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn whole(&self, register: &str) -> Result<Option<RecordBatch>, TablesError> {
        let Some(layered) = self.registers.get(register) else {
            return Ok(None);
        };
        if layered.replaced.is_empty() {
            return Ok(Some(layered.base.rows.clone()));
        }
        let rows = 0..u32::try_from(layered.base.rows.num_rows()).unwrap_or(u32::MAX);
        let kept: Vec<u32> = rows.filter(|row| layered.counts(*row)).collect();
        let kept = take_record_batch(&layered.base.rows, &UInt32Array::from(kept))?;
        let both = [&kept, &layered.fresh.rows];
        Ok(Some(concat_batches(&kept.schema(), both)?))
    }

    /// The rows about a person and the people around, of the registers that have any.
    ///
    /// # Errors
    /// Only when memory for the rows cannot be had.
    pub fn around(&self, person: i64) -> Result<FamilyRows, TablesError> {
        self.around_all(&BTreeSet::from([person]))
    }

    /// The same about several people, each row once.
    ///
    /// # Errors
    /// As [`Relatives::around`].
    pub fn around_all(&self, people: &BTreeSet<i64>) -> Result<FamilyRows, TablesError> {
        let mut around = BTreeSet::new();
        for person in people {
            around.append(&mut self.beside(*person));
        }
        let mut rows = FamilyRows::new();
        for (id, register) in &self.registers {
            if let Some(own) = register.rows_that(&around, |_, _| true)? {
                rows.insert(id.clone(), own);
            }
        }
        rows.insert(schema::VOUCHED.to_owned(), self.vouched.rows(&around)?);
        Ok(rows)
    }

    /// The same rows, for whom lists vouch.
    #[must_use]
    pub fn vouching(mut self, vouched: Arc<Vouched>) -> Self {
        self.vouched = vouched;
        self
    }

    /// For whom lists vouch.
    #[must_use]
    pub fn vouched(&self) -> &Arc<Vouched> {
        &self.vouched
    }

    /// The rows of some registers about these records and nobody around them: for lists of many people.
    ///
    /// # Errors
    /// As [`Relatives::around`].
    pub fn about(
        &self,
        records: &BTreeSet<i64>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<FamilyRows, TablesError> {
        let mut rows = FamilyRows::new();
        for (id, register) in self.registers.iter().filter(|(id, _)| wanted(id)) {
            if let Some(own) = register.rows_that(records, |_, _| true)? {
                rows.insert(id.clone(), own);
            }
        }
        Ok(rows)
    }

    /// Whoever is around a person, and what they share.
    #[must_use]
    pub fn beside(&self, person: i64) -> BTreeSet<i64> {
        let mut around = BTreeSet::from([person]);
        let mut fresh = vec![person];
        for _ in 0..STEPS {
            fresh = self.beyond(&mut around, &fresh, |register| register.kin.clone());
        }
        let mut shared = BTreeSet::new();
        let own = self.beyond(&mut shared, &[person], |register| register.shared.clone());
        self.beyond(&mut around, &own, |register| register.people.clone());
        let everyone: Vec<i64> = around.iter().copied().collect();
        self.beyond(&mut shared, &everyone, |register| register.shared.clone());
        around.append(&mut shared);
        around
    }

    /// Adds what stands in some columns of the rows about these records, and gives what wasn't known.
    fn beyond(
        &self,
        known: &mut BTreeSet<i64>,
        from: &[i64],
        columns: fn(&Indexed) -> Vec<usize>,
    ) -> Vec<i64> {
        let mut fresh = Vec::new();
        for register in self.registers.values() {
            register.each_beside(from, columns, |other| {
                if known.insert(other) {
                    fresh.push(other);
                }
            });
        }
        fresh
    }
}

/// The register of people: the one that kin are records of, or else the one whose records have homes.
fn people(pack: &Pack) -> Option<&str> {
    let kin = pack.registers.iter().find_map(|register| {
        let [one, _] = register.kin.as_ref()?;
        match &register.field(one)?.1.kind {
            FieldType::Ref(target) => Some(target.as_str()),
            _ => None,
        }
    });
    kin.or_else(|| Some(pack.at_home()?.id.as_str()))
}

impl Indexed {
    fn new(register: &Register, people: Option<&str>, rows: RecordBatch) -> Self {
        let leading = rows.num_columns() - register.fields.len();
        let column = |id: &String| {
            let (nth, field) = register.field(id)?;
            match &field.kind {
                FieldType::Ref(target) => Some((leading + nth, target.as_str())),
                _ => None,
            }
        };
        let about: Vec<(usize, &str)> = register.about.iter().filter_map(column).collect();
        let kin = register.kin.iter().flatten().filter_map(column);
        // Where nothing says who is kin or at home, whatever records are about may be people.
        let of = |person: bool| {
            let is = |target: &str| people.is_none_or(|people| (target == people) == person);
            let such = about.iter().filter(|(_, target)| is(target));
            such.map(|(column, _)| *column).collect()
        };
        let (own, shared) = (of(true), of(false));
        let kin = kin.map(|(column, _)| column).collect();
        let mut index = Vec::with_capacity(rows.num_rows() * (1 + about.len()));
        for column in [0]
            .into_iter()
            .chain(about.iter().map(|(column, _)| *column))
        {
            let values = rows.column(column).as_primitive::<Int64Type>();
            for (row, value) in (0_u32..).zip(values.iter()) {
                index.extend(value.map(|value| (value, row)));
            }
        }
        index.sort_unstable();
        Self {
            rows,
            about: index,
            kin,
            people: own,
            shared,
        }
    }

    fn rows_of(&self, record: i64) -> impl Iterator<Item = u32> + '_ {
        let start = self.about.partition_point(|(about, _)| *about < record);
        self.about[start..]
            .iter()
            .take_while(move |(about, _)| *about == record)
            .map(|(_, row)| *row)
    }
}

impl Layered {
    fn new(
        register: &Register,
        people: Option<&str>,
        batches: &[RecordBatch],
    ) -> Result<Self, TablesError> {
        let rows = concat_batches(&schema::table(register), batches)?;
        let none = RecordBatch::new_empty(rows.schema());
        Ok(Self {
            base: Arc::new(Indexed::new(register, people, rows)),
            replaced: Arc::default(),
            fresh: Arc::new(Indexed::new(register, people, none)),
        })
    }

    /// Whether a row of `base` still counts.
    fn counts(&self, row: u32) -> bool {
        if self.replaced.is_empty() {
            return true;
        }
        let ids = self.base.rows.column(0).as_primitive::<Int64Type>();
        !self.replaced.contains(&ids.value(row as usize))
    }

    fn each_beside(
        &self,
        records: &[i64],
        columns: impl Fn(&Indexed) -> Vec<usize>,
        mut see: impl FnMut(i64),
    ) {
        let columns = columns(&self.base);
        if columns.is_empty() {
            return;
        }
        let mut look = |indexed: &Indexed, row: u32| {
            for &column in &columns {
                let values = indexed.rows.column(column).as_primitive::<Int64Type>();
                if values.is_valid(row as usize) {
                    see(values.value(row as usize));
                }
            }
        };
        for &record in records {
            let old = self.base.rows_of(record).filter(|row| self.counts(*row));
            old.for_each(|row| look(&self.base, row));
            self.fresh
                .rows_of(record)
                .for_each(|row| look(&self.fresh, row));
        }
    }

    /// The rows about some records that are so, each once; none if there is none.
    fn rows_that(
        &self,
        records: &BTreeSet<i64>,
        so: impl Fn(&Indexed, u32) -> bool,
    ) -> Result<Option<RecordBatch>, TablesError> {
        let about = |indexed: &Indexed| {
            let rows = records.iter().flat_map(|&record| indexed.rows_of(record));
            let mut rows: Vec<u32> = rows.filter(|row| so(indexed, *row)).collect();
            rows.sort_unstable();
            rows.dedup();
            rows
        };
        let mut old = about(&self.base);
        old.retain(|row| self.counts(*row));
        let fresh = about(&self.fresh);
        let take = |indexed: &Indexed, rows: Vec<u32>| {
            take_record_batch(&indexed.rows, &UInt32Array::from(rows))
        };
        Ok(match (old.is_empty(), fresh.is_empty()) {
            (true, true) => None,
            (false, true) => Some(take(&self.base, old)?),
            (true, false) => Some(take(&self.fresh, fresh)?),
            (false, false) => {
                let both = [take(&self.base, old)?, take(&self.fresh, fresh)?];
                Some(concat_batches(&both[0].schema(), &both)?)
            }
        })
    }
}

/// The rows of some records of a register.
fn rows_of(
    register: &Register,
    batches: &[RecordBatch],
    wanted: impl Fn(i64) -> bool,
) -> Result<RecordBatch, TablesError> {
    let mut found = Vec::new();
    for batch in batches {
        let ids = (0_u32..).zip(batch.column(0).as_primitive::<Int64Type>().values());
        let own = ids.filter_map(|(row, id)| wanted(*id).then_some(row));
        let own = UInt32Array::from(own.collect::<Vec<u32>>());
        if !own.is_empty() {
            found.push(take_record_batch(batch, &own)?);
        }
    }
    Ok(concat_batches(&schema::table(register), &found)?)
}
