//! Rights: what somebody may read and do, as it follows from the posts they hold. A [`Grant`] is somebody's posts on one day, and
//! whoever reads or writes asks it. This module never says who holds a post: the ledger's words do, and `tables` reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::text::{is_blank, narrow};
use crate::{Sensitivity, UnitCode};

/// Some things or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach<T> {
    /// All.
    All,
    /// These.
    Some(T),
}

/// Registers, and of each all fields or some.
pub type Fields = Reach<BTreeMap<String, Reach<BTreeSet<String>>>>;

/// What a post lets its holder do in its unit and all below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// The role, as the pack calls it.
    pub role: String,
    /// What may be read.
    pub reads: Fields,
    /// Registers that only those with a duty read which these rights lack: they aren't read though all else is.
    pub withheld: BTreeSet<String>,
    /// What may be written.
    pub writes: Fields,
    /// The kinds of secret shown in clear; every other is masked. What is open is always shown.
    pub clear: BTreeSet<Sensitivity>,
    /// What the holder may do, in the pack's words: confirm, fund, pay …
    pub duties: Reach<BTreeSet<String>>,
}

/// A post somebody holds: rights in a unit and all below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The unit.
    pub unit: UnitCode,
    /// What it lets its holder do.
    pub rights: Arc<Rights>,
}

/// Somebody's posts, and for what they read or write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who holds them, or the program that acts.
    pub who: String,
    /// What it is for; it goes into the access log.
    pub why: String,
    /// The posts. Without any nothing is seen.
    pub posts: Vec<Post>,
}

impl Rights {
    /// Everything: what a ledger's operator has before anybody holds a post, and what evaluations read with.
    #[must_use]
    pub fn whole() -> Rights {
        Rights {
            role: String::new(),
            reads: Reach::All,
            withheld: BTreeSet::new(),
            writes: Reach::All,
            clear: Sensitivity::ALL.iter().copied().collect(),
            duties: Reach::All,
        }
    }

    /// Whether a field of a register may be read, or any if none is named.
    fn may_read(&self, register: &str, field: Option<&str>) -> bool {
        !self.withheld.contains(register) && reaches(&self.reads, register, field)
    }
}

/// Whether some fields reach one field of a register, or any if none is named.
fn reaches(fields: &Fields, register: &str, field: Option<&str>) -> bool {
    match fields {
        Reach::All => true,
        Reach::Some(registers) => match (registers.get(register), field) {
            (None, _) => false,
            (Some(Reach::All), _) | (Some(Reach::Some(_)), None) => true,
            (Some(Reach::Some(some)), Some(field)) => some.contains(field),
        },
    }
}

impl Grant {
    /// Every right in a unit and all below it.
    #[must_use]
    pub fn whole(who: impl Into<String>, unit: UnitCode, why: impl Into<String>) -> Grant {
        Grant::over(who, &[unit], Rights::whole(), why)
    }

    /// Leave to read everything in some units, with some kinds of secret in clear, and to do nothing.
    #[must_use]
    pub fn reading(
        who: impl Into<String>,
        units: &[UnitCode],
        clear: &[Sensitivity],
        why: impl Into<String>,
    ) -> Grant {
        let rights = Rights {
            writes: Reach::Some(BTreeMap::new()),
            clear: clear.iter().copied().collect(),
            duties: Reach::Some(BTreeSet::new()),
            ..Rights::whole()
        };
        Grant::over(who, units, rights, why)
    }

    /// The same rights in each of some units.
    #[must_use]
    pub fn over(
        who: impl Into<String>,
        units: &[UnitCode],
        rights: Rights,
        why: impl Into<String>,
    ) -> Grant {
        let rights = Arc::new(rights);
        let post = |unit: &UnitCode| Post {
            unit: *unit,
            rights: rights.clone(),
        };
        Grant {
            who: who.into(),
            why: why.into(),
            posts: units.iter().map(post).collect(),
        }
    }

    /// The posts whose unit is this one or above it.
    pub fn posts_over(&self, unit: &UnitCode) -> impl Iterator<Item = &Rights> {
        let over = self.posts.iter().filter(|post| post.unit.contains(unit));
        over.map(|post| &*post.rights)
    }

    /// The units of the posts, each once, in order.
    #[must_use]
    pub fn units(&self) -> Vec<UnitCode> {
        let units: BTreeSet<UnitCode> = self.posts.iter().map(|post| post.unit).collect();
        units.into_iter().collect()
    }

    /// Whether something of a unit may be read.
    #[must_use]
    pub fn sees(&self, unit: &UnitCode) -> bool {
        let nothing = Reach::Some(BTreeMap::new());
        self.posts_over(unit).any(|post| post.reads != nothing)
    }

    /// Whether records of a register that are of a unit may be read.
    #[must_use]
    pub fn reads(&self, register: &str, unit: &UnitCode) -> bool {
        let mut posts = self.posts_over(unit);
        posts.any(|post| post.may_read(register, None))
    }

    /// Whether a field of records of a unit may be read, in clear or masked.
    #[must_use]
    pub fn reads_field(&self, register: &str, field: &str, unit: &UnitCode) -> bool {
        let mut posts = self.posts_over(unit);
        posts.any(|post| post.may_read(register, Some(field)))
    }

    /// Whether every register may be read of a unit, but for those that only some duty reads: what answers and figures are made of.
    #[must_use]
    pub fn reads_everything(&self, unit: &UnitCode) -> bool {
        self.posts_over(unit).any(|post| post.reads == Reach::All)
    }

    /// Whether a kind of secret of a unit is shown in clear.
    #[must_use]
    pub fn clears(&self, sensitivity: Sensitivity, unit: &UnitCode) -> bool {
        let mut posts = self.posts_over(unit);
        sensitivity == Sensitivity::Open || posts.any(|post| post.clear.contains(&sensitivity))
    }

    /// Whether a kind of secret is shown in clear wherever something is seen.
    #[must_use]
    pub fn reveals(&self, sensitivity: Sensitivity) -> bool {
        let mut posts = self.posts.iter();
        sensitivity == Sensitivity::Open
            || !self.posts.is_empty() && posts.all(|post| self.clears(sensitivity, &post.unit))
    }

    /// The kinds of secret that are shown in clear somewhere.
    #[must_use]
    pub fn clear(&self) -> Vec<Sensitivity> {
        let clear = self.posts.iter().flat_map(|post| &post.rights.clear);
        let clear: BTreeSet<Sensitivity> = clear.copied().collect();
        clear.into_iter().collect()
    }

    /// Whether a field of a record of a unit may be written; of any register or field if none is named.
    #[must_use]
    pub fn writes(&self, field: Option<(&str, Option<&str>)>, unit: &UnitCode) -> bool {
        let nothing = Reach::Some(BTreeMap::new());
        self.posts_over(unit).any(|post| match field {
            None => post.writes != nothing,
            Some((register, field)) => reaches(&post.writes, register, field),
        })
    }

    /// Whether somebody has a duty in a unit.
    #[must_use]
    pub fn has(&self, duty: &str, unit: &UnitCode) -> bool {
        self.posts_over(unit).any(|post| match &post.duties {
            Reach::All => true,
            Reach::Some(duties) => duties.contains(duty),
        })
    }

    /// Whether somebody has a duty in any unit.
    #[must_use]
    pub fn has_somewhere(&self, duty: &str) -> bool {
        self.posts.iter().any(|post| self.has(duty, &post.unit))
    }

    /// The same grant within a unit: its posts there, and what is left of those above.
    #[must_use]
    pub fn within(&self, unit: UnitCode) -> Grant {
        let within = self.posts.iter().filter_map(|post| {
            let narrow = match post.unit.contains(&unit) {
                true => unit,
                false if unit.contains(&post.unit) => post.unit,
                false => return None,
            };
            Some(Post {
                unit: narrow,
                rights: post.rights.clone(),
            })
        });
        Grant {
            posts: within.collect(),
            ..self.clone()
        }
    }

    /// The same grant with only some kinds of secret in clear, of those it shows so.
    #[must_use]
    pub fn clear_only(&self, kinds: &[Sensitivity]) -> Grant {
        let only = |post: &Post| {
            let clear = post.rights.clear.iter();
            let clear = clear.filter(|kind| kinds.contains(kind)).copied();
            Post {
                unit: post.unit,
                rights: Arc::new(Rights {
                    clear: clear.collect(),
                    ..Rights::clone(&post.rights)
                }),
            }
        };
        Grant {
            posts: self.posts.iter().map(only).collect(),
            ..self.clone()
        }
    }

    /// The same grant for another reason, told after its own.
    #[must_use]
    pub fn to(&self, why: &str) -> Grant {
        Grant {
            why: format!("{}: {why}", self.why),
            ..self.clone()
        }
    }

    /// A text of no unit in particular as it is shown: in clear if its kind is wherever something is seen, or masked.
    #[must_use]
    pub fn show(&self, sensitivity: Sensitivity, text: &str) -> String {
        match self.reveals(sensitivity) {
            true => text.to_owned(),
            false => crate::mask::apply(sensitivity, text),
        }
    }
}

/// A holder's name as it is compared: names that differ by case, width, blanks or dots are the same person.
#[must_use]
pub fn holder(name: &str) -> String {
    let dot = |ch: &char| {
        matches!(
            ch,
            '.' | '·' | '•' | '‧' | '∙' | '⋅' | '・' | '･' | '。' | '．'
        )
    };
    let plain = name.chars().filter(|ch| !is_blank(*ch) && !dot(ch));
    plain.map(narrow).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn unit(text: &str) -> UnitCode {
        text.parse().unwrap()
    }

    fn some(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// Who reads people with names in clear and writes their telephones in one community, and pays in another.
    fn clerk() -> Grant {
        let people = BTreeMap::from([
            ("person".to_owned(), Reach::All),
            ("contact".to_owned(), Reach::Some(some(&["phone"]))),
        ]);
        let (one, two) = (unit("210203001001"), unit("210203001002"));
        let mut grant = Grant::over(
            "王芳",
            &[one],
            Rights {
                role: "clerk".into(),
                withheld: BTreeSet::new(),
                reads: Reach::Some(people.clone()),
                writes: Reach::Some(people),
                clear: [Sensitivity::Name].into(),
                duties: Reach::Some(BTreeSet::new()),
            },
            "test",
        );
        let pays = Grant::over(
            "王芳",
            &[two],
            Rights {
                duties: Reach::Some(some(&["pay"])),
                writes: Reach::Some(BTreeMap::new()),
                clear: BTreeSet::new(),
                ..Rights::whole()
            },
            "test",
        );
        grant.posts.extend(pays.posts);
        grant
    }

    #[test]
    fn a_whole_grant_sees_its_units_and_what_is_under_them() {
        let grant = Grant::whole("clerk", unit("210203001000"), "sweep");
        assert!(grant.sees(&unit("210203001000")));
        assert!(grant.sees(&unit("210203001003-02")));
        assert!(!grant.sees(&unit("210203002001")));
        assert!(!grant.sees(&unit("210203000000")));
        assert!(
            !Grant::whole("x", unit("210203001000"), "")
                .within(unit("210203002001"))
                .sees(&unit("210203002001"))
        );
    }

    #[test]
    fn what_a_post_gives_holds_in_its_unit_only() {
        let (grant, one, two) = (clerk(), unit("210203001001"), unit("210203001002"));
        assert!(grant.reads("person", &one) && !grant.reads("death", &one));
        assert!(grant.reads("death", &two));
        assert!(grant.reads_field("contact", "phone", &one));
        assert!(!grant.reads_field("contact", "person", &one));
        assert!(grant.writes(Some(("contact", Some("phone"))), &one));
        assert!(!grant.writes(Some(("contact", Some("person"))), &one));
        assert!(!grant.writes(None, &two) && grant.writes(None, &one));
        assert!(grant.clears(Sensitivity::Name, &one) && !grant.clears(Sensitivity::Name, &two));
        assert!(!grant.reveals(Sensitivity::Name), "not everywhere");
        assert!(grant.has("pay", &two) && !grant.has("pay", &one));
        assert_eq!(grant.show(Sensitivity::Name, "张三丰"), "张**");
        assert_eq!(
            grant.within(one).show(Sensitivity::Name, "张三丰"),
            "张三丰"
        );
        assert_eq!(grant.show(Sensitivity::Open, "102"), "102");
    }

    #[test]
    fn a_grant_without_posts_sees_nothing() {
        let grant = Grant::reading("x", &[], &[Sensitivity::Name], "");
        assert!(!grant.sees(&unit("210203001001")) && !grant.reveals(Sensitivity::Name));
    }

    #[test]
    fn one_person_is_one_person_however_the_name_is_typed() {
        for name in ["Li  Wei", "ＬＩＷＥＩ", "li.wei", " l i·wei "] {
            assert_eq!(holder(name), "liwei", "{name}");
        }
        assert_eq!(holder("买买提•艾山"), holder("买买提 艾山"));
        assert_ne!(holder("王芳"), holder("王方"));
    }
}
