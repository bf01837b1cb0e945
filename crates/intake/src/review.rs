//! What lists left to people, and what people say to it. A question about a row is answered by naming the person, by saying that
//! it is somebody new, or by setting it aside; the row is then carried out as if it had just come in. That two people are one is
//! proposed by one and confirmed by another. An answer is one commit, whole or not at all, and can be taken back.
//!
//! What is given is scoped and masked by the grant, and every look is logged.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Grant, Lang, RecordId, UnitCode};
use ledger::{AccessRecord, Commit, Found, Ledger, Receipt};
use linkage::{Comparator, Design, Level};
use pack::{Pack, Record, Register, Text, Value};

use crate::finding::Weighed;
use crate::import::{Checked, Request, Run};
use crate::plan::{Absence, Verdict};
use crate::question::{Question, QuestionKind};
use crate::rows::Rows;
use crate::script::{LISTING, PERSON, QUESTION, Script, roster};
use crate::who::{Recognised, Told};

mod fault;
mod merge;

pub use fault::ReviewError;

/// The most people a question names beyond those it was asked with.
const MOST_KNOWN_SINCE: usize = 3;

/// Somebody at the desk: what they may see and do, and when.
pub struct Review<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// Its pack.
    pub pack: &'a Pack,
    /// What they may see. Who it names is who decides.
    pub grant: &'a Grant,
    /// When.
    pub at: Timestamp,
}

/// A question that waits.
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
    /// The field of the register of listings.
    pub field: String,
    /// Its name.
    pub name: Text,
    /// The value, masked as the grant demands; codes in words.
    pub text: Text,
    /// How well it agrees with what is held against it.
    pub level: Option<Level>,
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
    found: Found,
    question: Question,
    /// The day the list spoke of.
    on: Date,
}

impl Review<'_> {
    /// The questions that wait in the books the grant sees: proposed merges first, then by book in the order they were asked.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn cases(&self) -> Result<Vec<Case>, ReviewError> {
        self.log("questions").await?;
        let register = self.register(QUESTION)?;
        let mut cases = Vec::new();
        for book in self.ledger.books().await? {
            if !self.grant.sees(&book.unit) {
                continue;
            }
            for found in self.ledger.records(book.unit, QUESTION).await? {
                if found.closed {
                    continue;
                }
                if let Some(question) = Question::read(register, &found) {
                    let mut case = self.case_of(&found, &question);
                    case.people = self.merged(&question).await?;
                    cases.push(case);
                }
            }
        }
        cases.sort_by_key(|case| (case.kind != QuestionKind::Merge, case.book, case.record));
        Ok(cases)
    }

    /// A question with everything known of the people it is about.
    ///
    /// # Errors
    /// There is no such question within the grant, or it is settled.
    pub async fn case(&self, record: RecordId) -> Result<Case, ReviewError> {
        self.log(&format!("question {record}")).await?;
        let open = self.open(record).await?;
        let mut case = self.case_of(&open.found, &open.question);
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
        for person in self.known_since(&open, &people).await? {
            people.push((person, Weighed::default()));
        }
        let mut against = open.question.said.clone();
        for (person, weighed) in people {
            let found = self.person(RecordId(person)).await?;
            let Some(found) = found.filter(|found| self.grant.sees(&found.book)) else {
                continue;
            };
            let known = self
                .known(&found, open.found.book, weighed, &against)
                .await?;
            if open.question.kind == QuestionKind::Merge && case.people.is_empty() {
                against = self.said_of(&found)?;
            }
            case.people.push(known);
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
        let open = self.open(record).await?;
        match (open.question.kind, decision) {
            (QuestionKind::Merge, Decision::Merged) => self.merge(open).await,
            (QuestionKind::Merge, Decision::Apart) => self.settle(open, decision).await,
            (QuestionKind::Same | QuestionKind::Number, Decision::Same(person)) => {
                let found = self
                    .person(person)
                    .await?
                    .ok_or(ReviewError::NoPerson(person))?;
                self.carry_out(open, decision, &Told::Person(Box::new(found)))
                    .await
            }
            (QuestionKind::Same | QuestionKind::Number, Decision::New) => {
                self.carry_out(open, decision, &Told::New).await
            }
            (QuestionKind::Same | QuestionKind::Number, Decision::Aside) => {
                self.settle(open, decision).await
            }
            _ => Err(ReviewError::Unfit(record)),
        }
    }

    fn register(&self, id: &str) -> Result<&Register, ReviewError> {
        let missing = || ReviewError::Pack(id.to_owned());
        self.pack.register(id).ok_or_else(missing)
    }

    async fn log(&self, what: &str) -> Result<(), ReviewError> {
        let access = AccessRecord {
            at: self.at,
            who: self.grant.who.clone(),
            why: self.grant.why.clone(),
            units: self.grant.units.clone(),
            reveals: self.grant.reveals.clone(),
            what: what.to_owned(),
        };
        Ok(self.ledger.log_access(&access).await?)
    }

    /// A question that waits, within the grant.
    async fn open(&self, record: RecordId) -> Result<Open, ReviewError> {
        let found = self.ledger.get(QUESTION, &[record]).await?.pop().flatten();
        let found = found
            .filter(|found| self.grant.sees(&found.book))
            .ok_or(ReviewError::NoQuestion(record))?;
        let question = Question::read(self.register(QUESTION)?, &found)
            .ok_or(ReviewError::NoQuestion(record))?;
        if found.closed {
            return Err(ReviewError::Settled(record));
        }
        let entries = self.ledger.standing(QUESTION, record).await?;
        let on = entries.first().map(|entry| entry.valid_from);
        Ok(Open {
            on: on.ok_or(ReviewError::NoQuestion(record))?,
            found,
            question,
        })
    }

    /// Somebody the ledger knows now.
    async fn person(&self, person: RecordId) -> Result<Option<Found>, ReviewError> {
        let found = self.ledger.get(PERSON, &[person]).await?.pop().flatten();
        Ok(found.filter(|found| !found.closed))
    }

    /// Who has the number now that the row of a question about a number says; its list may have told of them, too.
    async fn holder(&self, open: &Open) -> Result<Option<i64>, ReviewError> {
        let said = (open.question.said.iter()).find(|(field, _)| field == "id_number");
        let Some((_, number)) = said.filter(|_| open.question.kind == QuestionKind::Number) else {
            return Ok(None);
        };
        let number = number.to_string();
        let found = self.ledger.find(PERSON, open.found.book, &[number]).await?;
        let holder = found.into_iter().flatten().find(|found| !found.closed);
        Ok(holder.map(|found| found.record.0))
    }

    /// People whom the row may be of as well, though they were not known so when it was asked: opened, changed or merged since.
    /// They have the name, and the birth, the telephone or the door; those with most of it first.
    async fn known_since(
        &self,
        open: &Open,
        named: &[(i64, Weighed)],
    ) -> Result<Vec<i64>, ReviewError> {
        if open.question.kind == QuestionKind::Merge {
            return Ok(Vec::new());
        }
        let text = |said: &[(String, Value)], id: &str| {
            let value = said.iter().find(|(field, _)| field == id);
            value
                .map(|(_, value)| value.to_string())
                .unwrap_or_default()
        };
        let mut found = Vec::new();
        for person in self.ledger.records(open.found.book, PERSON).await? {
            if person.closed || named.iter().any(|(known, _)| *known == person.record.0) {
                continue;
            }
            let known = self.said_of(&person)?;
            let level =
                |by, id| linkage::level(by, &text(&open.question.said, id), &text(&known, id));
            let name = level(Comparator::Name, "name");
            if !matches!(name, Level::Equal | Level::Variant)
                || level(Comparator::Exact, "sex") == Level::Different
            {
                continue;
            }
            let agree = [
                level(Comparator::Date, "birth_date") == Level::Equal,
                level(Comparator::Digits, "phone") == Level::Equal,
                matches!(
                    level(Comparator::Address, "address"),
                    Level::Equal | Level::Door
                ),
            ];
            let agree = agree.into_iter().filter(|agrees| *agrees).count();
            if agree > 0 {
                found.push((std::cmp::Reverse(agree), person.record.0));
            }
        }
        found.sort_unstable();
        found.truncate(MOST_KNOWN_SINCE);
        Ok(found.into_iter().map(|(_, person)| person).collect())
    }

    /// Whom a merge is about, as the ledger has them; nobody for other questions.
    async fn merged(&self, question: &Question) -> Result<Vec<Known>, ReviewError> {
        let mut people = Vec::new();
        for person in [question.person, question.other].into_iter().flatten() {
            let found = match question.kind {
                QuestionKind::Merge => self.person(RecordId(person)).await?,
                _ => None,
            };
            let Some(found) = found.filter(|found| self.grant.sees(&found.book)) else {
                continue;
            };
            let said = self.said_of(&found)?;
            people.push(Known {
                person: found.record,
                weighed: Weighed::default(),
                sides: vec![Side {
                    whose: Text::new("台账", "Ledger"),
                    seen: (said.iter())
                        .filter_map(|(field, value)| self.seen(field, value, None))
                        .collect(),
                }],
            });
        }
        Ok(people)
    }

    fn case_of(&self, found: &Found, question: &Question) -> Case {
        let roster = self.pack.roster(&question.roster);
        Case {
            record: found.record,
            book: found.book,
            kind: question.kind,
            roster: roster.map(|r| r.name.clone()).unwrap_or_default(),
            place: question.place.clone(),
            said: (question.said.iter())
                .filter_map(|(field, value)| self.seen(field, value, None))
                .collect(),
            people: Vec::new(),
            proposed_by: question.decided_by.clone(),
        }
    }

    /// Everything said of somebody, each value held against those given.
    async fn known(
        &self,
        person: &Found,
        book: UnitCode,
        weighed: Weighed,
        against: &[(String, Value)],
    ) -> Result<Known, ReviewError> {
        let level_of = |field: &str, value: &Value| {
            let by = self.comparator(field)?;
            let (_, other) = against.iter().find(|(id, _)| id == field)?;
            Some(linkage::level(by, &value.to_string(), &other.to_string()))
        };
        let side = |whose: Text, said: Vec<(String, Value)>| Side {
            whose,
            seen: (said.iter())
                .filter_map(|(field, value)| self.seen(field, value, level_of(field, value)))
                .collect(),
        };
        let mut sides = vec![side(Text::new("台账", "Ledger"), self.said_of(person)?)];
        let listing = self.register(LISTING)?;
        let rosters: Vec<_> = (self.pack.rosters.iter())
            .filter(|roster| roster.source.is_some())
            .collect();
        let keys: Vec<String> = (rosters.iter())
            .map(|roster| format!("{}|{}", person.record, roster.id))
            .collect();
        let found = self.ledger.find(LISTING, book, &keys).await?;
        for (roster, found) in rosters.into_iter().zip(found) {
            let Some(found) = found.filter(|found| !found.closed) else {
                continue;
            };
            sides.push(side(roster.name.clone(), said_in(listing, &found)));
        }
        Ok(Known {
            person: person.record,
            weighed,
            sides,
        })
    }

    /// What the ledger has of somebody under the names of a listing's fields.
    fn said_of(&self, person: &Found) -> Result<Vec<(String, Value)>, ReviewError> {
        Ok(said_in(self.register(PERSON)?, person))
    }

    fn comparator(&self, field: &str) -> Option<Comparator> {
        let design = Design::parse(self.pack.linkage(PERSON)?).ok()?;
        let field = design.fields.iter().find(|f| f.column == field);
        field.map(|field| field.comparator)
    }

    fn seen(&self, field: &str, value: &Value, level: Option<Level>) -> Option<Seen> {
        let (_, declared) = self.pack.register(LISTING)?.field(field)?;
        let shown = self.grant.show(declared.sensitivity, &value.to_string());
        let member = match &declared.kind {
            pack::FieldType::Code(list) => (self.pack.code(list))
                .and_then(|list| list.member(&value.to_string()))
                .map(|member| member.name.clone()),
            _ => None,
        };
        Some(Seen {
            field: field.to_owned(),
            name: declared.name.clone(),
            text: member.unwrap_or_else(|| Text::new(&shown, &shown)),
            level,
        })
    }

    /// Carries out the row of a question, and settles it.
    async fn carry_out(
        &self,
        open: Open,
        decision: Decision,
        told: &Told,
    ) -> Result<Receipt, ReviewError> {
        let roster = roster(self.pack, &open.question.roster)?;
        let script = Script::new(self.pack, &roster)?;
        let values = open.question.values(&roster);
        let values = values.ok_or_else(|| ReviewError::RosterChanged(roster.name.clone()))?;
        let number = u32::try_from(open.question.place.1).unwrap_or(0);
        let checked = Checked::of(Rows::one(number, &values));
        let request = self.request(&open);
        let run = Run {
            ledger: self.ledger,
            pack: self.pack,
            request: &request,
            roster: &roster,
            script: &script,
        };
        let unfit = || ReviewError::Unfit(open.found.record);
        let recognised: Recognised =
            (run.recognise(&checked.rows, Some(told)).await).ok_or_else(unfit)??;
        let known = run.look_up(&checked.rows, Some(&recognised), true).await?;
        let (mut plan, results, notes) = run.plan(&checked, known, Some(&recognised));
        if results.iter().any(|row| row.verdict == Verdict::Rejected) {
            let why = notes.into_iter().next().ok_or_else(unfit)?;
            return Err(ReviewError::Refused(why.finding));
        }
        let person = plan.person_of(0).ok_or_else(unfit)?;
        let mut question = open.question.clone();
        question.person = person.as_int();
        question.decision = Some(decision.as_str().to_owned());
        question.decided_by = Some(self.grant.who.clone());
        let people = script.people.as_ref().ok_or_else(unfit)?;
        let body = question.body(people.question);
        plan.settle(people.question_at, open.found.clone(), &body);
        let (key, source) = self.names(&open, decision);
        Ok(run.commit(key, source, &plan).await?)
    }

    fn request(&self, open: &Open) -> Request {
        Request {
            roster: open.question.roster.clone(),
            unit: open.found.book,
            files: Vec::new(),
            on: open.on,
            recorded_at: self.at,
            actor: self.grant.who.clone(),
            grant: self.grant.clone(),
            dry_run: false,
            absence: Absence::Kept,
            told: std::collections::BTreeMap::new(),
            lang: Lang::Zh,
        }
    }

    /// The key and the source of the commit of an answer.
    fn names(&self, open: &Open, decision: Decision) -> (String, String) {
        let (found, place) = (&open.found, &open.question.place);
        (
            format!("review:{}:{}", found.record, found.seq),
            match place.0.as_str() {
                "" => format!("review {} {}", decision.as_str(), found.record),
                file => format!("review {} {file}:{}", decision.as_str(), place.1),
            },
        )
    }

    /// Settles a question without doing anything else.
    async fn settle(&self, open: Open, decision: Decision) -> Result<Receipt, ReviewError> {
        let mut question = open.question.clone();
        question.decision = Some(decision.as_str().to_owned());
        match decision {
            Decision::Apart => question.confirmed_by = Some(self.grant.who.clone()),
            _ => question.decided_by = Some(self.grant.who.clone()),
        }
        let entries = self.settled(&open, &question)?;
        self.commit(&open, decision, entries.into()).await
    }

    /// The entries that settle a question.
    fn settled(&self, open: &Open, question: &Question) -> Result<[ledger::Draft; 2], ReviewError> {
        let body = question.body(self.register(QUESTION)?);
        let draft = |kind, expect| ledger::Draft {
            book: open.found.book,
            register: QUESTION.to_owned(),
            record: open.found.record,
            kind,
            valid_from: open.on,
            body: body.clone(),
            expect,
        };
        Ok([
            draft(kernel::EntryKind::Change, Some(open.found.seq)),
            draft(kernel::EntryKind::Close, None),
        ])
    }

    async fn commit(
        &self,
        open: &Open,
        decision: Decision,
        entries: Vec<ledger::Draft>,
    ) -> Result<Receipt, ReviewError> {
        let (key, source) = self.names(open, decision);
        let commit = Commit {
            key,
            actor: self.grant.who.clone(),
            source,
            recorded_at: self.at,
            grant: self.grant.clone(),
            entries,
        };
        Ok(self.ledger.commit(commit).await?)
    }
}

/// The values of a record under the names of a listing's fields.
fn said_in(register: &Register, found: &Found) -> Vec<(String, Value)> {
    let body: Record = register.decode(&found.body).unwrap_or_default();
    (crate::question::SAID.iter())
        .filter_map(|id| {
            let (at, _) = register.field(id)?;
            Some(((*id).to_owned(), body.get(at)?.clone()?))
        })
        .collect()
}
