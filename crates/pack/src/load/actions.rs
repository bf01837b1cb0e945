//! Reading `actions/`: what is asked and what is written. An action becomes a roster: an input that is a record becomes the columns by
//! which a list names such a record and the write that finds it, so that whatever reads rosters reads actions.

use std::collections::BTreeMap;

use kernel::Sensitivity;
use toml::de::DeValue;

use super::rosters::TAKEN;
use super::{Load, SOURCE};
use crate::model::folded;
use crate::read::{ALIAS, FIELD, INPUT, Ids, Node, REGISTER, ROSTER, Table, Word};
use crate::{
    ACTION_GROUP, Action, Column, Field, FieldType, Fits, Input, InputDefault, InputGives, Offer,
    Place, Register, Roster, Text, ValueSource, Write,
};

/// The place of an action that says none: after the others.
const LAST: i64 = 999;

/// The most full years that are asked for.
const MOST_YEARS: i64 = 150;

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
                vouching: None,
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
        let default = row.opt("default");
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
        let default = default.and_then(|node| self.default(&node, &column, action));
        action.inputs.push(Input {
            id: column.id,
            name: column.name,
            help,
            required: column.required,
            several: many,
            gives,
            default,
        });
    }

    /// What a form proposes for an input: a value, or what stands in a field around the record of an input before it.
    fn default(
        &self,
        node: &Node<'n, 'f>,
        column: &Column,
        action: &Action,
    ) -> Option<InputDefault> {
        let is_table = matches!(node.value.get_ref(), DeValue::Table(_));
        if !is_table && matches!(column.kind, FieldType::Ref(_)) {
            self.notes.fault(node.bad(
                "引用（ref）类型的默认值应写作 { of, register, field }。",
                "The default of an input of type “ref” is written { of, register, field }.",
            ));
            return None;
        }
        let desk = node.value.get_ref().as_str() == Some("@unit");
        if desk && column.kind == FieldType::Unit {
            return Some(InputDefault::Desk);
        }
        let year = node.value.get_ref().as_str() == Some("@year");
        if year && matches!(column.kind, FieldType::Code(_)) {
            return Some(InputDefault::Year);
        }
        if !is_table {
            return self.value(node, &column.kind).map(InputDefault::Value);
        }
        let mut table = node.table()?;
        let (of, register) = (table.word("of"), table.word("register"));
        let field = table.word("field");
        table.done();
        let Some(input) = action.inputs.iter().position(|input| input.id == of.text) else {
            let known = action.inputs.iter().map(|input| input.id.as_str());
            self.notes.unknown(INPUT, &of, known);
            return None;
        };
        let declared = self.pack.register(&register.text);
        let (Some(declared), Some(own)) = (declared, action.register_of(&action.inputs[input]))
        else {
            let known = self.pack.registers.iter().map(|r| r.id.as_str());
            self.notes.unknown(REGISTER, &register, known);
            return None;
        };
        let refers = |field: &Field| matches!(&field.kind, FieldType::Ref(to) if to == own);
        if declared.id != own && !declared.fields.iter().any(refers) {
            self.refers_nowhere(&register, own);
            return None;
        }
        let Some((at, found)) = declared.field(&field.text) else {
            let known = declared.fields.iter().map(|field| field.id.as_str());
            self.notes.unknown(FIELD, &field, known);
            return None;
        };
        if found.kind != column.kind {
            self.mismatch(
                &field,
                "默认值的字段与输入项的类型不同。",
                "The field of a default must be of the type of its input.",
            );
            return None;
        }
        Some(InputDefault::Of {
            input,
            register: declared.id.clone(),
            field: at,
        })
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
            let plain = |words: &str| format!("{}{words}", input.name.zh);
            let names = Text::new(
                without_doubling(&input.name.zh, &field.name.zh),
                english(&input.name.en, &field.name.en),
            );
            // The words put together whole are still known as a header.
            let whole = plain(&field.name.zh);
            let whole = Some(whole).filter(|whole| *whole != names.zh);
            let column = Column {
                name: names,
                kind: field.kind.clone(),
                required: input.required && identity,
                by_month: false,
                synonyms: field
                    .synonyms
                    .iter()
                    .map(|word| plain(word))
                    .chain(whole)
                    .collect(),
                group: input.group.clone(),
                place: input.place.clone(),
                id: id.clone(),
            };
            // The input's own name is its own already.
            let own = [&input.name.zh, &input.name.en];
            let words: Vec<Word> = [&column.name.zh, &column.name.en]
                .into_iter()
                .chain(&column.synonyms)
                .filter(|text| !own.contains(text))
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
        let (when, unless) = (row.table_opt("when"), row.table_opt("unless"));
        let absent = row.words("absent");
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
        let fits = |table: Option<Table<'n, 'f>>| {
            table.map_or_else(Vec::new, |table| self.fits(table, register))
        };
        let offer = Offer {
            input,
            when: fits(when),
            unless: fits(unless),
            absent: self.absent(absent, register),
            rows,
        };
        action.offered.push(offer);
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

    /// Registers in which no record may refer to one of a register for an action to be offered on its page.
    fn absent(&self, words: Vec<Word>, register: &Register) -> Vec<String> {
        let refers =
            |field: &Field| matches!(&field.kind, FieldType::Ref(to) if *to == register.id);
        let mut absent = Vec::new();
        for word in words {
            match self.pack.register(&word.text) {
                None => {
                    let known = self
                        .pack
                        .registers
                        .iter()
                        .map(|register| register.id.as_str());
                    self.notes.unknown(REGISTER, &word, known);
                }
                Some(of) if of.fields.iter().any(refers) => absent.push(word.text),
                Some(_) => self.refers_nowhere(&word, &register.id),
            }
        }
        absent
    }

    fn refers_nowhere(&self, word: &Word, own: &str) {
        self.mismatch(
            word,
            format!("“{}”册没有指向“{own}”册的字段。", word.text),
            format!("No field of “{}” refers to “{own}”.", word.text),
        );
    }

    /// What stands, or doesn't, in fields of a record on whose page an action is offered.
    fn fits(&self, mut table: Table<'n, 'f>, register: &Register) -> Vec<(String, Fits)> {
        let mut all = Vec::new();
        for key in table.keys() {
            let Some(node) = table.own(&key.text) else {
                continue;
            };
            match register.field(&key.text) {
                Some((_, field)) => {
                    let fits = self.one_fits(&node, &field.kind);
                    all.extend(fits.map(|fits| (key.text, fits)));
                }
                None => {
                    let known = register.fields.iter().map(|field| field.id.as_str());
                    self.notes.unknown(FIELD, &key, known);
                }
            }
        }
        table.done();
        all
    }

    /// A value, several, or of a day how many years ago it may be.
    fn one_fits(&self, node: &Node<'n, 'f>, kind: &FieldType) -> Option<Fits> {
        match node.value.get_ref() {
            DeValue::Table(_) if *kind == FieldType::Date => {
                let mut table = node.table()?;
                let mut years = |key, otherwise| {
                    let years = table.int_or(key, otherwise, 0..=MOST_YEARS);
                    i32::try_from(years).unwrap_or(i32::MAX)
                };
                let (from, below) = (years("from", 0), years("below", MOST_YEARS));
                table.done();
                Some(Fits::Years { from, below })
            }
            DeValue::Array(_) => {
                let nodes = node.list()?;
                let values = nodes.iter().filter_map(|node| self.value(node, kind));
                Some(Fits::OneOf(values.collect()))
            }
            _ => Some(Fits::OneOf(vec![self.value(node, kind)?])),
        }
    }
}

/// The name of a record and that of its field as one, without saying a word twice: “资产单位” and “单位名称” are “资产单位名称”, “批次” and “批号” are
/// “批号”. What the field's name begins with is left out of the record's, from where it stands there.
fn without_doubling(record: &str, field: &str) -> String {
    let ends = field
        .char_indices()
        .map(|(at, ch)| at + ch.len_utf8())
        .rev();
    for (end, chars) in ends.zip((1..=field.chars().count()).rev()) {
        let begins = &field[..end];
        let Some(at) = record.rfind(begins) else {
            continue;
        };
        let inside = record[..at].matches('（').count() != record[..at].matches('）').count();
        // One character alone is a word only at the ends of the record's name.
        if inside {
            continue;
        }
        if chars > 1 || at == 0 || record.ends_with(begins) {
            return format!("{}{field}", &record[..at]);
        }
    }
    format!("{record}{field}")
}

/// The same in English.
fn english(record: &str, field: &str) -> String {
    match field.to_lowercase().starts_with(&record.to_lowercase()) {
        true => field.to_owned(),
        false => format!("{record}: {field}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{english, without_doubling};

    #[test]
    fn no_word_is_said_twice_in_the_name_of_a_record_and_its_field() {
        for (record, field, joined) in [
            ("乙方单位", "单位名称", "乙方单位名称"),
            ("批次", "批号", "批号"),
            ("户", "户号", "户号"),
            ("孩子所在户", "户号", "孩子所在户号"),
            ("初次信访事项", "信访编号", "初次信访编号"),
            ("换届选举", "换届类别", "换届类别"),
            ("母亲", "姓名", "母亲姓名"),
            ("社员", "公民身份号码", "社员公民身份号码"),
            ("公有债务", "合同编号", "公有债务合同编号"),
            (
                "信访人（台账内）",
                "公民身份号码",
                "信访人（台账内）公民身份号码",
            ),
        ] {
            assert_eq!(without_doubling(record, field), joined);
        }
        assert_eq!(english("Batch", "Batch"), "Batch");
        assert_eq!(english("Batch", "Product"), "Batch: Product");
    }
}
