//! The town in memory, clean: every person, tie, home and paper that the departments' files speak of.
//! Promises that what is left open here (`None`) is exactly what the files leave blank; never holds dirt.

use std::ops::{Index, IndexMut};

use crate::day::Day;

/// A person, by place in [`Townspeople`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Who(pub u32);

/// Everyone of the town, and those elsewhere whom its papers name.
#[derive(Clone, Debug, Default)]
pub struct Townspeople(Vec<Person>);

impl Townspeople {
    /// Adds a person.
    pub fn add(&mut self, person: Person) -> Who {
        self.0.push(person);
        Who(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }
    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Everyone, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Who, &Person)> {
        (0u32..).map(Who).zip(&self.0)
    }
    /// Everyone, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Who, &mut Person)> {
        (0u32..).map(Who).zip(&mut self.0)
    }
}

impl Index<Who> for Townspeople {
    type Output = Person;
    fn index(&self, who: Who) -> &Person {
        &self.0[who.0 as usize]
    }
}

impl IndexMut<Who> for Townspeople {
    fn index_mut(&mut self, who: Who) -> &mut Person {
        &mut self.0[who.0 as usize]
    }
}

/// TownSex, as the ID number has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TownSex {
    /// 男
    Male,
    /// 女
    Female,
}

/// Nature of the household registration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hukou {
    /// 农业
    Agricultural,
    /// 非农业
    NonAgricultural,
}

/// Nationality, as far as the files tell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nationality {
    /// 中国
    Chinese,
    /// 外国
    Foreign,
}

/// Marital status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Marital {
    /// 未婚
    Single,
    /// 有配偶, for the second time or not
    Married {
        /// 再婚
        again: bool,
    },
    /// 丧偶
    Widowed,
    /// 离婚
    Divorced,
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Surname and given name, filled up with NUL.
    pub name: [char; 4],
    /// The 18 characters of the ID number.
    pub id: [u8; 18],
    /// TownSex.
    pub sex: TownSex,
    /// Day of birth.
    pub birth: Day,
    /// Index into the regions: where born.
    pub region: u16,
    /// Index into the ethnic groups.
    pub ethnicity: u8,
    /// Nationality; blank in the file when `None`.
    pub nationality: Option<Nationality>,
    /// Nature of registration; blank in the file when `None`.
    pub hukou: Option<Hukou>,
    /// Marital status.
    pub marital: Marital,
    /// Mobile number, 0 for none.
    pub phone: u64,
    /// Day of death, when the list of deaths names the person.
    pub died: Option<Day>,
    /// Community in which the person lives, or whose papers name the person.
    pub community: u16,
    /// Where and since when, for those on the police roster.
    pub residence: Option<Residence>,
}

impl Person {
    /// The name as text.
    pub fn full_name(&self) -> String {
        self.name.iter().filter(|&&letter| letter != '\0').collect()
    }
    /// The ID number as text.
    pub fn id_text(&self) -> String {
        self.id.iter().map(|&byte| char::from(byte)).collect()
    }
    /// Whether the person lives here (registered or not) on a day.
    pub fn resident_on(&self, day: Day) -> bool {
        self.residence
            .as_ref()
            .is_some_and(|home| home.current_on(day))
            && self.died.is_none_or(|died| died > day)
    }
}

/// Place in a household.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// 户主
    Head,
    /// 配偶
    Spouse,
    /// 子
    Son,
    /// 女
    Daughter,
    /// 父亲、母亲
    Parent,
    /// 儿媳、女婿
    InLaw,
    /// 孙子、孙女
    Grandchild,
    /// 其他
    Other,
}

/// Why somebody is on the roster of those gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Departure {
    /// 死亡
    Died,
    /// 迁出
    Moved,
}

/// A line of the police roster beyond the person.
#[derive(Clone, Debug)]
pub struct Residence {
    /// Index into [`Town::households`].
    pub household: u32,
    /// Relation to the head.
    pub relation: Relation,
    /// Registered here (常住户口), or a migrant.
    pub registered: bool,
    /// Living here; `None` is blank in the file.
    pub living: Option<bool>,
    /// Index into the regions: where a migrant is registered.
    pub origin: u16,
    /// Since when.
    pub moved_in: Day,
    /// Until when, and why.
    pub left: Option<(Day, Departure)>,
}

impl Residence {
    /// Whether it holds on a day; the day of leaving is no longer one of residence.
    pub fn current_on(&self, day: Day) -> bool {
        self.moved_in <= day && self.left.is_none_or(|(left, _)| left > day)
    }
}

/// A household.
#[derive(Clone, Debug)]
pub struct Household {
    /// Index into [`Town::communities`].
    pub community: u16,
    /// Number in its community.
    pub number: u32,
    /// 集体户
    pub collective: bool,
}

/// A marriage.
#[derive(Clone, Debug)]
pub struct Marriage {
    /// Husband.
    pub husband: Who,
    /// Wife.
    pub wife: Who,
    /// Day of registration.
    pub on: Day,
    /// Day of divorce.
    pub ended: Option<Day>,
}

/// What the children's list says of a child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alive {
    /// 健在
    Yes,
    /// 死亡
    No,
}

/// A line of the children's list.
#[derive(Clone, Debug)]
pub struct Child {
    /// Father, when named.
    pub father: Option<Who>,
    /// Mother, when named.
    pub mother: Option<Who>,
    /// The child.
    pub child: Who,
    /// What the list says of the child; `None` is blank.
    pub state: Option<Alive>,
    /// Day of death told by the list.
    pub died: Option<Day>,
    /// Adopted.
    pub adopted: bool,
}

/// Status on the employment list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// 在业
    Employed,
    /// 失业
    Unemployed,
    /// 退休
    Retired,
}

/// Why a job was lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// 企业破产
    Bankruptcy,
    /// 企业改制
    Restructuring,
    /// 企业撤销
    Cancellation,
    /// 企业分流
    Diversion,
    /// 其他
    Other,
}

/// A line of the employment list.
#[derive(Clone, Debug)]
pub struct Job {
    /// Whose.
    pub who: Who,
    /// Status; `None` is blank.
    pub status: Option<Work>,
    /// Unemployed since.
    pub since: Option<Day>,
    /// Why; `None` is blank.
    pub cause: Option<Cause>,
    /// Retired on.
    pub retired: Option<Day>,
}

/// A one-child certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Number.
    pub number: u32,
    /// Father, when named.
    pub father: Option<Who>,
    /// Mother, when named.
    pub mother: Option<Who>,
    /// The child.
    pub child: Who,
    /// Day of issue.
    pub issued: Day,
    /// Valid (有效) or withdrawn (收回); `None` is blank.
    pub valid: Option<bool>,
}

/// A line of the disability list.
#[derive(Clone, Debug)]
pub struct Disability {
    /// Whose.
    pub who: Who,
    /// Index into the kinds.
    pub kind: u8,
    /// Grade 1 to 4; `None` is blank.
    pub grade: Option<u8>,
    /// Day of issue.
    pub issued: Day,
}

/// A line of the complications list, entered with consent.
#[derive(Clone, Debug)]
pub struct Complication {
    /// Whose.
    pub who: Who,
    /// Grade 1 to 3; `None` is blank.
    pub grade: Option<u8>,
    /// Day of consent.
    pub consent: Day,
}

/// A written confirmation on births from 1973 to 2001.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// Whose.
    pub who: Who,
    /// What it says; `None` is blank.
    pub holds: Option<bool>,
    /// Number of the document.
    pub number: u32,
    /// Day of the document.
    pub on: Day,
}

/// A line of the births list.
#[derive(Clone, Debug)]
pub struct Birth {
    /// The child.
    pub child: Who,
    /// The mother.
    pub mother: Who,
}

/// A line of a benefit list.
#[derive(Clone, Debug)]
pub struct Benefit {
    /// Who gets it.
    pub who: Who,
    /// For what.
    pub programme: TownProgramme,
    /// Since when.
    pub since: Day,
    /// Until when.
    pub until: Option<Day>,
    /// Fen a month.
    pub monthly: u32,
}

/// The eight programmes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TownProgramme {
    /// 奖励扶助
    RuralFamily,
    /// 特别扶助 (bereaved)
    Bereaved,
    /// 特别扶助 (disabled child)
    DisabledChild,
    /// 并发症
    Complication,
    /// 独生子女父母奖励
    OneChildParent,
    /// double-unemployed one-child couples
    DoubleUnemployed,
    /// one-child parents retired from unemployment
    UnemployedRetired,
    /// 育儿补贴
    Childcare,
}

impl TownProgramme {
    /// All eight, in the order of the files.
    pub const ALL: [TownProgramme; 8] = [
        TownProgramme::RuralFamily,
        TownProgramme::Bereaved,
        TownProgramme::DisabledChild,
        TownProgramme::Complication,
        TownProgramme::OneChildParent,
        TownProgramme::DoubleUnemployed,
        TownProgramme::UnemployedRetired,
        TownProgramme::Childcare,
    ];

    /// What a bureau reports as 奖扶.
    pub const RURAL: &[TownProgramme] = &[TownProgramme::RuralFamily];
    /// What a bureau reports as 特扶.
    pub const SPECIAL: &[TownProgramme] = &[TownProgramme::Bereaved, TownProgramme::DisabledChild];

    /// The id in the pack.
    pub fn id(self) -> &'static str {
        match self {
            TownProgramme::RuralFamily => "rural-family-support",
            TownProgramme::Bereaved => "special-support-bereaved",
            TownProgramme::DisabledChild => "special-support-disabled-child",
            TownProgramme::Complication => "complication-support",
            TownProgramme::OneChildParent => "one-child-parent-award",
            TownProgramme::DoubleUnemployed => "double-unemployed-couple",
            TownProgramme::UnemployedRetired => "unemployed-retired",
            TownProgramme::Childcare => "childcare-subsidy",
        }
    }
}

/// A community.
#[derive(Clone, Debug)]
pub struct Community {
    /// 12-digit code.
    pub code: String,
    /// Name, with 社区 or 村.
    pub name: String,
    /// Code of its street.
    pub street: String,
    /// Square metres.
    pub area: u32,
    /// Whether it is a village.
    pub village: bool,
}

/// A street, a town, a township, or the district above them.
#[derive(Clone, Debug)]
pub struct Street {
    /// 12-digit code.
    pub code: String,
    /// Name, with what it is.
    pub name: String,
    /// What it is: 街道, 镇, 乡 or 区.
    pub level: &'static str,
}

/// A whole town, clean.
#[derive(Clone, Debug)]
pub struct Town {
    /// What was wished for.
    pub wish: crate::Wish,
    /// What is above the streets, if the place is that.
    pub district: Option<Street>,
    /// Streets, towns and townships, by code.
    pub streets: Vec<Street>,
    /// Communities, by code.
    pub communities: Vec<Community>,
    /// Everyone.
    pub people: Townspeople,
    /// Households.
    pub households: Vec<Household>,
    /// Marriages.
    pub marriages: Vec<Marriage>,
    /// Parents and children.
    pub children: Vec<Child>,
    /// Births of the year.
    pub births: Vec<Birth>,
    /// Employment.
    pub jobs: Vec<Job>,
    /// Disabilities.
    pub disabilities: Vec<Disability>,
    /// One-child certificates.
    pub certificates: Vec<Certificate>,
    /// Complications.
    pub complications: Vec<Complication>,
    /// Confirmations.
    pub confirmations: Vec<Confirmation>,
    /// Benefits paid.
    pub benefits: Vec<Benefit>,
}
