//! Pages of figures, made from their declarations in the pack: parts one below the other, each as a table and, where one figure is told
//! apart, a chart. No dashboard is known here.

use kernel::Period;
use maud::{Markup, html};
use office::{Breakdown, Broken, Figure, View};
use pack::{Dashboard, DashboardSection, Indicator, Pack, Shows};

use crate::pages::figures::{self, Of};
use crate::pages::indicators::choice;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

/// A part of a dashboard, gathered.
pub(crate) enum Gathered<'a> {
    /// Figures beside those of the year before.
    Beside(Vec<(&'a Indicator, Figure, Figure)>),
    /// Figures told apart.
    Apart(Vec<&'a Indicator>, Breakdown, Broken),
}

/// Gathers a part: all its figures at once.
pub(crate) async fn gather<'a>(
    view: &View,
    pack: &'a Pack,
    of: Of,
    section: &DashboardSection,
) -> Result<Gathered<'a>, Trouble> {
    let ids = &section.figures;
    let indicators = ids.iter().filter_map(|id| pack.indicator(id));
    let indicators: Vec<&Indicator> = indicators.collect();
    let how = match &section.shows {
        Shows::Now => {
            let now = view.board(of.period, of.unit).await?;
            let then = view.board(of.period.year_before(), of.unit).await?;
            now.prepare(ids).await?;
            then.prepare(ids).await?;
            let mut rows = Vec::with_capacity(indicators.len());
            for indicator in indicators {
                let (now, then) = (
                    now.figure(&indicator.id).await?,
                    then.figure(&indicator.id).await?,
                );
                rows.push((indicator, now, then));
            }
            return Ok(Gathered::Beside(rows));
        }
        Shows::ByUnit => Breakdown::Units,
        Shows::By(dimensions) => Breakdown::Groups(dimensions.clone()),
        Shows::Series { each, last } => Breakdown::Series {
            each: *each,
            last: *last,
        },
    };
    let broken = view.broken(ids, (of.period, of.unit), &how).await?;
    Ok(Gathered::Apart(indicators, how, broken))
}

/// The unit and period that a dashboard is asked for.
pub(crate) fn asked(reader: &Reader) -> Result<Of, Trouble> {
    let period = reader.period()?;
    let unit = reader.unit()?.unwrap_or(reader.root());
    Ok(Of { unit, period })
}

/// A dashboard.
pub(crate) async fn page(reader: &Reader, id: &str) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let pack = &reader.office.pack;
    let dashboard = pack.dashboard(id).ok_or(Trouble::Absent)?;
    let of = asked(reader)?;
    let units = view.units(of.period.end()).await?;
    let mut parts: Vec<(&DashboardSection, Markup)> = Vec::new();
    for section in &dashboard.sections {
        let body = match gather(view, pack, of, section).await? {
            Gathered::Beside(rows) => figures::beside(reader, &units, of, &rows),
            Gathered::Apart(_, Breakdown::Units, broken) if broken.rows.is_empty() => continue,
            Gathered::Apart(indicators, how, broken) => {
                figures::told_apart(reader, &units, of, &indicators, (&how, &broken))
            }
        };
        parts.push((section, body));
    }
    let body = html! {
        @if let Some(help) = &dashboard.help { p.lead { (help.get(reader.lang)) } }
        (choice(reader, &units, of.period, reader.unit()?))
        @for (nth, (section, body)) in parts.iter().enumerate() {
            @let anchor = format!("part-{}", nth + 1);
            section aria-labelledby=(anchor) {
                h2 id=(anchor) { (section.name.get(reader.lang)) }
                (body)
            }
        }
    };
    Ok(framed(
        reader,
        dashboard,
        body,
        units.name(of.unit.as_str()),
        of.period,
    ))
}

fn framed(
    reader: &Reader,
    dashboard: &Dashboard,
    body: Markup,
    unit: String,
    period: Period,
) -> Page {
    let kicker = format!("{unit} · {}", period.label(reader.lang));
    let up = (
        reader.link("/indicators", &[]),
        reader.say(words::INDICATORS).to_owned(),
    );
    Page::new(Place::Indicators, dashboard.name.get(reader.lang), body)
        .kicker(kicker)
        .way([up])
}
