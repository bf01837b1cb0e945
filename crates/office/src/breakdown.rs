//! Figures told apart: by the units next below, by the groups of dimensions, or over a series of periods; the same for pages, programs
//! and the command line. Parts add up to the whole: what is a unit's own and no unit's below it is a row, too.

use kernel::{Lang, Period, UnitCode};
use pack::{Each, Measure, Pack};
use reports::cube::groups;
use reports::indicator::{Exact, Figure};

use crate::error::OfficeError;
use crate::view::View;

/// More rows than a breakdown by groups has.
const MOST_GROUPS: usize = 2_000;

/// How figures are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breakdown {
    /// By the units next below.
    Units,
    /// By the groups of dimensions.
    Groups(Vec<String>),
    /// By the last periods of a kind.
    Series {
        /// The kind.
        each: Each,
        /// How many.
        last: usize,
    },
}

/// Figures told apart.
#[derive(Clone, Debug, Default)]
pub struct Broken {
    /// The parts, in order.
    pub rows: Vec<BrokenRow>,
    /// The figures of the whole: of a series those of the last period.
    pub whole: Vec<Figure>,
}

/// A part, with a figure for each indicator asked for.
#[derive(Clone, Debug)]
pub struct BrokenRow {
    /// What it is.
    pub of: RowOf,
    /// The figures, in the order of the indicators.
    pub figures: Vec<Figure>,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowOf {
    /// A unit next below.
    Unit(UnitCode),
    /// What is the unit's own.
    OwnLevel(UnitCode),
    /// Groups of the dimensions asked for, by key.
    Groups(Vec<String>),
    /// A period.
    Period(Period),
}

impl View {
    /// The figures of some indicators of a unit and period, told apart.
    ///
    /// # Errors
    /// Somebody who doesn't read all that figures are made of; an indicator or dimension that isn't there.
    pub async fn broken(
        &self,
        ids: &[String],
        (period, unit): (Period, UnitCode),
        how: &Breakdown,
    ) -> Result<Broken, OfficeError> {
        match how {
            Breakdown::Units => self.by_units(ids, period, unit).await,
            Breakdown::Groups(dimensions) => self.by_groups(ids, (period, unit), dimensions).await,
            Breakdown::Series { each, last } => {
                let periods = self.series(ids, unit, (*each, *last, period.end())).await?;
                let row = |(period, figures)| BrokenRow {
                    of: RowOf::Period(period),
                    figures,
                };
                let rows: Vec<BrokenRow> = periods.into_iter().map(row).collect();
                let whole = rows.last().map(|row| row.figures.clone());
                Ok(Broken {
                    whole: whole.unwrap_or_default(),
                    rows,
                })
            }
        }
    }

    async fn by_units(
        &self,
        ids: &[String],
        period: Period,
        unit: UnitCode,
    ) -> Result<Broken, OfficeError> {
        let sheet = self.board(period, unit).await?;
        sheet.prepare(ids).await?;
        let mut broken = Broken::default();
        let Some(first) = ids.first() else {
            return Ok(broken);
        };
        let units = sheet.units_below(first).await?;
        let rows = units.iter().map(|unit| BrokenRow {
            of: RowOf::Unit(*unit),
            figures: Vec::new(),
        });
        broken.rows = rows.collect();
        let own = sheet.own_level(first).await?;
        let mut of_own = Vec::with_capacity(ids.len());
        for id in ids {
            let figures = sheet.by_unit(id, &units).await?;
            for (row, figure) in broken.rows.iter_mut().zip(figures) {
                row.figures.push(figure);
            }
            of_own.push(own.figure(id).await?);
            broken.whole.push(sheet.figure(id).await?);
        }
        let counts = |figure: &Figure| figure.value.is_some_and(|value| value.numerator != 0);
        if !units.is_empty() && of_own.iter().any(counts) {
            broken.rows.push(BrokenRow {
                of: RowOf::OwnLevel(unit),
                figures: of_own,
            });
        }
        Ok(broken)
    }

    async fn by_groups(
        &self,
        ids: &[String],
        (period, unit): (Period, UnitCode),
        dimensions: &[String],
    ) -> Result<Broken, OfficeError> {
        let pack = &self.office.pack;
        let sheet = self.board(period, unit).await?;
        sheet.prepare(ids).await?;
        let mut broken = Broken::default();
        for (nth, id) in ids.iter().enumerate() {
            broken.whole.push(sheet.figure(id).await?);
            for (key, figure) in sheet.by(id, dimensions).await? {
                let of = RowOf::Groups(key);
                let at = broken.rows.iter().position(|row| row.of == of);
                let at = at.unwrap_or_else(|| {
                    broken.rows.push(BrokenRow {
                        of,
                        figures: Vec::new(),
                    });
                    broken.rows.len() - 1
                });
                let row = &mut broken.rows[at].figures;
                // A group of which an indicator before had rows and this one hasn't, or the other way round, counts nought there.
                while row.len() < nth {
                    row.push(nothing(pack, &broken.whole[row.len()]));
                }
                row.push(figure);
            }
            for row in &mut broken.rows {
                while row.figures.len() <= nth {
                    row.figures
                        .push(nothing(pack, &broken.whole[row.figures.len()]));
                }
            }
            if broken.rows.len() > MOST_GROUPS {
                return Err(OfficeError::Absent);
            }
        }
        Ok(broken)
    }

    /// The same figures of the year before and, of periods that have a kind, of the period before.
    ///
    /// # Errors
    /// As [`View::broken`].
    pub async fn earlier(
        &self,
        id: &str,
        (period, unit): (Period, UnitCode),
    ) -> Result<(Figure, Option<Figure>), OfficeError> {
        let year = self.board(period.year_before(), unit).await?;
        let year = year.figure(id).await?;
        let before = match period {
            Period::Month(..) | Period::Quarter(..) | Period::Half(..) => period.previous(),
            Period::Year(_) | Period::Span { .. } => None,
        };
        let before = match before {
            Some(before) => Some(self.board(before, unit).await?.figure(id).await?),
            None => None,
        };
        Ok((year, before))
    }
}

/// The figure of a group without rows: nought where the whole is known, for a rate nothing to divide by, and otherwise as little known
/// as the whole.
fn nothing(pack: &Pack, whole: &Figure) -> Figure {
    let rate = pack.indicator(&whole.id);
    let rate = rate.is_some_and(|known| matches!(known.measure, Measure::Rate { .. }));
    let mut figure = whole.clone();
    figure.value = whole.value.map(|value| Exact {
        numerator: 0,
        denominator: if rate { 0 } else { value.denominator },
    });
    figure
}

/// What a group of a dimension is called.
#[must_use]
pub fn group_name(pack: &Pack, dimension: &str, key: &str, lang: Lang) -> String {
    let known = pack.dimension(dimension).and_then(|dimension| {
        let mut groups = groups(pack, dimension).into_iter();
        groups.find(|(known, _)| known == key)
    });
    known.map_or_else(|| key.to_owned(), |(_, name)| name.get(lang).to_owned())
}
