//! Subjects: what programmes decide about (a person, a couple), and the facts known about each. A fact is a column: read
//! together with others from the registers (a group), or computed from other facts.

use crate::{FieldType, Place, Sql, Text};

/// What a programme decides about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The register whose records it stands for one by one; without it, it consists of people.
    pub of: Option<String>,
    /// The query that yields one row per subject: `subject`, `book`, the member columns, and facts that need no query of
    /// their own.
    pub sql: Sql,
    /// The columns that hold the people it consists of; none when `member_rows` names them.
    pub members: Vec<String>,
    /// The query of the people it consists of, one row (`subject`, `person`) for each: for subjects of any number of people.
    pub member_rows: Option<Sql>,
    /// Facts read from the registers, one query each.
    pub groups: Vec<FactGroup>,
    /// Facts computed from other facts, in the order declared.
    pub computed: Vec<Fact>,
    /// Where it is declared.
    pub place: Place,
}

/// Facts that come together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactGroup {
    /// Identifier.
    pub id: String,
    /// The query: `subject` and one column per fact; at most one row per subject. Without one, the facts are columns of the
    /// subject's own query.
    pub sql: Option<Sql>,
    /// The facts.
    pub facts: Vec<Fact>,
    /// Where it is declared.
    pub place: Place,
}

/// Something known, or not known, about a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Identifier, and the name by which conditions mention it.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What to find out when it isn't known.
    pub ask: Option<Text>,
    /// The action by which it is made known, once it is found out.
    pub answered_by: Option<String>,
    /// What it holds.
    pub kind: FieldType,
    /// Its value when the group has no row for the subject.
    pub absent: Option<Sql>,
    /// Where that there is nothing on record means that there is nothing.
    pub closed: Closed,
    /// The expression, for computed facts.
    pub sql: Option<Sql>,
    /// The programme whose amount it is, for the step in which the day lies: of the same subject, or the sum over its people.
    pub amount_of: Option<String>,
    /// Facts of the same subject that the amount rests on.
    pub rests: Vec<String>,
    /// Where it is declared.
    pub place: Place,
}

/// Where that there is nothing on record means that there is nothing: rosters that would show it, by id, any of which is enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closed {
    /// Where their lists cover the people the fact is about.
    pub vouched: Vec<String>,
    /// Where their lists cover every unit.
    pub everywhere: Vec<String>,
    /// Whether what is on record tells nothing either where no list vouches: of a count, one row more may be missing.
    pub whole: bool,
    /// Whether it is about what is on record and nothing else, so that nothing has to vouch for it.
    pub recorded: bool,
    /// The people it is about: columns of the subject or facts of its groups; all its people if none.
    pub of: Vec<String>,
}

impl Closed {
    /// Whether it takes a list to tell that there is nothing.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        !self.vouched.is_empty() || !self.everywhere.is_empty()
    }

    /// The rosters it names.
    pub fn rosters(&self) -> impl Iterator<Item = &str> {
        self.vouched
            .iter()
            .chain(&self.everywhere)
            .map(String::as_str)
    }
}

impl Subject {
    /// All facts: those of the groups, then the computed ones.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.groups
            .iter()
            .flat_map(|g| &g.facts)
            .chain(&self.computed)
    }

    /// A fact by id.
    pub fn fact(&self, id: &str) -> Option<&Fact> {
        self.facts().find(|f| f.id == id)
    }

    /// The computed facts in an order in which each comes after those it mentions.
    pub fn computed_in_order(&self) -> Vec<&Fact> {
        crate::cycle::order(&self.computed_mentions())
            .into_iter()
            .map(|i| &self.computed[i])
            .collect()
    }

    /// For each computed fact, the computed facts its SQL mentions.
    pub(crate) fn computed_mentions(&self) -> Vec<Vec<usize>> {
        let position = |name: &str| self.computed.iter().position(|f| f.id == name);
        let of = |fact: &Fact| {
            let named = fact.sql.iter().flat_map(|sql| crate::mentions(&sql.text));
            let named = named
                .map(|(name, _)| name)
                .chain(fact.rests.iter().cloned());
            named.filter_map(|name| position(&name)).collect()
        };
        self.computed.iter().map(of).collect()
    }
}
