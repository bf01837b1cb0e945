//! A fault: one thing wrong at one place of one file, in both languages, with what to do about it. Faults are made here and
//! by the crates that check SQL against the engine; they are ordered by file and place, and never lost on the way.

use kernel::Lang;

use crate::{Place, SourceFile, Text};

/// One thing that is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where; none when something is absent altogether (no `pack.toml`).
    pub place: Option<Place>,
    /// A stable name of the kind of fault, for programs: `unknown-field`, `duplicate-id`, `fact-cycle`, `sql` …
    pub code: &'static str,
    /// What is wrong.
    pub message: Text,
    /// What to do about it.
    pub hint: Option<Text>,
    /// Other places that belong to it, such as the first use of an id, each with its own words.
    pub related: Vec<(Place, Text)>,
}

impl Fault {
    /// A fault without a place.
    pub fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault {
            place: None,
            code,
            message: Text::new(zh, en),
            hint: None,
            related: Vec::new(),
        }
    }

    /// A fault at a place.
    pub fn at(
        place: Place,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Fault {
        Fault {
            place: Some(place),
            ..Fault::new(code, zh, en)
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, zh: impl Into<String>, en: impl Into<String>) -> Fault {
        self.hint = Some(Text::new(zh, en));
        self
    }

    /// Adds another place that belongs to it.
    #[must_use]
    pub fn related(mut self, place: Place, zh: impl Into<String>, en: impl Into<String>) -> Fault {
        self.related.push((place, Text::new(zh, en)));
        self
    }

    /// What is wrong, in one language, without its place.
    pub fn message(&self, lang: Lang) -> String {
        self.message.get(lang).to_owned()
    }

    /// The order in which faults are shown: by file, then offset, then kind.
    pub(crate) fn rank(&self) -> (usize, usize, &'static str) {
        self.place
            .as_ref()
            .map_or((0, 0, self.code), |p| (p.file, p.span.start, self.code))
    }
}

/// A pack that could not be loaded: its files, for showing the places, and all faults found in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} in the pack", count(faults.len()))]
pub struct Faulty {
    /// The files as handed in (ordered by path).
    pub files: Vec<SourceFile>,
    /// All faults of all files, by file and offset.
    pub faults: Vec<Fault>,
}

impl Faulty {
    /// How many faults, as one sentence.
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => format!("规则包有 {} 处错误。", self.faults.len()),
            Lang::En => self.to_string(),
        }
    }
}

/// "1 fault", "3 faults".
pub(crate) fn count(n: usize) -> String {
    if n == 1 {
        "1 fault".to_owned()
    } else {
        format!("{n} faults")
    }
}
