//! What a file as a whole comes to, after its rows: the words it says again and anew, the list they belong to, questions that are
//! left, people who have left, and what was said of its headings; and the commit of all that.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use kernel::{RecordId, UnitCode};
use ledger::{
    Asked, Asking, LedgerError, ListSay, MOST_TOLD, Position, Receipt, Say, SayDraft, SayId,
    Source, Whole,
};
use pack::{Exists, FieldSet, Said, ValueSource};
use tables::Snapshot;

use super::{Checked, Run};
use crate::absence::{Absence, Absent, left_out};
use crate::arrivals::arrivals;
use crate::changes::{Changes, Head};
use crate::finding::Note;
use crate::list_words::ListWords;
use crate::outcome::RowOutcome;
use crate::plan::{RowPlan, Tally, Verdict};
use crate::question::Inquiry;
use crate::who::evidence::names;

/// What a file comes to.
pub(crate) struct Concluded<'a> {
    pub words: ListWords<'a>,
    pub changes: Changes,
    pub absent: Absent,
    pub listed: Tally,
    /// What is to be told of rows beside what they told themselves.
    pub notes: Vec<Note>,
    /// Whether there is anything to be written.
    pub writes: bool,
    asked: Asked,
}

/// The lists of the same voice that came before.
struct Before {
    /// The same list, if it came before: what is said now is more of it.
    same: Option<SayId>,
    /// How many lists say exactly this as of the day.
    alike: usize,
    /// Whether another list is of the same day.
    same_day: bool,
    /// The words it said last: the same list, or those of the last day before.
    last: BTreeMap<Position, FieldSet>,
    /// The records that are on the list, before this one.
    records: BTreeSet<RecordId>,
}

impl Run<'_> {
    /// What the file as a whole comes to.
    pub(super) async fn conclude<'p>(
        &self,
        path: &Path,
        standing: &Snapshot,
        checked: &Checked,
        results: &[RowOutcome],
        plan: &'p RowPlan<'p>,
    ) -> Result<Concluded<'p>, LedgerError> {
        let count = |verdicts: &[Verdict]| {
            let ended = |row: &&RowOutcome| verdicts.contains(&row.verdict);
            results.iter().filter(ended).count()
        };
        let unplaced = count(&[Verdict::Rejected, Verdict::Asked]);
        let placed = results.len() - unplaced - count(&[Verdict::Skipped, Verdict::Repeated]);
        let asked = count(&[Verdict::Asked]);
        let vouching = self.roster.vouching.as_ref();
        let whole = self.script.whole || vouching.is_some();
        let rejected = |nth: usize| {
            let row = results.get(nth);
            row.is_some_and(|row| row.verdict == Verdict::Rejected)
        };
        let list = ListSay {
            whole: self.request.absence.of_list(whole),
            file: name_of(path),
            rows: number(placed + unplaced),
            unplaced: number(unplaced),
            since: vouching.and_then(|own| own.since(self.request.on)),
            slices: match vouching.and_then(|own| own.by.as_deref()) {
                Some(by) => self.told(checked, &[by], |_| true),
                None => Vec::new(),
            },
            holes: match vouching {
                // Of which more were not placed is a part, and vouches for nobody.
                Some(_) if unplaced * 50 <= placed + unplaced => {
                    self.told(checked, &self.names(), rejected)
                }
                _ => Vec::new(),
            },
            content: checked.rows.digest(),
        };
        let before = self.before(standing, &list);
        let mut words = ListWords::of(plan, self.root().await?, &before.last);
        let known = |claim| before.same.is_some() && words.is_said(claim, &before.last);
        words.arrive = arrivals(self.tables.ledger(), plan, &known).await?;
        let asking = self.asking(checked, &before);
        let mut changes = Changes::after(words.opened);
        let say = changes.say(match before.same {
            Some(same) => SayDraft::More(same),
            None => SayDraft::New(Say {
                voice: self.voice.clone(),
                as_of: self.request.on,
                list: Some(list),
            }),
        });
        let said = |fields: FieldSet, at: &Position| {
            let same = before.same.and_then(|_| before.last.get(at));
            same.is_some_and(|said| fields.within(*said))
        };
        for (fields, at, _) in words
            .again
            .iter()
            .filter(|(fields, at, _)| !said(*fields, at))
        {
            changes.roll(say, *fields, *at);
        }
        let mut absent = Absent::default();
        if placed + asked > 0 {
            let absence = self.request.absence;
            let left = left_out(plan, &before.records, absence, before.same_day);
            let spared = left.spared.iter().filter(|_| absence != Absence::Kept);
            for at in spared.filter(|at| !said(FieldSet::NONE, at)) {
                changes.roll(say, FieldSet::NONE, *at);
            }
            absent = left.absent;
        }
        self.ask(path, plan, say, &mut changes);
        let layouts = self.layouts(standing);
        layouts
            .remember(&checked.headers, say, &mut changes)
            .await?;
        let listed = listed(plan, &words, results, &before, &absent);
        let notes = words.otherwise.iter().filter_map(|(claim, field)| {
            let claim = &plan.claims.all[*claim as usize];
            Some(checked.note(claim.row as usize, plan.outranked(claim, *field)?))
        });
        // That there is nobody is said by whoever says that the list is whole; a note below the headings is nobody.
        let nobody = placed == 0 && unplaced == 0;
        let says_nobody = nobody && vouching.is_some() && self.request.absence == Absence::Left;
        let says_more = !words.is_empty() || !changes.is_empty();
        Ok(Concluded {
            writes: says_more || before.same.is_none() && (placed > 0 || says_nobody),
            asked: asking,
            notes: notes.collect(),
            words,
            changes,
            absent,
            listed,
        })
    }

    /// What some columns hold in such rows, each once, in order.
    fn told(
        &self,
        checked: &Checked,
        columns: &[&str],
        such: impl Fn(usize) -> bool,
    ) -> Vec<String> {
        let places = self.roster.columns.iter().enumerate();
        let places = places.filter(|(_, column)| columns.contains(&&*column.id));
        let places: Vec<usize> = places.map(|(at, _)| at).collect();
        let rows = (0..checked.rows.rows.len()).filter(|row| such(*row));
        let told: BTreeSet<String> = rows
            .flat_map(|row| {
                let values = checked.rows.values(row);
                let told = places.iter().filter_map(|at| values.get(*at)?.as_ref());
                told.map(ToString::to_string).collect::<Vec<_>>()
            })
            .map(|text| text.replace(['\n', '\r'], " "))
            .filter(|text| !text.trim().is_empty())
            .collect();
        told.into_iter().take(MOST_TOLD).collect()
    }

    /// The columns that hold the names of people.
    fn names(&self) -> Vec<&str> {
        let people = &self.script.contract.people;
        let writes = self.roster.writes.iter();
        let writes = writes.filter(|write| write.register == people.register.id);
        let named = writes.flat_map(|write| write.set.iter().chain(&write.check));
        let named = named.filter_map(|(field, source)| match source {
            ValueSource::Column(column) if *field == people.name.id => Some(column.as_str()),
            _ => None,
        });
        named.collect()
    }

    /// Puts down what is left to ask.
    fn ask(&self, path: &Path, plan: &RowPlan<'_>, say: u32, changes: &mut Changes) {
        let Some(people) = &self.script.people else {
            return;
        };
        let recognised = plan.setting.recognised;
        for (_, question) in recognised.into_iter().flat_map(|found| &found.questions) {
            let question = Inquiry {
                place: (name_of(path), question.place.1),
                ..question.clone()
            };
            let kept = people.questions;
            let said = Said::of(question.body(kept));
            changes.open(self.request.unit, &kept.register.id, say, said);
        }
    }

    /// The lists that came before.
    fn before(&self, standing: &Snapshot, list: &ListSay) -> Before {
        let on = self.request.on;
        let own = |(id, say): (SayId, &Say)| {
            let of = say.list.as_ref().filter(|_| say.voice == self.voice)?;
            Some((id, say.as_of, of.content == list.content, of.whole))
        };
        let says: Vec<_> = standing.says().into_iter().filter_map(own).collect();
        let alike = says.iter().filter(|(_, day, same, _)| *day == on && *same);
        // That a list is whole can't be said of one that came as a part.
        let may_be = |whole: Whole| list.whole != Whole::Whole || whole == Whole::Whole;
        let same = alike.clone().rfind(|(.., whole)| may_be(*whole));
        let same = same.map(|(id, ..)| *id);
        let others = || says.iter().filter(|(id, ..)| Some(*id) != same);
        let day = others()
            .map(|(_, day, ..)| *day)
            .filter(|day| *day <= on)
            .max();
        let mut last: BTreeMap<Position, FieldSet> = BTreeMap::new();
        let of_day = others()
            .filter(|(_, of, ..)| Some(*of) == day)
            .map(|(id, ..)| *id);
        for say in same.map_or_else(|| of_day.collect(), |same| vec![same]) {
            for (at, fields) in standing.asserted(say) {
                let said = last.entry(at).or_default();
                said.0 |= fields.0;
            }
        }
        Before {
            same,
            alike: alike.count(),
            same_day: others().any(|(_, of, ..)| *of == on),
            last,
            records: standing.on_list(&self.voice, on),
        }
    }

    /// What is asked of the ledger: this file for this unit, as of this day, so understood, over what the list said before.
    fn asking(&self, checked: &Checked, before: &Before) -> Asked {
        let request = self.request;
        let mut asking = Asking::to("import")
            .with(&self.roster.id)
            .with(request.unit.as_str())
            .with(request.on.to_string())
            .with(request.absence.as_str())
            .with(checked.digest.0);
        for (word, column) in &request.told {
            asking = asking.with(word).with(column);
        }
        let said = before.last.values().map(|fields| 1 + fields.0.count_ones());
        let said: u64 = before.same.map_or(0, |_| said.map(u64::from).sum());
        asking
            .with(before.alike.to_le_bytes())
            .with(said.to_le_bytes())
            .done()
    }

    /// The book of people whom a list only names: that of the highest unit above that has one.
    pub(crate) async fn root(&self) -> Result<UnitCode, LedgerError> {
        let unit = self.request.unit;
        let books = self.tables.ledger().books().await?;
        let above = books.iter().map(|book| book.unit);
        let above = above.filter(|book| book.contains(&unit));
        Ok(above
            .reduce(|one, other| if other.contains(&one) { other } else { one })
            .unwrap_or(unit))
    }

    /// Writes what a file comes to. A refusal comes with the row it is about.
    pub(super) async fn write(
        &self,
        path: &Path,
        standing: &Snapshot,
        checked: &Checked,
        concluded: Concluded<'_>,
    ) -> Result<Option<Receipt>, (LedgerError, Option<usize>)> {
        if self.request.dry_run || !concluded.writes {
            return Ok(None);
        }
        let Concluded {
            words,
            changes,
            asked,
            ..
        } = concluded;
        let source = Source::List {
            roster: self.roster.id.clone(),
            file: name_of(path),
            digest: checked.digest,
        };
        let receipt = self.commit(standing, asked, source, &words, changes).await;
        receipt.map(Some).map_err(|error| {
            let row = match &error {
                LedgerError::Circle { at, .. } => words.row_of(*at),
                _ => None,
            };
            (error, row)
        })
    }

    /// Writes the words of a list, with what else is to be said.
    pub(crate) async fn commit(
        &self,
        standing: &Snapshot,
        asked: Asked,
        source: Source,
        words: &ListWords<'_>,
        changes: Changes,
    ) -> Result<Receipt, LedgerError> {
        let (ledger, request) = (self.tables.ledger(), self.request);
        for unit in words.books_of_units() {
            (ledger.open_book(unit, request.recorded_at, &request.grant)).await?;
        }
        let people = &self.script.contract.people.register.id;
        let head = Head {
            asked,
            source,
            recorded_at: request.recorded_at,
            grant: request.grant.clone(),
            base: words
                .rests_on_nobody_else()
                .then(|| (standing.commit(), vec![Arc::from(&**people)])),
        };
        ledger.commit(changes.commit(head, Some(words))).await
    }
}

/// People new on the list, no longer on it, and of whom it says something else than before.
fn listed(
    plan: &RowPlan<'_>,
    words: &ListWords<'_>,
    results: &[RowOutcome],
    before: &Before,
    absent: &Absent,
) -> Tally {
    let script = plan.setting.script;
    let Some(people) = &script.people else {
        return Tally::default();
    };
    let mut listed = Tally {
        closed: absent.left.len(),
        ..Tally::default()
    };
    let new = words.new_claims(&before.last);
    let mut seen = HashSet::new();
    let carried_out = |verdict| !matches!(verdict, Verdict::Rejected | Verdict::Asked);
    for (row, _) in results
        .iter()
        .enumerate()
        .filter(|(_, row)| carried_out(row.verdict))
    {
        let Some(person) = plan.slots.target(people.step, row) else {
            continue;
        };
        // Two records that are one person count once.
        let found = plan.slots.get(person).found;
        if !seen.insert(found.ok_or(person)) {
            continue;
        }
        let slots = || {
            let steps = script.writes.iter().enumerate();
            steps.filter_map(|(at, step)| Some((step, plan.slots.target(at, row)?)))
        };
        let was_on_it = slots().any(|(step, slot)| {
            let record = plan.slots.get(slot).found;
            step.register.exists == Exists::Back
                && names(step, people.step).is_some()
                && record.is_some_and(|record| before.records.contains(&record))
        });
        let mut claims = slots().flat_map(|(_, slot)| plan.claims.on(&plan.slots, slot));
        if !was_on_it {
            listed.opened += 1;
        } else if claims.any(|claim| new.contains(&claim)) {
            listed.changed += 1;
        }
    }
    listed
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The name of a file, as far as it is kept.
fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.chars().take(200).collect()
}
