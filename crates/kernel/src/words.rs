//! The small closed vocabularies that every crate shares: the kinds of entry, the three answers, languages, sexes, degrees
//! of sensitivity, and the number of a record. Each has one spelling for machines (`as_str`) and one label per language
//! for people. None of them carries data that a county could want to change; that is the pack's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::plain::{as_text, fault_in_english};

/// A word that is not in the vocabulary it was read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordFault {
    /// What was written.
    pub found: String,
    /// The words that would have been understood.
    pub expected: &'static [&'static str],
}

impl WordFault {
    /// Says what was written and which words are understood.
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => format!(
                "不认识“{}”，可用的写法：{}",
                self.found,
                self.expected.join("、")
            ),
            Lang::En => format!(
                "“{}” is not understood; use one of: {}",
                self.found,
                self.expected.join(", ")
            ),
        }
    }
}
fault_in_english!(WordFault);

/// Declares a closed vocabulary: variants, spelling for machines, label in both languages.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
        }

        impl $name {
            /// Every member, in declared order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            const WORDS: &'static [&'static str] = &[$($word),+];

            /// The spelling for machines: in the ledger, in files, in addresses.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            /// The word shown to people.
            pub const fn label(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $(($name::$variant, Lang::Zh) => $zh, ($name::$variant, Lang::En) => $en,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = WordFault;

            fn from_str(text: &str) -> Result<Self, WordFault> {
                match text {
                    $($word => Ok($name::$variant),)+
                    _ => Err(WordFault { found: text.to_owned(), expected: Self::WORDS }),
                }
            }
        }

        as_text!($name);
    };
}
pub(crate) use vocabulary;

/// A language of the product. Chinese comes first; English is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Lang {
    /// Simplified Chinese, `zh-CN`.
    #[default]
    Zh,
    /// English, `en`.
    En,
}

impl Lang {
    /// Both languages, in the order they are offered.
    pub const ALL: &'static [Lang] = &[Lang::Zh, Lang::En];

    /// The short spelling: `zh` or `en`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }

    /// The language tag for the `lang` attribute of a page (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Lang {
    type Err = WordFault;

    /// Reads `zh`, `en` and longer tags of either, such as `zh-CN`, `zh_CN.UTF-8` or `en-GB`.
    fn from_str(text: &str) -> Result<Self, WordFault> {
        let language = text.split(['-', '_', '.']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "zh" => Ok(Lang::Zh),
            "en" => Ok(Lang::En),
            _ => Err(WordFault {
                found: text.to_owned(),
                expected: &["zh", "zh-CN", "en"],
            }),
        }
    }
}

as_text!(Lang);

vocabulary! {
    /// What an entry does to a record.
    EntryKind {
        /// 建: the record begins.
        Open = "open", "建", "opened";
        /// 变: the world changed, on a date.
        Change = "change", "变", "changed";
        /// 更正: the record was wrong.
        Correct = "correct", "更正", "corrected";
        /// 销: the record ends.
        Close = "close", "销", "closed";
        /// 迁: the record moves to another book.
        Transfer = "transfer", "迁", "transferred";
        /// 并: the record was another's double, and so was never there.
        Merge = "merge", "并", "merged";
        /// 撤: a whole commit is taken back; the entry only marks it in its book.
        Undo = "undo", "撤", "undone";
    }
}

vocabulary! {
    /// The answer of a programme's conditions for one subject: always one of three, never two.
    Answer {
        /// Every condition holds.
        Entitled = "entitled", "符合", "entitled";
        /// At least one condition does not hold, whatever else may be unknown.
        NotEntitled = "not-entitled", "不符合", "not entitled";
        /// No condition fails, but at least one lacks a fact.
        CannotTell = "cannot-tell", "无法判断", "cannot tell";
    }
}

impl Answer {
    /// The answer of conditions that must all hold: Kleene's strong conjunction, the one SQL's `and` computes.
    pub fn all(conditions: impl IntoIterator<Item = Option<bool>>) -> Answer {
        let mut answer = Answer::Entitled;
        for condition in conditions {
            match condition {
                Some(false) => return Answer::NotEntitled,
                None => answer = Answer::CannotTell,
                Some(true) => {}
            }
        }
        answer
    }
}

impl From<Option<bool>> for Answer {
    fn from(condition: Option<bool>) -> Answer {
        match condition {
            Some(true) => Answer::Entitled,
            Some(false) => Answer::NotEntitled,
            None => Answer::CannotTell,
        }
    }
}

vocabulary! {
    /// What kind of secret a field holds, and so how it is masked and who may see it in clear.
    ///
    /// The kinds follow the Personal Information Protection Law, article 28 (sensitive personal information).
    Sensitivity {
        /// Not personal, or no secret.
        Open = "open", "公开", "open";
        /// A person's name.
        Name = "name", "姓名", "name";
        /// An ID number or another number of a document.
        Id = "id", "证件号码", "ID number";
        /// A telephone number.
        Phone = "phone", "电话", "telephone";
        /// An address.
        Address = "address", "住址", "address";
        /// A bank account.
        Account = "account", "账号", "account";
        /// A fact about health. Shown in clear only where consent and need are both recorded.
        Health = "health", "健康信息", "health";
    }
}

/// Sex as GB/T 2261.1 codes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Sex {
    /// 0 未知的性别
    Unknown = 0,
    /// 1 男性
    Male = 1,
    /// 2 女性
    Female = 2,
    /// 9 未说明的性别
    Unstated = 9,
}

impl Sex {
    /// Every member, in the order of the standard.
    pub const ALL: &'static [Sex] = &[Sex::Unknown, Sex::Male, Sex::Female, Sex::Unstated];

    /// The code of the standard: `0`, `1`, `2` or `9`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Sex::Unknown => "0",
            Sex::Male => "1",
            Sex::Female => "2",
            Sex::Unstated => "9",
        }
    }

    /// The word shown to people.
    pub const fn label(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Sex::Unknown, Lang::Zh) => "未知",
            (Sex::Male, Lang::Zh) => "男",
            (Sex::Female, Lang::Zh) => "女",
            (Sex::Unstated, Lang::Zh) => "未说明",
            (Sex::Unknown, Lang::En) => "unknown",
            (Sex::Male, Lang::En) => "male",
            (Sex::Female, Lang::En) => "female",
            (Sex::Unstated, Lang::En) => "not stated",
        }
    }
}

impl fmt::Display for Sex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Sex {
    type Err = WordFault;

    fn from_str(text: &str) -> Result<Self, WordFault> {
        Sex::ALL
            .iter()
            .copied()
            .find(|sex| sex.as_str() == text)
            .ok_or_else(|| WordFault {
                found: text.to_owned(),
                expected: &["0", "1", "2", "9"],
            })
    }
}

as_text!(Sex);

/// The number of a record: one for life, from one counter for the whole ledger. It says nothing about a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(pub i64);

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RecordId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(RecordId)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn every_word_is_read_back_as_what_it_was_written_from() {
        for kind in EntryKind::ALL {
            assert_eq!(kind.as_str().parse::<EntryKind>().unwrap(), *kind);
        }
        for answer in Answer::ALL {
            assert_eq!(answer.as_str().parse::<Answer>().unwrap(), *answer);
        }
        for sensitivity in Sensitivity::ALL {
            assert_eq!(
                sensitivity.as_str().parse::<Sensitivity>().unwrap(),
                *sensitivity
            );
        }
        for sex in Sex::ALL {
            assert_eq!(sex.as_str().parse::<Sex>().unwrap(), *sex);
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_words_that_exist() {
        let fault = "delete".parse::<EntryKind>().unwrap_err();
        assert_eq!(
            fault.message(Lang::Zh),
            "不认识“delete”，可用的写法：open、change、correct、close、transfer、merge、undo"
        );
        assert_eq!(
            fault.to_string(),
            "“delete” is not understood; use one of: open, change, correct, close, transfer, merge, undo"
        );
    }

    #[test]
    fn a_language_is_read_from_any_tag_of_it() {
        for text in ["zh", "zh-CN", "ZH-cn", "zh_CN.UTF-8"] {
            assert_eq!(text.parse::<Lang>().unwrap(), Lang::Zh);
        }
        for text in ["en", "en-GB", "en_US.UTF-8"] {
            assert_eq!(text.parse::<Lang>().unwrap(), Lang::En);
        }
        assert!("fr".parse::<Lang>().is_err());
        assert!("".parse::<Lang>().is_err());
    }

    #[test]
    fn one_failed_condition_decides_whatever_is_unknown() {
        assert_eq!(Answer::all([Some(true), Some(true)]), Answer::Entitled);
        assert_eq!(Answer::all([Some(true), None]), Answer::CannotTell);
        assert_eq!(Answer::all([None, Some(false), None]), Answer::NotEntitled);
        assert_eq!(Answer::all([]), Answer::Entitled);
    }

    #[test]
    fn a_record_number_is_read_back_as_it_is_shown() {
        let id = RecordId(7);
        assert_eq!(id.to_string().parse::<RecordId>().unwrap(), id);
    }

    #[test]
    fn words_travel_as_plain_text() {
        assert_eq!(
            serde_json::to_string(&Answer::CannotTell).unwrap(),
            "\"cannot-tell\""
        );
        assert_eq!(
            serde_json::from_str::<EntryKind>("\"close\"").unwrap(),
            EntryKind::Close
        );
        assert_eq!(serde_json::to_string(&RecordId(5)).unwrap(), "5");
    }
}
