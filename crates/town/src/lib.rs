//! A realistic street, township, district or town, made up: people, families, homes, work and papers, and the files in which
//! departments send them.
//!
//! Same wish, same bytes. The default is the street of the reports, whose figures come out exactly; any other number of
//! people scales it. Every town knows its own truth (figures, and the right answer of each programme for everyone), so that
//! the product can be held against it. This crate never reads the clock, and never writes anything but the files asked for.

mod answers;
mod benefits;
pub mod day;
mod dice;
mod elders;
mod error;
mod facts;
mod families;
mod frequencies;
mod generate;
mod homes;
mod identity;
pub mod known;
pub mod model;
mod moves;
mod papers;
mod places;
mod rural;
mod singles;
mod there;
mod truth;
mod unnumbered;
mod work;
mod write;

pub use answers::TrueAnswer;
pub use error::TownError;
pub use families::REPORTED;
pub use generate::generate;
pub use model::{Town, TownProgramme};
pub use truth::{Line, List, ToldTruth, TownFigures, Truth};
pub use unnumbered::Noise;
pub use write::{FileNote, Written};

use jiff::civil::Date;

/// What kind of files to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// As the departments send them: mostly workbooks, some text.
    #[default]
    Departments,
    /// Every roster as UTF-8 text, which is faster to write and read.
    Csv,
}

/// What kind of place it is: one of the four that the reports tell of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Setting {
    /// A street and its communities.
    #[default]
    Street,
    /// A rural township: villages, and the community where its office is.
    Township,
    /// A district with streets and a town.
    District,
    /// A town: villages and two communities.
    Town,
}

impl Setting {
    /// All of them.
    pub const ALL: [Setting; 4] = [
        Setting::Street,
        Setting::Township,
        Setting::District,
        Setting::Town,
    ];
}

/// What town to make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wish {
    /// What kind of place.
    pub setting: Setting,
    /// How many people, from [`Wish::FEWEST`] to [`Wish::MOST`].
    pub people: u32,
    /// The seed of all chance.
    pub seed: u64,
    /// The day the town is of; the year's births, deaths and moves lie before it.
    pub on: Date,
    /// What files to write.
    pub format: Format,
}

impl Wish {
    /// Fewest people: below, the programmes concern nobody.
    pub const FEWEST: u32 = 1_000;
    /// Most people.
    pub const MOST: u32 = 20_000_000;

    /// Says what can't be wished for.
    pub fn check(&self) -> Result<(), TownError> {
        if !(Self::FEWEST..=Self::MOST).contains(&self.people) {
            return Err(TownError::People(self.people));
        }
        let usual = jiff::civil::date(2025, 7, 1)..=jiff::civil::date(2029, 12, 31);
        if !usual.contains(&self.on) {
            return Err(TownError::On(self.on));
        }
        Ok(())
    }
}

impl Default for Wish {
    fn default() -> Wish {
        Wish {
            setting: Setting::default(),
            people: families::REPORTED,
            seed: 1,
            on: jiff::civil::date(2025, 12, 31),
            format: Format::default(),
        }
    }
}
