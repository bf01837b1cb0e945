//! Values as they are typed: days, periods, numbers, and words that stand for one of a few things. What can't be taken says why in
//! both languages, since whoever typed it is told before anything else is known of them.

use std::fmt;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use jiff::civil::Date;
use kernel::{Lang, Period, RecordId, Sensitivity, UnitCode};
use ledger::Algorithm;
use office::ListState;
use pack::DemoPlace;

/// Why a value can't be taken.
#[derive(Debug, Clone)]
pub struct Refused {
    zh: String,
    en: String,
}

impl Refused {
    fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// A fault that says itself in both languages.
    fn by(message: impl Fn(Lang) -> String) -> Self {
        Self::new(message(Lang::Zh), message(Lang::En))
    }

    /// Why, and what would be taken.
    pub fn message(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Refused {}

/// A language, also as systems name them: `zh_CN.UTF-8`.
pub fn lang(text: &str) -> Result<Lang, Refused> {
    text.parse()
        .map_err(|fault: kernel::WordFault| Refused::by(|lang| fault.message(lang)))
}

/// A day, as people write it.
pub fn day(text: &str) -> Result<Date, Refused> {
    let read = kernel::date::read(text).map(|(day, _)| day);
    read.ok_or_else(|| Refused::new("请写日期，如 2025-12-31", "write a day, such as 2025-12-31"))
}

/// A period.
pub fn period(text: &str) -> Result<Period, Refused> {
    let text = kernel::normal(text);
    text.parse()
        .map_err(|fault: kernel::PeriodFault| Refused::by(|lang| fault.message(lang)))
}

/// The code of a unit, where nothing is known yet of what units are called.
pub fn unit(text: &str) -> Result<UnitCode, Refused> {
    let text = kernel::normal(text);
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(Refused::new(
            "新台账里还没有单位名称，请写12位单位代码，如 210203001000",
            "a new ledger knows no names of units; write a code of 12 digits, such as 210203001000",
        ));
    }
    text.parse()
        .map_err(|fault: kernel::UnitFault| Refused::by(|lang| fault.message(lang)))
}

/// A number of any size.
pub fn number<T: TryFrom<u64>>(text: &str) -> Result<T, Refused> {
    whole(text).ok_or_else(|| Refused::new("请写整数", "write a whole number"))
}

/// A port.
pub fn port(text: &str) -> Result<u16, Refused> {
    between(text, (0, 65_535))
}

/// How many at most.
pub fn count(text: &str) -> Result<usize, Refused> {
    between(text, (1, 1_000_000))
}

/// How many people a generated town may have.
pub fn people(text: &str) -> Result<u32, Refused> {
    between(text, (2_000, 5_000_000))
}

/// How many periods a series may have.
pub fn stretch(text: &str) -> Result<u8, Refused> {
    between(text, (2, 36))
}

/// The number of a record.
pub fn record(text: &str) -> Result<RecordId, Refused> {
    let number = whole(text).filter(|number| *number > 0);
    let refused = || Refused::new("请写记录号，如 12", "write a record number, such as 12");
    number.map(RecordId).ok_or_else(refused)
}

fn between<T: TryFrom<u64>>(text: &str, (from, to): (u64, u64)) -> Result<T, Refused> {
    let number: Option<u64> = whole(text).filter(|number| (from..=to).contains(number));
    let number = number.and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| {
        Refused::new(
            format!("请写 {from} 至 {to} 的整数"),
            format!("write a whole number from {from} to {to}"),
        )
    })
}

fn whole<T: TryFrom<u64>>(text: &str) -> Option<T> {
    let number: u64 = kernel::normal(text).parse().ok()?;
    T::try_from(number).ok()
}

/// `HEADING=COLUMN`. A heading may hold an equals sign, what a column is called doesn't.
pub fn heading(text: &str) -> Result<(String, String), Refused> {
    match text.rsplit_once('=') {
        Some((heading, column)) if !heading.trim().is_empty() && !column.trim().is_empty() => {
            Ok((heading.trim().to_owned(), column.trim().to_owned()))
        }
        _ => Err(Refused::new(
            "请写作 表头=列名，如 号码=身份证号",
            "write it as HEADING=COLUMN, such as “No.=id_number”",
        )),
    }
}

/// The algorithms of a chain.
pub fn algorithm() -> impl TypedValueParser<Value = Algorithm> {
    let words = PossibleValuesParser::new(["sha256", "sm3"]);
    words.try_map(|word| word.parse::<Algorithm>())
}

/// The kinds of place that can be made up, by the word in either language.
pub fn place() -> impl TypedValueParser<Value = DemoPlace> {
    let words =
        DemoPlace::ALL.map(|(id, place)| PossibleValue::new(id).alias(place.label(Lang::Zh)));
    PossibleValuesParser::new(words).try_map(|word| {
        let mut places = DemoPlace::ALL.into_iter();
        let found =
            places.find(|(id, place)| [*id, place.label(Lang::Zh)].contains(&word.as_str()));
        found
            .map(|(_, place)| place)
            .ok_or_else(|| Refused::new("不认识", "it isn't known"))
    })
}

/// What may be shown in clear, by its word in either language.
pub fn reveal() -> impl TypedValueParser<Value = Sensitivity> {
    let hidden = |kind: &&Sensitivity| !matches!(kind, Sensitivity::Open | Sensitivity::Name);
    let kinds = Sensitivity::ALL.iter().filter(hidden);
    let words = kinds.map(|kind| one_of(kind.as_str(), kind.label(Lang::Zh), kind.label(Lang::En)));
    PossibleValuesParser::new(words).try_map(|word| {
        let mut kinds = Sensitivity::ALL.iter().copied();
        let found = kinds.find(|kind| {
            let words = [kind.as_str(), kind.label(Lang::Zh), kind.label(Lang::En)];
            words.contains(&word.as_str())
        });
        found.ok_or_else(|| Refused::new("不认识", "it isn't known"))
    })
}

/// How a list may stand, by its word in either language.
pub fn state() -> impl TypedValueParser<Value = ListState> {
    let words = ListState::ALL
        .map(|state| one_of(state.as_str(), state.label(Lang::Zh), state.label(Lang::En)));
    PossibleValuesParser::new(words).try_map(|word| {
        let mut states = ListState::ALL.into_iter();
        let found = states.find(|state| {
            let words = [state.as_str(), state.label(Lang::Zh), state.label(Lang::En)];
            words.contains(&word.as_str())
        });
        found.ok_or_else(|| Refused::new("不认识", "it isn't known"))
    })
}

/// One of a few things, by its id or its word in either language.
pub fn one_of(id: &'static str, zh: &'static str, en: &'static str) -> PossibleValue {
    PossibleValue::new(id).aliases([zh, en])
}

/// One of a few things, as it is offered: by its word, if that isn't its id, and what is typed for it.
pub fn offered(value: &PossibleValue, lang: Lang) -> String {
    let mut words = value.get_name_and_aliases();
    let id = words.next().unwrap_or_default();
    match (lang, words.next()) {
        (Lang::Zh, Some(word)) => format!("{word}（{id}）"),
        _ => id.to_owned(),
    }
}
