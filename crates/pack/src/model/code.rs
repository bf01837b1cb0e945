//! Code lists: the closed sets of values that fields and columns may take. A member is found by its value, its name in
//! either language or a synonym, however the sender typed it; no word ever means two members.

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
    /// Every normalised word → the member it means.
    words: BTreeMap<String, usize>,
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
            words,
        }
    }

    /// The member a sender means, by value, name or synonym; width, spaces and ASCII case don't matter.
    pub fn find(&self, word: &str) -> Option<&Member> {
        self.words.get(&folded(word)).map(|&i| &self.members[i])
    }

    /// The member stored as exactly this value.
    pub fn member(&self, value: &str) -> Option<&Member> {
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
