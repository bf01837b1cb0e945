//! The weights by which a row was recognised, or by which somebody is named in a question, and how they are told. It adds nothing
//! up and decides nothing.

use kernel::Lang;
use serde::{Deserialize, Serialize};

use crate::said::{BIRTH, NAME, SAID};

/// The sum by which a row was recognised: hundredths of a bit, and the terms they are the sum of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    /// The sum.
    pub bits: i32,
    /// What each term is about (a field of a listing, [`Weighed::PRIOR`] or [`Weighed::HOUSEHOLD`]), how well it agrees, and what
    /// that adds.
    pub terms: Vec<(String, linkage::Likeness, i32)>,
}

impl Weighed {
    /// How likely any two are one, before anything is compared.
    pub const PRIOR: &'static str = "prior";
    /// The rest of the household.
    pub const HOUSEHOLD: &'static str = "household";

    /// What the sum can't tell: brothers and sisters born on one day have more in common than most.
    #[must_use]
    pub fn caution(&self, lang: Lang) -> Option<&'static str> {
        use linkage::Likeness::{Different, Equal, OneCharacter, Surname};
        let level = |field: &str| {
            let term = self.terms.iter().find(|(about, ..)| about == field);
            term.map(|(_, level, _)| *level)
        };
        let twin = matches!(level(SAID[NAME]), Some(OneCharacter | Surname | Different))
            && level(SAID[BIRTH]) == Some(Equal);
        twin.then_some(match lang {
            Lang::Zh => "出生日期相同而名字不同，也可能是双胞胎",
            Lang::En => "born on the same day under another name: it may be a twin",
        })
    }

    /// The sum in words; `name` gives the name of a field.
    #[must_use]
    pub fn message(&self, lang: Lang, name: &dyn Fn(&str) -> Option<String>) -> String {
        let bits = |bits: i32| {
            let sign = if bits < 0 { "−" } else { "" };
            format!("{sign}{}.{}", bits.abs() / 100, bits.abs() / 10 % 10)
        };
        let terms = (self.terms.iter())
            .filter(|(_, level, bits)| *bits != 0 || *level != linkage::Likeness::Blank);
        let terms: Vec<String> = terms
            .map(|(about, level, weight)| match (about.as_str(), lang) {
                (Self::PRIOR, Lang::Zh) => format!("起点 {}", bits(*weight)),
                (Self::PRIOR, Lang::En) => format!("to begin with {}", bits(*weight)),
                (Self::HOUSEHOLD, _) => format!("{} {}", level.label(lang), bits(*weight)),
                (field, Lang::Zh) => format!(
                    "{}{} {}",
                    name(field).unwrap_or_else(|| field.to_owned()),
                    level.label(lang),
                    bits(*weight)
                ),
                (field, Lang::En) => format!(
                    "{} {} {}",
                    name(field).unwrap_or_else(|| field.to_owned()),
                    level.label(lang),
                    bits(*weight)
                ),
            })
            .collect();
        match lang {
            Lang::Zh => format!("{} 分：{}", bits(self.bits), terms.join("，")),
            Lang::En => format!("{} bits: {}", bits(self.bits), terms.join(", ")),
        }
    }
}
