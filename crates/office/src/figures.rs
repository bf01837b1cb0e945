//! Figures of a unit and period: counted once per state of the ledger for all readers, and the rows behind them read anew, under the
//! reader's grant, whenever somebody opens them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Period, UnitCode};
use pack::{At, Indicator, Measure, Pack, Sql};
use reports::indicator::{Behind, Figure, Figures};
use tables::{Page as Part, Rows, Session, schema};
use tokio::sync::Mutex;

use crate::error::OfficeError;
use crate::office::Office;
use crate::view::View;

/// The figures of one unit and period, counted as they are asked for.
pub struct Board {
    figures: Mutex<Counted>,
}

struct Counted {
    figures: Figures,
    shown: BTreeMap<String, Figure>,
    parts: BTreeMap<String, BTreeMap<UnitCode, i64>>,
    behind: BTreeMap<String, Vec<Behind>>,
}

impl Board {
    /// Nothing counted yet.
    pub(crate) async fn new(
        office: &Office,
        period: Period,
        unit: UnitCode,
    ) -> Result<Self, OfficeError> {
        let figures = open(office, period, |on| office.evaluation_in(unit, on)).await?;
        Ok(Self {
            figures: Mutex::new(Counted {
                figures,
                shown: BTreeMap::new(),
                parts: BTreeMap::new(),
                behind: BTreeMap::new(),
            }),
        })
    }

    /// One figure.
    ///
    /// # Errors
    /// The query can't be run.
    pub async fn figure(&self, id: &str) -> Result<Figure, OfficeError> {
        let mut counted = self.figures.lock().await;
        if let Some(figure) = counted.shown.get(id) {
            return Ok(figure.clone());
        }
        let figure = counted.figures.figure(id).await?;
        counted.shown.insert(id.to_owned(), figure.clone());
        Ok(figure)
    }

    /// A counted indicator for each of the units; nothing where its rows name no book.
    ///
    /// # Errors
    /// The query can't be run.
    pub async fn by_unit(
        &self,
        id: &str,
        units: &[UnitCode],
    ) -> Result<Vec<Option<i64>>, OfficeError> {
        let mut counted = self.figures.lock().await;
        let known = counted.parts.get(id);
        if known.is_none_or(|parts| units.iter().any(|unit| !parts.contains_key(unit))) {
            let counts = counted.figures.by_unit(id, units).await?;
            let parts = counted.parts.entry(id.to_owned()).or_default();
            for (unit, count) in units.iter().zip(counts) {
                if let Some(count) = count {
                    parts.insert(*unit, count);
                }
            }
        }
        let parts = counted.parts.get(id);
        Ok(units
            .iter()
            .map(|unit| parts.and_then(|parts| parts.get(unit).copied()))
            .collect())
    }

    /// The lists behind a figure.
    ///
    /// # Errors
    /// The query can't be run.
    pub async fn behind(&self, id: &str) -> Result<Vec<Behind>, OfficeError> {
        let mut counted = self.figures.lock().await;
        if let Some(behind) = counted.behind.get(id) {
            return Ok(behind.clone());
        }
        let behind = counted.figures.behind(id).await?;
        counted.behind.insert(id.to_owned(), behind.clone());
        Ok(behind)
    }
}

/// Opens the figures of a unit and period in sessions of a day each.
async fn open<F>(
    office: &Office,
    period: Period,
    session: impl Fn(Date) -> F,
) -> Result<Figures, OfficeError>
where
    F: Future<Output = Result<Session, OfficeError>>,
{
    let (before, end) = (
        session(period.before()).await?,
        session(period.end()).await?,
    );
    let counting = counting_entitled(&office.pack);
    for (session, entitled) in [(&before, counting.0), (&end, counting.1)] {
        if entitled {
            add_entitled(office, session).await?;
        }
    }
    Ok(Figures::new(period, before, end))
}

impl View {
    /// A page of the rows behind a figure, as they may be seen.
    ///
    /// # Errors
    /// Somebody who doesn't read all that figures are made of; the query can't be run.
    pub async fn rows_behind(
        &self,
        (period, unit): (Period, UnitCode),
        list: &Behind,
        part: Part,
    ) -> Result<Rows, OfficeError> {
        if !self.grant.reads_everything(&unit) {
            return Err(OfficeError::Absent);
        }
        let grant = self.grant.within(unit);
        let session = |on| {
            let grant = &grant;
            async move { Ok(self.office.tables.session(grant, self.as_of(on)).await?) }
        };
        let figures = open(&self.office, period, session).await?;
        Ok(figures.rows(&list.indicator, list.before, part).await?)
    }
}

/// The table `entitled` of the session's date and scope.
async fn add_entitled(office: &Office, session: &Session) -> Result<(), OfficeError> {
    let day = office.day(session.as_of().on).await?;
    let grant = session.grant();
    let sees = |book: &str| book.parse().is_ok_and(|book| grant.sees(&book));
    let (shape, rows) = programmes::entitled_table(&day.answers.sweep, sees)?;
    session.add_table("entitled", shape, rows)?;
    Ok(())
}

/// Whether figures count from the answers of programmes: on the day before the period, and on its last.
fn counting_entitled(pack: &Pack) -> (bool, bool) {
    let entitled = |id: &String| pack.indicator(id).is_some_and(counts_entitled);
    let before = pack
        .indicators
        .iter()
        .any(|indicator| match &indicator.measure {
            Measure::Average { of } => entitled(of),
            Measure::Count { at, .. } | Measure::Sum { at, .. } => {
                *at == At::Start && counts_entitled(indicator)
            }
            Measure::Rate { .. } => false,
        });
    (before, pack.indicators.iter().any(counts_entitled))
}

/// The query of a counted or summed indicator.
#[must_use]
pub fn rows_of(indicator: &Indicator) -> Option<(&Sql, At)> {
    match &indicator.measure {
        Measure::Count { rows, at } | Measure::Sum { rows, at, .. } => Some((rows, *at)),
        Measure::Average { .. } | Measure::Rate { .. } => None,
    }
}

fn names(sql: &Sql, name: &str) -> bool {
    pack::identifiers(&sql.text)
        .iter()
        .any(|(found, _)| found == name)
}

/// Whether an indicator counts from the answers of programmes.
#[must_use]
pub fn counts_entitled(indicator: &Indicator) -> bool {
    rows_of(indicator).is_some_and(|(rows, _)| names(rows, "entitled"))
}

/// Whether an indicator can be told for units by themselves: all rows it rests on name the unit whose they are, or are units.
#[must_use]
pub fn splits(office: &Office, indicator: &Indicator) -> bool {
    const DEEPEST: u8 = 8;
    fn splits(office: &Office, indicator: &Indicator, depth: u8) -> bool {
        let all = |ids: &[String]| {
            ids.iter()
                .filter_map(|id| office.pack.indicator(id))
                .all(|part| depth < DEEPEST && splits(office, part, depth + 1))
        };
        match &indicator.measure {
            Measure::Count { rows, .. } | Measure::Sum { rows, .. } => {
                names(rows, schema::UNIT) || names(rows, &office.contract.units.register.id)
            }
            Measure::Average { of } => all(std::slice::from_ref(of)),
            Measure::Rate {
                plus, minus, over, ..
            } => all(plus) && all(minus) && all(std::slice::from_ref(over)),
        }
    }
    splits(office, indicator, 0)
}

/// Whether an indicator stands on its own on a page, rather than serving another: not a figure of the day before the
/// period, not an average.
#[must_use]
pub fn stands_alone(indicator: &Indicator) -> bool {
    match &indicator.measure {
        Measure::Count { at, .. } | Measure::Sum { at, .. } => *at != At::Start,
        Measure::Average { .. } => false,
        Measure::Rate { .. } => true,
    }
}
