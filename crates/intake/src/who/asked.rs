//! What was asked before, and what the numbers of a list leave to ask: rows that wait for an answer or have one, and numbers that
//! two rows say. It asks; it answers nothing.

use std::collections::{BTreeMap, HashMap};

use ledger::{Found, LedgerError};

use super::{Recognised, Recognition, Said, Who};
use crate::question::{Question, QuestionKind};
use crate::script::QUESTION;

impl Recognition<'_> {
    /// Rows that were asked about before: still open, or decided.
    pub(super) async fn as_decided(
        &self,
        open: &mut Vec<usize>,
        persons: &BTreeMap<i64, Found>,
        recognised: &mut Recognised,
    ) -> Result<(), LedgerError> {
        let keys: Vec<String> = (open.iter())
            .map(|row| {
                let digest = recognised.digest(*row);
                format!("{}|{digest}", self.people.roster)
            })
            .collect();
        let asked = self.ledger.find(QUESTION, self.unit, &keys).await?;
        let asked: HashMap<usize, Question> = (open.iter().zip(asked))
            .filter_map(|(row, found)| Some((*row, Question::read(self.people.question, &found?)?)))
            .collect();
        open.retain(|row| {
            let Some(question) = asked.get(row) else {
                return true;
            };
            recognised.who[*row] = match question.person.and_then(|p| persons.get(&p)) {
                Some(person) => Who::Known(recognised.add(person)),
                None if question.closed => Who::Aside,
                None => Who::Asked(question.kind),
            };
            recognised
                .in_question
                .extend(question.candidates.iter().map(|c| c.person));
            false
        });
        Ok(())
    }

    /// Of rows that can't be anybody known, those that say a number another row has are asked.
    pub(super) fn ask_whose_number(&self, open: &[usize], recognised: &mut Recognised) {
        for row in open.iter().filter(|row| recognised.contested.contains(row)) {
            let key = (QuestionKind::Number, recognised.digest(*row));
            let said = recognised.said(*row);
            if let Some(question) = Question::of_row(self, key, *row, &said, Vec::new()) {
                recognised.who[*row] = Who::Asked(QuestionKind::Number);
                recognised.questions.push((*row, question));
            }
        }
    }

    /// Everything ever asked in these books.
    pub(super) async fn questions(&self) -> Result<Vec<Found>, LedgerError> {
        let mut questions = Vec::new();
        for book in &self.books {
            questions.append(&mut self.ledger.records(*book, QUESTION).await?);
        }
        Ok(questions)
    }

    /// What rows of any list say that wait for an answer, by name.
    pub(super) fn waiting(&self, questions: &[Found]) -> HashMap<String, Vec<Said>> {
        let mut waiting: HashMap<String, Vec<Said>> = HashMap::new();
        for found in questions.iter().filter(|found| !found.closed) {
            let Some(question) = Question::read(self.people.question, found) else {
                continue;
            };
            let value = |id: &str| {
                let said = question.said.iter().find(|(field, _)| field == id);
                said.map(|(_, value)| value.clone())
            };
            let said: Said = (self.people.said.iter())
                .map(|(at, _)| value(&self.people.register.fields[*at].id))
                .collect();
            if let Some(name) = self.of(&said, "name") {
                waiting.entry(name.to_string()).or_default().push(said);
            }
        }
        waiting
    }
}
