//! How a form asks for somebody, a household or another record: who was picked, with a way to pick somebody else; who may be meant by what
//! was typed, with what tells namesakes apart; or a box to type into. Of other registers with few records all of them are there to choose
//! from. A script proposes the nearest while somebody types; without it the form finds them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::RecordId;
use maud::{Markup, html};
use office::{NearTo, Pick, SeenRecord, UnitNames, View};
use pack::{Action, FieldType, Fits, Input};

use super::action_inputs::Filled;
use super::refs::{Candidate, households, records, tell};
use super::registers::cells::title;
use crate::desk;
use crate::parts;
use crate::plain;
use crate::reader::Reader;
use crate::shell;
use crate::trouble::Trouble;
use crate::words;

/// The longest text by which somebody is looked for, in characters.
const LONGEST_TYPED: usize = 60;
/// How many are proposed below a box.
const MOST_BELOW: usize = 8;
/// How many records of another register are proposed.
const MOST_MEANT: usize = 20;
/// Up to how many records of another register are all there to choose from.
pub(super) const MOST_LISTED: usize = 30;

/// People and other records that a form shows.
#[derive(Clone, Copy, Default)]
pub(super) struct People<'a> {
    /// Who was picked.
    pub picked: &'a [Pick],
    /// Who shares a household with whoever was picked first where there may be several.
    pub mates: &'a [Pick],
    /// Records of other registers that were picked.
    pub others: &'a [Candidate],
    /// By input what there is of another register.
    pub choices: Option<&'a BTreeMap<String, Choices>>,
}

/// What there is of a register to be picked.
pub(super) struct Choices {
    /// All of them with what names each, if they are few.
    pub listed: Vec<(RecordId, String)>,
    /// How many there are.
    pub total: usize,
}

/// What was typed to find a record, and what it may mean.
pub(super) struct Typed {
    pub text: String,
    /// The nearest of those it may mean.
    pub found: Vec<Candidate>,
    /// How many those are.
    pub total: usize,
}

impl Typed {
    pub fn new(text: &str) -> Typed {
        Typed {
            text: text.to_owned(),
            found: Vec::new(),
            total: 0,
        }
    }

    /// Finds whom, or which households, it may mean.
    pub async fn find(
        &mut self,
        reader: &Reader,
        (view, units): (&View, &UnitNames),
        register: &str,
        (day, near): (Date, NearTo),
    ) -> Result<(), Trouble> {
        let contract = &reader.office.contract;
        if register == contract.people.register.id {
            let meant = view.meant(&self.text, day, near).await?;
            self.total = meant.total;
            let told = |pick: &Pick| Candidate {
                record: pick.record,
                told: tell(reader, units, pick),
            };
            self.found = meant.picks.iter().map(told).collect();
        } else if register == contract.households.register.id {
            let meant = view.households_meant(&self.text, day).await?;
            self.total = meant.len();
            self.found = households(reader, units, meant);
        } else if !self.text.trim().is_empty() {
            let register = view.register(register)?;
            let meant = view.called(day, register, &self.text, MOST_MEANT).await?;
            let title = |row: &SeenRecord| title(reader, units, &row.title(register));
            let whole = meant.rows.iter();
            let whole: Vec<&SeenRecord> =
                whole.filter(|row| title(row) == self.text.trim()).collect();
            // Whose whole name was typed is meant, whatever others begin like it.
            (self.found, self.total) = match whole.as_slice() {
                [only] => (
                    records(reader, units, register, std::slice::from_ref(*only)),
                    1,
                ),
                _ => (records(reader, units, register, &meant.rows), meant.total),
            };
        }
        Ok(())
    }
}

/// The field of a person: who was picked, who may be meant, or a name or number to be typed.
pub(super) fn person(
    reader: &Reader,
    units: &UnitNames,
    (action, input): (&Action, &Input),
    (filled, people): (&Filled, People<'_>),
) -> Markup {
    let pick = format!("r.{}", input.id);
    let known = |record: &RecordId| people.picked.iter().find(|pick| pick.record == *record);
    let asks = Asks {
        input,
        filled,
        near: people.picked.first().map(|pick| pick.record),
        whom: Some(format!("{}.{}", action.id(), input.id)),
        of: FieldType::Ref(reader.office.contract.people.register.id.clone()),
        hint: shell::find_hint(reader),
        nobody: NOBODY,
    };
    let Some(records) = filled.records.get(&input.id) else {
        return asks.sought(reader);
    };
    let several = input.several && people.mates.len() > 1;
    if !several {
        let told = |record: &RecordId| match known(record) {
            Some(one) => tell(reader, units, one),
            None => html! { (record) },
        };
        return asks.picked(reader, records, told);
    }
    html! {
        fieldset.field {
            legend { (input.name.get(reader.lang)) }
            @for mate in people.mates {
                label.choice { input type="checkbox" name=(pick) value=(mate.record) checked[records.contains(&mate.record)]; " " (tell(reader, units, mate)) }
            }
            @for record in records.iter().filter(|record| people.mates.iter().all(|mate| mate.record != **record)) {
                @if let Some(one) = known(record) { label.choice { input type="checkbox" name=(pick) value=(record) checked; " " (tell(reader, units, one)) } }
            }
        }
    }
}

/// The field of a household.
pub(super) fn household(
    reader: &Reader,
    input: &Input,
    (filled, people): (&Filled, People<'_>),
) -> Markup {
    let asks = Asks {
        input,
        filled,
        near: None,
        whom: None,
        of: FieldType::Ref(reader.office.contract.households.register.id.clone()),
        hint: reader.say(HOUSEHOLD_HINT).to_owned(),
        nobody: NOBODY,
    };
    match filled.records.get(&input.id) {
        Some(records) => asks.picked(reader, records, |record| other(people, record)),
        None => asks.sought(reader),
    }
}

/// The field of a record of another register: all of them to choose from if there are few, or a box for words of its name. None where
/// what names them isn't in clear to the reader: then it is told by what a list names it by.
pub(super) fn others(
    reader: &Reader,
    (register, input): (&str, &Input),
    (filled, people): (&Filled, People<'_>),
) -> Option<Markup> {
    let picked = filled.records.get(&input.id).map_or(&[][..], Vec::as_slice);
    let choices = people.choices.and_then(|choices| choices.get(&input.id));
    let asks = Asks {
        input,
        filled,
        near: None,
        whom: None,
        of: FieldType::Ref(register.to_owned()),
        hint: reader.say(RECORD_HINT).to_owned(),
        nobody: NO_RECORD,
    };
    match (picked, choices) {
        ([] | [_], Some(choices)) if !choices.listed.is_empty() => {
            Some(listed(reader, input, picked, &choices.listed))
        }
        ([], Some(choices)) if choices.total > 0 => Some(asks.sought(reader)),
        ([], _) => None,
        ([_], _) => Some(asks.picked(reader, picked, |record| other(people, record))),
        _ => Some(html! {
            div.field {
                p.label { (input.name.get(reader.lang)) }
                (hidden(input, picked, |record| other(people, record)))
            }
        }),
    }
}

/// All records there are, to choose one.
fn listed(
    reader: &Reader,
    input: &Input,
    picked: &[RecordId],
    all: &[(RecordId, String)],
) -> Markup {
    let name = format!("r.{}", input.id);
    html! {
        div.field {
            label for=(name) { (input.name.get(reader.lang)) @if input.required { " " span.needed { (reader.say(words::NEEDED)) } } }
            select id=(name) name=(name) required[input.required] {
                @if input.required { (parts::placeholder(reader, !picked.is_empty())) } @else { option value="" { (reader.say(NOBODY_MEANT)) } }
                @for (record, called) in all { option value=(record) selected[picked.contains(record)] { (called) } }
            }
            @let help = input.help.get(reader.lang);
            @if !help.is_empty() { p.hint { (help) } }
        }
    }
}

fn other(people: People<'_>, record: &RecordId) -> Markup {
    let mut others = people.others.iter();
    match others.find(|other| other.record == *record) {
        Some(one) => one.told.clone(),
        None => html! { (record) },
    }
}

fn hidden(input: &Input, records: &[RecordId], told: impl Fn(&RecordId) -> Markup) -> Markup {
    html! {
        @for record in records {
            p.picked {
                input type="hidden" name=(format!("r.{}", input.id)) value=(record);
                (told(record))
            }
        }
    }
}

/// What is asked for, and how.
struct Asks<'a> {
    input: &'a Input,
    filled: &'a Filled,
    /// Near whom those come first who may be meant.
    near: Option<RecordId>,
    /// The action and the input, which say whom it fits.
    whom: Option<String>,
    of: FieldType,
    hint: String,
    /// What is said if nothing is found.
    nobody: words::Words,
}

impl Asks<'_> {
    /// Who was picked, and a box in which to say that somebody else is meant.
    fn picked(
        &self,
        reader: &Reader,
        records: &[RecordId],
        told: impl Fn(&RecordId) -> Markup,
    ) -> Markup {
        let label = self.input.name.get(reader.lang);
        let named = format!("{label}{}{}", reader.say(words::COLON), reader.say(CHANGE));
        html! {
            div.field {
                p.label { (label) }
                (hidden(self.input, records, told))
                details.change {
                    summary { (reader.say(CHANGE)) }
                    (self.typing(reader, "", Some(&named)))
                    p.hint { (self.hint) (reader.say(CHANGE_HINT)) }
                    @if !self.input.required {
                        label.choice { input type="checkbox" name=(format!("n.{}", self.input.id)) value="1"; " " (reader.say(NOBODY_MEANT)) }
                    }
                }
            }
        }
    }

    /// What is typed to find a record, and those it may mean.
    fn sought(&self, reader: &Reader) -> Markup {
        let (input, typed) = (self.input, self.filled.typed.get(&self.input.id));
        let (pick, name) = (format!("r.{}", input.id), format!("t.{}", input.id));
        let label = input.name.get(reader.lang);
        let text = typed.map_or("", |typed| typed.text.as_str());
        html! {
            @if let Some(typed) = typed.filter(|typed| !typed.found.is_empty()) {
                fieldset.field {
                    legend { (label) (reader.say(words::COLON)) (words::which_of(text, reader.lang)) }
                    @for one in &typed.found {
                        label.choice.one { input type="radio" name=(pick) value=(one.record); span { (one.told) } }
                    }
                    @if typed.total > typed.found.len() { p.note { (more(typed.total - typed.found.len(), reader)) } }
                    input type="hidden" name=(format!("w.{}", input.id)) value=(text);
                    label for=(name) { (reader.say(AGAIN)) }
                    (self.typing(reader, text, None))
                }
            } @else {
                div.field {
                    label for=(name) { (label) @if input.required { " " span.needed { (reader.say(words::NEEDED)) } } }
                    (self.typing(reader, text, None))
                    p.hint { (self.hint) }
                    @let help = input.help.get(reader.lang);
                    @if !help.is_empty() { p.hint { (help) } }
                    @if !text.is_empty() { p.wrong { (reader.say(self.nobody)) } }
                }
            }
        }
    }

    /// The box, below which a script shows whom what is typed may mean.
    fn typing(&self, reader: &Reader, text: &str, named: Option<&str>) -> Markup {
        let id = &self.input.id;
        let name = format!("t.{id}");
        let FieldType::Ref(of) = &self.of else {
            return html! {};
        };
        html! {
            div.finding data-find=(reader.link("/find/below", &[])) data-pick=(of) data-record=(format!("r.{id}")) data-near=[self.near] data-whom=[&self.whom] {
                input id=(name) name=(name) type="search" maxlength=(LONGEST_TYPED) autocomplete="off" spellcheck="false" value=(text) aria-label=[named] required[self.input.required && named.is_none()];
                div.found id=(format!("found.{id}")) hidden {}
                p.unseen role="status" {}
            }
        }
    }
}

/// Whom an input fits: what must stand on pages where the action is offered for it.
pub(super) fn fits(action: &Action, input: &Input) -> Vec<(String, Fits)> {
    let mut offered = action.offered.iter();
    let own = offered.find(|offer| action.inputs[offer.input].id == input.id);
    own.map_or_else(Vec::new, |offer| offer.when.clone())
}

/// Whom, or which households, what is being typed into a form may mean.
pub(super) async fn below(
    reader: &Reader,
    fields: &[(String, String)],
    (of, text): (&str, &str),
) -> Result<Markup, Trouble> {
    let view = reader.view()?;
    let units = view.units(reader.on).await?;
    let near = desk::field(fields, "near").map(super::record);
    let whom = desk::field(fields, "whom").and_then(|whom| whom.split_once('.'));
    let whom = whom.and_then(|(action, input)| {
        let action = view.action(action).ok()?;
        Some(fits(action, action.input(input)?))
    });
    let near = NearTo {
        person: near.transpose()?,
        unit: None,
        fits: whom.unwrap_or_default(),
    };
    let mut typed = Typed::new(text);
    let register = view.register(of)?;
    let day = reader.on.min(reader.office.today());
    typed
        .find(reader, (view, &units), &register.id, (day, near))
        .await?;
    typed.found.truncate(MOST_BELOW);
    let left = typed.total - typed.found.len();
    let contract = &reader.office.contract;
    let kept = [&contract.people.register, &contract.households.register];
    let nobody = match kept.iter().any(|kept| kept.id == register.id) {
        true => NOBODY,
        false => NO_RECORD,
    };
    Ok(html! {
        @if !typed.found.is_empty() {
            ul role="listbox" aria-label=(reader.say(FOUND)) {
                @for one in &typed.found {
                    li role="none" { button type="button" role="option" tabindex="-1" value=(one.record) { (one.told) } }
                }
            }
        }
        p.told {
            @if typed.found.is_empty() { (reader.say(nobody)) }
            @else if left > 0 { (more(left, reader)) }
            @else { (words::found(typed.found.len(), typed.total, reader.lang)) }
        }
    })
}

fn more(left: usize, reader: &Reader) -> String {
    words::more_of_them(&plain::count(left), reader.lang)
}

words! {
    FOUND: "可能是", "May be meant";
    NOBODY: "没有找到，请写全姓名或公民身份号码。", "Nobody was found; give the full name or the ID number.";
    CHANGE: "换", "Somebody else";
    CHANGE_HINT: "。填了就换掉上面的。", ". What is typed here takes the place of the above.";
    NOBODY_MEANT: "不填", "not said";
    AGAIN: "都不是？另找", "None of them? Look again";
    NO_RECORD: "没有找到，换几个字再试。", "Nothing was found; try other words.";
    RECORD_HINT: "名称、编号中的几个字", "Some words of its name or number";
    HOUSEHOLD_HINT: "户号、住址，或户内任何一人的姓名", "Household number, address, or the name of any member";
}
