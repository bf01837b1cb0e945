//! Code lists: the closed sets of values that fields and columns may take. A member is found by its value, its name in
//! either language or a synonym, however the sender typed it; no word ever means two members. The values of a list may come and go,
//! as those of counties do: then each has spans, and the name and the successors of each.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{Place, Text};

/// A closed set of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeList {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The members, in the order declared.
    pub members: Vec<Member>,
    /// Where it is declared.
    pub place: Place,
    /// Whether its values are what ID numbers begin with.
    pub of_numbers: bool,
    /// If its values come and go: what each was called, from when to when, by value and day.
    spans: Vec<CodeSpan>,
    /// Every normalised word → the member it means.
    words: BTreeMap<String, usize>,
}

/// What a value was called for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSpan {
    /// The value.
    pub value: String,
    /// Its name.
    pub name: Text,
    /// The first day.
    pub from: Date,
    /// The first day on which it isn't any more.
    pub until: Option<Date>,
    /// The values that it became then, itself if only the name changed. None, if it isn't known.
    pub successors: Vec<String>,
}

impl CodeSpan {
    /// Whether it has a day.
    pub fn holds(&self, on: Date) -> bool {
        self.from <= on && self.until.is_none_or(|until| on < until)
    }
}

/// One value of a code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub name: Text,
    /// What senders write for it.
    pub synonyms: Vec<String>,
    /// The first day as of which nothing new may have this value.
    pub retired: Option<Date>,
}

impl CodeList {
    /// A code list over these members. A word claimed by two members keeps the first; the loader reports it as a fault.
    pub fn new(id: String, name: Text, members: Vec<Member>, place: Place) -> CodeList {
        let mut words = BTreeMap::new();
        for (index, member) in members.iter().enumerate() {
            for word in member.words() {
                words.entry(folded(word)).or_insert(index);
            }
        }
        CodeList {
            id,
            name,
            members,
            place,
            of_numbers: false,
            spans: Vec::new(),
            words,
        }
    }

    /// A code list whose values come and go; `spans` in any order. Each value is a member, called as it was last. Names that several
    /// have mean none of them.
    pub fn over_time(id: String, name: Text, mut spans: Vec<CodeSpan>, place: Place) -> CodeList {
        spans.sort_by(|a, b| (&a.value, a.from).cmp(&(&b.value, b.from)));
        let values = spans.chunk_by(|one, next| one.value == next.value);
        let members = values.filter_map(|spans| {
            let last = spans.last()?;
            Some(Member {
                value: last.value.clone(),
                name: last.name.clone(),
                synonyms: Vec::new(),
                retired: None,
            })
        });
        let members: Vec<Member> = members.collect();
        let mut words: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (index, member) in members.iter().enumerate() {
            let means = |known: &mut Option<usize>| *known = known.filter(|of| *of == index);
            for word in [&member.name.zh, &member.name.en] {
                let word = words.entry(folded(word));
                word.and_modify(means).or_insert(Some(index));
            }
        }
        for (index, member) in members.iter().enumerate() {
            words.insert(folded(&member.value), Some(index));
        }
        let words = words.into_iter().filter_map(|(word, of)| Some((word, of?)));
        CodeList {
            words: words.collect(),
            spans,
            ..CodeList::new(id, name, members, place)
        }
    }

    /// Whether its values come and go.
    pub fn comes_and_goes(&self) -> bool {
        !self.spans.is_empty()
    }

    /// What a value was called, from when to when, in order.
    pub fn spans_of(&self, value: &str) -> &[CodeSpan] {
        let first = self.spans.partition_point(|span| *span.value < *value);
        let own = &self.spans[first..];
        &own[..own.partition_point(|span| span.value == value)]
    }

    /// What a value was on a day, or if it wasn't there, when it came next, or else what it was at last.
    pub fn span_near(&self, value: &str, on: Date) -> Option<&CodeSpan> {
        let spans = self.spans_of(value);
        let after = |span: &&CodeSpan| span.until.is_none_or(|until| on < until);
        spans.iter().find(after).or(spans.last())
    }

    /// What a span has become by a day: itself while it lasts, then its successors and theirs. Nothing where that isn't known.
    pub fn became<'l>(&'l self, span: &'l CodeSpan, on: Date) -> Vec<&'l CodeSpan> {
        let mut found: Vec<&CodeSpan> = Vec::new();
        let mut open = vec![span];
        while let Some(span) = open.pop() {
            let Some(until) = span.until.filter(|until| *until <= on) else {
                if !found.contains(&span) {
                    found.push(span);
                }
                continue;
            };
            // Where only the name changed, nothing need be said.
            let goes_on = |span: &&String| self.spans_of(span).iter().any(|own| own.holds(until));
            let itself = Some(&span.value).filter(|_| span.successors.is_empty());
            let next = span.successors.iter().chain(itself.filter(goes_on));
            // Each begins or goes on later than the one before it, so this comes to an end.
            let next = next.filter_map(|value| self.span_near(value, until));
            let later = |next: &&CodeSpan| next.until.is_none_or(|end| until < end);
            open.extend(next.filter(later));
        }
        found.sort_by(|a, b| a.value.cmp(&b.value));
        found
    }

    /// The member a sender means, by value, name or synonym; width, spaces and ASCII case don't matter.
    pub fn find(&self, word: &str) -> Option<&Member> {
        self.words.get(&folded(word)).map(|&i| &self.members[i])
    }

    /// The member stored as exactly this value.
    pub fn member(&self, value: &str) -> Option<&Member> {
        if self.comes_and_goes() {
            let at = self.members.binary_search_by(|m| (*m.value).cmp(value));
            return at.ok().map(|at| &self.members[at]);
        }
        self.members.iter().find(|m| m.value == value)
    }
}

impl Member {
    /// Every word that means this member; the value comes first.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        [&self.value, &self.name.zh, &self.name.en]
            .into_iter()
            .chain(&self.synonyms)
            .map(String::as_str)
            .filter(|w| !w.is_empty())
    }
}

/// The form in which words are compared.
pub(crate) fn folded(word: &str) -> String {
    kernel::normal(word).to_ascii_lowercase()
}
