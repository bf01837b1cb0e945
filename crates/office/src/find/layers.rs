//! What was read of a register at one time, and above it what was read again of the records that were touched since: after a commit of a
//! few words an index is nearly all what it was.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;

/// Records that stand in another layer, or nowhere any more.
pub(super) type Stale = HashSet<i64, foldhash::fast::RandomState>;

/// What is read of a register.
pub(super) enum Rows {
    /// Nothing: it stands as it did.
    Same,
    /// Those of the records touched since all were read.
    Again(Arc<Stale>, Vec<RecordBatch>),
    /// All.
    All(Vec<RecordBatch>),
}

/// Made of all rows at one time, and of those that were read again since.
pub(super) struct Layers<T> {
    all: Arc<T>,
    again: Option<Arc<T>>,
    /// The records that were read again.
    pub stale: Arc<Stale>,
    /// No record.
    none: Stale,
}

impl<T> Clone for Layers<T> {
    fn clone(&self) -> Self {
        Self {
            all: self.all.clone(),
            again: self.again.clone(),
            stale: self.stale.clone(),
            none: Stale::default(),
        }
    }
}

impl<T: Default> Default for Layers<T> {
    fn default() -> Self {
        Self::over(T::default())
    }
}

impl<T> Layers<T> {
    fn over(all: T) -> Self {
        Self {
            all: Arc::new(all),
            again: None,
            stale: Arc::default(),
            none: Stale::default(),
        }
    }

    /// What stood before, with what was read since.
    pub(super) fn new(
        before: Option<&Self>,
        rows: &Rows,
        make: impl FnOnce(&[RecordBatch]) -> T,
    ) -> Self {
        match (before, rows) {
            (Some(before), Rows::Same) => before.clone(),
            (Some(before), Rows::Again(stale, batches)) => Self {
                again: Some(Arc::new(make(batches))),
                stale: stale.clone(),
                ..before.clone()
            },
            (_, Rows::All(batches)) => Self::over(make(batches)),
            (None, _) => Self::over(make(&[])),
        }
    }

    /// Each layer, with the records of which it is no longer asked.
    pub(super) fn each(&self) -> impl Iterator<Item = (&T, &Stale)> {
        let again = self.again.as_deref().map(|again| (again, &self.none));
        again.into_iter().chain([(&*self.all, &*self.stale)])
    }
}
