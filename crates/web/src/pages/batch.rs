//! What can be made known of rows of a list that were chosen: a column to choose them, and below the list the actions that are offered
//! for them. One way for every list, of a register as of a programme: what is chosen is sent to the action's own form, which
//! previews it for each, writes it as one commit and leads back to the list.

use kernel::RecordId;
use maud::{Markup, html};
use office::{OfficeError, RowInput, UnitNames, names_programmes};
use pack::{Action, FieldType, InputGives, Register};

use super::action_inputs::{self, Filled};
use super::action_picker::People;
use crate::guard;
use crate::reader::Reader;
use crate::trouble::Trouble;
use crate::words;

/// The actions offered for the rows of a list.
pub(crate) struct Offers<'r> {
    /// The register whose records the rows are.
    of: &'r Register,
    /// The one whose short inputs stand below the list.
    first: Option<&'r Action>,
    others: Vec<&'r Action>,
    /// The programme whose list it is.
    programme: Option<&'r str>,
}

/// What of an address isn't about the rows of a list.
pub(crate) const NOT_OF_ROWS: [&str; 6] = ["page", "lang", "print", "all", "done", "rows"];

/// The address of the list that is looked at, to lead back to when something is done.
pub(crate) fn here(reader: &Reader) -> String {
    reader.asked_at(&reader.path, &["lang", "all", "done", "rows", "print"])
}

impl<'r> Offers<'r> {
    /// What is offered for rows of a register's list to whoever may write it.
    pub fn of_register(reader: &'r Reader, of: &'r Register) -> Option<Offers<'r>> {
        let view = reader.writer().ok()?;
        let offered = view.offered_on_rows(of).into_iter();
        let others: Vec<&Action> = offered.map(|(action, _)| action).collect();
        (!others.is_empty()).then_some(Offers {
            of,
            first: None,
            others,
            programme: None,
        })
    }

    /// The same of the list of a programme, whose rows are people: how far the office has come with them is filled in below it.
    pub fn of_programme(reader: &'r Reader, programme: &'r str) -> Option<Offers<'r>> {
        let contract = &reader.office.contract;
        let mut offers = Offers::of_register(reader, &contract.people.register)?;
        let kept = contract.follow_ups.as_ref().map(|kept| &kept.register.id);
        let sets = |action: &&Action| {
            let mut writes = action.roster.writes.iter();
            writes.any(|write| write.create && Some(&write.register) == kept)
        };
        offers.first = offers.others.iter().copied().find(sets);
        offers.others.retain(|action| !sets(action));
        offers.programme = Some(programme);
        Some(offers)
    }

    /// The form around a table: what is chosen in it is sent to an action.
    pub async fn around(
        &self,
        reader: &Reader,
        units: &UnitNames,
        table: &Markup,
    ) -> Result<Markup, Trouble> {
        let form = guard::new_key().map_err(|error| OfficeError::Broken(error.to_string()))?;
        let address = |action: &Action| reader.link(&format!("/actions/{}", action.id()), &[]);
        let nobody = People::default();
        let mut filled = Filled::new(reader.on.min(reader.office.today()));
        if let Some(action) = self.first {
            filled.propose(reader, action).await?;
        }
        let choose = reader.link("/actions", &[]);
        let to = self.first.map_or_else(|| choose.clone(), address);
        Ok(html! {
            form.rows-chosen method="post" action=(to) {
                input type="hidden" name="form" value=(form);
                input type="hidden" name="of" value=(self.of.id);
                @if let Some(programme) = self.programme { input type="hidden" name="programme" value=(programme); }
                input type="hidden" name="back" value=(here(reader));
                p.note.ticking { (reader.say(TICK)) " " a.alone href="#batch" { (reader.say(OF_THOSE_CHOSEN)) } }
                (table)
                p.chosen hidden role="status" data-told=(words::rows_chosen(0, reader.lang)) { span {} " " a.alone href="#batch" { (reader.say(OF_THOSE_CHOSEN)) } }
                fieldset.batch #batch {
                    legend { (reader.say(OF_THOSE_CHOSEN)) }
                    p.note {
                        @if all(reader) { a.alone href=(same_page(reader, false)) { (reader.say(CHOOSE_NONE)) } }
                        @else { a.alone href=(same_page(reader, true)) { (reader.say(CHOOSE_ALL)) } }
                    }
                    @if let Some(action) = self.first {
                        div.fields {
                            @for input in asked_here(reader, action) { (action_inputs::field(reader, units, (action, input), (&filled, nobody), None)) }
                        }
                        p.buttons { button type="submit" name="step" value="look" { (action.name().get(reader.lang)) "…" } }
                    }
                    @if !self.others.is_empty() {
                        p.buttons {
                            label for="action" { (reader.say(if self.first.is_some() { ANOTHER_ACTION } else { WHICH_ACTION })) } " "
                            select #action name="action" {
                                @for action in &self.others { option value=(action.id()) { (action.name().get(reader.lang)) } }
                            } " "
                            button.quiet[self.first.is_some()] type="submit" name="step" value="open" formaction=(choose) formnovalidate { (reader.say(GO_ON)) }
                        }
                    }
                }
            }
        })
    }
}

/// Whether every row of the page is chosen.
fn all(reader: &Reader) -> bool {
    reader.ask("all").is_some()
}

/// The heading of the column in which rows are chosen.
pub(crate) fn heading(reader: &Reader) -> Markup {
    html! { th.pick scope="col" { span.unseen { (reader.say(CHOOSE)) } } }
}

/// The cell in which a row is chosen; blank where there is nothing to choose.
pub(crate) fn pick(reader: &Reader, record: Option<RecordId>, name: &str) -> Markup {
    html! {
        td.pick {
            @if let Some(record) = record {
                label.choice { input type="checkbox" name="row" value=(record) checked[all(reader)] aria-label=(words::choose(name, reader.lang)); }
            }
        }
    }
}

/// This page of the list with every row chosen, or none.
fn same_page(reader: &Reader, all: bool) -> String {
    let mut here = reader.here_without(|name, _| ["all", "done", "rows"].contains(&name));
    let page = reader.ask("page").filter(|page| *page != "1");
    let more = [all.then_some(("all", "1")), page.map(|page| ("page", page))];
    for (name, value) in more.into_iter().flatten() {
        here.push(if here.contains('?') { '&' } else { '?' });
        here.push_str(&format!("{name}={value}"));
    }
    here
}

/// The inputs that are filled in below a list: what is short, and isn't given by the list itself.
fn asked_here<'a>(reader: &Reader, action: &'a Action) -> Vec<&'a pack::Input> {
    let contract = &reader.office.contract;
    let short = |input: &&pack::Input| match input.gives {
        InputGives::Record { .. } => false,
        InputGives::Value(_) => action.kind_of(input).is_some_and(|kind| {
            !names_programmes(contract, kind) && !matches!(kind, FieldType::LongText)
        }),
    };
    action.inputs.iter().filter(short).collect()
}

/// The input of an action that rows of a register give, if it is offered for them.
pub(crate) fn given<'a>(
    reader: &'a Reader,
    action: &Action,
    of: &Register,
) -> Option<RowInput<'a>> {
    let offered = reader.view().ok()?.offered_on_rows(of).into_iter();
    let mut own = offered.filter(|(own, _)| own.id() == action.id());
    own.next().map(|(_, input)| input)
}

words! {
    TICK: "勾选行首的方框，可一次为几行办理：", "Tick rows to do something for several at once:";
    CHOOSE: "选择", "Choose";
    OF_THOSE_CHOSEN: "为选中的各行办理", "For the rows chosen";
    CHOOSE_ALL: "选中本页全部", "Choose all on this page";
    CHOOSE_NONE: "全不选", "Choose none";
    WHICH_ACTION: "办理事项", "Action";
    ANOTHER_ACTION: "其他办理", "Another action";
    GO_ON: "填写…", "Fill in…";
}
