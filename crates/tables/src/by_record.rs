//! A value for each record, in pieces that copies share until one of them is written to.

use std::sync::Arc;

/// How many records a piece is of: small enough to be copied for one of them.
const PIECE: usize = 1_024;

/// A value for each record by its place; that of nothing where none was set.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByRecord<T> {
    pieces: Vec<Arc<[T; PIECE]>>,
}

impl<T: Copy + Default + PartialEq> ByRecord<T> {
    /// Nothing of so many records.
    pub(crate) fn nothing(records: usize) -> Self {
        let nothing = Arc::new([T::default(); PIECE]);
        Self {
            pieces: vec![nothing; records.div_ceil(PIECE)],
        }
    }

    pub(crate) fn get(&self, record: usize) -> T {
        let piece = self.pieces.get(record / PIECE);
        piece.map_or_else(T::default, |piece| piece[record % PIECE])
    }

    pub(crate) fn set(&mut self, record: usize, value: T) {
        let at = record / PIECE;
        if at >= self.pieces.len() {
            let nothing = Arc::new([T::default(); PIECE]);
            self.pieces.resize(at + 1, nothing);
        }
        let own = &mut self.pieces[at];
        if own[record % PIECE] != value {
            Arc::make_mut(own)[record % PIECE] = value;
        }
    }

    /// The records that have another value there.
    pub(crate) fn otherwise(&self, other: &Self) -> Vec<usize> {
        let longest = self.pieces.len().max(other.pieces.len());
        let shared = |at: &usize| match (self.pieces.get(*at), other.pieces.get(*at)) {
            (Some(own), Some(others)) => Arc::ptr_eq(own, others),
            _ => false,
        };
        let apart = (0..longest).filter(|at| !shared(at));
        let records = apart.flat_map(|at| at * PIECE..(at + 1) * PIECE);
        records
            .filter(|record| self.get(*record) != other.get(*record))
            .collect()
    }
}

impl<T: Copy + Default + PartialEq> PartialEq for ByRecord<T> {
    fn eq(&self, other: &Self) -> bool {
        self.otherwise(other).is_empty()
    }
}

impl<T: Copy + Default + Eq> Eq for ByRecord<T> {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{ByRecord, PIECE};

    #[test]
    fn what_is_put_right_is_seen_in_that_copy_alone() {
        let mut first = ByRecord::<u16>::nothing(4 * PIECE);
        first.set(2, 7);
        let mut second = first.clone();
        second.set(2, 9);
        second.set(5 * PIECE + 6, 1);
        assert_eq!([first.get(2), first.get(5 * PIECE + 6)], [7, 0]);
        let beyond = 99 * PIECE;
        assert_eq!(
            [2, 5 * PIECE + 6, beyond].map(|record| second.get(record)),
            [9, 1, 0]
        );
        assert_eq!(second.otherwise(&first), [2, 5 * PIECE + 6]);
        assert_eq!(first.otherwise(&second), [2, 5 * PIECE + 6]);
        // What isn't written to is shared.
        assert!(Arc::ptr_eq(&first.pieces[1], &second.pieces[3]));
        second.set(2, 7);
        second.set(5 * PIECE + 6, 0);
        assert_eq!(first, second);
    }
}
