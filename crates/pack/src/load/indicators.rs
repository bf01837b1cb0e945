//! Reading `indicators/`: counted figures, what their rows are told apart by, and what they should come to; and finding rings among
//! those that are made of others.

use kernel::{Answer, Decimal, UnitCode};

use super::Load;
use super::subjects::ring_of;
use crate::cycle::rings;
use crate::read::{CODE, DIMENSION, INDICATOR, Ids, PROGRAMME, Table, Word};
use crate::{
    At, Dimension, Fault, Groups, INDICATOR_GROUP, Indicator, IndicatorTarget, Measure, Sql,
};

/// How a figure is measured, before its keys are read.
#[derive(Clone, Copy)]
enum How {
    Count,
    Sum,
    Average,
    Rate,
    Entitled,
}

/// Whom a figure counts of those a programme is asked of.
const ANSWERS: [(&str, Answer); 3] = [
    ("entitled", Answer::Entitled),
    ("not-entitled", Answer::NotEntitled),
    ("cannot-tell", Answer::CannotTell),
];

/// What an indicator should come to.
fn target(mut row: Table<'_, '_>, decimals: u8) -> Option<IndicatorTarget> {
    let place = row.place();
    let unit = row.word("unit");
    let on = row.need("on").and_then(|node| node.date());
    let value = row.word("value");
    let at_most = row.bool_or("at_most", false);
    let code = unit.text.parse::<UnitCode>();
    if code.is_err() && !unit.text.is_empty() {
        row.notes.fault(Fault::at(
            unit.place,
            "unit-code",
            "单位代码应为12位数字。",
            "A unit code has 12 digits.",
        ));
    }
    let number = Decimal::read(&value.text, decimals);
    if let (Err(fault), false) = (&number, value.text.is_empty()) {
        row.notes.fault(Fault::at(
            value.place,
            "decimal",
            format!("目标值{}。", fault.message(kernel::Lang::Zh)),
            format!("The target {}.", fault.message(kernel::Lang::En)),
        ));
    }
    row.done();
    Some(IndicatorTarget {
        unit: code.ok()?,
        on: on?,
        value: number.ok()?,
        at_most,
        place,
    })
}

/// Keys that belong to some ways of measuring only.
const MEASURED_BY: [&str; 10] = [
    "rows",
    "at",
    "column",
    "of",
    "plus",
    "minus",
    "over",
    "per",
    "sampled",
    "programme",
];

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn indicators(&mut self, top: &mut Table<'n, 'f>) {
        for mut row in top.rows("dimension") {
            if let Some(dimension) = self.dimension(&mut row) {
                self.pack.dimensions.push(dimension);
            }
            row.done();
        }
        let rows = top.rows("indicator");
        for mut row in rows {
            let id = row.id(INDICATOR, "", Ids::Sql);
            let name = row.text("name");
            let group = self.heading(row.word_opt("group"), INDICATOR_GROUP);
            let unit = row.text_or_blank("unit");
            let decimals = u8::try_from(row.int_or("decimals", 0, 0..=6)).unwrap_or(0);
            let scale = row.int_or("scale", 1, 1..=i64::MAX);
            let note = row.text_opt("note");
            let needs = row.words("needs");
            let needs_rows = row.bool_or("needs_rows", false);
            let by = self.by(&mut row);
            let targets = row.rows("targets").into_iter();
            let targets = targets.filter_map(|row| target(row, decimals)).collect();
            let measure = self.measure(&mut row);
            row.done();
            self.references.extend(needs.iter().cloned());
            if let (Some(id), Some(measure)) = (id, measure) {
                self.pack.indicators.push(Indicator {
                    id: id.text,
                    name,
                    group,
                    unit,
                    decimals,
                    scale,
                    measure,
                    by,
                    targets,
                    needs: needs.iter().map(|word| word.text.clone()).collect(),
                    needs_rows,
                    note,
                    place: id.place,
                });
            }
        }
    }

    fn dimension(&mut self, row: &mut Table<'n, 'f>) -> Option<Dimension> {
        let id = row.id(DIMENSION, "", Ids::Sql);
        let name = row.text("name");
        let of = row.sql_opt("of");
        row.accepts(&["code", "bands", "unit", "yes", "no"]);
        let (code, bands) = (row.word_opt("code"), row.opt("bands"));
        let groups = match (code, bands) {
            (Some(list), None) => {
                if self.pack.code(&list.text).is_none() {
                    let known = self.pack.codes.iter().map(|list| list.id.as_str());
                    self.notes.unknown(CODE, &list, known);
                }
                Groups::Code(list.text)
            }
            (None, Some(node)) => {
                let numbers = node.list().unwrap_or_default();
                let from: Vec<i64> = numbers.iter().filter_map(|number| number.int()).collect();
                if from.is_empty() || !from.is_sorted_by(|one, next| one < next) || from.len() > 60
                {
                    self.notes.fault(node.bad(
                        "应为由小到大的整数，1 至 60 个。",
                        "These should be 1 to 60 whole numbers, each greater than the one before.",
                    ));
                }
                let unit = row.text_or_blank("unit");
                Groups::Bands { from, unit }
            }
            (None, None) => Groups::YesNo {
                yes: row.text("yes"),
                no: row.text("no"),
            },
            (Some(list), Some(_)) => {
                let (zh, en) = ("code 和 bands 只写一个。", "Write either code or bands.");
                self.notes.fault(Fault::at(list.place, "either", zh, en));
                return None;
            }
        };
        let id = id?;
        Some(Dimension {
            of: of.unwrap_or_else(|| Sql {
                text: id.text.clone(),
                place: id.place.clone(),
            }),
            id: id.text,
            name,
            groups,
            place: id.place,
        })
    }

    /// The dimensions of an indicator, to be looked up when all are read.
    fn by(&mut self, row: &mut Table<'n, 'f>) -> Vec<String> {
        let Some(words) = row.word_or_words("by") else {
            return Vec::new();
        };
        if let Some(one) = words.get(Indicator::MOST_DIMENSIONS) {
            let most = Indicator::MOST_DIMENSIONS;
            self.notes.fault(Fault::at(
                one.place.clone(),
                "too-many",
                format!("最多 {most} 个维度。"),
                format!("At most {most} dimensions are allowed."),
            ));
        }
        let ids = words.iter().map(|word| word.text.clone()).collect();
        self.broken_down.extend(words);
        ids
    }

    /// Looks up the dimensions mentioned.
    pub(super) fn known_dimensions(&self) {
        for word in &self.broken_down {
            if self.pack.dimension(&word.text).is_none() {
                let known = self.pack.dimensions.iter().map(|d| d.id.as_str());
                self.notes.unknown(DIMENSION, word, known);
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
            How::Entitled => {
                let answer = row.choice_opt("answer", &ANSWERS);
                self.entitled(row.word("programme"), answer.unwrap_or(Answer::Entitled))
            }
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
                    sampled: row.bool_or("sampled", false),
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

    /// Everyone whom a programme entitles, or judges so, on the last day of the period; the rows follow from its subject.
    fn entitled(&self, word: Word, answer: Answer) -> Measure {
        let found = self.pack.programme(&word.text);
        if found.is_none() && !word.text.is_empty() {
            self.notes.unknown(
                PROGRAMME,
                &word,
                self.pack.programmes.iter().map(|p| p.id.as_str()),
            );
        }
        if found.is_some_and(|own| own.judgement.is_none()) && answer != Answer::Entitled {
            self.notes.fault(Fault::at(
                word.place.clone(),
                "answer-of-a-benefit",
                "只有判断（[judgement]）才数其他结论；这个项目只能数符合的。",
                "Other answers are counted of judgements only.",
            ));
        }
        let subject = found.and_then(|programme| self.pack.subject(&programme.subject));
        let person = subject.is_some_and(|subject| subject.members == ["subject"]);
        let people = self.people().filter(|_| person);
        let people = people.filter(|_| subject.is_none_or(|subject| subject.of.is_none()));
        let (id, answer) = (crate::literal(&word.text), crate::literal(answer.as_str()));
        let text = match people {
            Some(people) => format!(
                "\
select e.subject as id, e.subject as person, p.name, p.birth_date, e.unit
from entitled e join {people} p on p.id = e.subject
where e.programme = {id} and e.answer = {answer}
"
            ),
            None => format!(
                "select subject as id, unit from entitled where programme = {id} and answer = {answer}\n"
            ),
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
