//! The citizen's ID number of GB 11643: checked, cheap to copy, and read from what spreadsheets make of it. A number that
//! was repaired says how, so that a review can show it. A number proposes who a person is and never decides it; and whether
//! the birth lies in the future is for the caller, who knows what day it is.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::plain::{as_text, fault_in_english};
use crate::unit::ascii;
use crate::{Lang, Sex};

/// Digits and check character.
const LEN: usize = 18;
/// Weights of the first 17 digits (GB 11643-1999, annex B: W = 2^(i−1) mod 11, i counted from the right, check included).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character for each remainder of the weighted sum by 11 (ISO 7064:1983, MOD 11-2, which GB 11643-1999 refers to).
const CHECKS: [u8; 11] = *b"10X98765432";
/// The earliest year of birth a number is believed in.
const FIRST_YEAR: i16 = 1800;
/// More characters than any spelling of a number has; longer text is refused unread.
const LONGEST_TEXT: usize = 128;

/// A checked ID number: always 18 characters, a real date of birth, the right check character.
///
/// Composition (GB 11643-1999, structure of the number): 6 digits region, 8 birth, 3 order (odd for men), 1 check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdNumber([u8; LEN]);

/// Why a text is not an ID number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdFault {
    /// Nothing is written.
    Empty,
    /// There are this many characters, neither 18 nor 15.
    Length(usize),
    /// A character that cannot stand there.
    Character {
        /// Which character, from 1, after spaces and quotation marks were taken away.
        at: usize,
        /// The character.
        ch: char,
    },
    /// Digits 7 to 14 are no day of the calendar, or one before 1800.
    Birth,
    /// The last character should have been another: a digit is mistyped.
    Check {
        /// The check character that the first 17 digits ask for.
        expected: char,
    },
    /// The spreadsheet kept the number as a quantity and lost its last digits.
    Float,
}

impl IdFault {
    /// Says what is wrong and what to do about it.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (IdFault::Empty, Lang::Zh) => "身份证号未填写".to_owned(),
            (IdFault::Empty, Lang::En) => "the ID number is missing".to_owned(),
            (IdFault::Length(n), Lang::Zh) => format!("身份证号应为18位（或旧式15位），现为{n}位，请核对"),
            (IdFault::Length(n), Lang::En) => {
                format!("an ID number has 18 characters (or 15 in the old form), this one has {n}; please check it")
            }
            (IdFault::Character { at, ch }, Lang::Zh) => format!("身份证号第{at}位不应是“{ch}”，请核对"),
            (IdFault::Character { at, ch }, Lang::En) => {
                format!("character {at} of the ID number cannot be “{ch}”; please check it")
            }
            (IdFault::Birth, Lang::Zh) => "身份证号中的出生日期不存在，请核对第7至14位".to_owned(),
            (IdFault::Birth, Lang::En) => {
                "the date of birth in the ID number does not exist; please check digits 7 to 14".to_owned()
            }
            (IdFault::Check { expected }, Lang::Zh) => {
                format!("身份证号校验不符：按前17位，末位应为{expected}，请逐位核对")
            }
            (IdFault::Check { expected }, Lang::En) => format!(
                "the ID number fails its check: after these 17 digits the last should be {expected}; please compare each digit"
            ),
            (IdFault::Float, Lang::Zh) => {
                "身份证号被表格存成了数值，末尾几位已丢失，请将该列设为文本格式后重新填写".to_owned()
            }
            (IdFault::Float, Lang::En) => {
                "the spreadsheet kept the ID number as a quantity and its last digits are lost; please format the column as \
                 text and enter it again"
                    .to_owned()
            }
        }
    }
}
fault_in_english!(IdFault);

/// What was put right while a number was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repair {
    /// Full-width characters became ordinary ones.
    Width,
    /// Spaces, tabs, line breaks or invisible characters were taken away.
    Space,
    /// Quotation marks or apostrophes around it were taken away.
    Quote,
    /// The check character was written as x, × or a letter that looks like X.
    Letter,
    /// A trailing `.0` was taken away.
    Decimals,
    /// The old form of 15 digits was extended to 18.
    Extended,
}

impl Repair {
    /// Says what was put right.
    pub const fn message(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Repair::Width, Lang::Zh) => "全角字符已转为半角",
            (Repair::Space, Lang::Zh) => "已去除空格",
            (Repair::Quote, Lang::Zh) => "已去除引号",
            (Repair::Letter, Lang::Zh) => "末位已改为大写X",
            (Repair::Decimals, Lang::Zh) => "已去除“.0”",
            (Repair::Extended, Lang::Zh) => "15位旧号已升为18位",
            (Repair::Width, Lang::En) => "full-width characters were made ordinary",
            (Repair::Space, Lang::En) => "spaces were taken away",
            (Repair::Quote, Lang::En) => "quotation marks were taken away",
            (Repair::Letter, Lang::En) => "the last character was written as X",
            (Repair::Decimals, Lang::En) => "“.0” was taken away",
            (Repair::Extended, Lang::En) => "the old 15 digits were extended to 18",
        }
    }
}

impl IdNumber {
    /// Reads a number written exactly: 17 digits and the check character, `X` in upper case.
    pub fn parse(text: &str) -> Result<IdNumber, IdFault> {
        match <[u8; LEN]>::try_from(text.as_bytes()) {
            Ok(bytes) if text.is_ascii() => IdNumber::check(bytes),
            _ if text.is_empty() => Err(IdFault::Empty),
            _ => {
                Err(strange_character(text)
                    .unwrap_or_else(|| IdFault::Length(text.chars().count())))
            }
        }
    }

    /// Reads a number as people and spreadsheets write it, and says what it put right.
    ///
    /// Understood: full-width characters, spaces, tabs, no-break and invisible spaces, quotation marks and apostrophes,
    /// `x`, `×` and look-alikes of `X` at the end, a trailing `.0`, the old form of 15 digits. A number in the scientific
    /// notation of a spreadsheet, or with a `.0` behind digits that a float may have rounded, is refused: its last digits are lost.
    pub fn read(text: &str) -> Result<(IdNumber, Vec<Repair>), IdFault> {
        if let Ok(bytes) = <[u8; LEN]>::try_from(text.as_bytes())
            && let Ok(number) = IdNumber::check(bytes)
        {
            return Ok((number, Vec::new()));
        }
        if text.len() > LONGEST_TEXT {
            return Err(IdFault::Length(text.chars().count()));
        }
        let (clean, mut repairs) = clean(text);
        if clean.is_empty() {
            return Err(IdFault::Empty);
        }
        if is_scientific(&clean) {
            return Err(IdFault::Float);
        }
        let exported = repairs.contains(&Repair::Decimals) && clean.len() == LEN;
        if exported && is_of_a_float(&clean) {
            return Err(IdFault::Float);
        }
        let number = match clean.len() {
            15 if clean.bytes().all(|b| b.is_ascii_digit()) => {
                repairs.push(Repair::Extended);
                IdNumber::extend(&clean)?
            }
            _ => IdNumber::parse(&clean).map_err(|fault| match fault {
                IdFault::Check { .. } if exported => IdFault::Float,
                fault => lost_digits(&clean, fault),
            })?,
        };
        repairs.sort_unstable();
        Ok((number, repairs))
    }

    /// Extends the old form: 19 after the sixth digit, and the check character (GB 11643-1999; before, GB 11643-1989).
    ///
    /// The old order codes 996 to 999, reserved for people then past a hundred until the edition of 1999 dropped that, are
    /// extended alike.
    fn extend(old: &str) -> Result<IdNumber, IdFault> {
        let mut bytes = [b'0'; LEN];
        bytes[..6].copy_from_slice(&old.as_bytes()[..6]);
        bytes[6..8].copy_from_slice(b"19");
        bytes[8..17].copy_from_slice(&old.as_bytes()[6..]);
        bytes[17] = check_character(&bytes);
        IdNumber::check(bytes)
    }

    /// The checked number of 18 bytes.
    fn check(bytes: [u8; LEN]) -> Result<IdNumber, IdFault> {
        for (index, byte) in bytes.iter().enumerate() {
            let fits = match index {
                0 => matches!(byte, b'1'..=b'9'),
                17 => byte.is_ascii_digit() || *byte == b'X',
                _ => byte.is_ascii_digit(),
            };
            if !fits {
                return Err(IdFault::Character {
                    at: index + 1,
                    ch: char::from(*byte),
                });
            }
        }
        let expected = check_character(&bytes);
        birth_of(&bytes).ok_or(IdFault::Birth)?;
        if bytes[17] != expected {
            return Err(IdFault::Check {
                expected: char::from(expected),
            });
        }
        Ok(IdNumber(bytes))
    }

    /// Builds the number of a region (6 digits), a birth and an order (below 1000), with its check character.
    ///
    /// For those who make numbers up: generators and tests. Fails as [`IdNumber::parse`] would.
    pub fn compose(region: &str, birth: Date, order: u16) -> Result<IdNumber, IdFault> {
        let mut text = format!(
            "{region}{:04}{:02}{:02}{order:03}0",
            birth.year(),
            birth.month(),
            birth.day()
        );
        if let Ok(bytes) = <[u8; LEN]>::try_from(text.as_bytes())
            && text.is_ascii()
        {
            text.pop();
            text.push(char::from(check_character(&bytes)));
        }
        IdNumber::parse(&text)
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }

    /// The date of birth, digits 7 to 14.
    #[expect(
        clippy::expect_used,
        reason = "a number is only made with a birth that exists"
    )]
    pub fn birth(&self) -> Date {
        birth_of(&self.0).expect("checked when the number was made")
    }

    /// The sex, by the order code: odd for men, even for women.
    pub fn sex(&self) -> Sex {
        if self.0[16] % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The first six digits: the county that gave the number, which need not be where the person lives.
    pub fn region(&self) -> &str {
        ascii(&self.0[..6])
    }
}

/// The check character of the first 17 digits.
fn check_character(bytes: &[u8; LEN]) -> u8 {
    let sum: u32 = bytes
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * weight)
        .sum();
    CHECKS[(sum % 11) as usize]
}

fn birth_of(bytes: &[u8; LEN]) -> Option<Date> {
    let number = |from: usize, to: usize| {
        bytes[from..to]
            .iter()
            .fold(0_i16, |n, b| n * 10 + i16::from(b - b'0'))
    };
    let year = number(6, 10);
    let date = Date::new(year, number(10, 12) as i8, number(12, 14) as i8).ok()?;
    (year >= FIRST_YEAR).then_some(date)
}

/// The first character that stands in no number, if there is one.
fn strange_character(text: &str) -> Option<IdFault> {
    let (index, ch) = text
        .chars()
        .enumerate()
        .find(|(_, ch)| !ch.is_ascii_digit() && !matches!(ch, 'X' | 'x'))?;
    Some(IdFault::Character { at: index + 1, ch })
}

/// Takes away what does not belong to the number.
fn clean(text: &str) -> (String, Vec<Repair>) {
    let mut clean = String::with_capacity(text.len());
    let mut repairs = Vec::new();
    let mut repaired = |repair: Repair| {
        if !repairs.contains(&repair) {
            repairs.push(repair);
        }
    };
    for ch in text.chars() {
        let narrow = crate::text::narrow(ch);
        match narrow {
            _ if crate::text::is_blank(ch) => repaired(Repair::Space),
            '\'' | '"' | '`' | '‘' | '’' | '“' | '”' => repaired(Repair::Quote),
            'x' | '×' | '✕' | '✖' | '\u{0425}' | '\u{0445}' | '\u{03A7}' | '\u{03C7}' => {
                repaired(Repair::Letter);
                clean.push('X');
            }
            _ => {
                if narrow != ch {
                    repaired(Repair::Width);
                }
                clean.push(narrow);
            }
        }
    }
    if let Some((number, zeros)) = clean.split_once('.')
        && matches!(number.len(), 15 | 18)
        && zeros.bytes().all(|b| b == b'0')
    {
        repaired(Repair::Decimals);
        clean.truncate(number.len());
    }
    (clean, repairs)
}

/// Whether this is a quantity in scientific notation, such as `4.40524E+17`.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(exponent) && mantissa.split('.').all(digits)
}

/// Whether a number that went through a float of 53 bits, as its `.0` says, may have lost its last digits there: then it is a
/// multiple of what such a float counts in. One that isn't can't have been one, and only the `.0` was added.
fn is_of_a_float(digits: &str) -> bool {
    digits.parse::<u64>().is_ok_and(|number| {
        let bits = u64::BITS - number.leading_zeros();
        bits > 53 && number.trailing_zeros() >= bits - 53
    })
}

/// A spreadsheet keeps 15 digits of a quantity and writes 0 for the rest: if the check fails and the number ends so, it
/// was not mistyped but cut.
fn lost_digits(text: &str, fault: IdFault) -> IdFault {
    match fault {
        IdFault::Check { .. } if text.ends_with("000") => IdFault::Float,
        other => other,
    }
}

impl FromStr for IdNumber {
    type Err = IdFault;

    fn from_str(text: &str) -> Result<Self, IdFault> {
        IdNumber::parse(text)
    }
}

impl fmt::Display for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Masked, so that no log shows a whole number by accident.
impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdNumber({})", crate::mask::id(self.as_str()))
    }
}

as_text!(IdNumber);
