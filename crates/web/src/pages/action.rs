//! Making something known: the form of an action, what it would write and whose answers it would change, and its being
//! carried out. A form is looked at before it is written, and keeps what was filled in until then; sent twice it is done once.

use std::collections::BTreeMap;

use kernel::{RecordId, UnitCode};
use maud::{Markup, html};
use office::{
    ActForm, ActRow, OfficeError, Pick, SeenAct, SeenRecord, SeenWord, UnitNames, Verdict,
};
use pack::{Action, ValueSource};

use super::action_inputs::{self, Filled};
use super::action_outcome::outcome;
use super::action_picker::{Choices, MOST_LISTED, People};
use super::refs::{self, Candidate, tell};
use super::registers::plain_cell;
use super::stood::{self, Changed, Stood};
use crate::desk;
use crate::guard;
use crate::parts;
use crate::reader::Reader;
use crate::shell::{Page, Place};
use crate::trouble::Trouble;
use crate::words;

/// The field of a form that says that it was looked at.
const LOOKED: &str = "looked";
/// The most records that can be picked for one input.
const MOST_PICKED: usize = 200;

/// The form of an action, with the record it was opened for.
pub(crate) async fn form(reader: &Reader, id: &str) -> Result<Page, Trouble> {
    let view = reader.view()?;
    let action = view.action(id)?;
    let mut filled = Filled::new(reader.on.min(reader.office.today()));
    for input in &action.inputs {
        let asked = reader.asked.iter().filter(|(name, _)| *name == input.id);
        for (_, value) in asked.take(MOST_PICKED) {
            match action.register_of(input) {
                Some(_) => {
                    let record = super::record(value)?;
                    filled
                        .records
                        .entry(input.id.clone())
                        .or_default()
                        .push(record);
                }
                None => drop(filled.values.insert(input.id.clone(), value.clone())),
            }
        }
    }
    let form = guard::new_key().map_err(|error| OfficeError::Broken(error.to_string()));
    filled.form = form?;
    let back = reader.ask("back").filter(|to| action_inputs::is_a_list(to));
    filled.back = back.map(str::to_owned);
    filled.draft = reader.here_without(|name, _| ["on", "back"].contains(&name));
    filled.propose(reader, action).await?;
    page(reader, action, &filled, Shown::default()).await
}

/// What a form shows besides its fields.
#[derive(Clone, Copy, Default)]
struct Shown<'s> {
    /// What it would do.
    seen: Option<&'s SeenAct>,
    /// What somebody else changed since it was looked at.
    changed: &'s [Changed],
    /// Whether it was sent before: then the browser has nothing that is newer.
    sent: bool,
}

/// The action that was chosen for rows of a list, with these.
pub(crate) async fn chosen(reader: &Reader, fields: desk::Fields) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let fields = desk::read(fields)?;
    let id = desk::field(&fields, "action").ok_or(Trouble::Form(words::UNREADABLE_FORM))?;
    let action = view.action(id)?;
    given(reader, action, &fields).await
}

/// What was sent: looked at first, and carried out when that was seen.
pub(crate) async fn sent(reader: &Reader, id: &str, fields: desk::Fields) -> Result<Page, Trouble> {
    let action = reader.writer()?.action(id)?;
    given(reader, action, &desk::read(fields)?).await
}

async fn given(
    reader: &Reader,
    action: &Action,
    fields: &[(String, String)],
) -> Result<Page, Trouble> {
    let view = reader.writer()?;
    let units = view.units(reader.on).await?;
    let mut filled = Filled::read(reader, action, fields).await?;
    filled.resolve(reader, &units, action).await?;
    filled.propose(reader, action).await?;
    let write = desk::field(fields, "step") == Some("write");
    let opens = desk::field(fields, "step") == Some("open");
    let mut shown = Shown {
        sent: true,
        ..Shown::default()
    };
    let asked = filled.unit.is_none() && Whose::of(reader, action, &filled).await?.asked();
    if opens || filled.open(action) || filled.on.is_err() || asked {
        return page(reader, action, &filled, shown).await;
    }
    let form = filled.asked(action)?;
    if !write {
        let seen = view.try_action(&form).await?;
        if let Some(commit) = seen.commit {
            return Ok(Page::elsewhere(back(reader, action, &filled, commit)));
        }
        shown.seen = Some(&seen);
        return page(reader, action, &filled, shown).await;
    }
    let planned = view.plan_action(&form).await?;
    // Sent again, by the back button say: it was written then, and what it changed is no stranger's doing.
    if let Some(commit) = planned.commit {
        return Ok(Page::elsewhere(back(reader, action, &filled, commit)));
    }
    let changed = filled
        .stood
        .changed(reader, &Stood::of(reader, &units, &planned));
    let looked = desk::field(fields, LOOKED).is_some();
    if !changed.is_empty() || !looked && wants_a_look(reader, &units, &planned) {
        let seen = view.try_action(&form).await?;
        (shown.seen, shown.changed) = (Some(&seen), &changed);
        return page(reader, action, &filled, shown).await;
    }
    let done = view.carry_out(&form).await?;
    let left = done.rows.iter().any(|row| !fit(row.verdict));
    match done.commit {
        Some(commit) if left => written_in_part(reader, action, &filled, &done, commit).await,
        Some(commit) => Ok(Page::elsewhere(back(reader, action, &filled, commit))),
        // Refused or asked about since it was looked at, or there was nothing to write.
        None => {
            shown.seen = Some(&done);
            page(reader, action, &filled, shown).await
        }
    }
}

/// Whether what would be written at once has to be looked at before: something in it is remarked on, or it takes the place of something else.
fn wants_a_look(reader: &Reader, units: &UnitNames, planned: &SeenAct) -> bool {
    let replaces = |word: &SeenWord| {
        let register = reader.office.pack.register(&word.register);
        word.fields.iter().any(|change| {
            let field = register.and_then(|register| register.fields.get(change.at));
            let before = field.map(|field| plain_cell(reader, units, &field.kind, &change.before));
            Some(&change.before) != change.after.as_ref() && before.is_some_and(|b| !b.is_empty())
        })
    };
    planned.rows.iter().any(|row| !row.notes.is_empty()) || planned.words.iter().any(replaces)
}

/// Where the reader goes when it is done: to the record it was about, with a word of it.
fn back(reader: &Reader, action: &Action, filled: &Filled, commit: i64) -> String {
    if let Some(list) = &filled.back {
        let join = if list.contains('?') { '&' } else { '?' };
        let rows = filled.cases();
        return format!("{list}{join}done={commit}&rows={rows}");
    }
    let contract = &reader.office.contract;
    let commit = commit.to_string();
    let to = action.inputs.iter().find_map(|input| {
        let record = filled.records.get(&input.id)?.first()?;
        match action.register_of(input)? {
            register if register == contract.people.register.id => {
                Some(format!("/people/{record}"))
            }
            register if register == contract.households.register.id => {
                Some(format!("/households/{record}"))
            }
            _ => None,
        }
    });
    match to {
        Some(path) => reader.link(&path, &[("done", &commit)]),
        None => reader.link(&format!("/imports/{commit}"), &[]),
    }
}

async fn page(
    reader: &Reader,
    action: &Action,
    filled: &Filled,
    shown: Shown<'_>,
) -> Result<Page, Trouble> {
    let (view, seen) = (reader.view()?, shown.seen);
    let units = view.units(reader.on).await?;
    let records: Vec<RecordId> = filled.people(reader, action).collect();
    let picked = view.picked(&records, reader.on).await?;
    let seen_here = |record: &RecordId| picked.iter().any(|pick| pick.record == *record);
    if !records.iter().all(seen_here) {
        return Err(Trouble::Absent);
    }
    let mates = mates(reader, action, filled).await?;
    let others = others(reader, &units, action, filled).await?;
    let choices = choices(reader, &units, action, filled).await?;
    let people = People {
        picked: &picked,
        mates: &mates,
        others: &others,
        choices: Some(&choices),
    };
    let whose = Whose::of(reader, action, filled).await?;
    let stood = seen.map(|seen| Stood::of(reader, &units, seen));
    // What a list asks is answered in one go: what was written can be looked at, and taken back, on the list it leads back to.
    let at_once = !shown.sent && filled.back.is_some() && !filled.open(action);
    let words = seen.map_or(&[][..], |seen| seen.words.as_slice());
    let refs = refs::gathered(reader, &units, refs::referred(reader, words)).await?;
    let address = reader.link(&format!("/actions/{}", action.id()), &[]);
    let body = html! {
        @if !action.help.get(reader.lang).is_empty() { p.note { (action.help.get(reader.lang)) } }
        (desk::line(reader))
        // What is filled in before it is known who fills it in would be lost with the name.
        @if reader.desk.is_some() || shown.sent {
            form.act method="post" action=(address) data-draft=(filled.draft) data-owner=(reader.desk.as_deref().unwrap_or_default()) data-fresh=[(!shown.sent).then_some("1")] data-restored=(reader.say(words::RESTORED)) data-discard=(reader.say(words::DISCARD)) {
                input type="hidden" name="form" value=(filled.form);
                input type="hidden" name="draft" value=(filled.draft);
                @if let Some(stood) = &stood {
                    input type="hidden" name=(LOOKED) value="1";
                    (stood.hidden())
                }
                (stood::told(reader, shown.changed))
                @if let Some(back) = &filled.back { input type="hidden" name="back" value=(back); }
                @if let Some(seen) = seen {
                    (outcome(reader, (&units, &refs), seen, &filled.named(&picked)))
                    (who(reader, &units, seen))
                }
                (filled.hidden())
                @for input in &action.inputs {
                    (action_inputs::field(reader, &units, (action, input), (filled, people), seen))
                }
                (when(reader, action, filled))
                (said_for(reader, &units, (action, filled), whose))
                p.buttons {
                    button type="submit" name="step" value="look" class=[(seen.is_some() || at_once).then_some("quiet")] { (reader.say(LOOK)) }
                    @if seen.is_some_and(ready) { " " button type="submit" name="step" value="write" { (reader.say(WRITE)) } }
                    @if at_once { " " button type="submit" name="step" value="write" { (reader.say(AT_ONCE)) } }
                }
            }
        }
    };
    let up = (
        reader.link("/actions", &[]),
        reader.say(words::ACTIONS).to_owned(),
    );
    Ok(
        Page::new(Place::Actions, action.name().get(reader.lang), body)
            .way([up])
            .drafts(),
    )
}

/// The records that were picked and aren't people, with what tells them from others.
async fn others(
    reader: &Reader,
    units: &UnitNames,
    action: &Action,
    filled: &Filled,
) -> Result<Vec<Candidate>, Trouble> {
    let people = &reader.office.contract.people.register.id;
    let mut all = Vec::new();
    for input in &action.inputs {
        let of = action.register_of(input).filter(|of| of != people);
        if let (Some(of), Some(records)) = (of, filled.records.get(&input.id)) {
            all.extend(refs::told(reader, units, of, (records, reader.on)).await?);
        }
    }
    Ok(all)
}

/// What there is of the registers, other than people and households, of which a record is asked for: all of it, if it is little.
async fn choices(
    reader: &Reader,
    units: &UnitNames,
    action: &Action,
    filled: &Filled,
) -> Result<BTreeMap<String, Choices>, Trouble> {
    let (view, contract) = (reader.view()?, &reader.office.contract);
    let kept = [
        &contract.people.register.id,
        &contract.households.register.id,
    ];
    let day = filled.on.clone().unwrap_or(reader.on);
    let mut choices = BTreeMap::new();
    for input in &action.inputs {
        let of = action
            .register_of(input)
            .filter(|of| !kept.iter().any(|kept| kept == of));
        let Some(register) = of.and_then(|of| view.register(of).ok()) else {
            continue;
        };
        let page = view.called(day, register, "", MOST_LISTED).await?;
        let mut listed = Vec::new();
        if page.total <= MOST_LISTED {
            let told =
                |row: &SeenRecord| (row.row.record, refs::called(reader, units, register, row));
            listed.extend(page.rows.iter().map(told));
        }
        let total = page.total;
        choices.insert(input.id.clone(), Choices { listed, total });
    }
    Ok(choices)
}

/// Who shares a household with whoever was picked first for the input of which there may be several.
async fn mates(reader: &Reader, action: &Action, filled: &Filled) -> Result<Vec<Pick>, Trouble> {
    let people = &reader.office.contract.people.register.id;
    let mut inputs = action.inputs.iter();
    let several = inputs.find(|input| input.several && action.register_of(input) == Some(people));
    // From a list those are meant who were chosen there.
    let several = several.filter(|_| filled.back.is_none());
    let first = several.and_then(|input| filled.records.get(&input.id)?.first());
    match first {
        Some(first) => Ok(reader.view()?.housemates(*first, reader.on).await?),
        None => Ok(Vec::new()),
    }
}

/// Whether what was looked at can be written.
pub(super) fn ready(seen: &SeenAct) -> bool {
    seen.rows.iter().any(|row| fit(row.verdict)) && !(seen.words.is_empty() && seen.again == 0)
}

/// Whether a row can be carried out.
fn fit(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Rejected | Verdict::Asked)
}

/// What became of each row, where some could be carried out and others not.
async fn written_in_part(
    reader: &Reader,
    action: &Action,
    filled: &Filled,
    done: &SeenAct,
    commit: i64,
) -> Result<Page, Trouble> {
    let records: Vec<RecordId> = filled.people(reader, action).collect();
    let picked = reader.view()?.picked(&records, reader.on).await?;
    let names = filled.named(&picked);
    let written = done.rows.iter().filter(|row| fit(row.verdict)).count();
    let body = html! {
        p.receipt role="status" { (words::carried_out(written, reader.lang)) " " a href=(reader.link(&format!("/imports/{commit}"), &[])) { (reader.say(SEE_COMMIT)) } }
        table.rows {
            caption.unseen { (reader.say(OF_EACH)) }
            thead { tr { @for heading in [words::WHOM, OF_EACH] { (parts::heading(reader, heading, false)) } } }
            tbody {
                @for (nth, row) in done.rows.iter().enumerate() {
                    tr {
                        th scope="row" { (case_name(reader, &names, nth)) }
                        td {
                            @if fit(row.verdict) { span.mark.holds aria-hidden="true" { "✓" } " " (reader.say(WRITTEN)) }
                            @for note in row.refusals() { p.wrong { (note.finding.message(reader.lang)) } }
                            @if row.verdict == Verdict::Asked { p.wrong { (reader.say(MAY_BE_KNOWN)) } }
                        }
                    }
                }
            }
        }
        @if let Some(back) = &filled.back { p { a.begin href=(back) { (reader.say(BACK_TO_LIST)) } } }
    };
    Ok(Page::new(
        Place::Actions,
        action.name().get(reader.lang),
        body,
    ))
}

/// A case by whom it is of.
pub(super) fn case_name(reader: &Reader, names: &[String], nth: usize) -> String {
    let name = names.get(nth).filter(|name| !name.is_empty());
    name.map_or_else(|| words::case_of(nth + 1, reader.lang), Clone::clone)
}

/// The day as of which it is said.
fn when(reader: &Reader, action: &Action, filled: &Filled) -> Markup {
    let dated = action.roster.writes.iter().any(|write| write.create);
    html! {
        @if dated {
            div.field {
                label for="on" { (reader.say(SAID_ON)) }
                input #on name="on" autocomplete="off" value=(filled.day_as_written());
                p.hint { (reader.say(SAID_ON_HINT)) }
                @if let Err(text) = &filled.on { p.wrong { (words::bad_day(text, reader.lang)) } }
            }
        }
    }
}

/// Whose the matter is: what the form says of it unless somebody chooses otherwise.
#[derive(Clone, Copy)]
struct Whose {
    /// The unit of the record it is about, once one is picked.
    matter: Option<UnitCode>,
    /// That of whoever is at the desk, if they are of one.
    desk: Option<UnitCode>,
    /// Whether a record is picked by which it would be known.
    named: bool,
}

impl Whose {
    async fn of(reader: &Reader, action: &Action, filled: &Filled) -> Result<Whose, Trouble> {
        let view = reader.view()?;
        let day = filled.on.clone().unwrap_or(reader.on);
        Ok(Whose {
            matter: view.unit_of_matter(action, &filled.records, day).await?,
            desk: view.unit_of_desk(),
            named: !filled.open(action),
        })
    }

    /// Whether nothing tells whose it is, so that it has to be chosen.
    fn asked(self) -> bool {
        self.matter.is_none() && self.desk.is_none() && self.named
    }
}

/// The unit it is said for, where one may have to be chosen.
fn said_for(
    reader: &Reader,
    units: &UnitNames,
    (action, filled): (&Action, &Filled),
    whose: Whose,
) -> Markup {
    let takes_unit = action.roster.writes.iter().any(|write| {
        let mut set = write.set.iter();
        set.any(|(_, source)| match source {
            ValueSource::Unit => true,
            ValueSource::Else(_, blank) => **blank == ValueSource::Unit,
            _ => false,
        })
    });
    let named = action.inputs.iter().any(|input| {
        let of = action.register_of(input);
        of.is_some() && filled.records.contains_key(&input.id)
    });
    let asks = action.inputs.iter();
    let asks = asks
        .filter_map(|input| action.register_of(input))
        .next()
        .is_some();
    // Until a record is picked whose the matter is, it may still turn out to be of another unit than the desk's.
    let follows = asks && (whose.matter.is_some() || !named);
    html! {
        @if takes_unit || !named || whose.matter.is_none() {
            div.field {
                label for="unit" { (reader.say(SAID_FOR)) @if whose.asked() { " " span.needed { (reader.say(words::NEEDED)) } } }
                select #unit name="unit" required[whose.asked()] {
                    @match (follows, whose.matter, whose.desk) {
                        (true, Some(unit), _) => option value="" { (words::that_of_the_record(&units.name(unit.as_str()), reader.lang)) },
                        (true, None, _) => option value="" { (reader.say(OF_THE_RECORD)) },
                        (false, _, None) => (parts::placeholder(reader, filled.unit.is_some())),
                        (false, ..) => {},
                    }
                    @for unit in units.all().take(500) {
                        option value=(unit.code) selected[filled.unit == Some(unit.code) || filled.unit.is_none() && !follows && whose.desk == Some(unit.code)] { (unit.name) }
                    }
                }
            }
        }
    }
}

/// Who it is that would be opened, if somebody of that name may be meant.
fn who(reader: &Reader, units: &UnitNames, seen: &SeenAct) -> Markup {
    html! {
        @if seen.rows.iter().any(|row| row.verdict == Verdict::Asked) {
            fieldset.field {
                legend { (reader.say(WHO_IS_IT)) }
                @for pick in &seen.may_be {
                    label.choice { input type="radio" name="who" value=(pick.record); " " (tell(reader, units, pick)) }
                }
                label.choice { input type="radio" name="who" value="new"; " " (reader.say(SOMEBODY_NEW)) }
            }
        }
    }
}

words! {
    SAID_ON: "登记所依据的日期", "As of";
    SAID_ON_HINT: "得知此事的日期，一般为今天", "The day on which this was learnt, usually today";
    SAID_FOR: "登记单位", "For the unit";
    OF_THE_RECORD: "所选记录的单位", "that of the record picked";
    LOOK: "核对", "Check";
    WRITE: "确认登记", "Confirm";
    AT_ONCE: "直接登记", "Write at once";
    WHO_IS_IT: "台账中有可能是同一人的，请选择", "Somebody known may be meant; say who it is";
    SOMEBODY_NEW: "都不是，是新的人", "None of them: somebody new";
    OF_EACH: "结果", "Result";
    WRITTEN: "已登记", "written";
    SEE_COMMIT: "查看或撤回", "See it, or take it back";
    BACK_TO_LIST: "回到名单", "Back to the list";
    MAY_BE_KNOWN: "所填的人可能已在台账中，请在下面选择。", "Who was filled in may be known already; choose below.";
}

/// What is given, for one case or several.
impl Filled {
    /// How many cases there are: one for each record picked for the input of which there are several.
    fn cases(&self) -> usize {
        let several = self.records.values().map(Vec::len).max();
        several.map_or(1, |cases| cases.max(1))
    }

    /// The names of those whom the cases are of, where they are told apart by people.
    fn named(&self, picked: &[Pick]) -> Vec<String> {
        let several = self.records.values().max_by_key(|records| records.len());
        let records = several.map_or(&[][..], Vec::as_slice);
        let name = |record: &RecordId| {
            let pick = picked.iter().find(|pick| pick.record == *record);
            pick.map_or_else(String::new, |pick| pick.name.clone())
        };
        records.iter().map(name).collect()
    }

    /// What is asked of the engine: a case for each record picked for the input of which there are several.
    fn asked(&self, action: &Action) -> Result<ActForm, Trouble> {
        let cases = self.cases();
        let row = |nth: usize| ActRow {
            records: (self.records.iter())
                .filter_map(|(input, records)| {
                    let record = records.get(nth).or_else(|| records.first())?;
                    Some((input.clone(), *record))
                })
                .collect(),
            values: (self.values.iter())
                .map(|(column, text)| (column.clone(), text.as_str().into()))
                .collect(),
        };
        let on = self
            .on
            .clone()
            .map_err(|_| Trouble::Form(words::BAD_DATE))?;
        Ok(ActForm {
            action: action.id().to_owned(),
            on,
            unit: self.unit,
            rows: (0..cases).map(row).collect(),
            told: self.told,
            form: self.form.clone(),
        })
    }
}
