//! Indicators: figures that are counted rows. The figure and the list behind it come from the same query, so they always
//! agree. Values are exact fractions of whole numbers; rounding happens once, when a figure is written.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use kernel::{Lang, Period, UnitCode};
use pack::{At, Indicator, Measure, Sql};
use tables::{Page, Rows, Session, TablesError, bind, date_literal, texts};

/// What can go wrong with a figure.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The tables could not be queried.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// No indicator has this id.
    #[error("there is no indicator “{asked}”; there are: {known}")]
    Unknown {
        /// The id asked for.
        asked: String,
        /// The ids there are.
        known: String,
    },
    /// Indicators that rest on each other in a circle.
    #[error("the indicator “{0}” rests on itself")]
    Circle(String),
}

impl FigureError {
    /// The message in the reader's language.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, _) => self.to_string(),
            (Lang::Zh, Self::Tables(error)) => error.message(lang),
            (Lang::Zh, Self::Unknown { asked, known }) => {
                format!("没有指标“{asked}”；现有指标：{known}")
            }
            (Lang::Zh, Self::Circle(id)) => format!("指标“{id}”引用了自身"),
        }
    }
}

/// An exact value: a fraction of whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    /// Above the line.
    pub numerator: i128,
    /// Below the line; never negative, and zero when there is nothing to divide by.
    pub denominator: i128,
}

impl Exact {
    fn whole(number: i64) -> Self {
        Self {
            numerator: i128::from(number),
            denominator: 1,
        }
    }

    /// The value with so many decimals, halves away from zero; a dash when there is nothing to divide by.
    #[must_use]
    pub fn shown(self, decimals: u8) -> String {
        if self.denominator == 0 {
            return "—".into();
        }
        let power = 10_i128.pow(u32::from(decimals));
        let scaled = (self.numerator.abs() * power * 2 + self.denominator) / (self.denominator * 2);
        let sign = if self.numerator < 0 && scaled != 0 {
            "-"
        } else {
            ""
        };
        if decimals == 0 {
            return format!("{sign}{scaled}");
        }
        format!(
            "{sign}{}.{:0width$}",
            scaled / power,
            scaled % power,
            width = usize::from(decimals)
        )
    }
}

/// One indicator's value for a unit and period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The indicator.
    pub id: String,
    /// The exact value, in the indicator's unit.
    pub value: Exact,
    /// The value as written.
    pub shown: String,
}

/// A list behind a figure.
#[derive(Clone, Debug)]
pub struct Behind {
    /// The indicator whose rows these are.
    pub indicator: String,
    /// Whether they are of the day before the period instead of its last.
    pub before: bool,
    /// How many rows there are.
    pub rows: usize,
}

/// The figures of one scope and period, from two sessions of it: on the day before the period, and on its last day.
pub struct Figures {
    period: Period,
    before: Session,
    end: Session,
    counted: BTreeMap<(String, bool), i64>,
}

impl Figures {
    /// Figures for a period. Both sessions must carry the table `entitled` when the pack's indicators count from it.
    #[must_use]
    pub fn new(period: Period, before: Session, end: Session) -> Self {
        Self {
            period,
            before,
            end,
            counted: BTreeMap::new(),
        }
    }

    /// The period.
    #[must_use]
    pub fn period(&self) -> &Period {
        &self.period
    }

    /// The declaration of an indicator.
    ///
    /// # Errors
    /// When there is none of that id, naming those there are.
    pub fn declared(&self, id: &str) -> Result<Indicator, FigureError> {
        let pack = self.end.pack();
        pack.indicator(id).cloned().ok_or_else(|| {
            let known = pack
                .indicators
                .iter()
                .map(|indicator| indicator.id.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            FigureError::Unknown {
                asked: id.to_owned(),
                known,
            }
        })
    }

    /// One figure.
    ///
    /// # Errors
    /// An unknown indicator, one that rests on itself, or a query that fails.
    pub async fn figure(&mut self, id: &str) -> Result<Figure, FigureError> {
        let indicator = self.declared(id)?;
        let value = self.value(&indicator, None, 0).await?;
        Ok(Figure {
            id: indicator.id,
            value,
            shown: value.shown(indicator.decimals),
        })
    }

    /// The lists behind a figure, in the order of its definition.
    ///
    /// # Errors
    /// As [`Figures::figure`].
    pub async fn behind(&mut self, id: &str) -> Result<Vec<Behind>, FigureError> {
        let mut lists = Vec::new();
        let mut open = vec![(id.to_owned(), None)];
        while let Some((id, forced)) = open.pop() {
            let indicator = self.declared(&id)?;
            match &indicator.measure {
                Measure::Count { rows, at } | Measure::Sum { rows, at, .. } => {
                    let before = forced.unwrap_or(*at == At::Start);
                    let rows = self.session(before).count(&self.sql(rows, before)?).await?;
                    if lists.iter().all(|list: &Behind| {
                        (&list.indicator, list.before) != (&indicator.id, before)
                    }) {
                        lists.push(Behind {
                            indicator: indicator.id,
                            before,
                            rows,
                        });
                    }
                }
                Measure::Average { of } => {
                    open.extend([(of.clone(), Some(false)), (of.clone(), Some(true))])
                }
                Measure::Rate {
                    plus, minus, over, ..
                } => {
                    open.push((over.clone(), None));
                    open.extend(minus.iter().chain(plus).rev().map(|id| (id.clone(), None)));
                }
            }
            if lists.len() + open.len() > 64 {
                return Err(FigureError::Circle(id));
            }
        }
        Ok(lists)
    }

    /// A page of the rows of a counted or summed indicator.
    ///
    /// # Errors
    /// As [`Figures::figure`]; none to show for an indicator without rows of its own.
    pub async fn rows(&self, id: &str, before: bool, page: Page) -> Result<Rows, FigureError> {
        let indicator = self.declared(id)?;
        match &indicator.measure {
            Measure::Count { rows, .. } | Measure::Sum { rows, .. } => Ok(self
                .session(before)
                .rows(&self.sql(rows, before)?, page)
                .await?),
            Measure::Average { .. } | Measure::Rate { .. } => Ok(Rows {
                columns: Vec::new(),
                rows: Vec::new(),
                total: 0,
            }),
        }
    }

    /// The figure of a counted indicator for each of the units, by the books of its rows; nothing for an indicator whose rows
    /// name no book.
    ///
    /// # Errors
    /// As [`Figures::figure`].
    pub async fn by_unit(
        &mut self,
        id: &str,
        units: &[UnitCode],
    ) -> Result<Vec<Option<i64>>, FigureError> {
        let indicator = self.declared(id)?;
        let Measure::Count { rows, at } = &indicator.measure else {
            return Ok(vec![None; units.len()]);
        };
        let before = *at == At::Start;
        let sql = self.sql(rows, before)?;
        let session = self.session(before);
        if !session
            .query(&sql)
            .await?
            .schema()
            .has_column_with_unqualified_name("unit")
        {
            return Ok(vec![None; units.len()]);
        }
        let mut counts = vec![Some(0); units.len()];
        for batch in session
            .collect(&format!("select unit, count(*) from ({sql}) group by unit"))
            .await?
        {
            let numbers = batch.column(1).as_primitive::<Int64Type>();
            for (row, unit_of) in texts(batch.column(0)).into_iter().enumerate() {
                let Some(unit_of) = unit_of.and_then(|unit| unit.parse::<UnitCode>().ok()) else {
                    continue;
                };
                for (count, _) in counts
                    .iter_mut()
                    .zip(units)
                    .filter(|(_, unit)| unit.contains(&unit_of))
                {
                    *count = count.map(|count| count + numbers.value(row));
                }
            }
        }
        Ok(counts)
    }

    async fn value(
        &mut self,
        indicator: &Indicator,
        forced: Option<bool>,
        depth: usize,
    ) -> Result<Exact, FigureError> {
        if depth > 8 {
            return Err(FigureError::Circle(indicator.id.clone()));
        }
        match &indicator.measure {
            Measure::Count { at, .. } | Measure::Sum { at, .. } => {
                let number = self
                    .count(indicator, forced.unwrap_or(*at == At::Start))
                    .await?;
                Ok(Exact {
                    numerator: i128::from(number),
                    denominator: i128::from(indicator.scale.max(1)),
                })
            }
            Measure::Average { of } => {
                let of = self.declared(of)?;
                let before = Box::pin(self.value(&of, Some(true), depth + 1)).await?;
                let end = Box::pin(self.value(&of, Some(false), depth + 1)).await?;
                Ok(Exact {
                    numerator: sum(before, end).numerator,
                    denominator: sum(before, end).denominator * 2,
                })
            }
            Measure::Rate {
                plus,
                minus,
                over,
                per,
            } => {
                let mut total = Exact::whole(0);
                for (ids, sign) in [(plus, 1), (minus, -1)] {
                    for id in ids {
                        let part = self.declared(id)?;
                        let part = Box::pin(self.value(&part, None, depth + 1)).await?;
                        total = sum(
                            total,
                            Exact {
                                numerator: part.numerator * sign,
                                ..part
                            },
                        );
                    }
                }
                let over = self.declared(over)?;
                let over = Box::pin(self.value(&over, None, depth + 1)).await?;
                Ok(Exact {
                    numerator: total.numerator * over.denominator * i128::from(*per),
                    denominator: total.denominator * over.numerator,
                })
            }
        }
    }

    async fn count(&mut self, indicator: &Indicator, before: bool) -> Result<i64, FigureError> {
        let key = (indicator.id.clone(), before);
        if let Some(counted) = self.counted.get(&key) {
            return Ok(*counted);
        }
        let number = match &indicator.measure {
            Measure::Count { rows, .. } => {
                i64::try_from(self.session(before).count(&self.sql(rows, before)?).await?)
                    .unwrap_or(i64::MAX)
            }
            Measure::Sum { rows, column, .. } => {
                self.total(&self.sql(rows, before)?, column, before).await?
            }
            Measure::Average { .. } | Measure::Rate { .. } => 0,
        };
        self.counted.insert(key, number);
        Ok(number)
    }

    async fn total(&self, sql: &str, column: &str, before: bool) -> Result<i64, FigureError> {
        let batches = self
            .session(before)
            .collect(&format!("select sum({column}) from ({sql})"))
            .await?;
        let Some(batch) = batches.first() else {
            return Ok(0);
        };
        let sum = cast(batch.column(0), &DataType::Int64).map_err(TablesError::from)?;
        let sum = sum.as_primitive::<Int64Type>();
        Ok(if sum.is_empty() || sum.is_null(0) {
            0
        } else {
            sum.value(0)
        })
    }

    fn session(&self, before: bool) -> &Session {
        if before { &self.before } else { &self.end }
    }

    fn sql(&self, sql: &Sql, before: bool) -> Result<String, FigureError> {
        Ok(bind(sql, &|name| match name {
            "start" => Some(date_literal(self.period.start())),
            "end" => Some(date_literal(self.period.end())),
            "on" => Some(date_literal(self.session(before).as_of().on)),
            _ => None,
        })?)
    }
}

fn sum(a: Exact, b: Exact) -> Exact {
    if a.denominator == b.denominator {
        return Exact {
            numerator: a.numerator + b.numerator,
            denominator: a.denominator,
        };
    }
    Exact {
        numerator: a.numerator * b.denominator + b.numerator * a.denominator,
        denominator: a.denominator * b.denominator,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_once_and_halves_away_from_zero() {
        let exact = |numerator, denominator| Exact {
            numerator,
            denominator,
        };
        assert_eq!(exact(185_000 * 2, 90_909).shown(2), "4.07");
        assert_eq!(exact(39_000 * 2, 90_909).shown(2), "0.86");
        assert_eq!(exact(1, 8).shown(2), "0.13");
        assert_eq!(exact(-1, 8).shown(2), "-0.13");
        assert_eq!(exact(-1, 1000).shown(1), "0.0");
        assert_eq!(exact(45_651, 1).shown(0), "45651");
        assert_eq!(exact(3_180_000, 1_000_000).shown(2), "3.18");
        assert_eq!(exact(3, 0).shown(2), "—");
    }
}
