//! A work report written from the ledger: a template of the pack, filled with the figures of a unit and period. Every figure
//! in the text is an indicator, so it opens to its rows; nothing is typed in by hand. A figure that can't be told says so, and one that
//! leaves units out names them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::text::grouped;
use kernel::{Lang, Period, UnitCode};
use pack::{Block, Measure, Pack, Report, TableBy, Text};

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
    /// What a reader has to know before anything else: that it isn't fit to be sent.
    pub warning: Option<String>,
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
                whole.push(written_as(name).0.to_owned());
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
    let warning = about.warning.iter().map(|text| Run {
        text: text.clone(),
        figure: false,
    });
    let warning = warning.map(|text| Passage::Paragraph { runs: vec![text] });
    let mut blocks: Vec<Passage> = warning.collect();
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
                runs: writing.paragraph(text)?,
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
            } => {
                let chart = writing.chart(title, indicator)?;
                match chart.bars.is_empty() {
                    true => Passage::Paragraph {
                        runs: vec![writing.no_data(&chart.title)],
                    },
                    false => Passage::Chart(chart),
                }
            }
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

    /// Running text, and behind it which of its figures leave units out.
    fn paragraph(&self, text: &Text) -> Result<Vec<Run>, FigureError> {
        let mut runs = self.runs(text)?;
        let mut rest = text.get(self.lang);
        let mut left_out: Vec<(String, Vec<&str>)> = Vec::new();
        while let Some((_, placeholder, after)) = next_placeholder(rest) {
            rest = after;
            let (id, _) = written_as(placeholder);
            let Some(own) = self.pack.indicator(id) else {
                continue;
            };
            let (Some(units), name) = (self.limits(self.whole(id)?), own.name.get(self.lang))
            else {
                continue;
            };
            match left_out.iter_mut().find(|(of, _)| *of == units) {
                Some((_, names)) if names.contains(&name) => {}
                Some((_, names)) => names.push(name),
                None => left_out.push((units, vec![name])),
            }
        }
        for (units, names) in left_out {
            let text = match self.lang {
                Lang::Zh => format!("（{}：{units}。）", names.join("、")),
                Lang::En => format!(" ({}: {units}.)", names.join(", ")),
            };
            let figure = false;
            runs.push(Run { text, figure });
        }
        Ok(runs)
    }

    fn runs(&self, text: &Text) -> Result<Vec<Run>, FigureError> {
        let mut runs = Vec::new();
        let mut rest = text.get(self.lang);
        while let Some((before, placeholder, after)) = next_placeholder(rest) {
            runs.push(Run {
                text: before.to_owned(),
                figure: false,
            });
            rest = after;
            let (period, lang) = (self.period, self.lang);
            let (text, figure) = match placeholder {
                "unit" => (self.about.name.clone(), false),
                "year" => (period.end().year().to_string(), false),
                "period" => (period.label(lang), false),
                "start" => (kernel::date::label(period.start(), lang), false),
                "end" => (kernel::date::label(period.end(), lang), false),
                placeholder => {
                    let (id, form) = written_as(placeholder);
                    let own = self.whole(id)?;
                    if own.value.is_none() {
                        rest = self.without_measure(id, before, after);
                    }
                    (self.said(own, form), true)
                }
            };
            runs.push(Run { text, figure });
        }
        runs.push(Run {
            text: rest.to_owned(),
            figure: false,
        });
        runs.retain(|run| !run.text.is_empty());
        Ok(runs)
    }

    /// What follows a figure that can't be told, without the measure it would be in; that stays where nothing before says what is counted.
    fn without_measure<'t>(&self, id: &str, before: &str, after: &'t str) -> &'t str {
        let Some(measure) = self.pack.indicator(id).map(|own| own.unit.get(self.lang)) else {
            return after;
        };
        let named = before.ends_with(|ch: char| ch.is_alphanumeric());
        let is_word = measure.starts_with(|ch: char| ch.is_ascii_alphabetic());
        match (self.lang, is_word || measure.is_empty()) {
            (Lang::Zh, _) if !named => after,
            (_, true) => after,
            _ => {
                let text = after.trim_start();
                let own = text.strip_prefix(measure);
                // Written in ten thousands.
                let many = || text.strip_prefix('万')?.strip_prefix(measure);
                own.or_else(many).unwrap_or(after)
            }
        }
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

    /// A figure of a table, with what it leaves out.
    fn told(&self, figure: &Figure) -> String {
        let shown = figure.shown(self.lang);
        match (self.limits(figure), self.lang) {
            (None, _) => shown,
            (Some(limits), Lang::Zh) => format!("{shown}（{limits}）"),
            (Some(limits), Lang::En) => format!("{shown} ({limits})"),
        }
    }

    /// A figure in running text, as people write it.
    fn said(&self, figure: &Figure, form: Form) -> String {
        let measure = self.pack.indicator(&figure.id).map(|own| &own.measure);
        let sum = matches!(measure, Some(Measure::Sum { .. }));
        let shown = match (figure.value, form) {
            (None, _) => figure.shown(self.lang),
            (Some(value), Form::TenThousands) => {
                let tenth = value.per(1, Exact::whole(10_000));
                tenth.map_or_else(|| figure.shown(self.lang), |tenth| trimmed(&tenth.shown(2)))
            }
            // Of a sum of money nobody writes the fen that aren't there; a share keeps the decimals that tell how exact it is.
            (Some(_), Form::Plain) if sum => trimmed(&figure.shown(self.lang)),
            (Some(_), Form::Plain) => without_noughts(&figure.shown(self.lang)),
        };
        match (self.lang, sum && figure.decimals > 0) {
            (Lang::Zh, false) => shown,
            _ => grouped(&shown),
        }
    }

    /// Of how many units a figure is and which it leaves out, and where it counts what happened only up to an earlier day, or how things stood
    /// before the year, that day.
    fn limits(&self, figure: &Figure) -> Option<String> {
        figure.value?;
        let mut limits: Vec<String> = self.left_out(figure).into_iter().collect();
        let year = Period::year_of(self.period.start()).start();
        if let Some(until) = figure.until
            && (until < year || counts_happenings(self.pack, &figure.id))
        {
            let day = kernel::date::label(until, self.lang);
            limits.push(match self.lang {
                Lang::Zh => format!("截至{day}"),
                Lang::En => format!("up to {day}"),
            });
        }
        let comma = match self.lang {
            Lang::Zh => "，",
            Lang::En => ", ",
        };
        (!limits.is_empty()).then(|| limits.join(comma))
    }

    /// Of how many units a figure is and which it leaves out: each that stands next below the report's own once, whatever below it is left
    /// out.
    fn left_out(&self, figure: &Figure) -> Option<String> {
        if figure.without.is_empty() {
            return None;
        }
        let mut names: Vec<String> = Vec::new();
        for (unit, _) in &figure.without {
            let mut parts = self.about.parts.iter();
            let name = match parts.find(|(code, _)| code.contains(unit)) {
                Some((code, name)) => {
                    let whole = figure.without.iter().any(|(other, _)| other == code);
                    match (whole, self.lang) {
                        (true, _) => name.clone(),
                        (false, Lang::Zh) => format!("{name}一部分"),
                        (false, Lang::En) => format!("part of {name}"),
                    }
                }
                None if *unit == self.about.unit => match self.lang {
                    Lang::Zh => format!("{}本级", self.about.name),
                    Lang::En => format!("{} itself", self.about.name),
                },
                None => {
                    let called = self.about.called.get(unit);
                    called.map_or_else(|| unit.to_string(), Clone::clone)
                }
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let (all, without) = (figure.units, figure.without.len());
        let told = all.saturating_sub(without);
        if all == 0 {
            return Some(match self.lang {
                Lang::Zh => format!("不含{}", names.join("、")),
                Lang::En => format!("without {}", names.join(", ")),
            });
        }
        Some(match self.lang {
            Lang::Zh => format!("{all}个单位中的{told}个，不含{}", names.join("、")),
            Lang::En => format!("{told} of {all} units, without {}", names.join(", ")),
        })
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

    /// What stands in place of a chart without bars.
    fn no_data(&self, title: &str) -> Run {
        let text = match self.lang {
            Lang::Zh => format!("{title}：无数据。"),
            Lang::En => format!("{title}: no data."),
        };
        let figure = false;
        Run { text, figure }
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

/// How a figure is written in running text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As it is.
    Plain,
    /// `{name:wan}`: in ten thousands, with two decimals at most.
    TenThousands,
}

/// The indicator of a placeholder, and how it is written.
fn written_as(placeholder: &str) -> (&str, Form) {
    match placeholder.split_once(':') {
        Some((id, pack::TEN_THOUSANDS)) => (id, Form::TenThousands),
        _ => (placeholder, Form::Plain),
    }
}

/// A number without the noughts at its end, behind the point.
fn trimmed(number: &str) -> String {
    match number.contains('.') {
        true => number
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        false => number.to_owned(),
    }
}

/// A whole number without its decimals; another with all of them.
fn without_noughts(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, rest)) if rest.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        _ => number.to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::{Form, trimmed, without_noughts, written_as};

    #[test]
    fn figures_of_running_text_have_no_noughts_that_say_nothing() {
        for (money, said) in [
            ("50000.00", "50000"),
            ("12.50", "12.5"),
            ("100", "100"),
            ("0.00", "0"),
        ] {
            assert_eq!(trimmed(money), said);
        }
        for (share, said) in [
            ("100.00", "100"),
            ("97.50", "97.50"),
            ("7", "7"),
            ("—", "—"),
        ] {
            assert_eq!(without_noughts(share), said);
        }
    }

    #[test]
    fn a_placeholder_says_that_it_is_written_in_ten_thousands() {
        assert_eq!(written_as("cost:wan"), ("cost", Form::TenThousands));
        assert_eq!(written_as("cost"), ("cost", Form::Plain));
    }
}
