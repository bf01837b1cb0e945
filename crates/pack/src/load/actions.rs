//! Reading `actions/`: what is asked and what is written. An action becomes a roster: an input that is a record becomes the columns by
//! which a list names such a record and the write that finds it, so that whatever reads rosters reads actions.

use std::collections::BTreeMap;

use kernel::Sensitivity;

use super::rosters::TAKEN;
use super::{Load, SOURCE};
use crate::model::folded;
use crate::read::{ALIAS, FIELD, INPUT, Ids, REGISTER, ROSTER, Table, Word};
use crate::{
    ACTION_GROUP, Action, Column, FieldType, Input, InputGives, Offer, Place, Register, Roster,
    Text, Value, ValueSource, Write,
};

/// The place of an action that says none: after the others.
const LAST: i64 = 999;

/// Headers in use, with the place of the column that has each.
type Headers = BTreeMap<String, Place>;

impl<'n, 'f> Load<'n, 'f> {
    pub(super) fn action(&mut self, top: &mut Table<'n, 'f>) {
        let (inputs, writes) = (top.rows("input"), top.rows("write"));
        let checks = top.rows("check");
        let Some(mut table) = top.need("action").and_then(|n| n.table()) else {
            return;
        };
        let id = table.id(ROSTER, "", Ids::Plain);
        let (name, help) = (
            table.text("name"),
            table.text_opt("help").unwrap_or_default(),
        );
        let source = table.word_opt("source");
        if let Some(word) = &source {
            self.code_value(word, SOURCE);
        }
        let group = self.heading(table.word_opt("group"), ACTION_GROUP);
        let order = table.int_or("order", LAST, 0..=LAST);
        let people = table.bool_or("people", false);
        let offered = top.rows("offered");
        if writes.is_empty() {
            table.missing("write");
        }
        let scope = table.scope();
        table.done();
        let place = id.as_ref().map(|w| w.place.clone()).unwrap_or_default();
        let mut action = Action {
            inputs: Vec::new(),
            offered: Vec::new(),
            help,
            group,
            order,
            roster: Roster {
                id: id.as_ref().map(|w| w.text.clone()).unwrap_or_default(),
                sender: self.sender(source.as_ref()),
                name,
                source: source.map(|word| word.text),
                people,
                whole: false,
                columns: Vec::new(),
                writes: Vec::new(),
                checks: self.checks(checks, &scope, true),
                place: place.clone(),
            },
            place,
        };
        let (mut headers, mut aliases) = (Headers::new(), Vec::new());
        for row in inputs {
            self.input(row, &scope, &mut action, (&mut headers, &mut aliases));
        }
        for row in offered {
            self.offered(row, &mut action, &mut headers);
        }
        for row in writes {
            let write = self.write(row, &action.roster, &mut aliases);
            action.roster.writes.extend(write);
        }
        if id.is_some() {
            self.pack.actions.push(action);
        }
    }

    /// Puts the actions into the order in which they are offered.
    pub(super) fn order_actions(&mut self) {
        let headings = self.pack.code(ACTION_GROUP);
        let headings: Vec<String> = headings.map_or_else(Vec::new, |list| {
            list.members.iter().map(|m| m.value.clone()).collect()
        });
        let nth = |action: &Action| {
            let group = action.group.as_ref();
            let nth = group.and_then(|group| headings.iter().position(|h| h == group));
            nth.unwrap_or(headings.len())
        };
        let actions = &mut self.pack.actions;
        actions.sort_by_key(|action| (nth(action), action.order));
    }

    /// Who sends such a list: whose word it is, or the desk.
    fn sender(&self, source: Option<&Word>) -> Text {
        let list = self.pack.code(SOURCE);
        let member = source.and_then(|word| {
            let list = list?;
            list.member(&word.text).or_else(|| list.find(&word.text))
        });
        member.map_or_else(|| Text::new("办理", "Desk"), |member| member.name.clone())
    }

    fn input(
        &mut self,
        mut row: Table<'n, 'f>,
        scope: &str,
        action: &mut Action,
        (headers, aliases): (&mut Headers, &mut Vec<(String, String)>),
    ) {
        if let Some(id) = row.word_opt("id") {
            row.not_reserved(&id, &TAKEN);
        }
        let help = row.text_opt("help").unwrap_or_default();
        let several = row.opt("several");
        let many = row.bool_or("several", false);
        let Some(column) = self.column(row, scope, headers) else {
            return;
        };
        let gives = match column.kind.clone() {
            FieldType::Ref(target) => match self.naming(&column, &target, action, headers) {
                Some(gives) => {
                    let alias = Word {
                        text: column.id.clone(),
                        place: column.place.clone(),
                    };
                    self.notes
                        .declare(&format!("roster {}", action.roster.id), ALIAS, &alias);
                    aliases.push((column.id.clone(), target));
                    gives
                }
                None => return,
            },
            _ => {
                action.roster.columns.push(column.clone());
                InputGives::Value(action.roster.columns.len() - 1)
            }
        };
        let one = matches!(gives, InputGives::Value(_))
            || action.inputs.iter().any(|input| input.several);
        if let Some(node) = several.filter(|_| many && one) {
            self.notes.fault(node.bad(
                "只有一个引用（ref）类型的输入项可以有几个（several）。",
                "Only one input, of type “ref”, may be given several times.",
            ));
        }
        action.inputs.push(Input {
            id: column.id,
            name: column.name,
            help,
            required: column.required,
            several: many,
            gives,
        });
    }

    /// The columns by which a list names a record that is asked for, and the write that finds it.
    fn naming(
        &self,
        input: &Column,
        target: &str,
        action: &mut Action,
        headers: &mut Headers,
    ) -> Option<InputGives> {
        let register = self.named_register(input, target)?;
        let first = action.roster.columns.len();
        let (mut set, mut check) = (Vec::new(), Vec::new());
        for field in &register.fields {
            let identity = register.identity.contains(&field.id);
            // Who is found by a number is held against the name.
            if !identity && field.sensitivity != Sensitivity::Name {
                continue;
            }
            let id = format!("{}_{}", input.id, field.id);
            let joined = |words: &str| format!("{}{words}", input.name.zh);
            let column = Column {
                name: Text::new(
                    joined(&field.name.zh),
                    format!("{}: {}", input.name.en, field.name.en),
                ),
                kind: field.kind.clone(),
                required: input.required && identity,
                by_month: false,
                synonyms: field.synonyms.iter().map(|word| joined(word)).collect(),
                group: input.group.clone(),
                place: input.place.clone(),
                id: id.clone(),
            };
            let words: Vec<Word> = [&column.name.zh, &column.name.en]
                .into_iter()
                .chain(&column.synonyms)
                .map(|text| Word {
                    text: text.clone(),
                    place: input.place.clone(),
                })
                .collect();
            self.claim_headers(headers, &column.group, words.iter());
            let to = match identity {
                true => &mut set,
                false => &mut check,
            };
            to.push((field.id.clone(), ValueSource::Column(id)));
            action.roster.columns.push(column);
        }
        let number = register.identity.first()?;
        let column = format!("{}_{number}", input.id);
        let is_id = register.field(number)?.1.kind == FieldType::IdNumber;
        action.roster.writes.push(Write {
            register: register.id.clone(),
            alias: input.id.clone(),
            of: None,
            only_if: (!input.required).then(|| column.clone()),
            create: false,
            new: false,
            since: match is_id {
                true => ValueSource::Birth(column),
                false => ValueSource::Today,
            },
            until: None,
            set,
            check,
            place: input.place.clone(),
        });
        Some(InputGives::Record {
            write: action.roster.writes.len() - 1,
            column: first,
            columns: action.roster.columns.len() - first,
        })
    }

    /// The register of a record that is asked for: a list must be able to name its records by what stands in cells.
    fn named_register(&self, input: &Column, target: &str) -> Option<&Register> {
        let word = Word {
            text: target.to_owned(),
            place: input.place.clone(),
        };
        let Some(register) = self.pack.register(target) else {
            if !target.is_empty() {
                let known = self.pack.registers.iter().map(|r| r.id.as_str());
                self.notes.unknown(REGISTER, &word, known);
            }
            return None;
        };
        let refers = |id: &String| {
            let field = register.field(id);
            field.is_some_and(|(_, field)| matches!(field.kind, FieldType::Ref(_)))
        };
        if register.identity.iter().any(refers) {
            self.mismatch(
                &word,
                format!("“{target}”册的记录要靠别的记录来识别，不能作为办理的对象。"),
                format!(
                    "Records of “{target}” are told apart by other records, so an action can't ask for one."
                ),
            );
            return None;
        }
        Some(register)
    }

    /// On whose page an action is offered. A list of it may name that record by the plain headers of its fields.
    fn offered(&self, mut row: Table<'n, 'f>, action: &mut Action, headers: &mut Headers) {
        let on = row.word("on");
        let when = row.table_opt("when");
        let rows = row.bool_or("rows", false);
        row.done();
        let found = action.inputs.iter().position(|input| input.id == on.text);
        let Some(input) = found else {
            let known = action.inputs.iter().map(|input| input.id.as_str());
            return self.notes.unknown(INPUT, &on, known);
        };
        let InputGives::Record {
            write,
            column,
            columns,
        } = action.inputs[input].gives
        else {
            return self.mismatch(
                &on,
                "“on”应为引用（ref）类型的输入项。",
                "“on” must name an input of type “ref”.",
            );
        };
        let Some(register) = self.pack.register(&action.roster.writes[write].register) else {
            return;
        };
        let when = when.map_or_else(Vec::new, |table| self.when(table, register));
        action.offered.push(Offer { input, when, rows });
        for column in &mut action.roster.columns[column..column + columns] {
            let id = column.id.strip_prefix(&format!("{}_", on.text));
            let Some((_, field)) = id.and_then(|id| register.field(id)) else {
                continue;
            };
            let plain = [&field.name.zh, &field.name.en];
            for word in plain.into_iter().chain(&field.synonyms) {
                let key = format!("{}\n{}", folded(&column.group.join("\t")), folded(word));
                if !word.is_empty() && !headers.contains_key(&key) {
                    headers.insert(key, column.place.clone());
                    column.synonyms.push(word.clone());
                }
            }
        }
    }

    /// What must stand in fields of a record for an action to be offered on its page.
    fn when(&self, mut table: Table<'n, 'f>, register: &Register) -> Vec<(String, Value)> {
        let mut when = Vec::new();
        for key in table.keys() {
            let Some(node) = table.own(&key.text) else {
                continue;
            };
            match register.field(&key.text) {
                Some((_, field)) => {
                    let value = self.value(&node, &field.kind);
                    when.extend(value.map(|value| (key.text, value)));
                }
                None => {
                    let known = register.fields.iter().map(|field| field.id.as_str());
                    self.notes.unknown(FIELD, &key, known);
                }
            }
        }
        table.done();
        when
    }
}
