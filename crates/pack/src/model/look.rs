//! How the records of a register look to people: what names one, which columns a list has, in what order, which sections a page. It
//! is worked out where it isn't declared, so that every register has a look; it never decides what anybody may see.

use crate::{Field, FieldType, Register, Text};
use kernel::Sensitivity;

/// The code list of the headings under which registers stand in the menu.
pub const REGISTER_GROUP: &str = "register_group";

/// The code list of what the office is there for, row by row: what registers serve.
pub const MISSION: &str = "mission";

/// The most columns of a list for which nobody chose any.
const MOST_COLUMNS: usize = 8;

/// How the records of a register look to people. Fields are told by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Under which heading of the menu the register stands: a value of [`REGISTER_GROUP`].
    pub group: Option<String>,
    /// What the register is for.
    pub help: Option<Text>,
    /// The fields that name a record. A reference among them stands for what names the record it leads to.
    pub title: Vec<usize>,
    /// The columns of a list, in order.
    pub columns: Vec<usize>,
    /// The order of a list; records that it doesn't tell apart are in order of their numbers.
    pub order: Vec<SortBy>,
    /// The sections of a record's page. Together they have every field once.
    pub sections: Vec<LookSection>,
    /// Whether the register is nobody's list: the program keeps it for itself.
    pub hidden: bool,
}

/// By which field a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortBy {
    /// The field.
    pub field: usize,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// A section of a record's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookSection {
    /// Its heading; blank of the only one.
    pub name: Text,
    /// Its fields, in order.
    pub fields: Vec<usize>,
}

impl Register {
    /// With what its look doesn't say worked out.
    pub(crate) fn with_look(mut self, mut look: Look) -> Register {
        if look.title.is_empty() {
            look.title = self.title();
        }
        if look.columns.is_empty() {
            look.columns = self.columns();
        }
        let told = |at: &usize| (look.sections.iter()).any(|section| section.fields.contains(at));
        let rest: Vec<usize> = (0..self.fields.len()).filter(|at| !told(at)).collect();
        if !rest.is_empty() {
            let name = match look.sections.is_empty() {
                true => Text::default(),
                false => Text::new("其他", "Other"),
            };
            look.sections.push(LookSection { name, fields: rest });
        }
        self.look = look;
        self
    }

    /// What tells its records apart, as far as it may stand wherever a record is named; or else the first word that each must have.
    fn title(&self) -> Vec<usize> {
        let names = |at: &usize| self.fields.get(*at).is_some_and(Field::may_name);
        let identity = self.identity.iter();
        let identity = identity.filter_map(|id| Some(self.field(id)?.0));
        let title: Vec<usize> = identity.filter(names).collect();
        if !title.is_empty() {
            return title;
        }
        let mut all = 0..self.fields.len();
        let required = |at: &usize| self.fields[*at].required && names(at);
        let first = all.clone().find(required).or_else(|| all.find(names));
        first.into_iter().collect()
    }

    /// The fields that fit into a row.
    fn columns(&self) -> Vec<usize> {
        let fits = |(at, field): (usize, &Field)| {
            let long = matches!(field.kind, FieldType::LongText | FieldType::File);
            (!long && field.retired.is_none()).then_some(at)
        };
        let fields = self.fields.iter().enumerate().filter_map(fits);
        fields.take(MOST_COLUMNS).collect()
    }
}

impl Field {
    /// Whether it may be part of what names a record wherever that is named: no number of a person, and nothing that is only for few.
    pub(crate) fn may_name(&self) -> bool {
        let open = matches!(
            self.sensitivity,
            Sensitivity::Open | Sensitivity::Name | Sensitivity::Address
        );
        let short = !matches!(
            self.kind,
            FieldType::LongText | FieldType::List(_) | FieldType::File
        );
        let number = matches!(
            self.kind,
            FieldType::IdNumber | FieldType::Document | FieldType::Phone
        );
        open && short && !number && self.retired.is_none()
    }
}
