//! Two people who are one. The double is from then on whoever stays: all words about either are about one, and so are their
//! records; the tables see to that. Taking the merge back brings the double back. What the lists say of the double is settled, too,
//! so that nobody is asked about a row of theirs again.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::rights::holder;
use kernel::{RecordId, UnitCode};
use ledger::{Asking, Receipt, Source, Target};
use pack::{Contract, Said as SaidOf};

use super::sides::said;
use super::{Decision, Open, Review, ReviewError, desk_says};
use crate::changes::{Changes, WordDraft};
use crate::finding::QuestionKind;
use crate::question::{Inquiry, read_question};
use crate::said::Said;
use crate::script::Script;
use crate::who::evidence::voices;

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
        let _turn = self.tables.turn().await;
        let standing = self.tables.snapshot().await?;
        let book = self.reachable(&standing, kept)?;
        self.reachable(&standing, double)?;
        let digest = self.free_digest(&standing, kept, double, book).await?;
        let question = Inquiry {
            person: Some(kept.0),
            other: Some(double.0),
            decided_by: Some(self.grant.who.clone()),
            ..Inquiry::new(MERGE, digest.clone(), QuestionKind::Merge)
        };
        let mut changes = Changes::default();
        let say = changes.say(desk_says(book, on));
        let questions = &self.contract()?.questions;
        let said = SaidOf::of(question.body(questions));
        changes.open(book, &questions.register.id, say, said);
        let asked = Asking::to("propose").with(digest).done();
        let head = self.head(asked, Source::Proposal { kept, double });
        Ok(self.ledger().commit(changes.commit(head, None)).await?)
    }

    /// A digest for a proposal that there is none of yet; one that was turned down may be made again.
    async fn free_digest(
        &self,
        standing: &tables::Snapshot,
        kept: RecordId,
        double: RecordId,
        book: UnitCode,
    ) -> Result<String, ReviewError> {
        let questions = &self.contract()?.questions;
        let register = &questions.register.id;
        let mut nth = 0;
        loop {
            let again = if nth > 0 {
                format!("-{nth}")
            } else {
                String::new()
            };
            let digests = [(kept, double), (double, kept)].map(|(a, b)| format!("{a}-{b}{again}"));
            let keys = digests.each_ref().map(|digest| Inquiry::key(MERGE, digest));
            let found = self.ledger().find(register, book, &keys).await?;
            let mut settled = false;
            for found in found.into_iter().flatten() {
                match read_question(standing, questions, found.record) {
                    Some(question) if !question.is_settled() => {
                        return Err(ReviewError::Proposed(found.record));
                    }
                    Some(_) => settled = true,
                    None => {}
                }
            }
            if !settled {
                let [digest, _] = digests;
                return Ok(digest);
            }
            nth += 1;
        }
    }

    /// The book somebody is kept in, if they are there and the grant reaches it.
    fn reachable(
        &self,
        standing: &tables::Snapshot,
        person: RecordId,
    ) -> Result<UnitCode, ReviewError> {
        let none = || ReviewError::NoPerson(person);
        let register = &self.contract()?.people.register.id;
        let known = standing.record(register, person, pack::latest_date());
        known
            .filter(|_| standing.stays(person) == person)
            .ok_or_else(none)?;
        let book = standing.kept_in(register, person).ok_or_else(none)?;
        match self.grant.sees(&book) {
            true => Ok(book),
            false => Err(ReviewError::OutOfReach(book)),
        }
    }

    /// Confirms a merge.
    pub(super) async fn merge(&self, open: Open) -> Result<Receipt, ReviewError> {
        let proposed_by = open.question.decided_by.clone().unwrap_or_default();
        if holder(&proposed_by) == holder(&self.grant.who) {
            return Err(ReviewError::FourEyes(proposed_by));
        }
        let unfit = || ReviewError::Unfit(open.record);
        let kept = RecordId(open.question.person.ok_or_else(unfit)?);
        let double = RecordId(open.question.other.ok_or_else(unfit)?);
        self.reachable(&open.standing, kept)?;
        let book = self.reachable(&open.standing, double)?;
        let mut question = open.question.clone();
        question.decision = Some(Decision::Merged.as_str().to_owned());
        question.confirmed_by = Some(self.grant.who.clone());
        let mut changes = Changes::default();
        self.answer(&open, &question, Vec::new(), &mut changes)?;
        let remembered = self.of_both(&open, kept, double).await?;
        let Contract {
            questions, people, ..
        } = self.contract()?;
        let mut says: BTreeMap<UnitCode, u32> = BTreeMap::from([(open.book, 0)]);
        for (unit, question) in remembered {
            let say = *says
                .entry(unit)
                .or_insert_with(|| changes.say(desk_says(unit, open.on)));
            let said = SaidOf::of(question.body(questions));
            changes.open(unit, &questions.register.id, say, said);
        }
        let word = WordDraft {
            book,
            register: &people.register.id,
            record: Target::Known(double),
            say: 0,
            said: SaidOf::default(),
        };
        changes.merge(word, kept);
        self.commit(&open, Decision::Merged, changes).await
    }

    /// Of lists that name both, what they say of the double, as a question that is answered: it is of who stays.
    async fn of_both(
        &self,
        open: &Open,
        kept: RecordId,
        double: RecordId,
    ) -> Result<Vec<(UnitCode, Inquiry)>, ReviewError> {
        let mut answered = Vec::new();
        let questions = &self.contract()?.questions;
        for voice in voices(&open.standing, self.pack(), open.book).into_keys() {
            let roster = self.pack().roster(&voice.roster);
            let Some(roster) = roster.filter(|_| self.grant.sees(&voice.unit)) else {
                continue;
            };
            let script = Script::new(self.pack(), roster)?;
            let Some(people) = &script.people else {
                continue;
            };
            let mut says: Vec<Said> = Vec::new();
            for person in [kept, double] {
                let standing = &open.standing;
                let records = (self.records(standing, (people, &script), &voice, person)).await?;
                says.push(said(&open.standing, people, &script, &voice, &records));
            }
            let [of_kept, of_double] = says.as_slice() else {
                continue;
            };
            let speaks = |said: &Said| said.iter().any(Option::is_some);
            if !speaks(of_kept) || !speaks(of_double) {
                continue;
            }
            let digest = Inquiry::digest(of_double, 0);
            let key = Inquiry::key(&voice.roster, &digest);
            let register = &questions.register.id;
            let asked = self.ledger().find(register, voice.unit, &[key]).await?;
            let known = asked.into_iter().flatten();
            if known
                .into_iter()
                .any(|found| read_question(&open.standing, questions, found.record).is_some())
            {
                continue;
            }
            let question = Inquiry {
                person: Some(kept.0),
                decision: Some(Decision::Same(kept).as_str().to_owned()),
                decided_by: Some(self.grant.who.clone()),
                ..Inquiry::new(&voice.roster, digest, QuestionKind::Same)
            };
            answered.push((voice.unit, question));
        }
        Ok(answered)
    }
}
