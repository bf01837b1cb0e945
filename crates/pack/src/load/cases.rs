//! Reading `cases/`: single cases, and sheets that write many cases of one shape as a table. A sheet's row is read by the same
//! steps as a case, so both accept and refuse the same.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{Answer, Fen, Period};

use super::Load;
use crate::read::{FACT, FIELD, KEY, Node, Noun, PROGRAMME, Table, VOUCHER, Word};
use crate::{CaseRow, CaseValue, Fault, FieldType, Place, Programme, Register, RuleCase};

const CASE: Noun = Noun {
    unknown: "unknown-case",
    zh: "用例",
    en: "case",
};

/// What stands among lists for whether somebody is at home anywhere, as in SQL.
const AT_HOME: &str = "@home";

/// What a case expects and when, whether under keys of a case or in columns of a sheet.
const OUTCOMES: [&str; 8] = [
    "on", "period", "amount", "untold", "answer", "missing", "waits", "without",
];

const ANSWERS: [(&str, Answer); 3] = [
    ("entitled", Answer::Entitled),
    ("not-entitled", Answer::NotEntitled),
    ("cannot-tell", Answer::CannotTell),
];

/// What of a case may differ from row to row of a sheet.
#[derive(Clone, Default)]
struct Draft {
    on: Option<Date>,
    period: Option<Period>,
    amount: Option<i64>,
    untold: Option<usize>,
    answer: Option<Answer>,
    missing: Vec<String>,
    waits: Vec<String>,
    without: Vec<String>,
    facts: Vec<(String, Option<String>)>,
    people: Vec<(String, Vec<CaseRow>)>,
}

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn cases(&mut self, top: &mut Table<'n, 'f>) {
        let (cases, sheets) = (top.rows("case"), top.rows("sheet"));
        for table in cases {
            let case = self.case(table);
            self.pack.cases.extend(case);
        }
        for table in sheets {
            let cases = self.sheet(table);
            self.pack.cases.extend(cases);
        }
    }

    fn case(&self, mut table: Table<'n, 'f>) -> Option<RuleCase> {
        let head = self.case_head(&mut table);
        let draft = self.draft(&mut table, &head);
        let place = head.name.place.clone();
        self.expects_something(&draft, &place);
        if draft.on.is_none() && table.opt("on").is_none() {
            table.missing("on");
        }
        table.done();
        head.case(draft, head.name.text.clone(), place)
    }

    /// The name, programme and subject that a case and a sheet both begin with.
    fn case_head(&self, table: &mut Table<'n, 'f>) -> Head<'_> {
        let name = table.word("name");
        if !name.text.is_empty() {
            self.notes.declare("", CASE, &name);
        }
        let programme = table.word("programme");
        let found = self.pack.programme(&programme.text);
        if found.is_none() && !programme.text.is_empty() {
            self.notes.unknown(
                PROGRAMME,
                &programme,
                self.pack.programmes.iter().map(|p| p.id.as_str()),
            );
        }
        Head {
            name,
            programme: found,
            subject: table.word("subject"),
        }
    }

    /// The outcomes and rows under a table's keys.
    fn draft(&self, table: &mut Table<'n, 'f>, head: &Head<'_>) -> Draft {
        let mut draft = Draft::default();
        for outcome in OUTCOMES {
            if let Some(node) = table.opt(outcome) {
                self.outcome(&mut draft, outcome, &node, table, head);
            }
        }
        if let Some(facts) = table.opt("facts").and_then(|node| node.table()) {
            draft.facts = self.known_facts(facts, head);
        }
        let present = table.keys();
        let mut rows: Vec<(&Register, Vec<Table<'n, 'f>>)> = Vec::new();
        for register in &self.pack.registers {
            // Asked of the table even when absent, so that a slip in the name is explained.
            let tables = table.own_rows(&register.id);
            if present.iter().any(|k| k.text == register.id) {
                rows.push((register, tables));
            }
        }
        let keys = self.keys(&mut rows);
        for (register, tables) in rows {
            let read: Vec<CaseRow> = tables
                .into_iter()
                .map(|row| self.case_row(row, register, &keys))
                .collect();
            self.at_one_time(&read);
            draft.people.push((register.id.clone(), read));
        }
        if !head.subject.text.is_empty() && !keys.iter().any(|(key, _)| *key == head.subject.text) {
            self.notes
                .unknown(KEY, &head.subject, keys.iter().map(|(key, _)| key.as_str()));
        }
        draft
    }

    /// The keys of all rows, with the register of each. Rows of one key are one record at different times.
    fn keys(&self, rows: &mut [(&Register, Vec<Table<'n, 'f>>)]) -> Vec<(String, String)> {
        let mut keys: Vec<(Word, String)> = Vec::new();
        for (register, tables) in rows {
            for table in tables {
                let Some(word) = table.word_opt("key") else {
                    continue;
                };
                let present = table.keys();
                let dated = present
                    .iter()
                    .any(|key| ["from", "to"].contains(&&*key.text));
                let first = keys
                    .iter()
                    .find(|(key, of)| key.text == word.text && !(dated && *of == register.id));
                if let Some((first, _)) = first {
                    let (zh, en) = (
                        format!("key“{}”重复。", word.text),
                        format!("The key “{}” stands twice.", word.text),
                    );
                    let fault = Fault::at(word.place.clone(), "duplicate-id", zh, en).related(
                        first.place.clone(),
                        "第一次在这里",
                        "first used here",
                    );
                    self.notes.fault(fault.hint(
                        "请换一个 key；同一条记录先后不同的，请写 from、to。",
                        "Choose another key; one record at different times needs `from` and `to`.",
                    ));
                }
                keys.push((word, register.id.clone()));
            }
        }
        keys.into_iter()
            .map(|(word, register)| (word.text, register))
            .collect()
    }

    /// Refuses rows of one key that are true on one day.
    fn at_one_time(&self, rows: &[CaseRow]) {
        for (nth, row) in rows.iter().enumerate() {
            let meets = |other: &&CaseRow| {
                let ends = |row: &CaseRow| row.until.unwrap_or(Date::MAX);
                let starts = |row: &CaseRow| row.from.unwrap_or(Date::MIN);
                let dated = [row, *other].map(|row| row.from.or(row.until).is_some());
                row.key.is_some()
                    && row.key == other.key
                    // Without dates it is a key that stands twice.
                    && dated != [false; 2]
                    && starts(row) <= ends(other)
                    && starts(other) <= ends(row)
            };
            if let Some(other) = rows[..nth].iter().find(meets) {
                let key = row.key.as_deref().unwrap_or_default();
                let fault = Fault::at(
                    row.place.clone(),
                    "overlap",
                    format!("“{key}”的两行在同一天都成立。"),
                    format!("Two rows of “{key}” are true on one day."),
                );
                self.notes
                    .fault(fault.related(other.place.clone(), "另一行", "the other row"));
            }
        }
    }

    fn case_row(
        &self,
        mut table: Table<'n, 'f>,
        register: &Register,
        keys: &[(String, String)],
    ) -> CaseRow {
        let key = table.word_opt("key").map(|w| w.text);
        let (from, until) = (table.date_opt("from"), table.date_opt("to"));
        let mut fields = BTreeMap::new();
        for field in &register.fields {
            if let Some(node) = table.own(&field.id)
                && let Some(value) = self.case_value(&node, &field.kind, keys)
            {
                fields.insert(field.id.clone(), value);
            }
        }
        let place = table.place();
        table.done();
        CaseRow {
            key,
            from,
            until,
            fields,
            place,
        }
    }

    fn case_value(
        &self,
        node: &Node<'n, 'f>,
        kind: &FieldType,
        keys: &[(String, String)],
    ) -> Option<CaseValue> {
        let FieldType::Ref(register) = kind else {
            return self.value(node, kind).map(CaseValue::Value);
        };
        let word = node.filled()?;
        let known = keys
            .iter()
            .any(|(key, of)| *key == word.text && of == register);
        if !known && self.pack.register(register).is_some() {
            self.notes.unknown(
                KEY,
                &word,
                keys.iter()
                    .filter(|(_, of)| of == register)
                    .map(|(key, _)| key.as_str()),
            );
        }
        Some(CaseValue::Ref(word.text))
    }

    fn outcome(
        &self,
        draft: &mut Draft,
        outcome: &str,
        node: &Node<'n, 'f>,
        table: &Table<'n, 'f>,
        head: &Head<'_>,
    ) {
        match outcome {
            "on" => draft.on = node.date(),
            "amount" => draft.amount = node.fen(),
            "untold" => draft.untold = node.int().and_then(|steps| usize::try_from(steps).ok()),
            "answer" => draft.answer = table.chosen(node, &ANSWERS),
            "missing" => draft.missing = self.missing_facts(node, head),
            "waits" => draft.waits = self.missing_facts(node, head),
            "without" => draft.without = self.lists(node),
            _ => {
                let Some(word) = node.filled() else { return };
                draft.period = word.text.parse().ok();
                if draft.period.is_none() {
                    let fault = node.bad(
                        format!("“{}”不是期间。", word.text),
                        format!("“{}” isn't a period.", word.text),
                    );
                    self.notes.fault(fault.hint(
                        "可写 2025、2025H1、2025Q3、2025-07 或 2025-01-01..2025-06-30。",
                        "Write 2025, 2025H1, 2025Q3, 2025-07 or 2025-01-01..2025-06-30.",
                    ));
                }
            }
        }
    }

    /// Facts of the programme's subject with the values they should have; `"?"` where one should not be known.
    fn known_facts(
        &self,
        mut table: Table<'n, 'f>,
        head: &Head<'_>,
    ) -> Vec<(String, Option<String>)> {
        let mut facts = Vec::new();
        if let Some(subject) = head.programme.and_then(|p| self.pack.subject(&p.subject)) {
            for fact in subject.facts() {
                let Some(node) = table.own(&fact.id) else {
                    continue;
                };
                if node.value.get_ref().as_str() == Some("?") {
                    facts.push((fact.id.clone(), None));
                } else if let Some(value) = self.value(&node, &fact.kind) {
                    facts.push((fact.id.clone(), Some(value.to_string())));
                }
            }
        }
        table.done();
        facts
    }

    /// Lists that vouch for something: a list, or in a sheet's cell words with spaces between.
    fn lists(&self, node: &Node<'n, 'f>) -> Vec<String> {
        let words = words_of(node);
        let mut known = self.pack.vouchers();
        // Whoever isn't at home anywhere: no list could tell of them.
        known.push(AT_HOME.to_owned());
        for word in words.iter().filter(|word| !known.contains(&word.text)) {
            self.notes
                .unknown(VOUCHER, word, known.iter().map(String::as_str));
        }
        words.into_iter().map(|word| word.text).collect()
    }

    /// Facts of the programme's subject: a list, or in a sheet's cell words with spaces between.
    fn missing_facts(&self, node: &Node<'n, 'f>, head: &Head<'_>) -> Vec<String> {
        let words = words_of(node);
        if let Some(subject) = head.programme.and_then(|p| self.pack.subject(&p.subject)) {
            for word in words.iter().filter(|w| subject.fact(&w.text).is_none()) {
                self.notes
                    .unknown(FACT, word, subject.facts().map(|f| f.id.as_str()));
            }
        }
        let mut facts: Vec<String> = words.into_iter().map(|w| w.text).collect();
        facts.sort();
        facts
    }

    fn expects_something(&self, draft: &Draft, place: &Place) {
        let fault = |zh: &str, en: &str| Fault::at(place.clone(), "missing-field", zh, en);
        if draft.period.is_some() != draft.amount.is_some() {
            self.notes.fault(fault(
                "period 与 amount 须同时写。",
                "`period` and `amount` belong together.",
            ));
        } else if draft.amount.is_none() && draft.answer.is_none() && draft.facts.is_empty() {
            let fault = fault("用例没有写明结果。", "The case expects nothing.");
            self.notes.fault(fault.hint(
                "请写 answer，或 period 和 amount。",
                "Write `answer`, or `period` and `amount`.",
            ));
        }
    }

    fn sheet(&self, mut table: Table<'n, 'f>) -> Vec<RuleCase> {
        let head = self.case_head(&mut table);
        let shape = self.draft(&mut table, &head);
        let columns = table.words("columns");
        if columns.is_empty() {
            table.missing("columns");
        }
        let targets: Vec<Option<Target>> = columns
            .iter()
            .map(|word| self.target(word, &shape))
            .collect();
        if shape.on.is_none()
            && table.opt("on").is_none()
            && !columns.iter().any(|w| w.text == "on")
        {
            table.missing("on");
        }
        let rows = table
            .need("rows")
            .and_then(|n| n.list())
            .unwrap_or_default();
        let mut cases = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let Some(cells) = row.list() else { continue };
            if cells.len() != columns.len() {
                let (zh, en) = (
                    format!("应有 {} 格，实有 {} 格。", columns.len(), cells.len()),
                    format!("{} cells for {} columns.", cells.len(), columns.len()),
                );
                self.notes.fault(
                    Fault::at(row.place(), "case-columns", zh, en)
                        .hint("没有内容的格写作 \"\"。", "Write \"\" for an empty cell."),
                );
                continue;
            }
            let mut draft = shape.clone();
            for (target, cell) in targets.iter().zip(&cells) {
                self.cell(&mut draft, target.as_ref(), cell, &table, &head);
            }
            self.expects_something(&draft, &row.place());
            cases.extend(head.case(
                draft,
                format!("{} · {}", head.name.text, number + 1),
                row.place(),
            ));
        }
        table.done();
        cases
    }

    /// What a column of a sheet sets.
    fn target(&self, word: &Word, shape: &Draft) -> Option<Target> {
        if let Some(outcome) = OUTCOMES.into_iter().find(|o| *o == word.text) {
            return Some(Target::Outcome(outcome));
        }
        let Some((key, field)) = word.text.split_once('.') else {
            let (zh, en) = (
                format!("不认识列“{}”。", word.text),
                format!("The column “{}” isn't known.", word.text),
            );
            let hint = OUTCOMES.join(", ");
            let fault = Fault::at(word.place.clone(), "case-columns", zh, en);
            self.notes.fault(fault.hint(
                format!("可写“key.字段”，或：{hint}。"),
                format!("Write “key.field”, or one of: {hint}."),
            ));
            return None;
        };
        for (index, (register, rows)) in shape.people.iter().enumerate() {
            let Some(row) = rows.iter().position(|r| r.key.as_deref() == Some(key)) else {
                continue;
            };
            let register = self.pack.register(register)?;
            if field != "from" && register.field(field).is_none() {
                let names = register.fields.iter().map(|f| f.id.as_str());
                self.notes.unknown(
                    FIELD,
                    &Word {
                        text: field.to_owned(),
                        place: word.place.clone(),
                    },
                    names,
                );
                return None;
            }
            let kind = register.field(field).map(|(_, f)| f.kind.clone());
            return Some(Target::Field {
                index,
                row,
                field: field.to_owned(),
                kind,
            });
        }
        let keys = shape
            .people
            .iter()
            .flat_map(|(_, rows)| rows)
            .filter_map(|r| r.key.as_deref());
        self.notes.unknown(
            KEY,
            &Word {
                text: key.to_owned(),
                place: word.place.clone(),
            },
            keys,
        );
        None
    }

    /// Puts a cell where its column says; an empty one takes away what the sheet's own row holds there.
    fn cell(
        &self,
        draft: &mut Draft,
        target: Option<&Target>,
        cell: &Node<'n, 'f>,
        table: &Table<'n, 'f>,
        head: &Head<'_>,
    ) {
        let blank = cell
            .value
            .get_ref()
            .as_str()
            .is_some_and(|text| text.trim().is_empty());
        match target {
            None => {}
            Some(Target::Outcome("missing")) if blank => draft.missing.clear(),
            Some(Target::Outcome("waits")) if blank => draft.waits.clear(),
            Some(Target::Outcome("without")) if blank => draft.without.clear(),
            Some(Target::Outcome("answer")) if blank => draft.answer = None,
            Some(Target::Outcome("period")) if blank => draft.period = None,
            Some(Target::Outcome("amount")) if blank => draft.amount = None,
            Some(Target::Outcome("untold")) if blank => draft.untold = None,
            Some(Target::Outcome(outcome)) => self.outcome(draft, outcome, cell, table, head),
            Some(Target::Field {
                index,
                row,
                field,
                kind,
            }) => {
                let keys: Vec<(String, String)> = draft
                    .people
                    .iter()
                    .flat_map(|(register, rows)| {
                        rows.iter()
                            .filter_map(move |r| Some((r.key.clone()?, register.clone())))
                    })
                    .collect();
                let Some(row) = draft
                    .people
                    .get_mut(*index)
                    .and_then(|(_, rows)| rows.get_mut(*row))
                else {
                    return;
                };
                match kind {
                    None => row.from = if blank { None } else { cell.date() },
                    Some(_) if blank => drop(row.fields.remove(field)),
                    Some(kind) => {
                        if let Some(value) = self.case_value(cell, kind, &keys) {
                            row.fields.insert(field.clone(), value);
                        }
                    }
                }
            }
        }
    }
}

/// What a case, or all cases of a sheet, are about.
struct Head<'p> {
    name: Word,
    programme: Option<&'p Programme>,
    subject: Word,
}

/// The words of a list, or of a text with spaces between.
fn words_of(node: &Node<'_, '_>) -> Vec<Word> {
    if !node.value.get_ref().is_str() {
        let list = node.list().unwrap_or_default();
        return list.iter().filter_map(Node::filled).collect();
    }
    let Some(cell) = node.word() else {
        return Vec::new();
    };
    let words = cell.text.split_whitespace().map(|word| Word {
        text: word.to_owned(),
        place: cell.place.clone(),
    });
    words.collect()
}

/// What a column of a sheet sets: an outcome, or a field of a row (`from` when it has no type).
enum Target {
    Outcome(&'static str),
    Field {
        index: usize,
        row: usize,
        field: String,
        kind: Option<FieldType>,
    },
}

impl Head<'_> {
    fn case(&self, draft: Draft, name: String, place: Place) -> Option<RuleCase> {
        Some(RuleCase {
            name,
            on: draft.on?,
            programme: self.programme?.id.clone(),
            subject: self.subject.text.clone(),
            people: draft.people,
            answer: draft.answer,
            missing: draft.missing,
            waits: draft.waits,
            without: draft.without,
            facts: draft.facts,
            amount: draft.period.zip(draft.amount.map(Fen)),
            untold: draft.untold.unwrap_or(0),
            place,
        })
    }
}
