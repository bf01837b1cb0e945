//! Two people who are one. The double's records become those of who stays, each dated version of them; where both have the same
//! record, that of who stays is kept and its blanks are filled. Then the double was never there. Both numbers stay as they are:
//! taking the merge back brings the double back under its own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kernel::{EntryKind, RecordId, UnitCode};
use ledger::{Draft, Entry, Found, Receipt};
use pack::{FieldType, Record, Register, Value};

use super::{Decision, Open, Review, ReviewError};
use crate::question::{Question, QuestionKind};
use crate::script::{LISTING, PERSON, QUESTION, Script, roster};
use crate::who::Said;

/// The roster of questions about people, who are on no roster as two.
const MERGE: &str = "merge";

impl Review<'_> {
    /// Proposes that two people are one: `double` goes, `kept` stays. Somebody else has to confirm it.
    ///
    /// # Errors
    /// One of them isn't there or out of the grant's reach, both are one already, or the merge is proposed already.
    pub async fn propose(
        &self,
        kept: RecordId,
        double: RecordId,
        on: Date,
    ) -> Result<Receipt, ReviewError> {
        if kept == double {
            return Err(ReviewError::Themselves(kept));
        }
        let stays = self.reachable(kept).await?;
        self.reachable(double).await?;
        let register = self.register(QUESTION)?;
        let mut digests = [(kept, double), (double, kept)].map(|(a, b)| format!("{a}-{b}"));
        for digest in &digests {
            let key = format!("{MERGE}|{digest}");
            let asked = self.ledger.find(QUESTION, stays.book, &[key]).await?;
            if let Some(open) = asked.into_iter().flatten().find(|found| !found.closed) {
                return Err(ReviewError::Proposed(open.record));
            }
        }
        let question = Question {
            roster: MERGE.to_owned(),
            digest: std::mem::take(&mut digests[0]),
            kind: QuestionKind::Merge,
            place: (String::new(), 0),
            said: Vec::new(),
            cells: String::new(),
            candidates: Vec::new(),
            person: Some(kept.0),
            other: Some(double.0),
            decision: None,
            decided_by: Some(self.grant.who.clone()),
            confirmed_by: None,
            closed: false,
        };
        let record = self.ledger.next_ids(stays.book).await?;
        let commit = ledger::Commit {
            key: format!("propose:{record}"),
            actor: self.grant.who.clone(),
            source: format!("merge {double} into {kept}"),
            recorded_at: self.at,
            grant: self.grant.clone(),
            entries: vec![Draft {
                book: stays.book,
                register: QUESTION.to_owned(),
                record,
                kind: EntryKind::Open,
                valid_from: on,
                body: question.body(register),
                expect: None,
            }],
        };
        Ok(self.ledger.commit(commit).await?)
    }

    async fn reachable(&self, person: RecordId) -> Result<Found, ReviewError> {
        let found = self.person(person).await?;
        let found = found.ok_or(ReviewError::NoPerson(person))?;
        match self.grant.sees(&found.book) {
            true => Ok(found),
            false => Err(ReviewError::OutOfReach(found.book)),
        }
    }

    /// Confirms a merge.
    pub(super) async fn merge(&self, open: Open) -> Result<Receipt, ReviewError> {
        let proposed_by = open.question.decided_by.clone().unwrap_or_default();
        if proposed_by == self.grant.who {
            return Err(ReviewError::FourEyes(proposed_by));
        }
        let unfit = || ReviewError::Unfit(open.found.record);
        let kept = self
            .reachable(RecordId(open.question.person.ok_or_else(unfit)?))
            .await?;
        let double = self
            .reachable(RecordId(open.question.other.ok_or_else(unfit)?))
            .await?;
        let mut merge = Merge {
            review: self,
            kept: kept.record,
            double: double.record,
            on: open.on,
            drafts: Vec::new(),
            written: BTreeSet::new(),
            next: BTreeMap::new(),
        };
        for (register, found) in self.ledger.referring(PERSON, double.record).await? {
            if found.record != open.found.record {
                merge.follow(&register, found).await?;
            }
        }
        merge.end(PERSON, &double)?;
        merge.fill(PERSON, &kept, &double).await?;
        let mut question = open.question.clone();
        question.decision = Some(Decision::Merged.as_str().to_owned());
        question.confirmed_by = Some(self.grant.who.clone());
        // The question is settled first: it names both while both are there.
        let mut drafts: Vec<Draft> = self.settled(&open, &question)?.into();
        drafts.extend(merge.drafts);
        self.commit(&open, Decision::Merged, drafts).await
    }
}

/// A merge being worked out.
struct Merge<'r> {
    review: &'r Review<'r>,
    kept: RecordId,
    double: RecordId,
    on: Date,
    drafts: Vec<Draft>,
    /// Records that have a draft already.
    written: BTreeSet<RecordId>,
    /// The next free number of each book.
    next: BTreeMap<UnitCode, RecordId>,
}

impl Merge<'_> {
    /// What becomes of a record that speaks of the double.
    async fn follow(&mut self, register: &str, found: Found) -> Result<(), ReviewError> {
        let review = self.review;
        let declared = review.register(register)?;
        let standing = review.ledger.standing(register, found.record).await?;
        let gone = |entry: &Entry| entry.kind == EntryKind::Merge;
        if standing.last().is_none_or(gone) {
            return Ok(());
        }
        if !review.grant.sees(&found.book) {
            return Err(ReviewError::OutOfReach(found.book));
        }
        let now = self.moved(declared, &found.body)?;
        if let Some(twin) = self.twin(declared, &found, &now).await? {
            // What has ended and is double stays with the double's number, which nobody has.
            if found.closed {
                return Ok(());
            }
            self.end(register, &found)?;
            if register == LISTING {
                return self.remember(declared, &found).await;
            }
            if let Some(twin) = twin {
                self.fill(register, &twin, &found).await?;
            }
            return Ok(());
        }
        let mut versions: BTreeMap<Date, Record> = BTreeMap::new();
        let mut ended = None;
        for entry in &standing {
            match entry.kind {
                EntryKind::Close => ended = Some(entry.valid_from),
                _ => {
                    ended = None;
                    versions.insert(entry.valid_from, self.moved(declared, &entry.body)?);
                }
            }
        }
        // The last version is written last: it is what the record is.
        let last = versions.values().next_back().cloned();
        for (on, body) in versions {
            self.write(register, &found, EntryKind::Correct, on, body);
        }
        if let (Some(on), Some(body)) = (ended.filter(|_| found.closed), last) {
            self.write(register, &found, EntryKind::Close, on, body);
        }
        Ok(())
    }

    /// A body that speaks of who stays where it spoke of the double.
    fn moved(&self, register: &Register, body: &str) -> Result<Record, ReviewError> {
        let mut body = self.read(register, body)?;
        for (field, value) in register.fields.iter().zip(&mut body) {
            if field.kind == FieldType::Ref(PERSON.to_owned())
                && *value == Some(Value::Int(self.double.0))
            {
                *value = Some(Value::Int(self.kept.0));
            }
        }
        Ok(body)
    }

    fn read(&self, register: &Register, body: &str) -> Result<Record, ReviewError> {
        let unreadable = |_| ReviewError::Pack(register.id.clone());
        register.decode(body).map_err(unreadable)
    }

    /// Whether a record can't be that of who stays as well: because they have it already, which is then given, or because it
    /// would tie them to themselves.
    async fn twin(
        &self,
        register: &Register,
        found: &Found,
        body: &Record,
    ) -> Result<Option<Option<Found>>, ReviewError> {
        let of_kept = |(field, value): (&pack::Field, &Option<Value>)| {
            field.kind == FieldType::Ref(PERSON.to_owned())
                && *value == Some(Value::Int(self.kept.0))
        };
        let ties = register.fields.iter().zip(body);
        if register.id != QUESTION && ties.filter(|tie| of_kept(*tie)).count() > 1 {
            return Ok(Some(None));
        }
        let Some(key) = register.identity_key(body) else {
            return Ok(None);
        };
        let mut holder = (self.review.ledger)
            .find(&register.id, found.book, &[key])
            .await?;
        let holder = holder.pop().flatten();
        let other = |holder: &Found| holder.record != found.record && !holder.closed;
        Ok(holder.filter(other).map(Some))
    }

    /// A record that was never there.
    fn end(&mut self, register: &str, found: &Found) -> Result<(), ReviewError> {
        let body = self.read(self.review.register(register)?, &found.body)?;
        self.write(register, found, EntryKind::Merge, self.on, body);
        Ok(())
    }

    /// Fills the blanks of a record with what its double had.
    async fn fill(
        &mut self,
        register: &str,
        kept: &Found,
        double: &Found,
    ) -> Result<(), ReviewError> {
        let declared = self.review.register(register)?;
        let mut body = self.read(declared, &kept.body)?;
        let before = body.clone();
        for (own, other) in body.iter_mut().zip(self.moved(declared, &double.body)?) {
            if own.is_none() {
                *own = other;
            }
        }
        let standing = self.review.ledger.standing(register, kept.record).await?;
        let newest = standing.iter().map(|entry| entry.valid_from).max();
        if let Some(on) = newest.filter(|_| body != before) {
            self.write(register, kept, EntryKind::Correct, on, body);
        }
        Ok(())
    }

    /// Makes what a list says of the double lead to who stays, who has a listing of their own on it.
    async fn remember(&mut self, register: &Register, listing: &Found) -> Result<(), ReviewError> {
        let review = self.review;
        let body = self.read(register, &listing.body)?;
        let value = |id: &str| register.field(id).and_then(|(at, _)| body[at].clone());
        let Some(Value::Text(of)) = value("roster") else {
            return Ok(());
        };
        let script = Script::new(review.pack, &roster(review.pack, &of)?)?;
        let Some(people) = &script.people else {
            return Ok(());
        };
        let said: Said = (people.said.iter())
            .map(|(at, _)| body[*at].clone())
            .collect();
        let digest = Question::digest(&said, 0);
        let key = format!("{of}|{digest}");
        let mut known = review.ledger.find(QUESTION, listing.book, &[key]).await?;
        if known.pop().flatten().is_some() {
            return Ok(());
        }
        let question = Question {
            roster: of,
            digest,
            kind: QuestionKind::Same,
            place: (String::new(), 0),
            said: Vec::new(),
            cells: String::new(),
            candidates: Vec::new(),
            person: Some(self.kept.0),
            other: None,
            decision: Some(Decision::Same(self.kept).as_str().to_owned()),
            decided_by: Some(review.grant.who.clone()),
            confirmed_by: None,
            closed: true,
        };
        let record = match self.next.get(&listing.book) {
            Some(next) => *next,
            None => review.ledger.next_ids(listing.book).await?,
        };
        self.next.insert(listing.book, record.next());
        for kind in [EntryKind::Open, EntryKind::Close] {
            self.drafts.push(Draft {
                book: listing.book,
                register: QUESTION.to_owned(),
                record,
                kind,
                valid_from: self.on,
                body: question.body(people.question),
                expect: None,
            });
        }
        Ok(())
    }

    fn write(&mut self, register: &str, found: &Found, kind: EntryKind, on: Date, body: Record) {
        let first = self.written.insert(found.record);
        self.drafts.push(Draft {
            book: found.book,
            register: register.to_owned(),
            record: found.record,
            kind,
            valid_from: on,
            body,
            expect: first.then_some(found.seq),
        });
    }
}
