//! Recipes: how a made-up place fills a list, so that every register has content to show and figures that are known beforehand. The
//! people are the place's own; all else is told by a query over what the ledger holds already. A recipe is of one place or of several.

use kernel::{Decimal, Lang, Period, UnitCode};

use crate::{Place, Sql};

/// How lists of a made-up place are filled.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Identifier.
    pub id: String,
    /// Which places keep the list; one at least.
    pub of: Vec<DemoPlace>,
    /// The roster, or action, as which the rows are sent.
    pub roster: String,
    /// Recipes whose lists come before.
    pub after: Vec<String>,
    /// The rows: columns named as the roster's, and besides [`Recipe::LIST_ON`] and [`Recipe::LIST_UNIT`].
    pub rows: Sql,
    /// What must come out.
    pub expects: Vec<Expected>,
    /// Where it is declared.
    pub place: Place,
}

impl Recipe {
    /// The column that tells of which day the list is to which a row belongs; without it, of the day of the place.
    pub const LIST_ON: &'static str = "list_on";
    /// The column that tells for which unit the list is taken; without it, for the topmost.
    pub const LIST_UNIT: &'static str = "list_unit";
}

/// A figure that is known beforehand.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The indicator.
    pub indicator: String,
    /// In which places it must come out: those of its recipe, or some of them.
    pub of: Vec<DemoPlace>,
    /// Of which unit; without it, of the topmost.
    pub unit: Option<UnitCode>,
    /// Of which period.
    pub period: Period,
    /// What it is, as shown.
    pub value: Decimal,
    /// Where it is said.
    pub place: Place,
}

/// The places that the reports tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DemoPlace {
    /// A street and its communities.
    Street,
    /// A rural township and its villages.
    Township,
    /// A district bureau and the streets below it.
    District,
    /// A town with a park.
    Town,
}

impl DemoPlace {
    /// All of them, as they are written.
    pub const ALL: [(&'static str, DemoPlace); 4] = [
        ("street", DemoPlace::Street),
        ("township", DemoPlace::Township),
        ("district", DemoPlace::District),
        ("town", DemoPlace::Town),
    ];

    /// As it is written.
    pub fn id(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(_, place)| *place == self)
            .map_or("", |(id, _)| id)
    }

    /// As it is told.
    pub fn label(self, lang: Lang) -> &'static str {
        match (lang, self) {
            (Lang::Zh, DemoPlace::Street) => "街道",
            (Lang::Zh, DemoPlace::Township) => "乡",
            (Lang::Zh, DemoPlace::District) => "区",
            (Lang::Zh, DemoPlace::Town) => "镇",
            (Lang::En, other) => other.id(),
        }
    }
}
