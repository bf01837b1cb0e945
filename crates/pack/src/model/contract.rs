//! What the crates above a pack know of its registers: which one keeps people, which one their homes, and the fields of each that
//! they read and write. They name a thing; its register may be called as the pack likes. [`crate::load`] checks every part of it.

use kernel::Sensitivity;

use super::{Field, FieldType, Register};

/// What a list says of somebody that they are recognised by. The register of questions keeps it in fields of these names, and so
/// does whatever register a roster writes it to; the order is that of [`Questions::said`].
pub const SAID: [&str; 6] = ["name", "id_number", "sex", "birth_date", "phone", "address"];

/// A field that the crates above know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldAt {
    /// Its place in a record.
    pub at: usize,
    /// Its id, which is the name of its SQL column.
    pub id: String,
    /// What it holds.
    pub kind: FieldType,
}

/// Which register keeps what, and where. A pack that takes lists of people has all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Who is known.
    pub people: People,
    /// Where they are registered and live.
    pub homes: Homes,
    /// Who shares a home.
    pub households: Households,
    /// Who is whose kin.
    pub kinship: Kinship,
    /// Who is on the payment list of which programme.
    pub enrolments: Enrolments,
    /// Who has died.
    pub deaths: Deaths,
    /// What is left to a person to decide.
    pub questions: Questions,
    /// What the headings of files were said to mean.
    pub layouts: Layouts,
    /// The units of the tree.
    pub units: Units,
    /// Who holds which post.
    pub posts: Posts,
    /// What was found out of somebody whom no list names; a pack may do without.
    pub asked: Option<AskedNone>,
    /// Which lists' matter units record themselves; a pack may do without.
    pub own_lists: Option<OwnLists>,
    /// How far the office has come with those on the lists of programmes; a pack may do without.
    pub follow_ups: Option<FollowUps>,
}

/// The register that keeps people, identified by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// The register.
    pub register: Register,
    /// The ID number.
    pub id_number: FieldAt,
    /// The name.
    pub name: FieldAt,
    /// The sex: GB/T 2261.1.
    pub sex: FieldAt,
    /// The date of birth.
    pub birth_date: FieldAt,
}

/// The register of homes: the one that declares `home`, which names the first four fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Homes {
    /// The register.
    pub register: Register,
    /// Whose it is.
    pub person: FieldAt,
    /// The unit it is in.
    pub unit: FieldAt,
    /// Whether the person is registered there.
    pub registered: FieldAt,
    /// Whether the person lives there.
    pub living: FieldAt,
    /// The household.
    pub household: FieldAt,
    /// Where somebody is registered who isn't registered there.
    pub origin: FieldAt,
    /// What the person is to the head of the household.
    pub relation_to_head: FieldAt,
}

impl Homes {
    /// The field that holds somebody's own address, and its place.
    #[must_use]
    pub fn address(&self) -> Option<(usize, &Field)> {
        let mut fields = self.register.fields.iter().enumerate();
        fields.find(|(_, field)| {
            field.kind == FieldType::Text && field.sensitivity == Sensitivity::Address
        })
    }
}

/// The register that keeps households.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Households {
    /// The register.
    pub register: Register,
    /// Its number.
    pub number: FieldAt,
    /// Its address.
    pub address: FieldAt,
}

/// The register that keeps kinship: a parent and a child, or husband and wife.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinship {
    /// The register.
    pub register: Register,
    /// The parent, or the husband.
    pub person: FieldAt,
    /// The child, or the wife.
    pub relative: FieldAt,
    /// What they are to each other.
    pub relation: FieldAt,
    /// Whether the child was adopted.
    pub adopted: FieldAt,
    /// Whether the child lives.
    pub child_status: FieldAt,
    /// The day it ended.
    pub until: FieldAt,
}

/// The register that keeps who is on payment lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolments {
    /// The register.
    pub register: Register,
    /// Who is paid.
    pub person: FieldAt,
    /// The programme.
    pub programme: FieldAt,
    /// The unit that pays.
    pub unit: FieldAt,
}

/// The register that keeps deaths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deaths {
    /// The register.
    pub register: Register,
    /// Who has died.
    pub person: FieldAt,
    /// On which day.
    pub died_on: FieldAt,
}

/// The register that keeps what lists leave to a person, identified by roster and digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Questions {
    /// The register.
    pub register: Register,
    /// The roster of the row.
    pub roster: FieldAt,
    /// The digest of what the row says.
    pub digest: FieldAt,
    /// What is asked.
    pub kind: FieldAt,
    /// The file.
    pub file: FieldAt,
    /// The row of the file.
    pub row: FieldAt,
    /// What the row says, in the order of [`SAID`].
    pub said: [FieldAt; SAID.len()],
    /// The whole row.
    pub cells: FieldAt,
    /// Whom it may be of.
    pub candidates: FieldAt,
    /// Who it is.
    pub person: FieldAt,
    /// Of two who may be one, the number of the other.
    pub other: FieldAt,
    /// What was decided.
    pub decision: FieldAt,
    /// Who decided.
    pub decided_by: FieldAt,
    /// Who confirmed it.
    pub confirmed_by: FieldAt,
}

/// The register that keeps what the headings of files were said to mean, identified by roster and fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layouts {
    /// The register.
    pub register: Register,
    /// The roster.
    pub roster: FieldAt,
    /// The fingerprint of the headings.
    pub fingerprint: FieldAt,
    /// What was said of which.
    pub columns: FieldAt,
}

/// The register of units: the one that declares `tree`, which names the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    /// The register.
    pub register: Register,
    /// The code.
    pub code: FieldAt,
    /// The name.
    pub name: FieldAt,
}

/// The register that keeps who holds which post, identified by holder, role and unit. A post is held while its record is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posts {
    /// The register.
    pub register: Register,
    /// The name of who holds it.
    pub holder: FieldAt,
    /// The role.
    pub role: FieldAt,
    /// In which unit.
    pub unit: FieldAt,
    /// For whom, if somebody stands in.
    pub stands_in_for: FieldAt,
}

/// The register that keeps how far the office has come with those on the lists of programmes: the one that declares `follow_up`, which
/// names the fields. It is identified by person and programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUps {
    /// The register.
    pub register: Register,
    /// With whom.
    pub person: FieldAt,
    /// Over which programme.
    pub programme: FieldAt,
    /// How far it has come.
    pub status: FieldAt,
    /// Who sees to it.
    pub who: FieldAt,
    /// By when.
    pub due: FieldAt,
    /// The statuses after which nothing is left to be done.
    pub settled: Vec<String>,
}

/// A pack that doesn't say which registers keep what the crates above know: good for trying rules, not for lists of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no register of the pack keeps people; say keeps = \"people\" in the one that does")]
pub struct NoContract;

impl NoContract {
    /// What is wrong and what to do.
    #[must_use]
    pub fn message(self, lang: kernel::Lang) -> String {
        match lang {
            kernel::Lang::Zh => {
                "规则包没有登记人员的册；请在该册写明 keeps = \"people\"".to_owned()
            }
            kernel::Lang::En => self.to_string(),
        }
    }
}

/// The register that keeps of whom it was found out that a list would have nothing to tell of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedNone {
    /// The register.
    pub register: Register,
    /// Of whom.
    pub person: FieldAt,
    /// The roster of the list.
    pub list: FieldAt,
    /// On which day.
    pub on: FieldAt,
}

/// The register that keeps which lists' matter a unit records itself, as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnLists {
    /// The register.
    pub register: Register,
    /// The unit.
    pub unit: FieldAt,
    /// The roster of the list.
    pub list: FieldAt,
    /// Since when.
    pub since: FieldAt,
    /// The last day on which somebody said that it is still so.
    pub confirmed: FieldAt,
}
