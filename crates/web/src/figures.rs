//! Figures of a unit and period: counted once per state of the ledger, and the rows behind them read anew, under the
//! reader's grant, whenever somebody opens them.

use std::collections::BTreeMap;

use kernel::{Grant, Period, UnitCode};
use pack::{At, Indicator, Measure, Pack, Sql};
use reports::indicator::{Behind, Figure, Figures};
use tables::{AsOf, Session, schema};
use tokio::sync::Mutex;

use crate::site::Site;
use crate::trouble::Trouble;

/// The figures of one unit and period, counted as they are asked for.
pub(crate) struct Board {
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
    pub async fn new(site: &Site, period: Period, unit: UnitCode) -> Result<Self, Trouble> {
        let figures = open(site, period, unit, "figures").await?;
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
    pub async fn figure(&self, id: &str) -> Result<Figure, Trouble> {
        let mut counted = self.figures.lock().await;
        if let Some(figure) = counted.shown.get(id) {
            return Ok(figure.clone());
        }
        let figure = counted.figures.figure(id).await?;
        counted.shown.insert(id.to_owned(), figure.clone());
        Ok(figure)
    }

    /// A counted indicator for each of the units; nothing where its rows name no book.
    pub async fn by_unit(&self, id: &str, units: &[UnitCode]) -> Result<Vec<Option<i64>>, Trouble> {
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
    pub async fn behind(&self, id: &str) -> Result<Vec<Behind>, Trouble> {
        let mut counted = self.figures.lock().await;
        if let Some(behind) = counted.behind.get(id) {
            return Ok(behind.clone());
        }
        let behind = counted.figures.behind(id).await?;
        counted.behind.insert(id.to_owned(), behind.clone());
        Ok(behind)
    }
}

/// Opens the figures of a unit and period for the site's reader.
pub(crate) async fn open(
    site: &Site,
    period: Period,
    unit: UnitCode,
    why: &str,
) -> Result<Figures, Trouble> {
    let grant = narrowed(site, Some(unit), why)?;
    let at = |on| site.tables.session(&grant, AsOf::on(on), (site.clock)());
    let (before, end) = (at(period.before()).await?, at(period.end()).await?);
    let counting = counting_entitled(&site.pack);
    for (session, entitled) in [(&before, counting.0), (&end, counting.1)] {
        if entitled {
            add_entitled(site, session).await?;
        }
    }
    Ok(Figures::new(period, before, end))
}

/// The table `entitled` of the session's date and scope.
async fn add_entitled(site: &Site, session: &Session) -> Result<(), Trouble> {
    let day = site.day(session.as_of().on).await?;
    let grant = session.grant();
    let sees = |book: &str| book.parse().is_ok_and(|book| grant.sees(&book));
    let (shape, rows) = programmes::entitled_table(&day.sweep, sees)?;
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

/// The site's grant for one unit of it, with the page as the reason.
pub(crate) fn narrowed(site: &Site, unit: Option<UnitCode>, why: &str) -> Result<Grant, Trouble> {
    let mut grant = site.grant.clone();
    grant.why = format!("{}: {why}", grant.why);
    if let Some(unit) = unit {
        if !grant.sees(&unit) {
            return Err(Trouble::Absent);
        }
        grant.units = vec![unit];
    }
    Ok(grant)
}

/// The query of a counted or summed indicator.
pub(crate) fn rows_of(indicator: &Indicator) -> Option<(&Sql, At)> {
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
pub(crate) fn counts_entitled(indicator: &Indicator) -> bool {
    rows_of(indicator).is_some_and(|(rows, _)| names(rows, "entitled"))
}

/// Whether an indicator can be told for units by themselves: all rows it rests on name the unit whose they are, or are units.
pub(crate) fn splits(site: &Site, indicator: &Indicator) -> bool {
    const DEEPEST: u8 = 8;
    fn splits(site: &Site, indicator: &Indicator, depth: u8) -> bool {
        let all = |ids: &[String]| {
            ids.iter()
                .filter_map(|id| site.pack.indicator(id))
                .all(|part| depth < DEEPEST && splits(site, part, depth + 1))
        };
        match &indicator.measure {
            Measure::Count { rows, .. } | Measure::Sum { rows, .. } => {
                names(rows, schema::UNIT) || names(rows, &site.contract.units.register.id)
            }
            Measure::Average { of } => all(std::slice::from_ref(of)),
            Measure::Rate {
                plus, minus, over, ..
            } => all(plus) && all(minus) && all(std::slice::from_ref(over)),
        }
    }
    splits(site, indicator, 0)
}

/// Whether an indicator stands on its own on a page, rather than serving another: not a figure of the day before the
/// period, not an average.
pub(crate) fn stands_alone(indicator: &Indicator) -> bool {
    match &indicator.measure {
        Measure::Count { at, .. } | Measure::Sum { at, .. } => *at != At::Start,
        Measure::Average { .. } => false,
        Measure::Rate { .. } => true,
    }
}
