//! Texts made ready to be searched, each once, kept from one index to the next: after a commit of a few words nearly all are known
//! already. Nothing here knows whose a text is.

use std::collections::HashMap;
use std::sync::Arc;

use super::address::Place;
use super::spelling::Spelling;

/// More texts that nobody has any more than are kept beside as many that somebody has.
const SPARE: usize = 1_024;

/// Names and titles, and addresses.
#[derive(Default)]
pub(crate) struct Lexicon {
    pub(super) spellings: Texts<Spelling>,
    pub(super) places: Texts<Place>,
}

/// Texts of one kind, by their number.
pub(super) struct Texts<T> {
    numbers: HashMap<Arc<str>, u32, foldhash::fast::RandomState>,
    texts: Vec<Arc<T>>,
}

impl<T> Default for Texts<T> {
    fn default() -> Self {
        Self {
            numbers: HashMap::default(),
            texts: Vec::new(),
        }
    }
}

impl<T> Texts<T> {
    /// The number of a text, which is made ready if it isn't known.
    pub(super) fn number(&mut self, text: &str, make: impl FnOnce(Arc<str>) -> T) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        self.texts.push(Arc::new(make(text.clone())));
        self.numbers.insert(text, number);
        number
    }

    /// The text of a number.
    pub(super) fn get(&self, number: u32) -> Option<&Arc<T>> {
        self.texts.get(number as usize)
    }

    /// Forgets everything once most of it is nobody's any more.
    pub(super) fn forget(&mut self, used: usize) {
        if self.texts.len() > 2 * used + SPARE {
            *self = Self::default();
        }
    }
}
