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

/// The key of values below the first of some stretches.
const BELOW: &str = "below";
/// The keys of what is and what isn't.
const YES: &str = "yes";
const NO: &str = "no";
/// The key of a value that isn't known.
pub const UNSAID: &str = "unsaid";

/// AtomCount rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cube {
    /// The dimensions, in the indicator's order.
    pub dimensions: Vec<String>,
    /// Whether the rows say whose they are.
    pub by_unit: bool,
    /// What was counted, in the order of unit and groups.
    pub cells: Vec<CubeCell>,
}

/// How much one group of rows comes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CubeCell {
    /// Whose the rows are; none if they don't say.
    pub unit: Option<UnitCode>,
    /// The key of each dimension's group.
    pub groups: Vec<String>,
    /// How many they are, or what they sum to.
    pub amount: i64,
}

/// A row of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ListedRow {
    /// The number it has in the column `id`; 0 without one.
    id: i64,
    /// Whose it is, by place.
    unit: u16,
    /// The group of each dimension, by place among all keys that occur.
    groups: [u16; Indicator::MOST_DIMENSIONS],
}

/// The rows of an indicator, ordered by their numbers: of a million people some twenty megabytes.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// The dimensions, in the indicator's order.
    dimensions: Vec<String>,
    units: Places<Option<String>>,
    keys: Places<Option<String>>,
    lines: Vec<ListedRow>,
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
}

/// Rows are wanted of one group of a dimension: the dimension's id, and the group's key.
pub type InGroup = (String, String);

/// The query of an indicator's rows, bound to a day and period, and what it is told apart by.
pub struct Counting {
    dimensions: Vec<String>,
    /// For each dimension the SQL that gives the key of the group a row is in.
    groups: Vec<String>,
    amount: String,
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
            amount: match &indicator.measure {
                Measure::Sum { column, .. } => format!("sum({column})"),
                _ => "count(*)".to_owned(),
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
        format!(
            "select {}, {} as \"amount\" from ({}) as \"counted\" group by {}",
            self.told_apart(),
            self.amount,
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
        let mut cells = Vec::new();
        for batch in session.collect(&self.counts()).await? {
            let columns = views(&batch, 0..self.dimensions.len() + 1)?;
            let Some((units, groups)) = columns.split_first() else {
                continue;
            };
            let amounts = cast(batch.column(self.dimensions.len() + 1), &DataType::Int64)?;
            let amounts = amounts.as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                let groups = groups.iter();
                let groups = groups.map(|group| text(group, row).unwrap_or(UNSAID).to_owned());
                cells.push(CubeCell {
                    unit: text(units, row).and_then(|unit| unit.parse().ok()),
                    groups: groups.collect(),
                    amount: if amounts.is_null(row) {
                        0
                    } else {
                        amounts.value(row)
                    },
                });
            }
        }
        cells.sort_unstable();
        Ok(Cube {
            dimensions: self.dimensions.clone(),
            by_unit: self.by_unit,
            cells,
        })
    }

    /// The query of the numbers of the rows.
    fn numbered(&self) -> String {
        format!(
            "select cast({} as bigint) as \"line\", {} from ({}) as \"counted\"",
            schema::ID,
            self.told_apart(),
            self.rows
        )
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
                    groups: [0; Indicator::MOST_DIMENSIONS],
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
    /// The place of a dimension.
    #[must_use]
    pub fn place(&self, dimension: &str) -> Option<usize> {
        self.dimensions.iter().position(|known| known == dimension)
    }
}

impl Lines {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The rows of some units and of some groups, with whose each is, in order; none if a dimension isn't the indicator's.
    pub fn of(
        &self,
        of: impl Fn(Option<&UnitCode>) -> bool,
        wanted: &[InGroup],
    ) -> Vec<(i64, Option<UnitCode>)> {
        let mut groups = Vec::with_capacity(wanted.len());
        for (dimension, key) in wanted {
            let at = self.dimensions.iter().position(|known| known == dimension);
            let is_it = |known: &Option<String>| known.as_deref().unwrap_or(UNSAID) == key;
            let key = self.keys.values.iter().position(is_it);
            match (at, key.and_then(|key| u16::try_from(key).ok())) {
                (Some(at), Some(key)) => groups.push((at, key)),
                _ => return Vec::new(),
            }
        }
        let units = self.units.values.iter();
        let units = units.map(|unit| unit.as_deref().and_then(|unit| unit.parse().ok()));
        let units: Vec<(Option<UnitCode>, bool)> = units
            .map(|unit: Option<UnitCode>| (unit, of(unit.as_ref())))
            .collect();
        let own = self.lines.iter().filter_map(|line| {
            let (unit, wanted) = units[usize::from(line.unit)];
            let fits = || groups.iter().all(|(at, key)| line.groups[*at] == *key);
            (wanted && fits()).then_some((line.id, unit))
        });
        own.collect()
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
