//! The questions that wait, and of the few that are shown what they say: to count them none is read whole.

use kernel::{RecordId, UnitCode};
use pack::Text;
use tables::Snapshot;

use super::{Case, Known, Review, ReviewError};
use crate::finding::{QuestionKind, Weighed};
use crate::question::{Inquiry, read_question};
use crate::said::Said;

/// That a question waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingQuestion {
    /// The question's record.
    pub record: RecordId,
    /// What is asked.
    pub kind: QuestionKind,
    /// The book it belongs to.
    pub book: UnitCode,
}

/// The first of what waits, and how much there is of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First<T> {
    /// All of it.
    pub all: usize,
    /// The first, as many as were asked for.
    pub shown: Vec<T>,
}

impl Review<'_> {
    /// The questions that wait in the books of which the grant reads them: proposed merges first, then by book in the order they were asked.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn waiting(&self) -> Result<Vec<WaitingQuestion>, ReviewError> {
        let standing = self.tables.snapshot().await?;
        let kept = &self.contract()?.questions;
        let Some(shelf) = standing.shelf(&kept.register.id) else {
            return Ok(Vec::new());
        };
        let of = |record: RecordId| {
            let question = shelf.record(record, pack::latest_date())?;
            let book = shelf.kept_in(record)?;
            let open = question.value(kept.decision.at).is_none();
            let reads = self.grant.reads(&kept.register.id, &book);
            let kind = question.text(kept.kind.at).and_then(QuestionKind::read)?;
            (open && reads).then_some(WaitingQuestion { record, kind, book })
        };
        let records = standing.records(&kept.register.id).into_iter();
        let mut waiting: Vec<WaitingQuestion> = records.filter_map(of).collect();
        waiting.sort_by_key(|one| (one.kind != QuestionKind::Merge, one.book, one.record));
        Ok(waiting)
    }

    /// Some of them with what they say.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn brief(&self, waiting: &[WaitingQuestion]) -> Result<Vec<Case>, ReviewError> {
        let standing = self.tables.snapshot().await?;
        let kept = &self.contract()?.questions;
        let mut cases = Vec::with_capacity(waiting.len());
        for one in waiting {
            if let Some(question) = read_question(&standing, kept, one.record) {
                let mut case = self.case_of(one.record, one.book, &question);
                case.people = self.merged(&standing, &question)?;
                cases.push(case);
            }
        }
        Ok(cases)
    }

    /// All of them with what they say.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn cases(&self) -> Result<Vec<Case>, ReviewError> {
        self.brief(&self.waiting().await?).await
    }

    /// Whom a merge is about, as the ledger has them; nobody for other questions.
    fn merged(&self, standing: &Snapshot, question: &Inquiry) -> Result<Vec<Known>, ReviewError> {
        let mut people = Vec::new();
        if question.kind != QuestionKind::Merge {
            return Ok(people);
        }
        for person in [question.person, question.other].into_iter().flatten() {
            let person = RecordId(person);
            let said = self.said_of(standing, person)?;
            if let Some(said) = said
                && self.may_be_shown(standing, person)?
            {
                people.push(Known {
                    person,
                    weighed: Weighed::default(),
                    sides: vec![self.side(Text::new("台账", "Ledger"), &said, &Said::new())],
                });
            }
        }
        Ok(people)
    }
}
