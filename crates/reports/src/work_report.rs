//! A work report written from the ledger: a template of the pack, filled with the figures of a unit and period. Every figure
//! in the text is an indicator, so it opens to its rows; nothing is typed in by hand. A figure that can't be told says so, and one that
//! leaves units out names them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Lang, Period, UnitCode};
use pack::{Block, Pack, Report, TableBy, Text};

use crate::chart::{Bar, Chart};
use crate::document::{Align, Docx, ListCell, MOST_BARS, Passage, Run, Table};
use crate::indicator::{Exact, Figure, FigureError, counts_happenings, declared};

/// Whom the report is about.
#[derive(Clone, Debug)]
pub struct Imprint {
    /// The unit.
    pub unit: UnitCode,
    /// Its name.
    pub name: String,
    /// The units under it that tables and charts list, with their names, in order of code.
    pub parts: Vec<(UnitCode, String)>,
    /// What the units are called that figures leave out.
    pub called: BTreeMap<UnitCode, String>,
    /// The date the document carries.
    pub date: Date,
    /// What is to be known of the figures as a whole, a paragraph each at the end.
    pub notes: Vec<String>,
}

/// The figures that a report is filled with.
#[derive(Clone, Debug, Default)]
pub struct Filling {
    /// Of the unit, by indicator.
    pub whole: BTreeMap<String, Figure>,
    /// Of the units under it, in their order, by indicator.
    pub parts: BTreeMap<String, Vec<Figure>>,
}

/// The indicators whose figures a report needs: of the unit, and of the units under it.
#[must_use]
pub fn needed(pack: &Pack, report: &Report) -> (Vec<String>, Vec<String>) {
    let (mut whole, mut parts) = (Vec::new(), Vec::new());
    let mut texts = vec![&report.title];
    texts.extend(&report.signed);
    for block in &report.blocks {
        match block {
            Block::Heading { text, .. } | Block::Paragraph { text } => texts.push(text),
            Block::Table {
                title, indicators, ..
            } => {
                texts.push(title);
                parts.extend(indicators.iter().cloned());
            }
            Block::Chart {
                title, indicator, ..
            } => {
                texts.push(title);
                parts.push(indicator.clone());
            }
        }
    }
    for text in texts {
        for lang in [Lang::Zh, Lang::En] {
            let mut rest = text.get(lang);
            while let Some((_, name, after)) = next_placeholder(rest) {
                whole.push(name.to_owned());
                rest = after;
            }
        }
    }
    whole.retain(|id| pack.indicator(id).is_some());
    whole.extend(parts.iter().cloned());
    (whole, parts)
}

/// A report being written.
struct Writing<'a> {
    pack: &'a Pack,
    filling: &'a Filling,
    period: Period,
    about: &'a Imprint,
    lang: Lang,
}

/// Fills a template.
///
/// # Errors
/// An indicator that is unknown, or whose figure wasn't given.
pub fn compose(
    (pack, report): (&Pack, &Report),
    filling: &Filling,
    (about, period): (&Imprint, Period),
    lang: Lang,
) -> Result<Docx, FigureError> {
    let writing = Writing {
        pack,
        filling,
        period,
        about,
        lang,
    };
    let mut blocks = Vec::new();
    for block in &report.blocks {
        // More bars than a page can hold tell nothing; the table lists every unit.
        if matches!(block, Block::Chart { .. }) && about.parts.len() > MOST_BARS {
            continue;
        }
        blocks.push(match block {
            Block::Heading { level, text } => Passage::Heading {
                level: *level,
                text: writing.plain(text)?,
            },
            Block::Paragraph { text } => Passage::Paragraph {
                runs: writing.runs(text)?,
            },
            Block::Table {
                title,
                indicators,
                by: TableBy::Unit,
            } => Passage::Table(writing.table(title, indicators)?),
            Block::Chart {
                title,
                indicator,
                by: TableBy::Unit,
            } => Passage::Chart(writing.chart(title, indicator)?),
        });
    }
    if !about.notes.is_empty() {
        let text = match lang {
            Lang::Zh => "数据说明",
            Lang::En => "About the figures",
        };
        blocks.push(Passage::Heading {
            level: 1,
            text: text.to_owned(),
        });
        let notes = about.notes.iter().map(|note| Run {
            text: note.clone(),
            figure: false,
        });
        blocks.extend(notes.map(|note| Passage::Paragraph { runs: vec![note] }));
    }
    let signed = report.signed.as_ref().map(|text| writing.plain(text));
    Ok(Docx {
        lang,
        issuer: None,
        number: report.number.clone(),
        title: writing.plain(&report.title)?,
        addressee: None,
        blocks,
        signed: signed.transpose()?,
        date: about.date,
    })
}

impl Writing<'_> {
    /// A line with its placeholders filled.
    fn plain(&self, text: &Text) -> Result<String, FigureError> {
        Ok(self.runs(text)?.into_iter().map(|run| run.text).collect())
    }

    fn runs(&self, text: &Text) -> Result<Vec<Run>, FigureError> {
        let mut runs = Vec::new();
        let mut rest = text.get(self.lang);
        while let Some((before, placeholder, after)) = next_placeholder(rest) {
            runs.push(Run {
                text: before.to_owned(),
                figure: false,
            });
            let (period, lang) = (self.period, self.lang);
            let (text, figure) = match placeholder {
                "unit" => (self.about.name.clone(), false),
                "year" => (period.end().year().to_string(), false),
                "period" => (period.label(lang), false),
                "start" => (kernel::date::label(period.start(), lang), false),
                "end" => (kernel::date::label(period.end(), lang), false),
                id => (self.told(self.whole(id)?), true),
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

    fn whole(&self, id: &str) -> Result<&Figure, FigureError> {
        let unknown = || declared(self.pack, id).err();
        let missing = FigureError::Unknown {
            asked: id.to_owned(),
            known: String::new(),
        };
        let found = self.filling.whole.get(id);
        found.ok_or_else(|| unknown().unwrap_or(missing))
    }

    /// A figure in running text, with the units it leaves out, and where it counts what happened only up to an earlier day, that day.
    fn told(&self, figure: &Figure) -> String {
        let shown = figure.shown(self.lang);
        if figure.value.is_none() {
            return shown;
        }
        let mut marks = Vec::new();
        if !figure.without.is_empty() {
            marks.push(self.left_out(figure));
        }
        if let Some(until) = figure.until
            && counts_happenings(self.pack, &figure.id)
        {
            let day = kernel::date::label(until, self.lang);
            marks.push(match self.lang {
                Lang::Zh => format!("截至{day}"),
                Lang::En => format!("up to {day}"),
            });
        }
        match (marks.is_empty(), self.lang) {
            (true, _) => shown,
            (false, Lang::Zh) => format!("{shown}（{}）", marks.join("，")),
            (false, Lang::En) => format!("{shown} ({})", marks.join(", ")),
        }
    }

    /// Of how many units a figure is, and which it leaves out.
    fn left_out(&self, figure: &Figure) -> String {
        let name = |unit: &UnitCode| {
            let part = self.about.parts.iter().find(|(code, _)| code == unit);
            let part = part.map(|(_, name)| name);
            let name = part.or_else(|| self.about.called.get(unit));
            name.map_or_else(|| unit.to_string(), Clone::clone)
        };
        let names: Vec<String> = figure.without.iter().map(|(unit, _)| name(unit)).collect();
        let (all, told) = (figure.units, figure.units.saturating_sub(names.len()));
        match self.lang {
            Lang::Zh => format!("{all}个单位中的{told}个，不含{}", names.join("、")),
            Lang::En => format!("{told} of {all} units, without {}", names.join(", ")),
        }
    }

    fn parts(&self, id: &str) -> Result<&[Figure], FigureError> {
        declared(self.pack, id)?;
        Ok(self.filling.parts.get(id).map_or(&[], Vec::as_slice))
    }

    fn table(&self, title: &Text, indicators: &[String]) -> Result<Table, FigureError> {
        let mut header = vec![match self.lang {
            Lang::Zh => "单位".to_owned(),
            Lang::En => "Unit".to_owned(),
        }];
        let names = self.about.parts.iter();
        let mut rows: Vec<Vec<ListCell>> = names
            .map(|(_, name)| vec![cell(name.clone(), false)])
            .collect();
        let total = match self.lang {
            Lang::Zh => "合计",
            Lang::En => "Total",
        };
        let mut totals = vec![cell(total.to_owned(), true)];
        for id in indicators {
            header.push(declared(self.pack, id)?.name.get(self.lang).to_owned());
            for (row, figure) in rows.iter_mut().zip(self.parts(id)?) {
                row.push(cell(self.told(figure), false));
            }
            totals.push(cell(self.told(self.whole(id)?), true));
        }
        rows.push(totals);
        let align = std::iter::once(Align::Left)
            .chain(indicators.iter().map(|_| Align::Right))
            .collect();
        Ok(Table {
            title: title.get(self.lang).to_owned(),
            header,
            rows,
            align,
        })
    }

    /// A bar for each unit of which the figure can be told.
    fn chart(&self, title: &Text, id: &str) -> Result<Chart, FigureError> {
        let indicator = declared(self.pack, id)?;
        let figures = self.about.parts.iter().zip(self.parts(id)?);
        let untold = figures.clone().filter(|(_, figure)| figure.value.is_none());
        let untold: Vec<&str> = untold.map(|((_, name), _)| name.as_str()).collect();
        let mut heading = title.get(self.lang).to_owned();
        if !untold.is_empty() {
            heading += &match self.lang {
                Lang::Zh => format!("（不含{}）", untold.join("、")),
                Lang::En => format!(" (without {})", untold.join(", ")),
            };
        }
        let bars = figures.filter_map(|((_, name), figure)| {
            Some(Bar {
                label: name.clone(),
                value: scaled(figure.value?, figure.decimals)?,
                shown: figure.shown(self.lang),
            })
        });
        Ok(Chart {
            title: heading,
            unit: indicator.unit.get(self.lang).to_owned(),
            decimals: indicator.decimals,
            bars: bars.collect(),
        })
    }
}

/// A value × 10^decimals, rounded as it is written; none of what can't be divided.
#[must_use]
pub fn scaled(value: Exact, decimals: u8) -> Option<i64> {
    let written = value.shown(decimals);
    let digits: String = written.chars().filter(|c| *c != '.').collect();
    digits.parse().ok()
}

/// The text before the first `{name}`, the name, and the text after it.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

fn cell(text: String, strong: bool) -> ListCell {
    ListCell { text, strong }
}
