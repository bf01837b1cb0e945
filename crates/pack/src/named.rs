//! What people call things by: an id, a name in either language, or a synonym, where case, width and blanks don't matter. One
//! rule for whatever is asked for by name, of a pack or of a ledger. It never guesses: what nothing is called, or several
//! things are, is a fault that names the nearest, or each of them.

use kernel::Lang;

use crate::model::folded;
use crate::near::alike;
use crate::{
    Action, Column, Dimension, Field, Indicator, Programme, Register, Report, Role, Roster, Text,
};

/// How many things that are called nearly so are told.
const MOST_NEAR: usize = 5;
/// If nothing is near, all of them are told, unless there are more.
const MOST_ALL: usize = 16;

/// One thing that can be asked for by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// Its id, which no other has.
    pub id: String,
    /// Its name, as it is told.
    pub name: Text,
    /// Other words for it.
    pub synonyms: Vec<String>,
    /// What tells it from others of its name; blank for nothing.
    pub beside: Text,
}

impl Called {
    fn words(&self) -> impl Iterator<Item = &str> {
        let words = [&self.id, &self.name.zh, &self.name.en].into_iter();
        words.chain(&self.synonyms).map(String::as_str)
    }

    /// As it is told in a message: its name, what is beside it, and the id it goes by.
    fn told(&self, lang: Lang) -> String {
        let (id, beside) = (&self.id, self.beside.get(lang));
        let name = self.name.get(lang);
        match (lang, beside.is_empty()) {
            _ if name == id => id.clone(),
            (Lang::Zh, true) => format!("{name}（{id}）"),
            (Lang::Zh, false) => format!("{name}（{id}，{beside}）"),
            (Lang::En, true) => format!("{name} ({id})"),
            (Lang::En, false) => format!("{name} ({id}, {beside})"),
        }
    }
}

/// Why a name leads to no one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameFault {
    /// Nothing is called so.
    Unknown {
        /// What was asked for: a register, a unit.
        what: Text,
        /// As it was written.
        asked: String,
        /// What is called nearly so, the nearest first.
        near: Vec<Called>,
        /// If nothing is, everything there is, unless that is much.
        there: Vec<Called>,
    },
    /// Several things are called so.
    Several {
        /// What was asked for.
        what: Text,
        /// As it was written.
        asked: String,
        /// Those that are called so.
        of: Vec<Called>,
    },
}

impl NameFault {
    /// What is wrong, and what was probably meant.
    pub fn message(&self, lang: Lang) -> String {
        let each = |called: &[Called]| {
            let told: Vec<String> = called.iter().map(|called| called.told(lang)).collect();
            told.join(match lang {
                Lang::Zh => "、",
                Lang::En => "; ",
            })
        };
        let (what, asked, near, there) = match self {
            NameFault::Several { what, asked, of } => {
                let (what, of) = (what.get(lang), each(of));
                return match lang {
                    Lang::Zh => format!("有多个{what}叫“{asked}”，请写括号中的代号：{of}"),
                    Lang::En => {
                        format!("“{asked}” may be any of several; write the id in brackets: {of}")
                    }
                };
            }
            NameFault::Unknown {
                what,
                asked,
                near,
                there,
            } => (what.get(lang), asked, each(near), each(there)),
        };
        let none = match lang {
            Lang::Zh => format!("没有{what}“{asked}”"),
            Lang::En => format!("there is no {what} “{asked}”"),
        };
        none + &match (lang, near.is_empty(), there.is_empty()) {
            (_, true, true) => String::new(),
            (Lang::Zh, false, _) => format!("；相近的有：{near}"),
            (Lang::Zh, true, false) => format!("；现有：{there}"),
            (Lang::En, false, _) => format!("; the nearest are: {near}"),
            (Lang::En, true, false) => format!("; there are: {there}"),
        }
    }
}

impl std::fmt::Display for NameFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for NameFault {}

/// The place, among all things of a kind, of the one that somebody means. An id counts before a name, and a word that several
/// have leads to none of them.
///
/// # Errors
/// Nothing is called so, or several things are.
pub fn choose(what: Text, asked: &str, all: &[Called]) -> Result<usize, NameFault> {
    if let Some(at) = all.iter().position(|called| called.id == asked.trim()) {
        return Ok(at);
    }
    let wanted = folded(asked);
    let places = all.iter().enumerate();
    let found = places.filter(|(_, called)| {
        !wanted.is_empty() && called.words().any(|word| folded(word) == wanted)
    });
    let found: Vec<usize> = found.map(|(at, _)| at).collect();
    let asked = asked.trim().to_owned();
    match found[..] {
        [only] => Ok(only),
        [] => {
            let near = nearest(&wanted, all);
            let none = near.is_empty() && all.len() <= MOST_ALL;
            let there = if none { all.to_vec() } else { Vec::new() };
            Err(NameFault::Unknown {
                what,
                asked,
                near,
                there,
            })
        }
        _ => Err(NameFault::Several {
            what,
            asked,
            of: found.into_iter().map(|at| all[at].clone()).collect(),
        }),
    }
}

/// What is called nearly so, the nearest first and else in order.
fn nearest(wanted: &str, all: &[Called]) -> Vec<Called> {
    let how_near = |called: &Called| {
        called
            .words()
            .map(|word| alike(wanted, &folded(word)))
            .max()
    };
    let scored = all
        .iter()
        .map(|called| (how_near(called).unwrap_or(0), called));
    let mut scored: Vec<(u32, &Called)> = scored.filter(|(near, _)| *near > 0).collect();
    scored.sort_by_key(|(near, _)| std::cmp::Reverse(*near));
    let nearest = scored.into_iter().take(MOST_NEAR);
    nearest.map(|(_, called)| called.clone()).collect()
}

/// What a pack declares with an id and a name.
pub trait Named {
    /// What it is called in a message, in Chinese and in English.
    const WHAT: (&'static str, &'static str);

    /// Its id.
    fn id(&self) -> &str;
    /// Its name.
    fn name(&self) -> &Text;
    /// Other words for it.
    fn synonyms(&self) -> &[String] {
        &[]
    }

    /// What it is called by.
    fn called(&self) -> Called {
        Called {
            id: self.id().to_owned(),
            name: self.name().clone(),
            synonyms: self.synonyms().to_vec(),
            beside: Text::default(),
        }
    }
}

/// The one of some things that somebody means, by id, name or synonym.
///
/// # Errors
/// Nothing is called so, or several things are.
pub fn named<'p, T: Named>(
    asked: &str,
    all: impl IntoIterator<Item = &'p T>,
) -> Result<&'p T, NameFault> {
    let all: Vec<&T> = all.into_iter().collect();
    let called: Vec<Called> = all.iter().map(|one| one.called()).collect();
    let (zh, en) = (T::WHAT.0.to_owned(), T::WHAT.1.to_owned());
    Ok(all[choose(Text { zh, en }, asked, &called)?])
}

macro_rules! named {
    ($($of:ty: $zh:literal, $en:literal $(, $synonyms:ident)?;)+) => {
        $(impl Named for $of {
            const WHAT: (&'static str, &'static str) = ($zh, $en);

            fn id(&self) -> &str {
                &self.id
            }

            fn name(&self) -> &Text {
                &self.name
            }

            $(fn synonyms(&self) -> &[String] {
                &self.$synonyms
            })?
        })+
    };
}

named! {
    Register: "登记册", "register";
    Field: "项目", "field", synonyms;
    Roster: "名册", "roster";
    Column: "列", "column", synonyms;
    Programme: "项目", "programme", synonyms;
    Indicator: "指标", "indicator";
    Dimension: "维度", "dimension";
    Report: "模板", "template";
    Role: "角色", "role";
}

impl Named for Action {
    const WHAT: (&'static str, &'static str) = ("办理", "action");

    fn id(&self) -> &str {
        self.id()
    }

    fn name(&self) -> &Text {
        self.name()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn called(id: &str, zh: &str, en: &str, synonyms: &[&str]) -> Called {
        let text = |zh: &str, en: &str| Text {
            zh: zh.to_owned(),
            en: en.to_owned(),
        };
        Called {
            id: id.to_owned(),
            name: text(zh, en),
            synonyms: synonyms.iter().map(|word| (*word).to_owned()).collect(),
            beside: text("", ""),
        }
    }

    fn ask(asked: &str, all: &[Called]) -> Result<String, NameFault> {
        let what = called("", "指标", "indicator", &[]).name;
        choose(what, asked, all).map(|at| all[at].id.clone())
    }

    fn some() -> Vec<Called> {
        vec![
            called("births", "出生人数", "Births", &["新生儿"]),
            called("birth_rate", "出生率", "Birth rate", &[]),
            called("households", "户数", "Households", &[]),
            called("old", "户数", "Old households", &[]),
            called("deaths", "死亡人数", "Deaths", &[]),
        ]
    }

    #[test]
    fn a_thing_is_found_by_whatever_it_is_called() {
        for asked in [
            "births",
            "出生人数",
            "Births",
            " ＢＩＲＴＨＳ ",
            "新 生 儿",
            "出生\u{3000}人数",
        ] {
            assert_eq!(ask(asked, &some()).unwrap(), "births", "{asked}");
        }
        assert_eq!(ask("birth RATE", &some()).unwrap(), "birth_rate");
    }

    #[test]
    fn an_id_counts_before_what_another_is_called() {
        let both = [
            called("one", "甲", "two", &[]),
            called("two", "乙", "Second", &["甲"]),
        ];
        assert_eq!(ask("two", &both).unwrap(), "two");
        assert!(ask("甲", &both).is_err());
        assert!(ask("Two", &both).is_err());
    }

    #[test]
    fn what_several_are_called_leads_to_none_of_them() {
        let fault = ask("户数", &some()).unwrap_err();
        let told = "有多个指标叫“户数”，请写括号中的代号：户数（households）、户数（old）";
        assert_eq!(fault.message(Lang::Zh), told);
        assert!(matches!(fault, NameFault::Several { of, .. } if of.len() == 2));
    }

    #[test]
    fn what_nothing_is_called_names_the_nearest() {
        let fault = ask("出生", &some()).unwrap_err();
        let told = "没有指标“出生”；相近的有：出生率（birth_rate）、出生人数（births）";
        assert_eq!(fault.message(Lang::Zh), told);
        let fault = ask("brith rate", &some()).unwrap_err();
        let told = "there is no indicator “brith rate”; the nearest are: Birth rate (birth_rate)";
        assert!(fault.message(Lang::En).starts_with(told), "{fault}");
        // Nothing is near, and they are few: all are told. Nothing is called by nothing.
        for asked in ["zzz", "", "  "] {
            let fault = ask(asked, &some()).unwrap_err();
            assert!(
                matches!(&fault, NameFault::Unknown { near, there, .. } if near.is_empty() && there.len() == 5),
                "{asked}"
            );
        }
    }
}
