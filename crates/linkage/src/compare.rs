//! How well two values of a field agree. A comparator sorts pairs into a few levels, the better agreement first; the weights
//! of the levels are learnt, so a comparator only has to tell apart what means something different.

use kernel::Lang;
use rapidfuzz::distance::{jaro_winkler, osa};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::design::{Comparator, Design};
use crate::names::{Address, Name};
use crate::records::{BLANK, Column, Records, make_plain};

/// How well a field agrees. Which levels there are depends on the comparator; a blank on either side is always [`Likeness::Blank`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// A side is blank, which says nothing.
    Blank,
    /// Equal.
    Equal,
    /// Equal to what stands in the other column.
    Exchanged,
    /// Hardly different.
    Close,
    /// Rather alike.
    Near,
    /// Somewhat alike.
    Alike,
    /// A name that is the same but for variant characters.
    Variant,
    /// A name that sounds the same.
    Sound,
    /// A name with one character off.
    OneCharacter,
    /// The given name only.
    Given,
    /// The surname only.
    Surname,
    /// The same door.
    Door,
    /// The same house.
    House,
    /// The same road.
    Road,
    /// Day and month exchanged.
    DayMonth,
    /// One digit off.
    OneDigit,
    /// Two of year, month and day.
    TwoParts,
    /// The year.
    SameYear,
    /// One other member of the household.
    OneMember,
    /// Two or more other members of the household.
    TwoMembers,
    /// None of these.
    Different,
}

impl Likeness {
    /// A short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Likeness::Blank => "blank",
            Likeness::Equal => "equal",
            Likeness::Exchanged => "exchanged",
            Likeness::Close => "close",
            Likeness::Near => "near",
            Likeness::Alike => "alike",
            Likeness::Variant => "variant",
            Likeness::Sound => "sound",
            Likeness::OneCharacter => "one-character",
            Likeness::Given => "given",
            Likeness::Surname => "surname",
            Likeness::Door => "door",
            Likeness::House => "house",
            Likeness::Road => "road",
            Likeness::DayMonth => "day-month",
            Likeness::OneDigit => "one-digit",
            Likeness::TwoParts => "two-parts",
            Likeness::SameYear => "same-year",
            Likeness::OneMember => "one-member",
            Likeness::TwoMembers => "two-members",
            Likeness::Different => "different",
        }
    }
}

impl Likeness {
    /// The level in words, as staff read it.
    #[must_use]
    pub fn label(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Likeness::Blank => ("缺", "missing"),
            Likeness::Equal => ("相同", "equal"),
            Likeness::Exchanged => ("填错列", "exchanged"),
            Likeness::Close => ("极相近", "close"),
            Likeness::Near => ("相近", "near"),
            Likeness::Alike => ("有些像", "somewhat alike"),
            Likeness::Variant => ("异体字", "variant characters"),
            Likeness::Sound => ("同音", "same sound"),
            Likeness::OneCharacter => ("差一字", "one character off"),
            Likeness::Given => ("名同姓不同", "given name only"),
            Likeness::Surname => ("仅姓相同", "surname only"),
            Likeness::Door => ("同一门牌", "same door"),
            Likeness::House => ("同一楼号", "same house"),
            Likeness::Road => ("同一道路", "same road"),
            Likeness::DayMonth => ("月日颠倒", "day and month exchanged"),
            Likeness::OneDigit => ("差一位", "one digit off"),
            Likeness::TwoParts => ("年月日有两项相同", "two of year, month, day"),
            Likeness::SameYear => ("仅年份相同", "year only"),
            Likeness::OneMember => ("家中另一人相符", "another member matches"),
            Likeness::TwoMembers => ("家中另有两人以上相符", "two or more members match"),
            Likeness::Different => ("不同", "different"),
        };
        match lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// From how much Jaro–Winkler similarity words are close, near, alike.
const SIMILAR: [(f64, Likeness); 3] = [
    (0.94, Likeness::Close),
    (0.88, Likeness::Near),
    (0.70, Likeness::Alike),
];

/// A field, ready to compare records by.
#[derive(Debug)]
pub(crate) struct Field {
    pub column: usize,
    pub swapped_with: Option<usize>,
    pub frequency: bool,
    comparator: Comparator,
    /// By place in the pair's word: blank first, equal second, different last.
    pub levels: Vec<Likeness>,
    /// By the number of the value.
    forms: Vec<Form>,
}

/// What of a value is compared.
#[derive(Debug)]
enum Form {
    Nothing,
    Letters(Box<[u8]>),
    Characters(Box<[char]>),
    /// Eight digits.
    Date([u8; 8]),
    Name(Box<Name>),
    Address(Box<Address>),
}

impl Field {
    /// The fields of a design over the records of [`Design::columns`].
    pub(crate) fn all(design: &Design, records: &Records) -> Vec<Field> {
        let columns = design.columns();
        let place = |name: &str| columns.iter().position(|column| *column == name);
        let fields = design.fields.iter().filter_map(|field| {
            let column = place(&field.column)?;
            let swapped_with = field.swapped_with.as_deref().and_then(place);
            Some((field, column, swapped_with))
        });
        fields
            .map(|(field, column, swapped_with)| Field {
                column,
                swapped_with,
                frequency: field.frequency,
                comparator: field.comparator,
                levels: levels(field.comparator, swapped_with.is_some()),
                forms: (records.columns[column].values.par_iter())
                    .map(|value| form(field.comparator, value))
                    .collect(),
            })
            .collect()
    }

    /// How long a comparison takes, by rank: words take by far the longest.
    pub(crate) fn cost(&self) -> usize {
        match self.comparator {
            Comparator::Exact => 0,
            Comparator::Date => 1,
            Comparator::Digits => 2,
            Comparator::Name | Comparator::Address => 3,
            Comparator::Text => 4,
        }
    }

    /// The place of the pair's level in `levels`.
    pub(crate) fn compare(&self, columns: &[Column], a: usize, b: usize) -> u8 {
        let codes = &columns[self.column].codes;
        let (left, right) = (codes[a], codes[b]);
        if left == BLANK || right == BLANK {
            return 0;
        }
        if left == right {
            return 1;
        }
        let level = if self.exchanged(columns, a, b) {
            Likeness::Exchanged
        } else {
            self.alike(left, right)
        };
        let place = self.levels.iter().position(|known| *known == level);
        u8::try_from(place.unwrap_or(self.levels.len() - 1)).unwrap_or(0)
    }

    fn exchanged(&self, columns: &[Column], a: usize, b: usize) -> bool {
        let Some(other) = self.swapped_with else {
            return false;
        };
        let (own, other) = (&columns[self.column], &columns[other]);
        let equal = |x: usize, y: usize| own.text(x) == other.text(y);
        (other.codes[b] != BLANK && equal(a, b)) || (other.codes[a] != BLANK && equal(b, a))
    }

    fn alike(&self, left: u32, right: u32) -> Likeness {
        let (left, right) = (&self.forms[left as usize], &self.forms[right as usize]);
        alike(self.comparator, left, right)
    }
}

/// How well two values agree by a comparator; what only a keyboard made different is equal.
#[must_use]
pub fn level(comparator: Comparator, left: &str, right: &str) -> Likeness {
    let plain = |value: &str| {
        let mut plain = String::new();
        make_plain(value, &mut plain);
        plain
    };
    let (left, right) = (plain(left), plain(right));
    if left.is_empty() || right.is_empty() {
        Likeness::Blank
    } else if left == right {
        Likeness::Equal
    } else {
        alike(
            comparator,
            &form(comparator, &left),
            &form(comparator, &right),
        )
    }
}

fn alike(comparator: Comparator, left: &Form, right: &Form) -> Likeness {
    match (comparator, left, right) {
        (Comparator::Text, _, _) => {
            let similarity = left.similarity(right);
            let level = SIMILAR.iter().find(|(from, _)| similarity >= *from);
            level.map_or(Likeness::Different, |(_, level)| *level)
        }
        (Comparator::Digits, _, _) if left.one_edit(right) => Likeness::OneDigit,
        (_, Form::Date(left), Form::Date(right)) => dates(left, right),
        (_, Form::Name(left), Form::Name(right)) => left.agreement(right),
        (_, Form::Address(left), Form::Address(right)) => left.agreement(right),
        _ => Likeness::Different,
    }
}

impl Column {
    fn text(&self, record: usize) -> &str {
        &self.values[self.codes[record] as usize]
    }
}

fn levels(comparator: Comparator, swapped: bool) -> Vec<Likeness> {
    let between: &[Likeness] = match comparator {
        Comparator::Exact => &[],
        Comparator::Text => &[Likeness::Close, Likeness::Near, Likeness::Alike],
        Comparator::Digits => &[Likeness::OneDigit],
        Comparator::Name => &[
            Likeness::Variant,
            Likeness::Sound,
            Likeness::OneCharacter,
            Likeness::Given,
            Likeness::Surname,
        ],
        Comparator::Address => &[Likeness::Door, Likeness::House, Likeness::Road],
        Comparator::Date => &[
            Likeness::DayMonth,
            Likeness::OneDigit,
            Likeness::TwoParts,
            Likeness::SameYear,
        ],
    };
    let mut levels = vec![Likeness::Blank, Likeness::Equal];
    levels.extend(swapped.then_some(Likeness::Exchanged));
    levels.extend(between);
    levels.push(Likeness::Different);
    levels
}

fn form(comparator: Comparator, value: &str) -> Form {
    match comparator {
        Comparator::Exact => Form::Nothing,
        Comparator::Text | Comparator::Digits if value.is_ascii() => {
            Form::Letters(value.as_bytes().into())
        }
        Comparator::Text | Comparator::Digits => Form::Characters(value.chars().collect()),
        Comparator::Date => date_digits(value).map_or(Form::Nothing, Form::Date),
        Comparator::Name => Form::Name(Box::new(Name::read(value))),
        Comparator::Address => Form::Address(Box::new(Address::read(value))),
    }
}

/// Year, month and day as eight digits: written so, or apart as `1990-5-1`.
pub(crate) fn date_digits(value: &str) -> Option<[u8; 8]> {
    let mut digits = [b'0'; 8];
    if value.len() == 8 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.copy_from_slice(value.as_bytes());
        return Some(digits);
    }
    let mut parts = value
        .split(|ch: char| !ch.is_ascii_digit())
        .filter(|part| !part.is_empty());
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || month.len() > 2 || day.len() > 2 || parts.next().is_some() {
        return None;
    }
    digits[..4].copy_from_slice(year.as_bytes());
    digits[6 - month.len()..6].copy_from_slice(month.as_bytes());
    digits[8 - day.len()..].copy_from_slice(day.as_bytes());
    Some(digits)
}

fn dates(left: &[u8; 8], right: &[u8; 8]) -> Likeness {
    let same_year = left[..4] == right[..4];
    let same_month = left[4..6] == right[4..6];
    let same_day = left[6..] == right[6..];
    if same_year && left[4..6] == right[6..] && left[6..] == right[4..6] {
        return Likeness::DayMonth;
    }
    if edits(left, right) <= 1 {
        return Likeness::OneDigit;
    }
    match (same_year, same_month, same_day) {
        (true, true, _) | (true, _, true) | (_, true, true) => Likeness::TwoParts,
        (true, ..) => Likeness::SameYear,
        _ => Likeness::Different,
    }
}

/// Digits changed, or neighbours exchanged, between two numbers of the same length; 2 stands for more than one.
fn edits(left: &[u8; 8], right: &[u8; 8]) -> usize {
    let mut differ = (0..8).filter(|&at| left[at] != right[at]);
    match (differ.next(), differ.next(), differ.next()) {
        (None, ..) => 0,
        (Some(_), None, _) => 1,
        (Some(a), Some(b), None) => {
            let exchanged = b == a + 1 && left[a] == right[b] && left[b] == right[a];
            if exchanged { 1 } else { 2 }
        }
        _ => 2,
    }
}

impl Form {
    fn similarity(&self, other: &Form) -> f64 {
        match (self, other) {
            (Form::Letters(left), Form::Letters(right)) => {
                jaro_winkler::similarity(left.iter().copied(), right.iter().copied())
            }
            _ => jaro_winkler::similarity(self.characters(), other.characters()),
        }
    }

    fn one_edit(&self, other: &Form) -> bool {
        match (self, other) {
            (Form::Letters(left), Form::Letters(right)) => {
                left.len().abs_diff(right.len()) <= 1
                    && osa::distance(left.iter().copied(), right.iter().copied()) <= 1
            }
            _ => osa::distance(self.characters(), other.characters()) <= 1,
        }
    }

    fn characters(&self) -> Vec<char> {
        match self {
            Form::Letters(letters) => letters.iter().map(|byte| char::from(*byte)).collect(),
            Form::Characters(characters) => characters.to_vec(),
            Form::Nothing | Form::Date(_) | Form::Name(_) | Form::Address(_) => Vec::new(),
        }
    }
}
