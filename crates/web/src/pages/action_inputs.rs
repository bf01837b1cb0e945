//! The fields of an action's form: one for each input, of the kind that suits what is asked; what was filled in, kept until it is
//! written; and who is meant by a name or number that was typed. What is wrong with a field stands beside it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use maud::{Markup, html};
use office::{Level, NearTo, Note, Proposed, SeenAct, ToldBy, UnitNames, names_programmes};
use pack::cell::{Cell, Reader as CellReader};
use pack::{Action, Column, FieldType, Input, InputGives, Value};

use super::action_picker::{self, People, Typed};
use super::batch;
use super::stood::Stood;
use crate::desk;
use crate::parts;
use crate::reader::Reader;
use crate::trouble::Trouble;
use crate::words::{self, Words};

/// The most records that can be picked for one input.
const MOST_PICKED: usize = 200;
/// The longest address of a list.
const LONGEST_BACK: usize = 2_000;
/// Up to how many values are a row of buttons.
const MOST_CHOICES: usize = 4;
/// The longest word under which a browser keeps a form, in characters.
const LONGEST_DRAFT: usize = 200;

/// What was filled in.
pub(super) struct Filled {
    /// The day as of which it is said, or what was written for it and is none.
    pub on: Result<Date, String>,
    /// The unit it is said for.
    pub unit: Option<UnitCode>,
    /// Records that were picked, by input; several of the one input of which there are several cases.
    pub records: BTreeMap<String, Vec<RecordId>>,
    /// What was typed to find a record, by input, and which it may mean.
    pub typed: BTreeMap<String, Typed>,
    /// What was written, by column.
    pub values: BTreeMap<String, String>,
    /// Who it is that is opened.
    pub told: Option<ToldBy>,
    /// What tells this form from another.
    pub form: String,
    /// The list from which it was opened, and where it leads back.
    pub back: Option<String>,
    /// Under what the browser keeps it until it is written.
    pub draft: String,
    /// What stood when it was looked at.
    pub stood: Stood,
    /// For which inputs something was proposed, with the record from around which it was.
    pub proposed: BTreeMap<String, String>,
}

impl Filled {
    /// Nothing yet.
    pub fn new(on: Date) -> Filled {
        Filled {
            on: Ok(on),
            unit: None,
            records: BTreeMap::new(),
            typed: BTreeMap::new(),
            values: BTreeMap::new(),
            told: None,
            form: String::new(),
            back: None,
            draft: String::new(),
            stood: Stood::default(),
            proposed: BTreeMap::new(),
        }
    }

    /// What a form sends.
    pub async fn read(
        reader: &Reader,
        action: &Action,
        fields: &[(String, String)],
    ) -> Result<Filled, Trouble> {
        let wrong = || Trouble::Form(words::UNREADABLE_FORM);
        let today = reader.office.today();
        let mut filled = Filled::new(reader.on.min(today));
        if let Some(text) = desk::field(fields, "on") {
            filled.on = day(reader, text)
                .filter(|on| *on <= today)
                .ok_or_else(|| text.to_owned());
        }
        if let Some(unit) = desk::field(fields, "unit") {
            let unit: UnitCode = unit.parse().map_err(|_| wrong())?;
            let sees = reader.view()?.grant().sees(&unit);
            filled.unit = Some(unit).filter(|_| sees).ok_or(Trouble::Absent)?.into();
        }
        filled.told = match desk::field(fields, "who") {
            None => None,
            Some("new") => Some(ToldBy::New),
            Some(person) => Some(ToldBy::Person(super::record(person).map_err(|_| wrong())?)),
        };
        filled.form = desk::field(fields, "form").unwrap_or_default().to_owned();
        let back = desk::field(fields, "back").filter(|to| is_a_list(to));
        filled.back = back.map(str::to_owned);
        let draft = desk::field(fields, "draft").unwrap_or_default();
        filled.draft = draft.chars().take(LONGEST_DRAFT).collect();
        filled.stood = Stood::read(fields);
        filled.take_rows(reader, action, fields).await?;
        for input in &action.inputs {
            if let Some(of) = desk::field(fields, &format!("d.{}", input.id)) {
                filled.proposed.insert(input.id.clone(), of.to_owned());
            }
            match input.gives {
                InputGives::Value(column) => {
                    let column = &action.roster.columns[column].id;
                    filled.take_value(fields, &format!("i.{column}"), column);
                }
                InputGives::Record {
                    column, columns, ..
                } => {
                    let picked = format!("r.{}", input.id);
                    // Nothing was chosen of those to choose from.
                    let picked = (fields.iter())
                        .filter(|(name, value)| *name == picked && !value.is_empty());
                    for (_, record) in picked.take(MOST_PICKED) {
                        let record = super::record(record).map_err(|_| wrong())?;
                        let records = filled.records.entry(input.id.clone()).or_default();
                        records.push(record);
                    }
                    if desk::field(fields, &format!("n.{}", input.id)).is_some() {
                        filled.records.remove(&input.id);
                    }
                    if let Some(text) = desk::field(fields, &format!("t.{}", input.id)) {
                        // What is typed anew means somebody else than was picked.
                        let before = desk::field(fields, &format!("w.{}", input.id));
                        if before != Some(text) {
                            filled.records.remove(&input.id);
                        }
                        let typed = Typed::new(text);
                        filled.typed.insert(input.id.clone(), typed);
                    }
                    for column in &action.roster.columns[column..column + columns] {
                        filled.take_value(fields, &format!("i.{}", column.id), &column.id);
                    }
                }
            }
        }
        Ok(filled)
    }

    /// What a list gives: the rows that were chosen, and the programme, if it is the list of one.
    async fn take_rows(
        &mut self,
        reader: &Reader,
        action: &Action,
        fields: &[(String, String)],
    ) -> Result<(), Trouble> {
        let Some(of) = desk::field(fields, "of") else {
            return Ok(());
        };
        let of = reader.view()?.register(of)?;
        let input = batch::given(reader, action, of).ok_or(Trouble::Absent)?;
        let rows = fields.iter().filter(|(name, _)| name == "row");
        let mut chosen = Vec::new();
        for (_, record) in rows.take(MOST_PICKED) {
            let record = super::record(record)?;
            if !chosen.contains(&record) {
                chosen.push(record);
            }
        }
        let view = reader.view()?;
        let given = view.rows_given((of, &chosen), input, reader.on).await?;
        if !given.is_empty() {
            self.records.insert(input.input.id.clone(), given);
        }
        let programme = desk::field(fields, "programme").unwrap_or_default();
        for column in &action.roster.columns {
            if !programme.is_empty() && names_programmes(&reader.office.contract, &column.kind) {
                self.values.insert(column.id.clone(), programme.to_owned());
            }
        }
        Ok(())
    }

    fn take_value(&mut self, fields: &[(String, String)], name: &str, column: &str) {
        if let Some(text) = desk::field(fields, name) {
            self.values.insert(column.to_owned(), text.to_owned());
        }
    }

    /// Finds whom, and which households, typed names and numbers mean; what is the only one is picked.
    pub async fn resolve(
        &mut self,
        reader: &Reader,
        units: &UnitNames,
        action: &Action,
    ) -> Result<(), Trouble> {
        let view = reader.view()?;
        for input in &action.inputs {
            if self.records.contains_key(&input.id) {
                continue;
            }
            let near = NearTo {
                person: self.people(reader, action).next(),
                unit: self.unit,
                fits: action_picker::fits(action, input),
            };
            let day = self.on.clone().unwrap_or(reader.on);
            let of = action.register_of(input);
            let (Some(of), Some(typed)) = (of, self.typed.get_mut(&input.id)) else {
                continue;
            };
            typed.find(reader, (view, units), of, (day, near)).await?;
            if let ([only], 1) = (typed.found.as_slice(), typed.total) {
                self.records.insert(input.id.clone(), vec![only.record]);
            }
        }
        Ok(())
    }

    /// Fills in what the action proposes, once it is known: again if it depends on somebody else than before.
    pub async fn propose(&mut self, reader: &Reader, action: &Action) -> Result<(), Trouble> {
        let day = self.on.clone().unwrap_or(reader.on);
        let view = reader.view()?;
        let proposed = view.proposed(action, &self.records, day).await?;
        for input in &action.inputs {
            let Some(Proposed { of, value }) = proposed.get(&input.id) else {
                continue;
            };
            let of = of.map_or_else(|| "-".to_owned(), |record| record.to_string());
            let before = self.proposed.insert(input.id.clone(), of.clone());
            let given = self.records.contains_key(&input.id)
                || self.typed.contains_key(&input.id)
                || self.values.contains_key(&input.id);
            if before.as_ref() == Some(&of) || before.is_none() && given {
                continue;
            }
            match (action.register_of(input), value) {
                (Some(_), Some(value)) => {
                    let record = value.as_int().map(RecordId);
                    self.records
                        .extend(record.map(|record| (input.id.clone(), vec![record])));
                }
                (Some(_), None) => drop(self.records.remove(&input.id)),
                (None, Some(value)) => {
                    self.values.insert(input.id.clone(), value.to_string());
                }
                (None, None) => drop(self.values.remove(&input.id)),
            }
        }
        Ok(())
    }

    /// For what something was proposed, as the form keeps it.
    pub fn hidden(&self) -> Markup {
        html! {
            @for (input, of) in &self.proposed { input type="hidden" name=(format!("d.{input}")) value=(of); }
        }
    }

    /// The people who were picked.
    pub fn people<'a>(
        &'a self,
        reader: &'a Reader,
        action: &'a Action,
    ) -> impl Iterator<Item = RecordId> + 'a {
        let people = &reader.office.contract.people.register.id;
        let inputs = action.inputs.iter();
        let inputs = inputs.filter(move |input| action.register_of(input) == Some(people));
        let records = inputs.filter_map(|input| self.records.get(&input.id));
        records.flatten().copied()
    }

    /// Whether a record is still to be picked.
    pub fn open(&self, action: &Action) -> bool {
        action.inputs.iter().any(|input| {
            let typed = self.typed.contains_key(&input.id);
            let named = match input.gives {
                InputGives::Record {
                    column, columns, ..
                } => (action.roster.columns[column..column + columns].iter())
                    .any(|column| self.values.contains_key(&column.id)),
                InputGives::Value(_) => true,
            };
            !self.records.contains_key(&input.id) && (typed || input.required && !named)
        })
    }

    /// The day, as it was written.
    pub fn day_as_written(&self) -> String {
        match &self.on {
            Ok(on) => on.to_string(),
            Err(text) => text.clone(),
        }
    }
}

/// Whether an address is one of a list of these pages, with what it asks.
pub(super) fn is_a_list(to: &str) -> bool {
    let plain = |ch: char| ch.is_ascii_alphanumeric() || "/-_?=&.%~".contains(ch);
    let lists = ["/programmes/", "/registers/", "/waiting"];
    let lists = lists.iter().any(|list| to.starts_with(list));
    lists && !to.contains("//") && to.len() <= LONGEST_BACK && to.chars().all(plain)
}

/// A day as people write it.
pub(super) fn day(reader: &Reader, text: &str) -> Option<Date> {
    let mut dates = CellReader::new(&FieldType::Date, &reader.office.pack, reader.office.today());
    match dates.read(Cell::Text(text), &mut Vec::new()) {
        Ok(Some(Value::Date(day))) => Some(day),
        _ => None,
    }
}

/// The field of an input.
pub(super) fn field(
    reader: &Reader,
    units: &UnitNames,
    (action, input): (&Action, &Input),
    (filled, people): (&Filled, People<'_>),
    seen: Option<&SeenAct>,
) -> Markup {
    let contract = &reader.office.contract;
    let register = &contract.people.register.id;
    let household = &contract.households.register.id;
    match input.gives {
        InputGives::Value(column) => {
            let column = &action.roster.columns[column];
            let value = filled.values.get(&column.id).map_or("", String::as_str);
            framed(reader, units, (input, column), value, seen)
        }
        InputGives::Record { .. } if action.register_of(input) == Some(register) => {
            action_picker::person(reader, units, (action, input), (filled, people))
        }
        InputGives::Record { .. } if action.register_of(input) == Some(household) => {
            action_picker::household(reader, input, (filled, people))
        }
        InputGives::Record {
            column, columns, ..
        } => {
            let of = action.register_of(input).unwrap_or_default();
            let picker = action_picker::others(reader, (of, input), (filled, people));
            picker.unwrap_or_else(|| {
                html! {
                    @for column in &action.roster.columns[column..column + columns] {
                        @let value = filled.values.get(&column.id).map_or("", String::as_str);
                        (framed(reader, units, (input, column), value, seen))
                    }
                }
            })
        }
    }
}

/// A field with its label, how it is filled in, and what is wrong with it.
fn framed(
    reader: &Reader,
    units: &UnitNames,
    (input, column): (&Input, &Column),
    value: &str,
    seen: Option<&SeenAct>,
) -> Markup {
    let name = format!("i.{}", column.id);
    let notes = seen
        .iter()
        .flat_map(|seen| &seen.rows)
        .flat_map(|row| &row.notes);
    let own = notes.filter(|note| {
        let of = note.column.as_ref();
        of.is_some_and(|of| of.name == column.name)
    });
    let label = html! {
        (column.name.get(reader.lang))
        @if column.required { " " span.needed { (reader.say(words::NEEDED)) } }
    };
    let rest = html! {
        @let help = input.help.get(reader.lang);
        @if !help.is_empty() { p.hint { (help) } }
        @for note in own {
            p class=(if note.finding.level() == Level::Rejected { "wrong" } else { "doubt" }) { (note.finding.in_form(reader.lang)) }
        }
    };
    let members = members(reader, &column.kind);
    html! {
        @match members {
            Some(members) if members.len() <= MOST_CHOICES => fieldset.field {
                legend { (label) }
                @if !column.required {
                    label.choice { input type="radio" name=(name) value="" checked[value.is_empty()]; " " (reader.say(NOT_SAID)) }
                }
                @for (member, words) in &members {
                    label.choice { input type="radio" name=(name) value=(member) checked[member == value] required[column.required]; " " (words) }
                }
                (rest)
            },
            members => div.field {
                label for=(name) { (label) }
                (control(reader, units, column, members, value))
                (rest)
            },
        }
    }
}

/// What is told of what was filled in, with the field's name.
pub(super) fn noted(reader: &Reader, note: &Note) -> Markup {
    html! {
        @if let Some(column) = &note.column { b { (column.name.get(reader.lang)) } (reader.say(words::COLON)) }
        (note.finding.in_form(reader.lang))
    }
}

/// What may be chosen, where it is one of a few.
fn members(reader: &Reader, kind: &FieldType) -> Option<Vec<(String, String)>> {
    match kind {
        FieldType::Code(list) => {
            let list = reader.office.pack.code(list)?;
            let members = list.members.iter();
            let stands = members.filter(|member| member.retired.is_none_or(|day| day > reader.on));
            let pair = stands.map(|member| {
                let name = member.name.get(reader.lang).to_owned();
                (member.value.clone(), name)
            });
            Some(pair.collect())
        }
        FieldType::Bool => {
            let pair =
                |(value, words): (&str, Words)| (value.to_owned(), reader.say(words).to_owned());
            Some([("true", YES), ("false", NO)].map(pair).to_vec())
        }
        _ => None,
    }
}

/// The first choice of a list: that nothing is said, where that may be.
fn blank(reader: &Reader, needed: bool, value: &str) -> Markup {
    match needed {
        true => parts::placeholder(reader, !value.is_empty()),
        false => html! { option value="" { (reader.say(NOT_SAID)) } },
    }
}

/// What a value is filled in with.
fn control(
    reader: &Reader,
    units: &UnitNames,
    column: &Column,
    members: Option<Vec<(String, String)>>,
    value: &str,
) -> Markup {
    let name = format!("i.{}", column.id);
    let needed = column.required;
    let text = |mode: &'static str, longest: usize| {
        html! { input id=(name) name=(name) type="text" inputmode=(mode) maxlength=(longest) autocomplete="off" value=(value) required[needed]; }
    };
    if let Some(members) = members {
        return html! {
            select id=(name) name=(name) required[needed] {
                (blank(reader, needed, value))
                @for (member, words) in &members { option value=(member) selected[member == value] { (words) } }
            }
        };
    }
    match &column.kind {
        FieldType::Unit => html! {
            select id=(name) name=(name) required[needed] {
                (blank(reader, needed, value))
                @for unit in units.all().take(500) { option value=(unit.code) selected[unit.code.as_str() == value] { (unit.name) } }
            }
        },
        FieldType::LongText | FieldType::List(_) => html! {
            textarea id=(name) name=(name) rows="3" maxlength="20000" required[needed] { (value) }
        },
        FieldType::Date | FieldType::PartialDate => html! {
            (text("text", 40))
            p.hint { (reader.say(DATE_HINT)) }
        },
        FieldType::Phone => text("tel", 40),
        FieldType::Fen => html! {
            (text("decimal", 40))
            p.hint { (reader.say(YUAN_HINT)) }
        },
        FieldType::Int | FieldType::Decimal { .. } => text("decimal", 40),
        FieldType::IdNumber => text("text", 40),
        _ => text("text", 2_000),
    }
}

words! {
    NOT_SAID: "不填", "not said";
    YES: "是", "yes";
    NO: "否", "no";
    DATE_HINT: "如 2025-12-31、2025年12月31日", "such as 2025-12-31";
    YUAN_HINT: "单位为元，如 1180.50", "in yuan, such as 1180.50";
}
