//! What a list leaves to a person, by kind.

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionKind {
    /// Whether a row is of somebody known.
    Same,
    /// One number with two names.
    Number,
    /// Whether two people are one.
    Merge,
}

impl QuestionKind {
    /// The value in the code list `question_kind`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            QuestionKind::Same => "same",
            QuestionKind::Number => "number",
            QuestionKind::Merge => "merge",
        }
    }

    pub(crate) fn read(word: &str) -> Option<QuestionKind> {
        [
            QuestionKind::Same,
            QuestionKind::Number,
            QuestionKind::Merge,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == word)
    }
}
