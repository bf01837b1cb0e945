//! Reading `indicators/`: counted figures, and finding rings among those that are made of others.

use super::Load;
use super::subjects::ring_of;
use crate::cycle::rings;
use crate::read::{INDICATOR, Ids, PROGRAMME, Table, Word};
use crate::{At, Fault, Indicator, Measure, Sql};

/// How a figure is measured, before its keys are read.
#[derive(Clone, Copy)]
enum How {
    Count,
    Sum,
    Average,
    Rate,
    Entitled,
}

/// Keys that belong to some ways of measuring only.
const MEASURED_BY: [&str; 9] = [
    "rows",
    "at",
    "column",
    "of",
    "plus",
    "minus",
    "over",
    "per",
    "programme",
];

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn indicators(&mut self, top: &mut Table<'n, 'f>) {
        let rows = top.rows("indicator");
        for mut row in rows {
            let id = row.id(INDICATOR, "", Ids::Sql);
            let name = row.text("name");
            let unit = row.text_or_blank("unit");
            let decimals = u8::try_from(row.int_or("decimals", 0, 0..=6)).unwrap_or(0);
            let scale = row.int_or("scale", 1, 1..=i64::MAX);
            let note = row.text_opt("note");
            let measure = self.measure(&mut row);
            row.done();
            if let (Some(id), Some(measure)) = (id, measure) {
                self.pack.indicators.push(Indicator {
                    id: id.text,
                    name,
                    unit,
                    decimals,
                    scale,
                    measure,
                    note,
                    place: id.place,
                });
            }
        }
    }

    fn measure(&mut self, row: &mut Table<'n, 'f>) -> Option<Measure> {
        let choices = [
            ("count", How::Count),
            ("sum", How::Sum),
            ("average", How::Average),
            ("rate", How::Rate),
            ("entitled", How::Entitled),
        ];
        row.accepts(&MEASURED_BY);
        let Some(how) = row.choice("measure", &choices) else {
            // Which keys belong here depends on the measure that couldn't be read.
            for key in MEASURED_BY {
                let _ = row.opt(key);
            }
            return None;
        };
        Some(match how {
            How::Count => {
                let (rows, at) = self.rows(row);
                Measure::Count { rows, at }
            }
            How::Sum => {
                let (rows, at) = self.rows(row);
                Measure::Sum {
                    rows,
                    column: row.word("column").text,
                    at,
                }
            }
            How::Entitled => self.entitled(row.word("programme")),
            How::Average => Measure::Average {
                of: self.other(row.word("of")),
            },
            How::Rate => {
                let plus = row.words("plus");
                if plus.is_empty() {
                    row.missing("plus");
                }
                let mut others =
                    |words: Vec<Word>| words.into_iter().map(|w| self.other(w)).collect();
                let (plus, minus) = (others(plus), others(row.words("minus")));
                let over = self.other(row.word("over"));
                row.need("per")?;
                Measure::Rate {
                    plus,
                    minus,
                    over,
                    per: row.int_or("per", 1, 1..=1_000_000_000),
                }
            }
        })
    }

    fn rows(&self, row: &mut Table<'n, 'f>) -> (Sql, At) {
        let rows = row.sql("rows");
        self.check_parameters(&rows, &[]);
        let at = row.choice_opt(
            "at",
            &[
                ("start", At::Start),
                ("end", At::End),
                ("period", At::Period),
            ],
        );
        (rows, at.unwrap_or(At::End))
    }

    /// Everyone whom a programme entitles on the last day of the period; the rows follow from its subject.
    fn entitled(&self, word: Word) -> Measure {
        let found = self.pack.programme(&word.text);
        if found.is_none() && !word.text.is_empty() {
            self.notes.unknown(
                PROGRAMME,
                &word,
                self.pack.programmes.iter().map(|p| p.id.as_str()),
            );
        }
        let subject = found.and_then(|programme| self.pack.subject(&programme.subject));
        let person = subject.is_some_and(|subject| subject.members == ["subject"]);
        let people = self.people().filter(|_| person);
        let id = crate::literal(&word.text);
        let text = match people {
            Some(people) => format!(
                "\
select e.subject as id, e.subject as person, p.name, p.birth_date, e.unit
from entitled e join {people} p on p.id = e.subject
where e.programme = {id}
"
            ),
            None => format!("select subject as id, unit from entitled where programme = {id}\n"),
        };
        Measure::Count {
            rows: Sql {
                text,
                place: word.place,
            },
            at: At::End,
        }
    }

    /// Another indicator, to be looked up when all are read.
    fn other(&mut self, word: Word) -> String {
        let text = word.text.clone();
        if !text.is_empty() {
            self.figures.push(word);
        }
        text
    }

    /// Looks up the indicators mentioned, and reports those that lead back to themselves.
    pub(super) fn indicator_rings(&self) {
        for word in &self.figures {
            self.known_indicator(word);
        }
        let all = &self.pack.indicators;
        let position = |id: &String| all.iter().position(|i| i.id == *id);
        let mentions: Vec<Vec<usize>> = all
            .iter()
            .map(|indicator| match &indicator.measure {
                Measure::Count { .. } | Measure::Sum { .. } => Vec::new(),
                Measure::Average { of } => position(of).into_iter().collect(),
                Measure::Rate {
                    plus, minus, over, ..
                } => plus
                    .iter()
                    .chain(minus)
                    .chain([over])
                    .filter_map(position)
                    .collect(),
            })
            .collect();
        for ring in rings(&mentions) {
            let names = ring_of(ring.iter().map(|&i| all[i].id.as_str()));
            let (zh, en) = (
                format!("指标互相依赖，成了环：{names}。"),
                format!("Indicators depend on each other in a ring: {names}."),
            );
            let fault = Fault::at(all[ring[0]].place.clone(), "indicator-cycle", zh, en);
            self.notes.fault(fault.hint(
                "请让其中一个直接数记录（count 或 sum）。",
                "Let one of them count rows (count or sum).",
            ));
        }
    }

    pub(super) fn known_indicator(&self, word: &Word) {
        if self.pack.indicator(&word.text).is_none() {
            self.notes.unknown(
                INDICATOR,
                word,
                self.pack.indicators.iter().map(|i| i.id.as_str()),
            );
        }
    }
}
