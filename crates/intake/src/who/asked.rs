//! What was asked before, and what the numbers of a list leave to ask: rows that wait for an answer or have one, and numbers that
//! two rows say. It asks; it answers nothing.

use std::collections::HashMap;

use kernel::RecordId;
use ledger::LedgerError;

use super::{Recognised, Recognition, Who};
use crate::finding::QuestionKind;
use crate::question::{Inquiry, questions_in, read_question};
use crate::said::{self, Said, text};

impl Recognition<'_> {
    /// Rows that were asked about before: still open, or decided.
    pub(super) async fn as_decided(
        &self,
        open: &mut Vec<usize>,
        persons: &[i64],
        recognised: &mut Recognised,
    ) -> Result<(), LedgerError> {
        let keys: Vec<String> = (open.iter())
            .map(|row| Inquiry::key(&self.people.roster, &recognised.digest(*row)))
            .collect();
        let kept = self.people.questions;
        let asked = (self.ledger)
            .find(&kept.register.id, self.unit(), &keys)
            .await?;
        let asked: HashMap<usize, Inquiry> = (open.iter().zip(asked))
            .filter_map(|(row, found)| {
                let questions = (found.iter())
                    .filter_map(|found| read_question(self.standing, kept, found.record));
                Some((*row, questions.max_by_key(Inquiry::is_settled)?))
            })
            .collect();
        open.retain(|row| {
            let Some(question) = asked.get(row) else {
                return true;
            };
            let known = question.person.filter(|p| persons.binary_search(p).is_ok());
            recognised.who[*row] = match known {
                Some(person) => Who::Known(RecordId(person)),
                None if question.is_settled() => Who::Aside,
                None => Who::Asked(question.kind),
            };
            let candidates = question.candidates.iter().map(|c| c.person);
            recognised.in_question.extend(candidates);
            false
        });
        Ok(())
    }

    /// Of rows that can't be anybody known, those that say a number another row has are asked.
    pub(super) fn ask_whose_number(&self, open: &[usize], recognised: &mut Recognised) {
        for row in open.iter().filter(|row| recognised.contested.contains(row)) {
            let key = (QuestionKind::Number, recognised.digest(*row));
            let said = recognised.said(*row);
            if let Some(question) = self.question(key, *row, &said, Vec::new()) {
                recognised.who[*row] = Who::Asked(QuestionKind::Number);
                recognised.questions.push((*row, question));
            }
        }
    }

    /// Every question that was ever asked in the books near the unit's, and stands.
    pub(super) fn questions(&self) -> Vec<Inquiry> {
        let kept = self.people.questions;
        let near = |record: &RecordId| {
            let book = self.standing.kept_in(&kept.register.id, *record);
            book.is_some_and(|book| self.unit().contains(&book))
        };
        let questions = questions_in(self.standing, kept);
        questions
            .filter(|(record, _)| near(record))
            .map(|(_, question)| question)
            .collect()
    }

    /// What rows of any list say that wait for an answer, by name.
    pub(super) fn waiting(&self, questions: &[Inquiry]) -> HashMap<String, Vec<Said>> {
        let mut waiting: HashMap<String, Vec<Said>> = HashMap::new();
        for question in questions.iter().filter(|question| !question.is_settled()) {
            if let Some(name) = text(&question.said, said::NAME) {
                let of_the_name = waiting.entry(name.to_owned()).or_default();
                of_the_name.push(question.said.clone());
            }
        }
        waiting
    }
}
