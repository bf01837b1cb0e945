//! A work report written from the ledger: a template of the pack, filled with the figures of a unit and period. Every figure
//! in the text is an indicator, so it opens to its rows; nothing is typed in by hand.

use jiff::civil::Date;
use kernel::{Lang, UnitCode};
use pack::{Report, TableBy, Text};

use crate::chart::{Bar, Chart};
use crate::document::{Align, Docx, ListCell, MOST_BARS, Passage, Run, Table};
use crate::indicator::{FigureError, Figures};

/// Whom the report is about.
#[derive(Clone, Debug)]
pub struct Imprint {
    /// The unit.
    pub unit: UnitCode,
    /// Its name.
    pub name: String,
    /// The units under it that tables and charts list, with their names, in order of code.
    pub parts: Vec<(UnitCode, String)>,
    /// The date the document carries.
    pub date: Date,
}

/// Fills a template.
///
/// # Errors
/// An indicator that is unknown or cannot be counted.
pub async fn compose(
    figures: &mut Figures,
    report: &Report,
    about: &Imprint,
    lang: Lang,
) -> Result<Docx, FigureError> {
    let mut blocks = Vec::new();
    for block in &report.blocks {
        // More bars than a page can hold tell nothing; the table lists every unit.
        if matches!(block, pack::Block::Chart { .. }) && about.parts.len() > MOST_BARS {
            continue;
        }
        blocks.push(match block {
            pack::Block::Heading { level, text } => Passage::Heading {
                level: *level,
                text: plain(figures, text, about, lang).await?,
            },
            pack::Block::Paragraph { text } => Passage::Paragraph {
                runs: runs(figures, text, about, lang).await?,
            },
            pack::Block::Table {
                title,
                indicators,
                by: TableBy::Unit,
            } => Passage::Table(table(figures, title, indicators, about, lang).await?),
            pack::Block::Chart {
                title,
                indicator,
                by: TableBy::Unit,
            } => Passage::Chart(chart(figures, title, indicator, about, lang).await?),
        });
    }
    let signed = match &report.signed {
        Some(text) => Some(plain(figures, text, about, lang).await?),
        None => None,
    };
    Ok(Docx {
        lang,
        issuer: None,
        number: report.number.clone(),
        title: plain(figures, &report.title, about, lang).await?,
        addressee: None,
        blocks,
        signed,
        date: about.date,
    })
}

/// A line with its placeholders filled.
///
/// # Errors
/// As [`compose`].
pub async fn plain(
    figures: &mut Figures,
    text: &Text,
    about: &Imprint,
    lang: Lang,
) -> Result<String, FigureError> {
    Ok(runs(figures, text, about, lang)
        .await?
        .into_iter()
        .map(|run| run.text)
        .collect())
}

async fn runs(
    figures: &mut Figures,
    text: &Text,
    about: &Imprint,
    lang: Lang,
) -> Result<Vec<Run>, FigureError> {
    let mut runs = Vec::new();
    let mut rest = text.get(lang);
    while let Some((before, placeholder, after)) = next_placeholder(rest) {
        runs.push(Run {
            text: before.to_owned(),
            figure: false,
        });
        let (text, figure) = match placeholder {
            "unit" => (about.name.clone(), false),
            "year" => (figures.period().end().year().to_string(), false),
            "period" => (figures.period().label(lang), false),
            "start" => (kernel::date::label(figures.period().start(), lang), false),
            "end" => (kernel::date::label(figures.period().end(), lang), false),
            id => (figures.figure(id).await?.shown, true),
        };
        runs.push(Run { text, figure });
        rest = after;
    }
    runs.push(Run {
        text: rest.to_owned(),
        figure: false,
    });
    runs.retain(|run| !run.text.is_empty());
    Ok(runs)
}

/// The text before the first `{name}`, the name, and the text after it.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

async fn table(
    figures: &mut Figures,
    title: &Text,
    indicators: &[String],
    about: &Imprint,
    lang: Lang,
) -> Result<Table, FigureError> {
    let units: Vec<UnitCode> = about.parts.iter().map(|(unit, _)| *unit).collect();
    let mut header = vec![if lang == Lang::Zh {
        "单位".to_owned()
    } else {
        "Unit".to_owned()
    }];
    let mut rows: Vec<Vec<ListCell>> = about
        .parts
        .iter()
        .map(|(_, name)| vec![cell(name.clone(), false)])
        .collect();
    let mut totals = vec![cell(
        if lang == Lang::Zh { "合计" } else { "Total" }.to_owned(),
        true,
    )];
    for id in indicators {
        let declared = figures.declared(id)?;
        header.push(declared.name.get(lang).to_owned());
        for (row, count) in rows.iter_mut().zip(figures.by_unit(id, &units).await?) {
            row.push(cell(
                count.map_or_else(|| "—".into(), |count| count.to_string()),
                false,
            ));
        }
        totals.push(cell(figures.figure(id).await?.shown, true));
    }
    rows.push(totals);
    let align = std::iter::once(Align::Left)
        .chain(indicators.iter().map(|_| Align::Right))
        .collect();
    Ok(Table {
        title: title.get(lang).to_owned(),
        header,
        rows,
        align,
    })
}

fn cell(text: String, strong: bool) -> ListCell {
    ListCell { text, strong }
}

async fn chart(
    figures: &mut Figures,
    title: &Text,
    indicator: &str,
    about: &Imprint,
    lang: Lang,
) -> Result<Chart, FigureError> {
    let units: Vec<UnitCode> = about.parts.iter().map(|(unit, _)| *unit).collect();
    let counts = figures.by_unit(indicator, &units).await?;
    let bars = (about.parts.iter().zip(counts))
        .map(|((_, name), count)| Bar {
            label: name.clone(),
            value: count.unwrap_or(0),
            shown: count.unwrap_or(0).to_string(),
        })
        .collect();
    let declared = figures.declared(indicator)?;
    Ok(Chart {
        title: title.get(lang).to_owned(),
        unit: declared.unit.get(lang).to_owned(),
        decimals: 0,
        bars,
    })
}
