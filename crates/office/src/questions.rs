//! What lists leave to people, and what people say to it.

use intake::{
    Case, Decision, Differing, First, ReadAs, Review, ReviewError, Unreadable, ValuePlace,
    WaitingQuestion,
};
use jiff::civil::Date;
use kernel::{RecordId, UnitCode};
use ledger::{Receipt, SayId};

use crate::error::OfficeError;
use crate::view::View;

impl View {
    fn review(&self) -> Result<Review<'_>, OfficeError> {
        match self.opens().questions {
            true => Ok(Review {
                tables: &self.office.tables,
                grant: self.grant.clone(),
                at: (self.office.clock)(),
            }),
            false => Err(OfficeError::Absent),
        }
    }

    /// The questions that wait.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn waiting(&self) -> Result<Vec<WaitingQuestion>, OfficeError> {
        Ok(self.review()?.waiting().await?)
    }

    /// Some of them with what they say.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn brief(&self, waiting: &[WaitingQuestion]) -> Result<Vec<Case>, OfficeError> {
        Ok(self.review()?.brief(waiting).await?)
    }

    /// A question, side by side with whom it may be of.
    ///
    /// # Errors
    /// There is no such question.
    pub async fn case(&self, record: RecordId) -> Result<Case, OfficeError> {
        self.review()?
            .case(record)
            .await
            .map_err(|error| match error {
                ReviewError::NoQuestion(_) => OfficeError::Absent,
                other => other.into(),
            })
    }

    /// The first of the values of a unit, or of all, that are said otherwise.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn differing(
        &self,
        within: Option<UnitCode>,
        most: usize,
    ) -> Result<First<Differing>, OfficeError> {
        Ok(self.review()?.differing(within, most).await?)
    }

    /// Answers a question.
    ///
    /// # Errors
    /// The answer isn't taken.
    pub async fn decide(&self, record: RecordId, answer: Decision) -> Result<Receipt, OfficeError> {
        self.writer()?;
        Ok(self.review()?.decide(record, answer).await?)
    }

    /// Says whose value is right.
    ///
    /// # Errors
    /// The answer isn't taken.
    pub async fn settle_value(
        &self,
        place: &ValuePlace,
        say: SayId,
    ) -> Result<Receipt, OfficeError> {
        self.writer()?;
        Ok(self.review()?.settle_value(place, say).await?)
    }

    /// The first of what could not be read, of a unit or of all.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub async fn unread(
        &self,
        within: Option<UnitCode>,
        most: usize,
    ) -> Result<First<Unreadable>, OfficeError> {
        Ok(self.review()?.unread(within, most).await?)
    }

    /// Says what should stand where something could not be read.
    ///
    /// # Errors
    /// The answer isn't taken.
    pub async fn settle_unread(
        &self,
        place: &ValuePlace,
        reading: &ReadAs,
    ) -> Result<Receipt, OfficeError> {
        self.writer()?;
        Ok(self.review()?.settle_unread(place, reading).await?)
    }

    /// Proposes that two people are one.
    ///
    /// # Errors
    /// The proposal isn't taken.
    pub async fn propose(
        &self,
        kept: RecordId,
        double: RecordId,
        on: Date,
    ) -> Result<Receipt, OfficeError> {
        self.writer()?;
        Ok(self.review()?.propose(kept, double, on).await?)
    }
}
