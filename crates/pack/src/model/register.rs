//! Registers: the kinds of record a ledger holds, with their fields, identity and checks. What a record of a register looks
//! like, and how it is checked and written, is in `record`.

use jiff::civil::Date;
use kernel::Sensitivity;

use crate::{Check, FieldSet, Look, Place, Text};

/// One kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// Identifier, and the name of its SQL table.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The fields, in the order in which records are written.
    pub fields: Vec<Field>,
    /// The fields that together identify a record.
    pub identity: Vec<String>,
    /// Where an identity may occur only once.
    pub unique: Unique,
    /// How far back a record reaches, and whether a list that no longer names it ends it.
    pub exists: Exists,
    /// Fields that two records should not have in common on one day: if they do, a list that says so is taken, and it is told.
    pub once: Vec<String>,
    /// The reference to the person with whom its records are kept: theirs is the unit, and the book a record is opened in.
    pub kept_with: Option<String>,
    /// The references to those whom, or what, a record is about: it belongs to what is around them. Other references only mention.
    pub about: Vec<String>,
    /// If its records say who is kin: the references to the two. They are among `about`.
    pub kin: Option<[String; 2]>,
    /// What the office is there for that it serves: values of the code list [`super::MISSION`].
    pub serves: Vec<String>,
    /// The first day as of which nothing new may be said of its records.
    pub retired: Option<Date>,
    /// If its records are homes: what they say of whom.
    pub home: Option<Home>,
    /// If its records are units: how they end.
    pub tree: Option<Tree>,
    /// If its records say how far it has come with somebody on the list of a programme: what they say of whom.
    pub follow_up: Option<FollowUp>,
    /// The field, of type unit, whose unit gets a book when a record is opened.
    pub opens_book: Option<String>,
    /// The duty of those who write its records at all.
    pub set_by: Option<String>,
    /// The duty of those who read its records, and figures that count them; without one, whoever's role reads it does.
    pub read_by: Option<String>,
    /// Duties of which one person may not have both on one record: whoever set a field by the one sets none by the other.
    pub apart: Vec<[String; 2]>,
    /// References that must not lead back to where they began.
    pub acyclic: Option<Acyclic>,
    /// What must or should hold of a record.
    pub checks: Vec<Check>,
    /// How its records look to people.
    pub look: Look,
    /// Where it is declared.
    pub place: Place,
}

/// One field of a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Identifier, and the name of its SQL column.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Other words for it, in headings of lists that follow from its register.
    pub synonyms: Vec<String>,
    /// What it holds.
    pub kind: FieldType,
    /// Whether every record must have it.
    pub required: bool,
    /// How far it is protected.
    pub sensitivity: Sensitivity,
    /// Whose word counts, as values of the code list `source`, the most authoritative first. What one of them says is not
    /// overwritten by those after it, or by anybody not named.
    pub authority: Vec<String>,
    /// The duty of those who set it.
    pub set_by: Option<String>,
    /// After how many months authority no longer counts against a newer word; none if it always does.
    pub stale: Option<u16>,
    /// From when on what is said of it holds.
    pub holds: Holds,
    /// The ID number that tells it where nothing else is said: a date is the birth in it, a code the sex.
    pub told_by: Option<String>,
    /// The first day as of which nothing new may be said of it; it isn't required any more.
    pub retired: Option<Date>,
    /// Where it is declared.
    pub place: Place,
}

/// From when on what a word says of a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Holds {
    /// From the date the word names, or else the day it is said: the value is dated.
    #[default]
    Since,
    /// From the day it is said; before its first word it is unknown.
    Seen,
    /// From the day it is said, but the first word counts backward to the date it names, or for ever.
    Back,
    /// For ever, whenever it is said: what doesn't change, such as a birth.
    Ever,
}

/// How far back a record reaches, and whether a list that no longer names it ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Exists {
    /// Back to the date its first word names, or the day that is said; a whole list without it ends it.
    #[default]
    Back,
    /// For ever, or from the date a word names; no list ends it by silence.
    Ever,
    /// On every day, whatever date a word names: what happens once, such as a death, of which an earlier day should see when it was to
    /// come. No list ends it by silence.
    Always,
}

/// The fields of a register of homes: a home is where somebody is registered, where they live, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Whose it is.
    pub person: String,
    /// The unit it is in.
    pub unit: String,
    /// Whether the person is registered there.
    pub registered: String,
    /// Whether the person lives there.
    pub living: String,
}

/// The fields of a register of follow-ups: how far the office has come with somebody on the list of a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// With whom.
    pub person: String,
    /// Over which programme.
    pub programme: String,
    /// How far it has come.
    pub status: String,
    /// Who sees to it.
    pub who: String,
    /// By when.
    pub due: String,
    /// The statuses after which nothing is left to be done.
    pub settled: Vec<String>,
}

/// What a field, a column, a fact or a parameter holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldType {
    /// Words.
    Text,
    /// A whole number.
    Int,
    /// Money, in fen.
    Fen,
    /// A date.
    Date,
    /// Yes or no.
    Bool,
    /// A value of this code list.
    Code(String),
    /// A record of this register.
    Ref(String),
    /// A unit code.
    Unit,
    /// An ID number (GB 11643), 18 characters.
    IdNumber,
    /// A telephone number.
    Phone,
    /// Words of several lines, up to [`crate::LONGEST_LONG_TEXT`] characters.
    LongText,
    /// A moment, to the second; shown in Beijing time.
    Moment,
    /// A day, a month or a year ([`kernel::PartialDate`]); in SQL the first and the last day it may be.
    PartialDate,
    /// A decimal number, kept exactly.
    Decimal {
        /// How many places are behind the point.
        places: u8,
        /// What it counts, such as m²; blank of a bare number.
        unit: Text,
    },
    /// Several things, each once; held one a line.
    List(Items),
    /// An identity document of any kind ([`kernel::Document`]).
    Document,
    /// A reference to a file ([`crate::FileRef`]).
    File,
}

/// How values of a type are held: the shapes of [`crate::Value`], and the kinds of SQL column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Storage {
    /// A string.
    Text,
    /// A 64-bit integer.
    Int,
    /// A date.
    Date,
    /// A boolean.
    Bool,
    /// A moment, to the second.
    Moment,
    /// A decimal number of so many places.
    Decimal(u8),
}

/// What a list has in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Items {
    /// Values of a code list.
    Codes(String),
    /// Short words.
    Texts,
}

/// Where an identity may occur only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unique {
    /// In its book.
    Book,
    /// In all books.
    Everywhere,
}

/// References that must not form a ring, such as parent and child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acyclic {
    /// The field a step starts from.
    pub from: String,
    /// The field a step leads to.
    pub to: String,
    /// Only records in which this field has this value count.
    pub when: Option<(String, String)>,
}

/// The fields of the register of units: a unit stands below another, ends on a day, and another takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// Its code.
    pub code: String,
    /// The unit above it, where its code alone doesn't say so.
    pub parent: String,
    /// The unit that takes its place.
    pub successor: String,
    /// The first day on which it is no more.
    pub ended: String,
}

impl Home {
    /// The fields it names.
    pub(crate) fn fields(&self) -> [&String; 4] {
        [&self.person, &self.unit, &self.registered, &self.living]
    }
}

impl FollowUp {
    /// The fields it names.
    pub(crate) fn fields(&self) -> [&String; 5] {
        [
            &self.person,
            &self.programme,
            &self.status,
            &self.who,
            &self.due,
        ]
    }
}

impl Tree {
    /// The fields it names.
    pub(crate) fn fields(&self) -> [&String; 4] {
        [&self.code, &self.parent, &self.successor, &self.ended]
    }
}

impl Register {
    /// Whether an identity only proposes who is meant: a record may be without one, or get another.
    pub fn proposes(&self) -> bool {
        let mut identity = self.identity.iter();
        identity.any(|id| self.field(id).is_some_and(|(_, field)| !field.required))
    }

    /// The fields that an ID number tells, each with the position of the number.
    pub fn told(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.fields.iter().enumerate().filter_map(|(at, field)| {
            let number = self.field(field.told_by.as_deref()?)?.0;
            Some((at, number))
        })
    }

    /// The fields that a word speaks of which speaks of these: with a number those that it tells.
    pub fn with_told(&self, fields: FieldSet) -> FieldSet {
        let mut all = fields;
        for (at, _) in self.told().filter(|(_, number)| fields.has(*number)) {
            all.add(at);
        }
        all
    }

    /// A field and its position, by id.
    pub fn field(&self, id: &str) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, f)| f.id == id)
    }
}

impl FieldType {
    /// The word for it in pack files.
    pub fn as_str(&self) -> &'static str {
        match self {
            FieldType::Text => "text",
            FieldType::Int => "int",
            FieldType::Fen => "fen",
            FieldType::Date => "date",
            FieldType::Bool => "bool",
            FieldType::Code(_) => "code",
            FieldType::Ref(_) => "ref",
            FieldType::Unit => "unit",
            FieldType::IdNumber => "id_number",
            FieldType::Phone => "phone",
            FieldType::LongText => "long_text",
            FieldType::Moment => "moment",
            FieldType::PartialDate => "partial_date",
            FieldType::Decimal { .. } => "decimal",
            FieldType::List(_) => "list",
            FieldType::Document => "document",
            FieldType::File => "file",
        }
    }

    /// The columns that SQL has beside the field's own, by what is put behind its id.
    pub fn parts(&self) -> &'static [&'static str] {
        match self {
            FieldType::PartialDate => &["_from", "_to"],
            FieldType::Document => &["_kind", "_number"],
            _ => &[],
        }
    }

    /// How its values are held.
    pub fn storage(&self) -> Storage {
        match self {
            FieldType::Int | FieldType::Fen | FieldType::Ref(_) => Storage::Int,
            FieldType::Date => Storage::Date,
            FieldType::Bool => Storage::Bool,
            FieldType::Moment => Storage::Moment,
            FieldType::Decimal { places, .. } => Storage::Decimal(*places),
            FieldType::Text
            | FieldType::LongText
            | FieldType::List(_)
            | FieldType::PartialDate
            | FieldType::Document
            | FieldType::File
            | FieldType::Code(_)
            | FieldType::Unit
            | FieldType::IdNumber
            | FieldType::Phone => Storage::Text,
        }
    }
}
