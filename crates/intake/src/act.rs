//! Actions: what somebody makes known case by case, at a desk, at a door or from another program. What a form gives becomes a row of the
//! action's roster and goes the way of any list's row: cleaned, held against checks, recognised, planned, and only then written; so the
//! same said by a list, a form or JSON is the same word. It promises that a look writes nothing, that what is written is one commit, and
//! that a form sent twice is done once. Who is meant is picked by the sender or recognised; it never guesses.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{EntryKind, Grant, Lang, RecordId, UnitCode};
use ledger::{Admitted, Asked, Asking, Draft, Receipt, Say, SayDraft, Source, Target, Voice};
use pack::cell::Cell;
use pack::{Action, FieldType, InputGives, Roster, Value};
use serde_json::Value as Json;
use tables::{Snapshot, Tables};

mod fault;

pub use fault::ActError;

use crate::absence::Absence;
use crate::arrivals::arrivals;
use crate::changes::Changes;
use crate::clean::{Columns, unit_words};
use crate::finding::{Heading, Level, Note};
use crate::import::{Checked, Request, Run};
use crate::list_words::ListWords;
use crate::plan::{RowPlan, Verdict};
use crate::rows::{Rows, State};
use crate::script::Script;
use crate::who::Told;

/// The most rows that come at once by a form or as JSON; more come as a list.
pub const MOST_ROWS: usize = 1000;
/// The longest text given for an input, in characters.
pub const LONGEST_INPUT: usize = 20_000;
/// How often a form is worked out again because others wrote meanwhile.
const MOST_ATTEMPTS: usize = 16;

/// What somebody makes known.
#[derive(Debug, Clone)]
pub struct ActRequest {
    /// The action.
    pub action: String,
    /// The unit for which it is said: whose word it is, and where it is kept.
    pub unit: UnitCode,
    /// The day as of which it is said.
    pub on: Date,
    /// One row for each case.
    pub rows: Vec<ActRow>,
    /// Who it is that is opened, once somebody has been asked.
    pub told: Option<ToldBy>,
    /// What tells this form from another that gives the same; blank if nothing does, and then the same is said anew.
    pub form: String,
}

/// One case: what is given for the inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActRow {
    /// Records that were picked, by input.
    pub records: BTreeMap<String, RecordId>,
    /// What was written, as text or as JSON has it, by input, or by the column by which a list names a record.
    pub values: BTreeMap<String, Json>,
}

/// Who it is that an action opens, by whom the question was put to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldBy {
    /// Somebody known.
    Person(RecordId),
    /// Nobody known.
    New,
}

/// What an action comes to.
#[derive(Debug)]
pub struct Acted {
    /// What becomes of each row, in their order.
    pub rows: Vec<ActedRow>,
    /// What is written, in order.
    pub words: Vec<PlannedWord>,
    /// How many words are there already and only said again.
    pub again: usize,
    /// The ledger's receipt; none of a look, or if there was nothing to write.
    pub receipt: Option<Receipt>,
}

/// What becomes of a row.
#[derive(Debug)]
pub struct ActedRow {
    /// What becomes of it.
    pub verdict: Verdict,
    /// What was found in it.
    pub notes: Vec<Note>,
    /// People it may be about, if that has to be told: none of them, or one.
    pub may_be: Vec<RecordId>,
}

/// A word that an action writes, or would write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedWord {
    /// The row it comes from, from 0.
    pub row: usize,
    /// The register.
    pub register: String,
    /// The record.
    pub record: PlannedRecord,
    /// Whether the record moves to another book, and nothing is said of it.
    pub moves: bool,
    /// The date from which it is true; none if that is the day as of which it is said.
    pub from: Option<Date>,
    /// The day on which it ends.
    pub until: Option<Date>,
    /// What it says.
    pub fields: Vec<PlannedField>,
}

/// A record that is known, or the nth that is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlannedRecord {
    /// The ledger has it.
    Known(RecordId),
    /// It is opened.
    New(u32),
}

/// What a word says of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedField {
    /// The field's place in its register.
    pub at: usize,
    /// What stands there on the day.
    pub before: Option<Value>,
    /// What is said.
    pub after: PlannedValue,
    /// Whether that will stand: somebody else's word may count more.
    pub stands: bool,
}

/// What is said of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlannedValue {
    /// A value.
    Value(Value),
    /// A reference to the nth record that is opened.
    New(u32),
    /// That it isn't known.
    Unknown,
}

/// Looks at what an action would do; of a form that was written before, its receipt. Nothing is written.
///
/// # Errors
/// As [`act`], but for what only the ledger refuses.
pub async fn preview(
    tables: &Tables,
    grant: &Admitted,
    request: &ActRequest,
    at: Timestamp,
) -> Result<Acted, ActError> {
    let doing = Doing::new(tables, grant, request, at)?;
    doing.attempt(false).await
}

/// Carries an action out. Rows that are refused or have to be asked about are left out; of the others all is written, or nothing.
///
/// # Errors
/// There is no such action or input; a record that was picked isn't there; the ledger refuses.
pub async fn act(
    tables: &Tables,
    grant: &Admitted,
    request: &ActRequest,
    at: Timestamp,
) -> Result<Acted, ActError> {
    let doing = Doing::new(tables, grant, request, at)?;
    let _turn = tables.turn().await;
    let mut attempts = 0;
    loop {
        attempts += 1;
        match doing.attempt(true).await {
            Err(ActError::Ledger(error)) if error.is_stale() && attempts < MOST_ATTEMPTS => {}
            done => return done,
        }
    }
}

/// One action being carried out.
struct Doing<'a> {
    tables: &'a Tables,
    asked: &'a ActRequest,
    action: &'a Action,
    roster: Roster,
    request: Request,
}

impl<'a> Doing<'a> {
    fn new(
        tables: &'a Tables,
        grant: &Admitted,
        asked: &'a ActRequest,
        at: Timestamp,
    ) -> Result<Doing<'a>, ActError> {
        let pack = tables.pack();
        let action = pack.action(&asked.action);
        let action = action.ok_or_else(|| ActError::NoAction(asked.action.clone()))?;
        if asked.rows.is_empty() || asked.rows.len() > MOST_ROWS {
            return Err(ActError::Rows(asked.rows.len()));
        }
        for row in &asked.rows {
            known_inputs(action, row)?;
        }
        Ok(Doing {
            tables,
            asked,
            action,
            roster: action.roster.on(asked.on, pack),
            request: Request {
                roster: asked.action.clone(),
                unit: asked.unit,
                files: Vec::new(),
                on: asked.on,
                recorded_at: at,
                grant: Grant::clone(grant),
                dry_run: false,
                absence: Absence::Kept,
                told: BTreeMap::new(),
                lang: Lang::Zh,
            },
        })
    }

    /// Works the action out against what stands, and writes it if asked to.
    async fn attempt(&self, writes: bool) -> Result<Acted, ActError> {
        let ledger = self.tables.ledger();
        let standing = self.tables.snapshot().await?;
        let asked = self.asking(&standing);
        if let Some(receipt) = ledger.receipt_for(&asked).await? {
            return Ok(Acted::before(receipt));
        }
        if ledger.book(self.asked.unit).await?.is_none() {
            return Err(ActError::NoBook(self.asked.unit));
        }
        let script = Script::new(self.tables.pack(), &self.roster)?;
        let run = Run {
            tables: self.tables,
            request: &self.request,
            roster: &self.roster,
            voice: Voice {
                sender: script.sender.clone(),
                unit: self.asked.unit,
                // What is said at a desk is no list, and ends nothing by its silence.
                roster: String::new(),
            },
            script: &script,
        };
        let mut checked = Checked::of(self.clean(&script, &standing)?);
        let held = run.hold(&mut checked.rows, &checked.sheets).await?;
        held.map_err(ActError::Whole)?;
        let told = self.asked.told.map(|told| match told {
            ToldBy::Person(person) => Told::Person(standing.stays(person)),
            ToldBy::New => Told::New,
        });
        let recognised = run.recognise(&standing, &checked.rows, told).await;
        let recognised = recognised.transpose()?;
        let slots = run.look_up(&standing, &checked.rows, recognised.as_ref(), true);
        let slots = slots.await?;
        let (plan, results, notes) = run.plan(&standing, &checked, slots, recognised.as_ref());
        let mut words = ListWords::of(&plan, run.root().await?, &BTreeMap::new());
        words.arrive = arrivals(ledger, &plan, &|_| false).await?;
        let mut rows: Vec<ActedRow> = (results.iter())
            .map(|row| ActedRow {
                verdict: row.verdict,
                notes: Vec::new(),
                may_be: Vec::new(),
            })
            .collect();
        for note in notes.into_iter().chain(checked.rows.notes.iter().cloned()) {
            let at = usize::try_from(note.row).unwrap_or(0).saturating_sub(1);
            if let Some(row) = rows.get_mut(at).filter(|row| !row.notes.contains(&note)) {
                row.notes.push(note);
            }
        }
        for (at, question) in recognised.iter().flat_map(|found| &found.questions) {
            let candidates = question.candidates.iter();
            rows[*at].may_be = candidates.map(|c| RecordId(c.person)).collect();
        }
        let mut acted = Acted {
            rows,
            words: planned(&plan, &words, &standing, self.asked.on),
            again: words.again.len(),
            receipt: None,
        };
        if writes && !(words.is_empty() && words.again.is_empty()) {
            let mut changes = Changes::after(words.opened);
            let say = changes.say(SayDraft::New(Say {
                voice: run.voice.clone(),
                as_of: self.asked.on,
                list: None,
            }));
            for (fields, at, _) in &words.again {
                changes.roll(say, *fields, *at);
            }
            let source = Source::Form {
                action: self.roster.id.clone(),
            };
            let receipt = run
                .commit(&standing, asked, source, &words, changes)
                .await?;
            acted.receipt = Some(receipt);
        }
        Ok(acted)
    }

    /// What is given, as rows of values.
    fn clean(&self, script: &Script<'_>, standing: &Snapshot) -> Result<Rows, ActError> {
        let pack = self.tables.pack();
        let (unit, on) = (self.asked.unit, self.asked.on);
        let units = unit_words(pack, standing, (unit, on));
        let columns = Columns::new(pack, &self.roster, script, (on, &units));
        let headings: Vec<Arc<Heading>> = (self.roster.columns.iter())
            .map(|column| {
                Arc::new(Heading {
                    letters: String::new(),
                    name: column.name.clone(),
                })
            })
            .collect();
        let mut rows = Rows::default();
        let mut told = Vec::new();
        for (nth, row) in (1_u32..).zip(&self.asked.rows) {
            let given = self.given(script, standing, row)?;
            let mut note = |at: usize, finding| {
                rows.notes.push(Note {
                    sheet: Arc::from(""),
                    row: nth,
                    column: Some(headings[at].clone()),
                    finding,
                });
            };
            let mut values = Vec::with_capacity(headings.len());
            let mut state = State::Clean;
            for (at, column) in self.roster.columns.iter().enumerate() {
                if self.names_given(row, at) {
                    values.push(None);
                    continue;
                }
                let given = row.values.get(&column.id).unwrap_or(&Json::Null);
                let shown = shown(given);
                // Ditto marks and what a column was before mean nothing in a form: each row is read by itself.
                let read = columns.reader(at, false).read_json(given, &mut told);
                for told in told.drain(..) {
                    note(at, told.into());
                }
                let value =
                    columns.value(at, Cell::Text(&shown), read, |finding| note(at, finding));
                values.push(value.unwrap_or_else(|finding| {
                    state = State::Rejected;
                    note(at, finding);
                    None
                }));
            }
            rows.add(state, &values, given);
        }
        Ok(rows)
    }

    /// The records that were picked for a row, by step.
    fn given(
        &self,
        script: &Script<'_>,
        standing: &Snapshot,
        row: &ActRow,
    ) -> Result<Vec<(usize, RecordId)>, ActError> {
        let mut given = Vec::new();
        for (input, record) in &row.records {
            let Some(step) = script.step_called(input) else {
                continue;
            };
            let register = &script.writes[step].register.id;
            let on = self.asked.on;
            if standing
                .record(register, standing.stays(*record), on)
                .is_none()
            {
                return Err(ActError::NoRecord {
                    input: input.clone(),
                    record: *record,
                });
            }
            given.push((step, *record));
        }
        Ok(given)
    }

    /// Whether a column names a record that was picked.
    fn names_given(&self, row: &ActRow, at: usize) -> bool {
        self.action.inputs.iter().any(|input| {
            let names = match input.gives {
                InputGives::Record {
                    column, columns, ..
                } => (column..column + columns).contains(&at),
                InputGives::Value(_) => false,
            };
            names && row.records.contains_key(&input.id)
        })
    }

    /// What is asked of the ledger.
    fn asking(&self, standing: &Snapshot) -> Asked {
        let asked = self.asked;
        let mut asking = Asking::to("act")
            .with(&asked.action)
            .with(asked.unit.as_str())
            .with(asked.on.to_string())
            .with(&asked.form);
        if asked.form.is_empty() {
            asking = asking.with(standing.commit().to_le_bytes());
        }
        asking = asking.with(match asked.told {
            None => "".to_owned(),
            Some(ToldBy::New) => "new".to_owned(),
            Some(ToldBy::Person(person)) => person.to_string(),
        });
        for row in &asked.rows {
            asking = asking.with(row.records.len().to_le_bytes());
            for (input, record) in &row.records {
                asking = asking.with(input).with(record.0.to_le_bytes());
            }
            asking = asking.with(row.values.len().to_le_bytes());
            for (input, given) in &row.values {
                asking = asking.with(input).with(given.to_string());
            }
        }
        asking.done()
    }
}

impl Acted {
    /// What was done before.
    pub(crate) fn before(receipt: Receipt) -> Acted {
        Acted {
            rows: Vec::new(),
            words: Vec::new(),
            again: 0,
            receipt: Some(receipt),
        }
    }

    /// Whether every row can be carried out.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let refused = |row: &ActedRow| matches!(row.verdict, Verdict::Rejected | Verdict::Asked);
        !self.rows.iter().any(refused)
    }
}

impl ActedRow {
    /// Why it is refused.
    pub fn refusals(&self) -> impl Iterator<Item = &Note> {
        let refuses = |note: &&Note| note.finding.level() == Level::Rejected;
        self.notes.iter().filter(refuses)
    }
}

/// What is given, as it was written.
fn shown(given: &Json) -> String {
    match given {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether an action asks for what is given.
fn known_inputs(action: &Action, row: &ActRow) -> Result<(), ActError> {
    let records = row.records.keys().map(|name| (name, false));
    for (name, column) in records.chain(row.values.keys().map(|name| (name, true))) {
        let asked = match column {
            true => action.roster.column(name).is_some(),
            false => (action.input(name)).is_some_and(|input| action.register_of(input).is_some()),
        };
        if !asked {
            let known = action.inputs.iter().map(|input| input.id.clone());
            return Err(ActError::NoInput {
                name: name.clone(),
                known: known.collect(),
            });
        }
    }
    for (name, given) in &row.values {
        let column = action.roster.column(name);
        if given.is_number() && column.is_some_and(|(_, column)| column.kind == FieldType::Fen) {
            return Err(ActError::AmountAsNumber(name.clone()));
        }
    }
    let long = |(_, given): &(&String, &Json)| shown(given).chars().count() > LONGEST_INPUT;
    match row.values.iter().find(long) {
        Some((name, _)) => Err(ActError::TooLong(name.clone())),
        None => Ok(()),
    }
}

/// What the words of a plan say, beside what stands.
fn planned(
    plan: &RowPlan<'_>,
    words: &ListWords<'_>,
    standing: &Snapshot,
    on: Date,
) -> Vec<PlannedWord> {
    let word = |draft: Draft| {
        let row = usize::try_from(draft.row).unwrap_or(0).saturating_sub(1);
        let record = match draft.record {
            Target::Known(record) => PlannedRecord::Known(record),
            Target::New(nth) => PlannedRecord::New(nth),
        };
        let known = match record {
            PlannedRecord::Known(record) => Some(standing.stays(record)),
            PlannedRecord::New(_) => None,
        };
        let stands = known.and_then(|known| standing.record(&draft.register, known, on));
        let mut fields: Vec<PlannedField> = (draft.said.told().iter())
            .filter_map(|at| {
                let value = draft.said.values.get(at)?.clone()?;
                let before = stands.as_ref().and_then(|record| record[at].clone());
                let will = known.is_none_or(|known| {
                    before.as_ref() == Some(&value)
                        || plan.will_stand(&draft.register, known, at, &value)
                });
                Some(PlannedField {
                    at,
                    before,
                    after: PlannedValue::Value(value),
                    stands: will,
                })
            })
            .collect();
        fields.extend(draft.refs.iter().map(|(at, nth)| {
            let at = usize::from(*at);
            PlannedField {
                at,
                before: stands.as_ref().and_then(|record| record[at].clone()),
                after: PlannedValue::New(*nth),
                stands: true,
            }
        }));
        fields.sort_by_key(|field| field.at);
        PlannedWord {
            row,
            register: draft.register.to_string(),
            record,
            moves: draft.kind == EntryKind::Transfer,
            from: draft.from,
            until: draft.until,
            fields,
        }
    };
    words.drafts().map(word).collect()
}
