//! The declarations a pack consists of, as plain types. They say what was declared and where; they hold no rows of anybody's
//! data and run nothing. Only [`crate::load`] makes a [`Pack`], after checking it as a whole.

mod action;
mod brackets;
mod case;
mod check;
mod code;
mod contract;
mod dashboard;
mod indicator;
mod look;
mod programme;
mod recipe;
mod record;
mod region;
mod register;
mod report;
mod role;
mod roster;
mod subject;
mod vouchers;
mod vouching;

use std::ops::Range;
use std::sync::Arc;

use kernel::{Lang, WorkingDays};
use sha2::{Digest as _, Sha256};

pub use action::{ACTION_GROUP, Action, Fits, Input, InputDefault, InputGives, Offer};
pub use brackets::{Brackets, Gives};
pub use case::{CaseRow, CaseValue, RuleCase};
pub use check::{Check, CheckBetween, CheckLevel, Over};
pub(crate) use code::folded;
pub use code::{CodeList, CodeSpan, Member};
pub use contract::{
    AskedNone, Contract, Deaths, Enrolments, FieldAt, FollowUps, Homes, Households, Kinship,
    Layouts, NoContract, OwnLists, People, Posts, Questions, SAID, Units,
};
pub use dashboard::{Dashboard, DashboardSection, Each, Shows};
pub use indicator::{At, Dimension, Groups, INDICATOR_GROUP, Indicator, IndicatorTarget, Measure};
pub use look::{Look, LookSection, MISSION, REGISTER_GROUP, SortBy};
pub use programme::{
    Basis, Condition, Dated, Every, Judgement, Parameter, ParameterType, ParameterValue, Pays,
    Programme,
};
pub use recipe::{DemoPlace, Expected, Recipe};
pub(crate) use record::fits;
pub use record::{
    DecodeFault, FieldFault, FieldSet, LONGEST_AS_READ, LONGEST_ITEM, LONGEST_LONG_TEXT,
    LONGEST_TEXT, MOST_FIELDS, MOST_ITEMS, Problem, Record, Said, Value, earliest_date,
    latest_date, number_tells,
};
pub use region::{NumberPlace, first_issued};
pub use register::{
    Acyclic, Exists, Field, FieldType, FollowUp, Holds, Home, Items, Register, Storage, Tree,
    Unique,
};
pub use report::{Block, Report, TEN_THOUSANDS, TableBy};
pub use role::{APPOINTS, Duty, ERASES, READS_LOG, Role};
pub use roster::{Column, Roster, ValueSource, Write};
pub use subject::{Closed, Fact, FactGroup, Subject};
pub use vouchers::MOST_VOUCHERS;
pub use vouching::{Vouches, Vouching, Whom};

/// Words in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text {
    /// Chinese as written in the People's Republic.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Words in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Text {
        Text {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// The words in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// One file of a pack, as handed to [`crate::load`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the pack's directory, with `/` between its parts.
    pub path: String,
    /// The file's text.
    pub text: String,
}

/// A stretch of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// Index into [`Pack::files`].
    pub file: usize,
    /// Bytes of the file.
    pub span: Range<usize>,
}

/// A piece of SQL with `$name` parameters inside, and where it was written.
///
/// `place` covers exactly the bytes of `text` when the file holds them without escapes (then both have the same length, and
/// [`crate::Bound::place`] points into it); otherwise it covers the whole TOML string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sql {
    /// The SQL.
    pub text: String,
    /// Where it is written.
    pub place: Place,
}

impl Sql {
    /// SQL that stands in no file, for tests and for SQL made by programs.
    pub fn new(text: impl Into<String>) -> Sql {
        Sql {
            text: text.into(),
            place: Place::default(),
        }
    }
}

/// One of the packs that a pack consists of, each standing on the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Its version.
    pub version: String,
    /// Its files, as a stretch of [`Pack::files`].
    pub files: Range<usize>,
}

/// Where something was declared, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// The file's path, as faults show it.
    pub path: &'a str,
    /// The line, from 1.
    pub line: usize,
}

/// `path:line`.
impl std::fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// A loaded and checked pack.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Identifier, such as `national`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Its version, such as `2026.1`.
    pub version: String,
    /// The layers it consists of, the lowest first; the last gives it its id, name and version.
    pub layers: Vec<Layer>,
    /// The files it was loaded from, layer by layer, ordered by path; [`Place::file`] counts in them.
    pub files: Vec<SourceFile>,
    /// Code lists.
    pub codes: Vec<CodeList>,
    /// Duties.
    pub duties: Vec<Duty>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Registers.
    pub registers: Vec<Register>,
    /// Rosters: the lists departments send.
    pub rosters: Vec<Roster>,
    /// Actions: what people make known case by case. They stand as they are offered: by heading, then as they say themselves.
    pub actions: Vec<Action>,
    /// Subjects: what programmes decide about.
    pub subjects: Vec<Subject>,
    /// Programmes.
    pub programmes: Vec<Programme>,
    /// By what indicators are broken down.
    pub dimensions: Vec<Dimension>,
    /// Indicators.
    pub indicators: Vec<Indicator>,
    /// Pages of figures.
    pub dashboards: Vec<Dashboard>,
    /// Reports.
    pub reports: Vec<Report>,
    /// Holidays and made-up working days.
    pub calendar: WorkingDays,
    /// Checks between records.
    pub checks: Vec<CheckBetween>,
    /// The pack's own cases.
    pub cases: Vec<RuleCase>,
    /// How made-up places fill their lists, each after those it waits for.
    pub recipes: Vec<Recipe>,
    pub(crate) contract: Option<Arc<Contract>>,
    pub(crate) retires: bool,
}

impl Pack {
    /// Where something was declared; none for what no file says.
    pub fn origin(&self, place: &Place) -> Option<Origin<'_>> {
        let file = self.files.get(place.file)?;
        let layer = self
            .layers
            .iter()
            .find(|layer| layer.files.contains(&place.file))?;
        let before = file.text.as_bytes().get(..place.span.start)?;
        Some(Origin {
            layer,
            path: &file.path,
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
        })
    }

    /// The digest (SHA-256) of the files of all its layers, paths and texts: equal for equal packs, by whatever name they are loaded.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for part in self.files.iter().flat_map(|file| [&file.path, &file.text]) {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }

    /// Which of its registers keep what the crates above know.
    ///
    /// # Errors
    /// The pack takes no lists of people, and none of its registers keeps anything.
    pub fn contract(&self) -> Result<&Arc<Contract>, NoContract> {
        self.contract.as_ref().ok_or(NoContract)
    }

    /// The register of those who have homes.
    pub fn at_home(&self) -> Option<&Register> {
        self.registers.iter().find_map(|register| {
            let home = register.home.as_ref()?;
            match &register.field(&home.person)?.1.kind {
                FieldType::Ref(target) => self.register(target),
                _ => None,
            }
        })
    }

    /// How records of this register are recognised as one another's: the text of `linkage/<register>.toml`, if there is one.
    pub fn linkage(&self, register: &str) -> Option<&str> {
        let path = format!("linkage/{register}.toml");
        // The highest layer that has one counts; files of several layers begin with the layer's name.
        let is_it = |file: &&SourceFile| {
            let below = file.path.strip_suffix(&path);
            below.is_some_and(|layer| layer.is_empty() || layer.ends_with('/'))
        };
        self.files
            .iter()
            .rfind(is_it)
            .map(|file| file.text.as_str())
    }

    /// Whether any of its registers, fields or values is retired on some day.
    pub fn retires(&self) -> bool {
        self.retires
    }

    /// The code list with this id.
    pub fn code(&self, id: &str) -> Option<&CodeList> {
        self.codes.iter().find(|x| x.id == id)
    }

    /// The register with this id.
    pub fn register(&self, id: &str) -> Option<&Register> {
        self.registers.iter().find(|x| x.id == id)
    }

    /// The role with this id.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|x| x.id == id)
    }

    /// The duty with this id.
    pub fn duty(&self, id: &str) -> Option<&Duty> {
        self.duties.iter().find(|x| x.id == id)
    }

    /// Every kind of list there is: the rosters, then the actions as lists.
    pub fn lists(&self) -> impl Iterator<Item = &Roster> {
        let actions = self.actions.iter().map(|action| &action.roster);
        self.rosters.iter().chain(actions)
    }

    /// The roster with this id: of a list, or of an action.
    pub fn roster(&self, id: &str) -> Option<&Roster> {
        self.lists().find(|x| x.id == id)
    }

    /// The action with this id.
    pub fn action(&self, id: &str) -> Option<&Action> {
        self.actions.iter().find(|x| x.id() == id)
    }

    /// The subject with this id.
    pub fn subject(&self, id: &str) -> Option<&Subject> {
        self.subjects.iter().find(|x| x.id == id)
    }

    /// The programmes in which people are enrolled: all but judgements.
    pub fn benefits(&self) -> impl Iterator<Item = &Programme> {
        self.programmes.iter().filter(|own| own.judgement.is_none())
    }

    /// The programmes that judge, and enrol nobody.
    pub fn judgements(&self) -> impl Iterator<Item = &Programme> {
        self.programmes.iter().filter(|own| own.judgement.is_some())
    }

    /// The programme with this id.
    pub fn programme(&self, id: &str) -> Option<&Programme> {
        self.programmes.iter().find(|x| x.id == id)
    }

    /// The indicator with this id.
    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|x| x.id == id)
    }

    /// The counted and summed indicators that an indicator is made of, each once, itself if it is one; in the order of its definition.
    pub fn counted_parts<'p>(&'p self, indicator: &'p Indicator) -> Vec<&'p Indicator> {
        let mut found: Vec<&Indicator> = Vec::new();
        let mut open = vec![indicator];
        let mut seen: Vec<&str> = Vec::new();
        while let Some(next) = open.pop() {
            if seen.contains(&next.id.as_str()) {
                continue;
            }
            seen.push(&next.id);
            let others = next.measure.others();
            if others.is_empty() {
                found.push(next);
            }
            open.extend(others.into_iter().rev().filter_map(|id| self.indicator(id)));
        }
        found
    }

    /// The dimensions an indicator is broken down by: its own, or those that everything it is made of has in common.
    pub fn breaks_down(&self, indicator: &Indicator) -> Vec<String> {
        let parts = self.counted_parts(indicator);
        let Some((first, rest)) = parts.split_first() else {
            return Vec::new();
        };
        let common = first.by.iter();
        let common = common.filter(|by| rest.iter().all(|part| part.by.contains(by)));
        common.cloned().collect()
    }

    /// The dimension with this id.
    pub fn dimension(&self, id: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|x| x.id == id)
    }

    /// The page of figures with this id.
    pub fn dashboard(&self, id: &str) -> Option<&Dashboard> {
        self.dashboards.iter().find(|x| x.id == id)
    }

    /// The report with this id.
    pub fn report(&self, id: &str) -> Option<&Report> {
        self.reports.iter().find(|x| x.id == id)
    }
}
