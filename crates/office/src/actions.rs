//! What somebody at the desk makes known: which actions they may carry out, on whose pages these are offered, what one would write and
//! whose answers it would change, and its being carried out. What is shown of a plan is what its reader may see of what stands; what they
//! wrote themselves they see as they wrote it.

use intake::{ActRequest, ActRow, Acted, ActedRow, AmendRequest, PlannedWord, ToldBy};
use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use pack::{Action, FieldType, Input, Register, Text};
use tables::{Snapshot, Veil};

use crate::effects::{Effect, Foreseen};
use crate::error::OfficeError;
use crate::row::SeenRow;
use crate::view::View;
use crate::words::SeenWord;

/// What a form gives.
#[derive(Clone, Debug)]
pub struct ActForm {
    /// The action.
    pub action: String,
    /// The day as of which it is said.
    pub on: Date,
    /// The unit it is said for; where none is named, that of the records it is about, or the reader's own if they are of several.
    pub unit: Option<UnitCode>,
    /// One row for each case.
    pub rows: Vec<ActRow>,
    /// Who it is that is opened, once that was asked.
    pub told: Option<ToldBy>,
    /// What tells this form from another.
    pub form: String,
}

/// What an action would do, or has done.
pub struct SeenAct {
    /// The unit it is said for.
    pub unit: UnitCode,
    /// What becomes of each row.
    pub rows: Vec<ActedRow>,
    /// What is written.
    pub words: Vec<SeenWord>,
    /// How many words are only said again.
    pub again: usize,
    /// Whose answers change, of people of whom all may be read that answers are made of; none if it can't be told beforehand.
    pub effects: Option<Vec<Effect>>,
    /// What the checks of the pack would find fault with then and don't now: the names of the checks.
    pub doubts: Vec<Text>,
    /// That the action isn't meant for those who were picked.
    pub not_meant: Vec<Text>,
    /// People of whom one may be meant, if that has to be told.
    pub may_be: Vec<Pick>,
    /// The commit that was made.
    pub commit: Option<i64>,
}

/// How a row of a list gives the input of an action.
#[derive(Clone, Copy)]
pub struct RowInput<'a> {
    /// The input.
    pub input: &'a Input,
    /// The reference of the row's record that is given; none if it is the record itself.
    pub field: Option<usize>,
}

/// How a row of a register gives an input of an action: by its record, or by whom, or what, that is about.
fn row_input<'a>(action: &'a Action, input: usize, register: &Register) -> Option<RowInput<'a>> {
    let input = action.inputs.get(input)?;
    let target = action.register_of(input)?;
    if target == register.id {
        return Some(RowInput { input, field: None });
    }
    let leads = |id: &String| {
        let (at, field) = register.field(id)?;
        matches!(&field.kind, FieldType::Ref(of) if of == target).then_some(at)
    };
    let field = register.about.iter().find_map(leads)?;
    Some(RowInput {
        input,
        field: Some(field),
    })
}

/// Somebody who may be meant, with what tells namesakes apart.
#[derive(Clone, Debug)]
pub struct Pick {
    /// The record.
    pub record: RecordId,
    /// Their name, or its mask.
    pub name: String,
    /// Their ID number, or its mask.
    pub id_number: String,
    /// Their birth, if it may be seen.
    pub born: String,
    /// Whose they are.
    pub unit: Option<UnitCode>,
    /// Their sex, as its code, if it may be seen.
    pub sex: Option<String>,
    /// The address of their household, or its mask.
    pub address: Option<String>,
    /// The head of their household, if that is somebody else.
    pub head: Option<String>,
}

impl View {
    /// The actions somebody may carry out somewhere: they write every register that one writes.
    #[must_use]
    pub fn actions(&self) -> Vec<&Action> {
        let actions = self.office.pack.actions.iter();
        actions.filter(|action| self.may(action, None)).collect()
    }

    /// An action somebody may carry out.
    ///
    /// # Errors
    /// There is none of this name for them.
    pub fn action(&self, id: &str) -> Result<&Action, OfficeError> {
        let action = self.office.pack.action(id);
        action
            .filter(|action| self.may(action, None))
            .ok_or(OfficeError::Absent)
    }

    /// The actions offered for rows of a register's lists, each with how a row gives its input.
    #[must_use]
    pub fn offered_on_rows(&self, register: &Register) -> Vec<(&Action, RowInput<'_>)> {
        let actions = self.actions().into_iter();
        let offered = actions.filter_map(|action| {
            let mut offers = action.offered.iter().filter(|offer| offer.rows);
            let input = offers.find_map(|offer| row_input(action, offer.input, register))?;
            Some((action, input))
        });
        offered.collect()
    }

    /// The records that are given to an action for rows of a register that were chosen, each once, in the order of the rows. What a row
    /// refers to without its being seen isn't given.
    ///
    /// # Errors
    /// A row that isn't there, or may not be seen.
    pub async fn rows_given(
        &self,
        (register, rows): (&Register, &[RecordId]),
        input: RowInput<'_>,
        on: Date,
    ) -> Result<Vec<RecordId>, OfficeError> {
        let Some(field) = input.field else {
            return Ok(rows.to_vec());
        };
        let mut given: Vec<RecordId> = Vec::with_capacity(rows.len());
        for row in self.some_records(on, register, rows).await? {
            let record = row.row.reference_at(field).map(RecordId);
            given.extend(record.filter(|record| !given.contains(record)));
        }
        Ok(given)
    }

    /// Whether somebody may put a record of a register right that is a unit's.
    #[must_use]
    pub fn may_amend(&self, register: &Register, unit: Option<UnitCode>) -> bool {
        let unit = unit.unwrap_or(self.office.root);
        // These have pages of their own, where they are answered, remembered and appointed.
        let kept = &self.office.contract;
        let others = [
            &kept.questions.register,
            &kept.layouts.register,
            &kept.posts.register,
        ];
        !others.iter().any(|other| other.id == register.id)
            && self.office.writes
            && self.grant.writes(Some((&register.id, None)), &unit)
    }

    /// Whether somebody may write what an action writes, of a unit or anywhere.
    pub(crate) fn may(&self, action: &Action, unit: Option<UnitCode>) -> bool {
        let writes = |unit: &UnitCode| {
            let mut said = action.roster.writes.iter().filter(|write| write.create);
            said.all(|write| self.grant.writes(Some((&write.register, None)), unit))
        };
        self.office.writes
            && match unit {
                Some(unit) => writes(&unit),
                None => self.grant.units().iter().any(writes),
            }
    }

    /// What an action would do. Nothing is written.
    ///
    /// # Errors
    /// There is no such action, or a record that was picked may not be seen.
    pub async fn try_action(&self, form: &ActForm) -> Result<SeenAct, OfficeError> {
        self.action(&form.action)?;
        let request = self.request(form).await?;
        let at = (self.office.clock)();
        let acted = intake::preview(&self.office.tables, &self.grant, &request, at).await?;
        let foreseen = self.foreseen(&acted.words, form.on).await?;
        let mut seen = self.seen(request.unit, form.on, acted, foreseen).await?;
        seen.not_meant = self.not_meant(form).await;
        Ok(seen)
    }

    /// What an action would write, without whose answers would change.
    ///
    /// # Errors
    /// As [`View::try_action`].
    pub async fn plan_action(&self, form: &ActForm) -> Result<SeenAct, OfficeError> {
        self.action(&form.action)?;
        let request = self.request(form).await?;
        let at = (self.office.clock)();
        let acted = intake::preview(&self.office.tables, &self.grant, &request, at).await?;
        let nothing = Foreseen::default();
        let mut seen = self.seen(request.unit, form.on, acted, nothing).await?;
        seen.not_meant = self.not_meant(form).await;
        Ok(seen)
    }

    /// Carries an action out.
    ///
    /// # Errors
    /// As [`View::try_action`]; nobody said to be at the desk; the ledger refuses.
    pub async fn carry_out(&self, form: &ActForm) -> Result<SeenAct, OfficeError> {
        self.action(&form.action)?;
        let writer = self.writer()?;
        let request = self.request(form).await?;
        let at = (self.office.clock)();
        let acted = intake::act(&self.office.tables, writer, &request, at).await?;
        let nothing = Foreseen::default();
        self.seen(request.unit, form.on, acted, nothing).await
    }

    /// Puts a record right, or tells what that would write.
    ///
    /// # Errors
    /// There is no such record for them; nobody said to be at the desk, if it is to be written; the ledger refuses.
    pub async fn amend(
        &self,
        request: &AmendRequest,
        writes: bool,
    ) -> Result<SeenAct, OfficeError> {
        let standing = self.office.tables.snapshot().await?;
        let unit = self.whose(&standing, &request.register, request.record, request.on);
        if !self.grant.reads(&request.register, &unit) {
            return Err(OfficeError::Absent);
        }
        let grant = match writes {
            true => self.writer()?,
            false => &self.grant,
        };
        let when = ((self.office.clock)(), writes);
        let acted = intake::amend(&self.office.tables, grant, request, when).await?;
        let foreseen = match writes {
            true => Foreseen::default(),
            false => self.foreseen(&acted.words, request.on).await?,
        };
        self.seen(unit, request.on, acted, foreseen).await
    }

    /// What is asked of the engine. Records that may not be seen can't be picked.
    async fn request(&self, form: &ActForm) -> Result<ActRequest, OfficeError> {
        let standing = self.office.tables.snapshot().await?;
        let action = self.action(&form.action)?;
        for (input, record) in form.rows.iter().flat_map(|row| &row.records) {
            let register = action.input(input).and_then(|i| action.register_of(i));
            let Some(register) = register else { continue };
            let whose = self.whose(&standing, register, *record, form.on);
            if !self.grant.reads(register, &whose) {
                return Err(OfficeError::Absent);
            }
        }
        let picked = form.rows.iter().flat_map(|row| &row.records);
        let picked = picked.map(|(input, record)| (input.as_str(), *record));
        // What is said of people of several units at once is said for the one the reader works in.
        let only = self.matter(&standing, action, picked, form.on);
        Ok(ActRequest {
            action: form.action.clone(),
            unit: form.unit.or(only).unwrap_or(self.root),
            on: form.on,
            rows: form.rows.clone(),
            told: form.told,
            form: form.form.clone(),
        })
    }

    /// Whose a record is on a day: a person's unit, or the book it is kept in.
    pub(crate) fn whose(
        &self,
        standing: &Snapshot,
        register: &str,
        record: RecordId,
        on: Date,
    ) -> UnitCode {
        let people = &self.office.contract.people.register.id;
        let unit = match register == people {
            true => standing.whose_is(standing.stays(record), on),
            false => standing.kept_in(register, record),
        };
        unit.unwrap_or(self.office.root)
    }

    /// What an action comes to, as it may be seen.
    async fn seen(
        &self,
        unit: UnitCode,
        on: Date,
        acted: Acted,
        foreseen: Foreseen,
    ) -> Result<SeenAct, OfficeError> {
        let standing = self.office.tables.snapshot().await?;
        let named: Vec<RecordId> = (acted.words.iter())
            .flat_map(|word| self.people_of(word))
            .chain(acted.rows.iter().flat_map(|row| row.may_be.iter().copied()))
            .collect();
        let picks = self.picks(&standing, named, on);
        let may_be = acted.rows.iter().flat_map(|row| &row.may_be);
        let may_be = may_be.filter_map(|record| {
            let pick = picks.iter().find(|pick| pick.record == *record);
            pick.cloned()
        });
        let may_be = self.told_apart(may_be.collect(), on).await?;
        let opened = self.opened_people(&acted.words);
        let named = (picks.as_slice(), &opened);
        let word = |word: &PlannedWord| self.seen_word(&standing, word, (unit, on), named);
        Ok(SeenAct {
            unit,
            words: acted.words.iter().filter_map(word).collect(),
            may_be,
            rows: acted.rows,
            again: acted.again,
            effects: foreseen.effects,
            doubts: foreseen.doubts,
            not_meant: Vec::new(),
            commit: acted.receipt.map(|receipt| receipt.commit),
        })
    }

    /// People as they may be seen on a day; those who may not be are left out.
    pub(crate) fn picks(&self, standing: &Snapshot, records: Vec<RecordId>, on: Date) -> Vec<Pick> {
        let kept = &self.office.contract.people;
        let Some(shelf) = standing.shelf(&kept.register.id) else {
            return Vec::new();
        };
        let mut picks: Vec<Pick> = Vec::new();
        for record in records {
            let stays = standing.stays(record);
            let unit = self.whose(standing, &kept.register.id, stays, on);
            let veil = Veil::of(&kept.register, &self.grant, &unit);
            let known = shelf
                .record(stays, on)
                .or_else(|| shelf.record(stays, pack::latest_date()));
            let (Some(veil), Some(known)) = (veil, known) else {
                continue;
            };
            let shown = |at: usize| match kept.register.fields.get(at) {
                Some(field) if !veil.withheld.has(at) => {
                    let text = known.value(at).map(|value| value.to_string());
                    let text = text.unwrap_or_default();
                    match veil.masked.has(at) {
                        true => kernel::mask::apply(field.sensitivity, &text),
                        false => text,
                    }
                }
                _ => String::new(),
            };
            if picks.iter().all(|pick| pick.record != record) {
                picks.push(Pick {
                    record,
                    name: shown(kept.name.at),
                    id_number: shown(kept.id_number.at),
                    born: shown(kept.birth_date.at),
                    unit: Some(unit),
                    sex: None,
                    address: None,
                    head: None,
                });
            }
        }
        picks
    }

    /// Who shares a household with somebody on a day, themselves among them.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn housemates(&self, person: RecordId, on: Date) -> Result<Vec<Pick>, OfficeError> {
        let around = self.around(on, person).await?;
        let homes = &around.contract.homes;
        let rows = around.of(&homes.register.id);
        let of = |row: &SeenRow| row.reference(&homes.person.id);
        let own = rows.iter().filter(|row| of(row) == Some(person.0));
        let households: Vec<i64> = own
            .filter_map(|row| row.reference(&homes.household.id))
            .collect();
        let shares = |row: &&SeenRow| {
            let household = row.reference(&homes.household.id);
            household.is_some_and(|household| households.contains(&household))
        };
        let mates = rows.iter().filter(shares).filter_map(of).map(RecordId);
        let mut all: Vec<RecordId> = std::iter::once(person).chain(mates).collect();
        all.sort_unstable();
        all.dedup();
        self.picked(&all, on).await
    }
}
