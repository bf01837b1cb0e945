//! A few computed things of one kind, each by its key and with the commit it is of. Of two who ask for the same at once one makes it and the
//! other waits; what is made of what, and whether it still stands, is for whoever makes it to say.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::OfficeError;

/// After how many commits what nobody asked for is dropped.
const LONGEST: i64 = 256;

/// A few computed things, the one used last at the end. What is of commit 0 rests on no commit.
pub(crate) struct Few<K, V> {
    cells: Mutex<Vec<(K, Cell<V>)>>,
}

/// One of them, and the commit it is of; who computes it holds it.
type Cell<V> = Arc<tokio::sync::Mutex<Option<(i64, Arc<V>)>>>;

impl<K, V> Default for Few<K, V> {
    fn default() -> Self {
        Self {
            cells: Mutex::default(),
        }
    }
}

impl<K: PartialEq + Copy, V> Few<K, V> {
    /// The keys, the one used last at the end.
    pub fn keys(&self) -> Vec<K> {
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.iter().map(|(key, _)| *key).collect()
    }

    /// The thing of a key and the commit it is of, if anybody has made it and nobody is making it.
    pub fn of(&self, key: K) -> Option<(i64, Arc<V>)> {
        let cell = {
            let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            let (_, cell) = cells.iter().find(|(own, _)| *own == key)?;
            cell.clone()
        };
        let kept = cell.try_lock().ok()?;
        kept.clone()
    }

    /// The thing of a key as of a commit or later. If it isn't there it is made, with what there is of an earlier commit at hand; at
    /// most `most` are kept.
    pub async fn get(
        &self,
        commit: i64,
        key: K,
        most: usize,
        make: impl AsyncFnOnce(Option<(i64, Arc<V>)>) -> Result<Arc<V>, OfficeError>,
    ) -> Result<Arc<V>, OfficeError> {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            let cell = match cells.iter().position(|(own, _)| *own == key) {
                Some(at) => cells.remove(at).1,
                None => Cell::default(),
            };
            cells.push((key, cell.clone()));
            if cells.len() > most {
                cells.remove(0);
            }
            cell
        };
        let mut kept = cell.lock().await;
        if let Some((of, value)) = kept.as_ref()
            && *of >= commit
        {
            return Ok(value.clone());
        }
        let begun = std::time::Instant::now();
        let made = make(kept.clone()).await?;
        let (what, took) = (std::any::type_name::<V>(), begun.elapsed());
        tracing::debug!(what, commit, ?took, "made");
        *kept = Some((commit, made.clone()));
        drop(kept);
        self.forget(commit);
        Ok(made)
    }

    /// Drops what nobody asked for through many commits: it holds on to what stood then.
    fn forget(&self, commit: i64) {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.retain(|(_, cell)| match cell.try_lock() {
            Ok(kept) => (kept.as_ref()).is_none_or(|(of, _)| *of == 0 || *of + LONGEST >= commit),
            Err(_) => true,
        });
    }
}
