//! What lists left to people, and what people say to it. A question about a row is answered by naming the person, by saying that
//! it is somebody new, or by setting it aside; the row is then carried out as if it had just come in. That two people are one is
//! proposed by one and confirmed by another. An answer is one commit, whole or not at all, and can be taken back.
//!
//! What is given is scoped and masked by the grant, and every look is logged.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::rights::holder;
use kernel::{Grant, Lang, RecordId, UnitCode};
use ledger::{Admitted, Asking, Ledger, Receipt, Say, SayDraft, SayId, Source, Target, Voice};
use linkage::{Comparator, Likeness};
use pack::{Contract, NoContract, Pack, Said as SaidOf, Text};
use tables::{Snapshot, Tables};

use crate::absence::Absence;
use crate::arrivals::arrivals;
use crate::changes::{Changes, Head, WordDraft};
use crate::finding::{QuestionKind, Weighed};
use crate::import::{Checked, Request, Run};
use crate::list_words::ListWords;
use crate::plan::Verdict;
use crate::question::{Inquiry, read_question};
use crate::rows::Rows;
use crate::said::{self, Said, part};
use crate::script::{Script, roster};
use crate::who::Told;

mod contested;
mod fault;
mod merge;
mod sides;
mod unread;
mod waiting;

pub use contested::{Differing, SaidValue, ValuePlace};
pub use fault::ReviewError;
pub use unread::{ReadAs, Unreadable};
pub use waiting::{First, WaitingQuestion};

/// The most people a question names beyond those it was asked with.
const MOST_KNOWN_SINCE: usize = 3;
/// Who speaks at the desk, as a value of the code list `source`.
pub(crate) const DESK: &str = "office";

/// The desk's own words, as of a day.
pub(crate) fn desk_says(unit: UnitCode, as_of: Date) -> SayDraft {
    SayDraft::New(Say {
        voice: Voice {
            sender: DESK.to_owned(),
            unit,
            roster: String::new(),
        },
        as_of,
        list: None,
    })
}

/// Somebody at the desk: what they may see and do, and when.
pub struct Review<'a> {
    /// The ledger, its pack and what stands.
    pub tables: &'a Tables,
    /// What they may see. Who it names is who decides.
    pub grant: Admitted,
    /// When.
    pub at: Timestamp,
}

/// A question that waits, with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The question's record.
    pub record: RecordId,
    /// The book it belongs to.
    pub book: UnitCode,
    /// What is asked.
    pub kind: QuestionKind,
    /// The roster the row is of; nothing for a merge.
    pub roster: Text,
    /// The file, and the row in it.
    pub place: (String, i64),
    /// What the row says; nothing for a merge.
    pub said: Vec<Seen>,
    /// Whom it may be of, the likeliest first. Of a merge: who stays, then who goes. In [`Review::cases`] only merges name them,
    /// as the ledger has them.
    pub people: Vec<Known>,
    /// Who proposed a merge.
    pub proposed_by: Option<String>,
}

/// Somebody a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The person.
    pub person: RecordId,
    /// What speaks for and against their being meant.
    pub weighed: Weighed,
    /// What is known of them, by who says so.
    pub sides: Vec<Side>,
}

/// What one source says of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The roster; what the ledger itself has comes first.
    pub whose: Text,
    /// What it says.
    pub seen: Vec<Seen>,
}

/// A value, as it may be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What is said: the field that keeps it.
    pub field: String,
    /// Its name.
    pub name: Text,
    /// The value, masked as the grant demands; codes in words.
    pub text: Text,
    /// How well it agrees with what is held against it.
    pub level: Option<Likeness>,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The row is of this person.
    Same(RecordId),
    /// The row is of nobody known.
    New,
    /// The row is left out, now and when it comes again.
    Aside,
    /// The two are one.
    Merged,
    /// The two are not one.
    Apart,
}

impl Decision {
    /// The value in the code list `question_decision`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Same(_) => "same",
            Decision::New => "new",
            Decision::Aside => "aside",
            Decision::Merged => "merged",
            Decision::Apart => "apart",
        }
    }
}

/// A question as the ledger has it.
struct Open {
    standing: Arc<Snapshot>,
    record: RecordId,
    book: UnitCode,
    question: Inquiry,
    /// Whose words it belongs to: those of the list that left it, or of the desk.
    say: SayId,
    voice: Voice,
    /// The day the list spoke of.
    on: Date,
    /// How many entries it has.
    entries: usize,
}

impl Review<'_> {
    /// A question with everything known of the people it is about.
    ///
    /// # Errors
    /// There is no such question within the grant, or it is settled.
    pub async fn case(&self, record: RecordId) -> Result<Case, ReviewError> {
        let open = self.open(record).await?;
        let mut case = self.case_of(record, open.book, &open.question);
        let mut people: Vec<(i64, Weighed)> = match open.question.kind {
            QuestionKind::Merge => [open.question.person, open.question.other]
                .into_iter()
                .flatten()
                .map(|person| (person, Weighed::default()))
                .collect(),
            _ => (open.question.candidates.iter())
                .map(|c| (c.person, c.weighed.clone()))
                .collect(),
        };
        if let Some(holder) = self.holder(&open).await?
            && people.iter().all(|(person, _)| *person != holder)
        {
            people.push((holder, Weighed::default()));
        }
        for person in self.known_since(&open, &people)? {
            people.push((person, Weighed::default()));
        }
        let mut against = open.question.said.clone();
        for (person, weighed) in people {
            let person = RecordId(person);
            let Some(said) = self.said_of(&open.standing, person)? else {
                continue;
            };
            if !self.may_be_shown(&open.standing, person)? {
                continue;
            }
            let sides = self.sides(&open, person, &said, &against).await?;
            case.people.push(Known {
                person,
                weighed,
                sides,
            });
            if open.question.kind == QuestionKind::Merge && case.people.len() == 1 {
                against = said;
            }
        }
        Ok(case)
    }

    /// Answers a question. A row is carried out at once, as of the day its list speaks of.
    ///
    /// # Errors
    /// There is no such question or it is settled; the answer doesn't fit it; the row can't be carried out so; a merge is
    /// confirmed by who proposed it; the ledger refuses.
    pub async fn decide(
        &self,
        record: RecordId,
        decision: Decision,
    ) -> Result<Receipt, ReviewError> {
        let _turn = self.tables.turn().await;
        let open = self.open(record).await?;
        match (open.question.kind, decision) {
            (QuestionKind::Merge, Decision::Merged) => self.merge(open).await,
            (QuestionKind::Merge, Decision::Apart) => self.settle(open, decision).await,
            (QuestionKind::Same | QuestionKind::Number, Decision::Same(person)) => {
                let people = &self.contract()?.people.register.id;
                let known = (open.standing).record(people, person, pack::latest_date());
                known.ok_or(ReviewError::NoPerson(person))?;
                let person = open.standing.stays(person);
                self.carry_out(open, decision, Told::Person(person)).await
            }
            (QuestionKind::Same | QuestionKind::Number, Decision::New) => {
                self.carry_out(open, decision, Told::New).await
            }
            (QuestionKind::Same | QuestionKind::Number, Decision::Aside) => {
                self.settle(open, decision).await
            }
            _ => Err(ReviewError::Unfit(record)),
        }
    }

    fn ledger(&self) -> &Ledger {
        self.tables.ledger()
    }

    fn pack(&self) -> &Pack {
        self.tables.pack()
    }

    /// Which registers keep people and what is asked.
    fn contract(&self) -> Result<&Contract, NoContract> {
        self.pack().contract().map(|contract| &**contract)
    }

    /// A question that waits, within the grant.
    async fn open(&self, record: RecordId) -> Result<Open, ReviewError> {
        let none = || ReviewError::NoQuestion(record);
        let standing = self.tables.snapshot().await?;
        let kept = &self.contract()?.questions;
        let register = &kept.register.id;
        let book = standing.kept_in(register, record);
        let reads = |book: &UnitCode| self.grant.reads(register, book);
        let book = book.filter(reads).ok_or_else(none)?;
        let question = read_question(&standing, kept, record);
        let question = question.ok_or_else(none)?;
        if question.is_settled() {
            return Err(ReviewError::Settled(record));
        }
        let history = self.ledger().history(register, record).await?;
        let says = standing.says();
        let say_of = |entry: &ledger::Entry| {
            let found = says.binary_search_by_key(&entry.say, |(id, _)| *id).ok()?;
            says.get(found)
        };
        let (say, of) = history.iter().find_map(say_of).ok_or_else(none)?;
        Ok(Open {
            record,
            book,
            question,
            say: *say,
            voice: of.voice.clone(),
            on: of.as_of,
            entries: history.len(),
            standing: standing.clone(),
        })
    }

    /// Whether somebody may be shown: they are kept in a book the grant sees, or at home in its units, or kept above them because
    /// nobody knows more of them.
    fn may_be_shown(&self, standing: &Snapshot, person: RecordId) -> Result<bool, ReviewError> {
        let book = standing.kept_in(&self.contract()?.people.register.id, person);
        Ok(book.is_some_and(|book| {
            let above = |unit: &UnitCode| book.contains(unit);
            self.grant.sees(&book) || self.grant.units().iter().any(above)
        }))
    }

    /// Who has the number now that the row of a question about a number says; its list may have told of them, too.
    async fn holder(&self, open: &Open) -> Result<Option<i64>, ReviewError> {
        let number = said::number(&open.question.said);
        let Some(number) = number.filter(|_| open.question.kind == QuestionKind::Number) else {
            return Ok(None);
        };
        let holders = crate::holder::Holders {
            ledger: self.ledger(),
            standing: &open.standing,
            people: &self.contract()?.people,
            unit: open.book,
            on: pack::latest_date(),
        };
        let holder = holders.of(&[number.to_owned()]).await?.pop().flatten();
        Ok(holder
            .filter(|holder| holder.now)
            .map(|holder| holder.record.0))
    }

    /// People whom the row may be of as well, though they were not known so when it was asked: opened, changed or merged since.
    /// They have the name, and the birth, the telephone or the door; those with most of it first.
    fn known_since(&self, open: &Open, named: &[(i64, Weighed)]) -> Result<Vec<i64>, ReviewError> {
        if open.question.kind == QuestionKind::Merge {
            return Ok(Vec::new());
        }
        let people = &self.contract()?.people.register.id;
        let mut found = Vec::new();
        for person in open.standing.records(people) {
            let asked = named.iter().any(|(known, _)| *known == person.0);
            let here = open.standing.kept_in(people, person) == Some(open.book);
            if asked || !here {
                continue;
            }
            let Some(known) = self.said_of(&open.standing, person)? else {
                continue;
            };
            let text = |said: &Said, what| {
                let value = part(said, what);
                value.map(ToString::to_string).unwrap_or_default()
            };
            let level = |by, what| {
                linkage::level(by, &text(&open.question.said, what), &text(&known, what))
            };
            let name = level(Comparator::Name, said::NAME);
            if !matches!(name, Likeness::Equal | Likeness::Variant)
                || level(Comparator::Exact, said::SEX) == Likeness::Different
            {
                continue;
            }
            let agree = [
                level(Comparator::Date, said::BIRTH) == Likeness::Equal,
                level(Comparator::Digits, said::PHONE) == Likeness::Equal,
                matches!(
                    level(Comparator::Address, said::ADDRESS),
                    Likeness::Equal | Likeness::Door
                ),
            ];
            let agree = agree.into_iter().filter(|agrees| *agrees).count();
            if agree > 0 {
                found.push((std::cmp::Reverse(agree), person.0));
            }
        }
        found.sort_unstable();
        found.truncate(MOST_KNOWN_SINCE);
        Ok(found.into_iter().map(|(_, person)| person).collect())
    }

    fn case_of(&self, record: RecordId, book: UnitCode, question: &Inquiry) -> Case {
        let roster = self.pack().roster(&question.roster);
        Case {
            record,
            book,
            kind: question.kind,
            roster: roster.map(|r| r.name.clone()).unwrap_or_default(),
            place: question.place.clone(),
            said: self.seen(&question.said, &Said::new()),
            people: Vec::new(),
            proposed_by: question.decided_by.clone(),
        }
    }

    /// Carries out the row of a question, as part of its list, and settles it.
    async fn carry_out(
        &self,
        open: Open,
        decision: Decision,
        told: Told,
    ) -> Result<Receipt, ReviewError> {
        let roster = roster(self.pack(), &open.question.roster, open.on)?;
        let script = Script::new(self.pack(), &roster)?;
        let values = open.question.values(&roster);
        let values = values.ok_or_else(|| ReviewError::RosterChanged(roster.name.clone()))?;
        let row = u32::try_from(open.question.place.1).unwrap_or(0);
        let checked = Checked::of(Rows::one(row, &values));
        let request = self.request(&open);
        let run = Run {
            tables: self.tables,
            request: &request,
            roster: &roster,
            script: &script,
            voice: open.voice.clone(),
        };
        let unfit = || ReviewError::Unfit(open.record);
        let standing = &*open.standing;
        let recognised = run.recognise(standing, &checked.rows, Some(told)).await;
        let recognised = recognised.ok_or_else(unfit)??;
        let rows = &checked.rows;
        let slots = (run.look_up(standing, rows, Some(&recognised), true)).await?;
        let (plan, results, notes) = run.plan(standing, &checked, slots, Some(&recognised));
        if results.iter().any(|row| row.verdict == Verdict::Rejected) {
            let why = notes.into_iter().next().ok_or_else(unfit)?;
            return Err(ReviewError::Refused(why.finding));
        }
        let person = plan.person_of(0).ok_or_else(unfit)?;
        let last = standing.asserted(open.say);
        let mut words = ListWords::of(&plan, run.root().await?, &last);
        words.arrive = arrivals(self.ledger(), &plan, &|_| false).await?;
        let mut changes = Changes::after(words.opened);
        let list = changes.say(SayDraft::More(open.say));
        for (fields, at, _) in &words.again {
            changes.roll(list, *fields, *at);
        }
        let mut question = open.question.clone();
        question.person = plan.slots.get(person).found.map(|record| record.0);
        question.decision = Some(decision.as_str().to_owned());
        question.decided_by = Some(self.grant.who.clone());
        let at = u16::try_from(self.contract()?.questions.person.at).unwrap_or(0);
        let refs = words.opens(person).map(|new| (at, new));
        let refs = refs.into_iter().collect();
        self.answer(&open, &question, refs, &mut changes)?;
        let (asked, source) = (self.asking(&open, decision), self.source(&open, decision));
        Ok(run.commit(standing, asked, source, &words, changes).await?)
    }

    fn request(&self, open: &Open) -> Request {
        Request {
            roster: open.question.roster.clone(),
            unit: open.voice.unit,
            files: Vec::new(),
            on: open.on,
            recorded_at: self.at,
            grant: Grant::clone(&self.grant),
            dry_run: false,
            absence: Absence::Kept,
            told: std::collections::BTreeMap::new(),
            lang: Lang::Zh,
        }
    }

    /// What is asked of the ledger: this decision on the question as it is.
    fn asking(&self, open: &Open, decision: Decision) -> ledger::Asked {
        let person = match decision {
            Decision::Same(person) => person.0,
            _ => 0,
        };
        Asking::to("review")
            .with(open.record.0.to_le_bytes())
            .with(open.entries.to_le_bytes())
            .with(decision.as_str())
            .with(person.to_le_bytes())
            .done()
    }

    fn source(&self, open: &Open, decision: Decision) -> Source {
        Source::Answer {
            question: open.record,
            decision: decision.as_str().to_owned(),
            file: open.question.place.0.clone(),
            row: open.question.place.1,
        }
    }

    /// Puts down the answer to a question.
    fn answer(
        &self,
        open: &Open,
        question: &Inquiry,
        refs: Vec<(u16, u32)>,
        changes: &mut Changes,
    ) -> Result<(), ReviewError> {
        let kept = &self.contract()?.questions;
        let answers = [
            &kept.person,
            &kept.decision,
            &kept.decided_by,
            &kept.confirmed_by,
        ];
        let (mut body, before) = (question.body(kept), open.question.body(kept));
        for (at, value) in body.iter_mut().enumerate() {
            if answers.iter().all(|field| field.at != at) || *value == before[at] {
                *value = None;
            }
        }
        let say = changes.say(desk_says(open.book, open.on));
        let word = WordDraft {
            book: open.book,
            register: &kept.register.id,
            record: Target::Known(open.record),
            say,
            said: SaidOf::of(body),
        };
        changes.change(word, refs);
        Ok(())
    }

    /// Settles a question without doing anything else.
    async fn settle(&self, open: Open, decision: Decision) -> Result<Receipt, ReviewError> {
        let mut question = open.question.clone();
        question.decision = Some(decision.as_str().to_owned());
        let own = |name: &String| holder(name) == holder(&self.grant.who);
        match decision {
            // Whoever proposed it takes it back.
            Decision::Apart if question.decided_by.as_ref().is_some_and(own) => {}
            Decision::Apart => question.confirmed_by = Some(self.grant.who.clone()),
            _ => question.decided_by = Some(self.grant.who.clone()),
        }
        let mut changes = Changes::default();
        self.answer(&open, &question, Vec::new(), &mut changes)?;
        self.commit(&open, decision, changes).await
    }

    async fn commit(
        &self,
        open: &Open,
        decision: Decision,
        changes: Changes,
    ) -> Result<Receipt, ReviewError> {
        let head = self.head(self.asking(open, decision), self.source(open, decision));
        Ok(self.ledger().commit(changes.commit(head, None)).await?)
    }

    fn head(&self, asked: ledger::Asked, source: Source) -> Head {
        Head {
            asked,
            source,
            recorded_at: self.at,
            grant: Grant::clone(&self.grant),
            base: None,
        }
    }
}
