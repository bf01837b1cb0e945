//! The rows of one indicator on one day, counted by the unit whose they are and by each dimension at once, in one query; and the same
//! rows one by one, for the lists behind figures. Both are made of the same SQL, so they agree; every figure of the indicator, of
//! whatever unit and group, is a sum over what is counted here.

use std::fmt::Write as _;
use std::ops::Range;

use datafusion::arrow::array::{Array, AsArray, RecordBatch, StringViewArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use kernel::{Period, UnitCode};
use pack::{Dimension, Groups, Indicator, Measure, Pack, Sql, Text};
use tables::{Footprint, Session, TablesError, bind, date_literal, schema};

mod lines;

use lines::ListedRow;
pub use lines::{Chosen, InGroup, Lines};

/// Columns of the numbered rows: the number, and what the row adds to the sum.
pub(crate) const LINE: &str = "line";
pub(crate) const AMOUNT: &str = "amount";
/// The key of values below the first of some stretches.
const BELOW: &str = "below";
/// The keys of what is and what isn't.
const YES: &str = "yes";
const NO: &str = "no";
/// The key of a value that isn't known.
pub const UNSAID: &str = "unsaid";

/// The groups a row is in: of each dimension its key, by place among all that occur.
type GroupPlaces = [u16; Indicator::MOST_DIMENSIONS];

/// The rows of an indicator, counted.
#[derive(Clone, Debug, Default)]
pub struct Cube {
    /// The dimensions, in the indicator's order.
    pub dimensions: Vec<String>,
    /// Whether the rows say whose they are.
    pub by_unit: bool,
    /// What was counted, in the order of units.
    pub cells: Vec<CubeCell>,
    keys: Places<Option<String>>,
}

/// How much one group of rows comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CubeCell {
    /// Whose the rows are; none if they don't say.
    pub unit: Option<UnitCode>,
    groups: GroupPlaces,
    /// How many they are.
    pub rows: i64,
    /// How many they are, or what they sum to.
    pub amount: i64,
}

/// A row with all that it is counted by.
#[derive(Clone, Debug)]
pub(crate) struct CountedRow {
    /// The number it has in the column `id`; 0 without one.
    pub id: i64,
    unit: Option<String>,
    groups: Vec<Option<String>>,
    amount: i64,
}

/// Values that occur, by place.
#[derive(Clone, Debug, Default)]
struct Places<T> {
    values: Vec<T>,
    last: usize,
}

impl Places<Option<String>> {
    /// The place of a text; rows with the same mostly follow one another.
    fn of(&mut self, text: Option<&str>) -> u16 {
        let is_it = |known: &Option<String>| known.as_deref() == text;
        if !self.values.get(self.last).is_some_and(is_it) {
            self.last = match self.values.iter().position(is_it) {
                Some(known) => known,
                None => {
                    self.values.push(text.map(ToOwned::to_owned));
                    self.values.len() - 1
                }
            };
        }
        u16::try_from(self.last).unwrap_or(u16::MAX)
    }

    /// The places of the keys of a row's groups.
    fn all_of(&mut self, keys: &[Option<String>]) -> GroupPlaces {
        let mut places = GroupPlaces::default();
        for (place, key) in places.iter_mut().zip(keys) {
            *place = self.of(key.as_deref());
        }
        places
    }
}

/// The query of an indicator's rows, bound to a day and period, and what it is told apart by.
pub struct Counting {
    dimensions: Vec<String>,
    /// For each dimension the SQL that gives the key of the group a row is in.
    groups: Vec<String>,
    /// The column whose values are summed; none where rows are counted.
    sums: Option<String>,
    rows: String,
    by_unit: bool,
}

impl Counting {
    /// How an indicator is counted of a period, `before` for its rows on the day before it; `by_unit` if the rows say whose they are.
    /// None for an indicator without rows of its own.
    ///
    /// # Errors
    /// A parameter that no rows know.
    pub fn new(
        (pack, indicator): (&Pack, &Indicator),
        (period, before): (Period, bool),
        by_unit: bool,
    ) -> Result<Option<Self>, TablesError> {
        let Some((rows, _)) = indicator.rows() else {
            return Ok(None);
        };
        let on = if before {
            period.before()
        } else {
            period.end()
        };
        let bound = |sql: &Sql| {
            bind(sql, &|name| match name {
                "start" => Some(date_literal(period.start())),
                "end" => Some(date_literal(period.end())),
                "on" => Some(date_literal(on)),
                _ => None,
            })
        };
        let dimensions = indicator.by.iter().filter_map(|id| pack.dimension(id));
        let dimensions: Vec<&Dimension> = dimensions.collect();
        let groups = dimensions.iter();
        let groups = groups.map(|of| Ok(group(&of.groups, &bound(&of.of)?)));
        Ok(Some(Self {
            groups: groups.collect::<Result<_, TablesError>>()?,
            dimensions: dimensions.into_iter().map(|of| of.id.clone()).collect(),
            sums: match &indicator.measure {
                Measure::Sum { column, .. } => Some(column.clone()),
                _ => None,
            },
            rows: bound(rows)?,
            by_unit,
        }))
    }

    /// The columns of unit and groups.
    fn told_apart(&self) -> String {
        let mut columns = match self.by_unit {
            true => schema::UNIT.to_owned(),
            false => "cast(null as varchar)".to_owned(),
        };
        columns += " as \"whose\"";
        for (nth, group) in self.groups.iter().enumerate() {
            let _infallible = write!(columns, ", {group} as \"group {nth}\"");
        }
        columns
    }

    /// The query that counts the rows.
    fn counts(&self) -> String {
        let places: Vec<String> = (1..=self.dimensions.len() + 1)
            .map(|n| n.to_string())
            .collect();
        let amount = self.sums.as_ref();
        let amount = amount.map_or("count(*)".to_owned(), |of| format!("sum({of})"));
        format!(
            "select {}, count(*) as \"rows\", {amount} as \"amount\" from ({}) as \"counted\" group by {}",
            self.told_apart(),
            self.rows,
            places.join(", ")
        )
    }

    /// What counts and rows rest on.
    ///
    /// # Errors
    /// The query can't be planned.
    pub async fn footprint(&self, session: &Session) -> Result<Footprint, TablesError> {
        let mut footprint = Footprint::of(session, &self.counts()).await?;
        footprint.and(&Footprint::of(session, &self.numbered()).await?);
        Ok(footprint)
    }

    /// Counts the rows.
    ///
    /// # Errors
    /// The query can't be run.
    pub async fn cube(&self, session: &Session) -> Result<Cube, TablesError> {
        let mut cube = Cube {
            dimensions: self.dimensions.clone(),
            by_unit: self.by_unit,
            ..Cube::default()
        };
        let groups = self.dimensions.len();
        for batch in session.collect(&self.counts()).await? {
            let columns = views(&batch, 0..groups + 1)?;
            let Some((units, columns)) = columns.split_first() else {
                continue;
            };
            let numbers = |at: usize| cast(batch.column(at), &DataType::Int64);
            let (rows, amounts) = (numbers(groups + 1)?, numbers(groups + 2)?);
            let (rows, amounts) = (
                rows.as_primitive::<Int64Type>(),
                amounts.as_primitive::<Int64Type>(),
            );
            for row in 0..batch.num_rows() {
                let mut cell = CubeCell {
                    unit: text(units, row).and_then(|unit| unit.parse().ok()),
                    groups: GroupPlaces::default(),
                    rows: rows.value(row),
                    amount: match amounts.is_null(row) {
                        true => 0,
                        false => amounts.value(row),
                    },
                };
                for (place, column) in cell.groups.iter_mut().zip(columns) {
                    *place = cube.keys.of(text(column, row));
                }
                cube.cells.push(cell);
            }
        }
        cube.cells.sort_unstable();
        Ok(cube)
    }

    /// The query of the numbers of the rows, and what each is counted by.
    pub(crate) fn numbered(&self) -> String {
        format!(
            "select cast({} as bigint) as \"{LINE}\", {}, {} as \"{AMOUNT}\" from ({}) as \"counted\"",
            schema::ID,
            self.told_apart(),
            self.sums.as_deref().unwrap_or("1"),
            self.rows
        )
    }

    /// The rows that [`Counting::numbered`] gave.
    pub(crate) fn counted_rows(
        &self,
        batches: &[RecordBatch],
    ) -> Result<Vec<CountedRow>, TablesError> {
        let mut found = Vec::new();
        for batch in batches {
            let ids = batch.column(0).as_primitive::<Int64Type>();
            let columns = views(batch, 1..self.dimensions.len() + 2)?;
            let amounts = cast(batch.column(self.dimensions.len() + 2), &DataType::Int64)?;
            let amounts = amounts.as_primitive::<Int64Type>();
            let Some((units, groups)) = columns.split_first() else {
                continue;
            };
            let own = |column: &StringViewArray, row| text(column, row).map(ToOwned::to_owned);
            found.extend((0..batch.num_rows()).map(|row| CountedRow {
                id: if ids.is_null(row) { 0 } else { ids.value(row) },
                unit: own(units, row),
                groups: groups.iter().map(|column| own(column, row)).collect(),
                amount: match amounts.is_null(row) {
                    true => 0,
                    false => amounts.value(row),
                },
            }));
        }
        Ok(found)
    }

    /// The rows one by one.
    ///
    /// # Errors
    /// The query can't be run.
    pub async fn lines(&self, session: &Session) -> Result<Lines, TablesError> {
        let mut found = Lines {
            dimensions: self.dimensions.clone(),
            ..Lines::default()
        };
        for batch in session.collect(&self.numbered()).await? {
            let ids = batch.column(0).as_primitive::<Int64Type>();
            let columns = views(&batch, 1..self.dimensions.len() + 2)?;
            let Some((units, groups)) = columns.split_first() else {
                continue;
            };
            for row in 0..batch.num_rows() {
                let mut line = ListedRow {
                    id: if ids.is_null(row) { 0 } else { ids.value(row) },
                    unit: found.units.of(text(units, row)),
                    groups: GroupPlaces::default(),
                };
                for (place, group) in line.groups.iter_mut().zip(groups) {
                    *place = found.keys.of(text(group, row));
                }
                found.lines.push(line);
            }
        }
        found.lines.sort_unstable();
        Ok(found)
    }

    /// The query of some of the rows, with all their columns.
    #[must_use]
    pub fn some(&self, ids: &[i64]) -> String {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let ids = if ids.is_empty() {
            "null".to_owned()
        } else {
            ids.join(", ")
        };
        format!(
            "select * from ({}) as \"counted\" where {} in ({ids})",
            self.rows,
            schema::ID
        )
    }
}

/// Some columns of a batch as texts.
fn views(batch: &RecordBatch, of: Range<usize>) -> Result<Vec<StringViewArray>, TablesError> {
    let columns = of.map(|at| {
        let column = cast(batch.column(at), &DataType::Utf8View)?;
        Ok(column.as_string_view().clone())
    });
    columns.collect()
}

fn text(column: &StringViewArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}

impl Cube {
    /// The same of no rows.
    pub(crate) fn without_rows(&self) -> Self {
        Self {
            dimensions: self.dimensions.clone(),
            by_unit: self.by_unit,
            ..Self::default()
        }
    }

    /// The place of a dimension.
    #[must_use]
    pub fn place(&self, dimension: &str) -> Option<usize> {
        self.dimensions.iter().position(|known| known == dimension)
    }

    /// The key of a cell's group, of the dimension at a place.
    #[must_use]
    pub fn key(&self, cell: &CubeCell, at: usize) -> &str {
        let key = self.keys.values.get(usize::from(cell.groups[at]));
        key.and_then(Option::as_deref).unwrap_or(UNSAID)
    }

    /// The same with some rows less and some more.
    pub(crate) fn after(&self, gone: &[CountedRow], come: &[CountedRow]) -> Self {
        let mut after = self.clone();
        let gone = gone.iter().map(|row| (row, -1));
        for (row, sign) in gone.chain(come.iter().map(|row| (row, 1))) {
            let unit = row.unit.as_deref().and_then(|unit| unit.parse().ok());
            let groups = after.keys.all_of(&row.groups);
            let amount = sign * row.amount;
            let same = |cell: &CubeCell| (cell.unit, cell.groups).cmp(&(unit, groups));
            match after.cells.binary_search_by(same) {
                Ok(at) => {
                    after.cells[at].rows += sign;
                    after.cells[at].amount += amount;
                }
                Err(at) => after.cells.insert(
                    at,
                    CubeCell {
                        unit,
                        groups,
                        rows: sign,
                        amount,
                    },
                ),
            }
        }
        after.cells.retain(|cell| cell.rows != 0);
        after
    }
}

/// The SQL that gives the key of the group a row is in; NULL where that isn't known.
fn group(groups: &Groups, of: &str) -> String {
    let of = format!("(\n{of}\n)");
    match groups {
        Groups::Code(_) => format!("cast({of} as varchar)"),
        Groups::YesNo { .. } => {
            format!("case when {of} then '{YES}' when not {of} then '{NO}' end")
        }
        Groups::Bands { from, .. } => {
            let mut sql = "case".to_owned();
            let mut label = BELOW.to_owned();
            for first in from {
                let _infallible = write!(sql, " when {of} < {first} then '{label}'");
                label = first.to_string();
            }
            let _infallible = write!(sql, " when {of} is not null then '{label}' end");
            sql
        }
    }
}

/// The groups of a dimension in the order in which they are shown, by key; what isn't known is the last.
#[must_use]
pub fn groups(pack: &Pack, dimension: &Dimension) -> Vec<(String, Text)> {
    let mut groups: Vec<(String, Text)> = match &dimension.groups {
        Groups::Code(list) => {
            let members = pack.code(list).map_or(&[][..], |list| &list.members);
            let member = |member: &pack::Member| (member.value.clone(), member.name.clone());
            members.iter().map(member).collect()
        }
        Groups::YesNo { yes, no } => {
            vec![(YES.to_owned(), yes.clone()), (NO.to_owned(), no.clone())]
        }
        Groups::Bands { from, unit } => bands(from, unit),
    };
    groups.push((UNSAID.to_owned(), Text::new("未说明", "Not stated")));
    groups
}

fn bands(from: &[i64], unit: &Text) -> Vec<(String, Text)> {
    let (zh, en) = (&unit.zh, &unit.en);
    let spaced = match en.as_str() {
        "" => String::new(),
        en => format!(" {en}"),
    };
    let mut bands = Vec::new();
    if let Some(first) = from.first() {
        let below = Text::new(format!("{first}{zh}以下"), format!("under {first}{spaced}"));
        bands.push((BELOW.to_owned(), below));
    }
    for (nth, first) in from.iter().enumerate() {
        let name = match from.get(nth + 1).map(|next| next - 1) {
            None => Text::new(
                format!("{first}{zh}及以上"),
                format!("{first}{spaced} and over"),
            ),
            Some(last) if last == *first => {
                Text::new(format!("{first}{zh}"), format!("{first}{spaced}"))
            }
            Some(last) => Text::new(
                format!("{first}—{last}{zh}"),
                format!("{first}–{last}{spaced}"),
            ),
        };
        bands.push((first.to_string(), name));
    }
    bands
}
